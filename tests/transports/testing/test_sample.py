from __future__ import annotations

from typing import Any

import pytest

from restli_core import BadRequestError
from restli_transports import RestliClient
from restli_transports.testing.fake import FakeTransport
from restli_transports.testing.sample import sample_handlers


@pytest.fixture
def client() -> RestliClient:
    return RestliClient(FakeTransport(sample_handlers()), version_string="202609")


def test_a_profile_is_decorated_where_that_is_asked_for(client: RestliClient) -> None:
    plain = client.get("/me").entity["profilePicture"]
    decorated = client.get("/me", query_params={"projection": "(id,profilePicture(displayImage~))"}).entity
    assert "displayImage~" not in plain
    assert "displayImage~" in decorated["profilePicture"]


def test_a_search_pages_by_cursor(client: RestliClient) -> None:
    tokens: list[Any] = [None]
    names: list[str] = []
    while len(tokens) < 10:
        page = client.finder("/adAccounts", "search", query_params={"pageSize": 10, "pageToken": tokens[-1]})
        names += [account["name"] for account in page.elements]
        assert page.metadata is not None
        if "nextPageToken" not in page.metadata:
            break
        tokens.append(page.metadata["nextPageToken"])
    assert names == [f"Account {number}" for number in range(1, 26)]
    assert tokens == [None, "10", "20"]


@pytest.mark.parametrize("value", ["x", -1, ["1"]])
def test_a_cursor_must_be_a_number(client: RestliClient, value: Any) -> None:
    with pytest.raises(BadRequestError, match="INVALID_PARAM"):
        client.finder("/adAccounts", "search", query_params={"pageToken": value})


@pytest.mark.parametrize("params", [{}, {"initializeUploadRequest": {}}, {"initializeUploadRequest": "x"}])
def test_an_upload_needs_an_owner(client: RestliClient, params: dict[str, Any]) -> None:
    with pytest.raises(BadRequestError, match="owner"):
        client.action("/images", "initializeUpload", params)


def test_posts_are_not_published_twice(client: RestliClient) -> None:
    first = client.create("/posts", {"commentary": "a"})
    second = client.create("/posts", {"commentary": "b"})
    assert first.entity_id != second.entity_id


def test_reports_are_of_campaigns_that_are_there(client: RestliClient) -> None:
    day = {"year": 2026, "month": 6, "day": 1}
    params: dict[str, Any] = {
        "pivot": "CAMPAIGN",
        "timeGranularity": "ALL",
        "dateRange": {"start": day, "end": day},
        "accounts": ["urn:li:sponsoredAccount:5001"],
    }
    rows = client.finder("/adAnalytics", "analytics", query_params=params, fields=["impressions", "pivotValues"])
    (urn,) = rows.elements[0]["pivotValues"]
    assert client.get("/adCampaigns/{id}", path_keys={"id": urn.rpartition(":")[2]}).entity["name"]


def test_conversion_events_are_taken_or_refused_one_by_one(client: RestliClient) -> None:
    user: dict[str, Any] = {"userIds": []}
    events: list[dict[str, Any]] = [
        {"user": user},
        {"user": {}},
        {"user": user, "conversionValue": {"currencyCode": "USD", "amount": 50.0}},
        {"user": user, "conversionValue": {"currencyCode": "USD", "amount": "50.0"}},
    ]
    elements = client.batch_create("/conversionEvents", events).elements
    assert [element.status for element in elements] == [201, 422, 422, 201]
    assert [element.id for element in elements] == [None] * 4
