"""Calling functions of others with a limit of time: one that never returns is ended, and named.

Each law runs in a thread of its own, in which a function that hangs can be ended: CPython raises an exception in
another thread when that next runs Python code (`PyThreadState_SetAsyncExc`). So any function can be checked, a lambda
too, which a process of its own could not be given. A function that is stuck in C code never gets there, and one that
catches every exception goes on. It is given up, and the thread, a daemon, is left behind.
"""

from __future__ import annotations

import contextvars
import ctypes
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import Any, Final, TypeVar

__all__ = ["Ended", "Guard", "OverLimit", "Quit", "Stuck", "run_watched"]

T = TypeVar("T")

MAX_TELLINGS: Final = 2  # how often a call is told to end before it is given up
MAX_SLEEP: Final = 0.1  # seconds between looks at the call
LAST_WAIT: Final = 1.0  # seconds that a call which is given up has to end, before what it was told is taken back


class Ended(Exception):
    """A call neither returned nor raised an error of its function's own: that is never what a law asks for."""


class OverLimit(Ended):
    """A call took longer than the limit, and was ended."""


class Quit(Ended):
    """A call raised what ends programs, such as SystemExit."""


class Stuck(Exception):
    """A call took longer than the limit, and could not be ended."""


class _Stop(BaseException):
    """What is raised in the thread of a call that took too long; a BaseException, which few functions catch."""


class Guard:
    """Calls functions in the thread that is watched, and knows since when the present call runs.

    Args:
        limit: how long one call may take, in seconds.
    """

    def __init__(self, limit: float) -> None:
        self.limit = limit
        # No lock is held in the thread that is watched: an exception may be raised there at any step, also between
        # taking a lock and what would give it back.
        self._due: float | None = None  # when the present call is told to end; None between calls; set by its thread
        self._tellings = 0  # how often the present call was told
        self._is_telling = False  # whether the other thread looks at the call just now, and may tell it to end
        self._is_over = False  # nobody waits for this thread any more

    def __call__(self, function: Callable[..., T], *args: Any) -> T:
        """Return what the function returns, or raise what it raises.

        Raises:
            OverLimit: it took longer than the limit.
            Quit: it raised an exception that is not an `Exception`.
        """
        try:
            try:
                self._begin()
                return function(*args)
            finally:
                if self._settle():
                    raise _Stop  # whatever the function made of being told
        except _Stop:
            self._settle()  # it may have come amid the first
            if self._is_over:
                raise
            raise OverLimit(f"no result after {self.limit:g} s") from None
        except Exception:
            raise
        except BaseException as error:
            raise Quit(f"it raised {type(error).__name__}") from error

    def _begin(self) -> None:
        if self._is_over:
            raise _Stop
        self._tellings = 0
        self._due = time.monotonic() + self.limit

    def _settle(self) -> bool:
        """Take the present call for done, so that nothing more is raised in it; return whether it was told to end."""
        while True:
            try:
                self._due = None
                while self._is_telling:
                    time.sleep(0.0005)
                # What is on its way arrives here, where Python looks for it, and not in code of ours that comes later.
                for _ in range(10):
                    pass
            except _Stop:
                continue
            return self._tellings > 0

    def end_call_over_limit(self, thread: threading.Thread) -> bool:
        """Tell the thread's present call to end, if it is over the limit; return False once that was in vain."""
        self._is_telling = True
        try:
            due = self._due
            if due is None or time.monotonic() < due + self.limit * self._tellings:
                return True
            if self._tellings == MAX_TELLINGS:
                return False
            self._tell(thread)
            return True
        finally:
            self._is_telling = False

    def give_up(self, thread: threading.Thread) -> None:
        """Let the thread make no more calls, and tell its present one to end."""
        self._is_over = True
        self._is_telling = True
        try:
            if self._due is not None:
                self._tell(thread)
        finally:
            self._is_telling = False

    def _tell(self, thread: threading.Thread) -> None:
        self._tellings += 1
        _raise_in(thread.ident or 0, _Stop)


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    """Have an exception raised in a thread, in place of one that has not arrived yet; with None, take that back."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error) if error else None)


@contextmanager
def _untraced() -> Generator[bool]:
    """Have no tracer in this thread, such as coverage's; the value says whether there is one outside of the block.

    While an exception has not arrived that one thread has for another, CPython 3.11 looks for it again and again at the
    next call in any thread with a tracer, and does nothing else there.
    """
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield tracer is not None
    finally:
        sys.settrace(tracer)


def _take_back(thread: threading.Thread) -> None:
    """Take back what has not arrived in a thread."""
    _raise_in(thread.ident or 0, None)
    # CPython 3.11 goes on to look until one has arrived, wherever.
    with suppress(_Stop):
        _raise_in(threading.get_ident(), _Stop)
        for _ in range(10):
            pass


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
        with _untraced():
            try:
                results.append(work(guard))
            except BaseException as error:  # noqa: BLE001 - it is raised again, in the thread that waits
                errors.append(error)

    # A function may need the caller's context variables, such as the present settings of a library.
    thread = threading.Thread(target=contextvars.copy_context().run, args=(run,), name="codec_check", daemon=True)
    thread.start()
    has_ended = False
    with _untraced() as is_traced:
        try:
            has_ended = _watch(thread, guard)
        finally:
            if not has_ended:  # an interrupt from the keyboard comes by here, too
                guard.give_up(thread)
                if is_traced:
                    thread.join(LAST_WAIT)
                    _take_back(thread)  # so that only the guard ends it, if it ever comes back from C
    if not has_ended:
        raise Stuck(f"no result after {limit * (MAX_TELLINGS + 1):g} s, and it cannot be ended")
    if errors:
        raise errors[0]
    return results[0]


def _watch(thread: threading.Thread, guard: Guard) -> bool:
    """Wait for the thread, and end its calls that are over the limit; return False where that was in vain."""
    while thread.is_alive():
        thread.join(min(guard.limit / 10, MAX_SLEEP))
        if not guard.end_call_over_limit(thread):
            return False
    return True
