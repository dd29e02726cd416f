"""OAuth 2.0 as LinkedIn does it: calls for tokens, the authorization URL, the redirect, PKCE, and tokens as values.

    authorization_code   POST /accessToken       a member's code for a token         RFC 6749 section 4.1.3
    refresh              POST /accessToken       a refresh token for a new token     RFC 6749 section 6
    client_credentials   POST /accessToken       an application's own token          RFC 6749 section 4.4
    introspect           POST /introspectToken   what the server knows of a token    RFC 7662
    revoke               POST /revoke            the end of a token                  RFC 7009

A token call is a `Call` like any other: send its request with anything. What identifies the application stands in the
form that is its body, never in the URL and never in an Authorization header, since LinkedIn reads it nowhere else.

An answer is read by its status first. 2xx is read by its call; any other status is an OAuthError where the body has
OAuth's ``error`` (RFC 6749 section 5.2), and else a ServiceError, as for every call: gateways answer in HTML. Numbers
may come as text, scopes as a list, and unknown fields are kept in `document`.

No secret and no token is in a `repr`, and errors carry the answer without its body. Calls, answers and tokens do hold
theirs, and so do their pickles.

State, verifier and time are the caller's: this module rolls no dice and reads no clock.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, Self, TypeAlias, TypeVar
from urllib.parse import parse_qsl, quote, urlencode

from restli_core._version import USER_AGENT
from restli_core.base_errors import InvalidCallError, RestliError
from restli_core.calls import Call
from restli_core.errors import InvalidResponseError, OAuthError
from restli_core.messages import HttpRequest, HttpResponse
from restli_core.paths import check_base_url
from restli_core.responses.answers import JsonObject, RestliResponse
from restli_core.responses.parsing import Loads, MalformedResponse, ResponseParser, service_error
from restli_core.values import Value

__all__ = [
    "BASE_URL",
    "AccessToken2LResponse",
    "AccessToken3LResponse",
    "AuthResponse",
    "IntrospectTokenResponse",
    "RefreshTokenExchangeResponse",
    "Token",
    "authorization_code",
    "client_credentials",
    "code_challenge",
    "generate_member_auth_url",
    "introspect",
    "read_redirect",
    "refresh",
    "revoke",
]

BASE_URL: Final = "https://www.linkedin.com/oauth/v2"

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class AuthResponse(RestliResponse):
    """What every answer to a token call has; its `repr` shows the status alone.

    Attributes:
        response: the HTTP response as it came; `response.native` is the HTTP library's own.
        document: the parsed JSON body with all that the server sent, such as an ``id_token``.
    """


class _Scoped:
    """What has a scope."""

    __slots__ = ()
    scope: str | None

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes one by one, whether the server parted them by spaces (RFC 6749) or by commas."""
        return _scopes(self.scope or "")


class AccessToken2LResponse(AuthResponse):
    """The answer to client_credentials.

    Attributes:
        access_token: the token.
        expires_in: the seconds that it lives; None where the server does not say.
    """

    access_token: str
    expires_in: int | None


class _MemberTokenResponse(AuthResponse, _Scoped):
    access_token: str
    expires_in: int | None
    refresh_token: str | None
    refresh_token_expires_in: int | None
    scope: str | None


class AccessToken3LResponse(_MemberTokenResponse):
    """The answer to authorization_code.

    Attributes:
        access_token: the token.
        expires_in: the seconds that it lives; None where the server does not say.
        refresh_token: the token to refresh it with; None where the application gets none.
        refresh_token_expires_in: the seconds that the refresh token lives; None where the server does not say.
        scope: what the token is good for, as sent; a list is joined by spaces. See also `scopes`.
    """


class RefreshTokenExchangeResponse(_MemberTokenResponse):
    """The answer to refresh.

    Attributes:
        access_token: the new token.
        expires_in: the seconds that it lives; None where the server does not say.
        refresh_token: the refresh token to use from now on; None where the server does not say, and the old one stays.
        refresh_token_expires_in: the seconds that the refresh token lives; None where the server does not say.
        scope: what the token is good for, as sent; a list is joined by spaces. See also `scopes`.
    """


