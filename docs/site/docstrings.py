"""Docstrings as Markdown: their sections, their lists of names, and the programs and drawings in them."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from typing import Final

__all__ = ["markdown_of", "summary_of"]

_SECTION: Final = re.compile(r"(Args|Attributes|Raises|Returns|Yields|Warns|Examples?|Notes?):")
_ITEM: Final = re.compile(r"(\*{0,2}[A-Za-z_][\w.]*(?:, \*{0,2}[A-Za-z_][\w.]*)*): (.*)", re.DOTALL)
_TITLES: Final = {"Args": "Arguments"}


def summary_of(docstring: str) -> str:
    """Return the first paragraph of a docstring on one line."""
    return " ".join(docstring.partition("\n\n")[0].split())


def markdown_of(docstring: str, names: frozenset[str] = frozenset()) -> str:
    """Return a docstring, as `inspect.getdoc` gives it, as Markdown.

    Args:
        docstring: in the style of Google, which may have drawings, programs and tables.
        names: what may stand in a list without a heading, ``name: what it is``, such as the function's parameters.
    """
    return "\n\n".join(_blocks(docstring, names))


def _paragraphs(text: str) -> Iterator[list[str]]:
    """Yield the lines between empty lines; those that are indented stay together."""
    block: list[str] = []
    gap = 0
    for line in [*text.splitlines(), "", "end"]:
        if not line.strip():
            gap += 1
            continue
        if block and (gap and not (line.startswith("    ") and block[0].startswith("    "))):
            yield block
            block, gap = [], 0
        block += [""] * gap + [line]
        gap = 0


def _blocks(text: str, names: frozenset[str]) -> Iterator[str]:
    for lines in _paragraphs(text):
        heading = _SECTION.fullmatch(lines[0])
        if heading and len(lines) > 1:
            yield _section(heading[1], lines[1:], names)
        elif lines[0].startswith(">>>"):
            yield _fenced("pycon", re.sub(r" +# doctest: .*", "", "\n".join(lines)))
        elif lines[0].startswith("    "):
            yield _drawn("\n".join(lines))
        else:
            yield from _plain(lines, names)


def _plain(lines: list[str], names: frozenset[str]) -> Iterator[str]:
    """Yield a paragraph: with a list, a program or a table that follows it without an empty line apart."""
    item = _ITEM.fullmatch(lines[0])
    if item and item[1].lstrip("*").partition(",")[0] in names:
        yield _list(lines)
        return
    at = next(
        (place for place, line in enumerate(lines) if place and _begins_apart(line, lines[place - 1])), len(lines)
    )
    yield "\n".join(lines[:at])
    if lines[at:]:
        yield from _blocks("\n".join(lines[at:]), names)


def _begins_apart(line: str, before: str) -> bool:
    inside = (" ", "- ", "* ", "|", ">>>")
    return line.startswith(("- ", "* ", "|", "    ", ">>>")) and not before.startswith(inside)


def _section(name: str, lines: list[str], names: frozenset[str]) -> str:
    inside = textwrap.dedent("\n".join(lines))
    title = f"**{_TITLES.get(name, name)}**"
    is_list = name in {"Args", "Attributes", "Raises", "Warns"}
    return f"{title}\n\n" + (_list(inside.splitlines()) if is_list else markdown_of(inside, names))


def _list(lines: list[str]) -> str:
    """Return ``name: text`` as a list; what is indented more belongs to the item before."""
    items: list[list[str]] = []
    for line in lines:
        if line[:1].strip() and _ITEM.fullmatch(line):
            items.append([line])
        elif items:
            items[-1].append(line)
        else:
            items.append([line])
    return "\n".join(map(_item, items))


def _item(lines: list[str]) -> str:
    found = _ITEM.fullmatch(lines[0])
    rest = textwrap.dedent("\n".join(lines[1:]))
    first = f"- `{found[1]}`: {found[2]}" if found else f"- {lines[0]}"
    # What goes on in the next line is a part of the sentence, unless it is a list, a drawing or another paragraph.
    return first + ("\n" + textwrap.indent(rest, "    ") if rest.strip() else "")


def _drawn(text: str) -> str:
    inside = textwrap.dedent(text)
    if all(line.startswith("|") for line in inside.splitlines()):
        return inside
    try:
        ast.parse(inside)
    except SyntaxError:
        return _fenced("text", inside)
    return _fenced("python", inside)


def _fenced(language: str, text: str) -> str:
    return f"```{language}\n{text}\n```"
