"""Secrets are taken out of recordings, and nothing else is."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restli_transports.testing.recordings import redacted, vcr_settings

SECRET = "AQX-s3cret_~%2F"


@pytest.mark.parametrize(
    "text",
    [
        f'{{"access_token":"{SECRET}","expires_in":5184000}}',
        f'{{\n  "refresh_token" : "{SECRET}"\n}}',
        f'{{"id_token": "{SECRET}\\"{SECRET}"}}',
        f"grant_type=refresh_token&refresh_token={SECRET}&client_id=app&client_secret={SECRET}",
        f"client_secret={SECRET}",
        f"https://api.test/rest/me?oauth2_access_token={SECRET}&fields=id#top",
        f"--b\r\nContent-Type: x\r\n\r\noauth2_access_token={SECRET}&ids=List(1)\r\n--b--",
        f'{{"url": "https://api.test/?access_token={SECRET}"}}',
        f"https://app.test/cb#access_token={SECRET}&state=x",
        f'{{"a": [{{"b": {{"access_token": "{SECRET}"}}}}]}}',
        json.dumps({"body": json.dumps({"access_token": SECRET, "next": 1})}),
        json.dumps({"body": json.dumps({"body": json.dumps({"refresh_token": SECRET})})}),
    ],
)
def test_a_secret_is_taken_out(text: str) -> None:
    assert SECRET in text
    for found in (redacted(text), redacted(text.encode()).decode()):
        assert SECRET not in found
        assert "REDACTED" in found
        assert found.startswith(text.partition(SECRET)[0])
        assert found.endswith(text.rpartition(SECRET)[2])
    if text.startswith("{"):
        json.loads(redacted(text))


def test_a_header_in_a_page_of_an_error_is_taken_out() -> None:
    page = "<pre>Authorization: Bearer AQX-s3cret_~AQX-s3cret_~</pre>"
    assert redacted(page) == "<pre>Authorization: Bearer REDACTED</pre>"


@pytest.mark.parametrize("cut", ["", "\\"])
def test_a_secret_of_a_text_that_was_cut_off_is_taken_out(cut: str) -> None:
    assert redacted(f'{{"access_token": "{SECRET}{cut}') == '{"access_token": "REDACTED"'


@pytest.mark.parametrize("name", ["code", "code_verifier", "token", "client_assertion"])
def test_what_is_a_secret_only_for_oauth(name: str) -> None:
    form = f"client_id=app&{name}={SECRET}"
    assert redacted(form, oauth=True) == f"client_id=app&{name}=REDACTED"
    assert redacted(form) == form


@pytest.mark.parametrize(
    "text",
    [
        '{"code": "DUPLICATE_POST", "token": "x", "accessToken": "y", "my_access_token": "z"}',
        '{"token_type": "Bearer", "message": "Bearer tokens are needed"}',
        "ids=List(1,2)&fields=access_token&pageToken=x&not_client_secret=y",
        "",
        "\udc80",
    ],
)
def test_the_rest_stays(text: str) -> None:
    assert redacted(text) == text


@given(st.binary() | st.binary(min_size=1).map(lambda data: b'{"access_token": "' + data + b'"}'))
def test_redacting_twice_is_redacting_once_whatever_it_is(data: bytes) -> None:
    assert redacted(redacted(data)) == redacted(data)


@pytest.mark.parametrize(
    "text", ['"access_token": "' * 20_000, '"access_token":' + " " * 100_000, "&token=" * 50_000, "\\" * 100_000]
)
def test_it_takes_no_longer_than_the_text_is_long(text: str) -> None:
    assert len(redacted(text, oauth=True)) > 0  # or this never ends


def request(body: Any, uri: str = "https://www.test/oauth/v2/accessToken") -> Any:
    return SimpleNamespace(uri=uri, body=body)


def test_a_request_of_vcrpy() -> None:
    redact = vcr_settings()["before_record_request"]
    assert redact(request(b"code=x&client_id=app")).body == b"code=REDACTED&client_id=app"
    assert redact(request("code=x&client_id=app")).body == "code=REDACTED&client_id=app"
    assert redact(request(None)).body is None
    assert redact(request(b"code=x", "https://api.test/rest/me?to=/oauth/")).body == b"code=x"
    assert redact(request(b"", "https://api.test/?access_token=x")).uri == "https://api.test/?access_token=REDACTED"
    pieces = iter([b"x"])
    assert redact(request(pieces)).body is pieces


def test_an_answer_of_vcrpy() -> None:
    redact = vcr_settings()["before_record_response"]
    body = b'{"access_token": "x"}'
    headers = {"Set-Cookie": ["a=b"], "Content-Length": ["21"], "Date": ["now"]}
    given = {"status": {"code": 200, "message": "OK"}, "headers": headers, "body": {"string": body}}
    changed = b'{"access_token": "REDACTED"}'
    assert redact(given) == {
        "status": {"code": 200, "message": "OK"},
        "headers": {"Content-Length": [str(len(changed))], "Date": ["now"]},
        "body": {"string": changed},
    }
    assert given["body"] == {"string": body}
    assert redact({**given, "body": {"string": b"{}"}})["headers"] == {"Content-Length": ["21"], "Date": ["now"]}


def test_a_secret_in_a_header_of_an_answer_is_taken_out() -> None:
    redact = vcr_settings()["before_record_response"]
    headers = {"Location": [f"https://app.test/cb#access_token={SECRET}"], "X-Other": "text"}
    found = redact({"headers": headers, "body": {"string": b""}})
    assert found["headers"] == {"Location": ["https://app.test/cb#access_token=REDACTED"], "X-Other": "text"}


def test_headers_of_requests_and_what_is_compared() -> None:
    settings = vcr_settings()
    assert settings["filter_headers"] == ["Authorization", "Proxy-Authorization", "Cookie"]
    assert "body" in settings["match_on"]
