"""TLS of connections whose user has given no settings: whom they trust; the handshakes are made in memory."""

from __future__ import annotations

import os
import ssl
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

from restli_core import RestliWarning
from restli_transports.wire.tls import (
    CERTIFICATE_VARIABLES,
    certificate_hint,
    readable_bundle,
    strict_context,
    verifying_context,
)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in CERTIFICATE_VARIABLES:
        monkeypatch.delenv(name, raising=False)


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


@pytest.mark.parametrize("name", CERTIFICATE_VARIABLES)
def test_each_variable_is_read(
    name: str, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv(name, str(tmp_path if name == "SSL_CERT_DIR" else tmp_path / "ca.pem"))
    context = verifying_context()
    assert context.cert_store_stats()["x509_ca"] == 1
    ends = Ends(context, authority, "a.test")
    ends.shake_hands()
    assert ends.client.getpeercert()


def test_what_several_variables_name_is_trusted_together(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in CERTIFICATE_VARIABLES:
        folder = tmp_path / name
        folder.mkdir()
        trustme.CA(organization_name=name).cert_pem.write_to_path(str(folder / "ca.pem"))
        monkeypatch.setenv(name, str(folder if name == "SSL_CERT_DIR" else folder / "ca.pem"))
    assert verifying_context().cert_store_stats()["x509_ca"] == len(CERTIFICATE_VARIABLES)


@pytest.mark.parametrize("name", ["SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_folder_may_have_certificates_under_their_hashes(
    name: str, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # OpenSSL looks them up by the hash of the subject only when it needs one: so this is not what it would find.
    authority.cert_pem.write_to_path(str(tmp_path / "01234567.0"))
    monkeypatch.setenv(name, str(tmp_path))
    assert verifying_context().cert_store_stats()["x509_ca"] == 0


def test_several_folders(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        trustme.CA(organization_name=name).cert_pem.write_to_path(str(tmp_path / name / "ca.crt"))
        (tmp_path / name / "README").write_text("not a certificate", encoding="utf-8")
        (tmp_path / name / "bad.pem").write_text("not a certificate", encoding="utf-8")
    monkeypatch.setenv("SSL_CERT_DIR", os.pathsep.join([str(tmp_path / "a"), "", str(tmp_path / "b")]))
    assert verifying_context().cert_store_stats()["x509_ca"] == 2


def unreadable(kind: str, tmp_path: Path) -> str:
    """Return a path to something that has no certificates that can be read."""
    path = tmp_path / kind
    if kind == "a text":
        path.write_text("no certificate", encoding="utf-8")
    elif kind == "cut":
        path.write_bytes(trustme.CA().cert_pem.bytes()[:200])
    elif kind == "an empty file":
        path.touch()
    elif kind == "an empty folder":
        path.mkdir()
    elif kind == "a pipe":
        os.mkfifo(path)
    return str(path)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *(
            ("SSL_CERT_FILE", kind)
            for kind in ("nothing", "a text", "cut", "an empty file", "an empty folder", "a pipe")
        ),
        ("SSL_CERT_DIR", "an empty folder"),
        ("SSL_CERT_DIR", "nothing"),
        ("REQUESTS_CA_BUNDLE", "a pipe"),
        ("CURL_CA_BUNDLE", "nothing"),
    ],
)
def test_what_cannot_be_read_is_ignored_with_a_warning(
    name: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = unreadable(kind, tmp_path)
    monkeypatch.setenv(name, path)
    with pytest.warns(RestliWarning, match=f"^{name} in the environment is ignored: it names certificates") as caught:
        context = verifying_context()
    (warning,) = caught
    assert path in str(warning.message)
    assert warning.filename == __file__
    assert context.cert_store_stats()["x509_ca"] > 10  # as if the variable were not there


def test_what_can_be_read_counts_beside_what_cannot(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/thing")
    monkeypatch.setenv("CURL_CA_BUNDLE", str(tmp_path / "ca.pem"))
    with pytest.warns(RestliWarning, match="SSL_CERT_FILE"):
        context = verifying_context()
    assert context.cert_store_stats()["x509_ca"] == 1


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in CERTIFICATE_VARIABLES:
        monkeypatch.setenv(name, "")
    assert verifying_context().cert_store_stats()["x509_ca"] > 10


def test_a_bundle_for_a_library(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert readable_bundle(*CERTIFICATE_VARIABLES) is None
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/thing")
    monkeypatch.setenv("CURL_CA_BUNDLE", str(tmp_path / "ca.pem"))
    with pytest.warns(RestliWarning, match="REQUESTS_CA_BUNDLE"):
        assert readable_bundle("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE") == str(tmp_path / "ca.pem")


def test_an_error_says_which_variable_would_help(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("CURL_CA_BUNDLE", str(tmp_path / "ca.pem"))
    with pytest.raises(ssl.SSLCertVerificationError) as untrusted:
        Ends(verifying_context(), trustme.CA(), "a.test").shake_hands()
    hint = certificate_hint(untrusted.value)
    assert "name the file with its authority's certificate in SSL_CERT_FILE" in hint
    assert hint.endswith("now CURL_CA_BUNDLE names all that is trusted")
    monkeypatch.delenv("CURL_CA_BUNDLE")
    assert "CURL_CA_BUNDLE" not in certificate_hint(untrusted.value)


def test_where_no_variable_would_help_none_is_named(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with pytest.raises(ssl.SSLCertVerificationError) as another_name:
        Ends(verifying_context(), authority, "b.test").shake_hands()
    assert certificate_hint(another_name.value) == certificate_hint(OSError("no route")) == ""


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
