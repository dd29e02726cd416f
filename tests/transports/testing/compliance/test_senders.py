from __future__ import annotations

import threading
from typing import Any

import pytest

from restli_core.errors import ConnectError, ProtocolError, TransportError
from restli_core.messages import HttpRequest, HttpResponse
from restli_transports.testing.compliance.senders import QUICK, check_error, sending
from restli_transports.testing.fake import FakeAsyncTransport, FakeTransport
from restli_transports.transport import Timeout

REQUEST = HttpRequest("GET", "https://h/rest/me", {"X-RestLi-Protocol-Version": "2.0.0"})


class Recording(FakeAsyncTransport):
    """Keeps the thread that each step is done in."""

    session = "its own"

    def __init__(self) -> None:
        super().__init__()
        self.simple("/me", {"name": "Ada"})
        self.steps: list[tuple[str, int]] = []

    async def send(self, request: HttpRequest, *, timeout: Timeout | None = None) -> HttpResponse:
        self.steps.append(("send", threading.get_ident()))
        return await super().send(request, timeout=timeout)

    async def close(self) -> None:
        self.steps.append(("close", threading.get_ident()))


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_an_asynchronous_transport_stays_in_one_loop_and_is_closed_before_what_it_was_given(backend: str) -> None:
    transport = Recording()

    async def release(given: Recording) -> None:
        given.steps.append(("release", threading.get_ident()))

    with sending(transport, backend=backend, release=release) as sender:
        assert sender.send(REQUEST, timeout=QUICK).status_code == 200
        assert sender.session == "its own"
    assert [step for step, _ in transport.steps] == ["send", "close", "release"]
    threads = {thread for _, thread in transport.steps}
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_a_blocking_transport_is_used_as_it_is() -> None:
    transport, released = FakeTransport(), list[Any]()
    transport.simple("/me", {"name": "Ada"})
    with sending(transport, release=released.append) as sender:
        assert sender.send(REQUEST, timeout=QUICK).url == REQUEST.url
        assert not transport.closed
    assert (transport.closed, released) == (True, [transport])


def test_a_transport_may_have_nothing_to_close() -> None:
    class Bare:
        def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
            return HttpResponse(200, {"X-Total": str(timeout.total)}, request.body)

    with sending(Bare()) as sender:
        assert sender.send(REQUEST, timeout=QUICK).headers["X-Total"] == "30"


def error(kind: type[TransportError], message: str, request: HttpRequest | None = None) -> TransportError:
    """Return an error as a transport raises it."""
    made = kind(message, request)
    made.__cause__ = OSError("the library's")
    return made


def test_an_error_as_it_must_be() -> None:
    check_error(error(ProtocolError, "it broke off", REQUEST), ProtocolError)


@pytest.mark.parametrize(
    "wrong",
    [
        error(ConnectError, "it broke off", REQUEST),
        ProtocolError("it broke off", REQUEST),
        error(ProtocolError, "it broke off"),
        error(ProtocolError, "the secret broke off", REQUEST),
    ],
    ids=["kind", "cause", "request", "secret"],
)
def test_an_error_that_is_not(wrong: TransportError) -> None:
    with pytest.raises(AssertionError):
        check_error(wrong, ProtocolError)
