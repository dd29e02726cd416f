"""The authorization server: every flow and every error, in memory and over sockets."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest

import restli_core as restli
from restli_core import oauth
from restli_core.calls import Call
from restli_core.errors import InvalidCallError, OAuthError, ServiceError, UnauthorizedError
from restli_core.messages import HttpRequest, HttpResponse
from restli_transports import AsyncRestliClient, RestliClient
from restli_transports.testing.authorization import AuthorizationServer, TokenCheck
from restli_transports.testing.fake import FakeAsyncTransport, FakeTransport
from restli_transports.testing.server import RestliServer

BACK = "https://app.example/back?a=b"
LOCAL = "http://127.0.0.1:8914/back"
VERIFIER = "v" * 64
CHALLENGE = oauth.code_challenge(VERIFIER)
STATE = 'st&te "é"'
WEB = {"response_type": "code", "client_id": "app", "redirect_uri": BACK, "state": STATE, "scope": "r_ads w_ads"}
NATIVE = {
    **WEB,
    "client_id": "native",
    "redirect_uri": LOCAL,
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
DAY = 86400


class Clock:
    """A time that moves only when it is told to."""

    now = 1_700_000_000.25

    def __call__(self) -> float:
        return self.now


def made(**options: Any) -> AuthorizationServer:
    authorization = AuthorizationServer(clock=Clock(), **options)
    authorization.app("app", "s3cret", redirect_urls=[BACK], scopes="r_ads w_ads")
    authorization.app("other", "0ther", redirect_urls=[BACK], refreshes=False, two_legged=False)
    authorization.app("native", redirect_urls=["http://127.0.0.1/back", "http://[::1]/back"], native=True)
    return authorization


@pytest.fixture
def authorization() -> AuthorizationServer:
    return made()


Send = Callable[[Call[Any]], Any]


def in_memory(authorization: AuthorizationServer) -> Send:
    return RestliClient(FakeTransport(authorization=authorization)).send


@pytest.fixture
def send(authorization: AuthorizationServer) -> Send:
    return in_memory(authorization)


def web_code(authorization: AuthorizationServer, client_id: str = "app") -> str:
    url = oauth.generate_member_auth_url(client_id, BACK, "r_ads w_ads", STATE)
    return oauth.read_redirect(authorization.consent(url), STATE)


def native_code(authorization: AuthorizationServer, redirect_url: str = LOCAL) -> str:
    url = oauth.generate_member_auth_url("native", redirect_url, "r_ads", STATE, code_challenge=CHALLENGE)
    return oauth.read_redirect(authorization.consent(url), STATE)


def web_token(authorization: AuthorizationServer) -> Any:
    return in_memory(authorization)(oauth.authorization_code(web_code(authorization), BACK, "app", "s3cret"))


def page(authorization: AuthorizationServer, fields: dict[str, str], path: str = "/oauth/v2") -> HttpResponse:
    return authorization.answer(HttpRequest("GET", f"{path}/authorization?{urlencode(fields)}"))


def posted(authorization: AuthorizationServer, path: str, form: dict[str, str] | str, **headers: str) -> HttpResponse:
    body = form if isinstance(form, str) else urlencode(form)
    fields = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    return authorization.answer(HttpRequest("POST", f"/oauth/v2{path}", fields, body.encode()))


def refusal(send: Send, call: Call[Any]) -> OAuthError:
    with pytest.raises(OAuthError) as caught:
        send(call)
    return caught.value


def told(error: OAuthError) -> tuple[str, int]:
    assert error.response is not None
    assert error.error_description
    return error.error, error.response.status_code


# -- the flows ---------------------------------------------------------------------------------------------------------


def test_the_web_flow(authorization: AuthorizationServer, send: Send) -> None:
    answer = send(oauth.authorization_code(web_code(authorization), BACK, "app", "s3cret"))
    assert (answer.expires_in, answer.refresh_token_expires_in) == (60 * DAY, 365 * DAY)
    assert answer.scopes == ("r_ads", "w_ads")
    assert answer.headers["Cache-Control"] == "no-store"
    grant = authorization.grant(answer.access_token)
    assert grant is not None
    assert (grant.client_id, grant.member, grant.scopes) == ("app", "urn:li:person:ada", ("r_ads", "w_ads"))


def test_the_native_flow(authorization: AuthorizationServer, send: Send) -> None:
    code = native_code(authorization)
    answer = send(oauth.authorization_code(code, LOCAL, "native", code_verifier=VERIFIER))
    refreshed = send(oauth.refresh(answer.refresh_token, "native"))
    assert authorization.grant(refreshed.access_token) == authorization.grant(answer.access_token)
    send(oauth.revoke(refreshed.access_token, "native"))
    assert authorization.grant(refreshed.access_token) is None


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
@pytest.mark.parametrize("port", ["", ":1", ":65535"])
def test_any_port_of_loopback_will_do_for_the_native_flow(
    authorization: AuthorizationServer, host: str, port: str
) -> None:
    assert native_code(authorization, f"http://{host}{port}/back")


def test_an_application_token(authorization: AuthorizationServer, send: Send) -> None:
    answer = send(oauth.client_credentials("app", "s3cret"))
    assert answer.expires_in == 1800
    known = send(oauth.introspect(answer.access_token, "app", "s3cret"))
    assert (known.active, known.auth_type, known.scopes) == (True, "2L", ())
    authorization.advance(1800)
    assert send(oauth.introspect(answer.access_token, "app", "s3cret")).status == "expired"


def test_introspection(authorization: AuthorizationServer, send: Send) -> None:
    token = web_token(authorization)
    known = send(oauth.introspect(token.access_token, "app", "s3cret"))
    assert (known.active, known.status, known.auth_type, known.client_id) == (True, "active", "3L", "app")
    assert known.scope == "r_ads,w_ads"
    assert known.created_at == known.authorized_at == 1_700_000_000
    assert known.expires_at == 1_700_000_000 + 60 * DAY
    assert send(oauth.introspect(token.refresh_token, "app", "s3cret")).expires_at == 1_700_000_000 + 365 * DAY


@pytest.mark.parametrize("whose", ["nobody's", "another's", "a code"])
def test_nobody_learns_of_what_is_not_theirs(authorization: AuthorizationServer, send: Send, whose: str) -> None:
    tokens = {"nobody's": "AQV", "another's": web_token(authorization).access_token, "a code": web_code(authorization)}
    client = ("app", "s3cret") if whose == "a code" else ("other", "0ther")
    assert send(oauth.introspect(tokens[whose], *client)).document == {"active": False}


def test_revocation(authorization: AuthorizationServer, send: Send) -> None:
    token = web_token(authorization)
    send(oauth.revoke(token.access_token, "other", "0ther"))
    send(oauth.revoke("AQV", "app", "s3cret"))
    assert send(oauth.introspect(token.access_token, "app", "s3cret")).active
    send(oauth.revoke(token.access_token, "app", "s3cret"))
    assert send(oauth.introspect(token.access_token, "app", "s3cret")).status == "revoked"
    assert send(oauth.refresh(token.refresh_token, "app", "s3cret")).access_token


def test_the_end_of_a_refresh_token_ends_all_that_it_gave(authorization: AuthorizationServer, send: Send) -> None:
    token, untouched = web_token(authorization), web_token(authorization)
    refreshed = send(oauth.refresh(token.refresh_token, "app", "s3cret"))
    send(oauth.revoke(token.refresh_token, "app", "s3cret"))
    tokens = (token.access_token, refreshed.access_token, untouched.access_token)
    assert [authorization.grant(one) is None for one in tokens] == [True, True, False]
    assert told(refusal(send, oauth.refresh(token.refresh_token, "app", "s3cret"))) == ("invalid_grant", 400)


def test_a_refresh_does_not_put_off_the_end(authorization: AuthorizationServer, send: Send) -> None:
    token = web_token(authorization)
    authorization.advance(364 * DAY)
    refreshed = send(oauth.refresh(token.refresh_token, "app", "s3cret"))
    assert refreshed.refresh_token == token.refresh_token
    assert (refreshed.expires_in, refreshed.refresh_token_expires_in) == (60 * DAY, DAY)
    assert authorization.grant(token.access_token) is None
    authorization.advance(DAY)
    error = refusal(send, oauth.refresh(token.refresh_token, "app", "s3cret"))
    assert (told(error), error.error_description) == (("invalid_grant", 400), "The refresh token is expired")


def test_rotation() -> None:
    authorization = made(rotates=True)
    send, token = in_memory(authorization), web_token(authorization)
    authorization.advance(DAY)
    refreshed = send(oauth.refresh(token.refresh_token, "app", "s3cret"))
    assert refreshed.refresh_token != token.refresh_token
    assert refreshed.refresh_token_expires_in == 364 * DAY
    assert told(refusal(send, oauth.refresh(token.refresh_token, "app", "s3cret"))) == ("invalid_grant", 400)
    assert send(oauth.refresh(refreshed.refresh_token, "app", "s3cret")).access_token


def test_numbers_as_text() -> None:
    authorization = made(numbers_as_text=True, access_lifetime=60)
    token = web_token(authorization)
    assert (token.document["expires_in"], token.expires_in) == ("60", 60)
    known = in_memory(authorization)(oauth.introspect(token.access_token, "app", "s3cret"))
    assert (known.document["active"], known.document["expires_at"]) == (True, "1700000060")


def test_applications_without_refresh_tokens(authorization: AuthorizationServer, send: Send) -> None:
    answer = send(oauth.authorization_code(web_code(authorization, "other"), BACK, "other", "0ther"))
    assert (answer.refresh_token, answer.refresh_token_expires_in) == (None, None)


def test_tokens_without_the_flow(authorization: AuthorizationServer, send: Send) -> None:
    token = authorization.issue("app", "r_ads", member="urn:li:person:bob")
    assert token.expires_at == 1_700_000_000 + 60 * DAY
    assert token.refresh_token_expires_at == 1_700_000_000 + 365 * DAY
    assert token.scopes == ("r_ads",)
    grant = authorization.grant(send(oauth.refresh(token.refresh_token or "", "app", "s3cret")).access_token)
    assert grant is not None
    assert grant.member == "urn:li:person:bob"
    bare = authorization.issue("other", ["a", "b"])
    assert (bare.refresh_token, bare.refresh_token_expires_at, bare.scopes) == (None, None, ("a", "b"))
    with pytest.raises(InvalidCallError, match=r"^client_id: is not registered"):
        authorization.issue("nobody")


def test_revoked_from_outside(authorization: AuthorizationServer) -> None:
    token = authorization.issue("app")
    authorization.revoke("unknown")
    authorization.revoke(token.access_token)
    assert authorization.grant(token.access_token) is None
    assert authorization.grant(token.refresh_token or "") is None


# -- the consent page --------------------------------------------------------------------------------------------------


class Form(HTMLParser):
    """The form of a page, as a browser sees it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.action = ""
        self.buttons: list[str] = []
        self.options: list[str] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        if tag == "form":
            assert given["method"] == "post"
            self.action = given["action"] or ""
        if tag == "button":
            self.buttons.append(given["value"] or "")

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] == ["option"]:
            self.options.append(data)
            self.tags.append("")


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


