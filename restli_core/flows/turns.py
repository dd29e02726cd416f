"""Turns: what is taken of a client's limits, and whose turn it is where that is less than what is wanted.

`LimitsState` does nothing by itself: it is told the time, says how long to wait, and has no lock of its own.

    costs = limits.costs(call)                      what the call costs, by each limit that it comes under
    ticket = limits.enter(costs, member, now, epoch)
    ticket.seconds_left(now, epoch)                 0: it may go, now; else wait so long, and ask again
    limits.leave(ticket)                            it was not sent after all
    limits.settle(ticket, limits.costs(call, answer))    what it cost in truth
    limits.fill(ticket, error, now, epoch)          the server answered 429

    waiting ──> held ──> gone          held: there is room, and it is kept until the owner asks again
       └──────────┴───────┴──> left

A ticket that comes under several limits waits for one of them at a time, and holds nothing of the others meanwhile: who
comes under those alone is not held up. When that one has room, it goes, or waits for the next one that has none, there
before all who came later. So those who come under the same limits go in the order in which they came, no limit ever
takes more than it may, and none has room while somebody waits for it alone.

Nothing is walked through that grows with those who wait: each step takes the time of a few look-ups in `Sums`.
"""

from __future__ import annotations

import heapq
import math
import operator
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from itertools import count
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from restli_core.base_errors import InvalidCallError
from restli_core.errors import LimitError
from restli_core.flows.limits import Limit, segments
from restli_core.flows.windows import Day, Moment, Sliding, Window, units_above, units_below

if TYPE_CHECKING:
    from restli_core.calls import Call
    from restli_core.errors import RateLimitError

__all__ = ["LimitsState", "Ticket"]

MAX_MEMBERS: Final = 10_000  # of one limit
MAX_FULL: Final = 86_400.0  # seconds: a server that says more is hardly meant, and would end the client's work for good

Costs: TypeAlias = tuple[tuple[int, int], ...]
"""What a call costs: the index of each limit that it comes under, and units."""


class Ticket:
    """The place of one call in the queues of the limits that it comes under.

    Attributes:
        limit: the limit that it waits for; None where it does not wait.
        limits: the state whose queues it is in.
        wake: called where it may go earlier than it was told, so that its owner asks again; under the owner's lock, so
            that it must not block. None by default: then the owner asks when it was told to.
    """

    __slots__ = ("costs", "entered", "is_held", "limits", "numbers", "place", "serial", "told", "wake", "windows")

    wake: Callable[[], object] | None

    def __init__(self, limits: LimitsState, serial: int, costs: Costs, windows: list[_Window], entered: float) -> None:
        self.limits: LimitsState = limits
        self.serial: int = serial
        self.costs: Costs = costs
        self.windows: list[_Window] = windows
        self.entered: float = entered
        self.place: int | None = None  # the index of the window that it waits for
        self.is_held: bool = False
        self.numbers: list[int] | None = None  # under which the windows have taken it
        self.told: float = -math.inf  # when it is to ask
        self.wake = None

    @property
    def limit(self) -> Limit | None:
        return None if self.place is None else self.limits.limits[self.costs[self.place][0]]

    def seconds_left(self, now: float, epoch: float | None = None) -> float:
        """Return how many seconds to wait before asking again; 0 where the call may go, and counts from now on.

        Args:
            now: seconds of a clock that never goes back.
            epoch: seconds since 1970; by default as much later than before as `now` is.

        Raises:
            LimitError: it would wait for longer than the limit says, since the server has said that the limit is full,
                or others cost more than it seemed. It has left.
            RuntimeError: it has left before.
        """
        return self.limits.seconds_left(self, now, epoch)


_Window: TypeAlias = Window[Ticket]


