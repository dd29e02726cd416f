"""The system's clock for asynchronous clients; apart from `clocks`, since asyncio is slow to import.

A wait ends early as one of `clocks` does.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from restli_transports.wire.backend import is_in_asyncio
from restli_transports.wire.forks import on_fork

__all__ = ["AsyncSystemClock"]


class AsyncSystemClock:
    """The system's clock, for an asynchronous client, in any number of event loops of asyncio and trio."""

    now = staticmethod(time.monotonic)
    time = staticmethod(time.time)

    def __init__(self) -> None:
        self.wakes = 0
        self._waiting: set[Callable[[], Any]] = set()  # each ends one wait, from any thread
        on_fork(self)

    def after_fork(self) -> None:
        """Begin anew: the event loops are the parent's."""
        self._waiting = set()

    async def sleep(self, seconds: float, wakes: int | None = None) -> None:
        """Wait for so many seconds, or until `wake`.

        Args:
            seconds: how long.
            wakes: what `wakes` was when the caller looked whether it has to wait; what came since then counts.
        """
        if is_in_asyncio():
            woken = asyncio.Event()
            end = partial(asyncio.get_running_loop().call_soon_threadsafe, woken.set)
            with self._woken_by(end), suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    if wakes in {None, self.wakes}:  # looked at once it is listed, so that none is missed
                        await woken.wait()
        else:
            trio: Any = sys.modules["trio"]
            event = trio.Event()
            end = partial(trio.lowlevel.current_trio_token().run_sync_soon, event.set)
            with self._woken_by(end), trio.move_on_after(seconds):
                if wakes in {None, self.wakes}:
                    await event.wait()

    def wake(self) -> None:
        """End the waits of all tasks."""
        self.wakes += 1
        for end in [*self._waiting]:
            with suppress(RuntimeError):  # its event loop is over
                end()

    @contextmanager
    def _woken_by(self, end: Callable[[], Any]) -> Generator[None]:
        self._waiting.add(end)
        try:
            yield
        finally:
            self._waiting.discard(end)
