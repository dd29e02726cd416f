"""Connections of urllib3 that carry one exchange: the target as it was given, and no wait beyond its time limits.

urllib3 upper-cases escapes, quotes characters and removes dot segments; its limits hold for each wait on the socket,
so that an answer which drips in byte by byte outlasts them all. The classes here put the target of the current
exchange onto the wire untouched, and give the socket before each wait what is left of the exchange's limits. Outside
an exchange they are urllib3's own. Only the name lookup cannot be bounded: the operating system offers no limit.

To have the same with a PoolManager or ProxyManager of one's own: ``manager.pool_classes_by_scheme = POOL_CLASSES``.

A pool with urllib3's plain classes tells less: a drip of the head or of a coded body counts by its pauses alone, and a
failure is a ConnectError only where its type leaves no doubt that nothing was sent.
"""

from __future__ import annotations

import http.client
import io
import re
import socket
import ssl
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

import urllib3
from urllib3 import connection, exceptions
from urllib3.util import parse_url as urllib3_parse_url
from urllib3.util.connection import allowed_gai_family, create_connection

from restli_core.errors import InvalidCallError
from restli_transports.wire.body import Body, UnreadableError, can_decode
from restli_transports.wire.exchange import Exchange, Failures, connect_first, current_exchange
from restli_transports.wire.strict_response import StrictResponse
from restli_transports.wire.urls import parse_url

__all__ = [
    "FAILURES",
    "LIBRARY_ERRORS",
    "POOL_CLASSES",
    "aiming",
    "check_kept",
    "field_pairs",
    "keeps_targets",
    "read_body",
]

_PIECE: Final = 65536  # bytes asked for at once

LIBRARY_ERRORS: Final = (OSError, exceptions.HTTPError, http.client.HTTPException, UnreadableError)
"""What urllib3 raises and what it lets through, and what a body is found to be. Those of requests are OSErrors."""

FAILURES: Final = Failures(
    unsent=(
        exceptions.NewConnectionError,  # refused, unreachable, no such host
        exceptions.ConnectTimeoutError,
        exceptions.ProxyError,  # the proxy could not be reached
        exceptions.EmptyPoolError,
        exceptions.ClosedPoolError,
        exceptions.LocationValueError,
        ssl.SSLCertVerificationError,
    ),
    timeouts=(exceptions.TimeoutError,),
    others=(exceptions.NewConnectionError,),  # though it is a TimeoutError for urllib3
)
"""What they tell, for connections that do not note it themselves."""

_ORIGIN: Final = re.compile(r"(?:[a-z]+://[^/?#]+)?", re.IGNORECASE)


def check_kept(url: str) -> None:
    """Refuses what urllib3's own connections would not put onto the wire as it is.

    Raises:
        InvalidCallError: the URL has lower-case escapes, characters that need escapes, or dot segments.
    """
    if urllib3_parse_url(url).request_uri != parse_url(url).target:
        raise InvalidCallError("url", "has escapes, characters or dot segments that urllib3 would change")


def read_body(exchange: Exchange, response: urllib3.BaseHTTPResponse, limit: int | None) -> bytes:
    """The body of an answer, decoded; its connection is free again, or closed.

    Raises:
        UnreadableError: there is none: it is cut short, not of its coding, or larger than the limit.
        OSError, HTTPError: what the library raises.
    """
    try:
        return _body(exchange, response, limit)
    except BaseException:
        response.close()
        response.release_conn()
        raise


def _body(exchange: Exchange, response: urllib3.BaseHTTPResponse, limit: int | None) -> bytes:
    if response.status < 200:
        raise UnreadableError("this is no final answer")
    coding = response.headers.get("Content-Encoding", "")
    known = can_decode(coding)  # what only urllib3 knows, if anything, is left to it
    body = Body(coding if known else "", limit)
    for piece in iter(lambda: response.read1(_PIECE, decode_content=not known), b""):
        body.feed(piece)
        exchange.wait()
    return body.finish()


_target: ContextVar[str | None] = ContextVar("restli_transports_target", default=None)


