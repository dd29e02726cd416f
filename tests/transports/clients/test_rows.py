"""Rows: one for each id, in order, whatever the server refuses on the way; nothing is done twice."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import pytest

import restli_core as restli
from restli_core import (
    BatchRow,
    Call,
    ConnectError,
    InvalidCallError,
    Invocation,
    Limit,
    ProtocolError,
    RateLimitError,
    Refusal,
    RetryPolicy,
)
from restli_core.flows import run, run_async
from restli_transports import AsyncRestliClient, RestliClient
from restli_transports._clients.jobs import RowJobs
from restli_transports._clients.kept import KEPT
from restli_transports._clients.rows import BatchSizes, rows_flow
from restli_transports._clients.steps import perform, perform_async
from restli_transports.testing import FakeAsyncTransport, FakeTransport, RowFaults

KINDS = ["blocking", "awaited"]
ALL = RetryPolicy(repeat="all", total=None, tries=10)


class World:
    """A fake with a collection, and a client of either kind over it."""

    def __init__(self, kind: str, *, retry: RetryPolicy | None = ALL, count: int = 0, **options: Any) -> None:
        self.is_async = kind == "awaited"
        self.fake: Any = FakeAsyncTransport(**options) if self.is_async else FakeTransport(**options)
        self.things = self.fake.collection("/r/{id:long}", [{"id": number} for number in range(count)])
        made: Any = AsyncRestliClient if self.is_async else RestliClient
        self.client: Any = made(self.fake, retry=retry, random=lambda: 0.5)
        self.calls = self.client.calls

    def rows(self, function: Any, *arguments: Any, **options: Any) -> list[BatchRow]:
        options.setdefault("at_once", 1)  # so that the order of requests is known
        if not self.is_async:
            return list(self.client.send_rows(function, "/r", *arguments, **options))

        async def main() -> list[BatchRow]:
            async with self.client.send_rows(function, "/r", *arguments, **options) as rows:
                return [row async for row in rows]

        return asyncio.run(main())

    def flow(self, call: Call[Any], **options: Any) -> tuple[BatchRow, ...]:
        flow = rows_flow(self.client, call, lambda part: self.client._flow(part, KEPT, KEPT), **options)
        transport, clock = self.fake, self.fake.clock
        if self.is_async:
            return asyncio.run(run_async(flow, lambda step: perform_async(transport, clock, step)))
        return run(flow, lambda step: perform(transport, clock, step))

    @property
    def sizes(self) -> list[int]:
        """How many items each call had that reached a handler."""
        return [max(len(asked.ids), len(asked.entities)) for asked in self.fake.invocations]


@pytest.mark.parametrize("kind", KINDS)
def test_each_method_has_a_row_for_each_id(kind: str) -> None:
    world = World(kind)
    calls, count = world.calls, 25
    created = world.rows(calls.batch_create, [{"n": n} for n in range(count)], size=10)
    assert [row.id for row in created] == [*range(count)]
    ids = [int(row.key or "") for row in created]
    assert [world.things[one]["n"] for one in ids] == [*range(count)]
    for function, lists in (
        (calls.batch_get, []),
        (calls.batch_update, [[{"n": n + 1} for n in range(count)]]),
        (calls.batch_partial_update, [[{"m": n} for n in range(count)]]),
        (calls.batch_delete, []),
    ):
        rows = world.rows(function, iter(ids), *lists, size=10)
        assert [row.id for row in rows] == ids
        assert not any(row.failed for row in rows)
    assert len(world.things) == 0
    assert world.sizes == [10, 10, 5] * 5


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_asked_for_before_it_is_due(kind: str) -> None:
    world = World(kind, count=10)
    if world.is_async:

        async def main() -> list[Any]:
            async with world.client.send_rows(
                world.calls.batch_get, "/r", itertools.count(), size=2, at_once=1
            ) as rows:
                return [row.id async for row, _ in _zip(rows, range(5))]

        assert asyncio.run(main()) == [0, 1, 2, 3, 4]
    else:
        rows = world.client.send_rows(world.calls.batch_get, "/r", itertools.count(), size=2, at_once=1)
        assert [row.id for row in itertools.islice(rows, 5)] == [0, 1, 2, 3, 4]
    assert len(world.fake.requests) == 3


async def _zip(rows: Any, numbers: Iterable[int]) -> AsyncIterator[Any]:
    left = [*numbers]
    async for row in rows:
        yield row, left.pop(0)
        if not left:
            return


# -- halves ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", [{"max_batch": 7}, {"max_body": 200}], ids=["count", "bytes"])
def test_what_is_too_much_is_sent_in_halves(kind: str, options: dict[str, Any]) -> None:
    world = World(kind, count=60, **options)
    rows = world.rows(world.calls.batch_update, range(60), [{"id": n, "t": "x" * 20} for n in range(60)], size=30)
    assert [(row.id, row.status) for row in rows] == [(n, 204) for n in range(60)]
    done = [one for asked in world.fake.invocations for one in asked.ids]
    assert done == [*range(60)]  # each once, in order


def test_a_server_is_asked_for_too_many_once() -> None:
    world = World("blocking", count=100, max_batch=7)
    world.rows(world.calls.batch_get, range(100), size=50)
    assert len(world.fake.requests) - len(world.fake.invocations) == 3  # 50, 25, 12
    assert max(world.sizes) <= 7
    assert sum(world.sizes) == 100


def test_recorded_calls_are_cut_by_their_own_answers(tmp_path: Path) -> None:
    world = World("blocking", count=40, max_batch=7)
    calls = restli.batches(world.calls.batch_get, "/r", range(40), size=20)
    jobs = RowJobs(world.client, calls, tmp_path / "journal")
    rows = [
        row for job in jobs for row in run(jobs.start(job), lambda step: perform(world.fake, world.fake.clock, step))
    ]
    jobs.close()
    assert [row.id for row in rows] == [*range(40)]
    sent = [len(restli.read(request).ids) for request in world.fake.requests]
    assert sent == [20, 10, 5, 5, 5, 5] * 2


def test_what_is_known_of_sizes_may_change() -> None:
    sizes = BatchSizes()
    assert sizes.pieces(100) == 1
    sizes.note_refused(100)
    sizes.note_refused(50)
    sizes.note_refused(80)
    assert [sizes.pieces(count) for count in (49, 50, 100)] == [1, 1, 1]  # nobody knows what it takes
    sizes.note_taken(25)
    sizes.note_taken(20)
    assert [sizes.pieces(count) for count in (49, 50, 51, 100)] == [1, 2, 3, 4]
    sizes.note_refused(25)
    assert sizes.pieces(100) == 1
    sizes.note_taken(12)
    assert sizes.pieces(25) == 3
    sizes.note_taken(60)  # it takes more by now
    assert sizes.pieces(100) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [413, 414])
def test_one_id_that_is_too_much_has_the_error(kind: str, status: int) -> None:
    world = World(kind)

    def answer(invocation: Invocation) -> list[Any]:
        if 5 in invocation.ids:
            raise Refusal(status, "too large")
        return [{} for _ in invocation.ids]

    world.fake.on("/r/{id:long}", "batch_get", answer)
    rows = world.rows(world.calls.batch_get, range(12), size=12)
    assert [row.id for row in rows if row.failed] == [5]
    assert rows[5].exception.status_code == status  # type: ignore[union-attr]
    assert len(world.fake.requests) <= 1 + 2 * 4
    assert [row.id for row in rows] == [*range(12)]


def test_a_mixed_batch_is_cut_until_it_is_not() -> None:
    world = World("blocking")

    def answer(invocation: Invocation) -> list[Any]:
        if len({one // 4 for one in invocation.ids}) > 1:
            raise Refusal(400, "only one account", code="MULTIPLE_ACCOUNTS_UNSUPPORTED")
        return [{} for _ in invocation.ids]

    world.fake.on("/r/{id:long}", "batch_get", answer)
    assert not any(row.failed for row in world.rows(world.calls.batch_get, range(16), size=8))
    assert world.sizes == [8, 4, 4, 8, 4, 4]  # nothing is learnt from one for the next


def test_a_body_that_cannot_be_cut_fails_as_a_whole() -> None:
    def odd(value: Any) -> bytes:
        return json.dumps({**value, "more": 1}).encode()

    world = World("blocking", max_batch=2)
    rows = world.rows(world.calls.batch_create, [{}, {}, {}], dumps=odd)
    assert len(rows) == 3
    assert all(isinstance(row.exception, restli.BadRequestError) for row in rows)
    world = World("blocking", retry=RetryPolicy(repeat="all", tries=2))
    world.fake.fail_rows(RowFaults(rate=0.5, seed=1, statuses=[503]))
    rows = world.rows(world.calls.batch_create, [{"n": n} for n in range(8)], dumps=odd)
    assert len(world.fake.requests) == 1
    assert 0 < sum(row.failed for row in rows) < 8
    # All of them are sent again as the call that they are.
    world.fake.fail_rows(RowFaults(rate=1, seed=1, statuses=[503], times=1))
    assert not any(row.failed for row in world.rows(world.calls.batch_create, [{"m": 1}, {"m": 2}], dumps=odd))


# -- rows that fail ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_rows_that_fail_are_sent_again_and_no_others(kind: str) -> None:
    world = World(kind)
    done: Counter[int] = Counter()
    sent: Counter[int] = Counter()

    @world.fake.on("/r/{id:long}", "create")  # type: ignore[untyped-decorator]
    def create(invocation: Invocation) -> restli.Created:
        done[invocation.entity["n"]] += 1
        return restli.Created(invocation.entity["n"] + 1000)

    world.fake.fail_rows(RowFaults(rate=0.4, statuses=[429, 503]))
    rows = world.rows(world.calls.batch_create, [{"n": n} for n in range(200)], size=20)
    assert [(row.id, row.key, row.failed) for row in rows] == [(n, str(n + 1000), False) for n in range(200)]
    assert done == Counter(range(200))
    for asked in world.fake.invocations:
        sent.update(entity["n"] for entity in asked.entities)
    assert max(sent.values()) > 1
    assert world.fake.waits


@pytest.mark.parametrize("kind", KINDS)
def test_what_may_be_done_is_not_sent_again(kind: str) -> None:
    world = World(kind, retry=RetryPolicy())
    world.fake.fail_rows(RowFaults(rate=1, statuses=[503]))
    rows = world.rows(world.calls.batch_create, [{"n": n} for n in range(3)])
    assert [(row.status, row.exception) for row in rows] == [(503, None)] * 3
    assert len(world.fake.requests) == 1


@pytest.mark.parametrize(("retry", "sent"), [(RetryPolicy(3), 3), (None, 1)])
def test_rows_are_sent_as_often_as_the_policy_says(retry: RetryPolicy | None, sent: int) -> None:
    world = World("blocking", retry=retry, count=4)
    world.fake.fail_rows(RowFaults(rate=1, statuses=[503]))
    rows = world.rows(world.calls.batch_get, range(4))
    assert all(row.status == 503 and row.error is not None for row in rows)
    assert len(world.fake.requests) == sent


def test_the_waits_of_rows_fit_into_the_total() -> None:
    world = World("blocking", retry=RetryPolicy(9, total=2.0), count=4)
    world.fake.fail_rows(RowFaults(rate=1, statuses=[503]))
    world.rows(world.calls.batch_get, range(4))
    assert world.fake.waits == [0.125, 0.25, 0.5, 1.0]  # half of the most that each may be; the next would be 2.0


def test_the_budget_is_the_clients() -> None:
    world = World("blocking", retry=RetryPolicy(tries=100, total=None, budget=29), count=4)
    world.fake.fail_rows(RowFaults(rate=1, statuses=[503]))
    world.rows(world.calls.batch_get, range(4))
    assert len(world.fake.requests) == 3  # 14 each


def test_the_last_word_counts_and_the_one_before_is_kept() -> None:
    world = World("blocking", count=3)
    world.fake.fail_rows(RowFaults(rate=1, statuses=[503], times=1))

    class Broken(ProtocolError):
        pass

    good = world.fake.send

    def send(request: Any, *, timeout: Any = None) -> Any:
        if len(world.fake.requests) == 1:
            raise Broken("cut", request)
        return good(request, timeout=timeout)

    world.fake.send = send
    world.client = RestliClient(world.fake, retry=RetryPolicy(2, repeat="idempotent"), random=lambda: 0.0)
    rows = world.rows(world.client.calls.batch_get, range(3))
    assert [(row.id, row.status, type(row.exception)) for row in rows] == [(n, 503, Broken) for n in range(3)]
    assert all(row.exception.__traceback__ is None for row in rows)  # type: ignore[union-attr]


def test_a_days_quota_is_not_waited_for() -> None:
    world = World("blocking", count=3, limits=[Limit(1, "day")])
    assert not any(row.failed for row in world.rows(world.calls.batch_get, [0, 1]))
    rows = world.rows(world.calls.batch_get, [0, 1, 2], size=2)
    assert [type(row.exception) for row in rows] == [RateLimitError] * 3
    assert world.fake.waits == []


def test_a_client_that_is_closed_waits_no_more() -> None:
    world = World("blocking", count=3)
    world.fake.fail_rows(RowFaults(rate=1, statuses=[503]))
    sleep = world.fake.clock.sleep

    def close(seconds: float) -> None:
        sleep(seconds)
        world.client.close()

    world.fake.clock.sleep = close
    assert all(row.failed for row in world.rows(world.calls.batch_get, range(3)))
    assert len(world.fake.requests) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_of_a_call_is_that_of_its_rows(kind: str) -> None:
    world = World(kind, retry=None, count=6)
    world.fake.fail_next(ConnectError("refused"))
    rows = world.rows(world.calls.batch_get, range(6), size=3)
    assert [type(row.exception) for row in rows] == [ConnectError] * 3 + [type(None)] * 3
    assert [row.failed for row in rows] == [True] * 3 + [False] * 3


def test_what_is_not_an_error_of_ours_ends_it() -> None:
    world = World("blocking", count=6)
    world.fake.fail_next(ZeroDivisionError("a bug"))
    with pytest.raises(ZeroDivisionError):
        world.rows(world.calls.batch_get, range(6))


# -- one call ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_the_flow_of_one_call_gives_its_rows(kind: str) -> None:
    world = World(kind, count=3, max_batch=1)
    call = world.calls.batch_get("/r", [2, 1, 2, 9])
    rows = world.flow(call.map(str))
    assert [(row.id, row.failed) for row in rows] == [(2, False), (1, False), (2, False), (9, True)]
    created = world.flow(world.calls.batch_create("/r", [{}, {}]), before=40)
    assert [row.id for row in created] == [40, 41]
    assert world.flow(world.calls.batch_get("/r", [])) == ()


@pytest.mark.parametrize("method", ["get", "batch_finder"])
def test_what_has_no_rows_is_refused(method: str) -> None:
    calls = World("blocking").calls
    call = calls.get("/r") if method == "get" else calls.batch_finder("/r", "f", ("c", [1]))
    with pytest.raises(InvalidCallError, match="has no ids"):
        World("blocking").flow(call)


@pytest.mark.parametrize("kind", KINDS)
def test_mistakes_are_told_at_once(kind: str) -> None:
    client = World(kind).client
    for arguments, options in (((client.calls.get, "/r", [1]), {}), ((client.calls.batch_get, "/r", "12"), {})):
        with pytest.raises(InvalidCallError):
            client.send_rows(*arguments, **options)
    with pytest.raises(InvalidCallError, match="at_once"):
        client.send_rows(client.calls.batch_get, "/r", [1], at_once=0)
