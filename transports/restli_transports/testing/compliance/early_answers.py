"""Answers that come before a large request is sent: a 413 or a 401 is the answer, whatever the server does then.

the server then             it is the answer
reads on                    for every transport
closes, or resets           for every transport; over TLS for those that make their connections by themselves
reads no more               for those whose connections are not a library's plain ones
"""

from __future__ import annotations

from typing import Final

import pytest

from restli_core.messages import HttpRequest, HttpResponse
from restli_transports.testing.compliance.scripts import CHUNKED_HEAD, OK
from restli_transports.testing.compliance.senders import QUICK, Sender
from restli_transports.testing.compliance.suite import Suite
from restli_transports.testing.compliance.surroundings import speaking_tls
from restli_transports.testing.scripted_server import Connection, Script, ScriptedServer, in_turn, response

__all__ = ["ExactEarlyAnswers", "GivenEarlyAnswers", "OwnEarlyAnswers"]

TOO_LARGE: Final = response("413 Content Too Large", b'{"status":413}', "Connection: close")
UNAUTHORIZED: Final = response("401 Unauthorized", b'{"status":401}')
BODY: Final = bytes(2**23)  # more than the buffers of the system take


def closing(connection: Connection) -> None:
    """Answer and close, with most of the request unread: the system resets the connection."""
    connection.take(1)
    connection.send(TOO_LARGE)


def resetting(connection: Connection) -> None:
    """Answer, and reset once the client has had time to read."""
    connection.take(1)
    connection.send(TOO_LARGE)
    connection.pause(0.05)
    connection.reset()


def reading_no_more(connection: Connection) -> None:
    """Answer, keep the connection open, and leave the request unread."""
    connection.take(1)
    connection.send(UNAUTHORIZED)
    connection.pause()


def answering_slowly(connection: Connection) -> None:
    """Answer in two pieces, and leave the request unread."""
    connection.take(1)
    connection.send(TOO_LARGE[:40])
    connection.pause(0.05)
    connection.send(TOO_LARGE[40:])
    connection.pause()


def answering_late(connection: Connection) -> None:
    """Answer in pieces once the client can send no more, and leave the request unread."""
    connection.take(1)
    connection.pause(0.2)
    connection.send(CHUNKED_HEAD.replace(b"200 OK", b"413 Large"))
    connection.pause(0.05)
    connection.send(b'e\r\n{"status":413}\r\n')
    connection.pause(0.05)
    connection.send(b"0\r\nX-A: b\r\n\r\n")
    connection.pause()


LEAVING: Final[dict[str, tuple[Script, int]]] = {"closes": (closing, 413), "resets": (resetting, 413)}
STAYING: Final[dict[str, tuple[Script, int]]] = {
    "reads no more": (reading_no_more, 401),
    "answers slowly": (answering_slowly, 413),
    "answers late": (answering_late, 413),
}


def post(sender: Sender, url: str) -> HttpResponse:
    """Send a large request."""
    return sender.send(HttpRequest("POST", url, {}, BODY), timeout=QUICK)


class GivenEarlyAnswers(Suite):
    """What every transport makes of them."""

    @pytest.mark.parametrize(("script", "status"), LEAVING.values(), ids=LEAVING)
    def test_an_answer_before_which_the_body_was_not_read(self, script: Script, status: int) -> None:
        with ScriptedServer(script) as server, self.opened() as sender:
            got = post(sender, server.url)
        assert (got.status_code, got.body) == (status, b'{"status":%d}' % status)

    def test_an_early_answer_of_a_server_that_reads_on(self) -> None:
        def script(connection: Connection) -> None:
            connection.take(1)
            connection.send(UNAUTHORIZED)
            connection.request()
            connection.wait_for_end()

        with ScriptedServer(script) as server, self.opened() as sender:
            assert post(sender, server.url).status_code == 401

    def test_an_early_success_ends_nothing(self) -> None:
        def script(connection: Connection) -> None:
            connection.take(1)
            connection.send(OK[:-2])
            connection.request()
            connection.send(OK[-2:])

        with ScriptedServer(script) as server, self.opened() as sender:
            assert post(sender, server.url).body == b"{}"
        assert len(server.received[0]) > len(BODY)


class ExactEarlyAnswers(Suite):
    """What a transport makes of them whose connections are not a library's plain ones."""

    @pytest.mark.parametrize(("script", "status"), STAYING.values(), ids=STAYING)
    def test_an_early_answer_ends_the_sending(self, script: Script, status: int) -> None:
        with ScriptedServer(script) as server, self.opened() as sender:
            got = post(sender, server.url)
        assert (got.status_code, got.body) == (status, b'{"status":%d}' % status)

    def test_what_was_not_sent_is_not_made_up_for_by_the_next_request(self) -> None:
        def second(connection: Connection) -> None:
            connection.request()
            connection.send(OK)

        with ScriptedServer(in_turn([reading_no_more, second])) as server, self.opened() as sender:
            assert [post(sender, server.url).status_code for _ in range(2)] == [401, 200]
        assert server.connections == 2

    def test_an_interim_answer_ends_nothing(self) -> None:
        def script(connection: Connection) -> None:
            connection.take(1)
            connection.send(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n")
            connection.request()
            connection.send(OK)

        with ScriptedServer(script) as server, self.opened() as sender:
            assert post(sender, server.url).status_code == 200
        assert len(server.received[0]) > len(BODY)


class OwnEarlyAnswers(Suite):
    """What a transport makes of them that makes its connections by itself: the same over TLS."""

    @pytest.mark.usefixtures("trusted")
    @pytest.mark.parametrize(("script", "status"), (LEAVING | STAYING).values(), ids=LEAVING | STAYING)
    def test_an_early_answer_over_tls(self, script: Script, status: int) -> None:
        with ScriptedServer(script, tls=speaking_tls()) as server, self.opened() as sender:
            got = post(sender, server.url)
        assert (got.status_code, got.body) == (status, b'{"status":%d}' % status)
