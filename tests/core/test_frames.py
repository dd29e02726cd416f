"""Frames: what is left of local variables in a traceback, once an error has left the package.

Functions that take part are made in a module with a name of ours: it is by the name that ours are known.
"""

from __future__ import annotations

import asyncio
import inspect
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from restli_core.frames import clear_frames, concealing, drop_tracebacks

# Each raises, some of them on a way through others.
SOURCE = """
def fail(secret):
    inner = secret
    raise ValueError("failed")

def wrap(secret):
    try:
        fail(secret)
    except ValueError as error:
        raise LookupError("wrapped") from error

def generate(secret):
    yield 1
    fail(secret)

def consume(secret):
    return list(generate(secret))

async def await_it(secret):
    fail(secret)

def call(secret, function):
    function()

class Thing:
    def __init__(self, secret):
        self.secret = secret
        fail(secret)
"""


def module(name: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": name}
    exec(compile(SOURCE, f"<{name}>", "exec"), namespace)
    return namespace


OURS, THEIRS = module("restli_core.made_up"), module("restli_core_of_another")


def caught(act: Callable[[], Any]) -> BaseException:
    with pytest.raises((ValueError, LookupError, KeyboardInterrupt)) as found:
        act()
    return found.value


def locals_of(error: BaseException | None) -> dict[str, list[str]]:
    """The values in the frames of an error and its causes, by the names of the functions of the made-up modules."""
    found: dict[str, list[str]] = {}
    while error is not None:
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if frame.f_globals.get("__name__", "").startswith("restli_core"):
                found.setdefault(frame.f_code.co_name, []).extend(map(repr, frame.f_locals.values()))
        error = error.__cause__
    return found


@pytest.mark.parametrize("name", ["fail", "wrap", "consume", "Thing"])
def test_an_error_leaves_the_values_behind_and_takes_the_lines_along(name: str) -> None:
    error = caught(lambda: concealing(OURS[name])("sesame"))
    assert "sesame" not in str(locals_of(error))
    assert "fail" in locals_of(error)
    assert "in fail" in "".join(traceback.format_exception(error))


def test_so_does_one_of_a_coroutine() -> None:
    function = concealing(OURS["await_it"])
    assert inspect.iscoroutinefunction(function)
    error = caught(lambda: asyncio.run(function("sesame")))
    assert "sesame" not in str(locals_of(error))


def test_functions_of_others_keep_theirs() -> None:
    error = caught(lambda: concealing(OURS["call"])("sesame", lambda: THEIRS["fail"]("of another")))
    assert locals_of(error)["fail"] == ["'of another'", "'of another'"]
    assert "sesame" not in str(locals_of(error)["call"])


def test_without_it_there_are_values() -> None:
    error = caught(lambda: OURS["wrap"]("sesame"))
    assert locals_of(error)["fail"] == ["'sesame'", "'sesame'"]
    clear_frames(error)
    assert locals_of(error)["fail"] == []


def test_an_interruption_is_an_error_like_others() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    error = caught(lambda: concealing(OURS["call"])("sesame", interrupted))
    assert "sesame" not in str(locals_of(error))


def test_functions_that_go_on_are_left_alone() -> None:
    # A generator that handles the error which another is made from: it is not to be closed.
    namespace = {**OURS}
    exec(
        """
def handling(secret):
    try:
        fail(secret)
    except ValueError as error:
        yield error
        yield secret
""",
        namespace,
    )
    going_on = namespace["handling"]("sesame")
    cause = next(going_on)
    error = LookupError("later")
    error.__cause__ = cause
    clear_frames(error)
    assert next(going_on) == "sesame"


def test_causes_in_a_circle_are_looked_at_once() -> None:
    first, second = caught(lambda: OURS["fail"]("a")), caught(lambda: OURS["fail"]("b"))
    first.__cause__, second.__cause__ = second, first
    clear_frames(first)
    second.__cause__ = None
    assert locals_of(first)["fail"] == []


def test_what_goes_well_is_as_it_was() -> None:
    def add(one: int, *, other: int = 2) -> int:
        """Add."""
        return one + other

    async def add_later(one: int) -> int:
        return one + 1

    added = concealing(add)
    assert (added(1), added(1, other=5)) == (3, 6)
    assert (added.__name__, added.__doc__) == ("add", "Add.")
    assert inspect.signature(added) == inspect.signature(add)
    assert asyncio.run(concealing(add_later)(1)) == 2


def test_tracebacks_are_dropped_of_an_error_and_of_what_it_was_made_of() -> None:
    inner, argument, context = (caught(lambda: OURS["fail"]("secret")) for _ in range(3))
    error = caught(lambda: OURS["fail"]("secret"))
    error.args = ("failed", argument)
    error.__cause__, error.__context__, inner.__cause__ = inner, context, error  # which leads in a circle
    drop_tracebacks(error)
    assert [one.__traceback__ is None for one in (error, inner, argument, context)] == [True, True, True, False]
