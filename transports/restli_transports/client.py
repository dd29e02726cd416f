"""Clients: the fourteen functions of `restli_core`, sent over a transport.

    call = function(...)                     made by restli_core, with the client's defaults where the caller gave none
    response = transport.send(call.request)  with the client's token, where it belongs
    call.parse(response)                     the answer, or an error

A client sends once: it repeats nothing by itself. It keeps no state but its settings, so it is as safe to share between
threads, or tasks, as its transport is.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Concatenate, Final, Generic, ParamSpec, Self, TypeVar

from restli_core import calls
from restli_core.calls import UNVERSIONED_BASE_URL, bearer
from restli_core.errors import InvalidCallError
from restli_core.messages import HttpRequest
from restli_core.responses import Loads, strict_loads
from restli_transports.address import Address, destination
from restli_transports.transport import AsyncTransport, Timeout, Transport

if TYPE_CHECKING:
    from restli_core.bodies import Dumps
    from restli_core.calls import Call

__all__ = ["AsyncRestliClient", "RestliClient"]

P = ParamSpec("P")
T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])
TransportT = TypeVar("TransportT")

_DEFAULT_TIMEOUT: Final = Timeout()


@dataclass(frozen=True, slots=True)
class Settings:
    """What a client puts where a caller has said nothing."""

    access_token: str | None
    version_string: str | None
    base_url: str | None
    timeout: Timeout
    user_agent: str | None
    loads: Loads
    dumps: Dumps | None

    def __post_init__(self) -> None:
        self.limits(self.timeout)
        self.call(calls.get, ("/",), {"access_token": self.access_token})  # refuses what no call could send

    def __repr__(self) -> str:
        return f"<Settings of a client of {self.origin}>"

    @property
    def origin(self) -> Address | None:
        """Where the client's own calls go."""
        return _origin(self.base_url or UNVERSIONED_BASE_URL)

    def limits(self, timeout: Timeout | None) -> Timeout:
        """The time limits of a call, for which these are given."""
        given = self.timeout if timeout is None else timeout
        if not isinstance(given, Timeout):
            raise InvalidCallError("timeout", f"must be a Timeout, not {type(given).__name__}")
        return given

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

    def authorized(self, call: Call[T]) -> Call[T]:
        """The call with the client's token, if it has none and goes where the client's own calls go."""
        request = call.request
        if self.access_token is None or "Authorization" in request.headers or _origin(request.url) != self.origin:
            return call
        headers = [*request.headers.raw, ("Authorization", bearer(self.access_token))]
        return call.with_request(HttpRequest(request.method, request.url, headers, request.body))


def _with_user_agent(headers: Any, user_agent: str) -> Any:
    if headers is None:
        return {"User-Agent": user_agent}
    if isinstance(headers, Mapping) and not any(str(name).lower() == "user-agent" for name in headers):
        return {**headers, "User-Agent": user_agent}
    return headers


def _origin(url: str) -> Address | None:
    try:
        return destination(url).address
    except InvalidCallError:
        return None


def _blocking(
    function: Callable[P, Call[T]],
) -> Callable[[Callable[[RestliClient], None]], Callable[Concatenate[RestliClient, P], T]]:
    """Makes a method of a function: the same arguments, and the answer in place of the call."""

    def decorate(stub: Callable[[RestliClient], None]) -> Callable[Concatenate[RestliClient, P], T]:
        def method(self: RestliClient, /, *args: P.args, **options: P.kwargs) -> T:
            return self.send(self.settings.call(function, args, options))

        return _described(method, function, stub)

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

        return _described(method, function, stub)

    return decorate


def _sending(transport: TransportT) -> TransportT:
    if not callable(getattr(transport, "send", None)):
        raise InvalidCallError("transport", f"must have a method send, which {type(transport).__name__} has not")
    return transport


