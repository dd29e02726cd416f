"""Recording: what is noted of each call and request, and what a run that is started again does with it."""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from collections.abc import Generator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import restli_core as restli
from restli_core import (
    Call,
    ConnectError,
    CreateResponse,
    HttpRequest,
    HttpResponse,
    InvalidCallError,
    InvalidResponseError,
    JournalError,
    Limit,
    LimitError,
    NotFoundError,
    OutcomeUnknownError,
    ProtocolError,
    RetryPolicy,
    ServerError,
    TransportError,
    TransportTimeout,
    UnauthorizedError,
    VersionNotActiveError,
)
from restli_core.flows import Flow, Raw, Read, Together, Wait, step
from restli_core.flows.drivers import run, run_async
from restli_core.flows.retry import kind_of
from restli_core.oauth import client_credentials
from restli_core.responses.parsing import strict_loads
from restli_transports import AsyncRestliClient, RestliClient, Timeout
from restli_transports._clients.recording import CallRecorder, recorded_call, with_journal
from restli_transports._clients.steps import Blocking, Send, Step, perform_async
from restli_transports.concurrency.tasks import in_thread
from restli_transports.journal import Journal
from restli_transports.journal.lines import read_line
from tests.support.played_tries import DAY_QUOTA, FAILURES, OK, AsyncTries, Outcome, Tries, refused
from tests.support.recorded_runs import Cut, call_steps, flow_steps, perform_all, play, play_cut, way_of
from tests.support.samples import ARGUMENTS, answer, call

TOKEN = "AQX-token-of-a-member"
CREATE = restli.create("/adAccounts", {"name": "Summer"})
UPDATE = restli.update("/adAccounts/{id}", {"name": "Summer"}, path_keys={"id": 5})
GET = restli.get("/adAccounts/{id}", path_keys={"id": 5})
BY_KIND = {"safe": GET, "idempotent": UPDATE, "unsafe": CREATE}
CREATED = HttpResponse(201, {"X-RestLi-Id": "5"}, b"")


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(os, "fsync", lambda _: None)  # the disk takes its time; what waits for it is tested elsewhere
    return tmp_path / "run.jsonl"


def client_of(*outcomes: Outcome, **options: Any) -> tuple[RestliClient, list[HttpRequest]]:
    """A client whose tries come out so, and the requests that it has sent."""
    transport = Tries(outcomes or [OK])
    options.setdefault("access_token", TOKEN)
    return RestliClient(transport, **options), transport.requests


def events(path: Path) -> list[str]:
    return [read_line(line).event for line in path.read_bytes().splitlines()[1:]]


def again(path: Path, one: Call[Any], *outcomes: Outcome, **options: Any) -> tuple[Any, int]:
    """What becomes of the call in another run, and how many requests that sends."""
    client, requests = client_of(*outcomes, **options)
    (sent,) = play(client, call_steps(client, [one], path))
    return sent, len(requests)


# -- calls -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ARGUMENTS)
def test_an_answer_is_given_again_without_sending(path: Path, method: str) -> None:
    first, requests = again(path, call(method), answer(method))
    second, others = again(path, call(method), ConnectError("not to be sent"))
    assert (requests, others) == (1, 0)
    assert first.error is second.error is None
    assert second.answer == first.answer
    assert second.answer.request == first.answer.request
    assert events(path) == ["intent", "outcome"]
    assert TOKEN not in path.read_text(encoding="utf-8")


def test_a_mapped_call_is_read_by_its_own_reader(path: Path) -> None:
    mapped = CREATE.map(lambda created: created.entity_id)
    assert again(path, mapped, CREATED)[0].answer == "5"
    assert again(path, mapped, ConnectError("no"))[0].answer == "5"


@pytest.mark.parametrize("loads", [strict_loads, lambda _: {"id": 7}], ids=["ours", "the user's"])
def test_the_clients_loads_reads_it(path: Path, loads: Any) -> None:
    again(path, GET, OK)
    sent, _ = again(path, GET, loads=loads)
    assert sent.answer.entity == loads(OK.body)


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (refused(404), NotFoundError),
        (refused(426), VersionNotActiveError),
        (HttpResponse(200, {}, b"{"), InvalidResponseError),
    ],
    ids=["404", "426", "unreadable"],
)
def test_an_error_is_given_again_without_sending(path: Path, outcome: HttpResponse, kind: type[Exception]) -> None:
    first, _ = again(path, GET, outcome)
    second, requests = again(path, GET)
    assert requests == 0
    assert type(first.error) is type(second.error) is kind
    assert str(first.error) == str(second.error)


