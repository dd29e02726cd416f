"""docs/linkedin/conversions.md: its programs run one after another, and print what their comments say."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from restli_core.linkedin.conversions import event

PAGE = (Path(__file__).parents[2] / "docs" / "linkedin" / "conversions.md").read_text(encoding="utf-8")
BLOCKS: list[str] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.sockets
def test_each_program_prints_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    for code in BLOCKS:
        exec(compile(code, "docs/linkedin/conversions.md", "exec"), names)
        said = re.findall(r"(?:print\(.*\)  |^)# (.*)", code, re.MULTILINE)
        assert said
        assert capsys.readouterr().out.splitlines() == said


def test_the_page_has_each_argument() -> None:
    section = PAGE.partition("\n## What an event has\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`[^|]*`) \|", section, re.MULTILINE)
    named = [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]
    assert sorted(named) == sorted(inspect.signature(event).parameters)
