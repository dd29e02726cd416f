"""Transports that give another answer than the server's are noticed."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

import pytest

from restli_core.messages import HttpRequest, HttpResponse
from restli_transports.transport import Timeout
from tests.support.wrong_transports import RightTransport, check_noticed

pytestmark = pytest.mark.sockets


class Changing(RightTransport):
    """Gives another answer."""

    def changed(self, answer: HttpResponse) -> HttpResponse:
        raise NotImplementedError

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        return self.changed(super().send(request, timeout=timeout))


class Coded(Changing):
    def changed(self, answer: HttpResponse) -> HttpResponse:
        return HttpResponse(answer.status_code, answer.headers, gzip.compress(answer.body), answer.url)


class Joining(Changing):
    def changed(self, answer: HttpResponse) -> HttpResponse:
        return HttpResponse(answer.status_code, dict(answer.headers), answer.body, answer.url)


class Raising(Changing):
    def changed(self, answer: HttpResponse) -> HttpResponse:
        if answer.status_code >= 400:
            raise AssertionError(f"{answer.status_code}, as raise_for_status() has it")
        return answer


class Following(RightTransport):
    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        answer = super().send(request, timeout=timeout)
        if "Location" in answer.headers:
            url = urljoin(request.url, answer.headers["Location"])
            answer = super().send(HttpRequest("GET", url), timeout=timeout)
        return answer


class Early(RightTransport):
    """Takes an interim answer for the answer."""

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        answer = super().send(request, timeout=timeout)
        return HttpResponse(103, answer.headers, b"", answer.url)


@pytest.mark.parametrize(
    ("wrong", "test"),
    [
        (Coded, lambda suite: suite.test_bodies_are_read_and_decoded("gzip", "chunked")),
        (Joining, lambda suite: suite.test_header_bytes_are_read_as_latin_1_and_repeats_are_kept()),
        (Raising, lambda suite: suite.test_every_status_is_an_answer(503)),
        (Following, lambda suite: suite.test_no_redirect_is_followed(302)),
        (Early, lambda suite: suite.test_interim_answers_are_passed_over()),
    ],
    ids=["body", "headers", "status", "redirect", "interim"],
)
def test_it_is_noticed(wrong: type[RightTransport], test: Callable[[Any], None]) -> None:
    check_noticed(wrong, test)


def test_a_redirect_to_nowhere_must_not_fail() -> None:
    class Resolving(RightTransport):
        def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
            answer = super().send(request, timeout=timeout)
            if answer.headers["Location"].startswith("ftp:"):
                pytest.fail("no connection adapters were found")
            return answer

    check_noticed(Resolving, lambda suite: suite.test_it_does_not_matter_where_a_redirect_leads("ftp://a"))
