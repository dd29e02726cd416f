"""Progress: what httpx says of a request on its way, by its extension ``trace``, and what that does to the time limits.

    event                           then
    connect_tcp     started         the exchange is CONNECTING; the library is given what is left for that
    connect_tcp     complete        from now on each wait on the connection is one of the exchange that it carries;
                                    a child process closes its copy of it
    start_tls       started         the library is given what is left for connecting
    start_tls       complete        as for connect_tcp: what was connected is now inside this
    send_request_headers started    the exchange is SENDING, unless this opens a proxy's tunnel; what comes is counted
    receive_response_headers complete    and from now on it is not
    send_request_body started       a large body over HTTP/1.1: the connection is watched for an early answer
                      complete      no longer; `failed` likewise
    response_closed started         a connection is not used again that has bytes that nobody asked for, or an
                                    answer of which two lengths are said

httpx bounds single waits alone; so an answer that drips in byte by byte would outlast them all.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final

import anyio

from restli_transports.httpx.clients import module_of
from restli_transports.wire import MAX_HEAD, Phase, UnreadableError, current_exchange
from restli_transports.wire.async_early_answers import send_watching_async
from restli_transports.wire.early_answers import send_watching
from restli_transports.wire.forks import close_in_children
from restli_transports.wire.linear_h11 import make_linear

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import httpx

    from restli_transports.wire import Exchange

__all__ = ["Progress", "core_of", "h11_connection"]

make_linear()


_LARGE_BODY: Final = 65536  # bytes; the system takes fewer at once


class Progress:
    """The progress of one exchange. There is a method for each event of the table, named after it.

    Args:
        exchange: the exchange.
        blocking: whether the client blocks.
        shares: whether the time for connecting is to be shared by the addresses of a host, since the client would
            give it to each of them anew.
    """

    def __init__(self, exchange: Exchange, *, blocking: bool, shares: bool = False) -> None:
        self._exchange = exchange
        self._blocking = blocking
        self._shares = shares
        self._opening: Any = None  # the stream of a connection that does not carry the request yet
        self._response: httpx.Response | None = None

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """Take an event: its source, step and stage, such as ``connection.connect_tcp.started``."""
        name = _method_of(event)
        if name is not None:
            getattr(self, name)(info)

    def response_started(self, response: httpx.Response) -> None:
        """Take the answer, which has begun; this is not an event of the library."""
        self._response = response

    def end(self, response: httpx.Response, empty: Any) -> None:
        """Take it that the exchange is over, and its answer closed.

        httpx has an answer and its stream lead to one another, and the answer to the request. Only the garbage
        collector would undo that, some time later, and until then each request would be there with its body.

        Args:
            response: the answer.
            empty: a stream of the library's that has nothing, in place of the answer's.
        """
        self._response = None
        response.stream = empty

    async def abandon(self) -> None:
        """Close a connection that was not wholly open, which the library forgets when it is cancelled."""
        if self._opening is not None:
            with anyio.CancelScope(shield=True), suppress(Exception):
                await self._opening.aclose()

    def connect_tcp_started(self, info: dict[str, Any]) -> None:
        self._exchange.phase = Phase.CONNECTING
        seconds = self._exchange.seconds_left()
        if self._shares:
            with suppress(OSError, UnicodeError):  # connecting will fail likewise, and say so
                found = socket.getaddrinfo(info["host"], info["port"], type=socket.SOCK_STREAM)
                if len(found) == 1:
                    info["host"] = found[0][4][0]  # so that it is not looked up again
                elif seconds is not None:
                    seconds /= len(found)
        info["timeout"] = seconds

    def connect_tcp_complete(self, info: dict[str, Any]) -> None:
        # The connection outlives this exchange, and no event says when another takes it over: so it asks which one it
        # carries before each wait.
        self._opening = stream = info["return_value"]
        read, write = stream.read, stream.write
        if self._blocking:
            stream.read, stream.write = partial(_read, read), partial(_write, stream, write)
        else:
            stream.read, stream.write = partial(_read_async, read), partial(_write_async, stream, write, read)
        close_in_children(stream.get_extra_info("socket"))

    def start_tls_started(self, info: dict[str, Any]) -> None:
        info["timeout"] = self._exchange.seconds_left()

    start_tls_complete = connect_tcp_complete

    def send_request_headers_started(self, info: dict[str, Any]) -> None:
        if info["request"].method != b"CONNECT":
            self._opening = None
            self._exchange.phase = Phase.SENDING
            # From here to the end of the answer's head; an exchange may have several, where a client's auth asks twice.
            self._exchange.begun_size, self._exchange.is_begun = 0, True

    def http11_send_request_body_started(self, _info: dict[str, Any]) -> None:
        # Over HTTP/2 the connection is not this exchange's alone, and the library reads meanwhile.
        self._exchange.early.is_awaited = len(self._exchange.request.body) > _LARGE_BODY

    def http11_send_request_body_complete(self, _info: dict[str, Any]) -> None:
        self._exchange.early.is_awaited = False

    http11_send_request_body_failed = http11_send_request_body_complete

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
            connection.send_failed()  # after this the library closes it, and no thread can be given it in between


@cache
def _method_of(event: str) -> str | None:
    """Return the name of the method for an event; None where nothing comes of it. There are few kinds of events."""
    source, step, stage = event.split(".")[-3:]
    names = (f"{step}_{stage}", f"{source}_{step}_{stage}")
    return next((name for name in names if hasattr(Progress, name)), None)


def _wait_within_limits(method: Callable[[Any, float | None], Any], argument: Any, timeout: float | None = None) -> Any:
    """Read or write, waiting no longer than the exchange that is carried at that time may wait."""
    exchange = current_exchange()
    return method(argument, timeout if exchange is None else exchange.seconds_left())


def _read(method: Callable[[int, float | None], bytes], size: int, timeout: float | None = None) -> bytes:
    data = _early(size)
    if data is None:
        data = _wait_within_limits(method, size, timeout)
    _count(data)
    return data


async def _read_async(
    method: Callable[[int, float | None], Awaitable[bytes]], size: int, timeout: float | None = None
) -> bytes:
    data = _early(size)
    if data is None:
        data = await _wait_within_limits(method, size, timeout)
    _count(data)
    return data


def _early(size: int) -> bytes | None:
    """Return what came while the request was being sent; None where nothing did."""
    exchange = current_exchange()
    if exchange is not None and (exchange.early.data or exchange.early.has_ended):
        return exchange.early.take(size)
    return None


def _count(data: bytes) -> None:
    """Count what comes before the head of an answer is known: h11's own limit lets any number of interim answers by."""
    exchange = current_exchange()
    if exchange is not None and exchange.is_begun:
        exchange.begun_size += len(data)
        # With the head some of the body may have come; `Answer` knows how much.
        if exchange.begun_size > 2 * MAX_HEAD:
            raise UnreadableError(f"the headers are larger than {MAX_HEAD} bytes")


