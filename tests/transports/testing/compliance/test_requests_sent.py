"""Transports that send what the request does not describe are noticed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from restli_core.messages import HttpRequest, HttpResponse
from restli_transports.transport import Timeout
from tests.support.wrong_transports import RightTransport, check_noticed

pytestmark = pytest.mark.sockets

WRONG_LENGTH = {"Content-Length": "3"}


class Changing(RightTransport):
    """Sends another request."""

    def changed(self, request: HttpRequest) -> HttpRequest:
        raise NotImplementedError

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        return super().send(self.changed(request), timeout=timeout)


class Normalizing(Changing):
    def changed(self, request: HttpRequest) -> HttpRequest:
        return HttpRequest(request.method, request.url.replace("/./", "/"), request.headers, request.body)


class Chatty(Changing):
    def changed(self, request: HttpRequest) -> HttpRequest:
        return request.with_header("X-Client", "chatty")


class Bodiless(Changing):
    def changed(self, request: HttpRequest) -> HttpRequest:
        return HttpRequest(request.method, request.url, request.headers)


class Shouting(Changing):
    def changed(self, request: HttpRequest) -> HttpRequest:
        return HttpRequest(request.method.upper(), request.url, request.headers, request.body)


class Lenient(Changing):
    def changed(self, request: HttpRequest) -> HttpRequest:
        return HttpRequest(request.method, request.url, request.headers.without("Content-Length"), request.body)


class Remembering(RightTransport):
    cookies = ""

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        if self.cookies and "Cookie" not in request.headers:
            request = request.with_header("Cookie", self.cookies)
        answer = super().send(request, timeout=timeout)
        self.cookies = answer.headers.get("Set-Cookie", self.cookies)
        return answer


@pytest.mark.parametrize(
    ("wrong", "test"),
    [
        (Normalizing, lambda suite: suite.test_the_target_arrives_byte_for_byte()),
        (Chatty, lambda suite: suite.test_each_described_header_arrives_once_and_little_else()),
        (Bodiless, lambda suite: suite.test_method_and_body_arrive_as_they_are("POST", b"x")),
        (Shouting, lambda suite: suite.test_method_and_body_arrive_as_they_are("get", b"")),
        (Lenient, lambda suite: suite.test_headers_that_contradict_the_body_are_an_invalid_call(WRONG_LENGTH)),
        (Remembering, lambda suite: suite.test_cookies_are_not_kept()),
    ],
    ids=["target", "header", "body", "method", "framing", "cookies"],
)
def test_it_is_noticed(wrong: type[RightTransport], test: Callable[[Any], None]) -> None:
    check_noticed(wrong, test)
