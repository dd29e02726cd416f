from __future__ import annotations

from collections.abc import Iterator

import pytest

from restli_transports.testing.handlers import Handlers
from restli_transports.testing.server import RestliServer
from tests.support.asking import Asking
from tests.support.peer import ACCOUNTS, threads


@pytest.fixture
def handlers() -> Handlers:
    return Handlers()


@pytest.fixture
def ask(handlers: Handlers) -> Asking:
    return Asking(handlers)


@pytest.fixture
def server() -> Iterator[RestliServer]:
    with RestliServer() as server:
        accounts = server.collection(ACCOUNTS, {5: {"name": "Summer"}})
        accounts.action("echo")(lambda invocation: invocation.entity)
        yield server
    assert threads() == set()
