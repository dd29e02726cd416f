"""Sources: where a client gets its tokens from, one that stays fresh by itself or one that never changes.

    token()                  a token that is good, as far as the source knows
    token(rejected=text)     likewise, but another than this one, which the server has refused with 401

    the token in hand                     what a source does
    good for longer than the leeway       gives it
    refused, or about to end              gets another; whoever asks meanwhile waits for that one
    of which nobody knows when it ends    gives it, until it is refused

However many threads or tasks want a new token, one asks for it, once. Where that fails, it fails for all who waited;
who comes later tries again. Two sources, or two programs, that share a store do not wait for one another, but each
looks into the store first, for a token that the other has put there.

What is decided is written once, in `_Keeper`; the sources to block on and those to await differ in nothing but that.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Awaitable, Callable, Generator
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeAlias, TypeVar

from restli_core.calls import Call, bearer
from restli_core.errors import InvalidCallError, OAuthError
from restli_core.oauth import Token
from restli_transports.steps import run, run_async

if TYPE_CHECKING:
    from types import ModuleType

    import anyio

    from restli_transports.auth import Application, AsyncAuthClient, AuthClient
    from restli_transports.stores import TokenStore

__all__ = [
    "AsyncClientCredentialsSource",
    "AsyncFixedSource",
    "AsyncRefreshingSource",
    "AsyncTokenSource",
    "ClientCredentialsSource",
    "FixedSource",
    "RefreshingSource",
    "TokenSource",
]

AuthT = TypeVar("AuthT")

_LEEWAY: Final = 300.0  # seconds: more than a call may last, with the default time limits, and than clocks differ

# A step is a call to send, or a function to call that may wait for a disk or for a person.
_Steps: TypeAlias = Generator[Call[Any] | Callable[[], Any], Any, None]


class TokenSource(Protocol):
    """Gives a client its tokens."""

    def token(self, *, rejected: str | None = None) -> str:
        """A token for the next request.

        Args:
            rejected: the token that a request got a 401 for. The same one given again means that there is no other.

        Raises:
            OAuthError: there is none.
        """
        ...


class AsyncTokenSource(Protocol):
    """Gives an asynchronous client its tokens."""

    def token(self, *, rejected: str | None = None) -> Awaitable[str]:
        """As `TokenSource.token`, awaited."""
        ...


class _Fixed:
    """What the two fixed sources have in common."""

    def __init__(self, access_token: str) -> None:
        bearer(access_token)  # refuses what no request could carry
        self._token = access_token

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class FixedSource(_Fixed):
    """The same token for ever.

    Args:
        access_token: the token.

    Raises:
        InvalidCallError: no header can carry it.
    """

    def token(self, *, rejected: str | None = None) -> str:
        """The token, refused or not."""
        return self._token


class AsyncFixedSource(_Fixed):
    """As `FixedSource`, awaited.

    Args:
        access_token: the token.

    Raises:
        InvalidCallError: no header can carry it.
    """

    async def token(self, *, rejected: str | None = None) -> str:
        """The token, refused or not."""
        return self._token


# -- what is decided ---------------------------------------------------------------------------------------------------


class _Keeper:
    """Keeps a token, and says how to get another. Only one may take the steps at a time.

    Attributes:
        application: whose token it is.
        attempts: how many times it was tried to get one.
    """

    application: Application
    attempts: int

    def __init__(self, application: Application, leeway: float, clock: Callable[[], float]) -> None:
        if isinstance(leeway, bool) or not isinstance(leeway, int | float) or not 0 <= leeway < float("inf"):
            raise InvalidCallError("leeway", "must be a number of seconds, 0 or above")
        self.attempts = 0
        self.application = application
        self._most_leeway = self._leeway = leeway
        self._clock = clock
        self._token: Token | None = None
        self._failure: Exception | None = None

    def usable(self, rejected: str | None) -> str | None:
        """The token in hand; None where it is the refused one, is about to end, or is not there."""
        token = self._token
        if token is None or token.access_token == rejected or token.expires(self._clock(), self._leeway):
            return None
        return token.access_token

    def steps(self, rejected: str | None, seen: int) -> Generator[Call[Any] | Callable[[], Any], Any, str]:
        """The steps to a token that is usable.

        Args:
            rejected: the token that was refused; None for none.
            seen: the number of attempts when the caller began to wait for its turn.
        """
        found = self.usable(rejected)
        if found is not None:
            return found
        if self.attempts == seen:
            return (yield from self._attempt(rejected)).access_token
        if self._failure is None and self._token is not None:
            return self._token.access_token  # what the other got, good or not: asking once more would get the same
        return self._last_resort(rejected, _again(self._failure))

    def _attempt(self, rejected: str | None) -> _Steps[Token]:
        self._failure = None
        try:
            return (yield from self.renewal(rejected))
        except Exception as error:
            self._failure = error
            if self._last_resort(rejected, error) is None:
                raise
            assert self._token
            return self._token
        finally:
            self.attempts += 1

    def renewal(self, rejected: str | None) -> _Steps[Token]:
        """The steps that put another token into the keeper's hand."""
        raise NotImplementedError

    def _keep(self, token: Token, now: float) -> None:
        """Takes a new token. One that lives shorter than the leeway is good for half its life."""
        left = self._most_leeway if token.expires_at is None else (token.expires_at - now) / 2
        self._leeway = max(0.0, min(self._most_leeway, left))
        self._token = token


