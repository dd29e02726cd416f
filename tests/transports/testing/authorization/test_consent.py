from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from restli_core import oauth
from restli_core.errors import OAuthError
from restli_core.messages import HttpRequest
from restli_transports.testing.authorization import AuthorizationServer
from tests.support.oauth_flows import (
    BACK,
    CHALLENGE,
    LOCAL,
    NATIVE,
    STATE,
    WEB,
    Form,
    native_code,
    page,
    posted,
)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
@pytest.mark.parametrize("port", ["", ":1", ":65535"])
def test_any_port_of_loopback_will_do_for_the_native_flow(
    authorization: AuthorizationServer, host: str, port: str
) -> None:
    assert native_code(authorization, f"http://{host}{port}/back")


def test_the_page_shows_what_is_asked_for_and_escapes_it() -> None:
    authorization = AuthorizationServer(members=["Ada <ada@h>", "Bob"])
    authorization.app("<b>app</b>", "s", redirect_urls=[BACK])
    asked = {**WEB, "client_id": "<b>app</b>", "scope": "<script> b", "state": '"><script>'}
    answer = page(authorization, asked)
    html = answer.body.decode()
    form = Form(html)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert form.options == ["Ada <ada@h>", "Bob"]
    assert form.buttons == ["allow", "cancel"]
    assert dict(parse_qsl(urlsplit(form.action).query)) == asked
    assert "&lt;script&gt;" in html
    assert not {"script", "b"} & set(form.tags)


@pytest.mark.parametrize(
    ("decision", "query"),
    [
        ({"decision": "cancel", "member": "urn:li:person:ada"}, "error=user_cancelled_authorize"),
        ({"decision": "allow", "member": "somebody"}, "error=user_cancelled_login"),
        ({"decision": "allow"}, "error=user_cancelled_login"),
        ({}, "error=user_cancelled_authorize"),
    ],
)
def test_members_who_do_not_consent(authorization: AuthorizationServer, decision: Any, query: str) -> None:
    answer = posted(authorization, f"/authorization?{urlencode(WEB)}", decision)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(f"{BACK}&{query}&error_description=")
    with pytest.raises(OAuthError, match=r"^user_cancelled"):
        oauth.read_redirect(answer.headers["Location"], STATE)


def test_without_a_state_there_is_none_in_the_redirect(authorization: AuthorizationServer) -> None:
    assert "state" not in authorization.consent(oauth.generate_member_auth_url("app", BACK, "r_ads"))


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"client_id": ""}, "invalid_request"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"redirect_uri": ""}, "invalid_request"),
        ({"redirect_uri": "https://app.example/back"}, "invalid_redirect_uri"),
        ({"redirect_uri": "https://evil.example/<script>"}, "invalid_redirect_uri"),
        ({"client_id": "native", "redirect_uri": LOCAL}, "invalid_redirect_uri"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_is_sent_to_a_place_that_is_not_registered(
    authorization: AuthorizationServer, asked: dict[str, str], error: str, method: str
) -> None:
    url = f"/oauth/v2/authorization?{urlencode({**WEB, **asked})}"
    answer = authorization.answer(HttpRequest(method, url))
    assert answer.status_code == 400
    assert f"<h1>{error}</h1>" in answer.body.decode()
    assert "Location" not in answer.headers
    assert b"<script" not in answer.body


def test_a_parameter_that_comes_twice(authorization: AuthorizationServer) -> None:
    answer = authorization.answer(HttpRequest("GET", f"/oauth/v2/authorization?{urlencode(WEB)}&client_id=app"))
    assert answer.status_code == 400
    twice = posted(authorization, "/accessToken", "grant_type=a&grant_type=a")
    assert (twice.status_code, json.loads(twice.body)["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("path", "asked", "error"),
    [
        ("/oauth/v2", {**WEB, "response_type": "token"}, "unsupported_response_type"),
        ("/oauth/v2", {**WEB, "response_type": ""}, "invalid_request"),
        ("/oauth/v2", {**WEB, "scope": ""}, "invalid_request"),
        ("/oauth/v2", {**WEB, "scope": " "}, "unauthorized_scope_error"),
        ("/oauth/v2", {**WEB, "scope": "r_ads r_all"}, "unauthorized_scope_error"),
        ("/oauth/v2", {**WEB, "code_challenge": CHALLENGE}, "invalid_client"),
        ("/oauth/v2", {**WEB, "code_challenge_method": "S256"}, "invalid_client"),
        ("/oauth/native-pkce", {**NATIVE, "client_id": "app", "redirect_uri": BACK}, "unauthorized_client"),
        ("/oauth/native-pkce", {**NATIVE, "code_challenge": ""}, "invalid_request"),
        ("/oauth/native-pkce", {**NATIVE, "code_challenge": "short"}, "invalid_request"),
        ("/oauth/native-pkce", {**NATIVE, "code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_what_the_application_asks_for_wrongly(
    authorization: AuthorizationServer, path: str, asked: dict[str, str], error: str
) -> None:
    answer = page(authorization, asked, path)
    assert answer.status_code == 302
    with pytest.raises(OAuthError) as caught:
        oauth.read_redirect(answer.headers["Location"], STATE)
    assert caught.value.error == error


def test_redirect_urls_need_not_be_ascii() -> None:
    authorization = AuthorizationServer()
    authorization.app("app", "s", redirect_urls=["https://h/é%2F?ü"])
    location = authorization.consent(oauth.generate_member_auth_url("app", "https://h/é%2F?ü", "a", "s"))
    assert location.startswith("https://h/%C3%A9%2F?%C3%BC&code=")
