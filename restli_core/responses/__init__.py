"""Answers, and how they are read from raw bytes.

A response is read by its status first: 2xx by the reader of its method, anything else is a ServiceError whatever its
body is. Errors of single keys in a 2xx batch are data. What cannot be read is an InvalidResponseError; whatever bytes
a server sends, no other error comes out. Unknown fields are kept: `document` is the whole JSON.

A reader is a frozen value at module level: calls are compared and pickled with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeGuard, TypeVar

from restli_core.encoding import Decoded, Encodable  # noqa: TC001 - for typing.get_type_hints
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
from restli_core.keys import are_spelt_alike, body_keys, canonical_keys, decode_key, match_keys
from restli_core.messages import Headers, HttpRequest, HttpResponse  # noqa: TC001 - for typing.get_type_hints
from restli_core.values import Value

__all__ = [
    "ActionResponse",
    "BatchCreateResponse",
    "BatchCreateResult",
    "BatchDeleteResponse",
    "BatchDeleteResult",
    "BatchFinderResponse",
    "BatchFinderResult",
    "BatchGetResponse",
    "BatchRow",
    "BatchUpdateResponse",
    "BatchUpdateResult",
    "CollectionResponse",
    "CreateResponse",
    "DeleteResponse",
    "GetResponse",
    "Paging",
    "RestliResponse",
    "UpdateResponse",
]

JsonObject: TypeAlias = dict[str, Any]
Loads: TypeAlias = Callable[[bytes], Any]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class RestliResponse(Value):
    """What every answer has.

    Attributes:
        response: the HTTP response as it came; `response.native` is the HTTP library's own.
        document: the parsed JSON body with all that the server sent; None for an empty body.
    """

    response: HttpResponse
    document: Any

    @property
    def status_code(self) -> int:
        """The HTTP status."""
        return self.response.status_code

    @property
    def url(self) -> str:
        """The URL that answered; empty if the transport did not say."""
        return self.response.url

    @property
    def headers(self) -> Headers:
        """The header fields."""
        return self.response.headers

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.status_code}>"


class GetResponse(RestliResponse):
    """The answer to get.

    Attributes:
        entity: the entity, as sent.
    """

    entity: JsonObject


class UpdateResponse(RestliResponse):
    """The answer to update and partial_update.

    Attributes:
        entity: the entity as it is now, where the server returned it; else None.
    """

    entity: JsonObject | None


class DeleteResponse(RestliResponse):
    """The answer to delete."""


class ActionResponse(RestliResponse):
    """The answer to action.

    Attributes:
        value: what the action returned, as sent; None for an action that returns nothing.
    """

    value: Any


class CreateResponse(RestliResponse):
    """The answer to create.

    Attributes:
        entity: the entity as created, where the server returned it; else None.
    """

    entity: JsonObject | None

    @property
    def entity_id(self) -> str | None:
        """The new entity's id, exactly as the header X-RestLi-Id has it; None if there is none."""
        return self.headers.get("X-RestLi-Id")

    @property
    def decoded_entity_id(self) -> Decoded | None:
        """The id read as an element: a dict for a complex key; the text as it is where it is no element."""
        return _decoded_id(self.entity_id)

    @property
    def location(self) -> str | None:
        """The header Location: where the new entity is; None if there is none."""
        return self.headers.get("Location")


class BatchCreateResult(Value):
    """One entity of a batch_create.

    Attributes:
        status: its HTTP status, such as 201; None if the server gave none.
        id: the new entity's id, exactly as sent; None where there is none.
        error: what went wrong with it, as sent; None where nothing did.
        entity: the entity as created, where the server returned it; else None.
        location: where the new entity is; None if the server did not say.
    """

    status: int | None
    id: str | None
    error: JsonObject | None
    entity: JsonObject | None
    location: str | None

    @property
    def decoded_id(self) -> Decoded | None:
        """The id read as an element: a dict for a complex key; the text as it is where it is no element."""
        return _decoded_id(self.id)

    def __repr__(self) -> str:
        return f"<BatchCreateResult {self.status}>"


