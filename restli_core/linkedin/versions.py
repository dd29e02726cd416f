"""Versions of LinkedIn's marketing APIs: when each ends, and which one is the newest.

    version = YYYYMM            named after its month, about one a month since 202206; some months have none
            / YYYYMMDD          the same: LinkedIn adds a day to it in some of its texts
            / YYYYMM "." RR     of the talent APIs, which have revisions

    its end = as LinkedIn's table has it, else by the rule that 17 of the 21 dates in the table follow:
              the 15th of the same month a year later, or the Monday after where that is a weekend

LinkedIn sends no header that says it: there is only the table, and mail. On the day of its end a version stops, and
calls get a 426. The talent APIs have versions of other months, which live for two years. A revision is theirs, and is
given the second year; of a bare month nobody can tell whose it is, and it counts as one of the marketing APIs.

The table is that of https://learn.microsoft.com/en-us/linkedin/marketing/versioning and of .../marketing/integrations/
migrations, as of August 2026, with two versions that were seen since. No clock is read here: whoever needs the day of
today gives it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from restli_core.base_errors import InvalidCallError
from restli_core.building import check_version
from restli_core.errors import ServiceError
from restli_core.http_dates import read_http_date

if TYPE_CHECKING:
    from restli_core.base_errors import RestliError

__all__ = ["ends", "explain", "known_versions", "latest", "sunset_notice"]

NOTICE_DAYS: Final = 60
"""How many days before its end a version is warned of."""

PAGE: Final = "https://learn.microsoft.com/en-us/linkedin/marketing/versioning"

# A month that is not here has no version, or one that nobody has looked up.
_ENDS: Final[Mapping[str, str]] = {
    "202407": "2025-07-22",
    "202408": "2025-08-18",
    "202409": "2025-09-15",
    "202410": "2025-10-15",
    "202411": "2025-11-17",
    "202503": "2026-03-16",
    "202504": "2026-04-15",
    "202505": "2026-05-15",
    "202506": "2026-06-15",
    "202507": "2026-07-15",
    "202508": "2026-08-17",
    "202509": "2026-09-15",
    "202510": "2026-10-15",
    "202511": "2026-11-16",
    "202601": "2027-01-15",
    "202602": "2027-02-15",
    "202603": "2027-03-16",
    "202604": "2027-04-15",
    "202605": "2027-05-15",
    "202606": "2027-06-15",
    "202607": "2027-07-15",
    # Seen in October 2026, before their ends could be read: these are by the rule.
    "202608": "2027-08-16",
    "202609": "2027-09-15",
}
_NEWEST: Final = max(_ENDS)


def ends(version: str) -> date:
    """Return the day on which a version of LinkedIn's marketing APIs stops.

    >>> ends("202511")
    datetime.date(2026, 11, 16)

    Args:
        version: the version as it is sent: ``"YYYYMM"``, ``"YYYYMMDD"``, which means the same, or ``"YYYYMM.RR"``,
            which is one of the talent APIs and is given two years. One that is not in the table ends by the rule,
            whether or not there is such a version.

    Raises:
        InvalidCallError: it is not of one of these forms.
    """
    text = check_version(version, "version")
    listed = None if "." in text else _ENDS.get(text[:6])
    return _by_rule(text) if listed is None else date.fromisoformat(listed)


def _by_rule(version: str) -> date:
    """Return the day on which a version ends that is not in the table."""
    year = int(version[:4]) + (2 if "." in version else 1)
    if year > date.max.year:  # no month that LinkedIn has, but one that can be sent
        return date.max
    end = date(year, int(version[4:6]), 15)
    return end + timedelta(days={5: 2, 6: 1}.get(end.weekday(), 0))


def known_versions() -> tuple[str, ...]:
    """Return the versions in the table, the oldest first; LinkedIn may have others since."""
    return tuple(sorted(_ENDS))


def latest(on: date | None = None) -> str:
    """Return the newest version of the marketing APIs that is known to be there.

    A version that LinkedIn has made since this package was released is not known to it, and months can be left out, so
    that none is guessed. A version is supported for at least a year: it was there a year before its end, and is taken
    to be there from then on.

    >>> latest(on=date(2025, 12, 24))
    '202511'

    Args:
        on: the day that is meant; None for the newest of all. On a day that is later than the end of all versions in
            the table, the newest of them is returned all the same: ask `ends`.

    Raises:
        InvalidCallError: it is not a date, or is one from before the table begins.
    """
    if on is None:
        return _NEWEST
    newest = newest_on(_day("on", on))
    if newest is None:
        raise InvalidCallError("on", f"is before {_year_before(ends(min(_ENDS)))}, when the table begins")
    return newest


def newest_on(day: date) -> str | None:
    """Return the newest version that is known to be there on a day; None where none is.

    Args:
        day: the day.
    """
    return max([version for version in _ENDS if _year_before(ends(version)) <= day], default=None)


def _year_before(end: date) -> date:
    return end.replace(year=end.year - 1)  # none of them ends on 29 February


def _day(argument: str, moment: date) -> date:
    """Return the day of a moment, which may be a datetime: that is a date too, but does not compare with one."""
    if not isinstance(moment, date):
        raise InvalidCallError(argument, f"must be a date, not {type(moment).__name__}")
    return moment.date() if isinstance(moment, datetime) else moment


def sunset_notice(version: str, today: date) -> str | None:
    """Return what to tell of a version that ends within 60 days, or has ended; None for any other.

    Args:
        version: the version as it is sent.
        today: the day, such as that of the header Date of an answer.

    Raises:
        InvalidCallError: it is not a version, or the day is not a date.
    """
    end, day = ends(version), _day("today", today)
    left = (end - day).days
    if left > NOTICE_DAYS:
        return None
    whose = "talent" if "." in version else "marketing"
    by_rule = "" if version[:6] in _ENDS and whose == "marketing" else " by LinkedIn's rule"
    when = f"ended on {end}" if left <= 0 else f"ends on {end}, in {left} day{'s' * (left > 1)}"
    text = f"version {version} of LinkedIn's {whose} APIs {when}{by_rule}"
    return f"{text}; {_cure(version, day)}" if whose == "marketing" else text


def _cure(version: str, day: date | None) -> str:
    """Return what to do about a version: set another one that is there on a day, where one is known."""
    newest = _NEWEST if day is None else newest_on(day)
    if newest is None or newest == version[:6] or (day is not None and ends(newest) <= day):
        return f"{PAGE} lists those that are there: set version_string"
    return f"the newest known here is {newest}: set version_string"


def explain(error: RestliError) -> None:
    """Add to an error's hint what is known of the version, where LinkedIn refused the call for it; else do nothing.

    These are a 426, the 400 for no version, and the 404 for a path that is not there, such as one of the marketing APIs
    that was asked for without a version. Clients do this by themselves; a program with I/O of its own does it with the
    errors that `Call.parse` raises, before it shows them. To do it twice adds nothing.

    Args:
        error: the error; for any other than a ServiceError there is nothing to add.
    """
    if not isinstance(error, ServiceError) or error.request is None or not _is_of_versions(error):
        return
    moment = read_http_date(error.response.headers.get("Date", ""))
    day = None if moment is None else moment.date()
    version = error.request.headers.get("LinkedIn-Version")
    text = _on_missing(day) if version is None else _on_sent(version, day, is_refused=error.status_code == 426)
    if text and text not in error.hint:
        error.hint = f"{error.hint}; {text}" if error.hint else text


def _is_of_versions(error: ServiceError) -> bool:
    """Return whether the version may be why a call was refused."""
    words = f"{error.code} {error.message}"
    if error.status_code == 404:
        return "No virtual resource found" in words
    return error.status_code == 426 or (error.status_code == 400 and "VERSION_MISSING" in words)


def _on_missing(day: date | None) -> str:
    """Return what to tell where no version was sent."""
    newest = _NEWEST if day is None else newest_on(day)
    return "" if newest is None else f"the newest version known here is {newest}"


def _on_sent(version: str, day: date | None, *, is_refused: bool) -> str:
    """Return what to tell of the version that was sent; empty where the table says nothing against it.

    Args:
        version: the version.
        day: the day of the answer; None where the server did not say.
        is_refused: whether it is the version that was refused, and not the path.
    """
    try:
        end = ends(version)
    except InvalidCallError:  # a request that was not made here
        return ""
    if day is not None and end <= day:
        return sunset_notice(version, day) or ""
    if not is_refused or "." in version:
        return ""
    known = f"ends on {end} by LinkedIn's table" if version[:6] in _ENDS else "is not known here"
    return f"version {version} {known}; {_cure(version, day)}"
