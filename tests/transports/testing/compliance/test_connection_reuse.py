"""Transports that use no connection again, or one that is doubtful, are noticed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from restli_core.messages import HttpRequest, HttpResponse
from restli_transports.transport import Timeout
from restli_transports.urllib3 import Urllib3Transport
from tests.support.wrong_transports import Repeating, RightTransport, check_noticed

pytestmark = pytest.mark.sockets


class Reconnecting(RightTransport):
    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        self.inner.close()
        self.inner = Urllib3Transport()
        return super().send(request, timeout=timeout)


class Lagging(RightTransport):
    """Gives each answer to the next request, as a connection with something left over does."""

    last: HttpResponse | None = None

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        answer = super().send(request, timeout=timeout)
        given, self.last = self.last or answer, answer
        return given


@pytest.mark.parametrize(
    ("wrong", "test"),
    [
        (Reconnecting, lambda suite: suite.test_a_connection_is_kept_alive()),
        (Reconnecting, lambda suite: suite.test_hosts_do_not_share_connections()),
        (
            Repeating,
            lambda suite: suite.test_a_connection_that_the_server_closes_on_the_second_request_is_not_retried(),
        ),
        (
            Lagging,
            lambda suite: suite.test_what_comes_behind_an_answer_is_not_the_next_one(
                "GET", b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\noneHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
            ),
        ),
    ],
    ids=["one host", "two hosts", "retried", "left over"],
)
def test_it_is_noticed(wrong: type[RightTransport], test: Callable[[Any], None]) -> None:
    check_noticed(wrong, test)
