"""adAnalytics, for tests: generated campaigns, and what LinkedIn would say of them, with its limits.

    analytics = AdAnalytics(seed=1, campaigns=400)
    analytics.add_to(server)                                    a RestliServer, a FakeTransport or Handlers
    analytics.truth(pivots=["CAMPAIGN"], fields=["clicks"], days=(first, last), campaigns=analytics.campaigns)

What it does as LinkedIn does:

    more rows than max_rows (15,000)          the last ones of them by days, with status 200: nobody is told
    more than 20 names in `fields`            400; dateRange and pivotValues count
    no `fields`                               impressions and clicks; without pivotValues rows cannot be told apart
    nothing happened in the metrics           no row
    an account without rights                 no rows, with status 200
    amounts of money                          texts, such as "19.91833"
    MEMBER_ pivots                            the top 100 values of each creative and day; 400 in `statistics`
    ALL over days of more than six months     whole months, where the test says which day is today
    no facet, no pivot, four pivots           400

The same seed makes the same campaigns, and each number is a function of creative, day and metric: nothing is stored.
Averages and approximate metrics are not the sums of those of shorter times, as LinkedIn's are not.
"""

from __future__ import annotations

import itertools
import json
import threading
import zlib
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from restli_core.errors import InvalidCallError
from restli_core.messages import HttpResponse
from restli_core.server import Invocation, Refusal
from restli_core.urn import Urn
from restli_transports.testing.handlers import HasHandlers  # noqa: TC001 - for typing.get_type_hints

__all__ = ["AdAnalytics"]

MAX_ROWS: Final = 15_000
MAX_NAMES: Final = 20
MAX_PIVOTS: Final = 3
MEMBER_TOP: Final = 100
MEMBER_FEWEST: Final = 3

_FINDERS: Final = ("analytics", "statistics")
_LEVELS: Final = ("ACCOUNT", "CAMPAIGN_GROUP", "CAMPAIGN", "CREATIVE")
_FACETS: Final = ("accounts", "campaignGroups", "campaigns", "creatives")
_TYPES: Final = ("sponsoredAccount", "sponsoredCampaignGroup", "sponsoredCampaign", "sponsoredCreative")
_FIRST_IDS: Final = (5_000, 600_000_000, 700_000_000, 800_000_000)  # and 1 more, as those of the sample are
_DEVICES: Final = ("DESKTOP_WEB", "MOBILE_APP", "MOBILE_WEB")
_NOT_BY_MEMBERS: Final = frozenset(
    {"conversionValueInLocalCurrency", "cardImpressions", "cardClicks", "approximateMemberReach"}
)
_MASK: Final = (1 << 64) - 1


class _Cell(NamedTuple):
    """What happened to a creative on a day, or the share of it that one value of further pivots has."""

    noise: int
    place: int
    shares: int


class _Metric(NamedTuple):
    """How the values of a metric are made."""

    name: str
    is_rare: bool
    shift: int
    kind: str


class _Question(NamedTuple):
    """What a call asks for, or a test."""

    pivots: tuple[str, ...]
    fields: tuple[str, ...]
    first: date
    last: date
    granularity: str
    facets: Mapping[str, frozenset[str]]


