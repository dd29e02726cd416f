"""Vectors: every file can be read, and tagged values are what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from restli_transports.testing.vectors import load, untagged
from tests.support.source_tree import ROOT

NAMES = sorted(path.stem for path in Path(ROOT, "tests", "vectors").glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_each_file_has_cases(name: str) -> None:
    assert load(name)


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"no_such\.json"):
        load("no_such")


def test_tagged_values() -> None:
    tagged = {
        "int": {"$t": "int", "v": "7"},
        "list": [{"$t": "long", "v": "-9223372036854775808"}, {"$t": "double", "v": "1e23"}],
        "float": {"$t": "float", "v": "1.5"},
        "boolean": {"$t": "boolean", "v": "true"},
        "null": {"$t": "null", "v": ""},
        "bytes": {"$t": "bytes", "v": "AP8="},
        "text": "x",
    }
    assert untagged(tagged) == {
        "int": 7,
        "list": [-(2**63), 1e23],
        "float": 1.5,
        "boolean": True,
        "null": None,
        "bytes": b"\0\xff",
        "text": "x",
    }
