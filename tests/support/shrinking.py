"""What a failure shrinks to, and what a strategy begins with: the same at each run."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, TypeVar

from hypothesis import Phase, find, given, seed, settings
from hypothesis.strategies import SearchStrategy

T = TypeVar("T")

_QUICK = settings(max_examples=500, database=None, deadline=None, phases=[Phase.generate, Phase.shrink])


def smallest(strategy: SearchStrategy[T], is_hit: Callable[[T], object]) -> T:
    """The value that a test shrinks to which fails for these."""
    return find(strategy, lambda value: bool(is_hit(value)), settings=_QUICK, random=Random(0))


def first(strategy: SearchStrategy[T], count: int = 100) -> list[T]:
    """The values that a test is tried on; Hypothesis tries a hundred unless it is told another number."""
    drawn: list[T] = []

    @seed(0)
    @settings(_QUICK, max_examples=count, phases=[Phase.generate])
    @given(strategy)
    def collect(value: T) -> None:
        drawn.append(value)

    collect()
    return drawn


def parts_of(value: Any) -> list[Any]:
    """A value, and all that is in it, names included."""
    found = [value]
    for one in found:  # which grows
        if isinstance(one, dict):
            found += [*one, *one.values()]
        elif isinstance(one, list | tuple):
            found += one
    return found
