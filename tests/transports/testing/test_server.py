from __future__ import annotations

import http.client
import json
import os
import re
import shlex
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

import restli_core as restli
from restli_core.errors import InvalidCallError
from restli_core.messages import HttpRequest, HttpResponse
from restli_core.server import Invocation
from restli_transports.testing import AuthorizationServer
from restli_transports.testing.faults import NO_FAULT, Fault
from restli_transports.testing.handlers import Handlers, UnexpectedRequestError
from restli_transports.testing.server import RestliServer, main
from tests.support.peer import ACCOUNTS, ENTITY, GET, Peer, carried, threads

pytestmark = pytest.mark.sockets

ROOT = Path(__file__).parents[3]


def test_calls_over_sockets() -> None:
    with RestliServer(base_path="/rest") as server:
        accounts = server.collection(ACCOUNTS, {5: {"name": "Summer"}})
        server.simple("/me", {"name": "Ada"})
        accounts.finder("search")(lambda _: accounts.entities)
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
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
            assert [str(error).splitlines()[0] for error in server.errors] == [
                "No handler is registered for GET /me: its path is not under /rest"
            ]
            server.errors.clear()
        finally:
            connection.close()
        assert [received.connection for received in server.received] == [1] * 8
    assert 6 not in accounts


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
    ids=["headers alone", "a body alone", "interim", "no status", "not Latin-1", "two fields in one", "no name"],
)
def test_what_cannot_be_planned(server: RestliServer, plan: dict[str, Any]) -> None:
    with pytest.raises(InvalidCallError) as refused:
        server.fail_next(**plan)
    assert refused.value.argument == "status"


# starting and stopping


def test_it_stops_with_connections_open() -> None:
    with RestliServer(raise_errors=False) as server:
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
    ids=["late", "late bytes", "dripping", "dripping bytes"],
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


def test_ipv6() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 here")
    with RestliServer(host="::1") as server:
        server.simple("/me")
        assert server.base_url == f"http://[::1]:{server.port}"
        connection = http.client.HTTPConnection("::1", server.port, timeout=60)
        with pytest.raises(restli.NotFoundError):
            carried(connection, restli.get("/me", base_url=server.base_url))
        connection.close()


# what goes wrong at the server


ME = GET.replace(b"adAccounts/5", b"me")


def play(server: RestliServer, *exchanges: tuple[bytes, int], last: BaseException | None = None) -> None:
    """Send each request, and see the status of its answer, within the server's block; raise an exception at the end."""
    with server, Peer(server) as peer:
        assert [peer.send(request).answer().status for request, _ in exchanges] == [status for _, status in exchanges]
        if last is not None:
            raise last


def test_leaving_raises_what_a_handler_raised() -> None:
    fault = KeyError("name")

    def fails(_invocation: Invocation) -> None:
        raise fault

    server = RestliServer()
    server.on("/me", "get", fails)
    with pytest.raises(KeyError) as raised:
        play(server, (ME, 500))
    assert (raised.value, server.errors) == (fault, [fault])
    assert fault.__notes__ == ["The server was answering GET /me"]
    # It is raised once.
    play(server, (b"garbage\r\n\r\n", 400))


def test_leaving_raises_requests_without_a_handler() -> None:
    server = RestliServer()
    server.collection(ACCOUNTS)
    with pytest.raises(ExceptionGroup) as raised:
        play(
            server,
            (ME, 404),
            (GET.replace(b"/5", b"?q=nearby"), 400),
            (GET, 404),  # of the handler: there is no such entity
            (GET.replace(b"/5", b"?ids=1"), 400),  # refused, as LinkedIn's server would
        )
    assert [str(error).splitlines()[0] for error in raised.value.exceptions] == [
        "No handler is registered for get of /me: no resource is declared for its path",
        "No handler is registered for finder 'nearby' of /adAccounts/{id:long}",
    ]
    assert {type(error) for error in raised.value.exceptions} == {UnexpectedRequestError}
    assert raised.value.message == "2 requests went wrong at the server"


