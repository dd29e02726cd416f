"""docs/testing.md: its tests pass, as they stand."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

# Each run of pytest here would import what it needs anew.
for name in ("restli_transports.h11", "restli_transports.testing.server"):
    import_module(name)

PAGE = (Path(__file__).parents[2] / "docs" / "testing.md").read_text(encoding="utf-8")
TESTS: list[str] = [block for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "def test_" in block]

pytestmark = pytest.mark.sockets


def test_the_tests_pass(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(**{f"test_{number}": code for number, code in enumerate(TESTS)})
    result = pytester.runpytest_inprocess(
        "-p", "no:cacheprovider", "-p", "no:cov", "-p", "no:xdist", "-p", "no:asyncio", "-W", "error"
    )
    counts = result.parseoutcomes()
    assert counts.keys() == {"passed"}
    assert counts["passed"] >= len(TESTS) >= 4
