"""Connections: a good one is used again, a doubtful one never, and no request is sent twice over two."""

from __future__ import annotations

import logging
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import pytest

from restli_core.errors import ProtocolError
from restli_core.messages import HttpRequest
from restli_transports.testing.compliance.failures import BROKEN
from restli_transports.testing.compliance.scripts import OK, answer_once, chunked, echo, idle_until_closed
from restli_transports.testing.compliance.senders import QUICK, failing, get
from restli_transports.testing.compliance.suite import Suite
from restli_transports.testing.compliance.wire_view import request_target
from restli_transports.testing.scripted_server import Connection, Script, ScriptedServer, answer, in_turn, response
from restli_transports.transport import Timeout

__all__ = ["GivenConnections", "OwnConnections"]

CALLERS: Final = 100  # more than the libraries keep idle by themselves

# What a server may send after an answer, at once with it, and the method that the answer is to.
LEFT_OVER: Final[dict[str, tuple[str, bytes]]] = {
    "another answer": ("GET", OK + response("200 OK", b'{"for": "another"}')),
    "a body after HEAD": ("HEAD", OK.replace(b"{}", b'{"for": "another"}')),
    "a body after 204": ("GET", b"HTTP/1.1 204 No\r\n\r\n{}"),
    "more than it said": ("GET", OK + b"garbage"),
}


class GivenConnections(Suite):
    """What every transport does with its connections."""

    def test_a_connection_is_kept_alive(self) -> None:
        chunks = response("200 OK", chunked(b"{}"), "Transfer-Encoding: chunked", length=False)
        with ScriptedServer(answer(chunks)) as server, self.opened() as sender:
            for method in ("GET", "POST", "DELETE", "GET"):
                sender.send(HttpRequest(method, server.url), timeout=QUICK)
        assert server.connections == 1

    def test_hosts_do_not_share_connections(self) -> None:
        with ScriptedServer(answer(OK)) as first, ScriptedServer(answer(OK)) as second, self.opened() as sender:
            for server in (first, second, first, second):
                get(sender, server.url)
        assert (first.connections, second.connections) == (1, 1)

    @pytest.mark.parametrize(
        "data",
        [response("200 OK", b"{}", "Connection: close"), OK.replace(b"1.1", b"1.0")],
        ids=["Connection: close", "HTTP/1.0"],
    )
    def test_a_connection_that_is_not_kept_alive_is_closed(self, data: bytes) -> None:
        with ScriptedServer(answer(data)) as server, self.opened() as sender:
            for _ in range(2):
                get(sender, server.url)
        assert server.connections == 2

    def test_a_connection_that_the_server_closed_is_replaced(self) -> None:
        closed = threading.Event()
        with ScriptedServer(answer_once(closed)) as server, self.opened() as sender:
            for _ in range(3):
                closed.clear()
                sender.send(HttpRequest("POST", server.url, {}, b"x"), timeout=QUICK)
                assert closed.wait(60)
        assert server.connections == len(server.received) == 3

    def test_a_connection_on_which_the_server_spoke_unasked_is_replaced(self) -> None:
        answered, spoken = threading.Event(), threading.Event()

        def script(connection: Connection) -> None:
            connection.request()
            connection.send(OK)
            answered.wait(60)  # so that what follows does not come with the answer
            connection.send(response("408 Request Timeout", b""))
            spoken.set()
            connection.wait_for_end()

        with ScriptedServer(script) as server, self.opened() as sender:
            for _ in range(2):
                answered.clear()
                spoken.clear()
                assert get(sender, server.url).status_code == 200
                answered.set()
                assert spoken.wait(60)
        assert server.connections == 2

    @pytest.mark.parametrize(("method", "data"), LEFT_OVER.values(), ids=LEFT_OVER)
    def test_what_comes_behind_an_answer_is_not_the_next_one(self, method: str, data: bytes) -> None:
        begun: list[Connection] = []

        def script(connection: Connection) -> None:
            while connection.request():
                begun.append(connection)
                connection.send(data if len(begun) == 1 else OK)

        with ScriptedServer(script) as server, self.opened() as sender:
            sender.send(HttpRequest(method, server.url), timeout=QUICK)
            assert [get(sender, server.url).body for _ in range(2)] == [b"{}"] * 2
        assert len(begun) == 3
        # More of it may be on its way, and would come after the next request.
        assert begun[0] is not begun[1] is begun[2]

    def test_a_connection_that_the_server_closes_on_the_second_request_is_not_retried(self) -> None:
        def script(connection: Connection) -> None:
            connection.request()
            connection.send(OK)
            connection.request()

        with ScriptedServer(script) as server, self.opened() as sender:
            get(sender, server.url)
            failing(sender, server.url, ProtocolError)
        assert (server.connections, len(server.received)) == (1, 2)

    @pytest.mark.parametrize("script", [BROKEN["short body"], BROKEN["bad chunk"]], ids=["short body", "bad chunk"])
    def test_a_broken_connection_is_not_used_again(self, script: Script) -> None:
        with ScriptedServer(in_turn([script, answer(OK)])) as server, self.opened() as sender:
            failing(sender, server.url, ProtocolError)
            assert get(sender, server.url).status_code == 200
        assert server.connections == 2

    def test_a_connection_with_a_body_beyond_the_limit_is_not_used_again(self) -> None:
        scripts = [answer(response("200 OK", bytes(2**20))), answer(OK)]
        with ScriptedServer(in_turn(scripts)) as server, self.opened(max_body=100) as sender:
            with pytest.raises(ProtocolError):
                get(sender, server.url)
            assert get(sender, server.url).status_code == 200
        assert server.connections == 2


