"""From a call to its answer: where the client's token goes, and when a request is repeated with another one."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import restli_core as restli
from restli_core import (
    BadRequestError,
    Call,
    ConnectError,
    ForbiddenError,
    HttpRequest,
    HttpResponse,
    InvalidCallError,
    Limit,
    OAuthError,
    UnauthorizedError,
)
from restli_core.flows import run
from restli_core.oauth import Token
from restli_transports import AsyncRestliClient, RestliClient
from restli_transports._clients.flow import call_flow
from restli_transports._clients.settings import Settings
from restli_transports._clients.shared import Shared
from restli_transports._clients.steps import Send, Step, TokenRequest
from restli_transports.testing.fake import FakeTransport
from restli_transports.tokens import FixedSource
from tests.support.recorders import AsyncRecorder, Recorder
from tests.support.token_world import DAY, World

# -- the steps ---------------------------------------------------------------------------------------------------------

OK = HttpResponse(200, {}, b'{"id": 5}')
EXPIRED = HttpResponse(401, {}, b'{"serviceErrorCode": 65602, "message": "expired"}')
SOURCE = FixedSource("unused")  # since the steps are performed here


def taken(settings: Settings, *outcomes: Any, call: Call[Any] | None = None) -> tuple[list[str], Any]:
    """The steps that a flow takes where they come out so, and its answer or its error."""
    steps: list[str] = []
    coming = iter(outcomes)

    def note(step: Step) -> Any:
        if isinstance(step, TokenRequest):
            assert step.source is SOURCE
            steps.append(f"token, not {step.rejected}" if step.rejected else "token")
        else:
            assert isinstance(step, Send)
            steps.append(f"send with {step.request.headers.get('Authorization', 'nothing')}")
        outcome = next(coming)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    shared = Shared(FakeTransport(), is_async=False)
    flow = call_flow(call or restli.get("/me"), settings, shared, settings.first_timeout, None)
    try:
        answer: Any = run(flow, note)
    except Exception as error:  # noqa: BLE001 - it is what the test looks at
        answer = error
    assert next(coming, None) is None
    return steps, answer


def test_a_call_is_sent_and_its_answer_parsed() -> None:
    steps, answer = taken(Settings(), OK)
    assert steps == ["send with nothing"]
    assert answer == restli.get("/me").parse(OK)


def test_a_token_that_is_text_is_added_and_never_replaced() -> None:
    steps, answer = taken(Settings(access_token="t"), EXPIRED)
    assert steps == ["send with Bearer t"]
    assert isinstance(answer, UnauthorizedError)


def test_a_source_is_asked_before_the_request_is_sent_and_again_where_it_is_refused() -> None:
    steps, answer = taken(Settings(access_token=SOURCE), "t", EXPIRED, "u", OK)
    assert steps == ["token", "send with Bearer t", "token, not t", "send with Bearer u"]
    assert answer.entity == {"id": 5}


def test_a_source_that_has_no_other_ends_it() -> None:
    steps, answer = taken(Settings(access_token=SOURCE), "t", EXPIRED, "t")
    assert steps == ["token", "send with Bearer t", "token, not t"]
    assert isinstance(answer, UnauthorizedError)


def test_a_request_is_repeated_once_at_most() -> None:
    steps, answer = taken(Settings(access_token=SOURCE), "t", EXPIRED, "u", EXPIRED)
    assert steps == ["token", "send with Bearer t", "token, not t", "send with Bearer u"]
    assert isinstance(answer, UnauthorizedError)


@pytest.mark.parametrize(
    ("call", "step"),
    [
        (restli.get("/me", access_token="own"), "send with Bearer own"),
        (restli.get("/me", base_url="https://elsewhere.example"), "send with nothing"),
    ],
    ids=["a token of its own", "another origin"],
)
def test_a_source_is_not_asked_for_a_call_that_gets_no_token(call: Call[Any], step: str) -> None:
    steps, refusal = taken(Settings(access_token=SOURCE), EXPIRED, call=call)
    assert steps == [step]
    assert isinstance(refusal, UnauthorizedError)


def test_what_a_step_raises_reaches_the_caller() -> None:
    failure = ConnectError("unplugged")
    assert taken(Settings(), failure) == (["send with nothing"], failure)


@pytest.mark.parametrize("failure", [OAuthError("invalid_grant"), ConnectError("unplugged"), LookupError("vault")])
def test_what_a_source_raises_does_not_hide_the_refusal(failure: Exception) -> None:
    steps, answer = taken(Settings(access_token=SOURCE), "t", EXPIRED, failure)
    assert (len(steps), answer) == (3, failure)
    assert isinstance(failure.__context__, UnauthorizedError)
    assert "expired" in str(failure.__context__)


@pytest.mark.parametrize(
    ("words", "told"),
    [("there is no refresh token: sign in", "there is no refresh token: sign in"), (None, "sign in (again)")],
)
def test_a_source_that_needs_the_member_leaves_the_refusal_and_says_what_to_do(words: str | None, told: str) -> None:
    steps, answer = taken(Settings(access_token=SOURCE), "t", EXPIRED, OAuthError("login_required", words))
    assert len(steps) == 3
    assert isinstance(answer, UnauthorizedError)
    assert answer.service_error_code == 65602
    assert str(answer).startswith("GET https://api.linkedin.com/v2/me: 401: expired (")
    assert str(answer).endswith(told)
    assert str(pickle.loads(pickle.dumps(answer))) == str(answer)


def test_answers_are_read_by_the_clients_own_loads() -> None:
    _, answer = taken(Settings(loads=lambda body: {"length": len(body)}), OK)
    assert answer.entity == {"length": len(OK.body)}


def test_what_is_not_a_call_is_refused() -> None:
    for client in (RestliClient(Recorder()), AsyncRestliClient(AsyncRecorder())):
        sending: Any = client.send
        with pytest.raises(
            InvalidCallError,
            match=r"call: must be a call, as restli_core\.get or client\.calls\.get makes one, not str",
        ):
            asyncio.run(sending("/me")) if isinstance(client, AsyncRestliClient) else sending("/me")


# -- where the client's token goes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base_url", "url", "authorized"),
    [
        (None, "https://api.linkedin.com/v2/a", True),
        (None, "https://API.linkedin.com:443/rest/a", True),
        (None, "https://api.linkedin.com:0443/rest/a", True),
        (None, "http://api.linkedin.com/v2/a", False),
        (None, "https://api.linkedin.com:444/v2/a", False),
        (None, "https://api.linkedin.com.evil.example/a", False),
        (None, "https://api.linkedin.com@evil.example/a", False),
        (None, "https://user@api.linkedin.com/a", True),
        (None, "https://www.linkedin.com/dms-uploads/a", False),
        (None, "/a", False),
        ("http://h:8080/x", "http://h:8080", True),
        ("http://h:8080/x", "http://h:8080?a=1", True),
        ("http://h:8080/x", "http://h/", False),
        ("http://h:80/x", "http://h/", True),
        ("http://[::1]:80/x", "http://[::1]/", True),
        ("http://[::1]/x", "http://[::2]/", False),
    ],
)
def test_the_token_goes_to_the_clients_own_origin_alone(base_url: str | None, url: str, authorized: bool) -> None:
    transport = Recorder()
    call = restli.get("/a").with_request(HttpRequest("GET", url, {"X-A": "b"}))
    RestliClient(transport, access_token="t", base_url=base_url).send(call)
    added = [("Authorization", "Bearer t")] if authorized else []
    assert transport.request == HttpRequest("GET", url, [("X-A", "b"), *added])


def test_a_call_with_a_token_keeps_it() -> None:
    transport = Recorder()
    RestliClient(transport, access_token="t").send(restli.get("/a", access_token="u"))
    assert transport.request.headers["Authorization"] == "Bearer u"


def test_without_a_token_none_is_sent() -> None:
    transport = Recorder()
    RestliClient(transport).get("/a")
    assert "Authorization" not in transport.request.headers


# -- when another token is asked for -----------------------------------------------------------------------------------


@pytest.fixture(params=["blocking", "awaited"])
def world(request: pytest.FixtureRequest) -> World:
    return World(request.param)


def expire(world: World) -> None:
    world.authorization.advance(60 * DAY)


def revoke(world: World) -> None:
    world.authorization.revoke(world.token.access_token)


def forget(world: World) -> None:
    world.token = Token("unknown", None, world.token.refresh_token)


@pytest.mark.parametrize("happens", [expire, revoke, forget])
def test_a_request_is_repeated_once_with_another_token(world: World, happens: Callable[[World], None]) -> None:
    happens(world)
    client = world.client(world.refreshing(clock=lambda: 0.0))
    assert world.do(client.get, "/me").entity == {"name": "Ada"}
    assert world.sent == ["GET /me", "POST https://www.linkedin.com/oauth/v2/accessToken", "GET /me"]
    assert world.do(client.get, "/me").status_code == 200
    assert world.refreshes == 1


def refused(number: int | None = 65602, code: str | None = None, status: int = 401) -> HttpResponse:
    told = {
        "message": "no",
        **({} if number is None else {"serviceErrorCode": number}),
        **({"code": code} if code else {}),
    }
    return HttpResponse(status, {"Content-Type": "application/json"}, str(told).replace("'", '"').encode())


@pytest.mark.parametrize(
    ("answer", "repeats"),
    [
        (refused(65600), True),
        (refused(65601), True),
        (refused(65602), True),
        (refused(None, "EXPIRED_ACCESS_TOKEN"), True),
        (refused(65604), True),
        (refused(None), True),
        (HttpResponse(401), True),
        (HttpResponse(401, {"Content-Type": "text/html"}, b"<h1>no</h1>"), True),
        (HttpResponse(401, {}, b'{"errorCode": 0, "message": "Unable to verify access token", "status": 401}'), True),
        (HttpResponse(401, {}, b"[1, 2"), True),
        (refused(65602, status=403), False),
        (refused(65602, status=400), False),
    ],
)
def test_what_a_token_may_be_replaced_for(world: World, answer: HttpResponse, repeats: bool) -> None:
    client = world.client(world.refreshing())
    world.fake.fail_next(answer)
    if repeats:
        assert world.do(client.get, "/me").status_code == 200
    else:
        with pytest.raises((BadRequestError, ForbiddenError)):
            world.do(client.get, "/me")
    assert world.refreshes == int(repeats)


def test_a_fixed_token_that_is_refused_is_asked_for_once(world: World) -> None:
    for token in ("unknown", world.fixed("unknown")):
        before = len(world.sent)
        with pytest.raises(UnauthorizedError) as caught:
            world.do(world.client(token).get, "/me")
        assert "sign in" not in caught.value.hint
        assert world.sent[before:] == ["GET /me"]


def test_without_a_refresh_token_the_refusal_itself_is_raised_with_what_to_do(world: World) -> None:
    source = world.refreshing(Token(world.token.access_token, world.token.expires_at))
    world.authorization.revoke(world.token.access_token)
    for _ in range(2):
        with pytest.raises(UnauthorizedError) as caught:
            world.do(world.client(source).get, "/me")
        assert caught.value.service_error_code == 65601
        assert str(caught.value).endswith("; there is no refresh token: the member must sign in (again)")
    assert world.refreshes == 0


def test_a_second_refusal_is_raised(world: World) -> None:
    world.fake.on("/me", "get", lambda _: refused(65601))
    with pytest.raises(UnauthorizedError) as caught:
        world.do(world.client(world.refreshing()).get, "/me")
    assert caught.value.service_error_code == 65601
    # The new token is tried once more, since LinkedIn needs some seconds to know one.
    assert world.sent == ["GET /me", "POST https://www.linkedin.com/oauth/v2/accessToken", "GET /me", "GET /me"]
    assert len({request.headers.get("Authorization") for request in world.fake.requests[2:]}) == 1
    assert world.fake.waits == [5.0]


def test_the_same_token_is_not_tried_again(world: World) -> None:
    client = world.client(world.fixed("unknown"))
    with pytest.raises(UnauthorizedError):
        world.do(client.get, "/me")
    assert world.sent == ["GET /me"]


def test_a_call_with_a_token_of_its_own_is_not_repeated(world: World) -> None:
    client = world.client(world.refreshing())
    with pytest.raises(UnauthorizedError):
        world.do(client.get, "/me", access_token="unknown")
    assert world.sent == ["GET /me"]


def test_the_token_of_a_source_goes_to_the_clients_own_origin_alone(world: World) -> None:
    client = world.client(world.refreshing())
    call = restli.get("/me", base_url="https://elsewhere.example")
    with pytest.raises(UnauthorizedError):
        world.do(client.send, call)
    assert [("Authorization" in request.headers) for request in world.fake.requests] == [False]
    assert world.sent == ["GET https://elsewhere.example/me"]


def test_a_refused_refresh_reaches_the_caller(world: World) -> None:
    world.authorization.revoke(world.token.refresh_token or "")
    with pytest.raises(OAuthError) as caught:
        world.do(world.client(world.refreshing()).get, "/me")
    assert caught.value.error == "invalid_grant"


def test_a_source_of_ones_own_that_gives_what_no_header_can_carry() -> None:
    class Wrong:
        def token(self, *, rejected: str | None = None) -> str:
            return "a\r\nb"

    transport = FakeTransport()
    with pytest.raises(InvalidCallError, match="access_token"):
        RestliClient(transport, access_token=Wrong()).get("/me")
    assert transport.requests == []


def test_calls_made_by_a_client_with_a_source_hold_no_token() -> None:
    world = World("blocking")
    call = restli.get("/me")
    world.client(world.refreshing()).send(call)
    assert world.token.access_token.encode() not in pickle.dumps(call)


# -- room within limits ------------------------------------------------------------------------------------------------

ONE_A_DAY = Limit(1, "day")


class _OnceAtATime:
    """A lock that, where its owner takes it again, fails instead of waiting for ever."""

    def __init__(self) -> None:
        self._is_taken = False

    def __enter__(self) -> None:
        assert not self._is_taken
        self._is_taken = True

    def __exit__(self, *exc_info: object) -> None:
        self._is_taken = False


def test_limits_go_with_a_source_of_tokens() -> None:
    fake = FakeTransport()
    fake.on("/me", "get", lambda invocation: {"id": 5})
    client: Any = RestliClient(fake, access_token=SOURCE, limits=[ONE_A_DAY, Limit(9, 60, each="member")])
    client._shared.lock = _OnceAtATime()
    assert client.get("/me").entity == {"id": 5}


class _BadSource:
    def token(self, *, rejected: str | None = None) -> str:
        return "bad\ntoken"


class _Interrupting:
    """A listener that interrupts before the request is sent."""

    def __init__(self, where: str) -> None:
        self._where = where

    def __call__(self, event: Any) -> None:
        if type(event).__name__ == self._where:
            raise KeyboardInterrupt

    def headers(self, call: Any) -> dict[str, str]:
        if self._where == "headers":
            raise KeyboardInterrupt
        return {}


@pytest.mark.parametrize(
    "options",
    [
        {"access_token": _BadSource()},
        {"on_event": _Interrupting("RequestSent")},
        {"on_event": _Interrupting("headers")},
    ],
    ids=["a token that cannot be sent", "an interrupt in a listener", "an interrupt in its headers"],
)
def test_what_was_not_sent_takes_no_room(options: Any) -> None:
    fake = FakeTransport()
    fake.on("/me", "get", lambda invocation: {"id": 5})
    client = RestliClient(fake, limits=[ONE_A_DAY])
    with pytest.raises((InvalidCallError, KeyboardInterrupt)):
        client.with_options(**options).get("/me")
    assert not fake.requests
    assert client.get("/me").entity == {"id": 5}
