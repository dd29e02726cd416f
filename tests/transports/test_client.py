"""The clients of resources: each of the fourteen methods, and the settings, as users meet them."""

from __future__ import annotations

import asyncio
import json
import threading
import warnings
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any

import pytest

import restli_core as restli
from restli_core import (
    Call,
    CollectionResponse,
    GetResponse,
    HttpResponse,
    InvalidCallError,
    NotFoundError,
    SuspiciousValueWarning,
    oauth,
)
from restli_core.oauth import AccessToken2LResponse
from restli_transports import AsyncAuthClient, AsyncRestliClient, RestliClient, Timeout
from tests.support import played_tries
from tests.support.played_tries import KINDS, client_over, do, failure
from tests.support.recorders import ARGUMENTS, BODY, AsyncRecorder, Recorder
from tests.support.token_world import World


def function(method: str) -> Callable[..., Call[Any]]:
    made: Callable[..., Call[Any]] = getattr(restli, method)
    return made


@pytest.mark.parametrize("method", ARGUMENTS)
def test_a_method_sends_what_its_function_makes(method: str) -> None:
    transport = Recorder()
    answer = getattr(RestliClient(transport), method)(*ARGUMENTS[method], query_params={"p": 1})
    call = function(method)(*ARGUMENTS[method], query_params={"p": 1})
    assert transport.request == call.request
    assert answer == call.parse(transport.response)


@pytest.mark.parametrize("method", ARGUMENTS)
def test_an_awaited_method_sends_what_its_function_makes(method: str) -> None:
    transport = AsyncRecorder()
    answer = asyncio.run(getattr(AsyncRestliClient(transport), method)(*ARGUMENTS[method], query_params={"p": 1}))
    call = function(method)(*ARGUMENTS[method], query_params={"p": 1})
    assert transport.request == call.request
    assert answer == call.parse(transport.response)


def test_arguments_pass_by_position_and_by_keyword() -> None:
    transport = Recorder()
    client = RestliClient(transport)
    client.finder("/a", "search", fields="id")
    by_position = transport.request
    client.finder(resource_path="/a", finder_name="search", fields=["id"])
    assert transport.request == by_position


def test_settings_are_the_defaults_of_calls() -> None:
    transport = Recorder()
    client = RestliClient(
        transport, access_token="t", version_string="202609", base_url="http://h/x", user_agent="mine/1"
    )
    client.get("/a")
    assert (
        transport.request
        == restli.get(
            "/a", access_token="t", version_string="202609", base_url="http://h/x", headers={"User-Agent": "mine/1"}
        ).request
    )


def test_a_call_may_say_otherwise() -> None:
    transport = Recorder()
    client = RestliClient(transport, access_token="t", version_string="202609", user_agent="mine/1")
    client.get("/a", access_token="u", version_string="202512", headers={"user-agent": "other/2", "X-A": "b"})
    assert transport.request.headers["Authorization"] == "Bearer u"
    assert transport.request.headers["LinkedIn-Version"] == "202512"
    assert transport.request.headers["User-Agent"] == "other/2"


def test_time_limits() -> None:
    transport = Recorder()
    client = RestliClient(transport, timeout=Timeout(read=5))
    client.get("/a")
    client.send(restli.get("/a"), timeout=Timeout(read=6))
    client.with_options(timeout=Timeout(read=7)).get("/a")
    assert [timeout.read for _, timeout in transport.sent] == [5, 6, 7]


def test_other_time_limits_are_refused() -> None:
    with pytest.raises(InvalidCallError, match="timeout"):
        RestliClient(Recorder()).send(restli.get("/a"), timeout=5)  # type: ignore[arg-type]


def test_time_limits_are_finite_by_default() -> None:
    transport = Recorder()
    RestliClient(transport).get("/a")
    timeout = transport.sent[0][1]
    assert None not in {timeout.connect, timeout.read, timeout.total}


@pytest.mark.parametrize("seconds", [0, -1, "5", float("nan")])
@pytest.mark.parametrize("name", ["connect", "read", "total"])
def test_impossible_time_limits_are_refused(name: str, seconds: Any) -> None:
    with pytest.raises(InvalidCallError, match=name):
        Timeout(**{name: seconds})


def test_options_make_another_client_on_the_same_transport() -> None:
    transport = Recorder()
    client = RestliClient(transport, access_token="t", version_string="202609")
    other = client.with_options(access_token="u", base_url="http://h")
    other.get("/a")
    assert transport.request.headers["Authorization"] == "Bearer u"
    assert transport.request.headers["LinkedIn-Version"] == "202609"
    assert transport.request.url == "http://h/a"
    client.get("/a")
    assert transport.request.headers["Authorization"] == "Bearer t"
    assert type(other) is RestliClient
    assert other.transport is client.transport


