"""Readiness: whether a socket has something to read, without waiting and without reading it."""

from __future__ import annotations

import select
from typing import Any

__all__ = ["has_input"]


def has_input(sock: Any) -> bool:
    """Return whether something has come on a socket, or its end.

    Args:
        sock: a socket, or an event loop's stand-in for one.

    Raises:
        OSError: it is closed.
        ValueError: likewise.
    """
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        return bool(poll.poll(0))
    return bool(select.select([sock], [], [], 0)[0])  # Windows
