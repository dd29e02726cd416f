"""The clients of resources: each of the fourteen methods, and the settings, as users meet them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

import restli_core as restli
from restli_core import Call, CollectionResponse, GetResponse, HttpResponse, InvalidCallError, NotFoundError
from restli_core.oauth import AccessToken2LResponse
from restli_transports import AsyncAuthClient, AsyncRestliClient, RestliClient, Timeout
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