@pytest.mark.parametrize("kind", ["blocking", "awaited"])
def test_options_take_a_source(kind: str) -> None:
    world = World(kind)
    client = world.client("unknown").with_options(access_token=world.refreshing())
    assert world.do(client.get, "/me").status_code == 200


def test_answers_that_are_errors_are_raised_with_what_was_sent_less_the_token() -> None:
    transport = Recorder(HttpResponse(404, {}, b'{"message": "gone"}'))
    with pytest.raises(NotFoundError, match="gone") as caught:
        RestliClient(transport, access_token="sesame").get("/a")
    assert caught.value.request is not None
    assert "sesame" not in str(caught.value.request.headers.raw)


def test_loads_and_dumps_are_the_callers_own() -> None:
    transport = Recorder()
    client = RestliClient(
        transport,
        loads=lambda body: {"loaded": len(body)},
        dumps=lambda value: json.dumps(value, indent=1).encode(),
    )
    assert client.create("/a", {"x": 1}).entity == {"loaded": len(BODY)}
    assert transport.request.body == b'{\n "x": 1\n}'


def test_a_mapped_call_answers_with_its_own_model() -> None:
    assert RestliClient(Recorder()).send(restli.get("/a").map(lambda answer: answer.entity["value"])) == 5


def test_methods_are_coroutine_functions_for_type_checkers_too() -> None:
    # create_task takes a coroutine, not any awaitable: mypy and pyright check these lines.
    client = AsyncRestliClient(AsyncRecorder(HttpResponse(200, {}, b'{"elements": []}')))

    async def main() -> tuple[GetResponse, CollectionResponse, GetResponse]:
        one: asyncio.Task[GetResponse] = asyncio.create_task(client.get("/a"))
        async with asyncio.TaskGroup() as group:
            all_of_them: asyncio.Task[CollectionResponse] = group.create_task(client.get_all("/a"))
            sent: asyncio.Task[GetResponse] = group.create_task(client.send(restli.get("/a")))
        making: Coroutine[Any, Any, GetResponse] = client.get("/a")
        await making
        await asyncio.create_task(client.close())
        return await one, all_of_them.result(), sent.result()

    one, all_of_them, sent = asyncio.run(main())
    assert one.entity == sent.entity == {"elements": []}
    assert all_of_them.elements == []


def test_auth_methods_are_coroutine_functions_for_type_checkers_too() -> None:
    async def main() -> AccessToken2LResponse:
        auth = AsyncAuthClient(
            "app", "secret", transport=AsyncRecorder(HttpResponse(200, {}, b'{"access_token": "t", "expires_in": 60}'))
        )
        task: asyncio.Task[AccessToken2LResponse] = asyncio.create_task(auth.get_two_legged_access_token())
        return await task

    assert asyncio.run(main()).access_token == "t"


# -- what is left out, what is None, and what is given -----------------------------------------------------------------


def seen(client: Any, transport: Any) -> dict[str, Any]:
    """What a client's settings do to its calls."""
    transport.outcomes, transport.requests, transport.limits = [None], [], []
    answer = do(client, client.calls.get("/a"))
    do(client, client.calls.create("/a", {"x": 1}))
    (got, created), limits = transport.requests, transport.limits[0]
    transport.outcomes, transport.requests = [restli.ConnectError("refused")], []
    transport.clock.waits.clear()
    failure(client, restli.get("/a"))
    return {
        "access_token": got.headers.get("Authorization"),
        "version_string": got.headers.get("LinkedIn-Version"),
        "base_url": got.url,
        "headers": got.headers.get("X-A"),
        "timeout": limits,
        "retry": len(transport.requests),
        "on_event": [],
        "user_agent": got.headers.get("User-Agent"),
        "loads": answer.entity,
        "dumps": created.body,
        "random": transport.waits[:1],
    }


