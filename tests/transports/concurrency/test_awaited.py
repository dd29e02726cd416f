"""AsyncSending, under asyncio and trio: order, how far ahead it reads, and that nothing is left running."""

from __future__ import annotations

import asyncio
import contextvars
import itertools
import pickle
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import anyio
import pytest

from restli_core import InvalidCallError
from restli_transports.concurrency import AsyncSending
from restli_transports.wire.backend import is_in_asyncio
from tests.support.flows_of_steps import FlowOfSteps, failing, perform_async, steps, value

LONG = 60  # seconds, which only a test that fails waits


@pytest.fixture(params=["asyncio", "trio"])
def run(request: pytest.FixtureRequest) -> Callable[[Callable[[], Awaitable[Any]]], Any]:
    """What runs a test, and sees that it leaves no task."""

    async def checked(function: Callable[[], Awaitable[Any]]) -> Any:
        with anyio.fail_after(LONG):
            result = await function()
        if is_in_asyncio():
            assert asyncio.all_tasks() == {asyncio.current_task()}
        else:
            import trio

            task = trio.lowlevel.current_task()
            assert [*itertools.chain.from_iterable(nursery.child_tasks for nursery in task.child_nurseries)] == []
        return result

    return lambda function: anyio.run(checked, function, backend=request.param)


def sending(flows: Any, **options: Any) -> AsyncSending[Any]:
    start = options.pop("start", lambda flow: flow)
    given: dict[str, Any] = {"at_once": 4, **options}
    return AsyncSending(flows, start, perform_async, **given)


def values(numbers: Any, **options: Any) -> AsyncSending[Any]:
    return sending(numbers, start=value, **options)


async def all_of(results: AsyncSending[Any]) -> list[Any]:
    async with results:
        return [result async for result in results]


async def slowly(numbers: Any) -> AsyncIterator[Any]:
    for number in numbers:
        await anyio.lowlevel.checkpoint()
        yield number


Runner = Callable[[Callable[[], Awaitable[Any]]], Any]


# -- order -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at_once", [1, 7, 100])
def test_results_come_in_the_order_of_the_jobs(run: Runner, at_once: int) -> None:
    def flow(number: int) -> FlowOfSteps:
        return steps(*[anyio.lowlevel.checkpoint] * (number % 3), lambda: number)

    for numbers in (range(50), slowly(range(50))):
        assert run(lambda numbers=numbers: all_of(sending(numbers, start=flow, at_once=at_once))) == [*range(50)]  # type: ignore[misc]


def test_what_is_done_is_given_where_it_does_not(run: Runner) -> None:
    async def main() -> None:
        gate = anyio.Event()
        async with sending([steps(gate.wait, lambda: 0), value(1), value(2)], ordered=False) as results:
            assert {await anext(results), await anext(results)} == {1, 2}
            gate.set()
            assert [one async for one in results] == [0]

    run(main)


def test_at_once_are_on_their_way_at_the_same_time(run: Runner) -> None:
    async def main() -> None:
        arrived, all_here = itertools.count(1), anyio.Event()

        async def meet() -> None:
            if next(arrived) == 5:
                all_here.set()
            await all_here.wait()

        assert await all_of(sending([steps(meet) for _ in range(5)], at_once=5)) == [None] * 5

    run(main)


def test_nothing_gives_nothing(run: Runner) -> None:
    assert run(lambda: all_of(values([]))) == []
    assert run(lambda: all_of(values(slowly([])))) == []


def test_a_result_may_be_several_items_or_none(run: Runner) -> None:
    assert run(lambda: all_of(values([2, 0, 3], spread=range))) == [0, 1, 0, 1, 2]


# -- how far ahead -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("at_once", [1, 8])
def test_no_more_than_at_once_are_taken_and_not_given(run: Runner, at_once: int, ordered: bool) -> None:
    async def main() -> None:
        taken = given = 0
        ahead: list[int] = []

        async def numbers() -> AsyncIterator[int]:
            nonlocal taken
            for number in range(100):
                taken += 1
                ahead.append(taken - given)
                yield number

        async with values(numbers(), at_once=at_once, ordered=ordered) as results:
            async for _ in results:
                given += 1
        assert given == 100
        assert max(ahead) <= at_once

    run(main)


