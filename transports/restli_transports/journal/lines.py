"""Lines: what a journal says, each a JSON object on one line that ends in a newline.

    {"restli_journal": 1, "kind": "calls"}                                               the first: version and kind
    {"line": "intent", "key": "9f..", "number": 1, "what": "create /adAccounts", "at": "2026-09-01T12:00:00Z"}
    {"line": "outcome", ..., "status": 201, "headers": [["X-RestLi-Id", "5"]], "body": "{}"}
    {"line": "unsent", ..., "error": "ConnectError", "reason": "connection refused"}
    {"line": "lost", ..., "error": "TransportTimeout", "reason": "read timed out"}

| line      | what it says                                          | after it, a run that is started again  |
|-----------|-------------------------------------------------------|----------------------------------------|
| `intent`  | the request is about to go out                        | does not know what became of it        |
| `outcome` | the last answer that came: all that reading it needs  | reads it again                         |
| `unsent`  | it is known that nothing was done                     | sends it, as if there were no intent   |
| `lost`    | it went out, and no answer came                       | does not know what became of it        |

Of several lines on the same request the last one counts. A body that is not UTF-8 stands in ``"base64"``; an answer
that came from another URL than it was asked of has a ``"url"``, ``""`` where the transport did not say.

The key is the SHA-256 of the request: of its HTTP method, of the two headers that say which method it is meant to be,
of its URL and its body. It has no other header, and so no token.
"""

from __future__ import annotations

import json
import re
from binascii import a2b_base64, b2a_base64
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from restli_core.base_errors import InvalidCallError, printable
from restli_core.messages import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "KINDS",
    "VERSION",
    "Identity",
    "Line",
    "identify",
    "key_of",
    "read_header",
    "read_line",
    "read_subject",
    "write_header",
    "write_line",
]

VERSION: Final = 1
KINDS: Final = ("calls", "flow")
EVENTS: Final = frozenset({"intent", "outcome", "unsent", "lost"})
MAX_WHAT: Final = 300  # characters

# A tunnel hides the method in a header, and a body may be an entity of create or the parameters of an action.
_MEANINGS: Final = ("X-HTTP-Method-Override", "X-RestLi-Method")
# What a server or a proxy gives out as secrets, or is given as such and may repeat.
_SECRET_HEADERS: Final = (
    "Set-Cookie",
    "Set-Cookie2",
    "Cookie",
    "Authorization",
    "Proxy-Authorization",
    "Authentication-Info",
    "Proxy-Authentication-Info",
)


class Identity(NamedTuple):
    """Which request a line is about.

    Attributes:
        key: the SHA-256 of the request, in hexadecimal.
        number: in a journal of calls, which one of several equal ones, from 1 on; in that of a flow, which of all of
            its requests, from 0 on.
        what: the method and the path, for people.
    """

    key: str
    number: int
    what: str


class Line(NamedTuple):
    """What a line says.

    Attributes:
        event: ``"intent"``, ``"outcome"``, ``"unsent"`` or ``"lost"``.
        identity: of which request.
        at: when, in UTC (RFC 3339).
        response: of an outcome: the answer, without cookies.
        error: of one that is unsent or lost: the name of the error.
        reason: likewise, what it says.
    """

    event: str
    identity: Identity
    at: str
    response: HttpResponse | None = None
    error: str = ""
    reason: str = ""


def identify(request: HttpRequest, number: int, what: str) -> Identity:
    """Return which request this is.

    Args:
        request: the request.
        number: which one of its kind.
        what: the method and the path, for people; it holds nothing secret.

    Raises:
        InvalidCallError: as for `key_of`.
    """
    return Identity(key_of(request), number, printable(what, MAX_WHAT))


def key_of(request: HttpRequest) -> str:
    """Return the SHA-256 of a request, in hexadecimal.

    Raises:
        InvalidCallError: it is a form, such as that of a token call, whose answer is a secret.
    """
    headers = request.headers
    meant = [headers.get(name, "") for name in _MEANINGS]
    if not meant[0] and headers.get("Content-Type", "").lower().startswith("application/x-www-form-urlencoded"):
        reason = "is a form, as token calls are: its answer would be a secret in the journal; send it without one"
        raise InvalidCallError("call", reason)
    digest = sha256(f"{request.method} {' '.join(meant)}\n{request.url}\n".encode())
    digest.update(request.body)
    return digest.hexdigest()


def write_header(kind: str) -> bytes:
    """Return the first line of a journal of this kind."""
    return _written({"restli_journal": VERSION, "kind": kind})


def read_header(line: bytes) -> tuple[int, str]:
    """Return the version and the kind of a journal from its first line.

    Raises:
        ValueError: it is not such a line.
    """
    fields = _fields(line)
    version, kind = fields.get("restli_journal"), fields.get("kind")
    if type(version) is not int or not isinstance(kind, str):
        raise ValueError("it is not the first line of a journal")
    return version, kind


