"""Completion: the table of the module, row by row. That no token is lost by it is shown in test_sources.py."""

from __future__ import annotations

import asyncio

import anyio
import anyio.lowlevel
import pytest

from restli_transports.tokens.completion import complete

LOOPS = pytest.mark.parametrize("loop", ["asyncio", "trio"])


class Work:
    """Work that waits until it may end, or for nothing."""

    def __init__(self, outcome: str | Exception = "done", *, waits: bool = True) -> None:
        self.outcome = outcome
        self.ends = 0
        self.begun, self.may_end = anyio.Event(), anyio.Event()
        if not waits:
            self.may_end.set()

    async def do(self) -> str:
        self.begun.set()
        await self.may_end.wait()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def end(self) -> None:
        self.ends += 1

    async def completed(self) -> str:
        return await complete(self.do, self.end)


@LOOPS
def test_what_the_work_comes_to_is_what_the_caller_gets(loop: str) -> None:
    async def run() -> None:
        work = Work(waits=False)
        assert await work.completed() == "done"
        assert work.ends == 1
        failing = Work(ZeroDivisionError(), waits=False)
        with pytest.raises(ZeroDivisionError):
            await failing.completed()
        assert failing.ends == 1

    anyio.run(run, backend=loop)


@LOOPS
def test_what_a_scope_ends_is_ended_when_the_work_is_done(loop: str) -> None:
    async def run() -> None:
        work = Work()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(work.completed)
            await work.begun.wait()
            tasks.cancel_scope.cancel()
            with anyio.CancelScope(shield=True):
                await anyio.lowlevel.checkpoint()
                assert work.ends == 0
            work.may_end.set()
        assert work.ends == 1

    anyio.run(run, backend=loop)


@LOOPS
def test_a_time_limit_inside_the_work_holds(loop: str) -> None:
    async def wait() -> bool:
        with anyio.move_on_after(0.01) as scope:
            await anyio.sleep_forever()
        return scope.cancelled_caught

    async def run() -> None:
        assert await complete(wait, int)

    anyio.run(run, backend=loop)


def test_what_asyncio_cancels_ends_at_once_however_often_and_the_work_goes_on() -> None:
    works: list[Work] = []

    async def run() -> None:
        work = Work()
        works.append(work)
        for _ in range(2):
            task = asyncio.create_task(work.completed())
            await work.begun.wait()
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert work.ends == 0
        work.may_end.set()

    asyncio.run(run())
    assert works[0].ends == 2


@pytest.mark.parametrize("outcome", ["done", ZeroDivisionError()], ids=["done", "fails"])
def test_the_end_of_the_event_loop_waits_for_the_work(
    outcome: str | Exception, caplog: pytest.LogCaptureFixture
) -> None:
    works: list[Work] = []

    async def run() -> None:
        works.append(Work(outcome))
        task = asyncio.create_task(works[0].completed())
        await works[0].begun.wait()
        asyncio.get_running_loop().call_later(0.05, works[0].may_end.set)
        task.cancel()
        raise KeyError

    with pytest.raises(KeyError):
        asyncio.run(run())
    assert works[0].ends == 1
    assert caplog.records == []
