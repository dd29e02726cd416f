"""Pages of documentation as text: their sections, the programs that they show, and what their tables name."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

from tests.support.source_tree import ROOT


def text_of(page: str) -> str:
    """Return the text of a page, which is named by its path, such as docs/bulk.md."""
    return (ROOT / page).read_text(encoding="utf-8")


def markdown_files() -> list[str]:
    """Return the paths of all pages in Markdown, those of GitHub's forms and of the test vectors too."""
    found: list[str] = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name == ".github" or not name.startswith((".", "build", "dist"))]
        found += [(Path(folder) / name).relative_to(ROOT).as_posix() for name in files if name.endswith(".md")]
    return sorted(found)


def section_of(text: str, title: str) -> str:
    """Return what stands below a heading of the second level, up to the next one; "" where there is none."""
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def table_of(text: str, column: str) -> str:
    """Return the table whose first column has this heading."""
    return text.partition(f"\n| {column} |")[2].partition("\n\n")[0]


def programs_in(text: str) -> list[str]:
    """Return the programs in Python that a text shows."""
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def names_in_rows(table: str) -> list[str]:
    """Return the names in code at the beginning of each row of a table."""
    cells = re.findall(r"^\| (`[^|]*`) \|", table, re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`(.*?)`", cell)]


class Table(NamedTuple):
    """A table of a page: its columns by their headings, and its rows, each a text for each column."""

    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]


def tables_in(text: str) -> list[Table]:
    """Return the tables of a page. A cell that is code and nothing else is that code, without its backticks."""
    found = []
    for block in re.findall(
        r"(?:^\|.*\|\n?)+", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE), re.MULTILINE
    ):
        heading, rule, *rows = [_cells(line) for line in block.splitlines()]
        assert {*"".join(rule)} <= {"-"}, rule
        assert all(len(row) == len(heading) for row in rows), block
        found.append(Table(heading, rows))
    return found


def _cells(line: str) -> tuple[str, ...]:
    cells = [cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    return tuple(match[1] if (match := re.fullmatch("`([^`]*)`", cell)) else cell for cell in cells)
