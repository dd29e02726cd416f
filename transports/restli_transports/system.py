"""What systems do differently, in one place: POSIX, Windows, and what has neither's ways, as Python in a browser.

    asked of the system     what it is for                                      where POSIX's way is missing
    O_NOFOLLOW, O_NONBLOCK  no link is followed, no FIFO or device waited for   0: whoever opens a file looks first
    geteuid                 whose a file is                                     None: nobody is asked, permissions are
                                                                                kept elsewhere on Windows
    flock                   programs take turns with a file                     msvcrt's lock of a byte; else none
    fsync of a directory    a new name outlasts a crash                         left to the system
    rename over a file      a file is replaced in one step                      tried again while another reads it
    fork                    a child has copies of what its parent had           there are no children
    interrupts of a lock    Ctrl-C ends a wait for another thread               who waits looks up now and then
    UTF-8 for what is said  any character can be shown                          it is escaped
    fine clocks             a limit that has passed is seen to have passed      the clock's step counts as passed

All of it is asked when it is needed, and not when this is imported: tests take names away.
"""

from __future__ import annotations

import errno
import io
import os
import sys
import time
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = [
    "IS_WINDOWS",
    "LOOK_UP_SECONDS",
    "call_in_children",
    "clock_step",
    "has_locks",
    "is_still_at",
    "open_file",
    "release_lock",
    "replace",
    "safe_flags",
    "show_any_text",
    "sync_directory",
    "take_lock",
    "user_id",
    "wait_for_interrupt",
]

T = TypeVar("T")

IS_WINDOWS: Final = os.name == "nt"

LOCKED_BYTE: Final = (1 << 31) - 1
"""The byte that stands for a whole file on Windows, whose locks keep others from reading, too: no file has it."""

REPLACING_SECONDS: Final = 1.0
"""How long to try to replace a file that others read, or to open one that they replace, on Windows: each is quick."""

LOOK_UP_SECONDS: Final = 0.5
"""How long one waits before one looks up: an interrupt that comes just before a wait for another thread does not end
it, and on Windows none does at all."""


def safe_flags() -> int:
    """Return the flags of `os.open` that keep it from following links, from waiting and from changing line ends."""
    names = ("O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY", "O_BINARY")
    flags = 0
    for name in names:
        flags |= getattr(os, name, 0)
    return flags


def user_id() -> int | None:
    """Return the user that this program acts for; None where files have no owner to compare with."""
    return os.geteuid() if hasattr(os, "geteuid") else None


# -- locks -------------------------------------------------------------------------------------------------------------


def _module(name: str) -> Any:
    """Return a module that this system may lack, or None. Of type Any, since type checkers know their own system's."""
    try:
        return import_module(name)
    except ImportError:
        return None


def has_locks() -> bool:
    """Return whether programs can take turns here."""
    return _module("fcntl") is not None or _module("msvcrt") is not None


def take_lock(descriptor: int) -> bool:
    """Lock an open file for this opening of it alone, without waiting; return whether nobody else holds it.

    The system takes the lock back when the file is closed, and when the process ends, however it ends.

    Raises:
        OSError: there are no locks, on this system or in this file system.
    """
    try:
        if (fcntl := _module("fcntl")) is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        elif (msvcrt := _module("msvcrt")) is not None:
            os.lseek(descriptor, LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))  # noqa: TRY301 - as the system itself says it
    except OSError as error:
        if error.errno in {errno.EAGAIN, errno.EACCES, errno.EINTR}:
            return False
        raise
    return True


def release_lock(descriptor: int) -> None:
    """Give the lock of an open file back. Not by closing it alone: a child may have a copy of what is open, too."""
    with suppress(OSError):  # there was none: the file system has no locks
        if (fcntl := _module("fcntl")) is not None:
            fcntl.flock(descriptor, fcntl.LOCK_UN)
        elif (msvcrt := _module("msvcrt")) is not None:
            os.lseek(descriptor, LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)


# -- names of files ----------------------------------------------------------------------------------------------------


def is_still_at(path: Path, descriptor: int) -> bool:
    """Return whether an open file is still the one at a path, and was neither moved away nor removed."""
    if IS_WINDOWS:  # which moves and removes no open file, and whose numbers of a file depend on who asks for them
        return True
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except FileNotFoundError:
        return False


def replace(path: Path, target: Path, *, sleep: Callable[[float], object] = time.sleep) -> None:
    """Put a file in another one's place, in one step.

    Raises:
        OSError: it cannot be put there; both are as they were.
    """
    _undisturbed(lambda: path.replace(target), sleep)


def open_file(path: Path, flags: int, *, sleep: Callable[[float], object] = time.sleep) -> int:
    """Return the descriptor of a file, which another program may be replacing; a new one is made with mode 0600.

    Args:
        path: the file.
        flags: those of `os.open`; the ones of `safe_flags` are added.
        sleep: waits for so many seconds, between one try and the next.

    Raises:
        OSError: it cannot be opened.
    """
    return _undisturbed(lambda: os.open(path, flags | safe_flags(), 0o600), sleep)


def _undisturbed(function: Callable[[], T], sleep: Callable[[float], object]) -> T:
    """Return what a function does with a file, on Windows once others let go of it."""
    end = time.monotonic() + REPLACING_SECONDS
    while True:
        try:
            return function()
        except PermissionError:
            # So Windows also says that somebody has the file open, or puts another in its place, at this moment.
            if not IS_WINDOWS or time.monotonic() >= end:
                raise
            sleep(0.01)


def sync_directory(path: Path) -> None:
    """Put the names in a directory on the disk, where directories can be opened: not on Windows."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


# -- processes ---------------------------------------------------------------------------------------------------------


def call_in_children(function: Callable[[], object]) -> None:
    """Have each child that this process forks call a function first, where there are forks."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=function)


# -- the terminal ------------------------------------------------------------------------------------------------------


def show_any_text() -> None:
    """Have what a command says escape the characters that its encoding has not: that of a pipe on Windows has few."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


# -- time --------------------------------------------------------------------------------------------------------------


def clock_step() -> float:
    """Return the seconds by which `time.monotonic` moves on at once: 1/64 on Windows before Python 3.13.

    An event loop ends its waits as much too early, by that clock.
    """
    return time.get_clock_info("monotonic").resolution


def wait_for_interrupt(sleep: Callable[[float], object] = time.sleep) -> None:
    """Wait until Ctrl-C, which ends it on each system: a sleep is ended where a wait for another thread is not."""
    try:
        while True:
            sleep(3600)
    except KeyboardInterrupt:
        return
