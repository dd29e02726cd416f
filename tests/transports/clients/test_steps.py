"""The steps of a call's flow: how a client that blocks, and one that awaits, performs each."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Generator
from functools import partial
from typing import Any

import anyio
import pytest

import restli_core as restli
from restli_core import InvalidCallError
from restli_transports import Timeout
from restli_transports._clients.async_clocks import AsyncSystemClock
from restli_transports._clients.clocks import SystemClock
from restli_transports._clients.steps import (
    CONCURRENT_FLOWS,
    Blocking,
    Concurrent,
    Send,
    Sleep,
    Step,
    TokenRequest,
    perform,
    perform_async,
)
from restli_transports.testing.fake_clocks import AsyncFakeClock, FakeClock
from restli_transports.tokens import FixedSource
from tests.support.flows_of_steps import open_threads
from tests.support.played_tries import OK
from tests.support.recorders import AsyncRecorder, Recorder

BACKENDS = pytest.mark.parametrize("backend", ["threads", "asyncio", "trio"])
LIMITS = Timeout(read=5)
REQUEST = restli.get("/me").request


def test_a_request_is_sent_with_the_time_limits() -> None:
    transport, awaited = Recorder(OK), AsyncRecorder(OK)
    step = Send(REQUEST, LIMITS)
    assert perform(transport, FakeClock(), step) is OK
    assert asyncio.run(perform_async(awaited, AsyncFakeClock(), step)) is OK
    assert transport.sent == awaited.sent == [(REQUEST, LIMITS)]


def test_a_source_is_asked_with_the_token_that_was_refused() -> None:
    class Source:
        def token(self, *, rejected: str | None = None) -> str:
            return f"not {rejected}"

    class AsyncSource(Source):
        async def token(self, *, rejected: str | None = None) -> str:  # type: ignore[override]
            return super().token(rejected=rejected)

    assert perform(Recorder(), FakeClock(), TokenRequest(Source(), "t")) == "not t"
    asked = perform_async(AsyncRecorder(), AsyncFakeClock(), TokenRequest(AsyncSource(), "t"))
    assert asyncio.run(asked) == "not t"


def test_a_wait_is_the_clocks() -> None:
    clock, awaited = FakeClock(), AsyncFakeClock()
    perform(Recorder(), clock, Sleep(2.5))
    asyncio.run(perform_async(AsyncRecorder(), awaited, Sleep(2.5)))
    assert clock.waits == awaited.waits == [2.5]


def test_a_wait_that_knows_of_wakes_tells_the_clock() -> None:
    clock, awaited = SystemClock(), AsyncSystemClock()
    for one in (clock, awaited):
        one.wake()
    perform(Recorder(), clock, Sleep(1000.0, 0))
    asyncio.run(perform_async(AsyncRecorder(), awaited, Sleep(1000.0, 0)))


@pytest.mark.parametrize(
    ("argument", "step"),
    [
        ("transport", Send(REQUEST, LIMITS)),
        ("transport", Sleep(2.5)),
        ("access_token", TokenRequest(FixedSource("t"), None)),
    ],
    ids=["transport", "clock", "source"],
)
def test_what_gives_at_once_what_is_to_be_awaited_is_named(argument: str, step: Step) -> None:
    clock: Any = FakeClock()
    with pytest.raises(InvalidCallError) as caught:
        asyncio.run(perform_async(Recorder(OK), clock, step))
    assert str(caught.value) == f"{argument}: is not asynchronous: give it to a client that blocks"


# -- several at the same time, and what blocks -------------------------------------------------------------------------


def one_step(step: Step) -> Generator[Step, Any, Any]:
    return (yield step)


def carried_out(backend: str, step: Step, transport: Any = None, clock: Any = None) -> Any:
    if backend == "threads":
        return perform(transport or Recorder(OK), clock or FakeClock(), step)
    return anyio.run(perform_async, transport or AsyncRecorder(OK), clock or AsyncFakeClock(), step, backend=backend)


@BACKENDS
def test_flows_run_at_the_same_time_and_give_their_results_in_order(backend: str) -> None:
    meet: Any
    if backend == "threads":
        meet = partial(threading.Barrier(CONCURRENT_FLOWS).wait, 60)
    else:
        arrived, all_here = itertools.count(1), anyio.Event()

        async def meet_here() -> None:
            if next(arrived) == CONCURRENT_FLOWS:
                all_here.set()
            with anyio.fail_after(60):
                await all_here.wait()

        meet = meet_here

    class Meeting:
        def token(self, *, rejected: str | None) -> Any:
            return meet()

    def flow(number: int) -> Generator[Step, Any, int]:
        yield TokenRequest(Meeting(), None)
        return number

    flows = tuple(flow(number) for number in range(CONCURRENT_FLOWS))
    assert carried_out(backend, Concurrent(flows)) == [*range(CONCURRENT_FLOWS)]
    assert carried_out(backend, Concurrent(())) == []
    assert open_threads() == []


@BACKENDS
def test_there_are_no_more_of_them_at_the_same_time(backend: str) -> None:
    at_once: list[int] = []
    running = 0

    def flow(_: int) -> Generator[Step, Any, None]:
        nonlocal running
        running += 1
        at_once.append(running)
        yield Sleep(1.0)
        yield Sleep(1.0)
        running -= 1

    carried_out(backend, Concurrent(tuple(map(flow, range(30)))))
    assert len(at_once) == 30
    assert max(at_once) <= CONCURRENT_FLOWS


@BACKENDS
def test_flows_may_hold_further_ones(backend: str) -> None:
    inner = [Concurrent(tuple(one_step(Blocking(lambda at=at: at)) for at in range(3))) for _ in range(20)]  # type: ignore[misc]
    assert carried_out(backend, Concurrent(tuple(map(one_step, inner)))) == [[0, 1, 2]] * 20


@BACKENDS
def test_what_one_of_them_raises_is_raised(backend: str) -> None:
    flows = tuple(one_step(Blocking(function)) for function in (int, ZeroDivisionError, lambda: 1 / 0, int))
    with pytest.raises(ZeroDivisionError, match="division by zero"):
        carried_out(backend, Concurrent(flows))
    assert open_threads() == []


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_what_blocks_is_called_in_a_thread(backend: str) -> None:
    assert carried_out(backend, Blocking(threading.get_ident)) != threading.get_ident()
    assert carried_out("threads", Blocking(threading.get_ident)) == threading.get_ident()


def test_leaving_wakes_the_waits_of_the_systems_clock() -> None:
    clock, waits = SystemClock(), threading.Event()

    def waiting() -> Generator[Step, Any, None]:
        yield Blocking(waits.set)
        yield Sleep(1000.0, 0)
        yield Sleep(1000.0)

    def failing() -> Generator[Step, Any, None]:
        yield Blocking(lambda: waits.wait(60))
        yield Blocking(lambda: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        carried_out("threads", Concurrent((failing(), waiting())), clock=clock)
    assert open_threads() == []
