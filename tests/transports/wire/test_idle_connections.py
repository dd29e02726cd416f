"""Idle connections: which one is taken, and when they have grown old."""

from __future__ import annotations

import threading

import pytest

from restli_transports.transport import KEEPALIVE_SECONDS
from restli_transports.wire import Origin, idle_connections
from restli_transports.wire.idle_connections import IdleConnections
from tests.support.stopped_clock import StoppedClock

HERE, THERE = Origin("http", "a.test", 80), Origin("https", "a.test", 443)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> StoppedClock:
    stopped = StoppedClock()
    monkeypatch.setattr(idle_connections, "time", stopped)
    return stopped


def keep_all(idle: IdleConnections[str], *connections: str) -> list[bool]:
    return [idle.keep(HERE, connection, idle.generation) for connection in connections]


def test_the_one_that_was_used_last_is_taken_first() -> None:
    idle: IdleConnections[str] = IdleConnections()
    keep_all(idle, "a", "b")
    assert idle.keep(THERE, "c", idle.generation)
    assert [idle.take(HERE), idle.take(HERE), idle.take(HERE), idle.take(THERE)] == ["b", "a", None, "c"]


def test_there_are_as_many_as_there_were_callers_unless_there_is_a_limit() -> None:
    assert all(keep_all(IdleConnections(), *map(str, range(1000))))
    assert keep_all(IdleConnections(max_idle=2), "a", "b", "c") == [True, True, False]


def test_those_that_were_idle_too_long_are_expired_whatever_they_lead_to(clock: StoppedClock) -> None:
    idle: IdleConnections[str] = IdleConnections()
    keep_all(idle, "a")
    idle.keep(THERE, "b", idle.generation)
    clock.now += KEEPALIVE_SECONDS - 1
    keep_all(idle, "c")
    assert list(idle.expired()) == []
    clock.now += 2
    assert list(idle.expired()) == ["a", "b"]
    assert [idle.take(HERE), idle.take(THERE)] == ["c", None]


def test_what_is_idle_or_in_use_at_a_close_is_not_kept() -> None:
    idle: IdleConnections[str] = IdleConnections()
    in_use = idle.generation
    keep_all(idle, "a", "b")
    idle.close()
    assert sorted(idle.expired()) == ["a", "b"]
    assert not idle.keep(HERE, "c", in_use)
    assert keep_all(idle, "d") == [True]


def test_expired_ones_are_taken_one_by_one() -> None:
    idle: IdleConnections[str] = IdleConnections()
    keep_all(idle, "a", "b")
    idle.close()
    for first in idle.expired():
        assert first == "a"
        break  # as where closing it fails
    assert list(idle.expired()) == ["b"]


def test_after_a_fork_there_are_none() -> None:
    idle: IdleConnections[str] = IdleConnections()
    in_use = idle.generation
    keep_all(idle, "a")
    idle.after_fork()
    assert (list(idle.expired()), idle.take(HERE)) == ([], None)
    assert not idle.keep(HERE, "b", in_use)


def test_one_that_is_given_back_while_another_thread_closes_is_closed_by_one_of_them() -> None:
    idle: IdleConnections[int] = IdleConnections()
    closed: list[int] = []
    begin = threading.Barrier(2)

    def close_often() -> None:
        begin.wait(60)
        for _ in range(2000):
            idle.close()
            closed.extend(idle.expired())

    closing = threading.Thread(target=close_often)
    closing.start()
    begin.wait(60)
    closed.extend(number for number in range(2000) if not idle.keep(HERE, number, idle.generation))
    closing.join()
    idle.close()
    closed.extend(idle.expired())
    assert sorted(closed) == list(range(2000))


def test_threads_never_get_the_same_one() -> None:
    idle: IdleConnections[str] = IdleConnections()
    keep_all(idle, *map(str, range(1000)))
    taken: list[str] = []

    def take() -> None:
        while (connection := idle.take(HERE)) is not None:
            taken.append(connection)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(map(str, range(1000)))
