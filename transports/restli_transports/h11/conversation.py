"""Conversation: HTTP/1.1 without I/O. Requests become bytes, and bytes responses; whose bytes is not its concern.

    conversation = Conversation()
    stream.write(conversation.send(request))
    response = None
    while response is None:
        response = conversation.receive(stream.read(65536))     # b"" at the end of the stream
    if not conversation.reusable:
        stream.close()

One Conversation belongs to one connection, to one host, and carries one exchange after another. What it writes is what
the request says: method, target, headers (each once, repeats joined) and body; it adds Host, Accept-Encoding and
Content-Length where the request has none. However the bytes of an answer are cut into pieces, the response is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import h11

from restli_core.errors import InvalidCallError, ProtocolError
from restli_core.messages import Headers, HttpResponse
from restli_transports.transport import check_framing, check_max_body
from restli_transports.wire import DEFAULT_MAX_BODY, MAX_HEAD, WITH_CONTENT, Body, UnreadableError, parse_url
from restli_transports.wire.library_errors import conceal
from restli_transports.wire.linear_h11 import make_linear

if TYPE_CHECKING:
    from restli_core.messages import HttpRequest
    from restli_transports.wire import ParsedUrl

__all__ = ["DEFAULT_MAX_HEADER_SIZE", "Conversation", "check_max_header_size"]

DEFAULT_MAX_HEADER_SIZE: Final = MAX_HEAD
"""Bytes of status line and headers."""

make_linear()

# h11 copies what it has not read yet when it is asked for it; more than this in one step would make that quadratic.
_CHUNK_SIZE: Final = 65536


def check_max_header_size(max_header_size: int) -> int:
    """Return the size, if it is one.

    Raises:
        InvalidCallError: it is not a number of bytes, at least 1.
    """
    if isinstance(max_header_size, bool) or not isinstance(max_header_size, int) or max_header_size < 1:
        raise InvalidCallError("max_header_size", "must be a number of bytes, at least 1")
    return max_header_size


class _Head(NamedTuple):
    """What is known of an answer whose body is on its way."""

    event: h11.Response
    headers: Headers
    body: Body


@dataclass(slots=True)
class _Answer:
    """An answer on its way."""

    request: HttpRequest
    url: str
    check: Callable[[], object]
    received: int = 0  # bytes
    head: _Head | None = None


class Conversation:
    """One connection's exchanges, in turn.

    Args:
        max_body: the most bytes that the body of an answer may have, decoded; None for no limit.
        max_header_size: the most bytes that status line and headers may have, those of interim answers (1xx) included.

    Raises:
        InvalidCallError: `max_body` or `max_header_size` is not a number of bytes.
    """

    def __init__(
        self, *, max_body: int | None = DEFAULT_MAX_BODY, max_header_size: int = DEFAULT_MAX_HEADER_SIZE
    ) -> None:
        self._max_header_size = check_max_header_size(max_header_size)
        self._max_body = check_max_body(max_body)
        self._connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=max_header_size)
        self._answer: _Answer | None = None
        self._sound = True  # nothing has come that h11 has no state for

    @property
    def reusable(self) -> bool:
        """True while the connection can carry a request: it is new, or kept alive after a complete exchange."""
        states = {self._connection.our_state, self._connection.their_state}
        return self._sound and self._answer is None and states <= {h11.IDLE, h11.DONE}

    def send(self, request: HttpRequest) -> bytes:
        """Return the bytes of a request, all of them to be written before its answer is read.

        Raises:
            InvalidCallError: the connection cannot carry a request now; the URL is not an http or https URL; the
                headers have Transfer-Encoding, or a Content-Length that is not the body's.
        """
        check_framing(request)
        return self.send_checked(request, parse_url(request.url))

    def send_checked(self, request: HttpRequest, url: ParsedUrl, check: Callable[[], object] = lambda: None) -> bytes:
        """Return the bytes of a request, as `send` does, for callers with an `Exchange`, which has checked it already.

        Args:
            request: the exchange's request.
            url: its URL.
            check: called between the steps of decoding the answer, whose body may unfold for longer than the call may
                take: `Exchange.seconds_left`. What it raises comes out of `receive`, and ends the exchange.

        Raises:
            InvalidCallError: the connection cannot carry a request now.
        """
        if not self.reusable:
            raise InvalidCallError("request", "cannot be sent on this connection, which is busy or not to be reused")
        added = {"Host": url.host, "Accept-Encoding": "gzip, deflate"}
        if request.body or request.method in WITH_CONTENT:
            added["Content-Length"] = str(len(request.body))
        headers = [(name, value) for name, value in added.items() if name not in request.headers]
        head = h11.Request(method=request.method, target=url.target, headers=[*headers, *request.headers.items()])
        if self._connection.our_state is h11.DONE:
            self._connection.start_next_cycle()
        self._answer = _Answer(request, url.text, check)
        events = (head, h11.Data(data=request.body), h11.EndOfMessage()) if request.body else (head, h11.EndOfMessage())
        return b"".join(self._connection.send(event) for event in events)

    def receive(self, data: bytes) -> HttpResponse | None:
        """Return the response once it is complete, None before.

        Args:
            data: what was read, empty at the end of the stream.

        Raises:
            ProtocolError: this is not HTTP, ends too soon, or is larger than the limits; or no answer was awaited. The
                connection is then not reusable.
        """
        answer = self._answer
        if answer is None:
            self._sound = False
            if data:
                raise ProtocolError("bytes came when no answer was awaited")
            return None
        try:
            response = self._read(answer, data)
        except (h11.RemoteProtocolError, UnreadableError) as error:
            self._sound, self._answer = False, None
            conceal(error, answer.request, outer=error.__context__)
            # h11's own texts may repeat what came, which may be secret.
            if isinstance(error, UnreadableError):
                reason = str(error)
            elif error.error_status_hint == 431:
                reason = f"the headers are larger than {self._max_header_size} bytes"
            else:
                reason = (
                    "the answer is not HTTP" if data else "the connection was closed before the answer was complete"
                )
            raise ProtocolError(reason, answer.request) from error
        if response is not None:
            self._answer = None
        return response

    def _read(self, answer: _Answer, data: bytes) -> HttpResponse | None:
        for start in range(0, max(len(data), 1), _CHUNK_SIZE):  # at least once: no data says that the stream has ended
            piece = data[start : start + _CHUNK_SIZE]
            self._connection.receive_data(piece)
            answer.received += len(piece)
            for event in iter(self._connection.next_event, h11.NEED_DATA):
                head = answer.head
                if isinstance(event, h11.Data) and head is not None:
                    head.body.feed(event.data)
                elif isinstance(event, h11.EndOfMessage) and head is not None:
                    # What is left over belongs to no request of ours, and would be taken for the next answer.
                    all_read = start + _CHUNK_SIZE >= len(data)
                    self._sound = self._sound and all_read and self._connection.trailing_data == (b"", False)
                    body = head.body.finish()
                    return HttpResponse(head.event.status_code, head.headers, body, answer.url, native=head.event)
                elif isinstance(event, h11.Response | h11.InformationalResponse):
                    answer.head = self._read_head(answer, event)
                else:
                    raise UnreadableError("the connection changed to another protocol")
        return None

    def _read_head(self, answer: _Answer, event: h11.Response | h11.InformationalResponse) -> _Head | None:
        """Return what is known of the final answer; None for an interim one."""
        if not event.http_version.startswith(b"1."):
            raise UnreadableError("the answer is of another version of HTTP")
        # h11 limits what it has not understood yet, which depends on how the bytes come in; this does not.
        left, _ = self._connection.trailing_data
        if answer.received - len(left) > self._max_header_size:
            raise UnreadableError(f"the headers are larger than {self._max_header_size} bytes")
        if isinstance(event, h11.InformationalResponse):
            return None
        fields = event.headers.raw_items()  # with names as they were written
        headers = Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in fields)
        if "Transfer-Encoding" in headers and "Content-Length" in headers:
            self._sound = False  # h11 goes by the first, and somebody before us by the other, perhaps
        body = Body(headers.get("Content-Encoding", ""), self._max_body, answer.check)
        return _Head(event, headers, body)
