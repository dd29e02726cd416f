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
from typing import TYPE_CHECKING, Final, NamedTuple

import h11

from restli_core.errors import InvalidCallError, ProtocolError
from restli_transports.h11.answers import Answer, Limits
from restli_transports.h11.quick_answers import Doubt, QuickAnswer, is_quick
from restli_transports.h11.sent_requests import written
from restli_transports.transport import check_framing, check_max_body
from restli_transports.wire import DEFAULT_MAX_BODY, MAX_HEAD, UnreadableError, parse_url
from restli_transports.wire.library_errors import conceal

if TYPE_CHECKING:
    from restli_core.messages import HttpRequest, HttpResponse
    from restli_transports.wire import ParsedUrl

__all__ = ["DEFAULT_MAX_HEADER_SIZE", "Conversation", "check_max_header_size"]

DEFAULT_MAX_HEADER_SIZE: Final = MAX_HEAD
"""Bytes of status line and headers."""


def check_max_header_size(max_header_size: int) -> int:
    """Return the size, if it is one.

    Raises:
        InvalidCallError: it is not a number of bytes, at least 1.
    """
    if isinstance(max_header_size, bool) or not isinstance(max_header_size, int) or max_header_size < 1:
        raise InvalidCallError("max_header_size", "must be a number of bytes, at least 1")
    return max_header_size


class _Sent(NamedTuple):
    """A request that was sent, whose answer is awaited."""

    request: HttpRequest
    url: ParsedUrl
    check: Callable[[], object]


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
        self._limits = Limits(check_max_header_size(max_header_size), check_max_body(max_body))
        self._sent: _Sent | None = None
        # Who reads the answer: the one until there is a doubt, the other from then on.
        self._quick: QuickAnswer | None = None
        self._answer: Answer | None = None
        self._sound = True  # all exchanges so far were complete, and leave it as a new connection is

    @property
    def reusable(self) -> bool:
        """True while the connection can carry a request: it is new, or kept alive after a complete exchange."""
        return self._sound and self._sent is None

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
        self._sent = _Sent(request, url, check)
        self._quick = QuickAnswer(url.text, self._limits, check) if is_quick(request) else None
        return written(request, url)

    def receive(self, data: bytes) -> HttpResponse | None:
        """Return the response once it is complete, None before.

        Args:
            data: what was read, empty at the end of the stream.

        Raises:
            ProtocolError: this is not HTTP, ends too soon, or is larger than the limits; or no answer was awaited. The
                connection is then not reusable.
        """
        sent = self._sent
        if sent is None:
            self._sound = False
            if data:
                raise ProtocolError("bytes came when no answer was awaited")
            return None
        try:
            response = self._read(sent, data)
        except (h11.RemoteProtocolError, UnreadableError) as error:
            self._sound = False
            self._forget()
            conceal(error, sent.request, outer=error.__context__)
            # h11's own texts may repeat what came, which may be secret.
            if isinstance(error, UnreadableError):
                reason = str(error)
            elif error.error_status_hint == 431:
                reason = f"the headers are larger than {self._limits.head} bytes"
            else:
                reason = (
                    "the answer is not HTTP" if data else "the connection was closed before the answer was complete"
                )
            raise ProtocolError(reason, sent.request) from error
        if response is not None:
            self._forget()
        return response

    def _forget(self) -> None:
        """Await no answer any more, and hold nothing of the last one."""
        self._sent = self._quick = self._answer = None

    def _read(self, sent: _Sent, data: bytes) -> HttpResponse | None:
        """Read on: the quick way as long as there is no doubt, and from then on by h11."""
        quick = self._quick
        if quick is not None:
            try:
                return quick.receive(data)
            except Doubt:
                self._quick = None
        answer = self._answer
        if answer is None:
            answer = self._answer = Answer(sent.request, sent.url, self._limits, sent.check)
            # All that has come so far, with what has come now; nothing of it makes an answer that has ended before.
            before = bytes(quick.received) if quick is not None else b""
            if data:
                data = before or data
            elif before:
                answer.receive(before)
        response = answer.receive(data)
        if response is not None:
            self._sound = not answer.is_last
        return response
