"""Tasks of asyncio and trio, and functions that block in threads of theirs."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from typing import Any

import anyio
import pytest

from restli_transports.concurrency.tasks import in_thread, open_tasks

BACKENDS = pytest.mark.parametrize("backend", ["asyncio", "trio"])
LONG = 60  # seconds, which only a test that fails waits


@BACKENDS
def test_those_that_run_are_cancelled_and_waited_for(backend: str) -> None:
    async def main() -> None:
        tasks = await open_tasks()
        order: list[Any] = []
        begun = tasks.event()

        async def wait(number: int) -> None:
            begun.set()
            try:
                await anyio.sleep_forever()
            except anyio.get_cancelled_exc_class():
                with anyio.CancelScope(shield=True):
                    await anyio.lowlevel.checkpoint()
                order.append(number)

        async def end(number: int) -> None:
            order.append(number)

        tasks.start(end, 1)
        tasks.start(wait, 2)
        await begun.wait()
        await tasks.cancel()
        order.append("cancelled")
        tasks.start(end, 3)
        await anyio.lowlevel.checkpoint()
        await anyio.lowlevel.checkpoint()
        await tasks.close()
        assert sorted(order[:2]) == [1, 2]
        assert order[2:] == ["cancelled", 3]

    anyio.run(main, backend=backend)


@BACKENDS
def test_nothing_is_closed_either(backend: str) -> None:
    async def main() -> None:
        await (await open_tasks()).close()

    anyio.run(main, backend=backend)


@BACKENDS
def test_a_function_is_called_in_a_thread(backend: str) -> None:
    variable = contextvars.ContextVar("variable", default="none")

    async def main() -> None:
        variable.set("the caller's")
        thread, value = await in_thread(lambda: (threading.get_ident(), variable.get()))
        assert (thread == threading.get_ident(), value) == (False, "the caller's")
        with pytest.raises(ZeroDivisionError):
            await in_thread(lambda: 1 // 0)

    anyio.run(main, backend=backend)


@BACKENDS
@pytest.mark.parametrize("fails", [False, True])
def test_a_cancellation_waits_until_the_function_has_returned(backend: str, fails: bool) -> None:
    async def main() -> None:
        begun, gate, order = threading.Event(), threading.Event(), list[str]()

        def work() -> None:
            begun.set()
            assert gate.wait(LONG)
            order.append("returns")
            if fails:
                raise ZeroDivisionError

        async def call() -> None:
            try:
                await in_thread(work)
            except ZeroDivisionError:
                pass  # trio's own way: it has ended, and so it was not cancelled
            finally:
                order.append("left")

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(call)
            await anyio.to_thread.run_sync(begun.wait)
            tasks.cancel_scope.cancel()
            with anyio.CancelScope(shield=True):
                for _ in range(5):
                    await anyio.lowlevel.checkpoint()
                assert order == []
                gate.set()
        assert order == ["returns", "left"]

    anyio.run(main, backend=backend)


def test_asyncios_own_cancellation_waits_too() -> None:
    async def main() -> None:
        begun, gate = threading.Event(), threading.Event()

        def work() -> None:
            begun.set()
            assert gate.wait(LONG)

        task = asyncio.create_task(in_thread(work))
        await asyncio.to_thread(begun.wait)
        for _ in range(3):
            task.cancel()
            await asyncio.sleep(0)
        assert not task.done()
        gate.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
