from __future__ import annotations

import contextvars
import threading

from restli_transports.events.open_calls import OpenCall, OpenCalls
from tests.support.played_events import a_call

OPEN: OpenCalls[OpenCall] = OpenCalls("tests")
OWNER, CALL = "a listener", a_call()


def opened(owner: str = OWNER, attempt: int = 0, *, is_sending: bool = False) -> OpenCall:
    one = OPEN.push(OpenCall(owner, CALL))
    one.attempt, one.is_sending = attempt, is_sending
    return one


def alone(function: object) -> None:
    """Run a test's function in a context of its own, so that no test sees what another has opened."""
    assert callable(function)
    contextvars.Context().run(function)


def test_a_call_is_found_until_it_ends() -> None:
    def one() -> None:
        assert OPEN.of(OWNER, CALL) is None
        call = opened()
        assert OPEN.of(OWNER, CALL) is call
        assert OPEN.is_innermost(call)
        assert OPEN.remove(call) is None
        assert OPEN.of(OWNER, CALL) is None

    alone(one)


def test_an_equal_call_is_another() -> None:
    def one() -> None:
        opened()
        assert a_call() == CALL
        assert OPEN.of(OWNER, a_call()) is None

    alone(one)


def test_each_listener_has_its_own() -> None:
    def one() -> None:
        first, second = opened("first"), opened("second")
        assert OPEN.of("first", CALL) is first
        assert not OPEN.is_innermost(first)
        assert OPEN.remove(first) is second
        assert OPEN.is_innermost(second)

    alone(one)


def test_a_try_that_was_there_already_begins_another_call() -> None:
    def one() -> None:
        outer = opened(attempt=2, is_sending=True)
        assert OPEN.before_try(OWNER, CALL, 3) is outer
        assert OPEN.before_try(OWNER, CALL, 2) is None
        assert OPEN.before_try(OWNER, CALL, 1) is None

    alone(one)


def test_what_comes_while_a_try_is_on_its_way_begins_another_call() -> None:
    def one() -> None:
        outer = opened(attempt=1, is_sending=True)
        assert OPEN.between_tries(OWNER, CALL) is None
        outer.is_sending = False
        assert OPEN.between_tries(OWNER, CALL) is outer

    alone(one)


def test_the_inner_of_two_is_found_first() -> None:
    def one() -> None:
        outer, inner = opened(attempt=1), opened(attempt=1)
        assert OPEN.of(OWNER, CALL) is inner
        OPEN.remove(inner)
        assert OPEN.of(OWNER, CALL) is outer

    alone(one)


def test_a_thread_sees_nothing_of_another() -> None:
    found: list[object] = []

    def one() -> None:
        opened()
        # In a context of its own, as threads are but where Python has no lock round all of them (from 3.14 on).
        thread = threading.Thread(target=alone, args=(lambda: found.append(OPEN.of(OWNER, CALL)),))
        thread.start()
        thread.join()

    alone(one)
    assert found == [None]


def test_what_is_inherited_is_not_found_once_it_is_over() -> None:
    def one() -> None:
        call = opened()
        inherited = contextvars.copy_context()
        assert inherited.run(OPEN.of, OWNER, CALL) is call
        OPEN.remove(call)
        assert inherited.run(OPEN.of, OWNER, CALL) is None

    alone(one)
