"""What is encoded comes back: containers and text as they were, every other leaf as text that says the same."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restli_core.encoding import (
    decode,
    decode_path_key,
    encode,
    param_decode,
    param_encode,
    reduced_decode,
    reduced_encode,
)
from restli_transports.testing.strategies import queries, scalars, texts, values
from tests.support.values import nested, same

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.independent_codec import Element

FORMS = [(encode, decode), (reduced_encode, reduced_decode), (reduced_encode, decode), (encode, reduced_decode)]


@pytest.mark.parametrize(("write", "read"), FORMS)
@given(value=values(), levels=st.text("[{", max_size=5), times=st.integers(0, 500))
def test_for_elements_at_any_depth(
    write: Callable[[Any], str], read: Callable[[str], Any], value: Element, levels: str, times: int
) -> None:
    deep = nested(value, levels * times)
    assert same(read(write(deep)), deep)


@given(queries())
def test_for_queries(value: dict[str, Element]) -> None:
    assert param_decode(param_encode(value)) == value


@given(texts().filter(bool))
def test_for_simple_keys_in_a_path(key: str) -> None:
    assert decode_path_key(encode(key)) == key


@pytest.mark.parametrize(("write", "read"), FORMS)
@given(leaf=scalars())
def test_for_other_leaves(write: Callable[[Any], str], read: Callable[[str], Any], leaf: Any) -> None:
    text = read(write(leaf))
    assert says(text, leaf)
    assert read(write({"k": [leaf]})) == {"k": [text]}


def says(text: str, leaf: Any) -> bool:
    if isinstance(leaf, Enum):
        return says(text, leaf.value)
    if isinstance(leaf, bool):
        return text == str(leaf).lower()
    if isinstance(leaf, float):
        return repr(float(text)) == repr(leaf)
    if isinstance(leaf, bytes):
        return text.encode("latin-1") == leaf
    if isinstance(leaf, Decimal):
        return Decimal(text) == leaf and "E" not in text
    return text == str(leaf)
