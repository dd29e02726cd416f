"""What a whole GET costs over each library, and over our transports and clients on it: CPU time, and instructions.

`benchmarks.transports` prints the table. A server in another process answers with 2 KB of JSON. The bare library sends
the same headers and loads the same JSON. Instructions are counted by callgrind, where valgrind is installed: each
contender has a process of its own, with a fixed hash seed and the collector frozen after the imports; after calls that
warm it up, the count of one call is taken from that of several.
"""

from __future__ import annotations

import gc
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from functools import partial
from importlib import import_module
from statistics import median
from timeit import Timer
from typing import Any, Final
from urllib.parse import urlsplit

from restli_core import HttpRequest
from restli_transports import RestliClient, Timeout

__all__ = ["KINDS", "can_count", "contenders", "instructions", "microseconds", "run"]

KINDS: Final = ("bare", "adapter", "client")
"""The library by itself; our transport, with the JSON loaded; a client's `get`."""

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
    "httpx": "HttpxTransport",
    "requests": "RequestsTransport",
}
_WARM_UP: Final = 40
_COUNTED: Final = 40

Call = Callable[[], object]


def _bare_h11(url: str, closing: ExitStack) -> Call:
    import h11  # noqa: PLC0415 - one library to a process, here and below

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


_BARE: Final[Mapping[str, Callable[[str, ExitStack], Call]]] = {
    "h11": _bare_h11,
    "urllib3": _bare_urllib3,
    "httpx": _bare_httpx,
    "requests": _bare_requests,
}


def _make(kind: str, library: str, url: str, closing: ExitStack) -> Call:
    """Return what makes one call; what it opens closes with the stack."""
    if kind == "bare":
        return _BARE[library](url, closing)
    transport: Any = getattr(import_module(f"restli_transports.{library}"), _TRANSPORTS[library])()
    closing.callback(transport.close)
    if kind == "adapter":
        request, timeout = HttpRequest("GET", url, _HEADERS), Timeout()
        return lambda: json.loads(transport.send(request, timeout=timeout).body)
    parts = urlsplit(url)
    base_url = f"{parts.scheme}://{parts.netloc}"
    client = RestliClient(transport, base_url=base_url, access_token=_TOKEN, version_string="202605")
    return partial(client.get, parts.path)


def contenders() -> list[tuple[str, str]]:
    """The kinds and libraries that there are: those of libraries that are installed."""
    found: list[str] = []
    for library in _BARE:
        with suppress(ImportError):
            import_module(f"restli_transports.{library}")
            import_module(library)
            found.append(library)
    return [(kind, library) for library in found for kind in KINDS]


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


def can_count() -> bool:
    """Whether valgrind is installed."""
    return shutil.which("valgrind") is not None


def instructions(kind: str, library: str, url: str) -> float:
    """The instructions of one call of a contender."""

    def counted(times: int) -> int:
        command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable, "-m"]
        program = ["benchmarks.transports", "--run", kind, library, url, str(times)]
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        done = subprocess.run([*command, *program], env=environment, capture_output=True, text=True, check=True)
        return int(re.findall(r"Collected : (\d+)", done.stderr)[0])

    return (counted(1 + _COUNTED) - counted(1)) / _COUNTED


def run(kind: str, library: str, url: str, times: str) -> None:
    """Make so many calls, after others that warm it up: what callgrind counts."""
    with ExitStack() as closing:
        call = _make(kind, library, url, closing)
        gc.collect()
        gc.freeze()
        for _ in range(_WARM_UP + int(times)):
            call()
        gc.unfreeze()