# What one try came to -> whether another run sends it again: "always", where the policy repeats it, or never.
REPEATED = {"undone": "always", "perhaps": "policy", "never": "no"}
OF_OTHERS = {"401": "always", "429 day": "always", "429 day, Retry-After": "always"}


@pytest.mark.parametrize("repeat", ["safe", "idempotent", "all"])
@pytest.mark.parametrize("kind", BY_KIND)
@pytest.mark.parametrize("happened", FAILURES)
def test_what_a_failure_comes_to_in_the_next_run(path: Path, happened: str, kind: str, repeat: str) -> None:
    outcome, done = FAILURES[happened]
    one = BY_KIND[kind]
    # The budget is spent, and so each call is tried once.
    first, requests = again(path, one, outcome, retry=RetryPolicy(repeat=repeat, budget=0))
    assert first.error is not None
    assert requests == 1
    if isinstance(outcome, ConnectError):
        is_sent, is_unknown = True, False  # nothing went out, whyever
    elif isinstance(outcome, Exception):
        is_sent, is_unknown = kind != "unsafe", kind == "unsafe"
    else:
        rule = OF_OTHERS.get(happened, REPEATED[done])
        repeated = {"safe": {"safe"}, "idempotent": {"safe", "idempotent"}, "all": {*BY_KIND}}[repeat]
        is_sent = rule == "always" or (rule == "policy" and kind in repeated)
        is_unknown = False
    for _ in range(2 - is_sent):  # run after run
        second, others = again(path, one, OK, retry=RetryPolicy(repeat=repeat))
        assert others == is_sent
        assert isinstance(second.error, OutcomeUnknownError) == is_unknown
        assert (second.error is None) == is_sent
        if not is_sent and not is_unknown:
            assert str(second.error) == str(first.error)


def test_without_a_policy_a_failure_is_final_but_what_the_next_run_may_do_is_not(path: Path) -> None:
    again(path, GET, refused(503), retry=None)
    assert again(path, GET, OK, retry=None)[1] == 0
    assert again(path, GET, OK, retry=RetryPolicy(tries=1))[1] == 0
    assert again(path, GET, OK)[1] == 1
    assert again(path, UPDATE, refused(429, DAY_QUOTA), retry=None)[1] == 1
    assert again(path, UPDATE, OK, retry=None)[1] == 1


def test_an_unknown_outcome_says_what_and_when_and_no_secret(path: Path) -> None:
    again(path, CREATE, TransportTimeout("read timed out"))
    sent, _ = again(path, CREATE)
    assert "create /adAccounts was sent at 20" in str(sent.error)
    assert sent.call is CREATE
    assert TOKEN not in str(sent.error)


def test_what_a_limit_kept_back_leaves_nothing(path: Path) -> None:
    limits = [Limit(1, "day", wait=0)]
    client, requests = client_of(CREATED, limits=limits)
    sent = play(client, call_steps(client, [CREATE, UPDATE], path))
    assert isinstance(sent[1].error, LimitError)
    assert len(requests) == 1
    assert events(path) == ["intent", "outcome"]
    assert again(path, UPDATE)[1] == 1


TRIES: list[tuple[list[Outcome], str]] = [
    ([refused(429), ConnectError("refused")], "unsent"),
    ([ConnectError("refused"), ConnectError("refused")], "unsent"),
    ([refused(503), ConnectError("refused")], "lost"),
    ([TransportTimeout("late"), ConnectError("refused")], "lost"),
    ([ProtocolError("broken"), refused(503)], "outcome"),
    ([ProtocolError("broken"), refused(429)], "lost"),
    ([refused(503), refused(429)], "lost"),
    ([refused(503), TransportTimeout("late")], "lost"),
    ([refused(429), CREATED], "outcome"),
]


