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

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import h11

from restli_core.errors import InvalidCallError, ProtocolError
from restli_core.messages import Headers, HttpResponse
from restli_transports.transport import WITH_CONTENT, check_framing, check_max_body
from restli_transports.wire.body import DEFAULT_MAX_BODY, Body, UnreadableError
from restli_transports.wire.urls import ParsedUrl, parse_url

if TYPE_CHECKING:
    from restli_core.messages import HttpRequest

__all__ = ["DEFAULT_MAX_HEADER_SIZE", "Conversation"]

DEFAULT_MAX_HEADER_SIZE: Final = 64 * 2**10
"""Bytes of status line and headers."""

# h11 copies what it has not read yet when it is asked for it; more than this at once would make that quadratic.
_PIECE: Final = 65536
_READY: Final = (h11.IDLE, h11.DONE)


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
    received: int = 0
    head: _Head | None = None

    def complete(self, head: _Head) -> HttpResponse:
        return HttpResponse(head.event.status_code, head.headers, head.body.finish(), self.url, native=head.event)


class Conversation:
    """One connection's exchanges, in turn.

    Args:
        max_body: the most bytes that the body of an answer may have, decoded; None for no limit.
        max_header_size: the most bytes that status line and headers may have, those of interim answers (1xx) included.
    """

    def __init__(
        self, *, max_body: int | None = DEFAULT_MAX_BODY, max_header_size: int = DEFAULT_MAX_HEADER_SIZE
    ) -> None:
        self._connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=max_header_size)
        self._max_body = check_max_body(max_body)
        self._max_header_size = max_header_size
        self._answer: _Answer | None = None
        self._sound = True

    @property
    def reusable(self) -> bool:
        """Whether the connection can carry a request now: it is new, or kept alive after a complete exchange."""
        ready = self._connection.our_state in _READY and self._connection.their_state in _READY
        return self._sound and ready and self._answer is None

    def send(self, request: HttpRequest) -> bytes:
        """The bytes of a request, all of them to be written before its answer is read.

        Raises:
            InvalidCallError: the connection cannot carry a request now; the URL is no http or https URL; the headers
                have Transfer-Encoding, or a Content-Length that is not the body's.
        """
        if not self.reusable:
            raise InvalidCallError("request", "cannot be sent on this connection, which is busy or not to be reused")
        check_framing(request)
        url = parse_url(request.url)
        head = _head(request, url)
        if self._connection.our_state is h11.DONE:
            self._connection.start_next_cycle()
        self._answer = _Answer(request, url.text)
        events = (head, h11.Data(data=request.body), h11.EndOfMessage()) if request.body else (head, h11.EndOfMessage())
        return b"".join(self._connection.send(event) for event in events)

    def receive(self, data: bytes) -> HttpResponse | None:
        """Takes what was read, empty at the end of the stream. The response, once it is complete.

        Raises:
            ProtocolError: this is no HTTP, ends too soon, or is larger than the limits; or no answer was awaited. The
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
            raise ProtocolError(self._reason(error, data), answer.request) from error
        if response is not None:
            self._answer = None
        return response

    def _read(self, answer: _Answer, data: bytes) -> HttpResponse | None:
        for start in range(0, max(len(data), 1), _PIECE):
            piece = data[start : start + _PIECE]
            self._connection.receive_data(piece)
            answer.received += len(piece)
            for event in iter(self._connection.next_event, h11.NEED_DATA):
                if isinstance(event, h11.EndOfMessage) and answer.head is not None:
                    self._sound = start + _PIECE >= len(data) and self._connection.trailing_data == (b"", False)
                    return answer.complete(answer.head)
                self._take(answer, event)
        return None

    def _take(self, answer: _Answer, event: object) -> None:
        if isinstance(event, h11.Data) and answer.head is not None:
            answer.head.body.feed(event.data)
        elif isinstance(event, h11.Response | h11.InformationalResponse):
            self._check(answer, event.http_version)
            answer.head = self._begun(event) if isinstance(event, h11.Response) else None
        else:
            raise UnreadableError("the connection changed to another protocol")

    def _begun(self, event: h11.Response) -> _Head:
        headers = Headers(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers.raw_items()
        )
        return _Head(event, headers, Body(headers.get("Content-Encoding", ""), self._max_body))

    def _check(self, answer: _Answer, version: bytes) -> None:
        if not version.startswith(b"1."):
            raise UnreadableError("the answer is of another version of HTTP")
        # h11 limits what it has not understood yet, which depends on how the bytes come in; this does not.
        left, _ = self._connection.trailing_data
        if answer.received - len(left) > self._max_header_size:
            raise UnreadableError(self._too_large())

    def _reason(self, error: h11.RemoteProtocolError | UnreadableError, data: bytes) -> str:
        if isinstance(error, UnreadableError):
            return str(error)
        if error.error_status_hint == 431:
            return self._too_large()
        return "the answer is not HTTP" if data else "the connection was closed before the answer was complete"

    def _too_large(self) -> str:
        return f"the headers are larger than {self._max_header_size} bytes"


def _head(request: HttpRequest, url: ParsedUrl) -> h11.Request:
    added = {"Host": url.host, "Accept-Encoding": "gzip, deflate"}
    if request.body or request.method in WITH_CONTENT:
        added["Content-Length"] = str(len(request.body))
    fields = [(name, value) for name, value in added.items() if name not in request.headers]
    return h11.Request(method=request.method, target=url.target, headers=[*fields, *request.headers.items()])
