"""docs/linkedin/conversions.md: its programs run one after another, and print what their comments say."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

from restli_core.linkedin.conversions import event
from tests.support.pages import names_in_rows, programs_in, section_of, text_of

PAGE = text_of("docs/linkedin/conversions.md")
BLOCKS = programs_in(PAGE)


@pytest.mark.sockets
def test_each_program_prints_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    for code in BLOCKS:
        exec(compile(code, "docs/linkedin/conversions.md", "exec"), names)
        said = re.findall(r"(?:print\(.*\)  |^)# (.*)", code, re.MULTILINE)
        assert said
        assert capsys.readouterr().out.splitlines() == said


def test_the_page_has_each_argument() -> None:
    named = names_in_rows(section_of(PAGE, "What an event has"))
    assert sorted(named) == sorted(inspect.signature(event).parameters)
