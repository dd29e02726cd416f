"""Sources: where a client gets its tokens from, one that stays fresh by itself or one that never changes.

    token()                  a token that is good, as far as the source knows
    token(rejected=text)     likewise, but another than this one, which the server has refused with 401

    the token in hand                     what a source does
    good for longer than the leeway       gives it
    refused, or about to end              gets another; whoever asks meanwhile waits for that one
    about to end, and no other to be had  gives it, until it has ended
    of which nobody knows when it ends    gives it, until it is refused

However many threads or tasks want a new token, one asks for it, once. Where that fails, it fails for all who waited;
who comes later tries again. Two sources, or two programs, that share a store do not wait for one another, but each
looks into the store before it refreshes, and after it was refused, for a token that the other has put there. A store
that has been emptied means that the member has signed out.

What is decided is written once, in `_Keeper`; the sources to block on and those to await differ in nothing but that.
"""

from __future__ import annotations

import inspect
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from copy import copy
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Generic, NoReturn, TypeAlias, TypeVar

from restli_core.calls import Call
from restli_core.errors import InvalidCallError, OAuthError
from restli_core.flows.drivers import run, run_async
from restli_core.messages import check_token
from restli_core.oauth import Token

if TYPE_CHECKING:
    from types import ModuleType

    import anyio

    from restli_core.oauth.application import Application
    from restli_transports.tokens.protocols import AsyncAuthSender, AuthSender, TokenStore

__all__ = [
    "AsyncClientCredentialsSource",
    "AsyncFixedSource",
    "AsyncRefreshingSource",
    "ClientCredentialsSource",
    "FixedSource",
    "RefreshingSource",
]

AuthT = TypeVar("AuthT")

_LEEWAY: Final = 300.0  # seconds: more than a call may last, with the default time limits, and than clocks differ

T = TypeVar("T")

# A step is a call to send, or a function to call that may wait for a disk or for a person.
_Step: TypeAlias = Call[Any] | Callable[[], Any]
_Steps: TypeAlias = Generator[_Step, Any, T]


class _Fixed:
    """What the two fixed sources have in common."""

    def __init__(self, access_token: str) -> None:
        check_token(access_token)  # refuses what no request could carry
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
        waits: whether its steps wait for anything but a server.
    """

    application: Application
    attempts: int
    waits: bool = False

    def __init__(self, application: Application, leeway: float, clock: Callable[[], float]) -> None:
        if isinstance(leeway, bool) or not isinstance(leeway, int | float) or not 0 <= leeway < float("inf"):
            raise InvalidCallError("leeway", "must be a number of seconds, 0 or above")
        if not callable(clock):
            raise InvalidCallError("clock", "must be a function that tells the time in epoch seconds")
        self.attempts = 0
        self.application = application
        self._most_leeway = self._leeway = leeway
        self._clock = clock
        self._token: Token | None = None
        self._failure: Exception | None = None
        self._unsaved: Token | None = None

    def usable(self, rejected: str | None) -> str | None:
        """The token in hand, where there is nothing to do but to give it."""
        return None if self._unsaved else self._good(rejected, self._leeway)

    def steps(self, rejected: str | None, seen: int) -> _Steps[str]:
        """The steps to a token.

        Args:
            rejected: the token that was refused; None for none.
            seen: the number of attempts when the caller began to wait for its turn.
        """
        yield from self.caught_up()
        found = self._good(rejected, self._leeway)
        if found is None and self.attempts == seen:
            found = yield from self._attempted(rejected)
        return found or self._outcome(rejected)

    def caught_up(self) -> _Steps[None]:
        """The steps to what could not be done before."""
        yield from ()

    def renewal(self, rejected: str | None) -> _Steps[None]:
        """The steps that put another token into the keeper's hand."""
        raise NotImplementedError

    def _attempted(self, rejected: str | None) -> _Steps[str | None]:
        self._failure = None
        try:
            yield from self.renewal(rejected)
        except Exception as error:
            self._failure = error
            last = self._good(rejected, 0)
            if last is None or self._unsaved is not None:  # that a token is not saved is to be told
                raise
            return last
        finally:
            self.attempts += 1
        return None

    def _outcome(self, rejected: str | None) -> str:
        """What the last attempt came to: its token, good or not, since asking once more would get no other."""
        last = self._good(rejected, 0)
        if last is None and self._failure is not None:
            _raise_again(self._failure)
        if last is None and self._token is not None:
            last = self._token.access_token
        if last is None:
            raise OAuthError("login_required", "there is no token")
        return last

    def _good(self, rejected: str | None, leeway: float) -> str | None:
        """The token in hand; None where it is the refused one, ends within the leeway, or is not there."""
        token = self._token
        if token is None or token.access_token == rejected or token.expires(self._clock(), leeway):
            return None
        return token.access_token

    def _keep(self, token: Token, now: float) -> None:
        """Takes a new token. One that lives shorter than the leeway is good for half its life."""
        left = self._most_leeway if token.expires_at is None else (token.expires_at - now) / 2
        self._leeway = max(0.0, min(self._most_leeway, left))
        self._token = token


