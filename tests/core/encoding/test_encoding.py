"""The codec both ways: what is written means what LinkedIn's text does, at any depth and size."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from restli_core.encoding import decode, encode, param_decode, param_encode, reduced_decode, reduced_encode
from tests.support.codec import LEFT_OUT, NULL, SURROGATE, Refusal, cases, outcome, refused_at, same_text
from tests.support.independent_codec import read
from tests.support.values import nested, same
from tests.vectors import load, untagged


def test_every_case_left_out_exists() -> None:
    inputs = {(name, json.dumps(case["in"])) for name in {name for name, _ in LEFT_OUT} for case in load(name)}
    assert LEFT_OUT.keys() - inputs == set()


@pytest.mark.parametrize(("name", "text"), [key for key, reason in LEFT_OUT.items() if reason in (NULL, SURROGATE)])
def test_refuses_what_is_left_out(name: str, text: str) -> None:
    given = untagged(json.loads(text))
    if given == {"params": {"a": None}}:
        assert param_encode(given["params"]) == ""
    elif name == "query_string":
        assert refused_at(param_encode, given["params"]) == "query_params['a'][0]"
    else:
        assert refused_at(encode, given["value"]).startswith("value")


@pytest.mark.parametrize(
    ("name", "write"), [("encode_path", encode), ("encode_query", encode), ("encode_header", reduced_encode)]
)
@pytest.mark.parametrize("reader", [decode, reduced_decode, read])
def test_values_mean_what_linkedins_do(name: str, write: Callable[[Any], str], reader: Callable[[str], Any]) -> None:
    def agrees(case: dict[str, Any]) -> bool:
        value = case["in"]["value"]
        return same_text(value, reader(write(untagged(value))), reader(case["ok"]))

    assert [case for case in cases(name, 580) if not agrees(case)] == []


DEPTH = 100_000


@pytest.mark.parametrize(
    ("level", "opening", "closing"), [("[", "List(", ")"), ("{", "(k:", ")"), ("[{", "(k:List(", "))")]
)
def test_depth(level: str, opening: str, closing: str) -> None:
    times = DEPTH // len(level)
    value, text = nested("a", level * times), opening * times + "a" + closing * times
    assert encode(value) == text
    assert same(decode(text), value)
    assert not same(decode(text.replace("a", "b")), value)


def test_depth_in_the_other_forms() -> None:
    value, text = nested("a", "[{" * (DEPTH // 2)), "(k:List(" * (DEPTH // 2) + "a" + "))" * (DEPTH // 2)
    assert reduced_encode(value) == text
    assert param_encode({"x": value}) == f"x={text}"
    assert same(reduced_decode(text), value)
    assert same(param_decode(f"x={text}")["x"], value)


def test_depth_of_empty_containers() -> None:
    value = nested([], "[" * (DEPTH - 1))
    assert encode(value) == "List(" * DEPTH + ")" * DEPTH
    assert same(decode("List(" * DEPTH + ")" * DEPTH), value)


def test_refusals_at_depth() -> None:
    place = refused_at(encode, nested(None, "[{" * (DEPTH // 2)))
    assert len(place) == 200
    assert place.startswith("value['k'][0]['k']")
    assert place.endswith("['k'][0]")
    assert outcome(decode, "List(" * DEPTH) == Refusal(5 * DEPTH)
    assert outcome(decode, "(a:" * DEPTH + ")" * DEPTH) == Refusal(3 * DEPTH)


def test_a_million_items() -> None:
    value: list[Any] = [*["a,b"] * 999_999, {}]
    text = encode(value)
    assert text == f"List({'a%2Cb,' * 999_999}())"
    assert decode(text) == value


def test_many_texts() -> None:
    # A list of nothing but texts is read by a way of its own.
    value = ["a,b", "", "List", "%"] * 50_000
    assert decode(encode(value)) == value


def test_a_map_of_many_keys() -> None:
    value = {f"k{number:06}": str(number) for number in range(100_000)}
    text = encode(dict(reversed(value.items())))
    assert text == f"({','.join(f'{key}:{item}' for key, item in value.items())})"
    assert decode(text) == value


def test_a_long_text() -> None:
    text = "%(),:' \u20ac" * 100_000
    assert decode(encode(text)) == decode(reduced_encode(text)) == text
