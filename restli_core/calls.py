"""Calls: a call is a value, made of the request to send and the reader of its answer.

The fourteen functions, one for each resource method, make calls; whatever the caller gets wrong is an InvalidCallError
at once, before anything is sent. None of them does I/O or keeps state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from itertools import pairwise
from types import CoroutineType, GeneratorType
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, Unpack, cast

from restli_core.base_errors import InvalidCallError
from restli_core.building import build_request, check_list, check_mapping, check_mappings, encode_name, write_body
from restli_core.curl import TOKEN_VARIABLE, curl_command
from restli_core.encoding import Encodable, encode
from restli_core.encoding.queries import PROJECTIONS
from restli_core.encoding.writing import encode_texts
from restli_core.frames import clear_frames, concealing
from restli_core.keys import body_keys, canonical_keys, distinct, freeze_ids
from restli_core.messages import HttpRequest, HttpResponse  # noqa: TC001 - for typing.get_type_hints
from restli_core.methods import METHODS, RESERVED_PARAMETERS
from restli_core.options import CallOptions, EntityOptions, annotation_text
from restli_core.patch import check_patch, is_patch, is_wrapped, warn_of_commands
from restli_core.responses import (
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
    RestliResponse,
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
    read_action,
    read_collection,
    read_create,
    read_delete,
    read_get,
    read_update,
    strict_loads,
)
from restli_core.signatures import clean_doc, describe
from restli_core.splitting import BatchRequest, items_of
from restli_core.suspicions import (
    may_hold,
    may_hold_key,
    may_hold_keys,
    warn_of_key,
    warn_of_name,
    warn_of_value,
)
from restli_core.urn import Urn
from restli_core.values import Value, unfrozen

if TYPE_CHECKING:
    from inspect import Signature

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
    "not_a_call",
    "partial_update",
    "unmapped",
    "update",
]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")
F = TypeVar("F", bound=Callable[..., Any])


class Call(Value, Generic[T_co]):
    """A call: the request to send, and how its answer is read.

    Calls made from equal arguments are equal, and a pickled call comes back equal; a mapped call pickles and compares
    as its function does. A pickled call carries its access token, if it was made with one.

    Args:
        request: the request to send, with anything.
        method: the name of the resource method, such as ``batch_get``.
        reader: reads the answer; at module level, so that it pickles.
        resource_path: the path as it was given, with its placeholders, such as ``/adAccounts/{id}``; empty where the
            call is none of the fourteen.
        name: the name of the finder or of the action; None for any other method.
    """

    request: HttpRequest
    method: str
    reader: Callable[[HttpRequest, HttpResponse, Loads], T_co]
    resource_path: str = ""
    name: str | None = None

    @concealing
    def parse(self, http_response: HttpResponse, *, loads: Loads = strict_loads) -> T_co:
        """Read a response to the request, and return the answer.

        Args:
            http_response: the response to the request.
            loads: bytes -> value, such as ``orjson.loads``; by default ``json.loads`` without NaN and Infinity.

        Raises:
            ServiceError: the server answered with an error, in the subclass of its status.
            InvalidResponseError: the server answered with success, but the answer cannot be read.
        """
        return self.reader(self.request, http_response, loads)

    def map(self, function: Callable[[T_co], U]) -> Call[U]:
        """Return the same call with its answer passed through a function, such as one that makes a model of yours."""
        return Call(self.request, self.method, _Mapped(self.reader, function), self.resource_path, self.name)

    def with_request(self, request: HttpRequest) -> Call[T_co]:
        """Return the same call with another request in its place, such as one with a token added."""
        return Call(request, self.method, self.reader, self.resource_path, self.name)

    def split(self, parts: int = 2) -> tuple[Call[T_co], ...]:
        """Return calls that together mean what this one means, each for some of its ids, in their order.

        Of batch_create the entities are shared out, of batch_finder the criteria. Of n items each part has n / parts,
        or one more; where there are fewer items than parts, each is a call of its own. Each entity goes out with the
        bytes that it has, and a tunnelled call makes tunnelled ones, since it does not know any more why it was
        tunnelled. A mapped call makes mapped calls: the function is given the answer of a part.

        Args:
            parts: how many calls, at most.

        Raises:
            InvalidCallError: the call is not a batch; or its body cannot be cut, since a `dumps` of the caller's has
                written other JSON than it was given; or `parts` is not a number above 0.
        """
        if not isinstance(parts, int) or isinstance(parts, bool) or parts < 1:
            raise InvalidCallError("parts", "must be a number of calls, 1 or above")
        size = len(batch_items(self))
        parts = min(parts, size)
        if parts <= 1:
            return (self,)
        request = batch_request(self)
        bounds = [size * number // parts for number in range(parts + 1)]
        return tuple([subset(self, request, range(*pair)) for pair in pairwise(bounds)])

    def curl(self, token: str | None = TOKEN_VARIABLE) -> str:
        """Return a command for sh, bash or zsh that sends the call as it is, to try it by hand or to show it.

        Its Authorization has a variable of the shell for the token, also where the call has a token of its own, or
        none. What else is secret is a variable as well: cookies, and the secrets in the form of a token call, which
        gets no Authorization. Keys and parameters are shown.

        Args:
            token: the variable, ``$NAME``; or the text of a token, which is in the command then; None for no
                Authorization.

        Raises:
            InvalidCallError: the token is neither.
        """
        return curl_command(self.request, token)

    def __repr__(self) -> str:
        return f"<Call {self.method}: {self.request.line}>"


class _Mapped(Value, Generic[U]):
    """The reader of a mapped call."""

    reader: Callable[[HttpRequest, HttpResponse, Loads], Any]
    function: Callable[[Any], U]

    def __call__(self, request: HttpRequest, response: HttpResponse, loads: Loads) -> U:
        return self.function(self.reader(request, response, loads))


class _Functions(Value):
    """The functions of a mapped call, one after another."""

    functions: tuple[Callable[[Any], Any], ...]

    def __call__(self, answer: Any, /) -> Any:
        for function in self.functions:
            answer = function(answer)
        return answer


def not_a_call(given: object) -> str:
    """Return why something that is not a call is refused where one is wanted, and what to do instead."""
    reason = f"must be a call, as restli_core.get or client.calls.get makes one, not {type(given).__name__}"
    if isinstance(given, GeneratorType):
        return f"{reason}: a flow is run by client.run, or by client.iterate where it gives items"
    if isinstance(given, RestliResponse | CoroutineType):
        return f"{reason}: client.get sends its call at once, client.calls.get only makes it"
    return reason


def unmapped(call: Call[Any]) -> tuple[Call[Any], Callable[[Any], Any]]:
    """Return a call without the functions that `Call.map` gave it, and one function that does what they do.

    So a page can be read as the server sent it, and be mapped after that.

    Args:
        call: the call; one that was never mapped comes back as it is, with a function that changes nothing.
    """
    functions: list[Callable[[Any], Any]] = []
    reader: Any = call.reader
    while isinstance(reader, _Mapped):
        functions.append(reader.function)
        reader = reader.reader
    inner = Call(call.request, call.method, reader, call.resource_path, call.name) if functions else call
    # One function stays itself, so that a call which is mapped by it again equals the one that it came from.
    return inner, functions[0] if len(functions) == 1 else _Functions(tuple(reversed(functions)))


# -- batches -----------------------------------------------------------------------------------------------------------


def batch_items(call: Call[Any]) -> Sequence[Any]:
    """Return the ids of a batch call; of batch_create and batch_finder the places of the items, from 0 on.

    Raises:
        InvalidCallError: the call is not a batch.
    """
    items = items_of(_parser_of(call))
    if items is None:
        raise InvalidCallError("call", f"is not a batch: {call.method} has no ids that could be shared out")
    return items


def batch_request(call: Call[Any]) -> BatchRequest:
    """Return the request of a batch call, ready to be cut.

    Raises:
        InvalidCallError: the call is not a batch, or its request cannot be cut.
    """
    batch_items(call)
    return BatchRequest(call.method, call.request, _parser_of(call))


def subset(call: Call[T], request: BatchRequest, places: Sequence[int]) -> Call[T]:
    """Return the call for some of a batch's items, mapped as the whole is.

    Args:
        call: the batch call.
        request: its `batch_request`, which is cut once for all of them.
        places: which items, from 0 on.
    """
    http_request, parser = request.part(places)
    reader: Any = AnswerReader(parser)
    part: Call[Any] = Call(http_request, call.method, reader, call.resource_path, call.name)
    return part.map(unmapped(call)[1]) if isinstance(call.reader, _Mapped) else part


def _parser_of(call: Call[Any]) -> Any:
    """Return what parses the answer of a call, under its maps; None where it is none of the fourteen methods."""
    bare, _ = unmapped(call)
    return bare.reader.parser if isinstance(bare.reader, AnswerReader) else None


# -- the keywords ------------------------------------------------------------------------------------------------------


# What the documentation of a method ends with, by its options.
_DOCUMENTED: Final[Mapping[type, str]] = {
    CallOptions: clean_doc(CallOptions.__doc__),
    EntityOptions: f"{clean_doc(CallOptions.__doc__)}\n\n{clean_doc(EntityOptions.__doc__)}",
}


def _resource_method(function: F) -> F:
    """Spell the options of a method out in its signature and its documentation, for `help` and `inspect`.

    The source has only ``**options`` there, since the options are declared and described once for all methods.
    """
    known = EntityOptions if METHODS[function.__name__].returns_entity else CallOptions
    code = function.__code__
    own = code.co_varnames[: code.co_argcount]

    @wraps(function)
    def made(*args: Any, **options: Any) -> Any:
        try:
            return function(*args, **options)
        except BaseException as error:
            # As `concealing` does, since an access token is among the options; not by it, which would be one more
            # function for each call to go through.
            clear_frames(error)
            count = len(args)
            del args, options
            if count <= len(own):
                raise
        # Python's own error does not say how they are given.
        taken = ", ".join(own)
        counted = f"{len(own)} positional argument{'s' * (len(own) > 1)}"
        raise TypeError(
            f"{function.__name__}() takes {counted} but {count} were given: all but {taken} go by keyword, "
            "such as path_keys={...} for the keys of the path and query_params={...} for parameters"
        )

    describe(made, function, lambda: _with_options(function, known))
    made.__doc__ = f"{clean_doc(function.__doc__)}\n\n{_DOCUMENTED[known]}"
    return cast("F", made)


def _with_options(function: Callable[..., Any], options: type) -> Signature:
    """Return the signature of a method with the options of a TypedDict in the place of ``**options``."""
    from inspect import Parameter, signature  # noqa: PLC0415 - slow to import

    written = signature(function)
    own = [one for one in written.parameters.values() if one.kind is not one.VAR_KEYWORD]
    common = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=annotation_text(hint))
        for name, hint in options.__annotations__.items()
    ]
    return written.replace(parameters=[*own, *common])


def _call(  # noqa: PLR0917 - by position, since keywords cost each call a look-up for each
    name: str,
    reader: AnswerReader[T],
    resource_path: str,
    options: Mapping[str, Any],
    own: Mapping[str, str] | None = None,
    body: bytes = b"",
    called: str | None = None,
) -> Call[T]:
    """Return the call of a method.

    Args:
        name: the method's name.
        reader: reads its answer.
        resource_path: the path.
        options: the keywords, which are checked here.
        own: its own query parameters, encoded; None for none.
        body: the body, empty for none.
        called: the name of the finder or of the action.
    """
    method = METHODS[name]
    known = _ENTITY_OPTIONS if method.returns_entity else _CALL_OPTIONS
    if not options.keys() <= known:
        option = next(option for option in options if option not in known)
        raise TypeError(f"{name}() got an unexpected keyword argument {option!r}")
    call = _OpenCall()
    call.request = build_request(method, resource_path, options, own, body)
    call.method = name
    call.reader = reader
    # Of subclasses the text alone, so that the call pickles.
    call.resource_path = str.__str__(resource_path)
    call.name = None if called is None else str.__str__(called)
    call.__class__ = Call
    made: Call[T] = call
    return made


_OpenCall: Final = unfrozen(Call)
_READ_GET: Final = AnswerReader(read_get)
_READ_COLLECTION: Final = AnswerReader(read_collection)
_READ_CREATE: Final = AnswerReader(read_create)
_READ_UPDATE: Final = AnswerReader(read_update)
_READ_DELETE: Final = AnswerReader(read_delete)
_READ_ACTION: Final = AnswerReader(read_action)
_CALL_OPTIONS: Final = frozenset(CallOptions.__annotations__)
_ENTITY_OPTIONS: Final = frozenset(EntityOptions.__annotations__)


@_resource_method
def get(resource_path: str, **options: Unpack[CallOptions]) -> Call[GetResponse]:
    """Get one entity, or a simple resource: ``get("/adAccounts/{id}", path_keys={"id": 123})``."""
    return _call("get", _READ_GET, resource_path, options)


@_resource_method
def batch_get(resource_path: str, ids: Iterable[Encodable], **options: Unpack[CallOptions]) -> Call[BatchGetResponse]:
    """Get several entities by their ids.

    ids: the ids, simple or complex (mappings); one that comes twice is asked for once, and has a row each time.
    """
    asked, kinds = _asked(ids)
    own = _ids_parameter(asked, kinds)
    return _call("batch_get", AnswerReader(BatchGetParser(asked)), resource_path, options, own=own)


@_resource_method
def get_all(resource_path: str, **options: Unpack[CallOptions]) -> Call[CollectionResponse]:
    """Get a page of a collection; `start` and `count` go into query_params."""
    return _call("get_all", _READ_COLLECTION, resource_path, options)


@_resource_method
def finder(resource_path: str, finder_name: str, **options: Unpack[CallOptions]) -> Call[CollectionResponse]:
    """Get a page of what a finder finds; its parameters go into query_params."""
    own = {"q": encode_name("finder_name", finder_name)}
    return _call("finder", _READ_COLLECTION, resource_path, options, own=own, called=finder_name)


@_resource_method
def batch_finder(
    resource_path: str,
    finder_name: str,
    finder_criteria: tuple[str, Sequence[Encodable]],
    **options: Unpack[CallOptions],
) -> Call[BatchFinderResponse]:
    """Get what a finder finds for each of several criteria.

    finder_criteria: the name of the finder's criteria parameter, and the criteria: ``("criteria", [{...}, {...}])``.
    """
    if not isinstance(finder_criteria, tuple | list) or len(finder_criteria) != 2:
        raise InvalidCallError("finder_criteria", "must be a pair: the parameter's name, and a list of criteria")
    name = encode_name("finder_criteria[0]", finder_criteria[0])
    if name in PROJECTIONS or name in RESERVED_PARAMETERS:
        raise InvalidCallError("finder_criteria[0]", f"{name!r} has a meaning of its own in Rest.li")
    criteria = check_list("finder_criteria[1]", finder_criteria[1], empty=False)
    encoded = encode(criteria, "finder_criteria[1]")
    warn_of_name("finder_criteria[0]", finder_criteria[0])
    if may_hold(encoded):
        warn_of_value("finder_criteria[1]", criteria)
    own = {"bq": encode_name("finder_name", finder_name), name: encoded}
    reader = AnswerReader(BatchFinderParser(len(criteria), name))
    return _call("batch_finder", reader, resource_path, options, own=own, called=finder_name)


@_resource_method
def create(resource_path: str, entity: Mapping[str, Any], **options: Unpack[EntityOptions]) -> Call[CreateResponse]:
    """Create an entity; its id comes in the answer's header."""
    body = _entity_body(entity, options)
    return _call("create", _READ_CREATE, resource_path, options, body=body)


