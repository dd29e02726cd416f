"""Event loops: what belongs to one of them, and is closed with it; under asyncio and trio.

    pools = PerLoop(make_pool, close_pool, abandon_pool)
    pool = await pools.current()            that of the running loop

A value is closed in its loop, when that ends or when its `PerLoop` is dropped, whichever comes first. A loop that is
closed without an end (asyncio's `close` without `shutdown_asyncgens`) is noticed when another one is used. A child
process begins without any.
"""

from __future__ import annotations

import asyncio
import sys
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any, Final, Generic, TypeVar

import anyio
from anyio.lowlevel import current_token

from restli_transports.wire.forks import on_fork, plain_socket

__all__ = ["PerLoop", "call_soon", "close_without_loop", "running_loop"]

T = TypeVar("T")


def running_loop() -> Any:
    """Return the running event loop: asyncio's loop, or trio's token."""
    token: Any = current_token()
    return getattr(token, "native_token", token)  # anyio wraps it since 4.11


def call_soon(loop: Any, function: Callable[[], Any]) -> None:
    """Have a function called in a loop, from any thread.

    Raises:
        RuntimeError: the loop is over.
    """
    if isinstance(loop, asyncio.AbstractEventLoop):
        loop.call_soon_threadsafe(function)
    else:
        loop.run_sync_soon(function)


def close_without_loop(sock: Any) -> None:
    """Close a socket, or asyncio's wrapper of one, whose event loop is over: its own transport would tell the loop."""
    plain = plain_socket(sock)
    if plain is not None:
        with suppress(OSError):
            plain.close()


def _is_over(loop: Any) -> bool:
    try:
        call_soon(loop, int)  # which does nothing
    except RuntimeError:
        return True
    return False


class _Entry(Generic[T]):
    """A value, with what closes it.

    Attributes:
        ending: a generator that has begun: both asyncio and trio close those at their end, while all still works.
    """

    ending: AsyncGenerator[None]

    def __init__(self, value: T, close: Callable[[T], Awaitable[None]]) -> None:
        self.value = value
        self._close = close
        self._is_over = anyio.Event()  # whether closing it has ended, in whatever way

    async def until_the_end(self) -> AsyncGenerator[None]:
        """Do nothing until this is closed, and close the value then."""
        try:
            yield
        finally:
            await self._close_once()

    async def end(self) -> None:
        """Close the value now."""
        try:
            await self._close_once()
        except BaseException:
            _begun.add(self)  # cancelled with all tasks of a loop that ends: it is closed with the generator
            raise
        with suppress(RuntimeError):  # the loop does so already
            await self.ending.aclose()

    async def _close_once(self) -> None:
        """Close the value, unless that has been done; where it is under way, wait for it.

        A loop that ends closes its generators one and all, and complains of one that is being closed already. So it is
        not done inside the generator alone.
        """
        if self not in _begun and not self._is_over.is_set():
            await self._is_over.wait()
        if self in _begun:
            _begun.discard(self)
            try:
                await self._close(self.value)
            finally:
                self._is_over.set()


# What has begun and not ended. One that was forgotten before its end would be a warning of trio's, and asyncio might
# stop before it has closed it.
_begun: Final[set[_Entry[Any]]] = set()

# What a child has inherited. The loops will never run there, and finalizers would write to the parent's.
_inherited: Final[list[Any]] = []


class PerLoop(Generic[T]):
    """A value for each event loop.

    None of the functions may refer to who owns this, who would never be dropped then.

    Args:
        make: makes a value; called in its loop.
        close: closes one; awaited in its loop.
        abandon: closes one whose loop is over.
    """

    def __init__(
        self, make: Callable[[], T], close: Callable[[T], Awaitable[None]], abandon: Callable[[T], None]
    ) -> None:
        self._make = make
        self._close = close
        self._abandon = abandon
        self._entries: dict[Any, _Entry[T]] = {}
        weakref.finalize(self, _end_all, self._entries, abandon).atexit = False
        on_fork(self)

    def existing(self) -> T | None:
        """Return the value of the running loop; None where it has none yet."""
        entry = self._entries.get(running_loop())
        return None if entry is None else entry.value

    async def current(self) -> T:
        """Return the value of the running loop, made if it has none yet. This does not suspend."""
        loop = running_loop()
        entry = self._entries.get(loop)
        if entry is None:
            self._forget_ended()
            entry = self._entries[loop] = _Entry(self._make(), self._close)
            entry.ending = entry.until_the_end()
            _begun.add(entry)
            await anext(entry.ending)
        return entry.value

    async def close(self) -> None:
        """Close the value of the running loop, if it has one; it stays that of the loop, and may be used again."""
        value = self.existing()
        if value is not None:
            await self._close(value)

    def after_fork(self) -> None:
        """Begin without any: the loops are the parent's."""
        _inherited.extend(self._entries.values())
        self._entries.clear()

    def _forget_ended(self) -> None:
        for loop in list(self._entries):
            if _is_over(loop):
                entry = self._entries.pop(loop, None)
                if entry in _begun:
                    _abandon(entry, self._abandon)


def _end_all(entries: dict[Any, _Entry[T]], abandon: Callable[[T], None]) -> None:
    """Close the values whose owner was dropped, in their loops."""
    for loop, entry in entries.items():
        if entry in _begun:
            try:
                call_soon(loop, partial(_spawn, loop, entry.end))
            except RuntimeError:
                _abandon(entry, abandon)
    entries.clear()


def _abandon(entry: _Entry[T], abandon: Callable[[T], None]) -> None:
    _begun.discard(entry)
    abandon(entry.value)


def _spawn(loop: Any, function: Callable[[], Any]) -> None:
    if isinstance(loop, asyncio.AbstractEventLoop):
        loop.create_task(function())
        return
    with suppress(RuntimeError):  # trio is about to end, and will close it
        sys.modules["trio"].lowlevel.spawn_system_task(function)
