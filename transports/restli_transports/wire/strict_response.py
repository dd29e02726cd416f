"""Strict: answers of the standard library's http.client, held to what HTTP/1.1 allows.

http.client is lenient: it takes ``0x2`` for the size of a chunk, a bare CR for the end of a line, an odd
Content-Length for none. A lenient reader can be told one thing where others read another, and take a broken answer for
a whole one. What is not HTTP/1.1 is an HTTPException here.

    head    = status-line *( field-line CRLF ) CRLF      RFC 9112 section 2.1, interim ones (1xx) before the final one
    length  = 1*DIGIT, all of them the same              RFC 9110 section 8.6
    coding  = "chunked", or there is none                RFC 9112 section 6.1; nobody asks for another
    chunk   = 1*HEXDIG [ chunk-ext ] CRLF data CRLF      RFC 9112 section 7.1
    trailer = *( field-line CRLF ) CRLF
"""

from __future__ import annotations

import http.client
import io
import re
from email.errors import FirstHeaderLineIsContinuationDefect, InvalidHeaderDefect, MissingHeaderBodySeparatorDefect
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    import socket

__all__ = ["MAX_HEAD", "StrictResponse"]

MAX_HEAD: Final = 256 * 2**10
"""Bytes of status line and header fields, those of interim answers included; and of trailer fields."""

_LONGEST_LINE: Final = 65536
# What stands in no line, since other readers would end it there.
_NO_LINE: Final = re.compile(rb"[\0\v\f]|\r(?!\n)")
_NAME: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_FIELD: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[^\r\n]*\r?\n")
_LENGTH: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")
# Header lines that no field could be read from; email's other defects are about bodies.
_NOT_FIELDS: Final = (
    FirstHeaderLineIsContinuationDefect,
    InvalidHeaderDefect,
    MissingHeaderBodySeparatorDefect,
)


class _Lines(io.BufferedReader):
    """Bytes of a connection, read as lines only where they are lines to everybody."""

    room: int | None = None
    """How many bytes the lines may still have; None for no limit."""

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        if _NO_LINE.search(line):
            raise http.client.HTTPException("a line has a control character")
        if self.room is not None:
            self.room -= len(line)
            if self.room < 0:
                raise http.client.HTTPException(f"the headers are larger than {MAX_HEAD} bytes")
        return line


class StrictResponse(http.client.HTTPResponse):
    """A response whose head and chunks are wholly understood, for `response_class` of a connection."""

    if TYPE_CHECKING:  # what http.client has, and its types do not tell
        fp: Any
        headers: http.client.HTTPMessage
        msg: http.client.HTTPMessage
        chunk_left: int | None
        will_close: bool

        def _safe_read(self, amount: int) -> bytes: ...
        def _close_conn(self) -> None: ...

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = _Lines(self._unbuffered(sock, self.fp.detach()))

    def _unbuffered(self, _sock: socket.socket, file: io.RawIOBase) -> io.RawIOBase:
        """What the lines are read from: the socket's own file, or what a subclass puts in its place."""
        return file

    def begin(self) -> None:
        """Reads the head of the final answer: interim ones may come before it (RFC 9110 section 15.2)."""
        self.fp.room = MAX_HEAD
        super().begin()
        while 100 <= self.status < 200 and self.status != 101:
            self._check_head()
            self.headers = self.msg = cast("http.client.HTTPMessage", None)  # as before the first head
            super().begin()
        self._check_head()
        self.fp.room = None

    def _check_head(self) -> None:
        fields = self.msg
        lengths, codings = self._values("Content-Length"), self._values("Transfer-Encoding")
        if any(isinstance(defect, _NOT_FIELDS) for defect in fields.defects) or fields.get_unixfrom():
            raise http.client.HTTPException("a header line is no field")
        if not all(_NAME.fullmatch(name) for name in fields.keys()):  # noqa: SIM118 - a message is no mapping
            raise http.client.HTTPException("a header has no name")
        if len({*lengths}) > 1 or not all(_LENGTH.fullmatch(length) for length in lengths):
            raise http.client.HTTPException("the Content-Length is none")
        if codings not in ([], ["chunked"]):
            raise http.client.HTTPException("the Transfer-Encoding is unknown")
        self.will_close = self.will_close or "close" in self._values("Connection")

    def _values(self, name: str) -> list[str]:
        """The members of a list-valued header (RFC 9110 section 5.6.1), in lower case."""
        values = [value.split(",") for value in self.msg.get_all(name, [])]
        return [member.strip(" \t").lower() for members in values for member in members]

    def _get_chunk_left(self) -> int | None:
        """How much of the chunk at hand is still to be read; None at the end of the body."""
        if not self.chunk_left:
            if self.chunk_left is not None and self._safe_read(2) != b"\r\n":
                raise http.client.HTTPException("a chunk does not end where it says")
            self.chunk_left = self._next_chunk() or None
            if self.chunk_left is None:
                self._end()
        return self.chunk_left

    def _next_chunk(self) -> int:
        found = _CHUNK.fullmatch(self.fp.readline(_LONGEST_LINE + 1))
        if found is None:
            raise http.client.HTTPException("a chunk has no size")
        return int(found[1], 16)

    def _end(self) -> None:
        self.fp.room = MAX_HEAD
        while (line := self.fp.readline(_LONGEST_LINE + 1)) not in {b"\r\n", b"\n"}:
            if not _FIELD.fullmatch(line):
                raise http.client.HTTPException("a trailer line is no field")
        self._close_conn()
