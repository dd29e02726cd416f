"""Stores: where a member's token is kept from one run of a program to the next.

    load() -> Token | None      the token that was saved; None where there is none
    save(token)                 from now on this one
    locked()                    a context for one program at a time; not every store has it

Whoever has the tokens can act as the member: a file is its owner's alone from its first byte on. It is replaced, never
written over, so that a crash leaves the old token or the new one. No error shows what a store holds.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

from restli_core.base_errors import InvalidCallError
from restli_core.frames import concealing
from restli_core.oauth import Token
from restli_transports.private_files import MAX_SIZE, FileLock, read_private, replace_private

__all__ = ["LOGIN_SERVICE", "FileStore", "KeyringStore"]

LOGIN_SERVICE: Final = "restli_transports.tokens.login"
"""The service under whose name `login` keeps tokens in the system's keyring; the user is the client id."""


class FileStore:
    """A store that keeps a token in a file, as JSON, that its owner alone can read (mode 0600).

    A file is refused, and not read, that is a symbolic link or anything but a file, belongs to another user, can be
    read or written by others, or is larger than 64 KiB. Where a system has no owners and modes, as Windows, they are
    not looked at.

    Args:
        path: the file. Its directory is made where it is missing, for the owner alone. While a token is refreshed there
            is a lock file beside it, of the same name and ``.lock``, which stays.
    """

    path: Path

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    @concealing
    def load(self) -> Token | None:
        """Return the token in the file; None where there is no file.

        Raises:
            InvalidCallError: the file is refused, or is not one that `save` wrote; it is left as it is.
            OSError: it cannot be read.
        """
        return self._token_in(read_private(self.path))

    @concealing
    def save(self, token: Token) -> None:
        """Put a file with the token in the place of the one before, in one step, once it is on the disk.

        Raises:
            InvalidCallError: the argument is not a token, or there is a file that is refused, or that `save` has not
                written; it stays. One that others could read or write is replaced.
            OSError: it cannot be written; the file stays as it was.
        """
        content = _to_text(token).encode()
        if len(content) > MAX_SIZE:
            raise InvalidCallError("token", f"is too large for a file: {len(content)} bytes")
        self._token_in(read_private(self.path, repairing=True))  # refuses to replace what is not ours
        replace_private(self.path, content)

    def locked(self) -> AbstractContextManager[None]:
        """Return a context in which no other program, and no other source, that uses the file gets a token by it.

        Sources enter it themselves. Entering it a second time, inside it, waits in vain.

        Raises:
            InvalidCallError: on entering: the lock file is refused, as the file would be.
            TimeoutError: on entering: another holds the lock for two minutes.
        """
        return FileLock(self.path)

    def _token_in(self, written: bytes | None) -> Token | None:
        if written is None:
            return None
        cure = "name another file, or remove it and sign in again"
        return _from_text(written, "path", f"{self.path} holds no token that a FileStore has saved: {cure}")

    def __repr__(self) -> str:
        return f"<FileStore {self.path}>"


class KeyringStore:
    """A store that keeps a token in the system's keyring, by the library of that name (the extra ``keyring``).

    Args:
        service: the name of the entry in the keyring, such as that of a program.
        user: whose it is, such as a client id.

    Raises:
        ImportError: the library is missing; names the extra.
    """

    service: str
    user: str

    def __init__(self, service: str, user: str) -> None:
        try:
            import keyring
        except ImportError as error:
            raise ImportError('KeyringStore needs keyring: pip install "restli-core[keyring]"') from error
        self.service = service
        self.user = user
        self._keyring = keyring

    @concealing
    def load(self) -> Token | None:
        """Return the token in the keyring; None where there is none.

        Raises:
            InvalidCallError: the entry is not one that `save` made; it is left as it is.
            OSError: the keyring cannot be read: there is none, or it is locked.
        """
        written = self._use(self._keyring.get_password)
        if written is None:
            return None
        return _from_text(written, "service", "the keyring holds no token of a KeyringStore there")

    @concealing
    def save(self, token: Token) -> None:
        """Put the token into the keyring, in place of the one before.

        Raises:
            InvalidCallError: the argument is not a token.
            OSError: the keyring cannot be written: there is none, or it is locked.
        """
        self._use(self._keyring.set_password, _to_text(token))

    def _use(self, function: Callable[..., Any], *args: str) -> Any:
        try:
            return function(self.service, self.user, *args)
        except Exception as error:  # noqa: BLE001 - backends raise what their systems do
            kind = type(error).__name__
        # Outside of the except block, and without the backend's words: they may repeat the token.
        raise OSError(f"the keyring cannot be used: {kind}")

    def __repr__(self) -> str:
        return f"<KeyringStore {self.service}, {self.user}>"


# So that another program's file with an access token in it is not taken for ours, and replaced.
_KIND: Final = "token of restli_core"


def _to_text(token: Token) -> str:
    """Return what stores keep of a token."""
    if not isinstance(token, Token):
        raise InvalidCallError("token", f"must be a Token, not {type(token).__name__}")
    return json.dumps({"kind": _KIND, **token.as_dict()})


def _from_text(text: str | bytes, argument: str, complaint: str) -> Token:
    """Return the token that a text keeps; raise an InvalidCallError with the complaint for a text of another kind."""
    try:
        fields = json.loads(text)
        if isinstance(fields, dict) and fields.pop("kind", None) == _KIND:
            return Token.from_dict(fields)
    except (ValueError, RecursionError):
        pass  # the error below must not have this one as its context, which holds what was read
    raise InvalidCallError(argument, complaint)
