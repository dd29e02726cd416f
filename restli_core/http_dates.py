"""HTTP dates (RFC 9110 section 5.6.7): three forms, read without the time module.

    IMF-fixdate   Sun, 06 Nov 1994 08:49:37 GMT     what servers should send
    rfc850-date   Sunday, 06-Nov-94 08:49:37 GMT
    asctime-date  Sun Nov  6 08:49:37 1994

The second and the third are obsolete, but must be read all the same.

Retry-After has such a date, or a number of seconds (RFC 9110 section 10.2.3).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from restli_core.patterns import lazy_pattern

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["read_http_date", "read_retry_after"]

_TIME: Final = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
_FORMS: Final = (
    lazy_pattern(rf"[A-Z][a-z]{{2}}, (?P<day>\d\d) (?P<month>[A-Z][a-z]{{2}}) (?P<year>\d{{4}}) {_TIME} GMT", re.ASCII),
    lazy_pattern(rf"[A-Z][a-z]+, (?P<day>\d\d)-(?P<month>[A-Z][a-z]{{2}})-(?P<year>\d\d) {_TIME} GMT", re.ASCII),
    lazy_pattern(rf"[A-Z][a-z]{{2}} (?P<month>[A-Z][a-z]{{2}}) (?P<day>[ \d]\d) {_TIME} (?P<year>\d{{4}})", re.ASCII),
)
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def read_http_date(text: str) -> datetime | None:
    """Return the moment that an HTTP date names, in UTC; None where the text is not one."""
    match = next(filter(None, [form.fullmatch(text.strip()) for form in _FORMS]), None)
    if match is None or match["month"] not in _MONTHS:
        return None
    year, day, hour, minute, second = (int(match[part]) for part in ("year", "day", "hour", "minute", "second"))
    if len(match["year"]) == 2:
        # RFC 9110 asks for "at most 50 years in the future", which needs a clock. A fixed year is enough for an
        # obsolete form.
        year += 1900 if year >= 70 else 2000
    from datetime import UTC, datetime  # noqa: PLC0415 - slow to import, and few answers have a date that is read

    try:
        # `datetime` has no second 60: a leap second becomes the second before it.
        second = 59 if second == 60 else second
        return datetime(year, _MONTHS.index(match["month"]) + 1, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Return Retry-After in seconds, None where there is none; a date counts from the response's own Date.

    Args:
        headers: the response's headers.
    """
    value = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,10}", value):
        return float(value)
    until, now = read_http_date(value), read_http_date(headers.get("Date", ""))
    return None if until is None or now is None else max(0.0, (until - now).total_seconds())
