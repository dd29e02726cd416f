"""The programs of docs/auth.md run, one after another, as they stand: LinkedIn is the embedded server meanwhile."""

from __future__ import annotations

import re
import threading
import webbrowser
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import httpx
import pytest
import requests

import restli_transports.tokens.login
import restli_transports.tokens.sources
import restli_transports.tokens.stores
from restli_core import HttpRequest
from restli_transports.httpx import HttpxAsyncTransport, HttpxTransport
from restli_transports.requests import RequestsTransport
from restli_transports.testing.authorization import AuthorizationServer
from restli_transports.testing.server import RestliServer
from restli_transports.urllib3 import Urllib3Transport
from tests.support.pages import programs_in, text_of

ROOT = Path(__file__).parents[2]
DOCS = text_of("docs/auth.md")
BLOCKS = programs_in(DOCS)
LINKEDIN = re.compile(r"^https://(www|api)\.linkedin\.com")


class Vault:
    def __init__(self, authorization: AuthorizationServer) -> None:
        self._authorization = authorization

    def read(self, name: str, *, fresh: bool) -> str:
        return self._authorization.issue("app").access_token if fresh else "an-old-one"


@pytest.fixture
def server() -> Iterator[RestliServer]:
    authorization = AuthorizationServer()
    authorization.app("app", "s3cret", redirect_urls="https://app.example/back")
    urls = ["http://127.0.0.1/back", "http://127.0.0.1/callback"]
    authorization.app("native", redirect_urls=urls, native=True)
    with RestliServer(base_path="/rest", authorization=authorization, requires_token=True) as running:
        running.simple("/me", {"name": "Ada"})
        yield running


@pytest.fixture
def context(server: RestliServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """What the programs find there, with LinkedIn's hosts led to the server. What they leave open is closed."""
    used: list[Any] = []
    authorization = server.authorization
    assert authorization is not None
    origin = server.base_url.removesuffix("/rest")

    def led(send: Any, transport: Any, request: HttpRequest, **options: Any) -> Any:
        used.append(transport)
        url = LINKEDIN.sub(origin, request.url)
        return send(transport, HttpRequest(request.method, url, request.headers, request.body), **options)

    for kind in (Urllib3Transport, HttpxAsyncTransport, HttpxTransport, RequestsTransport):
        monkeypatch.setattr(kind, "send", _method(partial(led, kind.send)))

    def allow(url: str) -> bool:
        redirect = authorization.consent(url)
        threading.Thread(target=lambda: urlopen(redirect).close()).start()
        return True

    monkeypatch.setattr(restli_transports.tokens.login.sign_in, "__kwdefaults__", _opening(allow))
    monkeypatch.chdir(tmp_path)
    for name in ("LINKEDIN_ACCESS_TOKEN", "LINKEDIN_VERSION", "LINKEDIN_BASE_URL"):
        monkeypatch.setenv(name, "")  # what a program sets is undone
    _lead_the_libraries(monkeypatch, origin)
    yield {
        "client_id": "app",
        "client_secret": "s3cret",
        "native_client_id": "native",
        "come_back": authorization.consent,
        "vault": Vault(authorization),
    }
    for transport in used:
        if not isinstance(transport, HttpxAsyncTransport):  # these are closed in their event loop
            transport.close()
            getattr(transport.session, "close", transport.close)()


def _method(function: Any) -> Any:
    def method(self: Any, *args: Any, **options: Any) -> Any:
        return function(self, *args, **options)

    return method


def _opening(open_url: Any) -> dict[str, Any]:
    defaults: Any = restli_transports.tokens.login.sign_in.__kwdefaults__
    assert defaults["open_url"] is webbrowser.open
    return {**defaults, "open_url": open_url}


def _lead_the_libraries(monkeypatch: pytest.MonkeyPatch, origin: str) -> None:
    """Leads what Authlib and httpx-auth ask by themselves."""
    for kind in (requests.Session, httpx.Client):
        real: Any = kind.request

        def request(self: Any, method: str, url: Any, *args: Any, real: Any = real, **options: Any) -> Any:
            return real(self, method, LINKEDIN.sub(origin, str(url)), *args, **options)

        monkeypatch.setattr(kind, "request", request)


@pytest.mark.sockets
def test_each_program_runs(context: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    for number, code in enumerate(BLOCKS):
        exec(compile(code, f"program {number} of docs/auth.md", "exec"), context)
    told = capsys.readouterr().out
    assert told.count("{'name': 'Ada'}") == 7
    assert "ada Ada Example ada@example.com {'country': 'US', 'language': 'en'}\nurn:li:person:ada\n" in told
    assert "True active 2L" in told


@pytest.mark.sockets
def test_authlib_refreshes(context: dict[str, Any], server: RestliServer) -> None:
    assert server.authorization is not None
    context["token"] = server.authorization.issue("app", "r_ads")
    context["token"] = type(context["token"])(context["token"].access_token, 1.0, context["token"].refresh_token)
    (code,) = [block for block in BLOCKS if "authlib" in block]
    exec(code, context)
    lines = [received.request.line for received in server.received if received.request is not None]
    assert lines == ["POST /oauth/v2/accessToken", "GET /rest/me"]


@pytest.mark.parametrize("module", [restli_transports.tokens.sources, restli_transports.tokens.stores])
def test_what_there_is_is_told_of(module: Any) -> None:
    protocols = {"TokenSource", "AsyncTokenSource", "TokenStore"}
    assert [name for name in set(module.__all__) - protocols if name not in DOCS] == []


def test_the_options_of_the_command_are_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        restli_transports.tokens.login.main(["--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert [option for option in options if option not in DOCS] == []
