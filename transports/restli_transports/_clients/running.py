"""Running: how a client carries out the steps of a flow: each of them becomes internal steps of the client's.

Call               the way of a call, with its token, limits, retries and events
Raw                the same way, whose answer is the response as it came
Wait               the clock's sleep
Together           several ways at the same time
Read, Size         a function that blocks
Progress, Item     something for whoever runs the flow
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, Any, Final, TypeVar

from restli_core.base_errors import InvalidCallError, RestliError
from restli_core.calls import Call
from restli_core.errors import ServiceError
from restli_core.flows.drivers import nested
from restli_core.flows.steps import Item, Progress, Raw, Read, Size, Together, Wait
from restli_core.frames import clear_frames
from restli_core.messages import HttpRequest, HttpResponse, tried
from restli_core.responses import RestliResponse
from restli_core.responses.parsing import Loads, service_error
from restli_transports._clients.files import count_bytes, read_bytes, read_whole
from restli_transports._clients.flow import call_flow, warn_of_default
from restli_transports._clients.many import sent_way
from restli_transports._clients.pauses import pause
from restli_transports._clients.steps import Blocking, Concurrent, Give, Step
from restli_transports.progress import OnProgress, progress_of

if TYPE_CHECKING:
    from restli_core.flows import steps as flows
    from restli_core.flows.sent import Sent
    from restli_transports._clients.recording import FlowRecorder
    from restli_transports._clients.settings import Settings
    from restli_transports._clients.shared import Shared
    from restli_transports.journal import Journal
    from restli_transports.progress import Progress as Shown

__all__ = ["check_flow", "flow_way"]

T = TypeVar("T")


def check_flow(flow: object) -> None:
    """Raise an InvalidCallError for what is not a flow that can be run."""
    if not isinstance(flow, Generator):
        cure = next((cure for is_it, cure in _CURES if is_it(flow)), "")
        raise InvalidCallError("flow", f"must be a generator of steps, not {type(flow).__name__}{cure}")
    if inspect.isgenerator(flow) and inspect.getgeneratorstate(flow) != inspect.GEN_CREATED:
        raise InvalidCallError("flow", "has been started: a flow runs once, so make another one")


# What is given in place of a flow, and what to do about it.
_CURES: Final[tuple[tuple[Callable[[object], bool], str], ...]] = (
    (inspect.isgeneratorfunction, ": call it, as in client.run(flow(client.calls))"),
    (inspect.iscoroutine, ": write its function with def, and yield where it awaits"),
    (inspect.isasyncgen, ": write its function with def, and yield where it awaits"),
    (lambda given: isinstance(given, Call), ": a call alone is sent by client.send(call)"),
)


def flow_way(
    flow: Generator[Any, Any, T],
    settings: Settings,
    shared: Shared,
    *,
    journal: str | PathLike[str] | None = None,
    progress: bool | OnProgress | None = None,
    gives_items: bool = False,
) -> Generator[Step, Any, T]:
    """Return the internal steps of a flow; they return what it returns.

    Args:
        flow: the flow.
        settings: the client's settings.
        shared: the state that the client shares with its clones.
        journal: where what becomes of its calls is noted; None for nowhere.
        progress: shows how far the flow is; None for nothing.
        gives_items: whether there is somebody to give items to.

    Raises:
        InvalidCallError: the flow cannot be run, or progress cannot be shown so.
        ImportError: a bar is wanted, and tqdm is missing.
    """
    check_flow(flow)
    shown = progress_of(progress, "done")
    carrier = partial(_Carrier, settings, shared, shown=shown, gives_items=gives_items)
    if journal is None:
        way = nested(flow, carrier(recorder=None).perform)
    else:
        # Slow to import, and needed where there is a journal.
        from restli_transports._clients.recording import FlowRecorder, with_journal

        def recorded(opened: Journal) -> Generator[Step, Any, T]:
            recorder = FlowRecorder(opened, policy=settings.retry, loads=settings.loads)
            return nested(flow, carrier(recorder=recorder).perform)

        way = with_journal(journal, "flow", recorded)
    return way if shown is None else _closing(way, shown)


def _closing(way: Generator[Step, Any, T], shown: Shown) -> Generator[Step, Any, T]:
    """Yield the steps of a way, and have nothing shown after it."""
    try:
        return (yield from way)
    finally:
        shown.close()


def call_way(call: Call[T], settings: Settings, shared: Shared) -> Generator[Step, Any, T]:
    """Return the steps from a call to its answer, with the client's own settings."""
    if settings.is_elsewhere:
        warn_of_default(call, settings)
    return call_flow(call, settings, shared, settings.first_timeout, settings.retry)


