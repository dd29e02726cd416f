"""Outputs: values as JSON and as trees, in which no text of a server's moves the cursor or hides a part."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from restli_core.command_line.usage import UsageError

if TYPE_CHECKING:
    from restli_core.command_line.console import Console

__all__ = ["json_text", "tree_lines"]

_NAME: Final = re.compile(r'^( *)("(?:[^"\\]|\\.)*")(?=: )', re.MULTILINE)


def json_text(value: Any, console: Console, *, indented: bool = False) -> str:
    """Return a value as JSON, with an escape for each character that is not to be printed, or cannot be.

    Args:
        value: any value of JSON.
        console: where it will be printed.
        indented: whether it stands on several lines, its names in colour where there are colours.

    Raises:
        UsageError: it is nested too deeply.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, indent=2 if indented else None)
        if not console.can_print(text):
            text = json.dumps(value, indent=2 if indented else None)
    except RecursionError:
        raise UsageError("the value is nested too deeply for JSON") from None
    if not text.isprintable():
        text = "".join([one if one.isprintable() or one == "\n" else _escape(one) for one in text])
    return _NAME.sub(lambda name: name[1] + console.painted(name[2], "blue"), text) if indented else text


def _escape(character: str) -> str:
    """Return the escape of JSON for a character, two for one that is beyond 16 bits."""
    return json.dumps(character)[1:-1] if ord(character) > 0x7F else f"\\u{ord(character):04x}"


# How a branch begins, and what stands below it: where it is not the last one, and where it is.
_LINES: Final = (("├─ ", "│  "), ("└─ ", "   "))
_PLAIN_LINES: Final = (("|- ", "|  "), ("`- ", "   "))


def tree_lines(value: Any, console: Console) -> Iterator[str]:
    """Yield the lines of a tree: a map's entries with their names, a list's items with their places, from 0 on.

    Args:
        value: text, lists and dicts, at any depth.
        console: where it will be printed.
    """
    marks = _LINES if console.can_print("├└│─") else _PLAIN_LINES
    # The entries that are left at each level, with what stands before them: no recursion, since values may be deep.
    levels: list[tuple[str, list[tuple[str, Any]]]] = []
    yield _label(value, console)
    levels.append(("", _entries(value, console)))
    while levels:
        before, entries = levels[-1]
        if not entries:
            levels.pop()
            continue
        name, item = entries.pop()
        branch, below = marks[not entries]
        yield f"{before}{branch}{name} {_label(item, console)}"
        inner = _entries(item, console)
        if inner:
            levels.append((before + below, inner))


def _entries(value: Any, console: Console) -> list[tuple[str, Any]]:
    """Return the names and values of what is in a value, the first at the end."""
    if isinstance(value, dict):
        return [(console.painted(f"{_quoted(name)}:", "blue"), item) for name, item in value.items()][::-1]
    if isinstance(value, list):
        return [(console.painted(f"{index}.", "dim"), item) for index, item in enumerate(value)][::-1]
    return []


def _label(value: Any, console: Console) -> str:
    if isinstance(value, dict):
        return console.painted(f"map of {len(value)}", "dim")
    if isinstance(value, list):
        return console.painted(f"list of {len(value)}", "dim")
    return _quoted(value)


_NEVER_BARE: Final = re.compile(r'"|(?:map|list) of \d+$')


def _quoted(text: str) -> str:
    """Return a text as it is, or as JSON where it would not be seen for what it is."""
    if text and text.isprintable() and text == text.strip() and _NEVER_BARE.match(text) is None:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join([one if one.isprintable() else _escape(one) for one in quoted])
