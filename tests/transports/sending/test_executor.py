"""The parent's side of sending by an executor: over threads here, and over an executor as a scheduler's is."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor, wait
from functools import partial
from itertools import count, islice
from types import SimpleNamespace
from typing import Any

import pytest

import restli_core as restli
from restli_core import (
    Call,
    ConnectError,
    HttpRequest,
    InvalidCallError,
    Limit,
    NotFoundError,
    OutcomeUnknownError,
    RestliError,
    RetryPolicy,
    Sent,
    TransportError,
)
from restli_core.server import Refusal
from restli_transports import AsyncRestliClient, RestliClient
from restli_transports.sending import ExecutorSending, send_all
from restli_transports.testing import FakeAsyncTransport, FakeTransport
from tests.support.executors import (
    URL,
    Elsewhere,
    Listening,
    Sender,
    entity_id,
    held,
    reads,
    refuse,
    writes,
)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as executor:
        yield executor


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    with Elsewhere() as executor:
        yield executor


@pytest.fixture(params=["threads", "elsewhere"])
def executor(request: pytest.FixtureRequest) -> Executor:
    chosen: Executor = request.getfixturevalue({"threads": "pool", "elsewhere": "elsewhere"}[request.param])
    return chosen


# -- what is given -----------------------------------------------------------------------------------------------------


def test_each_call_is_answered_in_its_order(executor: Executor) -> None:
    calls = reads(30)
    with send_all(calls, Sender(), executor) as sending:
        given = list(sending)
    assert [sent.call for sent in given] == calls
    assert all(sent.call is call for sent, call in zip(given, calls, strict=True))
    assert [sent.result().entity["id"] for sent in given] == list(range(30))


def test_calls_may_be_of_any_kind(executor: Executor) -> None:
    calls: list[Call[Any]] = [reads(1)[0].map(entity_id), restli.get_all("/adAccounts", base_url=URL)]
    one, all_of_them = send_all(calls, Sender(), executor)
    assert one.answer == 0
    assert all_of_them.result().elements[3]["id"] == 3


def test_none_are_given_for_none(executor: Executor) -> None:
    sender = Sender()
    empty: list[Call[None]] = []
    assert list(send_all(empty, sender, executor)) == []
    assert sender.clients == []


def test_one_that_is_late_holds_up_those_after_it(pool: ThreadPoolExecutor) -> None:
    others_are_done = threading.Event()
    others = threading.Barrier(3, action=others_are_done.set)

    def late(answer: restli.GetResponse) -> int:
        assert others_are_done.wait(60) if entity_id(answer) == 0 else others.wait(60) >= 0
        return entity_id(answer)

    calls = [call.map(late) for call in reads(4)]
    assert [sent.answer for sent in send_all(calls, Sender(), pool)] == [0, 1, 2, 3]


def test_one_that_is_late_is_overtaken_where_order_does_not_matter(pool: ThreadPoolExecutor) -> None:
    others_are_given = threading.Event()

    def late(answer: restli.GetResponse) -> int:
        assert entity_id(answer) > 0 or others_are_given.wait(60)
        return entity_id(answer)

    given = []
    for sent in send_all([call.map(late) for call in reads(9)], Sender(), pool, at_once=3, ordered=False):
        given.append(sent.answer)
        if len(given) == 8:
            others_are_given.set()
    assert sorted(given[:8], key=str) == list(range(1, 9))
    assert given[8] == 0


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("at_once", [1, 3])
def test_no_more_are_taken_than_may_be_on_their_way(executor: Executor, at_once: int, ordered: bool) -> None:
    taken, hundred = 0, reads(100)

    def endless() -> Iterator[Call[restli.GetResponse]]:
        nonlocal taken
        for number in count():
            taken += 1
            yield hundred[number % 100]

    with send_all(endless(), Sender(), executor, at_once=at_once, ordered=ordered) as sending:
        assert taken == 0
        for given, _ in enumerate(islice(sending, 20)):
            assert taken <= given + at_once
    assert taken <= 20 + at_once


def test_as_many_are_sent_at_once_as_asked_for() -> None:
    meeting = threading.Barrier(6)
    calls = [call.map(lambda _: meeting.wait(60)) for call in reads(6)]
    with ThreadPoolExecutor(6) as pool:
        assert sorted(sent.result() for sent in send_all(calls, Sender(), pool, at_once=6)) == list(range(6))


def test_errors_of_rest_li_are_data(executor: Executor) -> None:
    sender = Sender()
    calls = [reads(1)[0], restli.get("/adAccounts/{id}", path_keys={"id": 500}, base_url=URL), reads(2)[1]]
    first, second, third = send_all(calls, sender, executor)
    assert (first.error, third.error, second.answer) == (None, None, None)
    assert isinstance(second.error, NotFoundError)
    with pytest.raises(NotFoundError) as raised:
        second.result()
    assert raised.value is second.error
    assert len(sender.transport.requests) == 3


def test_an_error_says_which_process_sent_its_call(elsewhere: Elsewhere) -> None:
    call = restli.get("/adAccounts/{id}", path_keys={"id": 500}, base_url=URL)
    (sent,) = send_all([call], Sender(), elsewhere)
    assert sent.error is not None
    (note,) = sent.error.__notes__
    assert note.startswith("in a worker, process ")


def test_any_other_error_ends_it(executor: Executor) -> None:
    sender = Sender()
    calls = [call.map(refuse) if number == 2 else call for number, call in enumerate(reads(50))]
    sending = send_all(calls, sender, executor, at_once=4)
    assert [next(sending).error, next(sending).error] == [None, None]
    with pytest.raises(LookupError, match="mistake in a mapping") as raised:
        next(sending)
    assert list(sending) == []
    assert len(sender.transport.requests) <= 6
    if isinstance(executor, Elsewhere):
        assert any("refuse" in note for note in raised.value.__notes__)  # the traceback, in words


def test_an_error_of_the_calls_comes_after_what_was_taken(executor: Executor) -> None:
    def broken() -> Iterator[Call[restli.GetResponse]]:
        yield from reads(3)
        raise OSError("the file ended")

    given: list[Sent[Any]] = []
    with pytest.raises(OSError, match="the file ended"):
        given.extend(send_all(broken(), Sender(), executor))
    assert [sent.result().entity["id"] for sent in given] == [0, 1, 2]


def test_what_is_not_a_call_is_refused_when_it_is_reached(executor: Executor) -> None:
    calls: list[Any] = [*reads(2), "/adAccounts/5", *reads(2)]
    given: list[Sent[Any]] = []
    with pytest.raises(InvalidCallError, match=r"^calls\[2\]: must be a call, .*, not str$"):
        given.extend(send_all(calls, Sender(), executor))
    assert len(given) == 2


def test_a_client_that_cannot_be_made_ends_it(executor: Executor) -> None:
    with pytest.raises(InvalidCallError, match="base_url"):
        list(send_all(reads(3), partial(RestliClient, base_url="not a URL"), executor))


def make_async() -> AsyncRestliClient:
    return AsyncRestliClient(FakeAsyncTransport())


@pytest.mark.parametrize("make_client", [partial(str, "a client"), make_async])
def test_what_is_made_must_be_a_client_that_blocks(make_client: Any, executor: Executor) -> None:
    with pytest.raises(InvalidCallError, match="make_client: must return a client that blocks"):
        list(send_all(reads(3), make_client, executor))


# -- the end -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["break", "with", "close", "error", "gone"])
def test_nothing_runs_after_the_end(way: str) -> None:
    sender = Sender()
    with ThreadPoolExecutor(2) as pool, held(pool, sender, 10) as futures:
        sending = send_all(reads(50), sender, pool, at_once=10)
        if way == "break":
            for _ in send_all(reads(50), sender, pool, at_once=10):
                break
        elif way == "with":
            with sending:
                next(sending)
        elif way == "close":
            next(sending)
            sending.close()
            sending.close()
        elif way == "error":
            with pytest.raises(LookupError), sending:
                refuse(next(sending))
        else:
            next(sending)
            del sending
            gc.collect()
        assert len(futures) == 10
        assert all(future.done() for future in futures)
        assert len(sender.transport.requests) == sum(not future.cancelled() for future in futures)
        assert pool.submit(int).result() == 0  # it is the user's, and goes on


def test_what_has_not_begun_is_cancelled() -> None:
    sender, last_is_cancelled = Sender(), threading.Event()
    calls = [reads(1)[0].map(entity_id), *[call.map(lambda _: last_is_cancelled.wait(60)) for call in reads(49)]]
    with ThreadPoolExecutor(1) as pool, held(pool, sender, 10) as futures:
        with send_all(calls, sender, pool, at_once=10) as sending:
            next(sending)
            futures[9].add_done_callback(lambda _: last_is_cancelled.set())
        cancelled = sum(future.cancelled() for future in futures)
    assert cancelled in {8, 9}  # the second call may have begun
    assert len(sender.transport.requests) == 10 - cancelled


def test_nothing_of_a_cluster_is_cancelled_since_it_may_run(elsewhere: Elsewhere) -> None:
    sender = Sender()
    with held(elsewhere, sender, 5), send_all(reads(50), sender, elsewhere, at_once=5) as sending:
        next(sending)
    assert elsewhere.cancelled == 0
    assert len(sender.transport.requests) == 5


def test_another_process_leaves_it_alone(pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    sender = Sender()
    with held(pool, sender, 3):
        sending, closed = (send_all(reads(3), sender, pool, at_once=2) for _ in range(2))
        with monkeypatch.context() as child:
            child.setattr("os.getpid", lambda: -1)
            with pytest.raises(InvalidCallError, match="sending: is another process's"):
                next(sending)
            closed.close()
    sender.transport.held = None
    assert list(sending) == list(closed) == []


def test_one_that_another_thread_closes_says_so(pool: ThreadPoolExecutor) -> None:
    def closing() -> Iterator[Call[Any]]:
        yield from reads(1)
        thread = threading.Thread(target=sending.close)
        thread.start()
        thread.join()
        yield from reads(1)

    sending = send_all(closing(), Sender(), pool, at_once=2)
    with pytest.raises(InvalidCallError, match="is closed"):
        list(sending)
    assert list(sending) == []


def test_what_is_known_is_given_before_more_is_read(pool: ThreadPoolExecutor) -> None:
    sender, taken = Sender(), 0
    with held(pool, sender, 1) as futures:

        def slow() -> Iterator[Call[restli.GetResponse]]:
            nonlocal taken
            for call in reads(100):
                wait(futures)  # as if reading the next one took so long
                taken += 1
                yield call

        with send_all(slow(), sender, pool, at_once=100) as sending:
            next(sending)
    assert taken < 50


def test_it_is_an_iterator_that_says_how_far_it_is(pool: ThreadPoolExecutor) -> None:
    sender = Sender()
    sending = send_all(reads(5), sender, pool, at_once=2)
    assert iter(sending) is sending
    assert isinstance(sending, ExecutorSending)
    with held(pool, sender, 2):
        next(sending)
    assert repr(sending) == "<ExecutorSending: 1 given, 1 on their way>"
    assert len(list(sending)) == 4
    assert next(sending, None) is None


# -- executors that fail -----------------------------------------------------------------------------------------------


class _Breaking(ThreadPoolExecutor):
    """A pool that breaks at the nth call, as a process pool does when one of its processes dies."""

    def __init__(self, at: int, error: type[BaseException]) -> None:
        super().__init__(1)
        self._at, self._error = at, error

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self._at -= 1
        if self._at >= 0:
            return super().submit(fn, *args, **kwargs)
        if self._at < -2:
            raise self._error("it is broken")
        future: Future[Any] = Future()
        future.set_exception(self._error("it is broken"))
        return future


def test_a_dead_worker_leaves_none_without_a_word() -> None:
    calls: list[Call[Any]] = [*reads(2), writes(1)[0], *reads(20)]
    given: list[Sent[Any]] = []
    journal = Listening()
    with _Breaking(2, BrokenExecutor) as pool, pytest.raises(BrokenExecutor, match="it is broken"):
        given.extend(send_all(calls, Sender(), pool, at_once=4, journal=journal))
    assert [sent.call for sent in given] == calls[: len(given)]
    assert (
        [type(sent.error) for sent in given]
        == [
            type(None),
            type(None),
            OutcomeUnknownError,  # a create may have been done
            TransportError,
        ][: len(given)]
    )
    assert isinstance(given[2].error, RestliError)
    assert isinstance(given[2].error.__cause__, BrokenExecutor)
    # What is not known has no outcome in the journal.
    assert [line[0] for line in journal.lines].count("after") == 2


def test_an_executor_that_takes_no_more_is_said_at_the_end() -> None:
    pool, sender, journal = ThreadPoolExecutor(2), Sender(), Listening()
    given: list[Sent[Any]] = []
    sending = send_all(writes(20), sender, pool, at_once=3, journal=journal)
    with held(pool, sender, 3):
        given.append(next(sending))
    pool.shutdown()
    with pytest.raises(RuntimeError, match="shutdown"):
        given.extend(sending)
    assert [type(sent.error) for sent in given] == [type(None)] * 3 + [ConnectError]
    assert "not sent" in str(given[-1].error)
    assert ("after", "adAccounts", None, "ConnectError") in journal.lines


def test_what_the_executor_cancels_was_not_sent() -> None:
    sender = Sender()
    sender.transport.held = threading.Event()
    journal = Listening()
    pool = ThreadPoolExecutor(1)
    given: list[Sent[Any]] = []

    def calls() -> Iterator[Call[Any]]:
        yield from writes(3)
        pool.shutdown(wait=False, cancel_futures=True)
        assert sender.transport.held is not None
        sender.transport.held.set()

    given.extend(send_all(calls(), sender, pool, at_once=4, journal=journal))
    assert {type(sent.error) for sent in given[1:]} == {ConnectError}
    assert len(sender.transport.requests) == sum(sent.error is None for sent in given)
    assert [line[0] for line in journal.lines].count("after") == 3


def test_any_other_failure_of_the_executor_ends_it() -> None:
    with _Breaking(2, MemoryError) as pool, send_all(reads(20), Sender(), pool, at_once=4) as sending:
        assert [next(sending).error, next(sending).error] == [None, None]
        with pytest.raises(MemoryError, match="it is broken"):
            next(sending)


def test_workers_that_died_one_after_another_end_the_call_and_not_the_run() -> None:
    # As Dask's scheduler says it, when it gives a task up.
    killed = type("KilledWorker", (Exception,), {"__module__": "distributed.scheduler"})

    class Scheduler(Elsewhere):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            if len(self.jobs) != 1:
                return super().submit(fn, *args, **kwargs)
            self.jobs.extend(args)
            future: Future[Any] = Future()
            future.set_exception(killed("a task"))
            return future

    with Scheduler() as scheduler:
        given = list(send_all(reads(4), Sender(), scheduler))
    assert [type(sent.error) for sent in given] == [type(None), TransportError, type(None), type(None)]


def test_a_reply_is_read_where_a_cluster_takes_it_for_an_error() -> None:
    # Dask's executor unpacks a result as it does an error, where the worker that has just delivered it dies.
    class Scheduler(Elsewhere):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            future: Future[Any] = Future()
            kind, error, traceback = fn(*args)
            assert isinstance(error, kind)
            future.set_exception(error.with_traceback(traceback))
            return future

    with Scheduler() as scheduler:
        (sent,) = send_all(reads(1), Sender(), scheduler)
    assert sent.result().entity["id"] == 0


def test_what_a_cluster_cancels_may_have_been_sent() -> None:
    class Scheduler(Elsewhere):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            future: Future[Any] = Future()
            future.cancel()
            return future

    with Scheduler() as scheduler:
        (sent,) = send_all(writes(1), Sender(), scheduler, journal=Listening())
    assert isinstance(sent.error, OutcomeUnknownError)


# -- executors that may run a task twice -------------------------------------------------------------------------------


@pytest.mark.parametrize("retry", [None, RetryPolicy(), RetryPolicy(repeat="idempotent")])
def test_writes_are_refused_where_a_task_may_run_twice(elsewhere: Elsewhere, retry: RetryPolicy | None) -> None:
    sender = Sender(retry=retry)
    delete = restli.delete("/adAccounts/{id}", path_keys={"id": 1}, base_url=URL)
    for call in (writes(1)[0], delete, Call(HttpRequest("GET", f"{URL}/adAccounts/1"), "mine", refuse_reading)):
        given: list[Sent[Any]] = []
        with pytest.raises(InvalidCallError, match=r'calls: .* not safe, .* a journal, .*RetryPolicy\(repeat="all"\)'):
            given.extend(send_all([*reads(1), call], sender, elsewhere))
        assert len(given) == 1
    assert {request.method for request in sender.transport.requests} == {"GET"}
    assert len(sender.transport.requests) == 3


def refuse_reading(*_: Any) -> None:
    raise AssertionError


def test_writes_are_sent_by_the_users_word_where_a_task_may_run_twice() -> None:
    sender = Sender(retry=RetryPolicy(repeat="all"))
    with Elsewhere(runs=2) as elsewhere:
        assert [sent.error for sent in send_all(writes(3), sender, elsewhere)] == [None] * 3
    assert len(sender.transport.requests) == 6


def test_writes_are_sent_with_a_journal_where_a_task_may_run_twice(elsewhere: Elsewhere) -> None:
    sender = Sender()
    assert [sent.error for sent in send_all(writes(3), sender, elsewhere, journal=Listening())] == [None] * 3


# -- the client --------------------------------------------------------------------------------------------------------


def test_one_client_is_made_for_all_threads_and_runs(executor: Executor) -> None:
    sender, other = Sender(), Sender()
    for _ in range(2):
        list(send_all(reads(20), sender, executor))
    list(send_all(reads(2), other, executor))
    assert (len(sender.clients), len(other.clients)) == (1, 1)
    assert not sender.transport.closed


def test_a_client_of_threads_is_closed_when_its_function_is_gone(pool: ThreadPoolExecutor) -> None:
    transport = Sender().transport

    def make_client() -> RestliClient:
        return RestliClient(transport, base_url=URL)

    assert len(list(send_all(reads(9), make_client, pool))) == 9
    assert not transport.closed
    del make_client
    gc.collect()
    assert transport.closed


def test_what_makes_clients_need_not_have_weak_references(pool: ThreadPoolExecutor) -> None:
    class Maker:
        __slots__ = ("made",)

        def __init__(self) -> None:
            self.made = 0

        def __call__(self) -> RestliClient:
            self.made += 1
            return Sender()()

    maker = Maker()
    assert len(list(send_all(reads(9), maker, pool))) == 9
    assert maker.made == 1


def test_limits_are_divided_by_the_workers(executor: Executor) -> None:
    sender = Sender(limits=(Limit(6, 3600, wait=0),))
    given = list(send_all(reads(10), sender, executor, workers=3))
    assert sum(sent.error is None for sent in given) == len(sender.transport.requests) == 2
    assert {type(sent.error).__name__ for sent in given} == {"NoneType", "LimitError"}
    # The whole client has the whole limit.
    assert sum(sent.error is None for sent in send_all(reads(10), sender, executor)) == 6


def test_limits_that_cannot_be_divided_are_refused(executor: Executor) -> None:
    sender = Sender(limits=(Limit(2, 60),))
    with pytest.raises(InvalidCallError, match=r"workers: the limit of 2 calls in 60 s cannot be divided by 3"):
        list(send_all(reads(3), sender, executor, workers=3))
    assert sender.transport.requests == []


# -- the journal -------------------------------------------------------------------------------------------------------


def test_calls_are_noted_before_they_go_and_after_they_came(executor: Executor) -> None:
    journal = Listening()
    missing = restli.get("/adAccounts/{id}", path_keys={"id": 500}, base_url=URL)
    sender = Sender()
    for seen, sent in enumerate(send_all([*reads(2), missing], sender, executor, at_once=1, journal=journal), 1):
        assert sent.error is None or isinstance(sent.error, NotFoundError)
        assert len(journal.lines) == 2 * seen
    assert journal.lines == [
        ("before", "0", None, None),
        ("after", "0", 200, None),
        ("before", "1", None, None),
        ("after", "1", 200, None),
        ("before", "500", None, None),
        ("after", "500", 404, "NotFoundError"),
    ]
    assert journal.threads == {threading.get_ident()}


def test_the_response_of_a_mapped_call_is_noted_whatever_its_function_does(executor: Executor) -> None:
    journal = Listening()
    calls: list[Call[Any]] = [reads(1)[0].map(entity_id), reads(2)[1].map(refuse)]
    with pytest.raises(LookupError):
        list(send_all(calls, Sender(), executor, at_once=1, journal=journal))
    assert [line for line in journal.lines if line[0] == "after"] == [
        ("after", "0", 200, None),
        ("after", "1", 200, "LookupError"),
    ]


def test_a_failure_without_a_response_is_noted_without_one(executor: Executor) -> None:
    journal = Listening()
    sender = Sender(retry=RetryPolicy(tries=2))
    sender.transport.fail_next(Refusal(503, "try again"))
    sender.transport.fail_next(ConnectError("refused"))
    (sent,) = send_all(reads(1), sender, executor, journal=journal)
    assert isinstance(sent.error, ConnectError)
    assert journal.lines[-1] == ("after", "0", None, "ConnectError")  # not the 503 of the try before


def test_what_the_journal_knows_is_not_sent(executor: Executor) -> None:
    sender = Sender()
    calls = reads(3)
    known = Sent(calls[1], None, NotFoundError(restli.HttpResponse(404, {}, b"")))
    given = list(send_all(calls, sender, executor, journal=Listening({1: known})))
    assert given[1] is known
    assert [sent.error for sent in (given[0], given[2])] == [None, None]
    assert len(sender.transport.requests) == 2


def test_what_ends_unsent_is_noted_as_unsent(pool: ThreadPoolExecutor) -> None:
    journal = Listening()
    make_client = partial(RestliClient, base_url="not a URL")
    with pytest.raises(InvalidCallError):
        list(send_all(writes(1), make_client, pool, journal=journal))
    assert journal.lines[-1] == ("after", "adAccounts", None, "ConnectError")


def test_what_ends_unsent_is_not_noted_where_an_earlier_run_may_have_sent_it(elsewhere: Elsewhere) -> None:
    journal = Listening()
    make_client = partial(RestliClient, base_url="not a URL")
    with pytest.raises(InvalidCallError):
        list(send_all(writes(1), make_client, elsewhere, journal=journal))
    assert journal.lines == [("before", "adAccounts", None, None)]


def test_what_is_left_is_noted_at_the_end() -> None:
    journal, sender = Listening(), Sender()
    pool = ThreadPoolExecutor(1)
    with pool, held(pool, sender, 6), send_all(writes(20), sender, pool, at_once=6, journal=journal) as sending:
        next(sending)
    assert [line[0] for line in journal.lines] == ["before"] * 6 + ["after"] * 6


def test_a_journal_that_fails_ends_it_and_hears_of_the_others() -> None:
    class Full(Listening):
        def after(self, call: Call[Any], response: Any, error: Exception | None) -> None:
            super().after(call, response, error)
            raise OSError("the disk is full")

    journal, sender = Full(), Sender()
    with ThreadPoolExecutor(1) as pool, held(pool, sender, 4), pytest.raises(OSError, match="the disk is full"):
        list(send_all(reads(20), sender, pool, at_once=4, journal=journal))
    assert [line[0] for line in journal.lines] == ["before"] * 4 + ["after"] * 4


def test_a_journal_that_fails_lets_nothing_hang() -> None:
    class Full(Listening):
        def after(self, call: Call[Any], response: Any, error: Exception | None) -> None:
            raise OSError("the disk is full")

    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    with pytest.raises(RuntimeError, match="shutdown"):
        list(send_all(reads(3), Sender(), pool, journal=Full()))


# -- progress ----------------------------------------------------------------------------------------------------------


def test_progress_is_told_of_each(pool: ThreadPoolExecutor) -> None:
    pytest.importorskip("restli_transports.progress")
    told: list[tuple[int, int | None, str]] = []

    def tell(done: int, total: int | None, label: str) -> None:
        told.append((done, total, label))

    list(send_all(reads(2), Sender(), pool, progress=tell))
    list(send_all(iter(reads(1)), Sender(), pool, progress=tell))
    assert told == [(1, 2, "calls"), (2, 2, "calls"), (1, None, "calls")]
    with pytest.raises(InvalidCallError, match="progress"):
        send_all(reads(2), Sender(), pool, progress=5)  # type: ignore[arg-type]


# -- arguments ---------------------------------------------------------------------------------------------------------


async def _asynchronous() -> AsyncIterator[Call[Any]]:
    yield reads(1)[0]


async def _make_async() -> RestliClient:
    raise AssertionError


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a call": ({"calls": reads(1)[0]}, "calls: must be an iterable of calls, not one call: make a list of it"),
    "text": ({"calls": "calls"}, "calls: must be an iterable of calls, not str"),
    "None": ({"calls": None}, "calls: must be an iterable of calls, not NoneType"),
    "asynchronous calls": ({"calls": _asynchronous()}, "calls: are asynchronous"),
    "a client": ({"make_client": RestliClient(FakeTransport())}, "make_client: must be a function that makes a client"),
    "no function": ({"make_client": 5}, "make_client: must be a function that makes a client, not int"),
    "a coroutine": ({"make_client": _make_async}, "make_client: must make a client that blocks"),
    "an async client": ({"make_client": AsyncRestliClient}, "make_client: must make a client that blocks"),
    "no executor": ({"executor": 4}, "executor: must be an Executor of concurrent.futures, not int"),
    "an executor's class": (
        {"executor": ThreadPoolExecutor},
        "executor: must be an Executor of concurrent.futures, not the class ThreadPoolExecutor",
    ),
    "Dask's client": ({"executor": SimpleNamespace(get_executor=int)}, r"executor: .*: give its get_executor\(\)"),
    "none at once": ({"at_once": 0}, "at_once: must be a whole number, 1 or above"),
    "half a call": ({"at_once": 1.5}, "at_once: must be a whole number"),
    "true at once": ({"at_once": True}, "at_once: must be a whole number"),
    "no workers": ({"workers": 0}, "workers: must be a whole number"),
    "many workers": ({"workers": "many"}, "workers: must be a whole number"),
    "an order": ({"ordered": "yes"}, "ordered: must be True or False, not str"),
    "no journal": ({"journal": 5}, "journal: must be the path of a file"),
    "half a journal": ({"journal": SimpleNamespace(before=int)}, "journal: must be the path of a file"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_arguments_are_refused_at_once(name: str, pool: ThreadPoolExecutor) -> None:
    given, message = WRONG[name]
    arguments: dict[str, Any] = {"calls": reads(1), "make_client": Sender(), "executor": pool, **given}
    with pytest.raises(InvalidCallError, match=message):
        send_all(**arguments)


def test_it_is_not_for_async_for(pool: ThreadPoolExecutor) -> None:
    async def main() -> None:
        sending: Any = send_all(reads(1), Sender(), pool)
        async for _ in sending:
            raise AssertionError

    with pytest.raises(TypeError, match=r"^ExecutorSending blocks: write `with` and `for`"):
        asyncio.run(main())
