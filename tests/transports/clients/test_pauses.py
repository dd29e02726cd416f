"""Pauses: they last as long as they should, and end with the client."""

from __future__ import annotations

from typing import Any

import pytest

from restli_core.flows import run
from restli_transports._clients.pauses import pause
from restli_transports._clients.shared import Shared
from restli_transports._clients.steps import Sleep
from restli_transports.testing import FakeTransport


def test_a_clock_of_the_transports_own_is_taken_at_its_word() -> None:
    fake = FakeTransport()
    slept: list[Any] = []
    assert run(pause(Shared(fake, is_async=False), 7.5), slept.append)
    assert slept == [Sleep(7.5, None)]
    assert run(pause(Shared(fake, is_async=False), 0), slept.append)
    assert len(slept) == 1


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_it_ends_with_the_client(when: str) -> None:
    shared = Shared(FakeTransport(), is_async=False)
    if when == "before":
        shared.close()
    slept: list[Any] = []

    def perform(step: Any) -> None:
        slept.append(step)
        shared.close()

    assert run(pause(shared, 60), perform) is False
    assert len(slept) == (when == "meanwhile")


def test_the_systems_clock_may_wake_early() -> None:
    shared = Shared(object(), is_async=False)
    times = iter([100.0, 101.0, 105.0])
    shared.now = lambda: next(times)
    slept: list[Any] = []
    assert run(pause(shared, 5), slept.append)
    assert [step.seconds for step in slept] == [5, 4.0]
