"""Inputs: values as they are written on a command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from restli_core.command_line.inputs import ids_of, json_value, json_values, named_values
from restli_core.command_line.usage import UsageError
from tests.support.command_lines import console_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, 2.5, null, true]}', {"a": [1, 2.5, None, True]}),
        (' "a" \n', "a"),
        ("(a:List(1,2))", {"a": ["1", "2"]}),
        ("List()", []),
        (" ()\n", {}),
    ],
)
def test_json_and_restli_text_are_values(text: str, value: Any) -> None:
    assert json_value(text, "--x") == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not JSON: it is empty"),
        ("a", "is not JSON: Expecting value, at line 1 column 1"),
        ('{"a":\n x}', "is not JSON: Expecting value, at line 2 column 2"),
        ("NaN", "is not JSON: NaN is not a number of JSON"),
        ("[-Infinity]", "is not JSON: -Infinity is not a number of JSON"),
        ("9" * 5000, "is not JSON: Exceeds the limit"),
        ("[" * 200_000, "is not JSON: it is nested too deeply"),
        ("(a:", "is not Rest.li text: unexpected end of input"),
    ],
    ids=["empty", "word", "second line", "NaN", "Infinity", "digits", "deep", "Rest.li"],
)
def test_what_is_neither_is_refused(text: str, reason: str) -> None:
    with pytest.raises(UsageError) as refusal:
        json_value(text, "--x")
    assert str(refusal.value).startswith(f"--x: {reason}")


def test_a_refusal_ends_with_the_cure() -> None:
    with pytest.raises(UsageError, match=r"column 1; do this$"):
        json_value("a", "--x", "do this")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('[{"a": 1}, 2]', [{"a": 1}, 2]),
        ('{"a": 1}', [{"a": 1}]),
        ('{"a": 1}\n\n{"a": 2}\n', [{"a": 1}, {"a": 2}]),
    ],
)
def test_lists_are_json_or_lines(text: str, values: list[Any]) -> None:
    assert json_values(text, "--x") == values


@pytest.mark.parametrize(("text", "reason"), [("{", "^--x: is not JSON"), ("1\n{\n", "^--x, line 2: is not JSON")])
def test_a_bad_line_is_named(text: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        json_values(text, "--x")


def test_named_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("text").write_bytes(b"caf\xc3\xa9\r\n")
    Path("json").write_bytes(b"[1]\n")
    given = ["a=1", "b:=1", "c=", "d=x=y", "e=@text", "f:=@json", "g=-", "h=@-", "urn:li:x=2", "i:=List(a)"]
    assert named_values(given, "--param", console_of(b"piped\n")) == {
        "a": "1",
        "b": 1,
        "c": "",
        "d": "x=y",
        "e": "café",
        "f": [1],
        "g": "-",
        "h": "piped",
        "urn:li:x": "2",
        "i": ["a"],
    }


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (["a"], "^--param: must be NAME=VALUE, or NAME:=JSON, not 'a'$"),
        (["=a"], "^--param: must be NAME=VALUE"),
        ([":=a"], "^--param: must be NAME=VALUE"),
        (["a=1", "a:=2"], r"^--param a: is given twice; a list is a:='\[\"a\", \"b\"\]'$"),
        (["a:=x"], "^--param a: is not JSON: .*; text is a=..., without the colon$"),
        (["a=@-", "b=@-"], "^--param b: cannot come from standard input as well, which --param a comes from$"),
    ],
)
def test_what_has_no_name_is_refused(given: list[str], reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        named_values(given, "--param", console_of())


@pytest.mark.parametrize(
    ("given", "stdin", "ids"),
    [
        (["5", "urn:li:person:1"], b"", ["5", "urn:li:person:1"]),
        ([':={"a": 1}', ":=[1, 2]"], b"", [{"a": 1}, 1, 2]),
        ([], b"5\n\n 6 \r\n", ["5", "6"]),
        (["1", "-"], b'{"a": 1}\n6', ["1", {"a": 1}, "6"]),
        (["-"], b"", []),
    ],
)
def test_ids(given: list[str], stdin: bytes, ids: list[Any]) -> None:
    assert ids_of(given, console_of(stdin)) == ids


@pytest.mark.parametrize("given", ["5001,5002", "List(5001,5002)"])
def test_a_list_in_one_id_is_refused(given: str) -> None:
    with pytest.raises(UsageError, match=r"put spaces between the ids, --ids 5001 5002$"):
        ids_of([given], console_of())


def test_a_urn_may_have_commas() -> None:
    assert ids_of(["urn:li:like:(urn:li:person:1,urn:li:share:2)"], console_of()) == [
        "urn:li:like:(urn:li:person:1,urn:li:share:2)"
    ]


def test_a_bad_id_is_named_by_its_line() -> None:
    with pytest.raises(UsageError, match=r"^--ids, line 2: is not JSON"):
        ids_of(["-"], console_of(b"1\n{a\n"))