def _write(
    stream: Any, method: Callable[[bytes, float | None], None], data: bytes, timeout: float | None = None
) -> None:
    """Write; where an answer ends this, raise the error after which the library goes on to read the answer."""
    exchange = current_exchange()
    if exchange is None or not exchange.early.is_awaited:
        _wait_within_limits(method, data, timeout)
        return
    core, sock = core_of(stream), stream.get_extra_info("socket")
    if core is None or not isinstance(sock, socket.socket):
        _wait_within_limits(method, data, timeout)
    elif not send_watching(sock, data, exchange.seconds_left, exchange.early):
        raise core.WriteError("answered before all was sent")


async def _write_async(
    stream: Any,
    method: Callable[[bytes, float | None], Awaitable[None]],
    read: Callable[[int, float | None], Awaitable[bytes]],
    data: bytes,
    timeout: float | None = None,
) -> None:
    exchange = current_exchange()
    core = core_of(stream) if exchange is not None and exchange.early.is_awaited else None
    if exchange is None or core is None:
        await _wait_within_limits(method, data, timeout)
        return
    failures = (core.WriteError, core.ReadError, OSError)
    if not await send_watching_async(
        lambda piece: method(piece, None),
        lambda limit: read(_LARGE_BODY, limit),
        data,
        exchange,
        failures,
        stream=getattr(stream, "_stream", None),  # there is no public way to it; a test fails when it has moved
    ):
        raise core.WriteError("answered before all was sent")


def core_of(thing: object) -> Any:
    """Return the library under httpx or httpx2 that a stream or backend is of; None for one of the user's own."""
    return module_of(thing, ("httpcore", "httpcore2"))


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
