from __future__ import annotations

import json
import re
import struct
import sys
from collections import OrderedDict
from decimal import Decimal
from enum import Enum, IntEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import pytest

from restli_core.encoding import (
    body_key,
    decode,
    decode_path_key,
    encode,
    param_decode,
    param_encode,
    reduced_decode,
    reduced_encode,
)
from restli_core.errors import DecodeError, InvalidCallError
from restli_core.urn import Urn
from tests.support.independent_codec import read, read_key, read_query
from tests.support.values import nested, same
from tests.vectors import load, untagged

if TYPE_CHECKING:
    from collections.abc import Callable


class Status(str, Enum):  # noqa: UP042 - users have these, and format() treats them unlike a StrEnum
    ACTIVE = "ACTIVE"
    ODD = "a,b"
    FIELDS = "fields"


def refused_at(write: Callable[..., str], *arguments: Any) -> str:
    """The place that the refusal names."""
    with pytest.raises(InvalidCallError) as caught:
        write(*arguments)
    assert caught.value.reason
    return caught.value.argument


# LinkedIn's own answers, by meaning: our text escapes more than theirs, and must be read as the same value by our
# decoder and by the independent one.

NULL = (
    "The encoder writes Data.NULL as the letters null, which a server reads as text. LinkedIn's request builders never "
    "let one get there: setParam(null) does nothing, null items are dropped (AbstractRequestBuilder.java:197-206, "
    "QueryParamsUtil.java:170-176). We leave a None parameter out and refuse a None inside a value."
)
SURROGATE = (
    "Java's UTF-8 encoder puts a question mark in place of half a surrogate pair (UriComponent.java:365-373): the "
    "server would get another value than the caller's. We refuse it."
)
PROJECTION_TYPE = "No projection is a number; LinkedIn refuses it and so do we, which test_refused_projections shows."
LEFT_OUT = {
    **dict.fromkeys(
        [
            (name, text)
            for name in ("encode_path", "encode_query", "encode_header", "stringify")
            for text in ('{"value": null}', '{"value": {"$t": "null", "v": ""}}', '{"value": {"n": null}}')
            if (name, text) != ("stringify", '{"value": {"n": null}}')
        ],
        NULL,
    ),
    ("query_string", '{"params": {"a": null}}'): NULL,
    ("query_string", '{"params": {"a": [null]}}'): NULL,
    ("query_string", '{"params": {"fields": 5}}'): PROJECTION_TYPE,
    ("lone_surrogates", '{"value": "\\ud800"}'): SURROGATE,
    ("lone_surrogates", '{"value": "\\udc00"}'): SURROGATE,
    ("lone_surrogates", '{"value": ["\\ud800"]}'): SURROGATE,
    ("lone_surrogates", '{"value": ["\\udc00"]}'): SURROGATE,
}


def cases(name: str, at_least: int = 1) -> list[dict[str, Any]]:
    kept = [case for case in load(name) if (name, json.dumps(case["in"])) not in LEFT_OUT]
    assert len(kept) >= at_least
    return kept


def test_every_case_left_out_exists() -> None:
    inputs = {(name, json.dumps(case["in"])) for name in {name for name, _ in LEFT_OUT} for case in load(name)}
    assert LEFT_OUT.keys() - inputs == set()


@pytest.mark.parametrize(("name", "text"), [key for key, reason in LEFT_OUT.items() if reason in (NULL, SURROGATE)])
def test_refuses_what_is_left_out(name: str, text: str) -> None:
    given = untagged(json.loads(text))
    if given == {"params": {"a": None}}:
        assert param_encode(given["params"]) == ""
    elif name == "query_string":
        assert refused_at(param_encode, given["params"]) == "query_params['a'][0]"
    else:
        assert refused_at(encode, given["value"]).startswith("value")


