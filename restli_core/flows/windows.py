"""Windows: what is taken of a limit, who waits for it, and when there will be room.

    taken     calls that went out, until they leave the window: `per` seconds later, or at midnight UTC
    held      calls that may go, and whose owners have not asked again yet
    waiting   calls in the queue, first come first served
    full      nothing may go before this time, whatever is taken: the server said so

    room = most - taken - held

Amounts are whole units of 2**-64, so that sums of fractions are exact: a cost is rounded up, and what a limit takes is
rounded down. Times are seconds of a clock that never goes back. A call that was taken at `t` has left at the first
float from `t + per` on whose distance to `t` is, as a float, at least `per`.
"""

from __future__ import annotations

import heapq
import math
from typing import Any, Final, Generic, TypeVar

from restli_core.flows.sums import Sums

__all__ = ["Day", "Moment", "Queue", "Sliding", "Window", "units_above", "units_below"]

T = TypeVar("T")

MAX_BINS: Final = 8192  # of one window
SECONDS_OF_DAY: Final = 86400.0

_BITS: Final = 64


def units_above(amount: float) -> int:
    """Return an amount in units, rounded up: what a call costs."""
    # A float without a fraction may be larger than what ldexp can make.
    return int(amount) << _BITS if amount == int(amount) else math.ceil(math.ldexp(amount, _BITS))


def units_below(amount: float) -> int:
    """Return an amount in units, rounded down: what a limit takes."""
    return int(amount) << _BITS if amount == int(amount) else math.floor(math.ldexp(amount, _BITS))


class Moment:
    """A time: on the clock that never goes back, and in seconds since 1970."""

    __slots__ = ("epoch", "now")

    def __init__(self, now: float, epoch: float) -> None:
        self.now: float = now
        self.epoch: float = epoch

    def midnight_after(self, time: float) -> float:
        """Return when the day ends, UTC, that a time from now on is in; both on the clock that never goes back."""
        # A time that was made of a midnight may fall short of it by its rounding; it is of the day that begins.
        later = self.epoch + (time - self.now)
        day = (later + 1e-4) // SECONDS_OF_DAY if time > self.now else later // SECONDS_OF_DAY
        return self.now + ((day + 1) * SECONDS_OF_DAY - self.epoch)


class Queue(Generic[T]):
    """Who waits for one window, by serial numbers: the smaller came first, whenever it joined this queue."""

    __slots__ = ("_order", "_owners", "_units")

    def __init__(self) -> None:
        self._order: list[int] = []  # a heap; those that have left are taken out of it late
        self._owners: dict[int, T] = {}
        self._units = Sums()

    def __len__(self) -> int:
        return len(self._order)

    def first(self) -> T | None:
        """Return who came first; None where nobody waits."""
        while self._order:
            owner = self._owners.get(self._order[0])
            if owner is not None:
                return owner
            heapq.heappop(self._order)
        return None

    def before(self, serial: int) -> int:
        """Return the units that those want who came before a serial number."""
        return self._units.before(serial)

    def join(self, serial: int, units: int, owner: T) -> None:
        """Let somebody wait at the place of a serial number."""
        if len(self._order) > 64 + 2 * len(self._owners):
            self._order = sorted(self._owners)  # which is a heap
        heapq.heappush(self._order, serial)
        self._owners[serial] = owner
        self._units.add(serial, units)

    def leave(self, serial: int, units: int) -> None:
        """Let somebody out, who joined with this serial number and these units."""
        del self._owners[serial]
        self._units.add(serial, -units)


