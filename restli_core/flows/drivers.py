"""Steps: what takes several of them is a generator, written once, and carried out by one of two drivers.

    run(steps, act)           act(step) does a step, and gives what the generator receives for it
    await run_async(...)      the same, with every act awaited

What an act raises is raised inside the generator, at the step in question. What interrupts from outside, such as a
cancellation, is not: the generator is closed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from contextlib import closing
from typing import Any, TypeVar

__all__ = ["run", "run_async"]

S = TypeVar("S")
T = TypeVar("T")


def run(steps: Generator[S, Any, T], act: Callable[[S], Any]) -> T:
    """What the generator returns once its steps are done."""
    with closing(steps):
        try:
            step = next(steps)
            while True:
                try:
                    told = act(step)
                except Exception as error:  # noqa: BLE001 - the generator decides
                    step = steps.throw(error)
                else:
                    step = steps.send(told)
        except StopIteration as done:
            returned: T = done.value
            return returned


async def run_async(steps: Generator[S, Any, T], act: Callable[[S], Awaitable[Any]]) -> T:
    """As `run`, with every act awaited."""
    with closing(steps):
        try:
            step = next(steps)
            while True:
                try:
                    told = await act(step)
                except Exception as error:  # noqa: BLE001 - the generator decides
                    step = steps.throw(error)
                else:
                    step = steps.send(told)
        except StopIteration as done:
            returned: T = done.value
            return returned
