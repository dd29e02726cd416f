"""Versions of LinkedIn's APIs: their ends by table and rule, the newest of them, and what is told of both."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from restli_core import calls
from restli_core.base_errors import InvalidCallError
from restli_core.errors import ConnectError, ServiceError, VersionNotActiveError
from restli_core.linkedin import versions
from restli_core.linkedin.versions import ends, explain, known_versions, latest, sunset_notice
from restli_core.messages import HttpRequest, HttpResponse

# As LinkedIn's table has them; the weekdays of those that the rule does not give stand beside them.
TABLE = """
202407 2025-07-22 Tuesday   202505 2026-05-15   202601 2027-01-15
202408 2025-08-18 Monday    202506 2026-06-15   202602 2027-02-15
202409 2025-09-15           202507 2026-07-15   202603 2027-03-16 Tuesday
202410 2025-10-15           202508 2026-08-17   202604 2027-04-15
202411 2025-11-17           202509 2026-09-15   202605 2027-05-15 Saturday
202503 2026-03-16           202510 2026-10-15   202606 2027-06-15
202504 2026-04-15           202511 2026-11-16   202607 2027-07-15
"""
ROWS = [
    (version, date.fromisoformat(end), odd)
    for version, end, odd in re.findall(r"(\d{6}) (\S{10})(?: ([A-Z]\w+))?", TABLE)
]
KNOWN = [*[version for version, _, _ in ROWS], "202608", "202609"]


@pytest.mark.parametrize(("version", "end", "odd"), ROWS, ids=[row[0] for row in ROWS])
def test_an_end_is_as_linkedins_table_has_it(version: str, end: date, odd: str) -> None:
    assert ends(version) == ends(f"{version}01") == end
    assert not odd or end.strftime("%A") == odd


def test_most_of_the_table_follows_the_rule() -> None:
    # 17 of 21 do; the others are those that the page marks.
    def by_rule(version: str) -> date:
        end = date(int(version[:4]) + 1, int(version[4:]), 15)
        while end.weekday() > 4:
            end += timedelta(days=1)
        return end

    assert len(ROWS) == 21
    assert {version for version, end, _ in ROWS if by_rule(version) != end} == {row[0] for row in ROWS if row[2]}


@pytest.mark.parametrize(
    ("version", "end"),
    [
        ("202608", date(2027, 8, 16)),  # the 15th is a Sunday
        ("202609", date(2027, 9, 15)),
        ("202610", date(2027, 10, 15)),
        ("202612", date(2027, 12, 15)),
        ("202701", date(2028, 1, 17)),  # a Saturday
        ("202206", date(2023, 6, 15)),
        ("202512", date(2026, 12, 15)),  # no version of the marketing APIs; whose it is, a month does not say
        ("20250401", date(2026, 4, 15)),  # as the texts of 426 have them
        ("202508.02", date(2027, 8, 16)),  # a revision is the talent APIs', whose versions live two years
        ("202512.01", date(2027, 12, 15)),
        ("202407.01", date(2026, 7, 15)),
        ("999701.01", date(9999, 1, 15)),
        ("999901", date.max),
        ("999812.01", date.max),
    ],
)
def test_what_the_table_does_not_have_ends_by_the_rule(version: str, end: date) -> None:
    assert ends(version) == end


@pytest.mark.parametrize(
    "version",
    ["", "2025", "202513", "202500", "2025-11", "202511.1", "20251132", "v202511", " 202511"],
)
def test_what_is_not_a_version_is_refused(version: str) -> None:
    with pytest.raises(InvalidCallError) as refused:
        ends(version)
    assert refused.value.argument == "version"


@pytest.mark.parametrize("version", [None, 202511, b"202511", date(2025, 11, 1)])
def test_a_version_is_text(version: Any) -> None:
    with pytest.raises(InvalidCallError, match="version"):
        ends(version)


@pytest.mark.parametrize(
    ("on", "version"),
    [
        (None, "202609"),
        (date(2026, 11, 29), "202609"),
        (date(2026, 9, 15), "202609"),
        (date(2026, 9, 14), "202608"),
        (date(2026, 1, 14), "202511"),  # there is no 202512
        (date(2025, 12, 31), "202511"),
        (date(2026, 1, 15), "202601"),
        (date(2025, 3, 15), "202411"),  # those between are not in the table, and may not have been there
        (date(2025, 3, 16), "202503"),
        (date(2024, 7, 22), "202407"),
        (date(2031, 1, 1), "202609"),
        (date.max, "202609"),
        (datetime(2026, 9, 14, 23, 59, tzinfo=UTC), "202608"),
    ],
)
def test_the_newest_is_one_that_is_known_to_be_there(on: date | None, version: str) -> None:
    assert latest(on=on) == version
    assert version in KNOWN


@pytest.mark.parametrize("on", ["2026-01-01", 20260101, 1.5, date(2024, 7, 21), date.min])
def test_a_day_without_a_known_version_is_refused(on: Any) -> None:
    with pytest.raises(InvalidCallError) as refused:
        latest(on=on)
    assert refused.value.argument == "on"


def test_the_newest_is_never_one_that_has_ended_while_a_newer_one_is_known() -> None:
    day = date(2024, 7, 22)
    while day < ends("202609"):
        assert ends(latest(on=day)) > day
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("version", "today", "text"),
    [
        ("202511", date(2026, 9, 16), None),
        (
            "202511",
            date(2026, 9, 17),
            (
                "version 202511 of LinkedIn's marketing APIs ends on 2026-11-16, in 60 days; "
                "the newest known here is 202609: set version_string"
            ),
        ),
        (
            "20251101",
            datetime(2026, 11, 15, 12, tzinfo=UTC),
            (
                "version 20251101 of LinkedIn's marketing APIs ends on 2026-11-16, in 1 day; "
                "the newest known here is 202609: set version_string"
            ),
        ),
        (
            "202511",
            date(2026, 11, 16),
            (
                "version 202511 of LinkedIn's marketing APIs ended on 2026-11-16; "
                "the newest known here is 202609: set version_string"
            ),
        ),
        (
            "202401",
            date(2026, 2, 1),
            (
                "version 202401 of LinkedIn's marketing APIs ended on 2025-01-15 by LinkedIn's rule; "
                "the newest known here is 202601: set version_string"
            ),
        ),
        ("202609", date(2027, 7, 16), None),
        (
            "202609",
            date(2027, 7, 17),
            (
                "version 202609 of LinkedIn's marketing APIs ends on 2027-09-15, in 60 days; "
                f"{versions.PAGE} lists those that are there: set version_string"
            ),
        ),
        (
            "202608",
            date(2028, 1, 1),
            (
                "version 202608 of LinkedIn's marketing APIs ended on 2027-08-16; "
                f"{versions.PAGE} lists those that are there: set version_string"
            ),
        ),
        (
            "202301",
            date(2024, 1, 1),
            (
                "version 202301 of LinkedIn's marketing APIs ends on 2024-01-15, in 14 days by LinkedIn's rule; "
                f"{versions.PAGE} lists those that are there: set version_string"
            ),
        ),
        ("202508.02", date(2026, 8, 17), None),
        (
            "202508.02",
            date(2027, 8, 1),
            "version 202508.02 of LinkedIn's talent APIs ends on 2027-08-16, in 15 days by LinkedIn's rule",
        ),
        ("202511", date.min, None),
    ],
)
def test_a_version_is_warned_of_sixty_days_before_its_end(version: str, today: date, text: str | None) -> None:
    assert sunset_notice(version, today) == text


def test_only_versions_can_be_warned_of() -> None:
    with pytest.raises(InvalidCallError, match="version"):
        sunset_notice("soon", date(2026, 1, 1))


# -- errors ------------------------------------------------------------------------------------------------------------

MISSING = b'{"status":400,"code":"VERSION_MISSING","message":"A version must be present. Please specify a version by \
adding the LinkedIn-Version header."}'
NONEXISTENT = b'{"status":426,"code":"NONEXISTENT_VERSION","message":"Requested version 20250401 is not active"}'
NO_RESOURCE = b'{"status":404,"code":"RESOURCE_NOT_FOUND","message":"No virtual resource found"}'
NOVEMBER = "Sun, 29 Nov 2026 03:00:00 GMT"


def error(status: int, body: bytes, version: str | None, day: str | None = NOVEMBER, **options: Any) -> ServiceError:
    made = calls.get("/adAccounts", version_string=version, **options)
    with pytest.raises(ServiceError) as raised:
        made.parse(HttpResponse(status, {} if day is None else {"Date": day}, body))
    return raised.value


@pytest.mark.parametrize(
    ("status", "body", "version", "day", "told"),
    [
        (
            426,
            NONEXISTENT,
            "202504",
            NOVEMBER,
            ("LinkedIn-Version 202504 was sent: set version_string to a version that is active; version 202504 of "
            "LinkedIn's marketing APIs ended on 2026-04-15; the newest known here is 202609: set version_string"),
        ),
        (
            426,
            b"",
            "202504",
            None,
            "version 202504 ends on 2026-04-15 by LinkedIn's table; the newest known here is 202609: set version_",
        ),
        (
            426,
            NONEXISTENT,
            "202512",
            NOVEMBER,
            "; version 202512 is not known here; the newest known here is 202609: set version_string",
        ),
        (
            426,
            NONEXISTENT,
            "203001",
            "Sat, 01 Jan 2028 00:00:00 GMT",
            f"; version 203001 is not known here; {versions.PAGE} lists those that are there: set version_string",
        ),
        (426, NONEXISTENT, "202508.01", "Sat, 01 Jan 2028 00:00:00 GMT", "talent APIs ended on 2027-08-16"),
        (400, MISSING, None, NOVEMBER, "set version_string; the newest version known here is 202609"),
        (400, MISSING, None, None, "the newest version known here is 202609"),
        (400, MISSING, None, "Fri, 16 Jan 2026 00:00:00 GMT", "the newest version known here is 202601"),
        (404, NO_RESOURCE, None, NOVEMBER, "the newest version known here is 202609"),
        (404, NO_RESOURCE, "202401", NOVEMBER, "version 202401 of LinkedIn's marketing APIs ended on 2025-01-15"),
    ],
    ids=range(10),
)  # fmt: skip
def test_an_error_for_the_version_says_what_is_known_of_it(
    status: int, body: bytes, version: str | None, day: str | None, told: str
) -> None:
    found = error(status, body, version, day)
    explain(found)
    assert told in str(found)
    again = str(found)
    explain(found)
    assert str(found) == again


@pytest.mark.parametrize(
    ("status", "body", "version", "day"),
    [
        (404, NO_RESOURCE, "202609", NOVEMBER),
        (404, NO_RESOURCE, "202401", None),
        (404, b'{"code":"NOT_FOUND"}', "202401", NOVEMBER),
        (400, b'{"code":"PARAM_INVALID"}', None, NOVEMBER),
        (403, MISSING, None, NOVEMBER),
        (400, MISSING, None, "Fri, 01 Jan 1999 00:00:00 GMT"),
        (426, NONEXISTENT, "202508.01", NOVEMBER),
    ],
    ids=range(7),
)
def test_of_other_errors_nothing_is_said(status: int, body: bytes, version: str | None, day: str | None) -> None:
    found = error(status, body, version, day)
    before = str(found)
    explain(found)
    assert str(found) == before


def test_an_error_of_a_request_of_another_making_is_left_alone() -> None:
    request = HttpRequest("GET", "http://h/", {"LinkedIn-Version": "newest"})
    found = VersionNotActiveError(HttpResponse(426), request=request)
    explain(found)
    assert found.hint == ""


def test_an_error_without_its_request_is_left_alone() -> None:
    found = ServiceError(HttpResponse(426))
    explain(found)
    assert found.hint == ""


def test_an_error_that_no_server_sent_is_left_alone() -> None:
    found = ConnectError("refused")
    explain(found)
    assert str(found) == "refused"


@pytest.mark.parametrize("today", ["2026-11-10", None, 5])
def test_what_is_not_a_date_is_named(today: Any) -> None:
    with pytest.raises(InvalidCallError, match=r"^today: must be a date, not \w+$"):
        sunset_notice("202511", today)


def test_the_known_versions_begin_with_the_oldest_and_end_with_the_newest() -> None:
    known = known_versions()
    assert list(known) == sorted(known)
    assert known[-1] == latest()
    assert "202511" in known
