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
from typing import Any, Final

from restli_core.base_errors import DecodeError, InvalidCallError, RestliError
from restli_core.bodies import strict_dumps
from restli_core.encoding import Decoded, Encodable, decode, decode_path_key, encode, param_decode
from restli_core.encoding.queries import PROJECTIONS
from restli_core.keys import body_key
from restli_core.messages import Headers, HttpRequest, HttpResponse
from restli_core.methods import METHODS, RETURN_ENTITY
from restli_core.projection import apply_projection, parse_projection
from restli_core.responses.parsing import strict_loads
from restli_core.tunnelling import untunnel

__all__ = ["Collection", "Created", "Invocation", "Refusal", "Resource", "read", "respond"]

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


@dataclass(frozen=True, slots=True, repr=False)
class Invocation:
    """What a request asks a server to do.

    Attributes:
        method: the resource method, such as ``batch_get``.
        resource: the declared resource that the path matches; the path itself where none are declared.
        path: the path as it came, still encoded.
        query: the query as it came, still encoded and without its question mark; out of the tunnel, if it was in one.
        path_keys: the keys in the path by their names: text, an int (long), or a dict (complex, association).
        finder: the name of the finder or batch finder; None for other methods.
        action: the name of the action; None for other methods.
        ids: the ids of a batch method, each once, read as the resource's kind of key.
        invalid_ids: the ids that are no complex or association keys, as text: the answer has an error for each.
        params: the query's other parameters.
        fields: the mask of the parameter `fields`, as `parse_projection` reads it; None where there is none.
        metadata_fields: likewise, of `metadataFields`.
        paging_fields: likewise, of `pagingFields`.
        entity: the entity of create and update, the parameters of an action, else None.
        entities: the entities of batch_create in their order, and of batch_update in the order of `ids`.
        patch: the patch of partial_update; None for other methods.
        patches: the patches of batch_partial_update, in the order of `ids`.
        return_entity: whether the caller wants the entity back; None where the request does not say.
        headers: the request's header fields.
    """

    method: str
    resource: str
    path: str
    query: str = ""
    path_keys: Mapping[str, Any] = field(default_factory=dict)
    finder: str | None = None
    action: str | None = None
    ids: tuple[Any, ...] = ()
    invalid_ids: tuple[str, ...] = ()
    params: Mapping[str, Decoded] = field(default_factory=dict)
    fields: Mapping[str, Any] | None = None
    metadata_fields: Mapping[str, Any] | None = None
    paging_fields: Mapping[str, Any] | None = None
    entity: Any = None
    entities: tuple[Any, ...] = ()
    patch: Any = None
    patches: tuple[Any, ...] = ()
    return_entity: bool | None = None
    headers: Headers = field(default_factory=Headers)

    @property
    def key(self) -> Any:
        """The key that the path ends in, of the entity that is meant; None where it ends in a name."""
        name = _LAST_KEY.search(self.resource)
        return self.path_keys.get(name[1]) if name else None

    @property
    def start(self) -> int:
        """The index of the first element wanted of a collection; a Refusal with 400 where it is no such number."""
        return self._paging_number("start", 0)

    @property
    def count(self) -> int:
        """How many elements are wanted of a collection; a Refusal with 400 where it is no such number."""
        return self._paging_number("count", 10)

    def _paging_number(self, name: str, default: int) -> int:
        given = self.params.get(name)
        if given is None:
            return default
        if not isinstance(given, str) or not re.fullmatch(r"\+?[0-9]{1,9}", given):
            raise Refusal(400, "Invalid (non-integer) start/count parameters")
        return int(given)

    def __repr__(self) -> str:
        return f"<Invocation {self.method} {self.resource}>"


_LAST_KEY: Final = re.compile(r"/\{([A-Za-z0-9_-]+)[^/]*\}$")


# -- reading -----------------------------------------------------------------------------------------------------------


