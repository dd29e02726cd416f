"""Requests as they are written; what h11 writes of any request is held to it by a property."""

from __future__ import annotations

import h11
import pytest

from restli_core import HttpRequest
from restli_transports.h11.sent_requests import connection_after, fields_of, written
from restli_transports.wire import parse_url

ADDED = [("Host", "a.test"), ("Accept-Encoding", "gzip, deflate")]
FIELDS = {
    "a get": (HttpRequest("GET", "http://a.test/", {"X-A": "b"}), [*ADDED, ("X-A", "b")]),
    "a body": (HttpRequest("DELETE", "http://a.test/", {}, b"{}"), [*ADDED, ("Content-Length", "2")]),
    "an empty one": (HttpRequest("POST", "http://a.test/"), [*ADDED, ("Content-Length", "0")]),
    "repeats": (HttpRequest("GET", "http://a.test/", [("X-A", "b"), ("x-a", "c")]), [*ADDED, ("X-A", "b, c")]),
    "empty repeats": (HttpRequest("GET", "http://a.test/", [("X-A", ""), ("x-a", "")]), [*ADDED, ("X-A", ",")]),
    "its own": (
        HttpRequest("PUT", "http://a.test/", {"content-length": "0", "accept-encoding": "br", "host": "b.test"}),
        [("host", "b.test"), ("content-length", "0"), ("accept-encoding", "br")],
    ),
}


@pytest.mark.parametrize(("request_", "fields"), FIELDS.values(), ids=FIELDS)
def test_the_fields(request_: HttpRequest, fields: list[tuple[str, str]]) -> None:
    assert fields_of(request_, parse_url(request_.url)) == fields


def test_the_bytes() -> None:
    request = HttpRequest("POST", "http://a.test/b?c=(d:1)", {"X-A": "b"}, b"\r\n\xff")
    assert written(request, parse_url(request.url)) == (
        b"POST /b?c=(d:1) HTTP/1.1\r\nHost: a.test\r\nAccept-Encoding: gzip, deflate\r\nContent-Length: 3\r\n"
        b"X-A: b\r\n\r\n\r\n\xff"
    )


def test_a_connection_of_h11_that_awaits_the_answer() -> None:
    request = HttpRequest("PUT", "http://a.test/", {}, b"{}")
    connection = connection_after(request, parse_url(request.url), 50)
    assert connection.states == {h11.CLIENT: h11.DONE, h11.SERVER: h11.SEND_RESPONSE}
    connection.receive_data(b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 50)
    with pytest.raises(h11.RemoteProtocolError, match="too long"):
        connection.next_event()
