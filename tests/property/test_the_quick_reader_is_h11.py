"""An answer that is read by one expression and its length comes out as h11 reads it, and any other is left to h11.

However it is cut: the response with its `native`, or the error with its text; the piece that it comes with; whether the
connection is used again; and what becomes of bytes that come after it.
"""

from __future__ import annotations

import gzip
from contextlib import nullcontext
from itertools import pairwise
from typing import Any, NamedTuple
from unittest import mock

import h11
from hypothesis import example, given
from hypothesis import strategies as st

from restli_core import HttpRequest, ProtocolError
from restli_transports.h11 import Conversation
from restli_transports.wire import UnreadableError
from tests.support.odd_answers import METHODS, answers

MAX_BODY, MAX_HEAD = 60, 300
BODIES = [
    b"",
    b"{}",
    b'{"id": 1}',
    b"x" * 61,
    gzip.compress(b"{}"),
    gzip.compress(b"x" * 61),
    gzip.compress(b"{}")[:-3],
]
LINES = [
    b"Content-Type: application/json",
    b"X-RestLi-Protocol-Version:2.0.0",
    b"x-restli-id: \t1 2\t ",
    b"X-Empty:",
    b"Content-Encoding: gzip",
    b"content-encoding:identity",
    b"Content-Encoding:",
    b"Connection: Keep-Alive",
    b"Connection: close",
    b"Connection: keep-alive, x",
    b"Transfer-Encoding: chunked",
    b"Content-Length: 2",
    b"X-Long: " + b"a" * 200,
    b"X-Octet: \xe9",
    b"Connection:",
    b"Upgrade: h2c",
    b"Trailer: X-A",
    b"Transfer-Encoding:",
    b"Content-Encoding: gzip, gzip",
    b"Proxy-Connection: close",
]
REQUESTS = [HttpRequest(method, "http://a.test/b?c=d") for method in ("GET", "HEAD", "DELETE")] + [
    HttpRequest("POST", "http://a.test/b", {"Content-Type": "application/json"}, b"{}"),
    HttpRequest("GET", "http://a.test/", {"Connection": "close"}),
    HttpRequest("GET", "http://a.test/", {"Upgrade": "x", "connection": "upgrade"}),
    HttpRequest("GET", "http://a.test/", {"Upgrade": "h2c"}),
    HttpRequest("POST", "http://a.test/", {"Expect": "100-continue"}, b"{}"),
    HttpRequest("head", "http://a.test/"),
]


class Outcome(NamedTuple):
    """What came of the pieces, one by one: for each nothing, a response, or an error."""

    seen: list[Any]
    reusable: list[bool]


def read(pieces: list[bytes], request: HttpRequest, *, quickly: bool) -> Outcome:
    """Return what a conversation makes of these pieces, and of the end after them.

    Where an answer is complete, the same request is sent once more, if the connection can carry it.
    """
    conversation = Conversation(max_body=MAX_BODY, max_header_size=MAX_HEAD)

    def send() -> None:
        patch = mock.patch("restli_transports.h11.conversation.is_quick", return_value=False)
        with nullcontext() if quickly else patch:
            conversation.send(request)

    send()
    seen: list[Any] = []
    reusable: list[bool] = []
    for piece in [*pieces, b""]:
        try:
            response = conversation.receive(piece)
            seen.append(response and (response, response.headers.raw, response.native))
        except ProtocolError as error:
            cause = error.__cause__
            text = str(cause) if isinstance(cause, UnreadableError | h11.RemoteProtocolError) else ""
            seen.append((error.reason, error.request, type(cause), text))
        reusable.append(conversation.reusable)
        if conversation.reusable:
            send()
    return Outcome(seen, reusable)


@st.composite
def usual_answers(draw: st.DrawFn) -> bytes:
    """The bytes of an answer that nearly always is of the form that is read quickly, and of what comes after it."""
    body = draw(st.sampled_from(BODIES))
    length = len(body) + draw(st.sampled_from([0] * 6 + [1, -1]))
    lines = draw(st.lists(st.sampled_from(LINES), max_size=3))
    lines.insert(draw(st.integers(0, len(lines))), b"Content-Length: %d" % length)
    status = draw(st.sampled_from([b"200 OK", b"201", b"404 Not \tFound", b"500 ", b"204 No", b"304 N", b"199 x"]))
    rest = draw(st.sampled_from([b""] * 6 + [b"x", b"HTTP/1.1 200 OK\r\n\r\n"]))
    return b"\r\n".join([b"HTTP/1.1 " + status, *lines, b"", body]) + rest


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """Return the pieces of data, which has been cut at these places; none is empty."""
    at = sorted({0, len(data), *(place for place in places if place < len(data))})
    return [data[start:end] for start, end in pairwise(at)]


def check(pieces: list[bytes], request: HttpRequest) -> None:
    assert read(pieces, request, quickly=True) == read(pieces, request, quickly=False)


requests = st.sampled_from(REQUESTS[:1] * 6 + REQUESTS)
places = st.lists(st.integers(0, 400), max_size=3)


@example(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", [40], REQUESTS[0])
@example(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}", [], REQUESTS[0])
@example(b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * MAX_HEAD + b"\r\nContent-Length: 2\r\n\r\n{}", [], REQUESTS[0])
@example(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: x\r\nContent-Length: 2\r\n\r\n{}", [], REQUESTS[0])
@example(b"HTTP/1.1 304 N\r\nContent-Length: 2\r\n\r\n{}", [], REQUESTS[0])
@given(usual_answers(), places, requests)
def test_for_usual_answers(data: bytes, places: list[int], request: HttpRequest) -> None:
    check(cut(data, places), request)


@given(answers(), places, st.sampled_from(METHODS))
def test_for_answers_of_odd_parts(data: bytes, places: list[int], method: str) -> None:
    check(cut(data, places), HttpRequest(method, "http://a.test/"))


@given(usual_answers(), st.binary(max_size=3), st.integers(0, 200), st.integers(0, 3), places)
def test_for_answers_with_odd_bytes(data: bytes, odd: bytes, at: int, gone: int, places: list[int]) -> None:
    check(cut(data[:at] + odd + data[at + gone :], places), REQUESTS[0])


@given(st.lists(usual_answers(), min_size=2, max_size=3), places, requests)
def test_for_answers_in_turn(answers: list[bytes], places: list[int], request: HttpRequest) -> None:
    check([piece for data in answers for piece in cut(data, places)], request)


@given(st.binary(max_size=60), places)
def test_for_any_bytes(data: bytes, places: list[int]) -> None:
    check(cut(data, places), REQUESTS[0])
