"""Sent: what became of a call that was sent as one of many."""

from __future__ import annotations

from typing import Generic, TypeVar, cast

from restli_core.base_errors import RestliError  # noqa: TC001 - for typing.get_type_hints
from restli_core.calls import Call  # noqa: TC001 - likewise
from restli_core.flows.batch_rows import failed_rows, rows_of
from restli_core.responses import BatchRow  # noqa: TC001 - likewise
from restli_core.values import Value

__all__ = ["Sent"]

T_co = TypeVar("T_co", covariant=True)


class Sent(Value, Generic[T_co]):
    """A call that was sent, and what became of it: an answer or an error.

    Args:
        call: the call.
        answer: its answer; None where it failed.
        error: why it failed; None where it did not.
    """

    call: Call[T_co]
    answer: T_co | None
    error: RestliError | None

    def result(self) -> T_co:
        """Return the answer.

        Raises:
            RestliError: the call failed: its error.
        """
        if self.error is not None:
            raise self.error
        return cast("T_co", self.answer)

    @property
    def rows(self) -> tuple[BatchRow, ...]:
        """A row for each id of a batch call, in the caller's order, also where the call failed: `row.exception`.

        Of batch_create it is a row for each entity: its id is the entity's place, from 0 on, its key the created id.

        Raises:
            InvalidCallError: the call has no rows, since it is not a batch, or is batch_finder: none at all would look
                like one in which nothing failed. Or it is mapped, and has an answer of the function's own: then only
                a failed call has rows.
        """
        return rows_of(self.call, self.answer) if self.error is None else failed_rows(self.call, self.error)

    def __repr__(self) -> str:
        return f"<Sent {self.call!r}: {'answered' if self.error is None else type(self.error).__name__}>"
