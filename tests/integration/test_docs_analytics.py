"""docs/analytics.md: its programs run as they stand, after the first one, and print what their comments say."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from restli_core.linkedin.analytics import report
from restli_core.linkedin.analytics.joining import Row
from restli_core.linkedin.analytics.reporting import KEPT_MONTHS
from restli_core.linkedin.analytics.schema import FACETS
from tests.support.pages import names_in_rows, programs_in, section_of, text_of

PAGE = text_of("docs/analytics.md")
BLOCKS = programs_in(PAGE)
LIBRARIES = ("pandas", "polars", "duckdb")


@pytest.fixture(scope="module")
def begun() -> Any:
    """What the first program leaves to the others."""
    return {}


def run(code: str, names: dict[str, Any]) -> None:
    exec(compile(code, "docs/analytics.md", "exec"), names)


@pytest.mark.sockets
@pytest.mark.filterwarnings("ignore:days. LinkedIn has single days")
@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_each_program_prints_what_it_says(
    number: int,
    begun: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    code = BLOCKS[number]
    for library in LIBRARIES:
        if f"import {library}" in code:
            pytest.importorskip(library, reason=f"{library} is not installed")
    monkeypatch.chdir(tmp_path)
    if number and not begun:
        run(BLOCKS[0], begun)
        capsys.readouterr()
    run(code, begun if number == 0 else dict(begun))
    assert capsys.readouterr().out.splitlines() == re.findall(r"print\(.*\)  # (.*)", code)


def test_each_library_has_a_program() -> None:
    assert [library for library in LIBRARIES if any(f"import {library}" in code for code in BLOCKS)] == [*LIBRARIES]


def test_the_page_has_each_argument() -> None:
    assert names_in_rows(section_of(PAGE, "What is asked for")) == [*inspect.signature(report).parameters][1:]
    assert set(FACETS) <= {*names_in_rows(section_of(PAGE, "What is asked for"))}


def test_the_page_has_what_rows_have() -> None:
    public = {name for name in vars(Row) if not name.startswith("_")} | set(Row.__match_args__)
    named = {name.removeprefix("row.").removesuffix("()") for name in names_in_rows(section_of(PAGE, "Rows"))}
    assert public - {"values", "columns"} <= named
    assert "six months" in PAGE
    assert KEPT_MONTHS == 6
