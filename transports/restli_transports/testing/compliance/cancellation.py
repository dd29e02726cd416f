"""Cancellation: a call that is given up, wherever it is, leaves no connection open, no task running, nobody waiting."""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import anyio
import pytest

from restli_core.messages import HttpRequest
from restli_transports.testing.compliance.scripts import OK
from restli_transports.testing.compliance.senders import QUICK
from restli_transports.testing.compliance.suite import AsyncSuite
from restli_transports.testing.scripted_server import Connection, ScriptedServer, answer, in_turn

if TYPE_CHECKING:
    from restli_transports.transport import AsyncTransport

__all__ = ["AsyncCancellation"]

# Where a call may be when it is cancelled: what the server has sent by then, and what the request brings.
STAGES: Final = {
    "sending": (b"", bytes(2**24)),
    "waiting": (b"", b""),
    "reading the head": (OK[:20], b""),
    "reading the body": (OK[:-1], b""),
}


class Cancelled:
    """A script for a call that is cancelled in the middle.

    Args:
        begun: how much of an answer the call gets.

    Attributes:
        reached: set once it has it.
        ended: set once the client has closed.
    """

    def __init__(self, begun: bytes = b"") -> None:
        self.begun: bytes = begun
        self.reached: threading.Event = threading.Event()
        self.ended: threading.Event = threading.Event()

    def __call__(self, connection: Connection) -> None:
        connection.take(100)
        connection.send(self.begun)
        self.reached.set()
        connection.wait_for_end()
        self.ended.set()

    async def check(self, transport: AsyncTransport, request: HttpRequest) -> None:
        """Send a request, cancel it in the middle, and check that its connection is closed."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(partial(transport.send, request, timeout=QUICK))
            assert await anyio.to_thread.run_sync(self.reached.wait, 10)
            await anyio.wait_all_tasks_blocked()  # the call has read what there is, and waits for more
            tasks.cancel_scope.cancel()
        assert await anyio.to_thread.run_sync(self.ended.wait, 10)


class AsyncCancellation(AsyncSuite):
    """What an asynchronous transport does when it is cancelled."""

    @pytest.mark.parametrize(("begun", "body"), STAGES.values(), ids=STAGES)
    def test_a_cancelled_call_leaves_nothing_behind(self, begun: bytes, body: bytes) -> None:
        cancelled = Cancelled(begun)

        async def main(transport: AsyncTransport) -> None:
            await cancelled.check(transport, HttpRequest("POST", server.url, {"X-A": "a" * 100}, body))
            assert (await transport.send(HttpRequest("GET", server.url), timeout=QUICK)).status_code == 200

        with ScriptedServer(in_turn([cancelled, answer(OK)])) as server:
            self.run(main)
        assert server.connections == 2

    def test_a_call_that_is_cancelled_while_it_connects(self) -> None:
        cancelled = Cancelled()

        async def main(transport: AsyncTransport) -> None:
            # The server reads the beginning of the handshake, and never answers it.
            await cancelled.check(transport, HttpRequest("GET", server.url.replace("http", "https")))

        with ScriptedServer(cancelled) as server:
            self.run(main)

    def test_calls_that_asyncio_cancels_leave_no_task_running(self) -> None:
        if self.backend != "asyncio":
            pytest.skip("it is about asyncio")
        arrived = threading.Semaphore(0)

        def script(connection: Connection) -> None:
            connection.request()
            arrived.release()
            connection.wait_for_end()

        async def main(transport: AsyncTransport) -> None:
            request = HttpRequest("GET", server.url)
            calls: list[asyncio.Future[Any]] = [
                asyncio.ensure_future(transport.send(request, timeout=QUICK)) for _ in range(3)
            ]
            for _ in calls:
                assert await anyio.to_thread.run_sync(partial(arrived.acquire, timeout=60))
            for call in calls:
                call.cancel()
            outcomes = await asyncio.gather(*calls, return_exceptions=True)
            assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError] * 3
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await transport.send(request, timeout=QUICK)
            assert asyncio.all_tasks() == {asyncio.current_task()}

        with ScriptedServer(script) as server:
            self.run(main)
