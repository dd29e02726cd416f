"""Numbers: one after another, for threads that take from them at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator

__all__ = ["Numbers"]


class Numbers(Iterator[int]):
    """Numbers that go up by one, each given once.

    `itertools.count` does not promise that on a free-threaded build of CPython.

    Args:
        first: the first of them.
    """

    def __init__(self, first: int) -> None:
        self._next = first
        self._lock = threading.Lock()

    def __next__(self) -> int:
        with self._lock:
            number = self._next
            self._next = number + 1
        return number
