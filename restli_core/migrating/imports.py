"""Imports: those of linkedin-api-client, rewritten one statement at a time, where it stands.

    from linkedin_api.clients.restli.client import RestliClient   ->  from restli_transports import RestliClient
    from linkedin_api.common.errors import ResponseFormattingError -> from restli_core import InvalidResponseError
    import linkedin_api.clients.restli.utils.encoder as encoder   ->  import restli_core as encoder

A name that is another one here is renamed in the whole program, if this import alone binds it; else it keeps the name
that it has: ``from restli_core import InvalidResponseError as ResponseFormattingError``. What has no counterpart stays,
with a comment.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from typing import Final, NamedTuple

from restli_core.migrating.counterparts import ADVICE, COUNTERPARTS, PACKAGE, module_of
from restli_core.migrating.meanings import Meanings  # noqa: TC001 - for typing.get_type_hints
from restli_core.migrating.positions import ProgramText  # noqa: TC001 - likewise

__all__ = ["ImportsRewriter"]

_STAR: Final = "which names * brings is not known: import each by its name, and run this once more"
_CLIENT_MODULES: Final = (f"{PACKAGE}.clients.restli.client", f"{PACKAGE}.clients.auth.client")


def is_of_package(module: str) -> bool:
    """Return whether a module is linkedin-api-client's."""
    return module == PACKAGE or module.startswith(f"{PACKAGE}.")


class _Use(NamedTuple):
    """A name that is used through a module.

    Attributes:
        root: the name that the expression begins with, which an import binds.
        module: the module that has what stands for it here.
        name: what stands for it here.
        through_modules: whether further modules are in between, as in ``linkedin_api.common.errors.SomeError``.
    """

    root: str
    module: str
    name: str
    through_modules: bool


