"""Sending: the order of results, how far ahead it reads, and that nothing is left running however it is left."""

from __future__ import annotations

import contextvars
import gc
import itertools
import pickle
import threading
import tracemalloc
import weakref
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from restli_core import InvalidCallError
from restli_transports.concurrency import Sending, blocking
from tests.support.flows_of_steps import FlowOfSteps, failing, open_threads, perform, steps, value

LONG = 60  # seconds, which only a test that fails waits


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Generator[None]:
    yield
    assert open_threads() == []


def sending(flows: Any, **options: Any) -> Sending[Any]:
    """Return what sends flows, or, where `start` is given, whatever that makes a flow of."""
    start = options.pop("start", lambda flow: flow)
    given: dict[str, Any] = {"at_once": 4, **options}
    return Sending(flows, start, perform, **given)


def values(numbers: Any, **options: Any) -> Sending[Any]:
    return sending(numbers, start=value, **options)


class Gate:
    """A step that tells that it has begun, and ends once it may."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.open = threading.Event()

    def __call__(self) -> str:
        self.begun.set()
        assert self.open.wait(LONG)
        return "passed"


# -- order -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at_once", [1, 2, 7, 100])
def test_results_come_in_the_order_of_the_jobs(at_once: int) -> None:
    assert list(values(range(50), at_once=at_once)) == [*range(50)]


@pytest.mark.parametrize("at_once", [1, 7])
def test_without_an_order_each_comes_once(at_once: int) -> None:
    assert sorted(values(range(50), at_once=at_once, ordered=False)) == [*range(50)]


def test_the_first_is_waited_for_where_the_order_matters() -> None:
    first = Gate()
    last_done = threading.Event()

    def open_once_the_others_are_done() -> None:
        last_done.wait(LONG)
        first.open.set()

    flows = [steps(first), value(1), steps(lambda: 2, last_done.set, lambda: 2)]
    helper = threading.Thread(target=open_once_the_others_are_done)
    helper.start()
    assert list(sending(flows)) == ["passed", 1, 2]
    helper.join()


def test_what_is_done_is_given_where_it_does_not() -> None:
    first = Gate()
    with sending([steps(first), value(1), value(2)], ordered=False) as results:
        assert {next(results), next(results)} == {1, 2}
        first.open.set()
        assert next(results) == "passed"
        assert list(results) == []


def test_at_once_are_on_their_way_at_the_same_time() -> None:
    meeting = threading.Barrier(5)
    flows = [steps(lambda: meeting.wait(LONG)) for _ in range(5)]
    assert sorted(sending(flows, at_once=5)) == [0, 1, 2, 3, 4]


def test_there_are_no_more_threads_than_jobs() -> None:
    gates = [Gate() for _ in range(3)]
    seen = []

    def open_all() -> None:
        for gate in gates:
            gate.begun.wait(LONG)
        seen.append(len(open_threads()))
        for gate in gates:
            gate.open.set()

    helper = threading.Thread(target=open_all)
    helper.start()
    assert list(sending([steps(gate) for gate in gates], at_once=500)) == ["passed"] * 3
    helper.join()
    assert seen == [3]


def test_a_system_that_has_no_more_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    start, started = threading.Thread.start, itertools.count()

    def starting(thread: threading.Thread) -> None:
        if next(started) >= 2:
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", starting)
    assert list(values(range(50), at_once=8)) == [*range(50)]


def failing_start(_thread: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


@pytest.mark.parametrize("ordered", [True, False])
def test_a_system_that_has_no_threads(monkeypatch: pytest.MonkeyPatch, ordered: bool) -> None:
    monkeypatch.setattr(threading.Thread, "start", failing_start)
    taken: list[int] = []
    seen: list[int] = []

    def flows() -> Iterator[FlowOfSteps]:
        for number in range(5):
            taken.append(number)
            yield steps(lambda: seen.append(threading.get_ident()), partial(int, number))

    results = sending(flows(), at_once=4, ordered=ordered)
    assert next(results) == 0
    assert taken == [0]  # none is begun before it is needed, as there is nobody else to do it
    assert list(results) == [1, 2, 3, 4]
    assert {*seen} == {threading.get_ident()}


def test_without_threads_a_failure_comes_in_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading.Thread, "start", failing_start)
    results = sending([value(1), failing(KeyError("a")), value(2)])
    assert next(results) == 1
    with pytest.raises(KeyError):
        next(results)
    with pytest.raises(InvalidCallError, match="closed"):
        next(results)


def test_without_threads_a_job_may_close_its_sending(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading.Thread, "start", failing_start)
    done: list[str] = []

    def close() -> None:
        results.close()

    results = sending([steps(close, lambda: done.append("next step")), value(2)])
    with pytest.raises(InvalidCallError, match="closed"):
        next(results)
    assert done == []


def test_nothing_gives_nothing() -> None:
    assert list(values([])) == []
    with values(iter(())) as results:
        assert next(results, "none") == "none"


def test_a_result_may_be_several_items_or_none() -> None:
    assert list(values([2, 0, 3], spread=range)) == [0, 1, 0, 1, 2]


def test_any_value_may_be_a_result() -> None:
    assert list(values([None, False, StopIteration, ()])) == [None, False, StopIteration, ()]


# -- how far ahead -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("at_once", [1, 2, 8])
def test_no_more_than_at_once_are_taken_and_not_given(at_once: int, ordered: bool) -> None:
    taken = given = 0
    ahead: list[int] = []

    def numbers() -> Iterator[int]:
        nonlocal taken
        for number in range(100):
            taken += 1
            ahead.append(taken - given)
            yield number

    for _ in values(numbers(), at_once=at_once, ordered=ordered):
        given += 1
    assert given == 100
    assert max(ahead) <= at_once


def test_so_many_are_taken_while_the_first_is_on_its_way() -> None:
    gate, fourth = Gate(), threading.Event()
    taken: list[int] = []

    def flows() -> Iterator[FlowOfSteps]:
        for number in itertools.count():
            taken.append(number)
            if number == 3:
                fourth.set()
            yield steps(gate) if number == 0 else value(number)

    with sending(flows(), at_once=4) as results, ThreadPoolExecutor(1) as pool:
        first = pool.submit(next, results)
        assert fourth.wait(LONG)
        gate.open.set()
        assert first.result(LONG) == "passed"
        assert taken == [0, 1, 2, 3]


def test_jobs_without_an_end_take_no_memory() -> None:
    def peak(number: int) -> int:
        with values(itertools.count(), at_once=8, spread=lambda at: [bytes(1000) + bytes([at % 7])]) as results:
            for _ in itertools.islice(results, 100):
                pass
            tracemalloc.start()
            for _ in itertools.islice(results, number):
                pass
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return most

    assert peak(2000) < peak(200) + 50_000


def test_they_are_read_by_the_thread_that_iterates() -> None:
    readers = set()

    def numbers() -> Iterator[int]:
        for number in range(20):
            readers.add(threading.get_ident())
            yield number

    assert len(list(values(numbers()))) == 20
    assert readers == {threading.get_ident()}


def test_nothing_is_read_before_it_is_iterated() -> None:
    read: list[int] = []
    with values(map(read.append, range(3))):
        pass
    assert read == []
    assert open_threads() == []


def test_what_is_there_is_given_before_more_is_read() -> None:
    def flows() -> Iterator[FlowOfSteps]:
        yield value(1)
        for thread in threading.enumerate():  # that of the first job has ended once it is done
            if thread.name.startswith("restli-sending"):
                vars(results)["_crew"].todo.put(None)
                thread.join(LONG)
        yield value(2)
        raise AssertionError("nobody has asked for a third one")

    with sending(flows(), at_once=8) as results:
        assert next(results) == 1


# -- leaving -----------------------------------------------------------------------------------------------------------


class ErrorOfTheBody(Exception):
    pass


def test_leaving_waits_for_what_is_on_its_way_and_begins_nothing() -> None:
    gate, order = Gate(), list[str]()

    def ending() -> None:
        gate()
        order.append("ended")

    def stopped() -> None:
        order.append("stopped")
        gate.open.set()

    flows = [steps(ending, lambda: order.append("next step")), value("second"), steps(lambda: order.append("third"))]
    with sending(flows, at_once=2, ordered=False, wake=stopped) as results:
        assert next(results) == "second"
        assert gate.begun.wait(LONG)
        with pytest.raises(ErrorOfTheBody), results:
            raise ErrorOfTheBody
        order.append("left")
        assert open_threads() == []
    assert order == ["stopped", "ended", "left"]


@pytest.mark.parametrize("error", [ErrorOfTheBody(), KeyboardInterrupt(), SystemExit(3), StopIteration()], ids=repr)
def test_an_error_of_the_body_comes_out_as_itself(error: BaseException) -> None:
    with pytest.raises(type(error)) as caught, values(itertools.count()) as results:  # noqa: PT012
        for _ in results:
            raise error
    assert caught.value is error


def test_a_break_without_a_context_leaves_nothing_running() -> None:
    for number in values(itertools.count()):
        if number == 10:
            break
    assert open_threads() == []


def test_one_that_is_dropped_leaves_nothing_running() -> None:
    results = values(itertools.count())
    assert next(results) == 0
    del results
    assert open_threads() == []


def test_one_that_was_never_iterated_is_dropped_quietly() -> None:
    values(itertools.count())
    with pytest.raises(InvalidCallError):
        values([], at_once=0)


def test_the_garbage_collector_stops_it_and_waits_for_nobody() -> None:
    gate = Gate()
    circle: dict[str, Any] = {}
    results = circle["sending"] = sending([steps(gate), value(1)], ordered=False)
    results.circle = circle  # type: ignore[attr-defined]
    assert next(results) == 1
    threads = [thread for thread in threading.enumerate() if thread.name.startswith("restli-sending")]
    dropped = weakref.ref(results)
    assert gate.begun.wait(LONG)
    del circle, results
    gc.collect()  # would never return if it waited
    assert dropped() is None
    gate.open.set()
    for thread in threads:
        thread.join(LONG)


def test_waits_end_early() -> None:
    waiting, changed = threading.Event(), threading.Condition()
    woken = False

    def wait() -> None:
        with changed:
            waiting.set()
            assert changed.wait_for(lambda: woken, LONG)

    def wake() -> None:
        nonlocal woken
        with changed:
            woken = True
            changed.notify_all()

    after: list[int] = []
    with sending([steps(wait, lambda: after.append(1)), value(1)], ordered=False, wake=wake) as results:
        assert next(results) == 1
        assert waiting.wait(LONG)
    assert after == []


def test_it_is_closed_by_another_thread() -> None:
    gate = Gate()

    def close() -> None:
        assert gate.begun.wait(LONG)
        gate.open.set()
        results.close()

    closer = threading.Thread(target=close)
    with sending((steps(gate) if number else value(0) for number in itertools.count()), at_once=2) as results:
        closer.start()
        with pytest.raises(InvalidCallError, match="sending: is closed"):
            for _ in results:
                pass
    closer.join()


def test_a_thread_of_its_own_may_close_it() -> None:
    closed = threading.Event()

    def close() -> None:
        results.close()
        closed.set()

    with sending([steps(close), value(2)], at_once=2) as results:
        with pytest.raises(InvalidCallError, match="sending: is closed"):
            next(results)
        assert closed.is_set()


def test_a_sending_inside_a_sending_ends_with_it() -> None:
    gate = Gate()
    after: list[int] = []

    def inner() -> list[Any]:
        return list(sending([steps(gate, lambda: after.append(1)) for _ in range(3)], at_once=1))

    def leave() -> None:
        assert gate.begun.wait(LONG)
        outer.close()

    # The step in which they are ends once the outer one is stopped.
    with sending([steps(inner, lambda: after.append(2))], wake=gate.open.set) as outer:
        helper = threading.Thread(target=leave)
        helper.start()
        with pytest.raises(InvalidCallError, match="is closed"):
            next(outer)
        helper.join()
    assert after == []


def test_what_was_to_be_sent_is_let_go() -> None:
    closed: list[int] = []

    def numbers() -> Iterator[int]:
        try:
            yield from itertools.count()
        finally:
            closed.append(1)

    with values(numbers()) as results:
        next(results)
    assert closed == [1]


# -- errors ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [ZeroDivisionError(), SystemExit(3), KeyboardInterrupt()], ids=repr)
def test_an_error_of_a_flow_is_raised_at_its_turn(error: BaseException) -> None:
    given: list[int] = []
    taken = itertools.count()

    def flows() -> Iterator[FlowOfSteps]:
        for number in itertools.count():
            next(taken)
            yield failing(error) if number == 10 else value(number)

    with pytest.raises(type(error)) as caught:
        given.extend(sending(flows()))
    assert caught.value is error
    assert given == [*range(10)]
    assert next(taken) <= 15
    assert open_threads() == []


def test_without_an_order_it_is_raised_once_it_is_known() -> None:
    with pytest.raises(ZeroDivisionError), sending(map(one_of, itertools.count()), ordered=False) as results:
        for _ in results:
            pass
    assert open_threads() == []


def one_of(number: int) -> FlowOfSteps:
    return failing(ZeroDivisionError()) if number == 10 else value(number)


@pytest.mark.parametrize("ordered", [True, False])
def test_an_error_of_the_jobs_comes_after_what_was_taken_before(ordered: bool) -> None:
    def numbers() -> Iterator[int]:
        yield from range(10)
        raise ErrorOfTheBody

    given: list[int] = []
    results = values(numbers(), ordered=ordered)
    with pytest.raises(ErrorOfTheBody):
        given.extend(results)
    assert sorted(given) == [*range(10)]
    assert open_threads() == []
    with pytest.raises(InvalidCallError, match="is closed"):
        next(results)


def test_an_interrupt_while_the_jobs_are_read_stops_at_once() -> None:
    def numbers() -> Iterator[int]:
        yield 1
        raise KeyboardInterrupt

    results = values(numbers(), at_once=1)
    assert next(results) == 1
    with pytest.raises(KeyboardInterrupt):
        next(results)
    assert open_threads() == []


def stop(*_: object) -> FlowOfSteps:
    raise StopIteration


@pytest.mark.parametrize("options", [{"spread": stop}, {"start": stop}], ids=["spread", "start"])
def test_a_stop_that_is_no_end_is_no_end(options: dict[str, Any]) -> None:
    with pytest.raises(RuntimeError, match="StopIteration"):
        list(sending([value(1)], **options))


# -- use ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at_once", [0, -1, True, 2.0, "8", None])
def test_at_once_is_a_number(at_once: Any) -> None:
    read: list[int] = []
    with pytest.raises(InvalidCallError) as caught:
        values(map(read.append, range(1)), at_once=at_once)
    assert (caught.value.argument, read) == ("at_once", [])


@pytest.mark.parametrize("ordered", [None, 1, "yes"])
def test_ordered_is_true_or_false(ordered: Any) -> None:
    with pytest.raises(InvalidCallError) as caught:
        values([], ordered=ordered)
    assert caught.value.argument == "ordered"


def test_after_its_end_it_gives_nothing_more() -> None:
    results = values([1])
    assert [*results, *results] == [1]
    results.close()
    assert list(results) == []


def test_once_closed_it_says_so() -> None:
    with values([1, 2]) as results:
        assert next(results) == 1
    for use in (lambda: next(results), results.__enter__):
        with pytest.raises(InvalidCallError, match="sending: is closed"):
            use()
    results.close()


def test_one_thread_at_a_time() -> None:
    gate = Gate()
    with sending([steps(gate), value(2)]) as results, ThreadPoolExecutor(1) as pool:
        first = pool.submit(next, results)
        assert gate.begun.wait(LONG)
        with pytest.raises(InvalidCallError, match="sending: is iterated in another thread"):
            next(results)
        gate.open.set()
        assert first.result(LONG) == "passed"
        assert next(results) == 2  # another thread than before


def test_the_jobs_cannot_ask_for_results() -> None:
    def numbers() -> Iterator[int]:
        yield next(results)

    results = values(numbers())
    with pytest.raises(InvalidCallError, match="or by the calls that it reads"):
        next(results)


def test_the_context_of_the_caller_is_seen() -> None:
    variable = contextvars.ContextVar("variable", default="none")

    def numbers() -> Iterator[int]:
        for number in range(3):
            variable.set(f"at {number}")
            yield number

    def start(number: int) -> FlowOfSteps:
        return steps(variable.get)

    def changing(number: int) -> FlowOfSteps:
        return steps(lambda: variable.set("changed"), variable.get)

    assert list(sending(numbers(), start=start, at_once=1)) == ["at 0", "at 1", "at 2"]
    assert list(sending([1], start=changing)) == ["changed"]
    assert variable.get() == "at 2"


def test_it_stays_in_its_process() -> None:
    with values([1]) as results, pytest.raises(TypeError, match="cannot pickle a Sending"):
        pickle.dumps(results)


def test_its_repr_tells_how_far_it_is() -> None:
    with values(["a secret", "another"], at_once=1) as results:
        assert repr(results) == "<Sending: 0 given, 0 not given yet>"
        next(results)
        assert repr(results) == "<Sending: 1 given, 0 not given yet>"
    assert repr(results) == "<Sending: 1 given, closed>"


def test_progress_is_told_of_each_item_and_closed() -> None:
    told: list[Any] = []

    class Told:
        def update(self, done: int, total: int | None, label: str | None = None) -> None:
            told.append((done, total, threading.get_ident() == here))

        def close(self) -> None:
            told.append("closed")

    here = threading.get_ident()
    assert list(values([1, 2], spread=range, progress=Told(), total=3)) == [0, 0, 1]
    assert told == [(1, 3, True), (2, 3, True), (3, 3, True), "closed"]


def test_what_progress_raises_ends_it() -> None:
    class Failing:
        def update(self, done: int, total: int | None, label: str | None = None) -> None:
            raise ErrorOfTheBody

        def close(self) -> None: ...

    with pytest.raises(ErrorOfTheBody):
        next(values(itertools.count(), progress=Failing()))
    assert open_threads() == []


def test_with_is_not_asynchronous() -> None:
    results: Any = values([])
    with pytest.raises(TypeError, match="write `with`"):
        results.__aenter__()


def test_dropping_is_told_from_collecting() -> None:
    assert vars(blocking)["_DROPPED"] > 0
