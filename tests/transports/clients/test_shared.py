"""Shared: the budget for retries, the clock, and whether it is closed; a client's and its clones'."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from restli_core import ConnectError, InvalidCallError, RetryPolicy, get
from restli_transports import AsyncAuthClient, AsyncRestliClient, AuthClient, RestliClient
from restli_transports._clients.async_clocks import AsyncSystemClock
from restli_transports._clients.clocks import SystemClock
from restli_transports._clients.shared import Shared
from restli_transports.testing.fake_clocks import AsyncFakeClock, FakeClock
from tests.support.played_tries import KINDS, OK, AsyncTries, Tries, client_over, do, failure, refused
from tests.support.recorders import AsyncRecorder, Recorder

REFUSED = ConnectError("connection refused")

# -- the budget --------------------------------------------------------------------------------------------------------


def test_what_is_paid_is_gone_and_what_is_earned_is_back() -> None:
    shared = Shared(Recorder(), is_async=False)
    assert [shared.pay(14, 30) for _ in range(3)] == [True, True, False]
    shared.earn(14)
    assert (shared.spent, shared.pay(14, 30)) == (14, True)
    shared.earn(100)
    assert shared.spent == 0
    assert shared.pay(30, 30)
    assert not shared.pay(1, 30)


def test_no_unit_is_lost_between_threads() -> None:
    shared = Shared(Recorder(), is_async=False)
    with ThreadPoolExecutor(8) as pool:
        paid = sum(pool.map(lambda _: shared.pay(1, 1000), range(3000)))
    assert (paid, shared.spent) == (1000, 1000)


@pytest.mark.parametrize("kind", KINDS)
def test_a_retry_costs_14_and_one_after_a_429_5(kind: str) -> None:
    for outcome, cost in ((REFUSED, 14), (refused(500), 14), (refused(429), 5), (refused(409, "write conflict"), 14)):
        client, transport = client_over(kind, outcome, retry=RetryPolicy(tries=2, budget=2 * cost + 1))
        sent = []
        for _ in range(3):
            failure(client, get("/r"))
            sent.append(len(transport.requests))
        assert sent == [2, 4, 5]  # the third is not repeated: the budget is empty


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_budget_raises_the_error_at_once(kind: str) -> None:
    client, transport = client_over(kind, REFUSED)
    for _ in range(20):
        assert isinstance(failure(client, get("/r")), ConnectError)
    # 500 units are 35 retries of 14: eleven calls of four tries, one of three, and each further call is tried once.
    assert len(transport.waits) == 500 // 14
    assert len(transport.requests) == 20 + 500 // 14
    before = transport.clock.now()
    error = failure(client, get("/r"))
    assert (len(error.attempts), transport.clock.now()) == (1, before)


@pytest.mark.parametrize("kind", KINDS)
def test_a_success_gives_back_what_its_last_retry_took_or_1(kind: str) -> None:
    client, transport = client_over(kind, REFUSED, retry=RetryPolicy(tries=3, budget=28))
    failure(client, get("/r"))
    assert client._shared.spent == 28
    transport.outcomes = [OK]
    for spent in (27, 26):
        do(client, get("/r"))
        assert client._shared.spent == spent
    for _ in range(12):
        do(client, get("/r"))
    assert client._shared.spent == 14
    for outcome, after in ((REFUSED, 14), (refused(429), 14)):
        transport.requests, transport.outcomes = [], [outcome, OK]
        do(client, get("/r"))
        assert client._shared.spent == after
    transport.requests, transport.outcomes = [], [refused(429), refused(429), OK]
    do(client, get("/r"))
    assert client._shared.spent == 14 + 5  # it took two of 5, and gives the last back


def test_a_success_without_a_policy_gives_back_too() -> None:
    client, transport = client_over("blocking", REFUSED, retry=RetryPolicy(tries=2))
    failure(client, get("/r"))
    transport.outcomes = [OK]
    do(client, get("/r"), retry=None)
    assert client._shared.spent == 13


@pytest.mark.parametrize("kind", KINDS)
def test_clones_have_one_budget_and_other_clients_have_their_own(kind: str) -> None:
    client, transport = client_over(kind, REFUSED, retry=RetryPolicy(tries=2, budget=28))
    clone = client.with_options(access_token="t").with_options(headers={"X-A": "b"})
    failure(client, get("/r"))
    failure(clone, get("/r"))
    assert len(transport.requests) == 4
    for one in (client, clone):
        assert len(failure(one, get("/r")).attempts) == 1
    # A policy of a clone's own has another bound to the same.
    richer = client.with_options(retry=RetryPolicy(tries=2, budget=42))
    assert len(failure(richer, get("/r")).attempts) == 2
    assert len(failure(client, get("/r"), retry=RetryPolicy(tries=2)).attempts) == 2
    other = type(client)(transport, retry=RetryPolicy(tries=2, budget=28))
    assert len(failure(other, get("/r")).attempts) == 2


def test_a_budget_of_nothing_repeats_nothing() -> None:
    client, transport = client_over("blocking", REFUSED, retry=RetryPolicy(budget=0))
    failure(client, get("/r"))
    assert (len(transport.requests), transport.waits) == (1, [])


# -- the clock ---------------------------------------------------------------------------------------------------------


def test_without_one_of_the_transports_own_it_is_the_systems() -> None:
    for transport, is_async, kind in ((Recorder(), False, SystemClock), (AsyncRecorder(), True, AsyncSystemClock)):
        shared = Shared(transport, is_async=is_async)
        assert type(shared.clock) is kind
        assert shared.has_system_clock
        assert (shared.now, shared.time) == (time.monotonic, time.time)


def test_a_transport_may_say_that_it_has_none() -> None:
    transport = Recorder()
    vars(transport)["clock"] = None
    assert Shared(transport, is_async=False).has_system_clock


class Clock:
    """A clock without more than a clock must have."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.waits: list[float] = []

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += seconds


