"""Paths: against LinkedIn's own templates, and what no path can be."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import pytest

from restli_core.base_errors import SuspiciousValueWarning
from restli_core.encoding import decode, decode_path_key
from restli_core.errors import InvalidCallError
from restli_core.paths import check_base_url, check_repeated_base, check_segment, format_path, normalize_escapes
from restli_core.urn import Urn
from tests.vectors import load, untagged

LEFT_OUT = {
    1: ("a key is missing; the reference sends a/, the path of another resource", "path_keys"),
    35: ("a segment . is taken out by every HTTP library (RFC 3986 section 5.2.4)", "path_keys['k']"),
}
CASES = list(enumerate(load("path_template")))


def ours(case: dict[str, Any]) -> str:
    return format_path(f"/{case['in']['template']}", untagged(case["in"]["keys"]))


def readings(path: str) -> list[tuple[Any, str]]:
    """What a server reads in each segment: an element, or a simple key."""
    return [(decode(segment), decode_path_key(segment)) for segment in path.split("/")]


@pytest.mark.filterwarnings("ignore::restli_core.SuspiciousValueWarning")  # odd on purpose
@pytest.mark.parametrize("case", [pytest.param(case, id=str(index)) for index, case in CASES if index not in LEFT_OUT])
def test_templates_mean_what_linkedins_do(case: dict[str, Any]) -> None:
    assert readings(ours(case)[1:]) == readings(case["ok"])


@pytest.mark.parametrize(("index", "argument"), [(index, left[1]) for index, left in LEFT_OUT.items()])
def test_templates_left_out_are_refused(index: int, argument: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        ours(CASES[index][1])
    assert caught.value.argument == argument


class Kind(StrEnum):
    SPONSORED = "sponsored"
    NONE = ""


@pytest.mark.parametrize(
    ("template", "keys", "path"),
    [
        ("/", None, "/"),
        ("/r", {}, "/r"),
        ("/r/", None, "/r/"),
        ("/a//b", None, "/a//b"),
        ("/{k}", {"k": 1}, "/1"),
        ("/{a}/{b}/{a}", {"a": 1, "b": 2}, "/1/2/1"),
        ("/{a}{b}", {"a": 1, "b": 2}, "/12"),
        ("/people/(id:{id})", {"id": "a:b"}, "/people/(id:a%3Ab)"),
        ("/people/(id:{id})", {"id": ""}, "/people/(id:'')"),
        ("/r/List({a},{b})", {"a": "", "b": "x"}, "/r/List('',x)"),
        ("/urn-li-person-{id}", {"id": "a/b"}, "/urn-li-person-a%2Fb"),
        ("/urn%3ali%3aperson%3A{id}", {"id": "a/b"}, "/urn%3Ali%3Aperson%3Aa%2Fb"),
        ("/{k}", {"k": Urn("urn:li:x:(urn:li:y:1,2)")}, "/urn%3Ali%3Ax%3A%28urn%3Ali%3Ay%3A1%2C2%29"),
        ("/{k}", {"k": {"b": "", "a": [1, True]}}, "/(a:List(1,true),b:'')"),
        ("/{k}", {"k": Kind.SPONSORED}, "/sponsored"),
        ("/{k}", {"k": {}}, "/()"),
        ("/{k}", {"k": "''"}, "/%27%27"),
        ("/{k}", {"k": "%2E"}, "/%252E"),
        ("/{k}", {"k": "..."}, "/..."),
        ("/{a-b}/{A_1}", {"a-b": 1, "A_1": 2}, "/1/2"),
        ("/-._~!$&'*+;=@", None, "/-._~!$&'*+;=@"),
        ("/%7e%2f%c3%A9%41", None, "/~%2F%C3%A9A"),
        ("/..a/.../a..", None, "/..a/.../a.."),
    ],
)
def test_paths(template: str, keys: Any, path: str) -> None:
    assert format_path(template, keys) == path


@pytest.mark.parametrize(
    "template",
    [
        *(5, None, b"/r", "", "r", "{k}", "http://h/r", " /r"),
        *(
            "/a?b",
            "/a#b",
            "/a b",
            "/a\tb",
            "/a\n",
            "/\x00",
            "/\x7f",
            "/\u00e9",
            '/"',
            "/<",
            "/[a]",
            "/\\",
            "/^",
            "/`",
            "/|",
        ),
        *("/%", "/%2", "/%zz", "/%{k}41", "/%4{k}1", "/{", "/}", "/{}", "/{a", "/a}", "/{a b}", "/{{k}}", "/{k}}"),
        *("/{id.__class__}", "/{id[0]}", "/{id!r}", "/{id:>10}", "/{0.real}", "/{\u00e9}"),
        *("/.", "/..", "/a/./b", "/a/../b", "/%2E", "/%2e%2E", "/.%2e/a", "/a/%2e"),
    ],
)
def test_what_is_no_path_is_refused(template: Any) -> None:
    with pytest.raises(InvalidCallError) as caught:
        format_path(template, {"k": "zz"} if "{k}" in str(template) else None)
    assert caught.value.argument == "resource_path"


@pytest.mark.parametrize(
    ("template", "keys", "argument"),
    [
        ("/{k}", {"k": "."}, "path_keys['k']"),
        ("/{k}", {"k": ".."}, "path_keys['k']"),
        ("/{a}{b}", {"a": ".", "b": "."}, "resource_path"),
        ("/.{k}", {"k": "."}, "resource_path"),
        ("/%2e{k}", {"k": "."}, "resource_path"),
        ("/{k}", {"k": ""}, "path_keys['k']"),
        ("/{k}", {"k": Kind.NONE}, "path_keys['k']"),
        ("/a/{k}/b", {"k": b""}, "path_keys['k']"),
        ("/person-{k}", {"k": ""}, "path_keys['k']"),
        ("/{a}{b}", {"a": "x", "b": ""}, "path_keys['b']"),
        ("/{k}", {"k": None}, "path_keys['k']"),
        ("/{k}", {"k": {"a": [None]}}, "path_keys['k']['a'][0]"),
        ("/{k}", {"k": "\ud800"}, "path_keys['k']"),
        ("/{k}", {"k": object()}, "path_keys['k']"),
        ("/{k}", [("k", 1)], "path_keys"),
        ("/{k}", "k", "path_keys"),
        ("/{k}", {"k": 1, 10**5000: 1}, "path_keys"),
    ],
)
def test_keys_that_no_path_can_have_are_refused(template: str, keys: Any, argument: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        format_path(template, keys)
    assert caught.value.argument == argument


@pytest.mark.parametrize(
    ("template", "keys", "reason"),
    [
        ("/{b}/{a}", {"c": 1, "a": 2}, "placeholders: a, b; the keys given are: a, c"),
        ("/{a}", None, "placeholders: a; the keys given are: none"),
        ("/r", {"a": 1}, "placeholders: none; the keys given are: a"),
        ("/r/{a}", None, "none; of the whole collection, as for batches and finders, the path is '/r'"),
        ("/r/{a}/s/{b}", {"a": 1}, "the path is '/r/{a}/s'"),
    ],
)
def test_placeholders_and_keys_must_match(template: str, keys: Any, reason: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        format_path(template, keys)
    assert caught.value.argument == "path_keys"
    assert reason in caught.value.reason


def test_only_where_the_last_key_is_missing_the_collection_is_named() -> None:
    for template in ("/r/{a}/s", "/r/{a}/s/{b}", "/{a}"):
        with pytest.raises(InvalidCallError, match=r"the keys given are: none$"):
            format_path(template, None)


def test_escapes_have_one_normal_form() -> None:
    assert normalize_escapes("%61%2d%5f%7E%2f%25%C3%a9") == "a-_~%2F%25%C3%A9"


@pytest.mark.parametrize("segment", [".", ".."])
def test_dot_segments_are_refused(segment: str) -> None:
    with pytest.raises(InvalidCallError, match=r"^base_url: the path segment '\.+' means another path"):
        check_segment("base_url", segment)
    check_segment("base_url", f"{segment}a")


# -- keys in the text of a path ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "template",
    [
        "/posts/urn:li:share:1",
        "/networkSizes/urn:li:organization:7",
        "/socialActions/urn:li:comment:(urn:li:activity:1,2)/comments",
        "/posts/urn:li:share:{id}",
        "/a/urn%3Ali:share:1",
        "/people/(id:urn:li:person:1)",
        "/people/id:abc",
        "/a/1,2",
        "/a/(1",
        "/a/1)",
        "/a/(b)",
        "/a/key(1)",
        "/a:batch",
        "/r/" + "a:" * 1000,
    ],
)
def test_a_key_in_the_text_of_a_path_must_be_encoded(template: str) -> None:
    with pytest.raises(InvalidCallError, match=r"write the key as \{name\}, and give it in path_keys") as caught:
        format_path(template, {"id": 1} if "{id}" in template else None)
    assert caught.value.argument == "resource_path"
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "template",
    [
        "/people/(id:{id})",
        "/people/(id:abc)",
        "/posts/urn%3Ali%3Ashare%3A1",
        "/a/(account:urn%3Ali%3AsponsoredAccount%3A1,user:{id})",
        "/a/List(1,2)",
        "/a/()",
        "/a/100%25",
        "/a/b=c",
        "/a/b=c&d",
        "/a/dGVzdA==",
        "/a/it's",
        "/a/1.0",
        "/a/none",
    ],
)
def test_a_key_in_the_text_of_a_path_may_be_encoded(template: str) -> None:
    # Warnings are errors here.
    assert format_path(template, {"id": 1} if "{id}" in template else None).startswith(template.partition("{")[0])


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("/posts/urn%253Ali%253Ashare%253A1", "an escape that is escaped once more"),
        ("/a/%2520", "an escape that is escaped once more"),
        ("/reactions/actor=urn%3Ali%3Aperson%3A1&entity=urn%3Ali%3Ashare%3A2", "a compound key of protocol 1.0"),
        ("/reactions/actor={a}&entity={b}", "a compound key of protocol 1.0"),
        ("/adAccounts/None", "a segment that is what a missing"),
        ("/adAccounts/nan/adCampaigns/{a}{b}", "a segment that is what a missing"),
        ("/adAccounts/5001001.0", "a segment that is what a missing"),
    ],
)
def test_a_key_in_the_text_of_a_path_that_is_probably_wrong_is_warned_of(template: str, reason: str) -> None:
    with pytest.warns(SuspiciousValueWarning, match=f"^resource_path: has {reason}"):
        format_path(template, {"a": 1, "b": 2} if "{a}" in template else None)


def test_parameters_in_the_text_of_a_path_have_their_cure() -> None:
    with pytest.raises(InvalidCallError, match="parameters go into query_params"):
        format_path("/posts?q=author")
    with pytest.raises(InvalidCallError, match=r"write keys as \{name\}, and give them in path_keys"):
        format_path("/posts/a b")


class Showy(str):
    __slots__ = ()

    def __str__(self) -> str:
        raise AssertionError("it was asked for")

    __repr__ = __format__ = __str__  # type: ignore[assignment]


def test_paths_and_keys_count_for_their_text() -> None:
    assert format_path(Showy("/a/{k}"), {Showy("k"): Showy("x y")}) == "/a/x%20y"
    assert type(check_base_url(Showy("http://h/a/"))) is str


# -- what stands before a path -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "path", "reason"),
    [
        ("https://api.linkedin.com/v2", "/v2/posts", "begins with /v2, which stands before it already"),
        ("https://api.linkedin.com/v2", "/v2", "begins with /v2, which stands before it already"),
        ("https://api.linkedin.com/rest", "/rest/posts", "begins with /rest, which stands before it already"),
        ("https://api.linkedin.com/v2", "/rest/posts", "give version_string"),
        ("https://api.linkedin.com/rest", "/v2/me", "leave it out, and version_string as well"),
        ("https://gateway.example/v2", "/v2/posts", "begins with /v2, which base_url ends with"),
        ("https://gateway.example/linkedin/rest", "/rest/posts", "begins with /rest, which base_url ends with"),
        ("https://gateway.example/linkedin/rest", "/linkedin/rest/posts", "begins with /linkedin/rest, which"),
    ],
)
def test_a_path_that_repeats_the_base_url_is_refused(base: str, path: str, reason: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        check_repeated_base(path, base)
    assert caught.value.argument == "resource_path"
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("base", "path"),
    [
        ("https://api.linkedin.com/v2", "/posts"),
        ("https://api.linkedin.com/v2", "/v2posts"),
        ("https://api.linkedin.com/v2", "/v3/posts"),
        ("https://api.linkedin.com/rest", "/restaurants/1"),
        ("https://api.linkedin.com/rest", "/posts/rest"),
        ("https://api.linkedin.com", "/rest/posts"),
        ("https://api.linkedin.com", "/v2/posts"),
        ("https://rest/v2", "/rest/posts"),
        ("https://gateway.example/rest/li", "/rest/posts"),
        ("https://gateway.example/rest", "/v2/posts"),
        ("https://gateway.example/arrest", "/rest/posts"),
        ("https://gateway.example/rest", "/"),
    ],
)
def test_other_paths_are_taken(base: str, path: str) -> None:
    check_repeated_base(path, base)
