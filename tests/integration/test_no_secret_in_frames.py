"""No error shows a secret to a debugger: in no function of ours that it has passed, and in none of its causes.

Each kind of error is provoked over each transport, by clients of resources and of the authorization server, and by
sources of tokens. What is looked at is in tests/support/shown.py.
"""

from __future__ import annotations

import sys
import urllib.request
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

import restli_core as restli
from restli_core import Backoff, HttpRequest, HttpResponse, InvalidCallError, OAuthError, RetryPolicy, oauth
from restli_core.errors import RestliError
from restli_core.oauth import Token
from restli_core.oauth.application import Application
from restli_transports import AsyncAuthClient, AsyncRestliClient, AuthClient, RestliClient, Timeout
from restli_transports.testing.fake import FakeTransport
from restli_transports.testing.scripted_server import Connection, ScriptedServer
from restli_transports.tokens import (
    AsyncClientCredentialsSource,
    AsyncRefreshingSource,
    ClientCredentialsSource,
    FileStore,
    FixedSource,
    KeyringStore,
    RefreshingSource,
)
from restli_transports.tokens.login import sign_in
from tests.support.libraries import optional_imports
from tests.support.shown import revealed

with optional_imports():
    import httpx
    import httpx2
    import requests
    import urllib3
    from anyio.from_thread import start_blocking_portal

    from restli_transports.aiohttp import AiohttpTransport
    from restli_transports.h11 import H11AsyncTransport, H11Transport
    from restli_transports.httpx import HttpxAsyncTransport, HttpxTransport
    from restli_transports.requests import RequestsTransport
    from restli_transports.urllib3 import Urllib3Transport

pytestmark = pytest.mark.sockets

TOKEN: Final = "Q7t0ken+/%7Q"
SECRET: Final = "Q7s3cret+/7Q"
REFRESH: Final = "Q7refr3sh%7Q"
CODE: Final = "Q7c0de&=7Q"
SIGNED: Final = "Q7s1gnature7Q"
HIDDEN: Final = (TOKEN, SECRET, REFRESH, CODE, SIGNED)
VERIFIER: Final = "Q7v3rifier" + "v" * 40

BLOCKING: Final[Mapping[str, Callable[[], Any]]] = {
    "urllib3": Urllib3Transport,
    "urllib3 given": lambda: Urllib3Transport(urllib3.PoolManager()),
    "requests": RequestsTransport,
    "requests given": lambda: RequestsTransport(requests.Session()),
    "httpx": HttpxTransport,
    "httpx given": lambda: HttpxTransport(httpx.Client()),
    "httpx2 given": lambda: HttpxTransport(httpx2.Client()),
    "h11": H11Transport,
}
AWAITED: Final[Mapping[str, Callable[[], Any]]] = {
    "httpx async": HttpxAsyncTransport,
    "httpx2 async given": lambda: HttpxAsyncTransport(httpx2.AsyncClient()),
    "h11 async": H11AsyncTransport,
    "aiohttp": AiohttpTransport,
}
KINDS: Final = [
    *BLOCKING,
    *(f"{name} on {loop}" for name in AWAITED for loop in ("asyncio", "trio") if (name, loop) != ("aiohttp", "trio")),
]

# What comes back, at its worst: the server repeats all that it was sent. "{}" is the request on one line.
ENDS: Final = {
    "closed": "",
    "no HTTP": "{}\r\n\r\n",
    "no status": "HTTP/1.1 {}\r\n\r\n",
    "bad header": "HTTP/1.1 200 OK\r\nX {}: 5\r\nnot a header {}\r\n\r\n",
    "bad length": "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}",
    "bad chunk": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}\r\n{}",
    "cut short": "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{}",
    "gibberish": "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n{}",
    "no JSON": "HTTP/1.1 200 OK\r\nX-Echo: {}\r\n\r\n{}",
    "refused": "HTTP/1.1 400 Bad\r\nX-LI-UUID: {}\r\n\r\n",
    "unauthorized": "HTTP/1.1 401 No\r\nX-Echo: {}\r\n\r\n",
    "silence": "wait",
}