class _MembersKeeper(_Keeper):
    """Keeps a member's token, in a store, and refreshes it."""

    def __init__(self, application: Application, store: TokenStore, leeway: float, clock: Callable[[], float]) -> None:
        super().__init__(application, leeway, clock)
        self._store = store
        self._stored: Token | None = None

    def renewal(self, rejected: str | None) -> _Steps:
        stored: Token | None = yield self._store.load
        if stored is not None and stored != self._stored:
            self._token = self._stored = stored
            if self.usable(rejected):
                return
        yield from self._refreshed()

    def _refreshed(self) -> _Steps:
        old = self._token
        if old is None or old.refresh_token is None:
            lacking = "token" if old is None else "refresh token"
            raise OAuthError("login_required", f"there is no {lacking}: the member must sign in (again)")
        now = self._clock()
        answer = yield self.application.exchange_refresh_token_for_access_token(old.refresh_token)
        new = old.refreshed(answer, now)
        self._keep(new, now)
        yield partial(self._store.save, new)
        self._stored = new


class _ApplicationsKeeper(_Keeper):
    """Keeps an application's own token, and asks for another by the client credentials."""

    def renewal(self, rejected: str | None) -> _Steps:
        now = self._clock()
        answer = yield self.application.get_two_legged_access_token()
        self._keep(Token.received(answer, now), now)


class _Memory:
    """A store that forgets."""

    def __init__(self, token: Token) -> None:
        self._token = token

    def load(self) -> Token:
        return self._token

    def save(self, token: Token) -> None:
        self._token = token


def _store(kept: Token | TokenStore) -> TokenStore:
    store = _Memory(kept) if isinstance(kept, Token) else kept
    if not all(callable(getattr(store, name, None)) for name in ("load", "save")):
        raise InvalidCallError("kept", f"must be a Token, or a store with load and save, not {type(kept).__name__}")
    return store


# -- the sources -------------------------------------------------------------------------------------------------------


class _Source(Generic[AuthT]):
    """What the sources have in common that ask an authorization server."""

    def __init__(self, auth: AuthT, keeper: _Keeper) -> None:
        self._auth = auth
        self._keeper = keeper

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._keeper.application}>"


class _Blocking(_Source["AuthClient"]):
    """One that threads share: who gets a new token holds the lock."""

    def __init__(self, auth: AuthClient, keeper: _Keeper) -> None:
        super().__init__(auth, keeper)
        self._lock = threading.Lock()

    def token(self, *, rejected: str | None = None) -> str:
        """A token that is good, as far as the source knows.

        Args:
            rejected: the token that the server refused.

        Raises:
            OAuthError: the authorization server refused, or there is nothing to refresh (``login_required``).
            RestliError: it could not be reached, or not be understood.
            OSError: the store failed.
            InvalidCallError: what it holds is no token.
        """
        seen = self._keeper.attempts
        return self._keeper.usable(rejected) or self._renewed(rejected, seen)

    def _renewed(self, rejected: str | None, seen: int) -> str:
        with self._lock:
            return run(self._keeper.steps(rejected, seen), self._act)

    def _act(self, step: Call[Any] | Callable[[], Any]) -> Any:
        return self._auth.send(step) if isinstance(step, Call) else step()


