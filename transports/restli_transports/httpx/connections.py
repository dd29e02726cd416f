"""Connections of a transport's own client: each is a transport of the library's, which one call has at a time.

    idle  ----- taken ---------------->  in use         the library replaces what the server has closed meanwhile
    none  ----- made ----------------->  in use
    in use  --- answer read to its end, and kept alive --->  idle
    in use  --- anything else: an error, an interrupt, a cancellation, a close --->  closed

The library's pool is left with one connection to look after, since several calls at once are more than it can: it
closes connections that another thread has just been given, whose descriptor may then be a third one's; an interrupt
may leave a lock of it held; it belongs to one event loop; and each call looks through all connections. What a call or
an event loop has for itself cannot go wrong in these ways.

All is written once, as coroutines; those of clients that block never suspend.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import nullcontext, suppress
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self

import anyio

from restli_transports.httpx.progress import core_of
from restli_transports.wire import Origin, Proxies, connect_first, current_exchange, verifying_context
from restli_transports.wire.blocking import run_blocking
from restli_transports.wire.forks import on_fork
from restli_transports.wire.idle_connections import IdleConnections
from restli_transports.wire.limiter import ConnectionLimiter
from restli_transports.wire.lookups import addresses_of, connect_quickest
from restli_transports.wire.loops import PerLoop, close_without_loop

if TYPE_CHECKING:
    import ssl
    from types import TracebackType

__all__ = ["AsyncConnections", "BlockingConnections", "Opener"]


class Connection(NamedTuple):
    """A transport of the library's, and the backend that opens its one connection."""

    transport: Any
    backend: _Backend

    @property
    def is_open(self) -> bool:
        """False where the library has closed it; True where it does not say."""
        # There is no public way to the pool.
        return bool(getattr(getattr(self.transport, "_pool", None), "connections", True))

    def abandon(self) -> None:
        """Close it without the event loop, which is over."""
        if self.backend.stream is not None:
            close_without_loop(self.backend.stream.get_extra_info("socket"))


class Opener:
    """Makes connections.

    Args:
        library: httpx or httpx2.
        kind: the steps of clients that block, or of those that are awaited.
        proxies: which proxy it goes through.
        keepalive_seconds: how long a connection may be idle; None for no limit.
    """

    def __init__(self, library: Any, kind: type[_Kind], proxies: Proxies, keepalive_seconds: float | None) -> None:
        self.library = library
        self.kind = kind
        self.keepalive_seconds = keepalive_seconds
        # The library would import it with the first connection; were it at that in a thread of the parent at the moment
        # of a fork, it would never be imported in the child.
        import_module(f"httpcore{library.__name__.removeprefix('httpx')}")
        self._limits = library.Limits(
            max_connections=1, max_keepalive_connections=1, keepalive_expiry=keepalive_seconds
        )
        self._proxies = proxies
        self._context: ssl.SSLContext | None = verifying_context()
        # The library takes streams of its own two classes only.
        self.lent: type[Any] = type("Lent", (_Lent, library.SyncByteStream, library.AsyncByteStream), {})
        on_fork(self)

    def after_fork(self) -> None:
        """Forget the context: a thread of the parent may have had a lock of it that nobody releases here."""
        self._context = None

    def open(self, origin: Origin) -> Connection:
        """Return a new connection, which is not connected yet."""
        context = self._context = self._context or verifying_context()
        transport = getattr(self.library, self.kind.transport_class)(
            verify=context, trust_env=False, limits=self._limits, proxy=self._proxy_for(origin, context)
        )
        # There is no public way to these. A test fails when they have moved.
        pool = transport._pool
        pool._network_backend = backend = self.kind.backend(pool._network_backend)
        pool._optional_thread_lock = nullcontext()  # one call has it at a time, and an interrupt could leave it held
        return Connection(transport, backend)

    def _proxy_for(self, origin: Origin, context: ssl.SSLContext) -> Any:
        proxy = self._proxies.proxy_for(origin)
        if proxy is None:
            return None
        return self.library.Proxy(
            proxy.url,
            ssl_context=context if proxy.url.startswith("https") else None,
            headers={"Proxy-Authorization": proxy.authorization} if proxy.authorization else None,
        )


