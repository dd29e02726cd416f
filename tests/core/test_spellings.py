"""Spellings: which text of an answer is a server's way of writing a scalar that it was sent."""

from __future__ import annotations

from typing import Any

import pytest

from restli_core.encoding.scalars import scalar_text
from restli_core.spellings import MAX_NUMBER, match_spellings
from tests.support.codec import cases
from tests.vectors import untagged


def is_matched(asked: str, sent: str) -> bool:
    return match_spellings([asked], [sent], are_complex=False) == {asked: sent}


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ("007", "7"),
        ("+5", "5"),
        ("-0", "0"),
        ("100", "100.0"),
        ("7.0", "7"),
        ("1.50", "1.5"),
        ("1.5", "1.50"),
        ("10000000", "1.0E7"),
        ("1e7", "1.0E7"),
        ("1.0E20", "1e+20"),
        ("1.0E23", "9.999999999999999E22"),
        ("5.0E-324", "4.9E-324"),
        ("9007199254740993", "9.007199254740992E15"),
        ("-0", "-0.0"),
        (".5", "0.5"),
        ("5.", "5.0"),
        ("1d", "1.0"),
        ("1.5F", "1.5"),
        (" 1\t", "1.0"),
        ("0x1p3", "8.0"),
        ("0X.8P1d", "1.0"),
        ("0x1p5000", "Infinity"),
        ("-0x1p5000", "-Infinity"),
        ("1e400", "Infinity"),
        ("-1e400", "-Infinity"),
        ("+Infinity", "Infinity"),
        ("+NaN", "NaN"),
        ("0.10000000149011612", "0.1"),
        # More digits than a double has, as BigDecimal keeps them.
        ("0.12345678901234567891", "1.2345678901234567891E-1"),
        ("1.4012984643248171E-45", "1.4E-45"),
        ("TRUE", "true"),
        ("False", "false"),
        ("0" * 4000 + "7", "7"),
        ("0" * (MAX_NUMBER - 1) + "7", "7"),
    ],
)
def test_what_a_server_may_send_back(asked: str, sent: str) -> None:
    assert is_matched(asked, sent)


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ("1", "01"),
        ("1", "+1"),
        ("1", " 1"),
        ("1", "1d"),
        ("1", "1."),
        ("1", ".1e1"),
        ("1", "0x1p0"),
        ("1", "2"),
        ("1", "1.00000000000000001"),
        ("1", "true"),
        ("0.0", "-0.0"),
        ("-0.0", "0.0"),
        ("9007199254740993", "9007199254740992"),
        ("0.30000000000000004", "0.3"),
        ("0.5", "0.50000001"),
        ("1.0E23", "1.0000000000000001E23"),
        ("1e300", "Infinity"),
        # As a float each is infinity or zero, which Java writes as just that.
        ("1.5e400", "1e300"),
        ("-1.5e400", "-1e300"),
        ("1.5e400", "-1e300"),
        ("1.5e-400", "1.0E-50"),
        ("0.0", "1.0E-50"),
        ("0", "1.5e-400"),
        ("1e-400", "1.5e-400"),
        ("Infinity", "1.5e400"),
        ("1e400", "1.5e400"),
        ("x", "X"),
        ("x", "false"),
        ("", "0"),
        (".", "0"),
        ("1e", "1"),
        ("1e9999999999", "Infinity"),
        ("\u0663", "3"),
        ("0" * 6000 + "7", "7"),
        ("0" * MAX_NUMBER + "7", "7"),
    ],
)
def test_what_is_another_key(asked: str, sent: str) -> None:
    assert match_spellings([asked], [sent], are_complex=False) == {}


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        (["1.50", "1.500"], ["1.5"]),
        (["+1"], ["1", "1.0"]),
        (["+1", "01"], ["1", "1.0"]),
        (["TRUE", "True"], ["true"]),
        # As doubles they are one.
        (["9007199254740993", "9007199254740992"], ["9.007199254740992E15"]),
        (["1.0E23", "99999999999999991611392"], ["9.999999999999999E22"]),
    ],
)
def test_what_two_could_claim_is_nobodys(asked: list[str], sent: list[str]) -> None:
    assert match_spellings(asked, sent, are_complex=False) == {}


def test_longs_that_are_one_double_are_told_apart() -> None:
    asked = [f"+{2**53 + number}" for number in range(100)]
    sent = [one[1:] for one in asked]
    assert match_spellings(asked, reversed(sent), are_complex=False) == dict(zip(asked, sent, strict=True))


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ("(a:007,b:x)", "(a:7,b:x)"),
        ("(a:007,b:007,c:1.0E23)", "(a:7,b:007,c:9.999999999999999E22)"),
        ("(a:List(1,TRUE),b:(c:1.50))", "(a:List(1.0,true),b:(c:1.5))"),
        ("List(1,List(2))", "List(1.0,List(2.0))"),
        ("(a:x%2Cy,b:1)", "(a:x%2Cy,b:1.0)"),
        ("(a:'',b:1)", "(a:'',b:1.0)"),
    ],
)
def test_the_leaves_of_a_complex_key_are_respelt(asked: str, sent: str) -> None:
    assert match_spellings([asked], [sent], are_complex=True) == {asked: sent}


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ("(1:x)", "(1.0:x)"),
        ("(a:1,b:2)", "(a:1.0,b:3)"),
        ("(a:1)", "(a:List(1.0))"),
        ("(a:(b:1))", "(a:1.0)"),
        ("(a:1)", "(a:01)"),
        ("List(1,2)", "List(2.0,1.0)"),
        ("List()", "()"),
    ],
)
def test_names_and_structure_are_not(asked: str, sent: str) -> None:
    assert match_spellings([asked], [sent], are_complex=True) == {}


def is_of_type(case: dict[str, Any], kind: str) -> bool:
    value = case["in"]["value"]
    return isinstance(value, dict) and value["$t"] == kind


def test_all_doubles_that_linkedins_own_code_writes() -> None:
    # Where Java's text differs from ours, it is still known for the same number.
    doubles = [case for case in cases("stringify", 80) if is_of_type(case, "double")]
    written = [(scalar_text(untagged(case["in"]["value"])) or "", case["ok"]) for case in doubles]
    differing = [(ours, java) for ours, java in written if ours != java]
    assert ("2.0E23", "1.9999999999999998E23") in differing
    assert [pair for pair in differing if not is_matched(*pair)] == []


def test_as_many_as_there_are(many: int) -> None:
    asked = [f"0{number}" for number in range(many)]
    sent = [str(number) for number in range(many)]
    assert match_spellings(asked, sent, are_complex=False) == {"0" + one: one for one in sent if one != "0"} | {
        "00": "0"
    }
    # All of one value, which none of them may claim.
    asked, sent = [f"1.{'0' * (number % 300)}{' ' * (number // 300)}" for number in range(many)], ["1.0", "1.00"]
    assert match_spellings(asked, sent, are_complex=False) == {}
