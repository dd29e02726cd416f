"""Pages of the reference: what each public module exports, from the docstrings and signatures that Python itself sees.

Generators read sources. Half of the functions here have signatures and docstrings that decorators put together from
those of others (`restli_core.signatures`), which only a loaded module shows; so that is what is read.
"""

from __future__ import annotations

import ast
import enum
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from docs.site.docstrings import markdown_of, summary_of
from docs.site.staging import replaced_outside

if TYPE_CHECKING:
    from pathlib import Path

    from docs.site.navigation import Entry

__all__ = ["FOLDER", "Member", "members_of", "module_name", "page_of", "write_reference"]

FOLDER: Final = "reference"
_OURS: Final = ("restli_core", "restli_transports")
_WIDTH: Final = 88
_CODE_SPAN: Final = re.compile(r"(?<![`\[\w])(`{1,2})([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\1(?!`)")
_FENCE: Final = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
_BASES: Final = {"Value", "HashableValue", "object", "Generic", "Protocol"}
"""Bases that say nothing about a class of ours: what they have, all values have."""

_INTERNAL: Final = {"after_fork"}
"""Methods without an underscore that are for the package: others have no reason to call them."""


@dataclass(frozen=True)
class Member:
    """What a module exports.

    Attributes:
        module: the module's name.
        name: its name there.
        value: what it is.
    """

    module: str
    name: str
    value: Any

    @property
    def kind(self) -> str:
        """The heading that it stands below."""
        if isinstance(self.value, type):
            return "Errors and warnings" if issubclass(self.value, BaseException) else "Classes"
        if isinstance(self.value, ModuleType):
            return "Modules"
        return "Functions" if inspect.isroutine(self.value) else "Types and constants"


def module_name(path: str) -> str:
    """Return the module that a page of the reference is about, such as ``restli_core.oauth``."""
    return path.removeprefix(f"{FOLDER}/").removesuffix(".md")


def members_of(module: str) -> list[Member]:
    """Return what a module exports, in its own order; its version is left out."""
    loaded = import_module(module)
    names: list[str] = [name for name in loaded.__all__ if not name.startswith("__")]
    return [Member(module, name, getattr(loaded, name)) for name in names]


# -- one page ----------------------------------------------------------------------------------------------------------

_ORDER: Final = ("Functions", "Classes", "Errors and warnings", "Types and constants", "Modules")


def page_of(module: str, places: dict[str, str]) -> str:
    """Return the page of a module, in Markdown.

    Args:
        module: its name.
        places: the names that a text may link to, with the page and anchor of each.
    """
    members = members_of(module)
    parts = [f"# {module}", markdown_of(inspect.getdoc(import_module(module)) or "")]
    for kind in _ORDER:
        chosen = [member for member in members if member.kind == kind]
        if chosen:
            parts.append(f"## {kind}")
            parts += [part for member in chosen for part in _entry(member, places)]
    text = "\n\n".join(parts) + "\n"
    return _linked(text, places, f"{module}.md")


def _entry(member: Member, places: dict[str, str]) -> Iterator[str]:
    yield f"### {member.name}"
    home = _home(member, places)
    if home:
        yield f"The same as [`{home}.{member.name}`]({home}.md#{member.name.lower()})."
    elif isinstance(member.value, ModuleType):
        yield f"The module [`{member.value.__name__}`]({member.value.__name__}.md)."
    elif isinstance(member.value, type):
        described = {other.value for other in members_of(member.module) if isinstance(other.value, type)}
        yield from _class(member.name, member.value, described - {member.value})
    elif inspect.isroutine(member.value):
        yield from _function(member.name, member.value)
    else:
        yield from _constant(member)


def _home(member: Member, places: dict[str, str]) -> str | None:
    """Return the module in whose page a name is described, where that is another."""
    place = places.get(member.name, "").partition(".md#")[0]
    if not place or place == member.module or not hasattr(import_module(place), member.name):
        return None
    same = getattr(import_module(place), member.name) is member.value
    return place if same and not isinstance(member.value, ModuleType) else None


def _function(name: str, function: Any) -> Iterator[str]:
    signature = _signature(function)
    prefix = "async def " if inspect.iscoroutinefunction(function) else ""
    yield f"```python\n{prefix}{_laid_out(name, signature)}\n```"
    yield markdown_of(inspect.getdoc(function) or "", frozenset(signature.parameters) if signature else frozenset())


