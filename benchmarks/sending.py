"""Calls a second of `send_all`, and of a thread pool written by hand over the same transport; their ratio.

    python -m benchmarks.sending [--calls N] [--at-once N] [--runs N] [--transport NAME]

The embedded server, in a process of its own, answers. In each run both send the same calls, in turns which of them is
first; each keeps its transport, whose connections are there already. The median of the ratios is what counts: above 1,
`send_all` is the quicker one. The pool's threads send and parse, and neither retry, count nor wait for anybody: what
`send_all` does besides is in its number.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import repeat
from statistics import median
from typing import IO, TYPE_CHECKING, Any, Final, cast

from benchmarks.transports import TRANSPORTS, present
from restli_transports import RestliClient, Timeout, Transport
from restli_transports.testing import RestliServer

if TYPE_CHECKING:
    from restli_core import Call, GetResponse

_TIMEOUT: Final = Timeout()
_BLOCKING: Final = [name for name in TRANSPORTS if not name.endswith("-async")]
_ACCOUNTS: Final = 100


def _serve() -> None:
    with RestliServer() as server:
        server.collection("/adAccounts/{id:long}", [{"id": number, "name": "Summer"} for number in range(_ACCOUNTS)])
        print(server.base_url, flush=True)
        sys.stdin.read()  # until the benchmark has ended, in whatever way


@contextmanager
def _serving() -> Generator[str]:
    """The base URL of a server in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.sending", "--serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        try:
            yield cast("IO[bytes]", server.stdout).readline().decode().strip()
        finally:
            server.kill()


def by_pool(transport: Transport, calls: Sequence[Call[GetResponse]], at_once: int) -> list[GetResponse]:
    """Send the calls by a thread pool, as one would by hand."""

    def send(call: Call[GetResponse]) -> GetResponse:
        return call.parse(transport.send(call.request, timeout=_TIMEOUT))

    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(send, calls))


def by_send_all(client: RestliClient, calls: Sequence[Call[GetResponse]], at_once: int) -> list[GetResponse]:
    """Send the calls by `send_all`."""
    return [sent.result() for sent in client.send_all(calls, at_once=at_once)]


def _rate(send: Callable[[], Sequence[GetResponse]], number: int) -> float:
    started = time.perf_counter()
    answers = send()
    rate = number / (time.perf_counter() - started)
    if [answer.entity["id"] for answer in answers] != [at % _ACCOUNTS for at in range(number)]:
        raise AssertionError("an answer is missing, or out of order")
    return rate


def rates(make: Callable[[], Any], number: int, at_once: int, runs: int) -> list[tuple[float, float]]:
    """The calls a second of each run: the pool's, and those of `send_all`."""
    measured: list[tuple[float, float]] = []
    with _serving() as base_url, RestliClient(make(), base_url=base_url) as client:
        transport = make()
        accounts = [client.calls.get("/adAccounts/{id}", path_keys={"id": at}) for at in range(_ACCOUNTS)]
        calls = [accounts[at % _ACCOUNTS] for at in range(number)]
        pair: list[Callable[[Sequence[Call[GetResponse]]], list[GetResponse]]] = [
            lambda some: by_pool(transport, some, at_once),
            lambda some: by_send_all(client, some, at_once),
        ]
        for send in pair:
            send(calls[: 4 * at_once])  # the connections are made
        for run in range(runs):
            taken = dict(zip((0, 1), repeat(0.0)))
            for which in (0, 1) if run % 2 == 0 else (1, 0):
                taken[which] = _rate(lambda: pair[which](calls), number)  # noqa: B023 - called at once
            measured.append((taken[0], taken[1]))
        transport.close()
    return measured


def main(arguments: Sequence[str] | None = None) -> None:
    """Print each run, and the median of the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--at-once", type=int, default=32)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--transport", choices=_BLOCKING, default="urllib3")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.serve:
        _serve()
        return
    make = present()[chosen.transport]
    print("calls a second      pool  send_all  ratio")
    ratios: list[float] = []
    for number, (pool, sending) in enumerate(rates(make, chosen.calls, chosen.at_once, chosen.runs), 1):
        ratios.append(sending / pool)
        print(f"run {number:<14} {pool:6.0f} {sending:9.0f} {ratios[-1]:6.2f}")
    print(f"median of the ratios: {median(ratios):.2f}")


if __name__ == "__main__":
    main()
