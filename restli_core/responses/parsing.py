"""From an HttpResponse to an answer: by its status first, then by the parser of the call's method.

    get                            entity
    update, partial_update         [ entity ]
    create                         [ entity ]                                 the id is in the header X-RestLi-Id
    delete                         anything
    action                         [ {"value": value} ]
    get_all, finder                page
    batch_finder                   {"elements": [page + {"error": error, "isError": boolean}, ...]}
    batch_create                   {"elements": [{"status": integer, "id": string, ...}, ...]}
    batch_get                      {"results": {key: entity}, "statuses": {key: integer}, "errors": {key: error}}
    the other batches              {"results": {key: {"status": integer, ...}}, "errors": {key: error}}

    page = {"elements": [entity, ...], "paging": {"start": integer, ..., "links": [link, ...]}, "metadata": object}

(Protocol page, "Resource methods"; com.linkedin.restli.internal.client, the decoders.) A parser does not trust the
server: each value that it reads is checked for its type, and all else stays in `document`. A
collection may be missing, which means empty, but must not be null; a single value may be missing or null.

A parser is a function or a frozen value at module level, since calls are compared and pickled with theirs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeGuard, TypeVar

from restli_core.encoding import Encodable  # noqa: TC001 - for typing.get_type_hints
from restli_core.errors import (
    BadRequestError,
    ConflictError,
    ForbiddenError,
    InvalidResponseError,
    NotFoundError,
    RateLimitError,
    ServerError,
    ServiceError,
    UnauthorizedError,
    UnprocessableEntityError,
    URITooLongError,
    VersionNotActiveError,
)
from restli_core.http_dates import read_http_date
from restli_core.messages import Headers, HttpRequest, HttpResponse  # noqa: TC001 - likewise
from restli_core.responses.answers import (
    ActionResponse,
    BatchCreateResponse,
    BatchCreateResult,
    BatchDeleteResponse,
    BatchDeleteResult,
    BatchFinderResponse,
    BatchFinderResult,
    BatchGetResponse,
    BatchUpdateResponse,
    BatchUpdateResult,
    CollectionResponse,
    CreateResponse,
    DeleteResponse,
    GetResponse,
    JsonObject,
    Paging,
    UpdateResponse,
)
from restli_core.responses.rows import Columns
from restli_core.values import Value

__all__ = ["AnswerReader", "Loads", "MalformedResponse", "ResponseParser", "service_error", "strict_loads"]

Loads: TypeAlias = Callable[[bytes], Any]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class ResponseParser(Protocol[T_co]):
    """The parser of one method's answers: it reads a 2xx response and its parsed body, or raises MalformedResponse."""

    def __call__(self, response: HttpResponse, document: Any, /) -> T_co: ...


class MalformedResponse(Exception):
    """Why a 2xx answer does not have the form of its method's answers; callers see an InvalidResponseError."""


class AnswerReader(Value, Generic[T_co]):
    """The reader of a call's answer: by status first, then by the parser of the method."""

    parser: ResponseParser[T_co]

    def __call__(self, request: HttpRequest, response: HttpResponse, loads: Loads) -> T_co:
        if not 200 <= response.status_code < 300:
            raise service_error(request, response, loads)
        try:
            return self.parser(response, _load(response.body, loads))
        except MalformedResponse as malformed:
            # The reason may quote a key of the answer, where a server may repeat what it was sent.
            reason = request.without_secrets(str(malformed))
            # The cause for callers is what `loads` raised, if it did.
            raise InvalidResponseError(reason, response, request) from malformed.__cause__


# -- bytes -------------------------------------------------------------------------------------------------------------


def strict_loads(body: bytes) -> Any:
    """Return the value of a JSON text (RFC 8259), as `json.loads` does, but without NaN and Infinity.

    Raises:
        ValueError, RecursionError: it is not JSON, or is nested too deep.
    """
    return json.loads(body, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _load(body: bytes, loads: Loads) -> Any:
    """Return the parsed body; None for an empty one."""
    if not body:
        return None
    try:
        return loads(body)
    except Exception as exc:  # a caller's own `loads` may raise what it likes; the bytes are to blame
        raise MalformedResponse("its body is not JSON") from exc


# -- errors ------------------------------------------------------------------------------------------------------------

_ERRORS: Final[Mapping[int, type[ServiceError]]] = {
    400: BadRequestError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    414: URITooLongError,
    422: UnprocessableEntityError,
    426: VersionNotActiveError,
    429: RateLimitError,
    **dict.fromkeys(range(500, 600), ServerError),
}

# attribute of ServiceError -> the field of com.linkedin.restli.common.ErrorResponse, and its type
_ERROR_FIELDS: Final[Mapping[str, tuple[str, type]]] = {
    "message": ("message", str),
    "service_error_code": ("serviceErrorCode", int),
    "code": ("code", str),
    "error_details": ("errorDetails", object),
    "error_detail_type": ("errorDetailType", str),
    "exception_class": ("exceptionClass", str),
    "stack_trace": ("stackTrace", str),
    "doc_url": ("docUrl", str),
    "request_id": ("requestId", str),
}


def service_error(request: HttpRequest, response: HttpResponse, loads: Loads) -> ServiceError:
    """Return the error for a response outside 200 to 299, with what can be read of its body."""
    try:
        document = _load(response.body, loads)
    except MalformedResponse:  # a gateway's HTML page, as a rule: the status says enough
        document = None
    body = document if isinstance(document, dict) else {}
    fields: JsonObject = {"request_id": response.headers.get("X-LI-UUID")}
    fields |= {name: body.get(sent) for name, (sent, kind) in _ERROR_FIELDS.items() if _is(body.get(sent), kind)}
    for name, value in fields.items():
        if isinstance(value, str):  # a server may repeat what it was sent, the token too
            fields[name] = request.without_secrets(value)
    kind = _ERRORS.get(response.status_code, ServiceError)
    if kind is RateLimitError:
        fields["retry_after"] = _retry_after(response.headers)
    return kind(response, request=request, document=document, **fields)


def _retry_after(headers: Headers) -> float | None:
    """Return Retry-After in seconds (RFC 9110 section 10.2.3); a date counts from the response's own Date."""
    value = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,10}", value):
        return float(value)
    until, now = read_http_date(value), read_http_date(headers.get("Date", ""))
    return None if until is None or now is None else max(0.0, (until - now).total_seconds())


