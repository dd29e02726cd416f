"""Strategies for what a client asks: query parameters, paths, calls, and the HTTP requests they are."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from hypothesis import strategies as st

import restli_core as restli
from restli_core.encoding.queries import PROJECTIONS
from restli_core.keys import canonical_key
from restli_core.methods import METHODS, RESERVED_PARAMETERS
from restli_transports.testing.strategies.documents import documents, patches, projections
from restli_transports.testing.strategies.values import KeyKind, keys, texts, values

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from restli_core.calls import Call
    from restli_core.messages import HttpRequest

__all__ = ["calls", "http_requests", "paths", "queries"]

_Draw: TypeAlias = "Callable[[SearchStrategy[Any]], Any]"
_Options: TypeAlias = "dict[str, Any]"

# Names that a method claims for itself, which a call refuses among its own parameters.
_CLAIMED: Final = {*RESERVED_PARAMETERS, *PROJECTIONS, "ids", "q", "bq", "action", "criteria"}


_NAMES: Final = texts().filter(bool)
_QUERIES: Final[SearchStrategy[dict[str, Any]]] = st.dictionaries(
    _NAMES.filter(lambda name: name not in _CLAIMED), values(), max_size=4
)


def queries() -> SearchStrategy[dict[str, Any]]:
    """Generate query parameters: names to values.

    Law: ``param_decode(param_encode(query)) == query``.
    Shrinks to ``{}``, then to one parameter with the empty text.
    """
    return _QUERIES


# An empty segment and the two dots are not keys in a path: URLs have meanings of their own for them.
_PATH_KEYS: Final = keys().filter(lambda key: key not in ("", ".", ".."))
_PATHS: Final[SearchStrategy[tuple[str, dict[str, Any]]]] = st.one_of(
    _PATH_KEYS.map(lambda key: ("/r/{id}", {"id": key})),
    st.builds(lambda key, other: ("/r/{id}/sub/{subId}", {"id": key, "subId": other}), _PATH_KEYS, _PATH_KEYS),
)


def paths() -> SearchStrategy[tuple[str, dict[str, Any]]]:
    """Generate paths to entities with the keys that fill them: a ``resource_path`` and its ``path_keys``.

    Law: a server reads the keys in the path as they were, a number as its digits.
    Shrinks to ``("/r/{id}", {"id": "0"})``, the shortest key being one that a path can have.
    """
    return _PATHS


def calls(method: str | None = None) -> SearchStrategy[Call[Any]]:
    """Generate calls of a resource method, in a tunnel or not.

    Law: a server reads from ``call.request`` the method, the keys, the parameters and the body that the call was made
    with; a transport carries its URL and body unchanged; ``pickle`` gives it back equal.
    Shrinks to a get of ``/r/{id}``, or the method's simplest call.

    Args:
        method: the resource method, such as ``"batch_get"``; by default all fourteen.
    """
    return _ALL_CALLS if method is None else _CALLS[method]


def http_requests() -> SearchStrategy[HttpRequest]:
    """Generate HTTP requests as calls make them.

    Law: ``untunnel(tunnel(request))`` says what the request says.
    Shrinks to the request of a get.
    """
    return _ALL_CALLS.map(lambda call: call.request)


_FIELDS: Final = st.none() | projections()
_TUNNEL_ABOVE: Final = st.sampled_from([None, 0])
_BATCHES_OF_ENTITIES: Final = st.lists(documents(), min_size=1, max_size=3)


@st.composite
def _calls(draw: _Draw, method: str) -> Call[Any]:
    options: _Options = {
        "base_url": "https://api.example.com/rest",
        "query_params": draw(queries()),
        "fields": draw(_FIELDS),
        "tunnel_above": draw(_TUNNEL_ABOVE),
    }
    with warnings.catch_warnings():
        # Awkward values are what this is for; that some look like mistakes is no news to a test.
        warnings.simplefilter("ignore", category=UserWarning)
        return _MAKERS[method](draw, options)


def _at_an_entity(draw: _Draw, options: _Options) -> str:
    resource_path, options["path_keys"] = draw(paths())
    return str(resource_path)


_KINDS: Final[tuple[KeyKind, ...]] = ("simple", "compound", "complex")
_IDS: Final[SearchStrategy[list[Any]]] = st.one_of(
    *[st.lists(keys(kind), min_size=1, max_size=4, unique_by=canonical_key) for kind in _KINDS]
)


def _ids(draw: _Draw) -> list[Any]:
    return list(draw(_IDS))


def _each(draw: _Draw, ids: list[Any], strategy: SearchStrategy[Any]) -> list[Any]:
    return [draw(strategy) for _ in ids]


def _batch_update(draw: _Draw, options: _Options) -> Call[Any]:
    ids = _ids(draw)
    return restli.batch_update("/r", ids, _each(draw, ids, documents()), **options)


def _batch_partial_update(draw: _Draw, options: _Options) -> Call[Any]:
    ids = _ids(draw)
    return restli.batch_partial_update("/r", ids, patches=_each(draw, ids, patches()), **options)


_CRITERIA: Final = st.lists(st.dictionaries(texts(), values(), max_size=3), min_size=1, max_size=3)


def _batch_finder(draw: _Draw, options: _Options) -> Call[Any]:
    return restli.batch_finder("/r", draw(_NAMES), ("criteria", draw(_CRITERIA)), **options)


_MAKERS: Final[Mapping[str, Callable[[_Draw, _Options], Call[Any]]]] = {
    "get": lambda draw, options: restli.get(_at_an_entity(draw, options), **options),
    "batch_get": lambda draw, options: restli.batch_get("/r", _ids(draw), **options),
    "get_all": lambda draw, options: restli.get_all("/r", **options),
    "finder": lambda draw, options: restli.finder("/r", draw(_NAMES), **options),
    "batch_finder": _batch_finder,
    "create": lambda draw, options: restli.create("/r", draw(documents()), **options),
    "batch_create": lambda draw, options: restli.batch_create("/r", draw(_BATCHES_OF_ENTITIES), **options),
    "update": lambda draw, options: restli.update(_at_an_entity(draw, options), draw(documents()), **options),
    "batch_update": _batch_update,
    "partial_update": lambda draw, options: restli.partial_update(
        _at_an_entity(draw, options), patch=draw(patches()), **options
    ),
    "batch_partial_update": _batch_partial_update,
    "delete": lambda draw, options: restli.delete(_at_an_entity(draw, options), **options),
    "batch_delete": lambda draw, options: restli.batch_delete("/r", _ids(draw), **options),
    "action": lambda draw, options: restli.action("/r", draw(_NAMES), draw(documents()), **options),
}

_CALLS: Final = {method: _calls(method) for method in METHODS}
_ALL_CALLS: Final = st.one_of(*_CALLS.values())
