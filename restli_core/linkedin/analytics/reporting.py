"""Reports: adAnalytics over any time, any number of entities and any number of metrics, complete to the row.

What LinkedIn limits, and what is done about it:

    20 names in `fields`, dateRange and pivotValues among them     18 metrics a call; the answers are joined
    15,000 rows an answer, the others left out in silence          a call is cut by days, else by entities, where each
                                                                   row then lies in one part; a full answer is asked
                                                                   for again in halves
    URLs                                                           long ones are tunnelled, as those of any call are

    report
      └── days        from the first on, as many periods at once as their rows seem to fit (pacing)
            └── entities        of one period that is full alone: parts of the longest facet that may be cut
                  └── columns        18 at a time: the first alone where its answer may be full, then the rest together

A full answer is never given, not even in part: nobody knows which rows it has. The parts of the columns of one window
are in memory at a time, and no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, TypeAlias

from restli_core.base_errors import InvalidCallError, RestliError, SuspiciousValueWarning
from restli_core.bound_calls import Calls
from restli_core.callers import warn
from restli_core.calls import Call  # noqa: TC001 - for typing.get_type_hints
from restli_core.encoding import Encodable  # noqa: TC001 - for typing.get_type_hints
from restli_core.flows import Flow, Item, ItemFlow, Progress, Together, step
from restli_core.http_dates import read_http_date
from restli_core.linkedin.analytics.budget import MAX_ROWS
from restli_core.linkedin.analytics.joining import Columns, Row, join, key_of, only_new
from restli_core.linkedin.analytics.pacing import Pace
from restli_core.linkedin.analytics.periods import GRANULARITIES, Days, Periods, months_before
from restli_core.linkedin.analytics.queries import Facets, Part, Query
from restli_core.linkedin.analytics.schema import FACETS, check_facet, check_fields, check_pivots
from restli_core.linkedin.dates import check_day
from restli_core.linkedin.versions import latest
from restli_core.responses import CollectionResponse  # noqa: TC001 - for typing.get_type_hints
from restli_core.values import Value

__all__ = ["TruncatedReportError", "report"]

KEPT_MONTHS: Final = 6  # for which LinkedIn has every day

Urns: TypeAlias = str | int | Iterable[str | int]


class TruncatedReportError(RestliError):
    """An answer of adAnalytics is full, so that rows may be missing, and there is no way to ask for less.

    Attributes:
        call: the call whose answer is full.
        rows: how many rows it has.
    """

    call: Call[CollectionResponse]
    rows: int

    def __init__(self, call: Call[CollectionResponse], rows: int, days: Days) -> None:
        super().__init__(
            f"adAnalytics answered with {rows:,} rows for {days.first} to {days.last}, where it leaves out all others, "
            "and this call cannot be cut: ask with fewer pivots, for fewer entities, or DAILY rather than ALL"
        )
        self.call = call
        self.rows = rows


def report(
    calls: Calls,
    *,
    pivots: str | Iterable[str],
    fields: str | Iterable[str],
    days: tuple[date | str, date | str],
    granularity: str = "DAILY",
    accounts: Urns | None = None,
    campaign_groups: Urns | None = None,
    campaigns: Urns | None = None,
    creatives: Urns | None = None,
    shares: Urns | None = None,
    companies: Urns | None = None,
    campaign_type: str | None = None,
    objective_type: str | None = None,
    query_params: Mapping[str, Encodable] | None = None,
    today: date | None = None,
    max_rows: int = MAX_ROWS,
) -> ItemFlow[Row, int]:
    """Return a flow of the rows of adAnalytics: ``for row in client.iterate(report(client.calls, ...))``.

    Its items are `Row`s, ordered by their days and then by the texts of their pivot values. Where the rows of a single
    day do not fit into one answer, those of each part of its entities are in that order.

    At least one facet is needed; several narrow each other. Its return value is the number of rows.

    Args:
        calls: the functions with the client's settings: ``client.calls``.
        pivots: what the rows are told apart by, one to three: ``["CAMPAIGN"]``.
        fields: the metrics, as many as you like.
        days: the first and the last day, both inclusive: dates, or texts ``YYYY-MM-DD``.
        granularity: ``DAILY``, ``MONTHLY``, ``YEARLY`` or ``ALL``: what a row is about. A report of ALL cannot be
            cut by days.
        accounts: the ad accounts, as URNs, or as their numbers.
        campaign_groups: likewise.
        campaigns: likewise.
        creatives: likewise.
        shares: the posts, as URNs.
        companies: the organizations, as URNs.
        campaign_type: such as ``"SPONSORED_UPDATES"``.
        objective_type: such as ``"LEAD_GENERATION"``.
        query_params: further parameters of each call.
        today: the day by which days are old, for a warning. By default that of the first answer's header Date, and
            before it that of the newest version of the API that is known here.
        max_rows: how many rows an answer has at most; one with as many counts as cut.

    Raises:
        InvalidCallError: an argument is not what it should be, or LinkedIn is known to refuse it; names it. `report`
            itself raises it, before anything is sent.
        TruncatedReportError: in the flow: an answer is full, and what was asked for cannot be cut.
        InvalidResponseError: in the flow: an answer has rows that are not of what was asked for.
    """
    if not isinstance(calls, Calls):
        raise InvalidCallError("calls", "must be a Calls, such as client.calls")
    checked = check_pivots(pivots)
    columns = Columns(checked, check_fields(fields, checked), _granularity(granularity))
    given = {
        "accounts": accounts,
        "campaign_groups": campaign_groups,
        "campaigns": campaigns,
        "creatives": creatives,
        "shares": shares,
        "companies": companies,
    }
    facets = {name: check_facet(name, urns) for name, urns in given.items() if urns is not None}
    if not facets:
        raise InvalidCallError("accounts", f"is missing: LinkedIn needs one at least of {', '.join(FACETS)}")
    if not isinstance(max_rows, int) or isinstance(max_rows, bool) or max_rows < 2:
        raise InvalidCallError("max_rows", "must be a number of rows, 2 or above")
    own = {"campaignType": campaign_type, "objectiveType": objective_type}
    params = _further(query_params) | {name: value for name, value in own.items() if value is not None}
    query = Query(calls, columns, Periods(_days(days), columns.granularity), params, max_rows)
    query.calls_for(Part(query.periods.days, facets))  # what cannot be sent is refused here
    age = _Age(query, None if today is None else check_day("today", today))
    return _Reporter(query, age).all_rows(facets)


def _granularity(given: Any) -> str:
    name = given.upper() if isinstance(given, str) else given
    if name not in GRANULARITIES:
        raise InvalidCallError("granularity", f"must be one of {', '.join(GRANULARITIES)}")
    return str(name)


def _days(given: Any) -> Days:
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise InvalidCallError("days", "must be two dates: the first day and the last one, both inclusive")
    first, last = [check_day(f"days[{index}]", day) for index, day in enumerate(given)]
    if first > last:
        raise InvalidCallError("days", f"begin on {first}, after their end on {last}")
    return Days(first, last)


def _further(query_params: Mapping[str, Encodable] | None) -> dict[str, Encodable]:
    """Return the further parameters of the caller's."""
    if query_params is None:
        return {}
    if not isinstance(query_params, Mapping):
        raise InvalidCallError("query_params", "must be a mapping of names to values")
    for name in query_params:
        if name in _OWN:
            reason = "is set by the report itself: rows are ordered by days, and all else has an argument"
            raise InvalidCallError(f"query_params[{name!r}]", reason)
    return dict(query_params)


