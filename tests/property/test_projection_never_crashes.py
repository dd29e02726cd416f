"""Any text is read as a mask or refused with a DecodeError; anything at all is written or refused as a wrong call."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from restli_core.errors import DecodeError, InvalidCallError
from restli_core.projection import apply_projection, format_projection, parse_projection
from restli_transports.testing.strategies import documents, projection_texts, projections, scalars, texts

# Half of them are what a mask may have for a name.
names = st.sampled_from(["a", "id", "$*", "$$a", "x$$y", "a-b", "-", "$set", "$start", "$count", "0", ""]) | texts()

anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | scalars() | projection_texts() | st.just(set[str]()),
    lambda children: st.one_of(
        st.lists(children, max_size=3),
        st.lists(children, max_size=3).map(tuple),
        st.dictionaries(names | st.integers(), children, max_size=3),
    ),
    max_leaves=8,
)


@given(projection_texts())
def test_reading(text: str) -> None:
    try:
        mask = parse_projection(text)
    except DecodeError as error:
        assert error.text == text
        assert 0 <= error.position <= len(text)
    else:
        assert all(isinstance(item, bool | int | dict) for item in mask.values())


@given(anything)
def test_writing(projection: Any) -> None:
    try:
        text = format_projection(projection)
    except InvalidCallError as error:
        assert error.argument.startswith("fields")
    else:
        assert re.fullmatch(r"[\w,:()'$*/;?!@~\-.]*", text, re.ASCII)
        parse_projection(text)


@given(documents(st.none() | scalars(), names=names), projections())
def test_applying(entity: dict[str, Any], mask: dict[str, Any]) -> None:
    try:
        kept = apply_projection(entity, mask)
    except InvalidCallError as error:
        assert error.argument == "mask"
    else:
        assert kept.keys() <= entity.keys()
        assert apply_projection(entity, {"$*": True}) == entity or "nan" in repr(entity)
