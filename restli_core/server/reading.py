"""From a request to an Invocation, as strictly as LinkedIn's own server reads one (RestLiRouter, ArgumentBuilder).

    request -> out of its tunnel -> target and headers -> place of the path -> method -> ids, masks, body

The method follows from the HTTP method, and from a mark in the query (``q``, ``bq``, ``action``, ``ids``) or else the
level of the path. X-RestLi-Method decides where these leave a choice, and must not contradict them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from restli_core.base_errors import DecodeError, InvalidCallError
from restli_core.encoding import Decoded, decode, param_decode
from restli_core.encoding.queries import PROJECTIONS
from restli_core.keys import body_key
from restli_core.messages import HttpRequest  # noqa: TC001 - for typing.get_type_hints
from restli_core.methods import METHODS, RETURN_ENTITY
from restli_core.projection import parse_projection
from restli_core.responses.parsing import strict_loads
from restli_core.server.invocation import PROTOCOL_VERSION, Invocation, Refusal
from restli_core.server.resources import (
    COLLECTION,
    ENTITY,
    PARTIAL,
    SIMPLE,
    UNDECLARED,
    Kind,
    Place,
    Resource,
    find_place,
    shown,
)
from restli_core.tunnelling import untunnel

__all__ = ["read"]

# What java.net.URI refuses of visible ASCII, and the # that no request has (RFC 9112 section 3.2).
_ILLEGAL_IN_A_URI: Final = re.compile(r'["#<>\\^`{|}]|%(?![0-9A-Fa-f]{2})')
_ILLEGAL_IN_A_PATH: Final = re.compile(r"[\[\]]")
# What a whole URL has before its path.
_BEFORE_THE_PATH: Final = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/]*")


def read(request: HttpRequest, resources: Iterable[str | Resource] | None = None, *, base_path: str = "") -> Invocation:
    """Read what a request asks for, tunnelled or not.

    Args:
        request: the request; its URL may be whole, or just the target.
        resources: the resources of the server, in the grammar of `Resource`. Where two match, the one with more names
            counts. Without them X-RestLi-Method decides about the method, and the keys in the path are not read.
        base_path: what stands before the resources in every path, such as ``/rest``.

    Raises:
        Refusal: LinkedIn's server would refuse it too.
        InvalidCallError: a declaration in `resources` is malformed.
    """
    # Before the try, since an InvalidCallError of a declaration is not the request's fault.
    declared = None if resources is None else [one if isinstance(one, Resource) else Resource(one) for one in resources]
    try:
        plain = untunnel(request)
        path, query = _split_target(plain)
        _check_headers(plain)
        params = param_decode(query)
        return _invocation(plain, find_place(path, base_path.rstrip("/"), declared), query, params)
    except (DecodeError, InvalidCallError) as error:
        raise Refusal(400, str(error)) from None


def _split_target(request: HttpRequest) -> tuple[str, str]:
    """Return the path and the query of a request's URL, whether it is whole or not."""
    address, _, query = request.url.partition("?")
    path = _BEFORE_THE_PATH.sub("", address)
    flaw = _ILLEGAL_IN_A_URI.search(path) or _ILLEGAL_IN_A_PATH.search(path) or _ILLEGAL_IN_A_URI.search(query)
    if flaw:
        raise Refusal(400, f"Illegal character {flaw[0]!r} in the target")
    if not path.startswith("/"):
        raise Refusal(400, "The target has no path")
    return path, query


# A media type as JavaMail's ContentType parses it (RFC 2045 section 5.1), which the reference does with each request:
# comments may stand between its parts, and a semicolon at its end. Comments in comments are left out here.
_GAP: Final = r"(?:[ \t]|\((?:[^()\\]|\\.)*\))*"
_ATOM: Final = r"[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+"
_MEDIA_TYPE: Final = re.compile(
    rf"{_GAP}({_ATOM}){_GAP}/{_GAP}({_ATOM}){_GAP}"
    rf'(?:;{_GAP}{_ATOM}{_GAP}={_GAP}(?:{_ATOM}|"(?:[^"\\]|\\.)*"){_GAP})*(?:;{_GAP})?'
)
_ATTACHMENTS: Final = "multipart/related"  # the media type of Rest.li's own attachments


