"""However an answer is cut into pieces, the response is the same, and so is whether its connection lives on."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restli_core import HttpRequest, HttpResponse
from restli_transports.h11 import Conversation

REQUEST = HttpRequest("GET", "http://a.test/b")
CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "bare": lambda body: zlib.compress(body, wbits=-15),
}


def chunked(body: bytes, size: int) -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%X;x=y\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\nX-Trailer: 1\r\n\r\n"


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    """The bytes of an answer, from the interim ones before it to the last of its body."""
    coding, framing = draw(st.sampled_from(sorted(CODINGS))), draw(st.sampled_from(["length", "chunks", "end"]))
    body = CODINGS[coding](draw(st.binary(max_size=300)))
    name = "deflate" if coding == "bare" else coding
    framings = {
        "length": (f"Content-Length: {len(body)}\r\n", body),
        "chunks": ("Transfer-Encoding: chunked\r\n", chunked(body, draw(st.integers(1, 50)))),
        "end": ("", body),
    }
    framed, sent = framings[framing]
    value = draw(st.text(st.characters(codec="latin-1", exclude_categories=["Cc", "Z"]), max_size=20))
    interim = "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" * draw(st.integers(0, 2))
    head = f"{interim}HTTP/1.1 200 OK\r\nX-A: {value}\r\nx-a: 2\r\nContent-Encoding: {name}\r\n{framed}\r\n"
    return head.encode("latin-1") + sent


def read(pieces: list[bytes]) -> tuple[HttpResponse, bool]:
    conversation = Conversation()
    conversation.send(REQUEST)
    for piece in [*pieces, b""]:
        response = conversation.receive(piece)
        if response is not None:
            return response, conversation.reusable
    pytest.fail("the answer is not complete")


@given(data=answers(), cuts=st.lists(st.integers(0, 2000)))
def test_for_any_cuts(data: bytes, cuts: list[int]) -> None:
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    pieces = [data[start:end] for start, end in pairwise(places)]
    assert read(pieces) == read([data])


@given(answers())
def test_for_single_bytes(data: bytes) -> None:
    assert read([data[at : at + 1] for at in range(len(data))]) == read([data])
