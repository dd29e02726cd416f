"""Queries: the calls of a report for a part of its rows, and by what such a part may be cut.

part = days x facets          its calls are one for each 18 metrics

cut by      where each row then lies in one part
metrics     always: the rows of the answers are joined
days        between periods, so not for ALL
a facet     where the pivots name its entity, or one below it; not by MEMBER_ pivots, which are approximate, and have
            the top 100 of each creative and day
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from restli_core.bound_calls import Calls  # noqa: TC001 - for typing.get_type_hints
from restli_core.calls import Call  # noqa: TC001 - for typing.get_type_hints
from restli_core.encoding import Encodable  # noqa: TC001 - for typing.get_type_hints
from restli_core.linkedin.analytics.joining import Columns  # noqa: TC001 - for typing.get_type_hints
from restli_core.linkedin.analytics.periods import Days, Periods  # noqa: TC001 - for typing.get_type_hints
from restli_core.linkedin.analytics.schema import ADDED, FACETS, LEVELS, is_of_members
from restli_core.responses import CollectionResponse  # noqa: TC001 - for typing.get_type_hints
from restli_core.urn import Urn
from restli_core.values import Value

__all__ = ["Facets", "Part", "Query"]

MAX_NAMES: Final = 20  # in `fields`, of LinkedIn's
MAX_METRICS: Final = MAX_NAMES - len(ADDED)

Facets: TypeAlias = Mapping[str, tuple[Urn, ...]]
"""The URNs of each facet that was given, by the name of the argument."""

# Entities outside of the four levels: their pivot -> their facet.
_ALONE: Final[Mapping[str, str]] = {"SHARE": "shares", "COMPANY": "companies"}


class Part(NamedTuple):
    """Which rows of a report."""

    days: Days
    facets: Facets


class Query(Value):
    """What all calls of a report have in common."""

    calls: Calls
    columns: Columns
    periods: Periods
    params: Mapping[str, Encodable]
    max_rows: int

    @property
    def parts(self) -> Sequence[tuple[str, ...]]:
        """The metrics, as many at a time as a call takes."""
        fields = self.columns.fields
        return [fields[start : start + MAX_METRICS] for start in range(0, len(fields), MAX_METRICS)]

    def calls_for(self, part: Part) -> list[Call[CollectionResponse]]:
        """Return the calls for all columns of some rows."""
        pivots = self.columns.pivots
        finder, pivot = (
            ("analytics", {"pivot": pivots[0]}) if len(pivots) == 1 else ("statistics", {"pivots": [*pivots]})
        )
        params: dict[str, Any] = {
            **pivot,
            "timeGranularity": self.columns.granularity,
            "dateRange": part.days.parameter,
            **{FACETS[name][0]: [*urns] for name, urns in part.facets.items()},
            **self.params,
        }
        return [
            self.calls.finder("/adAnalytics", finder, query_params=params, fields=[*fields, *ADDED])
            for fields in self.parts
        ]

    @property
    def cuttable(self) -> frozenset[str]:
        """The facets by which a call may be cut: those of an entity that the pivots name, or name one below."""
        pivots = self.columns.pivots
        if any(is_of_members(pivot) for pivot in pivots):  # the top 100 of each creative, and approximate
            return frozenset()
        levels = [*LEVELS]
        lowest = max([levels.index(pivot) for pivot in pivots if pivot in LEVELS], default=-1)
        own = {LEVELS[level][0] for level in levels[: lowest + 1]}
        return frozenset(own | {facet for pivot, facet in _ALONE.items() if pivot in pivots})

    def bound(self, facets: Facets) -> int | None:
        """Return how many rows a period has at most; None where the facets do not tell.

        Each of the entities at or below the lowest pivot belongs to one entity of each pivot above it.
        """
        levels, pivots = [*LEVELS], self.columns.pivots
        if not all(pivot in LEVELS for pivot in pivots):
            return None
        lowest = max(levels.index(pivot) for pivot in pivots)
        known = [len(facets[LEVELS[level][0]]) for level in levels[lowest:] if LEVELS[level][0] in facets]
        return min(known, default=None)

    def facet_to_cut(self, facets: Facets) -> str | None:
        """Return the facet by which to cut a call: the longest of those by which it may be; None for none."""
        names = [name for name in facets if name in self.cuttable and len(facets[name]) > 1]
        return max(names, key=lambda name: len(facets[name]), default=None)
