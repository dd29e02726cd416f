"""Progress: what httpx says of a request on its way, by its extension ``trace``, and what that does to the time limits.

    event                           then
    connect_tcp     started         the exchange is CONNECTING; the library is given what is left for that
    connect_tcp     complete        from now on each wait on the connection is one of the exchange that it carries
    start_tls       started         the library is given what is left for connecting
    start_tls       complete        as for connect_tcp: what was connected is now inside this
    send_request_headers started    the exchange is SENDING, unless this opens a proxy's tunnel; what comes is counted
    receive_response_headers complete    and from now on it is not
    response_closed started         a connection is shut down that has bytes that nobody asked for, or an answer of
                                    which two lengths are said

httpx bounds single waits alone; so an answer that drips in byte by byte would outlast them all.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio

from restli_transports.wire import MAX_HEAD, Phase, UnreadableError, current_exchange
from restli_transports.wire.linear_h11 import make_linear

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import httpx

    from restli_transports.wire import Exchange

__all__ = ["Progress", "h11_connection"]

make_linear()


class Progress:
    """The progress of one exchange. There is a method for each event of the table, named after it.

    Args:
        exchange: the exchange.
        blocking: whether the client blocks.
    """

    def __init__(self, exchange: Exchange, *, blocking: bool) -> None:
        self._exchange = exchange
        self._blocking = blocking
        self._opening: Any = None  # the stream of a connection that does not carry the request yet
        self._response: httpx.Response | None = None

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """Take an event: its source, step and stage, such as ``connection.connect_tcp.started``."""
        *_, step, stage = event.split(".")
        method = getattr(self, f"{step}_{stage}", None)
        if method is not None:
            method(info)

    def response_started(self, response: httpx.Response) -> None:
        """Take the answer, which has begun; this is not an event of the library."""
        self._response = response

    async def abandon(self) -> None:
        """Close a connection that was not wholly open, which the library forgets when it is cancelled."""
        if self._opening is not None:
            with anyio.CancelScope(shield=True), suppress(Exception):
                await self._opening.aclose()

    def connect_tcp_started(self, info: dict[str, Any]) -> None:
        self._exchange.phase = Phase.CONNECTING
        seconds = self._exchange.seconds_left()
        if self._blocking and seconds is not None:
            # A blocking client gives the time to each address anew; an asynchronous one tries all of them within it.
            with suppress(OSError, UnicodeError):  # connecting will fail likewise, and say so
                seconds /= len(socket.getaddrinfo(info["host"], info["port"], type=socket.SOCK_STREAM))
        info["timeout"] = seconds

    def connect_tcp_complete(self, info: dict[str, Any]) -> None:
        # The connection outlives this exchange, and no event says when another takes it over: so it asks which one it
        # carries before each wait.
        self._opening = stream = info["return_value"]
        read = _read if self._blocking else _read_async
        for name, step in (("read", read), ("write", _wait_within_limits)):
            setattr(stream, name, partial(step, getattr(stream, name)))

    def start_tls_started(self, info: dict[str, Any]) -> None:
        info["timeout"] = self._exchange.seconds_left()

    start_tls_complete = connect_tcp_complete

    def send_request_headers_started(self, info: dict[str, Any]) -> None:
        if info["request"].method != b"CONNECT":
            self._opening = None
            self._exchange.phase = Phase.SENDING
            # From here to the end of the answer's head; an exchange may have several, where a client's auth asks twice.
            self._exchange.begun_size, self._exchange.is_begun = 0, True

    def receive_response_headers_complete(self, _info: dict[str, Any]) -> None:
        self._exchange.is_begun = False

    def response_closed_started(self, _info: dict[str, Any]) -> None:
        # The connection is about to be free for the next call. The library would take what the server has sent beyond
        # this answer for the answer to that.
        if self._response is None:
            return
        connection, headers = h11_connection(self._response), self._response.headers
        twice = "Transfer-Encoding" in headers and "Content-Length" in headers
        if connection is not None and (twice or connection.trailing_data[0] != b""):
            self._response.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)


def _wait_within_limits(method: Callable[[Any, float | None], Any], argument: Any, timeout: float | None = None) -> Any:
    """Read or write, waiting no longer than the exchange that is carried at that time may wait."""
    exchange = current_exchange()
    return method(argument, timeout if exchange is None else exchange.seconds_left())


def _read(method: Callable[[Any, float | None], bytes], argument: Any, timeout: float | None = None) -> bytes:
    data: bytes = _wait_within_limits(method, argument, timeout)
    _count(data)
    return data


async def _read_async(
    method: Callable[[Any, float | None], Awaitable[bytes]], argument: Any, timeout: float | None = None
) -> bytes:
    data: bytes = await _wait_within_limits(method, argument, timeout)
    _count(data)
    return data


def _count(data: bytes) -> None:
    """Count what comes before the head of an answer is known: h11's own limit lets any number of interim answers by."""
    exchange = current_exchange()
    if exchange is not None and exchange.is_begun:
        exchange.begun_size += len(data)
        # With the head some of the body may have come; `Answer` knows how much.
        if exchange.begun_size > 2 * MAX_HEAD:
            raise UnreadableError(f"the headers are larger than {MAX_HEAD} bytes")


def h11_connection(response: httpx.Response) -> Any:
    """Return h11's connection under an answer; None where there is none, such as under HTTP/2, or if it has moved.

    There is no public way to it. What is there, from the outside in: httpx's stream that counts the time, its
    transport's stream, httpcore's of its pool, httpcore's of the connection, and that connection. A test fails when
    one of them moves, for httpx and httpx2, blocking and not.
    """
    found: Any = response.stream
    for name in ("_stream", "_httpcore_stream", "_stream", "_connection", "_h11_state"):
        found = getattr(found, name, None)
    return found
