"""docs/paging.md: each of its programs runs as it stands, and prints what the page says; its tables are the code's."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

from restli_core import next_call
from restli_transports.testing import cursor_pages, offset_pages
from tests.support.pages import programs_in, section_of, text_of

PAGE = text_of("docs/paging.md")
BLOCKS = programs_in(PAGE)

# A line of each program -> what it prints.
PRINTED = {
    "search = calls.finder": (
        "250\nurn:li:share:0\nurn:li:share:1\n100 {'nextPageToken': 'ZnJvbT8xMDA='}\n"
        "100 {'nextPageToken': 'ZnJvbT8yMDA='}\n50 {}\n"
    ),
    "fake.fail_next(": "10\n[10, 11, 12]\n",
    "def posts_of": "Post(id=11)\n",
    "walk = PageWalk": "[{'id': 5}] False\n[{'id': 5}] True\n",
}


def test_each_program_is_known() -> None:
    assert [[line for line in PRINTED if line in code] for code in BLOCKS] == [[line] for line in PRINTED]


@pytest.mark.sockets
@pytest.mark.parametrize(("code", "printed"), [*zip(BLOCKS, PRINTED.values(), strict=True)], ids=PRINTED)
def test_each_program_prints_what_the_page_says(code: str, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    context: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(code, "docs/paging.md", "exec", dont_inherit=True), context)
    assert capsys.readouterr().out == printed


def test_the_page_has_each_switch_of_the_server() -> None:
    section = PAGE.partition("\n## A server to test with\n")[2]
    for handler in (offset_pages, cursor_pages):
        for name in [*inspect.signature(handler).parameters][1:]:
            assert f"{name}=" in section or name == "page_size"


def test_the_rows_of_the_page_are_those_of_the_docstring() -> None:
    def rows(text: str) -> list[str]:
        found = re.findall(r"^ *\| (?!the answer)([^|\n]*[a-z][^|\n]*)\|", text, re.MULTILINE)
        return [re.sub(r"[`\s]+|\[\d\]|\(adAnalytics\)|; ?`*metadata: ?\{\}`*", " ", row).strip() for row in found]

    section = section_of(PAGE, "Where pages end")
    assert len(rows(section)) == 10
    assert rows(section) == rows(inspect.getdoc(next_call) or "")
