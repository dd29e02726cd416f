"""Measure how the code reads: ``python -m benchmarks.structure [FOLDER ...]``.

For each folder (both packages by default), and for all of them together, one column of figures:

- lines, and functions in 100 lines: many small functions make a reader jump
- the length of functions, without docstrings: median, 95th percentile, longest
- top-level functions in 1,000 lines, and how many of these are named just once more
- private names at the top level of modules: functions, classes, others
- homonyms: private names that stand at the top level of several modules
- modules in the folder that has most of them
- comments that give a reason, in 100 lines: no markers for tools, no rulers between sections
- docstrings of functions that open with The, A, What, Whether and the like, in percent

It judges nothing. To compare with another project, give the folder of its package.
"""

from __future__ import annotations

import ast
import io
import re
import statistics
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

ROOT: Final = Path(__file__).parent.parent
PACKAGES: Final = (ROOT / "restli_core", ROOT / "transports" / "restli_transports")

# The first words of a docstring that describes where it should say what is done.
NOT_VERBS: Final = frozenset({"The", "A", "An", "What", "Whether", "Who", "Which", "As"})
MARKER: Final = re.compile(r"#:?\s*(?:noqa|type:|pragma:|pyright:|mypy:|fmt:|ruff:|-{3,}|={3,}|!|--)")
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Figures:
    """What is counted of one folder, or of several together."""

    modules: Counter[Path] = field(default_factory=Counter)  # in each folder
    lines: int = 0
    lengths: list[int] = field(default_factory=list)
    top_level: int = 0
    used_once: int = 0
    private: Counter[str] = field(default_factory=Counter)  # how many are functions, classes, others
    homes: dict[str, set[Path]] = field(default_factory=dict)  # of each private name, its modules
    comments: int = 0
    first_words: Counter[str] = field(default_factory=Counter)

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield each figure with its label."""
        lengths = sorted(self.lengths) or [0]
        thousand = 1000 / self.lines
        not_verbs = sum(count for word, count in self.first_words.items() if word in NOT_VERBS)
        yield "lines", f"{self.lines}"
        yield "functions in 100 lines", f"{len(self.lengths) * 100 / self.lines:.1f}"
        yield "function length: median", f"{statistics.median(lengths):g}"
        yield "function length: 95th percentile", f"{lengths[len(lengths) * 95 // 100]}"
        yield "function length: longest", f"{lengths[-1]}"
        yield "top-level functions in 1,000 lines", f"{self.top_level * thousand:.0f}"
        yield "  of these used once", f"{self.used_once * thousand:.0f}"
        yield "private top-level names", f"{self.private.total()}"
        for kind in ("functions", "classes", "others"):
            yield f"  {kind}", f"{self.private[kind]}"
        yield "homonyms among them", f"{sum(len(homes) > 1 for homes in self.homes.values())}"
        yield "most modules in one folder", f"{max(self.modules.values())}"
        yield "comments with a reason in 100 lines", f"{self.comments * 100 / self.lines:.1f}"
        yield "function docstrings", f"{self.first_words.total()}"
        yield "  that open with The, A, What, ...", f"{not_verbs * 100 / max(1, self.first_words.total()):.0f}%"

    def add(self, path: Path) -> None:
        """Count a module."""
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source)
        self.modules[path.parent] += 1
        self.lines += len(source.splitlines())
        self.comments += sum(1 for _ in _comments(source))
        for function in (node for node in ast.walk(tree) if isinstance(node, Function)):
            self.lengths.append(_length(function))
            words = (ast.get_docstring(function) or "").split()
            if words:
                self.first_words[words[0]] += 1
        uses = Counter(re.findall(r"\w+", source))
        for node in tree.body:
            if isinstance(node, Function):
                self.top_level += 1
                self.used_once += uses[node.name] == 2  # where it is defined, and where it is used
            for name, kind in _names(node):
                if name.startswith("_") and not name.startswith("__"):
                    self.private[kind] += 1
                    self.homes.setdefault(name, set()).add(path)


def _comments(source: str) -> Iterator[str]:
    """Yield the comments that are neither markers for tools nor rulers; those on lines that follow count as one."""
    before = -2
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and not MARKER.match(token.string):
            if token.start[0] != before + 1:
                yield token.string
            before = token.start[0]


def _length(function: Function) -> int:
    """Return the lines of a function from its ``def`` to its end, without its docstring."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        lines -= (first.end_lineno or 0) - first.lineno + 1
    return lines


def _names(node: ast.stmt) -> Iterator[tuple[str, str]]:
    """Yield the names that a statement at the top level defines, each with its kind."""
    if isinstance(node, Function):
        yield node.name, "functions"
    elif isinstance(node, ast.ClassDef):
        yield node.name, "classes"
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for name in (found for target in targets for found in ast.walk(target)):
            if isinstance(name, ast.Name):
                yield name.id, "others"


def main(folders: list[str]) -> None:
    """Print the figures of the folders, side by side."""
    measured: dict[str, Figures] = {}
    together = Figures()
    for folder in map(Path, folders or PACKAGES):
        figures = measured[folder.name] = Figures()
        for path in sorted(folder.rglob("*.py")):
            figures.add(path)
            together.add(path)
    if len(measured) > 1:
        measured["together"] = together
    print(f"{'':38}", *(f"{name:>18}" for name in measured))
    for rows in zip(*(figures.rows() for figures in measured.values()), strict=True):
        print(f"{rows[0][0]:38}", *(f"{value:>18}" for _, value in rows))


if __name__ == "__main__":
    main(sys.argv[1:])
