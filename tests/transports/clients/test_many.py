"""Many calls: what `send_all` takes, and what becomes of each."""

from __future__ import annotations

import gc
import sys
import warnings
from collections.abc import AsyncIterator, Iterable, Iterator
from itertools import count
from typing import Any

import anyio
import pytest

from restli_core import (
    Call,
    ConnectError,
    GetResponse,
    HttpResponse,
    InvalidCallError,
    Limit,
    NotFoundError,
    RetryPolicy,
    ServerError,
    SuspiciousValueWarning,
    get,
)
from restli_core.flows.sent import Sent
from restli_transports import AsyncRestliClient, RestliClient
from restli_transports._clients.many import total_of
from restli_transports.testing import FakeAsyncTransport, FakeTransport
from tests.support.flows_of_steps import open_threads

KINDS = ["threads", "asyncio", "trio"]
kinds = pytest.mark.parametrize("kind", KINDS)


def fake(kind: str) -> Any:
    transport = FakeTransport() if kind == "threads" else FakeAsyncTransport()
    transport.handlers.collection("/adAccounts/{id:long}", [{"id": number} for number in range(1, 100)])
    return transport


def client_over(transport: Any, **options: Any) -> Any:
    kind: Any = RestliClient if isinstance(transport, FakeTransport) else AsyncRestliClient
    return kind(transport, access_token="secret", **options)


def account(client: Any, number: int) -> Call[GetResponse]:
    call: Call[GetResponse] = client.calls.get("/adAccounts/{id}", path_keys={"id": number})
    return call


def sent_by(kind: str, client: Any, calls: Any, into: list[Any] | None = None, **options: Any) -> list[Sent[Any]]:
    """Return what `send_all` gives; as far as it comes, it is in the list."""
    given: list[Sent[Any]] = [] if into is None else into
    if kind == "threads":
        with client.send_all(calls, **options) as sending:
            given.extend(sending)
        return given

    async def main() -> None:
        async with client.send_all(calls, **options) as sending:
            async for sent in sending:
                given.append(sent)  # noqa: PERF401 - what came before an error is looked at, too

    anyio.run(main, backend=kind)
    return given


@kinds
@pytest.mark.parametrize("ordered", [True, False])
def test_each_call_is_given_with_its_answer(kind: str, ordered: bool) -> None:
    client = client_over(fake(kind))
    calls = [account(client, number) for number in range(1, 51)]
    sent = sent_by(kind, client, calls, ordered=ordered, at_once=5)
    assert sorted(one.result().entity["id"] for one in sent) == [*range(1, 51)]
    for one in sent:
        answer = one.result()
        assert (one.answer, one.error) == (answer, None)
        assert answer == one.call.parse(answer.response)
    if ordered:
        assert [one.call for one in sent] == calls


@kinds
def test_errors_are_data(kind: str) -> None:
    client = client_over(fake(kind))
    calls = [account(client, number) for number in (1, 1000, 2)]
    first, second, third = sent_by(kind, client, iter(calls))
    assert (first.error, third.error, second.answer, second.call) == (None, None, None, calls[1])
    assert isinstance(second.error, NotFoundError)
    with pytest.raises(NotFoundError) as caught:
        second.result()
    assert caught.value is second.error


@kinds
def test_an_error_holds_nothing_and_shows_no_secret(kind: str) -> None:
    transport = fake(kind)
    transport.fail_next(HttpResponse(404), times=2)
    client = client_over(transport)
    (sent,) = sent_by(kind, client, [account(client, 1)])
    assert sent.error is not None
    assert sent.error.__traceback__ is None
    # It leads to nothing that would wait for the garbage collector.
    call, counts = sent.call, list[int]()
    gc.collect()
    gc.disable()
    try:
        counts.append(sys.getrefcount(call))
        again = sent_by(kind, client, [call])
        counts.append(sys.getrefcount(call))
        del again
        counts.append(sys.getrefcount(call))
    finally:
        gc.enable()
    assert [count - counts[0] for count in counts] == [0, 1, 0]


@kinds
def test_whole_calls_are_repeated_by_the_policy(kind: str) -> None:
    transport = fake(kind)
    transport.fail_next(ConnectError("refused"), times=5)
    client = client_over(transport, retry=RetryPolicy(tries=2), random=lambda: 1.0)
    sent = sent_by(kind, client, [account(client, number) for number in range(1, 5)], at_once=1)
    assert [type(one.error) for one in sent] == [ConnectError, ConnectError, type(None), type(None)]
    assert transport.waits == [0.25] * 3
    assert [len(error.attempts) for one in sent if isinstance(error := one.error, ConnectError)] == [2, 2]


