"""Quick answers: what almost all answers are like, read by one expression and their length, without h11.

    head             plain (see `wire.plain_heads`), whole in the first piece, and within its limit
    status           neither 204 nor 304, which have no body whatever their length says
    Content-Length   one number, within the limit on bodies; the body has so many bytes, and nothing comes after it
    Connection       keep-alive, or there is none; and there is no Transfer-Encoding

Whatever else comes is a `Doubt`: then h11 is to read all that has come. A property holds the two together.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from restli_core.messages import Headers
from restli_transports.wire import Body
from restli_transports.wire.late_natives import with_late_native
from restli_transports.wire.linear_h11 import awaiting_answer
from restli_transports.wire.plain_heads import read_plain_head

if TYPE_CHECKING:
    from restli_core.messages import HttpRequest, HttpResponse
    from restli_transports.h11.answers import Limits

__all__ = ["Doubt", "QuickAnswer", "is_quick"]

_LENGTH: Final = re.compile(r"[0-9]{1,20}")
_NO_BODY: Final = frozenset({204, 304})


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

    Attributes:
        received: all that has come.
    """

    __slots__ = ("_body", "_check", "_head", "_headers", "_left", "_limits", "_status", "_url", "received")

    received: bytearray
    _headers: Headers
    _left: int  # bytes of the body
    _status: int
    _body: Body | None  # None for a body without a coding

    def __init__(self, url: str, limits: Limits, check: Callable[[], object]) -> None:
        self._url = url
        self._limits = limits
        self._check = check
        self._head = b""
        self.received = bytearray()

    def receive(self, data: bytes) -> HttpResponse | None:
        """Return the response once it is complete, None before.

        Args:
            data: what was read, empty at the end of the stream.

        Raises:
            Doubt: h11 is to read this, and all that came before.
            UnreadableError: the body is not of its coding, or larger than the limit.
        """
        self.received += data
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
        plain = memoryview(self.received)[len(self._head) :]
        body = bytes(plain) if self._body is None else self._body.finish()
        return with_late_native(self._status, self._headers, body, self._url, partial(_native, self._head))

    def _read_head(self, data: bytes) -> bytes:
        """Read the head, and return what has come of the body."""
        head = read_plain_head(data)
        if head is None or head.size > self._limits.head or head.status in _NO_BODY:
            raise Doubt
        headers = Headers(head.fields)
        length, coding = headers.get("Content-Length", ""), headers.get("Content-Encoding", "")
        if (
            not _LENGTH.fullmatch(length)  # a repeated one has a comma
            or "Transfer-Encoding" in headers
            or headers.get("Connection", "keep-alive").lower() != "keep-alive"
        ):
            raise Doubt
        self._status, self._left = head.status, int(length)
        # What has come is kept until the end, and a coding may let much of it come to nothing.
        if self._limits.body is not None and self._left > self._limits.body:
            raise Doubt
        self._headers = headers
        self._body = Body(coding, self._limits.body, self._check) if coding else None
        self._head = data[: head.size]
        return data[head.size :]


def _native(head: bytes) -> Any:
    """Return what h11 makes of status line and headers."""
    connection = awaiting_answer("GET")
    connection.receive_data(head)
    return connection.next_event()
