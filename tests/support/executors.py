"""Executors for tests, clients that workers make, and a journal that only listens."""

from __future__ import annotations

import os
import pickle
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import restli_core as restli
from restli_core import HttpRequest, HttpResponse, Limit, RetryPolicy, Sent
from restli_transports import RestliClient, Timeout
from restli_transports.testing import FakeTransport, Handlers

URL = "http://127.0.0.1:9"


def accounts(number: int = 100) -> Handlers:
    """Return the handlers of a collection of accounts, with ids from 0 on."""
    handlers = Handlers()
    handlers.collection("/adAccounts/{id:long}", [{"id": one, "name": f"Account {one}"} for one in range(number)])
    return handlers


def reads(number: int, base_url: str = URL) -> list[restli.Call[restli.GetResponse]]:
    """Return calls for as many accounts."""
    return [restli.get("/adAccounts/{id}", path_keys={"id": one}, base_url=base_url) for one in range(number)]


def writes(number: int, base_url: str = URL) -> list[restli.Call[restli.CreateResponse]]:
    """Return calls that create as many accounts, and are not safe."""
    return [restli.create("/adAccounts", {"name": f"New {one}"}, base_url=base_url) for one in range(number)]


def entity_id(answer: restli.GetResponse) -> int:
    """Return the id of an entity."""
    number: int = answer.entity["id"]
    return number


def refuse(_: object) -> object:
    """Fail as a mistake in a mapping function does."""
    raise LookupError("a mistake in a mapping function")


def process_of(_: object) -> int:
    """Return in which process an answer was read."""
    return os.getpid()


def die(_: object) -> int:
    """End the process at once, as a signal does."""
    os._exit(7)


class Opaque:
    """What cannot be pickled."""

    def __init__(self, _: object = None) -> None:
        self.lock = threading.Lock()


class OpaqueError(Exception):
    """An error that cannot be pickled."""

    def __init__(self, _: object = None) -> None:
        super().__init__("opaque")
        self.lock = threading.Lock()


class OneWayError(Exception):
    """An error that can be pickled, but not read again, as many are."""

    def __init__(self, one: object, other: object) -> None:
        super().__init__("one way")


def fail_opaquely(_: object) -> object:
    """Fail with an error that cannot be pickled."""
    raise OpaqueError


def fail_one_way(_: object) -> object:
    """Fail with an error that cannot be read again."""
    raise OneWayError(1, 2)


class Sender:
    """Makes clients over one transport in memory, and counts them. Its copies by pickle are itself."""

    def __init__(self, *, limits: tuple[Limit, ...] = (), retry: RetryPolicy | None = None) -> None:
        self.transport = _Closing(accounts())
        self.clients: list[RestliClient] = []
        self._options: dict[str, Any] = {"base_url": URL, "limits": limits, "retry": retry}
        _senders[id(self)] = self

    def __call__(self) -> RestliClient:
        self.clients.append(RestliClient(self.transport, **self._options))
        return self.clients[-1]

    def __reduce__(self) -> tuple[Any, ...]:
        return _sender, (id(self),)


_senders: dict[int, Sender] = {}


def _sender(key: int) -> Sender:
    return _senders[key]


class _Closing(FakeTransport):
    """A transport whose answers can be held back."""

    held: threading.Event | None = None

    def send(self, request: HttpRequest, *, timeout: Timeout | None = None) -> HttpResponse:
        if self.held is not None:
            assert self.held.wait(60)
        return super().send(request, timeout=timeout)


class Elsewhere(Executor):
    """An executor as that of a scheduler: it may run a task twice, and its futures never say that they run."""

    def __init__(self, runs: int = 1, threads: int = 2) -> None:
        self.jobs: list[Any] = []
        self.cancelled = 0
        self._runs = runs
        self._pool = ThreadPoolExecutor(threads)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.jobs.extend(args)
        task, *given = pickle.loads(pickle.dumps((fn, *args)))
        future: Future[Any] = Future()
        future.add_done_callback(self._note)
        self._pool.submit(self._run, future, task, given)
        return future

    def _note(self, future: Future[Any]) -> None:
        self.cancelled += future.cancelled()

    def _run(self, future: Future[Any], task: Callable[..., Any], given: list[Any]) -> None:
        results = [task(*given) for _ in range(self._runs)]
        future.set_result(results[-1])

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._pool.shutdown(wait, cancel_futures=cancel_futures)


class Listening:
    """A journal that keeps what it is told in memory."""

    def __init__(self, known: dict[int, Sent[Any]] | None = None) -> None:
        self.lines: list[tuple[str, str, int | None, str | None]] = []
        self.threads: set[int] = set()
        self._known = known or {}

    def before(self, call: restli.Call[Any]) -> Sent[Any] | None:
        self.threads.add(threading.get_ident())
        number = sum(line[0] == "before" for line in self.lines)
        self.lines.append(("before", call.request.url.rpartition("/")[2], None, None))
        return self._known.get(number)

    def after(self, call: restli.Call[Any], response: HttpResponse | None, error: Exception | None) -> None:
        self.threads.add(threading.get_ident())
        status = None if response is None else response.status_code
        kind = None if error is None else type(error).__name__
        self.lines.append(("after", call.request.url.rpartition("/")[2], status, kind))


@contextmanager
def held(executor: Executor, sender: Sender, number: int) -> Generator[list[Future[Any]]]:
    """Yield a list of the futures of an executor; the sender's transport answers none before there are so many."""
    futures: list[Future[Any]] = []
    event = sender.transport.held = threading.Event()
    submit = executor.submit

    def record(*args: Any, **kwargs: Any) -> Future[Any]:
        futures.append(submit(*args, **kwargs))
        if len(futures) == number:
            event.set()
        return futures[-1]

    executor.submit = record  # type: ignore[method-assign]
    try:
        yield futures
    finally:
        del executor.submit
