"""Connections of urllib3 that carry one exchange: the target as it was given, and no wait beyond its time limits.

urllib3 upper-cases escapes, quotes characters and removes dot segments; its limits hold for each wait on the socket,
so that an answer which drips in byte by byte outlasts them all. The classes here put the target that is carried (see
`restli_transports.wire.exchange.carrying`) onto the wire untouched, and give the socket before each wait what is left
of the exchange's limits. They read answers strictly (see `strict_response`), take no idle connection that has rested
longer than the exchange says, and repeat nothing, whatever retries their pool is set to. Outside an exchange they are
urllib3's own. Only the name lookup cannot be bounded: the operating system offers no limit.

Whose connections these are, and what they keep:

    POOL_CLASSES         what transports make for themselves: all of it. To have the same with a PoolManager or
                         ProxyManager of one's own: ``manager.pool_classes_by_scheme = POOL_CLASSES``
    `use_strict`         a pool of the user's own: all but targets that urllib3 would change, which are refused; over
                         SOCKS proxies an address that does not answer may use up the whole time for connecting
    other classes        connections of the user's own classes are left as they are: answers are read as those read
                         them; where a head or a coded body drips in, each pause is bounded, but not all of them
                         together; a failure is a ConnectError only where its type leaves no doubt

A recorder of calls (vcrpy) puts classes of its own in the place of urllib3's for a while. All pools then take those,
ours too, and they count as other classes; what they answer with is made urllib3's own by `as_response`.
"""

from __future__ import annotations

import http.client
import io
import math
import re
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import nullcontext
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
from restli_transports.wire.forks import close_in_children
from restli_transports.wire.library_logs import hide_urls
from restli_transports.wire.strict_response import StrictResponse
from restli_transports.wire.urllib3_pools import ConnectionStack

if TYPE_CHECKING:
    from restli_transports.wire.urls import ParsedUrl

__all__ = [
    "FAILURES",
    "LIBRARY_ERRORS",
    "MAX_IDLE_CONNECTIONS",
    "POOL_CLASSES",
    "as_response",
    "check_kept",
    "field_pairs",
    "is_recorded",
    "keeps_targets",
    "read_body",
    "use_strict",
]

hide_urls("urllib3.connectionpool")

MAX_IDLE_CONNECTIONS: Final = 0
"""Connections to one host that a pool keeps alive: as many as there were calls at once; for urllib3 0 is no limit."""

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


def _library_class(kind: Any) -> Any:
    """Return urllib3's own class of connections, where a recorder's may stand when this is imported."""
    return next(base for base in kind.__mro__ if base.__module__ == connection.__name__)


if TYPE_CHECKING:
    from urllib3.connection import HTTPConnection as _LibraryHTTP
    from urllib3.connection import HTTPSConnection as _LibraryHTTPS
else:
    _LibraryHTTP, _LibraryHTTPS = map(_library_class, (connection.HTTPConnection, connection.HTTPSConnection))

_NO_RETRIES: Final = urllib3.Retry(0, read=False)  # what requests says for none: its errors stay what they are
_NEVER: Final = urllib3.Retry(False)  # what urllib3 makes of False, each time anew
_ORIGIN: Final = re.compile(r"(?:[a-z]+://[^/?#]+)?", re.IGNORECASE)
_CHUNK_SIZE: Final = 65536  # bytes asked for at once
_MAX_AT_ONCE: Final = 1 << 20  # bytes of a body that are read in one step, where the answer says how many there are


class _Reader(io.RawIOBase):
    """The bytes of a connection's socket, each wait within what is left of the current exchange."""

    def __init__(self, owner: _Exact, sock: socket.socket, file: io.RawIOBase) -> None:
        self._owner = owner
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
        count = self._file.readinto(buffer)
        self._owner.last_read = time.monotonic()
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


class _Response(StrictResponse):
    def __init__(self, owner: _Exact, *args: Any, **kwargs: Any) -> None:
        self._owner = owner
        super().__init__(*args, **kwargs)

    def raw_file(self, sock: socket.socket, file: io.RawIOBase) -> io.RawIOBase:
        return _Reader(self._owner, sock, file)


