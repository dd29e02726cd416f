"""untunnel reads a request or raises DecodeError, whatever the request is."""

from __future__ import annotations

from hypothesis import event, given
from hypothesis import strategies as st

from restli_core.errors import DecodeError
from restli_core.messages import HttpRequest
from restli_core.tunnelling import is_tunnelled, untunnel
from restli_transports.testing.strategies.received import damaged
from tests.support.odd_requests import bodies, multiparts, requests_of_any_make


def read(request: HttpRequest) -> None:
    try:
        result = untunnel(request)
    except DecodeError as refusal:
        assert 0 <= refusal.position <= len(refusal.text)
        event(refusal.reason)
    else:
        assert (result is request) == (not is_tunnelled(request))


@given(requests_of_any_make)
def test_on_any_request(request: HttpRequest) -> None:
    read(request)


@given(multiparts, st.integers(0, 1000), bodies, st.integers(0, 3))
def test_on_any_multipart(body: bytes, place: int, inserted: bytes, removed: int) -> None:
    headers = {"X-HTTP-Method-Override": "PUT", "Content-Type": "multipart/mixed; boundary=xyz"}
    text = damaged(body.decode("latin-1"), place, inserted.decode("latin-1"), removed)
    read(HttpRequest("POST", "/r", headers, text.encode("latin-1")))


@given(st.binary() | st.text().map(str.encode))
def test_on_any_form(body: bytes) -> None:
    headers = {"X-HTTP-Method-Override": "PUT", "Content-Type": "application/x-www-form-urlencoded"}
    read(HttpRequest("POST", "/r", headers, body))


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E)), st.sampled_from(["multipart/mixed", "a/b", ""]))
def test_on_any_content_type(rest: str, kind: str) -> None:
    headers = {"X-HTTP-Method-Override": "PUT", "Content-Type": kind + rest}
    read(HttpRequest("POST", "/r", headers, b"--xyz\r\nContent-Type: a/b\r\n\r\n"))
