"""Each: values that are there, for those who await the next one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Self, TypeVar

__all__ = ["Each"]

T = TypeVar("T")


class Each(AsyncIterator[T]):
    """The values of an iterable, as an asynchronous iterator.

    Args:
        values: the iterable.

    Raises:
        RuntimeError: while it is iterated: the iterable has raised StopAsyncIteration, which is not its end.
    """

    def __init__(self, values: Iterable[T]) -> None:
        self._values = iter(values)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        try:
            for value in self._values:
                return value
        except StopAsyncIteration as error:  # which would mean that this is the end
            raise RuntimeError("StopAsyncIteration was raised where it is no end") from error
        raise StopAsyncIteration