def test_jobs_without_an_end_take_no_memory(run: Runner) -> None:
    async def peak(number: int) -> int:
        async with values(itertools.count(), spread=lambda at: [bytes(1000) + bytes([at % 7])]) as results:
            for _ in range(100):
                await anext(results)
            tracemalloc.start()
            for _ in range(number):
                await anext(results)
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return most

    assert run(lambda: peak(1000)) < run(lambda: peak(100)) + 50_000


def test_they_are_read_by_the_task_that_iterates(run: Runner) -> None:
    variable = contextvars.ContextVar("variable", default="none")

    async def main() -> None:
        async def numbers() -> AsyncIterator[int]:
            for number in range(3):
                assert variable.get() == "the task's"
                yield number

        variable.set("the task's")
        # Which the jobs see, too.
        results = sending(numbers(), start=lambda number: steps(lambda: variable.set("another"), lambda: number))
        assert await all_of(results) == [0, 1, 2]
        assert variable.get() == "the task's"
        assert await all_of(sending([steps(variable.get)])) == ["the task's"]

    run(main)


# -- leaving -----------------------------------------------------------------------------------------------------------


class ErrorOfTheBody(Exception):
    pass


class OnTheirWay:
    """Jobs without an end: the first is done, the others end by a cancellation, which takes a while."""

    def __init__(self) -> None:
        self.begun = 0
        self.ended = 0
        self.after: list[str] = []

    async def _wait(self) -> None:
        self.begun += 1
        try:
            await anyio.sleep_forever()
        finally:
            with anyio.CancelScope(shield=True):
                for _ in range(10):
                    await anyio.lowlevel.checkpoint()
            self.ended += 1

    def flows(self) -> Iterator[FlowOfSteps]:
        yield value("first")
        while True:
            yield steps(self._wait, lambda: self.after.append("next step"))

    def check(self) -> None:
        assert self.begun == self.ended
        assert self.after == []


@pytest.mark.parametrize("error", [ErrorOfTheBody(), KeyboardInterrupt(), SystemExit(3)], ids=repr)
def test_an_error_of_the_body_comes_out_as_itself(run: Runner, error: BaseException) -> None:
    async def main() -> None:
        world = OnTheirWay()
        with pytest.raises(type(error)) as caught:  # noqa: PT012
            async with sending(world.flows(), ordered=False) as results:
                async for result in results:
                    assert result == "first"
                    while world.begun < 3:
                        with anyio.move_on_after(0.001):
                            await anext(results)
                    raise error
        assert caught.value is error
        world.check()

    run(main)


def test_a_break_leaves_nothing_running(run: Runner) -> None:
    async def main() -> None:
        world = OnTheirWay()
        async with sending(world.flows()) as results:
            async for _ in results:
                break
        world.check()

    run(main)


def test_a_time_limit_around_it(run: Runner) -> None:
    async def main() -> None:
        world = OnTheirWay()
        with anyio.move_on_after(0.01) as scope:
            async with sending(world.flows()) as results:
                async for _ in results:
                    pass
        assert scope.cancelled_caught
        assert world.begun == 4
        world.check()

    run(main)


def test_a_time_limit_of_the_librarys_own() -> None:
    async def in_asyncio() -> None:
        world = OnTheirWay()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), sending(world.flows()) as results:
                await all_of_rest(results)
        world.check()

    async def in_trio() -> None:
        world = OnTheirWay()
        with trio.move_on_after(0.01) as scope:
            async with sending(world.flows()) as results:
                await all_of_rest(results)
        assert scope.cancelled_caught
        world.check()

    async def all_of_rest(results: AsyncSending[Any]) -> None:
        async for _ in results:
            pass

    import trio

    asyncio.run(in_asyncio())
    trio.run(in_trio)


