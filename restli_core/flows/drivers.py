"""The drivers of flows: `run` performs the steps at once, `run_async` awaits them, `nested` has another flow do them.

All keep one law:

- each step is performed once, in the order in which the flow yields them, and its result is sent into the flow;
- an Exception that performing a step raises is raised inside the flow, where it yielded the step: the flow decides;
- whatever else ends a step, such as a cancellation or KeyboardInterrupt, is not for the flow: it closes the flow, whose
  ``finally`` blocks run, and goes on to the caller;
- what the flow returns is returned, what it lets out is raised, and the flow is closed in any case.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from contextlib import closing
from typing import Any, TypeVar

__all__ = ["nested", "run", "run_async"]

R = TypeVar("R")
S = TypeVar("S")
T = TypeVar("T")


def run(flow: Generator[S, Any, T], perform: Callable[[S], Any]) -> T:
    """Run a flow to its end, and return what it returns; what it raises is raised.

    Args:
        flow: a generator of steps that has not been started.
        perform: performs a step, and returns its result.
    """
    with closing(flow):
        try:
            step = next(flow)
            while True:
                try:
                    result = perform(step)
                except Exception as error:  # noqa: BLE001 - the flow decides
                    step = flow.throw(error)
                else:
                    step = flow.send(result)
        except StopIteration as end:
            returned: T = end.value
            return returned


async def run_async(flow: Generator[S, Any, T], perform: Callable[[S], Awaitable[Any]]) -> T:
    """Run a flow to its end as `run` does, but await every step.

    Args:
        flow: a generator of steps that has not been started.
        perform: performs a step, and is awaited for its result.
    """
    # Line by line the same as `run`, but for the one await: Python has no way to write them as one.
    with closing(flow):
        try:
            step = next(flow)
            while True:
                try:
                    result = await perform(step)
                except Exception as error:  # noqa: BLE001 - the flow decides
                    step = flow.throw(error)
                else:
                    step = flow.send(result)
        except StopIteration as end:
            returned: T = end.value
            return returned


def nested(flow: Generator[S, Any, T], perform: Callable[[S], Generator[R, Any, Any]]) -> Generator[R, Any, T]:
    """Run a flow to its end as `run` does, inside of another one, of whose steps each of its own is made.

    Args:
        flow: a generator of steps that has not been started.
        perform: yields the steps that one of the flow is made of, and returns its result.
    """
    # Line by line the same as `run`, but for the one ``yield from``.
    with closing(flow):
        try:
            step = next(flow)
            while True:
                try:
                    result = yield from perform(step)
                except Exception as error:  # noqa: BLE001 - the flow decides
                    step = flow.throw(error)
                else:
                    step = flow.send(result)
        except StopIteration as end:
            returned: T = end.value
            return returned
