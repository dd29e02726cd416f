"""Sources: where a client gets its tokens from, one that stays fresh by itself or one that never changes.

    token()                  a token that is good, as far as the source knows
    token(rejected=text)     likewise, but another than this one, which the server has refused with 401

However many threads or tasks want a new token, one asks for it, once. Where that fails, it fails for all who waited;
who comes later tries again. Two sources, or two programs, that share a store take turns where the store can see to that
(`FileStore`), and look into it once more when it is theirs. With another store they do not wait for one another, but
each looks into the store before it refreshes, and after it was refused, for a token that the other has put there. A
store that has been emptied means that the member has signed out.

A source may be taken along into a fork, also while another thread gets a token by it: the child has what the parent had
in hand, and is from then on another program.

`TokenCache` decides, once for both kinds; here its steps are performed, blocking or awaited.
"""

from __future__ import annotations

import inspect
import threading
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from restli_core.base_errors import InvalidCallError
from restli_core.calls import Call
from restli_core.flows.drivers import run, run_async
from restli_core.frames import concealing
from restli_core.messages import check_token
from restli_transports.tokens.cache import Step, TokenCache, check_store, check_token_value
from restli_transports.tokens.completion import complete
from restli_transports.tokens.event_loops import Loop, Loops, source_threads
from restli_transports.wire.forks import on_fork

if TYPE_CHECKING:
    from restli_core.oauth import Token
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

T = TypeVar("T")

LEEWAY: Final = 300.0  # seconds: more than a call may last, with the default time limits, and than clocks differ


class FixedSource:
    """A source of the same token for ever.

    Args:
        access_token: the token.

    Raises:
        InvalidCallError: no header can carry it.
    """

    @concealing
    def __init__(self, access_token: str) -> None:
        self._token = check_token(access_token)

    def token(self, *, rejected: str | None = None) -> str:
        """Return the token, refused or not."""
        return self._token

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class AsyncFixedSource:
    """A source like `FixedSource`, awaited.

    Args:
        access_token: the token.

    Raises:
        InvalidCallError: no header can carry it.
    """

    @concealing
    def __init__(self, access_token: str) -> None:
        self._token = check_token(access_token)

    async def token(self, *, rejected: str | None = None) -> str:
        """Return the token, refused or not."""
        return self._token

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class _BlockingSource:
    """A source that threads share: the one that gets a new token holds the lock."""

    def __init__(
        self, auth: AuthSender, store: TokenStore | None, leeway: float, clock: Callable[[], float] | None
    ) -> None:
        self._auth = auth
        self._cache = TokenCache(
            _check_auth(auth, is_async=False), store, leeway, _clock_of(auth) if clock is None else clock
        )
        self._lock = threading.Lock()
        on_fork(self)

    def after_fork(self) -> None:
        """Make a new lock in a child: a thread that its parent had may hold the old one, and is not there."""
        self._lock = threading.Lock()

    @concealing
    def token(self, *, rejected: str | None = None) -> str:
        """Return a token that is good, as far as the source knows.

        Args:
            rejected: the token that the server refused.

        Raises:
            OAuthError: the authorization server refused, or there is nothing to refresh (``login_required``).
            RestliError: the server could not be reached, or its answer not be read.
            OSError: the store failed.
            InvalidCallError: what the store holds is not a token.
        """
        # Before the token is looked at: an attempt that ends in between counts as one that was waited for.
        seen = self._cache.attempts
        token = self._cache.usable(rejected)  # without the lock: reading it is safe, and nobody has to wait
        if token is not None:
            return token
        with self._lock:
            return run(self._cache.flow(rejected, seen), self._perform)

    def age(self, token: str) -> float | None:
        """Return for how many seconds the source has had a token, where it came as a new one; None where it did not.

        LinkedIn's servers need some seconds until all of them know one.
        """
        return self._cache.age(token)

    def _perform(self, step: Step) -> Any:
        return self._auth.send(step) if isinstance(step, Call) else step()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._cache.application}>"


