"""What belongs to an event loop is closed with it, with its owner, or when another loop is used."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from restli_transports.wire.loops import PerLoop, call_soon, running_loop

Run = Callable[[Callable[[], Awaitable[Any]]], Any]


@pytest.fixture(params=["asyncio", "trio"])
def run(request: pytest.FixtureRequest) -> Run:
    return lambda function: anyio.run(function, backend=request.param)


class Value:
    """Says what became of it."""

    def __init__(self) -> None:
        self.closed_in: Any = None
        self.abandoned = False

    async def close(self) -> None:
        with anyio.CancelScope(shield=True):
            await anyio.lowlevel.checkpoint()  # what is closed may have to wait
        self.closed_in = running_loop()

    def abandon(self) -> None:
        self.abandoned = True


class Values:
    """Makes values, and knows them afterwards."""

    def __init__(self) -> None:
        self.made: list[Value] = []

    def __call__(self) -> Value:
        self.made.append(Value())
        return self.made[-1]

    def per_loop(self) -> PerLoop[Value]:
        return PerLoop(self, Value.close, Value.abandon)


async def until(condition: Callable[[], object]) -> None:
    with anyio.fail_after(30):
        while not condition():
            await anyio.lowlevel.checkpoint()


def test_each_loop_has_one_which_is_closed_in_it(run: Run) -> None:
    values = Values()
    per_loop = values.per_loop()

    async def main() -> Any:
        assert per_loop.existing() is None
        assert await per_loop.current() is await per_loop.current() is per_loop.existing() is values.made[-1]
        assert values.made[-1].closed_in is None
        return running_loop()

    loops = [run(main) for _ in range(3)]
    assert [value.closed_in for value in values.made] == loops
    assert not any(value.abandoned for value in values.made)


def test_it_can_be_closed_before_the_loop_ends_and_is_used_again(run: Run) -> None:
    values = Values()
    per_loop = values.per_loop()

    async def main() -> None:
        await per_loop.close()  # there is none yet
        value = await per_loop.current()
        await per_loop.close()
        assert value.closed_in == running_loop()
        assert await per_loop.current() is value

    run(main)
    assert len(values.made) == 1


def test_it_is_closed_after_a_failure_too(run: Run) -> None:
    values = Values()
    per_loop = values.per_loop()

    async def main() -> None:
        await per_loop.current()
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        run(main)
    assert values.made[0].closed_in is not None


def test_it_is_closed_when_its_owner_is_dropped_while_the_loop_goes_on(run: Run) -> None:
    values = Values()

    async def main() -> None:
        per_loop = values.per_loop()
        await per_loop.current()
        del per_loop
        gc.collect()
        await until(lambda: values.made[0].closed_in)

    run(main)


def test_it_is_closed_when_its_owner_is_dropped_with_the_last_task(run: Run) -> None:
    values = Values()

    async def main() -> None:
        per_loop = values.per_loop()
        await per_loop.current()

    for _ in range(5):
        run(main)
        gc.collect()
    assert [value.closed_in is not None for value in values.made] == [True] * 5


def test_it_is_closed_when_its_owner_is_dropped_between_two_runs_of_a_loop() -> None:
    # As a fixture does with a client between two tests, after which the loop ends, at once or a few turns later.
    values = Values()
    complaints: list[dict[str, Any]] = []

    async def turns(number: int) -> None:
        for _ in range(number):
            await asyncio.sleep(0)

    for number in range(6):
        with asyncio.Runner() as runner:
            runner.get_loop().set_exception_handler(lambda _, complaint: complaints.append(complaint))
            per_loop = values.per_loop()
            runner.run(per_loop.current())
            del per_loop
            gc.collect()
            assert values.made[number].closed_in is None
            runner.run(turns(number))
        assert values.made[number].closed_in is not None
    assert complaints == []


def test_a_loop_that_was_closed_without_an_end_is_noticed_at_the_next_use() -> None:
    values = Values()
    per_loop = values.per_loop()
    for _ in range(3):
        loop = asyncio.new_event_loop()
        loop.run_until_complete(per_loop.current())
        loop.close()
    assert [value.abandoned for value in values.made] == [True, True, False]
    asyncio.run(per_loop.current())
    assert [value.abandoned for value in values.made] == [True, True, True, False]
    assert [value.closed_in is not None for value in values.made] == [False, False, False, True]


def test_one_whose_loop_is_over_is_abandoned_when_its_owner_is_dropped() -> None:
    values = Values()
    per_loop = values.per_loop()
    loop = asyncio.new_event_loop()
    loop.run_until_complete(per_loop.current())
    loop.close()
    del per_loop
    gc.collect()
    assert values.made[0].abandoned


def test_loops_side_by_side_have_one_each() -> None:
    values = Values()
    per_loop = values.per_loop()

    async def inner() -> Value:
        return await per_loop.current()

    async def main() -> None:
        mine = await per_loop.current()
        other = await asyncio.to_thread(asyncio.run, inner())
        assert other.closed_in not in {None, running_loop()}
        assert await per_loop.current() is mine
        assert mine.closed_in is None

    asyncio.run(main())
    assert len(values.made) == 2


def test_a_child_begins_without_any_and_closes_none(run: Run) -> None:
    values = Values()
    per_loop = values.per_loop()

    async def main() -> None:
        inherited = await per_loop.current()
        per_loop.after_fork()
        assert per_loop.existing() is None
        assert await per_loop.current() is not inherited
        assert not inherited.abandoned

    run(main)


def test_a_function_is_called_in_a_loop_from_another_thread(run: Run) -> None:
    async def main() -> Any:
        called = anyio.Event()
        loop = running_loop()
        await anyio.to_thread.run_sync(call_soon, loop, called.set)
        with anyio.fail_after(30):
            await called.wait()
        return loop

    loop = run(main)
    with pytest.raises(RuntimeError):
        call_soon(loop, int)
    with suppress(AttributeError):
        assert loop.is_closed()
