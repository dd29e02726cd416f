"""Mistaken: what is used as if it were of the other kind says what to write, and type checkers see the mistake."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import pytest

from restli_core import Call, Calls, CollectionResponse, get, get_all
from restli_core.flows import Flow, Item
from restli_transports import AsyncRestliClient, RestliClient
from restli_transports.sending import send_all
from restli_transports.testing import FakeAsyncTransport, FakeTransport

PAGED: Final[Call[CollectionResponse]] = get_all("/posts")


def numbers() -> Flow[None]:
    yield Item(1)


def of_an_executor() -> Any:
    return send_all([get("/me")], RestliClient, ThreadPoolExecutor(1))


BLOCKING: Final[dict[str, Callable[[RestliClient], Any]]] = {
    "Pages": lambda client: client.pages(PAGED),
    "Elements": lambda client: client.elements(PAGED),
    "Items": lambda client: client.iterate(numbers()),
    "Sending": lambda client: client.send_all([]),
    "Sending of rows": lambda client: client.send_rows(Calls().batch_get, "/posts", []),
    "ExecutorSending": lambda _: of_an_executor(),
}
AWAITED: Final[dict[str, Callable[[AsyncRestliClient], Any]]] = {
    "AsyncPages": lambda client: client.pages(PAGED),
    "AsyncElements": lambda client: client.elements(PAGED),
    "AsyncItems": lambda client: client.iterate(numbers()),
    "AsyncSending": lambda client: client.send_all([]),
    "AsyncSending of rows": lambda client: client.send_rows(Calls().batch_get, "/posts", []),
}
ENTERED = ("Items", "Sending", "Sending of rows", "ExecutorSending")


async def loop(over: Any) -> None:
    async for _ in over:
        raise AssertionError


async def enter(it: Any) -> None:
    async with it:
        raise AssertionError


async def wait_for(it: Any) -> None:
    await it


@pytest.mark.parametrize("kind", BLOCKING)
def test_async_for_over_what_blocks(kind: str) -> None:
    made = BLOCKING[kind](RestliClient(FakeTransport()))
    with pytest.raises(TypeError, match=rf"^{kind.split(maxsplit=1)[0]} blocks: write `.*for`"):
        asyncio.run(loop(made))
    if kind in ENTERED:
        with pytest.raises(TypeError, match=rf"^{kind.split(maxsplit=1)[0]} blocks: write `with`"):
            asyncio.run(enter(made))


@pytest.mark.parametrize("kind", AWAITED)
def test_for_over_what_is_asynchronous(kind: str) -> None:
    made = AWAITED[kind](AsyncRestliClient(FakeAsyncTransport()))
    name = kind.split(maxsplit=1)[0]
    with pytest.raises(TypeError, match=rf"^{name} is asynchronous: write `async .*for`"):
        list(made)
    with pytest.raises(TypeError, match=rf"^{name} is not awaited: write `async .*for`"):
        asyncio.run(wait_for(made))
    if kind.removeprefix("Async") in ENTERED:
        with pytest.raises(TypeError, match=rf"^{name} is asynchronous: write `async with`"):  # noqa: SIM117
            with made:
                raise AssertionError


def test_type_checkers_see_the_mistake() -> None:
    # mypy reports each of the comments that nothing needs.
    client, awaited = RestliClient(FakeTransport()), AsyncRestliClient(FakeAsyncTransport())
    with pytest.raises(TypeError):
        list(awaited.pages(PAGED))  # type: ignore[call-overload]
    with pytest.raises(TypeError):
        list(awaited.iterate(numbers()))  # type: ignore[call-overload]
    with pytest.raises(TypeError):
        list(awaited.send_all([PAGED]))  # type: ignore[call-overload]
    with pytest.raises(TypeError), awaited.send_all([PAGED]):  # type: ignore[attr-defined]
        pass
    with pytest.raises(TypeError), awaited:  # type: ignore[attr-defined]
        pass

    async def main() -> None:
        with pytest.raises(TypeError):
            await awaited.elements(PAGED)  # type: ignore[misc]
        with pytest.raises(TypeError):
            aiter(client.elements(PAGED))  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            async with client:  # type: ignore[attr-defined]
                pass

    asyncio.run(main())
