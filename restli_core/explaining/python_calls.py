"""The call of restli_core that makes a request, as Python source.

    request -> understood -> Invocation -> arguments of one of the fourteen functions -> call -> source

What a server reads in the request becomes the arguments. The call is then made, and must ask for the same as the
request: where it does not, or cannot be made, there is no source, and an InvalidCallError says why.

URNs are written as `Urn`, digits as numbers, ``true`` and ``false`` as booleans: on the wire they are the same texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain, count
from typing import Any, Final, TypeAlias

from restli_core import calls
from restli_core.base_errors import DecodeError, InvalidCallError
from restli_core.building import DEFAULT_TUNNEL_ABOVE
from restli_core.callers import collect_warnings
from restli_core.encoding import decode, decode_path_key
from restli_core.encoding.queries import PROJECTIONS
from restli_core.explaining.literals import Opened, Wire, python_text
from restli_core.explaining.targets import Target, is_key, json_document, split_target, understood
from restli_core.keys import body_key
from restli_core.messages import HttpRequest  # noqa: TC001 - for typing.get_type_hints
from restli_core.methods import METHODS
from restli_core.nesting import are_equal
from restli_core.paths import VERSIONED_BASE_URL
from restli_core.patterns import lazy_pattern
from restli_core.server import Invocation, Resource
from restli_core.tunnelling import is_tunnelled, untunnel
from restli_core.urn import read_urn
from restli_core.values import Value

__all__ = ["PythonCall", "find_call", "path_template", "python_source", "raw_projections"]

# Header fields that a call has of its own, that follow from its arguments, or that a browser or a tool adds.
_OWN_HEADERS: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "accept-language",
        "authorization",
        "cache-control",
        "connection",
        "content-length",
        "content-type",
        "cookie",
        "expect",
        "host",
        "linkedin-version",
        "origin",
        "postman-token",
        "pragma",
        "proxy-authorization",
        "referer",
        "user-agent",
        "x-http-method-override",
        "x-restli-method",
        "x-restli-protocol-version",
    }
)
SECRET_HEADER: Final = lazy_pattern(r"auth|cookie|csrf|key|secret|token", re.IGNORECASE)
_NAMES: Final = lazy_pattern(r"\w+(?:,\w+)+", re.ASCII)
MAX_KEYS: Final = 20  # in a path without declared resources: no server has that many levels


class PythonCall(Value):
    """A call that makes a request.

    Attributes:
        source: its source.
        warnings: what restli_core warns of when it is made.
    """

    source: str
    warnings: tuple[str, ...]


def python_source(
    request: HttpRequest, resources: Iterable[str | Resource] | None = None, *, prefix: str = "client"
) -> str:
    """Return the call that makes a request, as the source of an expression.

    Args:
        request: the request, tunnelled or not. Authorization, cookies and other secret fields are left out, and so is
            what a browser or a tool adds.
        resources: the server's resources, as `restli_core.server.read` takes them; without them, what is a key in the
            path is told by its looks.
        prefix: what has the fourteen functions: a client, ``client.calls``, or the module.

    Returns:
        Source with `prefix` and perhaps ``Urn`` in it, laid out in 100 columns, where its texts let it.

    Raises:
        InvalidCallError: no call can make this request; the error says why.
        Refusal: a server would refuse it.
    """
    return find_call(request, resources, prefix=prefix).source


def find_call(
    request: HttpRequest,
    resources: Iterable[str | Resource] | None,
    *,
    prefix: str = "client",
    version_string: str | None = None,
) -> PythonCall:
    """Return the call that makes a request, as `python_source` does.

    Args:
        request: the request.
        resources: the server's resources.
        prefix: what has the fourteen functions.
        version_string: the version of the call where the request has none and LinkedIn wants one.

    Raises:
        InvalidCallError, Refusal: see `python_source`.
    """
    declared = None if resources is None else [*resources]
    invocation = understood(request, declared)
    plain = untunnel(request)
    target = split_target(plain.url)
    template, keys = path_template(invocation, target, is_declared=declared is not None)
    options: dict[str, Any] = {"path_keys": Wire(keys) if keys else None}
    alternatives, params = _own_arguments(invocation)
    masks = {name: mask for name, mask in raw_projections(target.query).items() if name != "fields"}
    options["query_params"] = {name: Wire(value) for name, value in params.items()} | masks
    options |= _options(invocation, plain, target, version_string)
    if is_tunnelled(request) and len(target.query) <= DEFAULT_TUNNEL_ABOVE:
        options["tunnel_above"] = 0
    options = {name: value for name, value in options.items() if value not in ({}, None)}
    failure = None
    for own in alternatives:
        try:
            made, warnings = collect_warnings(partial(_made, invocation.method, template, own, options))
            _check_same(invocation, plain, understood(made.request, declared), untunnel(made.request))
        except InvalidCallError as error:
            failure = failure or error
            continue
        return PythonCall(_source(prefix, invocation.method, template, own, options), tuple(warnings))
    raise failure or InvalidCallError("request", "has no call")


# An argument by position has no name here.
_Own: TypeAlias = Sequence[tuple[str, Any]]


def _made(method: str, template: str, own: _Own, options: Mapping[str, Any]) -> calls.Call[Any]:
    """Return the call of these arguments."""
    given = [_value(value) for name, value in own if not name]
    named = {name: _value(value) for name, value in own if name}
    call: calls.Call[Any] = getattr(calls, method)(
        template, *given, **named, **{name: _value(value) for name, value in options.items()}
    )
    return call


def _value(argument: Any) -> Any:
    """Return an argument for a call, in which values from a URL are what their texts say."""
    if isinstance(argument, tuple):
        return tuple(map(_value, argument))
    if isinstance(argument, dict):
        return {name: item.value if isinstance(item, Wire) else item for name, item in argument.items()}
    return argument.value if isinstance(argument, Wire) else argument


def _source(prefix: str, method: str, template: str, own: _Own, options: Mapping[str, Any]) -> str:
    """Return the source of a call of these arguments."""
    items = [("", template), *[(f"{name}=" if name else "", value) for name, value in own]]
    items += [(f"{name}=", value) for name, value in options.items()]
    return python_text(Opened(f"{prefix}.{method}(", tuple(items), ")"))


# -- the path ----------------------------------------------------------------------------------------------------------


def path_template(invocation: Invocation, target: Target, *, is_declared: bool) -> tuple[str, dict[str, Any]]:
    """Return the path with placeholders in the place of keys, and the keys.

    Args:
        invocation: what the server reads.
        target: the request's target.
        is_declared: whether the server's resources are known; else the keys are told by their looks.
    """
    if is_declared:
        resource = Resource(invocation.resource)
        names, keys = iter(resource.keys), invocation.path_keys
        segments = [f"{{{next(names)}}}" if name is None else name for name in resource.names]
        segments = segments[: len(segments) - (resource.key is not None and resource.key not in keys)]
        return "/" + "/".join(segments), {**keys}
    before: str | None = None
    found: dict[str, Any] = {}
    segments = _segments(target)
    for place, segment in enumerate(segments):
        if len(found) < MAX_KEYS and is_key(segment, before):
            key = _read_key(segment)
            is_last = place == len(segments) - 1
            name = _key_name(key, before or "", taken=found.keys(), is_last=is_last)
            segments[place] = f"{{{name}}}"
            found[name] = key
        before = segment
    return "/" + "/".join(segments), found


def _segments(target: Target) -> list[str]:
    """Return the segments of a path; a server ignores one slash at its end."""
    return target.path.removesuffix("/").split("/")[1:] if len(target.path) > 1 else [""]


def _read_key(segment: str) -> Any:
    """Return the key that a segment is: a map or a list, or else text."""
    if segment.startswith(("(", "List(")):
        try:
            return decode(segment)
        except DecodeError:
            pass
    return decode_path_key(segment)


def _key_name(key: Any, before: str, *, taken: Iterable[str], is_last: bool) -> str:
    """Return a readable name for a key: of the last one what it is, of the others what they are keys of."""
    name = _last_name(key) if is_last else before.removesuffix("s")
    numbered = (f"{name}{number}" for number in count(2))
    return next(one for one in chain([name], numbered) if one not in taken)


def _last_name(key: Any) -> str:
    if not isinstance(key, str):
        return "key"
    return "id" if read_urn(key) is None else "urn"


# -- the arguments -----------------------------------------------------------------------------------------------------


def _own_arguments(invocation: Invocation) -> tuple[list[_Own], dict[str, Any]]:
    """Return a method's own arguments, in one or two ways, and the other parameters."""
    if invocation.invalid_ids:
        raise InvalidCallError("ids", "are not all keys of this resource")
    params = {**invocation.params}
    ways = _OWN_ARGUMENTS.get(invocation.method)
    own: list[_Own] = [[]] if ways is None else ways(invocation)
    if invocation.method == "batch_finder":
        name = _criteria_of(params)
        own = [[*own[0], ("", (name, Wire(params.pop(name))))]]
    return own, params


