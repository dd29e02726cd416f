"""Sunset: a client tells, once, that the version of LinkedIn's API that it asks for ends soon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from restli_core.base_errors import VersionSunsetWarning
from restli_core.callers import warn
from restli_core.http_dates import read_http_date
from restli_transports.events.values import VersionEnding

if TYPE_CHECKING:
    from restli_core.errors import ServiceError
    from restli_core.messages import HttpResponse
    from restli_transports._clients.settings import Settings
    from restli_transports._clients.shared import Shared

__all__ = ["explain", "note_sunset"]


def note_sunset(settings: Settings, shared: Shared, response: HttpResponse) -> None:
    """Warn where the client's version ends within 60 days of an answer's Date, or has ended.

    Args:
        settings: the client's settings; they have a version.
        shared: the state that the client shares with its clones: it is told once of each version.
        response: an answer of LinkedIn's API.
    """
    version, date = settings.version_string, response.headers.get("Date")
    # One look a day is enough: most answers are of the same day as the one before.
    if version is None or date is None or (version, date[:16]) == shared.looked_at:
        return
    shared.looked_at = (version, date[:16])
    moment = read_http_date(date)
    if moment is None:
        return
    from restli_core.linkedin.versions import ends, latest, newest_on, sunset_notice  # for LinkedIn's own answers alone

    today = moment.date()
    notice = sunset_notice(version, today)
    if notice is not None and shared.is_first(version):
        settings.listeners.emit(VersionEnding(version, ends(version), newest_on(today) or latest()))
        warn(notice, VersionSunsetWarning)


def explain(error: ServiceError) -> None:
    """Add to an error what is known of the version that was asked for, where it may be why the call was refused."""
    if error.status_code in _OF_VERSIONS:
        from restli_core.linkedin import versions

        versions.explain(error)


_OF_VERSIONS: Final = frozenset({400, 404, 426})
