"""Calls in a second of CPU time through each transport that is installed, at 1, 32 and 1,000 in flight, and ratios.

    python -m benchmarks.transports [--seconds S] [--rounds N] [--baseline NAME] [--no-instructions]

Then what a whole call costs over the bare library, over the transport on it and through a client (`whole_calls`).

The server is a process of its own and answers a GET with 2 KB of JSON as fast as asyncio can, so that what is measured
is the client and the loopback. The transports take turns in each round, and the medians of the rounds are compared. It
is the CPU time of this process that counts, so that what else the machine does matters little.
Threads carry the calls of the blocking ones, which are spared a thousand of those.
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from statistics import median
from typing import IO, Any, Final, cast

import anyio

from benchmarks import instructions, whole_calls
from restli_core import HttpRequest
from restli_transports import AsyncTransport, Timeout, Transport

TRANSPORTS: Final[Mapping[str, tuple[str, str]]] = {
    "urllib3": ("urllib3", "Urllib3Transport"),
    "requests": ("requests", "RequestsTransport"),
    "httpx": ("httpx", "HttpxTransport"),
    "h11": ("h11", "H11Transport"),
    "httpx-async": ("httpx", "HttpxAsyncTransport"),
    "aiohttp": ("aiohttp", "AiohttpTransport"),
    "h11-async": ("h11", "H11AsyncTransport"),
}
IN_FLIGHT: Final = (1, 32, 1000)
_MOST_THREADS: Final = 32

_BODY: Final = json.dumps({f"field{n}": {"urn": f"urn:li:sponsoredCampaign:{n}", "n": n} for n in range(34)}).encode()
_ANSWER: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-RestLi-Protocol-Version: 2.0.0\r\n"
    b"Date: Mon, 01 Jun 2026 00:00:00 GMT\r\nX-LI-UUID: AAYy\r\nContent-Length: %d\r\n\r\n%b" % (len(_BODY), _BODY)
)
_HEADERS: Final = {
    "Authorization": "Bearer token",
    "X-RestLi-Protocol-Version": "2.0.0",
    "X-RestLi-Method": "get",
    "LinkedIn-Version": "202605",
}
_TIMEOUT: Final = Timeout()


class _Answering(asyncio.Protocol):
    """Answers whatever looks like the end of a request without a body."""

    def __init__(self) -> None:
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        *requests, self._received = (self._received + data).split(b"\r\n\r\n")
        self._transport.write(_ANSWER * len(requests))


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Answering, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def serving() -> Generator[HttpRequest]:
    """A request that a server answers, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.transports", "--serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        try:
            port = int(cast("IO[bytes]", server.stdout).readline())
            yield HttpRequest("GET", f"http://127.0.0.1:{port}/adAccounts/123", _HEADERS)
        finally:
            server.kill()


def present() -> dict[str, Callable[[], Any]]:
    """The transports whose libraries are here, by name."""
    found: dict[str, Callable[[], Any]] = {}
    for name, (module, kind) in TRANSPORTS.items():
        with suppress(ImportError):
            found[name] = getattr(import_module(f"restli_transports.{module}"), kind)
    return found


def is_awaited(make: Callable[[], Any]) -> bool:
    """Whether what makes a transport is the class of an asynchronous one."""
    return inspect.iscoroutinefunction(getattr(make, "send", None))


def blocking_rate(transport: Transport, request: HttpRequest, in_flight: int, seconds: float) -> float:
    """Calls in a second of CPU time, by as many threads as are to be in flight."""
    counts, stop = [0] * in_flight, threading.Event()

    def work(number: int) -> None:
        while not stop.is_set():
            transport.send(request, timeout=_TIMEOUT)
            counts[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(in_flight)]
    for thread in threads:
        thread.start()
    time.sleep(seconds / 4)  # the connections are made
    before, started = sum(counts), time.process_time()
    time.sleep(seconds)
    rate = (sum(counts) - before) / (time.process_time() - started)
    stop.set()
    for thread in threads:
        thread.join()
    return rate


