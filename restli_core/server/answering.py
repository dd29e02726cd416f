"""From what a handler returns to a response, as LinkedIn's own server writes one.

Entities, the finder's metadata and the paging each have a mask of their own. The errors of single ids and elements are
data in a 200. Batch answers have the keys that were asked for, without their ``$params``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from restli_core.base_errors import InvalidCallError
from restli_core.bodies import strict_dumps
from restli_core.encoding import Encodable, decode_path_key, encode
from restli_core.keys import body_key, canonical_key
from restli_core.messages import HttpResponse
from restli_core.projection import apply_projection
from restli_core.server.invocation import PROTOCOL_VERSION, Invocation, Refusal, checked_status
from restli_core.values import Value

__all__ = ["Collection", "Created", "respond"]

# RFC 9110 section 5.5: what a header carries as it is, without tabs and obs-text.
_HEADER_TEXT: Final = re.compile(r"(?:[!-~](?:[ !-~]*[!-~])?)?")


class Created(Value):
    """What a handler of create returns for a new entity.

    Args:
        id: its key: text, a number, or a mapping for a complex key; None for a server that does not name it.
        entity: the entity as created; it is returned unless the caller wants none back.
        status: the HTTP status.
    """

    id: Encodable | None
    entity: Mapping[str, Any] | None = None
    status: int = 201

    def __repr__(self) -> str:
        return f"<Created {self.status}>"


class Collection(Value):
    """What a handler of get_all, finder or batch_finder returns for a page of a collection.

    Args:
        elements: the entities of the page.
        total: how many there are in all; None to leave it out.
        metadata: the finder's metadata; None for none.
        links: the links of the page, such as ``{"rel": "next", "type": "application/json", "href": ...}``. None for
            those that LinkedIn's server makes: prev except on the first page; next, from after the last element, where
            the page is full, even at the end, and where by the total there are more elements.
    """

    elements: Sequence[Mapping[str, Any]]
    total: int | None = None
    metadata: Mapping[str, Any] | None = None
    links: Sequence[Mapping[str, Any]] | None = None

    def __repr__(self) -> str:
        return f"<Collection of {len(self.elements)}>"


def respond(invocation: Invocation, result: Any = None) -> HttpResponse:
    """Return the response of a server whose handler returned this result.

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
              or None for all of them
            - action: the value that the action returns; None for nothing

            A batch by ids takes a mapping from ids to these, too. In any batch a Refusal may stand for one of them.

    Raises:
        Refusal: the result is one, or is None where there must be an entity; or the mask does not fit it.
        TypeError, ValueError: the result is not what the method takes, or is not JSON.
    """
    if isinstance(result, Refusal):
        raise result
    return _RESPONSES[invocation.method](invocation, result)


def _answer(status: int, document: object = None, headers: Mapping[str, str] = MappingProxyType({})) -> HttpResponse:
    """Return a response with this document as its JSON body; without a body for None."""
    fields = {"X-RestLi-Protocol-Version": PROTOCOL_VERSION, **headers}
    if document is None:
        return HttpResponse(status, fields)
    return HttpResponse(status, {"Content-Type": "application/json", **fields}, strict_dumps(document))


# -- entities ----------------------------------------------------------------------------------------------------------


def _masked(document: Mapping[str, Any], mask: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return what a mask leaves of a document: all of it without a mask."""
    try:
        return document if mask is None else apply_projection(document, mask)
    except InvalidCallError as error:
        # The mask is well formed, but does not fit this document, which the reference answers with 500 too.
        raise Refusal(500, f"Error projecting fields: {error.reason}") from None


def _projected(invocation: Invocation, entity: Any) -> Mapping[str, Any]:
    """Return the fields of an entity that the caller wants; raise TypeError if it is not a mapping."""
    if not isinstance(entity, Mapping):
        raise TypeError(f"an entity must be a mapping, not {type(entity).__name__}")
    return _masked(entity, invocation.fields)


def _sent_back(invocation: Invocation, entity: Any) -> Mapping[str, Any] | None:
    """Return the entity that the answer to a change has; None where there is none, or the caller wants none back."""
    return None if entity is None or invocation.return_entity is False else _projected(invocation, entity)


def _not_found(invocation: Invocation) -> Refusal:
    return Refusal(404, f"Requested entity not found: type={invocation.method}, resource={invocation.resource}")


def _respond_entity(invocation: Invocation, result: Any) -> HttpResponse:
    if result is None:
        raise _not_found(invocation)
    return _answer(200, _projected(invocation, result))


def _respond_updated(invocation: Invocation, result: Any) -> HttpResponse:
    entity = _sent_back(invocation, result)
    return _answer(204 if entity is None else 200, entity)


def _respond_deleted(_invocation: Invocation, _result: Any) -> HttpResponse:
    return _answer(204)


def _respond_action(_invocation: Invocation, result: Any) -> HttpResponse:
    return _answer(200, None if result is None else {"value": result})


def _respond_batch(invocation: Invocation, result: Any) -> HttpResponse:
    """Return the answer to a batch by ids: each id's result, or its error, under its key."""
    is_get = invocation.method == "batch_get"
    keys = [*map(canonical_key, invocation.ids)]
    if isinstance(result, Mapping):
        by_key = {canonical_key(key): item for key, item in result.items()}
        items: Iterable[Any] = map(by_key.get, keys)
    else:
        items = [None] * len(keys) if result is None else result
    results: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    for key, item in zip(keys, _as_many(items, len(keys), "ids"), strict=True):
        if isinstance(item, Refusal):
            errors[key] = item.document
        elif is_get and item is None:
            errors[key] = _not_found(invocation).document
        elif is_get:
            results[key] = _projected(invocation, item)
        else:
            entity = _sent_back(invocation, item)
            results[key] = {"status": 204} if entity is None else {"status": 200, "entity": entity}
    for key in invocation.invalid_ids:
        errors[key] = Refusal(400, f"Key value {key!r} is invalid").document
    return _answer(200, {"results": results, **({"statuses": {}} if is_get else {}), "errors": errors})