class _Exact(_LibraryHTTP):
    """What all connections here do; those that others open, such as through a SOCKS proxy, too."""

    last_read: float = math.inf
    """When bytes came last, by `time.monotonic`: since then it has been resting."""

    def response_class(  # type: ignore[override] # called alike
        self, sock: Any, *args: Any, **kwargs: Any
    ) -> http.client.HTTPResponse:
        # http.client calls this with the socket, for the answer of a proxy too.
        if current_exchange() is not None:
            return _Response(self, sock, *args, **kwargs)
        if hasattr(sock, "suppress_ragged_eofs"):  # which `StrictResponse` has set
            sock.suppress_ragged_eofs = True
        return http.client.HTTPResponse(sock, *args, **kwargs)

    @property
    def is_connected(self) -> bool:
        # A pool asks this of an idle connection before it gives it out, and opens another one where it is false.
        exchange = current_exchange()
        limit = None if exchange is None else exchange.keepalive_seconds
        if limit is not None and time.monotonic() - self.last_read >= limit:
            return False
        return super().is_connected

    def connect(self) -> None:
        exchange = current_exchange()
        with nullcontext() if exchange is None else exchange.connecting():
            super().connect()
        close_in_children(self.sock)

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


class _HTTPConnection(_Exact):
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
        try:
            sock.settimeout(exchange.seconds_left())  # for a proxy's answer, and TLS
        except TimeoutError:  # it passed while the connection was accepted
            sock.close()
            raise
        return sock


# pyright does not take the method for the class that http.client has in its place
class _HTTPSConnection(_HTTPConnection, _LibraryHTTPS):  # pyright: ignore[reportIncompatibleVariableOverride]
    pass


class _StrictClass:
    """The connections that a pool, or a class of pools, makes: ours in the place of urllib3's own.

    They are looked up each time: tools that record calls put classes of their own there for a while.
    """

    def __get__(self, pool: Any, kind: Any) -> Any:
        inherited: Any = super(_OneTry, kind if pool is None else pool)
        return _strict_connection(inherited.ConnectionCls)


class _OneTry(urllib3.HTTPConnectionPool):
    """What all pools here do; those of the user's own too, once they are in use here."""

    QueueCls = ConnectionStack

    ConnectionCls: Any = _StrictClass()

    def urlopen(  # type: ignore[override] # all that this has no name for goes on as it came
        self, method: str, url: str, body: Any = None, headers: Any = None, retries: Any = None, *args: Any, **kw: Any
    ) -> urllib3.BaseHTTPResponse:
        # A session's retries would repeat a call behind its back; False is what urllib3's own users say for none.
        if retries is False:
            retries = _NEVER
        elif current_exchange() is not None:
            retries = _NO_RETRIES
        return super().urlopen(method, url, body, headers, retries, *args, **kw)


class _HTTPPool(_OneTry):
    pass


class _HTTPSPool(_OneTry, urllib3.HTTPSConnectionPool):
    pass


POOL_CLASSES: Final[dict[str, type[urllib3.HTTPConnectionPool]]] = {"http": _HTTPPool, "https": _HTTPSPool}
"""For `pool_classes_by_scheme` of a PoolManager."""

_STRICT: Final[dict[Any, Any]] = {_LibraryHTTP: _HTTPConnection, _LibraryHTTPS: _HTTPSConnection}


def _strict_connection(kind: Any) -> Any:
    """Return the class of connections that stands for one of the user's; the same, where it is not one of urllib3's."""
    if kind.__module__ == "urllib3.contrib.socks":  # which opens sockets in its own way
        return _made_of(kind, _Exact)
    return _STRICT.get(kind, kind)


# Classes of the user's -> those of ours that stand for them. Not the cache of a function, which may give each of many
# threads that ask at once a class of its own: then each would clear the pool, with the others' connections in it.
_made: Final[dict[Any, Any]] = {}


