"""Whose the running task is: asyncio's or trio's. Neither is imported for it that the program has not imported."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["is_in_asyncio"]


def is_in_asyncio() -> bool:
    """Return whether the running task is one of asyncio's; else it is trio's."""
    asyncio: Any = sys.modules.get("asyncio")
    if asyncio is None:
        return False
    try:
        return asyncio.current_task() is not None  # it is None in trio's own tasks where asyncio is trio's host
    except RuntimeError:  # no event loop of asyncio's
        return False
