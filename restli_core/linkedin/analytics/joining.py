"""Joining: the rows of several answers that were asked for with different columns, by their pivot values and days.

    columns 1 to 18      {"dateRange": ..., "pivotValues": [urn], "impressions": 7, ...}  ┐
    columns 19 to 36     {"dateRange": ..., "pivotValues": [urn], "likes": 2, ...}        ├─> one Row
    columns 37 to 45     (nothing: no activity in these)                                  ┘

A row that one answer does not have is as the others say, and has nothing in those columns. Nothing is ever added up.

What is odd in an answer is kept where that is safe, and warned of. Where a row could be joined to a wrong one, or is of
days that nobody asked for, the answer cannot be read: a missing row is looked for, a wrong one is believed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Final

from restli_core.base_errors import DecodeError, InvalidCallError, SuspiciousValueWarning
from restli_core.callers import warn
from restli_core.errors import InvalidResponseError
from restli_core.linkedin.analytics.periods import Days  # noqa: TC001 - for typing.get_type_hints
from restli_core.linkedin.analytics.schema import is_amount
from restli_core.linkedin.dates import from_day
from restli_core.nesting import are_equal
from restli_core.responses import CollectionResponse  # noqa: TC001 - for typing.get_type_hints
from restli_core.urn import Urn
from restli_core.values import Value

__all__ = ["Columns", "Row", "join", "key_of", "only_new"]

# A decimal as LinkedIn writes it. One with more digits is not a number of anything, and stays text.
_DECIMAL: Final = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][-+]?[0-9]{1,3})?")


class Columns(Value):
    """The columns that all rows of a report have.

    Args:
        pivots: the pivots.
        fields: the metrics.
        granularity: what the rows are of: ALL, DAILY, MONTHLY or YEARLY.
    """

    pivots: tuple[str, ...]
    fields: tuple[str, ...]
    granularity: str


class Row(Value):
    """A row of a report: what adAnalytics says of some entities, or other values of the pivots, on some days.

    ``row["impressions"]`` is the value of a metric: an int; a Decimal for amounts of money, and for any other metric
    that LinkedIn sends as a text; a float for those that it sends as one. It is None where LinkedIn left it out, which
    it does with what has not happened. A name that was not asked for is a KeyError.

    Args:
        start: the first day that it is about; None where LinkedIn did not say.
        end: the last day that it is about; likewise.
        pivots: the values of the pivots, in the order of these: a `Urn` where it is one, else as sent.
        values: the metrics that LinkedIn sent, by name.
        columns: what was asked for.
    """

    start: date | None
    end: date | None
    pivots: tuple[Any, ...]
    values: Mapping[str, Any]
    columns: Columns

    @property
    def day(self) -> date | None:
        """The day that it is about; of a month or a year its first day asked for; None for a row of all days."""
        return None if self.columns.granularity == "ALL" else self.start

    def __getitem__(self, name: str) -> Any:
        if name in self.values:
            return self.values[name]
        if name in self.columns.fields:
            return None
        raise KeyError(f"{name!r} is not a metric that was asked for; row.pivots and row.flat() have the pivots")

    def __contains__(self, name: object) -> bool:
        """Return whether it is a metric that was asked for."""
        return name in self.columns.fields

    __iter__: ClassVar[None] = None  # a row is not iterated, for which Python would ask for row[0], row[1] and so on

    def __repr__(self) -> str:
        days = self.start if self.start == self.end else f"{self.start} to {self.end}"
        return f"<Row of {', '.join(self.columns.pivots)}: {days}>"

    def flat(self, *, decimals: Callable[[Decimal], Any] | None = None) -> dict[str, Any]:
        """Return a flat dict, for a data frame or a file: each row of a report has the same keys, in the same order.

        These are ``day``, ``start`` and ``end``, the pivots in lower case, such as ``campaign``, and the metrics as
        they were asked for. Values of pivots are plain texts; what is not there is None.

        Args:
            decimals: makes something else of each Decimal, such as ``float``, for what takes no Decimals.
        """
        flat: dict[str, Any] = {"day": self.day, "start": self.start, "end": self.end}
        for index, pivot in enumerate(self.columns.pivots):
            value = self.pivots[index] if index < len(self.pivots) else None
            flat[pivot.lower()] = str.__str__(value) if isinstance(value, str) else value
        flat |= dict.fromkeys(self.columns.fields)
        flat |= self.values
        if decimals is not None:
            flat |= {name: decimals(value) for name, value in self.values.items() if isinstance(value, Decimal)}
        return flat


def join(answers: Sequence[CollectionResponse], columns: Columns, days: Days) -> list[Row]:
    """Return the rows of a part of a report, by their days and then by the texts of their pivot values.

    Args:
        answers: one for each part of the columns, none of them full.
        columns: all columns.
        days: the days that were asked for.

    Raises:
        InvalidResponseError: one of the answers cannot be read as what was asked for.
    """
    rows: dict[tuple[Any, ...], Row] = {}
    reader = _Reader(columns)
    for answer in answers:
        own: set[tuple[Any, ...]] = set()
        for element in answer.elements:
            row = reader.read(element, answer)
            if row.start is not None and (row.start > days.last or (row.end or row.start) < days.first):
                raise _unreadable(f"a row is of {row.start}, and {days.first} to {days.last} were asked for", answer)
            if len(answers) > 1 and not _is_told_apart(row):
                raise _unreadable("one without its days and pivot values cannot be joined to its other columns", answer)
            key: tuple[Any, ...] = _key(row)
            if key in own:
                if all(are_equal(value, rows[key].values.get(name)) for name, value in row.values.items()):
                    reader.remarks.add("a row twice; it is given once")
                    continue
                if len(answers) > 1:
                    raise _unreadable("two rows of the same days and pivot values cannot be told apart", answer)
                reader.remarks.add("different rows of the same days and pivot values; all are given")
                key = (*key, len(rows))  # no two are the same
            own.add(key)
            before = rows.get(key)
            if before is not None:
                row = Row(row.start, row.end, row.pivots, {**before.values, **row.values}, columns)
            rows[key] = row
    for remark in sorted(reader.remarks):
        _warn(remark)
    return sorted(rows.values(), key=_place)


def only_new(rows: Iterable[Row], given: dict[tuple[Any, ...], int]) -> list[Row]:
    """Return the rows that were not given yet, and note them.

    A server for which the facets of a call add up, rather than narrow each other, sends a row in several parts. One
    that does not say which it is may be any, and is never taken for another.

    Args:
        rows: the rows of one part.
        given: those of the parts before: by days and pivot values, a hash of their metrics.
    """
    new: list[Row] = []
    seen: dict[tuple[Any, ...], int] = {}
    differ = False
    for row in rows:
        if not _is_told_apart(row):
            new.append(row)
            continue
        key, metrics = _key(row), _hash(row)
        if key in given:
            differ |= given[key] != metrics
        else:
            seen[key] = metrics
            new.append(row)
    given.update(seen)
    if differ:
        _warn("different rows of the same days and pivot values for parts of the entities; the first is given")
    return new


def key_of(element: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return what tells a row from others, whatever it is: its days, and the texts of its pivot values."""
    pivots = element.get("pivotValues")
    texts = [one for one in pivots if isinstance(one, str)] if isinstance(pivots, list) else []
    return _days(element.get("dateRange")), tuple(texts)


