"""The text of scalars: as Java writes it, to the letter where both find the fewest digits."""

from __future__ import annotations

import datetime
import numbers
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from restli_core.encoding import decode, encode, reduced_encode
from restli_core.encoding.scalars import SCALARS, Refused, native_scalar, scalar_text
from restli_core.urn import Urn
from tests.support.codec import Status, cases, refused_at, same_text
from tests.vectors import load, untagged


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


class Word(str):
    """Text of a class of the caller's."""

    __slots__ = ()


class Count(int):
    """A number of a class of the caller's."""


@pytest.mark.parametrize(
    ("value", "octets"),
    [
        ("", b""),
        ("a\u20ac%", b"a\xe2\x82\xac%"),
        (Word("a"), b"a"),
        (Status.ODD, b"a,b"),
        (Urn("urn:li:x:1"), b"urn:li:x:1"),
        (True, b"true"),
        (Count(5), b"5"),
        (1e20, b"1.0E20"),
        (Decimal("1E+3"), b"1000"),
        (b"\xff", b"\xc3\xbf"),
    ],
)
def test_octets_of_scalars(value: object, octets: bytes) -> None:
    text = scalar_text(value)
    assert text is not None
    assert text.encode() == octets


@pytest.mark.parametrize("value", [None, [], (), {}, object(), 1j], ids=lambda value: type(value).__name__)
def test_what_is_not_a_scalar_has_none(value: object) -> None:
    assert scalar_text(value) is None


def test_numbers_of_too_many_digits_are_refused() -> None:
    with pytest.raises(Refused, match="more digits than Python converts"):
        scalar_text(10**5000)
    with pytest.raises(Refused, match="more than 4300 digits"):
        scalar_text(Decimal("1E+4300"))


def test_the_general_path_takes_a_bool_for_a_bool() -> None:
    # `scalar_text` takes the first type of the table that fits.
    types = [*SCALARS]
    assert types.index(bool) < types.index(int)
    assert all(SCALARS[kind]("a") == "a" for kind in (str, Urn))


# -- scalars of other libraries ----------------------------------------------------------------------------------------


@numbers.Integral.register
class Whole:
    """A whole number of another library."""

    def __index__(self) -> int:
        return 7


@numbers.Real.register
class Broken:
    """A number that does not tell its value."""

    def __float__(self) -> float:
        raise RuntimeError("secret")


def of_numpy(**methods: Callable[..., Any]) -> Any:
    """Return an object of a class that says that it is numpy's."""
    return type("bool", (), {"__module__": "numpy", **methods})()


class Tolisted(list[int]):
    """A list that says how to become one."""

    def tolist(self) -> list[int]:
        return [*self]


@pytest.mark.parametrize(
    ("value", "native"),
    [
        (Whole(), 7),
        (Fraction(1, 2), 0.5),
        (of_numpy(item=lambda _: True), True),
        (of_numpy(item=lambda _: "text"), "text"),
        (of_numpy(item=lambda _: b"b", tolist=lambda _: b"b"), b"b"),
    ],
    ids=["Integral", "Real", "bool", "text", "bytes"],
)
def test_a_scalar_stands_for_one_of_a_built_in_type(value: object, native: object) -> None:
    found = native_scalar(value)
    assert (type(found), found) == (type(native), native)
    assert scalar_text(value) == scalar_text(native)


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        (1,),
        {},
        Tolisted([1]),
        object(),
        of_numpy(),
        of_numpy(item=lambda _: [1]),
        of_numpy(item=lambda _: None),
    ],
    ids=["None", "list", "tuple", "dict", "subclass", "object", "no_item", "item_list", "item_None"],
)
def test_what_stands_for_none(value: object) -> None:
    assert native_scalar(value) is None


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (Broken(), "is of type Broken, which does not tell its value: RuntimeError"),
        (of_numpy(item=lambda _: 1 / 0), "is of type bool, which does not tell its value: ZeroDivisionError"),
        (type("Array", (), {"tolist": list})(), "is of type Array: give its tolist()"),
        (of_numpy(item=lambda _: 1 / 0, tolist=list), "is of type bool: give its tolist()"),
    ],
    ids=["number", "item", "array", "numpy_array"],
)
def test_why_an_object_of_another_library_is_refused(value: object, reason: str) -> None:
    with pytest.raises(Refused) as caught:
        scalar_text(value)
    assert str(caught.value) == reason


MILLIS = "give milliseconds since 1970, restli_core.linkedin.dates.millis(moment), or a date as"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (datetime.date(1999, 12, 24), f'is a date: {MILLIS} {{"year": 1999, "month": 12, "day": 24}}'),
        (
            datetime.datetime(1999, 12, 24, tzinfo=datetime.UTC),
            f'is a datetime: {MILLIS} {{"year": 2026, "month": 1, "day": 31}}',
        ),
        (type("datetime64", (), {})(), f'is a datetime64: {MILLIS} {{"year": 2026, "month": 1, "day": 31}}'),
        (datetime.time(1), "is a time: give a number, such as milliseconds"),
        (datetime.timedelta(1), "is a timedelta: give a number, such as milliseconds"),
        (type("timedelta64", (), {})(), "is a timedelta64: give a number, such as milliseconds"),
    ],
    ids=["date", "datetime", "datetime64", "time", "timedelta", "timedelta64"],
)
def test_dates_and_times_are_refused_with_what_to_give(value: object, reason: str) -> None:
    with pytest.raises(Refused) as caught:
        scalar_text(value)
    assert str(caught.value) == reason
