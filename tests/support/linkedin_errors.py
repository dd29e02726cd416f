"""Errors of LinkedIn's APIs as they are documented and as callers recorded them, with what our text must say to do.

They are not among the vectors: what they are compared with are words of ours.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

__all__ = ["RECORDED"]

RECORDED: Final[list[dict[str, Any]]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))[
    "cases"
]
