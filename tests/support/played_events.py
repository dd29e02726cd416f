"""Events as a client emits them, played by hand: for listeners, without a client."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from restli_core import Call, get
from restli_core.errors import ServerError
from restli_core.messages import HttpResponse
from restli_transports.events import CallEnded, Event, RequestFailed, RequestSent, ResponseReceived, Retrying

TOKEN = "AQX-secret-token-of-a-member"


class Told(Protocol):
    """Whoever is told of events, such as a listener, or `Listeners.emit`."""

    def __call__(self, event: Event) -> object: ...


def a_call(path: str = "/adAccounts/{id}", **options: Any) -> Call[Any]:
    """Return a call whose query has a value that is not to be seen."""
    options = {"path_keys": {"id": 5}, "query_params": {"note": "private"}, **options}
    return get(path, access_token=TOKEN, version_string="202609", **options)


def failure(status: int) -> ServerError:
    return ServerError(HttpResponse(status, {}, b'{"message": "a body"}'), message="a body")


def steps(told: Told, call: Call[Any], *outcomes: int | BaseException, seconds: float = 0.02) -> Iterator[Event]:
    """Tell of a call, one event for each `next`: each outcome is the status of a try's answer, or its error."""
    error: BaseException | None = None
    for attempt, outcome in enumerate(outcomes, 1):
        if error is not None:
            yield _told(told, Retrying(call, error, 0.5, attempt - 1))
        yield _told(told, RequestSent(call, call.request, attempt))
        if isinstance(outcome, int):
            error = failure(outcome) if outcome >= 400 else None
            yield _told(told, ResponseReceived(call, call.request, attempt, outcome, seconds, 120))
        else:
            error = outcome
            yield _told(told, RequestFailed(call, call.request, attempt, outcome, seconds))
    yield _told(told, CallEnded(call, error, seconds * len(outcomes)))


def play(told: Told, call: Call[Any], *outcomes: int | BaseException) -> None:
    """Tell of a call from its first event to its last."""
    for _ in steps(told, call, *outcomes):
        pass


def _told(told: Told, event: Event) -> Event:
    told(event)
    return event
