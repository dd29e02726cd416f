"""Writing values of every type, and how the error names the place of what cannot be written."""

from __future__ import annotations

import re
from collections import OrderedDict
from decimal import Decimal
from enum import Enum, IntEnum
from types import MappingProxyType
from typing import Any, NamedTuple, Self

import pytest

from restli_core.encoding import decode, encode, param_encode, reduced_decode, reduced_encode, writing
from restli_core.errors import InvalidCallError
from restli_core.keys import body_key, body_keys
from restli_core.urn import Urn
from tests.support.codec import Plain, Status, cases, refused_at
from tests.support.values import nested
from tests.vectors import untagged


def test_the_reduced_form_is_linkedins_to_the_letter() -> None:
    texts = [case for case in cases("encode_header", 580) if not isinstance(untagged(case["in"]["value"]), float)]
    assert len(texts) > 500
    assert [case for case in texts if reduced_encode(untagged(case["in"]["value"])) != case["ok"]] == []


@pytest.mark.parametrize("component", ["PATH_SEGMENT", "QUERY_PARAM"])
def test_what_stays_bare_stays_bare_at_linkedin_too(component: str) -> None:
    def agrees(case: dict[str, Any]) -> bool:
        ours = encode(case["in"]["s"])
        return ours == case["ok"] or (len(case["in"]["s"]) == 1 and ours == f"%{ord(case['in']['s']):02X}")

    table = [case for case in cases("uri_encode_table") if case["in"]["component"] == component]
    assert len(table) > 50
    assert [case for case in table if not agrees(case)] == []


class Coded(str, Enum):  # noqa: UP042 - a text that is not its value
    RED = "r"

    def __new__(cls, code: str) -> Self:
        member = str.__new__(cls, "red")
        member._value_ = code
        return member


class Level(IntEnum):
    LOW = 1


class Nothing(Enum):
    NONE = None


class Shout(str):
    __slots__ = ()

    def __str__(self) -> str:
        return self.upper()


class Pair(NamedTuple):
    x: int
    y: str


