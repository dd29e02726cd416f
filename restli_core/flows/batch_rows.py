"""Rows of batch calls that are sent as many: what belongs to which id, which are sent again, when a call is cut in two.

| the answer                                                         | then                                       |
|--------------------------------------------------------------------|--------------------------------------------|
| 413; 414; a 400 that says too many, or too many accounts           | two halves are sent, down to one id        |
| any other failure of the call                                      | each of its rows has it as `exception`     |
| a row with an error that the policy repeats: 429, 5xx, 408, 409 of | it is sent again after a wait, with all    |
| a write conflict, as `restli_core.flows.retry` has it for calls    | others of the call of which that is so     |
| any other row                                                      | that is its result                         |

All of it decides only; clients send and wait.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from restli_core.base_errors import InvalidCallError, RestliError
from restli_core.calls import Call, batch_items
from restli_core.errors import ServiceError
from restli_core.flows.retry import Repeat, Retries, RetryPolicy
from restli_core.messages import HttpResponse
from restli_core.patterns import lazy_pattern
from restli_core.responses import (
    BatchCreateResponse,
    BatchDeleteResponse,
    BatchGetResponse,
    BatchRow,
    BatchUpdateResponse,
)
from restli_core.responses.mismatch import is_json
from restli_core.responses.parsing import service_error
from restli_core.values import Value

__all__ = ["MANY", "RowRetries", "RowsAgain", "failed_rows", "ids_of", "row_error", "rows_of", "too_much"]


def ids_of(call: Call[Any]) -> tuple[Any, ...]:
    """Return the ids of a batch call; of batch_create the places of the entities, from 0 on.

    Raises:
        InvalidCallError: the call has no rows: it is not a batch, or is batch_finder.
    """
    if call.method == "batch_finder":
        raise InvalidCallError("call", "batch_finder has no ids, and so no rows: see the results of its answer")
    return tuple(batch_items(call))


def rows_of(call: Call[Any], answer: Any) -> tuple[BatchRow, ...]:
    """Return a row for each id of a batch call, in the caller's order; for each entity of batch_create.

    Args:
        call: the call.
        answer: its answer.

    Raises:
        InvalidCallError: the call has no rows, or is mapped to an answer without them.
    """
    ids = ids_of(call)
    if isinstance(answer, BatchGetResponse | BatchUpdateResponse | BatchDeleteResponse):
        return answer.rows
    if isinstance(answer, BatchCreateResponse):
        rows = [
            BatchRow(place, result.id, _status(result.status, result.error), result.entity, result.error)
            for place, result in zip(ids, answer.elements, strict=False)
        ]
        return (*rows, *[BatchRow(place, None, None, None, None) for place in ids[len(rows) :]])
    reason = f"is mapped, and a {type(answer).__name__} has no rows: send the call that is not mapped, and map its rows"
    raise InvalidCallError("call", reason)


def failed_rows(call: Call[Any], error: Exception) -> tuple[BatchRow, ...]:
    """Return the rows of a batch call that failed as a whole.

    Raises:
        InvalidCallError: the call has no rows.
    """
    exception = cast("RestliError", error)  # others end the run, and are not data
    return tuple([BatchRow(one, None, None, None, None, exception) for one in ids_of(call)])


def _status(status: int | None, error: Any) -> int | None:
    """Return the status of a result; that of its error where it has none."""
    said = error.get("status") if status is None and isinstance(error, dict) else status
    return said if is_json(said, int) else None


# -- calls that are too large ------------------------------------------------------------------------------------------

LARGE: Final = "large"
MANY: Final = "many"
MIXED: Final = "mixed"

_ITEMS: Final = r"(?:entities|ids|keys|elements|items|records)\b"
# (status, what the words of the server must have, why). "Request would return too many entities." and "Specified count
# is larger than 1000" are LinkedIn's own (its pages on campaigns and on campaign groups), and so is the code of a batch
# for several accounts (its page on errors). The rest is what others say.
_TOO_MUCH: Final = tuple(
    (status, lazy_pattern(words, re.IGNORECASE), why)
    for status, words, why in (
        (413, "", LARGE),
        (414, "", LARGE),
        (400, r"\b(?:request|payload|entity|body) (?:is )?too (?:large|long)\b", LARGE),
        (400, rf"\btoo[ _]many[ _](?:\w+[ _])?{_ITEMS}", MANY),
        (400, r"\bspecified count is larger than\b", MANY),
        (400, r"\bbatch[ _](?:request )?(?:size|limit)|\bbatch is too (?:large|big)\b", MANY),
        (400, rf"\bmax(?:imum)? (?:allowed )?(?:number|count) of (?:\w+ )?{_ITEMS}", MANY),
        (400, rf"\bnumber of (?:\w+ )?{_ITEMS}.{{0,40}}\b(?:exceed|limit|maximum|more than|larger|greater)", MANY),
        (400, rf"\b(?:at most|more than) [0-9]+ (?:\w+ )?{_ITEMS}", MANY),
        (400, r"\bMULTIPLE_ACCOUNTS_UNSUPPORTED\b", MIXED),
    )
)


def too_much(error: RestliError) -> str | None:
    """Return why two halves of a call may succeed where the whole did not; None where they would fail as it does.

    Returns:
        ``"large"``: of its bytes; ``"many"``: of the number of its ids; ``"mixed"``: of which ids are in it.
    """
    if not isinstance(error, ServiceError):
        return None
    said = f"{error.code} {error.message}"
    return next((why for status, words, why in _TOO_MUCH if status == error.status_code and words.search(said)), None)


# -- rows that are sent again ------------------------------------------------------------------------------------------


def row_error(call: Call[Any], row: BatchRow, headers: Mapping[str, str]) -> ServiceError | None:
    """Return the error of a row as that of a call would be; None where it has none, or none with a status.

    Args:
        call: the call.
        row: a row of its answer.
        headers: those of the answer, where a Retry-After counts for its rows, too.
    """
    if row.status is None or row.status < 400:
        return None
    return service_error(call.request, HttpResponse(row.status, headers, b"{}"), lambda _: row.error)


class RowsAgain(Value):
    """The decision that rows are sent again.

    Attributes:
        places: which rows.
        wait: seconds to wait before.
        cost: what it takes from the budget: as much as one call, since that is what they are.
    """

    places: list[int]
    wait: float
    cost: int


class RowRetries:
    """The retries of the rows of one call: each row is counted by itself, as a call would be.

    Args:
        policy: the policy.
        kind: the kind of the method (`restli_core.flows.retry.kind_of`).
    """

    def __init__(self, policy: RetryPolicy, kind: str) -> None:
        self._policy = policy
        self._kind = kind
        self._retries: dict[int, Retries] = {}

    def after(self, errors: Mapping[int, RestliError], elapsed: float, random: Callable[[], float]) -> RowsAgain | None:
        """Return which rows are sent again after their errors; None for none.

        They go in one call, after the longest of their waits.

        Args:
            errors: what went wrong, by the places of the rows.
            elapsed: seconds since the first error.
            random: gives a number from 0 to 1, for the lengths of waits.
        """
        again: dict[int, Repeat] = {}
        for place, error in errors.items():
            retries = self._retries.setdefault(place, Retries(self._policy, self._kind))
            repeat = retries.after(error, elapsed, random)
            if repeat is not None:
                again[place] = repeat
        if not again:
            return None
        repeats = again.values()
        return RowsAgain([*again], max(one.wait for one in repeats), max(one.cost for one in repeats))