# -- the parsers -------------------------------------------------------------------------------------------------------


def read_get(response: HttpResponse, document: Any) -> GetResponse:
    """Read the answer to get."""
    return GetResponse(response, document, _checked(document, "its body", dict))


def read_update(response: HttpResponse, document: Any) -> UpdateResponse:
    """Read the answer to update and partial_update."""
    return UpdateResponse(response, document, _returned(document))


def read_create(response: HttpResponse, document: Any) -> CreateResponse:
    """Read the answer to create."""
    return CreateResponse(response, document, _returned(document))


def read_delete(response: HttpResponse, document: Any) -> DeleteResponse:
    """Read the answer to delete."""
    return DeleteResponse(response, document)


def read_action(response: HttpResponse, document: Any) -> ActionResponse:
    """Read the answer to action."""
    return ActionResponse(response, document, (_returned(document) or {}).get("value"))


def _returned(document: Any) -> JsonObject | None:
    """Return the object in a body that may be empty."""
    return None if document is None else _checked(document, "its body", dict)


def read_collection(response: HttpResponse, document: Any) -> CollectionResponse:
    """Read the answer to get_all and finder."""
    return CollectionResponse(response, document, *_page(_checked(document, "its body", dict), "its body"))


def _page(body: JsonObject, where: str) -> tuple[list[JsonObject], Paging | None, JsonObject | None]:
    """Return elements, paging and metadata: fields that CollectionResponse and BatchFinderResult have in this order."""
    elements = [_checked(element, "an element", dict) for element in _items(body, "elements", where)]
    fields = _member(body, "paging", dict, where)
    paging = None
    if fields is not None:
        start, count, total = (_member(fields, name, int, "its paging") for name in ("start", "count", "total"))
        links = [_checked(link, "a link", dict) for link in _items(fields, "links", "its paging")]
        paging = Paging(start, count, total, links)
    return elements, paging, _member(body, "metadata", dict, where)


class BatchFinderParser(Value):
    """The parser of batch_finder: as many elements as criteria were sent."""

    count: int

    def __call__(self, response: HttpResponse, document: Any, /) -> BatchFinderResponse:
        results: list[BatchFinderResult] = []
        for fields in _counted(document, self.count):
            error = _member(fields, "error", dict, "an element")
            is_error = _member(fields, "isError", bool, "an element")
            page = _page(fields, "an element")
            results.append(BatchFinderResult(*page, error, (error is not None) if is_error is None else is_error))
        return BatchFinderResponse(response, document, results)


class BatchCreateParser(Value):
    """The parser of batch_create: as many elements as entities were sent."""

    count: int

    def __call__(self, response: HttpResponse, document: Any, /) -> BatchCreateResponse:
        results = [
            BatchCreateResult(
                status=_member(fields, "status", int, "an element"),
                id=_member(fields, "id", str, "an element"),
                error=_member(fields, "error", dict, "an element"),
                entity=_member(fields, "entity", dict, "an element"),
                location=_member(fields, "location", str, "an element"),
            )
            for fields in _counted(document, self.count)
        ]
        return BatchCreateResponse(response, document, results)


def _counted(document: Any, count: int) -> list[JsonObject]:
    """Return the elements of a body, which must be as many as were asked for."""
    elements = _items(_checked(document, "its body", dict), "elements", "its body")
    if len(elements) != count:
        raise MalformedResponse(f"it has {len(elements)} elements where {count} were asked for")
    return [_checked(element, "an element", dict) for element in elements]


