"""The answers to token calls, and how they are read: by their status first, as the package says.

Any text from the server may repeat what it was sent. So errors have neither its body nor the request's secrets, and no
cause that would hold them.
"""

from __future__ import annotations

import math
import re
from typing import Any, Final, Generic, TypeVar

from restli_core.errors import InvalidResponseError, OAuthError, ServiceError
from restli_core.messages import HttpRequest, HttpResponse
from restli_core.numbers import is_number
from restli_core.oauth.arguments import split_scopes
from restli_core.responses.answers import JsonObject, RestliResponse, answered
from restli_core.responses.mismatch import Mismatch
from restli_core.responses.parsing import Loads, MalformedResponse, ResponseParser, service_error
from restli_core.urn import Urn
from restli_core.values import Value

__all__ = [
    "AccessToken2LResponse",
    "AccessToken3LResponse",
    "AuthResponse",
    "IntrospectTokenResponse",
    "RefreshTokenExchangeResponse",
    "UserinfoResponse",
]

T_co = TypeVar("T_co", covariant=True)

# RFC 6749 section 5.2, with 4.1.2.1; RFC 6750 section 3.1; RFC 7009 section 2.2.1.
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
# RFC 6749 appendix A.12 and A.17, without the space, which no header can carry in a token (RFC 6750 section 2.1).
_SENDABLE_TOKEN: Final = re.compile(r"[!-~]+")
_DIGITS: Final = re.compile(r"\s*-?[0-9]{1,18}\s*", re.ASCII)


class AuthResponse(RestliResponse):
    """What every answer to a token call has; its `repr` shows the status alone.

    Attributes:
        response: the HTTP response as it came; `response.native` is the HTTP library's own.
        document: the parsed JSON body with all that the server sent, such as an ``id_token``.
    """


class Scoped:
    """The base of values that have a scope."""

    __slots__ = ()
    scope: str | None

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes one by one, whether the server separates them by spaces (RFC 6749) or by commas."""
        return split_scopes(self.scope or "")


class AccessToken2LResponse(AuthResponse):
    """The answer to client_credentials.

    Attributes:
        access_token: the token.
        expires_in: the seconds that it lives; None where the server does not say.
    """

    access_token: str
    expires_in: int | None


class _MemberTokenResponse(AuthResponse, Scoped):
    """The fields that the answers to authorization_code and refresh have in common."""

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


class IntrospectTokenResponse(AuthResponse, Scoped):
    """The answer to introspect; all but `active` may be None, as for a token that the server does not know.

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


class UserinfoResponse(AuthResponse):
    """The answer to userinfo: who a member is (OpenID Connect Core section 5.3); all but `sub` may be None.

    Which claims there are depends on the token's scopes: ``profile`` for the names, the picture and the locale,
    ``email`` for the address. A claim of another type than it should have is None, and `mismatch` says so.

    Attributes:
        sub: the member's id, which is another one for each application.
        name: the whole name.
        given_name: the first name.
        family_name: the last name.
        picture: the URL of a picture.
        email: the primary address.
        email_verified: whether the address was verified.
        locale: LinkedIn sends an object with ``country`` and ``language``; other servers a text, such as ``en-US``.
    """

    sub: str
    name: str | None
    given_name: str | None
    family_name: str | None
    picture: str | None
    email: str | None
    email_verified: bool | None
    locale: JsonObject | str | None

    @property
    def urn(self) -> Urn:
        """The member as author, owner or actor of LinkedIn's APIs: ``urn:li:person:`` and the id."""
        return Urn(f"urn:li:person:{self.sub}")


# -- by status ---------------------------------------------------------------------------------------------------------


class AuthReader(Value, Generic[T_co]):
    """The reader of a token call's answer: by status first, then by the parser of the call."""

    parser: ResponseParser[T_co]

    def __call__(self, request: HttpRequest, response: HttpResponse, loads: Loads) -> T_co:
        try:
            document = loads(response.body)
        except Exception:  # noqa: BLE001 - a caller's own `loads` may raise what it likes; the bytes are to blame
            document = None  # without the error, which would hold the body
        if not 200 <= response.status_code < 300:
            raise _refusal(request, response, document, loads)
        try:
            answer = self.parser(response, document)
        except MalformedResponse as malformed:
            reason = str(malformed)
        else:
            return answered(answer, request) if isinstance(answer, AuthResponse) else answer
        # Outside of the `except` block, where the first error would become the context of this one.
        raise InvalidResponseError(reason, _bare(request, response), request)


def _refusal(request: HttpRequest, response: HttpResponse, document: Any, loads: Loads) -> OAuthError | ServiceError:
    """Return the error for an answer outside 200 to 299."""
    fields: JsonObject = document if isinstance(document, dict) else {}
    code, words = (
        request.without_secrets(text) if isinstance(text, str) and text else None
        for text in (fields.get("error"), fields.get("error_description"))
    )
    bare = _bare(request, response)
    if code is not None:
        # A known code is shown as it is: a secret that is part of it (in tests they are short) is not removed there.
        return OAuthError(fields["error"] if fields["error"] in _CODES else code, words, bare)
    error = service_error(request, response, loads)
    # These may have tokens in them. From the other fields `service_error` has removed the request's secrets.
    error.response, error.document, error.error_details = bare, None, None
    error.words, error.input_errors = None, ()
    if "Authorization" not in request.headers:  # the hints are for calls with a token
        error.hint = ""
    return error


