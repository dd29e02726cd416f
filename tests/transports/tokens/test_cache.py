"""TokenCache: its law, step by step. No step is performed: what each comes to is given, and so is the time."""

from __future__ import annotations

import asyncio
import inspect
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from restli_core import Call, ConnectError, HttpResponse, InvalidCallError, OAuthError
from restli_core.flows import run
from restli_core.oauth import Token
from restli_core.oauth.application import Application
from restli_transports.tokens.cache import Step, TokenCache, check_store
from tests.support.token_world import Kept

APPLICATION = Application("app", "s3cret")
OLD = Token("old", 1000.0, "refresh")
OTHER = Token("other", 9000.0, "another refresh")


class Case:
    """A cache, the time, and what its steps come to.

    `taken` has what they were: ``load``, ``save``, ``refresh`` or ``credentials``.
    """

    def __init__(self, store: Token | Kept | None = OLD, *, now: float = 0.0, leeway: float = 300.0) -> None:
        self.now = now
        self.taken: list[str] = []
        self.failures: dict[str, list[Exception]] = {}
        self.meanwhile: Callable[[], None] = lambda: None  # happens while the authorization server is asked
        self.answer = b'{"access_token": "new", "expires_in": 2000}'
        self.cache = TokenCache(APPLICATION, None if store is None else check_store(store), leeway, lambda: self.now)

    def ask(self, rejected: str | None = None, seen: int | None = None) -> str:
        """Take the steps to a token, as one that has seen so many attempts; by default, all of them."""
        flow = self.cache.flow(rejected, self.cache.attempts if seen is None else seen)
        return run(flow, self.perform)

    def fail(self, step: str, *failures: Exception) -> None:
        self.failures[step] = [*failures]

    def perform(self, step: Step) -> Any:
        """Take a step, and return what it comes to."""
        name = self.name_of(step)
        self.taken.append(name)
        if isinstance(step, Call):
            self.meanwhile()
        if self.failures.get(name):
            raise self.failures[name].pop(0)
        return step.parse(HttpResponse(200, {}, self.answer)) if isinstance(step, Call) else step()

    @staticmethod
    def name_of(step: Step) -> str:
        """Return what `taken` has of a step."""
        if not isinstance(step, Call):
            return str(getattr(step, "func", step).__name__)  # a save has its token bound
        return "refresh" if b"grant_type=refresh_token" in step.request.body else "credentials"


# -- the table ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "rejected", "given", "taken"),
    [
        (Token("t", 1000.0, "r"), None, "t", ["load"]),
        (Token("t", 1000.0, "r"), "older", "t", ["load"]),
        (Token("t", 1000.0, "r"), "t", "new", ["load", "refresh", "save"]),
        (Token("t", 300.5, "r"), None, "t", ["load"]),
        (Token("t", 300.0, "r"), None, "new", ["load", "refresh", "save"]),
        (Token("t", None, "r"), None, "t", ["load"]),
        (Token("t", None, "r"), "t", "new", ["load", "refresh", "save"]),
        (Token("t", 1000.0), None, "t", ["load"]),
        (Token("t", 200.0), None, "t", ["load"]),
    ],
    ids=[
        "good",
        "another was refused",
        "refused",
        "good for longer than the leeway",
        "about to end",
        "without an end",
        "refused, without an end",
        "nothing to refresh it with",
        "about to end, nothing to refresh it with",
    ],
)
def test_what_is_done_with_the_token_in_hand(token: Token, rejected: str | None, given: str, taken: list[str]) -> None:
    case = Case(token)
    assert case.ask(rejected) == given
    assert case.taken == taken


@pytest.mark.parametrize(("store", "lacking"), [(Kept(None), "token"), (Kept(Token("t", 0.0)), "refresh token")])
def test_where_there_is_nothing_to_refresh_the_member_must_sign_in(store: Kept, lacking: str) -> None:
    with pytest.raises(OAuthError, match=f"there is no {lacking}: the member must sign in") as caught:
        Case(store).ask()
    assert caught.value.error == "login_required"


