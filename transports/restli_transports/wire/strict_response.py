"""StrictResponse: answers of the standard library's http.client, held to what HTTP/1.1 allows.

http.client is lenient: it takes ``0x2`` for the size of a chunk, a bare CR for the end of a line, an odd
Content-Length for none, and a head that is cut for a whole one. Where two readers differ, an attacker can send one
thing to each; and a broken answer passes for a whole one. What is not HTTP/1.1 is an HTTPException here.

    head    = status *( field ) line-end                    RFC 9112 section 2.1; interim ones (1xx) may come before it
    status  = "HTTP/1." DIGIT SP 3DIGIT [ SP text ] line-end
    field   = name ":" OWS value OWS line-end               RFC 9112 section 5; a line that begins with a blank goes on
    length  = 1*20DIGIT, all of them the same               RFC 9110 section 8.6
    coding  = "chunked", or there is none                   RFC 9112 section 6.1; nobody asks for another
    chunk   = 1*20HEXDIG [ ";" ext ] OWS CRLF data CRLF     RFC 9112 section 7.1
    trailer = *( field ) line-end
    line-end = CRLF / LF                                    RFC 9112 section 2.2

    the body of an answer                                    is       RFC 9112 section 6.3
    to HEAD, or with 204 or 304                              empty
    with Transfer-Encoding                                   chunks; with Content-Length as well, the connection closes
    with Content-Length                                      so many bytes
    with neither                                             all until the end; that of TLS says that it is one

This is how h11 reads, which others of our transports use: a property test holds the two together.
"""

from __future__ import annotations

import http.client
import io
import re
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from restli_transports.wire.body import MAX_HEAD
from restli_transports.wire.plain_heads import read_plain_head

__all__ = ["MAX_HEAD", "StrictResponse"]

# Each of these leaves one way alone to take a line, so that none needs more time than a line has bytes. What other
# readers would take for the end of a line is in none.
_STATUS: Final = re.compile(rb"HTTP/(1\.[0-9]) ([1-9][0-9]{2})(?: ([^\0\n\v\f\r]*))?")
_FIELD: Final = re.compile(rb"([-!#$%&'*+.^_`|~0-9A-Za-z]+):([^\0\n\v\f\r]*)")
_LENGTH: Final = re.compile(r"[0-9]{1,20}")
_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,20})(?:;[^\n]*|[ \t]*\r)\n")


class _Bytes(io.RawIOBase):
    """The bytes of a connection, until it is paused: then there are none at the moment."""

    paused = False

    def __init__(self, file: io.RawIOBase) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        return None if self.paused else self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()


class _Lines(io.BufferedReader):
    """The bytes of a connection, of which no more are read as lines than there is room for."""

    room: int | None = MAX_HEAD
    """How many bytes the lines may still have; None for no limit."""

    def readline(self, size: int | None = -1, /) -> bytes:
        # One byte more than there is room for shows that there is more.
        room = -1 if self.room is None else self.room + 1
        line = super().readline(room if size is None or size < 0 else size if room < 0 else min(size, room))
        if self.room is not None:
            self.room -= len(line)
            if self.room < 0:
                raise http.client.HTTPException(f"the headers are larger than {MAX_HEAD} bytes")
        return line

    def has_more(self) -> bool:
        """Return whether more has come than was read, as far as that has left the system."""
        raw: Any = self.raw
        raw.paused = True
        return bool(self.peek(1))


class _Fields(http.client.HTTPMessage):
    """The fields of a head: those of an e-mail, without what an e-mail may be beside them."""

    def items(self) -> list[tuple[str, str]]:
        # The policies of e-mails change nothing of a field that has no line breaks and no surrogates.
        return list(self.raw_items())

    def get_payload(self, *_: Any, **__: Any) -> None:  # there is none
        return None


