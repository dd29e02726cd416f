"""Outputs: JSON and trees, which are read alike on any terminal."""

from __future__ import annotations

import json
from typing import Any

import pytest

from restli_core import decode
from restli_core.command_line.outputs import json_text, tree_lines
from restli_core.command_line.usage import UsageError
from tests.support.command_lines import Encoded, Terminal, console_of


@pytest.mark.parametrize(
    "value", [{"a": [1, "café 😀", None]}, "\x1b[31m\u202e\x9b", "\ud800", "\u2028", "\U000e0001", "\x7f"], ids=ascii
)
@pytest.mark.parametrize("indented", [False, True])
def test_json_is_printable_and_means_the_value(value: Any, indented: bool) -> None:
    text = json_text(value, console_of(), indented=indented)
    assert json.loads(text) == value
    assert text.replace("\n", "").isprintable()


def test_json_is_ascii_where_the_encoding_lacks_a_character() -> None:
    assert json_text("café", console_of(stdout=Encoded())) == '"café"'
    assert json_text("├", console_of(stdout=Encoded())) == '"\\u251c"'


def test_names_are_in_colour_on_a_terminal() -> None:
    value = {"a": {"b": 'x": 1'}}
    text = json_text(value, console_of(stdout=Terminal(), environ={"TERM": "xterm"}), indented=True)
    assert text == '{\n  \x1b[34m"a"\x1b[0m: {\n    \x1b[34m"b"\x1b[0m: "x\\": 1"\n  }\n}'


def test_what_is_too_deep_for_json_is_refused() -> None:
    value: Any = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(UsageError, match="nested too deeply"):
        json_text(value, console_of())
    while value:  # so that taking it apart does not recurse either
        value = value.pop()


def test_a_tree() -> None:
    value = decode("(status:(values:List(ACTIVE,DRAFT)),test:true,none:(),empty:'')")
    assert [*tree_lines(value, console_of())] == [
        "map of 4",
        "├─ status: map of 1",
        "│  └─ values: list of 2",
        "│     ├─ 0. ACTIVE",
        "│     └─ 1. DRAFT",
        "├─ test: true",
        "├─ none: map of 0",
        '└─ empty: ""',
    ]


def test_a_tree_in_ascii() -> None:
    assert [*tree_lines({"a": {"b": "1"}, "c": ["2"]}, console_of(stdout=Encoded()))] == [
        "map of 2",
        "|- a: map of 1",
        "|  `- b: 1",
        "`- c: list of 1",
        "   `- 0. 2",
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("urn:li:person:1", "urn:li:person:1"),
        ("", '""'),
        (" a", '" a"'),
        ('"a"', '"\\"a\\""'),
        ("map of 2", '"map of 2"'),
        ("list of 2 or 3", "list of 2 or 3"),
        ("a\x1b\n\u202eé", '"a\\u001b\\n\\u202eé"'),
    ],
)
def test_a_text_is_seen_for_what_it_is(text: str, shown: str) -> None:
    assert [*tree_lines(text, console_of())] == [shown]
    assert [*tree_lines({text: "1"}, console_of())][1] == f"└─ {shown}: 1"


def test_a_tree_of_any_depth(depth: int) -> None:
    value: Any = "a"
    for _ in range(min(depth, 5000)):  # each line is longer than the one before
        value = [value]
    assert len([*tree_lines(value, console_of())]) == min(depth, 5000) + 1
