"""HTTP messages as plain values: what goes out and what comes in.

A request is checked when it is made, so that nothing which reaches a transport can split a request in two (RFC 9110
section 5.5, RFC 9112 section 3). An answer is taken as it came, since refusing it would lose it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast
from urllib.parse import unquote_plus

from restli_core.base_errors import InvalidCallError

__all__ = ["Headers", "HttpRequest", "HttpResponse"]

# RFC 9110 section 5.6.2: token = 1*tchar
_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
# RFC 9110 section 5.5, without obs-text: visible characters, with spaces and tabs only between them
_FIELD_VALUE: Final = re.compile(r"(?:[!-~](?:[ \t!-~]*[!-~])?)?")
# RFC 3986: a URI is visible ASCII; what each part of it allows is the business of who builds it
_URL: Final = re.compile(r"[!-~]+")
_SECRET_HEADERS: Final = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
# RFC 6749 sections 2.3.1, 4.1.3 and 6, RFC 7009 section 2.1, RFC 7636 section 4.5: what a token call sends in secret.
_SECRET_FIELDS: Final = frozenset({"client_secret", "code", "code_verifier", "refresh_token", "token"})
# Whose values say nothing of anybody.
_SHOWN_HEADERS: Final = frozenset(
    {
        "accept",
        "content-length",
        "content-type",
        "date",
        "linkedin-version",
        "retry-after",
        "user-agent",
        "x-http-method-override",
        "x-restli-error-response",
        "x-restli-method",
        "x-restli-protocol-version",
    }
)
# RFC 3986 section 3.2.1: what stands before the @ of the authority
_USER_INFORMATION: Final = re.compile(r"^([^/?#]*//)[^/?#]*@")
_SHOWN_PARAMETERS: Final = 8


class Headers(Mapping[str, str]):
    """Header fields: an immutable Mapping whose names match in any case.

    ``headers[name]`` joins a repeated field's values by ``", "`` (RFC 9110 section 5.3); `raw` has every field as it
    was given. Two Headers are equal when they say the same, whatever the case and order of their names.

    Args:
        fields: a mapping of names to values, or pairs of them.
    """

    __slots__ = ("_folded", "raw")

    raw: tuple[tuple[str, str], ...]
    _folded: dict[str, str]

    def __init__(self, fields: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        raw = _pairs(fields)
        object.__setattr__(self, "raw", raw)
        object.__setattr__(self, "_folded", _fold(raw))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"Headers are immutable: cannot set {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"Headers are immutable: cannot delete {name}")

    def __getitem__(self, name: str) -> str:
        if name not in self:
            raise KeyError(name)
        return self._folded[name.lower()]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._folded

    def __iter__(self) -> Iterator[str]:
        first: dict[str, str] = {}
        for name, _ in self.raw:
            first.setdefault(name.lower(), name)
        return iter(first.values())

    def __len__(self) -> int:
        return len(self._folded)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Headers):
            return self._folded == other._folded
        if isinstance(other, Mapping):
            texts = all(isinstance(part, str) for field in other.items() for part in field)
            return texts and self._folded == _fold(_pairs(other))
        return NotImplemented

    def __hash__(self) -> int:
        return hash(frozenset(self._folded.items()))

    def __repr__(self) -> str:
        shown = ((name, value if name.lower() in _SHOWN_HEADERS else "…") for name, value in self.raw)
        return f"Headers({list(shown)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Headers, (self.raw,)

    def without(self, *names: str) -> Headers:
        """The same fields less those of these names."""
        dropped = {name.lower() for name in names}
        return Headers((name, value) for name, value in self.raw if name.lower() not in dropped)


def _pairs(fields: Mapping[str, str] | Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    if isinstance(fields, Headers):
        return fields.raw
    pairs = fields.items() if isinstance(fields, Mapping) else fields
    # isinstance makes an Iterable that is a Mapping too of it, one with pairs for keys.
    return tuple((name, value) for name, value in cast("Iterable[tuple[str, str]]", pairs))


def _fold(raw: Iterable[tuple[str, str]]) -> dict[str, str]:
    folded: dict[str, list[str]] = {}
    for name, value in raw:
        folded.setdefault(name.lower(), []).append(value)
    return {name: ", ".join(values) for name, values in folded.items()}


@dataclass(frozen=True, slots=True, init=False, repr=False)
class HttpRequest:
    """A request to send with anything: exactly this method, this URL, these headers and this body.

    Args:
        method: the HTTP method, such as ``GET``.
        url: the whole URL, already encoded: a transport must not quote, normalise or extend it.
        headers: the header fields, a mapping or pairs.
        body: the body's bytes, empty for none.

    Raises:
        InvalidCallError: the method or a name is no token (RFC 9110 section 5.6.2); a value holds anything but visible
            ASCII with spaces or tabs inside; the URL is anything but visible ASCII; the body is not bytes. The message
            has the name of what is wrong, never its value.
    """

    method: str
    url: str
    headers: Headers
    body: bytes

    def __init__(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        body: bytes = b"",
    ) -> None:
        object.__setattr__(self, "method", _matched(_TOKEN, method, "method", "is not a token"))
        object.__setattr__(self, "url", _matched(_URL, url, "url", "is empty or not wholly visible ASCII"))
        object.__setattr__(self, "headers", _sendable(headers))
        object.__setattr__(self, "body", body)
        if not isinstance(body, bytes):
            raise InvalidCallError("body", f"must be bytes, not {type(body).__name__}")

    def with_header(self, name: str, value: str) -> HttpRequest:
        """Return the same request with one more header field, or another value in place of the one it has.

        The rest has been checked already, and is not looked at again.

        Raises:
            InvalidCallError: no request can carry the field.
        """
        fields = self.headers.without(name) if name in self.headers else self.headers
        request = object.__new__(HttpRequest)
        object.__setattr__(request, "method", self.method)
        object.__setattr__(request, "url", self.url)
        object.__setattr__(request, "headers", _sendable([*fields.raw, (name, value)]))
        object.__setattr__(request, "body", self.body)
        return request

    @property
    def line(self) -> str:
        """The request line to show people: no user information, and no values of the query."""
        return f"{self.method} {_shown_url(self.url)}"

    def redacted(self) -> HttpRequest:
        """The request less what is secret: Authorization, cookies, user information and the body of a form."""
        return HttpRequest(
            self.method,
            _USER_INFORMATION.sub(r"\1", self.url),
            self.headers.without(*_SECRET_HEADERS),
            b"" if self._is_form else self.body,
        )

    def without_secrets(self, text: str) -> str:
        """The text less this request's token and the secrets of its form, should somebody repeat what was sent."""
        secrets = {self.headers.get("Authorization", "").partition(" ")[2], *self._form_secrets()}
        # The longest first: one may be a part of another.
        for secret in sorted(secrets - {""}, key=len, reverse=True):
            text = text.replace(secret, "…")
        return text

    def _form_secrets(self) -> Iterator[str]:
        """The secrets of a form, as they are and as they are on the wire."""
        for piece in self.body.decode("latin-1").split("&") if self._is_form else ():
            name, _, value = piece.partition("=")
            if name in _SECRET_FIELDS:
                yield from (value, unquote_plus(value))

    @property
    def _is_form(self) -> bool:
        return _media_type(self.headers) == "application/x-www-form-urlencoded"

    def __repr__(self) -> str:
        return f"<HttpRequest {self.line}, {len(self.body)} bytes>"


