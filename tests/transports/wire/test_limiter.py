"""A limit on connections to one host, under asyncio and trio."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable

import anyio
import anyio.lowlevel
import pytest

from restli_core import ConnectError, HttpRequest
from restli_transports import Timeout
from restli_transports.wire.exchange import Exchange, Phase
from restli_transports.wire.limiter import ConnectionLimiter

Run = Callable[[Callable[[], Awaitable[None]]], None]

LONG = Timeout(connect=0.001, read=0.001, total=60)  # it waits for the total alone


@pytest.fixture(params=["asyncio", "trio"])
def run(request: pytest.FixtureRequest) -> Run:
    return lambda function: anyio.run(function, backend=request.param)


def exchange(url: str = "http://a.test/", timeout: Timeout = LONG) -> Exchange:
    return Exchange(HttpRequest("GET", url), timeout)


async def settled() -> None:
    """Let all other tasks go as far as they can."""
    for _ in range(5):
        await anyio.lowlevel.checkpoint()


def test_who_finds_a_free_connection_does_not_wait(run: Run) -> None:
    async def main() -> None:
        limiter, calls = ConnectionLimiter(2), [exchange(), exchange()]
        slots = [await limiter.acquire(call) for call in calls]
        assert [call.phase for call in calls] == [Phase.UNKNOWN] * 2
        for slot in slots:
            slot.release()

    run(main)


def test_others_wait_until_one_is_free(run: Run) -> None:
    async def main() -> None:
        limiter, second = ConnectionLimiter(1), exchange()
        under_way: list[str] = []

        async def call() -> None:
            slot = await limiter.acquire(second)
            under_way.append("second")
            slot.release()

        first = await limiter.acquire(exchange())
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(call)
            await settled()
            assert (under_way, second.phase) == ([], Phase.QUEUED)
            first.release()
        assert under_way == ["second"]

    run(main)


def test_hosts_do_not_wait_for_one_another(run: Run) -> None:
    async def main() -> None:
        limiter = ConnectionLimiter(1)
        for url in ("http://a.test/", "https://a.test/", "http://a.test:81/", "http://b.test/"):
            await limiter.acquire(exchange(url))

    run(main)


def test_a_wait_that_lasts_longer_than_the_total_is_a_connect_error(run: Run) -> None:
    async def main() -> None:
        limiter = ConnectionLimiter(1)
        slot = await limiter.acquire(exchange())
        with pytest.raises(ConnectError, match=r"the total limit passed: 0\.05 s") as caught:
            await limiter.acquire(exchange(timeout=Timeout(total=0.05)))
        assert isinstance(caught.value.__cause__, TimeoutError)
        slot.release()
        await limiter.acquire(exchange())  # nothing was taken

    run(main)


def test_a_wait_that_is_cancelled_takes_nothing(run: Run) -> None:
    async def main() -> None:
        limiter = ConnectionLimiter(1)
        slot = await limiter.acquire(exchange())
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(limiter.acquire, exchange())
            await settled()
            tasks.cancel_scope.cancel()
        slot.release()
        await limiter.acquire(exchange())

    run(main)


def test_who_is_cancelled_does_not_stay_in_memory() -> None:
    def futures() -> int:
        gc.collect()
        return sum(type(one) is asyncio.Future for one in gc.get_objects())

    async def main() -> None:
        limiter = ConnectionLimiter(1)
        slot = await limiter.acquire(exchange())  # which nobody gives back meanwhile
        waits = [asyncio.ensure_future(limiter.acquire(exchange(timeout=Timeout(total=None)))) for _ in range(300)]
        await settled()
        before = futures()
        first, *others, last = waits
        waits.clear()
        assert all([other.cancel() for other in others])  # noqa: C419 - all of them, and no variable that keeps one
        await asyncio.wait(others)
        others.clear()
        assert before - futures() > 280
        slot.release()
        (await first).release()
        (await last).release()

    asyncio.run(main())


def test_each_wait_ends_in_its_own_time(run: Run) -> None:
    async def main() -> None:
        limiter, two_ended = ConnectionLimiter(1), anyio.Event()
        ended: list[float | None] = []

        async def call(total: float | None) -> None:
            try:
                slot = await limiter.acquire(exchange(timeout=Timeout(total=total)))
            except ConnectError:
                ended.append(total)
                if len(ended) == 2:
                    two_ended.set()
            else:
                ended.append(None)
                slot.release()

        slot = await limiter.acquire(exchange())
        async with anyio.create_task_group() as tasks:
            for total in (None, 60, 0.1, 0.01, 60):
                tasks.start_soon(call, total)
            await two_ended.wait()
            assert ended == [0.01, 0.1]
            slot.release()
        assert ended == [0.01, 0.1, None, None, None]

    run(main)


def test_a_turn_that_comes_with_a_cancellation_is_passed_on() -> None:
    async def main() -> None:
        limiter = ConnectionLimiter(1)
        slot = await limiter.acquire(exchange())
        first, second = (asyncio.ensure_future(limiter.acquire(exchange())) for _ in range(2))
        await settled()
        slot.release()
        first.cancel()  # it has its turn, and has not run since
        with pytest.raises(asyncio.CancelledError):
            await first
        (await asyncio.wait_for(second, 5)).release()

    asyncio.run(main())


def test_what_rings_after_all_have_gone_does_nothing() -> None:
    async def main() -> None:
        limiter = ConnectionLimiter(1)
        slot = await limiter.acquire(exchange())
        first = asyncio.ensure_future(limiter.acquire(exchange(timeout=Timeout(total=0.01))))
        await settled()
        slot.release()
        again = await first
        late = asyncio.ensure_future(limiter.acquire(exchange(timeout=Timeout(total=0.05))))
        with pytest.raises(ConnectError):
            await late
        again.release()
        await limiter.acquire(exchange())

    asyncio.run(main())
