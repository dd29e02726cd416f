"""Facades: what all clients have in common, whatever they send: a transport, and methods that are made of functions.

    @blocking(function)          the method has the function's arguments and documentation, and returns the answer
    def method(self) -> None: ...

A function makes a call; the methods that send it, here and in an asynchronous twin, repeat neither its signature nor
its documentation.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any, Final, Generic, Self, TypeVar

from restli_core.errors import InvalidCallError
from restli_transports.transport import AsyncTransport, Timeout, Transport

__all__ = ["DEFAULT_TIMEOUT", "AsyncFacade", "BlockingFacade", "Facade", "checked_timeout", "described"]

F = TypeVar("F", bound=Callable[..., Any])
TransportT = TypeVar("TransportT")

DEFAULT_TIMEOUT: Final = Timeout()


def checked_timeout(timeout: Timeout) -> Timeout:
    """The time limits, if that is what they are.

    Raises:
        InvalidCallError: they are none.
    """
    if not isinstance(timeout, Timeout):
        raise InvalidCallError("timeout", f"must be a Timeout, not {type(timeout).__name__}")
    return timeout


def described(method: F, function: Callable[..., Any], stub: Callable[..., None]) -> F:
    """Gives the method the function's documentation and signature, and the stub's name and place."""
    signature = inspect.signature(function)
    receiver = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    own = [parameter for parameter in signature.parameters.values() if parameter.name != "self"]
    answer = re.sub(r"Call\[(.*)\]", r"\1", str(signature.return_annotation))
    told = {
        "__doc__": function.__doc__,
        "__name__": stub.__name__,
        "__qualname__": stub.__qualname__,
        "__signature__": signature.replace(parameters=[receiver, *own], return_annotation=answer),
    }
    for name, value in told.items():
        setattr(method, name, value)
    return method


class Facade(Generic[TransportT]):
    """What stands before a transport.

    Args:
        transport: what carries the requests; None for the default one.

    Raises:
        InvalidCallError: it cannot send.
        ImportError: the library of the default one is missing; names the extra.
    """

    def __init__(self, transport: TransportT | None) -> None:
        self._transport = self._default_transport() if transport is None else _sending(transport)
        self._closes = True

    def _default_transport(self) -> TransportT:
        raise NotImplementedError

    @property
    def transport(self) -> TransportT:
        """What carries the requests."""
        return self._transport

    @property
    def session(self) -> Any:
        """The HTTP library's own session, pool or client; None where the transport has none."""
        return getattr(self._transport, "session", None)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} over {type(self._transport).__name__}>"

    def _closing(self) -> Callable[[], Any] | None:
        return getattr(self._transport, "close", None) if self._closes else None


def _sending(transport: TransportT) -> TransportT:
    if not callable(getattr(transport, "send", None)):
        raise InvalidCallError("transport", f"must have a method send, which {type(transport).__name__} has not")
    return transport


class BlockingFacade(Facade[Transport]):
    """One whose methods return answers; over urllib3 by default."""

    def _default_transport(self) -> Transport:
        from restli_transports.urllib3 import Urllib3Transport

        return Urllib3Transport()

    def close(self) -> None:
        """Closes the transport, which closes what it made itself."""
        closing = self._closing()
        if closing is not None:
            closing()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


class AsyncFacade(Facade[AsyncTransport]):
    """One whose methods are awaited; over httpx by default."""

    def _default_transport(self) -> AsyncTransport:
        from restli_transports.httpx import HttpxAsyncTransport

        return HttpxAsyncTransport()

    async def close(self) -> None:
        """Closes the transport, which closes what it made itself."""
        closing = self._closing()
        if closing is not None:
            await closing()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()
