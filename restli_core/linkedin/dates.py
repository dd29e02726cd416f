"""Dates: days and moments as LinkedIn's APIs have them, and back.

    a day            {"year": 2026, "month": 1, "day": 31}          com.linkedin.common.Date; no time zone
    a range of days  {"start": a day, "end": a day}                 both inclusive; the end may be left out
    a moment         1769860800000                                  whole milliseconds since 1970 in UTC

A moment has a place on the clock of the whole world, and a day has none. So a moment is made of a datetime that knows
its time zone, and a day of a date, or of its text: neither is guessed from the other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from restli_core.base_errors import DecodeError, InvalidCallError
from restli_core.numbers import whole_number

__all__ = ["day", "day_range", "from_day", "from_millis", "millis"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_PARTS: Final = ("year", "month", "day")
_DAY: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def day(given: date | str) -> dict[str, int]:
    """Return a day as LinkedIn's APIs have it.

    >>> day("2026-01-31")
    {'year': 2026, 'month': 1, 'day': 31}

    Args:
        given: a date, or its text ``YYYY-MM-DD``.

    Raises:
        InvalidCallError: it is neither. A datetime is not a day: which one it is depends on its time zone. The date of
            the clock that is meant is ``moment.date()``.
    """
    return _record(check_day("given", given))


def day_range(first: date | str, last: date | str | None = None) -> dict[str, dict[str, int]]:
    """Return a range of days as LinkedIn's APIs have it, such as `dateRange` of adAnalytics.

    Args:
        first: the first day, as for `day`.
        last: the last day, which belongs to it; None to leave the end open.

    Raises:
        InvalidCallError: they are not days, or the last is before the first.
    """
    start = check_day("first", first)
    if last is None:
        return {"start": _record(start)}
    end = check_day("last", last)
    if end < start:
        raise InvalidCallError("last", f"is {end}, before the first day, {start}: give the earlier one first")
    return {"start": _record(start), "end": _record(end)}


def millis(moment: datetime) -> int:
    """Return a moment in milliseconds since 1970, which is how LinkedIn's APIs have times.

    It is exact, for every datetime. What is shorter than a millisecond is cut off: the moment is never later than the
    one that was given.

    >>> millis(datetime(2026, 1, 31, 12, 0, tzinfo=UTC))
    1769860800000

    Args:
        moment: the moment, with its time zone.

    Raises:
        InvalidCallError: it is not a datetime, or has no time zone: its place in time is not known. The cure is
            ``moment.replace(tzinfo=datetime.UTC)`` or the zone that it is in, or ``moment.astimezone()`` for that of
            the machine.
    """
    return check_millis("moment", moment)


def from_day(given: Mapping[str, int]) -> date:
    """Return the date of a day that an answer of LinkedIn's has.

    Args:
        given: the day, with year, month and day.

    Raises:
        DecodeError: it is not one: a part is missing or is not a whole number, or the calendar has no such day.
    """
    if not isinstance(given, Mapping):
        raise _not_read(given, "a day is expected, with year, month and day")
    parts: list[int] = []
    for name in _PARTS:
        part = whole_number(given.get(name))
        if part is None:
            fault = "is not a whole number" if name in given else "is missing"
            raise _not_read(given, f"a day is expected, and its {name} {fault}")
        parts.append(part)
    try:
        return date(*parts)
    except (ValueError, OverflowError):
        raise _not_read(given, "a day is expected, and the calendar does not have this one") from None


def from_millis(given: int) -> datetime:
    """Return the moment that an answer of LinkedIn's has, in UTC.

    >>> from_millis(1769860800000)
    datetime.datetime(2026, 1, 31, 12, 0, tzinfo=datetime.timezone.utc)

    Args:
        given: milliseconds since 1970.

    Raises:
        DecodeError: it is not a whole number, or the moment is not within the years 1 to 9999.
    """
    number = whole_number(given)
    if number is None:
        raise _not_read(given, "milliseconds since 1970 are expected, a whole number")
    try:
        return _EPOCH + timedelta(milliseconds=number)
    except OverflowError:
        reason = "milliseconds since 1970 are expected, and this is not within the years 1 to 9999"
        raise _not_read(given, reason) from None


def check_day(argument: str, given: Any) -> date:
    """Return a day, of a date or of its text ``YYYY-MM-DD``.

    Raises:
        InvalidCallError: it is neither. A datetime is not one: its day depends on its time zone.
    """
    if isinstance(given, str):
        # Python reads more forms of ISO 8601: a week would silently be its Monday.
        if _DAY.fullmatch(given):
            with suppress(ValueError):
                return date.fromisoformat(given)
    elif isinstance(given, date) and not isinstance(given, datetime):
        return given
    cure = ", not a datetime, whose day depends on its time zone" if isinstance(given, datetime) else ""
    raise InvalidCallError(argument, f"must be a date, such as datetime.date(2026, 1, 31) or '2026-01-31'{cure}")


def check_millis(argument: str, moment: Any) -> int:
    """Return the milliseconds since 1970 of a datetime that has a time zone.

    Raises:
        InvalidCallError: it is not one, or not within the years 1 to 9999.
    """
    if not isinstance(moment, datetime):
        cure = ": a date alone has no time" if isinstance(moment, date) else ""
        if isinstance(moment, str):
            cure = ": datetime.fromisoformat makes one of a text such as '2026-01-31T12:00:00+01:00'"
        raise InvalidCallError(argument, f"must be a datetime with its time zone, not {type(moment).__name__}{cure}")
    # The methods of datetime itself: subclasses of other libraries return what is theirs, or mean no time by it (NaT).
    if datetime.utcoffset(moment) is None:
        cure = "replace(tzinfo=datetime.UTC) if it is in UTC, or astimezone() if it is in this machine's zone"
        raise InvalidCallError(argument, f"must have its time zone, and has none: use its {cure}")
    # Those of pandas reach beyond the calendar of datetime, which then has another year for them.
    if moment.year != datetime.date(moment).year:
        raise InvalidCallError(argument, "must be within the years 1 to 9999")
    # Of timedeltas, which are whole numbers: `timestamp()` is a float, which is not exact.
    return datetime.__sub__(moment, _EPOCH) // _MILLISECOND


def _record(given: date) -> dict[str, int]:
    return {name: getattr(given, name) for name in _PARTS}


def _not_read(given: Any, reason: str) -> DecodeError:
    try:
        text = repr(given)
    except (ValueError, RecursionError):  # an int of more digits than Python writes, a value that is too deep
        text = f"<{type(given).__name__}>"
    return DecodeError(text, 0, reason)