class AsyncClock(Clock):
    async def sleep(self, seconds: float) -> None:  # type: ignore[override]
        super().sleep(seconds)


@pytest.mark.parametrize(("kind", "clock"), [("blocking", Clock), ("awaited", AsyncClock)])
def test_a_transports_own_clock_need_not_tell_the_time_of_day(kind: str, clock: Any) -> None:
    transport: Any = (Tries if kind == "blocking" else AsyncTries)([refused(429, headers={"Retry-After": "7"}), OK])
    transport.clock = clock()
    client: Any = (RestliClient if kind == "blocking" else AsyncRestliClient)(transport)
    do(client, get("/r"))
    assert transport.clock.waits == [7.0]
    assert client._shared.time is time.time


def test_a_transports_own_clock_tells_the_time_of_day_where_it_can() -> None:
    transport = Tries([OK])
    assert Shared(transport, is_async=False).time() == transport.clock.time()


@pytest.mark.parametrize("kind", KINDS)
def test_a_clock_that_does_not_go_on_is_waited_on_once(kind: str) -> None:
    class Stopped(Clock):
        def now(self) -> float:
            return 5.0

    class AsyncStopped(AsyncClock):
        def now(self) -> float:
            return 5.0

    transport: Any = (Tries if kind == "blocking" else AsyncTries)([refused(429, headers={"Retry-After": "7"})])
    transport.clock = stopped = (Stopped if kind == "blocking" else AsyncStopped)()
    failure((RestliClient if kind == "blocking" else AsyncRestliClient)(transport), get("/r"))
    assert stopped.waits == [7.0, 7.0, 7.0]


def no(*_: Any) -> float:
    return 0.0


@pytest.mark.parametrize(
    ("clock", "reason"),
    [
        (5, "its clock must have methods now and sleep"),
        (time, "its clock must have methods now and sleep"),
        (lambda: 0.0, "its clock must have methods now and sleep"),
        (FakeClock, "its clock must not be the class FakeClock: make one of these"),
        (SimpleNamespace(now=no), "its clock must have methods now and sleep"),
        (SimpleNamespace(now=5.0, sleep=no), "its clock must have methods now and sleep"),
        (SimpleNamespace(now=no, sleep=no, time=5.0), "the time of its clock must be a method, too"),
        (AsyncFakeClock(), "its clock is asynchronous: give it to an asynchronous client"),
    ],
    ids=["5", "module", "function", "class", "no sleep", "no method", "no time", "asynchronous"],
)
@pytest.mark.parametrize("client", [RestliClient, lambda transport: AuthClient("app", transport=transport)])
def test_what_no_client_could_wait_on_is_refused(client: Any, clock: Any, reason: str) -> None:
    transport = Tries([OK])
    transport.clock = clock
    with pytest.raises(InvalidCallError) as caught:
        client(transport)
    assert (caught.value.argument, caught.value.reason) == ("transport", reason)


@pytest.mark.parametrize("client", [AsyncRestliClient, lambda transport: AsyncAuthClient("app", transport=transport)])
def test_what_is_no_clock_is_refused_by_asynchronous_clients_too(client: Any) -> None:
    transport = AsyncTries([OK])
    transport.clock = 5
    with pytest.raises(InvalidCallError, match="its clock must have methods now and sleep"):
        client(transport)


def test_a_clock_that_blocks_is_named_where_it_is_to_be_awaited() -> None:
    transport = AsyncTries([REFUSED])
    transport.clock = FakeClock()
    error = failure(AsyncRestliClient(transport), get("/r"))
    assert str(error) == "transport: is not asynchronous: give it to a client that blocks"
