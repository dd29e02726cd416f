"""Calls: a call is a value, made of the request to send and the reader of its answer.

The fourteen functions, one for each resource method, make calls; whatever the caller gets wrong is an InvalidCallError
there and then, before anything is sent. None of them does I/O or keeps state.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Final, Generic, TypeAlias, TypedDict, TypeVar, Unpack

from restli_core._version import USER_AGENT
from restli_core.base_errors import InvalidCallError
from restli_core.bodies import Dumps, json_body, strict_dumps
from restli_core.encoding import Encodable, encode
from restli_core.encoding.queries import PROJECTIONS, encoded_params
from restli_core.keys import body_keys, canonical_keys, distinct, freeze_ids
from restli_core.messages import HttpRequest, HttpResponse, bearer
from restli_core.methods import METHODS, RESERVED_PARAMETERS, RETURN_ENTITY, Method
from restli_core.paths import UNVERSIONED_BASE_URL, VERSIONED_BASE_URL, check_base_url, format_path
from restli_core.projection import Projection, format_projection
from restli_core.responses import (  # noqa: TC001 - for typing.get_type_hints
    ActionResponse,
    BatchCreateResponse,
    BatchDeleteResponse,
    BatchFinderResponse,
    BatchGetResponse,
    BatchUpdateResponse,
    CollectionResponse,
    CreateResponse,
    DeleteResponse,
    GetResponse,
    UpdateResponse,
)
from restli_core.responses.parsing import (
    AnswerReader,
    BatchCreateParser,
    BatchDeleteParser,
    BatchFinderParser,
    BatchGetParser,
    BatchUpdateParser,
    Loads,
    ResponseParser,
    read_action,
    read_collection,
    read_create,
    read_delete,
    read_get,
    read_update,
    strict_loads,
)
from restli_core.tunnelling import tunnel
from restli_core.urn import Urn
from restli_core.values import Value

__all__ = [
    "Call",
    "CallOptions",
    "EntityOptions",
    "action",
    "batch_create",
    "batch_delete",
    "batch_finder",
    "batch_get",
    "batch_partial_update",
    "batch_update",
    "create",
    "delete",
    "finder",
    "get",
    "get_all",
    "partial_update",
    "update",
]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")
F = TypeVar("F", bound=Callable[..., Any])

DEFAULT_TUNNEL_ABOVE: Final = 4000
LONGEST_URL: Final = 8000


@dataclass(frozen=True, init=False, repr=False)
class Call(Generic[T_co]):
    """A call: the request to send, and how its answer is read.

    Calls made from equal arguments are equal, and a pickled call comes back equal; a mapped call pickles and compares
    as its function does. A pickled call carries its access token, if it was made with one.

    Args:
        request: the request to send, with anything.
        method: the name of the resource method, such as ``batch_get``.
        reader: reads the answer; at module level, so that it pickles.
    """

    __slots__ = ("method", "reader", "request")
    # The reader of a batch holds the caller's ids, which may be mappings.
    __hash__: ClassVar[None] = None  # type: ignore[assignment]

    request: HttpRequest
    method: str
    reader: Callable[[HttpRequest, HttpResponse, Loads], T_co]

    def __init__(
        self, request: HttpRequest, method: str, reader: Callable[[HttpRequest, HttpResponse, Loads], T_co]
    ) -> None:
        object.__setattr__(self, "request", request)
        object.__setattr__(self, "method", method)
        object.__setattr__(self, "reader", reader)

    def parse(self, http_response: HttpResponse, *, loads: Loads = strict_loads) -> T_co:
        """The answer that a response is.

        Args:
            http_response: the response that the request was given.
            loads: bytes -> value, such as ``orjson.loads``; the default is the standard library's, made strict.

        Raises:
            ServiceError: the server answered with an error, in the subclass of its status.
            InvalidResponseError: the server answered with success, but the answer cannot be read.
        """
        return self.reader(self.request, http_response, loads)

    def map(self, function: Callable[[T_co], U]) -> Call[U]:
        """The same call with its answer passed through a function, as into a model of one's own."""
        return Call(self.request, self.method, _Mapped(self.reader, function))

    def with_request(self, request: HttpRequest) -> Call[T_co]:
        """The same call with another request in its place, as with a token added."""
        return Call(request, self.method, self.reader)

    def __repr__(self) -> str:
        return f"<Call {self.method}: {self.request.line}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return Call, (self.request, self.method, self.reader)


