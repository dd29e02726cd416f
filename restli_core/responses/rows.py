"""Rows: what a batch answer says of each id of the call, in the order of the call.

An answer has its keys in an order of its own, may leave some out, may spell them in another way than they were sent
(see `restli_core.keys`), and may say one thing of a key under one spelling and another thing under the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from restli_core.encoding import Encodable  # noqa: TC001 - for typing.get_type_hints
from restli_core.keys import are_spelt_alike, body_keys, canonical_keys, match_keys
from restli_core.responses.answers import BatchRow, JsonObject
from restli_core.values import Value

__all__ = ["Columns"]


class Columns(Value):
    """What a batch answer says of its keys: a None says as much as a key that is missing.

    In columns, since an answer may have thousands of keys: to go through a column takes far less time than to make an
    object for each key.

    Args:
        statuses: the HTTP status of every key that the answer mentions; None where it gives none.
        entities: the entities.
        errors: what went wrong, as sent.
    """

    statuses: Mapping[str, int | None]
    entities: Mapping[str, JsonObject]
    errors: Mapping[str, JsonObject]

    def match(self, ids: tuple[Encodable, ...]) -> tuple[BatchRow, ...]:
        """Return a row for each of the ids that were asked for."""
        texts = canonical_keys(ids, body_keys(ids, "ids"))
        columns: list[Mapping[str, Any]] = [self.statuses, self.entities, self.errors]
        # The fast path, which most answers take: the server spells its keys as this package does.
        if are_spelt_alike(ids, texts, self.statuses):
            found = [text if text in self.statuses else None for text in texts]
            return tuple(map(BatchRow, ids, found, *[map(column.get, texts) for column in columns]))
        # The general path: a key may stand there in several spellings, each with a part of what is said of it.
        rows: list[BatchRow] = []
        for asked, keys in zip(ids, match_keys(ids, texts, self.statuses), strict=True):
            cells = [next((column[key] for key in keys if column.get(key) is not None), None) for column in columns]
            rows.append(BatchRow(asked, keys[0] if keys else None, *cells))
        return tuple(rows)