def same_text(tagged: Any, ours: Any, theirs: Any) -> bool:
    """Whether two readings of a vector's value agree: texts to the letter, those of numbers as the same number."""
    kind = tagged.get("$t") if isinstance(tagged, dict) else None
    if kind == "float" or isinstance(untagged(tagged), float):
        layout = "f" if kind == "float" else "d"  # Python has no 32-bit float, so that more digits are sent than matter
        return packed(layout, float(ours)) == packed(layout, float(theirs))
    return bool(ours == theirs)


def packed(layout: str, number: float) -> bytes:
    try:
        return struct.pack(layout, number)
    except OverflowError:
        return struct.pack(layout, float("inf"))


@pytest.mark.parametrize(
    ("name", "write"), [("encode_path", encode), ("encode_query", encode), ("encode_header", reduced_encode)]
)
@pytest.mark.parametrize("reader", [decode, reduced_decode, read])
def test_values_mean_what_linkedins_do(name: str, write: Callable[[Any], str], reader: Callable[[str], Any]) -> None:
    def agrees(case: dict[str, Any]) -> bool:
        value = case["in"]["value"]
        return same_text(value, reader(write(untagged(value))), reader(case["ok"]))

    assert [case for case in cases(name, 580) if not agrees(case)] == []


def test_the_reduced_form_is_linkedins_to_the_letter() -> None:
    texts = [case for case in cases("encode_header", 580) if not isinstance(untagged(case["in"]["value"]), float)]
    assert len(texts) > 500
    assert [case for case in texts if reduced_encode(untagged(case["in"]["value"])) != case["ok"]] == []


def test_scalars_are_written_as_java_does() -> None:
    def agrees(case: dict[str, Any]) -> bool:
        value = case["in"]["value"]
        return same_text(value, decode(encode(untagged(value))), case["ok"])

    assert [case for case in cases("stringify", 85) if not agrees(case)] == []


JAVA_DOUBLES = [
    case
    for case in load("stringify")
    if isinstance(case["in"]["value"], dict) and case["in"]["value"]["$t"] == "double"
]


@pytest.mark.parametrize("case", JAVA_DOUBLES, ids=lambda case: case["ok"])
def test_doubles_are_javas_to_the_letter(case: dict[str, Any]) -> None:
    # Java writes two digits at least, so 4.9E-324; before JDK 19 it does not find the fewest digits of 2.0E23.
    ours = {"5.0E-324": "4.9E-324", "2.0E23": "1.9999999999999998E23"}
    text = reduced_encode(untagged(case["in"]["value"]))
    assert ours.get(text, text) == case["ok"]


@pytest.mark.parametrize("component", ["PATH_SEGMENT", "QUERY_PARAM"])
def test_what_stays_bare_stays_bare_at_linkedin_too(component: str) -> None:
    def agrees(case: dict[str, Any]) -> bool:
        ours = encode(case["in"]["s"])
        return ours == case["ok"] or (len(case["in"]["s"]) == 1 and ours == f"%{ord(case['in']['s']):02X}")

    table = [case for case in cases("uri_encode_table") if case["in"]["component"] == component]
    assert len(table) > 50
    assert [case for case in table if not agrees(case)] == []


# Keys


def key_of(given: dict[str, Any], *, full: bool = True) -> Any:
    key = untagged(given["key"])
    return {**key, "$params": untagged(given["params"])} if full and "params" in given else key


def meaning(given: dict[str, Any], text: str) -> Any:
    return read_key(text) if given["kind"] == "simple" else read(text)


@pytest.mark.parametrize("name", ["key_path", "key_query"])
def test_keys_mean_what_linkedins_do(name: str) -> None:
    def agrees(case: dict[str, Any]) -> bool:
        given, ours = case["in"], encode(key_of(case["in"]))
        return same_text(given["key"], meaning(given, ours), meaning(given, case["ok"]))

    assert [case for case in cases(name, 540) if not agrees(case)] == []


