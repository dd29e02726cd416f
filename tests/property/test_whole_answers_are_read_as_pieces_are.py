"""What connections of urllib3 read in one step, a head or a body, comes out as if read line by line and in pieces.

Whatever comes, and however it is cut: status, fields and body, or the error with its text; and whether the connection
is used again.
"""

from __future__ import annotations

import gzip
import http.client
import io
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from typing import Any
from unittest import mock

import urllib3
from hypothesis import example, given
from hypothesis import strategies as st

from restli_core import HttpRequest
from restli_transports import Timeout
from restli_transports.wire import Exchange
from restli_transports.wire import urllib3_connections as connections
from restli_transports.wire.strict_response import StrictResponse
from tests.support.odd_answers import METHODS, answers

LIMIT = 60
BODIES = [b"", b"{}", b"x" * LIMIT, b"x" * (LIMIT + 1), gzip.compress(b"{}"), gzip.compress(b"x" * 61)]
LINES = [b"X-A: b", b"x-a:\t c ", b"Content-Encoding: gzip", b"Connection: close", b"Content-Length: 2", b"X-B: \xe9"]


class Pieces(io.RawIOBase):
    """What comes of a connection, piece by piece."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.left = list(pieces)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self.left:
            return 0
        piece = self.left.pop(0)
        taken, rest = piece[: len(buffer)], piece[len(buffer) :]
        if rest:
            self.left.insert(0, rest)
        buffer[: len(taken)] = taken
        return len(taken)


class Answering:
    """Stands in for a socket from which these pieces come."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = Pieces(pieces)
        self._is_shut_down = False

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self._pieces)

    def shutdown(self, _how: int) -> None:
        self._is_shut_down = True

    @property
    def is_reusable(self) -> bool:
        """Whether a pool takes it for the next request: not where more came, which was read or is still to be."""
        return not self._is_shut_down and not self._pieces.left


@contextmanager
def plainly() -> Generator[None]:
    """Read no head and no body in one step."""
    with ExitStack() as stack:
        stack.enter_context(mock.patch("restli_transports.wire.strict_response.read_plain_head", return_value=None))
        stack.enter_context(mock.patch.object(connections, "_MAX_AT_ONCE", 0))
        yield


def read(pieces: list[bytes], method: str) -> tuple[Any, ...]:
    """Return what comes of an answer, after which the connection ends."""
    sock: Any = Answering(pieces)
    answer = StrictResponse(sock, method=method)
    try:
        answer.begin()
        response = urllib3.HTTPResponse(
            answer,
            urllib3.HTTPHeaderDict(answer.msg.items()),
            answer.status,
            reason=answer.reason,
            preload_content=False,
            decode_content=False,
            original_response=answer,
            request_method=method,
        )
        body = connections.read_body(Exchange(HttpRequest(method, "http://a.test/"), Timeout()), response, LIMIT)
    except (*connections.LIBRARY_ERRORS, http.client.HTTPException) as error:
        return type(error), str(error), sock.is_reusable
    closed = answer.isclosed()
    answer.close()
    fields = list(answer.msg.items())
    return answer.status, answer.reason, fields, body, answer.will_close, closed, sock.is_reusable


def check(data: bytes, places: list[int], method: str) -> None:
    at = sorted({0, len(data), *(place for place in places if place < len(data))})
    pieces = [data[start:end] for start, end in pairwise(at)]
    whole = read(pieces, method)
    with plainly():
        assert read(pieces, method) == whole


@st.composite
def usual_answers(draw: st.DrawFn) -> bytes:
    """The bytes of an answer that is nearly always read in one step, and of what comes after it."""
    body = draw(st.sampled_from(BODIES))
    lines = draw(st.lists(st.sampled_from(LINES), max_size=3))
    length = len(body) + draw(st.sampled_from([0] * 6 + [1, -1]))
    lines.insert(draw(st.integers(0, len(lines))), b"Content-Length: %d" % length)
    status = draw(st.sampled_from([b"200 OK", b"201", b"404  Not \tFound ", b"204 No", b"304 N"]))
    rest = draw(st.sampled_from([b""] * 6 + [b"x"]))
    return b"\r\n".join([b"HTTP/1.1 " + status, *lines, b"", body]) + rest


places = st.lists(st.integers(0, 300), max_size=3)


@example(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", [], "GET")
@example(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}", [], "GET")
@given(usual_answers(), places, st.sampled_from(METHODS))
def test_for_usual_answers(data: bytes, places: list[int], method: str) -> None:
    check(data, places, method)


@given(answers(), places, st.sampled_from(METHODS))
def test_for_answers_of_odd_parts(data: bytes, places: list[int], method: str) -> None:
    check(data, places, method)


@given(usual_answers(), st.binary(max_size=3), st.integers(0, 200), st.integers(0, 3), places)
def test_for_answers_with_odd_bytes(data: bytes, odd: bytes, at: int, gone: int, places: list[int]) -> None:
    check(data[:at] + odd + data[at + gone :], places, "GET")
