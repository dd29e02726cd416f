"""Streams over plain sockets, whose coroutines never suspend."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import pytest

from restli_core import ConnectError, HttpRequest
from restli_transports import Timeout
from restli_transports.h11 import H11Transport
from restli_transports.h11.connection_pool import Settings
from restli_transports.h11.sockets import SocketStream
from restli_transports.testing.compliance.scripts import OK
from restli_transports.testing.compliance.senders import QUICK
from restli_transports.testing.compliance.surroundings import authority, refusing_port, speaking_tls
from restli_transports.testing.scripted_server import Connection, ScriptedServer, answer
from restli_transports.wire import Exchange
from restli_transports.wire.blocking import run_blocking


@pytest.fixture
def ends() -> Iterator[tuple[SocketStream, socket.socket]]:
    """A stream and the other end of its socket."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield SocketStream(ours), theirs


def test_bytes_go_both_ways(ends: tuple[SocketStream, socket.socket]) -> None:
    stream, theirs = ends
    run_blocking(stream.send(b"abc", 10))
    assert theirs.recv(10) == b"abc"
    theirs.sendall(b"de")
    assert run_blocking(stream.receive(10)) == b"de"
    theirs.close()
    assert run_blocking(stream.receive(10)) == b""


def test_a_wait_ends_with_its_limit(ends: tuple[SocketStream, socket.socket]) -> None:
    stream, _ = ends
    with pytest.raises(TimeoutError):
        run_blocking(stream.receive(0.01))
    with pytest.raises(TimeoutError):
        run_blocking(stream.send(bytes(2**24), 0.01))


def test_a_stream_is_quiet_until_something_comes(ends: tuple[SocketStream, socket.socket]) -> None:
    stream, theirs = ends
    assert stream.is_quiet()
    theirs.sendall(b"x")
    assert not stream.is_quiet()


def test_one_whose_other_end_has_closed_is_not_quiet(ends: tuple[SocketStream, socket.socket]) -> None:
    stream, theirs = ends
    theirs.close()
    assert not stream.is_quiet()


def test_one_that_is_closed_is_not_quiet(ends: tuple[SocketStream, socket.socket]) -> None:
    stream, _ = ends
    run_blocking(stream.close())
    run_blocking(stream.close())
    assert not stream.is_quiet()


def connected(url: str, context: ssl.SSLContext | None = None) -> SocketStream:
    exchange = Exchange(HttpRequest("GET", url), QUICK)
    with exchange.connecting():
        return run_blocking(SocketStream.connect(exchange, Settings(context, None, 100)))


@pytest.mark.sockets
def test_a_connection_that_nobody_takes() -> None:
    with pytest.raises(ConnectionRefusedError):
        connected(f"http://127.0.0.1:{refusing_port()}/")


@pytest.mark.sockets
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
def test_a_connection_is_quiet_while_the_server_says_nothing(tls: bool) -> None:
    context = ssl.create_default_context()
    authority().configure_trust(context)

    def script(connection: Connection) -> None:
        connection.receive()
        connection.send(b"x")
        connection.wait_for_end()

    with ScriptedServer(script, tls=speaking_tls() if tls else None) as server:
        stream = connected(server.url, context)
        assert stream.is_quiet()
        run_blocking(stream.send(b"go", 10))
        assert run_blocking(stream.receive(10)) == b"x"
        assert stream.is_quiet()
        run_blocking(stream.close())


@pytest.mark.sockets
def test_a_handshake_that_fails_leaves_no_socket_open() -> None:
    with ScriptedServer(answer(OK), tls=speaking_tls()) as server:
        with pytest.raises(ssl.SSLCertVerificationError):
            connected(server.url, ssl.create_default_context())  # a socket left open is a ResourceWarning
        assert not server.received


@pytest.mark.sockets
def test_a_name_that_no_host_has() -> None:
    transport = H11Transport()
    with pytest.raises(ConnectError):
        transport.send(HttpRequest("GET", f"http://{'a' * 64}.test/"), timeout=Timeout(total=10))
