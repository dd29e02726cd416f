"""Flows whose steps are functions, for what runs flows; and what carries these out."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Generator
from typing import Any, TypeAlias

__all__ = ["FlowOfSteps", "failing", "open_threads", "perform", "perform_async", "steps", "value"]

FlowOfSteps: TypeAlias = Generator[Callable[[], Any], Any, Any]


def perform(step: Callable[[], Any]) -> Any:
    return step()


async def perform_async(step: Callable[[], Any]) -> Any:
    result = step()
    return await result if inspect.isawaitable(result) else result


def value(number: Any) -> FlowOfSteps:
    """Return a flow of one step, whose result is what it is given."""
    return (yield lambda: number)


def steps(*functions: Callable[[], Any]) -> FlowOfSteps:
    """Return a flow of several steps, whose result is that of the last one."""
    result = None
    for function in functions:
        result = yield function
    return result


def failing(error: BaseException) -> FlowOfSteps:
    """Return a flow that raises an error after a step."""
    yield int
    raise error


def open_threads() -> list[str]:
    """Return the names of the threads of sendings that run."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("restli-sending")]