def script(connection: Connection) -> None:
    """Answer as the path of the request says."""
    received = connection.request()
    end = received.partition(b"/")[2].partition(b"/")[0].decode().replace("_", " ")
    if end == "silence":
        connection.wait_for_end()
    elif end:
        # Less the query: what is signed is no secret of the request's own that could be known from what comes back.
        echo = " ".join(received.decode("latin-1").replace(SIGNED, "").split())
        connection.send(ENDS[end].replace("{}", echo).encode("latin-1"))
    connection.close()


@contextmanager
def over(kind: str) -> Generator[tuple[bool, Any, Callable[..., Any]]]:
    """A transport of a kind, whether it is awaited, and what calls a method to its end."""
    name, _, loop = kind.partition(" on ")
    if not loop:
        transport = BLOCKING[name]()
        yield False, transport, lambda method, *args, **options: method(*args, **options)
        transport.close()
        getattr(transport.session, "close", getattr(transport.session, "clear", list))()
        return
    with start_blocking_portal(loop) as portal:
        awaited: Any = portal.call(AWAITED[name])
        yield True, awaited, lambda method, *args, **options: portal.call(partial(method, *args, **options))
        portal.call(awaited.close)
        if awaited.session is not None:
            portal.call(getattr(awaited.session, "aclose" if name.startswith("httpx") else "close"))


def failure_of(act: Callable[[], Any]) -> BaseException | None:
    try:
        act()
    except (RestliError, OSError, TypeError) as error:
        return error
    return None


AT_ONCE: Final = RetryPolicy(tries=2, backoff=Backoff(0, 1, 0))  # no test waits


def acts(is_async: bool, transport: Any, do: Callable[..., Any], url: str, timeout: Timeout) -> dict[str, Any]:
    """What is done, each of which fails."""
    auth: Any = (AsyncAuthClient if is_async else AuthClient)(
        "app", SECRET, "http://h/back", transport=transport, base_url=f"{url}/oauth/v2", timeout=timeout, retry=AT_ONCE
    )
    client_class: Any = AsyncRestliClient if is_async else RestliClient
    refreshing: Any = AsyncRefreshingSource if is_async else RefreshingSource
    own: Any = AsyncClientCredentialsSource if is_async else ClientCredentialsSource
    kept = Token(TOKEN, 5.0, REFRESH)
    client = client_class(transport, access_token=TOKEN, base_url=url, timeout=timeout, retry=AT_ONCE)
    with_source = client.with_options(access_token=refreshing(auth, kept, clock=lambda: 0.0))
    params = {"signature": SIGNED}
    call = restli.get("/me", access_token=TOKEN, query_params=params, base_url=url)
    return {
        "get": lambda: do(client.get, "/me", query_params=params),
        "create": lambda: do(client.create, "/me", {"a": 5}, access_token=TOKEN),
        "transport": lambda: refuse(do(transport.send, call.request, timeout=timeout)),
        "code": lambda: do(auth.exchange_auth_code_for_access_token, CODE, code_verifier=VERIFIER),
        "refreshing source": lambda: do(refreshing(auth, kept, clock=lambda: 5.0).token, rejected=TOKEN),
        "source of an own token": lambda: do(own(auth).token, rejected=TOKEN),
        "client with a source": lambda: do(with_source.get, "/me"),
    }


def refuse(response: Any) -> None:
    """Fail where a transport has not: what it got is for whoever asked it."""
    raise OSError(response.status_code)


@pytest.mark.parametrize("kind", KINDS)
def test_errors_of_all_transports(kind: str) -> None:
    found: dict[str, list[str]] = {}
    with ScriptedServer(script) as server, over(kind) as (is_async, transport, do):
        for end in ENDS:
            timeout = Timeout(connect=10, read=0.02 if end == "silence" else 10, total=10)
            url = f"{server.url}/{end.replace(' ', '_')}"
            for name, act in acts(is_async, transport, do, url, timeout).items():
                error = failure_of(act)
                if error is None:
                    assert "given" in kind  # libraries take for an answer what our own connections do not
                    continue
                places = revealed(error, *HIDDEN, VERIFIER)
                if places:
                    found[f"{end}: {name}"] = places
    assert found == {}