class _AsyncSource:
    """A source that the tasks of an event loop share: the one that gets a new token holds the lock."""

    def __init__(
        self, auth: AsyncAuthSender, store: TokenStore | None, leeway: float, clock: Callable[[], float] | None
    ) -> None:
        self._auth = auth
        application = _check_auth(auth, is_async=True)
        self._cache = TokenCache(application, store, leeway, _clock_of(auth) if clock is None else clock, is_async=True)
        self._loops = Loops()
        on_fork(self)

    def after_fork(self) -> None:
        """Forget the event loop, in a child: the tasks that its parent had are not there."""
        self._loops = Loops()

    @concealing
    async def token(self, *, rejected: str | None = None) -> str:
        """Return a token that is good, as far as the source knows.

        The argument and the errors are those of the source of this kind that blocks.

        Raises:
            InvalidCallError: the source is in use in another event loop.
        """
        seen = self._cache.attempts  # before the token is looked at, as in the source that blocks
        token = self._cache.usable(rejected)
        if token is not None:
            return token
        with self._loops.entered() as loop:
            await loop.turn.acquire()
            # An answer may hold the only refresh token that is good from now on: it must be read, and saved.
            return await complete(partial(self._get, rejected, seen), loop.turn.release)

    async def _get(self, rejected: str | None, seen: int) -> str:
        return await self._run(self._cache.flow(rejected, seen))

    def age(self, token: str) -> float | None:
        """Return for how many seconds the source has had a token, as that of the source that blocks does."""
        return self._cache.age(token)

    async def _run(self, flow: Generator[Step, Any, T]) -> T:
        """Run a flow of the cache, in the turn of the task that asked for it."""
        # It may outlast that task, and so is in the event loop on its own account.
        with self._loops.entered() as loop:
            try:
                return await run_async(flow, partial(self._perform, loop))
            except GeneratorExit:
                raise  # the event loop is gone, and nothing can be awaited
            except BaseException:
                await self._leave_turn()
                raise

    async def _leave_turn(self) -> None:
        """End a turn in which the flow was closed, such as by a cancellation of the program's own inside its store."""
        leave, self._cache.leave_turn = self._cache.leave_turn, None
        if leave is not None:
            import anyio

            with anyio.CancelScope(shield=True), suppress(Exception):  # what has closed the flow goes on
                await leave()

    async def _perform(self, loop: Loop, step: Step) -> Any:
        import anyio.to_thread  # slow to import; it is installed, since entering the event loop has imported anyio

        if isinstance(step, Call):
            return await self._auth.send(step)
        if not self._cache.waits:
            return step()
        if inspect.iscoroutinefunction(step):
            return await step()
        # Not in the threads that all of the program shares: they may all be waiting for this token. In a turn it is one
        # of the source's own, since the sources' own threads may all be waiting for the turn to end.
        limiter = loop.thread if self._cache.has_turn else source_threads()
        # In a list, since trio lets no coroutine out of a thread.
        [result] = await anyio.to_thread.run_sync(lambda: [step()], limiter=limiter)
        return await result if inspect.isawaitable(result) else result  # such as a lambda around a coroutine function

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._cache.application}>"


def _check_auth(auth: Any, *, is_async: bool) -> Application:
    """Return the application of an auth client; raise an InvalidCallError for one of the other kind."""
    send = getattr(auth, "send", None)
    fits = callable(send) and inspect.iscoroutinefunction(send) is is_async and not isinstance(auth, type)
    if not fits or not hasattr(auth, "application"):
        kind = "AsyncAuthClient" if is_async else "AuthClient"
        raise InvalidCallError("auth", f"must be an {kind}, not {type(auth).__name__}")
    application: Application = auth.application
    return application


def _clock_of(auth: Any) -> Callable[[], float]:
    """Return what tells the time of day: the clock that the auth client waits by, where it can, else the system's."""
    tells: Callable[[], float] | None = getattr(getattr(getattr(auth, "transport", None), "clock", None), "time", None)
    return tells if callable(tells) else time.time


