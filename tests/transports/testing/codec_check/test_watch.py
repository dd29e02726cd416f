"""Calls with a limit: what they return, raise and cost, and how a call that never returns is ended."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from restli_transports.testing.codec_check.watch import Guard, OverLimit, Stuck, run_watched

LONG = 60.0


def forever(_value: Any = None) -> None:
    while True:
        pass


def test_results_and_errors_come_through() -> None:
    assert run_watched(lambda guard: [guard(len, "ab"), guard(max, 1, 2)], LONG) == [2, 2]
    with pytest.raises(ZeroDivisionError):
        run_watched(lambda guard: guard(lambda: 1 // 0), LONG)
    with pytest.raises(KeyError):
        run_watched(lambda guard: {}["a"], LONG)


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


def test_a_call_that_cannot_be_ended_is_given_up() -> None:
    release = threading.Event()
    with pytest.raises(Stuck, match="cannot be ended"):
        run_watched(lambda guard: guard(release.wait), 0.05)
    release.set()


def test_work_between_calls_may_take_as_long_as_it_likes() -> None:
    def work(guard: Guard) -> str:
        guard(len, "")
        began = time.monotonic()
        while time.monotonic() - began < 0.2:  # four limits
            pass
        return guard(str, 1)

    assert run_watched(work, 0.05) == "1"
