"""Laws are tried on values of any kind. Some look like mistakes, of which calls warn; no law is about that."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let no law here fail for a warning that its values deserve."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.filterwarnings("ignore::restli_core.SuspiciousValueWarning"))
