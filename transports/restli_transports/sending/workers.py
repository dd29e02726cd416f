"""Workers: the far side of `restli_transports.sending.send_all`, which runs wherever the executor runs its tasks.

    reply = work(job)            in another process: all that crosses is bytes, pickled and read here and by the parent
    reply = work_here(...)       in a thread of this process: nothing is pickled

A worker is a process: its threads share one client for each `make_client`, made at its first call, kept for the calls
of later runs, since its limits go on counting, and closed when the process ends. A child process begins without any.

Whatever happens to a call is a `Reply`, and nothing is raised: an executor may lose what it cannot pickle, or take its
whole pool for broken.
"""

from __future__ import annotations

import os
import pickle
import platform
import sys
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from inspect import iscoroutine
from traceback import format_exception
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from restli_core.base_errors import InvalidCallError, RestliError
from restli_core.calls import Call
from restli_core.errors import OutcomeUnknownError
from restli_core.flows.limits import Limit
from restli_core.flows.retry import kind_of
from restli_transports._clients.base import BlockingClient
from restli_transports.wire.forks import on_fork

if TYPE_CHECKING:
    from restli_core.flows.retry import RetryPolicy
    from restli_core.messages import HttpRequest, HttpResponse
    from restli_core.responses.parsing import Loads

__all__ = ["Delivered", "Job", "MakeClient", "Reply", "dumps_for", "policy_here", "policy_of", "work", "work_here"]

MakeClient = Callable[[], BlockingClient[Any]]


@dataclass(frozen=True, slots=True, repr=False)
class Job:
    """What a worker in another process is given. Its repr shows nothing of it: schedulers write it into logs.

    Attributes:
        number: of all jobs of all runs no two have the same, so that a scheduler that knows tasks by their arguments
            never takes one for another.
        make_client: the function, pickled.
        call: the call, pickled.
        workers: by how many the client's limits are divided.
        by_value: whether the answer is pickled with cloudpickle, too.
        wants_response: whether the answer is to come with the response that it was read from.
        writes: which calls that are not safe are sent, where the client's policy is not ``repeat="all"``: any;
            or, since the executor may run a job twice, none; or those that are idempotent, and at the first run
            ("once") all others.
        settled: numbers of jobs that will not be run again.
    """

    number: str
    make_client: bytes
    call: bytes
    workers: int
    by_value: bool
    wants_response: bool
    writes: Literal["any", "none", "once"]
    settled: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Job {self.number}>"


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """What became of a call.

    Attributes:
        outcome: its answer and its error, one of them None; pickled, where they come from another process.
        response: the response that the outcome was read from, where it was asked for and there is one.
        is_of_call: False where the call was not sent, since something else failed before: then the error is not
            the call's, and ends the run.
        worker: the process.
        has_limits: whether its client has limits.
    """

    outcome: bytes | tuple[Any, Exception | None]
    response: HttpResponse | None
    is_of_call: bool
    worker: str
    has_limits: bool

    def __iter__(self) -> Iterator[Any]:
        """Yield what Dask's executor (2026.8) takes for an error: its type, itself and a traceback.

        It unpacks a result in this way where a worker dies that has just delivered it, since the task then counts as
        one that is to run again.
        """
        return iter((Delivered, Delivered(self), None))

    def __repr__(self) -> str:
        return f"<Reply of {self.worker}>"


