"""Whatever comes, the conversation reads it or raises ProtocolError, never anything else."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restli_core import HttpRequest, ProtocolError
from restli_transports.h11 import Conversation

REQUEST = HttpRequest("POST", "http://a.test/b", {}, b"x")

# What HTTP is made of, so that garbage gets deeper than the status line.
PIECES = st.one_of(
    st.binary(max_size=30),
    st.sampled_from(
        [
            b"HTTP/1.1 200 OK\r\n",
            b"HTTP/1.1 100 Continue\r\n",
            b"HTTP/1.0 204 No\r\n",
            b"HTTP/1.1 101 Switching\r\n",
            b"Transfer-Encoding: chunked\r\n",
            b"Content-Length: 5\r\n",
            b"Content-Length: 99999999999999999999\r\n",
            b"Content-Encoding: gzip\r\n",
            b"Content-Encoding: deflate, gzip\r\n",
            b"Connection: close\r\n",
            b" folded\r\n",
            b"\r\n",
            b"\n",
            b"5\r\nhello\r\n",
            b"ffffffffffffffffffff\r\n",
            b"0\r\n\r\n",
            gzip.compress(b"hello"),
            gzip.compress(b"hello")[:-3],
        ]
    ),
)


def feed(pieces: list[bytes], request: HttpRequest = REQUEST) -> None:
    conversation = Conversation(max_body=100, max_header_size=1000)
    conversation.send(request)
    try:
        for piece in [*(piece for piece in pieces if piece), b""]:
            if conversation.receive(piece) is not None:
                return
    except ProtocolError:
        assert not conversation.reusable
        return
    pytest.fail("neither an answer nor an error at the end of the stream")


@given(st.lists(PIECES, max_size=12))
def test_for_pieces_one_by_one(pieces: list[bytes]) -> None:
    feed(pieces)


@given(st.lists(PIECES, max_size=12))
def test_for_pieces_in_one(pieces: list[bytes]) -> None:
    feed([b"".join(pieces)])


@given(st.lists(PIECES, max_size=12), st.sampled_from(["HEAD", "OPTIONS", "GET"]), st.booleans())
def test_for_other_requests(pieces: list[bytes], method: str, upgrade: bool) -> None:
    headers = {"Upgrade": "x", "Connection": "upgrade"} if upgrade else {}
    feed(pieces, HttpRequest(method, "http://a.test/", headers))
