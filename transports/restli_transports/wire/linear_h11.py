"""h11 in linear time: two of its expressions, in a form that takes the same lines and leaves no choice.

    field    name ":" OWS value OWS         where the value is empty, either OWS may have the blanks
    chunk    size [ ";" ext ] OWS CRLF      the extension may have the blanks as well as the OWS after it

Where such a line is refused in the end, an expression that leaves a choice has tried each: h11 0.16 needs a minute for
60 KB of blanks and one odd character, which no limit of a call interrupts. httpcore makes connections of h11 by itself,
so that the one place for a cure is h11's module, for all of the process; it is changed only where it has the
expressions that are known, and one day it may have better ones. The compliance suite fails where this is no cure.

A connection that only reads an answer by them, to a request that others have sent, is made here as well.
"""

from __future__ import annotations

import re
from typing import Any, Final

import h11
from h11 import _readers

__all__ = ["awaiting_answer", "make_linear"]

# The names of the expressions in h11; what of them leaves a choice, and what stands in its place.
_CHANGES: Final[dict[str, tuple[bytes, bytes]]] = {
    # Blanks that were taken after the colon are not given back.
    "header_field_re": (rb":[ \t]*(?P<field_value>", rb":[ \t]*+(?P<field_value>"),
    # An extension goes on to the end of the line.
    "chunk_header_re": (rb"(?P<chunk_ext>;.*)?[ \t]*\r\n", rb"(?:(?P<chunk_ext>;.*)|[ \t]*)\r\n"),
}


def make_linear(readers: Any = _readers) -> None:
    """Change the expressions of h11, where they are those that are known.

    Args:
        readers: the module of h11 that has them.
    """
    for name, (known, linear) in _CHANGES.items():
        expression = getattr(readers, name, None)
        if isinstance(expression, re.Pattern) and isinstance(expression.pattern, bytes) and known in expression.pattern:
            setattr(readers, name, re.compile(expression.pattern.replace(known, linear)))


def awaiting_answer(method: str) -> h11.Connection:
    """Return a connection of h11 that is to read the answer to a request, of which it knows the method alone.

    Args:
        method: that of the request: an answer to HEAD has no body.
    """
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method=method, target="/", headers=[("Host", "a")]))
    connection.send(h11.EndOfMessage())
    return connection