class _Awaited(_Source["AsyncAuthClient"]):
    """One that tasks share: who gets a new token holds the lock."""

    def __init__(self, auth: AsyncAuthClient, keeper: _Keeper) -> None:
        super().__init__(auth, keeper)
        self._lock: anyio.Lock | None = None

    async def token(self, *, rejected: str | None = None) -> str:
        """As `TokenSource.token`, awaited; what it raises is what the blocking source of this kind raises."""
        seen = self._keeper.attempts
        return self._keeper.usable(rejected) or await self._renewed(rejected, seen)

    async def _renewed(self, rejected: str | None, seen: int) -> str:
        lock = self._lock = self._lock or _anyio().Lock()
        async with lock:
            return await run_async(self._keeper.steps(rejected, seen), self._act)

    async def _act(self, step: Call[Any] | Callable[[], Any]) -> Any:
        from anyio import CancelScope, to_thread

        # An answer may hold the only refresh token from now on: it is to be had, and to be saved.
        with CancelScope(shield=True):
            return await (self._auth.send(step) if isinstance(step, Call) else to_thread.run_sync(step))


def _anyio() -> ModuleType:
    try:
        import anyio
    except ImportError as error:
        raise ImportError('a source to be awaited needs anyio: pip install "restli-core[h11]"') from error
    return anyio


class RefreshingSource(_Blocking):
    """A member's token, refreshed shortly before it ends, and when a server refuses it. Threads may share it.

    Args:
        auth: the client of the application that the token was issued to.
        kept: the token, which is then kept in memory alone; or the store (`restli_transports.stores`) that has it and
            gets what takes its place.
        leeway: how many seconds before its end a token is refreshed.
        clock: tells the time in epoch seconds.

    Raises:
        InvalidCallError: an argument is not what it should be; names it.
    """

    def __init__(
        self,
        auth: AuthClient,
        kept: Token | TokenStore,
        *,
        leeway: float = _LEEWAY,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(auth, _MembersKeeper(auth.application, _store(kept), leeway, clock))


class AsyncRefreshingSource(_Awaited):
    """As `RefreshingSource`, awaited: for any number of tasks of one event loop.

    The store is used in a thread, since it may wait. A refresh that has begun is seen through, even if a cancel scope
    of anyio or trio ends the task that wants it; asyncio's own cancellation interrupts it.

    Args:
        auth: the client of the application that the token was issued to.
        kept: as for `RefreshingSource`.
        leeway: likewise.
        clock: likewise.

    Raises:
        InvalidCallError: an argument is not what it should be; names it.
    """

    def __init__(
        self,
        auth: AsyncAuthClient,
        kept: Token | TokenStore,
        *,
        leeway: float = _LEEWAY,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(auth, _MembersKeeper(auth.application, _store(kept), leeway, clock))


class ClientCredentialsSource(_Blocking):
    """An application's own token (two-legged), asked for when it is needed. Threads may share it.

    Args:
        auth: the client of the application.
        leeway: how many seconds before its end a token is given up for another.
        clock: tells the time in epoch seconds.

    Raises:
        InvalidCallError: the application has no secret, or the leeway is no number of seconds.
    """

    def __init__(self, auth: AuthClient, *, leeway: float = _LEEWAY, clock: Callable[[], float] = time.time) -> None:
        super().__init__(auth, _ApplicationsKeeper(auth.application, leeway, clock))
        auth.application.get_two_legged_access_token()  # refuses an application without a secret


class AsyncClientCredentialsSource(_Awaited):
    """As `ClientCredentialsSource`, awaited: for any number of tasks of one event loop.

    Args:
        auth: the client of the application.
        leeway: as for `ClientCredentialsSource`.
        clock: likewise.

    Raises:
        InvalidCallError: the application has no secret, or the leeway is no number of seconds.
    """

    def __init__(
        self, auth: AsyncAuthClient, *, leeway: float = _LEEWAY, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(auth, _ApplicationsKeeper(auth.application, leeway, clock))
        auth.application.get_two_legged_access_token()  # refuses an application without a secret