def test_an_applications_token_is_asked_for_and_kept_nowhere_else() -> None:
    case = Case(None)
    assert case.ask() == case.ask() == "new"
    assert case.taken == ["credentials"]
    case.now = 1700.0
    assert case.ask() == "new"
    assert case.taken == ["credentials", "credentials"]


def test_a_token_that_can_be_given_needs_no_steps() -> None:
    case = Case()
    assert case.cache.usable(None) is None  # it has not been loaded
    case.ask()
    assert (case.cache.usable(None), case.cache.usable("old")) == ("old", None)
    case.now = 700.0
    assert case.cache.usable(None) is None


def test_the_life_of_a_token_begins_when_it_is_asked_for() -> None:
    case = Case(Token("t", 0.0, "r"), leeway=0.0)

    def pass_time() -> None:
        case.now = 100.0

    case.meanwhile = pass_time
    case.ask()
    case.now = 1999.0
    assert case.cache.usable(None) == "new"
    case.now = 2000.0
    assert case.cache.usable(None) is None


@pytest.mark.parametrize(("expires_in", "good_until"), [(2000, 1700), (600, 300), (60, 30), (0, 0)])
def test_a_short_lived_token_is_good_for_half_its_life(expires_in: int, good_until: int) -> None:
    case = Case(None)
    case.answer = b'{"access_token": "new", "expires_in": %d}' % expires_in
    case.ask()
    case.now = good_until - 0.5
    assert case.cache.usable(None) == "new"
    case.now = float(good_until)
    assert case.cache.usable(None) is None


# -- one attempt for all who wait --------------------------------------------------------------------------------------


def test_whoever_waited_through_an_attempt_makes_none() -> None:
    case = Case(Token("t", 0.0, "r"))
    assert [case.ask(seen=0) for _ in range(3)] == ["new"] * 3
    assert case.taken == ["load", "refresh", "save"]
    assert case.cache.attempts == 1


def test_whoever_waited_gets_the_latest_token_even_if_it_is_not_good() -> None:
    case = Case(Token("t", 0.0, "r"))
    case.answer = b'{"access_token": "new", "expires_in": 0}'
    assert [case.ask(seen=0), case.ask("new", seen=0)] == ["new", "new"]
    assert case.taken == ["load", "refresh", "save"]


def test_a_failure_is_raised_anew_for_each_who_waited_and_tried_again_by_whoever_comes_later() -> None:
    case = Case(Token("t", 0.0, "r"))
    failure = ConnectError("unplugged")
    case.fail("refresh", failure)
    raised = []
    for _ in range(3):
        with pytest.raises(ConnectError, match="unplugged") as caught:
            case.ask(seen=0)
        raised.append(caught.value)
    assert raised[0] is failure
    assert len({id(one) for one in raised}) == 3
    assert [one.__cause__ for one in raised[1:]] == [failure, failure]
    assert case.ask() == "new"


def test_a_failure_that_cannot_be_copied_is_raised_as_it_is() -> None:
    class Odd(Exception):
        def __reduce__(self) -> Any:
            raise pickle.PicklingError("not this one")

    case = Case(Token("t", 0.0, "r"))
    failure = Odd()
    case.fail("refresh", failure)
    for _ in range(2):
        with pytest.raises(Odd) as caught:
            case.ask(seen=0)
        assert caught.value is failure


def test_a_token_that_is_good_for_a_while_hides_a_failure() -> None:
    case = Case(Token("t", 100.0, "r"))
    case.fail("refresh", *[ConnectError("unplugged")] * 3)
    assert [case.ask(), case.ask(seen=0), case.ask()] == ["t", "t", "t"]
    with pytest.raises(ConnectError):
        case.ask("t")
    assert case.cache.attempts == 3


def test_it_does_not_hide_the_fault_of_a_test() -> None:
    case = Case(Token("t", 100.0, "r"))
    case.fail("refresh", AssertionError("nothing is registered for this"))
    with pytest.raises(AssertionError, match="nothing is registered"):
        case.ask()


