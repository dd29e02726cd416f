"""What only the transport over urllib3 promises: its own pool and the proxies of the environment, and given pools."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from unittest import mock

import pytest
import urllib3

from restli_core import HttpRequest, InvalidCallError
from restli_transports.testing.compliance.scripts import OK
from restli_transports.testing.compliance.senders import QUICK, get, sending
from restli_transports.testing.compliance.surroundings import plain_environment
from restli_transports.testing.compliance.wire_view import request_target, values_of
from restli_transports.testing.scripted_server import ScriptedServer, answer
from restli_transports.urllib3 import EnvironmentPools, Urllib3Transport
from restli_transports.wire import parse_url
from restli_transports.wire.urllib3_connections import MAX_IDLE_CONNECTIONS, keeps_targets


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plain_environment(monkeypatch, tmp_path)


def test_the_pool_of_its_own_keeps_targets_and_connections() -> None:
    transport = Urllib3Transport()
    assert isinstance(transport.session, EnvironmentPools)
    assert keeps_targets(transport.session)
    assert transport.session.connection_from_url("http://a.test/").pool.maxsize == MAX_IDLE_CONNECTIONS  # type: ignore[union-attr]
    transport.close()


def test_a_given_pool_is_the_session_and_outlives_close() -> None:
    with urllib3.PoolManager() as pool:
        transport = Urllib3Transport(pool)
        assert transport.session is pool
        kept = pool.connection_from_url("http://a.test/")
        transport.close()
        assert pool.connection_from_url("http://a.test/") is kept


@pytest.mark.sockets
def test_a_pool_of_one_host() -> None:
    with (
        ScriptedServer(answer(OK)) as server,
        urllib3.HTTPConnectionPool("127.0.0.1", server.port) as pool,
        sending(Urllib3Transport(pool)) as sender,
    ):
        assert get(sender, f"{server.url}/a?b").status_code == 200
        with pytest.raises(InvalidCallError, match="pool's host"):
            get(sender, "http://elsewhere.test/")
    assert request_target(server.received[0]) == "/a?b"


@pytest.mark.sockets
def test_what_the_pool_writes_by_itself_is_replaced_whatever_its_case() -> None:
    headers = {"ACCEPT": "x/y", "hOsT": "b.test", "accept-ENCODING": "gzip"}
    with ScriptedServer(answer(OK)) as server, urllib3.ProxyManager(server.url) as proxy:
        Urllib3Transport(proxy).send(HttpRequest("GET", "http://a.test/b", headers), timeout=QUICK)
    (request,) = server.received
    assert request.startswith(b"GET http://a.test/b HTTP/1.1\r\n")
    assert [values_of(request, name.lower()) for name in headers] == [["x/y"], ["b.test"], ["gzip"]]


@pytest.mark.sockets
def test_environment_pools_by_themselves_go_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer(answer(OK)) as server:
        monkeypatch.setenv("http_proxy", server.url.replace("//", "//user:se%20cret@"))
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        pools = EnvironmentPools()
        assert pools.request("GET", "http://a.test/b").data == b"{}"
        assert pools.request("GET", f"{server.url}/direct").data == b"{}"
        pools.clear()
    proxied, direct = server.received
    assert request_target(proxied) == "http://a.test/b"
    assert values_of(proxied, "proxy-authorization") == ["Basic dXNlcjpzZSBjcmV0"]
    assert request_target(direct) == "/direct"
    assert values_of(direct, "proxy-authorization") == []
    assert values_of(proxied, "accept-encoding") == values_of(direct, "accept-encoding") != []


@pytest.mark.sockets
def test_close_closes_the_connections_to_proxies_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer(answer(OK)) as server:
        monkeypatch.setenv("http_proxy", server.url)
        with sending(Urllib3Transport()) as sender:
            for _ in range(2):
                get(sender, "http://a.test/")
            assert server.connections == 1
            sender.close()
            get(sender, "http://a.test/")
        assert server.connections == 2


@pytest.mark.sockets
def test_the_library_s_response_is_as_it_is_after_reading_it() -> None:
    with ScriptedServer(answer(OK)) as server, sending(Urllib3Transport()) as sender:
        native = get(sender, f"{server.url}/a?b").native
    assert isinstance(native, urllib3.HTTPResponse)
    assert (native.status, native.reason, native.version_string, native.url) == (200, "OK", "HTTP/1.1", "/a?b")
    assert native.headers["Content-Length"] == "2"
    assert native.data == b"{}"
    assert native.json() == {}


@pytest.mark.sockets
def test_a_header_of_a_given_pool_that_comes_twice_goes_out_twice() -> None:
    headers = urllib3.HTTPHeaderDict([("X-A", "1"), ("x-a", "2"), ("X-B", "3")])
    with (
        ScriptedServer(answer(OK)) as server,
        urllib3.PoolManager(headers=headers) as pool,
        sending(Urllib3Transport(pool)) as sender,
    ):
        sender.send(HttpRequest("GET", server.url, {"x-b": "4"}), timeout=QUICK)
    assert values_of(server.received[0], "x-a") == ["1", "2"]
    assert values_of(server.received[0], "x-b") == ["4"]


@pytest.mark.sockets
def test_a_pool_is_found_once_and_forgotten_with_its_connections() -> None:
    with ScriptedServer(answer(OK)) as server:
        transport = Urllib3Transport()
        pools = transport.session
        assert isinstance(pools, EnvironmentPools)
        with mock.patch.object(pools, "connection_from_url", wraps=pools.connection_from_url) as find:
            for _ in range(2):
                transport.send(HttpRequest("GET", server.url), timeout=QUICK)
            assert find.call_count == 1
            transport.close()
            transport.send(HttpRequest("GET", server.url), timeout=QUICK)
            assert find.call_count == 2
        transport.close()


def test_pools_that_nobody_holds_are_not_kept_for_being_found_again() -> None:
    pools = EnvironmentPools()
    url = parse_url("http://a.test/")
    pool = weakref.ref(pools._pool_of(url))  # pyright: ignore[reportPrivateUsage]
    pools.pools.clear()
    gc.collect()
    assert pool() is None
