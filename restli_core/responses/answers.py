"""Answers: frozen values, made by the parsers, with what the server sent in plain dicts and lists.

All of them keep `document`, the whole JSON, so that unknown fields are not lost. What a server left out is None, or
empty if it is a collection.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from restli_core.encoding import Decoded  # noqa: TC001 - for typing.get_type_hints
from restli_core.keys import decode_key
from restli_core.messages import Headers, HttpResponse  # noqa: TC001 - likewise
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


class RestliResponse(Value):
    """The base of all answers.

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
        """The header fields of the response."""
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
        """The id read as an element: a dict for a complex key; the text as it is where it is not an element."""
        return None if self.id is None else decode_key(self.id)

    def __repr__(self) -> str:
        return f"<BatchCreateResult {self.status}>"


class BatchCreateResponse(RestliResponse):
    """The answer to batch_create.

    Attributes:
        elements: one result for each entity, in the order of the call.
    """

    elements: list[BatchCreateResult]


class BatchRow(Value):
    """The part of a batch answer that belongs to one id of the call.

    Attributes:
        id: the id, as the caller gave it.
        key: its key in the answer, as sent; None where the answer does not mention it.
        status: its HTTP status, also that of an error; None where the answer has none.
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
