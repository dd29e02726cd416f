"""docs/linkedin/posts.md: its programs run one after another, and print what their comments say."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from restli_core.linkedin import little_text, posts

PAGE = (Path(__file__).parents[2] / "docs" / "linkedin" / "posts.md").read_text(encoding="utf-8")
BLOCKS: list[str] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_the_programs_print_what_they_say(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    for code in BLOCKS:
        exec(compile(code, "docs/linkedin/posts.md", "exec"), names)
        assert capsys.readouterr().out.splitlines() == re.findall(r"print\(.*\)  # (.*)", code)


def rows_of(column: str) -> list[str]:
    """Return what is in code at the beginning of each row of the table with this first column."""
    table = PAGE.partition(f"\n| {column} |")[2].partition("\n\n")[0]
    return [
        name for cell in re.findall(r"^\| (`[^|]*`) \|", table, re.MULTILINE) for name in re.findall(r"`(.*?)`", cell)
    ]


def test_the_page_has_each_kind_with_its_arguments() -> None:
    signatures = {name: inspect.signature(getattr(posts, name)) for name in posts.__all__ if name.islower()}
    positional = {
        name: [one.name for one in signature.parameters.values() if one.kind is one.POSITIONAL_OR_KEYWORD]
        for name, signature in signatures.items()
    }
    assert sorted(rows_of("post")) == sorted(f"{name}({', '.join(own)})" for name, own in positional.items())
    for name, signature in signatures.items():
        row = re.search(rf"^\| `{name}\(.*", PAGE, re.MULTILINE)
        assert row
        for one in signature.parameters.values():
            assert one.kind is not one.KEYWORD_ONLY or f"`{one.name}" in row[0]


def test_the_page_has_each_option() -> None:
    assert rows_of("option") == [*posts.PostOptions.__annotations__]


def test_the_page_has_what_little_text_offers() -> None:
    names = {name for name in little_text.__all__ if name != "Part"}
    assert {name for name in names if not re.search(rf"\b{name}\b", PAGE)} == set()
