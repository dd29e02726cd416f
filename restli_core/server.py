"""The other end: what a Rest.li server makes of a request, and how it answers. Pure, like all of the core.

    request -> read -> Invocation -> (a handler of yours) -> respond -> response

It is as strict as LinkedIn's own server: what that answers with 400, `read` refuses with 400 (RestLiRouter,
ArgumentBuilder, URIParamUtils). What `restli_core` builds and `read` reads is what the caller meant.

The URL alone does not tell a get from a get_all, nor a complex key from text, so a server declares its resources:

    resource = 1*( "/" ( name / key ) )               names, and keys in braces, as in a resource path
    key      = "{" name [ ":" kind ] "}"
    kind     = "text"                                 any text: the kind where none is given
             / "long"                                 an integer of 64 bits
             / "complex"                              a map, perhaps with "$params"
             / "association(" part *( "," part ) ")"  a map with just these parts

``/adAccounts/{id:long}`` declares both the collection and its entities; ``/me`` a simple resource.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from restli_core.bodies import strict_dumps
from restli_core.encoding import Decoded, Encodable, body_key, decode, decode_path_key, encode, param_decode
from restli_core.errors import DecodeError, InvalidCallError, RestliError
from restli_core.messages import HttpRequest, HttpResponse
from restli_core.methods import METHODS, RESERVED_PARAMETERS, RETURN_ENTITY
from restli_core.projection import apply_projection, parse_projection
from restli_core.responses import strict_loads
from restli_core.tunnelling import untunnel

__all__ = ["Collection", "Created", "Invocation", "Refusal", "read", "respond"]

PROTOCOL_VERSION: Final = "2.0.0"


class Refusal(RestliError):
    """An error that a Rest.li server answers with: raised by `read`, and by a handler that refuses.

    Args:
        status: the HTTP status, such as 404.
        message: the words of the answer.
        fields: further fields of Rest.li's ErrorResponse, such as ``serviceErrorCode`` or ``code``.
    """

    status: int
    message: str
    fields: Mapping[str, Any]

    def __init__(self, status: int, message: str, **fields: Any) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message
        self.fields = fields

    @property
    def document(self) -> dict[str, Any]:
        """The ErrorResponse."""
        return {"status": self.status, "message": self.message, **self.fields}

    @property
    def response(self) -> HttpResponse:
        """The whole answer."""
        return _answer(self.status, self.document, {"X-RestLi-Error-Response": "true"})


@dataclass(frozen=True, slots=True)
class Invocation:
    """What a request asks a server to do.

    Attributes:
        method: the resource method, such as ``batch_get``.
        resource: the declared resource that the path matches; the path itself where none are declared.
        path: the path as it came, still encoded.
        path_keys: the keys in the path by their names: text, an int (long), or a dict (complex, association).
        finder: the name of the finder or batch finder; None for other methods.
        action: the name of the action; None for other methods.
        ids: the ids of a batch method, each once, read as the resource's kind of key.
        invalid_ids: the ids that are no complex or association keys, as text: the answer has an error for each.
        params: the query's other parameters.
        fields: the mask of the parameter `fields`, as `parse_projection` reads it; None where there is none.
        metadata_fields: likewise, of `metadataFields`.
        entity: the entity of create and update, the parameters of an action, else None.
        entities: the entities of batch_create in their order, and of batch_update in the order of `ids`.
        patch: the patch of partial_update; None for other methods.
        patches: the patches of batch_partial_update, in the order of `ids`.
        return_entity: whether the caller wants the entity back; servers take that for granted where it is not said.
    """

    method: str
    resource: str
    path: str
    path_keys: Mapping[str, Any] = field(default_factory=dict)
    finder: str | None = None
    action: str | None = None
    ids: tuple[Any, ...] = ()
    invalid_ids: tuple[str, ...] = ()
    params: Mapping[str, Decoded] = field(default_factory=dict)
    fields: Mapping[str, Any] | None = None
    metadata_fields: Mapping[str, Any] | None = None
    entity: Any = None
    entities: tuple[Any, ...] = ()
    patch: Any = None
    patches: tuple[Any, ...] = ()
    return_entity: bool = True

    @property
    def key(self) -> Any:
        """The key of the entity that is meant, the last one of the path; None where the path ends in no key."""
        return next(reversed(self.path_keys.values()), None) if self.resource.endswith("}") else None


# -- reading -----------------------------------------------------------------------------------------------------------


def read(request: HttpRequest, resources: Iterable[str] | None = None) -> Invocation:
    """What a request asks for, tunnelled or not.

    Args:
        request: the request; its URL may be whole, or just the target.
        resources: the resources of the server, as the module's grammar has them. Without them X-RestLi-Method decides
            about the method, keys stay text and are not told from the rest of the path.

    Raises:
        Refusal: LinkedIn's server would refuse it too.
        InvalidCallError: a declaration in `resources` is malformed.
    """
    try:
        plain = untunnel(request)
        path, params = _target(plain)
        _check_headers(plain)
        return _invocation(plain, _place(path, resources), params)
    except DecodeError as error:
        raise Refusal(400, str(error)) from None


_ILLEGAL: Final = re.compile(r'["<>\\^`{|}]|%(?![0-9A-Fa-f]{2})')


def _target(request: HttpRequest) -> tuple[str, dict[str, Decoded]]:
    address, _, query = request.url.partition("?")
    path = re.sub(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/]*", "", address)
    flaw = _ILLEGAL.search(path + query)
    if flaw or not path.startswith("/"):
        raise Refusal(400, f"Illegal character {flaw[0]!r} in the target" if flaw else "The target has no path")
    return path, param_decode(query)


def _check_headers(request: HttpRequest) -> None:
    version = request.headers.get("X-RestLi-Protocol-Version", "1.0.0")
    if version != PROTOCOL_VERSION:
        raise Refusal(400, f"Rest.li protocol version {version!r} is not spoken here, but {PROTOCOL_VERSION}")
    ranges = [piece.partition(";")[0].strip().lower() for piece in request.headers.get("Accept", "").split(",")]
    if not {"", "*/*", "application/*", "application/json"} & set(ranges):
        raise Refusal(406, "None of the types in the request's Accept are supported: this is application/json")


# -- resources and their keys ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of key: whether its text is an element of the grammar, and what checks and types its value."""

    is_element: bool
    typed: Callable[[Any], Any]
    parts: frozenset[str] = frozenset()

    def read(self, text: str) -> Any:
        """A key from a batch body; one from the path differs in that its text is percent-decoded."""
        return self.typed(decode(text) if self.is_element else text)

    def read_segment(self, segment: str) -> Any:
        """A key from the path."""
        return self.read(segment if self.is_element else decode_path_key(segment))


