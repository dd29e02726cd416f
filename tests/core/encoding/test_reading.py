"""Reading elements and simple keys, and the position of what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from restli_core.encoding import decode, decode_path_key, reduced_decode
from tests.support.codec import Refusal, cases, expected, outcome
from tests.vectors import untagged


@pytest.mark.parametrize("name", ["decode", "decode_fuzz"])
@pytest.mark.parametrize("reader", [decode, reduced_decode])
def test_elements_are_read_as_linkedin_does(name: str, reader: Callable[[str], Any]) -> None:
    wrong = [case for case in cases(name, 600) if outcome(reader, case["in"]["s"]) != expected(case, case["in"]["s"])]
    assert wrong == []


def test_compound_and_complex_keys_are_read_as_linkedins_client_does() -> None:
    # Its simple keys are raw text, which nothing decodes; typing the leaves (an Integer, a DataMap) is not our part.
    structured = [case for case in cases("decode_key") if case["in"]["kind"] != "simple"]
    assert len(structured) == 25
    assert [case for case in structured if not reads_key_alike(case)] == []


def reads_key_alike(case: dict[str, Any]) -> bool:
    syntax = "PathSegmentSyntaxException" in case.get("error", {}).get("cause_class", "")
    value = outcome(reduced_decode, case["in"]["s"])
    if syntax or "error" in case:
        return syntax == isinstance(value, Refusal)
    parts = case["ok"] if case["in"]["kind"] == "compound" else case["ok"]["key"]
    return {name: str(untagged(part)) if isinstance(part, int) else part for name, part in parts.items()} == {
        name: part for name, part in value.items() if name != "$params"
    }


def test_escapes_are_read_as_linkedin_does() -> None:
    wrong = [
        case
        for case in cases("decode_utils", 99)
        if outcome(decode_path_key, case["in"]["s"]) != expected(case, case["in"]["s"])
    ]
    assert wrong == []


NO_INDEX = {
    "%": "UriComponent names index 1 of this text of length 1; URIDecoderUtils, on the same text, names 0, as we do.",
    "a%": "UriComponent crashes with a StringIndexOutOfBoundsException before it can name an index.",
}


def test_simple_keys_are_read_as_linkedins_server_does() -> None:
    keys = cases("simple_key_decode", 95)
    indexed = [case for case in keys if case["in"]["s"] not in NO_INDEX]
    assert len(keys) - len(indexed) == len(NO_INDEX)
    wrong = [case for case in indexed if outcome(decode_path_key, case["in"]["s"]) != expected(case, case["in"]["s"])]
    assert wrong == []


@pytest.mark.parametrize("text", NO_INDEX)
def test_simple_keys_that_end_in_a_percent_sign_are_refused_there(text: str) -> None:
    assert outcome(decode_path_key, text) == Refusal(len(text) - 1)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", 0),
        ("(", 1),
        ("(a", 2),
        ("(a:", 3),
        ("(a:b", 4),
        ("(a:b,", 5),
        ("List(", 5),
        ("List(a", 6),
        ("List(a,", 7),
        (")", 0),
        (":", 0),
        (",", 0),
        ("a)", 1),
        ("a,b", 1),
        ("a(b)", 1),
        ("()()", 2),
        ("()List(a)", 2),
        ("()List(", 2),
        ("List(a)b", 7),
        ("(:b)", 1),
        ("(,)", 1),
        ("((a:b):c)", 1),
        ("(a)", 2),
        ("(a,b)", 2),
        ("(a:b:c)", 4),
        ("(a:b(c))", 4),
        ("(a:)", 3),
        ("(a:b,)", 5),
        ("List(,a)", 5),
        ("List(a,)", 7),
        ("List(a:b)", 6),
        ("List(a(b))", 6),
        ("(List(a):b)", 1),
        ("(\U0001f600:a,b)", 6),
        ("%", 0),
        ("a%2", 1),
        ("%zz", 1),
        ("%2z", 2),
        ("(%4)", 3),
        (":::%zz", 4),
        ("%\u0664\u0661", 1),
        ("a%\nb", 2),
        ("a%\r\nb", 2),
        ("a%\r", 1),
        ("%\uff14\uff11", 1),
    ],
)
def test_refused_texts_are_refused_at_the_place_at_fault(text: str, where: int) -> None:
    assert outcome(decode, text) == outcome(reduced_decode, text) == Refusal(where)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("''", ""),
        ("'''", "'''"),
        ("%27'", "''"),
        ("'%27", "''"),
        ("List", "List"),
        ("list()a"[:4], "list"),
        ("%4Cist(a)", ["a"]),
        ("L%69st()", []),
        ("List('')", [""]),
        ("List(a,'',%27%27)", ["a", "", "''"]),
        ("List(List(a,b),(c:List()))", [["a", "b"], {"c": []}]),
        ("(List:List(List))", {"List": ["List"]}),
        ("(a:b,%61:c)", {"a": "c"}),
        ("('':'')", {"": ""}),
        ("( a : b )", {" a ": " b "}),
        ('a+b&c=d "\n\0', 'a+b&c=d "\n\0'),
        ("%e2%82%AC", "\u20ac"),
        ("%F0%9F%98%80", "\U0001f600"),
        ("List(%C3,%A9)", ["\ufffd", "\ufffd"]),
        ("%F0%9F", "\ufffd"),
        ("%FF%FE", "\ufffd\ufffd"),
        ("%C0%80", "\ufffd\ufffd"),
        ("%ED%A0%80", "\ufffd"),
        ("%ED%A0", "\ufffd"),
        ("%ed%bf%41", "\ufffdA"),
        ("List(%ED%A0,%80)", ["\ufffd", "\ufffd"]),
        ("%E1%80%ED%A0%80", "\ufffd\ufffd"),
        ("%ED%A0%BD%ED%B8%80", "\ufffd\ufffd"),
        ("\ud800", "\ud800"),
    ],
)
def test_reading_elements(text: str, value: Any) -> None:
    assert decode(text) == reduced_decode(text) == value


@pytest.mark.parametrize(("text", "key"), [("", ""), ("''", "''"), ("(a:b),c%2C+", "(a:b),c,+"), ("%25", "%")])
def test_reading_simple_keys_in_a_path(text: str, key: str) -> None:
    assert decode_path_key(text) == key
