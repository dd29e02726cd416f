"""Periods: the days of a report, and where a call for them may be cut.

    DAILY      between any two days
    MONTHLY    between two months
    YEARLY     between two years
    ALL        nowhere: each row is about all days

Both ends of every range are inclusive, as in `dateRange`.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, NamedTuple

from restli_core.linkedin.dates import day_range

__all__ = ["GRANULARITIES", "Days", "Periods", "months_before"]

GRANULARITIES: Final = ("ALL", "DAILY", "MONTHLY", "YEARLY")

_ONE_DAY: Final = timedelta(days=1)
_LABELS: Final = {"ALL": "", "DAILY": "days", "MONTHLY": "months", "YEARLY": "years"}


class Days(NamedTuple):
    """A range of days, both inclusive."""

    first: date
    last: date

    @property
    def parameter(self) -> dict[str, dict[str, int]]:
        """The value of `dateRange`."""
        return day_range(self.first, self.last)


class Periods:
    """The periods of a report, by their indices: days, months, years, or one of all days.

    The first and the last one may be shorter than their month or year.

    Args:
        days: all days.
        granularity: one of the four.
    """

    __slots__ = ("days", "granularity")

    def __init__(self, days: Days, granularity: str) -> None:
        self.days: Days = days
        self.granularity: str = granularity

    @property
    def label(self) -> str:
        """What they are, in the plural; empty for the one of all days."""
        return _LABELS[self.granularity]

    def __len__(self) -> int:
        first, last = self.days
        match self.granularity:
            case "DAILY":
                return (last - first).days + 1
            case "MONTHLY":
                return _month(last) - _month(first) + 1
            case "YEARLY":
                return last.year - first.year + 1
            case _:
                return 1

    def between(self, start: int, stop: int) -> Days:
        """Return the days of the periods from one index to before another."""
        last = self.days.last if stop >= len(self) else self._begin(stop) - _ONE_DAY
        return Days(self.days.first if start == 0 else self._begin(start), last)

    def _begin(self, index: int) -> date:
        """Return the first day of a period that is not the first."""
        first = self.days.first
        if self.granularity == "DAILY":
            return first + timedelta(days=index)
        if self.granularity == "YEARLY":
            return date(first.year + index, 1, 1)
        year, month = divmod(_month(first) + index, 12)
        return date(year, month + 1, 1)


def _month(day: date) -> int:
    """Return the number of a day's month since the year 0."""
    return day.year * 12 + day.month - 1


def months_before(day: date, months: int) -> date:
    """Return the first day of the month that is so many months before that of a day; that of year 1 at the earliest."""
    year, month = divmod(max(_month(day) - months, 12), 12)
    return date(year, month + 1, 1)
