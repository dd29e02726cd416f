from __future__ import annotations

import http.client
import json
import re
import shlex
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest
import trustme

import restli_core as restli
from restli_core.errors import InvalidCallError
from restli_core.messages import HttpRequest, HttpResponse
from restli_transports.testing.handlers import Handlers
from restli_transports.testing.server import RestliServer, main

pytestmark = pytest.mark.sockets

ROOT = Path(__file__).parents[3]
ACCOUNTS = "/adAccounts/{id:long}"
GET = b"GET /adAccounts/5 HTTP/1.1\r\nHost: h\r\nX-RestLi-Protocol-Version: 2.0.0\r\n\r\n"
POST = b"POST /adAccounts?action=echo HTTP/1.1\r\nHost: h\r\nX-RestLi-Protocol-Version: 2.0.0\r\n"
ENTITY = b'{"name":"Summer"}'


def threads() -> set[str]:
    return {thread.name for thread in threading.enumerate() if thread.name.startswith("RestliServer")}


@pytest.fixture
def server() -> Iterator[RestliServer]:
    with RestliServer() as server:
        accounts = server.collection(ACCOUNTS, {5: {"name": "Summer"}})
        accounts.action("echo")(lambda invocation: invocation.entity)
        yield server
    assert threads() == set()


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class Peer:
    """A client that sends bytes, and reads answers one by one."""

    def __init__(self, server: RestliServer, *, tls: ssl.SSLContext | None = None) -> None:
        self.sock = socket.create_connection(("127.0.0.1", server.port), timeout=5)
        if tls is not None:
            self.sock = tls.wrap_socket(self.sock, server_hostname="127.0.0.1")
        self.file = self.sock.makefile("rb")

    def send(self, *pieces: bytes) -> Self:
        for piece in pieces:
            self.sock.sendall(piece)
        return self

    def answer(self, *, bodiless: bool = False) -> Answer:
        status = int(self.file.readline().split()[1])
        lines = iter(lambda: self.file.readline().decode("latin-1").rstrip("\r\n"), "")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = 0 if bodiless else int(headers.get("content-length", 0))
        return Answer(status, headers, self.file.read(length))

    def rest(self) -> bytes:
        """What comes until the server closes."""
        return self.file.read()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.file.close()
        self.sock.close()


def carried(connection: http.client.HTTPConnection, call: restli.Call[Any]) -> Any:
    """What a client over http.client makes of a call."""
    request = call.request
    target = request.url.partition("//")[2].partition("/")[2]
    connection.request(request.method, f"/{target}", request.body or None, dict(request.headers))
    response = connection.getresponse()
    return call.parse(HttpResponse(response.status, response.getheaders(), response.read()))


# serving


def test_calls_over_sockets() -> None:
    with RestliServer(base_path="/rest") as server:
        accounts = server.collection(ACCOUNTS, {5: {"name": "Summer"}})
        server.simple("/me", {"name": "Ada"})
        accounts.finder("search")(lambda _: accounts.entities)
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        base: dict[str, Any] = {"base_url": server.base_url}
        try:
            assert carried(connection, restli.get("/me", **base)).entity == {"name": "Ada"}
            created = carried(connection, restli.create("/adAccounts", {"name": "\u20ac"}, **base))
            assert (created.entity_id, created.location) == ("6", "/rest/adAccounts/6")
            carried(connection, restli.partial_update("/adAccounts/6", {"open": True}, **base))
            assert carried(
                connection, restli.batch_get("/adAccounts", [*range(400)], tunnel_above=100, **base)
            ).results == {
                "5": {"name": "Summer"},
                "6": {"name": "\u20ac", "id": 6, "open": True},
            }
            found = carried(connection, restli.finder("/adAccounts", "search", query_params={"count": 1}, **base))
            assert [link["href"] for link in found.paging.links] == ["/rest/adAccounts?q=search&start=1&count=1"]
            carried(connection, restli.delete("/adAccounts/6", **base))
            with pytest.raises(restli.NotFoundError):
                carried(connection, restli.get("/adAccounts/6", **base))
            with pytest.raises(restli.NotFoundError):
                carried(connection, restli.get("/me", base_url=server.base_url.removesuffix("/rest")))
        finally:
            connection.close()
        assert [received.connection for received in server.received] == [1] * 8
    assert 6 not in accounts


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
)
def test_a_connection_for_one_request(server: RestliServer, request_: bytes) -> None:
    with Peer(server) as peer:
        answer = peer.send(request_).answer()
        assert (answer.status, answer.headers["connection"], peer.rest()) == (200, "close", b"")


