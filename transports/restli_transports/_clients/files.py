"""Files: the bytes of what a flow reads from: bytes, the path of a file, or a binary file.

A binary file has one place where it stands, and two flows may read it at the same time, in threads or tasks: so each
moves it and reads while the others wait.
"""

from __future__ import annotations

import io
import os
import stat
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from restli_core.base_errors import InvalidCallError
from restli_transports.wire.forks import on_fork

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
        InvalidCallError: it is a pipe or a device; or a file that is closed, or that does not give bytes.
    """
    if isinstance(source, bytes):
        return source[start : start + size]
    if isinstance(source, str | os.PathLike):
        with _open(source) as file:
            return _read(file, start, size)
    with _turns.of(source):
        return _read(source, start, size)


def _open(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a file; what has no size is refused, as a pipe, whose opening would wait for somebody who writes."""
    mode = Path(path).stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # the system says it of a directory
        raise InvalidCallError("source", "must be a file, not a pipe or a device")
    return Path(path).open("rb")


class _Turn:
    """Whose turn it is at one file, and how many have it or wait for it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()  # a file may read from itself
        self.users = 0


class _Turns:
    """Who may move a binary file: one thread at a time for each of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: dict[int, _Turn] = {}  # those that are in use, by their ids
        on_fork(self)

    def after_fork(self) -> None:
        """Begin without those of the parent's threads."""
        self._lock = threading.Lock()
        self._files = {}

    @contextmanager
    def of(self, file: BinaryIO) -> Generator[None]:
        """Wait for the turn of this thread, and have it.

        Raises:
            InvalidCallError: the file is closed.
        """
        key = id(file)
        with self._lock:
            turn = self._files.setdefault(key, _Turn())
            turn.users += 1
        try:
            with turn.lock:
                if getattr(file, "closed", False) is True:
                    raise InvalidCallError("source", "cannot be read: it is closed")
                yield
        finally:
            with self._lock:
                turn.users -= 1
                if not turn.users:
                    self._files.pop(key, None)


_turns: Final = _Turns()


def _read(file: BinaryIO, start: int, size: int) -> bytes:
    file.seek(start)
    pieces: list[bytes] = []
    left = size
    while left > 0:  # a raw file may give fewer than it is asked for
        piece = file.read(left)
        if not isinstance(piece, bytes):
            raise InvalidCallError("source", f"must be a binary file: it gave {type(piece).__name__}")
        if len(piece) > left:
            raise InvalidCallError("source", f"must be a binary file: it gave {len(piece)} bytes in place of {left}")
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
        InvalidCallError: it is a pipe or a device, or a file that is closed.
    """
    if isinstance(source, bytes):
        return len(source)
    if isinstance(source, str | os.PathLike):
        with _open(source) as file:  # which fails where it cannot be read, or is a directory
            return os.fstat(file.fileno()).st_size
    with _turns.of(source):
        where = source.tell()
        try:
            source.seek(0, io.SEEK_END)  # not all say where that is, such as an mmap
            return source.tell()
        finally:
            source.seek(where)
