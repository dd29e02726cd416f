"""The far side of sending by an executor: in this process, and in processes of each start method."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import subprocess
import sys
import threading
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

import restli_core as restli
from restli_core import (
    Call,
    InvalidCallError,
    LimitError,
    NotFoundError,
    OAuthError,
    OutcomeUnknownError,
    RetryPolicy,
    UnauthorizedError,
)
from restli_core.server import Refusal
from restli_transports import RestliClient
from restli_transports.sending.workers import Job, Reply, dumps_for, policy_of, work, work_here
from restli_transports.testing import FakeTransport, RestliServer
from tests.support.executors import (
    Opaque,
    Sender,
    accounts,
    entity_id,
    fail_one_way,
    fail_opaquely,
    reads,
    refuse,
    writes,
)
from tests.support.source_tree import ROOT

SECRET = "s3cret-token-s3cret"


def job(call: Call[Any], make_client: Any, number: str = "1", **options: Any) -> Job:
    fields: dict[str, Any] = {"workers": 1, "by_value": False, "wants_response": False, "writes": "any", **options}
    return Job(number, pickle.dumps(make_client), pickle.dumps(call), **fields)


def outcome(reply: Reply) -> tuple[Any, Any]:
    """Return the answer and the error of a reply that crossed."""
    reply = pickle.loads(pickle.dumps(reply))
    assert isinstance(reply.outcome, bytes)
    answer, error = pickle.loads(reply.outcome)
    return answer, error


# -- what crosses ------------------------------------------------------------------------------------------------------


def test_an_answer_crosses() -> None:
    reply = work(job(reads(1)[0], Sender()))
    answer, error = outcome(reply)
    assert (answer.entity, error) == ({"id": 0, "name": "Account 0"}, None)
    assert (reply.response, reply.is_of_call, reply.has_limits) == (None, True, False)
    assert str(os.getpid()) in reply.worker
    assert repr(reply) == f"<Reply of {reply.worker}>"


def test_the_response_crosses_where_it_is_wanted() -> None:
    reply = work(job(reads(1)[0].map(entity_id), Sender(), wants_response=True))
    assert outcome(reply) == (0, None)
    assert reply.response is not None
    assert reads(1)[0].parse(reply.response).entity["name"] == "Account 0"


def test_the_policy_crosses() -> None:
    policy, error = outcome(policy_of(pickle.dumps(patient), 2, by_value=False))
    assert (policy, error) == (RetryPolicy(tries=9), None)
    policy, error = outcome(policy_of(pickle.dumps(refuse_to_make), 1, by_value=False))
    assert (policy, str(error)) == (None, "no client today")


def patient() -> RestliClient:
    return RestliClient(FakeTransport(), retry=RetryPolicy(tries=9))


def refuse_to_make() -> RestliClient:
    raise LookupError("no client today")


def test_no_token_of_the_client_crosses() -> None:
    call = restli.get("/adAccounts/{id}", path_keys={"id": 500}, base_url="http://127.0.0.1:9")
    for given, expected in ((reads(1)[0], type(None)), (call, NotFoundError)):
        reply = work(job(given, client_with_token, wants_response=True))
        assert type(outcome(reply)[1]) is expected
        assert SECRET.encode() not in pickle.dumps(reply)


def client_with_token() -> RestliClient:
    return RestliClient(FakeTransport(accounts()), base_url="http://127.0.0.1:9", access_token=SECRET)


def test_an_error_that_is_another_exchanges_comes_without_a_response() -> None:
    class Source:
        def token(self, *, rejected: str | None = None) -> str:
            if rejected is None:
                return "first"
            raise OAuthError("invalid_grant", "revoked", restli.HttpResponse(400, {}, b"{}"))

    fake = FakeTransport(accounts())
    fake.fail_next(Refusal(401, "expired"))
    reply = work_here(
        reads(1)[0], lambda: RestliClient(fake, base_url="http://127.0.0.1:9", access_token=Source()), 1, True
    )
    assert isinstance(reply.outcome, tuple)
    assert isinstance(reply.outcome[1], OAuthError)
    assert isinstance(reply.outcome[1].__context__, UnauthorizedError)
    assert reply.response is None


def test_any_other_error_crosses_with_its_traceback_in_words() -> None:
    answer, error = outcome(work(job(reads(1)[0].map(refuse), Sender())))
    assert answer is None
    assert isinstance(error, LookupError)
    (note,) = error.__notes__
    assert note.startswith(f"in a worker, process {os.getpid()} of ")
    assert note.endswith("LookupError: a mistake in a mapping function")
    assert "in refuse" in note


def test_an_answer_that_cannot_be_pickled_is_told_of() -> None:
    reply = work(job(reads(1)[0].map(Opaque), Sender(), wants_response=True))
    _, error = outcome(reply)
    assert isinstance(error, TypeError)
    assert "the answer of <Call get: GET" in str(error)
    assert "a tests.support.executors.Opaque, cannot be pickled" in str(error)
    assert reply.response is not None  # what the server said is not lost


@pytest.mark.parametrize(("function", "name"), [(fail_opaquely, "OpaqueError"), (fail_one_way, "OneWayError")])
def test_an_error_that_cannot_be_pickled_is_told_of(function: Any, name: str) -> None:
    _, error = outcome(work(job(reads(1)[0].map(function), Sender())))
    assert isinstance(error, RuntimeError)
    assert str(error).startswith(f"tests.support.executors.{name}, which cannot be pickled: ")
    assert function.__name__ in error.__notes__[0]


@pytest.mark.parametrize("what", ["call", "make_client"])
def test_what_cannot_be_read_there_is_told_of(what: str) -> None:
    given = job(reads(1)[0], Sender())
    gone: dict[str, Any] = {what: b"cnowhere\nGone\n."}
    reply = work(replace(given, **gone))
    assert isinstance(outcome(reply)[1], ModuleNotFoundError)
    assert not reply.is_of_call


def test_functions_by_value_need_cloudpickle(monkeypatch: pytest.MonkeyPatch) -> None:
    assert dumps_for(by_value=False) is pickle.dumps
    monkeypatch.setitem(sys.modules, "cloudpickle", SimpleNamespace(dumps=repr))
    dumps: Any = dumps_for(by_value=True)
    assert dumps is repr
    monkeypatch.setitem(sys.modules, "cloudpickle", None)  # as if it were not installed
    assert dumps_for(by_value=True) is pickle.dumps


# -- clients -----------------------------------------------------------------------------------------------------------


def test_threads_that_come_at_once_make_one_client() -> None:
    sender, start = Sender(), threading.Barrier(4)

    def send() -> None:
        start.wait(60)
        work(job(reads(1)[0], sender))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sender.clients) == 1
    assert len(sender.transport.requests) == 4


def test_a_client_that_failed_to_be_made_is_made_again() -> None:
    made: list[RestliClient] = []

    def make_client() -> RestliClient:
        made.append(Sender()())
        if len(made) == 1:
            raise OSError("the file with the token is not there yet")
        return made[-1]

    assert not work_here(reads(1)[0], make_client, 1, False).is_of_call
    assert work_here(reads(1)[0], make_client, 1, False).is_of_call
    assert work_here(reads(1)[0], make_client, 1, False).is_of_call
    assert len(made) == 2


def test_limits_by_cost_are_divided_exactly() -> None:
    def cost(_call: object, _answer: object) -> float:
        return 0.5

    sender = Sender(limits=(restli.Limit(3, 60, cost=cost, wait=0, path="/adAccounts", each="member"),))
    replies = [work_here(reads(1)[0], sender, 4, False) for _ in range(2)]
    (_, first), (_, second) = [reply.outcome for reply in replies if isinstance(reply.outcome, tuple)]
    assert first is None
    assert isinstance(second, LimitError)
    assert "0.75 in cost in 60 s for each member on /adAccounts" in second.reason
    assert all(reply.has_limits for reply in replies)


# -- executors that may run a job twice --------------------------------------------------------------------------------


class FakeDask(SimpleNamespace):
    """What of Dask a worker asks: whether it is one, and the events of the scheduler."""

    def __init__(self, *, is_worker: bool = True) -> None:
        super().__init__()
        self.is_worker = is_worker
        self.events: set[str] = set()

    def get_worker(self) -> object:
        if not self.is_worker:
            raise ValueError("no worker found")
        return self

    def Event(self, name: str) -> SimpleNamespace:  # noqa: N802 - Dask's name
        return SimpleNamespace(
            is_set=lambda: name in self.events,
            set=lambda: self.events.add(name),
            clear=lambda: self.events.discard(name),
        )


@pytest.fixture
def dask(monkeypatch: pytest.MonkeyPatch) -> FakeDask:
    fake = FakeDask()
    monkeypatch.setitem(sys.modules, "distributed", fake)
    return fake


def test_a_second_run_of_a_job_sends_no_write_again(dask: FakeDask) -> None:
    sender = Sender()
    given = job(writes(1)[0], sender, number="5", writes="once")
    assert outcome(work(given))[1] is None
    reply = work(given)
    assert reply.is_of_call
    assert isinstance(outcome(reply)[1], OutcomeUnknownError)
    assert "the server may have done the work" in str(outcome(reply)[1])
    assert len(sender.transport.requests) == 1
    assert dask.events == {"restli-5"}


def test_what_was_begun_is_forgotten_when_its_outcome_is_known(dask: FakeDask) -> None:
    sender = Sender()
    work(job(writes(1)[0], sender, number="1", writes="once"))
    work(job(writes(1)[0], sender, number="2", writes="once"))
    work(job(writes(1)[0], sender, number="3", writes="once", settled=("1", "2")))
    assert dask.events == {"restli-3"}


@pytest.mark.parametrize("case", ["a read", "idempotent", "by the user's word", "not a worker", "no Dask"])
def test_a_second_run_of_a_job_sends_all_else_again(case: str, dask: FakeDask, monkeypatch: pytest.MonkeyPatch) -> None:
    call: Call[Any] = writes(1)[0]
    if case == "a read":
        call = reads(1)[0]
    elif case == "idempotent":
        call = restli.update("/adAccounts/{id}", {"name": "x"}, path_keys={"id": 1}, base_url="http://127.0.0.1:9")
    elif case == "not a worker":
        dask.is_worker = False
    elif case == "no Dask":
        monkeypatch.delitem(sys.modules, "distributed")
    sender = Sender(retry=RetryPolicy(repeat="all") if case == "by the user's word" else None)
    given = job(call, sender, writes="once")
    assert [outcome(work(given))[1] for _ in range(2)] == [None, None]
    assert len(sender.transport.requests) == 2
    assert dask.events == set()


def test_a_write_is_refused_before_it_is_sent() -> None:
    sender = Sender()
    reply = work(job(writes(1)[0], sender, writes="none"))
    assert isinstance(outcome(reply)[1], InvalidCallError)
    assert not reply.is_of_call
    assert sender.transport.requests == []


# -- processes ---------------------------------------------------------------------------------------------------------

PROGRAM = """
import os, signal, sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context

