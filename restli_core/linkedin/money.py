"""Money: amounts as LinkedIn's APIs have them.

    {"currencyCode": "USD", "amount": "1500.5"}      an amount is a decimal as text

A number where the text is expected is refused by LinkedIn: 422, "cannot be coerced to String". The text is plain, such
as people write it: digits, a point, no exponent, no mark between thousands.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

from restli_core.base_errors import InvalidCallError, SuspiciousValueWarning
from restli_core.callers import warn
from restli_core.encoding.scalars import Refused, native_scalar

__all__ = ["amount"]

MAX_DIGITS: Final = 40  # before and after the point together: far above any amount of money

_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_MAX_TEXT: Final = 640  # characters, zeros included: of more digits than Python takes for an int, PyPy makes no Decimal
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
# A decimal of so many digits is the same after it was a float. One with more was computed as a float, or had been cut.
_FLOAT_DIGITS: Final = 15


def amount(value: Decimal | float | str, currency: str) -> dict[str, str]:
    """Return an amount of money as LinkedIn's APIs have it, such as a budget, a bid or the value of a conversion.

    The digits are kept as they are given: ``Decimal("50.0")`` and ``"50.0"`` are ``"50.0"``. A float is written as
    Python writes it, by the fewest digits that name it, so that 0.1 is ``"0.1"``; with more than 15 digits, as
    0.1 + 0.2 has, a `SuspiciousValueWarning` says so.

    >>> amount(1500, "USD")
    {'currencyCode': 'USD', 'amount': '1500'}

    Args:
        value: the amount in units of the currency, not in cents: a Decimal, an int, a decimal as text, or a float.
        currency: the code of the currency by ISO 4217, three capital letters. LinkedIn takes a wrong one in silence.

    Raises:
        InvalidCallError: one of them is not that.
    """
    return {"currencyCode": check_currency("currency", currency), "amount": write_amount("value", value)}


def write_amount(argument: str, value: Any) -> str:
    """Return an amount as plain text.

    Raises:
        InvalidCallError: it is not a number, not a finite one, or one that no amount of money is.
    """
    number = _decimal(argument, value)
    if not number.is_finite():
        raise InvalidCallError(argument, "is not a number, probably a missing value: leave it out")
    exponent = int(number.as_tuple().exponent)
    if max(number.adjusted() + 1, 1) + max(-exponent, 0) > MAX_DIGITS:
        raise _too_long(argument)
    return format(number or number.copy_abs(), "f")  # zero has no sign


def check_currency(argument: str, currency: Any) -> str:
    """Return the code of a currency.

    Raises:
        InvalidCallError: it does not have the form of one.
    """
    if isinstance(currency, str) and _CURRENCY.fullmatch(currency):
        return str.__str__(currency)
    likely = currency.strip().upper() if isinstance(currency, str) else ""
    example = likely if _CURRENCY.fullmatch(likely) else "USD"
    raise InvalidCallError(argument, f"must be a code of ISO 4217, three capital letters, such as {example!r}")


def _decimal(argument: str, value: Any) -> Decimal:
    """Return a number of any kind as the Decimal that people would write for it."""
    if isinstance(value, Decimal):
        return Decimal(value)  # of a subclass the number alone
    if isinstance(value, str):
        if _DECIMAL.fullmatch(value) is None:
            raise InvalidCallError(argument, "must be a number, as in '1500.50': only digits, and a point before cents")
        if len(value) > _MAX_TEXT:
            raise _too_long(argument)
        return Decimal(value)
    try:
        native = None if isinstance(value, bool) else native_scalar(value)  # True is an int for Python
    except Refused:
        native = None
    if isinstance(native, float):
        return _of_float(argument, native)
    if not isinstance(native, int) or isinstance(native, bool):
        raise InvalidCallError(argument, f"must be a number or its text, not {type(value).__name__}")
    if abs(native) >= 10**MAX_DIGITS:  # of a million digits, a Decimal takes many seconds to make
        raise _too_long(argument)
    return Decimal(native)


def _too_long(argument: str) -> InvalidCallError:
    return InvalidCallError(argument, f"takes more than {MAX_DIGITS} digits, which no amount of money does")


def _of_float(argument: str, value: float) -> Decimal:
    number = Decimal(repr(value))
    if number.is_finite() and len(number.as_tuple().digits) > _FLOAT_DIGITS:
        text = "is a float of more than 15 digits, and is sent with all of them: give round(value, 2), or a Decimal"
        warn(f"{argument}: {text}", SuspiciousValueWarning)
    return number
