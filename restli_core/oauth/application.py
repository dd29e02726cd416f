"""An application, as it is registered with the authorization server: it makes its own token calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from restli_core.base_errors import InvalidCallError, SuspiciousValueWarning
from restli_core.callers import warn
from restli_core.frames import concealing
from restli_core.oauth.arguments import check_auth_base_url, check_client, check_redirect_url, userinfo_base_url
from restli_core.oauth.authorization_url import code_challenge, generate_member_auth_url
from restli_core.oauth.calls import authorization_code, client_credentials, introspect, refresh, revoke, userinfo

if TYPE_CHECKING:
    from restli_core.calls import Call
    from restli_core.messages import Authorization
    from restli_core.oauth.answers import (
        AccessToken2LResponse,
        AccessToken3LResponse,
        AuthResponse,
        IntrospectTokenResponse,
        RefreshTokenExchangeResponse,
        UserinfoResponse,
    )

__all__ = ["Application"]


# A dataclass and not a Value: a client copies one with changes by `dataclasses.replace`.
@dataclass(frozen=True, slots=True, repr=False)
class Application:
    """An application, as it is registered: it makes the token calls that it may send.

    Args:
        client_id: its id.
        client_secret: its secret; None for a public client.
        redirect_url: where members come back to, as registered; None for an application without members.
        base_url: what stands before the paths of the calls; `restli_core.oauth.BASE_URL` by default.

    Raises:
        InvalidCallError: one of these cannot be sent; the error names it.
    """

    client_id: str
    client_secret: str | None = None
    redirect_url: str | None = None
    base_url: str | None = None

    def __post_init__(self) -> None:
        # Here rather than at the first call, since an application is often made long before that.
        check_client(self.client_id, self.client_secret)
        check_auth_base_url(self.base_url)
        if self.redirect_url is not None:
            check_redirect_url(self.redirect_url)

    @concealing
    def generate_member_auth_url(
        self,
        scopes: str | Iterable[str],
        state: str | None = None,
        *,
        code_verifier: str | None = None,
        extra_params: Mapping[str, object] | None = None,
    ) -> str:
        """Return the URL to send a member to, so that they sign in and consent (RFC 6749 section 4.1.1).

        Args:
            scopes: what is asked for, at least one: a list, or text with spaces or commas between them.
            state: text that cannot be guessed, stored in the member's session; `restli_core.oauth.read_redirect`
                compares it.
            code_verifier: a verifier whose challenge goes into the URL (PKCE). It makes the URL one of LinkedIn's
                native flow; the web flow must not have one.
            extra_params: further parameters of the server's, such as ``{"prompt": "login"}`` or
                ``{"enable_extended_login": True}``: text, numbers, or booleans.

        Raises:
            InvalidCallError: an argument is missing or malformed, there is no redirect_url, or LinkedIn's native flow
                does not take one of them; the error names it.
            SuspiciousValueWarning: there is neither a secret nor a verifier, so that this application cannot exchange
                the code.
        """
        redirect_url = self._redirect_url
        if self.client_secret is None and code_verifier is None:
            reason = "is missing: without it, or a code_verifier here, the code cannot be exchanged for a token"
            warn(f"client_secret: {reason}", SuspiciousValueWarning)
        challenge = None if code_verifier is None else code_challenge(code_verifier)
        return generate_member_auth_url(
            self.client_id,
            redirect_url,
            scopes,
            state,
            code_challenge=challenge,
            extra_params=extra_params,
            base_url=self.base_url,
        )

    @concealing
    def exchange_auth_code_for_access_token(
        self, code: str, *, code_verifier: str | None = None
    ) -> Call[AccessToken3LResponse]:
        """Exchange a member's authorization code for an access token; the code can be used once, within 30 minutes.

        Args:
            code: the code, as `restli_core.oauth.read_redirect` gives it.
            code_verifier: the verifier that the authorization URL was made with. It goes out in the secret's place, as
                LinkedIn's native flow wants it.

        Raises:
            InvalidCallError: an argument is missing or malformed, or there is no redirect_url; the error names it.
        """
        # LinkedIn's native flow takes the verifier in place of the secret, not beside it.
        secret = self.client_secret if code_verifier is None else None
        return authorization_code(
            code, self._redirect_url, self.client_id, secret, code_verifier=code_verifier, base_url=self.base_url
        )

    @concealing
    def exchange_refresh_token_for_access_token(self, refresh_token: str) -> Call[RefreshTokenExchangeResponse]:
        """Exchange a refresh token for a new access token; the refresh token ends when it would have ended anyway.

        Args:
            refresh_token: the refresh token.

        Raises:
            InvalidCallError: it is missing or malformed.
        """
        return refresh(refresh_token, self.client_id, self.client_secret, base_url=self.base_url)

    def get_two_legged_access_token(self) -> Call[AccessToken2LResponse]:
        """Get the application's own token (client credentials), which stands for no member.

        Raises:
            InvalidCallError: the application has no secret.
        """
        return client_credentials(self.client_id, self._secret, base_url=self.base_url)

    @concealing
    def introspect_access_token(self, access_token: str) -> Call[IntrospectTokenResponse]:
        """Ask what the server knows of a token of the application's.

        Args:
            access_token: the token to ask about, which may also be a refresh token.

        Raises:
            InvalidCallError: it is missing or malformed, or the application has no secret.
        """
        return introspect(access_token, self.client_id, self._secret, base_url=self.base_url)

    @concealing
    def revoke_access_token(self, access_token: str) -> Call[AuthResponse]:
        """End a token. LinkedIn does not document this endpoint: it may change, or go, without notice.

        Args:
            access_token: the token to end.

        Raises:
            InvalidCallError: it is missing or malformed.
        """
        return revoke(access_token, self.client_id, self.client_secret, base_url=self.base_url)

    @concealing
    def userinfo(self, access_token: str | Authorization, *, base_url: str | None = None) -> Call[UserinfoResponse]:
        """Ask who the member is that a token stands for (OpenID Connect); the token needs the scope ``openid``.

        Args:
            access_token: the member's token.
            base_url: what stands before ``/userinfo``. By default that is ``https://api.linkedin.com/v2``; for another
                authorization server than LinkedIn's it is ``/v2`` at the same origin.

        Raises:
            InvalidCallError: an argument is missing or malformed; the error names it.
        """
        return userinfo(access_token, base_url=userinfo_base_url(self.base_url) if base_url is None else base_url)

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


# What `dataclasses` has made takes the secret as an argument.
Application.__init__ = concealing(Application.__init__)  # type: ignore[method-assign]
