"""The transports over httpx: what they have in common stands first; sending, blocking or awaited, after that."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, aclosing, closing, suppress
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar

import anyio
import h11

from restli_core.errors import InvalidCallError
from restli_core.frames import concealing
from restli_transports.httpx.answers import Answer, hide_redirect
from restli_transports.httpx.clients import (
    LIBRARIES,
    begin_anew,
    check_client,
    client_settings,
    failures_of,
    in_coroutine,
    installed_library,
    library_of,
    spare_cookies,
)
from restli_transports.httpx.connections import AsyncConnections, BlockingConnections
from restli_transports.httpx.progress import Progress
from restli_transports.transport import (
    KEEPALIVE_SECONDS,
    MAX_CONNECTIONS,
    OfOneProcess,
    check_keepalive,
    check_max_body,
    joined_fields,
    require_instance,
)
from restli_transports.wire import DEFAULT_MAX_BODY, Exchange, Proxies, UnreadableError, carrying, environment_proxies
from restli_transports.wire.forks import on_fork
from restli_transports.wire.library_logs import hide_urls, silence
from restli_transports.wire.loops import running_loop

if TYPE_CHECKING:
    import httpx
    import httpx2

    from restli_core.messages import HttpRequest, HttpResponse
    from restli_transports.transport import Timeout

__all__ = ["HttpxAsyncTransport", "HttpxTransport"]

hide_urls(*LIBRARIES)
silence("hpack.hpack")

ClientT = TypeVar("ClientT")

_CHUNK_SIZE: Final = 65536  # bytes written in one step


class _BaseTransport(OfOneProcess, Generic[ClientT]):
    """What the two transports have in common: all but the sending."""

    session: ClientT
    _client_class: ClassVar[str]

    def __init__(
        self,
        client: ClientT | None = None,
        *,
        max_body: int | None = DEFAULT_MAX_BODY,
        keepalive_seconds: float | None = KEEPALIVE_SECONDS,
    ) -> None:
        self._keepalive_seconds = check_keepalive(keepalive_seconds)
        self._owned = client is None
        self._proxies = environment_proxies() if client is None else Proxies.none()  # a given one has read its own
        self.session = self._make_client(installed_library()) if client is None else client
        self._max_body = check_max_body(max_body)
        self._library = library = library_of(self.session)
        require_instance(self.session, "client", getattr(library, self._client_class))
        check_client(self.session)
        self._failures = failures_of(library)
        self._errors: tuple[type[Exception], ...] = (
            library.RequestError,
            library.InvalidURL,  # of a redirect that httpx cannot read: `_options` sees to the request's own
            # Of a given client's connection that an interrupt has left between two calls; httpx lets it through.
            h11.LocalProtocolError,
            UnreadableError,
            UnicodeError,  # a name that no host has, such as one with two dots together
            OSError,
        )
        # The library takes bodies of its own two classes only.
        self._large_body = type("LargeBody", (_LargeBody, library.SyncByteStream, library.AsyncByteStream), {})
        on_fork(self)

    def after_fork(self) -> None:
        """Begin without connections; they are the parent's."""
        if not self._owned:  # the connections of its own begin anew by themselves
            begin_anew(self.session)

    def _make_client(self, library: Any) -> ClientT:
        raise NotImplementedError

    def _exchange(self, request: HttpRequest, timeout: Timeout) -> Exchange:
        check_client(self.session)  # again, since its user may have changed it
        return Exchange(request, timeout)

    def _options(self, exchange: Exchange, trace: Callable[[str, dict[str, Any]], Any]) -> dict[str, Any]:
        """Return the arguments of the client's `send` for an exchange."""
        request, url, timeout = exchange.request, exchange.url, exchange.deadline.timeout
        session: Any = self.session
        fields: list[Any] = [*joined_fields(request.headers)]
        if "Host" not in request.headers:
            fields.insert(0, ("Host", url.host))  # httpx would leave out a port that is the scheme's own
        # For connecting, reading, writing, and a wait for a connection: what mocks see, and what holds where no event
        # comes. Waits that events announce are bounded by Progress.
        limits = {"connect": timeout.connect, "read": timeout.read, "write": timeout.read, "pool": timeout.total}
        if self._owned and not session.cookies:  # which its user may have set
            # As `build_request` would have it, which takes far longer; the transport's own client adds nothing else.
            make = self._library.Request
            said = {name.lower().encode() for name, _ in fields}
            fields = [*(field for field in session.headers.raw if field[0].lower() not in said), *fields]
        else:
            make = session.build_request
        try:
            built = make(
                request.method,
                url.text,
                headers=fields,
                content=request.body or None,
                extensions={"trace": trace, "timeout": limits},
            )
        except self._library.InvalidURL as error:
            raise InvalidCallError("url", f"httpx cannot send it: {error}") from error
        built.method = request.method  # which httpx has put into upper case
        if len(request.body) > _CHUNK_SIZE:
            built.stream = self._large_body(request.body)
        target = url.target.encode("ascii")
        if built.url.raw_path != target:
            # In a request to a proxy the extension would take the place of the proxy's own target.
            if not self._owned or self._proxies.proxy_for(url.origin) is not None:
                raise InvalidCallError("url", "has escapes, characters or dot segments that httpx would change")
            built.extensions["target"] = target
        auth = None if "Authorization" in request.headers else self._library.USE_CLIENT_DEFAULT
        return {"request": built, "auth": auth, "follow_redirects": False, "stream": True}


