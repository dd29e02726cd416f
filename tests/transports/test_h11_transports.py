"""The transports over h11 against real sockets: what goes over the wire, and what every failure becomes."""

from __future__ import annotations

import contextlib
import gzip
import importlib
import pickle
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trustme

from h11_senders import QUICK, SENDERS, Sender, make
from restli_core import (
    ConnectError,
    HttpRequest,
    HttpResponse,
    InvalidCallError,
    ProtocolError,
    TransportError,
    TransportTimeout,
)
from restli_transports import RestliClient, Timeout
from restli_transports.h11 import H11AsyncTransport, H11Transport, links
from restli_transports.raw_server import Connection, RawServer, Script, answer, in_turn, response

OK = response("200 OK", b"{}")
Maker = Callable[..., contextlib.AbstractContextManager[Sender]]


@pytest.fixture(params=SENDERS)
def maker(request: pytest.FixtureRequest) -> Maker:
    return partial(make, request.param)


@pytest.fixture
def sender(maker: Maker) -> Iterator[Sender]:
    with maker() as made:
        yield made


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context


@pytest.fixture
def _trusted(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))


def get(sender: Sender, url: str, timeout: Timeout = QUICK, **fields: str) -> HttpResponse:
    return sender.send(HttpRequest("GET", url, fields), timeout=timeout)


def after_request(*data: bytes) -> Script:
    """Sends this after one request, and closes."""

    def script(connection: Connection) -> None:
        connection.request()
        for piece in data:
            connection.send(piece)

    return script


# The wire


def test_the_wire_is_what_the_request_says(sender: Sender) -> None:
    target = "/adAccounts/(a:1,b:List(urn%3Ali%3Ax%3A1))/./%2e%2E//?ids=List((a:1),(b:2))&q='x'[]|"
    with RawServer(answer(OK)) as server:
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


def test_large_bodies_both_ways(sender: Sender) -> None:
    body = bytes(range(256)) * 10_000
    with RawServer(answer(response("200 OK", gzip.compress(body), "Content-Encoding: gzip"))) as server:
        assert sender.send(HttpRequest("PUT", server.url, {}, body), timeout=QUICK).body == body
    assert server.received[0].endswith(b"\r\n\r\n" + body)


def test_a_client_over_it() -> None:
    with RawServer(answer(response("200 OK", b'{"id": 1}'))) as server, RestliClient(H11Transport()) as client:
        assert client.get("/a/{id}", path_keys={"id": 1}, base_url=server.url).entity == {"id": 1}
        assert client.session is None


@pytest.mark.parametrize("status", ["302 Found", "401 Unauthorized", "429 Too Many Requests", "503 Unavailable"])
def test_every_status_is_an_answer_and_nothing_is_kept_of_it(sender: Sender, status: str) -> None:
    data = response(status, b"x", "Location: /b", "Set-Cookie: a=b", "WWW-Authenticate: Basic", "Retry-After: 0")
    with RawServer(answer(data)) as server:
        answers = [get(sender, f"{server.url}/a") for _ in range(2)]
    assert [(got.status_code, got.body, got.url) for got in answers] == [(int(status[:3]), b"x", f"{server.url}/a")] * 2
    assert server.received[0] == server.received[1]
    assert b"Cookie" not in server.received[1]


@pytest.mark.parametrize("url", ["/a", "ftp://a.test/", "http://"])
def test_what_is_no_http_url_is_an_invalid_call(sender: Sender, url: str) -> None:
    with pytest.raises(InvalidCallError, match="url"):
        get(sender, url)


def test_a_request_that_contradicts_itself_is_an_invalid_call(sender: Sender) -> None:
    with RawServer(answer(OK)) as server:
        with pytest.raises(InvalidCallError):
            sender.send(HttpRequest("POST", server.url, {"Content-Length": "3"}, b"x"), timeout=QUICK)
        assert get(sender, server.url).status_code == 200
    assert len(server.received) == 1


# Connections


def test_a_connection_is_kept_alive(sender: Sender) -> None:
    chunks = response("200 OK", b"2\r\n{}\r\n0\r\n\r\n", "Transfer-Encoding: chunked", length=False)
    with RawServer(answer(chunks)) as server:
        for method in ("GET", "POST", "DELETE", "GET"):
            sender.send(HttpRequest(method, server.url), timeout=QUICK)
    assert (server.connections, len(server.received)) == (1, 4)