@pytest.mark.parametrize("seen", [None, 0], ids=["comes later", "has waited"])
@pytest.mark.parametrize("interruption", [KeyboardInterrupt, GeneratorExit])
def test_after_an_interruption_whoever_comes_next_tries_again(
    interruption: type[BaseException], seen: int | None
) -> None:
    case = Case(Token("t", 0.0, "r"))
    case.fail("refresh", interruption())  # type: ignore[arg-type]
    with pytest.raises(interruption):
        case.ask()
    assert case.cache.attempts == 0
    assert case.ask(seen=seen) == "new"


def test_nobody_is_told_a_token_before_it_is_stored() -> None:
    store = Kept(OLD)
    case = Case(store, now=900.0)
    told: list[str | None] = []

    def save(token: Token) -> None:
        told.append(case.cache.usable(None))
        store.token = token

    store.save = save  # type: ignore[method-assign]
    assert case.ask() == "new"
    assert told == [None]


# -- a store that others use as well -----------------------------------------------------------------------------------


def test_a_token_that_another_program_has_saved_is_taken() -> None:
    store = Kept(OLD)
    case = Case(store, now=900.0)
    store.token = OTHER
    assert case.ask() == "other"
    assert case.taken == ["load"]


def test_a_refresh_that_another_program_has_overtaken_takes_what_that_saved() -> None:
    store = Kept(OLD)
    case = Case(store, now=900.0)
    case.meanwhile = lambda: store.save(OTHER)
    case.fail("refresh", OAuthError("invalid_grant"))
    assert case.ask() == "other"
    assert case.taken == ["load", "refresh", "load"]


@pytest.mark.parametrize("stored", [OLD, None, Token("ended", 5.0)], ids=["the same", "none", "ended"])
def test_a_refusal_stands_where_the_store_has_nothing_better(stored: Token | None) -> None:
    store = Kept(OLD)
    case = Case(store, now=1000.0)

    def sign_out() -> None:
        store.token = stored

    case.meanwhile = sign_out
    case.fail("refresh", OAuthError("invalid_grant"))
    with pytest.raises(OAuthError, match="invalid_grant"):
        case.ask()
    assert store.saved == []


def test_another_failure_than_a_refusal_does_not_look_into_the_store_again() -> None:
    case = Case(Kept(OLD), now=1000.0)
    case.fail("refresh", ConnectError("unplugged"))
    with pytest.raises(ConnectError):
        case.ask()
    assert case.taken == ["load", "refresh"]


class Shared(Kept):
    """A store that programs take turns with. `taken` has who was inside, and what happens before it is one's turn."""

    def __init__(self, token: Token | None) -> None:
        super().__init__(token)
        self.inside = 0
        self.before: Callable[[], None] = lambda: None

    def locked(self) -> Shared:
        return self

    def __enter__(self) -> None:
        self.before()
        self.inside += 1

    def __exit__(self, *exc_info: object) -> None:
        self.inside -= 1

    def save(self, token: Token) -> None:
        assert self.inside == 1
        super().save(token)


ENTER, LEAVE = "__enter__", "__exit__"


def test_programs_that_share_a_store_take_turns_to_refresh() -> None:
    store = Shared(OLD)
    case = Case(store, now=900.0)
    case.meanwhile = lambda: None if store.inside else pytest.fail("it was not this one's turn")
    assert case.ask() == "new"
    assert case.taken == ["load", ENTER, "load", "refresh", "save", LEAVE]
    assert case.ask() == "new"
    assert len(case.taken) == 6


def test_a_good_token_is_taken_out_of_the_store_without_waiting_for_a_turn() -> None:
    case = Case(Shared(OLD))
    assert case.ask() == "old"
    assert case.taken == ["load"]


@pytest.mark.parametrize("rejected", [None, "old"])
def test_who_waited_for_a_turn_looks_into_the_store_again(rejected: str | None) -> None:
    store = Shared(OLD)
    case = Case(store, now=900.0)
    store.before = lambda: Kept.save(store, OTHER)
    assert case.ask(rejected) == "other"
    assert case.taken == ["load", ENTER, "load", LEAVE]
    assert store.inside == 0


