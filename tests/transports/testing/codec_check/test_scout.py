"""The copy of the process: what it does first, how it is ended, and what it tells."""

from __future__ import annotations

import ctypes
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from restli_transports.testing.codec_check import scout as scouts
from restli_transports.testing.codec_check.scout import CAN_COPY, Beat, Crashed, Scout
from restli_transports.testing.codec_check.watch import OverLimit

pytestmark = pytest.mark.skipif(not CAN_COPY, reason="there are no copies of the process here")

QUICK = 0.1
LONG = 60.0


def call(message: Any, beat: Beat) -> None:
    function, *arguments = message
    function(*arguments)
    beat()


def backtrack() -> None:
    re.match(r"(a+)+$", "a" * 60 + "b")


def spin() -> None:
    while True:
        pass


def wait() -> None:
    threading.Event().wait()


def crash() -> None:
    ctypes.string_at(0)


def fail() -> None:
    raise SystemExit(1)


@pytest.fixture
def make() -> Iterator[Callable[[float], Scout]]:
    made: list[Scout] = []

    def one(limit: float, work: Any = call) -> Scout:
        made.append(Scout(work, limit))
        return made[-1]

    yield one
    for scout in made:
        scout.close()
        scout.close()  # again is nothing


def test_what_comes_to_an_end_may_be_done(make: Any) -> None:
    scout = make(LONG)
    for message in ((len, "a"), (fail,), (int, "a")):
        scout.go_ahead(message)
        assert scout.survives(message)


def test_what_cannot_be_pickled_or_is_large_is_in_a_new_copy(make: Any) -> None:
    scout = make(LONG)
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    for message in ((len, lambda: 1), (len, "x" * 100_000), (len, deep)):
        scout.go_ahead(message)
        assert scout.survives(message)
    with pytest.raises(Crashed):
        scout.go_ahead((lambda text: os._exit(len(text)), "x" * 100_000))


@pytest.mark.parametrize("hang", [spin, backtrack])
def test_what_is_busy_for_ever_is_over_the_limit(make: Any, hang: Any) -> None:
    scout = make(QUICK)
    with pytest.raises(OverLimit, match=r"no result after 0\.1 s"):
        scout.go_ahead((hang,))
    assert not scout.survives((hang,))
    scout.go_ahead((len, "a"))


def test_each_call_has_the_limit_for_itself(make: Any) -> None:
    done = threading.Event()

    def work(_message: Any, beat: Beat) -> None:
        for _ in range(3):
            beat(begins=True)
            done.wait(0.4)
            beat()

    make(0.9, work).go_ahead("together they take longer")


def test_of_many_calls_none_is_ended_while_it_is_within_the_limit(make: Any) -> None:
    """Who asks another process over pipes would find the answer of a call that was ended amid it."""
    nobody = threading.Event()
    seen, report = os.pipe()

    def work(_message: Any, beat: Beat) -> None:
        for _ in range(100):
            beat(begins=True)
            os.write(report, b"(")
            nobody.wait(0.3)
            os.write(report, b")")
            beat()

    assert not make(2.0, work).survives("together they take longer")
    calls = os.read(seen, 1000)
    os.close(seen)
    os.close(report)
    assert calls == b"()" * (len(calls) // 2)


def test_what_is_done_with_a_result_is_not_counted(make: Any) -> None:
    def work(_message: Any, beat: Beat) -> None:
        beat()
        until = time.monotonic() + 5 * QUICK
        while time.monotonic() < until:
            pass

    make(QUICK, work).go_ahead("the function was quick")


def test_what_is_done_with_a_result_is_not_waited_for_for_ever(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scouts, "OWN_TIME", QUICK)

    def work(_message: Any, beat: Beat) -> None:
        beat()
        spin()

    with pytest.raises(OverLimit):
        make(QUICK, work).go_ahead("such as a result that never ends to compare itself")


def test_what_waits_is_left_to_the_process_itself_and_twice_is_enough(make: Any) -> None:
    scout = make(QUICK)
    for _ in range(scouts.MAX_WAITS):
        scout.go_ahead((wait,))
    scout.go_ahead((spin,))  # there is no copy any more that would try it
    assert scout.survives((spin,))


@pytest.mark.parametrize(("function", "how"), [(crash, "SIGSEGV"), (lambda: os._exit(3), "exit code 3")])
def test_what_ends_the_process_is_told_with_how(make: Any, function: Any, how: str) -> None:
    scout = make(LONG)
    with pytest.raises(Crashed, match=f"with {how}"):
        scout.go_ahead((function,))
    assert not scout.survives((function,))
    scout.go_ahead((len, "a"))


def test_it_prints_nothing_and_reads_nothing(make: Any, capfd: pytest.CaptureFixture[str]) -> None:
    def work(_message: Any, _beat: Beat) -> None:
        sys.stdout.write("printed")
        sys.stdout.flush()
        os.write(1, b"written")
        os.write(2, b"written")
        os.read(0, 1)

    make(LONG, work).go_ahead("")
    assert capfd.readouterr() == ("", "")


def test_it_ends_with_close(make: Any) -> None:
    seen, report = os.pipe()

    def work(_message: Any, _beat: Beat) -> None:
        os.write(report, str(os.getpid()).encode())

    scout = make(LONG, work)
    scout.go_ahead("")
    process = int(os.read(seen, 20))
    os.kill(process, 0)
    scout.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    os.close(seen)
    os.close(report)


def test_without_a_process_to_be_had_all_is_done_here(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left() -> int:
        raise BlockingIOError

    monkeypatch.setattr(os, "fork", none_left)
    scout = make(LONG)
    scout.go_ahead((spin,))
    assert scout.survives((spin,))


def test_where_there_is_no_fork_all_is_done_here(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scouts, "CAN_COPY", False)
    make(LONG).go_ahead((spin,))
