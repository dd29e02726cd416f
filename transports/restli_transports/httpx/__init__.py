"""Transports over httpx, blocking and asynchronous: for those who have a client with hooks, proxies, HTTP/2 or mocks.

The clients that they make for themselves verify TLS, keep connections alive, go through the proxies of the environment
and keep no cookies. They trust what SSL_CERT_FILE and SSL_CERT_DIR name, or else the system's certificates and
certifi's. The asynchronous one works under asyncio and trio.

What httpx tells of its progress, by the extension ``trace``, is what keeps the time limits: connections that a
transport has opened wait no longer than the call at hand may. A client of the user's own may belong to ``httpx2`` too.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing, closing, suppress
from functools import partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar

try:
    import httpx
except ImportError as _error:
    raise ImportError('HttpxTransport needs httpx: pip install "restli-core[httpx]"') from _error

import anyio
from anyio.lowlevel import current_token

from restli_core.errors import InvalidCallError
from restli_core.messages import Headers, HttpResponse
from restli_transports.transport import check_max_body, require_instance
from restli_transports.wire.body import DEFAULT_MAX_BODY, Body, UnreadableError, can_decode
from restli_transports.wire.exchange import Exchange, Failures, carrying, current_exchange
from restli_transports.wire.limiter import ConnectionLimiter
from restli_transports.wire.proxies import proxies
from restli_transports.wire.tls import verifying_context

if TYPE_CHECKING:
    from restli_core.messages import HttpRequest
    from restli_transports.transport import Timeout

__all__ = ["HttpxAsyncTransport", "HttpxTransport"]

ClientT = TypeVar("ClientT", httpx.Client, httpx.AsyncClient)

# Connections to a host that are kept, and calls that are under way there at once; asynchronous ones beyond that wait
# their turn. httpx looks at all connections for each call: with 100 it carries a fifth of what it carries with 32.
_AT_ONCE: Final = 32
_REST: Final = 60.0  # seconds; gateways forget a silent connection after minutes, some without telling
_PIECE: Final = 65536  # bytes written in one step, so that a slow reader is no silent one
_VERSIONS: Final = frozenset({"HTTP/1.0", "HTTP/1.1", "HTTP/2", "HTTP/3"})
_CONCEALED: Final = "restli_transports.fields"


class _Sender(Generic[ClientT]):
    """What the two transports have in common: all but the sending."""

    session: ClientT
    _kind: ClassVar[str]  # the name of the class that the client is of

    def __init__(self, client: ClientT | None = None, *, max_body: int | None = DEFAULT_MAX_BODY) -> None:
        self.session = self._own() if client is None else client
        self._made = client is None
        self._max_body = check_max_body(max_body)
        self._library = _library(self.session)
        require_instance(self.session, "client", getattr(self._library, self._kind))
        self._failures = _failures(self._library)
        self._large_body = _large_body(self._library)
        _check(self.session)

    def _own(self) -> ClientT:
        raise NotImplementedError

    def _exchange(self, request: HttpRequest, timeout: Timeout) -> Exchange:
        _check(self.session)
        return Exchange(request, timeout)

    def _request(self, exchange: Exchange, trace: Callable[[str, dict[str, Any]], Any]) -> httpx.Request:
        described: HttpRequest = exchange.request
        limits = exchange.timeout
        try:
            built = self.session.build_request(
                described.method,
                exchange.url.text,
                headers=_fields(exchange),
                content=described.body or None,
                timeout=(limits.connect, limits.read, limits.read, limits.total),
                extensions={"trace": trace},
            )
        except self._library.InvalidURL as error:
            raise InvalidCallError("url", f"httpx cannot send it: {error}") from error
        built.method = described.method  # which httpx has put into upper case
        if len(described.body) > _PIECE:
            built.stream = self._large_body(described.body)
        self._aim(built, exchange)
        return built

    def _aim(self, built: httpx.Request, exchange: Exchange) -> None:
        target = exchange.url.target.encode("ascii")
        if built.url.raw_path == target:
            return
        # In a request to a proxy the extension would take the place of the proxy's own target.
        if not self._made or exchange.url.origin.scheme in proxies():
            raise InvalidCallError("url", "has escapes, characters or dot segments that httpx would change")
        built.extensions["target"] = target

    def _auth(self, request: HttpRequest) -> Any:
        return None if "Authorization" in request.headers else self._library.USE_CLIENT_DEFAULT

    def _begun(self, response: httpx.Response) -> tuple[Headers, Body]:
        """The header fields of an answer, and a body to be filled."""
        _check_final(response)
        _reveal(response)
        headers = Headers([(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw])
        undone = response.headers.get("Content-Encoding", "") if _comes_raw(response) else ""
        return headers, Body(undone, self._max_body)

    def _caught(self) -> tuple[type[BaseException], ...]:
        # UnicodeError: a name that no host has, such as one with two dots together
        library = self._library
        return (library.RequestError, UnreadableError, UnicodeError, OSError)


class HttpxTransport(_Sender[httpx.Client]):
    """Sends requests through a Client. Safe to share between threads.

    Args:
        client: a Client, of httpx or httpx2. Its settings are left as they are: headers, cookies, proxies, TLS, HTTP/2,
            hooks, limits, and its auth where a request has no Authorization; but what a request says of itself comes
            first, and no redirect is followed. None: the transport makes its own.
        max_body: the most bytes that the body of an answer may have, decoded; None for no limit. What httpx alone can
            decode (brotli, zstd) is counted only after each piece is.

    Raises:
        InvalidCallError: the client has `params`, which would change the target, or is closed.
    """

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        """The answer to a request, as `restli_transports.transport.Transport` says.

        Raises:
            InvalidCallError: the client has `params`, or is closed; the URL is no http or https URL, or one that a
                given client would change.
            HTTPStatusError: a hook of the client raised it.
        """
        exchange = self._exchange(request, timeout)
        try:
            with carrying(exchange):
                return self._sent(exchange)
        except self._caught() as error:
            raise exchange.error(error, self._failures) from error

    def close(self) -> None:
        """Closes the client that the transport made; a given one stays as it is."""
        if self._made:
            self.session.close()

    _kind = "Client"

    def _own(self) -> httpx.Client:
        return httpx.Client(**_settings(), event_hooks={"response": [_conceal]})

    def _sent(self, exchange: Exchange) -> HttpResponse:
        progress = _Progress(exchange, _share)
        built = self._request(exchange, progress.note)
        sent = self.session.send(built, auth=self._auth(exchange.request), follow_redirects=False, stream=True)
        with closing(sent) as response:
            progress.follow(response)
            headers, body = self._begun(response)
            for piece in _pieces(response):
                body.feed(piece)
                exchange.wait()
            return _complete(response, headers, body.finish(), exchange)


class HttpxAsyncTransport(_Sender[httpx.AsyncClient]):
    """Sends requests through an AsyncClient. Any number of tasks of one event loop may share it.

    Args:
        client: an AsyncClient, of httpx or httpx2; as for `HttpxTransport`.
        max_body: likewise.

    Raises:
        InvalidCallError: the client has `params`, which would change the target, or is closed.
    """

    def __init__(self, client: httpx.AsyncClient | None = None, *, max_body: int | None = DEFAULT_MAX_BODY) -> None:
        super().__init__(client, max_body=max_body)
        # A call that waits inside httpx costs all others time; a given client's limits are its user's business.
        self._turns = ConnectionLimiter(_AT_ONCE if self._made else sys.maxsize)
        self._loop: object = None

    async def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        """As `HttpxTransport.send`, awaited."""
        exchange = self._exchange(request, timeout)
        self._check_loop()
        turn = await self._turns.take(exchange)
        try:
            with carrying(exchange), anyio.fail_after(exchange.queue()):
                return await self._sent(exchange)
        except self._caught() as error:
            raise exchange.error(error, self._failures) from error
        finally:
            turn.release()

    def _check_loop(self) -> None:
        loop = current_token()
        self._loop = self._loop or loop
        if loop != self._loop:
            reason = "belongs to the event loop that it was first used in: make one for each, or take H11AsyncTransport"
            raise InvalidCallError("transport", reason)

    async def close(self) -> None:
        """As `HttpxTransport.close`, awaited, in the event loop of the calls."""
        if self._made:
            self._check_loop()
            await self.session.aclose()

    _kind = "AsyncClient"

    def _own(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(**_settings(), event_hooks={"response": [_aconceal]})

    async def _sent(self, exchange: Exchange) -> HttpResponse:
        progress = _Progress(exchange, _all)
        built, auth = self._request(exchange, progress.anote), self._auth(exchange.request)
        try:
            sent = await self.session.send(built, auth=auth, follow_redirects=False, stream=True)
        except BaseException:
            await progress.abandon()
            raise
        async with aclosing(sent) as response:
            progress.follow(response)
            headers, body = self._begun(response)
            await self._read(response, body, exchange)
            return _complete(response, headers, body.finish(), exchange)

    async def _read(self, response: httpx.Response, body: Body, exchange: Exchange) -> None:
        pieces = _apieces(response)
        try:
            async for piece in pieces:
                body.feed(piece)
                exchange.wait()
        except (UnreadableError, TimeoutError):
            await _exhaust(response, pieces)
            raise


async def _exhaust(response: httpx.Response, pieces: AsyncIterator[bytes]) -> None:
    """Ends the iterators that httpx has nested in one another, which trio would find left behind."""
    await response.aclose()
    with suppress(Exception):
        async for _ in pieces:
            pass


# -- clients -----------------------------------------------------------------------------------------------------------


def _settings() -> dict[str, Any]:
    proxies()  # refuses those that httpx could not take
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=_AT_ONCE, keepalive_expiry=_REST)
    return {
        "verify": verifying_context(),
        "headers": {"Accept-Encoding": "gzip, deflate"},
        "cookies": CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        "limits": limits,
    }


def _library(client: httpx.Client | httpx.AsyncClient) -> Any:
    """The module that a client's class comes from: httpx, or one with the same names."""
    names = {kind.__module__.partition(".")[0] for kind in type(client).__mro__}
    return sys.modules["httpx2" if "httpx2" in names else "httpx"]


