"""The lines of a journal: what is written of a request and its answer, and what is read again."""

from __future__ import annotations

import json
from typing import Any

import pytest

import restli_core as restli
from restli_core import HttpRequest, HttpResponse, InvalidCallError
from restli_core.oauth import client_credentials
from restli_transports.journal import Identity, Line, identify
from restli_transports.journal.lines import key_of, read_header, read_line, read_subject, write_header, write_line
from tests.support.samples import ARGUMENTS, call

REQUEST = restli.create("/adAccounts", {"name": "Summer"}).request
IDENTITY = identify(REQUEST, 1, "create /adAccounts")
AT = "2026-09-01T12:00:00Z"
TOKEN = "AQX-token-of-a-member"


def outcome(response: HttpResponse) -> Line:
    return Line("outcome", IDENTITY, AT, response)


def written(response: HttpResponse, **options: Any) -> dict[str, Any]:
    line = write_line(outcome(response), REQUEST.with_header("Authorization", f"Bearer {TOKEN}"), **options)
    fields: dict[str, Any] = json.loads(line)
    return fields


@pytest.mark.parametrize(
    "line",
    [
        Line("intent", IDENTITY, AT),
        Line("unsent", IDENTITY, AT, None, "ConnectError", "connection refused"),
        Line("lost", IDENTITY, AT, None, "ValueError"),
        outcome(HttpResponse(201, {"X-RestLi-Id": "5"}, b"", REQUEST.url)),
        outcome(HttpResponse(200, [("A", "1"), ("a", "2")], "Käse\u2028\n".encode(), REQUEST.url)),
        outcome(HttpResponse(200, {"A": "\xe9\udc80"}, b"\xff\x00\n", REQUEST.url)),
        outcome(HttpResponse(200, {}, b"{}", "https://other.example/")),
        outcome(HttpResponse(200, {}, b"{}", "")),
    ],
    ids=["intent", "unsent", "lost", "created", "text", "bytes", "another URL", "no URL"],
)
def test_what_was_written_is_read(line: Line) -> None:
    made = write_line(line, REQUEST)
    assert made.count(b"\n") == 1
    assert made.endswith(b"\n")
    found = read_line(made, REQUEST.url)
    assert found == line
    assert read_subject(made) == (line.event, IDENTITY.key, 1)
    if line.response is not None and found.response is not None:
        assert found.response.headers.raw == line.response.headers.raw


def test_no_cookie_and_no_authorization_is_written() -> None:
    secrets = ["Set-Cookie", "set-cookie2", "Cookie", "AUTHORIZATION", "Proxy-Authorization", "Authentication-Info"]
    fields = written(HttpResponse(200, [*((name, "s3cret") for name in secrets), ("ETag", "1")], b"{}", REQUEST.url))
    assert fields["headers"] == [["ETag", "1"]]


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse(401, {}, f'{{"message": "no {TOKEN}"}}'.encode()),
        HttpResponse(401, {"X-Echo": f"Bearer {TOKEN}"}),
        HttpResponse(401, {}, b"\xff " + TOKEN.encode()),
        HttpResponse(401, {}, b"", f"https://api.linkedin.com/?token={TOKEN}"),
    ],
    ids=["body", "header", "bytes", "URL"],
)
def test_a_token_that_a_server_repeats_is_not_written(response: HttpResponse) -> None:
    made = write_line(outcome(response), REQUEST.with_header("Authorization", f"Bearer {TOKEN}"))
    found = read_line(made)
    assert TOKEN not in repr((made, found.response and (found.response.headers.raw, found.response.body)))


def test_what_is_no_secret_of_the_client_stays_as_it_came() -> None:
    # A parameter of a tunnelled call may be called as a secret of a token call is.
    tunnelled = restli.finder("/r", "search", query_params={"code": "ABCDEFGHIJ"}, tunnel_above=0).request
    response = HttpResponse(200, {}, b'{"elements":["ABCDEFGHIJ"]}')
    assert read_line(write_line(outcome(response), tunnelled)).response == response


