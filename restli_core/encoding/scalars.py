"""The text of a scalar, in UTF-8 and without any escape: text as it is, numbers as Java's ``toString`` writes them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from restli_core.urn import Urn

__all__ = ["SCALARS", "TEXTS", "Refused", "write_scalar"]

MAX_DIGITS: Final = 4300  # Python's own limit for an int (sys.int_info.default_max_str_digits), for a Decimal too


class Refused(Exception):
    """Why a value cannot be encoded: an error without its place, which only the code that walks to it knows."""


def write_scalar(value: object) -> bytes | None:
    """Return the octets of a scalar, which may be of a subclass; None for what is not a scalar.

    Raises:
        Refused: a number of too many digits.
        UnicodeEncodeError: text with a lone surrogate.
    """
    write = SCALARS.get(type(value))
    if write is None:
        write = next((write for kind, write in SCALARS.items() if isinstance(value, kind)), None)
    return None if write is None else write(value)


def _write_int(value: int) -> bytes:
    try:
        return b"%d" % value
    except ValueError:
        raise Refused("is an int of more digits than Python converts to text") from None


def _write_float(value: float) -> bytes:
    """Return the text of Java's Double.toString, with the digits of Python's repr: the fewest that name the number.

    That is plain digits from 0.001 up to 10,000,000, and d.dE[-]n for other numbers.
    """
    text = float.__repr__(value)
    if not math.isfinite(value):
        return _NOT_FINITE[text]
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return text.encode()
    # The digits of Python's notation, which may have an exponent or not, without zeros at their ends; and the power of
    # ten of the first.
    mantissa, _, exponent = text.lstrip("-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    power = int(exponent or 0) + len(digits) - len(fraction) - 1
    significant = digits.rstrip("0")
    return f"{'-' * (value < 0)}{significant[0]}.{significant[1:] or '0'}E{power}".encode()


def _write_decimal(value: Decimal) -> bytes:
    """Return plain digits, all of them, without an exponent."""
    if not value.is_finite():
        return _NOT_FINITE["nan" if value.is_nan() else "inf" if value > 0 else "-inf"]
    _, digits, exponent = value.as_tuple()
    # Without an exponent, the few characters of 1E+999999999 would be a gigabyte.
    if not -MAX_DIGITS < int(exponent) <= MAX_DIGITS - len(digits):
        raise Refused(f"is a Decimal that takes more than {MAX_DIGITS} digits")
    return format(value, "f").encode()


_NOT_FINITE: Final = {"nan": b"NaN", "inf": b"Infinity", "-inf": b"-Infinity"}

# How each type is written. A subclass is written as the first of these that it derives from: so bool is before int.
SCALARS: Final[Mapping[type, Callable[[Any], bytes]]] = {
    str: str.encode,
    Urn: str.encode,
    bool: lambda value: b"true" if value else b"false",
    int: _write_int,
    float: _write_float,
    Decimal: _write_decimal,
    bytes: lambda octets: octets.decode("latin-1").encode(),  # Rest.li's "Avro string" (D/Data.java:1104)
}
TEXTS: Final = frozenset({str, Urn})
