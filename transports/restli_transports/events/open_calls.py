"""Open calls: to which call an event belongs, for listeners that remember something from one event to the next.

One `Call` may be sent by many threads and tasks at once, so that the value does not tell. But all events of one sending
come in the thread or task that sends, and between two of them only those of calls that a listener, a source of tokens
or a transport sends meanwhile: these begin and end in between. So the open calls of a thread or task are a stack:

    first event of a call ─> push      any other ─> the innermost that has this call      CallEnded ─> remove

Where a listener sends once more the very call that it is told of, the number of the try tells: it only rises.

The stack is in a context variable, of which each thread and each task has its own value. A task inherits what its
creator has open: it does not see how that ends, and pushes its own calls above.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from restli_core.calls import Call

__all__ = ["OpenCall", "OpenCalls"]


class OpenCall:
    """A call from its first event to its last, as one listener sees it.

    Args:
        owner: the listener.
        call: the call.

    Attributes:
        attempt: the try that was sent last; 0 before the first.
        is_sending: whether that try is on its way.
        is_over: whether the call has ended, for tasks that have inherited it.
    """

    __slots__ = ("attempt", "call", "is_over", "is_sending", "owner")

    def __init__(self, owner: object, call: Call[Any]) -> None:
        self.owner: object = owner
        self.call: Call[Any] = call
        self.attempt: int = 0
        self.is_sending: bool = False
        self.is_over: bool = False


OpenT = TypeVar("OpenT", bound=OpenCall)


class OpenCalls(Generic[OpenT]):
    """The open calls of a thread or task, of one kind. It stands at module level, as every context variable does."""

    def __init__(self, name: str) -> None:
        self._stack: ContextVar[tuple[OpenT, ...]] = ContextVar(name, default=())

    def push(self, opened: OpenT) -> OpenT:
        """Put a call on top, and return it."""
        self._stack.set((*self._stack.get(), opened))
        return opened

    def remove(self, closed: OpenT) -> OpenT | None:
        """Take a call that has ended out of the stack, and return the one above it.

        There is one where two listeners have opened the same call: the first of them is told of its end first.
        """
        closed.is_over = True
        stack = self._stack.get()
        place = stack.index(closed)
        self._stack.set(stack[:place] + stack[place + 1 :])
        return stack[place + 1] if place + 1 < len(stack) else None

    def is_innermost(self, opened: OpenT) -> bool:
        """Return whether nothing is above a call."""
        return self._stack.get()[-1] is opened

    def of(self, owner: object, call: Call[Any]) -> OpenT | None:
        """Return the call of a listener that the answer to a try, or the end, belongs to; None where none is open."""
        for opened in reversed(self._stack.get()):
            if opened.owner is owner and opened.call is call and not opened.is_over:
                return opened
        return None

    def between_tries(self, owner: object, call: Call[Any]) -> OpenT | None:
        """Return the call of a listener that something before a try belongs to; None where it begins a call."""
        opened = self.of(owner, call)
        return None if opened is None or opened.is_sending else opened

    def before_try(self, owner: object, call: Call[Any], attempt: int) -> OpenT | None:
        """Return the call of a listener that a try belongs to, which begins now; None where it begins a call."""
        opened = self.of(owner, call)
        return opened if opened is not None and attempt > opened.attempt else None
