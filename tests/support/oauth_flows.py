"""An authorization server with three applications, and the flows that tests go through with it, in memory."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import pytest

from restli_core import oauth
from restli_core.calls import Call
from restli_core.errors import OAuthError
from restli_core.messages import HttpRequest, HttpResponse
from restli_transports import RestliClient
from restli_transports.testing.authorization import AuthorizationServer
from restli_transports.testing.fake import FakeTransport

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

Send = Callable[[Call[Any]], Any]


class Clock:
    """A time that moves only when it is outcome to."""

    now = 1_700_000_000.25

    def __call__(self) -> float:
        return self.now


def made(**options: Any) -> AuthorizationServer:
    authorization = AuthorizationServer(clock=Clock(), **options)
    authorization.app("app", "s3cret", redirect_urls=[BACK], scopes="r_ads w_ads")
    authorization.app("other", "0ther", redirect_urls=[BACK], refreshes=False, two_legged=False)
    authorization.app("native", redirect_urls=["http://127.0.0.1/back", "http://[::1]/back"], native=True)
    return authorization


def in_memory(authorization: AuthorizationServer) -> Send:
    return RestliClient(FakeTransport(authorization=authorization)).send


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


def outcome(error: OAuthError) -> tuple[str, int]:
    assert error.response is not None
    assert error.error_description
    return error.error, error.response.status_code


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