class Delivered(Exception):
    """What brings a reply where an executor raises it."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"{reply} was delivered")
        self.reply = reply


def work(job: Job) -> Reply:
    """Send the call of a job, in a worker process; its client is made if this is the first one."""
    dumps = dumps_for(by_value=job.by_value)
    try:
        call = pickle.loads(job.call)  # noqa: S301 - it is our own process that pickled it
    except Exception as error:  # noqa: BLE001 - it is the parent's to raise
        return _crossing(Reply((None, error), None, False, _name(), False), None, dumps)

    def client_of() -> BlockingClient[Any]:
        make_client: MakeClient = pickle.loads(job.make_client)  # noqa: S301 - likewise
        return _kept.client(job.make_client, make_client, job.workers)

    return _crossing(_send(call, client_of, job.wants_response, partial(_check_run, job)), call, dumps)


def work_here(call: Call[Any], make_client: MakeClient, workers: int, wants_response: bool) -> Reply:
    """Send a call in a thread of this process.

    The client lasts as long as the function that made it: to the end of the process where that stands in a module.
    """
    return _send(
        call, partial(_kept.client, id(make_client), make_client, workers, lasts_with=make_client), wants_response
    )


def policy_of(make_client: bytes, workers: int, by_value: bool) -> Reply:
    """Return the retry policy of the client of this process, in a reply as that to a call; it is made if there is none.

    Args:
        make_client: the function that makes it, pickled.
        workers: by how many its limits are divided.
        by_value: whether what crosses is pickled with cloudpickle.
    """
    policy: RetryPolicy | None = None
    error: Exception | None = None
    try:
        policy = _kept.client(make_client, pickle.loads(make_client), workers).settings.retry  # noqa: S301 - our own
    except Exception as caught:  # noqa: BLE001 - it is the parent's to raise
        error = caught
    return _crossing(Reply((policy, error), None, False, _name(), False), None, dumps_for(by_value=by_value))


def policy_here(make_client: MakeClient, workers: int) -> RetryPolicy | None:
    """Return the retry policy of the client that the threads of this process share."""
    return _kept.client(id(make_client), make_client, workers, lasts_with=make_client).settings.retry


def dumps_for(*, by_value: bool) -> Callable[[Any], bytes]:
    """Return what pickles: where asked for and installed, cloudpickle, which takes functions of a notebook, too."""
    if by_value:
        with suppress(ImportError):
            found: Callable[[Any], bytes] = import_module("cloudpickle").dumps  # it comes with Dask
            return found
    return pickle.dumps


def _send(
    call: Call[Any],
    client_of: Callable[[], BlockingClient[Any]],
    wants_response: bool,
    check: Callable[[Call[Any], BlockingClient[Any]], None] = lambda _call, _client: None,
) -> Reply:
    """Send a call with the client of this process.

    Args:
        call: the call.
        client_of: returns the client.
        wants_response: whether the response is wanted, too.
        check: raises what is wrong with sending this call; an OutcomeUnknownError where it may have been sent before.
    """
    noting = _Noting(call.reader)
    has_limits = is_of_call = False
    answer: Any = None
    error: Exception | None = None
    try:
        client = client_of()
        has_limits = bool(client.settings.limits)
        check(call, client)
        is_of_call = True
        answer = client.send(_reading_with(call, noting) if wants_response else call)
    except Exception as caught:  # noqa: BLE001 - it is the parent's to give or to raise
        error = caught
    # An error of Rest.li's may be another exchange's: that of a token, or a try whose answer never came.
    if isinstance(error, RestliError) and getattr(error, "response", None) is not noting.response:
        noting.response = None
    is_of_call = is_of_call or isinstance(error, OutcomeUnknownError)
    return Reply((answer, error), noting.response, is_of_call, _name(), has_limits)


class _Noting:
    """A reader that notes the response that it read."""

    def __init__(self, reader: Callable[[HttpRequest, HttpResponse, Loads], Any]) -> None:
        self._reader = reader
        self.response: HttpResponse | None = None

    def __call__(self, request: HttpRequest, response: HttpResponse, loads: Loads) -> Any:
        self.response = response
        return self._reader(request, response, loads)


def _reading_with(call: Call[Any], reader: _Noting) -> Call[Any]:
    return Call(call.request, call.method, reader, call.resource_path, call.name)


# -- executors that may run a job twice --------------------------------------------------------------------------------


def _check_run(job: Job, call: Call[Any], client: BlockingClient[Any]) -> None:
    """Refuse a call that must not be sent twice, where the job may be run twice, or was begun before.

    Raises:
        InvalidCallError: it is refused whichever run this is.
        OutcomeUnknownError: an earlier run had begun.
    """
    kind, policy = kind_of(call.method), client.settings.retry
    if job.writes == "any" or kind == "safe" or (policy is not None and policy.repeat == "all"):
        return
    if job.writes == "none":
        reason = (
            f"{call!r} is not safe, and this executor may run a task twice, as schedulers do when a worker dies: give "
            'a journal, or a client with RetryPolicy(repeat="all") where doing it twice does no harm'
        )
        raise InvalidCallError("calls", reason)
    if kind != "idempotent" and not _is_first_run(job):
        reason = "a worker died with it, or was cut off, and it is not sent again: the server may have done the work"
        raise OutcomeUnknownError(f"{call!r}: {reason}")


def _is_first_run(job: Job) -> bool:
    """Return whether no other run of the job has come so far, as far as the executor has a memory for it: Dask has."""
    distributed: Any = sys.modules.get("distributed")
    if distributed is None:
        return True
    try:
        distributed.get_worker()
    except ValueError:  # it is imported here, but it is not what runs this
        return True
    # An event lives on the scheduler, which outlives its workers.
    for number in job.settled:
        distributed.Event(f"restli-{number}").clear()  # which deletes it
    begun = distributed.Event(f"restli-{job.number}")
    if begun.is_set():
        return False
    begun.set()
    return True


# -- what crosses ------------------------------------------------------------------------------------------------------


def _crossing(reply: Reply, call: Call[Any] | None, dumps: Callable[[Any], bytes]) -> Reply:
    """Return a reply whose outcome is pickled; what cannot be is told of in its place."""
    answer, error = cast("tuple[Any, Exception | None]", reply.outcome)
    if error is not None:
        # Pickling loses the traceback.
        text = f"in a worker, {reply.worker}"
        if not isinstance(error, RestliError):
            text += ":\n" + "".join(format_exception(error)).rstrip()
        error.add_note(text)
    try:
        outcome = dumps((answer, error))
        if error is not None:
            # Many libraries have exceptions that can be pickled, but not be read again.
            pickle.loads(outcome)  # noqa: S301 - it was pickled in the line above
    except Exception as fault:  # noqa: BLE001 - a `__reduce__` of anybody's
        if error is None:
            kind = f"{type(answer).__module__}.{type(answer).__qualname__}"
            text = f"the answer of {call!r}, a {kind}, cannot be pickled ({fault}): its class must stand in a module"
            told: Exception = TypeError(text)
        else:
            told = RuntimeError(
                f"{type(error).__module__}.{type(error).__qualname__}, which cannot be pickled: {error}"
            )
            for note in error.__notes__:
                told.add_note(note)
        outcome = pickle.dumps((None, told))
    return Reply(outcome, reply.response, reply.is_of_call, reply.worker, reply.has_limits)


def _name() -> str:
    return f"process {os.getpid()} of {platform.node()}"


# -- the clients of this process ---------------------------------------------------------------------------------------


class _KeptClients:
    """The clients of this process. A child begins without any, and leaves those of its parent alone."""

    def __init__(self) -> None:
        self._clients: dict[Hashable, _KeptClient] = {}
        on_fork(self)

    def after_fork(self) -> None:
        """Forget the parent's clients, without closing them."""
        self._clients = {}

    def client(
        self, key: Hashable, make_client: MakeClient, workers: int, lasts_with: object = None
    ) -> BlockingClient[Any]:
        """Return the client of a function, with its limits divided; it is made if there is none yet.

        Args:
            key: the function pickled, or its `id`.
            make_client: the function.
            workers: by how many the limits are divided.
            lasts_with: the client is closed when this is gone; None for when the process ends.
        """
        # One operation, which no other thread can come into.
        kept = self._clients.setdefault(key, _KeptClient())
        with kept.lock:  # the others wait while one makes it
            if kept.made is None:
                kept.made = _checked(make_client())
                self._close_after(lasts_with, key, kept)
            if workers not in kept.divided:
                kept.divided[workers] = _divided(kept.made, workers)
            return kept.divided[workers]

    def _close_after(self, thing: object, key: Hashable, kept: _KeptClient) -> None:
        # Of all that runs when a process ends, this alone does in those that multiprocessing makes by a fork, too. It
        # does nothing in the children of the process that it was made in.
        from multiprocessing.util import Finalize

        try:
            Finalize(thing, self._close, (key,), exitpriority=10)
        except TypeError:  # no weak reference to it can be had: then it stays, so that no other one gets its id
            kept.stays = thing
            Finalize(None, self._close, (key,), exitpriority=10)

    def _close(self, key: Hashable) -> None:
        kept = self._clients.pop(key, None)
        if kept is not None and kept.made is not None:
            kept.made.close()


