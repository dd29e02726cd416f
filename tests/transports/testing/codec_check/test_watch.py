"""Calls with a limit: what they return, raise and cost, and how a call that never returns is ended."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from typing import Any

import pytest

from restli_transports.testing.codec_check.watch import Guard, OverLimit, Quit, Stuck, run_watched

LONG = 60.0


def forever(_value: Any = None) -> None:
    while True:
        pass


def test_results_and_errors_come_through() -> None:
    assert run_watched(lambda guard: [guard(len, "ab"), guard(max, 1, 2)], LONG) == [2, 2]
    with pytest.raises(ZeroDivisionError):
        run_watched(lambda guard: guard(lambda: 1 // 0), LONG)
    with pytest.raises(KeyError):
        run_watched(lambda guard: os.environ["NO SUCH"], LONG)


def test_a_call_that_never_returns_is_ended_and_the_work_goes_on() -> None:
    def work(guard: Guard) -> list[Any]:
        results: list[Any] = []
        for function in (forever, lambda: "quick", forever):
            try:
                results.append(guard(function))
            except OverLimit as error:
                results.append(str(error))
        return results

    assert run_watched(work, 0.05) == ["no result after 0.05 s", "quick", "no result after 0.05 s"]


def test_a_call_that_catches_what_ends_it_once_is_over_the_limit_all_the_same() -> None:
    def stubborn() -> str:
        try:
            forever()
        except BaseException:  # noqa: BLE001 - as some functions do
            return "caught"
        return "never"

    with pytest.raises(OverLimit):
        run_watched(lambda guard: guard(stubborn), 0.05)


def test_a_call_that_makes_another_error_of_it_is_over_the_limit_too() -> None:
    def translating() -> None:
        try:
            forever()
        except BaseException:  # noqa: BLE001 - likewise
            raise ValueError from None

    with pytest.raises(OverLimit):
        run_watched(lambda guard: guard(translating), 0.05)


@pytest.mark.parametrize("error", [SystemExit(1), KeyboardInterrupt(), GeneratorExit()], ids=repr)
def test_a_call_that_would_end_the_program_does_not(error: BaseException) -> None:
    def ending() -> None:
        raise error

    with pytest.raises(Quit, match=f"it raised {type(error).__name__}"):
        run_watched(lambda guard: guard(ending), LONG)


def test_a_call_that_cannot_be_ended_is_given_up_and_none_follows() -> None:
    release, calls = threading.Event(), []

    def work(guard: Guard) -> None:
        for number in range(3):
            with suppress(OverLimit):
                guard(release.wait)
            calls.append(number)

    with pytest.raises(Stuck, match=r"no result after 0\.15 s, and it cannot be ended"):
        run_watched(work, 0.05)
    (thread,) = [thread for thread in threading.enumerate() if thread.name == "codec_check"]
    assert thread.daemon
    release.set()
    thread.join(LONG)
    assert not thread.is_alive()
    assert calls == []


def test_an_interrupt_of_the_one_who_waits_ends_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(guard: Guard, thread: threading.Thread) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(Guard, "end_call_over_limit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_watched(lambda guard: guard(forever), LONG)
    for thread in threading.enumerate():
        if thread.name == "codec_check":
            thread.join(LONG)
            assert not thread.is_alive()


def test_work_between_calls_may_take_as_long_as_it_likes() -> None:
    def work(guard: Guard) -> str:
        guard(len, "")
        began = time.monotonic()
        while time.monotonic() - began < 0.2:  # four limits
            pass
        return guard(str, 1)

    assert run_watched(work, 0.05) == "1"
