"""An answer as each reader of HTTP under our transports reads it: h11, and http.client held to the standard."""

from __future__ import annotations

import http.client
import io
from typing import Any, NamedTuple, cast

from restli_core import HttpRequest, ProtocolError
from restli_transports.h11 import Conversation
from restli_transports.wire.strict_response import StrictResponse

__all__ = ["Read", "by_h11", "by_http_client"]


class Read(NamedTuple):
    """What came of an answer."""

    status: int
    fields: list[tuple[str, str]]
    body: bytes
    reusable: bool


def by_h11(data: bytes, method: str) -> Read | None:
    """Return what h11 makes of an answer, after which the connection ends; None for an error."""
    conversation = Conversation()
    conversation.send(HttpRequest(method, "http://a.test/"))
    try:
        for piece in (data, b"") if data else (b"",):
            response = conversation.receive(piece)
            if response is not None:
                return Read(response.status_code, sorted(response.headers.raw), response.body, conversation.reusable)
    except ProtocolError:
        return None
    raise AssertionError("neither an answer nor an error at the end of the stream")


class Answering:
    """Stands in for a socket from which these bytes come."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.is_shut_down = False

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(cast("io.RawIOBase", io.BytesIO(self._data)))

    def shutdown(self, _how: int) -> None:
        self.is_shut_down = True


def by_http_client(data: bytes, method: str) -> Read | None:
    """Return what http.client makes of an answer; None for an error."""
    sock: Any = Answering(data)
    response = StrictResponse(sock, method=method)
    try:
        response.begin()
        if response.status == 101:
            return None  # whoever uses it refuses what is not final
        body = b"".join(iter(lambda: response.read1(65536), b""))
    except http.client.HTTPException:
        return None
    if response.length:
        return None  # likewise what is too short
    response.close()
    return Read(response.status, sorted(response.msg.items()), body, not (response.will_close or sock.is_shut_down))