class _Mapped(Value, Generic[U]):
    reader: Callable[[HttpRequest, HttpResponse, Loads], Any]
    function: Callable[[Any], U]

    def __call__(self, request: HttpRequest, response: HttpResponse, loads: Loads) -> U:
        return self.function(self.reader(request, response, loads))


class CallOptions(TypedDict, total=False):
    """The keywords that every function takes; None means the default.

    path_keys: a key for each placeholder of the path: text, a number, a Urn, a mapping for a complex key.
    query_params: the call's own parameters; any value that `encode` takes, None for none.
    fields: the fields wanted: ``"id,owner:(name)"``, ``["id", "name"]`` or ``{"id": True, "owner": {"name": True}}``.
    access_token: an OAuth 2.0 bearer token.
    version_string: LinkedIn's API version, ``"YYYYMM"`` or ``"YYYYMM.RR"``.
    base_url: what stands before the path; LinkedIn's versioned or unversioned API, as version_string is given or not.
    headers: further headers.
    tunnel_above: the length of the query, in characters, above which the call is tunnelled; 4000 by default. A URL of
        more than 8000 is tunnelled too.
    dumps: value -> bytes, for the body; the standard library's JSON by default.

    Raises:
        InvalidCallError: an argument cannot be sent as it is; names the argument, and the place in it.
        TypeError: there is no such keyword.
    """

    path_keys: Mapping[str, Any] | None
    query_params: Mapping[str, Any] | None
    fields: Projection | None
    access_token: str | None
    version_string: str | None
    base_url: str | None
    headers: Mapping[str, str] | None
    tunnel_above: int | None
    dumps: Dumps | None


class EntityOptions(CallOptions, total=False):
    """As `CallOptions`, and for methods that may return the entity.

    return_entity: whether the server shall return the entity as it is then (``$returnEntity``); its default by default.
    """

    return_entity: bool | None


def _resource_method(function: F) -> F:
    """Spells the common keywords out for `help` and `inspect`: they are declared and described once, above."""
    signature = inspect.signature(function)
    *own, options = signature.parameters.values()
    described = (CallOptions, EntityOptions) if "Entity" in options.annotation else (CallOptions,)
    spelt = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=hint.__forward_arg__)
        for name, hint in described[-1].__annotations__.items()
    ]
    function.__dict__["__signature__"] = signature.replace(parameters=[*own, *spelt])
    function.__doc__ = "\n\n".join(inspect.cleandoc(told.__doc__ or "") for told in (function, *described))
    return function


@_resource_method
def get(resource_path: str, **options: Unpack[CallOptions]) -> Call[GetResponse]:
    """One entity, or a simple resource: ``get("/adAccounts/{id}", path_keys={"id": 123})``."""
    return _call("get", read_get, resource_path, options)


@_resource_method
def batch_get(resource_path: str, ids: Iterable[Encodable], **options: Unpack[CallOptions]) -> Call[BatchGetResponse]:
    """Several entities by their ids.

    ids: the ids, simple or complex (mappings); one that comes twice is asked for once, and has a row each time.
    """
    asked = _ids(ids)
    return _call("batch_get", BatchGetParser(asked), resource_path, options, _ids_param(asked))


@_resource_method
def get_all(resource_path: str, **options: Unpack[CallOptions]) -> Call[CollectionResponse]:
    """A collection, page by page; `start` and `count` go into query_params."""
    return _call("get_all", read_collection, resource_path, options)


@_resource_method
def finder(resource_path: str, finder_name: str, **options: Unpack[CallOptions]) -> Call[CollectionResponse]:
    """What a finder finds; its parameters go into query_params."""
    named = {"q": ("finder_name", _name("finder_name", finder_name))}
    return _call("finder", read_collection, resource_path, options, named)


@_resource_method
def batch_finder(
    resource_path: str,
    finder_name: str,
    finder_criteria: tuple[str, Sequence[Encodable]],
    **options: Unpack[CallOptions],
) -> Call[BatchFinderResponse]:
    """What a finder finds for each of several criteria.

    finder_criteria: the name of the finder's criteria parameter, and the criteria: ``("criteria", [{...}, {...}])``.
    """
    name, criteria = _criteria(finder_criteria)
    own = {"bq": ("finder_name", _name("finder_name", finder_name)), name: ("finder_criteria[1]", criteria)}
    return _call("batch_finder", BatchFinderParser(len(criteria)), resource_path, options, own)


