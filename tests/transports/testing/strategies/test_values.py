"""Values, keys, URNs and malformed texts: the laws that their docstrings state, and what failures shrink to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from restli_core import DecodeError, Urn, decode, encode, read, reduced_decode, reduced_encode
from restli_core.calls import batch_get
from restli_transports.testing.strategies import keys, malformed_texts, scalars, texts, urns, values
from restli_transports.testing.strategies.values import KeyKind
from tests.support.values import same

SEARCH = settings(max_examples=2000, database=None, deadline=None)


@given(texts())
def test_texts_come_back(text: str) -> None:
    assert decode(encode(text)) == reduced_decode(reduced_encode(text)) == text


@given(values())
def test_values_come_back(value: Any) -> None:
    assert same(decode(encode(value)), value)


@given(values(scalars()))
def test_values_of_scalars_come_back_with_text_in_their_place(value: Any) -> None:
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


@given(malformed_texts())
def test_malformed_texts_are_refused(text: str) -> None:
    for read_text in (decode, reduced_decode):
        with pytest.raises(DecodeError):
            read_text(text)


PLANTED: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], bool], Any]] = {
    "any text": (texts(), lambda text: True, ""),
    "a comma": (texts(), lambda text: "," in text, ","),
    "beyond the first plane": (texts(), lambda text: any(mark > "\uffff" for mark in text), "\U00010000"),
    "any value": (values(), lambda value: True, ""),
    "a list": (values(), lambda value: isinstance(value, list), []),
    "a dict with a name": (values(), lambda value: isinstance(value, dict) and bool(value), {"": ""}),
    "a colon in a name": (values(), lambda value: isinstance(value, dict) and any(":" in k for k in value), {":": ""}),
    "a large number": (scalars(), lambda value: type(value) is int and value >= 2**63, 2**63),
    "a URN": (urns(), lambda urn: True, "urn:li:person:0"),
    "a URN with parts": (urns(), lambda urn: len(urn.parts) > 1, "urn:li:person:(0,0)"),
    "a key with parameters": (keys("complex"), lambda key: "$params" in key, {"": "", "$params": {}}),
    "malformed": (malformed_texts(), lambda text: True, ""),
    "malformed but not empty": (malformed_texts(), bool, "("),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bug_shrinks_to_its_smallest_case(name: str) -> None:
    strategy, is_hit, smallest = PLANTED[name]
    assert find(strategy, is_hit, settings=SEARCH) == smallest


AWKWARD: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], bool]]] = {
    **{
        f"text {awkward!r}": (texts(), lambda text, awkward=awkward: text == awkward)
        for awkward in ("", "'", "%27", "(", "List(", ",")
    },
    "U+FFFF beside U+10000": (values(), lambda value: isinstance(value, dict) and {"\uffff", "\U00010000"} <= {*value}),
    "1e23": (scalars(), lambda value: value == 1e23 and isinstance(value, float)),
    "-0.0": (scalars(), lambda value: repr(value) == "-0.0"),
    "2**63": (scalars(), lambda value: value == 2**63),
}


@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_values_come_early(name: str) -> None:
    strategy, is_hit = AWKWARD[name]
    find(strategy, is_hit, settings=settings(max_examples=1000, database=None, deadline=None, derandomize=True))
