"""Recording: how what a client sends is noted in a journal, and how a run that is started again goes on from there.

    what the journal has                     safe, idempotent    any other        what a `Raw` says of itself counts
    nothing, or that it was not sent         sent                sent
    an intent, or that it was lost           sent                not sent: OutcomeUnknownError
    an outcome                               read again, without sending
    an outcome that asks to be sent again    sent                sent

An outcome asks to be sent again where it is a failure that the policy repeats, and where nothing was done for a reason
that is not the call's own: 401, since the next run has another token, and 429, since it has another day. In a flow it
does so only where nothing was recorded after it: else the flow has seen the failure, and went on.

All is a generator of the clients' internal steps, in which the work on the file is `Blocking`. A request is noted at
its first `Send`: once it has its turn within the limits and its token. What cuts it then (a time limit of the caller's,
a cancellation, Ctrl-C, a kill) leaves the intent alone, which is the truth. What cuts it while no request is on its
way has noted what is known, unless it is a kill: before the first, that nothing was sent; after an answer, that one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from restli_core.base_errors import RestliError, printable
from restli_core.errors import (
    ConnectError,
    JournalError,
    LimitError,
    OutcomeUnknownError,
    ProtocolError,
    RateLimitError,
    ServiceError,
    TransportTimeout,
    UnauthorizedError,
)
from restli_core.flows.retry import RetryPolicy, kind_of, would_repeat
from restli_core.messages import HttpRequest
from restli_core.responses.parsing import service_error
from restli_transports._clients.files import edges_of
from restli_transports._clients.many import sent_way
from restli_transports._clients.steps import Blocking, Concurrent, Send, Step
from restli_transports._clients.sunset import explain
from restli_transports.concurrency.line import Stopped
from restli_transports.journal import Identity, Journal, Line, identify

if TYPE_CHECKING:
    import os

    from restli_core.calls import Call
    from restli_core.flows.sent import Sent
    from restli_core.flows.steps import Raw
    from restli_core.messages import HttpResponse
    from restli_core.responses.parsing import Loads

__all__ = ["CallRecorder", "FlowRecorder", "recorded_call", "with_journal"]

T = TypeVar("T")

# Statuses after which a client sends again, and which say that nothing was done.
_UNDONE: Final = frozenset({401, 409, 429})
_SENT_AGAIN: Final = frozenset({401, 429})  # by the next run, whatever its policy
_RAW: Final = "raw "  # what is no call is called so, and its method
_ERRORS: Final[dict[str, Callable[[str], RestliError]]] = {
    "ConnectError": ConnectError,
    "TransportTimeout": TransportTimeout,
    "ProtocolError": ProtocolError,
    "LimitError": lambda reason: LimitError(reason, 0.0),
}


def with_journal(
    path: str | os.PathLike[str], kind: str, body: Callable[[Journal], Generator[Step, Any, T]]
) -> Generator[Step, Any, T]:
    """Open a journal, do something with it, and close it, however that ends.

    Args:
        path: the file.
        kind: ``"calls"`` or ``"flow"``.
        body: is given the journal, and returns the steps of what is done with it.
    """
    journal = Journal(path, kind)
    try:
        # Within the block: where this step is cut, a thread may still be opening the file.
        yield Blocking(journal.open)
        return (yield from body(journal))
    finally:
        journal.close()


def recorded_call(
    call: Call[T],
    flow: Generator[Step, Any, T],
    journal: Journal,
    *,
    policy: RetryPolicy | None,
    loads: Loads,
    count: int,
) -> Generator[Step, Any, Sent[T]]:
    """Send a call of many, or give what an earlier run has recorded of it; a RestliError is data.

    Args:
        call: the call.
        flow: the client's own way of it, which has not been started.
        journal: an open journal of calls.
        policy: the client's.
        loads: the client's.
        count: which one of the equal calls it is, in the order of the caller's, from 1 on.

    Raises:
        JournalError: the journal cannot be read or written.
    """
    recorder = CallRecorder(journal, policy=policy, loads=loads)
    return sent_way(call, recorder.numbered(call, flow, count))


class CallRecorder:
    """Records many calls, each by its request: those of `send_all`, or the batches of `send_rows`.

    Threads and tasks may share it.

    Args:
        journal: an open journal of calls.
        policy: the client's; or a function that returns it, and is asked where a failure is recorded.
        loads: the client's.
    """

    def __init__(
        self, journal: Journal, *, policy: RetryPolicy | Callable[[], RetryPolicy | None] | None, loads: Loads
    ) -> None:
        self._notes = _Notes(journal, policy, loads)
        self._lock = threading.Lock()
        self._counts: dict[bytes, int] = {}

    def call(self, call: Call[T], way: Generator[Step, Any, T]) -> Generator[Step, Any, T]:
        """Return the steps from a call to its answer. Equal calls are told apart by the order in which they come here.

        Args:
            call: the call.
            way: the client's own way of it, which has not been started.
        """
        return self.numbered(call, way, self._count(call))

    def sent(self, call: Call[T], way: Generator[Step, Any, T]) -> Generator[Step, Any, Sent[T]]:
        """Return the steps from a call to what became of it, as `call` does; a RestliError is data."""
        return sent_way(call, self.call(call, way))

    def numbered(self, call: Call[T], way: Generator[Step, Any, T], count: int) -> Generator[Step, Any, T]:
        """Return the steps from a call to its answer, where it is known which one of the equal calls it is."""
        identity = identify(call.request, count, _label(call))
        return self._notes.answer(identity, call, way)

    def _count(self, call: Call[Any]) -> int:
        key = bytes.fromhex(identify(call.request, 1, "").key)[:16]
        with self._lock:
            self._counts[key] = count = self._counts.get(key, 0) + 1
        return count


class FlowRecorder:
    """Records the calls and raw requests of a flow, in their order.

    Args:
        journal: an open journal of a flow.
        policy: the client's.
        loads: the client's.
    """

    def __init__(self, journal: Journal, *, policy: RetryPolicy | None, loads: Loads) -> None:
        self._journal = journal
        self._notes = _Notes(journal, policy, loads)
        self._next = 0

    @property
    def is_replaying(self) -> bool:
        """Whether the next request has an outcome already, or others after it have: a wait before it is over."""
        return self._next < self._journal.end - 1 or self._journal.has_outcome(self._next)

    def call(self, call: Call[T], way: Generator[Step, Any, T]) -> Generator[Step, Any, T]:
        """Yield the steps from a call to its answer.

        Args:
            call: the call.
            way: the client's own way of it, which has not been started.

        Raises:
            JournalError: the journal cannot be read or written, or is that of a flow that did something else here.
            OutcomeUnknownError: an earlier run sent it, and it is not known what became of it.
        """
        number = self._take(1)
        return (yield from self._answer(call, way, number, number + 1))

    def raw(self, raw: Raw, way: Generator[Step, Any, HttpResponse]) -> Generator[Step, Any, HttpResponse]:
        """Yield the steps from a raw request to its response; arguments and errors are those of `call`."""
        number = self._take(1)
        # A part of an upload is large, and a key is made of it.
        identity = yield Blocking(partial(_identify_raw, raw, number))
        return (yield from self._notes.response(identity, raw, way, self._is_last(number + 1)))

    def together(
        self, calls: Iterable[Call[Any]], way_of: Callable[[Call[Any]], Generator[Step, Any, Any]]
    ) -> Generator[Step, Any, tuple[Sent[Any], ...]]:
        """Yield the steps from calls that are sent at the same time to what became of them.

        Args:
            calls: the calls.
            way_of: returns the client's own way of a call.
        """
        listed = tuple(calls)
        first = self._take(len(listed))
        end = first + len(listed)
        flows = [
            sent_way(call, self._answer(call, way_of(call), number, end)) for number, call in enumerate(listed, first)
        ]
        return tuple((yield Concurrent(tuple(flows))))

    def _take(self, numbers: int) -> int:
        first, self._next = self._next, self._next + numbers
        return first

    def _is_last(self, end: int) -> bool:
        """Return whether nothing was recorded from this number on."""
        return self._journal.end <= end

    def _answer(self, call: Call[T], way: Generator[Step, Any, T], number: int, end: int) -> Generator[Step, Any, T]:
        identity = identify(call.request, number, _label(call))
        return self._notes.answer(identity, call, way, is_last=self._is_last(end))


class _Notes:
    """What is noted of requests, and what follows from it."""

    def __init__(
        self, journal: Journal, policy: RetryPolicy | Callable[[], RetryPolicy | None] | None, loads: Loads
    ) -> None:
        self._journal = journal
        self._policy = policy
        self._loads = loads

    def answer(
        self, identity: Identity, call: Call[T], way: Generator[Step, Any, T], is_last: bool = True
    ) -> Generator[Step, Any, T]:
        """Yield the steps from a call to its answer.

        Args:
            identity: which one it is.
            call: the call.
            way: the client's own way of it.
            is_last: whether nothing was recorded after it.
        """
        kind = kind_of(call.method)
        try:
            line = yield from self._found(identity, call.request, kind, is_last)
            if line is not None and line.response is not None:
                try:
                    return call.reader(call.request, line.response, self._loads)
                except RestliError as error:
                    if isinstance(error, ServiceError):
                        explain(error)
                    if not (is_last and self._asks_again(error, kind)):
                        raise
            return (yield from self._sent(identity, way, kind, line))
        finally:
            way.close()

    def response(
        self, identity: Identity, raw: Raw, way: Generator[Step, Any, HttpResponse], is_last: bool
    ) -> Generator[Step, Any, HttpResponse]:
        """Yield the steps from a raw request to its response, as `answer` does for a call."""
        kind = raw.repeats_as
        try:
            line = yield from self._found(identity, raw.request, kind, is_last)
            found = line and line.response
            if found is not None:
                is_failure = found.status_code >= 400
                error = service_error(raw.request, found, self._loads) if is_failure and is_last else None
                if error is None or not self._asks_again(error, kind):
                    return found
            return (yield from self._sent(identity, way, kind, line, keeps_url=False))
        finally:
            way.close()

    def _found(
        self, identity: Identity, request: HttpRequest, kind: str, is_last: bool
    ) -> Generator[Step, Any, Line | None]:
        """Yield the steps to the line that counts; None where there is none. One that is no outcome has it sent."""
        journal = self._journal
        if not journal.knows(identity):
            return None
        line: Line = yield Blocking(partial(journal.find, identity, request.url))
        if line.identity.key != identity.key:
            said = f"number {identity.number} of its requests is {line.identity.what!r}, and this is {identity.what!r}"
            cure = "give this flow a journal of its own"
            if line.identity.what != identity.what:
                same = ""
            elif identity.what.startswith(_RAW):
                same = " to another URL, or with other bytes, as of a file that has changed"
            else:
                same = " with other keys, parameters or body"
            raise JournalError(f"{journal.path} is the journal of another flow: {said}{same}; {cure}")
        if line.event == "outcome":
            return line
        if not is_last and line.error in _ERRORS:  # the flow was given it, and went on
            raise _ERRORS[line.error](line.reason)
        if line.event != "unsent" and kind not in {"safe", "idempotent"}:
            error = OutcomeUnknownError(
                f"{identity.what} was sent at {line.at} by an earlier run, which did not note what became of it: look "
                f"at the server; `python -m restli_transports.journal` has it sent again"
            )
            if journal.kind == "flow" and line.error != "OutcomeUnknownError":
                # The flow may know what to do about it, and go on: then this is what it has seen.
                yield Blocking(partial(journal.note, "lost", identity, error=error))
            raise error
        return line

    def _asks_again(self, error: RestliError, kind: str) -> bool:
        """Return whether a failure that was recorded is sent again."""
        if isinstance(error, UnauthorizedError | RateLimitError):
            return True
        policy = self._policy if self._policy is None or isinstance(self._policy, RetryPolicy) else self._policy()
        return would_repeat(policy, error, kind)

    def _sent(
        self, identity: Identity, way: Generator[Step, Any, T], kind: str, line: Line | None, *, keeps_url: bool = True
    ) -> Generator[Step, Any, T]:
        """Yield the steps of the way, with those that note what it does; the line is that of an earlier run."""
        tries = _Tries(kind, is_perhaps_done=line is not None and _leaves_doubt(line))
        is_write = kind != "safe"
        note = partial(self._journal.note, identity=identity, keeps_url=keeps_url)
        intend = Blocking(partial(note, "intent", durable=is_write))
        is_ended = False

        def end(event: str, **details: Any) -> None:
            nonlocal is_ended
            if event == "outcome":
                details |= {"response": tries.response, "request": tries.request}
            note(event, **details)
            is_ended = True

        try:
            try:
                answer = yield from tries.watch(way, intend)
            except Exception as error:
                event: str | None = tries.event()
                if tries.request is None and self._journal.kind == "calls":
                    event = None  # of a flow it is noted: it may go on, and this is what it has seen
                if event == "outcome":
                    yield Blocking(partial(end, event, durable=is_write))
                elif event is not None:
                    yield Blocking(partial(end, event, error=error))
                raise
            yield Blocking(partial(end, tries.event(), durable=is_write))
        except Exception:
            raise
        except BaseException as cut:
            # It gives nothing any more; but what is known of it is for the next run.
            if not is_ended and tries.is_certain_after(cut) and (certain := tries.event()) != "lost":
                with suppress(JournalError):  # then it is unknown, which is no lie
                    end(certain)
            raise
        return answer


class _Tries:
    """What came of the tries of one call.

    Args:
        kind: what kind of call it is for a policy.
        is_perhaps_done: whether a try of an earlier run may have done the work.

    Attributes:
        request: the request of the last one; None where there was none.
        response: the answer to it; None where none came.
    """

    def __init__(self, kind: str, *, is_perhaps_done: bool) -> None:
        self._kind = kind
        self.request: HttpRequest | None = None
        self.response: HttpResponse | None = None
        self._sending: Send | None = None  # the request that is on its way
        self._may_be_noted = False  # whether an intent may be in the journal
        self._is_perhaps_done = is_perhaps_done

    def watch(self, way: Generator[Step, Any, T], intend: Blocking) -> Generator[Step, Any, T]:
        """Yield the steps of a way, and one before the first that sends."""
        try:
            step = next(way)
            while True:
                if isinstance(step, Send):
                    if self.request is None:
                        self._may_be_noted = True
                        yield intend
                    self._begin(step)
                try:
                    result = yield step
                except Exception as error:  # noqa: BLE001 - the way decides
                    if isinstance(step, Send):
                        self._is_perhaps_done |= not isinstance(error, ConnectError)
                        self._sending = None
                    step = way.throw(error)
                else:
                    if isinstance(step, Send):
                        self.response = result
                        self._sending = None
                    step = way.send(result)
        except StopIteration as end:
            answer: T = end.value
            return answer

    def _begin(self, step: Send) -> None:
        if self.response is not None:
            self._is_perhaps_done |= self.response.status_code not in _UNDONE
        self.request, self.response = step.request, None
        self._sending = step

    def is_certain_after(self, cut: BaseException) -> bool:
        """Return whether there may be an intent in the journal, and no request was on its way when the call was cut.

        Args:
            cut: what has cut it. A driver that gives up closes the flow, because of what it then handles.
        """
        if self._sending is None:
            return self._may_be_noted
        cause = cut.__context__
        return isinstance(cause, Stopped) and cause.step is self._sending

    def event(self) -> str:
        """Return what is noted of the call once it has ended."""
        response = self.response
        if response is not None:
            # The last try has done nothing, which would have the next run send again what one before may have done.
            is_doubtful = self._is_perhaps_done and self._kind not in {"safe", "idempotent"}
            return "lost" if is_doubtful and response.status_code in _SENT_AGAIN else "outcome"
        return "lost" if self._is_perhaps_done else "unsent"


def _leaves_doubt(line: Line) -> bool:
    """Return whether the work may have been done before it is sent again."""
    response = line.response
    return line.event != "unsent" and (response is None or response.status_code not in _UNDONE)


def _label(call: Call[Any]) -> str:
    """Return what a call is, for people: its method, its path as it was given, and the name of a finder or action."""
    return printable(" ".join(part for part in (call.method, call.resource_path, call.name) if part))


def _identify_raw(raw: Raw, number: int) -> Identity:
    """Return which request of a flow a raw one is.

    One whose body is still to be read is known by the edges of that: a run that is started again would else read a
    whole video, of which most was sent, only to compare it.
    """
    request = raw.request
    if raw.body is not None:
        request = HttpRequest(request.method, request.url, request.headers, edges_of(raw.body))
    return identify(request, number, _label_of_raw(raw))


def _label_of_raw(raw: Raw) -> str:
    return f"{_RAW}{raw.request.method}"  # its URL may be a secret
