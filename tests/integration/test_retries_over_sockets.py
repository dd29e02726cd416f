"""Each transport, with a real server that fails some times and then answers: nobody waits, on a clock that does not."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from restli_core import ConnectError, ProtocolError, RestliError, RetryPolicy, ServerError
from restli_transports import AsyncRestliClient, RestliClient
from restli_transports.testing.scripted_server import Connection, Script, ScriptedServer, response
from tests.support.libraries import optional_imports

with optional_imports():
    import anyio

    from restli_transports.aiohttp import AiohttpTransport
    from restli_transports.h11 import H11AsyncTransport, H11Transport
    from restli_transports.httpx import HttpxAsyncTransport, HttpxTransport
    from restli_transports.requests import RequestsTransport
    from restli_transports.urllib3 import Urllib3Transport

pytestmark = pytest.mark.sockets

OK = response("200 OK", b'{"id": 5}')
LATER = response("503 Service Unavailable", b'{"message": "later"}')
TRANSPORTS: list[Any] = [
    Urllib3Transport,
    RequestsTransport,
    HttpxTransport,
    H11Transport,
    HttpxAsyncTransport,
    H11AsyncTransport,
    AiohttpTransport,
]


class Impatient:
    """A clock whose waits end at once, and are listed."""

    now = staticmethod(time.monotonic)

    def __init__(self) -> None:
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


class AsyncImpatient(Impatient):
    async def sleep(self, seconds: float) -> None:  # type: ignore[override]
        super().sleep(seconds)
        await anyio.lowlevel.checkpoint()


RESET, CUT = b"reset", OK[:-4]


def playing(*plan: bytes) -> Script:
    """Return a script that gives each request, on whichever connection it comes, the next of these; OK at the end."""
    left = iter(plan)
    lock = threading.Lock()

    def script(connection: Connection) -> None:
        while connection.request():
            with lock:
                planned = next(left, OK)
            if planned is RESET:
                connection.reset()
                return
            connection.send(planned)
            if planned is CUT:
                return

    return script


def loop_of(kind: Any) -> list[str]:
    if kind is AiohttpTransport:
        return ["asyncio"]
    return ["asyncio", "trio"] if "Async" in kind.__name__ else ["none"]


EACH = [pytest.param(kind, loop, id=f"{kind.__name__} {loop}") for kind in TRANSPORTS for loop in loop_of(kind)]


def outcomes_of(kind: Any, loop: str, url: str, *methods: str, **options: Any) -> tuple[list[Any], list[float]]:
    """What calls to a server come to, one after another, by one client; and its waits."""
    transport = kind()
    transport.clock = clock = Impatient() if loop == "none" else AsyncImpatient()
    arguments = {"get": ("/me",), "create": ("/me", {"a": 1})}
    outcomes: list[Any] = []

    async def awaited() -> None:
        async with AsyncRestliClient(transport, base_url=url, **options) as client:
            for method in methods:
                try:
                    outcomes.append(await getattr(client, method)(*arguments[method]))
                except RestliError as error:
                    outcomes.append(error)

    if loop == "none":
        with RestliClient(transport, base_url=url, **options) as client:
            for method in methods:
                try:
                    outcomes.append(getattr(client, method)(*arguments[method]))
                except RestliError as error:
                    outcomes.append(error)
    else:
        anyio.run(awaited, backend=loop)
    return outcomes, clock.waits


@pytest.mark.parametrize(("kind", "loop"), EACH)
def test_a_call_outlives_what_a_server_does_three_times(kind: Any, loop: str) -> None:
    with ScriptedServer(playing(RESET, CUT, LATER)) as server:
        outcomes, waits = outcomes_of(kind, loop, server.url, "get", random=lambda: 1.0)
    assert [one.entity for one in outcomes] == [{"id": 5}]
    assert (waits, len(server.received)) == ([0.25, 0.5, 1.0], 4)


@pytest.mark.parametrize(("kind", "loop"), EACH)
def test_after_four_tries_the_last_error_is_raised_with_all(kind: Any, loop: str) -> None:
    with ScriptedServer(playing(RESET, LATER, CUT, LATER)) as server:
        (error,), waits = outcomes_of(kind, loop, server.url, "get", random=lambda: 0.5)
    assert [type(one.error) for one in error.attempts] == [ProtocolError, ServerError, ProtocolError, ServerError]
    assert (type(error), waits, len(server.received)) == (ServerError, [0.125, 0.25, 0.5], 4)
    assert "; after 4 tries in " in str(error)


@pytest.mark.parametrize(("kind", "loop"), EACH)
def test_what_creates_is_not_sent_again(kind: Any, loop: str) -> None:
    with ScriptedServer(playing(RESET, CUT, LATER)) as server:
        outcomes, waits = outcomes_of(kind, loop, server.url, "create", "create", "create")
    assert [type(one) for one in outcomes] == [ProtocolError, ProtocolError, ServerError]
    assert (waits, len(server.received)) == ([], 3)


@pytest.mark.parametrize(("kind", "loop"), EACH)
def test_a_server_that_is_not_there_is_tried_for_every_method(kind: Any, loop: str) -> None:
    with ScriptedServer(playing()) as server:
        url = server.url
    outcomes, waits = outcomes_of(kind, loop, url, "create", "get", retry=RetryPolicy(tries=3), random=lambda: 1.0)
    assert [type(one) for one in outcomes] == [ConnectError, ConnectError]
    assert [len(one.attempts) for one in outcomes] == [3, 3]
    assert waits == [0.25, 0.5] * 2
