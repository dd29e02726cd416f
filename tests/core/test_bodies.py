"""JSON bodies: what goes out is what was meant, or it does not go out."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction
from typing import Any, NamedTuple

import pytest

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
        ([float("inf")], "cannot be written as JSON"),
        (Decimal("Infinity"), "Decimal is not a type of JSON"),
        (Decimal("sNaN"), "Decimal is not a type of JSON"),
        (CYCLE, "cannot be written as JSON: Circular reference"),
        (FROZEN_CYCLE, "cannot be written as JSON"),
        ("\ud800", "lone surrogate"),
        ({"\udfff": 1}, "lone surrogate"),
        ({1: 2}, "a key is of type int"),
        ({None: 2}, "a key is of type NoneType"),
        ({1.5: 2}, "a key is of type float"),
        ([({"a": {False: 2}},)], "a key is of type bool"),
        (Frozen(a=[{2: 2}]), "a key is of type int"),
        ({(1,): 2}, "keys must be"),
        ({b"a": 2}, "keys must be"),
        ({Plain.TEXT: 2}, "keys must be"),
        ({1, 2}, "set is not a type of JSON"),
        (b"x", "bytes is not a type of JSON"),
        (Fraction(1, 2), "Fraction is not a type of JSON"),
        (object(), "object is not a type of JSON"),
        ([10**5000], "cannot be written as JSON"),
    ],
)
def test_what_json_cannot_say_is_refused(value: Any, reason: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        json_body(value, "entity", strict_dumps)
    assert caught.value.argument == "entity"
    assert reason in caught.value.reason


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
