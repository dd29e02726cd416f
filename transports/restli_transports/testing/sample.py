"""Resources in the shape of LinkedIn's marketing API, in memory: for the demo, the examples and first trials.

/me                                             a profile; its picture is decorated where `projection` asks for it
/adAccounts/{id}                                25 accounts; the finder `search` pages by cursor
/adAccounts/{account}/adCampaignGroups/{id}     399 groups, one missing among 400 ids that follow each other
/adCampaigns/{id}                               12 campaigns; the batch finder `searchCriteria`
/adAnalytics                                    reports of the first account's campaigns, as generated ones have them
/campaignConversions/{key}                      two, by complex keys
/conversionEvents                               takes events, of which it keeps and tells nothing
/posts/{urn}                                    none yet; a second one with the same commentary is a duplicate
/images, /documents, /videos, /assets           uploads; a post waits for its video
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from restli_core.server import Collection, Created, Invocation, Refusal
from restli_transports.testing.analytics import AdAnalytics
from restli_transports.testing.handlers import Handlers
from restli_transports.testing.media import MediaUploads
from restli_transports.testing.numbers import Numbers
from restli_transports.testing.pages import cursor_pages

__all__ = ["sample_handlers"]


def sample_handlers() -> Handlers:
    """Return new handlers for the resources above, each with what is in it at first."""
    handlers = Handlers()
    handlers.on("/me", "get", _profile)
    _add_accounts(handlers)
    _add_campaigns(handlers)
    AdAnalytics(campaigns=12).add_to(handlers)
    media = MediaUploads()
    media.add_to(handlers)
    _add_posts(handlers, media)
    handlers.on("/conversionEvents/{id}", "create", _take_event)
    return handlers


def _profile(invocation: Invocation) -> Mapping[str, Any]:
    urn = "urn:li:digitalmediaAsset:C4D03AQGsitRwG8U8ZQ"
    picture: dict[str, Any] = {"displayImage": urn}
    if "~" in str(invocation.params.get("projection", "")):
        # Decorated: LinkedIn fetches what the URN before ~ stands for, and puts it beside it.
        picture["displayImage~"] = {"elements": [{"artifact": f"{urn}/100_100", "authorizationMethod": "PUBLIC"}]}
    return {
        "id": "yrZCpj2Z12",
        "localizedFirstName": "Ada",
        "localizedLastName": "Lovelace",
        "profilePicture": picture,
    }


def _add_accounts(handlers: Handlers) -> None:
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
    handlers.collection(
        "/adAccounts/{account:long}/adCampaignGroups/{id:long}",
        [
            {"id": 600_000_000 + number, "name": f"Group {number}", "status": "ACTIVE"}
            for number in range(101, 501)
            if number != 300  # so that one of a batch of 400 ids is missing
        ],
    )

    @accounts.finder("search")
    def search(invocation: Invocation) -> Collection:
        asked = invocation.params.get("search", {})
        found = [account for account in accounts.entities if _has(account, asked)]
        # LinkedIn's paging by cursor: pageSize and pageToken in, and the token of the next page in the metadata.
        numbers = {"pageSize": 100, "pageToken": 0}
        for name, default in numbers.items():
            value = invocation.params.get(name, str(default))
            if not isinstance(value, str) or not value.isdecimal():
                reason = f"Invalid value for the parameter {name}: a number is expected"
                raise Refusal(400, reason, code="INVALID_PARAM")
            numbers[name] = int(value)
        start, end = numbers["pageToken"], numbers["pageToken"] + numbers["pageSize"]
        return Collection(found[start:end], metadata={"nextPageToken": str(end)} if end < len(found) else {})


def _has(entity: Mapping[str, Any], asked: Any) -> bool:
    """Return whether an entity has, in every field asked for, the value or one of the values asked for."""
    for name, value in asked.items() if isinstance(asked, Mapping) else ():
        values = value.get("values", ()) if isinstance(value, Mapping) else (value,)
        # As text and in lower case: out of a query a boolean is text.
        if str(entity.get(name)).lower() not in {str(one).lower() for one in values}:
            return False
    return True


def _add_campaigns(handlers: Handlers) -> None:
    campaigns = handlers.collection(
        "/adCampaigns/{id:long}",
        [
            {"id": 700_000_000 + number, "name": f"Campaign {number}", "status": "ACTIVE" if number % 3 else "PAUSED"}
            for number in range(1, 13)
        ],
    )
    campaign = "urn:li:sponsoredCampaign:700000001"
    handlers.collection(
        "/campaignConversions/{key:complex}",
        [{"campaign": campaign, "conversion": f"urn:lla:llaPartnerConversion:{number}"} for number in (1001, 1002)],
        id_of=lambda entity: {name: entity[name] for name in ("campaign", "conversion")},
    )

    # Account 5001 has more than fit on a page, every fourth of the others has none.
    handlers.on(
        "/adAccounts/{account:long}/adCampaigns/{id:long}", "finder", cursor_pages(_campaigns_of), name="search"
    )

    @campaigns.batch_finder("searchCriteria", criteria="criteria")
    def by_criteria(_invocation: Invocation, criteria: Any) -> list[dict[str, Any]]:
        return [found for found in campaigns.entities if _has(found, criteria)]


def _campaigns_of(invocation: Invocation) -> list[dict[str, Any]]:
    account = invocation.path_keys["account"]
    return [
        {
            "id": 1000 * account + number,
            "account": f"urn:li:sponsoredAccount:{account}",
            "name": f"Campaign {number}",
            "status": "ACTIVE" if number % 3 else "PAUSED",
        }
        for number in range(1, 251 if account == 5001 else account % 4 + 1)
    ]


def _add_posts(handlers: Handlers, media: MediaUploads) -> None:
    posts = handlers.collection("/posts/{urn}")
    numbers = Numbers(7_000_000_000_000_000_001)

    @handlers.on("/posts/{urn}", "create")
    def publish(invocation: Invocation) -> Created:
        for urn, post in posts.items():
            if post.get("commentary") == invocation.entity.get("commentary"):
                reason = f"Content is a duplicate of {urn}"
                raise Refusal(422, reason, code="DUPLICATE_POST", errorDetailType="com.linkedin.Post")
        shown = invocation.entity.get("content", {}).get("media", {}).get("id", "")
        if shown in media and media.status(shown) == "WAITING_UPLOAD":
            raise Refusal(400, f"{shown} is not ready to be posted", code="MEDIA_ASSET_WAITING_UPLOAD")
        created = f"urn:li:share:{next(numbers)}"
        posts[created] = invocation.entity
        return Created(created)


def _take_event(invocation: Invocation) -> Created:
    # The faults that everyone makes at first, in LinkedIn's words; it checks little else.
    event = invocation.entity
    if "userIds" not in event.get("user", {}):
        raise Refusal(422, "ERROR :: /user/userIds :: field is required but not found and has no default value")
    amount = event.get("conversionValue", {}).get("amount", "")
    if not isinstance(amount, str):
        raise Refusal(422, f"ERROR :: /conversionValue/amount :: {amount} cannot be coerced to String")
    return Created(None)