class IntrospectTokenResponse(AuthResponse, _Scoped):
    """The answer to introspect; each None where the server does not say, as of a token that it does not know.

    Attributes:
        active: whether the token can be used.
        auth_type: ``2L``, ``3L`` or ``Enterprise_User``.
        authorized_at: when the member gave consent, in epoch seconds.
        client_id: the application that it was issued to.
        created_at: when it was issued, in epoch seconds.
        expires_at: when it expires, in epoch seconds.
        scope: what it is good for, as sent; a list is joined by spaces. See also `scopes`.
        status: ``active``, ``expired`` or ``revoked``.
    """

    active: bool
    auth_type: str | None
    authorized_at: int | None
    client_id: str | None
    created_at: int | None
    expires_at: int | None
    scope: str | None
    status: str | None


@dataclass(frozen=True, slots=True, repr=False)
class Token(_Scoped):
    """A token, and when it ends: what an application keeps.

    Args:
        access_token: the token to send.
        expires_at: when it expires, in epoch seconds; None where nobody knows.
        refresh_token: the token to refresh it with; None for none.
        refresh_token_expires_at: when the refresh token expires, in epoch seconds; None where nobody knows.
        scope: what it is good for, as the server told; None where it did not.

    Raises:
        InvalidCallError: one of them is not of its type; names it, never its value.
    """

    access_token: str
    expires_at: float | None = None
    refresh_token: str | None = None
    refresh_token_expires_at: float | None = None
    scope: str | None = None

    def __post_init__(self) -> None:
        _text("access_token", self.access_token)
        for name, check in _TOKEN_CHECKS.items():
            if getattr(self, name) is not None:
                check(name, getattr(self, name))

    @classmethod
    def received(
        cls, response: AccessToken3LResponse | AccessToken2LResponse | RefreshTokenExchangeResponse, now: float
    ) -> Self:
        """The token in an answer.

        Args:
            response: the answer to authorization_code, client_credentials or refresh.
            now: when it was received, in epoch seconds; better still, when its request was sent.

        Raises:
            InvalidCallError: `now` is no number.
        """
        expires_at = _after(now, response.expires_in)
        if isinstance(response, AccessToken2LResponse):
            return cls(response.access_token, expires_at)
        ends = _after(now, response.refresh_token_expires_in)
        return cls(response.access_token, expires_at, response.refresh_token, ends, response.scope or None)

    def refreshed(self, response: RefreshTokenExchangeResponse, now: float) -> Self:
        """The token that takes this one's place; it keeps what the answer to refresh does not tell anew.

        Args:
            response: the answer to refresh.
            now: when it was received, in epoch seconds.

        Raises:
            InvalidCallError: `now` is no number.
        """
        new = self.received(response, now)
        ends = new.refresh_token_expires_at
        if ends is None and new.refresh_token in {None, self.refresh_token}:
            ends = self.refresh_token_expires_at
        return type(self)(
            new.access_token, new.expires_at, new.refresh_token or self.refresh_token, ends, new.scope or self.scope
        )

    def expires(self, now: float, leeway: float = 0.0) -> bool:
        """Whether it has expired, or will have within the leeway; False where nobody knows.

        Args:
            now: the time, in epoch seconds.
            leeway: how many seconds beforehand it counts as expired.
        """
        return self.expires_at is not None and now + leeway >= self.expires_at

    def as_dict(self) -> dict[str, str | float]:
        """The token as JSON can hold it, for a store; what is None is left out. It has the tokens in clear."""
        fields = {name: getattr(self, name) for name in self.__match_args__}
        return {name: value for name, value in fields.items() if value is not None}

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Self:
        """The token that `as_dict` wrote; what it does not know is left aside.

        Raises:
            InvalidCallError: the fields are no mapping, have no access_token, or one is not of its type.
        """
        if not isinstance(fields, Mapping):
            raise InvalidCallError("fields", f"must be a mapping, not {type(fields).__name__}")
        given: dict[str, Any] = {name: fields.get(name) for name in cls.__match_args__}
        return cls(**given)

    def __repr__(self) -> str:
        return f"<Token expires_at={self.expires_at}>"


def _after(now: float, seconds: int | None) -> float | None:
    return None if seconds is None else _moment("now", now) + seconds


