"""OAuth 2.0 as LinkedIn does it: calls for tokens, the authorization URL, the redirect, PKCE, and tokens as values.

    authorization_code   POST /accessToken       a member's code for a token         RFC 6749 section 4.1.3
    refresh              POST /accessToken       a refresh token for a new token     RFC 6749 section 6
    client_credentials   POST /accessToken       an application's own token          RFC 6749 section 4.4
    introspect           POST /introspectToken   what the server knows of a token    RFC 7662
    revoke               POST /revoke            the end of a token                  RFC 7009
    userinfo             GET /userinfo           who the member is, of a resource    OpenID Connect Core section 5.3

A token call is a `Call` like any other: send its request with anything. What identifies the application stands in the
form that is its body, never in the URL and never in an Authorization header, since LinkedIn reads it nowhere else. An
`Application` keeps it, and makes the calls with it.

An answer is read by its status first. 2xx is read by its call; any other status is an OAuthError where the body has
OAuth's ``error`` (RFC 6749 section 5.2), and else a ServiceError, as for every call: gateways answer in HTML. Numbers
may come as text, scopes as a list, and unknown fields are kept in `document`.

No `repr` shows a secret or a token, and errors have the answer without its body. Calls, answers and tokens do hold
theirs, and so do their pickles.

State, verifier and time come from the caller: this package uses no randomness and reads no clock.
"""

from restli_core.oauth.answers import (
    AccessToken2LResponse,
    AccessToken3LResponse,
    AuthResponse,
    IntrospectTokenResponse,
    RefreshTokenExchangeResponse,
    UserinfoResponse,
)
from restli_core.oauth.application import Application
from restli_core.oauth.arguments import BASE_URL
from restli_core.oauth.authorization_url import code_challenge, generate_member_auth_url, read_redirect
from restli_core.oauth.calls import authorization_code, client_credentials, introspect, refresh, revoke, userinfo
from restli_core.oauth.tokens import Token

__all__ = [
    "BASE_URL",
    "AccessToken2LResponse",
    "AccessToken3LResponse",
    "Application",
    "AuthResponse",
    "IntrospectTokenResponse",
    "RefreshTokenExchangeResponse",
    "Token",
    "UserinfoResponse",
    "authorization_code",
    "client_credentials",
    "code_challenge",
    "generate_member_auth_url",
    "introspect",
    "read_redirect",
    "refresh",
    "revoke",
    "userinfo",
]
