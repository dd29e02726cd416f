"""Posts: each is the body that LinkedIn documents, and what LinkedIn would refuse is refused or warned of."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from restli_core import InvalidCallError, SuspiciousValueWarning, Urn, create
from restli_core.linkedin import little_text, posts
from restli_core.server import read

ACME = Urn("urn:li:organization:9001001")
ADA = "urn:li:person:Ab1-cD_2e"
IMAGE = "urn:li:image:C4E00AAAA11bb"
IMAGE_2 = "urn:li:image:C4E00AAAA12bb"
VIDEO = "urn:li:video:C5F00AAAA33dd"
DOCUMENT = "urn:li:document:C5F00AAAA22cc"
SHARE = "urn:li:share:7100000000000000001"
ACCOUNT = "urn:li:sponsoredAccount:5001001"
HELLO = "Hello (world)"

Make = Callable[..., dict[str, Any]]

# As LinkedIn's pages on posts-api, multiimage-post-api and poll-post-api have them: what all bodies share, ...
SHARED = {
    "author": "urn:li:organization:9001001",
    "commentary": "Hello \\(world\\)",
    "visibility": "PUBLIC",
    "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
    "lifecycleState": "PUBLISHED",
    "isReshareDisabledByAuthor": False,
}
TARGETS = [{"geoLocations": ["urn:li:geo:103644278"], "seniorities": ["urn:li:seniority:3"]}]
TARGETED = {"feedDistribution": "MAIN_FEED", "targetEntities": TARGETS, "thirdPartyDistributionChannels": []}
DARK = {"feedDistribution": "NONE", "targetEntities": [], "thirdPartyDistributionChannels": []}

# ... and how each is built: name -> what makes it, and what it has beside that.
DOCUMENTED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "text of a member": (
        posts.text(ADA, HELLO, visibility="CONNECTIONS"),
        {"author": ADA, "visibility": "CONNECTIONS"},
    ),
    "mention and hashtag": (
        posts.text(ACME, ["Hello ", little_text.mention("Acme Corp", ACME), " ", little_text.hashtag("Technology")]),
        {"commentary": "Hello @[Acme Corp](urn:li:organization:9001001) {hashtag|\\#|Technology}"},
    ),
    "image": (
        posts.image(ACME, HELLO, IMAGE, alt_text="a rocket", title="Rocket"),
        {"content": {"media": {"title": "Rocket", "id": IMAGE, "altText": "a rocket"}}},
    ),
    "video": (
        posts.video(ACME, HELLO, VIDEO, title="Lift-off"),
        {"content": {"media": {"title": "Lift-off", "id": VIDEO}}},
    ),
    "document": (
        posts.document(ACME, HELLO, DOCUMENT, "Plans", alt_text="plans"),
        {"content": {"media": {"title": "Plans", "id": DOCUMENT, "altText": "plans"}}},
    ),
    "article": (
        posts.article(ACME, HELLO, "https://example.com/a", "Article", description="About rockets", thumbnail=IMAGE),
        {
            "content": {
                "article": {
                    "source": "https://example.com/a",
                    "title": "Article",
                    "description": "About rockets",
                    "thumbnail": IMAGE,
                }
            }
        },
    ),
    "images": (
        posts.images(ACME, HELLO, [(IMAGE, "one"), (IMAGE_2, "two")]),
        {"content": {"multiImage": {"images": [{"id": IMAGE, "altText": "one"}, {"id": IMAGE_2, "altText": "two"}]}}},
    ),
    "poll": (
        posts.poll(ACME, HELLO, "Which rocket?", ["Red", "Blue"]),
        {
            "content": {
                "poll": {
                    "question": "Which rocket?",
                    "options": [{"text": "Red"}, {"text": "Blue"}],
                    "settings": {"duration": "THREE_DAYS"},
                }
            }
        },
    ),
    "reshare": (posts.reshare(ACME, HELLO, SHARE), {"reshareContext": {"parent": SHARE}}),
    "targeted": (posts.text(ACME, HELLO, target_entities=TARGETS), {"distribution": TARGETED}),
    "dark post": (
        posts.image(ACME, HELLO, IMAGE, feed_distribution="NONE", ad_account=ACCOUNT),
        {
            "distribution": DARK,
            "adContext": {"dscAdAccount": ACCOUNT},
            "content": {"media": {"id": IMAGE}},
        },
    ),
    "ad with a button": (
        posts.video(
            ACME,
            HELLO,
            VIDEO,
            ad_account=Urn(ACCOUNT),
            ad_name="Launch",
            call_to_action="LEARN_MORE",
            landing_page="https://example.com/?a=1#b",
        ),
        {
            "adContext": {"dscAdAccount": ACCOUNT, "dscName": "Launch"},
            "content": {"media": {"id": VIDEO}},
            "contentCallToActionLabel": "LEARN_MORE",
            "contentLandingPage": "https://example.com/?a=1#b",
        },
    ),
    "all that is left": (
        posts.text(
            ACME,
            HELLO,
            visibility="LOGGED_IN",
            feed_distribution="MAIN_FEED",
            third_party_distribution_channels=["x"],
            lifecycle_state="PUBLISHED",
            is_reshare_disabled_by_author=True,
        ),
        {
            "visibility": "LOGGED_IN",
            "distribution": {
                "feedDistribution": "MAIN_FEED",
                "targetEntities": [],
                "thirdPartyDistributionChannels": ["x"],
            },
            "isReshareDisabledByAuthor": True,
        },
    ),
    "bare image": (posts.image(ADA, "", IMAGE), {"author": ADA, "commentary": "", "content": {"media": {"id": IMAGE}}}),
    "images without texts": (
        posts.images(ACME, HELLO, [Urn(IMAGE), (IMAGE_2, None)]),
        {"content": {"multiImage": {"images": [{"id": IMAGE}, {"id": IMAGE_2}]}}},
    ),
    "bare article": (
        posts.article(ACME, HELLO, "HTTP://example.com", "(a)"),
        {"content": {"article": {"source": "HTTP://example.com", "title": "(a)"}}},
    ),
    "reshare of a ugcPost": (
        posts.reshare(ACME, "", "urn:li:ugcPost:7"),
        {"commentary": "", "reshareContext": {"parent": "urn:li:ugcPost:7"}},
    ),
}


@pytest.mark.parametrize("name", DOCUMENTED)
def test_each_is_as_it_is_documented(name: str) -> None:
    entity, beside = DOCUMENTED[name]
    assert entity == {**SHARED, **beside}


def types_in(value: Any) -> set[type]:
    """Return the types of a value and of all that is in it."""
    inside = [*value.values(), *value] if isinstance(value, dict) else value if isinstance(value, list) else []
    return {type(value)}.union(*map(types_in, inside))


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_server_reads_it_as_it_was_built(name: str) -> None:
    entity, _ = DOCUMENTED[name]
    assert types_in(entity) <= {dict, list, str, bool}
    invocation = read(create("/posts", entity, version_string="202609").request)
    assert (invocation.method, invocation.entity) == ("create", entity)


def test_the_table_has_the_fields_of_the_bodies() -> None:
    lines = (posts.__doc__ or "").partition("\nfield ")[2].partition("\n\n")[0].splitlines()
    width = len("field ") + lines[0].index("required")
    rows = {line[:width]: line[width:] for line in lines[1:]}
    always = [name.partition(".")[0].strip() for name, rest in rows.items() if rest.startswith("always ")]
    assert [*dict.fromkeys(always)] == [*SHARED]
    fields = {field for names in rows for field in re.findall(r"\w+", names)}
    bodies = json.dumps([{**SHARED, **beside} for _, beside in DOCUMENTED.values()])
    # What targets are made of is the caller's, and the name of an ad is not required.
    assert {*re.findall(r'"(\w+)":', bodies)} - fields == {"geoLocations", "seniorities", "dscName"}
    assert fields - {*re.findall(r'"(\w+)":', bodies)} == set()


# -- the commentary ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("a (b) #c", "a \\(b\\) \\#c"),
        (little_text.escape("(b)"), "\\(b\\)"),
        (little_text.LittleText("#c"), "#c"),
        (little_text.hashtag("c"), "{hashtag|\\#|c}"),
        (["a ", little_text.hashtag("c"), little_text.LittleText(" #c"), " #c"], "a {hashtag|\\#|c} #c \\#c"),
        (("a", "b"), "ab"),
        (iter(["(", "b"]), "\\(b"),
        ("see " + little_text.hashtag("c") + "(d)", "see {hashtag|\\#|c}\\(d\\)"),
    ],
    ids=["text", "escaped", "little text", "element", "list", "tuple", "iterator", "sum"],
)
def test_plain_text_is_escaped_and_little_text_is_not(given: Any, sent: str) -> None:
    assert posts.text(ACME, given)["commentary"] == sent


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (f"Hi {little_text.hashtag('a')}", "commentary: holds a mention or a hashtag, and as plain text is escaped"),
        (["a", "\\(b\\)", "\\(c\\)"], "commentary[1]: is escaped already"),
        (little_text.LittleText("(b)"), "commentary: is a LittleText with a reserved character"),
        ("a" * 3001, "commentary: has 3001 characters, 3001 as it is read, and LinkedIn takes 3000 at most"),
        ("(" * 1501, "commentary: has 3002 characters, 1501 as it is read"),
    ],
    ids=["mention", "escaped", "not escaped", "long", "long by its escapes"],
)
def test_what_is_probably_not_meant_warns_once(given: Any, message: str) -> None:
    with pytest.warns(SuspiciousValueWarning, match=re.escape(message)) as caught:
        posts.text(ACME, given)
    assert len(caught) == 1
    assert caught[0].filename == __file__


def test_a_text_of_3000_characters_is_not_long() -> None:
    assert len(posts.text(ACME, "a" * 3000)["commentary"]) == 3000


# -- the rest ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: posts.text(ACME, "a", visibility="FRIENDS"), "visibility: FRIENDS is not known here"),
        (lambda: posts.text(ACME, "a", lifecycle_state="DRAFT"), "lifecycle_state: DRAFT is not known here"),
        (lambda: posts.text(ACME, "a", feed_distribution="SOME"), "feed_distribution: SOME is not known here"),
        (lambda: posts.poll(ACME, "", "?", [*"ab"], duration="TWO_DAYS"), "duration: TWO_DAYS is not known here"),
        (lambda: posts.poll(ACME, "", "?" * 141, [*"ab"]), "question: has 141 characters"),
        (lambda: posts.poll(ACME, "", "?", ["a", "b" * 31]), "options[1]: has 31 characters"),
    ],
)
def test_what_no_page_says_for_sure_only_warns(make: Any, message: str) -> None:
    with pytest.warns(SuspiciousValueWarning, match=re.escape(message)):
        assert make()["author"] == ACME


wrong: Any = 5
array: Any = np.array(["a", "b"])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        # URNs of another type, with the cure.
        (
            lambda: posts.video(ACME, "", IMAGE),
            "video: is a urn:li:image:..., and urn:li:video:... is wanted; posts.image is for images",
        ),
        (
            lambda: posts.image(ACME, "", VIDEO),
            "image: is a urn:li:video:..., and urn:li:image:... is wanted; posts.video is for videos",
        ),
        (lambda: posts.image(ACME, "", DOCUMENT), "posts.document is for documents"),
        (lambda: posts.document(ACME, "", IMAGE, "a"), "document: is a urn:li:image:..."),
        (lambda: posts.image(ACME, "", "urn:li:digitalmediaAsset:C4"), "it is of the older assets"),
        (lambda: posts.images(ACME, "", [IMAGE, (VIDEO, "a")]), "images[1]: is a urn:li:video:..."),
        (lambda: posts.article(ACME, "", "https://a.b", "a", thumbnail=VIDEO), "thumbnail: is a urn:li:video:..."),
        (
            lambda: posts.reshare(ACME, "", "urn:li:activity:1"),
            "parent: is a urn:li:activity:..., and urn:li:share:... or urn:li:ugcPost:... is wanted",
        ),
        (lambda: posts.text("urn:li:company:1", "a"), "author: is a urn:li:company:..."),
        (lambda: posts.text("urn:li:member:1", "a"), "give urn:li:person:..."),
        (lambda: posts.text("urn:x:person:1", "a"), "author: is a urn:x:person:..."),
        (lambda: posts.text("9001001", "a"), "author: must be a URN: urn:li:person:... or urn:li:organization:..."),
        (lambda: posts.text(wrong, "a"), "author: must be a URN"),
        (lambda: posts.text(ACME, "a", ad_account=wrong), "ad_account: must be a URN: urn:li:sponsoredAccount:..."),
        (lambda: posts.image(ACME, "", wrong), "image: must be a URN"),
        (lambda: posts.image(ACME, "", [IMAGE, IMAGE_2]), "image: must be one URN: posts.images is for several"),  # type: ignore[arg-type]
        (
            lambda: posts.images(ACME, "", [IMAGE, wrong]),
            "images[1]: must be a URN: urn:li:image:..., or a tuple of it and an alternative text, not int",
        ),
        (lambda: posts.images(ACME, "", [IMAGE, (wrong, "a")]), "images[1]: must be a URN"),
        (lambda: posts.images(ACME, "", [IMAGE, "2"]), "images[1]: must be a URN: urn:li:image:..."),
        # The commentary.
        (lambda: posts.text(ACME, ""), "commentary: is empty, and the post has nothing else"),
        (lambda: posts.text(ACME, [" ", "\n"]), "commentary: is empty"),
        (lambda: posts.text(ACME, wrong), "commentary: must be text, a LittleText, or what mention and hashtag return"),
        (lambda: posts.text(ACME, {"a": wrong}), "commentary: must be text"),
        (lambda: posts.text(ACME, b"a"), "commentary: must be text"),  # type: ignore[arg-type]
        (lambda: posts.text(ACME, ["a", wrong]), "commentary[1]: must be text"),
        # How many there are, and how long.
        (lambda: posts.images(ACME, "", []), "images: has 0, and LinkedIn takes 2 to 20"),
        (lambda: posts.images(ACME, "", [IMAGE]), "images: has 1, and LinkedIn takes 2 to 20: image() is for one"),
        (lambda: posts.images(ACME, "", [IMAGE] * 21), "images: has 21, and LinkedIn takes 2 to 20"),
        (lambda: posts.images(ACME, "", wrong), "images: must be a list, not int"),
        (lambda: posts.images(ACME, "", IMAGE), "images: must be a list, not str"),
        (lambda: posts.text(ACME, np.array(5)), "commentary: must be a list, not ndarray"),
        (lambda: posts.images(ACME, "", [IMAGE] * 2, ad_account=array), "ad_account: images cannot be"),
        (
            lambda: posts.images(ACME, "", [IMAGE] * 2, feed_distribution=array),
            "feed_distribution: must",
        ),
        (lambda: posts.poll(ACME, "", "?", "ab"), "options: must be a list, not str"),
        (lambda: posts.poll(ACME, "", "?", ["a"]), "options: has 1, and LinkedIn takes 2 to 4"),
        (lambda: posts.poll(ACME, "", "?", [*"abcde"]), "options: has 5, and LinkedIn takes 2 to 4"),
        (lambda: posts.poll(ACME, "", "?", ["a", " "]), "options[1]: is empty, and LinkedIn requires it"),
        (lambda: posts.poll(ACME, "", "", ["a", "b"]), "question: is empty"),
        (
            lambda: posts.image(ACME, "", IMAGE, alt_text="a" * 4087),
            "alt_text: an alternative text has 4086 characters at most, and this one has 4087",
        ),
        (lambda: posts.images(ACME, "", [IMAGE, (IMAGE, "a" * 4087)]), "images[1]: an alternative text has 4086"),
        # Plain texts and URLs.
        (lambda: posts.document(ACME, "", DOCUMENT, ""), "title: is empty, and LinkedIn requires it"),
        (lambda: posts.image(ACME, "", IMAGE, title=wrong), "title: must be text, not int"),
        (
            lambda: posts.image(ACME, "", IMAGE, alt_text=little_text.escape("(a)")),
            "alt_text: is plain text, and not little text",
        ),
        (lambda: posts.article(ACME, "", "example.com", "a"), "source: must be a whole URL"),
        (lambda: posts.article(ACME, "", "https://a b", "a"), "source: must be a whole URL"),
        (lambda: posts.article(ACME, "", "https://a.b", " "), "title: is empty"),
        (lambda: posts.article(ACME, "", "https://a.b", "a", description=wrong), "description: must be text"),
        (lambda: posts.text(ACME, "a", landing_page="/a"), "landing_page: must be a whole URL"),
        # Ads.
        (
            lambda: posts.text(ACME, "a", feed_distribution="NONE"),
            "ad_account: is required where feed_distribution is NONE",
        ),
        (lambda: posts.text(ACME, "a", ad_name="a"), "ad_name: is that of an ad: give its ad_account, too"),
        (lambda: posts.text(ACME, "a", ad_name="", ad_account=ACCOUNT), "ad_name: is empty"),
        (
            lambda: posts.poll(ACME, "", "?", [*"ab"], ad_account=ACCOUNT),
            "ad_account: a poll cannot be an ad: leave it out",
        ),
        (
            lambda: posts.images(ACME, "", [IMAGE] * 2, feed_distribution="NONE"),
            "feed_distribution: images cannot be an ad: leave it out",
        ),
        # Names.
        (lambda: posts.text(ACME, "a", visibility="public"), "visibility: must be a name in capitals, such as PUBLIC"),
        (lambda: posts.text(ACME, "a", visibility=wrong), "visibility: must be a name in capitals"),
        (
            lambda: posts.text(ACME, "a", call_to_action="Learn more"),
            "call_to_action: must be a name in capitals, such as LEARN_MORE",
        ),
        (
            lambda: posts.text(ACME, "a", is_reshare_disabled_by_author=wrong),
            "is_reshare_disabled_by_author: must be True or False",
        ),
        (lambda: posts.text(ACME, "a", target_entities=wrong), "target_entities: must be a list, not int"),
        (lambda: posts.text(ACME, "a", target_entities=[wrong]), "target_entities[0]: must be a mapping, not int"),
        (
            lambda: posts.text(ACME, "a", third_party_distribution_channels=wrong),
            "third_party_distribution_channels: must be a list",
        ),
    ],
)
def test_what_linkedin_refuses_is_refused(make: Any, message: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        make()
    assert message in str(caught.value)


def test_what_is_allowed_at_most() -> None:
    alt_text = "a" * 4086
    assert len(posts.images(ACME, "", [(IMAGE, alt_text)] * 20)["content"]["multiImage"]["images"]) == 20
    assert len(posts.poll(ACME, "", "?" * 140, ["a" * 30] * 4, duration="ONE_DAY")["content"]["poll"]["options"]) == 4
    assert posts.images(ACME, "", [IMAGE] * 2, ad_account=None)["commentary"] == ""


FURTHER: dict[str, list[Any]] = {
    "text": [],
    "image": [IMAGE],
    "images": [[IMAGE, IMAGE_2]],
    "video": [VIDEO],
    "document": [DOCUMENT, "Plans"],
    "article": ["https://example.com/a", "Article"],
    "poll": ["Which?", ["Red", "Blue"]],
    "reshare": [SHARE],
}
"""What each function takes after the author and the commentary."""


def test_each_function_is_there() -> None:
    assert {*FURTHER} == {name for name in posts.__all__ if name.islower()}


@pytest.mark.parametrize("name", FURTHER)
def test_an_unknown_keyword_is_a_type_error_of_the_function_that_was_called(name: str) -> None:
    make = getattr(posts, name)
    assert make(ACME, "a", *FURTHER[name], visibility="PUBLIC")
    with pytest.raises(TypeError, match=rf"^{name}\(\) got an unexpected keyword argument 'visiblity'$"):
        make(ACME, "a", *FURTHER[name], visiblity="PUBLIC")


def test_a_keyword_of_another_kind_of_post_is_unknown() -> None:
    with pytest.raises(TypeError, match=r"^reshare\(\) got an unexpected keyword argument 'alt_text'$"):
        posts.reshare(ACME, "a", SHARE, alt_text="a")  # type: ignore[call-arg]


def test_each_post_is_a_dict_of_its_own() -> None:
    one = posts.text(ACME, "a", target_entities=TARGETS)
    one["distribution"]["targetEntities"][0]["geoLocations"] = []
    one["distribution"]["thirdPartyDistributionChannels"].append("x")
    assert posts.text(ACME, "a", target_entities=TARGETS)["distribution"] == TARGETED
