"""docs/own-io.md: its programs run one after the other, as a reader would run them, and print what the page says."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
from typing import Any

import pytest

from tests.support.pages import programs_in, text_of

PAGE = text_of("docs/own-io.md")


@pytest.mark.sockets
def test_the_programs_print_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    context: dict[str, Any] = {"__name__": "__main__"}
    try:
        for number, code in enumerate(programs_in(PAGE), 1):
            flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            running = eval(compile(code, f"own-io.md, {number}", "exec", flags, dont_inherit=True), context)
            if inspect.iscoroutine(running):
                asyncio.run(running)
            # A line that times a call says what no page can.
            printed = [line for line in capsys.readouterr().out.splitlines() if not line.endswith(" s")]
            assert printed == re.findall(r"print\(.*\)  # (.*)", code.replace("  # without secrets", ""))
    finally:
        context["server"].stop()


def test_what_goes_round_a_transport_takes_eight_lines() -> None:
    (code,) = [code for code in programs_in(PAGE) if "class Timed" in code]
    lines = code.partition("class Timed")[2].partition("def __getattr__")[0].splitlines()
    assert len([line for line in lines if line.strip()]) == 8
