"""Reports: what they ask for, that they are complete, and what they say where they cannot be."""

from __future__ import annotations

import gc
import json
import pickle
import warnings
from datetime import date
from typing import Any, assert_type
from urllib.parse import unquote

import pytest

from restli_core import (
    Call,
    ForbiddenError,
    HttpResponse,
    InvalidCallError,
    InvalidResponseError,
    RestliError,
    SuspiciousValueWarning,
)
from restli_core.flows import Item, ItemFlow, Progress
from restli_core.linkedin import analytics
from restli_core.linkedin.analytics import Row, TruncatedReportError, report
from restli_transports.testing import AdAnalytics
from tests.support.reports import CALLS, METRICS, answering, differences, forced, run

JUNE = (date(2026, 6, 1), date(2026, 6, 30))
GIVEN: dict[str, Any] = {"pivots": ["CAMPAIGN"], "fields": ["impressions"], "days": JUNE, "campaigns": [1, 2]}


def given(**changes: Any) -> Any:
    return report(CALLS, **{**GIVEN, **changes})


def first_call(**changes: Any) -> Call[Any]:
    call: Call[Any] = next(given(**changes))
    return call


def parameter(call: Call[Any], name: str) -> str:
    (found,) = [text for text in call.request.url.partition("?")[2].split("&") if text.startswith(f"{name}=")]
    return unquote(found.partition("=")[2])


# -- what is asked for -------------------------------------------------------------------------------------------------


def test_the_names_are_public() -> None:
    assert analytics.__all__ == ["BUDGET", "Row", "TruncatedReportError", "report"]


def test_arguments_go_where_they_belong() -> None:
    call = first_call(
        granularity="monthly",
        campaign_type="TEXT_AD",
        objective_type="LEAD_GENERATION",
        query_params={"newParameter": [1, 2]},
    )
    names = ("q", "pivot", "timeGranularity", "campaignType", "objectiveType", "newParameter", "fields", "dateRange")
    assert [parameter(call, name) for name in names] == [
        "analytics",
        "CAMPAIGN",
        "MONTHLY",
        "TEXT_AD",
        "LEAD_GENERATION",
        "List(1,2)",
        "impressions,dateRange,pivotValues",
        "(end:(day:30,month:6,year:2026),start:(day:1,month:6,year:2026))",
    ]
    assert parameter(call, "campaigns") == "List(urn:li:sponsoredCampaign:1,urn:li:sponsoredCampaign:2)"
    assert call.request.headers["LinkedIn-Version"] == "202609"


@pytest.mark.parametrize(
    ("argument", "changes"),
    [
        ("calls", {"calls": None}),
        ("pivots", {"pivots": []}),
        ("fields", {"fields": []}),
        ("fields", {"pivots": ["MEMBER_INDUSTRY"], "fields": ["cardClicks"]}),
        ("granularity", {"granularity": "WEEKLY"}),
        ("granularity", {"granularity": None}),
        ("accounts", {"campaigns": None}),
        ("campaigns", {"campaigns": []}),
        ("days", {"days": (JUNE[1], JUNE[0])}),
        ("days", {"days": JUNE[0]}),
        ("days", {"days": (*JUNE, JUNE[0])}),
        ("days[1]", {"days": ("2026-06-01", "yesterday")}),
        ("today", {"today": "soon"}),
        ("max_rows", {"max_rows": 1}),
        ("max_rows", {"max_rows": 1.5}),
        ("max_rows", {"max_rows": True}),
        ("query_params", {"query_params": ["pivot"]}),
        ("query_params['pivot']", {"query_params": {"pivot": "SHARE"}}),
        ("query_params['campaignGroups']", {"query_params": {"campaignGroups": []}}),
        ("query_params['x'][0]", {"query_params": {"x": [None]}}),
    ],
    ids=str,
)
def test_a_mistake_is_refused_before_anything_is_sent(argument: str, changes: dict[str, Any]) -> None:
    options = {**GIVEN, **changes}
    with pytest.raises(InvalidCallError) as caught:
        report(options.pop("calls", CALLS), **options)  # not even a step was asked for
    assert caught.value.argument == argument


# -- complete ----------------------------------------------------------------------------------------------------------