VALUES: list[tuple[Any, str, str]] = [
    ("", "''", "''"),
    ("a", "a", "a"),
    ("''", "%27%27", "%27%27"),
    ("List(a)", "List%28a%29", "List%28a%29"),
    ("a b+c", "a%20b%2Bc", "a b+c"),
    ("%2C", "%252C", "%252C"),
    ("\u20ac\U0001f600\0", "%E2%82%AC%F0%9F%98%80%00", "\u20ac\U0001f600\0"),
    ("!$&*/;=?@", "%21%24%26%2A%2F%3B%3D%3F%40", "!$&*/;=?@"),
    ("AZaz09-_.~", "AZaz09-_.~", "AZaz09-_.~"),
    (Shout("ab,"), "ab%2C", "ab%2C"),
    (Urn("urn:li:person:1"), "urn%3Ali%3Aperson%3A1", "urn%3Ali%3Aperson%3A1"),
    (True, "true", "true"),
    (False, "false", "false"),
    (0, "0", "0"),
    (-7, "-7", "-7"),
    (2**64, "18446744073709551616", "18446744073709551616"),
    (1.0, "1.0", "1.0"),
    (-0.0, "-0.0", "-0.0"),
    (0.001, "0.001", "0.001"),
    (0.0001, "1.0E-4", "1.0E-4"),
    (9999999.5, "9999999.5", "9999999.5"),
    (1e7, "1.0E7", "1.0E7"),
    (-12345678.9, "-1.23456789E7", "-1.23456789E7"),
    (1e20, "1.0E20", "1.0E20"),
    (1.5e-7, "1.5E-7", "1.5E-7"),
    (1.7976931348623157e308, "1.7976931348623157E308", "1.7976931348623157E308"),
    (float("nan"), "NaN", "NaN"),
    (float("inf"), "Infinity", "Infinity"),
    (float("-inf"), "-Infinity", "-Infinity"),
    (Decimal("1E+3"), "1000", "1000"),
    (Decimal("1E-3"), "0.001", "0.001"),
    (Decimal("1.50"), "1.50", "1.50"),
    (Decimal("-12.5"), "-12.5", "-12.5"),
    (Decimal("NaN"), "NaN", "NaN"),
    (Decimal("sNaN"), "NaN", "NaN"),
    (Decimal("Infinity"), "Infinity", "Infinity"),
    (Decimal("-Infinity"), "-Infinity", "-Infinity"),
    (b"", "''", "''"),
    (b"\x00\xff,", "%00%C3%BF%2C", "\0\xff%2C"),
    (Status.ACTIVE, "ACTIVE", "ACTIVE"),
    (Status.ODD, "a%2Cb", "a%2Cb"),
    (Plain.TEXT, "x", "x"),
    (Plain.NUMBER, "1.5", "1.5"),
    (Plain.PAIR, "List(1,a)", "List(1,a)"),
    (Plain.INNER, "a%2Cb", "a%2Cb"),
    (Level.LOW, "1", "1"),
    ([], "List()", "List()"),
    ([""], "List('')", "List('')"),
    (["", ""], "List('','')", "List('','')"),
    ((1, "a"), "List(1,a)", "List(1,a)"),
    (Pair(1, "a"), "List(1,a)", "List(1,a)"),
    ({}, "()", "()"),
    ({"": ""}, "('':'')", "('':'')"),
    ({"b": 1, "a": [True, {}]}, "(a:List(true,()),b:1)", "(a:List(true,()),b:1)"),
    (OrderedDict(b=1, a=2), "(a:2,b:1)", "(a:2,b:1)"),
    (MappingProxyType({"a": 1}), "(a:1)", "(a:1)"),
    ({Status.ODD: 1}, "(a%2Cb:1)", "(a%2Cb:1)"),
    ({Plain.TEXT: 1}, "(x:1)", "(x:1)"),
    (Coded.RED, "r", "r"),
    ({Coded.RED: 1}, "(r:1)", "(r:1)"),
    ([{Coded.RED: Coded.RED}, {Coded.RED: "red"}], "List((r:r),(r:red))", "List((r:r),(r:red))"),
    ([Coded.RED, "a"], "List(r,a)", "List(r,a)"),
    ([{"red": "a"}, {Coded.RED: "b"}], "List((red:a),(r:b))", "List((red:a),(r:b))"),
    ([{"%%": "%b"}, {"%%": ""}], "List((%25%25:%25b),(%25%25:''))", "List((%25%25:%25b),(%25%25:''))"),
    ([{}, {}], "List((),())", "List((),())"),
    ([{}] * 8, f"List({'(),' * 7}())", f"List({'(),' * 7}())"),
    ([{"": 1}] * 8, "List(" + "('':1)," * 7 + "('':1))", "List(" + "('':1)," * 7 + "('':1))"),
    ([{"red": "a"}] * 8 + [{Coded.RED: "b"}], f"List({'(red:a),' * 8}(r:b))", f"List({'(red:a),' * 8}(r:b))"),
    (
        [{"%": 1, "a": ""}] * 8,
        "List(" + "(%25:1,a:'')," * 7 + "(%25:1,a:''))",
        "List(" + "(%25:1,a:'')," * 7 + "(%25:1,a:''))",
    ),
    ([{"": 1}, {"": ""}], "List(('':1),('':''))", "List(('':1),('':''))"),
    ([{"b": 1, "a": "x"}, {"b": 2, "a": ""}], "List((a:x,b:1),(a:'',b:2))", "List((a:x,b:1),(a:'',b:2))"),
    (
        [{"a": [{}]}, {"a": [{"c": [{"d": 1}]}]}],
        "List((a:List(())),(a:List((c:List((d:1))))))",
        "List((a:List(())),(a:List((c:List((d:1))))))",
    ),
    ({Urn("urn:li:person:1"): 1}, "(urn%3Ali%3Aperson%3A1:1)", "(urn%3Ali%3Aperson%3A1:1)"),
    ({"$params": {"p": 1}, "a": "b c"}, "(%24params:(p:1),a:b%20c)", "($params:(p:1),a:b c)"),
]


def short(value: Any) -> str:
    return re.sub(" at 0x[0-9a-f]+", "", repr(value)[:60])[:40]