def test_what_went_wrong_is_a_note_on_what_is_on_its_way() -> None:
    with pytest.raises(ZeroDivisionError) as raised:
        play(RestliServer(), (ME, 404), (GET, 404), last=ZeroDivisionError())
    first, second = raised.value.__notes__
    assert "UnexpectedRequestError: No handler is registered for get of /me" in first
    assert "UnexpectedRequestError: No handler is registered for get of /adAccounts/5" in second


def test_leaving_raises_nothing_where_it_shall_not() -> None:
    server = RestliServer(raise_errors=False)
    play(server, (ME, 404))
    assert [type(error) for error in server.errors] == [UnexpectedRequestError]
    with RestliServer() as server, Peer(server) as peer:
        assert peer.send(ME).answer().status == 404
        server.errors.clear()
    server = RestliServer().start()
    with Peer(server) as peer:
        assert peer.send(ME).answer().status == 404
    server.stop()
    assert len(server.errors) == 1


def test_a_handler_that_fails_its_test() -> None:
    """pytest.fail raises a BaseException, which would end the thread."""
    server = RestliServer()
    server.on("/me", "get", lambda _: pytest.fail("not so"))
    with pytest.raises(pytest.fail.Exception, match="not so"):
        play(server, (ME, 500), (b"garbage\r\n\r\n", 400))
    with pytest.raises(BaseExceptionGroup) as raised:
        play(server, (ME, 500), (ME, 500))
    assert [str(error) for error in raised.value.exceptions] == ["not so", "not so"]


def test_requests_for_oauth_without_an_authorization_server() -> None:
    with pytest.raises(UnexpectedRequestError, match=r"it is one for authorization=AuthorizationServer\(\)"):
        play(RestliServer(), (b"POST /oauth/v2/accessToken HTTP/1.1\r\nHost: h\r\n\r\n", 404))


def test_an_authorization_server_that_fails() -> None:
    def stopped() -> float:
        raise TimeoutError("the clock stands still")

    authorization = AuthorizationServer(clock=stopped)
    authorization.app("id", "secret")
    body = b"grant_type=client_credentials&client_id=id&client_secret=secret"
    head = b"POST /oauth/v2/accessToken HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    with pytest.raises(TimeoutError) as raised:
        play(
            RestliServer(authorization=authorization),
            (head + b"Content-Length: %d\r\n\r\n" % len(body) + body, 500),
        )
    assert raised.value.__notes__ == ["The authorization server was answering POST /oauth/v2/accessToken"]


def test_a_thread_that_ends_tells_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise LookupError("a fault of the server itself")

    monkeypatch.setattr("restli_transports.testing.http_connection.HttpConnection._answer", broken)
    server = RestliServer(raise_errors=False)
    with server, Peer(server) as peer:
        assert peer.send(ME).rest() == b""
    assert [type(error) for error in server.errors] == [LookupError]
    assert threads() == set()


# TLS


@pytest.fixture
def contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return a server's context, and that of a client who trusts it."""
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
    with RestliServer(ssl_context=contexts[0], raise_errors=False) as server:
        silent = Peer(server)
        idle = Peer(server, tls=contexts[1])
        idle.send(GET).answer()
    assert threads() == set()
    with silent, idle:
        assert silent.rest() == b""


# the command line


