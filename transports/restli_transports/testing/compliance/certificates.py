"""TLS: a server is trusted by its certificate, as the environment says, and only then is anything sent to it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from restli_core.base_errors import RestliWarning
from restli_core.errors import ConnectError, ProtocolError
from restli_transports.client import RestliClient
from restli_transports.testing.compliance.scripts import OK, answer_once
from restli_transports.testing.compliance.senders import Sender, failing, get
from restli_transports.testing.compliance.suite import Suite
from restli_transports.testing.compliance.surroundings import authority, speaking_tls
from restli_transports.testing.compliance.wire_view import request_target
from restli_transports.testing.scripted_server import Connection, ScriptedServer, answer
from restli_transports.wire.tls import CERTIFICATE_VARIABLES

__all__ = ["GivenCertificates", "OwnCertificates"]


def _failing_call(sender: Sender, url: str) -> ConnectError:
    """Return the error of a client's call, which must be one; the client may repeat it."""
    with pytest.raises(ConnectError) as caught:
        RestliClient(sender, base_url=url).get("/me")
    return caught.value


class GivenCertificates(Suite):
    """Whom every transport trusts."""

    def test_an_untrusted_certificate(self) -> None:
        with ScriptedServer(answer(OK), tls=speaking_tls()) as server, self.opened() as sender:
            error = failing(sender, server.url, ConnectError)
        assert "certificate" in str(error).lower()
        assert not server.received

    def test_a_client_asks_a_server_that_is_not_trusted_once(self) -> None:
        with ScriptedServer(answer(OK), tls=speaking_tls()) as server, self.opened() as sender:
            error = _failing_call(sender, server.url)
        assert (len(error.attempts), server.received) == (1, [])


class OwnCertificates(Suite):
    """Whom a transport trusts that makes its connections by itself: those whom the environment trusts."""

    @pytest.mark.usefixtures("trusted")
    def test_a_certificate_of_another_host(self) -> None:
        with ScriptedServer(answer(OK), tls=speaking_tls("other.test")) as server, self.opened() as sender:
            failing(sender, server.url, ConnectError)
        assert not server.received

    @pytest.mark.usefixtures("trusted")
    def test_a_client_asks_a_server_with_another_ones_certificate_once(self) -> None:
        with ScriptedServer(answer(OK), tls=speaking_tls("other.test")) as server, self.opened() as sender:
            error = _failing_call(sender, server.url)
        assert (len(error.attempts), server.received) == (1, [])

    @pytest.mark.usefixtures("trusted")
    def test_a_trusted_certificate(self) -> None:
        with ScriptedServer(answer(OK), tls=speaking_tls()) as server, self.opened() as sender:
            answers = [get(sender, f"{server.url}/a%2e[]") for _ in range(3)]
        assert [got.status_code for got in answers] == [200] * 3
        assert [request_target(request) for request in server.received] == ["/a%2e[]"] * 3
        assert server.connections == 1

    @pytest.mark.parametrize("name", CERTIFICATE_VARIABLES)
    def test_each_variable_that_names_certificates_is_read(
        self, name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.delenv("SSL_CERT_FILE")
        folder = tmp_path / "trusted"
        folder.mkdir()
        authority().cert_pem.write_to_path(str(folder / "ca.pem"))
        monkeypatch.setenv(name, str(folder if name == "SSL_CERT_DIR" else folder / "ca.pem"))
        with ScriptedServer(answer(OK), tls=speaking_tls()) as server, self.opened() as sender:
            assert get(sender, server.url).status_code == 200

    @pytest.mark.usefixtures("trusted")
    @pytest.mark.parametrize("name", ["SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
    def test_a_variable_that_cannot_be_read_is_ignored_with_a_warning(
        self, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(name, "/no/such/thing")
        warned = pytest.warns(RestliWarning, match=name)
        with ScriptedServer(answer(OK), tls=speaking_tls()) as server, warned, self.opened() as sender:
            assert get(sender, server.url).status_code == 200

    def test_an_error_names_the_variable_that_would_help(self) -> None:
        with ScriptedServer(answer(OK), tls=speaking_tls()) as server, self.opened() as sender:
            error = failing(sender, server.url, ConnectError)
        assert "in SSL_CERT_FILE" in str(error)

    @pytest.mark.usefixtures("trusted")
    def test_a_tls_connection_that_the_server_closed_is_replaced(self) -> None:
        closed = threading.Event()
        with ScriptedServer(answer_once(closed), tls=speaking_tls()) as server, self.opened() as sender:
            for _ in range(2):
                closed.clear()
                assert get(sender, server.url).status_code == 200
                assert closed.wait(60)
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
