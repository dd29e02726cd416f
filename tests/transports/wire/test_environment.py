"""Variables of the environment, and the warnings for those that cannot be read."""

from __future__ import annotations

import pytest

from restli_core import RestliWarning
from restli_transports.wire.environment import variable, warn_ignored


def test_a_variable_is_found_in_either_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("restli_x", raising=False)
    monkeypatch.delenv("RESTLI_X", raising=False)
    assert variable("restli_x") is variable("RESTLI_X") is None
    monkeypatch.setenv("RESTLI_X", "1")
    assert variable("restli_x") == "RESTLI_X"
    monkeypatch.setenv("restli_x", "2")
    assert variable("RESTLI_X") == "restli_x"
    monkeypatch.setenv("restli_x", "")
    assert variable("restli_x") == "RESTLI_X"


def test_the_warning_is_about_the_caller_of_these_packages() -> None:
    with pytest.warns(RestliWarning, match="^X in the environment is ignored: it is odd$") as caught:
        warn_ignored("X", "is odd")
    assert caught[0].filename == __file__
