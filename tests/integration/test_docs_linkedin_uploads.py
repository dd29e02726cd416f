"""docs/linkedin/uploads.md: its programs run as they stand, after the first one, and print what their comments say."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

from restli_core.linkedin import uploads
from tests.support.pages import names_in_rows, programs_in, table_of, text_of

PAGE = text_of("docs/linkedin/uploads.md")
BLOCKS = programs_in(PAGE)
FUNCTIONS = [uploads.image, uploads.document, uploads.video, uploads.asset]


@pytest.mark.sockets
def test_each_program_prints_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    for code in BLOCKS:
        exec(compile(code, "docs/linkedin/uploads.md", "exec"), names)
        # What is printed in a loop stands in lines of its own.
        said = [one or line for one, line in re.findall(r"^(?:.*print\(.*\)  # (.*)|# (.*))$", code, re.MULTILINE)]
        printed = capsys.readouterr().out.splitlines()
        assert [line.partition(":")[0] if line[:1].isdigit() else line for line in said] == printed
    assert len(BLOCKS) == 3


def test_the_page_has_each_argument() -> None:
    parameters = {name for function in FUNCTIONS for name in inspect.signature(function).parameters}
    assert {*names_in_rows(table_of(PAGE, "argument"))} == parameters


def test_the_page_has_each_function() -> None:
    calls = [re.fullmatch(r"(\w+)\((.*)\)", text) for text in names_in_rows(table_of(PAGE, "function"))]
    named = {found[1]: [part.partition("=")[0] for part in found[2].split(", ")] for found in calls if found}
    assert [*named] == [function.__name__ for function in FUNCTIONS]
    for function in FUNCTIONS:
        own = [*inspect.signature(function).parameters]
        assert [name for name in own if name in named[function.__name__]] == named[function.__name__]
    assert {*uploads.__all__} - {*named} == {"ProcessingFailedError"}
    assert "ProcessingFailedError" in PAGE