def test_cancelling_by_name(authorization: AuthorizationServer) -> None:
    url = oauth.generate_member_auth_url("app", BACK, "r_ads", STATE)
    with pytest.raises(OAuthError, match=r"^user_cancelled_authorize: "):
        oauth.read_redirect(authorization.consent(url, allow=False), STATE)
    with pytest.raises(InvalidCallError, match=r"^url: the server answers with 400"):
        authorization.consent(url.replace("client_id=app", "client_id=nobody"))


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


def test_an_application_needs_a_secret_or_the_native_flow(authorization: AuthorizationServer) -> None:
    with pytest.raises(InvalidCallError, match=r"^client_secret: "):
        authorization.app("public")
    with pytest.raises(InvalidCallError, match=r"^members: is empty"):
        AuthorizationServer(members=[])
    assert authorization.app("app", "s3cret", redirect_urls=BACK).redirect_urls == (BACK,)
    assert repr(authorization.app("app", "s3cret")) == "<App app>"
    assert repr(authorization) == "<AuthorizationServer, 3 applications>"


# -- what the token endpoints refuse -----------------------------------------------------------------------------------


def test_codes_that_buy_nothing(authorization: AuthorizationServer, send: Send) -> None:
    code = web_code(authorization)
    wrong = [
        oauth.authorization_code("unknown", BACK, "app", "s3cret"),
        oauth.authorization_code(code, BACK, "other", "0ther"),
        oauth.authorization_code(code, "https://app.example/", "app", "s3cret"),
        oauth.authorization_code(authorization.issue("app").access_token, BACK, "app", "s3cret"),
    ]
    assert [told(refusal(send, call)) for call in wrong] == [("invalid_grant", 400)] * 4
    authorization.advance(1800)
    error = refusal(send, oauth.authorization_code(code, BACK, "app", "s3cret"))
    assert (told(error), "expired" in str(error)) == (("invalid_grant", 400), True)