def _signature(function: Any) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):  # some builtins have none
        return None


def _laid_out(name: str, signature: inspect.Signature | None) -> str:
    """Return a signature as code: on one line, or with a line for each parameter."""
    if signature is None:
        return f"{name}(...)"
    parameters = [*signature.parameters.values()]
    if parameters and parameters[0].name in {"self", "cls"}:
        parameters = parameters[1:]
    texts: list[str] = []
    for at, parameter in enumerate(parameters):
        if parameter.kind is parameter.KEYWORD_ONLY and not _is_starred(parameters[:at]):
            texts.append("*")
        texts.append(_parameter(parameter))
        if parameter.kind is parameter.POSITIONAL_ONLY and not any(
            other.kind is parameter.POSITIONAL_ONLY for other in parameters[at + 1 :]
        ):
            texts.append("/")
    empty = inspect.Signature.empty
    answer = "" if signature.return_annotation is empty else f" -> {_annotation(signature.return_annotation)}"
    line = f"{name}({', '.join(texts)}){answer}"
    if len(line) <= _WIDTH:
        return line
    return "\n".join([f"{name}(", *(f"    {text}," for text in texts), f"){answer}"])


def _is_starred(before: list[inspect.Parameter]) -> bool:
    return any(one.kind in {one.VAR_POSITIONAL, one.KEYWORD_ONLY} for one in before)


def _parameter(parameter: inspect.Parameter) -> str:
    stars = "*" * (2 if parameter.kind is parameter.VAR_KEYWORD else parameter.kind is parameter.VAR_POSITIONAL)
    typed = parameter.annotation is not parameter.empty
    text = stars + parameter.name + (f": {_annotation(parameter.annotation)}" if typed else "")
    if parameter.default is parameter.empty:
        return text
    return f"{text} = {_default(parameter.default)}" if typed else f"{text}={_default(parameter.default)}"


def _default(value: Any) -> str:
    if inspect.isroutine(value) or isinstance(value, type):
        return str(value.__name__)
    text = repr(value)
    return "..." if " at 0x" in text or len(text) > _WIDTH else text


def _annotation(annotation: Any) -> str:
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return re.sub(r"\b(?:restli_(?:core|transports)|typing|collections\.abc)\.(?:\w+\.)*(?=\w)", "", text)


def _class(name: str, kind: type, described: set[type]) -> Iterator[str]:
    """Yield the parts of a class; what it takes from one that the page describes is told of there."""
    bases = [base.__name__ for base in kind.__bases__ if base.__name__ not in _BASES and base.__name__[:1] != "_"]
    docstring = inspect.getdoc(kind) or ""
    is_raised_by_users = issubclass(kind, BaseException) and "\nArgs:\n" in docstring
    is_made = not issubclass(kind, BaseException | enum.Enum) and not getattr(kind, "_is_protocol", False)
    if not is_made and not is_raised_by_users:
        what = "(Protocol)" if getattr(kind, "_is_protocol", False) else f"({', '.join(bases)})"
        yield f"```python\nclass {name}{what}\n```"
    else:
        yield f"```python\nclass {_laid_out(name, _signature_of_class(kind))}\n```"
    yield markdown_of(docstring)
    if issubclass(kind, enum.Enum):
        yield "\n".join(f"- `{one.name}`" for one in kind)
    known = [base for base in kind.__mro__ if base in described]
    if known and not issubclass(kind, BaseException):
        yield f"It has what `{known[0].__name__}` has, too."
    for member, value in _members(kind, described):
        yield from _method(name, member, value)


def _signature_of_class(kind: type) -> inspect.Signature | None:
    """Return the signature of a class, with the types of its fields where it is made of them."""
    found = _signature(kind)
    if found is None:
        return None
    fields = {
        name: text for base in reversed(kind.__mro__) for name, text in vars(base).get("__annotations__", {}).items()
    }
    typed = [
        one.replace(annotation=fields.get(one.name, one.empty)) if one.annotation is one.empty else one
        for one in found.parameters.values()
    ]
    return found.replace(parameters=typed, return_annotation=inspect.Signature.empty)


