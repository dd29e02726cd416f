"""Tasks of asyncio or of trio, whichever runs: started, ended together, and told of by events.

    tasks = await open_tasks()          in the task that will close them
    tasks.start(function, job)          the function is awaited in a task of its own, and raises nothing
    await tasks.cancel()                cancels those that run, and waits for them, whatever happens meanwhile
    await tasks.close()                 does so, and ends this

Of what surrounds it, such as a time limit or a task group, a cancellation goes on as itself, after all have ended.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import copy_context
from functools import partial
from typing import Any, Protocol, TypeVar

from restli_transports.wire.backend import is_in_asyncio

__all__ = ["Event", "Tasks", "in_thread", "open_tasks"]

T = TypeVar("T")


class Event(Protocol):
    """What one waits for, of asyncio or trio."""

    def set(self) -> object:
        """Let who waits go on."""
        ...

    def wait(self) -> Awaitable[object]:
        """Wait until it is set."""
        ...


class Tasks(Protocol):
    """Tasks of one kind."""

    def start(self, function: Callable[[Any], Coroutine[Any, Any, None]], argument: Any) -> None:
        """Await a function, which raises nothing, in a task of its own."""
        ...

    def event(self) -> Event:
        """Return an event that is not set."""
        ...

    async def cancel(self) -> None:
        """Cancel the tasks that run, and wait for them."""
        ...

    async def close(self) -> None:
        """Cancel the tasks that run, and wait for them; in the task that has opened this. None can be started then."""
        ...


class _AsyncioTasks:
    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._running: set[asyncio.Task[None]] = set()

    def event(self) -> Event:
        return asyncio.Event()

    def start(self, function: Callable[[Any], Coroutine[Any, Any, None]], argument: Any) -> None:
        task = self._loop.create_task(function(argument))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def cancel(self) -> None:
        for task in self._running:
            task.cancel()
        interrupted: asyncio.CancelledError | None = None
        # Not those that are done and still listed: a wait for them would end at once, and nothing would ever happen.
        while pending := [task for task in self._running if not task.done()]:
            try:
                await asyncio.wait(pending)
            except asyncio.CancelledError as error:
                interrupted = error
        if interrupted is not None:
            raise interrupted

    close = cancel


class _TrioTasks:
    """Tasks of a nursery, each in a scope of its own, since the nursery's has the block in it as well."""

    def __init__(self) -> None:
        self._trio: Any = sys.modules["trio"]
        self._manager: Any = self._trio.open_nursery()
        self._nursery: Any = None
        self._scopes: set[Any] = set()
        self._all_ended: Event | None = None

    async def open(self) -> None:
        self._nursery = await self._manager.__aenter__()

    def event(self) -> Event:
        event: Event = self._trio.Event()
        return event

    def start(self, function: Callable[[Any], Coroutine[Any, Any, None]], argument: Any) -> None:
        scope = self._trio.CancelScope()
        self._scopes.add(scope)
        self._nursery.start_soon(self._run, scope, function, argument)

    async def _run(self, scope: Any, function: Callable[[Any], Coroutine[Any, Any, None]], argument: Any) -> None:
        try:
            with scope:
                await function(argument)
        finally:
            self._scopes.discard(scope)
            if not self._scopes and self._all_ended is not None:
                self._all_ended.set()
                self._all_ended = None

    async def cancel(self) -> None:
        for scope in self._scopes:
            scope.cancel()
        if self._scopes:
            all_ended = self._all_ended
            if all_ended is None:  # else another task waits for it already
                all_ended = self._all_ended = self.event()
            with self._trio.CancelScope(shield=True):
                await all_ended.wait()

    async def close(self) -> None:
        await self.cancel()
        # The nursery, which has no task left, gives no cancellation on: one of what surrounds it comes as itself at the
        # next thing that is awaited, and not in a group of exceptions.
        await self._manager.__aexit__(None, None, None)


async def open_tasks() -> Tasks:
    """Return what starts tasks of the kind that runs; the task that closes it must be this one."""
    if is_in_asyncio():
        return _AsyncioTasks()
    tasks = _TrioTasks()
    await tasks.open()
    return tasks


async def in_thread(function: Callable[[], T]) -> T:
    """Call a function in a thread, with the variables of the caller's context, and return what it returns.

    A cancellation waits until the function has returned: so nothing is left running.
    """
    if not is_in_asyncio():
        trio: Any = sys.modules["trio"]
        result: T = await trio.to_thread.run_sync(function)  # which waits by itself
        return result
    called = asyncio.get_running_loop().run_in_executor(None, partial(copy_context().run, function))
    try:
        return await asyncio.shield(called)
    except asyncio.CancelledError:
        while not called.done():
            try:
                await asyncio.wait([called])
            except asyncio.CancelledError:  # once more; the first one is raised below
                continue
        if not called.cancelled():
            called.exception()  # looked at, so that nobody complains that it was not
        raise
