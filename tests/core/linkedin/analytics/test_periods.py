"""Periods: where the days of a report may be cut."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from restli_core.linkedin.analytics.periods import GRANULARITIES, Days, Periods, months_before

FIRST, LAST = date(2024, 11, 20), date(2026, 2, 3)


def spans(granularity: str, first: date = FIRST, last: date = LAST) -> list[Days]:
    periods = Periods(Days(first, last), granularity)
    return [periods.between(index, index + 1) for index in range(len(periods))]


@pytest.mark.parametrize("granularity", GRANULARITIES)
@pytest.mark.parametrize(
    ("first", "last"), [(FIRST, LAST), (FIRST, FIRST), (date(2024, 2, 1), date(2024, 2, 29))], ids=str
)
def test_each_day_lies_in_one_period(granularity: str, first: date, last: date) -> None:
    days = [
        span.first + timedelta(days=number)
        for span in spans(granularity, first, last)
        for number in range((span.last - span.first).days + 1)
    ]
    assert days == [first + timedelta(days=number) for number in range((last - first).days + 1)]


@pytest.mark.parametrize(
    ("granularity", "count", "second"),
    [
        ("DAILY", 441, Days(date(2024, 11, 21), date(2024, 11, 21))),
        ("MONTHLY", 16, Days(date(2024, 12, 1), date(2024, 12, 31))),
        ("YEARLY", 3, Days(date(2025, 1, 1), date(2025, 12, 31))),
    ],
    ids=str,
)
def test_periods_are_whole_but_at_both_ends(granularity: str, count: int, second: Days) -> None:
    found = spans(granularity)
    assert (len(found), found[1]) == (count, second)


def test_all_days_are_one_period() -> None:
    assert spans("ALL") == [Days(FIRST, LAST)]


def test_several_periods_are_one_range() -> None:
    periods = Periods(Days(FIRST, LAST), "MONTHLY")
    assert periods.between(1, 14) == Days(date(2024, 12, 1), date(2025, 12, 31))
    assert periods.between(0, 99) == Days(FIRST, LAST)


def test_the_whole_calendar_is_fine() -> None:
    assert len(Periods(Days(date.min, date.max), "DAILY")) == date.max.toordinal()
    assert spans("YEARLY", date(9998, 5, 5), date.max)[-1] == Days(date(9999, 1, 1), date.max)


def test_a_range_is_written_as_linkedin_writes_it() -> None:
    assert Days(date(2026, 1, 2), date(2026, 3, 4)).parameter == {
        "start": {"year": 2026, "month": 1, "day": 2},
        "end": {"year": 2026, "month": 3, "day": 4},
    }


@pytest.mark.parametrize(
    ("day", "expected"),
    [(date(2026, 11, 29), date(2026, 5, 1)), (date(2026, 3, 1), date(2025, 9, 1)), (date.min, date.min)],
    ids=str,
)
def test_months_are_counted_back(day: date, expected: date) -> None:
    assert months_before(day, 6) == expected