def write_line(line: Line, request: HttpRequest | None = None, *, keeps_url: bool = True) -> bytes:
    """Return the bytes of a line.

    Args:
        line: what it says.
        request: of an outcome: the request as it was sent, whose token is not written, should the answer have it.
        keeps_url: whether the URL that answered is written, where it is not the one that was asked.
    """
    key, number, what = line.identity
    fields: dict[str, Any] = {"line": line.event, "key": key, "number": number, "what": what, "at": line.at}
    response = line.response
    if response is not None and request is not None:
        clean = _cleaner(request)
        fields["status"] = response.status_code
        kept = response.headers.without(*_SECRET_HEADERS)
        fields["headers"] = [(name, clean(value)) for name, value in kept.raw]
        if response.url != request.url:
            fields["url"] = clean(response.url) if keeps_url else ""
        fields |= _body_fields(response.body, clean)
    elif line.error:
        fields |= {"error": line.error, "reason": line.reason}
    return _written(fields)


def _cleaner(request: HttpRequest) -> Callable[[str], str]:
    """Return what takes the request's token out of a text, which a server may repeat; all else is an answer's own."""
    authorization = request.headers.get("Authorization")
    if authorization is None:
        return str
    return HttpRequest("GET", "/", {"Authorization": authorization}).without_secrets


def _body_fields(body: bytes, clean: Callable[[str], str]) -> dict[str, str]:
    if not body:
        return {}
    try:
        return {"body": clean(body.decode())}
    except UnicodeDecodeError:
        text = body.decode("utf-8", "surrogateescape")
        cleaned = clean(text)
        if cleaned != text:
            body = cleaned.encode("utf-8", "surrogateescape")
        return {"base64": b2a_base64(body, newline=False).decode()}


def read_line(line: bytes, url: str = "") -> Line:
    """Return what a line says.

    Args:
        line: the line, without its newline or with it.
        url: the URL of the request, which the answer came from where the line has no other.

    Raises:
        ValueError: it is not a line of a journal.
    """
    fields = _fields(line)
    event, key, number = _subject(fields)
    response: HttpResponse | None = None
    if event == "outcome":
        headers = [(name, value) for name, value in fields["headers"]]
        response = HttpResponse(fields["status"], headers, _body_of(fields), fields.get("url", url))
    texts = [fields.get(name, "") for name in _TEXTS]
    return Line(event, Identity(key, number, texts[0]), texts[1], response, texts[2], texts[3])


def read_subject(line: bytes) -> tuple[str, str, int]:
    """Return the event of a line, and the key and the number of what it is about, if `read_line` can read it.

    Raises:
        ValueError: it is not a line of a journal.
    """
    fields = _fields(line)
    if "base64" in fields:
        _body_of(fields)
    return _subject(fields)


_TEXTS: Final = ("what", "at", "error", "reason")


def _subject(fields: dict[str, Any]) -> tuple[str, str, int]:
    event, key, number = fields.get("line"), fields.get("key"), fields.get("number")
    if not isinstance(event, str) or event not in EVENTS or not isinstance(key, str) or not _KEY.fullmatch(key):
        raise ValueError("it is not a line of a journal")
    if type(number) is not int or number < 0:
        raise ValueError("its number is not a number")
    for name in _TEXTS:
        if not isinstance(fields.get(name, ""), str):
            raise ValueError(f"its {name} is not text")  # noqa: TRY004 - as for all that a line may have
    if event == "outcome":
        _check_outcome(fields)
    return event, key, number


_KEY: Final = re.compile("[0-9a-f]{64}")


def _check_outcome(fields: dict[str, Any]) -> None:
    headers = fields.get("headers")
    if type(fields.get("status")) is not int or not isinstance(headers, list):
        raise ValueError("it is not an outcome")
    for field in headers:
        if not isinstance(field, list) or [type(part) for part in field] != [str, str]:
            raise ValueError("its headers are not headers")
    for name in ("body", "base64", "url"):
        if not isinstance(fields.get(name, ""), str):
            raise ValueError(f"its {name} is not text")  # noqa: TRY004 - likewise


def _body_of(fields: dict[str, Any]) -> bytes:
    if "base64" not in fields:
        text: str = fields.get("body", "")
        return text.encode("utf-8", "surrogatepass")
    try:
        return a2b_base64(fields["base64"], strict_mode=True)
    except (TypeError, ValueError) as error:  # binascii's own error is a ValueError
        raise ValueError("its body is not base64") from error


def _written(fields: dict[str, Any]) -> bytes:
    # A header may have been read to a lone surrogate, which UTF-8 alone does not have.
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"


def _fields(line: bytes) -> dict[str, Any]:
    """Return the JSON object on a line.

    Raises:
        ValueError: there is none; UnicodeDecodeError and JSONDecodeError are ValueErrors.
    """
    try:
        fields = json.loads(line.decode("utf-8", "surrogatepass"))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(fields, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004 - likewise
    return fields
