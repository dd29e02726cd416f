"""docs/many.md: each of its programs runs as it stands, and prints what the page says."""

from __future__ import annotations

import inspect
import re

import pytest

from restli_transports import RestliClient
from tests.support.pages import programs_in, text_of

PAGE = text_of("docs/many.md")
BLOCKS = programs_in(PAGE)

# A line of each program -> what it prints.
PRINTED = {
    "print(len(found), missing)": "199 ['200', '201']\n",
    "async with client.send_all(calls())": "5\n6\n7\n",
    "progress=lambda done, total, label": "1 of 2 calls\n2 of 2 calls\n",
}


def test_each_program_is_known() -> None:
    assert [[line for line in PRINTED if line in code] for code in BLOCKS] == [[line] for line in PRINTED]


@pytest.mark.sockets
@pytest.mark.parametrize(("code", "printed"), [*zip(BLOCKS, PRINTED.values(), strict=True)], ids=PRINTED)
def test_each_program_prints_what_the_page_says(code: str, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(code, "docs/many.md", "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out == printed


def test_the_defaults_are_those_of_the_page() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]*?) ?\|", PAGE, re.MULTILINE))
    parameters = inspect.signature(RestliClient.send_all).parameters
    assert {name: text for name, text in rows.items() if name in parameters and text} == {
        name: repr(parameters[name].default) for name in ("at_once", "ordered", "journal", "progress")
    }
