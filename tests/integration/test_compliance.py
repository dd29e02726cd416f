"""Every transport passes the suite that authors of others can use: with connections of its own, and with given ones."""

from __future__ import annotations

import contextlib
import ssl
import sys
from collections.abc import Generator
from typing import Any
from unittest import mock

import pytest

from restli_transports.testing.compliance import (
    AsyncTransportCompliance,
    ExactCompliance,
    GivenCompliance,
    Sender,
    TransportCompliance,
)
from restli_transports.testing.compliance.early_answers import OwnEarlyAnswers
from restli_transports.testing.compliance.raw_answers import OwnRawAnswers
from restli_transports.testing.compliance.time_limits import OwnTimeLimits
from tests.support.libraries import need, optional_imports

with optional_imports():
    import aiohttp
    import httpx
    import httpx2
    import requests
    import urllib3
    from anyio.from_thread import start_blocking_portal

    from restli_transports.aiohttp import AiohttpTransport
    from restli_transports.h11 import H11AsyncTransport, H11Transport
    from restli_transports.httpx import HttpxAsyncTransport, HttpxTransport
    from restli_transports.requests import ExactAdapter, RequestsTransport
    from restli_transports.urllib3 import Urllib3Transport
    from restli_transports.wire.urllib3_connections import POOL_CLASSES

pytestmark = pytest.mark.sockets


class TestUrllib3(TransportCompliance):
    def transport(self, **options: Any) -> Urllib3Transport:
        return Urllib3Transport(**options)


class TestUrllib3Given(GivenCompliance):
    def transport(self, **options: Any) -> Urllib3Transport:
        return Urllib3Transport(urllib3.PoolManager(), **options)

    def release(self, transport: Any) -> None:
        transport.session.clear()


class TestUrllib3Exact(ExactCompliance):
    def transport(self, **options: Any) -> Urllib3Transport:
        pool = urllib3.PoolManager()
        pool.pool_classes_by_scheme = POOL_CLASSES
        return Urllib3Transport(pool, **options)

    def release(self, transport: Any) -> None:
        transport.session.clear()


class TestRequests(TransportCompliance):
    def transport(self, **options: Any) -> RequestsTransport:
        return RequestsTransport(**options)


class TestRequestsGiven(GivenCompliance):
    def transport(self, **options: Any) -> RequestsTransport:
        return RequestsTransport(requests.Session(), **options)

    def release(self, transport: RequestsTransport) -> None:
        transport.session.close()


class TestRequestsExact(ExactCompliance):
    def transport(self, **options: Any) -> RequestsTransport:
        session = requests.Session()
        session.mount("http://", ExactAdapter())
        return RequestsTransport(session, **options)

    def release(self, transport: RequestsTransport) -> None:
        transport.session.close()


class TestHttpx(TransportCompliance):
    def transport(self, **options: Any) -> HttpxTransport:
        return HttpxTransport(**options)


class TestHttpx2(TransportCompliance):
    def transport(self, **options: Any) -> HttpxTransport:
        need("httpx2")
        with mock.patch.dict(sys.modules, {"httpx": None}):  # as where httpx2 alone is installed
            return HttpxTransport(**options)


class TestHttpxGiven(GivenCompliance):
    def transport(self, **options: Any) -> HttpxTransport:
        return HttpxTransport(httpx.Client(), **options)

    def release(self, transport: HttpxTransport) -> None:
        transport.session.close()


class TestHttpx2Given(GivenCompliance):
    def transport(self, **options: Any) -> HttpxTransport:
        client: Any = httpx2.Client()
        return HttpxTransport(client, **options)

    def release(self, transport: HttpxTransport) -> None:
        transport.session.close()


class TestHttpxAsync(AsyncTransportCompliance):
    def transport(self, **options: Any) -> HttpxAsyncTransport:
        return HttpxAsyncTransport(**options)


class TestHttpx2Async(AsyncTransportCompliance):
    def transport(self, **options: Any) -> HttpxAsyncTransport:
        need("httpx2")
        with mock.patch.dict(sys.modules, {"httpx": None}):
            return HttpxAsyncTransport(**options)


class TestHttpxAsyncOnTrio(TestHttpxAsync):
    backend = "trio"


class TestHttpxAsyncGiven(GivenCompliance):
    def transport(self, **options: Any) -> HttpxAsyncTransport:
        return HttpxAsyncTransport(httpx.AsyncClient(), **options)

    async def release(self, transport: HttpxAsyncTransport) -> None:
        await transport.session.aclose()


class TestHttpx2AsyncGiven(GivenCompliance):
    def transport(self, **options: Any) -> HttpxAsyncTransport:
        client: Any = httpx2.AsyncClient()
        return HttpxAsyncTransport(client, **options)

    async def release(self, transport: HttpxAsyncTransport) -> None:
        await transport.session.aclose()


class TestH11(TransportCompliance):
    def transport(self, **options: Any) -> H11Transport:
        return H11Transport(**options)


class TestH11Async(AsyncTransportCompliance):
    def transport(self, **options: Any) -> H11AsyncTransport:
        return H11AsyncTransport(**options)


class TestH11AsyncOnTrio(TestH11Async):
    backend = "trio"


class TestAiohttp(AsyncTransportCompliance):
    def transport(self, **options: Any) -> AiohttpTransport:
        return AiohttpTransport(**options)


class TestAiohttpGiven(OwnRawAnswers, OwnEarlyAnswers, OwnTimeLimits, ExactCompliance):
    @contextlib.contextmanager
    def opened(self, **options: Any) -> Generator[Sender]:
        async def make() -> AiohttpTransport:
            connector = aiohttp.TCPConnector(ssl=ssl.create_default_context())  # its own is as old as its module
            return AiohttpTransport(aiohttp.ClientSession(connector=connector), **options)

        with start_blocking_portal() as portal:  # a session is made in the loop that it belongs to
            transport = portal.call(make)
            sender = Sender(transport, portal)
            yield sender
            sender.close()
            portal.call(sender.session.close)