class OwnConnections(Suite):
    """What a transport does with connections of its own making."""

    def test_threads_reuse_their_connections(self) -> None:
        with ScriptedServer(echo) as server, self.opened() as sender:
            with ThreadPoolExecutor(32) as threads:
                list(threads.map(lambda n: get(sender, f"{server.url}/{n}"), range(320)))
            assert server.connections <= 32

    def test_there_are_as_many_connections_as_callers(self, caplog: pytest.LogCaptureFixture) -> None:
        together = threading.Barrier(CALLERS, timeout=60)

        def script(connection: Connection) -> None:
            while request := connection.request():
                together.wait()  # so many requests are under way at once
                connection.send(response("200 OK", request_target(request).encode()))

        def call(number: int) -> bytes:
            return get(sender, f"{server.url}/{number}", Timeout(connect=60, read=60, total=120)).body

        # Log records of warnings are what users see who have not set up any logging.
        with caplog.at_level(logging.WARNING), ScriptedServer(script) as server, self.opened() as sender:
            with ThreadPoolExecutor(CALLERS) as threads:
                bodies = list(threads.map(call, range(CALLERS * 3)))
            assert bodies == [b"/%d" % number for number in range(CALLERS * 3)]
            assert server.connections == CALLERS
        assert caplog.records == []

    def test_calls_that_are_under_way_at_a_close_go_on_and_leave_nothing_open(self) -> None:
        arrived, closed, ended = threading.Semaphore(0), threading.Event(), threading.Semaphore(0)

        def script(connection: Connection) -> None:
            try:
                while connection.request():
                    arrived.release()
                    closed.wait(30)
                    connection.send(OK)
            finally:
                ended.release()

        with ScriptedServer(script) as server, self.opened() as sender, ThreadPoolExecutor(4) as threads:
            calls = [threads.submit(get, sender, server.url) for _ in range(4)]
            assert all(arrived.acquire(timeout=30) for _ in calls)
            sender.close()
            closed.set()
            assert [call.result().status_code for call in calls] == [200] * 4
            assert all(ended.acquire(timeout=30) for _ in calls)

    def test_a_call_after_a_close_opens_anew(self) -> None:
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            for _ in range(3):
                assert get(sender, server.url).status_code == 200
                sender.close()
        assert server.connections == 3

    def test_a_name_is_looked_up_once_for_a_connection(self, monkeypatch: pytest.MonkeyPatch) -> None:
        getaddrinfo, asked = socket.getaddrinfo, list[object]()

        def recorded(host: Any, *rest: Any, **options: Any) -> Any:
            if host in {"one.test", b"one.test"}:
                asked.append(host)
                host = "127.0.0.1"
            return getaddrinfo(host, *rest, **options)

        monkeypatch.setattr(socket, "getaddrinfo", recorded)
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            for _ in range(2):
                get(sender, f"http://one.test:{server.port}/")
        assert len(asked) == 1

    def test_close_closes_what_the_transport_made(self) -> None:
        ended = threading.Event()
        with ScriptedServer(idle_until_closed(ended)) as server, self.opened() as sender:
            get(sender, server.url)
            assert not ended.is_set()
            sender.close()
            assert ended.wait(60)
