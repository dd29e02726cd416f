"""Sending under asyncio and trio while the connection is watched for an early answer; see `early_answers`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import anyio
from anyio.lowlevel import checkpoint

if TYPE_CHECKING:
    from restli_transports.wire.exchange import Exchange

__all__ = ["send_watching_async"]


async def send_watching_async(
    send: Callable[[bytes], Awaitable[Any]],
    receive: Callable[[None], Awaitable[bytes]],
    data: bytes,
    exchange: Exchange,
    failures: tuple[type[Exception], ...],
    *,
    reads_all: bool = False,
) -> bool:
    """Send bytes, unless an answer comes that ends this; return whether all were sent.

    Args:
        send: sends all of its argument.
        receive: returns what came, empty at the end; its argument is the limit of the wait, which is none.
        data: the bytes.
        exchange: how long the wait may last; `early` takes what comes meanwhile.
        failures: what both raise when the connection breaks.
        reads_all: whether nothing can be received once sending was cut short, so that the whole answer is read before.

    Raises:
        TimeoutError: it lasted too long.
        Exception: one of the failures, where no answer had come.
    """
    early = exchange.early
    broken: Exception | None = None
    is_sent = False

    async def watch() -> None:
        while not early.is_full and not (early.is_whole if reads_all else early.ends_sending):
            try:
                early.feed(await receive(None))
            except failures:
                early.feed(b"")  # the reader will meet the same
        if early.ends_sending:
            tasks.cancel_scope.cancel()

    with anyio.fail_after(exchange.seconds_left()):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(watch)
            # asyncio closes the socket as soon as something cannot be sent, with all that has come: that is read first.
            for _ in range(3):
                await checkpoint()
            try:
                await send(data)
                is_sent = True
            except failures as error:
                broken = error
                await anyio.sleep(0.1)  # for what the watcher has not taken yet; it ends this
            tasks.cancel_scope.cancel()
    early.is_cut = not is_sent or early.ends_sending
    if broken is not None and not early.data:
        raise broken
    return not early.is_cut
