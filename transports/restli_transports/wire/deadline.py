"""Deadline: what is left of a call's time, for which of its limits.

    total      runs from the beginning; nothing outlasts it
    connect    runs from `start_connecting`, once for TCP, proxy and TLS together
    read       runs anew for each wait

So an answer that drips in byte by byte, which no limit on single waits would end, cannot outlast the total.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, TypeVar

from restli_transports.system import clock_step

if TYPE_CHECKING:
    from restli_transports.transport import Timeout

__all__ = ["Deadline", "Limit", "connect_first"]

Limit: TypeAlias = Literal["connect", "read", "total"]
"""One of the limits of a `Timeout`."""

Address = TypeVar("Address")
Connection = TypeVar("Connection")

_EARLY: Final = 0.001 + clock_step()  # seconds by which the clock of an event loop may be ahead of this one


class Deadline:
    """What is left of a call's time.

    Args:
        timeout: the limits of the call; the total begins to run now.
    """

    timeout: Timeout

    def __init__(self, timeout: Timeout) -> None:
        self.timeout = timeout
        self._end = math.inf if timeout.total is None else time.monotonic() + timeout.total
        self._connected_by = self._end

    def start_connecting(self) -> None:
        """Let the limit for connecting begin to run now."""
        seconds = self.timeout.connect
        self._connected_by = self._end if seconds is None else min(time.monotonic() + seconds, self._end)

    def left(self, limit: Limit) -> float | None:
        """Return the seconds that the next wait may last under a limit and the total; None for no limit.

        Raises:
            TimeoutError: none is left.
        """
        now = time.monotonic()
        until = self._connected_by if limit == "connect" else self._end
        if limit == "read" and self.timeout.read is not None:
            until = min(until, now + self.timeout.read)
        if until <= now:
            raise TimeoutError("timed out")
        return None if until == math.inf else until - now

    @property
    def is_over(self) -> bool:
        """True once the total has passed."""
        return time.monotonic() >= self._end - _EARLY


def connect_first(
    addresses: Iterable[Address], connect: Callable[[Address, float | None], Connection], deadline: Deadline
) -> Connection:
    """Return a connection to the first of a host's addresses that accepts one.

    Each address has an even share of the time that is left for connecting when its turn comes, so that one which does
    not answer leaves time for the next.

    Args:
        addresses: in the order in which they are tried.
        connect: connects to one of them within so many seconds; None for no limit.
        deadline: whose time it is.

    Raises:
        OSError: none accepts one; this is the error of the last attempt.
        TimeoutError: no time is left.
    """
    failure = OSError("the host has no address")
    listed = list(addresses)
    for number, address in enumerate(listed):
        left = deadline.left("connect")
        try:
            return connect(address, None if left is None else left / (len(listed) - number))
        except OSError as error:
            failure = error
    raise failure
