"""The text of a scalar, without any escape: text as it is, numbers as Java's ``toString`` writes them.

A value counts for what it is: no method of a subclass has a say in what is sent, and a number of another library's is
sent as the int or float that it stands for.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from numbers import Integral, Real
from typing import Any, Final

from restli_core.urn import Urn

__all__ = ["SCALARS", "Refused", "avro_text", "native_scalar", "scalar_text"]

MAX_DIGITS: Final = 4300  # Python's own limit for an int (sys.int_info.default_max_str_digits), for a Decimal too


class Refused(Exception):
    """Why a value cannot be encoded: an error without its place, which only the code that walks to it knows."""


def scalar_text(value: object) -> str | None:
    """Return the text of a scalar, which may be of a subclass; None for what is not a scalar.

    Raises:
        Refused: a number of too many digits; a date or a time.
    """
    write = SCALARS.get(type(value))
    if write is None:
        write = next((write for kind, write in SCALARS.items() if isinstance(value, kind)), None)
    if write is not None:
        return write(value)
    native = native_scalar(value)
    return None if native is None else SCALARS[type(native)](native)


def native_scalar(value: object) -> str | bytes | int | float | None:
    """Return the value of a built-in type that a scalar of another library stands for; None for what is not a scalar.

    Such scalars are numbers by `numbers.Integral` or `numbers.Real`, as those of numpy are, and numpy's bool.

    Raises:
        Refused: a date or a time, with what to give; an array; a number that does not tell its value.
    """
    if value is None or isinstance(value, list | tuple | Mapping | memoryview):
        return None
    kind = type(value)
    native: object = None
    reason = None
    try:
        if isinstance(value, Integral):
            native = int.__pos__(operator.index(value))
        elif isinstance(value, Real):
            native = float.__pos__(float(value))
        elif kind.__module__ == "numpy":
            read: Any = getattr(value, "item", None)
            native = None if read is None else read()  # numpy's bool is not a number to `numbers`
    except Exception as error:  # noqa: BLE001 - the class of another library may raise what it likes
        reason = f"is of type {kind.__name__}, which does not tell its value: {type(error).__name__}"
    if isinstance(native, bool | int | float | str | bytes):
        return native
    date = _date_reason(value)
    if date is None and callable(getattr(value, "tolist", None)):
        reason = f"is of type {kind.__name__}: give its tolist()"  # an array or a series
    if date is not None or reason is not None:
        raise Refused(date or reason)
    return None


def _date_reason(value: object) -> str | None:
    """Return why a date or a time is refused, with what to give in its place; None for other values."""
    # Slow to import, and needed only for what is refused.
    import datetime  # noqa: PLC0415

    name = type(value).__name__
    year, month, day = 2026, 1, 31
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        year, month, day = datetime.date.timetuple(value)[:3]
    elif isinstance(value, datetime.time | datetime.timedelta) or name == "timedelta64":
        return f"is a {name}: give a number, such as milliseconds"
    elif not isinstance(value, datetime.datetime) and name != "datetime64":
        return None
    millis = "milliseconds since 1970, restli_core.linkedin.dates.millis(moment)"
    return f'is a {name}: give {millis}, or a date as {{"year": {year}, "month": {month}, "day": {day}}}'


def _int_text(value: int) -> str:
    try:
        return int.__repr__(value)  # of a subclass the number alone
    except ValueError:
        raise Refused("is an int of more digits than Python converts to text") from None


def _float_text(value: float) -> str:
    """Return the text of Java's Double.toString, with the digits of Python's repr: the fewest that name the number.

    That is plain digits from 0.001 up to 10,000,000, and d.dE[-]n for other numbers.
    """
    value = float.__pos__(value)  # of a subclass the number alone
    text = repr(value)
    if not math.isfinite(value):
        return _NOT_FINITE[text]
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return text
    # The digits of Python's notation, which may have an exponent or not, without zeros at their ends; and the power of
    # ten of the first.
    mantissa, _, exponent = text.lstrip("-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    power = int(exponent or 0) + len(digits) - len(fraction) - 1
    significant = digits.rstrip("0")
    return f"{'-' * (value < 0)}{significant[0]}.{significant[1:] or '0'}E{power}"


def _decimal_text(value: Decimal) -> str:
    """Return plain digits, all of them, without an exponent."""
    value = Decimal(value)  # of a subclass the number alone
    if not value.is_finite():
        return _NOT_FINITE["nan" if value.is_nan() else "inf" if value > 0 else "-inf"]
    _, digits, exponent = value.as_tuple()
    # Without an exponent, the few characters of 1E+999999999 would be a gigabyte.
    if not -MAX_DIGITS < int(exponent) <= MAX_DIGITS - len(digits):
        raise Refused(f"is a Decimal that takes more than {MAX_DIGITS} digits")
    return format(value, "f")


_NOT_FINITE: Final = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def avro_text(octets: bytes) -> str:
    """Return bytes as Rest.li has them in JSON and in URLs: each octet as the character of that code, "Avro string"."""
    return bytes.decode(octets, "latin-1")


# How each type is written. A subclass is written as the first of these that it derives from: so bool is before int.
SCALARS: Final[Mapping[type, Callable[[Any], str]]] = {
    str: str.__str__,  # of a subclass the text alone
    Urn: str.__str__,
    bool: lambda value: "true" if value else "false",
    int: _int_text,
    float: _float_text,
    Decimal: _decimal_text,
    bytes: avro_text,  # D/Data.java:1104
}
