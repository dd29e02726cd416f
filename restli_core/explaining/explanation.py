"""An explanation: what a pasted request says, and what is wrong with it, in lines for people.

    explanation.refused   a server would refuse it: a command ends with status 1
    explanation.lines     lines of (role, text) pieces, of which a terminal may colour some
    explanation.text      the same as plain text

    role     what it is
    title    the request in one line, and headings
    label    what stands at the beginning of a line, such as "Method"
    value    what stands after a label
    error    what a server refuses, and what it says
    source   a part of the request, over a caret
    caret    the caret
    note     advice, what is odd, and what is left out
    python   a line of Python

What cannot be taken for a request at all is an InvalidCallError or a DecodeError of one line: status 2.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from restli_core.server import Resource
from restli_core.values import Value

__all__ = ["Explanation", "Line", "explain"]

Line: TypeAlias = tuple[tuple[str, str], ...]


class Explanation(Value):
    """What a request says, for people.

    Attributes:
        refused: whether a server would refuse it.
        lines: the lines, each of pieces (role, text).
        python: the call in Python, an expression with ``client`` and ``Urn`` in it; empty where there is none.
    """

    refused: bool
    lines: tuple[Line, ...]
    python: str = ""

    @property
    def text(self) -> str:
        """The lines as plain text."""
        return "\n".join("".join(text for _, text in line) for line in self.lines)


def explain(
    text: str, resources: Iterable[str | Resource] | None = None, *, version_string: str | None = None
) -> Explanation:
    """Explain a request that somebody pastes: a URL with or without a method, a curl command, a raw HTTP request.

    Args:
        text: the request.
        resources: the server's resources, as `restli_core.server.read` takes them; None where they are not known.
        version_string: the version that the call in Python has where the text shows none, ``"YYYYMM"``.

    Raises:
        InvalidCallError: the text cannot be taken for a request.
    """
    raise NotImplementedError
