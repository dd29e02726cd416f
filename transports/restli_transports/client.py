"""Clients: the fourteen functions of `restli_core`, sent over a transport.

    call = function(...)                     made by restli_core, with the client's defaults where the caller gave none
    response = transport.send(call.request)  with the client's token, where it belongs
    call.parse(response)                     the answer, or an error

A client sends once. Only where its token comes from a source, and the server refuses that token as invalid, revoked or
expired, does it ask the source for another, and where there is one, send once more. It keeps no state but its settings,
so it is as safe to share between threads, or tasks, as its transport and its source are.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Generator, Mapping
from copy import copy
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, Final, Generic, NamedTuple, ParamSpec, Self, TypeAlias, TypeVar

from restli_core import calls
from restli_core.calls import Call
from restli_core.errors import InvalidCallError, UnauthorizedError
from restli_core.flows.drivers import run, run_async
from restli_core.messages import HttpRequest, bearer
from restli_core.paths import UNVERSIONED_BASE_URL
from restli_core.responses.parsing import Loads, strict_loads
from restli_transports._clients.base import (
    DEFAULT_TIMEOUT,
    AsyncBaseClient,
    BaseClient,
    BlockingClient,
    TransportT,
    awaited,
    described,
)
from restli_transports.transport import AsyncTransport, Timeout, Transport, check_timeout
from restli_transports.wire.urls import Origin, parse_url

if TYPE_CHECKING:
    from restli_core.bodies import Dumps
    from restli_transports.tokens.protocols import AsyncTokenSource, TokenSource

__all__ = ["AsyncRestliClient", "RestliClient"]

P = ParamSpec("P")
T = TypeVar("T")
SourceT = TypeVar("SourceT")


class TokenRequest(NamedTuple):
    """A step: a token is wanted of a source.

    Args:
        source: the source.
        rejected: the token that the server has refused; None for none.
    """

    source: Any
    rejected: str | None


_Steps: TypeAlias = Generator[HttpRequest | TokenRequest, Any, T]

# What LinkedIn calls a token that another may take the place of: its serviceErrorCode, and its code.
_REPLACEABLE: Final = frozenset(
    {65600, 65601, 65602, "INVALID_ACCESS_TOKEN", "REVOKED_ACCESS_TOKEN", "EXPIRED_ACCESS_TOKEN"}
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a client puts where a caller has said nothing."""

    access_token: str | TokenSource | AsyncTokenSource | None
    version_string: str | None
    base_url: str | None
    timeout: Timeout
    user_agent: str | None
    loads: Loads
    dumps: Dumps | None

    def __post_init__(self) -> None:
        self.limits(self.timeout)
        self.call(calls.get, ("/",), {"access_token": _text(self.access_token)})  # refuses what no call could send

    def __repr__(self) -> str:
        return f"<Settings of a client of {self.origin}>"

    @property
    def origin(self) -> Origin | None:
        """Where the client's own calls go."""
        return _origin(self.base_url or UNVERSIONED_BASE_URL)

    def limits(self, timeout: Timeout | None) -> Timeout:
        """The time limits of a call, for which these are given."""
        return check_timeout(self.timeout if timeout is None else timeout)

    def changed(self, **changes: Any) -> Settings:
        """The same settings but for the changes that are not None."""
        return replace(self, **{name: value for name, value in changes.items() if value is not None})

    def call(self, function: Callable[..., Call[T]], args: tuple[Any, ...], options: dict[str, Any]) -> Call[T]:
        """The call that the function makes, with the settings as its defaults."""
        for name in ("version_string", "base_url", "dumps"):
            if options.get(name) is None:
                options[name] = getattr(self, name)
        if self.user_agent is not None:
            options["headers"] = _with_user_agent(options.get("headers"), self.user_agent)
        return function(*args, **options)

    def exchange(self, call: Call[T]) -> _Steps[T]:
        """The steps from a call to its answer: requests to send, and tokens to get.

        A request is repeated at most once, and only with another token where the first was of a source.
        """
        if not isinstance(call, Call):
            raise InvalidCallError("call", f"must be a call, as restli_core.get makes one, not {type(call).__name__}")
        if not self._adds_token(call.request):
            return call.parse((yield call.request), loads=self.loads)
        if isinstance(self.access_token, str):
            authorized = _authorized(call, self.access_token)
            return authorized.parse((yield authorized.request), loads=self.loads)
        return (yield from self._from_source(call))

    def _from_source(self, call: Call[T]) -> _Steps[T]:
        token: str = yield TokenRequest(self.access_token, None)
        authorized = _authorized(call, token)
        try:
            return authorized.parse((yield authorized.request), loads=self.loads)
        except UnauthorizedError as error:
            if not {error.service_error_code, error.code} & _REPLACEABLE:
                raise
            refused = error
        another: str = yield TokenRequest(self.access_token, token)
        if another == token:
            raise refused
        authorized = _authorized(call, another)
        return authorized.parse((yield authorized.request), loads=self.loads)

    def _adds_token(self, request: HttpRequest) -> bool:
        """Whether the request gets the client's token: it has none, and goes where the client's own calls go."""
        if self.access_token is None or "Authorization" in request.headers:
            return False
        return _origin(request.url) == self.origin


