"""Answers of httpx, made into ours; a mock gives them."""

from __future__ import annotations

import gzip
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any

import anyio
import httpx
import pytest

from restli_core import HttpRequest
from restli_transports import Timeout
from restli_transports.httpx.answers import Answer, hide_redirect
from restli_transports.testing.compliance.surroundings import authority, speaking_tls
from restli_transports.wire import Exchange, Phase, UnreadableError

URL = "http://a.test/b?c=d"
PLAIN = b"0123456789" * 100


class Stream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body on its way, in pieces of 7 bytes."""

    def __init__(self, body: bytes) -> None:
        self._pieces = [body[at : at + 7] for at in range(0, len(body), 7)]

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


def exchange() -> Exchange:
    return Exchange(HttpRequest("GET", URL), Timeout())


def received(body: bytes = b"", status: int = 200, headers: Any = (), **extensions: Any) -> httpx.Response:
    request = httpx.Request("GET", URL)
    return httpx.Response(status, headers=headers, stream=Stream(body), extensions=extensions, request=request)


def read(answer: Answer, *, awaited: bool) -> Answer:
    async def read_awaited() -> None:
        async for piece in answer:
            answer.feed(piece)

    if awaited:
        anyio.run(read_awaited)
    else:
        for piece in answer:
            answer.feed(piece)
    return answer


@pytest.mark.parametrize("awaited", [False, True], ids=["blocking", "awaited"])
@pytest.mark.parametrize(
    ("coding", "body"),
    [("identity", PLAIN), ("gzip", gzip.compress(PLAIN)), ("gzip, gzip", gzip.compress(gzip.compress(PLAIN)))],
    ids=["plain", "gzip", "twice"],
)
def test_a_body_is_decoded_here_within_the_limit(coding: str, body: bytes, awaited: bool) -> None:
    headers = {"Content-Encoding": coding}
    got = read(Answer(received(body, headers=headers), exchange(), len(PLAIN)), awaited=awaited).complete()
    assert got.body == PLAIN
    assert got.native.content == PLAIN
    with pytest.raises(UnreadableError, match="larger than 999 bytes"):
        read(Answer(received(body, headers=headers), exchange(), 999), awaited=awaited)


def test_status_fields_and_url_are_as_they_came() -> None:
    fields = [(b"X-A", b"1"), (b"x-a", b"2"), (b"X-Octets", b"\x80\xff")]
    under_way = exchange()
    got = Answer(received(status=404, headers=fields), under_way, None).complete()
    assert under_way.phase is Phase.READING
    assert (got.status_code, got.body, got.url) == (404, b"", URL)
    assert got.headers.raw == (("X-A", "1"), ("x-a", "2"), ("X-Octets", "\x80\xff"))


def test_a_coding_that_only_httpx_knows_is_left_to_it() -> None:
    got = read(Answer(received(b"\x00\x01", headers={"Content-Encoding": "unknown"}), exchange(), None), awaited=False)
    assert got.complete().body == b"\x00\x01"


@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_what_a_hook_has_read_is_decoded_already(coding: str) -> None:
    body = gzip.compress(PLAIN) if coding == "gzip" else PLAIN
    response = received(body, headers={"Content-Encoding": coding})
    response.read()
    assert read(Answer(response, exchange(), None), awaited=False).complete().body == PLAIN
    again = received(body, headers={"Content-Encoding": coding})
    again.read()
    with pytest.raises(UnreadableError, match="larger than 5 bytes"):
        read(Answer(again, exchange(), 5), awaited=False)


@pytest.mark.parametrize(
    ("status", "version"), [(101, b"HTTP/1.1"), (200, b"HTTP/7.0")], ids=["interim", "another version"]
)
def test_what_is_not_a_final_answer_is_unreadable(status: int, version: bytes) -> None:
    with pytest.raises(UnreadableError, match="not a final answer"):
        Answer(received(status=status, http_version=version), exchange(), None)


@pytest.mark.parametrize("version", [b"HTTP/1.0", b"HTTP/1.1", b"HTTP/2", b"HTTP/3"])
def test_versions_that_are_known(version: bytes) -> None:
    assert Answer(received(http_version=version), exchange(), None).complete().status_code == 200


def test_a_redirect_is_hidden_from_httpx_and_shown_by_the_answer() -> None:
    response = received(status=302, headers={"Location": "http://["})
    hide_redirect(response)
    assert not response.has_redirect_location
    got = Answer(response, exchange(), None).complete()
    assert got.headers["Location"] == response.headers["Location"] == "http://["


def test_other_answers_are_not_hidden() -> None:
    response = received(status=201, headers={"Location": "/b"})
    hide_redirect(response)
    assert response.headers["Location"] == "/b"


def test_each_piece_must_come_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    under_way = exchange()
    answer = Answer(received(PLAIN), under_way, None)

    def over() -> float | None:
        raise TimeoutError("timed out")

    monkeypatch.setattr(under_way, "seconds_left", over)
    with pytest.raises(TimeoutError):
        read(answer, awaited=False)


def test_what_unfolds_for_too_long_ends_with_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    under_way, steps = exchange(), []

    def seconds_left() -> None:
        steps.append(1)
        if len(steps) == 5:
            raise TimeoutError

    monkeypatch.setattr(under_way, "seconds_left", seconds_left)
    answer = Answer(received(headers={"Content-Encoding": "gzip"}), under_way, None)
    with pytest.raises(TimeoutError):
        answer.feed(gzip.compress(bytes(2**20)))
    assert len(steps) == 5


class Tls:
    """Stands in for the connection of an answer, and for httpcore's stream on it."""

    def __init__(self, tls: object = None, sock: object = None) -> None:
        self._found = {"ssl_object": tls, "socket": sock}

    def get_extra_info(self, name: str) -> Any:
        return self._found[name]


