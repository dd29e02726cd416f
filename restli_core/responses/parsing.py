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
server: each value that it reads is checked for its type, what is odd is noted (`restli_core.responses.mismatch`), and
all stays in `document`. The answer is malformed only if its body is not JSON, is not an object where one is due, or if
nothing can be shown of what was asked for: ``elements`` or ``results`` of an answer to a read are something else than
they should be. A collection may be missing, which means empty; a single value may be missing or null.

A parser is a function or a frozen value at module level, since calls are compared and pickled with theirs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeVar

from restli_core.encoding import Encodable  # noqa: TC001 - for typing.get_type_hints
from restli_core.errors import (
    SERVICE_ERRORS,
    InvalidResponseError,
    RateLimitError,
    ServiceError,
    VersionNotActiveError,
)
from restli_core.http_dates import read_retry_after
from restli_core.messages import HttpRequest, HttpResponse, tries_of
from restli_core.nesting import Steps, are_equal, build, flatten
from restli_core.responses.answers import (
    ActionResponse,
    BatchCreateResponse,
    BatchCreateResult,
    BatchDeleteResponse,
    BatchDeleteResult,
    BatchFinderResponse,
    BatchFinderResult,
    BatchGetResponse,
    BatchRow,
    BatchUpdateResponse,
    BatchUpdateResult,
    CollectionResponse,
    CreateResponse,
    DeleteResponse,
    GetResponse,
    JsonObject,
    Paging,
    RestliResponse,
    UpdateResponse,
    answered,
    get_response,
)
from restli_core.responses.causes import codes_of, find_cause
from restli_core.responses.hints import find_hint
from restli_core.responses.mismatch import MalformedResponse, Mismatch, checked, is_json, place, read_integer
from restli_core.responses.rows import Columns
from restli_core.values import Value

__all__ = ["AnswerReader", "Loads", "MalformedResponse", "ResponseParser", "service_error", "strict_loads"]

Loads: TypeAlias = Callable[[bytes], Any]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class ResponseParser(Protocol[T_co]):
    """The parser of one method's answers: it reads a 2xx response and its parsed body, or raises MalformedResponse."""

    def __call__(self, response: HttpResponse, document: Any, /) -> T_co: ...


class AnswerReader(Value, Generic[T_co]):
    """The reader of a call's answer: by status first, then by the parser of the method."""

    parser: ResponseParser[T_co]

    def __call__(self, request: HttpRequest, response: HttpResponse, loads: Loads) -> T_co:
        if not 200 <= response.status_code < 300:
            raise service_error(request, response, loads)
        try:
            answer = self.parser(response, _load(response.body, loads))
        except MalformedResponse as malformed:
            # The reason may quote a key of the answer, where a server may repeat what it was sent.
            reason = request.without_secrets(str(malformed))
            # The cause for callers is what `loads` raised, if it did.
            raise InvalidResponseError(reason, response, request) from malformed.__cause__
        return answered(answer, request) if isinstance(answer, RestliResponse) else answer


# -- bytes -------------------------------------------------------------------------------------------------------------


def strict_loads(body: bytes) -> Any:
    """Return the value of a JSON text (RFC 8259), as `json.loads` does, but without NaN and Infinity.

    Raises:
        ValueError, RecursionError: it is not JSON, or is nested too deep.
    """
    # One decoder for all answers, as json has for itself; because of the argument `json.loads` would make one for each.
    # The fast path: an object in UTF-8, as nearly all answers are, with white space after it or nothing.
    if body[:1] == b"{" and body[1:2] != b"\0":  # else it is UTF-16 or UTF-32
        text = body.decode("utf-8", "surrogatepass")
        value, end = _DECODER.raw_decode(text)
        if end == len(text) or not text[end:].strip(" \t\n\r"):
            return value
    return _DECODER.decode(body.decode(json.detect_encoding(body), "surrogatepass"))


class _ConstantError(ValueError):
    """JavaScript's NaN or Infinity, which Python would take for JSON."""


def _refuse_constant(name: str) -> None:
    raise _ConstantError(f"{name} is not JSON")


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant)


