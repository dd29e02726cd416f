"""Calls of all fourteen methods to resources of every kind, each with what it means to a server."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

import restli_core as restli
from restli_core.calls import Call
from restli_core.encoding import encode
from restli_core.keys import canonical_key
from restli_core.patch import diff, is_patch
from restli_core.projection import format_projection, parse_projection
from restli_core.server import Invocation
from tests.support.strategies import documents, elements, masks, params, texts

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

BASE_PATH = "/rest"

# The keys of every kind, as a caller may give them; those of a path differ in that text cannot be everything there.

EVERY_ASCII_CHARACTER = "".join(map(chr, range(0x80)))

text_keys: SearchStrategy[str] = texts | st.text(EVERY_ASCII_CHARACTER, max_size=8) | st.just(EVERY_ASCII_CHARACTER)
longs: SearchStrategy[int] = st.integers(-(2**63), 2**63 - 1)
complex_keys: SearchStrategy[dict[str, Any]] = st.builds(
    dict.__or__, st.dictionaries(text_keys, elements, max_size=3), st.just({}) | st.just({"$params": {"p": "q"}})
)
associations: SearchStrategy[dict[str, str]] = st.fixed_dictionaries({"src": text_keys, "dest": text_keys})

KEYS: dict[str, SearchStrategy[Any]] = {
    "/r/{id}": text_keys,
    "/r/{id:long}": longs,
    "/r/{id:complex}": complex_keys,
    "/r/{id:association(src,dest)}": associations,
}
"""By resource."""

PATH_KEYS: dict[str, SearchStrategy[Any]] = {
    **KEYS,
    "/r/{id}": text_keys.filter(lambda key: key not in {"", ".", ".."}),
}

UNSAYABLE = {"ids", "q", "bq", "action", "fields", "metadataFields", "pagingFields", "$returnEntity", "criteria"}
own_params = params.map(lambda given: {name: value for name, value in given.items() if name not in UNSAYABLE})


def finite(document: dict[str, Any]) -> dict[str, Any]:
    """The document as JSON can say it: null for NaN and Infinity."""
    said: dict[str, Any] = json.loads(json.dumps(document), parse_constant=lambda _: None)
    return said


entities: SearchStrategy[dict[str, Any]] = documents.map(finite).filter(lambda entity: not is_patch(entity))
patches: SearchStrategy[dict[str, Any]] = st.builds(diff, entities, entities) | st.fixed_dictionaries(
    {}, optional={"$set": entities, "$delete": st.lists(texts, max_size=2), "a": st.just({"$set": {"b": 1}})}
)
names: SearchStrategy[str] = texts.filter(bool)


@dataclass(frozen=True)
class Meaning:
    """A call, the resource that it goes to, and what `read` shall make of it."""

    resource: str
    call: Call[Any]
    meant: Invocation


class Asked:
    """What is drawn for one call: `options` for its function, `meant` for its invocation."""

    def __init__(self, draw: Callable[[SearchStrategy[Any]], Any]) -> None:
        self.draw = draw
        self.resource: str = draw(st.sampled_from(sorted(KEYS)))
        mask, query_params = draw(st.none() | masks), draw(own_params)
        self.options: dict[str, Any] = {
            "base_url": f"https://h{BASE_PATH}",
            "query_params": query_params,
            "fields": mask,
            "tunnel_above": draw(st.sampled_from([0, None])),
        }
        fields = None if mask is None else parse_projection(format_projection(mask))
        self.meant: dict[str, Any] = {"params": query_params, "fields": fields}

    def at_an_entity(self) -> str:
        self.options["path_keys"] = {"id": self.draw(PATH_KEYS[self.resource])}
        self.meant["path_keys"] = self.options["path_keys"]
        return "/r/{id}"

    def at_either(self) -> str:
        return self.at_an_entity() if self.draw(st.booleans()) else "/r"

    def ids(self, *, at_least: int, unique: bool) -> list[Any]:
        keys = KEYS[self.resource]
        ids: list[Any] = self.draw(
            st.lists(keys, min_size=at_least, max_size=4, unique_by=canonical_key if unique else None)
        )
        self.meant["ids"] = tuple({encode(key): key for key in ids}.values())
        return ids

    def each(self, ids: Sequence[Any], values: SearchStrategy[Any]) -> list[Any]:
        return [self.draw(values) for _ in ids]

    def returning(self) -> None:
        self.options["return_entity"] = self.meant["return_entity"] = self.draw(st.none() | st.booleans())


def _get(asked: Asked) -> Call[Any]:
    return restli.get(asked.at_an_entity(), **asked.options)


def _batch_get(asked: Asked) -> Call[Any]:
    return restli.batch_get("/r", asked.ids(at_least=0, unique=False), **asked.options)


def _get_all(asked: Asked) -> Call[Any]:
    return restli.get_all("/r", **asked.options)


def _finder(asked: Asked) -> Call[Any]:
    asked.meant["finder"] = asked.draw(names)
    return restli.finder("/r", asked.meant["finder"], **asked.options)


def _batch_finder(asked: Asked) -> Call[Any]:
    asked.meant["finder"] = asked.draw(names)
    criteria = asked.draw(st.lists(elements, min_size=1, max_size=3))
    asked.meant["params"] = {**asked.meant["params"], "criteria": criteria}
    return restli.batch_finder("/r", asked.meant["finder"], ("criteria", criteria), **asked.options)


def _create(asked: Asked) -> Call[Any]:
    asked.returning()
    asked.meant["entity"] = asked.draw(entities)
    return restli.create("/r", asked.meant["entity"], **asked.options)


def _batch_create(asked: Asked) -> Call[Any]:
    asked.returning()
    asked.meant["entities"] = tuple(asked.draw(st.lists(entities, min_size=1, max_size=3)))
    return restli.batch_create("/r", asked.meant["entities"], **asked.options)


def _update(asked: Asked) -> Call[Any]:
    asked.meant["entity"] = asked.draw(entities)
    return restli.update(asked.at_an_entity(), asked.meant["entity"], **asked.options)


def _batch_update(asked: Asked) -> Call[Any]:
    ids = asked.ids(at_least=1, unique=True)
    given = asked.each(ids, entities)
    asked.meant["entities"] = tuple(given)
    return restli.batch_update("/r", ids, given, **asked.options)


def _partial_update(asked: Asked) -> Call[Any]:
    asked.returning()
    if asked.draw(st.booleans()):
        fields = asked.draw(entities)
        asked.meant["patch"] = {"$set": fields}
        return restli.partial_update(asked.at_an_entity(), fields, **asked.options)
    asked.meant["patch"] = asked.draw(patches)
    return restli.partial_update(asked.at_an_entity(), patch=asked.meant["patch"], **asked.options)


def _batch_partial_update(asked: Asked) -> Call[Any]:
    asked.returning()
    ids = asked.ids(at_least=1, unique=True)
    if asked.draw(st.booleans()):
        given = asked.each(ids, entities)
        asked.meant["patches"] = tuple({"$set": fields} for fields in given)
        return restli.batch_partial_update("/r", ids, given, **asked.options)
    given = asked.each(ids, patches)
    asked.meant["patches"] = tuple(given)
    return restli.batch_partial_update("/r", ids, patches=given, **asked.options)


def _delete(asked: Asked) -> Call[Any]:
    return restli.delete(asked.at_an_entity(), **asked.options)


def _batch_delete(asked: Asked) -> Call[Any]:
    return restli.batch_delete("/r", asked.ids(at_least=1, unique=False), **asked.options)


def _action(asked: Asked) -> Call[Any]:
    asked.meant["action"], asked.meant["entity"] = asked.draw(names), asked.draw(entities)
    return restli.action(asked.at_either(), asked.meant["action"], asked.meant["entity"], **asked.options)


CALLS: dict[str, Callable[[Asked], Call[Any]]] = {
    "get": _get,
    "batch_get": _batch_get,
    "get_all": _get_all,
    "finder": _finder,
    "batch_finder": _batch_finder,
    "create": _create,
    "batch_create": _batch_create,
    "update": _update,
    "batch_update": _batch_update,
    "partial_update": _partial_update,
    "batch_partial_update": _batch_partial_update,
    "delete": _delete,
    "batch_delete": _batch_delete,
    "action": _action,
}
"""By method: draws a call, and says what it means."""


@st.composite
def meanings(draw: Callable[[SearchStrategy[Any]], Any], method: str) -> Meaning:
    """Calls of a method."""
    asked = Asked(draw)
    call = CALLS[method](asked)
    return Meaning(asked.resource, call, Invocation(method, asked.resource, path="", **asked.meant))