class BatchCreateResponse(RestliResponse):
    """The answer to batch_create.

    Attributes:
        elements: one result for each entity, in the order of the call.
    """

    elements: list[BatchCreateResult]


class BatchRow(Value):
    """What a batch answer says of one id that was asked for.

    Attributes:
        id: the id, as the caller gave it.
        key: its key in the answer, as sent; None where the answer does not mention it.
        status: its HTTP status, an error's too; None where the answer has none.
        entity: its entity; None where the answer has none.
        error: what went wrong with it, as sent; None where nothing did.
    """

    id: Any
    key: str | None
    status: int | None
    entity: JsonObject | None
    error: JsonObject | None

    def __repr__(self) -> str:
        return f"<BatchRow {self.status}>"


class BatchGetResponse(RestliResponse):
    """The answer to batch_get. The mappings have the keys as the server wrote them.

    Attributes:
        results: the entities by key.
        statuses: the HTTP statuses by key.
        errors: what went wrong, by key, as sent.
        rows: one row for each id of the call, in its order.
    """

    results: dict[str, JsonObject]
    statuses: dict[str, int]
    errors: dict[str, JsonObject]
    rows: tuple[BatchRow, ...]


class BatchUpdateResult(Value):
    """One entity of a batch_update or batch_partial_update.

    Attributes:
        status: its HTTP status; None if the server gave none.
        entity: the entity as it is now, where the server returned it; else None.
    """

    status: int | None
    entity: JsonObject | None

    def __repr__(self) -> str:
        return f"<BatchUpdateResult {self.status}>"


class BatchUpdateResponse(RestliResponse):
    """The answer to batch_update and batch_partial_update. The mappings have the keys as the server wrote them.

    Attributes:
        results: what became of each entity, by key.
        errors: what went wrong, by key, as sent.
        rows: one row for each id of the call, in its order.
    """

    results: dict[str, BatchUpdateResult]
    errors: dict[str, JsonObject]
    rows: tuple[BatchRow, ...]


class BatchDeleteResult(Value):
    """One entity of a batch_delete.

    Attributes:
        status: its HTTP status; None if the server gave none.
    """

    status: int | None

    def __repr__(self) -> str:
        return f"<BatchDeleteResult {self.status}>"


class BatchDeleteResponse(RestliResponse):
    """The answer to batch_delete. The mappings have the keys as the server wrote them.

    Attributes:
        results: what became of each entity, by key.
        errors: what went wrong, by key, as sent.
        rows: one row for each id of the call, in its order.
    """

    results: dict[str, BatchDeleteResult]
    errors: dict[str, JsonObject]
    rows: tuple[BatchRow, ...]


class Paging(Value):
    """Where a page stands in its collection; each None where the server does not say.

    Attributes:
        start: the index of the page's first element, from 0.
        count: how many elements a page has at most.
        total: how many elements there are in all.
        links: the links as sent, such as ``{"rel": "next", "type": ..., "href": ...}``.
    """

    start: int | None
    count: int | None
    total: int | None
    links: list[JsonObject]

    def __repr__(self) -> str:
        return f"<Paging start={self.start} count={self.count} total={self.total}>"


class CollectionResponse(RestliResponse):
    """The answer to get_all and finder.

    Attributes:
        elements: the entities of this page.
        paging: where the page stands; None where the server does not say.
        metadata: the finder's metadata, as sent (cursor paging has its ``nextPageToken`` there); None if there is none.
    """

    elements: list[JsonObject]
    paging: Paging | None
    metadata: JsonObject | None


class BatchFinderResult(Value):
    """What a batch_finder found for one of its criteria.

    Attributes:
        elements: the entities found.
        paging: where the page stands; None where the server does not say.
        metadata: the finder's metadata, as sent; None if there is none.
        error: what went wrong, as sent; None where nothing did.
        is_error: whether this criteria failed.
    """

    elements: list[JsonObject]
    paging: Paging | None
    metadata: JsonObject | None
    error: JsonObject | None
    is_error: bool

    def __repr__(self) -> str:
        return f"<BatchFinderResult {'error' if self.is_error else len(self.elements)}>"


