"""What the two packages keep outside of objects, or set after these are made: what threads share without asking.

    kept      a module's or a class's own value that can change: a container, a lock, a WeakSet, an object with state
    cached    the results of a function, or a property, kept where it is asked for first
    global    a module's name that a function binds anew, `globals()` included
    late      an attribute of a class, a function or a frozen value that is set where it is first needed

A container is none of these where its annotation says that nobody changes it (Mapping, Sequence, ...: the type checkers
hold that), or where the packages have no line that does.
"""

from __future__ import annotations

import ast
import enum
import inspect
import json
import re
import types
import typing
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import PurePath
from typing import Any, Final, NamedTuple

from restli_core.values import Value
from tests.support.source_tree import MODULES

__all__ = ["found_state", "state_in"]


class Place(NamedTuple):
    """Where a piece of state is, and of which kind."""

    name: str
    kind: str


_CACHES: Final = {"cache", "lru_cache", "cached_property"}
_READ_ONLY: Final = re.compile(
    r"(?:(?:Final|ClassVar)\[)*(?:Mapping|Sequence|Set|Collection|Iterable|frozenset|tuple)\["
)
_CHANGING: Final = {
    *("append", "extend", "insert", "remove", "pop", "popitem", "popleft", "appendleft", "clear", "sort", "reverse"),
    *("add", "discard", "update", "setdefault", "difference_update", "intersection_update", "__setitem__"),
}
_FIXED: Final = (
    *(type(None), bool, int, float, complex, str, bytes, re.Pattern, type, enum.Enum, Value, property),
    *(types.FunctionType, types.BuiltinFunctionType, types.ModuleType, types.GenericAlias, types.UnionType),
    *(types.MethodType, types.MappingProxyType, types.MethodDescriptorType, types.MethodWrapperType),
    *(types.MemberDescriptorType, types.GetSetDescriptorType, types.WrapperDescriptorType),
    *(typing.TypeVar, typing.ParamSpec, PurePath, type(vars(Place)["name"])),  # the latter a named tuple's field
    *(json.JSONEncoder, json.JSONDecoder, range),
)
# Theirs are values; a pattern that is compiled late is found where that is done.
_FIXED_MODULES: Final = {"typing", "operator", "_struct", "decimal", "datetime", "types", "restli_core.patterns"}
_CONTAINERS: Final = (dict, list, set)
_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def found_state() -> dict[str, str]:
    """Return the kind of each piece of state, by its place: ``module:name``, or ``module:function``."""
    everywhere = {name for module in MODULES for name in _changed_names(module.nodes[0]) if not name.startswith("_")}
    found: dict[str, str] = {}
    for module in MODULES:
        if module.name.endswith(".__main__"):
            continue  # a program's own, which no other module imports
        try:
            values = vars(import_module(module.name))
        except ImportError:  # a library that is not installed
            continue
        tree = ast.parse(module.path.read_text(encoding="utf-8"))
        found |= {f"{module.name}:{name}": kind for name, kind in state_in(tree, values, everywhere)}
    return found


def state_in(tree: ast.Module, values: Mapping[str, Any], everywhere: set[str]) -> Iterator[Place]:
    """Yield the places of state in a module, and their kinds.

    Args:
        tree: its syntax tree.
        values: what it has defined.
        everywhere: the public names of what other modules change.
    """
    changed = everywhere.union(_changed_names(tree))
    yield from _kept(tree.body, values, changed, "")
    yield from _in_scope(tree, values, changed, "")


def _kept(body: list[ast.stmt], values: Mapping[str, Any], changed: set[str], prefix: str) -> Iterator[Place]:
    for statement in _flat(body):
        annotation, targets = "", list[ast.expr]()
        if isinstance(statement, ast.AnnAssign):
            targets, annotation = [statement.target], ast.unparse(statement.annotation)
        elif isinstance(statement, ast.Assign):
            targets = statement.targets
        for name in [target.id for target in targets if isinstance(target, ast.Name)]:
            # Before the names in it are looked up: an instance's attribute has no value in its class.
            if name in values and not _is_fixed(values[name], annotation, name in changed):
                yield Place(prefix + name, "kept")


def _flat(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        yield statement
        if isinstance(statement, ast.If | ast.Try):
            yield from _flat([*statement.body, *statement.orelse])


def _is_fixed(value: Any, annotation: str, is_changed: bool) -> bool:
    if isinstance(value, _CONTAINERS):
        return not is_changed or _READ_ONLY.match(annotation) is not None
    if isinstance(value, tuple | frozenset):
        return all(_is_fixed(item, annotation, is_changed) for item in value)
    # typing's own and descriptors such as those of slots; a sentinel; functions of C, and what they were given.
    return (
        isinstance(value, _FIXED)
        or type(value) is object
        or type(value).__module__ in _FIXED_MODULES
        or type(value).__module__.startswith("hypothesis.")
        or getattr(getattr(type(value), "__dataclass_params__", None), "frozen", False)
        or inspect.isroutine(value)
    )


def _changed_names(tree: ast.AST) -> Iterator[str]:
    """Yield the names of what a line in a function changes: by a method, an item or an operator."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    for node in (node for function in functions for node in ast.walk(function)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGING:
            yield from _root(node.func.value)
        elif isinstance(node, ast.Assign | ast.Delete):
            yield from (name for one in node.targets if isinstance(one, ast.Subscript) for name in _root(one.value))
        elif isinstance(node, ast.AugAssign):
            yield from _root(node.target)


def _root(node: ast.expr) -> Iterator[str]:
    while isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr


def _in_scope(scope: ast.AST, values: Any, changed: set[str], prefix: str) -> Iterator[Place]:
    """Yield the state that a scope's own lines make, and then that of the scopes in it."""
    for node in _own_nodes(scope):
        if isinstance(node, ast.Global):
            yield from (Place(name, "global") for name in node.names)
        elif _binds_late(node):
            yield Place(prefix.removesuffix(".") or "module", "late")
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and _is_call(node.value, "globals"):
            yield Place(prefix.removesuffix("."), "global")
        if isinstance(node, _Scope):
            path = f"{prefix}{node.name}"
            names = {one for decorator in node.decorator_list for one in re.findall(r"\w+", ast.unparse(decorator))}
            if names & _CACHES:
                yield Place(path, "cached")
            if isinstance(node, ast.ClassDef):
                kept = vars(values[node.name]) if isinstance(values, Mapping) and node.name in values else {}
                yield from _kept(node.body, kept, changed, f"{path}.")
                yield from _in_scope(node, kept, changed, f"{path}.")
            else:
                yield from _in_scope(node, {}, changed, f"{path}.")


def _own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    waiting = [*ast.iter_child_nodes(scope)]
    for node in waiting:
        yield node
        if not isinstance(node, _Scope):
            waiting += ast.iter_child_nodes(node)


def _binds_late(node: ast.AST) -> bool:
    """Return whether a node sets an attribute of what is no plain instance, or goes round an instance's own way."""
    if isinstance(node, ast.Call):
        text = ast.unparse(node.func)
        return text in {"setattr", "object.__setattr__"} or (
            re.fullmatch(r"(?:.*\.__dict__|vars\(.*\))\.(?:update|setdefault|pop)", text) is not None
        )
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
        return re.search(r"\.__dict__$|^vars\(", ast.unparse(node.value)) is not None
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        # A class's name has a capital.
        owner = ast.unparse(node.value)
        return owner == "cls" or owner.startswith("type(") or re.fullmatch(r"_?[A-Z]\w*[a-z]\w*", owner) is not None
    return False


def _is_call(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