def _text(value: Decoded) -> str:
    if not isinstance(value, str):
        raise Refusal(400, "Batch key parameter value is invalid: the key is text")
    return value


def _long(value: Decoded) -> int:
    if not isinstance(value, str) or not _LONG.fullmatch(value) or not -(2**63) <= int(value) < 2**63:
        raise Refusal(400, f"Key value {value!r} must be a long")
    return int(value)


_LONG: Final = re.compile(r"[+-]?[0-9]{1,40}")


def _map(value: Decoded) -> Mapping[str, Decoded]:
    if not isinstance(value, dict):
        raise Refusal(400, f"Key value {value!r} must be a map")
    return value


def _association(parts: frozenset[str], value: Decoded) -> Mapping[str, Decoded]:
    key = _map(value)
    if set(key) != parts:
        raise Refusal(400, f"Key value {body_key(key)!r} is not a compound key of {', '.join(sorted(parts))}")
    return key


_KINDS: Final[Mapping[str, _Kind]] = MappingProxyType(
    {"text": _Kind(False, _text), "long": _Kind(False, _long), "complex": _Kind(True, _map)}
)
_KEY: Final = re.compile(r"\{([A-Za-z0-9_-]+)(?::(?:(text|long|complex)|association\(([^(){},]+(?:,[^(){},]+)*)\)))?\}")
_NAME: Final = re.compile(r"[^{}/]+")


