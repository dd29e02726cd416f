"""BaseClient: what all clients share, whatever their calls are about: a transport, sending over it, and closing it.

A client has no state but its settings and what `Shared` keeps, so that it is as safe to share between threads, or
tasks, as its transport and its source of tokens are.
"""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

from restli_core.base_errors import InvalidCallError
from restli_core.calls import Call  # noqa: TC001 - for typing.get_type_hints
from restli_core.flows.drivers import run, run_async
from restli_core.frames import concealing
from restli_core.messages import HttpResponse
from restli_core.signatures import is_awaitable, is_coroutine_function
from restli_transports._clients.flow import call_flow, warn_of_default
from restli_transports._clients.kept import KEPT, Kept
from restli_transports._clients.settings import DEFAULT_TIMEOUT, check_retry, cut
from restli_transports._clients.shared import Shared
from restli_transports._clients.steps import perform, perform_async
from restli_transports.mistaken import refusing
from restli_transports.transport import AsyncTransport, OfOneProcess, Timeout, Transport, check_timeout

if TYPE_CHECKING:
    from collections.abc import Generator

    from restli_core.flows.retry import RetryPolicy
    from restli_transports._clients.settings import Settings
    from restli_transports._clients.steps import Step

__all__ = ["AsyncBaseClient", "BaseClient", "BlockingClient"]

J = TypeVar("J")
MakerT = TypeVar("MakerT")
R = TypeVar("R")
T = TypeVar("T")
TransportT = TypeVar("TransportT")


class BaseClient(OfOneProcess, Generic[TransportT, MakerT]):
    """A client: it sends calls over a transport.

    Args:
        transport: what carries the requests; None for the default one.
        maker: what makes the client's own calls.
        settings: the client's settings.

    Raises:
        InvalidCallError: this is not a transport, or the transport or the source of tokens is for the other kind of
            client (one that blocks, or one that is awaited).
        ImportError: the library of the default transport is missing; names the extra.
    """

    _is_async: ClassVar[bool]
    _default_transport: ClassVar[tuple[str, str]]  # the module in this package, and the class in it

    _default_timeout: ClassVar[Timeout] = DEFAULT_TIMEOUT

    maker: MakerT
    settings: Settings

    def __init__(self, transport: TransportT | None, maker: MakerT, settings: Settings) -> None:
        self._use(maker, settings)
        if transport is None:
            module, name = self._default_transport
            try:
                # Only here: an HTTP library is slow to import, and need not be installed.
                transport = getattr(import_module(f"restli_transports.{module}"), name)()
            except ImportError as error:
                raise ImportError(f"{error}; or give the client another transport") from error
        else:
            _check_transport(transport, is_async=self._is_async)
        # Any, since `session` and `close` are optional, and so not part of the protocols.
        self._transport: Any = transport
        self._shared = Shared(transport, is_async=self._is_async)
        self._closes = True

    def __setattr__(self, name: str, value: object) -> None:
        kind = type(self)
        # What a client keeps for itself, and its methods, which tests replace.
        if name.startswith("_") or callable(getattr(kind, name, None)):
            super().__setattr__(name, value)
            return
        ours = next(base for base in kind.__mro__ if base.__module__.startswith("restli_transports."))
        from inspect import signature  # slow to import

        options = [*signature(ours).parameters]
        # A class of the user's own may have what it likes, except for what it would expect to count.
        if kind is not ours and name not in options and not hasattr(ours, name):
            super().__setattr__(name, value)
            return
        clone = getattr(ours, "with_options", None) or getattr(ours, f"with_{name}", None)
        if clone is not None and name in signature(clone).parameters:
            cure = f"{clone.__name__}({name}=...) returns another one on the same transport"
        else:
            cure = f"make another one; the arguments are {', '.join(options)}"
        message = f"cannot set {name}: a client does not change; {cure}"
        raise AttributeError(message, name=name, obj=self)

    def _use(self, maker: MakerT, settings: Settings) -> None:
        if not self._is_async and is_coroutine_function(getattr(settings.access_token, "token", None)):
            raise InvalidCallError("access_token", "is a source to be awaited: give it to an asynchronous client")
        vars(self).update(maker=maker, settings=settings)  # which `__setattr__` refuses to all others

    def _derived(self, maker: MakerT, settings: Settings) -> Self:
        """Return a client on the same transport, which stays this one's to close."""
        client = self.__copy__()  # the module `copy` would be imported for this alone
        client._use(maker, settings)
        client._closes = False
        return client

    @property
    def transport(self) -> TransportT:
        """The transport, which carries the requests."""
        transport: TransportT = self._transport
        return transport

    @property
    def session(self) -> Any:
        """The HTTP library's own session, pool or client; None where the transport has none."""
        return getattr(self._transport, "session", None)

    def _close(self) -> Any:
        """Close the transport, if it can be closed and is this client's to close; return what closing it returns."""
        if not self._closes:
            return None
        self._end_waits()
        close = getattr(self._transport, "close", None)
        return None if close is None else close()

    def _end_waits(self) -> None:
        """Have no call wait any more, where the transport is this client's to close."""
        if self._closes:
            self._shared.close()

    def _flow(
        self, call: Call[T], timeout: Timeout | Kept | None, retry: RetryPolicy | Kept | None
    ) -> Generator[Step, Any, T]:
        """Return the steps from a call to its answer; the arguments are those of `send`."""
        settings = self.settings
        if settings.is_elsewhere:
            warn_of_default(call, settings)
        policy = settings.retry if retry is KEPT else check_retry(retry)
        if timeout is KEPT and retry is KEPT:
            limits = settings.first_timeout
        else:
            given = settings.timeout if timeout is KEPT else self._default_timeout if timeout is None else timeout
            limits = cut(check_timeout(given), policy, 0.0)
        return call_flow(call, settings, self._shared, limits, policy)

    def __copy__(self) -> Self:
        """Return a client with the same settings over the same transport."""
        client = self.__new__(type(self))
        client.__dict__.update(self.__dict__)
        return client

    def __repr__(self) -> str:
        return f"<{type(self).__name__} over {type(self._transport).__name__}>"


