"""`LimitsState`: whose turn it is. That no limit is over or idle is a law: tests/property/test_limits_are_kept.py."""

from __future__ import annotations

import pickle
import random
from functools import partial
from typing import Any

import pytest

from restli_core import (
    Call,
    HttpResponse,
    InvalidCallError,
    Limit,
    LimitError,
    RateLimitError,
    create,
    finder,
    get,
)
from restli_core.flows import turns
from restli_core.flows.turns import LimitsState, Ticket
from tests.support.limits_world import Coming, World, assert_in_order

DAY = 86400
ACCOUNT = get("/adAccounts/{id}", path_keys={"id": 5})
POST = create("/posts", {"commentary": "hello"})
ANALYTICS = finder("/adAnalytics", "analytics")


def enter(state: LimitsState, call: Call[Any] = ACCOUNT, now: float = 0.0, member: Any = None, **more: Any) -> Ticket:
    return state.enter(state.costs(call), member, now, now, **more)


def refusal(message: str, **headers: str) -> RateLimitError:
    body = b'{"status": 429, "message": "%s"}' % message.encode()
    with pytest.raises(RateLimitError) as caught:
        ACCOUNT.parse(HttpResponse(429, headers, body))
    return caught.value


DAY_OF_APP = refusal("Resource level throttle APPLICATION DAY limit for calls to this resource is reached.")
DAY_OF_MEMBER = refusal(
    "Resource level throttle APPLICATION_AND_MEMBER DAY limit for calls to this resource is reached."
)
METRICS = refusal(
    "The data request limit has been exceeded. More than 45 million metric values were requested in a 5-minute window."
)
UNKNOWN = refusal("Resource level throttle limit for calls to this resource is reached.")


# -- arguments ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argument", "given"), [("limits", Limit(1, 1)), ("limits", 5), ("limits[1]", [Limit(1, 1), 5])], ids=str
)
def test_what_is_not_a_limit_is_named(argument: str, given: Any) -> None:
    with pytest.raises(InvalidCallError) as caught:
        LimitsState(given)
    assert caught.value.argument == argument


def test_costs_are_by_the_limits_that_a_call_comes_under() -> None:
    state = LimitsState([Limit(5, 60), Limit(5, 60, path="/posts"), Limit(9, 60, cost=lambda call, answer: 0.5)])
    assert state.costs(ACCOUNT) == ((0, 1 << 64), (2, 1 << 63))
    assert [index for index, _ in state.costs(POST)] == [0, 1, 2]
    with pytest.raises(InvalidCallError, match=r"limits\[0\]"):
        LimitsState([Limit(1, 60, cost=lambda call, answer: 2)]).costs(POST)


def test_a_call_under_no_limit_goes_at_once() -> None:
    state = LimitsState([Limit(1, 60, path="/posts")])
    for _ in range(3):
        assert enter(state).seconds_left(0.0) == 0


# -- windows -----------------------------------------------------------------------------------------------------------


def test_calls_wait_their_turn_and_say_for_what() -> None:
    limit = Limit(2, 10, wait=None)
    state = LimitsState([limit])
    tickets = [enter(state, now=second) for second in (0.0, 3.0, 4.0, 4.0, 4.0)]
    assert [ticket.seconds_left(4.0) for ticket in tickets] == [0, 0, 6.0, 9.0, 16.0]
    assert [ticket.limit for ticket in tickets] == [None, None, limit, limit, limit]
    assert tickets[2].seconds_left(10.0) == 0
    # One second late: who comes behind it is not told to go too early.
    assert tickets[3].seconds_left(14.0) == 0
    assert tickets[4].seconds_left(14.0) == 6.0


def test_who_is_late_keeps_the_place_and_holds_up_nobody() -> None:
    state = LimitsState([Limit(2, 10, wait=None)])
    tickets = [enter(state) for _ in range(6)]
    assert [ticket.seconds_left(0.0) for ticket in tickets] == [0, 0, 10, 10, 20, 20]
    assert tickets[3].seconds_left(10.0) == 0
    assert tickets[4].seconds_left(10.5) == pytest.approx(9.5)
    assert tickets[2].seconds_left(15.0) == 0
    assert tickets[4].seconds_left(20.0) == 0
    assert tickets[5].seconds_left(20.0) == 5.0


