"""Sent: what became of a call that was sent as one of many."""

from __future__ import annotations

from typing import Generic, TypeVar, cast

from restli_core.calls import Call  # noqa: TC001 - for typing.get_type_hints
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
    error: Exception | None

    def result(self) -> T_co:
        """Return the answer.

        Raises:
            RestliError: the call failed: its error.
        """
        if self.error is not None:
            raise self.error
        return cast("T_co", self.answer)

    def __repr__(self) -> str:
        return f"<Sent {self.call!r}: {'answered' if self.error is None else type(self.error).__name__}>"
