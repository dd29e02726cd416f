"""Auth clients: each call on each transport, over sockets, and every error that the server can answer."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import anyio
import pytest

from restli_core import (
    ConnectError,
    HttpRequest,
    HttpResponse,
    InvalidCallError,
    InvalidResponseError,
    OAuthError,
    RestliError,
    RetryPolicy,
    ServerError,
    oauth,
)
from restli_transports import AsyncAuthClient, AuthClient, Timeout
from restli_transports.auth import Application, new_state, new_verifier
from restli_transports.testing.authorization import AuthorizationServer
from restli_transports.testing.fake import FakeAsyncTransport, FakeTransport
from restli_transports.testing.server import RestliServer
from tests.support.auth_senders import KINDS, Maker, auth_clients
from tests.support.played_tries import FAILURES, AsyncTries, Tries, do, failure

BACK = "https://app.example/back"
LOCAL = "http://127.0.0.1:8914/back"
STATE = "a state"
VERIFIER = "v" * 64
DAY = 86400
CALLS = [
    "exchange_auth_code_for_access_token",
    "exchange_refresh_token_for_access_token",
    "get_two_legged_access_token",
    "introspect_access_token",
    "revoke_access_token",
]


def registered() -> AuthorizationServer:
    authorization = AuthorizationServer()
    authorization.app("app", "s3cret", redirect_urls=[BACK, BACK + "/2"], scopes="r_ads w_ads")
    authorization.app("other", "0ther", redirect_urls=[BACK], two_legged=False)
    authorization.app("native", redirect_urls=["http://127.0.0.1/back"], native=True)
    return authorization


@pytest.fixture(scope="module")
def server() -> Iterator[RestliServer]:
    with RestliServer(authorization=registered()) as running:
        yield running


@pytest.fixture
def authorization(server: RestliServer) -> AuthorizationServer:
    assert server.authorization is not None
    return server.authorization


@pytest.fixture(scope="module", params=KINDS)
def make(request: pytest.FixtureRequest, server: RestliServer) -> Iterator[Maker]:
    with auth_clients(request.param, server.auth_base_url) as maker:
        yield maker


def code_for(authorization: AuthorizationServer, client: Any, **options: Any) -> str:
    url = client.generate_member_auth_url("r_ads", STATE, **options)
    return oauth.read_redirect(authorization.consent(url), STATE)


# -- each call on each transport ---------------------------------------------------------------------------------------


@pytest.mark.sockets
def test_the_web_flow(make: Maker, authorization: AuthorizationServer) -> None:
    client = make("app", "s3cret", BACK)
    answer = client.exchange_auth_code_for_access_token(code_for(authorization, client))
    assert (answer.status_code, answer.expires_in, answer.scopes) == (200, 60 * DAY, ("r_ads",))
    refreshed = client.exchange_refresh_token_for_access_token(answer.refresh_token)
    assert refreshed.access_token != answer.access_token
    assert refreshed.refresh_token == answer.refresh_token
    told = client.introspect_access_token(refreshed.access_token)
    assert (told.active, told.auth_type, told.client_id) == (True, "3L", "app")
    assert client.revoke_access_token(refreshed.access_token).status_code == 200
    assert client.introspect_access_token(refreshed.access_token).status == "revoked"


@pytest.mark.sockets
def test_the_native_flow_sends_the_verifier_and_no_secret(
    make: Maker, authorization: AuthorizationServer, server: RestliServer
) -> None:
    client = make("native", "not to be sent", LOCAL)
    code = code_for(authorization, client, code_verifier=VERIFIER)
    answer = client.exchange_auth_code_for_access_token(code, code_verifier=VERIFIER)
    assert answer.access_token
    assert b"secret" not in server.received[-1].raw
    assert make("native", None, LOCAL).exchange_refresh_token_for_access_token(answer.refresh_token).access_token


@pytest.mark.sockets
def test_an_applications_own_token(make: Maker) -> None:
    client = make("app", "s3cret")
    answer = client.get_two_legged_access_token()
    assert answer.expires_in == 1800
    assert client.introspect_access_token(answer.access_token).auth_type == "2L"


@pytest.mark.sockets
def test_who_a_member_is(make: Maker, server: RestliServer, authorization: AuthorizationServer) -> None:
    token = authorization.issue("app", "openid profile").access_token
    answer = make("app", "s3cret").userinfo(token)
    assert (answer.sub, answer.given_name, answer.urn) == ("ada", "Ada", "urn:li:person:ada")
    received = server.received[-1].request
    assert received is not None
    assert (received.method, received.url, received.body) == ("GET", "/v2/userinfo", b"")
    assert received.headers["Authorization"] == f"Bearer {token}"


@pytest.mark.sockets
def test_what_identifies_the_application_is_in_the_body_alone(make: Maker, server: RestliServer) -> None:
    make("app", "s3cret").get_two_legged_access_token()
    received = server.received[-1]
    assert b"s3cret" in received.body
    assert b"s3cret" not in received.head
    assert b"authorization" not in received.head.lower()


# -- every error -------------------------------------------------------------------------------------------------------


def changed(client: Any, name: str, *args: Any, path: str | None = None, **fields: str | None) -> Any:
    """The answer to a call with other fields in its form: None for none."""
    call = getattr(client.application, name)(*args)
    form = dict(parse_qsl(call.request.body.decode())) | fields
    body = "&".join(f"{field}={value}" for field, value in form.items() if value is not None)
    url = call.request.url if path is None else call.request.url.rpartition("/")[0] + path
    return client.send(call.with_request(HttpRequest("POST", url, call.request.headers, body.encode())))


def spent_code(make: Maker, authorization: AuthorizationServer) -> Any:
    client = make("app", "s3cret", BACK)
    code = code_for(authorization, client)
    client.exchange_auth_code_for_access_token(code)
    return client.exchange_auth_code_for_access_token(code)


def late_code(make: Maker, authorization: AuthorizationServer) -> Any:
    client = make("app", "s3cret", BACK)
    code = code_for(authorization, client)
    authorization.advance(1801)
    return client.exchange_auth_code_for_access_token(code)


def code_of_another(make: Maker, authorization: AuthorizationServer) -> Any:
    code = code_for(authorization, make("app", "s3cret", BACK))
    return make("other", "0ther", BACK).exchange_auth_code_for_access_token(code)


def code_for_another_redirect(make: Maker, authorization: AuthorizationServer) -> Any:
    code = code_for(authorization, make("app", "s3cret", BACK))
    return make("app", "s3cret", BACK + "/2").exchange_auth_code_for_access_token(code)


def code_with_another_verifier(make: Maker, authorization: AuthorizationServer) -> Any:
    client = make("native", None, LOCAL)
    code = code_for(authorization, client, code_verifier=VERIFIER)
    return client.exchange_auth_code_for_access_token(code, code_verifier="w" * 64)


def code_of_the_web_flow_with_a_verifier(make: Maker, authorization: AuthorizationServer) -> Any:
    client = make("native", None, LOCAL)
    authorization.app("both", "b0th", redirect_urls=[LOCAL], native=True)
    code = code_for(authorization, make("both", "b0th", LOCAL))
    client = make("both", "b0th", LOCAL)
    return client.exchange_auth_code_for_access_token(code, code_verifier=VERIFIER)


def refresh_token(authorization: AuthorizationServer, client_id: str = "app") -> str:
    token = authorization.issue(client_id, "r_ads").refresh_token
    assert token is not None
    return token


def late_refresh(make: Maker, authorization: AuthorizationServer) -> Any:
    token = refresh_token(authorization)
    authorization.advance(366 * DAY)
    return make("app", "s3cret").exchange_refresh_token_for_access_token(token)


def revoked_refresh(make: Maker, authorization: AuthorizationServer) -> Any:
    token = refresh_token(authorization)
    authorization.revoke(token)
    return make("app", "s3cret").exchange_refresh_token_for_access_token(token)


def refresh_by_another(make: Maker, authorization: AuthorizationServer) -> Any:
    return make("other", "0ther").exchange_refresh_token_for_access_token(refresh_token(authorization))


def used_refresh(make: Maker, authorization: AuthorizationServer) -> Any:
    token, client = refresh_token(authorization), make("app", "s3cret")
    authorization.rotates = True
    try:
        assert client.exchange_refresh_token_for_access_token(token).refresh_token != token
        return client.exchange_refresh_token_for_access_token(token)
    finally:
        authorization.rotates = False


ARGUMENTS: Mapping[str, tuple[str, ...]] = dict.fromkeys(CALLS, ("x",)) | {"get_two_legged_access_token": ()}
Refused = Callable[[Maker, AuthorizationServer], Any]


def by_anybody(client_id: str, secret: str) -> dict[str, Refused]:
    def refused(name: str, make: Maker, _: AuthorizationServer) -> Any:
        return getattr(make(client_id, secret, BACK), name)(*ARGUMENTS[name])

    return {f"{name} by {client_id}": partial(refused, name) for name in CALLS}


def without(field: str, *names: str) -> dict[str, Refused]:
    def refused(name: str, make: Maker, _: AuthorizationServer) -> Any:
        return changed(make("app", "s3cret", BACK), name, *ARGUMENTS[name], **{field: None})

    return {f"{name} without {field}": partial(refused, name) for name in names}


INVALID_CLIENT = by_anybody("app", "wr0ng") | by_anybody("nobody", "s3cret")
INVALID_GRANT: dict[str, Refused] = {
    refused.__name__: refused
    for refused in (
        spent_code,
        late_code,
        code_of_another,
        code_for_another_redirect,
        code_with_another_verifier,
        late_refresh,
        revoked_refresh,
        refresh_by_another,
        used_refresh,
    )
} | {
    "unknown code": lambda make, _: make("app", "s3cret", BACK).exchange_auth_code_for_access_token("x"),
    "unknown refresh token": lambda make, _: make("app", "s3cret").exchange_refresh_token_for_access_token("x"),
}
INVALID_REQUEST = (
    without("client_id", *CALLS)
    | without("client_secret", "get_two_legged_access_token", "introspect_access_token", "revoke_access_token")
    | without("grant_type", *CALLS[:3])
    | without("code", CALLS[0])
    | without("redirect_uri", CALLS[0])
    | without("refresh_token", CALLS[1])
    | without("token", *CALLS[3:])
)
REFUSALS = [
    *((name, refused, "invalid_client", 401) for name, refused in INVALID_CLIENT.items()),
    *((name, refused, "invalid_grant", 400) for name, refused in INVALID_GRANT.items()),
    *((name, refused, "invalid_request", 400) for name, refused in INVALID_REQUEST.items()),
    ("pkce in the web flow", code_of_the_web_flow_with_a_verifier, "invalid_client", 401),
    (
        "another grant type",
        lambda make, _: changed(make("app", "s3cret"), "get_two_legged_access_token", grant_type="password"),
        "unsupported_grant_type",
        400,
    ),
    (
        "no two-legged tokens",
        lambda make, _: make("other", "0ther").get_two_legged_access_token(),
        "access_denied",
        401,
    ),
    (
        "no such endpoint",
        lambda make, _: changed(make("app", "s3cret"), "get_two_legged_access_token", path="/token"),
        "invalid_request",
        404,
    ),
]


@pytest.mark.sockets
@pytest.mark.parametrize(("refused", "error", "status"), [r[1:] for r in REFUSALS], ids=[r[0] for r in REFUSALS])
def test_every_refusal(
    make: Maker, authorization: AuthorizationServer, refused: Refused, error: str, status: int
) -> None:
    with pytest.raises(OAuthError) as caught:
        refused(make, authorization)
    assert caught.value.error == error
    assert caught.value.error_description
    assert caught.value.response is not None
    assert caught.value.response.status_code == status


REDIRECTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("user_cancelled_authorize", {"allow": False}, {}),
    ("user_cancelled_login", {"member": "urn:li:person:nobody"}, {}),
    ("unauthorized_scope_error", {}, {"scopes": "r_other"}),
    ("unauthorized_client", {}, {"code_verifier": VERIFIER}),
]


@pytest.mark.sockets
@pytest.mark.parametrize(("error", "decision", "asked"), REDIRECTS, ids=[row[0] for row in REDIRECTS])
def test_every_refusal_by_redirect(
    authorization: AuthorizationServer, error: str, decision: dict[str, Any], asked: dict[str, Any]
) -> None:
    authorization.app("local", "s3cret", redirect_urls=[LOCAL], scopes="r_ads")
    client = AuthClient("local", "s3cret", LOCAL, transport=FakeTransport())
    url = client.generate_member_auth_url(**dict[str, Any](scopes="r_ads", state=STATE) | asked)
    with pytest.raises(OAuthError) as caught:
        oauth.read_redirect(authorization.consent(url, **decision), STATE)
    assert caught.value.error == error


@pytest.mark.sockets
def test_gateways_and_unreadable_answers(make: Maker, server: RestliServer) -> None:
    client = make("app", "s3cret")
    server.fail_next(status=503, headers={"Content-Type": "text/html"}, body=b"<h1>busy</h1>")
    with pytest.raises(ServerError):
        client.get_two_legged_access_token()
    server.fail_next(status=200, body=b"<h1>hello</h1>")
    with pytest.raises(InvalidResponseError):
        client.get_two_legged_access_token()
    assert client.get_two_legged_access_token().access_token


# -- without sockets ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [AuthClient, AsyncAuthClient])
@pytest.mark.parametrize("name", [*CALLS, "userinfo"])
def test_a_method_is_described_as_that_which_makes_its_call(kind: type[object], name: str) -> None:
    method, maker = getattr(kind, name), getattr(Application, name)
    assert method.__doc__ == maker.__doc__
    assert method.__qualname__ == f"{kind.__name__}.{name}"
    own, functions = inspect.signature(method), inspect.signature(maker)
    assert [*own.parameters.values()] == [*functions.parameters.values()]
    assert functions.return_annotation == f"Call[{own.return_annotation}]"


def test_the_authorization_url_is_not_awaited() -> None:
    blocking = AuthClient("app", "s3cret", BACK, transport=FakeTransport())
    for auth in (blocking, AsyncAuthClient("app", "s3cret", BACK, transport=FakeAsyncTransport())):
        url = auth.generate_member_auth_url(["a", "b"], "s t")
        assert url.startswith(oauth.BASE_URL + "/authorization?")
        assert dict(parse_qsl(urlsplit(url).query)) == {
            "response_type": "code",
            "client_id": "app",
            "redirect_uri": BACK,
            "state": "s t",
            "scope": "a b",
        }


def test_the_authorization_url_has_further_parameters() -> None:
    auth = AuthClient("app", "s3cret", BACK, transport=FakeTransport())
    url = auth.generate_member_auth_url("a", "s", extra_params={"prompt": "login", "enable_extended_login": True})
    assert url.endswith("&prompt=login&enable_extended_login=true")


def test_a_verifier_makes_the_url_one_of_the_native_flow() -> None:
    url = AuthClient("app", None, LOCAL, transport=FakeTransport()).generate_member_auth_url(
        "a", code_verifier=VERIFIER
    )
    assert urlsplit(url).path == "/oauth/native-pkce/authorization"
    assert f"code_challenge={oauth.code_challenge(VERIFIER)}" in url


@pytest.mark.parametrize(
    ("argument", "use"),
    [
        ("redirect_url", lambda client: client.generate_member_auth_url("a")),
        ("redirect_url", lambda client: client.exchange_auth_code_for_access_token("a")),
        ("client_secret", lambda client: client.get_two_legged_access_token()),
        ("client_secret", lambda client: client.introspect_access_token("a")),
        ("refresh_token", lambda client: client.exchange_refresh_token_for_access_token("")),
        ("access_token", lambda client: client.revoke_access_token("")),
        ("timeout", lambda client: client.send(oauth.refresh("a", "b"), timeout=5)),
    ],
)
def test_what_is_missing_is_named(argument: str, use: Callable[[AuthClient], object]) -> None:
    transport = FakeTransport()
    with pytest.raises(InvalidCallError) as caught:
        use(AuthClient("app", transport=transport))
    assert caught.value.argument == argument
    assert transport.requests == []


@pytest.mark.parametrize(
    ("argument", "settings"),
    [
        ("client_id", {"client_id": ""}),
        ("client_id", {"client_id": "a\nb"}),
        ("client_secret", {"client_secret": ""}),
        ("redirect_url", {"redirect_url": "/back"}),
        ("base_url", {"base_url": "www.linkedin.com"}),
        ("timeout", {"timeout": 5}),
        ("transport", {"transport": 5}),
    ],
)
@pytest.mark.parametrize("kind", [AuthClient, AsyncAuthClient])
def test_settings_that_no_call_could_send_are_refused(kind: Any, argument: str, settings: dict[str, Any]) -> None:
    with pytest.raises(InvalidCallError) as caught:
        kind(**{"client_id": "app", "transport": FakeTransport(), **settings})
    assert caught.value.argument == argument


class Recorder(FakeTransport):
    session = "the session"

    def send(self, request: HttpRequest, *, timeout: Timeout | None = None) -> HttpResponse:
        self.timeout = timeout
        return HttpResponse(200, {}, b'{"access_token": "t", "expires_in": "1800"}')


def test_time_limits_session_and_closing() -> None:
    transport = Recorder()
    with AuthClient("app", "s3cret", transport=transport, timeout=Timeout(read=5)) as client:
        assert client.get_two_legged_access_token().expires_in == 1800
        # The total is that of the policy.
        assert transport.timeout == Timeout(read=5, total=120)
        client.send(client.application.get_two_legged_access_token(), timeout=Timeout(read=6), retry=None)
        assert transport.timeout == Timeout(read=6)
        client.send(client.application.get_two_legged_access_token(), timeout=None)
        assert transport.timeout == Timeout(connect=10, read=30, total=60)
        assert client.session == "the session"
        assert client.timeout == client.with_redirect_url(BACK).timeout == Timeout(read=5)
        client.with_redirect_url(BACK).close()
        assert not transport.closed
    assert transport.closed


def test_loads_is_the_callers_own() -> None:
    client = AuthClient("app", "s3cret", transport=Recorder(), loads=lambda body: {**json.loads(body), "expires_in": 5})
    assert client.get_two_legged_access_token().expires_in == 5


def test_default_transports() -> None:
    with AuthClient("app") as client:
        assert type(client.transport).__name__ == "Urllib3Transport"

    async def use() -> str:
        async with AsyncAuthClient("app") as awaited:
            return type(awaited.transport).__name__

    assert asyncio.run(use()) == "HttpxAsyncTransport"


def test_another_redirect_url() -> None:
    client = AuthClient("app", "s3cret", transport=FakeTransport())
    assert client.with_redirect_url(BACK).application.redirect_url == BACK
    assert client.application.redirect_url is None
    with pytest.raises(InvalidCallError, match="redirect_url"):
        client.with_redirect_url("back")


def test_states_and_verifiers_are_new_each_time() -> None:
    assert len({new_state() for _ in range(100)}) == 100
    assert len({oauth.code_challenge(new_verifier()) for _ in range(100)}) == 100
    assert len(new_state()) == 43


def test_secrets_are_in_no_repr() -> None:
    client = AuthClient("app", "s3same", BACK, transport=FakeTransport())
    assert "s3same" not in repr(client) + repr(vars(client)) + repr(client.application)


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_closing_waits_for_the_calls_under_way(loop: str) -> None:
    ends: list[str] = []

    class Slow(FakeAsyncTransport):
        async def send(self, request: HttpRequest, *, timeout: Timeout | None = None) -> HttpResponse:
            begun.set()
            await may_end.wait()
            ends.append("call")
            return HttpResponse(200, {}, b"{}")

        async def close(self) -> None:
            ends.append("transport")

    async def run() -> None:
        async def close() -> None:
            closing.set()
            await auth.close()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(auth.with_redirect_url(BACK).revoke_access_token, "t")
            await begun.wait()
            tasks.start_soon(close)
            await closing.wait()
            may_end.set()

    begun, may_end, closing = anyio.Event(), anyio.Event(), anyio.Event()
    auth = AsyncAuthClient("app", "s3cret", transport=Slow())
    anyio.run(run, backend=loop)
    assert ends == ["call", "transport"]


def test_a_close_that_is_cancelled_closes_all_the_same() -> None:
    closed: list[bool] = []

    class Stuck(FakeAsyncTransport):
        async def send(self, request: HttpRequest, *, timeout: Timeout | None = None) -> HttpResponse:
            begun.set()
            await anyio.sleep_forever()
            raise AssertionError

        async def close(self) -> None:
            closed.append(True)

    async def run() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(auth.revoke_access_token, "t")
            await begun.wait()
            with anyio.move_on_after(0.01) as scope:
                await auth.close()
            assert scope.cancelled_caught
            tasks.cancel_scope.cancel()

    begun = anyio.Event()
    auth = AsyncAuthClient("app", "s3cret", transport=Stuck())
    anyio.run(run)
    assert closed == [True]


def test_calls_need_no_event_loop_that_anyio_knows() -> None:
    fake = FakeAsyncTransport()
    fake.fail_next(HttpResponse(200, {}, b"{}"))
    auth = AsyncAuthClient("app", "s3cret", transport=fake)
    coroutine = auth.revoke_access_token("t")
    with pytest.raises(StopIteration):  # by hand: the fake waits for nothing
        coroutine.send(None)
    assert len(fake.requests) == 1


# -- retries: only where nothing was done ------------------------------------------------------------------------------

TOKEN = HttpResponse(200, {}, b'{"access_token": "t", "expires_in": "1800"}')
TOKEN_CALLS: dict[str, tuple[str, ...]] = {
    "exchange_auth_code_for_access_token": ("code",),
    "exchange_refresh_token_for_access_token": ("refresh",),
    "get_two_legged_access_token": (),
}


BOTH: dict[str, tuple[Any, Any]] = {"blocking": (AuthClient, Tries), "awaited": (AsyncAuthClient, AsyncTries)}


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("repeat", ["safe", "idempotent", "all"])
@pytest.mark.parametrize("name", TOKEN_CALLS)
def test_a_token_call_is_repeated_where_nothing_was_done(kind: str, repeat: str, name: str) -> None:
    for happened, (outcome, done) in FAILURES.items():
        client, tries = BOTH[kind]
        transport = tries([outcome, TOKEN])
        auth = client("app", "s3cret", BACK, transport=transport, retry=RetryPolicy(repeat=repeat, total=None))
        call = getattr(auth.application, name)(*TOKEN_CALLS[name])
        if done == "undone":
            assert do(auth, call).access_token == "t"
        else:
            failed = failure(auth, call)
            assert isinstance(failed, RestliError), happened
            assert "s3cret" not in repr(failed.attempts)
        assert len(transport.requests) == 1 + (done == "undone"), happened


@pytest.mark.parametrize("kind", BOTH)
def test_a_token_call_that_is_refused_is_not_repeated(kind: str) -> None:
    client, tries = BOTH[kind]
    transport = tries([HttpResponse(400, {}, b'{"error": "invalid_grant"}')])
    auth = client("app", "s3cret", transport=transport)
    error = failure(auth, auth.application.get_two_legged_access_token())
    assert (type(error), len(error.attempts), len(transport.requests)) == (OAuthError, 1, 1)


def test_a_client_with_another_redirect_url_has_the_same_budget() -> None:
    transport = Tries([ConnectError("refused")])
    policy = RetryPolicy(tries=2, budget=14)
    auth = AuthClient("app", "s3cret", transport=transport, retry=policy)
    call = auth.application.get_two_legged_access_token()
    assert len(failure(auth.with_redirect_url(BACK), call).attempts) == 2
    assert len(failure(auth, call).attempts) == 1