def _load(body: bytes, loads: Loads) -> Any:
    """Return the parsed body; None for an empty one."""
    if not body:
        return None
    try:
        return loads(body)
    except json.JSONDecodeError as exc:
        # The parser's own words, in which nothing of the body is.
        raise MalformedResponse(f"its body is not JSON ({exc.msg}, at character {exc.pos})") from exc
    except _ConstantError as exc:
        raise MalformedResponse(f"its body is not JSON ({exc})") from exc
    except Exception as exc:  # a caller's own `loads` may raise what it likes; the bytes are to blame
        raise MalformedResponse("its body is not JSON") from exc


# -- errors ------------------------------------------------------------------------------------------------------------

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


# The texts that are for people. The other fields are left as they are, since programs compare them.
_WORDS: Final = ("message", "stack_trace", "doc_url", "request_id")


def service_error(request: HttpRequest, response: HttpResponse, loads: Loads) -> ServiceError:
    """Return the error for a response outside 200 to 299, with what can be read of its body."""
    try:
        document = _load(response.body, loads)
    except MalformedResponse:  # a gateway's HTML page, as a rule
        document = None
    body = document if isinstance(document, dict) else {}
    fields: dict[str, Any] = {"request_id": response.headers.get("X-LI-UUID")}
    fields |= {name: body.get(sent) for name, (sent, kind) in _ERROR_FIELDS.items() if is_json(body.get(sent), kind)}
    said = f"{fields.get('code')} {fields.get('message')}"
    for name in _WORDS:
        if fields.get(name) is not None:  # a server may repeat what it was sent, the token too
            fields[name] = request.without_secrets(fields[name])
    kind: type[ServiceError] = SERVICE_ERRORS.get(response.status_code, ServiceError)
    if kind is RateLimitError:
        fields["retry_after"] = read_retry_after(response.headers)
    if kind not in {VersionNotActiveError, RateLimitError}:  # which have hints of their own
        fields["hint"] = _hint(request, response.status_code, said, fields)
    error = kind(response, request=request, document=document, **fields)
    attempts, seconds = tries_of(response)
    if attempts:
        error.note_attempts(attempts, seconds)
    return error


def _hint(request: HttpRequest, status_code: int, said: str, fields: Mapping[str, Any]) -> str:
    """Return what to do about an error, by what the request shows and by what the answer says.

    Args:
        request: the request.
        status_code: the HTTP status.
        said: the code and the words of the server, as they came.
        fields: the fields of the error, without secrets.
    """
    shown = find_hint(request, status_code, said)
    if shown and status_code not in {403, 404}:  # it is sure; at these it is one of several reasons
        return shown
    codes = codes_of(fields.get("code"), fields.get("service_error_code"), fields.get("error_details"))
    return "; ".join(filter(None, [shown, find_cause(status_code, codes, fields.get("message", ""))]))


# -- the parsers -------------------------------------------------------------------------------------------------------


def read_get(response: HttpResponse, document: Any) -> GetResponse:
    """Read the answer to get: its body is the entity, whatever JSON it is."""
    if document is not None:
        return get_response(response, document)
    found = "null" if response.body else "empty"
    return GetResponse(response, document, f"its body is {found}, where an entity was asked for", None)


def read_update(response: HttpResponse, document: Any) -> UpdateResponse:
    """Read the answer to update and partial_update."""
    return UpdateResponse(response, document, _returned(document), document)


def read_create(response: HttpResponse, document: Any) -> CreateResponse:
    """Read the answer to create."""
    return CreateResponse(response, document, _returned(document), document)


def _returned(document: Any) -> str | None:
    """Return what is odd about a body that may be empty, or the entity that was sent to the server, as it is now."""
    mismatch = Mismatch()
    if document is not None:
        mismatch.expect(document, "its body", dict)
    return mismatch.text


def read_delete(response: HttpResponse, document: Any) -> DeleteResponse:
    """Read the answer to delete."""
    return DeleteResponse(response, document, None)


def read_action(response: HttpResponse, document: Any) -> ActionResponse:
    """Read the answer to action; a body that is no object is taken for what the action returned."""
    value = document.get("value") if isinstance(document, dict) else document
    return ActionResponse(response, document, _returned(document), value)


def read_collection(response: HttpResponse, document: Any) -> CollectionResponse:
    """Read the answer to get_all and finder."""
    mismatch = Mismatch()
    page = _page(checked(document, "its body", dict), "its body", mismatch)
    return CollectionResponse(response, document, mismatch.text, *page)


