"""Transports: what carries a request to a server and brings the answer back, and the time limits of that.

A transport does nothing but carry bytes. What the request describes is what goes onto the wire: method, target and
body byte for byte, each header once with its value; besides these only Host, Content-Length, Connection, Accept,
Accept-Encoding, User-Agent and what the user's own session sets. It follows no redirect, repeats nothing, raises on no
status, keeps no cookies, reads no .netrc. What goes wrong on the way is a `restli_core.errors.TransportError`, raised
``from`` the library's own.

To add one, write a class with `send`, made of what `restli_transports.wire` has, and run the suite of
`restli_transports.testing.compliance` over it; docs/transports.md shows two.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NoReturn, Protocol, TypeVar

from restli_core.errors import InvalidCallError
from restli_core.messages import HttpRequest
from restli_core.numbers import MAX_SECONDS, is_number
from restli_core.values import HashableValue

if TYPE_CHECKING:
    from restli_core.messages import Headers, HttpResponse

__all__ = [
    "KEEPALIVE_SECONDS",
    "MAX_CONNECTIONS",
    "WITH_CONTENT",
    "AsyncTransport",
    "OfOneProcess",
    "Timeout",
    "Transport",
    "check_framing",
    "check_keepalive",
    "check_limit",
    "check_max_body",
    "check_timeout",
    "joined_fields",
    "require_instance",
]

T = TypeVar("T")

WITH_CONTENT: Final = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose requests should have content: where one has none, Content-Length says 0 (RFC 9110 section 8.6)."""

KEEPALIVE_SECONDS: Final = 60.0
"""How long a connection may be idle; gateways forget a silent one after minutes, some without closing it."""

MAX_CONNECTIONS: Final = 100
"""Connections that asynchronous calls may have to one host at once, by default; further ones wait."""


class _DataclassFields:
    """The fields of a value for `dataclasses`, which is slow to import: made when somebody asks, as `replace` does."""

    def __get__(self, instance: object, owner: Any) -> dict[str, Any]:
        from dataclasses import make_dataclass

        hints, defaults = owner.__annotations__, owner.__defaults__
        made: Any = make_dataclass(owner.__name__, [(name, hints[name], defaults[name]) for name in owner.__fields__])
        fields: dict[str, Any] = made.__dataclass_fields__
        return fields


class Timeout(HashableValue):
    """Time limits of one try of a call, in seconds; None for no limit.

    A call that is repeated has them anew each time: `RetryPolicy.total` limits all its tries and waits together, and a
    try has no more time than that leaves.

    Args:
        connect: for opening the connection, TLS included.
        read: for each wait for bytes of the answer, and for each wait until bytes of the request can be sent.
        total: for the whole try, from the connection to the last byte of the answer: a server that feeds its answer
            byte by byte cannot outlast it.

    Raises:
        InvalidCallError: one of them is not a number above 0.
    """

    connect: float | None = 10.0
    read: float | None = 60.0
    total: float | None = 300.0

    # To programs it is the frozen dataclass that it was: they may copy one by `dataclasses.replace`.
    if not TYPE_CHECKING:
        __dataclass_fields__ = _DataclassFields()

    def __init__(self, connect: float | None = 10.0, read: float | None = 60.0, total: float | None = 300.0) -> None:
        for name, seconds in (("connect", connect), ("read", read), ("total", total)):
            if seconds is not None and not (is_number(seconds) and 0 < seconds <= MAX_SECONDS):
                reason = f"must be a number of seconds above 0, up to {MAX_SECONDS}, or None for no limit"
                raise InvalidCallError(f"timeout.{name}", reason)
        super().__init__(connect, read, total)

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}(connect={self.connect!r}, read={self.read!r}, total={self.total!r})"

    def __setattr__(self, name: str, value: object) -> None:
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot delete field {name!r}")


class OfOneProcess:
    """What has connections, locks or sources of tokens: it belongs to one process, and says so where it is pickled.

    Its connections could not be used in another one, and a copy of a token would grow old there.
    """

    def __reduce__(self) -> NoReturn:
        name = type(self).__name__
        raise TypeError(f"cannot pickle a {name}, which has connections: pickle calls, make a client in each process")


