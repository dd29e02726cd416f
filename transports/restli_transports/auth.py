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
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, Self, TypeVar

from restli_core.errors import InvalidCallError
from restli_core.responses import Loads, strict_loads
from restli_transports.facade import (
    AsyncFacade,
    BlockingFacade,
    Facade,
    TransportT,
    awaited,
    described,
)
from restli_transports.transport import AsyncTransport, Timeout, Transport, checked_timeout

# `restli_core.oauth` is imported where it is used: who has a token already pays nothing for it.
if TYPE_CHECKING:
    from restli_core.calls import Call
    from restli_core.messages import HttpRequest
    from restli_core.oauth import (
        AccessToken2LResponse,
        AccessToken3LResponse,
        AuthResponse,
        IntrospectTokenResponse,
        RefreshTokenExchangeResponse,
    )

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


@dataclass(frozen=True, slots=True, repr=False)
class Application:
    """An application, as it is registered: it makes the token calls that it may send.

    Args:
        client_id: its id.
        client_secret: its secret; None for a public client.
        redirect_url: where members come back to, as registered; None where none will.
        base_url: what stands before the paths of the calls; `restli_core.oauth.BASE_URL` by default.

    Raises:
        InvalidCallError: one of these cannot be sent; names it.
    """

    client_id: str
    client_secret: str | None = None
    redirect_url: str | None = None
    base_url: str | None = None

    def __post_init__(self) -> None:
        from restli_core import oauth

        oauth.revoke("-", self.client_id, self.client_secret, base_url=self.base_url)
        if self.redirect_url is not None:
            self.generate_member_auth_url("-")

    def generate_member_auth_url(
        self, scopes: str | Iterable[str], state: str | None = None, *, code_verifier: str | None = None
    ) -> str:
        """The URL to send a member to, so that they sign in and consent (RFC 6749 section 4.1.1).

        Args:
            scopes: what is asked for, at least one: a list, or text with spaces or commas between them.
            state: text that nobody can guess, such as `new_state` makes, kept in the member's session;
                `restli_core.oauth.read_redirect` compares it.
            code_verifier: a verifier, such as `new_verifier` makes, whose challenge goes into the URL (PKCE). It makes
                the URL one of LinkedIn's native flow; the web flow must not have any.

        Raises:
            InvalidCallError: an argument is missing or malformed, or the application has no redirect_url; names it.
        """
        from restli_core import oauth

        challenge = None if code_verifier is None else oauth.code_challenge(code_verifier)
        return oauth.generate_member_auth_url(
            self.client_id, self._redirect_url, scopes, state, code_challenge=challenge, base_url=self.base_url
        )

    def exchange_auth_code_for_access_token(
        self, code: str, *, code_verifier: str | None = None
    ) -> Call[AccessToken3LResponse]:
        """A member's authorization code for an access token; the code can be used once, within 30 minutes.

        Args:
            code: the code, as `restli_core.oauth.read_redirect` gives it.
            code_verifier: the verifier that the authorization URL was made with. It goes out in the secret's place, as
                LinkedIn's native flow wants it.

        Raises:
            InvalidCallError: an argument is missing or malformed, or the application has no redirect_url; names it.
        """
        from restli_core import oauth

        secret = self.client_secret if code_verifier is None else None
        return oauth.authorization_code(
            code, self._redirect_url, self.client_id, secret, code_verifier=code_verifier, base_url=self.base_url
        )

    def exchange_refresh_token_for_access_token(self, refresh_token: str) -> Call[RefreshTokenExchangeResponse]:
        """A refresh token for a new access token; the refresh token's own end stays where it was.

        Args:
            refresh_token: the refresh token.

        Raises:
            InvalidCallError: it is missing or malformed.
        """
        from restli_core import oauth

        return oauth.refresh(refresh_token, self.client_id, self.client_secret, base_url=self.base_url)

    def get_two_legged_access_token(self) -> Call[AccessToken2LResponse]:
        """The application's own token (client credentials), which stands for no member.

        Raises:
            InvalidCallError: the application has no secret.
        """
        from restli_core import oauth

        return oauth.client_credentials(self.client_id, self._secret, base_url=self.base_url)

    def introspect_access_token(self, access_token: str) -> Call[IntrospectTokenResponse]:
        """What the server knows of a token of the application's.

        Args:
            access_token: the token to ask about; a refresh token will do, too.

        Raises:
            InvalidCallError: it is missing or malformed, or the application has no secret.
        """
        from restli_core import oauth

        return oauth.introspect(access_token, self.client_id, self._secret, base_url=self.base_url)

    def revoke_access_token(self, access_token: str) -> Call[AuthResponse]:
        """Ends a token. LinkedIn does not document this endpoint: it may change, or go, without notice.

        Args:
            access_token: the token to end.

        Raises:
            InvalidCallError: it is missing or malformed.
        """
        from restli_core import oauth

        return oauth.revoke(access_token, self.client_id, self.client_secret, base_url=self.base_url)

    @property
    def _redirect_url(self) -> str:
        if self.redirect_url is None:
            raise InvalidCallError("redirect_url", "is needed to send members away and to take them back")
        return self.redirect_url

    @property
    def _secret(self) -> str:
        if self.client_secret is None:
            raise InvalidCallError("client_secret", "is needed for this call")
        return self.client_secret

    def __repr__(self) -> str:
        return f"<Application {self.client_id}>"


class _Client(Facade[TransportT]):
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
        self.timeout = checked_timeout(timeout)
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
        return send(request, timeout=self.timeout if timeout is None else checked_timeout(timeout))


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


class AuthClient(_Client[Transport], BlockingFacade):
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


class AsyncAuthClient(_Client[AsyncTransport], AsyncFacade):
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
