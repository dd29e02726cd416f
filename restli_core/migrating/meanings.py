"""Meanings: what names and expressions of a program stand for, as far as that is certain.

A meaning is a text:

    module linkedin_api.clients.restli   a module of linkedin-api-client, or a package of it
    name linkedin_api....RestliClient    one of its classes or functions
    client  auth                         an object of its RestliClient, of its AuthClient
    session                              the session of one of the two
    call get  call token                 a method of one of the two, not yet called
    answer get  answer token             the answer to one
    native get  native token             `response` of an answer
    paging                               `paging` of an answer
    results  result                      `results` of a batch finder's answer, and one of them
    other                                what is of an HTTP library, and exceptions
    class 5  object 5  function 5        a class, an object of it, a function of the program, by its number

A name has a meaning in a scope where all that bind it there agree; ``name = None`` binds nothing. What one binds in a
way that is not listed here, such as by unpacking, has none.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple

from restli_core.methods import METHODS
from restli_core.migrating.counterparts import ANSWERS, AUTH_CALLS, COUNTERPARTS

__all__ = ["Meanings", "Scope"]

Function = ast.FunctionDef | ast.AsyncFunctionDef
Scope = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

_SCOPES: Final = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
_PACKAGES: Final = frozenset(
    ".".join(module.split(".")[:length]) for module in COUNTERPARTS for length in range(1, module.count(".") + 2)
)
# Libraries whose responses have a `status_code`, or the like, too; and ours, in a program that has been here before.
_OTHERS: Final = frozenset(
    {"aiohttp", "http", "httpx", "requests", "restli_core", "restli_transports", "urllib", "urllib3"}
)

# (a meaning or its first word, an attribute) -> the meaning of the attribute.
_ATTRIBUTES: Final = {
    ("client", "session"): "session",
    ("auth", "session"): "session",
    ("answer", "paging"): "paging",
    ("result", "paging"): "paging",
    ("answer batch_finder", "results"): "results",
}
# A meaning -> that of what is in it, by a loop or by its place.
_ITEMS: Final = {"results": "result", "other": "other"}
_MADE_BY: Final = {"RestliClient": "client", "AuthClient": "auth"}


class _Binding(NamedTuple):
    """What binds a name: a meaning, an expression, a type, what is iterated, or something else (all None)."""

    meaning: str | None = None
    value: ast.expr | None = None
    annotation: ast.expr | None = None
    iterated: ast.expr | None = None


class Meanings:
    """What the names of a program stand for.

    Args:
        tree: the program.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self._parents: dict[ast.AST, ast.AST] = {}
        self._scopes: dict[ast.AST, Scope] = {}
        self._bindings: dict[tuple[Scope, str], list[_Binding]] = defaultdict(list)
        self._attributes: dict[tuple[ast.ClassDef, str], list[_Binding]] = defaultdict(list)
        self._globals: dict[Scope, set[str]] = defaultdict(set)  # names that a scope has declared to be the module's
        self._assigned: list[tuple[ast.Attribute, _Binding]] = []  # attributes that are assigned to
        self._foreign: set[str] = set()  # attributes that are assigned to from outside of their class
        self._classes: list[ast.ClassDef] = []
        self._functions: list[Function] = []
        self._numbers: dict[ast.AST, int] = {}  # of a class or function in its list
        self._names: dict[tuple[Scope, str], str | None] = {}  # what has been looked up
        self._returned: dict[ast.FunctionDef, str | None] = {}
        self._find_scopes()
        for node in self._parents:
            if isinstance(node, ast.Global):
                self._globals[self._scopes[node]].update(node.names)
        binders = self._binders()
        for node in self._parents:
            if type(node) in binders:
                binders[type(node)](node)
        for target, binding in self._assigned:
            self._bind_attribute(target, binding)
        self._names.clear()  # not all was known yet

    # -- where things are ----------------------------------------------------------------------------------------------

    def _find_scopes(self) -> None:
        waiting: list[tuple[ast.AST, Scope]] = [(self.tree, self.tree)]
        while waiting:
            node, scope = waiting.pop()
            self._scopes[node] = scope
            inner = node if isinstance(node, _SCOPES) else scope
            outside = _evaluated_outside(node)
            for child in ast.iter_child_nodes(node):
                self._parents[child] = node
                waiting.append((child, scope if child in outside else inner))

    def nodes(self) -> Iterator[ast.AST]:
        """Return all nodes but the module, in no order."""
        return iter(self._parents)

    def parent(self, node: ast.AST) -> ast.AST:
        """Return the node that a node is part of."""
        return self._parents[node]

    def scope(self, node: ast.AST) -> Scope:
        """Return the module, class or function that a node stands in."""
        return self._scopes[node]

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """Return a node, what it is part of, and so on outward, without the module."""
        while node is not self.tree:
            yield node
            node = self._parents[node]

    def binders(self, name: str) -> int:
        """Return how many places of the program bind a name, whatever their scopes."""
        return sum(len(found) for (_, bound), found in self._bindings.items() if bound == name)

    # -- what binds names ----------------------------------------------------------------------------------------------

    def _bind(self, node: ast.AST, name: str, binding: _Binding) -> None:
        scope = self._scopes[node]
        self._bindings[self.tree if name in self._globals[scope] else scope, name].append(binding)

    def _bind_nonlocal(self, node: ast.Nonlocal) -> None:
        # Whose they are is not worth finding out: they have no meaning in any scope around.
        scope = self._scopes[node]
        while not isinstance(scope, ast.Module):
            for name in node.names:
                self._bindings[scope, name].append(_Binding())
            scope = self._scopes[scope]

    def _bind_attribute(self, target: ast.Attribute, binding: _Binding) -> None:
        meaning = self.of(target.value) if isinstance(target.value, ast.Name) else None
        if meaning and meaning.startswith("object "):
            self._attributes[self._classes[int(meaning.split()[1])], target.attr].append(binding)
        else:
            self._foreign.add(target.attr)

    def _binders(self) -> dict[type[ast.AST], Callable[[Any], None]]:
        return {
            ast.Assign: self._bind_assign,
            ast.AnnAssign: self._bind_annotated,
            ast.NamedExpr: self._bind_walrus,
            ast.AugAssign: self._bind_changed,
            ast.For: self._bind_loop,
            ast.AsyncFor: self._bind_loop,
            ast.comprehension: self._bind_loop,
            ast.withitem: self._bind_with,
            ast.ExceptHandler: self._bind_named,
            ast.MatchAs: self._bind_named,
            ast.MatchStar: self._bind_named,
            ast.MatchMapping: self._bind_rest,
            ast.arg: self._bind_argument,
            ast.FunctionDef: self._bind_function,
            ast.AsyncFunctionDef: self._bind_function,
            ast.ClassDef: self._bind_class,
            ast.Import: self._bind_import,
            ast.ImportFrom: self._bind_from,
            ast.Nonlocal: self._bind_nonlocal,
        }

    def _bind_target(self, target: ast.AST, binding: _Binding) -> None:
        if isinstance(target, ast.Name):
            self._bind(target, target.id, binding)
            scope = self._scopes[target]
            if isinstance(scope, ast.ClassDef):
                self._attributes[scope, target.id].append(binding)
        elif isinstance(target, ast.Attribute):
            self._assigned.append((target, binding))
        else:
            for node in ast.walk(target):
                if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
                    self._bind_target(node, _Binding())

    def _bind_assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._bind_target(target, _Binding(value=node.value))

    def _bind_annotated(self, node: ast.AnnAssign) -> None:
        known = _Binding(annotation=node.annotation)
        self._bind_target(node.target, known if node.value is None else _Binding(value=node.value))

    def _bind_walrus(self, node: ast.NamedExpr) -> None:
        self._bind_target(node.target, _Binding(value=node.value))

    def _bind_changed(self, node: ast.AugAssign) -> None:
        self._bind_target(node.target, _Binding())

    def _bind_loop(self, node: ast.For | ast.AsyncFor | ast.comprehension) -> None:
        for target, iterated in self._walked_together(node):
            self._bind_target(target, _Binding(iterated=iterated))

    def _walked_together(self, node: ast.For | ast.AsyncFor | ast.comprehension) -> Iterable[tuple[ast.expr, ast.expr]]:
        """Return each target of a loop with what it goes through: in ``for a, b in zip(c, d)`` b goes through d."""
        whole, target = node.iter, node.target
        if isinstance(target, ast.Tuple) and isinstance(whole, ast.Call) and isinstance(whole.func, ast.Name):
            sources = {"zip": whole.args, "enumerate": [whole.func, *whole.args[:1]]}.get(whole.func.id, [])
            is_plain = not any(isinstance(one, ast.Starred) for one in [*sources, *target.elts])
            if is_plain and len(sources) == len(target.elts):
                return zip(target.elts, sources, strict=True)
        return [(target, whole)]

    def _bind_with(self, node: ast.withitem) -> None:
        if node.optional_vars is not None:
            self._bind_target(node.optional_vars, _Binding())

    def _bind_named(self, node: ast.ExceptHandler | ast.MatchAs | ast.MatchStar) -> None:
        if node.name is not None:
            self._bind(node, node.name, _Binding("other" if isinstance(node, ast.ExceptHandler) else None))

    def _bind_rest(self, node: ast.MatchMapping) -> None:
        if node.rest is not None:
            self._bind(node, node.rest, _Binding())

    def _bind_argument(self, node: ast.arg) -> None:
        arguments = self._parents[node]
        function = self._parents[arguments]
        owner = self._parents.get(function)
        first = isinstance(arguments, ast.arguments) and [*arguments.posonlyargs, *arguments.args][:1] == [node]
        if first and isinstance(function, _FUNCTIONS) and isinstance(owner, ast.ClassDef):
            is_self = not function.decorator_list or _is_property(function)
            self._bind(node, node.arg, _Binding(meaning=f"object {self._number_of_class(owner)}" if is_self else None))
        else:
            self._bind(node, node.arg, _Binding(annotation=node.annotation))

    def _bind_function(self, node: Function) -> None:
        meaning = f"function {self._number_of_function(node)}" if isinstance(node, ast.FunctionDef) else None
        owner = self._scopes[node]
        if isinstance(owner, ast.ClassDef):
            self._attributes[owner, node.name].append(_Binding(meaning))
        self._bind(node, node.name, _Binding(None if node.decorator_list else meaning))

    def _bind_class(self, node: ast.ClassDef) -> None:
        self._bind(node, node.name, _Binding(f"class {self._number_of_class(node)}"))

    def _bind_import(self, node: ast.Import) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            self._bind(node, name, _Binding(_meaning_of_module(alias.name if alias.asname else name)))

    def _bind_from(self, node: ast.ImportFrom) -> None:
        module = "" if node.level else node.module or ""
        for alias in node.names:
            self._bind(node, alias.asname or alias.name, _Binding(_meaning_of_member(module, alias.name)))

    def _number_of_class(self, node: ast.ClassDef) -> int:
        if node not in self._numbers:
            self._numbers[node] = len(self._classes)
            self._classes.append(node)
        return self._numbers[node]

    def _number_of_function(self, node: Function) -> int:
        self._functions.append(node)
        return len(self._functions) - 1

    # -- what stands for what ------------------------------------------------------------------------------------------

    def of(self, node: ast.expr) -> str | None:
        """Return what an expression stands for; None where that is not known."""
        steps: list[ast.expr] = []
        while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
            steps.append(node)
            node = node.func if isinstance(node, ast.Call) else node.value
        meaning = self._of_name(node.id, self._scopes[node]) if isinstance(node, ast.Name) else None
        for step in reversed(steps):
            if meaning is None:
                return None
            if isinstance(step, ast.Attribute):
                meaning = self._of_attribute(meaning, step.attr)
            elif isinstance(step, ast.Call):
                meaning = self._of_call(meaning)
            else:
                meaning = _ITEMS.get(meaning)
        return meaning

    def _of_attribute(self, meaning: str, attribute: str) -> str | None:
        word, _, rest = meaning.partition(" ")
        found = _ATTRIBUTES.get((word, attribute)) or _ATTRIBUTES.get((meaning, attribute))
        if word == "module":
            found = _meaning_of_member(rest, attribute)
        elif word == "client" and attribute in METHODS:
            found = f"call {attribute}"
        elif word == "auth" and attribute in AUTH_CALLS:
            found = "call token"
        elif word == "answer" and attribute == "response":
            found = f"native {rest}"
        elif word == "object":
            found = self._of_member(self._classes[int(rest)], attribute)
        return "other" if word == "other" else found

    def _of_member(self, owner: ast.ClassDef, name: str) -> str | None:
        if name in self._foreign:
            return None
        found = self._agreed(self._attributes.get((owner, name), []))
        if found is None or not found.startswith("function "):
            return found
        function = self._functions[int(found.split()[1])]
        if not function.decorator_list:
            return found
        if isinstance(function, ast.FunctionDef) and _is_property(function):
            return self._returned_by(function)
        return None

    def _of_call(self, meaning: str) -> str | None:
        word, _, rest = meaning.partition(" ")
        if word == "call":
            return f"answer {rest}"
        if word == "name":
            return _MADE_BY.get(rest.rpartition(".")[2])
        if word == "class":
            return f"object {rest}"
        if word == "other":
            return meaning
        if word == "function":
            function = self._functions[int(rest)]
            return self._returned_by(function) if isinstance(function, ast.FunctionDef) else None
        return None

    def _of_name(self, name: str, scope: Scope) -> str | None:
        key = (scope, name)
        if key not in self._names:
            self._names[key] = None  # where it is bound by itself
            self._names[key] = self._agreed(self._bindings.get((self._owner_of(name, scope), name), []))
        return self._names[key]

    def _owner_of(self, name: str, scope: Scope) -> Scope:
        """Return the scope that a name is of where it is used in this one."""
        inner = scope
        while not isinstance(inner, ast.Module) and name not in self._globals[inner]:
            # What a class binds is not seen in its functions.
            if (inner, name) in self._bindings and (inner is scope or not isinstance(inner, ast.ClassDef)):
                return inner
            inner = self._scopes[inner]
        return self.tree

    def _agreed(self, bindings: list[_Binding]) -> str | None:
        meanings = {self._of_binding(one) for one in bindings if not _is_none(one.value)}
        return meanings.pop() if len(meanings) == 1 else None

    def _of_binding(self, binding: _Binding) -> str | None:
        if binding.value is not None:
            return self.of(binding.value)
        if binding.iterated is not None:
            return _ITEMS.get(self.of(binding.iterated) or "")
        if binding.annotation is not None:
            return self._of_annotation(binding.annotation)
        return binding.meaning

    def _of_annotation(self, annotation: ast.expr) -> str | None:
        if isinstance(annotation, ast.Subscript) and _last_name(annotation.value) == "Optional":
            annotation = annotation.slice
        if isinstance(annotation, ast.BinOp) and _is_none(annotation.right):  # RestliClient | None
            annotation = annotation.left
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            name = annotation.value
            meaning = self._of_name(name, self._scopes[annotation]) if name.isidentifier() else None
        else:
            meaning = self.of(annotation)
        word, _, rest = (meaning or "").partition(" ")
        if word in ("class", "other"):
            return f"object {rest}" if word == "class" else word
        name = rest.rpartition(".")[2]
        if word != "name":
            return None
        if name == "BatchFinderResult":
            return "result"
        return _MADE_BY.get(name) or (f"answer {ANSWERS[name]}" if name in ANSWERS else None)

    def _returned_by(self, function: ast.FunctionDef) -> str | None:
        if function not in self._returned:
            self._returned[function] = None  # where it returns what it returns itself
            inside = [node for node in ast.walk(function) if self._scopes[node] is function]
            if not any(isinstance(node, ast.Yield | ast.YieldFrom) for node in inside):
                returned = [_Binding(value=node.value) for node in inside if isinstance(node, ast.Return)]
                self._returned[function] = self._agreed(returned)
        return self._returned[function]


def _evaluated_outside(node: ast.AST) -> set[ast.AST]:
    """Return the children of a node that are evaluated in the scope that it stands in, and not in its own."""
    if isinstance(node, ast.Lambda):
        return set()  # its defaults are none that matter here
    if isinstance(node, ast.ClassDef):
        return {*node.decorator_list, *node.bases, *node.keywords}
    if isinstance(node, _FUNCTIONS):
        return {*node.decorator_list, *([node.returns] if node.returns else [])}
    return set()


def _meaning_of_member(module: str, name: str) -> str | None:
    full = f"{module}.{name}"
    if name in COUNTERPARTS.get(module, {}):
        return f"name {full}"
    return _meaning_of_module(full)


def _meaning_of_module(module: str) -> str | None:
    if module in _PACKAGES:
        return f"module {module}"
    return "other" if module.partition(".")[0] in _OTHERS else None


def _is_none(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_property(function: Function) -> bool:
    return len(function.decorator_list) == 1 and _last_name(function.decorator_list[0]) in (
        "property",
        "cached_property",
    )


def _last_name(node: ast.expr) -> str | None:
    """Return the name of a name, or the last one of a dotted name."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else None
