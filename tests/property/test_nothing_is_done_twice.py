"""What creates or acts is not sent again once it may have been done, unless its caller says `repeat="all"`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restli_core import HttpRequest, HttpResponse, RestliError, RetryPolicy
from restli_transports import RestliClient, Timeout
from tests.support.played_tries import FAILURES, KINDS, OK, Outcome, Tries, client_over, do
from tests.support.profiles import examples
from tests.support.samples import call

UNSAFE = ["create", "batch_create", "partial_update", "batch_partial_update", "action"]
WRITES = [*UNSAFE, "update", "batch_update", "delete", "batch_delete"]
UNDONE = [outcome for outcome, done in FAILURES.values() if done == "undone"]
PERHAPS = [outcome for outcome, done in FAILURES.values() if done == "perhaps"]

undone = st.lists(st.sampled_from(UNDONE), max_size=3)
perhaps = st.sampled_from(PERHAPS)


class Server(Tries):
    """Does what it is asked to before some failures, and counts it."""

    def __init__(self, outcomes: list[Outcome]) -> None:
        super().__init__(outcomes)
        self.done = 0

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        outcome = self.outcomes[min(len(self.requests), len(self.outcomes) - 1)]
        self.done += outcome is None or outcome in PERHAPS or outcome is OK
        return super().send(request, timeout=timeout)


@pytest.mark.parametrize("method", WRITES)
@examples(20, quick=5)
@given(before=undone, failure=perhaps, tries=st.integers(1, 9))
def test_what_may_be_done_is_done_once(method: str, before: list[Outcome], failure: Outcome, tries: int) -> None:
    server = Server([*before, failure, OK])
    client = RestliClient(server, retry=RetryPolicy(tries, total=None))
    with pytest.raises(RestliError):
        do(client, call(method))
    assert server.done <= 1
    assert len(server.requests) <= len(before) + 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", UNSAFE)
@examples(20, quick=5)
@given(failure=perhaps)
def test_only_the_callers_own_word_has_it_sent_again(kind: str, method: str, failure: Outcome) -> None:
    for repeat, sent in (("safe", 1), ("idempotent", 1), ("all", 2)):
        client, transport = client_over(kind, failure, OK, retry=RetryPolicy(repeat=repeat))
        if sent == 2:
            do(client, call(method))
        else:
            with pytest.raises(RestliError):
                do(client, call(method))
        assert len(transport.requests) == sent


@given(before=st.lists(st.sampled_from(UNDONE), min_size=1, max_size=3))
def test_what_was_not_done_is_done(before: list[Outcome]) -> None:
    conflicts = sum(outcome is FAILURES["409 write conflict"][0] for outcome in before)
    for method in UNSAFE:
        server = Server([*before, OK])
        client = RestliClient(server, retry=RetryPolicy(total=None))
        if conflicts > 1:
            with pytest.raises(RestliError):
                do(client, call(method))
        else:
            do(client, call(method))
        assert server.done == (conflicts <= 1)