def test_after_a_time_limit_inside_it_goes_on(run: Runner) -> None:
    async def main() -> None:
        gate = anyio.Event()
        async with sending([steps(gate.wait, lambda: 0), value(1)]) as results:
            with anyio.move_on_after(0.001):
                await anext(results)
            gate.set()
            assert [one async for one in results] == [0, 1]

    run(main)


def test_a_generator_that_was_cancelled_is_not_at_its_end(run: Runner) -> None:
    async def numbers() -> AsyncIterator[int]:
        yield 1
        await anyio.sleep_forever()

    async def main() -> None:
        async with values(numbers(), at_once=1) as results:
            assert await anext(results) == 1
            with anyio.move_on_after(0.001):
                await anext(results)
            with pytest.raises(InvalidCallError, match="is closed"):
                await anext(results)

    run(main)


def test_a_task_group_around_it_is_cancelled(run: Runner) -> None:
    async def main() -> None:
        world = OnTheirWay()

        async def use() -> None:
            async with sending(world.flows()) as results:
                async for _ in results:
                    pass

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(use)
            while world.begun < 4:
                await anyio.lowlevel.checkpoint()
            tasks.cancel_scope.cancel()
        world.check()

    run(main)


def test_a_cancellation_comes_as_itself_while_it_is_left() -> None:
    async def main() -> None:
        world, error = OnTheirWay(), ErrorOfTheBody()

        async def use() -> None:
            async with sending(world.flows()) as results:
                async for _ in results:
                    while world.begun < 3:
                        with anyio.move_on_after(0.001):
                            await anext(results)
                    asyncio.get_running_loop().call_soon(task.cancel)  # while its tasks are waited for
                    raise error

        task = asyncio.create_task(use())
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        assert caught.value.__context__ is error
        world.check()

    asyncio.run(main())


def test_what_swallows_a_cancellation_begins_no_further_step() -> None:
    async def main() -> None:
        after: list[str] = []

        async def swallowing() -> None:
            try:
                await asyncio.sleep(LONG)
            except asyncio.CancelledError:
                return

        flows = [steps(swallowing, lambda: after.append("next step")), value(1)]
        async with sending(flows, ordered=False) as results:
            assert await anext(results) == 1
        assert after == []

    asyncio.run(main())


# -- errors ------------------------------------------------------------------------------------------------------------


def test_an_error_of_a_flow_is_raised_at_its_turn(run: Runner) -> None:
    async def main() -> None:
        error, given, taken = ZeroDivisionError(), list[int](), itertools.count()
        waiting: list[str] = []

        async def wait() -> None:
            waiting.append("waits")
            try:
                await anyio.sleep_forever()
            finally:
                waiting.pop()

        def flows() -> Iterator[FlowOfSteps]:
            for number in taken:
                yield failing(error) if number == 10 else steps(wait) if number > 10 else value(number)

        async with sending(flows()) as results:
            with pytest.raises(ZeroDivisionError) as caught:  # noqa: PT012
                async for number in results:
                    given.append(number)
            assert caught.value is error
            assert given == [*range(10)]
            assert waiting == []  # already, and not only once it is left
            assert next(taken) < 15
            with pytest.raises(InvalidCallError, match="is closed"):
                await anext(results)

    run(main)


def test_an_interrupt_in_a_task_is_raised_at_once(run: Runner) -> None:
    async def main() -> None:
        error = KeyboardInterrupt()
        with pytest.raises(KeyboardInterrupt) as caught:
            async with sending([steps(anyio.sleep_forever), failing(error)]) as results:
                await anext(results)
        assert caught.value is error
        # And where nobody asks for results any more.
        with pytest.raises(KeyboardInterrupt) as caught:  # noqa: PT012
            async with sending([failing(error), value(1)], ordered=False) as results:
                with anyio.move_on_after(0):
                    await anext(results)
                await anyio.wait_all_tasks_blocked()
        assert caught.value is error

    run(main)