def raw_way(raw: Raw, settings: Settings, shared: Shared) -> Generator[Step, Any, HttpResponse]:
    """Yield the steps of a raw request, and return the response, whatever its status."""
    reader = _RawReader()
    request = raw.request
    if raw.body is not None:
        content: bytes = yield Blocking(partial(read_whole, raw.body))
        request = HttpRequest(request.method, request.url, request.headers, content).hiding_url()
    call = Call(request, "raw", reader)
    try:
        return (yield from call_flow(call, settings, shared, settings.first_timeout, settings.retry, raw=raw))
    except ServiceError as error:
        if reader.refused is None or error is not reader.error:  # it is that of a token call
            raise
        return tried(reader.refused, *error.noted_attempts())


class _RawReader:
    """The reader of a raw request: a failure is raised, so that the policy may repeat it.

    Attributes:
        refused: the last response that was a failure; None for none.
        error: the error of it, which shows neither the URL that answered nor another one that it leads to.
    """

    refused: HttpResponse | None = None
    error: ServiceError | None = None

    def __call__(self, request: HttpRequest, response: HttpResponse, loads: Loads) -> HttpResponse:
        if response.status_code < 400:
            return response
        self.refused = response
        shown = HttpResponse(response.status_code, response.headers.without("Location"), response.body)
        self.error = service_error(request, shown, loads)
        raise self.error


class _Carrier:
    """Carries out the steps of one flow; the arguments are those of `flow_way`."""

    def __init__(
        self,
        settings: Settings,
        shared: Shared,
        *,
        shown: Shown | None,
        recorder: FlowRecorder | None,
        gives_items: bool,
    ) -> None:
        self._settings = settings
        self._shared = shared
        self._recorder = recorder
        self._shown = shown
        self._gives_items = gives_items

    def perform(self, step: flows.Step) -> Generator[Step, Any, Any]:
        """Yield the internal steps that a step is made of, and return its result."""
        for kind, carry_out in _WAYS:
            if isinstance(step, kind):
                try:
                    return (yield from carry_out(self, step))
                except RestliError as error:
                    clear_frames(error)  # it is raised in the user's flow, which may show it to somebody
                    raise
        raise InvalidCallError("flow", _not_a_step(step))

    def call(self, call: Call[T]) -> Generator[Step, Any, T]:
        way = self._way_of(call)
        return way if self._recorder is None else self._recorder.call(call, way)

    def _way_of(self, call: Call[T]) -> Generator[Step, Any, T]:
        return call_way(call, self._settings, self._shared)

    def raw(self, raw: Raw) -> Generator[Step, Any, HttpResponse]:
        way = raw_way(raw, self._settings, self._shared)
        return way if self._recorder is None else self._recorder.raw(raw, way)

    def together(self, step: Together[Any]) -> Generator[Step, Any, tuple[Sent[Any], ...]]:
        if self._recorder is not None:
            return (yield from self._recorder.together(step.calls, self._way_of))
        sent: list[Sent[Any]] = yield Concurrent(tuple([sent_way(call, self._way_of(call)) for call in step.calls]))
        return tuple(sent)

    def wait(self, step: Wait) -> Generator[Step, Any, None]:
        if self._recorder is not None and self._recorder.is_replaying:
            return
        # What the flow does next over a client that was closed meanwhile says so.
        yield from pause(self._shared, step.seconds)

    def read(self, step: Read) -> Generator[Step, Any, bytes]:
        content: bytes = yield Blocking(lambda: read_bytes(step.source, step.start, step.size))
        return content

    def size(self, step: Size) -> Generator[Step, Any, int]:
        size: int = yield Blocking(lambda: count_bytes(step.source))
        return size

    def progress(self, step: Progress) -> Generator[Step, Any, None]:
        if self._shown is not None:
            self._shown.update(step.done, step.total, step.label or None)
        yield from ()

    def item(self, step: Item[Any]) -> Generator[Step, Any, None]:
        if not self._gives_items:
            raise InvalidCallError("flow", "gives items: run it with client.iterate(flow)")
        yield Give(step.value)


# The steps by how often they come.
_WAYS: Final[tuple[tuple[type, Callable[[_Carrier, Any], Generator[Any, Any, Any]]], ...]] = (
    (Call, _Carrier.call),
    (Item, _Carrier.item),
    (Raw, _Carrier.raw),
    (Read, _Carrier.read),
    (Progress, _Carrier.progress),
    (Wait, _Carrier.wait),
    (Together, _Carrier.together),
    (Size, _Carrier.size),
)


def _not_a_step(step: object) -> str:
    if isinstance(step, Generator):
        return "yields a flow as a step: write `yield from`"
    reason = f"yields what is not a step, of the type {type(step).__name__}: a step is a call, or of restli_core.flows"
    if isinstance(step, list | tuple):
        return f"{reason}; several calls are sent by Together(calls)"
    if isinstance(step, RestliResponse) or inspect.iscoroutine(step):
        return f"{reason}; calls.get makes a call, client.get sends it at once"
    return reason