def _made_of(kind: Any, ours: type[Any]) -> Any:
    """Return the class that does what a class of the user's does in the way of one of ours."""
    return _made.get(kind) or _made.setdefault(kind, type(kind.__name__, (ours, kind), {}))


def use_strict(pool: object) -> None:
    """Have a pool of the user's own make connections that carry exchanges as those here do, as far as they can.

    Nothing else of it changes, and outside an exchange these are urllib3's own. Its idle connections are closed once.
    """
    if isinstance(pool, urllib3.PoolManager):
        classes: dict[str, Any] = {
            scheme: kind if issubclass(kind, _OneTry) else _made_of(kind, _OneTry)
            for scheme, kind in pool.pool_classes_by_scheme.items()
        }
        if classes != pool.pool_classes_by_scheme:
            pool.pool_classes_by_scheme = classes
            pool.clear()
    elif isinstance(pool, urllib3.HTTPConnectionPool) and not isinstance(pool, _OneTry):
        given, ours = vars(pool).get("ConnectionCls"), _STRICT.values()
        kind = type(pool).ConnectionCls if given in {None, *ours} else given
        strict = _strict_connection(kind)
        if strict is not kind:
            pool.ConnectionCls = strict
        elif given in ours:  # a recorder has come since it was set
            vars(pool).pop("ConnectionCls", None)


def is_recorded() -> bool:
    """Return whether the pools of urllib3, ours too, now make connections of a recorder's class, or of another one."""
    plain, tls = urllib3.HTTPConnectionPool.ConnectionCls, urllib3.HTTPSConnectionPool.ConnectionCls
    return plain not in _STRICT or tls not in _STRICT


def keeps_targets(pool: urllib3.PoolManager | urllib3.HTTPConnectionPool) -> bool:
    """Return whether the connections that a pool makes now are those of this module."""
    if is_recorded():
        return False
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


class _Recorded(urllib3.HTTPResponse):
    """An answer out of a recording, or one that was just recorded.

    Attributes:
        is_decoded: whether its body is, whatever its headers say of a coding: vcrpy records it so.
    """

    is_decoded: bool = False


def as_response(response: Any) -> Any:
    """Return what a recorder answers with as urllib3's own; anything else, or one that has been read, as it is.

    It is one of http.client's, and lacks what urllib3's have, or takes other arguments: `version_string`, `read1`,
    decoding. It has all of its body in memory, where a connection's cannot be sought in.
    """
    if not isinstance(response, http.client.HTTPResponse) or not response.seekable() or response.tell():
        return response
    body = response.read()
    made = _Recorded(
        io.BytesIO(body),
        headers=urllib3.HTTPHeaderDict([*response.headers.items()]),
        status=response.status,
        version=11,
        version_string="HTTP/1.1",
        reason=response.reason,
        request_url=getattr(response, "url", None),
        preload_content=False,
        decode_content=False,
        enforce_content_length=False,  # which may be that of the coded body
    )
    # What gzip and deflate begin with; JSON, HTML and XML do not.
    made.is_decoded = not body.startswith((b"\x1f\x8b", b"\x78"))
    release: Any = getattr(response, "release_conn", None)  # which older recorders do not do by themselves
    if release is not None:
        release()
    return made


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
        is_decoded = isinstance(response, _Recorded) and response.is_decoded
        coding = "" if is_decoded else response.headers.get("Content-Encoding", "")
        # What only urllib3 knows, if anything, is left to it; but not several at once, which nobody counts there.
        known = not coding or can_decode(coding) or "," in coding
        body = Body(coding if known else "", limit, exchange.seconds_left)
        # Over another's connection, each wait of one long step would have all of the time.
        at_once = type(response) is urllib3.HTTPResponse and isinstance(response.connection, _Exact) and not coding
        size = response.length_remaining if at_once else None
        if size and size <= _MAX_AT_ONCE and (limit is None or size <= limit):
            whole = response.read(size, decode_content=False)
            if len(whole) == size:
                return whole
            body.feed(whole)  # it is cut short, as reading on will show
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
