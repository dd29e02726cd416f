"""Patterns: what `re.compile` gives, later."""

from __future__ import annotations

import re

import pytest

from restli_core.patterns import lazy_pattern


def test_a_pattern_does_what_that_of_re_does() -> None:
    lazy, eager = lazy_pattern("a(b+)", re.IGNORECASE), re.compile("a(b+)", re.IGNORECASE)
    text = "xAbb ab"
    assert lazy.findall(text) == eager.findall(text)
    assert [found.span() for found in lazy.finditer(text)] == [found.span() for found in eager.finditer(text)]
    assert lazy.split(text) == eager.split(text)
    assert lazy.sub("-", text) == eager.sub("-", text)
    assert lazy.fullmatch("abb") is not None
    assert lazy.match(text) is None
    found = lazy.search(text, 4)
    assert found is not None
    assert found.start() == 5


def test_a_pattern_of_bytes() -> None:
    assert lazy_pattern(rb"\d").sub(b"-", b"a1") == b"a-"


def test_a_pattern_that_is_wrong_says_so_where_it_is_used() -> None:
    wrong = lazy_pattern("(")
    with pytest.raises(re.error):
        wrong.search("")


def test_a_pattern_has_no_more_than_it_is_used_for() -> None:
    with pytest.raises(AttributeError):
        _ = lazy_pattern("a").pattern