def read(request: HttpRequest, resources: Iterable[str | Resource] | None = None, *, base_path: str = "") -> Invocation:
    """What a request asks for, tunnelled or not.

    Args:
        request: the request; its URL may be whole, or just the target.
        resources: the resources of the server, as the module's grammar has them. Where two match, the one with more
            names counts. Without them X-RestLi-Method decides about the method, keys stay text and are not told from
            the rest of the path.
        base_path: what stands before the resources in every path, such as ``/rest``.

    Raises:
        Refusal: LinkedIn's server would refuse it too.
        InvalidCallError: a declaration in `resources` is malformed.
    """
    declared = None if resources is None else [*map(_resource, resources)]
    try:
        plain = untunnel(request)
        path, query = _target(plain)
        _check_headers(plain)
        params = param_decode(query)
        return _invocation(plain, _place(path, base_path.rstrip("/"), declared), query, params)
    except (DecodeError, InvalidCallError) as error:
        raise Refusal(400, str(error)) from None


def _resource(declared: str | Resource) -> Resource:
    return declared if isinstance(declared, Resource) else Resource(declared)


# What java.net.URI refuses of visible ASCII, and the # that no request has (RFC 9112 section 3.2)
_ILLEGAL: Final = re.compile(r'["#<>\\^`{|}]|%(?![0-9A-Fa-f]{2})')
_ILLEGAL_IN_A_PATH: Final = re.compile(r"[\[\]]")
_ORIGIN: Final = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/]*")


def _target(request: HttpRequest) -> tuple[str, str]:
    """The path and the query."""
    address, _, query = request.url.partition("?")
    path = _ORIGIN.sub("", address)
    flaw = _ILLEGAL.search(path) or _ILLEGAL_IN_A_PATH.search(path) or _ILLEGAL.search(query)
    if flaw:
        raise Refusal(400, f"Illegal character {flaw[0]!r} in the target")
    if not path.startswith("/"):
        raise Refusal(400, "The target has no path")
    return path, query


def _check_headers(request: HttpRequest) -> None:
    version = request.headers.get("X-RestLi-Protocol-Version", "1.0.0")
    if version != PROTOCOL_VERSION:
        raise Refusal(400, f"Rest.li protocol version {version!r} is not spoken here, but {PROTOCOL_VERSION}")
    ranges = [piece.partition(";")[0].strip().lower() for piece in request.headers.get("Accept", "").split(",")]
    if not {"", "*/*", "application/*", "application/json"} & set(ranges):
        raise Refusal(406, "None of the types in the request's Accept are supported: this is application/json")


# -- resources and their keys ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of key.

    Attributes:
        name: ``text``, ``long``, ``complex`` or ``association``.
        is_element: whether the text of such a key is an element of Rest.li's grammar.
        typed: checks a decoded key and gives it its type.
        parts: the parts of an association's key; empty for other kinds.
    """

    name: str
    is_element: bool
    typed: Callable[[Any], Any]
    parts: frozenset[str] = frozenset()

    def read(self, text: str) -> Any:
        """A key from a batch body; one from the path differs in that its text is percent-decoded."""
        return self.typed(decode(text) if self.is_element else text)

    def read_segment(self, segment: str, *, some_parts: bool) -> Any:
        """A key from the path; with `some_parts` an association's may lack parts, but not all."""
        if not self.is_element:
            return self.typed(decode_path_key(segment))
        key = decode(segment)
        given = frozenset(key) if isinstance(key, dict) else frozenset()
        is_part = some_parts and given and given < self.parts
        return _association(given, key) if is_part else self.typed(key)


def _text(value: Decoded) -> str:
    if not isinstance(value, str):
        raise Refusal(400, f"Key value {_shown(value)} must be text")
    return value


def _long(value: Decoded) -> int:
    if not isinstance(value, str) or not _LONG.fullmatch(value) or not -(2**63) <= int(value) < 2**63:
        raise Refusal(400, f"Key value {_shown(value)} must be a long")
    return int(value)


_LONG: Final = re.compile(r"[+-]?[0-9]{1,40}")


def _map(value: Decoded) -> Mapping[str, Decoded]:
    if not isinstance(value, dict):
        raise Refusal(400, f"Key value {_shown(value)} must be a map")
    return value


def _association(parts: frozenset[str], value: Decoded) -> Mapping[str, Decoded]:
    key = _map(value)
    if frozenset(key) != parts or not all(isinstance(part, str) for part in key.values()):
        raise Refusal(400, f"Key value {_shown(key)} is no compound key of {', '.join(sorted(parts))}")
    return key


