"""HTTP messages as plain values: what goes out and what comes in.

    method       = token                                        RFC 9110 section 9.1
    url          = 1*VCHAR                                      RFC 3986; what each part allows is left to who builds it
    field-name   = token                                        RFC 9110 section 5.1
    field-value  = [ VCHAR [ *( SP / HTAB / VCHAR ) VCHAR ] ]   RFC 9110 section 5.5, without obs-text
    token        = 1*tchar                                      RFC 9110 section 5.6.2

A request is checked when it is made, so that nothing which reaches a transport can split a request in two (RFC 9110
section 5.5, RFC 9112 section 3); what has been checked once is not checked again. An answer is taken as it came, since
refusing it would lose it.
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, ClassVar, Final, cast

from restli_core.base_errors import Attempt, InvalidCallError
from restli_core.frames import concealing
from restli_core.patterns import lazy_pattern
from restli_core.percent import quote_all, unquote, unquote_plus
from restli_core.values import HashableValue, unfrozen

__all__ = ["Authorization", "Headers", "HttpRequest", "HttpResponse"]

MIN_SECRET: Final = 8  # characters
MAX_SECRET_VALUES: Final = 32  # of a query, the longest

_TOKEN: Final = lazy_pattern(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROL: Final = lazy_pattern(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_VISIBLE: Final = bytes(range(0x21, 0x7F))

# RFC 3986 section 3.2.1: what stands before the @ of the authority
_USER_INFORMATION: Final = lazy_pattern(r"^([^/?#]*//)[^/?#]*@")
# RFC 3986 section 3: the scheme and the authority, and then what is after them
_AFTER_HOST: Final = lazy_pattern(r"^([^/?#]*//[^/?#]*).*")
# The secret fields of a token call's form: RFC 6749 sections 2.3.1, 4.1.3 and 6, RFC 7009 section 2.1, RFC 7636 section
# 4.5.
SECRET_FIELDS: Final = frozenset({"client_secret", "code", "code_verifier", "refresh_token", "token"})
# The headers whose values are never private: a repr shows these values, and no others.
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


class Headers(Mapping[str, str]):
    """Header fields: an immutable Mapping whose names match in any case.

    ``headers[name]`` joins a repeated field's values by ``", "`` (RFC 9110 section 5.3); `raw` has every field as it
    was given. Two Headers are equal when they say the same, whatever the case and order of their names.

    Args:
        fields: a mapping of names to values, or pairs of them.
    """

    # Not a Value: Mapping brings a metaclass of its own, and a class can have only one.
    __slots__ = ("_folded", "raw")

    raw: tuple[tuple[str, str], ...]
    _folded: dict[str, str]  # by the names in lower case

    def __init__(self, fields: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        raw = fields.raw if isinstance(fields, Headers) else tuple([(name, value) for name, value in _pairs(fields)])
        folded = {name.lower(): value for name, value in raw}
        if len(folded) < len(raw):  # a name comes twice
            values: dict[str, list[str]] = {}
            for name, value in raw:
                values.setdefault(name.lower(), []).append(value)
            folded = {name: ", ".join(repeated) for name, repeated in values.items()}
        object.__setattr__(self, "raw", raw)
        object.__setattr__(self, "_folded", folded)

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
            return texts and self == Headers(other)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(frozenset(self._folded.items()))

    def __repr__(self) -> str:
        shown = [(name, value if name.lower() in _SHOWN_HEADERS else "…") for name, value in self.raw]
        return f"Headers({shown!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Headers, (self.raw,)

    def without(self, *names: str) -> Headers:
        """Return the same fields without those that have one of these names, in any case."""
        dropped = {name.lower() for name in names}
        if dropped.isdisjoint(self._folded):
            return self
        return Headers([(name, value) for name, value in self.raw if name.lower() not in dropped])

    def with_field(self, name: str, value: str) -> Headers:
        """Return the same fields with this one at the end, in place of those that have its name."""
        folded = name.lower()
        others = self.without(name) if folded in self._folded else self
        return folded_headers((*others.raw, (name, value)), {**others._folded, folded: value})


_OpenHeaders: Final = unfrozen(Headers)


def folded_headers(raw: tuple[tuple[str, str], ...], folded: dict[str, str]) -> Headers:
    """Return header fields whose names need not be folded again.

    Args:
        raw: the fields.
        folded: their values by the names in lower case, as `Headers` would make it; it becomes the headers' own.
    """
    headers = _OpenHeaders()
    headers.raw = raw
    headers._folded = folded
    headers.__class__ = Headers
    made: Headers = headers
    return made


def _pairs(fields: Mapping[str, str] | Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    """Return header fields as pairs, as they were given."""
    if isinstance(fields, Headers):
        return fields.raw  # `items` would give the values of a repeated field joined
    # The cast is for type checkers: to them an iterable of pairs may be a Mapping too, one whose keys are pairs.
    return cast("Iterable[tuple[str, str]]", fields.items() if isinstance(fields, Mapping) else fields)


class HttpRequest(HashableValue):
    """A request to send with anything: exactly this method, this URL, these headers and this body.

    Args:
        method: the HTTP method, such as ``GET``.
        url: the whole URL, already encoded: a transport must not quote, normalise or extend it.
        headers: the header fields, a mapping or pairs.
        body: the body's bytes, empty for none.

    Raises:
        InvalidCallError: the method or a name is not a token (RFC 9110 section 5.6.2); a value holds anything but
            visible ASCII with spaces or tabs inside; the URL is anything but visible ASCII; the body is not bytes. The
            message names what is wrong, and never has its value.
    """

    method: str
    url: str
    headers: Headers
    body: bytes

    @concealing
    def __init__(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        body: bytes = b"",
    ) -> None:
        if not isinstance(method, str) or not _TOKEN.fullmatch(method):
            raise InvalidCallError("method", "is not a token")
        if not isinstance(url, str) or not (plain := str.__str__(url)) or not _is_visible(plain):
            raise InvalidCallError("url", "is empty or not wholly visible ASCII")
        fields = check_fields(_pairs(headers))
        if not isinstance(headers, Headers) or any(type(part) is not str for field in headers.raw for part in field):
            headers = Headers(fields)
        if not isinstance(body, bytes):
            raise InvalidCallError("body", f"must be bytes, not {type(body).__name__}")
        # Of a subclass the text alone, here and in `check_fields`: what it formats as has not been checked.
        super().__init__(str.__str__(method), plain, headers, body)

    def __repr__(self) -> str:
        return f"<HttpRequest {self.line}, {len(self.body)} bytes>"

    @property
    def line(self) -> str:
        """The request line for people to read: without user information, and without the values of the query."""
        address, mark, query = self._shown_url().partition("?")
        if not query:
            return f"{self.method} {address}"
        return f"{self.method} {address}{mark}{_shown_query(query)}"

    def _shown_url(self) -> str:
        """Return the URL without user information."""
        return without_user_information(self.url)

    def _secrets(self) -> set[str]:
        """Return what is secret in it: its token, and the secrets of its form."""
        secrets = _secrets_of(self.headers.get("Authorization", ""))
        for piece in self.body.decode("latin-1").split("&") if self._is_form else ():
            name, _, value = piece.partition("=")
            if name in SECRET_FIELDS:
                secrets |= {value, unquote_plus(value)}  # as it is on the wire, and decoded
        return secrets

    @property
    def hides_url(self) -> bool:
        """True where it shows nothing of its URL after the host."""
        return False

    def hiding_url(self) -> HttpRequest:
        """Return the same request, which shows nothing of its URL after the host: not its path, and no parameter.

        A URL that was signed beforehand, such as that of an upload, lets whoever has it do what it is for.
        """
        return _HidingRequest(*self._fields())

    @concealing
    def with_header(self, name: str, value: str) -> HttpRequest:
        """Return the same request with one more header field, or another value in place of the one it has.

        Raises:
            InvalidCallError: no request can carry the field.
        """
        ((name, value),) = check_fields([(name, value)])
        return self.with_checked(name, value)

    def with_checked(self, name: str, value: str) -> HttpRequest:
        """Return the same request with one more header field, which is known to be right, as with `with_header`."""
        return self._with(self.url, self.headers.with_field(name, value), self.body)

    def redacted(self) -> HttpRequest:
        """Return the request without what is secret: Authorization, cookies, user information, the body of a form."""
        url = self._shown_url()
        headers = self.headers.without("Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie")
        body = b"" if self._is_form else self.body
        # Requests are redacted where they are shown, and may be shown several times.
        if headers is self.headers and body is self.body and url == self.url:
            return self
        return self._with(url, headers, body)

    def without_secrets(self, text: str) -> str:
        """Return the text with "…" in place of this request's token and of the secrets in its form.

        For any text that a server or a library has written: it may repeat what was sent. What is shorter than 8
        characters is left: no secret is, but a word that tests give for one, and the text may have it as a word.
        """
        secrets = {secret for secret in self._secrets() if len(secret) >= MIN_SECRET}
        secrets |= {quote_all(secret) for secret in secrets}  # as a URL would have it
        # The longest first, since one may be a part of another.
        for secret in sorted(secrets, key=len, reverse=True):
            text = text.replace(secret, "…")
        return text

    @property
    def _is_form(self) -> bool:
        media_type = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return media_type == "application/x-www-form-urlencoded"

    def _with(self, url: str, headers: Headers, body: bytes) -> HttpRequest:
        """Return the request with other parts, without the checks of `__init__`: all of the parts have been checked."""
        return checked_request(self.method, url, headers, body)


_OpenRequest: Final = unfrozen(HttpRequest)


def checked_request(method: str, url: str, headers: Headers, body: bytes) -> HttpRequest:
    """Return a request of parts that are known to be right, without the checks of `HttpRequest`."""
    request = _OpenRequest()
    request.method = method
    request.url = url
    request.headers = headers
    request.body = body
    request.__class__ = HttpRequest
    made: HttpRequest = request
    return made


class _HidingRequest(HttpRequest):
    """A request whose URL is a secret after the host; it equals the one that shows its URL."""

    @property
    def hides_url(self) -> bool:
        return True

    def _shown_url(self) -> str:
        return _AFTER_HOST.sub(r"\1/...", super()._shown_url())

    def _secrets(self) -> set[str]:
        target = self.url.removeprefix(_AFTER_HOST.sub(r"\1", self.url))
        path, _, query = target.partition("?")
        # A server that gives a URL of thousands, and says a lot, is not to keep anybody busy.
        values = sorted({piece.partition("=")[2] for piece in query.split("&")}, key=len)[-MAX_SECRET_VALUES:]
        found = {target, path, query, *values}
        # As they are on the wire, and decoded.
        return super()._secrets() | found | {unquote(text) for text in found}

    def _with(self, url: str, headers: Headers, body: bytes) -> HttpRequest:
        return super()._with(url, headers, body).hiding_url()

    def __eq__(self, other: object) -> bool:
        return self._fields() == other._fields() if isinstance(other, HttpRequest) else NotImplemented

    __hash__ = HttpRequest.__hash__  # type: ignore[assignment]  # a class with its own == would have none


def _secrets_of(authorization: str) -> set[str]:
    """Return what is secret in a value of Authorization: what goes with its scheme; of Basic, the password too."""
    scheme, _, rest = authorization.partition(" ")
    secrets = {rest or scheme}
    if scheme.lower() == "basic":
        with suppress(ValueError):  # it is not base64, or not UTF-8: binascii's error is a ValueError, too
            secrets.add(a2b_base64(rest).decode().partition(":")[2])
    return secrets


def without_user_information(url: str) -> str:
    """Return a URL without the name and the password that may stand before its host."""
    return _USER_INFORMATION.sub(r"\1", url)


def shown_url(url: str) -> str:
    """Return a URL of a server's for people to read: without user information, and of its query only the names."""
    address, mark, query = without_user_information(url.partition("#")[0]).partition("?")
    return f"{address}{mark}{_shown_query(query, bare='…')}" if query else address


