"""Little text is read as the parts that it was joined from, but that neighbouring texts are one and none is empty."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from restli_core.linkedin.little_text import Part, join, parse
from restli_transports.testing.strategies import little_text_parts
from tests.support.little_text_model import merged


@given(little_text_parts())
def test_parts(parts: list[Part]) -> None:
    assert [*parse(join(*parts))] == merged(parts)


@given(st.text(st.characters()))  # lone surrogates, too: that they cannot be sent is told where they are sent
def test_any_text(text: str) -> None:
    assert parse(join(text)) == ((text,) if text else ())


@given(little_text_parts(), little_text_parts())
def test_what_is_joined_already(left: list[Part], right: list[Part]) -> None:
    assert join(join(*left), *right) == join(*left, join(*right)) == join(*left, *right)
