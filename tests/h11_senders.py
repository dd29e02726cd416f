"""The transports over h11 as one kind of sender, so that one test serves them all.

An asynchronous transport lives in an event loop of its own, in a thread, and is called from outside.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol

from anyio.from_thread import BlockingPortal, start_blocking_portal

from restli_core import HttpRequest, HttpResponse
from restli_transports import Timeout
from restli_transports.h11 import H11AsyncTransport, H11Transport

__all__ = ["BACKENDS", "QUICK", "SENDERS", "Sender", "make"]

QUICK = Timeout(connect=5, read=5, total=10)
BACKENDS = ["asyncio", *(["trio"] if importlib.util.find_spec("trio") else [])]
SENDERS = ["blocking", *BACKENDS]


class Sender(Protocol):
    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse: ...

    def close(self) -> None: ...


class _Outside:
    def __init__(self, portal: BlockingPortal, transport: H11AsyncTransport) -> None:
        self._portal = portal
        self._transport = transport

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        return self._portal.call(partial(self._transport.send, request, timeout=timeout))

    def close(self) -> None:
        self._portal.call(self._transport.close)


@contextmanager
def make(kind: str, **options: Any) -> Generator[Sender]:
    """A transport, closed at the end."""
    if kind == "blocking":
        transport = H11Transport(**options)
        yield transport
        transport.close()
        return
    with start_blocking_portal(kind) as portal:
        sender = _Outside(portal, H11AsyncTransport(**options))
        yield sender
        sender.close()
