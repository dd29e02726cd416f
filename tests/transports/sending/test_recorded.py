"""Recorded: a journal of calls that workers send."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import restli_core as restli
from restli_core import (
    ConnectError,
    CreateResponse,
    InvalidCallError,
    JournalError,
    Limit,
    LimitError,
    OutcomeUnknownError,
    RetryPolicy,
    ServerError,
    TransportTimeout,
)
from restli_core.server import Refusal
from restli_transports import RestliClient
from restli_transports.sending import send_all
from restli_transports.testing import FakeTransport

CREATES = [restli.create("/r", {"n": number}) for number in range(5)]


class World:
    def __init__(self, path: Path) -> None:
        self.fake = FakeTransport()
        self.things = self.fake.collection("/r/{id:long}")
        self.path = path / "run.jsonl"

        self.options: dict[str, Any] = {}

    def make_client(self) -> RestliClient:
        return RestliClient(self.fake, **self.options)

    def sent(self, calls: Any, make_client: Any = None) -> list[Any]:
        with (
            ThreadPoolExecutor(2) as executor,
            send_all(calls, make_client or self.make_client, executor, journal=self.path) as sending,
        ):
            return [*sending]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_what_was_done_is_not_done_again(world: World) -> None:
    first = world.sent(CREATES[:3])
    again = world.sent([*CREATES, CREATES[0]])
    assert [one.result().entity_id for one in again[:3]] == [one.result().entity_id for one in first]
    assert len(world.fake.requests) == 6  # of two equal calls the second is another one
    assert world.sent([*CREATES, CREATES[0]])[-1].result() == again[-1].result()
    assert len(world.fake.requests) == 6


def test_what_nobody_knows_is_named(world: World) -> None:
    world.fake.fail_next(TransportTimeout("slow"))
    assert isinstance(world.sent(CREATES[:1])[0].error, TransportTimeout)
    assert isinstance(world.sent(CREATES[:1])[0].error, OutcomeUnknownError)
    assert len(world.fake.requests) == 1


LOST = TransportTimeout("slow")
REFUSED = ConnectError("refused")
QUOTA = Refusal(429, "later")


@pytest.mark.parametrize(
    ("tries", "is_unknown"),
    [([LOST, REFUSED], True), ([LOST, QUOTA], True), ([REFUSED, QUOTA], False), ([QUOTA, REFUSED], False)],
    ids=range(4),
)
def test_all_tries_of_a_worker_count(world: World, tries: list[Any], is_unknown: bool) -> None:
    world.options = {"retry": RetryPolicy(tries=2, repeat="all")}
    for failure in tries:
        world.fake.fail_next(failure)
    assert world.sent(CREATES[:1])[0].error is not None
    (sent,) = world.sent(CREATES[:1])
    assert isinstance(sent.error, OutcomeUnknownError) == is_unknown
    assert (sent.error is None) != is_unknown


def test_a_call_that_had_no_room_within_the_limits_was_not_sent(world: World) -> None:
    world.options = {"limits": [Limit(1, 1000, wait=0)]}
    assert [type(sent.error) for sent in world.sent(CREATES[:2])] == [type(None), LimitError]
    world.options = {}
    assert [sent.error for sent in world.sent(CREATES[:2])] == [None, None]
    assert len(world.fake.requests) == 2


def test_an_error_that_is_an_answer_is_given_again(world: World) -> None:
    world.fake.fail_next(Refusal(500, "broken"))
    for _ in range(2):
        assert isinstance(world.sent(CREATES[:1])[0].error, ServerError)
    assert len(world.fake.requests) == 1


@pytest.mark.parametrize(
    ("call", "retry", "sends"),
    [
        (restli.create("/r", {}), RetryPolicy(tries=2, repeat="all"), 3),
        (restli.create("/r", {}), RetryPolicy(tries=2, repeat="idempotent"), 1),
        (restli.get("/r/{id}", path_keys={"id": 1}), RetryPolicy(tries=2), 3),
        (restli.get("/r/{id}", path_keys={"id": 1}), None, 1),
    ],
    ids=["all", "idempotent", "safe", "none"],
)
def test_a_failure_is_sent_again_where_the_policy_of_the_workers_says_so(
    world: World, call: Any, retry: RetryPolicy | None, sends: int
) -> None:
    world.fake.fail_next(Refusal(503, "later"), times=min(sends, 2))

    def make_client() -> RestliClient:
        return RestliClient(world.fake, retry=retry)

    world.fake.on("/r/{id:long}", "get", lambda _: {})
    assert isinstance(world.sent([call], make_client)[0].error, ServerError)
    assert (world.sent([call], make_client)[0].error is None) == (sends == 3)
    assert len(world.fake.requests) == sends


def test_where_no_worker_can_say_it_nothing_is_sent(world: World) -> None:
    world.fake.fail_next(Refusal(503, "broken"))
    assert isinstance(world.sent(CREATES[:1])[0].error, ServerError)

    def make_client() -> RestliClient:
        raise InvalidCallError("make_client", "is out of order")

    with pytest.raises(InvalidCallError, match="out of order"):
        world.sent(CREATES[:1], make_client)
    assert len(world.fake.requests) == 1


CALLED: list[str] = []


def entity_id(answer: CreateResponse) -> str:
    CALLED.append(answer.entity_id or "")
    return answer.entity_id or ""


def test_a_function_of_the_users_runs_once_for_each_answer(world: World) -> None:
    CALLED.clear()
    calls = [call.map(entity_id) for call in CREATES]
    first = [one.result() for one in world.sent(calls)]
    assert sorted(CALLED) == sorted(first)
    assert [one.result() for one in world.sent(calls)] == first


def test_a_journal_in_use_ends_it(world: World) -> None:
    with ThreadPoolExecutor(1) as executor:
        with send_all(CREATES, world.make_client, executor, at_once=1, journal=world.path) as sending:
            next(sending)
            with pytest.raises(JournalError, match="in use"):
                world.sent(CREATES)
        assert len(world.sent(CREATES)) == 5
    assert len(world.fake.requests) == 5
