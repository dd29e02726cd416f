"""The target of the conversation over h11. An input is an octet, for the request and the cuts, and an answer."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from contextlib import suppress

from restli_core import HttpRequest, ProtocolError
from restli_transports.h11 import Conversation
from tests.fuzz.target import Target
from tests.support.http_readers import Read, by_h11, by_http_client

__all__ = ["TARGETS"]

METHODS = ("GET", "HEAD", "POST")
MAX_BODY = 50_000
WORDS = (
    *(
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.0 204 \r\n",
        "HTTP/1.1 101 S\r\n",
        "HTTP/1.1 304\r\n",
    ),
    *("Transfer-Encoding: chunked\r\n", "Content-Length: 5\r\n", "Connection: close\r\n", "Content-Encoding: gzip\r\n"),
    *(
        "Content-Encoding: deflate\r\n",
        "\r\n\r\n",
        "\n",
        "\r",
        " \t",
        "5\r\nhello\r\n",
        "5;x=y\r\n",
        "0\r\n\r\n",
        "hello",
        ": ",
    ),
)


def read_cut(data: bytes, cuts: int) -> Read | None:
    """Return what is read of an answer in pieces of so many bytes, with all that came after it; None for an error."""
    conversation = Conversation(max_body=MAX_BODY)
    conversation.send(HttpRequest(METHODS[data[0] % 3] if data else "GET", "http://a.test/"))
    answer = data[1:]
    pieces = [answer[at : at + cuts] for at in range(0, len(answer), cuts)]
    response = None
    try:
        for piece in [*pieces, b""]:
            if response is None:
                response = conversation.receive(piece)
            elif piece:
                with suppress(ProtocolError):  # nobody waits for it: the connection is not used again
                    conversation.receive(piece)
    except ProtocolError:
        assert not conversation.reusable
        return None
    assert response is not None
    return Read(response.status_code, sorted(response.headers.raw), response.body, conversation.reusable)


def check(data: bytes) -> None:
    whole = read_cut(data, len(data) + 1)
    assert read_cut(data, 1) == whole
    assert read_cut(data, (data[0] if data else 0) // 3 + 1) == whole
    method, answer = METHODS[data[0] % 3] if data else "GET", data[1:]
    # http.client leaves the codings of a body to others.
    if b"content-encoding" not in answer.lower():
        assert by_http_client(answer, method) == by_h11(answer, method)


def seeds() -> Iterable[bytes]:
    heads = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nX-T: 1\r\n\r\n",
        b"HTTP/1.1 103 Early\r\nLink: a\r\n\r\nHTTP/1.1 204 No\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nX-A: b\r\n c\r\nx-a:d\r\n\r\nhello",
        b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\nContent-Length: 5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n"
        + gzip.compress(b"hello" * 9, mtime=0),
    ]
    return (bytes([number]) + head for head in heads for number in (0, 1, 2, 20))


TARGETS = {
    "h11": Target(
        "an answer is read or a ProtocolError comes; however it is cut, the response is the same, and http.client held "
        "to the standard reads the same",
        lambda data: read_cut(data, 60_000),
        check,
        WORDS,
        seeds,
    ),
}
