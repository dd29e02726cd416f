"""The conversation without I/O: bytes for requests, responses for bytes."""

from __future__ import annotations

import gc
import gzip
import pickle
import weakref
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import h11
import pytest

from restli_core import HttpRequest, HttpResponse, InvalidCallError, ProtocolError
from restli_transports import Timeout
from restli_transports.h11 import Conversation
from restli_transports.testing.scripted_server import response
from restli_transports.wire import Exchange, parse_url

GET = HttpRequest("GET", "http://a.test/b", {"Authorization": "Bearer secret"})
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def answered(*pieces: bytes, request: HttpRequest = GET, conversation: Conversation | None = None) -> HttpResponse:
    """The response that these pieces are, complete with the last of them."""
    conversation = conversation or Conversation()
    conversation.send(request)
    *begun, last = pieces
    for piece in begun:
        assert conversation.receive(piece) is None
    response = conversation.receive(last)
    assert response is not None
    return response


def refused(*pieces: bytes, conversation: Conversation | None = None) -> ProtocolError:
    """The error that these pieces are, with the last of them."""
    conversation = conversation or Conversation()
    conversation.send(GET)
    *begun, last = pieces
    for piece in begun:
        assert conversation.receive(piece) is None
    with pytest.raises(ProtocolError) as caught:
        conversation.receive(last)
    assert not conversation.reusable
    return caught.value


# Requests

WIRE = {
    "a get": (
        HttpRequest("GET", "http://a.test/b?c=(d:1)", {"authorization": "Bearer t", "X-RestLi-Method": "get"}),
        (
            b"GET /b?c=(d:1) HTTP/1.1\r\nHost: a.test\r\nAccept-Encoding: gzip, deflate\r\n"
            b"authorization: Bearer t\r\nX-RestLi-Method: get\r\n\r\n"
        ),
    ),
    "a body": (
        HttpRequest("POST", "https://a.test:8443/b", {"Content-Type": "application/json"}, b"{}\x00\xff"),
        (
            b"POST /b HTTP/1.1\r\nHost: a.test:8443\r\nAccept-Encoding: gzip, deflate\r\nContent-Length: 4\r\n"
            b"Content-Type: application/json\r\n\r\n{}\x00\xff"
        ),
    ),
    "an empty body where one is expected": (
        HttpRequest("POST", "http://a.test/b"),
        b"POST /b HTTP/1.1\r\nHost: a.test\r\nAccept-Encoding: gzip, deflate\r\nContent-Length: 0\r\n\r\n",
    ),
    "a body where none is expected": (
        HttpRequest("DELETE", "http://a.test/b", {}, b"x"),
        b"DELETE /b HTTP/1.1\r\nHost: a.test\r\nAccept-Encoding: gzip, deflate\r\nContent-Length: 1\r\n\r\nx",
    ),
    "nothing to add": (
        HttpRequest(
            "PUT",
            "http://a.test/b",
            {"X-A": "", "content-length": "1", "HOST": "other.test", "accept-Encoding": "br", "Connection": "close"},
            b"x",
        ),
        (
            b"PUT /b HTTP/1.1\r\nHOST: other.test\r\nX-A: \r\ncontent-length: 1\r\naccept-Encoding: br\r\n"
            b"Connection: close\r\n\r\nx"
        ),
    ),
    "a repeated header": (
        HttpRequest("GET", "http://a.test/", [("X-A", "1"), ("X-B", "a  b\tc"), ("x-a", "2")]),
        b"GET / HTTP/1.1\r\nHost: a.test\r\nAccept-Encoding: gzip, deflate\r\nX-A: 1, 2\r\nX-B: a  b\tc\r\n\r\n",
    ),
    "a method of its own": (
        HttpRequest("get!", "http://a.test/"),
        b"get! / HTTP/1.1\r\nHost: a.test\r\nAccept-Encoding: gzip, deflate\r\n\r\n",
    ),
}


@pytest.mark.parametrize(("request_", "wire"), WIRE.values(), ids=WIRE.keys())
def test_the_bytes_of_a_request(request_: HttpRequest, wire: bytes) -> None:
    assert Conversation().send(request_) == wire


