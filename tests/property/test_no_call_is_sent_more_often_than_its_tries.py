"""No call is sent more often than its policy's `tries`, and each wait lies within its bounds, whatever happens.

What replaces a refused token is not a retry: it adds one try with the same token, where that is new, and one with
another.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from restli_core import Backoff, RestliError, RetryPolicy, ServiceError
from tests.support.played_tries import FAILURES, OK, Outcome, client_over, do, refused
from tests.support.samples import ARGUMENTS, call

seconds = st.floats(0, 100)
backoffs = st.builds(Backoff, seconds, st.floats(1, 10), seconds)
policies = st.builds(
    RetryPolicy,
    tries=st.integers(1, 8),
    total=st.none() | st.floats(0.001, 1000),
    backoff=backoffs,
    throttled=backoffs,
    repeat=st.sampled_from(["safe", "idempotent", "all"]),
    budget=st.integers(0, 100),
)
outcomes = st.lists(st.sampled_from([outcome for outcome, _ in FAILURES.values()] + [OK]), min_size=1, max_size=9)
methods = st.sampled_from([*ARGUMENTS])


class NewToken:
    """A source whose tokens are new, and who always has another one."""

    given = 0

    def token(self, *, rejected: str | None = None) -> str:
        self.given += 1
        return f"token-{self.given}"

    def age(self, token: str) -> float:
        return 0.0


@given(policy=policies, happened=outcomes, method=methods, random=st.floats(0, 1), took=st.floats(0, 5))
def test_tries_are_bounded_and_so_are_waits(
    policy: RetryPolicy, happened: list[Outcome], method: str, random: float, took: float
) -> None:
    client, transport = client_over("blocking", *happened, seconds=took, retry=policy, random=lambda: random)
    try:
        do(client, call(method))
    except RestliError as error:
        assert len(error.attempts) == len(transport.requests)
        assert [attempt.number for attempt in error.attempts] == [*range(1, len(transport.requests) + 1)]
    assert 1 <= len(transport.requests) <= policy.tries
    longest = max(policy.backoff.longest(policy.tries), policy.throttled.longest(policy.tries))
    told = {1.0, 9.0, 60.0, 330.0}  # a write conflict's, Retry-After, and the windows
    assert [wait for wait in transport.waits if wait > longest * random and wait not in told] == []
    assert len(transport.waits) <= len(transport.requests)  # one of no seconds is not waited for


@given(policy=policies, happened=outcomes, method=methods)
def test_a_refused_token_adds_two_tries_at_most(policy: RetryPolicy, happened: list[Outcome], method: str) -> None:
    source = NewToken()
    client, transport = client_over("blocking", *happened, refused(401), retry=policy, access_token=source)
    try:
        do(client, call(method))
    except ServiceError as error:
        assert len(error.attempts) == len(transport.requests)
    except RestliError:
        pass
    assert len(transport.requests) <= policy.tries + 2
    # Each try has a token of its own, but for the one that was too new.
    assert len({request.headers["Authorization"] for request in transport.requests}) >= len(transport.requests) - 1
