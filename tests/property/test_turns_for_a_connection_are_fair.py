"""Calls get their connections in the same turn by the quick limiter of asyncio as by that of any event loop."""

from __future__ import annotations

from typing import Any
from unittest import mock

import anyio
import anyio.lowlevel
from hypothesis import given
from hypothesis import strategies as st

from restli_core import HttpRequest
from restli_transports import Timeout
from restli_transports.wire.exchange import Exchange
from restli_transports.wire.limiter import ConnectionLimiter

ACTS = st.lists(st.sampled_from(["enter", "enter", "enter", "leave", "cancel", "settle", "settle"]), max_size=30)


async def order(acts: list[str], limit: int) -> list[Any]:
    """Do what the acts say, and return who got a connection, and how far each act got."""
    limiter = ConnectionLimiter(limit)
    seen: list[Any] = []
    slots: list[Any] = []
    scopes: dict[int, anyio.CancelScope] = {}

    async def call(number: int) -> None:
        with scopes[number]:
            slots.append(await limiter.acquire(Exchange(HttpRequest("GET", "http://a.test/"), Timeout(total=60))))
            seen.append(number)
        scopes.pop(number)

    async with anyio.create_task_group() as tasks:
        for number, act in enumerate([*acts, "settle"]):
            if act == "enter":
                scopes[number] = anyio.CancelScope()
                tasks.start_soon(call, number)
            elif act == "leave" and slots:
                slots.pop(0).release()
            elif act == "cancel" and scopes:
                scopes[max(scopes)].cancel()
            elif act == "settle":
                for _ in range(5):
                    await anyio.lowlevel.checkpoint()
                seen.append("settled")
        tasks.cancel_scope.cancel()
    # What is free at last: no slot was lost, and none was made.
    for slot in slots:
        slot.release()
    for _ in range(limit):
        with anyio.fail_after(5):
            await limiter.acquire(Exchange(HttpRequest("GET", "http://a.test/"), Timeout(total=60)))
    with anyio.move_on_after(0) as over:
        await limiter.acquire(Exchange(HttpRequest("GET", "http://a.test/"), Timeout(total=60)))
    return [*seen, over.cancelled_caught]


@given(ACTS, st.integers(1, 3))
def test_for_whoever_enters_leaves_or_is_cancelled(acts: list[str], limit: int) -> None:
    quick = anyio.run(order, acts, limit)
    with mock.patch("restli_transports.wire.limiter.is_in_asyncio", return_value=False):
        general = anyio.run(order, acts, limit)
    assert quick == general
    assert quick[-1] is True
