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
import math
import re
import socket
import ssl
import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from email.errors import FirstHeaderLineIsContinuationDefect, InvalidHeaderDefect, MissingHeaderBodySeparatorDefect
from typing import TYPE_CHECKING, Any, Final, cast

import urllib3
from urllib3 import connection, exceptions
from urllib3.util import parse_url
from urllib3.util.connection import allowed_gai_family, create_connection

from restli_core.errors import ConnectError, InvalidCallError, ProtocolError, TransportError, TransportTimeout

if TYPE_CHECKING:
    from restli_core.messages import HttpRequest
    from restli_transports.transport import Timeout

__all__ = ["DEFAULT_MAX_BODY", "LIBRARY_ERRORS", "POOL_CLASSES", "Exchange", "carrying", "field_pairs", "split_url"]

DEFAULT_MAX_BODY: Final = 256 * 2**20
"""Bytes of a decoded body: far above any answer of Rest.li, far below the memory of a machine."""

_PIECE: Final = 65536  # bytes asked for at once

LIBRARY_ERRORS: Final = (OSError, exceptions.HTTPError, http.client.HTTPException)
"""What urllib3 raises and what it lets through. Those of requests are OSErrors."""

# What can only happen before a byte of the request is sent, for connections that do not note it themselves.
_UNSENT: Final = (
    exceptions.NewConnectionError,  # refused, unreachable, no such host
    exceptions.ConnectTimeoutError,
    exceptions.ProxyError,  # the proxy could not be reached
    exceptions.EmptyPoolError,
    exceptions.ClosedPoolError,
    exceptions.LocationValueError,
    ssl.SSLCertVerificationError,
)
_TIMEOUTS: Final = (TimeoutError, exceptions.TimeoutError)
_NO_TIMEOUTS: Final = exceptions.NewConnectionError  # though it is a TimeoutError for urllib3
# Header lines that no field could be read from; email's other defects are about bodies.
_NOT_FIELDS: Final = (
    FirstHeaderLineIsContinuationDefect,
    InvalidHeaderDefect,
    MissingHeaderBodySeparatorDefect,
)
# RFC 3986 section 3: scheme, user information, host and port, path and query, fragment
_HTTP_URL: Final = re.compile(
    r"(https?://)(?:[^/?#]*@)?((?:\[[^/?#@\[\]]+\]|[^/?#@:\[\]]+)(?::[0-9]{0,5})?)([/?][^#]*)?(?:#.*)?", re.IGNORECASE
)
_ORIGIN: Final = re.compile(r"(?:[a-z]+://[^/?#]+)?", re.IGNORECASE)


def split_url(url: str) -> tuple[str, str]:
    """The origin, without user information, and the target in origin form (RFC 9112 section 3.2.1), byte for byte.

    Raises:
        InvalidCallError: the URL is no http or https URL.
    """
    parts = _HTTP_URL.fullmatch(url)
    if parts is None:
        raise InvalidCallError("url", "is no http or https URL")
    scheme, host, target = parts.groups(default="/")
    return scheme + host, target if target.startswith("/") else f"/{target}"


def check_kept(url: str) -> None:
    """Refuses what urllib3's own connections would not put onto the wire as it is.

    Raises:
        InvalidCallError: the URL has lower-case escapes, characters that need escapes, or dot segments.
    """
    _, target = split_url(url)
    if parse_url(url).request_uri != target:
        raise InvalidCallError("url", "has escapes, characters or dot segments that urllib3 would change")


class Exchange:
    """One request on its way: what is left of its time, and whether any of it was sent.

    Args:
        request: the request.
        timeout: its limits; the total begins to run now.
    """

    def __init__(self, request: HttpRequest, timeout: Timeout) -> None:
        self.request = request
        self.timeout = timeout
        self._end = _from_now(timeout.total)
        self._open_until: float | None = None
        self._noted = False
        self._sent = False

    def wait(self) -> float | None:
        """The seconds that the next wait on the socket may last; None for no limit.

        Raises:
            TimeoutError: none is left.
        """
        until = min(_from_now(self.timeout.read), self._end) if self._open_until is None else self._open_until
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return None if left == math.inf else left

    @contextmanager
    def opening(self) -> Generator[None]:
        """The time in which a connection is opened, TCP, proxy and TLS together; what is sent is no request yet."""
        self._noted = True
        self._open_until = min(_from_now(self.timeout.connect), self._end)
        try:
            yield
        finally:
            self._open_until = None

    def note_sending(self, *, sent: bool) -> None:
        """A connection is about to send bytes, or has sent some."""
        self._noted = True
        self._sent = self._sent or (sent and self._open_until is None)

    def body(self, response: urllib3.BaseHTTPResponse, limit: int | None) -> bytes:
        """The body of an answer, decoded; its connection is free again, or closed.

        Raises:
            ProtocolError: the body is larger than the limit.
            OSError, HTTPError: what the library raises.
        """
        try:
            return self.joined(_pieces(response), limit)
        except BaseException:
            response.close()
            response.release_conn()
            raise

    def joined(self, pieces: Iterable[bytes], limit: int | None) -> bytes:
        """The pieces of a body as one; raises as `body` does."""
        body = bytearray()
        for piece in pieces:
            body += piece
            if limit is not None and len(body) > limit:
                raise ProtocolError(f"the body is larger than {limit} bytes", self.request)
            self.wait()
        return bytes(body)

    def error(self, error: BaseException) -> TransportError:
        """A library's error as one of ours."""
        causes = list(_causes(error))
        unsent = not self._sent if self._noted else any(isinstance(cause, _UNSENT) for cause in causes)
        timed_out = any(isinstance(cause, _TIMEOUTS) and not isinstance(cause, _NO_TIMEOUTS) for cause in causes)
        kind = ConnectError if unsent else TransportTimeout if timed_out else ProtocolError
        happened = self._passed(unsent) if timed_out else None
        return kind(happened or _reason(kind, causes[-1]), self.request)

    def _passed(self, unsent: bool) -> str | None:
        limit, passed = self.timeout.read, "nothing was read or written for"
        if time.monotonic() >= self._end:
            limit, passed = self.timeout.total, "the total limit passed:"
        elif unsent:
            limit, passed = self.timeout.connect, "no connection within"
        return None if limit is None else f"{passed} {limit:g} s"