def test_keys_stand_behind_the_path() -> None:
    def agrees(case: dict[str, Any]) -> bool:
        given, (base, _, theirs) = case["in"], case["ok"].rpartition("/")
        return bool(base == given["base"] and meaning(given, encode(key_of(given))) == meaning(given, theirs))

    assert [case for case in cases("key_in_uri", 200) if not agrees(case)] == []


def test_keys_in_batch_bodies_are_linkedins_to_the_letter() -> None:
    def agrees(case: dict[str, Any]) -> bool:
        return bool(body_key(key_of(case["in"], full=case["in"]["full"])) == case["ok"])

    assert [case for case in cases("key_body", 780) if not agrees(case)] == []


def test_keys_in_headers_are_linkedins() -> None:
    def agrees(case: dict[str, Any]) -> bool:
        given = case["in"]
        return same_text(given["key"], body_key(key_of(given, full=False)), case["ok"])

    assert [case for case in cases("key_header", 540) if not agrees(case)] == []


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


# Reading


class Refusal(NamedTuple):
    position: int


def outcome(reader: Callable[[str], Any], text: str) -> Any:
    try:
        return reader(text)
    except DecodeError as error:
        assert error.text == text
        return Refusal(error.position)


def expected(case: dict[str, Any], text: str) -> Any:
    return case["ok"] if "ok" in case else Refusal(position(case["error"]["message"], text))


def position(message: str, text: str) -> int:
    """Java's column or index counts UTF-16 units, ours characters; where the text ends too soon it names none."""
    if message.endswith("unexpected end of input"):
        return len(text)
    column = int(re.findall(r"(?:column|index) (\d+)", message)[-1])
    return len(text.encode("utf-16-be")[: 2 * column].decode("utf-16-be"))


@pytest.mark.parametrize("name", ["decode", "decode_fuzz"])
@pytest.mark.parametrize("reader", [decode, reduced_decode])
def test_elements_are_read_as_linkedin_does(name: str, reader: Callable[[str], Any]) -> None:
    wrong = [case for case in cases(name, 600) if outcome(reader, case["in"]["s"]) != expected(case, case["in"]["s"])]
    assert wrong == []


@pytest.mark.parametrize("name", ["decode_query", "decode_query_fuzz"])
def test_queries_are_read_as_linkedin_does(name: str) -> None:
    assert [case for case in cases(name, 380) if not reads_query_alike(case)] == []


OTHER_FAULT = {"1fields=:=:&&+", "%20?fields=b='':&:", "#b='':&''"}
"""Queries with two faults: LinkedIn reads parameters in the order of a HashMap, and so names the second one."""


def reads_query_alike(case: dict[str, Any]) -> bool:
    query, ours = case["in"]["q"], outcome(param_decode, case["in"]["q"])
    if "ok" in case:
        return bool(ours == case["ok"])
    if query in OTHER_FAULT or "unexpected repeated query param" in case["error"]["message"]:
        return isinstance(ours, Refusal)
    start = query.rfind("&", 0, ours.position) + 1
    name, equals, value = query[start:].partition("&")[0].partition("=")
    if case["error"]["message"].startswith("URLDecoder"):  # of java.net, whose index counts from behind the %
        return bool(query[: ours.position].endswith("%") and ours.position < start + len(name))
    return bool(ours.position == start + len(name + equals) + position(case["error"]["message"], value))


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


# Queries


PROJECTIONS = {"fields", "metadataFields", "pagingFields"}


def test_queries_mean_what_linkedins_do() -> None:
    def agrees(case: dict[str, Any]) -> bool:
        ours, theirs = param_encode(untagged(case["in"]["params"])), case["ok"] or ""
        return bool(param_decode(ours) == param_decode(theirs) == read_query(ours) == read_query(theirs))

    queries = [case for case in cases("query_string", 460) if not PROJECTIONS & case["in"]["params"].keys()]
    assert len(queries) > 370
    assert [case for case in queries if not agrees(case)] == []


