"""Iterators over pages and elements: what they ask for and when, how they go on, and what is refused."""

from __future__ import annotations

import asyncio
import gc
import json
import pickle
import threading
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import Any, NamedTuple, assert_type

import pytest
import trio

import restli_core as restli
from restli_core import (
    Call,
    CollectionResponse,
    ConnectError,
    HttpRequest,
    HttpResponse,
    InvalidCallError,
    NotFoundError,
    PagingError,
    SuspiciousValueWarning,
)
from restli_transports import AsyncRestliClient, RestliClient, Timeout
from restli_transports._clients.pages import AsyncElements, AsyncPages, Elements, Pages
from restli_transports.testing import FakeAsyncTransport, FakeTransport, cursor_pages, generated, offset_pages
from restli_transports.testing.handlers import Handlers

TOKEN = "hidden-access-token"


class Served(NamedTuple):
    """A client over a fake server that has 25 elements."""

    client: Any
    fake: Any

    @property
    def call(self) -> Call[CollectionResponse]:
        return finder(self.client)

    @property
    def starts(self) -> list[str]:
        """What was asked for."""
        return [str(invocation.params.get("start", "0")) for invocation in self.fake.invocations]


def finder(client: Any, name: str = "all", **params: Any) -> Call[CollectionResponse]:
    call: Call[CollectionResponse] = client.calls.finder("/elements", name, query_params={"count": 10, **params})
    return call


def handlers() -> Handlers:
    elements = generated(25, lambda index: {"id": index})
    made = Handlers()
    made.on("/elements/{id:long}", "finder", offset_pages(elements, links=False), name="all")
    made.on("/elements/{id:long}", "finder", offset_pages(elements, total=False, links=None), name="untold")
    made.on("/elements/{id:long}", "finder", cursor_pages(elements, stuck_at=20), name="stuck")
    return made


def served() -> Served:
    fake = FakeTransport(handlers())
    return Served(RestliClient(fake, access_token=TOKEN, retry=None), fake)


def served_async() -> Served:
    fake = FakeAsyncTransport(handlers())
    return Served(AsyncRestliClient(fake, access_token=TOKEN, retry=None), fake)


def ids(elements: Any) -> list[int]:
    return [element["id"] for element in elements]


async def ids_of(elements: AsyncIterator[Any]) -> list[int]:
    return [element["id"] async for element in elements]


def items_of(answer: CollectionResponse) -> list[int]:
    return ids(answer.elements)


def as_answer(answer: CollectionResponse) -> CollectionResponse:
    return answer


def as_answer_count(answer: CollectionResponse) -> int:
    return len(answer.elements)


def as_text(answer: CollectionResponse) -> str:
    return str(len(answer.elements))


# -- what is given, and when it is asked for ---------------------------------------------------------------------------


def test_pages_are_the_answers_to_their_calls() -> None:
    there = served()
    pages = there.client.pages(there.call)
    assert isinstance(pages, Pages)
    assert iter(pages) is pages
    given = [*pages]
    assert [len(page.elements) for page in given] == [10, 10, 5]
    assert all(isinstance(page, CollectionResponse) for page in given)
    assert [page.request.url for page in given] == [request.url for request in there.fake.requests]
    assert pages.next_call is None
    assert [*pages] == []


def test_elements_are_those_of_all_pages() -> None:
    there = served()
    elements = there.client.elements(there.call)
    assert isinstance(elements, Elements)
    assert ids(elements) == [*range(25)]
    assert elements.next_call is None
    assert next(elements, None) is None


def test_both_are_awaited() -> None:
    async def main() -> None:
        there = served_async()
        pages = there.client.pages(there.call)
        assert isinstance(pages, AsyncPages)
        assert [len(page.elements) async for page in pages] == [10, 10, 5]
        elements = there.client.elements(there.call)
        assert isinstance(elements, AsyncElements)
        assert await ids_of(elements) == [*range(25)]
        assert elements.next_call is None
        assert await ids_of(elements) == []

    asyncio.run(main())


def test_both_are_awaited_under_trio() -> None:
    async def main() -> list[int]:
        there = served_async()
        return await ids_of(there.client.elements(there.call))

    assert trio.run(main) == [*range(25)]


