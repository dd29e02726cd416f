"""Sending under asyncio and trio while something may come."""

from __future__ import annotations

import math
import ssl
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import anyio
import pytest
from anyio.streams.tls import TLSStream

from restli_core import HttpRequest
from restli_transports import Timeout
from restli_transports.h11.streams import AnyioStream
from restli_transports.testing import ScriptedServer
from restli_transports.testing.compliance.surroundings import authority, speaking_tls
from restli_transports.testing.scripted_server import Connection
from restli_transports.wire import Exchange, async_early_answers
from restli_transports.wire.async_early_answers import send_watching_async

REFUSAL = b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"


class BrokenError(Exception):
    """What a stream raises that is broken."""


async def for_ever(*_: Any) -> Any:
    await anyio.sleep(math.inf)


async def at_once(_data: bytes) -> None:
    await anyio.lowlevel.checkpoint()


async def broken(_argument: Any) -> Any:
    await anyio.lowlevel.checkpoint()
    raise BrokenError


def saying(*pieces: bytes) -> Callable[[None], Awaitable[bytes]]:
    """Return what says these, one after another, and then nothing."""
    left = iter(pieces)

    async def receive(_limit: None) -> bytes:
        await anyio.lowlevel.checkpoint()
        for piece in left:
            return piece
        return bytes(await for_ever())

    return receive


@pytest.fixture(params=["asyncio", "trio"])
def send(request: pytest.FixtureRequest) -> Callable[..., tuple[bool, Exchange]]:
    """Return a function that sends by these two in this event loop, and returns the result and the exchange."""

    def run(send: Any, receive: Any, timeout: Timeout = Timeout()) -> tuple[bool, Exchange]:  # noqa: B008 - immutable
        exchange = Exchange(HttpRequest("POST", "http://a.test/", {}, b"x"), timeout)
        sent = anyio.run(
            send_watching_async, send, receive, b"x", exchange, (BrokenError, OSError), backend=request.param
        )
        return sent, exchange

    return run


def test_all_is_sent(send: Callable[..., tuple[bool, Exchange]]) -> None:
    sent, exchange = send(at_once, for_ever)
    assert sent
    assert not exchange.early.is_cut


@pytest.mark.parametrize("data", [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_all_is_sent_where_the_server_may_read_on(send: Callable[..., tuple[bool, Exchange]], data: bytes) -> None:
    sent, exchange = send(at_once, saying(data))
    assert sent
    assert exchange.early.data == data


@pytest.mark.parametrize("slow", [at_once, for_ever, broken], ids=["sent", "stuck", "broken"])
def test_an_answer_ends_it(send: Callable[..., tuple[bool, Exchange]], slow: Any) -> None:
    sent, exchange = send(slow, saying(REFUSAL[:5], REFUSAL[5:]))
    assert not sent
    assert exchange.early.data == REFUSAL
    assert exchange.early.is_cut


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 413 No\r\ncontent-length:2 \r\nA: b\r\n\r\n{}",
        b"HTTP/1.1 413 No\nContent-Length: 2\n\n{}",
        b"HTTP/1.1 413 No\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n0\r\n\r\n\r\n0;a=b\r\nA: b\r\n\r\n",
        b"HTTP/1.1 304 No\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 413 No\r\nContent-Length: 2\r\n\r\n{}",
    ],
)
def test_all_of_the_answer_is_read_before_sending_is_cut(
    send: Callable[..., tuple[bool, Exchange]], data: bytes
) -> None:
    # Over TLS nothing can be received after that.
    for size in (1, len(data) - 5, len(data)):
        pieces = [data[start : start + size] for start in range(0, len(data), size)]
        sent, exchange = send(for_ever, saying(*pieces))
        assert not sent
        assert exchange.early.data == data


def test_no_more_of_an_answer_is_read_than_there_is_room_for(send: Callable[..., tuple[bool, Exchange]]) -> None:
    sent, exchange = send(for_ever, saying(REFUSAL.replace(b": 0", b": 99999999"), *[bytes(1 << 20)] * 17))
    assert not sent
    assert 1 << 20 < len(exchange.early.data) < 17 << 20


