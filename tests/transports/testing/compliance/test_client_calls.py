"""Transports that mix up what clients send and get are noticed."""

from __future__ import annotations

import threading

import pytest

from restli_core.errors import BadRequestError
from restli_core.messages import HttpRequest, HttpResponse
from restli_core.methods import METHODS
from restli_transports.testing.compliance.client_calls import ARGUMENTS, expected_document, sample_call
from restli_transports.transport import Timeout
from tests.support.wrong_transports import RightTransport, check_noticed, suite_over


class Unsafe(RightTransport):
    """Keeps the request where another thread puts its own."""

    def __init__(self) -> None:
        super().__init__()
        self.together = threading.Barrier(2)

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        self.request = request
        self.together.wait(60)
        return super().send(self.request, timeout=timeout)


class Untunnelling(RightTransport):
    """Sends a tunnelled request as the POST that it is."""

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        headers = request.headers.without("X-HTTP-Method-Override")
        return super().send(HttpRequest(request.method, request.url, headers, request.body), timeout=timeout)


@pytest.mark.sockets
def test_threads_that_share_a_request_are_noticed() -> None:
    check_noticed(Unsafe, lambda suite: suite.test_32_threads_may_share_a_client())


@pytest.mark.sockets
def test_a_tunnel_that_ends_too_soon_is_noticed() -> None:
    suite_over(RightTransport).test_each_of_the_fourteen_methods("batch_get")
    with pytest.raises(BadRequestError):
        suite_over(Untunnelling).test_each_of_the_fourteen_methods("batch_get")


def test_there_is_a_call_of_each_method() -> None:
    assert ARGUMENTS.keys() == METHODS.keys()
    for name in METHODS:
        call = sample_call(name, "http://h")
        assert (call.method, call.request.url[:9]) == (name, "http://h/")


def test_what_is_expected_is_as_the_sample_is_at_first() -> None:
    for _ in range(2):
        assert expected_document("get") == {"id": 5001, "name": "Account 1"}
    assert expected_document("delete") is None
    assert sample_call("batch_get", "http://h").request.method == "POST"  # it is tunnelled
