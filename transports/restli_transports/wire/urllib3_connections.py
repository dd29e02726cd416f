"""Connections of urllib3 that carry one exchange: the target as it was given, and no wait beyond its time limits.

urllib3 upper-cases escapes, quotes characters and removes dot segments; its limits hold for each wait on the socket,
so that an answer which drips in byte by byte outlasts them all. The classes here put the target that is carried (see
`restli_transports.wire.exchange.carrying`) onto the wire untouched, and give the socket before each wait what is left
of the exchange's limits. Outside an exchange they are urllib3's own. Only the name lookup cannot be bounded: the
operating system offers no limit.

To have the same with a PoolManager or ProxyManager of one's own: ``manager.pool_classes_by_scheme = POOL_CLASSES``.

With a pool of urllib3's plain classes two promises are weaker: where a head or a coded body drips in, each pause is
bounded, but not all of them together; and a failure is a ConnectError only where its type leaves no doubt that nothing
was sent.
"""

from __future__ import annotations

import http.client
import io
import re
import socket
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

import urllib3
from urllib3 import connection, exceptions
from urllib3.util import parse_url as urllib3_parse_url
from urllib3.util.connection import allowed_gai_family, create_connection

from restli_core.errors import InvalidCallError
from restli_transports.wire.body import Body, UnreadableError, can_decode
from restli_transports.wire.deadline import connect_first
from restli_transports.wire.early_answers import send_watching
from restli_transports.wire.exchange import Exchange, Failures, Phase, current_exchange, current_target
from restli_transports.wire.strict_response import StrictResponse

if TYPE_CHECKING:
    from restli_transports.wire.urls import ParsedUrl

__all__ = [
    "FAILURES",
    "LIBRARY_ERRORS",
    "MAX_IDLE_CONNECTIONS",
    "POOL_CLASSES",
    "check_kept",
    "field_pairs",
    "keeps_targets",
    "read_body",
]

MAX_IDLE_CONNECTIONS: Final = 100
"""Connections to one host that a pool keeps alive; more than these are opened and closed again."""

LIBRARY_ERRORS: Final = (OSError, exceptions.HTTPError, http.client.HTTPException, UnreadableError)
"""What urllib3 raises, what it lets through, and UnreadableError. The errors of requests are OSErrors."""

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
    not_timeouts=(exceptions.NewConnectionError,),  # though it is a TimeoutError for urllib3
)
"""What the types of these errors say, for connections that set no phase."""

_ORIGIN: Final = re.compile(r"(?:[a-z]+://[^/?#]+)?", re.IGNORECASE)
_CHUNK_SIZE: Final = 65536  # bytes asked for at once


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
            if exchange.early.data:  # came while the request was being sent
                taken = exchange.early.take(len(buffer))
                buffer[: len(taken)] = taken
                return len(taken)
            self._sock.settimeout(exchange.seconds_left())
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()


class _Response(StrictResponse):
    def raw_file(self, sock: socket.socket, file: io.RawIOBase) -> io.RawIOBase:
        return _Reader(sock, file)