class Told:
    """A listener that notes that it was told of something."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def __call__(self, event: Any) -> None:
        self.events.append(event)


PLAIN_BODY = b'{"x":1}'
DEFAULT = {
    "access_token": None,
    "version_string": None,
    "base_url": "https://api.linkedin.com/v2/a",
    "headers": None,
    "timeout": Timeout(),
    "retry": 1,
    "user_agent": restli.get("/a").request.headers["User-Agent"],
    "loads": {"elements": [{}], "results": {}, "value": 5},
    "dumps": PLAIN_BODY,
}
# setting -> a value, and what calls show of it; then another value, and what they show of that
VALUES: dict[str, tuple[Any, Any, Any, Any]] = {
    "access_token": ("t", "Bearer t", "u", "Bearer u"),
    "version_string": ("202609", "202609", "202512", "202512"),
    "base_url": ("http://h/x", "http://h/x/a", "http://i", "http://i/a"),
    "headers": ({"X-A": "b"}, "b", {"x-a": "c"}, "c"),
    "timeout": (Timeout(read=5, total=9), Timeout(read=5, total=9), Timeout(read=6), Timeout(read=6)),
    "retry": (
        restli.RetryPolicy(tries=2, total=None),
        2,
        restli.RetryPolicy(tries=3, total=None),
        3,
    ),
    "user_agent": ("mine/1", "mine/1", "other/2", "other/2"),
    "loads": (lambda _: {"mine": 1}, {"mine": 1}, lambda _: {"other": 2}, {"other": 2}),
    "dumps": (lambda _: b"mine", b"mine", lambda _: b"other", b"other"),
}


@pytest.mark.filterwarnings("ignore:call")  # of a call that another client would make
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("setting", VALUES)
def test_an_option_that_is_left_out_stays_and_none_is_a_value(kind: str, setting: str) -> None:
    has = {name: value for name, (value, _, _, _) in VALUES.items()}
    client, transport = client_over(kind, None, **has)
    as_it_was = {name: shown for name, (_, shown, _, _) in VALUES.items()}

    def shown_by(one: Any) -> dict[str, Any]:
        return {name: value for name, value in seen(one, transport).items() if name in VALUES}

    assert shown_by(client) == as_it_was
    assert shown_by(client.with_options()) == as_it_was
    without = client.with_options(**{setting: None})
    # Without a base URL a client with a version is for LinkedIn's versioned API, and without a version it is not.
    bare = "https://api.linkedin.com/rest/a" if setting == "base_url" else DEFAULT[setting]
    assert shown_by(without) == {**as_it_was, setting: bare}
    _, _, other, shown = VALUES[setting]
    assert shown_by(client.with_options(**{setting: other})) == {**as_it_was, setting: shown}
    assert shown_by(without.with_options(**{setting: other})) == {**as_it_was, setting: shown}
    assert shown_by(client) == as_it_was


@pytest.mark.parametrize("kind", KINDS)
def test_a_listener_that_is_left_out_stays_and_none_is_no_listener(kind: str) -> None:
    told, other = Told(), Told()
    client, _ = client_over(kind, None, on_event=told)
    for one, by_told, by_other in (
        (client.with_options(access_token="t"), True, False),
        (client.with_options(on_event=None), False, False),
        (client.with_options(on_event=other), False, True),
        (client.with_options(on_event=[told, other]), True, True),
    ):
        told.events, other.events = [], []
        do(one, restli.get("/a"))
        assert (bool(told.events), bool(other.events)) == (by_told, by_other)


@pytest.mark.parametrize("kind", KINDS)
def test_limits_that_are_left_out_stay_and_none_is_no_limit(kind: str) -> None:
    client, _ = client_over(kind, None, limits=[restli.Limit(1, 1000, wait=0)])
    for one, calls in (
        (client, 1),
        (client.with_options(access_token="t"), 0),  # counted together with the client's
        (client.with_options(limits=[restli.Limit(2, 1000, wait=0)]), 2),
        (client.with_options(limits=None), 5),
        (client.with_options(limits=[]), 5),
    ):
        for _ in range(calls):
            do(one, restli.get("/a"))
        if calls < 5:
            assert isinstance(failure(one, restli.get("/a")), restli.LimitError)


@pytest.mark.parametrize("kind", KINDS)
def test_each_source_of_tokens_is_a_member_of_its_own(kind: str) -> None:
    world = World(kind)
    client = world.client(None, limits=[restli.Limit(1, 1000, each="member", wait=0)])
    members = [client.with_options(access_token=source) for source in (world.refreshing(), world.refreshing())]
    ended: Future[list[Any]] = Future()

    def ask() -> None:
        try:
            errors: list[Any] = []
            for member in members:
                do(member, restli.get("/me"))
                errors.append(failure(member, restli.get("/me")))
            ended.set_result(errors)
        except Exception as error:  # noqa: BLE001 - the test raises it
            ended.set_exception(error)

    # In a thread that may be left behind: the call once waited for a lock that it held.
    threading.Thread(target=ask, daemon=True).start()
    assert [type(error) for error in ended.result(30)] == [restli.LimitError, restli.LimitError]


@pytest.mark.parametrize("kind", KINDS)
def test_a_source_of_chance_that_is_left_out_stays_and_none_is_pythons_own(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.random", lambda: 0.25)
    client, transport = client_over(kind, restli.ConnectError("refused"), random=lambda: 0.5)
    for one, wait in (
        (client.with_options(access_token="t"), 0.125),
        (client.with_options(random=None), 0.0625),
        (client.with_options(random=lambda: 1.0), 0.25),
    ):
        failure(one, restli.get("/a"), retry=restli.RetryPolicy(tries=2))
        assert transport.waits.pop() == wait


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_left_out_of_send_is_the_clients_and_none_is_a_value(kind: str) -> None:
    own = Timeout(read=5, total=9)
    client, transport = client_over(kind, restli.ConnectError("refused"), timeout=own, retry=restli.RetryPolicy(2))
    for options, limits, tries in (
        ({}, own, 2),
        ({"timeout": None}, Timeout(total=120), 2),
        ({"timeout": Timeout(read=7)}, Timeout(read=7, total=120), 2),
        ({"retry": None}, own, 1),
        ({"retry": restli.RetryPolicy(3, 6)}, Timeout(read=5, total=6), 3),
        ({"timeout": None, "retry": None}, Timeout(), 1),
    ):
        transport.limits = []
        failure(client, restli.get("/a"), **options)
        assert (transport.limits[0], len(transport.limits)) == (limits, tries)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("retry", [5, "safe", restli.RetryPolicy, 4.0])
def test_what_is_no_policy_is_refused_before_anything_is_sent(kind: str, retry: Any) -> None:
    client, transport = client_over(kind, None)
    acts: list[Callable[[], Any]] = [
        lambda: do(client, restli.get("/a"), retry=retry),
        lambda: client.with_options(retry=retry),
        lambda: type(client)(transport, retry=retry),
    ]
    for act in acts:
        with pytest.raises(
            InvalidCallError,
            match=r"retry: must be a RetryPolicy, such as RetryPolicy\(tries=3\), or None for none, not [\w ]+$",
        ):
            act()
    assert transport.requests == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_client_makes_calls_without_sending_them(kind: str) -> None:
    client, transport = client_over(kind, None, version_string="202609", base_url="http://h", headers={"X-A": "b"})
    assert client.calls == restli.Calls("202609", "http://h", {"X-A": "b"})
    made = client.calls.get("/a", headers={"x-a": "c"})
    assert made == restli.get("/a", version_string="202609", base_url="http://h", headers={"x-a": "c"})
    assert transport.requests == []
    do(client, made)
    assert transport.requests == [made.request]
    agent = client.with_options(user_agent="mine/1").calls
    assert agent == restli.Calls("202609", "http://h", {"X-A": "b", "User-Agent": "mine/1"})


@pytest.mark.parametrize("name", ["User-Agent", "user-agent", "USER-AGENT"])
def test_a_user_agent_is_given_once(name: str) -> None:
    client, _ = client_over("blocking", None, user_agent="mine/1")
    for act in (
        lambda: RestliClient(Recorder(), user_agent="mine/1", headers={name: "other/2"}),
        lambda: client.with_options(headers={name: "other/2"}),
    ):
        with pytest.raises(InvalidCallError, match="user_agent: is in headers, too"):
            act()
    assert client.with_options(headers={name: "other/2"}, user_agent=None).calls.headers["User-Agent"] == "other/2"


# -- a call that another client would make -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("options", "call", "warns"),
    [
        ({"base_url": "http://h/x"}, restli.get("/a"), True),
        ({"base_url": "http://h/x"}, restli.get("/a", version_string="202609"), True),
        ({"base_url": "https://api.linkedin.com:444"}, restli.get("/a"), True),
        ({"base_url": "http://api.linkedin.com"}, restli.create("/a", {}), True),
        ({"base_url": "http://h/x"}, restli.get("/a").map(str), True),
        ({"base_url": "http://h/x"}, restli.get("/a", base_url="http://h/x"), False),
        ({"base_url": "http://h/x"}, restli.get("/a", base_url="https://elsewhere.example"), False),
        ({"base_url": "http://h/x"}, oauth.client_credentials("app", "s3cret"), False),
        ({"base_url": "https://api.linkedin.com/rest"}, restli.get("/a"), False),
        ({"version_string": "202609"}, restli.get("/userinfo"), False),
        ({}, restli.get("/a", version_string="202609"), False),
        ({}, restli.get("/a", base_url="http://h/x"), False),
    ],
)
def test_a_call_to_linkedin_by_a_client_of_another_server_warns(
    kind: str, options: dict[str, Any], call: restli.Call[Any], warns: bool
) -> None:
    client, transport = client_over(kind, HttpResponse(200, {}, b'{"access_token": "t", "expires_in": 5}'), **options)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        do(client, call)
    assert [warning.category for warning in caught] == [SuspiciousValueWarning] * warns
    assert len(transport.requests) == 1  # it is sent all the same
    for warning in caught:
        assert "make it with client.calls" in str(warning.message)
        assert warning.filename in {__file__, played_tries.__file__}
