"""Waits for retries end at once: by `close`, a cancellation or an interrupt; on the system's clock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import anyio
import pytest

from restli_core import HttpRequest, HttpResponse, RateLimitError, RetryPolicy, UnauthorizedError
from restli_transports import AsyncAuthClient, AsyncRestliClient, RestliClient, Timeout
from restli_transports.testing.fake_clocks import FakeClock
from tests.support.played_tries import Tries, refused


class Unplugged:
    """A transport without a clock of its own: its clients wait on the system's."""

    def __init__(self) -> None:
        self.failed = threading.Event()
        self.sent = 0

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        self.sent += 1
        self.failed.set()
        raise RateLimitError(HttpResponse(429), request=request, retry_after=1000)


class AsyncUnplugged(Unplugged):
    async def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:  # type: ignore[override]
        return super().send(request, timeout=timeout)


PATIENT = RetryPolicy(total=None)


def test_closing_ends_the_waits_of_all_threads() -> None:
    transport = Unplugged()
    client = RestliClient(transport, retry=PATIENT)
    clone = client.with_options(access_token="t")
    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(one.get, "/me") for one in (client, client, clone, clone)]
        assert transport.failed.wait(60)
        clone.close()  # which closes nothing
        assert not any(one.done() for one in calls)
        client.close()
        errors = [one.exception(60) for one in calls]
    assert {type(error) for error in errors} == {RateLimitError}
    assert transport.sent == 4
    # What is called now is tried once.
    for one in (client, clone):
        with pytest.raises(RateLimitError):
            one.get("/me")


class NewToken:
    """A source with one token, which is new."""

    def token(self, *, rejected: str | None = None) -> str:
        return "t"

    def age(self, token: str) -> float:
        return 0.0


def test_a_new_token_is_not_waited_for_once_it_is_closed() -> None:
    class Refusing(Unplugged):
        def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
            return refused(401)

    client = RestliClient(Refusing(), access_token=NewToken())
    client.close()
    with pytest.raises(UnauthorizedError):
        client.get("/me")


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("client", [AsyncRestliClient, AsyncAuthClient])
def test_closing_ends_the_waits_of_all_tasks(backend: str, client: Any) -> None:
    transport = AsyncUnplugged()
    errors: list[Exception] = []

    async def main() -> None:
        made: Any
        if client is AsyncRestliClient:
            made = AsyncRestliClient(transport, retry=PATIENT)
            send = [partial(made.get, "/me"), partial(made.with_options(access_token="t").get, "/me")]
        else:
            made = AsyncAuthClient("app", "s3cret", transport=transport, retry=PATIENT)
            send = [made.get_two_legged_access_token] * 2

        async def use(function: Callable[[], Any]) -> None:
            with pytest.raises(RateLimitError) as caught:
                await function()
            errors.append(caught.value)

        with anyio.fail_after(60):
            async with anyio.create_task_group() as tasks:
                for function in send:
                    tasks.start_soon(use, function)
                while transport.sent < 2:
                    await anyio.lowlevel.checkpoint()
                await anyio.lowlevel.checkpoint()
                await made.close()

    anyio.run(main, backend=backend)
    assert (len(errors), transport.sent) == (2, 2)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_cancellation_ends_a_wait(backend: str) -> None:
    transport = AsyncUnplugged()

    async def main() -> None:
        client = AsyncRestliClient(transport, retry=PATIENT)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.get, "/me")
            while not transport.sent:
                await anyio.lowlevel.checkpoint()
            tasks.cancel_scope.cancel()

    anyio.run(main, backend=backend)
    assert transport.sent == 1


def test_an_interrupt_ends_a_wait() -> None:
    class Interrupted(FakeClock):
        def sleep(self, seconds: float) -> None:
            raise KeyboardInterrupt

    transport = Tries([refused(429)])
    transport.clock = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        RestliClient(transport).get("/me")
    assert len(transport.requests) == 1
