"""Stores: a token comes back as it was saved, is its owner's alone, and survives a crash."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keyring
import keyring.backend
import keyring.backends.fail
import keyring.errors
import pytest

from restli_core.errors import InvalidCallError
from restli_core.oauth import Token
from restli_transports.private_files import FileLock
from restli_transports.tokens import FileStore, KeyringStore, TokenStore

TOKEN = Token("AQVsesame", 5.5, "AQXsesame", 6.5, "r_ads w_ads")
OTHER = Token("AQVother")


class Memory(keyring.backend.KeyringBackend):
    """A keyring in memory."""

    priority: Any = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


class Broken(Memory):
    """A keyring that fails, and tells why at length."""

    def get_password(self, service: str, username: str) -> str | None:
        raise keyring.errors.KeyringLocked("sesame")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise keyring.errors.PasswordSetError(password)


@pytest.fixture
def backend() -> Iterator[Memory]:
    before, memory = keyring.get_keyring(), Memory()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


@pytest.fixture(params=["file", "keyring"])
def store(request: pytest.FixtureRequest, tmp_path: Path, backend: Memory) -> TokenStore:
    return FileStore(tmp_path / "token.json") if request.param == "file" else KeyringStore("a program", "app")


def write_private(path: Path, content: bytes) -> None:
    """Write a file as a FileStore may find one: nobody else can read it."""
    path.touch(mode=0o600)
    path.write_bytes(content)


def test_a_token_comes_back_as_it_was_saved(store: TokenStore) -> None:
    assert store.load() is None
    for token in (TOKEN, OTHER):
        store.save(token)
        assert store.load() == token


def test_a_repr_tells_where_and_not_what(store: TokenStore) -> None:
    store.save(TOKEN)
    assert "sesame" not in repr(store) + repr(vars(store))


def test_the_file_is_its_owners_alone_from_the_first_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    fsync = os.fsync

    def noting(descriptor: int) -> None:
        seen.extend(stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "deep").iterdir())
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noting)
    before = os.umask(0)
    try:
        FileStore(tmp_path / "deep" / "token.json").save(TOKEN)
    finally:
        os.umask(before)
    assert seen == [0o600, 0o600]
    assert stat.S_IMODE((tmp_path / "deep").stat().st_mode) == 0o700


def test_a_file_that_others_could_read_is_replaced_by_one_that_they_cannot(tmp_path: Path) -> None:
    path = tmp_path / "token.json"
    FileStore(path).save(OTHER)
    path.chmod(0o644)
    FileStore(path).save(TOKEN)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_others_could_read_is_not_read(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "token.json")
    store.save(TOKEN)
    store.path.chmod(0o640)
    with pytest.raises(InvalidCallError, match=r"can be read or written by others \(mode 0640\)") as caught:
        store.load()
    assert caught.value.argument == "path"
    store.path.chmod(0o600)
    assert store.load() == TOKEN


@pytest.mark.parametrize("use", ["load", "save", "locked"])
def test_a_link_is_neither_followed_nor_replaced(tmp_path: Path, use: str) -> None:
    FileStore(tmp_path / "token.json").save(OTHER)
    link = tmp_path / ("link.lock" if use == "locked" else "link")
    link.symlink_to(tmp_path / "token.json")
    store = FileStore(tmp_path / "link")
    uses: dict[str, Callable[[], Any]] = {
        "load": store.load,
        "save": lambda: store.save(TOKEN),
        "locked": store.locked().__enter__,
    }
    with pytest.raises(InvalidCallError, match="is a symbolic link"):
        uses[use]()
    assert link.is_symlink()
    assert FileStore(tmp_path / "token.json").load() == OTHER


def test_a_token_that_no_file_would_be_read_for_is_not_saved(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "token.json")
    store.save(TOKEN)
    with pytest.raises(InvalidCallError, match="token: is too large for a file: "):
        store.save(Token("t" * 65536))
    assert store.load() == TOKEN


def test_of_those_who_share_a_file_one_at_a_time_has_it_locked(tmp_path: Path) -> None:
    with FileStore(tmp_path / "token.json").locked():
        assert [path.name for path in tmp_path.iterdir()] == ["token.json.lock"]
        with (
            pytest.raises(TimeoutError, match=r"has held .*token\.json\.lock"),
            FileLock(tmp_path / "token.json", seconds=0),
        ):
            pass
    with FileStore(tmp_path / "token.json").locked():
        pass


@pytest.mark.parametrize("failing", ["os.fsync", "pathlib.Path.replace"])
def test_a_failure_loses_nothing_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    store = FileStore(tmp_path / "token.json")
    store.save(OTHER)

    def fails(*args: Any) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(failing, fails)
        with pytest.raises(OSError, match="disk is full"):
            store.save(TOKEN)
    assert store.load() == OTHER
    assert [path.name for path in tmp_path.iterdir()] == ["token.json"]


CRASHING = """
import os, pathlib, sys
from restli_core.oauth import Token
from restli_transports.tokens.stores import FileStore

