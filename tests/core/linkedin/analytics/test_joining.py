"""Joining: rows of several answers, what a row says, and answers that no server should send."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from restli_core import HttpResponse, InvalidResponseError, SuspiciousValueWarning, Urn, finder
from restli_core.linkedin.analytics.joining import Columns, Row, join, key_of, only_new
from restli_core.linkedin.analytics.periods import Days
from restli_core.responses import CollectionResponse

ONE, TWO = "urn:li:sponsoredCampaign:1", "urn:li:sponsoredCampaign:2"
DAYS = Days(date(2026, 1, 1), date(2026, 1, 31))
COLUMNS = Columns(("CAMPAIGN",), ("impressions", "costInUsd", "likes", "averageDwellTime"), "DAILY")


def element(day: int = 1, *pivots: Any, **values: Any) -> dict[str, Any]:
    at = {"year": 2026, "month": 1, "day": day}
    return {"dateRange": {"start": at, "end": at}, "pivotValues": [*pivots] or [ONE], **values}


def answer(*elements: Any) -> CollectionResponse:
    call = finder("/adAnalytics", "analytics", version_string="202609")
    return call.parse(HttpResponse(200, {}, json.dumps({"elements": elements}).encode()))


def joined(*answers: CollectionResponse, columns: Columns = COLUMNS) -> list[Row]:
    return join(answers, columns, DAYS)


def row(**values: Any) -> Row:
    (only,) = joined(answer(element(**values)))
    return only


# -- a row -------------------------------------------------------------------------------------------------------------


def test_a_row_says_what_it_is_about() -> None:
    (one,) = joined(answer(element(5, ONE, impressions=7)))
    assert (one.day, one.start, one.end) == (date(2026, 1, 5),) * 3
    assert one.pivots == (Urn(ONE),)
    assert isinstance(one.pivots[0], Urn)
    assert one["impressions"] == 7


def test_what_linkedin_left_out_is_none_and_what_nobody_asked_for_is_a_key_error() -> None:
    one = row(impressions=None, shares=3)
    assert one["impressions"] is None
    with pytest.raises(
        KeyError, match=r"'shares' is not a metric that was asked for; row\.pivots and row\.flat\(\) have"
    ):
        one["shares"]


def test_a_row_knows_its_metrics_and_is_not_iterated() -> None:
    one = row(impressions=None, shares=3)
    assert "impressions" in one
    assert "likes" in one
    assert "shares" not in one
    assert "campaign" not in one
    untyped: Any = one
    for loop in (iter, list, dict):
        with pytest.raises(TypeError, match="'Row' object is not iterable"):
            loop(untyped)


def test_a_row_of_many_days_shows_both_ends() -> None:
    one = Row(date(2026, 1, 1), date(2026, 1, 31), (), {}, Columns(("CAMPAIGN", "CREATIVE"), (), "MONTHLY"))
    assert repr(one) == "<Row of CAMPAIGN, CREATIVE: 2026-01-01 to 2026-01-31>"


@pytest.mark.parametrize(
    ("name", "sent", "expected"),
    [
        ("impressions", 7, 7),
        ("impressions", True, True),
        ("costInUsd", "19.91833", Decimal("19.91833")),
        ("costInUsd", "-1E-5", Decimal("-0.00001")),
        ("costInUsd", 0, Decimal(0)),
        ("costInUsd", 0.1, Decimal("0.1")),
        ("costInUsd", True, True),
        ("costInUsd", "much", "much"),
        ("costInUsd", "NaN", "NaN"),
        ("costInUsd", "1e9999", "1e9999"),
        ("costInUsd", "9" * 50, "9" * 50),
        ("likes", "12", Decimal(12)),
        ("averageDwellTime", 0.25, 0.25),
        ("likes", [{"a": 1}], [{"a": 1}]),
    ],
    ids=str,
)
def test_a_value_is_a_number_of_its_kind(name: str, sent: Any, expected: Any) -> None:
    value = row(**{name: sent})[name]
    assert (value, type(value)) == (expected, type(expected))


def test_flat_rows_have_the_same_keys_in_the_same_order() -> None:
    first, second = joined(answer(element(1, ONE, likes=2), element(2, TWO, costInUsd="1.5", impressions=3)))
    assert [*first.flat()] == [*second.flat()]
    assert first.flat() == {
        "day": date(2026, 1, 1),
        "start": date(2026, 1, 1),
        "end": date(2026, 1, 1),
        "campaign": ONE,
        "impressions": None,
        "costInUsd": None,
        "likes": 2,
        "averageDwellTime": None,
    }
    assert type(first.flat()["campaign"]) is str
    assert second.flat(decimals=float)["costInUsd"] == 1.5
    assert type(second.flat(decimals=float)["impressions"]) is int


def test_a_flat_row_has_each_pivot_whatever_came() -> None:
    columns = Columns(("CAMPAIGN", "CARD_INDEX", "SERVING_LOCATION"), ("likes",), "DAILY")
    with pytest.warns(SuspiciousValueWarning, match="for each pivot"):
        (one,) = joined(answer(element(1, ONE, 3, likes=1)), columns=columns)
    assert one.pivots == (ONE, 3)
    assert [one.flat()[name] for name in ("campaign", "card_index", "serving_location")] == [ONE, 3, None]


def test_a_row_of_all_days_has_no_day() -> None:
    (one,) = joined(answer(element(3, likes=1)), columns=Columns(("CAMPAIGN",), ("likes",), "ALL"))
    assert (one.day, one.start, one.flat()["day"]) == (None, date(2026, 1, 3), None)


def test_a_row_is_a_value() -> None:
    one = row(likes=1)
    assert pickle.loads(pickle.dumps(one)) == one
    assert repr(one) == "<Row of CAMPAIGN: 2026-01-01>"


# -- joining -----------------------------------------------------------------------------------------------------------


def test_columns_are_joined_by_days_and_pivots() -> None:
    rows = joined(
        answer(element(2, TWO, impressions=1), element(1, ONE, impressions=2)),
        answer(element(1, TWO, likes=3), element(1, ONE, likes=4)),
        answer(),
    )
    assert [(one.start, one.pivots[0], dict(one.values)) for one in rows] == [
        (date(2026, 1, 1), ONE, {"impressions": 2, "likes": 4}),
        (date(2026, 1, 1), TWO, {"likes": 3}),
        (date(2026, 1, 2), TWO, {"impressions": 1}),
    ]


def test_rows_are_in_order_whatever_the_order_of_the_answer() -> None:
    elements = [element(day, pivot, likes=1) for day in (3, 1, 2) for pivot in (TWO, ONE)]
    assert joined(answer(*elements)) == joined(answer(*reversed(elements)))


def test_a_row_that_comes_twice_is_given_once() -> None:
    same = element(1, ONE, likes=1)
    with pytest.warns(SuspiciousValueWarning, match="a row twice") as caught:
        assert len(joined(answer(same, same, same), answer(element(1, ONE, impressions=1)))) == 1
    assert len(caught) == 1


def test_different_rows_that_look_the_same_are_all_given() -> None:
    with pytest.warns(SuspiciousValueWarning, match="all are given"):
        rows = joined(answer(*[element(1, ONE, likes=likes) for likes in (1, 2, 3)]))
    assert [one["likes"] for one in rows] == [1, 2, 3]


def test_rows_that_cannot_be_told_apart_are_not_joined() -> None:
    with pytest.raises(InvalidResponseError, match="cannot be told apart"):
        joined(answer(element(1, ONE, likes=1), element(1, ONE, likes=2)), answer(element(1, ONE, impressions=1)))


@pytest.mark.parametrize("lacking", ["dateRange", "pivotValues"])
def test_a_row_that_does_not_say_which_it_is_is_not_joined(lacking: str) -> None:
    odd = {name: value for name, value in element(1, ONE, likes=1).items() if name != lacking}
    with pytest.raises(InvalidResponseError, match="cannot be joined"):
        joined(answer(element(1, ONE, impressions=1)), answer(odd))


def test_what_was_given_before_is_not_new() -> None:
    rows = joined(answer(element(1, ONE, likes=1), element(1, TWO, likes=2)))
    given: dict[tuple[Any, ...], int] = {}
    assert only_new(rows[:1], given) == rows[:1]
    assert only_new(rows, given) == rows[1:]
    assert only_new(rows, given) == []


def test_a_row_that_was_given_with_other_metrics_is_warned_of() -> None:
    given: dict[tuple[Any, ...], int] = {}
    first = joined(answer(element(1, ONE, likes=1)))
    assert only_new(first, given) == first
    with pytest.warns(SuspiciousValueWarning, match="the first is given") as caught:
        assert only_new(joined(answer(element(1, ONE, likes=2))), given) == []
    assert len(caught) == 1


def test_a_row_of_nested_metrics_is_given_once() -> None:
    rows = joined(answer(element(1, ONE, likes=[1])))
    given: dict[tuple[Any, ...], int] = {}
    assert only_new(rows, given) == rows
    assert only_new(rows, given) == []


@pytest.mark.filterwarnings("ignore::restli_core.SuspiciousValueWarning")
@pytest.mark.parametrize("lacking", ["dateRange", "pivotValues"])
def test_a_row_that_does_not_say_which_it_is_is_always_new(lacking: str) -> None:
    rows = joined(answer({**element(likes=1), lacking: None}))
    given: dict[tuple[Any, ...], int] = {}
    assert only_new(rows, given) == rows
    assert only_new(rows, given) == rows


def test_a_row_twice_is_compared_however_deep_it_is() -> None:
    def nested(_body: bytes) -> Any:  # a reader of JSON that does not recurse
        rows = []
        for _ in range(2):
            deep: list[Any] = []
            for _ in range(100_000):
                deep = [deep]
            rows.append(element(likes=deep))
        return {"elements": rows}

    call = finder("/adAnalytics", "analytics", version_string="202609")
    with pytest.warns(SuspiciousValueWarning, match="a row twice"):
        assert len(joined(call.parse(HttpResponse(200, {}, b"{}"), loads=nested))) == 1


# -- what no server should send ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "days",
    [
        None,
        [],
        {},
        {"start": None},
        {"start": {"year": 2026, "month": 13, "day": 1}},
        {"start": {"year": "2026", "month": 1, "day": 1}},
        {"start": {"year": 10**30, "month": 1, "day": 1}},
        {"start": {"year": 2026, "month": 1}},
        {"start": [2026, 1, 1]},
    ],
    ids=str,
)
def test_a_row_without_days_is_kept_with_a_warning(days: Any) -> None:
    with pytest.warns(SuspiciousValueWarning, match="without its days"):
        (one,) = joined(answer({"dateRange": days, "pivotValues": [ONE], "likes": 1}))
    assert (one.start, one.day, one["likes"]) == (None, None, 1)


@pytest.mark.parametrize("pivots", [None, [], "urn:li:x:1", {}, [ONE, TWO]], ids=str)
def test_a_row_with_odd_pivots_is_kept_with_a_warning(pivots: Any) -> None:
    odd = {**element(likes=1), "pivotValues": pivots}
    with pytest.warns(SuspiciousValueWarning, match="for each pivot"):
        (one,) = joined(answer(odd))
    assert one.pivots == (tuple(pivots) if isinstance(pivots, list) else ())


@pytest.mark.parametrize("value", ["DESKTOP_WEB", "urn:li", "", 7, 1.5, True, None], ids=repr)
def test_a_pivot_value_that_is_not_a_urn_is_as_sent(value: Any) -> None:
    (one,) = joined(answer({**element(likes=1), "pivotValues": [value]}))
    assert one.pivots == (value,)


@pytest.mark.parametrize(
    ("element", "reason"),
    [
        (None, "not an object"),
        ([], "not an object"),
        (7, "not an object"),
        ({**element(), "pivotValues": [[ONE]]}, "not a text"),
        ({**element(), "pivotValues": [{"value": ONE}]}, "not a text"),
        ({**element(), "dateRange": {"start": {"year": 2026, "month": 2, "day": 1}}}, "2026-02-01, and 2026-01-01"),
        ({**element(), "dateRange": {"start": {"year": 2020, "month": 1, "day": 1}}}, "2020-01-01, and 2026-01-01"),
    ],
    ids=str,
)
def test_a_row_that_is_none_is_an_answer_that_cannot_be_read(element: Any, reason: str) -> None:
    with pytest.raises(InvalidResponseError, match=reason) as caught:
        joined(answer(element))
    assert caught.value.request is not None


def test_a_month_that_begins_before_the_days_is_of_these() -> None:
    wide = {"start": {"year": 2025, "month": 12, "day": 1}, "end": {"year": 2026, "month": 1, "day": 31}}
    (one,) = joined(answer({**element(likes=1), "dateRange": wide}))
    assert (one.start, one.end) == (date(2025, 12, 1), date(2026, 1, 31))


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ({}, ((None, None), ())),
        ({"pivotValues": 7}, ((None, None), ())),
        ({"pivotValues": [[], ONE]}, ((None, None), (ONE,))),
        (element(), ((date(2026, 1, 1), date(2026, 1, 1)), (ONE,))),
    ],
    ids=str,
)
def test_whatever_a_row_is_it_has_a_key(element: Mapping[str, Any], expected: Any) -> None:
    assert key_of(element) == expected
