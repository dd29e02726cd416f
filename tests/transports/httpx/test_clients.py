"""Clients of httpx: the one that a transport makes for itself, and what a given one must be."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import anyio
import httpx
import httpx2
import pytest

from restli_core import InvalidCallError
from restli_transports.httpx.clients import (
    KEEPALIVE_SECONDS,
    MAX_CONNECTIONS,
    check_client,
    client_settings,
    failures_of,
    in_coroutine,
    library_of,
)
from restli_transports.testing.compliance.surroundings import plain_environment
from restli_transports.wire import environment_proxies


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plain_environment(monkeypatch, tmp_path)


@pytest.mark.parametrize("kind", [httpx.Client, httpx.AsyncClient])
def test_a_client_of_either_kind_can_be_made_with_the_settings(kind: type[Any]) -> None:
    client = kind(**client_settings())
    assert client.headers["Accept-Encoding"] == "gzip, deflate"
    assert not client.follow_redirects


def test_connections_are_kept_as_long_as_gateways_keep_them() -> None:
    limits = client_settings()["limits"]
    assert (limits.max_connections, limits.max_keepalive_connections) == (None, MAX_CONNECTIONS)
    assert limits.keepalive_expiry == KEEPALIVE_SECONDS


def test_no_cookie_is_taken() -> None:
    with httpx.Client(**client_settings()) as client:
        request = httpx.Request("GET", "http://a.test/")
        client.cookies.extract_cookies(httpx.Response(200, headers={"Set-Cookie": "a=b"}, request=request))
        assert dict(client.cookies) == {}


@pytest.mark.parametrize(
    ("kind", "make_transport"),
    [(httpx.Client, httpx.HTTPTransport), (httpx.AsyncClient, httpx.AsyncHTTPTransport)],
    ids=["blocking", "async"],
)
def test_a_client_is_made_whatever_no_proxy_says(
    kind: type[Any], make_transport: type[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("all_proxy", "http://u:p@a.test")
    monkeypatch.setenv("no_proxy", "localhost,::1,[::1],10.0.0.0/8,fd00::/8")
    with pytest.raises(httpx.InvalidURL):
        kind()  # what httpx makes of it
    assert kind(**client_settings(make_transport, environment_proxies())).trust_env is False


class Mine(httpx2.Client):
    """A user's subclass, in a module of the user's."""


def test_the_library_of_a_client() -> None:
    assert library_of(httpx.Client()) is httpx
    assert library_of(httpx.AsyncClient()) is httpx
    assert library_of(httpx2.Client()) is httpx2
    assert library_of(Mine()) is httpx2
    assert library_of("anything else") is httpx


@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
def test_what_the_types_of_errors_say(library: Any) -> None:
    failures = failures_of(library)
    unsent = [library.ConnectError(""), library.ConnectTimeout(""), library.PoolTimeout(""), library.ProxyError("")]
    assert all(failures.is_unsent([error]) for error in unsent)
    assert [failures.is_timeout(error) for error in unsent] == [False, True, True, False]
    assert failures.is_timeout(library.ReadTimeout(""))
    assert failures.is_timeout(library.WriteTimeout(""))
    assert not failures.is_unsent([library.ReadTimeout(""), library.ReadError(""), library.RemoteProtocolError("")])


@pytest.mark.parametrize("kind", [httpx.Client, httpx2.Client])
def test_a_client_that_cannot_carry_a_request_as_it_is(kind: type[Any]) -> None:
    client = kind()
    check_client(client)
    client.params = {"a": "1"}
    with pytest.raises(InvalidCallError, match=r"^client: has params"):
        check_client(client)
    client.params = {}
    client.close()
    with pytest.raises(InvalidCallError, match=r"^client: is closed"):
        check_client(client)


def test_a_function_to_await() -> None:
    seen: list[tuple[int, int]] = []

    def record(first: int, *, second: int) -> None:
        seen.append((first, second))

    async def main() -> None:
        await in_coroutine(record)(1, second=2)

    assert inspect.iscoroutinefunction(in_coroutine(record))
    anyio.run(main)
    assert seen == [(1, 2)]