def _partial_update(invocation: Invocation) -> list[_Own]:
    patch = invocation.patch
    return [*([[("", patch["$set"])]] if _only_sets(patch) else []), [("patch", patch)]]


def _batch_partial_update(invocation: Invocation) -> list[_Own]:
    patches = [*invocation.patches]
    short: list[_Own] = (
        [[_ids(invocation), ("", [patch["$set"] for patch in patches])]] if all(map(_only_sets, patches)) else []
    )
    return [*short, [_ids(invocation), ("patches", patches)]]


def _ids(invocation: Invocation) -> tuple[str, Any]:
    return "", Wire([*invocation.ids])


def _entities(invocation: Invocation) -> tuple[str, Any]:
    return "", [*invocation.entities]


# By method, its own arguments; of those that are not here there are none. Of two ways the first that can be made is it.
_OWN_ARGUMENTS: Final[Mapping[str, Callable[[Invocation], list[_Own]]]] = {
    "batch_get": lambda asked: [[_ids(asked)]],
    "finder": lambda asked: [[("", asked.finder)]],
    "batch_finder": lambda asked: [[("", asked.finder)]],
    "create": lambda asked: [[("", asked.entity)]],
    "batch_create": lambda asked: [[_entities(asked)]],
    "update": lambda asked: [[("", asked.entity)]],
    "batch_update": lambda asked: [[_ids(asked), _entities(asked)]],
    "partial_update": _partial_update,
    "batch_partial_update": _batch_partial_update,
    "batch_delete": lambda asked: [[_ids(asked)]],
    "action": lambda asked: [[("", asked.action), *([("", asked.entity)] if asked.entity else [])]],
}