@_resource_method
def batch_create(
    resource_path: str, entities: Iterable[Mapping[str, Any]], **options: Unpack[EntityOptions]
) -> Call[BatchCreateResponse]:
    """Create several entities; the answer has a result for each, in their order."""
    given = check_mappings("entities", entities, empty=False)
    body = _checked_body(
        lambda: write_body("entities", given, {"elements": given}, options),
        lambda: _check_entities("entities", given),
        options,
    )
    return _call("batch_create", AnswerReader(BatchCreateParser(len(given))), resource_path, options, body=body)


@_resource_method
def update(resource_path: str, entity: Mapping[str, Any], **options: Unpack[CallOptions]) -> Call[UpdateResponse]:
    """Replace an entity, or a simple resource, as a whole."""
    body = _entity_body(entity, options)
    return _call("update", _READ_UPDATE, resource_path, options, body=body)


@_resource_method
def batch_update(
    resource_path: str,
    ids: Iterable[Encodable],
    entities: Iterable[Mapping[str, Any]],
    **options: Unpack[CallOptions],
) -> Call[BatchUpdateResponse]:
    """Replace several entities as a whole: the entity of the first id by the first of `entities`, and so on."""
    asked, kinds = _asked(ids)
    given = check_mappings("entities", entities, empty=False)
    body = _checked_body(
        lambda: _keyed_body("entities", given, _keyed("entities", asked, given), options),
        lambda: _check_entities("entities", given),
        options,
    )
    reader = AnswerReader(BatchUpdateParser(asked))
    return _call("batch_update", reader, resource_path, options, own=_ids_parameter(asked, kinds), body=body)


