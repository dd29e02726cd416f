"""StrictResponse: answers of the standard library's http.client, held to what HTTP/1.1 allows.

http.client is lenient: it takes ``0x2`` for the size of a chunk, a bare CR for the end of a line, an odd
Content-Length for none. Where two readers differ, an attacker can send one thing to each; and a broken answer passes
for a whole one. What is not HTTP/1.1 is an HTTPException here.

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

_MAX_LINE: Final = 65536  # bytes, as http.client has it for lines of the head
# What other readers would take for the end of a line, or stumble over.
_NOT_IN_LINE: Final = re.compile(rb"[\0\v\f]|\r(?!\n)")
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
    """The bytes of a connection; a line is read only where every reader would see one line."""

    room: int | None = None
    """How many bytes the lines may still have; None for no limit."""

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        if _NOT_IN_LINE.search(line):
            raise http.client.HTTPException("a line has a control character")
        if self.room is not None:
            self.room -= len(line)
            if self.room < 0:
                raise http.client.HTTPException(f"the headers are larger than {MAX_HEAD} bytes")
        return line


class StrictResponse(http.client.HTTPResponse):
    """A response whose head and chunks are wholly understood, for `response_class` of a connection."""

    if TYPE_CHECKING:  # what http.client has, and its types do not say
        fp: Any
        headers: http.client.HTTPMessage
        msg: http.client.HTTPMessage
        chunk_left: int | None
        will_close: bool

        def _safe_read(self, amount: int) -> bytes: ...
        def _close_conn(self) -> None: ...

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        # http.client has begun to read nothing yet, so that no byte is lost with the buffer that it made.
        self.fp = _Lines(self.raw_file(sock, self.fp.detach()))

    def raw_file(self, _sock: socket.socket, file: io.RawIOBase) -> io.RawIOBase:
        """Return what the bytes are read from: the socket's own file, or what a subclass puts in its place."""
        return file

    def begin(self) -> None:
        """Read the head of the final answer: interim ones may come before it (RFC 9110 section 15.2)."""
        self.fp.room = MAX_HEAD
        super().begin()
        # http.client passes over 100 alone. 101 is final for us: nobody asks for another protocol.
        while 100 <= self.status < 200 and self.status != 101:
            self._check_head()
            self.headers = self.msg = cast("http.client.HTTPMessage", None)  # `begin` does nothing while there are some
            super().begin()
        self._check_head()
        self.fp.room = None

    def _check_head(self) -> None:
        fields = self.msg

        def members(name: str) -> list[str]:
            """Return the members of a list-valued header (RFC 9110 section 5.6.1), in lower case."""
            return [part.strip(" \t").lower() for value in fields.get_all(name, []) for part in value.split(",")]

        # Where email finds no field it ends the headers, or takes "From " for the envelope of a mail.
        if any(isinstance(defect, _NOT_FIELDS) for defect in fields.defects) or fields.get_unixfrom():
            raise http.client.HTTPException("a header line is not a field")
        if not all(_NAME.fullmatch(name) for name in fields.keys()):  # noqa: SIM118 - a message is not a mapping
            raise http.client.HTTPException("a header has no name")
        lengths = members("Content-Length")
        if len({*lengths}) > 1 or not all(_LENGTH.fullmatch(length) for length in lengths):
            raise http.client.HTTPException("the Content-Length is not a length")
        if members("Transfer-Encoding") not in ([], ["chunked"]):
            raise http.client.HTTPException("the Transfer-Encoding is unknown")
        # http.client looks for "close" anywhere in the first Connection header alone.
        self.will_close = self.will_close or "close" in members("Connection")

    def _get_chunk_left(self) -> int | None:
        """Return how much of the chunk at hand is still to be read; None at the end of the body.

        This replaces a private method of http.client's, the one place through which it reads the sizes of chunks; it
        has had this name and meaning since Python 3.5. The compliance suite fails if it is not called any more.
        """
        if self.chunk_left:
            return self.chunk_left
        if self.chunk_left is not None and self._safe_read(2) != b"\r\n":  # None: this is the first chunk
            raise http.client.HTTPException("a chunk does not end where it says")
        size = _CHUNK.fullmatch(self.fp.readline(_MAX_LINE + 1))
        if size is None:
            raise http.client.HTTPException("a chunk has no size")
        self.chunk_left = int(size[1], 16) or None
        if self.chunk_left is None:
            self.fp.room = MAX_HEAD
            while (line := self.fp.readline(_MAX_LINE + 1)) not in {b"\r\n", b"\n"}:
                if not _FIELD.fullmatch(line):
                    raise http.client.HTTPException("a trailer line is not a field")
            self._close_conn()
        return self.chunk_left