def _text(access_token: Any) -> str | None:
    """The token, where it is text; None where there is none, or a source of them."""
    if access_token is None or isinstance(access_token, str):
        return access_token
    if callable(getattr(access_token, "token", None)) and not isinstance(access_token, type):
        return None
    kind = access_token.__name__ if isinstance(access_token, type) else type(access_token).__name__
    raise InvalidCallError("access_token", f"must be text, or a source with a method token, not {kind}")


def _authorized(call: Call[T], token: str) -> Call[T]:
    request = call.request
    headers = [*request.headers.raw, ("Authorization", bearer(token))]
    return call.with_request(HttpRequest(request.method, request.url, headers, request.body))


def _with_user_agent(headers: Any, user_agent: str) -> Any:
    if headers is None:
        return {"User-Agent": user_agent}
    if isinstance(headers, Mapping) and not any(str(name).lower() == "user-agent" for name in headers):
        return {**headers, "User-Agent": user_agent}
    return headers


def _origin(url: str) -> Origin | None:
    try:
        return parse_url(url).origin
    except InvalidCallError:
        return None


def _blocking(
    function: Callable[P, Call[T]],
) -> Callable[[Callable[[RestliClient], None]], Callable[Concatenate[RestliClient, P], T]]:
    """Makes a method of a function: the same arguments, and the answer in place of the call."""

    def decorate(stub: Callable[[RestliClient], None]) -> Callable[Concatenate[RestliClient, P], T]:
        def method(self: RestliClient, /, *args: P.args, **options: P.kwargs) -> T:
            return self.send(self.settings.call(function, args, options))

        return described(method, function, stub)

    return decorate


def _awaited(
    function: Callable[P, Call[T]],
) -> Callable[[Callable[[AsyncRestliClient], None]], Callable[Concatenate[AsyncRestliClient, P], Awaitable[T]]]:
    """As `_blocking`, for a method to await."""

    def decorate(
        stub: Callable[[AsyncRestliClient], None],
    ) -> Callable[Concatenate[AsyncRestliClient, P], Awaitable[T]]:
        async def method(self: AsyncRestliClient, /, *args: P.args, **options: P.kwargs) -> T:
            return await self.send(self.settings.call(function, args, options))

        return described(method, function, stub)

    return decorate


class _Client(BaseClient[TransportT], Generic[TransportT, SourceT]):
    """What the two clients have in common: all but the sending."""

    def __init__(
        self,
        transport: TransportT | None = None,
        *,
        access_token: str | SourceT | None = None,
        version_string: str | None = None,
        base_url: str | None = None,
        timeout: Timeout = DEFAULT_TIMEOUT,
        user_agent: str | None = None,
        loads: Loads = strict_loads,
        dumps: Dumps | None = None,
    ) -> None:
        source: Any = access_token
        self.settings: Settings = self._checked(
            Settings(source, version_string, base_url, timeout, user_agent, loads, dumps)
        )
        super().__init__(transport)

    def _checked(self, settings: Settings) -> Settings:
        return settings

    def with_options(
        self,
        *,
        access_token: str | SourceT | None = None,
        version_string: str | None = None,
        base_url: str | None = None,
        timeout: Timeout | None = None,
        user_agent: str | None = None,
    ) -> Self:
        """A client on the same transport with other settings, such as another member's token; None keeps a setting.

        It costs next to nothing. Closing it closes nothing.
        """
        client = copy(self)
        changed = self.settings.changed(
            access_token=access_token,
            version_string=version_string,
            base_url=base_url,
            timeout=timeout,
            user_agent=user_agent,
        )
        client.settings = self._checked(changed)
        client._closes = False
        return client


def _act(sending: Callable[[HttpRequest], Any], step: HttpRequest | TokenRequest) -> Any:
    """What a step leads to, or for an asynchronous client what leads to it."""
    return sending(step) if isinstance(step, HttpRequest) else step.source.token(rejected=step.rejected)


async def _act_later(sending: Callable[[HttpRequest], Any], step: HttpRequest | TokenRequest) -> Any:
    """What a step leads to, awaited."""
    argument = "transport" if isinstance(step, HttpRequest) else "access_token"
    return await awaited(_act(sending, step), argument, f"what the {argument} is")


