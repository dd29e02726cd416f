"""Iterating: the items of a flow, one after the other, as they are asked for.

Nothing runs between two items: neither a thread nor a task. Who stops before the end closes the iterator, or lets it
go: then the flow's ``finally`` blocks run.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from restli_core.flows.drivers import run, run_async
from restli_core.frames import concealing
from restli_transports._clients.steps import Give, Step
from restli_transports.mistaken import refusing

__all__ = ["AsyncItems", "Items"]

ItemT = TypeVar("ItemT")


class _Items:
    """The items of a flow: where it stands.

    Args:
        steps: the internal steps of the flow.
    """

    def __init__(self, steps: Generator[Step, Any, Any]) -> None:
        self._steps = steps
        self._resume: Callable[[], Step] | None = partial(next, steps)
        self._item: Any = None
        self._is_busy = False

    def _next(self) -> Generator[Step, Any, bool]:
        """Yield the steps up to the next item; return whether there is one."""
        # Whoever asks at the same time is not to be told that this is the end.
        if self._is_busy:
            raise RuntimeError(
                "the next item is on its way already: one iterator is for one thread, or task, at a time"
            )
        self._is_busy = True
        try:
            while (step := self._advance()) is not None:
                if isinstance(step, Give):
                    self._item = step.value
                    self._resume = partial(next, self._steps)
                    return True
                try:
                    result = yield step
                except Exception as error:  # noqa: BLE001 - the flow decides
                    self._resume = partial(self._steps.throw, error)
                except BaseException:
                    self._end()
                    raise
                else:
                    self._resume = partial(self._steps.send, result)
            return False
        finally:
            self._is_busy = False

    def _advance(self) -> Step | None:
        """Return the next step; None at the end."""
        resume, self._resume = self._resume, None
        if resume is None:
            return None
        try:
            return resume()
        except StopIteration:
            return None
        except StopAsyncIteration as error:  # which would mean that this is the end
            raise RuntimeError("the flow raised StopAsyncIteration") from error

    def _take(self) -> Any:
        """Return the item that has come."""
        item, self._item = self._item, None
        return item

    def _end(self) -> None:
        self._resume = None
        self._steps.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class Items(_Items, Iterator[ItemT], Generic[ItemT]):
    """The items of a flow that a client which blocks runs; also a context manager.

    Args:
        steps: the internal steps of the flow.
        perform: performs a step, and returns its result.
    """

    def __init__(self, steps: Generator[Step, Any, Any], perform: Callable[[Step], Any]) -> None:
        super().__init__(steps)
        self._perform = perform

    @concealing
    def __next__(self) -> ItemT:
        if not run(self._next(), self._perform):
            raise StopIteration
        item: ItemT = self._take()
        return item

    def close(self) -> None:
        """End the flow where it stands."""
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._end()

    if not TYPE_CHECKING:
        __aiter__ = refusing("blocks: write `for`, not `async for`")
        __aenter__ = __aexit__ = refusing("blocks: write `with`, not `async with`")


class AsyncItems(_Items, AsyncIterator[ItemT], Generic[ItemT]):
    """The items of a flow that an asynchronous client runs; also a context manager.

    Args:
        steps: the internal steps of the flow.
        perform: performs a step, and is awaited for its result.
    """

    def __init__(self, steps: Generator[Step, Any, Any], perform: Callable[[Step], Awaitable[Any]]) -> None:
        super().__init__(steps)
        self._perform = perform

    @concealing
    async def __anext__(self) -> ItemT:
        if not await run_async(self._next(), self._perform):
            raise StopAsyncIteration
        item: ItemT = self._take()
        return item

    async def aclose(self) -> None:
        """End the flow where it stands."""
        self._end()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._end()

    if not TYPE_CHECKING:
        __iter__ = refusing("is asynchronous: write `async for`, not `for`")
        __await__ = refusing("is not awaited: write `async for`")
        __enter__ = __exit__ = refusing("is asynchronous: write `async with`, not `with`")