def _is_told_apart(row: Row) -> bool:
    """Return whether a row says which it is: its days, and a value for each pivot."""
    return row.start is not None and len(row.pivots) == len(row.columns.pivots)


def _key(row: Row) -> tuple[Any, ...]:
    return row.start, row.end, *map(str, row.pivots)


def _place(row: Row) -> tuple[Any, ...]:
    return row.start or date.min, row.end or date.min, *map(str, row.pivots)


class _Reader:
    """Reads rows, and notes what is odd about them.

    Args:
        columns: what was asked for.
    """

    def __init__(self, columns: Columns) -> None:
        self.remarks: set[str] = set()
        self._columns = columns
        # Looked up for each value of each row.
        self._names = frozenset(columns.fields)
        self._amounts = frozenset(filter(is_amount, columns.fields))

    def read(self, element: Any, answer: CollectionResponse) -> Row:
        """Return one row of one answer.

        Raises:
            InvalidResponseError: it is not one.
        """
        if not isinstance(element, dict):
            raise _unreadable(f"one is not an object but of type {type(element).__name__}", answer)
        start, end = _days(element.get("dateRange"))
        if start is None:
            self.remarks.add("a row without its days")
        pivots = element.get("pivotValues")
        if not isinstance(pivots, list):
            pivots = []
        if any(isinstance(one, list | dict) for one in pivots):
            raise _unreadable("the value of a pivot is not a text", answer)
        if len(pivots) != len(self._columns.pivots):
            self.remarks.add("a row without a value for each pivot")
        names, amounts = self._names, self._amounts
        values = {
            # Most are counts, and the row of a year's report has many.
            name: value if type(value) is int and name not in amounts else _value(value, is_amount=name in amounts)
            for name, value in element.items()
            if name in names and value is not None
        }
        return Row(start, end, tuple(map(_pivot, pivots)), values, self._columns)


def _hash(row: Row) -> int:
    """Return a hash of a row's metrics, which two rows of equal ones share."""
    try:
        return hash(frozenset(row.values.items()))
    except TypeError:  # one is a list or an object, as no metric that is known
        return 0


def _warn(remark: str) -> None:
    warn(f"adAnalytics sent {remark}", SuspiciousValueWarning)


def _unreadable(reason: str, answer: CollectionResponse) -> InvalidResponseError:
    return InvalidResponseError(f"the rows of adAnalytics cannot be read: {reason}", answer.response, answer.request)


def _days(given: Any) -> tuple[date | None, date | None]:
    """Return the first and the last day of a dateRange, each None where it is not one."""
    if not isinstance(given, dict):
        return None, None
    start, end = [_day(given.get(name)) for name in ("start", "end")]
    return start, end


def _day(given: Any) -> date | None:
    try:
        return from_day(given)
    except DecodeError:
        return None


def _pivot(value: Any) -> Any:
    try:
        return Urn(value) if isinstance(value, str) else value
    except InvalidCallError:
        return value


def _value(value: Any, *, is_amount: bool) -> Any:
    """Return the value of a metric: amounts, and decimals that are texts, as a Decimal."""
    if isinstance(value, str):
        return Decimal(value) if _DECIMAL.fullmatch(value) else value
    if is_amount and isinstance(value, int | float) and not isinstance(value, bool):
        return Decimal(repr(value))  # the shortest decimal that is this float, which is what JSON had
    return value
