"""TLS of connections whose user has given no settings: whom they trust; the handshakes are made in memory."""

from __future__ import annotations

import ssl
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

from restli_core import InvalidCallError
from restli_transports.wire.tls import check_certificates, strict_context, verifying_context


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)


class Ends:
    """Both ends of a TLS connection, each of which reads what the other has written."""

    def __init__(self, context: ssl.SSLContext, authority: trustme.CA, name: str) -> None:
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("a.test").configure_cert(server)
        server.set_alpn_protocols(["h2", "http/1.1"])
        self.to_client, self.to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.client = context.wrap_bio(self.to_client, self.to_server, server_hostname=name)
        self.server = server.wrap_bio(self.to_server, self.to_client, server_side=True)

    def shake_hands(self) -> None:
        for _ in range(4):
            for end in (self.client, self.server):
                try:
                    end.do_handshake()
                except ssl.SSLWantReadError:
                    continue


@pytest.mark.parametrize("context", [verifying_context, strict_context], ids=["verifying", "strict"])
def test_certificate_and_name_are_verified(
    context: Callable[[], ssl.SSLContext], authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    ends = Ends(context(), authority, "a.test")
    ends.shake_hands()
    assert ends.client.getpeercert()
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        Ends(context(), authority, "b.test").shake_hands()
    with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"):
        Ends(context(), trustme.CA(), "a.test").shake_hands()


def test_without_variables_the_system_and_certifi_are_trusted() -> None:
    context = verifying_context()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.cert_store_stats()["x509_ca"] > 10


def test_certifi_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "certifi", None)
    assert verifying_context().verify_mode is ssl.CERT_REQUIRED


def test_what_the_environment_names_is_all_that_is_trusted(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert verifying_context().cert_store_stats()["x509_ca"] == 1


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
@pytest.mark.parametrize("function", [check_certificates, verifying_context, strict_context], ids=lambda f: f.__name__)
def test_certificates_that_are_not_there(
    function: Callable[[], object], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "/no/such/thing")
    with pytest.raises(InvalidCallError, match="names nothing that is there: /no/such/thing") as caught:
        function()
    assert caught.value.argument == f"{name} in the environment"


def test_a_folder_is_not_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    check_certificates()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path))
    with pytest.raises(InvalidCallError, match="SSL_CERT_FILE"):
        check_certificates()


def test_the_strict_one_tells_the_end_of_a_stream_from_its_being_cut(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    ends = Ends(strict_context(), authority, "a.test")
    ends.shake_hands()
    ends.to_client.write_eof()
    with pytest.raises(ssl.SSLEOFError):
        ends.client.read(1)


def test_the_strict_one_speaks_http_1(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    ends = Ends(strict_context(), authority, "a.test")
    ends.shake_hands()
    assert ends.client.selected_alpn_protocol() == "http/1.1"
