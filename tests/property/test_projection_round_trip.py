"""A mask that is written is read as it was."""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from restli_core.errors import DecodeError, InvalidCallError
from restli_core.projection import Projection, format_projection, parse_projection
from restli_transports.testing.strategies import projection_texts, projections


def exact(mask: dict[str, Any]) -> str:
    """As text, so that True and 1 differ."""
    return json.dumps(mask, sort_keys=True)


@given(projections())
@example({})
@example({"a": {"$start": 0, "$count": 10, "$*": {}}})
def test_for_mappings(mask: dict[str, Any]) -> None:
    assert exact(parse_projection(format_projection(mask))) == exact(mask)


@given(projections())
def test_however_it_is_told(mask: dict[str, Any]) -> None:
    text = format_projection(mask)
    entries: list[Projection] = [{name: item} for name, item in mask.items()]
    texts = [format_projection(entry) for entry in entries]
    below = [format_projection(item) for item in mask.values() if isinstance(item, dict) and not ranges(item)]
    assert format_projection(text) == text
    assert format_projection(entries) == text
    assert format_projection(texts) == text
    assert format_projection({"a": text, "b": texts, "c": entries}) == f"a:({text}),b:({text}),c:({text})"
    assert [format_projection({"a": item}) for item in below] == [f"a:({item})" for item in below]


def ranges(mask: dict[str, Any]) -> set[str]:
    return mask.keys() & {"$start", "$count"}


@given(projection_texts(), st.booleans())
def test_text_goes_as_it_is_but_for_white_space(text: str, spaced: bool) -> None:
    packed = "".join(text.split())
    try:
        mask = parse_projection(packed)
    except DecodeError:
        mask = None
    try:
        sent = format_projection(re.sub("(.)", r" \1\n", packed, flags=re.DOTALL) if spaced else packed)
    except InvalidCallError:
        assert mask is None or not re.fullmatch(r"[\w,:()'$*/;?!@~\-.]*", packed, re.ASCII)
    else:
        assert sent == packed
        assert parse_projection(sent) == mask