def _shown_query(query: str, bare: str | None = None) -> str:
    """Return a query without values; `bare`: what stands for a piece that has no name, by default its text as one."""
    pieces = query.split("&", 8)  # eight parameters, whose names are shown, and the rest
    shown = [f"{piece.partition('=')[0]}=…" if bare is None or "=" in piece else bare for piece in pieces[:8]]
    return "&".join(shown + ["…"] * len(pieces[8:]))


def check_fields(fields: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the fields, if a request can carry them.

    Raises:
        InvalidCallError: one is not a name and a value that a header can have; names it.
    """
    checked: list[tuple[str, str]] = []
    for name, value in fields:
        if not isinstance(name, str):
            raise InvalidCallError("headers", f"names must be text, not {type(name).__name__}")
        plain = str.__str__(name)
        if not _TOKEN.fullmatch(plain):
            raise InvalidCallError("headers", f"the name {plain!r} is not a token")
        checked.append((plain, check_header_value(f"headers[{plain!r}]", value)))
    return checked


def check_header_value(argument: str, value: str) -> str:
    """Return the value, if a header can carry it.

    Raises:
        InvalidCallError: it is not visible ASCII with spaces or tabs only inside. The error never has the value.
    """
    if not isinstance(value, str):
        raise InvalidCallError(argument, f"must be text, not {type(value).__name__}")
    plain = str.__str__(value)
    if not _is_visible(plain, _VISIBLE + b" \t") or plain != plain.strip(" \t"):
        cure = ": take the white space around it away" if value != value.strip() else ""
        raise InvalidCallError(argument, f"must be visible ASCII, with spaces or tabs only inside{cure}")
    return plain


def _is_visible(text: str, octets: bytes = _VISIBLE) -> bool:
    """Return whether a text has nothing but these octets; in two passes in C, a third of a pattern's time."""
    return text.isascii() and not text.encode().translate(None, octets)


def check_token(access_token: str) -> str:
    """Return the token, if a header can carry it.

    Raises:
        InvalidCallError: it is not text that a header can carry, is empty, or has a space in it.
    """
    if not isinstance(access_token, str):
        cure = ": a source of tokens is for a client" if callable(getattr(access_token, "token", None)) else ""
        kind = type(access_token).__name__
        raise InvalidCallError("access_token", f"must be text, or an Authorization, not {kind}{cure}")
    if not access_token:
        raise InvalidCallError("access_token", "must be text, and not empty")
    access_token = check_header_value("access_token", access_token)
    if " " in access_token or "\t" in access_token:
        raise InvalidCallError(
            "access_token", "has a space in it: give the token alone, or an Authorization with the scheme"
        )
    return access_token


def bearer(access_token: str | Authorization) -> str:
    """Return the value of the header Authorization for a token (RFC 6750 section 2.1), or the value that was given.

    Raises:
        InvalidCallError: as for `check_token`.
    """
    if type(access_token) is str and access_token and _is_visible(access_token):  # as nearly all are
        return f"Bearer {access_token}"
    if isinstance(access_token, Authorization):
        # Of a subclass the value may be another than the one that was checked.
        given, is_checked = access_token.value, type(access_token) is Authorization
        return given if is_checked else check_header_value("headers['Authorization']", given)
    return f"Bearer {check_token(access_token)}"


class Authorization(HashableValue):
    """The value of the header Authorization, for a server that takes something else than a bearer token.

    It is given as the access token is: to a call, or to a client, which adds it to requests to its own origin alone.
    Like a token it is never shown; a pickle, as that of a call with a token, has it in clear text.

    Args:
        value: the whole value of the header: a scheme and what goes with it, such as ``"Token abc"``.

    Raises:
        InvalidCallError: it is empty, or no header can carry it. The message never has the value.
    """

    value: str

    @concealing
    def __init__(self, value: str) -> None:
        checked = check_header_value("Authorization", value)
        if not checked:
            raise InvalidCallError("Authorization", "must be text, and not empty")
        super().__init__(checked)

    @staticmethod
    @concealing
    def basic(user: str, password: str) -> Authorization:
        """Return that of a user with a password, in UTF-8 (RFC 7617).

        Args:
            user: the user's name, which has no colon.
            password: the password, which may be empty.

        Raises:
            InvalidCallError: one of them is not text, or has a control character; or the user's name has a colon.
        """
        for argument, text in (("user", user), ("password", password)):
            if not isinstance(text, str) or _CONTROL.search(text):
                raise InvalidCallError(argument, "must be text without control characters and lone surrogates")
        if ":" in user:
            raise InvalidCallError("user", "must not have a colon: it ends the name of the user")
        return Authorization("Basic " + b2a_base64(f"{user}:{password}".encode(), newline=False).decode())


class HttpResponse(HashableValue):
    """An answer as a transport received it.

    Args:
        status_code: the HTTP status.
        headers: the header fields, a mapping or pairs; their bytes read as Latin-1.
        body: the body's bytes, decoded from any content coding, such as gzip.
        url: the URL that answered; empty if it is not known.
        native: the HTTP library's own response. It is not part of the value: ``==``, repr, pickle and copy leave it
            out.
    """

    # The tries that ended with it, for the error that is made of it.
    __beside__: ClassVar[tuple[str, ...]] = ("_tries",)

    status_code: int
    headers: Headers
    body: bytes
    url: str
    native: Any

    def __init__(
        self,
        status_code: int,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        url: str = "",
        native: Any = None,
    ) -> None:
        fields = headers if isinstance(headers, Headers) else Headers(headers)
        super().__init__(status_code, fields, body, url, native)

    def __repr__(self) -> str:
        return f"<HttpResponse {self.status_code}, {len(self.body)} bytes>"

    def _fields(self) -> tuple[Any, ...]:
        return self.status_code, self.headers, self.body, self.url


def tried(response: HttpResponse, attempts: tuple[Attempt, ...], seconds: float) -> HttpResponse:
    """Return the same answer, which has the tries that ended with it: all failed, this one the last.

    They are not part of the value, and only an error that is made of it has them: a flow is given the answer to a raw
    request as it is, and may raise one.

    Args:
        response: the answer.
        attempts: one for each try.
        seconds: how long all of them took, with the waits between them.
    """
    copied = HttpResponse(response.status_code, response.headers, response.body, response.url, response.native)
    object.__setattr__(copied, "_tries", (attempts, seconds))
    return copied


def tries_of(response: HttpResponse) -> tuple[tuple[Attempt, ...], float]:
    """Return the tries that ended with an answer, as `tried` takes them; none where nobody counted."""
    tries: tuple[tuple[Attempt, ...], float] = getattr(response, "_tries", ((), 0.0))
    return tries
