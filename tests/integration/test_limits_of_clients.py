"""Clients that wait for room within their limits: what waits count for, what ends them, and who is told."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import restli_core as restli
from restli_core import HttpRequest, HttpResponse, Limit, LimitError, RateLimitError, RetryPolicy
from restli_transports import AsyncRestliClient, RestliClient, Timeout
from restli_transports.events import CallEnded, Waiting
from tests.support.libraries import optional_imports
from tests.support.played_tries import KINDS, OK, client_over, do, failure, refused

with optional_imports():
    import anyio
    import anyio.lowlevel

METRICS = "More than 45 million metric values were requested in a 5-minute window."


@pytest.mark.parametrize("kind", KINDS)
def test_waits_for_room_are_not_part_of_the_total(kind: str) -> None:
    client, transport = client_over(
        kind, None, refused(503), OK, limits=[Limit(1, 1000)], retry=RetryPolicy(total=60), random=lambda: 1.0
    )
    do(client, restli.get("/me"))
    do(client, restli.get("/me"))
    # A window for the second call, a retry of it, and a window less that for its second try.
    assert transport.waits == pytest.approx([1000, 0.25, 999.75])
    assert [one.total for one in transport.limits] == pytest.approx([60, 60, 59.75])


def test_the_end_of_a_call_counts_its_waits_for_room() -> None:
    ended: list[float] = []
    client, _ = client_over(
        "blocking",
        OK,
        OK,
        limits=[Limit(1, 1000)],
        on_event=lambda event: ended.append(event.seconds) if isinstance(event, CallEnded) else None,
    )
    do(client, restli.get("/me"))
    do(client, restli.get("/me"))
    assert ended == pytest.approx([0, 1000])


@pytest.mark.parametrize("kind", KINDS)
def test_a_call_that_may_not_wait_so_long_is_refused_and_not_sent(kind: str) -> None:
    client, transport = client_over(kind, None, limits=[Limit(1, 1000, wait=10)])
    do(client, restli.get("/me"))
    error = failure(client, restli.get("/me"))
    assert isinstance(error, LimitError)
    assert error.retry_after == pytest.approx(1000)
    assert (error.attempts, len(transport.requests), transport.waits) == ((), 1, [])


@pytest.mark.parametrize("kind", KINDS)
def test_a_429_with_a_window_fills_the_limit_that_the_call_comes_under_and_no_other(kind: str) -> None:
    client, transport = client_over(
        kind,
        refused(429, METRICS),
        OK,
        limits=[Limit(100, 300, path="/adAnalytics", wait=400), Limit(100, 300, path="/posts", wait=0)],
    )
    assert isinstance(failure(client, restli.get("/adAnalytics")), RateLimitError)  # 330 s are more than the total
    do(client, restli.get("/posts/5"))
    assert transport.waits == []
    do(client, restli.get("/adAnalytics"))
    assert transport.waits == pytest.approx([330])


@pytest.mark.parametrize("kind", KINDS)
def test_a_try_for_which_there_is_no_room_ends_the_call_with_its_failure(kind: str) -> None:
    client, transport = client_over(kind, refused(503, "later"), limits=[Limit(1, 1000, wait=0)])
    error = failure(client, restli.get("/me"))
    assert isinstance(error, restli.ServerError)
    assert (len(error.attempts), len(transport.requests)) == (1, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_listeners_are_told_of_a_wait_with_its_limit(kind: str) -> None:
    events: list[Any] = []
    limit, call = Limit(1, 1000), restli.get("/me")
    client, _ = client_over(kind, None, limits=[limit], on_event=events.append)
    do(client, call)
    assert not any(isinstance(event, Waiting) for event in events)
    events.clear()
    do(client, call)
    assert [type(event).__name__ for event in events] == ["Waiting", "RequestSent", "ResponseReceived", "CallEnded"]
    assert (events[0].call, events[0].limit, events[0].seconds) == (call, limit, pytest.approx(1000))


@pytest.mark.parametrize("kind", KINDS)
def test_members_are_told_apart_by_what_they_send(kind: str) -> None:
    client, _ = client_over(kind, None, limits=[Limit(1, 1000, each="member", wait=0)])
    for one in (client.with_options(access_token="ada"), client.with_options(access_token="bob"), client):
        do(one, restli.get("/me"))
    for one in (client.with_options(access_token="ada"), client):
        assert isinstance(failure(one, restli.get("/me")), LimitError)
    # A token of the call's own is the member's as well, and another one another's.
    assert isinstance(failure(client, restli.get("/me", access_token="bob")), LimitError)
    do(client, restli.get("/me", access_token="eve"))


# -- what ends a wait, on the system's clock ---------------------------------------------------------------------------


class Unplugged:
    """A transport without a clock of its own."""

    def __init__(self) -> None:
        self.sent = 0

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        self.sent += 1
        return OK


class AsyncUnplugged(Unplugged):
    async def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:  # type: ignore[override]
        return super().send(request, timeout=timeout)


def test_closing_ends_the_waits_of_all_threads() -> None:
    transport, waiting = Unplugged(), threading.Semaphore(0)

    def listen(event: Any) -> None:
        if isinstance(event, Waiting):
            waiting.release()

    client = RestliClient(transport, limits=[Limit(1, 1000, wait=None)], on_event=listen)
    client.get("/me")
    with ThreadPoolExecutor(3) as pool:
        calls = [pool.submit(client.get, "/me") for _ in range(3)]
        assert all(waiting.acquire(timeout=60) for _ in calls)
        client.close()
        errors = [one.exception(60) for one in calls]
    assert {type(error) for error in errors} == {LimitError}
    assert transport.sent == 1


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_task_that_is_cancelled_gives_its_place_to_the_next(backend: str) -> None:
    transport = AsyncUnplugged()
    waiting: list[Any] = []

    async def main() -> None:
        limit = Limit(10, 1000, cost=cost, wait=None)
        client = AsyncRestliClient(transport, limits=[limit], on_event=waiting.append)
        await client.get("/small")
        with anyio.fail_after(60):
            async with anyio.create_task_group() as tasks:
                scope = anyio.CancelScope()

                async def large() -> None:
                    with scope:
                        await client.get("/large")

                tasks.start_soon(large)
                while not any(isinstance(event, Waiting) for event in waiting):
                    await anyio.lowlevel.checkpoint()
                # First come, first served: the small one waits for the large one, though there is room for it.
                tasks.start_soon(client.get, "/small")
                while sum(isinstance(event, Waiting) for event in waiting) < 2:
                    await anyio.lowlevel.checkpoint()
                assert transport.sent == 1
                scope.cancel()

    anyio.run(main, backend=backend)
    assert transport.sent == 2


def cost(call: Any, answer: Any = None) -> float:
    return 10 if call.resource_path == "/large" else 1
