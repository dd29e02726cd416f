"""Scripts and answers that several subjects use; those of one subject stand beside its tests."""

from __future__ import annotations

import json
import threading
import zlib
from functools import cache
from typing import Final

from restli_transports.testing.compliance.wire_view import request_target
from restli_transports.testing.scripted_server import Connection, Script, answer, response

__all__ = [
    "CHUNKED_HEAD",
    "OK",
    "after_request",
    "answer_once",
    "bomb",
    "chunked",
    "echo",
    "idle_until_closed",
    "silent",
]

OK: Final = response("200 OK", b"{}")
CHUNKED_HEAD: Final = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def after_request(data: bytes) -> Script:
    """Return a script that sends these bytes after the first request, and closes."""

    def script(connection: Connection) -> None:
        connection.request()
        connection.send(data)

    return script


def answer_once(closed: threading.Event) -> Script:
    """Return a script that answers one request, closes without saying so, and sets the event."""

    def script(connection: Connection) -> None:
        connection.request()
        connection.send(OK)
        connection.close()
        closed.set()

    return script


def idle_until_closed(ended: threading.Event) -> Script:
    """Return a script that answers all requests, and sets the event once the client has closed."""

    def script(connection: Connection) -> None:
        answer(OK)(connection)
        ended.set()

    return script


def echo(connection: Connection) -> None:
    """Answer each request with its target."""
    while request := connection.request():
        connection.send(response("200 OK", json.dumps({"target": request_target(request)}).encode()))


def silent(connection: Connection) -> None:
    """Read a request, and never answer."""
    connection.request()
    connection.wait_for_end()


def chunked(data: bytes, size: int = 1000) -> bytes:
    """Return a body in chunks, with a trailer."""
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\nX-Trailer: 1\r\n\r\n"


@cache  # compressing 64 MiB takes a while
def bomb(size: int) -> bytes:
    """Return so many zeros, a multiple of 1 MiB, in gzip: a thousandth of that."""
    coder = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = bytes(2**20)
    return b"".join(coder.compress(piece) for _ in range(size // len(piece))) + coder.flush()
