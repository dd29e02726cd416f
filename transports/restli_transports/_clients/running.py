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
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from restli_core.base_errors import InvalidCallError, RestliError
from restli_core.calls import Call
from restli_core.errors import ServiceError
from restli_core.flows.drivers import nested
from restli_core.flows.sent import Sent
from restli_core.flows.steps import Item, Progress, Raw, Read, Size, Together, Wait
from restli_core.frames import clear_frames
from restli_core.responses.parsing import Loads, service_error
from restli_transports._clients.files import count_bytes, read_bytes
from restli_transports._clients.flow import call_flow
from restli_transports._clients.steps import Blocking, Concurrent, Give, Sleep, Step

if TYPE_CHECKING:
    from restli_core.flows import steps as flows
    from restli_core.messages import HttpRequest, HttpResponse
    from restli_transports._clients.settings import Settings
    from restli_transports._clients.shared import Shared

__all__ = ["Recorder", "call_way", "check_flow", "flow_way", "raw_way", "sent_way"]

T = TypeVar("T")


class Recorder(Protocol):
    """What keeps a record of a flow's calls, and knows what became of those of an earlier run."""

    @property
    def is_replaying(self) -> bool: ...

    def call(self, call: Call[T], way: Generator[Step, Any, T], /) -> Generator[Step, Any, T]: ...

    def raw(self, raw: Raw, way: Generator[Step, Any, HttpResponse], /) -> Generator[Step, Any, HttpResponse]: ...

    def together(
        self, calls: tuple[Call[Any], ...], way_of: Callable[[Call[Any]], Generator[Step, Any, Any]], /
    ) -> Generator[Step, Any, tuple[Sent[Any], ...]]: ...


def check_flow(flow: object) -> None:
    """Raise an InvalidCallError for what is not a flow that can be run."""
    if not isinstance(flow, Generator):
        cure = ": call it, as in client.run(flow(client.calls))" if inspect.isgeneratorfunction(flow) else ""
        raise InvalidCallError("flow", f"must be a generator of steps, not {type(flow).__name__}{cure}")
    if inspect.isgenerator(flow) and inspect.getgeneratorstate(flow) != inspect.GEN_CREATED:
        raise InvalidCallError("flow", "has been started: a flow runs once, so make another one")


def flow_way(
    flow: Generator[Any, Any, T],
    settings: Settings,
    shared: Shared,
    *,
    recorder: Recorder | None = None,
    tell: Callable[[Progress], object] | None = None,
    gives_items: bool = False,
) -> Generator[Step, Any, T]:
    """Yield the internal steps of a flow, and return what it returns.

    Args:
        flow: the flow.
        settings: the client's settings.
        shared: the state that the client shares with its clones.
        recorder: keeps a record of the calls; None for none.
        tell: is told how far the flow is; None for nobody.
        gives_items: whether there is somebody to give items to.
    """
    carrier = _Carrier(settings, shared, recorder=recorder, tell=tell, gives_items=gives_items)
    return nested(flow, carrier.perform)


def call_way(call: Call[T], settings: Settings, shared: Shared) -> Generator[Step, Any, T]:
    """Yield the steps of a call with the client's own settings, and return its answer."""
    return call_flow(call, settings, shared, settings.first_timeout, settings.retry)


def sent_way(way: Generator[Step, Any, T], call: Call[T]) -> Generator[Step, Any, Sent[T]]:
    """Yield the steps of a call, and return what became of it: its failure is no error here."""
    try:
        answer = yield from way
    except RestliError as error:
        clear_frames(error)
        return Sent(call, None, error)
    return Sent(call, answer, None)


def raw_way(raw: Raw, settings: Settings, shared: Shared) -> Generator[Step, Any, HttpResponse]:
    """Yield the steps of a raw request, and return the response, whatever its status."""
    reader = _RawReader()
    call = Call(raw.request, "raw", reader)
    try:
        return (yield from call_flow(call, settings, shared, settings.first_timeout, settings.retry, raw=raw))
    except ServiceError as error:
        if error.response is not reader.refused:  # it is that of a token call
            raise
        return error.response


class _RawReader:
    """The reader of a raw request: a failure is raised, so that the policy may repeat it.

    Attributes:
        refused: the last response that was a failure; None for none.
    """

    refused: HttpResponse | None = None

    def __call__(self, request: HttpRequest, response: HttpResponse, loads: Loads) -> HttpResponse:
        if response.status_code < 400:
            return response
        self.refused = response
        raise service_error(request, response, loads)


class _Carrier:
    """Carries out the steps of one flow; the arguments are those of `flow_way`."""

    def __init__(
        self,
        settings: Settings,
        shared: Shared,
        *,
        recorder: Recorder | None,
        tell: Callable[[Progress], object] | None,
        gives_items: bool,
    ) -> None:
        self._settings = settings
        self._shared = shared
        self._recorder = recorder
        self._tell = tell
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

    def together(self, step: Together) -> Generator[Step, Any, tuple[Sent[Any], ...]]:
        if self._recorder is not None:
            return (yield from self._recorder.together(step.calls, self._way_of))
        sent: list[Sent[Any]] = yield Concurrent(tuple([sent_way(self._way_of(call), call) for call in step.calls]))
        return tuple(sent)

    def wait(self, step: Wait) -> Generator[Step, Any, None]:
        shared = self._shared
        if self._recorder is not None and self._recorder.is_replaying:
            return
        end, left = shared.now() + step.seconds, step.seconds
        while left > 0:
            wakes = shared.wakes()
            if shared.closed:  # what the flow does next over a closed client says so
                return
            yield Sleep(left, wakes)
            # The system's clock ends waits early, for whoever waits to look again.
            left = end - shared.now() if shared.has_system_clock else 0

    def read(self, step: Read) -> Generator[Step, Any, bytes]:
        content: bytes = yield Blocking(lambda: read_bytes(step.source, step.start, step.size))
        return content

    def size(self, step: Size) -> Generator[Step, Any, int]:
        size: int = yield Blocking(lambda: count_bytes(step.source))
        return size

    def progress(self, step: Progress) -> Generator[Step, Any, None]:
        if self._tell is not None:
            self._tell(step)
        yield from ()

    def item(self, step: Item) -> Generator[Step, Any, None]:
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
    return f"yields a {type(step).__name__}, which is not a step: a call, or one of restli_core.flows"
