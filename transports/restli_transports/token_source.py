"""Token sources: what a client asks for its tokens, where it is not given the text of one.

They stand apart from `restli_transports.tokens`, which has sources to use, since clients need to know of them and the
program that signs members in needs a client.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol

__all__ = ["AsyncTokenSource", "TokenSource"]


class TokenSource(Protocol):
    """A source of tokens for a client that blocks.

    It may also have a method ``age(token: str) -> float | None``: for how many seconds there has been this token, None
    where that is not known. It must answer at once, also in an asynchronous source. LinkedIn's servers need some
    seconds until all of them know a new token: a 401 for one that is younger than 30 seconds is therefore first
    answered by the same request after 5 seconds, once, and only a second 401 asks the source for another token.
    """

    def token(self, *, rejected: str | None = None) -> str:
        """Return a token for the next request.

        Args:
            rejected: the token that a request got a 401 for. The same one given again means that there is no other.

        Raises:
            OAuthError: there is none.
        """
        ...


class AsyncTokenSource(Protocol):
    """A source of tokens for an asynchronous client."""

    def token(self, *, rejected: str | None = None) -> Awaitable[str]:
        """Return a token, as `TokenSource.token` does, to be awaited."""
        ...
