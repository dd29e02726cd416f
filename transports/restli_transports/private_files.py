"""Private files: read, replaced and locked, with the doubts that a file full of secrets deserves.

A file is refused, unread, where it is not a plain one, is larger than it may be, or is not its owner's alone. What is
asked of the system for that, all of which POSIX has:

    asked of the system     what it is for                                      without it, as on Windows
    O_NOFOLLOW              a symbolic link is not followed                     seen before the file is opened
    O_NONBLOCK              opening a FIFO or a device waits for nobody         likewise
    geteuid                 the file is ours, and nobody else can read or       not checked: permissions are kept
                            write it (its owner and its mode)                   elsewhere there
    flock                   programs take turns                                 `FileLock`: they do not; `take_lock`: by
                                                                                msvcrt
    fsync of a directory    the new name outlasts a crash                       left to the system

flock's locks end with the process that holds them, however it ends.
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from restli_core.base_errors import InvalidCallError
from restli_transports.wire.forks import on_fork

if TYPE_CHECKING:
    from collections.abc import Callable

# Any, since type checkers know these only for the system that they run on.
_fcntl: Any
try:
    import fcntl as _fcntl
except ImportError:
    _fcntl = None

_msvcrt: Any
try:
    import msvcrt as _msvcrt
except ImportError:
    _msvcrt = None

__all__ = [
    "MAX_SIZE",
    "FileLock",
    "open_private",
    "read_private",
    "release_lock",
    "replace_private",
    "sync_directory",
    "take_lock",
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
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    sync_directory(path.parent)  # the replacement itself must be on the disk, too


def sync_directory(path: Path) -> None:
    """Put the names in a directory on the disk, where directories can be opened: not on Windows."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def take_lock(descriptor: int) -> bool:
    """Lock an open file for this opening of it alone, without waiting; return whether nobody else holds it.

    The system takes the lock back when the file is closed, and when the process ends, however it ends.

    Raises:
        OSError: the file system has no locks.
    """
    try:
        if _fcntl is not None:
            _fcntl.flock(descriptor, _fcntl.LOCK_EX | _fcntl.LOCK_NB)
        elif _msvcrt is not None:
            # Locks of Windows are on bytes, which others cannot read either: this one is where no file has any.
            os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
            _msvcrt.locking(descriptor, _msvcrt.LK_NBLCK, 1)
        else:
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))  # noqa: TRY301 - as the system itself says it
    except OSError as error:
        if error.errno in {errno.EAGAIN, errno.EACCES, errno.EINTR}:
            return False
        raise
    return True


_LOCKED_BYTE: Final = (1 << 31) - 1


def release_lock(descriptor: int) -> None:
    """Give the lock of an open file back. Not by closing it alone: a child may have a copy of what is open, too."""
    if _fcntl is not None:
        with suppress(OSError):  # the file system has no locks
            _fcntl.flock(descriptor, _fcntl.LOCK_UN)


class FileLock:
    """A lock that the programs, threads and tasks which share a file take turns with: a file beside it.

    Within a ``with`` block no other lock on the same file is held. Where no lock file can be made, as in a directory
    that is not to be written to, or where the system has no flock, the block is entered without one.

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
        if _fcntl is None:
            return
        try:
            self._wait(time.monotonic() + self._seconds)
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *exc_info: object) -> None:
        if self._descriptor is not None:
            release_lock(self._descriptor)
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
            if not take_lock(self._descriptor):
                return False
        except OSError as error:
            if error.errno in {errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS}:
                return True  # the file system has no locks
            raise
        # Somebody may have removed the file since it was opened: then the next one makes, and locks, another.
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(self._descriptor), os.lstat(self._path)):
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
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY", "O_BINARY"):
        flags |= getattr(os, name, 0)
    descriptor = os.open(path, flags, 0o600)
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
    elif hasattr(os, "geteuid"):
        mode = stat.S_IMODE(found.st_mode)
        if found.st_uid != os.geteuid():
            refusal = f"belongs to the user {found.st_uid}, and this program runs as {os.geteuid()}"
        elif mode & _OTHERS and not repairing:
            refusal = f"can be read or written by others (mode {mode:04o}): make it yours alone, as by chmod 600"
    if refusal is not None:
        raise InvalidCallError("path", f"{path} {refusal}")
