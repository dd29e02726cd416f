"""Chaos: many calls at once through a server that fails by a seeded schedule, and two accounts of them that must agree.

The server's account is its journal and its store, the client's are the events that it tells of and what each call
returned or raised. Each call has a number, which a header carries, and things of its own, so that after the last call
the state of each thing says what was done.
"""

from __future__ import annotations

import asyncio
import gc
import inspect
import random
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Final

import restli_core as restli
from restli_core import Call, Created, Invocation, Refusal, RetryPolicy
from restli_core.methods import METHODS
from restli_transports import AsyncRestliClient, RestliClient
from restli_transports.aiohttp import AiohttpTransport
from restli_transports.events import RequestFailed, RequestSent, ResponseReceived
from restli_transports.h11 import H11AsyncTransport, H11Transport
from restli_transports.httpx import HttpxAsyncTransport, HttpxTransport
from restli_transports.requests import RequestsTransport
from restli_transports.testing import FakeAsyncTransport, FakeTransport, Faults, Handlers, JournalEntry, RestliServer
from restli_transports.testing.fake_clocks import AsyncFakeClock, FakeClock
from restli_transports.urllib3 import Urllib3Transport

THREADS: Final = 16
TASKS: Final = 200

BLOCKING: Final[dict[str, Callable[[], Any]]] = {
    "urllib3": Urllib3Transport,
    "requests": RequestsTransport,
    "httpx": HttpxTransport,
    "h11": H11Transport,
}
AWAITED: Final[dict[str, Callable[[], Any]]] = {
    "httpx async": HttpxAsyncTransport,
    "h11 async": H11AsyncTransport,
    "aiohttp": AiohttpTransport,
}
FAKES: Final = ("fake", "fake async")
TRANSPORTS: Final = (*BLOCKING, *AWAITED, *FAKES)

NUMBER: Final = "X-Call"
EACH: Final = 4  # things of each call
THING: Final = "/things/{id:long}"
FIRST_CREATED: Final = 1_000_000_000

READS: Final = frozenset({"get", "batch_get", "get_all", "finder", "batch_finder"})
ONE: Final = frozenset({"get", "update", "partial_update", "delete"})


def things_of(number: int) -> list[int]:
    """Return the ids of the things that a call has for itself."""
    return [*range(number * EACH, (number + 1) * EACH)]


def before(number: int, thing: int) -> dict[str, Any]:
    return {"id": thing, "owner": number, "state": "before"}


class Store:
    """The server's things, and how often each call was carried out.

    Args:
        size: how many calls there will be.
    """

    def __init__(self, size: int) -> None:
        self.things = {thing: before(number, thing) for number in range(size) for thing in things_of(number)}
        self.created: dict[int, list[int]] = defaultdict(list)
        self.bumps: dict[int, int] = defaultdict(int)
        self._ids = count(FIRST_CREATED)
        self._lock = threading.Lock()

    def handlers(self) -> Handlers:
        """Return the handlers of all fourteen methods; batches that are missing go thing by thing."""
        handlers = Handlers()
        for method in ONE:
            handlers.on(THING, method, self._one)
        handlers.on(THING, "create", self._create)
        handlers.on(THING, "get_all", self._owned)
        handlers.on(THING, "finder", self._owned, name="owned")
        handlers.on(THING, "batch_finder", lambda asked: [self._owned(asked)] * 2, name="owned")
        handlers.on(THING, "action", self._bump, name="bump")
        return handlers

    def _one(self, asked: Invocation) -> Any:
        with self._lock:
            thing = self.things.get(asked.key)
            if thing is None:
                raise Refusal(404, "No such thing")
            if asked.method == "update":
                self.things[asked.key] = asked.entity
            elif asked.method == "partial_update":
                self.things[asked.key] = restli.patch.apply(thing, asked.patch)
            elif asked.method == "delete":
                del self.things[asked.key]
            return thing if asked.method == "get" else None

    def _create(self, asked: Invocation) -> Created:
        with self._lock:
            key = next(self._ids)
            self.things[key] = asked.entity
            self.created[number_of(asked)].append(key)
        return Created(key)

    def _owned(self, asked: Invocation) -> list[dict[str, Any]]:
        with self._lock:
            return [self.things[thing] for thing in things_of(number_of(asked))]

    def _bump(self, asked: Invocation) -> int:
        with self._lock:
            self.bumps[number_of(asked)] += 1
            return self.bumps[number_of(asked)]


def number_of(asked: Any) -> int:
    return int(asked.headers[NUMBER])


