"""Callers: a warning points to the line that called the packages, and to what runs a loop where that line is gone."""

from __future__ import annotations

import asyncio
import inspect
import threading
import warnings
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import anyio
import pytest
import trio

import restli_core
from restli_core import SuspiciousValueWarning
from restli_core.callers import collect_warnings, warn
from restli_core.suspicions import warn_of_key
from restli_transports import AsyncRestliClient, RestliClient
from tests.support.recorders import AsyncBare, Bare

ODD: Any = {"author": "urn%3Ali%3Aperson%3A7"}


def line() -> int:
    """Return the line of the caller."""
    frame = inspect.currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return frame.f_back.f_lineno


def places(function: Callable[..., Any], *arguments: Any) -> list[tuple[str, int]]:
    """Return the files and lines of the warnings that a function gives."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function(*arguments)
    assert all(one.category is SuspiciousValueWarning for one in caught)
    return [(one.filename, one.lineno) for one in caught]


def test_a_function_is_called_here() -> None:
    found = places(lambda: restli_core.get("/r", query_params=ODD))
    assert found == [(__file__, line() - 1)]


def test_a_client_is_called_here() -> None:
    client = RestliClient(Bare())
    found = places(lambda: client.get("/r", query_params=ODD))
    assert found == [(__file__, line() - 1)]


def test_a_body_is_looked_at_for_the_same_caller() -> None:
    client = RestliClient(Bare())
    found = places(lambda: client.create("/r", ODD))
    assert found == [(__file__, line() - 1)]


def test_a_function_of_the_caller_is_the_place_and_not_its_callers() -> None:
    def helper() -> None:
        restli_core.batch_get("/r", [7.0])

    assert places(helper) == [(__file__, line() - 2)]


async def awaited() -> None:
    await AsyncRestliClient(AsyncBare()).get("/r", query_params=ODD)


LINE_OF_AWAITED = inspect.getsourcelines(awaited)[1] + 1


async def in_a_task() -> None:
    task = asyncio.create_task(awaited())
    await task


@pytest.mark.parametrize("run", [asyncio.run, anyio.run, trio.run])
def test_a_client_is_awaited_here(run: Any) -> None:
    made = awaited() if run is asyncio.run else awaited
    assert places(run, made) == [(__file__, LINE_OF_AWAITED)]


def test_a_task_of_the_callers_own_has_the_caller() -> None:
    assert places(asyncio.run, in_a_task()) == [(__file__, LINE_OF_AWAITED)]


async def created_task() -> None:
    await asyncio.create_task(AsyncRestliClient(AsyncBare()).get("/r", query_params=ODD))


async def gathered() -> None:
    client = AsyncRestliClient(AsyncBare())
    await asyncio.gather(client.get("/r", query_params=ODD), client.get("/r"))


async def waited_for() -> None:
    await asyncio.wait_for(AsyncRestliClient(AsyncBare()).get("/r", query_params=ODD), 60)


async def started_in_a_group() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(AsyncRestliClient(AsyncBare()).get("/r", query_params=ODD))


@pytest.mark.parametrize("main", [created_task, gathered, started_in_a_group])
def test_a_call_that_is_a_task_of_its_own_points_to_what_runs_the_loop(
    main: Callable[[], Coroutine[Any, Any, None]],
) -> None:
    def run() -> None:
        asyncio.run(main())

    assert places(run) == [(__file__, line() - 2)]


def test_waiting_for_a_call_points_into_the_program() -> None:
    # In a task of its own up to Python 3.11, in the caller's from 3.12 on.
    ((file, _),) = places(lambda: asyncio.run(waited_for()))
    assert file == __file__


def test_a_task_of_trio_points_to_what_runs_the_loop() -> None:
    async def main() -> None:
        client = AsyncRestliClient(AsyncBare())
        async with trio.open_nursery() as nursery:
            nursery.start_soon(lambda: client.get("/r", query_params=ODD))

    def run() -> None:
        trio.run(main)

    assert places(run) == [(__file__, line() - 2)]


def test_a_thread_of_a_pool_has_no_caller_but_a_warning() -> None:
    client = RestliClient(Bare())

    def run() -> None:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(client.get, "/r", query_params=ODD).result()

    ((file, _),) = places(run)
    assert file.endswith("thread.py")


def test_a_loop_in_a_thread_has_no_caller_but_a_warning() -> None:
    def run() -> None:
        thread = threading.Thread(
            target=asyncio.run, args=(AsyncRestliClient(AsyncBare()).get("/r", query_params=ODD),)
        )
        thread.start()
        thread.join()

    ((file, _),) = places(run)
    assert "asyncio" in file


def test_a_warning_that_is_an_error_is_raised_before_anything_is_sent() -> None:
    class Unsent:
        def send(self, request: Any, *, timeout: Any) -> Any:
            raise AssertionError("it was sent")

    with pytest.raises(SuspiciousValueWarning, match=r"^query_params\['author'\]: is percent-encoded already"):
        RestliClient(Unsent()).get("/r", query_params=ODD)


def test_it_is_shown_once_for_each_line() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.resetwarnings()
        warnings.simplefilter("default")
        for _ in range(3):
            restli_core.get("/r", query_params={"once": "urn%3Ali%3Aperson%3A7"})
        restli_core.get("/r", query_params={"once": "urn%3Ali%3Aperson%3A7"})
    assert len(caught) == 2


def test_any_warning_may_be_given() -> None:
    with pytest.warns(RuntimeWarning, match="^words$") as caught:
        warn("words", RuntimeWarning)
    assert [(one.filename, one.lineno) for one in caught] == [(__file__, line() - 1)]


def test_what_is_collected_warns_nobody() -> None:
    # The function runs inside of the package, as all that warn do.
    answer, collected = collect_warnings(partial(warn_of_key, "key", "urn%3Ali%3Aperson%3A7"))
    assert answer is None
    assert len(collected) == 1
    with pytest.warns(SuspiciousValueWarning) as warned:
        warn_of_key("key", "urn%3Ali%3Aperson%3A7")
    assert [str(one.message) for one in warned] == collected
