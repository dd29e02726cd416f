from __future__ import annotations

import pytest

from restli_transports.testing.authorization import AuthorizationServer
from tests.support.oauth_flows import Send, in_memory, made


@pytest.fixture
def authorization() -> AuthorizationServer:
    return made()


@pytest.fixture
def send(authorization: AuthorizationServer) -> Send:
    return in_memory(authorization)