WORLDS: dict[str, dict[str, Any]] = {
    "days": {"pivots": ["CAMPAIGN"], "granularity": "DAILY", "by": "campaigns"},
    "unknown": {"pivots": ["CAMPAIGN"], "granularity": "DAILY", "by": "accounts"},
    "below": {"pivots": ["CREATIVE"], "granularity": "DAILY", "by": "campaign_groups"},
    "above": {"pivots": ["CAMPAIGN_GROUP"], "granularity": "DAILY", "by": "creatives"},
    "two": {"pivots": ["CREATIVE", "CAMPAIGN_GROUP"], "granularity": "DAILY", "by": "accounts"},
    "devices": {"pivots": ["CAMPAIGN", "IMPRESSION_DEVICE_TYPE"], "granularity": "DAILY", "by": "campaigns"},
    "months": {"pivots": ["CREATIVE"], "granularity": "MONTHLY", "by": "creatives"},
    "years": {"pivots": ["CREATIVE"], "granularity": "YEARLY", "by": "campaigns"},
    "all": {"pivots": ["CREATIVE"], "granularity": "ALL", "by": "accounts"},
    "exact": {"pivots": ["CREATIVE"], "granularity": "ALL", "by": "creatives"},
    "members": {
        "first": date(2026, 1, 1),
        "pivots": ["MEMBER_INDUSTRY"],
        "granularity": "DAILY",
        "by": "campaigns",
        "max_rows": 110,
    },
}


@pytest.mark.filterwarnings("ignore:days. LinkedIn has single days")
@pytest.mark.parametrize("metrics", [METRICS[:3], METRICS[:20]], ids=["one part", "two parts"])
@pytest.mark.parametrize("name", WORLDS)
def test_a_report_has_every_row(name: str, metrics: list[str]) -> None:
    world = WORLDS[name]
    by, pivots, granularity, max_rows = world["by"], world["pivots"], world["granularity"], world.get("max_rows", 12)
    server = AdAnalytics(seed=7, accounts=2, groups=2, campaigns=2, creatives=2, max_rows=max_rows)
    asked: dict[str, Any] = {
        "days": (world.get("first", date(2025, 12, 15)), date(2026, 1, 3)),
        by: getattr(server, by),
    }
    ran = run(
        report(CALLS, pivots=pivots, fields=metrics, granularity=granularity, max_rows=max_rows, **asked),
        answering(server),
    )
    truth = server.truth(pivots=pivots, fields=metrics, granularity=granularity, **asked)
    ordered = sorted(ran.rows, key=lambda row: (row.start, *row.pivots))
    assert differences(ordered, truth) == []
    assert [row.start for row in ran.rows] == [row.start for row in ordered]
    assert ran.returned == len(truth) == len(ran.rows)
    assert len(truth) >= max_rows
    assert all(len(parameter(call, "fields").split(",")) <= 20 for call in ran.calls)


def test_a_year_of_many_campaigns_takes_few_calls() -> None:
    server = AdAnalytics(seed=3, campaigns=10, max_rows=375)
    days = (date(2025, 1, 1), date(2025, 12, 31))
    ran = run(
        report(CALLS, pivots="CAMPAIGN", fields=METRICS[:20], days=days, campaigns=server.campaigns, max_rows=375),
        answering(server),
    )
    truth = server.truth(pivots=["CAMPAIGN"], fields=METRICS[:20], days=days, campaigns=server.campaigns)
    assert differences(ran.rows, truth) == []
    assert len(ran.calls) <= 1.3 * forced(len(truth), METRICS[:20], 375)
    # What may be too much is asked for with the first columns, before the others are.
    assert ran.together[0] == 1


def test_columns_are_asked_for_together_where_no_answer_can_be_full() -> None:
    server = AdAnalytics(campaigns=2)
    ran = run(given(fields=METRICS, campaigns=server.campaigns), answering(server))
    assert ran.together == [3]