def _page(body: JsonObject, where: str, mismatch: Mismatch) -> tuple[list[Any], Paging | None, JsonObject | None]:
    """Return elements, paging and metadata: fields that CollectionResponse and BatchFinderResult have in this order."""
    # Without its elements there is nothing to show of a page, and an empty one would look like the end.
    elements = mismatch.items(body, "elements", where, needed=True)
    inside, its = ("", "its paging") if where == "its body" else (f"{where}.", f"paging of {where}")
    if not {*map(type, elements)} <= {dict}:
        for index, element in enumerate(elements):
            mismatch.expect(element, f"{inside}elements[{index}]", dict)
    fields = mismatch.member(body, "paging", dict, where)
    paging = None
    if fields is not None:
        start, count, total = (mismatch.member(fields, name, int, its) for name in ("start", "count", "total"))
        links = mismatch.items(fields, "links", its)
        for index, link in enumerate(links):
            mismatch.expect(link, f"{inside}links[{index}]", dict)
        paging = Paging(start, count, total, links)
    return elements, paging, mismatch.member(body, "metadata", dict, where)


class BatchFinderParser(Value):
    """The parser of batch_finder: as many elements as criteria were sent.

    Args:
        count: how many criteria.
        parameter: the query parameter that has them, encoded: a call is split at it.
    """

    count: int
    parameter: str

    def __call__(self, response: HttpResponse, document: Any, /) -> BatchFinderResponse:
        mismatch = Mismatch()
        results: list[BatchFinderResult] = []
        for where, element in _counted(document, self.count, mismatch, needed=True):
            fields = mismatch.expect(element, where, dict)
            if fields is None:  # it does not say that nothing was found
                results.append(BatchFinderResult([], None, None, element, is_error=True))
                continue
            error, is_error = _error(fields, where, mismatch), mismatch.member(fields, "isError", bool, where)
            page = _page(fields, where, mismatch)
            results.append(BatchFinderResult(*page, error, (error is not None) if is_error is None else is_error))
        return BatchFinderResponse(response, document, mismatch.text, results)


class BatchCreateParser(Value):
    """The parser of batch_create: as many elements as entities were sent."""

    count: int

    def __call__(self, response: HttpResponse, document: Any, /) -> BatchCreateResponse:
        mismatch = Mismatch()
        results: list[BatchCreateResult] = []
        for where, element in _counted(document, self.count, mismatch):
            fields = mismatch.expect(element, where, dict)
            if fields is None:
                results.append(BatchCreateResult(None, None, element, None, None))
                continue
            result = BatchCreateResult(
                status=mismatch.member(fields, "status", int, where),
                id=mismatch.member(fields, "id", str, where),
                error=_error(fields, where, mismatch),
                entity=_entity(fields, where, mismatch),
                location=mismatch.member(fields, "location", str, where),
            )
            results.append(result)
        return BatchCreateResponse(response, document, mismatch.text, results)


def _counted(document: Any, count: int, mismatch: Mismatch, *, needed: bool = False) -> Iterator[tuple[str, Any]]:
    """Yield the elements of a body, each after its name in a note; they should be as many as were asked for."""
    elements = mismatch.items(checked(document, "its body", dict), "elements", "its body", needed=needed)
    if len(elements) != count:
        mismatch.note(f"it has {len(elements)} elements where {count} were asked for")
    for index, element in enumerate(elements):
        yield f"elements[{index}]", element


def _error(fields: JsonObject, where: str, mismatch: Mismatch) -> Any:
    """Return what went wrong, as it is: what is not an object is an error all the same."""
    mismatch.member(fields, "error", dict, where)
    return fields.get("error")


def _entity(fields: JsonObject, where: str, mismatch: Mismatch) -> Any:
    """Return an entity, as it is."""
    mismatch.member(fields, "entity", dict, where)
    return fields.get("entity")


class KeyedParser(Value):
    """What the parsers of batches by ids have in common: a row for each id."""

    ids: tuple[Encodable, ...]

    # An id may be deeper than Python recurses.

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other) or not isinstance(other, KeyedParser):
            return NotImplemented
        return are_equal(self.ids, other.ids)

    __hash__ = Value.__hash__

    def __reduce__(self) -> tuple[Any, ...]:
        return _build_parser, (type(self), flatten(self.ids))

    def rows(self, columns: Columns, mismatch: Mismatch) -> tuple[BatchRow, ...]:
        """Return the rows, and note the keys that are no id's, where there are ids without a key."""
        rows = columns.match(self.ids)
        if None in map(_key_of, rows):
            strays = columns.statuses.keys() - {row.key for row in rows}
            for key in columns.statuses:  # in their order
                if key in strays:
                    mismatch.note(f"{place('the row', key)} belongs to none of the ids")
        return rows


