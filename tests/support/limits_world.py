"""A world with a clock of its own, in which calls come, wait for the turns that `LimitsState` gives them, and go.

It holds each step to a plain account of what went out: a list, and sums over it.

    never over      in no window is more than the limit takes
    never idle      nobody waits who could go: who has room in all its limits, and nobody before it in any of them
    in order        of those under the same limits nobody goes before one that came earlier
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from restli_core import Limit, LimitError
from restli_core.flows.turns import LimitsState, Ticket
from restli_core.flows.windows import SECONDS_OF_DAY, units_above, units_below

# Seconds since 1970 are large, so that what is left of their digits is some tenths of a microsecond.
_AROUND_MIDNIGHT = 1e-5
_BEFORE_MIDNIGHT = SECONDS_OF_DAY - _AROUND_MIDNIGHT

Window = tuple[int, Any]  # the index of the limit, and the member


@dataclass(frozen=True)
class Coming:
    """A call that is to come.

    Attributes:
        time: when.
        costs: what it costs, by the indexes of the limits.
        member: whose call it is.
        late: how many seconds later than it is told it asks.
        patience: after how many seconds of waiting it leaves; None for never.
        truth: what it did cost, known as soon as it has gone; None for what it seemed.
    """

    time: float
    costs: dict[int, float]
    member: Any = None
    late: float = 0.0
    patience: float | None = None
    truth: dict[int, float] | None = None


@dataclass(eq=False)
class Visitor:
    """A call in this world."""

    number: int
    coming: Coming
    ticket: Ticket | None = None
    asks_at: float = 0.0
    went_at: float | None = None
    refused: LimitError | None = None
    left: bool = False
    version: int = 0

    @property
    def waits(self) -> bool:
        return self.ticket is not None and self.went_at is None and not self.left and self.refused is None


@dataclass
class World:
    """The world; `run` lets it go on to its end.

    Args:
        limits: the limits.
        epoch: seconds since 1970 when its clock shows 0.
        is_prompt: whether owners are woken, and so never idle; without it, they ask when they were told to.
    """

    limits: Sequence[Limit]
    epoch: float = 0.0
    is_prompt: bool = True
    now: float = 0.0
    asks: int = 0
    visitors: list[Visitor] = field(default_factory=list)
    sent: dict[Window, list[tuple[float, int]]] = field(default_factory=dict)
    filled: dict[Window, float] = field(default_factory=dict)
    checks: bool = True

    def __post_init__(self) -> None:
        self.state = LimitsState(self.limits)
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()

    def at(self, time: float, act: Callable[[], None]) -> None:
        """Have something happen at a time."""
        heapq.heappush(self._events, (time, next(self._numbers), act))

    def run(self, comings: Iterable[Coming]) -> list[Visitor]:
        """Let calls come, and return what became of them, in the order in which they came."""
        for coming in comings:
            self.at(coming.time, lambda coming=coming: self._enter(coming))  # type: ignore[misc]
        while self._events:
            self.now = self._events[0][0]
            while self._events and self._events[0][0] <= self.now:
                heapq.heappop(self._events)[2]()
            if self.checks:
                self._check()
        assert not [visitor for visitor in self.visitors if visitor.waits]
        return self.visitors

    # -- what happens --------------------------------------------------------------------------------------------------

    def _enter(self, coming: Coming) -> None:
        visitor = Visitor(len(self.visitors), coming)
        self.visitors.append(visitor)
        costs = tuple((index, units_above(cost)) for index, cost in coming.costs.items())
        try:
            visitor.ticket = self.state.enter(costs, coming.member, self.now, self.epoch + self.now)
        except LimitError as error:
            visitor.refused = error
            return
        if self.is_prompt:
            visitor.ticket.wake = lambda: self._ask_at(visitor, self.now)
        if coming.patience is not None:
            self.at(self.now + coming.patience, lambda: self._lose_patience(visitor))
        self._ask(visitor)

    def _ask_at(self, visitor: Visitor, time: float) -> None:
        visitor.version += 1
        version = visitor.version
        self.at(time, lambda: self._ask(visitor) if visitor.waits and visitor.version == version else None)

    def _ask(self, visitor: Visitor) -> None:
        assert visitor.ticket is not None
        self.asks += 1
        try:
            left = visitor.ticket.seconds_left(self.now, self.epoch + self.now)
        except LimitError as error:
            visitor.refused = error
            return
        if left > 0:
            assert visitor.ticket.limit in self.limits
            assert self.now + left > self.now
            # Not now + left, which is rounded once more.
            assert abs(visitor.ticket.told - (self.now + left)) < 1e-9
            self._ask_at(visitor, visitor.ticket.told + visitor.coming.late)
            return
        assert visitor.ticket.limit is None
        visitor.went_at = self.now
        truth = visitor.coming.truth
        counted = truth or visitor.coming.costs
        for index, cost in counted.items():
            window = self.window(index, visitor.coming.member)
            self.sent.setdefault(window, []).append((self.now, units_above(cost)))
            # What it took leaves then, and who waits is looked at.
            self.at(self._leaves(index), lambda: None)
        if truth is not None:
            self.state.settle(visitor.ticket, tuple((index, units_above(cost)) for index, cost in truth.items()))

    def _lose_patience(self, visitor: Visitor) -> None:
        if visitor.waits:
            assert visitor.ticket is not None
            visitor.left = True
            self.state.leave(visitor.ticket)

    def _leaves(self, index: int) -> float:
        per = self.limits[index].per
        if per == "day":
            return ((self.epoch + self.now) // SECONDS_OF_DAY + 1) * SECONDS_OF_DAY - self.epoch + 2 * _AROUND_MIDNIGHT
        return self.now + per

    # -- the plain account ---------------------------------------------------------------------------------------------

    def window(self, index: int, member: Any) -> Window:
        return index, member if self.limits[index].each == "member" else None

    def taken(self, window: Window) -> int:
        """Return what is taken of a window now, by the list of what went out."""
        per = self.limits[window[0]].per
        today = (self.epoch + self.now) // SECONDS_OF_DAY
        return sum(
            units
            for time, units in self.sent.get(window, [])
            if ((self.epoch + time) // SECONDS_OF_DAY == today if per == "day" else self.now - time < per)
        )

    def _check(self) -> None:
        taken: dict[Window, int] = {}
        for window in self.sent:
            most = units_below(self.limits[window[0]].most)
            taken[window] = self.taken(window)
            assert taken[window] <= most or any(one.coming.truth for one in self.visitors), "over"
        if not self.is_prompt or not _AROUND_MIDNIGHT < (self.epoch + self.now) % SECONDS_OF_DAY < _BEFORE_MIDNIGHT:
            return
        before: set[Window] = set()  # those that somebody waits for who came earlier
        for visitor in self.visitors:
            if not visitor.waits:
                continue
            windows = {
                self.window(index, visitor.coming.member): units_above(cost)
                for index, cost in visitor.coming.costs.items()
            }
            has_room = all(
                taken.get(window, 0) + units <= units_below(self.limits[window[0]].most)
                and self.filled.get(window, 0.0) <= self.now
                for window, units in windows.items()
            )
            assert not has_room or before & windows.keys(), "idle"
            before |= windows.keys()


def assert_in_order(visitors: Sequence[Visitor]) -> None:
    """Check that those under the same limits, of the same member, went in the order in which they came."""
    last: dict[Any, float] = {}
    for visitor in visitors:
        if visitor.went_at is not None:
            group = (tuple(visitor.coming.costs), visitor.coming.member)
            assert visitor.went_at >= last.get(group, 0.0), "out of order"
            last[group] = visitor.went_at
