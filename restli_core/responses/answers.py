"""Answers: frozen values, made by the parsers, with what the server sent in plain dicts and lists.

All of them keep `document`, the whole JSON, so that unknown fields are not lost. What a server left out is None, or
empty if it is a collection. Where an answer does not have the form that it should have, `mismatch` says how: a server
that answers with success has done the work, and so what it says is shown, however odd.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final, Self, TypeAlias, TypeVar

from restli_core.base_errors import RestliError  # noqa: TC001 - for typing.get_type_hints
from restli_core.encoding import Decoded  # noqa: TC001 - for typing.get_type_hints
from restli_core.errors import SERVICE_ERRORS, ServiceError
from restli_core.keys import decode_key
from restli_core.messages import Headers, HttpRequest, HttpResponse  # noqa: TC001 - likewise
from restli_core.nesting import Steps, are_equal, build, flatten
from restli_core.patterns import lazy_pattern
from restli_core.places import format_place
from restli_core.values import Value, unfrozen

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


class RestliResponse(Value):
    """The base of all answers.

    Attributes:
        response: the HTTP response as it came; `response.native` is the HTTP library's own.
        document: the parsed JSON body with all that the server sent; None for an empty body.
        mismatch: what is odd about the answer, in words for people, such as that it has fewer elements than were asked
            for; None for a good answer.
    """

    __beside__: ClassVar[tuple[str, ...]] = ("_request",)

    response: HttpResponse
    document: Any
    mismatch: str | None

    @property
    def request(self) -> HttpRequest | None:
        """The request that it answers, redacted as in an error; None where a call has not read it.

        It is not part of the value: ``==`` leaves it out, since two answers that say the same are equal, whatever was
        asked. A pickle and a copy have it, without its secrets.
        """
        # As it was sent, it is redacted where somebody looks at it: few do.
        request: HttpRequest | None = getattr(self, "_request", None)
        return request and request.redacted()

    def __reduce__(self) -> tuple[Any, ...]:
        return _build_answer, (type(self), self._fields(), self.request)

    def __replace__(self, **changes: Any) -> Self:
        return answered(super().__replace__(**changes), getattr(self, "_request", None))

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
        """The header fields of the response."""
        return self.response.headers

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.status_code}{', mismatch' if self.mismatch else ''}>"


A = TypeVar("A", bound=RestliResponse)


def answered(answer: A, request: HttpRequest | None) -> A:
    """Return an answer that knows the request that it answers, and shows none of its secrets in `mismatch`."""
    if request is not None and answer.mismatch is not None:  # which may quote what a server repeats
        answer = answer.__replace__(mismatch=request.without_secrets(answer.mismatch))
    object.__setattr__(answer, "_request", request)  # nobody but its maker has it yet
    return answer


def _build_answer(kind: type[A], fields: tuple[Any, ...], request: HttpRequest | None) -> A:
    return answered(kind(*fields), request)


class GetResponse(RestliResponse):
    """The answer to get.

    Attributes:
        entity: the entity, as sent: the whole body, which mostly is an object; None without a body (see `mismatch`).
    """

    entity: Any


_OpenGet: Final = unfrozen(GetResponse)


def get_response(response: HttpResponse, document: Any) -> GetResponse:
    """Return the `GetResponse` of a document that is an entity, in a third of the time."""
    answer = _OpenGet()
    answer.response = response
    answer.document = document
    answer.mismatch = None
    answer.entity = document
    answer.__class__ = GetResponse
    made: GetResponse = answer
    return made


class UpdateResponse(RestliResponse):
    """The answer to update and partial_update.

    Attributes:
        entity: the entity as it is now, as sent, where the server returned it; else None.
    """

    entity: Any


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
        entity: the entity as created, as sent, where the server returned it; else None.
    """

    entity: Any

    @property
    def entity_id(self) -> str | None:
        """The new entity's id, exactly as the header X-RestLi-Id has it; None if there is none.

        Servers of protocol 1.0, and some of LinkedIn's pages, call the header X-LinkedIn-Id.
        """
        return self.headers.get("X-RestLi-Id", self.headers.get("X-LinkedIn-Id"))

    @property
    def decoded_entity_id(self) -> Decoded | None:
        """The id read as an element: a dict for a complex key; the text as it is where it is not an element."""
        return None if self.entity_id is None else decode_key(self.entity_id)

    @property
    def location(self) -> str | None:
        """The header Location: where the new entity is; None if there is none."""
        return self.headers.get("Location")


class BatchCreateResult(Value):
    """One entity of a batch_create.

    Attributes:
        status: its HTTP status, such as 201; None if the server gave none.
        id: the new entity's id, exactly as sent; a number as its text; None where there is none.
        error: what went wrong with it, as sent, which should be an object; None where nothing did. What stands in the
            place of a result, but is not an object, is here as well.
        entity: the entity as created, as sent, where the server returned it; else None.
        location: where the new entity is; None if the server did not say.
    """

    status: int | None
    id: str | None
    error: Any
    entity: Any
    location: str | None

    @property
    def decoded_id(self) -> Decoded | None:
        """The id read as an element: a dict for a complex key; the text as it is where it is not an element."""
        return None if self.id is None else decode_key(self.id)

    def __repr__(self) -> str:
        return f"<BatchCreateResult {self.status}>"


class BatchCreateResponse(RestliResponse):
    """The answer to batch_create.

    Attributes:
        elements: one result for each entity, in the order of the call; `mismatch` says where there are more or fewer.
    """

    elements: list[BatchCreateResult]


