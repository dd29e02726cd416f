"""The transport over aiohttp: one call through a session, whose connection carries the bytes of ours."""

from __future__ import annotations

import asyncio
import io
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

import aiohttp
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from restli_core.errors import InvalidCallError, ProtocolError
from restli_core.frames import concealing
from restli_core.messages import HttpResponse
from restli_transports.aiohttp.responses import ReadResponse
from restli_transports.aiohttp.sessions import NO_LIMITS, LoopSessions, check_library, check_session, require_asyncio
from restli_transports.aiohttp.wires import Bound, Wire
from restli_transports.h11 import Conversation
from restli_transports.transport import (
    KEEPALIVE_SECONDS,
    MAX_CONNECTIONS,
    OfOneProcess,
    check_keepalive,
    check_limit,
    check_max_body,
    require_instance,
)
from restli_transports.wire import (
    DEFAULT_MAX_BODY,
    Exchange,
    Failures,
    Phase,
    Proxies,
    Proxy,
    UnreadableError,
    carrying,
    environment_proxies,
    limited,
    strict_context,
)
from restli_transports.wire.early_answers import EarlyAnswer
from restli_transports.wire.forks import close_in_children, on_fork
from restli_transports.wire.library_logs import hide_urls
from restli_transports.wire.loops import PerLoop
from restli_transports.wire.readiness import has_input

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable

    from restli_core.messages import HttpRequest
    from restli_transports.transport import Timeout

    _Handler = Callable[[aiohttp.ClientRequest], Awaitable[aiohttp.ClientResponse]]

__all__ = ["AiohttpTransport"]

check_library()
hide_urls("aiohttp.client", "aiohttp.internal")

# What aiohttp adds by itself, and we do not.
_UNASKED: Final = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
# What belongs to one request alone, and a session cannot say for all.
_OF_THE_REQUEST: Final = frozenset({"host", "content-length", "transfer-encoding"})
_ERRORS: Final = (aiohttp.ClientError, UnreadableError, UnicodeError, OSError)
# Of what is not carried here, such as a mock's: these leave no doubt that nothing was sent.
_FAILURES: Final = Failures(
    unsent=(aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL, UnicodeError)
)
_MAX_SPEAKERS: Final = 3  # new connections on which the server speaks, or closes, at once


class _Stale(Exception):
    """A connection turned out not to be quiet; nothing was sent on it.

    Args:
        is_new: whether it had carried nothing before.
    """

    is_new: bool

    def __init__(self, *, is_new: bool) -> None:
        super().__init__()
        self.is_new = is_new