def _shown(value: Encodable) -> str:
    """A value in a message: its text, and no more than one line of it."""
    text = body_key(value)
    return repr(text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…")


_LONGEST_SHOWN: Final = 80

_KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "text": Kind("text", False, _text),
        "long": Kind("long", False, _long),
        "complex": Kind("complex", True, _map),
    }
)
_KEY: Final = re.compile(r"\{([A-Za-z0-9_-]+)(?::(?:(text|long|complex)|association\(([^(){},]+(?:,[^(){},]+)*)\)))?\}")
_NAME: Final = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})+")


@dataclass(frozen=True, slots=True, init=False)
class Resource:
    """A declared resource.

    Args:
        declaration: its path in the module's grammar, such as ``/adAccounts/{id:long}``.

    Attributes:
        names: the names along its path, None in the place of each key.
        keys: the names of the keys along its path, with their kinds.
        key: the name of the key that it ends in, of its entities; None for a simple resource.

    Raises:
        InvalidCallError: the declaration is malformed, or has two keys of one name.
    """

    declaration: str
    names: tuple[str | None, ...] = field(compare=False, repr=False)
    keys: Mapping[str, Kind] = field(compare=False, repr=False)
    key: str | None = field(compare=False, repr=False)

    def __init__(self, declaration: str) -> None:
        if not isinstance(declaration, str) or not declaration.startswith("/"):
            raise InvalidCallError("resources", f"{declaration!r} is no text that begins with /")
        segments = declaration[1:].split("/")
        keys = [key for segment in segments if (key := _KEY.fullmatch(segment))]
        object.__setattr__(self, "declaration", declaration)
        object.__setattr__(self, "names", tuple(_name(segment, declaration) for segment in segments))
        object.__setattr__(self, "keys", MappingProxyType({key[1]: _kind(key) for key in keys}))
        object.__setattr__(self, "key", keys[-1][1] if self.names[-1] is None else None)
        if len(self.keys) < len(keys):
            raise InvalidCallError("resources", f"{declaration!r} has two keys of one name")

    @property
    def kind(self) -> Kind | None:
        """The kind of its entities' key; None for a simple resource."""
        return None if self.key is None else self.keys[self.key]

    def matches(self, segments: Sequence[str]) -> bool:
        """Whether the names are those of the path; its keys are not looked at, and the last may be missing."""
        if len(segments) != len(self.names) and not (self.key and len(segments) == len(self.names) - 1):
            return False
        return all(name is None or name == segment for name, segment in zip(self.names, segments, strict=False))

    def read_keys(self, segments: Sequence[str]) -> dict[str, Any]:
        """The keys in a path that matches, by their names."""
        found = [segment for name, segment in zip(self.names, segments, strict=False) if name is None]
        kinds = zip(self.keys.items(), found, strict=False)
        return {name: kind.read_segment(text, some_parts=name == self.key) for (name, kind), text in kinds}


def _name(segment: str, declaration: str) -> str | None:
    if _KEY.fullmatch(segment):
        return None
    if not _NAME.fullmatch(segment):
        raise InvalidCallError("resources", f"{segment!r} in {declaration!r} is neither a name nor a key")
    return segment


def _kind(key: re.Match[str]) -> Kind:
    if key[3] is None:
        return _KINDS[key[2] or "text"]
    parts = frozenset(key[3].split(","))
    return Kind("association", True, partial(_association, parts), parts)


@dataclass(frozen=True, slots=True)
class _Place:
    """A path, held against the resources."""

    path: str
    resource: str
    level: str
    keys: Mapping[str, Any] = field(default_factory=dict)
    kind: Kind | None = None


_COLLECTION: Final = "collection"
_PARTIAL: Final = "part of a collection"  # an association's, by some parts of its key
_ENTITY: Final = "entity"
_SIMPLE: Final = "simple resource"
_UNKNOWN: Final = "undeclared resource"


