"""The journal of a server or of a fake: what became of each request, to be held against what a client says of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from restli_core.messages import HttpRequest, HttpResponse

__all__ = ["Journal", "JournalEntry"]


@dataclass(frozen=True, slots=True, repr=False)
class JournalEntry:
    """What became of one request.

    Attributes:
        request: the request.
        fault: what was done to it on purpose: a kind of `Faults`, "planned" for one of `fail_next`, else None.
        executed: what the handlers answered, whether or not that was sent; None where none was asked, since the
            request was refused before, or lost.
        answered: what was sent, whole; None where the answer was cut, or none was sent.
    """

    request: HttpRequest
    fault: str | None
    executed: HttpResponse | None
    answered: HttpResponse | None

    def __repr__(self) -> str:
        executed = "not executed" if self.executed is None else f"executed: {self.executed.status_code}"
        answered = "not answered" if self.answered is None else f"answered: {self.answered.status_code}"
        return f"<JournalEntry {self.request.line}, {self.fault or 'no fault'}, {executed}, {answered}>"


class Journal(Sequence[JournalEntry]):
    """The entries, in the order in which the work was done. Each is here before its answer is sent."""

    def __init__(self) -> None:
        self._entries: list[JournalEntry] = []
        self._lock = threading.Lock()

    def add(self, entry: JournalEntry) -> None:
        """Add an entry."""
        with self._lock:
            self._entries.append(entry)

    @overload
    def __getitem__(self, index: int) -> JournalEntry: ...

    @overload
    def __getitem__(self, index: slice) -> list[JournalEntry]: ...

    def __getitem__(self, index: int | slice) -> JournalEntry | list[JournalEntry]:
        return self._entries[index]

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[JournalEntry]:
        return iter([*self._entries])

    def __repr__(self) -> str:
        return f"<Journal, {len(self._entries)} requests>"