class BatchGetParser(Value):
    """The parser of batch_get: a row for each id."""

    ids: tuple[Encodable, ...]

    def __call__(self, response: HttpResponse, document: Any, /) -> BatchGetResponse:
        body = _checked(document, "its body", dict)
        results, errors = _mapping(body, "results", dict), _mapping(body, "errors", dict)
        statuses = _mapping(body, "statuses", int)
        columns = Columns(_all_statuses(results, errors, statuses), results, errors)
        return BatchGetResponse(response, document, results, statuses, errors, columns.match(self.ids))


class BatchUpdateParser(Value):
    """The parser of batch_update and batch_partial_update: a row for each id."""

    ids: tuple[Encodable, ...]

    def __call__(self, response: HttpResponse, document: Any, /) -> BatchUpdateResponse:
        body = _checked(document, "its body", dict)
        sent, errors = _mapping(body, "results", dict), _mapping(body, "errors", dict)
        columns = _columns(sent, errors)
        results = {key: BatchUpdateResult(columns.statuses[key], columns.entities.get(key)) for key in sent}
        return BatchUpdateResponse(response, document, results, errors, columns.match(self.ids))


class BatchDeleteParser(Value):
    """The parser of batch_delete: a row for each id."""

    ids: tuple[Encodable, ...]

    def __call__(self, response: HttpResponse, document: Any, /) -> BatchDeleteResponse:
        body = _checked(document, "its body", dict)
        sent, errors = _mapping(body, "results", dict), _mapping(body, "errors", dict)
        columns = _columns(sent, errors)
        results = {key: BatchDeleteResult(columns.statuses[key]) for key in sent}
        return BatchDeleteResponse(response, document, results, errors, columns.match(self.ids))


def _columns(results: Mapping[str, JsonObject], errors: Mapping[str, JsonObject]) -> Columns:
    """Return the columns of the answer to a batch that changes or deletes entities."""
    # An error is in the result of its key, or in `errors`, which count if it is in both.
    others = {key: result for key, result in results.items() if key not in errors}
    all_errors = {**_column(others, "error", dict), **errors}
    statuses = _all_statuses(results, all_errors, _column(results, "status", int))
    return Columns(statuses, _column(results, "entity", dict), all_errors)


def _column(results: Mapping[str, JsonObject], name: str, kind: type[T]) -> dict[str, T]:
    """Return one field of the results by key, from those that have it."""
    values = {key: result[name] for key, result in results.items() if result.get(name) is not None}
    return _all_checked(values, lambda key: f"{name} of results[{key!r}]", kind)


def _all_statuses(
    results: Mapping[str, JsonObject], errors: Mapping[str, JsonObject], statuses: Mapping[str, int]
) -> dict[str, int | None]:
    """Return the status of each key in an answer; that of its error counts where the answer gives no other."""
    all_statuses: dict[str, int | None] = {**dict.fromkeys(results), **statuses}
    for key, error in errors.items():
        if all_statuses.get(key) is None:
            status = error.get("status")
            all_statuses[key] = status if _is(status, int) else None
    return all_statuses


# -- JSON of the right types -------------------------------------------------------------------------------------------

_JSON_TYPES: Final[Mapping[type, str]] = {
    dict: "an object",
    list: "an array",
    str: "a string",
    int: "an integer",
    float: "a number",
    bool: "a boolean",
    type(None): "nothing",
}


def _checked(value: Any, where: str, kind: type[T]) -> T:
    """Return the value, which must be of this type; `where` is its name in an error."""
    if not _is(value, kind):
        found = _JSON_TYPES.get(type(value), f"of type {type(value).__name__}")
        raise MalformedResponse(f"{where} is {found}, not {_JSON_TYPES[kind]}")
    return value


def _is(value: Any, kind: type[T]) -> TypeGuard[T]:
    # To Python a bool is an int, to JSON it is not.
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))


def _member(body: JsonObject, name: str, kind: type[T], where: str) -> T | None:
    """Return a field, which must be of this type; None where it is missing, or null."""
    value = body.get(name)
    return None if value is None else _checked(value, f"{name} of {where}", kind)


def _items(body: JsonObject, name: str, where: str) -> list[Any]:
    """Return an array; an empty one where it is missing."""
    return _checked(body.get(name, []), f"{name} of {where}", list)


def _mapping(body: JsonObject, name: str, kind: type[T]) -> dict[str, T]:
    """Return an object with values of this type; an empty one where it is missing."""
    values: JsonObject = _checked(body.get(name, {}), f"{name} of its body", dict)
    if not {*map(type, values)} <= {str}:  # a caller's own `loads` may make keys of any type
        for key in values:
            _checked(key, f"a key of {name}", str)
    return _all_checked(values, lambda key: f"{name}[{key!r}]", kind)


def _all_checked(values: Mapping[str, Any], where: Callable[[str], str], kind: type[T]) -> dict[str, T]:
    """Return a copy of the values, all of which must be of this type; `where(key)` is the name of one in an error."""
    # The fast path: one look at all of their types. With a subclass, or a bool among ints, each is looked at.
    if {*map(type, values.values())} <= {kind}:
        return {**values}
    return {key: _checked(value, where(key), kind) for key, value in values.items()}
