"""What a third party implements for tokens: sources that give them, stores that keep them, clients that ask for them.

A source is given to a client in place of a token, a store and an auth client to a source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from restli_transports.token_source import AsyncTokenSource, TokenSource

if TYPE_CHECKING:
    from restli_core.calls import Call
    from restli_core.oauth import Token
    from restli_core.oauth.application import Application

__all__ = ["AsyncAuthSender", "AsyncTokenSource", "AuthSender", "TokenSource", "TokenStore"]

T = TypeVar("T")


class TokenStore(Protocol):
    """A store of one token. It may be used from several threads, one at a time.

    A store that several programs share may also have a method ``locked() -> AbstractContextManager``: a context that
    one of them at a time is in. Sources look into the store again once they are in it, and leave it when the new token
    is saved, or with the exception that has come in between. Nobody is given a new token before it is left: it may be a
    transaction. Entering it may wait, leaving it must not wait for others.

    For an asynchronous source `load` and `save` may be coroutine functions, and the context asynchronous. What is not
    is called in threads, and not always in the same one.
    """

    def load(self) -> Token | None:
        """Return the token that was saved last; None where there is none."""
        ...

    def save(self, token: Token) -> None:
        """Keep the token in place of the one before."""
        ...


class AuthSender(Protocol):
    """A sender of the token calls of an application, such as `restli_transports.AuthClient`."""

    @property
    def application(self) -> Application:
        """The application whose calls they are."""
        ...

    def send(self, call: Call[T]) -> T:
        """Send a call and return its answer."""
        ...


class AsyncAuthSender(Protocol):
    """A sender of them that is awaited, such as `restli_transports.AsyncAuthClient`."""

    @property
    def application(self) -> Application:
        """The application whose calls they are."""
        ...

    async def send(self, call: Call[T]) -> T:
        """Send a call and return its answer, awaited."""
        ...
