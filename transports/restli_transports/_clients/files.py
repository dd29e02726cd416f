"""Files: the bytes of what a flow reads from: bytes, the path of a file, or a binary file."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from restli_core.base_errors import InvalidCallError

if TYPE_CHECKING:
    from typing import BinaryIO

    from restli_core.flows.steps import Read, Source

__all__ = ["count_bytes", "edges_of", "read_bytes", "read_whole"]

EDGE_SIZE: Final = 4096  # bytes


def read_bytes(source: Source, start: int, size: int) -> bytes:
    """Return bytes of a source, fewer than asked for where it ends.

    Args:
        source: what is read; a file is read from its beginning on, wherever it stands.
        start: the index of the first byte, from 0.
        size: how many.

    Raises:
        OSError: it cannot be read.
        InvalidCallError: it is a file that does not give bytes.
    """
    if isinstance(source, bytes):
        return source[start : start + size]
    if isinstance(source, str | os.PathLike):
        with Path(source).open("rb") as file:
            return _read(file, start, size)
    return _read(source, start, size)


def _read(file: BinaryIO, start: int, size: int) -> bytes:
    file.seek(start)
    pieces: list[bytes] = []
    left = size
    while left > 0:  # a raw file may give fewer than it is asked for
        piece = file.read(left)
        if not isinstance(piece, bytes):
            raise InvalidCallError("source", f"must be a binary file: it gave {type(piece).__name__}")
        if not piece:
            break
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def read_whole(body: Read) -> bytes:
    """Return all bytes of a request's body.

    Raises:
        OSError: they cannot be read.
        InvalidCallError: the source ends before the last of them.
    """
    return _exactly(body.source, body.start, body.size)


def edges_of(body: Read) -> bytes:
    """Return what a request's body is known by without reading all of it: its place, its first bytes and its last ones.

    Raises:
        OSError: they cannot be read.
        InvalidCallError: the source ends before the last of them.
    """
    size = min(EDGE_SIZE, body.size)
    last = body.start + body.size - size
    first, end = [_exactly(body.source, start, size) for start in (body.start, last)]
    return f"{body.start} {body.size}\n".encode() + first + end


def _exactly(source: Source, start: int, size: int) -> bytes:
    content = read_bytes(source, start, size)
    if len(content) < size:
        end, found = start + size, start + len(content)
        reason = f"has changed meanwhile: its bytes up to {end} were to be sent, and there are none from {found} on"
        raise InvalidCallError("source", reason)
    return content


def count_bytes(source: Source) -> int:
    """Return the number of a source's bytes; a file stands where it stood.

    Raises:
        OSError: there is no such file, it is a directory, or it cannot seek.
    """
    if isinstance(source, bytes):
        return len(source)
    if isinstance(source, str | os.PathLike):
        with Path(source).open("rb") as file:  # which fails where it cannot be read, or is a directory
            return os.fstat(file.fileno()).st_size
    where = source.tell()
    try:
        return source.seek(0, io.SEEK_END)
    finally:
        source.seek(where)
