"""HTTP/1.1 over anyio's streams: for asyncio and trio, and for a thousand calls at once.

For each event loop and host there are no more connections than the limit says; further calls wait until one is free.
They are kept alive, and one that the server has closed meanwhile is replaced before anything is written to it. What is
open is closed with its event loop, or when the transport is dropped. Proxies are not supported: to go through one,
choose httpx.
"""

from __future__ import annotations

import ssl
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self

import anyio
from anyio.abc import SocketAttribute
from anyio.streams.tls import TLSAttribute, TLSStream

from restli_core.frames import concealing
from restli_transports.h11.connection_pool import CHUNK_SIZE, ConnectionPool, Settings
from restli_transports.h11.conversation import DEFAULT_MAX_HEADER_SIZE
from restli_transports.transport import KEEPALIVE_SECONDS, MAX_CONNECTIONS, OfOneProcess, check_keepalive, check_limit
from restli_transports.wire import DEFAULT_MAX_BODY, Exchange
from restli_transports.wire.async_early_answers import send_watching_async
from restli_transports.wire.forks import close_in_children
from restli_transports.wire.limiter import ConnectionLimiter
from restli_transports.wire.lookups import addresses_of, connect_quickest
from restli_transports.wire.loops import PerLoop, close_without_loop
from restli_transports.wire.readiness import has_input
from restli_transports.wire.within import Within

if TYPE_CHECKING:
    from anyio.abc import SocketStream

    from restli_core.messages import HttpRequest, HttpResponse
    from restli_transports.transport import Timeout

__all__ = ["AnyioStream", "H11AsyncTransport"]


class _Loop(NamedTuple):
    """What belongs to one event loop."""

    pool: ConnectionPool
    limiter: ConnectionLimiter

    @classmethod
    def make(cls, settings: Settings, limit: int, keepalive_seconds: float | None) -> Self:
        return cls(ConnectionPool(AnyioStream, settings, limit, keepalive_seconds), ConnectionLimiter(limit))

    async def close(self) -> None:
        await self.pool.close()

    def abandon(self) -> None:
        self.pool.abandon()


class H11AsyncTransport(OfOneProcess):
    """A transport by h11 over anyio's streams. Any number of tasks may share it.

    Several event loops may, one after another or each in its thread: each has connections of its own, which are closed
    when it ends.

    Args:
        ssl_context: how to speak TLS. None: verified against the system's certificates, or those that SSL_CERT_FILE and
            SSL_CERT_DIR name when the first connection is opened.
        max_body: the most bytes that the body of an answer may have, decoded; None for no limit.
        max_header_size: the most bytes that its status line and headers may have.
        keepalive_seconds: how long a connection may have been idle that is used again; None for no limit.
        limit: how many connections there may be at once to one host. Waiting for one counts towards the total limit of
            a call, not towards its limit for connecting.

    Raises:
        InvalidCallError: the limit is below 1, `max_body` or `max_header_size` is not a number of bytes, or
            `keepalive_seconds` not one of seconds.
    """

    session = None

    def __init__(
        self,
        *,
        ssl_context: ssl.SSLContext | None = None,
        max_body: int | None = DEFAULT_MAX_BODY,
        max_header_size: int = DEFAULT_MAX_HEADER_SIZE,
        keepalive_seconds: float | None = KEEPALIVE_SECONDS,
        limit: int = MAX_CONNECTIONS,
    ) -> None:
        settings = Settings(ssl_context, max_body, max_header_size)
        seconds = check_keepalive(keepalive_seconds)
        self._loops = PerLoop(partial(_Loop.make, settings, check_limit(limit), seconds), _Loop.close, _Loop.abandon)

    @concealing
    async def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        """Return the answer to a request, as `restli_transports.transport.AsyncTransport` says.

        Raises:
            InvalidCallError: the URL is not an http or https URL, or the headers contradict the body.
        """
        exchange = Exchange(request, timeout)
        loop = await self._loops.current()
        slot = await loop.limiter.acquire(exchange)
        try:
            return await loop.pool.carry(exchange)
        finally:
            slot.release()
            exchange.early.close()

    async def close(self) -> None:
        """Close the connections of this event loop. Calls under way go on, and their connections close after them."""
        await self._loops.close()


class AnyioStream:
    """A `Stream` over a socket of anyio's."""

    # UnicodeError: a name that no host has, such as one with two dots together
    failures: ClassVar[tuple[type[Exception], ...]] = (
        OSError,
        UnicodeError,
        anyio.BrokenResourceError,
        anyio.ClosedResourceError,
        anyio.EndOfStream,
    )

    def __init__(self, sock: SocketStream) -> None:
        self._sock = sock
        self._raw = sock.extra(SocketAttribute.raw_socket)  # noqa: S610 - no Django here
        close_in_children(self._raw)
        self._bytes: SocketStream | TLSStream = sock
        self._tls: ssl.SSLObject | None = None

    @classmethod
    async def connect(cls, exchange: Exchange, settings: Settings) -> Self:
        scheme, host, port = exchange.url.origin
        with anyio.fail_after(exchange.seconds_left()):
            stream = cls(await connect_quickest(await addresses_of(host), lambda at: anyio.connect_tcp(at, port)))
            if scheme == "https":
                try:
                    context = settings.ssl_context
                    stream._bytes = await TLSStream.wrap(stream._sock, hostname=host, ssl_context=context)
                except BaseException:
                    await stream.close()
                    raise
                stream._tls = stream._bytes.extra(TLSAttribute.ssl_object)  # noqa: S610 - likewise
            return stream

    async def send(self, data: bytes, seconds: float | None) -> None:
        with Within(seconds):
            await self._bytes.send(data)

    async def send_watching(self, data: bytes, exchange: Exchange) -> bool:
        return await send_watching_async(
            self._bytes.send, self.receive, data, exchange, self.failures, stream=self._bytes
        )

    async def receive(self, seconds: float | None) -> bytes:
        with Within(seconds):
            try:
                return await self._bytes.receive(CHUNK_SIZE)
            except anyio.EndOfStream:
                return b""

    def is_quiet(self) -> bool:
        try:
            # anyio reads nothing ahead, so that what has come is still in the socket, or in TLS, which reads records.
            came = has_input(self._raw)
            if came or self._tls is None:
                return not came
            self._tls.read(1)
        except ssl.SSLWantReadError:
            return True  # TLS has nothing, neither bytes nor the end
        except (OSError, ValueError):
            return False  # it is closed
        return False

    async def close(self) -> None:
        # Below TLS, whose own closing waits for the other end; shielded, since a cancelled call closes, too.
        with anyio.CancelScope(shield=True), suppress(*self.failures):
            await self._sock.aclose()

    def abandon(self) -> None:
        close_without_loop(self._raw)
