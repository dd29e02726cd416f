"""Pauses: waits of flows, which end with the client."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from restli_transports._clients.steps import Sleep, Step

if TYPE_CHECKING:
    from restli_transports._clients.shared import Shared

__all__ = ["pause"]


def pause(shared: Shared, seconds: float) -> Generator[Step, Any, bool]:
    """Sleep for so many seconds; return whether the client is still open, and the time was not cut short by its end.

    Args:
        shared: the state of the client.
        seconds: how many.
    """
    end, left = shared.now() + seconds, seconds
    while left > 0:
        wakes = shared.wakes()
        if shared.closed:  # looked at after the wakes, so that none is missed
            return False
        yield Sleep(left, wakes)
        # The system's clock ends waits early, for whoever waits to look again. A clock of the transport's own is
        # taken at its word: one for tests may not go on at all.
        left = end - shared.now() if shared.has_system_clock else 0
    return not shared.closed
