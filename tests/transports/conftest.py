from __future__ import annotations

import pytest

from restli_transports.wire import deadline
from tests.support.stopped_clock import StoppedClock


@pytest.fixture
def deadline_clock(monkeypatch: pytest.MonkeyPatch) -> StoppedClock:
    """The clock of all deadlines, stopped."""
    stopped = StoppedClock()
    monkeypatch.setattr(deadline, "time", stopped)
    return stopped