def _described(method: F, function: Callable[..., Any], stub: Callable[..., None]) -> F:
    """Gives the method the function's documentation and signature, and the stub's name and place."""
    signature = inspect.signature(function)
    receiver = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    answer = re.sub(r"Call\[(.*)\]", r"\1", str(signature.return_annotation))
    described = {
        "__doc__": function.__doc__,
        "__name__": stub.__name__,
        "__qualname__": stub.__qualname__,
        "__signature__": signature.replace(
            parameters=[receiver, *signature.parameters.values()], return_annotation=answer
        ),
    }
    for name, value in described.items():
        setattr(method, name, value)
    return method


class _Client(Generic[TransportT]):
    """What the two clients have in common: all but the sending."""

    def __init__(
        self,
        transport: TransportT | None = None,
        *,
        access_token: str | None = None,
        version_string: str | None = None,
        base_url: str | None = None,
        timeout: Timeout = _DEFAULT_TIMEOUT,
        user_agent: str | None = None,
        loads: Loads = strict_loads,
        dumps: Dumps | None = None,
    ) -> None:
        self.settings: Settings = Settings(access_token, version_string, base_url, timeout, user_agent, loads, dumps)
        self._transport = self._default_transport() if transport is None else _sending(transport)
        self._closes = True

    def _default_transport(self) -> TransportT:
        raise NotImplementedError

    @property
    def transport(self) -> TransportT:
        """What carries the requests."""
        return self._transport

    @property
    def session(self) -> Any:
        """The HTTP library's own session, pool or client; None where the transport has none."""
        return getattr(self._transport, "session", None)

    def with_options(
        self,
        *,
        access_token: str | None = None,
        version_string: str | None = None,
        base_url: str | None = None,
        timeout: Timeout | None = None,
        user_agent: str | None = None,
    ) -> Self:
        """A client on the same transport with other settings, such as another member's token; None keeps a setting.

        It costs next to nothing. Closing it closes nothing.
        """
        client = copy(self)
        client.settings = self.settings.changed(
            access_token=access_token,
            version_string=version_string,
            base_url=base_url,
            timeout=timeout,
            user_agent=user_agent,
        )
        client._closes = False
        return client

    def __repr__(self) -> str:
        return f"<{type(self).__name__} over {type(self._transport).__name__}>"

    def _closing(self) -> Callable[[], Any] | None:
        return getattr(self._transport, "close", None) if self._closes else None


class RestliClient(_Client[Transport]):
    """A client: the fourteen functions of `restli_core` as methods, with the same arguments, that return the answers.

    Args:
        transport: what carries the requests; urllib3 by default (the extra ``urllib3``).
        access_token: an OAuth 2.0 bearer token. It goes out with every request to the client's own origin that has no
            Authorization, and to no other.
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

    def _default_transport(self) -> Transport:
        from restli_transports.urllib3 import Urllib3Transport

        return Urllib3Transport()

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

        Raises:
            ServiceError: the server answered with an error.
            InvalidResponseError: it answered with success, but the answer cannot be read.
            TransportError: the request could not be carried, or the answer not be brought back.
        """
        authorized, limits = self.settings.authorized(call), self.settings.limits(timeout)
        response = self._transport.send(authorized.request, timeout=limits)
        return authorized.parse(response, loads=self.settings.loads)

    def close(self) -> None:
        """Closes the transport, which closes what it made itself."""
        closing = self._closing()
        if closing is not None:
            closing()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


class AsyncRestliClient(_Client[AsyncTransport]):
    """As `RestliClient`, with every method awaited.

    Args:
        transport: what carries the requests; httpx by default (the extra ``httpx``), under asyncio or trio.
        settings: as for `RestliClient`.
    """

    def _default_transport(self) -> AsyncTransport:
        from restli_transports.httpx import HttpxAsyncTransport

        return HttpxAsyncTransport()

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
        authorized, limits = self.settings.authorized(call), self.settings.limits(timeout)
        response = await self._transport.send(authorized.request, timeout=limits)
        return authorized.parse(response, loads=self.settings.loads)

    async def close(self) -> None:
        """Closes the transport, which closes what it made itself."""
        closing = self._closing()
        if closing is not None:
            await closing()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()