@pytest.fixture
def command() -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Start the sample server in a process of its own; yield it, and the lines that it printed."""
    arguments = [sys.executable, "-m", "restli_transports.testing.server", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "transports")])}
    # A shell has what runs in the background ignore it, and what that starts, too.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        signal.signal(signal.SIGINT, before)
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
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")


def run(curl: list[str]) -> int:
    """Do what such a command does, and return the status."""
    options = {flag: curl[index + 1] for index, flag in enumerate(curl) if flag.startswith("-")}
    method = options.get("-X", "POST" if "-d" in options else "GET")
    name, _, value = options["-H"].partition(": ")
    address = re.fullmatch(r"http://127\.0\.0\.1:([0-9]+)(/rest/.*)", curl[-1])
    assert address is not None
    connection = http.client.HTTPConnection("127.0.0.1", int(address[1]), timeout=60)
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
    assert answer.stdout == 'h11 the embedded server needs h11: pip install "restli-core[h11]"\n'


def test_a_port_in_use_is_told_of_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with RestliServer() as running:
        with pytest.raises(SystemExit) as stopped:
            main(["--port", str(running.port)])
        assert stopped.value.code == 1
        assert capsys.readouterr().err.startswith(f"Cannot listen on port {running.port} of 127.0.0.1: ")


def test_what_is_not_restli_has_rules_of_its_own() -> None:
    faults = iter([Fault(response=HttpResponse(500, {}, b"")), NO_FAULT])
    with RestliServer(
        base_path="/rest", authorization=AuthorizationServer(), requires_token=True, versions=["202609"]
    ) as server:
        server.on_raw(
            "/up/", lambda request: HttpResponse(201, {"ETag": '"1"'}, request.body), fault=lambda _: next(faults)
        )
        with Peer(server) as peer:
            for status in (500, 201):
                answer = peer.send(b"PUT /up/1?a=%253D HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab").answer()
                assert answer.status == status
        assert (answer.body, answer.headers["etag"]) == (b"ab", '"1"')
        assert [entry.executed is None for entry in server.journal] == [True, False]
        assert server.received[0].request is not None
        assert server.received[0].request.url == "/up/1?a=%253D"


def test_a_function_of_faults_that_fails_is_a_fault_of_the_test() -> None:
    def fail(_: HttpRequest) -> Fault:
        raise ZeroDivisionError

    with RestliServer() as server:
        server.on_raw("/up/", lambda _: HttpResponse(201, {}, b""), fault=fail)
        with Peer(server) as peer:
            answer = peer.send(b"PUT /up/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab").answer()
        assert answer.status == 201
        assert [type(error) for error in server.errors] == [ZeroDivisionError]
        assert server.errors[0].__notes__ == ["The function of faults was asked about PUT /up/1"]
        server.errors.clear()


@pytest.mark.parametrize("max_kept", [-1, True, "5"])
def test_how_much_is_kept_is_a_number(max_kept: Any) -> None:
    with pytest.raises(InvalidCallError, match="max_kept"):
        RestliServer(max_kept=max_kept)


@pytest.mark.parametrize(("max_kept", "kept"), [(0, 0), (3, 3), (None, 600)])
def test_neither_need_the_lines_of_chunks_nor_what_is_refused(max_kept: int | None, kept: int) -> None:
    with RestliServer(max_kept=max_kept, max_body=200) as server:
        server.on_raw("/up/", lambda _: HttpResponse(201, {}, b""))
        head = b"PUT /up/1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        for chunks, status in ((b"1\r\na\r\n" * 99 + b"00\r\n\r\n", 201), (b"1f0\r\n" + b"a" * 595, 413)):
            with Peer(server) as peer:
                assert peer.send(head + chunks).answer().status == status
        assert [len(received.body) for received in server.received] == [kept, kept]


@pytest.mark.parametrize("max_kept", [0, 3, None])
def test_bodies_need_not_be_kept(max_kept: int | None) -> None:
    with RestliServer(max_kept=max_kept) as server:
        came: list[bytes] = []

        def take(request: HttpRequest) -> HttpResponse:
            came.append(request.body)
            return HttpResponse(201, {}, b"")

        server.on_raw("/up/", take)
        with Peer(server) as peer:
            for body in (b"ab", b"abcdef"):
                head = b"PUT /up/1 HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(body)
                assert peer.send(head + body).answer().status == 201
        assert came == [b"ab", b"abcdef"]
        kept = [b"ab"[:max_kept], b"abcdef"[:max_kept]]
        assert [received.body for received in server.received] == kept
        assert [received.raw for received in server.received] == [one.head + one.body for one in server.received]
        assert [one.request.body for one in server.received if one.request is not None] == kept
        assert [entry.request.body for entry in server.journal] == kept
