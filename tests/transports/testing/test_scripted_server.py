from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable

import pytest
import trustme

from restli_transports.testing.scripted_server import Connection, ScriptedServer, answer, in_turn, response

pytestmark = pytest.mark.sockets

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"


def talk(server: ScriptedServer, *pieces: bytes) -> bytes:
    """Send the pieces, close that end, and return what comes back."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as sock:
        for piece in pieces:
            sock.sendall(piece)
        sock.shutdown(socket.SHUT_WR)
        with sock.makefile("rb") as file:
            return file.read()


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (response("200 OK", b"{}"), OK),
        (response(), b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        (response("404 No", b"x", "X-A: \xe9", length=False), b"HTTP/1.1 404 No\r\nX-A: \xe9\r\n\r\nx"),
    ],
    ids=["length", "empty", "no length"],
)
def test_the_bytes_of_a_response(made: bytes, expected: bytes) -> None:
    assert made == expected


@pytest.mark.parametrize(
    "request_",
    [
        GET,
        b"POST / HTTP/1.1\r\nCONTENT-LENGTH:  3\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    ],
    ids=["no body", "length", "chunked"],
)
def test_requests_are_told_apart_and_recorded_as_they_are(request_: bytes) -> None:
    with ScriptedServer(answer(OK)) as server:
        assert talk(server, request_ + GET, request_[:5], request_[5:]) == OK * 3
    assert server.received == [request_, GET, request_]
    assert server.connections == 1


@pytest.mark.parametrize("part", [b"", b"GET / HT", b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab"])
def test_a_request_that_ends_too_soon_is_not_one(part: bytes) -> None:
    seen: list[bytes] = []
    with ScriptedServer(lambda connection: seen.append(connection.request())) as server:
        assert talk(server, part) == b""
    assert (seen, server.received) == ([b""], [])


def test_each_connection_gets_the_next_script() -> None:
    with ScriptedServer(in_turn([answer(b"one"), answer(b"two")])) as server:
        assert [talk(server, GET), talk(server, GET)] == [b"one", b"two"]
    assert server.connections == 2


def test_what_is_taken_stays_for_the_request() -> None:
    def script(connection: Connection) -> None:
        connection.take(10)
        connection.send(connection.request())

    with ScriptedServer(script) as server:
        assert talk(server, GET[:9], GET[9:]) == GET


def test_bytes_drip_one_by_one() -> None:
    with ScriptedServer(lambda connection: connection.drip(b"abc", 0.001)) as server:
        assert talk(server) == b"abc"


def test_a_reset() -> None:
    def script(connection: Connection) -> None:
        connection.request()
        connection.reset()

    with ScriptedServer(script) as server, pytest.raises(ConnectionResetError):
        talk(server, GET)


def test_tls() -> None:
    authority = trustme.CA()
    server_side, client_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.issue_cert("127.0.0.1").configure_cert(server_side)
    authority.configure_trust(client_side)
    with ScriptedServer(answer(OK), tls=server_side) as server:
        assert server.url == f"https://{server.address}" == f"https://127.0.0.1:{server.port}"
        plain = socket.create_connection(("127.0.0.1", server.port), timeout=60)
        with client_side.wrap_socket(plain, server_hostname="127.0.0.1") as secured:
            secured.sendall(GET)
            assert secured.recv(len(OK)) == OK
    assert server.received == [GET]


def test_the_end_of_tls_is_said_only_where_the_script_says_so() -> None:
    authority = trustme.CA()
    server_side, client_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.issue_cert("127.0.0.1").configure_cert(server_side)
    authority.configure_trust(client_side)

    def read_to_the_end(end: Callable[[Connection], None]) -> bytes:
        with ScriptedServer(end, tls=server_side) as server:
            plain = socket.create_connection(("127.0.0.1", server.port), timeout=10)
            with client_side.wrap_socket(plain, server_hostname="127.0.0.1", suppress_ragged_eofs=False) as secured:
                return secured.recv(1)

    assert read_to_the_end(Connection.end_tls) == b""
    with pytest.raises(ssl.SSLEOFError):
        read_to_the_end(Connection.close)


def test_a_plain_connection_has_no_tls_to_end() -> None:
    script = Connection.end_tls
    with ScriptedServer(script) as server, socket.create_connection(("127.0.0.1", server.port), timeout=10) as plain:
        assert plain.recv(1) == b""


def stall(connection: Connection) -> None:
    connection.pause()


def drip(connection: Connection) -> None:
    connection.drip(b"x" * 1000, 60)


def handshake(connection: Connection) -> None:
    connection.start_tls(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))


@pytest.mark.parametrize(
    "script",
    [Connection.request, Connection.wait_for_end, Connection.receive, stall, drip, handshake],
    ids=["request", "end", "receive", "pause", "drip", "handshake"],
)
def test_it_ends_with_the_test_whatever_a_script_waits_for(script: Callable[[Connection], object]) -> None:
    before = threading.active_count()
    begun = threading.Event()

    def beginning(connection: Connection) -> None:
        begun.set()
        script(connection)

    with ScriptedServer(beginning) as server:
        client = socket.create_connection(("127.0.0.1", server.port), timeout=60)
        assert begun.wait(60)
    with client:
        assert client.recv(1) == b""
    assert threading.active_count() == before


@pytest.mark.parametrize("data", [b"", b"abc"], ids=["nothing", "less"])
def test_a_client_that_leaves_ends_the_script(data: bytes) -> None:
    def script(connection: Connection) -> None:
        connection.take(10)
        raise AssertionError("it took what was not there")

    with ScriptedServer(script) as server:
        assert talk(server, data) == b""