async def async_rate(transport: AsyncTransport, request: HttpRequest, in_flight: int, seconds: float) -> float:
    """Calls in a second of CPU time, by as many tasks as are to be in flight."""
    count, rate = 0, 0.0

    async def work() -> None:
        nonlocal count
        while True:
            await transport.send(request, timeout=_TIMEOUT)
            count += 1

    async with anyio.create_task_group() as tasks:
        for _ in range(in_flight):
            tasks.start_soon(work)
        await anyio.sleep(seconds / 4)
        before, started = count, time.process_time()
        await anyio.sleep(seconds)
        rate = (count - before) / (time.process_time() - started)
        tasks.cancel_scope.cancel()
    return rate


async def _async_measured(make: Callable[[], Any], request: HttpRequest, in_flight: int, seconds: float) -> float:
    transport = make()
    try:
        return await async_rate(transport, request, in_flight, seconds)
    finally:
        await transport.close()


def measured(make: Callable[[], Any], request: HttpRequest, in_flight: int, seconds: float) -> float | None:
    """Calls in a second of CPU time; None where it is not measured."""
    if is_awaited(make):
        return anyio.run(_async_measured, make, request, in_flight, seconds)
    if in_flight > _MOST_THREADS:
        return None
    transport = make()
    try:
        return blocking_rate(transport, request, in_flight, seconds)
    finally:
        transport.close()


def rates(
    makers: Mapping[str, Callable[[], Any]], request: HttpRequest, in_flight: Sequence[int], seconds: float, rounds: int
) -> dict[str, list[float | None]]:
    """For each transport, which take turns, the median of its rounds, at each number in flight."""
    taken = [
        {name: [measured(make, request, number, seconds) for number in in_flight] for name, make in makers.items()}
        for _ in range(rounds)
    ]
    return {
        name: [_median(column) for column in zip(*(round_[name] for round_ in taken), strict=True)] for name in makers
    }


def print_whole_calls(seconds: float, rounds: int, *, count: bool) -> None:
    """Prints what a whole call costs, and what that is over the bare library's; in instructions, too, if asked for."""
    with serving() as request:
        times = whole_calls.microseconds(request.url, rounds, seconds)
        _print_over_bare("CPU us", times)
        if count:  # which takes minutes
            counts = {which: count / 1000 for which, count in whole_calls.counts(request.url).items()}
            _print_over_bare("1,000 instr.", counts)


def _print_over_bare(unit: str, costs: Mapping[tuple[str, str], float]) -> None:
    official = costs.get(whole_calls.OFFICIAL)
    headings = "".join(f"{kind:>10}{'':7}" for kind in whole_calls.KINDS)
    print(f"\n{unit:14}{headings}{'official / client' if official else ''}", flush=True)
    for library in dict.fromkeys(library for kind, library in costs if kind == "bare"):
        row = [costs[kind, library] for kind in whole_calls.KINDS]
        cells = "".join(f"{cost:10.0f} {cost / costs['bare', library] - 1:+6.0%}" for cost in row)
        print(f"{library:14}{cells}{f'{official / row[-1]:10.2f}' if official else ''}", flush=True)
    if official:
        print(f"{'official':14}{'':34}{official:10.0f}")


def _median(measurements: Sequence[float | None]) -> float | None:
    return median(rate for rate in measurements if rate is not None) if None not in measurements else None


def _cell(rate: float | None, base: float | None) -> str:
    if rate is None:
        return f"{'-':>8} {'':>6}"
    return f"{rate:8.0f} {rate / base:6.2f}" if base else f"{rate:8.0f} {'':>6}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--baseline", default="httpx-async", help="what the ratios are to, if it is installed")
    parser.add_argument("--no-instructions", action="store_true", help="count none, even if valgrind is installed")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.serve:
        asyncio.run(_serve())
        return
    with serving() as request:
        table = rates(present(), request, IN_FLIGHT, chosen.seconds, chosen.rounds)
    baseline = table.get(chosen.baseline, [None] * len(IN_FLIGHT))
    print(f"{'calls a CPU s':14}" + "".join(f"{f'{number} at once':>12}{'ratio':>7}" for number in IN_FLIGHT))
    for name, row in table.items():
        print(f"{name:14}" + "".join(f"    {_cell(*pair)}" for pair in zip(row, baseline, strict=True)))
    is_counted = instructions.is_there() and not chosen.no_instructions
    print_whole_calls(chosen.seconds / 4, chosen.rounds, count=is_counted)


if __name__ == "__main__":
    main()