@pytest.mark.parametrize("failing", ["load", "refresh", "save"])
def test_a_turn_ends_with_a_failure(failing: str) -> None:
    store = Shared(OLD)
    case = Case(store, now=1000.0)
    store.before = lambda: case.fail(failing, OSError("broken"))
    with pytest.raises(OSError, match="broken"):
        case.ask()
    assert case.taken[-2:] == [failing, LEAVE]
    assert store.inside == 0


def test_a_turn_ends_with_an_interruption() -> None:
    store = Shared(OLD)
    case = Case(store, now=1000.0)
    case.fail("refresh", KeyboardInterrupt())  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        case.ask()
    assert store.inside == 0


def test_a_turn_that_does_not_come_is_a_failure_like_others() -> None:
    case = Case(Shared(OLD), now=900.0)
    case.fail(ENTER, TimeoutError("held"), TimeoutError("held"))
    assert case.ask() == "old"  # which is good for a while
    with pytest.raises(TimeoutError, match="held"):
        case.ask("old")
    assert case.ask("old") == "new"


@pytest.mark.parametrize(
    ("stored", "given", "saved"),
    [(OLD, "new", ["new"]), (OTHER, "other", []), (None, None, [])],
    ids=["the one of before", "another's", "none"],
)
def test_what_could_not_be_saved_does_not_replace_what_another_has_saved(
    stored: Token | None, given: str | None, saved: list[str]
) -> None:
    store = Shared(OLD)
    case = Case(store, now=900.0)
    case.fail("save", OSError("full"))
    with pytest.raises(OSError, match="full"):
        case.ask()
    store.token = stored
    if given is None:  # the member has signed out
        with pytest.raises(OAuthError, match="login_required"):
            case.ask()
    else:
        assert case.ask() == given
    assert [token.access_token for token in store.saved] == saved


# -- a store that fails ------------------------------------------------------------------------------------------------


def test_a_token_that_could_not_be_saved_is_told_of_once_kept_and_saved_later() -> None:
    store = Kept(OLD)
    case = Case(store, now=900.0)
    case.fail("save", OSError("full"), OSError("still full"))
    with pytest.raises(OSError, match=r"^full"):
        case.ask()
    assert case.cache.usable(None) is None  # there is something to do
    assert case.ask() == "new"  # which fails once more, in silence
    assert store.saved == []
    assert case.ask() == "new"
    assert [token.access_token for token in store.saved] == ["new"]
    assert case.taken == ["load", "refresh", "save", "save", "save"]
    assert case.cache.usable(None) == "new"


def test_the_older_token_in_the_store_does_not_replace_one_that_waits_to_be_saved() -> None:
    store = Kept(OLD)
    case = Case(store, now=900.0)
    case.fail("save", *[OSError("full")] * 3)
    with pytest.raises(OSError, match="full"):
        case.ask()
    case.answer = b'{"access_token": "newer", "expires_in": 2000}'
    with pytest.raises(OSError, match="full"):
        case.ask("new")
    assert case.taken == ["load", "refresh", "save", "save", "refresh", "save"]
    assert case.ask() == "newer"


@pytest.mark.parametrize("loaded", [{}, "t", 5], ids=["dict", "str", "int"])
def test_a_store_that_loads_something_else_is_named(loaded: Any) -> None:
    store = Kept(None)
    store.load = lambda: loaded  # type: ignore[method-assign]
    with pytest.raises(InvalidCallError) as caught:
        Case(store).ask()
    assert str(caught.value) == f"store: its load returned {type(loaded).__name__}, which is not a Token"


# -- what it is made of ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argument", "leeway", "clock"),
    [
        ("leeway", -1, float),
        ("leeway", True, float),
        ("leeway", "5", float),
        ("leeway", float("inf"), float),
        ("leeway", float("nan"), float),
        ("clock", 5, 5.0),
    ],
)
def test_a_leeway_and_a_clock_that_cannot_be_used_are_named(argument: str, leeway: Any, clock: Any) -> None:
    with pytest.raises(InvalidCallError) as caught:
        TokenCache(APPLICATION, check_store(OLD), leeway, clock)
    assert caught.value.argument == argument


