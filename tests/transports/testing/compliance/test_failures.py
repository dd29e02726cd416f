"""Transports that repeat requests, or whose errors are not ours or say too much, are noticed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from restli_core.errors import ConnectError, ProtocolError, TransportError
from restli_core.messages import HttpRequest, HttpResponse
from restli_transports.testing.compliance.failures import BROKEN
from restli_transports.transport import Timeout
from tests.support.wrong_transports import Repeating, RightTransport, check_noticed, suite_over

pytestmark = pytest.mark.sockets


class Changing(RightTransport):
    """Raises another error."""

    def changed(self, error: TransportError) -> TransportError:
        raise NotImplementedError

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        try:
            return super().send(request, timeout=timeout)
        except TransportError as error:
            raise self.changed(error) from error


class Alike(Changing):
    def changed(self, error: TransportError) -> TransportError:
        return ProtocolError(f"could not connect: {error}", error.request)


class Indiscreet(Changing):
    def changed(self, error: TransportError) -> TransportError:
        return ConnectError("could not connect with the token secret", error.request)


class Quoting(RightTransport):
    """Has a cause that says what the library's own says: what was sent, and came back."""

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        try:
            return super().send(request, timeout=timeout)
        except TransportError as error:
            raise error from OSError(request.headers.get("Authorization"))


class Forgetful(Changing):
    def changed(self, error: TransportError) -> TransportError:
        return type(error)(str(error))


@pytest.mark.parametrize(
    ("wrong", "test"),
    [
        (Repeating, lambda suite: suite.test_a_broken_exchange_is_a_protocol_error_and_is_not_repeated(BROKEN["SSH"])),
        (Alike, lambda suite: suite.test_refused()),
        (Indiscreet, lambda suite: suite.test_refused()),
        (
            Quoting,
            lambda suite: suite.test_a_server_that_repeats_what_it_was_sent_brings_no_secret_into_an_error(),
        ),
        (Forgetful, lambda suite: suite.test_no_such_host("no-such-host.invalid")),
    ],
    ids=["repeated", "kind", "secret", "secret in the cause", "no request"],
)
def test_it_is_noticed(wrong: type[RightTransport], test: Callable[[Any], None]) -> None:
    check_noticed(wrong, test)


def test_a_librarys_own_error_is_noticed() -> None:
    class Raw(RightTransport):
        def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
            try:
                return super().send(request, timeout=timeout)
            except TransportError as error:
                raise OSError("as the library has it") from error

    with pytest.raises(OSError, match="as the library has it"):
        suite_over(Raw).test_refused()
