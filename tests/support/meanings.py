"""What a call of given arguments means to a server: the resource that it goes to, and what `read` shall make of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

import restli_core as restli
from restli_core.calls import Call
from restli_core.encoding import decode, encode
from restli_core.projection import format_projection, parse_projection
from restli_core.server import Invocation
from restli_transports.testing.strategies import call_arguments

BASE_PATH = "/rest"


@dataclass(frozen=True)
class Meaning:
    """A call, the resource that it goes to, the key that its path ends in, and what `read` shall make of it."""

    resource: str
    call: Call[Any]
    key: Any
    meant: Invocation


def kind_of(keys: Sequence[Any]) -> str:
    """The kind of key that a resource with these keys declares; an association where all have the same parts."""
    if keys and all(isinstance(key, int) and -(2**63) <= key < 2**63 for key in keys):
        return ":long"
    if keys and all(isinstance(key, dict) for key in keys):
        parts = {tuple(sorted(key)) for key in keys}
        are_texts = all(isinstance(part, str) for key in keys for part in key.values())
        names = parts.pop()
        if are_texts and names and not parts and all(re.fullmatch("[a-z]+", name) for name in names):
            return f":association({','.join(names)})"
        return ":complex"
    return ""


def as_read(kind: str, key: Any) -> Any:
    return key if kind else str(key)


def decoded(value: Any) -> Any:
    """A value as it comes back: text, lists and dicts are what they were."""
    if isinstance(value, dict):
        return {name: decoded(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [*map(decoded, value)]
    return str(value) if type(value) is str else decode(encode(value))


def meaning_of(method: str, arguments: dict[str, Any]) -> Meaning:
    resource, path_keys = arguments["resource_path"], {}
    for name, key in arguments.get("path_keys", {}).items():
        kind = kind_of([key])
        path_keys[name] = as_read(kind, key)
        resource = resource.replace(f"{{{name}}}", f"{{{name}{kind}}}")
    at_an_entity = resource.endswith("}")
    last = [*path_keys.values()][-1] if at_an_entity else None
    ids = arguments.get("ids", [])
    kind = kind_of(ids)
    if not at_an_entity:
        resource += f"/{{key{kind}}}"
    mask = arguments.get("fields")
    meant: dict[str, Any] = {
        "path_keys": path_keys,
        "params": decoded(arguments.get("query_params", {})),
        "fields": None if mask is None else parse_projection(format_projection(mask)),
        "return_entity": arguments.get("return_entity"),
        "ids": tuple({encode(key): as_read(kind, key) for key in ids}.values()),
    }
    for argument, member in MEMBERS.items():
        if argument in arguments:
            name, value = member(arguments[argument])
            meant[name] = {**meant["params"], **value} if name == "params" else value
    call = getattr(restli, method)(**arguments)
    return Meaning(resource, call, last, Invocation(method, resource, path="", **meant))


MEMBERS: Mapping[str, Callable[[Any], tuple[str, Any]]] = {
    "finder_name": lambda given: ("finder", given),
    "finder_criteria": lambda given: ("params", {given[0]: given[1]}),
    "action_name": lambda given: ("action", given),
    "action_params": lambda given: ("entity", given),
    "entity": lambda given: ("entity", given),
    "entities": lambda given: ("entities", tuple(given)),
    "patch": lambda given: ("patch", given),
    "patch_set_object": lambda given: ("patch", {"$set": given}),
    "patches": lambda given: ("patches", tuple(given)),
    "patch_set_objects": lambda given: ("patches", tuple({"$set": fields} for fields in given)),
}
"""By argument, what it is in an invocation."""


def meanings(method: str) -> st.SearchStrategy[Meaning]:
    """Calls of a method."""
    return call_arguments(method).map(lambda arguments: meaning_of(method, arguments))