@dataclass(frozen=True, slots=True)
class _Resource:
    """A declared resource: the names and the kinds of keys along its path."""

    declaration: str
    segments: tuple[str | tuple[str, _Kind], ...]

    @property
    def has_key(self) -> bool:
        return not isinstance(self.segments[-1], str)

    def matches(self, segments: Sequence[str]) -> bool:
        """Whether the names are those of the path; its keys are not looked at, and the last may be missing."""
        if len(segments) != len(self.segments) and not (self.has_key and len(segments) == len(self.segments) - 1):
            return False
        paired = zip(self.segments, segments, strict=False)
        return all(segment == declared for declared, segment in paired if isinstance(declared, str))


def _resource(declaration: str) -> _Resource:
    if not declaration.startswith("/"):
        raise InvalidCallError("resources", f"{declaration!r} does not begin with /")
    return _Resource(declaration, tuple(_declared(segment, declaration) for segment in declaration[1:].split("/")))


def _declared(segment: str, declaration: str) -> str | tuple[str, _Kind]:
    key = _KEY.fullmatch(segment)
    if key is None:
        if not _NAME.fullmatch(segment):
            raise InvalidCallError("resources", f"{segment!r} in {declaration!r} is neither a name nor a key")
        return segment
    if key[3] is None:
        return key[1], _KINDS[key[2] or "text"]
    parts = frozenset(key[3].split(","))
    return key[1], _Kind(True, partial(_association, parts), parts)


@dataclass(frozen=True, slots=True)
class _Place:
    """A path, held against the resources."""

    path: str
    resource: str
    level: str
    keys: Mapping[str, Any] = field(default_factory=dict)
    kind: _Kind | None = None


_COLLECTION: Final = "collection"
_PARTIAL: Final = "part of a collection"  # an association's, by some parts of its key
_ENTITY: Final = "entity"
_SIMPLE: Final = "simple resource"
_UNKNOWN: Final = "undeclared resource"


def _place(path: str, resources: Iterable[str] | None) -> _Place:
    if resources is None:
        return _Place(path, path, _UNKNOWN)
    segments = path[1:].split("/")
    if len(segments) > 1 and not segments[-1]:
        segments.pop()
    declared = [resource for resource in map(_resource, resources) if resource.matches(segments)]
    if not declared:
        raise Refusal(400 if "" in segments[1:] else 404, f"No resource is defined for the path {path!r}")
    return _placed(path, declared[0], segments)


def _placed(path: str, resource: _Resource, segments: Sequence[str]) -> _Place:
    keys: dict[str, Any] = {}
    for declared, segment in zip(resource.segments, segments, strict=False):
        if not isinstance(declared, str):
            name, kind = declared
            keys[name] = _path_key(kind, segment, is_last=declared is resource.segments[-1])
    last = resource.segments[-1]
    if isinstance(last, str):
        return _Place(path, resource.declaration, _SIMPLE, keys)
    name, kind = last
    if name not in keys:
        return _Place(path, resource.declaration, _COLLECTION, keys, kind)
    level = _PARTIAL if kind.parts - set(keys[name] if kind.parts else ()) else _ENTITY
    return _Place(path, resource.declaration, level, keys, kind)


def _path_key(kind: _Kind, segment: str, *, is_last: bool) -> Any:
    if kind.parts and is_last:
        key = _map(decode(segment))
        if key and set(key) < kind.parts:  # an association's finder may be asked by some parts of the key
            return key
    return kind.read_segment(segment)


# -- routing -----------------------------------------------------------------------------------------------------------

