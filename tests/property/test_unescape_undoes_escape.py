"""What is escaped is unescaped to the same text; each reserved character has its backslash, and no other has one."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from restli_core.linkedin.little_text import escape, plain, unescape
from restli_transports.testing.strategies import little_texts
from tests.support.little_text_model import RESERVED

texts = st.text(st.characters()) | st.text(RESERVED + "a\n\uff03") | little_texts()


@given(texts)
def test_unescape(text: str) -> None:
    assert unescape(escape(text)) == text == plain(escape(text))


@given(texts)
def test_what_is_escaped(text: str) -> None:
    written = str(escape(text))
    assert len(written) == len(text) + sum(text.count(character) for character in RESERVED)
    assert re.sub(r"\\(.)", r"\1", written, flags=re.DOTALL) == text
