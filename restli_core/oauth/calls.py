"""The five token calls, each a form that is sent, and the call that asks who a member is; each with its parser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from restli_core._version import USER_AGENT
from restli_core.base_errors import InvalidCallError
from restli_core.calls import Call
from restli_core.frames import concealing
from restli_core.messages import Authorization, HttpRequest, bearer
from restli_core.oauth.answers import (
    AccessToken2LResponse,
    AccessToken3LResponse,
    AuthReader,
    AuthResponse,
    IntrospectTokenResponse,
    RefreshTokenExchangeResponse,
    UserinfoResponse,
    read_application_token,
    read_introspection,
    read_member_token,
    read_refreshed_token,
    read_revocation,
    read_userinfo,
)
from restli_core.oauth.arguments import (
    check_auth_base_url,
    check_client,
    check_code,
    check_credential,
    check_redirect_url,
    check_verifier,
    is_linkedin,
    write_form,
)
from restli_core.paths import UNVERSIONED_BASE_URL

if TYPE_CHECKING:
    from restli_core.responses.parsing import ResponseParser

__all__ = ["authorization_code", "client_credentials", "introspect", "refresh", "revoke", "userinfo"]

T = TypeVar("T")


@concealing
def authorization_code(
    code: str,
    redirect_url: str,
    client_id: str,
    client_secret: str | None = None,
    *,
    code_verifier: str | None = None,
    base_url: str | None = None,
) -> Call[AccessToken3LResponse]:
    """Exchange a member's authorization code for an access token; the code can be used once, within 30 minutes.

    Args:
        code: the code, as `read_redirect` gives it.
        redirect_url: the same as in the authorization URL.
        client_id: the application.
        client_secret: its secret; None for a public client, which has a verifier in its place.
        code_verifier: the verifier whose challenge was in the authorization URL (RFC 7636 section 4.5). LinkedIn
            refuses one after the web flow, as ``invalid_client``: give it after the native flow only, without a secret.
        base_url: what stands before ``/accessToken``; `BASE_URL` by default.

    Raises:
        InvalidCallError: an argument is missing or malformed; the error names it.
    """
    if client_secret is None and code_verifier is None:
        raise InvalidCallError("client_secret", "or code_verifier must be given")
    if code_verifier is not None:
        code_verifier = check_verifier("code_verifier", code_verifier)
        if client_secret is not None and is_linkedin(base_url):
            reason = "and code_verifier are both given: LinkedIn takes the verifier in the secret's place, or none"
            raise InvalidCallError("client_secret", reason)
    form = {
        "grant_type": "authorization_code",
        "code": check_code(code),
        "redirect_uri": check_redirect_url(redirect_url),
        "code_verifier": code_verifier,
        **check_client(client_id, client_secret),
    }
    return _token_call("authorization_code", "/accessToken", read_member_token, base_url, form)


@concealing
def refresh(
    refresh_token: str, client_id: str, client_secret: str | None = None, *, base_url: str | None = None
) -> Call[RefreshTokenExchangeResponse]:
    """Exchange a refresh token for a new access token; the refresh token ends when it would have ended anyway.

    Args:
        refresh_token: the refresh token.
        client_id: the application.
        client_secret: its secret; None for a public client.
        base_url: what stands before ``/accessToken``; `BASE_URL` by default.

    Raises:
        InvalidCallError: an argument is missing or malformed; the error names it.
    """
    form = {
        "grant_type": "refresh_token",
        "refresh_token": check_credential("refresh_token", refresh_token),
        **check_client(client_id, client_secret),
    }
    return _token_call("refresh", "/accessToken", read_refreshed_token, base_url, form)


@concealing
def client_credentials(
    client_id: str, client_secret: str, *, base_url: str | None = None
) -> Call[AccessToken2LResponse]:
    """Get an application's own token (two-legged), which stands for no member.

    Args:
        client_id: the application.
        client_secret: its secret.
        base_url: what stands before ``/accessToken``; `BASE_URL` by default.

    Raises:
        InvalidCallError: an argument is missing or malformed; the error names it.
    """
    form = {
        "grant_type": "client_credentials",
        **check_client(client_id, check_credential("client_secret", client_secret)),
    }
    return _token_call("client_credentials", "/accessToken", read_application_token, base_url, form)


@concealing
def introspect(
    access_token: str, client_id: str, client_secret: str, *, base_url: str | None = None
) -> Call[IntrospectTokenResponse]:
    """Ask what the server knows of a token of the application's.

    Args:
        access_token: the token to ask about.
        client_id: the application.
        client_secret: its secret.
        base_url: what stands before ``/introspectToken``; `BASE_URL` by default.

    Raises:
        InvalidCallError: an argument is missing or malformed; the error names it.
    """
    client = check_client(client_id, check_credential("client_secret", client_secret))
    form = {"token": check_credential("access_token", access_token), **client}
    return _token_call("introspect", "/introspectToken", read_introspection, base_url, form)


@concealing
def revoke(
    access_token: str, client_id: str, client_secret: str | None = None, *, base_url: str | None = None
) -> Call[AuthResponse]:
    """End a token. LinkedIn does not document this endpoint: it may change, or go, without notice.

    Args:
        access_token: the token to end.
        client_id: the application.
        client_secret: its secret; None for a public client.
        base_url: what stands before ``/revoke``; `BASE_URL` by default.

    Raises:
        InvalidCallError: an argument is missing or malformed; the error names it.
    """
    client = check_client(client_id, client_secret)
    form = {"token": check_credential("access_token", access_token), **client}
    return _token_call("revoke", "/revoke", read_revocation, base_url, form)


@concealing
def userinfo(access_token: str | Authorization, *, base_url: str | None = None) -> Call[UserinfoResponse]:
    """Ask who the member is that a token stands for (OpenID Connect); the token needs the scope ``openid``.

    Args:
        access_token: the member's token.
        base_url: what stands before ``/userinfo``; by default ``https://api.linkedin.com/v2``, which is another host
            than that of the token calls.

    Raises:
        InvalidCallError: an argument is missing or malformed; the error names it.
    """
    base = UNVERSIONED_BASE_URL if base_url is None else check_auth_base_url(base_url)
    headers = {"Accept": "application/json", "User-Agent": USER_AGENT, "Authorization": bearer(access_token)}
    return Call(
        HttpRequest("GET", f"{base}/userinfo", headers), "userinfo", AuthReader(read_userinfo), "/userinfo", None
    )


def _token_call(
    name: str, path: str, parser: ResponseParser[T], base_url: str | None, form: Mapping[str, str | None]
) -> Call[T]:
    """Return a call that sends a form, without the fields that are None."""
    headers = {
        "Accept": "application/json",
        "User-Agent": USER_AGENT,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    request = HttpRequest("POST", check_auth_base_url(base_url) + path, headers, write_form(form).encode())
    return Call(request, name, AuthReader(parser), "", None)
