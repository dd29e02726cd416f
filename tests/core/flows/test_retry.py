"""Retry: what is repeated, after how long, and how often; no client, no clock."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

import restli_core
from restli_core import (
    Backoff,
    Call,
    ConnectError,
    DecodeError,
    HttpResponse,
    InvalidCallError,
    OAuthError,
    RestliError,
    RetryPolicy,
    get,
)
from restli_core.flows.retry import Repeat, Retries, kind_of, would_repeat
from restli_core.methods import METHODS
from tests.support.played_tries import DAY_QUOTA, FAILURES, Outcome, refused

# `repeat` -> the methods that are repeated where the server may have done the work.
SAFE = {"get", "batch_get", "get_all", "finder", "batch_finder"}
IDEMPOTENT = SAFE | {"update", "batch_update", "delete", "batch_delete"}
REPEATED = {"safe": SAFE, "idempotent": IDEMPOTENT, "all": {*METHODS}}

OTHERS = ["", "refresh", "GET", "client_credentials"]


def error_of(outcome: Outcome, call: Call[Any] | None = None) -> RestliError:
    """The error that a try ends with where it comes out so."""
    if isinstance(outcome, HttpResponse):
        try:
            (call or get("/r")).parse(outcome)
        except RestliError as error:
            return error
    assert isinstance(outcome, RestliError)
    return outcome


def half() -> float:
    return 0.5


def after(error: RestliError, policy: RetryPolicy | None = None, method: str = "get") -> Repeat | None:
    """What is decided after a first failure."""
    return Retries(policy or RetryPolicy(total=None), kind_of(method)).after(error, 0.0, half)


# -- the table ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("happened", FAILURES)
def test_what_is_repeated(happened: str) -> None:
    outcome, done = FAILURES[happened]
    error = error_of(outcome)
    for repeat, repeated in REPEATED.items():
        policy = RetryPolicy(repeat=repeat, total=None)
        for method in (*METHODS, *OTHERS):
            expected = done == "undone" or (done == "perhaps" and method in repeated)
            assert (after(error, policy, method) is not None) is expected, (repeat, method)


@pytest.mark.parametrize(
    "error",
    [
        OAuthError("temporarily_unavailable"),
        DecodeError("(a:b", 4, "unexpected end of input"),
        InvalidCallError("ids", "is empty"),
        RestliError("something else"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_is_no_failure_of_a_try_is_never_repeated(error: RestliError) -> None:
    for method in (*METHODS, *OTHERS):
        assert after(error, RetryPolicy(repeat="all"), method) is None


def test_the_methods_are_of_three_kinds() -> None:
    kinds = {method: kind_of(method) for method in METHODS}
    assert {method for method, kind in kinds.items() if kind == "safe"} == SAFE
    assert {method for method, kind in kinds.items() if kind == "idempotent"} == IDEMPOTENT - SAFE
    assert {*kinds.values()} == {"safe", "idempotent", "unsafe"}
    assert [kind_of(other) for other in OTHERS] == ["never"] * len(OTHERS)


# -- how long ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "wait", "cost"),
    [
        (ConnectError("refused"), 0.125, 14),
        (refused(500), 0.125, 14),
        (refused(503, headers={"Retry-After": "7"}), 7.0, 14),
        (refused(503, headers={"Retry-After": "soon"}), 0.125, 14),
        (refused(409, "a WRITE CONFLICT"), 1.0, 14),
        (refused(409, "a write conflict", {"Retry-After": "7"}), 1.0, 14),
        (refused(429), 1.0, 5),
        (refused(429, "Resource level throttle limit for calls to this resource is reached."), 1.0, 5),
        (refused(429, headers={"Retry-After": "7"}), 7.0, 5),
        (refused(429, headers={"Retry-After": "0"}), 0.0, 5),
        (refused(429, "More than 45 million metric values were requested"), 330.0, 5),
        (refused(429, "The data request limit has been exceeded."), 330.0, 5),
        (refused(429, "The data request limit has been exceeded.", {"Retry-After": "7"}), 7.0, 5),
        (refused(429, "Comment create throttled: creation rate limit exceeded"), 60.0, 5),
        (HttpResponse(429, {"Retry-After": "3"}, b"<html>slow down</html>"), 3.0, 5),
    ],
)
def test_the_server_says_how_long_before_the_window_does_and_that_before_the_backoff(
    outcome: Outcome, wait: float, cost: int
) -> None:
    assert after(error_of(outcome)) == Repeat(wait, cost)


def test_each_wait_may_be_longer_than_the_one_before() -> None:
    policy = RetryPolicy(tries=9, backoff=Backoff(1, 3, 20), throttled=Backoff(2, 2, 10), total=None)

    def waits(*outcomes: Outcome, random: Callable[[], float] = lambda: 1.0) -> list[float]:
        retries = Retries(policy, "safe")
        decided = [retries.after(error_of(outcome), 0.0, random) for outcome in outcomes]
        return [repeat.wait for repeat in decided if repeat is not None]

    assert waits(*[refused(500)] * 5) == [1, 3, 9, 20, 20]
    assert waits(*[refused(500)] * 5, random=half) == [0.5, 1.5, 4.5, 10, 10]
    assert waits(*[refused(500)] * 5, random=lambda: 0.0) == [0, 0, 0, 0, 0]
    assert waits(*[refused(429)] * 4) == [2, 4, 8, 10]
    # What is throttled is counted for itself; a window does not count.
    assert waits(refused(500), refused(429, "45 million metric values"), refused(429), refused(500)) == [1, 330, 2, 20]


def test_a_write_conflict_is_repeated_once() -> None:
    conflict = error_of(refused(409, "A write conflict occurred. Retry the request."))
    retries = Retries(RetryPolicy(repeat="all"), "unsafe")
    assert retries.after(conflict, 0.0, half) == Repeat(1.0, 14)
    assert retries.after(conflict, 0.0, half) is None


def test_a_day_never_passes() -> None:
    policy = RetryPolicy(tries=100, total=None, repeat="all")
    for headers in ({}, {"Retry-After": "1"}):
        assert after(error_of(refused(429, DAY_QUOTA, headers)), policy) is None


# -- how often ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tries", [1, 2, 4, 7])
def test_a_call_is_sent_as_often_as_the_policy_says(tries: int) -> None:
    retries = Retries(RetryPolicy(tries=tries), "safe")
    decided = [retries.after(ConnectError("refused"), 0.0, half) for _ in range(tries)]
    assert [repeat is not None for repeat in decided] == [True] * (tries - 1) + [False]


@pytest.mark.parametrize(
    ("total", "elapsed", "wait", "fits"),
    [
        (10, 0, 9, True),
        (10, 0, 10, False),  # nothing would be left for the try
        (10, 8, 1, True),
        (10, 8, 3, False),
        (10, 11, 0, False),
        (120, 0, 330, False),
        (400, 0, 330, True),
        (400, 70, 330, False),
        (None, 10_000, 86_400, True),
        (None, 0, 9_999_999_999, False),  # more than a clock can wait for
    ],
)
def test_no_wait_begins_that_would_end_after_the_total(
    total: float | None, elapsed: float, wait: float, fits: bool
) -> None:
    error = error_of(refused(429, headers={"Retry-After": str(wait)}))
    repeat = Retries(RetryPolicy(total=total), "safe").after(error, elapsed, half)
    assert repeat == (Repeat(wait, 5) if fits else None)


# -- the values --------------------------------------------------------------------------------------------------------


def test_the_defaults_are_those_of_the_documentation() -> None:
    policy = RetryPolicy()
    assert repr(policy) == (
        "RetryPolicy(tries=4, total=120.0, backoff=Backoff(first=0.25, factor=2.0, most=30.0), "
        "throttled=Backoff(first=2.0, factor=2.0, most=60.0), repeat='safe', budget=500)"
    )
    assert policy == RetryPolicy(4, 120.0, Backoff(0.25, 2.0, 30.0), Backoff(2.0, 2.0, 60.0), "safe", 500)
    assert Backoff() == policy.backoff


def test_they_are_frozen_values() -> None:
    policy = RetryPolicy(tries=2, total=None, backoff=Backoff(1, 3, 20))
    assert eval(repr(policy), {"RetryPolicy": RetryPolicy, "Backoff": Backoff}) == policy
    assert pickle.loads(pickle.dumps(policy)) == policy != RetryPolicy(tries=2)
    assert len({policy, RetryPolicy(tries=2, total=None, backoff=Backoff(1, 3, 20)), RetryPolicy()}) == 2
    for value, name in ((policy, "tries"), (policy.backoff, "first"), (policy, "another")):
        with pytest.raises(AttributeError):
            setattr(value, name, 1)
    assert restli_core.RetryPolicy is RetryPolicy


@pytest.mark.parametrize(
    ("options", "argument"),
    [
        *(({"tries": value}, "retry.tries") for value in (0, -1, 1.5, True, "4", None)),
        *(({"total": value}, "retry.total") for value in (0, -1, float("nan"), float("inf"), True, "60")),
        *(({"backoff": value}, "retry.backoff") for value in (None, 5, (1, 2, 3), Backoff)),
        *(({"throttled": value}, "retry.throttled") for value in (None, 5, RetryPolicy())),
        *(({"repeat": value}, "retry.repeat") for value in ("SAFE", "", None, True, ["safe"], {"safe"})),
        *(({"budget": value}, "retry.budget") for value in (-1, 1.5, True, None)),
    ],
)
def test_what_no_policy_can_be_is_refused_by_name(options: dict[str, Any], argument: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        RetryPolicy(**options)
    assert caught.value.argument == argument


@pytest.mark.parametrize(
    ("options", "argument"),
    [
        *(({"first": value}, "backoff.first") for value in (-1, float("nan"), float("inf"), True, "1", None)),
        *(({"factor": value}, "backoff.factor") for value in (0.5, 0, -2, True, None)),
        *(({"most": value}, "backoff.most") for value in (-1, 1e9, False, None)),
    ],
)
def test_what_no_backoff_can_be_is_refused_by_name(options: dict[str, Any], argument: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        Backoff(**options)
    assert caught.value.argument == argument


def test_a_refusal_says_what_to_give() -> None:
    with pytest.raises(InvalidCallError, match=r"retry\.repeat: must be one of 'safe', 'idempotent', 'all'"):
        RetryPolicy(repeat="always")
    with pytest.raises(InvalidCallError, match=r"retry\.total: must be .* seconds above 0, or None for no limit"):
        RetryPolicy(total=0)


@pytest.mark.parametrize(
    ("backoff", "number", "longest"),
    [
        (Backoff(), 1, 0.25),
        (Backoff(), 2, 0.5),
        (Backoff(), 7, 16.0),
        (Backoff(), 8, 30.0),
        (Backoff(), 10_000, 30.0),
        (Backoff(5, 1, 60), 50, 5.0),
        (Backoff(90, 2, 60), 1, 60.0),
        (Backoff(0, 2, 60), 3, 0.0),
        (Backoff(0, 2, 60), 10_000, 0.0),
        (Backoff(1, 2, 0), 3, 0.0),
        (Backoff(1, 2, 60), 100_000_000, 60.0),
    ],
)
def test_waits_grow_up_to_a_bound(backoff: Backoff, number: int, longest: float) -> None:
    assert backoff.longest(number) == longest
    assert isinstance(backoff.longest(number), float)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("number", [2, -1, math.nan, math.inf, "x", None, int("9" * 400)], ids=lambda one: str(one)[:4])
def test_what_is_not_a_random_number_from_0_to_1_is_refused(status: int, number: Any) -> None:
    error = error_of(refused(status))
    retries = Retries(RetryPolicy(), "safe")
    with pytest.raises(InvalidCallError, match="random") as caught:
        retries.after(error, 0.0, lambda: number)
    assert caught.value.__cause__ is error


# -- whether at all ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("happened", FAILURES)
def test_what_would_be_repeated_is_what_is_repeated(happened: str) -> None:
    error = error_of(FAILURES[happened][0])
    for repeat, method in product(REPEATED, [*METHODS, *OTHERS]):
        policy = RetryPolicy(total=None, repeat=repeat)
        assert would_repeat(policy, error, kind_of(method)) == (after(error, policy, method) is not None)


def test_whether_it_would_be_repeated_does_not_depend_on_the_time_left() -> None:
    error = error_of(refused(503, headers={"Retry-After": "9000"}))
    assert would_repeat(RetryPolicy(total=1), error, "safe")
    assert not would_repeat(RetryPolicy(tries=1), error, "safe")
    assert not would_repeat(None, error, "safe")
