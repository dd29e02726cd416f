"""Listeners: whom a client tells of what happens, and what they may not do to it.

- A listener is called in the thread or task of the call, in the order in which they were given.
- What it raises is logged, and breaks nothing. KeyboardInterrupt and whatever else is not an Exception goes on its way.
- What it adds to a request adds: it replaces nothing.
- Where it sends calls of its own, it is told of these, too; calls sent at that, and at that again, are the last.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from types import CoroutineType
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from restli_core.base_errors import InvalidCallError

if TYPE_CHECKING:
    from restli_core.calls import Call
    from restli_transports.events.values import Event

__all__ = ["HeaderListener", "Listener", "Listeners", "OnEvent"]

MAX_NESTING: Final = 3  # a listener that sends a call at each event would otherwise never end

Listener: TypeAlias = "Callable[[Event], object]"
"""What is told of events; what it returns is ignored."""

OnEvent: TypeAlias = "Listener | Sequence[Listener] | None"
"""What a client takes as `on_event`; several come in a list or a tuple."""


class HeaderListener(Protocol):
    """A listener that also adds headers to requests, such as those of a trace."""

    def __call__(self, event: Event) -> object:
        """Take notice of an event."""
        ...

    def headers(self, call: Call[Any]) -> Mapping[str, str]:
        """Return headers for the next try of a call. It is called before each."""
        ...


class Listeners:
    """What a client makes of its `on_event`.

    Args:
        on_event: a listener, a list or tuple of them, or None.

    Attributes:
        has_headers: whether any of them adds headers.

    Raises:
        InvalidCallError: one of them cannot be called with an event, or would have to be awaited.
    """

    __slots__ = ("_adding", "_given", "_logger", "_told", "has_headers")

    def __init__(self, on_event: OnEvent = None) -> None:
        # Only here: `logging` is slow to import, and who imports the package need not make a client.
        from restli_transports.events.logs import LOGGER, log

        given = _as_tuple(on_event)
        self._given = bool(given)
        self._logger = LOGGER
        self._told: tuple[Listener, ...] = (log, *given)
        self._adding: tuple[Any, ...] = tuple([one for one in given if callable(getattr(one, "headers", None))])
        self.has_headers: bool = bool(self._adding)

    def is_on(self) -> bool:
        """Return whether anybody is to be told of each try of each call.

        Where nobody is, a client need not make these events. Those of `Retrying`, `Waiting` and of the client itself
        are for the log in any case.
        """
        return self._given or self._logger.isEnabledFor(DEBUG)

    def emit(self, event: Event) -> None:
        """Tell all listeners of an event."""
        depth = getattr(_emitting, "depth", 0)
        if depth >= MAX_NESTING:
            self._write("on_event: a listener sends calls at the events of its own calls: it is not told of these")
            return
        _emitting.depth = depth + 1
        try:
            for listener in self._told:
                try:
                    _refuse_coroutine(listener(event))
                except Exception as error:  # noqa: BLE001 - it is a listener's own fault, and not the call's
                    self._report(listener, event, error, getattr(event, "call", None))
        finally:
            _emitting.depth = depth

    def extra_headers(self, call: Call[Any]) -> dict[str, str]:
        """Return what the listeners add to the next try of a call, less what no listener may set.

        A header that the call has itself stays as it is. Of two listeners the later one has its way.
        """
        added: dict[str, tuple[str, str]] = {}
        for listener in self._adding:
            try:
                fields = _fields_of(listener.headers(call))
            except Exception as error:  # noqa: BLE001 - likewise
                self._report(listener, None, error, call)
                continue
            for name, value in fields:
                reason = _refusal(call, name, value)
                if reason is None:
                    added[name.lower()] = (str.__str__(name), str.__str__(value))
                elif reason:
                    self._write("on_event: a header of %s is left out: %s", _name_of(listener), reason)
        return dict(added.values())

    def report(self, text: str) -> None:
        """Log what went wrong beside a call, and does not break it.

        Args:
            text: what it is, without secrets.
        """
        with suppress(Exception):  # of a handler of the log
            self._logger.error("%s", text)

    def _report(self, listener: Any, event: Event | None, error: Exception, call: Call[Any] | None) -> None:
        """Log what a listener raised: as text, since a traceback would lead handlers to the call and to its token."""
        import traceback  # only here, as the log is: nothing has failed yet

        text = "".join(traceback.format_exception(error, chain=False)).rstrip()
        told = "headers" if event is None else type(event).__name__
        if call is not None:
            text = call.request.without_secrets(text)
            told += f" of {call!r}"
        self._write("on_event: %s failed at %s\n%s", _name_of(listener), told, text)

    def _write(self, text: str, *parts: object) -> None:
        """Log a fault of a listener's; what a handler or a filter of the log raises breaks no call either."""
        with suppress(Exception):
            self._logger.error(text, *parts)


