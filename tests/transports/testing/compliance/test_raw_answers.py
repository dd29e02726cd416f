"""Transports that take what is broken, refuse what is not, or ask again are noticed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from restli_core.errors import ProtocolError
from restli_core.messages import HttpRequest, HttpResponse
from restli_transports.testing.compliance.raw_answers import CUT
from restli_transports.testing.compliance.surroundings import authority, trust
from restli_transports.transport import Timeout
from tests.support.wrong_transports import Repeating, RightTransport, check_noticed

pytestmark = pytest.mark.sockets


@pytest.fixture(autouse=True)
def _trusted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    trust(authority(), monkeypatch, tmp_path)


class Forgiving(RightTransport):
    """Takes an answer that is broken for one without a body."""

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        try:
            return super().send(request, timeout=timeout)
        except ProtocolError:
            return HttpResponse(200, {}, b"")


class Fussy(RightTransport):
    """Refuses an answer without a body."""

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        answer = super().send(request, timeout=timeout)
        if not answer.body:
            raise ProtocolError("there is no body", request)
        return answer


class Folding(RightTransport):
    """Leaves the folds in a field."""

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        answer = super().send(request, timeout=timeout)
        headers = {name: "a\t b" if value == "a b" else value for name, value in answer.headers.items()}
        return HttpResponse(answer.status_code, headers, answer.body)


class Remembering(RightTransport):
    """Asks once: so the server sees one connection, as it does where one is used again."""

    answer: HttpResponse | None = None

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        self.answer = self.answer or super().send(request, timeout=timeout)
        return self.answer


@pytest.mark.parametrize(
    ("wrong", "test"),
    [
        (Forgiving, lambda suite: suite.test_what_is_not_http_or_may_be_read_in_two_ways_is_a_protocol_error()),
        (Forgiving, lambda suite: suite.test_an_answer_that_is_cut_is_a_protocol_error(*CUT["end"])),
        (Forgiving, lambda suite: suite.test_a_body_that_ends_where_tls_is_cut_is_a_protocol_error()),
        (Repeating, lambda suite: suite.test_an_answer_that_is_cut_is_a_protocol_error(*CUT["end"])),
        (Fussy, lambda suite: suite.test_what_ends_by_itself_is_read()),
        (Fussy, lambda suite: suite.test_what_ends_with_the_connection_is_read()),
        (Fussy, lambda suite: suite.test_a_body_that_ends_where_tls_says_so_is_read()),
        (Fussy, lambda suite: suite.test_a_body_that_ends_by_itself_needs_no_end_of_tls()),
        (Folding, lambda suite: suite.test_what_ends_by_itself_is_read()),
        (Remembering, lambda suite: suite.test_a_connection_with_a_length_and_chunks_is_not_used_again()),
    ],
    ids=["broken", "cut", "cut in TLS", "repeated", "length", "end", "end of TLS", "no end of TLS", "fold", "both"],
)
def test_it_is_noticed(wrong: type[RightTransport], test: Callable[[Any], None]) -> None:
    check_noticed(wrong, test)
