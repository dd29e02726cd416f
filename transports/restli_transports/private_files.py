"""Private files: read, replaced and locked, with the doubts that a file full of secrets deserves.

A file is refused, unread, where it is not a plain one, is larger than it may be, or is not its owner's alone.
`system` asks the system for what that takes, and says what is missing on some.

A lock ends with the process that holds it, however it ends.
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from restli_core.base_errors import InvalidCallError
from restli_transports import system
from restli_transports.wire.forks import on_fork

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "MAX_SIZE",
    "FileLock",
    "open_private",
    "read_private",
    "replace_private",
]

MAX_SIZE: Final = 65536
"""The most bytes that a private file may have, where it is read whole."""

LOCK_SECONDS: Final = 120.0
"""How long to wait for others: twice as long as an auth client takes to refresh a token, by its default limits."""

_OTHERS: Final = 0o066  # the group and the world may read or write
_KINDS: Final = {
    stat.S_IFDIR: "a directory",
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def read_private(path: Path, *, repairing: bool = False) -> bytes | None:
    """Return what is in a file; None where there is no file.

    Args:
        path: the file.
        repairing: whether the file may be one that others can read or write, since it is about to be replaced.

    Raises:
        InvalidCallError: it is refused.
        OSError: it cannot be read; IsADirectoryError for a directory.
    """
    try:
        descriptor = open_private(path, os.O_RDONLY, repairing=repairing)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(MAX_SIZE + 1)
    if len(content) > MAX_SIZE:  # it has grown since it was looked at
        raise InvalidCallError("path", f"{path} is too large: more than {MAX_SIZE} bytes")
    return content


def replace_private(path: Path, content: bytes) -> None:
    """Put a file of mode 0600 in the place of the one before, in one step, once it is on the disk.

    Directories that are missing are made, for their owner alone.

    Raises:
        OSError: it cannot be written; the file before stays as it was.
    """
    missing = [directory for directory in path.parents if not directory.exists()]
    for directory in reversed(missing):
        directory.mkdir(mode=0o700, exist_ok=True)
    # mkstemp makes a file of mode 0600, which nobody else can have opened before. In the same directory, since a file
    # cannot be replaced in one step by one on another disk.
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # or a crash might leave the new name with nothing in the file
        system.replace(Path(name), path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    system.sync_directory(path.parent)  # the replacement itself must be on the disk, too


class FileLock:
    """A lock that the programs, threads and tasks which share a file take turns with: a file beside it.

    Within a ``with`` block no other lock on the same file is held. Where no lock file can be made, as in a directory
    that is not to be written to, or where there are no locks, the block is entered without one.

    The lock file is left where it is: whoever removed it might remove one that another waits for.

    Args:
        path: the file that is shared.
        seconds: how long to wait for others.
        sleep: waits for so many seconds, between one look and the next.
    """

    def __init__(
        self, path: Path, *, seconds: float = LOCK_SECONDS, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        self._path = path.with_name(f"{path.name}.lock")
        self._seconds = seconds
        self._sleep = sleep
        self._descriptor: int | None = None
        on_fork(self)

    def __enter__(self) -> None:
        """Wait for the lock, and take it.

        Raises:
            InvalidCallError: the lock file is refused.
            TimeoutError: another holds it for too long.
        """
        if not system.has_locks():
            return
        try:
            self._wait(time.monotonic() + self._seconds)
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *exc_info: object) -> None:
        if self._descriptor is not None:
            system.release_lock(self._descriptor)
        self.after_fork()

    def after_fork(self) -> None:
        """Close the file. In a child this leaves the lock with the parent, and does not keep it when that ends."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def _wait(self, end: float) -> None:
        """Take the lock before this moment of the monotonic clock."""
        pause = 0.005
        while not self._try():
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"another program has held {self._path} for {self._seconds:g} s")
            self._sleep(min(pause, left))
            pause = min(2 * pause, 0.1)

    def _try(self) -> bool:
        """Take the lock, if nobody holds it; return whether there is nothing to wait for."""
        if self._descriptor is None:
            try:
                self._descriptor = open_private(self._path, os.O_RDWR | os.O_CREAT)
            except OSError as error:
                if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT}:
                    return True  # nobody else can make it here either
                raise
        try:
            if not system.take_lock(self._descriptor):
                return False
        except OSError as error:
            if error.errno in {errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS}:
                return True  # the file system has no locks
            raise
        # Somebody may have removed the file since it was opened: then the next one makes, and locks, another.
        if system.is_still_at(self._path, self._descriptor):
            return True
        self.__exit__()
        return False

    def __repr__(self) -> str:
        return f"<FileLock {self._path}>"


def open_private(path: Path, flags: int, *, repairing: bool = False, max_size: int | None = MAX_SIZE) -> int:
    """Return the descriptor of a file that is not refused; a new one is made with mode 0600, where the flags say so.

    Args:
        path: the file.
        flags: those of `os.open`, such as ``os.O_RDWR | os.O_CREAT``.
        repairing: whether the file may be one that others can read or write, since it is about to be replaced.
        max_size: the most bytes that it may have; None for any number.

    Raises:
        InvalidCallError: it is refused.
        OSError: it cannot be opened; IsADirectoryError for a directory.
    """
    # Before it is opened, since opening a device may do something; and after it, since by then it may be another file.
    with suppress(FileNotFoundError):
        _check(path, os.lstat(path), repairing, max_size)
    descriptor = system.open_file(path, flags)
    try:
        _check(path, os.fstat(descriptor), repairing, max_size)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _check(path: Path, found: os.stat_result, repairing: bool, max_size: int | None) -> None:
    """Raise an error that says why a file is refused, if it is."""
    kind = stat.S_IFMT(found.st_mode)
    refusal: str | None = None
    if kind == stat.S_IFDIR:
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if kind != stat.S_IFREG:
        refusal = f"is {_KINDS.get(kind, 'something else')}, not a file: name a file itself"
    elif max_size is not None and found.st_size > max_size:
        refusal = f"is too large: {found.st_size} bytes, and {max_size} are enough for any token"
    elif (user := system.user_id()) is not None:
        mode = stat.S_IMODE(found.st_mode)
        if found.st_uid != user:
            refusal = f"belongs to the user {found.st_uid}, and this program runs as {user}"
        elif mode & _OTHERS and not repairing:
            refusal = f"can be read or written by others (mode {mode:04o}): make it yours alone, as by chmod 600"
    if refusal is not None:
        raise InvalidCallError("path", f"{path} {refusal}")