@pytest.mark.parametrize(("outcomes", "event"), TRIES, ids=range(len(TRIES)))
def test_all_tries_count(path: Path, outcomes: list[Outcome], event: str) -> None:
    again(path, CREATE, *outcomes, retry=RetryPolicy(tries=2, repeat="all"))
    assert events(path) == ["intent", event]
    sent, requests = again(path, CREATE, CREATED)
    assert requests == (event == "unsent")
    assert isinstance(sent.error, OutcomeUnknownError) == (event == "lost")


@pytest.mark.parametrize(("refusal", "is_undone"), [(503, False), (429, True), (401, True)])
def test_what_an_earlier_run_may_have_done_is_not_forgotten(path: Path, refusal: int, is_undone: bool) -> None:
    again(path, CREATE, refused(refusal), retry=RetryPolicy(tries=1))
    again(path, CREATE, ConnectError("refused"), retry=RetryPolicy(tries=2, repeat="all"))  # sent again, by its word
    assert events(path)[2:] == ["intent", "unsent" if is_undone else "lost"]
    sent, requests = again(path, CREATE, CREATED)
    assert (sent.error is None) == is_undone
    assert requests == is_undone


def test_a_failure_that_was_sent_again_and_cut_before_is_still_in_doubt(path: Path) -> None:
    again(path, CREATE, refused(503), retry=RetryPolicy(tries=1))
    client, requests = client_of(CREATED, retry=RetryPolicy(repeat="all"))
    with pytest.raises(Cut):  # while the intent is put on the disk
        play_cut(client, call_steps(client, [CREATE], path), 2, is_done=True)
    assert requests == []
    assert isinstance(again(path, CREATE, CREATED)[0].error, OutcomeUnknownError)


@pytest.mark.parametrize(
    ("outcome", "event"),
    [(ConnectError("refused"), "unsent"), (refused(429), "outcome"), (TransportTimeout("late"), "intent")],
    ids=["not sent", "answered", "in doubt"],
)
def test_what_is_known_is_noted_where_the_wait_before_another_try_is_cut(
    path: Path, outcome: Outcome, event: str
) -> None:
    client, _ = client_of(outcome, CREATED, retry=RetryPolicy(repeat="all"))
    with pytest.raises(Cut):  # opening, the intent, the first try, the wait
        play_cut(client, call_steps(client, [CREATE], path), 3, is_done=False)
    assert events(path) == ["intent", event][: 1 if event == "intent" else 2]
    sent, requests = again(path, CREATE, CREATED)
    assert requests == (event != "intent")
    assert isinstance(sent.error, OutcomeUnknownError) == (event == "intent")


def test_a_token_that_was_refused_is_nothing_done(path: Path) -> None:
    class Source:
        def token(self, *, rejected: str | None = None) -> str:
            return "second-token" if rejected else "first-token"

    again(path, CREATE, refused(401), ConnectError("refused"), access_token=Source(), retry=None)
    assert events(path) == ["intent", "unsent"]
    again(path, CREATE, refused(401), access_token=Source(), retry=None)
    sent, requests = again(path, CREATE, CREATED)
    assert requests == 1
    assert sent.error is None


def test_equal_calls_are_counted(path: Path) -> None:
    ids = [HttpResponse(201, {"X-RestLi-Id": str(number)}) for number in range(5)]
    client, _ = client_of(*ids)
    with pytest.raises(Cut):  # opening, and three steps a call
        play_cut(client, call_steps(client, [CREATE] * 5, path), 1 + 3 * 3, is_done=False)
    client, requests = client_of(*ids[3:])
    sent = play(client, call_steps(client, [CREATE] * 5, path))
    assert [one.result().entity_id for one in sent] == ["0", "1", "2", "3", "4"]
    assert len(requests) == 2


def test_the_intent_is_on_the_disk_before_and_the_outcome_before_it_is_given(path: Path) -> None:
    seen: list[list[str]] = []

    class Looking(Tries):
        def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
            seen.append(events(path))
            return super().send(request, timeout=timeout)

    client = RestliClient(Looking([refused(429), CREATED]))
    steps = call_steps(client, [CREATE, GET], path)
    play(client, steps)
    assert seen == [["intent"], ["intent"], ["intent", "outcome", "intent"]]


