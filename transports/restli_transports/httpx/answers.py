"""Answers: what httpx gives, made into ours.

httpx would undo codings without a limit, read a redirect's whole body, and judge its Location. So a body is taken as it
came in and undone here, and where a redirect leads is hidden from httpx while it decides what to do. It would also take
the end of a TLS stream for the end of a body, whether TLS says that it is one or not.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Final

from restli_core.messages import Headers, HttpResponse
from restli_transports.httpx.progress import h11_connection
from restli_transports.wire import MAX_HEAD, Body, Phase, UnreadableError, can_decode

if TYPE_CHECKING:
    import httpx

    from restli_transports.wire import Exchange

__all__ = ["Answer", "hide_redirect"]

# The extension of a response in which its headers are kept while they are hidden.
_HIDDEN: Final = "restli_transports.fields"
_VERSION: Final = re.compile(r"HTTP/(?:1\.[0-9]|2|3)")


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
        if response.status_code < 200 or not _VERSION.fullmatch(response.http_version):
            raise UnreadableError("this is not a final answer of a known version of HTTP")
        connection = h11_connection(response)
        if connection is not None and exchange.begun_size - len(connection.trailing_data[0]) > MAX_HEAD:
            raise UnreadableError(f"the headers are larger than {MAX_HEAD} bytes")
        response.headers = response.extensions.pop(_HIDDEN, response.headers)
        fields = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw]
        self._headers = Headers(fields)
        self._response = response
        self._exchange = exchange
        self._tls = self._tls_to_the_end()
        # A mock's body is decoded, and so is one that a hook has read; and what only httpx knows is left to it, but not
        # several codings at once, which nobody counts there.
        coding = response.headers.get("Content-Encoding", "")
        self._raw = not response.is_stream_consumed and (can_decode(coding) or "," in coding)
        self._body = Body(coding if self._raw else "", max_body, exchange.seconds_left)

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
        """Return it, with its whole body.

        Raises:
            UnreadableError: that is not the whole, or cannot be known to be.
        """
        if self._tls is not None:
            try:
                self._tls.read(1)  # nothing, if the other end has said farewell
            except ssl.SSLZeroReturnError:
                pass
            except ssl.SSLError as error:
                raise UnreadableError("the connection was cut: TLS ends without saying so") from error
        body = self._body.finish()
        # As httpx leaves it after reading it by itself: with `content`, `text` and `json()`.
        self._response._content = body  # pyright: ignore[reportPrivateUsage] # there is no public way
        response, url = self._response, self._exchange.url.text
        return HttpResponse(response.status_code, self._headers, body, url, response)

    def _tls_to_the_end(self) -> ssl.SSLObject | None:
        """Return the TLS, if its end is that of the body, and it can be asked for it afterwards.

        A blocking connection is told to make an error of an end that TLS does not announce.
        """
        response, request, headers = self._response, self._exchange.request, self._headers
        framed = "Content-Length" in headers or "Transfer-Encoding" in headers
        stream = response.extensions.get("network_stream")
        no_body = request.method == "HEAD" or response.status_code in {204, 304}
        if stream is None or framed or no_body or not response.http_version.startswith("HTTP/1"):
            return None
        sock, tls = stream.get_extra_info("socket"), stream.get_extra_info("ssl_object")
        if isinstance(sock, ssl.SSLSocket):
            sock.suppress_ragged_eofs = False  # type: ignore[attr-defined] # which its types do not know
        return tls if isinstance(tls, ssl.SSLObject) else None
