"""Commentaries: the laws that the docstrings state, what comes early, and what failures shrink to."""

from __future__ import annotations

from hypothesis import given

from restli_core.linkedin.little_text import Hashtag, Mention, Part, Template, join, parse
from restli_transports.testing.strategies import little_text_parts, little_texts
from tests.support.little_text_model import RESERVED, merged
from tests.support.shrinking import first, smallest


@given(little_text_parts())
def test_parts_come_back(parts: list[Part]) -> None:
    assert [*parse(join(*parts))] == merged(parts)


@given(little_texts())
def test_any_text_is_read(text: str) -> None:
    parts = parse(text)
    assert parse(join(*parts)) == parts


def test_every_kind_of_part_comes_early() -> None:
    # Enough of them: what is drawn depends on the modules that are loaded, whose constants Hypothesis draws, too.
    parts = [part for parts in first(little_text_parts(), 600) for part in parts]
    assert {type(part) for part in parts} == {str, Mention, Hashtag, Template}
    assert {part.sign for part in parts if isinstance(part, Hashtag)} == {"#", "\uff03"}
    assert {*RESERVED} <= {*"".join(part for part in parts if isinstance(part, str))}


def test_many_texts_have_markup_and_many_have_none() -> None:
    drawn = first(little_texts())
    with_markup = [text for text in drawn if not all(isinstance(part, str) for part in parse(text))]
    damaged = [text for text in drawn if text != join(*parse(text))]
    assert 10 < len(with_markup) < 90
    assert 10 < len(damaged) < 90


def test_a_planted_bug_shrinks_to_its_smallest_case() -> None:
    assert smallest(little_text_parts(), lambda parts: True) == []
    assert smallest(little_text_parts(), bool) == [""]
    assert smallest(little_text_parts(), lambda parts: any("#" in part for part in parts if isinstance(part, str))) == [
        "#"
    ]
    assert smallest(little_texts(), lambda text: True) == ""
    assert smallest(little_texts(), lambda text: "#" in text) in {"#", "\\#"}
