from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from typing import Any

import pytest

from restli_core.flows.drivers import run, run_async


def blocking(steps: Generator[Any, Any, Any], act: Callable[[Any], Any]) -> Any:
    return run(steps, act)


def awaited(steps: Generator[Any, Any, Any], act: Callable[[Any], Any]) -> Any:
    async def acting(step: Any) -> Any:
        return act(step)

    return asyncio.run(run_async(steps, acting))


EACH = pytest.mark.parametrize("driver", [blocking, awaited])
Driver = Callable[[Generator[Any, Any, Any], Callable[[Any], Any]], Any]


@EACH
def test_each_step_is_done_in_turn(driver: Driver) -> None:
    def steps() -> Generator[int, int, list[int]]:
        first = yield 1
        second = yield first + 1
        return [first, second]

    assert driver(steps(), lambda step: step * 10) == [10, 110]


@EACH
def test_no_steps_at_all(driver: Driver) -> None:
    def steps() -> Generator[int, int, str]:
        return "done"
        yield 1

    assert driver(steps(), int) == "done"


@EACH
def test_what_an_act_raises_is_raised_at_its_step(driver: Driver) -> None:
    def steps() -> Generator[str, Any, Any]:
        try:
            yield "x"
        except ValueError:
            return (yield "5")

    assert driver(steps(), int) == 5


@EACH
def test_what_the_generator_lets_go_is_raised(driver: Driver) -> None:
    def steps() -> Generator[str, Any, Any]:
        yield "x"

    with pytest.raises(ValueError, match="invalid literal"):
        driver(steps(), int)


@EACH
def test_an_interruption_closes_the_generator(driver: Driver) -> None:
    seen: list[str] = []

    def steps() -> Generator[str, Any, Any]:
        try:
            yield "x"
        except RuntimeError:
            seen.append("raised")
        finally:
            seen.append("closed")

    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        driver(steps(), interrupted)
    assert seen == ["closed"]