class _HTTPConnection(connection.HTTPConnection):
    response_class = _Response

    def connect(self) -> None:
        exchange = current_exchange()
        if exchange is None:
            return super().connect()
        with exchange.connecting():
            return super().connect()

    def _new_conn(self) -> socket.socket:
        # The private method in which urllib3 opens its sockets, TLS or not, and which SOCKS connections override, too.
        # urllib3 would give each address of a host the whole time.
        exchange = current_exchange()
        if exchange is None:
            return super()._new_conn()
        try:
            found = socket.getaddrinfo(self.host, self.port, allowed_gai_family(), socket.SOCK_STREAM)
            sock = connect_first(
                [(str(address[0]), int(address[1])) for *_, address in found],
                lambda address, seconds: create_connection(address, seconds, self.source_address, self.socket_options),
                exchange.deadline,
            )
        except TimeoutError as error:
            raise exceptions.ConnectTimeoutError(self, "timed out") from error
        # UnicodeError: a name that no host has, such as one with two dots together
        except (OSError, UnicodeError) as error:
            raise exceptions.NewConnectionError(self, str(error)) from error
        sock.settimeout(exchange.seconds_left())  # for a proxy's answer, and TLS
        return sock

    def putrequest(self, method: str, url: str, *args: Any, **kwargs: Any) -> None:
        target = current_target()
        if target is not None:  # a proxy is given the absolute form: the origin stays as it is
            url = _ORIGIN.match(url)[0] + target  # type: ignore[index] # it matches the empty text, too
        super().putrequest(method, url, *args, **kwargs)

    def send(self, data: Any) -> None:
        exchange = current_exchange()
        if exchange is None or not isinstance(data, bytes):  # our transports send nothing but bytes
            return super().send(data)
        if exchange.phase is Phase.UNKNOWN:
            exchange.phase = Phase.QUEUED
        if self.sock is None:
            self.connect()
        # Not sendall, which would hold the limit of one wait against all of a body; and it is sent only once the
        # system has taken a byte: a connection that the server has closed meanwhile may fail here, and be replaced.
        sock, left = cast("socket.socket", self.sock), memoryview(data)
        # A large body may have to wait for a server that answers instead of reading. In TLS inside TLS there is no
        # socket to watch.
        if len(left) > _CHUNK_SIZE and exchange.phase is Phase.SENDING and isinstance(sock, socket.socket):
            if not send_watching(sock, left, exchange.seconds_left, exchange.early):
                raise BrokenPipeError("answered before all was sent")  # urllib3 goes on to read the answer
            return None
        while left:
            sock.settimeout(exchange.seconds_left())
            left = left[sock.send(left) :]
            if exchange.phase is not Phase.CONNECTING:  # a proxy's CONNECT is not the request
                exchange.phase = Phase.SENDING
        return None

    def getresponse(self) -> Any:  # urllib3's response, which is not one of http.client's
        response = super().getresponse()
        exchange = current_exchange()
        if exchange is not None and exchange.early.is_cut and self.sock is not None:
            # The server would take the next request for the rest of this one. The answer keeps the socket open.
            self.sock.close()
            self.sock = None
        return response


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
    """Return whether the connections of a pool are those of this module."""
    if isinstance(pool, urllib3.PoolManager):
        return pool.pool_classes_by_scheme is POOL_CLASSES
    return isinstance(pool, tuple(POOL_CLASSES.values()))


def check_kept(url: ParsedUrl) -> None:
    """Refuse what urllib3's own connections would not put onto the wire as it is.

    Raises:
        InvalidCallError: the URL has lower-case escapes, characters that need escapes, or dot segments.
    """
    if urllib3_parse_url(url.text).request_uri != url.target:
        raise InvalidCallError("url", "has escapes, characters or dot segments that urllib3 would change")


def read_body(exchange: Exchange, response: urllib3.BaseHTTPResponse, limit: int | None) -> bytes:
    """Return the body of an answer, decoded; its connection is free again, or closed.

    Args:
        exchange: whose answer it is.
        response: the library's response, whose body has not been read.
        limit: the most bytes that the body may have, decoded; None for no limit.

    Raises:
        UnreadableError: it is cut short, not of its coding, or larger than the limit.
        OSError, HTTPError: what the library raises.
    """
    exchange.phase = Phase.READING
    try:
        if response.status < 200:
            raise UnreadableError("this is not a final answer")  # noqa: TRY301 - it closes the connection, like the others
        coding = response.headers.get("Content-Encoding", "")
        known = can_decode(coding)  # what only urllib3 knows, if anything, is left to it
        body = Body(coding if known else "", limit)
        while piece := response.read1(_CHUNK_SIZE, decode_content=not known):
            body.feed(piece)
            exchange.seconds_left()
        return body.finish()
    except BaseException:
        # What is left unread on the connection would be taken for the next answer.
        response.close()
        response.release_conn()
        raise


def field_pairs(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return header fields as they came, repeats kept, without the white space around values (RFC 9110 section 5.5)."""
    return [(name, value.strip(" \t")) for name, value in headers.items()]
