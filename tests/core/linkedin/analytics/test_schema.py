"""Names of adAnalytics: what is known, what is refused, and what is sent with a warning."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from restli_core import InvalidCallError, SuspiciousValueWarning, Urn
from restli_core.linkedin.analytics.schema import (
    FACETS,
    METRICS,
    PIVOTS,
    check_facet,
    check_fields,
    check_pivots,
    is_amount,
    is_of_members,
)

ACCOUNT = Urn("urn:li:sponsoredAccount:5")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["CAMPAIGN"], ("CAMPAIGN",)),
        ("campaign", ("CAMPAIGN",)),
        ("campaign, Creative", ("CAMPAIGN", "CREATIVE")),
        (("account", "campaign_group", "serving_location"), ("ACCOUNT", "CAMPAIGN_GROUP", "SERVING_LOCATION")),
        (["MEMBER_INDUSTRY"], ("MEMBER_INDUSTRY",)),
    ],
    ids=str,
)
def test_pivots_are_names_in_any_case(given: Any, expected: Any) -> None:
    assert check_pivots(given) == expected


@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ([], "pivots"),
        ("", "pivots[0]"),
        (None, "pivots"),
        ({"CAMPAIGN": 1}, "pivots"),
        (b"CAMPAIGN", "pivots"),
        (["ACCOUNT", "CAMPAIGN", "CREATIVE", "SHARE"], "pivots"),
        (["CAMPAIGN", "campaign"], "pivots[1]"),
        (["CAMPAIGN", 7], "pivots[1]"),
        (["List(CAMPAIGN)"], "pivots[0]"),
    ],
    ids=str,
)
def test_what_are_not_pivots_is_refused(given: Any, argument: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        check_pivots(given)
    assert caught.value.argument == argument


def test_an_unknown_pivot_is_sent_with_a_warning() -> None:
    with pytest.warns(SuspiciousValueWarning, match="CAMPAIN is not a pivot that is known") as caught:
        assert check_pivots(["campain"]) == ("CAMPAIN",)
    assert caught[0].filename == __file__


def test_a_pivot_of_members_beside_another_one_is_sent_with_a_warning() -> None:
    with pytest.warns(SuspiciousValueWarning, match="FIELD_INVALID"):
        assert check_pivots(["CAMPAIGN", "MEMBER_INDUSTRY"]) == ("CAMPAIGN", "MEMBER_INDUSTRY")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["impressions", "clicks"], ("impressions", "clicks")),
        ("impressions,costInUsd", ("impressions", "costInUsd")),
        (["pivotValues", "clicks", "dateRange", "clicks"], ("clicks",)),
        ((name for name in ("viralLikes", "eventViewsOver15Seconds")), ("viralLikes", "eventViewsOver15Seconds")),
    ],
    ids=["list", "text", "added ones", "generator"],
)
def test_fields_are_metrics_each_once(given: Any, expected: Any) -> None:
    assert check_fields(given, ["CAMPAIGN"]) == expected


@pytest.mark.parametrize(
    ("given", "pivot", "argument", "cure"),
    [
        ([], "CAMPAIGN", "fields", "name one"),
        (["dateRange", "pivotValues"], "CAMPAIGN", "fields", "no metric"),
        (["clicks", None], "CAMPAIGN", "fields[1]", "'impressions'"),
        (["clicks likes"], "CAMPAIGN", "fields[0]", "'impressions'"),
        (["revenueAttributionMetrics"], "CAMPAIGN", "fields", "attributedRevenueMetrics"),
        (["conversionValueInLocalCurrency"], "MEMBER_INDUSTRY", "fields", "leave it out"),
        (["impressions", "approximateMemberReach"], "MEMBER_COMPANY", "fields", "leave it out"),
        (["cardClicks"], "MEMBER_COUNTRY_V2", "fields", "leave it out"),
        (["viralCardImpressions"], "MEMBER_COUNTRY_V2", "fields", "leave it out"),
    ],
    ids=str,
)
def test_fields_that_linkedin_refuses_are_refused(given: Any, pivot: str, argument: str, cure: str) -> None:
    with pytest.raises(InvalidCallError, match=cure) as caught:
        check_fields(given, [pivot])
    assert caught.value.argument == argument


@pytest.mark.parametrize(
    ("name", "told"), [("Impressions", "is impressions meant"), ("bestMetricOf2027", "it is sent")], ids=str
)
def test_an_unknown_metric_is_sent_with_a_warning(name: str, told: str) -> None:
    with pytest.warns(SuspiciousValueWarning, match=told):
        assert check_fields([name], ["CAMPAIGN"]) == (name,)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (5, (ACCOUNT,)),
        (ACCOUNT, (ACCOUNT,)),
        ("urn:li:sponsoredAccount:5", (ACCOUNT,)),
        ([7, ACCOUNT, 5], (ACCOUNT, Urn("urn:li:sponsoredAccount:7"))),
        (iter([ACCOUNT]), (ACCOUNT,)),
        (np.int64(5), (ACCOUNT,)),
        (np.array([5, 5]), (ACCOUNT,)),
    ],
    ids=["number", "Urn", "text", "mixed", "iterator", "numpy", "numpy's array"],
)
def test_facets_are_urns_or_numbers(given: Any, expected: Any) -> None:
    assert check_facet("accounts", given) == expected


@pytest.mark.parametrize(
    ("name", "given", "argument"),
    [
        ("accounts", [], "accounts"),
        ("accounts", 5.0, "accounts"),
        ("accounts", {"id": 5}, "accounts"),
        ("accounts", ["5001"], "accounts[0]"),
        ("accounts", [ACCOUNT, True], "accounts[1]"),
        ("accounts", [0], "accounts[0]"),
        ("accounts", [None], "accounts[0]"),
        ("shares", [7], "shares[0]"),
    ],
    ids=str,
)
def test_what_is_not_a_facet_is_refused(name: str, given: Any, argument: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        check_facet(name, given)
    assert caught.value.argument == argument
    assert caught.value.reason


def test_a_number_as_text_says_what_it_should_be() -> None:
    with pytest.raises(
        InvalidCallError, match=r"urn:li:sponsoredAccount:123, or a number such as 123, which is not text$"
    ):
        check_facet("accounts", "5001")
    with pytest.raises(InvalidCallError, match=r"must be a URN, such as urn:li:share:123$"):
        check_facet("shares", [5001])


def test_urns_of_another_type_are_sent_with_one_warning() -> None:
    with pytest.warns(SuspiciousValueWarning, match="is a sponsoredAccount, and campaigns are") as caught:
        check_facet("campaigns", [ACCOUNT, "urn:li:sponsoredAccount:7"])
    assert len(caught) == 1


@pytest.mark.parametrize("name", FACETS)
def test_urns_of_each_type_that_belongs_there_are_sent_in_silence(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_facet(name, [Urn.of(kind, 7) for kind in FACETS[name][1]])


def test_the_tables_have_what_linkedin_documents() -> None:
    assert {pivot for pivot in PIVOTS if is_of_members(pivot)} >= {"MEMBER_COUNTRY_V2", "MEMBER_JOB_TITLE"}
    assert {"costPerEventViewOver2Minutes", "viralVideoViews", "sends"} <= METRICS
    assert not {"dateRange", "pivotValues", "revenueAttributionMetrics"} & METRICS


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("costInUsd", True),
        ("costInLocalCurrencyPerPaidQualifiedLead", True),
        ("conversionValueInLocalCurrency", True),
        ("impressions", False),
        ("averageDwellTime", False),
    ],
    ids=str,
)
def test_amounts_are_told_from_counts(name: str, expected: bool) -> None:
    assert is_amount(name) is expected