def test_projections_are_linkedins_to_the_letter_or_refused() -> None:
    # Servers do not decode projections, so what LinkedIn's encoder escapes would be another field there: refused, as
    # is what no server can parse. White space is dropped there, so here.
    def agrees(case: dict[str, Any]) -> bool:
        try:
            ours = param_encode(case["in"]["params"])
        except InvalidCallError as error:
            return error.argument == "query_params['fields']" and (
                "%" in case["ok"] or set(":()") & set(case["ok"]) != set()
            )
        return ours == re.sub("%20|%0A", "", case["ok"])

    projections = [case for case in cases("query_string") if PROJECTIONS & case["in"]["params"].keys()]
    assert len(projections) > 70
    assert [case for case in projections if not agrees(case)] == []


def test_parameters_are_sorted_by_their_encoded_names() -> None:
    # Unlike the keys of a map: %EE%80%80 (U+E000) comes before %F0%9F%98%80 (U+1F600).
    assert param_encode({"b": 1, "\U0001f600": 2, "\ue000": 3, "a b": 4, "B": 5, "ab": 6}) == (
        "%EE%80%80=3&%F0%9F%98%80=2&B=5&a%20b=4&ab=6&b=1"
    )


@pytest.mark.parametrize("params", [{}, {"a": None}, MappingProxyType({"a": None, "b": None})])
def test_no_parameters_are_an_empty_query(params: Any) -> None:
    assert param_encode(params) == ""


def test_none_leaves_a_parameter_out() -> None:
    assert param_encode({"a": 1, "b": None, "fields": None, "c": ""}) == "a=1&c=''"


@pytest.mark.parametrize("name", ["fields", "metadataFields", "pagingFields"])
def test_projections_are_sent_raw(name: str) -> None:
    assert param_encode({name: "id,name:(localized),a:($*)"}) == f"{name}=id,name:(localized),a:($*)"
    assert param_decode(f"{name}=id,name:(&a=1") == {name: "id,name:(", "a": "1"}
    assert param_decode(name) == {name: ""}


def test_an_enum_that_is_text_may_name_a_parameter() -> None:
    assert param_encode({Status.ODD: 1, Status.FIELDS: "a:(b)", Urn("urn:li:x:1"): 2}) == (
        "a%2Cb=1&fields=a:(b)&urn%3Ali%3Ax%3A1=2"
    )


def test_refused_projections() -> None:
    assert refused_at(param_encode, {"fields": 5}) == "query_params['fields']"


@pytest.mark.parametrize("params", [None, [("a", 1)], "a=1", 5])
def test_parameters_must_be_a_mapping(params: Any) -> None:
    assert refused_at(param_encode, params) == "query_params"


@pytest.mark.parametrize("name", [1, None, True, b"a", ("a",)])
def test_parameter_names_must_be_text(name: Any) -> None:
    assert refused_at(param_encode, {name: 1}) == "query_params"


def test_a_parameter_name_with_half_a_surrogate_pair_is_refused() -> None:
    assert refused_at(param_encode, {"\ud800": 1}) == r"query_params['\ud800']"


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("a=1&a=2", 4),
        ("a=1&%61=2", 4),
        ("a+b=1&a%20b=2", 6),
        ("fields=a&fields=b", 9),
        ("a", 1),
        ("b=1&a", 5),
        ("b=1&a&c=2", 5),
        ("b=1&a=&c=2", 6),
        ("b=1&a=List(1,%zz)", 14),
        ("b=1&a=x:y", 7),
        ("b=1&a=%4", 6),
        ("b=1&a=%4&c=1", 6),
        ("b=1&%zz=1", 5),
        ("b=1&%4=1", 4),
    ],
)
def test_positions_count_from_the_start_of_the_query(query: str, where: int) -> None:
    assert outcome(param_decode, query) == Refusal(where)