@pytest.mark.parametrize("data", [response("200 OK", b"{}", "Connection: close"), OK.replace(b"1.1", b"1.0")])
def test_a_connection_that_is_not_kept_alive_is_closed(sender: Sender, data: bytes) -> None:
    with RawServer(answer(data)) as server:
        for _ in range(2):
            get(sender, server.url)
    assert server.connections == 2


def test_hosts_do_not_share_connections(sender: Sender) -> None:
    with RawServer(answer(OK)) as first, RawServer(answer(OK)) as second:
        for server in (first, second, first, second):
            get(sender, server.url)
            get(sender, f"http://localhost:{server.port}")
    assert (first.connections, second.connections) == (2, 2)


@pytest.mark.parametrize("unasked", [b"", response("408 Request Timeout", b"")])
def test_a_connection_that_the_server_gave_up_is_replaced(sender: Sender, unasked: bytes) -> None:
    gone = threading.Event()

    def script(connection: Connection) -> None:
        connection.request()
        connection.send(OK)
        connection.pause(0.02)  # so that what follows does not come with the answer
        connection.send(unasked)
        connection.close()
        gone.set()

    with RawServer(script) as server:
        for _ in range(3):
            gone.clear()
            assert sender.send(HttpRequest("POST", server.url, {}, b"x"), timeout=QUICK).status_code == 200
            assert gone.wait(5)
    assert server.connections == len(server.received) == 3


def test_a_connection_that_the_server_closes_on_a_request_is_a_protocol_error(sender: Sender) -> None:
    def script(connection: Connection) -> None:
        connection.request()
        connection.send(OK)
        connection.request()

    with RawServer(script) as server:
        get(sender, server.url)
        failing(sender, server.url, ProtocolError)
    assert (server.connections, len(server.received)) == (1, 2)