def _bare(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return the response without its body, and without the request's secrets in its head."""
    fields = [(name, request.without_secrets(value)) for name, value in response.headers.raw]
    return HttpResponse(response.status_code, fields, b"", request.without_secrets(response.url))


# -- by call -----------------------------------------------------------------------------------------------------------

# The parsers, and the functions that read a field for them, raise MalformedResponse with a reason that has the name of
# the field, never its value. A field is None where it is missing or null.

M = TypeVar("M", bound=_MemberTokenResponse)


def read_member_token(response: HttpResponse, document: Any) -> AccessToken3LResponse:
    """Read the answer to authorization_code."""
    return _read_member_token(AccessToken3LResponse, response, document)


def read_refreshed_token(response: HttpResponse, document: Any) -> RefreshTokenExchangeResponse:
    """Read the answer to refresh."""
    return _read_member_token(RefreshTokenExchangeResponse, response, document)


def _read_member_token(kind: type[M], response: HttpResponse, document: Any) -> M:
    """Read an answer of this class."""
    fields = _body_fields(document)
    return kind(
        response,
        document,
        None,
        access_token=_read_access_token(fields),
        expires_in=_read_seconds(fields, "expires_in"),
        refresh_token=_read_token(fields, "refresh_token"),
        refresh_token_expires_in=_read_seconds(fields, "refresh_token_expires_in"),
        scope=_read_scope(fields),
    )


def read_application_token(response: HttpResponse, document: Any) -> AccessToken2LResponse:
    """Read the answer to client_credentials."""
    fields = _body_fields(document)
    return AccessToken2LResponse(
        response, document, None, _read_access_token(fields), _read_seconds(fields, "expires_in")
    )


def read_introspection(response: HttpResponse, document: Any) -> IntrospectTokenResponse:
    """Read the answer to introspect."""
    fields = _body_fields(document)
    if not isinstance(fields.get("active"), bool):
        raise MalformedResponse("active of its body is not a boolean")
    return IntrospectTokenResponse(
        response,
        document,
        None,
        active=fields["active"],
        auth_type=_read_text(fields, "auth_type"),
        authorized_at=_read_seconds(fields, "authorized_at"),
        client_id=_read_text(fields, "client_id"),
        created_at=_read_seconds(fields, "created_at"),
        expires_at=_read_seconds(fields, "expires_at"),
        scope=_read_scope(fields),
        status=_read_text(fields, "status"),
    )


def read_userinfo(response: HttpResponse, document: Any) -> UserinfoResponse:
    """Read the answer to userinfo."""
    fields = _body_fields(document)
    if not isinstance(fields.get("sub"), str) or not fields["sub"]:
        raise MalformedResponse("sub of its body is not a string")
    mismatch = Mismatch()
    texts = {
        name: None if fields.get(name) is None else mismatch.expect(fields[name], f"{name} of its body", str)
        for name in _TEXT_CLAIMS
    }
    verified = mismatch.member(fields, "email_verified", bool, "its body")
    kind = str if isinstance(fields.get("locale"), str) else dict
    locale: Any = mismatch.member(fields, "locale", kind, "its body")
    return UserinfoResponse(
        response, document, mismatch.text, fields["sub"], **texts, email_verified=verified, locale=locale
    )


_TEXT_CLAIMS: Final = ("name", "given_name", "family_name", "picture", "email")


def read_revocation(response: HttpResponse, document: Any) -> AuthResponse:
    """Read the answer to revoke: its status says all, whatever the body is (RFC 7009 section 2.2)."""
    return AuthResponse(response, document, None)


def _body_fields(document: Any) -> JsonObject:
    if not isinstance(document, dict):
        raise MalformedResponse("its body is not a JSON object")
    return document


def _read_access_token(fields: JsonObject) -> str:
    token = _read_token(fields, "access_token")
    if token is None:
        raise MalformedResponse("its body has no access_token")
    return token


def _read_token(fields: JsonObject, name: str) -> str | None:
    token = _read_text(fields, name)
    if token is not None and not _SENDABLE_TOKEN.fullmatch(token):
        raise MalformedResponse(f"{name} of its body is not visible ASCII")
    return token


def _read_scope(fields: JsonObject) -> str | None:
    scope = fields.get("scope")
    if isinstance(scope, list) and all(isinstance(one, str) for one in scope):
        return " ".join(scope)
    return _read_text(fields, "scope")


def _read_text(fields: JsonObject, name: str) -> str | None:
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        raise MalformedResponse(f"{name} of its body is not a string")
    return value


def _read_seconds(fields: JsonObject, name: str) -> int | None:
    """Return a field that is a number of seconds."""
    value = fields.get(name)
    # LinkedIn sends some numbers as text. A float, which has a fraction of a second, is rounded down.
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if value is None:
        return None
    # The bounds are beyond any real time. They keep out infinity, and an int too large to be added to a clock's float.
    if not is_number(value) or not -(10**12) < value < 10**12:
        raise MalformedResponse(f"{name} of its body is not a number of seconds")
    return math.floor(value)
