from __future__ import annotations

import pytest

from restli_transports.testing.handlers import Handlers
from tests.support.asking import Asking


@pytest.fixture
def handlers() -> Handlers:
    return Handlers()


@pytest.fixture
def ask(handlers: Handlers) -> Asking:
    return Asking(handlers)
