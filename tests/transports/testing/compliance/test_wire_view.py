from __future__ import annotations

import pytest

from restli_core.messages import HttpRequest
from restli_transports.testing.compliance.wire_view import (
    check_described,
    request_target,
    sent_fields,
    values_of,
)

HEAD = b"POST /a%2e?b HTTP/1.1\r\nHost: h\r\nX-A:  b: c\r\nx-a: d\r\nX-Empty: \r\n\r\n"
REQUEST = HttpRequest("POST", "http://h/a%2e?b", {"X-B": "c"}, b"{}")
DESCRIBED = b"POST /a%2e?b HTTP/1.1\r\nHost: h\r\nX-B: c\r\nContent-Length: 2\r\n\r\n"


def test_a_request_is_taken_apart_as_it_is() -> None:
    assert request_target(HEAD + b"body") == "/a%2e?b"
    assert sent_fields(HEAD + b"x: y\r\n") == [("Host", "h"), ("X-A", " b: c"), ("x-a", "d"), ("X-Empty", "")]
    assert values_of(HEAD, "x-a") == [" b: c", "d"]
    assert values_of(HEAD, "x-b") == []


def test_a_request_as_it_is_described() -> None:
    check_described(DESCRIBED, b"{}", REQUEST)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (DESCRIBED.replace(b"%2e", b"."), b"{}"),
        (DESCRIBED.replace(b"POST", b"PUT"), b"{}"),
        (DESCRIBED, b"{ }"),
        (DESCRIBED.replace(b"X-B: c", b"X-B: d"), b"{}"),
        (DESCRIBED.replace(b"X-B: c", b"X-B: c\r\nx-b: c"), b"{}"),
        (DESCRIBED.replace(b"X-B: c\r\n", b""), b"{}"),
        (DESCRIBED.replace(b"X-B: c", b"X-B: c\r\nCookie: a"), b"{}"),
    ],
    ids=["target", "method", "body", "value", "twice", "missing", "more"],
)
def test_a_request_that_is_not(head: bytes, body: bytes) -> None:
    with pytest.raises(AssertionError):
        check_described(head, body, REQUEST)
