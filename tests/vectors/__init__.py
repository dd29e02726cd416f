"""Facts measured on LinkedIn's own Java implementation of Rest.li 2.0.0 (commit 8173ce2d), one JSON file an operation.

Each file is ``{"op", "note", "cases": [{"in": {...}, "ok": ...} | {"in": {...}, "error": {"class", "message"}}]}``.
JSON integers stand for Java's Integer or Long, JSON decimals for Double; other types are tagged
``{"$t": "int|long|float|double|boolean|null|bytes", "v": "..."}``, bytes in base64.

Three files are not measured, and say so: ``plain_texts`` (what people write, and what they hardly mean),
``documented_calls`` (requests of LinkedIn's documentation) and ``linkedin_errors`` (errors that callers have recorded).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent


def load(name: str) -> list[dict[str, Any]]:
    """The cases of one file, by its name without ``.json``."""
    document = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    cases: list[dict[str, Any]] = document["cases"]
    return cases


def untagged(value: Any) -> Any:
    """A vector's value as Python's: tagged scalars become int, float, bool, None or bytes."""
    if isinstance(value, dict):
        if set(value) == {"$t", "v"}:
            return _TAGS[value["$t"]](value["v"])
        return {key: untagged(item) for key, item in value.items()}
    return [untagged(item) for item in value] if isinstance(value, list) else value


_TAGS: dict[str, Callable[[str], Any]] = {
    "int": int,
    "long": int,
    "float": float,
    "double": float,
    "boolean": lambda text: text == "true",
    "null": lambda _: None,
    "bytes": base64.b64decode,
}