@pytest.mark.parametrize("data", [b"HTTP/1.1 413 No\r\nno field\r\n\r\n", b"HTTP/1.1 101 No\r\n\r\n", b"\x15\3\3"])
def test_what_cannot_be_read_on_is_for_the_reader_to_refuse(
    send: Callable[..., tuple[bool, Exchange]], data: bytes
) -> None:
    assert send(at_once, saying(data))[1].early.data == data


def test_an_answer_that_does_not_end_may_not_hold_it_for_ever(send: Callable[..., tuple[bool, Exchange]]) -> None:
    with pytest.raises(TimeoutError):
        send(for_ever, saying(REFUSAL[:-1]), Timeout(read=0.01))


def test_the_end_ends_it(send: Callable[..., tuple[bool, Exchange]]) -> None:
    sent, exchange = send(for_ever, saying(b""))
    assert not sent
    assert exchange.early.has_ended


def test_where_nothing_came_a_failure_is_raised(
    send: Callable[..., tuple[bool, Exchange]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(async_early_answers, "_MAX_SILENCE", 0.01)
    with pytest.raises(BrokenError):
        send(broken, for_ever)


def test_a_connection_that_breaks_on_both_sides_is_at_its_end(send: Callable[..., tuple[bool, Exchange]]) -> None:
    sent, exchange = send(for_ever, broken)
    assert not sent
    assert exchange.early.has_ended


def test_what_came_before_the_connection_broke_is_kept(send: Callable[..., tuple[bool, Exchange]]) -> None:
    pieces = iter([b"HTTP/1.1 2"])

    async def receive(limit: None) -> bytes:
        for piece in pieces:
            return piece
        return bytes(await broken(limit))

    sent, exchange = send(broken, receive)
    assert not sent
    assert exchange.early.data == b"HTTP/1.1 2"


def test_it_may_not_last_for_ever(send: Callable[..., tuple[bool, Exchange]]) -> None:
    with pytest.raises(TimeoutError):
        send(for_ever, for_ever, Timeout(total=0.01))


@pytest.mark.sockets
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
@pytest.mark.parametrize("between", [False, True], ids=["while sending", "between two pieces"])
def test_an_answer_that_comes_with_the_failure_is_read(*, tls: bool, between: bool) -> None:
    """An event loop such as asyncio's closes its socket as soon as something cannot be sent, with all that has come."""
    gone, may_go = threading.Event(), threading.Event()

    def script(connection: Connection) -> None:
        connection.take(1)
        may_go.wait()
        connection.send(REFUSAL)
        connection.disconnect()  # so that the system sends it at once, whatever has not been acknowledged
        connection.reset()
        gone.set()

    async def main(port: int) -> tuple[bool, bytes]:
        stream: Any = await anyio.connect_tcp("127.0.0.1", port)
        if tls:
            context = ssl.create_default_context()
            authority().configure_trust(context)
            stream = await TLSStream.wrap(stream, hostname="127.0.0.1", ssl_context=context)
        exchange = Exchange(HttpRequest("POST", "http://a.test/", {}, b"x"), Timeout())

        async def receive(_limit: None) -> bytes:
            return bytes(await stream.receive())

        async def send_on(data: bytes) -> None:
            """Send when the answer and the reset have come, of which the event loop knows nothing yet."""
            may_go.set()
            gone.wait()
            for _ in range(9):
                await stream.send(data)

        async def sent(send: Callable[[bytes], Awaitable[Any]]) -> bool:
            return await send_watching_async(send, receive, b"x", exchange, AnyioStream.failures, stream=stream)

        assert await sent(stream.send)
        if between:
            with suppress(anyio.BrokenResourceError):  # over TLS it does not show
                await send_on(b"x")
        was_sent = await sent(send_on)
        with suppress(*AnyioStream.failures):
            await stream.aclose()
        exchange.early.close()
        return was_sent, bytes(exchange.early.data)

    with ScriptedServer(script, tls=speaking_tls() if tls else None) as server:
        assert anyio.run(main, server.port) == (False, REFUSAL)
