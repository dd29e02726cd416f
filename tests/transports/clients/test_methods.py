"""Methods that are made of functions: what readers, programs and type checkers see of them."""

from __future__ import annotations

import asyncio
import inspect
import pydoc
import traceback
from collections.abc import Callable, Coroutine
from typing import Any, assert_type, get_type_hints

import pytest

import restli_core as restli
from restli_core import (
    BatchGetResponse,
    Call,
    CreateResponse,
    GetResponse,
    HttpRequest,
    HttpResponse,
    InvalidCallError,
    oauth,
)
from restli_core.responses.parsing import Loads
from restli_transports import AsyncAuthClient, AsyncRestliClient, AuthClient, RestliClient
from restli_transports._clients.base import AsyncBaseClient, BlockingClient
from restli_transports._clients.methods import awaited, blocking
from restli_transports._clients.settings import Settings
from tests.support.recorders import ARGUMENTS, AsyncRecorder, Recorder

AUTH_METHODS = [
    "exchange_auth_code_for_access_token",
    "exchange_refresh_token_for_access_token",
    "get_two_legged_access_token",
    "introspect_access_token",
    "revoke_access_token",
]
BLOCKING = [*((RestliClient, name) for name in ARGUMENTS), *((AuthClient, name) for name in AUTH_METHODS)]
AWAITED = [*((AsyncRestliClient, name) for name in ARGUMENTS), *((AsyncAuthClient, name) for name in AUTH_METHODS)]
IDS = [*ARGUMENTS, *AUTH_METHODS]


def function(method: str) -> Callable[..., Call[Any]]:
    made: Callable[..., Call[Any]] = getattr(restli, method)
    return made


# -- what readers see --------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize(("client", "name"), [*BLOCKING, *AWAITED], ids=[*IDS, *(f"async {name}" for name in IDS)])
def test_a_method_is_one_of_its_class(client: type[object], name: str) -> None:
    method = getattr(client, name)
    assert (method.__name__, method.__module__) == (name, client.__module__)
    assert next(iter(inspect.signature(method).parameters)) == "self"
    assert inspect.isfunction(method)


@pytest.mark.parametrize(("client", "name"), [*BLOCKING, *AWAITED], ids=[*IDS, *(f"async {name}" for name in IDS)])
def test_the_answer_is_known_when_the_program_runs(client: type[object], name: str) -> None:
    answer = get_type_hints(getattr(client, name))["return"]
    assert answer.__name__ == inspect.signature(getattr(client, name)).return_annotation
    assert issubclass(answer, restli.RestliResponse | oauth.AuthResponse)


def help_on(function: object) -> str:
    """Return what `help` shows, on one line and without quotes, as newer versions of Python write it or do not."""
    return " ".join(pydoc.plain(pydoc.render_doc(function)).split()).replace("( ", "(").replace("'", "")


def test_help_shows_the_arguments_and_the_answer() -> None:
    shown = help_on(RestliClient.batch_get)
    assert "batch_get(self, resource_path: str, ids: Iterable[Encodable], *, path_keys:" in shown
    assert ") -> BatchGetResponse" in shown
    assert "several entities by their ids" in shown.lower()
    assert "async get(self, resource_path: str" in help_on(AsyncRestliClient.get)


# -- what programs see -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("client", "name"), AWAITED, ids=IDS)
def test_what_is_awaited_is_a_coroutine_function(client: type[object], name: str) -> None:
    assert inspect.iscoroutinefunction(getattr(client, name))


@pytest.mark.parametrize(("client", "name"), BLOCKING, ids=IDS)
def test_what_blocks_is_a_plain_function(client: type[object], name: str) -> None:
    assert not inspect.iscoroutinefunction(getattr(client, name))


def test_methods_are_awaited_in_tasks() -> None:
    async def use() -> tuple[int, int]:
        async with AsyncRestliClient(AsyncRecorder()) as client, asyncio.TaskGroup() as group:
            first = group.create_task(client.get("/a"))
            second = asyncio.create_task(client.create("/a", {"x": 1}))
        assert_type(await first, GetResponse)
        assert_type(await second, CreateResponse)
        return (await first).status_code, (await second).status_code

    assert asyncio.run(use()) == (200, 200)


def test_arguments_that_the_function_does_not_have_are_refused() -> None:
    with pytest.raises(TypeError, match="elsewhere"):
        RestliClient(Recorder()).get("/a", elsewhere=5)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="resource_path"):
        RestliClient(Recorder()).get()  # type: ignore[call-arg]


