"""The two packages as files: their modules, what each imports, and what each defines."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = {"restli_core": ROOT / "restli_core", "restli_transports": ROOT / "transports" / "restli_transports"}

FunctionDef = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """A module or package of ours.

    Attributes:
        name: such as ``restli_core.oauth.calls``, and ``restli_core.oauth`` for a package.
        path: where it is.
    """

    name: str
    path: Path

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """The nodes of its syntax tree, in functions and under TYPE_CHECKING too."""
        return list(ast.walk(ast.parse(self.path.read_text(encoding="utf-8"))))

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"

    @property
    def is_public(self) -> bool:
        """Whether no part of its name begins with an underscore."""
        return "._" not in self.name

    def imported_names(self) -> Iterator[tuple[str, str]]:
        """Yield a module of ours and a name that is imported from it, or "" where it is imported whole."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from ((alias.name, "") for alias in node.names if alias.name.partition(".")[0] in PACKAGES)
            elif isinstance(node, ast.ImportFrom):
                assert node.module is not None
                assert node.level == 0, f"{self.path}:{node.lineno}: a relative import"
                if node.module.partition(".")[0] in PACKAGES:
                    yield from ((node.module, alias.name) for alias in node.names)

    def imported_modules(self) -> set[str]:
        """Return the names of the modules of ours that it imports."""
        names = {module.name for module in MODULES}
        return {
            submodule if (submodule := f"{module}.{name}") in names else module
            for module, name in self.imported_names()
        }

    def functions(self) -> Iterator[FunctionDef]:
        """Yield the functions and methods, but for properties."""
        for node in self.nodes:
            if isinstance(node, FunctionDef) and not any(map(_makes_a_property, node.decorator_list)):
                yield node


def _makes_a_property(decorator: ast.expr) -> bool:
    text = ast.unparse(decorator)
    return text in {"property", "cached_property", "functools.cached_property"} or text.endswith(".setter")


def _modules() -> Iterator[Module]:
    for package, folder in PACKAGES.items():
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder).with_suffix("").parts
            yield Module(".".join([package, *parts]).removesuffix(".__init__"), path)


MODULES: tuple[Module, ...] = tuple(_modules())


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Return the groups of nodes of a graph that lead to one another, by Tarjan's algorithm."""
    found: list[list[str]] = []
    index: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []

    def visit(node: str) -> None:
        index[node] = lowest[node] = len(index)
        stack.append(node)
        for target in sorted(graph[node]):
            if target not in index:
                visit(target)
                lowest[node] = min(lowest[node], lowest[target])
            elif target in stack:
                lowest[node] = min(lowest[node], index[target])
        if lowest[node] == index[node]:
            at = stack.index(node)
            group = stack[at:]
            del stack[at:]
            if len(group) > 1 or node in graph[node]:
                found.append(sorted(group))

    for node in graph:
        if node not in index:
            visit(node)
    return found
