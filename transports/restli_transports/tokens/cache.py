"""TokenCache: keeps one token fresh. It decides when another is needed and which steps lead to it, and performs none.

    the token in hand                     what the cache does
    good for longer than the leeway       gives it
    refused, or about to end              gets another; whoever asks meanwhile waits for that one
    about to end, and there is no other   gives it, until it has ended
    without a known end                   gives it, until it is refused

A member's token is refreshed, and kept in a store. An application's own is asked for anew by the client credentials.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator
from contextlib import suppress
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from restli_core.base_errors import InvalidCallError
from restli_core.calls import Call
from restli_core.errors import OAuthError
from restli_core.frames import clear_frames
from restli_core.numbers import is_number
from restli_core.oauth import Token

if TYPE_CHECKING:
    from restli_core.oauth.application import Application
    from restli_transports.tokens.protocols import TokenStore

__all__ = ["Step", "TokenCache", "check_store", "check_token_value"]

# A step is a call to send, or a method of a store, which may wait for a disk or for a person.
Step: TypeAlias = Call[Any] | Callable[[], Any]


class TokenCache:
    """A cache of one token, which says how to get another.

    Args:
        application: the application that the token is issued to.
        store: the store that a member's token is in (`check_store`); None for the application's own token.
        leeway: how many seconds before its end a token is given up for another.
        clock: returns the time in epoch seconds.
        is_async: whether the steps are awaited, so that the store may have asynchronous methods.

    Attributes:
        application: the application.
        attempts: how many attempts to get another token have ended.
        waits: whether the methods of the store may wait for a disk or a person.
        has_turn: whether it is this program's turn, where programs that share the store take turns.
        leave_turn: what is still to be awaited to end the turn, where a flow was closed in it; else None.

    Raises:
        InvalidCallError: an argument is not what it should be; names it.
    """

    application: Application
    attempts: int
    waits: bool
    has_turn: bool
    leave_turn: Callable[[], Any] | None

    def __init__(
        self,
        application: Application,
        store: TokenStore | None,
        leeway: float,
        clock: Callable[[], float],
        *,
        is_async: bool = False,
    ) -> None:
        if not is_number(leeway) or not 0 <= leeway < float("inf"):
            raise InvalidCallError("leeway", "must be a number of seconds, 0 or above")
        if not callable(clock):
            raise InvalidCallError("clock", "must be a function that returns the time in epoch seconds")
        if store is None:
            application.get_two_legged_access_token()  # refuses an application without a secret
        self.application = application
        self.attempts = 0
        self.waits = not isinstance(store, _MemoryStore)
        self.has_turn = False
        self.leave_turn = None
        self._store = store
        self._clock = clock
        self._is_async = is_async
        self._max_leeway = self._leeway = leeway
        self._token: Token | None = None
        self._has_looked = False  # into the store, or has had a token
        self._unsaved: Token | None = None  # a token that the store has not taken
        self._replaced: tuple[Token | None, ...] = ()  # what was in the store before that; empty where it is not known
        # How programs that share the store take turns, if they can.
        self._locked: Callable[[], Any] | None = getattr(store, "locked", None)
        self._failure: Exception | None = None  # of the last attempt
        self._received: tuple[Token, float] | None = None  # the last new token, and when it was received

    @property
    def is_saved(self) -> bool:
        """True where the store has taken the last new token."""
        return self._unsaved is None

    def usable(self, rejected: str | None) -> str | None:
        """Return the token in hand, where there is nothing to do but to give it; else None."""
        # The token first: a new one counts as unsaved before it is here, so that none is told that is not stored.
        found = self._good(rejected, self._leeway)
        return None if self._unsaved else found

    def flow(self, rejected: str | None, seen: int) -> Generator[Step, Any, str]:
        """Yield the steps to a token, and return it. Only one at a time may take them.

        Args:
            rejected: the token that the server has refused; None for none.
            seen: the number of attempts when the caller began to wait for its turn.

        Raises:
            OAuthError: the authorization server refused, or the member must sign in (``login_required``).
            Exception: what a step raised.
        """
        # First what could not be saved before. The error was raised then, once: here it would hide a good token.
        if self._unsaved is not None:
            with suppress(Exception):
                yield from self._exclusively(self._save_again(self._unsaved))
        # Another may have got a token while the caller waited.
        found = self._good(rejected, self._leeway)
        if found is not None:
            return found
        # A caller that waited while another made an attempt shares its result, and makes none of its own. An attempt
        # that was cut off (by a cancellation, or KeyboardInterrupt) has none, and does not count.
        if self.attempts == seen:
            try:
                yield from self._renew(rejected)
            except Exception as error:
                clear_frames(error)  # before others raise it, too
                self._failure = error
                self.attempts += 1
                # A token that is good for a while still hides a failure; but one that was not saved may be lost, and
                # that is for the caller to know. Nor is the fault of a test hidden, which a fake transport raises.
                if self._unsaved is not None or isinstance(error, AssertionError) or self._good(rejected, 0) is None:
                    raise
            else:
                self._failure = None
                self.attempts += 1
        # The result of the last attempt, now without a leeway.
        found = self._good(rejected, 0)
        if found is not None:
            return found
        if self._failure is not None:
            _raise_again(self._failure)
        if self._token is None:
            raise OAuthError("login_required", "there is no token")
        return self._token.access_token  # refused or ended, but asking once more would get no better one

    def replace(self, token: Token) -> Generator[Step, Any, None]:
        """Yield the steps that put a token of the program's into the cache and the store. One at a time may take them.

        Args:
            token: a new token, such as that of a login.

        Raises:
            Exception: what a step raised; the token is in the cache all the same, and saved later.
        """
        self._replaced, self._unsaved, self._failure = (), token, None
        self._keep(token, self._clock())
        try:
            yield from self._exclusively(self._save(token))
        except Exception:
            # What is in the store now is older than this token, whoever has put it there; what comes later is not.
            with suppress(Exception):
                self._replaced = ((yield from self._load()),)
            raise

    def age(self, access_token: str) -> float | None:
        """Return for how many seconds a token has been in hand, where it came as a new one; else None."""
        if self._received is None or self._received[0].access_token != access_token:
            return None
        seconds = self._clock() - self._received[1]
        return seconds if seconds >= 0 else None  # the clock was set back

    def _renew(self, rejected: str | None) -> Generator[Step, Any, None]:
        """Yield the steps that put another token into the cache."""
        if self._store is None:
            now = (
                self._clock()
            )  # before the call, so that the token ends sooner rather than later than the server thinks
            self._keep(Token.received((yield self.application.get_two_legged_access_token()), now), now)
        # Another program that shares the store may have refreshed before, or the member may have signed out.
        elif not (yield from self._look(rejected)):
            yield from self._exclusively(self._refresh(rejected))

    def _look(self, rejected: str | None) -> Generator[Step, Any, bool]:
        """Yield the step that takes the token out of the store, and return whether it is good."""
        # While a token waits to be saved, the one in the store is the older.
        if self._unsaved is None:
            self._take((yield from self._load()))
        return self._good(rejected, self._leeway) is not None

    def _refresh(self, rejected: str | None) -> Generator[Step, Any, bool]:
        """Yield the steps that put a refreshed token into the cache and the store; return whether they saved one."""
        # Where it waited for its turn, another program may have refreshed meanwhile.
        if self._locked is not None and (yield from self._look(rejected)):
            return False
        old = self._token
        if old is None or old.refresh_token is None:
            lacking = "token" if old is None else "refresh token"
            raise OAuthError("login_required", f"there is no {lacking}: the member must sign in (again)")
        now = self._clock()  # before the call, as above
        try:
            answer = yield self.application.exchange_refresh_token_for_access_token(old.refresh_token)
        except OAuthError:
            # A program that takes no turns may have refreshed since the store was read, which ends the refresh token
            # where the server rotates them. Then its token is in the store.
            stored = None if self._unsaved else (yield from self._load())
            if stored is None or stored == old:
                raise
            self._take(stored)
            if self._good(rejected, 0) is None:
                raise
            return False
        new = old.refreshed(answer, now)
        # First it counts as unsaved: from then on nobody is given it without a step.
        self._replaced = (old,) if self._unsaved is None else self._replaced
        self._unsaved = new
        self._keep(new, now)
        return (yield from self._save(new))

    def _save_again(self, token: Token) -> Generator[Step, Any, bool]:
        """Yield the steps that save what the store could not take before; return whether they did."""
        # Unless another program has saved a token meanwhile, or the member has signed out, or in again.
        if self._locked is not None and self._replaced:
            stored = yield from self._load()
            if stored not in (*self._replaced, token):
                self._take(stored)
                self._unsaved = None
                return False
        return (yield from self._save(token))

    def _load(self) -> Generator[Step, Any, Token | None]:
        """Yield the step that takes the token out of the store, and return it; None for none."""
        if self._store is None:
            return None
        loaded = yield self._store.load
        if loaded is not None and not isinstance(loaded, Token):
            raise _fault(self._store, "load", f"returned {_kind_of(loaded)}, which is not a Token")
        return loaded

    def _save(self, token: Token) -> Generator[Step, Any, bool]:
        """Yield the step that saves a token, if there is a store; return True, since it is saved then."""
        if self._store is not None:
            result = yield partial(self._store.save, token)
            if inspect.isawaitable(result):  # which whoever performs the steps of an asynchronous source has awaited
                reason = f"returned {_kind_of(result)}, which only an asynchronous source awaits"
                raise _fault(self._store, "save", reason)
        return True

    def _exclusively(self, steps: Generator[Step, Any, bool]) -> Generator[Step, Any, None]:
        """Yield the steps while no other program that shares the store takes any, as far as the store sees to that.

        Args:
            steps: they return whether they have saved the token in hand.
        """
        if self._locked is None:
            is_saved = yield from steps
        else:
            self.leave_turn = None
            enter, leave = self._doors(self._locked())
            yield enter
            self.has_turn = True
            try:
                is_saved = yield from steps
            except Exception as error:
                # As a with statement does, so that a transaction is rolled back. No answer to it hides the error.
                yield partial(leave, type(error), error, error.__traceback__)
                raise
            except BaseException as error:
                # No step is performed any more. What is to be awaited is left to whoever performed the steps.
                leaving = partial(leave, type(error), error, None)
                if inspect.iscoroutinefunction(leave):
                    self.leave_turn = leaving
                else:
                    with suppress(Exception):
                        leaving()
                raise
            else:
                yield partial(leave, None, None, None)
            finally:
                self.has_turn = False
        # Not before: a transaction has saved nothing until it is left.
        if is_saved:
            self._unsaved = None

    def _doors(self, context: Any) -> tuple[Callable[[], Any], Callable[..., Any]]:
        """Return what enters and what leaves a context; coroutine functions, where it is asynchronous."""
        if self._is_async and hasattr(context, "__aenter__") and hasattr(context, "__aexit__"):

            async def enter() -> None:
                await context.__aenter__()

            async def leave(*exc_info: Any) -> None:
                await context.__aexit__(*exc_info)

            return enter, leave
        if hasattr(context, "__enter__") and hasattr(context, "__exit__"):
            return context.__enter__, context.__exit__
        lacking = "an asynchronous source" if hasattr(context, "__aenter__") else "contextlib.contextmanager"
        reason = f"returned {_kind_of(context)}, which cannot be entered: it needs {lacking}"
        raise _fault(self._store, "locked", reason)

    def _take(self, stored: Token | None) -> None:
        """Take what is in the store in place of the token in hand."""
        before = None if self._token is None else self._token.access_token
        # Another program has put it there since: it may be a moment old.
        if self._has_looked and stored is not None and stored.access_token != before:
            self._received = (stored, self._clock())
        self._token, self._has_looked = stored, True

    def _keep(self, token: Token, now: float) -> None:
        """Keep a new token."""
        # One that lives shorter than the leeway would never be good: it is, for half its life.
        left = self._max_leeway if token.expires_at is None else (token.expires_at - now) / 2
        self._leeway = max(0.0, min(self._max_leeway, left))
        self._token, self._has_looked = token, True
        self._received = (token, now)

    def _good(self, rejected: str | None, leeway: float) -> str | None:
        """Return the token in hand; None where it is the refused one, ends within the leeway, or is not there."""
        token = self._token
        if token is None or token.access_token == rejected or token.expires(self._clock(), leeway):
            return None
        return token.access_token


class _MemoryStore:
    """A store that keeps a token for as long as the program runs."""

    def __init__(self, token: Token) -> None:
        self._token = token

    def load(self) -> Token:
        return self._token

    def save(self, token: Token) -> None:
        self._token = token


def check_store(store: Token | TokenStore) -> TokenStore:
    """Return the store; for a token, one in memory that has it.

    Raises:
        InvalidCallError: it is neither.
    """
    if isinstance(store, Token):
        return _MemoryStore(store)
    if isinstance(store, type) or not all(callable(getattr(store, name, None)) for name in ("load", "save")):
        raise InvalidCallError("store", f"must be a Token, or a store with load and save, not {type(store).__name__}")
    return store


def check_token_value(token: Token) -> Token:
    """Return the token, if it is one.

    Raises:
        InvalidCallError: it is not; says how one is made.
    """
    if not isinstance(token, Token):
        reason = f"must be a Token, such as Token.received makes of an answer, not {type(token).__name__}"
        raise InvalidCallError("token", reason)
    return token


def _fault(store: TokenStore | None, method: str, reason: str) -> InvalidCallError:
    """Return the error of a method of a store, or of the function of the program's that stands in its place."""
    argument = getattr(store, "functions", {}).get(method)
    return InvalidCallError(argument, reason) if argument else InvalidCallError("store", f"its {method} {reason}")


def _kind_of(result: object) -> str:
    """Return the name of the type of a result that is refused."""
    if inspect.iscoroutine(result):
        result.close()  # or Python would warn that it was never awaited
    return type(result).__name__


def _raise_again(failure: Exception) -> NoReturn:
    """Raise a failure for another who waited, as an error of its own where it can be copied.

    An error that several threads raise would gather the tracebacks of all of them.
    """
    try:
        again = copy(failure)
    except Exception:  # noqa: BLE001 - constructors of others may raise anything
        again = failure
    if again is failure:
        raise failure
    raise again from failure
