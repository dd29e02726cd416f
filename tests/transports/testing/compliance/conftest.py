from __future__ import annotations

from pathlib import Path

import pytest

from restli_transports.testing.compliance.surroundings import plain_environment


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plain_environment(monkeypatch, tmp_path)
