"""Hints: what the request shows to be wrong, and that good requests give none."""

from __future__ import annotations

from typing import Any

import pytest

from restli_core import calls
from restli_core.messages import HttpRequest
from restli_core.responses.hints import find_hint

# What the hints are about is warned of when the call is made.
pytestmark = pytest.mark.filterwarnings("ignore::restli_core.SuspiciousValueWarning")

NO_VERSION = "no LinkedIn-Version was sent: set version_string"
MAYBE_VERSION = "no LinkedIn-Version was sent: if the resource has versions, set version_string"


def hint(status: int, message: str = "", **options: Any) -> str:
    options = {"access_token": "t", "version_string": "202601", **options}
    return find_hint(calls.get("/r", **options).request, status, message)


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 409, 414, 422, 429, 500])
def test_a_good_request_gets_none(status: int) -> None:
    params = {
        "text": "Q3 (July: launch)",
        "urns": ["urn:li:a:1"],
        "when": {"year": 2026},
        "t": "a,b",
        "e": "",
        "s": ":-)",
    }
    expected = "its query has" if status == 414 else ""
    assert hint(status, query_params=params, fields="id,owner:(name)")[:13] == expected


@pytest.mark.parametrize(
    ("options", "status", "message", "expected"),
    [
        ({"access_token": None}, 401, "", "no access token was sent: set access_token"),
        ({}, 401, "", ""),
        ({"version_string": None}, 404, "", MAYBE_VERSION),
        ({"version_string": None}, 403, "Not enough permissions to access: me.GET.NO_VERSION", MAYBE_VERSION),
        ({"version_string": None}, 400, "VERSION_MISSING A version must be present", NO_VERSION),
        ({"version_string": None, "base_url": "http://localhost/rest"}, 404, "", NO_VERSION),
        ({"version_string": None, "base_url": "http://localhost"}, 404, "", ""),
        (
            {"version_string": None, "base_url": "http://localhost"},
            400,
            "specify the linkedin-version header",
            NO_VERSION,
        ),
        ({"version_string": None}, 500, "NO_VERSION", ""),
        ({}, 400, "VERSION_MISSING", ""),
        ({"query_params": {"a": "b" * 50}}, 414, "", "its query has 52 characters: set tunnel_above to less"),
        ({"query_params": {"a": "b" * 50}, "tunnel_above": 0}, 414, "", "its path is too long: a key in it"),
        ({}, 414, "", "its path is too long: a key in it"),
    ],
)
def test_what_to_do(options: dict[str, Any], status: int, message: str, expected: str) -> None:
    found = hint(status, message, **options)
    assert found.startswith(expected)
    assert bool(found) == bool(expected)


@pytest.mark.parametrize(
    "value",
    [
        "List(1,2)",
        "List(urn%3Ali%3Aa%3A1)",
        "(a:b)",
        "(start:(year:2026))",
        '["a"]',
        '{"a":1}',
        ["(a:1)"],
        {"k": "List(a)"},
    ],
)
@pytest.mark.parametrize("tunnel_above", [0, None])
def test_parameters_that_went_out_as_text_are_named(value: Any, tunnel_above: int | None) -> None:
    found = hint(400, query_params={"my param": value, "fine": ["x"]}, tunnel_above=tunnel_above)
    assert found == "my param went out as text: if a list or a map was meant, give a list or a dict"
    assert hint(404, query_params={"accounts": value}) == ""


def test_keys_that_went_out_as_text_are_named() -> None:
    request = calls.get("/r/{id}", path_keys={"id": "(a:1)"}, base_url="http://h").request
    assert find_hint(request, 400, "").startswith("a key of its path went out as text")
    request = calls.batch_get("/r", ["(a:1)"], base_url="http://h").request
    assert find_hint(request, 400, "").startswith("ids went out as text")


def test_what_was_escaped_before_is_named() -> None:
    found = hint(400, query_params={"author": "urn%3Ali%3Aperson%3A7"})
    assert found == "author was escaped before it was given: give it as it is"


@pytest.mark.parametrize("value", ["(", "List(", "(a)", "[", "{a}", "{}", "[" * 100_000, "(see below)", "\u2028"])
def test_texts_that_only_look_so_are_not(value: str) -> None:
    assert hint(400, query_params={"a": value}) == ""


def test_there_are_few_hints_and_all_are_printable() -> None:
    found = hint(400, query_params={f"\x1b\u2028{number}": "List(1)" for number in range(50)})
    assert found.count("went out as text") == 3
    assert found.isprintable()


@pytest.mark.parametrize(
    "request_",
    [
        HttpRequest("POST", "http://h/r", {"X-HTTP-Method-Override": "GET"}, b"x"),
        HttpRequest("POST", "http://h/r?a=%28b%3Ac%29", {"X-HTTP-Method-Override": "no", "Content-Type": "a"}, b"x"),
        HttpRequest("GET", "r?&=&a&%=%28%29&a=%28%"),
        HttpRequest("GET", "http://h/" + "a" * 200_000 + ":"),
        HttpRequest("GET", "http://[h/rest/r"),
    ],
    ids=range(5),
)
def test_requests_of_others_give_no_error(request_: HttpRequest) -> None:
    for status in (400, 401, 403, 404, 414):
        assert isinstance(find_hint(request_, status, ""), str)
