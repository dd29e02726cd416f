"""docs/linkedin/posts.md: its programs run one after another, and print what their comments say."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

from restli_core.linkedin import little_text, posts
from tests.support.pages import names_in_rows, programs_in, table_of, text_of

PAGE = text_of("docs/linkedin/posts.md")
BLOCKS = programs_in(PAGE)


def test_the_programs_print_what_they_say(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    for code in BLOCKS:
        exec(compile(code, "docs/linkedin/posts.md", "exec"), names)
        assert capsys.readouterr().out.splitlines() == re.findall(r"print\(.*\)  # (.*)", code)


def test_the_page_has_each_kind_with_its_arguments() -> None:
    signatures = {name: inspect.signature(getattr(posts, name)) for name in posts.__all__ if name.islower()}
    positional = {
        name: [one.name for one in signature.parameters.values() if one.kind is one.POSITIONAL_OR_KEYWORD]
        for name, signature in signatures.items()
    }
    assert sorted(names_in_rows(table_of(PAGE, "post"))) == sorted(
        f"{name}({', '.join(own)})" for name, own in positional.items()
    )
    for name, signature in signatures.items():
        row = re.search(rf"^\| `{name}\(.*", PAGE, re.MULTILINE)
        assert row
        for one in signature.parameters.values():
            assert one.kind is not one.KEYWORD_ONLY or f"`{one.name}" in row[0]


def test_the_page_has_each_option() -> None:
    assert names_in_rows(table_of(PAGE, "option")) == [*posts.PostOptions.__annotations__]


def test_the_page_has_what_little_text_offers() -> None:
    names = {name for name in little_text.__all__ if name != "Part"}
    assert {name for name in names if not re.search(rf"\b{name}\b", PAGE)} == set()
