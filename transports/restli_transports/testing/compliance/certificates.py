"""TLS: a server is trusted by its certificate, as the environment says, and only then is anything sent to it."""

from __future__ import annotations

import threading

import pytest

from restli_core.errors import ConnectError, ProtocolError
from restli_transports.testing.compliance.scripts import OK, answer_once
from restli_transports.testing.compliance.senders import failing, get
from restli_transports.testing.compliance.suite import Suite
from restli_transports.testing.compliance.surroundings import speaking_tls
from restli_transports.testing.compliance.wire_view import request_target
from restli_transports.testing.scripted_server import Connection, ScriptedServer, answer

__all__ = ["GivenCertificates", "OwnCertificates"]


class GivenCertificates(Suite):
    """Whom every transport trusts."""

    def test_an_untrusted_certificate(self) -> None:
        with ScriptedServer(answer(OK), tls=speaking_tls()) as server, self.opened() as sender:
            error = failing(sender, server.url, ConnectError)
        assert "certificate" in str(error).lower()
        assert not server.received


class OwnCertificates(Suite):
    """Whom a transport trusts that makes its connections by itself: those whom the environment trusts."""

    @pytest.mark.usefixtures("trusted")
    def test_a_certificate_of_another_host(self) -> None:
        with ScriptedServer(answer(OK), tls=speaking_tls("other.test")) as server, self.opened() as sender:
            failing(sender, server.url, ConnectError)
        assert not server.received

    @pytest.mark.usefixtures("trusted")
    def test_a_trusted_certificate(self) -> None:
        with ScriptedServer(answer(OK), tls=speaking_tls()) as server, self.opened() as sender:
            answers = [get(sender, f"{server.url}/a%2e[]") for _ in range(3)]
        assert [got.status_code for got in answers] == [200] * 3
        assert [request_target(request) for request in server.received] == ["/a%2e[]"] * 3
        assert server.connections == 1

    @pytest.mark.usefixtures("trusted")
    def test_a_tls_connection_that_the_server_closed_is_replaced(self) -> None:
        closed = threading.Event()
        with ScriptedServer(answer_once(closed), tls=speaking_tls()) as server, self.opened() as sender:
            for _ in range(2):
                closed.clear()
                assert get(sender, server.url).status_code == 200
                assert closed.wait(10)
        assert server.connections == 2

    def test_a_server_that_speaks_tls_where_http_was_expected(self) -> None:
        with ScriptedServer(answer(OK), tls=speaking_tls()) as server, self.opened() as sender:
            failing(sender, server.url.replace("https", "http"), ProtocolError)

    def test_a_server_that_does_not_speak_tls(self) -> None:
        with ScriptedServer(lambda connection: connection.send(OK)) as server, self.opened() as sender:
            failing(sender, server.url.replace("http", "https"), ConnectError)

    def test_a_server_that_closes_in_the_handshake(self) -> None:
        with ScriptedServer(Connection.close) as server, self.opened() as sender:
            failing(sender, server.url.replace("http", "https"), ConnectError)
