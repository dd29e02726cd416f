"""What all clients share: a transport, given or by default, and closing it."""

from __future__ import annotations

import asyncio
import pickle
import sys
from collections.abc import Awaitable, Callable
from copy import copy, deepcopy
from typing import Any

import pytest

from restli_core import HttpRequest, HttpResponse, InvalidCallError, get
from restli_transports import AsyncAuthClient, AsyncRestliClient, AuthClient, RestliClient, Timeout
from restli_transports.testing.fake import FakeTransport
from restli_transports.tokens import AsyncFixedSource
from tests.support.libraries import optional_imports
from tests.support.recorders import AsyncBare, AsyncRecorder, Bare, Recorder

with optional_imports():
    import httpx
    import requests

    from restli_transports.h11 import H11AsyncTransport

KINDS: dict[str, Callable[[Any], Any]] = {
    "RestliClient": RestliClient,
    "AsyncRestliClient": AsyncRestliClient,
    "AuthClient": lambda transport: AuthClient("app", transport=transport),
    "AsyncAuthClient": lambda transport: AsyncAuthClient("app", transport=transport),
}
BLOCKING, AWAITED = ["RestliClient", "AuthClient"], ["AsyncRestliClient", "AsyncAuthClient"]


# -- which transport ---------------------------------------------------------------------------------------------------


def test_what_cannot_send_is_no_transport() -> None:
    with pytest.raises(InvalidCallError, match="transport") as caught:
        RestliClient("sesame")  # type: ignore[arg-type]
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    ("kinds", "transport", "reason"),
    [
        ([*KINDS], 5, "must have a method send, which int does not have"),
        ([*KINDS], Bare, "must be a transport, not the class Bare"),
        ([*KINDS], H11AsyncTransport, "must be a transport, not the class H11AsyncTransport"),
        ([*KINDS], requests.Session(), "must be a transport, such as one of restli_transports over this Session"),
        ([*KINDS], httpx.AsyncClient(), "must be a transport, such as one of restli_transports over this AsyncClient"),
        (BLOCKING, AsyncBare(), "AsyncBare is asynchronous: give it to an asynchronous client"),
        (AWAITED, Bare(), "Bare blocks: give it to a client that does"),
    ],
    ids=["a number", "a class", "an asynchronous class", "requests", "httpx", "asynchronous", "blocking"],
)
def test_what_a_client_cannot_use_is_refused_by_name(kinds: list[str], transport: Any, reason: str) -> None:
    for kind in kinds:
        with pytest.raises(InvalidCallError) as caught:
            KINDS[kind](transport)
        assert (caught.value.argument, caught.value.reason) == ("transport", reason)


def test_a_transport_need_not_show_by_its_signature_that_it_is_asynchronous() -> None:
    class Forwarding:
        def send(self, request: HttpRequest, *, timeout: Timeout) -> Awaitable[HttpResponse]:
            return AsyncBare().send(request, timeout=timeout)

    async def use() -> None:
        forwarding: Any = Forwarding()
        async with AsyncRestliClient(forwarding) as client:
            assert (await client.get("/a")).entity["value"] == 5

    asyncio.run(use())


def test_a_source_to_be_awaited_is_for_an_asynchronous_client() -> None:
    with pytest.raises(InvalidCallError, match="access_token"):
        RestliClient(FakeTransport(), access_token=AsyncFixedSource("t"))  # type: ignore[arg-type]
    with pytest.raises(InvalidCallError, match="access_token"):
        RestliClient(FakeTransport()).with_options(access_token=AsyncFixedSource("t"))  # type: ignore[arg-type]


def test_the_default_transport_is_urllib3() -> None:
    with RestliClient() as client:
        assert type(client.transport).__name__ == "Urllib3Transport"


def test_the_default_transport_is_httpx_for_the_asynchronous_client() -> None:
    client = AsyncRestliClient()
    assert type(client.transport).__name__ == "HttpxAsyncTransport"
    asyncio.run(client.close())


@pytest.mark.parametrize(("kind", "extra"), [("AuthClient", "urllib3"), ("AsyncAuthClient", "httpx")])
def test_a_default_transport_without_its_library_says_what_to_do(
    kind: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # With its submodules, which would find the library that they were imported with.
    for name in [name for name in sys.modules if f"{name}.".startswith(f"restli_transports.{extra}.")]:
        monkeypatch.delitem(sys.modules, name)
    for library in (extra, "httpx2"):  # which would do in place of httpx
        monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImportError, match=rf"restli-core\[{extra}\].*; or give the client another transport"):
        KINDS[kind](None)


# -- what users reach of it --------------------------------------------------------------------------------------------


def test_the_session_is_the_librarys_own() -> None:
    assert RestliClient(Recorder()).session == "the session"


@pytest.mark.parametrize("kind", KINDS)
def test_a_client_names_its_transport(kind: str) -> None:
    transport = Recorder() if kind in BLOCKING else AsyncRecorder()
    client = KINDS[kind](transport)
    assert client.transport is transport
    assert client.session == "the session"
    assert repr(client) == f"<{kind} over {type(transport).__name__}>"


def test_a_transport_needs_neither_session_nor_close() -> None:
    with RestliClient(Bare()) as client:
        assert client.get("/a").entity["value"] == 5
        assert client.session is None

    async def use() -> None:
        async with AsyncRestliClient(AsyncBare()) as awaited:
            assert (await awaited.get("/a")).entity["value"] == 5

    asyncio.run(use())