def _raise_again(failure: Exception) -> NoReturn:
    """Raises a failure for another who waited, as an error of its own where it can be copied."""
    try:
        again = copy(failure)
    except Exception:  # noqa: BLE001 - what constructors of others raise is theirs to know
        again = failure
    if again is failure:
        raise failure
    raise again from failure


class _MembersKeeper(_Keeper):
    """Keeps a member's token, in a store, and refreshes it."""

    def __init__(self, application: Application, store: TokenStore, leeway: float, clock: Callable[[], float]) -> None:
        super().__init__(application, leeway, clock)
        self.waits = not isinstance(store, _Memory)
        self._store = store

    def caught_up(self) -> _Steps[None]:
        if self._unsaved is not None:
            with suppress(Exception):  # it has been told once
                yield from self._saved(self._unsaved)

    def renewal(self, rejected: str | None) -> _Steps[None]:
        if self._unsaved is None:
            self._token = _loaded((yield self._store.load))
        if self._good(rejected, self._leeway) is None:
            yield from self._refreshed(rejected)

    def _refreshed(self, rejected: str | None) -> _Steps[None]:
        old = self._token
        if old is None or old.refresh_token is None:
            lacking = "token" if old is None else "refresh token"
            raise OAuthError("login_required", f"there is no {lacking}: the member must sign in (again)")
        now = self._clock()
        try:
            answer = yield self.application.exchange_refresh_token_for_access_token(old.refresh_token)
        except OAuthError as error:
            yield from self._overtaken(old, rejected, error)
        else:
            self._keep(old.refreshed(answer, now), now)
            yield from self._saved(self._token)

    def _overtaken(self, old: Token, rejected: str | None, error: OAuthError) -> _Steps[None]:
        """Another program may have refreshed meanwhile, which ends the refresh token where the server rotates them."""
        stored = None if self._unsaved else _loaded((yield self._store.load))
        if stored is not None and stored != old:
            self._token = stored
        if self._good(rejected, 0) is None or self._token == old:
            raise error

    def _saved(self, token: Token | None) -> _Steps[None]:
        if token is not None:
            self._unsaved = token
            yield partial(self._store.save, token)
            self._unsaved = None


def _loaded(stored: object) -> Token | None:
    if stored is not None and not isinstance(stored, Token):
        raise InvalidCallError("kept", f"its load gave no Token, but {type(stored).__name__}")
    return stored


class _ApplicationsKeeper(_Keeper):
    """Keeps an application's own token, and asks for another by the client credentials."""

    def renewal(self, rejected: str | None) -> _Steps[None]:
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
    if isinstance(store, type) or not all(callable(getattr(store, name, None)) for name in ("load", "save")):
        raise InvalidCallError("kept", f"must be a Token, or a store with load and save, not {type(kept).__name__}")
    return store


def _application(auth: Any, *, asynchronous: bool) -> Application:
    """The application of an auth client of the right kind."""
    send = getattr(auth, "send", None)
    right = callable(send) and inspect.iscoroutinefunction(send) is asynchronous and not isinstance(auth, type)
    if not right or not hasattr(auth, "application"):
        kind = "AsyncAuthClient" if asynchronous else "AuthClient"
        raise InvalidCallError("auth", f"must be an {kind}, not {type(auth).__name__}")
    application: Application = auth.application
    return application


# -- the sources -------------------------------------------------------------------------------------------------------


class _Source(Generic[AuthT]):
    """What the sources have in common that ask an authorization server."""

    def __init__(self, auth: AuthT, keeper: _Keeper) -> None:
        self._auth = auth
        self._keeper = keeper

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._keeper.application}>"


class _Blocking(_Source["AuthSender"]):
    """One that threads share: who gets a new token holds the lock."""

    def __init__(self, auth: AuthSender, keeper: _Keeper) -> None:
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

    def _act(self, step: _Step) -> Any:
        return self._auth.send(step) if isinstance(step, Call) else step()


