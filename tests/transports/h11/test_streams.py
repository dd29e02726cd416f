"""Streams of anyio's, and what only their transport promises: a limit for each host, any number of event loops."""

from __future__ import annotations

import asyncio
import gc
import ssl
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import anyio
import pytest

from restli_core import ConnectError, HttpRequest, HttpResponse, InvalidCallError
from restli_transports import Timeout
from restli_transports.h11 import H11AsyncTransport
from restli_transports.h11.connection_pool import Settings
from restli_transports.h11.streams import AnyioStream
from restli_transports.testing.compliance.scripts import OK, answer_once, echo
from restli_transports.testing.compliance.senders import QUICK
from restli_transports.testing.compliance.surroundings import authority, speaking_tls
from restli_transports.testing.scripted_server import Connection, ScriptedServer, answer, in_turn
from restli_transports.wire import Exchange

pytestmark = [pytest.mark.sockets, pytest.mark.parametrize("backend", ["asyncio", "trio"])]


def run(backend: str, function: Callable[[], Awaitable[Any]]) -> None:
    """Run it in an event loop of its own; what is left open then is an error."""
    anyio.run(function, backend=backend)
    gc.collect()


async def get(transport: H11AsyncTransport, url: str, timeout: Timeout = QUICK) -> HttpResponse:
    return await transport.send(HttpRequest("GET", url), timeout=timeout)


class Silent:
    """A script that reads a request and answers nothing."""

    def __init__(self) -> None:
        self._begun = threading.Event()

    def __call__(self, connection: Connection) -> None:
        connection.request()
        self._begun.set()
        connection.wait_for_end()

    async def begun(self) -> None:
        """Wait until it has a request, for which the call must have a connection."""
        assert await anyio.to_thread.run_sync(self._begun.wait, 30)


def test_a_wait_for_a_connection_counts_towards_the_total(backend: str) -> None:
    silent = Silent()

    async def main() -> None:
        transport = H11AsyncTransport(limit=1)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(get, transport, server.url)
            await silent.begun()
            with pytest.raises(ConnectError, match=r"total limit passed: 0\.1 s"):
                await get(transport, server.url, Timeout(connect=0.01, read=5, total=0.1))
            tasks.cancel_scope.cancel()
        assert (await get(transport, server.url)).status_code == 200
        await transport.close()

    with ScriptedServer(in_turn([silent, answer(OK)])) as server:
        run(backend, main)
    assert server.connections == 2


def test_a_wait_for_a_connection_can_be_cancelled(backend: str) -> None:
    silent = Silent()

    async def main() -> None:
        transport = H11AsyncTransport(limit=1)
        async with anyio.create_task_group() as tasks:
            for _ in range(10):
                tasks.start_soon(get, transport, server.url)
            await silent.begun()
            await anyio.wait_all_tasks_blocked()
            tasks.cancel_scope.cancel()
        assert (await get(transport, server.url)).status_code == 200
        await transport.close()

    with ScriptedServer(in_turn([silent, answer(OK)])) as server:
        run(backend, main)
    assert server.connections == 2


def test_hosts_do_not_wait_for_one_another(backend: str) -> None:
    silent = Silent()

    async def main() -> None:
        transport = H11AsyncTransport(limit=1)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(get, transport, slow.url)
            await silent.begun()
            assert (await get(transport, quick.url)).status_code == 200
            tasks.cancel_scope.cancel()
        await transport.close()

    with ScriptedServer(silent) as slow, ScriptedServer(answer(OK)) as quick:
        run(backend, main)


def test_event_loops_one_after_another(backend: str) -> None:
    transport = H11AsyncTransport()

    async def main() -> None:
        for _ in range(3):
            assert (await get(transport, server.url)).status_code == 200
        await transport.close()
        await transport.close()

    with ScriptedServer(answer(OK)) as server:
        for _ in range(3):
            run(backend, main)
    assert server.connections == 3


