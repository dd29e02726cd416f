"""The laws of functions that write, one by one: what a server makes of a text, and which cases are alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import restli_core as restli
from restli_transports.testing.codec_check.law import Law
from restli_transports.testing.codec_check.writing import deep_values, is_apart, read_query, read_value, write_laws

LAWS = {law.sentence: law for law in write_laws("encode", read_value, restli.encode, "encode_query", "value")}
TEXTS: Law = LAWS["a server reads values of any shape"]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("x y", "a URL cannot carry it"),
        ("\x7f", "a URL cannot carry it"),
        ("é", "a URL cannot carry it"),
        ("a&b=c", "a server reads the parameters 'b', 'v' in it"),
        ("a#b", "which a server reads as 'a'"),
        ("a+b", "which a server reads as 'a+b'"),
        ("(a", "expected"),
        ("", "unexpected end of input"),
    ],
)
def test_what_a_server_cannot_read_is_wrong(text: str, wrong: str) -> None:
    assert wrong in (TEXTS.check(lambda _value: text, "x y") or "")


def test_how_much_is_escaped_is_left_to_the_writer() -> None:
    for text in ("a%2Db", "a-b", "%61%2db"):
        assert TEXTS.check(lambda _value, text=text: text, "a-b") is None


def test_a_query_may_stand_before_a_fragment_only_by_mistake() -> None:
    assert read_query("a=b&c=List(d)") == {"a": "b", "c": ["d"]}
    assert read_query("a=b#c") == {"a": "b"}


def with_floats(spelt: Callable[[float], str]) -> Callable[[Any], str]:
    return lambda value: spelt(value) if isinstance(value, float) else restli.encode(value)


@pytest.mark.parametrize(
    ("spelt", "is_right"), [(repr, True), (lambda value: f"{value:.20e}", True), (lambda value: f"{value:.3f}", False)]
)
def test_a_float_may_be_spelt_in_any_way_that_is_the_same_number(spelt: Callable[[float], str], is_right: bool) -> None:
    law = LAWS["floats are to a server what LinkedIn's client writes"]
    inputs: Any = law.inputs
    singles = [
        one for one in inputs() if isinstance(one.value["in"]["value"], dict) and "$t" in one.value["in"]["value"]
    ]
    finite = [one.value for one in singles if "n" not in one.shown]
    assert finite
    assert all(law.check(with_floats(spelt), case) is None for case in finite) is is_right


@pytest.mark.parametrize("value", [None, [None], {"a": [None]}, "\ud800", {"\udc00": ""}, {"fields": "a"}])
def test_what_changes_on_its_way_is_no_example(value: Any) -> None:
    assert is_apart(value)


def test_other_values_are_examples() -> None:
    assert not is_apart({"a": ["b", 1, 1.5, True, b""], "": {}})


def depth(value: Any) -> int:
    """How deep a value is, by a function that calls itself; C has a stack of its own, as json.dumps of 3.13 shows."""
    inner = [*value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    return 1 + max((depth(one) for one in inner), default=0)


def test_deep_values_are_deeper_than_pythons_stack() -> None:
    for one in deep_values():
        with pytest.raises(RecursionError):
            depth(one.value)
