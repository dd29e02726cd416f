"""Connections of a transport's own client: who has which, and when one is used again."""

from __future__ import annotations

import ssl
import threading
from pathlib import Path
from typing import Any

import anyio
import httpx
import httpx2
import pytest

from restli_transports.httpx.connections import AsyncConnections, Awaited, Blocking, BlockingConnections, Opener
from restli_transports.testing.compliance.scripts import OK, echo
from restli_transports.testing.compliance.surroundings import plain_environment
from restli_transports.testing.scripted_server import Connection, ScriptedServer, answer, response
from restli_transports.wire import Origin, Proxies

LIBRARIES = pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
HERE = Origin("http", "127.0.0.1", 1)
DIRECT = Proxies.none()


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plain_environment(monkeypatch, tmp_path)


@LIBRARIES
@pytest.mark.parametrize("kind", [Blocking, Awaited])
def test_what_has_no_public_way_is_where_it_was(library: Any, kind: Any) -> None:
    plain = getattr(library, kind.transport_class)()._pool
    assert {"_network_backend", "_optional_thread_lock", "_connections", "_requests"} <= vars(plain).keys()
    connection = Opener(library, kind, DIRECT, 60.0).open(HERE)
    assert connection.transport._pool._network_backend is connection.backend, "the backend has moved"
    assert connection.transport._pool.connections == [], "the connections have moved"
    assert not connection.is_open
    assert callable(connection.backend.sleep)  # what is not its own is the core's


def test_what_does_not_say_whether_it_is_open_counts_as_open() -> None:
    connection = Opener(httpx, Blocking, DIRECT, 60.0).open(HERE)
    assert connection._replace(transport=object()).is_open


def test_a_child_reads_certificates_anew_when_it_needs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[ssl.SSLContext] = []

    def verifying_context() -> ssl.SSLContext:
        made.append(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        return made[-1]

    monkeypatch.setattr("restli_transports.httpx.connections.verifying_context", verifying_context)
    opener = Opener(httpx, Blocking, DIRECT, 60.0)
    opener.open(HERE)
    opener.open(HERE)
    assert len(made) == 1
    opener.after_fork()
    assert len(made) == 1
    opener.open(HERE)
    assert len(made) == 2


def blocking_client(library: Any) -> Any:
    return library.Client(transport=BlockingConnections(library, DIRECT, 60.0), trust_env=False)


@LIBRARIES
@pytest.mark.sockets
def test_a_client_on_it_may_be_used_by_itself(library: Any) -> None:
    with ScriptedServer(echo) as server, blocking_client(library) as client:
        for number in range(3):
            assert client.get(f"{server.url}/{number}").json() == {"target": f"/{number}"}
    assert server.connections == 1


@LIBRARIES
@pytest.mark.sockets
def test_an_asynchronous_client_on_it_may_be_used_by_itself(library: Any) -> None:
    async def main() -> None:
        async with library.AsyncClient(
            transport=AsyncConnections(library, 10, DIRECT, 60.0), trust_env=False
        ) as client:
            for number in range(3):
                assert (await client.get(f"{server.url}/{number}")).json() == {"target": f"/{number}"}

    with ScriptedServer(echo) as server:
        anyio.run(main)
        anyio.run(main, backend="trio")
    assert server.connections == 2


@LIBRARIES
@pytest.mark.sockets
def test_a_connection_is_used_again_only_after_a_whole_answer(library: Any) -> None:
    large = answer(response("200 OK", bytes(10**6)))
    with ScriptedServer(large) as server, blocking_client(library) as client:
        with client.stream("GET", server.url) as half_read:
            next(half_read.iter_raw())
        client.get(server.url)
        client.get(server.url)
    assert server.connections == 2


@LIBRARIES
@pytest.mark.sockets
def test_nobody_gets_one_that_is_in_use(library: Any) -> None:
    with (
        ScriptedServer(answer(response("200 OK", bytes(10**6)))) as server,
        blocking_client(library) as client,
        client.stream("GET", server.url) as first,
        client.stream("GET", server.url) as second,
    ):
        assert len(first.read()) == len(second.read()) == 10**6
    assert server.connections == 2


@LIBRARIES
@pytest.mark.sockets
def test_one_that_was_interrupted_is_closed(library: Any) -> None:
    ended = threading.Event()

    def script(connection: Connection) -> None:
        connection.request()
        connection.send(OK[:-1])
        connection.wait_for_end()
        ended.set()

    def interrupt(_: Any) -> None:
        raise KeyboardInterrupt

    with ScriptedServer(script) as server, blocking_client(library) as client:
        client.event_hooks = {"response": [interrupt]}
        with pytest.raises(KeyboardInterrupt):
            client.get(server.url)
        assert ended.wait(30)