def _matched(pattern: re.Pattern[str], text: str, argument: str, complaint: str) -> str:
    if not isinstance(text, str) or not pattern.fullmatch(text):
        raise InvalidCallError(argument, complaint)
    return text


def check_header_value(argument: str, value: str) -> str:
    """The value, if a header can carry it.

    Raises:
        InvalidCallError: it is not visible ASCII with spaces or tabs inside; names the argument, never the value.
    """
    return _matched(_FIELD_VALUE, value, argument, "must be visible ASCII, with spaces or tabs only inside")


def bearer(access_token: str) -> str:
    """Return the value of Authorization for a token (RFC 6750 section 2.1).

    Raises:
        InvalidCallError: as for `check_token`.
    """
    return f"Bearer {check_token(access_token)}"


def check_token(access_token: str) -> str:
    """Return the token, if a header can carry it.

    Raises:
        InvalidCallError: it is not text that a header can carry, is empty, or has a space in it.
    """
    if not isinstance(access_token, str) or not access_token:
        raise InvalidCallError("access_token", "must be text, and not empty")
    check_header_value("access_token", access_token)
    if " " in access_token or "\t" in access_token:
        raise InvalidCallError("access_token", "has a space in it: give the token alone, without a scheme before it")
    return access_token


def _sendable(fields: Mapping[str, str] | Iterable[tuple[str, str]]) -> Headers:
    pairs = _pairs(fields)
    for name, value in pairs:
        if not isinstance(name, str):
            raise InvalidCallError("headers", f"names must be text, not {type(name).__name__}")
        _matched(_TOKEN, name, "headers", f"the name {name!r} is not a token")
        check_header_value(f"headers[{name!r}]", value)
    return fields if isinstance(fields, Headers) else Headers(pairs)


def _media_type(headers: Headers) -> str:
    return headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _shown_url(url: str) -> str:
    address, mark, query = _USER_INFORMATION.sub(r"\1", url).partition("?")
    names = [piece.partition("=")[0] for piece in query.split("&", _SHOWN_PARAMETERS)]
    shown = [f"{name}=…" for name in names[:_SHOWN_PARAMETERS]] + ["…"] * (len(names) > _SHOWN_PARAMETERS)
    return address + mark + "&".join(shown) if query else address


@dataclass(frozen=True, slots=True, init=False, repr=False)
class HttpResponse:
    """An answer as a transport received it.

    Args:
        status_code: the HTTP status.
        headers: the header fields, a mapping or pairs; their bytes read as Latin-1.
        body: the body's bytes, content coding undone.
        url: the URL that answered; empty if it is not known.
        native: the HTTP library's own response. It is no part of the value: ``==``, repr, pickle and copy leave it out.
    """

    status_code: int
    headers: Headers
    body: bytes
    url: str
    native: Any = field(compare=False)

    def __init__(
        self,
        status_code: int,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        url: str = "",
        native: Any = None,
    ) -> None:
        object.__setattr__(self, "status_code", status_code)
        object.__setattr__(self, "headers", headers if isinstance(headers, Headers) else Headers(headers))
        object.__setattr__(self, "body", body)
        object.__setattr__(self, "url", url)
        object.__setattr__(self, "native", native)

    def __repr__(self) -> str:
        return f"<HttpResponse {self.status_code}, {len(self.body)} bytes>"

    def __reduce__(self) -> tuple[Any, ...]:
        return HttpResponse, (self.status_code, self.headers, self.body, self.url)
