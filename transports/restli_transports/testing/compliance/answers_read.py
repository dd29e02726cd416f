"""What is read: statuses, headers and bodies come back as they were sent, and whatever the status, it is an answer."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from typing import Final

import pytest

from restli_transports.testing.compliance.scripts import OK, chunked
from restli_transports.testing.compliance.senders import get, receive
from restli_transports.testing.compliance.suite import Suite
from restli_transports.testing.scripted_server import ScriptedServer, answer, response

__all__ = ["ExactAnswers", "GivenAnswers"]

# Content-Encoding, and how a body is coded so (RFC 9110 section 8.4.1).
CODED: Final[dict[str, Callable[[bytes], bytes]]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    # Without the wrapper of zlib, as some servers send it.
    "Deflate": lambda data: zlib.compress(data, wbits=-15),
    "deflate, gzip": lambda data: gzip.compress(zlib.compress(data)),
    "identity, gzip": gzip.compress,
    "gzip, identity": gzip.compress,
    ", gzip ,": gzip.compress,
    "identity": bytes,
}
PLAIN: Final = b'{"elements": [' + b"1, " * 50_000 + b"2]}"


def check_redirect_is_an_answer(suite: Suite, status: int, location: str) -> None:
    """Check that a redirect comes back as any answer does, and leads to no second request."""
    data = response(f"{status} R", b"moved", f"Location: {location}")
    with ScriptedServer(answer(data)) as server, suite.opened() as sender:
        got = get(sender, f"{server.url}/a", Authorization="Bearer t")
        assert (got.status_code, got.body, got.headers["Location"]) == (status, b"moved", location)
        assert got.url == f"{server.url}/a"
    assert len(server.received) == 1


class GivenAnswers(Suite):
    """What every transport reads."""

    @pytest.mark.parametrize("status", [200, 201, 204, 304, 400, 401, 404, 429, 500, 503, 599, 999])
    def test_every_status_is_an_answer(self, status: int) -> None:
        body = b"" if status in {204, 304} else b"{}"
        with self.opened() as sender:
            got = receive(sender, response(f"{status} Whatever", body, "Retry-After: 0"))
        assert (got.status_code, got.body, got.headers["retry-after"]) == (status, body, "0")

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_no_redirect_is_followed(self, status: int) -> None:
        check_redirect_is_an_answer(self, status, "/elsewhere")

    def test_header_bytes_are_read_as_latin_1_and_repeats_are_kept(self) -> None:
        octets = bytes(range(0x80, 0x100))
        head = b"HTTP/1.1 200 OK\r\nX-Octets: a%bb\r\nX-A: 1 \t\r\nx-a:2\r\nX-Empty:\r\nContent-Length: 0\r\n\r\n"
        with self.opened() as sender:
            got = receive(sender, head % octets)
        assert got.headers["X-Octets"] == f"a{octets.decode('latin-1')}b"
        assert [value for name, value in got.headers.raw if name.lower() == "x-a"] == ["1", "2"]
        assert got.headers["X-Empty"] == ""

    @pytest.mark.parametrize("coding", CODED)
    @pytest.mark.parametrize("framing", ["length", "chunked", "close"])
    def test_bodies_are_read_and_decoded(self, coding: str, framing: str) -> None:
        data = CODED[coding](PLAIN)
        head = [f"Content-Encoding: {coding}", *(["Transfer-Encoding: chunked"] if framing == "chunked" else [])]
        body = chunked(data) if framing == "chunked" else data
        with self.opened() as sender:
            assert receive(sender, response("200 OK", body, *head, length=framing == "length")).body == PLAIN

    def test_an_answer_to_head_has_no_body(self) -> None:
        with self.opened() as sender:
            got = receive(sender, b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", "HEAD")
        assert (got.body, got.headers["content-length"]) == (b"", "500")

    def test_the_url_of_an_answer_tells_no_user(self) -> None:
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            assert get(sender, f"http://user:secret@{server.address}/a?b#c").url == f"{server.url}/a?b"

    def test_interim_answers_are_passed_over(self) -> None:
        interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 P\r\n\r\n"
        with ScriptedServer(answer(interim + OK)) as server, self.opened() as sender:
            answers = [get(sender, server.url) for _ in range(3)]
        assert [(got.status_code, got.body, "Link" in got.headers) for got in answers] == [(200, b"{}", False)] * 3
        assert server.connections == 1


class ExactAnswers(Suite):
    """What a transport reads whose connections are not a library's plain ones."""

    @pytest.mark.parametrize("location", ["http://[", "http://\xe9\x80/", "//", "ftp://a", "http://a:b"])
    def test_it_does_not_matter_where_a_redirect_leads(self, location: str) -> None:
        check_redirect_is_an_answer(self, 302, location)