def test_an_application_without_a_secret_has_no_token_of_its_own() -> None:
    with pytest.raises(InvalidCallError, match="client_secret"):
        TokenCache(Application("app"), None, 300.0, float)


def test_a_token_is_a_store_in_memory_that_does_not_wait() -> None:
    store = check_store(OLD)
    assert store.load() == OLD
    store.save(OTHER)
    assert store.load() == OTHER
    assert not TokenCache(APPLICATION, store, 300.0, float).waits
    kept = Kept(OLD)
    assert check_store(kept) is kept
    assert TokenCache(APPLICATION, kept, 300.0, float).waits


@pytest.mark.parametrize("store", [None, 5, "token.json", Kept, {"access_token": "t"}], ids=lambda one: str(type(one)))
def test_what_is_neither_a_token_nor_a_store_is_refused(store: Any) -> None:
    with pytest.raises(InvalidCallError, match="store: must be a Token, or a store with load and save"):
        check_store(store)


# -- a turn that is a transaction --------------------------------------------------------------------------------------


class Transaction(Shared):
    """A store whose turn is a transaction: what is saved in it is there once it is left without an exception."""

    def __init__(self, token: Token | None) -> None:
        super().__init__(token)
        self.pending: Token | None = None
        self.left_with: list[Any] = []

    def save(self, token: Token) -> None:
        self.pending = token

    def __exit__(self, *exc_info: object) -> None:
        super().__exit__(*exc_info)
        self.left_with.append(exc_info[0])
        if exc_info[0] is None and self.pending is not None:
            Kept.save(self, self.pending)
        self.pending = None


def test_a_transaction_that_fails_at_its_end_has_saved_nothing_and_loses_no_token() -> None:
    store = Transaction(OLD)
    case = Case(store, now=900.0)
    case.fail(LEAVE, OSError("full"))
    with pytest.raises(OSError, match="full"):
        case.ask()
    assert (case.cache.usable(None), case.cache.is_saved) == (None, False)
    store.pending = None  # it was rolled back
    assert case.ask() == "new"
    assert [token.access_token for token in store.saved] == ["new"]
    assert case.taken.count("refresh") == 1
    assert (case.cache.usable(None), case.cache.is_saved) == ("new", True)


@pytest.mark.parametrize("failing", ["refresh", "save"])
def test_a_turn_is_left_with_the_exception_that_came_in_between(failing: str) -> None:
    store = Transaction(OLD)
    case = Case(store, now=1000.0)
    case.fail(failing, ConnectError("unplugged"))
    with pytest.raises(ConnectError):
        case.ask()
    assert store.left_with == [ConnectError]
    assert store.saved == []


def test_a_turn_hides_no_exception_that_it_was_left_with() -> None:
    class Hiding(Transaction):
        def __exit__(self, *exc_info: object) -> Any:
            super().__exit__(*exc_info)
            return True

    case = Case(Hiding(OLD), now=1000.0)
    case.fail("refresh", ConnectError("unplugged"))
    with pytest.raises(ConnectError, match="unplugged"):
        case.ask()


def test_a_turn_that_fails_to_end_hides_no_interruption() -> None:
    store = Transaction(OLD)
    case = Case(store, now=1000.0)
    store.left_with = None  # type: ignore[assignment]  # so that leaving it fails
    case.fail("refresh", KeyboardInterrupt())  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        case.ask()
    assert (store.inside, case.cache.has_turn) == (0, False)


def test_a_turn_is_known_of_until_it_has_been_left() -> None:
    store = Shared(OLD)
    case = Case(store, now=900.0)
    known: list[tuple[str, bool]] = []
    perform = case.perform

    def note(step: Step) -> Any:
        known.append((case.name_of(step), case.cache.has_turn))
        return perform(step)

    run(case.cache.flow(None, 0), note)
    turns = [("load", True), ("refresh", True), ("save", True), (LEAVE, True)]
    assert known == [("load", False), (ENTER, False), *turns]
    assert not case.cache.has_turn