def _check_headers(request: HttpRequest) -> None:
    """Refuse another version of the protocol, what is not a media type, and a request that does not accept JSON."""
    # A request without the header is of protocol 1.0.0, which has another grammar (ProtocolVersionUtil.java).
    version = request.headers.get("X-RestLi-Protocol-Version", "1.0.0")
    if version != PROTOCOL_VERSION:
        raise Refusal(400, f"Rest.li protocol version {version!r} is not supported, only {PROTOCOL_VERSION}")
    # Of whatever type a body is, it is read as JSON. But the type must be one.
    content_type = request.headers.get("Content-Type")
    if content_type is not None:
        media_type = _MEDIA_TYPE.fullmatch(content_type)
        if media_type is None:
            raise Refusal(400, "Unable to parse the Content-Type: it is not a media type")
        if f"{media_type[1]}/{media_type[2]}".lower() == _ATTACHMENTS:
            raise Refusal(415, f"This server cannot handle requests with a content type of {_ATTACHMENTS}")
    # A missing or empty Accept accepts everything; so does an empty piece between two commas, and Java's own "*".
    ranges = {piece.partition(";")[0].strip().lower() for piece in request.headers.get("Accept", "").split(",")}
    if _ATTACHMENTS in ranges or ranges.isdisjoint({"", "*", "*/*", "application/*", "application/json"}):
        raise Refusal(406, "None of the types in the request's Accept are supported: this is application/json")


# -- which method ------------------------------------------------------------------------------------------------------

# The methods that a request can mean by its HTTP method, and by its mark or else its level; the first of them where
# X-RestLi-Method does not say.
_ROUTES: Final[Mapping[tuple[str, str], tuple[str, ...]]] = MappingProxyType(
    {
        ("GET", "q"): ("finder",),
        ("GET", "bq"): ("batch_finder",),
        ("GET", "ids"): ("batch_get",),
        ("GET", COLLECTION): ("get_all",),
        ("GET", ENTITY): ("get",),
        ("GET", SIMPLE): ("get",),
        ("GET", UNDECLARED): ("get", "get_all"),
        ("POST", "action"): ("action",),
        ("POST", "ids"): ("batch_partial_update",),
        ("POST", COLLECTION): ("create", "batch_create"),
        ("POST", ENTITY): ("partial_update",),
        ("POST", SIMPLE): ("partial_update",),
        ("POST", UNDECLARED): ("create", "batch_create", "partial_update"),
        ("PUT", "ids"): ("batch_update",),
        ("PUT", ENTITY): ("update",),
        ("PUT", SIMPLE): ("update",),
        ("PUT", UNDECLARED): ("update",),
        ("DELETE", "ids"): ("batch_delete",),
        ("DELETE", ENTITY): ("delete",),
        ("DELETE", SIMPLE): ("delete",),
        ("DELETE", UNDECLARED): ("delete",),
    }
)
# The marks, with the levels where they may stand.
_MARKS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "q": frozenset({COLLECTION, PARTIAL, UNDECLARED}),
        "bq": frozenset({COLLECTION, PARTIAL, UNDECLARED}),
        "action": frozenset({COLLECTION, PARTIAL, ENTITY, SIMPLE, UNDECLARED}),
        "ids": frozenset({COLLECTION, PARTIAL, UNDECLARED}),
    }
)
# Those of an HTTP method that make parameters like any others of q, bq and action beside them; the first one counts.
_RULING_MARKS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({"GET": ("q", "bq"), "POST": ("action",)})


def _method(request: HttpRequest, level: str, params: Mapping[str, Decoded]) -> str:
    """Return the name of the resource method that a request means (RestLiRouter.java:281-346)."""
    marks = [mark for mark in _MARKS if mark in params]
    ruling = next((mark for mark in _RULING_MARKS.get(request.method, ()) if mark in marks), None)
    if ruling is not None:
        marks = [mark for mark in marks if mark in {ruling, "ids"}]
    elif "action" in marks:
        raise Refusal(400, f"All action methods must be submitted as a POST (was {request.method})")
    if len(marks) > 1:
        raise Refusal(400, f"The parameters {' and '.join(marks)} cannot be in one request")
    # To the reference, a part of a collection is a collection in all but its keys.
    route = marks[0] if marks else COLLECTION if level == PARTIAL else level
    may_stand = not marks or level in _MARKS[marks[0]]
    methods = _ROUTES.get((request.method, route), ()) if may_stand else ()
    asked = request.headers.get("X-RestLi-Method", "").lower()
    if not methods or (asked and asked not in methods):
        by = f" with X-RestLi-Method {asked!r}" if asked else ""
        with_mark = f" with the parameter {marks[0]}" if marks else ""
        raise Refusal(400, f"Method {request.method!r}{by} is not supported for this URI, a {level}{with_mark}")
    return asked or methods[0]