# -- closing -----------------------------------------------------------------------------------------------------------


def test_closing_closes_the_transport_once_and_not_by_a_derived_client() -> None:
    transport = Recorder()
    with RestliClient(transport) as client:
        client.with_options(access_token="u").close()
        assert transport.closed == 0
    assert transport.closed == 1


def test_closing_awaited() -> None:
    transport = AsyncRecorder()

    async def use() -> None:
        async with AsyncRestliClient(transport) as client:
            await client.with_options(access_token="u").close()
            assert transport.closed == 0

    asyncio.run(use())
    assert transport.closed == 1


def test_what_is_awaited_may_be_closed_at_once() -> None:
    class ClosedAtOnce(AsyncBare):
        closed = False

        def close(self) -> None:
            self.closed = True

    transport = ClosedAtOnce()
    asyncio.run(AsyncRestliClient(transport).close())
    assert transport.closed


def test_a_client_derived_from_a_derived_one_closes_nothing() -> None:
    transport = Recorder()
    with RestliClient(transport).with_options(access_token="t") as derived:
        derived.with_options(access_token="u").close()
    assert transport.closed == 0


def test_a_block_that_fails_closes_the_transport_and_hides_no_error() -> None:
    transport = Recorder()
    with pytest.raises(ZeroDivisionError), RestliClient(transport):
        _ = 1 / 0
    assert transport.closed == 1


# -- a client does not change ------------------------------------------------------------------------------------------


def made(kind: str) -> Any:
    return KINDS[kind](Recorder() if kind in BLOCKING else AsyncRecorder())


@pytest.mark.parametrize("name", ["access_token", "version_string", "base_url", "timeout", "user_agent"])
@pytest.mark.parametrize("kind", ["RestliClient", "AsyncRestliClient"])
def test_an_option_is_not_set_on_a_client(kind: str, name: str) -> None:
    client = made(kind)
    for one in (client, client.with_options(access_token="t")):
        with pytest.raises(AttributeError, match=rf"cannot set {name}: .* with_options\({name}=\.\.\.\)") as caught:
            setattr(one, name, "x")
        assert not hasattr(one, name)
        assert caught.value.name == name


@pytest.mark.parametrize(
    "name", ["loads", "dumps", "transport", "session", "settings", "maker", "acess_token", "headers", "auth", "proxies"]
)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_else_is_set_on_a_client_in_silence(kind: str, name: str) -> None:
    client = made(kind)
    before = getattr(client, name, None)
    with pytest.raises(AttributeError, match=rf"cannot set {name}: a client does not change"):
        setattr(client, name, "x")
    assert getattr(client, name, None) is before


@pytest.mark.parametrize("kind", ["AuthClient", "AsyncAuthClient"])
def test_a_redirect_url_is_not_set_on_a_client(kind: str) -> None:
    client = made(kind)
    with pytest.raises(AttributeError, match=r"with_redirect_url\(redirect_url=\.\.\.\)"):
        client.redirect_url = "https://app.example/back"
    for name in ("client_id", "client_secret", "base_url", "timeout", "application"):
        with pytest.raises(
            AttributeError, match=f"cannot set {name}: .* make another one; the arguments are client_id,"
        ):
            setattr(client, name, "x")


def test_a_class_of_ones_own_has_attributes_of_its_own_and_the_options_are_none() -> None:
    class Mine(RestliClient):
        shared = 1

        def __init__(self, account: int) -> None:
            super().__init__(Recorder())
            self.account = account
            self.shared = 2

    client = Mine(5)
    assert (client.account, client.shared) == (5, 2)
    derived = client.with_options(access_token="t")
    assert (derived.account, type(derived)) == (5, Mine)
    with pytest.raises(AttributeError, match="with_options"):
        client.access_token = "t"


def test_a_method_may_be_replaced() -> None:
    client: Any = RestliClient(Recorder())
    client.get = lambda path: path
    assert client.get("/a") == "/a"


# -- what a client is not ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_client_says_why_it_does_not_pickle(kind: str) -> None:
    client = KINDS[kind](AsyncRecorder() if kind in AWAITED else Recorder())
    for dump in (pickle.dumps, deepcopy):
        with pytest.raises(TypeError, match=f"{kind}, which has connections: pickle calls, make a client in each proc"):
            dump(client)


def test_the_calls_of_a_client_pickle() -> None:
    call = get("/adAccounts/{id}", path_keys={"id": 5}, access_token="t")
    assert pickle.loads(pickle.dumps(call)) == call


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_has_the_same_transport(kind: str) -> None:
    transport = AsyncRecorder() if kind in AWAITED else Recorder()
    client = KINDS[kind](transport)
    assert copy(client).transport is transport
    assert copy(client).settings is client.settings


@pytest.mark.parametrize("kind", AWAITED)
def test_with_says_async_with(kind: str) -> None:
    with pytest.raises(TypeError, match=rf"^{kind} is asynchronous: write `async with`"):  # noqa: SIM117
        with KINDS[kind](AsyncRecorder()):
            pass


@pytest.mark.parametrize("kind", BLOCKING)
def test_async_with_says_with(kind: str) -> None:
    async def main() -> None:
        async with KINDS[kind](Recorder()):
            pass

    with pytest.raises(TypeError, match=rf"^{kind} blocks: write `with`"):
        asyncio.run(main())
