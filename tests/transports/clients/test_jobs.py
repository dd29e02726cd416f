"""Jobs: how the journal of many calls is opened, used and closed, on both kinds of client."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trio

import restli_core as restli
from restli_core import Call, InvalidCallError, JournalError, OutcomeUnknownError, Sent, TransportTimeout
from restli_core.flows import Flow, Item, Together, step
from restli_transports import AsyncRestliClient, RestliClient
from restli_transports.testing import FakeAsyncTransport, FakeTransport

CREATES = [restli.create("/r", {"n": number}) for number in range(6)]
LONG = 60  # seconds, which only a test that fails waits
KINDS = ["blocking", "asyncio", "trio", "asynchronous calls"]


class World:
    """A server, and a client of a kind, which is made anew for each run, as after a crash."""

    def __init__(self, kind: str, path: Path) -> None:
        self.kind, self.path = kind, path / "run.jsonl"
        self.fake: Any = FakeTransport() if kind == "blocking" else FakeAsyncTransport()
        self.things = self.fake.collection("/r/{id:long}")

    @property
    def client(self) -> Any:
        return RestliClient(self.fake) if self.kind == "blocking" else AsyncRestliClient(self.fake)

    def all(self, sending: Any) -> list[Any]:
        """All that a sending gives."""
        if self.kind == "blocking":
            with sending as given:
                return [*given]

        async def main() -> list[Any]:
            async with sending as given:
                return [one async for one in given]

        return trio.run(main) if self.kind == "trio" else asyncio.run(main())

    def send_all(self, calls: Iterable[Call[Any]], **options: Any) -> list[Sent[Any]]:
        given: Any = later(calls) if self.kind == "asynchronous calls" else calls
        return self.all(self.client.send_all(given, journal=self.path, **options))

    def run(self, flow: Flow[Any]) -> Any:
        if self.kind == "blocking":
            return self.client.run(flow, journal=self.path)

        async def main() -> Any:
            return await self.client.run(flow, journal=self.path)

        return trio.run(main) if self.kind == "trio" else asyncio.run(main())


async def later(calls: Iterable[Call[Any]]) -> AsyncIterator[Call[Any]]:
    for call in calls:
        yield call


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    return World(request.param, tmp_path)


def test_what_was_done_is_not_done_again(world: World) -> None:
    first = world.send_all(CREATES[:4])
    second = world.send_all(CREATES)
    assert [sent.result().entity_id for sent in second[:4]] == [sent.result().entity_id for sent in first]
    assert sorted(one["n"] for one in world.things.values()) == [*range(6)]
    assert len(world.fake.requests) == 6
    assert world.path.stat().st_mode & 0o777 == 0o600


def test_what_nobody_knows_is_named(world: World) -> None:
    world.fake.fail_next(TransportTimeout("slow"))
    (lost,) = world.send_all(CREATES[:1])
    assert isinstance(lost.error, TransportTimeout)
    again = world.send_all(CREATES[:2])
    assert isinstance(again[0].error, OutcomeUnknownError)
    assert again[1].error is None
    assert len(world.fake.requests) == 2


def test_rows_are_taken_up_where_they_were(world: World) -> None:
    def rows(count: int) -> list[Any]:
        client = world.client
        entities = [{"n": number} for number in range(count)]
        return world.all(client.send_rows(client.calls.batch_create, "/r", entities, size=10, journal=world.path))

    assert [row.id for row in rows(20)] == [*range(20)]
    assert not any(row.failed for row in rows(35))
    assert sorted(one["n"] for one in world.things.values()) == [*range(35)]
    assert len(world.fake.requests) == 4


def made(calls: list[Call[Any]]) -> Flow[list[str]]:
    """A flow that makes one after the other, and then some together."""
    ids = []
    for call in calls[:3]:
        answer = yield from step(call)
        ids.append(str(answer.entity_id))
    together = yield from step(Together(calls[3:]))
    return ids + [str(sent.result().entity_id) for sent in together]


def test_flows_are_taken_up_where_they_were(world: World) -> None:
    def cut() -> Flow[list[str]]:
        flow = made(CREATES)
        answer = yield next(flow)
        yield flow.send(answer)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        world.run(cut())
    ids = world.run(made(CREATES))
    assert ids == [str(key) for key, _ in sorted(world.things.items(), key=lambda one: one[1]["n"])]
    assert world.run(made(CREATES)) == ids
    assert len(world.fake.requests) == 6


def test_another_flow_is_refused(world: World) -> None:
    world.run(step(CREATES[0]))
    with pytest.raises(JournalError, match="is the journal of another flow"):
        world.run(step(restli.get("/r/1")))


def test_the_file_is_free_again_afterwards(world: World) -> None:
    for _ in range(2):
        world.send_all(CREATES[:1])
    with pytest.raises(JournalError):  # it is one of calls
        world.run(step(CREATES[0]))
    world.send_all(CREATES[:1])


def test_a_journal_in_use_is_refused(tmp_path: Path) -> None:
    world = World("blocking", tmp_path)
    with world.client.send_all(CREATES, at_once=1, journal=world.path) as sending:
        next(sending)
        with pytest.raises(JournalError, match="in use"):
            world.send_all(CREATES)
    assert len(world.send_all(CREATES)) == 6


def test_a_journal_is_closed_where_its_reader_stops(tmp_path: Path) -> None:
    world = World("blocking", tmp_path)

    def flow() -> Flow[None]:
        for call in CREATES:
            answer = yield from step(call)
            yield Item(answer.entity_id)

    for _ in world.client.iterate(flow(), journal=world.path):
        break
    for _ in world.client.iterate(flow(), journal=world.path):
        break
    assert len(world.fake.requests) == 1
    assert len([*world.client.iterate(flow(), journal=world.path)]) == 6
    assert len(world.fake.requests) == 6


@pytest.mark.parametrize("path", [5, b"run.jsonl"])
def test_what_is_not_a_path_is_refused_at_once(path: Any, tmp_path: Path) -> None:
    client = World("blocking", tmp_path).client
    with pytest.raises(InvalidCallError, match="journal"):
        client.send_all(CREATES, journal=path)
    with pytest.raises(InvalidCallError, match="journal"):
        client.send_rows(client.calls.batch_create, "/r", [{}], journal=path)
    with pytest.raises(InvalidCallError, match="journal"):
        client.run(step(CREATES[0]), journal=path)


def test_a_directory_that_is_not_there_is_told_of_before_anything_is_sent(world: World) -> None:
    world.path = world.path / "none" / "run.jsonl"
    with pytest.raises(JournalError):
        world.send_all(CREATES)
    with pytest.raises(JournalError):
        world.run(step(CREATES[0]))
    assert world.fake.requests == []


@pytest.mark.parametrize("kind", ["asyncio", "trio"])
def test_a_stop_among_the_calls_is_no_end(kind: str, tmp_path: Path) -> None:
    def calls() -> Iterator[Call[Any]]:
        yield CREATES[0]
        raise StopAsyncIteration

    with pytest.raises(RuntimeError, match="no end"):
        World(kind, tmp_path).send_all(calls())


@pytest.mark.parametrize("kind", ["blocking", "asyncio", "trio"])
def test_an_answer_that_has_come_is_known_after_the_loop_was_left(kind: str, tmp_path: Path) -> None:
    world = World(kind, tmp_path)
    if kind == "blocking":
        with world.client.send_all(CREATES, journal=world.path) as sending:
            next(sending)
    else:

        async def main() -> None:
            async with world.client.send_all(CREATES, journal=world.path) as sending:
                await anext(sending)

        trio.run(main) if kind == "trio" else asyncio.run(main())
    sent = world.send_all(CREATES)
    assert [one.result().entity_id for one in sent] == [
        str(key) for key, _ in sorted(world.things.items(), key=lambda one: one[1]["n"])
    ]
    assert len(world.fake.requests) == 6


def test_a_thread_of_its_own_that_closes_it_leaves_the_journal_to_the_others(tmp_path: Path) -> None:
    world = World("blocking", tmp_path)
    others, closed = threading.Barrier(3), threading.Event()

    def closing(answer: Any) -> Any:
        others.wait(LONG)
        sending.close()
        closed.set()
        return answer

    def waiting(answer: Any) -> Any:
        others.wait(LONG)
        assert closed.wait(LONG)
        return answer

    calls = [CREATES[0].map(closing), CREATES[1].map(waiting), CREATES[2].map(waiting)]
    sending = world.client.send_all(calls, journal=world.path)
    with sending, pytest.raises(InvalidCallError, match="is closed"):
        list(sending)
    assert [one.error for one in world.send_all(CREATES[:3])] == [None, None, None]
    assert len(world.fake.requests) == 3


def test_a_sending_that_the_garbage_collector_finds_gives_its_journal_back(tmp_path: Path) -> None:
    world = World("blocking", tmp_path)
    sending: list[Any] = [world.client.send_all(CREATES, journal=world.path)]
    next(sending[0])
    sending.append(sending)
    del sending
    gc.collect()
    for thread in threading.enumerate():
        if thread.name.startswith("restli-sending"):
            thread.join(LONG)
    gc.collect()
    assert [one.error for one in world.send_all(CREATES)] == [None] * 6
    assert len(world.fake.requests) == 6
