"""Private files: what is refused without being read, what a system without POSIX still does, and whose turn it is."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from restli_core.errors import InvalidCallError
from restli_transports.private_files import (
    MAX_SIZE,
    FileLock,
    open_private,
    read_private,
    replace_private,
)
from tests.support.source_tree import MODULES, ROOT

MODULE = "restli_transports.private_files"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


def owned_by_another(path: Path) -> None:
    path.touch(0o600)
    try:
        os.chown(path, 12345, -1)
    except OSError as error:  # there is no such user in the namespace that some build packages in
        raise PermissionError(str(error)) from error


def a_socket(path: Path) -> None:
    # By a relative name, since the names of sockets are short.
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(path.name)
    finally:
        os.chdir(before)


def of_mode(mode: int) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.write_bytes(b"secret")
        path.chmod(mode)

    return make


def too_large(path: Path) -> None:
    path.touch(0o600)
    path.write_bytes(b"x" * (MAX_SIZE + 1))


REFUSED: dict[str, tuple[Callable[[Path], Any], str]] = {
    "FIFO": (os.mkfifo, "is a FIFO"),
    "device": (lambda path: os.mknod(path, 0o020600, os.makedev(1, 3)), "is a device"),
    "link to a device": (lambda path: path.symlink_to("/dev/zero"), "is a symbolic link"),
    "link to nothing": (lambda path: path.symlink_to("nothing"), "is a symbolic link"),
    "another's": (owned_by_another, "belongs to the user 12345"),
    "0644": (of_mode(0o644), "can be read or written by others"),
    "0604": (of_mode(0o604), "can be read or written by others"),
    "0620": (of_mode(0o620), "can be read or written by others"),
    "too large": (too_large, "is too large: 65537 bytes"),
}


USES: dict[str, Callable[[Path], Any]] = {"read": read_private, "lock": lambda path: FileLock(path).__enter__()}


@pytest.mark.parametrize("what", REFUSED)
@pytest.mark.parametrize("use", USES)
def test_what_is_refused_is_neither_waited_for_nor_read(
    path: Path, monkeypatch: pytest.MonkeyPatch, what: str, use: str
) -> None:
    make, told = REFUSED[what]
    locking = path.with_name("file.lock")
    target = path if use == "read" else locking
    try:
        make(target)
    except PermissionError:
        pytest.skip("only root can make one")
    monkeypatch.setattr(os, "fdopen", None)  # nothing is read
    with pytest.raises(InvalidCallError, match=f"^path: {target} {told}"):
        USES[use](path)
    assert os.lstat(target)


def test_what_takes_the_place_of_a_file_between_two_looks_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.touch(0o600)
    plain = os.lstat(path)
    path.unlink()
    os.mkfifo(path)
    monkeypatch.setattr(os, "lstat", lambda _: plain)
    with pytest.raises(InvalidCallError, match="is a FIFO"):
        read_private(path)
    path.unlink()
    path.symlink_to("elsewhere")
    with pytest.raises(OSError) as caught:  # noqa: PT011 - by its number
        read_private(path)
    assert caught.value.errno == errno.ELOOP


def test_a_file_that_grows_while_it_is_opened_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.touch(0o600)
    small = os.lstat(path)
    path.write_bytes(b"x" * (MAX_SIZE + 1))
    monkeypatch.setattr(os, "lstat", lambda _: small)
    monkeypatch.setattr(os, "fstat", lambda _: small)
    with pytest.raises(InvalidCallError, match="is too large"):
        read_private(path)


@pytest.mark.sockets
def test_a_socket_and_a_directory_are_refused(path: Path) -> None:
    a_socket(path)
    with pytest.raises(InvalidCallError, match="is a socket"):
        read_private(path)
    with pytest.raises(IsADirectoryError):
        read_private(path.parent)


def test_a_file_of_the_largest_size_and_one_that_is_to_be_replaced_are_read(path: Path) -> None:
    assert read_private(path) is None
    replace_private(path, b"x" * MAX_SIZE)
    assert read_private(path) == b"x" * MAX_SIZE
    path.chmod(0o644)
    assert read_private(path, repairing=True) == b"x" * MAX_SIZE


def test_all_directories_that_are_made_are_their_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        replace_private(tmp_path / "a" / "b" / "file", b"")
    finally:
        os.umask(before)
    assert [oct((tmp_path / name).stat().st_mode & 0o777) for name in ("a", "a/b", "a/b/file")] == [
        "0o700",
        "0o700",
        "0o600",
    ]


# -- systems that have less --------------------------------------------------------------------------------------------

WITHOUT = """
import os, sys
for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "geteuid", "getuid", "chown", "fchmod", "fchown",
             "register_at_fork", "fork"):
    if hasattr(os, name):
        delattr(os, name)
sys.modules["fcntl"] = None
from importlib import import_module
for name in sys.argv[2:]:
    import_module(name)
from restli_core.errors import InvalidCallError
from restli_core.oauth import Token
from restli_transports.tokens import FileStore
store = FileStore(sys.argv[1])
with store.locked():
    store.save(Token("new"))
assert store.load() == Token("new")
store.path.chmod(0o644)
assert store.load() == Token("new")
os.symlink(store.path, sys.argv[1] + ".link")
os.mkfifo(sys.argv[1] + ".fifo")
for kind in ("link", "fifo"):
    try:
        FileStore(sys.argv[1] + "." + kind).load()
    except InvalidCallError as refusal:
        print(refusal.reason.split(" ", 1)[1].split(",")[0])
