"""Sent requests: the bytes of a request, and the connection of h11 as it is once they were sent.

    request = method SP target SP "HTTP/1.1" CRLF *( name ":" SP value CRLF ) CRLF body

Host stands first; then what is added where the request has none, Accept-Encoding and Content-Length; then the request's
own headers, each once, with repeats joined. h11 writes the same, as a property shows, and takes several times as long:
it checks again what an HttpRequest has checked when it was made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import h11

from restli_transports.transport import WITH_CONTENT, joined_fields

if TYPE_CHECKING:
    from restli_core.messages import HttpRequest
    from restli_transports.wire import ParsedUrl

__all__ = ["connection_after", "fields_of", "written"]


def fields_of(request: HttpRequest, url: ParsedUrl) -> list[tuple[str, str]]:
    """Return all header fields of a request in the order in which they are written.

    Args:
        request: the request.
        url: its URL.
    """
    headers = request.headers
    own = joined_fields(headers)
    fields = [("Host", url.host)]
    if "Host" in headers:
        fields = [field for field in own if field[0].lower() == "host"]
        own = [field for field in own if field not in fields]
    if "Accept-Encoding" not in headers:
        fields.append(("Accept-Encoding", "gzip, deflate"))
    if (request.body or request.method in WITH_CONTENT) and "Content-Length" not in headers:
        fields.append(("Content-Length", str(len(request.body))))
    fields += own
    return fields


def written(request: HttpRequest, url: ParsedUrl) -> bytes:
    """Return the bytes of a request, which an `Exchange` has checked.

    Args:
        request: the request.
        url: its URL.
    """
    lines = [f"{name}: {value}\r\n" for name, value in fields_of(request, url)]
    return f"{request.method} {url.target} HTTP/1.1\r\n{''.join(lines)}\r\n".encode("ascii") + request.body


def connection_after(request: HttpRequest, url: ParsedUrl, max_header_size: int) -> h11.Connection:
    """Return a connection of h11 on which a request was sent, and its answer is awaited.

    Args:
        request: the request, as for `written`.
        url: its URL.
        max_header_size: the most bytes that h11 keeps of what it has not understood yet.
    """
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=max_header_size)
    connection.send(h11.Request(method=request.method, target=url.target, headers=fields_of(request, url)))
    if request.body:
        connection.send_with_data_passthrough(h11.Data(data=request.body))  # which copies nothing
    connection.send(h11.EndOfMessage())
    return connection
