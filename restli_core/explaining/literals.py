"""Values as Python source, laid out as black does: on one line where it fits, else one item on each line.

A call is a value like any other here: what stands before its parenthesis, positional items, and named ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from restli_core.base_errors import InvalidCallError
from restli_core.patterns import lazy_pattern
from restli_core.urn import read_urn
from restli_core.values import Value

__all__ = ["Opened", "Wire", "plain_scalar", "python_text"]

MAX_DEPTH: Final = 90
"""Levels: Python's own compiler takes 200 brackets inside one another, of which a call needs some."""


class Opened(Value):
    """Something between brackets.

    Attributes:
        opening: what it begins with, such as ``[`` or ``client.get(``.
        items: its items, each a text that stands before a value, such as ``"name": ``, and the value.
        closing: what it ends with.
    """

    opening: str
    items: tuple[tuple[str, Any], ...]
    closing: str


class Wire(Value):
    """A value as a server reads it from a URL, where all leaves are texts: it is written as what they stand for."""

    value: Any


_NUMBER: Final = lazy_pattern(r"0|-?[1-9][0-9]{0,17}")
_WORDS: Final[Mapping[str, bool]] = {"true": True, "false": False}


def plain_scalar(text: str) -> Any:
    """Return what a text from a URL stands for, if that is written as just this text: a number, a boolean, or text."""
    return _WORDS.get(text, int(text) if _NUMBER.fullmatch(text) else text)


def python_text(value: object, *, width: int = 100) -> str:
    """Return the source of a value: JSON's types, a tuple, `Wire`, or `Opened`. A text that is a URN becomes a `Urn`.

    Args:
        value: the value.
        width: how many columns a line may have.

    Raises:
        InvalidCallError: it is nested deeper than Python can compile.
    """
    pieces: list[str] = []
    # What is still to be written: an indent, what stands before a value, the value, and what is after it. A list, since
    # Python's stack is not deep enough for all values.
    waiting: list[tuple[int, str, Any, str]] = [(0, "", value, "")]
    while waiting:
        indent, before, one, after = waiting.pop()
        opened = _opened(one)
        if opened is None:
            pieces.append(f"{' ' * indent}{before}{_scalar(one)}{after}\n")
            continue
        if indent > 4 * MAX_DEPTH:
            raise InvalidCallError("request", f"has values nested more than {MAX_DEPTH} levels deep")
        flat = _flat(one, width - indent - len(before) - len(after))
        if flat is not None:
            pieces.append(f"{' ' * indent}{before}{flat}{after}\n")
            continue
        pieces.append(f"{' ' * indent}{before}{opened.opening}\n")
        waiting.append((indent, "", _Text(opened.closing), after))
        waiting += [(indent + 4, name, item, ",") for name, item in reversed(opened.items)]
    return "".join(pieces).removesuffix("\n")


class _Text(Value):
    """Source as it is."""

    text: str


def _opened(value: object) -> Opened | None:
    """Return what has brackets; None for a scalar, and for what is empty."""
    if isinstance(value, Opened):
        return value
    inner, inside = (value.value, Wire) if isinstance(value, Wire) else (value, _same)
    if isinstance(inner, Mapping) and inner:
        return Opened("{", tuple([(f"{_quoted(name)}: ", inside(item)) for name, item in inner.items()]), "}")
    if isinstance(inner, list | tuple) and inner:
        opening, closing = "[]" if isinstance(inner, list) else "()"
        return Opened(opening, tuple([("", inside(item)) for item in inner]), closing)
    return None


def _same(value: Any) -> Any:
    return value


def _flat(value: object, room: int) -> str | None:
    """Return a value on one line; None where that is longer than there is room, which is seen as soon as it is."""
    written: list[str] = []
    used = 0
    for piece in _flat_pieces(value):
        used += len(piece)
        if used > room:
            return None
        written.append(piece)
    return "".join(written)


def _flat_pieces(value: object) -> Iterator[str]:
    """Yield the pieces of a value on one line, the outer ones first."""
    waiting: list[Any] = [value]
    while waiting:
        one = waiting.pop()
        opened = _opened(one)
        if opened is None:
            yield _scalar(one)
            continue
        yield opened.opening
        waiting.append(_Text(opened.closing))
        for place in range(len(opened.items) - 1, -1, -1):
            name, item = opened.items[place]
            waiting += [item, _Text(f"{', ' if place else ''}{name}")]


def _scalar(value: object) -> str:
    """Return the source of a value without items."""
    if isinstance(value, _Text):
        return value.text
    if isinstance(value, Wire):
        value = plain_scalar(value.value) if isinstance(value.value, str) else value.value
    if not isinstance(value, str):
        return repr(value)
    return f"Urn({_quoted(value)})" if read_urn(value) is not None else _quoted(value)


def _quoted(text: str) -> str:
    """Return a text between double quotes, unless it has more of these than of single ones, as black has it."""
    written = repr(text)
    if written[0] == '"' or '"' in text:
        return written
    return '"' + written[1:-1] + '"'
