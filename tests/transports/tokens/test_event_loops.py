"""Event loops of sources: one at a time, and few threads in each."""

from __future__ import annotations

import asyncio
import sys

import anyio
import pytest

from restli_core import InvalidCallError
from restli_transports.tokens.event_loops import MAX_THREADS, Loops, source_threads

LOOPS = pytest.mark.parametrize("loop", ["asyncio", "trio"])


@LOOPS
def test_what_belongs_to_an_event_loop_is_the_same_for_all_who_are_in_it(loop: str) -> None:
    loops = Loops()

    async def run() -> None:
        with loops.entered() as first, loops.entered() as second:
            assert first is second
            assert (first.inside, first.is_over) == (2, False)
            assert (first.turn.value, first.thread.total_tokens) == (1, 1)
        assert first.is_over
        with loops.entered() as third:
            assert third is first

    anyio.run(run, backend=loop)


@LOOPS
def test_the_next_event_loop_has_its_own(loop: str) -> None:
    loops = Loops()

    async def run() -> int:
        with loops.entered() as entered:
            seen.append(entered)
        return 0

    seen: list[object] = []
    anyio.run(run, backend=loop)
    anyio.run(run, backend="asyncio")
    assert seen[0] is not seen[1]


def test_another_event_loop_at_the_same_time_is_refused() -> None:
    loops = Loops()

    async def enter() -> None:
        with loops.entered():
            pass

    async def run() -> None:
        with loops.entered():
            await asyncio.to_thread(refused)
        await asyncio.to_thread(asyncio.run, enter())

    def refused() -> None:
        with pytest.raises(InvalidCallError, match="in use in another event loop"):
            asyncio.run(enter())

    asyncio.run(run())


def test_one_that_was_closed_with_a_task_in_it_is_over() -> None:
    loops = Loops()
    loop = asyncio.new_event_loop()

    async def stay() -> None:
        with loops.entered():
            await asyncio.Event().wait()

    async def begin() -> asyncio.Task[None]:
        task = asyncio.ensure_future(stay())
        await asyncio.sleep(0)
        return task

    async def enter() -> int:
        with loops.entered() as entered:
            return entered.inside

    task = loop.run_until_complete(begin())
    loop.close()
    assert asyncio.run(enter()) == 1
    del task


def test_without_anyio_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "anyio", None)
    with pytest.raises(ImportError, match=r"restli-core\[h11\]"), Loops().entered():
        pass


@LOOPS
def test_sources_of_an_event_loop_share_so_many_threads(loop: str) -> None:
    seen = []

    async def run() -> None:
        limiter = source_threads()
        assert limiter is source_threads()
        assert limiter.total_tokens == MAX_THREADS
        seen.append(limiter)

    for _ in range(2):
        anyio.run(run, backend=loop)
    assert seen[0] is not seen[1]
