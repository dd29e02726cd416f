"""Resource clients: what they do with several calls, beside the fourteen methods.

Each method makes internal steps, which are the same for both kinds of client, and something that has them performed.
What makes them is imported where it is needed: most programs send one call at a time.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Generator, Iterable
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, overload

from restli_core.bound_calls import Calls
from restli_core.calls import Call  # noqa: TC001 - for typing.get_type_hints
from restli_core.flows.batching import MOST_BYTES, batches
from restli_core.flows.drivers import run, run_async
from restli_core.flows.sent import Sent  # noqa: TC001 - for typing.get_type_hints
from restli_core.frames import concealing
from restli_core.responses import BatchRow  # noqa: TC001 - likewise
from restli_transports._clients.base import AsyncBaseClient, BlockingClient
from restli_transports._clients.iterating import AsyncItems, Items
from restli_transports._clients.pages import AsyncElements, AsyncPages, Elements, HasElements, Pages
from restli_transports._clients.steps import perform, perform_async
from restli_transports.concurrency import AsyncSending, Sending
from restli_transports.progress import OnProgress  # noqa: TC001 - for typing.get_type_hints

if TYPE_CHECKING:
    from restli_core.flows import steps as flows

__all__ = ["AsyncResources", "BlockingResources"]

E = TypeVar("E")
T = TypeVar("T")

JournalPath: TypeAlias = str | PathLike[str]
"""Where a journal is."""


class BlockingResources(BlockingClient[Calls]):
    """A resource client that blocks."""

    @concealing
    def run(
        self,
        flow: Generator[flows.Step, Any, T],
        *,
        journal: JournalPath | None = None,
        progress: bool | OnProgress | None = None,
    ) -> T:
        """Run a flow, and return what it returns.

        Args:
            flow: a generator of steps (`restli_core.flows`), not yet started.
            journal: where to note what becomes of its calls, so that a run which was cut off is taken up where it was
                (docs/journal.md); None for nowhere.
            progress: True for a bar, or a function of done, total and label (`restli_transports.progress`).

        Raises:
            InvalidCallError: it is not such a flow, yields what is not a step, or gives items.
            JournalError: the journal cannot be used, or is that of another flow.
            ImportError: a bar is wanted, and tqdm is missing; names the extra.
            Exception: what the flow raises: also what a call of it failed with, where the flow does not catch it.
        """
        from restli_transports._clients.running import flow_way

        way = flow_way(flow, self.settings, self._shared, journal=journal, progress=progress)
        return run(way, partial(perform, self._transport, self._shared.clock))

    @concealing
    def iterate(
        self,
        flow: flows.ItemFlow[E, Any],
        *,
        journal: JournalPath | None = None,
        progress: bool | OnProgress | None = None,
    ) -> Items[E]:
        """Run a flow that gives items, and return an iterator of them.

        The flow runs on while the next item is asked for, and not in between. The arguments and errors are those of
        `run`; what the flow raises, the iterator raises.
        """
        from restli_transports._clients.running import flow_way

        way = flow_way(flow, self.settings, self._shared, journal=journal, progress=progress, gives_items=True)
        return Items(way, partial(perform, self._transport, self._shared.clock))

    @concealing
    def pages(self, call: Call[T], *, progress: bool | OnProgress | None = None) -> Pages[T]:
        """Return an iterator over the pages of a collection, from that of the call to the last.

        Each page is asked for when it is wanted, and nothing is held between two of them, so that the iterator may be
        left at any place. Its ``next_call`` is the call to go on with, also after an error.

        Args:
            call: the call for the first page, of get_all or a finder, such as
                ``client.calls.finder("/posts", "author", query_params={"author": urn, "count": 100})``.
            progress: True for a bar, or a function of the elements that have come, of all there are (None where the
                server does not say), and of a label (`restli_transports.progress`).

        Raises:
            InvalidCallError: the call has no pages; or the progress is not a function.
            ImportError: a bar is wanted, and tqdm is missing; names the extra.

        While it is iterated it raises what `send` raises, and:

        Raises:
            PagingError: the server repeats a page, or never ends.
        """
        return Pages(self.send, call, progress)

    @overload
    def elements(
        self, call: Call[HasElements[E]], limit: int | None = None, *, progress: bool | OnProgress | None = None
    ) -> Elements[E]: ...

    @overload
    def elements(
        self, call: Call[Iterable[E]], limit: int | None = None, *, progress: bool | OnProgress | None = None
    ) -> Elements[E]: ...

    @concealing
    def elements(
        self, call: Call[Any], limit: int | None = None, *, progress: bool | OnProgress | None = None
    ) -> Elements[Any]:
        """Return an iterator over the elements of a collection, page after page.

        It asks for no page before an element of it is wanted. Its ``next_call`` is the call to go on with: that for the
        page of the first element which it has not given. Of a call that is mapped it gives the elements of what the
        function returns: its ``elements``, or else its items.

        Args:
            call: the call for the first page, as for `pages`.
            limit: how many elements at most; None for all. The pages are as large as the call says.
            progress: as for `pages`.

        Raises:
            InvalidCallError: the call has no pages; the limit is not a number; or the progress is not a function.
            ImportError: as `pages` raises it.

        While it is iterated it raises what `pages` raises, and:

        Raises:
            InvalidCallError: the call is mapped to what has no elements.
        """
        return Elements(self.send, call, limit, progress)

    @concealing
    def send_all(
        self,
        calls: Iterable[Call[T]],
        *,
        at_once: int = 8,
        ordered: bool = True,
        journal: JournalPath | None = None,
        progress: bool | OnProgress | None = None,
    ) -> Sending[Sent[T]]:
        """Send many calls, several at the same time, and give what became of each: a `Sent`.

        Errors of calls are data (`sent.error`; `sent.result()` gives the answer, or raises the error). What the
        client's policy repeats is repeated, always whole calls, and its limits hold for all of them together.

            with client.send_all(calls) as sending:
                for sent in sending: ...

        They are sent by threads. However the block is left, nothing is left running.

        Args:
            calls: the calls. They are read as they are needed, so that there may be any number of them.
            at_once: how many are taken and not given yet, at most, and so how many are on their way.
            ordered: whether they are given in the order of `calls`; else as they are answered.
            journal: where to write down what becomes of them; None for nowhere.
            progress: True for a bar, or a function of done, total and label (`restli_transports.progress`).

        Raises:
            InvalidCallError: an argument is not what it should be. While it is iterated: there is something else among
                the calls, such as at ``calls[17]``.
            ImportError: a bar is wanted, and tqdm is missing; names the extra.
        """
        from restli_transports._clients.jobs import CallJobs

        jobs = CallJobs(self, calls, journal)
        return self._sending(jobs.options(at_once=at_once, ordered=ordered, progress=progress))

    @concealing
    def send_rows(
        self,
        function: Callable[..., Call[Any]],
        resource_path: str,
        ids: Iterable[Any],
        *lists: Iterable[Any] | None,
        size: int = 100,
        most_bytes: int = MOST_BYTES,
        at_once: int = 8,
        journal: JournalPath | None = None,
        progress: bool | OnProgress | None = None,
        **options: Any,
    ) -> Sending[BatchRow]:
        """Send batches of any number of ids, and give one row for each id, in their order.

        What is given is cut into calls (`restli_core.batches`), lazily, so that it may be endless. A call that is too
        much for the server (413, 414, a 400 that says too many) is sent in two halves, down to one id; a call that
        fails otherwise is repeated as a whole by the client's policy, and so are rows that fail, by themselves: a 429,
        or 500, 502, 503, 504 and 408 where the policy's `repeat` has the method. A row that has succeeded is never sent
        again. A failure is data: ``row.failed``, with `row.error`, or `row.exception` where a whole call failed.

        Args:
            function: a batch method of `calls`, except batch_finder: ``client.calls.batch_update``.
            resource_path: as for the function.
            ids: the ids; for batch_create the entities: the id of a row is then an entity's place, from 0 on, and its
                key the created id.
            lists: what the function takes after the ids, an item for each.
            size: how many ids a call has at most.
            most_bytes: how many bytes the URL and the body of a call have at most. An item that is larger goes alone.
            at_once: how many calls are on their way at the same time.
            journal: where to note what becomes of the calls, so that a run which was cut off is taken up where it was
                (docs/journal.md); None for nowhere.
            progress: True for a bar, or a function of done, total and label (`restli_transports.progress`).
            options: the further keywords of the function, for each call.

        Raises:
            InvalidCallError: an argument is not what it should be. Later: one of the ids or the like is not; names its
                place.
        """
        from restli_transports._clients.jobs import RowJobs
        from restli_transports._clients.many import total_of

        calls = batches(function, resource_path, ids, *lists, size=size, most_bytes=most_bytes, **options)
        jobs = RowJobs(self, calls, journal, total_of(ids))
        return self._sending(jobs.options(at_once=at_once, progress=progress))

    def _sending(self, options: dict[str, Any]) -> Sending[Any]:
        """Return what runs the flows of jobs, whose options these are."""
        clock, wake = self._shared.clock, self._shared.wake
        return Sending(perform=partial(perform, self._transport, clock), wake=wake, **options)


class AsyncResources(AsyncBaseClient[Calls]):
    """A resource client that is awaited."""

    @concealing
    async def run(
        self,
        flow: Generator[flows.Step, Any, T],
        *,
        journal: JournalPath | None = None,
        progress: bool | OnProgress | None = None,
    ) -> T:
        """Run a flow, and return what it returns.

        The arguments and errors are those of the client that blocks.
        """
        from restli_transports._clients.running import flow_way

        way = flow_way(flow, self.settings, self._shared, journal=journal, progress=progress)
        return await run_async(way, partial(perform_async, self._transport, self._shared.clock))

    @concealing
    def iterate(
        self,
        flow: flows.ItemFlow[E, Any],
        *,
        journal: JournalPath | None = None,
        progress: bool | OnProgress | None = None,
    ) -> AsyncItems[E]:
        """Run a flow that gives items, and return an asynchronous iterator of them: ``async for item in ...``.

        The arguments and errors are those of the client that blocks.
        """
        from restli_transports._clients.running import flow_way

        way = flow_way(flow, self.settings, self._shared, journal=journal, progress=progress, gives_items=True)
        return AsyncItems(way, partial(perform_async, self._transport, self._shared.clock))

    @concealing
    def pages(self, call: Call[T], *, progress: bool | OnProgress | None = None) -> AsyncPages[T]:
        """Return an iterator over the pages of a collection, for `async for`: all else is as for `RestliClient`.

        It holds no task, and needs no closing.
        """
        return AsyncPages(self.send, call, progress)

    @overload
    def elements(
        self, call: Call[HasElements[E]], limit: int | None = None, *, progress: bool | OnProgress | None = None
    ) -> AsyncElements[E]: ...

    @overload
    def elements(
        self, call: Call[Iterable[E]], limit: int | None = None, *, progress: bool | OnProgress | None = None
    ) -> AsyncElements[E]: ...

    @concealing
    def elements(
        self, call: Call[Any], limit: int | None = None, *, progress: bool | OnProgress | None = None
    ) -> AsyncElements[Any]:
        """Return an iterator over the elements of a collection, for `async for`: all else is as for `RestliClient`.

        It holds no task, and needs no closing.
        """
        return AsyncElements(self.send, call, limit, progress)

    @concealing
    def send_all(
        self,
        calls: Iterable[Call[T]] | AsyncIterable[Call[T]],
        *,
        at_once: int = 8,
        ordered: bool = True,
        journal: JournalPath | None = None,
        progress: bool | OnProgress | None = None,
    ) -> AsyncSending[Sent[T]]:
        """Send many calls, several at the same time, and give what became of each: a `Sent`.

        Errors of calls are data (`sent.error`; `sent.result()` gives the answer, or raises the error). What the
        client's policy repeats is repeated, always whole calls, and its limits hold for all of them together.

            async with client.send_all(calls) as sending:
                async for sent in sending: ...

        They are sent by tasks, of asyncio or trio. However the block is left, nothing is left running.

        Args:
            calls: the calls, an iterable or an asynchronous one. They are read as they are needed, so that there may be
                any number of them.
            at_once: how many are taken and not given yet, at most, and so how many are on their way.
            ordered: whether they are given in the order of `calls`; else as they are answered.
            journal: where to write down what becomes of them; None for nowhere.
            progress: True for a bar, or a function of done, total and label (`restli_transports.progress`).

        Raises:
            InvalidCallError: an argument is not what it should be. While it is iterated: there is something else among
                the calls, such as at ``calls[17]``.
            ImportError: a bar is wanted, and tqdm is missing; names the extra.
        """
        from restli_transports._clients.jobs import CallJobs

        jobs = CallJobs(self, calls, journal)
        return self._sending(jobs.options(at_once=at_once, ordered=ordered, progress=progress))

    @concealing
    def send_rows(
        self,
        function: Callable[..., Call[Any]],
        resource_path: str,
        ids: Iterable[Any],
        *lists: Iterable[Any] | None,
        size: int = 100,
        most_bytes: int = MOST_BYTES,
        at_once: int = 8,
        journal: JournalPath | None = None,
        progress: bool | OnProgress | None = None,
        **options: Any,
    ) -> AsyncSending[BatchRow]:
        """Send batches of any number of ids, and give one row for each id, in their order.

        It is entered first: ``async with client.send_rows(...) as rows: async for row in rows``. What it does, the
        arguments and the errors are those of `RestliClient.send_rows`.
        """
        from restli_transports._clients.jobs import RowJobs
        from restli_transports._clients.many import total_of

        calls = batches(function, resource_path, ids, *lists, size=size, most_bytes=most_bytes, **options)
        jobs = RowJobs(self, calls, journal, total_of(ids))
        return self._sending(jobs.options(at_once=at_once, progress=progress))

    def _sending(self, options: dict[str, Any]) -> AsyncSending[Any]:
        """Return what runs the flows of jobs, whose options these are."""
        return AsyncSending(perform=partial(perform_async, self._transport, self._shared.clock), **options)
