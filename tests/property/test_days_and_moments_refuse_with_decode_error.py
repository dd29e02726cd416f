"""A day or a moment of an answer is read, or refused with a DecodeError, whatever it is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from restli_core.base_errors import DecodeError
from restli_core.linkedin.dates import from_day, from_millis

numbers = st.integers() | st.integers(1, 31) | st.just(10**4000) | st.floats() | st.booleans()
anything = st.recursive(st.none() | numbers | st.text(), lambda inner: st.lists(inner, max_size=3), max_leaves=3)
days = st.dictionaries(st.sampled_from(["year", "month", "day", "hour"]), anything)


@given(days | anything)
def test_days(given_day: Any) -> None:
    try:
        assert isinstance(from_day(given_day), date)
    except DecodeError as error:
        assert str(error)


@given(anything)
def test_moments(number: Any) -> None:
    try:
        moment = from_millis(number)
    except DecodeError as error:
        assert str(error)
    else:
        assert isinstance(moment, datetime)
        assert moment.tzinfo is UTC
