"""Rows: the part of a batch answer that belongs to each id of the call, in the order of the call.

An answer has its keys in an order of its own. It may leave some out, may spell them in another way than they were sent
(see `restli_core.keys`), and may have a status or an error under one spelling and the entity under another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from restli_core.encoding import Encodable  # noqa: TC001 - for typing.get_type_hints
from restli_core.keys import body_keys, canonical_keys, match_keys, match_single_keys
from restli_core.responses.answers import BatchRow, JsonObject, batch_row
from restli_core.values import Value

__all__ = ["Columns"]


class Columns(Value):
    """The parts of a batch answer by key, in columns: in a column None means the same as a missing key.

    In columns, since an answer may have thousands of keys, and to go through a column takes far less time than to make
    an object for each key.

    Args:
        statuses: the HTTP status of every key that the answer mentions; None where it gives none.
        entities: the entities.
        errors: what went wrong, as sent.
    """

    statuses: Mapping[str, int | None]
    entities: Mapping[str, JsonObject]
    errors: Mapping[str, JsonObject]

    def match(self, ids: tuple[Encodable, ...]) -> tuple[BatchRow, ...]:
        """Return a row for each id of the call, in their order."""
        texts = canonical_keys(ids, body_keys(ids, "ids"))
        columns: list[Mapping[Any, Any]] = [self.statuses, self.entities, self.errors]
        # The fast path, which most answers take.
        found = match_single_keys(ids, texts, self.statuses)
        if found is not None:
            return tuple(map(batch_row, ids, found, *[map(column.get, found) for column in columns]))
        # The general path: an id may have several keys, by their spelling; the first that has something counts.
        rows: list[BatchRow] = []
        for asked, keys in zip(ids, match_keys(ids, texts, self.statuses), strict=True):
            cells = [next((column[key] for key in keys if column.get(key) is not None), None) for column in columns]
            rows.append(BatchRow(asked, keys[0] if keys else None, *cells))
        return tuple(rows)
