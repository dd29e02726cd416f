"""Words of commands, as shells give them to the program."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restli_core.base_errors import DecodeError
from restli_core.explaining.shell_words import split_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("curl  a\tb\n", ["curl", "a", "b"]),
        ("a \\\n  b\\\r\nc", ["a", "b", "c"]),
        ("a ^\r\nb ^\nc ^", ["a", "b", "c"]),
        ("a^b $x $", ["a^b", "$x", "$"]),
        ("'a b'\"c d\"e", ["a bc de"]),
        ("'it'\\''s'", ["it's"]),
        ('"a\\"b\\\\c\\$d\\e\\\nf"', ['a"b\\c$d\\ef']),
        (r"$'it\'s\n\x41\u00e9\U0001F600\101\q'", ["it's\nA\u00e9\U0001f600Aq"]),
        (r"$'\UFFFFFFFF'", ["\ufffd"]),
        (r"a\ b\&c", ["a b&c"]),
        ("https://h/r?a=1&b=(c)", ["https://h/r?a=1&b=(c)"]),
        ("''", [""]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert split_words(text) == words


@pytest.mark.parametrize(("text", "position"), [("curl 'a", 5), ('x "a\\"', 2), ("$'a\\'", 0), ("a\\", None)])
def test_a_quote_that_does_not_end(text: str, position: int | None) -> None:
    if position is None:
        assert split_words(text) == ["a"]  # a line that goes on, and does not
        return
    with pytest.raises(DecodeError, match="does not end") as caught:
        split_words(text)
    assert caught.value.position == position


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))))
def test_what_is_quoted_comes_back(words: list[str]) -> None:
    assert split_words(" ".join(map(shlex.quote, words))) == words