class BlockingClient(BaseClient[Transport, MakerT]):
    """A client whose methods return answers; over urllib3 by default."""

    _is_async = False
    _default_transport = ("urllib3", "Urllib3Transport")

    @concealing
    def send(
        self, call: Call[T], *, timeout: Timeout | Kept | None = KEPT, retry: RetryPolicy | Kept | None = KEPT
    ) -> T:
        """Send a call, made here or elsewhere, and return its answer.

        The call goes out as it is, except for one header: where the client has an access token, and the call has no
        Authorization and goes to the client's own origin, the token is added.

        Args:
            call: the call.
            timeout: the time limits of each try; the client's where it is left out, the library's where it is None.
            retry: which failures are repeated; the client's policy where it is left out, none where it is None.

        Raises:
            ServiceError: the server answered with an error.
            OAuthError: the authorization server refused: a token call, or the client's source of tokens.
            InvalidResponseError: the server answered with success, but the answer cannot be read.
            TransportError: the request could not be sent, or the answer could not be received.
            InvalidCallError: an argument is not what it should be.

        Warns:
            SuspiciousValueWarning: the call goes to LinkedIn, as one that was made without a base URL, and the client
                is for another server.
        """
        flow = self._flow(call, timeout, retry)
        return run(flow, partial(perform, self._transport, self._shared.clock))

    def close(self) -> None:
        """Close the transport, which closes what it made itself."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    if not TYPE_CHECKING:
        __aenter__ = __aexit__ = refusing("blocks: write `with`, not `async with`")


class AsyncBaseClient(BaseClient[AsyncTransport, MakerT]):
    """A client whose methods are awaited; by default over httpx, or over httpx2 where that alone is installed."""

    _is_async = True
    _default_transport = ("httpx", "HttpxAsyncTransport")

    @concealing
    async def send(
        self, call: Call[T], *, timeout: Timeout | Kept | None = KEPT, retry: RetryPolicy | Kept | None = KEPT
    ) -> T:
        """Send a call, made here or elsewhere, and return its answer.

        The arguments, the errors and what is added to the call are those of the client that blocks.
        """
        flow = self._flow(call, timeout, retry)
        return await run_async(flow, partial(perform_async, self._transport, self._shared.clock))

    async def close(self) -> None:
        """Close the transport, which closes what it made itself."""
        closed = self._close()
        if is_awaitable(closed):
            await closed

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    if not TYPE_CHECKING:
        __enter__ = __exit__ = refusing("is asynchronous: write `async with`, not `with`")


def _check_transport(transport: object, *, is_async: bool) -> None:
    """Raise an InvalidCallError for what is not a transport, and for one that is for the other kind of client."""
    kind = type(transport)
    send = getattr(transport, "send", None)
    if not callable(send):
        raise InvalidCallError("transport", f"must have a method send, which {kind.__name__} does not have")
    if isinstance(transport, type):
        raise InvalidCallError("transport", f"must be a transport, not the class {transport.__name__}")
    # A library's own session has a `send`, too, which takes another kind of request.
    if kind.__module__.partition(".")[0] in {"requests", "httpx", "httpx2", "urllib3"}:
        reason = f"must be a transport, such as one of restli_transports over this {kind.__name__}"
        raise InvalidCallError("transport", reason)
    if is_coroutine_function(send):
        if not is_async:
            raise InvalidCallError("transport", f"{kind.__name__} is asynchronous: give it to an asynchronous client")
    # A plain function may return an awaitable, so that only one that promises an answer is known to block.
    elif is_async and getattr(send, "__annotations__", {}).get("return") in {"HttpResponse", HttpResponse}:
        raise InvalidCallError("transport", f"{kind.__name__} blocks: give it to a client that does")
