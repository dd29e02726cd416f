"""What a whole GET costs over each library, and over our transports and clients on it: CPU time, and instructions.

`benchmarks.transports` prints the table. A server in another process answers with 2 KB of JSON. The bare library sends
the same headers and loads the same JSON. LinkedIn's own client, which sends by requests, is in it where it is
installed. Instructions are counted as `benchmarks.instructions` says, where valgrind is installed.
"""

from __future__ import annotations

import asyncio
import atexit
import inspect
import json
import os
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from functools import partial
from importlib import import_module
from statistics import median
from timeit import Timer
from typing import Any, Final
from unittest import mock
from urllib.parse import urlsplit

from benchmarks import instructions
from restli_core import HttpRequest
from restli_transports import AsyncRestliClient, RestliClient, Timeout

__all__ = ["KINDS", "OFFICIAL", "contenders", "counts", "microseconds", "operations"]

KINDS: Final = ("bare", "adapter", "client")
"""The library by itself; our transport, with the JSON loaded; a client's `get`."""

OFFICIAL: Final = ("client", "official")
"""LinkedIn's own client among the contenders."""

_URL: Final = "RESTLI_BENCHMARKS_URL"  # the variable that tells a process under valgrind where the server is

_TOKEN: Final = "t" * 340
_HEADERS: Final = {
    "Accept": "application/json",
    "Authorization": f"Bearer {_TOKEN}",
    "LinkedIn-Version": "202605",
    "X-RestLi-Method": "get",
    "X-RestLi-Protocol-Version": "2.0.0",
}
_TRANSPORTS: Final = {
    "h11": "H11Transport",
    "urllib3": "Urllib3Transport",
    "aiohttp": "AiohttpTransport",
    "httpx": "HttpxTransport",
    "requests": "RequestsTransport",
}
_WARM_UP: Final = 40

Call = Callable[[], object]


def _bare_h11(url: str, closing: ExitStack) -> Call:
    import h11  # noqa: PLC0415 - each may be missing, here and below

    parts = urlsplit(url)
    sock = closing.enter_context(socket.create_connection((parts.hostname, parts.port)))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    http = h11.Connection(h11.CLIENT)
    headers = [("Host", parts.netloc), ("Accept-Encoding", "gzip, deflate"), *_HEADERS.items()]

    def call() -> object:
        head = h11.Request(method="GET", target=parts.path, headers=headers)
        sock.sendall((http.send(head) or b"") + (http.send(h11.EndOfMessage()) or b""))
        body = b""
        while not isinstance(event := http.next_event(), h11.EndOfMessage):
            if event is h11.NEED_DATA:
                http.receive_data(sock.recv(65536))
            elif isinstance(event, h11.Data):
                body += event.data
        http.start_next_cycle()
        return json.loads(body)

    return call


def _bare_urllib3(url: str, closing: ExitStack) -> Call:
    import urllib3  # noqa: PLC0415

    pool = closing.enter_context(urllib3.PoolManager())
    return lambda: json.loads(pool.request("GET", url, headers=_HEADERS).data)


def _bare_httpx(url: str, closing: ExitStack) -> Call:
    import httpx  # noqa: PLC0415

    client = closing.enter_context(httpx.Client())
    return lambda: json.loads(client.get(url, headers=_HEADERS).content)


def _bare_requests(url: str, closing: ExitStack) -> Call:
    import requests  # noqa: PLC0415

    session = closing.enter_context(requests.Session())
    return lambda: json.loads(session.get(url, headers=_HEADERS).content)


def _bare_aiohttp(url: str, closing: ExitStack) -> Call:
    import aiohttp  # noqa: PLC0415

    loop = closing.enter_context(asyncio.Runner())

    async def make() -> aiohttp.ClientSession:
        return aiohttp.ClientSession()

    session = loop.run(make())
    closing.callback(lambda: loop.run(session.close()))

    async def call() -> object:
        async with session.get(url, headers=_HEADERS) as response:
            return json.loads(await response.read())

    return lambda: loop.run(call())


_BARE: Final[Mapping[str, Callable[[str, ExitStack], Call]]] = {
    "h11": _bare_h11,
    "urllib3": _bare_urllib3,
    "aiohttp": _bare_aiohttp,
    "httpx": _bare_httpx,
    "requests": _bare_requests,
}