class _Kind(Protocol):
    """What clients that block and those that are awaited do each in their own way."""

    transport_class: str
    backend: type[_Backend]

    @staticmethod
    async def respond(transport: Any, request: Any) -> Any: ...

    @staticmethod
    async def close(closing: Any) -> None: ...


class _Connections:
    """The connections of a client; in one event loop, if it is awaited."""

    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self._kind = opener.kind
        self._idle: IdleConnections[Connection] = IdleConnections(None, opener.keepalive_seconds)

    async def respond(self, request: Any) -> Any:
        """Return the library's response to its request, whose stream gives the connection back when it is closed."""
        await self._close_expired()
        url = request.url
        port = url.port or {"http": 80, "https": 443}.get(url.scheme, 0)
        origin = Origin(url.scheme, url.raw_host.decode("ascii"), port)
        generation = self._idle.generation
        connection = self._idle.take(origin) or self._opener.open(origin)
        try:
            response = await self._kind.respond(connection.transport, request)
            give_back = partial(self._give_back, response.stream, origin, connection, generation)
            response.stream = self._opener.lent(response.stream, give_back)
        except BaseException:
            await self._close(connection)
            raise
        return response

    async def _give_back(self, stream: Any, origin: Origin, connection: Connection, generation: object) -> None:
        try:
            await self._kind.close(stream)
        except BaseException:
            await self._close(connection)
            raise
        if not (connection.is_open and self._idle.keep(origin, connection, generation)):
            await self._close(connection)

    async def close(self) -> None:
        """Close the idle connections, and those in use when their answers are closed."""
        for connection in self._idle.drain():
            await self._close(connection)

    def abandon(self) -> None:
        """Close the idle connections of an event loop that is over."""
        for connection in self._idle.drain():
            connection.abandon()

    async def _close_expired(self) -> None:
        for connection in self._idle.expired():
            await self._close(connection)

    async def _close(self, connection: Connection) -> None:
        with suppress(Exception):  # there is nothing to be done about it
            await self._kind.close(connection.transport)


class _Lent:
    """The stream of an answer, on a connection that is given back when it is closed."""

    def __init__(self, stream: Any, give_back: Callable[[], Any]) -> None:
        self._stream = stream
        self._give_back: Callable[[], Any] | None = give_back
        self._httpcore_stream = getattr(stream, "_httpcore_stream", None)  # where `progress.h11_connection` looks

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._stream)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._stream)

    def close(self) -> None:
        give_back, self._give_back = self._give_back, None
        if give_back is not None:
            run_blocking(give_back())

    async def aclose(self) -> None:
        give_back, self._give_back = self._give_back, None
        if give_back is not None:
            await give_back()


class _Backend:
    """A backend of the library's core, which knows more than it of how a host is connected to.

    Args:
        inner: the core's own.

    Attributes:
        stream: what it has opened last.
    """

    stream: Any

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._core = core_of(inner)
        self.stream = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def _error(self, error: Exception) -> Exception:
        """Return the core's error that says the same as one of the system's."""
        kind = self._core.ConnectTimeout if isinstance(error, TimeoutError) else self._core.ConnectError
        made: Exception = kind(str(error))
        return made


class _BlockingBackend(_Backend):
    def connect_tcp(self, host: str, port: int, timeout: float | None = None, *rest: Any, **options: Any) -> Any:
        exchange = current_exchange()
        if exchange is None:  # it is not ours, but of somebody who uses the session
            self.stream = self._inner.connect_tcp(host, port, timeout, *rest, **options)
            return self.stream

        def attempt(address: str, seconds: float | None) -> Any:
            try:
                return self._inner.connect_tcp(address, port, seconds, *rest, **options)
            except (self._core.ConnectError, self._core.ConnectTimeout) as error:
                raise OSError(str(error)) from error

        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            self.stream = connect_first([str(address[0]) for *_, address in found], attempt, exchange.deadline)
        # UnicodeError: a name that no host has, such as one with two dots together
        except (OSError, UnicodeError) as error:
            raise self._error(error) from error
        return self.stream


