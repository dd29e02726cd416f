"""Steps of flows: values that say what is to be done; they do nothing by themselves.

| step                               | its result in the flow                                                         |
|------------------------------------|--------------------------------------------------------------------------------|
| a `Call`                           | its answer, or its error raised                                                |
| ``Raw(request)``                   | an `HttpResponse`, whatever its status, or a TransportError raised             |
| ``Wait(seconds)``                  | None, after that time                                                          |
| ``Together(calls)``                | a tuple of `Sent`, in the order of the calls: errors are data                  |
| ``Read(source, start, size)``      | bytes of a file, fewer at its end                                              |
| ``Size(source)``                   | the number of its bytes                                                        |
| ``Progress(done, total, label)``   | None: whoever runs the flow may show it                                        |
| ``Item(value)``                    | None: whoever iterates the flow is given the value; `run` refuses it           |

A client carries them out: ``client.run(flow)``, ``client.iterate(flow)``. For type checkers, ``yield`` has no result of
its own type, so that `step` gives it one:

    answer = yield from step(calls.get("/me"))     # a GetResponse
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable
from io import TextIOBase
from typing import Any, BinaryIO, Final, Generic, TypeAlias, TypeVar, overload

from restli_core.base_errors import InvalidCallError
from restli_core.calls import Call, not_a_call
from restli_core.flows.sent import Sent  # noqa: TC001 - for typing.get_type_hints
from restli_core.messages import HttpRequest, HttpResponse
from restli_core.numbers import MAX_SECONDS, is_number
from restli_core.values import Value

__all__ = [
    "Flow",
    "Item",
    "ItemFlow",
    "Progress",
    "Raw",
    "Read",
    "Size",
    "Source",
    "Step",
    "Together",
    "Wait",
    "step",
]

E = TypeVar("E")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Source: TypeAlias = bytes | str | os.PathLike[str] | BinaryIO
"""What bytes are read from: the bytes themselves, the path of a file, or a binary file that can seek."""

KINDS: Final = ("safe", "idempotent", "never")


class Raw(Value):
    """A step: a request of one's own, such as the bytes of an upload. Its result is the response, whatever its status.

    Args:
        request: the request. Its URL is shown in no log and no error, since that of an upload is a secret.
        authorize: whether the client's token is added where the request goes to the client's own origin, or by https to
            linkedin.com or a host under it. It never goes elsewhere.
        kind: what it counts as for the `repeat` of a `RetryPolicy`: ``"safe"``, ``"idempotent"`` or ``"never"``; None:
            by its verb: GET and HEAD are safe, PUT and DELETE idempotent, all others never repeated.
        body: the bytes that are its body, in place of the request's own, which is empty then. They are read when it is
            sent and let go after it; a run that takes up a journal, where it has been sent, reads only their edges.

    Raises:
        InvalidCallError: one of these is not what it should be; names it. Where it is sent: the source ends before the
            last byte of `body`.
    """

    request: HttpRequest
    authorize: bool
    kind: str | None
    body: Read | None

    def __init__(
        self, request: HttpRequest, authorize: bool = False, kind: str | None = None, body: Read | None = None
    ) -> None:
        if not isinstance(request, HttpRequest):
            raise InvalidCallError("request", f"must be an HttpRequest, not {type(request).__name__}")
        if not isinstance(authorize, bool):
            raise InvalidCallError("authorize", "must be True or False")
        if kind is not None and kind not in KINDS:
            raise InvalidCallError(
                "kind", f"must be one of {', '.join(map(repr, KINDS))}, or None for that of its verb"
            )
        if body is not None and not isinstance(body, Read):
            raise InvalidCallError("body", f"must be a Read, not {type(body).__name__}: bytes are the request's own")
        if body is not None and request.body:
            raise InvalidCallError("body", "is given twice: the request has one of its own")
        super().__init__(request.hiding_url(), authorize, kind, body)

    @property
    def repeats_as(self) -> str:
        """Of which kind it is: its own, or that of its verb."""
        return _KINDS_OF_VERBS.get(self.request.method.upper(), "never") if self.kind is None else self.kind

    def __repr__(self) -> str:
        return f"<Raw {self.request.line}>"


_KINDS_OF_VERBS: Final = {"GET": "safe", "HEAD": "safe", "PUT": "idempotent", "DELETE": "idempotent"}


class Wait(Value):
    """A step: time goes by.

    Args:
        seconds: how much, 0 or above.

    Raises:
        InvalidCallError: it is not such a number.
    """

    seconds: float

    def __init__(self, seconds: float) -> None:
        check_seconds("seconds", seconds)
        super().__init__(seconds)

    def __repr__(self) -> str:
        return f"Wait({self.seconds!r})"


class Together(Value, Generic[T_co]):
    """A step: several calls are sent at the same time. Its result is a tuple of `Sent`, in their order.

    Args:
        calls: the calls.

    Raises:
        InvalidCallError: one of these is not a call.
    """

    calls: tuple[Call[T_co], ...]

    def __init__(self, calls: Iterable[Call[T_co]]) -> None:
        if isinstance(calls, str | bytes | Call) or not isinstance(calls, Iterable):
            raise InvalidCallError("calls", f"must be a list of calls, not {type(calls).__name__}")
        listed = tuple(calls)
        for index, call in enumerate(listed):
            if not isinstance(call, Call):
                raise InvalidCallError(f"calls[{index}]", not_a_call(call))
        super().__init__(listed)


class Read(Value):
    """A step: bytes of a file are read. Its result is bytes, fewer than asked for where the file ends.

    Args:
        source: the bytes, the path of a file, or a binary file that can seek.
        start: the index of the first byte, from 0.
        size: how many bytes.

    Raises:
        InvalidCallError: one of these is not what it should be; names it.
    """

    source: Source
    start: int
    size: int

    def __init__(self, source: Source, start: int, size: int) -> None:
        _check_source(source)
        for name, value in (("start", start), ("size", size)):
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                raise InvalidCallError(name, "must be a number of bytes, 0 or above")
        super().__init__(source, start, size)


class Size(Value):
    """A step: the bytes of a file are counted. Its result is their number.

    Args:
        source: the bytes, the path of a file, or a binary file that can seek.

    Raises:
        InvalidCallError: it is none of these.
    """

    source: Source

    def __init__(self, source: Source) -> None:
        _check_source(source)
        super().__init__(source)


class Progress(Value):
    """A step: whoever runs the flow is told how far it is.

    Args:
        done: how much is done.
        total: how much there is; None where nobody knows.
        label: of what, such as ``"bytes"``; empty for nothing.
    """

    done: int
    total: int | None = None
    label: str = ""


class Item(Value, Generic[T_co]):
    """A step: whoever iterates the flow is given a value.

    Args:
        value: the value.
    """

    value: T_co


Step: TypeAlias = Call[Any] | Raw | Wait | Together[Any] | Read | Size | Progress | Item[Any]
Flow: TypeAlias = Generator[Step, Any, T]
"""A generator of steps that returns a T."""

# The steps are written out, since only so do type checkers find the E of a flow that is iterated.
ItemFlow: TypeAlias = Generator[Call[Any] | Raw | Wait | Together[Any] | Read | Size | Progress | Item[E], Any, T]
"""A generator of steps whose items are of the type E; it returns a T."""


@overload
def step(one: Call[T]) -> Generator[Step, Any, T]: ...
@overload
def step(one: Raw) -> Generator[Step, Any, HttpResponse]: ...
@overload
def step(one: Together[T]) -> Generator[Step, Any, tuple[Sent[T], ...]]: ...
@overload
def step(one: Read) -> Generator[Step, Any, bytes]: ...
@overload
def step(one: Size) -> Generator[Step, Any, int]: ...
@overload
def step(one: Wait | Progress | Item[Any]) -> Generator[Step, Any, None]: ...
def step(one: Step) -> Generator[Step, Any, Any]:
    """Yield one, and return its result, with its own type.

    So ``answer = yield from step(call)`` is as exact as ``answer = client.send(call)``.

    Args:
        one: the step.
    """
    return (yield one)


def check_seconds(argument: str, seconds: object) -> None:
    """Raise an InvalidCallError for what cannot be waited."""
    if not (is_number(seconds) and 0 <= seconds <= MAX_SECONDS):
        raise InvalidCallError(argument, "must be a number of seconds, 0 or above")


def _check_source(source: object) -> None:
    """Raise an InvalidCallError for what no bytes can be read from."""
    if isinstance(source, bytes | str) or (isinstance(source, os.PathLike) and isinstance(os.fspath(source), str)):
        return
    is_file = all(callable(getattr(source, name, None)) for name in ("read", "seek", "tell"))
    if not is_file or isinstance(source, TextIOBase):
        kind = type(source).__name__
        raise InvalidCallError(
            "source", f"must be bytes, the path of a file, or a binary file that can seek, not {kind}"
        )