_OWN: Final = frozenset(
    {"q", "pivot", "pivots", "dateRange", "timeGranularity", "fields", "campaignType", "objectiveType", "sortBy"}
    | {parameter for parameter, _ in FACETS.values()}
)


class _Age:
    """Warn, once, of a report of ALL over days older than those that LinkedIn keeps one by one."""

    def __init__(self, query: Query, today: date | None) -> None:
        self._first = query.periods.days.first
        self._is_open = query.columns.granularity == "ALL"
        # No clock is read here: the newest version that is known was there on its month's first day.
        known = latest()
        self._look(date(int(known[:4]), int(known[4:6]), 1) if today is None else today)
        self._is_open = self._is_open and today is None

    def learn(self, answer: CollectionResponse) -> None:
        """Take the day of the first answer that says it for today."""
        moment = read_http_date(answer.headers.get("Date", "")) if self._is_open else None
        if moment is not None:
            self._look(moment.date())
            self._is_open = False

    def _look(self, today: date) -> None:
        if self._is_open and self._first < months_before(today, KEPT_MONTHS):
            self._is_open = False
            reason = (
                f"LinkedIn has single days for {KEPT_MONTHS} months only: a report of ALL that begins or ends before "
                "is rounded to whole months"
            )
            warn(f"days: {reason}", SuspiciousValueWarning)


class _Outcome(Value):
    """What became of the calls for a part: all its rows, or an answer that is full."""

    rows: list[Row]
    full: tuple[Call[CollectionResponse], CollectionResponse] | None = None


