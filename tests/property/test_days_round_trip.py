"""A day that is written as LinkedIn has it is read as the same day, and a range has the two that it was made of."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from restli_core.linkedin.dates import day, day_range, from_day


@given(st.dates())
def test_a_day(one: date) -> None:
    assert from_day(day(one)) == from_day(day(str(one))) == one


@given(st.dates(), st.dates())
def test_a_range(one: date, other: date) -> None:
    first, last = sorted([one, other])
    made = day_range(first, last)
    assert (from_day(made["start"]), from_day(made["end"])) == (first, last)