def _as_many(items: Iterable[Any], number: int, what: str) -> Sequence[Any]:
    """Return the results of a batch, if they are one for each."""
    results = [*items]
    if len(results) != number:
        raise ValueError(f"there are {len(results)} results for {number} {what}")
    return results


# -- new entities ------------------------------------------------------------------------------------------------------


def _respond_created(invocation: Invocation, result: Any) -> HttpResponse:
    created = result if isinstance(result, Created) else Created(result)
    entity, key = _sent_back(invocation, created.entity), created.id
    status = checked_status(created.status, "Created.status")
    if key is None:
        return _answer(status, entity)
    # Not `canonical_key`, since the key without its $params may have to be encoded below.
    bare = {name: part for name, part in key.items() if name != "$params"} if isinstance(key, Mapping) else key
    text = body_key(bare)
    # The reference sends every id raw, but a header cannot carry every text. A client decodes both to the same id.
    header_id = text if _HEADER_TEXT.fullmatch(text) else encode(bare)
    return _answer(status, entity, {"X-RestLi-Id": header_id, "Location": _location(invocation, key)})


def _respond_batch_create(invocation: Invocation, result: Any) -> HttpResponse:
    elements: list[dict[str, Any]] = []
    for item in _as_many(result, len(invocation.entities), "entities"):
        if isinstance(item, Refusal):
            elements.append({"status": item.status, "error": item.document})
            continue
        created = item if isinstance(item, Created) else Created(item)
        element: dict[str, Any] = {"status": checked_status(created.status, "Created.status")}
        if created.id is not None:
            element |= {"id": canonical_key(created.id), "location": _location(invocation, created.id)}
        entity = _sent_back(invocation, created.entity)
        elements.append(element if entity is None else {**element, "entity": entity})
    return _answer(200, {"elements": elements})


def _location(invocation: Invocation, key: Encodable) -> str:
    """Return the path of a new entity; unlike the id that is sent with it, its key has its ``$params``."""
    return f"{invocation.path.rstrip('/')}/{encode(key)}"


# -- collections -------------------------------------------------------------------------------------------------------


def _respond_collection(invocation: Invocation, result: Any) -> HttpResponse:
    return _answer(200, _page_document(invocation, result))


def _respond_batch_finder(invocation: Invocation, result: Any) -> HttpResponse:
    elements = [
        {"elements": [], "error": item.document, "isError": True}
        if isinstance(item, Refusal)
        else _page_document(invocation, item)
        for item in result
    ]
    return _answer(200, {"elements": elements})


def _page_document(invocation: Invocation, result: Collection | Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the document of a page: its elements, paging and metadata, each under its mask."""
    page = result if isinstance(result, Collection) else Collection(result)
    elements = [_projected(invocation, element) for element in page.elements]
    if not isinstance(page.total, int | None):
        raise TypeError(f"Collection.total must be an int, not {type(page.total).__name__}")
    links = _links(invocation, len(elements), page.total) if page.links is None else page.links
    paging: dict[str, Any] = {"start": invocation.start, "count": invocation.count, "links": [*links]}
    if page.total is not None:
        paging["total"] = page.total
    document: dict[str, Any] = {
        "elements": elements,
        "paging": _masked(paging, invocation.paging_fields),
    }
    if page.metadata is not None:
        document["metadata"] = _masked(page.metadata, invocation.metadata_fields)
    return document


def _links(invocation: Invocation, found: int, total: int | None) -> list[dict[str, str]]:
    """Return the links that LinkedIn's server makes: the same path and query, from the start of another page.

    They are relative: to the server's origin, and the next page to what is on this one (RestUtils.buildMetadata).
    """
    start, count = invocation.start, invocation.count
    if not count:
        return []  # a page of size 0 has neither a next nor a previous one
    starts: dict[str, int] = {}
    if start:
        starts["prev"] = max(start - count, 0)
    if found == count or (total is not None and start + found < total):
        starts["next"] = start + found
    # The names are compared decoded, since a client may have escaped them.
    others = "".join(
        f"{piece}&"
        for piece in invocation.query.split("&")
        if piece and decode_path_key(piece.partition("=")[0]) not in {"start", "count"}
    )
    return [
        {
            "rel": rel,
            "type": "application/json",
            "href": f"{invocation.path}?{others}start={to}&count={count}",
        }
        for rel, to in starts.items()
    ]


# The methods of Rest.li, and what makes the response of each.
_RESPONSES: Final[Mapping[str, Callable[[Invocation, Any], HttpResponse]]] = MappingProxyType(
    {
        "get": _respond_entity,
        "batch_get": _respond_batch,
        "get_all": _respond_collection,
        "finder": _respond_collection,
        "batch_finder": _respond_batch_finder,
        "create": _respond_created,
        "batch_create": _respond_batch_create,
        "update": _respond_updated,
        "batch_update": _respond_batch,
        "partial_update": _respond_updated,
        "batch_partial_update": _respond_batch,
        "delete": _respond_deleted,
        "batch_delete": _respond_batch,
        "action": _respond_action,
    }
)
