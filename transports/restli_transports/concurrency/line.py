"""Line: the jobs that were taken and not given yet, in the order in which their results are given.

    taken ──> on its way ──> done ──> given
     └─────── never more than at_once ──┘

A job is a flow that runs to its end. What the flow returns is its result; what it raises ends all, when it is this
job's turn to be given. From then on nothing is taken, but what comes before it in the line is still given: so no result
of work that was done is lost to an error that came after it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, Generic, NoReturn, TypeVar

from restli_core.base_errors import InvalidCallError
from restli_core.frames import clear_frames

if TYPE_CHECKING:
    from contextvars import Context

    from restli_transports.progress import Progress

__all__ = ["NOTHING", "BaseSending", "Job", "Line", "Stopped", "check_whole"]

R = TypeVar("R")


NOTHING: Final = object()
"""It stands where there is no item: any other value may be one."""


class Stopped(BaseException):
    """It stands for the result of a step once nothing is to begin any more; not for a flow, which it closes.

    Args:
        step: the step, which was not performed; None for a job that did not begin.
    """

    def __init__(self, step: Any = None) -> None:
        super().__init__()
        self.step = step


class Job:
    """A flow on its way, and what became of it.

    Args:
        flow: the flow, which has not begun.
        context: the variables of the context in which it was taken; None where what runs it sees to that.
    """

    __slots__ = ("context", "error", "flow", "is_done", "result")

    def __init__(self, flow: Generator[Any, Any, Any], context: Context | None = None) -> None:
        self.flow: Generator[Any, Any, Any] = flow
        self.context: Any = context
        self.result: Any = None
        self.error: BaseException | None = None
        self.is_done: bool = False


class Line:
    """The jobs that were taken and not given yet.

    Args:
        ordered: whether they are given in the order in which they were taken; else as they are done.
    """

    def __init__(self, *, ordered: bool) -> None:
        self._ordered = ordered
        self._jobs: deque[Job] = deque()  # in the order taken, or those that are done
        self._length = 0
        self.has_failed: bool = False

    def __len__(self) -> int:
        return self._length

    def add(self, job: Job) -> None:
        """Take in a job."""
        self._length += 1
        if self._ordered:
            self._jobs.append(job)

    def note(self, job: Job) -> None:
        """Take it that a job is done."""
        if job.error is not None:
            self.has_failed = True
        if not self._ordered:
            self._jobs.append(job)

    def pop(self) -> Job | None:
        """Return the job whose turn it is to be given, which leaves the line; None where none is done."""
        if not self._jobs or not self._jobs[0].is_done:
            return None
        self._length -= 1
        return self._jobs.popleft()


class BaseSending(Generic[R]):
    """What the two kinds of sending share: the line, and what is given of each result.

    Args:
        start: makes a flow of a job, in the thread or task that iterates.
        at_once: how many jobs are taken and not given yet, at most.
        ordered: whether results are given in the order of the jobs; else as they come.
        spread: makes several items of a result; None: the result is the item.
        progress: is told how many items were given; None for nobody. It is closed in the end.
        total: how many items there will be; None where nobody knows.
        at_end: is called once nothing runs any more; None for nothing.

    Raises:
        InvalidCallError: `at_once` or `ordered` is not what it should be.
    """

    def __init__(
        self,
        start: Callable[[Any], Generator[Any, Any, Any]],
        *,
        at_once: int,
        ordered: bool,
        spread: Callable[[Any], Iterable[R]] | None,
        progress: Progress | None,
        total: int | None,
        at_end: Callable[[], object] | None,
    ) -> None:
        self._at_once = check_whole("at_once", at_once)
        if not isinstance(ordered, bool):
            raise InvalidCallError("ordered", "must be True or False")
        self._start = start
        self._line = Line(ordered=ordered)
        self._spread = spread
        self._items: Iterator[R] = iter(())  # what is left of the last result
        self._progress = progress
        self._total = total
        self._at_end = at_end
        self._given = 0
        self._is_read = False  # whether there is nothing more to take
        self._read_error: Exception | None = None  # what reading the jobs ended with
        self._is_closed = False  # whether nothing is given any more
        self._is_complete = False  # whether everything was

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"cannot pickle {_A[type(self).__name__]}, which has calls on their way: pickle the calls")

    def __repr__(self) -> str:
        name, state = type(self).__name__, "closed" if self._is_closed else f"{len(self._line)} not given yet"
        return f"<{name}: {self._given} given, {state}>"

    def _next_item(self) -> Any:
        """Return the next item of the last result; `NOTHING` where there is none left."""
        for item in self._items:
            self._given += 1
            if self._progress is not None:
                self._progress.update(self._given, self._total)
            return item
        return NOTHING

    def _give(self, job: Job) -> None:
        """Have the items of a job's result given next.

        Raises:
            BaseException: what the job's flow raised.
        """
        error = job.error
        if error is not None:
            job.error = None
            clear_frames(error)
            raise error
        self._items = iter((job.result,) if self._spread is None else self._spread(job.result))

    def _raise_read_error(self) -> None:
        error, self._read_error = self._read_error, None
        if error is not None:
            raise error

    def _finish(self) -> None:
        """Take it that nothing runs any more; once, or again."""
        at_end, self._at_end = self._at_end, None
        if at_end is not None:
            at_end()

    def _close_progress(self) -> None:
        shown, self._progress = self._progress, None
        if shown is not None:
            shown.close()

    def _refuse_if_closed(self) -> None:
        if self._is_closed:
            raise InvalidCallError("sending", "is closed, and gives nothing any more: send the calls anew")


_A: Final = {"Sending": "a Sending", "AsyncSending": "an AsyncSending"}


def check_whole(argument: str, number: int) -> int:
    """Return how much is done at the same time, or the like, if it is a number of that kind.

    Args:
        argument: how an error names it.
        number: the number.

    Raises:
        InvalidCallError: it is not.
    """
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise InvalidCallError(argument, "must be a whole number, 1 or above")
    return number