def test_a_code_used_twice_ends_what_it_gave(authorization: AuthorizationServer, send: Send) -> None:
    call = oauth.authorization_code(web_code(authorization), BACK, "app", "s3cret")
    answer = send(call)
    assert told(refusal(send, call)) == ("invalid_grant", 400)
    assert authorization.grant(answer.access_token) is None
    assert told(refusal(send, oauth.refresh(answer.refresh_token, "app", "s3cret"))) == ("invalid_grant", 400)


def test_the_web_flow_takes_no_verifier(authorization: AuthorizationServer, send: Send) -> None:
    code = web_code(authorization)
    wrong = oauth.authorization_code(code, BACK, "app", "s3cret", code_verifier=VERIFIER)
    assert told(refusal(send, wrong)) == ("invalid_client", 401)
    assert send(oauth.authorization_code(code, BACK, "app", "s3cret")).access_token


def test_a_native_application_has_no_way_around_its_verifier(authorization: AuthorizationServer, send: Send) -> None:
    code = native_code(authorization)
    wrong = oauth.authorization_code(code, LOCAL, "native", code_verifier="w" * 64)
    assert told(refusal(send, wrong)) == ("invalid_grant", 400)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": LOCAL, "client_id": "native"}
    short = posted(authorization, "/accessToken", {**form, "code_verifier": "short"})
    missing = posted(authorization, "/accessToken", form)
    assert [json.loads(one.body)["error"] for one in (short, missing)] == ["invalid_grant", "invalid_request"]