_key_of: Final = attrgetter("key")


def _build_parser(kind: type[KeyedParser], steps: Steps) -> KeyedParser:
    return kind(build(steps))


class BatchGetParser(KeyedParser):
    """The parser of batch_get."""

    def __call__(self, response: HttpResponse, document: Any, /) -> BatchGetResponse:
        body, mismatch = checked(document, "its body", dict), Mismatch()
        results = mismatch.mapping(body, "results", dict, needed=True)
        errors = mismatch.mapping(body, "errors", dict)
        sent = mismatch.mapping(body, "statuses", int)
        statuses = (
            sent
            if {*map(type, sent.values())} <= {int}  # as nearly always
            else {key: status for key, value in sent.items() if (status := read_integer(value)) is not None}
        )
        told = statuses
        if not statuses.keys() >= results.keys():
            got = {key: 200 for key, entity in results.items() if entity is not None and key not in errors}
            told = {**got, **statuses}
        columns = Columns(_all_statuses(results, errors, told), results, errors)
        rows = self.rows(columns, mismatch)
        return BatchGetResponse(response, document, mismatch.text, results, statuses, errors, rows)


class BatchUpdateParser(KeyedParser):
    """The parser of batch_update and batch_partial_update."""

    def __call__(self, response: HttpResponse, document: Any, /) -> BatchUpdateResponse:
        mismatch = Mismatch()
        sent, errors, columns = _changed(document, mismatch)
        results = {key: BatchUpdateResult(columns.statuses[key], columns.entities.get(key)) for key in sent}
        rows = self.rows(columns, mismatch)
        return BatchUpdateResponse(response, document, mismatch.text, results, errors, rows)


class BatchDeleteParser(KeyedParser):
    """The parser of batch_delete."""

    def __call__(self, response: HttpResponse, document: Any, /) -> BatchDeleteResponse:
        mismatch = Mismatch()
        sent, errors, columns = _changed(document, mismatch)
        results = {key: BatchDeleteResult(columns.statuses[key]) for key in sent}
        rows = self.rows(columns, mismatch)
        return BatchDeleteResponse(response, document, mismatch.text, results, errors, rows)


def _changed(document: Any, mismatch: Mismatch) -> tuple[dict[str, Any], dict[str, Any], Columns]:
    """Return the results and errors of a batch that changes or deletes entities, as sent, and their columns."""
    body = checked(document, "its body", dict)
    results, errors = mismatch.mapping(body, "results", dict), mismatch.mapping(body, "errors", dict)
    statuses: dict[str, int] = {}
    entities: dict[str, Any] = {}
    # An error is in the result of its key, or in `errors`, which count if it is in both.
    all_errors: dict[str, Any] = {}
    for key, result in results.items():
        if not isinstance(result, dict):
            all_errors[key] = result
            continue
        if len(result) == 1 and type(result.get("status")) is int:  # as most are
            statuses[key] = result["status"]
            continue
        where = place("results", key)
        status = mismatch.member(result, "status", int, where)
        if status is not None:
            statuses[key] = status
        all_errors[key] = _error(result, where, mismatch)
        entities[key] = _entity(result, where, mismatch)
    all_errors = {key: error for key, error in {**all_errors, **errors}.items() if error is not None}
    return results, errors, Columns(_all_statuses(results, all_errors, statuses), entities, all_errors)


def _all_statuses(
    results: Mapping[str, Any], errors: Mapping[str, Any], statuses: Mapping[str, int]
) -> dict[str, int | None]:
    """Return the status of each key in an answer; that of its error counts where the answer gives no other."""
    all_statuses: dict[str, int | None] = {**dict.fromkeys(results), **statuses}
    for key, error in errors.items():
        if all_statuses.get(key) is None:
            status = error.get("status") if isinstance(error, dict) else None
            all_statuses[key] = status if is_json(status, int) else None
    return all_statuses
