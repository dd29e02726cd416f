"""Completion: work that is seen through to its end, whatever becomes of the task that wants it.

                                                    asyncio                            trio
    the work runs in                                a task of its own                  the task that wants it
    asyncio's cancellation (`Task.cancel`,          ends the wait at once;             -
    `asyncio.wait_for`, `asyncio.timeout`)          the work goes on
    a cancel scope of anyio or trio                 ends the wait when the work is     likewise
                                                    done
    the end of `asyncio.run`, Ctrl-C                waits for the work                 likewise

trio has no tasks that outlive their block, so that a shield is all that there can be; and what a cancel scope holds is
over when its block is left, on both.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import asyncio

__all__ = ["complete"]

T = TypeVar("T")


async def complete(work: Callable[[], Coroutine[Any, Any, T]], done: Callable[[], object]) -> T:
    """Do the work to its end, and return its result or raise its error; to be called in an event loop that anyio knows.

    Args:
        work: what is to be done.
        done: is called once it is over, also where the caller does not wait any more.
    """
    import asyncio

    import anyio

    from restli_transports.wire.loops import running_loop  # it imports anyio, which is slow to import

    loop = running_loop()
    if not isinstance(loop, asyncio.AbstractEventLoop):
        with anyio.CancelScope(shield=True):
            try:
                return await work()
            finally:
                done()
    task: asyncio.Task[T] = loop.create_task(work())
    task.add_done_callback(lambda _: done())
    # At its end `asyncio.run` cancels all tasks that it knows of, and waits for them. This one it must not cancel, but
    # wait for: so another one that it knows of waits for this, and for nothing else. (The function is for those who
    # write tasks of their own, as the documentation of asyncio has it, under Extending.)
    asyncio._unregister_task(task)  # pyright: ignore[reportPrivateUsage]
    keeping = loop.create_task(_wait(task))
    _kept.add(keeping)  # asyncio itself would forget it
    keeping.add_done_callback(_kept.discard)
    with anyio.CancelScope(shield=True):
        await asyncio.wait([task])
    return task.result()


# Tasks that wait for work. A task is a part of its event loop, not of any object here.
_kept: set[asyncio.Task[None]] = set()


async def _wait(task: asyncio.Task[Any]) -> None:
    """Wait for a task, whoever cancels this."""
    import asyncio

    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait([task])
    # Looked at, or asyncio would complain of an error that nobody has seen: the caller may have been cancelled.
    if not task.cancelled():
        task.exception()
