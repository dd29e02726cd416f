"""What came in at the embedded server: each request byte for byte, and the log of them all."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass

from restli_core.messages import HttpRequest

__all__ = ["Received", "ReceivedLog"]


@dataclass(frozen=True, slots=True, repr=False)
class Received:
    """A request as it came in.

    Attributes:
        raw: all its bytes, exactly as they came.
        head: those up to the empty line, which belongs to it.
        body: those after it; of a chunked body with the lines of its chunks.
        request: the request that they are, its URL just the target, its body without the lines of chunks; None where
            they are not HTTP, or not all of a request.
        connection: the number of the connection that brought it, from 1.
    """

    raw: bytes
    head: bytes
    body: bytes
    request: HttpRequest | None
    connection: int

    def __repr__(self) -> str:
        shown = "no request" if self.request is None else self.request.line
        return f"<Received {shown}, {len(self.raw)} bytes on connection {self.connection}>"


def shortened(request: HttpRequest, max_body: int | None) -> HttpRequest:
    """Return a request with no more of its body than so many bytes; None for all of it."""
    if max_body is None or len(request.body) <= max_body:
        return request
    return HttpRequest(request.method, request.url, request.headers, request.body[:max_body])


class ReceivedLog:
    """The requests that came in, in their order. Each connection adds to it from a thread of its own."""

    def __init__(self) -> None:
        self._received: list[Received] = []
        self._came_in = threading.Condition()

    def add(self, raw: bytes, request: HttpRequest | None, connection: int, max_kept: int | None = None) -> None:
        """Keep a request.

        Args:
            raw: its bytes.
            request: what they are; None where they are not a request.
            connection: the number of the connection that brought them.
            max_kept: how many of the bytes after the head are kept, those of a body's chunks with their lines; None for
                all.
        """
        # h11 takes a bare LF for the end of a line, too.
        end = re.search(rb"\r?\n\r?\n", raw)
        length = len(raw) if end is None else end.end()
        if max_kept is not None:
            raw = raw[: length + max_kept]
        with self._came_in:
            self._received.append(Received(raw, raw[:length], raw[length:], request, connection))
            self._came_in.notify_all()

    def wait_for(self, number: int, timeout: float) -> list[Received]:
        """Return the requests, once there are so many.

        Args:
            number: how many.
            timeout: the seconds to wait for them.

        Raises:
            TimeoutError: there are still fewer when the time is over.
        """
        with self._came_in:
            if not self._came_in.wait_for(lambda: len(self._received) >= number, timeout):
                raise TimeoutError(f"{len(self._received)} requests have come in within {timeout:g} s, not {number}")
            return [*self._received]
