"""Wherever a run with a journal is cut, and whatever fails: started again it does nothing twice, and leaves nothing.

The server plays a script of what happens to each request, and counts what it has really done.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import restli_core as restli
from restli_core import (
    Call,
    ConnectError,
    HttpRequest,
    HttpResponse,
    OutcomeUnknownError,
    ProtocolError,
    RestliError,
    RetryPolicy,
    ServerError,
    TransportTimeout,
)
from restli_core.flows import Flow, Together, step
from restli_core.flows.retry import kind_of
from restli_transports import RestliClient, Timeout
from restli_transports.journal.lines import key_of
from restli_transports.testing.fake_clocks import FakeClock
from tests.support.played_tries import refused
from tests.support.profiles import examples
from tests.support.recorded_runs import Cut, call_steps, flow_steps, play, play_cut

CALLS = [
    restli.create("/things", {"name": "a"}),
    restli.create("/things", {"name": "b"}),
    restli.action("/things", "launch"),
    restli.update("/things/{id}", {"name": "c"}, path_keys={"id": 1}),
    restli.get("/things/{id}", path_keys={"id": 1}),
]
# What happens to a request -> whether it is done, and what its client gets in place of the answer.
HAPPENINGS: dict[str, tuple[bool, RestliError | HttpResponse | None]] = {
    "answered": (True, None),
    "refused": (False, ConnectError("refused")),
    "throttled": (False, refused(429)),
    "unauthorized": (False, refused(401)),
    "lost before": (False, TransportTimeout("late")),
    "lost after": (True, ProtocolError("broken")),
    "failed before": (False, refused(503)),
    "failed after": (True, refused(500)),
}

calls = st.lists(st.sampled_from(CALLS), min_size=1, max_size=6)
scripts = st.lists(st.sampled_from(sorted(HAPPENINGS)), max_size=12)
cuts = st.lists(st.tuples(st.integers(0, 15), st.booleans()), max_size=4)


class Server:
    """Does what it is asked to, or not, by its script; answers all once that is over."""

    def __init__(self, script: list[str]) -> None:
        self.clock = FakeClock()
        self.script = iter(script)
        self.requests: list[HttpRequest] = []
        self.done: Counter[str] = Counter()
        self.ids: dict[str, str] = {}

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        self.requests.append(request)
        is_done, outcome = HAPPENINGS[next(self.script, "answered")]
        key = key_of(request)
        if is_done:
            self.done[key] += 1
            self.ids[str(len(self.ids))] = key
        if isinstance(outcome, Exception):
            raise outcome
        if outcome is not None:
            return outcome
        return HttpResponse(200, {"X-RestLi-Id": str(len(self.ids) - 1)}, b'{"value": 1}')


Steps = Callable[[RestliClient], Generator[Any, Any, list[Any]]]


def gone_through(server: Server, steps: Steps, cut: list[tuple[int, bool]]) -> list[Any]:
    """Run it, cut it each time as is said, run it to its end, and run it once more: that must say and do the same."""
    client = RestliClient(server, retry=RetryPolicy(tries=2))
    for number, is_done in cut:
        with suppress(Cut):
            play_cut(client, steps(client), number, is_done=is_done)
    server.script = iter(())
    said = play(client, steps(client))
    sent = len(server.requests)
    assert [type(one) for one in play(client, steps(client))] == [type(one) for one in said]
    assert len(server.requests) == sent
    return said


def check(server: Server, listed: list[Call[Any]], said: list[Any]) -> None:
    """Hold what a run says to what the server has done."""
    assert len(said) == len(listed)
    wanted = Counter(key_of(call.request) for call in listed)
    for call, outcome in zip(listed, said, strict=True):
        key = key_of(call.request)
        if kind_of(call.method) == "unsafe":
            assert server.done[key] <= wanted[key]
        if not isinstance(outcome, Exception):
            assert server.done[key] >= 1
        elif isinstance(outcome, OutcomeUnknownError):
            assert kind_of(call.method) == "unsafe"
    created = [one.entity_id for one in said if isinstance(one, restli.CreateResponse)]
    assert len({*created}) == len(created)
    for call, outcome in zip(listed, said, strict=True):
        if isinstance(outcome, restli.CreateResponse):
            assert server.ids[outcome.entity_id or ""] == key_of(call.request)


@pytest.fixture(autouse=True)
def _no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda _: None)


@examples(100, quick=60)
@given(listed=calls, script=scripts, cut=cuts)
def test_a_list_of_calls(listed: list[Call[Any]], script: list[str], cut: list[tuple[int, bool]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path, server = Path(directory, "run.jsonl"), Server(script)

        def steps(client: RestliClient) -> Generator[Any, Any, list[Any]]:
            sent = yield from call_steps(client, listed, path)
            return [one.answer if one.error is None else one.error for one in sent]

        said = gone_through(server, steps, cut)
    check(server, listed, said)
    # Only what the server has said itself stays an error, and what nobody knows.
    errors = [one for one in said if isinstance(one, Exception)]
    assert all(isinstance(error, OutcomeUnknownError | ServerError) for error in errors)
    assert not any(isinstance(one, Exception) for call, one in zip(listed, said, strict=True) if call.method == "get")


@examples(100, quick=60)
@given(listed=calls, together=calls, script=scripts, cut=cuts)
def test_a_flow(
    listed: list[Call[Any]], together: list[Call[Any]], script: list[str], cut: list[tuple[int, bool]]
) -> None:
    def flow() -> Flow[list[Any]]:
        said: list[Any] = []
        for call in listed:
            try:
                said.append((yield from step(call)))
            except RestliError as error:
                said.append(error)
        all_sent = yield from step(Together(together))
        return said + [sent.answer if sent.error is None else sent.error for sent in all_sent]

    with tempfile.TemporaryDirectory() as directory:
        path, server = Path(directory, "run.jsonl"), Server(script)
        said = gone_through(server, lambda client: flow_steps(client, flow(), path), cut)
    check(server, listed + together, said)
