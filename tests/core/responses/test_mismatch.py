"""Mismatch: what values of other types are read as, and what the notes say of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from restli_core.responses.mismatch import MalformedResponse, Mismatch, checked, is_json, place, read_integer


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (5, 5),
        ("5", 5),
        ("-5", -5),
        (5.0, 5),
        (Decimal("5.0"), 5),
        (10**30, 10**30),
        *((value, None) for value in (True, "x", "", " 5", "5.0", "9" * 19, 5.5, 1e300, float("nan"), float("inf"))),
        *((value, None) for value in (Decimal("NaN"), Decimal("Infinity"), Decimal("1e400"), None)),
        ([], None),
        ({}, None),
    ],
)
def test_numbers(value: Any, number: int | None) -> None:
    assert read_integer(value) == number
    mismatch = Mismatch()
    assert mismatch.member({"n": value}, "n", int, "it") == number
    assert (mismatch.text is None) == (value is None or is_json(value, int))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", ""),
        (5, "5"),
        (1.5, "1.5"),
        (True, "true"),
        ({"b": 1, "a": "x,y"}, "(a:x%2Cy,b:1)"),
        ([1], "List(1)"),
        ([None], None),
        ({"a": "\ud800"}, None),
        (None, None),
    ],
)
def test_ids(value: Any, text: str | None) -> None:
    assert Mismatch().member({"id": value}, "id", str, "it") == text


@pytest.mark.parametrize(("value", "truth"), [(True, True), ("True", True), ("false", False), ("x", None), (1, None)])
def test_truth(value: Any, truth: bool | None) -> None:
    assert Mismatch().member({"is": value}, "is", bool, "it") is truth


@pytest.mark.parametrize("value", ["x", 5, [], True])
def test_what_is_not_an_object_counts_as_missing(value: Any) -> None:
    mismatch = Mismatch()
    assert mismatch.member({"o": value}, "o", dict, "it") is None
    assert mismatch.text is not None
    assert mismatch.text.startswith("o of it is ")


def test_null_and_nothing_are_the_same_for_a_single_value() -> None:
    mismatch = Mismatch()
    for kind in (int, str, bool, dict, list):
        assert mismatch.member({"a": None}, "a", kind, "it") is None
        assert mismatch.member({}, "a", kind, "it") is None
    assert mismatch.text is None


def test_collections() -> None:
    mismatch = Mismatch()
    assert mismatch.items({}, "a", "it") == []
    assert mismatch.items({"a": [1, None]}, "a", "it") == [1, None]
    assert mismatch.mapping({}, "a", dict) == {}
    assert mismatch.mapping({"a": {"b": {}}}, "a", dict) == {"b": {}}
    assert mismatch.text is None
    assert mismatch.items({"a": None}, "a", "it", needed=True) == []
    assert mismatch.items({"a": "x"}, "a", "it") == []
    assert mismatch.mapping({"a": []}, "a", dict) == {}
    assert mismatch.text == (
        "a of it is nothing, not an array; a of it is a string ('x'), not an array; "
        "a of its body is an array, not an object"
    )


@pytest.mark.parametrize("value", ["x", {}, 5])
def test_what_is_needed_is_refused_where_it_is_something_else(value: Any) -> None:
    with pytest.raises(MalformedResponse, match=r"^a of it is .*, not an array$"):
        Mismatch().items({"a": value}, "a", "it", needed=True)


def test_keys_that_a_loads_of_the_callers_makes() -> None:
    mismatch = Mismatch()
    values: dict[Any, Any] = {1: {}, "a": 2, None: {}, (1,): {}, 10**5000: {}, 1.5: {}}
    assert mismatch.mapping({"m": values}, "m", dict) == {"1": {}, "a": 2, "1.5": {}}
    assert mismatch.text is not None
    assert mismatch.text.startswith("a key of m is an integer, not a string; m['a'] is an integer (2), not an object; ")


def test_few_notes_in_words_and_the_number_of_the_others() -> None:
    mismatch = Mismatch()
    for number in range(7):
        mismatch.note(f"note {number}")
    assert mismatch.text == "note 0; note 1; note 2; note 3; note 4; and 2 more"


def test_texts_of_the_servers_are_whole_or_not_there() -> None:
    mismatch = Mismatch()
    mismatch.expect("x" * 60, "it", dict)
    mismatch.expect("y" * 61, "it", dict)
    mismatch.expect(10**5000, "it", dict)
    mismatch.expect("\x1b\u2028", "it", dict)
    shown = f"it is a string ('{'x' * 60}'), not an object"
    assert mismatch.text == (
        f"{shown}; it is a string, not an object; it is an integer, not an object; "
        r"it is a string ('\x1b\u2028'), not an object"
    )
    assert place("rows", "k" * 60) == f"rows['{'k' * 60}']"
    assert place("rows", "k" * 61) == "rows[…]"


def test_what_must_be_there() -> None:
    assert checked({"a": 1}, "its body", dict) == {"a": 1}
    wrong: list[tuple[Any, str]] = [
        (None, "nothing"),
        ([], "an array"),
        (True, "a boolean"),
        (Decimal(1), "of type Decimal"),
    ]
    for value, found in wrong:
        with pytest.raises(MalformedResponse, match=f"^its body is {found}, not an object$"):
            checked(value, "its body", dict)
    with pytest.raises(MalformedResponse, match=r"^it is a boolean, not an integer$"):
        checked(True, "it", int)
