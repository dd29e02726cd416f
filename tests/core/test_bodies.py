"""JSON bodies: what goes out is what was meant, or it does not go out."""

from __future__ import annotations

import json
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
import pytest

from restli_core.base_errors import SuspiciousValueWarning
from restli_core.bodies import json_body, strict_dumps
from restli_core.errors import InvalidCallError
from restli_core.urn import Urn


class Plain(Enum):
    TEXT = "x"
    LIST = (1, "y")
    AMOUNT = Decimal("1.10")


class Word(StrEnum):
    A = "a"


class Number(IntEnum):
    TWO = 2


class Frozen(Mapping[str, Any]):
    """A mapping that is no dict and makes its values anew each time."""

    def __init__(self, **fields: Any) -> None:
        self.fields = fields

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)


class Point(NamedTuple):
    x: int
    y: int


def never(self: Any, *_: Any) -> Any:
    raise AssertionError(f"what {type(self).__name__} formats as was asked for")


class ShowyText(str):
    __slots__ = ()
    __str__ = __format__ = encode = never  # type: ignore[assignment]
    if sys.version_info < (3, 14):  # later ones have `json` show the repr of a name where it fails below that name
        __repr__ = never


class ShowyInt(int):
    __str__ = __repr__ = __format__ = __int__ = __index__ = never


class ShowyFloat(float):
    __str__ = __repr__ = __format__ = __float__ = __pos__ = __abs__ = is_integer = never


class ShowyDecimal(Decimal):
    __str__ = __repr__ = __format__ = is_finite = as_tuple = never


class WholeNumber:
    """An integer of another library, which is not an int."""

    def __index__(self) -> int:
        return 7


Integral.register(WholeNumber)


TAG = "\ue000decimal:"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "{}"),
        ([1, "a", True, False, None, 1.5, -0.0], '[1,"a",true,false,null,1.5,-0.0]'),
        ({"b": 1, "a": 2}, '{"b":1,"a":2}'),
        ('\u00e9\u2028\U0001f600\x00\x7f"\\/', '"\u00e9\u2028\U0001f600\\u0000\x7f\\"\\\\/"'),
        (Urn("urn:li:x:1"), '"urn:li:x:1"'),
        ({Urn("urn:li:x:1"): 1}, '{"urn:li:x:1":1}'),
        ([Plain.TEXT, Plain.LIST, Word.A, Number.TWO, Plain.AMOUNT], '["x",[1,"y"],"a",2,1.10]'),
        ({Word.A: 1}, '{"a":1}'),
        (Frozen(a=Frozen(b=[Frozen()])), '{"a":{"b":[{}]}}'),
        (OrderedDict(a=1), '{"a":1}'),
        (Point(1, 2), "[1,2]"),
        ([10**400], f"[{10**400}]"),
        (Decimal("0.10"), "0.10"),
        (Decimal("-0"), "-0"),
        (Decimal("1E+30"), "1E+30"),
        (Decimal("1e-9"), "1E-9"),
        (
            Decimal("3.14159265358979323846264338327950288419716939937510"),
            "3.14159265358979323846264338327950288419716939937510",
        ),
        ([Decimal("1.0"), {"a": Decimal("2.00")}], '[1.0,{"a":2.00}]'),
        ([TAG, Decimal("1.0")], f'["{TAG}",1.0]'),
        ([f"{TAG}1.5", Decimal("1.0")], f'["{TAG}1.5",1.0]'),
        ([TAG * 5, Decimal("1.0"), "x" + TAG], f'["{TAG * 5}",1.0,"x{TAG}"]'),
        ({TAG: Decimal("1.0")}, f'{{"{TAG}":1.0}}'),
        ([f'"{TAG}2"', Decimal("1.0")], f'["\\"{TAG}2\\"",1.0]'),
        (TAG, f'"{TAG}"'),
    ],
)
def test_json(value: Any, text: str) -> None:
    assert strict_dumps(value) == text.encode()
    assert json_body(value, "entity", strict_dumps) == text.encode()
    json.loads(text)


CYCLE: list[Any] = []
CYCLE.append({"a": CYCLE})
FROZEN_CYCLE = Frozen()
FROZEN_CYCLE.fields["a"] = FROZEN_CYCLE


