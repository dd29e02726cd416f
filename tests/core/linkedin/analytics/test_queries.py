"""Queries: the calls for a part of a report, and by what it may be cut."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from restli_core import Calls, Urn, finder
from restli_core.linkedin.analytics.joining import Columns
from restli_core.linkedin.analytics.periods import Days, Periods
from restli_core.linkedin.analytics.queries import Facets, Part, Query

JUNE = Days(date(2026, 1, 1), date(2026, 6, 30))
CALLS = Calls(version_string="202609")
KINDS = {"accounts": "sponsoredAccount", "campaign_groups": "sponsoredCampaignGroup", "campaigns": "sponsoredCampaign",
         "creatives": "sponsoredCreative", "shares": "share", "companies": "organization"}  # fmt: skip


def query(*pivots: str, fields: tuple[str, ...] = ("clicks",), params: Any = None) -> Query:
    return Query(CALLS, Columns(pivots, fields, "MONTHLY"), Periods(JUNE, "MONTHLY"), params or {}, 15_000)


def facets(**counts: int) -> Facets:
    return {name: tuple([Urn.of(KINDS[name], 1 + one) for one in range(count)]) for name, count in counts.items()}


def test_one_pivot_goes_by_the_finder_analytics() -> None:
    dates = {"start": {"year": 2026, "month": 1, "day": 1}, "end": {"year": 2026, "month": 6, "day": 30}}
    params: dict[str, Any] = {
        "pivot": "CAMPAIGN",
        "timeGranularity": "MONTHLY",
        "dateRange": dates,
        "campaignGroups": ["urn:li:sponsoredCampaignGroup:1"],
        "campaignType": "TEXT_AD",
    }
    expected = finder(
        "/adAnalytics",
        "analytics",
        query_params=params,
        fields=["clicks", "dateRange", "pivotValues"],
        version_string="202609",
    )
    part = Part(JUNE, facets(campaign_groups=1))
    assert query("CAMPAIGN", params={"campaignType": "TEXT_AD"}).calls_for(part) == [expected]


def test_several_pivots_go_by_the_finder_statistics() -> None:
    (call,) = query("CREATIVE", "CAMPAIGN").calls_for(Part(JUNE, facets(accounts=1)))
    assert call.name == "statistics"
    assert "pivots=List(CREATIVE,CAMPAIGN)" in call.request.url


@pytest.mark.parametrize(("metrics", "sizes"), [(1, [1]), (18, [18]), (19, [18, 1]), (45, [18, 18, 9])], ids=str)
def test_a_call_has_twenty_names_at_most(metrics: int, sizes: list[int]) -> None:
    names = tuple([f"m{number}" for number in range(metrics)])
    calls = query("CAMPAIGN", fields=names).calls_for(Part(JUNE, facets(accounts=1)))
    asked = [call.request.url.partition("fields=")[2].partition("&")[0].split(",") for call in calls]
    assert [len(one) - 2 for one in asked] == sizes
    assert [name for one in asked for name in one[:-2]] == [*names]
    assert {(*one[-2:],) for one in asked} == {("dateRange", "pivotValues")}


ALL_FACETS = facets(accounts=2, campaign_groups=2, campaigns=2, creatives=2, shares=2, companies=2)


@pytest.mark.parametrize(
    ("pivots", "cut"),
    [
        (["ACCOUNT"], ["accounts"]),
        (["CAMPAIGN_GROUP"], ["accounts", "campaign_groups"]),
        (["CAMPAIGN"], ["accounts", "campaign_groups", "campaigns"]),
        (["CREATIVE"], ["accounts", "campaign_groups", "campaigns", "creatives"]),
        (["ACCOUNT", "CAMPAIGN"], ["accounts", "campaign_groups", "campaigns"]),
        (["SERVING_LOCATION"], []),
        (["SERVING_LOCATION", "CAMPAIGN_GROUP"], ["accounts", "campaign_groups"]),
        (["SHARE"], ["shares"]),
        (["COMPANY", "ACCOUNT"], ["companies", "accounts"]),
        (["MEMBER_COMPANY"], []),
        (["CREATIVE", "MEMBER_COMPANY"], []),
    ],
    ids=str,
)
def test_a_facet_may_be_cut_where_each_row_lies_in_one_part(pivots: list[str], cut: list[str]) -> None:
    assert query(*pivots).cuttable == set(cut)


@pytest.mark.parametrize(
    ("pivots", "given", "expected"),
    [
        (["CAMPAIGN"], facets(campaigns=400), 400),
        (["ACCOUNT"], facets(campaigns=400), 400),
        (["ACCOUNT", "CAMPAIGN"], facets(accounts=1, campaigns=400), 400),
        (["CAMPAIGN"], facets(campaigns=400, creatives=30), 30),
        (["CAMPAIGN"], facets(accounts=1), None),
        (["CREATIVE"], facets(campaigns=400), None),
        (["CAMPAIGN", "CARD_INDEX"], facets(campaigns=400), None),
        (["SHARE"], facets(shares=3), None),
    ],
    ids=["exact", "below", "above", "the smaller", "unknown", "lower", "beside", "another"],
)
def test_the_rows_of_a_period_are_bounded_by_the_entities(pivots: Any, given: Facets, expected: Any) -> None:
    assert query(*pivots).bound(given) == expected


@pytest.mark.parametrize(
    ("pivots", "given", "expected"),
    [
        (["CAMPAIGN"], facets(accounts=3, campaigns=5, creatives=9), "campaigns"),
        (["CAMPAIGN"], facets(accounts=3, campaigns=1), "accounts"),
        (["CAMPAIGN"], facets(campaigns=1), None),
        (["ACCOUNT"], facets(campaigns=5), None),
        (["MEMBER_COMPANY"], facets(campaigns=5), None),
    ],
    ids=["the longest", "what has several", "nothing left", "below the pivot", "members"],
)
def test_the_longest_facet_is_cut(pivots: Any, given: Facets, expected: Any) -> None:
    assert query(*pivots).facet_to_cut(given) == expected