class _Reporter:
    """The flow of one report, in its pieces."""

    def __init__(self, query: Query, age: _Age) -> None:
        self._query = query
        self._age = age
        # What was given of the period that is being cut by its entities.
        self._given: dict[tuple[Any, ...], int] = {}

    def all_rows(self, facets: Facets) -> ItemFlow[Row, int]:
        """Give all rows: as many periods at a time as fit into an answer, and one that does not, by its entities."""
        query, periods = self._query, self._query.periods
        bound, done, count = query.bound(facets), 0, 0
        pace = Pace(query.max_rows, bound, len(query.parts))
        while done < len(periods):
            size = pace.size(len(periods) - done)
            part = Part(periods.between(done, done + size), facets)
            facet = query.facet_to_cut(facets) if size == 1 else None
            self._given.clear()
            if facet is not None and pace.is_certainly_over():
                rows = yield from self._by_entities(part, facet, density=pace.density)
            else:
                outcome = yield from self._ask(part, is_safe=pace.is_safe(size))
                if outcome.full is None:
                    rows = yield from _give(outcome.rows)
                elif size > 1:
                    pace.was_full(size, _guess(outcome.full[1], size, bound))
                    continue
                else:
                    rows = yield from self._cut(part, outcome.full)
                del outcome  # or its rows would be in memory while those of the next window come
            pace.seen(size, rows)
            done += size
            count += rows
            yield Progress(done, len(periods), periods.label)
        return count

    def _cut(self, part: Part, full: tuple[Call[CollectionResponse], CollectionResponse]) -> ItemFlow[Row, int]:
        """Give the rows of one period whose answer was full, by its entities.

        Raises:
            TruncatedReportError: they cannot be cut.
        """
        facet = self._query.facet_to_cut(part.facets)
        if facet is None:
            call, answer = full
            raise TruncatedReportError(call, len(answer.elements), part.days)
        return (yield from self._by_entities(part, facet, was_full=True))

    def _by_entities(
        self, whole: Part, facet: str, *, density: float | None = None, was_full: bool = False
    ) -> ItemFlow[Row, int]:
        """Give the rows of one period, some values of a facet at a time.

        Args:
            whole: the rows.
            facet: the one to cut, of two values at least.
            density: how many rows the period is thought to have; None for no guess.
            was_full: whether the answer for all of them was full.
        """
        query, values = self._query, whole.facets[facet]
        each = None if density is None else density / len(values)
        pace = Pace(query.max_rows, query.bound({facet: values[:1]}), len(query.parts), each)
        if was_full:
            pace.was_full(len(values), 0)
        done = count = 0
        while done < len(values):
            size = pace.size(len(values) - done)
            part = Part(whole.days, {**whole.facets, facet: values[done : done + size]})
            outcome = yield from self._ask(part, is_safe=pace.is_safe(size))
            if outcome.full is None:
                rows = yield from _give(only_new(outcome.rows, self._given))
            elif size > 1:
                pace.was_full(size, 0)
                continue
            else:
                rows = yield from self._cut(part, outcome.full)
            del outcome
            pace.seen(size, rows)
            done += size
            count += rows
        return count

    def _ask(self, part: Part, *, is_safe: bool) -> Flow[_Outcome]:
        """Ask for some rows with all columns, and join these.

        Args:
            part: which rows.
            is_safe: whether no answer can be full. Else the first is waited for before the others are asked for.
        """
        query = self._query
        calls = query.calls_for(part)
        answers: list[CollectionResponse] = []
        for some in [calls] if is_safe else [calls[:1], calls[1:]]:
            for call, answer in zip(some, (yield from _send(some)), strict=True):
                self._age.learn(answer)
                if len(answer.elements) >= query.max_rows:
                    return _Outcome([], (call, answer))
                answers.append(answer)
        rows = join(answers, query.columns, part.days)
        if part.days.first > query.periods.days.first:
            # What began before came with the days before, such as a month where LinkedIn has no single days any more.
            rows = [row for row in rows if row.start is None or row.start >= part.days.first]
        return _Outcome(rows)


def _send(calls: Sequence[Call[CollectionResponse]]) -> Flow[list[CollectionResponse]]:
    """Send calls, together where they are several; raise the error of the first that failed."""
    if len(calls) == 1:
        return [(yield from step(calls[0]))]
    return [sent.result() for sent in (yield from step(Together(calls)))] if calls else []


def _give(rows: Sequence[Row]) -> ItemFlow[Row, int]:
    """Give rows, and return how many."""
    for row in rows:
        yield Item(row)
    return len(rows)


def _guess(answer: CollectionResponse, periods: int, bound: int | None) -> float:
    """Return how many rows a period seems to have, by those of a full answer.

    Nobody knows which rows were left out. If those of later days were, it is as many as the days that are there have;
    if those of further entities were, it is as many as the entities that are there have, times all of these. Each is
    too few where it is the other.
    """
    keys = [key_of(element) for element in answer.elements if isinstance(element, dict)]
    by_days = len(keys) / max(len({days for days, _ in keys}), 1)
    by_entities = len(keys) / max(len({pivots for _, pivots in keys}), 1) * (bound or 0) / periods
    return max(by_days, by_entities)