def test_a_native_application_with_a_secret_needs_it_in_the_web_flow(send: Send) -> None:
    authorization = made()
    authorization.app("both", "s3cret", redirect_urls=[BACK], native=True)
    code = web_code(authorization, "both")
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "client_id": "both"}
    without = posted(authorization, "/accessToken", form)
    assert (without.status_code, json.loads(without.body)["error"]) == (401, "invalid_client")
    assert posted(authorization, "/accessToken", {**form, "client_secret": "s3cret"}).status_code == 200


@pytest.mark.parametrize(
    "make",
    [
        lambda app, secret: oauth.authorization_code("c", BACK, app, secret),
        lambda app, secret: oauth.refresh("r", app, secret),
        oauth.client_credentials,
        lambda app, secret: oauth.introspect("t", app, secret),
        lambda app, secret: oauth.revoke("t", app, secret),
    ],
    ids=["authorization_code", "refresh", "client_credentials", "introspect", "revoke"],
)
@pytest.mark.parametrize("client", [("app", "wrong"), ("nobody", "s3cret"), ("app", "é"), ("native", "s3cret")])
def test_wrong_clients(send: Send, make: Callable[[str, str], Call[Any]], client: tuple[str, str]) -> None:
    assert told(refusal(send, make(*client))) == ("invalid_client", 401)


