"""Answers of http.client, held to what HTTP/1.1 allows; no socket is needed, only what it would give."""

from __future__ import annotations

import http.client
import io
import socket
from typing import Any, cast

import pytest

from restli_transports.wire.strict_response import MAX_HEAD, StrictResponse

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


class Answering:
    """Stands in for a socket from which these bytes come."""

    suppress_ragged_eofs = True

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.is_shut_down = False

    def shutdown(self, how: int) -> None:
        assert how == socket.SHUT_RDWR
        self.is_shut_down = True

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(cast("io.RawIOBase", io.BytesIO(self._data)))


def begun(data: bytes, method: str = "GET", kind: type[StrictResponse] = StrictResponse) -> StrictResponse:
    response = kind(cast("socket.socket", Answering(data)), method=method)
    response.begin()
    return response


def body_of(data: bytes) -> bytes:
    response = begun(data)
    return b"".join(iter(lambda: response.read1(65536), b""))


@pytest.mark.parametrize(
    ("data", "body"),
    [
        (OK, b"{}"),
        (b"HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length:\r\n 2\r\n\r\n{}", b"{}"),
        (b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}", b"{}"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}", b"{}"),
        (b"HTTP/1.1 200 OK\r\n\r\n{}", b"{}"),
        (CHUNKED + b"2\r\n{}\r\n0\r\n\r\n", b"{}"),
        (CHUNKED + b'A;x="y"\r\n0123456789\r\n1 \r\n.\r\n000\r\nX-A: 1\r\nX-B:\r\n\r\n', b"0123456789."),
        (CHUNKED.replace(b"chunked", b"Chunked") + b"0\r\n\r\n", b""),
    ],
    ids=[
        "length",
        "a folded field",
        "bare LF",
        "the same length twice",
        "until the end",
        "chunk",
        "extensions, trailers",
        "capitals",
    ],
)
def test_what_http_allows_is_read(data: bytes, body: bytes) -> None:
    assert body_of(data) == body


HEADS: dict[str, tuple[bytes, str]] = {
    "not a number": (b"Content-Length: abc", "the Content-Length is not a length"),
    "negative": (b"Content-Length: -5", "the Content-Length is not a length"),
    "hexadecimal": (b"Content-Length: 0x2", "the Content-Length is not a length"),
    "with a sign": (b"Content-Length: +2", "the Content-Length is not a length"),
    "superscript": (b"Content-Length: \xb2", "the Content-Length is not a length"),
    "huge": (b"Content-Length: " + b"9" * 5000, "the Content-Length is not a length"),
    "two": (b"Content-Length: 2\r\nContent-Length: 3", "the Content-Length is not a length"),
    "two in a list": (b"Content-Length: 2, 3", "the Content-Length is not a length"),
    "another coding": (b"Transfer-Encoding: gzip, chunked", "the Transfer-Encoding is unknown"),
    "chunked twice": (b"Transfer-Encoding: chunked, chunked", "the Transfer-Encoding is unknown"),
    "no colon": (b"garbage", "a header line is not a field"),
    "a space before the colon": (b"X-A : b", "a header"),
    "no name": (b": b", "a header"),
    "a first line that goes on": (b" b", "a header line is not a field"),
    "an odd name": (b"X@: b", "a header"),
    "a letter that is not ASCII": (b"X-\xe9: b", "a header"),
    "the envelope of a mail": (b"From x", "a header line is not a field"),
    "a bare CR": (b"X: a\rY: b", "a header line is not a field"),
    "NUL": (b"X: a\0b", "a header line is not a field"),
    "a vertical tab": (b"X: a\vb", "a header line is not a field"),
    "a form feed": (b"X: a\fb", "a header line is not a field"),
}


@pytest.mark.parametrize(("line", "reason"), HEADS.values(), ids=HEADS.keys())
@pytest.mark.parametrize("interim", [b"", b"HTTP/1.1 103 Early Hints\r\n"], ids=["final", "interim"])
def test_a_head_that_is_not_understood_is_an_error(line: bytes, reason: str, interim: bytes) -> None:
    data = interim + line + b"\r\n\r\n" + OK if interim else b"HTTP/1.1 200 OK\r\n" + line + b"\r\n\r\n{}"
    with pytest.raises(http.client.HTTPException, match=reason):
        begun(data)