# what is no request


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


@pytest.mark.parametrize("part", [GET[:20], GET[:-2], POST + b"Content-Length: 9\r\n\r\n{"])
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
)
def test_what_is_too_long(pieces: list[bytes], status: int) -> None:
    with RestliServer(max_head=2000, max_body=2000) as server, Peer(server) as peer:
        answer = peer.send(*pieces).answer()
        assert (answer.status, answer.headers["connection"]) == (status, "close")
        assert server.received[0].request is None


def test_a_body_as_long_as_may_be() -> None:
    with RestliServer(max_body=2000) as server, Peer(server) as peer:
        assert peer.send(POST + b"Content-Length: 2000\r\n\r\n" + b"a" * 2000).answer().status == 404


# faults


def test_an_answer_that_no_handler_gives(server: RestliServer) -> None:
    server.fail_next(status=503, headers={"Retry-After": "1", "Date": "then", "X-A": "\xe9"}, body=b"later")
    with Peer(server) as peer:
        answer = peer.send(GET).answer()
        assert (answer.status, answer.body) == (503, b"later")
        assert answer.headers == {"retry-after": "1", "date": "then", "x-a": "\xe9", "content-length": "5"}
        assert peer.send(GET).answer().body == ENTITY


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body(server: RestliServer, status: int) -> None:
    server.fail_next(status=status, body=b"not to be sent")
    with Peer(server) as peer:
        answer = peer.send(GET).answer()
        assert (answer.status, "content-length" in answer.headers) == (status, False)
        assert peer.send(GET).answer().body == ENTITY


def test_faults_come_in_their_order(server: RestliServer) -> None:
    server.fail_next(status=429, times=2)
    server.fail_next(status=599)
    with Peer(server) as peer:
        assert [peer.send(GET).answer().status for _ in range(4)] == [429, 429, 599, 200]


@pytest.mark.parametrize("plan", [{}, {"status": 200, "body": ENTITY}])
def test_an_answer_cut_short(server: RestliServer, plan: dict[str, Any]) -> None:
    server.fail_next(truncate=10, **plan)
    with Peer(server) as peer:
        head, _, body = peer.send(GET).rest().partition(b"\r\n\r\n")
    assert (b"Content-Length: 17" in head.title(), body) == (True, ENTITY[:10])


def test_no_answer(server: RestliServer) -> None:
    server.fail_next(close=True)
    with Peer(server) as peer:
        assert peer.send(GET).rest() == b""
    assert server.received[0].raw == GET


@pytest.mark.parametrize("plan", [{"reset": True}, {"reset": True, "close": True}])
def test_a_reset(server: RestliServer, plan: dict[str, Any]) -> None:
    server.fail_next(**plan)
    with Peer(server) as peer, pytest.raises(ConnectionResetError):
        peer.send(GET).rest()


