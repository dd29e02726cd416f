from __future__ import annotations

import socket

import pytest

from restli_core.errors import InvalidCallError
from restli_core.messages import HttpResponse
from restli_transports.testing.http_connection import response_head
from restli_transports.testing.server import RestliServer
from tests.support.peer import ACCOUNTS, ENTITY, GET, POST, Peer

pytestmark = pytest.mark.sockets


def test_answers_have_what_http_needs(server: RestliServer) -> None:
    with Peer(server) as peer:
        answer = peer.send(GET).answer()
    assert (answer.status, answer.body) == (200, ENTITY)
    assert answer.headers.keys() == {"content-type", "x-restli-protocol-version", "date", "content-length"}


def test_one_connection_for_many_requests(server: RestliServer) -> None:
    with Peer(server) as one, Peer(server) as two:
        for peer in (one, two, one, one):
            assert peer.send(GET).answer().status == 200
    assert [received.connection for received in server.received] == [1, 2, 1, 1]


def test_requests_that_do_not_wait_for_answers(server: RestliServer) -> None:
    echo = POST + b"Content-Length: 7\r\n\r\n" + b'{"a":1}'
    with Peer(server) as peer:
        peer.send(GET + echo + GET)
        assert [peer.answer().body for _ in range(3)] == [ENTITY, b'{"value":{"a":1}}', ENTITY]
    assert [received.raw for received in server.received] == [GET, echo, GET]


def test_requests_that_come_byte_by_byte(server: RestliServer) -> None:
    with Peer(server) as peer:
        assert peer.send(*(GET[i : i + 1] for i in range(len(GET)))).answer().body == ENTITY
    assert server.received[0].raw == GET


def test_waiting_for_100_continue(server: RestliServer) -> None:
    head = POST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    with Peer(server) as peer:
        assert peer.send(head).file.readline() == b"HTTP/1.1 100 \r\n"
        while peer.file.readline() != b"\r\n":
            pass
        assert peer.send(b"{}").answer().body == b'{"value":{}}'
    assert server.received[0].raw == head + b"{}"


@pytest.mark.parametrize("method", [b"HEAD", b"PATCH", b"OPTIONS", b"PURGE", b"CONNECT"])
def test_other_verbs_get_400_and_the_connection_lives(server: RestliServer, method: bytes) -> None:
    with Peer(server) as peer:
        assert peer.send(GET.replace(b"GET", method)).answer(bodiless=method == b"HEAD").status == 400
        assert peer.send(GET).answer().body == ENTITY


def test_an_upgrade_is_not_taken(server: RestliServer) -> None:
    with Peer(server) as peer:
        request = GET.replace(b"Host: h", b"Host: h\r\nConnection: Upgrade\r\nUpgrade: h2c")
        assert peer.send(request).answer().status == 200
        assert peer.send(GET).answer().status == 200


@pytest.mark.parametrize(
    "request_",
    [GET.replace(b"Host: h", b"Host: h\r\nConnection: close"), GET.replace(b"HTTP/1.1", b"HTTP/1.0")],
    ids=["close", "HTTP/1.0"],
)
def test_a_connection_for_one_request(server: RestliServer, request_: bytes) -> None:
    with Peer(server) as peer:
        answer = peer.send(request_).answer()
        assert (answer.status, answer.headers["connection"], peer.rest()) == (200, "close", b"")


# what is not a request


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"hello\r\n\r\n",
        b"\r\n\r\n",
        b"GET /adAccounts/5 HTTP/1.1\r\n\r\n",
        b"GET /ad accounts HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\nX-A: \xe9\r\n\r\n",
        b"GET /\xe9 HTTP/1.1\r\nHost: h\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
    ids=[
        "TLS",
        "one word",
        "empty lines",
        "no Host",
        "a space in the target",
        "no colon",
        "a length that is not a number",
        "a length of 5000 digits",
        "a value that is not ASCII",
        "a target that is not ASCII",
        "a chunk without a size",
        "HTTP/2",
    ],
)
def test_garbage_gets_400_and_the_end(server: RestliServer, garbage: bytes) -> None:
    with Peer(server) as peer:
        answer = peer.send(garbage).answer()
        assert answer.status == (505 if b"2.0" in garbage else 400)
        assert (answer.headers["connection"], peer.rest()) == ("close", b"")
    received = server.received[0]
    assert (received.raw, received.request, received.head + received.body) == (garbage, None, garbage)
    assert "no request" in repr(received)
    with Peer(server) as peer:
        assert peer.send(GET).answer().status == 200


@pytest.mark.parametrize(
    "part", [GET[:20], GET[:-2], POST + b"Content-Length: 9\r\n\r\n{"], ids=["line", "head", "body"]
)
def test_a_client_that_leaves_in_the_middle(server: RestliServer, part: bytes) -> None:
    with Peer(server) as peer:
        peer.send(part).sock.shutdown(socket.SHUT_WR)
        assert peer.answer().status == 400
    assert (server.received[0].raw, server.received[0].request) == (part, None)


