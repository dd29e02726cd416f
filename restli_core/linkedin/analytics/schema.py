"""The schema of adAnalytics: the names of its pivots, metrics and facets, and what is known of each.

    pivot     what the rows are told apart by: CAMPAIGN, MEMBER_INDUSTRY, ...; three at most
    metric    what is counted: impressions, costInUsd, ...; `fields` has them, and dateRange and pivotValues beside them
    facet     which rows there are: accounts, campaigns, ...; a list of URNs

    account > campaign group > campaign > creative       each of these belongs to one of those on its left

So rows by creatives can be asked for account by account, and each of them comes once; rows by accounts cannot be asked
for creative by creative.

New names come with new versions of the API: one that is not known here is sent, with a warning. What LinkedIn is known
to refuse is refused. Source: https://learn.microsoft.com/linkedin/marketing/integrations/ads-reporting/ads-reporting
and .../ads-reporting-schema, as of October 2026; what MEMBER_ pivots do in the finder `statistics` was measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral
from typing import Any, Final

from restli_core.base_errors import InvalidCallError, SuspiciousValueWarning
from restli_core.callers import warn
from restli_core.urn import Urn, read_urn

__all__ = [
    "ADDED",
    "FACETS",
    "LEVELS",
    "MAX_PIVOTS",
    "METRICS",
    "PIVOTS",
    "check_facet",
    "check_fields",
    "check_pivots",
    "is_amount",
    "is_of_members",
]

MAX_PIVOTS: Final = 3
ADDED: Final = ("dateRange", "pivotValues")
"""The fields without which rows cannot be told apart: every call asks for them."""

# What belongs to what, from the outside in: pivot -> (facet, type of its URNs).
LEVELS: Final[Mapping[str, tuple[str, str]]] = {
    "ACCOUNT": ("accounts", "sponsoredAccount"),
    "CAMPAIGN_GROUP": ("campaign_groups", "sponsoredCampaignGroup"),
    "CAMPAIGN": ("campaigns", "sponsoredCampaign"),
    "CREATIVE": ("creatives", "sponsoredCreative"),
}

# Argument -> (parameter, types of URNs that belong there).
FACETS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "accounts": ("accounts", ("sponsoredAccount",)),
    "campaign_groups": ("campaignGroups", ("sponsoredCampaignGroup",)),
    "campaigns": ("campaigns", ("sponsoredCampaign",)),
    "creatives": ("creatives", ("sponsoredCreative",)),
    "shares": ("shares", ("share", "ugcPost")),
    "companies": ("companies", ("organization", "company")),
}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PIVOTS: Final = _words(
    """
    ACCOUNT CAMPAIGN_GROUP CAMPAIGN CREATIVE SHARE COMPANY CONVERSION CONVERSATION_NODE
    CONVERSATION_NODE_OPTION_INDEX SERVING_LOCATION CARD_INDEX PLACEMENT_NAME IMPRESSION_DEVICE_TYPE EVENT_STAGE
    OBJECTIVE_TYPE MEMBER_COMPANY MEMBER_COMPANY_SIZE MEMBER_INDUSTRY MEMBER_SENIORITY MEMBER_JOB_TITLE
    MEMBER_JOB_FUNCTION MEMBER_COUNTRY_V2 MEMBER_REGION_V2 MEMBER_COUNTY
    """
)

_PLAIN: Final = _words(
    """
    actionClicks adUnitClicks approximateMemberReach audiencePenetration averageDwellTime averageEventWatchTime
    averageVideoWatchTime cardClicks cardImpressions clicks commentLikes comments companyPageClicks
    conversionValueInLocalCurrency costInLocalCurrency costInLocalCurrencyPerPaidQualifiedLead costInUsd
    costPerEventView costPerQualifiedLead documentCompletions documentFirstQuartileCompletions
    documentMidpointCompletions documentThirdQuartileCompletions downloadClicks eventViews eventWatchTime
    externalWebsiteConversions externalWebsitePostClickConversions externalWebsitePostViewConversions follows
    fullScreenPlays headlineClicks headlineImpressions impressions jobApplications jobApplyClicks
    landingPageClicks leadGenerationMailContactInfoShares leadGenerationMailInterestedClicks likes
    oneClickLeadFormOpens oneClickLeads opens otherEngagements postClickJobApplications postClickJobApplyClicks
    postClickRegistrations postViewJobApplications postViewJobApplyClicks postViewRegistrations qualifiedLeads
    reactions registrations sends shares subscriptionClicks talentLeads textUrlClicks totalEngagements
    validWorkEmailLeads videoCompletions videoFirstQuartileCompletions videoMidpointCompletions videoStarts
    videoThirdQuartileCompletions videoViews videoWatchTime
    """
)
_TIMED: Final = frozenset(
    name + over
    for name in ("averageEventWatchTime", "costPerEventView", "eventViews")
    for over in ("Over15Seconds", "Over30Seconds", "Over2Minutes")
)
METRICS: Final = _PLAIN | _TIMED | {f"viral{name[0].upper()}{name[1:]}" for name in _PLAIN}
"""The metrics that are known. Which of the viral ones there are is not said anywhere: most of them."""

# What is not there by MEMBER_ pivots, with all viralCard...
_NOT_BY_MEMBERS: Final = frozenset(
    {"conversionValueInLocalCurrency", "cardImpressions", "cardClicks", "approximateMemberReach"}
)
_REVENUE: Final = "revenueAttributionMetrics"
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_SPELLINGS: Final[Mapping[str, str]] = {name.lower(): name for name in METRICS}


def is_of_members(pivot: str) -> bool:
    """Return whether a pivot is one of demographics: approximate, and the top 100 of each creative and day."""
    return pivot.startswith("MEMBER_")


def is_amount(field: str) -> bool:
    """Return whether a metric is an amount of money: a decimal, whatever JSON has for it."""
    return field.startswith("cost") or field.endswith(("InUsd", "InLocalCurrency"))


def check_pivots(pivots: str | Iterable[str]) -> tuple[str, ...]:
    """Return the pivots, in capitals.

    Raises:
        InvalidCallError: there are none, more than three, or one is not a name or is there twice.
    """
    names = [name.upper() for name in _names("pivots", pivots, "CAMPAIGN")]
    if len(names) > MAX_PIVOTS:
        raise InvalidCallError("pivots", f"has {len(names)}, and LinkedIn takes {MAX_PIVOTS} at most")
    for index, name in enumerate(names):
        if name in names[:index]:
            raise InvalidCallError(f"pivots[{index}]", f"{name} is there twice")
        if name not in PIVOTS:
            warn(f"pivots[{index}]: {name} is not a pivot that is known here; it is sent", SuspiciousValueWarning)
    members = [name for name in names if is_of_members(name)]
    if members and len(names) > 1:
        reason = f"LinkedIn has refused {members[0]} beside another pivot (FIELD_INVALID): ask for it alone"
        warn(f"pivots: {reason}", SuspiciousValueWarning)
    return tuple(names)


def check_fields(fields: str | Iterable[str], pivots: Sequence[str]) -> tuple[str, ...]:
    """Return the metrics, each once, without the fields that every call asks for.

    Raises:
        InvalidCallError: there is none, one is not a name, or LinkedIn refuses it with these pivots.
    """
    metrics = dict.fromkeys(_names("fields", fields, "impressions"))
    for name in ADDED:
        metrics.pop(name, None)
    if not metrics:
        raise InvalidCallError("fields", "has no metric: name what is to be counted, such as impressions")
    member = next(filter(is_of_members, pivots), None)
    for name in metrics:
        if name == _REVENUE:
            reason = f'{name} is for another finder: calls.finder("/adAnalytics", "attributedRevenueMetrics", ...)'
            raise InvalidCallError("fields", reason)
        if member is not None and (name in _NOT_BY_MEMBERS or name.startswith("viralCard")):
            raise InvalidCallError("fields", f"LinkedIn does not have {name} by {member}: leave it out")
        if name not in METRICS:
            known = _SPELLINGS.get(name.lower())
            advice = "it is sent" if known is None else f"is {known} meant?"
            warn(f"fields: {name} is not a metric that is known here; {advice}", SuspiciousValueWarning)
    return tuple(metrics)


def _names(argument: str, given: Any, example: str) -> list[str]:
    """Return the names that a caller gave, as a list or as one text with commas."""
    if isinstance(given, str):
        given = given.split(",")
    if not isinstance(given, Iterable) or isinstance(given, bytes | Mapping):
        raise InvalidCallError(argument, f"must be a list of names, such as [{example!r}]")
    names = list(given)
    for index, name in enumerate(names):
        if not isinstance(name, str) or _NAME.fullmatch(name.strip()) is None:
            raise InvalidCallError(f"{argument}[{index}]", f"must be a name, such as {example!r}")
    if not names:
        raise InvalidCallError(argument, f"is empty: name one at least, such as {example!r}")
    return [name.strip() for name in names]


def check_facet(argument: str, given: Any) -> tuple[Urn, ...]:
    """Return the URNs of a facet, each once, in the order of their texts.

    Args:
        argument: the facet.
        given: a URN, a number as an id, or an iterable of these.

    Raises:
        InvalidCallError: there are none, or one is neither.
    """
    _, types = FACETS[argument]
    if isinstance(given, str | Integral):
        given = [given]
    if not isinstance(given, Iterable) or isinstance(given, bytes | Mapping):
        raise InvalidCallError(argument, f"must be a list of URNs, such as urn:li:{types[0]}:123")
    urns: dict[Urn, None] = {}
    is_warned = False  # one warning is enough: where one is of another type, so are its neighbours
    for index, one in enumerate(given):
        place = f"{argument}[{index}]"
        urn = _urn(place, one, types)
        if urn.entity_type not in types and not is_warned:
            is_warned = True
            reason = f"is a {urn.entity_type}, and {argument} are urn:li:{types[0]}:..."
            warn(f"{place}: {reason}", SuspiciousValueWarning)
        urns[urn] = None
    if not urns:
        raise InvalidCallError(argument, "is empty: leave it out, or name one at least")
    return tuple(sorted(urns))


def _urn(place: str, given: object, types: Sequence[str]) -> Urn:
    is_one_type = len(types) == 1
    if isinstance(given, Integral) and not isinstance(given, bool):  # of numpy and pandas, too
        number = int(given)
        if number > 0 and is_one_type:
            return Urn.of(types[0], number)
    urn = read_urn(given)
    if urn is None:
        cure = ", or a number such as 123, which is not text" if is_one_type else ""
        raise InvalidCallError(place, f"must be a URN, such as urn:li:{types[0]}:123{cure}")
    return urn
