"""A diff, applied to the first document, gives the second."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from restli_core.patch import apply, diff
from restli_transports.testing.strategies import documents, texts

# Few numbers, so that equal ones of different types meet; few names, some of which a patch finds special.
scalars = st.none() | st.booleans() | st.integers(-1, 1) | st.floats() | texts()
names = st.sampled_from(["a", "b", "c", "x$y", "$a", "$$a", "$set", "$delete", "$reorder", "", "0"]) | texts()
with_dollars = documents(scalars, names=names)
without_dollars = documents(scalars)


def exact(document: dict[str, Any]) -> str:
    """As text, so that 1, 1.0 and True differ, and NaN does not from itself."""
    return json.dumps(document, sort_keys=True)


@given(with_dollars, with_dollars)
def test_for_all_documents_if_maps_under_a_dollar_are_set_whole(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert exact(apply(before, diff(before, after, whole_dollar_maps=True))) == exact(after)


@given(without_dollars, without_dollars)
def test_for_documents_without_names_that_begin_with_a_dollar(before: dict[str, Any], after: dict[str, Any]) -> None:
    made = diff(before, after)
    assert exact(apply(before, made)) == exact(after)
    assert made == diff(before, after, whole_dollar_maps=True)


@given(with_dollars, with_dollars)
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


@given(with_dollars, with_dollars)
def test_only_equal_documents_have_no_diff(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert diff(before, before) == {}
    assert (diff(before, after) == {}) == (exact(before) == exact(after))


@given(with_dollars)
def test_a_patch_of_nothing_changes_nothing(document: dict[str, Any]) -> None:
    assert exact(apply(document, {})) == exact(document)
