"""Polling: a call that only reads is sent again until its answer is as wanted."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, Final, TypeVar

from restli_core.base_errors import InvalidCallError
from restli_core.calls import Call, not_a_call
from restli_core.errors import PollTimeoutError
from restli_core.flows.retry import Backoff, kind_of
from restli_core.flows.steps import Wait, check_seconds, step

if TYPE_CHECKING:
    from restli_core.flows.steps import Step

__all__ = ["poll"]

T = TypeVar("T")

WAITS: Final = Backoff()


def poll(
    call: Call[T], *, until: Callable[[T], object], within: float, waits: Backoff = WAITS
) -> Generator[Step, Any, T]:
    """Return a flow that sends a call until its answer is as wanted, and returns that answer.

        answer = yield from poll(call, until=lambda answer: answer.entity["status"] == "ACTIVE", within=60)

    A call that fails ends it: what is repeated then is for the client's policy to say.

    Args:
        call: a call that only reads.
        until: returns whether an answer is as wanted.
        within: seconds that may be spent on waits, 0 or above; the time that the calls themselves take is not counted,
            since a flow reads no clock. After the last wait the call is sent once more.
        waits: the lengths of the waits, each as long as it may be.

    Raises:
        PollTimeoutError: no answer was as wanted; has the last one.
        InvalidCallError: one of these is not what it should be, or the call writes; names it.
    """
    if not isinstance(call, Call):
        raise InvalidCallError("call", not_a_call(call))
    if kind_of(call.method) != "safe":
        raise InvalidCallError("call", f"must only read, since it is sent several times: {call.method} writes")
    if not callable(until):
        raise InvalidCallError("until", "must be a function of an answer")
    check_seconds("within", within)
    if not isinstance(waits, Backoff):
        raise InvalidCallError("waits", f"must be a Backoff, not {type(waits).__name__}")
    return _polled(call, until, within, waits)


def _polled(call: Call[T], until: Callable[[T], object], within: float, waits: Backoff) -> Generator[Step, Any, T]:
    spent, number = 0.0, 0
    while True:
        answer = yield from step(call)
        if until(answer):
            return answer
        number += 1
        # A wait of no time at all would have it ask without end.
        seconds = min(max(waits.longest(number), MIN_WAIT), within - spent)
        if seconds <= 0:
            raise PollTimeoutError(f"{call.request.line}: its answer was not as wanted within {within:g} s", answer)
        yield Wait(seconds)
        spent += seconds


MIN_WAIT: Final = 0.01  # seconds
