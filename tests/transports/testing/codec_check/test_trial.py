"""Trials: which laws are tried, on what, and which input is kept as the smallest."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis.strategies import text

from restli_transports.testing.codec_check import trial
from restli_transports.testing.codec_check.findings import LawResult
from restli_transports.testing.codec_check.law import Input, Law
from restli_transports.testing.codec_check.trial import Trials

LONG = 60.0
DRAWN = text(max_size=6)


def law(inputs: Any, check: Any, function: str = "encode", partner: str | None = None) -> Law:
    return Law(function, "a law", inputs, lambda _: "so", check, "a rule", partner)


def results(monkeypatch: pytest.MonkeyPatch, *laws: Law, examples: int = 50, **functions: Any) -> list[LawResult]:
    monkeypatch.setattr(trial, "LAWS", laws)
    return [*Trials(functions, LONG, examples, 0).results()]


def listed(*values: Any) -> Any:
    return lambda: (Input(value, repr(value), f"row {number}") for number, value in enumerate(values))


def test_only_laws_of_the_functions_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    laws = [law(listed(1), lambda *_: None, function, partner) for function, partner in (
        ("encode", None), ("decode", None), ("encode", "decode"), ("encode", "other"),
    )]  # fmt: skip
    assert len(results(monkeypatch, *laws, encode=str)) == 1
    assert len(results(monkeypatch, *laws, encode=str, decode=str)) == 3


def test_all_of_a_list_is_tried_and_the_smallest_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    (result,) = results(monkeypatch, law(listed(1, 100, 22, 33), lambda f, v: "odd" if v > 20 else None), encode=str)
    assert (result.tried, result.broken) == (4, 3)
    assert result.finding is not None
    assert (result.finding.input, result.finding.source, result.finding.got) == ("22", "row 2", "odd")


def test_a_drawn_input_is_made_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    check = law(DRAWN, lambda function, value: "long" if len(function(value)) > 2 else None)
    (result,) = results(monkeypatch, check, encode=str)
    assert result.finding is not None
    assert len(result.finding.input) == len("'000'")
    assert result.finding.source == "a rule"


def test_values_are_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, list[str]] = {"a": [], "b": []}

    def noting(name: str) -> Any:
        return lambda function, value: seen[name].append(value)

    results(monkeypatch, law(DRAWN, noting("a")), law(DRAWN, noting("b")), encode=str)
    assert seen["a"] == seen["b"]
    assert len(seen["a"]) >= 40


def test_the_search_for_smaller_inputs_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "MAX_SHRINKS", 7)
    check = law(DRAWN, lambda function, value: "long" if len(function(value)) > 2 else None)
    (result,) = results(monkeypatch, check, encode=str, examples=200)
    first = next(number for number, value in enumerate(drawn(200), 1) if len(value) > 2)
    assert result.tried <= first + 7


def drawn(examples: int) -> list[str]:
    return Trials({}, LONG, examples, 0).drawn(DRAWN)