def _invocation(request: HttpRequest, place: Place, query: str, params: Mapping[str, Decoded]) -> Invocation:
    """Return what a request out of its tunnel asks for at a place."""
    method = METHODS[_method(request, place.level, params)]
    mark = method.parameter
    ids, invalid_ids = _read_ids(params["ids"], place.kind) if mark == "ids" else ((), ())
    name = params[mark] if mark in {"q", "bq", "action"} else None
    if not isinstance(name, str | None):
        raise Refusal(400, f"Invalid value type for parameter {mark}: it must be text")
    masks = [
        parse_projection(mask) if isinstance(mask := params.get(parameter), str) else None
        for parameter in ("fields", "metadataFields", "pagingFields")
    ]
    returns = params.get(RETURN_ENTITY)
    if returns is not None and not (isinstance(returns, str) and returns.lower() in {"true", "false"}):
        raise Refusal(400, f'Invalid "{RETURN_ENTITY}" parameter: {shown(returns)}')
    own = {*PROJECTIONS, RETURN_ENTITY, mark}
    return Invocation(
        method.name,
        place.resource,
        place.path,
        query,
        place.keys,
        finder=None if mark == "action" else name,
        action=name if mark == "action" else None,
        ids=ids,
        invalid_ids=invalid_ids,
        params={name: value for name, value in params.items() if name not in own},
        fields=masks[0],
        metadata_fields=masks[1],
        paging_fields=masks[2],
        return_entity=None if returns is None else returns.lower() == "true",
        headers=request.headers,
        # The body of a method that has none, such as get, is not looked at, whatever it is.
        **(_read_body(method.body, request.body, ids, place.kind) if method.body is not None else {}),
    )


# -- ids and bodies ----------------------------------------------------------------------------------------------------


def _read_ids(value: Decoded, kind: Kind | None) -> tuple[tuple[Any, ...], tuple[str, ...]]:
    """Return the ids of a batch, each once, and the texts of those that are not keys.

    Only malformed complex and association keys are set apart; for a malformed simple key the whole batch is refused.
    """
    if not isinstance(value, list):
        raise Refusal(400, "Invalid value type for parameter ids: it must be a List, even for one id")
    ids: dict[str, Any] = {}
    invalid: dict[str, None] = {}
    for element in value:
        try:
            key = kind.typed(element, parts_at_least=0) if kind else element
        except Refusal:
            if kind is None or not kind.is_element:
                raise
            invalid[body_key(element)] = None
        else:
            ids[body_key(key)] = key
    return tuple(ids.values()), tuple(invalid)


def _read_body(shape: str, body: bytes, ids: tuple[Any, ...], kind: Kind | None) -> dict[str, Any]:
    """Return the fields of an Invocation that a body of one of the shapes in `restli_core.methods` gives.

    The Content-Type makes no difference: the reference reads JSON whatever it is. Nor has a batch to say that it is
    empty: without ``entities`` or ``elements`` it has none.
    """
    try:
        # An action without parameters may have no body at all.
        loaded = strict_loads(body) if body or shape != "parameters" else {}
    except (ValueError, RecursionError):
        raise Refusal(400, "Cannot parse request entity: it is not JSON") from None
    document = _json_object(loaded, "the request entity")
    match shape:
        case "patch":
            return {"patch": _patch(document)}
        case "patches":
            return {"patches": tuple(map(_patch, _by_ids(document, ids, kind)))}
        case "entities":
            return {"entities": _by_ids(document, ids, kind)}
        case "elements":
            elements = document.get("elements", [])
            if not isinstance(elements, list):
                raise Refusal(400, "Cannot parse request entity: elements must be an array")
            return {"entities": tuple(_json_object(element, "an element") for element in elements)}
        case _:  # "entity" and "parameters"
            return {"entity": document}


def _json_object(value: object, what: str) -> Mapping[str, Any]:
    """Return a value of the body that must be an object; `what` is its name in the Refusal."""
    if not isinstance(value, dict):
        raise Refusal(400, f"Cannot parse request entity: {what} must be an object")
    return value


def _patch(document: Mapping[str, Any]) -> Mapping[str, Any]:
    # To the reference a document without "patch" is a patch of nothing, which it answers with 204.
    return _json_object(document.get("patch", {}), "the patch")


def _by_ids(document: Mapping[str, Any], ids: tuple[Any, ...], kind: Kind | None) -> tuple[Mapping[str, Any], ...]:
    """Return the values of a batch body in the order of the ids. Its keys must be the ids, in any spelling."""
    # `$params` counts: the reference refuses a key that lacks those of the id (ArgumentBuilder.java:553-595). So keys
    # are compared as `body_key` writes them, not by `canonical_key`.
    asked = dict.fromkeys(map(body_key, ids))
    keyed: dict[str, Mapping[str, Any]] = {}
    for text, value in _json_object(document.get("entities", {}), "entities").items():
        if kind is not None:
            key = body_key(kind.read(text))
        else:
            # Without a declaration, a text that looks like a complex key may be one, or a simple key, which is raw.
            decoded = text if text in asked else decode(text)
            key = text if isinstance(decoded, str) else body_key(decoded)
        keyed[key] = _json_object(value, "an entity")
    if keyed.keys() != asked.keys():
        raise Refusal(400, "Batch request mismatch: the keys of the body are not those of the query")
    return tuple(keyed[key] for key in asked)
