"""The text of an amount is plain, and its value that of the number, to the last digit."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restli_core.base_errors import InvalidCallError
from restli_core.linkedin.money import amount

decimals = st.decimals(allow_nan=False, allow_infinity=False, places=None) | st.decimals(-(10**9), 10**9, places=2)


def text_of(value: Decimal | float | str) -> str | None:
    """Return the text of an amount; None where it is refused, as one is that no amount of money is."""
    try:
        made = amount(value, "EUR")
    except InvalidCallError:
        number = Decimal(repr(value) if isinstance(value, float) else value)
        assert len(format(number, "f").lstrip("-").replace(".", "")) > 40
        return None
    assert made["currencyCode"] == "EUR"
    assert re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", made["amount"])
    return made["amount"]


@given(decimals | st.integers() | st.integers(10**38, 10**42))
def test_of_decimals_and_whole_numbers(value: Decimal | int) -> None:
    text = text_of(value)
    assert text is None or Decimal(text) == value
    assert text_of(str(value)) == text


@pytest.mark.filterwarnings("ignore:value. is a float of more than 15 digits")
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_of_floats(value: float) -> None:
    text = text_of(value)
    assert text is None or float(text) == value
