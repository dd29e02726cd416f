"""Whose the running task is: asyncio's or trio's."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import anyio
import pytest
import trio

from restli_transports._clients.async_clocks import AsyncSystemClock
from restli_transports.wire.backend import is_in_asyncio


def test_without_asyncio_it_is_not_asyncios(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "asyncio")
    assert not is_in_asyncio()


def test_no_task_is_not_asyncios() -> None:
    assert not is_in_asyncio()


def test_tasks_of_both_where_asyncio_is_trios_host() -> None:
    """Trio's "guest mode": its tasks run in callbacks of asyncio's loop."""
    clock: Any = AsyncSystemClock()

    async def guest() -> bool:
        with anyio.move_on_after(60):
            await clock.sleep(0.001)
        return is_in_asyncio()

    async def host() -> tuple[bool, bool]:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Any] = loop.create_future()
        trio.lowlevel.start_guest_run(
            guest, run_sync_soon_threadsafe=loop.call_soon_threadsafe, done_callback=done.set_result
        )
        inside = (await done).unwrap()
        await clock.sleep(0.001)
        return inside, is_in_asyncio()

    assert asyncio.run(host()) == (False, True)
