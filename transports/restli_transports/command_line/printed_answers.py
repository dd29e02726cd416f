"""Printed answers: what an answer has, as values of JSON to print, one a line.

get                     the entity
get_all, finder         each element
batch_get               of each id: {"id", "status", "entity" or "error"}
batch_finder            of each criteria: {"elements"} or {"error"}
create                  {"status", "id", "entity" where it was returned}
batch_create            of each entity: the same, or {"status", "error"}
update, partial_update  {"status", "entity" where it was returned}
delete                  {"status"}
batch_update and so on  of each id: {"id", "status", "entity" or "error" where there is one}
action                  the value
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

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

__all__ = ["count_failed", "printed_values"]


def printed_values(answer: RestliResponse) -> Iterator[Any]:
    """Yield what is to be printed of an answer.

    Args:
        answer: the answer to one of the fourteen methods.
    """
    yield from _PRINTED[type(answer)](answer)


def count_failed(answer: RestliResponse) -> tuple[int, int]:
    """Return how many parts of a batch's answer failed, and of how many; (0, 1) for any other answer."""
    failed = [False]
    if isinstance(answer, BatchGetResponse | BatchUpdateResponse | BatchDeleteResponse):
        failed = [row.failed for row in answer.rows]
    elif isinstance(answer, BatchFinderResponse):
        failed = [result.is_error for result in answer.results]
    elif isinstance(answer, BatchCreateResponse):
        failed = [one.error is not None for one in answer.elements]
    return sum(failed), len(failed)


def _present(**fields: Any) -> dict[str, Any]:
    """Return the fields that are there."""
    return {name: value for name, value in fields.items() if value is not None}


def _rows(answer: Any) -> Iterator[Any]:
    for row in answer.rows:
        yield {"id": row.id, **_present(status=row.status, entity=row.entity, error=row.error)}


def _found(answer: Any) -> Iterator[Any]:
    for result in answer.results:
        if result.is_error:
            yield {"error": result.error}
        else:
            yield {"elements": result.elements, **_present(metadata=result.metadata)}


def _created(answer: Any) -> Iterator[Any]:
    yield _present(status=answer.status_code, id=answer.decoded_entity_id, entity=answer.entity)


def _all_created(answer: Any) -> Iterator[Any]:
    for one in answer.elements:
        yield _present(status=one.status, id=one.decoded_id, entity=one.entity, error=one.error)


_PRINTED: Final[dict[type, Callable[[Any], Any]]] = {
    GetResponse: lambda answer: [answer.entity],
    BatchGetResponse: _rows,
    CollectionResponse: lambda answer: answer.elements,
    BatchFinderResponse: _found,
    CreateResponse: _created,
    BatchCreateResponse: _all_created,
    UpdateResponse: lambda answer: [_present(status=answer.status_code, entity=answer.entity)],
    BatchUpdateResponse: _rows,
    DeleteResponse: lambda answer: [{"status": answer.status_code}],
    BatchDeleteResponse: _rows,
    ActionResponse: lambda answer: [answer.value],
}