def make_call(seed: int, number: int, base_url: str | None) -> Call[Any]:
    """Return the call of a number."""
    method = random.Random(f"{seed}/{number}").choice([*METHODS])
    first, *_ = ids = things_of(number)
    options: Any = {"headers": {NUMBER: str(number)}, "base_url": base_url}
    after = [{"id": thing, "owner": number, "state": "after"} for thing in ids]
    new = {"owner": number, "state": "new"}
    one: Any = {"path_keys": {"id": first}, **options}
    calls: dict[str, Callable[[], Call[Any]]] = {
        "get": lambda: restli.get("/things/{id}", **one),
        "batch_get": lambda: restli.batch_get("/things", ids, **options),
        "get_all": lambda: restli.get_all("/things", **options),
        "finder": lambda: restli.finder("/things", "owned", **options),
        "batch_finder": lambda: restli.batch_finder("/things", "owned", ("by", [{"a": "b"}, {"c": "d"}]), **options),
        "create": lambda: restli.create("/things", new, **options),
        "batch_create": lambda: restli.batch_create("/things", [new] * EACH, **options),
        "update": lambda: restli.update("/things/{id}", after[0], **one),
        "batch_update": lambda: restli.batch_update("/things", ids, after, **options),
        "partial_update": lambda: restli.partial_update("/things/{id}", {"state": "after"}, **one),
        "batch_partial_update": lambda: restli.batch_partial_update(
            "/things", ids, [{"state": "after"}] * EACH, **options
        ),
        "delete": lambda: restli.delete("/things/{id}", **one),
        "batch_delete": lambda: restli.batch_delete("/things", ids, **options),
        "action": lambda: restli.action("/things", "bump", **options),
    }
    return calls[method]()


@dataclass
class Account:
    """What a client says of its calls.

    Attributes:
        tries: the events of each call's tries.
        outcomes: what each call returned or raised.
    """

    tries: dict[int, list[Any]] = field(default_factory=lambda: defaultdict(list))
    outcomes: dict[int, Any] = field(default_factory=dict)

    def listen(self, event: Any) -> None:
        """Note an event; called from many threads, but from one for each call."""
        if isinstance(event, RequestSent | ResponseReceived | RequestFailed):
            self.tries[number_of(event.call.request)].append(event)


@dataclass
class Result:
    """What came of it.

    Attributes:
        faults: what went wrong, in words; none is to be.
        kinds: how many requests had each fault of the schedule.
        outcomes: how many calls ended in each way.
    """

    faults: list[str]
    kinds: dict[str, int]
    outcomes: dict[str, int]


def play(name: str, *, seed: int, size: int, rate: float = 0.2) -> Result:
    """Send so many calls at once over a transport, and return what came of it."""
    store, account = Store(size), Account()
    schedule = Faults(seed=seed, rate=rate)
    faults: list[str] = []
    with nothing_left(faults):
        if name in FAKES:
            fake: Any = (FakeTransport if name == "fake" else FakeAsyncTransport)(store.handlers(), faults=schedule)
            send_all(fake, account, seed, size, None)
            journal = [*fake.journal]
        else:
            with RestliServer(store.handlers(), faults=schedule) as server:
                transport = {**BLOCKING, **AWAITED}[name]()
                # It moves by itself, so that no wait takes time.
                transport.clock = FakeClock() if name in BLOCKING else AsyncFakeClock()
                send_all(transport, account, seed, size, server.base_url)
                journal = [*server.journal]
    by_number: dict[int, list[JournalEntry]] = defaultdict(list)
    kinds: dict[str, int] = defaultdict(int)
    for entry in journal:
        by_number[number_of(entry.request)].append(entry)
        kinds[entry.fault or "none"] += 1
    outcomes: dict[str, int] = defaultdict(int)
    for number in range(size):
        call, outcome = make_call(seed, number, None), account.outcomes.get(number)
        outcomes[type(outcome).__name__] += 1
        entries, tries = by_number[number], account.tries[number]
        found = [
            *unexpected(outcome),
            *disagreements(entries, tries, outcome),
            *wrongs(call.method, number, store, entries, outcome),
        ]
        faults += [f"call {number}, {call.method}: {fault}; {entries} {tries} {outcome!r}" for fault in found]
    return Result(faults, dict(kinds), dict(outcomes))


# -- sending -----------------------------------------------------------------------------------------------------------

# Waits are not limited, since all threads move the one clock.
POLICY: Final = RetryPolicy(total=None)


def send_all(transport: Any, account: Account, seed: int, size: int, base_url: str | None) -> None:
    """Send the calls, from threads or from tasks, and close the client."""
    options: Any = {"retry": POLICY, "on_event": account.listen, "base_url": base_url}
    if inspect.iscoroutinefunction(transport.send):
        asyncio.run(send_from_tasks(transport, account, seed, size, options))
        return
    with RestliClient(transport, **options) as client, ThreadPoolExecutor(THREADS) as pool:

        def send(number: int) -> None:
            try:
                account.outcomes[number] = client.send(make_call(seed, number, base_url))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is looked at afterwards
                account.outcomes[number] = error

        list(pool.map(send, range(size)))


async def send_from_tasks(transport: Any, account: Account, seed: int, size: int, options: Any) -> None:
    """Send the calls from tasks."""
    numbers = iter(range(size))

    async def work(client: AsyncRestliClient) -> None:
        for number in numbers:
            try:
                account.outcomes[number] = await client.send(make_call(seed, number, options["base_url"]))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is looked at afterwards
                account.outcomes[number] = error

    async with AsyncRestliClient(transport, **options) as client, asyncio.TaskGroup() as group:
        for _ in range(TASKS):
            group.create_task(work(client))
    left = asyncio.all_tasks() - {asyncio.current_task()}
    if left:
        raise AssertionError(f"tasks are left: {left}")