# -- what type checkers see: they run over this file, and assert_type fails there --------------------------------------


def test_types_of_blocking_methods() -> None:
    client = RestliClient(Recorder())
    assert_type(client.get("/a"), GetResponse)
    assert_type(client.batch_get("/a", [1], fields="id"), BatchGetResponse)
    assert_type(client.send(restli.get("/a").map(lambda answer: answer.status_code)), int)
    with pytest.raises(InvalidCallError):
        client.get("/a", fields=5)  # type: ignore[arg-type]


def test_types_of_awaited_methods() -> None:
    async def use() -> None:
        client = AsyncRestliClient(AsyncRecorder())
        promised = client.get("/a")
        assert_type(await assert_type(promised, Coroutine[Any, Any, GetResponse]), GetResponse)

    asyncio.run(use())


def test_types_of_auth_methods() -> None:
    transport = Recorder(HttpResponse(200, {}, b'{"access_token": "t", "expires_in": 5}'))
    client = AuthClient("app", "s3cret", transport=transport)
    assert_type(client.get_two_legged_access_token(), oauth.AccessToken2LResponse)
    assert_type(client.exchange_refresh_token_for_access_token("r"), oauth.RefreshTokenExchangeResponse)
    with pytest.raises(InvalidCallError):
        client.revoke_access_token(5)  # type: ignore[arg-type]


# -- the decorators ----------------------------------------------------------------------------------------------------


def read_length(request: HttpRequest, response: HttpResponse, loads: Loads) -> int:
    return len(response.body)


class Place:
    """What makes calls, of a third kind: it has one address."""

    def __init__(self, url: str) -> None:
        self.url = url

    def fetch(self, name: str, *, verb: str = "GET") -> Call[int]:
        """Fetch something."""
        return Call(HttpRequest(verb, f"{self.url}/{name}"), "fetch", read_length)


class PlaceClient(BlockingClient[Place]):
    @blocking(Place.fetch)
    def fetch_it(self) -> int: ...  # type: ignore[empty-body]


class AsyncPlaceClient(AsyncBaseClient[Place]):
    @awaited(Place.fetch)
    async def fetch_it(self) -> int: ...  # type: ignore[empty-body]


def test_a_method_makes_its_call_by_what_makes_the_clients_calls() -> None:
    transport, awaited_transport = Recorder(HttpResponse(200, {}, b"1234")), AsyncRecorder(HttpResponse(200, {}, b"12"))
    blocks = PlaceClient(transport, Place("http://h"), Settings())
    awaits = AsyncPlaceClient(awaited_transport, Place("http://i"), Settings())
    assert blocks.fetch_it("a") == 4
    assert asyncio.run(awaits.fetch_it("b", verb="PUT")) == 2
    assert transport.request == HttpRequest("GET", "http://h/a")
    assert awaited_transport.request == HttpRequest("PUT", "http://i/b")


def test_a_method_has_the_name_of_its_stub_and_the_documentation_of_its_function() -> None:
    for method in (PlaceClient.fetch_it, AsyncPlaceClient.fetch_it):
        assert method.__name__ == "fetch_it"
        assert method.__doc__ == "Fetch something."
        assert str(inspect.signature(method)) == "(self, name: 'str', *, verb: 'str' = 'GET') -> 'int'"


# -- settings as defaults ----------------------------------------------------------------------------------------------


def test_further_headers_leave_the_user_agent_to_the_client() -> None:
    transport = Recorder()
    RestliClient(transport, user_agent="mine/1").get("/a", headers={"X-A": "b"})
    assert transport.request.headers["User-Agent"] == "mine/1"
    assert transport.request.headers["X-A"] == "b"


def test_wrong_headers_are_still_refused() -> None:
    with pytest.raises(InvalidCallError, match="headers"):
        RestliClient(Recorder(), user_agent="mine/1").get("/a", headers=5)  # type: ignore[arg-type]


def test_an_error_does_not_keep_the_client_which_has_the_token() -> None:
    blocking_client, async_client = RestliClient(Recorder()), AsyncRestliClient(AsyncRecorder())
    with pytest.raises(InvalidCallError) as one:
        blocking_client.get("me")
    with pytest.raises(InvalidCallError) as other:
        asyncio.run(async_client.get("me"))
    for found in (one, other):
        method = next(frame for frame, _ in traceback.walk_tb(found.tb) if frame.f_code.co_name == "method")
        assert not any(isinstance(value, RestliClient | AsyncRestliClient) for value in method.f_locals.values())