CHUNKS: dict[str, tuple[bytes, str]] = {
    **{
        repr(size): (size + b"\r\n{}\r\n0\r\n\r\n", "a chunk has no size")
        for size in (b"0x2", b"+2", b"-2", b"1_0", b"", b"2 2", b"2 ;x", b"\xb2", b"f" * 21)
    },
    "longer than it says": (b"2\r\n{}{}0\r\n\r\n", "a chunk does not end where it says"),
    "without a last one": (b"2\r\n{}\r\n", "a chunk has no size"),
    "a last one that is cut": (b"2\r\n{}\r\n0", "a chunk has no size"),
    "without an end": (b"2\r\n{}\r\n0\r\n", "the connection was closed in the headers"),
    "a trailer that is not a field": (b"2\r\n{}\r\n0\r\nno field\r\n\r\n", "a header line is not a field"),
    "a trailer with a bare CR": (b"0\r\nX-A: b\rc\r\n\r\n", "a header line is not a field"),
    "a trailer with another length": (b"0\r\nContent-Length: x\r\n\r\n", "the Content-Length is not a length"),
    "a bare LF after a size": (b"2\n{}\r\n0\r\n\r\n", "a chunk has no size"),
    "a bare LF after a chunk": (b"2\r\n{}\n0\r\n\r\n", "a chunk does not end where it says"),
}


@pytest.mark.parametrize(("chunks", "reason"), CHUNKS.values(), ids=CHUNKS.keys())
def test_chunks_that_are_not_understood_are_an_error(chunks: bytes, reason: str) -> None:
    with pytest.raises(http.client.HTTPException, match=reason):
        body_of(CHUNKED + chunks)


def test_a_chunk_that_is_cut_is_an_error() -> None:
    with pytest.raises(http.client.IncompleteRead):
        body_of(CHUNKED + b"5\r\nabc")


def test_interim_answers_are_passed_over() -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 P\r\n\r\n"
    response = begun(interim + OK)
    assert (response.status, response.getheader("Link"), response.read()) == (200, None, b"{}")