def _failures(library: Any) -> Failures:
    unsent = ("ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol")
    kinds = (getattr(library, name) for name in unsent)
    return Failures(unsent=(*kinds, UnicodeError), timeouts=(library.TimeoutException,))


def _check(client: httpx.Client | httpx.AsyncClient) -> None:
    if client.params:
        raise InvalidCallError("client", "has params, which would change the target of the request")
    if client.is_closed:
        raise InvalidCallError("client", "is closed")


def _fields(exchange: Exchange) -> list[tuple[str, str]]:
    fields = [*exchange.request.headers.items()]
    return fields if "Host" in exchange.request.headers else [("Host", exchange.url.host), *fields]


# -- the request on its way --------------------------------------------------------------------------------------------


class _LargeBody:
    """A large body, in pieces, each of which may take the limit of a wait."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        return (self._body[start : start + _PIECE] for start in range(0, len(self._body), _PIECE))

    def __aiter__(self) -> _Steps:
        return _Steps(iter(self))


class _Steps:
    """An iterator to await. A generator would have to be closed, which httpx leaves to chance."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._left = pieces

    def __aiter__(self) -> _Steps:
        return self

    async def __anext__(self) -> bytes:
        for piece in self._left:
            return piece
        raise StopAsyncIteration


def _large_body(library: Any) -> type[Any]:
    """The class of large bodies that a library takes."""
    return type("LargeBody", (_LargeBody, library.SyncByteStream, library.AsyncByteStream), {})