def test_no_page_is_asked_for_before_it_is_wanted() -> None:
    there = served()
    elements = there.client.elements(there.call)
    assert there.starts == []
    assert ids(islice(elements, 10)) == [*range(10)]
    assert there.starts == ["0"]
    assert next(elements)["id"] == 10
    assert there.starts == ["0", "10"]


@pytest.mark.parametrize(
    ("limit", "starts"),
    [(0, []), (1, ["0"]), (10, ["0"]), (11, ["0", "10"]), (25, ["0", "10", "20"]), (99, ["0", "10", "20"])],
)
def test_no_page_is_asked_for_that_the_limit_does_not_need(limit: int, starts: list[str]) -> None:
    there = served()
    elements = there.client.elements(there.call, limit)
    assert ids(elements) == [*range(25)][:limit]
    assert ids(elements) == []
    assert there.starts == starts

    async def main() -> None:
        awaited = served_async()
        assert await ids_of(awaited.client.elements(awaited.call, limit=limit)) == [*range(25)][:limit]
        assert awaited.starts == starts

    asyncio.run(main())


@pytest.mark.parametrize("limit", [-1, 1.0, "5", True, float("inf")])
@pytest.mark.parametrize("there", [served(), served_async()], ids=["blocking", "awaited"])
def test_a_limit_is_a_number(there: Served, limit: Any) -> None:
    with pytest.raises(InvalidCallError, match=r"^limit: "):
        there.client.elements(there.call, limit)


# -- mapped calls ------------------------------------------------------------------------------------------------------


def test_the_pages_of_a_mapped_call_are_mapped() -> None:
    there = served()
    pages = there.client.pages(there.call.map(items_of).map(len))
    assert next(pages) == 10
    assert pages.next_call == finder(there.client, start=10).map(items_of).map(len)
    assert [*pages] == [10, 5]


@pytest.mark.parametrize(("function", "first"), [(items_of, 0), (as_answer, {"id": 0})])
def test_the_elements_of_a_mapped_call_are_those_of_what_it_is_mapped_to(function: Any, first: Any) -> None:
    there = served()
    elements = [*there.client.elements(there.call.map(function))]
    assert len(elements) == 25
    assert elements[0] == first


@pytest.mark.parametrize("function", [as_text, as_answer_count, lambda answer: {"id": 5}, lambda answer: None])
def test_what_is_mapped_to_something_without_elements_says_so(function: Any) -> None:
    there = served()
    elements = there.client.elements(there.call.map(as_answer).map(function))
    with pytest.raises(InvalidCallError, match=r"^call: is mapped to \w+, which has no elements: .* return a list"):
        next(elements)


def test_what_a_function_raises_is_raised_and_the_page_comes_again() -> None:
    there = served()
    faults: list[BaseException] = [KeyError("name")]

    def odd(answer: CollectionResponse) -> list[int]:
        if faults and answer.elements[0]["id"] == 10:
            raise faults.pop()
        return ids(answer.elements)

    elements = there.client.elements(there.call.map(odd))
    assert [*islice(elements, 10)] == [*range(10)]
    with pytest.raises(KeyError):
        next(elements)
    assert [*elements] == [*range(10, 25)]
    assert there.starts == ["0", "10", "10", "20"]


# -- how it goes on ----------------------------------------------------------------------------------------------------


def test_a_stop_that_a_function_raises_is_no_end() -> None:
    def stop(answer: CollectionResponse) -> CollectionResponse:
        raise StopAsyncIteration

    async def main() -> None:
        there = served_async()
        for iterator in (there.client.elements(there.call.map(stop)), there.client.pages(there.call.map(stop))):
            with pytest.raises(RuntimeError, match="no end"):
                await anext(iterator)

    asyncio.run(main())


def test_an_iterator_goes_on_after_a_break_and_is_taken_up_elsewhere() -> None:
    there = served()
    elements = there.client.elements(there.call)
    assert elements.next_call == there.call
    for element in elements:
        if element["id"] == 12:
            break
    taken_up = pickle.loads(pickle.dumps(elements.next_call))
    assert taken_up == finder(there.client, start=10)  # the page of element 13
    assert ids(served().client.elements(taken_up)) == [*range(10, 25)]
    assert ids(elements) == [*range(13, 25)]


