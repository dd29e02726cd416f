"""Patterns that are compiled where they are first used.

To compile all patterns of this package takes a third as long as to import the rest of it, and a program needs few of
them: most are for what is rare, such as an error of the server's, a tunnelled answer or a projection.
"""

from __future__ import annotations

import re
from typing import AnyStr, Final, cast

__all__ = ["lazy_pattern"]

_METHODS: Final = ("findall", "finditer", "fullmatch", "match", "search", "split", "sub")


class _LazyPattern:
    """What has the methods of `re.Pattern`, once one of them is asked for."""

    __slots__ = ("_flags", "_source", *_METHODS)

    def __init__(self, source: str | bytes, flags: int) -> None:
        self._source = source
        self._flags = flags

    def __getattr__(self, name: str) -> object:
        # Only what is not set yet comes here.
        if name not in _METHODS:
            raise AttributeError(name)
        compiled = re.compile(self._source, self._flags)
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(self, name)


def lazy_pattern(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return a pattern as `re.compile` does, which is compiled where it is first used."""
    return cast("re.Pattern[AnyStr]", _LazyPattern(source, flags))
