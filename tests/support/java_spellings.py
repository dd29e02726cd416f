"""How Java reads the text of a scalar as a type, and writes it back; written apart from the package.

A value is what Java compares keys by: two texts are the same key to a server if and only if their values are equal.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from decimal import Decimal

__all__ = ["TYPES", "java_boolean", "java_double", "java_float", "java_long"]

Read = tuple[object, str]
"""The value that Java reads, and its text."""


def java_long(text: str, _digits: int) -> Read:
    """Long.valueOf and Long.toString."""
    return int(text), str(int(text))


def java_boolean(text: str, _digits: int) -> Read:
    """Boolean.valueOf, of texts that are meant as one, and Boolean.toString."""
    value = text.lower() == "true"
    return value, "true" if value else "false"


def java_double(text: str, digits: int) -> Read:
    """Double.valueOf and Double.toString, with up to so many digits more than are needed, as old JDKs write some."""
    value = float(text.strip().rstrip("dD"))
    return struct.pack("d", value), _notation(value, _shortest(value, digits, lambda other: other))


def java_float(text: str, digits: int) -> Read:
    """Float.valueOf and Float.toString."""
    value = _to_single(float(text.strip().rstrip("fF")))
    return struct.pack("f", value), _notation(value, _shortest(value, digits, _to_single))


def _to_single(value: float) -> float:
    try:
        single: float = struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
    return single


def _shortest(value: float, more: int, rounded: Callable[[float], float]) -> str:
    """The digits that name the number, and up to `more` digits after those, in scientific notation."""
    most = 8 if rounded is _to_single else 16
    least = next((size for size in range(most + 1) if rounded(float(f"{value:.{size}e}")) == value), most)
    return f"{value:.{min(least + more, most)}e}"


def _notation(value: float, text: str) -> str:
    """The text in Java's layout: plain between 0.001 and ten million."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    sign = "-" if text.startswith("-") else ""
    mantissa, _, exponent = text.lstrip("-").partition("e")
    if value == 0:
        return f"{sign}0.0"
    if 1e-3 <= abs(value) < 1e7:
        plain = f"{Decimal(mantissa).scaleb(int(exponent)):f}"
        whole, _, fraction = plain.partition(".")
        return f"{sign}{whole}.{fraction.rstrip('0') or '0'}"
    whole, _, fraction = mantissa.partition(".")
    return f"{sign}{whole}.{fraction.rstrip('0') or '0'}E{int(exponent)}"


TYPES: dict[str, Callable[[str, int], Read]] = {
    "long": java_long,
    "double": java_double,
    "float": java_float,
    "boolean": java_boolean,
    "string": lambda text, _: (text, text),
}
"""By the name of the type in a schema; the number is of digits that are not needed."""