@pytest.mark.parametrize(
    ("query", "params"),
    [
        ("", {}),
        ("&&", {}),
        ("=1&=%zz&=", {}),
        ("a+b=c+d", {"a b": "c+d"}),
        ("a%2Bb=1", {"a+b": "1"}),
        ("a=b=c", {"a": "b=c"}),
        ("''=1", {"''": "1"}),
        ("a=''&b=%27%27", {"a": "", "b": "''"}),
        ("a=1&", {"a": "1"}),
        ("%66ields=%2C", {"fields": "%2C"}),
    ],
)
def test_reading_queries(query: str, params: dict[str, Any]) -> None:
    assert param_decode(query) == params


# Values of every type


class Plain(Enum):
    TEXT = "x"
    NUMBER = 1.5
    PAIR = (1, "a")
    INNER = Status.ODD


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
    ([{"red": "a"}, {Coded.RED: "b"}], "List((red:a),(r:b))", "List((red:a),(r:b))"),
    ([{"%%": "%b"}, {"%%": ""}], "List((%25%25:%25b),(%25%25:''))", "List((%25%25:%25b),(%25%25:''))"),
    ([{}, {}], "List((),())", "List((),())"),
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
    return repr(value)[:40]


@pytest.mark.parametrize(("value", "text", "reduced"), VALUES, ids=short)
def test_writing_values(value: Any, text: str, reduced: str) -> None:
    assert encode(value) == text
    assert reduced_encode(value) == reduced
    assert param_encode({"a": value}) == f"a={text}"
    assert decode(text) == reduced_decode(reduced)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("", ""),
        ("''", "''"),
        ("urn:li:share:1", "urn:li:share:1"),
        ("(a,b)%", "(a,b)%"),
        (Urn("urn:li:x:(a,b)"), "urn:li:x:(a,b)"),
        (5, "5"),
        (True, "true"),
        (1.5, "1.5"),
        (b"\xff", "\xff"),
        (b"", ""),
        (Status.ODD, "a,b"),
        ({"b": "x y", "a": "1:2", "$params": {"p": ""}}, "($params:(p:''),a:1%3A2,b:x y)"),
        ({}, "()"),
        ([1, "a,b"], "List(1,a%2Cb)"),
        ((1, 2), "List(1,2)"),
        (Plain.PAIR, "List(1,a)"),
    ],
)
def test_keys_in_batch_bodies(key: Any, text: str) -> None:
    assert body_key(key) == text


def test_map_keys_are_sorted_by_utf_16_code_units() -> None:
    # As Java's strings are: U+1F600 is D83D DE00 there, and comes before U+E000.
    value = {"\ue000": 1, "\U0001f600": 2, "\uffff": 3, "z": 4, "\U0010ffff": 5, "": 6}
    assert reduced_encode(value) == "('':6,z:4,\U0001f600:2,\U0010ffff:5,\ue000:1,\uffff:3)"


# What cannot be written

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
    ([Decimal("1E+999999999")], "[0]"),
    (CYCLIC_LIST, "[1]['a']"),
    (CYCLIC_MAP, "['a'][1][0]"),
    ({"status": ["a", "b", None]}, "['status'][2]"),
    (((),) * 2 + ({"k": {"status": (1, None)}},), "[2]['k']['status'][1]"),
]


@pytest.mark.parametrize(
    ("value", "place"), REFUSED, ids=[f"{type(value).__name__}{place}" for value, place in REFUSED]
)
def test_refused_values_are_named(value: Any, place: str) -> None:
    assert refused_at(encode, value) == refused_at(reduced_encode, value) == f"value{place}"
    assert refused_at(body_key, value) == f"key{place}"
    assert refused_at(param_encode, {"ok": 1, "search": [value]}) == f"query_params['search'][0]{place}"


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


