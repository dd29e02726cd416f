"""Timing on a machine that others use too: what is compared takes turns in every round, and the medians count.

All of it is warm: each function has been called before it is timed, so that caches are filled and code is specialised.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from time import perf_counter
from timeit import Timer


def options(description: str | None, arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line of a benchmark: ``rounds`` and ``seconds``."""
    return parser(description).parse_args(arguments)


def parser(description: str | None) -> argparse.ArgumentParser:
    """The same for a benchmark that adds options of its own."""
    found = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--rounds", type=int, default=9)
    found.add_argument("--seconds", type=float, default=0.01, help="for each function in each round, about")
    return found


def medians(
    functions: Mapping[str, Callable[[], object]],
    rounds: int,
    seconds: float,
    clock: Callable[[], float] = perf_counter,
) -> dict[str, float]:
    """The microseconds that a call of each function takes, by a clock."""
    timers = {name: Timer(function, timer=clock) for name, function in functions.items()}
    numbers = {name: _calls_in(seconds, timer) for name, timer in timers.items()}
    taken = [
        {name: timer.timeit(numbers[name]) / numbers[name] for name, timer in timers.items()} for _ in range(rounds)
    ]
    return {name: median(round_[name] for round_ in taken) * 1e6 for name in timers}


def _calls_in(seconds: float, timer: Timer) -> int:
    number = 1
    while (taken := timer.timeit(number)) < seconds / 2:
        number = max(2 * number, int(number * seconds / 2 / max(taken, 1e-9)))
    return number
