"""Transports that do one thing wrong, and what notices it: each subject of the compliance suite is shown to fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from restli_core.errors import ProtocolError
from restli_core.messages import HttpRequest, HttpResponse
from restli_transports.testing.compliance import TransportCompliance
from restli_transports.transport import Timeout
from restli_transports.urllib3 import Urllib3Transport


class RightTransport:
    """A transport that does all things right, for others to do one of them wrong."""

    def __init__(self, **options: Any) -> None:
        self.inner = Urllib3Transport(**options)

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        return self.inner.send(request, timeout=timeout)

    def close(self) -> None:
        self.inner.close()


class Repeating(RightTransport):
    """Sends a request once more where the first try broke."""

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        try:
            return super().send(request, timeout=timeout)
        except ProtocolError:
            return super().send(request, timeout=timeout)


def suite_over(transport: Callable[..., Any], suite: type[Any] = TransportCompliance) -> Any:
    """Return the tests of a suite over a transport, to be called one by one."""
    return type("Over", (suite,), {"transport": lambda _, **options: transport(**options)})()


def check_noticed(wrong: Callable[..., Any], test: Callable[[Any], object]) -> None:
    """Check that a test of the suite passes over the right transport, and fails over a wrong one."""
    test(suite_over(RightTransport))
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        test(suite_over(wrong))