class ImportsRewriter:
    """What rewrites the imports of a program, and the names that come with them.

    Args:
        text: the program, which takes the edits.
        meanings: what its names stand for.
        also: an import to stand below the first one that brings a client, or below each where they are in functions;
            None for none.
    """

    def __init__(self, text: ProgramText, meanings: Meanings, also: str | None) -> None:
        self._text = text
        self._meanings = meanings
        self._also = also
        self._alone: ast.AST | None = None  # the import of a client below which that one stands, and no other
        self._renamed: dict[str, str] = {}  # names that the whole program uses
        self._modules_kept = self._modules_that_stay()
        self._unnamed = self._modules_that_no_import_names()

    def rewrite(self) -> None:
        """Plan the edits: of each import, and of each use of a name that it brings."""
        brings = [node for node in self._meanings.nodes() if self._brings_client(node)]
        outside = [node for node in brings if isinstance(self._meanings.scope(node), ast.Module)]
        self._alone = min(outside, key=lambda node: getattr(node, "lineno", 0), default=None)
        for node in self._meanings.nodes():
            if isinstance(node, ast.ImportFrom) and not node.level and is_of_package(node.module or ""):
                self._rewrite_from(node, node.module or "")
            elif isinstance(node, ast.Import) and any(is_of_package(alias.name) for alias in node.names):
                self._rewrite_import(node)
        for node in self._meanings.nodes():
            if isinstance(node, ast.Name) and node.id in self._renamed:
                self._text.replace(*self._text.span(node), self._renamed[node.id])
            elif isinstance(node, ast.Attribute):
                self._rewrite_use(node)

    # -- modules that are used as such ---------------------------------------------------------------------------------

    def _modules_that_stay(self) -> set[str]:
        """Return the names of modules of which the program uses something that has no counterpart."""
        kept: set[str] = set()
        for node in self._meanings.nodes():
            if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
                continue
            is_module = (self._meanings.of(node) or "").startswith("module ")
            if is_module and not self._is_used_for_a_name(node):
                kept.add(node.id)
        return kept

    def _is_used_for_a_name(self, node: ast.expr) -> bool:
        while isinstance(outer := self._meanings.parent(node), ast.Attribute):
            node = outer
            if (self._meanings.of(node) or "").startswith("name "):
                return True
        return False

    def _modules_that_no_import_names(self) -> dict[str, list[str]]:
        """Return, by the name that an import binds, the modules of ours that are used through it and not named by it.

        ``linkedin_api.common.errors`` is there after ``import linkedin_api.clients.restli.client``, which imports it.
        """
        statements = [node for node in self._meanings.nodes() if isinstance(node, ast.Import)]
        whole = [alias.name for node in statements for alias in node.names if alias.asname is None]
        named = {module_of(name) for name in whole if name in COUNTERPARTS}
        found: dict[str, set[str]] = defaultdict(set)
        for node in self._meanings.nodes():
            use = self._use(node) if isinstance(node, ast.Attribute) else None
            if use is not None and use.through_modules and not (use.root == PACKAGE and use.module in named):
                found[use.root].add(use.module)
        return {root: sorted(modules) for root, modules in found.items()}

    def _use(self, node: ast.Attribute) -> _Use | None:
        """Return how a name is used through a module; None for anything else."""
        meaning = self._meanings.of(node) or ""
        owner = self._meanings.of(node.value) or ""
        if not meaning.startswith("name ") or not owner.startswith("module "):
            return None
        root = node.value
        while isinstance(root, ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name) or root.id in self._modules_kept:
            return None
        module, name = COUNTERPARTS[owner.partition(" ")[2]][node.attr]
        return _Use(root.id, module, name, through_modules=root is not node.value)

    def _rewrite_use(self, node: ast.Attribute) -> None:
        use = self._use(node)
        if use is None:
            return
        start, end = self._text.span(node)
        if not self._text.holds(node):
            self._text.note(self._meanings.around(node), f"{ast.unparse(node)} is {use.module}.{use.name} here")
        elif use.through_modules:
            self._text.replace(start, end, f"{use.module}.{use.name}")
        elif use.name != node.attr:
            self._text.replace(end - len(node.attr), end, use.name)

    def _imports_of_unnamed(self, node: ast.Import | ast.ImportFrom) -> list[str]:
        bound = [alias.asname or alias.name.partition(".")[0] for alias in node.names]
        modules = [module for name in bound for module in self._unnamed.get(name, [])]
        return [f"import {module}" for module in dict.fromkeys(modules)]

    # -- statements ----------------------------------------------------------------------------------------------------

    def _rewrite_import(self, node: ast.Import) -> None:
        lines: list[str] = []
        kept: list[str] = []
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            if alias.name in COUNTERPARTS and name not in self._modules_kept:
                lines.append(f"import {module_of(alias.name)}{_as(alias.asname)}")
            else:
                kept.append(f"{alias.name}{_as(alias.asname)}")
                if is_of_package(alias.name):
                    self._text.note(self._meanings.around(node), f"{alias.name} has no counterpart as a whole")
        lines += self._imports_of_unnamed(node)
        if lines:
            self._put(node, [*([f"import {', '.join(kept)}"] if kept else []), *lines])

    def _rewrite_from(self, node: ast.ImportFrom, module: str) -> None:
        brought: dict[str, list[str]] = defaultdict(list)
        lines: list[str] = []
        kept: list[str] = []
        for alias in node.names:
            full = f"{module}.{alias.name}"
            if alias.name in COUNTERPARTS.get(module, {}):
                place, name = COUNTERPARTS[module][alias.name]
                brought[place].append(self._imported(alias, name))
            elif full in COUNTERPARTS and (alias.asname or alias.name) not in self._modules_kept:
                lines.append(f"import {module_of(full)} as {alias.asname or alias.name}")
            else:
                kept.append(f"{alias.name}{_as(alias.asname)}")
                advice = f": {ADVICE[alias.name]}" if alias.name in ADVICE else ""
                words = f"{alias.name} of {module} has no counterpart{advice}" if alias.name != "*" else _STAR
                self._text.note(self._meanings.around(node), words)
        lines += self._imports_of_unnamed(node)
        froms = [f"from {place} import {', '.join(dict.fromkeys(names))}" for place, names in brought.items()]
        if froms or lines:
            rest = [f"from {module} import {', '.join(kept)}"] if kept else []
            self._put(node, [*rest, *froms, *dict.fromkeys(lines)])

    def _imported(self, alias: ast.alias, name: str) -> str:
        if alias.asname is None and name != alias.name and self._may_rename(alias.name, name):
            self._renamed[alias.name] = name
            return name
        bound = alias.asname or alias.name
        return name if bound == name else f"{name} as {bound}"

    def _may_rename(self, old: str, new: str) -> bool:
        """Return whether a name can be another one in the whole program: nothing else binds it, or has it as text."""
        if self._meanings.binders(old) > 1 or self._meanings.binders(new):
            return False
        # In an annotation, in __all__, in a call of getattr.
        pattern = re.compile(rf"\b{old}\b")
        return not any(
            (isinstance(node, ast.Constant) and isinstance(node.value, str) and pattern.search(node.value))
            or (isinstance(node, ast.Name) and node.id == old and not self._text.holds(node))
            for node in self._meanings.nodes()
        )

    def _brings_client(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Import | ast.ImportFrom) and "import restli_transports" in self._imports_of_unnamed(
            node
        ):
            return True
        if isinstance(node, ast.Import):
            return any(alias.name in _CLIENT_MODULES for alias in node.names)
        if not isinstance(node, ast.ImportFrom) or node.level:
            return False
        return node.module in _CLIENT_MODULES or any(
            f"{node.module}.{one.name}" in _CLIENT_MODULES for one in node.names
        )

    def _put(self, node: ast.stmt, lines: list[str]) -> None:
        if self._also and self._brings_client(node) and self._alone in (None, node):
            lines = [*lines, self._also]
        start, end = self._text.span(node)
        # An import has no text but names: what follows # is a comment, which keeps a line of its own.
        comments = re.findall(r"#[^\r\n]*", self._text.text[start:end])
        if self._text.is_alone(node):
            self._text.replace(start, end, self._text.joined([*comments, *lines], self._text.indent(node)))
        elif comments:
            self._text.note(self._meanings.around(node), f"the import is `{'; '.join(lines)}` here")
        else:
            self._text.replace(start, end, "; ".join(lines))


def _as(name: str | None) -> str:
    return f" as {name}" if name else ""