def _place(path: str, base_path: str, resources: Sequence[Resource] | None) -> _Place:
    if not path.startswith(f"{base_path}/"):
        raise Refusal(404, f"No resource is defined for the path {_shown(path)}")
    if resources is None:
        return _Place(path, path[len(base_path) :], _UNKNOWN)
    segments = path[len(base_path) + 1 :].split("/")
    if len(segments) > 1 and not segments[-1]:
        segments.pop()
    matching = [resource for resource in resources if resource.matches(segments)]
    if not matching:
        raise Refusal(400 if "" in segments[1:] else 404, f"No resource is defined for the path {_shown(path)}")
    resource = min(matching, key=lambda resource: len(resource.keys))
    keys = resource.read_keys(segments)
    return _Place(path, resource.declaration, _level(resource, keys), keys, resource.kind)


def _level(resource: Resource, keys: Mapping[str, Any]) -> str:
    kind, key = resource.kind, keys.get(resource.key or "")
    if kind is None:
        return _SIMPLE
    if key is None:
        return _COLLECTION
    return _PARTIAL if kind.parts and len(key) < len(kind.parts) else _ENTITY


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
    stands = mark is None or level in _MARKS[mark]
    methods = _ROUTES.get((request.method, mark or level), ()) if stands else ()
    asked = request.headers.get("X-RestLi-Method", "").lower()
    if not methods or (asked and asked not in methods):
        by = f" with X-RestLi-Method {asked!r}" if asked else ""
        raise Refusal(400, f"Method {request.method!r}{by} is not supported for this URI, a {level}")
    return asked or methods[0]


def _invocation(request: HttpRequest, place: _Place, query: str, params: Mapping[str, Decoded]) -> Invocation:
    method = METHODS[_method(request, place.level, params)]
    ids, invalid_ids = _ids(params["ids"], place.kind) if method.parameter == "ids" else ((), ())
    own = {*PROJECTIONS, RETURN_ENTITY, method.parameter}
    return Invocation(
        method.name,
        place.resource,
        place.path,
        query,
        place.keys,
        finder=_called(params, method.parameter) if method.parameter in {"q", "bq"} else None,
        action=_called(params, method.parameter) if method.parameter == "action" else None,
        ids=ids,
        invalid_ids=invalid_ids,
        params={name: value for name, value in params.items() if name not in own},
        fields=_mask(params, "fields"),
        metadata_fields=_mask(params, "metadataFields"),
        paging_fields=_mask(params, "pagingFields"),
        return_entity=_return_entity(params.get(RETURN_ENTITY)),
        headers=request.headers,
        **_BODIES[method.body](request.body, ids, place.kind) if method.body is not None else {},
    )


def _called(params: Mapping[str, Decoded], parameter: str) -> str:
    """The name of a finder or an action."""
    name = params[parameter]
    if not isinstance(name, str):
        raise Refusal(400, f"Invalid value type for parameter {parameter}: it must be text")
    return name


def _mask(params: Mapping[str, Decoded], name: str) -> Mapping[str, Any] | None:
    value = params.get(name)
    return parse_projection(value) if isinstance(value, str) else None


def _return_entity(value: Decoded | None) -> bool | None:
    if value is None:
        return None
    if not isinstance(value, str) or value.lower() not in {"true", "false"}:
        raise Refusal(400, f'Invalid "{RETURN_ENTITY}" parameter: {_shown(value)}')
    return value.lower() == "true"


def _ids(value: Decoded, kind: Kind | None) -> tuple[tuple[Any, ...], tuple[str, ...]]:
    """The ids, each once; and of complex ones those that are no keys, as text (an answer has an error for each)."""
    if not isinstance(value, list):
        raise Refusal(400, "Invalid value type for parameter ids: it must be a List, even for one id")
    ids: dict[str, Any] = {}
    invalid: dict[str, None] = {}
    for element in value:
        try:
            key = kind.typed(element) if kind else element
        except Refusal:
            if kind is None or not kind.is_element:
                raise
            invalid[body_key(element)] = None
        else:
            ids[body_key(key)] = key
    return tuple(ids.values()), tuple(invalid)


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


def _read_entity(body: bytes, _ids: tuple[Any, ...], _kind: Kind | None) -> dict[str, Any]:
    return {"entity": _document(body)}


def _read_parameters(body: bytes, _ids: tuple[Any, ...], _kind: Kind | None) -> dict[str, Any]:
    return {"entity": _document(body) if body else {}}