def test_a_wait_that_is_too_long_is_refused_and_takes_no_place() -> None:
    state = LimitsState([Limit(1, 10)])
    assert enter(state).seconds_left(0.0) == 0
    behind = enter(state, now=1.0)
    for _ in range(3):
        with pytest.raises(LimitError, match=r"limit of 1 call in 10 s has no room within the 10 s") as caught:
            enter(state, now=2.0)
        assert caught.value.retry_after == 18.0
    assert behind.seconds_left(10.0) == 0


def test_exactly_one_window_is_not_too_long() -> None:
    for start in (0.1, 1 / 3, 1e6 + 0.1):
        state = LimitsState([Limit(1, 0.3)])
        enter(state, now=start)
        assert enter(state, now=start).seconds_left(start) == pytest.approx(0.3)


def test_the_limit_that_is_full_for_longest_is_the_one_in_the_error() -> None:
    state = LimitsState([Limit(1, 10, wait=0), Limit(1, 30, wait=0), Limit(1, 20, wait=0)])
    enter(state)
    with pytest.raises(LimitError, match="in 30 s has no room; nothing was sent") as caught:
        enter(state)
    assert caught.value.retry_after == 30.0


def test_a_limit_elsewhere_holds_up_nobody_here() -> None:
    state = LimitsState([Limit(3, 10, wait=None), Limit(1, 100, path="/adAnalytics", wait=None)])
    first, *waiting = [enter(state, ANALYTICS) for _ in range(5)]
    assert first.seconds_left(0.0) == 0
    assert [ticket.seconds_left(0.0) for ticket in waiting] == [100, 200, 300, 400]
    assert [enter(state, POST).seconds_left(0.0) for _ in range(3)] == [0, 0, 10]
    # Then it goes before those that came later, here as well.
    posts = [enter(state, POST, now=99.0) for _ in range(4)]
    assert [post.seconds_left(99.0) for post in posts] == [0, 0, 10, 10]
    assert waiting[0].seconds_left(100.0) == 9
    assert [waiting[0].seconds_left(109.0), *(post.seconds_left(109.0) for post in posts[2:])] == [0, 0, 10]


def test_one_that_moves_on_waits_before_those_that_came_later() -> None:
    state = LimitsState([Limit(1, 10, wait=None), Limit(1, 100, path="/adAnalytics", wait=None)])
    enter(state, ANALYTICS)
    waiting = enter(state, ANALYTICS)
    assert waiting.seconds_left(0.0) == 100
    assert enter(state, POST, now=95.0).seconds_left(95.0) == 0
    later = enter(state, POST, now=96.0)
    assert later.seconds_left(96.0) == 9
    assert waiting.limit == state.limits[1]
    assert waiting.seconds_left(100.0) == 5
    assert waiting.limit == state.limits[0]
    assert waiting.seconds_left(105.0) == 0
    assert later.seconds_left(105.0) == 10


def test_room_that_is_held_is_not_taken_by_one_that_comes_later() -> None:
    costs = {"/ads": 3, "/ads/analytics": 1}
    state = LimitsState(
        [
            Limit(3, 10, path="/ads", cost=lambda call, answer: costs[call.resource_path], wait=None),
            Limit(1, 5, path="/ads/analytics", wait=None),
        ]
    )
    enter(state, get("/ads/analytics"), now=0.0)
    held = enter(state, get("/ads/analytics"), now=4.0)
    last = enter(state, get("/ads"), now=4.0)
    assert (held.seconds_left(4.0), last.seconds_left(4.0)) == (1, 6)
    # From here on there is room for the first of them, which does not ask.
    for call in (POST, POST):
        assert enter(state, call, now=5.0).seconds_left(5.0) == 0
    assert enter(state, POST, now=10.0).seconds_left(10.0) == 0
    assert last.seconds_left(10.0) == 10
    assert held.seconds_left(11.0) == 0
    assert last.seconds_left(11.0) == 10
    assert last.seconds_left(21.0) == 0


def test_who_would_wait_too_long_at_the_next_limit_is_refused_there() -> None:
    state = LimitsState([Limit(2, "day"), Limit(1, 100, path="/adAnalytics", wait=None)])
    enter(state, ANALYTICS)
    waiting = enter(state, ANALYTICS)
    assert waiting.seconds_left(0.0, 0.0) == 100
    assert enter(state, POST).seconds_left(0.0, 0.0) == 0
    with pytest.raises(LimitError, match="limit of 2 calls a day") as caught:
        waiting.seconds_left(100.0, 100.0)
    assert caught.value.retry_after == DAY - 100
    with pytest.raises(RuntimeError):
        waiting.seconds_left(101.0)


