"""What is left of a call's time, for which of its limits; the clock is the tests' own."""

from __future__ import annotations

import pytest

from restli_transports import Timeout
from restli_transports.wire.deadline import Deadline, Limit, connect_first
from tests.support.stopped_clock import StoppedClock

LIMITS: list[Limit] = ["connect", "read", "total"]
SECONDS: dict[Limit, float] = {"connect": 10, "read": 60, "total": 300}


@pytest.mark.parametrize("limit", LIMITS)
def test_in_the_beginning_each_limit_is_whole(deadline_clock: StoppedClock, limit: Limit) -> None:
    deadline = Deadline(Timeout(**SECONDS))
    deadline.start_connecting()
    assert deadline.left(limit) == SECONDS[limit]


def test_the_limit_for_connecting_runs_once_for_all_steps(deadline_clock: StoppedClock) -> None:
    deadline = Deadline(Timeout(connect=10, read=60, total=300))
    deadline.start_connecting()
    deadline_clock.now += 4
    assert deadline.left("connect") == 6
    deadline_clock.now += 6
    with pytest.raises(TimeoutError):
        deadline.left("connect")
    deadline.start_connecting()  # such as for another connection
    assert deadline.left("connect") == 10


def test_the_limit_for_reading_runs_anew_for_each_wait(deadline_clock: StoppedClock) -> None:
    deadline = Deadline(Timeout(read=60, total=300))
    for _ in range(4):
        assert deadline.left("read") == 60
        deadline_clock.now += 59


@pytest.mark.parametrize("limit", LIMITS)
def test_nothing_outlasts_the_total(deadline_clock: StoppedClock, limit: Limit) -> None:
    deadline = Deadline(Timeout(connect=10, read=10, total=12))
    deadline_clock.now += 7
    deadline.start_connecting()
    assert deadline.left(limit) == 5
    assert not deadline.is_over
    deadline_clock.now += 5
    assert deadline.is_over
    with pytest.raises(TimeoutError):
        deadline.left(limit)


def test_a_clock_that_is_a_little_ahead_counts_as_the_end(deadline_clock: StoppedClock) -> None:
    deadline = Deadline(Timeout(total=12))
    deadline_clock.now += 11.9995
    assert deadline.is_over


@pytest.mark.parametrize("limit", LIMITS)
def test_no_limits_at_all(deadline_clock: StoppedClock, limit: Limit) -> None:
    deadline = Deadline(Timeout(connect=None, read=None, total=None))
    deadline.start_connecting()
    deadline_clock.now += 1e9
    assert deadline.left(limit) is None
    assert not deadline.is_over


@pytest.mark.parametrize("limit", LIMITS)
def test_where_one_limit_is_missing_the_total_bounds_it(deadline_clock: StoppedClock, limit: Limit) -> None:
    deadline = Deadline(Timeout(connect=None, read=None, total=100))
    deadline_clock.now += 1
    deadline.start_connecting()
    assert deadline.left(limit) == 99


def connecting(
    deadline_clock: StoppedClock, timeout: Timeout, takes: dict[str, float | OSError]
) -> tuple[str, list[float | None]]:
    """Connect to the first of these addresses; what each takes is its time, up to its share, or its error."""
    shares: list[float | None] = []

    def connect(address: str, seconds: float | None) -> str:
        shares.append(seconds)
        outcome = takes[address]
        if isinstance(outcome, OSError):
            raise outcome
        if seconds is not None and outcome > seconds:
            deadline_clock.now += seconds
            raise TimeoutError(address)
        deadline_clock.now += outcome
        return address

    deadline = Deadline(timeout)
    deadline.start_connecting()
    return connect_first(takes, connect, deadline), shares


def test_the_first_address_that_takes_a_connection(deadline_clock: StoppedClock) -> None:
    assert connecting(deadline_clock, Timeout(connect=9), {"a": 1, "b": 1}) == ("a", [4.5])


def test_an_address_that_does_not_answer_leaves_time_for_the_next(deadline_clock: StoppedClock) -> None:
    takes: dict[str, float | OSError] = {"a": 99, "b": 99, "c": 1}
    assert connecting(deadline_clock, Timeout(connect=9), takes) == ("c", [3, 3, 3])


def test_an_address_that_refuses_at_once_leaves_its_share(deadline_clock: StoppedClock) -> None:
    takes: dict[str, float | OSError] = {"a": ConnectionRefusedError(), "b": 1}
    assert connecting(deadline_clock, Timeout(connect=9), takes) == ("b", [4.5, 9])


def test_without_limits_each_address_has_all_the_time(deadline_clock: StoppedClock) -> None:
    takes: dict[str, float | OSError] = {"a": OSError(), "b": 99}
    assert connecting(deadline_clock, Timeout(connect=None, total=None), takes) == ("b", [None, None])


def test_where_no_address_takes_it_the_last_failure_is_raised(deadline_clock: StoppedClock) -> None:
    with pytest.raises(OSError, match="last"):
        connecting(deadline_clock, Timeout(connect=9), {"a": OSError("first"), "b": OSError("last")})


def test_where_the_time_is_over_no_address_is_tried(deadline_clock: StoppedClock) -> None:
    deadline = Deadline(Timeout(connect=9))
    deadline.start_connecting()
    deadline_clock.now += 9
    with pytest.raises(TimeoutError):
        connect_first(["a"], lambda address, _: pytest.fail(address), deadline)


def test_a_host_without_addresses(deadline_clock: StoppedClock) -> None:
    with pytest.raises(OSError, match="no address"):
        connecting(deadline_clock, Timeout(), {})
