"""Steps of a call's flow, and how a client performs one: a request to send, a token to get, a wait."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from restli_core.base_errors import InvalidCallError
from restli_core.signatures import is_awaitable
from restli_core.values import Value
from restli_transports._clients.clocks import SystemClock
from restli_transports.concurrency import AsyncSending, Sending

if TYPE_CHECKING:
    from restli_core.messages import HttpRequest
    from restli_transports.transport import Timeout

__all__ = ["Blocking", "Concurrent", "Give", "Send", "Sleep", "Step", "TokenRequest", "perform", "perform_async"]


CONCURRENT_FLOWS: Final = 8  # of one step, at the same time


class Send(Value):
    """A step: a request is sent, and answered.

    Args:
        request: the request.
        timeout: its time limits.
    """

    request: HttpRequest
    timeout: Timeout


class TokenRequest(Value):
    """A step: a source is asked for a token.

    Args:
        source: the source.
        rejected: the token that the server has refused; None for none.
    """

    source: Any
    rejected: str | None


class Sleep(Value):
    """A step: so many seconds pass, or fewer.

    Args:
        seconds: how many.
        wakes: what the clock's `wakes` was when it was found that they must pass; None where it has none, or where one
            that is missed does not matter.
    """

    seconds: float
    wakes: int | None = None


class Blocking(Value):
    """A step: a function that blocks is called, such as one that reads a file; where one awaits, in a thread.

    Args:
        function: the function, without arguments.
    """

    function: Callable[[], Any]


class Concurrent(Value):
    """A step: several flows run at the same time, eight at most. Its result is a list of what they return, in order.

    Args:
        flows: the flows. What one of them raises ends all, and is raised.
    """

    flows: tuple[Generator[Step, Any, Any], ...]


class Give(Value):
    """A step: whoever iterates a flow is given a value; nothing is performed.

    Args:
        value: the value.
    """

    value: Any


Step: TypeAlias = "Send | TokenRequest | Sleep | Blocking | Concurrent | Give"


def perform(transport: Any, clock: Any, step: Step) -> Any:
    """Perform a step, and return its result; from what is asynchronous, an awaitable of it."""
    if isinstance(step, Send):
        return transport.send(step.request, timeout=step.timeout)
    if isinstance(step, Sleep):
        return clock.sleep(step.seconds) if step.wakes is None else clock.sleep(step.seconds, step.wakes)
    if isinstance(step, TokenRequest):
        return step.source.token(rejected=step.rejected)
    if isinstance(step, Blocking):
        return step.function()
    if isinstance(step, Give):
        raise TypeError("what is given to whoever iterates a flow is not performed")
    wake = clock.wake if isinstance(clock, SystemClock) else None
    performing = partial(perform, transport, clock)
    with Sending[Any](step.flows, _itself, performing, at_once=CONCURRENT_FLOWS, wake=wake) as sending:
        return [*sending]


async def perform_async(transport: Any, clock: Any, step: Step) -> Any:
    """Perform a step, and return its result.

    Raises:
        InvalidCallError: the transport, its clock or the source is not asynchronous.
    """
    if isinstance(step, Concurrent):
        performing = partial(perform_async, transport, clock)
        async with AsyncSending[Any](step.flows, _itself, performing, at_once=CONCURRENT_FLOWS) as sending:
            return [result async for result in sending]
    if isinstance(step, Blocking):
        from restli_transports.concurrency.tasks import in_thread  # asyncio is slow to import

        return await in_thread(step.function)
    promised = perform(transport, clock, step)
    # What is of the user's own need not show by its signature that it blocks.
    if not is_awaitable(promised):
        argument = "access_token" if isinstance(step, TokenRequest) else "transport"
        raise InvalidCallError(argument, "is not asynchronous: give it to a client that blocks")
    return await promised


def _itself(flow: Generator[Step, Any, Any]) -> Generator[Step, Any, Any]:
    return flow
