"""Whatever an answer is made of, both readers of HTTP make the same of it: h11, and http.client held to the standard.

Three transports go by the one, two by the other: a call must not depend on which was taken.
"""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.http_readers import by_h11, by_http_client
from tests.support.odd_answers import METHODS, answers


@example(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "GET")
@example(b"HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n", "GET")
@example(b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", "GET")
@given(answers(), st.sampled_from(METHODS))
def test_for_answers_of_odd_parts(data: bytes, method: str) -> None:
    assert by_http_client(data, method) == by_h11(data, method)


@given(answers(), st.binary(min_size=1, max_size=3), st.integers(0, 300))
def test_for_answers_with_odd_bytes(data: bytes, odd: bytes, at: int) -> None:
    changed = data[:at] + odd + data[at + 1 :]
    assert by_http_client(changed, "GET") == by_h11(changed, "GET")
