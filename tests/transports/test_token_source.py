"""Sources of a user's own: any object with a method `token`, for clients that block and for those that are awaited."""

from __future__ import annotations

import asyncio

import pytest

from restli_core import InvalidCallError
from restli_transports import AsyncRestliClient, RestliClient
from restli_transports.testing import FakeAsyncTransport, FakeTransport
from restli_transports.token_source import AsyncTokenSource, TokenSource


class Own:
    def token(self, *, rejected: str | None = None) -> str:
        return "fresh" if rejected is None else "fresher"


class AsyncOwn:
    async def token(self, *, rejected: str | None = None) -> str:
        return "fresh" if rejected is None else "fresher"


def test_a_source_of_ones_own_gives_the_token() -> None:
    fake, source = FakeTransport(), Own()
    fulfils: TokenSource = source
    fake.on("/me", "get", lambda _: {})
    RestliClient(fake, access_token=fulfils).get("/me")
    assert fake.requests[0].headers["Authorization"] == "Bearer fresh"


def test_an_asynchronous_source_is_awaited() -> None:
    fake, source = FakeAsyncTransport(), AsyncOwn()
    fulfils: AsyncTokenSource = source
    fake.on("/me", "get", lambda _: {})
    asyncio.run(AsyncRestliClient(fake, access_token=fulfils).get("/me"))
    assert fake.requests[0].headers["Authorization"] == "Bearer fresh"


def test_an_asynchronous_source_is_not_for_a_client_that_blocks() -> None:
    source: object = AsyncOwn()
    with pytest.raises(InvalidCallError, match="access_token"):
        RestliClient(FakeTransport(), access_token=source)  # type: ignore[arg-type]
