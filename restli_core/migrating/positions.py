"""Positions: the text of a program, where its syntax stands in it, and edits of it.

`ast` counts columns in bytes of UTF-8, and lines as Python does: they end in LF, CR LF or CR, and nowhere else.
An edit is (start, end, new text), in characters from the beginning. Comments go in lines of their own above the
statement that they are about, where a comment may stand whatever surrounds it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from typing import Final

__all__ = ["MARK", "ProgramText"]

MARK: Final = "# TODO(restli migrate): "
"""How a comment begins that says what is left to do."""

_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")


class ProgramText:
    """A program's text, and the edits that are planned.

    Args:
        text: the text, which `ast` has parsed.
        tree: what it made of it.
    """

    def __init__(self, text: str, tree: ast.Module) -> None:
        self.text = text
        self._lines = [line for line in _LINE.findall(text) if line]
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))
        self._columns: dict[int, list[int] | None] = {}
        self._indents = [len(line) - len(line.lstrip(" \t\f@")) for line in self._lines]
        self._newline = next((end for end in ("\r\n", "\n", "\r") if end in text), "\n")
        self._edits: dict[tuple[int, int], str] = {}
        self._notes: dict[int, list[str]] = {}
        self._places = {node: line for node in ast.walk(tree) if (line := self._own_line_of(node)) is not None}
        self._own_lines = {*self._places.values()}
        self._first_line = min(self._own_lines, default=1)

    # -- places --------------------------------------------------------------------------------------------------------

    def _offset(self, line: int, column: int) -> int:
        if line not in self._columns:
            text = self._lines[line - 1]
            # For each byte its character, once for each line: a program may be one long line.
            self._columns[line] = (
                None
                if text.isascii()
                else [place for place, one in enumerate(text) for _ in one.encode()] + [len(text)]
            )
        columns = self._columns[line]
        return self._starts[line - 1] + (column if columns is None else columns[column])

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Return where a node begins and ends."""
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
        return self._offset(node.lineno, node.col_offset), self._offset(end_line, end_column)

    def holds(self, node: ast.expr) -> bool:
        """Return whether the text of a node is where it says; in an f-string, before Python 3.12, it may not be."""
        start, end = self.span(node)
        try:
            there = ast.parse(f"({self.text[start:end]}\n)", mode="eval").body
        except (SyntaxError, ValueError):
            return False
        return ast.unparse(there) == ast.unparse(node)

    def _own_line_of(self, node: ast.AST) -> int | None:
        """Return the line of a statement above which a comment may stand: one that nothing else is on before it."""
        if not isinstance(node, ast.stmt | ast.excepthandler):
            return None
        first: ast.expr | ast.stmt | ast.excepthandler = node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.decorator_list:
            first = node.decorator_list[0]
        start = self._offset(first.lineno, first.col_offset)
        if isinstance(node, ast.If) and self.text.startswith("elif", start):
            return None  # what is above it belongs to the branch before
        is_first = start <= self._starts[first.lineno - 1] + self._indents[first.lineno - 1]
        # After a backslash the line goes on, and a comment would end it.
        follows = first.lineno > 1 and self._lines[first.lineno - 2].rstrip("\r\n").endswith("\\")
        return first.lineno if is_first and not follows else None

    def is_alone(self, node: ast.stmt) -> bool:
        """Return whether a statement has its lines for itself, but for a comment after it."""
        _, end = self.span(node)
        rest = self.text[end : self._starts[node.end_lineno or node.lineno]].strip()
        return node in self._places and (not rest or rest.startswith("#"))

    def indent(self, node: ast.stmt) -> str:
        """Return what stands before a statement on its line."""
        return self.text[self._starts[node.lineno - 1] : self.span(node)[0]]

    # -- edits ---------------------------------------------------------------------------------------------------------

    def replace(self, start: int, end: int, new: str) -> None:
        """Plan that `new` takes the place of what is between two positions."""
        self._edits[start, end] = new

    def insert(self, position: int, new: str) -> None:
        """Plan that `new` comes in before a position, once."""
        self._edits[position, position] = new

    def note(self, around: Iterable[ast.AST], words: str) -> None:
        """Plan a comment above the first of some nodes that one can stand above, unless it is there already.

        Args:
            around: a node, what it is part of, and so on outward.
            words: what is left to do.
        """
        place = next(filter(None, map(self._line_for, around)), self._first_line)
        notes = self._notes.setdefault(place, self._notes_above(place))
        if words not in notes:
            notes.append(words)

    def _line_for(self, node: ast.AST) -> int | None:
        """Return the line above which a comment on a node may stand: its own, or that of what is there before it."""
        if not isinstance(node, ast.stmt | ast.excepthandler):
            return None
        return self._places.get(node) or (node.lineno if node.lineno in self._own_lines else None)

    def _notes_above(self, line: int) -> list[str]:
        found: list[str] = []
        while line > 1 and (above := self._lines[line - 2].strip()).startswith(MARK):
            found.append(above.removeprefix(MARK))
            line -= 1
        return found[::-1]

    def joined(self, lines: Iterable[str], indent: str) -> str:
        """Return lines in the program's own way of ending them, all but the first with an indent."""
        return f"{self._newline}{indent}".join(lines)

    def edited(self) -> str:
        """Return the text with all that is planned."""
        pieces: list[str] = []
        position = 0
        comments = {(self._starts[line - 1], self._starts[line - 1]): self._comments(line) for line in self._notes}
        every = [*comments.items(), *self._edits.items()]
        for (start, end), new in sorted(every, key=lambda edit: edit[0]):
            pieces += [self.text[position:start], new]
            position = end
        return "".join([*pieces, self.text[position:]])

    def _comments(self, line: int) -> str:
        text = self._lines[line - 1]
        indent = text[: len(text) - len(text.lstrip(" \t\f"))]
        new = self._notes[line][len(self._notes_above(line)) :]
        return "".join(f"{indent}{MARK}{words}{self._newline}" for words in new)
