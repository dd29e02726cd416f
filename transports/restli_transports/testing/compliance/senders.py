"""Senders: transports of either kind as ones that block, so that one test serves them all.

    with sending(transport) as sender:
        get(sender, url)                            an answer
        receive(sender, b"HTTP/1.1 200 OK...")     the answer that it makes of these bytes
        failing(sender, url, ConnectError)          the error, which has what every error must have

An asynchronous transport lives in an event loop of its own, in a thread, and is called from outside.
"""

from __future__ import annotations

import contextlib
import inspect
import pickle
from collections.abc import Callable, Generator
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pytest
from anyio.from_thread import start_blocking_portal

from restli_core.errors import TransportError
from restli_core.messages import HttpRequest, HttpResponse
from restli_transports.testing.compliance.scripts import after_request
from restli_transports.testing.scripted_server import ScriptedServer
from restli_transports.transport import AsyncTransport, Timeout, Transport

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal

__all__ = ["QUICK", "Sender", "check_error", "failing", "get", "receive", "sending"]

QUICK: Final = Timeout(connect=10, read=10, total=30)
"""Limits that no call comes near, and that end a test which hangs."""


class Sender(Transport):
    """A transport of either kind, as one that blocks.

    Args:
        transport: the transport.
        portal: leads to the event loop of an asynchronous one; None for one that blocks.
    """

    def __init__(self, transport: Any, portal: BlockingPortal | None = None) -> None:
        self.transport = transport
        self._portal = portal

    @property
    def session(self) -> Any:
        """The session of the transport."""
        return self.transport.session

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        """Send a request through the transport."""
        answer: HttpResponse = self.perform(partial(self.transport.send, request, timeout=timeout))
        return answer

    def close(self) -> None:
        """Close the transport, if it has something to close."""
        close = getattr(self.transport, "close", None)
        if close is not None:
            self.perform(close)

    def perform(self, step: Callable[[], Any]) -> Any:
        """Return the result of a function; in the event loop of an asynchronous transport, where it may be awaited."""
        return step() if self._portal is None else self._portal.call(step)


@contextlib.contextmanager
def sending(
    transport: Transport | AsyncTransport, *, backend: str = "asyncio", release: Callable[[Any], Any] | None = None
) -> Generator[Sender]:
    """Return a transport of either kind as one that blocks; it is closed in the end.

    Args:
        transport: the transport.
        backend: the event loop for an asynchronous one, ``asyncio`` or ``trio``.
        release: closes what the transport was given; None for nothing.
    """
    with contextlib.ExitStack() as stack:
        asynchronous = inspect.iscoroutinefunction(transport.send)
        portal = stack.enter_context(start_blocking_portal(backend)) if asynchronous else None
        sender = Sender(transport, portal)
        # In the end the transport is closed first: it may still use what it was given.
        if release is not None:
            stack.callback(sender.perform, partial(release, transport))
        stack.callback(sender.close)
        yield sender


def get(sender: Sender, url: str, timeout: Timeout = QUICK, **fields: str) -> HttpResponse:
    """Send a GET with these header fields."""
    return sender.send(HttpRequest("GET", url, fields), timeout=timeout)


def receive(sender: Sender, data: bytes, method: str = "GET") -> HttpResponse:
    """Return the answer that a transport makes of these bytes, after which the server closes."""
    with ScriptedServer(after_request(data)) as server:
        return sender.send(HttpRequest(method, f"{server.url}/a"), timeout=QUICK)


def failing(sender: Sender, url: str, kind: type[TransportError], timeout: Timeout = QUICK) -> TransportError:
    """Return the error that a request with a secret ends in; it is of this kind, and has no secret."""
    with pytest.raises(TransportError) as caught:
        get(sender, f"{url}/a?token=secret", timeout, Authorization="Bearer secret")
    check_error(caught.value, kind)
    return caught.value


def check_error(error: TransportError, kind: type[TransportError]) -> None:
    """Check that an error is of this kind, says what caused it and which request it was, and has no secret."""
    assert type(error) is kind
    assert error.__cause__ is not None
    assert error.request is not None
    assert "Authorization" not in error.request.headers
    assert "secret" not in repr(error) + str(error)
    assert type(pickle.loads(pickle.dumps(error))) is kind
