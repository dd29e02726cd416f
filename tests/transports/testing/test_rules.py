"""What the gateway refuses: versions, and more than the limits allow. On servers and on fakes alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

import restli_core as restli
from restli_core import Call, HttpRequest, InvalidCallError, Limit, RateLimitError
from restli_transports import RestliClient
from restli_transports.testing import FakeTransport
from restli_transports.testing.rules import Rules
from restli_transports.testing.server import RestliServer
from tests.support.peer import GET, Peer

NOON = 20000 * 86400.0 + 43200


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


def ask(rules: Rules, path: str = "/rest/posts", **headers: str) -> Any:
    """Return the status and the message of an answer; None where the request may pass."""
    answer = rules.answer(HttpRequest("GET", path, headers, b""), "/rest")
    if answer is None:
        return None
    assert "Retry-After" not in answer.headers
    with pytest.raises(restli.ServiceError) as caught:
        restli.get("/posts").parse(answer)
    return caught.value


# -- versions ----------------------------------------------------------------------------------------------------------


def test_any_version_is_active_where_none_is_named() -> None:
    assert ask(Rules()) is ask(Rules(), **{"LinkedIn-Version": "190001"}) is None


@pytest.mark.parametrize(
    ("headers", "status", "code", "message"),
    [
        ({}, 400, "VERSION_MISSING", "A version must be present. Please specify a version by adding the LinkedIn-Ver"),
        ({"LinkedIn-Version": "202504"}, 426, "NONEXISTENT_VERSION", "Requested version 20250401 is not active"),
        ({"LinkedIn-Version": "202504.01"}, 426, "NONEXISTENT_VERSION", "Requested version 202504.01 is not active"),
    ],
    ids=["missing", "ended", "of talent"],
)
def test_others_are_refused_as_linkedin_does(headers: dict[str, str], status: int, code: str, message: str) -> None:
    rules = Rules(versions=["202608", "202609"])
    assert ask(rules, **{"LinkedIn-Version": "202609"}) is None
    error = ask(rules, **headers)
    assert (error.status_code, error.code) == (status, code)
    assert error.message.startswith(message)


def test_one_version_is_a_list() -> None:
    with pytest.raises(InvalidCallError, match="versions"):
        Rules(versions="202609")


# -- limits ------------------------------------------------------------------------------------------------------------


def metrics(call: Any, answer: Any) -> float:
    return 2e6 if "many" in call.request.url else 1


@pytest.mark.parametrize(
    ("limit", "path", "scope", "window", "words"),
    [
        (Limit(2, "day"), "/rest/posts", "day", None, "throttle APPLICATION DAY limit"),
        (Limit(2, "day", each="member"), "/rest/posts", "day", None, "throttle APPLICATION_AND_MEMBER DAY limit"),
        (Limit(2, 60), "/rest/posts", None, None, "Resource level throttle limit for calls to this resource"),
        (
            Limit(2, 60, path="/socialActions/{urn}/comments"),
            "/rest/socialActions/urn%3Ali%3Ashare%3A1/comments",
            "minute",
            60,
            "Comment create throttled",
        ),
        (
            Limit(4e6, 300, path="/adAnalytics", cost=metrics),
            "/rest/adAnalytics?q=many",
            "metrics",
            330,
            "More than 4 million metric values were requested in a 5-minute window.",
        ),
    ],
    ids=["day", "member", "window", "comments", "metrics"],
)
def test_what_is_more_than_allowed_is_refused_as_linkedin_does(
    limit: Limit, path: str, scope: str | None, window: float | None, words: str
) -> None:
    rules = Rules([limit], clock=Clock())
    assert [ask(rules, path) for _ in range(2)] == [None, None]
    for _ in range(2):
        error = ask(rules, path)
        assert isinstance(error, RateLimitError)
        assert (error.scope, error.window, error.retry_after) == (scope, window, None)
        assert (error.service_error_code, error.code) == (101, "TOO_MANY_REQUESTS")
        assert words in (error.message or "")


def test_windows_slide_and_days_end() -> None:
    clock = Clock()
    rules = Rules([Limit(1, 60), Limit(3, "day")], clock=clock)
    for seconds, passes in [(0, True), (59.9, False), (0.1, True), (60, True), (60, False), (43200 - 181, False)]:
        clock.now += seconds
        assert (ask(rules) is None) is passes
    clock.now += 1
    assert ask(rules) is None


def test_a_request_that_is_refused_takes_nothing_of_other_limits() -> None:
    clock = Clock()
    rules = Rules([Limit(2, "day"), Limit(1, 60)], clock=clock)
    assert ask(rules) is None
    for _ in range(3):
        assert "DAY" not in (ask(rules).message or "")
    clock.now += 60
    assert ask(rules) is None
    clock.now += 60
    assert "DAY" in (ask(rules).message or "")


def test_members_are_told_apart_by_their_tokens() -> None:
    rules = Rules([Limit(1, "day", each="member")], clock=Clock())
    asked = [ask(rules, Authorization=f"Bearer {token}") is None for token in ("ada", "ada", "bob", "ada", "bob")]
    assert asked == [True, False, True, False, False]


def test_a_limit_is_for_its_path_whatever_the_base() -> None:
    rules = Rules([Limit(1, "day", path="/posts")], clock=Clock())
    paths = ["/rest/posts?q=author", "https://api.linkedin.com/rest/posts/5", "/rest/postsX", "/rest/me", "/rest/me"]
    assert [ask(rules, path) is None for path in paths] == [True, False, True, True, True]


# -- on servers and fakes ----------------------------------------------------------------------------------------------


@pytest.mark.sockets
def test_a_server_keeps_them() -> None:
    clock = Clock()
    with RestliServer(limits=[Limit(2, "day")], versions=["202609"], clock=clock) as server:
        server.simple("/me", {"name": "Ada"})
        with Peer(server) as peer:
            assert peer.send(GET).answer().status == 400
        client = RestliClient(base_url=server.base_url, version_string="202609")
        assert [client.get("/me").entity["name"] for _ in range(2)] == ["Ada", "Ada"]
        with pytest.raises(RateLimitError, match="APPLICATION DAY"):
            client.get("/me")
        clock.now += 43200
        client.get("/me")
        with pytest.raises(restli.VersionNotActiveError):
            client.with_options(version_string="202504").get("/me")
        assert [entry.executed is not None for entry in server.journal] == [False, True, True, False, True, False]


def test_a_fake_keeps_them_on_its_own_clock() -> None:
    fake = FakeTransport(limits=[Limit(1, 300, path="/adAnalytics", cost=lambda call, answer: 1)])
    fake.on("/adAnalytics/{id}", "get_all", lambda _: [])
    client = RestliClient(fake, retry=restli.RetryPolicy(total=400))
    for _ in range(2):
        client.get_all("/adAnalytics")
    # The client waited out the window that LinkedIn's text names.
    assert fake.waits == [330.0]


@pytest.mark.sockets
def test_a_rule_that_fails_is_a_fault_of_the_test() -> None:
    def fails(call: Any, answer: Any) -> float:
        raise KeyError

    with (
        pytest.raises(InvalidCallError, match=r"limits\[0\].cost"),
        RestliServer(limits=[Limit(1, 60, cost=fails)]) as server,
        Peer(server) as peer,
    ):
        assert peer.send(GET).answer().status == 500


@pytest.mark.parametrize(
    ("argument", "make"),
    [("limits", lambda: FakeTransport(limits=5)), ("versions", lambda: FakeTransport(versions="202609"))],  # type: ignore[arg-type]
    ids=["limits", "versions"],
)
def test_a_wrong_argument_is_named(argument: str, make: Callable[[], Iterable[Any]]) -> None:
    with pytest.raises(InvalidCallError) as caught:
        make()
    assert caught.value.argument == argument


# -- sizes -------------------------------------------------------------------------------------------------------------


TOO_MANY = [
    (restli.batch_get("/r", [1, 2, 3]), "Request would return too many entities."),
    (restli.batch_get("/r", [1, 2, 3], tunnel_above=0), "Request would return too many entities."),
    (restli.batch_delete("/r", [1, 2, 3]), "Specified count is larger than 2"),
    (restli.batch_update("/r", [1, 2, 3], [{}] * 3), "Specified count is larger than 2"),
    (restli.batch_partial_update("/r", [1, 2, 3], [{}] * 3, tunnel_above=0), "Specified count is larger than 2"),
    (restli.batch_create("/r", [{}] * 3), "Specified count is larger than 2"),
]


@pytest.mark.parametrize(("call", "said"), TOO_MANY, ids=range(len(TOO_MANY)))
def test_a_batch_has_a_most(call: Call[Any], said: str) -> None:
    rules = Rules(max_batch=2)
    answer = rules.answer(call.request, "/v2")
    assert answer is not None
    assert answer.status_code == 400
    with pytest.raises(restli.BadRequestError, match=said):
        call.parse(answer)
    assert [rules.answer(part.request, "/v2") for part in call.split()] == [None, None]
    assert Rules().answer(call.request, "/v2") is None


def test_what_cannot_be_read_is_left_to_the_handlers() -> None:
    assert Rules(max_batch=2).answer(HttpRequest("GET", "/r?ids=1", {}), "") is None


def test_a_body_has_a_most() -> None:
    call = restli.create("/r", {"a": "x" * 100})
    size = len(call.request.body)
    assert Rules(max_body=size).answer(call.request, "") is None
    answer = Rules(max_body=size - 1).answer(call.request, "")
    assert answer is not None
    assert answer.status_code == 413


@pytest.mark.parametrize("most", [0, -1, True, 1.5, "2"])
def test_a_most_is_a_number(most: Any) -> None:
    for argument in ("max_batch", "max_body"):
        with pytest.raises(InvalidCallError, match=f"{argument}: must be a number, 1 or above; or None"):
            Rules(**{argument: most})


def test_a_fake_refuses_what_is_too_much() -> None:
    fake = FakeTransport(max_batch=2, max_body=100)
    fake.collection("/r/{id:long}", {1: {}})
    client = RestliClient(fake)
    with pytest.raises(restli.BadRequestError, match="too many entities"):
        client.batch_get("/r", [1, 2, 3])
    with pytest.raises(restli.ServiceError) as raised:
        client.create("/r", {"a": "x" * 100})
    assert raised.value.status_code == 413


@pytest.mark.sockets
def test_a_server_refuses_a_batch_that_is_too_large() -> None:
    with RestliServer(max_batch=2) as server:
        server.collection("/r/{id:long}", {1: {}})
        with RestliClient(base_url=server.base_url) as client, pytest.raises(restli.BadRequestError, match="too many"):
            client.batch_get("/r", [1, 2, 3])
