"""Any text is read as little text, a second reader reads it alike, and what was read is written and read as it is."""

from __future__ import annotations

from hypothesis import given

from restli_core.linkedin.little_text import LittleText, join, parse, plain, suspicion, unescape
from restli_transports.testing.strategies import little_texts
from tests.support import little_text_model


@given(little_texts())
def test_two_readers_agree(text: str) -> None:
    assert [*parse(text)] == little_text_model.read(text)


@given(little_texts())
def test_it_is_written_and_read_again(text: str) -> None:
    parts = parse(text)
    written = join(*parts)
    assert parse(written) == parts
    assert suspicion(written) is None
    assert plain(written) == plain(text)


@given(little_texts())
def test_the_rest_takes_any_text(text: str) -> None:
    assert len(unescape(text)) <= len(text)
    assert isinstance(suspicion(text), str | None)
    assert isinstance(suspicion(LittleText(text)), str | None)
