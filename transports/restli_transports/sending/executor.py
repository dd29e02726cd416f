"""Executor: many calls, each sent by a worker of a `concurrent.futures.Executor`: processes here, or a cluster.

    calls ──take──> journal.before ──submit──> worker ──reply──> journal.after ──> Sent
          at most `at_once` are taken and not yet given

The parent alone takes calls, writes the journal and gives what became of them; a worker sends one call at a time in
each of its threads (`workers.py`); `desks.py` has what stands between them.

| what happens                              | what is given                                                            |
|-------------------------------------------|--------------------------------------------------------------------------|
| an answer, or a RestliError               | a `Sent`                                                                 |
| any other error of a call                 | it is raised, and ends the run                                           |
| make_client fails, or a call is refused   | likewise, whatever the error: the next call would not fare better        |
| `calls` fails, or gives what is not a     | what was taken before is given, then it is raised                        |
| call, or one that cannot be pickled       |                                                                          |
| a worker died with the call: nobody knows | a `Sent` with an OutcomeUnknownError where the call is not safe, with a  |
| what it had done                          | TransportError where it is; then, if the executor is broken, its error   |
|                                           | is raised                                                                |
| the executor cancelled it before it       | a `Sent` with a ConnectError, since nothing was sent; then, if it takes  |
| began, or takes no more calls             | no more, its error is raised                                             |
| the executor fails in another way         | its error is raised                                                      |
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import AsyncIterable, Iterable, Sized
from concurrent.futures import (
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    wait,
)
from contextlib import suppress
from inspect import iscoroutinefunction
from itertools import count
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar, cast

from restli_core.base_errors import InvalidCallError, RestliError
from restli_core.calls import Call, not_a_call
from restli_core.errors import ConnectError, OutcomeUnknownError, TransportError
from restli_core.flows.retry import kind_of
from restli_core.flows.sent import Sent
from restli_transports._clients.base import AsyncBaseClient, BaseClient
from restli_transports.concurrency.line import check_whole
from restli_transports.mistaken import refusing
from restli_transports.progress import OnProgress, progress_of
from restli_transports.sending.desks import Desk, desk_of
from restli_transports.sending.recorded import JournalRecorder
from restli_transports.sending.workers import Delivered, MakeClient, Reply
from restli_transports.system import LOOK_UP_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from types import TracebackType

    from restli_core.flows.retry import RetryPolicy
    from restli_core.messages import HttpResponse
    from restli_transports.progress import Progress

__all__ = ["ExecutorSending", "Recorder", "send_all"]

T = TypeVar("T")


class Recorder(Protocol):
    """What notes calls before they are handed over and after they came back, all in the parent's thread."""

    def before(self, call: Call[Any]) -> Sent[Any] | None:
        """Note that a call is about to be sent; return what became of it where that is known already."""
        ...

    def after(self, call: Call[Any], response: HttpResponse | None, error: Exception | None) -> None:
        """Note what became of a call.

        It is not called where a worker died with the call: what became of it is not known.

        Args:
            call: the call.
            response: the response that was read, as it came; None where there was none.
            error: why the call failed; None where it did not.
        """
        ...


def send_all(
    calls: Iterable[Call[T]],
    make_client: MakeClient,
    executor: Executor,
    *,
    at_once: int = 8,
    ordered: bool = True,
    journal: str | os.PathLike[str] | Recorder | None = None,
    workers: int = 1,
    progress: bool | OnProgress | None = None,
) -> ExecutorSending[T]:
    """Send calls by the workers of an executor, and return an iterator of what became of each.

    What is sent, and when a call is repeated, is as `make_client`'s client has it. The executor stays open.

    Args:
        calls: any iterable of calls, also an endless one.
        make_client: makes the client that blocks, once in each worker process, which closes it at its end. It crosses
            to other processes by pickle: a function of a module, or a `functools.partial` of one.
        executor: ProcessPoolExecutor, ThreadPoolExecutor, Dask's ``Client.get_executor()``, or any other. All but the
            standard library's may run a task twice, as a scheduler does when a worker dies: there a call that is not
            safe is refused, unless the client's policy is ``repeat="all"``, or a journal is given.
        at_once: how many calls are taken and not yet given, at most.
        ordered: whether they are given in the order of the calls, or as they come.
        journal: the path of a file in which the parent notes what becomes of the calls, so that a run which was cut off
            is taken up where it was (docs/journal.md); or an object of one's own that notes it; None for nowhere.
        workers: how many processes the executor has: each keeps to the client's limits divided by so many. All threads
            of one process are one worker.
        progress: True for a bar (the extra ``progress``), or a function of how many are done, of how many there are
            (None where `calls` does not say), and of a label; None for nothing.

    Raises:
        InvalidCallError: an argument is not what it should be, or `make_client` cannot be pickled. While iterating: a
            call is none, cannot be pickled or is refused.

    Warns:
        SuspiciousValueWarning: more processes than `workers` have sent, with a client that has limits: together they
            may take more than these allow.
    """
    _check_calls(calls)
    _check_make_client(make_client)
    _check_executor(executor)
    check_whole("at_once", at_once)
    check_whole("workers", workers)
    if not isinstance(ordered, bool):
        raise InvalidCallError("ordered", f"must be True or False, not {_kind(ordered)}")
    desk = desk_of(executor, make_client, workers, journal is not None)
    recorder = _recorder(journal, desk.policy)
    shown = progress_of(progress, "calls")
    return ExecutorSending(_Run(calls, desk, at_once=at_once, ordered=ordered, journal=recorder), shown)


