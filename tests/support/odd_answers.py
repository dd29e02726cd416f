"""Answers of HTTP/1.1 in which anything may be odd: what readers of it must make the same of."""

from __future__ import annotations

from hypothesis import strategies as st

__all__ = ["METHODS", "answers"]

METHODS = ["GET", "HEAD", "POST"]
STATUSES = [
    "200 OK",
    "204 No",
    "304",
    "404 ",
    "100 Continue",
    "103 E",
    "500 a\tb \xe9",
    "099 x",
    "1000 x",
    "20 OK",
    "200OK",
]
VERSIONS = ["HTTP/1.1", "HTTP/1.0", "HTTP/1.7", "HTTP/2.0", "HTTP/0.9", "http/1.1", "HTTP/1.10", "HTTP/1", " HTTP/1.1"]
FIELDS = [
    "Content-Length: 5",
    "content-length:5\t",
    "Content-Length: 5, 5",
    "Content-Length: 05",
    "Content-Length: 6",
    "Content-Length: +5",
    "Content-Length: ",
    "Content-Length: 5,",
    f"Content-Length: {'9' * 20}",
    f"Content-Length: {'0' * 20}5",
    "Transfer-Encoding: chunked",
    "transfer-encoding:\t CHUNKED \t",
    "Transfer-Encoding: gzip, chunked",
    "Transfer-Encoding: chunked,",
    "Transfer-Encoding: identity",
    "Transfer-Encoding:",
    "Connection: close",
    "Connection: x, Close ",
    "X-A: b",
    "x-a:\t c  d \t",
    "X-A:",
    "X-Odd: \x01\x1f\x7f\x85\xff",
    "X-Odd: a\x0bb",
    "X-Odd: a\x00b",
    "X-Odd: a\rb",
    " folded",
    "\t",
    "X-A : b",
    ": b",
    "X-\xe9: b",
    "no field",
    "From a",
]
ENDS = ["\r\n", "\n", "\r\r\n", "", "\r"]
CHUNKS = [
    "5\r\nhello\r\n",
    "5 \r\nhello\r\n",
    "5\t;x=y\r\nhello\r\n",
    '5;x="y\r\x00" \t\r\nhello\r\n',
    "00000000000000000005\r\nhello\r\n",
    "000000000000000000005\r\nhello\r\n",
    " 5\r\nhello\r\n",
    "0x5\r\nhello\r\n",
    "5\nhello\r\n",
    "5\r\nhello\n",
    "5\r\nhelloo\r\n",
    "0\r\n\r\n",
    "0\r\n\n",
    "0\r\nX-T: 1\r\n\r\n",
    "0\r\nX-T: 1\n folded\n\n",
    "0\r\nno field\r\n\r\n",
    "0\r\nContent-Length: 7\r\n\r\n",
    "0\r\nTransfer-Encoding: gzip\r\n\r\n",
    "0\n\r\n",
]


def often(usual: str, others: list[str]) -> st.SearchStrategy[str]:
    """The usual, three times of four; answers of which nothing is as usual fail at their first line."""
    return st.sampled_from([usual] * 3 * len(others) + others)


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    """The bytes of an answer, in which anything may be odd, up to its end or before that."""
    text = ""
    for _ in range(draw(st.integers(1, 2))):
        status = f"{draw(often('HTTP/1.1', VERSIONS))} {draw(often('200 OK', STATUSES))}"
        lines = [status, *draw(st.lists(st.sampled_from(FIELDS), max_size=4)), ""]
        text += "".join(line + draw(often("\r\n", ENDS)) for line in lines)
    text += "".join(draw(st.lists(st.sampled_from([*CHUNKS, "hello", "hi"]), max_size=3)))
    data = text.encode("latin-1")
    return data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data
