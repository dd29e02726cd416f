"""The right spelling of parts of URLs."""

from __future__ import annotations

import pytest
from hypothesis import given

from restli_core.encoding import decode
from restli_core.explaining.mending import (
    encode_illegal,
    is_element,
    is_old_name,
    mend_key,
    mend_old_parameters,
    mend_value,
)
from restli_transports.testing.strategies import wire_texts


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("a b", "a%20b"),
        ("{id}", "%7Bid%7D"),
        ("50%", "50%25"),
        ("%2", "%252"),
        ("%2A", "%2A"),
        ("\xe9\ud800", "%C3%A9%3F"),
        ("a[0]", "a[0]"),
    ],
)
def test_characters_that_no_url_has(written: str, right: str) -> None:
    assert encode_illegal(written) == right


def test_brackets_are_legal_in_a_query_alone() -> None:
    assert encode_illegal("a[0]", in_path=True) == "a%5B0%5D"


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("urn:li:share:1", "urn%3Ali%3Ashare%3A1"),
        ("(id:urn:li:x:1)", "(id:urn%3Ali%3Ax%3A1)"),
        ("(id:urn%3Ali:x:1)", "(id:urn%3Ali%3Ax%3A1)"),
        ("(a:urn:li:c:(urn:li:x:1,2),b:3)", "(a:urn%3Ali%3Ac%3A%28urn%3Ali%3Ax%3A1%2C2%29,b:3)"),
        ("(a:urn:li:c:(x", "(a:urn%3Ali%3Ac%3A%28x)"),
        ("(a:urn:li:c:((x),y))", "(a:urn%3Ali%3Ac%3A%28%28x%29%2Cy%29)"),
        ("a:b,c", "a%3Ab%2Cc"),
        ("account=urn:li:a:1&user=2", "(account:urn%3Ali%3Aa%3A1,user:2)"),
        ("(account=1,user=2)", "(account:1,user:2)"),
        ("(a=,b=1)", None),
        ("(a:b", "(a:b)"),
        ("(a:b))", "(a:b)"),
        ("(a:b)(", None),
    ],
)
def test_keys(written: str, right: str | None) -> None:
    assert mend_key(written) == right


@pytest.mark.parametrize(
    ("name", "written", "right"),
    [
        ("a", "", "''"),
        ("a", "urn:li:x:1", "urn%3Ali%3Ax%3A1"),
        ("a", "urn:li:c:(urn:li:x:1,2)", "urn%3Ali%3Ac%3A%28urn%3Ali%3Ax%3A1%2C2%29"),
        ("a", "List(urn:li:x:1,urn:li:x:2)", "List(urn%3Ali%3Ax%3A1,urn%3Ali%3Ax%3A2)"),
        ("a", "(start:(year:2026)", "(start:(year:2026))"),
        ("a", "List(a,b))", "List(a,b)"),
        ("a", "List(a:b)", None),
        ("a", "(a remark)", "%28a remark%29"),
        ("a", "https://h/x", "https%3A//h/x"),
        ("a", "urn:li:x:1,urn:li:x:2", "List(urn%3Ali%3Ax%3A1,urn%3Ali%3Ax%3A2)"),
        ("a", "ACTIVE,DRAFT,7", "List(ACTIVE,DRAFT,7)"),
        ("a", "Smith,John", "Smith%2CJohn"),
        ("a", '["x",1,{"y":[]}]', "List(x,1,(y:List()))"),
        ("a", "%7B%22a%22:1%7D", "(a:1)"),
        ("a", "[x", "[x"),
        ("a", "[1e999]", "List(Infinity)"),
        ("a", "[" * 5000, "[" * 5000),
        ("ids", "1", "List(1)"),
        ("ids", "1,urn:li:x:2", "List(1,urn%3Ali%3Ax%3A2)"),
        ("ids", "List(1,2", "List(1,2)"),
        ("ids", "List%281%2C2%29", "List(1,2)"),
        ("ids", "List%281%2C2", "List(List%281%2C2)"),
        ("ids", "(a:1)", "List((a:1))"),
        ("ids", "a:b", None),
    ],
)
def test_values(name: str, written: str, right: str | None) -> None:
    mended = mend_value(name, written)
    if written == "[1e999]":
        assert mended is None or is_element(mended)
        return
    assert mended == right


@given(wire_texts())
def test_a_spelling_can_be_read_or_there_is_none(text: str) -> None:
    for mended in (mend_value("ids", text), mend_key(f"({text}")):
        if mended is not None and "%" not in text:
            decode(mended)


@pytest.mark.parametrize("name", ["a.b", "a[0]", "search.status.values[12]", "$a._b"])
def test_names_of_protocol_1_0(name: str) -> None:
    assert is_old_name(name)


@pytest.mark.parametrize("name", ["a", "a.", ".a", "a[x]", "a[12345]", "a b.c", "", "a" + ".b" * 21, "\xe9.a"])
def test_other_names(name: str) -> None:
    assert not is_old_name(name)


@pytest.mark.parametrize(
    ("pairs", "right"),
    [
        ([("a.b[1]", "y"), ("a.b[0]", "x%20")], {"a": "(b:List(x%20,y))"}),
        ([("ids[0].a", "1"), ("ids[0].b", "2"), ("ids[1].a", "3")], {"ids": "List((a:1,b:2),(a:3))"}),
        ([("a.b", "1"), ("a.b", "2")], None),
        ([("a.b", "1"), ("a.b.c", "2")], None),
        ([("a.b", "\ud800")], None),
    ],
)
def test_parameters_of_protocol_1_0(pairs: list[tuple[str, str]], right: dict[str, str] | None) -> None:
    assert mend_old_parameters(pairs) == right


@pytest.mark.parametrize("end", [".", ",", ");", "!?"])
def test_what_came_along_when_it_was_copied_is_left_out(end: str) -> None:
    assert mend_value("ids", f"List(1,2){end}") == "List(1,2)"
    assert mend_value("search", f"(a:1){end}") == "(a:1)"
