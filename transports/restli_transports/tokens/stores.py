"""Stores: where a member's token is kept from one run of a program to the next.

    load() -> Token | None      the token that was saved; None where none was
    save(token)                 from now on this one

Whoever has the tokens acts as the member: a file is its owner's alone from its first byte on, and it is replaced, never
written over, so that a crash leaves the old token or the new one. No error shows what a store holds.
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from restli_core.errors import InvalidCallError
from restli_core.oauth import Token

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["FileStore", "KeyringStore"]


class FileStore:
    """Keeps a token in a file, as JSON, that its owner alone can read (mode 0600).

    Args:
        path: the file; a symbolic link is followed. Its directory is made where it is missing, for the owner alone.
    """

    path: Path

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def load(self) -> Token | None:
        """The token in the file; None where there is no file.

        Raises:
            InvalidCallError: the file is not one that `save` wrote; it is left as it is.
            OSError: it cannot be read.
        """
        try:
            written = self.path.read_bytes()
        except FileNotFoundError:
            return None
        return _token(
            written,
            "path",
            f"{self.path} holds no token that a FileStore has saved: name another file, or remove it and sign in again",
        )

    def save(self, token: Token) -> None:
        """Puts a file with the token in the place of the one before, in one step, once it is on the disk.

        Raises:
            InvalidCallError: the argument is no token, or there is a file that `save` has not written; it stays.
            OSError: it cannot be written; the file stays as it was.
        """
        text = _text(token)
        self.load()  # refuses to replace what is not ours
        path = Path(os.path.realpath(self.path))
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # mkstemp makes a file of mode 0600, which nobody else can have opened before.
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            _write(descriptor, text.encode())
            Path(name).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
        _sync_directory(path.parent)

    def __repr__(self) -> str:
        return f"<FileStore {self.path}>"


class KeyringStore:
    """Keeps a token in the system's keyring, by the library of that name (the extra ``keyring``).

    Args:
        service: what the keyring shall call it, such as the name of a program.
        user: whose it is, such as a client id.

    Raises:
        ImportError: the library is missing; names the extra.
    """

    service: str
    user: str

    def __init__(self, service: str, user: str) -> None:
        self.service = service
        self.user = user
        self._keyring = _keyring()

    def load(self) -> Token | None:
        """The token in the keyring; None where there is none.

        Raises:
            InvalidCallError: the entry is not one that `save` made; it is left as it is.
            OSError: the keyring cannot be read: there is none, or it is locked.
        """
        try:
            kept = self._keyring.get_password(self.service, self.user)
        except Exception as error:  # noqa: BLE001 - backends raise what their systems do
            failure = error
        else:
            return (
                None if kept is None else _token(kept, "service", "the keyring holds no token of a KeyringStore there")
            )
        raise _unusable(failure)

    def save(self, token: Token) -> None:
        """Puts the token into the keyring, in place of the one before.

        Raises:
            OSError: the keyring cannot be written: there is none, or it is locked.
        """
        text = _text(token)
        try:
            self._keyring.set_password(self.service, self.user, text)
        except Exception as error:  # noqa: BLE001 - likewise
            failure = error
        else:
            return
        raise _unusable(failure)

    def __repr__(self) -> str:
        return f"<KeyringStore {self.service}, {self.user}>"


def _keyring() -> ModuleType:
    try:
        import keyring
    except ImportError as error:
        raise ImportError('KeyringStore needs keyring: pip install "restli-core[keyring]"') from error
    return keyring


def _unusable(failure: Exception) -> OSError:
    # A backend may say what it likes, what it was to keep included.
    return OSError(f"the keyring cannot be used: {type(failure).__name__}")


# So that no other program's file with an access token in it is taken for ours, and replaced.
_KIND: Final = "token of restli_core"


def _text(token: Token) -> str:
    if not isinstance(token, Token):
        raise InvalidCallError("token", f"must be a Token, not {type(token).__name__}")
    return json.dumps({"kind": _KIND, **token.as_dict()})


def _token(written: str | bytes, argument: str, complaint: str) -> Token:
    try:
        fields = json.loads(written)
        if isinstance(fields, dict) and fields.pop("kind", None) == _KIND:
            return Token.from_dict(fields)
    except (ValueError, RecursionError):
        pass  # the error is let go, since it would hold what was read
    raise InvalidCallError(argument, complaint)


def _write(descriptor: int, data: bytes) -> None:
    with open(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_directory(path: Path) -> None:
    """Has the replacement itself on the disk, where directories can be opened, as they cannot on Windows."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
