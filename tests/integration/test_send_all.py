"""`send_all` over sockets, and on the system's clock: all in order, few connections, and waits that end with it."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from restli_core import (
    Call,
    GetResponse,
    HttpRequest,
    HttpResponse,
    InvalidCallError,
    Limit,
    RateLimitError,
    RetryPolicy,
)
from restli_transports import AsyncRestliClient, RestliClient, Timeout
from restli_transports.events import Waiting
from restli_transports.testing import RestliServer
from tests.support.flows_of_steps import open_threads
from tests.support.libraries import optional_imports
from tests.support.recorders import Recorder
from tests.support.source_tree import ROOT

with optional_imports():
    import anyio

    from restli_transports.aiohttp import AiohttpTransport
    from restli_transports.h11 import H11AsyncTransport, H11Transport
    from restli_transports.httpx import HttpxAsyncTransport
    from restli_transports.urllib3 import Urllib3Transport

LONG = 60  # seconds, which only a test that fails waits
ACCOUNTS = 60
PATIENT = RetryPolicy(total=None)


@pytest.fixture(scope="module")
def server() -> Generator[RestliServer]:
    with RestliServer() as running:
        running.collection("/adAccounts/{id:long}", [{"id": number} for number in range(ACCOUNTS)])
        yield running


def calls_of(client: Any) -> list[Call[GetResponse]]:
    return [client.calls.get("/adAccounts/{id}", path_keys={"id": number}) for number in range(ACCOUNTS + 1)]


def check(ids: list[Any]) -> None:
    assert ids == [*range(ACCOUNTS), "NotFoundError"]  # the last one is not there


def id_of(sent: Any) -> Any:
    return type(sent.error).__name__ if sent.error else sent.result().entity["id"]


@pytest.mark.sockets
@pytest.mark.parametrize("transport", [Urllib3Transport, H11Transport])
def test_by_threads(server: RestliServer, transport: Any) -> None:
    with RestliClient(transport(), base_url=server.base_url) as client:
        check([id_of(sent) for sent in client.send_all(calls_of(client), at_once=16)])
        for number, _ in enumerate(client.send_all(calls_of(client), at_once=16, ordered=False)):
            if number == 20:
                break
        assert open_threads() == []


@pytest.mark.sockets
@pytest.mark.parametrize(
    ("backend", "transport"),
    [
        *[(backend, kind) for backend in ("asyncio", "trio") for kind in (HttpxAsyncTransport, H11AsyncTransport)],
        ("asyncio", AiohttpTransport),
    ],
)
def test_by_tasks(server: RestliServer, backend: str, transport: Any) -> None:
    async def main() -> None:
        async with AsyncRestliClient(transport(), base_url=server.base_url) as client:
            async with client.send_all(calls_of(client), at_once=16) as sending:
                check([id_of(sent) async for sent in sending])
            async with client.send_all(calls_of(client), at_once=16, ordered=False) as sending:
                async for _ in sending:
                    break
            # What was cancelled in the midst has spoiled no connection.
            async with client.send_all(calls_of(client), at_once=16) as sending:
                check([id_of(sent) async for sent in sending])

    anyio.run(main, backend=backend)


class Throttled:
    """A transport without a clock of its own; but for the first call, it says to come back in a quarter of an hour."""

    def __init__(self) -> None:
        self.numbers = itertools.count()
        self.throttled = threading.Event()

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        if next(self.numbers) == 1:
            return HttpResponse(200, {}, b"{}")
        self.throttled.set()
        raise RateLimitError(HttpResponse(429), request=request, retry_after=1000)


class AsyncThrottled(Throttled):
    async def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:  # type: ignore[override]
        return super().send(request, timeout=timeout)


def test_leaving_ends_waits_before_retries() -> None:
    transport = Throttled()
    client = RestliClient(transport, retry=PATIENT)
    calls = (client.calls.get("/me") for _ in itertools.count())
    with client.send_all(calls, ordered=False, at_once=6) as sending:
        assert next(sending).error is None
        assert transport.throttled.wait(LONG)
    assert open_threads() == []
    assert next(transport.numbers) <= 7


def test_leaving_ends_waits_for_limits() -> None:
    transport, waiting = Recorder(), threading.Event()
    client = RestliClient(
        transport,
        limits=[Limit(2, 1000, wait=None)],
        on_event=lambda event: waiting.set() if isinstance(event, Waiting) else None,
    )
    calls = (client.calls.get("/me") for _ in itertools.count())
    with client.send_all(calls, ordered=False, at_once=6) as sending:
        assert [next(sending).error for _ in range(2)] == [None, None]
        with ThreadPoolExecutor(1) as pool:
            third = pool.submit(next, sending)
            assert waiting.wait(LONG)
            sending.close()
            assert isinstance(third.exception(LONG), InvalidCallError)
    assert open_threads() == []
    assert len(transport.sent) == 2


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_leaving_ends_the_waits_of_tasks(backend: str) -> None:
    async def main() -> None:
        client = AsyncRestliClient(AsyncThrottled(), retry=PATIENT)
        calls = (client.calls.get("/me") for _ in itertools.count())
        with anyio.fail_after(LONG):
            async with client.send_all(calls, ordered=False) as sending:
                async for sent in sending:
                    assert sent.error is None
                    break

    anyio.run(main, backend=backend)


INTERRUPTED = """
import itertools, os, signal, sys, threading
from restli_core import HttpResponse, RateLimitError, RetryPolicy
from restli_transports import RestliClient

signal.signal(signal.SIGINT, signal.default_int_handler)  # shells have what runs in the background ignore it

class Throttled:
    def __init__(self):
        self.sent = 0
        self.lock = threading.Lock()

    def send(self, request, *, timeout):
        with self.lock:
            self.sent += 1
            if self.sent == 4:  # all of them are on their way
                threading.Thread(target=os.kill, args=(os.getpid(), signal.SIGINT)).start()
        raise RateLimitError(HttpResponse(429), request=request, retry_after=1000)

transport = Throttled()
client = RestliClient(transport, retry=RetryPolicy(total=None))
calls = (client.calls.get("/me") for _ in itertools.count())
try:
    with client.send_all(calls, at_once=4) as sending:
        for sent in sending:
            print(sent)
except KeyboardInterrupt:
    print("interrupted", transport.sent)
"""


@pytest.mark.skipif(os.name == "nt", reason="needs signals to oneself")
def test_an_interrupt_ends_it_with_all_waits() -> None:
    path = os.pathsep.join([str(ROOT), str(ROOT / "transports")])
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED],
        check=False,
        capture_output=True,
        text=True,
        timeout=LONG,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "interrupted 4\n", "")
