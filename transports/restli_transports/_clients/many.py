"""Many: the way of each call that is sent as one of many, to a `Sent` with its answer or its error.

    a call of the iterable ──> the client's own flow, retries and limits and all ──> Sent(call, answer, None)
                                       └── a RestliError ──────────────────────────> Sent(call, None, error)

Any other exception is not a call's failure: it ends all. So does what is in the iterable and is not a call.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Generator, Iterable, Sized
from itertools import count
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from restli_core.base_errors import InvalidCallError, RestliError
from restli_core.calls import Call
from restli_core.flows.sent import Sent
from restli_core.frames import clear_frames

if TYPE_CHECKING:
    from restli_transports._clients.steps import Step

__all__ = ["JournalPath", "check_calls", "starting", "total_of"]

T = TypeVar("T")

JournalPath: TypeAlias = str | PathLike[str]
"""Where a journal is."""


def check_calls(calls: Any, *, is_async: bool) -> None:
    """Refuse what are no calls, before anything is done.

    Args:
        calls: the argument of that name.
        is_async: whether it may be an asynchronous iterable.

    Raises:
        InvalidCallError: it is not an iterable, or one of text; or it is an asynchronous one, and the client blocks.
    """
    if isinstance(calls, AsyncIterable):
        if not is_async:
            raise InvalidCallError("calls", "is an asynchronous iterable: give it to an AsyncRestliClient")
    elif isinstance(calls, str | bytes | Call) or not isinstance(calls, Iterable):
        raise InvalidCallError("calls", f"must be an iterable of calls, such as a list, not {type(calls).__name__}")


def total_of(calls: object) -> int | None:
    """Return how many there are; None where the iterable does not know."""
    return len(calls) if isinstance(calls, Sized) else None


def starting(
    flow: Callable[[Call[T]], Generator[Step, Any, T]], journal: JournalPath | None
) -> Callable[[Call[T]], Generator[Step, Any, Sent[T]]]:
    """Return what makes a flow of each of the calls, which it is given in their order.

    Args:
        flow: makes the client's flow of one.
        journal: where what becomes of them is written; None for nowhere.
    """
    numbers = count()

    def start(call: Call[T]) -> Generator[Step, Any, Sent[T]]:
        number = next(numbers)
        if not isinstance(call, Call):
            reason = f"must be a call, as client.calls makes them, not {type(call).__name__}"
            raise InvalidCallError(f"calls[{number}]", reason)
        return _to_its_end(call, flow(call))

    if journal is not None:  # what records a call's steps goes round `flow(call)`
        raise InvalidCallError("journal", "cannot be written yet")
    return start


def _to_its_end(call: Call[T], flow: Generator[Step, Any, T]) -> Generator[Step, Any, Sent[T]]:
    """Run a call's flow, and return what became of the call."""
    try:
        return Sent(call, (yield from flow), None)
    except RestliError as error:
        _forget(error)
        return Sent(call, None, error)


def _forget(error: RestliError) -> None:
    """Forget what an error has passed through, but for the lines: it is kept as data, perhaps among many."""
    clear_frames(error)
    trace = error.__traceback__
    if trace is not None:
        # Without the function that has caught it: its frame keeps the call, and would lead from the error to itself.
        error.__traceback__ = trace.tb_next
