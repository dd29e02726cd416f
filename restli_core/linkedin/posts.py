"""Posts: the entities that ``create("/posts", ...)`` sends, one function for each kind of post.

    entity = posts.image(author, "Lift-off!", image, alt_text="a rocket")
    client.create("/posts", entity).decoded_entity_id                       # urn:li:share:... or urn:li:ugcPost:...

They are plain dicts of texts, booleans, lists and dicts, as LinkedIn's pages print them, and hold every field that is
required. A field that is not known here can be added to them.

field                                       required         is
author                                      always           the URN of a person or an organization
commentary                                  always           little text, which may be empty beside a content
visibility                                  always           PUBLIC, CONNECTIONS, LOGGED_IN or CONTAINER
distribution.feedDistribution               always           MAIN_FEED, or NONE for a dark post
distribution.targetEntities                 always           who sees it: a list, empty for everyone
distribution.thirdPartyDistributionChannels always           a list, empty as a rule
lifecycleState                              always           PUBLISHED
isReshareDisabledByAuthor                   always           a boolean
adContext.dscAdAccount                      for a dark post  the URN of a sponsored account
content.media.id                            for media        the URN of an image, a video or a document
content.media.title                         for a document   plain text
content.media.altText                                        plain text of at most 4,086 characters
content.multiImage.images                   for images       2 to 20, each with id, and altText; organic posts only
content.article.source, .title              for an article   a URL, plain text; LinkedIn looks nothing up there
content.article.description, .thumbnail                      plain text, the URN of an image
content.poll.question, .options[].text      for a poll       plain text, 2 to 4 options; organic posts only
content.poll.settings.duration              for a poll       ONE_DAY, THREE_DAYS, SEVEN_DAYS or FOURTEEN_DAYS
reshareContext.parent                       for a reshare    the URN of a share or a ugcPost
contentCallToActionLabel, contentLandingPage                 LEARN_MORE and the like, a URL

What LinkedIn is known to refuse is refused. What no page says for sure only warns: how the 3,000 characters of a
commentary are counted, how long the texts of a poll may be, and names in capitals that are not known here.

Source: https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api, .../multiimage-post-api
and .../poll-post-api, as of November 2026.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias, TypedDict, TypeVar, Unpack, cast

from restli_core.base_errors import InvalidCallError, SuspiciousValueWarning
from restli_core.building import check_list, check_mappings
from restli_core.callers import warn
from restli_core.linkedin.little_text import LittleText, Part, plain, suspicion, written
from restli_core.urn import read_urn

__all__ = [
    "Commentary",
    "PostOptions",
    "article",
    "document",
    "image",
    "images",
    "poll",
    "reshare",
    "text",
    "video",
]

T = TypeVar("T")

Commentary: TypeAlias = Part | Iterable[Part]
"""The text of a post: plain text, which is escaped; a part of little text; or a list of these, which are joined."""

MAX_COMMENTARY: Final = 3000
MAX_ALT_TEXT: Final = 4086
MAX_QUESTION: Final = 140
MAX_OPTION: Final = 30
IMAGES: Final = range(2, 20 + 1)
CHOICES: Final = range(2, 4 + 1)

_SYMBOL: Final = re.compile("[A-Z][A-Z0-9_]*")
_URL: Final = re.compile(r"https?://[^\s/]\S*", re.IGNORECASE)

VISIBILITIES: Final = ("PUBLIC", "CONNECTIONS", "LOGGED_IN", "CONTAINER")
FEEDS: Final = ("MAIN_FEED", "NONE")
STATES: Final = ("PUBLISHED",)
DURATIONS: Final = ("ONE_DAY", "THREE_DAYS", "SEVEN_DAYS", "FOURTEEN_DAYS")


class PostOptions(TypedDict, total=False):
    """The keywords that every function takes.

    visibility: who may see the post: ``"PUBLIC"``, which is the default, ``"CONNECTIONS"`` of a member,
        ``"LOGGED_IN"`` or ``"CONTAINER"``.
    feed_distribution: ``"MAIN_FEED"``, which is the default, or ``"NONE"`` for a dark post, which only ads show.
    target_entities: whom it is shown to, such as ``[{"geoLocations": ["urn:li:geo:103644278"]}]``; more than 300
        members must be reached. By default everyone.
    third_party_distribution_channels: where it is shown beside LinkedIn; by default nowhere.
    lifecycle_state: ``"PUBLISHED"``, which is the default, and the only state that LinkedIn's pages have for creating.
    is_reshare_disabled_by_author: whether it cannot be reshared; by default it can.
    ad_account: the URN of the sponsored account that the post belongs to; required for a dark post.
    ad_name: the name of the ad; with an ad_account only.
    call_to_action: the label of the button, such as ``"LEARN_MORE"``.
    landing_page: the URL that the button leads to.

    Raises:
        InvalidCallError: an argument is not what LinkedIn takes; the error names the argument, and the place in it.
        TypeError: there is no such keyword.
    """

    visibility: str
    feed_distribution: str
    target_entities: Sequence[Mapping[str, Any]]
    third_party_distribution_channels: Sequence[Any]
    lifecycle_state: str
    is_reshare_disabled_by_author: bool
    ad_account: str | None
    ad_name: str | None
    call_to_action: str | None
    landing_page: str | None


# -- the kinds of post -------------------------------------------------------------------------------------------------


def text(author: str, commentary: Commentary, **keywords: Unpack[PostOptions]) -> dict[str, Any]:
    """Return the entity of a post that is text alone.

    Args:
        author: the URN of the person or the organization that posts.
        commentary: the text: plain, which is escaped; a LittleText or a mention, which stand as they are; or a list of
            these. A `#word` in plain text is not a hashtag: `little_text.hashtag` is.
        keywords: those of `PostOptions`.

    Raises:
        InvalidCallError: an argument is not what LinkedIn takes; or the text is empty.
    """
    entity = _post("text", author, commentary, {}, keywords)
    if not entity["commentary"].strip():
        raise InvalidCallError("commentary", "is empty, and the post has nothing else")
    return entity


def image(
    author: str,
    commentary: Commentary,
    image: str,
    *,
    alt_text: str | None = None,
    title: str | None = None,
    **keywords: Unpack[PostOptions],
) -> dict[str, Any]:
    """Return the entity of a post with an image.

    Args:
        author: the URN of the person or the organization that posts, and owns the image.
        commentary: the text, as for `text`; it may be empty.
        image: the URN of the image, as its upload returned it.
        alt_text: what the image shows, for those who cannot see it; at most 4,086 characters.
        title: the title of the image.
        keywords: those of `PostOptions`.

    Raises:
        InvalidCallError: an argument is not what LinkedIn takes.
    """
    if isinstance(image, list | tuple):
        raise InvalidCallError("image", "must be one URN: posts.images is for several")
    media = _media("image", image, alt_text, title)
    return _post("image", author, commentary, {"media": media}, keywords)


def images(
    author: str, commentary: Commentary, images: Iterable[str | tuple[str, str | None]], **keywords: Unpack[PostOptions]
) -> dict[str, Any]:
    """Return the entity of a post with several images, which cannot be an ad.

    Args:
        author: the URN of the person or the organization that posts, and owns the images.
        commentary: the text, as for `text`; it may be empty.
        images: 2 to 20 images: the URN of each, or a pair of the URN and the text for those who cannot see it.
        keywords: those of `PostOptions`.

    Raises:
        InvalidCallError: an argument is not what LinkedIn takes.
    """
    _check_organic("images", keywords)
    listed = _listed("images", images, IMAGES, "image() is for one")
    shown = []
    for index, one in enumerate(listed):
        urn, alt_text = one if isinstance(one, tuple) and len(one) == 2 else (one, None)
        if not isinstance(urn, str):
            wanted = "must be a URN: urn:li:image:..., or a tuple of it and an alternative text"
            raise InvalidCallError(f"images[{index}]", f"{wanted}, not {type(urn).__name__}")
        shown.append(_media("image", urn, alt_text, None, f"images[{index}]"))
    return _post("images", author, commentary, {"multiImage": {"images": shown}}, keywords)


def video(
    author: str,
    commentary: Commentary,
    video: str,
    *,
    title: str | None = None,
    alt_text: str | None = None,
    **keywords: Unpack[PostOptions],
) -> dict[str, Any]:
    """Return the entity of a post with a video.

    Args:
        author: the URN of the person or the organization that posts, and owns the video.
        commentary: the text, as for `text`; it may be empty.
        video: the URN of the video, as its upload returned it; LinkedIn refuses one that is not AVAILABLE yet.
        title: the title of the video.
        alt_text: what the video shows, for those who cannot see it; at most 4,086 characters.
        keywords: those of `PostOptions`.

    Raises:
        InvalidCallError: an argument is not what LinkedIn takes.
    """
    media = _media("video", video, alt_text, title)
    return _post("video", author, commentary, {"media": media}, keywords)


def document(
    author: str,
    commentary: Commentary,
    document: str,
    title: str,
    *,
    alt_text: str | None = None,
    **keywords: Unpack[PostOptions],
) -> dict[str, Any]:
    """Return the entity of a post with a document.

    Args:
        author: the URN of the person or the organization that posts, and owns the document.
        commentary: the text, as for `text`; it may be empty.
        document: the URN of the document, as its upload returned it.
        title: the title of the document, which LinkedIn requires.
        alt_text: what the document shows, for those who cannot see it; at most 4,086 characters.
        keywords: those of `PostOptions`.

    Raises:
        InvalidCallError: an argument is not what LinkedIn takes.
    """
    media = _media("document", document, alt_text, _filled("title", title))
    return _post("document", author, commentary, {"media": media}, keywords)


def article(
    author: str,
    commentary: Commentary,
    source: str,
    title: str,
    *,
    description: str | None = None,
    thumbnail: str | None = None,
    **keywords: Unpack[PostOptions],
) -> dict[str, Any]:
    """Return the entity of a post with a link, and a card for it. LinkedIn does not look at the page by itself.

    Args:
        author: the URN of the person or the organization that posts, and owns the thumbnail.
        commentary: the text, as for `text`; it may be empty.
        source: the URL of the page.
        title: the title of the card.
        description: the text of the card.
        thumbnail: the URN of an image that was uploaded for the card.
        keywords: those of `PostOptions`.

    Raises:
        InvalidCallError: an argument is not what LinkedIn takes.
    """
    card = {"source": _url("source", source), "title": _filled("title", title)}
    if description is not None:
        card["description"] = _plain("description", description)
    if thumbnail is not None:
        card["thumbnail"] = _urn("thumbnail", thumbnail, "image")
    return _post("article", author, commentary, {"article": card}, keywords)


def poll(
    author: str,
    commentary: Commentary,
    question: str,
    options: Iterable[str],
    *,
    duration: str = "THREE_DAYS",
    **keywords: Unpack[PostOptions],
) -> dict[str, Any]:
    """Return the entity of a post with a poll, which cannot be an ad, and cannot be changed later.

    Args:
        author: the URN of the person or the organization that posts.
        commentary: the text, as for `text`; it may be empty.
        question: what is asked, in plain text.
        options: 2 to 4 answers to choose from, in plain text.
        duration: how long it is open: ``"ONE_DAY"``, ``"THREE_DAYS"``, ``"SEVEN_DAYS"`` or ``"FOURTEEN_DAYS"``.
        keywords: those of `PostOptions`.

    Raises:
        InvalidCallError: an argument is not what LinkedIn takes.
    """
    _check_organic("a poll", keywords)
    listed = _listed("options", options, CHOICES)
    texts = [_short(f"options[{index}]", one, MAX_OPTION) for index, one in enumerate(listed)]
    content = {
        "question": _short("question", question, MAX_QUESTION),
        "options": [{"text": one} for one in texts],
        "settings": {"duration": _symbol("duration", duration, DURATIONS)},
    }
    return _post("poll", author, commentary, {"poll": content}, keywords)


def reshare(author: str, commentary: Commentary, parent: str, **keywords: Unpack[PostOptions]) -> dict[str, Any]:
    """Return the entity of a post that shares another one.

    Args:
        author: the URN of the person or the organization that posts.
        commentary: the text, as for `text`; it may be empty.
        parent: the URN of the post that is shared: ``urn:li:share:...`` or ``urn:li:ugcPost:...``.
        keywords: those of `PostOptions`.

    Raises:
        InvalidCallError: an argument is not what LinkedIn takes.
    """
    shared = _urn("parent", parent, "share", "ugcPost")
    return {**_post("reshare", author, commentary, {}, keywords), "reshareContext": {"parent": shared}}


# -- what they have in common ------------------------------------------------------------------------------------------


def _post(
    function: str, author: str, commentary: Commentary, content: Mapping[str, Any], keywords: PostOptions
) -> dict[str, Any]:
    """Return the entity of a post with this content, which may be empty.

    Raises:
        TypeError: a keyword is not one of `PostOptions`. It says so of the public function of this name, which was
            called.
    """
    for name in keywords:
        if name not in PostOptions.__annotations__:
            raise TypeError(f"{function}() got an unexpected keyword argument {name!r}")
    return _entity(author, commentary, content, **keywords)


def _entity(
    author: str,
    commentary: Commentary,
    content: Mapping[str, Any],
    *,
    visibility: str = "PUBLIC",
    feed_distribution: str = "MAIN_FEED",
    target_entities: Sequence[Mapping[str, Any]] = (),
    third_party_distribution_channels: Sequence[Any] = (),
    lifecycle_state: str = "PUBLISHED",
    is_reshare_disabled_by_author: bool = False,
    ad_account: str | None = None,
    ad_name: str | None = None,
    call_to_action: str | None = None,
    landing_page: str | None = None,
) -> dict[str, Any]:
    """Return the entity of a post. The keywords are those of `PostOptions`, with their defaults."""
    if not isinstance(is_reshare_disabled_by_author, bool):
        raise InvalidCallError("is_reshare_disabled_by_author", "must be True or False")
    entity: dict[str, Any] = {
        "author": _urn("author", author, "person", "organization"),
        "commentary": _commentary(commentary),
        "visibility": _symbol("visibility", visibility, VISIBILITIES),
        "distribution": {
            "feedDistribution": _symbol("feed_distribution", feed_distribution, FEEDS),
            "targetEntities": [dict(one) for one in check_mappings("target_entities", target_entities)],
            "thirdPartyDistributionChannels": [
                *check_list("third_party_distribution_channels", third_party_distribution_channels)
            ],
        },
        "lifecycleState": _symbol("lifecycle_state", lifecycle_state, STATES),
        "isReshareDisabledByAuthor": is_reshare_disabled_by_author,
    }
    if content:
        entity["content"] = dict(content)
    if ad_account is not None:
        entity["adContext"] = {"dscAdAccount": _urn("ad_account", ad_account, "sponsoredAccount")}
        if ad_name is not None:
            entity["adContext"]["dscName"] = _filled("ad_name", ad_name)
    elif feed_distribution == "NONE":
        reason = "is required where feed_distribution is NONE: give the URN of the sponsored account"
        raise InvalidCallError("ad_account", reason)
    elif ad_name is not None:
        raise InvalidCallError("ad_name", "is that of an ad: give its ad_account, too")
    if call_to_action is not None:
        entity["contentCallToActionLabel"] = _symbol("call_to_action", call_to_action, ())
    if landing_page is not None:
        entity["contentLandingPage"] = _url("landing_page", landing_page)
    return entity


def _commentary(given: Commentary) -> str:
    """Return the little text of a post, and warn of what is probably not meant."""
    if isinstance(given, Iterable) and not isinstance(given, str | bytes | Mapping):
        listed = check_list("commentary", given)
        parts: list[tuple[str, Part]] = [(f"commentary[{index}]", part) for index, part in enumerate(listed)]
    else:
        parts = [("commentary", cast("Part", given))]
    texts = [written(place, part) for place, part in parts]
    reasons = [(place, suspicion(part)) for place, part in parts if isinstance(part, str)]
    for place, reason in reasons:
        if reason is not None:
            warn(f"{place}: {reason}", SuspiciousValueWarning)
            break  # where one is wrong, so are its neighbours
    commentary = "".join(texts)
    if len(commentary) > MAX_COMMENTARY:
        shown = len(plain(commentary))
        reason = f"has {len(commentary)} characters, {shown} as it is read, and LinkedIn takes {MAX_COMMENTARY} at most"
        warn(f"commentary: {reason}; which ones it counts is not documented", SuspiciousValueWarning)
    return commentary


def _media(kind: str, urn: str, alt_text: str | None, title: str | None, place: str = "") -> dict[str, str]:
    """Return an image, a video or a document of a post.

    Args:
        kind: the type of its URN, which is the name of the argument as well.
        urn: its URN.
        alt_text: what it shows; None for nothing.
        title: its title; None for none.
        place: what an error names, where that is not the argument.
    """
    media = {"id": _urn(place or kind, urn, kind)}
    if title is not None:
        media["title"] = _plain("title", title)
    if alt_text is not None:
        named = place or "alt_text"
        media["altText"] = shown = _plain(named, alt_text)
        if len(shown) > MAX_ALT_TEXT:
            reason = f"an alternative text has {MAX_ALT_TEXT} characters at most, and this one has {len(shown)}"
            raise InvalidCallError(named, reason)
    return media


def _check_organic(what: str, keywords: PostOptions) -> None:
    """Refuse to make an ad of what cannot be one."""
    feed = keywords.get("feed_distribution")
    is_dark = isinstance(feed, str) and feed == "NONE"
    for name, is_of_an_ad in (("feed_distribution", is_dark), ("ad_account", keywords.get("ad_account") is not None)):
        if is_of_an_ad:
            raise InvalidCallError(name, f"{what} cannot be an ad: leave it out")


# Types of URNs that people give, and what is wrong with them.
_CURES: Final[Mapping[str, str]] = {
    "image": "posts.image is for images",
    "video": "posts.video is for videos",
    "document": "posts.document is for documents",
    "digitalmediaAsset": "it is of the older assets: upload it by the Images, Videos or Documents API",
    "activity": "it is where a post stands in the feed: give the post's own",
    "member": "give urn:li:person:... with the id that this application has for the member",
    "company": "give urn:li:organization:... with the same id",
}


def _urn(argument: str, given: object, *kinds: str) -> str:
    """Return a URN of one of these types, as plain text.

    Raises:
        InvalidCallError: it is none of them.
    """
    wanted = " or ".join([f"urn:li:{kind}:..." for kind in kinds])
    urn = read_urn(given)
    if urn is None:
        raise InvalidCallError(argument, f"must be a URN: {wanted}")
    if urn.namespace != "li" or urn.entity_type not in kinds:
        cure = _CURES.get(urn.entity_type)
        reason = f"is a urn:{urn.namespace}:{urn.entity_type}:..., and {wanted} is wanted"
        raise InvalidCallError(argument, f"{reason}; {cure}" if cure else reason)
    return str(urn)


def _symbol(argument: str, given: object, known: Sequence[str]) -> str:
    """Return a name in capitals, and warn of one that is not known here; where none is, any will do.

    Raises:
        InvalidCallError: it is not such a name.
    """
    example = known[0] if known else "LEARN_MORE"
    if not isinstance(given, str) or _SYMBOL.fullmatch(given) is None:
        raise InvalidCallError(argument, f"must be a name in capitals, such as {example}")
    if known and given not in known:
        reason = f"{given} is not known here; LinkedIn's pages have {', '.join(known)}"
        warn(f"{argument}: {reason}", SuspiciousValueWarning)
    return str.__str__(given)


def _plain(argument: str, given: object) -> str:
    """Return a text that is not little text, and so is never escaped."""
    if not isinstance(given, str):
        raise InvalidCallError(argument, f"must be text, not {type(given).__name__}")
    if isinstance(given, LittleText):
        raise InvalidCallError(argument, "is plain text, and not little text: give it without escapes")
    return str.__str__(given)


def _filled(argument: str, given: object) -> str:
    """Return a plain text that must not be empty."""
    text = _plain(argument, given)
    if not text.strip():
        raise InvalidCallError(argument, "is empty, and LinkedIn requires it")
    return text


def _short(argument: str, given: object, limit: int) -> str:
    """Return a plain text that must not be empty, and warn of one that is longer than is said."""
    text = _filled(argument, given)
    if len(text) > limit:
        reason = f"has {len(text)} characters, and LinkedIn is said to take {limit} at most"
        warn(f"{argument}: {reason}", SuspiciousValueWarning)
    return text


def _url(argument: str, given: object) -> str:
    text = _plain(argument, given)
    if _URL.fullmatch(text) is None:
        raise InvalidCallError(argument, "must be a whole URL, such as https://example.com/page")
    return text


def _listed(argument: str, given: Iterable[T], counts: range, cure: str = "") -> tuple[T, ...]:
    """Return the items of a list that LinkedIn takes so many of."""
    items = check_list(argument, given)
    if len(items) not in counts:
        reason = f"has {len(items)}, and LinkedIn takes {counts[0]} to {counts[-1]}"
        raise InvalidCallError(argument, f"{reason}: {cure}" if cure and len(items) == 1 else reason)
    return items