class _AsyncBackend(_Backend):
    async def connect_tcp(self, host: str, port: int, timeout: float | None = None, *rest: Any, **options: Any) -> Any:
        def connect(address: str) -> Awaitable[Any]:
            connecting: Awaitable[Any] = self._inner.connect_tcp(address, port, None, *rest, **options)
            return connecting

        try:
            with anyio.fail_after(timeout):
                self.stream = await connect_quickest(await addresses_of(host), connect)
        except (OSError, UnicodeError) as error:
            raise self._error(error) from error
        return self.stream


class Blocking:
    """The steps of clients that block."""

    transport_class: str = "HTTPTransport"
    backend: type[_Backend] = _BlockingBackend

    @staticmethod
    async def respond(transport: Any, request: Any) -> Any:
        return transport.handle_request(request)

    @staticmethod
    async def close(closing: Any) -> None:
        closing.close()


class Awaited:
    """The steps of clients that are awaited."""

    transport_class: str = "AsyncHTTPTransport"
    backend: type[_Backend] = _AsyncBackend

    @staticmethod
    async def respond(transport: Any, request: Any) -> Any:
        return await transport.handle_async_request(request)

    @staticmethod
    async def close(closing: Any) -> None:
        with anyio.CancelScope(shield=True):  # a call that is cancelled closes, too
            await closing.aclose()


class BlockingConnections:
    """A transport of a client of the library, which blocks. Threads may share it.

    Args:
        library: httpx or httpx2.
        proxies: which proxy they go through.
        keepalive_seconds: how long a connection may be idle; None for no limit.
    """

    def __init__(self, library: Any, proxies: Proxies, keepalive_seconds: float | None) -> None:
        self._connections = _Connections(Opener(library, Blocking, proxies, keepalive_seconds))

    def handle_request(self, request: Any) -> Any:
        """Return the library's response to its request."""
        return run_blocking(self._connections.respond(request))

    def close(self) -> None:
        """Close the idle connections, and those in use when their answers are closed; it may be used again."""
        run_blocking(self._connections.close())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class Loop(NamedTuple):
    """What belongs to one event loop."""

    connections: _Connections
    limiter: ConnectionLimiter

    @classmethod
    def make(cls, opener: Opener, limit: int) -> Self:
        return cls(_Connections(opener), ConnectionLimiter(limit))

    async def close(self) -> None:
        await self.connections.close()

    def abandon(self) -> None:
        self.connections.abandon()


class AsyncConnections:
    """A transport of a client of the library, which is awaited.

    Event loops may share it: each has connections of its own, which are closed with it.

    Args:
        library: httpx or httpx2.
        limit: how many calls to one origin are to be under way at once in one event loop; see `loop`.
        proxies: which proxy they go through.
        keepalive_seconds: how long a connection may be idle; None for no limit.
    """

    def __init__(self, library: Any, limit: int, proxies: Proxies, keepalive_seconds: float | None) -> None:
        opener = Opener(library, Awaited, proxies, keepalive_seconds)
        self._loops = PerLoop(partial(Loop.make, opener, limit), Loop.close, Loop.abandon)

    async def loop(self) -> Loop:
        """Return what belongs to the running event loop."""
        return await self._loops.current()

    async def handle_async_request(self, request: Any) -> Any:
        """Return the library's response to its request."""
        return await (await self.loop()).connections.respond(request)

    async def aclose(self) -> None:
        """Close the connections of this event loop, and those in use when their answers are closed."""
        await self._loops.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.aclose()
