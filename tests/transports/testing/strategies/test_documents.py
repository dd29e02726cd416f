"""Documents, patches and projections: the laws that their docstrings state, and what failures shrink to."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restli_core import patch
from restli_core.errors import InvalidCallError
from restli_core.projection import apply_projection, format_projection, parse_projection
from restli_transports.testing.strategies import documents, patches, projections
from tests.support.shrinking import first, parts_of, smallest


@given(documents())
def test_documents_are_json(document: dict[str, Any]) -> None:
    assert json.loads(json.dumps(document)) == document


@given(documents(), documents())
def test_a_patch_makes_one_document_of_another(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert patch.apply(before, patch.diff(before, after)) == after


@given(patches())
def test_to_apply_a_patch_twice_is_to_apply_it_once(changes: dict[str, Any]) -> None:
    once = patch.apply({}, changes)
    assert patch.apply(once, changes) == once


@given(documents(st.integers(), names=st.just("n")))
def test_scalars_and_names_may_be_others(document: dict[str, Any]) -> None:
    assert {type(part) for part in parts_of(document)} <= {dict, list, int, str}
    assert {part for part in parts_of(document) if isinstance(part, str)} <= {"n"}


@given(projections())
def test_projections_can_be_sent(projection: dict[str, Any]) -> None:
    assert parse_projection(format_projection(projection)) == projection


@given(documents(), projections())
def test_what_a_projection_leaves_it_leaves_unchanged(document: dict[str, Any], projection: dict[str, Any]) -> None:
    try:
        left = apply_projection(document, projection)
    except InvalidCallError:
        return  # it asks for a part of what has none, which servers answer with an error
    assert left.keys() <= document.keys()
    for name, value in left.items():
        assert type(value) is type(document[name])
        if not isinstance(value, dict | list):
            assert value == document[name]


PLANTED: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], object], Any]] = {
    "any document": (documents(), lambda document: True, {}),
    "a member": (documents(), bool, {"a": None}),
    "a document in it": (documents(), lambda document: {} in document.values(), {"a": {}}),
    "any patch": (patches(), lambda changes: True, {}),
    "$set": (patches(), lambda changes: "$set" in changes, {"$set": {"a": None}}),
    "$delete": (patches(), lambda changes: "$delete" in changes, {"$delete": ["a"]}),
    "any projection": (projections(), lambda projection: True, {}),
    "a field": (projections(), bool, {"a": False}),
    "a field of a field": (projections(), lambda projection: {} in projection.values(), {"a": {}}),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bug_shrinks_to_its_smallest_case(name: str) -> None:
    strategy, is_hit, expected = PLANTED[name]
    assert smallest(strategy, is_hit) == expected


def test_the_hardest_values_come_early() -> None:
    parts = parts_of(first(documents(), 150))
    assert {"", "'", "%27", "(", "List(", ","} <= {part for part in parts if isinstance(part, str)}
    assert {"1e+23", "-0.0", str(2**63)} <= {repr(part) for part in parts}


def test_patches_are_of_all_commands() -> None:
    names = {part for part in parts_of(first(patches())) if isinstance(part, str)}
    assert {"$set", "$delete", "$reorder"} <= names
