"""One by one: jobs of many steps, run one after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from restli_core.base_errors import InvalidCallError
from restli_core.flows.drivers import run, run_async

if TYPE_CHECKING:
    from restli_transports._clients.steps import Step

__all__ = ["AsyncSending", "Sending"]

T = TypeVar("T")


class _Jobs:
    def __init__(
        self,
        jobs: Iterable[Any],
        start: Callable[[Any], Generator[Step, Any, Any]],
        perform: Callable[[Step], Any],
        *,
        at_once: int,
        ordered: bool,
        spread: Callable[[Any], Iterable[Any]],
        progress: object = None,
        total: int | None = None,
    ) -> None:
        if not isinstance(at_once, int) or isinstance(at_once, bool) or at_once < 1:
            raise InvalidCallError("at_once", "must be a number of calls, 1 or above")
        self._jobs = iter(jobs)
        self._start = start
        self._perform = perform
        self._spread = spread


class Sending(_Jobs, Generic[T]):
    """What many jobs give, in their order: an iterator and a context manager."""

    def __iter__(self) -> Iterator[T]:
        for job in self._jobs:
            yield from self._spread(run(self._start(job), self._perform))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._jobs = iter(())


class AsyncSending(_Jobs, Generic[T]):
    """What many jobs give, in their order: an asynchronous iterator and context manager."""

    _perform: Callable[[Step], Awaitable[Any]]

    async def __aiter__(self) -> AsyncIterator[T]:
        for job in self._jobs:
            for item in self._spread(await run_async(self._start(job), self._perform)):
                yield item

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._jobs = iter(())