class Transport(Protocol):
    """A transport that blocks.

    It may also have `session`, the library's own object, `close()`, and `clock`, which its clients then wait on: it has
    `now()`, seconds that never go back; `sleep(seconds)`; and perhaps `time()`, seconds since 1970.
    """

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        """Return the answer to a request, whatever its status.

        Args:
            request: the request.
            timeout: its time limits.

        Raises:
            InvalidCallError: HTTP cannot express the request, or the transport cannot send it as it is.
            ConnectError: no byte of the request was sent.
            TransportTimeout: a time limit passed after that.
            ProtocolError: the connection broke, the answer is not HTTP, or is larger than the transport takes.
        """
        ...


class AsyncTransport(Protocol):
    """A transport that is awaited.

    It may also have `session`, `async close()`, and `clock`, as `Transport` may; the clock's `sleep` is awaited.
    """

    async def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        """Return the answer to a request, as `Transport.send` does, awaited."""
        ...


def require_instance(session: T, argument: str, *kinds: type[Any]) -> T:
    """Return what a user gives to a transport, if it is of one of these kinds.

    Args:
        session: what was given.
        argument: its name, for the message.
        kinds: classes of one library.

    Raises:
        InvalidCallError: it is of none of them; names the argument.
    """
    if not isinstance(session, kinds):
        names = " or ".join(kind.__name__ for kind in kinds)
        library = kinds[0].__module__.partition(".")[0]
        raise InvalidCallError(argument, f"must be a {names} of {library}, not {_type_name(session)}")
    return session


def check_max_body(max_body: int | None) -> int | None:
    """Return a limit on the size of bodies, if it is one.

    Args:
        max_body: the limit in bytes; None for no limit.

    Raises:
        InvalidCallError: it is not a number of bytes.
    """
    if max_body is not None and (isinstance(max_body, bool) or not isinstance(max_body, int) or max_body < 0):
        raise InvalidCallError("max_body", "must be a number of bytes, 0 or above, or None for no limit")
    return max_body


def check_keepalive(keepalive_seconds: float | None) -> float | None:
    """Return how long a connection may be idle, if it is a time.

    Args:
        keepalive_seconds: the time in seconds; None for no limit.

    Raises:
        InvalidCallError: it is not a number of seconds.
    """
    seconds = keepalive_seconds
    if seconds is not None and not (is_number(seconds) and 0 <= seconds <= MAX_SECONDS):
        reason = f"must be a number of seconds, from 0 to {MAX_SECONDS}, or None for no limit"
        raise InvalidCallError("keepalive_seconds", reason)
    return seconds


def check_limit(limit: int) -> int:
    """Return how many connections there may be at once to one host, if it is a number of them.

    Args:
        limit: the number, at least 1.

    Raises:
        InvalidCallError: it is not one.
    """
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise InvalidCallError("limit", "must be a number of connections, at least 1")
    return limit


def check_timeout(timeout: Timeout) -> Timeout:
    """Return the time limits, if that is what they are.

    Raises:
        InvalidCallError: they are not a `Timeout`.
    """
    if not isinstance(timeout, Timeout):
        reason = f"must be a Timeout of restli_transports, such as Timeout(total=30), not {_type_name(timeout)}"
        raise InvalidCallError("timeout", reason)
    return timeout


def check_framing(request: HttpRequest) -> None:
    """Refuse a request whose headers contradict the length of the body, and one that is not a single exchange.

    Raises:
        InvalidCallError: it has Transfer-Encoding, or a Content-Length that is not the body's (RFC 9112 section 6); or
            the method is CONNECT, which opens a tunnel; or it is not an HttpRequest.
    """
    if not isinstance(request, HttpRequest):
        reason = f"must be an HttpRequest, such as the request of a call, not {_type_name(request)}"
        raise InvalidCallError("request", reason)
    if request.method == "CONNECT":
        raise InvalidCallError("method", "CONNECT opens a tunnel, which no transport does")
    length = str(len(request.body))
    if "Transfer-Encoding" in request.headers or request.headers.get("Content-Length", length) != length:
        raise InvalidCallError("headers", "contradict the length of the body")


def joined_fields(headers: Headers) -> Sequence[tuple[str, str]]:
    """Return header fields, each once: the values of a repeated one joined, without a blank at their end.

    Args:
        headers: the headers of a request.
    """
    # As nearly all are, they need not be folded.
    if len(headers.raw) == len(headers):
        return headers.raw
    return [(name, value.strip()) for name, value in headers.items()]


def _type_name(value: object) -> str:
    kind = type(value)
    return f"{kind.__module__}.{kind.__name__}"