@kinds
def test_limits_hold_for_all_of_them(kind: str) -> None:
    transport = fake(kind)
    client = client_over(transport, limits=[Limit(2, 60, wait=1000)])
    sent = sent_by(kind, client, [account(client, number) for number in range(1, 7)], at_once=3)
    assert [one.error for one in sent] == [None] * 6
    assert transport.clock.now() >= 120


@kinds
@pytest.mark.parametrize("at", [0, 17])
def test_what_is_not_a_call_is_named(kind: str, at: int) -> None:
    client = client_over(fake(kind))
    given: list[Any] = []

    def calls() -> Iterator[Any]:
        yield from (account(client, number + 1) for number in range(at))
        yield "/adAccounts/5"
        raise AssertionError("it was read on")

    with pytest.raises(InvalidCallError) as caught:
        sent_by(kind, client, calls(), given, at_once=3)
    assert (
        str(caught.value) == f"calls[{at}]: must be a call, as restli_core.get or client.calls.get makes one, not str"
    )
    assert len(given) == at


@kinds
def test_what_is_no_error_of_a_call_ends_it(kind: str) -> None:
    client = client_over(fake(kind))
    given: list[Any] = []

    def failing(answer: GetResponse) -> float:
        return 1 / 0

    calls = (account(client, 1).map(failing) if number == 7 else account(client, 2) for number in count())
    with pytest.raises(ZeroDivisionError):
        sent_by(kind, client, calls, given)
    assert len(given) == 7
    assert open_threads() == []


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_an_asynchronous_iterable_of_calls(backend: str) -> None:
    client = client_over(fake(backend))

    async def calls() -> AsyncIterator[Any]:
        for number in range(1, 10):
            await anyio.lowlevel.checkpoint()
            yield account(client, number)

    assert [sent.result().entity["id"] for sent in sent_by(backend, client, calls())] == [*range(1, 10)]


def test_a_client_that_blocks_reads_none() -> None:
    async def calls() -> AsyncIterator[Any]:
        yield 1

    with pytest.raises(InvalidCallError, match="calls: is an asynchronous iterable: give it to an AsyncRestliClient"):
        client_over(fake("threads")).send_all(calls())


@kinds
@pytest.mark.parametrize("calls", [5, None, "abc", b"abc", get("/me"), list], ids=repr)
def test_what_are_no_calls_is_refused(kind: str, calls: Any) -> None:
    with pytest.raises(InvalidCallError, match=r"calls: must be an iterable of calls"):
        client_over(fake(kind)).send_all(calls)


@kinds
@pytest.mark.parametrize(
    ("argument", "value"), [("at_once", 0), ("at_once", True), ("ordered", 1), ("progress", 5)], ids=repr
)
def test_arguments_are_refused_before_anything_is_read(kind: str, argument: str, value: Any) -> None:
    transport, read = fake(kind), list[int]()
    with pytest.raises(InvalidCallError) as caught:
        client_over(transport).send_all(map(read.append, range(3)), **{argument: value})
    assert (caught.value.argument, read, transport.requests) == (argument, [], [])


@kinds
def test_progress_is_told(kind: str) -> None:
    client = client_over(fake(kind))
    calls = [account(client, number) for number in (1, 1000, 2)]
    for given, total in ((calls, 3), (iter(calls), None)):
        told: list[Any] = []
        sent_by(kind, client, given, progress=lambda *happened, told=told: told.append(happened))
        assert told == [(1, total, "calls"), (2, total, "calls"), (3, total, "calls")]


def test_how_many_there_are() -> None:
    hinting: Iterable[int] = iter([1, 2, 3])  # it has a hint of its length, which for others may be wrong
    assert [total_of(calls) for calls in ([1, 2], {1: 2}, range(10**6), hinting)] == [2, 1, 10**6, None]


@kinds
def test_a_warning_points_to_who_iterates(kind: str) -> None:
    client = client_over(fake(kind), base_url="http://127.0.0.1:9")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        sent_by(kind, client, [get("/adAccounts/{id}", path_keys={"id": 1})])
    assert [(one.category, one.filename) for one in caught] == [(SuspiciousValueWarning, __file__)]


@kinds
def test_the_budget_for_retries_is_the_clients(kind: str) -> None:
    transport = fake(kind)
    transport.fail_next(HttpResponse(503), times=100)
    client = client_over(transport, retry=RetryPolicy(budget=28))
    sent = sent_by(kind, client, [account(client, 1)] * 10)
    assert [type(one.error) for one in sent] == [ServerError] * 10
    assert len(transport.requests) == 12
