"""Numbers that callers and servers give: of seconds, of calls, from 0 to 1."""

from __future__ import annotations

import operator
from typing import Any, Final, TypeGuard

__all__ = ["MAX_SECONDS", "is_number", "whole_number"]

MAX_SECONDS: Final = 100_000_000
"""Some three years: operating systems cannot count much further."""


def is_number(value: object) -> TypeGuard[float]:
    """Return whether a value is an int or a float, NaN and infinity included.

    bool is an int for Python, but True is not a number of seconds.
    """
    return isinstance(value, int | float) and not isinstance(value, bool)


def whole_number(given: Any) -> int | None:
    """Return a whole number as an int, which numbers of other libraries are not; None for anything else."""
    if isinstance(given, bool):
        return None
    try:
        return operator.index(given)
    except TypeError:
        return None