class _Awaited(_Source["AsyncAuthSender"]):
    """One that the tasks of an event loop share: who gets a new token holds the lock."""

    def __init__(self, auth: AsyncAuthSender, keeper: _Keeper) -> None:
        super().__init__(auth, keeper)
        self._loop = _Loop()

    async def token(self, *, rejected: str | None = None) -> str:
        """As `TokenSource.token`, awaited; what it raises is what the blocking source of this kind raises.

        Raises:
            InvalidCallError: the source is in use in another event loop.
        """
        seen = self._keeper.attempts
        return self._keeper.usable(rejected) or await self._renewed(rejected, seen)

    async def _renewed(self, rejected: str | None, seen: int) -> str:
        with self._loop.entered():
            async with self._loop.lock:
                return await run_async(self._keeper.steps(rejected, seen), self._act)

    async def _act(self, step: _Step) -> Any:
        anyio = _anyio()
        # An answer may hold the only refresh token from now on: it is to be had, and to be saved.
        with anyio.CancelScope(shield=True):
            if isinstance(step, Call):
                return await self._auth.send(step)
            # With a thread of its own: those that all share may all be waiting for this token.
            return await anyio.to_thread.run_sync(step, limiter=self._loop.threads) if self._keeper.waits else step()


class _Loop:
    """The event loop that a source is used in: one at a time, one after another."""

    lock: anyio.Lock
    threads: anyio.CapacityLimiter

    def __init__(self) -> None:
        self._entering = threading.Lock()
        self._inside = 0
        self._token: object = None

    @contextmanager
    def entered(self) -> Generator[None]:
        """In the loop that runs now; what belongs to it is made where it is another than before."""
        self._enter()
        try:
            yield
        finally:
            with self._entering:
                self._inside -= 1

    def _enter(self) -> None:
        anyio = _anyio()
        loop = anyio.lowlevel.current_token()
        with self._entering:
            if self._inside and loop != self._token:
                raise InvalidCallError("access_token", "the source is in use in another event loop: make one for each")
            if loop != self._token:
                self._token, self.lock, self.threads = loop, anyio.Lock(), anyio.CapacityLimiter(1)
            self._inside += 1


def _anyio() -> ModuleType:
    try:
        for name in ("anyio.lowlevel", "anyio.to_thread"):
            import_module(name)
        return import_module("anyio")
    except ImportError as error:
        raise ImportError('a source to be awaited needs anyio: pip install "restli-core[h11]"') from error


class RefreshingSource(_Blocking):
    """A member's token, refreshed shortly before it ends, and when a server refuses it. Threads may share it.

    Args:
        auth: the client of the application that the token was issued to.
        kept: the token, which is then kept in memory alone; or the store (`restli_transports.tokens`) that has it and
            gets what takes its place.
        leeway: how many seconds before its end a token is refreshed.
        clock: tells the time in epoch seconds.

    Raises:
        InvalidCallError: an argument is not what it should be; names it.
    """

    def __init__(
        self,
        auth: AuthSender,
        kept: Token | TokenStore,
        *,
        leeway: float = _LEEWAY,
        clock: Callable[[], float] = time.time,
    ) -> None:
        application = _application(auth, asynchronous=False)
        super().__init__(auth, _MembersKeeper(application, _store(kept), leeway, clock))


class AsyncRefreshingSource(_Awaited):
    """As `RefreshingSource`, awaited: for any number of tasks of one event loop.

    The store is used in a thread, since it may wait. A refresh that has begun is seen through, even if a cancel scope
    of anyio or trio ends the task that wants it, so that it may outlast the limits of a call by those of the auth
    client. asyncio's own cancellation (`Task.cancel`, `asyncio.timeout`) interrupts it; where the server rotates
    refresh tokens, that may lose the new one, and the member must sign in again.

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
        auth: AsyncAuthSender,
        kept: Token | TokenStore,
        *,
        leeway: float = _LEEWAY,
        clock: Callable[[], float] = time.time,
    ) -> None:
        application = _application(auth, asynchronous=True)
        super().__init__(auth, _MembersKeeper(application, _store(kept), leeway, clock))


class ClientCredentialsSource(_Blocking):
    """An application's own token (two-legged), asked for when it is needed. Threads may share it.

    Args:
        auth: the client of the application.
        leeway: how many seconds before its end a token is given up for another.
        clock: tells the time in epoch seconds.

    Raises:
        InvalidCallError: the application has no secret, or the leeway is no number of seconds.
    """

    def __init__(self, auth: AuthSender, *, leeway: float = _LEEWAY, clock: Callable[[], float] = time.time) -> None:
        application = _application(auth, asynchronous=False)
        super().__init__(auth, _ApplicationsKeeper(application, leeway, clock))
        application.get_two_legged_access_token()  # refuses an application without a secret


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
        self, auth: AsyncAuthSender, *, leeway: float = _LEEWAY, clock: Callable[[], float] = time.time
    ) -> None:
        application = _application(auth, asynchronous=True)
        super().__init__(auth, _ApplicationsKeeper(application, leeway, clock))
        application.get_two_legged_access_token()  # refuses an application without a secret