class Awaited:
    """A turn to be awaited."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    async def __aenter__(self) -> None:
        self.events.append("in")

    async def __aexit__(self, *exc_info: object) -> None:
        self.events.append(exc_info[0])


def awaited_case(store: Kept, turn: Any) -> tuple[Case, Callable[[], str]]:
    """Return a case of an asynchronous source, and what asks it; each coroutine function is run by itself."""
    store.locked = lambda: turn  # type: ignore[attr-defined]
    case = Case(store, now=1000.0)
    case.cache = TokenCache(APPLICATION, store, 300.0, lambda: case.now, is_async=True)
    perform = case.perform

    def both(step: Step) -> Any:
        result = perform(step)
        return asyncio.run(result) if inspect.iscoroutine(result) else result

    return case, lambda: run(case.cache.flow(None, case.cache.attempts), both)


def test_an_asynchronous_turn_is_entered_and_left_by_coroutine_functions() -> None:
    turn = Awaited()
    _, ask = awaited_case(Kept(OLD), turn)
    assert ask() == "new"
    assert turn.events == ["in", None]


def test_an_asynchronous_turn_that_is_interrupted_is_left_to_whoever_performed_the_steps() -> None:
    turn = Awaited()
    case, ask = awaited_case(Kept(OLD), turn)
    case.fail("refresh", KeyboardInterrupt())  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        ask()
    assert turn.events == ["in"]
    leave = case.cache.leave_turn
    assert leave is not None
    asyncio.run(leave())
    assert turn.events == ["in", GeneratorExit]
    assert ask() == "new"
    assert case.cache.leave_turn is None


def test_a_context_of_both_kinds_is_taken_as_the_source_is() -> None:
    class Both(Shared):
        async def __aenter__(self) -> None:
            pytest.fail("a source that blocks cannot await")

        async def __aexit__(self, *exc_info: object) -> None:
            pytest.fail("a source that blocks cannot await")

    assert Case(Both(OLD), now=900.0).ask() == "new"


async def coroutine() -> None:
    """Do nothing; what a function that is asynchronous by mistake returns."""


@pytest.mark.parametrize(
    ("make", "kind", "cure"),
    [
        (Awaited, "Awaited", "an asynchronous source"),
        (coroutine, "coroutine", "contextlib.contextmanager"),
        (lambda: None, "NoneType", "contextlib.contextmanager"),
    ],
    ids=["asynchronous", "coroutine", "nothing"],
)
def test_what_is_no_turn_is_named(make: Callable[[], Any], kind: str, cure: str) -> None:
    store: Any = Kept(OLD)
    store.locked = make
    case = Case(store, now=1000.0)
    with pytest.raises(InvalidCallError) as caught:
        case.ask()
    assert str(caught.value) == f"store: its locked returned {kind}, which cannot be entered: it needs {cure}"


@pytest.mark.parametrize("method", ["load", "save"])
def test_a_store_that_nobody_awaits_is_named(method: str) -> None:
    store: Any = Kept(OLD)
    setattr(store, method, lambda *_: coroutine())
    case = Case(store, now=1000.0)
    with pytest.raises(InvalidCallError, match=f"store: its {method} returned coroutine, which "):
        run(case.cache.flow(None, 0), lambda step: step.parse(GIVEN) if isinstance(step, Call) else step())
    assert case.cache.usable(None) is None


GIVEN = HttpResponse(200, {}, b'{"access_token": "new", "expires_in": 2000}')


def test_the_functions_that_stand_in_a_stores_place_are_named() -> None:
    store: Any = Kept(OLD)
    store.functions = {"load": "load"}
    store.load = lambda: "t"
    with pytest.raises(InvalidCallError, match=r"^load: returned str, which is not a Token"):
        Case(store).ask()


# -- a token of the program's ------------------------------------------------------------------------------------------

LOGIN = Token("of a login", 9000.0, "its refresh token")


def put(case: Case, token: Token = LOGIN) -> None:
    """Take the steps that put a token of the program's in the place of the one before."""
    run(case.cache.replace(token), case.perform)


