"""Money: amounts as LinkedIn's APIs have them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from restli_core.base_errors import InvalidCallError, SuspiciousValueWarning
from restli_core.linkedin.money import MAX_DIGITS, amount


class Euros(Decimal):
    def __format__(self, spec: str, /) -> str:  # type: ignore[override]
        return f"€{super().__format__(spec)}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1500, "1500"),
        (-3, "-3"),
        (0, "0"),
        (Decimal("50.0"), "50.0"),
        (Decimal("1E+3"), "1000"),
        (Decimal("-0.00"), "0.00"),
        (Euros("8.19"), "8.19"),
        ("8.19", "8.19"),
        ("1e3", "1000"),
        (".5", "0.5"),
        ("12.", "12"),
        ("+007", "7"),
        (0.1, "0.1"),
        (50.0, "50.0"),
        (1234567890.12345, "1234567890.12345"),  # 15 digits
        (1e22, "10000000000000000000000"),
        (1e-07, "0.0000001"),
        (np.int64(3), "3"),
        (np.float64(2.5), "2.5"),
        ("9" * MAX_DIGITS, "9" * MAX_DIGITS),
        (1 - 10**MAX_DIGITS, "-" + "9" * MAX_DIGITS),
        (Decimal("0." + "1" * (MAX_DIGITS - 1)), "0." + "1" * (MAX_DIGITS - 1)),
    ],
    ids=range(22),
)
def test_an_amount_is_a_decimal_as_plain_text(value: Any, text: str) -> None:
    assert amount(value, "EUR") == {"currencyCode": "EUR", "amount": text}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (True, "must be a number or its text, not bool"),
        (np.bool_(True), "must be a number or its text, not bool"),
        (None, "must be a number or its text, not NoneType"),
        (b"1", "must be a number or its text, not bytes"),
        ({"amount": "1"}, "must be a number or its text, not dict"),
        (np.array([1, 2]), "must be a number or its text, not ndarray"),
        (float("nan"), "is not a number, probably a missing value"),
        (float("-inf"), "is not a number, probably a missing value"),
        (Decimal("sNaN"), "is not a number, probably a missing value"),
        ("NaN", "must be a number, as in '1500.50'"),
        ("", "must be a number, as in '1500.50'"),
        ("1,500", "must be a number, as in '1500.50'"),
        ("$5", "must be a number, as in '1500.50'"),
        (" 5", "must be a number, as in '1500.50'"),
        ("5\n", "must be a number, as in '1500.50'"),
        ("1_000", "must be a number, as in '1500.50'"),
        ("٣", "must be a number, as in '1500.50'"),
        ("9" * (MAX_DIGITS + 1), "takes more than 40 digits"),
        (Decimal("0." + "1" * MAX_DIGITS), "takes more than 40 digits"),
        (10**6000, "takes more than 40 digits"),
        (-(10**MAX_DIGITS), "takes more than 40 digits"),
        (1 << 10**8, "takes more than 40 digits"),  # a Decimal of it would take hours
        ("9" * 5000, "takes more than 40 digits"),
        ("0" * 5000 + "1", "takes more than 40 digits"),
        (Decimal("1E+999999"), "takes more than 40 digits"),
        (Decimal("0E+99"), "takes more than 40 digits"),
    ],
    ids=range(26),
)
def test_what_is_not_an_amount_is_refused(value: Any, reason: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        amount(value, "USD")
    assert caught.value.argument == "value"
    assert caught.value.reason.startswith(reason)


def test_a_float_that_was_computed_is_warned_of() -> None:
    with pytest.warns(SuspiciousValueWarning, match=r"^value: is a float of more than 15 digits.*round\(value, 2\)"):
        made = amount(0.1 + 0.2, "USD")
    assert made["amount"] == "0.30000000000000004"


@pytest.mark.parametrize(
    ("currency", "example"),
    [("usd", "USD"), (" EUR", "EUR"), ("EUR\n", "EUR"), ("US", "USD"), ("€", "USD"), ("ÄÖÜ", "USD"), (None, "USD")],
    ids=str,
)
def test_a_currency_is_three_capital_letters(currency: Any, example: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        amount(1, currency)
    assert caught.value.argument == "currency"
    assert caught.value.reason.endswith(f"such as {example!r}")
