"""A limit on connections: calls wait until one to their host is free, under asyncio and trio."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from restli_transports.wire.exchange import Phase
from restli_transports.wire.within import Within

if TYPE_CHECKING:
    from restli_transports.wire.exchange import Exchange
    from restli_transports.wire.urls import Origin

__all__ = ["ConnectionLimiter"]


class ConnectionLimiter:
    """A limit on the connections that calls of one event loop have at once, for each host by itself.

    So a slow host delays no other.

    Args:
        limit: how many calls to one origin are under way at once.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._free: dict[Origin, anyio.Semaphore] = {}

    async def acquire(self, exchange: Exchange) -> anyio.Semaphore:
        """Wait until a connection is free; the caller has to `release` what this returns.

        The wait counts towards the total limit of the call only, not towards its limit for connecting.

        Raises:
            ConnectError: the total limit passed.
        """
        origin = exchange.url.origin
        free = self._free.get(origin)
        if free is None:
            free = self._free[origin] = anyio.Semaphore(self._limit)
        try:
            # Most calls find one: they are spared a cancel scope, and a turn of the event loop.
            free.acquire_nowait()
        except anyio.WouldBlock:
            exchange.phase = Phase.QUEUED
            try:
                with Within(exchange.seconds_left()):
                    await free.acquire()
            except TimeoutError as error:
                raise exchange.error(error) from error
        return free