def test_at_the_end_of_a_page_it_is_the_next_that_is_left() -> None:
    there = served()
    elements = there.client.elements(there.call)
    assert ids(islice(elements, 9)) == [*range(9)]
    assert elements.next_call == there.call
    next(elements)
    assert elements.next_call == finder(there.client, start=10)
    assert ids(there.client.elements(elements.next_call)) == [*range(10, 25)]


@pytest.mark.parametrize("way", ["pages", "elements"])
def test_after_an_error_the_same_page_is_asked_for(way: str) -> None:
    there = served()
    iterator = getattr(there.client, way)(there.call)
    first = [*islice(iterator, 1 if way == "pages" else 10)]
    for error in (ConnectError("refused"), NotFoundError(HttpResponse(404))):
        there.fake.fail_next(error)
        with pytest.raises(type(error)):
            next(iterator)
        assert iterator.next_call == finder(there.client, start=10)
    left = [*iterator]
    assert there.starts == ["0", "10", "20"]
    assert first + left == [*getattr(there.client, way)(there.call)]


def test_after_an_error_the_same_page_is_awaited() -> None:
    async def main() -> None:
        there = served_async()
        elements = there.client.elements(there.call)
        there.fake.fail_next(ConnectError("refused"))
        with pytest.raises(ConnectError):
            await anext(elements)
        assert elements.next_call == there.call
        assert await ids_of(elements) == [*range(25)]

    asyncio.run(main())


def test_a_server_that_repeats_itself_is_an_error_with_no_element_twice() -> None:
    there, given = served(), list[int]()
    call = there.client.calls.finder("/elements", "stuck", query_params={"pageSize": 10})
    elements = there.client.elements(call)
    given += ids(islice(elements, 20))
    for _ in range(2):  # asked again, it asks the server again
        with pytest.raises(PagingError, match="repeats itself") as raised:
            next(elements)
        assert TOKEN not in f"{raised.value}{raised.value.request!r}"
    assert given == [*range(20)]
    assert len(there.fake.requests) == 4


def test_nothing_is_held_between_pages() -> None:
    async def main() -> None:
        there = served_async()
        async for element in there.client.elements(there.call):
            if element["id"] == 3:
                break
        assert asyncio.all_tasks() == {asyncio.current_task()}
        gc.collect()  # an asynchronous generator that is left would be closed by a hook of the loop

    threads = threading.active_count()
    asyncio.run(main())
    there = served()
    next(there.client.elements(there.call))
    assert threading.active_count() == threads


# -- one at a time -----------------------------------------------------------------------------------------------------


class Waiting(FakeAsyncTransport):
    """A transport that does not answer before it is let."""

    def __init__(self) -> None:
        super().__init__(handlers())
        self.may_answer = asyncio.Event()

    async def send(self, request: HttpRequest, *, timeout: Timeout | None = None) -> HttpResponse:
        await self.may_answer.wait()
        return await super().send(request, timeout=timeout)


def test_two_tasks_do_not_ask_for_one_page_twice() -> None:
    async def main() -> None:
        transport = Waiting()
        client = AsyncRestliClient(transport)
        elements = client.elements(finder(client))
        first = asyncio.ensure_future(anext(elements))
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="on its way already"):
            await anext(elements)
        transport.may_answer.set()
        assert (await first)["id"] == 0
        assert len(transport.requests) == 1

    asyncio.run(main())


def test_a_cancelled_page_can_be_asked_for_again() -> None:
    async def main() -> None:
        transport = Waiting()
        client = AsyncRestliClient(transport)
        elements = client.elements(finder(client))
        first = asyncio.ensure_future(anext(elements))
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        transport.may_answer.set()
        assert await ids_of(elements) == [*range(25)]

    asyncio.run(main())


# -- what is refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("there", [served(), served_async()], ids=["blocking", "awaited"])
@pytest.mark.parametrize("way", ["pages", "elements"])
def test_what_has_no_pages_is_refused_at_once(there: Served, way: str) -> None:
    method = getattr(there.client, way)
    for wrong in (there.client.calls.get("/me"), "/elements", there.client.calls.batch_finder("/e", "f", ("c", [1]))):
        with pytest.raises(InvalidCallError, match=r"^call: "):
            method(wrong)
    with pytest.raises(InvalidCallError, match=r"^progress: "):
        method(there.call, progress=5)
    assert there.fake.requests == []