def tls_that(*, says_so: bool) -> ssl.SSLObject:
    """Return the client's side of TLS whose other end has left, with or without saying so."""
    client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority().configure_trust(client_context)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server, server_hostname="localhost")
    server = speaking_tls().wrap_bio(to_server, to_client, server_side=True)
    for side in (client, server, client, server):
        with suppress(ssl.SSLWantReadError):
            side.do_handshake()
    if says_so:
        with suppress(ssl.SSLWantReadError):
            server.unwrap()
    to_client.write_eof()
    for _ in range(2):  # as whoever reads to the end does
        with suppress(ssl.SSLError):
            client.read(1)
    return client


CUT_BODIES: dict[str, tuple[dict[str, str], int, str, bool]] = {
    "cut": ({}, 200, "GET", True),
    "of known length": ({"Content-Length": "0"}, 200, "GET", False),
    "in chunks": ({"Transfer-Encoding": "chunked"}, 200, "GET", False),
    "of no body": ({}, 204, "GET", False),
    "of HEAD": ({}, 200, "HEAD", False),
}


@pytest.mark.parametrize(("headers", "status", "method", "refused"), CUT_BODIES.values(), ids=CUT_BODIES)
def test_where_the_end_of_tls_is_that_of_the_body_it_must_be_said(
    headers: dict[str, str], status: int, method: str, refused: bool
) -> None:
    for says_so in (True, False):
        network = Tls(tls_that(says_so=says_so))
        under_way = Exchange(HttpRequest(method, URL), Timeout())
        got = received(status=status, headers=headers, http_version=b"HTTP/1.1", network_stream=network)
        answer = read(Answer(got, under_way, None), awaited=False)
        if refused and not says_so:
            with pytest.raises(UnreadableError, match="the connection was cut: TLS ends without saying so"):
                answer.complete()
        else:
            assert answer.complete().body == b""


def test_http2_ends_its_bodies_itself() -> None:
    network = Tls(tls_that(says_so=False))
    answer = Answer(received(http_version=b"HTTP/2", network_stream=network), exchange(), None)
    assert answer.complete().body == b""
