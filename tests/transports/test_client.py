from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

import restli_core as restli
from restli_core import Call, HttpRequest, HttpResponse, InvalidCallError, NotFoundError
from restli_transports import AsyncRestliClient, RestliClient, Timeout

ARGUMENTS: Mapping[str, tuple[Any, ...]] = {
    "get": ("/a",),
    "batch_get": ("/a", [1, 2]),
    "get_all": ("/a",),
    "finder": ("/a", "search"),
    "batch_finder": ("/a", "search", ("criteria", [{"x": 1}])),
    "create": ("/a", {"x": 1}),
    "batch_create": ("/a", [{"x": 1}]),
    "update": ("/a", {"x": 1}),
    "batch_update": ("/a", [1], [{"x": 1}]),
    "partial_update": ("/a", {"x": 1}),
    "batch_partial_update": ("/a", [1], [{"x": 1}]),
    "delete": ("/a",),
    "batch_delete": ("/a", [1]),
    "action": ("/a", "run", {"x": 1}),
}
# It reads as an answer to each of the fourteen.
BODY = b'{"elements": [{}], "results": {}, "value": 5}'


class Recorder:
    """A transport that answers every request alike, and keeps what it was given."""

    session = "the session"

    def __init__(self, response: HttpResponse | None = None) -> None:
        self.response = response or HttpResponse(200, {}, BODY)
        self.sent: list[tuple[HttpRequest, Timeout]] = []
        self.closed = 0

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        self.sent.append((request, timeout))
        return self.response

    def close(self) -> None:
        self.closed += 1

    @property
    def request(self) -> HttpRequest:
        return self.sent[-1][0]


class AsyncRecorder(Recorder):
    async def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:  # type: ignore[override]
        return super().send(request, timeout=timeout)

    async def close(self) -> None:  # type: ignore[override]
        super().close()


class Bare:
    """A transport with no more than the protocol asks for."""

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        return HttpResponse(200, {}, BODY)


class AsyncBare:
    async def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        return HttpResponse(200, {}, BODY)


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


@pytest.mark.parametrize("client", [RestliClient, AsyncRestliClient])
@pytest.mark.parametrize("method", ARGUMENTS)
def test_a_method_is_described_as_its_function(client: type[object], method: str) -> None:
    described = getattr(client, method)
    own = inspect.signature(described)
    functions = inspect.signature(function(method))
    assert described.__doc__ == function(method).__doc__
    assert described.__qualname__ == f"{client.__name__}.{method}"
    assert [*own.parameters.values()][1:] == [*functions.parameters.values()]
    assert functions.return_annotation == f"Call[{own.return_annotation}]"


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


def test_further_headers_leave_the_user_agent_to_the_client() -> None:
    transport = Recorder()
    RestliClient(transport, user_agent="mine/1").get("/a", headers={"X-A": "b"})
    assert transport.request.headers["User-Agent"] == "mine/1"
    assert transport.request.headers["X-A"] == "b"


def test_wrong_headers_are_still_refused() -> None:
    with pytest.raises(InvalidCallError, match="headers"):
        RestliClient(Recorder(), user_agent="mine/1").get("/a", headers=5)  # type: ignore[arg-type]


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


@pytest.mark.parametrize(
    ("settings", "argument"),
    [
        ({"access_token": "a\r\nb"}, "access_token"),
        ({"access_token": ""}, "access_token"),
        ({"version_string": "2026"}, "version_string"),
        ({"base_url": "api.linkedin.com"}, "base_url"),
        ({"user_agent": "a\nb"}, "headers"),
        ({"timeout": 5}, "timeout"),
    ],
)
@pytest.mark.parametrize("client", [RestliClient, AsyncRestliClient])
def test_settings_that_no_call_could_send_are_refused(client: Any, settings: dict[str, Any], argument: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        client(Recorder(), **settings)
    assert caught.value.argument.startswith(argument)
    with pytest.raises(InvalidCallError):
        client(Recorder()).with_options(**settings)


def test_settings_keep_the_token_to_themselves() -> None:
    client = RestliClient(Recorder(), access_token="sesame")
    assert "sesame" not in repr(client)
    assert "sesame" not in repr(vars(client))
    assert repr(client) == "<RestliClient over Recorder>"


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


def test_what_cannot_send_is_no_transport() -> None:
    with pytest.raises(InvalidCallError, match="transport") as caught:
        RestliClient("sesame")  # type: ignore[arg-type]
    assert "sesame" not in str(caught.value)


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


def test_closing_closes_the_transport_once_and_not_by_a_derived_client() -> None:
    transport = Recorder()
    with RestliClient(transport) as client:
        client.with_options(access_token="u").close()
        assert transport.closed == 0
    assert transport.closed == 1


def test_closing_awaited() -> None:
    transport = AsyncRecorder()

    async def use() -> None:
        async with AsyncRestliClient(transport) as client:
            await client.with_options(access_token="u").close()
            assert transport.closed == 0

    asyncio.run(use())
    assert transport.closed == 1


def test_a_transport_needs_neither_session_nor_close() -> None:
    with RestliClient(Bare()) as client:
        assert client.get("/a").entity["value"] == 5
        assert client.session is None

    async def use() -> None:
        async with AsyncRestliClient(AsyncBare()) as awaited:
            assert (await awaited.get("/a")).entity["value"] == 5

    asyncio.run(use())


def test_the_session_is_the_librarys_own() -> None:
    assert RestliClient(Recorder()).session == "the session"


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


def test_the_default_transport_is_urllib3() -> None:
    with RestliClient() as client:
        assert type(client.transport).__name__ == "Urllib3Transport"


def test_the_default_transport_is_httpx_for_the_asynchronous_client() -> None:
    client = AsyncRestliClient()
    assert type(client.transport).__name__ == "HttpxAsyncTransport"
    asyncio.run(client.close())
