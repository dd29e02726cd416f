"""Clients of httpx: the one that a transport makes for itself, and what a given one must be."""

from __future__ import annotations

import inspect
import sys
from typing import Any

import anyio
import httpx
import httpx2
import pytest

from restli_core import InvalidCallError
from restli_transports.httpx.clients import (
    check_client,
    client_settings,
    failures_of,
    in_coroutine,
    installed_library,
    library_of,
)


@pytest.mark.parametrize("kind", [httpx.Client, httpx.AsyncClient, httpx2.Client, httpx2.AsyncClient])
def test_a_client_of_either_kind_can_be_made_with_the_settings(kind: type[Any]) -> None:
    client = kind(**client_settings(None))
    assert client.headers["Accept-Encoding"] == "gzip, deflate"
    assert not client.follow_redirects


def test_no_cookie_is_taken() -> None:
    with httpx.Client(**client_settings(None)) as client:
        request = httpx.Request("GET", "http://a.test/")
        client.cookies.extract_cookies(httpx.Response(200, headers={"Set-Cookie": "a=b"}, request=request))
        assert dict(client.cookies) == {}


def test_httpx_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    assert installed_library() is httpx
    monkeypatch.setitem(sys.modules, "httpx", None)
    assert installed_library() is httpx2
    assert library_of("anything else") is httpx2
    monkeypatch.setitem(sys.modules, "httpx2", None)
    with pytest.raises(ModuleNotFoundError, match="httpx") as caught:
        installed_library()
    assert caught.value.name == "httpx"


def test_a_library_that_lacks_something_is_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "httpx"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "httpcore", None)
    monkeypatch.setitem(sys.modules, "anyio", None)
    monkeypatch.setitem(sys.modules, "idna", None)
    monkeypatch.setitem(sys.modules, "certifi", None)
    with pytest.raises(ModuleNotFoundError) as caught:
        installed_library()
    assert caught.value.name != "httpx"


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
