"""What carries a request to a server and its answer back: the protocols that a transport fulfils, and its time limits.

A transport does nothing but carry bytes. What the request describes is what goes onto the wire: method, target and
body byte for byte, each header once with its value; besides these only Host, Content-Length, Connection, Accept,
Accept-Encoding, User-Agent and what the user's own session sets. It follows no redirect, repeats nothing, raises on no
status, keeps no cookies, reads no .netrc. What goes wrong on the way is a `restli_core.errors.TransportError`, raised
``from`` the library's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from restli_core.errors import InvalidCallError

if TYPE_CHECKING:
    from restli_core import HttpRequest, HttpResponse

__all__ = ["WITH_CONTENT", "AsyncTransport", "Timeout", "Transport", "check_framing"]

WITH_CONTENT: Final = frozenset({"POST", "PUT", "PATCH"})
"""Methods that call for content, so that a Content-Length of 0 tells that there is none (RFC 9110 section 8.6)."""


@dataclass(frozen=True, slots=True)
class Timeout:
    """Time limits in seconds; None for no limit.

    Args:
        connect: for the connection to stand, TLS included.
        read: for each wait for bytes of the answer, and for each wait until bytes of the request can be sent.
        total: for the whole call, from the connection to the last byte of the answer: a server that feeds its answer
            byte by byte cannot outlast it.
    """

    connect: float | None = 10.0
    read: float | None = 60.0
    total: float | None = 300.0

    def __post_init__(self) -> None:
        for name in ("connect", "read", "total"):
            seconds = getattr(self, name)
            if seconds is not None and not (isinstance(seconds, int | float) and seconds > 0):
                raise InvalidCallError(f"timeout.{name}", "must be a number of seconds above 0, or None")


class Transport(Protocol):
    """Carries requests. It may also have `session`, the library's own object, and `close()`."""

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        """The answer to a request, whatever its status.

        Raises:
            ConnectError: no byte of the request was sent.
            TransportTimeout: a time limit passed after that.
            ProtocolError: the connection broke, the answer is not HTTP, or is larger than the transport takes.
        """
        ...


class AsyncTransport(Protocol):
    """Carries requests without blocking. It may also have `session`, and `async close()`."""

    async def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        """As `Transport.send`, awaited."""
        ...


def check_framing(request: HttpRequest) -> None:
    """Refuses headers that say other than the body how the body ends (RFC 9112 section 6), and what is no exchange.

    Raises:
        InvalidCallError: they have Transfer-Encoding, or a Content-Length that is not the body's; or the method is
            CONNECT, which opens a tunnel.
    """
    if request.method == "CONNECT":
        raise InvalidCallError("method", "CONNECT opens a tunnel, which no transport does")
    length = str(len(request.body))
    if "Transfer-Encoding" in request.headers or request.headers.get("Content-Length", length) != length:
        raise InvalidCallError("headers", "say other than the body how the body ends")
