"""Iterating: the items of a flow, one after the other, and what becomes of the flow where its reader stops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, assert_type

import pytest

import restli_core as restli
from restli_core import GetResponse, HttpRequest, HttpResponse, NotFoundError
from restli_core.flows import Flow, Item, ItemFlow, Together, run, step
from restli_core.flows.sent import Sent
from restli_transports import AsyncRestliClient, RestliClient, Timeout
from restli_transports._clients.iterating import AsyncItems, Items
from restli_transports.testing import FakeAsyncTransport, FakeTransport
from tests.support.recorders import Recorder

ACCOUNTS = {5: {"name": "Summer"}}
GET = restli.get("/adAccounts/{id}", path_keys={"id": 5})


def counting(closed: list[bool]) -> Flow[str]:
    try:
        for number in range(3):
            answer = yield from step(GET)
            yield Item((number, answer.entity["name"]))
    finally:
        closed.append(True)
    return "done"


EXPECTED = [(number, "Summer") for number in range(3)]


def iterated(closed: list[bool], *, after: int | None = None) -> list[Any]:
    fake = FakeTransport()
    fake.collection("/adAccounts/{id:long}", ACCOUNTS)
    got: list[Any] = []
    with RestliClient(fake).iterate(counting(closed)) as items:
        for item in items:
            got.append(item)
            assert len(fake.invocations) == len(got)  # nothing runs ahead
            if len(got) == after:
                break
    assert next(items, None) is None
    return got


def iterated_async(closed: list[bool], *, after: int | None = None) -> list[Any]:
    async def main() -> list[Any]:
        fake = FakeAsyncTransport()
        fake.collection("/adAccounts/{id:long}", ACCOUNTS)
        got: list[Any] = []
        async with AsyncRestliClient(fake).iterate(counting(closed)) as items:
            async for item in items:
                got.append(item)
                assert len(fake.invocations) == len(got)
                if len(got) == after:
                    break
        assert await anext(items, None) is None
        return got

    return asyncio.run(main())


EACH_ITERATED = pytest.mark.parametrize("iterate", [iterated, iterated_async])


@EACH_ITERATED
def test_items_come_one_after_the_other(iterate: Callable[..., list[Any]]) -> None:
    closed: list[bool] = []
    assert iterate(closed) == EXPECTED
    assert closed == [True]


@EACH_ITERATED
def test_who_stops_early_closes_the_flow(iterate: Callable[..., list[Any]]) -> None:
    closed: list[bool] = []
    assert iterate(closed, after=2) == EXPECTED[:2]
    assert closed == [True]


def test_an_iterator_that_is_let_go_closes_the_flow() -> None:
    closed: list[bool] = []
    fake = FakeTransport()
    fake.collection("/adAccounts/{id:long}", ACCOUNTS)
    items = RestliClient(fake).iterate(counting(closed))
    assert next(items) == EXPECTED[0]
    assert repr(items) == "<Items>"
    del items
    assert closed == [True]


def test_items_of_an_asynchronous_client_are_awaited() -> None:
    items: Any = AsyncRestliClient(FakeAsyncTransport()).iterate(counting([]))
    with pytest.raises(TypeError, match="async for"):
        iter(items)
    items._steps.close()


@EACH_ITERATED
def test_errors_come_out_of_the_iterator_and_end_it(
    iterate: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(ACCOUNTS, 5)
    closed: list[bool] = []
    with pytest.raises(NotFoundError):
        iterate(closed)
    assert closed == [True]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, asyncio.CancelledError])
def test_an_interruption_closes_the_flow_and_goes_on(interruption: type[BaseException]) -> None:
    class Interrupting(Recorder):
        def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
            raise interruption

    closed: list[bool] = []
    items = RestliClient(Interrupting()).iterate(counting(closed))
    with pytest.raises(interruption):
        next(items)
    assert closed == [True]
    assert [*items] == []


def test_who_asks_for_an_item_that_is_on_its_way_is_not_told_that_it_is_the_end() -> None:
    told: list[str] = []

    def asking() -> Flow[None]:
        try:
            next(items)
        except RuntimeError as error:
            told.append(str(error))
        yield Item(1)

    items = RestliClient(FakeTransport()).iterate(asking())
    assert [*items] == [1]
    assert "on its way already" in told[0]


def test_two_tasks_do_not_share_the_items_unknowingly() -> None:
    class Slow(Recorder):
        async def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:  # type: ignore[override]
            await asyncio.sleep(0)
            return HttpResponse(200, [], b'{"name": "Summer"}')

    async def main() -> list[Any]:
        items = AsyncRestliClient(Slow()).iterate(counting([]))
        both: tuple[Any, Any] = await asyncio.gather(anext(items), anext(items), return_exceptions=True)
        first, second = both
        assert isinstance(second, RuntimeError)
        return [first, *[item async for item in items]]

    assert asyncio.run(main()) == EXPECTED


def test_a_stop_that_a_flow_raises_is_no_end() -> None:
    def stopping() -> Flow[None]:
        yield Item(1)
        raise StopAsyncIteration

    async def main() -> None:
        items = AsyncRestliClient(FakeAsyncTransport()).iterate(stopping())
        assert await anext(items) == 1
        with pytest.raises(RuntimeError, match="StopAsyncIteration"):
            await anext(items)

    asyncio.run(main())


def names() -> ItemFlow[str, int]:
    sents = yield from step(Together([GET, GET]))
    assert_type(sents, tuple[Sent[GetResponse], ...])
    for sent in sents:
        yield Item(str(sent.result().entity["name"]))
    return len(sents)


def test_types_are_exact() -> None:
    fake = FakeTransport()
    fake.collection("/adAccounts/{id:long}", ACCOUNTS)
    items = RestliClient(fake).iterate(names())
    assert_type(items, Items[str])
    assert [*items] == ["Summer", "Summer"]
    assert_type(run(names(), lambda _: ()), int)
    assert_type(AsyncRestliClient(FakeAsyncTransport()).iterate(names()), AsyncItems[str])
    assert_type(RestliClient(fake).iterate(counting([])), Items[Any])
