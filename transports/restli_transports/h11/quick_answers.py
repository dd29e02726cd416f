"""Quick answers: what almost all answers are like, read by one expression and their length, without h11.

    answer = "HTTP/1.1" SP status [ SP reason ] CRLF 1*( name ":" value CRLF ) CRLF body
    status = of 2xx to 5xx, but 204 and 304, which have no body whatever their length says
    value  = *( visible ASCII / SP / HTAB )
    where the whole head comes in one piece, within its limit; Content-Length is one number; there is no
    Transfer-Encoding, and no Connection but keep-alive; the body has so many bytes, and nothing comes after it

Whatever else comes is a `Doubt`: then h11 is to read all that has come. A property holds the two together.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import h11

from restli_core.messages import Headers, HttpResponse
from restli_transports.wire import Body

if TYPE_CHECKING:
    from restli_core.messages import HttpRequest
    from restli_transports.h11.answers import Limits

__all__ = ["Doubt", "QuickAnswer", "is_quick"]

_HEAD: Final = re.compile(
    rb"HTTP/1\.1 ([2-5][0-9][0-9])(?: [\t -~]*+)?\r\n((?:[-!#$%&'*+.^_`|~0-9A-Za-z]++:[\t -~]*+\r\n)++)\r\n"
)
_LENGTH: Final = re.compile(r"[0-9]{1,20}")
_NO_BODY: Final = frozenset({b"204", b"304"})


class Doubt(Exception):
    """An answer is not of the form that is read here."""


def is_quick(request: HttpRequest) -> bool:
    """Return whether the answer to a request may be one that is read here."""
    return request.method != "HEAD" and "Connection" not in request.headers


class QuickAnswer:
    """An answer on its way, as long as there is no doubt of it.

    Args:
        url: the URL that answers.
        limits: how large it may be.
        check: called between the steps of decoding its body.
    """

    __slots__ = ("_body", "_check", "_head", "_headers", "_left", "_limits", "_pieces", "_status", "_url")

    _headers: Headers
    _left: int  # bytes of the body
    _status: int
    _body: Body | None  # None for a body without a coding

    def __init__(self, url: str, limits: Limits, check: Callable[[], object]) -> None:
        self._url = url
        self._limits = limits
        self._check = check
        self._head = b""
        self._pieces: list[bytes] = []  # of the body

    @property
    def received(self) -> bytes:
        """All that has come."""
        return self._head + b"".join(self._pieces)

    def receive(self, data: bytes) -> HttpResponse | None:
        """Return the response once it is complete, None before.

        Args:
            data: what was read, empty at the end of the stream.

        Raises:
            Doubt: h11 is to read this, and all that came before.
            UnreadableError: the body is not of its coding, or larger than the limit.
        """
        self._pieces.append(data)
        if not self._head:
            data = self._read_head(data)
        elif not data:
            raise Doubt
        self._left -= len(data)
        if self._left < 0:
            raise Doubt
        if self._body is not None:
            self._body.feed(data)
        if self._left:
            return None
        body = b"".join(self._pieces) if self._body is None else self._body.finish()
        return _QuickResponse(self._head, self._status, self._headers, body, self._url)

    def _read_head(self, data: bytes) -> bytes:
        """Read the head, and return what has come of the body."""
        match = _HEAD.match(data)
        if match is None or match.end() > self._limits.head or match[1] in _NO_BODY:
            raise Doubt
        fields = [line.partition(":") for line in match[2].decode("ascii").split("\r\n")]
        headers = Headers([(name, value.strip(" \t")) for name, _, value in fields[:-1]])
        length, coding = headers.get("Content-Length", ""), headers.get("Content-Encoding", "")
        if (
            not _LENGTH.fullmatch(length)  # a repeated one has a comma
            or "Transfer-Encoding" in headers
            or headers.get("Connection", "keep-alive").lower() != "keep-alive"
        ):
            raise Doubt
        self._status, self._left = int(match[1]), int(length)
        if not coding and self._limits.body is not None and self._left > self._limits.body:
            raise Doubt
        self._headers = headers
        self._body = Body(coding, self._limits.body, self._check) if coding else None
        self._head, rest = data[: match.end()], data[match.end() :]
        self._pieces = [rest]
        return rest


class _QuickResponse(HttpResponse):
    """A response whose `native` is made when somebody asks for it. In all else it is an HttpResponse.

    Args:
        head: status line and headers, as they came.
        fields: of an HttpResponse, all but `native`.
    """

    __beside__ = ("_head",)

    def __init__(self, head: bytes, *fields: Any) -> None:
        for set_field, value in zip(HttpResponse.__setters__, fields, strict=False):
            set_field(self, value)
        object.__setattr__(self, "_head", head)

    def __getattr__(self, name: str) -> Any:
        if name != "native":  # which is not set, at first
            raise AttributeError(name)
        connection = h11.Connection(h11.CLIENT)
        connection.send(h11.Request(method="GET", target="/", headers=[("Host", "a")]))
        connection.send(h11.EndOfMessage())
        connection.receive_data(self._head)
        object.__setattr__(self, "native", connection.next_event())
        return self.native

    def __eq__(self, other: object) -> bool:
        return self._fields() == other._fields() if isinstance(other, HttpResponse) else NotImplemented

    __hash__ = HttpResponse.__hash__  # type: ignore[assignment]  # a class with its own == would have none

    def __reduce__(self) -> tuple[Any, ...]:
        return HttpResponse, self._fields()

    def __replace__(self, **changes: Any) -> HttpResponse:
        plain = HttpResponse(self.status_code, self.headers, self.body, self.url, self.native)
        return plain.__replace__(**changes)
