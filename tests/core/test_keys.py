"""Keys: their form in bodies, when two are the same, and which key of an answer means which id."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from restli_core.encoding import encode
from restli_core.errors import InvalidCallError
from restli_core.keys import (
    body_key,
    body_keys,
    canonical_key,
    canonical_keys,
    decode_key,
    distinct,
    freeze_ids,
    match_keys,
    match_single_keys,
)
from restli_core.urn import Urn
from tests.support.codec import Plain, Status, cases, same_text
from tests.support.independent_codec import read, read_key
from tests.support.values import nested
from tests.vectors import untagged


def key_of(given: dict[str, Any], *, full: bool = True) -> Any:
    key = untagged(given["key"])
    return {**key, "$params": untagged(given["params"])} if full and "params" in given else key


def meaning(given: dict[str, Any], text: str) -> Any:
    return read_key(text) if given["kind"] == "simple" else read(text)


@pytest.mark.parametrize("name", ["key_path", "key_query"])
def test_keys_mean_what_linkedins_do(name: str) -> None:
    def agrees(case: dict[str, Any]) -> bool:
        given, ours = case["in"], encode(key_of(case["in"]))
        return same_text(given["key"], meaning(given, ours), meaning(given, case["ok"]))

    assert [case for case in cases(name, 540) if not agrees(case)] == []


def test_keys_stand_behind_the_path() -> None:
    def agrees(case: dict[str, Any]) -> bool:
        given, (base, _, theirs) = case["in"], case["ok"].rpartition("/")
        return bool(base == given["base"] and meaning(given, encode(key_of(given))) == meaning(given, theirs))

    assert [case for case in cases("key_in_uri", 200) if not agrees(case)] == []


def test_keys_in_batch_bodies_are_linkedins_to_the_letter() -> None:
    def agrees(case: dict[str, Any]) -> bool:
        return bool(body_key(key_of(case["in"], full=case["in"]["full"])) == case["ok"])

    assert [case for case in cases("key_body", 780) if not agrees(case)] == []


def test_keys_in_headers_are_linkedins() -> None:
    def agrees(case: dict[str, Any]) -> bool:
        given = case["in"]
        return same_text(given["key"], body_key(key_of(given, full=False)), case["ok"])

    assert [case for case in cases("key_header", 540) if not agrees(case)] == []


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("", ""),
        ("''", "''"),
        ("urn:li:share:1", "urn:li:share:1"),
        ("(a,b)%", "(a,b)%"),
        (Urn("urn:li:x:(a,b)"), "urn:li:x:(a,b)"),
        (5, "5"),
        (True, "true"),
        (1.5, "1.5"),
        (b"\xff", "\xff"),
        (b"", ""),
        (Status.ODD, "a,b"),
        ({"b": "x y", "a": "1:2", "$params": {"p": ""}}, "($params:(p:''),a:1%3A2,b:x y)"),
        ({}, "()"),
        ([1, "a,b"], "List(1,a%2Cb)"),
        ((1, 2), "List(1,2)"),
        (Plain.PAIR, "List(1,a)"),
    ],
)
def test_keys_in_batch_bodies(key: Any, text: str) -> None:
    assert body_key(key) == text


def test_several_keys_in_batch_bodies() -> None:
    assert body_keys(["a,b", 5, {"b": 1, "a": ""}, ["x"]], "ids") == ["a,b", "5", "(a:'',b:1)", "List(x)"]
    assert body_keys((), "ids") == []


@pytest.mark.parametrize("write", [body_keys, distinct])
def test_the_place_of_a_key_that_cannot_be_written(write: Callable[[Any, str], Any]) -> None:
    with pytest.raises(InvalidCallError) as caught:
        write(["a", {"b": [None]}], "ids")
    assert caught.value.argument == "ids[1]['b'][0]"


def test_distinct_keeps_the_first_place_and_the_last_value() -> None:
    first, last = {"a": 1, "b": 2}, {"b": "2", "a": "1"}
    values = distinct([first, "x", last, 5, "5"], "values")
    assert values == [last, "x", "5"]
    assert values[0] is last


# Sameness


@pytest.mark.parametrize(
    ("key", "other"),
    [
        (5, "5"),
        (True, "true"),
        (1e20, "1.0E20"),
        (Status.ODD, "a,b"),
        ({"a": 1, "b": True}, {"b": "true", "a": "1"}),
        ({"a": 1, "$params": {"p": 1}}, {"a": 1}),
        (MappingProxyType({"a": [1]}), {"a": ("1",)}),
    ],
)
def test_keys_that_are_the_same(key: Any, other: Any) -> None:
    assert canonical_key(key) == canonical_key(other)
    assert [canonical_key(key)] * 2 == canonical_keys([key, other], body_keys([key, other], "ids"))


@pytest.mark.parametrize(
    ("key", "other"), [("a", "A"), ("1", 1.0), ({"a": 1}, {"a": [1]}), ({}, {"a": ""}), (["a", "b"], ["b", "a"])]
)
def test_keys_that_differ(key: Any, other: Any) -> None:
    assert canonical_key(key) != canonical_key(other)


def test_parameters_inside_a_key_are_a_part_of_it() -> None:
    # Only those of the key itself are not, and a text is just that.
    assert canonical_key({"a": {"$params": 1}}) == "(a:($params:1))"
    assert canonical_keys(["$params"], ["$params"]) == ["$params"]


# The keys of an answer


@pytest.mark.parametrize(
    ("text", "key"),
    [("a%20b", "a b"), ("(a:b)", {"a": "b"}), ("List(1)", ["1"]), ("urn:li:x:1", "urn:li:x:1"), ("%zz", "%zz")],
)
def test_keys_of_answers_are_read_where_they_are_elements(text: str, key: Any) -> None:
    assert decode_key(text) == key


def matched(ids: list[Any], *keys: str) -> list[list[str]]:
    return [*match_keys(ids, canonical_keys(ids, body_keys(ids, "ids")), keys)]


COMPLEX: Any = {"b": 2, "a": "x,y"}


@pytest.mark.parametrize(
    ("ids", "keys", "expected"),
    [
        ([1, "b"], ["b", "1", "c"], [["1"], ["b"]]),
        (["a", "a"], ["a"], [["a"], ["a"]]),
        (["a"], [], [[]]),
        (["a,b"], ["a%2Cb"], [["a%2Cb"]]),
        (["a,b"], ["a%2Cb", "a,b", "a%2cb"], [["a,b", "a%2Cb", "a%2cb"]]),
        (["a,b", "a%2Cb"], ["a%2Cb"], [[], ["a%2Cb"]]),
        (["a"], ["%zz", "List(a)", "a)("], [[]]),
        ([COMPLEX], ["(a:x%2Cy,b:2)", "(b:2,a:x%2cy)", "(a:x,b:2)"], [["(a:x%2Cy,b:2)", "(b:2,a:x%2cy)"]]),
        ([{**COMPLEX, "$params": {"p": 1}}], ["(a:x%2Cy,b:2)"], [["(a:x%2Cy,b:2)"]]),
        ([COMPLEX], ["(a:x%2Cy,b:2,$params:(p:1))"], [["(a:x%2Cy,b:2,$params:(p:1))"]]),
        (["(a:1)", {"a": 1}], ["(a:1)"], [["(a:1)"], ["(a:1)"]]),
        ([["1"]], ["List(1)"], [["List(1)"]]),
        ([{"a": 1}], ["(a:1", "(a:\ud800)", "a:1"], [[]]),
    ],
)
def test_which_keys_mean_an_id(ids: list[Any], keys: list[str], expected: list[list[str]]) -> None:
    assert matched(ids, *keys) == expected


@pytest.mark.parametrize(
    ("ids", "keys", "is_taken"),
    [
        (["a", "b"], ["b"], True),
        ([], [], True),
        ([COMPLEX], ["(a:x%2Cy,b:2)"], True),
        ([COMPLEX], ["(b:2,a:x%2Cy)"], True),
        ([COMPLEX, {"b": 1}], ["(b:2,a:x%2Cy)"], True),
        ([COMPLEX], ["(b:2,a:x%2Cy)", "(b:1)"], True),
        (["a,b"], ["a%2Cb"], True),
        (["a,b", "c", "d'"], ["a%2Cb", "c", "d%27"], True),
        (["a,b", "'"], ["a%2Cb", "%27"], True),
        (["a,b", "a%2Cb"], ["a%2Cb", "%61"], False),
        (["a%2Cb"], ["a%2Cb", "%61"], True),
        (["a,b", "a%2Cb"], ["a%2Cb", "x%2Cy"], False),  # an id and a key are left
        (["a,b"], ["a%2Cb", "a%2cb"], False),  # one meaning twice
        (["a"], ["a", "c"], False),
        (["a,b"], ["a%2Cb", "c,d"], False),
        (["a,b"], ["a%2Cb", "(c)"], False),
        (["a,b"], ["a%2Cb", "%zz"], False),
        (["a,b"], ["a%2Cb", "''"], True),
        (["(a:1)", {"a": 1}], ["(a:1)"], False),
        ([COMPLEX], ["(b:2,a:x%2Cy,$params:())"], False),
        ([COMPLEX], ["(b:2,a:x%2Cy)", "a"], False),
        ([COMPLEX], ["(b:2,a:x%2Cy", "b:1)"], False),
        ([COMPLEX], ["(b:2,a:x%2Cy)", "(b:2),(c:3)", "(d"], False),
        ([COMPLEX], ["(b:2,a:x%2Cy)", "(a:\ud800)"], False),
    ],
)
def test_keys_are_matched_one_by_one_where_it_is_plain(ids: list[Any], keys: list[str], is_taken: bool) -> None:
    texts = canonical_keys(ids, body_keys(ids, "ids"))
    single = match_single_keys(ids, texts, dict.fromkeys(keys))
    assert (single is not None) is is_taken
    if single is not None:
        assert matched(ids, *keys) == [[] if key is None else [key] for key in single]


# The ids that a call keeps


class Pair(NamedTuple):
    x: int
    y: Any


CYCLE: list[Any] = []
CYCLE.append({"a": CYCLE})


def test_ids_that_cannot_change_are_kept_as_they_are() -> None:
    ids = ("a", 1, True, Urn("urn:li:x:1"), 1.5)
    assert freeze_ids(ids) is ids
    some = ids[:2]
    assert freeze_ids(some) is some
    assert freeze_ids(iter(ids)) == ids
    pair = Pair(1, "a")
    assert freeze_ids([pair])[0] is pair


@pytest.mark.parametrize(
    "key",
    [{"a": 1}, {"a": {"b": [1]}}, [1, [2]], {"a": (1, [2])}, {Plain.TEXT: [Status.ODD]}, {"a": MappingProxyType({})}],
)
def test_ids_that_can_change_are_copied(key: Any) -> None:
    (kept,) = freeze_ids([key])
    assert kept is not key
    assert encode(kept) == encode(key)


def test_what_the_owner_of_an_id_changes_changes_no_copy() -> None:
    inner: list[Any] = [1]
    scalars: list[Any] = ["a", 1, True, Urn("urn:li:x:1"), 1.5]
    ids: list[Any] = [{"a": inner}, MappingProxyType({"b": {"c": inner}}), ({"d": inner},), Pair(1, inner)]
    kept = freeze_ids([*ids, [*scalars, inner]])
    inner.append(2)
    assert [*kept] == [{"a": [1]}, {"b": {"c": [1]}}, ({"d": [1]},), Pair(1, [1]), [*scalars, [1]]]
    assert type(kept[3]) is Pair


def test_an_id_that_contains_itself_is_left_to_the_encoder() -> None:
    (kept,) = freeze_ids([CYCLE])
    assert kept is CYCLE
    with pytest.raises(InvalidCallError, match="contains itself"):
        encode(kept)


def test_ids_at_any_depth(depth: int) -> None:
    key = nested(1, "[{" * (depth // 2))
    (kept,) = freeze_ids([key])
    assert kept is not key
    assert encode(kept) == encode(key)


@pytest.mark.parametrize("wrong", ["\ud800", 10**5000], ids=["surrogate", "digits"])
def test_keys_that_no_body_can_have_are_named(wrong: Any) -> None:
    with pytest.raises(InvalidCallError, match=r"^ids\[1\]"):
        body_keys([type(wrong)(1), wrong], "ids")
