"""Python source of values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restli_core.base_errors import InvalidCallError
from restli_core.encoding import decode, encode
from restli_core.explaining.literals import Opened, Wire, plain_scalar, python_text
from restli_core.urn import Urn
from restli_transports.testing.strategies import documents, values


@given(documents(), st.sampled_from([10, 40, 100]))
def test_a_document_comes_back(document: dict[str, Any], width: int) -> None:
    assert eval(python_text(document, width=width), {"Urn": Urn}) == document


@given(values())
def test_a_value_from_a_url_is_written_as_what_encodes_alike(value: Any) -> None:
    written = eval(python_text(Wire(decode(encode(value)))), {"Urn": Urn})
    assert encode(written) == encode(value)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("5", 5),
        ("-5", -5),
        ("0", 0),
        ("007", "007"),
        ("-0", "-0"),
        ("1" * 19, "1" * 19),
        ("true", True),
        ("True", "True"),
        ("1.0", "1.0"),
        ("\u0665", "\u0665"),
    ],
)
def test_what_a_text_stands_for(text: str, meant: object) -> None:
    assert (plain_scalar(text), type(plain_scalar(text))) == (meant, type(meant))
    assert encode(plain_scalar(text)) == encode(text)


@pytest.mark.parametrize(
    ("value", "source"),
    [
        ("it's", '"it\'s"'),
        ('say "x"', "'say \"x\"'"),
        ("a\nb", '"a\\nb"'),
        ("urn:li:person:1", 'Urn("urn:li:person:1")'),
        ([], "[]"),
        ({}, "{}"),
        ((), "()"),
        (("a", [1]), '("a", [1])'),
        (Wire({"a": ["1", "x"]}), '{"a": [1, "x"]}'),
        (Wire([1, 2]), "[1, 2]"),
        (None, "None"),
    ],
)
def test_on_one_line(value: object, source: str) -> None:
    assert python_text(value) == source


def test_what_is_long_is_laid_out_as_black_does() -> None:
    value = Opened("client.get(", (("", "/r"), ("query_params=", {"a": ["x" * 10, "y" * 10], "b": 1})), ")")
    assert python_text(value, width=30).split("\n") == [
        "client.get(",
        '    "/r",',
        "    query_params={",
        '        "a": [',
        '            "xxxxxxxxxx",',
        '            "yyyyyyyyyy",',
        "        ],",
        '        "b": 1,',
        "    },",
        ")",
    ]


def test_what_python_cannot_compile_is_refused(depth: int) -> None:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    with pytest.raises(InvalidCallError, match="nested more than 90 levels"):
        python_text(value)


def test_what_is_nearly_as_deep_compiles() -> None:
    value: list[Any] = ["x" * 100]
    for _ in range(88):
        value = [value]
    assert eval(python_text(value)) == value
