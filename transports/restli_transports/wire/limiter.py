"""A limit on connections: calls wait until one to their host is free, under asyncio and trio."""

from __future__ import annotations

import math
import sys
from collections import deque
from typing import TYPE_CHECKING, Protocol

import anyio

from restli_transports.wire.backend import is_in_asyncio
from restli_transports.wire.exchange import Phase
from restli_transports.wire.within import Within

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future, TimerHandle

    from restli_transports.wire.exchange import Exchange
    from restli_transports.wire.urls import Origin

__all__ = ["ConnectionLimiter"]


class _Slots(Protocol):
    """The connections to one host that calls may have."""

    def acquire_nowait(self) -> None:
        """Take one; raise `anyio.WouldBlock` where none is free."""
        ...

    async def acquire_within(self, seconds: float | None) -> None:
        """Take one, in turn; raise TimeoutError where none was free for so many seconds."""
        ...

    def release(self) -> None:
        """Give one back."""
        ...


class ConnectionLimiter:
    """A limit on the connections that calls of one event loop have at once, for each host by itself.

    So a slow host delays no other.

    Args:
        limit: how many calls to one origin are under way at once.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._slots: dict[Origin, _Slots] = {}

    async def acquire(self, exchange: Exchange) -> _Slots:
        """Wait until a connection is free; the caller has to `release` what this returns.

        The wait counts towards the total limit of the call only, not towards its limit for connecting.

        Raises:
            ConnectError: the total limit passed.
        """
        origin = exchange.url.origin
        slots = self._slots.get(origin)
        if slots is None:
            kind = _AsyncioSlots if is_in_asyncio() else _AnySlots
            slots = self._slots[origin] = kind(self._limit)
        try:
            # Most calls find one: they are spared a turn of the event loop.
            slots.acquire_nowait()
        except anyio.WouldBlock:
            exchange.phase = Phase.QUEUED
            try:
                await slots.acquire_within(exchange.seconds_left())
            except TimeoutError as error:
                raise exchange.error(error) from error
        return slots


class _AnySlots:
    """Those of any event loop."""

    def __init__(self, limit: int) -> None:
        self._free = anyio.Semaphore(limit)
        self.acquire_nowait = self._free.acquire_nowait
        self.release = self._free.release

    async def acquire_within(self, seconds: float | None) -> None:
        with Within(seconds):
            await self._free.acquire()


class _AsyncioSlots:
    """Those of asyncio: where nine calls in ten wait, a cancel scope for each wait is a sixth of what a call costs.

    Who waits has a future in the line: True once a slot is its own, False once its time has passed. One alarm for all
    of them rings when the first of these times comes; it is not set back for those who leave. Who is cancelled stays in
    the line for a while, since to look for one's place takes long; but at most half of the line are such.
    """

    def __init__(self, limit: int) -> None:
        self._free = limit
        self._line: deque[tuple[float, Future[bool]]] = deque()
        self._loop: AbstractEventLoop = sys.modules["asyncio"].get_running_loop()
        self._alarm: TimerHandle | None = None
        self._cancelled = 0  # how many were since the line was closed up

    def acquire_nowait(self) -> None:
        if not self._free:
            raise anyio.WouldBlock
        self._free -= 1

    async def acquire_within(self, seconds: float | None) -> None:
        turn: Future[bool] = self._loop.create_future()
        end = math.inf if seconds is None else self._loop.time() + seconds
        self._line.append((end, turn))
        self._set_alarm(end)
        try:
            has_slot = await turn
        except BaseException:
            if turn.done() and not turn.cancelled() and turn.result():  # its turn came in the same moment
                self.release()
            else:
                self._cancelled += 1
                if 2 * self._cancelled > len(self._line):
                    self._close_up()
            raise
        if not has_slot:
            raise TimeoutError

    def release(self) -> None:
        while self._line:
            _, turn = self._line.popleft()
            if not turn.done():  # else nobody waits for it any more
                turn.set_result(True)
                return
        self._free += 1

    def _set_alarm(self, end: float) -> None:
        """Have the alarm ring no later than at this time."""
        if self._alarm is None or end < self._alarm.when():
            if self._alarm is not None:
                self._alarm.cancel()
            self._alarm = None if end == math.inf else self._loop.call_at(end, self._ring)

    def _ring(self) -> None:
        """End the waits whose time has come."""
        self._alarm = None
        now = self._loop.time()
        for end, turn in self._line:
            if end <= now and not turn.done():
                turn.set_result(False)
        self._close_up()
        self._set_alarm(min((end for end, _ in self._line), default=math.inf))

    def _close_up(self) -> None:
        """Keep those in the line who wait."""
        self._line = deque([(end, turn) for end, turn in self._line if not turn.done()])
        self._cancelled = 0