@_resource_method
def create(resource_path: str, entity: Mapping[str, Any], **options: Unpack[EntityOptions]) -> Call[CreateResponse]:
    """Creates an entity; its id comes in the answer's header."""
    return _call("create", read_create, resource_path, options, body=("entity", _object("entity", entity)))


@_resource_method
def batch_create(
    resource_path: str, entities: Iterable[Mapping[str, Any]], **options: Unpack[EntityOptions]
) -> Call[BatchCreateResponse]:
    """Creates several entities; the answer has a result for each, in their order."""
    given = _objects("entities", entities)
    body = ("entities", {"elements": given})
    return _call("batch_create", BatchCreateParser(len(given)), resource_path, options, body=body)


@_resource_method
def update(resource_path: str, entity: Mapping[str, Any], **options: Unpack[CallOptions]) -> Call[UpdateResponse]:
    """Replaces an entity, or a simple resource, as a whole."""
    return _call("update", read_update, resource_path, options, body=("entity", _object("entity", entity)))


@_resource_method
def batch_update(
    resource_path: str,
    ids: Iterable[Encodable],
    entities: Iterable[Mapping[str, Any]],
    **options: Unpack[CallOptions],
) -> Call[BatchUpdateResponse]:
    """Replaces several entities as a whole: the first id's by the first entity, and so on."""
    asked = _ids(ids)
    body = _keyed_body("entities", asked, _objects("entities", entities))
    return _call("batch_update", BatchUpdateParser(asked), resource_path, options, _ids_param(asked), body=body)


@_resource_method
def partial_update(
    resource_path: str,
    patch_set_object: Mapping[str, Any] | None = None,
    patch: Mapping[str, Any] | None = None,
    **options: Unpack[EntityOptions],
) -> Call[UpdateResponse]:
    """Changes some fields of an entity.

    patch_set_object: the fields to set: short for the patch ``{"$set": patch_set_object}``.
    patch: a whole patch, as `restli_core.patch.diff` makes; one of the two must be given.
    """
    argument, given = _one_of(patch_set_object=patch_set_object, patch=patch)
    body = (argument, {"patch": _patch(argument, argument, given)})
    return _call("partial_update", read_update, resource_path, options, body=body)


@_resource_method
def batch_partial_update(
    resource_path: str,
    ids: Iterable[Encodable],
    patch_set_objects: Iterable[Mapping[str, Any]] | None = None,
    patches: Iterable[Mapping[str, Any]] | None = None,
    **options: Unpack[EntityOptions],
) -> Call[BatchUpdateResponse]:
    """Changes some fields of several entities: the first id's by the first patch, and so on.

    patch_set_objects: for each id the fields to set: short for the patches ``{"$set": ...}``.
    patches: for each id a whole patch, as `restli_core.patch.diff` makes; one of the two must be given.
    """
    argument, given = _one_of(patch_set_objects=patch_set_objects, patches=patches)
    asked = _ids(ids)
    listed = _listed(argument, given)
    wrapped = [{"patch": _patch(argument, f"{argument}[{index}]", one)} for index, one in enumerate(listed)]
    body = _keyed_body(argument, asked, wrapped)
    return _call("batch_partial_update", BatchUpdateParser(asked), resource_path, options, _ids_param(asked), body=body)


@_resource_method
def delete(resource_path: str, **options: Unpack[CallOptions]) -> Call[DeleteResponse]:
    """Deletes an entity, or a simple resource."""
    return _call("delete", read_delete, resource_path, options)


@_resource_method
def batch_delete(
    resource_path: str, ids: Iterable[Encodable], **options: Unpack[CallOptions]
) -> Call[BatchDeleteResponse]:
    """Deletes several entities by their ids; one that comes twice is deleted once, and has a row each time."""
    asked = _filled("ids", _ids(ids))
    return _call("batch_delete", BatchDeleteParser(asked), resource_path, options, _ids_param(asked))


@_resource_method
def action(
    resource_path: str,
    action_name: str,
    action_params: Mapping[str, Any] | None = None,
    **options: Unpack[CallOptions],
) -> Call[ActionResponse]:
    """Runs an action of a resource, or of an entity.

    action_params: the action's parameters by name; they are the body, and so JSON.
    """
    named = {"action": ("action_name", _name("action_name", action_name))}
    params = {} if action_params is None else _object("action_params", action_params)
    return _call("action", read_action, resource_path, options, named, body=("action_params", params))


# -- the arguments of single methods -----------------------------------------------------------------------------------

