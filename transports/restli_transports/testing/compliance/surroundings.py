"""What is around a transport: the certificates it trusts, the environment, hosts and ports."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Generator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import trustme

if TYPE_CHECKING:
    import pytest

__all__ = [
    "authority",
    "deaf_port",
    "plain_environment",
    "refusing_port",
    "speaking_tls",
    "trust",
    "two_addresses",
    "unknown_ca",
]


@cache
def authority() -> trustme.CA:
    """Return the authority that has signed the certificates of the servers here; it is made once."""
    return trustme.CA()


@cache
def unknown_ca() -> trustme.CA:
    """Return an authority that has signed nothing.

    To trust it alone is to trust nobody, and quick, whereas to read all that the system trusts takes a while.
    """
    return trustme.CA()


@cache
def speaking_tls(*names: str) -> ssl.SSLContext:
    """Return a server's side of TLS, with a certificate for these names; for loopback by default."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert(*(names or ("127.0.0.1", "localhost"))).configure_cert(context)
    return context


def trust(ca: trustme.CA, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let the environment trust this authority, and no other."""
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))


def plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let the environment have no proxies and no .netrc, and trust nobody."""
    for scheme in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{scheme}_proxy", raising=False)
        monkeypatch.delenv(f"{scheme}_proxy".upper(), raising=False)
    for name in ("SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    trust(unknown_ca(), monkeypatch, tmp_path)


def refusing_port() -> int:
    """Return a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@contextlib.contextmanager
def deaf_port() -> Generator[int]:
    """Return a port that does not react to attempts to connect: its queue is full."""
    with contextlib.ExitStack() as sockets:
        listener = sockets.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):
            filler = sockets.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


def two_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the host two.test two addresses; a server may be at the second."""
    getaddrinfo = socket.getaddrinfo

    def with_two(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        hosts = ["127.0.0.2", "127.0.0.1"] if host in {"two.test", b"two.test"} else [host]
        return [found for each in hosts for found in getaddrinfo(each, port, *rest, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", with_two)
