"""Rows: batches of any number of ids, cut into calls, sent, and given as one row for each id.

    ids ── batches ──> calls ── rows_flow, each ──> rows, in the order of the ids

    call ── answered ──> rows ──┬── errors that the policy repeats ── wait ──> a call for these alone ──> rows ...
     ^                          └── all others ──> as they are
     ├── two halves <── 413, 414, a 400 that says too many
     └── any other failure ──> rows with it as their exception

What decides is in `restli_core.flows.batch_rows`. A row that has succeeded is never sent again.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

from restli_core.base_errors import InvalidCallError, RestliError
from restli_core.calls import batch_request, subset, unmapped
from restli_core.errors import JournalError
from restli_core.flows.batch_rows import MANY, RowRetries, failed_rows, ids_of, row_error, rows_of, too_much
from restli_core.flows.retry import kind_of
from restli_core.frames import clear_frames
from restli_transports._clients.pauses import pause

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from restli_core.calls import Call
    from restli_core.responses import BatchRow
    from restli_core.splitting import BatchRequest
    from restli_transports._clients.base import BaseClient
    from restli_transports._clients.steps import Step

__all__ = ["BatchSizes", "rows_flow"]

WayOf: TypeAlias = "Callable[[Call[Any]], Generator[Step, Any, Any]]"


class BatchSizes:
    """How many ids a server takes at once, as far as its answers tell: no call is sent of a size that it has refused.

    It is shared by calls that are on their way at the same time. Where two of them say the opposite of one another, the
    last one counts.
    """

    def __init__(self) -> None:
        self._taken = 0  # the most that it has taken
        self._refused: int | None = None  # the fewest that were too many; None where none were

    def note_taken(self, count: int) -> None:
        """Note that so many are not too many."""
        self._taken = max(self._taken, count)
        if self._refused is not None and count >= self._refused:
            self._refused = None

    def note_refused(self, count: int) -> None:
        """Note that so many are too many."""
        self._refused = count if self._refused is None else min(self._refused, count)
        if self._taken >= count:
            self._taken = 0

    def pieces(self, count: int) -> int:
        """Return into how many pieces a call of so many is cut before it is sent."""
        taken, refused = self._taken, self._refused
        return 1 if refused is None or count < refused or not taken else -(-count // taken)


def rows_flow(
    client: BaseClient[Any, Any],
    call: Call[Any],
    way_of: WayOf,
    before: int = 0,
    sizes: BatchSizes | None = None,
) -> Generator[Step, Any, tuple[BatchRow, ...]]:
    """Yield the steps from a batch call to its rows, and return these, in the order of the call.

    Args:
        client: the client that sends it.
        call: the batch call, mapped or not: its rows are those of the answer before any map.
        way_of: returns the steps from a call to its answer.
        before: how many entities are in other calls before a batch_create: its rows count on from there.
        sizes: what is known of the server, shared by calls of one kind; None for nothing.

    Raises:
        InvalidCallError: the call has no rows.
    """
    course = _Course(client, call, way_of, sizes or BatchSizes())
    rows = yield from course.run()
    if call.method == "batch_create":
        return tuple([row.__replace__(id=before + row.id) for row in rows])
    return rows


class _Course:
    """The course of one batch call: its rows so far."""

    def __init__(self, client: BaseClient[Any, Any], call: Call[Any], way_of: WayOf, sizes: BatchSizes) -> None:
        self._client = client
        self._call, _ = unmapped(call)
        self._way_of = way_of
        self._sizes = sizes
        self._ids = ids_of(call)
        self._rows: dict[int, BatchRow] = {}  # by their places in the call
        self._errors: dict[int, RestliError] = {}  # of the rows of the last round that have failed in answers
        self._request: BatchRequest | None = None  # until it is cut

    def run(self) -> Generator[Step, Any, tuple[BatchRow, ...]]:
        """Send the call, and again the rows that fail, until all have ended."""
        settings = self._client.settings
        shared = self._client._shared  # pyright: ignore[reportPrivateUsage] # what clients share, as this module is
        policy = settings.retry
        retries = None if policy is None else RowRetries(policy, kind_of(self._call.method))
        places = [*range(len(self._ids))]
        yield from self._send(places)
        began = shared.now()  # the policy's total is for the waits after failures, not for those of limits before
        while self._errors and policy is not None and retries is not None:
            again = retries.after(self._errors, shared.now() - began, settings.random)
            if again is None or not self._has_parts(again.places) or not shared.pay(again.cost, policy.budget):
                break
            if not (yield from pause(shared, again.wait)):
                break
            yield from self._send(again.places)
            if not self._errors:
                shared.earn(again.cost)
        return tuple([self._rows[place] for place in places])

    def _send(self, places: list[int]) -> Generator[Step, Any, None]:
        """Send a call for some of the rows, in pieces where it is too much for the server, and note what they gave."""
        self._errors = {}
        waiting = [places]  # a stack
        while waiting:
            piece = waiting.pop()
            pieces = self._sizes.pieces(len(piece))
            if pieces > 1 and self._has_parts(piece[:1]):
                waiting += _shared_out(piece, pieces)
                continue
            part = self._part(piece)
            answer, error = None, None
            try:
                answer = yield from self._way_of(part)
            except JournalError:
                raise
            except RestliError as raised:
                error = raised
            if error is None:
                self._sizes.note_taken(len(piece))
                self._note_answer(piece, part, answer)
                continue
            # It is data from here on, and its traceback holds the frames of this generator, with all that is in them.
            clear_frames(error)
            error.__traceback__ = None
            why = too_much(error) if len(piece) > 1 else None
            if why == MANY:
                self._sizes.note_refused(len(piece))
            if why is not None and self._has_parts(piece[:1]):
                waiting += _shared_out(piece, 2)
            else:
                self._note_failure(piece, part, error)

    def _has_parts(self, places: list[int]) -> bool:
        """Return whether there can be a call for these rows; none for a part where a body is not what it should be."""
        if len(places) < len(self._ids) and self._request is None:
            try:
                self._request = batch_request(self._call)
            except InvalidCallError:  # a `dumps` of the caller's own
                return False
        return True

    def _part(self, places: list[int]) -> Call[Any]:
        """Return the call for some of the rows."""
        return self._call if self._request is None else subset(self._call, self._request, places)

    def _note_answer(self, places: list[int], part: Call[Any], answer: Any) -> None:
        """Keep the rows of an answer, and the errors of those that failed."""
        for place, row in zip(places, rows_of(part, answer), strict=True):
            self._rows[place] = row.__replace__(id=self._ids[place])
            error = row_error(part, row, answer.headers)
            if error is not None:
                self._errors[place] = error

    def _note_failure(self, places: list[int], part: Call[Any], error: RestliError) -> None:
        """Keep the error of a call as that of its rows; beside it what an answer before has said of them."""
        for place, row in zip(places, failed_rows(part, error), strict=True):
            before = self._rows.get(place)
            kept = row if before is None else before.__replace__(exception=error)
            self._rows[place] = kept.__replace__(id=self._ids[place])


def _shared_out(places: list[int], parts: int) -> list[list[int]]:
    """Return so many pieces of a list, of which sizes differ by at most one; the last comes first, for a stack."""
    size = len(places)
    bounds = [size * number // parts for number in range(parts + 1)]
    return [places[start:end] for start, end in reversed([*pairwise(bounds)])]
