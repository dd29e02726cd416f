"""The system's clock for asynchronous clients: what ends its waits, in loops of asyncio and trio, from any thread."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import anyio
import pytest

from restli_transports._clients.async_clocks import AsyncSystemClock

LONG = 1000.0  # seconds that no test waits for


@pytest.fixture(params=["asyncio", "trio"])
def run(request: pytest.FixtureRequest) -> Callable[[Callable[[], Awaitable[Any]]], Any]:
    """What runs a coroutine function in an event loop of each kind."""
    return partial(anyio.run, backend=request.param)


async def until_waiting(clock: Any, tasks: int) -> None:
    """Wait until so many tasks wait on a clock."""
    while len(clock._waiting) < tasks:
        await anyio.lowlevel.checkpoint()


def test_it_tells_the_systems_time() -> None:
    clock: Any = AsyncSystemClock()
    assert clock.now is time.monotonic
    assert clock.time is time.time


def test_a_wait_ends_by_itself(run: Any) -> None:
    clock: Any = AsyncSystemClock()

    async def main() -> None:
        before = clock.now()
        await clock.sleep(0.01)
        assert clock.now() - before >= 0.005  # clocks of loops are coarse
        assert clock._waiting == set()

    run(main)


@pytest.mark.parametrize("looked", [None, 0], ids=["blind", "looked"])
@pytest.mark.parametrize("in_thread", [False, True], ids=["task", "thread"])
def test_all_waits_end_at_once(run: Any, looked: int | None, in_thread: bool) -> None:
    clock: Any = AsyncSystemClock()

    async def main() -> None:
        with anyio.fail_after(60):
            async with anyio.create_task_group() as tasks:
                for _ in range(3):
                    tasks.start_soon(clock.sleep, LONG, looked)
                await until_waiting(clock, 3)
                if in_thread:
                    thread = threading.Thread(target=clock.wake)
                    thread.start()
                    await anyio.to_thread.run_sync(thread.join)
                else:
                    clock.wake()
        assert clock._waiting == set()

    run(main)


def test_a_wake_between_the_look_and_the_wait_is_not_missed(run: Any) -> None:
    clock: Any = AsyncSystemClock()
    wakes = clock.wakes
    clock.wake()

    async def main() -> None:
        with anyio.fail_after(60):
            await clock.sleep(LONG, wakes)

    run(main)


def test_a_wait_that_begins_after_a_wake_waits(run: Any) -> None:
    clock: Any = AsyncSystemClock()
    clock.wake()

    async def main() -> None:
        with anyio.fail_after(60):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(clock.sleep, LONG)
                await until_waiting(clock, 1)
                clock.wake()

    run(main)


def test_a_cancellation_ends_a_wait(run: Any) -> None:
    clock: Any = AsyncSystemClock()

    async def main() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(clock.sleep, LONG)
            await until_waiting(clock, 1)
            tasks.cancel_scope.cancel()
        assert clock._waiting == set()

    run(main)


def test_a_limit_of_the_callers_own_is_its_own() -> None:
    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.001):
                await AsyncSystemClock().sleep(LONG)

    asyncio.run(main())


def test_loops_that_are_over_do_not_keep_others_from_being_woken() -> None:
    clock: Any = AsyncSystemClock()
    loop = asyncio.new_event_loop()
    loop.close()
    clock._waiting.add(partial(loop.call_soon_threadsafe, print))

    async def main() -> None:
        with anyio.fail_after(60):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(clock.sleep, LONG)
                await until_waiting(clock, 2)
                clock.wake()

    asyncio.run(main())


def test_a_child_begins_without_the_parents_waits() -> None:
    clock: Any = AsyncSystemClock()
    clock._waiting.add(print)
    clock.after_fork()
    assert clock._waiting == set()
