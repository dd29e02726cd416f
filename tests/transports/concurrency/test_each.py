"""Each: values, one after the other, for those who await."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from restli_transports.concurrency.each import Each


def test_it_gives_the_values_one_by_one() -> None:
    async def main() -> list[int]:
        return [value async for value in Each(range(3))]

    assert asyncio.run(main()) == [0, 1, 2]


def test_only_its_end_is_its_end() -> None:
    def values() -> Iterator[int]:
        yield 0
        raise StopAsyncIteration

    async def main() -> None:
        each = Each(values())
        assert await anext(each) == 0
        with pytest.raises(RuntimeError, match="no end"):
            await anext(each)

    asyncio.run(main())