@pytest.mark.parametrize("store", [OLD, Kept(OLD), Kept(None), Shared(OLD)], ids=["memory", "store", "empty", "shared"])
def test_a_token_of_the_programs_is_saved_and_given_from_then_on(store: Any) -> None:
    case = Case(store, now=900.0)
    put(case)
    assert case.taken == ([ENTER, "save", LEAVE] if isinstance(store, Shared) else ["save"])
    assert case.ask() == case.cache.usable(None) == "of a login"
    assert case.cache.is_saved


@pytest.mark.parametrize("stored", [None, OLD], ids=["a first login", "a login again"])
@pytest.mark.parametrize("failing", [ENTER, "save", LEAVE])
def test_a_login_that_could_not_be_saved_is_not_lost_to_an_older_token(failing: str, stored: Token | None) -> None:
    store = Transaction(stored)
    case = Case(store, now=1000.0)
    case.fail(failing, OSError("full"))
    with pytest.raises(OSError, match="full"):
        put(case)
    assert case.cache.usable(None) is None
    store.pending = None
    assert case.ask() == "of a login"
    assert store.saved == [LOGIN]


def test_a_login_that_could_not_be_saved_gives_way_to_a_later_one() -> None:
    store = Shared(OLD)
    case = Case(store, now=900.0)
    case.fail("save", OSError("full"))
    with pytest.raises(OSError, match="full"):
        put(case)
    store.token = OTHER  # another program's, since
    assert case.ask() == "other"
    assert store.saved == []


def test_a_login_is_saved_over_what_cannot_be_read() -> None:
    store = Shared(OLD)
    case = Case(store, now=900.0)
    case.fail("save", OSError("full"))
    case.fail("load", OSError("garbled"))
    with pytest.raises(OSError, match="full"):
        put(case)
    assert case.ask() == "of a login"
    assert store.saved == [LOGIN]


def test_a_token_that_was_saved_although_saving_failed_is_saved_again() -> None:
    class Silent(Shared):
        def save(self, token: Token) -> None:
            super().save(token)
            if len(self.saved) == 1:
                raise OSError("no answer")

    store = Silent(OLD)
    case = Case(store, now=900.0)
    with pytest.raises(OSError, match="no answer"):
        case.ask()
    assert case.ask() == "new"
    assert [token.access_token for token in store.saved] == ["new"] * 2


def test_a_login_ends_what_was_wrong_before() -> None:
    case = Case(Token("t", 0.0, "r"))
    case.fail("refresh", OAuthError("invalid_grant"))
    with pytest.raises(OAuthError, match="invalid_grant"):
        case.ask()
    put(case)
    assert case.ask(seen=0) == "of a login"


# -- how old it is -----------------------------------------------------------------------------------------------------


def test_a_token_that_came_as_a_new_one_has_an_age() -> None:
    case = Case(OLD, now=900.0)
    case.ask()
    case.now = 905.0
    assert (case.cache.age("new"), case.cache.age("old"), case.cache.age("another")) == (5.0, None, None)
    put(case)
    case.now = 907.5
    assert (case.cache.age("of a login"), case.cache.age("new")) == (2.5, None)
    case.now = 900.0  # somebody has set the clock back
    assert case.cache.age("of a login") is None


@pytest.mark.parametrize(("first", "given"), [(OLD, "old"), (None, None)], ids=["one that was there", "none"])
def test_only_what_another_program_has_put_there_since_is_new(first: Token | None, given: str | None) -> None:
    store = Kept(first)
    case = Case(store)
    if given is None:
        with pytest.raises(OAuthError, match="login_required"):
            case.ask()
    else:
        assert case.ask() == given
        assert case.cache.age(given) is None
    store.token = OTHER
    case.now = 900.0
    assert case.ask() == "other"
    assert case.cache.age("other") == 0.0
    case.now = 920.0
    assert case.ask("of before") == "other"
    assert case.cache.age("other") == 20.0
