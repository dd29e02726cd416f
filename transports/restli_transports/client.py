"""Clients: the fourteen functions of `restli_core`, sent over a transport.

    call = client.calls.get(...)             made by restli_core, with the client's defaults where the caller gave none
    response = transport.send(call.request)  with the client's token, where it belongs
    call.parse(response)                     the answer, or an error

What fails is sent again where its policy says so, and where a source of tokens has another token for one that was
refused. A client is as safe to share between threads, or tasks, as its transport and its source are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Generic, Self, TypeVar

from restli_core.bound_calls import Calls
from restli_core.frames import concealing
from restli_core.messages import Authorization  # noqa: TC001 - for typing.get_type_hints
from restli_core.responses import (
    ActionResponse,
    BatchCreateResponse,
    BatchDeleteResponse,
    BatchFinderResponse,
    BatchGetResponse,
    BatchUpdateResponse,
    CollectionResponse,
    CreateResponse,
    DeleteResponse,
    GetResponse,
    UpdateResponse,
)
from restli_core.responses.parsing import Loads, strict_loads
from restli_transports._clients.base import BaseClient, TransportT
from restli_transports._clients.environment import from_variables
from restli_transports._clients.kept import KEPT, Kept
from restli_transports._clients.methods import awaited, blocking
from restli_transports._clients.resources import AsyncResources, BlockingResources
from restli_transports._clients.settings import DEFAULT_RETRY, DEFAULT_TIMEOUT, Settings, system_random
from restli_transports.token_source import AsyncTokenSource, TokenSource
from restli_transports.transport import AsyncTransport, Timeout, Transport

if TYPE_CHECKING:
    from restli_core.bodies import Dumps
    from restli_core.flows.limits import Limit
    from restli_core.flows.retry import RetryPolicy
    from restli_transports.events.listeners import OnEvent

__all__ = ["AsyncRestliClient", "RestliClient"]

SourceT = TypeVar("SourceT")


class _ResourceClient(BaseClient[TransportT, Calls], Generic[TransportT, SourceT]):
    """A client of resources, blocking or not: its calls are made with its settings."""

    @concealing
    def __init__(
        self,
        transport: TransportT | None = None,
        *,
        access_token: str | Authorization | SourceT | None = None,
        version_string: str | None = None,
        base_url: str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: Timeout = DEFAULT_TIMEOUT,
        retry: RetryPolicy | None = DEFAULT_RETRY,
        limits: Iterable[Limit] = (),
        on_event: OnEvent = None,
        user_agent: str | None = None,
        loads: Loads = strict_loads,
        dumps: Dumps | None = None,
        random: Callable[[], float] = system_random,
    ) -> None:
        source: Any = access_token  # the base class checks that it is of the right kind
        given: Any = limits  # checked, and made a tuple, by the settings
        settings = Settings(
            access_token=source,
            version_string=version_string,
            base_url=base_url,
            headers=headers,
            timeout=timeout,
            retry=retry,
            limits=given,
            on_event=on_event,
            user_agent=user_agent,
            loads=loads,
            dumps=dumps,
            random=random,
        )
        super().__init__(transport, settings.calls, settings)

    @property
    def calls(self) -> Calls:
        """What makes the client's own calls, with its settings, without sending them."""
        return self.maker

    @classmethod
    @concealing
    def from_environment(cls, transport: TransportT | None = None, **options: Any) -> Self:
        """Return a client with settings of the environment, for programs that have their token there.

            LINKEDIN_ACCESS_TOKEN    access_token
            LINKEDIN_VERSION         version_string
            LINKEDIN_BASE_URL        base_url

        A variable that is empty counts as one that is not set.

        Args:
            transport: as for the client.
            options: the client's further arguments. One that is given counts, whatever the environment says, None too.

        Raises:
            InvalidCallError: a variable has what no call could be sent with; or there is no token, neither in the
                environment nor in the options. The error names the variable, and never has its value.
        """
        return cls(transport, **from_variables(options))

    @concealing
    def with_options(
        self,
        *,
        access_token: str | Authorization | SourceT | Kept | None = KEPT,
        version_string: str | Kept | None = KEPT,
        base_url: str | Kept | None = KEPT,
        headers: Mapping[str, str] | Kept | None = KEPT,
        timeout: Timeout | Kept | None = KEPT,
        retry: RetryPolicy | Kept | None = KEPT,
        limits: Iterable[Limit] | Kept | None = KEPT,
        on_event: OnEvent | Kept = KEPT,
        user_agent: str | Kept | None = KEPT,
        loads: Loads | Kept | None = KEPT,
        dumps: Dumps | Kept | None = KEPT,
        random: Callable[[], float] | Kept | None = KEPT,
    ) -> Self:
        """Return a client on the same transport with other settings, such as another member's token.

        It is cheap: no connection is opened for it, and closing it closes nothing. What is left out stays as it is.
        The budget for retries is this client's, too.

        Args:
            access_token: as for the client; None for no token.
            version_string: as for the client; None for no version.
            base_url: as for the client; None for LinkedIn's API.
            headers: as for the client, in the place of its own; None for none.
            timeout: as for the client; None for the library's own limits.
            retry: as for the client; None for no retries.
            limits: as for the client, in the place of its own; None for none. The same ones are counted together with
                this client's.
            on_event: as for the client, in the place of its own; None for no listener.
            user_agent: as for the client; None for the library's own.
            loads: as for the client; None for the standard library's JSON.
            dumps: as for the client; None for the standard library's JSON.
            random: as for the client; None for the standard library's.

        Raises:
            InvalidCallError: one of these cannot be sent.
        """
        options: dict[str, Any] = {
            "access_token": access_token,
            "version_string": version_string,
            "base_url": base_url,
            "headers": headers,
            "timeout": timeout,
            "retry": retry,
            "limits": limits,
            "on_event": on_event,
            "user_agent": user_agent,
            "loads": loads,
            "dumps": dumps,
            "random": random,
        }
        changed: dict[str, Any] = {
            name: _DEFAULTS.get(name) if value is None else value
            for name, value in options.items()
            if value is not KEPT
        }
        settings = self.settings.__replace__(**changed)
        return self._derived(settings.calls, settings)


