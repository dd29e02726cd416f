"""Raw answers: the same bytes are read alike by every transport, or refused by every one.

Each answer here stands as it is on the wire. What is read has its method, status and body beside it; what is not HTTP,
may be cut, or could be read in two ways is a ProtocolError. Where RFC 9112 leaves a choice, h11's reading is ours:
lines of a head may end in LF alone, those of chunks may not, and a blank may stand after the size of a chunk.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import pytest

from restli_core.errors import ProtocolError, TransportError
from restli_core.messages import HttpRequest
from restli_transports.testing.compliance.scripts import CHUNKED_HEAD, OK
from restli_transports.testing.compliance.senders import QUICK
from restli_transports.testing.compliance.suite import Suite
from restli_transports.testing.compliance.surroundings import speaking_tls
from restli_transports.testing.compliance.wire_view import request_target
from restli_transports.testing.scripted_server import Connection, ScriptedServer, answer
from restli_transports.wire import MAX_HEAD

__all__ = ["GivenRawAnswers", "OwnRawAnswers"]


class Read(NamedTuple):
    """An answer that is read.

    Args:
        data: its bytes.
        method: of the request.
        status: what it says.
        body: what it has.
        field: one of its header fields, name and value; None for any.
    """

    data: bytes
    method: str = "GET"
    status: int = 200
    body: bytes = b"{}"
    field: tuple[str, str] | None = None


def with_line(line: bytes) -> bytes:
    """Return an answer with this line in its head."""
    return b"HTTP/1.1 200 OK\r\n%b\r\nContent-Length: 2\r\n\r\n{}" % line


def with_status(line: bytes) -> bytes:
    """Return an answer with this status line."""
    return b"%b\r\nContent-Length: 2\r\n\r\n{}" % line


def with_coding(value: bytes) -> bytes:
    """Return an answer in chunks with this Transfer-Encoding."""
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding:%b\r\n\r\n2\r\n{}\r\n0\r\n\r\n" % value


def with_length(value: bytes) -> bytes:
    """Return an answer with this Content-Length."""
    return b"HTTP/1.1 200 OK\r\nContent-Length:%b\r\n\r\n{}" % value


def with_size(size: bytes) -> bytes:
    """Return an answer whose first chunk begins with this line."""
    return CHUNKED_HEAD + size + b"{}\r\n0\r\n\r\n"


def with_trailer(lines: bytes) -> bytes:
    """Return an answer that ends in this trailer."""
    return CHUNKED_HEAD + b"2\r\n{}\r\n0\r\n" + lines


def with_head(size: int) -> bytes:
    """Return an answer with a head of so many bytes, and with a body that comes at once with it."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: %b\r\n\r\n"
    return head % (b"a" * (size - len(head) + 2)) + b"{}"


INTERIM: Final = b"HTTP/1.1 103 E\r\nX-A: %b\r\n\r\n" % (b"a" * 1000)