print(*sorted(os.listdir(os.path.dirname(sys.argv[1]))))
"""


def test_where_the_system_has_less_all_is_imported_and_what_can_be_seen_is_refused(path: Path) -> None:
    modules = [module.name for module in MODULES if not module.name.endswith("__main__")]
    for name in modules:  # here with all that the system has: what is missing then is a library
        import_module(name)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "transports")])}
    command = [sys.executable, "-c", WITHOUT, str(path), *modules]
    done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "is a symbolic link",
        "is a FIFO",
        "file file.fifo file.link",
    ]


# -- turns -------------------------------------------------------------------------------------------------------------


def test_locks_on_one_file_take_turns_and_wait_a_little_longer_each_time(path: Path) -> None:
    pauses: list[float] = []
    first = FileLock(path)
    first.__enter__()

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 7:
            first.__exit__()

    with FileLock(path, sleep=pause):
        assert pauses == [0.005, 0.01, 0.02, 0.04, 0.08, 0.1, 0.1]
        assert path.with_name("file.lock").stat().st_mode & 0o777 == 0o600


def test_a_lock_that_is_held_too_long_is_not_waited_for(path: Path) -> None:
    with FileLock(path), pytest.raises(TimeoutError, match=r"another program has held .*file\.lock for 0 s"):
        FileLock(path, seconds=0).__enter__()


def test_an_interruption_of_the_wait_leaves_nothing_open(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    opened: list[int] = []
    opening = os.open

    def noting(*args: Any) -> int:
        opened.append(opening(*args))
        return opened[-1]

    with FileLock(path):
        monkeypatch.setattr(os, "open", noting)
        with pytest.raises(KeyboardInterrupt):
            FileLock(path, sleep=interrupted).__enter__()
        (descriptor,) = opened
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(descriptor)


def test_a_lock_file_that_was_removed_meanwhile_locks_nothing(path: Path) -> None:
    lock_file = path.with_name("file.lock")
    first, holding = FileLock(path), True

    def pause(_: float) -> None:
        nonlocal holding
        if holding:
            lock_file.unlink()
            first.__exit__()
            holding = False

    first.__enter__()
    with FileLock(path, sleep=pause):
        assert lock_file.exists()
        with pytest.raises(TimeoutError):
            FileLock(path, seconds=0).__enter__()


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_has_none(path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    class NoLocks(ModuleType):
        LOCK_EX = LOCK_NB = LOCK_UN = 0

        @staticmethod
        def flock(*_: int) -> None:
            raise OSError(number, "none here")

    monkeypatch.setitem(sys.modules, "fcntl", NoLocks("fcntl"))
    with FileLock(path), FileLock(path, seconds=0):
        pass


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOENT])
def test_where_no_file_can_be_made_there_is_no_lock(path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refused(*_: Any) -> int:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refused)
        with FileLock(path), FileLock(path, seconds=0):
            pass
        patch.setattr(os, "open", lambda *_: os.close(-1))
        with pytest.raises(OSError, match="Bad file descriptor"):
            FileLock(path).__enter__()


HOLDING = f"""
import sys, time, pathlib
from {MODULE} import FileLock
FileLock(pathlib.Path(sys.argv[1])).__enter__()
print("held", flush=True)
time.sleep(60)
"""


def test_who_is_killed_holds_nobody_up(path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "transports")])}
    holder = subprocess.Popen([sys.executable, "-c", HOLDING, str(path)], env=environment, stdout=subprocess.PIPE)
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(TimeoutError):
            FileLock(path, seconds=0).__enter__()
        waited = threading.Event()

        def pause(_: float) -> None:
            if not waited.is_set():
                waited.set()
                holder.send_signal(signal.SIGKILL)
                holder.wait()

        with FileLock(path, seconds=30, sleep=pause):
            assert waited.is_set()


FORKING = f"""
import os, sys, pathlib
from {MODULE} import FileLock
path = pathlib.Path(sys.argv[1])
lock = FileLock(path)
lock.__enter__()
reading, writing = os.pipe()
child = os.fork()
if child == 0:
    os.close(writing)
    try:
        FileLock(path, seconds=0).__enter__()  # the parent has it
    except TimeoutError:
        print("waits", flush=True)
    os.read(reading, 1)  # until the parent has ended
    os._exit(0)
sys.stdin.read(1)
os._exit(9)  # as one that is killed: without giving anything up
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs forks")
def test_a_child_neither_has_nor_keeps_what_its_parent_holds(path: Path) -> None:
    # flock's locks belong to the open file, which a child has as well: as long as it lives, if it did not close it.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "transports")])}
    command = [sys.executable, "-c", FORKING, str(path)]
    parent = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with parent:
        assert parent.stdout is not None
        assert parent.stdin is not None
        assert parent.stdout.readline() == b"waits\n"
        with pytest.raises(TimeoutError):
            FileLock(path, seconds=0).__enter__()
        parent.stdin.close()
        with FileLock(path, seconds=30):
            assert parent.wait() == 9


# -- files of any size -------------------------------------------------------------------------------------------------


def test_a_file_may_have_any_size_where_nobody_reads_it_whole(path: Path) -> None:
    replace_private(path, b"x" * (MAX_SIZE + 1))
    os.close(open_private(path, os.O_RDONLY, max_size=None))
    with pytest.raises(InvalidCallError, match="too large"):
        open_private(path, os.O_RDONLY)