# The methods that a request can mean by its verb, and by its mark in the query or else its level; the first where
# X-RestLi-Method does not say.
_ROUTES: Final[Mapping[tuple[str, str], tuple[str, ...]]] = MappingProxyType(
    {
        ("GET", "q"): ("finder",),
        ("GET", "bq"): ("batch_finder",),
        ("GET", "ids"): ("batch_get",),
        ("GET", _COLLECTION): ("get_all",),
        ("GET", _ENTITY): ("get",),
        ("GET", _SIMPLE): ("get",),
        ("GET", _UNKNOWN): ("get", "get_all"),
        ("POST", "action"): ("action",),
        ("POST", "ids"): ("batch_partial_update",),
        ("POST", _COLLECTION): ("create", "batch_create"),
        ("POST", _ENTITY): ("partial_update",),
        ("POST", _SIMPLE): ("partial_update",),
        ("POST", _UNKNOWN): ("create", "batch_create", "partial_update"),
        ("PUT", "ids"): ("batch_update",),
        ("PUT", _ENTITY): ("update",),
        ("PUT", _SIMPLE): ("update",),
        ("PUT", _UNKNOWN): ("update",),
        ("DELETE", "ids"): ("batch_delete",),
        ("DELETE", _ENTITY): ("delete",),
        ("DELETE", _SIMPLE): ("delete",),
        ("DELETE", _UNKNOWN): ("delete",),
    }
)
# In the order in which they count, and the levels where they may stand.
_MARKS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "q": frozenset({_COLLECTION, _PARTIAL, _UNKNOWN}),
        "bq": frozenset({_COLLECTION, _PARTIAL, _UNKNOWN}),
        "action": frozenset({_COLLECTION, _ENTITY, _SIMPLE, _UNKNOWN}),
        "ids": frozenset({_COLLECTION, _UNKNOWN}),
    }
)


def _method(request: HttpRequest, level: str, params: Mapping[str, Decoded]) -> str:
    mark = next((mark for mark in _MARKS if mark in params and (request.method, mark) in _ROUTES), None)
    if mark is None and "action" in params:
        raise Refusal(400, f"All action methods must be submitted as a POST (was {request.method})")
    methods = _ROUTES.get((request.method, mark or level), ())
    if mark is not None and level not in _MARKS[mark]:
        methods = ()
    asked = request.headers.get("X-RestLi-Method", "").lower()
    if not methods or (asked and asked not in methods):
        by = f" with X-RestLi-Method {asked!r}" if asked else ""
        raise Refusal(400, f"Method {request.method!r}{by} is not supported for this URI, a {level}")
    return asked or methods[0]


def _invocation(request: HttpRequest, place: _Place, params: dict[str, Decoded]) -> Invocation:
    method = METHODS[_method(request, place.level, params)]
    ids, invalid_ids = _ids(params["ids"], place.kind) if method.parameter == "ids" else ((), ())
    return Invocation(
        method.name,
        place.resource,
        place.path,
        place.keys,
        finder=_text(params[method.parameter]) if method.parameter in {"q", "bq"} else None,
        action=_text(params["action"]) if method.parameter == "action" else None,
        ids=ids,
        invalid_ids=invalid_ids,
        params={name: value for name, value in params.items() if name not in _ROUTED},
        fields=_mask(params.get("fields")),
        metadata_fields=_mask(params.get("metadataFields")),
        return_entity=_return_entity(params.get(RETURN_ENTITY, "true")),
        **_BODIES[method.body](request.body, ids, place.kind) if method.body is not None else {},
    )


_ROUTED: Final = frozenset({*RESERVED_PARAMETERS, "fields", "metadataFields", RETURN_ENTITY})


def _ids(value: Decoded, kind: _Kind | None) -> tuple[tuple[Any, ...], tuple[str, ...]]:
    """The ids, each once; and of complex ones those that are no keys, as text (an answer has an error for each)."""
    if not isinstance(value, list):
        raise Refusal(400, "Invalid value type for parameter: ids. Expected type: List")
    ids: dict[str, Any] = {}
    invalid: list[str] = []
    for element in value:
        try:
            ids[body_key(element)] = kind.typed(element) if kind else element
        except Refusal:
            if kind is None or not kind.is_element:
                raise
            invalid.append(body_key(element))
    return tuple(ids.values()), tuple(invalid)


