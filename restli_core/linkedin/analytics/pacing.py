"""Pace: how much to ask for at once, so that no answer is full and few calls are needed.

An answer that is full may have been cut, silently, and then the same must be asked for again in halves. Units are the
periods of a report, or the values of a facet; in the order in which they are asked for:

    what is known                               is asked for
    nothing                                     all that is left
    how many rows a unit has at most            as many units as cannot fill an answer; or all that is left, where the
                                                one call that this may waste is few beside those that it may save
    that an answer was full                     half as many units, or fewer, by a guess from the rows that it has
    how many rows the units before had          as many as nearly fill an answer, if these go on like those

What is left is cut evenly, so that the last call is not for a rest. A guess only ever costs calls, never rows.
"""

from __future__ import annotations

import math
from typing import Final

__all__ = ["Pace"]

FILL: Final = 0.99  # of an answer, where the number of rows is guessed
MIN_CALLS: Final = 10  # beside which the one that may be wasted does not count


class Pace:
    """How many units to ask for at once.

    Args:
        max_rows: how many rows an answer has at most; one with as many may have been cut.
        bound: how many rows a unit has at most, if that is known.
        parts: how many calls it takes for all the columns.
        density: how many rows a unit is thought to have, if there is a guess.
    """

    __slots__ = ("_bound", "_cap", "_failures", "_full_rows", "_full_units", "_parts", "_room", "density")

    def __init__(self, max_rows: int, bound: int | None, parts: int, density: float | None = None) -> None:
        self._room = max_rows - 1
        self._bound = bound
        self._parts = parts
        self.density: float | None = density
        self._cap: int | None = None  # units at most, after a full answer
        self._failures = 0  # full answers, one after the other
        self._full_units = 0  # units left of those whose answer was full, and
        self._full_rows = 0.0  # how many rows these have at least

    @property
    def safe(self) -> int:
        """How many units cannot fill an answer; 0 where that is not known, or where one may."""
        return self._room // self._bound if self._bound else 0

    def is_safe(self, units: int) -> bool:
        """Return whether the answer for so many units cannot be full."""
        return units <= self.safe

    def is_certainly_over(self) -> bool:
        """Return whether one unit is thought to have more rows than an answer takes, and asking for it is a waste."""
        if self.density is not None:
            return self.density > self._room
        return bool(self._bound) and not self.safe and not self._may_probe(1)

    def size(self, left: int) -> int:
        """Return how many units to ask for of those that are left."""
        safe = self.safe
        if left <= safe:
            size = left
        elif self.density is not None:
            size = _evened(left, max(self._guessed(left, self.density), safe))
        elif safe and not self._may_probe(left):
            size = _evened(left, safe)
        else:
            size = left
        return size if self._cap is None else max(min(size, self._cap), 1)

    def seen(self, units: int, rows: int) -> None:
        """Learn of an answer, or of several for one unit: so many rows, all that there are."""
        self._cap, self._failures = None, 0
        self.density = rows / units
        # The other half of what did not fit has the rest of it, at least.
        self._full_units -= units
        self._full_rows -= rows
        if self._full_units > 0:
            self.density = max(self.density, self._full_rows / self._full_units)

    def was_full(self, units: int, guess: float) -> None:
        """Learn of an answer that was full.

        Args:
            units: what it was for, two at least.
            guess: how many rows each of them seems to have, by those that it had.
        """
        if units <= self.safe:  # so it was not so
            self._bound = None
        self._failures += 1
        self._full_units, self._full_rows = units, float(self._room + 1)
        self.density = max(guess, self._full_rows / units)
        self._cap = units // 2
        if self._failures > 1 and self.safe:
            self._cap = self.safe

    def _guessed(self, left: int, density: float) -> int:
        """Return how many units to ask for where each has so many rows."""
        pieces = max(math.ceil(left * density / (self._room * FILL)), 1)
        size = math.ceil(left / pieces)
        # By rounding up it may be too much after all.
        return size if size * density <= self._room or size == 1 else math.ceil(left / (pieces + 1))

    def _may_probe(self, left: int) -> bool:
        """Return whether all that is left is worth one call, since so many more will be needed if it is too much."""
        rows = left * (self._bound or 0)
        return math.ceil(rows / self._room) * self._parts >= MIN_CALLS


def _evened(left: int, size: int) -> int:
    """Return the size of the pieces when what is left is cut evenly into as few as there would be with this size."""
    return math.ceil(left / math.ceil(left / size))
