"""Jobs: what clients give to a `Sending`, each call of `send_all` or each batch of `send_rows`; and their journal.

The journal is opened when the first job is asked for, and closed when nothing runs any more.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncIterable, AsyncIterator, Callable, Generator, Iterable, Iterator
from itertools import count
from os import PathLike
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

from restli_core.base_errors import InvalidCallError
from restli_core.calls import Call, batch_items, not_a_call
from restli_transports._clients.kept import KEPT
from restli_transports._clients.many import check_calls, sent_way, total_of
from restli_transports._clients.rows import BatchSizes, rows_flow
from restli_transports.concurrency.each import Each
from restli_transports.progress import OnProgress, progress_of

if TYPE_CHECKING:
    from restli_core.flows.sent import Sent
    from restli_core.responses import BatchRow
    from restli_transports._clients.base import BaseClient
    from restli_transports._clients.recording import CallRecorder
    from restli_transports._clients.steps import Step
    from restli_transports.journal import Journal

__all__ = ["CallJobs", "RowJobs"]

J = TypeVar("J")
T = TypeVar("T")


class _Jobs(Generic[J]):
    """Jobs, for both kinds of sending.

    Args:
        client: the client that sends them.
        jobs: the jobs.
        path: where what becomes of the calls is noted; None for nowhere.
        total: how many items they give; None where nobody knows.

    Raises:
        InvalidCallError: the path is not a path.
    """

    label: ClassVar[str]  # of what progress is shown
    spread: ClassVar[Callable[[Any], Iterable[Any]] | None] = None  # makes the items of a result; None: it is one

    def __init__(
        self,
        client: BaseClient[Any, Any],
        jobs: Iterable[J] | AsyncIterable[J],
        path: str | PathLike[str] | None,
        total: int | None,
    ) -> None:
        self._client = client
        self._jobs = jobs
        self._total = total
        self._journal: Journal | None = None
        self._recorder: CallRecorder | None = None
        if path is not None:
            # Slow to import, and needed where there is a journal.
            from restli_transports._clients.recording import CallRecorder
            from restli_transports.journal import Journal

            settings = client.settings
            self._journal = Journal(path, "calls")
            self._recorder = CallRecorder(self._journal, policy=settings.retry, loads=settings.loads)

    @abstractmethod
    def start(self, job: J) -> Generator[Step, Any, Any]:
        """Return the flow of one of them."""

    def options(
        self, *, at_once: int, ordered: bool = True, progress: bool | OnProgress | None = None
    ) -> dict[str, Any]:
        """Return the arguments of a sending of these, of either kind, but for what performs their steps.

        Args:
            at_once: how many are taken and not given yet, at most.
            ordered: whether results are given in the order of the jobs.
            progress: shows how many items were given.
        """
        return {
            "jobs": self,
            "start": self.start,
            "at_once": at_once,
            "ordered": ordered,
            "spread": self.spread,
            "progress": progress_of(progress, self.label),
            "total": self._total,
            "at_end": self.close,
        }

    def way_of(self, call: Call[T]) -> Generator[Step, Any, T]:
        """Return the steps from a call to its answer. Equal calls are told apart by the order in which they come."""
        way = self._client._flow(call, KEPT, KEPT)  # pyright: ignore[reportPrivateUsage] # as all that clients share
        return way if self._recorder is None else self._recorder.call(call, way)

    def __iter__(self) -> Iterator[J]:
        if self._journal is not None:
            self._journal.open()
        jobs: Any = self._jobs  # it was looked at whether they are asynchronous
        yield from jobs

    def __aiter__(self) -> AsyncIterator[J]:
        return _AsyncJobs(self._jobs, self._journal)

    def close(self) -> None:
        """Close the journal, once nothing runs any more."""
        if self._journal is not None:
            self._journal.close()


class _AsyncJobs(AsyncIterator[J]):
    """Jobs that are awaited. Not an asynchronous generator, which would have to be closed by whoever leaves it."""

    def __init__(self, jobs: Iterable[J] | AsyncIterable[J], journal: Journal | None) -> None:
        self._coming: AsyncIterator[J] = aiter(jobs) if isinstance(jobs, AsyncIterable) else Each(jobs)
        self._journal = journal

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> J:
        journal, self._journal = self._journal, None
        if journal is not None:
            from restli_transports.concurrency.tasks import in_thread  # asyncio is slow to import

            await in_thread(journal.open)
        return await anext(self._coming)


class CallJobs(_Jobs[Call[T]]):
    """Calls, each of which is a job.

    Args:
        client: the client that sends them.
        calls: the calls.
        path: where what becomes of them is noted; None for nowhere.

    Raises:
        InvalidCallError: these are no calls, or the path is not a path.
    """

    label = "calls"

    def __init__(
        self,
        client: BaseClient[Any, Any],
        calls: Iterable[Call[T]] | AsyncIterable[Call[T]],
        path: str | PathLike[str] | None,
    ) -> None:
        is_async = client._is_async  # pyright: ignore[reportPrivateUsage] # likewise
        check_calls(calls, is_async=is_async)
        super().__init__(client, calls, path, total_of(calls))
        self._numbers = count()

    def start(self, job: Call[T]) -> Generator[Step, Any, Sent[T]]:
        """Return the flow of one of them, which is given in their order."""
        number = next(self._numbers)
        if not isinstance(job, Call):
            raise InvalidCallError(f"calls[{number}]", not_a_call(job))
        return sent_way(job, self.way_of(job))


class RowJobs(_Jobs[tuple[Call[Any], int]]):
    """Batch calls, each of which is a job, with the number of items before it.

    Args:
        client: the client that sends them.
        calls: the batch calls, as `restli_core.batches` makes them.
        path: where what becomes of the calls is noted; None for nowhere.
        total: how many rows there will be; None where nobody knows.

    Raises:
        InvalidCallError: the path is not a path.
    """

    label = "rows"
    spread = tuple

    def __init__(
        self,
        client: BaseClient[Any, Any],
        calls: Iterator[Call[Any]],
        path: str | PathLike[str] | None,
        total: int | None = None,
    ) -> None:
        super().__init__(client, _numbered(calls), path, total)
        # With a journal a call is cut by its own answers alone, and not by what others have learnt meanwhile: a run
        # that is started again must come to the same calls, or would do work twice.
        self._sizes = None if path is not None else BatchSizes()

    def start(self, job: tuple[Call[Any], int]) -> Generator[Step, Any, tuple[BatchRow, ...]]:
        """Return the flow of one of them."""
        call, before = job
        return rows_flow(self._client, call, self.way_of, before, self._sizes)


def _numbered(calls: Iterator[Call[Any]]) -> Iterator[tuple[Call[Any], int]]:
    before = 0
    for call in calls:
        yield call, before
        before += len(batch_items(call))
