"""Sending under asyncio and trio while the connection is watched for an early answer; see `early_answers`.

What is being sent when an answer comes may have to be cut short, and after that nothing can be received over TLS: it
counts as broken in both directions. So all of the answer is read before.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import anyio
import h11
from anyio.lowlevel import checkpoint

from restli_transports.wire.exchange import carry_nothing

if TYPE_CHECKING:
    from restli_transports.wire.exchange import Exchange

__all__ = ["send_watching_async"]

_MAX_ANSWER: Final = 16 << 20  # bytes of an answer that are read before sending is cut short


class _Answer:
    """How far an answer has come.

    Args:
        method: of its request.
    """

    def __init__(self, method: str) -> None:
        self._http = h11.Connection(h11.CLIENT)
        self._http.send(h11.Request(method=method, target="/", headers=[("Host", "a")]))
        self._http.send(h11.EndOfMessage())
        self._taken = 0

    def is_whole(self, data: bytearray) -> bool:
        """Return whether this is all of it, or cannot be read.

        Args:
            data: what has come, with what had come the last time.
        """
        try:
            self._http.receive_data(bytes(data[self._taken :]))
            self._taken = len(data)
            while (event := self._http.next_event()) is not h11.NEED_DATA:
                if event is h11.PAUSED or isinstance(event, h11.EndOfMessage):
                    return True
        except h11.RemoteProtocolError:
            return True
        return False


async def send_watching_async(
    send: Callable[[bytes], Awaitable[Any]],
    receive: Callable[[None], Awaitable[bytes]],
    data: bytes,
    exchange: Exchange,
    failures: tuple[type[Exception], ...],
) -> bool:
    """Send bytes, unless an answer comes that ends this; return whether all were sent.

    Args:
        send: sends all of its argument.
        receive: returns what came, empty at the end; its argument is the limit of the wait, which is none.
        data: the bytes.
        exchange: how long each wait may last; `early` takes what comes meanwhile.
        failures: what both raise when the connection breaks.

    Raises:
        TimeoutError: it lasted too long.
        Exception: one of the failures, where no answer had come.
    """
    early, answer = exchange.early, _Answer(exchange.request.method)
    broken: Exception | None = None
    is_sent = False

    def is_watched() -> bool:
        if early.has_ended or not early.ends_sending:
            return not early.is_full
        return len(early.data) < _MAX_ANSWER and not answer.is_whole(early.data)

    async def watch(exchange: Exchange) -> None:
        try:
            while is_watched():
                try:
                    early.feed(await receive(None))
                except failures:
                    early.feed(b"")  # the reader will meet the same
                with suppress(TimeoutError):  # the total is over, and so will the wait be
                    seconds = exchange.seconds_left()
                    limit.deadline = math.inf if seconds is None else anyio.current_time() + seconds
            if early.ends_sending:
                tasks.cancel_scope.cancel()
        finally:
            # A task that was cancelled, its error and what it knows are there until the garbage collector comes; and
            # the exchange has the request with its body.
            del exchange
            carry_nothing()

    with anyio.fail_after(exchange.seconds_left()) as limit:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(watch, exchange)
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
