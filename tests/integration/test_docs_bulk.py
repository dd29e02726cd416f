"""docs/bulk.md: each block runs as it stands, and prints what its comments say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "bulk.md").read_text(encoding="utf-8")
BLOCKS: list[str] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.sockets
@pytest.mark.parametrize("code", BLOCKS, ids=range(1, len(BLOCKS) + 1))
def test_each_block_does_what_it_says(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(code, "bulk.md", "exec"), {})
    said = re.findall(r"(?:print\(.*\)|run\(.*\))  # (.*)", code)
    assert said
    printed = capsys.readouterr().out.splitlines()
    assert printed[: len(said)] == said
