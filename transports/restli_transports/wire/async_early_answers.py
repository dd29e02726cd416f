"""Sending under asyncio and trio while the connection is watched for an early answer; see `early_answers`.

What is being sent when an answer comes may have to be cut short, and after that nothing can be received over TLS: it
counts as broken in both directions. So all of the answer is read before.

What comes together with the news that nothing more can be sent is not lost: a second handle of the socket is held until
the exchange is over.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import anyio
import h11
from anyio.lowlevel import checkpoint

from restli_transports.wire.exchange import carry_nothing
from restli_transports.wire.linear_h11 import awaiting_answer
from restli_transports.wire.second_handle import SecondHandle

if TYPE_CHECKING:
    from restli_transports.wire.early_answers import EarlyAnswer
    from restli_transports.wire.exchange import Exchange

__all__ = ["send_watching_async"]

_MAX_ANSWER: Final = 16 << 20  # bytes of an answer that are read before sending is cut short
_MAX_SILENCE: Final = 2.0  # seconds that may pass before a connection says something on which nothing can be sent


class _Answer:
    """How far an answer has come.

    Args:
        method: of its request.
    """

    def __init__(self, method: str) -> None:
        self._method = method
        self._taken = 0

    @cached_property
    def _http(self) -> h11.Connection:
        # Of a large body each piece is watched, and to nearly all of them no answer comes.
        return awaiting_answer(self._method)

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
    *,
    stream: object = None,
) -> bool:
    """Send bytes, unless an answer comes that ends this; return whether all were sent.

    Args:
        send: sends all of its argument.
        receive: returns what came, empty at the end; its argument is the limit of the wait, which is none.
        data: the bytes.
        exchange: how long each wait may last; `early` takes what comes meanwhile.
        failures: what both raise when the connection breaks.
        stream: anyio's, over which both go; None, or another library's, where the answer that came at the very moment
            of a failure need not be had.

    Raises:
        TimeoutError: it lasted too long.
        Exception: one of the failures, where no answer had come.
    """
    early, answer = exchange.early, _Answer(exchange.request.method)
    broken: Exception | None = None
    is_sent = False
    watched = anyio.Event()

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
                    early.feed(handle.rest(_MAX_ANSWER))
                    early.feed(b"")  # the reader will meet the same
                with suppress(TimeoutError):  # the total is over, and so will the wait be
                    seconds = exchange.seconds_left()
                    limit.deadline = math.inf if seconds is None else anyio.current_time() + seconds
            watched.set()
            if early.ends_sending:
                tasks.cancel_scope.cancel()
        finally:
            # A task that was cancelled, its error and what it knows are there until the garbage collector comes; and
            # the exchange has the request with its body.
            del exchange
            carry_nothing()

    handle = _second_handle(early, stream)
    with anyio.fail_after(exchange.seconds_left()) as limit:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(watch, exchange)
            # What has come is read before something is sent that may fail.
            for _ in range(3):
                await checkpoint()
            broken = await _try_to_send(send, data, failures, handle, watched)
            is_sent = broken is None
            tasks.cancel_scope.cancel()
    early.is_cut = not is_sent or early.ends_sending
    if broken is not None and not early.data:
        raise broken
    return not early.is_cut


async def _try_to_send(
    send: Callable[[bytes], Awaitable[Any]],
    data: bytes,
    failures: tuple[type[Exception], ...],
    handle: SecondHandle,
    watched: anyio.Event,
) -> Exception | None:
    """Send, and return None; or return the failure, once the watcher has taken what came before it."""
    failure: Exception | None = None
    try:
        await send(data)
    except failures as error:
        failure = error
    if handle.failure is not None:
        failure = failures[0](str(handle.failure))
    if failure is not None:
        # A broken connection ends the watcher in a few rounds of the event loop, however long a busy machine takes for
        # these; the limit is for one that is silent.
        with anyio.move_on_after(_MAX_SILENCE):
            await watched.wait()
    try:
        return failure
    finally:
        del failure  # it knows this frame, which would be there, with the data, until the garbage collector came


def _second_handle(early: EarlyAnswer, stream: object) -> SecondHandle:
    """Return that of the stream, which is held from piece to piece of a body: it may break between two of them."""
    if early.handle is None or early.handle.stream is not stream:
        early.close()
        early.handle = SecondHandle(stream)
    return early.handle
