"""Clocks that move by themselves: a wait ends at once, and its seconds have passed."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import pytest

from restli_transports.testing.fake import FakeAsyncTransport, FakeTransport
from restli_transports.testing.fake_clocks import AsyncFakeClock, FakeClock


def test_a_wait_moves_the_clock_and_is_listed() -> None:
    clock = FakeClock()
    began = clock.time()
    assert clock.now() == 0
    assert abs(began - time.time()) < 3600
    clock.sleep(330)
    clock.sleep(0.5)
    assert (clock.now(), clock.waits) == (330.5, [330, 0.5])
    assert clock.time() == began + 330.5


def test_it_is_moved_by_hand_without_a_wait() -> None:
    clock = FakeClock()
    clock.move(86_400)
    assert (clock.now(), clock.waits) == (86_400, [])


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_others_have_their_turn_while_one_waits(backend: Any) -> None:
    clock = AsyncFakeClock()
    seen: list[str] = []

    async def use(name: str) -> None:
        for seconds in (1, 2):
            await clock.sleep(seconds)
            seen.append(name)

    async def main() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(use, "a")
            tasks.start_soon(use, "b")

    anyio.run(main, backend=backend)
    assert (clock.now(), sorted(clock.waits)) == (6, [1, 1, 2, 2])
    assert seen not in (["a", "a", "b", "b"], ["b", "b", "a", "a"])


def test_it_counts_the_waits_of_all_threads() -> None:
    clock = FakeClock()
    with ThreadPoolExecutor(8) as pool:
        for _ in range(200):
            pool.submit(clock.sleep, 1)
    assert (clock.now(), len(clock.waits)) == (200, 200)


def test_each_fake_has_one_of_its_own() -> None:
    fakes: list[Any] = [FakeTransport(), FakeTransport(), FakeAsyncTransport()]
    assert len({id(fake.clock) for fake in fakes}) == 3
    fakes[0].clock.sleep(5)
    asyncio.run(fakes[2].clock.sleep(6))
    assert [fake.waits for fake in fakes] == [[5], [], [6]]