class RestliClient(_Client[Transport, "TokenSource"], BlockingClient):
    """A client: the fourteen functions of `restli_core` as methods, with the same arguments, that return the answers.

    Args:
        transport: what carries the requests; urllib3 by default (the extra ``urllib3``).
        access_token: an OAuth 2.0 bearer token, or a source of tokens (`restli_transports.tokens`). It goes out with
            every request to the client's own origin that has no Authorization, and to no other.
        version_string: LinkedIn's API version, ``"YYYYMM"`` or ``"YYYYMM.RR"``.
        base_url: what stands before resource paths; by default LinkedIn's API, versioned if a version is given.
        timeout: the time limits of each call.
        user_agent: what the header User-Agent says.
        loads: bytes -> value, such as ``orjson.loads``, for answers.
        dumps: value -> bytes, such as ``orjson.dumps``, for bodies.

    Raises:
        InvalidCallError: one of these cannot be sent.
        ImportError: no transport is given and urllib3 is missing; names the extra.
    """

    def _checked(self, settings: Settings) -> Settings:
        if inspect.iscoroutinefunction(getattr(settings.access_token, "token", None)):
            raise InvalidCallError("access_token", "is a source to be awaited: give it to an asynchronous client")
        return settings

    @_blocking(calls.get)
    def get(self) -> None: ...

    @_blocking(calls.batch_get)
    def batch_get(self) -> None: ...

    @_blocking(calls.get_all)
    def get_all(self) -> None: ...

    @_blocking(calls.finder)
    def finder(self) -> None: ...

    @_blocking(calls.batch_finder)
    def batch_finder(self) -> None: ...

    @_blocking(calls.create)
    def create(self) -> None: ...

    @_blocking(calls.batch_create)
    def batch_create(self) -> None: ...

    @_blocking(calls.update)
    def update(self) -> None: ...

    @_blocking(calls.batch_update)
    def batch_update(self) -> None: ...

    @_blocking(calls.partial_update)
    def partial_update(self) -> None: ...

    @_blocking(calls.batch_partial_update)
    def batch_partial_update(self) -> None: ...

    @_blocking(calls.delete)
    def delete(self) -> None: ...

    @_blocking(calls.batch_delete)
    def batch_delete(self) -> None: ...

    @_blocking(calls.action)
    def action(self) -> None: ...

    def send(self, call: Call[T], *, timeout: Timeout | None = None) -> T:
        """The answer to a call, made here or elsewhere.

        The client adds its Authorization where the call has none and its URL has the client's origin, and changes
        nothing else.

        Args:
            call: the call.
            timeout: its time limits, and those of the one repetition that a source of tokens may lead to; the client's
                by default.

        Raises:
            ServiceError: the server answered with an error.
            InvalidResponseError: it answered with success, but the answer cannot be read.
            TransportError: the request could not be carried, or the answer not be brought back.
            OAuthError: the client's source of tokens could get none.
        """
        sending = partial(self._transport.send, timeout=self.settings.limits(timeout))
        return run(self.settings.exchange(call), partial(_act, sending))


class AsyncRestliClient(_Client[AsyncTransport, "AsyncTokenSource"], AsyncBaseClient):
    """As `RestliClient`, with every method awaited.

    Args:
        transport: what carries the requests; httpx by default (the extra ``httpx``), under asyncio or trio.
        settings: as for `RestliClient`; a source of tokens is one to be awaited.
    """

    @_awaited(calls.get)
    def get(self) -> None: ...

    @_awaited(calls.batch_get)
    def batch_get(self) -> None: ...

    @_awaited(calls.get_all)
    def get_all(self) -> None: ...

    @_awaited(calls.finder)
    def finder(self) -> None: ...

    @_awaited(calls.batch_finder)
    def batch_finder(self) -> None: ...

    @_awaited(calls.create)
    def create(self) -> None: ...

    @_awaited(calls.batch_create)
    def batch_create(self) -> None: ...

    @_awaited(calls.update)
    def update(self) -> None: ...

    @_awaited(calls.batch_update)
    def batch_update(self) -> None: ...

    @_awaited(calls.partial_update)
    def partial_update(self) -> None: ...

    @_awaited(calls.batch_partial_update)
    def batch_partial_update(self) -> None: ...

    @_awaited(calls.delete)
    def delete(self) -> None: ...

    @_awaited(calls.batch_delete)
    def batch_delete(self) -> None: ...

    @_awaited(calls.action)
    def action(self) -> None: ...

    async def send(self, call: Call[T], *, timeout: Timeout | None = None) -> T:
        """As `RestliClient.send`, awaited."""
        sending = partial(self._transport.send, timeout=self.settings.limits(timeout))
        return await run_async(self.settings.exchange(call), partial(_act_later, sending))
