"""What stands between the parent and its workers: what crosses, and what is known of the workers."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from restli_core import InvalidCallError, Limit, RetryPolicy, SuspiciousValueWarning
from restli_core.server import Refusal
from restli_transports import RestliClient
from restli_transports.sending import send_all
from restli_transports.sending.workers import Reply
from restli_transports.testing import FakeTransport
from tests.support.executors import URL, Elsewhere, Listening, Opaque, Sender, entity_id, reads, writes


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    with Elsewhere() as executor:
        yield executor


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as executor:
        yield executor


def test_a_scheduler_keeps_the_last_numbers_in_mind(elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("restli_transports.sending.desks.KEPT_NUMBERS", 2)
    list(send_all(writes(5), Sender(), elsewhere, at_once=1, journal=Listening()))
    numbers = [job.number for job in elsewhere.jobs]
    assert [job.settled for job in elsewhere.jobs] == [(), (), (), (numbers[0],), (numbers[1],)]
    list(send_all(reads(5), Sender(), elsewhere, at_once=1))  # nothing is kept in mind without a journal
    assert {job.settled for job in elsewhere.jobs[5:]} == {()}


def test_more_processes_than_workers_are_warned_of(monkeypatch: pytest.MonkeyPatch, elsewhere: Elsewhere) -> None:
    names = iter(["one", "two", "three", "four"])
    monkeypatch.setattr("restli_transports.sending.workers._name", lambda: next(names))
    sender = Sender(limits=(Limit(100, 60),))
    with pytest.warns(SuspiciousValueWarning, match="more than 2 processes send") as warned:
        list(send_all(reads(4), sender, elsewhere, workers=2, at_once=1))
    assert [one.filename for one in warned] == [__file__]
    names = iter(["one", "two", "three", "four"])
    list(send_all(reads(4), Sender(), elsewhere, workers=2))  # without limits there is nothing to divide


def test_equal_calls_are_tasks_of_their_own(elsewhere: Elsewhere) -> None:
    sender = Sender()
    for _ in range(2):
        list(send_all(reads(1) * 4, sender, elsewhere))
    # A scheduler takes equal arguments for one task.
    assert len({pickle.dumps(job) for job in elsewhere.jobs}) == 8
    assert len(sender.transport.requests) == 8


def test_no_call_and_no_client_shows_in_the_repr_of_a_job(elsewhere: Elsewhere) -> None:
    make_client = partial(RestliClient, access_token="s3cret-token", base_url="not a URL")
    with pytest.raises(InvalidCallError):
        list(send_all(reads(1), make_client, elsewhere))
    (job,) = elsewhere.jobs
    assert b"s3cret-token" in job.make_client
    assert repr(job) == f"<Job {job.number}>"


def test_what_cannot_be_pickled_is_refused_before_anything() -> None:
    opaque = Opaque()
    with ProcessPoolExecutor(1) as processes:
        wrong: tuple[Any, ...] = (lambda: opaque, partial(id, opaque), partial(id, RestliClient(FakeTransport())))
        for make_client in wrong:
            with pytest.raises(InvalidCallError, match=r"^make_client: cannot be pickled .* level of a module"):
                send_all(reads(1), make_client, processes)
        with pytest.raises(InvalidCallError, match=r"^calls\[0\]: cannot be pickled .* level of a module"):
            list(send_all([reads(1)[0].map(lambda answer: answer)], partial(RestliClient), processes))
        assert not processes._processes  # none was started


def test_functions_need_not_be_pickled_for_threads(pool: ThreadPoolExecutor) -> None:
    transport = Sender().transport
    (sent,) = send_all([reads(1)[0].map(Opaque)], lambda: RestliClient(transport, base_url=URL), pool)
    assert isinstance(sent.answer, Opaque)


def test_a_scheduler_gets_functions_by_value(elsewhere: Elsewhere) -> None:
    pytest.importorskip("cloudpickle", reason="comes with the extra dask")
    sender, offset = Sender(), 5
    given = send_all([call.map(lambda answer: entity_id(answer) + offset) for call in reads(2)], sender, elsewhere)
    assert [sent.answer for sent in given] == [5, 6]


def test_an_answer_that_cannot_be_read_here_ends_it(elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    def elsewhere_only(_job: object) -> Reply:
        return Reply(b"cnowhere\nGone\n.", None, True, "process 1 of far", False)

    monkeypatch.setattr(elsewhere, "submit", lambda _work, job: _future(elsewhere_only(job)))
    with pytest.raises(TypeError, match=r"an answer of process 1 of far cannot be read here \(ModuleNotFoundError"):
        list(send_all(reads(1), Sender(), elsewhere))


def _future(result: Any) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_result(result)
    return future


@pytest.mark.parametrize(("tries", "sends"), [(1, 1), (2, 3)])
def test_a_worker_elsewhere_says_which_recorded_failures_are_sent_again(
    elsewhere: Elsewhere, tmp_path: Path, tries: int, sends: int
) -> None:
    sender = Sender(retry=RetryPolicy(tries=tries))
    sender.transport.fail_next(Refusal(503, "later"), times=min(sends, 2))
    sents = [
        *(sent for _ in range(2) for sent in send_all(reads(1), sender, elsewhere, journal=tmp_path / "run.jsonl"))
    ]
    assert (sents[-1].error is None, len(sender.transport.requests)) == (sends == 3, sends)


def test_where_no_worker_elsewhere_can_say_it_that_ends_the_run(elsewhere: Elsewhere, tmp_path: Path) -> None:
    sender = Sender()
    sender.transport.fail_next(Refusal(503, "later"))
    (sent,) = send_all(reads(1), sender, elsewhere, journal=tmp_path / "run.jsonl")
    assert sent.error is not None
    no_client: Any = dict
    with pytest.raises(InvalidCallError, match="must return a client"):
        list(send_all(reads(1), no_client, elsewhere, journal=tmp_path / "run.jsonl"))