def deep(levels: int) -> Any:
    nested: Any = 1
    for _ in range(levels):
        nested = Frozen(a=[nested])
    return nested


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (float("nan"), "cannot be written as JSON"),
        (float("inf"), "cannot be written as JSON"),
        (Decimal("Infinity"), "cannot be written as JSON"),
        (Decimal("sNaN"), "cannot be written as JSON"),
        (np.float32("nan"), "cannot be written as JSON"),
        ("\ud800", "lone surrogate"),
        ({1: 2}, "a key is of type int"),
        ({None: 2}, "a key is of type NoneType"),
        ({1.5: 2}, "a key is of type float"),
        ({(1,): 2}, "keys must be"),
        ({b"a": 2}, "keys must be"),
        ({Plain.TEXT: 2}, "keys must be"),
        ({1, 2}, "set is not a type of JSON"),
        (1j, "complex is not a type of JSON"),
        (object(), "object is not a type of JSON"),
        (10**5000, "cannot be written as JSON"),
        (date(2026, 3, 4), "it is a date: give milliseconds since 1970"),
        (date(2026, 3, 4), '{"year": 2026, "month": 3, "day": 4}'),
        (datetime(2026, 3, 4, tzinfo=UTC), "it is a datetime: give milliseconds since 1970"),
        (time(1), "it is a time: give a number"),
        (timedelta(1), "it is a timedelta: give a number"),
        (np.datetime64("2026-01-01"), "it is a datetime64: give milliseconds since 1970"),
        (np.timedelta64(1, "D"), "it is a timedelta64: give a number"),
        (np.array([1, 2]), "ndarray: give its tolist()"),
        (Fraction(10**400), "does not tell its value: OverflowError"),
    ],
    ids=lambda value: ascii(value) if isinstance(value, str) else type(value).__name__,
)
@pytest.mark.parametrize(
    ("around", "place"),
    [
        (lambda value: value, ""),
        (lambda value: [0, value], "[1]"),
        (lambda value: {"a": [{"b": value}], "c": float("nan")}, "['a'][0]['b']"),
        (lambda value: Frozen(a=(1, Frozen(b=value))), "['a'][1]['b']"),
    ],
    ids=["alone", "list", "dict", "mapping"],
)
def test_what_json_cannot_say_is_refused_at_its_place(
    value: Any, reason: str, around: Callable[[Any], Any], place: str
) -> None:
    with pytest.raises(InvalidCallError) as caught:
        json_body(around(value), "entity", strict_dumps)
    assert caught.value.argument == f"entity{place}"
    assert reason in caught.value.reason


@pytest.mark.parametrize("name", ["\ud800", "a\udfff"])
def test_a_name_with_a_lone_surrogate_is_refused_at_its_place(name: str) -> None:
    with pytest.raises(InvalidCallError, match="lone surrogate") as caught:
        json_body({"a": {name: 1}}, "entity", strict_dumps)
    assert caught.value.argument == f"entity['a'][{name!r}]"


@pytest.mark.parametrize(("cycle", "place"), [(CYCLE, "entity[0]['a']"), (FROZEN_CYCLE, "entity['a']")])
def test_a_cycle_is_refused_at_its_place(cycle: Any, place: str) -> None:
    with pytest.raises(InvalidCallError, match="contains itself") as caught:
        json_body(cycle, "entity", strict_dumps)
    assert caught.value.argument == place


def test_what_the_caller_gave_names_the_place() -> None:
    given = [{}, {"a": {"b": float("nan")}}]
    with pytest.raises(InvalidCallError) as caught:
        json_body({"entities": dict(enumerate(given))}, "entities", strict_dumps, given)
    assert caught.value.argument == "entities[1]['a']['b']"


# -- values that count for what they are -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.int64(-5), "-5"),
        (np.uint64(2**64 - 1), "18446744073709551615"),
        (np.float64(0.1), "0.1"),
        (np.float32(0.5), "0.5"),
        (np.bool_(True), "true"),
        (np.str_("a"), '"a"'),
        (np.bytes_(b"a\xff"), '"a\xff"'),
        (np.array(5), "5"),
        (Fraction(1, 2), "0.5"),
        (WholeNumber(), "7"),
        (b"\x00a\xff", '"\\u0000a\xff"'),
        (b"", '""'),
        (ShowyText("a"), '"a"'),
        (ShowyInt(5), "5"),
        (ShowyFloat(1.5), "1.5"),
        (ShowyDecimal("1.50"), "1.50"),
        ({ShowyText("a"): ShowyDecimal("1E+2")}, '{"a":1E+2}'),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_count_for_what_they_are(value: Any, text: str) -> None:
    assert json_body({"a": [value]}, "entity", strict_dumps) == f'{{"a":[{text}]}}'.encode()


# -- a dumps of the caller's -------------------------------------------------------------------------------------------


