"""A request that is written without h11 has the bytes that h11 writes for the same fields."""

from __future__ import annotations

import h11
from hypothesis import given
from hypothesis import strategies as st

from restli_core import HttpRequest
from restli_transports.h11.sent_requests import connection_after, fields_of, written
from restli_transports.wire import parse_url

visible = "".join(map(chr, range(0x21, 0x7F)))
tokens = st.text("!#$%&'*+-.^_`|~0aZ", min_size=1, max_size=5)
names = tokens | st.sampled_from(["Host", "host", "Accept-encoding", "X-A", "x-a", "Connection", "Content-Type"])
values = st.text(visible + " \t", max_size=8).map(lambda text: text.strip(" \t"))
methods = tokens.filter(lambda method: method != "CONNECT") | st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE"])
targets = st.text(visible.replace("#", ""), max_size=8).map("/".__add__)


@given(
    methods,
    targets,
    st.lists(st.tuples(names, values), max_size=5),
    st.binary(max_size=5),
    st.booleans(),
)
def test_for_any_request(
    method: str, target: str, fields: list[tuple[str, str]], body: bytes, with_length: bool
) -> None:
    if with_length:
        fields = [*fields, ("content-length", str(len(body)))]
    request = HttpRequest(method, f"http://a.test:81{target}", fields, body)
    url = parse_url(request.url)
    http = h11.Connection(h11.CLIENT)
    # The same names in the same order, which the one who writes may well choose; all else is h11's.
    said = {"Host": "a.test:81", "Accept-Encoding": "gzip, deflate"}
    if body or method in {"POST", "PUT", "PATCH"}:
        said["Content-Length"] = str(len(body))
    added = [(name, value) for name, value in said.items() if name not in request.headers]
    own = [(name, value.strip()) for name, value in request.headers.items()]  # h11 refuses "a, "
    head = h11.Request(method=method, target=target, headers=[*added, *own])
    events = (head, h11.Data(data=body), h11.EndOfMessage()) if body else (head, h11.EndOfMessage())
    assert written(request, url) == b"".join(http.send(event) for event in events)


@given(methods, st.binary(max_size=5))
def test_for_what_h11_is_told_afterwards(method: str, body: bytes) -> None:
    request = HttpRequest(method, "http://a.test/b", {"X-A": "b"}, body)
    connection = connection_after(request, parse_url(request.url), 100)
    assert connection.our_state is h11.DONE
    assert connection.their_state is h11.SEND_RESPONSE
    assert fields_of(request, parse_url(request.url))[0] == ("Host", "a.test")
