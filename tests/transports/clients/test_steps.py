"""The steps of a call's flow: how a client that blocks, and one that awaits, performs each."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import restli_core as restli
from restli_core import InvalidCallError
from restli_transports import Timeout
from restli_transports._clients.async_clocks import AsyncSystemClock
from restli_transports._clients.clocks import SystemClock
from restli_transports._clients.steps import Send, Sleep, Step, TokenRequest, perform, perform_async
from restli_transports.testing.fake_clocks import AsyncFakeClock, FakeClock
from restli_transports.tokens import FixedSource
from tests.support.played_tries import OK
from tests.support.recorders import AsyncRecorder, Recorder

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