class BatchFinderResponse(RestliResponse):
    """The answer to batch_finder.

    Attributes:
        results: one result for each of the criteria, in the order of the call.
    """

    results: list[BatchFinderResult]


# -- from bytes to answers ---------------------------------------------------------------------------------------------


class ResponseParser(Protocol[T_co]):
    """Reads the answer of one method from a 2xx response and its parsed body; raises MalformedResponse."""

    def __call__(self, response: HttpResponse, document: Any, /) -> T_co: ...


class MalformedResponse(Exception):
    """Why a 2xx answer does not have its method's shape."""


class AnswerReader(Value, Generic[T_co]):
    """The reader of a call: by status first, then by its method's shape."""

    shape: ResponseParser[T_co]

    def __call__(self, request: HttpRequest, response: HttpResponse, loads: Loads) -> T_co:
        if not 200 <= response.status_code < 300:
            raise service_error(request, response, loads)
        try:
            return self.shape(response, _document(response.body, loads))
        except MalformedResponse as unreadable:
            reason = request.without_secrets(str(unreadable))
            raise InvalidResponseError(reason, response, request) from unreadable.__cause__


def strict_loads(body: bytes) -> Any:
    """JSON as RFC 8259 has it: `json.loads`, less the NaN and Infinity that it would let through."""
    return json.loads(body, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _document(body: bytes, loads: Loads) -> Any:
    if not body:
        return None
    try:
        return loads(body)
    except Exception as exc:  # a caller's own `loads` may raise what it likes; the bytes are to blame
        raise MalformedResponse("its body is not JSON") from exc


def service_error(request: HttpRequest, response: HttpResponse, loads: Loads) -> ServiceError:
    """The error that a response outside 200 to 299 is, with what can be read of its body."""
    try:
        document = _document(response.body, loads)
    except MalformedResponse:
        document = None
    told = _error_fields(document if isinstance(document, dict) else {}, response.headers)
    fields: JsonObject = {name: _without_secrets(value, request) for name, value in told.items()}
    kind = _ERRORS.get(response.status_code, ServerError if response.status_code in range(500, 600) else ServiceError)
    if kind is RateLimitError:
        fields["retry_after"] = _retry_after(response.headers)
    return kind(response, request=request, document=document, **fields)


def _error_fields(body: JsonObject, headers: Headers) -> JsonObject:
    fields = {name: body.get(sent) for name, (sent, kind) in _ERROR_FIELDS.items() if _is(body.get(sent), kind)}
    return {"request_id": headers.get("X-LI-UUID"), **fields}


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
}


def _without_secrets(value: T, request: HttpRequest) -> T | str:
    """The value; if it is text, less the token, should a server repeat what it was sent."""
    return request.without_secrets(value) if isinstance(value, str) else value


def _retry_after(headers: Headers) -> float | None:
    """Retry-After in seconds (RFC 9110 section 10.2.3); a date counts from the response's own Date."""
    value = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,10}", value):
        return float(value)
    until, now = read_http_date(value), read_http_date(headers.get("Date", ""))
    return None if until is None or now is None else max(0.0, (until - now).total_seconds())


# -- the shapes --------------------------------------------------------------------------------------------------------


def read_get(response: HttpResponse, document: Any) -> GetResponse:
    return GetResponse(response, document, _checked(document, "its body", dict))


def read_update(response: HttpResponse, document: Any) -> UpdateResponse:
    return UpdateResponse(response, document, _returned(document))


def read_delete(response: HttpResponse, document: Any) -> DeleteResponse:
    return DeleteResponse(response, document)


def read_create(response: HttpResponse, document: Any) -> CreateResponse:
    return CreateResponse(response, document, _returned(document))


def read_action(response: HttpResponse, document: Any) -> ActionResponse:
    return ActionResponse(response, document, (_returned(document) or {}).get("value"))


def read_collection(response: HttpResponse, document: Any) -> CollectionResponse:
    return CollectionResponse(response, document, *_page(_checked(document, "its body", dict)))


