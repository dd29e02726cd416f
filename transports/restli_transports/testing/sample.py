"""Resources in the shape of LinkedIn's marketing API, in memory: for the demo, the examples and first trials."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any, Final

from restli_core.server import Collection, Created, Invocation, Refusal
from restli_transports.testing.handlers import CollectionResource, Handlers

__all__ = ["sample_handlers"]

_PICTURE: Final = "urn:li:digitalmediaAsset:C4D03AQGsitRwG8U8ZQ"


def sample_handlers() -> Handlers:
    """A profile, ad accounts, campaign groups, campaigns, conversions of campaigns, posts and images."""
    handlers = Handlers()
    handlers.on("/me", "get", _profile)
    _ad_accounts(handlers)
    _campaign_groups(handlers)
    _campaigns(handlers)
    _campaign_conversions(handlers)
    _posts(handlers)
    handlers.on("/images/{id}", "action", _initialize_upload, name="initializeUpload")
    return handlers


def _profile(invocation: Invocation) -> Mapping[str, Any]:
    picture: dict[str, Any] = {"displayImage": _PICTURE}
    if "~" in str(invocation.params.get("projection", "")):  # decorated: LinkedIn fetches along what ~ stands behind
        picture["displayImage~"] = {"elements": [{"artifact": f"{_PICTURE}/100_100", "authorizationMethod": "PUBLIC"}]}
    return {
        "id": "yrZCpj2Z12",
        "localizedFirstName": "Ada",
        "localizedLastName": "Lovelace",
        "profilePicture": picture,
    }


def _ad_accounts(handlers: Handlers) -> None:
    accounts = handlers.collection(
        "/adAccounts/{id:long}",
        [
            {
                "id": 5000 + number,
                "name": f"Account {number}",
                "type": "BUSINESS",
                "currency": "EUR",
                "status": "ACTIVE" if number % 5 else "DRAFT",
                "reference": "urn:li:organization:2414183",
                "test": True,
            }
            for number in range(1, 26)
        ],
    )

    @accounts.finder("search")
    def search(invocation: Invocation) -> Collection:
        wanted = invocation.params.get("search", {})
        return _cursor_page(invocation, [account for account in accounts.entities if _is_wanted(account, wanted)])


def _is_wanted(entity: Mapping[str, Any], wanted: Any) -> bool:
    """Whether an entity has one of the values asked for, in every field asked for."""
    asked = wanted.items() if isinstance(wanted, Mapping) else ()
    return all(str(entity.get(name)).lower() in _values(value) for name, value in asked)


def _values(value: Any) -> set[str]:
    values = value.get("values", ()) if isinstance(value, Mapping) else (value,)
    return {str(one).lower() for one in values}


def _cursor_page(invocation: Invocation, found: list[dict[str, Any]]) -> Collection:
    """LinkedIn's cursor paging: pageSize and pageToken in, the next page's token in the metadata."""
    size, start = (_number(invocation, name, default) for name, default in (("pageSize", 100), ("pageToken", 0)))
    more = start + size < len(found)
    return Collection(found[start : start + size], metadata={"nextPageToken": str(start + size)} if more else {})


def _number(invocation: Invocation, name: str, default: int) -> int:
    value = invocation.params.get(name, str(default))
    if not isinstance(value, str) or not value.isdecimal():
        raise Refusal(400, f"Invalid value for the parameter {name}: a number is expected", code="INVALID_PARAM")
    return int(value)


def _campaign_groups(handlers: Handlers) -> None:
    numbers = (600_000_000 + number for number in range(101, 501) if number != 300)  # one that is asked for is missing
    handlers.collection(
        "/adAccounts/{account:long}/adCampaignGroups/{id:long}",
        [{"id": number, "name": f"Group {number % 1000}", "status": "ACTIVE"} for number in numbers],
    )


def _campaigns(handlers: Handlers) -> None:
    campaigns = handlers.collection(
        "/adCampaigns/{id:long}",
        [
            {"id": 700_000_000 + number, "name": f"Campaign {number}", "status": "ACTIVE" if number % 3 else "PAUSED"}
            for number in range(1, 13)
        ],
    )

    @campaigns.batch_finder("searchCriteria", criteria="criteria")
    def by_criteria(_invocation: Invocation, criteria: Any) -> list[dict[str, Any]]:
        return [campaign for campaign in campaigns.entities if _is_wanted(campaign, criteria)]


def _campaign_conversions(handlers: Handlers) -> None:
    campaign = "urn:li:sponsoredCampaign:700000001"
    handlers.collection(
        "/campaignConversions/{key:complex}",
        [{"campaign": campaign, "conversion": f"urn:lla:llaPartnerConversion:{number}"} for number in (1001, 1002)],
        id_of=lambda entity: {name: entity[name] for name in ("campaign", "conversion")},
    )


def _posts(handlers: Handlers) -> None:
    numbers = count(7_000_000_000_000_000_001)
    posts = handlers.collection("/posts/{urn}")
    handlers.on("/posts/{urn}", "create", lambda invocation: _published(posts, invocation, next(numbers)))


def _published(posts: CollectionResource, invocation: Invocation, number: int) -> Created:
    commentary = invocation.entity.get("commentary")
    for urn, post in posts.items():
        if post.get("commentary") == commentary:
            raise Refusal(
                422, f"Content is a duplicate of {urn}", code="DUPLICATE_POST", errorDetailType="com.linkedin.Post"
            )
    posts[f"urn:li:share:{number}"] = invocation.entity
    return Created(f"urn:li:share:{number}")


def _initialize_upload(invocation: Invocation) -> Mapping[str, Any]:
    request = invocation.entity.get("initializeUploadRequest")
    if not isinstance(request, Mapping) or "owner" not in request:
        raise Refusal(400, "initializeUploadRequest with an owner is required", code="MISSING_REQUIRED_FIELD")
    return {
        "uploadUrl": "https://www.linkedin.com/dms-uploads/sp/C4E10AQFoyyAjHPMQuQ/uploaded-image/0",
        "image": "urn:li:image:C4E10AQFoyyAjHPMQuQ",
    }
