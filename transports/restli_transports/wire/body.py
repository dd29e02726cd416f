"""Body: the content of an answer, its codings undone as it comes in, and never more of it than the limit.

    Content-Encoding = "gzip" / "x-gzip" / "deflate" / "identity", one or several      RFC 9110 section 8.4

Codings that are not known here stay as they are: whoever asked for one knows what to do with it. What a coding unfolds
to is held to the limit while it unfolds, so that a small answer cannot fill the memory. Nor can it take up the time: a
body is undone in small steps, through all of its codings, with a check before each; what takes time and yields nothing,
such as gzip's members without content, is counted.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import takewhile
from typing import Final

__all__ = ["DEFAULT_MAX_BODY", "MAX_HEAD", "Body", "UnreadableError", "can_decode", "limited"]

DEFAULT_MAX_BODY: Final = 256 * 2**20
"""Bytes of a decoded body: far above any answer of Rest.li, far below the memory of a machine."""

MAX_HEAD: Final = 64 * 2**10
"""Bytes of status line and header fields, however many these are, with those of interim answers; and of a trailer."""

_MAX_CODINGS: Final = 5  # nobody needs two; each costs a window of memory
_MAX_MEMBERS: Final = 10_000  # of gzip; those who write members, to pack in parallel, write 64 KiB and more into each
_STEP: Final = 65536  # bytes, of what is undone at once and of what comes out of that
_GZIP: Final = zlib.MAX_WBITS + 16  # asks zlib for gzip's header and checksum


class UnreadableError(ValueError):
    """The answer cannot be read; the message says why."""


class _Gzip:
    """A decoder of gzip: members one after another (RFC 1952 section 2.2).

    Args:
        limit: the most bytes that it may unfold to; None for no limit.
        check: called before each step; what it raises ends the decoding.
    """

    name = "gzip"

    def __init__(self, limit: int | None, check: Callable[[], object]) -> None:
        self._limit = limit
        self._check = check
        self._size = 0
        self._members = 0
        self._stream = zlib.decompressobj(_GZIP)

    def _begin_member(self) -> None:
        if self._members == _MAX_MEMBERS:
            raise UnreadableError(f"the body has more than {_MAX_MEMBERS} members of {self.name}")
        if self._members:
            self._stream = zlib.decompressobj(_GZIP)
        self._members += 1

    def decode(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Yield what these pieces unfold to, no more than a step at once."""
        for piece in pieces:
            # zlib copies what it leaves of its input in each step: all of a large input at once would be quadratic.
            for start in range(0, len(piece), _STEP):
                yield from self._unfold(piece[start : start + _STEP])

    def _unfold(self, data: bytes) -> Iterator[bytes]:
        while True:
            self._check()
            if self._stream.eof or not self._members:
                self._begin_member()
            # One byte above the limit shows that there is more.
            room = _STEP if self._limit is None else min(self._limit - self._size + 1, _STEP)
            try:
                unfolded = self._stream.decompress(data, room)
            except zlib.error as error:
                raise UnreadableError(f"the body is not {self.name}") from error
            self._size += len(unfolded)
            _check_size(self._size, self._limit)
            if unfolded:
                yield unfolded
            # What is left after the end of a member, or where there was no room for more. A full step may also leave
            # something inside zlib alone.
            data = self._stream.unused_data or self._stream.unconsumed_tail
            if not data and (self._stream.eof or len(unfolded) < room):
                return

    def finish(self) -> None:
        # No bytes at all are an empty body: servers name a coding even where they send nothing.
        if self._members and not self._stream.eof:
            raise UnreadableError(f"the body ends in the middle of its {self.name}")


class _Deflate(_Gzip):
    """A decoder of deflate: zlib's format (RFC 1950) or, as some servers send it, the raw one inside (RFC 1951)."""

    name = "deflate"

    _held = b""

    def _begin_member(self) -> None:
        if self._members:
            raise UnreadableError("the body goes on after its deflate")  # which, unlike gzip, has no members
        self._members = 1

    def _unfold(self, data: bytes) -> Iterator[bytes]:
        if not self._members:
            # Only two bytes together show which of the two formats it is.
            data = self._held + data
            if len(data) < 2:
                self._held = data
                return
            # RFC 1950 section 2.2: the method is 8, and the two bytes together are a multiple of 31.
            zlib_header = data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
            self._stream = zlib.decompressobj(zlib.MAX_WBITS if zlib_header else -zlib.MAX_WBITS)
        yield from super()._unfold(data)

    def finish(self) -> None:
        if self._held and not self._members:
            raise UnreadableError("the body ends in the middle of its deflate")
        super().finish()


_CODINGS: Final[dict[str, type[_Gzip]]] = {"gzip": _Gzip, "x-gzip": _Gzip, "deflate": _Deflate}


def can_decode(content_encoding: str) -> bool:
    """Return whether all codings of a body can be undone here."""
    return all(name in _CODINGS for name in _applied_codings(content_encoding))


def _applied_codings(content_encoding: str) -> list[str]:
    """Return the codings in the order in which they were applied."""
    names = [name.strip().lower() for name in content_encoding.split(",")]
    return [name for name in names if name not in {"", "identity"}]


def _check_size(size: int, limit: int | None) -> None:
    if limit is not None and size > limit:
        raise UnreadableError(f"the body is larger than {limit} bytes")


class Body:
    """A body that comes in piece by piece.

    Args:
        content_encoding: the value of the header, empty if there is none.
        limit: the most bytes that the body may have, decoded; None for no limit.
        check: called before each step of undoing a coding: what it raises ends that. A small piece may unfold for
            longer than a call may take, so this is `Exchange.seconds_left`, where there is an exchange.

    Raises:
        UnreadableError: here and in the methods: it is not of that coding, larger than the limit, or of more members.
    """

    def __init__(self, content_encoding: str, limit: int | None, check: Callable[[], object] = lambda: None) -> None:
        applied = _applied_codings(content_encoding)
        if len(applied) > _MAX_CODINGS:
            raise UnreadableError(f"the body has {len(applied)} codings")
        # The last coding that was applied is undone first, and nothing inside one that is not known can be undone.
        self._decoders = [_CODINGS[name](limit, check) for name in takewhile(_CODINGS.__contains__, reversed(applied))]
        self._limit = limit
        self._decoded = bytearray()

    def feed(self, data: bytes) -> None:
        """Take the next piece, as it was received."""
        pieces: Iterable[bytes] = (data,)
        for decoder in self._decoders:
            pieces = decoder.decode(pieces)
        for piece in pieces:
            _check_size(len(self._decoded) + len(piece), self._limit)
            self._decoded += piece

    def finish(self) -> bytes:
        """Return the whole body, decoded; no piece comes after this."""
        for decoder in self._decoders:
            decoder.finish()
        return bytes(self._decoded)


def limited(content: bytes, limit: int | None) -> bytes:
    """Return content that a library has read and decoded already, if it is within the limit.

    Args:
        content: the body.
        limit: the most bytes that it may have; None for no limit.

    Raises:
        UnreadableError: it is larger.
    """
    _check_size(len(content), limit)
    return bytes(content)
