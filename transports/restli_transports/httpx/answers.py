"""Answers: what httpx gives, made into ours.

httpx would undo codings without a limit, read a redirect's whole body, and judge its Location. So a body is taken as it
came in and undone here, and where a redirect leads is hidden from httpx while it decides what to do.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Final

from restli_core.messages import Headers, HttpResponse
from restli_transports.wire import Body, Phase, UnreadableError, can_decode

if TYPE_CHECKING:
    import httpx

    from restli_transports.wire import Exchange

__all__ = ["Answer", "hide_redirect"]

# The extension of a response in which its headers are kept while they are hidden.
_HIDDEN: Final = "restli_transports.fields"


def hide_redirect(response: httpx.Response) -> None:
    """Hide the headers of a redirect, as a hook of the client that a transport makes; `Answer` puts them back."""
    if response.has_redirect_location:
        response.extensions[_HIDDEN] = response.headers
        response.headers = type(response.headers)()  # of httpx or httpx2


class Answer:
    """An answer whose body is coming in: iterate over its pieces, blocking or not, and feed it with them.

    Args:
        response: what the library gave, its body unread, unless a hook of the client has read it.
        exchange: whose answer it is.
        max_body: the most bytes that its body may have, decoded; None for no limit.

    Raises:
        UnreadableError: here and in the methods: it cannot be read, or is larger than the limit.
    """

    def __init__(self, response: httpx.Response, exchange: Exchange, max_body: int | None) -> None:
        exchange.phase = Phase.READING
        if response.status_code < 200 or response.http_version not in {"HTTP/1.0", "HTTP/1.1", "HTTP/2", "HTTP/3"}:
            raise UnreadableError("this is not a final answer of a known version of HTTP")
        response.headers = response.extensions.pop(_HIDDEN, response.headers)
        fields = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw]
        self._headers = Headers(fields)
        self._response = response
        self._exchange = exchange
        # A mock's body is decoded, and so is one that a hook has read; and what only httpx knows is left to it.
        coding = response.headers.get("Content-Encoding", "")
        self._raw = not response.is_stream_consumed and can_decode(coding)
        self._body = Body(coding if self._raw else "", max_body)

    def __iter__(self) -> Iterator[bytes]:
        return self._response.iter_raw() if self._raw else self._response.iter_bytes()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._response.aiter_raw() if self._raw else self._response.aiter_bytes()

    def feed(self, piece: bytes) -> None:
        """Take the next piece.

        Raises:
            TimeoutError: no time is left for another one.
        """
        self._body.feed(piece)
        self._exchange.seconds_left()

    def complete(self) -> HttpResponse:
        """Return it, with its whole body."""
        body = self._body.finish()
        # As httpx leaves it after reading it by itself: with `content`, `text` and `json()`.
        self._response._content = body  # pyright: ignore[reportPrivateUsage] # there is no public way
        response, url = self._response, self._exchange.url.text
        return HttpResponse(response.status_code, self._headers, body, url, response)
