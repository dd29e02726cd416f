"""Pools of urllib3: as large as their callers, closed when they are closed, begun anew in a child."""

from __future__ import annotations

import queue
import socket
import threading
from typing import Any

import pytest
import urllib3

from restli_transports.transport import KEEPALIVE_SECONDS
from restli_transports.wire import urllib3_pools
from restli_transports.wire.urllib3_connections import POOL_CLASSES
from restli_transports.wire.urllib3_pools import ConnectionStack, begin_anew, close_pools
from tests.support.stopped_clock import StoppedClock


class Connection:
    """An idle connection over one end of a pair of sockets."""

    def __init__(self) -> None:
        self.sock, self.other = socket.socketpair()
        self.closed = False

    def close(self) -> None:
        self.closed = True
        self.sock.close()

    def end(self) -> None:
        self.sock.close()
        self.other.close()


@pytest.fixture
def connections() -> Any:
    made = [Connection() for _ in range(3)]
    yield made
    for connection in made:
        connection.end()


def test_the_last_one_is_taken_first_and_none_is_too_many() -> None:
    stack = ConnectionStack()
    for number in range(1000):
        stack.put(number, block=False)  # type: ignore[arg-type]
    assert [stack.get(block=False) for _ in range(1000)] == list(reversed(range(1000)))
    with pytest.raises(queue.Empty):
        stack.get(block=False)


def test_a_limit_of_its_users_is_kept_and_may_be_waited_for() -> None:
    stack = ConnectionStack(1)
    stack.put(None)
    with pytest.raises(queue.Full):
        stack.put(None, block=False)
    assert stack.get() is None
    waiting = threading.Thread(target=stack.get)
    waiting.start()
    stack.put(None)
    waiting.join(30)
    assert not waiting.is_alive()


def test_no_lock_is_taken_that_an_interrupt_could_leave_held() -> None:
    stack = ConnectionStack()
    with stack.mutex:  # as if for ever
        stack.put(None, block=False)
        assert stack.get(block=False) is None
        stack.close()


def test_what_was_idle_too_long_is_closed_when_another_is_given_back(
    connections: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = StoppedClock()
    monkeypatch.setattr(urllib3_pools, "time", clock)
    stack = ConnectionStack()
    stack.put(connections[0])
    clock.now += KEEPALIVE_SECONDS - 1
    stack.put(connections[1])
    assert [connection.closed for connection in connections] == [False] * 3
    clock.now += 2
    stack.put(connections[2])
    assert [connection.closed for connection in connections] == [True, False, False]


def test_what_is_given_back_after_a_close_is_closed(connections: list[Any]) -> None:
    manager = urllib3.PoolManager()
    manager.pool_classes_by_scheme = POOL_CLASSES
    pool = manager.connection_from_url("http://a.test")
    assert isinstance(pool.pool, ConnectionStack)
    pool.pool.get()
    pool.pool.put(connections[0])
    close_pools(manager)
    assert connections[0].closed
    assert pool.pool.qsize() == 0
    pool.pool.put(connections[1])
    assert connections[1].closed


@pytest.mark.parametrize("exact", [True, False], ids=["pools of ours", "plain pools"])
def test_a_child_begins_anew_whatever_was_locked(connections: list[Any], exact: bool) -> None:
    manager = urllib3.PoolManager(maxsize=2)
    if exact:
        manager.pool_classes_by_scheme = POOL_CLASSES
    pool = manager.connection_from_url("http://a.test")
    assert pool.pool is not None
    pool.pool.get()
    pool.pool.put(connections[0])
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        assert pool.pool is not None
        with pool.pool.mutex, manager.pools.lock:
            held.set()
            done.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert held.wait(60)
        begin_anew(manager)
        assert [pool.pool.get(block=False) for _ in range(2)] == [None, None]
        with pytest.raises(queue.Empty):
            pool.pool.get(block=False)
        assert manager.connection_from_url("http://a.test") is not pool
        # The copy of the socket is closed; nothing was shut down, or the other end would know.
        assert connections[0].sock.fileno() == -1
        assert not connections[0].closed
    finally:
        done.set()
        thread.join()


def test_what_is_not_of_urllib3_is_left_alone() -> None:
    begin_anew(object())
    closed = urllib3.HTTPConnectionPool("a.test")
    closed.close()
    begin_anew(closed)
