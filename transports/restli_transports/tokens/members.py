"""Members: a source of tokens for each member who has signed in, over a program's own database.

    tokens = MemberTokens(auth, load=load, save=save)       load(member) -> Token | None; save(member, token)
    tokens.add(member, token)                               after a login
    client.with_options(access_token=tokens[member])        the member's own client

All who ask for one member's source get the same one, so that a refresh token is used once, however many requests come
in at a time. Several processes take turns by a lock of the program's own: `lock(member)` is a context manager that one
process at a time is in, such as a transaction that holds the member's row. A new token is given to nobody before it is
saved and the lock is left, so that a transaction that fails loses none.
"""

from __future__ import annotations

import inspect
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Generic, TypeAlias, TypeVar
from weakref import WeakValueDictionary

from restli_core.base_errors import InvalidCallError
from restli_core.frames import concealing
from restli_core.oauth import Token
from restli_transports.tokens.sources import LEEWAY, AsyncRefreshingSource, RefreshingSource
from restli_transports.wire.forks import on_fork

if TYPE_CHECKING:
    from restli_transports.tokens.protocols import AsyncAuthSender, AuthSender

__all__ = ["AsyncMemberTokens", "MemberTokens"]

SourceT = TypeVar("SourceT", RefreshingSource, AsyncRefreshingSource)

# A member is whatever the program's own functions take: a number, a URN, a row's key.
Load: TypeAlias = Callable[[Any], Token | None]
Save: TypeAlias = Callable[[Any, Token], object]
Lock: TypeAlias = Callable[[Any], AbstractContextManager[Any]]
AsyncLoad: TypeAlias = Callable[[Any], Awaitable[Token | None] | Token | None]
AsyncSave: TypeAlias = Callable[[Any, Token], Awaitable[object] | object]
AsyncLock: TypeAlias = Callable[[Any], AbstractAsyncContextManager[Any] | AbstractContextManager[Any]]

MOST: Final = 10_000


class _MemberStore:
    """The store of one member's token, over the functions of all members' tokens.

    Attributes:
        functions: which argument of the program's each method is; errors name it.
    """

    functions: Final = {"load": "load", "save": "save", "locked": "lock"}

    def __init__(self, member: Hashable, load: Any, save: Any, lock: Any) -> None:
        self.load = partial(load, member)
        self.save = partial(save, member)
        if lock is not None:
            self.locked = partial(lock, member)


class _Members(Generic[SourceT]):
    """The sources of members, the ones that were asked for last; any that is still in use is found again."""

    def __init__(self, make: Callable[[Any], SourceT], load: Any, save: Any, lock: Any, most: int) -> None:
        for name, function in (("load", load), ("save", save), ("lock", lock)):
            if not callable(function) and not (name == "lock" and function is None):
                raise InvalidCallError(name, f"must be a function of a member, not {type(function).__name__}")
        if inspect.isgeneratorfunction(lock) or inspect.isasyncgenfunction(lock) or inspect.iscoroutinefunction(lock):
            reason = "must return a context manager: contextlib.contextmanager or asynccontextmanager makes it do so"
            raise InvalidCallError("lock", reason)
        if isinstance(most, bool) or not isinstance(most, int) or most < 1:
            raise InvalidCallError("most", "must be a number of members, 1 or above")
        self._make: Callable[[Any], SourceT] = make
        self._functions = (load, save, lock)
        self._most = most
        self._kept: OrderedDict[Hashable, SourceT] = OrderedDict()
        # Two sources of one member would use its refresh token twice, so that a dropped one counts until nobody has it.
        self._alive: WeakValueDictionary[Hashable, SourceT] = WeakValueDictionary()
        self._lock = threading.Lock()
        on_fork(self)

    def after_fork(self) -> None:
        """Make a new lock in a child: a thread that its parent had may hold the old one, and is not there."""
        self._lock = threading.Lock()

    def __getitem__(self, member: Hashable) -> SourceT:
        """Return the source of a member's token.

        Raises:
            InvalidCallError: this cannot be a member, since it has no hash.
        """
        try:
            hash(member)
        except TypeError:
            raise InvalidCallError("member", f"must have a hash, which {type(member).__name__} does not have") from None
        with self._lock:
            source = self._alive.get(member)
            if source is None:
                source = self._alive[member] = self._make(_MemberStore(member, *self._functions))
            self._kept[member] = source
            self._kept.move_to_end(member)
            # Two at most, so that no call pays for many.
            for _ in range(min(2, len(self._kept) - self._most)):
                oldest, dropped = self._kept.popitem(last=False)
                if not dropped.is_saved:
                    self._kept[oldest] = dropped  # to the end: its token is nowhere else
            return source

    def __len__(self) -> int:
        """Return how many sources are kept."""
        return len(self._kept)

    def __bool__(self) -> bool:
        """Return True: without any sources yet, it is not nothing."""
        return True

    # What has both of these and no `__iter__` would be iterated by 0, 1, 2, ...
    __iter__ = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__}, {len(self)} members>"


