"""docs/flows.md: each of its programs runs as it stands, and prints what the page says."""

from __future__ import annotations

import re

import pytest

from restli_core.flows import steps
from tests.support.pages import programs_in, section_of, text_of

pytestmark = pytest.mark.sockets

PAGE = text_of("docs/flows.md")
BLOCKS = programs_in(PAGE)

# A line of each program -> what it prints.
PRINTED = {
    "def launched(": "{'status': 'ACTIVE'}\n4\n",
    "def names(": "Summer\nWinter\n",
    "def twice(": "['Summer', 'Summer']\n",
}


def test_each_program_is_known() -> None:
    assert [[line for line in PRINTED if line in code] for code in BLOCKS] == [[line] for line in PRINTED]


@pytest.mark.parametrize(("code", "printed"), [*zip(BLOCKS, PRINTED.values(), strict=True)], ids=PRINTED)
def test_each_program_prints_what_the_page_says(code: str, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(code, "docs/flows.md", "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out == printed


def test_the_page_has_each_step() -> None:
    section = section_of(PAGE, "Steps")
    named = {*re.findall(r"^\| `(\w+)\(", section, re.MULTILINE)}
    assert named == {*steps.__all__} - {"Flow", "ItemFlow", "Source", "Step", "step"}
