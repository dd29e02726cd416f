"""Query tunnelling: a request whose query is too long for a URL travels as a POST that has the query in its body.

The verb that is meant goes into X-HTTP-Method-Override. A request without a body becomes a form whose bytes are the
query's; one with a body becomes a multipart of two parts (RFC 2046 section 5.1), the query first::

    --B CRLF
    Content-Type: application/x-www-form-urlencoded CRLF CRLF
    <query> CRLF
    --B CRLF
    Content-Type: <the request's> CRLF CRLF
    <body> CRLF
    --B-- CRLF

`tunnel` writes what Rest.li's own client writes, `untunnel` reads what Rest.li's own server reads
(com.linkedin.r2.message.QueryTunnelUtil, which leaves MIME to JavaMail). For every request ``r`` that `tunnel` takes,
``untunnel(tunnel(r))`` means ``r``.

The fields that describe a body go with it. `tunnel` and `untunnel` never return a Content-Length: it counted other
bytes, and the transport writes it. Nor the Content-Type of a request without a body, nor a fragment, which is not sent.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Mapping
from itertools import takewhile
from typing import Final

from restli_core.base_errors import DecodeError, InvalidCallError
from restli_core.messages import Headers, HttpRequest, checked_request
from restli_core.patterns import lazy_pattern
from restli_core.values import Value

__all__ = ["is_tunnelled", "tunnel", "untunnel"]

_OVERRIDE: Final = "X-HTTP-Method-Override"
_VERBS: Final = ("GET", "POST", "PUT", "DELETE", "OPTIONS")
_FORM: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/mixed"

# What java.net.URI refuses in a query: all but RFC 2396 section 3.4, [ ], and what is neither ASCII nor a control or
# space. It would take # for the start of a fragment, which is not part of a query either.
_NEVER: Final = r'"#<>\\^`{|}'
_ILLEGAL: Final = lazy_pattern(rf"[\s\x00-\x1f\x7f-\x9f{_NEVER}]|%(?![0-9A-Fa-f]{{2}})")
# The same for a query that is known to be visible ASCII, as that of a URL: this takes a third of the time.
_LEGAL: Final = lazy_pattern(rf"[^{_NEVER}%]*+(?:%[0-9A-Fa-f]{{2}}[^{_NEVER}%]*+)*+")

# RFC 2045 section 5.1
_MIME_TOKEN: Final = r"[!#-'*+\-.0-9A-Z^-~]++"
_TYPE: Final = lazy_pattern(f"{_MIME_TOKEN}/{_MIME_TOKEN}")
_PARAMETER: Final = lazy_pattern(
    rf"[ \t]*+;[ \t]*+(?:({_MIME_TOKEN})[ \t]*+=[ \t]*+"
    rf'(?:({_MIME_TOKEN})|"((?:[\t !#-\[\]-~]|\\[\t -~])*+)")[ \t]*+)?'
)
# RFC 2045 section 6.7, rule 3: spaces at a line's end were added on the way, and must be deleted
_PADDING: Final = lazy_pattern(rb"(?<![ \t])[ \t]++(?=\r?\n|\Z)")


def is_tunnelled(request: HttpRequest) -> bool:
    """Return whether the request says that another one is in it: it has an X-HTTP-Method-Override."""
    return _OVERRIDE in request.headers


def tunnel(request: HttpRequest) -> HttpRequest:
    """Return the POST that carries a request with its query in the body.

    The caller decides which queries are long enough for a tunnel.

    Args:
        request: any request; one without a query comes back as it is.

    Returns:
        The same headers in the same order, with the Content-Type of the new body, without Content-Length. Equal
        requests give equal bytes: the boundary is made from what it bounds.

    Raises:
        InvalidCallError: Rest.li's server could not read it: the method is not GET, POST, PUT, DELETE or OPTIONS;
            there is an X-HTTP-Method-Override already; the URL is nothing but a query; the query has a character that
            no URI may have; there is a body without a legal Content-Type; the body is text/plain, or a multipart other
            than a well-formed multipart/mixed.
    """
    address, _, query = request.url.partition("#")[0].partition("?")
    if not query:
        return request
    refusals = (
        (request.method not in _VERBS, f"its method must be one of {', '.join(_VERBS)}, not {request.method}"),
        (is_tunnelled(request), f"it has an {_OVERRIDE} already"),
        (not address, "its URL is nothing but a query"),
        (not _LEGAL.fullmatch(query), "its query has a character that no query of a URI may have"),
    )
    for refused, reason in refusals:
        if refused:
            raise InvalidCallError("request", reason)
    return carry(request, address, query)


def carry(request: HttpRequest, address: str, query: str) -> HttpRequest:
    """Return the POST that carries a request, as `tunnel` does, but without a look at what it takes.

    Args:
        request: the request.
        address: its URL before the query.
        query: its query, which may be in a URI.

    Raises:
        InvalidCallError: there is a body that cannot be carried.
    """
    content_type, body = _FORM, query.encode("ascii")
    if request.body:
        content_type, body = _multipart(body, request.headers.get("Content-Type", ""), request.body)
    fields = [*_described(request.headers, content_type), (_OVERRIDE, request.method)]
    return checked_request("POST", address, Headers(fields), body)


def _multipart(query: bytes, entity_type: str, entity: bytes) -> tuple[str, bytes]:
    """Return the Content-Type and the bytes of a multipart of a query and an entity."""
    # Slow to import, and few calls are tunnelled with a body.
    from hashlib import sha256  # noqa: PLC0415

    try:
        _check_entity(entity_type, entity)
    except DecodeError as error:
        # Not chained, since the error has the entity in it.
        raise InvalidCallError("request", f"its body cannot be tunnelled: {error.reason}") from None
    # The boundary is made of the two, so that equal requests give equal bytes, and is in neither. A line end stands
    # between them: no query has one, so nothing else gives the same content.
    content = query + b"\n" + entity
    digest = sha256(content)
    while (boundary := digest.hexdigest().encode("ascii")) in content:
        digest.update(b"\n")
    pieces: list[bytes] = []
    for content_type, part in ((_FORM, query), (entity_type, entity)):
        pieces += b"--" + boundary, f"Content-Type: {content_type}".encode("ascii"), b"", part
    body = b"\r\n".join([*pieces, b"--" + boundary + b"--", b""])
    return f'{_MULTIPART}; boundary="{boundary.decode()}"', body


def untunnel(request: HttpRequest) -> HttpRequest:
    """Return the request that a tunnelled one carries, as Rest.li's server reads it.

    The method that carries it does not matter. The query found in the body comes after one that the URL has. Of a
    multipart, the first part that is a form is the query and the first other part the body; more are not looked at.
    The type of the outer body is compared in lower case, and where it is another than the two, the verb is still
    changed, but query and body are lost. What is not ASCII in the query is percent-encoded, as in
    ``java.net.URI.toASCIIString``.

    Args:
        request: any request; one without X-HTTP-Method-Override comes back as it is.

    Raises:
        DecodeError: the verb, the Content-Type, the multipart, a part's type or transfer encoding, or the query is
            wrong; `text` is what is wrong, a body as Latin-1. Rest.li's server answers 400 to it, but 500 to a verb
            that it does not know and to a part that is text/plain, which a part without Content-Type is (RFC 2045
            section 5.2).
    """
    if not is_tunnelled(request):
        return request
    verb = request.headers[_OVERRIDE]
    if verb not in _VERBS:
        raise DecodeError(verb, 0, f"expected one of {', '.join(_VERBS)}")
    outer = request.headers.get("Content-Type", "")
    kind, parameters = _parse_type(outer)
    # A body of neither type carries nothing.
    query, body = b"", b""
    content_type: str | None = outer
    if kind == _FORM:
        query, content_type = request.body, None
    elif kind == _MULTIPART:
        parts = [_read_part(piece) for piece in _split(request.body, outer, parameters)]
        form = next((part for part in parts if part.is_form), None)
        entity = next((part for part in parts if part is not form), None)
        query = form.content if form else b""
        content_type = None
        if entity is not None:
            content_type, body = entity.content_type, entity.content
            _check_entity(content_type, body)
    return HttpRequest(verb, _add_query(request.url, query), _described(request.headers, content_type), body)


def _add_query(url: str, query: bytes) -> str:
    """Return the URL with this query at its end, which in the reference is after a fragment too."""
    if not query:
        return url
    _, mark, present = url.partition("?")
    start = url + ("&" if present else "" if mark else "?")
    try:
        text = start + query.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DecodeError(query.decode("latin-1"), error.start, "expected UTF-8") from error
    flaw = _ILLEGAL.search(text, len(start))
    if flaw:
        raise DecodeError(text, flaw.start(), "expected a character that is legal in a query")
    return start + re.sub(rb"[\x80-\xff]", lambda octet: b"%%%02X" % ord(octet[0]), query).decode("ascii")


def _described(headers: Headers, content_type: str | None) -> list[tuple[str, str]]:
    """Return the fields for another body: its Content-Type in the place of the old one, or else at the end."""
    types = [content_type] if content_type is not None else []
    fields: list[tuple[str, str]] = []
    for name, value in headers.without("Content-Length", _OVERRIDE).raw:
        if name.lower() != "content-type":
            fields.append((name, value))
        elif types:
            fields.append((name, types.pop()))
    return fields + [("Content-Type", left) for left in types]


# -- MIME --------------------------------------------------------------------------------------------------------------


def _parse_type(text: str) -> tuple[str, dict[str, str]]:
    """Return a media type as written, and its parameters by their names in lower case."""
    kind = _TYPE.match(text)
    if not kind:
        raise DecodeError(text, 0, "expected a Content-Type such as application/json")
    parameters: dict[str, str] = {}
    position = kind.end()
    while position < len(text):
        parameter = _PARAMETER.match(text, position)
        if not parameter:
            raise DecodeError(text, position, "expected a parameter such as ; charset=UTF-8")
        name, bare, quoted = parameter.groups("")
        parameters[name.lower()] = bare or re.sub(r"\\(.)", r"\1", quoted)
        position = parameter.end()
    return kind[0], parameters


def _check_entity(content_type: str, body: bytes) -> None:
    """Raise a DecodeError for what the reference cannot carry as a part: it expects bytes, and JavaMail gives text."""
    kind, parameters = _parse_type(content_type)
    kind = kind.lower()
    if kind == "text/plain":
        raise DecodeError(content_type, 0, "text/plain cannot be a part")
    if kind == _MULTIPART:
        _split(body, content_type, parameters)
    elif kind.startswith("multipart/"):
        raise DecodeError(content_type, 0, f"no multipart but {_MULTIPART} can be a part")


def _split(body: bytes, content_type: str, parameters: Mapping[str, str]) -> list[bytes]:
    """Return the pieces after the delimiters, each with the line end before it; the last may end with the body."""
    boundary = parameters.get("boundary", "")
    if not 1 <= len(boundary) <= 70:
        raise DecodeError(content_type, len(content_type), "expected a boundary of 1 to 70 characters")
    delimiter = re.compile(rb"(?:\r\n|\n)--" + re.escape(boundary.encode("ascii")) + rb"(?:(--)|[ \t]*+(?=\r?\n))")
    lines = b"\n" + body  # so that the first delimiter begins with a line end, as all others do
    found = list(delimiter.finditer(lines))
    ends = [mark.start() for mark in found[1:]] + [len(lines)]
    # The delimiter with -- is the last: what comes after it is ignored.
    opening = takewhile(lambda mark: mark[1] is None, found)
    pieces = [lines[mark.end() : end] for mark, end in zip(opening, ends, strict=False)]
    if not pieces:
        raise DecodeError(body.decode("latin-1"), len(body), "expected a line with the boundary")
    return pieces


class _Part(Value):
    """A part of a multipart."""

    content_type: str
    transfer_encoding: str
    encoded: bytes

    @property
    def is_form(self) -> bool:
        return self.content_type.partition(";")[0].rstrip().lower() == _FORM

    @property
    def content(self) -> bytes:
        decode = _DECODERS.get(self.transfer_encoding.lower())
        if decode is None:
            raise DecodeError(self.transfer_encoding, 0, f"expected one of {', '.join(_DECODERS)}")
        try:
            return decode(self.encoded)
        except binascii.Error as error:  # of base64; the others take anything
            raise DecodeError(self.encoded.decode("latin-1"), len(self.encoded), "expected more base64") from error


# RFC 2045 section 6.1
_DECODERS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "7bit": bytes,
    "8bit": bytes,
    "binary": bytes,
    "base64": binascii.a2b_base64,
    "quoted-printable": lambda encoded: binascii.a2b_qp(_PADDING.sub(b"", encoded)),
}


def _read_part(piece: bytes) -> _Part:
    """Return the part that a piece between two delimiters is."""
    # RFC 2046 section 5.1: body-part := MIME-part-headers [CRLF *OCTET]; RFC 5322 section 2.2.3 for the folding
    head, *content = re.split(rb"\r?\n\r?\n", piece, maxsplit=1)
    lines = [line.decode("latin-1").partition(":") for line in re.sub(rb"\r?\n(?=[ \t])", b"", head).splitlines()]
    # From the last to the first: of fields of one name, the first counts.
    fields = {name.rstrip().lower(): value.strip(" \t") for name, _, value in reversed(lines)}
    # The defaults of RFC 2045 sections 5.2 and 6.1.
    content_type = fields.get("content-type", "text/plain")
    transfer_encoding = fields.get("content-transfer-encoding") or "7bit"
    return _Part(content_type, transfer_encoding, b"".join(content))