class BatchCreateParser(Value):
    """Reads batch_create: as many elements as entities were sent."""

    count: int

    def __call__(self, response: HttpResponse, document: Any, /) -> BatchCreateResponse:
        return BatchCreateResponse(response, document, [*map(_batch_create_result, _counted(document, self.count))])


class BatchFinderParser(Value):
    """Reads batch_finder: as many elements as criteria were sent."""

    count: int

    def __call__(self, response: HttpResponse, document: Any, /) -> BatchFinderResponse:
        return BatchFinderResponse(response, document, [*map(_batch_finder_result, _counted(document, self.count))])


class BatchGetParser(Value):
    """Reads batch_get: a row for each id."""

    ids: tuple[Encodable, ...]

    def __call__(self, response: HttpResponse, document: Any, /) -> BatchGetResponse:
        body = _checked(document, "its body", dict)
        results, errors = _mapping(body, "results", dict), _mapping(body, "errors", dict)
        statuses = _mapping(body, "statuses", int)
        told = (_statuses_of(errors) | statuses, results, errors)
        rows = _rows(self.ids, {**results, **statuses, **errors}, told)
        return BatchGetResponse(response, document, results, statuses, errors, rows)


class BatchUpdateParser(Value):
    """Reads batch_update and batch_partial_update: a row for each id."""

    ids: tuple[Encodable, ...]

    def __call__(self, response: HttpResponse, document: Any, /) -> BatchUpdateResponse:
        sent, errors, told = _updates(document)
        statuses, entities, _ = told
        results = {key: BatchUpdateResult(statuses.get(key), entities.get(key)) for key in sent}
        return BatchUpdateResponse(response, document, results, errors, _rows(self.ids, {**sent, **errors}, told))


class BatchDeleteParser(Value):
    """Reads batch_delete: a row for each id."""

    ids: tuple[Encodable, ...]

    def __call__(self, response: HttpResponse, document: Any, /) -> BatchDeleteResponse:
        sent, errors, told = _updates(document)
        results = {key: BatchDeleteResult(told[0].get(key)) for key in sent}
        return BatchDeleteResponse(response, document, results, errors, _rows(self.ids, {**sent, **errors}, told))


# What a batch answer tells of its keys: statuses, entities, errors. In columns, since some have thousands of keys.
_Told: TypeAlias = tuple[Mapping[str, int | None], Mapping[str, JsonObject], Mapping[str, JsonObject]]


def _updates(document: Any) -> tuple[dict[str, JsonObject], dict[str, JsonObject], _Told]:
    """The results, the errors beside them, and what is told of each key: an error's status counts as its key's."""
    body = _checked(document, "its body", dict)
    results, errors = _mapping(body, "results", dict), _mapping(body, "errors", dict)
    others = {key: result for key, result in results.items() if key not in errors}
    all_errors = _column(others, "error", dict) | errors
    statuses = _statuses_of(all_errors) | _column(results, "status", int)
    return results, errors, (statuses, _column(results, "entity", dict), all_errors)


def _column(results: Mapping[str, JsonObject], name: str, kind: type[T]) -> dict[str, T]:
    """A field of the results, of those that have it."""
    values = {key: result[name] for key, result in results.items() if result.get(name) is not None}
    return _all_checked(values, lambda key: f"{name} of results[{key!r}]", kind)


def _statuses_of(errors: Mapping[str, JsonObject]) -> dict[str, int | None]:
    return {key: status if _is(status := error.get("status"), int) else None for key, error in errors.items()}


def _rows(ids: tuple[Encodable, ...], keys: Mapping[str, object], told: _Told) -> tuple[BatchRow, ...]:
    """A row for each id, of what is told of the answer's keys."""
    texts = canonical_keys(ids, body_keys(ids, "ids"))
    if are_spelt_alike(ids, texts, keys):
        found = (text if text in keys else None for text in texts)
        return tuple(map(BatchRow, ids, found, *(map(column.get, texts) for column in told)))
    return tuple(_row(asked, spelt, told) for asked, spelt in zip(ids, match_keys(ids, texts, keys), strict=True))


