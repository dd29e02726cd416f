"""What a mask leaves of an entity is what a naive model leaves, which follows the reference's documentation."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from restli_core.errors import InvalidCallError
from restli_core.projection import apply_projection, parse_projection
from tests.support.profiles import examples
from tests.support.projection_model import ServerFails, projected

# Few names, so that masks and entities meet.
names = st.sampled_from(["a", "b", "c", "$d"])
items = st.recursive(
    st.integers(0, 2) | st.none(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(names, children, max_size=4),
    max_leaves=12,
)
entities = st.dictionaries(names, items, max_size=4)
ranges = st.dictionaries(
    st.sampled_from(["$start", "$count"]), st.integers(0, 3) | st.sampled_from([2**31 - 1, 2**31]), max_size=2
)
masks: st.SearchStrategy[dict[str, Any]] = st.deferred(
    lambda: st.dictionaries(
        st.sampled_from(["a", "b", "c", "$$d", "$d", "$*"]),
        # By far the most are True or False, since otherwise masks have no end.
        st.one_of(st.booleans(), st.booleans(), st.builds(dict.__or__, masks, ranges)),
        max_size=4,
    )
)


@examples(400, quick=100)
@given(entities, masks)
@example({"i": 42, "j": 1}, parse_projection("-$*,i"))
@example({"a": {"b": 1, "c": 2}, "c": 3}, parse_projection("a:(),c:(-d)"))
@example({"a": {"a": {"b": 1}}}, parse_projection("$*:(a:(-b)),a"))
@example({"a": {"a": {"b": 1}}}, parse_projection("a:(a:(-$*)),$*:(a)"))
@example({"a": {"b": [1, 2, 3]}}, parse_projection("a:(b:($start:1,$count:1)),$*:(b:($start:2))"))
@example({"a": {"b": {"k": 1}, "c": {"d": 1, "e": 2, "f": 3}}}, parse_projection("a:(c:(d),b:(-$*)),$*:(c:(e),b:(k))"))
@example({"a": {"b": {"k": 1}}}, parse_projection("a:(b:(-$*)),$*:($*,b:(k))"))
@example({"a": [1, 2]}, parse_projection("a:($start:0),$*:($count:2147483647)"))
def test_for_all_masks(entity: dict[str, Any], mask: dict[str, Any]) -> None:
    try:
        left = projected(entity, mask)
    except ServerFails:
        with pytest.raises(InvalidCallError, match=r"^mask: "):
            apply_projection(entity, mask)
    else:
        assert apply_projection(entity, mask) == left
