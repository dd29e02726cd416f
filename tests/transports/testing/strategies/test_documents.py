"""Documents, patches and projections: the laws that their docstrings state, and what failures shrink to."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import find, given, settings

from restli_core import patch
from restli_core.errors import InvalidCallError
from restli_core.projection import apply_projection, format_projection, parse_projection
from restli_transports.testing.strategies import documents, patches, projections

SEARCH = settings(max_examples=1000, database=None, deadline=None)


@given(documents())
def test_documents_are_json(document: dict[str, Any]) -> None:
    assert json.loads(json.dumps(document)) == document


@given(documents(), documents())
def test_a_patch_makes_one_document_of_another(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert patch.apply(before, patch.diff(before, after)) == after


@given(documents(), patches())
def test_to_apply_a_patch_twice_is_to_apply_it_once(document: dict[str, Any], changes: dict[str, Any]) -> None:
    once = patch.apply(document, changes)
    assert patch.apply(once, changes) == once


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


def test_failures_shrink_to_the_simplest() -> None:
    assert find(documents(), lambda document: True, settings=SEARCH) == {}
    assert len(find(documents(), bool, settings=SEARCH)) == 1
    assert find(patches(), lambda changes: "$delete" in changes, settings=SEARCH)["$delete"]
    assert find(projections(), lambda projection: True, settings=SEARCH) == {}