class MemberTokens(_Members[RefreshingSource]):
    """A source of tokens for each member, for clients that block. Threads may share it.

    Args:
        auth: the client of the application that the tokens were issued to.
        load: returns the token of a member; None where there is none, or the member has signed out.
        save: keeps the token of a member in place of the one before.
        lock: returns a context manager that one process at a time is in, for a member; None where no other process
            refreshes the same tokens. Between entering and leaving it, in one thread, `load` and `save` are called, and
            the authorization server is asked. It is left with the exception that has come in between, if any.
        most: how many members' sources are kept; the one that was not asked for the longest is dropped first, and made
            again when it is. One that is in use, or whose token could not be saved yet, is not forgotten.
        leeway: how many seconds before its end a token is refreshed.
        clock: returns the time in epoch seconds; by default as for `RefreshingSource`.

    Raises:
        InvalidCallError: an argument is not what it should be; names it.
    """

    @concealing
    def __init__(
        self,
        auth: AuthSender,
        *,
        load: Load,
        save: Save,
        lock: Lock | None = None,
        most: int = MOST,
        leeway: float = LEEWAY,
        clock: Callable[[], float] | None = None,
    ) -> None:
        for name, function in (("load", load), ("save", save)):
            if inspect.iscoroutinefunction(function):
                raise InvalidCallError(name, "is a coroutine function: give it to AsyncMemberTokens")
        super().__init__(partial(RefreshingSource, auth, leeway=leeway, clock=clock), load, save, lock, most)
        # A wrong argument of the sources is to be known now, and not at the first member.
        RefreshingSource(auth, _NOBODY, leeway=leeway, clock=clock)

    @concealing
    def add(self, member: Hashable, token: Token) -> None:
        """Save a member's new token, such as the one of a login, and use it from now on.

        Args:
            member: the member.
            token: the token.

        Raises:
            InvalidCallError: it is not a Token, or the member has no hash.
            Exception: what `save` or `lock` raised. The token is used all the same, and saved later.
        """
        self[member].replace(token)


class AsyncMemberTokens(_Members[AsyncRefreshingSource]):
    """A source of tokens for each member, like `MemberTokens`, for asynchronous clients of one event loop.

    Args:
        auth: the client of the application that the tokens were issued to.
        load: as for `MemberTokens`; a coroutine function is awaited, any other called in a thread, since it may wait.
        save: likewise.
        lock: likewise returns a context manager, an asynchronous one or another. One of the latter kind may be entered
            and left in two threads, and so cannot be a connection of SQLite's, which stays in one.
        most: as for `MemberTokens`.
        leeway: as for `MemberTokens`.
        clock: as for `MemberTokens`.

    Raises:
        InvalidCallError: an argument is not what it should be; names it.
    """

    @concealing
    def __init__(
        self,
        auth: AsyncAuthSender,
        *,
        load: AsyncLoad,
        save: AsyncSave,
        lock: AsyncLock | None = None,
        most: int = MOST,
        leeway: float = LEEWAY,
        clock: Callable[[], float] | None = None,
    ) -> None:
        super().__init__(partial(AsyncRefreshingSource, auth, leeway=leeway, clock=clock), load, save, lock, most)
        AsyncRefreshingSource(auth, _NOBODY, leeway=leeway, clock=clock)  # as in `MemberTokens`

    @concealing
    async def add(self, member: Hashable, token: Token) -> None:
        """Save a member's new token as `MemberTokens.add` does, awaited."""
        await self[member].replace(token)


_NOBODY: Final = Token("nobody's")