def test_each_member_has_a_window() -> None:
    state = LimitsState([Limit(1, 10, each="member"), Limit(3, 10)])
    assert enter(state, member="Ada").seconds_left(0.0) == 0
    assert enter(state, member="Ada").seconds_left(0.0) == 10
    assert enter(state, member="Bob").seconds_left(0.0) == 0
    assert enter(state, member=None).seconds_left(0.0) == 0
    assert enter(state, member="Eve").seconds_left(0.0) == 10


def test_the_member_who_was_away_for_longest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "MAX_MEMBERS", 2)
    state = LimitsState([Limit(1, 10, each="member", wait=0)])
    enter(state, member="Ada")
    enter(state, member="Bob")
    with pytest.raises(LimitError):
        enter(state, member="Ada")
    enter(state, member="Eve")
    with pytest.raises(LimitError):
        enter(state, member="Ada")
    assert enter(state, member="Bob").seconds_left(0.0) == 0


def test_days_end_at_midnight_utc() -> None:
    state = LimitsState([Limit(2, "day")])
    evening = 20000.0 * DAY - 60
    for _ in range(2):
        assert state.enter(state.costs(POST), None, 0.0, evening).seconds_left(0.0) == 0
    with pytest.raises(LimitError, match="the limit of 2 calls a day has no room; nothing was sent") as caught:
        state.enter(state.costs(POST), None, 1.0, evening + 1)
    assert caught.value.retry_after == 59.0
    assert state.enter(state.costs(POST), None, 60.0, evening + 60).seconds_left(60.0) == 0


def test_a_day_that_may_be_waited_for() -> None:
    state = LimitsState([Limit(1, "day", wait=3600)])
    evening = 20000.0 * DAY - 60
    state.enter(state.costs(POST), None, 0.0, evening)
    ticket = state.enter(state.costs(POST), None, 0.0, evening)
    assert ticket.seconds_left(0.0) == 60
    # The one clock stood still while the computer slept.
    assert ticket.seconds_left(5.0, evening + 7200) == 0


# -- leaving -----------------------------------------------------------------------------------------------------------


def test_who_leaves_gives_the_place_to_those_behind() -> None:
    state = LimitsState([Limit(1, 10, wait=None)])
    tickets = [enter(state) for _ in range(5)]
    state.leave(tickets[2])
    assert [tickets[at].seconds_left(0.0) for at in (0, 1, 3, 4)] == [0, 10, 20, 30]
    state.leave(tickets[0])
    assert [tickets[at].seconds_left(0.0) for at in (1, 3, 4)] == [0, 10, 20]
    # One that could go, and had not asked.
    assert tickets[4].seconds_left(10.0) == 10
    state.leave(tickets[3])
    assert tickets[4].seconds_left(10.0) == 0
    for ticket in tickets:
        state.leave(ticket)
        state.leave(ticket)
    assert enter(state, now=10.0).seconds_left(10.0) == 0


def test_who_may_go_earlier_is_woken() -> None:
    state = LimitsState([Limit(1, 10, wait=None)])
    tickets = [enter(state) for _ in range(3)]
    woken: list[int] = []
    for number, ticket in enumerate(tickets):
        ticket.wake = partial(woken.append, number)
        ticket.seconds_left(0.0)
    state.leave(tickets[1])
    assert woken == [2]
    state.leave(tickets[0])
    assert woken == [2, 2]
    assert tickets[2].seconds_left(0.0) == 0


def test_another_try_goes_before_those_that_came_later() -> None:
    state = LimitsState([Limit(1, 10, wait=None)])
    first, second = enter(state), enter(state)
    again = enter(state, now=1.0, again=first)
    assert [ticket.seconds_left(1.0) for ticket in (again, second)] == [9, 19]


# -- the truth ---------------------------------------------------------------------------------------------------------


def cost(call: Any, answer: Any) -> float:
    return 5 if answer is None else float(answer)


