"""Batches that have no handler of their own: the handler of the single method answers them, item by item.

    batch_get               get               with each of `ids`
    batch_create            create            with each of `entities`
    batch_update            update            with each of `ids` and its entity
    batch_partial_update    partial_update    with each of `ids` and its patch
    batch_delete            delete            with each of `ids`

A Refusal of one item is the error of that item alone; the others are answered all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import zip_longest
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from restli_core.encoding import encode
from restli_core.messages import HttpResponse
from restli_core.server import Invocation, Refusal

__all__ = ["SINGLE_METHODS", "Handler", "answer_item", "answer_one_by_one"]

Handler: TypeAlias = Callable[[Invocation], Any]

SINGLE_METHODS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "batch_get": "get",
        "batch_create": "create",
        "batch_update": "update",
        "batch_partial_update": "partial_update",
        "batch_delete": "delete",
    }
)


def answer_one_by_one(handler: Handler, key: str, invocation: Invocation) -> list[Any]:
    """Answer a batch, and return what `restli_core.server.respond` takes for it.

    Args:
        handler: the handler of the single method.
        key: the name of the collection's key, such as ``id`` in ``/adAccounts/{id:long}``.
        invocation: the batch.
    """
    method = SINGLE_METHODS[invocation.method]
    bare = replace(invocation, method=method, ids=(), invalid_ids=(), entities=(), patches=())
    if method == "create":
        return [answer_item(handler, replace(bare, entity=entity)) for entity in invocation.entities]
    # Only an update has entities, and only a partial update has patches: the shorter lists are filled with None.
    return [
        answer_item(
            handler,
            replace(
                bare,
                path=f"{bare.path.rstrip('/')}/{encode(one)}",
                path_keys={**bare.path_keys, key: one},
                entity=entity,
                patch=patch,
            ),
        )
        for one, entity, patch in zip_longest(invocation.ids, invocation.entities, invocation.patches)
    ]


def answer_item(handler: Handler, invocation: Invocation) -> Any:
    """Return what a handler gives for one item of a batch; a Refusal that it raises is such a value too.

    Raises:
        TypeError: the handler gives a whole response, which cannot be part of another one.
    """
    try:
        result = handler(invocation)
    except Refusal as refusal:
        return refusal
    if isinstance(result, HttpResponse):
        raise TypeError(f"an HttpResponse for {invocation.method} cannot be part of a batch: register the batch method")
    return result
