"""Files: a journal on the disk, which one run at a time adds lines to.

    with Journal("campaigns.jsonl") as journal:
        journal.note("intent", identity, durable=True)        it is on the disk when this returns
        journal.note("outcome", identity, response=..., request=...)
        journal.find(identity)                                what the runs before this one have noted of it

- A line is given to the system whole, before `note` returns: it outlasts a process that is killed at any moment.
- With ``durable=True`` the system has put it on the disk (fsync) before that: it outlasts a crash of the machine, as
  far as the disk does what it says. Threads that wait for that at the same time wait for one fsync.
- What an earlier run left is read once, when the file is opened, and of each request the place of its last line is
  kept, some 200 bytes. A last line without its end was cut by a crash, and is taken off. Anything else that is not a
  line of a journal is refused: it is never guessed at, and no file is written to that is not a journal.
- The file is its owner's alone (mode 0600), and locked while it is open, by a lock that ends with the process.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, NoReturn, Self

from restli_core.base_errors import InvalidCallError, RestliError
from restli_core.errors import JournalError
from restli_transports.journal.lines import (
    KINDS,
    VERSION,
    Identity,
    Line,
    read_header,
    read_line,
    read_subject,
    write_header,
    write_line,
)
from restli_transports.private_files import open_private
from restli_transports.system import is_still_at, release_lock, sync_directory, take_lock
from restli_transports.wire.forks import on_fork

if TYPE_CHECKING:
    from collections.abc import Iterator

    from restli_core.messages import HttpRequest, HttpResponse

__all__ = ["Journal"]

_PIECE: Final = 8192  # bytes that are read at once


class Journal:
    """A journal: a file that is opened by a ``with`` block, or by `open` and `close`.

    Threads may share it.

    Args:
        path: the file, which is made where there is none; its directory must be there.
        kind: ``"calls"``, whose lines are found by their keys, or ``"flow"``, whose lines are found by their numbers.

    Raises:
        InvalidCallError: the path is not a path.
    """

    def __init__(self, path: str | os.PathLike[str], kind: str = "calls") -> None:
        if not isinstance(path, str | os.PathLike) or not isinstance(os.fspath(path), str):
            raise InvalidCallError("journal", f"must be the path of a file, not {type(path).__name__}")
        if not os.fspath(path):
            raise InvalidCallError("journal", "must be the path of a file: it is empty")
        if kind not in KINDS:
            raise InvalidCallError("kind", f"must be one of {', '.join(map(repr, KINDS))}")
        self.path: Final[Path] = Path(path)
        self.kind: Final[str] = kind
        self.end: int = 0
        """In a journal of a flow: one more than the highest number that was in it when it was opened."""
        self._descriptor: int | None = None
        self._written = self._synced = 0  # lines of this run
        self._broken: str | None = None
        self._is_over = False
        # Of each request the place of its last line: negative where that is not an outcome. No line has place 0.
        self._places: dict[bytes | int, int] = {}
        self._renew_locks()
        on_fork(self)

    def _renew_locks(self) -> None:
        self._lock = threading.RLock()
        self._sync_lock = threading.Lock()  # taken before the other one

    def after_fork(self) -> None:
        """Close the copy that a child has: its lines are the parent's to write, and its lock ends with the parent."""
        self._renew_locks()
        self._is_over = True
        self._shut()

    # -- opening and closing -------------------------------------------------------------------------------------

    def open(self) -> Self:
        """Open the file, lock it, and read what earlier runs have left.

        Raises:
            JournalError: it cannot be made, opened or read; others can read it; another run has it open; it is not a
                journal, or one of another kind or version; one of its lines cannot be read.
        """
        with self._lock:
            if self._descriptor is not None or self._is_over:
                self._fail("was opened already: a Journal is opened once")
            try:
                self._open()
            except BaseException as error:
                self._shut()
                if isinstance(error, OSError):
                    self._fail(_said(error), error)
                if isinstance(error, InvalidCallError):  # which begins with the path, too
                    raise JournalError(error.reason) from error
                raise
        return self

    def close(self) -> None:
        """Close the file and give its lock back; a journal that is closed stays so."""
        with self._sync_lock, self._lock:
            self._is_over = True
            self._let_go()

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __del__(self) -> None:
        # Without its locks: nobody else can have it now, and this may run in the midst of anything.
        if self.__dict__.get("_descriptor") is not None:
            self._let_go()

    def _let_go(self) -> None:
        if self._descriptor is not None:
            release_lock(self._descriptor)
        self._shut()

    def _open(self) -> None:
        while True:
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
            self._descriptor = descriptor = open_private(self.path, flags, max_size=None)
            if not _has_lock(descriptor):
                self._fail("is in use: one run at a time can have it")
            # Somebody may have moved the file away since it was opened: then the next run would make another.
            if is_still_at(self.path, descriptor):
                break
            self._shut()
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            file.seek(0)
            whole = self._read(file)
        if whole < os.fstat(descriptor).st_size:
            os.ftruncate(descriptor, whole)
        if whole == 0:
            self._append(descriptor, write_header(self.kind))
            os.fsync(descriptor)
            sync_directory(self.path.parent)

    def _shut(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    # -- reading -------------------------------------------------------------------------------------------------

    def _read(self, file: BinaryIO) -> int:
        """Read all lines, note the places of those that count, and return how many bytes of the file are whole."""
        place = 0
        for number, line in enumerate(file, 1):
            if number == 1:
                if not self._is_header(line):
                    return 0
            elif not line.endswith(b"\n"):
                return place
            else:
                try:
                    event, key, count = read_subject(line)
                except ValueError as error:
                    self._fail(f"has a line that is not a journal's, line {number}: {error}", error)
                self._places[self._slot(key, count)] = place if event == "outcome" else -place
                if self.kind == "flow":
                    self.end = max(self.end, count + 1)
            place += len(line)
        return place

    def _is_header(self, line: bytes) -> bool:
        """Return whether this is the first line; False where it is cut, and so the file has nothing yet.

        Raises:
            JournalError: it is another one.
        """
        if not line.endswith(b"\n") and any(write_header(kind).startswith(line) for kind in KINDS):
            return False
        try:
            version, kind = read_header(line)
        except ValueError as error:
            self._fail("is not a journal: it is left as it is", error)
        if version != VERSION:
            self._fail(f"is a journal of version {version}, and this is version {VERSION}")
        if kind != self.kind:
            self._fail(f"is a journal of kind {kind!r}, and not {self.kind!r}: name another file")
        return True

    def _slot(self, key: str, number: int) -> bytes | int:
        if self.kind == "flow":
            return number
        # Half of a key is enough to find the line, which has all of it.
        return bytes.fromhex(key[:32]) + (str(number).encode() if number > 1 else b"")

    def knows(self, identity: Identity) -> bool:
        """Return whether an earlier run has left a line on this request."""
        return self._slot(identity.key, identity.number) in self._places

    def has_outcome(self, number: int) -> bool:
        """Return whether an earlier run has left an outcome as the last line on this request of a flow."""
        return self._places.get(number, 0) > 0

    def find(self, identity: Identity, url: str = "") -> Line | None:
        """Return the last line that an earlier run has left on this request; None where there is none.

        In a journal of a flow it is the one with the same number, which may be about another request.

        Args:
            identity: which request.
            url: its URL, which an answer came from where the line has no other.

        Raises:
            JournalError: it cannot be read.
        """
        place = self._places.get(self._slot(identity.key, identity.number))
        return None if place is None else self._line_at(abs(place), url)

    def unknown(self) -> Iterator[Line]:
        """Yield the lines that say last of a request that nobody knows what became of it.

        Raises:
            JournalError: one cannot be read.
        """
        for place in [-place for place in self._places.values() if place < 0]:
            line = self._line_at(place, "")
            if line.event in {"intent", "lost"}:
                yield line

    def _line_at(self, place: int, url: str) -> Line:
        with self._lock:
            if self._descriptor is None:
                self._fail("is closed")
            try:
                os.lseek(self._descriptor, place, os.SEEK_SET)
                pieces = [os.read(self._descriptor, _PIECE)]
                while b"\n" not in pieces[-1]:
                    pieces.append(os.read(self._descriptor, _PIECE))
                    if not pieces[-1]:
                        raise ValueError("it has lost its end")  # noqa: TRY301 - the next line says the rest
                return read_line(b"".join(pieces).partition(b"\n")[0], url)
            except (OSError, ValueError) as error:
                self._fail("was changed while it was in use", error)

    # -- writing -------------------------------------------------------------------------------------------------

    def note(
        self,
        event: str,
        identity: Identity,
        *,
        response: HttpResponse | None = None,
        request: HttpRequest | None = None,
        error: Exception | None = None,
        durable: bool = False,
        keeps_url: bool = True,
    ) -> None:
        """Add a line.

        Args:
            event: what happened: ``"intent"``, ``"outcome"``, ``"unsent"`` or ``"lost"``.
            identity: to which request.
            response: of an outcome: the answer.
            request: of an outcome: the request as it was sent.
            error: why it is unsent or lost.
            durable: whether the line is on the disk before this returns.
            keeps_url: whether the URL that answered, and the words of an error, are written.

        Raises:
            JournalError: it cannot be written.
        """
        name = "" if error is None else type(error).__name__
        # Another's words may have secrets, and any may have the URL.
        reason = getattr(error, "reason", "") if isinstance(error, RestliError) and keeps_url else ""
        line = Line(event, identity, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), response, name, reason)
        written = write_line(line, request, keeps_url=keeps_url)
        with self._lock:
            if self._descriptor is None:
                self._fail("is closed")
            if self._broken is not None:
                self._fail(self._broken)
            try:
                self._append(self._descriptor, written)
            except OSError as fault:
                self._fail(_said(fault), fault)
            self._written += 1
            number = self._written
        if durable:
            self._sync(number)

    def _append(self, descriptor: int, data: bytes) -> None:
        """Write a line whole, or not at all.

        Raises:
            OSError: it was not written.
        """
        size, rest = os.fstat(descriptor).st_size, memoryview(data)
        try:
            while rest:
                rest = rest[os.write(descriptor, rest) :]
        except BaseException:
            # The next line must not be the end of this one.
            try:
                os.ftruncate(descriptor, size)
            except OSError as error:
                self._broken = f"{_said(error)}, after a part of a line was written"
            raise

    def _sync(self, number: int) -> None:
        """Return when so many lines are on the disk."""
        with self._sync_lock:
            if self._synced >= number:  # by the fsync of another thread
                return
            with self._lock:
                written, descriptor = self._written, self._descriptor
            if descriptor is None:
                self._fail("was closed before a line was on the disk")
            if self._broken is not None:
                self._fail(self._broken)
            try:
                os.fsync(descriptor)
            except OSError as error:
                # The system may have dropped what it could not write: another fsync would say nothing of it.
                self._broken = _said(error)
                self._fail(self._broken, error)
            self._synced = written

    def _fail(self, reason: str, cause: BaseException | None = None) -> NoReturn:
        raise JournalError(f"{self.path} {reason}") from cause

    def __repr__(self) -> str:
        return f"<Journal {self.path} of {self.kind}>"


def _has_lock(descriptor: int) -> bool:
    """Return whether the file is this opening's alone.

    Raises:
        OSError: its file system has no locks: without one, two runs would do everything twice.
    """
    try:
        return take_lock(descriptor)
    except OSError as error:
        raise OSError(error.errno, f"{os.strerror(error.errno or 0)}: put it where files can be locked") from error


def _said(error: OSError) -> str:
    """Return what the system says of a file."""
    if isinstance(error, FileNotFoundError):
        return "cannot be made: its directory is not there"
    return f"cannot be used: {error.strerror or error}"