def test_a_broken_connection_is_not_used_again(sender: Sender) -> None:
    scripts = [answer(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx"), answer(OK)]
    with RawServer(in_turn(scripts)) as server:
        failing(sender, server.url, ProtocolError)
        assert get(sender, server.url).status_code == 200
    assert server.connections == 2


def test_a_connection_that_rested_long_is_replaced(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(answer(OK)) as server:
        get(sender, server.url)
        monkeypatch.setattr(links, "_REST", -1.0)
        get(sender, server.url)
    assert server.connections == 2


def test_close_closes_the_connections_and_is_not_the_end(sender: Sender) -> None:
    ended = threading.Event()

    def script(connection: Connection) -> None:
        answer(OK)(connection)
        ended.set()

    with RawServer(script) as server:
        get(sender, server.url)
        assert not ended.is_set()
        sender.close()
        assert ended.wait(5)
        sender.close()
        get(sender, server.url)
    assert server.connections == 2


def test_an_exchange_under_way_outlives_close(sender: Sender) -> None:
    begun, closed, ended = threading.Event(), threading.Event(), threading.Event()

    def script(connection: Connection) -> None:
        connection.request()
        begun.set()
        assert closed.wait(5)
        connection.send(OK)
        connection.request()
        ended.set()

    with RawServer(script) as server, ThreadPoolExecutor(1) as thread:
        under_way = thread.submit(get, sender, server.url)
        assert begun.wait(5)
        sender.close()
        closed.set()
        assert under_way.result().status_code == 200
        assert ended.wait(5)


def echo(connection: Connection) -> None:
    while request := connection.request():
        connection.send(response("200 OK", request.split(b" ")[1]))


def test_32_threads_share_a_transport(sender: Sender) -> None:
    targets = [f"/{n}" for n in range(320)]
    with RawServer(echo) as server:
        with ThreadPoolExecutor(32) as threads:
            bodies = list(threads.map(lambda target: get(sender, server.url + target).body.decode(), targets))
        assert server.connections <= 32
    assert bodies == targets
    assert len(server.received) == 320


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="needs IPv6")
def test_ipv6(sender: Sender) -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as listener, ThreadPoolExecutor(1) as thread:
        port = listener.getsockname()[1]
        under_way = thread.submit(get, sender, f"http://[::1]:{port}/a")
        with listener.accept()[0] as connection:
            request = connection.recv(65536)
            connection.sendall(OK)
            assert under_way.result().status_code == 200
    assert request.startswith(f"GET /a HTTP/1.1\r\nHost: [::1]:{port}\r\n".encode())


def addresses(monkeypatch: pytest.MonkeyPatch, *hosts: str) -> None:
    """Gives the host two.test these addresses."""
    look_up = socket.getaddrinfo

    def looked_up(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        asked = hosts if host in {"two.test", b"two.test"} else [host]
        return [found for each in asked for found in look_up(each, port, *rest, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)


def test_a_host_is_tried_at_each_of_its_addresses(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    addresses(monkeypatch, "127.0.0.2", "127.0.0.1")
    with RawServer(answer(OK)) as server:
        assert get(sender, f"http://two.test:{server.port}/").status_code == 200


# Errors before the request


def refusing_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def check_error(error: TransportError, kind: type[TransportError]) -> None:
    assert type(error) is kind
    assert error.__cause__ is not None
    assert error.request is not None
    assert error.request.url.endswith("/a?token=secret")
    assert "Authorization" not in error.request.headers
    assert "secret" not in repr(error) + str(error)
    assert type(pickle.loads(pickle.dumps(error))) is kind


def failing(
    sender: Sender, url: str, kind: type[TransportError], timeout: Timeout = QUICK, body: bytes = b""
) -> TransportError:
    request = HttpRequest("POST", f"{url}/a?token=secret", {"Authorization": "Bearer secret"}, body)
    with pytest.raises(TransportError) as caught:
        sender.send(request, timeout=timeout)
    check_error(caught.value, kind)
    return caught.value


def test_refused(sender: Sender) -> None:
    assert "could not connect" in str(failing(sender, f"http://127.0.0.1:{refusing_port()}", ConnectError))


def test_refused_at_all_addresses(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    addresses(monkeypatch, "127.0.0.2", "127.0.0.1")
    failing(sender, f"http://two.test:{refusing_port()}", ConnectError)


@pytest.mark.parametrize("host", ["no-such-host.invalid", f"{'a' * 64}.invalid", "a..invalid", "%zz", "[::x]"])
def test_no_such_host(sender: Sender, host: str) -> None:
    failing(sender, f"http://{host}", ConnectError)


@contextlib.contextmanager
def deaf_port() -> Generator[int]:
    """A port that answers no attempt to connect: its queue is full."""
    with contextlib.ExitStack() as sockets:
        listener = sockets.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):
            filler = sockets.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a full queue refuses")
@pytest.mark.parametrize("limits", [Timeout(connect=0.2, read=5, total=10), Timeout(connect=5, read=5, total=0.2)])
def test_connect_timeout(sender: Sender, monkeypatch: pytest.MonkeyPatch, limits: Timeout) -> None:
    addresses(monkeypatch, "127.0.0.1", "127.0.0.1", "127.0.0.1")
    with deaf_port() as port:
        error = failing(sender, f"http://two.test:{port}", ConnectError, limits)
    assert "0.2 s" in str(error)


# TLS


@pytest.mark.usefixtures("_trusted")
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_certificate_that_ssl_cert_file_vouches_for(sender: Sender, tls: ssl.SSLContext, host: str) -> None:
    with RawServer(answer(OK), tls=tls) as server:
        for _ in range(3):
            assert get(sender, f"https://{host}:{server.port}/a").status_code == 200
    assert (server.connections, len(server.received)) == (1, 3)


def test_a_context_of_ones_own_and_the_name_of_the_host(
    maker: Maker, authority: trustme.CA, tls: ssl.SSLContext
) -> None:
    named: list[str | None] = []
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(server_side)
    server_side.sni_callback = lambda _sock, name, _context: named.append(name)
    context = ssl.create_default_context()
    authority.configure_trust(context)
    body = bytes(range(256)) * 10_000
    with RawServer(answer(response("200 OK", body)), tls=server_side) as server, maker(ssl_context=context) as sender:
        request = HttpRequest("PUT", f"https://localhost:{server.port}/", {}, body)
        assert sender.send(request, timeout=QUICK).body == body
    assert named == ["localhost"]
    assert server.received[0].endswith(body)


def test_an_untrusted_certificate(sender: Sender, tls: ssl.SSLContext) -> None:
    with RawServer(answer(OK), tls=tls) as server:
        assert "certificate" in str(failing(sender, server.url, ConnectError)).lower()
    assert not server.received


@pytest.mark.usefixtures("_trusted")
def test_a_certificate_of_another_host(sender: Sender, authority: trustme.CA) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("other.test").configure_cert(context)
    with RawServer(answer(OK), tls=context) as server:
        failing(sender, server.url, ConnectError)
    assert not server.received


@pytest.mark.parametrize("script", [lambda connection: connection.send(OK), Connection.close, Connection.reset])
def test_a_handshake_that_fails(sender: Sender, script: Script) -> None:
    with RawServer(script) as server:
        failing(sender, server.url.replace("http", "https"), ConnectError)


@pytest.mark.parametrize("limits", [Timeout(connect=0.2, read=5, total=10), Timeout(connect=5, read=5, total=0.2)])
def test_a_handshake_that_stalls(sender: Sender, limits: Timeout) -> None:
    with RawServer(Connection.wait_for_end) as server:
        error = failing(sender, server.url.replace("http", "https"), ConnectError, limits)
    assert "0.2 s" in str(error)


@pytest.mark.usefixtures("_trusted")
def test_a_tls_connection_that_the_server_closed_is_replaced(sender: Sender, tls: ssl.SSLContext) -> None:
    gone = threading.Event()

    def script(connection: Connection) -> None:
        connection.request()
        connection.send(OK)
        connection.close()
        gone.set()

    with RawServer(script, tls=tls) as server:
        for _ in range(2):
            gone.clear()
            assert get(sender, server.url).status_code == 200
            assert gone.wait(5)
    assert server.connections == 2


@pytest.mark.usefixtures("_trusted")
def test_an_answer_in_tls_that_nobody_asked_for_is_none(sender: Sender, tls: ssl.SSLContext) -> None:
    def script(connection: Connection) -> None:
        connection.request()
        connection.send(OK)
        connection.send(response("408 Request Timeout"))
        connection.wait_for_end()

    with RawServer(script, tls=tls) as server:
        assert [get(sender, server.url).status_code for _ in range(3)] == [200] * 3
    assert server.connections == 3


@pytest.mark.usefixtures("_trusted")
def test_a_tls_stream_that_is_cut_does_not_end_a_body(sender: Sender, tls: ssl.SSLContext) -> None:
    with RawServer(after_request(response("200 OK", b"[1, 2, 3", length=False)), tls=tls) as server:
        failing(sender, server.url, ProtocolError)


def test_a_server_that_speaks_tls_where_http_was_expected(sender: Sender, tls: ssl.SSLContext) -> None:
    with RawServer(answer(OK), tls=tls) as server:
        failing(sender, server.url.replace("https", "http"), ProtocolError)


# Errors after that


def resets_without_an_answer(connection: Connection) -> None:
    connection.request()
    connection.reset()


def resets_in_the_body(connection: Connection) -> None:
    connection.request()
    connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc")
    connection.pause(0.02)
    connection.reset()


BROKEN: dict[str, Script] = {
    "no answer": after_request(),
    "reset": resets_without_an_answer,
    "reset in the body": resets_in_the_body,
    "short body": after_request(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"),
    "short chunk": after_request(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc"),
    "garbage": after_request(b"\x00\x01\x02 garbage\r\n\r\n"),
    "headers of 1 MB": after_request(b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 2**20 + b"\r\n\r\n"),
    "corrupt gzip": after_request(response("200 OK", b"hello", "Content-Encoding: gzip")),
}


@pytest.mark.parametrize("script", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_exchange_is_a_protocol_error_and_is_not_repeated(sender: Sender, script: Script) -> None:
    with RawServer(script) as server:
        failing(sender, server.url, ProtocolError)
    assert len(server.received) == 1


def test_limits_on_the_size(maker: Maker) -> None:
    with RawServer(answer(response("200 OK", bytes(100)))) as server:
        with maker(max_body=99) as sender:
            assert "99 bytes" in str(failing(sender, server.url, ProtocolError))
        with maker(max_header_size=20) as sender:
            assert "20 bytes" in str(failing(sender, server.url, ProtocolError))
        with maker(max_body=100, max_header_size=100) as sender:
            assert len(get(sender, server.url).body) == 100


def test_a_reset_while_sending(sender: Sender) -> None:
    def script(connection: Connection) -> None:
        connection.take(1)
        connection.reset()

    with RawServer(script) as server:
        failing(sender, server.url, ProtocolError, body=bytes(2**24))


def test_an_answer_before_the_request_was_read(sender: Sender) -> None:
    def script(connection: Connection) -> None:
        connection.send(response("413 Content Too Large", b"{}"))
        connection.wait_for_end()

    with RawServer(script) as server:
        assert sender.send(HttpRequest("POST", server.url, {}, bytes(2**22)), timeout=QUICK).status_code == 413


# Time limits

SHORT_READ = Timeout(connect=5, read=0.2, total=10)
SHORT_TOTAL = Timeout(connect=5, read=5, total=0.2)


@pytest.mark.parametrize("limits", [SHORT_READ, SHORT_TOTAL], ids=["read", "total"])
@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200", OK[:-1]], ids=["nothing", "head", "body"])
def test_a_server_that_falls_silent(sender: Sender, limits: Timeout, begun: bytes) -> None:
    def script(connection: Connection) -> None:
        connection.request()
        connection.send(begun)
        connection.wait_for_end()

    with RawServer(script) as server:
        assert "0.2 s" in str(failing(sender, server.url, TransportTimeout, limits))
    assert len(server.received) == 1


DRIPS = {
    "head": (b"", b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 60),
    "body": (b"HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n", b"x" * 60),
    "chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3c\r\n", b"x" * 60),
    "until the end": (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 60),
}


@pytest.mark.parametrize(("at_once", "dripping"), DRIPS.values(), ids=DRIPS.keys())
def test_a_drip_cannot_outlast_the_total(sender: Sender, at_once: bytes, dripping: bytes) -> None:
    def script(connection: Connection) -> None:
        connection.request()
        connection.send(at_once)
        connection.drip(dripping, 0.02)

    with RawServer(script) as server:
        assert "total" in str(failing(sender, server.url, TransportTimeout, SHORT_TOTAL))


@pytest.mark.usefixtures("_trusted")
def test_a_drip_in_tls_cannot_outlast_the_total(sender: Sender, tls: ssl.SSLContext) -> None:
    def script(connection: Connection) -> None:
        connection.request()
        connection.drip(b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 60, 0.02)

    with RawServer(script, tls=tls) as server:
        assert "total" in str(failing(sender, server.url, TransportTimeout, SHORT_TOTAL))


@pytest.mark.parametrize("limits", [SHORT_READ, SHORT_TOTAL], ids=["read", "total"])
def test_a_server_that_does_not_read(sender: Sender, limits: Timeout) -> None:
    with RawServer(lambda connection: connection.pause(10)) as server:
        failing(sender, server.url, TransportTimeout, limits, body=bytes(2**24))


def test_a_slow_reader_is_no_timeout_while_it_reads(sender: Sender) -> None:
    def script(connection: Connection) -> None:
        for _ in range(5):
            connection.pause(0.25)
            connection.take(3 * 2**20)
        connection.request()
        connection.send(OK)

    with RawServer(script) as server:
        limits = Timeout(connect=5, read=1, total=10)  # in all it takes longer than the limit on a single wait
        assert sender.send(HttpRequest("POST", server.url, {}, bytes(2**24)), timeout=limits).status_code == 200


def test_no_limits_at_all(sender: Sender) -> None:
    with RawServer(answer(OK)) as server:
        assert get(sender, server.url, Timeout(connect=None, read=None, total=None)).status_code == 200


# What is missing


@pytest.mark.parametrize("library", ["h11", "anyio"])
def test_a_missing_library_is_an_error_that_names_the_extra(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("restli_transports.h11")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImportError, match=rf'needs {library}: pip install "restli-core\[h11\]"'):
        importlib.import_module("restli_transports.h11")


def test_there_is_no_session() -> None:
    assert (H11Transport().session, H11AsyncTransport().session) == (None, None)