def test_the_truth_counts_from_when_it_is_known() -> None:
    state = LimitsState([Limit(10, 10, cost=cost, wait=None)])
    first, second, third, fourth = (enter(state) for _ in range(4))
    assert [one.seconds_left(0.0) for one in (third, fourth)] == [10, 10]
    state.settle(first, state.costs(ACCOUNT, 5))
    assert third.seconds_left(1.0) == 9
    state.settle(first, state.costs(ACCOUNT, 0))
    assert third.seconds_left(1.0) == 0
    state.settle(second, state.costs(ACCOUNT, 40))
    assert fourth.seconds_left(1.0) == 9
    state.settle(third, state.costs(ACCOUNT, 6))
    assert fourth.seconds_left(10.0) == 1
    assert fourth.seconds_left(11.0) == 0


def test_the_truth_about_what_never_went_changes_nothing() -> None:
    state = LimitsState([Limit(10, 10, cost=cost, wait=None)])
    tickets = [enter(state) for _ in range(3)]
    state.settle(tickets[2], state.costs(ACCOUNT, 1000))
    assert tickets[2].seconds_left(0.0) == 10


def test_45_million_values_in_five_minutes() -> None:
    state = LimitsState([Limit(45_000_000, 300, path="/adAnalytics", cost=lambda call, answer: answer or 15_000_000)])
    state_of_costs = state.costs(ANALYTICS)
    tickets = [state.enter(state_of_costs, None, float(second), 0.0) for second in range(4)]
    assert [ticket.seconds_left(3.0) for ticket in tickets] == [0, 0, 0, 297]
    for ticket in tickets[:2]:
        state.settle(ticket, state.costs(ANALYTICS, 18))
    assert tickets[3].seconds_left(4.0) == 0


# -- what the server says ----------------------------------------------------------------------------------------------


def test_a_limit_of_the_day_fills_days_until_midnight() -> None:
    state = LimitsState([Limit(100, "day"), Limit(100, 60)])
    ticket = enter(state, now=0.0)
    state.fill(ticket, DAY_OF_APP, 10.0, 10.0)
    with pytest.raises(LimitError, match="a day") as caught:
        enter(state, now=20.0)
    assert caught.value.retry_after == DAY - 20
    assert enter(state, now=float(DAY)).seconds_left(DAY) == 0


def test_a_window_fills_those_of_seconds_and_moves_those_who_wait() -> None:
    state = LimitsState([Limit(1, 60, wait=None), Limit(100, "day")])
    first, second, third = (enter(state) for _ in range(3))
    assert (second.seconds_left(0.0), third.seconds_left(0.0)) == (60, 120)
    state.fill(first, METRICS, 10.0, 10.0)
    assert second.seconds_left(60.0) == 280
    assert (second.seconds_left(340.0), third.seconds_left(340.0)) == (0, 60)


def test_one_that_may_go_and_has_not_asked_waits_too() -> None:
    state = LimitsState([Limit(1, 60, wait=None)])
    first, second, third = (enter(state) for _ in range(3))
    assert third.seconds_left(60.0) == 60  # and the second may go
    state.fill(first, METRICS, 60.0, 60.0)
    assert second.seconds_left(60.0) == 330
    assert third.seconds_left(60.0) == 390
    assert second.seconds_left(390.0) == 0


def test_who_would_wait_too_long_for_it_is_told() -> None:
    state = LimitsState([Limit(1, 60)])
    first, second = enter(state), enter(state)
    assert second.seconds_left(0.0) == 60
    state.fill(first, METRICS, 10.0, 10.0)
    with pytest.raises(LimitError) as caught:
        second.seconds_left(60.0)
    assert caught.value.retry_after == 280
    assert enter(state, now=340.0).seconds_left(340.0) == 0


def test_a_retry_after_goes_before_the_text() -> None:
    state = LimitsState([Limit(100, 60, wait=None), Limit(100, "day", wait=None)])
    state.fill(enter(state), refusal("Comment create throttled", **{"Retry-After": "7"}), 0.0, 0.0)
    assert enter(state).seconds_left(0.0) == 7
    state.fill(enter(state, now=7.0), refusal("The DAY limit is reached", **{"Retry-After": "9"}), 7.0, 7.0)
    assert enter(state, now=8.0).seconds_left(8.0) == 8


def test_no_server_fills_a_limit_for_longer_than_a_day() -> None:
    state = LimitsState([Limit(5, 60, wait=None)])
    state.fill(enter(state), refusal("no", **{"Retry-After": "9999999999"}), 0.0, 0.0)
    assert enter(state).seconds_left(0.0, 0.0) == DAY