@_resource_method
def partial_update(
    resource_path: str,
    patch_set_object: Mapping[str, Any] | None = None,
    patch: Mapping[str, Any] | None = None,
    **options: Unpack[EntityOptions],
) -> Call[UpdateResponse]:
    """Change some fields of an entity.

    patch_set_object: the fields to set: short for the patch ``{"$set": patch_set_object}``.
    patch: a whole patch, as `restli_core.patch.diff` makes; one of the two must be given.
    """
    argument, given = _one_of(patch_set_object=patch_set_object, patch=patch)
    fields = check_mapping(argument, given)
    if patch is not None:
        check_patch(argument, fields)
        body = write_body(argument, fields, {"patch": fields}, options)
    else:
        body = _checked_body(
            lambda: write_body(argument, fields, {"patch": {"$set": fields}}, options),
            lambda: _check_set_objects(argument, [fields], ""),
            options,
            commands=1,
        )
    return _call("partial_update", _READ_UPDATE, resource_path, options, body=body)


@_resource_method
def batch_partial_update(
    resource_path: str,
    ids: Iterable[Encodable],
    patch_set_objects: Iterable[Mapping[str, Any]] | None = None,
    patches: Iterable[Mapping[str, Any]] | None = None,
    **options: Unpack[EntityOptions],
) -> Call[BatchUpdateResponse]:
    """Change some fields of several entities: the entity of the first id by the first patch, and so on.

    patch_set_objects: for each id the fields to set: short for the patches ``{"$set": ...}``.
    patches: for each id a whole patch, as `restli_core.patch.diff` makes; one of the two must be given.
    """
    argument, given = _one_of(patch_set_objects=patch_set_objects, patches=patches)
    asked, kinds = _asked(ids)
    listed = check_mappings(argument, given)
    wrapped: list[Mapping[str, Any]]
    if patches is not None:
        for index, one in enumerate(listed):
            check_patch(f"{argument}[{index}]", one)
        wrapped = [{"patch": one} for one in listed]
        body = _keyed_body(argument, listed, _keyed(argument, asked, wrapped), options)
    else:
        wrapped = [{"patch": {"$set": fields}} for fields in listed]
        body = _checked_body(
            lambda: _keyed_body(argument, listed, _keyed(argument, asked, wrapped), options),
            lambda: _check_set_objects(argument, listed),
            options,
            commands=len(listed),
        )
    return _call(
        "batch_partial_update",
        AnswerReader(BatchUpdateParser(asked)),
        resource_path,
        options,
        own=_ids_parameter(asked, kinds),
        body=body,
    )


