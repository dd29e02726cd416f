"""Clocks that move by themselves: what clients over a fake transport wait on, so that no test ever sleeps."""

from __future__ import annotations

import sys
import threading
import time

__all__ = ["AsyncFakeClock", "FakeClock"]


class _Clock:
    """What the two clocks share: a clock that moves by itself.

    Attributes:
        waits: the seconds of each wait, in their order.
    """

    def __init__(self) -> None:
        self.waits: list[float] = []
        self._began = time.time()
        self._passed = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        """Return the seconds that have passed since it was made."""
        return self._passed

    def time(self) -> float:
        """Return the seconds since 1970."""
        return self._began + self._passed

    def move(self, seconds: float) -> None:
        """Let so many seconds pass, without a wait."""
        with self._lock:
            self._passed += seconds

    def _wait(self, seconds: float) -> None:
        self.move(seconds)
        self.waits.append(seconds)


class FakeClock(_Clock):
    """A clock for a transport that blocks: a wait ends at once, and its seconds have passed."""

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass, as a wait of a client's."""
        self._wait(seconds)


class AsyncFakeClock(_Clock):
    """A clock like `FakeClock`, whose waits are awaited."""

    async def sleep(self, seconds: float) -> None:
        """Let so many seconds pass, as a wait of a client's; other tasks have their turn."""
        self._wait(seconds)
        await _let_others_run()


async def _let_others_run() -> None:
    import asyncio  # slow to import, as the other one is

    from restli_transports.wire.backend import is_in_asyncio

    if is_in_asyncio():
        await asyncio.sleep(0)
    else:
        await sys.modules["trio"].lowlevel.checkpoint()
