"""Windows: what is taken, when it leaves, and who is first."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from restli_core.flows import windows
from restli_core.flows.windows import Day, Moment, Queue, Sliding, Window, units_above, units_below

DAY = 86400


def at(now: float, epoch: float = 0.0) -> Moment:
    return Moment(now, epoch)


@pytest.mark.parametrize("amount", [0, 1, 45_000_000, 2.0, 0.1, 1e-30, 2.5, 1e300, 2**53 + 0.0])
def test_units_are_exact_or_on_the_safe_side(amount: float) -> None:
    exact = Fraction(amount) * 2**64
    assert 0 <= units_above(amount) - exact < 1
    assert 0 <= exact - units_below(amount) < 1


@pytest.mark.parametrize("now", [0.1, 1 / 3, 1e6 + 0.1, 12345.678])
@pytest.mark.parametrize("seconds", [0.3, 1 / 3, 60.0, 1e-3, 7])
def test_what_is_taken_leaves_at_the_first_float_that_is_far_enough(now: float, seconds: float) -> None:
    window: Sliding[str] = Sliding(1, seconds)
    leaves = window.leaves(now, at(now))
    assert leaves - now >= seconds
    assert math.nextafter(leaves, 0) - now < seconds or math.nextafter(leaves, 0) < now + seconds
    window.take(1, at(now))
    window.refresh(at(math.nextafter(leaves, 0)))
    assert window.taken == 1
    window.refresh(at(leaves))
    assert window.taken == 0


def test_very_many_calls_share_bins_and_leave_with_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "MAX_BINS", 50)
    window: Sliding[str] = Sliding(10**9, 300.0)
    times = [number * 0.6 for number in range(500)]
    for time in times:
        window.take(1, at(time))
    assert window.bins <= 100
    assert window.taken == 500
    for part in range(1, 20):
        now = 300.0 + part * 15
        window.refresh(at(now))
        in_window = sum(now - time < 300.0 for time in times)
        assert in_window <= window.taken <= in_window + 10


def test_a_change_counts_as_long_as_what_it_changes() -> None:
    window: Sliding[str] = Sliding(10, 60.0)
    number = window.take(2, at(0))
    window.change(number, 5)
    assert window.taken == 7
    window.change(number, -6)
    assert window.taken == 1
    window.refresh(at(60))
    window.change(number, 5)
    assert window.taken == 0


def test_a_day_ends_at_midnight() -> None:
    window: Day[str] = Day(3)
    morning = at(100.0, 5 * DAY + 10.0)
    window.refresh(morning)
    number = window.take(3, morning)
    assert window.due(1, 0, morning) == window.leaves(200.0, morning) == 100.0 + DAY - 10
    window.change(number, -1)
    assert window.due(1, 0, morning) == 100.0
    window.change(number, 1)
    window.refresh(at(100.0 + DAY - 10, 6 * DAY))
    assert window.taken == 0
    window.change(number, 5)
    assert window.taken == 0


def test_a_date_that_is_set_back_frees_nothing() -> None:
    window: Day[str] = Day(3)
    window.refresh(at(0, 5 * DAY))
    window.take(3, at(0, 5 * DAY))
    window.refresh(at(1, 4 * DAY))
    assert window.taken == 3


def test_a_full_day_is_full_whatever_is_taken() -> None:
    window: Day[str] = Day(3)
    window.refresh(at(0, 5 * DAY + 100))
    window.fill_day()
    assert window.due(1, 0, at(0, 5 * DAY + 100)) == DAY - 100
    window.refresh(at(0, 6 * DAY))
    assert window.due(1, 0, at(0, 6 * DAY)) == 0


@pytest.mark.parametrize("time", [0.1, 50000.7, 86399.9999])
def test_after_midnight_comes_the_next_one(time: float) -> None:
    moment = at(time, 1.8e9 + time)
    midnight = moment.midnight_after(moment.now)
    assert moment.midnight_after(midnight) == pytest.approx(midnight + DAY, abs=1e-3)
    assert moment.midnight_after(math.nextafter(midnight, 0)) == pytest.approx(midnight + DAY, abs=1e-3)


def test_due_counts_rounds_of_those_before() -> None:
    window: Sliding[str] = Sliding(2, 10.0)
    window.take(1, at(0))
    window.take(1, at(4))
    expected = [10.0, 14.0, 20.0, 24.0, 30.0]
    for serial, due in enumerate(expected):
        assert window.due(1, serial, at(5)) == due
        window.queue.join(serial, 1, "somebody")
    # More is taken than there may be: a call did cost more than it seemed.
    window.change(1, 2)
    assert window.due(1, 0, at(5)) == 14.0


def test_due_of_what_is_held_is_a_whole_window() -> None:
    window: Sliding[str] = Sliding(2, 10.0)
    window.held = 2
    assert window.due(1, 0, at(5)) == 15.0
    assert window.due(1, 0, at(5)) == window.due(2, 0, at(5))


def test_a_filled_window_opens_then_and_not_earlier() -> None:
    window: Sliding[str] = Sliding(2, 10.0)
    window.fill(30.0)
    window.fill(20.0)
    assert window.due(1, 0, at(5)) == 30.0
    assert window.due(1, 0, at(31)) == 31.0


def test_a_queue_is_in_the_order_of_serial_numbers() -> None:
    queue: Queue[str] = Queue()
    assert queue.first() is None
    for serial in (5, 2, 9):
        queue.join(serial, serial, str(serial))
    assert (queue.first(), queue.before(9)) == ("2", 7)
    queue.leave(2, 2)
    queue.leave(9, 9)
    assert (queue.first(), queue.before(9)) == ("5", 5)


def test_those_who_leave_a_queue_leave_nothing_behind() -> None:
    queue: Queue[str] = Queue()
    queue.join(0, 1, "the first")
    for serial in range(1, 5000):
        queue.join(serial, 1, "another")
        queue.leave(serial, 1)
    assert len(queue) < 100
    assert queue.first() == "the first"


def test_a_window_has_a_kind() -> None:
    window: Window[str] = Window(1, 1.0)
    for ask in (
        lambda: window.refresh(at(0)),
        lambda: window.take(1, at(0)),
        lambda: window.change(0, 1),
        lambda: window.released(1, at(0)),
        lambda: window.leaves(1, at(0)),
    ):
        with pytest.raises(NotImplementedError):
            ask()
