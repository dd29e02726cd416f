"""Clients over every transport as one kind, so that one test serves them all.

An asynchronous client lives in an event loop of its own, in a thread, and is called from outside.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from anyio.from_thread import BlockingPortal, start_blocking_portal

from restli_transports import AsyncAuthClient, AuthClient
from restli_transports.aiohttp import AiohttpTransport
from restli_transports.h11 import H11AsyncTransport, H11Transport
from restli_transports.httpx import HttpxAsyncTransport, HttpxTransport
from restli_transports.requests import RequestsTransport
from restli_transports.urllib3 import Urllib3Transport

__all__ = ["KINDS", "Maker", "auth_clients"]

BLOCKING: Final[Mapping[str, Callable[[], Any]]] = {
    "urllib3": Urllib3Transport,
    "requests": RequestsTransport,
    "httpx": HttpxTransport,
    "h11": H11Transport,
}
AWAITED: Final[Mapping[str, Callable[[], Any]]] = {
    "httpx": HttpxAsyncTransport,
    "h11": H11AsyncTransport,
    "aiohttp": AiohttpTransport,
}
KINDS: Final = [
    *BLOCKING,
    *(f"{name}-{loop}" for name in AWAITED for loop in ("asyncio", "trio") if (name, loop) != ("aiohttp", "trio")),
]

Maker = Callable[..., Any]


class Outside:
    """A client in an event loop, seen from outside: its methods block."""

    def __init__(self, portal: BlockingPortal, client: Any) -> None:
        self._portal = portal
        self._client = client

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        return partial(self._call, found) if inspect.iscoroutinefunction(found) else found

    def _call(self, method: Callable[..., Any], *args: Any, **options: Any) -> Any:
        return self._portal.call(partial(method, *args, **options))


@contextmanager
def auth_clients(kind: str, base_url: str) -> Generator[Maker]:
    """What makes auth clients of this kind, all on one transport."""
    name, _, loop = kind.partition("-")
    if not loop:
        transport = BLOCKING[name]()
        yield partial(AuthClient, transport=transport, base_url=base_url)
        transport.close()
        return
    with start_blocking_portal(loop) as portal:
        # Made inside, since some of it belongs to the event loop.
        awaited = portal.call(AWAITED[name])
        yield lambda *args, **options: Outside(
            portal, AsyncAuthClient(*args, **{"transport": awaited, "base_url": base_url, **options})
        )
        portal.call(awaited.close)
