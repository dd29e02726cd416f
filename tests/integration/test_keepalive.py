"""Idle connections: one that has rested longer than `keepalive_seconds` is not used again, over any transport."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from restli_core import InvalidCallError
from restli_transports.testing.compliance.scripts import OK
from restli_transports.testing.compliance.senders import get, sending
from restli_transports.testing.compliance.surroundings import plain_environment
from restli_transports.testing.scripted_server import ScriptedServer, answer
from restli_transports.wire import idle_connections, urllib3_connections, urllib3_pools
from tests.support.libraries import optional_imports
from tests.support.stopped_clock import StoppedClock

with optional_imports():
    import requests
    import urllib3

    from restli_transports.aiohttp import AiohttpTransport
    from restli_transports.h11 import H11AsyncTransport, H11Transport
    from restli_transports.httpx import HttpxAsyncTransport, HttpxTransport
    from restli_transports.requests import RequestsTransport
    from restli_transports.urllib3 import Urllib3Transport

pytestmark = pytest.mark.sockets

Making = Callable[..., Any]

# Those that keep the time of their connections by the clocks of this package.
TIMED: dict[str, Making] = {
    "urllib3": Urllib3Transport,
    "urllib3-given": lambda **options: Urllib3Transport(urllib3.PoolManager(), **options),
    "requests": RequestsTransport,
    "requests-given": lambda **options: RequestsTransport(requests.Session(), **options),
    "h11": H11Transport,
    "h11-async": H11AsyncTransport,
}
EACH = TIMED | {"httpx": HttpxTransport, "httpx-async": HttpxAsyncTransport, "aiohttp": AiohttpTransport}


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plain_environment(monkeypatch, tmp_path)


def release(transport: Any) -> None:
    """Close what a transport was given, of urllib3 or requests."""
    session = transport.session
    if isinstance(session, urllib3.PoolManager):
        session.clear()
    elif isinstance(session, requests.Session):
        session.close()


@pytest.mark.parametrize("make", EACH.values(), ids=EACH)
@pytest.mark.parametrize(("seconds", "connections"), [(0, 3), (None, 1), (30.5, 1)], ids=["none", "no limit", "30.5 s"])
def test_it_is_used_again_within_that_time(make: Making, seconds: float | None, connections: int) -> None:
    with ScriptedServer(answer(OK)) as server, sending(make(keepalive_seconds=seconds), release=release) as sender:
        for _ in range(3):
            assert get(sender, server.url).status_code == 200
    assert (server.connections, len(server.received)) == (connections, 3)


@pytest.mark.parametrize("make", TIMED.values(), ids=TIMED)
@pytest.mark.parametrize(("options", "limit"), [({}, 60), ({"keepalive_seconds": 5}, 5)], ids=["60 s", "5 s"])
def test_one_that_rested_longer_is_replaced(
    make: Making, options: dict[str, float], limit: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = StoppedClock()
    for module in (urllib3_connections, urllib3_pools, idle_connections):
        monkeypatch.setattr(module, "time", clock)
    with ScriptedServer(answer(OK)) as server, sending(make(**options), release=release) as sender:
        get(sender, server.url)
        clock.now += limit - 1
        get(sender, server.url)
        assert server.connections == 1
        clock.now += limit + 1
        get(sender, server.url)
        assert server.connections == 2


@pytest.mark.parametrize("make", EACH.values(), ids=EACH)
@pytest.mark.parametrize("seconds", [-1, True, "60", float("nan"), float("inf")], ids=repr)
def test_what_is_not_a_time_is_an_invalid_call(make: Making, seconds: Any) -> None:
    with pytest.raises(InvalidCallError, match="keepalive_seconds: must be a number of seconds, from 0"):
        make(keepalive_seconds=seconds)
