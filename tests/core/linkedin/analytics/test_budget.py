"""The budget of adAnalytics: what a call costs, before it is sent and after."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from restli_core import Call, HttpRequest, HttpResponse, finder
from restli_core.linkedin import analytics
from restli_core.linkedin.analytics.budget import metric_values
from restli_transports import RestliClient
from restli_transports.testing import AdAnalytics, FakeTransport

NINE = [f"metric{number}" for number in range(9)]


def call(**options: Any) -> Call[Any]:
    return finder("/adAnalytics", "analytics", query_params={"pivot": "CAMPAIGN"}, version_string="202609", **options)


def answered(rows: int) -> Any:
    return call().parse(HttpResponse(200, {}, b'{"elements": [%s]}' % b",".join([b"{}"] * rows)))


def test_a_value_is_a_metric_of_a_row() -> None:
    # LinkedIn's own example: 9 metrics and 2 rows are 18 values.
    assert metric_values(call(fields=[*NINE, "dateRange", "pivotValues"]), answered(2)) == 18


def test_what_is_not_known_yet_is_the_most_that_it_can_be() -> None:
    assert metric_values(call(fields=[*NINE, "dateRange"]), None) == 9 * 15_000
    assert metric_values(call(fields=NINE).map(str), "mapped") == 9 * 15_000


def test_without_fields_there_are_two_metrics() -> None:
    assert metric_values(call(), answered(3)) == 6


def test_a_tunnelled_call_costs_the_same() -> None:
    assert metric_values(call(fields=NINE, tunnel_above=0), answered(2)) == 18


@pytest.mark.parametrize(
    "request_",
    [
        HttpRequest("POST", "/adAnalytics?fields=a", {"X-HTTP-Method-Override": "nothing"}),
        HttpRequest("GET", "/adAnalytics?fields=a:(", {}),
    ],
    ids=["tunnel", "mask"],
)
def test_a_request_that_was_not_made_here_costs_something(request_: HttpRequest) -> None:
    odd = Call(request_, "finder", call().reader, "/adAnalytics")
    assert metric_values(odd, answered(5)) == 10


def test_it_is_linkedins_limit() -> None:
    limit = analytics.BUDGET
    assert (limit.most, limit.per, limit.wait, limit.each) == (45e6, 300, 330, "app")
    assert limit.covers("/adAnalytics")
    assert not limit.covers("/adAccounts")
    assert pickle.loads(pickle.dumps(limit)) == limit


def test_a_client_waits_until_the_window_has_passed_after_its_429() -> None:
    fake = FakeTransport()
    AdAnalytics().add_to(fake)
    fake.fail_next(
        HttpResponse(
            429, {}, b'{"status": 429, "message": "The data request limit has been exceeded. More than 45 ..."}'
        )
    )
    client = RestliClient(fake, access_token="token", version_string="202609", limits=[analytics.BUDGET], retry=None)
    dates = {"start": {"year": 2026, "month": 1, "day": 1}, "end": {"year": 2026, "month": 1, "day": 1}}
    params: Any = {"pivot": "ACCOUNT", "timeGranularity": "ALL", "dateRange": dates, "accounts": ["urn:li:x:1"]}
    with pytest.raises(Exception, match="330"):
        client.finder("/adAnalytics", "analytics", query_params=params)
    client.finder("/adAnalytics", "analytics", query_params=params)
    assert fake.waits == [330.0]
