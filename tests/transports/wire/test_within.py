"""Waits that end after so many seconds, under asyncio and trio."""

from __future__ import annotations

import anyio
import anyio.lowlevel
import pytest

from restli_transports.wire.within import Within

BACKENDS = ["asyncio", "trio"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_wait_that_lasts_too_long_is_a_timeout(backend: str) -> None:
    async def run() -> None:
        with pytest.raises(TimeoutError), Within(0.001):
            await anyio.sleep_forever()
        await anyio.lowlevel.checkpoint()  # nothing of it is left

    anyio.run(run, backend=backend)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("seconds", [None, 60.0])
def test_a_wait_that_ends_before_goes_on(backend: str, seconds: float | None) -> None:
    async def run() -> str:
        with Within(seconds):
            await anyio.lowlevel.checkpoint()
        with pytest.raises(LookupError), Within(seconds):
            raise LookupError
        return "done"

    assert anyio.run(run, backend=backend) == "done"


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("seconds", [None, 60.0])
def test_a_cancellation_from_outside_is_no_timeout(backend: str, seconds: float | None) -> None:
    async def run() -> bool:
        with anyio.CancelScope() as outer:
            outer.cancel()
            with Within(seconds):
                await anyio.sleep_forever()
        return outer.cancelled_caught

    assert anyio.run(run, backend=backend)
