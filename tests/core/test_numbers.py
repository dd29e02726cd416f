"""Numbers that callers give."""

from __future__ import annotations

import math

import numpy as np
import pytest

from restli_core.numbers import is_number, whole_number


class Half(float):
    pass


@pytest.mark.parametrize("value", [0, -1, 10**400, 0.5, Half(0.5), math.nan, math.inf], ids=lambda one: str(one)[:8])
def test_what_is_a_number(value: object) -> None:
    assert is_number(value)


@pytest.mark.parametrize("value", [True, False, "1", None, 1j], ids=repr)
def test_what_is_not_a_number(value: object) -> None:
    assert not is_number(value)


@pytest.mark.parametrize("value", [0, -1, 10**400, np.int64(7)], ids=lambda one: str(one)[:8])
def test_a_whole_number_is_an_int(value: int) -> None:
    number = whole_number(value)
    assert type(number) is int
    assert number == value


@pytest.mark.parametrize("value", [True, 1.0, np.float64(1), "1", None, [1]], ids=repr)
def test_what_is_not_a_whole_number(value: object) -> None:
    assert whole_number(value) is None
