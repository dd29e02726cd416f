"""Body: the content of an answer, its codings undone as it comes in, and never more of it than the limit.

    Content-Encoding = "gzip" / "x-gzip" / "deflate" / "identity", one or several      RFC 9110 section 8.4

Codings that are not known here stay as they are: whoever asked for one knows what to do with it. What a coding unfolds
to is held to the limit while it unfolds, so that a small answer cannot fill the memory.
"""

from __future__ import annotations

import zlib
from itertools import takewhile
from typing import Final

__all__ = ["DEFAULT_MAX_BODY", "Body", "UnreadableError", "can_decode", "limited"]

DEFAULT_MAX_BODY: Final = 256 * 2**20
"""Bytes of a decoded body: far above any answer of Rest.li, far below the memory of a machine."""

_MOST_CODINGS: Final = 5  # nobody needs two; each costs a window of memory
_GZIP: Final = zlib.MAX_WBITS + 16  # how zlib is told to expect gzip's header and checksum


class UnreadableError(ValueError):
    """The answer cannot be read; the message says why."""


class _Gzip:
    """Undoes gzip: members one after another (RFC 1952 section 2.2)."""

    name = "gzip"

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._stream = zlib.decompressobj(_GZIP)
        self._begun = False
        self._size = 0

    def decode(self, data: bytes) -> bytes:
        decoded = bytearray()
        while data:
            self._begun = True
            if self._stream.eof:
                self._go_on()
            decoded += self._inflate(data)
            data = self._stream.unused_data
        return bytes(decoded)

    def finish(self) -> None:
        if self._begun and not self._stream.eof:
            raise UnreadableError(f"the body ends in the middle of its {self.name}")

    def _go_on(self) -> None:
        self._stream = zlib.decompressobj(_GZIP)

    def _inflate(self, data: bytes) -> bytes:
        # One byte above the limit tells that there is more; 0 is zlib's word for no limit.
        room = 0 if self._limit is None else self._limit - self._size + 1
        try:
            decoded = self._stream.decompress(data, room)
        except zlib.error as error:
            raise UnreadableError(f"the body is not {self.name}") from error
        self._size = _within(self._limit, self._size + len(decoded))
        return decoded


class _Deflate(_Gzip):
    """Undoes deflate: zlib's format (RFC 1950) or, as some servers have it, what is inside that (RFC 1951)."""

    name = "deflate"

    def __init__(self, limit: int | None) -> None:
        super().__init__(limit)
        self._held = b""

    def decode(self, data: bytes) -> bytes:
        if self._begun:
            return super().decode(data)
        self._held += data
        if len(self._held) < 2:
            return b""
        self._stream = zlib.decompressobj(zlib.MAX_WBITS if _has_zlib_header(self._held) else -zlib.MAX_WBITS)
        return super().decode(self._held)

    def finish(self) -> None:
        self._begun = self._begun or bool(self._held)
        super().finish()

    def _go_on(self) -> None:
        raise UnreadableError("the body goes on after its deflate")


def _has_zlib_header(data: bytes) -> bool:
    """RFC 1950 section 2.2: the method is 8, and the two bytes together are a multiple of 31."""
    return data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0


_CODINGS: Final = {"gzip": _Gzip, "x-gzip": _Gzip, "deflate": _Deflate}


def can_decode(content_encoding: str) -> bool:
    """Whether all codings of a body can be undone here."""
    return all(name in _CODINGS for name in _applied(content_encoding))


def _applied(content_encoding: str) -> list[str]:
    names = [name.strip().lower() for name in content_encoding.split(",")]
    return [name for name in names if name not in {"", "identity"}]


def _decoders(content_encoding: str, limit: int | None) -> list[_Gzip]:
    applied = _applied(content_encoding)
    if len(applied) > _MOST_CODINGS:
        raise UnreadableError(f"the body has {len(applied)} codings")
    return [_CODINGS[name](limit) for name in takewhile(_CODINGS.__contains__, reversed(applied))]


def _within(limit: int | None, size: int) -> int:
    if limit is not None and size > limit:
        raise UnreadableError(f"the body is larger than {limit} bytes")
    return size


class Body:
    """A body that comes in piece by piece.

    Args:
        content_encoding: the value of the header, empty if there is none.
        limit: the most bytes that the body may have, decoded; None for no limit.

    Raises:
        UnreadableError: here and in the methods: it is no body of that coding, or larger than the limit.
    """

    def __init__(self, content_encoding: str, limit: int | None) -> None:
        self._decoders = _decoders(content_encoding, limit)
        self._limit = limit
        self._decoded = bytearray()

    def feed(self, data: bytes) -> None:
        """Takes the next piece, as it was received."""
        for decoder in self._decoders:
            data = decoder.decode(data)
        _within(self._limit, len(self._decoded) + len(data))
        self._decoded += data

    def finish(self) -> bytes:
        """The whole body, decoded; no piece comes after this."""
        for decoder in self._decoders:
            decoder.finish()
        return bytes(self._decoded)


def limited(content: bytes, limit: int | None) -> bytes:
    """Content that a library has read and decoded already.

    Raises:
        UnreadableError: it is larger than the limit.
    """
    body = Body("", limit)
    body.feed(content)
    return body.finish()
