"""Send calls by a cluster of two workers, one of which is killed: ``python -m tests.deep.dask_cluster --size N``.

Three runs, and in the midst of each a worker gets SIGKILL: of reads, each of which must have its own answer; of creates
with ``repeat="all"``, none of which may be missing on the server; and of creates with a journal, none of which may be
there twice, and each of which is there, or said to be unknown. The server's own records decide.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from random import Random
from typing import Any

from restli_core import Call, Calls, HttpResponse, OutcomeUnknownError, RetryPolicy, Sent
from restli_transports import RestliClient
from restli_transports.sending import send_all
from restli_transports.testing import RestliServer
from tests.deep.arguments import parse
from tests.deep.faults import show

AT_ONCE = 16


class Notes:
    """A journal in memory."""

    def __init__(self) -> None:
        self.before_calls = 0
        self.after_calls = 0

    def before(self, call: Call[Any]) -> None:
        self.before_calls += bool(call.method)

    def after(self, call: Call[Any], response: HttpResponse | None, error: Exception | None) -> None:
        self.after_calls += bool(call.method) and (response is not None or error is not None)


def kill_one(cluster: Any) -> None:
    """Kill the process of the first of the workers that are alive."""
    worker = next(iter(cluster.workers.values()))
    os.kill(worker.pid, signal.SIGKILL)


def given(calls: Iterable[Call[Any]], make_client: Any, at: int, journal: Notes | None = None) -> list[Sent[Any]]:
    """Return what becomes of calls sent by a cluster, when a worker is killed after so many of them."""
    # As if it had no types: those that it has are few.
    distributed: Any = import_module("distributed")
    sents: list[Sent[Any]] = []
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=4, dashboard_address=":0") as cluster,
        distributed.Client(cluster) as client,
    ):
        executor = client.get_executor()
        with send_all(calls, make_client, executor, at_once=AT_ONCE, workers=2, journal=journal) as sending:
            for sent in sending:
                sents.append(sent)
                if len(sents) == at:
                    kill_one(cluster)
    return sents


def read_all(server: RestliServer, send: Any, size: int) -> tuple[list[str], dict[str, int]]:
    """Return what went wrong when entities were read, and what to print of it."""
    calls = Calls(base_url=server.base_url)
    reads = [calls.get("/adAccounts/{id}", path_keys={"id": one}) for one in range(size)]
    sents = send(reads, partial(RestliClient, base_url=server.base_url))
    faults = [] if [sent.call for sent in sents] == reads else ["reads: another order, or another number"]
    for number, sent in enumerate(sents):
        if sent.error is not None or sent.answer.entity["id"] != number:
            faults.append(f"read {number}: {sent.error or sent.answer.entity}")
    return faults, {"sent": len(server.journal)}


def create_all(server: RestliServer, send: Any, size: int, notes: Notes | None) -> tuple[list[str], dict[str, int]]:
    """Return what went wrong when entities were created, and what to print of it.

    Args:
        server: the server.
        send: sends calls with the clients that a function makes.
        size: how many.
        notes: the journal; None for the policy that repeats all.
    """
    repeat = "all" if notes is None else "safe"
    calls = Calls(base_url=server.base_url)
    creates = [calls.create("/adAccounts", {"name": f"{repeat} {one}"}) for one in range(size)]
    make_client = partial(RestliClient, base_url=server.base_url, retry=RetryPolicy(repeat=repeat))
    sents = send(creates, make_client, notes)
    bodies = [entry.request.body for entry in server.journal if entry.request.body and entry.executed is not None]
    done = Counter(json.loads(body)["name"] for body in bodies)
    unknown = sum(isinstance(sent.error, OutcomeUnknownError) for sent in sents)
    twice = sum(done[f"{repeat} {one}"] > 1 for one in range(size))

    faults = [] if [sent.call for sent in sents] == creates else [f"{repeat}: another order, or another number"]
    for number, sent in enumerate(sents):
        times = done[f"{repeat} {number}"]
        is_named = notes is not None and isinstance(sent.error, OutcomeUnknownError)
        if not is_named and (sent.error is not None or times < 1):
            faults.append(f"{repeat} {number}: done {times} times, {sent.error}")
    if notes is not None and twice:
        faults.append(f"{twice} done twice, in spite of the journal")
    if notes is not None and (notes.before_calls, notes.after_calls) != (size, size - unknown):
        faults.append(f"{notes.before_calls} noted before, {notes.after_calls} after")
    return faults, {"unknown": unknown, "twice": twice}


def play(seed: int, size: int) -> tuple[list[str], dict[str, Any]]:
    """Return what went wrong in the three runs, and what to print of them."""
    random = Random(seed)

    def send(calls: Iterable[Call[Any]], make_client: Any, journal: Notes | None = None) -> list[Sent[Any]]:
        return given(calls, make_client, random.randrange(1, size), journal)

    with RestliServer() as server:
        server.collection("/adAccounts/{id:long}", [{"id": one, "name": f"Account {one}"} for one in range(size)])
        runs = {
            "reads": read_all(server, send, size),
            "repeat": create_all(server, send, size, None),
            "journal": create_all(server, send, size, Notes()),
        }
    return [fault for faults, _ in runs.values() for fault in faults], {
        name: shown for name, (_, shown) in runs.items()
    }


def main(arguments: list[str] | None = None) -> int:
    """Play the three runs, print what came of them, and return 1 where anything went wrong."""
    seed, size = parse(__doc__, arguments, size=1000)
    if find_spec("distributed") is None:
        print('skipped: it needs Dask: pip install "restli-core[dask]"')
        return 0
    began = time.monotonic()
    faults, shown = play(seed, max(2, size))
    print(f"{size} calls in each run from seed {seed} in {time.monotonic() - began:.0f} s,", end=" ")
    print(f"{len(faults)} faults", shown)
    show(faults)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
