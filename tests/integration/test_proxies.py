"""Proxies that the environment names, for the transports that go through them: urllib3, requests, httpx and aiohttp."""

from __future__ import annotations

import base64
import ssl
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from restli_core import ConnectError, InvalidCallError, RestliWarning
from restli_transports import AsyncRestliClient, RestliClient, Timeout
from restli_transports.testing.compliance.requests_sent import TARGETS
from restli_transports.testing.compliance.scripts import OK
from restli_transports.testing.compliance.senders import Sender, failing, get, sending
from restli_transports.testing.compliance.surroundings import (
    authority,
    plain_environment,
    refusing_port,
    speaking_tls,
    trust,
    unknown_ca,
)
from restli_transports.testing.compliance.wire_view import request_target, values_of
from restli_transports.testing.scripted_server import Connection, Script, ScriptedServer, answer
from tests.support.libraries import optional_imports

with optional_imports():
    import httpx
    import requests

    from restli_transports.aiohttp import AiohttpTransport
    from restli_transports.httpx import HttpxAsyncTransport, HttpxTransport
    from restli_transports.requests import RequestsTransport
    from restli_transports.urllib3 import Urllib3Transport

pytestmark = pytest.mark.sockets

Opening = Callable[[], AbstractContextManager[Sender]]

OWN: dict[str, Opening] = {
    "urllib3": lambda: sending(Urllib3Transport()),
    "requests": lambda: sending(RequestsTransport()),
    "httpx": lambda: sending(HttpxTransport()),
    "httpx-async": lambda: sending(HttpxAsyncTransport()),
    "aiohttp": lambda: sending(AiohttpTransport()),
    "httpx-trio": lambda: sending(HttpxAsyncTransport(), backend="trio"),
}
EXACT = {name: OWN[name] for name in ("urllib3", "requests", "aiohttp")}


def close_session(transport: Any) -> None:
    transport.session.close()


async def close_client(transport: Any) -> None:
    await transport.session.aclose()


# A given PoolManager goes where its owner says, a session and a client where the environment does.
GIVEN: dict[str, Opening] = {
    "requests-given": lambda: sending(RequestsTransport(requests.Session()), release=close_session),
    "httpx-given": lambda: sending(HttpxTransport(httpx.Client()), release=close_session),
    "httpx-async-given": lambda: sending(HttpxAsyncTransport(httpx.AsyncClient()), release=close_client),
}


def each(openings: dict[str, Opening]) -> pytest.MarkDecorator:
    """The test for each of these transports, as its argument `opening`."""
    return pytest.mark.parametrize("opening", openings.values(), ids=openings.keys())


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plain_environment(monkeypatch, tmp_path)
    trust(authority(), monkeypatch, tmp_path)


def proxying(tls: ssl.SSLContext | None = None, refusal: bytes = b"") -> Script:
    """A proxy that is the origin, too."""

    def script(connection: Connection) -> None:
        while request := connection.request():
            if request.startswith(b"CONNECT") and refusal:
                connection.send(refusal)
            elif request.startswith(b"CONNECT") and tls:
                connection.send(b"HTTP/1.1 200 Connected\r\nX-Proxy: 1\r\n\r\n")
                connection.start_tls(tls)
            else:
                connection.send(OK)

    return script


@each(OWN | GIVEN)
def test_http_proxy_from_the_environment(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer(proxying()) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.replace("//", "//user:se%20cret@"))
        with opening() as sender:
            get(sender, "http://origin.test:81/a?b=(c)", accept="x/y", Authorization="Bearer t")
    [request] = proxy.received
    assert request.startswith(b"GET http://origin.test:81/a?b=(c) HTTP/1.1\r\n")
    assert values_of(request, "host") == ["origin.test:81"]
    assert values_of(request, "accept") == ["x/y"]
    assert values_of(request, "authorization") == ["Bearer t"]
    assert values_of(request, "proxy-authorization") == ["Basic dXNlcjpzZSBjcmV0"]


