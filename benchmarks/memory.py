"""The peak of memory while a large batch is built, beyond its arguments, as tracemalloc counts it.

    python -m benchmarks.memory

Where LinkedIn's own client is installed, its peak is beside it, over an adapter that answers from memory.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Final

import restli_core
from benchmarks.calls import CALLS, COMMON, theirs

NAMES: Final = ("batch_get of 500 ids", "batch_partial_update of 100")


def peak(function: Callable[[], object]) -> int:
    """The most bytes that are allocated at once while a function runs, what it returns included."""
    function()  # what is made but once does not count
    gc.collect()
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def main() -> None:
    """Prints the table."""
    print(f"{'peak of kB while building':28}   ours  official")
    for name in NAMES:
        method, arguments, _ = CALLS[name]
        ours = peak(partial(getattr(restli_core, method), **arguments, **COMMON))
        other = theirs(method, b"{}")
        official = "-" if other is None else f"{peak(partial(other, **arguments, **COMMON)) / 1000:.0f}"
        print(f"{name:28} {ours / 1000:6.0f} {official:>9}")


if __name__ == "__main__":
    main()
