"""Many: the way of each call that is sent as one of many, to a `Sent` with its answer or its error.

    a call ──> the client's own way, retries and limits and all ──> Sent(call, answer, None)
                     └── a RestliError ───────────────────────────> Sent(call, None, error)

Any other exception is not a call's failure: it ends all. So does a journal that cannot be read or written.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Generator, Iterable, Sized
from typing import TYPE_CHECKING, Any, TypeVar

from restli_core.base_errors import InvalidCallError, RestliError
from restli_core.calls import Call
from restli_core.errors import JournalError
from restli_core.flows.sent import Sent
from restli_core.frames import clear_frames

if TYPE_CHECKING:
    from restli_transports._clients.steps import Step

__all__ = ["check_calls", "sent_way", "total_of"]

T = TypeVar("T")


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


def total_of(items: object) -> int | None:
    """Return how many there are; None where the iterable does not know."""
    return len(items) if isinstance(items, Sized) else None


def sent_way(call: Call[T], way: Generator[Step, Any, T]) -> Generator[Step, Any, Sent[T]]:
    """Yield the steps of a call's way, and return what became of the call.

    Raises:
        JournalError: the journal of the calls cannot be read or written.
    """
    try:
        return Sent(call, (yield from way), None)
    except JournalError:
        raise
    except RestliError as error:
        # It is kept as data, perhaps among many. Its traceback would keep this frame, and so the call and itself: from
        # Python 3.12 on each frame in it leads to the one that called it.
        clear_frames(error)
        error.__traceback__ = None
        return Sent(call, None, error)
