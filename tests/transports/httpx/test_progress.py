"""What httpx says of a request on its way, and what that does to the time limits."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import anyio
import h11
import httpx
import httpx2
import pytest

from restli_core import HttpRequest
from restli_transports import Timeout
from restli_transports.httpx.progress import Progress, h11_connection
from restli_transports.testing.compliance.scripts import OK
from restli_transports.testing.scripted_server import ScriptedServer, answer
from restli_transports.wire import MAX_HEAD, Exchange, Phase, UnreadableError, carrying

LIMITS = Timeout(connect=10, read=60, total=300)


def exchange(timeout: Timeout = LIMITS) -> Exchange:
    return Exchange(HttpRequest("GET", "http://a.test/"), timeout)


class Stream:
    """A connection of httpcore's, which records how long its waits may be."""

    def __init__(self) -> None:
        self.waits: list[float | None] = []
        self.closed = False

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.waits.append(timeout)
        return bytes(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        del buffer
        self.waits.append(timeout)

    def get_extra_info(self, name: str) -> Any:
        assert name == "socket"
        return None

    async def aclose(self) -> None:
        self.closed = True


def connect_event(host: str = "127.0.0.1") -> dict[str, Any]:
    return {"host": host, "port": 80, "timeout": 1e9}


def request_event(method: bytes = b"GET") -> dict[str, Any]:
    return {"request": type("Request", (), {"method": method})()}


def test_events_without_a_method_are_passed_over() -> None:
    under_way = exchange()
    progress = Progress(under_way, blocking=True, shares=True)
    for event in ("connection.close.started", "http11.receive_response_body.complete", "connection.retry.started"):
        progress.trace(event, {})
    assert under_way.phase is Phase.UNKNOWN


def test_a_request_goes_through_the_phases() -> None:
    under_way = exchange()
    progress = Progress(under_way, blocking=True, shares=True)
    phases = []
    for event, info in (
        ("connection.connect_tcp.started", connect_event()),
        ("connection.connect_tcp.complete", {"return_value": Stream()}),
        ("http11.send_request_headers.started", request_event(b"CONNECT")),
        ("connection.start_tls.started", {}),
        ("connection.start_tls.complete", {"return_value": Stream()}),
        ("http11.send_request_headers.started", request_event()),
    ):
        progress.trace(event, info)
        phases.append(under_way.phase)
    assert phases == [Phase.CONNECTING] * 5 + [Phase.SENDING]


@pytest.mark.parametrize(
    ("event", "size", "awaited"),
    [
        ("http11.send_request_body.started", 65537, True),
        ("http11.send_request_body.started", 65536, False),
        ("http2.send_request_body.started", 65537, False),  # where the library reads while it sends
    ],
)
def test_an_answer_is_awaited_while_a_large_body_is_sent(event: str, size: int, awaited: bool) -> None:
    large = Exchange(HttpRequest("POST", "http://a.test/", {}, bytes(size)), LIMITS)
    progress = Progress(large, blocking=True)
    progress.trace(event, {})
    assert large.early.is_awaited is awaited
    progress.trace("http11.send_request_body.complete", {})
    assert not large.early.is_awaited


def test_a_stream_that_is_not_the_librarys_is_written_to_as_ever() -> None:
    large = Exchange(HttpRequest("POST", "http://a.test/", {}, bytes(65537)), LIMITS)
    large.early.is_awaited = True
    stream: Any = Stream()
    Progress(large, blocking=True).trace("connection.connect_tcp.complete", {"return_value": stream})
    with carrying(large):
        stream.write(b"abc", timeout=1)
    assert stream.waits == [60]


def test_connecting_and_tls_share_one_limit() -> None:
    progress = Progress(exchange(), blocking=True)
    first, second = connect_event(), {"timeout": 1e9}
    progress.trace("connection.connect_tcp.started", first)
    progress.trace("connection.start_tls.started", second)
    assert 0 < second["timeout"] <= first["timeout"] <= 10


@pytest.mark.usefixtures("deadline_clock")
@pytest.mark.parametrize(("shares", "share"), [(True, 5), (False, 10)], ids=["shares", "does not share"])
def test_each_address_has_its_share_of_the_time(shares: bool, share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [object(), object()])
    info = connect_event("two.test")
    Progress(exchange(), blocking=True, shares=shares).trace("connection.connect_tcp.started", info)
    assert (info["host"], info["timeout"]) == ("two.test", share)


@pytest.mark.usefixtures("deadline_clock")
def test_a_host_with_one_address_is_not_looked_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    found = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.3", 80))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [found])
    info = connect_event("one.test")
    Progress(exchange(), blocking=True, shares=True).trace("connection.connect_tcp.started", info)
    assert (info["host"], info["timeout"]) == ("127.0.0.3", 10)


@pytest.mark.usefixtures("deadline_clock")
def test_a_host_that_cannot_be_looked_up_is_left_to_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: Any, **__: Any) -> Any:
        raise socket.gaierror("no such host")

    monkeypatch.setattr(socket, "getaddrinfo", failing)
    info = connect_event("no.test")
    Progress(exchange(), blocking=True, shares=True).trace("connection.connect_tcp.started", info)
    assert info["timeout"] == 10


def test_without_limits_the_library_has_none() -> None:
    info = connect_event()
    under_way = exchange(Timeout(connect=None, read=None, total=None))
    Progress(under_way, blocking=True, shares=True).trace("connection.connect_tcp.started", info)
    assert info["timeout"] is None


