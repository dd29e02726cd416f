"""The system's clock for clients that block: what ends its waits, from any thread."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from restli_transports._clients.clocks import SystemClock
from restli_transports.system import LOOK_UP_SECONDS

LONG = 1000.0  # seconds that no test waits for


def test_it_tells_the_systems_time() -> None:
    clock: Any = SystemClock()
    assert clock.now is time.monotonic
    assert clock.time is time.time


def test_a_wait_ends_by_itself() -> None:
    clock: Any = SystemClock()
    before = clock.now()
    clock.sleep(0.001)
    assert clock.now() - before >= 0.001


class Waiting(threading.Condition):
    """The condition of a clock, which notes that somebody waits."""

    def __init__(self, waiters: int) -> None:
        super().__init__()
        self.all_wait = threading.Event()
        self._left = waiters

    def wait(self, timeout: float | None = None) -> bool:
        self._left -= 1
        if self._left == 0:
            self.all_wait.set()  # the lock is still held here, and is given up by the wait itself
        return super().wait(timeout)


def watched(waiters: int) -> tuple[SystemClock, threading.Event]:
    """Return a clock, and what is set once so many wait on it."""
    clock: Any = SystemClock()
    clock._changed = waiting = Waiting(waiters)
    return clock, waiting.all_wait


@pytest.mark.parametrize("looked", [None, 0], ids=["blind", "looked"])
def test_all_waits_end_at_once(looked: int | None) -> None:
    clock, all_wait = watched(5)
    with ThreadPoolExecutor(5) as pool:
        waits = [pool.submit(clock.sleep, LONG, looked) for _ in range(5)]
        assert all_wait.wait(60)
        clock.wake()
        assert [wait.result(60) for wait in waits] == [None] * 5


def test_a_wake_between_the_look_and_the_wait_is_not_missed() -> None:
    clock: Any = SystemClock()
    wakes = clock.wakes
    clock.wake()
    clock.sleep(LONG, wakes)


def test_a_wait_that_begins_after_a_wake_waits() -> None:
    clock, all_wait = watched(1)
    clock.wake()
    with ThreadPoolExecutor(1) as pool:
        wait = pool.submit(clock.sleep, LONG)
        assert all_wait.wait(60)
        assert not wait.done()
        clock.wake()
        wait.result(60)


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no signal goes to one thread here")
def test_an_interrupt_ends_a_wait() -> None:
    clock, all_wait = watched(1)
    waiting = threading.get_ident()
    ended = threading.Event()

    def interrupt() -> None:
        all_wait.wait(60)
        signal.pthread_kill(waiting, signal.SIGINT)  # to another thread it would come in vain
        # One that comes between Python's last look for signals and the wait itself is noticed at the next one alone.
        while not ended.wait(10):
            signal.pthread_kill(waiting, signal.SIGINT)

    helper = threading.Thread(target=interrupt)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # workers of pytest-xdist ignore it
    try:
        helper.start()
        with pytest.raises(KeyboardInterrupt):
            clock.sleep(LONG)
    finally:
        ended.set()
        helper.join()
        signal.signal(signal.SIGINT, before)


class Uninterrupted(threading.Condition):
    """A condition of Windows, where Ctrl-C does not end a wait, but comes after it; here after the third."""

    waits: list[float | None]

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout)
        if len(self.waits) == 3:
            raise KeyboardInterrupt
        return False


def test_an_interrupt_that_ends_no_wait_is_soon_seen() -> None:
    clock: Any = SystemClock()
    clock._changed = changed = Uninterrupted()
    changed.waits = []
    with pytest.raises(KeyboardInterrupt):
        clock.sleep(LONG)
    assert changed.waits == [LOOK_UP_SECONDS] * 3
    assert LOOK_UP_SECONDS < 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes are forked here")
def test_a_child_does_not_wait_for_the_parents_threads() -> None:
    clock: Any = SystemClock()
    clock._changed.acquire()
    clock.after_fork()
    clock.sleep(0.001)
    clock.wake()


def test_a_wait_may_be_longer_than_python_can_wait() -> None:
    clock, all_wait = watched(1)
    with ThreadPoolExecutor() as pool:
        wait = pool.submit(clock.sleep, float("inf"))
        assert all_wait.wait(60) or wait.done()
        clock.wake()
        wait.result(60)
