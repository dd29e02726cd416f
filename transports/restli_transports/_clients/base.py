"""Facades: what all clients have in common, whatever they send: a transport, and methods that are made of functions.

A function makes a call; the methods that send it, in a blocking client and in its asynchronous twin, repeat neither its
signature nor its documentation, but take them over by `described`.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final, Generic, Self, TypeVar

from restli_core.errors import InvalidCallError
from restli_core.messages import HttpResponse
from restli_transports.transport import AsyncTransport, Timeout, Transport

__all__ = ["DEFAULT_TIMEOUT", "AsyncBaseClient", "BaseClient", "BlockingClient", "awaited", "described"]

F = TypeVar("F", bound=Callable[..., Any])
TransportT = TypeVar("TransportT")

DEFAULT_TIMEOUT: Final = Timeout()


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


class BaseClient(Generic[TransportT]):
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


def _default(module: str, name: str) -> Any:
    try:
        return getattr(import_module(f"restli_transports.{module}"), name)()
    except ImportError as error:
        raise ImportError(f"{error}; or give the client another transport") from error


def _sending(transport: TransportT) -> TransportT:
    kind = type(transport)
    if not callable(getattr(transport, "send", None)):
        raise InvalidCallError("transport", f"must have a method send, which {kind.__name__} has not")
    if isinstance(transport, type):
        raise InvalidCallError("transport", f"must be a transport, not the class {transport.__name__}")
    if kind.__module__.partition(".")[0] in _LIBRARIES:
        reason = f"must be a transport, such as one of restli_transports over this {kind.__name__}"
        raise InvalidCallError("transport", reason)
    return transport


def _blocks(transport: object) -> bool:
    """Whether a transport says of itself that it gives its answers at once."""
    send = getattr(transport, "send", None)
    if not callable(send) or inspect.iscoroutinefunction(send):
        return False
    return getattr(send, "__annotations__", {}).get("return") in {"HttpResponse", HttpResponse}


_LIBRARIES: Final = frozenset({"requests", "httpx", "httpx2", "urllib3"})


async def awaited(promised: Any, argument: str, name: str) -> Any:
    """What is promised, by something that is to be asynchronous.

    Raises:
        InvalidCallError: it promised nothing, but gave it at once: it is for clients that block.
    """
    if not inspect.isawaitable(promised):
        raise InvalidCallError(argument, f"{name} is not asynchronous: give it to a client that blocks")
    return await promised


class BlockingClient(BaseClient[Transport]):
    """One whose methods return answers; over urllib3 by default."""

    def __init__(self, transport: Transport | None) -> None:
        if inspect.iscoroutinefunction(getattr(transport, "send", None)):
            kind = type(transport).__name__
            raise InvalidCallError("transport", f"{kind} is asynchronous: give it to an asynchronous client")
        super().__init__(transport)

    def _default_transport(self) -> Transport:
        transport: Transport = _default("urllib3", "Urllib3Transport")
        return transport

    def close(self) -> None:
        """Closes the transport, which closes what it made itself."""
        closing = self._closing()
        if closing is not None:
            closing()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


class AsyncBaseClient(BaseClient[AsyncTransport]):
    """One whose methods are awaited; over httpx by default."""

    def __init__(self, transport: AsyncTransport | None) -> None:
        if transport is not None and _blocks(transport):
            raise InvalidCallError("transport", f"{type(transport).__name__} blocks: give it to a client that does")
        super().__init__(transport)

    def _default_transport(self) -> AsyncTransport:
        transport: AsyncTransport = _default("httpx", "HttpxAsyncTransport")
        return transport

    async def close(self) -> None:
        """Closes the transport, which closes what it made itself."""
        closing = self._closing()
        closed = None if closing is None else closing()
        if inspect.isawaitable(closed):
            await closed

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()
