"""Systems: what each does where another has no such thing. Windows' names stand in for POSIX', which are taken away."""

from __future__ import annotations

import errno
import io
import os
import runpy
import sys
import time
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from restli_transports import system
from restli_transports.private_files import FileLock, open_private, read_private, replace_private
from restli_transports.system import is_still_at, release_lock, take_lock
from restli_transports.transport import Timeout
from restli_transports.wire import deadline


class Msvcrt(ModuleType):
    """What Python's module of this name does with locks: a byte of a file is one opening's at a time."""

    LK_NBLCK = 2
    LK_UNLCK = 0

    def __init__(self) -> None:
        super().__init__("msvcrt")
        self.locked: dict[tuple[int, int], int] = {}

    def locking(self, descriptor: int, mode: int, size: int) -> None:
        assert size == 1
        byte = (os.fstat(descriptor).st_ino, os.lseek(descriptor, 0, os.SEEK_CUR))
        if mode == self.LK_UNLCK:
            if self.locked.pop(byte, None) is None:
                raise OSError(errno.EACCES, "not locked")
        elif byte in self.locked:
            raise OSError(errno.EACCES, "locked")
        else:
            self.locked[byte] = descriptor


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Msvcrt:
    msvcrt = Msvcrt()
    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setitem(sys.modules, "msvcrt", msvcrt)
    monkeypatch.setattr(system, "IS_WINDOWS", True)
    return msvcrt


@pytest.fixture
def two(path: Path) -> Generator[tuple[int, int]]:
    """Two openings of one file."""
    with ExitStack() as stack:
        one, other = (open_private(path, os.O_RDWR | os.O_CREAT) for _ in range(2))
        stack.callback(os.close, one)
        stack.callback(os.close, other)
        yield one, other


# -- locks -------------------------------------------------------------------------------------------------------------


def take_turns(one: int, other: int) -> None:
    assert system.has_locks()
    assert take_lock(one)
    assert not take_lock(other)
    release_lock(one)
    release_lock(one)
    assert take_lock(other)


def test_one_opening_of_a_file_has_its_lock(two: tuple[int, int]) -> None:
    take_turns(*two)


def test_on_windows_too_by_a_byte_that_no_file_has(two: tuple[int, int], windows: Msvcrt) -> None:
    take_turns(*two)
    assert [place for _, place in windows.locked] == [2**31 - 1]


@pytest.mark.usefixtures("windows")
def test_on_windows_programs_take_turns_with_a_file(path: Path) -> None:
    pauses: list[float] = []
    first = FileLock(path)
    first.__enter__()

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        first.__exit__()

    with FileLock(path, sleep=pause), pytest.raises(TimeoutError):
        FileLock(path, seconds=0).__enter__()
    assert len(pauses) == 1
    with FileLock(path, seconds=0):
        pass


def test_where_there_are_no_locks_nobody_waits(
    two: tuple[int, int], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setitem(sys.modules, "msvcrt", None)
    assert not system.has_locks()
    with pytest.raises(OSError, match="No locks"):
        take_lock(two[0])
    release_lock(two[0])
    with FileLock(path), FileLock(path, seconds=0):
        pass


# -- names of files ----------------------------------------------------------------------------------------------------


def test_a_file_that_was_removed_or_moved_is_seen(path: Path, two: tuple[int, int]) -> None:
    assert is_still_at(path, two[0])
    path.rename(path.with_name("moved"))
    assert not is_still_at(path, two[0])
    path.touch()
    assert not is_still_at(path, two[0])


@pytest.mark.usefixtures("windows")
def test_windows_moves_no_open_file(path: Path, two: tuple[int, int]) -> None:
    path.rename(path.with_name("moved"))
    assert is_still_at(path, two[0])


def refusals(monkeypatch: pytest.MonkeyPatch, times: int) -> list[Path]:
    """Have the system refuse to replace a file so often, as while another program reads it; return what was tried."""
    tried: list[Path] = []
    rename = Path.replace

    def refusing(source: Path, target: Path) -> Path:
        tried.append(target)
        if len(tried) <= times:
            raise PermissionError(errno.EACCES, "in use")
        return rename(source, target)

    monkeypatch.setattr(Path, "replace", refusing)
    return tried


@pytest.mark.usefixtures("windows")
def test_on_windows_a_file_is_replaced_when_others_have_read_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_private(path, b"old")
    source = path.with_name("source")
    source.write_bytes(b"new")
    pauses: list[float] = []
    tried = refusals(monkeypatch, 3)
    system.replace(source, path, sleep=pauses.append)
    assert path.read_bytes() == b"new"
    assert len(tried) == 4
    assert len(pauses) == 3


@pytest.mark.parametrize("is_windows", [True, False])
def test_a_file_that_nobody_may_replace_is_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch, is_windows: bool
) -> None:
    replace_private(path, b"old")
    monkeypatch.setattr(system, "IS_WINDOWS", is_windows)
    monkeypatch.setattr(system, "REPLACING_SECONDS", 0)
    tried = refusals(monkeypatch, 1)
    with pytest.raises(PermissionError):
        replace_private(path, b"new")
    assert path.read_bytes() == b"old"
    assert tried == [path]
    assert [*path.parent.iterdir()] == [path]


