"""Shared: the state that a client and those made by `with_options` have in common, safe between threads.

    what was spent on retries      how many of the budget's units are gone
    the clock                      the transport's own, or the system's
    whether it is closed           then nothing waits any more
    what was told                  of the end of a version, once
    what is taken of limits        and who waits for room

Nothing of it is public.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from itertools import count
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from restli_core.base_errors import InvalidCallError
from restli_core.signatures import is_coroutine_function
from restli_transports._clients.clocks import SystemClock
from restli_transports.wire.forks import on_fork

if TYPE_CHECKING:
    from restli_core.flows.limits import Limit
    from restli_core.flows.turns import LimitsState

__all__ = ["Shared"]

MAX_LIMITS: Final = 100  # sets of limits, as clones may each have others; counts of the ones used last are kept


class Shared:
    """The state of a client and its clones.

    Args:
        transport: what carries their requests; its `clock` is theirs, where it has one.
        is_async: whether they are asynchronous.

    Raises:
        InvalidCallError: the transport's clock has no `now` or no `sleep`, or is for the other kind of client.
    """

    def __init__(self, transport: Any, *, is_async: bool) -> None:
        clock = getattr(transport, "clock", None)
        self.has_system_clock = clock is None
        if clock is None:
            clock = _async_clock() if is_async else SystemClock()
        else:
            _check_clock(clock, is_async=is_async)
        self.clock: Any = clock
        self.now: Callable[[], float] = clock.now
        self.time: Callable[[], float] = getattr(clock, "time", time.time)
        self.closed = False
        self.spent = 0
        self.looked_at: tuple[str, str] | None = None  # a version, and the day on which its end was last looked up
        self._ending: set[str] = set()  # the versions of whose end the program was told
        self.lock = threading.Lock()
        self._turns: OrderedDict[tuple[Limit, ...], LimitsState] = OrderedDict()  # the last used at the end
        self._members: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
        self._numbers = count()
        on_fork(self)

    def after_fork(self) -> None:
        """Begin anew: another thread of the parent may have held the lock, and its calls are not there."""
        self.lock = threading.Lock()
        self._turns = OrderedDict()

    def pay(self, cost: int, budget: int) -> bool:
        """Take the cost of a retry from the budget; return whether there was enough."""
        with self.lock:
            if self.spent + cost > budget:
                return False
            self.spent += cost
            return True

    def earn(self, amount: int) -> None:
        """Give back what a success earns."""
        if self.spent:  # most clients never retry, and need not wait for one another here
            with self.lock:
                self.spent = max(0, self.spent - amount)

    def is_first(self, version: str) -> bool:
        """Return whether this is the first time that the end of a version is to be told of."""
        with self.lock:
            first = version not in self._ending
            self._ending.add(version)
        return first

    def turns(self, limits: tuple[Limit, ...]) -> LimitsState:
        """Return what is taken of these limits: the same for all clones with the same ones."""
        from restli_core.flows.turns import LimitsState  # for programs that limit themselves alone

        with self.lock:
            state = self._turns.get(limits)
            if state is None:
                state = self._turns[limits] = LimitsState(limits)
                if len(self._turns) > MAX_LIMITS:
                    self._turns.popitem(last=False)
            self._turns.move_to_end(limits)
            return state

    def member(self, source: Any, authorization: str | None) -> Hashable:
        """Return what stands for the member of a call, for limits on each: no token is kept for it.

        Args:
            source: the source of tokens; None for none.
            authorization: the header of a call without one; None for none.
        """
        if source is None:
            return None if authorization is None else _digest(authorization)
        try:
            with self.lock:
                # Not its `id`, which another one may have once it is gone.
                number = self._members.get(source)
                if number is None:
                    number = self._members[source] = next(self._numbers)
                return number
        except TypeError:  # it has no hash, or no weak references
            return id(source)

    def refuse_if_stopped(self, before: float) -> None:
        """Refuse a transport's clock that stands still while it sleeps: who waits for room would wait for ever.

        Args:
            before: the time before a wait.

        Raises:
            InvalidCallError: it is not later now.
        """
        if not self.has_system_clock and self.now() <= before:
            raise InvalidCallError("transport", "its clock does not go on while it sleeps: `now` must be later then")

    def wakes(self) -> int | None:
        """Return how many times waits were ended early so far; None where the clock is the transport's own."""
        wakes: int | None = self.clock.wakes if self.has_system_clock else None
        return wakes

    def wake(self) -> None:
        """Let all who wait look again, where the clock is the system's."""
        if self.has_system_clock:
            self.clock.wake()

    def close(self) -> None:
        """End all waits, now and later."""
        self.closed = True
        self.wake()


def _digest(authorization: str) -> bytes:
    from hashlib import sha256  # slow to import, and needed where limits are each member's

    return sha256(authorization.encode()).digest()


def _check_clock(clock: Any, *, is_async: bool) -> None:
    """Raise an InvalidCallError for what is not a clock, and for one of the other kind of client."""
    if isinstance(clock, type):
        raise InvalidCallError("transport", f"its clock must not be the class {clock.__name__}: make one of these")
    if not callable(getattr(clock, "now", None)) or not callable(getattr(clock, "sleep", None)):
        raise InvalidCallError("transport", "its clock must have methods now and sleep")
    if not callable(getattr(clock, "time", time.time)):
        raise InvalidCallError("transport", "the time of its clock must be a method, too")
    # A wait that nobody awaits would be none. A plain function may return an awaitable, as a transport's send may.
    if not is_async and is_coroutine_function(clock.sleep):
        raise InvalidCallError("transport", "its clock is asynchronous: give it to an asynchronous client")


def _async_clock() -> Any:
    from restli_transports._clients.async_clocks import AsyncSystemClock

    return AsyncSystemClock()
