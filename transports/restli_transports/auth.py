"""Auth clients: the token calls of `restli_core.oauth`, sent over a transport in the name of one application.

    auth = AuthClient(client_id, client_secret, redirect_url)
    auth.generate_member_auth_url(scopes, state)        where to send a member
    auth.exchange_auth_code_for_access_token(code)      once they are back

An `Application` knows who asks, and makes the calls; a client sends them. What identifies the application goes out in
the bodies of token calls alone. Errors, `repr`s and logs hold no secret and no token.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from restli_core.frames import concealing
from restli_core.oauth import (
    AccessToken2LResponse,
    AccessToken3LResponse,
    AuthResponse,
    IntrospectTokenResponse,
    RefreshTokenExchangeResponse,
    UserinfoResponse,
)
from restli_core.oauth.application import Application
from restli_core.responses.parsing import Loads, strict_loads
from restli_transports._clients.base import AsyncBaseClient, BaseClient, BlockingClient, TransportT
from restli_transports._clients.kept import KEPT, Kept
from restli_transports._clients.methods import awaited, blocking
from restli_transports._clients.settings import DEFAULT_RETRY, Settings
from restli_transports.transport import AsyncTransport, Timeout, Transport

if TYPE_CHECKING:
    import anyio

    from restli_core.calls import Call
    from restli_core.flows.retry import RetryPolicy

__all__ = ["Application", "AsyncAuthClient", "AuthClient", "new_state", "new_verifier"]

T = TypeVar("T")

# Calls wait while a token is fetched for them, so that fetching it must not take as long as a call may.
_DEFAULT_TIMEOUT: Final = Timeout(connect=10, read=30, total=60)


def new_state() -> str:
    """Return a state that nobody can guess, for one login: 43 characters of base64url, of 256 random bits."""
    import secrets  # slow to import, and needed for logins alone

    return secrets.token_urlsafe(32)


def new_verifier() -> str:
    """Return a verifier of PKCE, for one login: 86 characters, of 512 random bits (RFC 7636 section 4.1)."""
    import secrets  # slow to import, as in `new_state`

    return secrets.token_urlsafe(64)


class _ApplicationClient(BaseClient[TransportT, Application]):
    """A client of the authorization server, blocking or not: its calls are made by an application."""

    _default_timeout = _DEFAULT_TIMEOUT

    @concealing
    def __init__(
        self,
        client_id: str,
        client_secret: str | None = None,
        redirect_url: str | None = None,
        *,
        transport: TransportT | None = None,
        base_url: str | None = None,
        timeout: Timeout = _DEFAULT_TIMEOUT,
        retry: RetryPolicy | None = DEFAULT_RETRY,
        loads: Loads = strict_loads,
    ) -> None:
        application = Application(client_id, client_secret, redirect_url, base_url)
        settings = Settings(base_url=base_url, timeout=timeout, retry=retry, loads=loads)
        super().__init__(transport, application, settings)
        self._under_way = _UnderWay()  # of the awaited client

    @property
    def application(self) -> Application:
        """The application: it makes the calls, without sending them."""
        return self.maker

    @property
    def timeout(self) -> Timeout:
        """The time limits of each call."""
        return self.settings.timeout

    @concealing
    def generate_member_auth_url(
        self,
        scopes: str | Iterable[str],
        state: str | None = None,
        *,
        code_verifier: str | None = None,
        extra_params: Mapping[str, object] | None = None,
    ) -> str:
        return self.application.generate_member_auth_url(
            scopes, state, code_verifier=code_verifier, extra_params=extra_params
        )

    generate_member_auth_url.__doc__ = Application.generate_member_auth_url.__doc__

    def with_redirect_url(self, redirect_url: str) -> Self:
        """Return a client on the same transport with another redirect URL, such as one with a port that was free.

        Closing it closes nothing.

        Raises:
            InvalidCallError: it is not a URL that members can be sent back to.
        """
        return self._derived(replace(self.application, redirect_url=redirect_url), self.settings)


class AuthClient(_ApplicationClient[Transport], BlockingClient[Application]):
    """A client of the authorization server, for one application. As safe to share between threads as its transport.

    Args:
        client_id: the application's id.
        client_secret: its secret; None for a public client, which has no two-legged tokens and no introspection.
        redirect_url: where members come back to, as registered with the application; needed for the member flows alone.
        transport: what carries the requests; urllib3 by default (the extra ``urllib3``).
        base_url: what stands before the paths of the calls; `restli_core.oauth.BASE_URL` by default.
        timeout: the time limits of each try of a call.
        retry: how often a call is repeated of which the server cannot have seen anything; None for never. Whatever it
            says, a call that may have been done is not repeated: a code, or a refresh token, is good for once.
        loads: bytes -> value, such as ``orjson.loads``, for answers.

    Raises:
        InvalidCallError: one of these cannot be sent.
        ImportError: no transport is given and urllib3 is missing; names the extra.
    """

    @blocking(Application.exchange_auth_code_for_access_token)
    def exchange_auth_code_for_access_token(self) -> AccessToken3LResponse: ...

    @blocking(Application.exchange_refresh_token_for_access_token)
    def exchange_refresh_token_for_access_token(self) -> RefreshTokenExchangeResponse: ...

    @blocking(Application.get_two_legged_access_token)
    def get_two_legged_access_token(self) -> AccessToken2LResponse: ...

    @blocking(Application.introspect_access_token)
    def introspect_access_token(self) -> IntrospectTokenResponse: ...

    @blocking(Application.revoke_access_token)
    def revoke_access_token(self) -> AuthResponse: ...

    @blocking(Application.userinfo)
    def userinfo(self) -> UserinfoResponse: ...


class _UnderWay:
    """The token calls under way, each with the event loop that it is in, and an event that comes at its end."""

    def __init__(self) -> None:
        self._calls: set[tuple[Any, anyio.Event]] = set()

    @contextmanager
    def counted(self) -> Generator[None]:
        """Have a call under way within the block."""
        try:
            import anyio.lowlevel  # slow to import, and there with every transport of ours

            call = (anyio.lowlevel.current_token(), anyio.Event())
        except (ImportError, RuntimeError):  # a transport of another's, in an event loop that anyio does not know
            yield
            return
        self._calls.add(call)
        try:
            yield
        finally:
            self._calls.discard(call)
            call[1].set()

    async def ended(self) -> None:
        """Wait for those of this event loop."""
        if self._calls:
            import anyio.lowlevel

            here = anyio.lowlevel.current_token()
            for loop, end in list(self._calls):
                if loop == here:
                    await end.wait()


class AsyncAuthClient(_ApplicationClient[AsyncTransport], AsyncBaseClient[Application]):
    """A client like `AuthClient`, with every method awaited but `generate_member_auth_url`.

    Args:
        client_id: the application's id.
        client_secret: as for `AuthClient`.
        redirect_url: as for `AuthClient`.
        transport: what carries the requests; httpx by default, or httpx2 where that alone is installed (the extras
            ``httpx`` and ``httpx2``).
        base_url: as for `AuthClient`.
        timeout: as for `AuthClient`.
        retry: as for `AuthClient`.
        loads: as for `AuthClient`.

    Raises:
        InvalidCallError: one of these cannot be sent.
        ImportError: no transport is given, and httpx and httpx2 are missing; names the extras.
    """

    async def send(
        self, call: Call[T], *, timeout: Timeout | Kept | None = KEPT, retry: RetryPolicy | Kept | None = KEPT
    ) -> T:
        with self._under_way.counted():
            return await super().send(call, timeout=timeout, retry=retry)

    async def close(self) -> None:
        """Close the transport, which closes what it made itself, once the calls under way in this event loop are over.

        The answer to one may hold the only refresh token that is good from then on. One that waits for a retry has no
        answer to come, and ends at once.
        """
        self._end_waits()
        try:
            await self._under_way.ended()
        finally:
            await super().close()

    @awaited(Application.exchange_auth_code_for_access_token)
    async def exchange_auth_code_for_access_token(self) -> AccessToken3LResponse: ...

    @awaited(Application.exchange_refresh_token_for_access_token)
    async def exchange_refresh_token_for_access_token(self) -> RefreshTokenExchangeResponse: ...

    @awaited(Application.get_two_legged_access_token)
    async def get_two_legged_access_token(self) -> AccessToken2LResponse: ...

    @awaited(Application.introspect_access_token)
    async def introspect_access_token(self) -> IntrospectTokenResponse: ...

    @awaited(Application.revoke_access_token)
    async def revoke_access_token(self) -> AuthResponse: ...

    @awaited(Application.userinfo)
    async def userinfo(self) -> UserinfoResponse: ...