class _Progress:
    """What httpcore tells of an exchange while it is under way.

    Steps of opening a connection get what is left of the time for that, and so do, from then on, the waits on it.
    """

    def __init__(self, exchange: Exchange, share: Callable[[float | None, dict[str, Any]], float | None]) -> None:
        self._exchange = exchange
        self._share = share
        self._opening: Any = None
        self._response: httpx.Response | None = None

    def follow(self, response: httpx.Response) -> None:
        """The answer has begun."""
        self._response = response

    def note(self, event: str, info: dict[str, Any]) -> None:
        """Takes an event: its source, step and stage, such as ``connection.connect_tcp.started``."""
        *_, step, stage = event.split(".")
        noting = _NOTED.get((step, stage))
        if noting is not None:
            noting(self, info)

    async def anote(self, event: str, info: dict[str, Any]) -> None:
        """As `note`, as asynchronous clients want it."""
        self.note(event, info)

    async def abandon(self) -> None:
        """Closes a connection that was not wholly open, which httpcore forgets when it is cancelled."""
        if self._opening is not None:
            with anyio.CancelScope(shield=True), suppress(Exception):
                await self._opening.aclose()

    def connecting(self, info: dict[str, Any]) -> None:
        """A connection is about to be opened."""
        self._exchange.note_opening()
        info["timeout"] = self._share(self._exchange.wait(), info)

    def securing(self, info: dict[str, Any]) -> None:
        """It is about to speak TLS."""
        info["timeout"] = self._exchange.wait()

    def connected(self, info: dict[str, Any]) -> None:
        """It stands, as far as it has come."""
        self._opening = info["return_value"]
        for name in ("read", "write"):
            setattr(self._opening, name, partial(_waiting, getattr(self._opening, name)))

    def sending(self, info: dict[str, Any]) -> None:
        """A request is about to be sent, should it not be for a proxy's tunnel."""
        if info["request"].method != b"CONNECT":
            self._opening = None
            self._exchange.note_opened()
            self._exchange.note_sending()

    def closing(self, _info: dict[str, Any]) -> None:
        """The answer is over; its connection is about to be free for the next call."""
        if self._response is not None and _left_over(self._response):
            self._response.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)


