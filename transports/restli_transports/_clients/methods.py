"""Methods: functions that make calls become the methods of the clients that send them.

    class RestliClient(BlockingClient[Calls]):

        @blocking(Calls.get)                        client.get(...) is client.send(client.calls.get(...))
        def get(self) -> GetResponse: ...

    class AsyncAuthClient(AsyncBaseClient[Application]):

        @awaited(Application.revoke_access_token)   await client.revoke_access_token(...) is
        async def revoke_access_token(self) ->      await client.send(client.application.revoke_access_token(...))
            AuthResponse: ...

A function is written and documented once, in the core. The stub below the decorator says what the method is called and
what it answers; parameters and documentation are the function's, for readers and for type checkers.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from restli_core.frames import clear_frames
from restli_core.signatures import describe

if TYPE_CHECKING:
    from inspect import Signature

    from restli_core.calls import Call
    from restli_transports._clients.base import AsyncBaseClient, BlockingClient

__all__ = ["awaited", "blocking"]

MakerT = TypeVar("MakerT")
P = ParamSpec("P")
T = TypeVar("T")


def blocking(
    make: Callable[Concatenate[MakerT, P], Call[T]],
) -> Callable[[Callable[[Any], T]], Callable[Concatenate[BlockingClient[MakerT], P], T]]:
    """Return a decorator that makes a stub a method: it makes a call, sends it and returns the answer.

    Args:
        make: a function of the client's maker and of the method's arguments, which returns the call.
    """

    def decorate(stub: Callable[[Any], T]) -> Callable[Concatenate[BlockingClient[MakerT], P], T]:
        # What `concealing` does, but without one more function for each call to go through; so below.
        def method(self: BlockingClient[MakerT], /, *args: P.args, **options: P.kwargs) -> T:
            try:
                return self.send(make(self.maker, *args, **options))
            except BaseException as error:
                clear_frames(error)
                del self, args, options
                raise

        _describe(method, make, stub)
        return method

    return decorate


def awaited(
    make: Callable[Concatenate[MakerT, P], Call[T]],
) -> Callable[
    [Callable[[Any], Coroutine[Any, Any, T]]],
    Callable[Concatenate[AsyncBaseClient[MakerT], P], Coroutine[Any, Any, T]],
]:
    """Return a decorator that makes a stub a coroutine function: it makes a call, sends it and returns the answer.

    Args:
        make: a function of the client's maker and of the method's arguments, which returns the call.
    """

    def decorate(
        stub: Callable[[Any], Coroutine[Any, Any, T]],
    ) -> Callable[Concatenate[AsyncBaseClient[MakerT], P], Coroutine[Any, Any, T]]:
        async def method(self: AsyncBaseClient[MakerT], /, *args: P.args, **options: P.kwargs) -> T:
            try:
                return await self.send(make(self.maker, *args, **options))
            except BaseException as error:
                clear_frames(error)
                del self, args, options
                raise

        _describe(method, make, stub)
        return method

    return decorate


def _describe(method: Callable[..., Any], make: Callable[..., Any], stub: Callable[..., Any]) -> None:
    """Give a method the name, module and answer of its stub, and the parameters and documentation of `make`."""
    update_wrapper(method, stub)
    describe(method, stub, lambda: _with_answer(make, stub))
    method.__doc__ = make.__doc__


def _with_answer(make: Callable[..., Any], stub: Callable[..., Any]) -> Signature:
    """Return the signature of `make`, which answers what the stub says."""
    from inspect import signature  # slow to import

    return signature(make).replace(return_annotation=stub.__annotations__["return"])
