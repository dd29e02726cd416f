"""The system's clock for clients that block: it tells the time and makes them wait, where a transport has no clock.

A wait ends early where the client is closed, or where what it waits for may have come: whoever waits looks again.
"""

from __future__ import annotations

import threading
import time

from restli_transports.system import LOOK_UP_SECONDS
from restli_transports.wire.forks import on_fork

__all__ = ["SystemClock"]


class SystemClock:
    """The system's clock, for a client that blocks. It is safe to share between threads."""

    now = staticmethod(time.monotonic)
    time = staticmethod(time.time)

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.wakes = 0
        on_fork(self)

    def after_fork(self) -> None:
        """Begin anew: another thread of the parent may have held the lock."""
        self._changed = threading.Condition()

    def sleep(self, seconds: float, wakes: int | None = None) -> None:
        """Wait for so many seconds, or until `wake`; or for as long as Python can wait at all, if that is shorter.

        Args:
            seconds: how long.
            wakes: what `wakes` was when the caller looked whether it has to wait; what came since then counts.
        """
        with self._changed:
            before = self.wakes if wakes is None else wakes
            end = time.monotonic() + min(seconds, threading.TIMEOUT_MAX)
            while self.wakes == before and (left := end - time.monotonic()) > 0:
                self._changed.wait(min(left, LOOK_UP_SECONDS))

    def wake(self) -> None:
        """End the waits of all threads."""
        with self._changed:
            self.wakes += 1
            self._changed.notify_all()