def test_a_client_that_says_nothing_leaves_no_trace(server: RestliServer) -> None:
    with Peer(server):
        pass
    with Peer(server) as peer:
        peer.send(GET).answer()
    assert len(server.received) == 1


@pytest.mark.parametrize(
    ("pieces", "status"),
    [
        ([GET[:-2] + b"X-A: " + b"a" * 3000], 431),
        ([b"GET /" + b"a" * 3000], 431),
        ([POST + b"Content-Length: 2001\r\n\r\n"], 413),
        ([POST + b"Content-Length: 2001\r\nExpect: 100-continue\r\n\r\n"], 413),
        ([POST + b"Content-Length: 1000000\r\n\r\n", b"a" * 1_000_000], 413),
        ([POST + b"Transfer-Encoding: chunked\r\n\r\n", *[b"400\r\n" + b"a" * 1024 + b"\r\n"] * 2], 413),
    ],
    ids=["field", "target", "length", "length, and 100-continue", "body", "chunks"],
)
def test_what_is_too_long(pieces: list[bytes], status: int) -> None:
    with RestliServer(max_head=2000, max_body=2000) as server, Peer(server) as peer:
        answer = peer.send(*pieces).answer()
        assert (answer.status, answer.headers["connection"]) == (status, "close")
        assert server.received[0].request is None


def test_a_body_as_long_as_may_be() -> None:
    body = b'{"a":"' + b"a" * 1992 + b'"}'
    with RestliServer(max_body=2000) as server, Peer(server) as peer:
        server.on(ACCOUNTS, "action", lambda invocation: len(invocation.entity["a"]), name="echo")
        assert peer.send(POST + b"Content-Length: 2000\r\n\r\n" + body).answer().body == b'{"value":1992}'


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 99\r\nConnection: keep-alive\r\n",
    ],
)
def test_a_request_with_two_lengths_ends_the_connection(server: RestliServer, framing: bytes) -> None:
    """It is read as chunks, and what comes after it is not read as a request (RFC 9112 section 6.1)."""
    chunks = b'7\r\n{"a":1}\r\n0\r\n\r\n'
    with Peer(server) as peer:
        peer.send(POST + framing + b"\r\n" + chunks + GET + b"x" * 100_000)
        answer = peer.answer()
        assert (answer.status, answer.body) == (200, b'{"value":{"a":1}}')
        assert answer.headers["connection"] == "close"
        assert peer.rest() == b""
    assert len(server.received) == 1


# what handlers answer


def test_a_response_of_a_handler_goes_out_as_it_is(server: RestliServer) -> None:
    stale = {"Content-Length": "999", "Transfer-Encoding": "chunked", "Set-Cookie": "a=b", "X-A": "\xe9"}
    server.on("/me", "get", lambda _: HttpResponse(203, [*stale.items(), ("Set-Cookie", "c=d")], b"\xff\x00"))
    with Peer(server) as peer:
        peer.send(GET.replace(b"adAccounts/5", b"me"))
        answer = peer.answer()
    assert (answer.status, answer.body, answer.headers["content-length"]) == (203, b"\xff\x00", "2")
    assert (answer.headers["x-a"], "transfer-encoding" in answer.headers) == ("\xe9", False)


@pytest.mark.parametrize(
    "response",
    [HttpResponse(100), HttpResponse(200, {"X-A": "\u20ac"}), HttpResponse(200, {"Location": "/a\r\nX-Evil: b"})],
    ids=["interim", "not Latin-1", "two fields in one"],
)
def test_a_response_that_is_no_http(server: RestliServer, response: HttpResponse) -> None:
    server.on("/me", "get", lambda _: response)
    with Peer(server) as peer:
        answer = peer.send(GET.replace(b"adAccounts/5", b"me")).answer()
    assert (answer.status, "x-evil" in answer.headers) == (500, False)
    assert [type(error) for error in server.errors] == [ValueError]
    server.errors.clear()


def test_a_head_has_what_http_needs_and_nothing_that_contradicts_the_body() -> None:
    stale = {"content-length": "99", "Transfer-Encoding": "chunked", "X-A": "\xe9"}
    head = response_head(HttpResponse(404, stale, b"gone"))
    fields = dict(head.headers)
    assert (head.status_code, head.reason, fields[b"x-a"], fields[b"content-length"]) == (
        404,
        b"Not Found",
        b"\xe9",
        b"4",
    )
    assert fields.keys() == {b"date", b"x-a", b"content-length"}
    assert b"content-length" not in dict(response_head(HttpResponse(204)).headers)
    assert response_head(HttpResponse(599)).reason == b""


def test_a_head_that_cannot_be() -> None:
    with pytest.raises(InvalidCallError, match=r"^status: is not HTTP"):
        response_head(HttpResponse(200, {"X-A": "\u20ac"}))
