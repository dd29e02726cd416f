"""Threads that share one client, call, source of tokens, limit, journal: each gets what it would get alone.

They begin together, and take turns a thousand times as often as they would; or run at the same time, where Python has
no lock round all of them.
"""

from __future__ import annotations

import pickle
import sys
import threading
from collections import Counter
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Final, TypeVar

import pytest

from restli_core import (
    Backoff,
    Calls,
    ConnectError,
    HttpResponse,
    InvalidCallError,
    Limit,
    LimitError,
    NotFoundError,
    RetryPolicy,
)
from restli_core.patterns import lazy_pattern
from restli_transports import RestliClient
from restli_transports.events import CallEnded, Event, RequestSent
from restli_transports.testing import FakeTransport
from restli_transports.testing.sample import sample_handlers
from restli_transports.tokens import event_loops
from restli_transports.wire.late_natives import with_late_native
from tests.support.portable_run import ARGUMENTS
from tests.support.token_world import DAY, World

T = TypeVar("T")

THREADS: Final = 16
TIMES: Final = 15


@pytest.fixture(autouse=True)
def _turns_are_short() -> Generator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def at_once(function: Callable[[int], T], threads: int = THREADS) -> list[T]:
    """Call a function in many threads that begin together; return what it returned in each, by the thread's number."""
    start = threading.Barrier(threads)
    results: dict[int, T] = {}
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            start.wait(60)
            results[number] = function(number)
        except BaseException as error:  # noqa: BLE001 - raised below, in the test's own thread
            errors.append(error)

    working = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for thread in working:
        thread.start()
    for thread in working:
        thread.join()
    if errors:
        raise errors[0]
    return [results[number] for number in range(threads)]


# -- values ------------------------------------------------------------------------------------------------------------


def test_calls_are_built_alike() -> None:
    calls = Calls(version_string="202609")
    alone = [getattr(calls, name)(*given, **options) for name, (given, options) in ARGUMENTS.items()]

    def build(_number: int) -> list[Any]:
        return [getattr(calls, name)(*given, **options) for name, (given, options) in ARGUMENTS.items()]

    assert at_once(build) == [alone] * THREADS


def test_one_call_is_read_compared_and_shown_alike() -> None:
    call = Calls().batch_get("/adAccounts", [1, 2, 3])
    body = b'{"results": {"1": {"id": 1}, "2": {"id": 2}}, "statuses": {}, "errors": {"3": {"status": 404}}}'
    answer = HttpResponse(200, {}, body)

    def use(_number: int) -> list[Any]:
        read = call.parse(answer)
        rows = [(row.id, row.status, row.entity) for row in read.rows]
        return [
            rows,
            call == Calls().batch_get("/adAccounts", [1, 2, 3]),
            repr(call),
            call.curl(),
            pickle.loads(pickle.dumps(call)) == call,
            len(call.split(3)),
        ]

    alone = use(0)
    assert at_once(use) == [alone] * THREADS


def test_what_is_made_where_it_is_first_needed_is_one_for_all() -> None:
    for _ in range(TIMES):
        pattern = lazy_pattern(r"\d+")
        made: list[object] = []

        def make(made: list[object] = made) -> object:
            made.append(object())
            return made[-1]

        response = with_late_native(200, HttpResponse(200).headers, b"", "", make)

        def ask(_number: int, pattern: Any = pattern, response: HttpResponse = response) -> tuple[str, int]:
            return pattern.search("a12b")[0], id(response.native)

        assert len({*at_once(ask)}) == 1


def test_what_is_one_for_each_event_loop_is_one_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("anyio.lowlevel")
    for _ in range(TIMES):
        monkeypatch.setattr(event_loops, "_variables", {})
        assert len({id(one) for one in at_once(lambda _number: event_loops.variable_of_loops())}) == 1


def test_a_class_of_a_pool_has_one_in_its_place() -> None:
    urllib3 = pytest.importorskip("urllib3")
    from restli_transports.wire.urllib3_connections import use_strict

    for _ in range(TIMES):
        kind = type("Pool", (urllib3.HTTPConnectionPool,), {})
        pool = urllib3.PoolManager()
        pool.pool_classes_by_scheme = {"http": kind}

        def ask(_number: int, pool: Any = pool) -> int:
            use_strict(pool)
            return id(pool.pool_classes_by_scheme["http"])

        assert len({*at_once(ask)}) == 1


# -- one client --------------------------------------------------------------------------------------------------------


