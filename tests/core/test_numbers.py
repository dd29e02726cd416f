"""Numbers that callers give."""

from __future__ import annotations

import math

import pytest

from restli_core.numbers import is_number


class Half(float):
    pass


@pytest.mark.parametrize("value", [0, -1, 10**400, 0.5, Half(0.5), math.nan, math.inf], ids=lambda one: str(one)[:8])
def test_what_is_a_number(value: object) -> None:
    assert is_number(value)


@pytest.mark.parametrize("value", [True, False, "1", None, 1j], ids=repr)
def test_what_is_not_a_number(value: object) -> None:
    assert not is_number(value)
