"""What fails: no connection is a ConnectError, a broken exchange a ProtocolError, and neither is tried again.

not sent                    ConnectError     nothing can have happened
sent, and it broke off      ProtocolError    anything may have happened; see `raw_answers` too
sent, and a limit passed    see `time_limits`
"""

from __future__ import annotations

import gzip
import traceback
import zlib
from typing import Any, Final

import pytest

from restli_core.errors import ConnectError, ProtocolError, TransportError
from restli_core.messages import HttpRequest
from restli_transports.client import RestliClient
from restli_transports.testing.compliance.scripts import CHUNKED_HEAD, OK, after_request
from restli_transports.testing.compliance.senders import QUICK, check_error, failing, get
from restli_transports.testing.compliance.suite import Suite
from restli_transports.testing.compliance.surroundings import refusing_port, two_addresses
from restli_transports.testing.sample import sample_handlers
from restli_transports.testing.scripted_server import Connection, Script, ScriptedServer, answer, response
from restli_transports.testing.server import RestliServer

__all__ = ["BROKEN", "GivenFailures"]

# It stands in no line of the code that sends it, and so in no traceback.
REPEATED: Final = "a-secret-token"
GZIPPED: Final = gzip.compress(b"x" * 1000)
# Broken answers, after which the server closes.
BROKEN_ANSWERS: Final[dict[str, bytes]] = {
    "closes_without_an_answer": b"",
    "short body": b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
    "short body of an error": b"HTTP/1.1 500 No\r\nContent-Length: 10\r\n\r\nabc",
    "short chunk": CHUNKED_HEAD + b"5\r\nabc",
    "no last chunk": CHUNKED_HEAD + b"3\r\nabc\r\n",
    "bad chunk": CHUNKED_HEAD + b"3\r\nabc\r\nzz\r\nabc\r\n0\r\n\r\n",
    "negative chunk": CHUNKED_HEAD + b"-3\r\nabc\r\n0\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "garbage": b"\x00\x01\x02 garbage\r\n\r\n",
    "SSH": b"SSH-2.0-OpenSSH_9.6\r\n",
    "endless garbage": b"x" * 200_000,
    "no number": b"HTTP/1.1 abc OK\r\n\r\n",
    "another version": b"HTTP/7.0 200 OK\r\n\r\n",
    "header of 1 MB": b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 2**20 + b"\r\n\r\n",
    "headers of 1 MB": b"HTTP/1.1 200 OK\r\n" + b"X-A: aaaaa\r\n" * 100_000 + b"\r\n",
    "101": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    "no gzip": response("200 OK", b"hello", "Content-Encoding: gzip"),
    "corrupt gzip": response("200 OK", GZIPPED[:-8] + bytes(8), "Content-Encoding: gzip"),
    "no deflate": response("200 OK", b"\xff\xff\xff", "Content-Encoding: deflate"),
    "gzip cut short": response("200 OK", GZIPPED[:-9], "Content-Encoding: gzip"),
    "deflate cut short": response("200 OK", zlib.compress(b"x" * 1000)[:-5], "Content-Encoding: deflate"),
    "gzip with more after it": response("200 OK", GZIPPED + b"more", "Content-Encoding: gzip"),
}


def reset_after(data: bytes) -> Script:
    """Return a script that sends these bytes after the first request, and resets."""

    def script(connection: Connection) -> None:
        connection.request()
        connection.send(data)
        connection.reset()

    return script


BROKEN: Final[dict[str, Script]] = {
    "resets_without_an_answer": reset_after(b""),
    "resets_in_the_head": reset_after(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "resets_in_the_body": reset_after(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc"),
    **{name: after_request(data) for name, data in BROKEN_ANSWERS.items()},
}
"""Scripts that break an exchange off, or send what is not HTTP."""


class GivenFailures(Suite):
    """How every transport fails."""

    def test_refused(self) -> None:
        with self.opened() as sender:
            error = failing(sender, f"http://127.0.0.1:{refusing_port()}", ConnectError)
        assert "could not connect" in str(error)

    @pytest.mark.parametrize("host", ["no-such-host.invalid", f"{'a' * 64}.invalid", "a..invalid"])
    def test_no_such_host(self, host: str) -> None:
        with self.opened() as sender:
            failing(sender, f"http://{host}", ConnectError)

    @pytest.mark.parametrize("script", BROKEN.values(), ids=BROKEN)
    def test_a_broken_exchange_is_a_protocol_error_and_is_not_repeated(self, script: Script) -> None:
        with ScriptedServer(script) as server, self.opened() as sender:
            failing(sender, server.url, ProtocolError)
        assert len(server.received) == 1

    def test_a_server_that_repeats_what_it_was_sent_brings_no_secret_into_an_error(self) -> None:
        def script(connection: Connection) -> None:
            connection.send(b" ".join(connection.request().split()) + b"\r\n\r\n")

        with ScriptedServer(script) as server, self.opened() as sender, pytest.raises(ProtocolError) as caught:
            get(sender, server.url, Authorization=f"Bearer {REPEATED}")
        assert REPEATED not in "".join(traceback.format_exception(caught.value))
        # What the library had of the request, where its error keeps it.
        sent = getattr(caught.value.__cause__, "request", None)
        assert REPEATED not in repr(getattr(sent, "headers", None))

    def test_a_reset_while_sending(self) -> None:
        def script(connection: Connection) -> None:
            connection.take(1)
            connection.reset()

        # More than the buffers of the system take, so that the transport is still sending.
        with ScriptedServer(script) as server, self.opened() as sender, pytest.raises(TransportError) as caught:
            sender.send(HttpRequest("POST", server.url, {"Authorization": "x"}, bytes(2**24)), timeout=QUICK)
        check_error(caught.value, ProtocolError)

    def test_an_answer_before_the_body_was_read_is_an_answer_or_a_protocol_error(self) -> None:
        def script(connection: Connection) -> None:
            connection.send(response("413 Content Too Large", b"{}", "Connection: close"))
            connection.wait_for_end()

        with ScriptedServer(script) as server, self.opened() as sender:
            got = sender.send(HttpRequest("POST", server.url, {}, bytes(2**20)), timeout=QUICK)
        assert got.status_code == 413

    @pytest.mark.parametrize(
        "faults",
        [{"truncate": 3}, {"close": True}, {"reset": True}, {"raw": b"\0garbage\r\n\r\n"}],
        ids=["truncate", "close", "reset", "raw"],
    )
    def test_a_server_that_fails_is_not_asked_again(self, faults: dict[str, Any]) -> None:
        with RestliServer(sample_handlers()) as server, self.opened() as sender:
            client = RestliClient(sender, base_url=server.base_url, retry=None)
            server.fail_next(**faults)
            with pytest.raises(ProtocolError):
                client.get_all("/adAccounts")
            assert client.get_all("/adAccounts").elements
            assert len(server.received) == 2

    def test_a_host_is_tried_at_each_of_its_addresses(self, monkeypatch: pytest.MonkeyPatch) -> None:
        two_addresses(monkeypatch)
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            assert get(sender, f"http://two.test:{server.port}/").status_code == 200

    def test_refused_at_all_addresses(self, monkeypatch: pytest.MonkeyPatch) -> None:
        two_addresses(monkeypatch)
        with self.opened() as sender:
            failing(sender, f"http://two.test:{refusing_port()}", ConnectError)