import restli_core as restli
from restli_core import Limit
from restli_transports import RestliClient
from restli_transports.h11 import H11Transport
from restli_transports.sending import send_all


class Noting(H11Transport):
    def __init__(self, folder):
        super().__init__()
        self.folder = folder
        self.note("made")

    def note(self, what):
        with open(f"{self.folder}/{what}-{os.getpid()}", "a") as file:
            file.write("x")

    def close(self):
        self.note("closed")
        super().close()


def make_client(url, folder):
    return RestliClient(Noting(folder), base_url=url, limits=[Limit(8, 3600, wait=0)])


def process(answer):
    return os.getpid()


def die(answer):
    os.kill(os.getpid(), signal.SIGKILL)


def end():
    os._exit(3)


def main(url, folder, method):
    def read(number):
        return restli.get("/adAccounts/{id}", path_keys={"id": number}, base_url=url)

    make = partial(make_client, url, folder)
    with ThreadPoolExecutor(1) as threads:  # a client of the parent's, which no child may use or close
        print(*(sent.answer.entity["id"] for sent in send_all([read(7)], make, threads)))
    with ProcessPoolExecutor(2, mp_context=get_context(method)) as processes:
        def run(calls):
            return list(send_all(calls, make, processes, workers=2))

        given = run([read(500)])
        print(type(given[0].error).__name__, given[0].error.__notes__[0].partition(str(os.getpid()))[1] == "")
        given = run([read(number).map(process) for number in range(20)])
        counts = {}
        for sent in given:
            if sent.error is None:
                counts[sent.answer] = counts.get(sent.answer, 0) + 1
        failed = {type(sent.error).__name__ for sent in given if sent.error}
        print(os.getpid() in counts, max(counts.values()) <= 4, *failed)
    if method != "fork":  # the rest is the executor's, whose processes start in whatever way
        return
    with ProcessPoolExecutor(1, mp_context=get_context(method)) as processes:
        create = restli.create("/adAccounts", {"name": "New"}, base_url=url)
        given = []
        try:
            for sent in send_all([create.map(die), read(1), read(2)], make, processes, at_once=2):
                given.append(type(sent.error).__name__)
        except Exception as error:
            print(*given, type(error).__name__)
    with ProcessPoolExecutor(1, mp_context=get_context(method)) as processes:
        given = []
        try:
            for sent in send_all([read(1), create], end, processes, at_once=2):
                given.append(type(sent.error).__name__)
        except Exception as error:
            print(*given, type(error).__name__)