class HttpxTransport(_BaseTransport["httpx.Client | httpx2.Client"]):
    """A transport over a Client. Safe to share between threads.

    Args:
        client: a Client, of httpx or httpx2. Its settings are left as they are: headers, cookies, proxies, TLS, HTTP/2,
            hooks, limits, and its auth where a request has no Authorization; but what a request says of itself comes
            first, and no redirect is followed. None: the transport makes its own, of httpx, or of httpx2 where that
            alone is installed.
        max_body: the most bytes that the body of an answer may have, decoded; None for no limit. What httpx alone can
            decode (brotli, zstd) is counted only after each piece is.
        keepalive_seconds: how long a connection may have been idle that is used again; None for no limit. A given
            client has a limit of its own.

    Raises:
        InvalidCallError: the client is not one of httpx, has `params`, which would change the target, or is closed.
    """

    _client_class = "Client"

    def _make_client(self, library: Any) -> httpx.Client | httpx2.Client:
        self._connections = BlockingConnections(library, self._proxies, self._keepalive_seconds)
        client: httpx.Client | httpx2.Client = library.Client(
            **client_settings(self._connections), event_hooks={"response": [hide_redirect]}
        )
        spare_cookies(client, library)
        return client

    @concealing
    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        """Return the answer to a request, as `restli_transports.transport.Transport` says.

        Raises:
            InvalidCallError: the client has `params`, or is closed; the URL is not an http or https URL, or one that a
                given client would change.
            HTTPStatusError: a hook of the client raised it.
        """
        exchange = self._exchange(request, timeout)
        progress = Progress(exchange, blocking=True, shares=not self._owned)
        session: Any = self.session
        try:
            with carrying(exchange), ExitStack() as ending:
                response = session.send(**self._options(exchange, progress.trace))
                ending.callback(progress.end, response, self._library.ByteStream(b""))
                ending.enter_context(closing(response))
                progress.response_started(response)
                answer = Answer(response, exchange, self._max_body)
                for piece in answer:
                    answer.feed(piece)
                return answer.complete()
        except self._errors as error:
            raise exchange.error(error, self._failures) from error

    def close(self) -> None:
        """Close the connections of the client that the transport made; a given one stays as it is.

        Calls under way go on, and their connections close after them.
        """
        if self._owned:
            self._connections.close()