class _KeptClient:
    """What is kept for one function: the client that it made, and that one's clones with divided limits."""

    __slots__ = ("divided", "lock", "made", "stays")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.made: BlockingClient[Any] | None = None
        self.divided: dict[int, BlockingClient[Any]] = {}
        self.stays: object = None


_kept: Final = _KeptClients()


def _checked(client: object) -> BlockingClient[Any]:
    if isinstance(client, BlockingClient):
        return client
    if iscoroutine(client):
        client.close()  # nobody awaits it
    kind = type(client).__name__
    raise InvalidCallError("make_client", f"must return a client that blocks, such as a RestliClient, not {kind}")


def _divided(client: BlockingClient[Any], workers: int) -> BlockingClient[Any]:
    """Return the client with an equal part of each limit, so that as many of them together keep to the whole."""
    limits = client.settings.limits
    if workers == 1 or not limits:
        return client
    divided: BlockingClient[Any] = cast("Any", client).with_options(limits=[_part(limit, workers) for limit in limits])
    return divided


def _part(limit: Limit, workers: int) -> Limit:
    # Calls cannot be cut, costs can.
    most = limit.most // workers if limit.cost is None else limit.most / workers
    try:
        return Limit(most, limit.per, path=limit.path, cost=limit.cost, each=limit.each, wait=limit.wait)
    except InvalidCallError:
        reason = f"{limit} cannot be divided by {workers}: take fewer workers, or calls that many may make at once"
        raise InvalidCallError("workers", reason) from None