class Window(Generic[T]):
    """The window of a limit, for one member or for all; `Sliding` or `Day`.

    Args:
        most: what it takes, in units.
        seconds: how long it is.

    Attributes:
        taken: units that are taken.
        held: units of calls that may go and have not asked yet.
        queue: who waits.
        event: when the first in the queue may go; infinite where nobody waits, or where it takes another call to go
            first that is held.
    """

    __slots__ = ("_full_until", "_seconds", "event", "held", "most", "queue", "taken")

    most: int
    taken: int
    held: int
    event: float

    def __init__(self, most: int, seconds: float) -> None:
        self.most = most
        self.taken = 0
        self.held = 0
        self.event = math.inf
        self._seconds = seconds
        self._full_until = -math.inf
        self.queue: Queue[T] = Queue()

    # -- what differs by kind ------------------------------------------------------------------------------------------

    def refresh(self, moment: Moment) -> None:
        """Let go of what has left by now."""
        raise NotImplementedError

    def take(self, units: int, moment: Moment) -> int:
        """Take units from now on, and return the number that `change` knows them by."""
        raise NotImplementedError

    def change(self, number: int, units: int) -> None:
        """Add to what was taken under a number; do nothing where it has left."""
        raise NotImplementedError

    def released(self, units: int, moment: Moment) -> float:
        """Return when so many units of those that are taken, from 1 to all, will have left."""
        raise NotImplementedError

    def leaves(self, time: float, moment: Moment) -> float:
        """Return when what is taken at a time, now or later, will have left."""
        raise NotImplementedError

    # -- room ----------------------------------------------------------------------------------------------------------

    def fill(self, until: float) -> None:
        """Let nothing go before a time."""
        self._full_until = max(self._full_until, until)

    def full_until(self, moment: Moment) -> float:
        """Return when the window is open again; now where it is open."""
        return max(self._full_until, moment.now)

    def due(self, units: int, serial: int, moment: Moment) -> float:
        """Return when there will be room; now where there is.

        It is exact where all calls cost the same and go as soon as they may, and else never too late.

        Args:
            units: what the call costs.
            serial: when it came: it goes after all those in the queue that came before.
            moment: the time.
        """
        start = self.full_until(moment)
        missing = self.taken + self.held + self.queue.before(serial) + units - self.most
        if missing <= 0:
            return start
        # What must have left is first what is taken now, and then what will be, by those before: the most of them in
        # each window.
        at_once = max(self.taken, self.most)
        windows = max(0, -((at_once - missing) // self.most))
        missing -= windows * self.most
        is_taken = missing <= self.taken
        first = max(start, self.released(missing, moment)) if is_taken else self.leaves(start, moment)
        return first + windows * self._seconds


class Sliding(Window[T]):
    """A window that slides: what is taken leaves it after so many seconds."""

    __slots__ = ("_bins", "_first", "_next", "_units")

    taken: int

    def __init__(self, most: int, seconds: float) -> None:
        super().__init__(most, seconds)
        # What was taken, by numbers from `_first` to `_next`: when the bin began, when it leaves, and its units.
        self._bins: dict[int, list[Any]] = {}
        self._first = self._next = 0
        self._units = Sums()

    @property
    def bins(self) -> int:
        """How many bins there are."""
        return len(self._bins)

    def refresh(self, moment: Moment) -> None:
        while self._first < self._next and self._bins[self._first][1] <= moment.now:
            units = self._bins.pop(self._first)[2]
            self._units.add(self._first, -units)
            self.taken -= units
            self._first += 1

    def take(self, units: int, moment: Moment) -> int:
        leaves = self.leaves(moment.now, moment)
        number = self._next - 1
        last = self._bins.get(number)
        # What leaves at the same time shares a bin. Where there are very many, so do those of a small part of the
        # window, all of which then leave with the last of them: memory is bounded, and none is over the limit.
        width = self._seconds / MAX_BINS if len(self._bins) >= MAX_BINS else 0.0
        if last is None or (last[1] < leaves and moment.now - last[0] >= width):
            number = self._next
            last = self._bins[number] = [moment.now, leaves, 0]
            self._next += 1
        last[1] = leaves
        self.change(number, units)
        return number

    def change(self, number: int, units: int) -> None:
        found = self._bins.get(number)
        if found is not None:
            found[2] += units
            self._units.add(number, units)
            self.taken += units

    def released(self, units: int, moment: Moment) -> float:
        leaves: float = self._bins[self._units.find(units)][1]
        return leaves

    def leaves(self, time: float, moment: Moment) -> float:
        leaves = time + self._seconds
        return leaves if leaves - time >= self._seconds else math.nextafter(leaves, math.inf)


class Day(Window[T]):
    """A day, which ends at midnight UTC, and with it all that is taken."""

    __slots__ = ("_day", "_full_day")

    taken: int

    def __init__(self, most: int) -> None:
        super().__init__(most, SECONDS_OF_DAY)
        self._day = -1
        self._full_day = -2  # no day

    def fill_day(self) -> None:
        """Let nothing go before midnight."""
        # Not by its time on the other clock, which may stand still while a computer sleeps.
        self._full_day = self._day

    def full_until(self, moment: Moment) -> float:
        until = super().full_until(moment)
        return max(until, moment.midnight_after(moment.now)) if self._full_day == self._day else until

    def refresh(self, moment: Moment) -> None:
        day = int(moment.epoch // SECONDS_OF_DAY)
        if day > self._day:  # and not where the computer's date was set back, since the server's was not
            self._day = day
            self.taken = 0

    def take(self, units: int, moment: Moment) -> int:
        self.taken += units
        return self._day

    def change(self, number: int, units: int) -> None:
        if number == self._day:
            self.taken += units

    def released(self, units: int, moment: Moment) -> float:
        return moment.midnight_after(moment.now)

    def leaves(self, time: float, moment: Moment) -> float:
        return moment.midnight_after(time)