@pytest.mark.parametrize("way", ["pages", "elements"])
def test_the_wrong_loop_says_which_is_right(way: str) -> None:
    async def wrong(iterator: Any) -> None:
        async for _ in iterator:
            raise AssertionError

    there, awaited = served(), served_async()
    with pytest.raises(TypeError, match="write `for`"):
        asyncio.run(wrong(getattr(there.client, way)(there.call)))
    iterator = getattr(awaited.client, way)(awaited.call)
    with pytest.raises(TypeError, match="write `async for`"):
        list(iterator)

    async def await_it() -> None:
        await iterator

    with pytest.raises(TypeError, match="write `async for`"):
        asyncio.run(await_it())


def test_a_call_that_was_made_for_linkedin_warns_here() -> None:
    client = RestliClient(FakeTransport(handlers(), base_path="/rest"), base_url="http://127.0.0.1/rest", retry=None)
    elements = client.elements(restli.get_all("/elements"))
    with (
        pytest.warns(SuspiciousValueWarning, match="make it with client.calls") as warned,
        pytest.raises(AssertionError),
    ):
        next(elements)
    assert warned[0].filename == __file__


# -- how far it is -----------------------------------------------------------------------------------------------------

TOLD = [(10, 25, "elements"), (20, 25, "elements"), (25, 25, "elements")]


def test_a_function_is_told_how_far_it_is() -> None:
    there = served()
    told: list[tuple[Any, ...]] = []
    ids(there.client.elements(there.call, progress=lambda *how_far: told.append(how_far)))
    assert told == TOLD
    told.clear()
    assert len([*there.client.pages(there.call, progress=lambda *how_far: told.append(how_far))]) == 3
    assert told == TOLD
    told.clear()
    ids(there.client.elements(there.call, 15, progress=lambda *how_far: told.append(how_far)))
    assert told == [(10, 15, "elements"), (15, 15, "elements")]
    told.clear()
    ids(there.client.elements(finder(there.client, "untold"), 15, progress=lambda *how_far: told.append(how_far)))
    assert told == [(10, 15, "elements"), (15, 15, "elements")]
    told.clear()
    ids(there.client.elements(finder(there.client, "untold"), progress=lambda *how_far: told.append(how_far)))
    assert told == [(10, None, "elements"), (20, None, "elements"), (25, None, "elements"), (25, None, "elements")]


def test_a_page_without_paging_is_counted() -> None:
    fake = FakeTransport()
    body = json.dumps({"elements": [{"id": 1}]}).encode()
    fake.on("/elements/{id}", "get_all", lambda _: HttpResponse(200, {}, body))
    client, told = RestliClient(fake), []
    assert ids(client.elements(client.calls.get_all("/elements"), progress=lambda *how_far: told.append(how_far))) == [
        1
    ]
    assert told == [(1, None, "elements")]


# -- what is shown -----------------------------------------------------------------------------------------------------


def test_a_repr_says_where_it_is_and_no_secret() -> None:
    there = served()
    call = there.client.calls.finder("/elements", "all", query_params={"count": 25}, access_token=TOKEN)
    pages: Iterator[Any] = there.client.pages(call)
    assert repr(pages) == f"<Pages at {call!r}>"
    assert [len(page.elements) for page in pages] == [25]
    assert repr(pages) == "<Pages, ended>"
    assert TOKEN not in repr(pages) + repr(call)


def test_types_are_exact() -> None:
    client, awaited = RestliClient(FakeTransport(handlers())), AsyncRestliClient(FakeAsyncTransport(handlers()))
    call = finder(client)
    assert_type(client.pages(call), Pages[CollectionResponse])
    assert_type(client.pages(call).next_call, Call[CollectionResponse] | None)
    assert_type(client.pages(call.map(items_of)), Pages[list[int]])
    assert_type(client.elements(call), Elements[Any])
    assert_type(client.elements(call.map(items_of)), Elements[int])
    assert_type(next(client.elements(call.map(items_of))), int)
    assert_type(awaited.pages(call), AsyncPages[CollectionResponse])
    assert_type(awaited.elements(call.map(items_of)), AsyncElements[int])
    assert_type(awaited.elements(call), AsyncElements[Any])