def _official(url: str, closing: ExitStack) -> Call:
    parts = urlsplit(url)
    constants = import_module("linkedin_api.common.constants")
    closing.enter_context(mock.patch.object(constants, "VERSIONED_BASE_URL", f"{parts.scheme}://{parts.netloc}"))
    client = import_module("linkedin_api.clients.restli.client").RestliClient()
    closing.callback(client.session.close)
    return partial(client.get, resource_path=parts.path, access_token=_TOKEN, version_string="202605")


def _make(kind: str, library: str, url: str, closing: ExitStack) -> Call:
    """Return what makes one call; what it opens closes with the stack."""
    if (kind, library) == OFFICIAL:
        return _official(url, closing)
    if kind == "bare":
        return _BARE[library](url, closing)
    transport: Any = getattr(import_module(f"restli_transports.{library}"), _TRANSPORTS[library])()
    request, timeout = HttpRequest("GET", url, _HEADERS), Timeout()
    parts = urlsplit(url)
    options: Any = {
        "base_url": f"{parts.scheme}://{parts.netloc}",
        "access_token": _TOKEN,
        "version_string": "202605",
    }
    if inspect.iscoroutinefunction(transport.send):
        return _make_awaited(kind, transport, request, options, closing)
    closing.callback(transport.close)
    if kind == "adapter":
        return lambda: json.loads(transport.send(request, timeout=timeout).body)
    return partial(RestliClient(transport, **options).get, parts.path)


def _make_awaited(kind: str, transport: Any, request: HttpRequest, options: Any, closing: ExitStack) -> Call:
    """Return what makes one call in an event loop, which costs each call a start and a stop of the loop."""
    loop, timeout = closing.enter_context(asyncio.Runner()), Timeout()
    closing.callback(lambda: loop.run(transport.close()))

    async def send() -> object:
        return json.loads((await transport.send(request, timeout=timeout)).body)

    client = AsyncRestliClient(transport, **options)
    path = urlsplit(request.url).path
    return (lambda: loop.run(send())) if kind == "adapter" else (lambda: loop.run(client.get(path)))


def contenders() -> list[tuple[str, str]]:
    """The kinds and libraries that there are: those of libraries that are installed, and LinkedIn's own client."""
    found: list[str] = []
    for library in _BARE:
        with suppress(ImportError):
            import_module(f"restli_transports.{library}")
            import_module(library)
            found.append(library)
    pairs = [(kind, library) for library in found for kind in KINDS]
    with suppress(ImportError):
        import_module("linkedin_api.clients.restli.client")
        pairs.append(OFFICIAL)
    return pairs


def microseconds(url: str, rounds: int, seconds: float) -> dict[tuple[str, str], float]:
    """The CPU time of one call of each contender, which take turns in each round; the median of the rounds."""
    with ExitStack() as closing:
        timers = {which: Timer(_make(*which, url, closing), timer=time.process_time) for which in contenders()}
        warm = {which: timer.timeit(_WARM_UP) / _WARM_UP for which, timer in timers.items()}
        numbers = {which: max(1, int(seconds / max(taken, 1e-6))) for which, taken in warm.items()}
        taken = [
            {which: timer.timeit(numbers[which]) / numbers[which] for which, timer in timers.items()}
            for _ in range(rounds)
        ]
    return {which: median(round_[which] for round_ in taken) * 1e6 for which in timers}


def operations(closing: ExitStack | None = None) -> dict[str, Call]:
    """Return what is counted in instructions, by kind and library; the environment says where the server is.

    What they open closes with the stack; without one, when the process ends.
    """
    if closing is None:
        closing = ExitStack()
        atexit.register(closing.close)
    return {" ".join(which): _make(*which, os.environ[_URL], closing) for which in contenders()}


def counts(url: str) -> dict[tuple[str, str], float]:
    """The instructions of one call of each contender."""
    os.environ[_URL] = url
    try:
        counted = instructions.counts("benchmarks.whole_calls")
    finally:
        del os.environ[_URL]
    return {which: counted[" ".join(which)] for which in contenders()}