@each(EXACT)
@pytest.mark.parametrize("target", TARGETS)
def test_a_proxy_is_given_the_target_byte_for_byte(
    opening: Opening, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedServer(proxying()) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        with opening() as sender:
            get(sender, f"http://user:secret@origin.test{target}")
    assert request_target(proxy.received[0]) == f"http://origin.test{target}"


@each(OWN)
def test_https_proxy_from_the_environment(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer(proxying(speaking_tls("origin.test"))) as proxy:
        monkeypatch.setenv("all_proxy", proxy.address)
        with opening() as sender:
            for _ in range(2):
                get(sender, "https://origin.test/a%2e[]", Authorization="Bearer t", Cookie="c=d")
    connect, *rest = proxy.received
    assert connect.startswith(b"CONNECT origin.test:443 HTTP/1.")
    assert b"Bearer" not in connect
    assert b"c=d" not in connect
    assert [request_target(request) for request in rest] == ["/a%2e[]"] * 2
    assert proxy.connections == 1


@each(OWN)
def test_no_proxy(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{refusing_port()}")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with ScriptedServer(answer(OK)) as server, opening() as sender:
        assert get(sender, server.url).status_code == 200


@each(OWN)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_refuses_connections(opening: Opening, scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", f"http://user:secret@127.0.0.1:{refusing_port()}")
    with opening() as sender:
        failing(sender, f"{scheme}://origin.test", ConnectError)


@each(OWN)
@pytest.mark.parametrize(
    "refusal", [b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", b"garbage\r\n\r\n"]
)
def test_a_proxy_that_opens_no_tunnel(opening: Opening, refusal: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer(proxying(refusal=refusal)) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        with opening() as sender:
            failing(sender, "https://origin.test", ConnectError)


@each(OWN)
def test_a_proxy_that_drips_cannot_outlast_the_connect_limit(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    def script(connection: Connection) -> None:
        connection.request()
        connection.drip(b"HTTP/1.1 200 Connected\r\n\r\n" + bytes(40), 0.03)

    with ScriptedServer(script) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        with opening() as sender:
            error = failing(sender, "https://origin.test", ConnectError, Timeout(connect=0.3, read=60, total=120))
    assert "0.3 s" in str(error)


@each({name: OWN[name] for name in ("httpx", "httpx-async")})
def test_what_httpx_would_change_goes_through_no_proxy(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer(proxying()) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        with opening() as sender, pytest.raises(InvalidCallError, match="httpx would change"):
            get(sender, "http://origin.test/a/../b")
    assert not proxy.received


@each(OWN)
@pytest.mark.parametrize(
    "url", ["socks5://127.0.0.1:1", "ftp://127.0.0.1:1", "http://user:secret@[bad", "http://a:99999"]
)
@pytest.mark.parametrize("variable", ["all_proxy", "HTTP_PROXY"])
def test_a_proxy_that_cannot_be_read_is_ignored_with_a_warning(
    opening: Opening, variable: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, url)
    warned = pytest.warns(RestliWarning, match=f"^{variable} in the environment")
    with ScriptedServer(answer(OK)) as server, warned as caught, opening() as sender:
        assert get(sender, server.url).status_code == 200
    assert "secret" not in str(caught[0].message)


@each(OWN | {"requests-given": GIVEN["requests-given"]})
@pytest.mark.parametrize(
    "exceptions",
    ["127.0.0.0/8", "localhost,::1,[::1] 127.0.0.1", "127.0.0.1:{port}", "::ffff:127.0.0.1", "10.*,127.0.0.1", "a,*"],
)
def test_no_proxy_is_read_alike_by_all(opening: Opening, exceptions: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer(answer(OK)) as server, warnings.catch_warnings():
        warnings.simplefilter("ignore", RestliWarning)  # of the one that cannot be read
        monkeypatch.setenv("all_proxy", f"http://127.0.0.1:{refusing_port()}")
        monkeypatch.setenv("no_proxy", exceptions.format(port=server.port))
        with opening() as sender:
            assert get(sender, server.url).status_code == 200


@each(OWN | {"requests-given": GIVEN["requests-given"]})
@pytest.mark.parametrize(
    "exceptions", ["[::1]", "10.0.0.0/8,fd00::/8", "127.0.0.1:1", "origin.test:81", "*.origin.test"]
)
def test_what_no_proxy_does_not_name_goes_through(
    opening: Opening, exceptions: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedServer(proxying()) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", exceptions)
        with opening() as sender:
            get(sender, "http://origin.test/a")
    assert request_target(proxy.received[0]) == "http://origin.test/a"


@pytest.mark.parametrize("client", [RestliClient, AsyncRestliClient])
def test_clients_can_be_made_whatever_the_environment_says(client: type[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:3128")
    monkeypatch.setenv("NO_PROXY", "localhost,::1,[::1]")
    client()


@each(OWN)
def test_a_user_of_any_alphabet_is_sent_in_utf_8(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer(proxying()) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.replace("//", "//%D1%8F:%E2%82%AC@"))
        with opening() as sender:
            get(sender, "http://origin.test/")
    expected = base64.b64encode("я:€".encode()).decode()
    assert values_of(proxy.received[0], "proxy-authorization") == [f"Basic {expected}"]


@each(OWN)
def test_a_proxy_that_speaks_tls(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer(proxying(), tls=speaking_tls()) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        with opening() as sender:
            get(sender, "http://origin.test/a", Authorization="Bearer t")
    assert request_target(proxy.received[0]) == "http://origin.test/a"


@each(OWN)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_nobody_vouches_for_is_told_nothing(
    opening: Opening, scheme: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    trust(unknown_ca(), monkeypatch, tmp_path)
    with ScriptedServer(proxying(speaking_tls("origin.test")), tls=speaking_tls()) as proxy:
        monkeypatch.setenv("all_proxy", proxy.url)
        with opening() as sender:
            failing(sender, f"{scheme}://origin.test", ConnectError)
    assert not proxy.received