class ExecutorSending(Generic[T]):
    """Calls that are being sent by workers: an iterator of `Sent`, and a context manager.

    Nothing is sent before the first one is asked for. At the end of its ``with`` block, and when it is closed or gone,
    what has not begun is cancelled, and what runs is waited for.
    """

    def __init__(self, run: _Run[T], progress: Progress | None) -> None:
        # It does not know this object: so it ends, and with it the sending, as soon as a loop is left by `break`.
        self._given = _give(run, progress)
        self._run = run

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Sent[T]:
        """Return what became of the next call.

        Raises:
            InvalidCallError: a call is none, cannot be pickled or is refused.
            Exception: what is not a RestliError: of `calls`, of a call's own functions, or of the executor.
        """
        return next(self._given)

    def close(self) -> None:
        """Cancel what has not begun, and wait for what runs.

        While another thread iterates, it is that one which does so, and is told that this is closed.
        """
        self._run.stop()
        with suppress(ValueError):  # it is being iterated
            self._given.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    if not TYPE_CHECKING:
        __aenter__ = __aexit__ = __aiter__ = refusing("blocks: write `with` and `for`")

    def __repr__(self) -> str:
        return f"<ExecutorSending: {self._run}>"


def _give(run: _Run[T], progress: Progress | None) -> Generator[Sent[T], None, None]:
    """Yield what becomes of each call, and leave nothing running in the end."""
    try:
        while (sent := run.next()) is not None:
            if progress is not None:
                progress.update(run.given, run.total)
            yield sent
    finally:
        try:
            run.close()
        finally:
            if progress is not None:
                progress.close()


# -- one run -----------------------------------------------------------------------------------------------------------


class _Slot(Generic[T]):
    """A call that was taken and not yet given.

    Attributes:
        future: the worker's; None where it was not handed over.
        outcome: what became of it, or what is to be raised in its place; None where that is not known yet.
    """

    __slots__ = ("call", "future", "outcome")

    def __init__(self, call: Call[T]) -> None:
        self.call = call
        self.future: Future[Reply] | None = None
        self.outcome: Sent[T] | BaseException | None = None


