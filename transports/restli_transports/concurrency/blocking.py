"""Sending: jobs that run in threads, and give their results to whoever iterates."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from restli_core.base_errors import InvalidCallError
from restli_transports.concurrency.line import NOTHING, BaseSending, Job
from restli_transports.mistaken import refusing

if TYPE_CHECKING:
    from restli_transports.concurrency.threads import Crew
    from restli_transports.progress import Progress

__all__ = ["Sending"]

J = TypeVar("J")
R = TypeVar("R")


class Sending(BaseSending[R]):
    """Calls that are sent by several threads: an iterator of what became of them, and a context manager.

        with client.send_all(calls) as sending:
            for sent in sending: ...

    When it is left, whether at the end, by a break, an error or Ctrl-C, nothing is left running: no call begins any
    more, waits before retries and for limits end, and what is on its way is waited for; it has time limits of its own.
    A second Ctrl-C does not wait. Without ``with`` the same happens where it is dropped, and at the end of the program;
    but an error holds on to what it passed through.

    What is to be sent is read in the thread that iterates. It may be iterated in any thread, but in one at a time, and
    closed in any. After its end it gives nothing more.

    Args:
        jobs: what is to be done, which may have no end.
        start: makes a flow of a job.
        perform: performs a step of a flow; it is called in threads.
        at_once: how many jobs are taken and not given yet, at most; and so how many threads there are.
        ordered: whether results are given in the order of the jobs; else as they come.
        wake: ends the waits among the steps; None where there is nothing that could.
        spread: makes several items of a result; None: the result is the item.
        progress: is told how many items were given; None for nobody.
        total: how many items there will be; None where nobody knows.
        at_end: is called once nothing runs any more; None for nothing.

    Raises:
        InvalidCallError: `at_once` or `ordered` is not what it should be. While it is iterated: it was closed before
            the end, is iterated elsewhere too, or is another process's.
        Exception: while it is iterated: what reading the jobs raised, or a job's flow, or `progress`; as it is, and
            after everything has stopped. What came before it in the order has been given then.
    """

    def __init__(
        self,
        jobs: Iterable[J],
        start: Callable[[J], Generator[Any, Any, Any]],
        perform: Callable[[Any], Any],
        *,
        at_once: int,
        ordered: bool = True,
        wake: Callable[[], None] | None = None,
        spread: Callable[[Any], Iterable[R]] | None = None,
        progress: Progress | None = None,
        total: int | None = None,
        at_end: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(
            start, at_once=at_once, ordered=ordered, spread=spread, progress=progress, total=total, at_end=at_end
        )
        self._jobs: Iterator[Any] = iter(jobs)
        self._turn = threading.Lock()
        # Most programs send one call at a time, and need no queue.
        from restli_transports.concurrency.threads import Crew

        self._crew = Crew(perform, wake)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> R:
        if not self._crew.is_ours():
            raise InvalidCallError("sending", "is another process's, where its calls are on their way: make one here")
        if not self._turn.acquire(blocking=False):
            raise InvalidCallError("sending", "is iterated in another thread, or by the calls that it reads")
        try:
            item = self._next()
        except BaseException as error:
            self.close()
            if isinstance(error, StopIteration):  # which would mean that this is the end
                raise RuntimeError("StopIteration was raised where it is no end") from error  # noqa: TRY004
            raise
        finally:
            self._turn.release()
        if item is NOTHING:
            raise StopIteration
        given: R = item
        return given

    def close(self) -> None:
        """Stop: no call begins any more, waits end, and what is on its way is waited for."""
        self._is_closed = True
        self._jobs = iter(())  # what is to be sent may hold files or connections
        try:
            # Where one of its own threads has closed it, whoever iterates or leaves it does the rest.
            if self._crew.end() and self._crew.is_ours():
                self._finish()
        finally:
            if self._crew.is_ours():
                self._close_progress()

    def __enter__(self) -> Self:
        self._refuse_if_closed()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    if not TYPE_CHECKING:
        __aenter__ = __aexit__ = __aiter__ = refusing("blocks: write `with` and `for`")

    def __del__(self) -> None:
        crew: Crew | None = self.__dict__.get("_crew")  # which it has not where an argument was refused
        if crew is None:
            return
        crew.stop()
        # Where the last reference to it was dropped, as after a `break`. Not where the garbage collector has found it:
        # that may run in the midst of anything, such as while it has a lock that the threads wait for. Nor where it
        # outlives the program: then all has been stopped, and modules have lost what they import.
        is_over = sys is None  # pyright: ignore[reportUnnecessaryComparison] - as it says
        # PyPy counts no references, and calls this when it collects: there, the thread that drops it waits for nothing.
        if not is_over and hasattr(sys, "getrefcount") and sys.getrefcount(self) <= _DROPPED:
            self.close()

    def _next(self) -> Any:
        """Return the next item, or `NOTHING` at the end."""
        while not self._is_complete:
            self._refuse_if_closed()
            item = self._next_item()
            if item is not NOTHING:
                return item
            job = self._next_job()
            self._refuse_if_closed()  # by another thread meanwhile, so that jobs ended early, or none was left
            if job is None:
                self._is_complete = True
                self.close()
            else:
                self._give(job)
        return NOTHING

    def _next_job(self) -> Job | None:
        """Return the job whose turn it is, once it is done; None where there is none left."""
        line, done = self._line, self._crew.done
        while True:
            self._refuse_if_closed()
            # One at a time, so that what is ready is given before further ones are read, which may take long.
            has_taken = len(line) < self._at_once and self._take()
            while not done.empty():
                self._note(done.get())
            job = line.pop()
            if job is not None:
                return job
            if not line:
                self._raise_read_error()
                return None
            if not has_taken:
                self._note(self._crew.next_done())

    def _take(self) -> bool:
        """Read a job, and have it run; return whether there was one."""
        if self._is_read:
            return False
        try:
            for job in self._jobs:
                self._line.add(self._crew.start(self._start(job), len(self._line) + 1))
                return True
            self._crew.end_early()
        except Exception as error:  # noqa: BLE001 - it is raised once what was taken before has been given
            self._read_error = error
        self._is_read = True
        return False

    def _note(self, job: Job | None) -> None:
        if job is not None:
            self._line.note(job)
            self._is_read |= self._line.has_failed


class _Dropped:
    """Its last reference is dropped, to see how many references are counted then: versions of Python differ."""

    counted = 0

    def __del__(self) -> None:
        if hasattr(sys, "getrefcount"):
            _Dropped.counted = sys.getrefcount(self)


_Dropped()
_DROPPED: Final = _Dropped.counted
