"""h11's expressions in linear time take the same lines as h11's own, in the same way."""

from __future__ import annotations

import re
from types import SimpleNamespace

import h11
import pytest
from h11 import _abnf, _readers
from hypothesis import given
from hypothesis import strategies as st

from restli_transports.wire.linear_h11 import awaiting_answer, make_linear

THEIRS = {
    "header_field_re": re.compile(_abnf.header_field.encode("ascii")),
    "chunk_header_re": re.compile(_abnf.chunk_header.encode("ascii")),
}
OURS = SimpleNamespace(**THEIRS)
make_linear(OURS)

FIELDS = st.lists(st.sampled_from([b"a", b"X", b":", b" ", b"\t", b"\0", b"\r", b"\xff", b"b c"]), max_size=12)
CHUNKS = st.lists(st.sampled_from([b"0", b"f", b";", b" ", b"\t", b"x", b"\r", b"\n", b"\r\n"]), max_size=12)


@pytest.mark.parametrize("name", THEIRS)
def test_it_is_changed_where_it_is_known(name: str) -> None:
    assert getattr(OURS, name).pattern != THEIRS[name].pattern
    for _ in range(2):
        make_linear()
        assert getattr(_readers, name).pattern == getattr(OURS, name).pattern


@given(FIELDS)
def test_fields_are_taken_alike(pieces: list[bytes]) -> None:
    line = b"X:" + b"".join(pieces)
    theirs, ours = THEIRS["header_field_re"].fullmatch(line), OURS.header_field_re.fullmatch(line)
    assert (theirs and theirs.groupdict()) == (ours and ours.groupdict())


@given(CHUNKS)
def test_sizes_are_taken_alike(pieces: list[bytes]) -> None:
    line = b"1" + b"".join(pieces) + b"\r\n"
    theirs, ours = THEIRS["chunk_header_re"].fullmatch(line), OURS.chunk_header_re.fullmatch(line)
    assert (theirs and theirs["chunk_size"]) == (ours and ours["chunk_size"])


def test_what_is_not_known_stays() -> None:
    other = SimpleNamespace(header_field_re=re.compile(b"x"), chunk_header_re="x")
    make_linear(other)
    assert other == SimpleNamespace(header_field_re=re.compile(b"x"), chunk_header_re="x")
    make_linear(SimpleNamespace())


@pytest.mark.parametrize(("method", "event"), [("GET", h11.NEED_DATA), ("HEAD", h11.EndOfMessage())])
def test_a_connection_reads_the_answer_to_a_method(method: str, event: object) -> None:
    connection = awaiting_answer(method)
    connection.receive_data(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
    assert isinstance(connection.next_event(), h11.Response)
    assert connection.next_event() == event
