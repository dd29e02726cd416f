"""What only the transports over httpx promise: clients with hooks and mocks, and one event loop."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import h11
import httpx
import pytest
import respx

from restli_core import HttpRequest, InvalidCallError, NotFoundError, ProtocolError
from restli_transports import AsyncRestliClient, RestliClient, Timeout
from restli_transports.httpx import HttpxAsyncTransport, HttpxTransport, transports
from restli_transports.testing.compliance.scripts import OK
from restli_transports.testing.compliance.senders import QUICK, get, sending
from restli_transports.testing.compliance.surroundings import plain_environment
from restli_transports.testing.compliance.wire_view import request_target, values_of
from restli_transports.testing.scripted_server import ScriptedServer, answer, response


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plain_environment(monkeypatch, tmp_path)


def test_a_closed_client_of_httpx_is_refused() -> None:
    client = httpx.Client()
    transport = HttpxTransport(client)
    client.close()
    with pytest.raises(InvalidCallError, match="is closed"):
        transport.send(HttpRequest("GET", "http://127.0.0.1:1/"), timeout=QUICK)


@pytest.mark.sockets
def test_what_is_set_on_the_client_of_its_own_counts() -> None:
    transport = HttpxTransport()
    transport.session.cookies.set("a", "b")
    transport.session.headers["X-Mine"] = "c"
    with ScriptedServer(answer(OK)) as server, sending(transport) as sender:
        get(sender, server.url)
    assert values_of(server.received[0], "cookie") == ["a=b"]
    assert values_of(server.received[0], "x-mine") == ["c"]


@pytest.mark.sockets
def test_hooks_of_httpx_see_both_ends_and_may_read_the_answer() -> None:
    seen: list[Any] = []
    hooks: dict[str, list[Callable[..., Any]]] = {
        "request": [lambda request: seen.append(request.content)],
        "response": [lambda got: seen.append(got.read())],
    }
    body = bytes(100_000)
    with ScriptedServer(answer(OK)) as server, httpx.Client(event_hooks=hooks) as client:
        got = HttpxTransport(client).send(HttpRequest("POST", server.url, {}, body), timeout=QUICK)
    assert got.body == b"{}"
    assert seen == [body, b"{}"]


@pytest.mark.sockets
def test_the_answer_of_httpx_may_be_used_and_closed_afterwards() -> None:
    with ScriptedServer(answer(OK)) as server, sending(HttpxTransport()) as sender:
        native = sender.send(HttpRequest("POST", server.url, {}, b"{}"), timeout=QUICK).native
        assert (native.json(), native.read(), native.request.content) == ({}, b"{}", b"{}")
        assert native.elapsed.total_seconds() > 0
        native.close()
        with pytest.raises(httpx.StreamError):
            next(native.iter_raw())

    async def main() -> None:
        transport = HttpxAsyncTransport()
        native = (await transport.send(HttpRequest("GET", server.url), timeout=QUICK)).native
        assert (native.json(), await native.aread()) == ({}, b"{}")
        await native.aclose()
        await transport.close()

    with ScriptedServer(answer(OK)) as server:
        asyncio.run(main())


def test_a_url_that_httpx_finds_too_long() -> None:
    with sending(HttpxTransport()) as sender, pytest.raises(InvalidCallError, match="httpx cannot send it"):
        get(sender, f"http://127.0.0.1:1/{'a' * 70_000}")


@pytest.mark.sockets
def test_a_hook_that_raises_on_status_is_heard() -> None:
    hooks = {"response": [lambda got: got.raise_for_status()]}
    with (
        ScriptedServer(answer(response("404 Not Found"))) as server,
        httpx.Client(event_hooks=hooks) as client,
        pytest.raises(httpx.HTTPStatusError),
    ):
        HttpxTransport(client).send(HttpRequest("GET", server.url), timeout=QUICK)


def not_found(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(404, json={"message": "no"}, headers={"Content-Encoding": "identity"})


def test_httpx_mocks_by_its_own_transport() -> None:
    with httpx.Client(transport=httpx.MockTransport(not_found)) as session, pytest.raises(NotFoundError, match="no"):
        RestliClient(HttpxTransport(session)).get("/me")


@pytest.mark.anyio
async def test_httpx_mocks_by_its_own_transport_asynchronously() -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(not_found)) as session:
        with pytest.raises(NotFoundError, match="no"):
            await AsyncRestliClient(HttpxAsyncTransport(session)).get("/me")


def test_a_mock_that_is_larger_than_the_limit() -> None:
    def large(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=gzip.compress(bytes(1000)), headers={"Content-Encoding": "gzip"})

    with httpx.Client(transport=httpx.MockTransport(large)) as session:
        assert HttpxTransport(session).send(HttpRequest("GET", "http://a.test/"), timeout=QUICK).body == bytes(1000)
        with pytest.raises(ProtocolError, match="999"):
            HttpxTransport(session, max_body=999).send(HttpRequest("GET", "http://a.test/"), timeout=QUICK)


@pytest.mark.parametrize("kind", [h11.LocalProtocolError, httpx.LocalProtocolError])
def test_a_connection_of_a_given_client_that_cannot_go_on_is_a_protocol_error(kind: type[Exception]) -> None:
    def done(_request: httpx.Request) -> httpx.Response:
        raise kind("can't handle event type Request when role=CLIENT and state=DONE")

    with httpx.Client(transport=httpx.MockTransport(done)) as session, pytest.raises(ProtocolError, match="state=DONE"):
        HttpxTransport(session).send(HttpRequest("GET", "http://a.test/"), timeout=QUICK)


@respx.mock
def test_httpx_mocked_by_respx() -> None:
    respx.get("https://api.linkedin.com/v2/me").respond(json={"id": "x"})
    with RestliClient(HttpxTransport()) as client:
        assert client.get("/me").entity == {"id": "x"}


def test_a_timeout_of_a_mock_is_one() -> None:
    def late(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("late", request=request)

    with (
        httpx.Client(transport=httpx.MockTransport(late)) as session,
        pytest.raises(Exception, match="nothing was read"),
    ):
        HttpxTransport(session).send(HttpRequest("GET", "http://a.test/"), timeout=Timeout(read=1))


@pytest.mark.sockets
def test_a_given_client_belongs_to_one_event_loop() -> None:
    async def call() -> int:
        return (await transport.send(HttpRequest("GET", server.url), timeout=QUICK)).status_code

    async def main() -> None:
        assert await call() == 200
        with pytest.raises(InvalidCallError, match="event loop"):
            await asyncio.to_thread(asyncio.run, call())
        await client.aclose()

    client = httpx.AsyncClient()
    transport = HttpxAsyncTransport(client)
    with ScriptedServer(answer(OK)) as server:
        asyncio.run(main())
    assert len(server.received) == 1


def test_a_given_client_is_the_session_and_outlives_close() -> None:
    with httpx.Client() as client:
        transport = HttpxTransport(client)
        transport.close()
        assert transport.session is client
        assert not client.is_closed


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.sockets
def test_calls_wait_for_a_connection_of_the_transports_own_client(
    backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transports, "MAX_CONNECTIONS", 2)

    async def main() -> None:
        transport = HttpxAsyncTransport()
        async with anyio.create_task_group() as tasks:
            for number in range(10):
                request = HttpRequest("GET", f"{server.url}/{number}")
                tasks.start_soon(partial(transport.send, request, timeout=QUICK))
        await transport.close()

    with ScriptedServer(answer(OK)) as server:
        anyio.run(main, backend=backend)
    assert len(server.received) == 10
    assert server.connections <= 2


@pytest.mark.sockets
@pytest.mark.parametrize("kind", [HttpxTransport, HttpxAsyncTransport])
def test_a_large_body_is_sent_in_pieces(kind: type[Any]) -> None:
    body = bytes(range(256)) * 1000
    with ScriptedServer(answer(OK)) as server, sending(kind()) as sender:
        sender.send(HttpRequest("PUT", f"{server.url}/a", {}, body), timeout=QUICK)
    (request,) = server.received
    assert request.endswith(b"\r\n\r\n" + body)
    assert values_of(request, "content-length") == [str(len(body))]
    assert values_of(request, "transfer-encoding") == []


@pytest.mark.sockets
def test_a_target_that_httpx_would_change_is_set_apart() -> None:
    with ScriptedServer(answer(OK)) as server, sending(HttpxTransport()) as sender:
        get(sender, f"{server.url}/a/../b?%c3")
    assert request_target(server.received[0]) == "/a/../b?%c3"


def test_there_is_a_limit_for_each_kind_of_wait_in_a_mock() -> None:
    seen: list[dict[str, Any]] = []

    def recorded(request: httpx.Request) -> httpx.Response:
        seen.append(request.extensions["timeout"])
        return httpx.Response(200)

    with httpx.Client(transport=httpx.MockTransport(recorded)) as client:
        HttpxTransport(client).send(HttpRequest("GET", "http://a.test/"), timeout=Timeout(1, 2, 3))
    assert seen == [{"connect": 1, "read": 2, "write": 2, "pool": 3}]