# After these the server keeps the connection open: who waits for its end waits too long.
SELF_DELIMITED: Final[dict[str, Read]] = {
    "a status without a reason": Read(with_status(b"HTTP/1.1 200")),
    "a status with an empty reason": Read(with_status(b"HTTP/1.1 200 ")),
    "a reason in another alphabet": Read(with_status(b"HTTP/1.1 200 \xe9t\xe9 \t!")),
    "HTTP/1.0": Read(with_status(b"HTTP/1.0 200 OK")),
    "HTTP/1.7": Read(with_status(b"HTTP/1.7 200 OK")),
    "lines that end in LF": Read(b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}"),
    "lines of both ends": Read(b"HTTP/1.1 200 OK\r\nX-A: b\nContent-Length: 2\r\n\n{}"),
    "a folded field": Read(with_line(b"X-A: a\r\n \t b"), field=("X-A", "a b")),
    "an empty field": Read(with_line(b"X-A:"), field=("X-A", "")),
    "a field of odd characters": Read(with_line(b"X-A: \x01\x1f\x7f\x80\xff"), field=("X-A", "\x01\x1f\x7f\x80\xff")),
    "a field with blanks": Read(with_line(b"X-A: \t a \t b \t"), field=("X-A", "a \t b")),
    "a length with blanks": Read(with_length(b" \t2\t ")),
    "a length without blanks": Read(with_length(b"2")),
    "a length with zeros": Read(with_length(b" 002")),
    "a length twice": Read(with_line(b"Content-Length: 2"), field=("Content-Length", "2")),
    "a length twice in a list": Read(with_length(b" 2, 2"), field=("Content-Length", "2")),
    "chunks": Read(with_coding(b" chunked")),
    "chunks, in capitals": Read(with_coding(b" CHUNKED"), field=("Transfer-Encoding", "chunked")),
    "chunks, with a blank after the word": Read(with_coding(b" chunked ")),
    "chunks, with blanks around the word": Read(with_coding(b"\t chunked \t")),
    "chunks, without a blank": Read(with_coding(b"chunked")),
    "a blank after a size": Read(with_size(b"2 \r\n")),
    "blanks after a size": Read(with_size(b"2 \t\r\n")),
    "an extension of a chunk": Read(with_size(b'2;x="y z"\r\n')),
    "a size with zeros": Read(with_size(b"00000000000000000002\r\n")),
    "a trailer": Read(with_trailer(b"X-A: b\r\nX-C:\r\n\r\n")),
    "a trailer whose lines end in LF": Read(with_trailer(b"X-A: b\n\n")),
    "a folded trailer": Read(with_trailer(b"X-A: a\r\n b\r\n\r\n")),
    "a length and chunks": Read(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n" + with_coding(b"chunked")[17:]),
    "chunks and a length": Read(with_coding(b"chunked\r\nContent-Length: 9")),
    "204 with chunks": Read(b"HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n", "GET", 204, b""),
    "204 with a length": Read(b"HTTP/1.1 204 No\r\nContent-Length: 2\r\n\r\n", "POST", 204, b""),
    "204 with neither": Read(b"HTTP/1.1 204 No\r\n\r\n", "DELETE", 204, b""),
    "304 with chunks": Read(b"HTTP/1.1 304 No\r\nTransfer-Encoding: chunked\r\n\r\n", "GET", 304, b""),
    "304 with a length": Read(b"HTTP/1.1 304 No\r\nContent-Length: 500\r\n\r\n", "GET", 304, b""),
    "304 with neither": Read(b"HTTP/1.1 304 No\r\n\r\n", "GET", 304, b""),
    "HEAD with chunks": Read(CHUNKED_HEAD, "HEAD", 200, b""),
    "HEAD with a length": Read(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", "HEAD", 200, b""),
    "HEAD with both": Read(
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "HEAD", 200, b""
    ),
    "HEAD with a length of 20 digits": Read(
        b"HTTP/1.1 200 OK\r\nContent-Length: %b\r\n\r\n" % (b"9" * 20), "HEAD", 200, b""
    ),
    "HEAD with neither": Read(b"HTTP/1.1 200 OK\r\n\r\n", "HEAD", 200, b""),
    "a thousand fields": Read(with_line(b"\r\n".join(b"X-%d: a" % number for number in range(1000)))),
    "one field a thousand times": Read(with_line(b"\r\n".join([b"X-A: a"] * 1000))),
    "a head as large as it may be": Read(with_head(MAX_HEAD)),
    "interim answers": Read(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 E\r\nLink: a\r\n\r\n" + OK),
}

UNTIL_THE_END: Final[dict[str, Read]] = {
    "until the end": Read(b"HTTP/1.1 200 OK\r\n\r\n{}"),
    "until the end, and nothing": Read(b"HTTP/1.1 200 OK\r\n\r\n", "GET", 200, b""),
    "until the end, of HTTP/1.0": Read(b"HTTP/1.0 404 No\r\nConnection: keep-alive\r\n\r\n{}", "GET", 404),
    "until the end, to a POST": Read(b"HTTP/1.1 201 C\r\nConnection: close\r\n\r\n{}", "POST", 201),
}

REFUSED: Final[dict[str, bytes]] = {
    **{
        f"status line {line!r}": with_status(line)
        for line in (
            b"HTTP/2.0 200 OK",
            b"HTTP/0.9 200 OK",
            b"HTTP/1 200 OK",
            b"HTTP/1.10 200 OK",
            b"HTTP/1.x 200 OK",
            b"http/1.1 200 OK",
            b"HTTP/1.1  200 OK",
            b"HTTP/1.1\t200 OK",
            b"HTTP/1.1 20 OK",
            b"HTTP/1.1 2000 OK",
            b"HTTP/1.1 099 OK",
            b"HTTP/1.1 200OK",
            b"HTTP/1.1 +20 OK",
            b"HTTP/1.1 \xb200 OK",
            b"HTTP/1.1 abc OK",
            b"HTTP/1.1 200 O\0K",
            b"HTTP/1.1 200 O\rK",
            b"HTTP/1.1",
            b"ICY 200 OK",
            b" HTTP/1.1 200 OK",
            b"\r\nHTTP/1.1 200 OK",
            b"\nHTTP/1.1 200 OK",
        )
    },
    **{
        f"a head with the line {line!r}": with_line(line)
        for line in (
            b"X: a\rY: b",
            b"X: a\r",
            b"X: a\0b",
            b"X: a\vb",
            b"X: a\fb",
            b"X@: b",
            b"X-A : b",
            b"X-\xe9: b",
            b": b",
            b"no field",
            b"From x",
            b" begins with a blank",
        )
    },
    **{
        f"length {length!r}": with_length(b" " + length)
        for length in (b"abc", b"-5", b"0x2", b"+2", b"2.0", b"\xb2", b"", b"2,", b",2", b"2 2", b"2, 3", b"9" * 5000)
    },
    "a length of 20 digits": with_length(b"9" * 20),
    "two lengths": with_line(b"Content-Length: 3"),
    "two spellings of a length": with_line(b"Content-Length: 02"),
    **{
        f"coding {coding!r}": with_coding(b" " + coding)
        for coding in (
            b"gzip",
            b"gzip, chunked",
            b"chunked, gzip",
            b"chunked, chunked",
            b"chunked\r\nTransfer-Encoding: chunked",
            b"identity",
            b"chunked,",
            b"chunked;q=1",
            b"xchunked",
            b"",
        )
    },
    "an unknown coding and a length": with_line(b"Transfer-Encoding: gzip"),
    "204 with an unknown coding": b"HTTP/1.1 204 No\r\nTransfer-Encoding: gzip\r\n\r\n",
    **{
        f"size {size!r}": with_size(size)
        for size in (
            b"0x2\r\n",
            b"+2\r\n",
            b"-2\r\n",
            b" 2\r\n",
            b"1_0\r\n",
            b"\r\n",
            b"2 2\r\n",
            b"2 ;x\r\n",
            b"\xb2\r\n",
            b"000000000000000000002\r\n",
            b"2\n",
            b"2;x\n",
            b"2\r",
        )
    },
    "a chunk that is longer than it says": CHUNKED_HEAD + b"2\r\n{}{}0\r\n\r\n",
    "a chunk that ends in LF": CHUNKED_HEAD + b"2\r\n{}\n0\r\n\r\n",
    "a last chunk that ends in LF": CHUNKED_HEAD + b"2\r\n{}\r\n0\n\r\n",
    **{
        f"a trailer with the line {line!r}": with_trailer(line + b"\r\n\r\n")
        for line in (b"no field", b"X-A : b", b"X: a\rb", b" b", b"Content-Length: x", b"Transfer-Encoding: gzip")
    },
    "an interim head with a line that is not a field": b"HTTP/1.1 103 E\r\nno field\r\n\r\n" + OK,
    "an interim head that is cut": b"HTTP/1.1 100 Continue\r\n",
    "a last chunk without its end": CHUNKED_HEAD + b"2\r\n{}\r\n0\r\n",
    "an interim head and no other": b"HTTP/1.1 100 Continue\r\n\r\n",
    # A reader that leaves itself a choice of who takes the blanks tries each, for minutes.
    "many blanks and an odd character": with_line(b"X-A:" + b" \t" * 30_000 + b"\0"),
    "many blanks and an odd character in an interim head": b"HTTP/1.1 103 E\r\nX-A:"
    + b" " * 60_000
    + b"\0\r\n\r\n"
    + OK,
    "many folds and an odd character": with_line(b"X-A:\r\n" + b" \r\n" * 15_000 + b" \0"),
    "many blanks and an odd character in a trailer": with_trailer(b"X-A:" + b" " * 60_000 + b"\0\r\n\r\n"),
    "many blanks and a bare LF after a size": with_size(b"2;" + b" " * 60_000 + b"\n\r\n"),
    "a head that is a byte too large": with_head(MAX_HEAD + 1),
    "heads that are too large together": INTERIM * (MAX_HEAD // len(INTERIM) + 1) + OK,
    "heads that are much too large together": INTERIM * (5 * MAX_HEAD // len(INTERIM)) + OK,
    "a head too large of small fields": with_line(b"\r\n".join([b"a:"] * (MAX_HEAD // 4))),
}

# Whole answers, and how many of their first bytes do not make one: of one that ends with the connection, any body does.
CUT: Final[dict[str, tuple[bytes, int]]] = {
    "length": (OK, len(OK)),
    "chunks": (with_coding(b" chunked"), len(with_coding(b" chunked"))),
    "end": (b"HTTP/1.1 200 OK\r\nX-A: b\r\n\r\n{}", len(b"HTTP/1.1 200 OK\r\nX-A: b\r\n\r\n")),
}


class GivenRawAnswers(Suite):
    """What every transport makes of these bytes."""

    def test_what_ends_by_itself_is_read(self) -> None:
        assert not misread(self, SELF_DELIMITED, closes=False)

    def test_what_ends_with_the_connection_is_read(self) -> None:
        assert not misread(self, UNTIL_THE_END, closes=True)

    def test_what_is_not_http_or_may_be_read_in_two_ways_is_a_protocol_error(self) -> None:
        assert not misread(self, REFUSED, closes=True)

    @pytest.mark.parametrize(("data", "whole"), CUT.values(), ids=CUT)
    def test_an_answer_that_is_cut_is_a_protocol_error(self, data: bytes, whole: int) -> None:
        assert not misread(self, {f"{size} bytes": data[:size] for size in range(whole)}, closes=True)

    def test_a_connection_with_a_length_and_chunks_is_not_used_again(self) -> None:
        for name in ("a length and chunks", "chunks and a length", "HEAD with both"):
            row = SELF_DELIMITED[name]
            with ScriptedServer(answer(row.data)) as server, self.opened() as sender:
                for _ in range(2):
                    sender.send(HttpRequest(row.method, server.url), timeout=QUICK)
            assert server.connections == 2


class OwnRawAnswers(Suite):
    """How a transport reads to the end of TLS, which it trusts by itself."""

    @pytest.mark.usefixtures("trusted")
    def test_a_body_that_ends_where_tls_is_cut_is_a_protocol_error(self) -> None:
        # Anybody on the way may end TCP, but only the other end can say farewell (RFC 9112 section 9.8).
        cut = {name: row.data for name, row in UNTIL_THE_END.items()}
        assert not misread(self, cut, closes=True, tls=speaking_tls())

    @pytest.mark.usefixtures("trusted")
    def test_a_body_that_ends_where_tls_says_so_is_read(self) -> None:
        assert not misread(self, UNTIL_THE_END, closes=True, tls=speaking_tls(), end=Connection.end_tls)

    @pytest.mark.usefixtures("trusted")
    def test_a_body_that_ends_by_itself_needs_no_end_of_tls(self) -> None:
        names = ("a length without blanks", "a trailer", "204 with neither", "HEAD with neither")
        assert not misread(self, {name: SELF_DELIMITED[name] for name in names}, closes=True, tls=speaking_tls())


def misread(
    suite: Suite,
    answers: Mapping[str, Read | bytes],
    *,
    closes: bool,
    tls: ssl.SSLContext | None = None,
    end: Callable[[Connection], None] = Connection.close,
) -> dict[str, object]:
    """Return what a transport makes of those answers that it does not read, or refuse, as it should.

    Args:
        suite: opens the transport.
        answers: what should be read, or bytes that should be refused.
        closes: whether the server closes after each, or keeps the connection open.
        tls: for a server that speaks TLS.
        end: how it closes.
    """
    rows = [row if isinstance(row, Read) else Read(row) for row in answers.values()]

    def script(connection: Connection) -> None:
        while request := connection.request():
            connection.send(rows[int(request_target(request)[1:])].data)
            if closes:
                return end(connection)
        return None

    odd: dict[str, object] = {}
    with ScriptedServer(script, tls=tls) as server, suite.opened() as sender:
        for number, (name, expected) in enumerate(answers.items()):
            row, got = rows[number], None
            try:
                got = sender.send(HttpRequest(row.method, f"{server.url}/{number}"), timeout=QUICK)
            except TransportError as error:
                if type(error) is not ProtocolError or isinstance(expected, Read):
                    odd[name] = error
            else:
                field = row.field is None or got.headers.get(row.field[0]) == row.field[1]
                if not (isinstance(expected, Read) and field and (got.status_code, got.body) == (row.status, row.body)):
                    odd[name] = got
    assert len(server.received) == len(rows)  # none was asked for twice
    return odd
