"""ConnectionPool: connections with the conversations on them: how one is found for a request, and when it is reused.

    idle  ------ taken, if it is quiet ------>  in use
    none  ------ opened --------------------->  in use
    in use  ---- complete exchange, and the server keeps it alive ---->  idle
    in use  ---- anything else: an error, a limit, a cancellation ---->  closed
    idle  ------ for too long, or the pool was closed -------->  closed

All of this is written once, as coroutines over a `Stream`. A transport for asyncio and trio awaits them; over blocking
sockets, whose streams never suspend, they run to their end in one step.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Final, Protocol, Self

from restli_transports.h11.conversation import Conversation, check_max_header_size
from restli_transports.transport import KEEPALIVE_SECONDS, check_keepalive, check_max_body
from restli_transports.wire import Phase, strict_context
from restli_transports.wire.forks import on_fork
from restli_transports.wire.idle_connections import IdleConnections

if TYPE_CHECKING:
    import ssl

    from restli_core.messages import HttpResponse
    from restli_transports.wire import Exchange, Origin

__all__ = [
    "CHUNK_SIZE",
    "ConnectionPool",
    "PooledConnection",
    "Settings",
    "Stream",
]

CHUNK_SIZE: Final = 65536
"""Bytes written or read in one step."""


class Settings:
    """The settings of all connections of a transport.

    Args:
        ssl_context: how to speak TLS; None for certificates and names that are verified, see `strict_context`.
        max_body: the most bytes that the body of an answer may have, decoded; None for no limit.
        max_header_size: the most bytes that its status line and headers may have.

    Raises:
        InvalidCallError: `max_body` or `max_header_size` is not a number of bytes.
    """

    def __init__(self, ssl_context: ssl.SSLContext | None, max_body: int | None, max_header_size: int) -> None:
        self._given_context = ssl_context
        self._max_body = check_max_body(max_body)
        self._max_header_size = check_max_header_size(max_header_size)
        on_fork(self)

    def after_fork(self) -> None:
        """Forget the context: a thread of the parent may have had a lock of it that nobody releases here."""
        self.__dict__.pop("ssl_context", None)

    @cached_property
    def ssl_context(self) -> ssl.SSLContext:
        """The context, made with the first connection that speaks TLS: reading certificates takes a while."""
        return self._given_context or strict_context()

    def conversation(self) -> Conversation:
        """Return the conversation of a new connection."""
        return Conversation(max_body=self._max_body, max_header_size=self._max_header_size)


class Stream(Protocol):
    """The bytes of one connection. The methods raise TimeoutError after so many seconds; None for no limit."""

    failures: ClassVar[tuple[type[Exception], ...]]
    """What its methods raise when the connection breaks, or cannot be opened."""

    @classmethod
    async def connect(cls, exchange: Exchange, settings: Settings) -> Self:
        """Open a connection for an exchange, TLS included, within what the exchange has left for that."""
        ...

    async def send(self, data: bytes, seconds: float | None) -> None:
        """Send all of this."""
        ...

    async def send_watching(self, data: bytes, exchange: Exchange) -> bool:
        """Send this, unless `exchange.early` takes an answer meanwhile that ends it; return whether all was sent.

        Args:
            data: the bytes.
            exchange: how long each wait may last.
        """
        ...

    async def receive(self, seconds: float | None) -> bytes:
        """Return what came, empty at the end."""
        ...

    def is_quiet(self) -> bool:
        """Return whether nothing has come and the other end has not closed."""
        ...

    async def close(self) -> None:
        """Close at once, whatever is under way; raise nothing."""
        ...

    def abandon(self) -> None:
        """Close without an event loop, since that of an asynchronous one is over; raise nothing."""
        ...


class PooledConnection:
    """A stream with the conversation on it.

    Args:
        origin: what it leads to.
        stream: its bytes.
        conversation: its exchanges.
        generation: that of the pool's idle connections, when it was opened.
    """

    def __init__(self, origin: Origin, stream: Stream, conversation: Conversation, generation: object) -> None:
        self.origin = origin
        self.stream = stream
        self.generation = generation
        self._conversation = conversation
        self._broken = False

    @property
    def reusable(self) -> bool:
        """True while it can carry another request, as far as its exchanges say."""
        return self._conversation.reusable and not self._broken

    async def carry(self, exchange: Exchange) -> HttpResponse:
        """Return the answer to an exchange's request.

        Raises:
            InvalidCallError: the request cannot be said in HTTP/1.1.
            ProtocolError: the answer is not HTTP, or larger than the limits.
            Exception: what the stream raises.
        """
        data = self._conversation.send_checked(exchange.request, exchange.url, exchange.seconds_left)
        exchange.phase = Phase.SENDING
        early = exchange.early
        try:
            if len(data) <= CHUNK_SIZE:  # as much as the system takes at once
                await self.stream.send(data, exchange.seconds_left())
            else:
                pieces = (data[start : start + CHUNK_SIZE] for start in range(0, len(data), CHUNK_SIZE))
                for piece in pieces:
                    if not await self.stream.send_watching(piece, exchange):
                        self._broken = True  # the server would take the next request for the rest of this one
                        break
        except TimeoutError:
            raise  # it is an OSError, too
        except self.stream.failures:
            # A server may answer and close before it has read everything (RFC 9112 section 9.6): reading will show it.
            self._broken = True
        exchange.phase = Phase.READING
        response = self._conversation.receive(early.take(len(early.data))) if early.data else None
        while response is None:
            data = b"" if early.has_ended else await self.stream.receive(exchange.seconds_left())
            response = self._conversation.receive(data)
        return response


class ConnectionPool:
    """The connections of a transport. Threads may share it, if its streams block.

    Args:
        stream: the class of its streams.
        settings: those of all its connections.
        max_idle: how many are kept idle for one origin; None for as many as there were calls at once.
        keepalive_seconds: how long one may have been idle that is used again; None for no limit.

    Raises:
        InvalidCallError: `keepalive_seconds` is not a number of seconds.
    """

    def __init__(
        self,
        stream: type[Stream],
        settings: Settings,
        max_idle: int | None = None,
        keepalive_seconds: float | None = KEEPALIVE_SECONDS,
    ) -> None:
        self._stream = stream
        self._settings = settings
        self._idle: IdleConnections[PooledConnection] = IdleConnections(max_idle, check_keepalive(keepalive_seconds))

    async def carry(self, exchange: Exchange) -> HttpResponse:
        """Return the answer to an exchange's request; raise what `Transport.send` does."""
        try:
            # 1. An idle connection, if the server has kept one open; or else a new one.
            connection = await self._take_idle(exchange.url.origin) or await self._open(exchange)
            try:
                response = await connection.carry(exchange)
            except BaseException:
                # 2. After anything but a complete exchange, a cancellation too, it is closed: what is left of this
                # answer would be taken for the next one.
                await connection.stream.close()
                raise
            # 3. After a complete one it becomes idle, unless server or pool want it closed.
            kept = connection.reusable and self._idle.keep(connection.origin, connection, connection.generation)
            if not kept:
                await connection.stream.close()
        except self._stream.failures as error:
            raise exchange.error(error) from error
        return response

    async def close(self) -> None:
        """Close the idle connections, and those in use when their exchange is over."""
        for connection in self._idle.drain():
            await connection.stream.close()

    def abandon(self) -> None:
        """Close the idle connections of an event loop that is over, in which nothing can be awaited any more."""
        for connection in self._idle.drain():
            connection.stream.abandon()

    async def _take_idle(self, origin: Origin) -> PooledConnection | None:
        """Take an idle connection to the origin out of the pool, and return it; None if there is none."""
        await self._close_expired()
        while True:
            connection = self._idle.take(origin)
            # Only one that the server has not closed meanwhile, and on which it has said nothing since: what is
            # written to a closed one is lost, and nobody could say whether it arrived.
            if connection is None or connection.stream.is_quiet():
                return connection
            await connection.stream.close()

    async def _open(self, exchange: Exchange) -> PooledConnection:
        generation = self._idle.generation  # before it is opened: a close meanwhile holds for it, too
        with exchange.connecting():
            stream = await self._stream.connect(exchange, self._settings)
        return PooledConnection(exchange.url.origin, stream, self._settings.conversation(), generation)

    async def _close_expired(self) -> None:
        """Close what has been idle too long or is of an earlier generation."""
        for connection in self._idle.expired():
            await connection.stream.close()