def _only_sets(patch: Mapping[str, Any]) -> bool:
    return [*patch] == ["$set"] and isinstance(patch["$set"], dict)


def _criteria_of(params: Mapping[str, Any]) -> str:
    """Return the name of the parameter that is a batch finder's criteria: a list."""
    lists = [name for name, value in params.items() if isinstance(value, list)]
    named = [name for name in lists if "criteria" in name.lower()]
    if len(named or lists) != 1:
        raise InvalidCallError("finder_criteria", "no parameter, or several, may be the criteria of the batch finder")
    return (named or lists)[0]


def _options(invocation: Invocation, plain: HttpRequest, target: Target, version: str | None) -> dict[str, Any]:
    """Return the keywords that all methods have."""
    headers = plain.headers
    options: dict[str, Any] = {}
    raw = raw_projections(target.query)
    if "fields" in raw:
        mask = raw["fields"]
        options["fields"] = mask.split(",") if _NAMES.fullmatch(mask) else mask
    if invocation.return_entity is not None and METHODS[invocation.method].returns_entity:
        options["return_entity"] = invocation.return_entity
    own_version = headers.get("LinkedIn-Version")
    if own_version is None and target.is_versioned:
        own_version = version
    base = f"{target.host.lower() or 'https://api.linkedin.com'}{target.prefix}"
    options["version_string"] = own_version
    # A client with a version sends a call that has none to the versioned API, and so it is said that this one is not.
    is_usual = own_version is not None and base == VERSIONED_BASE_URL
    if (target.host or target.prefix) and not is_usual:
        options["base_url"] = base
    options["headers"] = {
        name: value
        for name, value in headers.items()
        if name.lower() not in _OWN_HEADERS and not SECRET_HEADER.search(name)
    }
    return options


def raw_projections(query: str) -> dict[str, str]:
    """Return the masks of a query as they are sent."""
    pairs = (piece.partition("=") for piece in query.split("&"))
    named = ((decode_path_key(name), value) for name, _, value in pairs)  # the names may be escaped
    return {name: value for name, value in named if name in PROJECTIONS}


# -- whether it is the same --------------------------------------------------------------------------------------------


def _check_same(theirs: Invocation, request: HttpRequest, ours: Invocation, made: HttpRequest) -> None:
    """Raise an InvalidCallError where a call that was made asks for something else than the request."""
    one, other = _meaning(theirs, request), _meaning(ours, made)
    for name, value in one.items():
        if not are_equal(value, other[name]):
            raise InvalidCallError("request", f"has something in its {name} that no call can say")


def _meaning(invocation: Invocation, request: HttpRequest) -> dict[str, Any]:
    """Return what a request asks for, by where it says it."""
    target = split_target(request.url)
    ids = sorted(map(body_key, invocation.ids))
    document: Any = json_document(request.body or b"{}") if METHODS[invocation.method].body else None
    if invocation.method in {"batch_update", "batch_partial_update"}:
        # By the ids in one order, since the keys of the body may be spelt in several ways.
        order = sorted(range(len(invocation.ids)), key=lambda place: body_key(invocation.ids[place]))
        items = invocation.entities or invocation.patches
        others = [name for name in document if name != "entities"]
        document = [others, [items[place] for place in order if items]]
    return {
        "method": [request.method, invocation.method, invocation.finder, invocation.action],
        "path": [_read_key(segment) for segment in _segments(target)],
        "query": [dict(invocation.params), ids, raw_projections(target.query), invocation.return_entity],
        "body": document,
    }
