"""Collections of any size behind transports that keep nothing of what they carry, so that memory can be measured."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

from restli_core import Call, CollectionResponse, HttpRequest, HttpResponse
from restli_transports import AsyncRestliClient, RestliClient, Timeout
from restli_transports.testing import Handlers
from restli_transports.testing.pages import cursor_pages, generated, offset_pages

PAGE: Final = 100
PARAMETERS: Final = {"offset": {"count": PAGE}, "cursor": {"pageSize": PAGE}}


class Carrier:
    """A transport to handlers in memory."""

    def __init__(self, handlers: Handlers) -> None:
        self._handlers = handlers

    def send(self, request: HttpRequest, *, timeout: Timeout | None = None) -> HttpResponse:
        return self._handlers.respond(self._handlers.read(request, base_path="/v2"))


class AsyncCarrier(Carrier):
    """The same, awaited."""

    async def send(self, request: HttpRequest, *, timeout: Timeout | None = None) -> HttpResponse:  # type: ignore[override]  # it is awaited
        return Carrier.send(self, request, timeout=timeout)


def collection(size: int) -> Handlers:
    """Return handlers that page a collection of this size by both kinds of paging; every seventh element is hidden."""
    elements = generated(size * 7 // 6 + 7, lambda index: {"id": index, "name": f"Element {index}"})
    handlers = Handlers()
    for kind, pages in (("offset", offset_pages), ("cursor", cursor_pages)):
        handlers.on("/elements/{id:long}", "finder", pages(elements, shown=_is_shown), name=kind)
    return handlers


def _is_shown(element: Any) -> bool:
    return bool(element["id"] % 7)


def expected() -> Iterator[int]:
    """Yield the ids that are shown, without an end."""
    index = 0
    while True:
        index += 1
        if index % 7:
            yield index


def call_of(client: Any, kind: str) -> Call[CollectionResponse]:
    """Return the call for the first page."""
    call: Call[CollectionResponse] = client.calls.finder("/elements", kind, query_params=PARAMETERS[kind])
    return call


def walk(size: int, kind: str, *, is_async: bool) -> int:
    """Go through so many elements of a collection, hold each to what is due, and return how many were wrong."""
    handlers, ids = collection(size), expected()
    if is_async:
        client = AsyncRestliClient(AsyncCarrier(handlers))
        return asyncio.run(_walk(client.elements(call_of(client, kind), size), size, ids))
    blocking = RestliClient(Carrier(handlers))
    left, wrong = size, 0
    for element in blocking.elements(call_of(blocking, kind), size):
        left -= 1
        wrong += element["id"] != next(ids)
    return wrong + abs(left)


async def _walk(elements: AsyncIterator[Any], size: int, ids: Iterator[int]) -> int:
    left, wrong = size, 0
    async for element in elements:
        left -= 1
        wrong += element["id"] != next(ids)
    return wrong + abs(left)


def peak(size: int, kind: str, *, is_async: bool) -> tuple[int, int]:
    """Return how many elements were wrong, and the most bytes that were in use during the walk."""
    gc.collect()
    tracemalloc.start()
    try:
        wrong = walk(size, kind, is_async=is_async)
        return wrong, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
