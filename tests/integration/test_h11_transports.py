"""What only the transports over h11 promise: how little they add, their limits, and what becomes of connections."""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from restli_core import HttpRequest, ProtocolError
from restli_transports.h11 import H11AsyncTransport, H11Transport
from restli_transports.testing.compliance.scripts import OK
from restli_transports.testing.compliance.senders import QUICK, Sender, failing, get, sending
from restli_transports.testing.compliance.surroundings import authority, speaking_tls, trust
from restli_transports.testing.scripted_server import Connection, Script, ScriptedServer, answer, response

pytestmark = pytest.mark.sockets

KINDS: dict[str, tuple[type[H11Transport | H11AsyncTransport], str]] = {
    "blocking": (H11Transport, ""),
    "asyncio": (H11AsyncTransport, "asyncio"),
    "trio": (H11AsyncTransport, "trio"),
}
Maker = Callable[..., contextlib.AbstractContextManager[Sender]]


@contextlib.contextmanager
def made(name: str, **options: Any) -> Generator[Sender]:
    kind, backend = KINDS[name]
    with sending(kind(**options), backend=backend) as sender:
        yield sender


@pytest.fixture(params=KINDS)
def maker(request: pytest.FixtureRequest) -> Maker:
    return partial(made, request.param)


@pytest.fixture
def sender(maker: Maker) -> Iterator[Sender]:
    with maker() as opened:
        yield opened


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    trust(authority(), monkeypatch, tmp_path)


def ending(data: bytes) -> Script:
    """Sends this after one request, and closes."""

    def script(connection: Connection) -> None:
        connection.request()
        connection.send(data)

    return script


def test_the_wire_is_what_the_request_says(sender: Sender) -> None:
    target = "/adAccounts/(a:1,b:List(urn%3Ali%3Ax%3A1))/./%2e%2E//?ids=List((a:1),(b:2))&q='x'[]|"
    with ScriptedServer(answer(OK)) as server:
        fields = {"x-restli-method": "get", "Authorization": "Bearer t", "X-A": "a  b"}
        sender.send(HttpRequest("GET", f"http://u:p@{server.address}{target}#part", fields), timeout=QUICK)
        sender.send(HttpRequest("POST", f"{server.url}?a", {"Content-Type": "x/y"}, bytes(range(256))), timeout=QUICK)
        sender.send(HttpRequest("POST", server.url), timeout=QUICK)
    host = f"Host: {server.address}\r\nAccept-Encoding: gzip, deflate\r\n"
    assert server.received == [
        f"GET {target} HTTP/1.1\r\n{host}x-restli-method: get\r\nAuthorization: Bearer t\r\nX-A: a  b\r\n\r\n".encode(),
        f"POST /?a HTTP/1.1\r\n{host}Content-Length: 256\r\nContent-Type: x/y\r\n\r\n".encode() + bytes(range(256)),
        f"POST / HTTP/1.1\r\n{host}Content-Length: 0\r\n\r\n".encode(),
    ]


def test_close_closes_the_connections_and_is_not_the_end(sender: Sender) -> None:
    ended = threading.Event()

    def script(connection: Connection) -> None:
        answer(OK)(connection)
        ended.set()

    with ScriptedServer(script) as server:
        get(sender, server.url)
        assert not ended.is_set()
        sender.close()
        assert ended.wait(60)
        sender.close()
        get(sender, server.url)
    assert server.connections == 2


def test_an_exchange_under_way_outlives_close(sender: Sender) -> None:
    begun, closed, ended = threading.Event(), threading.Event(), threading.Event()

    def script(connection: Connection) -> None:
        connection.request()
        begun.set()
        assert closed.wait(60)
        connection.send(OK)
        connection.request()
        ended.set()

    with ScriptedServer(script) as server, ThreadPoolExecutor(1) as thread:
        under_way = thread.submit(get, sender, server.url)
        assert begun.wait(60)
        sender.close()
        closed.set()
        assert under_way.result().status_code == 200
        assert ended.wait(60)


def test_a_context_of_ones_own_and_the_name_of_the_host(maker: Maker) -> None:
    named: list[str | None] = []
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert("localhost").configure_cert(server_side)
    server_side.sni_callback = lambda _sock, name, _context: named.append(name)
    context = ssl.create_default_context()
    authority().configure_trust(context)
    body = bytes(range(256)) * 10_000
    with (
        ScriptedServer(answer(response("200 OK", body)), tls=server_side) as server,
        maker(ssl_context=context) as sender,
    ):
        request = HttpRequest("PUT", f"https://localhost:{server.port}/", {}, body)
        assert sender.send(request, timeout=QUICK).body == body
    assert named == ["localhost"]
    assert server.received[0].endswith(body)


@pytest.mark.usefixtures("trusted")
def test_an_answer_in_tls_that_nobody_asked_for_is_none(sender: Sender) -> None:
    def script(connection: Connection) -> None:
        connection.request()
        connection.send(OK)
        connection.send(response("408 Request Timeout"))
        connection.wait_for_end()

    with ScriptedServer(script, tls=speaking_tls()) as server:
        assert [get(sender, server.url).status_code for _ in range(3)] == [200] * 3
    assert server.connections == 3


@pytest.mark.usefixtures("trusted")
def test_a_tls_stream_that_is_cut_does_not_end_a_body(sender: Sender) -> None:
    with ScriptedServer(ending(response("200 OK", b"[1, 2, 3", length=False)), tls=speaking_tls()) as server:
        failing(sender, server.url, ProtocolError)


def test_limits_on_the_size(maker: Maker) -> None:
    with ScriptedServer(answer(response("200 OK", bytes(100)))) as server:
        with maker(max_body=99) as sender:
            assert "99 bytes" in str(failing(sender, server.url, ProtocolError))
        with maker(max_header_size=20) as sender:
            assert "20 bytes" in str(failing(sender, server.url, ProtocolError))
        with maker(max_body=100, max_header_size=100) as sender:
            assert len(get(sender, server.url).body) == 100


def test_there_is_no_session() -> None:
    assert (H11Transport().session, H11AsyncTransport().session) == (None, None)
