"""Within: a wait under asyncio or trio that lasts no longer than so many seconds.

anyio's `fail_after` does the same. It is made of two generators, and asks four times which event loop this is; calls
wait two or three times each.
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Within"]


class Within:
    """A context manager within which waits end after so many seconds.

    Args:
        seconds: the time from now on; None for no limit.

    Raises:
        TimeoutError: at its end, where the time has passed and a wait was ended for it.
    """

    __slots__ = ("_scope",)

    def __init__(self, seconds: float | None) -> None:
        self._scope = None if seconds is None else anyio.CancelScope(deadline=anyio.current_time() + seconds)

    def __enter__(self) -> Self:
        if self._scope is not None:
            self._scope.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> bool | None:
        scope = self._scope
        if scope is None:
            return None
        is_done = scope.__exit__(kind, error, at)
        if scope.cancelled_caught and anyio.current_time() >= scope.deadline:
            raise TimeoutError
        return is_done