@pytest.mark.parametrize(("value", "text", "reduced"), VALUES, ids=short)
def test_writing_values(value: Any, text: str, reduced: str) -> None:
    assert encode(value) == text
    assert reduced_encode(value) == reduced
    assert param_encode({"a": value}) == f"a={text}"
    assert decode(text) == reduced_decode(reduced)


def test_map_keys_are_sorted_by_utf_16_code_units() -> None:
    # As Java's strings are: U+1F600 is D83D DE00 there, and comes before U+E000.
    value = {"\ue000": 1, "\U0001f600": 2, "\uffff": 3, "z": 4, "\U0010ffff": 5, "": 6}
    assert reduced_encode(value) == "('':6,z:4,\U0001f600:2,\U0010ffff:5,\ue000:1,\uffff:3)"


@pytest.mark.parametrize(
    "value",
    [
        "a b",
        1.5,
        Status.ODD,
        {"a": "", "b": (1, True, Urn("urn:li:person:1")), "c": {"d": [[], {}, "\u4e00"]}},
        [*"abcdefgh"],
        [*"abcdefg", ""],
        [{"a": str(number), "b": number} for number in range(8)],
        [{"ab"[number % 2]: number} for number in range(8)],
        nested("a", "{[" * 8),
    ],
    ids=short,
)
def test_usual_values_take_the_fast_path(value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # The general path finds out all that is wrong, and so also what only the fast path has wrong.
    expected = encode(value), reduced_encode(value)
    monkeypatch.setattr("restli_core.encoding.writing._write", None)
    assert (encode(value), reduced_encode(value)) == expected


@pytest.mark.parametrize(
    "text", ["\x01", "\x02a", "\x03\x03", "\x04", "\x05\x05", "\x06", "\x06e9", "\x07", "\xf9\x07"]
)
def test_control_characters_are_data(text: str) -> None:
    escaped = "".join(
        char if char.isascii() and char.isalnum() else f"%{octet:02X}" for char in text for octet in char.encode()
    )
    assert encode([text, {text: text}]) == f"List({escaped},({escaped}:{escaped}))"
    assert reduced_encode([text, {text: text}]) == f"List({text},({text}:{text}))"
    assert body_key(text) == text
    assert body_keys([text, "a"], "keys") == [text, "a"]
    assert body_keys([text, ["a"]], "keys") == [text, "List(a)"]
    assert body_keys([[text], ["a"]], "keys") == [f"List({text})", "List(a)"]


@pytest.mark.parametrize("size", [1, 40, 41, 120])
def test_text_that_is_mostly_escaped(size: int) -> None:
    text = "\u4e00(\x06'a" * size
    assert encode(text) == "%E4%B8%80%28%06%27a" * size
    assert encode([text]) == f"List({encode(text)})"


CYCLIC_LIST: list[Any] = [1]
CYCLIC_LIST.append({"a": CYCLIC_LIST})


CYCLIC_MAP: dict[str, Any] = {}
CYCLIC_MAP["a"] = [0, (CYCLIC_MAP,)]


REFUSED: list[tuple[Any, str]] = [
    (None, ""),
    ([1, None], "[1]"),
    ({"a": ["x", {"b": None}]}, "['a'][1]['b']"),
    ({1, 2}, ""),
    ([frozenset()], "[0]"),
    (object(), ""),
    ({"a": object()}, "['a']"),
    (1j, ""),
    (iter([1]), ""),
    (Nothing.NONE, ""),
    ({1: "a"}, ""),
    ({"a": [{True: 1}]}, "['a'][0]"),
    ({"a": {None: 1}}, "['a']"),
    ({b"a": 1}, ""),
    ({("a",): 1}, ""),
    ({Level.LOW: 1}, ""),
    ([{"x": 1, Plain.TEXT: 2}], "[0]"),
    ("\ud800", ""),
    (["a\udc00b"], "[0]"),
    ({"\ud800": 1}, ""),
    ([{"\ud800": 1, "a": 1}], "[0]"),
    ([Decimal("1E+400000000")], "[0]"),  # as large as there are on 32 bits
    (CYCLIC_LIST, "[1]['a']"),
    (CYCLIC_MAP, "['a'][1][0]"),
    ({"status": ["a", "b", None]}, "['status'][2]"),
    (((),) * 2 + ({"k": {"status": (1, None)}},), "[2]['k']['status'][1]"),
]


@pytest.mark.parametrize(("value", "place"), REFUSED, ids=short)
def test_refused_values_are_named(value: Any, place: str) -> None:
    assert refused_at(encode, value) == refused_at(reduced_encode, value) == f"value{place}"
    assert refused_at(body_key, value) == f"key{place}"
    assert refused_at(param_encode, {"ok": 1, "search": [value]}) == f"query_params['search'][0]{place}"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "is None, which Rest.li cannot express: leave it out"),
        ({1}, "is of type set, which has no encoding: give a list"),
        (iter([1]), "is of type list_iterator, which has no encoding: give a list"),
        (bytearray(), "is of type bytearray, which has no encoding: give text, a number or the like"),
        (memoryview(b""), "is of type memoryview, which has no encoding: give text, a number or the like"),
        (1j, "is of type complex, which has no encoding: give text, a number or the like"),
        ({1: "a"}, "has a key of type int: map keys must be text"),
        ({"x": 1, Plain.TEXT: 2}, "has two keys that stand for the same name"),
        ("\ud800", "holds a lone surrogate, which UTF-8 cannot carry"),
        (10**5000, "is an int of more digits than Python converts to text"),
    ],
    ids=["None", "set", "iterator", "bytearray", "memoryview", "complex", "key", "same_name", "surrogate", "digits"],
)
def test_an_error_says_what_is_wrong(value: Any, reason: str) -> None:
    for given in (value, [value]):
        with pytest.raises(InvalidCallError) as caught:
            encode(given)
        assert caught.value.reason == reason


