"""Thousands of rows against the embedded server, which takes small batches and fails some of the rows and requests."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from restli_core import BatchRow, Created, Invocation, RetryPolicy
from restli_transports import AsyncRestliClient, RestliClient
from restli_transports.testing import Faults, RestliServer, RowFaults

pytestmark = pytest.mark.sockets

COUNT = 200
POLICY = {"repeat": "all", "tries": 20, "total": None, "budget": 10**6}


def zero() -> float:
    return 0.0


def send(
    kind: str, server: RestliServer, method: str, *arguments: Any, repeat: str = "all", **options: Any
) -> list[BatchRow]:
    given: dict[str, Any] = {"base_url": server.base_url, "random": zero}
    given["retry"] = RetryPolicy(**{**POLICY, "repeat": repeat})  # type: ignore[arg-type]
    if kind == "blocking":
        with (
            RestliClient(**given) as client,
            client.send_rows(getattr(client.calls, method), "/things", *arguments, **options) as rows,
        ):
            return [*rows]

    async def main() -> list[BatchRow]:
        async with (
            AsyncRestliClient(**given) as client,
            client.send_rows(getattr(client.calls, method), "/things", *arguments, **options) as rows,
        ):
            return [row async for row in rows]

    return asyncio.run(main())


@pytest.mark.parametrize("kind", ["blocking", "awaited"])
def test_updates_arrive_whatever_fails(kind: str) -> None:
    faults = Faults(seed=5, rate=0.2, kinds=["reset_before", "reset_after", "429", "503"])
    with RestliServer(max_batch=40, faults=faults) as server:
        things = server.collection("/things/{id:long}", [{"id": number} for number in range(COUNT)])
        server.fail_rows(RowFaults(seed=5, rate=0.1))
        rows = send(kind, server, "batch_partial_update", range(COUNT), ({"n": number} for number in range(COUNT)))
        assert [row.id for row in rows] == [*range(COUNT)]
        assert not any(row.failed for row in rows)
        assert [things[number]["n"] for number in range(COUNT)] == [*range(COUNT)]


@pytest.mark.parametrize("kind", ["blocking", "awaited"])
def test_nothing_is_created_twice_and_what_is_unknown_is_named(kind: str) -> None:
    done: Counter[int] = Counter()
    faults = Faults(seed=3, rate=0.2, kinds=["reset_before", "reset_after", "truncate", "503"])
    with RestliServer(max_batch=40, max_body=2000, faults=faults) as server:

        @server.on("/things/{id:long}", "create")
        def create(invocation: Invocation) -> Created:
            done[invocation.entity["n"]] += 1
            return Created(invocation.entity["n"])

        server.fail_rows(RowFaults(seed=3, rate=0.1))
        entities = [{"n": number, "text": "x" * (number % 90)} for number in range(COUNT)]
        rows = send(kind, server, "batch_create", iter(entities), repeat="safe")
    assert [row.id for row in rows] == [*range(COUNT)]
    assert max(done.values()) == 1
    created = {row.id for row in rows if not row.failed}
    assert all(row.key == str(row.id) for row in rows if not row.failed)
    assert created <= {*done}
    # What was done, and is not known to be, is in a call that failed: nothing is missing without a reason.
    assert all(rows[number].exception is not None for number in {*done} - created)
    assert len(created) > COUNT / 2
