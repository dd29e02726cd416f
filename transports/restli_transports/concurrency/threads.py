"""Threads: a crew of them runs jobs, and is stopped.

    who iterates:  crew.start(job) ──> todo ──> a thread runs the job ──> done ──> crew.done.get()

A crew knows nothing of who iterates, so that this can be dropped while threads wait for more to do. The threads are
daemons, since those that wait would else keep a program from ending; at its end all that runs is stopped and waited
for, while everything still works.

Stopped means: no job and no step of one begins any more, and waits end early. What is on its way has a time limit of
its own, and is waited for.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

from restli_core.flows.drivers import run
from restli_transports.concurrency.line import Job, Stopped
from restli_transports.system import LOOK_UP_SECONDS

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["Crew"]


class _Here(threading.local):
    """What a thread knows of itself: whose it is."""

    crew: Crew | None = None


_here: Final = _Here()
_crews: Final[WeakSet[Crew]] = WeakSet()


class Crew:
    """Threads that run jobs.

    Args:
        perform: performs a step of a flow.
        wake: ends the waits among the steps; None where there is nothing that could.

    Attributes:
        todo: the jobs that no thread has begun yet; None lets the thread end that gets it.
        done: the jobs that have ended; None says that the crew was stopped.
        process: the id of the process whose threads these are.
    """

    def __init__(self, perform: Callable[[Any], Any], wake: Callable[[], None] | None) -> None:
        self._perform = perform
        self._wake = wake
        self.todo: SimpleQueue[Job | None] = SimpleQueue()
        self.done: SimpleQueue[Job | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._is_stopped = False
        self._all_told = False  # whether all threads know that it is stopped
        self._is_given_up = False  # whether nobody waits for them any more
        self._outer = _here.crew  # a step of whose flows this is; it stops this one with it
        self.process: int = os.getpid()
        _crews.add(self)

    def start(self, flow: Generator[Any, Any, Any], threads: int) -> Job:
        """Have a flow run, with the variables of the caller's context; return it as a job.

        Where the system has no thread to give, as in a browser, it has run already, in the caller's.

        Args:
            flow: the flow.
            threads: how many threads there must be. One more is started where there are fewer.
        """
        if len(self._threads) < threads:
            self._start_thread()
        job = Job(flow, copy_context())
        if not self._threads:
            self._work_here(job)
            return job
        self.todo.put(job)
        if self._is_stopped:  # by another thread meanwhile, which did not know of this one's
            self.todo.put(None)
        return job

    def _start_thread(self) -> None:
        name = f"restli-sending-{len(self._threads) + 1}"
        thread = threading.Thread(target=_work, args=(self,), name=name, daemon=True)
        self._threads.append(thread)  # before it runs: an interrupt may come in the midst of its start
        try:
            thread.start()
        except RuntimeError:  # the system has no more; those that there are will do
            self._threads.pop()

    def _work_here(self, job: Job) -> None:
        """Run a job in the running thread."""
        outer, _here.crew = _here.crew, self
        try:
            self.work_at(job)
        finally:
            _here.crew = outer

    def work_at(self, job: Job) -> None:
        """Run a job, unless nothing is to begin any more, and say that it has ended."""
        if self.must_stop():
            job.error = Stopped()
        else:
            try:
                job.result = job.context.run(run, job.flow, self.perform)
            except BaseException as error:  # noqa: BLE001 - it is raised where the results are given
                job.error = error
        job.is_done = True
        self.done.put(job)

    def next_done(self) -> Job | None:
        """Wait for the next job that has ended, and return it; None where the crew was stopped."""
        while True:
            with suppress(Empty):
                return self.done.get(timeout=LOOK_UP_SECONDS)

    def must_stop(self) -> bool:
        """Return whether nothing is to begin any more."""
        return self._is_stopped or (self._outer is not None and self._outer.must_stop())

    def perform(self, step: Any) -> Any:
        """Perform a step, unless nothing is to begin any more."""
        if self.must_stop():
            raise Stopped(step)
        return self._perform(step)

    def end_early(self) -> None:
        """Let the threads end once they have done what was given to them so far."""
        for _ in self._threads:
            self.todo.put(None)

    def stop(self) -> None:
        """Let nothing begin any more, and have waits end; this does not wait. It may be called by any thread."""
        if self._all_told or not self.is_ours():
            return
        self._is_stopped = True
        self.end_early()
        self.done.put(None)
        # After an interrupt in the midst of it, a lock that it takes may be held for ever.
        if self._wake is not None and not self._is_given_up:
            self._wake()
        self._all_told = True  # only here, since an interrupt may come at any line

    def end(self) -> bool:
        """Stop it, and wait until no thread runs any more; but after an interrupt meanwhile, never again.

        Returns:
            False where this did not wait, since it was called by one of the threads, and others may still run.
        """
        try:
            self.stop()
            # A thread of its own that waited for the others might be waited for itself.
            if self._is_here():
                return False
            if self.is_ours() and not self._is_given_up:
                for thread in self._threads:
                    while thread.is_alive():  # which none is that an interrupt has kept from starting
                        thread.join(LOOK_UP_SECONDS)
        except BaseException:
            self._is_given_up = True
            raise
        return True

    def is_ours(self) -> bool:
        """Return whether its threads are this process's; a child that was forked has none of them."""
        return self.process == os.getpid()

    def _is_here(self) -> bool:
        """Return whether the running thread is one of it, or one that does something for it."""
        crew = _here.crew
        while crew is not None and crew is not self:
            crew = crew._outer
        return crew is self


def _work(crew: Crew) -> None:
    _here.crew = crew
    while (job := crew.todo.get()) is not None:
        crew.work_at(job)
        del job  # who waits for more to do holds no result


def _all_crews() -> list[Crew]:
    while True:
        with suppress(RuntimeError):  # another thread makes one meanwhile, before which some versions stop
            return list(_crews)


@atexit.register
def _end_all() -> None:
    crews = _all_crews()
    for crew in crews:
        crew.stop()
    for crew in crews:
        crew.end()
