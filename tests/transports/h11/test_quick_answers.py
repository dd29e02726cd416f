"""Answers that are read without h11, and all that is left to it. A property holds the two ways equal."""

from __future__ import annotations

import gzip

import h11
import pytest

from restli_core import HttpRequest, HttpResponse
from restli_transports.h11.answers import Limits
from restli_transports.h11.quick_answers import Doubt, QuickAnswer, is_quick
from restli_transports.wire import UnreadableError

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
LIMITS = Limits(200, 10)


def reader(limits: Limits = LIMITS) -> QuickAnswer:
    return QuickAnswer("http://a.test/b", limits, lambda: None)


def with_fields(*fields: bytes, status: bytes = b"200 OK") -> bytes:
    return b"\r\n".join([b"HTTP/1.1 " + status, b"Content-Length: 2", *fields, b"", b"{}"])


QUICK = {
    "as usual": (with_fields(b"X-A: b"), 200, {"Content-Length": "2", "X-A": "b"}),
    "without a reason": (with_fields(status=b"404"), 404, {"Content-Length": "2"}),
    "an empty reason": (with_fields(status=b"599 "), 599, {"Content-Length": "2"}),
    "blanks": (with_fields(b"X-A:\t b c \t", b"X-B:", b"X-C: "), 200, {"X-A": "b c", "X-B": "", "X-C": ""}),
    "repeated": (with_fields(b"X-A: b", b"x-a: c"), 200, {"X-A": "b, c"}),
    "kept alive": (with_fields(b"Connection: Keep-Alive"), 200, {"connection": "Keep-Alive"}),
    "a coding that says none": (with_fields(b"Content-Encoding:"), 200, {"Content-Encoding": ""}),
    "identity": (with_fields(b"Content-Encoding: identity"), 200, {"Content-Encoding": "identity"}),
}


@pytest.mark.parametrize(("data", "status", "headers"), QUICK.values(), ids=QUICK)
def test_what_is_read(data: bytes, status: int, headers: dict[str, str]) -> None:
    response = reader().receive(data)
    assert response == HttpResponse(status, {"Content-Length": "2"} | headers, b"{}", "http://a.test/b")


DOUBTS = {
    "nothing": b"",
    "half a head": HEAD[:-2],
    "one byte of it": HEAD[:1],
    "1.0": HEAD.replace(b"1.1", b"1.0"),
    "an interim answer": b"HTTP/1.1 103 E\r\nContent-Length: 0\r\n\r\n",
    "no body by its status": with_fields(status=b"204 No Content"),
    "nor by this one": with_fields(status=b"304 Not Modified"),
    "a status beyond": with_fields(status=b"600 x"),
    "no length": b"HTTP/1.1 200 OK\r\nX-A: b\r\n\r\n",
    "no field at all": b"HTTP/1.1 200 OK\r\n\r\n",
    "two lengths": with_fields(b"content-length: 2"),
    "a length with a sign": HEAD.replace(b": 2", b": +2"),
    "a length beyond all": HEAD.replace(b": 2", b": " + b"0" * 20 + b"2"),
    "chunks": with_fields(b"Transfer-Encoding: chunked"),
    "the last on its connection": with_fields(b"Connection: close"),
    "something of the connection": with_fields(b"Connection: keep-alive, x"),
    "a folded line": with_fields(b"X-A: b", b" c"),
    "an octet": with_fields(b"X-A: \xe9"),
    "a control character": with_fields(b"X-A: \x01"),
    "no field": with_fields(b"X-A"),
    "a blank before the colon": with_fields(b"X-A : b"),
    "bare line feeds": HEAD.replace(b"\r\n", b"\n") + b"{}",
    "more than was asked for": HEAD + b"{}H",
    "a head beyond the limit": with_fields(b"X-A: " + b"a" * 160),
    "a body beyond the limit": HEAD.replace(b": 2", b": 11"),
}


@pytest.mark.parametrize("data", DOUBTS.values(), ids=DOUBTS)
def test_what_is_left_to_h11(data: bytes) -> None:
    answer = reader()
    with pytest.raises(Doubt):
        answer.receive(data)
    assert answer.received == data


@pytest.mark.parametrize(("rest", "doubtful"), [(b"", b""), (b"}more", b"}more")], ids=["the end", "too much"])
def test_a_doubt_within_the_body_has_all_that_came(rest: bytes, doubtful: bytes) -> None:
    answer = reader()
    assert answer.receive(HEAD + b"{") is None
    with pytest.raises(Doubt):
        answer.receive(rest)
    assert answer.received == HEAD + b"{" + doubtful


def test_a_head_and_a_body_at_their_limits() -> None:
    head = HEAD.replace(b": 2", b": 10")
    assert reader(Limits(len(head), 10)).receive(head + b"x" * 10) is not None
    with pytest.raises(Doubt):
        reader(Limits(len(head) - 1, 10)).receive(head + b"x" * 10)
    assert reader(Limits(len(head), None)).receive(head) is None


def test_a_body_in_pieces() -> None:
    answer = reader()
    assert answer.receive(HEAD) is None
    assert answer.receive(b"{") is None
    response = answer.receive(b"}")
    assert response is not None
    assert response.body == b"{}"


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_coded_body(size: int) -> None:
    body = gzip.compress(b'{"id": 1}')
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    answer = reader(Limits(1000, 100))
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    *before, response = [answer.receive(piece) for piece in (head + pieces[0], *pieces[1:])]
    assert not any(before)
    assert response is not None
    assert response.body == b'{"id": 1}'


def test_a_coded_body_beyond_its_limit_is_refused_here() -> None:
    body = gzip.compress(b"x" * 101)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    with pytest.raises(UnreadableError, match="larger than 100 bytes"):
        reader(Limits(1000, 100)).receive(head + body)


def test_no_more_is_kept_of_a_coded_body_than_a_plain_one_may_have() -> None:
    with pytest.raises(Doubt):  # though all of it may come to nothing
        reader(Limits(1000, 10)).receive(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 11\r\n\r\n")


@pytest.mark.parametrize(
    "request_", [HttpRequest("HEAD", "http://a.test/"), HttpRequest("GET", "http://a.test/", {"connection": "x"})]
)
def test_requests_whose_answers_h11_reads(request_: HttpRequest) -> None:
    assert not is_quick(request_)
    assert is_quick(HttpRequest("GET", "http://a.test/", {"X-A": "b"}))


def test_its_native_is_what_h11_makes_of_the_head() -> None:
    response = reader().receive(with_fields(b"X-A: b", status=b"404 Not Found"))
    assert response is not None
    native = response.native
    assert isinstance(native, h11.Response)
    assert (native.status_code, native.reason, native.http_version) == (404, b"Not Found", b"1.1")
    assert native.headers.raw_items() == [(b"Content-Length", b"2"), (b"X-A", b"b")]
