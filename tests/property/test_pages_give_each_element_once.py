"""Whatever the pages of a server are like, each element comes once and in order, also where one breaks off between."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from hypothesis import event, given
from hypothesis import strategies as st

from restli_core import Call, CollectionResponse
from restli_transports import AsyncRestliClient, RestliClient
from restli_transports.testing.handlers import Handler, Handlers
from restli_transports.testing.pages import cursor_pages, generated, offset_pages
from tests.support.paged import AsyncCarrier, Carrier


class World(NamedTuple):
    """A server with a collection, what is to come of it, and what is asked."""

    handler: Handler
    ids: list[int]
    params: dict[str, int]

    @property
    def handlers(self) -> Handlers:
        handlers = Handlers()
        handlers.on("/elements/{id:long}", "finder", self.handler, name="all")
        return handlers

    def call(self, client: Any, tunnel_above: int) -> Call[CollectionResponse]:
        call: Call[CollectionResponse] = client.calls.finder(
            "/elements", "all", query_params=self.params, tunnel_above=tunnel_above
        )
        return call


@st.composite
def worlds(draw: st.DrawFn) -> World:
    size = draw(st.integers(0, 60))
    elements = generated(size, lambda index: {"id": index})
    hidden = draw(st.sets(st.integers(0, 60)) | st.integers(0, 60).map(lambda first: {*range(first, first + 20)}))

    def shown(element: Any) -> bool:
        return element["id"] not in hidden

    count = draw(st.integers(1, 70))
    if draw(st.booleans()):
        last = draw(st.sampled_from([{}, None, {"nextPageToken": None}, {"nextPageToken": ""}]))
        handler = cursor_pages(elements, shown=shown, last_metadata=last, ends_empty=draw(st.booleans()))
        params = {"pageSize": count}
    else:
        total, links = draw(st.booleans()), draw(st.sampled_from([True, False, None]))
        params = draw(st.sampled_from([{"count": count}, {"count": count, "start": 0}, {}]))
        if not total and not links:
            # An empty page in the middle would be the end, and no links at all are the end anyway.
            links, hidden = None, set()
        handler = offset_pages(elements, shown=shown, total=total, links=links)
    event("by an offset" if "pageSize" not in params else "by a cursor")
    return World(handler, [index for index in range(size) if index not in hidden], params)


@given(worlds(), st.sampled_from([0, 4000]), st.none() | st.integers(0, 70))
def test_each_element_comes_once_and_in_order(world: World, tunnel_above: int, limit: int | None) -> None:
    client = RestliClient(Carrier(world.handlers))
    call = world.call(client, tunnel_above)
    assert [element["id"] for element in client.elements(call, limit)] == world.ids[:limit]

    async def all_of() -> list[int]:
        awaited = AsyncRestliClient(AsyncCarrier(world.handlers))
        return [element["id"] async for element in awaited.elements(call, limit)]

    assert asyncio.run(all_of()) == world.ids[:limit]


@given(worlds(), st.integers(1, 5))
def test_each_page_comes_once_however_often_one_breaks_off(world: World, at_once: int) -> None:
    client = RestliClient(Carrier(world.handlers))

    def some() -> Iterator[int]:
        call: Call[CollectionResponse] | None = world.call(client, 4000)
        while call is not None:
            pages = client.pages(call)
            for page in islice(pages, at_once):
                yield from [element["id"] for element in page.elements]
            call = pickle.loads(pickle.dumps(pages.next_call))

    assert [*some()] == world.ids


@given(worlds(), st.integers(0, 70))
def test_what_is_left_begins_with_the_page_of_the_first_element_not_given(world: World, taken: int) -> None:
    client = RestliClient(Carrier(world.handlers))
    elements = client.elements(world.call(client, 4000))
    before = [element["id"] for element in islice(elements, taken)]
    left = [] if elements.next_call is None else [element["id"] for element in client.elements(elements.next_call)]
    assert left == world.ids[len(world.ids) - len(left) :]
    again = len(before) + len(left) - len(world.ids)
    assert 0 <= again < max(world.params.get("count", world.params.get("pageSize", 10)), 1)
