"""A diff, applied to the first document, gives the second."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given

from restli_core.patch import apply, diff
from tests.support.strategies import documents, documents_without_dollars


def exact(document: dict[str, Any]) -> str:
    """As text, so that 1, 1.0 and True differ, and NaN does not from itself."""
    return json.dumps(document, sort_keys=True)


@given(documents, documents)
def test_for_all_documents_if_maps_under_a_dollar_are_set_whole(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert exact(apply(before, diff(before, after, whole_dollar_maps=True))) == exact(after)


@given(documents_without_dollars, documents_without_dollars)
def test_for_documents_without_names_that_begin_with_a_dollar(before: dict[str, Any], after: dict[str, Any]) -> None:
    made = diff(before, after)
    assert exact(apply(before, made)) == exact(after)
    assert made == diff(before, after, whole_dollar_maps=True)


@given(documents, documents)
@example({"$a": {"b": 1}, "c": 1}, {"$a": {"b": 2}, "c": 2})
@example({"a": {"$a": {"b": 1}}}, {"a": {"$a": {}}})
def test_but_for_changes_inside_a_map_under_a_dollar(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert exact(apply(before, diff(before, after))) == exact(but_for_maps_under_a_dollar(before, after))


def but_for_maps_under_a_dollar(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What becomes of `before`: as `after`, but a map under a dollar that was a map stays what it was."""
    result = {}
    for name, value in after.items():
        old = before.get(name)
        if not isinstance(value, dict) or not isinstance(old, dict):
            result[name] = value
        elif name.startswith("$"):
            result[name] = old
        else:
            result[name] = but_for_maps_under_a_dollar(old, value)
    return result


@given(documents, documents)
def test_only_equal_documents_have_no_diff(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert diff(before, before) == {}
    assert (diff(before, after) == {}) == (exact(before) == exact(after))


@given(documents)
def test_a_patch_of_nothing_changes_nothing(document: dict[str, Any]) -> None:
    assert exact(apply(document, {})) == exact(document)