class _Run(Generic[T]):
    """The state of one run; all of it but the queue `_done` belongs to the thread that iterates.

    Attributes:
        given: how many were given.
        total: how many there are; None where the iterable does not say.
    """

    def __init__(
        self, calls: Iterable[Call[T]], desk: Desk, *, at_once: int, ordered: bool, journal: Recorder | None
    ) -> None:
        self.given: int = 0
        self.total: int | None = len(calls) if isinstance(calls, Sized) else None
        self._calls = iter(calls)
        self._desk = desk
        self._at_once = at_once
        self._ordered = ordered
        self._journal = journal
        self._process = os.getpid()
        self._numbers = count()
        self._slots: dict[int, _Slot[T]] = {}  # by number, in the order in which they were taken
        self._ready: deque[int] = deque()  # of those whose outcome is known, in the order in which they came
        self._done: SimpleQueue[tuple[int, Future[Reply]]] = SimpleQueue()  # filled by any thread
        self._takes_more = True
        self._is_stopped = False
        self._stop: BaseException | None = None  # what is raised when all that was taken is given

    def __repr__(self) -> str:
        return f"{self.given} given, {len(self._slots)} on their way"

    def next(self) -> Sent[T] | None:
        """Return what became of the next call; None at the end."""
        if self._process != os.getpid():
            raise InvalidCallError("sending", "is another process's, where its calls are on their way: make one here")
        while True:
            if self._is_stopped:
                raise InvalidCallError("sending", "is closed, and gives nothing any more: send the calls anew")
            # One at a time, so that what is known is given before further ones are read, which may take long.
            has_taken = self._take()
            self._settle_done(waits=False)
            number = self._first()
            if number is not None:
                outcome = self._slots.pop(number).outcome
                if isinstance(outcome, BaseException):
                    raise outcome
                self.given += 1
                return outcome
            if not self._slots:
                break
            if not has_taken:
                self._settle_done(waits=True)
        if self._stop is not None:
            raise self._stop
        return None

    def stop(self) -> None:
        """Have nothing more given, by whichever thread; `close` is for the one that iterates."""
        self._is_stopped = True

    def _first(self) -> int | None:
        """Return the number of the slot to give next; None where its outcome is not known yet."""
        if not self._ordered:
            return self._ready.popleft() if self._ready else None
        number = next(iter(self._slots), None)
        return None if number is None or self._slots[number].outcome is None else number

    def _take(self) -> bool:
        """Take a call and hand it over, if there is one and room for it; return whether there was."""
        if not self._takes_more or len(self._slots) >= self._at_once:
            return False
        try:
            for call in self._calls:
                self._hand_over(next(self._numbers), call)
                return True
        except Exception as error:  # noqa: BLE001 - it is raised when what was taken before is given
            self._end_with(error)
        self._takes_more = False
        return False

    def _end_with(self, error: BaseException) -> None:
        self._takes_more = False
        self._stop = self._stop or error

    def _hand_over(self, number: int, call: Call[T]) -> None:
        if not isinstance(call, Call):
            raise InvalidCallError(f"calls[{number}]", not_a_call(call))
        submit = self._desk.submit(number, call)
        outcome = self._journal.before(call) if self._journal is not None else None
        future: Future[Reply] | None = None
        if outcome is None:
            try:
                future = submit()
            except Exception as error:  # noqa: BLE001 - broken, shut down, or the cluster is gone
                self._end_with(error)
                outcome = self._unsent(call, "the executor takes no more calls", error)
        # Only now, so that no failure of the journal leaves one of which nothing would ever be heard.
        slot = self._slots[number] = _Slot(call)
        if future is not None:
            slot.future = future
            future.add_done_callback(lambda done: self._done.put((number, done)))
        elif outcome is not None:
            self._settle(number, slot, outcome)

    def _settle_done(self, *, waits: bool) -> None:
        """Read what workers have replied so far; or wait until there is something."""
        while True:
            try:
                # Not without a limit: CPython may miss a signal just before it waits.
                number, future = self._done.get(block=waits, timeout=LOOK_UP_SECONDS)
            except Empty:
                if waits and not self._is_stopped:
                    continue
                return
            waits = False
            slot = self._slots[number]
            slot.future = None  # first, so that no failure of the journal lets it be read twice
            self._desk.settle(number)
            self._settle(number, slot, self._outcome(slot.call, future))

    def _settle(self, number: int, slot: _Slot[T], outcome: Sent[T] | BaseException) -> None:
        slot.outcome = outcome
        self._ready.append(number)
        if isinstance(outcome, BaseException):  # it ends the run, be it only after those before it
            self._takes_more = False

    def _outcome(self, call: Call[T], future: Future[Reply]) -> Sent[T] | BaseException:
        """Return what became of a call that was handed over, or what is to be raised; it is in the journal then."""
        try:
            reply = _reply(future)
        except CancelledError as cancelled:
            if self._desk.runs_once:
                return self._unsent(call, "the executor cancelled it before it began", cancelled)
            return _lost(call, cancelled)
        except BrokenExecutor as broken:
            self._end_with(broken)
            return _lost(call, broken)
        except Exception as fault:  # noqa: BLE001 - what is not lost is raised when its turn comes
            return _lost(call, fault) if _is_killed_worker(fault) else fault
        answer, error = self._desk.read(reply)
        if not reply.is_of_call:
            if self._desk.runs_once:  # else an earlier run of the task may have sent it
                self._unsent(call, "it was not handed to a client", error)
        elif self._journal is not None and not isinstance(error, OutcomeUnknownError):
            self._journal.after(call, reply.response, error)
        self._desk.note_worker(reply)
        if error is not None and not (reply.is_of_call and isinstance(error, RestliError)):
            return error
        return Sent(call, answer, error)

    def _unsent(self, call: Call[T], reason: str, cause: BaseException | None) -> Sent[T]:
        """Return what becomes of a call of which no byte was sent; it is in the journal then."""
        error = ConnectError(f"not sent: {reason}", call.request)
        error.__cause__ = cause
        if self._journal is not None:
            self._journal.after(call, None, error)
        return Sent(call, None, error)

    def close(self) -> None:
        """Cancel what has not begun, wait for what runs, and put it into the journal."""
        self._takes_more = False
        if self._process != os.getpid():  # nothing runs here, and nothing of it would ever be done
            return
        left = [(slot.call, slot.future) for slot in self._slots.values() if slot.future is not None]
        self._slots.clear()
        # The futures of a cluster let themselves be cancelled while their calls are under way, and nobody would know
        # what became of these. There are not many of them.
        running = {future for _, future in left if not (self._desk.runs_once and future.cancel())}
        while running:
            running = wait(running, LOOK_UP_SECONDS).not_done
        failure: BaseException | None = None
        for call, future in left:
            try:
                self._outcome(call, future)
            except BaseException as error:  # noqa: BLE001 - the journal is to have the others, too
                failure = failure or error
        close = getattr(self._journal, "close", None)
        if callable(close):
            close()
        if failure is not None:
            raise failure