TARGETS = {
    "http://h": ("h", "/"),
    "http://h?a=1": ("h", "/?a=1"),
    "http://h#f": ("h", "/"),
    "http://h/a?b#c?d": ("h", "/a?b"),
    "http://h/?": ("h", "/?"),
    "HTTP://H:80/": ("H:80", "/"),
    "http://h:/a": ("h", "/a"),
    "http://u:p@h/a@b": ("h", "/a@b"),
    "http://u@v@h:1//a//": ("h:1", "//a//"),
    "http://[::1]:8080/a": ("[::1]:8080", "/a"),
    "http://h/./a/../%2e%2E/%zz": ("h", "/./a/../%2e%2E/%zz"),
    "http://h/" + "".join(map(chr, range(0x21, 0x7F))).replace("#", ""): (
        "h",
        "/" + "".join(map(chr, range(0x21, 0x7F))).replace("#", ""),
    ),
}


@pytest.mark.parametrize(("url", "sent"), TARGETS.items(), ids=TARGETS)
def test_host_and_target_of_a_url(url: str, sent: tuple[str, str]) -> None:
    host, target = sent
    written = Conversation().send(HttpRequest("GET", url)).decode()
    assert written.startswith(f"GET {target} HTTP/1.1\r\nHost: {host}\r\n")


@pytest.mark.parametrize(
    "url",
    ["/a", "h/b", "ftp://h/", "http://", "http:///a", "http://h:x/", "http://h:65536/", "http://[::1", "http://:1/"],
)
def test_what_is_no_http_url_is_an_invalid_call(url: str) -> None:
    conversation = Conversation()
    with pytest.raises(InvalidCallError) as caught:
        conversation.send(HttpRequest("GET", url))
    assert caught.value.argument == "url"
    assert conversation.reusable


@pytest.mark.parametrize(
    "headers",
    [{"Transfer-Encoding": "chunked"}, {"Content-Length": "3"}, [("Content-Length", "2"), ("content-length", "2")]],
)
def test_headers_that_contradict_the_body_are_an_invalid_call(headers: dict[str, str]) -> None:
    conversation = Conversation()
    with pytest.raises(InvalidCallError):
        conversation.send(HttpRequest("POST", "http://a.test/", headers, b"{}"))
    assert answered(OK, conversation=conversation).status_code == 200


def test_one_exchange_at_a_time() -> None:
    conversation = Conversation()
    conversation.send(GET)
    assert not conversation.reusable
    with pytest.raises(InvalidCallError):
        conversation.send(GET)


# Answers


def test_an_answer() -> None:
    response = answered(
        b"HTTP/1.1 404 Not Found\r\nX-A: 1 \t\r\nx-a:2\r\nX-Octets: \x80\xff\r\nX-Empty:\r\nContent-Length: 2\r\n\r\n{}"
    )
    assert response.status_code == 404
    assert response.headers.raw == (
        ("X-A", "1"),
        ("x-a", "2"),
        ("X-Octets", "\x80\xff"),
        ("X-Empty", ""),
        ("Content-Length", "2"),
    )
    assert response.body == b"{}"
    assert response.url == GET.url
    assert isinstance(response.native, h11.Response)


def kept(reusable: bool, method: str, *pieces: bytes) -> HttpResponse:
    conversation = Conversation()
    response = answered(*pieces, request=HttpRequest(method, "http://a.test/"), conversation=conversation)
    assert conversation.reusable is reusable
    return response