# What None stands for in `with_options`, where it is not None itself.
_DEFAULTS: Final[Mapping[str, Any]] = {
    "timeout": DEFAULT_TIMEOUT,
    "limits": (),
    "loads": strict_loads,
    "random": system_random,
}


class RestliClient(_ResourceClient[Transport, TokenSource], BlockingResources):
    """A client: the fourteen functions of `restli_core` as methods, with the same arguments, that return the answers.

    Args:
        transport: what carries the requests; urllib3 by default (the extra ``urllib3``).
        access_token: an OAuth 2.0 bearer token, or a source of tokens (`restli_transports.tokens`). It goes out with
            every request to the client's own origin that has no Authorization, and to no other.
        version_string: LinkedIn's API version, ``"YYYYMM"``, ``"YYYYMM.RR"`` or ``"YYYYMMDD"``.
        base_url: what stands before resource paths; by default LinkedIn's API, versioned if a version is given.
        headers: further headers of each call; those that a call is given go before them.
        timeout: the time limits of each try of a call.
        retry: which failed calls are repeated, and how often (`RetryPolicy`); None for none.
        limits: how much may be asked for in some time (`Limit`): calls wait for their turn.
        on_event: a function, or several, that are told of what happens (`restli_transports.events`).
        user_agent: what the header User-Agent says.
        loads: bytes -> value, such as ``orjson.loads``, for answers.
        dumps: value -> bytes, such as ``orjson.dumps``, for bodies.
        random: gives a number from 0 to 1, for the lengths of waits before retries.

    Raises:
        InvalidCallError: one of these cannot be sent.
        ImportError: no transport is given and urllib3 is missing; names the extra.
    """

    @blocking(Calls.get)
    def get(self) -> GetResponse: ...

    @blocking(Calls.batch_get)
    def batch_get(self) -> BatchGetResponse: ...

    @blocking(Calls.get_all)
    def get_all(self) -> CollectionResponse: ...

    @blocking(Calls.finder)
    def finder(self) -> CollectionResponse: ...

    @blocking(Calls.batch_finder)
    def batch_finder(self) -> BatchFinderResponse: ...

    @blocking(Calls.create)
    def create(self) -> CreateResponse: ...

    @blocking(Calls.batch_create)
    def batch_create(self) -> BatchCreateResponse: ...

    @blocking(Calls.update)
    def update(self) -> UpdateResponse: ...

    @blocking(Calls.batch_update)
    def batch_update(self) -> BatchUpdateResponse: ...

    @blocking(Calls.partial_update)
    def partial_update(self) -> UpdateResponse: ...

    @blocking(Calls.batch_partial_update)
    def batch_partial_update(self) -> BatchUpdateResponse: ...

    @blocking(Calls.delete)
    def delete(self) -> DeleteResponse: ...

    @blocking(Calls.batch_delete)
    def batch_delete(self) -> BatchDeleteResponse: ...

    @blocking(Calls.action)
    def action(self) -> ActionResponse: ...


