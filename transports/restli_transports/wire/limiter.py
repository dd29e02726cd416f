"""A limit on connections: calls wait until one to their host is free, under asyncio and trio."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from restli_transports.wire.exchange import Exchange
    from restli_transports.wire.urls import Origin

__all__ = ["ConnectionLimiter"]


class ConnectionLimiter:
    """The turns of one event loop. A host that answers slowly keeps no other waiting.

    Args:
        limit: how many calls to one address are under way at once.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._turns: dict[Origin, anyio.Semaphore] = {}

    async def take(self, exchange: Exchange) -> anyio.Semaphore:
        """Waits for a turn, which the caller has to release; the wait counts towards the total limit of the call only.

        Raises:
            ConnectError: the total limit passed.
        """
        address = exchange.url.origin
        turns = self._turns.get(address)
        if turns is None:
            turns = self._turns[address] = anyio.Semaphore(self._limit)
        try:
            turns.acquire_nowait()
        except anyio.WouldBlock:
            await _waited(turns, exchange)
        return turns


async def _waited(turns: anyio.Semaphore, exchange: Exchange) -> None:
    exchange.note_sending(sent=False)
    try:
        with anyio.fail_after(exchange.queue()):
            await turns.acquire()
    except TimeoutError as error:
        raise exchange.error(error) from error
