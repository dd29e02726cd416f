"""adAnalytics over generated campaigns: what it answers, leaves out and refuses, as LinkedIn does."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from restli_core import BadRequestError, InvalidCallError
from restli_transports import RestliClient
from restli_transports.testing import AdAnalytics, FakeTransport, RestliServer

JUNE = (date(2026, 6, 1), date(2026, 6, 30))
FIELDS = ["impressions", "costInUsd", "dateRange", "pivotValues"]


def parts(day: date) -> dict[str, int]:
    return {"year": day.year, "month": day.month, "day": day.day}


def params(server: AdAnalytics, **changes: Any) -> dict[str, Any]:
    """Return the parameters of a call for June by campaigns, with some changed; None leaves one out."""
    given: dict[str, Any] = {
        "pivot": "CAMPAIGN",
        "timeGranularity": "DAILY",
        "dateRange": {"start": parts(JUNE[0]), "end": parts(JUNE[1])},
        "accounts": [*server.accounts],
        **changes,
    }
    return {name: value for name, value in given.items() if value is not None}


def ask(server: AdAnalytics, finder: str = "analytics", fields: Any = FIELDS, **changes: Any) -> list[Any]:
    fake = FakeTransport()
    server.add_to(fake)
    client = RestliClient(fake, access_token="token", version_string="202609", retry=None)
    answer = client.finder("/adAnalytics", finder, query_params=params(server, **changes), fields=fields)
    assert answer.paging is not None
    assert (answer.paging.total, answer.paging.links) == (None, [])
    return answer.elements


def rows(elements: list[Any]) -> dict[tuple[Any, ...], Any]:
    return {(date(**row["dateRange"]["start"]), *row["pivotValues"]): row for row in elements}


def test_a_row_is_as_linkedins() -> None:
    server = AdAnalytics(campaigns=1, activity=1)
    row = ask(server)[0]
    assert row["dateRange"] == {"start": parts(JUNE[0]), "end": parts(JUNE[0])}
    assert row["pivotValues"] == [server.campaigns[0]]
    assert isinstance(row["impressions"], int)
    assert str(Decimal(row["costInUsd"])) == row["costInUsd"]
    assert sorted(row) == sorted(FIELDS)


def test_the_truth_is_what_it_answers() -> None:
    server = AdAnalytics(seed=5, accounts=2, groups=2, campaigns=2, creatives=2)
    for granularity in ("ALL", "DAILY", "MONTHLY", "YEARLY"):
        days = (date(2026, 5, 20), JUNE[1])
        asked = {"start": parts(days[0]), "end": parts(days[1])}
        found = rows(ask(server, timeGranularity=granularity, dateRange=asked))
        truth = server.truth(
            pivots=["CAMPAIGN"], fields=FIELDS[:2], days=days, granularity=granularity, accounts=server.accounts
        )
        assert [*found] == [*truth]
        assert [row["impressions"] for row in found.values()] == [row["impressions"] for row in truth.values()]


def test_equal_seeds_make_equal_campaigns() -> None:
    assert ask(AdAnalytics(seed=3)) == ask(AdAnalytics(seed=3)) != ask(AdAnalytics(seed=4))


def test_entities_belong_to_one_another() -> None:
    server = AdAnalytics(accounts=2, groups=3, campaigns=4, creatives=5, activity=1)
    counts = (len(server.accounts), len(server.campaign_groups), len(server.campaigns), len(server.creatives))
    assert counts == (2, 6, 24, 120)
    found = ask(
        server,
        "statistics",
        pivot=None,
        pivots=["CREATIVE", "ACCOUNT"],
        timeGranularity="ALL",
        accounts=[server.accounts[1]],
    )
    assert [row["pivotValues"] for row in found] == [[one, server.accounts[1]] for one in server.creatives[60:]]


def test_facets_narrow_each_other() -> None:
    server = AdAnalytics(accounts=2, campaigns=3, activity=1)
    found = ask(server, accounts=[server.accounts[0]], campaigns=[*server.campaigns[2:4]], timeGranularity="ALL")
    assert [row["pivotValues"] for row in found] == [[server.campaigns[2]]]


def test_what_is_too_much_is_cut_in_silence() -> None:
    server = AdAnalytics(campaigns=5, activity=1, max_rows=40)
    whole = AdAnalytics(campaigns=5, activity=1)
    assert ask(server) == ask(whole)[-40:]
    assert (server.calls, server.cut, whole.cut) == (1, 1, 0)


def test_what_did_not_happen_has_no_row() -> None:
    server = AdAnalytics(campaigns=3, activity=0.5)
    seldom = ask(server, fields=["cardClicks", "dateRange", "pivotValues"])
    often = ask(server)
    assert rows(seldom).keys() < rows(often).keys()
    assert len(often) < 90
    assert ask(AdAnalytics(activity=0)) == []


def test_no_right_is_an_empty_answer() -> None:
    server = AdAnalytics(accounts=2, activity=1, forbidden=["urn:li:sponsoredAccount:5001"])
    found = ask(server, pivot="ACCOUNT", timeGranularity="ALL")
    assert [row["pivotValues"] for row in found] == [[server.accounts[1]]]


def test_without_fields_rows_cannot_be_told_apart() -> None:
    assert {*ask(AdAnalytics(activity=1), fields=None)[0]} == {"impressions", "clicks"}
    assert {*ask(AdAnalytics(activity=1), fields=["impressions"])[0]} == {"impressions"}


def test_the_records_of_older_calls_are_read() -> None:
    server = AdAnalytics(activity=1)
    assert ask(server, pivot={"value": "CAMPAIGN"}, timeGranularity={"value": "ALL"}) == ask(
        server, timeGranularity="ALL"
    )


def test_devices_share_what_a_campaign_has() -> None:
    server = AdAnalytics(campaigns=1, activity=1)
    shares = ask(server, pivot="IMPRESSION_DEVICE_TYPE")
    assert len(shares) == 90
    assert sum(row["impressions"] for row in shares) == sum(row["impressions"] for row in ask(server))


def test_members_are_the_top_hundred() -> None:
    server = AdAnalytics(campaigns=1, activity=1)
    found = ask(server, pivot="MEMBER_INDUSTRY", fields=["impressions", "dateRange", "pivotValues"])
    on_one_day = [row for row in found if row["dateRange"]["start"] == parts(JUNE[0])]
    assert 3 < len(on_one_day) <= 100
    assert all(row["impressions"] >= 3 for row in found)
    assert on_one_day[0]["pivotValues"][0].startswith("urn:li:industry:")


def test_approximate_metrics_are_less_than_their_sum() -> None:
    server = AdAnalytics(campaigns=1, activity=1)
    fields = ["approximateMemberReach", "averageDwellTime"]
    (whole,) = ask(server, fields=fields, timeGranularity="ALL")
    daily = ask(server, fields=fields)
    assert 0 < whole["approximateMemberReach"] < sum(row["approximateMemberReach"] for row in daily)
    assert 0 < whole["averageDwellTime"] < sum(row["averageDwellTime"] for row in daily)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (date(2026, 1, 15), date(2026, 2, 10), (date(2026, 1, 1), date(2026, 2, 28))),
        (date(2026, 1, 15), date(2026, 6, 10), (date(2026, 1, 1), date(2026, 6, 10))),
        (date(2026, 5, 15), date(2026, 6, 10), (date(2026, 5, 15), date(2026, 6, 10))),
    ],
    ids=str,
)
def test_old_days_of_all_are_whole_months(start: date, end: date, expected: tuple[date, date]) -> None:
    server = AdAnalytics(campaigns=1, activity=1, today=date(2026, 10, 5))
    asked = {"start": parts(start), "end": parts(end)}
    (row,) = ask(server, dateRange=asked, timeGranularity="ALL")
    assert (row["dateRange"]["start"], row["dateRange"]["end"]) == tuple(map(parts, expected))


@pytest.mark.parametrize("granularity", ["ALL", "DAILY", "MONTHLY", "YEARLY"])
@pytest.mark.parametrize("today", [None, date.min, date.max])
@pytest.mark.parametrize("day", [date.min, date.max])
def test_the_first_and_the_last_day_of_all_are_days(day: date, today: date | None, granularity: str) -> None:
    server = AdAnalytics(campaigns=2, activity=1, today=today)
    found = ask(server, timeGranularity=granularity, dateRange={"start": parts(day), "end": parts(day)})
    assert {row["dateRange"]["start"]["year"] for row in found} == {day.year}


def test_the_end_may_be_left_out() -> None:
    server = AdAnalytics(campaigns=1, activity=1, today=date(2026, 6, 5))
    assert len(ask(server, dateRange={"start": parts(JUNE[0])})) == 5


@pytest.mark.parametrize(
    ("finder", "fields", "changes", "message"),
    [
        ("analytics", [f"m{number}" for number in range(19)] + FIELDS[2:], {}, "At most 20"),
        ("analytics", FIELDS, {"accounts": None}, "facet"),
        ("analytics", FIELDS, {"pivot": None}, "1 to 3 pivots"),
        ("analytics", FIELDS, {"pivot": "CARD_INDEX"}, "CARD_INDEX"),
        ("analytics", FIELDS, {"timeGranularity": "WEEKLY"}, "timeGranularity"),
        ("analytics", FIELDS, {"dateRange": None}, "dateRange is expected"),
        ("analytics", FIELDS, {"dateRange": {"start": {"year": 2026, "month": 13, "day": 1}}}, "not of dates"),
        ("analytics", FIELDS, {"dateRange": {"start": "today"}}, "not of dates"),
        ("analytics", FIELDS, {"dateRange": {"start": parts(JUNE[1]), "end": parts(JUNE[0])}}, "ends before"),
        ("analytics", ["cardClicks"], {"pivot": "MEMBER_INDUSTRY"}, "cardClicks is not available"),
        ("statistics", FIELDS, {"pivots": ["CAMPAIGN", "MEMBER_INDUSTRY"]}, "not supported by this finder"),
        ("statistics", FIELDS, {"pivots": ["ACCOUNT", "CAMPAIGN_GROUP", "CAMPAIGN", "CREATIVE"]}, "1 to 3 pivots"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_linkedin_refuses_is_refused(finder: str, fields: Any, changes: Any, message: str) -> None:
    with pytest.raises(BadRequestError, match=message):
        ask(AdAnalytics(), finder, fields, **changes)


@pytest.mark.parametrize(
    ("name", "value"),
    [("accounts", 0), ("campaigns", 1.5), ("creatives", True), ("max_rows", 0), ("activity", 2)],
    ids=str,
)
def test_what_cannot_be_generated_is_refused(name: str, value: Any) -> None:
    with pytest.raises(InvalidCallError) as caught:
        AdAnalytics(**{name: value})
    assert caught.value.argument == name


@pytest.mark.sockets
def test_the_embedded_server_plays_it() -> None:
    analytics = AdAnalytics(campaigns=3, activity=1)
    with RestliServer(base_path="/rest") as server:
        analytics.add_to(server)
        with RestliClient(base_url=server.base_url, access_token="token", version_string="202609") as client:
            answer = client.finder("/adAnalytics", "analytics", query_params=params(analytics), fields=FIELDS)
    assert len(answer.elements) == 90
