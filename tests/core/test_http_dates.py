"""HTTP dates: three forms, and what is none of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from restli_core.http_dates import read_http_date, read_retry_after

MOMENT = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        " Sun, 06 Nov 1994 08:49:37 GMT\t",
    ],
)
def test_the_three_forms_of_rfc_9110(text: str) -> None:
    assert read_http_date(text) == MOMENT


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Sat, 31 Dec 2016 23:59:60 GMT", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("Thu, 29 Feb 2024 00:00:00 GMT", datetime(2024, 2, 29, tzinfo=UTC)),
        ("Wednesday, 31-Dec-69 00:00:00 GMT", datetime(2069, 12, 31, tzinfo=UTC)),
        ("Thursday, 01-Jan-70 00:00:00 GMT", datetime(1970, 1, 1, tzinfo=UTC)),
        ("Thu Jan 15 00:00:00 2026", datetime(2026, 1, 15, tzinfo=UTC)),
        ("Mon, 01 Jan 0001 00:00:00 GMT", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_dates_at_the_edges(text: str, moment: datetime) -> None:
    assert read_http_date(text) == moment


@pytest.mark.parametrize(
    "month",
    list(enumerate(["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], start=1)),
)
def test_months(month: tuple[int, str]) -> None:
    read = read_http_date(f"Sun, 06 {month[1]} 1994 08:49:37 GMT")
    assert read is not None
    assert read.month == month[0]


@pytest.mark.parametrize(
    "text",
    [
        *("", "0", "soon", "120", "2026-01-15T00:00:00Z", "GMT", "\0", "Sun,"),
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 Xyz 1994 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:00 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sat, 29 Feb 2025 00:00:00 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, \u0660\u0666 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sunday, 06 Nov 94 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994",
        "Sun Nov    08:49:37 1994",
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_http_date(text) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Sun, 06 Nov 1994 08:50:37 GMT"}, None),
        ({"Retry-After": "Sun, 06 Nov 1994 08:50:37 GMT", "Date": "Sun, 06 Nov 1994 08:49:37 GMT"}, 60.0),
        ({"Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT", "Date": "Sun, 06 Nov 1994 08:50:37 GMT"}, 0.0),
    ],
    ids=["none", "seconds", "words", "a date alone", "a date", "a date gone by"],
)
def test_retry_after_is_a_number_of_seconds_or_a_date(headers: dict[str, str], seconds: float | None) -> None:
    assert read_retry_after(headers) == seconds