def test_each_thread_gets_its_own_answers() -> None:
    fake = FakeTransport(sample_handlers())
    told: list[Event] = []
    client = RestliClient(fake, access_token="t", on_event=told.append)

    def use(number: int) -> list[Any]:
        mine = client.with_options(headers={"X-Thread": str(number)})
        seen: list[Any] = []
        for time in range(TIMES):
            account = 5001 + (number + time) % 25
            seen.append(mine.get("/adAccounts/{id}", path_keys={"id": account}).entity["id"] == account)
            try:
                client.get("/adAccounts/{id}", path_keys={"id": 1})
            except NotFoundError as error:
                seen.append(error.status_code)
        return seen

    assert at_once(use) == [[True, 404] * TIMES] * THREADS
    of_threads = Counter(sent.headers.get("X-Thread", "none") for sent in fake.requests)
    assert of_threads == {"none": THREADS * TIMES, **{str(number): TIMES for number in range(THREADS)}}
    assert Counter(type(event) for event in told)[RequestSent] == 2 * THREADS * TIMES
    assert Counter(type(event) for event in told)[CallEnded] == 2 * THREADS * TIMES


def test_the_budget_of_retries_is_spent_once() -> None:
    fake = FakeTransport(sample_handlers())
    for _ in range(1000):  # each an error of its own, which is told of its tries
        fake.fail_next(ConnectError("refused"))
    policy = RetryPolicy(tries=100, total=None, budget=300, backoff=Backoff(first=0.01, most=0.01))
    client = RestliClient(fake, retry=policy)

    def use(_number: int) -> int:
        try:
            client.get("/me")
        except ConnectError as error:
            return len(error.attempts)
        return 0

    tries = at_once(use)
    assert len(fake.requests) == sum(tries)
    # Each retry has its price, and together they cost what there was: no unit was spent twice, and none was lost.
    retries = sum(tries) - THREADS
    alone = FakeTransport(sample_handlers())
    alone.fail_next(ConnectError("refused"), times=1000)
    lonely = RestliClient(alone, retry=RetryPolicy(tries=1000, total=None, budget=300, backoff=policy.backoff))
    with pytest.raises(ConnectError):
        lonely.get("/me")
    assert retries == len(alone.requests) - 1


def test_a_limit_lets_so_many_through() -> None:
    fake = FakeTransport(sample_handlers())
    client = RestliClient(fake, limits=[Limit(100, "day")])

    def use(number: int) -> int:
        passed = 0
        for time in range(TIMES):
            try:
                client.get("/adAccounts/{id}", path_keys={"id": 5001 + (number + time) % 25})
                passed += 1
            except LimitError:
                pass
        return passed

    assert sum(at_once(use)) == len(fake.requests) == 100


def test_a_token_is_refreshed_once_for_all() -> None:
    world = World("blocking")
    source = world.refreshing()
    client = world.client(source)
    world.authorization.advance(60 * DAY - 100)  # it is about to end
    names = at_once(lambda _number: [client.get("/me").entity["name"] for _ in range(3)])
    assert (names, world.refreshes) == ([["Ada"] * 3] * THREADS, 1)

    refused = source.token()
    world.authorization.revoke(refused)
    tokens = at_once(lambda _number: source.token(rejected=refused))
    assert (len({*tokens}), refused in tokens, world.refreshes) == (1, False, 2)


def test_an_iterator_is_one_threads_at_a_time() -> None:
    fake = FakeTransport(sample_handlers())
    client = RestliClient(fake)
    calls = [client.calls.get("/adAccounts/{id}", path_keys={"id": 5001 + number}) for number in range(25)] * 4
    sending = client.send_all(calls, at_once=THREADS)

    def take(_number: int) -> list[int]:
        taken: list[int] = []
        while True:
            try:
                taken.append(next(sending).result().entity["id"])
            except StopIteration:
                return taken
            except InvalidCallError as error:
                if "is iterated in another thread" not in str(error):
                    raise

    taken = [number for one in at_once(take) for number in one]
    assert sorted(taken) == sorted([*range(5001, 5026)] * 4)
    assert len(fake.requests) == 100


def test_a_journal_has_each_call_once(tmp_path: Path) -> None:
    calls = [Calls().get("/adAccounts/{id}", path_keys={"id": 5001 + number}) for number in range(25)] * 6
    requests = []
    for _ in range(2):
        fake = FakeTransport(sample_handlers())
        with RestliClient(fake).send_all(calls, at_once=THREADS, journal=tmp_path / "journal.jsonl") as sending:
            assert [sent.result().entity["id"] for sent in sending] == [*range(5001, 5026)] * 6
        requests.append(len(fake.requests))
    assert requests == [150, 0]
