"""Coroutines that never suspend, run without an event loop."""

from __future__ import annotations

import asyncio

import pytest

from restli_transports.wire.blocking import run_blocking


def test_a_coroutine_that_never_suspends_is_run_to_its_end() -> None:
    async def add(first: int, second: int) -> int:
        async def same(number: int) -> int:
            return number

        return await same(first) + await same(second)

    assert run_blocking(add(1, 2)) == 3


def test_what_a_coroutine_raises_is_raised() -> None:
    async def fail() -> None:
        raise OSError("broke")

    with pytest.raises(OSError, match="broke"):
        run_blocking(fail())


def test_a_coroutine_that_suspends_is_a_mistake_of_ours() -> None:
    ended = []

    async def suspend() -> None:
        try:
            await asyncio.sleep(0)
        finally:
            ended.append(True)

    with pytest.raises(RuntimeError, match="the coroutine suspended"):
        run_blocking(suspend())
    assert ended == [True]