@_resource_method
def delete(resource_path: str, **options: Unpack[CallOptions]) -> Call[DeleteResponse]:
    """Delete an entity, or a simple resource."""
    return _call("delete", _READ_DELETE, resource_path, options)


@_resource_method
def batch_delete(
    resource_path: str, ids: Iterable[Encodable], **options: Unpack[CallOptions]
) -> Call[BatchDeleteResponse]:
    """Delete several entities by their ids; one that comes twice is deleted once, and has a row each time."""
    asked, kinds = _asked(ids, empty=False)
    own = _ids_parameter(asked, kinds)
    return _call("batch_delete", AnswerReader(BatchDeleteParser(asked)), resource_path, options, own=own)


@_resource_method
def action(
    resource_path: str,
    action_name: str,
    action_params: Mapping[str, Any] | None = None,
    **options: Unpack[CallOptions],
) -> Call[ActionResponse]:
    """Run an action of a resource, or of an entity.

    action_params: the action's parameters by name; they are the body, and so JSON.
    """
    own = {"action": encode_name("action_name", action_name)}
    params = check_mapping("action_params", {} if action_params is None else action_params)
    body = write_body("action_params", params, params, options)
    return _call("action", _READ_ACTION, resource_path, options, own=own, body=body, called=action_name)


# -- the arguments of several methods ----------------------------------------------------------------------------------


