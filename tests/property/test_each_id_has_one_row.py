"""Whatever a server refuses, each id has one row, in the caller's order, and what was done once is not done again."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restli_core import Created, Invocation, ProtocolError, RetryPolicy
from restli_core.server import Refusal
from restli_transports import RestliClient
from restli_transports.testing import FakeTransport, RowFaults
from tests.support.profiles import examples

COUNT = 23
STATUSES = [400, 404, 408, 409, 429, 500, 503]
METHODS = ["batch_create", "batch_get", "batch_update", "batch_partial_update", "batch_delete"]

refusals = st.sampled_from(
    [
        Refusal(413, "large"),
        Refusal(414, "long"),
        Refusal(400, "Specified count is larger than 5"),
        Refusal(400, "wrong"),
        Refusal(429, "slowly"),
        Refusal(503, "later"),
        ProtocolError("reset"),
    ]
)
faults = st.builds(
    RowFaults,
    seed=st.integers(0, 99),
    rate=st.sampled_from([0.0, 0.3, 1.0]),
    statuses=st.lists(st.sampled_from(STATUSES), min_size=1, max_size=3),
    times=st.sampled_from([None, 1]),
)
policies = st.builds(
    RetryPolicy, st.integers(1, 4), total=st.none(), repeat=st.sampled_from(["safe", "idempotent", "all"])
)


@pytest.mark.parametrize("method", METHODS)
@examples(60, quick=6)
@given(
    size=st.integers(1, 30),
    max_batch=st.integers(1, 30),
    rows_fail=faults,
    planned=st.lists(refusals, max_size=4),
    retry=policies | st.none(),
)
def test_rows_are_those_of_the_ids(
    method: str, *, size: int, max_batch: int, rows_fail: RowFaults, planned: list[Any], retry: RetryPolicy | None
) -> None:
    fake, done, sent = FakeTransport(max_batch=max_batch), Counter[int](), Counter[int]()

    def act(invocation: Invocation) -> Any:
        number = invocation.entity["n"] if invocation.method == "create" else invocation.key
        done[number] += 1
        return Created(number) if invocation.method == "create" else {} if invocation.method == "get" else None

    for single in ("create", "get", "update", "partial_update", "delete"):
        fake.on("/r/{id:long}", single, act)
    fake.fail_rows(rows_fail)
    for one in planned:
        fake.fail_next(one)
    client = RestliClient(fake, retry=retry, random=lambda: 0.0)
    given_lists: list[Any] = [[{"n": number} for number in range(COUNT)]]
    if method != "batch_create":
        given_lists = [range(COUNT), *(given_lists if "update" in method else [])]
    rows = [*client.send_rows(getattr(client.calls, method), "/r", *given_lists, size=size)]
    assert [row.id for row in rows] == [*range(COUNT)]
    # The answers tell: a row that went well was done, and done once, since no answer is lost after the work.
    assert {row.id for row in rows if not row.failed} == {*done}
    assert set(done.values()) <= {1}
    assert all(row.exception is None or row.failed for row in rows)
    for asked in fake.invocations:
        sent.update([entity["n"] for entity in asked.entities] if method == "batch_create" else asked.ids)
    tries = 1 if retry is None else retry.tries
    assert all(count <= tries for count in sent.values())
