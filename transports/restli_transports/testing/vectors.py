"""Facts measured on LinkedIn's own Java implementation of Rest.li 2.0.0 (commit 8173ce2d), one JSON file an operation.

Each file is ``{"op", "note", "cases": [{"in": {...}, "ok": ...} | {"in": {...}, "error": {"class", "message"}}]}``.
JSON integers stand for Java's Integer or Long, JSON decimals for Double; other types are tagged
``{"$t": "int|long|float|double|boolean|null|bytes", "v": "..."}``, bytes in base64.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

__all__ = ["load", "untagged"]

# In an installed package the files stand beside this module; in a checkout they are where the tests are.
_FOLDERS: Final = (Path(__file__).parent / "vector_files", Path(__file__).parents[3] / "tests" / "vectors")


def load(name: str) -> list[dict[str, Any]]:
    """Return the cases of one file, by its name without ``.json``."""
    folder = next(folder for folder in _FOLDERS if folder.is_dir())
    document = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    cases: list[dict[str, Any]] = document["cases"]
    return cases


def untagged(value: Any) -> Any:
    """Return a vector's value as Python's: tagged scalars become int, float, bool, None or bytes."""
    if isinstance(value, dict):
        if set(value) == {"$t", "v"}:
            return _TAGS[value["$t"]](value["v"])
        return {key: untagged(item) for key, item in value.items()}
    return [untagged(item) for item in value] if isinstance(value, list) else value


_TAGS: Final[Mapping[str, Callable[[str], Any]]] = {
    "int": int,
    "long": int,
    "float": float,
    "double": float,
    "boolean": lambda text: text == "true",
    "null": lambda _: None,
    "bytes": base64.b64decode,
}