def test_event_loops_side_by_side(backend: str) -> None:
    transport = H11AsyncTransport()
    bodies: list[bytes] = []

    async def main() -> None:
        bodies.extend([(await get(transport, f"{server.url}/{number}")).body for number in range(20)])
        await transport.close()

    with ScriptedServer(echo) as server:
        threads = [threading.Thread(target=run, args=(backend, main)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(bodies) == sorted(b'{"target": "/%d"}' % number for number in range(20) for _ in threads)
    assert server.connections == 4


def test_a_limit_below_1_is_an_invalid_call(backend: str) -> None:
    del backend
    with pytest.raises(InvalidCallError, match="limit"):
        H11AsyncTransport(limit=0)


def test_a_close_that_is_cancelled_can_be_done_again(backend: str) -> None:
    """Not by anyio, whose shield holds, but by the task itself."""
    if backend != "asyncio":
        return
    together = threading.Barrier(10, timeout=30)

    def answering_together(connection: Connection) -> None:
        while connection.request():
            together.wait()
            connection.send(OK)

    async def main() -> None:
        transport = H11AsyncTransport()
        async with anyio.create_task_group() as tasks:
            for number in range(10):
                tasks.start_soon(get, transport, f"{server.url}/{number}")
        closing = asyncio.ensure_future(transport.close())
        await asyncio.sleep(0)
        closing.cancel()
        with suppress(asyncio.CancelledError):
            await closing
        await transport.close()

    with ScriptedServer(answering_together) as server:
        run(backend, main)  # a connection that is left open is a ResourceWarning
    assert server.connections == 10


@asynccontextmanager
async def connected(url: str, context: ssl.SSLContext | None = None) -> AsyncGenerator[AnyioStream]:
    exchange = Exchange(HttpRequest("GET", url), QUICK)
    with exchange.connecting():
        stream = await AnyioStream.connect(exchange, Settings(context, None, 100))
    try:
        yield stream
    finally:
        await stream.close()


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
def test_a_stream_is_quiet_until_something_comes(backend: str, tls: bool) -> None:
    context = ssl.create_default_context()
    authority().configure_trust(context)
    spoken = threading.Event()

    def script(connection: Connection) -> None:
        connection.receive()
        connection.send(b"x")
        connection.receive()
        connection.send(b"yz")
        spoken.set()
        connection.wait_for_end()

    async def main() -> None:
        async with connected(server.url, context) as stream:
            assert tls or stream.is_quiet()  # TLS brings tickets for later connections before the first answer
            await stream.send(b"go", 10)
            assert await stream.receive(10) == b"x"
            assert stream.is_quiet()
            await stream.send(b"go", 10)
            assert await anyio.to_thread.run_sync(spoken.wait, 10)
            assert not stream.is_quiet()
            await stream.close()
            await stream.close()
            assert not stream.is_quiet()

    with ScriptedServer(script, tls=speaking_tls() if tls else None) as server:
        run(backend, main)


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
def test_one_whose_other_end_has_closed_is_not_quiet(backend: str, tls: bool) -> None:
    context = ssl.create_default_context()
    authority().configure_trust(context)

    async def main() -> None:
        async with connected(server.url, context) as stream:
            await stream.send(b"GET / HTTP/1.1\r\n\r\n", 10)
            assert await anyio.to_thread.run_sync(closed.wait, 10)
            assert not stream.is_quiet()

    closed = threading.Event()
    with ScriptedServer(answer_once(closed), tls=speaking_tls() if tls else None) as server:
        run(backend, main)


def test_a_wait_ends_with_its_limit(backend: str) -> None:
    async def main() -> None:
        async with connected(server.url) as stream:
            with pytest.raises(TimeoutError):
                await stream.receive(0.01)

    with ScriptedServer(Connection.wait_for_end) as server:
        run(backend, main)


def test_a_handshake_that_fails_leaves_nothing_open(backend: str) -> None:
    async def main() -> None:
        with pytest.raises(ssl.SSLCertVerificationError):
            async with connected(server.url, ssl.create_default_context()):
                pass

    with ScriptedServer(answer(OK), tls=speaking_tls()) as server:
        run(backend, main)
