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
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, TypeVar

from restli_transports.transport import KEEPALIVE_SECONDS
from restli_transports.wire.forks import on_fork

if TYPE_CHECKING:
    from restli_transports.wire.urls import Origin

__all__ = ["IdleConnections"]

ConnectionT = TypeVar("ConnectionT")


class _Idle(Generic[ConnectionT]):
    """An idle connection. It equals itself alone."""

    def __init__(self, connection: ConnectionT, since: float, generation: object) -> None:
        self.connection = connection
        self.since = since  # by time.monotonic
        self.generation = generation


class IdleConnections(Generic[ConnectionT]):
    """Idle connections, by the origin that they lead to.

    There is no lock, which an interrupt or a fork could leave held for ever: what a deque and a dict do at once is
    enough.

    Args:
        max_idle: how many are kept for one origin; None for as many as there are.
        keepalive_seconds: how long one may be idle; None for no limit.

    Attributes:
        generation: another one after each `close`: connections that were opened before it, also those in use then, are
            not kept.
    """

    generation: object

    def __init__(self, max_idle: int | None = None, keepalive_seconds: float | None = KEEPALIVE_SECONDS) -> None:
        self._keepalive_seconds = math.inf if keepalive_seconds is None else keepalive_seconds
        self._max_idle = max_idle
        self.after_fork()
        on_fork(self)

    def after_fork(self) -> None:
        """Begin without any: these are the parent's."""
        self.generation = object()
        self._idle: dict[Origin, deque[_Idle[ConnectionT]]] = {}

    def take(self, origin: Origin) -> ConnectionT | None:
        """Take the one to an origin that was used last, and return it; None if there is none."""
        try:
            return self._idle[origin].pop().connection
        except (KeyError, IndexError):
            return None

    def keep(self, origin: Origin, connection: ConnectionT, generation: object) -> bool:
        """Return whether a connection is idle from now on; if it is not, the caller has to close it.

        Args:
            origin: what it leads to.
            connection: the connection.
            generation: what `generation` was before it was opened, or taken.
        """
        idle = self._idle.setdefault(origin, deque())
        if generation is not self.generation or (self._max_idle is not None and len(idle) >= self._max_idle):
            return False
        kept = _Idle(connection, time.monotonic(), generation)
        idle.append(kept)
        if generation is self.generation:
            return True
        # A close came in between. Whoever takes it out closes it: that, or this.
        try:
            idle.remove(kept)
        except ValueError:
            return True
        return False

    def expired(self) -> Iterator[ConnectionT]:
        """Take those that were idle too long or are of an earlier generation, for the caller to close them.

        One is taken each time that the next is asked for: so none is lost where closing one is cut short.
        """
        since = time.monotonic() - self._keepalive_seconds
        for idle in list(self._idle.values()):
            with suppress(IndexError):  # there are no more, or another thread has taken the last one
                # The oldest one stands first.
                while self._is_expired(idle[0], since):
                    first = idle.popleft()
                    if self._is_expired(first, since):
                        yield first.connection
                    else:  # another thread was quicker, and this is the next one
                        idle.appendleft(first)

    def close(self) -> None:
        """Let all that are idle now be expired, and those that are in use not be kept."""
        self.generation = object()

    def drain(self) -> Iterator[ConnectionT]:
        """Close this, and take all that were idle, for the caller to close them; one by one, as by `expired`."""
        self.close()
        yield from self.expired()

    def _is_expired(self, idle: _Idle[ConnectionT], since: float) -> bool:
        return idle.since <= since or idle.generation is not self.generation