class StrictResponse(http.client.HTTPResponse):
    """A response whose head and chunks are wholly understood, for `response_class` of a connection."""

    if TYPE_CHECKING:  # what http.client has, and its types do not say
        fp: Any
        headers: http.client.HTTPMessage
        msg: http.client.HTTPMessage
        chunked: bool
        chunk_left: int | None
        length: int | None
        will_close: bool
        _method: str | None

        def _safe_read(self, amount: int) -> bytes: ...

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        # http.client has begun to read nothing yet, so that no byte is lost with the buffer that it made.
        self.fp = _Lines(_Bytes(self.raw_file(sock, self.fp.detach())))
        self._sock = sock
        # A stream of TLS that ends without its farewell may have been cut by anybody (RFC 9112 section 9.8).
        if getattr(sock, "suppress_ragged_eofs", False):
            sock.suppress_ragged_eofs = False  # type: ignore[attr-defined] # an SSLSocket has it, or what stands for one

    def raw_file(self, _sock: socket.socket, file: io.RawIOBase) -> io.RawIOBase:
        """Return what the bytes are read from: the socket's own file, or what a subclass puts in its place."""
        return file

    def begin(self, **_limits: Any) -> None:
        """Read the head of the final answer: interim ones may come before it (RFC 9110 section 15.2).

        Args:
            _limits: of http.client's own, which newer versions of it give.
        """
        begun: Any = self.headers
        if begun is not None:
            return
        self.fp.room = MAX_HEAD
        while True:
            version, status, reason, lines = self._read_head()
            fields, chunked, length = _framed(lines)
            if status >= 200 or status == 101:  # which is final for us: nobody asks for another protocol
                break
        self.fp.room = None
        self.headers = self.msg = _Fields()
        for name, value in fields:
            self.msg.set_raw(name, value)
        self.code: int = status
        self.status: int = status
        self.reason: str = reason.strip()
        self.version = 10 if version == "HTTP/1.0" else 11
        no_body = self._method == "HEAD" or status in {204, 304} or status < 200
        self.chunked, self.chunk_left = chunked and not no_body, None
        self.length = 0 if no_body else None if chunked else length
        options = {
            option.strip(" \t").lower()
            for name, value in fields
            if name.lower() == "connection"
            for option in value.split(",")
        }
        self.will_close = (
            "close" in options
            or (self.version == 10 and (chunked or "keep-alive" not in options))
            or (chunked and length is not None)  # somebody before us may have read this otherwise
            or (self.length is None and not self.chunked)
        )

    def _read_head(self) -> tuple[str, int, str, list[tuple[str, str]]]:
        """Return version, status, reason and fields; as one piece where they have come so, and else line by line."""
        head = read_plain_head(self.fp.peek(1))
        if head is None or head.size > self.fp.room:
            return *self._read_status(), self._read_fields()
        self.fp.read(head.size)
        self.fp.room -= head.size
        return "HTTP/1.1", head.status, head.reason, head.fields

    def _read_status(self) -> tuple[str, int, str]:
        """Return version, status and reason. It replaces a method of http.client's that a proxy's answer is read by."""
        first = self.fp.peek(1)[:1]
        if not first:
            raise http.client.RemoteDisconnected("the connection was closed without an answer")
        # The first byte may tell already, as that of a TLS alert does: the end of a line need not come after it.
        match = None if first <= b" " else _STATUS.fullmatch(_without_end(self.fp.readline()))
        if match is None:
            raise http.client.HTTPException("this is not the status line of HTTP/1")
        return f"HTTP/{match[1].decode()}", int(match[2]), (match[3] or b"").decode("latin-1")

    def _read_fields(self) -> list[tuple[str, str]]:
        """Return the fields up to the empty line, of a head or a trailer."""
        lines: list[bytearray] = []
        while line := _without_end(self.fp.readline()):
            if line[:1] not in {b" ", b"\t"}:
                lines.append(bytearray(line))
            elif lines:  # RFC 9112 section 5.2: it goes on with the field before it, in place of a blank
                lines[-1] += b" " + line.lstrip(b" \t")
            else:
                raise http.client.HTTPException("a header line is not a field")
        matches = [_FIELD.fullmatch(line) for line in lines]
        if None in matches:
            raise http.client.HTTPException("a header line is not a field")
        return [(match[1].decode(), match[2].strip(b" \t").decode("latin-1")) for match in matches if match is not None]

    def _get_chunk_left(self) -> int | None:
        """Return how much of the chunk at hand is still to be read; None at the end of the body.

        This replaces a private method of http.client's, the one place through which it reads the sizes of chunks; it
        has had this name and meaning since Python 3.5. The compliance suite fails if it is not called any more.
        """
        if self.chunk_left:
            return self.chunk_left
        if self.chunk_left is not None and self._safe_read(2) != b"\r\n":  # None: this is the first chunk
            raise http.client.HTTPException("a chunk does not end where it says")
        self.fp.room = MAX_HEAD
        line = self.fp.readline()
        size = _CHUNK.fullmatch(line)
        if size is None or not line.endswith(b"\r\n"):
            raise http.client.HTTPException("a chunk has no size")
        self.chunk_left = int(size[1], 16) or None
        if self.chunk_left is None:
            _framed(self._read_fields())
            self._close_conn()
        else:
            self.fp.room = None
        return self.chunk_left

    def _close_conn(self) -> None:
        """Close the file of this answer, as http.client does by its method of this name wherever one ends.

        What has come beyond the answer belongs to no request of ours, and what is still to come of it would be taken
        for the next answer: so the connection is not used again.
        """
        if self.fp.has_more():
            with suppress(OSError, AttributeError):  # it is gone; or it is not a socket, but stands for one
                self._sock.shutdown(socket.SHUT_RDWR)
        super()._close_conn()  # type: ignore[misc] # see above


def _without_end(line: bytes) -> bytes:
    if not line.endswith(b"\n"):
        raise http.client.HTTPException("the connection was closed in the headers")
    return line[:-2] if line.endswith(b"\r\n") else line[:-1]


def _framed(fields: list[tuple[str, str]]) -> tuple[list[tuple[str, str]], bool, int | None]:
    """Return fields of a head, whether they say that the body is chunked, and what they say of its length.

    Lengths that say the same are one.
    """
    lengths: set[str] = set()
    codings: list[str] = []
    kept: list[tuple[str, str]] = []
    for name, value in fields:
        said = value
        if name.lower() == "content-length":
            members = {length.strip(" \t") for length in value.split(",")}
            if lengths == members:
                continue
            lengths |= members
            said = members.pop()
        elif name.lower() == "transfer-encoding":
            said = value.lower()
            codings.append(said)
        kept.append((name, said))
    if len(lengths) > 1 or not all(_LENGTH.fullmatch(length) for length in lengths):
        raise http.client.HTTPException("the Content-Length is not a length")
    if codings not in ([], ["chunked"]):
        raise http.client.HTTPException("the Transfer-Encoding is unknown")
    return kept, bool(codings), int(lengths.pop()) if lengths else None