# -- without a wire ----------------------------------------------------------------------------------------------------

# Each of these is secret with a sign in it that cannot be sent.
BAD: Final = {"token": f"{TOKEN}\n", "secret": f"{SECRET}\x00", "code": f"{CODE}\x7f"}
FAKE: Final[Any] = FakeTransport()
AUTH: Final = AuthClient("app", SECRET, "http://127.0.0.1/back", transport=FAKE)
CLIENT: Final = RestliClient(FAKE, access_token=TOKEN)
GET: Final[Any] = restli.get
WRONG: Final[Any] = 5
BACK: Final = "http://h/"

REFUSALS: Final[Mapping[str, Callable[[], Any]]] = {
    "client": lambda: RestliClient(FAKE, access_token=BAD["token"]),
    "client with a scheme": lambda: RestliClient(FAKE, access_token=f"Bearer {TOKEN}"),
    "client with another mistake": lambda: RestliClient(FAKE, access_token=TOKEN, version_string="x"),
    "async client": lambda: AsyncRestliClient(FAKE, access_token=BAD["token"]),
    "with_options": lambda: CLIENT.with_options(access_token=BAD["token"]),
    "method": lambda: CLIENT.get("/me", access_token=BAD["token"]),
    "method with another mistake": lambda: CLIENT.get("/me", access_token=TOKEN, fields=WRONG),
    "method with a wrong name": lambda: GET("/me", access_token=TOKEN, paths={}),
    "header": lambda: CLIENT.get("/me", headers={"Authorization": f"Bearer {BAD['token']}"}),
    "function": lambda: restli.create("/me", {}, access_token=BAD["token"]),
    "function with another mistake": lambda: restli.create("/me", WRONG, access_token=TOKEN),
    "function with too many arguments": lambda: GET("/me", TOKEN),
    "request": lambda: HttpRequest("GET", BACK, {"Authorization": f"Bearer {BAD['token']}"}),
    "request with another mistake": lambda: HttpRequest("no method", BACK, {"Authorization": f"Bearer {TOKEN}"}),
    "request with another header": lambda: HttpRequest("GET", BACK).with_header("Authorization", BAD["token"]),
    "auth client": lambda: AuthClient("app", BAD["secret"], transport=FAKE),
    "async auth client": lambda: AsyncAuthClient("app", SECRET, BAD["code"], transport=FAKE),
    "code of a client": lambda: AUTH.exchange_auth_code_for_access_token(BAD["code"]),
    "verifier": lambda: AUTH.generate_member_auth_url("r", code_verifier=f"{VERIFIER} "),
    "verifier of a code": lambda: AUTH.exchange_auth_code_for_access_token(CODE, code_verifier=f"{VERIFIER} "),
    "refresh token of a client": lambda: AUTH.exchange_refresh_token_for_access_token(BAD["token"]),
    "call to authorization_code": lambda: oauth.authorization_code(BAD["code"], BACK, "app", SECRET),
    "call to refresh": lambda: oauth.refresh(REFRESH, "app", BAD["secret"]),
    "call to client_credentials": lambda: oauth.client_credentials("app", BAD["secret"]),
    "call to introspect": lambda: oauth.introspect(BAD["token"], "app", SECRET),
    "call to revoke": lambda: oauth.revoke(BAD["token"], "app", SECRET),
    "challenge": lambda: oauth.code_challenge(f"{VERIFIER} "),
    "redirect with another state": lambda: oauth.read_redirect(f"?code={CODE}&state=x", SECRET),
    "redirect with two codes": lambda: oauth.read_redirect(f"?code={TOKEN}&code={REFRESH}&state=s", "s"),
    "token": lambda: Token(BAD["token"], None, REFRESH),
    "token with another mistake": lambda: Token(TOKEN, WRONG, REFRESH, WRONG, WRONG),
    "token of a dict": lambda: Token.from_dict({"access_token": TOKEN, "expires_at": "x"}),
    "application": lambda: Application("app", BAD["secret"]),
    "method of an application": lambda: AUTH.application.introspect_access_token(BAD["token"]),
    "fixed source": lambda: FixedSource(BAD["token"]),
    "source of a text": lambda: RefreshingSource(AUTH, TOKEN),  # type: ignore[arg-type]
    "source with another mistake": lambda: RefreshingSource(AUTH, Token(TOKEN), leeway=-1),
    "source of its user's": lambda: RestliClient(FAKE, access_token=Source(BAD["token"])).get("/me"),
}