@pytest.mark.parametrize("plan", [{"truncate": 3}, {"raw": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"}])
def test_a_reset_behind_some_of_the_answer(server: RestliServer, plan: dict[str, Any]) -> None:
    server.fail_next(reset=True, **plan)
    with Peer(server) as peer:
        peer.send(GET)
        assert peer.file.readline() == b"HTTP/1.1 200 OK\r\n"
        with pytest.raises(ConnectionResetError):
            peer.rest()


def test_bytes_in_place_of_http(server: RestliServer) -> None:
    server.fail_next(raw=b"\x00 not HTTP")
    with Peer(server) as peer:
        assert peer.send(GET).rest() == b"\x00 not HTTP"


@pytest.mark.parametrize(
    ("plan", "end"),
    [
        ({"delay": 0.01, "truncate": 99}, ENTITY),
        ({"delay": 0.01, "status": 503, "body": b"later", "truncate": 5}, b"later"),
        ({"delay": 0.01, "raw": b"junk"}, b"junk"),
        ({"delay": 0.01, "close": True}, b""),
        ({"drip": 0.001, "truncate": 99}, ENTITY),
        ({"drip": 0.001, "status": 503, "body": b"later", "truncate": 3}, b"lat"),
        ({"drip": 0.001, "raw": b"junk"}, b"junk"),
    ],
)
def test_late_and_slow_answers_are_whole(server: RestliServer, plan: dict[str, Any], end: bytes) -> None:
    server.fail_next(**plan)
    with Peer(server) as peer:
        assert peer.send(GET).rest().rpartition(b"\r\n\r\n")[2] == end


def test_a_slow_answer_keeps_the_connection(server: RestliServer) -> None:
    server.fail_next(drip=0.001)
    with Peer(server) as peer:
        assert [peer.send(GET).answer().body for _ in range(2)] == [ENTITY, ENTITY]


@pytest.mark.parametrize(
    "plan",
    [
        {"headers": {"X-A": "b"}},
        {"body": b"x"},
        {"status": 100},
        {"status": 1000},
        {"status": 200, "headers": {"X-A": "\u20ac"}},
        {"status": 200, "headers": {"X-A": "a\r\nX-B: c"}},
        {"status": 200, "headers": {"X A": "b"}},
    ],
)
def test_what_cannot_be_planned(server: RestliServer, plan: dict[str, Any]) -> None:
    with pytest.raises(InvalidCallError) as refused:
        server.fail_next(**plan)
    assert refused.value.argument == "status"


# handlers


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
)
def test_a_response_that_is_no_http(server: RestliServer, response: HttpResponse) -> None:
    server.on("/me", "get", lambda _: response)
    with Peer(server) as peer:
        answer = peer.send(GET.replace(b"adAccounts/5", b"me")).answer()
    assert (answer.status, "x-evil" in answer.headers) == (500, False)


def test_handlers_made_elsewhere() -> None:
    handlers = Handlers()
    with RestliServer(handlers) as server, Peer(server) as peer:
        handlers.on(ACCOUNTS, "get", lambda _: {"name": "Summer"})
        assert peer.send(GET).answer().body == ENTITY
        assert server.handlers is handlers


def test_many_connections_at_once(server: RestliServer) -> None:
    def work() -> None:
        with Peer(server) as peer:
            statuses.extend(peer.send(GET).answer().status for _ in range(10))

    statuses: list[int] = []
    clients = [threading.Thread(target=work) for _ in range(32)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert statuses == [200] * 320
    assert len({received.connection for received in server.received}) == 32


# starting and stopping


def test_it_stops_with_connections_open() -> None:
    with RestliServer() as server:
        idle, middle = Peer(server), Peer(server).send(GET[:20])
        with Peer(server) as peer:
            assert peer.send(GET).answer().status == 404  # both of the others have been taken by now
        port = server.port
    assert threads() == set()
    for peer in (idle, middle):
        with peer:
            assert peer.rest() == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


@pytest.mark.parametrize(
    "plan",
    [{"delay": 60}, {"delay": 60, "raw": b"\r\n\r\nabc"}, {"drip": 60}, {"drip": 60, "raw": b"abc"}],
)
def test_it_stops_whatever_an_answer_waits_for(plan: dict[str, Any]) -> None:
    with RestliServer() as server:
        server.simple("/me", {"name": "Ada"})
        server.fail_next(**plan)
        peer = Peer(server).send(GET.replace(b"adAccounts/5", b"me"))
        server.wait_for(1)
    with peer:
        assert peer.rest().partition(b"\r\n\r\n")[2] == b""
    assert threads() == set()


def test_it_stops_while_it_reads_on() -> None:
    with RestliServer() as server:
        peer = Peer(server).send(b"garbage\r\n\r\n")
        assert peer.answer().status == 400
    with peer:
        assert peer.rest() == b""


def test_it_runs_again() -> None:
    server = RestliServer()
    server.collection(ACCOUNTS, {5: {"name": "Summer"}})
    for _ in range(2):
        with server, Peer(server) as peer:
            assert peer.send(GET).answer().status == 200
    assert [received.connection for received in server.received] == [1, 2]
    server.stop()
    server.disconnect()


def test_it_runs_once_at_a_time() -> None:
    with RestliServer() as server, pytest.raises(RuntimeError):
        server.start()


def test_where_it_is() -> None:
    server = RestliServer(base_path="/rest/")
    assert repr(server) == "<RestliServer that does not run>"
    with pytest.raises(RuntimeError):
        _ = server.base_url
    with server:
        assert server.base_url == f"http://127.0.0.1:{server.port}/rest"
        assert repr(server) == f"<RestliServer {server.base_url}>"
        with pytest.raises(OSError, match="in use"):
            RestliServer(port=server.port).start()
    with pytest.raises(InvalidCallError):
        RestliServer(base_path="rest")


def test_idle_connections_are_closed_on_demand(server: RestliServer) -> None:
    with Peer(server) as peer:
        peer.send(GET).answer()
        server.disconnect()
        assert peer.rest() == b""
    with Peer(server) as peer:
        assert peer.send(GET).answer().status == 200
    assert [received.connection for received in server.received] == [1, 2]


def test_waiting_for_requests(server: RestliServer) -> None:
    with pytest.raises(TimeoutError, match=r"0 requests have come in within 0\.01 s, not 1"):
        server.wait_for(1, timeout=0.01)
    with Peer(server) as peer:
        peer.send(GET)
        assert [received.raw for received in server.wait_for(1)] == [GET]


def test_what_was_received_is_the_callers_own_list(server: RestliServer) -> None:
    server.received.append(None)  # type: ignore[arg-type]
    assert server.received == []


def test_ipv6() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 here")
    with RestliServer(host="::1") as server:
        assert server.base_url == f"http://[::1]:{server.port}"
        connection = http.client.HTTPConnection("::1", server.port, timeout=5)
        with pytest.raises(restli.NotFoundError):
            carried(connection, restli.get("/me", base_url=server.base_url))
        connection.close()


# TLS


@pytest.fixture
def contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context, and that of a client who trusts it."""
    authority = trustme.CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(client)
    return server, client


def test_tls(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    with RestliServer(ssl_context=contexts[0]) as server:
        server.collection(ACCOUNTS, {5: {"name": "Summer"}})
        assert server.base_url.startswith("https://127.0.0.1:")
        with Peer(server, tls=contexts[1]) as peer:
            assert [peer.send(GET).answer().body for _ in range(2)] == [ENTITY, ENTITY]
            assert peer.send(b"garbage\r\n\r\n").answer().status == 400
        with pytest.raises(ssl.SSLCertVerificationError):
            Peer(server, tls=ssl.create_default_context())
        with Peer(server) as plain, Peer(server, tls=contexts[1]) as peer:
            plain.send(GET)
            assert peer.send(GET).answer().status == 200
        assert len(server.received) == 4
    assert threads() == set()


def test_tls_stops_in_the_middle(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    with RestliServer(ssl_context=contexts[0]) as server:
        silent = Peer(server)
        idle = Peer(server, tls=contexts[1])
        idle.send(GET).answer()
    assert threads() == set()
    with silent, idle:
        assert silent.rest() == b""


# the command line


@pytest.fixture
def command() -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """The sample server in a process of its own, and what it printed."""
    arguments = [sys.executable, "-m", "restli_transports.testing.server", "--port", "0"]
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'transports'}", "PATH": ""}
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        yield process, [process.stdout.readline() for _ in range(10)]
        process.kill()


def test_the_command_line(command: tuple[subprocess.Popen[str], list[str]]) -> None:
    process, lines = command
    examples = [shlex.split(line) for line in lines if line.startswith("  curl")]
    assert len(examples) == 7
    for example in examples:
        assert run(example) in {200, 204}
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")


def run(curl: list[str]) -> int:
    """What such a command does."""
    options = {flag: curl[index + 1] for index, flag in enumerate(curl) if flag.startswith("-")}
    method = options.get("-X", "POST" if "-d" in options else "GET")
    name, _, value = options["-H"].partition(": ")
    address = re.fullmatch(r"http://127\.0\.0\.1:([0-9]+)(/rest/.*)", curl[-1])
    assert address is not None
    connection = http.client.HTTPConnection("127.0.0.1", int(address[1]), timeout=5)
    connection.request(method, address[2], options.get("-d"), {name: value})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    assert not body or json.loads(body)
    return response.status


def test_without_h11_the_extra_is_named() -> None:
    program = (
        f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'transports')!r}]; sys.modules['h11'] = None\n"
        "try:\n import restli_transports.testing.server\nexcept ImportError as error:\n print(error.name, error)"
    )
    answer = subprocess.run([sys.executable, "-I", "-c", program], check=True, capture_output=True, text=True)
    assert answer.stdout == "h11 the embedded server needs h11: pip install 'restli-core[h11]'\n"


def test_a_port_in_use_is_told_of_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with RestliServer() as running:
        with pytest.raises(SystemExit) as stopped:
            main(["--port", str(running.port)])
        assert stopped.value.code == 1
        assert capsys.readouterr().err.startswith(f"Cannot listen on port {running.port} of 127.0.0.1: ")