class HttpxAsyncTransport(_BaseTransport["httpx.AsyncClient | httpx2.AsyncClient"]):
    """A transport over an AsyncClient. Any number of tasks may share it.

    Several event loops may share one that makes its own client, one after another or each in its thread: each has
    connections of its own, which are closed when it ends. A given client belongs to the loop that it was first used in.

    Args:
        client: an AsyncClient, of httpx or httpx2; as for `HttpxTransport`.
        max_body: likewise.
        keepalive_seconds: likewise.

    Raises:
        InvalidCallError: as for `HttpxTransport`.
    """

    _client_class = "AsyncClient"

    _loop: object = None

    def _make_client(self, library: Any) -> httpx.AsyncClient | httpx2.AsyncClient:
        self._connections = AsyncConnections(library, MAX_CONNECTIONS, self._proxies, self._keepalive_seconds)
        client: httpx.AsyncClient | httpx2.AsyncClient = library.AsyncClient(
            **client_settings(self._connections), event_hooks={"response": [in_coroutine(hide_redirect)]}
        )
        spare_cookies(client, library)
        return client

    @concealing
    async def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        """Return the answer to a request, as `HttpxTransport.send` does, awaited."""
        exchange = self._exchange(request, timeout)
        if not self._owned:  # its limits are its user's business
            self._check_loop()
            return await self._send(exchange)
        loop = await self._connections.loop()
        slot = await loop.limiter.acquire(exchange)
        try:
            return await self._send(exchange)
        finally:
            slot.release()

    async def _send(self, exchange: Exchange) -> HttpResponse:
        try:
            # Not every wait inside httpx has a limit, such as one for a stream of HTTP/2: the total bounds them all.
            with carrying(exchange), anyio.fail_after(exchange.deadline.left("total")):
                return await self._carry(exchange)
        except self._errors as error:
            raise exchange.error(error, self._failures) from error
        finally:
            exchange.early.close()

    async def _carry(self, exchange: Exchange) -> HttpResponse:
        progress = Progress(exchange, blocking=False)
        options = self._options(exchange, in_coroutine(progress.trace))
        session: Any = self.session
        try:
            sent = await session.send(**options)
        except BaseException:
            await progress.abandon()
            raise
        async with AsyncExitStack() as ending:
            ending.callback(progress.end, sent, self._library.ByteStream(b""))
            response = await ending.enter_async_context(aclosing(sent))
            progress.response_started(response)
            answer = Answer(response, exchange, self._max_body)
            pieces = aiter(answer)
            try:
                async for piece in pieces:
                    answer.feed(piece)
            except (UnreadableError, TimeoutError):
                # httpx nests iterators in one another, and leaves the inner ones to the garbage collector, which trio
                # finds out about; read to the end of a closed response they end by themselves.
                await response.aclose()
                with suppress(Exception):
                    async for _ in pieces:
                        pass
                raise
            return answer.complete()

    async def close(self) -> None:
        """Close the connections that the transport's own client has in this event loop; a given one stays as it is.

        Calls under way go on, and their connections close after them.
        """
        if self._owned:
            await self._connections.aclose()

    def after_fork(self) -> None:
        """Begin without connections and event loop; they are the parent's."""
        super().after_fork()
        self._loop = None

    def _check_loop(self) -> None:
        loop = running_loop()
        self._loop = self._loop or loop
        if loop != self._loop:
            reason = (
                "belongs to the event loop that its client was first used in: give it none, or make one for each loop"
            )
            raise InvalidCallError("transport", reason)


class _LargeBody:
    """A large body in pieces, each of which may take the limit of a wait: a slow reader is not a silent one."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        return (self._body[start : start + _CHUNK_SIZE] for start in range(0, len(self._body), _CHUNK_SIZE))

    def __aiter__(self) -> AsyncIterator[bytes]:
        return _AsyncPieces(iter(self))


class _AsyncPieces:
    """An iterator to await. A generator would have to be closed, which httpx leaves to chance."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        for piece in self._pieces:
            return piece
        raise StopAsyncIteration