def _read_patch(body: bytes, _ids: tuple[Any, ...], _kind: Kind | None) -> dict[str, Any]:
    return {"patch": _patch(_document(body))}


def _patch(document: Mapping[str, Any]) -> Mapping[str, Any]:
    # LinkedIn's server takes a document without the wrapper for a patch of nothing, and answers 204.
    return _json_object(document.get("patch", {}), "the patch")


def _read_elements(body: bytes, _ids: tuple[Any, ...], _kind: Kind | None) -> dict[str, Any]:
    elements = _document(body).get("elements")
    if not isinstance(elements, list):
        raise Refusal(400, "Cannot parse request entity: elements must be an array")
    return {"entities": tuple(_json_object(element, "an element") for element in elements)}


def _read_entities(body: bytes, ids: tuple[Any, ...], kind: Kind | None) -> dict[str, Any]:
    return {"entities": _by_ids(body, ids, kind)}


def _read_patches(body: bytes, ids: tuple[Any, ...], kind: Kind | None) -> dict[str, Any]:
    return {"patches": tuple(map(_patch, _by_ids(body, ids, kind)))}


def _by_ids(body: bytes, ids: tuple[Any, ...], kind: Kind | None) -> tuple[Mapping[str, Any], ...]:
    """The values of the body's map in the order of the ids; its keys must be theirs, compared by meaning."""
    entities = _json_object(_document(body).get("entities"), "entities")
    asked = dict.fromkeys(map(body_key, ids))
    keyed = {_meaning(key, kind, asked): _json_object(value, "an entity") for key, value in entities.items()}
    if keyed.keys() != asked.keys():
        raise Refusal(400, "Batch request mismatch: the keys of the body are not those of the query")
    return tuple(keyed[key] for key in asked)


def _meaning(key: str, kind: Kind | None, asked: Mapping[str, object]) -> str:
    if kind is not None:
        return body_key(kind.read(key))
    decoded = key if key in asked else decode(key)
    return key if isinstance(decoded, str) else body_key(decoded)


