"""Text that comes in: the laws that the docstrings state, and what failures shrink to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restli_core import DecodeError, decode, param_decode, reduced_decode
from restli_core.projection import parse_projection
from restli_transports.testing.strategies import malformed_texts, projection_texts, query_texts, wire_texts
from tests.support.shrinking import first, smallest

READERS: dict[str, tuple[st.SearchStrategy[str], Callable[[str], Any]]] = {
    "wire_texts": (wire_texts(), decode),
    "wire_texts of headers": (wire_texts(), reduced_decode),
    "query_texts": (query_texts(), param_decode),
    "projection_texts": (projection_texts(), parse_projection),
}


def is_read(read: Callable[[str], Any], text: str) -> bool:
    try:
        read(text)
    except DecodeError:
        return False
    return True


@pytest.mark.parametrize("name", READERS)
@given(data=st.data())
def test_text_is_read_or_refused(name: str, data: st.DataObject) -> None:
    strategy, read = READERS[name]
    is_read(read, data.draw(strategy))


@pytest.mark.parametrize("name", READERS)
def test_much_of_it_is_read_and_much_is_refused(name: str) -> None:
    strategy, read = READERS[name]
    assert 10 < sum(is_read(read, text) for text in first(strategy)) < 90


@given(malformed_texts())
def test_malformed_texts_are_refused(text: str) -> None:
    for read in (decode, reduced_decode):
        with pytest.raises(DecodeError):
            read(text)


def test_the_hardest_malformed_texts_come_early() -> None:
    assert {"", "(", ")", ",", ":", "%", "List("} <= {*first(malformed_texts(), 200)}


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [(wire_texts(), "0"), (malformed_texts(), "("), (query_texts(), "0"), (projection_texts(), "0")],
    ids=["wire_texts", "malformed_texts", "query_texts", "projection_texts"],
)
def test_a_planted_bug_shrinks_to_its_smallest_case(strategy: st.SearchStrategy[str], expected: str) -> None:
    assert smallest(strategy, lambda text: True) == ""
    assert smallest(strategy, bool) == expected