def _mask(value: Decoded | None) -> Mapping[str, Any] | None:
    return parse_projection(value) if isinstance(value, str) and value else None if value is None else {}


def _return_entity(value: Decoded) -> bool:
    if not isinstance(value, str) or value.lower() not in {"true", "false"}:
        raise Refusal(400, f'Invalid "{RETURN_ENTITY}" parameter: {value!r}')
    return value.lower() == "true"


# -- bodies ------------------------------------------------------------------------------------------------------------


def _document(body: bytes) -> Mapping[str, Any]:
    try:
        document = strict_loads(body)
    except (ValueError, RecursionError):
        raise Refusal(400, "Cannot parse request entity: it is not JSON") from None
    return _json_object(document, "the request entity")


def _json_object(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Refusal(400, f"Cannot parse request entity: {what} must be an object")
    return value


def _read_entity(body: bytes, _ids: tuple[Any, ...], _kind: _Kind | None) -> dict[str, Any]:
    return {"entity": _document(body)}


def _read_parameters(body: bytes, _ids: tuple[Any, ...], _kind: _Kind | None) -> dict[str, Any]:
    return {"entity": _document(body) if body else {}}


def _read_patch(body: bytes, _ids: tuple[Any, ...], _kind: _Kind | None) -> dict[str, Any]:
    return {"patch": _patch(_document(body))}


def _patch(document: Mapping[str, Any]) -> Mapping[str, Any]:
    # LinkedIn's server takes a document without the wrapper for a patch of nothing, and answers 204.
    return _json_object(document.get("patch", {}), "the patch")


def _read_elements(body: bytes, _ids: tuple[Any, ...], _kind: _Kind | None) -> dict[str, Any]:
    elements = _document(body).get("elements")
    if not isinstance(elements, list):
        raise Refusal(400, "Cannot parse request entity: elements must be an array")
    return {"entities": tuple(_json_object(element, "an element") for element in elements)}


def _read_entities(body: bytes, ids: tuple[Any, ...], kind: _Kind | None) -> dict[str, Any]:
    return {"entities": _by_ids(body, ids, kind)}


def _read_patches(body: bytes, ids: tuple[Any, ...], kind: _Kind | None) -> dict[str, Any]:
    return {"patches": tuple(map(_patch, _by_ids(body, ids, kind)))}


def _by_ids(body: bytes, ids: tuple[Any, ...], kind: _Kind | None) -> tuple[Mapping[str, Any], ...]:
    """The values of the body's map in the order of the ids; its keys must be theirs, compared by meaning."""
    entities = _json_object(_document(body).get("entities"), "entities")
    keyed = {_meaning(key, kind): _json_object(value, "an entity") for key, value in entities.items()}
    asked = [body_key(key) for key in ids]
    if set(asked) != set(keyed):
        raise Refusal(400, "Batch request mismatch: the keys of the body are not those of the query")
    return tuple(keyed[key] for key in asked)


def _meaning(key: str, kind: _Kind | None) -> str:
    if kind is not None:
        return body_key(kind.read(key))
    try:
        return body_key(decode(key)) if key.startswith(("(", "List(")) else key
    except DecodeError:
        return key


_BODIES: Final[Mapping[str, Callable[[bytes, tuple[Any, ...], _Kind | None], dict[str, Any]]]] = MappingProxyType(
    {
        "entity": _read_entity,
        "elements": _read_elements,
        "entities": _read_entities,
        "patch": _read_patch,
        "patches": _read_patches,
        "parameters": _read_parameters,
    }
)


# -- answering ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Created:
    """What a handler of create returns for a new entity.

    Args:
        id: its key: text, a number, or a mapping for a complex key.
        entity: the entity as created, for a caller that wants it back.
        status: the HTTP status.
    """

    id: Encodable
    entity: Mapping[str, Any] | None = None
    status: int = 201


@dataclass(frozen=True, slots=True)
class Collection:
    """What a handler of get_all, finder or batch_finder returns for a page of a collection.

    Args:
        elements: the entities of the page.
        total: how many there are in all; None to say nothing of it.
        metadata: the finder's metadata; None for none.
        links: the links of the page, such as ``{"rel": "next", "type": "application/json", "href": ...}``.
    """

    elements: Sequence[Mapping[str, Any]]
    total: int | None = None
    metadata: Mapping[str, Any] | None = None
    links: Sequence[Mapping[str, Any]] = ()


def respond(invocation: Invocation, result: Any = None) -> HttpResponse:
    """The answer of a server whose handler returned this.

    Args:
        invocation: what was asked.
        result: by method:

            - get: the entity; None for 404
            - get_all, finder: a Collection, or just its elements
            - batch_finder: a list of these, one for each of the criteria
            - create: a Created, or just the id
            - batch_create: a list of these, one for each entity
            - update, partial_update: None, or the entity as it is now
            - delete: None
            - batch_get: for each id, in the order of `ids`, its entity; None for 404
            - batch_update, batch_partial_update, batch_delete: for each id None, or the entity as it is now;
              None for the whole likewise
            - action: the value that the action returns; None for nothing

            In a batch a mapping from ids to these does as well, and a Refusal may stand for any one of them.

    Raises:
        Refusal: the result is one, or None where an entity is due.
    """
    if isinstance(result, Refusal):
        raise result
    return _RESPONSES[invocation.method](invocation, result)


def _answer(status: int, document: object = None, headers: Mapping[str, str] = MappingProxyType({})) -> HttpResponse:
    fields = {"X-RestLi-Protocol-Version": PROTOCOL_VERSION, **headers}
    if document is None:
        return HttpResponse(status, fields)
    return HttpResponse(status, {"Content-Type": "application/json", **fields}, strict_dumps(document))


def _not_found(invocation: Invocation) -> Refusal:
    return Refusal(404, f"Requested entity not found: type={invocation.method}, resource={invocation.resource}")


def _projected(invocation: Invocation, entity: Mapping[str, Any]) -> Mapping[str, Any]:
    return entity if invocation.fields is None else apply_projection(entity, invocation.fields)


def _respond_entity(invocation: Invocation, result: Any) -> HttpResponse:
    if result is None:
        raise _not_found(invocation)
    return _answer(200, _projected(invocation, result))


def _respond_collection(invocation: Invocation, result: Any) -> HttpResponse:
    return _answer(200, _page(invocation, result))


def _page(invocation: Invocation, result: Collection | Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    page = result if isinstance(result, Collection) else Collection(result)
    start, count = _integer(invocation, "start", 0), _integer(invocation, "count", 10)
    paging = {"start": start, "count": count, "links": [*page.links]}
    if page.total is not None:
        paging["total"] = page.total
    document = {"elements": [_projected(invocation, element) for element in page.elements], "paging": paging}
    if page.metadata is not None:
        mask = invocation.metadata_fields
        document["metadata"] = page.metadata if mask is None else apply_projection(page.metadata, mask)
    return document


def _integer(invocation: Invocation, name: str, default: int) -> int:
    value = invocation.params.get(name)
    if value is None:
        return default
    try:
        return _long(value)
    except Refusal:
        raise Refusal(400, f"Invalid (non-integer) value for the parameter {name!r}: {value!r}") from None


def _respond_batch_finder(invocation: Invocation, result: Any) -> HttpResponse:
    return _answer(200, {"elements": [_found(invocation, item) for item in result]})


def _found(invocation: Invocation, item: Any) -> dict[str, Any]:
    if isinstance(item, Refusal):
        return {"elements": [], "error": item.document, "isError": True}
    return _page(invocation, item)


def _respond_created(invocation: Invocation, result: Any) -> HttpResponse:
    created = result if isinstance(result, Created) else Created(result)
    headers = {"X-RestLi-Id": _header_id(created.id), "Location": _location(invocation, created.id)}
    returned = created.entity is not None and invocation.return_entity
    return _answer(created.status, _projected(invocation, created.entity or {}) if returned else None, headers)


def _location(invocation: Invocation, key: Encodable) -> str:
    return f"{invocation.path.rstrip('/')}/{encode(key)}"


def _header_id(key: Encodable) -> str:
    """The id raw, as the reference sends it, or in its URL form where a header could not carry it so."""
    text = _answer_key(key)
    return text if _HEADER_TEXT.fullmatch(text) else encode(key)


_HEADER_TEXT: Final = re.compile(r"(?:[!-~](?:[ !-~]*[!-~])?)?")


def _answer_key(key: Encodable) -> str:
    """The key as answers have it: without ``$params``."""
    if isinstance(key, Mapping):
        key = {name: value for name, value in key.items() if name != "$params"}
    return body_key(key)


def _respond_batch_create(invocation: Invocation, result: Any) -> HttpResponse:
    return _answer(200, {"elements": [_created_element(invocation, item) for item in result]})


def _created_element(invocation: Invocation, item: Any) -> dict[str, Any]:
    if isinstance(item, Refusal):
        return {"status": item.status, "error": item.document}
    created = item if isinstance(item, Created) else Created(item)
    element = {"status": created.status, "id": _answer_key(created.id), "location": _location(invocation, created.id)}
    if created.entity is not None and invocation.return_entity:
        element["entity"] = _projected(invocation, created.entity)
    return element


def _respond_updated(invocation: Invocation, result: Any) -> HttpResponse:
    if result is None or not invocation.return_entity:
        return _answer(204)
    return _answer(200, _projected(invocation, result))


def _respond_deleted(_invocation: Invocation, _result: Any) -> HttpResponse:
    return _answer(204)


def _respond_action(_invocation: Invocation, result: Any) -> HttpResponse:
    return _answer(200, None if result is None else {"value": result})


def _items(invocation: Invocation, result: Any) -> list[tuple[str, Any]]:
    """The key and the item of each id."""
    keys = [_answer_key(key) for key in invocation.ids]
    if isinstance(result, Mapping):
        keyed = {_answer_key(key): item for key, item in result.items()}
        return [(key, keyed.get(key)) for key in keys]
    return [*zip(keys, [None] * len(keys) if result is None else result, strict=True)]


def _errors(invocation: Invocation, items: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    invalid = {key: Refusal(400, f"Key value {key!r} is invalid").document for key in invocation.invalid_ids}
    return {**{key: item.document for key, item in items if isinstance(item, Refusal)}, **invalid}


def _respond_batch_get(invocation: Invocation, result: Any) -> HttpResponse:
    items = [(key, _not_found(invocation) if item is None else item) for key, item in _items(invocation, result)]
    results = {key: _projected(invocation, item) for key, item in items if not isinstance(item, Refusal)}
    return _answer(200, {"results": results, "statuses": {}, "errors": _errors(invocation, items)})


def _respond_batch_update(invocation: Invocation, result: Any) -> HttpResponse:
    items = _items(invocation, result)
    results = {key: _updated(invocation, item) for key, item in items if not isinstance(item, Refusal)}
    return _answer(200, {"results": results, "errors": _errors(invocation, items)})


def _updated(invocation: Invocation, item: Any) -> dict[str, Any]:
    if item is None or not invocation.return_entity:
        return {"status": 204}
    return {"status": 200, "entity": _projected(invocation, item)}


_RESPONSES: Final[Mapping[str, Callable[[Invocation, Any], HttpResponse]]] = MappingProxyType(
    {
        "get": _respond_entity,
        "batch_get": _respond_batch_get,
        "get_all": _respond_collection,
        "finder": _respond_collection,
        "batch_finder": _respond_batch_finder,
        "create": _respond_created,
        "batch_create": _respond_batch_create,
        "update": _respond_updated,
        "batch_update": _respond_batch_update,
        "partial_update": _respond_updated,
        "batch_partial_update": _respond_batch_update,
        "delete": _respond_deleted,
        "batch_delete": _respond_batch_update,
        "action": _respond_action,
    }
)