def test_a_url_that_may_be_a_secret_is_left_out() -> None:
    assert "url" not in written(HttpResponse(200, {}, b"", REQUEST.url))
    assert written(HttpResponse(200, {}, b"", "https://h/upload?sig=1"), keeps_url=False)["url"] == ""


def test_the_key_says_what_the_request_says() -> None:
    calls = [call(name) for name in ARGUMENTS]
    calls += [call(name, tunnel_above=0) for name in ("batch_get", "batch_update", "batch_delete", "finder")]
    calls += [restli.get("/r", path_keys=None, query_params={"a": 1}), restli.create("/r", {"a": 2})]
    keys = [key_of(one.request) for one in calls]
    # Also of batch_get and batch_delete in a tunnel, which differ by a header alone.
    assert len({*keys}) == len(keys)
    assert keys == [key_of(one.request) for one in calls]


def test_a_method_in_a_tunnel_is_the_method() -> None:
    keys = {key_of(HttpRequest("POST", "https://h/", {"X-HTTP-Method-Override": verb})) for verb in ("GET", "DELETE")}
    assert len(keys | {key_of(HttpRequest("POST", "https://h/"))}) == 3


def test_the_key_has_no_token_and_no_other_header() -> None:
    assert key_of(REQUEST.with_header("Authorization", "Bearer t")) == key_of(REQUEST)
    assert key_of(REQUEST.with_header("LinkedIn-Version", "202609")) == key_of(REQUEST)


def test_a_form_is_refused_since_its_answer_is_a_secret() -> None:
    with pytest.raises(InvalidCallError, match="call: is a form"):
        key_of(client_credentials("id", "secret").request)
    form = {"content-type": "Application/X-WWW-Form-Urlencoded; charset=utf-8"}
    with pytest.raises(InvalidCallError):
        key_of(HttpRequest("POST", "https://h/", form, b"a=1"))


def test_what_people_read_is_short_and_on_one_line() -> None:
    assert len(identify(REQUEST, 1, "x\n" * 1000).what) <= 300
    assert "\n" not in identify(REQUEST, 1, "x\ny").what


def test_the_first_line() -> None:
    assert read_header(write_header("flow")) == (1, "flow")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"\x00" * 8,
        b"[" * 100_000,
        b'{"restli_journal":"1","kind":"calls"}',
        b'{"restli_journal":true,"kind":"calls"}',
        b'{"restli_journal":1,"kind":2}',
    ],
    ids=range(9),
)
def test_what_is_no_first_line_is_a_value_error(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"journal|object|decode|Expecting|delimiter|nested"):
        read_header(line)


@pytest.mark.parametrize(
    "changes",
    [
        {"line": "other"},
        {"line": ["outcome"]},
        {"key": "AB" * 32},
        {"key": "ab"},
        {"key": 5},
        {"number": -1},
        {"number": True},
        {"what": 1},
        {"at": None},
        {"status": "200"},
        {"headers": {}},
        {"headers": [["A"]]},
        {"headers": [["A", 1]]},
        {"headers": ["AB"]},
        {"body": 1},
        {"base64": "?"},
        {"base64": 5},
        {"url": 5},
    ],
    ids=repr,
)
def test_what_is_no_line_is_a_value_error(changes: dict[str, Any]) -> None:
    fields = json.loads(write_line(outcome(HttpResponse(200, {"A": "1"}, b"x")), REQUEST))
    line = json.dumps({**fields, **changes}).encode()
    for read in (read_line, read_subject):
        with pytest.raises(ValueError, match=r"line of a journal|not a number|not text|outcome|headers|base64"):
            read(line)


def test_an_identity_is_a_plain_tuple() -> None:
    assert Identity(key_of(REQUEST), 1, "create /adAccounts") == IDENTITY