def lenient(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_no_dumps_may_write_what_json_does_not_have(value: float) -> None:
    with pytest.raises(InvalidCallError, match="neither NaN nor infinity") as caught:
        json_body({"a": "[NaN]", "b": [1, {"c": value}]}, "entity", lenient)
    assert caught.value.argument == "entity['b'][1]['c']"


def test_a_text_may_speak_of_nan() -> None:
    body = json_body({"a": "NaN", "b": "[NaN, -Infinity]", "c": 1.5}, "entity", lenient)
    assert json.loads(body)["b"] == "[NaN, -Infinity]"


def test_a_dumps_may_write_null_for_nan() -> None:
    assert json_body({"a": float("nan"), "b": "NaN"}, "entity", lambda _: b'{"a":null,"b":"NaN"}')


def test_what_a_dumps_refuses_is_named() -> None:
    with pytest.raises(InvalidCallError, match="set is not JSON serializable") as caught:
        json_body({"a": [1, date.min, {2}]}, "entity", lambda value: json.dumps(value, default=only_dates).encode())
    assert caught.value.argument == "entity['a'][2]"


def only_dates(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not JSON serializable")


def test_a_dumps_that_takes_no_single_value_blames_the_whole() -> None:
    def of_models(value: Any) -> bytes:
        raise ValueError("no name") if isinstance(value, dict) else TypeError("not a model")

    with pytest.raises(InvalidCallError, match="no name") as caught:
        json_body({"a": 1}, "entity", of_models)
    assert caught.value.argument == "entity"


# -- what was encoded already ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dumps", [strict_dumps, lenient])
@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"author": "urn%3Ali%3Aperson%3A7"}, "entity['author']"),
        ({"a": ["x", {"b": "urn%3ali%3aperson%3a7"}]}, "entity['a'][1]['b']"),
        (
            {"a": {"urn%3Ali%3AadTargetingFacet%3Alocations": 1}},
            "entity['a']['urn%3Ali%3AadTargetingFacet%3Alocations']",
        ),
        ({"a": {"urn:li:adTargetingFacet%3Alocations": []}}, "entity['a']['urn:li:adTargetingFacet%3Alocations']"),
        ({"a": ["urn:li:person%3A7", "urn:li%3Aperson:7"], "b": "urn%3Ali%3Aperson%3A7"}, "entity['a'][0]"),
    ],
)
def test_a_urn_that_was_encoded_already_is_warned_of(value: Any, place: str, dumps: Any) -> None:
    with pytest.warns(SuspiciousValueWarning) as caught:
        json_body(value, "entity", dumps)
    assert [str(one.message).partition(": ")[0] for one in caught] == [place]


@pytest.mark.parametrize(
    "text",
    ["urn%3A is how it begins", "see urn%3Ali%3Aperson%3A7", "urn%", "List(a,b)", "(a:b)", "urn:li:corpuser:a%3Ab"],
)
def test_other_texts_of_a_body_are_the_callers_own(text: str) -> None:
    assert json.loads(json_body({"a": text}, "entity", strict_dumps)) == {"a": text}


def test_what_is_too_deep_for_json_is_refused() -> None:
    with pytest.raises(InvalidCallError, match="too deep"):
        json_body(deep(100_000), "entity", strict_dumps)


class Odd(Exception):
    pass


def fails(_: Any) -> bytes:
    raise Odd("for its own reasons")


def test_what_a_dumps_raises_is_the_cause() -> None:
    with pytest.raises(InvalidCallError, match="for its own reasons") as caught:
        json_body({}, "entity", fails)
    assert isinstance(caught.value.__cause__, Odd)


@pytest.mark.parametrize(("dumps", "kind"), [(json.dumps, "str"), (lambda _: bytearray(), "bytearray"), (5, "int")])
def test_dumps_must_be_a_function_that_gives_bytes(dumps: Any, kind: str) -> None:
    with pytest.raises(InvalidCallError, match=f"not {kind}$") as caught:
        json_body({}, "entity", dumps)
    assert caught.value.argument == "dumps"


def test_dumps_must_give_at_least_one_byte() -> None:
    with pytest.raises(InvalidCallError, match="at least one byte") as caught:
        json_body({}, "entity", lambda _: b"")
    assert caught.value.argument == "dumps"


def test_names_are_checked_under_any_dumps() -> None:
    with pytest.raises(InvalidCallError, match="a key is of type int"):
        json_body({"a": [{1: 2}]}, "entity", lambda _: b"{}")


def test_a_dumps_may_let_cycles_and_sharing_pass() -> None:
    shared: Any = []
    for _ in range(200):
        shared = [shared, shared]
    assert json_body([CYCLE, FROZEN_CYCLE, shared], "entity", lambda _: b"{}") == b"{}"


def test_what_contains_itself_is_looked_through_where_a_dumps_takes_it() -> None:
    entity: dict[str, Any] = {"a": []}
    entity["a"] += [entity, entity["a"]]
    assert json_body(entity, "entity", lambda _: b"{}") == b"{}"
    entity["a"].append({1: 2})
    with pytest.raises(InvalidCallError, match="keys must be text"):
        json_body(entity, "entity", lambda _: b"{}")


@pytest.mark.parametrize("own", [["1", "a2"], ["true", "1"], ["null", "x"]])
def test_names_that_are_known_to_be_text_hide_none_that_is_not(own: list[str]) -> None:
    given: list[dict[Any, Any]] = [{"a": 1}, {"b": 2}]
    assert json_body({"entities": dict(zip(own, given, strict=True))}, "entities", strict_dumps, given, own)
    given[1][3] = 4
    with pytest.raises(InvalidCallError, match=r"entities\[1\]"):
        json_body({"entities": dict(zip(own, given, strict=True))}, "entities", strict_dumps, given, own)
