"""IdleConnections: connections that are open and carry nothing, until they are taken again or have grown old.

    generation = idle.generation            before a connection is opened or taken
    connection = idle.take(origin)          None: open one
    ...                                     a complete exchange
    if not idle.keep(origin, connection, generation):
        ...                                 close it
    for connection in idle.expired():
        ...                                 close it

There are as many as there were callers at once. The one that was used last is taken first, so that those that are not
needed any more grow old. Threads may share them. A child process begins without any.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from restli_transports.transport import KEEPALIVE_SECONDS
from restli_transports.wire.forks import on_fork

if TYPE_CHECKING:
    from restli_transports.wire.urls import Origin

__all__ = ["IdleConnections"]

ConnectionT = TypeVar("ConnectionT")


class _Idle(NamedTuple, Generic[ConnectionT]):
    connection: ConnectionT
    since: float  # by time.monotonic
    generation: int


class IdleConnections(Generic[ConnectionT]):
    """Idle connections, by the origin that they lead to.

    Args:
        max_idle: how many are kept for one origin; None for as many as there are.
        keepalive_seconds: how long one may be idle; None for no limit.

    Attributes:
        generation: goes up with each `close`: connections that were opened before it, also those in use then, are not
            kept.
    """

    generation: int

    def __init__(self, max_idle: int | None = None, keepalive_seconds: float | None = KEEPALIVE_SECONDS) -> None:
        self.generation = 0
        self._keepalive_seconds = math.inf if keepalive_seconds is None else keepalive_seconds
        self._max_idle = max_idle
        self._begin()
        on_fork(self)

    def _begin(self) -> None:
        self._idle: dict[Origin, deque[_Idle[ConnectionT]]] = {}
        # Held for no longer than it takes to change `_idle`, never while waiting. An interrupt cannot leave it held:
        # entering and leaving it is not Python code.
        self._lock = threading.Lock()

    def take(self, origin: Origin) -> ConnectionT | None:
        """Take the one to an origin that was used last, and return it; None if there is none."""
        with self._lock:
            idle = self._idle.get(origin)
            return idle.pop().connection if idle else None

    def keep(self, origin: Origin, connection: ConnectionT, generation: int) -> bool:
        """Return whether a connection is idle from now on; if it is not, the caller has to close it.

        Args:
            origin: what it leads to.
            connection: the connection.
            generation: what `generation` was before it was opened, or taken.
        """
        with self._lock:
            idle = self._idle.setdefault(origin, deque())
            kept = generation == self.generation and (self._max_idle is None or len(idle) < self._max_idle)
            if kept:
                idle.append(_Idle(connection, time.monotonic(), generation))
        return kept

    def expired(self) -> Iterator[ConnectionT]:
        """Take those that were idle too long or are of an earlier generation, for the caller to close them.

        One is taken each time that the next is asked for: so none is lost where closing one is cut short.
        """
        while (connection := self._pop_expired()) is not None:
            yield connection

    def close(self) -> None:
        """Let all that are idle now be expired, and those that are in use not be kept."""
        with self._lock:
            self.generation += 1

    def after_fork(self) -> None:
        """Begin without any: these are the parent's."""
        self.generation += 1
        self._begin()

    def _pop_expired(self) -> ConnectionT | None:
        since = time.monotonic() - self._keepalive_seconds
        with self._lock:
            for idle in self._idle.values():
                # The oldest one stands first.
                if idle and (idle[0].since <= since or idle[0].generation < self.generation):
                    return idle.popleft().connection
        return None