@pytest.mark.parametrize("kind", BY_KIND)
def test_only_writes_wait_for_the_disk(path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    durable: list[tuple[str, bool]] = []
    note = Journal.note

    def noting(self: Journal, event: str, *args: Any, durable: bool = False, **options: Any) -> None:
        noted.append((event, durable))
        note(self, event, *args, durable=durable, **options)

    noted = durable
    monkeypatch.setattr(Journal, "note", noting)
    again(path, BY_KIND[kind], CREATED)
    assert noted == [("intent", kind != "safe"), ("outcome", kind != "safe")]


@pytest.mark.parametrize("kind", BY_KIND)
@pytest.mark.parametrize("is_done", [True, False])
@pytest.mark.parametrize("number", range(4))
def test_a_call_that_was_cut(path: Path, kind: str, number: int, is_done: bool) -> None:
    one = BY_KIND[kind]
    client, first = client_of(CREATED)
    with pytest.raises(Cut):
        play_cut(client, call_steps(client, [one], path), number, is_done=is_done)
    noted = events(path)[-1:] if path.exists() else []
    # While the intent was put on the disk nothing was sent; while the outcome was, it was known.
    assert noted == {2: ["intent"], 3: ["outcome"]}.get(number, noted)
    assert noted in (["unsent"], []) or number > 1
    sent, requests = again(path, one, CREATED)
    if noted == ["outcome"]:
        assert requests == 0
        assert sent.error is None
    elif noted == ["intent"] and kind == "unsafe":
        assert isinstance(sent.error, OutcomeUnknownError)
        assert requests == 0
    else:
        assert requests == 1
        assert sent.error is None
    if kind == "unsafe":
        assert len(first) + requests <= 1


def test_an_error_of_the_users_own_is_raised_and_the_outcome_kept(path: Path) -> None:
    def failing(_: CreateResponse) -> None:
        raise KeyError("mine")

    for outcome in (CREATED, ConnectError("not sent")):
        with pytest.raises(KeyError, match="mine"):
            again(path, CREATE.map(failing), outcome)
    assert events(path) == ["intent", "outcome"]
    assert again(path, CREATE, ConnectError("not sent"))[0].answer.entity_id == "5"


def test_an_error_of_a_transport_that_is_none_of_ours_leaves_it_unknown(path: Path) -> None:
    class Odd(Tries):
        def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
            raise RuntimeError("s3cret words")

    client = RestliClient(Odd([OK]))
    with pytest.raises(RuntimeError):
        play(client, call_steps(client, [CREATE], path))
    assert events(path) == ["intent", "lost"]
    assert "s3cret" not in path.read_text(encoding="utf-8")
    assert isinstance(again(path, CREATE)[0].error, OutcomeUnknownError)


def test_a_token_call_is_refused_before_it_is_sent(path: Path) -> None:
    client, requests = client_of()
    with pytest.raises(InvalidCallError, match="call: is a form"):
        play(client, call_steps(client, [client_credentials("id", "secret")], path))
    assert requests == []


def test_without_a_journal_nothing_is_sent(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise JournalError("full")

    monkeypatch.setattr(Journal, "note", full)
    client, requests = client_of()
    with pytest.raises(JournalError, match="full"):  # not data: all others would fail, too
        play(client, call_steps(client, [CREATE, GET], path))
    assert requests == []


def test_an_outcome_that_cannot_be_kept_is_not_given(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note = Journal.note

    def full(self: Journal, event: str, *args: Any, **options: Any) -> None:
        if event == "outcome":
            raise JournalError("full")
        note(self, event, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "note", full)
        for outcome in (CREATED, refused(404)):
            with pytest.raises(JournalError, match="full"):
                again(path, restli.create("/a", {"status": outcome.status_code}), outcome)
    assert isinstance(again(path, restli.create("/a", {"status": 201}))[0].error, OutcomeUnknownError)


def test_one_call_by_itself(path: Path) -> None:
    client, requests = client_of(CREATED)
    for _ in range(2):
        with Journal(path) as journal:
            steps = recorded_call(
                CREATE, way_of(client, CREATE), journal, policy=RetryPolicy(), loads=strict_loads, count=1
            )
            assert play(client, steps).result().entity_id == "5"
    assert len(requests) == 1


def test_the_way_of_a_call_is_closed_however_it_ends(path: Path) -> None:
    ended: list[str] = []

    def way(call: Call[Any]) -> Generator[Step, Any, Any]:
        try:
            response = yield Send(call.request, Timeout())
            return call.parse(response)
        finally:
            ended.append("ended")

    client, _ = client_of(CREATED)
    options: Any = {"policy": None, "loads": strict_loads, "count": 1}
    with Journal(path) as journal:
        steps = recorded_call(CREATE, way(CREATE), journal, **options)
        assert isinstance(next(steps), Blocking)
        steps.close()  # before it was sent
        steps = recorded_call(UPDATE, way(UPDATE), journal, **options)
        perform_all(client, next(steps))
        assert isinstance(steps.send(None), Send)
        steps.close()
    assert len(ended) == 2
    assert events(path) == ["unsent", "intent"]


def test_the_journal_is_closed_however_the_run_ends(path: Path) -> None:
    def body(_: Journal) -> Generator[Step, Any, None]:
        yield Blocking(lambda: None)
        raise KeyError

    steps = with_journal(path, "calls", body)
    opening = next(steps)
    assert isinstance(opening, Blocking)
    steps.close()  # while a thread is about to open it
    with pytest.raises(JournalError):
        opening.function()
    client, _ = client_of()
    with pytest.raises(Cut):
        play_cut(client, with_journal(path, "calls", body), 1, is_done=True)
    with pytest.raises(KeyError):
        play(client, with_journal(path, "calls", body))
    with Journal(path):
        pass


def test_tasks_share_a_journal_and_a_cancellation_leaves_no_doubt_but_of_what_was_sent(path: Path) -> None:
    made = [restli.create("/adAccounts", {"name": str(number)}) for number in range(20)]

    async def send_all(client: Any, stop_at: int | None = None) -> list[Any]:
        numbers = count()

        async def performed(one: Step) -> Any:
            if isinstance(one, Blocking):
                return await in_thread(one.function)
            if next(numbers) == stop_at:
                await asyncio.Event().wait()  # the answer never comes
            return await perform_async(client.transport, client._shared.clock, one)

        with Journal(path) as journal:
            recorder = CallRecorder(journal, policy=client.settings.retry, loads=client.settings.loads)
            tasks = [asyncio.create_task(run_async(recorder.sent(one, way_of(client, one)), performed)) for one in made]
            if stop_at is None:
                return await asyncio.gather(*tasks)
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return []

    transport = AsyncTries([CREATED])
    asyncio.run(send_all(AsyncRestliClient(transport), stop_at=5))
    first = len(transport.requests)
    transport = AsyncTries([CREATED])
    sent = asyncio.run(send_all(AsyncRestliClient(transport)))
    names = Counter(request.body for request in transport.requests)
    assert all(number == 1 for number in names.values())
    errors = [one.error for one in sent if one.error is not None]
    assert all(isinstance(error, OutcomeUnknownError) for error in errors)
    assert first + len(transport.requests) <= len(made)
    assert sum(one.error is None for one in sent) == events(path).count("outcome") == len(made) - len(errors)


# -- flows -------------------------------------------------------------------------------------------------------------


def campaign(name: str = "Summer") -> Flow[tuple[Any, ...]]:
    """A create, a poll, several at once, and an upload."""
    created = yield from step(restli.create("/adCampaigns", {"name": name}))
    polls = 0
    while True:
        polls += 1
        campaign = yield from step(restli.get("/adCampaigns/{id}", path_keys={"id": 7}))
        if campaign.entity["status"] == "ACTIVE":
            break
        yield Wait(60.0)
    others = yield from step(Together([UPDATE, CREATE, GET]))
    uploaded = yield from step(Raw(HttpRequest("PUT", "https://h/upload?sig=s3cret", {}, b"bytes"), kind="safe"))
    return created.entity_id, polls, [one.error for one in others], uploaded.headers["ETag"]


def status(text: str) -> HttpResponse:
    return HttpResponse(200, {}, json.dumps({"status": text}).encode())


SCRIPT: list[Outcome] = [
    HttpResponse(201, {"X-RestLi-Id": "7"}),
    status("DRAFT"),
    status("DRAFT"),
    status("ACTIVE"),
    HttpResponse(204),
    CREATED,
    OK,
    HttpResponse(200, {"ETag": "e"}, b"", "https://h/upload?sig=s3cret"),
]
RESULT = ("7", 3, [None, None, None], "e")


def test_a_flow_is_gone_through_again_without_sending_and_without_waiting(path: Path) -> None:
    client, requests = client_of(*SCRIPT)
    assert play(client, flow_steps(client, campaign(), path)) == RESULT
    assert client.transport.waits == [60.0, 60.0]  # type: ignore[attr-defined]
    assert len(requests) == len(SCRIPT)
    client, requests = client_of(ConnectError("not to be sent"))
    assert play(client, flow_steps(client, campaign(), path)) == RESULT
    assert client.transport.waits == []  # type: ignore[attr-defined]
    assert requests == []
    assert "s3cret" not in path.read_text(encoding="utf-8")


def test_a_wait_before_what_was_not_recorded_is_not_skipped(path: Path) -> None:
    def flow() -> Flow[None]:
        for seconds in (1.0, 2.0, 3.0):
            yield Wait(seconds)
            yield from step(GET)
        yield Wait(4.0)

    client, _ = client_of(OK)
    # Opened; a wait, and three steps of the first get; a wait, and the intent of the second.
    with pytest.raises(Cut):
        play_cut(client, flow_steps(client, flow(), path), 7, is_done=False)
    assert events(path) == ["intent", "outcome", "intent"]
    client, _ = client_of(OK)
    play(client, flow_steps(client, flow(), path))
    assert client.transport.waits == [2.0, 3.0, 4.0]  # type: ignore[attr-defined]
    client, _ = client_of(OK)
    play(client, flow_steps(client, flow(), path))
    assert client.transport.waits == [4.0]  # type: ignore[attr-defined]


@pytest.mark.parametrize("is_done", [True, False])
@pytest.mark.parametrize("number", range(26))
def test_a_flow_goes_on_where_it_was_cut(path: Path, number: int, is_done: bool) -> None:
    client, first = client_of(*SCRIPT)
    cut_off: list[str] = []
    try:
        assert play_cut(client, flow_steps(client, campaign(), path), number, is_done=is_done) == RESULT
    except Cut:
        cut_off = events(path) if path.exists() else []
    is_unknown = cut_off[-1:] == ["intent"] and cut_off.count("outcome") in {0, 5}  # in one of the two creates
    client, second = client_of(*SCRIPT[cut_off.count("outcome") if cut_off else len(first) :], OK)
    if is_unknown and cut_off.count("outcome") == 0:
        with pytest.raises(OutcomeUnknownError):
            play(client, flow_steps(client, campaign(), path))
        return
    if is_unknown:
        client, second = client_of(*SCRIPT[6:])
    result = play(client, flow_steps(client, campaign(), path))
    errors = [type(error) for error in result[2]]
    assert errors == ([type(None), OutcomeUnknownError, type(None)] if is_unknown else [type(None)] * 3)
    assert (result[0], result[1], result[3]) == ("7", 3, "e")
    creates = [one for one in first + second if one.method == "POST"]
    assert len(creates) == 2 or (is_unknown and len(creates) == 1)


def test_a_step_that_differs_names_both(path: Path) -> None:
    client, _ = client_of(CREATED)
    play(client, flow_steps(client, step(CREATE), path))
    upload = Raw(HttpRequest("PUT", "https://h/upload?sig=s3cret"))
    for other, said in (
        (step(GET), "is 'create /adAccounts', and this is 'get /adAccounts/{id}'"),
        (step(upload), "is 'create /adAccounts', and this is 'raw PUT'"),
        (step(restli.create("/adAccounts", {"name": "Winter"})), "and this is 'create /adAccounts' with other keys"),
        (step(Together([GET])), "this is 'get /adAccounts/{id}'"),
    ):
        flow: Any = other
        client, requests = client_of(CREATED)
        with pytest.raises(JournalError, match="number 0") as caught:
            play(client, flow_steps(client, flow, path))
        assert said in str(caught.value)
        assert "s3cret" not in str(caught.value)
        assert requests == []


def test_a_request_that_a_limit_kept_back_is_not_sent_where_the_flow_went_on(path: Path) -> None:
    def flow() -> Flow[str]:
        found = ""
        for one in (GET, CREATE):
            try:
                yield from step(one)
            except LimitError as error:
                found = str(error)
        yield from step(restli.get_all("/others"))
        return found

    limits = [Limit(1, "day", path="/adAccounts", wait=0)]
    client, _ = client_of(OK, limits=limits)
    first = play(client, flow_steps(client, flow(), path))
    client, requests = client_of(ConnectError("not to be sent"))
    assert play(client, flow_steps(client, flow(), path)).partition(";")[0] == first.partition(";")[0]
    assert requests == []


def test_an_intent_of_which_nothing_came_is_taken_back_even_where_the_journal_fails(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(self: Journal, event: str, *args: Any, **options: Any) -> None:
        raise JournalError("full")

    client, requests = client_of(CREATED)
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "note", failing)
        with pytest.raises(Cut):
            play_cut(client, call_steps(client, [CREATE], path), 1, is_done=False)
    assert again(path, CREATE, CREATED)[1] == 1
    assert requests == []


def test_a_failure_is_sent_again_only_where_the_flow_has_not_gone_on(path: Path) -> None:
    def flow() -> Flow[str]:
        try:
            yield from step(GET)
        except (ServerError, UnauthorizedError) as error:
            found = type(error).__name__
        else:
            found = "found"
        yield from step(UPDATE)
        return found

    for refusal in (refused(503), refused(401)):
        path.unlink(missing_ok=True)
        client, _ = client_of(refusal, HttpResponse(204), retry=RetryPolicy(budget=0))
        with pytest.raises(Cut):  # before the flow is given it
            play_cut(client, flow_steps(client, flow(), path), 3, is_done=True)
        assert events(path) == ["intent", "outcome"]
        client, requests = client_of(OK, HttpResponse(204))
        assert play(client, flow_steps(client, flow(), path)) == "found"
        assert len(requests) == 2
        path.unlink()
        client, _ = client_of(refusal, HttpResponse(204), retry=RetryPolicy(budget=0))
        went_on = play(client, flow_steps(client, flow(), path))
        client, requests = client_of(OK)
        assert play(client, flow_steps(client, flow(), path)) == went_on != "found"
        assert requests == []


@pytest.mark.parametrize(
    "error",
    [ConnectError("refused"), TransportTimeout("late"), ProtocolError("broken")],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("kind", BY_KIND)
def test_an_error_that_the_flow_has_seen_is_raised_again(path: Path, error: Exception, kind: str) -> None:
    one = BY_KIND[kind]

    def flow() -> Flow[str]:
        try:
            yield from step(one)
        except TransportError as failure:
            found = f"{type(failure).__name__}: {failure}"
        else:
            found = ""
        yield from step(restli.get("/me"))
        return found.rpartition(": ")[0].partition(":")[0] + found.rpartition(": ")[2]

    client, _ = client_of(error, OK, retry=None)
    first = play(client, flow_steps(client, flow(), path))
    client, requests = client_of(ConnectError("not to be sent"))
    assert play(client, flow_steps(client, flow(), path)) == first
    assert requests == []


def test_a_flow_that_knows_what_to_do_about_an_unknown_outcome_goes_on(path: Path) -> None:
    def careless() -> Flow[Any]:
        return (yield from step(CREATE))

    def careful() -> Flow[Any]:
        try:
            return (yield from step(CREATE))
        except OutcomeUnknownError:
            return (yield from step(restli.finder("/adAccounts", "name"))).status_code

    client, _ = client_of(TransportTimeout("late"))
    with pytest.raises(TransportTimeout):
        play(client, flow_steps(client, careless(), path))
    client, _ = client_of(TransportTimeout("late"))
    with pytest.raises(OutcomeUnknownError):
        play(client, flow_steps(client, careless(), path))
    for expected in (1, 0, 0):
        client, requests = client_of(OK)
        assert play(client, flow_steps(client, careful(), path)) == 200
        assert len(requests) == expected


@pytest.mark.parametrize(
    ("raw", "sent"),
    [
        (Raw(HttpRequest("PUT", "https://h/u")), 1),
        (Raw(HttpRequest("POST", "https://h/u")), 0),
        (Raw(HttpRequest("POST", "https://h/u"), kind="safe"), 1),
        (Raw(HttpRequest("GET", "https://h/u"), kind="never"), 0),
    ],
    ids=["PUT", "POST", "safe", "never"],
)
def test_a_raw_request_is_of_its_own_kind(path: Path, raw: Raw, sent: int) -> None:
    client, _ = client_of(TransportTimeout("https://h/s3cret late"))
    with pytest.raises(TransportTimeout):
        play(client, flow_steps(client, step(raw), path))
    client, requests = client_of(OK)
    if sent:
        assert play(client, flow_steps(client, step(raw), path)).body == OK.body
    else:
        with pytest.raises(OutcomeUnknownError):
            play(client, flow_steps(client, step(raw), path))
    assert len(requests) == sent
    assert "s3cret" not in path.read_text(encoding="utf-8")


def test_a_body_that_was_sent_is_not_read_again(path: Path, tmp_path: Path) -> None:
    content = bytes(range(256)) * 100
    file = tmp_path / "cat.mp4"
    file.write_bytes(content)
    raw = Raw(HttpRequest("PUT", "https://h/u"), kind="safe", body=Read(file, 100, 20_000))
    client, requests = client_of(OK)
    client.run(step(raw), journal=path)
    assert [one.body for one in requests] == [content[100:20_100]]
    assert path.stat().st_size < 1000
    # In the middle it may be another: it is known by its edges.
    file.write_bytes(content[:10_000] + b"x" + content[10_001:])
    client, requests = client_of(ConnectError("not to be sent"))
    assert client.run(step(raw), journal=path).body == OK.body
    said = "is 'raw PUT', and this is 'raw PUT' to another URL, or with other bytes.*a journal of its own$"
    for other, error, words in ((b"x" + content, JournalError, said), (content[:20_099], InvalidCallError, "changed")):
        file.write_bytes(other)
        client, requests = client_of(OK)
        with pytest.raises(error, match=words):
            client.run(step(raw), journal=path)
        assert requests == []


def test_a_body_that_could_not_be_read_is_sent_by_the_next_run(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "cat.mp4"
    raw = Raw(HttpRequest("PUT", "https://h/u"), body=Read(file, 0, 10))
    cases: list[tuple[bytes | None, type[Exception]]] = [(None, FileNotFoundError), (b"0", InvalidCallError)]
    for content, error in cases:
        if content is not None:
            file.write_bytes(content)
        client, requests = client_of(OK)
        with pytest.raises(error):
            client.run(step(raw), journal=path)
        assert requests == []
    file.write_bytes(b"0123456789")
    client, requests = client_of(OK)
    client.run(step(raw), journal=path)
    assert [one.body for one in requests] == [b"0123456789"]


@pytest.mark.parametrize(("status", "sent"), [(404, 0), (503, 1), (429, 1), (200, 0), (304, 0)])
def test_a_raw_failure_is_sent_again_as_that_of_a_call(path: Path, status: int, sent: int) -> None:
    raw = Raw(HttpRequest("GET", "https://h/u"))
    client, _ = client_of(HttpResponse(status, {}, b"<html>", "https://h/u"))
    first = play(client, flow_steps(client, step(raw), path))
    client, requests = client_of(OK)
    second = play(client, flow_steps(client, step(raw), path))
    assert len(requests) == sent
    assert second == (OK if sent else first)


def test_calls_together_are_each_themselves(path: Path) -> None:
    assert [kind_of(one.method) for one in (GET, UPDATE, CREATE)] == ["safe", "idempotent", "unsafe"]
    client, _ = client_of(refused(503), refused(404), TransportTimeout("late"), retry=None)
    flow: Any = step(Together([GET, UPDATE, CREATE]))
    first = play(client, flow_steps(client, flow, path))
    assert [type(one.error) for one in first] == [ServerError, NotFoundError, TransportTimeout]
    client, requests = client_of(OK)
    flow = step(Together([GET, UPDATE, CREATE]))
    second = play(client, flow_steps(client, flow, path))
    assert [type(one.error) for one in second] == [type(None), NotFoundError, OutcomeUnknownError]
    assert [one.method for one in requests] == ["GET"]


def test_no_frame_of_an_error_that_is_data_has_the_token(path: Path) -> None:
    client, _ = client_of(refused(404))
    sent = run(call_steps(client, [GET], path), lambda step: perform_all(client, step))
    assert sent[0].error is not None
    trace = sent[0].error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals["__name__"].startswith("restli_"):
            assert TOKEN not in repr([getattr(value, "headers", None) for value in trace.tb_frame.f_locals.values()])
            assert not any(isinstance(value, HttpRequest) for value in trace.tb_frame.f_locals.values())
        trace = trace.tb_next
