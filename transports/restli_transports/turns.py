"""Turns: calls that wait until one of a limited number of connections is free, for asyncio and trio."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from restli_transports.exchange import Exchange

__all__ = ["take"]


async def take(turns: anyio.Semaphore, exchange: Exchange) -> None:
    """Waits for a turn, which the caller has to release; the wait counts towards the total limit of the call only.

    Raises:
        ConnectError: the total limit passed.
    """
    try:
        turns.acquire_nowait()
    except anyio.WouldBlock:
        await _waited(turns, exchange)


async def _waited(turns: anyio.Semaphore, exchange: Exchange) -> None:
    exchange.note_sending(sent=False)
    try:
        with anyio.fail_after(exchange.queue()):
            await turns.acquire()
    except TimeoutError as error:
        raise exchange.error(error) from error