class AsyncRestliClient(_ResourceClient[AsyncTransport, AsyncTokenSource], AsyncResources):
    """A client like `RestliClient`, with every method awaited.

    Args:
        transport: what carries the requests. By default `HttpxAsyncTransport`, under asyncio or trio, in any number of
            event loops: over httpx (the extra ``httpx``), since that is what most programs have, with proxies of the
            environment and mocks; or over httpx2 (the extra ``httpx2``), its successor, where that alone is installed.
            Where both are, it is httpx, so that nothing changes when another package brings httpx2: to have that, give
            it ``HttpxAsyncTransport(httpx2.AsyncClient())``.
        access_token: as for `RestliClient`; a source of tokens is one to be awaited.
        version_string: as for `RestliClient`.
        base_url: as for `RestliClient`.
        headers: as for `RestliClient`.
        timeout: as for `RestliClient`.
        retry: as for `RestliClient`.
        limits: as for `RestliClient`.
        on_event: as for `RestliClient`.
        user_agent: as for `RestliClient`.
        loads: as for `RestliClient`.
        dumps: as for `RestliClient`.
        random: as for `RestliClient`.

    Raises:
        InvalidCallError: one of these cannot be sent.
        ImportError: no transport is given, and httpx and httpx2 are missing; names the extras.
    """

    @awaited(Calls.get)
    async def get(self) -> GetResponse: ...

    @awaited(Calls.batch_get)
    async def batch_get(self) -> BatchGetResponse: ...

    @awaited(Calls.get_all)
    async def get_all(self) -> CollectionResponse: ...

    @awaited(Calls.finder)
    async def finder(self) -> CollectionResponse: ...

    @awaited(Calls.batch_finder)
    async def batch_finder(self) -> BatchFinderResponse: ...

    @awaited(Calls.create)
    async def create(self) -> CreateResponse: ...

    @awaited(Calls.batch_create)
    async def batch_create(self) -> BatchCreateResponse: ...

    @awaited(Calls.update)
    async def update(self) -> UpdateResponse: ...

    @awaited(Calls.batch_update)
    async def batch_update(self) -> BatchUpdateResponse: ...

    @awaited(Calls.partial_update)
    async def partial_update(self) -> UpdateResponse: ...

    @awaited(Calls.batch_partial_update)
    async def batch_partial_update(self) -> BatchUpdateResponse: ...

    @awaited(Calls.delete)
    async def delete(self) -> DeleteResponse: ...

    @awaited(Calls.batch_delete)
    async def batch_delete(self) -> BatchDeleteResponse: ...

    @awaited(Calls.action)
    async def action(self) -> ActionResponse: ...
