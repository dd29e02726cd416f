"""Pages together with what calls go through: the fakes, a server over sockets, retries, tunnels; and memory."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from restli_core import Call, CollectionResponse, HttpResponse
from restli_transports import AsyncRestliClient, RestliClient
from restli_transports.testing import (
    FakeAsyncTransport,
    FakeTransport,
    Faults,
    Handlers,
    RestliServer,
    cursor_pages,
    generated,
    offset_pages,
)
from tests.deep import paging
from tests.support.paged import PARAMETERS, peak

SIZE = 210
KINDS: dict[str, Any] = {"offset": offset_pages, "cursor": cursor_pages}


def handlers() -> Handlers:
    made = Handlers()
    for kind, pages in KINDS.items():
        made.on("/elements/{id:long}", "finder", pages(generated(SIZE, lambda index: {"id": index})), name=kind)
    return made


def call_of(client: RestliClient | AsyncRestliClient, kind: str, tunnel_above: int = 4000) -> Call[CollectionResponse]:
    size = dict.fromkeys(PARAMETERS[kind], 20)
    return client.calls.finder("/elements", kind, query_params=size, tunnel_above=tunnel_above)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("is_async", [False, True], ids=["blocking", "awaited"])
def test_memory_does_not_grow_with_the_collection(kind: str, is_async: bool) -> None:
    peak(500, kind, is_async=is_async)  # what is imported or cached once
    _, of_a_tenth = peak(500, kind, is_async=is_async)
    bound = 1.1 * of_a_tenth + 20_000  # bytes: at so few elements an object more or less counts
    peaks: list[int] = []
    # What other threads of the process allocate meanwhile counts, too; what paging keeps would be there each time.
    while not peaks or (min(peaks) > bound and len(peaks) < 3):
        wrong, of_all = peak(5000, kind, is_async=is_async)
        assert wrong == 0
        peaks.append(of_all)
    assert min(peaks) <= bound


def test_the_deep_program_finds_no_fault() -> None:
    assert paging.broken_off("offset", 1, 3000) == 0
    assert paging.broken_off("cursor", 1, 3000) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_pages_are_fetched_again_where_the_policy_says_so(kind: str) -> None:
    fake = FakeTransport(handlers(), faults=Faults(seed=3, rate=0.3))
    client = RestliClient(fake)
    assert [element["id"] for element in client.elements(call_of(client, kind))] == [*range(SIZE)]
    assert len(fake.requests) > SIZE // 20 + 1

    async def main() -> list[int]:
        awaited = AsyncRestliClient(FakeAsyncTransport(handlers(), faults=Faults(seed=3, rate=0.3)))
        return [element["id"] async for element in awaited.elements(call_of(awaited, kind))]

    assert asyncio.run(main()) == [*range(SIZE)]


def test_limits_and_tokens_hold_for_each_page() -> None:
    fake = FakeTransport(handlers())
    fake.fail_next(HttpResponse(429, {"Retry-After": "7"}))
    client = RestliClient(fake, access_token="a-token-of-the-client")
    assert len([*client.elements(call_of(client, "offset"))]) == SIZE
    assert fake.waits == [7.0]
    assert {request.headers["Authorization"] for request in fake.requests} == {"Bearer a-token-of-the-client"}


@pytest.mark.sockets
@pytest.mark.parametrize("tunnel_above", [0, 4000])
@pytest.mark.parametrize("kind", KINDS)
def test_pages_come_over_sockets(kind: str, tunnel_above: int) -> None:
    with RestliServer(handlers(), base_path="/rest") as server, RestliClient(base_url=server.base_url) as client:
        call = call_of(client, kind, tunnel_above)
        assert [element["id"] for element in client.elements(call)] == [*range(SIZE)]
        verbs = {received.request.method for received in server.received if received.request is not None}
        assert verbs == {"POST" if tunnel_above == 0 else "GET"}

        async def main() -> list[int]:
            async with AsyncRestliClient(base_url=server.base_url) as awaited:
                return [element["id"] async for element in awaited.elements(call)]

        assert asyncio.run(main()) == [*range(SIZE)]