def _members(kind: type, described: set[type]) -> Iterator[tuple[str, Any]]:
    """Yield the public methods and properties that say what they do: of a class, and of those that it is made of.

    What errors have in common is said where the first of them is described.
    """
    seen = set(_INTERNAL)
    for base in kind.__mro__[: 1 if issubclass(kind, BaseException) else None]:
        if base in described or base.__module__.partition(".")[0] not in _OURS or base.__name__ in _BASES:
            continue
        for name, value in vars(base).items():
            callable_ = value.__func__ if isinstance(value, classmethod | staticmethod) else value
            is_documented = bool(getattr(value, "__doc__", None)) and (
                inspect.isroutine(callable_) or isinstance(value, property) or hasattr(value, "func")
            )
            if not name.startswith("_") and name not in seen and is_documented:
                seen.add(name)
                yield name, getattr(kind, name, value) if isinstance(value, classmethod | staticmethod) else value


def _method(owner: str, name: str, value: Any) -> Iterator[str]:
    yield f"#### {owner}.{name}"
    if not inspect.isroutine(value):
        yield markdown_of(inspect.getdoc(value) or "")
        return
    docstring = inspect.getdoc(value)
    function = _functions_of_the_core().get(name)
    if owner != "Call" and function is not None and inspect.getdoc(function) == docstring:
        yield f"{summary_of(docstring or '')} All arguments: [`{name}`](restli_core.md#{name})."
    else:
        yield from _function(name, value)


@cache
def _functions_of_the_core() -> dict[str, Any]:
    return {member.name: member.value for member in members_of("restli_core") if member.kind == "Functions"}


# -- constants ---------------------------------------------------------------------------------------------------------


def _constant(member: Member) -> Iterator[str]:
    text, docstring = _assigned(member.module, member.name)
    is_unordered = isinstance(member.value, set | frozenset)  # its text differs from run to run
    yield f"```python\n{member.name} = {text or ('...' if is_unordered else _default(member.value))}\n```"
    if docstring:
        yield markdown_of(docstring)


def _assigned(module: str, name: str) -> tuple[str, str]:
    """Return what is assigned to a name of a module, as its source has it, and the text below it; "" for none."""
    source = inspect.getsource(import_module(module))
    body = ast.parse(source).body
    for node, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.ImportFrom) and node.module and name in {one.asname or one.name for one in node.names}:
            return _assigned(node.module, next(one.name for one in node.names if (one.asname or one.name) == name))
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            docstring = ""
            if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                docstring = inspect.cleandoc(str(after.value.value))
            given = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
            is_alias = isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation).endswith("TypeAlias")
            if is_alias and isinstance(given, ast.Constant) and isinstance(given.value, str):
                text = given.value  # a type in quotes, for names that come later
            else:
                text = ast.unparse(given) if given is not None else ""
            return (text if len(text) <= _WIDTH else ""), docstring
    return "", ""


# -- all pages ---------------------------------------------------------------------------------------------------------


def _places(modules: list[str]) -> dict[str, str]:
    """Return the page and anchor of each name that is exported, and of each module that has a page."""
    found = {module: f"{module}.md" for module in modules}
    for module in modules:
        for member in members_of(module):
            anchor = f"{module}.md#{member.name.lower()}"
            if member.kind != "Modules":
                found.setdefault(member.name, anchor)
                found[f"{module}.{member.name}"] = anchor
    return found


def _linked(text: str, places: dict[str, str], page: str) -> str:
    """Return a page in which names in code lead to where they are described.

    A name in lower case is a word of many modules: it is taken for a name of this one, or of the core's.
    """

    def new(span: re.Match[str]) -> str:
        name = span[2]
        place = places.get(f"{page.removesuffix('.md')}.{name}") or places.get(name, page)
        near = place.startswith((f"{page}#", "restli_core.md#")) or "." in name or not name.islower()
        if place == page or not near or (name.islower() and span.string[: span.start()].endswith("\n- ")):
            return span[0]
        return f"[`{name}`]({place.removeprefix(page)})"

    return replaced_outside(_FENCE, _CODE_SPAN, new, text)


def write_reference(pages: list[Entry], folder: Path) -> None:
    """Write the pages of the reference that the navigation has, below a folder."""
    wanted = [page.path for page in pages if page.path.startswith(f"{FOLDER}/") and page.path != f"{FOLDER}/index.md"]
    modules = [module_name(path) for path in wanted]
    places = _places(modules)
    (folder / FOLDER).mkdir(exist_ok=True)
    for path, module in zip(wanted, modules, strict=True):
        (folder / path).write_text(page_of(module, places), encoding="utf-8")