class AiohttpTransport(OfOneProcess):
    """A transport over a ClientSession, for asyncio. Any number of tasks may share it.

    Several event loops may share one that makes its own sessions, one after another or each in its thread: each has
    connections of its own, which are closed when it ends. A given session belongs to the loop that it was made in.

    Whoever made the session, requests are written and answers read here, and not by aiohttp: targets arrive byte for
    byte, an answer that may be cut or be read in two ways is refused, one that comes early is had.

    Args:
        session: a ClientSession. Its settings are left as they are: headers, cookies, auth and middlewares, connector,
            proxy and TLS; but what a request says of itself comes first, no redirect is followed, no status raises,
            `.netrc` is not read, and its own time limits and limits on heads do not hold. aiohttp's own Accept,
            User-Agent and Accept-Encoding are not sent; its traces see where a call begins and ends, and the
            connection, but no pieces; a `response_class` of its own is not used. None: the transport makes its own,
            one in each event loop.
        max_body: the most bytes that the body of an answer may have, decoded; None for no limit.
        keepalive_seconds: how long a connection may have been idle that is used again; None for no limit. A given
            session's connector has a limit of its own.
        limit: how many connections there may be at once to one host. Waiting for one counts towards the total limit of
            a call, not towards its limit for connecting. A given session's connector has a limit of its own, and
            waiting there counts towards both.

    Raises:
        InvalidCallError: the session is not a ClientSession, the limit is below 1, `max_body` is not a number of bytes,
            or `keepalive_seconds` not one of seconds.

    Attributes:
        session: the given session; None where the transport makes its own.
    """

    session: aiohttp.ClientSession | None

    def __init__(
        self,
        session: aiohttp.ClientSession | None = None,
        *,
        max_body: int | None = DEFAULT_MAX_BODY,
        keepalive_seconds: float | None = KEEPALIVE_SECONDS,
        limit: int = MAX_CONNECTIONS,
    ) -> None:
        self.session = None if session is None else require_instance(session, "session", aiohttp.ClientSession)
        self._max_body = check_max_body(max_body)
        # A given session reads the environment as its library does.
        self._proxies = environment_proxies() if session is None else Proxies.none()
        make = partial(LoopSessions, check_limit(limit), check_keepalive(keepalive_seconds))
        self._loops = PerLoop(make, LoopSessions.close, LoopSessions.abandon)
        self._context: ssl.SSLContext | None = None
        self._used: WeakSet[Any] = WeakSet()  # aiohttp's protocols of connections that have carried something
        on_fork(self)

    def after_fork(self) -> None:
        """Forget the context: a thread of the parent may have had a lock of it that nobody releases here."""
        self._context = None

    @concealing
    async def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        """Return the answer to a request, as `restli_transports.transport.AsyncTransport` says.

        Raises:
            InvalidCallError: the event loop is not asyncio's, or not that of the given session, which is closed,
                perhaps; the URL is not an http or https URL, or a middleware of the session changes it; the headers
                contradict the body.
        """
        require_asyncio()
        exchange = Exchange(request, timeout)
        if self.session is not None:
            check_session(self.session)
            return await self._send(exchange, self.session, close_in_children)
        loop = await self._loops.current()
        slot = await loop.limiter.acquire(exchange)
        lent = loop.current()
        lent.begin_call()
        try:
            return await self._send(exchange, lent.session, loop.opened)
        finally:
            slot.release()
            await lent.end_call()

    async def _send(
        self, exchange: Exchange, session: aiohttp.ClientSession, opened: Callable[[Any], None]
    ) -> HttpResponse:
        call = _Call(exchange, partial(Conversation, max_body=self._max_body), self._used, opened)
        try:
            with carrying(exchange):
                async with asyncio.timeout(None) as limit:
                    call.bound = Bound(exchange, limit)
                    call.bound.begin()  # middlewares may wait for something before they ask for a connection
                    try:
                        response = await session.request(**self._options(exchange, session, call))
                        if isinstance(response, ReadResponse):
                            return response.answer
                        return await self._as_read(response, exchange)
                    finally:
                        call.bound.end()
        except _ERRORS as error:
            _strip(error)
            raise exchange.error(error, _FAILURES) from error

    def _options(self, exchange: Exchange, session: aiohttp.ClientSession, call: _Call) -> dict[str, Any]:
        """Return the arguments of the session's `request`."""
        request, url = exchange.request, exchange.url
        middlewares = _private(session)._middlewares  # those of a call take their place
        try:
            call.address = URL(url.text, encoded=True)
        except ValueError as error:
            raise InvalidCallError("url", f"aiohttp cannot read it: {error}") from error
        options: dict[str, Any] = {
            "method": request.method,
            "url": call.address,
            # A session that has an Authorization of its own refuses one beside it; the call's is added at the end.
            "headers": [field for field in request.headers.raw if field[0].lower() != "authorization"],
            "skip_auto_headers": _UNASKED,
            "allow_redirects": False,
            "raise_for_status": False,
            "timeout": NO_LIMITS,
            "middlewares": (call.begin, *middlewares, call.connect),
        }
        if middlewares and request.body:
            options["data"] = aiohttp.BytesIOPayload(io.BytesIO(request.body))
        if self.session is None:
            call.proxy = proxy = self._proxies.proxy_for(url.origin)
            call.may_add = proxy is not None
            if url.origin.scheme == "https" or (proxy is not None and proxy.url.startswith("https:")):
                self._context = self._context or strict_context()
                options["ssl"] = self._context
            if proxy is not None:
                options["proxy"] = URL(proxy.url)
                if proxy.authorization and url.origin.scheme == "https":
                    options["proxy_headers"] = {"Proxy-Authorization": proxy.authorization}
        return options

    async def _as_read(self, response: aiohttp.ClientResponse, exchange: Exchange) -> HttpResponse:
        """Return an answer that was not read here: a mock's, or one that a middleware has kept."""
        body = limited(await response.read(), self._max_body)
        return HttpResponse(response.status, list(response.headers.items()), body, exchange.url.text, native=response)

    async def close(self) -> None:
        """Close the connections of this event loop; a given session stays as it is.

        Calls under way go on, and their connections close after them.
        """
        await self._loops.close()


