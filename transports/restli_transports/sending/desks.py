"""Desks: where the parent hands calls to an executor, and reads what comes back.

| executor                                     | desk      | a task runs | what crosses                               |
|----------------------------------------------|-----------|-------------|--------------------------------------------|
| ThreadPoolExecutor                           | `Desk`    | once        | the objects themselves                     |
| ProcessPoolExecutor, InterpreterPoolExecutor | `FarDesk` | once        | what pickle takes                          |
| any other, such as Dask's                    | `FarDesk` | repeatedly  | what cloudpickle takes, where there is one |
"""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from restli_core.base_errors import InvalidCallError, SuspiciousValueWarning
from restli_core.callers import warn
from restli_transports.sending.workers import (
    Job,
    MakeClient,
    Reply,
    dumps_for,
    policy_here,
    policy_of,
    work,
    work_here,
)

if TYPE_CHECKING:
    from restli_core.calls import Call
    from restli_core.flows.retry import RetryPolicy

__all__ = ["Desk", "FarDesk", "desk_of"]

KEPT_NUMBERS: Final = 1000  # of jobs that are done, which a scheduler is to keep in mind: some 500 bytes each


class Desk:
    """Where calls are handed to the threads of this process.

    Args:
        executor: the executor.
        make_client: makes the client.
        workers: by how many its limits are divided.
        wants_response: whether the response is wanted, too.

    Attributes:
        runs_once: whether the executor runs each task once at most, and says the truth when it has cancelled one.
    """

    def __init__(self, executor: Executor, make_client: MakeClient, workers: int, wants_response: bool) -> None:
        self.executor: Executor = executor
        self.runs_once: bool = isinstance(executor, ThreadPoolExecutor | ProcessPoolExecutor)
        self._make_client = make_client
        self._workers = workers
        self._wants_response = wants_response
        self._senders: set[str] = set()

    def submit(self, number: int, call: Call[Any]) -> Callable[[], Future[Reply]]:
        """Return what hands over a call.

        Args:
            number: which of the calls.
            call: the call.

        Raises:
            InvalidCallError: it cannot be handed over.
        """
        workers, wants_response = self._workers, self._wants_response
        return lambda: self.executor.submit(work_here, call, self._make_client, workers, wants_response)

    def policy(self) -> RetryPolicy | None:
        """Return the retry policy of the client, which a worker makes if it has none yet.

        Raises:
            Exception: the client cannot be made, or the executor takes no more tasks.
        """
        return self.executor.submit(policy_here, self._make_client, self._workers).result()

    def settle(self, number: int) -> None:
        """Note that what became of a call is known, and that no worker will send it again."""

    def read(self, reply: Reply) -> tuple[Any, Exception | None]:
        """Return the answer and the error of a reply."""
        return cast("tuple[Any, Exception | None]", reply.outcome)

    def note_worker(self, reply: Reply) -> None:
        """Warn when more workers have sent than the limits were divided for."""
        if not reply.has_limits or reply.worker in self._senders:
            return
        self._senders.add(reply.worker)
        if len(self._senders) == self._workers + 1:
            text = (
                f"workers: more than {self._workers} processes send, each with its limits divided by {self._workers}: "
                "together they may take more than the limits allow"
            )
            warn(text, SuspiciousValueWarning)


class FarDesk(Desk):
    """Where calls are handed to other processes: everything is pickled here, so that no executor fails over it."""

    def __init__(self, executor: Executor, make_client: MakeClient, workers: int, wants_response: bool) -> None:
        super().__init__(executor, make_client, workers, wants_response)
        # A process pool gets its tasks by pickle alone; schedulers have their users write them in a notebook.
        self._by_value = not self.runs_once
        self._dumps = dumps_for(by_value=self._by_value)
        self._run = token_hex(8)
        # With a journal nothing is done twice; the response is wanted for that.
        self._writes: Literal["any", "none", "once"] = "any" if self.runs_once else "once" if wants_response else "none"
        self._settled: deque[str] = deque()
        self._pickled = self._pickle("make_client", make_client)

    def _pickle(self, argument: str, value: object) -> bytes:
        try:
            return self._dumps(value)
        except Exception as error:
            reason = (
                f"cannot be pickled for another process ({type(error).__name__}: {error}): its functions and classes "
                "must stand at the level of a module; functools.partial gives a function its arguments"
            )
            raise InvalidCallError(argument, reason) from error

    def submit(self, number: int, call: Call[Any]) -> Callable[[], Future[Reply]]:
        job = Job(
            number=f"{self._run}-{number}",
            make_client=self._pickled,
            call=self._pickle(f"calls[{number}]", call),
            workers=self._workers,
            by_value=self._by_value,
            wants_response=self._wants_response,
            writes=self._writes,
            # Not at once: where a worker died that had just delivered, the scheduler has begun to run its job again.
            settled=tuple([self._settled.popleft() for _ in range(len(self._settled) - KEPT_NUMBERS)]),
        )
        return lambda: self.executor.submit(work, job)

    def policy(self) -> RetryPolicy | None:
        asked = self.executor.submit(policy_of, self._pickled, self._workers, self._by_value)
        policy, error = self.read(asked.result())
        if error is not None:
            raise error
        return cast("RetryPolicy | None", policy)

    def settle(self, number: int) -> None:
        if self._writes == "once":
            self._settled.append(f"{self._run}-{number}")

    def read(self, reply: Reply) -> tuple[Any, Exception | None]:
        try:
            outcome: tuple[Any, Exception | None] = pickle.loads(cast("bytes", reply.outcome))  # noqa: S301 - our own
        except Exception as error:  # noqa: BLE001 - a class that is not here, or its `__setstate__`
            fault = TypeError(f"an answer of {reply.worker} cannot be read here ({type(error).__name__}: {error})")
            fault.__cause__ = error
            return None, fault
        return outcome


def desk_of(executor: Executor, make_client: MakeClient, workers: int, wants_response: bool) -> Desk:
    """Return where calls are handed to an executor."""
    # The threads of an InterpreterPoolExecutor (Python 3.14) have an interpreter each, and share no objects.
    has_threads = isinstance(executor, ThreadPoolExecutor) and "Interpreter" not in type(executor).__name__
    return (Desk if has_threads else FarDesk)(executor, make_client, workers, wants_response)
