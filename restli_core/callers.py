"""Callers: the line of a program that a warning points to, which is the first outside of the two packages.

A call that is made in a task or a thread of its own has no such frame: below it are only those of an event loop or a
pool. These are passed over as well, so that the warning points to what runs the loop, such as ``asyncio.run(main())``.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from restli_core.frames import PACKAGES

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["collect_warnings", "warn"]

# What runs tasks and threads: the standard library's, trio's and anyio's.
_RUNNERS: Final = frozenset({"asyncio", "concurrent", "threading", "trio", "outcome", "anyio"})


def warn(message: str, category: type[Warning]) -> None:
    """Warn the program that called one of the two packages: at its line, in its module.

    Where nothing but a loop or a pool has called, as in a thread that runs one, the warning points there. What
    `collect_warnings` has called gets no further than that.
    """
    outside, level = 1, 1
    # Level 1 is this function, as `warnings.warn` counts them. What `inspect.currentframe` is, which is slow to import.
    frame: FrameType | None = sys._getframe()  # pyright: ignore[reportPrivateUsage]
    while frame is not None:
        if frame.f_code is collect_warnings.__code__:
            frame.f_locals["collected"].append(message)
            return
        package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if package not in PACKAGES:
            if outside == 1:
                outside = level
            if package not in _RUNNERS:
                break
        frame = frame.f_back
        level += 1
    warnings.warn(message, category, stacklevel=outside if frame is None else level)


def collect_warnings(function: Callable[[], Any]) -> tuple[Any, list[str]]:
    """Call a function of these packages; return what it returns, and what it would have warned the program of.

    `warnings.catch_warnings` would change what all threads see. Here the list is found in this function's frame.
    """
    collected: list[str] = []
    return function(), collected