@contextmanager
def aiming(target: str) -> Generator[None]:
    """Inside, the connections that this thread uses put this target onto the wire."""
    token = _target.set(target)
    try:
        yield
    finally:
        _target.reset(token)


def field_pairs(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    """Header fields as they came, repeats kept, without the white space around values (RFC 9110 section 5.5)."""
    return [(name, value.strip(" \t")) for name, value in headers.items()]


class _Reader(io.RawIOBase):
    """The bytes of a socket's own file, each wait within what is left of the current exchange."""

    def __init__(self, sock: socket.socket, file: io.RawIOBase) -> None:
        self._sock = sock
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        exchange = current_exchange()
        if exchange is not None:
            self._sock.settimeout(exchange.wait())
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()


class _Response(StrictResponse):
    """A response whose waits are limited."""

    def _unbuffered(self, sock: socket.socket, file: io.RawIOBase) -> io.RawIOBase:
        return _Reader(sock, file)


def _places(host: str, port: int) -> list[tuple[str, int]]:
    found = socket.getaddrinfo(host, port, allowed_gai_family(), socket.SOCK_STREAM)
    return [(str(address[0]), int(address[1])) for *_, address in found]


class _HTTPConnection(connection.HTTPConnection):
    response_class = _Response

    def connect(self) -> None:
        exchange = current_exchange()
        if exchange is None:
            return super().connect()
        with exchange.opening():
            return super().connect()

    def _new_conn(self) -> socket.socket:
        exchange = current_exchange()
        if exchange is None:
            return super()._new_conn()
        try:
            sock = connect_first(_places(self.host, self.port), self._to, exchange)
        except TimeoutError as error:
            raise exceptions.ConnectTimeoutError(self, "timed out") from error
        except (OSError, UnicodeError) as error:  # UnicodeError: no name of a host
            raise exceptions.NewConnectionError(self, str(error)) from error
        sock.settimeout(exchange.wait())
        return sock

    def _to(self, place: tuple[str, int], seconds: float | None) -> socket.socket:
        return create_connection(place, seconds, self.source_address, self.socket_options)

    def putrequest(self, method: str, url: str, *args: Any, **kwargs: Any) -> None:
        target = _target.get()
        if target is not None:  # a proxy is given the absolute form: the origin stays as it is
            url = _ORIGIN.match(url)[0] + target  # type: ignore[index]
        super().putrequest(method, url, *args, **kwargs)

    def send(self, data: Any) -> None:
        exchange = current_exchange()
        if exchange is None or not isinstance(data, bytes):
            return super().send(data)
        exchange.note_sending(sent=False)
        if self.sock is None:
            self.connect()
        return self._send_within(exchange, memoryview(data))

    def _send_within(self, exchange: Exchange, rest: memoryview) -> None:
        sock = self.sock
        while rest:
            sock.settimeout(exchange.wait())
            rest = rest[sock.send(rest) :]
            exchange.note_sending(sent=True)


class _HTTPSConnection(_HTTPConnection, connection.HTTPSConnection):
    pass


class _HTTPPool(urllib3.HTTPConnectionPool):
    # urllib3's own connections do not match the declared protocol for pyright either
    ConnectionCls = _HTTPConnection  # pyright: ignore[reportAssignmentType]


class _HTTPSPool(urllib3.HTTPSConnectionPool):
    # urllib3's own connections do not match the declared protocol for pyright either
    ConnectionCls = _HTTPSConnection  # pyright: ignore[reportAssignmentType]


POOL_CLASSES: Final[dict[str, type[urllib3.HTTPConnectionPool]]] = {"http": _HTTPPool, "https": _HTTPSPool}
"""For `pool_classes_by_scheme` of a PoolManager."""


def keeps_targets(pool: urllib3.PoolManager | urllib3.HTTPConnectionPool) -> bool:
    """Whether the connections of the pool are these."""
    if isinstance(pool, urllib3.PoolManager):
        return pool.pool_classes_by_scheme is POOL_CLASSES
    return isinstance(pool, tuple(POOL_CLASSES.values()))