class _Call:
    """What one call does inside aiohttp, as the first and the last of a session's middlewares.

    Args:
        exchange: the call's exchange.
        make_conversation: makes one for a new connection.
        used: aiohttp's protocols of connections that have carried something.
        opened: is told of each connection's socket.

    Attributes:
        address: what the session is asked for.
        bound: the limit on its waits.
        proxy: what the transport's own session goes through; None for nothing.
        may_add: whether the session, or a proxy of the transport's own, may add headers.
    """

    address: URL
    bound: Bound
    proxy: Proxy | None = None
    may_add: bool = True

    def __init__(
        self,
        exchange: Exchange,
        make_conversation: Callable[[], Conversation],
        used: WeakSet[Any],
        opened: Callable[[Any], None],
    ) -> None:
        self._exchange = exchange
        self._make_conversation = make_conversation
        self._used = used
        self._opened = opened

    async def begin(self, request: aiohttp.ClientRequest, handler: _Handler) -> aiohttp.ClientResponse:
        """Be the first middleware: leave out what comes of a .netrc, which aiohttp reads where it reads proxies."""
        session = request.session
        if _private(session)._default_auth is None and "Authorization" not in session.headers:
            request.headers.pop("Authorization", None)
        return await handler(request)

    async def connect(self, request: aiohttp.ClientRequest, handler: _Handler) -> aiohttp.ClientResponse:
        """Be the last middleware: have aiohttp find a connection, and carry the exchange on it."""
        exchange = self._exchange
        if request.url != self.address or request.method != exchange.request.method.upper():
            raise InvalidCallError("session", "has a middleware that sends something else than the call")
        # aiohttp calls this with the connection, and writes and reads nothing by itself then.
        request.send = partial(self._carry, request)  # type: ignore[method-assign]
        speakers = 0
        task: asyncio.Task[Any] = asyncio.current_task()  # type: ignore[assignment] # there is one, of asyncio's
        cancellations = task.cancelling()
        try:
            while speakers < _MAX_SPEAKERS:
                exchange.phase = Phase.CONNECTING
                self.bound.restart()
                try:
                    return await handler(request)
                except _Stale as stale:
                    speakers += stale.is_new
                except asyncio.CancelledError:
                    # A connector that is closed cancels what waits for a connection of its, and not the task.
                    if exchange.phase is not Phase.CONNECTING or task.cancelling() > cancellations:
                        raise
                    raise aiohttp.ClientConnectionError("the session was closed") from None
        finally:
            # It knows the request, which would be there, with its body, until the garbage collector came.
            del request.send
        raise UnreadableError("the server speaks or closes before it is asked")

    async def _carry(self, request: aiohttp.ClientRequest, connection: Any) -> ReadResponse:
        """Return the answer on a connection of aiohttp's, which closes it where this raises anything."""
        exchange, transport, owner = self._exchange, connection.transport, connection.protocol
        exchange.phase = Phase.QUEUED
        is_new = owner not in self._used
        if transport is None or transport.is_closing():
            raise _Stale(is_new=is_new)
        sock = transport.get_extra_info("socket")
        came = has_input(sock)
        # What has come to aiohttp, or is still in the system; but a new connection may have heard of TLS, or an answer.
        if owner.should_close or (came and not is_new):
            raise _Stale(is_new=is_new)
        if is_new:
            self._used.add(owner)
            self._opened(sock)
        exchange.early = EarlyAnswer()  # a middleware may send a second request, after a challenge
        wire = Wire(transport, owner, exchange, self.bound)
        try:
            # One that looks new may be what the session has used without us, and the server has closed since.
            if came:
                await self._check_open(wire)
            response, is_reusable = await self._converse(request, wire)
        except BaseException:
            wire.abort()
            raise
        if is_reusable:
            wire.detach()
            connection.release()
        else:
            wire.abort()
            connection.close()
        return response

    async def _check_open(self, wire: Wire) -> None:
        """Refuse a connection that looks new, and that the server has closed without a word.

        Raises:
            _Stale: it is one.
        """
        if await wire.hears_the_end():
            raise _Stale(is_new=True)

    async def _converse(self, request: aiohttp.ClientRequest, wire: Wire) -> tuple[ReadResponse, bool]:
        """Return the answer, and whether the connection can carry another request."""
        exchange = self._exchange
        conversation = self._make_conversation()
        described, url = self._described(request), exchange.url
        if request.proxy is not None and not request.is_ssl():
            url = url._replace(base="", target=url.text)  # RFC 9112 section 3.2.2: a proxy is told the whole
        data = conversation.send_checked(described, url, exchange.seconds_left)
        exchange.phase = Phase.SENDING
        size, is_sent = len(data), await wire.send(data)
        del data  # errors know this frame
        exchange.phase = Phase.READING
        answer: HttpResponse | None = None
        try:
            while answer is None:
                answer = conversation.receive(await wire.receive())
        except ProtocolError as error:
            error.request = exchange.request.redacted()  # and not the one with what the session has added
            raise
        response = ReadResponse(request, answer, size)
        return response, is_sent and conversation.reusable and wire.is_quiet

    def _described(self, request: aiohttp.ClientRequest) -> HttpRequest:
        """Return the call's request, with what the session adds."""
        ours = self._exchange.request
        if not self.may_add:
            return ours
        added = [(name, value) for name, value in request.headers.items() if name.lower() not in _OF_THE_REQUEST]
        added = [field for field in added if field[0] not in ours.headers]
        if self.proxy is not None and self.proxy.authorization and not request.is_ssl():
            added.append(("Proxy-Authorization", self.proxy.authorization))
        if not added:
            return ours
        return type(ours)(ours.method, ours.url, [*added, *ours.headers.raw], ours.body)


def _private(thing: object) -> Any:
    """Return a thing of aiohttp's with attributes that are not public. Tests fail when these have moved."""
    return thing


def _strip(error: BaseException) -> None:
    """Take what belongs to a proxy out of aiohttp's errors, which show it: headers, and the user of its URL."""
    waiting: list[BaseException | None] = [error]
    seen: set[BaseException | None] = {None}
    while waiting:
        found: Any = waiting.pop()
        if found in seen:
            continue
        seen.add(found)
        waiting += [found.__cause__, found.__context__]
        if isinstance(found, aiohttp.ClientResponseError):
            asked, empty = found.request_info, CIMultiDictProxy[str](CIMultiDict())
            found.request_info = asked._replace(
                url=asked.url.with_user(None), headers=empty, real_url=asked.real_url.with_user(None)
            )
            found.args = ()
        elif isinstance(found, aiohttp.ClientConnectorError):
            kept = _private(found)
            key = kept._conn_key
            bare = key.proxy and key.proxy.with_user(None)
            kept._conn_key = key._replace(proxy=bare, proxy_auth=None, proxy_headers_hash=None)
            found.args = (kept._conn_key, *found.args[1:])
