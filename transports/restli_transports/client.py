"""Clients: the fourteen functions of `restli_core`, sent over a transport.

    call = function(...)                     made by restli_core, with the client's defaults where the caller gave none
    response = transport.send(call.request)  with the client's token, where it belongs
    call.parse(response)                     the answer, or an error

A client sends once. Only where its token comes from a source, and the server refuses that token with a 401, does it ask
the source for another, and where there is one, send once more. It has no state but its settings,
so that it is as safe to share between threads, or tasks, as its transport and its source are.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from restli_core import calls
from restli_core.frames import concealing
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
from restli_transports._clients.base import AsyncBaseClient, BaseClient, BlockingClient, TransportT
from restli_transports._clients.environment import from_variables
from restli_transports._clients.methods import awaited, blocking, with_settings
from restli_transports._clients.settings import DEFAULT_TIMEOUT, Settings
from restli_transports.transport import AsyncTransport, Timeout, Transport

if TYPE_CHECKING:
    from restli_core.bodies import Dumps
    from restli_core.messages import Authorization
    from restli_transports.token_source import AsyncTokenSource, TokenSource  # noqa: F401 - in quotes below

__all__ = ["AsyncRestliClient", "RestliClient"]

SourceT = TypeVar("SourceT")


class _ResourceClient(BaseClient[TransportT, Settings], Generic[TransportT, SourceT]):
    """A client of resources, blocking or not: its calls are made with its settings."""

    @concealing
    def __init__(
        self,
        transport: TransportT | None = None,
        *,
        access_token: str | Authorization | SourceT | None = None,
        version_string: str | None = None,
        base_url: str | None = None,
        timeout: Timeout = DEFAULT_TIMEOUT,
        user_agent: str | None = None,
        loads: Loads = strict_loads,
        dumps: Dumps | None = None,
    ) -> None:
        source: Any = access_token  # the base class checks that it is of the right kind
        settings = Settings(
            access_token=source,
            version_string=version_string,
            base_url=base_url,
            timeout=timeout,
            user_agent=user_agent,
            loads=loads,
            dumps=dumps,
        )
        super().__init__(transport, settings, settings)

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
        access_token: str | Authorization | SourceT | None = None,
        version_string: str | None = None,
        base_url: str | None = None,
        timeout: Timeout | None = None,
        user_agent: str | None = None,
    ) -> Self:
        """Return a client on the same transport with other settings, such as another member's token.

        It is cheap: no connection is opened for it, and closing it closes nothing.

        Args:
            access_token: as for the client; None keeps its own, here as in all that follows.
            version_string: as for the client.
            base_url: as for the client.
            timeout: as for the client.
            user_agent: as for the client.

        Raises:
            InvalidCallError: one of these cannot be sent.
        """
        options: dict[str, Any] = {
            "access_token": access_token,
            "version_string": version_string,
            "base_url": base_url,
            "timeout": timeout,
            "user_agent": user_agent,
        }
        changed = {name: value for name, value in options.items() if value is not None}
        settings = replace(self.settings, **changed)
        return self._derived(settings, settings)


class RestliClient(_ResourceClient[Transport, "TokenSource"], BlockingClient[Settings]):
    """A client: the fourteen functions of `restli_core` as methods, with the same arguments, that return the answers.

    Args:
        transport: what carries the requests; urllib3 by default (the extra ``urllib3``).
        access_token: an OAuth 2.0 bearer token, a source of tokens (`restli_transports.tokens`), or an `Authorization`
            for a server that takes something else. It goes out with every request to the client's own origin that has
            no Authorization, and to no other.
        version_string: LinkedIn's API version, ``"YYYYMM"``, ``"YYYYMM.RR"`` or ``"YYYYMMDD"``.
        base_url: what stands before resource paths; by default LinkedIn's API, versioned if a version is given.
        timeout: the time limits of each call.
        user_agent: what the header User-Agent says.
        loads: bytes -> value, such as ``orjson.loads``, for answers.
        dumps: value -> bytes, such as ``orjson.dumps``, for bodies.

    Raises:
        InvalidCallError: one of these cannot be sent.
        ImportError: no transport is given and urllib3 is missing; names the extra.
    """

    @blocking(with_settings(calls.get))
    def get(self) -> GetResponse: ...

    @blocking(with_settings(calls.batch_get))
    def batch_get(self) -> BatchGetResponse: ...

    @blocking(with_settings(calls.get_all))
    def get_all(self) -> CollectionResponse: ...

    @blocking(with_settings(calls.finder))
    def finder(self) -> CollectionResponse: ...

    @blocking(with_settings(calls.batch_finder))
    def batch_finder(self) -> BatchFinderResponse: ...

    @blocking(with_settings(calls.create))
    def create(self) -> CreateResponse: ...

    @blocking(with_settings(calls.batch_create))
    def batch_create(self) -> BatchCreateResponse: ...

    @blocking(with_settings(calls.update))
    def update(self) -> UpdateResponse: ...

    @blocking(with_settings(calls.batch_update))
    def batch_update(self) -> BatchUpdateResponse: ...

    @blocking(with_settings(calls.partial_update))
    def partial_update(self) -> UpdateResponse: ...

    @blocking(with_settings(calls.batch_partial_update))
    def batch_partial_update(self) -> BatchUpdateResponse: ...

    @blocking(with_settings(calls.delete))
    def delete(self) -> DeleteResponse: ...

    @blocking(with_settings(calls.batch_delete))
    def batch_delete(self) -> BatchDeleteResponse: ...

    @blocking(with_settings(calls.action))
    def action(self) -> ActionResponse: ...


class AsyncRestliClient(_ResourceClient[AsyncTransport, "AsyncTokenSource"], AsyncBaseClient[Settings]):
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
        timeout: as for `RestliClient`.
        user_agent: as for `RestliClient`.
        loads: as for `RestliClient`.
        dumps: as for `RestliClient`.

    Raises:
        InvalidCallError: one of these cannot be sent.
        ImportError: no transport is given, and httpx and httpx2 are missing; names the extras.
    """

    @awaited(with_settings(calls.get))
    async def get(self) -> GetResponse: ...

    @awaited(with_settings(calls.batch_get))
    async def batch_get(self) -> BatchGetResponse: ...

    @awaited(with_settings(calls.get_all))
    async def get_all(self) -> CollectionResponse: ...

    @awaited(with_settings(calls.finder))
    async def finder(self) -> CollectionResponse: ...

    @awaited(with_settings(calls.batch_finder))
    async def batch_finder(self) -> BatchFinderResponse: ...

    @awaited(with_settings(calls.create))
    async def create(self) -> CreateResponse: ...

    @awaited(with_settings(calls.batch_create))
    async def batch_create(self) -> BatchCreateResponse: ...

    @awaited(with_settings(calls.update))
    async def update(self) -> UpdateResponse: ...

    @awaited(with_settings(calls.batch_update))
    async def batch_update(self) -> BatchUpdateResponse: ...

    @awaited(with_settings(calls.partial_update))
    async def partial_update(self) -> UpdateResponse: ...

    @awaited(with_settings(calls.batch_partial_update))
    async def batch_partial_update(self) -> BatchUpdateResponse: ...

    @awaited(with_settings(calls.delete))
    async def delete(self) -> DeleteResponse: ...

    @awaited(with_settings(calls.batch_delete))
    async def batch_delete(self) -> BatchDeleteResponse: ...

    @awaited(with_settings(calls.action))
    async def action(self) -> ActionResponse: ...
