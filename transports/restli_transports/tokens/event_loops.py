"""Event loops that sources are used in, and what belongs to one of them: whose turn it is, and the threads of stores.

with loops.entered() as loop:           one at a time, one after another; another one meanwhile is refused
    await loop.turn.acquire()           one task at a time gets a token

a step of a store that blocks           is performed in
outside of the store's turn             one of the threads that all sources of the event loop share
in the store's turn                     a thread of the source's own: the others may all be waiting for the turn to
                                        end, and it would not, if it needed one of them
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from restli_core.base_errors import InvalidCallError

if TYPE_CHECKING:
    import anyio
    from anyio.lowlevel import RunVar

__all__ = ["MAX_THREADS", "Loop", "Loops", "source_threads"]

MAX_THREADS: Final = 40  # that the sources of an event loop share; anyio has as many for all else


class Loop:
    """An event loop that a source is used in, and what belongs to it.

    Args:
        token: the event loop, as anyio knows it.

    Attributes:
        turn: one task at a time gets a token. Not a lock, which only the task that has taken it could give back.
        thread: allows for one thread, beside those that are shared.
        inside: how many tasks are in it.
    """

    turn: anyio.Semaphore
    thread: anyio.CapacityLimiter
    inside: int

    def __init__(self, token: Any) -> None:
        import anyio

        self.token = token
        self.turn, self.thread, self.inside = anyio.Semaphore(1), anyio.CapacityLimiter(1), 0

    @property
    def is_over(self) -> bool:
        """True where none of its tasks goes on: asyncio's may be closed with tasks in it."""
        is_closed = getattr(getattr(self.token, "native_token", self.token), "is_closed", None)
        return not self.inside or (is_closed is not None and bool(is_closed()))


class Loops:
    """The event loops that a source is used in: one at a time, one after another."""

    def __init__(self) -> None:
        self._entering = threading.Lock()  # between threads: two event loops run in two of them
        self._loop: Loop | None = None

    @contextmanager
    def entered(self) -> Generator[Loop]:
        """Enter the loop that runs now. What belongs to a loop is made anew for another one.

        Raises:
            InvalidCallError: the source is in use in another one.
            ImportError: anyio is missing; names the extra.
        """
        try:
            import anyio.lowlevel
        except ImportError as error:
            raise ImportError('a source to be awaited needs anyio: pip install "restli-core[h11]"') from error
        token = anyio.lowlevel.current_token()
        with self._entering:
            loop = self._loop
            if loop is None or loop.token != token:
                if loop is not None and not loop.is_over:
                    reason = "the source is in use in another event loop: make one for each"
                    raise InvalidCallError("access_token", reason)
                loop = self._loop = Loop(token)
            loop.inside += 1
        try:
            yield loop
        finally:
            with self._entering:
                loop.inside -= 1


def source_threads() -> anyio.CapacityLimiter:
    """Return what limits the threads of all sources in the running event loop, however many members there are."""
    import anyio

    variable = variable_of_loops()
    limiter = variable.get(None)
    if limiter is None:
        limiter = anyio.CapacityLimiter(MAX_THREADS)
        variable.set(limiter)
    return limiter


# By a name, since anyio is slow to import: a variable of each event loop's.
_variables: Final[dict[str, RunVar[anyio.CapacityLimiter | None]]] = {}


def variable_of_loops() -> RunVar[anyio.CapacityLimiter | None]:
    """Return the variable of the event loops that has what limits the threads of all sources in each."""
    found = _variables.get("threads")
    if found is None:
        from anyio.lowlevel import RunVar

        # Threads that come first at the same time all have the same one: with two, a loop would have twice the threads.
        found = _variables.setdefault("threads", RunVar(f"{__name__}.threads"))
    return found