def _all(seconds: float | None, _info: dict[str, Any]) -> float | None:
    """The time to connect of an asynchronous client, which tries all addresses of a host within it."""
    return seconds


def _share(seconds: float | None, info: dict[str, Any]) -> float | None:
    """That of a blocking one, which gives it to each address anew."""
    try:
        addresses = socket.getaddrinfo(info["host"], info["port"], type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return seconds  # connecting will tell
    return None if seconds is None else seconds / len(addresses)


def _left_over(response: httpx.Response) -> bool:
    """Whether the server has sent more than the answer, which httpx would take for the answer to the next call.

    There is no public way to what h11 has left; what is not there, such as under HTTP/2, has nothing left.
    """
    found: Any = response.stream
    for name in ("_stream", "_httpcore_stream", "_stream", "_connection", "_h11_state"):
        found = getattr(found, name, None)
    return found is not None and found.trailing_data[0] != b""


_NOTED: Final[Mapping[tuple[str, str], Callable[[_Progress, dict[str, Any]], None]]] = {
    ("connect_tcp", "started"): _Progress.connecting,
    ("connect_tcp", "complete"): _Progress.connected,
    ("start_tls", "started"): _Progress.securing,
    ("start_tls", "complete"): _Progress.connected,
    ("send_request_headers", "started"): _Progress.sending,
    ("response_closed", "started"): _Progress.closing,
}


def _waiting(method: Callable[[Any, float | None], Any], argument: Any, timeout: float | None = None) -> Any:
    """A wait on a connection, no longer than what is carried on it at that time may."""
    exchange = current_exchange()
    return method(argument, timeout if exchange is None else exchange.wait())


# -- the answer --------------------------------------------------------------------------------------------------------


def _conceal(response: httpx.Response) -> None:
    """A hook that hides where a redirect leads, since httpx would judge it."""
    if response.has_redirect_location:
        response.extensions[_CONCEALED] = response.headers
        response.headers = httpx.Headers()


async def _aconceal(response: httpx.Response) -> None:
    _conceal(response)


def _reveal(response: httpx.Response) -> None:
    response.headers = response.extensions.pop(_CONCEALED, response.headers)


def _check_final(response: httpx.Response) -> None:
    if response.status_code < 200 or response.http_version not in _VERSIONS:
        raise UnreadableError("this is no final answer of a known version of HTTP")


def _comes_raw(response: httpx.Response) -> bool:
    """Whether its body is still to be decoded: a mock's is not, nor one that a hook has read."""
    return not response.is_stream_consumed and can_decode(response.headers.get("Content-Encoding", ""))


def _pieces(response: httpx.Response) -> Iterator[bytes]:
    return response.iter_raw() if _comes_raw(response) else response.iter_bytes()


def _apieces(response: httpx.Response) -> AsyncIterator[bytes]:
    return response.aiter_raw() if _comes_raw(response) else response.aiter_bytes()


def _complete(response: httpx.Response, headers: Headers, body: bytes, exchange: Exchange) -> HttpResponse:
    # As httpx leaves it after reading it by itself: with `content`, `text` and `json()`.
    response._content = body  # pyright: ignore[reportPrivateUsage] # there is no public way
    return HttpResponse(response.status_code, headers, body, exchange.url.text, response)