@pytest.mark.parametrize(
    ("most", "more"),
    [(10**4299, 10**4300), (-(10**4299), -(10**4300)), (Decimal("1E+4299"), Decimal("1E+4300"))],
    ids=["int", "negative", "Decimal"],
)
def test_numbers_have_no_more_digits_than_python_converts(most: Any, more: Any) -> None:
    assert encode([most]).strip("List(-)") == "1" + "0" * 4299
    assert refused_at(encode, more) == "value"
    assert refused_at(encode, [more]) == "value[0]"


def test_small_decimals_have_a_limit_too() -> None:
    assert encode(Decimal("1E-4299")) == "0." + "0" * 4298 + "1"
    assert refused_at(encode, Decimal("1E-4300")) == "value"
    assert refused_at(encode, Decimal("0." + "1" * 5000)) == "value"


def test_the_limit_on_the_digits_of_an_int_is_pythons_own() -> None:
    limit = sys.get_int_max_str_digits()
    try:
        sys.set_int_max_str_digits(0)
        assert encode(10**5000) == "1" + "0" * 5000
    finally:
        sys.set_int_max_str_digits(limit)


# What cannot be read


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


# Depth and size


@pytest.mark.parametrize(
    ("level", "opening", "closing"), [("[", "List(", ")"), ("{", "(k:", ")"), ("[{", "(k:List(", "))")]
)
def test_depth(level: str, opening: str, closing: str, depth: int) -> None:
    times = depth // len(level)
    value, text = nested("a", level * times), opening * times + "a" + closing * times
    assert encode(value) == text
    assert same(decode(text), value)
    assert not same(decode(text.replace("a", "b")), value)


def test_depth_in_the_other_forms(depth: int) -> None:
    value, text = nested("a", "[{" * (depth // 2)), "(k:List(" * (depth // 2) + "a" + "))" * (depth // 2)
    assert reduced_encode(value) == text
    assert param_encode({"x": value}) == f"x={text}"
    assert same(reduced_decode(text), value)
    assert same(param_decode(f"x={text}")["x"], value)


def test_depth_of_empty_containers(depth: int) -> None:
    value = nested([], "[" * (depth - 1))
    assert encode(value) == "List(" * depth + ")" * depth
    assert same(decode("List(" * depth + ")" * depth), value)


def test_depth_of_maps_that_are_alike(depth: int) -> None:
    level = nested("a", "{" * depth)
    text = encode(level)
    assert encode([level, level]) == f"List({text},{text})"


def test_refusals_at_depth(depth: int) -> None:
    place = refused_at(encode, nested(None, "[{" * (depth // 2)))
    assert len(place) == 200
    assert place.startswith("value['k'][0]['k']")
    assert place.endswith("['k'][0]")
    assert outcome(decode, "List(" * depth) == Refusal(5 * depth)
    assert outcome(decode, "(a:" * depth + ")" * depth) == Refusal(3 * depth)


def test_a_cycle_at_depth(depth: int) -> None:
    inner: list[Any] = []
    outer = nested(inner, "[" * depth)
    inner.append(outer)
    assert refused_at(encode, outer).endswith("[0][0]")
    inner.clear()


def test_many_items(many: int) -> None:
    items = 10 * many
    value: list[Any] = [*["a,b"] * items, {}]
    text = encode(value)
    assert text == f"List({'a%2Cb,' * items}())"
    assert decode(text) == value


def test_many_texts(many: int) -> None:
    # A list of nothing but texts is read by a way of its own.
    value = ["a,b", "", "List", "%"] * (many // 2)
    assert decode(encode(value)) == value


def test_a_map_of_many_keys(many: int) -> None:
    value = {f"k{number:06}": str(number) for number in range(many)}
    text = encode(dict(reversed(value.items())))
    assert text == f"({','.join(f'{key}:{item}' for key, item in value.items())})"
    assert decode(text) == value


def test_a_long_text(many: int) -> None:
    text = "%(),:' \u20ac" * many
    assert decode(encode(text)) == decode(reduced_encode(text)) == text
