"""Pools of urllib3: as large as their callers, closed when they are closed, and begun anew in a child process.

urllib3 keeps the idle connections of a host in a queue of the standard library's. That warns in the log when it is
full; its lock, which is taken in Python code, stays held for ever where an interrupt comes at the wrong moment, or
where another thread holds it at the moment of a fork; and it does not know when its pool was closed, so that what is
given back after that stays open.
"""

from __future__ import annotations

import math
import queue
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import urllib3

from restli_transports.transport import KEEPALIVE_SECONDS
from restli_transports.wire.exchange import current_exchange
from restli_transports.wire.forks import close_copy, plain_socket

if TYPE_CHECKING:
    from urllib3.connection import HTTPConnection

__all__ = ["ConnectionStack", "begin_anew", "close_pools"]


class ConnectionStack(queue.LifoQueue[Any]):
    """The idle connections of a pool. While nothing waits, no lock is taken: a list's `append` and `pop` are enough.

    Where its size has no limit (0), those that have been idle too long are closed when another one is given back.
    """

    def __init__(self, maxsize: int = 0) -> None:
        super().__init__(maxsize)
        self._is_closed = False

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        if block:
            return super().get(block, timeout)
        try:
            return self._get()
        except IndexError:
            raise queue.Empty from None

    def put(self, item: HTTPConnection | None, block: bool = True, timeout: float | None = None) -> None:
        if self.maxsize > 0:
            super().put(item, block, timeout)
        else:
            self._put(item)
            self._close_expired()
        if self._is_closed:
            self.close()

    def close(self) -> None:
        """Close what is idle, and what is given back from now on."""
        self._is_closed = True
        with suppress(queue.Empty):
            while True:
                connection = self.get(block=False)
                if connection is not None:
                    connection.close()

    def _put(self, item: HTTPConnection | None) -> None:
        self.queue.append((time.monotonic(), item))

    def _get(self) -> Any:
        return self.queue.pop()[1]

    def _close_expired(self) -> None:
        exchange = current_exchange()  # whose connection this is that is given back
        limit = KEEPALIVE_SECONDS if exchange is None else exchange.keepalive_seconds
        since = -math.inf if limit is None else time.monotonic() - limit
        with suppress(IndexError):  # another thread has taken it
            while self.queue[0][0] < since:
                _, connection = self.queue.pop(0)
                if connection is not None:
                    connection.close()


def close_pools(manager: urllib3.PoolManager) -> None:
    """Close what is idle in the pools of a manager, and what is in use there when its exchange is over.

    This holds for those that are a `ConnectionStack`. The manager is to forget them, by its own `clear`.
    """
    for key in manager.pools.keys():  # noqa: SIM118 - it cannot be iterated over
        found = manager.pools.get(key)
        if found is not None and isinstance(found.pool, ConnectionStack):
            found.pool.close()


def begin_anew(pools: object) -> None:
    """Let a manager or a pool of urllib3's have no connections and fresh locks, in a child process.

    There is no public way to it that takes no lock, and any lock may be held for ever.
    """
    if isinstance(pools, urllib3.PoolManager):
        for pool in list(pools.pools._container.values()):  # pyright: ignore[reportPrivateUsage]
            begin_anew(pool)
        pools.pools = type(pools.pools)(pools.pools._maxsize)  # pyright: ignore[reportPrivateUsage]
    elif isinstance(pools, urllib3.HTTPConnectionPool) and pools.pool is not None:
        # The queue stays the one that is emptied when the pool is collected.
        idle, maxsize = list(pools.pool.queue), pools.pool.maxsize
        pools.pool.__init__(maxsize)  # type: ignore[misc] # pyright: ignore[reportUnknownMemberType]
        for _ in range(maxsize):
            pools.pool.put(None)  # as it was made
        for entry in idle:
            connection = entry[1] if isinstance(entry, tuple) else entry
            sock = plain_socket(getattr(connection, "sock", None))
            if sock is not None:
                close_copy(sock)
