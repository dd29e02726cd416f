"""Files: the bytes of what a flow reads from: bytes, the path of a file, or a binary file."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

from restli_core.base_errors import InvalidCallError

if TYPE_CHECKING:
    from typing import BinaryIO

    from restli_core.flows.steps import Source

__all__ = ["count_bytes", "read_bytes"]


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
