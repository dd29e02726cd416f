"""Strategies for what a client asks: query parameters, paths, calls with their arguments, and HTTP requests."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from hypothesis import strategies as st

import restli_core as restli
from restli_core.base_errors import SuspiciousValueWarning
from restli_core.encoding.queries import PROJECTIONS
from restli_core.keys import canonical_key
from restli_core.methods import METHODS, RESERVED_PARAMETERS, RETURN_ENTITY
from restli_core.patch import is_patch, is_wrapped
from restli_transports.testing.strategies.documents import documents, dollar_names, patches, projections
from restli_transports.testing.strategies.values import choice, encodables, id_lists, path_keys, texts, values

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

    from restli_core.calls import Call
    from restli_core.messages import HttpRequest

__all__ = ["call_arguments", "calls", "http_requests", "paths", "queries"]

_Arguments: TypeAlias = "dict[str, Any]"

# Names with a meaning of their own in some method, which a call refuses among its parameters, or a server reads.
_CLAIMED: Final = {*RESERVED_PARAMETERS, *PROJECTIONS, RETURN_ENTITY, "criteria", "start", "count"}
_NAMES: Final = texts().filter(bool)
_FREE_NAMES: Final = _NAMES.filter(lambda name: name not in _CLAIMED)
_QUERIES: Final[SearchStrategy[dict[str, Any]]] = st.dictionaries(_FREE_NAMES, values(), max_size=4)


def queries() -> SearchStrategy[dict[str, Any]]:
    """Generate query parameters: names to values.

    Law: ``param_decode(param_encode(query)) == query``, and no two queries have one encoding.
    Shrinks to ``{}``, then to one parameter with the empty text.
    """
    return _QUERIES


_PATHS: Final[SearchStrategy[tuple[str, dict[str, Any]]]] = st.one_of(
    path_keys().map(lambda key: ("/r/{id}", {"id": key})),
    st.builds(lambda key, other: ("/r/{id}/sub/{subId}", {"id": key, "subId": other}), path_keys(), path_keys()),
)


def paths() -> SearchStrategy[tuple[str, dict[str, Any]]]:
    """Generate paths to entities with the keys that fill them: a ``resource_path`` and its ``path_keys``.

    Law: a server reads the keys in the path as they were, a number as its digits.
    Shrinks to ``("/r/{id}", {"id": "0"})``, since the empty text is not a key that a path can have.
    """
    return _PATHS


# -- the arguments of the fourteen functions ---------------------------------------------------------------------------


def _is_entity(fields: Mapping[str, Any]) -> bool:
    return not is_patch(fields) and not (is_wrapped(fields) and is_patch(fields["patch"]))


_ENTITIES: Final = documents() | documents(names=dollar_names()).filter(_is_entity)
_ENTITY_LISTS: Final = st.lists(_ENTITIES, min_size=1, max_size=3)
_CRITERIA: Final = st.lists(values(), min_size=1, max_size=3).map(lambda given: ("criteria", given))
_AT_AN_ENTITY: Final[SearchStrategy[_Arguments]] = paths().map(
    lambda path: {"resource_path": path[0], "path_keys": path[1]}
)
_AT_A_COLLECTION: Final[SearchStrategy[_Arguments]] = st.one_of(
    st.builds(lambda: {"resource_path": "/r"}),
    path_keys().map(lambda key: {"resource_path": "/r/{id}/sub", "path_keys": {"id": key}}),
)


def _own(**strategies: SearchStrategy[Any]) -> SearchStrategy[_Arguments]:
    return st.fixed_dictionaries(strategies)


_SEVERAL_IDS: Final = id_lists().filter(bool)


@st.composite
def _keyed(draw: DrawFn, /, **items: SearchStrategy[Any]) -> _Arguments:
    """Generate ids of which no two mean the same key, and by each name a list with an item for each of them."""
    ids = [*{canonical_key(key): key for key in draw(_SEVERAL_IDS)}.values()]
    return {"ids": ids, **{name: [draw(strategy) for _ in ids] for name, strategy in items.items()}}


# By method, what it takes beside the options of all methods.
_OWN_ARGUMENTS: Final[Mapping[str, tuple[SearchStrategy[_Arguments], ...]]] = {
    "get": (_AT_AN_ENTITY,),
    "batch_get": (_AT_A_COLLECTION, _own(ids=id_lists())),
    "get_all": (_AT_A_COLLECTION,),
    "finder": (_AT_A_COLLECTION, _own(finder_name=_NAMES)),
    "batch_finder": (_AT_A_COLLECTION, _own(finder_name=_NAMES, finder_criteria=_CRITERIA)),
    "create": (_AT_A_COLLECTION, _own(entity=_ENTITIES)),
    "batch_create": (_AT_A_COLLECTION, _own(entities=_ENTITY_LISTS)),
    "update": (_AT_AN_ENTITY, _own(entity=_ENTITIES)),
    "batch_update": (_AT_A_COLLECTION, _keyed(entities=_ENTITIES)),
    "partial_update": (_AT_AN_ENTITY, _own(patch_set_object=_ENTITIES) | _own(patch=patches())),
    "batch_partial_update": (_AT_A_COLLECTION, _keyed(patch_set_objects=_ENTITIES) | _keyed(patches=patches())),
    "delete": (_AT_AN_ENTITY,),
    "batch_delete": (_AT_A_COLLECTION, _own(ids=_SEVERAL_IDS)),
    "action": (_AT_A_COLLECTION | _AT_AN_ENTITY, _own(action_name=_NAMES, action_params=_ENTITIES)),
}

BASE_URL: Final = "https://api.example.com/rest"
_OPTIONS: Final[Mapping[str, SearchStrategy[Any]]] = {
    "query_params": st.dictionaries(_FREE_NAMES, values() | encodables(), max_size=4),
    "fields": projections(),
    "tunnel_above": st.sampled_from([0, 50]),
    "version_string": st.just("202609"),
}


def _all_arguments(method: str) -> SearchStrategy[_Arguments]:
    optional = {**_OPTIONS, "return_entity": st.booleans()} if METHODS[method].returns_entity else _OPTIONS
    options = st.fixed_dictionaries({"base_url": st.just(BASE_URL)}, optional={**optional})
    return st.tuples(*_OWN_ARGUMENTS[method], options).map(
        lambda parts: {name: given for part in parts for name, given in part.items()}
    )


_ARGUMENTS: Final = {method: _all_arguments(method) for method in METHODS}


def call_arguments(method: str) -> SearchStrategy[dict[str, Any]]:
    """Generate the keyword arguments of a call, for the function of that name, and for a client's method.

    Law: a server reads from ``getattr(restli_core, method)(**arguments).request`` what the arguments say. Some look
    like mistakes, of which a call warns by a `SuspiciousValueWarning`.
    Shrinks to the fewest arguments, each at its simplest.

    Args:
        method: the resource method, such as ``"batch_get"``.

    Raises:
        InvalidCallError: there is no such method.
    """
    return choice("method", method, _ARGUMENTS)


def _made(method: str, arguments: _Arguments) -> Call[Any]:
    with warnings.catch_warnings():
        # Awkward values are what this is for; that some look like mistakes is no news to a test.
        warnings.simplefilter("ignore", category=SuspiciousValueWarning)
        call: Call[Any] = getattr(restli, method)(**arguments)
        return call


_CALLS: Final[Mapping[str, SearchStrategy[Call[Any]]]] = {
    method: st.builds(_made, st.just(method), arguments) for method, arguments in _ARGUMENTS.items()
}
_ALL_CALLS: Final = st.one_of(*_CALLS.values())


def calls(method: str | None = None) -> SearchStrategy[Call[Any]]:
    """Generate calls of a resource method, in a tunnel or not.

    Law: a server reads from ``call.request`` the method, the keys, the parameters and the body that the call was made
    with; a transport carries its URL and body unchanged; ``pickle`` gives it back equal.
    Shrinks to a get of ``/r/0``, or the method's simplest call.

    Args:
        method: the resource method, such as ``"batch_get"``; by default all fourteen.

    Raises:
        InvalidCallError: there is no such method.
    """
    return _ALL_CALLS if method is None else choice("method", method, _CALLS)


_HTTP_REQUESTS: Final = _ALL_CALLS.map(lambda call: call.request)


def http_requests() -> SearchStrategy[HttpRequest]:
    """Generate HTTP requests as calls make them.

    Law: ``untunnel(request)`` is the request that was meant, and ``untunnel(tunnel(request))`` is the same again; a
    server reads it.
    Shrinks to the request of a get.
    """
    return _HTTP_REQUESTS
