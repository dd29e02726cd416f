"""docs/bulk.md: each block runs as it stands, and prints what its comments say."""

from __future__ import annotations

import re

import pytest

from tests.support.pages import programs_in, text_of

PAGE = text_of("docs/bulk.md")
BLOCKS = programs_in(PAGE)


@pytest.mark.sockets
@pytest.mark.parametrize("code", BLOCKS, ids=range(1, len(BLOCKS) + 1))
def test_each_block_does_what_it_says(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(code, "bulk.md", "exec"), {})
    said = re.findall(r"(?:print\(.*\)|run\(.*\))  # (.*)", code)
    assert said
    printed = capsys.readouterr().out.splitlines()
    assert printed[: len(said)] == said