def test_refresh_tokens_that_are_none(authorization: AuthorizationServer, send: Send) -> None:
    token = web_token(authorization)
    for wrong in (
        oauth.refresh("unknown", "app", "s3cret"),
        oauth.refresh(token.access_token, "app", "s3cret"),
        oauth.refresh(token.refresh_token, "other", "0ther"),
    ):
        assert told(refusal(send, wrong)) == ("invalid_grant", 400)


def test_applications_without_tokens_of_their_own(send: Send) -> None:
    assert told(refusal(send, oauth.client_credentials("other", "0ther"))) == ("access_denied", 401)


FORMS: dict[str, tuple[str, dict[str, str]]] = {
    "code": (
        "/accessToken",
        {
            "grant_type": "authorization_code",
            "code": "c",
            "redirect_uri": BACK,
            "client_id": "app",
            "client_secret": "s3cret",
        },
    ),
    "refresh": (
        "/accessToken",
        {"grant_type": "refresh_token", "refresh_token": "r", "client_id": "app", "client_secret": "s3cret"},
    ),
    "credentials": (
        "/accessToken",
        {"grant_type": "client_credentials", "client_id": "app", "client_secret": "s3cret"},
    ),
    "introspection": ("/introspectToken", {"token": "t", "client_id": "app", "client_secret": "s3cret"}),
    "revocation": ("/revoke", {"token": "t", "client_id": "app", "client_secret": "s3cret"}),
}


@pytest.mark.parametrize(("kind", "missing"), [(kind, name) for kind, (_, form) in FORMS.items() for name in form])
@pytest.mark.parametrize("as_empty", [False, True])
def test_parameters_that_are_missing(
    authorization: AuthorizationServer, kind: str, missing: str, as_empty: bool
) -> None:
    path, form = FORMS[kind]
    given = {name: "" if name == missing else value for name, value in form.items() if as_empty or name != missing}
    answer = posted(authorization, path, given)
    document = json.loads(answer.body)
    assert (answer.status_code, document["error"]) == (400, "invalid_request")
    assert missing in document["error_description"]


@pytest.mark.parametrize(("grant_type", "error"), [("password", "unsupported_grant_type"), ("", "invalid_request")])
def test_grant_types(authorization: AuthorizationServer, grant_type: str, error: str) -> None:
    answer = posted(authorization, "/accessToken", {**FORMS["credentials"][1], "grant_type": grant_type})
    assert (answer.status_code, json.loads(answer.body)["error"]) == (400, error)


def test_only_the_body_counts(authorization: AuthorizationServer) -> None:
    form = FORMS["credentials"][1]
    in_url = posted(authorization, f"/accessToken?{urlencode(form)}", "")
    basic = posted(
        authorization, "/accessToken", {"grant_type": "client_credentials"}, Authorization="Basic YXBwOnMzY3JldA=="
    )
    as_json = authorization.answer(
        HttpRequest("POST", "/oauth/v2/accessToken", {"Content-Type": "application/json"}, json.dumps(form).encode())
    )
    assert {one.status_code for one in (in_url, basic, as_json)} == {400}


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/oauth/v2/authorization", "GET, HEAD, POST"),
        ("GET", "/oauth/v2/accessToken", "POST"),
        ("GET", "/oauth/v2/introspectToken?token=t", "POST"),
        ("DELETE", "/oauth/v2/revoke", "POST"),
    ],
)
def test_methods(authorization: AuthorizationServer, method: str, path: str, allowed: str) -> None:
    answer = authorization.answer(HttpRequest(method, path))
    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)


@pytest.mark.parametrize("path", ["/oauth/v2/token", "/oauth/", "/oauth/v2/accessToken/", "/", ""])
def test_other_paths(authorization: AuthorizationServer, path: str) -> None:
    assert authorization.answer(HttpRequest("GET", f"http://h{path}")).status_code == 404


# -- beside resources --------------------------------------------------------------------------------------------------