def _pieces(response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    if response.status < 200:
        raise exceptions.ProtocolError(f"{response.status} is no final answer")
    return iter(lambda: response.read1(_PIECE, decode_content=True), b"")


def _from_now(seconds: float | None) -> float:
    return math.inf if seconds is None else time.monotonic() + seconds


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and those that it was made of, outermost first. `__context__` is left out: it may be another call's."""
    found: BaseException | None = error
    while found is not None:
        yield found
        inner = (found.__cause__, getattr(found, "reason", None), *reversed(found.args))
        found = next((cause for cause in inner if isinstance(cause, BaseException)), None)


def _reason(kind: type[TransportError], cause: BaseException) -> str:
    happened = "could not connect" if kind is ConnectError else "the exchange broke off"
    return f"{happened}: {str(cause)[:200] or type(cause).__name__}"


_current: ContextVar[Exchange | None] = ContextVar("restli_transports_exchange", default=None)
_target: ContextVar[str | None] = ContextVar("restli_transports_target", default=None)


@contextmanager
def carrying(exchange: Exchange | None = None, target: str | None = None) -> Generator[None]:
    """Inside, the connections that this thread uses carry this exchange and this target; None: as before."""
    tokens = (
        _current.set(exchange if exchange is not None else _current.get()),
        _target.set(target if target is not None else _target.get()),
    )
    try:
        yield
    finally:
        _current.reset(tokens[0])
        _target.reset(tokens[1])


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
        exchange = _current.get()
        if exchange is not None:
            self._sock.settimeout(exchange.wait())
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """A response whose waits are limited and whose head is wholly understood."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_Reader(sock, self.fp.detach()))

    def begin(self) -> None:
        """Reads the head of the final response: interim ones may come before it (RFC 9110 section 15.2)."""
        super().begin()
        while 100 <= self.status < 200 and self.status != 101:
            self.headers = self.msg = cast("http.client.HTTPMessage", None)  # as before the first head
            super().begin()
        if any(isinstance(defect, _NOT_FIELDS) for defect in self.msg.defects):
            raise http.client.HTTPException("a header line is no field")


class _HTTPConnection(connection.HTTPConnection):
    response_class = _Response

    def connect(self) -> None:
        exchange = _current.get()
        if exchange is None:
            return super().connect()
        with exchange.opening():
            return super().connect()

    def _new_conn(self) -> socket.socket:
        exchange = _current.get()
        if exchange is None:
            return super()._new_conn()
        try:
            sock = self._first_that_answers(exchange)
        except TimeoutError as error:
            raise exceptions.ConnectTimeoutError(self, "timed out") from error
        except (OSError, UnicodeError) as error:  # UnicodeError: no name of a host
            raise exceptions.NewConnectionError(self, str(error)) from error
        sock.settimeout(exchange.wait())
        return sock

    def _first_that_answers(self, exchange: Exchange) -> socket.socket:
        failure = OSError("the host has no address")
        for *_, address in socket.getaddrinfo(self.host, self.port, allowed_gai_family(), socket.SOCK_STREAM):
            try:
                place = (str(address[0]), int(address[1]))
                return create_connection(place, exchange.wait(), self.source_address, self.socket_options)
            except OSError as error:
                failure = error
        raise failure

    def putrequest(self, method: str, url: str, *args: Any, **kwargs: Any) -> None:
        target = _target.get()
        if target is not None:  # a proxy is given the absolute form: the origin stays as it is
            url = _ORIGIN.match(url)[0] + target  # type: ignore[index]
        super().putrequest(method, url, *args, **kwargs)

    def send(self, data: Any) -> None:
        exchange = _current.get()
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