def test_a_list_that_another_thread_changes_between_two_looks_at_it(monkeypatch: pytest.MonkeyPatch) -> None:
    shared: list[str] = [*"abcdefghij"]

    def changing(items: Any) -> bool:
        found = all(items)
        shared[5] = ""
        return found

    monkeypatch.setattr(writing, "all", changing, raising=False)
    text = encode(shared)
    monkeypatch.undo()
    # As it was before, or after; of neither the text would be malformed.
    assert text in {"List(a,b,c,d,e,f,g,h,i,j)", "List(a,b,c,d,e,'',g,h,i,j)"}


def test_the_place_in_a_query() -> None:
    assert refused_at(param_encode, {"search": {"status": ["a", "b", None]}}) == "query_params['search']['status'][2]"


def test_a_cycle_is_called_a_cycle() -> None:
    with pytest.raises(InvalidCallError, match="contains itself"):
        encode(CYCLIC_LIST)


def test_the_caller_names_the_argument() -> None:
    for write in (encode, reduced_encode, body_key):
        assert refused_at(write, [None], "ids") == "ids[0]"
    assert refused_at(param_encode, {"a": [None]}, "action_params") == "action_params['a'][0]"


def test_long_places_are_cut_in_the_middle() -> None:
    place = refused_at(encode, {"a" * 50: {"b" * 90: {"c" * 90: {"last": None}}}})
    assert len(place) == 200
    assert place.startswith("value['aaaa")
    assert place.endswith("cc']['last']")
    assert place.count("…") == 1


def test_places_of_200_characters_stand_in_full() -> None:
    place = refused_at(encode, {"a" * 191: None})
    assert place == f"value['{'a' * 191}']"
    assert len(place) == 200


def test_a_value_that_occurs_twice_is_no_cycle() -> None:
    shared = {"a": [1]}
    assert encode([shared, {"x": shared, "y": [shared, shared["a"]]}, shared]) == (
        "List((a:List(1)),(x:(a:List(1)),y:List((a:List(1)),List(1))),(a:List(1)))"
    )


def test_depth_of_maps_that_are_alike(depth: int) -> None:
    level = nested("a", "{" * depth)
    text = encode(level)
    assert encode([level, level]) == f"List({text},{text})"


def test_a_cycle_at_depth(depth: int) -> None:
    inner: list[Any] = []
    outer = nested(inner, "[" * depth)
    inner.append(outer)
    assert refused_at(encode, outer).endswith("[0][0]")
    inner.clear()