class Source:
    def __init__(self, text: str) -> None:
        self._text = text

    def token(self, *, rejected: str | None = None) -> str:
        return self._text


@pytest.mark.parametrize("what", REFUSALS)
def test_refusals(what: str) -> None:
    error = failure_of(REFUSALS[what])
    assert isinstance(error, InvalidCallError | TypeError | OAuthError)
    assert revealed(error, *HIDDEN, VERIFIER) == []


# What callers send with something else, and what a server says that repeats what it was sent: "{}".
CALLS: Final[Mapping[str, tuple[Any, str]]] = {
    "finder": (restli.finder("/me", "all", access_token=TOKEN), TOKEN),
    "mapped": (restli.batch_get("/me", [1], access_token=TOKEN).map(str), TOKEN),
    "refresh": (oauth.refresh(REFRESH, "app", SECRET), f"{REFRESH} {SECRET}"),
}
ECHOES: Final = {"no JSON": (200, "{}"), "no object": (200, '["{}"]'), "refused": (400, "{}")}


@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize("name", CALLS)
def test_answers_that_callers_read_themselves(name: str, echo: str) -> None:
    call, sent = CALLS[name]
    status, body = ECHOES[echo]
    error = failure_of(lambda: call.parse(HttpResponse(status, {}, body.replace("{}", sent).encode())))
    assert isinstance(error, RestliError)
    assert revealed(error, TOKEN, SECRET, REFRESH) == []


def spoilt(path: Path) -> Any:
    path.touch(0o600)
    path.write_text(
        f'{{"kind": "token of restli_core", "access_token": "{TOKEN}", "expires_at": "{TOKEN}"}}', encoding="utf-8"
    )
    return FileStore(path)


STORES: Final[Mapping[str, Callable[[Path], Any]]] = {
    "load": lambda path: spoilt(path).load(),
    "save": lambda path: spoilt(path).save(Token(TOKEN, None, REFRESH)),
    "save in a directory": lambda path: FileStore(path.parent).save(Token(TOKEN, None, REFRESH)),
    "save what is too large": lambda path: FileStore(path).save(Token(TOKEN * 9999)),
    "save into a keyring": lambda _: KeyringStore("a program", "app").save(Token(TOKEN, None, REFRESH)),
    "load from a keyring": lambda _: KeyringStore("a program", "app").load(),
    "source": lambda path: RefreshingSource(AUTH, spoilt(path)).token(rejected=TOKEN),
}


@pytest.mark.parametrize("what", STORES)
def test_stores(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing:
        def get_password(self, service: str, username: str) -> str:
            return TOKEN

        def set_password(self, service: str, username: str, password: str) -> None:
            raise RuntimeError(password)

    monkeypatch.setitem(sys.modules, "keyring", Failing())
    error = failure_of(lambda: STORES[what](tmp_path / "token.json"))
    assert isinstance(error, InvalidCallError | OSError)
    assert revealed(error, *HIDDEN) == []


def test_a_login_that_fails_with_the_code_in_hand() -> None:
    def come_back(url: str) -> None:
        query = parse_qs(urlsplit(url).query)
        urllib.request.urlopen(f"{query['redirect_uri'][0]}?code={CODE.replace('&', '%26')}&state={query['state'][0]}")

    fake = FakeTransport()
    fake.fail_next(HttpResponse(400, {}, b'{"error": "invalid_grant"}'))
    auth = AuthClient("app", transport=fake)
    error = failure_of(lambda: sign_in(auth, "r_ads", open_url=come_back, output=lambda _: None))
    assert isinstance(error, OAuthError)
    (request,) = fake.requests
    sent = dict(parse_qsl(request.body.decode()))
    assert sent["code"] == CODE
    assert revealed(error, CODE, sent["code_verifier"]) == []
