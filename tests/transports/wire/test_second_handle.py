"""What a second handle reads after the first is closed."""

from __future__ import annotations

import threading

import anyio
import pytest

from restli_transports.testing import ScriptedServer
from restli_transports.testing.scripted_server import Connection
from restli_transports.wire.second_handle import SecondHandle


@pytest.mark.sockets
def test_it_outlives_the_stream() -> None:
    sent = threading.Event()

    def script(connection: Connection) -> None:
        connection.send(b"ab")
        sent.set()
        connection.pause()

    async def main(port: int) -> bytes:
        stream = await anyio.connect_tcp("127.0.0.1", port)
        handle = SecondHandle(stream)
        await anyio.to_thread.run_sync(sent.wait)
        await stream.aclose()
        data = handle.rest(5)
        handle.close()
        return data

    with ScriptedServer(script) as server:
        assert anyio.run(main, server.port) == b"ab"


@pytest.mark.parametrize("stream", [None, object()])
def test_what_has_no_socket_has_no_handle(stream: object) -> None:
    handle = SecondHandle(stream)
    assert handle.rest(5) == b""
    handle.close()
