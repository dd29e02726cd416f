"""The second opinion is worth something only if it is right: here it meets LinkedIn's own answers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.independent_codec import Refused, java_double, read, read_key, read_query, write, write_query
from tests.vectors import load, untagged

if TYPE_CHECKING:
    from collections.abc import Callable

OLD_JDK = {"1.0E23", "2.0E23"}
"""Doubles that JDK 18 and earlier, on which the vectors were measured, do not write with the fewest digits."""


def is_measurable(value: Any) -> bool:
    """Python has no 32-bit float, whose digits are its own."""
    return not (isinstance(value, dict) and "$t" in value and (value["$t"] == "float" or value["v"] in OLD_JDK))


def outcome(reader: Callable[[str], Any], text: str) -> Any:
    try:
        return reader(text)
    except Refused as refused:
        return ("refused", refused.position)


def expected(case: dict[str, Any], text: str) -> Any:
    if "error" not in case:
        return case["ok"]
    return ("refused", position(case["error"]["message"], text))


def position(message: str, text: str) -> int:
    """Java's columns count UTF-16 units, ours characters."""
    if message == "unexpected end of input":
        return len(text)
    column = int(re.findall(r"(?:column|index) (\d+)", message)[-1])
    return len(text.encode("utf-16-be")[: 2 * column].decode("utf-16-be"))


@pytest.mark.parametrize("form", ["path", "query", "header"])
def test_writes_values_as_linkedin_does(form: str) -> None:
    cases = [case for case in load(f"encode_{form}") if is_measurable(case["in"]["value"])]
    assert len(cases) > 500
    assert [case for case in cases if write(untagged(case["in"]["value"]), form) != case["ok"]] == []


def test_writes_queries_as_linkedin_does() -> None:
    cases = [case for case in load("query_string") if not is_structured_projection(case["in"]["params"])]
    assert len(cases) > 450
    assert [case for case in cases if write_query(untagged(case["in"]["params"])) != (case["ok"] or "")] == []


def is_structured_projection(params: dict[str, Any]) -> bool:
    return not isinstance(params.get("fields", ""), str)


@pytest.mark.parametrize(("component", "form"), [("PATH_SEGMENT", "path"), ("QUERY_PARAM", "query")])
def test_escapes_each_character_as_linkedin_does(component: str, form: str) -> None:
    cases = [case for case in load("uri_encode_table") if case["in"]["component"] == component]
    cases = [case for case in cases if case["in"]["s"] not in set("%(),:'") and len(case["in"]["s"]) == 1]
    assert len(cases) > 50
    assert [case for case in cases if write(case["in"]["s"], form) != case["ok"]] == []


@pytest.mark.parametrize("name", ["decode", "decode_fuzz"])
def test_reads_elements_as_linkedin_does(name: str) -> None:
    cases = load(name)
    assert len(cases) > 600
    assert [case for case in cases if outcome(read, case["in"]["s"]) != expected(case, case["in"]["s"])] == []


@pytest.mark.parametrize("name", ["decode_query", "decode_query_fuzz"])
def test_reads_queries_as_linkedin_does(name: str) -> None:
    cases = load(name)
    assert len(cases) > 380
    assert [case for case in cases if not agrees(outcome(read_query, case["in"]["q"]), case)] == []


def agrees(ours: Any, case: dict[str, Any]) -> bool:
    return bool(ours == case["ok"] if "ok" in case else isinstance(ours, tuple))


def test_reads_escapes_as_linkedin_does() -> None:
    cases = load("decode_utils")
    assert len(cases) > 90
    assert [case for case in cases if outcome(read_key, case["in"]["s"]) != expected(case, case["in"]["s"])] == []


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (5e-324, "4.9E-324"),
        (1e7, "1.0E7"),
        (9999999.0, "9999999.0"),
        (0.001, "0.001"),
        (-1.5e-7, "-1.5E-7"),
        (-0.0, "-0.0"),
    ],
)
def test_writes_doubles_as_java_does(number: float, text: str) -> None:
    assert java_double(number) == text
