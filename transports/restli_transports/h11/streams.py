"""HTTP/1.1 over anyio's streams: for asyncio and trio, and for a thousand calls at once.

For each event loop and host there are no more connections than the limit says; further calls wait their turn. They are
kept alive, and one that the server has closed meanwhile is replaced before anything is written to it. There is no
support for proxies: behind one choose httpx.
"""

from __future__ import annotations

import select
import socket
import ssl
from contextlib import suppress
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final, NamedTuple

import anyio
from anyio.abc import SocketAttribute, SocketStream
from anyio.lowlevel import RunVar
from anyio.streams.tls import TLSAttribute, TLSStream

from restli_core.errors import InvalidCallError
from restli_transports.h11.conversation import DEFAULT_MAX_HEADER_SIZE, Conversation
from restli_transports.h11.links import AT_ONCE, Links
from restli_transports.transport import check_max_body
from restli_transports.wire.body import DEFAULT_MAX_BODY
from restli_transports.wire.exchange import Exchange
from restli_transports.wire.limiter import ConnectionLimiter
from restli_transports.wire.tls import strict_context

if TYPE_CHECKING:
    from restli_core.messages import HttpRequest, HttpResponse
    from restli_transports.transport import Timeout

__all__ = ["H11AsyncTransport"]

# UnicodeError: a name that no host has, such as one with two dots together
_FAILURES: Final = (OSError, UnicodeError, anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream)


class H11AsyncTransport:
    """Sends requests by h11 over anyio's streams. Any number of tasks may share it.

    Several event loops may, one after another or each in its thread: each has connections of its own, so that `close`
    is to be awaited in each.

    Args:
        ssl_context: how to speak TLS. None: verified against the system's certificates, or those that SSL_CERT_FILE and
            SSL_CERT_DIR name when the first connection is opened.
        max_body: the most bytes that the body of an answer may have, decoded; None for no limit.
        max_header_size: the most bytes that its status line and headers may have.
        limit: how many connections there may be at once to one host. Waiting for one counts towards the total limit of
            a call, not towards its limit for connecting.

    Raises:
        InvalidCallError: the limit is less than 1.
    """

    session = None

    def __init__(
        self,
        *,
        ssl_context: ssl.SSLContext | None = None,
        max_body: int | None = DEFAULT_MAX_BODY,
        max_header_size: int = DEFAULT_MAX_HEADER_SIZE,
        limit: int = 100,
    ) -> None:
        if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
            raise InvalidCallError("limit", "must be a number of connections, at least 1")
        self._converse = partial(Conversation, max_body=check_max_body(max_body), max_header_size=max_header_size)
        self._limit = limit
        self._given_context = ssl_context
        self._hosts: RunVar[_Hosts] = RunVar("restli_transports.h11")

    async def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        """The answer to a request, as `restli_transports.transport.AsyncTransport` says.

        Raises:
            InvalidCallError: the URL is no http or https URL, or the headers contradict the body.
        """
        exchange = Exchange(request, timeout)
        hosts = self._hosts.get(None) or self._here()
        turn = await hosts.turns.take(exchange)
        try:
            return await hosts.links.carry(exchange)
        finally:
            turn.release()

    async def close(self) -> None:
        """Closes the connections of this event loop. Calls under way go on, and their connections close after them."""
        hosts = self._hosts.get(None)
        if hosts is not None:
            await hosts.links.close()

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return self._given_context or strict_context()

    def _here(self) -> _Hosts:
        hosts = _Hosts(Links(self._connect, self._converse, _FAILURES, self._limit), ConnectionLimiter(self._limit))
        self._hosts.set(hosts)
        return hosts

    async def _connect(self, exchange: Exchange) -> _Stream:
        address = exchange.url.origin
        with anyio.fail_after(exchange.wait()):
            stream = _Stream(await anyio.connect_tcp(address.host, address.port))
            if address.scheme == "https":
                await stream.start_tls(address.host, self._context)
            return stream


class _Hosts(NamedTuple):
    """What belongs to one event loop."""

    links: Links
    turns: ConnectionLimiter


class _Stream:
    """A `Stream` over a socket of anyio's."""

    def __init__(self, sock: SocketStream) -> None:
        self._sock = sock
        self._raw = sock.extra(SocketAttribute.raw_socket)  # noqa: S610 - no Django here
        self._bytes: SocketStream | TLSStream = sock
        self._tls: ssl.SSLObject | None = None

    async def start_tls(self, host: str, context: ssl.SSLContext) -> None:
        try:
            self._bytes = await TLSStream.wrap(self._sock, hostname=host, ssl_context=context)
        except BaseException:
            await self.close()
            raise
        self._tls = self._bytes.extra(TLSAttribute.ssl_object)  # noqa: S610 - likewise

    async def send(self, data: bytes, seconds: float | None) -> None:
        with anyio.fail_after(seconds):
            await self._bytes.send(data)

    async def receive(self, seconds: float | None) -> bytes:
        with anyio.fail_after(seconds):
            try:
                return await self._bytes.receive(AT_ONCE)
            except anyio.EndOfStream:
                return b""

    def is_quiet(self) -> bool:
        return not _has_input(self._raw) and (self._tls is None or not _has_plain_text(self._tls))

    async def close(self) -> None:
        # Below TLS, whose own closing waits for the other end.
        with anyio.CancelScope(shield=True), suppress(*_FAILURES):
            await self._sock.aclose()


def _has_input(sock: socket.socket) -> bool:
    """Whether bytes or the end wait to be read from a socket, or it is closed."""
    try:
        if not hasattr(select, "poll"):  # Windows
            return bool(select.select([sock], [], [], 0)[0])
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        return bool(poll.poll(0))
    except (OSError, ValueError):
        return True


def _has_plain_text(tls: ssl.SSLObject) -> bool:
    """Whether TLS has bytes or the end for us that have left the socket already."""
    try:
        tls.read(1)
    except ssl.SSLWantReadError:
        return False
    except OSError:
        return True
    return True
