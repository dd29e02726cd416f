from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from restli_transports.testing.handlers import Handlers
from tests.support.asking import Asking

if TYPE_CHECKING:
    from restli_transports.testing.server import RestliServer


@pytest.fixture
def handlers() -> Handlers:
    return Handlers()


@pytest.fixture
def ask(handlers: Handlers) -> Asking:
    return Asking(handlers)


@pytest.fixture
def server() -> Iterator[RestliServer]:
    # Here, since most of the tests that this file serves need no server, and run without h11.
    from restli_transports.testing.server import RestliServer
    from tests.support.peer import ACCOUNTS, threads

    with RestliServer() as server:
        accounts = server.collection(ACCOUNTS, {5: {"name": "Summer"}})
        accounts.action("echo")(lambda invocation: invocation.entity)
        yield server
    assert threads() == set()
