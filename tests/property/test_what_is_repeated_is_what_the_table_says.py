"""A client repeats what the table says, for every method, failure and `repeat`, also where a call was tunnelled."""

from __future__ import annotations

import asyncio

import pytest

from restli_core import RetryPolicy
from restli_core.methods import METHODS
from tests.support.played_tries import FAILURES, KINDS, OK, AsyncTries, client_over, do
from tests.support.samples import call

SAFE = {"get", "batch_get", "get_all", "finder", "batch_finder"}
IDEMPOTENT = SAFE | {"update", "batch_update", "delete", "batch_delete"}
REPEATED = {"safe": SAFE, "idempotent": IDEMPOTENT, "all": {*METHODS}}


@pytest.mark.parametrize("tunnelled", [False, True], ids=["plain", "tunnelled"])
@pytest.mark.parametrize("method", METHODS)
def test_a_call_is_sent_twice_where_the_table_says_so(method: str, tunnelled: bool) -> None:
    made = call(method, query_params={"a": "b"}, **({"tunnel_above": 0} if tunnelled else {}))
    assert ("X-HTTP-Method-Override" in made.request.headers) is tunnelled
    for repeat, repeated in REPEATED.items():
        policy = RetryPolicy(repeat=repeat, total=None)
        client, transport = client_over("blocking", retry=policy)
        for happened, (outcome, done) in FAILURES.items():
            transport.outcomes, transport.requests = [outcome, OK], []
            again = done == "undone" or (done == "perhaps" and method in repeated)
            try:
                do(client, made)
            except Exception as error:  # noqa: BLE001 - of any kind
                assert not again, (repeat, happened, error)
            assert len(transport.requests) == 1 + again, (repeat, happened)
            # What is sent again is what was sent before.
            assert dict.fromkeys(transport.requests).keys() == {made.request}


def test_it_is_the_same_where_calls_are_awaited() -> None:
    async def sent() -> list[int]:
        counts = []
        client, transport = client_over("awaited", retry=RetryPolicy(total=None))
        assert isinstance(transport, AsyncTries)
        for outcome, _ in FAILURES.values():
            for method in ("get", "create"):
                transport.outcomes, transport.requests = [outcome, OK], []
                await asyncio.gather(client.send(call(method)), return_exceptions=True)
                counts.append(len(transport.requests))
        return counts

    expected = [
        1 + (done == "undone" or (done == "perhaps" and method == "get"))
        for _, done in FAILURES.values()
        for method in ("get", "create")
    ]
    assert asyncio.run(sent()) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_repeated_without_a_policy(kind: str) -> None:
    for outcome, _ in FAILURES.values():
        client, transport = client_over(kind, outcome, retry=None)
        with pytest.raises(Exception):  # noqa: B017, PT011 - of any kind
            do(client, call("get"))
        assert (len(transport.requests), transport.waits) == (1, [])
