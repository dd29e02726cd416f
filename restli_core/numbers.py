"""Numbers that callers give: of seconds, of calls, from 0 to 1."""

from __future__ import annotations

from typing import Final, TypeGuard

__all__ = ["MAX_SECONDS", "is_number"]

MAX_SECONDS: Final = 100_000_000
"""Some three years: operating systems cannot count much further."""


def is_number(value: object) -> TypeGuard[float]:
    """Return whether a value is an int or a float, NaN and infinity included.

    bool is an int for Python, but True is not a number of seconds.
    """
    return isinstance(value, int | float) and not isinstance(value, bool)