@pytest.mark.usefixtures("windows")
def test_on_windows_a_file_is_read_when_another_has_been_put_in_its_place(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_private(path, b"content")
    opening, refused = os.open, iter([True, True])

    def refusing(*arguments: Any) -> int:
        if next(refused, False):
            raise PermissionError(errno.EACCES, "is being replaced")
        return opening(*arguments)

    monkeypatch.setattr(os, "open", refusing)
    pauses: list[float] = []
    os.close(system.open_file(path, os.O_RDONLY, sleep=pauses.append))
    assert len(pauses) == 2
    refused = iter([True])
    assert read_private(path) == b"content"
    monkeypatch.setattr(system, "IS_WINDOWS", False)
    refused = iter([True])
    with pytest.raises(PermissionError):
        read_private(path)


# -- users and processes -----------------------------------------------------------------------------------------------


def test_a_system_without_users_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert system.user_id() == os.geteuid()
    monkeypatch.delattr(os, "geteuid")
    assert system.user_id() is None


def test_flags_are_those_that_the_system_has(monkeypatch: pytest.MonkeyPatch) -> None:
    no_links = os.O_NOFOLLOW
    assert system.safe_flags() & no_links
    monkeypatch.delattr(os, "O_NOFOLLOW")
    assert not system.safe_flags() & no_links
    monkeypatch.setattr(os, "O_BINARY", 1 << 40, raising=False)
    assert system.safe_flags() & 1 << 40


def test_where_nothing_forks_nobody_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[object] = []
    monkeypatch.setattr(os, "register_at_fork", lambda *, after_in_child: given.append(after_in_child))
    system.call_in_children(dict)
    assert given == [dict]
    monkeypatch.delattr(os, "register_at_fork")
    system.call_in_children(dict)
    assert len(given) == 1


# -- the terminal ------------------------------------------------------------------------------------------------------


def test_what_an_encoding_has_not_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, io.TextIOWrapper(io.BytesIO(), "cp1252", newline=""))
    system.show_any_text()
    for stream in (sys.stdout, sys.stderr):
        assert isinstance(stream, io.TextIOWrapper)
        stream.write("Grüße, Łódź\n")
        stream.flush()
        assert isinstance(stream.buffer, io.BytesIO)
        assert stream.buffer.getvalue() == b"Gr\xfc\xdfe, \\u0141\xf3d\\u017a\n"
    monkeypatch.setattr(sys, "stdout", None)  # as in a program without a console
    system.show_any_text()


# -- time --------------------------------------------------------------------------------------------------------------


def test_a_wait_for_an_interrupt_is_a_sleep_which_it_ends_everywhere() -> None:
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            raise KeyboardInterrupt

    system.wait_for_interrupt(sleep)
    assert len(slept) == 3


def test_what_a_coarse_clock_has_not_shown_yet_counts_as_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    # An event loop on Windows ends its waits a step of the clock too early, which is no other end than the limit's.
    monkeypatch.setattr(time, "get_clock_info", lambda _: SimpleNamespace(resolution=1 / 64))
    assert system.clock_step() == 1 / 64
    deadlines = runpy.run_path(deadline.__file__)
    ending = deadlines["Deadline"](Timeout(total=12))
    began = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: began + 12 - 1 / 65)
    assert ending.is_over
    monkeypatch.setattr(time, "monotonic", lambda: began + 11.9)
    assert not ending.is_over
