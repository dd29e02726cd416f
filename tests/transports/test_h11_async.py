"""What only the asynchronous transport over h11 can do: be cancelled, wait its turn, and be called a thousand times."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest

from h11_senders import BACKENDS, QUICK
from restli_core import ConnectError, HttpRequest, HttpResponse, InvalidCallError, TransportTimeout
from restli_transports import AsyncRestliClient, Timeout
from restli_transports.h11 import H11AsyncTransport
from restli_transports.raw_server import Connection, RawServer, answer, response

OK = response("200 OK", b"{}")

pytestmark = pytest.mark.parametrize("backend", BACKENDS)


def run(backend: str, function: Callable[[], Awaitable[Any]]) -> None:
    """Runs it in an event loop of its own; what is left open then is an error."""
    anyio.run(function, backend=backend)
    gc.collect()


async def get(transport: H11AsyncTransport, url: str, timeout: Timeout = QUICK) -> HttpResponse:
    return await transport.send(HttpRequest("GET", url), timeout=timeout)


def echo(connection: Connection) -> None:
    while request := connection.request():
        connection.send(response("200 OK", request.split(b" ")[1]))


def test_a_thousand_calls_at_once(backend: str) -> None:
    bodies: dict[int, bytes] = {}

    async def main() -> None:
        transport = H11AsyncTransport(limit=20)

        async def call(number: int) -> None:
            bodies[number] = (await get(transport, f"{server.url}/{number}", Timeout(total=30))).body

        async with anyio.create_task_group() as tasks:
            for number in range(1000):
                tasks.start_soon(call, number)
        await transport.close()

    with RawServer(echo) as server:
        run(backend, main)
        assert 1 < server.connections <= 20
    assert bodies == {number: b"/%d" % number for number in range(1000)}


def test_a_client_over_it(backend: str) -> None:
    async def main() -> None:
        async with AsyncRestliClient(H11AsyncTransport()) as client:
            assert (await client.get("/a", base_url=server.url)).entity == {"id": 1}

    with RawServer(answer(response("200 OK", b'{"id": 1}'))) as server:
        run(backend, main)


# Where a call may be when it is cancelled: what the server has sent by then.
STAGES = {
    "sending": (b"", bytes(2**24)),
    "waiting": (b"", b""),
    "reading the head": (OK[:20], b""),
    "reading the body": (OK[:-1], b""),
}


@pytest.mark.parametrize(("begun", "body"), STAGES.values(), ids=STAGES.keys())
def test_a_cancelled_call_leaves_nothing_behind(backend: str, begun: bytes, body: bytes) -> None:
    reached, ended = threading.Event(), threading.Event()

    def script(connection: Connection) -> None:
        if server.connections == 2:
            answer(OK)(connection)
            return
        connection.take(100)
        connection.send(begun)
        reached.set()
        connection.wait_for_end()
        ended.set()

    async def main() -> None:
        transport = H11AsyncTransport(limit=1)
        request = HttpRequest("POST", server.url, {"X-A": "a" * 100}, body)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lambda: transport.send(request, timeout=QUICK))
            assert await anyio.to_thread.run_sync(reached.wait, 5)
            await anyio.sleep(0.02)
            tasks.cancel_scope.cancel()
        assert await anyio.to_thread.run_sync(ended.wait, 5)
        assert (await get(transport, server.url)).status_code == 200
        await transport.close()

    with RawServer(script) as server:
        run(backend, main)
    assert server.connections == 2


def test_a_call_that_is_cancelled_while_it_connects(backend: str) -> None:
    ended = threading.Event()

    def script(connection: Connection) -> None:
        connection.wait_for_end()  # it never speaks TLS
        ended.set()

    async def main() -> None:
        transport = H11AsyncTransport()
        with anyio.move_on_after(0.1):
            await get(transport, server.url.replace("http", "https"))
        assert await anyio.to_thread.run_sync(ended.wait, 5)
        await transport.close()

    with RawServer(script) as server:
        run(backend, main)


def silent(connection: Connection) -> None:
    connection.request()
    connection.wait_for_end()


def test_a_wait_for_a_turn_counts_towards_the_total(backend: str) -> None:
    async def main() -> None:
        transport = H11AsyncTransport(limit=1)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lambda: get(transport, server.url))
            await anyio.sleep(0.05)
            with pytest.raises(ConnectError, match=r"total limit passed: 0\.1 s"):
                await get(transport, server.url, Timeout(connect=0.01, read=5, total=0.1))
            tasks.cancel_scope.cancel()
        with pytest.raises(TransportTimeout):
            await get(transport, server.url, Timeout(read=0.1))
        await transport.close()

    with RawServer(silent) as server:
        run(backend, main)
    assert server.connections == 2


def test_a_wait_for_a_turn_can_be_cancelled(backend: str) -> None:
    async def main() -> None:
        transport = H11AsyncTransport(limit=1)
        with anyio.move_on_after(0.2):
            async with anyio.create_task_group() as tasks:
                for _ in range(10):
                    tasks.start_soon(lambda: get(transport, server.url))
        with pytest.raises(TransportTimeout):
            await get(transport, server.url, Timeout(read=0.1, total=1))
        await transport.close()

    with RawServer(silent) as server:
        run(backend, main)
    assert server.connections == 2


def test_hosts_do_not_wait_for_one_another(backend: str) -> None:
    async def main() -> None:
        transport = H11AsyncTransport(limit=1)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lambda: get(transport, slow.url))
            await anyio.sleep(0.05)
            assert (await get(transport, quick.url)).status_code == 200
            tasks.cancel_scope.cancel()
        await transport.close()

    with RawServer(silent) as slow, RawServer(answer(OK)) as quick:
        run(backend, main)


def test_event_loops_one_after_another(backend: str) -> None:
    transport = H11AsyncTransport()

    async def main() -> None:
        for _ in range(3):
            assert (await get(transport, server.url)).status_code == 200
        await transport.close()
        await transport.close()

    with RawServer(answer(OK)) as server:
        for _ in range(3):
            run(backend, main)
    assert server.connections == 3


def test_event_loops_side_by_side(backend: str) -> None:
    transport = H11AsyncTransport()
    bodies: list[bytes] = []

    async def main() -> None:
        bodies.extend([(await get(transport, f"{server.url}/{number}")).body for number in range(20)])
        await transport.close()

    with RawServer(echo) as server:
        threads = [threading.Thread(target=run, args=(backend, main)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(bodies) == sorted(b"/%d" % number for number in range(20) for _ in threads)
    assert server.connections == 4


def test_a_limit_below_1_is_an_invalid_call(backend: str) -> None:
    del backend
    with pytest.raises(InvalidCallError, match="limit"):
        H11AsyncTransport(limit=0)


def test_asyncio_alone_can_cancel_it(backend: str) -> None:
    if backend != "asyncio":
        return

    async def main() -> None:
        transport = H11AsyncTransport(limit=1)
        calls = [asyncio.create_task(get(transport, server.url)) for _ in range(3)]
        await asyncio.sleep(0.1)
        for call in calls:
            call.cancel()
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError] * 3
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await get(transport, server.url)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        await transport.close()

    with RawServer(silent) as server:
        asyncio.run(main())
        gc.collect()
    assert server.connections == 2