@pytest.mark.parametrize("asynchronous", [True, False])
def test_an_error_of_the_jobs_comes_after_what_was_taken_before(run: Runner, asynchronous: bool) -> None:
    def numbers() -> Iterator[int]:
        yield from range(10)
        raise ErrorOfTheBody

    async def main() -> None:
        given: list[int] = []
        async with values(slowly(numbers()) if asynchronous else numbers()) as results:
            with pytest.raises(ErrorOfTheBody):  # noqa: PT012
                async for number in results:
                    given.append(number)  # noqa: PERF401
        assert given == [*range(10)]

    run(main)


def test_a_stop_that_is_no_end_is_no_end(run: Runner) -> None:
    def stop(_: Any) -> Any:
        raise StopAsyncIteration

    for option in ("spread", "start"):
        with pytest.raises(RuntimeError, match="StopAsyncIteration"):
            run(lambda option=option: all_of(sending([value(1)], **{option: stop})))  # type: ignore[misc]
    jobs = (stop(number) for number in range(2))  # nor one of the jobs themselves
    with pytest.raises(RuntimeError, match="StopAsyncIteration"):
        run(lambda: all_of(sending(jobs)))


# -- use ---------------------------------------------------------------------------------------------------------------


def test_it_is_entered_first(run: Runner) -> None:
    async def main() -> None:
        results = values([1])
        with pytest.raises(InvalidCallError, match="sending: is not entered: async with"):
            async for _ in results:
                pass
        with pytest.raises(InvalidCallError, match="async with"):
            await anext(results)

    run(main)


def test_it_is_good_for_one_block(run: Runner) -> None:
    async def main() -> None:
        async with values([1]) as results:
            with pytest.raises(InvalidCallError, match="is entered already"):
                await results.__aenter__()
            assert await anext(results) == 1
        with pytest.raises(InvalidCallError, match="is closed"):
            await results.__aenter__()
        with pytest.raises(InvalidCallError, match="is closed"):
            await anext(results)

    run(main)


def test_after_its_end_it_gives_nothing_more(run: Runner) -> None:
    async def main() -> None:
        async with values([1]) as results:
            assert [one async for one in results] == [1]
            assert [one async for one in results] == []
        assert [one async for one in results] == []

    run(main)


def test_one_task_at_a_time(run: Runner) -> None:
    async def main() -> None:
        gate = anyio.Event()
        async with sending([steps(gate.wait), value(2)]) as results, anyio.create_task_group() as tasks:
            tasks.start_soon(anext, results)
            await anyio.wait_all_tasks_blocked()
            with pytest.raises(InvalidCallError, match="sending: is iterated in another task"):
                await anext(results)
            gate.set()

    run(main)


def test_it_is_left_while_another_task_waits(run: Runner) -> None:
    async def main() -> None:
        refused: list[str] = []

        async def use(results: AsyncSending[Any]) -> None:
            try:
                await anext(results)
            except InvalidCallError as error:
                refused.append(str(error))

        async with anyio.create_task_group() as tasks, sending([steps(anyio.sleep_forever)]) as results:
            tasks.start_soon(use, results)
            await anyio.wait_all_tasks_blocked()
        assert refused == ["sending: is closed, and gives nothing any more: send the calls anew"]

    run(main)


@pytest.mark.parametrize("at_once", [0, True, 2.0, None])
def test_at_once_is_a_number(at_once: Any) -> None:
    with pytest.raises(InvalidCallError) as caught:
        values([], at_once=at_once)
    assert caught.value.argument == "at_once"


def test_it_stays_in_its_process() -> None:
    with pytest.raises(TypeError, match="cannot pickle an AsyncSending"):
        pickle.dumps(values([]))
    assert repr(values(["a secret"])) == "<AsyncSending: 0 given, 0 not given yet>"


def test_it_is_asynchronous() -> None:
    results: Any = values([])
    with pytest.raises(TypeError, match="write `async with`"):
        results.__enter__()


def test_progress_is_told_of_each_item_and_closed(run: Runner) -> None:
    told: list[Any] = []

    class Told:
        def update(self, done: int, total: int | None, label: str | None = None) -> None:
            told.append((done, total))

        def close(self) -> None:
            told.append("closed")

    assert run(lambda: all_of(values([1, 2], progress=Told(), total=2))) == [1, 2]
    assert told == [(1, 2), (2, 2), "closed"]
