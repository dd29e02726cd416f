"""A client that keeps LinkedIn's limits never meets them: the server, on the same clock, refuses nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from restli_core import Limit, LimitError, RateLimitError
from restli_transports import AsyncRestliClient, RestliClient
from restli_transports.testing import FakeAsyncTransport, FakeTransport


def limits(part: float = 1.0) -> list[Limit]:
    # The server's windows are shorter by what is lost in seconds since 1970.
    return [
        Limit(20, 10 * part, wait=None),
        Limit(50, 60 * part, wait=None),
        Limit(3, 7 * part, path="/posts", each="member", wait=None),
    ]


def test_one_after_the_other() -> None:
    fake = FakeTransport(limits=limits(0.999))
    fake.simple("/me", {"name": "Ada"})
    with RestliClient(fake, limits=limits(), retry=None) as client:
        for _ in range(200):
            client.get("/me")
    # Fifty in each minute, twenty of them in each ten seconds of it.
    assert sum(fake.waits) == pytest.approx(3 * 60 + 20, abs=1e-6)


def test_many_at_once() -> None:
    fake = FakeAsyncTransport(limits=limits(0.999))
    fake.simple("/me", {"name": "Ada"})
    fake.collection("/posts/{id:long}")

    async def main() -> None:
        async with AsyncRestliClient(fake, limits=limits(), retry=None) as client:
            members = [client.with_options(access_token=f"token-{number}") for number in range(5)]
            calls: list[Any] = [client.get("/me") for _ in range(150)]
            calls += [members[number % 5].create("/posts", {"text": "hello"}) for number in range(50)]
            await asyncio.gather(*calls)

    asyncio.run(main())
    assert {entry.answered and entry.answered.status_code for entry in fake.journal} == {200, 201}
    assert len(fake.journal) == 200


def test_a_day_that_the_server_ends_is_over_for_the_client_too() -> None:
    fake = FakeTransport(limits=[Limit(2, "day")])
    fake.simple("/me", {"name": "Ada"})
    with RestliClient(fake, limits=[Limit(100, "day")]) as client:
        client.get("/me")
        client.get("/me")
        with pytest.raises(RateLimitError):
            client.get("/me")
        with pytest.raises(LimitError, match="a day") as caught:
            client.get("/me")
        assert len(fake.requests) == 3
        fake.clock.move(caught.value.retry_after + 1)
        client.get("/me")