class AdAnalytics:
    """adAnalytics over generated campaigns. It may be used from several threads.

    Args:
        seed: what the numbers are made of.
        accounts: how many accounts there are.
        groups: how many campaign groups each account has.
        campaigns: how many campaigns each group has.
        creatives: how many creatives each campaign has.
        activity: which part of its days each creative is active, from 0 to 1.
        max_rows: how many rows an answer has at most.
        today: the day of today, for ALL; None where single days are kept for ever.
        forbidden: the accounts that the caller has no right to read.

    Attributes:
        accounts: the URNs of the accounts.
        campaign_groups: those of the campaign groups.
        campaigns: those of the campaigns.
        creatives: those of the creatives.
        calls: how many calls were answered.
        cut: how many of the answers were cut.

    Raises:
        InvalidCallError: a number is not what it should be; names it.
    """

    accounts: tuple[Urn, ...]
    campaign_groups: tuple[Urn, ...]
    campaigns: tuple[Urn, ...]
    creatives: tuple[Urn, ...]
    calls: int
    cut: int

    def __init__(
        self,
        *,
        seed: int = 1,
        accounts: int = 1,
        groups: int = 1,
        campaigns: int = 10,
        creatives: int = 1,
        activity: float = 0.9,
        max_rows: int = MAX_ROWS,
        today: date | None = None,
        forbidden: Iterable[str] = (),
    ) -> None:
        counts = {"accounts": accounts, "groups": groups, "campaigns": campaigns, "creatives": creatives}
        for name, count in {**counts, "max_rows": max_rows}.items():
            if not isinstance(count, int) or isinstance(count, bool) or count < 1:
                raise InvalidCallError(name, "must be a number, 1 or above")
        if not 0 <= activity <= 1:
            raise InvalidCallError("activity", "must be a part, from 0 to 1")
        urns: list[list[Urn]] = []
        total = 1
        for kind, (base, count) in zip(_TYPES, zip(_FIRST_IDS, counts.values(), strict=True), strict=True):
            total *= count
            urns.append([Urn.of(kind, base + number) for number in range(1, total + 1)])
        self.accounts, self.campaign_groups, self.campaigns, self.creatives = map(tuple, urns)
        self._owners = [
            (*[level[index * len(level) // total] for level in urns[:-1]], creative)
            for index, creative in enumerate(self.creatives)
        ]
        self._seed, self._activity, self._max_rows, self._today = seed, activity, max_rows, today
        self._forbidden = frozenset(forbidden)
        self.calls = self.cut = 0
        self._lock = threading.Lock()

    def add_to(self, handlers: HasHandlers) -> None:
        """Register the finders `analytics` and `statistics` of adAnalytics.

        Args:
            handlers: where: a `RestliServer`, a fake transport or `Handlers`.
        """
        for finder in _FINDERS:
            handlers.on("/adAnalytics/{id}", "finder", self.answer, name=finder)

    def answer(self, invocation: Invocation) -> HttpResponse:
        """Answer a call of one of the two finders, as LinkedIn would.

        Raises:
            Refusal: 400, in LinkedIn's form.
        """
        names = None if invocation.fields is None else [*invocation.fields]
        question = self._read(invocation, names)
        elements: list[dict[str, Any]] = []
        for start, end, pivots, values in self._rows(question):
            element: dict[str, Any] = {
                name: str(value) if isinstance(value, Decimal) else value for name, value in values.items()
            }
            if names is not None and "dateRange" in names:
                element["dateRange"] = {"start": _parts(start), "end": _parts(end)}
            if names is not None and "pivotValues" in names:
                element["pivotValues"] = [*pivots]
            elements.append(element)
        is_cut = len(elements) > self._max_rows
        if is_cut:
            del elements[: -self._max_rows]
        with self._lock:
            self.calls += 1
            self.cut += is_cut
        # Not a Collection, since a mask over thousands of rows takes longer than they do: they have these fields only.
        paging = {"start": 0, "count": 2**31 - 1, "links": []}
        headers = {"Content-Type": "application/json", "X-RestLi-Protocol-Version": "2.0.0"}
        return HttpResponse(200, headers, json.dumps({"paging": paging, "elements": elements}).encode())

    def truth(
        self,
        *,
        pivots: Sequence[str],
        fields: Sequence[str],
        days: tuple[date, date],
        granularity: str = "DAILY",
        **facets: Iterable[str],
    ) -> dict[tuple[Any, ...], dict[str, Any]]:
        """Return all rows: by their first day and their pivot values, in the order of these, the metrics.

        A report that is complete has these rows and no others. Where it has None for a metric, the metric is 0 here.

        Args:
            pivots: the pivots.
            fields: the metrics, as many as you like.
            days: the first and the last day.
            granularity: DAILY, MONTHLY, YEARLY or ALL.
            facets: accounts, campaign_groups, campaigns or creatives: their URNs.
        """
        given = {name.replace("campaign_groups", "campaignGroups"): frozenset(urns) for name, urns in facets.items()}
        question = _Question(tuple(pivots), tuple(fields), *self._rounded(*days, granularity), granularity, given)
        return {(start, *values): metrics for start, _, values, metrics in self._rows(question)}

    # -- what is asked for -------------------------------------------------------------------------------------------

    def _read(self, invocation: Invocation, names: list[str] | None) -> _Question:
        params = invocation.params
        pivots = _read_pivots(invocation)
        if names is not None and len(names) > MAX_NAMES:
            raise _refusal("PARAM_INVALID", f"At most {MAX_NAMES} fields can be requested")
        metrics = ["impressions", "clicks"] if names is None else names
        fields = tuple(name for name in metrics if name not in {"dateRange", "pivotValues"})
        _refuse_of_members(invocation, pivots, fields)
        facets = {
            name: frozenset(map(str, urns)) for name in _FACETS if isinstance(urns := params.get(name), list) and urns
        }
        if not facets:
            raise _refusal("PARAM_INVALID", "At least one facet is expected")
        granularity = _symbol(params.get("timeGranularity"))
        if granularity not in {"ALL", "DAILY", "MONTHLY", "YEARLY"}:
            raise _refusal("PARAM_INVALID", "timeGranularity is not one of ALL, DAILY, MONTHLY, YEARLY")
        return _Question(pivots, fields, *self._read_days(params, granularity), granularity, facets)

    def _read_days(self, params: Mapping[str, Any], granularity: str) -> tuple[date, date]:
        days = params.get("dateRange")
        if not isinstance(days, dict):
            raise _refusal("PARAM_INVALID", "dateRange is expected")
        first = _date(days.get("start"))
        # The machine's own date, where an end is left out: so it is with LinkedIn.
        last = _date(days["end"]) if "end" in days else self._today or date.today()  # noqa: DTZ011 - a day of no zone
        if first > last:
            raise _refusal("PARAM_INVALID", "dateRange ends before it starts")
        return self._rounded(first, last, granularity)

    def _rounded(self, first: date, last: date, granularity: str) -> tuple[date, date]:
        """Return the days that ALL is about: whole months, where an end is older than single days are kept."""
        if granularity != "ALL" or self._today is None:
            return first, last
        months = max(self._today.year * 12 + self._today.month - 1 - 6, 12)  # there is no year 0
        oldest = date(months // 12, months % 12 + 1, 1)
        if first < oldest:
            first = first.replace(day=1)
        if last < oldest:
            last = _month_end(last)
        return first, last

    # -- what happened -----------------------------------------------------------------------------------------------

    def _rows(self, question: _Question) -> Iterator[tuple[date, date, tuple[str, ...], dict[str, Any]]]:
        """Yield the rows that have something in one of the metrics, by days and pivot values."""
        groups: dict[tuple[date, tuple[str, ...]], list[_Cell]] = {}
        further = [(pivot, _values_of(pivot)) for pivot in question.pivots if pivot not in _LEVELS]
        shares = [*itertools.product(*[values for _, values in further])]
        starts = {day: _start(day, question) for day in _each(question.first, question.last)}
        wanted = [(level, question.facets[name]) for level, name in enumerate(_FACETS) if name in question.facets]
        for index, owners in enumerate(self._owners):
            if owners[0] in self._forbidden or any(owners[level] not in urns for level, urns in wanted):
                continue
            entities = {pivot: owners[_LEVELS.index(pivot)] for pivot in question.pivots if pivot in _LEVELS}
            keys = [
                tuple(
                    {**entities, **dict(zip((pivot for pivot, _ in further), one, strict=True))}[pivot]
                    for pivot in question.pivots
                )
                for one in shares
            ]
            for day, start in starts.items():
                noise = self._noise(index, day)
                if noise % 1000 >= self._activity * 1000:
                    continue
                for place, key in enumerate(keys):
                    groups.setdefault((start, key), []).append(_Cell(noise, place, len(keys)))
        members = any(pivot.startswith("MEMBER_") for pivot in question.pivots)
        plan = [*map(_plan, question.fields)]
        for (start, key), cells in sorted(groups.items()):
            values = {metric.name: _value(metric, cells, members=members) for metric in plan}
            if any(values.values()):
                yield start, _end(start, question), key, values

    def _noise(self, creative: int, day: date) -> int:
        """Return 40 bits or so that are the same for the same creative and day, and else nobody would guess."""
        mixed = self._seed * 0x9E3779B97F4A7C15 + creative * 0xD1B54A32D192ED03 + day.toordinal() * 0x2545F4914F6CDD1D
        mixed = ((mixed & _MASK) ^ ((mixed & _MASK) >> 29)) * 0xBF58476D1CE4E5B9
        return (mixed & _MASK) >> 20


def _plan(name: str) -> _Metric:
    """Return how the values of a metric are made."""
    code = zlib.crc32(name.encode())
    if name.startswith("approximate"):
        kind = "people"
    elif name.startswith(("average", "audience")):
        kind = "ratio"
    elif name.startswith("cost") or name.endswith(("InUsd", "InLocalCurrency")):
        kind = "amount"
    else:
        kind = "count"
    return _Metric(name, code % 3 == 0 and name != "impressions", code % 23, kind)


def _value(metric: _Metric, cells: Sequence[_Cell], *, members: bool) -> Any:
    """Return the value of a metric over some cells."""
    total = most = 0
    for noise, place, shares in cells:
        # Rare is what happens on every seventh day: calls for such metrics alone have fewer rows.
        if metric.is_rare and noise % 7:
            continue
        value = (noise >> metric.shift) % 900 + 1
        if members:
            value = value // (place + 1) if value // (place + 1) >= MEMBER_FEWEST else 0
        elif shares > 1:
            value = value // shares + (place < value % shares)
        total += value
        most = max(most, value)
    if metric.kind == "count":
        return total
    if metric.kind == "people":  # the same ones on most days
        return most + (total - most) // 10
    return Decimal(total * 7919).scaleb(-5) if metric.kind == "amount" else round(total / len(cells) / 1000, 6)


def _read_pivots(invocation: Invocation) -> tuple[str, ...]:
    """Return the pivots of a call."""
    given = invocation.params.get("pivots" if invocation.finder == "statistics" else "pivot")
    pivots = tuple(map(_symbol, given if isinstance(given, list) else [given] if given else []))
    if not 1 <= len(pivots) <= MAX_PIVOTS:
        raise _refusal("PARAM_INVALID", f"1 to {MAX_PIVOTS} pivots are expected")
    for pivot in pivots:
        if pivot not in {*_LEVELS, "IMPRESSION_DEVICE_TYPE"} and not pivot.startswith("MEMBER_"):
            raise _refusal("PARAM_INVALID", f"the pivot {pivot} is not one of those that this server plays")
    return pivots


def _refuse_of_members(invocation: Invocation, pivots: Sequence[str], fields: Sequence[str]) -> None:
    """Refuse what there is not by pivots of demographics."""
    members = [pivot for pivot in pivots if pivot.startswith("MEMBER_")]
    if members and invocation.finder == "statistics":
        raise _refusal("FIELD_INVALID", f"{members[0]} is not supported by this finder")
    for name in fields if members else ():
        if name in _NOT_BY_MEMBERS or name.startswith("viralCard"):
            raise _refusal("FIELD_INVALID", f"{name} is not available for {members[0]}")


def _values_of(pivot: str) -> Sequence[str]:
    """Return the values of a pivot that is not an entity."""
    if not pivot.startswith("MEMBER_"):
        return _DEVICES
    kind = pivot.removeprefix("MEMBER_").removesuffix("_V2").lower()
    return [f"urn:li:{kind}:{number}" for number in range(1, MEMBER_TOP + 1)]


def _each(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _start(day: date, question: _Question) -> date:
    """Return the first day of the row that a day belongs to."""
    starts = {
        "ALL": question.first,
        "DAILY": day,
        "MONTHLY": day.replace(day=1),
        "YEARLY": day.replace(month=1, day=1),
    }
    return max(starts[question.granularity], question.first)


def _end(start: date, question: _Question) -> date:
    """Return the last day of the row that begins on a day."""
    ends = {
        "ALL": question.last,
        "DAILY": start,
        "MONTHLY": _month_end(start),
        "YEARLY": start.replace(month=12, day=31),
    }
    return min(ends[question.granularity], question.last)


def _month_end(day: date) -> date:
    """Return the last day of a day's month, which may be the last that there is."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def _symbol(given: Any) -> str:
    """Return a symbol, which older calls give in a record: ``(value:CAMPAIGN)``."""
    return str(given.get("value") if isinstance(given, Mapping) else given)


def _date(given: Any) -> date:
    try:
        return date(*[int(given[name]) for name in ("year", "month", "day")])
    except (TypeError, KeyError, ValueError, AttributeError):
        raise _refusal("PARAM_INVALID", "dateRange is not of dates") from None


def _parts(day: date) -> dict[str, int]:
    return {"year": day.year, "month": day.month, "day": day.day}


def _refusal(code: str, message: str) -> Refusal:
    return Refusal(400, message, code=code)
