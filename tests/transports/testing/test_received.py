from __future__ import annotations

import threading

import pytest

from restli_core.messages import HttpRequest
from restli_transports.testing.received import Received, ReceivedLog
from restli_transports.testing.server import RestliServer
from tests.support.peer import GET, Peer

pytestmark = pytest.mark.sockets


def test_what_came_is_kept_byte_for_byte(server: RestliServer) -> None:
    head = (
        b"POST /adAccounts?action=echo HTTP/1.1\nhOsT:h\nX-RESTLI-Protocol-Version:  2.0.0 \n"
        b"Transfer-Encoding: chunked\nX-A: 1\nX-A: 2\n\n"
    )
    body = b'3;x=y\r\n{"a\r\n04\r\n":1}\r\n0\r\nTrailer: t\r\n\r\n'
    with Peer(server) as peer:
        assert peer.send(head + body + GET).answer().body == b'{"value":{"a":1}}'
        peer.answer()
    received = server.received[0]
    assert (received.raw, received.head, received.body) == (head + body, head, body)
    assert received.request == HttpRequest(
        "POST",
        "/adAccounts?action=echo",
        [
            ("hOsT", "h"),
            ("X-RESTLI-Protocol-Version", "2.0.0"),
            ("Transfer-Encoding", "chunked"),
            ("X-A", "1"),
            ("X-A", "2"),
        ],
        b'{"a":1}',
    )
    assert received.request is not None
    assert received.request.headers.raw[0] == ("hOsT", "h")
    assert repr(received) == f"<Received POST /adAccounts?action=…, {len(head + body)} bytes on connection 1>"
    assert server.received[1].raw == GET


def test_waiting_for_requests(server: RestliServer) -> None:
    with pytest.raises(TimeoutError, match=r"0 requests have come in within 0\.01 s, not 1"):
        server.wait_for(1, timeout=0.01)
    with Peer(server) as peer:
        peer.send(GET)
        assert [received.raw for received in server.wait_for(1)] == [GET]


def test_what_was_received_is_the_callers_own_list(server: RestliServer) -> None:
    server.received.append(None)  # type: ignore[arg-type]
    assert server.received == []


@pytest.mark.parametrize(
    ("raw", "head", "body"),
    [
        (b"GET / HTTP/1.1\r\n\r\nabc", b"GET / HTTP/1.1\r\n\r\n", b"abc"),
        (b"GET / HTTP/1.1\n\nabc\r\n\r\n", b"GET / HTTP/1.1\n\n", b"abc\r\n\r\n"),
        (b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\n", b""),
        (b"", b"", b""),
    ],
    ids=["CRLF", "LF", "no end", "nothing"],
)
def test_the_head_ends_at_the_empty_line(raw: bytes, head: bytes, body: bytes) -> None:
    log = ReceivedLog()
    log.add(raw, None, 3)
    assert log.wait_for(1, timeout=0) == [Received(raw, head, body, None, 3)]
    assert repr(log.wait_for(1, 0)[0]) == f"<Received no request, {len(raw)} bytes on connection 3>"


def test_a_wait_ends_as_soon_as_enough_has_come() -> None:
    def add() -> None:
        for number in range(3):
            log.add(b"x", None, number)

    log = ReceivedLog()
    adding = threading.Thread(target=add)
    adding.start()
    assert [received.connection for received in log.wait_for(3, timeout=60)] == [0, 1, 2]
    adding.join()