if __name__ == "__main__":
    main(*sys.argv[1:])
"""


@pytest.mark.sockets
@pytest.mark.parametrize("method", ["fork", "spawn", pytest.param("forkserver", marks=pytest.mark.deep)])
def test_processes_of_each_kind(method: str, tmp_path: Any) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip("processes do not start in this way on this system")
    program, folder = tmp_path / "program.py", tmp_path / "noted"
    program.write_text(PROGRAM, encoding="utf-8")
    folder.mkdir()
    # From Python 3.12 on, a fork of a process with threads warns, and a pool has threads.
    warnings = ["-W", "error", "-W", "ignore:This process:DeprecationWarning"]
    with RestliServer(accounts()) as server:
        done = subprocess.run(
            [sys.executable, *warnings, program, server.base_url, folder, method],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "transports")])},
        )
    assert done.stdout.splitlines() == [
        "7",
        "NotFoundError True",
        "False True LimitError",
        *(
            [
                "OutcomeUnknownError TransportError BrokenProcessPool",
                "TransportError OutcomeUnknownError BrokenProcessPool",
            ]
            if method == "fork"
            else []
        ),
    ], done.stderr
    assert done.stderr == ""
    # Each process made one client, and closed it, but for the one that was killed.
    noted = {path.name: path.read_text() for path in folder.iterdir()}
    assert set(noted.values()) == {"x"}
    made, closed = ({name.partition("-")[2] for name in noted if name.startswith(kind)} for kind in ("made", "closed"))
    killed = method == "fork"
    assert len(made) - killed in {2, 3}  # the parent's, and of the pool of two one may have been quick enough for all
    assert closed <= made
    assert len(made - closed) == killed
