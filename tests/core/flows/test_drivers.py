"""The drivers: one law, and all of them keep it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from typing import Any

import pytest

from restli_core.flows.drivers import nested, run, run_async


def blocking(flow: Generator[Any, Any, Any], perform: Callable[[Any], Any]) -> Any:
    return run(flow, perform)


def awaited(flow: Generator[Any, Any, Any], perform: Callable[[Any], Any]) -> Any:
    async def performing(step: Any) -> Any:
        return perform(step)

    return asyncio.run(run_async(flow, performing))


def inside(flow: Generator[Any, Any, Any], perform: Callable[[Any], Any]) -> Any:
    def performing(step: Any) -> Generator[Any, Any, Any]:
        # Each step is made of two, the second of which does it.
        assert (yield ("first of", step)) is None
        return (yield ("second of", step))

    return run(nested(flow, performing), lambda made: perform(made[1]) if made[0] == "second of" else None)


EACH = pytest.mark.parametrize("driver", [blocking, awaited, inside])
Driver = Callable[[Generator[Any, Any, Any], Callable[[Any], Any]], Any]


@EACH
def test_each_step_is_performed_in_turn(driver: Driver) -> None:
    def flow() -> Generator[int, int, list[int]]:
        first = yield 1
        second = yield first + 1
        return [first, second]

    assert driver(flow(), lambda step: step * 10) == [10, 110]


@EACH
def test_no_steps_at_all(driver: Driver) -> None:
    def flow() -> Generator[int, int, str]:
        return "done"
        yield 1

    assert driver(flow(), int) == "done"


@EACH
def test_what_a_step_raises_is_raised_where_it_was_yielded(driver: Driver) -> None:
    def flow() -> Generator[str, Any, Any]:
        try:
            yield "x"
        except ValueError:
            return (yield "5")

    assert driver(flow(), int) == 5


@EACH
def test_what_the_flow_lets_out_is_raised(driver: Driver) -> None:
    def flow() -> Generator[str, Any, Any]:
        yield "x"

    with pytest.raises(ValueError, match="invalid literal"):
        driver(flow(), int)


@EACH
@pytest.mark.parametrize("interruption", [KeyboardInterrupt, asyncio.CancelledError])
def test_an_interruption_closes_the_flow(driver: Driver, interruption: type[BaseException]) -> None:
    seen: list[str] = []

    def flow() -> Generator[str, Any, Any]:
        try:
            yield "x"
        except Exception:  # noqa: BLE001 - an interruption is not one
            seen.append("raised")
        finally:
            seen.append("closed")

    def interrupted(_: object) -> None:
        raise interruption

    with pytest.raises(interruption):
        driver(flow(), interrupted)
    assert seen == ["closed"]
