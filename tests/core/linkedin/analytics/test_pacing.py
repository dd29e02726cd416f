"""Pace: how much to ask for at once. What it guesses costs calls at most, and few of them."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

import pytest

from restli_core.linkedin.analytics.pacing import Pace

Guess = Callable[[Sequence[int]], float]


def by_days(rows: Sequence[int]) -> float:
    """Guess as where the rows of later days were left out."""
    total = days = 0
    while total < 15_000:
        total += rows[days]
        days += 1
    return 15_000 / days


def by_nothing(_rows: Sequence[int]) -> float:
    return 0.0


def walk(rows: Sequence[int], bound: int | None, parts: int, guess: Guess = by_days) -> tuple[int, list[int]]:
    """Return how many calls it takes to ask for so many rows on each of these days, and the sizes of what fitted."""
    pace = Pace(15_000, bound, parts)
    done = calls = 0
    sizes: list[int] = []
    while done < len(rows):
        size = pace.size(len(rows) - done)
        assert 1 <= size <= len(rows) - done
        asked = rows[done : done + size]
        if sum(asked) < 15_000:
            calls += parts
            pace.seen(size, sum(asked))
            sizes.append(size)
            done += size
        else:
            calls += 1
            pace.was_full(size, guess(asked))
    return calls, sizes


def ratio(rows: Sequence[int], bound: int | None, parts: int, guess: Guess = by_days) -> float:
    calls, _ = walk(rows, bound, parts, guess)
    return calls / (math.ceil(sum(rows) / 15_000) * parts)


YEAR = 365
EVEN = [400] * YEAR
CHANCE = random.Random(1)
BUSY = [sum(CHANCE.random() < 0.85 for _ in range(400)) for _ in range(YEAR)]
WEEKLY = [400 if day % 7 < 5 else 100 for day in range(YEAR)]


@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("bound", [400, None])
@pytest.mark.parametrize("rows", [EVEN, BUSY, WEEKLY], ids=["even", "busy", "weekly"])
def test_the_calls_are_few(rows: list[int], bound: int | None, parts: int) -> None:
    assert ratio(rows, bound, parts) <= 1.3


def test_a_known_bound_is_enough_where_a_full_answer_tells_nothing() -> None:
    assert ratio(EVEN, 400, 3, by_nothing) <= 1.3


def test_a_bound_that_needs_few_calls_is_kept_from_the_first_on() -> None:
    assert walk([100] * YEAR, 100, 1) == (3, [122, 122, 121])  # evenly, and not 149 and a rest


def test_all_is_asked_for_at_once_where_it_fits() -> None:
    assert walk([10] * YEAR, 41, 1) == (1, [YEAR])


def test_all_is_tried_where_that_may_save_many_calls() -> None:
    assert walk([1] * YEAR, 400, 3) == (3, [YEAR])


def test_nothing_is_known_of_what_has_no_bound() -> None:
    assert walk([0] * YEAR, None, 1) == (1, [YEAR])


def test_it_ends_where_a_bound_was_wrong() -> None:
    calls, sizes = walk([3000] * 40, 100, 1, by_nothing)
    assert sum(sizes) == 40
    assert calls < 30


def test_it_learns_that_days_became_busy() -> None:
    rows = [10] * 180 + [400] * 185
    calls, sizes = walk(rows, None, 1)
    assert sum(sizes) == YEAR
    assert calls <= 10


def test_units_without_rows_leave_no_guess_of_nothing() -> None:
    pace = Pace(15_000, None, 1)
    pace.seen(3, 0)
    assert pace.size(362) == 362


def test_one_unit_that_has_too_much_for_sure_is_not_asked_for() -> None:
    assert Pace(15_000, 20_000, 1).is_certainly_over()
    assert not Pace(15_000, 14_999, 1).is_certainly_over()
    assert not Pace(15_000, None, 1).is_certainly_over()
    assert not Pace(15_000, 200_000, 1).is_certainly_over()  # one call to try is nothing beside fourteen
    pace = Pace(15_000, None, 1)
    pace.seen(1, 16_000)
    assert pace.is_certainly_over()
    pace.seen(1, 14_000)
    assert not pace.is_certainly_over()


def test_what_cannot_fill_an_answer_is_safe() -> None:
    pace = Pace(15_000, 400, 3)
    assert [pace.is_safe(units) for units in (37, 38)] == [True, False]
    assert not Pace(15_000, None, 3).is_safe(1)


def test_two_full_answers_are_enough() -> None:
    pace = Pace(15_000, 400, 3)
    assert pace.size(365) == 365
    pace.was_full(365, 0)
    assert pace.size(365) == 182
    pace.was_full(182, 0)
    assert pace.size(365) == 37


def test_the_half_that_is_left_has_the_rest_of_the_rows() -> None:
    pace = Pace(15_000, None, 1)
    pace.was_full(100, 0)
    assert pace.size(100) == 50
    pace.seen(50, 100)  # so the other fifty have 14,900 at least
    assert pace.density == 298
    pace.seen(50, 14_950)
    assert pace.density == 299


def test_what_is_a_little_too_much_is_cut_into_one_piece_more() -> None:
    pace = Pace(11, None, 1, density=3.4)  # 9.8 rows fit, 2.88 units: three have 10.2
    assert pace.size(3) == 2
    assert Pace(11, None, 1, density=10.2).size(1) == 1