def _row(asked: Encodable, keys: list[str], told: _Told) -> BatchRow:
    """The row of an id; where the answer spells its key in several ways, what is told by any of them."""
    statuses, entities, errors = told
    key = keys[0] if keys else None
    return BatchRow(asked, key, _first(statuses, keys), _first(entities, keys), _first(errors, keys))


def _first(column: Mapping[str, T | None], keys: list[str]) -> T | None:
    return next((value for value in map(column.get, keys) if value is not None), None)


def _decoded_id(text: str | None) -> Decoded | None:
    return None if text is None else decode_key(text)


def _batch_create_result(element: Any) -> BatchCreateResult:
    fields = _checked(element, "an element", dict)
    return BatchCreateResult(
        status=_member(fields, "status", int, "an element"),
        id=_member(fields, "id", str, "an element"),
        error=_member(fields, "error", dict, "an element"),
        entity=_member(fields, "entity", dict, "an element"),
        location=_member(fields, "location", str, "an element"),
    )


def _batch_finder_result(element: Any) -> BatchFinderResult:
    fields = _checked(element, "an element", dict)
    error = _member(fields, "error", dict, "an element")
    is_error = _member(fields, "isError", bool, "an element")
    page = _page(fields, "an element")
    return BatchFinderResult(*page, error, (error is not None) if is_error is None else is_error)


def _page(body: JsonObject, where: str = "its body") -> tuple[list[JsonObject], Paging | None, JsonObject | None]:
    elements = [_checked(element, "an element", dict) for element in _items(body, "elements", where)]
    return elements, _paging(_member(body, "paging", dict, where)), _member(body, "metadata", dict, where)


def _paging(fields: JsonObject | None) -> Paging | None:
    if fields is None:
        return None
    start, count, total = (_member(fields, name, int, "its paging") for name in ("start", "count", "total"))
    links = [_checked(link, "a link", dict) for link in _items(fields, "links", "its paging")]
    return Paging(start, count, total, links)


def _counted(document: Any, count: int) -> list[Any]:
    elements = _items(_checked(document, "its body", dict), "elements", "its body")
    if len(elements) != count:
        raise MalformedResponse(f"it has {len(elements)} elements where {count} were asked for")
    return elements


def _returned(document: Any) -> JsonObject | None:
    """The object in a body that may be empty."""
    return None if document is None else _checked(document, "its body", dict)


def _mapping(body: JsonObject, name: str, kind: type[T]) -> dict[str, T]:
    values: JsonObject = _checked(body.get(name, {}), f"{name} of its body", dict)
    _all_checked(dict(zip(values, values, strict=True)), lambda _: f"a key of {name}", str)
    return _all_checked(values, lambda key: f"{name}[{key!r}]", kind)


def _all_checked(values: Mapping[str, Any], where: Callable[[str], str], kind: type[T]) -> dict[str, T]:
    """A copy of the values; `where` names the place of a key. Where all are of the very type, one look tells."""
    if {*map(type, values.values())} <= {kind}:
        return {**values}
    return {key: _checked(value, where(key), kind) for key, value in values.items()}


def _items(body: JsonObject, name: str, where: str) -> list[Any]:
    """An array; an empty one where it is missing."""
    return _checked(body.get(name, []), f"{name} of {where}", list)


def _member(body: JsonObject, name: str, kind: type[T], where: str) -> T | None:
    """A field of this type; None where it is missing, or null."""
    value = body.get(name)
    return None if value is None else _checked(value, f"{name} of {where}", kind)


def _checked(value: Any, where: str, kind: type[T]) -> T:
    if not _is(value, kind):
        told = _JSON_TYPES.get(type(value), f"of type {type(value).__name__}")
        raise MalformedResponse(f"{where} is {told}, not {_JSON_TYPES[kind]}")
    return value


def _is(value: Any, kind: type[T]) -> TypeGuard[T]:
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))


_JSON_TYPES: Final[Mapping[type, str]] = {
    dict: "an object",
    list: "an array",
    str: "a string",
    int: "an integer",
    float: "a number",
    bool: "a boolean",
    type(None): "nothing",
}
