"""Pages: lazy iterators over the pages of a collection, and over its elements, for both kinds of clients.

An iterator asks for a page when it is asked for one, and holds nothing between two of them: no connection, no task, no
thread, nothing to close. It may be left at any place, and goes on at any time: `next_call` is the call to go on with.

    page is asked for -> its call, unmapped -> the client sends it -> PageWalk takes the answer -> the page, mapped

Only where all of that went well does it go on to the page after it. So whatever fails (the call, a function that the
call is mapped by, a server that repeats itself) leaves it where it was, and the same page can be asked for again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar

from restli_core.base_errors import InvalidCallError
from restli_core.calls import Call, unmapped
from restli_core.flows.drivers import run, run_async
from restli_core.flows.paging import PageWalk
from restli_core.frames import concealing
from restli_transports.mistaken import refusing
from restli_transports.progress import OnProgress, progress_of

if TYPE_CHECKING:
    from restli_core.responses import CollectionResponse

__all__ = ["AsyncElements", "AsyncPages", "Elements", "HasElements", "Pages"]

E = TypeVar("E")
E_co = TypeVar("E_co", covariant=True)
T = TypeVar("T")


class HasElements(Protocol[E_co]):
    """What an answer may be whose elements are gone through: it has them."""

    @property
    def elements(self) -> Iterable[E_co]:
        """The elements of one page."""
        ...


class _Walker(Generic[T, E]):
    """What the four iterators have in common: everything but the sending.

    Args:
        call: the call for the first page.
        progress: who is told how far it is.
        given_of: what one page gives, of the page as it is mapped.
        limit: how many items are given at most; None for all.
    """

    def __init__(
        self,
        call: Call[T],
        progress: bool | OnProgress | None,
        given_of: Callable[[T], Iterable[E]],
        limit: int | None = None,
    ) -> None:
        self._walk = PageWalk(call)
        self._progress = progress_of(progress, "elements")
        self._given_of = given_of
        self._left = limit
        self._waiting: deque[E] = deque()  # what the last page has that is not yet given
        self._page_call: Call[T] | None = None  # of that page
        self._done = 0  # elements that have come
        self._limit = limit
        self._is_busy = False

    @property
    def next_call(self) -> Call[T] | None:
        """The call for the page of the first item that is not yet given; None at the end. It pickles if the call does.

        Give it to the same method, of any client, to go on after an error, after a `break`, or tomorrow.
        """
        return self._page_call if self._waiting else self._walk.next_call

    def _next(self) -> Generator[Call[CollectionResponse], CollectionResponse, bool]:
        """Yield the calls for pages until there is something to give; return whether there is."""
        # Two at once would both ask for the same page, and each of its elements would come twice.
        if self._is_busy:
            raise RuntimeError(
                "the next page is on its way already: one iterator is for one thread, or task, at a time"
            )
        self._is_busy = True
        try:
            while not self._waiting and self._left != 0:
                call = self._walk.next_call
                if call is None:
                    break
                inner, function = unmapped(call)
                answer = yield inner
                given = deque(self._given_of(function(answer)))
                self._walk.turn(answer)
                self._page_call, self._waiting = call, given
                self._count(answer)
        finally:
            self._is_busy = False
        if self._waiting and self._left != 0:
            return True
        if self._progress is not None:
            self._progress.close()
        return False

    def _count(self, answer: CollectionResponse) -> None:
        """Tell how far it is: elements that have come, of those that there are, as far as the server says so."""
        self._done += len(answer.elements)
        if self._progress is None:
            return
        done, total = self._done, answer.paging.total if answer.paging else None
        if self._limit is not None:
            done, total = min(done, self._limit), self._limit if total is None else min(total, self._limit)
        self._progress.update(done, total)

    def _give(self) -> E:
        """Return the next of what is there to give."""
        if self._left is not None:
            self._left -= 1
        return self._waiting.popleft()

    @property
    def _has_more(self) -> bool:
        """Whether there is something to give without asking for a page."""
        return bool(self._waiting) and self._left != 0

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self.next_call!r}>" if self.next_call else f"<{type(self).__name__}, ended>"


class _BlockingWalker(_Walker[T, E], Iterator[E]):
    """An iterator of a client that blocks."""

    def __init__(self, send: Callable[[Call[Any]], Any], *args: Any) -> None:
        super().__init__(*args)
        self._send = send

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> E:
        if self._has_more or self._ask():
            return self._give()
        raise StopIteration

    @concealing
    def _ask(self) -> bool:
        return run(self._next(), self._send)

    if not TYPE_CHECKING:
        __aiter__ = refusing("blocks: write `for`, not `async for`")


class _AsyncWalker(_Walker[T, E], AsyncIterator[E]):
    """An iterator of a client whose methods are awaited."""

    def __init__(self, send: Callable[[Call[Any]], Awaitable[Any]], *args: Any) -> None:
        super().__init__(*args)
        self._send = send

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> E:
        if self._has_more or await self._ask():
            return self._give()
        raise StopAsyncIteration

    @concealing
    async def _ask(self) -> bool:
        try:
            return await run_async(self._next(), self._send)
        except StopAsyncIteration as error:  # of a function of the user's; it would mean that this is the end
            raise RuntimeError("StopAsyncIteration was raised where it is no end") from error

    if not TYPE_CHECKING:
        __iter__ = refusing("is asynchronous: write `async for`, not `for`")
        __await__ = refusing("is not awaited: write `async for`")


class Pages(_BlockingWalker[T, T]):
    """The pages of a collection, one after another: each the answer to a call, mapped as the call is."""

    def __init__(self, send: Callable[[Call[Any]], Any], call: Call[T], progress: bool | OnProgress | None) -> None:
        super().__init__(send, call, progress, _alone)


class AsyncPages(_AsyncWalker[T, T]):
    """The pages of a collection, one after another, for `async for`."""

    def __init__(
        self, send: Callable[[Call[Any]], Awaitable[Any]], call: Call[T], progress: bool | OnProgress | None
    ) -> None:
        super().__init__(send, call, progress, _alone)


class Elements(_BlockingWalker[Any, E]):
    """The elements of a collection, one after another."""

    def __init__(
        self, send: Callable[[Call[Any]], Any], call: Call[Any], limit: int | None, progress: bool | OnProgress | None
    ) -> None:
        super().__init__(send, call, progress, _elements_of, _checked(limit))


class AsyncElements(_AsyncWalker[Any, E]):
    """The elements of a collection, one after another, for `async for`."""

    def __init__(
        self,
        send: Callable[[Call[Any]], Awaitable[Any]],
        call: Call[Any],
        limit: int | None,
        progress: bool | OnProgress | None,
    ) -> None:
        super().__init__(send, call, progress, _elements_of, _checked(limit))


def _alone(page: T) -> tuple[T]:
    return (page,)


def _elements_of(page: Any) -> Iterable[Any]:
    """Return the elements of a page, which may be what a call is mapped to."""
    elements = getattr(page, "elements", page)
    if isinstance(elements, str | bytes | Mapping) or not isinstance(elements, Iterable):
        kind = type(page).__name__
        reason = f"is mapped to {kind}, which has no elements: have its function return a list, or go through its pages"
        raise InvalidCallError("call", reason)
    return elements


def _checked(limit: int | None) -> int | None:
    """Return the limit, which must be a number of elements, or None."""
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 0):
        raise InvalidCallError("limit", "must be a number of elements, 0 or above, or None for all")
    return limit
