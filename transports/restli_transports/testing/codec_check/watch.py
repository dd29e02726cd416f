"""Calling functions of others with a limit of time: one that never returns is ended, and named.

Each law runs in a thread of its own, in which a function that hangs can be ended: CPython raises an exception in
another thread when that next runs Python code (`PyThreadState_SetAsyncExc`). So any function can be checked, a lambda
too, which a process of its own could not be given. A function that is stuck in C code never gets there. It is given up,
and the thread, a daemon, is left behind.
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["Guard", "OverLimit", "Stuck", "run_watched"]

T = TypeVar("T")


class OverLimit(Exception):
    """A call took longer than the limit, and was ended."""


class Stuck(Exception):
    """A call took longer than the limit, and could not be ended."""


class _Ended(BaseException):
    """What is raised in the thread of a call that took too long; a BaseException, which few functions catch."""


class Guard:
    """Calls functions in the thread that is watched, and knows since when the present call runs.

    Args:
        limit: how long one call may take, in seconds.
    """

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._since: float | None = None  # when the present call began; None between calls
        self._fired = 0  # how often the present call was told to end

    def __call__(self, function: Callable[..., T], *args: Any) -> T:
        """Return what the function returns, or raise what it raises.

        Raises:
            OverLimit: it took longer than the limit.
        """
        with self._lock:
            self._since, self._fired = time.monotonic(), 0
        arrived = False
        try:
            try:
                return function(*args)
            except _Ended:
                arrived = True
                raise
            finally:
                with self._lock:
                    self._since = None
                if self._fired and not arrived:
                    # It is on its way, and must not arrive in code of ours; or the function has caught it.
                    time.sleep(0.1)
                    raise _Ended
        except _Ended:
            raise OverLimit(f"no result after {self.limit:g} s") from None

    def end_call_over_limit(self, thread: threading.Thread) -> bool:
        """Tell the thread's present call to end, if it is over the limit; return False once that was in vain."""
        with self._lock:
            if self._since is None or time.monotonic() - self._since < self.limit * (self._fired + 1):
                return True
            if self._fired == 2:
                return False
            self._fired += 1
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(_Ended))
            return True


def run_watched(work: Callable[[Guard], T], limit: float) -> T:
    """Return what the work returns, or raise what it raises; it makes its calls of others' functions by the guard.

    Args:
        work: runs in a thread of its own.
        limit: how long one call by the guard may take, in seconds.

    Raises:
        Stuck: a call was over the limit and could not be ended.
    """
    guard = Guard(limit)
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work(guard))
        except BaseException as error:  # noqa: BLE001 - it is raised again, in the thread that waits
            errors.append(error)

    thread = threading.Thread(target=run, name="codec_check", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(limit / 10)
        if not guard.end_call_over_limit(thread):
            raise Stuck(f"no result after {limit * 3:g} s, and it cannot be ended")
    if errors:
        raise errors[0]
    return results[0]
