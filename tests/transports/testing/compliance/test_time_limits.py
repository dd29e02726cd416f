"""Transports that outlast a limit, or give up before it, are noticed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from restli_core.errors import ProtocolError, TransportTimeout
from restli_core.messages import HttpRequest, HttpResponse
from restli_transports.testing.compliance.time_limits import DRIPPING_BODIES, DRIPPING_HEADS, SECONDS
from restli_transports.transport import Timeout
from tests.support.wrong_transports import RightTransport, check_noticed

pytestmark = pytest.mark.sockets


class WithoutTotal(RightTransport):
    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        return super().send(request, timeout=dataclasses.replace(timeout, total=None))


class WithoutRead(RightTransport):
    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        return super().send(request, timeout=dataclasses.replace(timeout, read=None))


class Vague(RightTransport):
    """Takes a limit that passed for a server that broke off."""

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        try:
            return super().send(request, timeout=timeout)
        except TransportTimeout as error:
            raise ProtocolError("it broke off", error.request) from error


class Hasty(RightTransport):
    """Takes the limit on a wait for one on the whole."""

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        return super().send(request, timeout=dataclasses.replace(timeout, total=min(timeout.read or 0, SECONDS[1])))


@pytest.mark.parametrize(
    ("wrong", "test"),
    [
        (WithoutTotal, lambda suite: suite.test_a_dripping_body_cannot_outlast_the_total(DRIPPING_BODIES["chunk"])),
        (WithoutTotal, lambda suite: suite.test_a_dripping_head_cannot_outlast_the_total(DRIPPING_HEADS["head"])),
        (WithoutRead, lambda suite: suite.test_a_server_that_falls_silent("read", b"HTTP/1.1 200")),
        (Vague, lambda suite: suite.test_a_server_that_falls_silent("total", b"")),
        (Hasty, lambda suite: suite.test_a_slow_reader_is_no_timeout_while_it_reads()),
    ],
    ids=["body", "head", "silence", "kind", "whole"],
)
def test_it_is_noticed(wrong: type[RightTransport], test: Callable[[Any], None]) -> None:
    check_noticed(wrong, test)
