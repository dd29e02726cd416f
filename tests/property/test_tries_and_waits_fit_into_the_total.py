"""All tries and waits of a call together take no longer than its policy's `total`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restli_core import RestliError, RetryPolicy
from restli_transports import Timeout
from tests.support.played_tries import FAILURES, KINDS, OK, Outcome, client_over, do, refused
from tests.support.samples import call

totals = st.floats(0.01, 500)
failures = st.lists(
    st.sampled_from([outcome for outcome, done in FAILURES.values() if done != "never"]), min_size=1, max_size=9
)
durations = st.lists(st.floats(0, 200), min_size=1, max_size=9)
limits = st.none() | st.floats(0.01, 400)


@pytest.mark.parametrize("kind", KINDS)
@given(total=totals, happened=failures, took=durations, limit=limits, random=st.floats(0, 1))
def test_a_call_ends_within_its_total(
    kind: str, *, total: float, happened: list[Outcome], took: list[float], limit: float | None, random: float
) -> None:
    client, transport = client_over(
        kind,
        *happened,
        seconds=lambda number: took[number % len(took)],
        retry=RetryPolicy(tries=20, total=total),
        timeout=Timeout(total=limit),
        random=lambda: random,
    )
    with pytest.raises(RestliError) as caught:
        do(client, call("get"))
    rounding = 1e-6 + 0.001 * len(transport.requests)  # a try has a millisecond at least
    assert transport.clock.now() <= total + rounding
    # A try's own limit is the client's, or what is left: never more.
    for timeout in transport.limits:
        assert timeout.total is not None
        assert timeout.total <= min(total, limit or total)
    assert sum(attempt.seconds for attempt in caught.value.attempts) + sum(transport.waits) == pytest.approx(
        transport.clock.now()
    )


@pytest.mark.parametrize("kind", KINDS)
@given(wait=st.integers(0, 400), total=st.integers(1, 400))
def test_a_wait_that_does_not_fit_is_not_begun(kind: str, wait: int, total: int) -> None:
    client, transport = client_over(
        kind, refused(429, headers={"Retry-After": str(wait)}), OK, retry=RetryPolicy(total=total)
    )
    if wait < total:
        assert do(client, call("create")).status_code == 200
        assert transport.waits == ([wait] if wait else [])
    else:
        with pytest.raises(RestliError) as caught:
            do(client, call("create"))
        assert (len(caught.value.attempts), transport.waits) == (1, [])


@given(total=totals, limit=limits)
def test_without_a_policy_the_client_has_no_total(total: float, limit: float | None) -> None:
    for policy, expected in (
        (None, limit),
        (RetryPolicy(total=None), limit),
        (RetryPolicy(total=total), min(total, limit or total)),
    ):
        client, transport = client_over("blocking", None, retry=policy, timeout=Timeout(total=limit))
        do(client, call("get"))
        assert transport.limits == [Timeout(total=expected)]