class RefreshingSource(_BlockingSource):
    """A source of a member's token, refreshed shortly before it ends, and when a server refuses it.

    Threads may share it.

    Args:
        auth: the client of the application that the token was issued to.
        store: the store (`restli_transports.tokens`) that has the token and gets what takes its place; or the token
            itself, which is then kept in memory alone.
        leeway: how many seconds before its end a token is refreshed.
        clock: returns the time in epoch seconds; by default the clock of the transport of `auth`, where it has one that
            tells the time of day, else the system's.

    Raises:
        InvalidCallError: an argument is not what it should be; names it.
    """

    @concealing
    def __init__(
        self,
        auth: AuthSender,
        store: Token | TokenStore,
        *,
        leeway: float = LEEWAY,
        clock: Callable[[], float] | None = None,
    ) -> None:
        super().__init__(auth, check_store(store), leeway, clock)

    @property
    def is_saved(self) -> bool:
        """True where the store has the last token that the source has got; False while it could not be saved."""
        return self._cache.is_saved

    @concealing
    def replace(self, token: Token) -> None:
        """Save a new token, such as the one of a login, in place of the one before, and use it from now on.

        Args:
            token: the token.

        Raises:
            InvalidCallError: it is not a Token.
            OSError: the store failed. The token is used all the same, and saved later.
        """
        with self._lock:
            run(self._cache.replace(check_token_value(token)), self._perform)


class AsyncRefreshingSource(_AsyncSource):
    """A source like `RefreshingSource`, awaited: for any number of tasks of one event loop.

    The store is used in a thread, since it may wait. A refresh that has begun is completed, whatever becomes of the
    task that wants it, since the answer may hold the only refresh token that is good from then on:

    - asyncio's own cancellation (`Task.cancel`, `asyncio.wait_for`, `asyncio.timeout`) ends the task at once, and the
      refresh goes on in a task of its own, which `asyncio.run` waits for at its end;
    - a cancel scope of anyio or trio ends the task that refreshes once the refresh is done: a call may outlast its own
      time limits by those of the auth client. Tasks that only wait for another's refresh it ends at once.

    So close the auth client last: what is closed under a refresh breaks it.

    Args:
        auth: the client of the application that the token was issued to.
        store: as for `RefreshingSource`.
        leeway: as for `RefreshingSource`.
        clock: as for `RefreshingSource`.

    Raises:
        InvalidCallError: an argument is not what it should be; names it.
    """

    @concealing
    def __init__(
        self,
        auth: AsyncAuthSender,
        store: Token | TokenStore,
        *,
        leeway: float = LEEWAY,
        clock: Callable[[], float] | None = None,
    ) -> None:
        super().__init__(auth, check_store(store), leeway, clock)

    @property
    def is_saved(self) -> bool:
        """True where the store has the last token that the source has got, as for `RefreshingSource`."""
        return self._cache.is_saved

    @concealing
    async def replace(self, token: Token) -> None:
        """Save a new token as `RefreshingSource.replace` does, awaited."""
        check_token_value(token)
        with self._loops.entered() as loop:
            await loop.turn.acquire()
            await complete(partial(self._replace, token), loop.turn.release)

    async def _replace(self, token: Token) -> None:
        await self._run(self._cache.replace(token))


class ClientCredentialsSource(_BlockingSource):
    """A source of an application's own token (two-legged), asked for when it is needed. Threads may share it.

    Args:
        auth: the client of the application.
        leeway: how many seconds before its end a token is given up for another.
        clock: returns the time in epoch seconds; by default the clock of the transport of `auth`, where it has one that
            tells the time of day, else the system's.

    Raises:
        InvalidCallError: the application has no secret, or another argument is not what it should be; names it.
    """

    @concealing
    def __init__(self, auth: AuthSender, *, leeway: float = LEEWAY, clock: Callable[[], float] | None = None) -> None:
        super().__init__(auth, None, leeway, clock)


class AsyncClientCredentialsSource(_AsyncSource):
    """A source like `ClientCredentialsSource`, awaited: for any number of tasks of one event loop.

    Args:
        auth: the client of the application.
        leeway: as for `ClientCredentialsSource`.
        clock: as for `ClientCredentialsSource`.

    Raises:
        InvalidCallError: the application has no secret, or another argument is not what it should be; names it.
    """

    @concealing
    def __init__(
        self, auth: AsyncAuthSender, *, leeway: float = LEEWAY, clock: Callable[[], float] | None = None
    ) -> None:
        super().__init__(auth, None, leeway, clock)
