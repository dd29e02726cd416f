"""Answers as h11 reads them: whatever HTTP/1.1 allows, piece by piece, within the limits on headers and body."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

import h11

from restli_core.messages import Headers, HttpResponse
from restli_transports.h11.sent_requests import connection_after
from restli_transports.wire import Body, UnreadableError
from restli_transports.wire.linear_h11 import make_linear

if TYPE_CHECKING:
    from restli_core.messages import HttpRequest
    from restli_transports.wire import ParsedUrl

__all__ = ["Answer", "Limits"]

make_linear()

# h11 copies what it has not read yet when it is asked for it; more than this in one step would make that quadratic.
_CHUNK_SIZE: Final = 65536


class Limits(NamedTuple):
    """The most bytes that an answer may have.

    Args:
        head: of status line and headers, those of interim answers included.
        body: of the body, decoded; None for no limit.
    """

    head: int
    body: int | None


class _Head(NamedTuple):
    """What is known of an answer whose body is on its way."""

    event: h11.Response
    headers: Headers
    body: Body


class Answer:
    """An answer on its way, read by h11.

    Args:
        request: what it answers.
        url: the URL of that.
        limits: how large it may be.
        check: called between the steps of decoding its body.

    Attributes:
        is_last: whether the connection can carry no other request after this answer; known once that is complete.
    """

    is_last: bool

    def __init__(self, request: HttpRequest, url: ParsedUrl, limits: Limits, check: Callable[[], object]) -> None:
        self.is_last = False
        self._connection = connection_after(request, url, limits.head)
        self._url = url.text
        self._limits = limits
        self._check = check
        self._received = 0  # bytes
        self._head: _Head | None = None

    def receive(self, data: bytes) -> HttpResponse | None:
        """Return the response once it is complete, None before.

        Args:
            data: what was read, empty at the end of the stream.

        Raises:
            RemoteProtocolError: h11's: this is not HTTP, or ends too soon.
            UnreadableError: it is larger than the limits, or nothing that we ask for.
        """
        for start in range(0, max(len(data), 1), _CHUNK_SIZE):  # at least once: no data says that the stream has ended
            piece = data[start : start + _CHUNK_SIZE]
            self._connection.receive_data(piece)
            self._received += len(piece)
            for event in iter(self._connection.next_event, h11.NEED_DATA):
                head = self._head
                if isinstance(event, h11.Data) and head is not None:
                    head.body.feed(event.data)
                elif isinstance(event, h11.EndOfMessage) and head is not None:
                    self._end(all_read=start + _CHUNK_SIZE >= len(data))
                    body = head.body.finish()
                    return HttpResponse(head.event.status_code, head.headers, body, self._url, native=head.event)
                elif isinstance(event, h11.Response | h11.InformationalResponse):
                    self._head = self._read_head(event)
                else:
                    raise UnreadableError("the connection changed to another protocol")
        return None

    def _end(self, *, all_read: bool) -> None:
        """Note whether the connection can carry another request."""
        connection = self._connection
        # What is left over belongs to no request of ours, and would be taken for the next answer.
        if not all_read or connection.trailing_data != (b"", False):
            self.is_last = True
        if not {connection.our_state, connection.their_state} <= {h11.IDLE, h11.DONE}:
            self.is_last = True

    def _read_head(self, event: h11.Response | h11.InformationalResponse) -> _Head | None:
        """Return what is known of the final answer; None for an interim one."""
        if not event.http_version.startswith(b"1."):
            raise UnreadableError("the answer is of another version of HTTP")
        # h11 limits what it has not understood yet, which depends on how the bytes come in; this does not.
        left, _ = self._connection.trailing_data
        if self._received - len(left) > self._limits.head:
            raise UnreadableError(f"the headers are larger than {self._limits.head} bytes")
        if isinstance(event, h11.InformationalResponse):
            return None
        fields = event.headers.raw_items()  # with names as they were written
        headers = Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in fields)
        if "Transfer-Encoding" in headers and "Content-Length" in headers:
            self.is_last = True  # h11 goes by the first, and somebody before us by the other, perhaps
        body = Body(headers.get("Content-Encoding", ""), self._limits.body, self._check)
        return _Head(event, headers, body)
