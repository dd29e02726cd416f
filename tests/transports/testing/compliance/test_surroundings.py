from __future__ import annotations

import os
import socket
import ssl
import sys
from pathlib import Path

import pytest
import trustme

from restli_transports.testing.compliance.surroundings import (
    authority,
    deaf_port,
    plain_environment,
    refusing_port,
    speaking_tls,
    trust,
    two_addresses,
    unknown_ca,
)
from restli_transports.testing.scripted_server import ScriptedServer, answer


def test_authorities_and_certificates_are_made_once() -> None:
    assert authority() is authority()
    assert unknown_ca() is unknown_ca()
    assert authority() is not unknown_ca()
    assert speaking_tls("a.test") is speaking_tls("a.test")
    assert speaking_tls("a.test") is not speaking_tls()


def test_the_environment_is_plain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "no_proxy", "NETRC", "REQUESTS_CA_BUNDLE", "SSL_CERT_DIR"):
        monkeypatch.setenv(name, "x")
    plain_environment(monkeypatch, tmp_path)
    left = {name for name in os.environ if name.lower().endswith("_proxy")}
    assert left | {"NETRC", "REQUESTS_CA_BUNDLE", "SSL_CERT_DIR"} & set(os.environ) == set()
    assert os.environ["HOME"] == str(tmp_path)
    assert Path(os.environ["SSL_CERT_FILE"]).read_bytes() == unknown_ca().cert_pem.bytes()


@pytest.mark.sockets
@pytest.mark.parametrize(("ca", "trusted"), [(authority, True), (unknown_ca, False)], ids=["ours", "unknown"])
def test_who_is_trusted(ca: type[trustme.CA], trusted: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    trust(ca(), monkeypatch, tmp_path)
    context = ssl.create_default_context()
    with ScriptedServer(answer(b"x"), tls=speaking_tls("localhost")) as server:
        sock = socket.create_connection(("127.0.0.1", server.port), timeout=60)
        if trusted:
            context.wrap_socket(sock, server_hostname="localhost").close()
        else:
            with pytest.raises(ssl.SSLCertVerificationError):
                context.wrap_socket(sock, server_hostname="localhost")


@pytest.mark.sockets
def test_nobody_listens_on_a_refusing_port() -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", refusing_port()), timeout=60)


@pytest.mark.sockets
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a full queue refuses")
def test_a_deaf_port_neither_accepts_nor_refuses() -> None:
    with deaf_port() as port, pytest.raises(TimeoutError):
        socket.create_connection(("127.0.0.1", port), timeout=0.01)


def test_one_host_has_two_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    two_addresses(monkeypatch)
    for host in ("two.test", b"two.test"):
        found = socket.getaddrinfo(host, 80, type=socket.SOCK_STREAM)
        assert [address[0] for *_, address in found] == ["127.0.0.2", "127.0.0.1"]
    [(*_, address)] = socket.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM)
    assert address == ("127.0.0.1", 80)
