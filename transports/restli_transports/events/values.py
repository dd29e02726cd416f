"""Events: what happens to a call on its way, as frozen values.

    ┌──> Waiting*            for room within a limit
    │    RequestSent         a try begins
    │    ResponseReceived    it was answered, with whatever status; or
    │    RequestFailed       there is no answer
    └─── Retrying            it is tried again, after a wait
         CallEnded           always, once

TokenReplaced and VersionEnding are a client's rather than a call's, and come where they happen. Of one call all events
have the same `call`, are told in the thread or task that it was sent in, and count its tries from 1 on.

An event's text shows neither a secret nor a body, and neither does what it is pickled as. Its attributes are what the
program has anyway: `call` is the call that was sent, with the token that it was made with, if there is one; `error` is
what the call raises.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Self

from restli_core.calls import Call
from restli_core.errors import RestliError, without_body
from restli_core.messages import HttpRequest, HttpResponse
from restli_core.values import Value

__all__ = [
    "CallEnded",
    "Event",
    "RequestFailed",
    "RequestSent",
    "ResponseReceived",
    "Retrying",
    "TokenReplaced",
    "VersionEnding",
    "Waiting",
]


class Event(Value):
    """The base of all events: for annotations, and for ``isinstance``."""

    if TYPE_CHECKING:  # they would take it for a class without fields, which takes no arguments

        def __init__(self, *args: Any, **keywords: Any) -> None: ...

    def __repr__(self) -> str:
        names: tuple[str, ...] = type(self).__match_args__
        fields = [f"{name}={_shown(getattr(self, name))}" for name in names]
        return f"{type(self).__name__}({', '.join(fields)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple([_without_secrets(field) for field in self._fields()])

    # A copy in the same process may be the event itself, which does not change; pickle would take the secrets out.
    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self


class RequestSent(Event):
    """A try begins: the request is given to the transport.

    Args:
        call: the call.
        request: the request of this try, redacted: without Authorization, cookies, and the body of a form.
        attempt: which try, from 1 on.
    """

    call: Call[Any]
    request: HttpRequest
    attempt: int

    def __init__(self, call: Call[Any], request: HttpRequest, attempt: int) -> None:
        super().__init__(call, request.redacted(), attempt)


class ResponseReceived(Event):
    """A try was answered, with success or with an error.

    Args:
        call: the call.
        request: the request of this try, redacted.
        attempt: which try, from 1 on.
        status: the HTTP status.
        seconds: how long the try took.
        size: bytes of the answer's body, decoded from any content coding.
    """

    call: Call[Any]
    request: HttpRequest
    attempt: int
    status: int
    seconds: float
    size: int

    def __init__(  # noqa: PLR0917 - as any value's, its fields may be given by position
        self, call: Call[Any], request: HttpRequest, attempt: int, status: int, seconds: float, size: int
    ) -> None:
        super().__init__(call, request.redacted(), attempt, status, seconds, size)


class RequestFailed(Event):
    """A try has no answer: it could not be sent, or the answer could not be received.

    Args:
        call: the call.
        request: the request of this try, redacted.
        attempt: which try, from 1 on.
        error: why; mostly a TransportError.
        seconds: how long the try took.
    """

    call: Call[Any]
    request: HttpRequest
    attempt: int
    error: BaseException
    seconds: float

    def __init__(
        self, call: Call[Any], request: HttpRequest, attempt: int, error: BaseException, seconds: float
    ) -> None:
        super().__init__(call, request.redacted(), attempt, error, seconds)


class CallEnded(Event):
    """A call is over: the last of its events.

    Args:
        call: the call.
        error: what it raises; None where it returns an answer. A cancellation and KeyboardInterrupt are errors, too.
        seconds: how long it took, all tries and waits together.
    """

    call: Call[Any]
    error: BaseException | None
    seconds: float


class Retrying(Event):
    """A try failed, and there will be another one.

    Args:
        call: the call.
        error: how the try failed.
        wait: seconds until the next one.
        attempt: which try failed, from 1 on.
    """

    call: Call[Any]
    error: BaseException
    wait: float
    attempt: int


class Waiting(Event):
    """A call waits for room within a limit of the client's.

    Args:
        call: the call.
        limit: the limit.
        seconds: how long it waits.
    """

    call: Call[Any]
    limit: Any
    seconds: float


class TokenReplaced(Event):
    """A token was refused, and the source gave another one; it has no fields, since the token is a secret."""


class VersionEnding(Event):
    """The version of LinkedIn's API that the client asks for ends soon; once for a client and its clones.

    Args:
        version: the client's version, such as ``"202511"``.
        ends: the day on which it ends.
        newest: the newest version that day, as far as is known.
    """

    version: str
    ends: date
    newest: str


def _shown(field: object) -> str:
    """Return a field's text. Of an error it is the class alone, since its message may quote the answer's body."""
    return type(field).__name__ if isinstance(field, BaseException) else repr(field)


def _without_secrets(field: Any) -> Any:
    """Return a field as it is pickled: without Authorization, cookies, and bodies."""
    strip = next((strip for kind, strip in _STRIPPED.items() if isinstance(field, kind)), None)
    return field if strip is None else strip(field)


def _stripped_request(request: HttpRequest) -> HttpRequest:
    bare = request.redacted()
    return HttpRequest(bare.method, bare.url, bare.headers)


def _stripped_call(call: Call[Any]) -> Call[Any]:
    return call.with_request(_stripped_request(call.request))


def _stripped_error(error: RestliError) -> RestliError:
    bare = without_body(error)
    for name, value in [*vars(bare).items()]:
        if isinstance(value, HttpResponse):
            headers = value.headers.without("Set-Cookie")
            setattr(bare, name, HttpResponse(value.status_code, headers, value.body, value.url))
        elif isinstance(value, HttpRequest):
            setattr(bare, name, _stripped_request(value))
    return bare


_STRIPPED: Final[dict[type, Callable[[Any], Any]]] = {
    Call: _stripped_call,
    HttpRequest: _stripped_request,
    RestliError: _stripped_error,
}