module, name = (pathlib.Path, "replace") if sys.argv[2] == "replace" else (os, sys.argv[2])
setattr(module, name, lambda *args: os._exit(9))
FileStore(sys.argv[1]).save(Token("new"))
"""


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_crash_in_the_middle_loses_nothing(tmp_path: Path, step: str) -> None:
    path = tmp_path / "token.json"
    FileStore(path).save(OTHER)
    root = Path(__file__).parents[3]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), str(root / "transports")])}
    done = subprocess.run([sys.executable, "-c", CRASHING, path, step], check=False, env=environment)
    assert done.returncode == 9
    assert FileStore(path).load() == OTHER
    assert {stat.S_IMODE(left.stat().st_mode) for left in tmp_path.iterdir()} == {0o600}
    FileStore(path).save(TOKEN)
    assert FileStore(path).load() == TOKEN


SPOILT = [b"", b"sesame", b'{"access_token": "sesame"', b'["sesame"]', b"{}", b'{"access_token": 5}', b"\xffsesame"]
SPOILT_TOO = [
    b'{"access_token": "sesame", "expires_at": "sesame"}',
    b"[" * 60_000,
    b'"\\ud800sesame"',
    b"\xef\xbb\xbf{}",
]


@pytest.mark.parametrize("written", [*SPOILT, *SPOILT_TOO])
def test_a_spoilt_file_is_told_of_and_left_alone(tmp_path: Path, written: bytes) -> None:
    path = tmp_path / "token.json"
    write_private(path, written)
    with pytest.raises(InvalidCallError, match=r"token\.json holds no token") as caught:
        FileStore(path).load()
    assert "sesame" not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None
    assert path.read_bytes() == written


def test_what_cannot_be_read_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        FileStore(tmp_path).load()


def test_a_spoilt_entry_of_a_keyring_is_told_of(backend: Memory) -> None:
    backend.kept["a program", "app"] = "sesame"
    with pytest.raises(InvalidCallError, match="keyring holds no token") as caught:
        KeyringStore("a program", "app").load()
    assert "sesame" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("failing", [Broken, keyring.backends.fail.Keyring])
def test_a_keyring_that_fails_is_an_os_error_without_its_words(backend: Memory, failing: Any) -> None:
    keyring.set_keyring(failing())
    store = KeyringStore("a program", "app")
    for use in (store.load, lambda: store.save(TOKEN)):
        with pytest.raises(OSError, match="the keyring cannot be used: ") as caught:
            use()
        assert "sesame" not in "".join(traceback.format_exception(caught.value))


def test_a_missing_library_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ImportError, match=r"restli-core\[keyring\]"):
        KeyringStore("a program", "app")


@pytest.mark.parametrize(
    "content", ["my notes", '{"access_token": "another program\'s"}', "[]", '{"kind": "token of restli_core"}']
)
def test_a_file_of_another_program_is_neither_read_nor_replaced(content: str, tmp_path: Path) -> None:
    path = tmp_path / "notes"
    write_private(path, content.encode())
    for use in (FileStore(path).load, lambda: FileStore(path).save(TOKEN)):
        with pytest.raises(InvalidCallError, match="holds no token that a FileStore has saved"):
            use()
    assert path.read_text() == content
    assert [*tmp_path.iterdir()] == [path]


def test_what_is_no_token_is_not_saved(tmp_path: Path) -> None:
    nothing: Any = {"access_token": "t"}
    with pytest.raises(InvalidCallError, match="must be a Token, not dict"):
        FileStore(tmp_path / "t").save(nothing)
    assert [*tmp_path.iterdir()] == []
