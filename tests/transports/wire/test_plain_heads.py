"""Heads that are taken apart by one expression, and those that are not plain."""

from __future__ import annotations

import time

import pytest

from restli_transports.wire.plain_heads import PlainHead, read_plain_head

HEAD = b"HTTP/1.1 200 OK\r\nX-A: b\r\n\r\n"


@pytest.mark.parametrize(
    ("data", "status", "reason", "fields"),
    [
        (HEAD, 200, "OK", [("X-A", "b")]),
        (b"HTTP/1.1 599\r\nX-A:b\r\nx-a:\t c:  d \t\r\n\r\n", 599, "", [("X-A", "b"), ("x-a", "c:  d")]),
        (b"HTTP/1.1 404 \r\nX-A:\r\n\r\n", 404, "", [("X-A", "")]),
        (
            b"HTTP/1.1 404  Not\tFound \r\n!#$%&'*+.^_`|~0-Az: \r\n\r\n",
            404,
            " Not\tFound ",
            [("!#$%&'*+.^_`|~0-Az", "")],
        ),
    ],
)
def test_a_plain_head(data: bytes, status: int, reason: str, fields: list[tuple[str, str]]) -> None:
    assert read_plain_head(data) == PlainHead(status, reason, fields, len(data))
    assert read_plain_head(data + b"body\r\n\r\n") == PlainHead(status, reason, fields, len(data))


@pytest.mark.parametrize("size", range(len(HEAD)))
def test_a_part_of_one_is_none(size: int) -> None:
    assert read_plain_head(HEAD[:size]) is None


@pytest.mark.parametrize(
    "data",
    [
        HEAD.replace(b"1.1", b"1.0"),
        HEAD.replace(b"200", b"100"),
        HEAD.replace(b"200", b"600"),
        HEAD.replace(b"200", b"2000"),
        HEAD.replace(b"200 OK", b"200OK"),
        HEAD.replace(b"OK", b"\xe9"),
        HEAD.replace(b"OK", b"\x01"),
        HEAD.replace(b"OK\r\n", b"OK\n"),
        HEAD.replace(b"b\r\n", b"b\n"),
        HEAD.replace(b"b\r\n", b"b\r\n c\r\n"),
        HEAD.replace(b"X-A:", b"X-A :"),
        HEAD.replace(b"X-A:", b":"),
        HEAD.replace(b"X-A:", b"X\xe9:"),
        HEAD.replace(b"X-A:", b"X-A"),
        HEAD.replace(b": b", b": b\0"),
        HEAD.replace(b": b", b": \xe9"),
        HEAD.replace(b": b", b": b\x7f"),
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"\r\n" + HEAD,
    ],
)
def test_what_is_not_plain(data: bytes) -> None:
    assert read_plain_head(data) is None


@pytest.mark.parametrize("filling", [b"a", b" ", b"a: b\r\n", b"a:"], ids=repr)
def test_it_needs_no_more_time_than_the_head_has_bytes(filling: bytes) -> None:
    began = time.process_time()
    assert read_plain_head(b"HTTP/1.1 200 OK\r\nX-A: " + filling * 200_000) is None
    assert time.process_time() - began < 2  # seconds; quadratic, it would be an hour
