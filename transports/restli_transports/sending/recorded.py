"""Recorded: a journal of calls that workers send, kept by the parent alone.

A call's way is a generator whose steps are `Send`, one for each try; what records it goes round it, as round a client's
own way of a call (`_clients/recording.py`). It is run up to the first before the call is handed over, and on from there
with what the worker has replied: the tries that failed, as far as the error tells of them, and the last.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from functools import partial
from typing import TYPE_CHECKING, Any

from restli_core.base_errors import RestliError
from restli_core.calls import unmapped
from restli_core.errors import ConnectError, LimitError
from restli_core.messages import HttpResponse
from restli_core.responses.parsing import strict_loads
from restli_transports._clients.recording import CallRecorder
from restli_transports._clients.settings import DEFAULT_TIMEOUT
from restli_transports._clients.steps import Blocking, Send, Step
from restli_transports.journal import Journal

if TYPE_CHECKING:
    import os

    from restli_core.base_errors import Attempt
    from restli_core.calls import Call
    from restli_core.flows.retry import RetryPolicy
    from restli_core.flows.sent import Sent

__all__ = ["JournalRecorder"]


class JournalRecorder:
    """Keeps the journal of one run; all in the parent's thread.

    The workers' clients are elsewhere: so one of them is asked for its policy, where a failure is recorded that may be
    sent again; and recorded answers are read by the standard library's JSON.

    Args:
        path: the file. It is opened when the first call comes.
        ask_policy: returns the policy of the workers' clients.

    Raises:
        InvalidCallError: it is not a path.
    """

    def __init__(self, path: str | os.PathLike[str], ask_policy: Callable[[], RetryPolicy | None]) -> None:
        self._journal = Journal(path, "calls")
        self._recorder = CallRecorder(self._journal, policy=self._policy, loads=strict_loads)
        self._is_open = False
        self._ask_policy = ask_policy
        self._asked: list[RetryPolicy | None] = []  # the policy, once it is known
        self._failure: Exception | None = None  # why it is not
        # The ways of calls that are with workers, by the call's identity; of one that is sent twice the first in front.
        self._ways: dict[int, deque[tuple[_Tries, Generator[Step, Any, Sent[Any]]]]] = {}

    def before(self, call: Call[Any]) -> Sent[Any] | None:
        """Note that a call is about to be sent; return what became of it where that is known already.

        Raises:
            JournalError: the journal cannot be read or written.
            Exception: no worker can say what its policy is, and whether a recorded failure is sent again is for it.
        """
        if not self._is_open:
            self._journal.open()
            self._is_open = True
        tries = _Tries()
        way = self._recorder.sent(call, _way_of(call, tries))
        sent = _on(way, lambda: next(way))
        failure, self._failure = self._failure, None
        if failure is not None:  # it is not the call's
            raise failure
        if sent is None:
            self._ways.setdefault(id(call), deque()).append((tries, way))
        return sent

    def after(self, call: Call[Any], response: HttpResponse | None, error: Exception | None) -> None:
        """Note what became of a call: its response as it came, or why there was none.

        Raises:
            JournalError: the journal cannot be written.
        """
        ways = self._ways[id(call)]
        tries, way = ways.popleft()
        if not ways:
            del self._ways[id(call)]
        for attempt in tries.before(error):
            status = getattr(attempt.error, "status_code", None)
            if status is None:
                _on(way, partial(way.throw, attempt.error))
            else:
                _on(way, partial(way.send, HttpResponse(status, ())))
        if isinstance(error, LimitError):  # nothing went out after the tries before
            error = ConnectError(error.reason, call.request)
        # What the workers' reader says of the response stands: here it is read for the journal alone.
        _on(way, lambda: way.send(response) if response is not None else way.throw(error or RuntimeError("no reply")))

    def _policy(self) -> RetryPolicy | None:
        if not self._asked:
            try:
                self._asked.append(self._ask_policy())
            except Exception as error:  # noqa: BLE001 - it is raised where nobody takes it for a call's
                self._failure = error
                return None
        return self._asked[0]

    def close(self) -> None:
        """Close the journal; what a worker has taken along is left as it was noted before."""
        for ways in self._ways.values():
            for _, way in ways:
                way.close()
        self._ways.clear()
        self._journal.close()


class _Tries:
    """How many tries of a call there were before the last: none, until the worker has replied."""

    def __init__(self) -> None:
        self.left = 0

    def before(self, error: Exception | None) -> tuple[Attempt, ...]:
        """Return the tries before the last, as far as an error tells of them, and count them."""
        attempts = error.attempts if isinstance(error, RestliError) else ()
        earlier = attempts if isinstance(error, LimitError) else attempts[:-1]  # which was no try
        self.left = len(earlier)
        return earlier


def _way_of(call: Call[Any], tries: _Tries) -> Generator[Step, Any, Any]:
    # Its answer is for the journal alone: no function of the user's runs twice for it.
    bare, _ = unmapped(call)
    while True:
        try:
            response = yield Send(call.request, DEFAULT_TIMEOUT)
        except RestliError:
            if not tries.left:
                raise
        else:
            if not tries.left:
                return bare.reader(call.request, response, strict_loads)
        tries.left -= 1


def _on(way: Generator[Step, Any, Sent[Any]], resume: Any) -> Sent[Any] | None:
    """Go on with a way until it sends, which returns None, or ends, which returns what it does."""
    try:
        step = resume()
        while isinstance(step, Blocking):
            step = way.send(step.function())
    except StopIteration as end:
        sent: Sent[Any] = end.value
        return sent
    return None