# Parameters that a method adds to the query by itself: name -> (how an error names the value, the value).
_Own: TypeAlias = Mapping[str, tuple[str, Encodable]]
# A body: how an error names it, and the body.
_Body: TypeAlias = tuple[str, Mapping[str, Any]]


def _name(argument: str, name: str) -> str:
    if not isinstance(name, str) or not name:
        raise InvalidCallError(argument, "must be text, and not empty")
    encode(name, argument)
    return name


def _object(argument: str, value: Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidCallError(argument, f"must be a mapping, not {type(value).__name__}")
    return value


def _listed(argument: str, values: Iterable[T]) -> tuple[T, ...]:
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        raise InvalidCallError(argument, f"must be a list, not {type(values).__name__}")
    return tuple(values)


def _filled(argument: str, values: tuple[T, ...]) -> tuple[T, ...]:
    if not values:
        raise InvalidCallError(argument, "is empty")
    return values


def _objects(argument: str, values: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    listed = _filled(argument, _listed(argument, values))
    return [_object(f"{argument}[{index}]", value) for index, value in enumerate(listed)]


def _ids(ids: Iterable[Encodable]) -> tuple[Encodable, ...]:
    return freeze_ids(_listed("ids", ids))


def _ids_param(ids: tuple[Encodable, ...]) -> _Own:
    if set(map(type, ids)) in _HASHABLE_KINDS and len(set(ids)) == len(ids):
        return {"ids": ("ids", ids)}
    return {"ids": ("ids", distinct(ids, "ids"))}


_HASHABLE_KINDS: Final = ({str}, {int}, {Urn})


def _criteria(finder_criteria: tuple[str, Sequence[Encodable]]) -> tuple[str, tuple[Encodable, ...]]:
    if not isinstance(finder_criteria, tuple | list) or len(finder_criteria) != 2:
        raise InvalidCallError("finder_criteria", "must be a pair: the parameter's name, and a list of criteria")
    name = _name("finder_criteria[0]", finder_criteria[0])
    if name in _TAKEN:
        raise InvalidCallError("finder_criteria[0]", f"{name!r} has a meaning of its own in Rest.li")
    return name, _filled("finder_criteria[1]", _listed("finder_criteria[1]", finder_criteria[1]))


_TAKEN: Final = PROJECTIONS | RESERVED_PARAMETERS.keys()


def _one_of(**arguments: Any) -> tuple[str, Any]:
    given = {name: value for name, value in arguments.items() if value is not None}
    if len(given) != 1:
        first, second = arguments
        raise InvalidCallError(first, f"and {second} are both given" if given else f"or {second} must be given")
    return next(iter(given.items()))


def _patch(argument: str, place: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
    fields = _object(place, given)
    return {"$set": fields} if argument.startswith("patch_set_object") else fields


def _keyed_body(argument: str, ids: tuple[Encodable, ...], values: Sequence[Mapping[str, Any]]) -> _Body:
    _filled("ids", ids)
    if len(ids) != len(values):
        raise InvalidCallError(argument, f"there are {len(ids)} ids, but {len(values)} of these")
    texts = body_keys(ids, "ids")
    _check_distinct(canonical_keys(ids, texts))
    return argument, {"entities": dict(zip(texts, values, strict=True))}


def _check_distinct(meanings: Iterable[str]) -> None:
    seen: set[str] = set()
    for index, meaning in enumerate(meanings):
        if meaning in seen:
            raise InvalidCallError(f"ids[{index}]", "means the same key as an id before it")
        seen.add(meaning)


# -- what all methods have in common -----------------------------------------------------------------------------------


def _call(
    name: str,
    shape: ResponseParser[T],
    resource_path: str,
    options: Mapping[str, Any],
    own: _Own = MappingProxyType({}),
    *,
    body: _Body | None = None,
) -> Call[T]:
    method = METHODS[name]
    _check_keywords(method, options)
    url = _base_url(options) + format_path(resource_path, options.get("path_keys"))
    query = _query(method, own, options)
    content = b"" if body is None else json_body(body[1], body[0], options.get("dumps") or strict_dumps)
    request = HttpRequest(method.verb, f"{url}?{query}" if query else url, _headers(method, options, content), content)
    limit = _tunnel_above(options)
    tunnelled = len(query) > limit or (query and len(request.url) > LONGEST_URL)
    return Call(tunnel(request) if tunnelled else request, name, AnswerReader(shape))


def _check_keywords(method: Method, options: Mapping[str, Any]) -> None:
    known = EntityOptions.__annotations__ if method.returns_entity else CallOptions.__annotations__
    for name in options:
        if name not in known:
            raise TypeError(f"{method.name}() got an unexpected keyword argument {name!r}")


def _base_url(options: Mapping[str, Any]) -> str:
    given: str | None = options.get("base_url")
    if given is None:
        return UNVERSIONED_BASE_URL if options.get("version_string") is None else VERSIONED_BASE_URL
    return check_base_url(given)


def _query(method: Method, own: _Own, options: Mapping[str, Any]) -> str:
    own = {**own, **_return_entity(options.get("return_entity"))}
    pairs = [(encode(name), encode(value, argument)) for name, (argument, value) in own.items()]
    if options.get("fields") is not None:
        pairs.append(("fields", format_projection(options["fields"])))
    given = options.get("query_params")
    if given is not None:
        _check_params(_object("query_params", given), {*own, *(name for name, _ in pairs)})
        pairs += encoded_params(given, "query_params")
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _return_entity(return_entity: bool | None) -> _Own:
    if return_entity is None:
        return {}
    if not isinstance(return_entity, bool):
        raise InvalidCallError("return_entity", "must be True or False")
    return {RETURN_ENTITY: ("return_entity", return_entity)}


def _check_params(params: Mapping[str, Encodable | None], taken: set[str]) -> None:
    for name, value in params.items():
        if value is not None and name == "":
            raise InvalidCallError("query_params['']", "has no name: Rest.li cannot express an empty one")
        if value is not None and name in RESERVED_PARAMETERS:
            reason = f"is Rest.li's own: it carries {RESERVED_PARAMETERS[name]}"
            raise InvalidCallError(f"query_params[{name!r}]", reason)
        if value is not None and name in taken:
            raise InvalidCallError(f"query_params[{name!r}]", "is given by another argument too")


def _headers(method: Method, options: Mapping[str, Any], content: bytes) -> list[tuple[str, str]]:
    token, version = options.get("access_token"), options.get("version_string")
    own = {
        "Accept": "application/json",
        "User-Agent": USER_AGENT,
        "X-RestLi-Protocol-Version": "2.0.0",
        "X-RestLi-Method": method.header,
        "Content-Type": "application/json" if content else None,
        "LinkedIn-Version": None if version is None else _version(version),
        "Authorization": None if token is None else bearer(token),
    }
    extra = _extra_headers(options.get("headers"))
    kept = [(name, value) for name, value in own.items() if value is not None and name.lower() not in extra]
    return [*kept, *extra.values()]


def _version(version: str) -> str:
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        raise InvalidCallError("version_string", 'must be "YYYYMM" or "YYYYMM.RR"')
    return version


_VERSION: Final = re.compile(r"[0-9]{4}(?:0[1-9]|1[0-2])(?:\.[0-9]{2})?")


def _extra_headers(headers: Mapping[str, str] | None) -> dict[str, tuple[str, str]]:
    """The caller's own headers, by their names in lower case."""
    extra: dict[str, tuple[str, str]] = {}
    for name, value in _object("headers", {} if headers is None else headers).items():
        if not isinstance(name, str):
            raise InvalidCallError("headers", f"names must be text, not {type(name).__name__}")
        folded = name.lower()
        if folded in extra or folded in _OWN_HEADERS:
            raise InvalidCallError(f"headers[{name!r}]", _OWN_HEADERS.get(folded, "is given twice"))
        extra[folded] = (name, value)
    return extra


_OWN_HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "x-restli-protocol-version": "is the protocol's: 2.0.0 is the only one spoken",
        "x-restli-method": "is the protocol's: the function called says it",
        "x-http-method-override": "is the tunnel's: see tunnel_above",
        "content-type": "is the body's: application/json",
        "linkedin-version": "goes into version_string",
        "authorization": "goes into access_token",
        "host": "is the transport's: it follows from the URL",
        "content-length": "is the transport's: it follows from the body",
        "transfer-encoding": "is the transport's",
    }
)


def _tunnel_above(options: Mapping[str, Any]) -> int:
    given = options.get("tunnel_above")
    if given is None:
        return DEFAULT_TUNNEL_ABOVE
    if not isinstance(given, int) or isinstance(given, bool) or given < 0:
        raise InvalidCallError("tunnel_above", "must be a number of characters, 0 or more")
    return given
