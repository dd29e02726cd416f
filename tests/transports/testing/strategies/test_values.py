"""Text, scalars, values, keys and URNs: the laws that their docstrings state, and what failures shrink to."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from restli_core import InvalidCallError, Urn, decode, encode, read, reduced_decode, reduced_encode
from restli_core.calls import batch_get
from restli_transports.testing.strategies import encodables, keys, scalars, texts, urns, values
from restli_transports.testing.strategies.values import KeyKind
from tests.support.shrinking import first, parts_of, smallest
from tests.support.values import same


@given(texts())
def test_texts_come_back(text: str) -> None:
    assert decode(encode(text)) == reduced_decode(reduced_encode(text)) == text


@given(values())
def test_values_come_back(value: Any) -> None:
    assert same(decode(encode(value)), value)


@given(scalars())
def test_scalars_come_back_as_text(scalar: Any) -> None:
    assert isinstance(decode(encode(scalar)), str)


@given(encodables())
def test_encodables_come_back_with_text_in_the_place_of_scalars(value: Any) -> None:
    text = encode(value)
    assert encode(decode(text)) == text


@given(urns())
def test_urns_are_made_of_their_parts(urn: Urn) -> None:
    assert Urn.of(urn.entity_type, *urn.parts) == urn
    assert decode(encode(urn)) == str(urn)


@pytest.mark.parametrize("kind", ["simple", "compound", "complex"])
@given(data=st.data())
def test_keys_come_back(kind: KeyKind, data: st.DataObject) -> None:
    key = data.draw(keys(kind))
    assert decode(encode(key)) == (key if isinstance(key, dict) else str(key))


@pytest.mark.filterwarnings("ignore::UserWarning")
@given(keys())
def test_keys_are_ids(key: Any) -> None:
    (found,) = read(batch_get("/r", [key]).request).ids
    assert found == ({k: v for k, v in key.items() if k != "$params"} if isinstance(key, dict) else str(key)) or (
        found == key
    )


PLANTED: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], object], Any]] = {
    "any text": (texts(), lambda text: True, ""),
    "text": (texts(), bool, "0"),
    "a comma": (texts(), lambda text: "," in text, ","),
    "two characters": (texts(), lambda text: len(text) == 2, "00"),
    "beyond the first plane": (texts(), lambda text: max(text, default="") > "\uffff", "\U00010000"),
    "any value": (values(), lambda value: True, ""),
    "a list": (values(), lambda value: isinstance(value, list), []),
    "an item": (values(), lambda value: isinstance(value, list) and value, [""]),
    "a bracket in a list": (values(), lambda value: isinstance(value, list) and "(" in "".join(map(str, value)), ["("]),
    "a dict with a name": (values(), lambda value: isinstance(value, dict) and value, {"": ""}),
    "numbers as leaves": (values(st.integers()), lambda value: isinstance(value, list) and value, [0]),
    "any scalar": (scalars(), lambda value: True, ""),
    "a boolean": (scalars(), lambda value: isinstance(value, bool), False),
    "a float": (scalars(), lambda value: isinstance(value, float), 0.0),
    "a large number": (scalars(), lambda value: type(value) is int and value >= 2**63, 2**63),
    "anything": (encodables(), lambda value: True, ""),
    "a tuple": (encodables(), lambda value: isinstance(value, tuple), ()),
    "a number in a list": (encodables(), lambda value: isinstance(value, list) and int in map(type, value), [0]),
    "a URN": (urns(), lambda urn: True, "urn:li:person:0"),
    "a URN with parts": (urns(), lambda urn: len(urn.parts) > 1, "urn:li:person:(0,0)"),
    "any key": (keys(), lambda key: True, ""),
    "a number for a key": (keys(), lambda key: isinstance(key, int), 0),
    "a compound key": (keys("compound"), lambda key: True, {"a": "", "b": ""}),
    "a complex key": (keys("complex"), lambda key: True, {}),
    "a key with parameters": (keys(), lambda key: isinstance(key, dict) and "$params" in key, {"$params": {}}),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bug_shrinks_to_its_smallest_case(name: str) -> None:
    strategy, is_hit, expected = PLANTED[name]
    found = smallest(strategy, is_hit)
    assert (type(found), found) == (type(expected) if name[:5] != "a URN" else Urn, expected)


HARDEST = {"", "'", "%27", "(", "List(", ","}


@pytest.mark.parametrize("strategy", [texts(), values(), encodables()], ids=["texts", "values", "encodables"])
def test_the_hardest_texts_come_early(strategy: st.SearchStrategy[Any]) -> None:
    assert {part for part in parts_of(first(strategy)) if isinstance(part, str)} >= HARDEST


@pytest.mark.parametrize("strategy", [scalars(), encodables()], ids=["scalars", "encodables"])
def test_the_hardest_numbers_come_early(strategy: st.SearchStrategy[Any]) -> None:
    assert {"1e+23", "-0.0", str(2**63), "True"} <= {repr(part) for part in parts_of(first(strategy, 150))}


@pytest.mark.parametrize("strategy", [values(), encodables()], ids=["values", "encodables"])
def test_names_whose_order_is_that_of_utf_16_come_early(strategy: st.SearchStrategy[Any]) -> None:
    assert any({"\uffff", "\U00010000"} <= {*part} for part in parts_of(first(strategy, 150)) if isinstance(part, dict))


def test_a_test_may_change_its_value() -> None:
    for value in first(values()):
        if isinstance(value, dict):
            value["changed"] = "changed"
    assert not any(isinstance(part, dict) and "changed" in part for part in parts_of(first(values())))


def test_kinds_of_keys_that_there_are_none_of() -> None:
    with pytest.raises(InvalidCallError, match="'simple', 'compound', 'complex', not 'composite'") as caught:
        keys("composite")  # type: ignore[arg-type]
    assert caught.value.argument == "kind"


@pytest.mark.parametrize(
    ("is_hit", "expected"), [(lambda value: True, ""), (lambda value: not isinstance(value, str), 0)], ids=["any", "0"]
)
def test_a_test_with_all_phases_shrinks_alike(is_hit: Callable[[Any], bool], expected: Any) -> None:
    found = find(encodables(), is_hit, settings=settings(max_examples=100, database=None), random=Random(0))
    assert found == expected
    assert type(found) is type(expected)
