"""AsyncSending: jobs that run in tasks of asyncio or trio, and give their results to whoever iterates."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Generator, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from restli_core.base_errors import InvalidCallError
from restli_core.flows.drivers import run_async
from restli_transports.concurrency.each import Each
from restli_transports.concurrency.line import NOTHING, BaseSending, Job, Stopped
from restli_transports.mistaken import refusing

if TYPE_CHECKING:
    from restli_transports.concurrency.tasks import Event, Tasks
    from restli_transports.progress import Progress

__all__ = ["AsyncSending"]

J = TypeVar("J")
R = TypeVar("R")


class AsyncSending(BaseSending[R]):
    """Calls that are sent by several tasks: an asynchronous iterator of what became of them, once it is entered.

        async with client.send_all(calls) as sending:
            async for sent in sending: ...

    When it is left, whether at the end, by a break, an error, a time limit or a cancellation, what still runs is
    cancelled and waited for; an error of the block comes out as itself. It works under asyncio and trio.

    What is to be sent, an iterable or an asynchronous one, is read in the task that iterates. It is iterated by one
    task at a time. After its end it gives nothing more.

    Args:
        jobs: what is to be done, which may have no end.
        start: makes a flow of a job.
        perform: performs a step of a flow, and is awaited.
        at_once: how many jobs are taken and not given yet, at most; and so how many tasks there are.
        ordered: whether results are given in the order of the jobs; else as they come.
        spread: makes several items of a result; None: the result is the item.
        progress: is told how many items were given; None for nobody.
        total: how many items there will be; None where nobody knows.
        at_end: is called once nothing runs any more; None for nothing.

    Raises:
        InvalidCallError: `at_once` or `ordered` is not what it should be. While it is iterated: it was not entered, was
            left, or is iterated elsewhere too.
        Exception: while it is iterated: what reading the jobs raised, or a job's flow, or `progress`; as it is, and
            after everything has stopped. What came before it in the order has been given then.
    """

    def __init__(
        self,
        jobs: Iterable[J] | AsyncIterable[J],
        start: Callable[[J], Generator[Any, Any, Any]],
        perform: Callable[[Any], Awaitable[Any]],
        *,
        at_once: int,
        ordered: bool = True,
        spread: Callable[[Any], Iterable[R]] | None = None,
        progress: Progress | None = None,
        total: int | None = None,
        at_end: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(
            start, at_once=at_once, ordered=ordered, spread=spread, progress=progress, total=total, at_end=at_end
        )
        self._jobs: AsyncIterator[Any] = aiter(jobs) if isinstance(jobs, AsyncIterable) else Each(jobs)
        self._perform_step = perform
        self._tasks: Tasks | None = None  # once it is entered
        self._changed: Event | None = None  # what the task that iterates waits for
        self._fatal: BaseException | None = None  # an interrupt or SystemExit in a task, not yet raised
        self._is_iterated = False

    async def __aenter__(self) -> Self:
        self._refuse_if_closed()
        if self._tasks is not None:
            raise InvalidCallError("sending", "is entered already: it is good for one `async with`")
        from restli_transports.concurrency.tasks import open_tasks  # asyncio is slow to import

        self._tasks = await open_tasks()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._close()
        try:
            if self._tasks is not None:
                await self._tasks.close()
            self._finish()
        finally:
            self._raise_fatal()

    def __aiter__(self) -> Self:
        self._refuse_if_not_entered()
        return self

    async def __anext__(self) -> R:
        tasks = self._refuse_if_not_entered()
        if self._is_iterated:
            raise InvalidCallError("sending", "is iterated in another task, or by the calls that it reads")
        self._is_iterated = True
        try:
            item = await self._next(tasks)
        except Exception as error:
            self._close()
            await tasks.cancel()
            if isinstance(error, StopAsyncIteration):  # which would mean that this is the end
                raise RuntimeError("StopAsyncIteration was raised where it is no end") from error  # noqa: TRY004
            raise
        finally:
            self._is_iterated = False
        if item is NOTHING:
            raise StopAsyncIteration
        given: R = item
        return given

    if not TYPE_CHECKING:
        __enter__ = __exit__ = __iter__ = refusing("is asynchronous: write `async with` and `async for`")
        __await__ = refusing("is not awaited: write `async with` and `async for`")

    async def _next(self, tasks: Tasks) -> Any:
        """Return the next item, or `NOTHING` at the end."""
        while not self._is_complete:
            self._refuse_if_closed()
            item = self._next_item()
            if item is not NOTHING:
                return item
            job = await self._next_job(tasks)
            self._refuse_if_closed()  # by another task meanwhile, so that jobs ended early, or none was left
            if job is None:
                self._is_complete = True
                self._close()
            else:
                self._give(job)
        return NOTHING

    async def _next_job(self, tasks: Tasks) -> Job | None:
        """Return the job whose turn it is, once it is done; None where there is none left."""
        line = self._line
        while True:
            self._refuse_if_closed()
            # One at a time, so that what is ready is given before further ones are read, which may take long.
            has_taken = len(line) < self._at_once and await self._take(tasks)
            self._raise_fatal()
            job = line.pop()
            if job is not None:
                return job
            if not line:
                self._raise_read_error()
                return None
            if not has_taken:
                self._changed = tasks.event()
                await self._changed.wait()

    async def _take(self, tasks: Tasks) -> bool:
        """Read a job, and have it run; return whether there was one."""
        if self._is_read:
            return False
        try:
            async for given in self._jobs:
                job = Job(self._start(given))
                self._line.add(job)
                tasks.start(self._run, job)
                return True
        except Exception as error:  # noqa: BLE001 - it is raised once what was taken before has been given
            self._read_error = error
        except BaseException:
            self._is_closed = True  # a generator that was cancelled has nothing more, which is not its end
            raise
        self._is_read = True
        return False

    async def _run(self, job: Job) -> None:
        try:
            job.result = await run_async(job.flow, self._perform)
        except BaseException as error:  # noqa: BLE001 - it is raised where the results are given
            # That it was cancelled is known to who has done so.
            job.error = error
            if isinstance(error, KeyboardInterrupt | SystemExit):
                self._fatal = error
        job.is_done = True
        self._line.note(job)
        self._is_read |= self._line.has_failed
        if self._changed is not None:
            self._changed.set()

    def _perform(self, step: Any) -> Awaitable[Any]:
        if self._is_closed:  # something below has swallowed a cancellation
            raise Stopped(step)
        return self._perform_step(step)

    def _close(self) -> None:
        self._is_closed = True
        self._jobs = Each(())  # what is to be sent may hold files or connections
        if self._changed is not None:
            self._changed.set()
        self._close_progress()

    def _raise_fatal(self) -> None:
        """Raise an interrupt, or SystemExit, that came in a task; it is for the whole program."""
        fatal, self._fatal = self._fatal, None
        if fatal is not None:
            raise fatal

    def _refuse_if_not_entered(self) -> Tasks:
        if self._tasks is None:
            cure = "async with client.send_all(calls) as sending: async for sent in sending: ..."
            raise InvalidCallError("sending", f"is not entered: {cure}, and likewise for send_rows")
        return self._tasks