class LimitsState:
    """What a client holds of its limits: what is taken of each, and who waits.

    One call at a time of its methods, `costs` excepted, and of those of its tickets: who uses it from several threads
    holds a lock around each. The counts live in the process: another one counts for itself.

    Args:
        limits: the limits.

    Raises:
        InvalidCallError: they are not limits.

    Attributes:
        limits: the limits.
    """

    limits: tuple[Limit, ...]

    def __init__(self, limits: Iterable[Limit] = ()) -> None:
        if isinstance(limits, Limit) or not isinstance(limits, Iterable):
            raise InvalidCallError("limits", "must be a list of limits: [Limit(...)]")
        self.limits = tuple(limits)
        for index, limit in enumerate(self.limits):
            if not isinstance(limit, Limit):
                raise InvalidCallError(f"limits[{index}]", f"must be a Limit, not {type(limit).__name__}")
        # Of each limit the windows by member, the one that was used last at the end; None for all members together.
        self._windows: list[OrderedDict[Hashable, _Window]] = [OrderedDict() for _ in self.limits]
        self._serials = count()
        # When the first in a queue may go: the time, a number that no other entry has, and the window. An entry counts
        # where the window still names the same time.
        self._events: list[tuple[float, int, _Window]] = []
        self._event_numbers = count()
        self._moment = Moment(-math.inf, 0.0)

    @property
    def planned(self) -> int:
        """How many times are noted at which somebody may go, those that hold no longer among them."""
        return len(self._events)

    def costs(self, call: Call[Any], answer: Any = None) -> Costs:
        """Return what a call costs by each limit that it comes under; empty where it comes under none.

        It changes nothing, and calls the functions of the limits: no lock is to be held around it.

        Args:
            call: the call.
            answer: its answer; None for an estimate.

        Raises:
            InvalidCallError: a function failed, or gave what is not a cost; or the estimate is more than the limit
                takes, so that the call could never go.
        """
        return tuple(
            [
                (index, _units_of(limit, limit.cost_of(call, answer, f"limits[{index}]")))
                for index, limit in enumerate(self.limits)
                if limit.covers(call.resource_path)
            ]
        )

    def enter(self, costs: Costs, member: Hashable, now: float, epoch: float, *, again: Ticket | None = None) -> Ticket:
        """Take the next place in the queues of the limits that a call comes under, and return its ticket.

        Args:
            costs: what the call costs, from `costs`.
            member: whose call it is, for limits on each member: whatever identifies the token or its source.
            now: seconds of a clock that never goes back.
            epoch: seconds since 1970.
            again: the ticket of an earlier try of the same call, which has gone: this one goes before all that came
                after that.

        Raises:
            LimitError: it would have to wait for longer than a limit says. It has taken no place.
        """
        moment = self._at(now, epoch)
        windows = [self._window(index, member) for index, _ in costs]
        self._pump(windows, moment)
        # A ticket of other limits, or of these before they were dropped, has a number that another one may have here.
        serial = next(self._serials) if again is None or again.limits is not self else again.serial
        ticket = Ticket(self, serial, costs, windows, moment.now)
        dues = self._dues(ticket, moment)
        late = [
            (due, self.limits[index])
            for (index, _), due in zip(costs, dues, strict=True)
            if _is_beyond(due - moment.now, self.limits[index].wait, 1e-6)  # a little, for what rounding adds
        ]
        if late:
            due, limit = max(late, key=operator.itemgetter(0))
            raise _limit_error(limit, due - moment.now)
        if max(dues, default=-math.inf) <= moment.now:
            self._take(ticket, moment)
        else:
            self._wait(ticket, dues, moment)
        return ticket

    def seconds_left(self, ticket: Ticket, now: float, epoch: float | None = None) -> float:
        """Return how many seconds to wait before asking again, as `Ticket.seconds_left` does."""
        moment = self._at(now, epoch)
        self._pump(ticket.windows, moment)
        if ticket.is_held:
            self._release(ticket)
            dues = self._dues(ticket, moment)
            if max(dues) <= moment.now:
                self._take(ticket, moment)
            else:  # the server has said meanwhile that a limit is full
                self._wait(ticket, dues, moment)
            # Who comes next may have had to wait for what this one does.
            self._schedule(ticket.windows, moment)
        if ticket.numbers is not None:
            return 0.0
        if ticket.place is None:
            raise RuntimeError("the ticket has left")
        window = ticket.windows[ticket.place]
        index, units = ticket.costs[ticket.place]
        due = window.due(units, ticket.serial, moment)
        wait = self.limits[index].wait
        # More than a little, since each of those before it goes a little later than it might.
        if _is_beyond(due - ticket.entered, wait, max(1.0, (wait or 0) / 10)):
            self.leave(ticket)
            raise _limit_error(self.limits[index], due - moment.now)
        ticket.told = due
        return due - moment.now

    def leave(self, ticket: Ticket) -> None:
        """Give back the place of a call that is not sent; those behind it move up."""
        windows = ticket.windows
        if ticket.place is not None:
            windows = [self._quit(ticket)]
        elif ticket.is_held:
            self._release(ticket)
        elif ticket.numbers is not None:
            for window, number, (_, units) in zip(windows, ticket.numbers, ticket.costs, strict=True):
                window.change(number, -units)
            ticket.numbers = None
        self._schedule(windows, self._moment)

    def settle(self, ticket: Ticket, costs: Costs) -> None:
        """Count what a call that has gone did cost, in place of the estimate.

        Args:
            ticket: its ticket.
            costs: from `costs`, with the answer. Where that fails, the estimate is what counts: the answer is worth
                more than the count.
        """
        if ticket.numbers is None or costs == ticket.costs:
            return
        for window, number, (_, before), (_, after) in zip(
            ticket.windows, ticket.numbers, ticket.costs, costs, strict=True
        ):
            window.change(number, after - before)
        ticket.costs = costs
        self._schedule(ticket.windows, self._moment)

    def fill(self, ticket: Ticket, error: RateLimitError, now: float, epoch: float) -> None:
        """Take a server's word that a limit is full, for a call that it answered with 429.

        A limit of the day fills those of a day, until midnight UTC; one with a window, or a Retry-After, those of
        seconds, for that long but a day at most, and of these the ones with the longest path. Where it says whether it
        is the member's or the application's, it fills those of that kind, if the call comes under one. What names no
        time fills none.

        Args:
            ticket: the call's ticket.
            error: the answer.
            now: seconds of a clock that never goes back.
            epoch: seconds since 1970.
        """
        moment = self._at(now, epoch)
        seconds = error.window if error.retry_after is None else error.retry_after
        found = [
            (self.limits[index], window)
            for (index, _), window in zip(ticket.costs, ticket.windows, strict=True)
            if isinstance(window, Day) == (error.scope == "day")
        ]
        words = (error.message or "").lower()
        each = "member" if "member" in words else "app" if "application" in words else None
        found = [(limit, window) for limit, window in found if limit.each == each] or found
        if error.scope != "day":
            longest = max((len(segments(limit.path)) for limit, _ in found), default=0)
            found = [(limit, window) for limit, window in found if len(segments(limit.path)) == longest]
        for _, window in found:
            window.refresh(moment)
            if seconds is not None:
                window.fill(moment.now + min(seconds, MAX_FULL))
            elif isinstance(window, Day):
                window.fill_day()
        self._schedule([window for _, window in found], moment)

    # -- steps ---------------------------------------------------------------------------------------------------------

    def _at(self, now: float, epoch: float | None) -> Moment:
        """Return the time, no earlier than it was."""
        last = self._moment
        now = max(now, last.now)
        self._moment = Moment(now, last.epoch + (now - last.now) if epoch is None else epoch)
        return self._moment

    def _window(self, index: int, member: Hashable) -> _Window:
        """Return the window of a limit that a call is counted in."""
        limit, windows = self.limits[index], self._windows[index]
        key = member if limit.each == "member" else None
        window = windows.get(key)
        if window is None:
            most = units_below(limit.most)
            window = windows[key] = Day(most) if limit.per == "day" else Sliding(most, limit.per)
            if len(windows) > MAX_MEMBERS:
                windows.popitem(last=False)  # those who wait in it keep it, and their order
        windows.move_to_end(key)
        return window

    def _dues(self, ticket: Ticket, moment: Moment) -> list[float]:
        """Return when each window of a ticket has room for it."""
        dues = []
        for window, (_, units) in zip(ticket.windows, ticket.costs, strict=True):
            window.refresh(moment)
            dues.append(window.due(units, ticket.serial, moment))
        return dues

    def _take(self, ticket: Ticket, moment: Moment) -> None:
        """Let a ticket go: from now on it counts."""
        ticket.numbers = [
            window.take(units, moment) for window, (_, units) in zip(ticket.windows, ticket.costs, strict=True)
        ]

    def _wait(self, ticket: Ticket, dues: list[float], moment: Moment) -> None:
        """Let a ticket wait for the window that has room last."""
        place = max(range(len(dues)), key=dues.__getitem__)
        ticket.place = place
        window = ticket.windows[place]
        window.queue.join(ticket.serial, _units(ticket), ticket)
        self._schedule([window], moment)

    def _quit(self, ticket: Ticket) -> _Window:
        """Take a ticket out of the queue in which it waits, and return the window."""
        window = ticket.windows[ticket.place or 0]
        window.queue.leave(ticket.serial, _units(ticket))
        ticket.place = None
        return window

    def _hold(self, ticket: Ticket, moment: Moment) -> None:
        """Keep room for a ticket until its owner asks."""
        ticket.is_held = True
        for window, (_, units) in zip(ticket.windows, ticket.costs, strict=True):
            window.held += units
        _wake(ticket, moment.now)

    def _release(self, ticket: Ticket) -> None:
        """Keep no more room for a ticket."""
        ticket.is_held = False
        for window, (_, units) in zip(ticket.windows, ticket.costs, strict=True):
            window.held -= units

    def _schedule(self, windows: Iterable[_Window], moment: Moment) -> None:
        """Note when the first in the queues of these windows may go, after something has changed there."""
        for window in windows:
            ticket = window.queue.first()
            if ticket is None or window.held + _units(ticket) > window.most:
                # When one that is held asks, or leaves, there will be a time.
                window.event = math.inf
                continue
            due = window.due(_units(ticket), ticket.serial, moment)
            if due != window.event:
                window.event = due
                heapq.heappush(self._events, (due, next(self._event_numbers), window))
            _wake(ticket, due)

    def _pump(self, windows: Iterable[_Window], moment: Moment) -> None:
        """Let those go, or wait for their next limit, whose time has come; above all in these windows."""
        for window in windows:
            window.refresh(moment)
        # The two clocks need not agree to the last digit about when it is midnight.
        self._schedule(windows, moment)
        events = self._events
        while events and events[0][0] <= moment.now:
            time, _, window = heapq.heappop(events)
            if time != window.event:
                continue
            window.event = math.inf
            window.refresh(moment)
            ticket = window.queue.first()
            # Nothing but a call that is held may have come between.
            if ticket is not None and window.due(_units(ticket), ticket.serial, moment) <= moment.now:
                self._quit(ticket)
                dues = self._dues(ticket, moment)
                if max(dues) <= moment.now:
                    self._hold(ticket, moment)
                else:
                    self._wait(ticket, dues, moment)
            self._schedule([window], moment)


def _units_of(limit: Limit, cost: float) -> int:
    """Return a cost in units; one that is not more than the limit takes is not more by its rounding either."""
    units = units_above(cost)
    return min(units, units_below(limit.most)) if cost <= limit.most else units


def _units(ticket: Ticket) -> int:
    """Return what a ticket costs by the limit that it waits for."""
    return ticket.costs[ticket.place or 0][1]


def _wake(ticket: Ticket, due: float) -> None:
    """Wake the owner of a ticket that may go earlier than it was told."""
    if due < ticket.told:
        ticket.told = due
        if ticket.wake is not None:
            ticket.wake()


def _is_beyond(seconds: float, wait: float | None, more: float) -> bool:
    """Return whether so many seconds are longer than a call may wait, and a little more."""
    return wait is not None and seconds > wait + more


def _limit_error(limit: Limit, seconds: float) -> LimitError:
    within = f" within the {limit.wait:g} s that a call may wait" if limit.wait else ""
    return LimitError(f"{limit} has no room{within}; nothing was sent", seconds)