def test_a_metric_of_seldom_days_is_none_where_nothing_happened() -> None:
    server = AdAnalytics(campaigns=3)
    fields = METRICS[:18] + [name for name in METRICS[18:] if name in {"cardClicks", "cardImpressions", "videoViews"}]
    ran = run(given(fields=fields, campaigns=server.campaigns), answering(server))
    truth = server.truth(pivots=["CAMPAIGN"], fields=fields, days=JUNE, campaigns=server.campaigns)
    assert differences(ran.rows, truth) == []
    assert {row["cardClicks"] is None for row in ran.rows} == {True, False}


def test_a_day_that_is_too_much_is_cut_by_its_entities_at_once_when_the_days_before_were() -> None:
    server = AdAnalytics(campaigns=30, creatives=2, activity=1, max_rows=40)
    ran = run(
        given(pivots="CREATIVE", campaigns=server.campaigns, days=("2026-06-01", "2026-06-05"), max_rows=40),
        answering(server),
    )
    assert ran.returned == 5 * 60
    assert (server.cut, len(ran.calls)) == (1, 1 + 5 * 2)  # that answer shows that no day fits
    assert [row.start.day for row in ran.rows if row.start] == sorted(row.start.day for row in ran.rows if row.start)


def test_a_bound_above_the_limit_is_cut_before_it_is_asked_for() -> None:
    server = AdAnalytics(campaigns=30, activity=1, max_rows=20)
    ran = run(given(granularity="ALL", campaigns=server.campaigns, max_rows=20), answering(server))
    assert (ran.returned, len(ran.calls), server.cut) == (30, 2, 0)


def test_the_next_facet_is_cut_where_one_value_of_the_first_is_too_much() -> None:
    server = AdAnalytics(campaigns=4, creatives=30, activity=1, max_rows=20)
    ran = run(
        given(
            pivots="CREATIVE",
            granularity="ALL",
            accounts=server.accounts,
            campaigns=server.campaigns[:2],
            creatives=server.creatives,
            max_rows=20,
        ),
        answering(server),
    )
    assert ran.returned == 60


def test_facets_that_add_up_give_no_row_twice() -> None:
    # As where LinkedIn took one facet or the other: what is asked for account by account comes each time.
    names = [f"urn:li:sponsoredCampaign:{number}" for number in range(10, 20)]

    def answer(call: Call[Any]) -> HttpResponse:
        asked = {*parameter(call, "campaigns")[5:-1].split(","), *names[:2]}
        return rows_answer([name for name in names if name in asked][:8])

    ran = run(given(granularity="ALL", accounts=[1], campaigns=names, max_rows=8), answer)
    assert sorted(row.pivots for row in ran.rows) == [(name,) for name in names]


@pytest.mark.filterwarnings("ignore::restli_core.SuspiciousValueWarning")
def test_rows_without_pivot_values_are_all_given_part_by_part() -> None:
    names = [f"urn:li:sponsoredCampaign:{number}" for number in range(10, 20)]
    day = {"year": 2026, "month": 6, "day": 1}

    def answer(call: Call[Any]) -> HttpResponse:
        asked = [int(name.rpartition(":")[2]) for name in parameter(call, "campaigns")[5:-1].split(",")]
        elements = [{"dateRange": {"start": day, "end": day}, "impressions": number} for number in asked][:4]
        return HttpResponse(200, {}, json.dumps({"elements": elements}).encode())

    ran = run(given(granularity="ALL", campaigns=names, max_rows=4), answer)
    assert sorted(row["impressions"] for row in ran.rows) == [*range(10, 20)]


def test_no_right_to_read_is_an_empty_report() -> None:
    server = AdAnalytics(campaigns=2, forbidden=["urn:li:sponsoredAccount:5001"])
    assert run(given(campaigns=server.campaigns), answering(server)).rows == []


# -- full answers ------------------------------------------------------------------------------------------------------


def rows_answer(pivots: int | list[str]) -> HttpResponse:
    day = {"year": 2026, "month": 6, "day": 1}
    names = [f"urn:li:x:{number}" for number in range(pivots)] if isinstance(pivots, int) else pivots
    elements = [{"dateRange": {"start": day, "end": day}, "pivotValues": [name], "impressions": 1} for name in names]
    return HttpResponse(200, {}, json.dumps({"elements": elements}).encode())


