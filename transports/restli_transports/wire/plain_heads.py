"""Plain heads: status line and fields of an answer as almost all have them, taken apart by one expression.

    head   = "HTTP/1.1" SP status [ SP text ] CRLF 1*( name ":" text CRLF ) CRLF
    status = of 2xx to 5xx
    text   = *( visible ASCII / SP / HTAB )

Each reader of answers knows of more than these, and reads whatever is not plain in its own way. The expression leaves
one way to take a line, so that it needs no more time than the head has bytes.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

__all__ = ["PlainHead", "read_plain_head"]

_HEAD: Final = re.compile(
    rb"HTTP/1\.1 ([2-5][0-9][0-9])(?: ([\t -~]*+))?\r\n((?:[-!#$%&'*+.^_`|~0-9A-Za-z]++:[\t -~]*+\r\n)++)\r\n"
)


class PlainHead(NamedTuple):
    """A head that was taken apart.

    Args:
        status: the status code.
        reason: what stands after it.
        fields: names and values, as they were written, without the blanks around a value.
        size: how many bytes the head has.
    """

    status: int
    reason: str
    fields: list[tuple[str, str]]
    size: int


def read_plain_head(data: bytes) -> PlainHead | None:
    """Return the head that stands at the beginning of data; None where it is not plain, or not whole."""
    match = _HEAD.match(data)
    if match is None:
        return None
    status, reason, lines = match.groups(b"")
    fields = [line.partition(":") for line in lines.decode("ascii").split("\r\n")]
    named = [(name, value.strip(" \t")) for name, colon, value in fields if colon]
    return PlainHead(int(status), reason.decode("ascii"), named, match.end())
