"""Connections: a good one is used again, a doubtful one never, and no request is sent twice over two."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest

from restli_core.errors import ProtocolError
from restli_core.messages import HttpRequest
from restli_transports.testing.compliance.failures import BROKEN
from restli_transports.testing.compliance.scripts import OK, answer_once, chunked, echo, idle_until_closed
from restli_transports.testing.compliance.senders import QUICK, failing, get
from restli_transports.testing.compliance.suite import Suite
from restli_transports.testing.scripted_server import Connection, Script, ScriptedServer, answer, in_turn, response

__all__ = ["GivenConnections", "OwnConnections"]

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

    def test_close_closes_what_the_transport_made(self) -> None:
        ended = threading.Event()
        with ScriptedServer(idle_until_closed(ended)) as server, self.opened() as sender:
            get(sender, server.url)
            assert not ended.is_set()
            sender.close()
            assert ended.wait(60)