def guarded(**options: Any) -> tuple[AuthorizationServer, FakeTransport]:
    authorization = made()
    fake = FakeTransport(authorization=authorization, **options)
    fake.simple("/me", {"name": "Ada"})
    return authorization, fake


def me(fake: FakeTransport, access_token: str | None) -> restli.GetResponse:
    return RestliClient(fake, access_token=access_token).get("/me")


def test_resources_with_tokens() -> None:
    authorization, fake = guarded(requires_token=True)
    assert me(fake, authorization.issue("app").access_token).entity == {"name": "Ada"}
    own = RestliClient(fake).send(oauth.client_credentials("app", "s3cret")).access_token
    assert me(fake, own).entity == {"name": "Ada"}
    assert [invocation.resource for invocation in fake.invocations] == ["/me", "/me"]
    assert fake.authorization is authorization


@pytest.mark.parametrize(
    ("spoil", "number", "code"),
    [
        (lambda _, token: None, 65604, "EMPTY_ACCESS_TOKEN"),
        (lambda _, token: token.access_token + "x", 65600, "INVALID_ACCESS_TOKEN"),
        (lambda _, token: token.refresh_token, 65600, "INVALID_ACCESS_TOKEN"),
        (lambda server, token: server.revoke(token.access_token) or token.access_token, 65601, "REVOKED_ACCESS_TOKEN"),
        (lambda server, token: server.revoke(token.refresh_token) or token.access_token, 65601, "REVOKED_ACCESS_TOKEN"),
        (lambda server, token: server.advance(60 * DAY) or token.access_token, 65602, "EXPIRED_ACCESS_TOKEN"),
    ],
)
def test_resources_refuse_other_tokens(
    spoil: Callable[[AuthorizationServer, oauth.Token], str | None], number: int, code: str
) -> None:
    authorization, fake = guarded(requires_token=True)
    with pytest.raises(UnauthorizedError) as caught:
        me(fake, spoil(authorization, authorization.issue("app")))
    assert (caught.value.service_error_code, caught.value.code) == (number, code)
    assert caught.value.response.headers["WWW-Authenticate"] == "Bearer"
    assert fake.invocations == []


def test_resources_that_want_no_token() -> None:
    _, fake = guarded()
    assert me(fake, None).entity == {"name": "Ada"}
    assert FakeTransport().authorization is None


def test_awaited(authorization: AuthorizationServer) -> None:
    fake = FakeAsyncTransport(authorization=authorization)
    answer = asyncio.run(AsyncRestliClient(fake).send(oauth.client_credentials("app", "s3cret")))
    assert authorization.grant(answer.access_token) is not None


def test_tokens_need_somebody_to_give_them() -> None:
    for make in (FakeTransport, RestliServer):
        with pytest.raises(InvalidCallError, match=r"^requires_token: "):
            make(requires_token=True)
    assert TokenCheck(None, requires_token=False).answer(HttpRequest("GET", "/oauth/v2/authorization")) is None


# -- over sockets ------------------------------------------------------------------------------------------------------


@pytest.fixture
def server(authorization: AuthorizationServer) -> Iterator[RestliServer]:
    with RestliServer(base_path="/rest", authorization=authorization, requires_token=True) as server:
        server.simple("/me", {"name": "Ada"})
        yield server