DEBUG: Final = 10  # logging's own number

# Per thread, and not per task: a listener is a function, during which no other task runs.
_emitting: Final = threading.local()

# What a request is made of and how it is read (RFC 9110, RFC 9112), who sends it, and the protocol's own.
_RESERVED: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "authorization",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "linkedin-version",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "x-http-method-override",
    }
)
_RESERVED_PREFIX: Final = "x-restli-"


def _refusal(call: Call[Any], name: Any, value: Any) -> str | None:
    """Return why a header is left out; None where it is not, empty where the call has its own."""
    try:
        call.request.with_header(name, value)
    except InvalidCallError as error:
        return str(error)
    folded = name.lower()
    if folded in _RESERVED or folded.startswith(_RESERVED_PREFIX):
        return f"no listener may set {str.__str__(name)}"
    return "" if name in call.request.headers else None


def _fields_of(headers: object) -> list[tuple[Any, Any]]:
    """Return what a listener's `headers` returned as pairs."""
    _refuse_coroutine(headers)
    if not isinstance(headers, Mapping):
        raise TypeError(f"headers must return a mapping, not {type(headers).__name__}")
    return [*headers.items()]


def _as_tuple(on_event: Any) -> tuple[Any, ...]:
    """Return the listeners as a tuple, each of them checked."""
    if on_event is None:
        return ()
    # One that can be called is a listener, even where it is a list as well, of what it has been told.
    if callable(on_event) or not isinstance(on_event, list | tuple):
        return (_check_listener("on_event", on_event),)
    return tuple([_check_listener(f"on_event[{index}]", one) for index, one in enumerate(on_event)])


def _check_listener(argument: str, listener: Any) -> Any:
    if isinstance(listener, type):
        raise InvalidCallError(argument, f"must be a listener, not the class {listener.__name__}: give one of these")
    if not callable(listener):
        kind = type(listener).__name__
        raise InvalidCallError(argument, f"must be a function of an event, or a list of such functions, not {kind}")
    for called in (listener, getattr(listener, "headers", None)):
        if callable(called) and _is_awaited(called):
            reason = (
                "must not be a coroutine function or a generator: it is called, and not awaited; let it fill a queue"
            )
            raise InvalidCallError(argument, reason)
    if not _takes_one(listener):
        raise InvalidCallError(argument, "must take one argument: the event")
    return listener


def _takes_one(listener: Callable[..., Any]) -> bool:
    """Return whether a listener can be called with an event; where Python does not know, it is taken at its word."""
    from inspect import signature  # slow to import

    try:
        signature(listener).bind(None)
    except TypeError:
        return False
    except ValueError:  # of some functions in C
        return True
    return True


def _is_awaited(function: Callable[..., Any]) -> bool:
    """Return whether to call a function would only make a coroutine or a generator, and run nothing of it."""
    from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction  # slow to import

    while isinstance(function, partial):
        function = function.func
    return any(
        check(one)
        for check in (iscoroutinefunction, isgeneratorfunction, isasyncgenfunction)
        for one in (function, type(function).__call__)
    )


def _refuse_coroutine(returned: object) -> None:
    """Close and refuse a coroutine: what a plain function returns can be known only once it is called."""
    if isinstance(returned, CoroutineType):
        returned.close()
        raise TypeError("it returned a coroutine, which nobody awaits")


def _name_of(listener: Any) -> str:
    """Return the name of a listener: not its `repr`, which may show what it has."""
    name = getattr(listener, "__qualname__", None)
    return name if isinstance(name, str) else type(listener).__qualname__