def test_another_protocol_is_final() -> None:
    assert begun(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n").status == 101


def test_an_answer_to_head_has_no_body() -> None:
    response = begun(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", "HEAD")
    assert (response.read(), response.getheader("Content-Length")) == (b"", "500")


@pytest.mark.parametrize(
    ("fields", "closes"),
    [
        (b"", False),
        (b"Connection: close\r\n", True),
        (b"Connection: keep-alive\r\nConnection: x, Close\r\n", True),
        (b"Connection: x-close-not\r\n", False),
        (b"Transfer-Encoding: chunked\r\n", True),  # with a Content-Length
    ],
    ids=["nothing", "close", "close in the second", "close in another word", "framed twice"],
)
def test_whether_the_connection_closes(fields: bytes, closes: bool) -> None:
    assert begun(OK.replace(b"Content", fields + b"Content")).will_close is closes


def padded(size: int) -> bytes:
    head = b"HTTP/1.1 200 OK\r\n%bContent-Length: 2\r\n\r\n"
    left = size - len(head) + 2
    lines = [b"X: " + b"a" * 59995 + b"\r\n"] * (left // 60000)
    return head % b"".join([*lines, b"X: " + b"a" * (left % 60000 - 5) + b"\r\n"]) + b"{}"


def test_a_head_may_have_as_many_bytes_as_the_limit_and_no_more() -> None:
    assert begun(padded(MAX_HEAD)).read() == b"{}"
    with pytest.raises(http.client.HTTPException, match=f"the headers are larger than {MAX_HEAD} bytes"):
        begun(padded(MAX_HEAD + 1))


def test_interim_heads_count_too() -> None:
    with pytest.raises(http.client.HTTPException, match="the headers are larger"):
        begun(b"HTTP/1.1 103 E\r\nX-A: b\r\n\r\n" * (MAX_HEAD // 26 + 1) + OK)


def test_trailers_have_a_limit_of_their_own() -> None:
    head = padded(MAX_HEAD - 20).replace(b"Content-Length: 2", b"Transfer-Encoding: chunked").partition(b"\r\n\r\n")[0]
    trailers = b"X-A: b\r\n" * (MAX_HEAD // 8)
    assert body_of(head + b"\r\n\r\n" + b"0\r\n" + trailers[8:] + b"\r\n") == b""
    with pytest.raises(http.client.HTTPException, match="the headers are larger"):
        body_of(head + b"\r\n\r\n" + b"0\r\n" + trailers + b"X-A: b\r\n\r\n")


def test_a_body_has_no_limit_here() -> None:
    size = MAX_HEAD * 2
    assert len(body_of(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + bytes(size))) == size


def test_a_subclass_may_put_something_else_in_place_of_the_file() -> None:
    class Replaced(StrictResponse):
        def raw_file(self, _sock: socket.socket, file: io.RawIOBase) -> io.RawIOBase:
            assert file.read(4) == b"skip"
            return file

    assert begun(b"skip" + OK, kind=Replaced).read() == b"{}"


def test_it_is_for_response_class_of_a_connection() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        connection = http.client.HTTPConnection("a.test")
        connection.response_class = StrictResponse
        connection.sock = cast("Any", ours)
        theirs.sendall(OK)
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"{}"
        connection.close()


@pytest.mark.parametrize("cut", range(1, len(OK) - 2))
def test_a_head_that_is_cut_is_an_error(cut: int) -> None:
    with pytest.raises(http.client.HTTPException, match=r"this is not the status line|closed in the headers"):
        begun(OK[:cut])


def test_no_answer_at_all_is_an_error_of_its_own() -> None:
    with pytest.raises(http.client.RemoteDisconnected):
        begun(b"")


def test_what_cannot_be_http_is_refused_before_its_line_ends() -> None:
    class Alert(Answering):
        def makefile(self, _mode: str) -> io.BufferedReader:
            class Silent(io.RawIOBase):
                def readable(self) -> bool:
                    return True

                def readinto(self, buffer: Any) -> int:
                    assert not self.__dict__, "nothing comes after that"
                    self.read_once = True
                    buffer[:2] = b"\x15\x03"
                    return 2

            return io.BufferedReader(Silent())

    response = StrictResponse(cast("socket.socket", Alert(b"")))
    with pytest.raises(http.client.HTTPException, match="not the status line"):
        response.begin()


def test_any_number_of_fields_is_read() -> None:
    response = begun(OK.replace(b"Content", b"".join(b"X-%d: a\r\n" % number for number in range(1000)) + b"Content"))
    assert (len(response.msg.keys()), response.getheader("X-999"), response.read()) == (1001, "a", b"{}")


def test_it_begins_once() -> None:
    response = begun(OK)
    response.begin()
    assert response.read() == b"{}"


@pytest.mark.parametrize(
    ("data", "method"),
    [(OK, "HEAD"), (OK + b"H", "GET"), (CHUNKED + b"0\r\n\r\nHTTP/1.1", "GET"), (b"HTTP/1.1 204 No\r\n\r\n{}", "GET")],
    ids=["a body for HEAD", "more than its length", "more after its chunks", "a body of none"],
)
def test_a_connection_with_more_than_the_answer_is_shut_down(data: bytes, method: str) -> None:
    for sent, shut_down in ((data, True), (OK, method == "HEAD")):
        sock = Answering(sent)
        response = StrictResponse(cast("socket.socket", sock), method=method)
        response.begin()
        assert not sock.is_shut_down
        list(iter(lambda: response.read1(65536), b""))  # noqa: B023 - it is called at once
        response.close()
        assert sock.is_shut_down is shut_down


def test_the_end_of_tls_must_be_said() -> None:
    sock = Answering(OK)
    StrictResponse(cast("socket.socket", sock))
    assert not sock.suppress_ragged_eofs
