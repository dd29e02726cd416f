"""Limits on time: for connecting, for each wait, and for the whole, however slowly an answer drips in.

Most servers here never finish, so that a limit must end the call. Long after it they give up, for transports without
limits.
"""

from __future__ import annotations

import gzip
import hashlib
import ssl
import sys
import threading
from itertools import chain, cycle
from typing import Final

import pytest

from restli_core.errors import ConnectError, TransportError, TransportTimeout
from restli_core.messages import HttpRequest
from restli_transports.testing.compliance.scripts import CHUNKED_HEAD, OK
from restli_transports.testing.compliance.senders import Sender, check_error, failing, get
from restli_transports.testing.compliance.suite import Suite
from restli_transports.testing.compliance.surroundings import deaf_port, speaking_tls
from restli_transports.testing.scripted_server import Connection, Script, ScriptedServer, answer, response
from restli_transports.transport import Timeout

__all__ = ["GivenTimeLimits", "OwnTimeLimits"]

SECONDS: Final = (0.1, 1.0, 10.0)
"""The limits that are tried in turn. On a busy machine a short one may pass before the call is where the test wants it:
then the next is tried. An idle machine needs the first alone, and a transport that breaks its promise fails with all.
"""

HEAD: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
# What comes at once; what drips after it; and what drips after that again and again.
DRIPPING_BODIES: Final = {
    "body": (HEAD, b"", b"x"),
    "chunk": (CHUNKED_HEAD + b"f4240\r\n", b"", b"x"),
    "until close": (b"HTTP/1.1 200 OK\r\n\r\n", b"", b"x"),
}
DRIPPING_HEADS: Final = {
    "head": (b"", HEAD[:-2] + b"X-A: ", b"a"),
    "interim": (b"", b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "chunk size": (CHUNKED_HEAD, b"", b"0"),
    "trailer": (CHUNKED_HEAD + b"0\r\n", b"", b"X-A: b\r\n"),
}


def dripping(at_once: bytes, dripped: bytes, repeated: bytes) -> Script:
    """Return a script whose answer drips without end."""

    def script(connection: Connection) -> None:
        connection.request()
        connection.send(at_once)
        connection.drip(chain(dripped, cycle(repeated)), 0.01)

    return script


def check_timeout(
    sender: Sender, limit: str, script: Script, *, body: bytes = b"", tls: ssl.SSLContext | None = None
) -> int:
    """Check that a limit ends a call, and that the error says so; return how many requests the script has read.

    Args:
        sender: what makes the call.
        limit: ``read`` or ``total``.
        script: a script that never finishes.
        body: the body of the request.
        tls: for a server that speaks TLS.
    """
    reached = threading.Event()
    seconds = SECONDS[0]

    def noticing(connection: Connection) -> None:
        connection.take(1)
        reached.set()
        giving_up = threading.Timer(20 * seconds, connection.disconnect)
        giving_up.start()
        try:
            script(connection)
        finally:
            giving_up.cancel()

    for seconds in SECONDS:
        reached.clear()
        limits = Timeout(**{"connect": 30, "read": 30, "total": 60, limit: seconds})
        with ScriptedServer(noticing, tls=tls) as server:
            url, headers = f"{server.url}/a?token=secret", {"Authorization": "Bearer secret"}
            request = HttpRequest("POST" if body else "GET", url, headers, body)
            with pytest.raises(TransportError) as caught:
                sender.send(request, timeout=limits)
        if seconds < SECONDS[-1] and (type(caught.value) is ConnectError or not reached.is_set()):
            continue  # a busy machine: the limit passed before the server had the request
        check_error(caught.value, TransportTimeout)
        assert f"{seconds:g} s" in str(caught.value)
        assert ("total" in str(caught.value)) == (limit == "total")
        return len(server.received)
    raise AssertionError("there are no limits to try")


class GivenTimeLimits(Suite):
    """What every transport keeps to."""

    @pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a full queue refuses")
    @pytest.mark.parametrize(
        "limits",
        [Timeout(connect=0.1, read=30, total=60), Timeout(connect=30, read=30, total=0.1)],
        ids=["connect", "total"],
    )
    def test_connect_timeout(self, limits: Timeout) -> None:
        with deaf_port() as port, self.opened() as sender:
            failing(sender, f"http://127.0.0.1:{port}", ConnectError, limits)

    @pytest.mark.parametrize("limit", ["read", "total"])
    @pytest.mark.parametrize(
        "begun",
        [b"", b"HTTP/1.1 200", response("200 OK", b"abc", length=False)[:-1]],
        ids=["nothing", "head", "body"],
    )
    def test_a_server_that_falls_silent(self, limit: str, begun: bytes) -> None:
        def script(connection: Connection) -> None:
            connection.request()
            connection.send(begun)
            connection.wait_for_end()

        with self.opened() as sender:
            assert check_timeout(sender, limit, script) == 1

    @pytest.mark.parametrize("drip", DRIPPING_BODIES.values(), ids=DRIPPING_BODIES)
    def test_a_dripping_body_cannot_outlast_the_total(self, drip: tuple[bytes, bytes, bytes]) -> None:
        with self.opened() as sender:
            check_timeout(sender, "total", dripping(*drip))

    def test_no_limits_at_all(self) -> None:
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            assert get(sender, server.url, Timeout(connect=None, read=None, total=None)).status_code == 200

    @pytest.mark.parametrize("drip", DRIPPING_HEADS.values(), ids=DRIPPING_HEADS)
    def test_a_dripping_head_cannot_outlast_the_total(self, drip: tuple[bytes, bytes, bytes]) -> None:
        with self.opened() as sender:
            check_timeout(sender, "total", dripping(*drip))

    def test_a_handshake_that_stalls_is_a_connect_timeout(self) -> None:
        with ScriptedServer(Connection.wait_for_end) as server, self.opened() as sender:
            limits = Timeout(connect=0.1, read=30, total=60)
            error = failing(sender, server.url.replace("http", "https"), ConnectError, limits)
        assert "0.1 s" in str(error)

    def test_a_dripping_coded_body_cannot_outlast_the_total(self) -> None:
        # What cannot be compressed takes 20 s to drip in: in the middle of it every limit passes.
        data = gzip.compress(b"".join(hashlib.sha256(bytes([number])).digest() for number in range(64)))
        head = response("200 OK", data, "Content-Encoding: gzip")[: -len(data)]
        with self.opened() as sender:
            check_timeout(sender, "total", dripping(head, data, b""))

    @pytest.mark.parametrize("limit", ["read", "total"])
    def test_a_server_that_does_not_read(self, limit: str) -> None:
        # More than the buffers of the system take.
        with self.opened() as sender:
            check_timeout(sender, limit, Connection.pause, body=bytes(2**24))

    def test_a_slow_reader_is_no_timeout_while_it_reads(self) -> None:
        seconds = SECONDS[0]

        def script(connection: Connection) -> None:
            for _ in range(7):
                connection.pause(seconds / 6)  # in all it takes longer than the limit on a single wait
                connection.take(2**21)
            connection.request()
            connection.send(OK)

        # A busy machine may let a single wait grow tenfold; so there is one more limit than a silent server needs.
        for seconds in (*SECONDS, 60.0):
            with ScriptedServer(script) as server, self.opened() as sender:
                limits = Timeout(connect=60, read=seconds, total=600)
                try:
                    got = sender.send(HttpRequest("POST", server.url, {}, bytes(2**24)), timeout=limits)
                except TransportTimeout:
                    continue  # a single wait was too long, as it may be where the server waits for its turn
            assert got.status_code == 200
            return
        pytest.fail("it timed out, although the server read on")


class OwnTimeLimits(Suite):
    """What a transport keeps to over connections of its own making."""

    @pytest.mark.usefixtures("trusted")
    def test_a_drip_in_tls_cannot_outlast_the_total(self) -> None:
        with self.opened() as sender:
            check_timeout(sender, "total", dripping(b"", HEAD[:-2] + b"X-A: ", b"a"), tls=speaking_tls())
