"""One by one: jobs run in their order, and no more of them than are asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import Any

import pytest

from restli_core import InvalidCallError
from restli_transports._clients.one_by_one import AsyncSending, Sending

KINDS: list[Any] = [Sending, AsyncSending]


def start(job: int) -> Generator[Any, Any, list[int]]:
    done = yield job
    return [job, done]


def test_jobs_run_in_their_order() -> None:
    with Sending[int](iter([1, 2]), start, lambda step: step * 10, at_once=1, ordered=True, spread=iter) as sending:
        assert [*sending] == [1, 10, 2, 20]
    assert [*sending] == []


def test_jobs_are_awaited_in_their_order() -> None:
    async def perform(step: Any) -> int:
        return int(step * 10)

    async def main() -> list[int]:
        async with AsyncSending[int](iter([1, 2]), start, perform, at_once=1, ordered=True, spread=iter) as sending:
            return [item async for item in sending]

    assert asyncio.run(main()) == [1, 10, 2, 20]


@pytest.mark.parametrize("kind", KINDS)
def test_at_once_is_a_number(kind: Any) -> None:
    with pytest.raises(InvalidCallError, match="at_once: must be a number of calls, 1 or above"):
        kind([], start, print, at_once=0, ordered=True, spread=iter)
