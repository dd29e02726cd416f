"""Dates: days and moments as LinkedIn's APIs have them, and back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from restli_core.base_errors import DecodeError, InvalidCallError
from restli_core.linkedin.dates import check_day, check_millis, day, day_range, from_day, from_millis, millis

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
DAY = {"year": 2026, "month": 1, "day": 31}


class Subclass(datetime):
    """A datetime as other libraries have them, whose differences are of a class of theirs."""

    def __sub__(self, other: Any) -> Any:
        return "an interval"


class NoZone(tzinfo):
    """A time zone that does not know its offset, which makes a datetime a naive one."""

    def utcoffset(self, dt: datetime | None, /) -> timedelta | None:
        return None

    dst = utcoffset

    def tzname(self, dt: datetime | None, /) -> str | None:
        return None


# -- days --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [date(2026, 1, 31), "2026-01-31"], ids=str)
def test_a_day_is_made_of_a_date_or_its_text(given: date | str) -> None:
    assert day(given) == DAY
    assert check_day("days[0]", given) == date(2026, 1, 31)


# The last of these are forms of ISO 8601 that Python reads as days.
TEXTS = ["31.1.2026", "2026-02-30", "", "2026-1-31", "2026-01-31\n", "20260131", "2026-W05", "2026-W05-6", "2026W056"]


@pytest.mark.parametrize("given", [*TEXTS, 20260131, None, NOON, DAY], ids=str)
def test_what_is_not_a_day_is_refused(given: Any) -> None:
    with pytest.raises(InvalidCallError) as caught:
        check_day("days[0]", given)
    assert caught.value.argument == "days[0]"
    with pytest.raises(InvalidCallError, match=r"^given: must be a date"):
        day(given)


def test_a_datetime_says_why_it_is_not_a_day() -> None:
    with pytest.raises(InvalidCallError, match=r"or '2026-01-31', not a datetime, whose day depends on its time zone$"):
        check_day("days[0]", NOON)
    with pytest.raises(InvalidCallError, match=r"such as datetime\.date\(2026, 1, 31\) or '2026-01-31'$"):
        check_day("days[0]", "31.1.2026")


def test_both_ends_of_a_range_belong_to_it() -> None:
    assert day_range("2026-01-31", date(2026, 3, 4)) == {"start": DAY, "end": {"year": 2026, "month": 3, "day": 4}}
    assert day_range(date(2026, 1, 31), date(2026, 1, 31)) == {"start": DAY, "end": DAY}


def test_a_range_may_have_no_end() -> None:
    assert day_range("2026-01-31") == day_range("2026-01-31", None) == {"start": DAY}


@pytest.mark.parametrize(
    ("first", "last", "argument"),
    [("2026-01-32", None, "first"), ("2026-01-31", NOON, "last"), ("2026-01-31", "2026-01-30", "last")],
    ids=["first", "last", "order"],
)
def test_what_is_not_a_range_is_refused(first: Any, last: Any, argument: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        day_range(first, last)
    assert caught.value.argument == argument


def test_a_day_of_an_answer_is_a_date() -> None:
    assert from_day(DAY) == date(2026, 1, 31)
    assert from_day({**DAY, "week": 5}) == date(2026, 1, 31)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"year": 2026, "month": 1}, "its day is missing"),
        ({"year": 2026, "day": 1}, "its month is missing"),
        ({}, "its year is missing"),
        ({**DAY, "month": None}, "its month is not a whole number"),
        ({**DAY, "month": True}, "its month is not a whole number"),
        ({**DAY, "month": "1"}, "its month is not a whole number"),
        ({**DAY, "month": 1.0}, "its month is not a whole number"),
        ({**DAY, "month": 13}, "the calendar does not have this one"),
        ({"year": 2026, "month": 2, "day": 29}, "the calendar does not have this one"),
        ({**DAY, "year": 10**30}, "the calendar does not have this one"),
        ({**DAY, "year": 10**5000}, "the calendar does not have this one"),
        (None, "a day is expected, with year, month and day"),
        ("2026-01-31", "a day is expected, with year, month and day"),
        ([2026, 1, 31], "a day is expected, with year, month and day"),
    ],
    ids=range(14),
)
def test_what_is_not_a_day_of_an_answer_cannot_be_read(given: Any, reason: str) -> None:
    with pytest.raises(DecodeError) as caught:
        from_day(given)
    assert caught.value.reason.endswith(reason)


# -- moments -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (NOON, 1769860800000),
        (NOON.astimezone(timezone(timedelta(hours=5, minutes=30))), 1769860800000),
        (Subclass(2026, 1, 31, 12, tzinfo=UTC), 1769860800000),
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(1970, 1, 1, 1, tzinfo=ZoneInfo("Europe/Berlin")), 0),
        (datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), -1),
        (datetime(2026, 1, 31, 12, 0, 0, 999_999, tzinfo=UTC), 1769860800999),
        # The hour that is there twice: the second time it is an hour later.
        (datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin")), 1792888200000),
        (datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Berlin")), 1792891800000),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=23))), -62135679600000),
        (datetime.max.replace(tzinfo=timezone(-timedelta(hours=23))), 253402383599999),
    ],
    ids=range(11),
)
def test_a_moment_is_in_milliseconds(moment: datetime, expected: int) -> None:
    assert millis(moment) == check_millis("it", moment) == expected
    assert type(millis(moment)) is int


@pytest.mark.parametrize(
    ("moment", "reason"),
    [
        (datetime(2026, 1, 31), "moment: must have its time zone, and has none: use its replace"),  # noqa: DTZ001
        (datetime(2026, 1, 31, tzinfo=NoZone()), "moment: must have its time zone, and has none: use its replace"),
        (date(2026, 1, 31), "moment: must be a datetime with its time zone, not date: a date alone has no time"),
        (
            "2026-01-31T12:00:00Z",
            "moment: must be a datetime with its time zone, not str: datetime.fromisoformat makes one of a text",
        ),
        (1769860800000, "moment: must be a datetime with its time zone, not int"),
        (None, "moment: must be a datetime with its time zone, not NoneType"),
    ],
    ids=["naive", "no offset", "date", "text", "number", "None"],
)
def test_what_has_no_place_in_time_is_refused(moment: Any, reason: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        millis(moment)
    assert str(caught.value).startswith(reason)


def test_moments_of_pandas_are_moments_and_its_missing_ones_are_not() -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    made = millis(pandas.Timestamp("2026-01-31T12:00:00.000999999Z"))
    assert made == 1769860800000
    assert type(made) is int
    with pytest.raises(InvalidCallError, match="must have its time zone"):
        millis(pandas.NaT)
    for seconds in (253402300800, -99999999999):  # the year 10000, and one before the year 1
        with pytest.raises(InvalidCallError, match=r"^moment: must be within the years 1 to 9999$"):
            millis(pandas.Timestamp(seconds, unit="s", tz="UTC"))


def test_milliseconds_of_an_answer_are_a_moment_in_utc() -> None:
    moment = from_millis(1769860800999)
    assert moment == NOON.replace(microsecond=999_000)
    assert moment.tzinfo is UTC
    assert from_millis(np.int64(1769860800999)) == moment  # type: ignore[arg-type]  # as data frames have them
    assert from_millis(-62135596800000) == datetime.min.replace(tzinfo=UTC)
    assert from_millis(253402300799999) == datetime.max.replace(microsecond=999_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (253402300800000, "not within the years 1 to 9999"),
        (-62135596800001, "not within the years 1 to 9999"),
        (10**30, "not within the years 1 to 9999"),
        (10**5000, "not within the years 1 to 9999"),
        (1769860800000.0, "a whole number"),
        ("1769860800000", "a whole number"),
        (True, "a whole number"),
        (None, "a whole number"),
    ],
    ids=range(8),
)
def test_what_is_not_milliseconds_cannot_be_read(given: Any, reason: str) -> None:
    with pytest.raises(DecodeError) as caught:
        from_millis(given)
    assert caught.value.reason.endswith(reason)