@pytest.mark.parametrize(
    "changes",
    [
        {"granularity": "ALL", "pivots": "SERVING_LOCATION"},
        {"granularity": "ALL", "campaigns": [1]},
        {"granularity": "ALL", "pivots": "CAMPAIGN_GROUP"},
        {"days": ("2026-06-01", "2026-06-01"), "pivots": "MEMBER_INDUSTRY"},
        {"pivots": "CARD_INDEX"},
        {},
    ],
    ids=str,
)
@pytest.mark.parametrize("rows", [10, 11])
def test_a_full_answer_that_cannot_be_cut_is_an_error(changes: dict[str, Any], rows: int) -> None:
    calls: list[Call[Any]] = []

    def answer(call: Call[Any]) -> HttpResponse:
        calls.append(call)
        return rows_answer(rows)

    with pytest.raises(TruncatedReportError, match=f"answered with {rows} rows") as caught:
        run(given(max_rows=10, **changes), answer)
    assert (caught.value.call, caught.value.rows) == (calls[-1], rows)
    assert isinstance(caught.value, RestliError)
    copied = pickle.loads(pickle.dumps(caught.value))
    assert (str(copied), copied.call, copied.rows) == (str(caught.value), calls[-1], rows)


def test_rows_of_a_full_answer_are_not_given() -> None:
    flow = given(max_rows=10, granularity="ALL", pivots="SERVING_LOCATION")
    steps: list[Any] = [next(flow)]
    with pytest.raises(TruncatedReportError):
        steps.append(flow.send(steps[0].parse(rows_answer(10))))
    assert len(steps) == 1


def test_an_answer_of_later_columns_that_is_full_is_asked_for_again() -> None:
    server = AdAnalytics(campaigns=20, activity=1, max_rows=100)
    full = answering(server)
    found: list[int] = []

    def answer(call: Call[Any]) -> HttpResponse:
        """Answer, but leave out most rows of the first columns, as where nothing happened in these."""
        document = json.loads(full(call).body)
        if "impressions" in parameter(call, "fields"):
            document["elements"] = document["elements"][:5]
        found.append(len(document["elements"]))
        return HttpResponse(200, {}, json.dumps(document).encode())

    ran = run(given(fields=METRICS[:20], accounts=server.accounts, campaigns=None, max_rows=100), answer)
    assert 100 in found
    assert ran.returned == 20 * 30


# -- errors and progress -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fields", [["impressions"], METRICS], ids=["one call", "together"])
def test_an_error_ends_a_report(fields: list[str]) -> None:
    def refuse(_call: Call[Any]) -> HttpResponse:
        return HttpResponse(403, {}, b'{"status": 403, "message": "Not enough permissions"}')

    with pytest.raises(ForbiddenError):
        run(given(fields=fields), refuse)


def test_an_answer_about_other_days_ends_a_report() -> None:
    with pytest.raises(InvalidResponseError, match="were asked for"):
        run(given(days=("2026-05-01", "2026-05-31")), lambda _call: rows_answer(3))


def test_a_month_in_place_of_its_days_is_given_once() -> None:
    month = {"start": {"year": 2026, "month": 6, "day": 1}, "end": {"year": 2026, "month": 6, "day": 30}}
    wide = {"dateRange": month, "pivotValues": ["urn:li:x:1"], "impressions": 1}
    full = {"dateRange": month, "pivotValues": ["urn:li:x:2"], "impressions": 1}

    def answer(call: Call[Any]) -> HttpResponse:
        is_whole = parameter(call, "dateRange").count("month:6") == 2 and "day:30" in parameter(call, "dateRange")
        elements = [wide, full, full] if is_whole and "day:1," in parameter(call, "dateRange") else [wide]
        return HttpResponse(200, {}, json.dumps({"elements": elements}).encode())

    ran = run(given(campaigns=None, accounts=[1], max_rows=3), answer)
    assert len(ran.calls) > 2
    assert [row.pivots for row in ran.rows] == [("urn:li:x:1",)]


def test_progress_counts_periods() -> None:
    server = AdAnalytics(campaigns=2, activity=1, max_rows=21)
    ran = run(given(campaigns=server.campaigns, max_rows=21), answering(server))
    assert ran.progress == [Progress(10, 30, "days"), Progress(20, 30, "days"), Progress(30, 30, "days")]


