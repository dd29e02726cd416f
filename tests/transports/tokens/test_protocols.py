"""What a third party implements: nothing more than each protocol says is needed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable
from typing import Any, TypeVar

import pytest

from restli_core import Call, HttpResponse
from restli_core.oauth import Token
from restli_core.oauth.application import Application
from restli_transports import AsyncAuthClient, AsyncRestliClient, AuthClient, RestliClient
from restli_transports.testing.fake import FakeAsyncTransport, FakeTransport
from restli_transports.tokens import (
    AsyncClientCredentialsSource,
    AsyncTokenSource,
    ClientCredentialsSource,
    RefreshingSource,
    TokenSource,
    TokenStore,
)
from restli_transports.tokens.protocols import AsyncAuthSender, AuthSender
from tests.support.recorders import AsyncRecorder, Recorder

T = TypeVar("T")
APPLICATION = Application("app", "s3cret")
ANSWER = HttpResponse(200, {}, json.dumps({"access_token": "new", "expires_in": 1800}).encode())


class Vault:
    """A source."""

    def token(self, *, rejected: str | None = None) -> str:
        return "vault"


class AsyncVault:
    """A source whose method is not a coroutine function, but returns an awaitable."""

    def token(self, *, rejected: str | None = None) -> Awaitable[str]:
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        future.set_result("vault")
        return future


class Row:
    """A store."""

    fields: dict[str, Any] | None = None

    def load(self) -> Token | None:
        return None if self.fields is None else Token.from_dict(self.fields)

    def save(self, token: Token) -> None:
        self.fields = token.as_dict()


class Sender:
    """What sends token calls; by a transport of its own, or none."""

    application = APPLICATION

    def send(self, call: Call[T]) -> T:
        return call.parse(ANSWER)


class AsyncSender:
    application = APPLICATION

    async def send(self, call: Call[T]) -> T:
        return call.parse(ANSWER)


def test_a_source_of_ones_own() -> None:
    source: TokenSource = Vault()
    transport = Recorder()
    RestliClient(transport, access_token=source).get("/me")
    assert transport.request.headers["Authorization"] == "Bearer vault"


def test_a_source_of_ones_own_to_be_awaited() -> None:
    source: AsyncTokenSource = AsyncVault()
    transport = AsyncRecorder()

    async def use() -> None:
        await AsyncRestliClient(transport, access_token=source).get("/me")

    asyncio.run(use())
    assert transport.request.headers["Authorization"] == "Bearer vault"


def test_a_store_of_ones_own() -> None:
    store: TokenStore = Row()
    store.save(Token("old", 0.0, "refresh"))
    assert RefreshingSource(Sender(), store).token() == "new"
    loaded = store.load()
    assert loaded is not None
    assert (loaded.access_token, loaded.refresh_token) == ("new", "refresh")


def test_a_sender_of_ones_own() -> None:
    sender: AuthSender = Sender()
    assert ClientCredentialsSource(sender).token() == "new"


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_a_sender_of_ones_own_to_be_awaited(loop: str) -> None:
    import anyio

    sender: AsyncAuthSender = AsyncSender()
    assert anyio.run(AsyncClientCredentialsSource(sender).token, backend=loop) == "new"


def test_auth_clients_are_senders() -> None:
    """The assignments are for type checkers, which run over this file."""
    blocking: AuthSender = AuthClient("app", transport=FakeTransport())
    awaited: AsyncAuthSender = AsyncAuthClient("app", transport=FakeAsyncTransport())
    assert blocking.application == awaited.application == Application("app")