_BODIES: Final[Mapping[str, Callable[[bytes, tuple[Any, ...], Kind | None], dict[str, Any]]]] = MappingProxyType(
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


@dataclass(frozen=True, slots=True, repr=False)
class Created:
    """What a handler of create returns for a new entity.

    Args:
        id: its key: text, a number, or a mapping for a complex key; None for a server that tells none.
        entity: the entity as created; it is returned unless the caller wants none back.
        status: the HTTP status.
    """

    id: Encodable | None
    entity: Mapping[str, Any] | None = None
    status: int = 201

    def __repr__(self) -> str:
        return f"<Created {self.status}>"


@dataclass(frozen=True, slots=True, repr=False)
class Collection:
    """What a handler of get_all, finder or batch_finder returns for a page of a collection.

    Args:
        elements: the entities of the page.
        total: how many there are in all; None to say nothing of it.
        metadata: the finder's metadata; None for none.
        links: the links of the page, such as ``{"rel": "next", "type": "application/json", "href": ...}``. None for
            those that LinkedIn's server makes: prev but on the first page, next where there is more by the total, or,
            where that is not told, where the page is full.
    """

    elements: Sequence[Mapping[str, Any]]
    total: int | None = None
    metadata: Mapping[str, Any] | None = None
    links: Sequence[Mapping[str, Any]] | None = None

    def __repr__(self) -> str:
        return f"<Collection of {len(self.elements)}>"


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


def _projected(invocation: Invocation, entity: Any) -> Mapping[str, Any]:
    if not isinstance(entity, Mapping):
        raise TypeError(f"an entity must be a mapping, not {type(entity).__name__}")
    return _masked(entity, invocation.fields)


def _masked(document: Mapping[str, Any], mask: Mapping[str, Any] | None) -> Mapping[str, Any]:
    try:
        return document if mask is None else apply_projection(document, mask)
    except InvalidCallError as error:
        raise Refusal(500, f"Error projecting fields: {error.reason}") from None


def _respond_entity(invocation: Invocation, result: Any) -> HttpResponse:
    if result is None:
        raise _not_found(invocation)
    return _answer(200, _projected(invocation, result))


def _respond_collection(invocation: Invocation, result: Any) -> HttpResponse:
    return _answer(200, _page(invocation, result))


def _page(invocation: Invocation, result: Collection | Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    page = result if isinstance(result, Collection) else Collection(result)
    links = _links(invocation, page) if page.links is None else page.links
    paging: dict[str, Any] = {"start": invocation.start, "count": invocation.count, "links": [*links]}
    if page.total is not None:
        paging["total"] = page.total
    document: dict[str, Any] = {
        "elements": [_projected(invocation, element) for element in page.elements],
        "paging": _masked(paging, invocation.paging_fields),
    }
    if page.metadata is not None:
        document["metadata"] = _masked(page.metadata, invocation.metadata_fields)
    return document


def _links(invocation: Invocation, page: Collection) -> list[dict[str, str]]:
    start, count = invocation.start, invocation.count
    more = len(page.elements) == count if page.total is None else start + count < page.total
    starts = {"prev": max(start - count, 0) if start else None, "next": start + count if more else None}
    return [_link(invocation, rel, to) for rel, to in starts.items() if to is not None and count]


def _link(invocation: Invocation, rel: str, start: int) -> dict[str, str]:
    kept = [piece for piece in invocation.query.split("&") if piece and _query_name(piece) not in {"start", "count"}]
    query = "&".join([*kept, f"start={start}", f"count={invocation.count}"])
    return {"rel": rel, "type": "application/json", "href": f"{invocation.path}?{query}"}


def _query_name(piece: str) -> str:
    return decode_path_key(piece.partition("=")[0].replace("+", " "))


def _respond_batch_finder(invocation: Invocation, result: Any) -> HttpResponse:
    return _answer(200, {"elements": [_found(invocation, item) for item in result]})


def _found(invocation: Invocation, item: Any) -> dict[str, Any]:
    if isinstance(item, Refusal):
        return {"elements": [], "error": item.document, "isError": True}
    return _page(invocation, item)


def _respond_created(invocation: Invocation, result: Any) -> HttpResponse:
    created = result if isinstance(result, Created) else Created(result)
    entity = _returned(invocation, created.entity)
    if created.id is None:
        return _answer(created.status, entity)
    headers = {"X-RestLi-Id": _header_id(created.id), "Location": _location(invocation, created.id)}
    return _answer(created.status, entity, headers)


def _returned(invocation: Invocation, entity: Any) -> Mapping[str, Any] | None:
    return None if entity is None or invocation.return_entity is False else _projected(invocation, entity)


def _location(invocation: Invocation, key: Encodable) -> str:
    return f"{invocation.path.rstrip('/')}/{encode(key)}"


def _header_id(key: Encodable) -> str:
    """The id raw, as the reference sends it, or in its URL form where a header could not carry it so."""
    text = _answer_key(key)
    return text if _HEADER_TEXT.fullmatch(text) else encode(_without_params(key))


_HEADER_TEXT: Final = re.compile(r"(?:[!-~](?:[ !-~]*[!-~])?)?")


def _answer_key(key: Encodable) -> str:
    """The key as answers have it."""
    return body_key(_without_params(key))


def _without_params(key: Encodable) -> Encodable:
    return {name: key[name] for name in key if name != "$params"} if isinstance(key, Mapping) else key


def _respond_batch_create(invocation: Invocation, result: Any) -> HttpResponse:
    paired = zip(invocation.entities, result, strict=True)
    return _answer(200, {"elements": [_created_element(invocation, item) for _, item in paired]})


def _created_element(invocation: Invocation, item: Any) -> dict[str, Any]:
    if isinstance(item, Refusal):
        return {"status": item.status, "error": item.document}
    created = item if isinstance(item, Created) else Created(item)
    element: dict[str, Any] = {"status": created.status}
    if created.id is not None:
        element |= {"id": _answer_key(created.id), "location": _location(invocation, created.id)}
    entity = _returned(invocation, created.entity)
    return element if entity is None else {**element, "entity": entity}


def _respond_updated(invocation: Invocation, result: Any) -> HttpResponse:
    entity = _returned(invocation, result)
    return _answer(204 if entity is None else 200, entity)


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
    entity = _returned(invocation, item)
    return {"status": 204} if entity is None else {"status": 200, "entity": entity}


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
