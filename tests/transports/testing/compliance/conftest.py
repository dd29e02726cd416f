from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # Here, so that without what the suite needs its tests are skipped, each with the reason.
    from restli_transports.testing.compliance.surroundings import plain_environment

    plain_environment(monkeypatch, tmp_path)
