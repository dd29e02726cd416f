"""Logs: a listener that writes to the logger ``restli_transports``.

| event                        | level   | line                                                          |
|------------------------------|---------|---------------------------------------------------------------|
| CallEnded                    | DEBUG   | method, resource, request line, status, ms, bytes, try, error |
| Retrying                     | WARNING | which try failed, how, and when the next one is               |
| Waiting, over a second       | WARNING | the limit, and for how long                                   |
| Waiting, up to a second      | DEBUG   | the same                                                      |
| TokenReplaced, VersionEnding | DEBUG   | that, and which version                                       |

The line of a request is without the values of its query. Of an error the log has the class and the status: its message
may quote the answer. As every library's, the logger has a handler that does nothing, so that a program that has not
configured logging sees nothing on its standard error.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from restli_core.errors import ServiceError
from restli_transports.events.open_calls import OpenCall, OpenCalls
from restli_transports.events.values import (
    CallEnded,
    Event,
    RequestSent,
    ResponseReceived,
    Retrying,
    TokenReplaced,
    VersionEnding,
    Waiting,
)

if TYPE_CHECKING:
    from restli_core.calls import Call

__all__ = ["LOGGER", "log"]

LOGGER: Final = logging.getLogger("restli_transports")
LOGGER.addHandler(logging.NullHandler())

LONG_WAIT: Final = 1.0  # seconds


def log(event: Event) -> None:
    """Write what an event says, where its level is on."""
    write = _WRITERS.get(type(event))
    if write is not None:
        write(event)


class _LoggedCall(OpenCall):
    """A call, with the answer to its last try."""

    __slots__ = ("answer",)

    def __init__(self, owner: object, call: Call[Any]) -> None:
        super().__init__(owner, call)
        self.answer: ResponseReceived | None = None


_OPEN: Final[OpenCalls[_LoggedCall]] = OpenCalls("restli_transports.events.logs")


def _request_sent(event: RequestSent) -> None:
    # A line tells of a whole call: what is not shown in the end need not be remembered.
    if LOGGER.isEnabledFor(logging.DEBUG):
        opened = _OPEN.before_try(log, event.call, event.attempt) or _OPEN.push(_LoggedCall(log, event.call))
        opened.attempt = event.attempt
        opened.answer = None


def _response_received(event: ResponseReceived) -> None:
    opened = _OPEN.of(log, event.call)
    if opened is not None:
        opened.answer = event


def _call_ended(event: CallEnded) -> None:
    opened = _OPEN.of(log, event.call)
    if opened is not None:
        _OPEN.remove(opened)
    if not LOGGER.isEnabledFor(logging.DEBUG):
        return
    answer = None if opened is None else opened.answer
    attempt = 0 if opened is None else opened.attempt
    LOGGER.debug(
        "%s: %s: %s in %.0f ms%s, try %d%s",
        _name(event.call),
        event.call.request.line,
        ("no answer" if attempt else "not sent") if answer is None else answer.status,
        event.seconds * 1000,
        "" if answer is None else f", {answer.size} bytes",
        attempt,
        "" if event.error is None else f": {type(event.error).__name__}",
    )


def _retrying(event: Retrying) -> None:
    LOGGER.warning(
        "%s: try %d failed with %s, the next one is in %.1f s",
        _name(event.call),
        event.attempt,
        _kind(event.error),
        event.wait,
    )


def _waiting(event: Waiting) -> None:
    level = logging.WARNING if event.seconds > LONG_WAIT else logging.DEBUG
    LOGGER.log(level, "%s: waits %.1f s for room within %r", _name(event.call), event.seconds, event.limit)


def _token_replaced(_: TokenReplaced) -> None:
    LOGGER.debug("a token was refused, and the source gave another one")


def _version_ending(event: VersionEnding) -> None:
    LOGGER.debug("version %s ends on %s; the newest is %s", event.version, event.ends, event.newest)


_WRITERS: Final[dict[type[Event], Callable[[Any], None]]] = {
    RequestSent: _request_sent,
    ResponseReceived: _response_received,
    CallEnded: _call_ended,
    Retrying: _retrying,
    Waiting: _waiting,
    TokenReplaced: _token_replaced,
    VersionEnding: _version_ending,
}


def _name(call: Call[Any]) -> str:
    return f"{call.method} {call.resource_path}".rstrip()


def _kind(error: BaseException) -> str:
    status = f" ({error.status_code})" if isinstance(error, ServiceError) else ""
    return f"{type(error).__name__}{status}"
