"""Wires: one exchange's bytes on asyncio's connection, and what had come before that broke."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from restli_core import HttpRequest
from restli_transports import Timeout
from restli_transports.aiohttp.wires import Bound, Wire
from restli_transports.testing.compliance.senders import QUICK
from restli_transports.testing.compliance.surroundings import authority, speaking_tls
from restli_transports.testing.scripted_server import response
from restli_transports.wire import Exchange, Phase

pytestmark = pytest.mark.sockets

BODY = bytes(2**23)
REFUSED = response("413 Content Too Large", b"{}")


class Owner(asyncio.Protocol):
    """Whoever has the connection between two exchanges."""

    def __init__(self) -> None:
        self.received = b""
        self.lost = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        self.received += data

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.lost.set()


class Connected:
    """A wire, and the other end as a socket that blocks."""

    def __init__(self, transport: Any, owner: Owner, peer: socket.socket, exchange: Exchange, bound: Bound) -> None:
        self.transport = transport
        self.owner = owner
        self.peer = peer
        self.exchange = exchange
        self.wire = Wire(transport, owner, exchange, bound)


@asynccontextmanager
async def connected(*, tls: bool = False, timeout: Timeout = QUICK) -> AsyncGenerator[Connected]:
    context = ssl.create_default_context() if tls else None
    if context is not None:
        authority().configure_trust(context)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> socket.socket:
            peer = listening.accept()[0]
            peer.settimeout(30)
            return speaking_tls().wrap_socket(peer, server_side=True) if tls else peer

        accepting = asyncio.ensure_future(asyncio.to_thread(accept))
        loop = asyncio.get_running_loop()
        transport, owner = await loop.create_connection(
            Owner, *listening.getsockname(), ssl=context, server_hostname="127.0.0.1" if tls else None
        )
        peer = await accepting
    exchange = Exchange(HttpRequest("POST", "http://127.0.0.1/"), timeout)
    exchange.phase = Phase.SENDING
    with peer:
        try:
            async with asyncio.timeout(None) as limit:
                yield Connected(transport, owner, peer, exchange, Bound(exchange, limit))
        finally:
            transport.abort()
            await owner.lost.wait()


def run(function: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await function()

    asyncio.run(main())


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
def test_what_had_come_before_the_connection_broke_is_read(tls: bool) -> None:
    async def main() -> None:
        async with connected(tls=tls) as made:
            write = made.transport.write
            written: list[int] = []

            def answering(data: bytes) -> None:
                written.append(len(data))
                if len(written) == 3:
                    # The answer and the reset come in the midst of asyncio's writing, which has read neither.
                    made.peer.sendall(REFUSED)
                    made.peer.close()
                write(data)

            made.transport.write = answering
            assert not await made.wire.send(BODY)
            assert await made.wire.receive() == REFUSED
            assert not made.wire.is_quiet
            made.wire.abort()

    run(main)


def test_an_owner_has_the_connection_again() -> None:
    async def main() -> None:
        async with connected() as made:
            assert await made.wire.send(b"question")
            assert made.peer.recv(100) == b"question"
            made.peer.sendall(b"answer")
            assert await made.wire.receive() == b"answer"
            assert made.wire.is_quiet
            made.wire.detach()
            made.peer.sendall(b"more")
            made.peer.shutdown(socket.SHUT_WR)
            await made.owner.lost.wait()
            assert made.owner.received == b"more"

    run(main)


def test_the_end_is_no_bytes_and_the_owner_knows_of_it() -> None:
    async def main() -> None:
        async with connected() as made:
            made.peer.shutdown(socket.SHUT_WR)
            assert [await made.wire.receive() for _ in range(2)] == [b"", b""]
            assert not made.wire.is_quiet
            await made.owner.lost.wait()

    run(main)


def test_an_end_of_tls_that_nobody_said_is_an_error() -> None:
    async def main() -> None:
        async with connected(tls=True) as made:
            made.peer.shutdown(socket.SHUT_WR)
            with pytest.raises(OSError, match=r"(?i)TLS|EOF"):
                await made.wire.receive()

    run(main)


def test_a_reset_is_an_error() -> None:
    async def main() -> None:
        async with connected() as made:
            made.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes.fromhex("0100000000000000"))
            made.peer.close()
            with pytest.raises(ConnectionResetError):
                await made.wire.receive()

    run(main)


@pytest.mark.parametrize("limits", [Timeout(read=0.05), Timeout(total=0.05)], ids=["read", "total"])
@pytest.mark.parametrize("body", [b"", BODY], ids=["receiving", "sending"])
def test_a_wait_ends_with_its_limit(limits: Timeout, body: bytes) -> None:
    async def waiting() -> None:
        async with connected(timeout=limits) as made:
            await made.wire.send(body)
            await made.wire.receive()

    with pytest.raises(TimeoutError):
        asyncio.run(waiting())


def test_what_comes_faster_than_it_is_read_has_to_wait() -> None:
    async def main() -> None:
        async with connected() as made:
            sending = asyncio.ensure_future(asyncio.to_thread(made.peer.sendall, BODY))
            while len(made.exchange.early.data) < 2**20:  # noqa: ASYNC110 - there is no event for it
                await asyncio.sleep(0)
            for _ in range(1000):
                await asyncio.sleep(0)
            assert len(made.exchange.early.data) < 2**21
            received = 0
            while received < len(BODY):
                received += len(await made.wire.receive())
            await sending

    run(main)


@pytest.mark.parametrize(
    ("timeout", "timers"),
    [(Timeout(connect=30, read=20, total=60), 1), (Timeout(connect=None, read=None, total=None), 0)],
    ids=["limits", "none"],
)
def test_an_exchange_has_one_timer_however_often_it_waits(
    timeout: Timeout, timers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments: list[float] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        call_at = loop.call_at

        def counting(when: float, *rest: Any, **options: Any) -> asyncio.TimerHandle:
            moments.append(when)
            return call_at(when, *rest, **options)

        monkeypatch.setattr(loop, "call_at", counting)
        exchange = Exchange(HttpRequest("GET", "http://h.test/"), timeout)
        bound = Bound(exchange, asyncio.timeout(None))
        bound.begin()
        for phase in (Phase.CONNECTING, Phase.READING, Phase.READING):
            exchange.phase = phase
            bound.restart()
        bound.end()
        bound.end()

    asyncio.run(main())
    assert len(moments) == timers


def test_a_wait_that_began_anew_outlasts_the_first_look() -> None:
    async def main() -> None:
        exchange = Exchange(HttpRequest("GET", "http://h.test/"), Timeout(connect=0.01, read=0.2, total=None))
        async with asyncio.timeout(None) as limit:
            bound = Bound(exchange, limit)
            bound.begin()
            exchange.phase = Phase.READING
            bound.restart()
            began = asyncio.get_running_loop().time()
            with pytest.raises(asyncio.CancelledError):
                await asyncio.get_running_loop().create_future()
            assert asyncio.get_running_loop().time() - began > 0.19
            bound.end()
            raise asyncio.CancelledError

    with pytest.raises(TimeoutError):
        asyncio.run(main())
