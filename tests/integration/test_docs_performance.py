"""docs/performance.md: each of its programs runs as it stands, and prints what the page says."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks import __main__ as everything
from tests.support.pages import programs_in, text_of

PAGE = text_of("docs/performance.md")
BLOCKS = programs_in(PAGE)

# A line of each program -> what it prints.
PRINTED = {
    "import orjson": "Summer\n{'id': 5, 'name': 'Summer', 'owner': 'urn:li:person:abc'}\n",
    "import msgspec": "Summer\n{'id': 5, 'name': 'Summer', 'owner': 'urn:li:person:abc'}\n",
}


def test_each_program_is_known() -> None:
    assert [[line for line in PRINTED if line in code] for code in BLOCKS] == [[line] for line in PRINTED]


@pytest.mark.parametrize(("code", "printed"), [*zip(BLOCKS, PRINTED.values(), strict=True)], ids=PRINTED)
def test_each_program_prints_what_the_page_says(code: str, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    context: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(code, "docs/performance.md", "exec", dont_inherit=True), context)
    assert capsys.readouterr().out == printed


def test_the_command_is_the_one_that_there_is() -> None:
    assert "python -m benchmarks\n" in PAGE
    assert everything.__doc__ is not None
    assert "python -m benchmarks [" in everything.__doc__