def _asked(ids: Iterable[Encodable], *, empty: bool = True) -> tuple[tuple[Encodable, ...], set[type]]:
    """Return the ids as a call keeps them, and their types, since a look at each is a tenth of what many ids cost.

    Args:
        ids: the ids.
        empty: whether there may be none.
    """
    listed = check_list("ids", ids, empty=empty)
    kinds = {*map(type, listed)}
    return freeze_ids(listed, kinds), kinds


def _ids_parameter(ids: tuple[Any, ...], kinds: set[type]) -> dict[str, str]:
    """Return the query parameter of the ids, each of them once; `kinds`: their types."""
    # The fast path: most ids are all text, or all numbers. Two of these are the same key if and only if they
    # are equal, so none need be encoded to find those that come twice.
    seen: set[Any] = set(ids) if kinds in ({str}, {int}, {Urn}) else set()
    if len(seen) < len(ids):
        encoded = encode(distinct(ids, "ids"), "ids")
    elif kinds == {int} or "" in seen:
        encoded = encode(ids, "ids")
    else:
        encoded = encode_texts(ids, "ids")
    if kinds != {int} and (may_hold_keys(seen) if seen else may_hold_key(encoded)):
        warn_of_key("ids", ids)
    return {"ids": encoded}


def _keyed(
    argument: str, ids: tuple[Encodable, ...], values: Sequence[Mapping[str, Any]]
) -> dict[str, Mapping[str, Any]]:
    """Return the values by the keys of the ids, for the body of a batch."""
    if not ids:
        raise InvalidCallError("ids", "is empty")
    if len(ids) != len(values):
        raise InvalidCallError(argument, f"there are {len(ids)} ids, but {len(values)} of these")
    texts = body_keys(ids, "ids")
    keyed = dict(zip(texts, values, strict=True))
    if len(keyed) == len(texts) and "$params" not in "".join(texts):  # as nearly always
        return keyed
    seen: set[str] = set()
    for index, key in enumerate(canonical_keys(ids, texts)):
        if key in seen:  # a server would silently ignore one of the two values
            raise InvalidCallError(f"ids[{index}]", "means the same key as an id before it")
        seen.add(key)
    return keyed