def _moment(argument: str, value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -_HUGE < value < _HUGE:
        raise InvalidCallError(argument, "must be a number of seconds since the epoch")
    return value


_HUGE: Final = 10**15


# -- the calls ---------------------------------------------------------------------------------------------------------


def authorization_code(
    code: str,
    redirect_url: str,
    client_id: str,
    client_secret: str | None = None,
    *,
    code_verifier: str | None = None,
    base_url: str | None = None,
) -> Call[AccessToken3LResponse]:
    """A member's authorization code for an access token; the code can be used once, within 30 minutes.

    Args:
        code: the code, as `read_redirect` gives it.
        redirect_url: the same as in the authorization URL.
        client_id: the application.
        client_secret: its secret; None for a public client, which has a verifier in its place.
        code_verifier: the verifier whose challenge was in the authorization URL (RFC 7636 section 4.5). LinkedIn
            refuses one after the web flow, as ``invalid_client``: give it after the native flow only.
        base_url: what stands before ``/accessToken``; `BASE_URL` by default.

    Raises:
        InvalidCallError: an argument is missing or malformed; names it.
    """
    if client_secret is None and code_verifier is None:
        raise InvalidCallError("client_secret", "or code_verifier must be given")
    if code_verifier is not None:
        _verifier("code_verifier", code_verifier)
    form = {
        "grant_type": "authorization_code",
        "code": _text("code", code),
        "redirect_uri": _redirect_url(redirect_url),
        "code_verifier": code_verifier,
        **_client(client_id, client_secret),
    }
    return _call("authorization_code", read_member_token, base_url, form)


def refresh(
    refresh_token: str, client_id: str, client_secret: str | None = None, *, base_url: str | None = None
) -> Call[RefreshTokenExchangeResponse]:
    """A refresh token for a new access token; the refresh token's own end stays where it was.

    Args:
        refresh_token: the refresh token.
        client_id: the application.
        client_secret: its secret; None for a public client.
        base_url: what stands before ``/accessToken``; `BASE_URL` by default.

    Raises:
        InvalidCallError: an argument is missing or malformed; names it.
    """
    form = {"grant_type": "refresh_token", "refresh_token": _text("refresh_token", refresh_token)}
    return _call("refresh", read_refreshed_token, base_url, {**form, **_client(client_id, client_secret)})


def client_credentials(
    client_id: str, client_secret: str, *, base_url: str | None = None
) -> Call[AccessToken2LResponse]:
    """An application's own token (two-legged), which stands for no member.

    Args:
        client_id: the application.
        client_secret: its secret.
        base_url: what stands before ``/accessToken``; `BASE_URL` by default.

    Raises:
        InvalidCallError: an argument is missing or malformed; names it.
    """
    form = {"grant_type": "client_credentials", **_client(client_id, _text("client_secret", client_secret))}
    return _call("client_credentials", read_application_token, base_url, form)


def introspect(
    access_token: str, client_id: str, client_secret: str, *, base_url: str | None = None
) -> Call[IntrospectTokenResponse]:
    """What the server knows of a token of the application's.

    Args:
        access_token: the token to ask about.
        client_id: the application.
        client_secret: its secret.
        base_url: what stands before ``/introspectToken``; `BASE_URL` by default.

    Raises:
        InvalidCallError: an argument is missing or malformed; names it.
    """
    client = _client(client_id, _text("client_secret", client_secret))
    return _call("introspect", read_introspection, base_url, {"token": _text("access_token", access_token), **client})


def revoke(
    access_token: str, client_id: str, client_secret: str | None = None, *, base_url: str | None = None
) -> Call[AuthResponse]:
    """Ends a token. LinkedIn does not document this endpoint: it may change, or go, without notice.

    Args:
        access_token: the token to end.
        client_id: the application.
        client_secret: its secret; None for a public client.
        base_url: what stands before ``/revoke``; `BASE_URL` by default.

    Raises:
        InvalidCallError: an argument is missing or malformed; names it.
    """
    client = _client(client_id, client_secret)
    return _call("revoke", read_revocation, base_url, {"token": _text("access_token", access_token), **client})


_PATHS: Final[Mapping[str, str]] = {
    "authorization_code": "/accessToken",
    "refresh": "/accessToken",
    "client_credentials": "/accessToken",
    "introspect": "/introspectToken",
    "revoke": "/revoke",
}

_HEADERS: Final[Mapping[str, str]] = {
    "Accept": "application/json",
    "User-Agent": USER_AGENT,
    "Content-Type": "application/x-www-form-urlencoded",
}


_Form: TypeAlias = Mapping[str, str | None]


def _call(name: str, shape: ResponseParser[T], base_url: str | None, form: _Form) -> Call[T]:
    request = HttpRequest("POST", _base_url(base_url) + _PATHS[name], _HEADERS, _encoded(form).encode())
    return Call(request, name, AuthReader(shape))


def _client(client_id: str, client_secret: str | None) -> _Form:
    """What identifies the application (RFC 6749 section 2.3.1); a public client has no secret."""
    secret = None if client_secret is None else _text("client_secret", client_secret)
    return {"client_id": _text("client_id", client_id), "client_secret": secret}


def _base_url(base_url: str | None) -> str:
    return BASE_URL if base_url is None else check_base_url(base_url)


def _encoded(fields: _Form) -> str:
    """The fields as a query or a form; a space as %20, which is one in both, as + is not."""
    return urlencode([(name, value) for name, value in fields.items() if value is not None], quote_via=quote, safe="")


# -- the authorization URL and the redirect ----------------------------------------------------------------------------


def generate_member_auth_url(
    client_id: str,
    redirect_url: str,
    scopes: str | Iterable[str],
    state: str | None = None,
    *,
    code_challenge: str | None = None,
    base_url: str | None = None,
) -> str:
    """The URL to send a member to, so that they sign in and consent (RFC 6749 section 4.1.1).

    Args:
        client_id: the application.
        redirect_url: where the member comes back to, as registered with the application; for the native flow
            ``http://127.0.0.1`` or ``http://[::1]`` with any port.
        scopes: what is asked for, at least one: a list, or text with spaces or commas between them.
        state: text that nobody can guess, made anew for each member and kept in their session; `read_redirect`
            compares it. Leave it out only where something else keeps forged redirects out.
        code_challenge: that of a verifier (PKCE, S256), see the function `code_challenge`. It makes the URL one of
            LinkedIn's native flow; the web flow must not have any.
        base_url: what stands before ``/authorization``; `BASE_URL` by default. The native flow has its endpoint
            beside it: ``/oauth/native-pkce/authorization`` for ``/oauth/v2``.

    Raises:
        InvalidCallError: an argument is missing or malformed; names it.
    """
    base = _base_url(base_url)
    challenge: dict[str, str] = {}
    if code_challenge is not None:
        base = _LAST_SEGMENT.sub("", base) + "/native-pkce"
        challenge = {"code_challenge": _challenge(code_challenge), "code_challenge_method": "S256"}
    query = {
        "response_type": "code",
        "client_id": _text("client_id", client_id),
        "redirect_uri": _redirect_url(redirect_url),
        "state": None if state is None else _text("state", state),
        "scope": _scope(scopes),
        **challenge,
    }
    return f"{base}/authorization?{_encoded(query)}"


_LAST_SEGMENT: Final = re.compile(r"(?<=[^/])/[^/]+$")


def code_challenge(verifier: str) -> str:
    """The challenge of a verifier by the method S256 (RFC 7636 section 4.2).

    Args:
        verifier: 43 to 128 characters of A-Z a-z 0-9 - . _ ~ that nobody can guess, made anew for each login:
            ``secrets.token_urlsafe(64)`` is one.

    Raises:
        InvalidCallError: it is no verifier (RFC 7636 section 4.1).
    """
    # Where no login takes place nothing pays for importing these.
    import base64  # noqa: PLC0415
    import hashlib  # noqa: PLC0415

    digest = hashlib.sha256(_verifier("verifier", verifier).encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def read_redirect(url: str, state: str) -> str:
    """The authorization code in a redirect (RFC 6749 section 4.1.2).

    The state is compared first, in constant time: nothing in a redirect with another one is believed.

    Args:
        url: the URL that the member came back to; its path with the query, or the query alone, will do.
        state: the state that the member was sent away with.

    Raises:
        OAuthError: ``state_mismatch`` where the state is missing or another one, or comes twice; the server's own
            ``error``, such as ``user_cancelled_authorize``; ``invalid_redirect`` where there is neither an error nor
            exactly one code.
        InvalidCallError: the URL is no text, or the state is none or empty.
    """
    found = _parameters(url)
    if not _is_same(found.get("state", []), _text("state", state)):
        raise OAuthError("state_mismatch", "the redirect does not have the state that the member was sent away with")
    if any(found.get("error", [])):
        raise OAuthError(found["error"][0], next(iter(found.get("error_description", [])), None))
    codes = found.get("code", [])
    if len(codes) != 1 or not codes[0]:
        raise OAuthError("invalid_redirect", "the redirect has neither an error nor exactly one code")
    return codes[0]


def _parameters(url: str) -> dict[str, list[str]]:
    _any_text("url", url)
    whole = url.partition("#")[0]
    query = whole.partition("?")[2] if _ADDRESS.match(whole) else whole
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return found


# What is no query alone: RFC 3986 section 3 or 4.2
_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|/|\?")


def _is_same(sent: list[str], state: str) -> bool:
    # Where no login takes place nothing pays for importing it.
    import hmac  # noqa: PLC0415

    # A redirect may hold anything, lone surrogates too.
    return len(sent) == 1 and hmac.compare_digest(sent[0].encode("utf-8", "surrogatepass"), state.encode())


# -- arguments ---------------------------------------------------------------------------------------------------------


def _text(argument: str, value: str) -> str:
    if not isinstance(value, str) or not value:
        raise InvalidCallError(argument, "must be text, and not empty")
    if _UNSENDABLE.search(value):
        raise InvalidCallError(argument, "holds control characters or lone surrogates")
    return value


_UNSENDABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def _any_text(argument: str, value: str) -> None:
    if not isinstance(value, str):
        raise InvalidCallError(argument, f"must be text, not {type(value).__name__}")


# The fields of a token that may be None.
_TOKEN_CHECKS: Final[Mapping[str, Callable[[str, Any], object]]] = {
    "refresh_token": _text,
    "scope": _any_text,
    "expires_at": _moment,
    "refresh_token_expires_at": _moment,
}


def _redirect_url(redirect_url: str) -> str:
    if not _REDIRECT_URL.fullmatch(_text("redirect_url", redirect_url)):
        raise InvalidCallError("redirect_url", "must be a whole URL, without spaces and without a fragment")
    return redirect_url


# RFC 6749 section 3.1.2: an absolute URI without a fragment
_REDIRECT_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s#]+")


def _scope(scopes: str | Iterable[str]) -> str:
    listed = [scopes] if isinstance(scopes, str) else scopes
    if isinstance(listed, Mapping | bytes) or not isinstance(listed, Iterable):
        raise InvalidCallError("scopes", f"must be a list, or text, not {type(scopes).__name__}")
    asked = [scope for index, text in enumerate(listed) for scope in _scopes(_text(f"scopes[{index}]", text))]
    if not asked or not all(map(_SCOPE.fullmatch, asked)):
        raise InvalidCallError(
            "scopes", "must have at least one scope, each visible ASCII without quotes or backslashes"
        )
    return " ".join(asked)


# RFC 6749 section 3.3
_SCOPE: Final = re.compile(r"[!#-\[\]-~]+")


def _scopes(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _verifier(argument: str, verifier: str) -> str:
    if not isinstance(verifier, str) or not _VERIFIER.fullmatch(verifier):
        raise InvalidCallError(argument, "must be 43 to 128 characters of A-Z a-z 0-9 - . _ ~")
    return verifier


# RFC 7636 section 4.1
_VERIFIER: Final = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


def _challenge(challenge: str) -> str:
    if not isinstance(challenge, str) or not _CHALLENGE.fullmatch(challenge):
        raise InvalidCallError("code_challenge", "must be what code_challenge gives: 43 characters of base64url")
    return challenge


# A SHA-256 digest in base64url, without padding (RFC 7636 section 4.2)
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9\-_]{43}")


# -- from bytes to answers ---------------------------------------------------------------------------------------------


class AuthReader(Value, Generic[T_co]):
    """The reader of a token call: by status first, then by its shape. What it raises has no body, and no cause."""

    shape: ResponseParser[T_co]

    def __call__(self, request: HttpRequest, response: HttpResponse, loads: Loads) -> T_co:
        document = _document(response.body, loads)
        if not 200 <= response.status_code < 300:
            raise _refusal(request, response, document, loads)
        try:
            return self.shape(response, document)
        except MalformedResponse as unreadable:
            reason = str(unreadable)
        raise InvalidResponseError(reason, _bare(request, response), request)


def _document(body: bytes, loads: Loads) -> Any:
    """The parsed body; None where it is no JSON. The error is let go, since it would hold the body."""
    try:
        return loads(body)
    except Exception:  # noqa: BLE001 - a caller's own `loads` may raise what it likes; the bytes are to blame
        return None


def _refusal(request: HttpRequest, response: HttpResponse, document: Any, loads: Loads) -> RestliError:
    fields: JsonObject = document if isinstance(document, dict) else {}
    code, words = (_told(request, fields.get(name)) for name in ("error", "error_description"))
    bare = _bare(request, response)
    if code is not None:
        # Its word is never a secret, though a secret as short as those of tests may be a part of it.
        return OAuthError(fields["error"] if fields["error"] in _CODES else code, words, bare)
    error = service_error(request, response, loads)
    error.response, error.document, error.error_details = bare, None, None
    return error


# RFC 6749 section 5.2, with 4.1.2.1; RFC 6750 section 3.1; RFC 7009 section 2.2.1
_CODES: Final = frozenset(
    {
        "access_denied",
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "invalid_scope",
        "invalid_token",
        "server_error",
        "temporarily_unavailable",
        "unauthorized_client",
        "unsupported_grant_type",
        "unsupported_token_type",
    }
)


def _told(request: HttpRequest, value: Any) -> str | None:
    return request.without_secrets(value) if isinstance(value, str) and value else None


def _bare(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The response less its body, and less the request's secrets in its head."""
    fields = [(name, request.without_secrets(value)) for name, value in response.headers.raw]
    return HttpResponse(response.status_code, fields, b"", request.without_secrets(response.url))


def read_member_token(response: HttpResponse, document: Any) -> AccessToken3LResponse:
    return AccessToken3LResponse(response, document, *_member_token(document))


def read_refreshed_token(response: HttpResponse, document: Any) -> RefreshTokenExchangeResponse:
    return RefreshTokenExchangeResponse(response, document, *_member_token(document))


def read_application_token(response: HttpResponse, document: Any) -> AccessToken2LResponse:
    fields = _object(document)
    return AccessToken2LResponse(response, document, _access_token(fields), _number(fields, "expires_in"))


def read_introspection(response: HttpResponse, document: Any) -> IntrospectTokenResponse:
    fields = _object(document)
    if not isinstance(fields.get("active"), bool):
        raise MalformedResponse("active of its body is not a boolean")
    return IntrospectTokenResponse(
        response,
        document,
        active=fields["active"],
        auth_type=_string(fields, "auth_type"),
        authorized_at=_number(fields, "authorized_at"),
        client_id=_string(fields, "client_id"),
        created_at=_number(fields, "created_at"),
        expires_at=_number(fields, "expires_at"),
        scope=_scope_told(fields),
        status=_string(fields, "status"),
    )


def read_revocation(response: HttpResponse, document: Any) -> AuthResponse:
    return AuthResponse(response, document)  # RFC 7009 section 2.2: the status tells all, whatever the body is


_MemberToken: TypeAlias = tuple[str, int | None, str | None, int | None, str | None]


def _member_token(document: Any) -> _MemberToken:
    fields = _object(document)
    return (
        _access_token(fields),
        _number(fields, "expires_in"),
        _token(fields, "refresh_token"),
        _number(fields, "refresh_token_expires_in"),
        _scope_told(fields),
    )


def _object(document: Any) -> JsonObject:
    if not isinstance(document, dict):
        raise MalformedResponse("its body is not a JSON object")
    return document


def _access_token(fields: JsonObject) -> str:
    token = _token(fields, "access_token")
    if token is None:
        raise MalformedResponse("its body has no access_token")
    return token


def _token(fields: JsonObject, name: str) -> str | None:
    token = _string(fields, name)
    if token is not None and not _TOKEN.fullmatch(token):
        raise MalformedResponse(f"{name} of its body is not visible ASCII")
    return token


# RFC 6749 appendix A.12 and A.17, less the space, which no header can carry in a token (RFC 6750 section 2.1)
_TOKEN: Final = re.compile(r"[!-~]+")


def _string(fields: JsonObject, name: str) -> str | None:
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        raise MalformedResponse(f"{name} of its body is not a string")
    return value


def _scope_told(fields: JsonObject) -> str | None:
    scope = fields.get("scope")
    if isinstance(scope, list) and all(isinstance(one, str) for one in scope):
        return " ".join(scope)
    return _string(fields, "scope")


def _number(fields: JsonObject, name: str) -> int | None:
    """A whole number, leniently: LinkedIn sends some as text."""
    value = fields.get(name)
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not -_LONGEST < value < _LONGEST:
        raise MalformedResponse(f"{name} of its body is not a number of seconds")
    return math.floor(value)


_LONGEST: Final = 10**12
_DIGITS: Final = re.compile(r"\s*-?[0-9]{1,18}\s*", re.ASCII)
