"""Resource clients: what they take for a flow, on both kinds of client."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import restli_core as restli
from restli_core import InvalidCallError
from restli_core.flows import Flow, Wait, step
from restli_transports import AsyncRestliClient, RestliClient
from restli_transports.testing import FakeAsyncTransport, FakeTransport

GET = restli.get("/me")


def flow() -> Flow[str]:
    yield Wait(1)
    return "done"


def started() -> Any:
    running = flow()
    next(running)
    return running


WRONG = pytest.mark.parametrize(
    ("given", "reason"),
    [
        (flow, r"not function: call it, as in client\.run\(flow\(client\.calls\)\)"),
        (step, r"call it"),
        (len, r"not builtin_function_or_method$"),
        (GET, "not Call"),
        (None, "not NoneType"),
        (started(), "has been started"),
    ],
)


@WRONG
def test_what_is_not_a_flow_is_refused_before_anything(given: Any, reason: str) -> None:
    client = RestliClient(FakeTransport())
    for method in (client.run, client.iterate):
        with pytest.raises(InvalidCallError, match=reason) as refused:
            method(given)
        assert refused.value.argument == "flow"


@WRONG
def test_so_it_is_by_a_client_that_is_awaited(given: Any, reason: str) -> None:
    client = AsyncRestliClient(FakeAsyncTransport())
    with pytest.raises(InvalidCallError, match=reason):
        asyncio.run(client.run(given))
    with pytest.raises(InvalidCallError, match=reason):
        client.iterate(given)


def test_a_flow_is_run() -> None:
    assert RestliClient(FakeTransport()).run(flow()) == "done"
    assert asyncio.run(AsyncRestliClient(FakeAsyncTransport()).run(flow())) == "done"