FRAMINGS: dict[str, tuple[bool, str, list[bytes], int, bytes]] = {
    "length": (True, "GET", [OK], 200, b"{}"),
    "no content": (True, "DELETE", [b"HTTP/1.1 204 No Content\r\n\r\n"], 204, b""),
    "not modified": (True, "GET", [b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"], 304, b""),
    "head": (True, "HEAD", [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Encoding: gzip\r\n\r\n"], 200, b""),
    "chunked": (True, "GET", [CHUNKED + b"3\r\nabc\r\n", b"2;x=y\r\nde\r\n0\r\n\r\n"], 200, b"abcde"),
    "trailers": (True, "GET", [CHUNKED + b"1\r\na\r\n0\r\nX-A: 1\r\n\r\n"], 200, b"a"),
    "interim": (
        True,
        "GET",
        [b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", OK],
        200,
        b"{}",
    ),
    "until the end": (False, "GET", [b"HTTP/1.1 200 OK\r\n\r\nab", b"cd", b""], 200, b"abcd"),
    "nothing until the end": (False, "GET", [b"HTTP/1.1 200 OK\r\n\r\n", b""], 200, b""),
    "close": (False, "GET", [OK.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n")], 200, b"{}"),
    "1.0": (False, "GET", [OK.replace(b"1.1", b"1.0")], 200, b"{}"),
    "more than was asked for": (False, "GET", [OK + b"HTTP/1.1 408 Request Timeout\r\n\r\n"], 200, b"{}"),
    "much more": (False, "GET", [OK + bytes(100_000)], 200, b"{}"),
    "no reason": (True, "GET", [b"HTTP/1.1 999\r\nContent-Length: 0\r\n\r\n"], 999, b""),
}


@pytest.mark.parametrize(("reusable", "method", "pieces", "status", "body"), FRAMINGS.values(), ids=FRAMINGS.keys())
def test_where_an_answer_ends(reusable: bool, method: str, pieces: list[bytes], status: int, body: bytes) -> None:
    conversation = Conversation()
    response = answered(*pieces, request=HttpRequest(method, "http://a.test/"), conversation=conversation)
    assert conversation.reusable is reusable
    assert (response.status_code, response.body) == (status, body)
    assert "Link" not in response.headers


def test_exchanges_follow_one_another() -> None:
    conversation = Conversation()
    assert conversation.reusable
    for body in (b"1", b"2", b"3"):
        data = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + body
        assert answered(data, conversation=conversation).body == body
        assert conversation.reusable


def test_the_end_of_the_stream_between_exchanges() -> None:
    conversation = Conversation()
    answered(OK, conversation=conversation)
    assert conversation.receive(b"") is None
    assert not conversation.reusable


def test_bytes_that_nobody_asked_for() -> None:
    conversation = Conversation()
    with pytest.raises(ProtocolError):
        conversation.receive(OK)
    assert not conversation.reusable


# Codings

PLAIN = b'{"elements": [' + b"1, " * 1_000 + b"2]}"
CODINGS: dict[str, tuple[str, bytes, bytes]] = {
    "gzip": ("gzip", gzip.compress(PLAIN), PLAIN),
    "x-gzip": ("X-GZIP", gzip.compress(PLAIN), PLAIN),
    "members": ("gzip", gzip.compress(PLAIN) + gzip.compress(b"") + gzip.compress(b"!"), PLAIN + b"!"),
    "deflate": ("deflate", zlib.compress(PLAIN), PLAIN),
    "bare deflate": ("Deflate", zlib.compress(PLAIN, wbits=-15), PLAIN),
    "bare deflate, stored": ("deflate", zlib.compress(PLAIN, 0, wbits=-15), PLAIN),
    "two": ("deflate, gzip", gzip.compress(zlib.compress(PLAIN)), PLAIN),
    "identity": ("identity", PLAIN, PLAIN),
    "nothing at all": ("gzip", b"", b""),
    "unknown": ("br", b"\x00\x01", b"\x00\x01"),
    "unknown inside": ("br, identity, gzip", gzip.compress(b"\x00\x01"), b"\x00\x01"),
}


def coded(coding: str, body: bytes) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.mark.parametrize(("coding", "body", "decoded"), CODINGS.values(), ids=CODINGS.keys())
def test_codings(coding: str, body: bytes, decoded: bytes) -> None:
    data = coded(coding, body)
    assert answered(data).body == decoded
    assert answered(*(data[at : at + 1] for at in range(len(data)))).body == decoded


# Limits


def gzipped(megabytes: int) -> bytes:
    coder = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(coder.compress(bytes(2**20)) for _ in range(megabytes)) + coder.flush()


@pytest.mark.parametrize(
    "data",
    [
        lambda body: coded("identity", body),
        lambda body: coded("gzip", gzip.compress(body)),
        lambda body: coded("gzip", gzip.compress(body[:50]) + gzip.compress(body[50:])),
        lambda body: coded("deflate", zlib.compress(body)),
        lambda body: coded("deflate, gzip", gzip.compress(zlib.compress(body))),
        lambda body: CHUNKED + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body),
    ],
)
def test_a_body_may_have_as_many_bytes_as_the_limit_and_no_more(data: Callable[[bytes], bytes]) -> None:
    assert len(answered(data(b"x" * 1000), conversation=Conversation(max_body=1000)).body) == 1000
    error = refused(data(b"x" * 1001), conversation=Conversation(max_body=1000))
    assert "1000 bytes" in str(error)
    assert len(answered(data(b"x" * 1001), conversation=Conversation(max_body=None)).body) == 1001


@pytest.mark.parametrize("megabytes", [2, pytest.param(64, marks=pytest.mark.deep)])
@pytest.mark.parametrize(
    ("coding", "bomb"),
    [
        ("gzip", gzipped),
        ("gzip, gzip", lambda megabytes: gzip.compress(gzipped(megabytes))),
        ("deflate", lambda megabytes: zlib.compress(bytes(megabytes * 2**20))),
    ],
    ids=["gzip", "twice", "deflate"],
)
def test_a_bomb_is_not_unpacked(coding: str, bomb: Callable[[int], bytes], megabytes: int) -> None:
    body = bomb(megabytes)
    assert len(body) < 2**17
    assert "larger" in str(refused(coded(coding, body), conversation=Conversation(max_body=2**20)))


def padded(size: int) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: %b\r\n\r\n"
    return head % (b"a" * (size - len(head) + 2))


@pytest.mark.parametrize("step", [1, 7, 10_000])
def test_headers_may_have_as_many_bytes_as_the_limit_and_no_more(step: int) -> None:
    def pieces(data: bytes) -> list[bytes]:
        return [data[at : at + step] for at in range(0, len(data), step)]

    assert answered(*pieces(padded(500) + b"{}"), conversation=Conversation(max_header_size=500)).body == b"{}"
    assert "500 bytes" in str(refused(*pieces(padded(501)), conversation=Conversation(max_header_size=500)))


def test_interim_answers_count_as_headers() -> None:
    conversation = Conversation(max_header_size=500)
    error = refused(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 30, conversation=conversation)
    assert "500 bytes" in str(error)


def test_headers_of_a_megabyte() -> None:
    assert "65536 bytes" in str(refused(b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 2**20))


# What cannot be read

GZIPPED = gzip.compress(b"x" * 1000)
BROKEN: dict[str, list[bytes]] = {
    "nothing": [b""],
    "half a head": [b"HTTP/1.1 200 OK\r\nX-A", b""],
    "half a body": [b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", b""],
    "half a chunk": [CHUNKED + b"5\r\nabc", b""],
    "no last chunk": [CHUNKED + b"3\r\nabc\r\n", b""],
    "no end of trailers": [CHUNKED + b"0\r\nX-A: 1\r\n", b""],
    "bad size of a chunk": [CHUNKED + b"zz\r\n"],
    "negative size of a chunk": [CHUNKED + b"-3\r\nabc\r\n"],
    "bad end of a chunk": [CHUNKED + b"3\r\nabcde\r\n"],
    "bad trailer": [CHUNKED + b"0\r\nno field\r\n\r\n"],
    "two lengths": [b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"],
    "no length": [b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"],
    "another transfer coding": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"],
    "octets": [b"\x00\x01\x02"],
    "TLS": [b"\x15\x03\x01\x00\x02\x02\x46"],
    "SSH": [b"SSH-2.0-OpenSSH_9.6\r\n\r\n"],
    "endless": [b"x" * 100_000],
    "no status": [b"HTTP/1.1 abc OK\r\n\r\n"],
    "a status below 100": [b"HTTP/1.1 099 OK\r\n\r\n"],
    "HTTP/2": [b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"],
    "HTTP/0.9": [b"<html></html>", b""],
    "no field": [b"HTTP/1.1 200 OK\r\ngarbage\r\n\r\n"],
    "space before the colon": [b"HTTP/1.1 200 OK\r\nX-A : b\r\n\r\n"],
    "CR in a value": [b"HTTP/1.1 200 OK\r\nX-A: b\rc\r\n\r\n"],
    "another protocol": [b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"],
    "no gzip": [coded("gzip", b"hello")],
    "gzip with a wrong checksum": [coded("gzip", GZIPPED[:-8] + bytes(8))],
    "half a gzip": [coded("gzip", GZIPPED[:-9])],
    "gzip and more": [coded("gzip", GZIPPED + b"more")],
    "no deflate": [coded("deflate", b"\xff\xff\xff")],
    "half a deflate": [coded("deflate", zlib.compress(b"abc")[:-1])],
    "one byte of deflate": [coded("deflate", b"x")],
    "deflate and more": [coded("deflate", zlib.compress(b"abc") * 2)],
    "six codings": [coded("gzip, gzip, gzip, gzip, gzip, gzip", b"")],
}


@pytest.mark.parametrize("pieces", BROKEN.values(), ids=BROKEN.keys())
def test_what_cannot_be_read_is_a_protocol_error(pieces: list[bytes]) -> None:
    error = refused(*pieces)
    assert error.__cause__ is not None
    assert error.request == GET.redacted()
    assert "secret" not in repr(error) + str(error)
    assert pickle.loads(pickle.dumps(error)).request == error.request


def test_an_error_is_raised_from_that_of_h11() -> None:
    assert isinstance(refused(b"garbage\r\n\r\n").__cause__, h11.RemoteProtocolError)


def test_a_message_does_not_show_what_came() -> None:
    assert "secret" not in str(refused(b"HTTP/1.1 200 OK\r\nSet-Cookie secret\r\n\r\n"))


def test_after_an_error_nothing_is_read_any_more() -> None:
    conversation = Conversation()
    refused(b"\x00", conversation=conversation)
    with pytest.raises(ProtocolError):
        conversation.receive(OK)
    assert conversation.receive(b"") is None


def test_a_connection_that_becomes_another_protocol() -> None:
    conversation = Conversation()
    conversation.send(HttpRequest("GET", "http://a.test/", {"Upgrade": "x", "Connection": "upgrade"}))
    with pytest.raises(ProtocolError, match="another protocol"):
        conversation.receive(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nbytes of it")
    assert not conversation.reusable


def test_a_tunnel_is_an_invalid_call() -> None:
    with pytest.raises(InvalidCallError) as caught:
        Conversation().send(HttpRequest("CONNECT", "http://a.test/"))
    assert caught.value.argument == "method"


def test_a_request_that_an_exchange_has_checked_is_the_same_on_the_wire() -> None:
    for request, wire in WIRE.values():
        exchange = Exchange(request, Timeout())
        assert Conversation().send_checked(exchange.request, exchange.url) == wire


def test_one_exchange_at_a_time_for_checked_requests_too() -> None:
    conversation = Conversation()
    exchange = Exchange(GET, Timeout())
    conversation.send_checked(GET, exchange.url)
    with pytest.raises(InvalidCallError, match="busy"):
        conversation.send_checked(GET, exchange.url)


@pytest.mark.parametrize("size", [0, -1, True, "x", 1.5, None], ids=repr)
def test_a_size_of_headers_that_is_none_is_an_invalid_call(size: Any) -> None:
    with pytest.raises(InvalidCallError, match="max_header_size: must be a number of bytes, at least 1"):
        Conversation(max_header_size=size)


def test_an_answer_that_unfolds_for_too_long_ends_where_its_check_says() -> None:
    steps: list[int] = []

    def check() -> None:
        steps.append(1)
        if len(steps) == 5:
            raise TimeoutError

    conversation = Conversation(max_body=None)
    conversation.send_checked(GET, parse_url(GET.url), check)
    body = gzip.compress(bytes(2**20))
    with pytest.raises(TimeoutError):
        conversation.receive(response("200 OK", body, "Content-Encoding: gzip"))
    assert len(steps) == 5
    assert not conversation.reusable


@pytest.mark.parametrize("data", [OK, CHUNKED + b"0\r\n\r\n", b"\x00"], ids=["quick", "by h11", "an error"])
def test_nothing_of_an_exchange_is_held_after_it(data: bytes) -> None:
    class Check:
        def __call__(self) -> None: ...

    conversation, check = Conversation(), Check()
    held = weakref.ref(check)
    conversation.send_checked(GET, parse_url(GET.url), check)
    del check
    with suppress(ProtocolError):
        assert conversation.receive(data) is not None
    gc.collect()
    assert held() is None