def _keyed_body(
    argument: str, given: Sequence[Mapping[str, Any]], keyed: Mapping[str, Any], options: Mapping[str, Any]
) -> bytes:
    """Return the body of a batch that has values by the keys of ids."""
    return write_body(argument, given, {"entities": keyed}, options, keyed.keys())


def _entity_body(entity: Mapping[str, Any], options: Mapping[str, Any]) -> bytes:
    """Return the body that is an entity."""
    given = [check_mapping("entity", entity)]
    return _checked_body(
        lambda: write_body("entity", entity, entity, options),
        lambda: _check_entities("entity", given, ""),
        options,
    )


def _checked_body(
    make: Callable[[], bytes], check: Callable[[], None], options: Mapping[str, Any], commands: int = 0
) -> bytes:
    """Return a body that was checked for patches in the place of entities or fields.

    The check walks through all fields. The bytes show in one pass whether there is anything to find: each command of a
    patch has a name that begins with "$".

    Args:
        make: makes the body.
        check: raises an InvalidCallError, or warns.
        options: the common keywords: what a `dumps` of the caller's has written shows nothing.
        commands: how many commands the body has that the library has put there.
    """
    body, failure = b"", None
    try:
        body = make()
    except InvalidCallError as error:
        failure = error
    # What is wrong with the whole goes before what is wrong in it.
    if failure is not None or options.get("dumps") is not None or body.count(b'"$') != commands:
        check()
    if failure is not None:
        raise failure
    return body


def _check_entities(argument: str, entities: Sequence[Mapping[str, Any]], place: str = "[{}]") -> None:
    """Refuse a patch in the place of an entity: a server would take it for an entity without any of its fields."""
    for index, entity in enumerate(entities):
        # The length first, since most entities have more fields than there are commands.
        if len(entity) < 4 and (is_patch(entity) or (is_wrapped(entity) and is_patch(entity["patch"]))):
            reason = "is a patch: give the entity, or call partial_update or batch_partial_update"
            raise InvalidCallError(argument + place.format(index), reason)
        warn_of_commands(argument + place.format(index), entity)


def _check_set_objects(argument: str, listed: Sequence[Mapping[str, Any]], place: str = "[{}]") -> None:
    """Refuse a whole patch in the place of the fields to set, and warn of a command among them."""
    other = "patches" if argument.startswith("patch_set_objects") else "patch"
    for index, given in enumerate(listed):
        where = argument + place.format(index)
        if is_patch(given) or (is_wrapped(given) and is_patch(given["patch"])):
            raise InvalidCallError(where, f'is a whole patch: give it as {other}, without a "patch" around it')
        warn_of_commands(where, given)


def _one_of(**arguments: Any) -> tuple[str, Any]:
    """Return the one of two arguments that is given, with its name."""
    given = {name: value for name, value in arguments.items() if value is not None}
    if len(given) != 1:
        first, second = arguments
        raise InvalidCallError(first, f"and {second} are both given" if given else f"or {second} must be given")
    return next(iter(given.items()))