def test_what_names_no_time_fills_nothing() -> None:
    state = LimitsState([Limit(100, 60), Limit(100, "day")])
    state.fill(enter(state), UNKNOWN, 0.0, 0.0)
    assert enter(state).seconds_left(0.0) == 0


def test_the_longest_path_is_the_one_that_is_meant() -> None:
    state = LimitsState([Limit(100, 60, wait=None), Limit(100, 300, path="/adAnalytics", wait=None)])
    state.fill(enter(state, ANALYTICS), METRICS, 0.0, 0.0)
    assert enter(state, POST).seconds_left(0.0) == 0
    assert enter(state, ANALYTICS).seconds_left(0.0) == 330


@pytest.mark.parametrize(("error", "full"), [(DAY_OF_APP, [True, True]), (DAY_OF_MEMBER, [True, False])], ids=str)
def test_a_text_says_whose_day_is_over(error: RateLimitError, full: list[bool]) -> None:
    state = LimitsState([Limit(100, "day"), Limit(100, "day", each="member")])
    state.fill(enter(state, member="Ada"), error, 0.0, 0.0)
    for member, is_full in zip(("Ada", "Bob"), full, strict=True):
        if is_full:
            with pytest.raises(LimitError):
                enter(state, member=member)
        else:
            assert enter(state, member=member).seconds_left(0.0) == 0


def test_a_limit_of_the_other_kind_is_better_than_none() -> None:
    state = LimitsState([Limit(100, "day")])
    state.fill(enter(state), DAY_OF_MEMBER, 0.0, 0.0)
    with pytest.raises(LimitError):
        enter(state)


# -- many --------------------------------------------------------------------------------------------------------------


def test_thousands_of_calls_in_turn() -> None:
    source = random.Random(1)
    world = World([Limit(7, 10, wait=None), Limit(50, 120, wait=None)], epoch=1.8e9, is_prompt=False)
    world.checks = False
    time, comings = 0.0, []
    for _ in range(1000):
        time += source.choice([0.0, 0.0, 0.1, 2.0])
        comings.append(Coming(time, {0: 1, 1: 1}))
    visitors = world.run(comings)
    assert_in_order(visitors)
    # No walk through those who wait, and no herd: each asks a few times, however many there are.
    assert world.asks <= 4 * len(visitors)
    for index, limit in enumerate(world.limits):
        times = [time for time, _ in world.sent[index, None]]
        most = int(limit.most)
        per = limit.per
        assert isinstance(per, int)
        assert all(later - first >= per for first, later in zip(times, times[most:], strict=False))
    # Fifty in each two minutes, and never an idle second.
    last = visitors[-1].went_at
    assert last is not None
    assert last == pytest.approx((len(visitors) // 50 - 1) * 120, abs=150)


def test_those_who_are_done_leave_nothing_behind() -> None:
    state = LimitsState([Limit(2, 10, wait=None)])
    for second in range(0, 3000, 10):
        tickets = [enter(state, now=float(second)) for _ in range(5)]
        for ticket in tickets:
            if ticket.seconds_left(float(second)):
                state.leave(ticket)
    assert state.planned < 20


def test_an_error_can_be_pickled() -> None:
    state = LimitsState([Limit(1, 10, wait=0)])
    enter(state)
    with pytest.raises(LimitError) as caught:
        enter(state)
    assert pickle.loads(pickle.dumps(caught.value)).retry_after == 10


@pytest.mark.parametrize("most", [1e-6, 3e-15, 0.1, 1e300])
def test_a_call_that_costs_all_of_a_limit_has_room_whatever_the_rounding(most: float) -> None:
    limits = LimitsState([Limit(most, 10, cost=lambda call, answer: most)])
    ticket = limits.enter(limits.costs(get("/me")), None, 0.0, 0.0)
    assert ticket.seconds_left(0.0) == 0


def test_a_ticket_of_other_limits_has_no_number_here() -> None:
    before, after = (LimitsState([Limit(1, 10, wait=None)]) for _ in range(2))
    costs = before.costs(get("/me"))
    old = [before.enter(costs, None, 0.0, 0.0) for _ in range(2)][1]
    before.leave(old)
    after.enter(costs, None, 0.0, 0.0)
    waiting = after.enter(costs, None, 0.0, 0.0)
    again = after.enter(costs, None, 0.0, 0.0, again=old)
    assert [waiting.seconds_left(0.0), again.seconds_left(0.0)] == [10, 20]
    after.leave(again)
    after.leave(waiting)
