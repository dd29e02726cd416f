"""Answers as h11 reads them. What is shown of conversations in `test_conversation` goes through this, too."""

from __future__ import annotations

import h11
import pytest

from restli_core import HttpRequest, HttpResponse
from restli_transports.h11.answers import Answer, Limits
from restli_transports.wire import UnreadableError, parse_url

GET = HttpRequest("GET", "http://a.test/b#c")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def reader(request: HttpRequest = GET, limits: Limits = Limits(100, 10)) -> Answer:  # noqa: B008 - immutable
    return Answer(request, parse_url(request.url), limits, lambda: None)


def test_an_answer() -> None:
    answer = reader()
    assert answer.receive(OK[:10]) is None
    response = answer.receive(OK[10:])
    assert response is not None
    assert response == HttpResponse(200, {"Content-Length": "2"}, b"{}", "http://a.test/b")
    assert isinstance(response.native, h11.Response)
    assert not answer.is_last


LAST = {
    "close": OK.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n"),
    "1.0": OK.replace(b"1.1", b"1.0"),
    "more than was asked for": OK + b"H",
    "much more": OK + bytes(100_000),
    "both framings": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("data", LAST.values(), ids=LAST)
def test_the_last_on_its_connection(data: bytes) -> None:
    answer = reader()
    assert answer.receive(data) is not None
    assert answer.is_last


def test_the_last_by_what_was_asked() -> None:
    answer = reader(HttpRequest("GET", "http://a.test/", {"Connection": "close"}))
    assert answer.receive(OK) is not None
    assert answer.is_last


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (OK.replace(b"OK\r\n", b"OK\r\nX-A: " + b"a" * 100 + b"\r\n"), "the headers are larger than 100 bytes"),
        (OK.replace(b": 2", b": 11") + b"x" * 9, "the body is larger than 10 bytes"),
        (OK.replace(b"1.1", b"2.0"), "the answer is of another version of HTTP"),
    ],
)
def test_what_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        reader().receive(data)