@contextmanager
def nothing_left(faults: list[str]) -> Generator[None]:
    """Note what is left of threads and of open files, sockets among them, and what is thrown away open."""
    gc.collect()
    threads, files = {*threading.enumerate()}, open_files()
    thrown_away: list[str] = []
    hook, sys.unraisablehook = sys.unraisablehook, lambda one: thrown_away.append(repr(one.exc_value))
    try:
        yield
        gc.collect()
    finally:
        sys.unraisablehook = hook
    faults += [f"a thread is left: {thread}" for thread in {*threading.enumerate()} - threads]
    if open_files() > files:
        faults.append(f"{open_files() - files} files or sockets are left open")
    faults += [f"thrown away: {one}" for one in thrown_away]


def open_files() -> int:
    """Return how many files and sockets this process has open; 0 where nothing says it."""
    folder = Path("/proc/self/fd")
    return len([*folder.iterdir()]) if folder.exists() else 0


# -- the two accounts --------------------------------------------------------------------------------------------------


def unexpected(outcome: Any) -> Iterator[str]:
    """Yield what no such server makes of a call."""
    if outcome is None:
        yield "it never ended"
    elif isinstance(outcome, restli.ServiceError):
        if outcome.status_code not in {429, 500, 502, 503}:
            yield "an unexpected status"
    elif isinstance(outcome, Exception) and not isinstance(outcome, restli.ProtocolError | restli.ConnectError):
        yield "an unexpected exception"


def disagreements(entries: list[JournalEntry], tries: list[Any], outcome: Any) -> Iterator[str]:
    """Yield where the server's journal and the client's account of a call differ."""
    if [type(event) for event in tries[::2]] != [RequestSent] * (len(tries) // 2):
        yield "a try without an end"
    ends = tries[1::2]
    # Where there is a ConnectError nothing was sent, so that the server has not heard of it.
    heard = [end for end in ends if not isinstance(getattr(end, "error", None), restli.ConnectError)]
    says = [end.status if isinstance(end, ResponseReceived) else None for end in heard]
    knows = [None if entry.answered is None else entry.answered.status_code for entry in entries]
    if says != knows:
        yield f"the client says {says}, the server {knows}"
    if isinstance(outcome, restli.RestliError) and len(outcome.attempts) != len(ends):
        yield f"the error counts {len(outcome.attempts)} tries of {len(ends)}"
    last = knows[-1] if knows else None
    status = getattr(outcome, "status_code", None)
    if not isinstance(outcome, restli.ConnectError) and status != last:
        yield f"it ended with {status}, and the last answer was {last}"


def wrongs(method: str, number: int, store: Store, entries: list[JournalEntry], outcome: Any) -> Iterator[str]:
    """Yield what the state of a call's things says against the call."""
    executed = sum(entry.executed is not None for entry in entries)
    is_acknowledged = not isinstance(outcome, Exception)
    if method not in READS and executed > 1:
        yield f"done {executed} times"
    if is_acknowledged and not executed:
        yield "acknowledged, and not done"
    made = store.created.get(number, [])
    if len(made) != executed * {"create": 1, "batch_create": EACH}.get(method, 0):
        yield f"made {len(made)} things"
    if store.bumps.get(number, 0) != executed * (method == "action"):
        yield f"bumped {store.bumps[number]} times"
    changed = 0 if method in READS or not executed else EACH if method.startswith("batch") else 1
    for at, thing in enumerate(things_of(number)):
        expected: Any = before(number, thing)
        if at < changed and "update" in method:
            expected = {**expected, "state": "after"}
        elif at < changed and "delete" in method:
            expected = None
        if store.things.get(thing) != expected:
            yield f"thing {thing} is {store.things.get(thing)}, not {expected}"
    if is_acknowledged:
        yield from wrong_answers(method, number, made, outcome)


def wrong_answers(method: str, number: int, made: list[int], answer: Any) -> Iterator[str]:
    """Yield what an answer says that is not so."""
    things = [before(number, thing) for thing in things_of(number)]
    reads: dict[str, Callable[[], tuple[Any, Any]]] = {
        "get": lambda: (answer.entity, things[0]),
        "batch_get": lambda: (answer.results, {str(thing["id"]): thing for thing in things}),
        "get_all": lambda: (answer.elements, things),
        "finder": lambda: (answer.elements, things),
        "batch_finder": lambda: ([result.elements for result in answer.results], [things, things]),
        "create": lambda: (answer.entity_id, str(made[0])),
        "batch_create": lambda: ([row.id for row in answer.elements], [str(key) for key in made]),
        "action": lambda: (answer.value, 1),
        "batch_update": lambda: (answer.errors, {}),
        "batch_partial_update": lambda: (answer.errors, {}),
        "batch_delete": lambda: (answer.errors, {}),
    }
    if method in reads:
        said, true = reads[method]()
        if said != true:
            yield f"the answer says {said}, and it is {true}"
    if answer.mismatch is not None:
        yield f"the answer is odd: {answer.mismatch}"
