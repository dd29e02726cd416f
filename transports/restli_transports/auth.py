"""Auth clients: the token calls of `restli_core.oauth`, sent over a transport in the name of one application.

    auth = AuthClient(client_id, client_secret, redirect_url)
    auth.generate_member_auth_url(scopes, state)        where to send a member
    auth.exchange_auth_code_for_access_token(code)      once they are back

An `Application` knows who asks, and makes the calls; a client sends them. What identifies the application goes out in
the bodies of token calls alone, and nothing is repeated. Errors, `repr`s and logs hold no secret and no token.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, Self, TypeVar

from restli_core.oauth.application import Application
from restli_core.responses.parsing import Loads, strict_loads
from restli_transports._clients.base import (
    AsyncBaseClient,
    BaseClient,
    BlockingClient,
    TransportT,
    awaited,
    described,
)
from restli_transports.transport import AsyncTransport, Timeout, Transport, check_timeout

if TYPE_CHECKING:
    from restli_core.calls import Call
    from restli_core.messages import HttpRequest

__all__ = ["Application", "AsyncAuthClient", "AuthClient", "new_state", "new_verifier"]

P = ParamSpec("P")
T = TypeVar("T")


# Seconds. Others wait for a token while it is fetched, so that it shall not take as long as a call may.
_DEFAULT_TIMEOUT: Final = Timeout(connect=10, read=30, total=60)


def new_state() -> str:
    """A state that nobody can guess, for one login: 43 characters of base64url, of 256 random bits."""
    import secrets

    return secrets.token_urlsafe(32)


def new_verifier() -> str:
    """A verifier of PKCE, for one login: 86 characters of base64url, of 512 random bits (RFC 7636 section 4.1)."""
    import secrets

    return secrets.token_urlsafe(64)


class _Client(BaseClient[TransportT]):
    """What the two clients have in common: all but the sending."""

    application: Application
    timeout: Timeout

    def __init__(
        self,
        client_id: str,
        client_secret: str | None = None,
        redirect_url: str | None = None,
        *,
        transport: TransportT | None = None,
        base_url: str | None = None,
        timeout: Timeout = _DEFAULT_TIMEOUT,
        loads: Loads = strict_loads,
    ) -> None:
        self.application = Application(client_id, client_secret, redirect_url, base_url)
        self.timeout = check_timeout(timeout)
        self._loads = loads
        super().__init__(transport)

    def generate_member_auth_url(
        self, scopes: str | Iterable[str], state: str | None = None, *, code_verifier: str | None = None
    ) -> str:
        return self.application.generate_member_auth_url(scopes, state, code_verifier=code_verifier)

    generate_member_auth_url.__doc__ = Application.generate_member_auth_url.__doc__

    def with_redirect_url(self, redirect_url: str) -> Self:
        """A client on the same transport with another redirect URL, such as one with a port that was free.

        Closing it closes nothing.

        Raises:
            InvalidCallError: members cannot come back there.
        """
        client = copy(self)
        client.application = replace(self.application, redirect_url=redirect_url)
        client._closes = False
        return client

    def _sending(self, send: Callable[..., T], request: HttpRequest, timeout: Timeout | None) -> T:
        return send(request, timeout=self.timeout if timeout is None else check_timeout(timeout))


def _blocking(
    function: Callable[Concatenate[Application, P], Call[T]],
) -> Callable[[Callable[[AuthClient], None]], Callable[Concatenate[AuthClient, P], T]]:
    """Makes a method of one of an application: the same arguments, and the answer in place of the call."""

    def decorate(stub: Callable[[AuthClient], None]) -> Callable[Concatenate[AuthClient, P], T]:
        def method(self: AuthClient, /, *args: P.args, **options: P.kwargs) -> T:
            return self.send(function(self.application, *args, **options))

        return described(method, function, stub)

    return decorate


def _awaited(
    function: Callable[Concatenate[Application, P], Call[T]],
) -> Callable[[Callable[[AsyncAuthClient], None]], Callable[Concatenate[AsyncAuthClient, P], Awaitable[T]]]:
    """As `_blocking`, for a method to await."""

    def decorate(stub: Callable[[AsyncAuthClient], None]) -> Callable[Concatenate[AsyncAuthClient, P], Awaitable[T]]:
        async def method(self: AsyncAuthClient, /, *args: P.args, **options: P.kwargs) -> T:
            return await self.send(function(self.application, *args, **options))

        return described(method, function, stub)

    return decorate


class AuthClient(_Client[Transport], BlockingClient):
    """A client of the authorization server, for one application. As safe to share between threads as its transport.

    Args:
        client_id: the application's id.
        client_secret: its secret; None for a public client, which has no two-legged tokens and no introspection.
        redirect_url: where members come back to, as registered with the application; needed for the member flows alone.
        transport: what carries the requests; urllib3 by default (the extra ``urllib3``).
        base_url: what stands before the paths of the calls; `restli_core.oauth.BASE_URL` by default.
        timeout: the time limits of each call.
        loads: bytes -> value, such as ``orjson.loads``, for answers.

    Raises:
        InvalidCallError: one of these cannot be sent.
        ImportError: no transport is given and urllib3 is missing; names the extra.

    Attributes:
        application: what makes the calls, without sending them.
        timeout: the time limits.
    """

    @_blocking(Application.exchange_auth_code_for_access_token)
    def exchange_auth_code_for_access_token(self) -> None: ...

    @_blocking(Application.exchange_refresh_token_for_access_token)
    def exchange_refresh_token_for_access_token(self) -> None: ...

    @_blocking(Application.get_two_legged_access_token)
    def get_two_legged_access_token(self) -> None: ...

    @_blocking(Application.introspect_access_token)
    def introspect_access_token(self) -> None: ...

    @_blocking(Application.revoke_access_token)
    def revoke_access_token(self) -> None: ...

    def send(self, call: Call[T], *, timeout: Timeout | None = None) -> T:
        """The answer to a call, made by the application or by `restli_core.oauth`; it is sent as it is.

        Raises:
            OAuthError: the authorization server refused.
            ServiceError: it answered with an error that is none of OAuth's, as gateways do.
            InvalidResponseError: it answered with success, but the answer cannot be read.
            TransportError: the request could not be carried, or the answer not be brought back.
        """
        return call.parse(self._sending(self._transport.send, call.request, timeout), loads=self._loads)


class AsyncAuthClient(_Client[AsyncTransport], AsyncBaseClient):
    """As `AuthClient`, with every method awaited but `generate_member_auth_url`.

    Args:
        client_id: the application's id.
        client_secret: as for `AuthClient`.
        redirect_url: as for `AuthClient`.
        transport: what carries the requests; httpx by default (the extra ``httpx``).
        settings: as for `AuthClient`.
    """

    @_awaited(Application.exchange_auth_code_for_access_token)
    def exchange_auth_code_for_access_token(self) -> None: ...

    @_awaited(Application.exchange_refresh_token_for_access_token)
    def exchange_refresh_token_for_access_token(self) -> None: ...

    @_awaited(Application.get_two_legged_access_token)
    def get_two_legged_access_token(self) -> None: ...

    @_awaited(Application.introspect_access_token)
    def introspect_access_token(self) -> None: ...

    @_awaited(Application.revoke_access_token)
    def revoke_access_token(self) -> None: ...

    async def send(self, call: Call[T], *, timeout: Timeout | None = None) -> T:
        """As `AuthClient.send`, awaited."""
        sent: Any = self._sending(self._transport.send, call.request, timeout)
        return call.parse(await awaited(sent, "transport", "what the transport is"), loads=self._loads)
