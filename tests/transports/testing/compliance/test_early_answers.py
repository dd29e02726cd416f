"""Transports that look for an answer only once all is sent are noticed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from restli_core.messages import HttpRequest, HttpResponse
from restli_transports.testing.compliance.early_answers import closing, reading_no_more
from restli_transports.transport import Timeout
from tests.support.wrong_transports import RightTransport, check_noticed

pytestmark = pytest.mark.sockets


class Deaf(RightTransport):
    """Makes an answer of its own, where a server has answered before it had read all."""

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        answer = super().send(request, timeout=timeout)
        if answer.status_code in {401, 413}:
            return HttpResponse(408, {}, b"", request.url)
        return answer


@pytest.mark.parametrize(
    "test",
    [
        lambda suite: suite.test_an_answer_before_which_the_body_was_not_read(closing, 413),
        lambda suite: suite.test_an_early_answer_of_a_server_that_reads_on(),
        lambda suite: suite.test_an_early_answer_ends_the_sending(reading_no_more, 401),
    ],
    ids=["closes", "reads on", "reads no more"],
)
def test_it_is_noticed(test: Callable[[Any], None]) -> None:
    check_noticed(Deaf, test)