def test_progress_of_all_days_has_one_step() -> None:
    server = AdAnalytics(campaigns=2)
    ran = run(given(campaigns=server.campaigns, granularity="ALL"), answering(server))
    assert ran.progress == [Progress(1, 1, "")]


# -- days that LinkedIn has rounded ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "is_warned"),
    [
        ({"today": date(2026, 11, 29), "days": ("2026-04-30", "2026-06-30")}, True),
        ({"today": date(2026, 11, 29), "days": ("2026-05-01", "2026-06-30")}, False),
        ({"today": date(2026, 11, 29), "days": ("2026-04-30", "2026-06-30"), "granularity": "MONTHLY"}, False),
        ({"days": ("2024-01-01", "2024-12-31")}, True),  # before any version that is known
        ({"today": date(2024, 12, 31), "days": ("2024-09-01", "2024-12-31")}, False),
    ],
    ids=str,
)
def test_all_over_days_that_linkedin_rounds_is_warned_of(changes: dict[str, Any], is_warned: bool) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        given(**{"granularity": "ALL", **changes})
    assert [one.category for one in caught] == [SuspiciousValueWarning] * is_warned


def dated(text: str | None) -> Any:
    headers = {} if text is None else {"Date": text}
    return lambda _call: HttpResponse(200, headers, b'{"elements": []}')


@pytest.mark.parametrize(
    ("moment", "is_warned"),
    [("Tue, 05 Jan 2027 10:00:00 GMT", True), ("Tue, 01 Dec 2026 10:00:00 GMT", False), ("soon", False), (None, False)],
    ids=str,
)
def test_the_first_answer_says_which_day_is_today(moment: str | None, is_warned: bool) -> None:
    flow = given(granularity="ALL", fields=METRICS, days=("2026-06-01", "2026-12-01"))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run(flow, dated(moment))
    assert [one.category for one in caught] == [SuspiciousValueWarning] * is_warned


def test_a_day_that_is_given_goes_before_the_answers() -> None:
    flow = given(granularity="ALL", days=("2026-06-01", "2026-12-01"), today=date(2026, 12, 2))
    run(flow, dated("Tue, 05 Jan 2027 10:00:00 GMT"))  # warnings are errors


# -- what is never added up --------------------------------------------------------------------------------------------


def test_approximate_metrics_are_as_linkedin_says_for_the_whole_time() -> None:
    server = AdAnalytics(campaigns=3)
    fields = ["impressions", "approximateMemberReach", *METRICS[2:30]]
    ran = run(given(fields=fields, granularity="ALL", campaigns=server.campaigns), answering(server))
    daily = run(given(fields=fields, campaigns=server.campaigns), answering(server))
    by_day = sum(row["approximateMemberReach"] or 0 for row in daily.rows if row.pivots == ran.rows[0].pivots)
    truth = server.truth(pivots=["CAMPAIGN"], fields=fields, days=JUNE, granularity="ALL", campaigns=server.campaigns)
    assert differences(ran.rows, truth) == []
    assert 0 < ran.rows[0]["approximateMemberReach"] < by_day


def rows_alive() -> int:
    return sum(isinstance(one, Row) for one in gc.get_objects())


def test_a_report_of_years_has_one_window_in_memory() -> None:
    server = AdAnalytics(campaigns=2, max_rows=100)
    answer, alive = answering(server), [rows_alive()]
    flow = given(days=(date(2024, 1, 1), date(2025, 12, 31)), campaigns=server.campaigns, max_rows=100)
    result, count = None, 0
    while True:
        try:
            step = flow.send(result)
        except StopIteration as end:
            assert end.value == count > 1_000
            break
        result = step.parse(answer(step)) if isinstance(step, Call) else None
        if isinstance(step, Item):
            count += 1
        elif isinstance(step, Call):
            alive.append(rows_alive())
    assert max(alive) - alive[0] <= 2  # while the next window is asked for, but for the item that was given last


def test_its_items_are_rows_for_type_checkers_too() -> None:
    flow = report(CALLS, pivots="CAMPAIGN", fields="clicks", days=("2026-01-01", "2026-01-02"), accounts=5)
    assert_type(flow, ItemFlow[Row, int])
    flow.close()
