"""Whatever is called, the server receives what the core describes, byte for byte, through every transport."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

import restli_core as restli
from restli_core import HttpRequest
from restli_core.methods import METHODS
from restli_transports.testing.compliance.senders import QUICK, Sender, sending
from restli_transports.testing.compliance.wire_view import ADDED, sent_fields
from restli_transports.testing.scripted_server import ScriptedServer, answer, response
from restli_transports.testing.strategies import calls
from restli_transports.wire.urls import parse_url
from tests.support.libraries import optional_imports
from tests.support.profiles import examples

with optional_imports():
    from restli_transports.aiohttp import AiohttpTransport
    from restli_transports.h11 import H11AsyncTransport, H11Transport
    from restli_transports.httpx import HttpxAsyncTransport, HttpxTransport
    from restli_transports.requests import RequestsTransport
    from restli_transports.urllib3 import Urllib3Transport

pytestmark = [
    pytest.mark.sockets,
]  # the values are odd on purpose


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer(answer(response("200 OK", b"{}"))) as running:
        yield running


@pytest.fixture(scope="module")
def senders() -> Iterator[list[Sender]]:
    transports = (
        Urllib3Transport(),
        RequestsTransport(),
        HttpxTransport(),
        H11Transport(),
        HttpxAsyncTransport(),
        H11AsyncTransport(),
        AiohttpTransport(),
    )
    with ExitStack() as stack:
        yield [stack.enter_context(sending(transport)) for transport in transports]


def described(received: bytes, request: HttpRequest) -> tuple[str, bytes, dict[str, list[str]]]:
    """Line, body, and the values of the headers that the request describes, as they came in."""
    head, _, body = received.partition(b"\r\n\r\n")
    fields = sent_fields(received)
    assert {name.lower() for name, _ in fields} <= {name.lower() for name in request.headers} | ADDED
    values = {name: [value for sent, value in fields if sent.lower() == name.lower()] for name in request.headers}
    return head.partition(b"\r\n")[0].decode("ascii"), body, values


def check(request: HttpRequest, server: ScriptedServer, senders: list[Sender]) -> None:
    url = parse_url(request.url)
    request = HttpRequest(request.method, server.url + url.target, request.headers, request.body)
    server.received.clear()
    for sender in senders:
        sender.send(request, timeout=QUICK)
    core_says = (
        f"{request.method} {url.target} HTTP/1.1",
        request.body,
        {name: [value] for name, value in request.headers.items()},
    )
    assert [described(received, request) for received in server.received] == [core_says] * len(senders)


# One server and one set of transports serve all examples.
@pytest.mark.parametrize("method", METHODS)
@examples(40, quick=5)
@given(data=st.data())
def test_for_calls_of_every_method(
    method: str, data: st.DataObject, server: ScriptedServer, senders: list[Sender]
) -> None:
    check(data.draw(calls(method)).request, server, senders)


@examples(40, quick=5)
@given(part=st.text("".join(map(chr, range(0x80))) + "é€😀", min_size=1, max_size=200), tunnelled=st.booleans())
def test_for_long_queries(part: str, tunnelled: bool, server: ScriptedServer, senders: list[Sender]) -> None:
    text, limit = part * (5000 // len(part) + 1), 0 if tunnelled else 10**6
    call = restli.finder("/r", "search", query_params={"text": text, "empty": [""]}, tunnel_above=limit)
    check(call.request, server, senders)
