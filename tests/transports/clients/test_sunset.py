"""The end of a version: told once, by the Date of LinkedIn's own answers, and added to the errors that it may cause."""

from __future__ import annotations

import warnings
from datetime import date
from typing import Any

import pytest

import restli_core as restli
from restli_core import HttpResponse, VersionSunsetWarning
from restli_transports.events import VersionEnding
from tests.support import played_tries
from tests.support.played_tries import KINDS, client_over, do, failure, refused
from tests.support.recorders import BODY

SOON = "Sun, 01 Nov 2026 08:00:00 GMT"  # 15 days before 202511 ends
EARLY = "Tue, 01 Sep 2026 08:00:00 GMT"
ENDED = "Tue, 01 Dec 2026 08:00:00 GMT"
NOTICE = (
    "version 202511 of LinkedIn's marketing APIs ends on 2026-11-16, in 15 days; "
    "the newest known here is 202609: set version_string"
)


def dated(*dates: str) -> list[HttpResponse]:
    return [HttpResponse(200, {"Date": date}, BODY) for date in dates]


def told(act: Any) -> list[str]:
    """The warnings of the end of a version; each stands at the line that calls the client."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        act()
    found = [one for one in caught if one.category is VersionSunsetWarning]
    assert {one.filename for one in found} <= {played_tries.__file__, __file__}
    return [str(one.message) for one in found]


# -- the warning -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_within_sixty_days_of_the_end_warns_with_the_day_and_the_newest(kind: str) -> None:
    client, _ = client_over(kind, *dated(SOON), version_string="202511")
    assert told(lambda: do(client, client.calls.get("/me"))) == [NOTICE]


@pytest.mark.parametrize("kind", KINDS)
def test_a_client_and_its_clones_are_told_once_and_another_client_for_itself(kind: str) -> None:
    client, _ = client_over(kind, *dated(SOON, SOON, ENDED), version_string="202511")
    clone = client.with_options(access_token="t")
    assert told(lambda: do(clone, clone.calls.get("/me"))) == [NOTICE]
    for one in (client, clone, clone.with_options(headers={"X-A": "b"})):
        assert told(lambda one=one: do(one, one.calls.get("/me"))) == []
    other, _ = client_over(kind, *dated(SOON), version_string="202511")
    assert told(lambda: do(other, other.calls.get("/me"))) == [NOTICE]


def test_each_version_is_told_of() -> None:
    client, _ = client_over("blocking", *dated(SOON), version_string="202511")
    newer = client.with_options(version_string="202601")
    older = client.with_options(version_string="202510")
    assert told(lambda: [do(one, one.calls.get("/me")) for one in (client, newer, older, client, older)]) == [
        NOTICE,
        (
            "version 202510 of LinkedIn's marketing APIs ended on 2026-10-15; "
            "the newest known here is 202609: set version_string"
        ),
    ]


def test_the_day_comes_while_the_client_is_in_use() -> None:
    client, _ = client_over("blocking", *dated(EARLY, EARLY, SOON), version_string="202511")
    assert [told(lambda: client.get("/me")) for _ in range(4)] == [[], [], [NOTICE], []]


@pytest.mark.parametrize(
    ("options", "headers"),
    [
        ({"version_string": "202511"}, {"Date": EARLY}),
        ({"version_string": "202511"}, {}),
        ({"version_string": "202511"}, {"Date": "soon"}),
        ({"version_string": "202609"}, {"Date": SOON}),
        ({}, {"Date": SOON}),
        ({"version_string": "202511", "base_url": "http://h/rest"}, {"Date": SOON}),
        ({"version_string": "202511", "base_url": "https://api.linkedin.com:444/rest"}, {"Date": SOON}),
    ],
    ids=["early", "no Date", "an unreadable Date", "a newer one", "no version", "another server", "another port"],
)
def test_nothing_is_told(options: dict[str, Any], headers: dict[str, str]) -> None:
    client, _ = client_over("blocking", HttpResponse(200, headers, BODY), **options)
    assert told(lambda: client.get("/me")) == []


def test_an_answer_of_another_server_tells_nothing() -> None:
    client, _ = client_over("blocking", *dated(SOON), version_string="202511")
    assert told(lambda: client.send(restli.get("/me", base_url="https://api.linkedin.com.example"))) == []
    assert told(lambda: client.get("/me")) == [NOTICE]


def test_an_answer_that_is_an_error_tells_too() -> None:
    client, _ = client_over("blocking", refused(404, headers={"Date": SOON}), version_string="202511")
    assert told(lambda: failure(client, client.calls.get("/me"))) == [NOTICE]


@pytest.mark.parametrize("kind", KINDS)
def test_listeners_are_told_what_the_warning_says(kind: str) -> None:
    events: list[Any] = []
    # A year before there was another newest one.
    now, before = dated(SOON, "Sat, 01 Nov 2025 08:00:00 GMT")
    for answer, version, ends, newest in (
        (now, "202511", date(2026, 11, 16), "202609"),
        (before, "202411", date(2025, 11, 17), "202510"),
    ):
        client, _ = client_over(kind, answer, version_string=version, on_event=events.append)
        (text,) = told(lambda client=client: do(client, client.calls.get("/me")))
        ending = [event for event in events if isinstance(event, VersionEnding)].pop()
        assert ending == VersionEnding(version, ends, newest)
        assert str(ends) in text
        assert newest in text


def test_listeners_are_told_of_the_newest_of_all_where_none_is_known_of_that_day() -> None:
    events: list[Any] = []
    (answer,) = dated("Wed, 01 May 2024 08:00:00 GMT")
    client, _ = client_over("blocking", answer, version_string="202306", on_event=events.append)
    assert len(told(lambda: client.get("/me"))) == 1
    assert VersionEnding("202306", date(2024, 6, 17), "202609") in events


# -- the errors --------------------------------------------------------------------------------------------------------

MISSING = "A version must be present. Please specify a version by adding the LinkedIn-Version header."
NO_PATH = "No virtual resource found"
AT = {"Date": SOON}


@pytest.mark.filterwarnings("ignore::restli_core.VersionSunsetWarning")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("version", "answer", "words"),
    [
        (
            None,
            refused(400, MISSING, AT, code="VERSION_MISSING"),
            "set version_string; the newest version known here is 202609",
        ),
        (None, refused(404, NO_PATH, AT, code="RESOURCE_NOT_FOUND"), "no LinkedIn-Version was sent"),
        ("202510", refused(404, NO_PATH, AT, code="RESOURCE_NOT_FOUND"), "version 202510 .* ended on 2026-10-15"),
        ("202510", refused(426, "not active", AT, code="NONEXISTENT_VERSION"), "ended on 2026-10-15; .* 202609"),
        ("202512", refused(426, "not active", AT, code="NONEXISTENT_VERSION"), "202512 is not known here; .* 202609"),
    ],
)
def test_an_error_for_the_version_says_so_in_its_text(
    kind: str, version: str | None, answer: HttpResponse, words: str
) -> None:
    client, _ = client_over(kind, answer, base_url="https://api.linkedin.com/rest", version_string=version)
    error = failure(client, client.calls.get("/adAccounts"))
    assert restli.ServiceError in type(error).__mro__
    with pytest.raises(type(error), match=words):
        raise error


@pytest.mark.parametrize("kind", KINDS)
def test_other_errors_say_nothing_of_it(kind: str) -> None:
    for status in (400, 403, 404, 500):
        client, _ = client_over(kind, refused(status, headers={"Date": SOON}), version_string="202609", retry=None)
        assert "version" not in str(failure(client, client.calls.get("/me")))