def _reply(future: Future[Reply]) -> Reply:
    """Return the reply of a future that is done."""
    try:
        return future.result()
    except Delivered as delivered:
        return delivered.reply


def _lost(call: Call[T], cause: BaseException) -> Sent[T]:
    """Return what becomes of a call whose worker died with it."""
    error: RestliError
    if kind_of(call.method) == "safe":
        error = TransportError("its worker died, or was cut off, before the answer came", call.request)
    else:
        error = OutcomeUnknownError(f"{call!r}: its worker died, or was cut off: the server may have done the work")
    error.__cause__ = cause
    return Sent(call, None, error)


def _is_killed_worker(error: BaseException) -> bool:
    """Return whether this is Dask's error for a task with which several workers died, one after another."""
    return type(error).__name__ == "KilledWorker" and type(error).__module__.partition(".")[0] == "distributed"


# -- arguments ---------------------------------------------------------------------------------------------------------


def _check_calls(calls: object) -> None:
    if isinstance(calls, AsyncIterable):
        raise InvalidCallError("calls", "are asynchronous: gather them, or send them with an asynchronous client")
    if not isinstance(calls, Iterable) or isinstance(calls, str | bytes):
        kind = "one call: make a list of it" if isinstance(calls, Call) else type(calls).__name__
        raise InvalidCallError("calls", f"must be an iterable of calls, not {kind}")


def _check_make_client(make_client: object) -> None:
    if isinstance(make_client, BaseClient):
        reason = "must be a function that makes a client, not a client, which belongs to one process"
        raise InvalidCallError("make_client", reason)
    if not callable(make_client):
        raise InvalidCallError("make_client", f"must be a function that makes a client, not {_kind(make_client)}")
    if iscoroutinefunction(make_client) or (isinstance(make_client, type) and issubclass(make_client, AsyncBaseClient)):
        raise InvalidCallError("make_client", "must make a client that blocks, such as a RestliClient")


def _check_executor(executor: object) -> None:
    if not isinstance(executor, Executor):
        cure = ": give its get_executor()" if callable(getattr(executor, "get_executor", None)) else ""
        reason = f"must be an Executor of concurrent.futures, not {_kind(executor)}{cure}"
        raise InvalidCallError("executor", reason)


def _recorder(journal: Any, ask_policy: Callable[[], RetryPolicy | None]) -> Recorder | None:
    """Return what notes calls, of the argument `journal`."""
    if isinstance(journal, str | os.PathLike):
        return JournalRecorder(journal, ask_policy)
    for method in ("before", "after"):
        if journal is not None and not callable(getattr(journal, method, None)):
            raise InvalidCallError("journal", f"must be the path of a file, or None for none, not {_kind(journal)}")
    return cast("Recorder | None", journal)


def _kind(value: object) -> str:
    return f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__