@pytest.mark.usefixtures("deadline_clock")
@pytest.mark.parametrize("event", ["connection.connect_tcp.complete", "connection.start_tls.complete"])
def test_waits_on_a_connection_are_those_of_the_exchange_that_it_carries(event: str) -> None:
    stream, later = Stream(), exchange(Timeout(read=7))
    Progress(exchange(), blocking=True, shares=True).trace(event, {"return_value": stream})
    with carrying(later):
        assert stream.read(3, timeout=1e9) == bytes(3)
        stream.write(b"x", 1e9)
    stream.read(3, timeout=42)
    assert stream.waits == [7, 7, 42]


def test_a_connection_that_is_not_wholly_open_is_closed_when_it_is_given_up() -> None:
    stream = Stream()

    async def main() -> None:
        progress = Progress(exchange(), blocking=True)
        await progress.abandon()
        progress.trace("connection.connect_tcp.complete", {"return_value": stream})
        await progress.abandon()

    anyio.run(main)
    assert stream.closed


def test_one_that_carries_the_request_is_left_to_the_library() -> None:
    stream = Stream()

    async def main() -> None:
        progress = Progress(exchange(), blocking=True)
        progress.trace("connection.connect_tcp.complete", {"return_value": stream})
        progress.trace("http11.send_request_headers.started", request_event())
        await progress.abandon()

    anyio.run(main)
    assert not stream.closed


# The library's internals


def blocking(library: Any, url: str, trailing: bytes) -> None:
    with library.Client() as client, client.stream("GET", url) as response:
        check_connection(response, trailing)


def awaited(library: Any, url: str, trailing: bytes) -> None:
    async def main() -> None:
        async with library.AsyncClient() as client, client.stream("GET", url) as response:
            check_connection(response, trailing)

    anyio.run(main)


def check_connection(response: Any, trailing: bytes) -> None:
    found = h11_connection(response)
    assert isinstance(found, h11.Connection), "the attributes that lead to h11's connection have moved"
    assert found.their_state is h11.SEND_BODY
    # The head was read in one piece with what came after it.
    assert found.trailing_data[0].endswith(trailing)


@pytest.mark.sockets
@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
@pytest.mark.parametrize("check", [blocking, awaited])
@pytest.mark.parametrize("trailing", [b"", b"garbage"], ids=["nothing", "garbage"])
def test_the_way_to_h11s_connection_is_where_it_was(
    library: Any, check: Callable[[Any, str, bytes], None], trailing: bytes
) -> None:
    with ScriptedServer(answer(OK + trailing)) as server:
        check(library, server.url, trailing)


def test_an_answer_without_a_connection_has_none() -> None:
    def mock(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200)

    with httpx.Client(transport=httpx.MockTransport(mock)) as client:
        assert h11_connection(client.get("http://a.test/")) is None


@pytest.mark.parametrize(
    ("fields", "trailing", "used_again"),
    [
        (b"Content-Length: 2", b"", True),
        (b"Content-Length: 2", b"HTTP/1.1 408", False),
        (b"Transfer-Encoding: chunked", b"", True),
        (b"Transfer-Encoding: chunked\r\nContent-Length: 2", b"", False),
    ],
    ids=["nothing", "another answer", "chunks", "chunks and a length"],
)
def test_a_connection_that_is_in_doubt_is_not_used_again(fields: bytes, trailing: bytes, used_again: bool) -> None:
    connection = h11.Connection(h11.CLIENT)
    request = h11.Request(method="GET", target="/", headers=[("Host", "a.test")])
    for event in (request, h11.EndOfMessage()):
        connection.send(event)
    body = b"2\r\n{}\r\n0\r\n\r\n" if b"chunked" in fields else b"{}"
    connection.receive_data(b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n\r\n" + body + trailing)
    while connection.their_state is not h11.DONE:
        connection.next_event()
    found: Any = type("Connection", (), {"_h11_state": connection})()
    for name in ("_connection", "_stream", "_httpcore_stream", "_stream", "stream"):
        found = type("Layer", (), {name: found})()
    found.headers = dict(line.split(": ") for line in fields.decode().split("\r\n"))
    progress = Progress(exchange(), blocking=True)
    progress.trace("http11.response_closed.started", {})  # before there is an answer
    progress.response_started(found)
    progress.trace("http11.response_closed.started", {})
    # The library keeps a connection only where both ends are done.
    assert (connection.our_state is h11.DONE) is used_again


@pytest.mark.parametrize("blocking", [True, False])
def test_what_comes_before_the_head_is_known_is_counted_and_bounded(blocking: bool) -> None:
    class Awaited(Stream):
        async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # type: ignore[override]
            return super().read(max_bytes, timeout)

    stream: Any = Stream() if blocking else Awaited()

    def read(size: int) -> None:
        if blocking:
            stream.read(size)
        else:
            anyio.run(stream.read, size)

    under_way = exchange()
    progress = Progress(under_way, blocking=blocking)
    progress.trace("connection.connect_tcp.started", connect_event())
    progress.trace("connection.connect_tcp.complete", {"return_value": stream})
    with carrying(under_way):
        read(10)  # of a proxy
        assert under_way.begun_size == 0
        progress.trace("http11.send_request_headers.started", request_event())
        read(MAX_HEAD)
        read(MAX_HEAD)
        assert under_way.begun_size == 2 * MAX_HEAD
        with pytest.raises(UnreadableError, match=f"the headers are larger than {MAX_HEAD} bytes"):
            read(1)
        progress.trace("http11.receive_response_headers.complete", {})
        read(10)
        progress.trace("http11.send_request_headers.started", request_event())  # the client's auth has asked for more
        assert under_way.begun_size == 0
