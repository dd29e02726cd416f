"""Runs with a journal: a small runner of flows and of calls, over a client that blocks or over planned tries.

It stands in for the clients' own, so that what is recorded can be tested step by step, cut anywhere and gone on with.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable
from contextlib import suppress
from functools import partial
from itertools import count
from typing import Any, TypeVar

from restli_core import Call, HttpResponse
from restli_core.flows import Flow, Raw, Together, Wait
from restli_core.flows.drivers import nested, run
from restli_core.flows.sent import Sent
from restli_transports import AsyncRestliClient, RestliClient
from restli_transports._clients.kept import KEPT
from restli_transports._clients.recording import CallRecorder, FlowRecorder, with_journal
from restli_transports._clients.steps import Concurrent, Send, Sleep, Step, perform

__all__ = ["Cut", "call_steps", "flow_steps", "perform_all", "play", "play_cut", "way_of"]

T = TypeVar("T")

Path = str | os.PathLike[str]


class Cut(BaseException):
    """What ends a run in the middle, as Ctrl-C or a cancellation does."""


def way_of(client: RestliClient | AsyncRestliClient, call: Call[T]) -> Generator[Step, Any, T]:
    """Return the client's own way of a call."""
    inner: Any = client
    way: Generator[Step, Any, T] = inner._flow(call, KEPT, KEPT)
    return way


def _raw_way(client: RestliClient, raw: Raw) -> Generator[Step, Any, HttpResponse]:
    response: HttpResponse = yield Send(raw.request, client.settings.first_timeout)
    return response


def call_steps(client: RestliClient, calls: Iterable[Call[Any]], path: Path) -> Generator[Step, Any, list[Sent[Any]]]:
    """Yield the steps of a run of calls, one after the other."""

    def body(journal: Any) -> Generator[Step, Any, list[Sent[Any]]]:
        recorder = CallRecorder(journal, policy=client.settings.retry, loads=client.settings.loads)
        sent: list[Sent[Any]] = []
        for call in calls:
            sent += [(yield from recorder.sent(call, way_of(client, call)))]
        return sent

    return with_journal(path, "calls", body)


def flow_steps(client: RestliClient, flow: Flow[T], path: Path) -> Generator[Step, Any, T]:
    """Yield the steps of a run of a flow."""

    def body(journal: Any) -> Generator[Step, Any, T]:
        recorder = FlowRecorder(journal, policy=client.settings.retry, loads=client.settings.loads)
        return nested(flow, partial(_act, client, recorder))

    return with_journal(path, "flow", body)


def _act(client: RestliClient, recorder: FlowRecorder, step: Any) -> Generator[Step, Any, Any]:
    if isinstance(step, Call):
        return (yield from recorder.call(step, way_of(client, step)))
    if isinstance(step, Raw):
        return (yield from recorder.raw(step, _raw_way(client, step)))
    if isinstance(step, Together):
        return (yield from recorder.together(step.calls, lambda call: way_of(client, call)))
    if isinstance(step, Wait) and not recorder.is_replaying:
        yield Sleep(step.seconds)
    return None


def perform_all(client: RestliClient, step: Step) -> Any:
    """Perform a step; flows at the same time one after the other."""
    if isinstance(step, Concurrent):
        return [run(flow, lambda one: perform_all(client, one)) for flow in step.flows]
    inner: Any = client
    return perform(client.transport, inner._shared.clock, step)


def play(client: RestliClient, steps: Generator[Step, Any, T]) -> T:
    """Perform the steps to their end."""
    return run(steps, lambda step: perform_all(client, step))


def play_cut(client: RestliClient, steps: Generator[Step, Any, T], number: int, *, is_done: bool) -> T:
    """Perform the steps as `play` does, and raise `Cut` at the one with this number, from 0 on.

    Args:
        client: the client.
        steps: the steps.
        number: which one.
        is_done: whether that one is performed, and only its result lost.
    """
    numbers = count()

    def performed(step: Step) -> Any:
        if isinstance(step, Concurrent):
            return [run(flow, performed) for flow in step.flows]
        is_last = next(numbers) == number
        if is_last and is_done:
            with suppress(Exception):
                perform_all(client, step)
        if is_last:
            raise Cut
        return perform_all(client, step)

    return run(steps, performed)