def browsed(url: str, decision: dict[str, str]) -> str:
    """What a browser does: it opens the page, sends the form, and is redirected."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}")
        form = Form(connection.getresponse().read().decode())
        member = {"member": form.options[-1], **decision}
        connection.request(
            "POST", form.action, urlencode(member), {"Content-Type": "application/x-www-form-urlencoded"}
        )
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 302
        return answer.headers["Location"]
    finally:
        connection.close()


@pytest.mark.sockets
def test_every_call_over_sockets(server: RestliServer) -> None:
    base_url = server.auth_base_url
    url = oauth.generate_member_auth_url("app", BACK, ["r_ads"], STATE, base_url=base_url)
    code = oauth.read_redirect(browsed(url, {"decision": "allow"}), STATE)
    with RestliClient(base_url=server.base_url) as client:
        token = client.send(oauth.authorization_code(code, BACK, "app", "s3cret", base_url=base_url))
        assert client.with_options(access_token=token.access_token).get("/me").entity == {"name": "Ada"}
        refreshed = client.send(oauth.refresh(token.refresh_token or "", "app", "s3cret", base_url=base_url))
        known = client.send(oauth.introspect(refreshed.access_token, "app", "s3cret", base_url=base_url))
        assert (known.active, known.scopes) == (True, ("r_ads",))
        client.send(oauth.revoke(refreshed.access_token, "app", "s3cret", base_url=base_url))
        with pytest.raises(UnauthorizedError, match="65601"):
            client.with_options(access_token=refreshed.access_token).get("/me")
        own = client.send(oauth.client_credentials("app", "s3cret", base_url=base_url))
        assert client.with_options(access_token=own.access_token).get("/me").entity == {"name": "Ada"}
        with pytest.raises(OAuthError, match=r"^invalid_client: "):
            client.send(oauth.client_credentials("app", "wrong", base_url=base_url))
    assert not [one for one in server.received if b"s3cret" in one.head]


@pytest.mark.sockets
def test_the_native_flow_over_sockets(server: RestliServer) -> None:
    base_url = server.auth_base_url
    url = oauth.generate_member_auth_url("native", LOCAL, "r", STATE, code_challenge=CHALLENGE, base_url=base_url)
    code = oauth.read_redirect(browsed(url, {"decision": "allow"}), STATE)
    with RestliClient() as client:
        call = oauth.authorization_code(code, LOCAL, "native", code_verifier=VERIFIER, base_url=base_url)
        assert client.send(call).access_token
    with pytest.raises(OAuthError, match=r"^user_cancelled_authorize: "):
        oauth.read_redirect(browsed(url, {"decision": "cancel"}), STATE)


@pytest.mark.sockets
def test_faults_come_before_answers(server: RestliServer, authorization: AuthorizationServer) -> None:
    assert server.authorization is authorization
    server.fail_next(status=503, body=b"<html>")
    with RestliClient() as client, pytest.raises(ServiceError) as caught:
        client.send(oauth.client_credentials("app", "s3cret", base_url=server.auth_base_url))
    assert (caught.value.status_code, caught.value.response.body) == (503, b"")


def test_a_code_buys_one_token_however_many_ask_at_once(authorization: AuthorizationServer) -> None:
    call = oauth.authorization_code(web_code(authorization), BACK, "app", "s3cret")
    together = threading.Barrier(8)

    def exchange(_: int) -> int:
        together.wait()
        return authorization.answer(call.request).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(exchange, range(8))) == [200] + [400] * 7


@pytest.mark.parametrize(
    "target",
    [
        "/oauth/v2/authorization",
        "/oauth/v2/authorization?client_id=%ff&client_id=%00",
        f"/oauth/v2/authorization?{urlencode(WEB)}&scope=" + quote("\ud800", errors="surrogatepass"),
        "http://[/oauth/v2/accessToken",
        "/oauth/v2/accessToken?%",
    ],
)
@pytest.mark.parametrize(
    "body", [b"", b"\xff=%ff&grant_type=%00", b"&&&=", b"grant_type=refresh_token&refresh_token=%ff"]
)
def test_what_is_no_oauth(authorization: AuthorizationServer, target: str, body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for method in ("GET", "POST"):
        assert authorization.answer(HttpRequest(method, target, headers, body)).status_code in {302, 400, 404, 405}


@pytest.mark.sockets
def test_the_documentation_runs(capsys: pytest.CaptureFixture[str]) -> None:
    text = (Path(__file__).parents[3] / "docs" / "auth.md").read_text(encoding="utf-8")
    section = text.partition("\n## The authorization server\n")[2].partition("\n## ")[0]
    exec("\n".join(re.findall(r"```python\n(.*?)```", section, re.DOTALL)), {})
    assert capsys.readouterr().out == "{'name': 'Ada'}\n"