class BatchRow(Value):
    """The part of a batch answer that belongs to one id of the call.

    Attributes:
        id: the id, as the caller gave it.
        key: its key in the answer, as sent; None where the answer does not mention it.
        status: its HTTP status, also that of an error; 200 for an entity that batch_get got; None where the answer has
            none.
        entity: its entity, as sent; None where the answer has none.
        error: what went wrong with it, as sent, which should be an object; None where nothing did.
        exception: why the whole call failed, so that there is no answer, where the row is one of several calls; None
            where it did not. What a call before it said of the same id, such as a 503, is in the other fields.
    """

    id: Any
    key: str | None
    status: int | None
    entity: Any
    error: Any
    exception: RestliError | None = None

    @property
    def failed(self) -> bool:
        """Whether it is not known that all went well.

        True where the call failed (`exception`), where the row has an error, or a status of 400 or above or below 200,
        and where the answer says nothing of the id, neither a key nor a status.
        """
        if self.exception is not None or self.error is not None:
            return True
        return self.key is None if self.status is None else not 200 <= self.status < 400

    def __repr__(self) -> str:
        said = self.status or ("no row" if self.key is None else "no status")
        shown = f"{format_place('', [self.id])[1:-1]}: {said}"
        if self.error is not None:
            # The status and the code say what kind of error it is. Other words of the server may hold secrets.
            shown += f" {SERVICE_ERRORS.get(self.status or 0, ServiceError).__name__}"
            code = self.error.get("code") if isinstance(self.error, dict) else None
            if isinstance(code, str) and _CODE.fullmatch(code):
                shown += f" {code}"
        if self.exception is not None:
            shown += f", {type(self.exception).__name__}"
        return f"<BatchRow {shown}>"

    # An id may be deeper than Python recurses. Two exceptions are equal to Python only where they are one, and a pickle
    # makes another of it: here those count as equal that say the same.

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BatchRow):
            return NotImplemented
        return (
            self._fields()[1:-1] == other._fields()[1:-1]
            and repr(self.exception) == repr(other.exception)
            and are_equal(self.id, other.id)
        )

    __hash__ = Value.__hash__

    def __reduce__(self) -> tuple[Any, ...]:
        return _build_row, (type(self), flatten(self.id), *self._fields()[1:])


_OpenRow: Final = unfrozen(BatchRow)


def batch_row(asked: Any, key: str | None, status: int | None, entity: Any, error: Any) -> BatchRow:
    """Return a `BatchRow`, in a fifth of the time: an answer has hundreds of them."""
    row = _OpenRow()
    row.id = asked
    row.key = key
    row.status = status
    row.entity = entity
    row.error = error
    row.exception = None
    row.__class__ = BatchRow
    made: BatchRow = row
    return made


def _build_row(kind: type[BatchRow], steps: Steps, *fields: Any) -> BatchRow:
    return kind(build(steps), *fields)


_CODE: Final = lazy_pattern(r"[A-Z][A-Z0-9_]{0,60}")


class BatchGetResponse(RestliResponse):
    """The answer to batch_get. The mappings have the keys as the server wrote them.

    Attributes:
        results: the entities by key.
        statuses: the HTTP statuses by key.
        errors: what went wrong, by key, as sent.
        rows: one row for each id of the call, in its order.
    """

    results: dict[str, Any]
    statuses: dict[str, int]
    errors: dict[str, Any]
    rows: tuple[BatchRow, ...]


class BatchUpdateResult(Value):
    """One entity of a batch_update or batch_partial_update.

    Attributes:
        status: its HTTP status; None if the server gave none.
        entity: the entity as it is now, as sent, where the server returned it; else None.
    """

    status: int | None
    entity: Any

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
    errors: dict[str, Any]
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
    errors: dict[str, Any]
    rows: tuple[BatchRow, ...]


class Paging(Value):
    """Where a page stands in its collection; a number is None where the server does not say it.

    Attributes:
        start: the index of the page's first element, from 0.
        count: how many elements a page has at most.
        total: how many elements there are in all.
        links: the links as sent, such as ``{"rel": "next", "type": ..., "href": ...}``.
    """

    start: int | None
    count: int | None
    total: int | None
    links: list[Any]

    def __repr__(self) -> str:
        return f"<Paging start={self.start} count={self.count} total={self.total}>"


class CollectionResponse(RestliResponse):
    """The answer to get_all and finder.

    Attributes:
        elements: the entities of this page, as sent; `mismatch` says where one is not an object.
        paging: where the page stands; None where the server does not say.
        metadata: the finder's metadata, as sent (cursor paging has its ``nextPageToken`` there); None if there is none.
    """

    elements: list[Any]
    paging: Paging | None
    metadata: JsonObject | None


class BatchFinderResult(Value):
    """What a batch_finder found for one of its criteria.

    Attributes:
        elements: the entities found.
        paging: where the page stands; None where the server does not say.
        metadata: the finder's metadata, as sent; None if there is none.
        error: what went wrong, as sent, which should be an object; None where nothing did. What stands in the place
            of a result, but is not an object, is here as well.
        is_error: whether this criteria failed.
    """

    elements: list[Any]
    paging: Paging | None
    metadata: JsonObject | None
    error: Any
    is_error: bool

    def __repr__(self) -> str:
        return f"<BatchFinderResult {'error' if self.is_error else len(self.elements)}>"


class BatchFinderResponse(RestliResponse):
    """The answer to batch_finder.

    Attributes:
        results: one result for each of the criteria, in the order of the call; `mismatch` says where there are more
            or fewer.
    """

    results: list[BatchFinderResult]
