"""Milliseconds of a moment are exact: they are its own, cut to the millisecond, in any time zone and any year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from restli_core.linkedin.dates import from_millis, millis

offsets = st.timedeltas(timedelta(hours=-23, minutes=-59), timedelta(hours=23, minutes=59))
zones = offsets.map(timezone) | st.timezones()
moments = st.datetimes(timezones=zones, allow_imaginary=False)
"""Moments of any year and zone, but for the hours that clocks leave out in spring."""


@given(st.datetimes(timezones=st.just(UTC)))
def test_there_and_back(moment: datetime) -> None:
    assert from_millis(millis(moment)) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@given(moments)
def test_by_counting(moment: datetime) -> None:
    offset = moment.utcoffset()
    assert offset is not None
    days = moment.toordinal() - datetime(1970, 1, 1, tzinfo=UTC).toordinal()
    seconds = days * 86400 + moment.hour * 3600 + moment.minute * 60 + moment.second
    micros = (seconds - offset.days * 86400 - offset.seconds) * 1_000_000 + moment.microsecond - offset.microseconds
    assert millis(moment) == micros // 1000


@given(st.integers(-62135596800000, 253402300799999))
def test_back_and_there(number: int) -> None:
    assert millis(from_millis(number)) == number
