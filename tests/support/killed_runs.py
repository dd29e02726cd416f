"""Runs with a journal that are killed (SIGKILL) at random places, and started again until they end.

The server is in this process, the runs are in others: ``python -m tests.support.killed_runs KIND URL JOURNAL SIZE``.
What a run says at its end must agree with what the server has done: nothing twice, nothing missing, and what is not
known named.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from restli_core import Call, Calls, Created, Invocation, OutcomeUnknownError, Refusal
from restli_core.flows import Flow, Together, step
from restli_transports import RestliClient
from restli_transports._clients.recording import CallRecorder
from restli_transports.h11 import H11Transport
from restli_transports.journal import Journal
from restli_transports.testing import RestliServer
from tests.support.recorded_runs import flow_steps, play, way_of

__all__ = ["KINDS", "Killed", "play_killed"]

ROOT: Final = Path(__file__).parents[2]
THREADS: Final = 8
THING: Final = "/things/{id:long}"
KINDS: Final = ("calls", "flow")

Result = list[Any]
"""``["done", id]``, ``["unknown", the error's text]`` or ``["failed", the error's text]``."""


# -- in the process that is killed -------------------------------------------------------------------------------------


def name_of(number: int) -> str:
    """Return the name of a thing: some calls are equal to one another."""
    return f"thing {number - number % 2 if number % 10 < 2 else number}"


def made_calls(calls: Calls, size: int) -> list[Call[Any]]:
    return [calls.create("/things", {"name": name_of(number)}) for number in range(size)]


def run_calls(client: RestliClient, path: str, size: int) -> list[Result]:
    """Send creates by a pool of threads, and return what became of each."""
    with Journal(path) as journal, ThreadPoolExecutor(THREADS) as pool:
        recorder = CallRecorder(journal, policy=client.settings.retry, loads=client.settings.loads)
        futures = [
            pool.submit(play, client, recorder.sent(call, way_of(client, call)))
            for call in made_calls(client.calls, size)
        ]
        return [result_of(future.result()) for future in futures]


def result_of(sent: Any) -> Result:
    if sent.error is None:
        return ["done", int(sent.answer.entity_id)]
    return ["unknown" if isinstance(sent.error, OutcomeUnknownError) else "failed", str(sent.error)]


def launch(calls: Calls, size: int) -> Flow[list[Result]]:
    """Create things one by one and in pairs, each once: where it is not known whether one is there, look for it."""
    ids: list[Result] = []
    for number in range(0, size, 3):
        ids.append((yield from made(calls, f"thing {number}")))
        names = [f"thing {other}" for other in (number + 1, number + 2) if other < size]
        pair = yield from step(Together([calls.create("/things", {"name": name}) for name in names]))
        for name, sent in zip(names, pair, strict=True):
            if isinstance(sent.error, OutcomeUnknownError):
                ids.append((yield from looked_up(calls, name)))
            else:
                ids.append(result_of(sent))
    return ids


def made(calls: Calls, name: str) -> Flow[Result]:
    try:
        created = yield from step(calls.create("/things", {"name": name}))
    except OutcomeUnknownError:
        return (yield from looked_up(calls, name))
    return ["done", int(created.entity_id or 0)]


def looked_up(calls: Calls, name: str) -> Flow[Result]:
    found = yield from step(calls.finder("/things", "name", query_params={"name": name}))
    if found.elements:
        return ["done", found.elements[0]["id"]]
    return (yield from made(calls, name))


def main(arguments: list[str]) -> None:
    kind, url, path, size = arguments
    with RestliClient(H11Transport(), base_url=url) as client:
        if kind == "calls":
            results = run_calls(client, path, int(size))
        else:
            results = play(client, flow_steps(client, launch(client.calls, int(size)), path))
    sys.stdout.write(json.dumps(results))


# -- in the process that kills -----------------------------------------------------------------------------------------


@dataclass
class Killed:
    """What came of it.

    Attributes:
        kills: how many runs were killed.
        requests: how many creates have come to the server.
        unknown: of how many calls the last run says that nobody knows what became of them.
        faults: what is wrong, in words; empty where nothing is.
    """

    kills: int = 0
    requests: int = 0
    unknown: int = 0
    faults: list[str] = field(default_factory=list)


class World:
    """The server, and who kills its client at chosen requests: before the work, after it, or a moment later."""

    def __init__(self, seed: int, server: RestliServer) -> None:
        self.random = random.Random(seed)
        self.server = server
        self.lock = threading.Lock()
        self.done: list[tuple[int, str]] = []
        self.seen = 0
        self.target: int | None = None
        self.child: subprocess.Popen[str] | None = None
        server.on(THING, "create", self.create)
        server.on(THING, "finder", self.find, name="name")

    def create(self, invocation: Invocation) -> Created:
        with self.lock:
            self.seen += 1
            how = None
            if self.target is not None and self.seen >= self.target:
                self.target = None
                how = self.random.choice(["before", "after", "later"])
            if how == "before":
                self.kill()
                raise Refusal(503, "nobody reads this, and nothing was done")
            self.done.append((len(self.done) + 1, invocation.entity["name"]))
            number = len(self.done)
            if how == "after":
                self.kill()
            elif how == "later":
                timer = threading.Timer(self.random.random() * 0.02, self.kill)
                timer.daemon = True
                timer.start()
        return Created(number)

    def find(self, invocation: Invocation) -> list[dict[str, Any]]:
        with self.lock:
            return [{"id": number, "name": name} for number, name in self.done if name == invocation.params["name"]]

    def kill(self) -> None:
        child = self.child
        if child is not None:
            child.send_signal(signal.SIGKILL)

    def run(self, kind: str, path: Path, size: int, target: int | None) -> list[Result] | None:
        """Run it once; return what it says, and None where it was killed."""
        self.target = target
        program = [sys.executable, "-m", "tests.support.killed_runs", kind, self.server.base_url, str(path), str(size)]
        roots = os.pathsep.join([str(ROOT), str(ROOT / "transports")])
        environment = {**os.environ, "PYTHONPATH": roots}
        with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as child:
            self.child = child
            said, _ = child.communicate(timeout=600)
        self.child = None
        self.wait_for_the_last_requests()
        if child.returncode == -signal.SIGKILL:
            return None
        if child.returncode != 0:
            raise RuntimeError(f"a run ended with status {child.returncode}")
        results: list[Result] = json.loads(said)
        return results

    def wait_for_the_last_requests(self) -> None:
        """Wait until the server has read all that the run has sent: it may have been killed right after."""
        pause, server = threading.Event(), self.server
        listener: Any = vars(server)["_listener"]
        for _ in range(60_000):
            if not listener._open:
                return
            pause.wait(0.001)
        raise TimeoutError("a connection of a run that has ended is still open")


def play_killed(kind: str, path: Path, *, seed: int, size: int, kills: int) -> Killed:
    """Run it, kill it so many times, run it to its end, and run it once more; return what came of it."""
    result = Killed()
    with RestliServer() as server:
        world = World(seed, server)
        # Some of the last calls are left, since what is not known is not sent again.
        targets = sorted(world.random.sample(range(1, max(size * 8 // 10, kills + 1)), kills))
        for target in targets:
            if world.run(kind, path, size, max(target, world.seen + 1)) is None:
                result.kills += 1
        said = world.run(kind, path, size, None) or []
        result.requests = world.seen
        result.unknown = sum(outcome == "unknown" for outcome, _ in said)
        CHECKS[kind](world, said, size, result.faults)
        if world.run(kind, path, size, None) != said:
            result.faults.append("another run says something else")
        if world.seen != result.requests:
            result.faults.append("another run has sent something")
    if result.kills != kills:
        result.faults.append(f"{result.kills} of {kills} runs were killed")
    if result.unknown > kills * THREADS:
        result.faults.append(f"{result.unknown} outcomes are unknown after {kills} kills")
    return result


def check_calls(world: World, said: list[Result], size: int, faults: list[str]) -> None:
    """Note what is wrong with the end of a run of calls."""
    if len(said) != size:
        faults.append(f"{len(said)} of {size} calls came to an end")
    names, stored = [name_of(number) for number in range(size)], dict(world.done)
    wanted, made_ones = Counter(names), Counter(name for _, name in world.done)
    faults += [f"{name!r} was made {made_ones[name]} times" for name in made_ones if made_ones[name] > wanted[name]]
    answered: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    for (outcome, what), name in zip(said, names, strict=False):
        if outcome == "done":
            answered[name] += 1
            if stored.get(what) != name:
                faults.append(f"{name!r} is said to be {what}, which is {stored.get(what)!r}")
        elif outcome == "unknown":
            unknown[name] += 1
        else:
            faults.append(f"{name!r} failed: {what}")
    ids = [what for outcome, what in said if outcome == "done"]
    if len({*ids}) != len(ids):
        faults.append("two calls have the same id")
    for name in wanted:
        if not answered[name] <= made_ones[name] <= answered[name] + unknown[name]:
            faults.append(f"{name!r}: made {made_ones[name]}, answered {answered[name]}, unknown {unknown[name]}")


def check_flow(world: World, said: list[Result], size: int, faults: list[str]) -> None:
    """Note what is wrong with the end of a flow, which has looked for what was unknown: each is there once."""
    names = [f"thing {number}" for number in range(size)]
    if Counter(name for _, name in world.done) != Counter(names):
        faults.append(
            f"made: {Counter(name for _, name in world.done) - Counter(names)}, missing: "
            f"{Counter(names) - Counter(name for _, name in world.done)}"
        )
    ids = {name: number for number, name in world.done}
    if said != [["done", ids.get(name)] for name in names]:
        faults.append("the flow does not say what was done")


CHECKS: Final[dict[str, Callable[[World, list[Result], int, list[str]], None]]] = {
    "calls": check_calls,
    "flow": check_flow,
}


if __name__ == "__main__":
    main(sys.argv[1:])
