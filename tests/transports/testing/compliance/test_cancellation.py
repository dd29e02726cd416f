"""Transports that leave something behind when they are cancelled are noticed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from restli_core.messages import HttpRequest, HttpResponse
from restli_transports.h11 import H11AsyncTransport
from restli_transports.testing.compliance import AsyncTransportCompliance
from restli_transports.testing.compliance.cancellation import Cancelled
from restli_transports.transport import Timeout
from tests.support.wrong_transports import suite_over

pytestmark = pytest.mark.sockets


class Leaving(H11AsyncTransport):
    """Has a task of its own for each call, which it does not end."""

    async def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        self.left = asyncio.ensure_future(asyncio.sleep(3600))
        return await super().send(request, timeout=timeout)


class Spoiling(H11AsyncTransport):
    """Is of no use after a call that was cancelled."""

    async def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        try:
            return await super().send(request, timeout=timeout)
        except asyncio.CancelledError:
            self.send = None  # type: ignore[method-assign, assignment]
            raise


def test_a_task_that_is_left_is_noticed() -> None:
    suite_over(H11AsyncTransport, AsyncTransportCompliance).test_calls_that_asyncio_cancels_leave_no_task_running()
    with pytest.raises(AssertionError):
        suite_over(Leaving, AsyncTransportCompliance).test_calls_that_asyncio_cancels_leave_no_task_running()


def test_a_transport_that_is_spoilt_is_noticed() -> None:
    suite_over(H11AsyncTransport, AsyncTransportCompliance).test_a_cancelled_call_leaves_nothing_behind(b"", b"")
    with pytest.raises(TypeError):
        suite_over(Spoiling, AsyncTransportCompliance).test_a_cancelled_call_leaves_nothing_behind(b"", b"")


def test_each_stage_is_a_script_of_its_own() -> None:
    one: Any = Cancelled(b"a")
    other: Any = Cancelled()
    one.reached.set()
    assert (one.begun, other.begun, other.reached.is_set()) == (b"a", b"", False)
