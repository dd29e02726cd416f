"""Members: one source for each, however many threads, tasks and processes want it, over a program's own database."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
import traceback
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from restli_core import HttpRequest, HttpResponse, InvalidCallError, OAuthError, UnauthorizedError, Urn
from restli_core.oauth import Token
from restli_transports import Timeout
from restli_transports.testing.authorization import AuthorizationServer
from restli_transports.testing.server import RestliServer
from restli_transports.tokens.members import AsyncMemberTokens, MemberTokens
from tests.support.source_tree import ROOT
from tests.support.token_world import DAY, World

ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "transports")])}


class Database:
    """A program's own database, in memory: `events` has what was done with it."""

    def __init__(self, rows: dict[Any, Token | None]) -> None:
        self.rows = dict(rows)
        self.events: list[tuple[str, Any]] = []
        self.failures: list[Exception] = []  # of the next saves

    def load(self, member: Any) -> Token | None:
        self.events.append(("load", member))
        return self.rows.get(member)

    def save(self, member: Any, token: Token) -> None:
        self.events.append(("save", member))
        if self.failures:
            raise self.failures.pop(0)
        self.rows[member] = token

    @contextmanager
    def lock(self, member: Any) -> Generator[None]:
        self.events.append(("enter", member))
        try:
            yield
        finally:
            self.events.append(("leave", member))


class AsyncDatabase(Database):
    """One whose functions are awaited."""

    async def load(self, member: Any) -> Token | None:  # type: ignore[override]
        await anyio.lowlevel.checkpoint()
        return super().load(member)

    async def save(self, member: Any, token: Token) -> None:  # type: ignore[override]
        await anyio.lowlevel.checkpoint()
        super().save(member, token)

    @asynccontextmanager
    async def lock(self, member: Any) -> AsyncGenerator[None]:  # type: ignore[override]
        await anyio.lowlevel.checkpoint()
        with super().lock(member):
            yield
            await anyio.lowlevel.checkpoint()


def members_of(world: World, database: Database, **options: Any) -> Any:
    kind: Any = MemberTokens if world.kind == "blocking" else AsyncMemberTokens
    functions = {"load": database.load, "save": database.save, "lock": database.lock}
    return kind(world.auth, **{**functions, "clock": world.now, **options})


@pytest.fixture(params=["blocking", "awaited"])
def world(request: pytest.FixtureRequest) -> World:
    world = World(request.param)
    world.authorization.rotates = True
    return world


@pytest.fixture
def database(world: World) -> Database:
    kind = Database if world.kind == "blocking" else AsyncDatabase
    return kind({"ada": world.token, "bob": world.authorization.issue("app", "r_ads")})


# -- a source for each -------------------------------------------------------------------------------------------------


def test_each_member_has_a_source_of_their_own(world: World, database: Database) -> None:
    tokens = members_of(world, database)
    client = world.client(None)
    assert tokens["ada"] is tokens["ada"]
    assert tokens["ada"] is not tokens["bob"]
    for member in ("ada", "bob"):
        mine = client.with_options(access_token=tokens[member])
        assert world.do(mine.get, "/me").entity == {"name": "Ada"}
        sent = world.fake.requests[-1].headers["Authorization"]
        assert sent == f"Bearer {(database.rows[member] or world.token).access_token}"
    assert database.events == [("load", "ada"), ("load", "bob")]


def test_a_members_token_is_refreshed_in_a_turn_and_saved_in_their_row(world: World, database: Database) -> None:
    before = dict(database.rows)
    tokens = members_of(world, database)
    world.authorization.advance(60 * DAY)
    got = world.do(tokens["bob"].token)
    assert database.rows["ada"] == before["ada"]
    assert database.rows["bob"] not in {before["bob"], None}
    assert got == (database.rows["bob"] or world.token).access_token
    steps = ["load", "enter", "load", "save", "leave"]
    assert database.events == [(step, "bob") for step in steps]
    assert world.refreshes == 1


def test_without_a_lock_nothing_is_locked(world: World, database: Database) -> None:
    tokens = members_of(world, database, lock=None)
    world.authorization.advance(60 * DAY)
    world.do(tokens["ada"].token)
    assert database.events == [("load", "ada"), ("save", "ada")]
    assert world.refreshes == 1


def test_a_member_whose_row_is_empty_must_sign_in(world: World, database: Database) -> None:
    tokens = members_of(world, database)
    with pytest.raises(OAuthError, match="login_required") as caught:
        world.do(tokens["eve"].token)
    assert caught.value.error == "login_required"


def test_who_signs_out_is_refused_and_has_nothing_left(world: World, database: Database) -> None:
    tokens = members_of(world, database)
    mine = world.client(None).with_options(access_token=tokens["ada"])
    world.do(mine.get, "/me")
    del database.rows["ada"]
    world.authorization.revoke(world.token.refresh_token or "")
    with pytest.raises(UnauthorizedError, match=r"sign in \(again\)"):
        world.do(mine.get, "/me")
    assert database.rows.keys() == {"bob"}
    assert world.refreshes == 0


@pytest.mark.parametrize(
    "member",
    [5, None, "", b"\0", ("a", 5), Urn("urn:li:person:ada"), frozenset({1}), 2.5, type],
    ids=repr,
)
def test_a_member_is_whatever_has_a_hash(world: World, member: Any) -> None:
    database = Database({member: world.token})
    tokens = members_of(world, database)
    assert world.do(tokens[member].token) == world.token.access_token
    assert database.events == [("load", member)]


@pytest.mark.parametrize("member", [[], {}, ("a", [])], ids=["list", "dict", "tuple"])
def test_what_has_no_hash_is_named(world: World, member: Any) -> None:
    tokens = members_of(world, Database({}))
    with pytest.raises(
        InvalidCallError, match=f"member: must have a hash, which {type(member).__name__} does not have"
    ):
        tokens[member]
    with pytest.raises(InvalidCallError, match="member: must have a hash"):
        world.do(tokens.add, member, world.token)
    assert len(tokens) == 0


def test_it_is_no_sequence_and_never_nothing(world: World) -> None:
    tokens = members_of(world, Database({}))
    assert tokens
    assert len(tokens) == 0
    with pytest.raises(TypeError):
        iter(tokens)
    with pytest.raises(TypeError):
        assert "ada" in tokens


# -- logins ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("member", ["ada", "eve"], ids=["again", "for the first time"])
def test_the_token_of_a_login_is_saved_in_a_turn_and_used_from_then_on(
    world: World, database: Database, member: str
) -> None:
    tokens = members_of(world, database)
    source = tokens[member]
    if member == "ada":
        assert world.do(source.token) == world.token.access_token
    database.events.clear()
    new = world.authorization.issue("app", "r_ads")
    world.do(tokens.add, member, new)
    assert database.rows[member] == new
    assert database.events == [("enter", member), ("save", member), ("leave", member)]
    assert tokens[member] is source
    assert world.do(source.token) == new.access_token
    assert len(database.events) == 3
    assert world.refreshes == 0


@pytest.mark.parametrize("token", [None, "text", {"access_token": "t"}])
def test_what_is_no_token_is_not_added(world: World, database: Database, token: Any) -> None:
    tokens = members_of(world, database)
    with pytest.raises(InvalidCallError, match="token: must be a Token"):
        world.do(tokens.add, "ada", token)
    assert database.events == []


def test_a_login_that_could_not_be_saved_is_used_and_saved_later(world: World, database: Database) -> None:
    tokens = members_of(world, database)
    database.failures = [OSError("full")]
    new = world.authorization.issue("app", "r_ads")
    with pytest.raises(OSError, match="full"):
        world.do(tokens.add, "ada", new)
    assert database.rows["ada"] == world.token
    assert world.do(tokens["ada"].token) == new.access_token
    assert database.rows["ada"] == new


def test_a_login_waits_for_a_refresh_that_is_under_way_and_comes_after_it() -> None:
    world = World("blocking")
    database = Database({"ada": world.token})
    tokens = members_of(world, database)
    world.authorization.advance(60 * DAY)
    new = world.authorization.issue("app", "r_ads")
    begun, may_end, adding = threading.Event(), threading.Event(), threading.Event()
    send = world.fake.send

    def slow(request: HttpRequest, *, timeout: Timeout | None = None) -> HttpResponse:
        answer: HttpResponse = send(request)
        begun.set()
        assert may_end.wait(60)
        return answer

    def add() -> None:
        adding.set()
        tokens.add("ada", new)

    world.fake.send = slow
    with ThreadPoolExecutor(2) as pool:
        refreshed = pool.submit(tokens["ada"].token)
        assert begun.wait(60)
        added = pool.submit(add)
        assert adding.wait(60)
        may_end.set()
        added.result(60)
        assert refreshed.result(60) != world.token.access_token
    assert database.rows["ada"] == new
    assert tokens["ada"].token() == new.access_token
    assert [step for step, _ in database.events] == ["load", "enter", "load", "save", "leave", "enter", "save", "leave"]


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_a_login_awaits_a_refresh_that_is_under_way_and_comes_after_it(loop: str) -> None:
    world = World("awaited")
    database = AsyncDatabase({"ada": world.token})
    tokens = members_of(world, database)
    world.authorization.advance(60 * DAY)
    new = world.authorization.issue("app", "r_ads")
    send = world.fake.send

    async def both() -> None:
        begun, may_end = anyio.Event(), anyio.Event()

        async def slow(request: HttpRequest, *, timeout: Timeout | None = None) -> HttpResponse:
            answer: HttpResponse = await send(request)
            begun.set()
            await may_end.wait()
            return answer

        world.fake.send = slow
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(tokens["ada"].token)
            await begun.wait()
            tasks.start_soon(tokens.add, "ada", new)
            await anyio.wait_all_tasks_blocked()
            assert database.rows["ada"] == world.token
            may_end.set()
        assert await tokens["ada"].token() == new.access_token

    anyio.run(both, backend=loop)
    assert database.rows["ada"] == new


# -- which sources are kept --------------------------------------------------------------------------------------------


def test_the_one_that_was_not_asked_for_the_longest_is_dropped_and_made_again(world: World) -> None:
    database = Database(dict.fromkeys("abc", world.token))
    tokens = members_of(world, database, most=2)
    for member in "abacb":  # the second "a" makes "b" the oldest, which "c" drops
        world.do(tokens[member].token)
    assert [member for _, member in database.events] == ["a", "b", "c", "b"]
    assert len(tokens) == 2


def test_one_that_is_in_use_is_found_again(world: World) -> None:
    tokens = members_of(world, Database({}), most=1)
    used = world.client(tokens["ada"])  # a client, and nobody else
    made = id(tokens["ada"])
    for member in range(5):
        tokens[member]
    assert id(tokens["ada"]) == made
    assert len(tokens) == 1
    del used


def test_one_that_could_not_save_its_token_is_not_forgotten(world: World) -> None:
    database = Database(dict.fromkeys("abcdef", world.token))
    tokens = members_of(world, database, most=2)
    database.failures = [OSError("full")] * 3
    new = {member: world.authorization.issue("app", "r_ads") for member in "abc"}
    for member in "abc":
        with pytest.raises(OSError, match="full"):
            world.do(tokens.add, member, new[member])
    for member in "def":
        tokens[member]
    assert database.rows["a"] == world.token
    for member in "abc":
        assert world.do(tokens[member].token) == new[member].access_token
        assert database.rows[member] == new[member]
    for member in "defdef":
        tokens[member]
    assert len(tokens) == 2


def test_there_may_be_ten_thousand(world: World) -> None:
    tokens = members_of(world, Database({}))
    for member in range(10_003):
        tokens[member]
    assert len(tokens) == 10_000
    assert repr(tokens) == f"<{type(tokens).__name__}, 10000 members>"


# -- threads, forks and processes --------------------------------------------------------------------------------------


def test_threads_that_ask_for_a_member_at_once_share_a_source_and_its_refresh() -> None:
    world = World("blocking")
    database = Database({member: world.authorization.issue("app", "r_ads") for member in range(4)})
    tokens = members_of(world, database, most=2)  # so that some are dropped meanwhile
    world.authorization.advance(60 * DAY)
    together = threading.Barrier(40)

    def ask(number: int) -> tuple[int, str]:
        together.wait(60)
        return number % 4, tokens[number % 4].token()

    with ThreadPoolExecutor(40) as pool:
        assert set(pool.map(ask, range(40))) == {
            (member, token.access_token) for member, token in database.rows.items() if token is not None
        }
    assert world.refreshes == 4


FORKING = """
import os, sys, threading
from restli_transports import AuthClient
from restli_transports.testing import FakeTransport
from restli_transports.tokens import MemberTokens

begun, may_end = threading.Event(), threading.Event()
parent = os.getpid()

class Slow:
    def __hash__(self):
        return 5
    def __eq__(self, other):
        if os.getpid() == parent:
            begun.set()
            assert may_end.wait(60)
        return False

auth = AuthClient("app", "s3cret", transport=FakeTransport())
tokens = MemberTokens(auth, load=lambda member: None, save=lambda member, token: None)
tokens[5]
thread = threading.Thread(target=lambda: tokens[Slow()])
thread.start()
assert begun.wait(60)
child = os.fork()
if child == 0:
    os._exit(0 if tokens[6] is tokens[6] else 1)
status = os.waitpid(child, 0)[1]
may_end.set()
thread.join()
sys.exit(status)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs forks")
def test_a_child_of_a_fork_waits_for_no_thread_of_its_parents() -> None:
    command = [sys.executable, "-W", "ignore", "-c", FORKING]
    subprocess.run(command, check=True, env=ENVIRONMENT, timeout=60)


SHARING = """
import sqlite3, sys, threading
from contextlib import contextmanager
from restli_core.oauth import Token
from restli_transports import AuthClient
from restli_transports.tokens import MemberTokens

base_url, path, now = sys.argv[1:]
threads = threading.local()

def connection():
    if not hasattr(threads, "connection"):
        threads.connection = sqlite3.connect(path, timeout=60, isolation_level=None)
    return threads.connection

def load(member):
    row = connection().execute("SELECT access_token, expires_at, refresh_token FROM tokens WHERE member = ?", [member])
    found = row.fetchone()
    return None if found is None else Token(*found)

def save(member, token):
    values = [member, token.access_token, token.expires_at, token.refresh_token]
    connection().execute("INSERT OR REPLACE INTO tokens VALUES (?, ?, ?, ?)", values)

@contextmanager
def lock(member):
    connection().execute("BEGIN IMMEDIATE")
    with connection():
        yield

auth = AuthClient("app", "s3cret", base_url=base_url)
tokens = MemberTokens(auth, load=load, save=save, lock=lock, clock=lambda: float(now))
print("ready", flush=True)
for line in sys.stdin:
    order, member, given = line.split()
    if order == "add":
        tokens.add(member, Token(given, float(now) + 5000000, "its refresh token"))
    print(tokens[member].token(rejected=given if order == "ask" else None), flush=True)
"""


@pytest.fixture
def served() -> Iterator[RestliServer]:
    authorization = AuthorizationServer(rotates=True)
    authorization.app("app", "s3cret")
    with RestliServer(base_path="/rest", authorization=authorization, requires_token=True) as server:
        yield server


@pytest.mark.sockets
def test_processes_that_share_a_database_and_refresh_at_once_use_a_refresh_token_once(
    served: RestliServer, tmp_path: Path
) -> None:
    authorization = served.authorization
    assert authorization is not None
    issued = {member: authorization.issue("app", "r_ads") for member in ("ada", "bob")}
    authorization.advance(60 * DAY)
    path = tmp_path / "tokens.db"
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("CREATE TABLE tokens (member PRIMARY KEY, access_token, expires_at, refresh_token)")
    for member, token in issued.items():
        values = [member, token.access_token, token.expires_at, token.refresh_token]
        database.execute("INSERT INTO tokens VALUES (?, ?, ?, ?)", values)

    def stored(member: str) -> str:
        (found,) = database.execute("SELECT access_token FROM tokens WHERE member = ?", [member]).fetchone()
        return str(found)

    command = [sys.executable, "-c", SHARING, served.auth_base_url, str(path), str(authorization.now)]
    with ExitStack() as stack:
        stack.callback(database.close)
        programs = [
            stack.enter_context(
                subprocess.Popen(
                    command, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
                )
            )
            for _ in range(4)
        ]

        def told(line: str, some: list[Any] = programs) -> set[str]:
            for program in some if line else ():
                program.stdin.write(f"{line}\n")
            return {program.stdout.readline().strip() for program in some}

        assert told("") == {"ready"}
        refreshes = 0
        for member, token in issued.items():
            rejected = token.access_token
            for _ in range(2):  # the first time by the clock, then since the token was refused
                (new,) = told(f"ask {member} {rejected}")
                assert new not in {"", rejected}
                assert stored(member) == new
                refreshes += 1
                assert len([one for one in served.received if one.request is not None]) == refreshes
                rejected = new
        # What one of them adds, the others take once theirs is refused; and none of them refreshes.
        old = stored("ada")
        assert told("add ada another", programs[:1]) == {"another"}
        assert told("keep ada -", programs[1:]) == {old}
        assert told(f"ask ada {old}") == {"another"}
        assert len([one for one in served.received if one.request is not None]) == refreshes
        for program in programs:
            program.communicate()
            assert program.returncode == 0


# -- functions to be awaited -------------------------------------------------------------------------------------------


def called_by_another(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that returns a coroutine, and does not look like it."""

    def call(*args: Any) -> Any:
        return function(*args)

    return call


class Called:
    """An object that is called like a coroutine function."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    async def __call__(self, *args: Any) -> Any:
        return await self._function(*args)


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
@pytest.mark.parametrize("around", [called_by_another, Called], ids=["a function", "an object"])
def test_what_returns_something_to_be_awaited_is_awaited(loop: str, around: Callable[..., Any]) -> None:
    world = World("awaited")
    database = AsyncDatabase({"ada": world.token})
    tokens = members_of(world, database, load=around(database.load), save=around(database.save))
    world.authorization.advance(60 * DAY)
    got = anyio.run(tokens["ada"].token, backend=loop)
    row = database.rows["ada"]
    assert row is not None
    assert got == row.access_token != world.token.access_token


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_members_by_the_hundred_need_few_threads_and_wait_for_one_lock_without_an_end(loop: str) -> None:
    world = World("awaited")
    database = Database({member: world.authorization.issue("app", "r_ads") for member in range(150)})
    world.authorization.advance(60 * DAY)
    one_for_all, may_end = threading.Semaphore(1), threading.Event()

    @contextmanager
    def lock(_: Any) -> Generator[None]:
        assert one_for_all.acquire(timeout=60)
        try:
            yield
        finally:
            one_for_all.release()

    def load(member: Any) -> Token | None:
        assert may_end.wait(60)
        return database.load(member)

    tokens = members_of(world, database, load=load, lock=lock)

    async def all_together() -> None:
        before = started = threading.active_count()
        async with anyio.create_task_group() as tasks:
            for member in database.rows:
                tasks.start_soon(tokens[member].token)
            await anyio.wait_all_tasks_blocked()
            started = threading.active_count()
            may_end.set()
        assert started - before <= 40

    anyio.run(all_together, backend=loop)
    assert world.refreshes == 150


class Turns(AsyncDatabase):
    """A database whose turns are counted, over a world whose authorization server answers once it is told to."""

    def __init__(self, world: World) -> None:
        super().__init__({"ada": world.token})
        self.begun, self.may_end = anyio.Event(), anyio.Event()
        self._send = world.fake.send
        world.fake.send = self.send
        world.authorization.advance(60 * DAY)

    async def send(self, request: HttpRequest, *, timeout: Timeout | None = None) -> HttpResponse:
        answer: HttpResponse = await self._send(request)
        self.begun.set()
        await self.may_end.wait()
        return answer


STEPS = [(step, "ada") for step in ("load", "enter", "load", "save", "leave")]


def test_a_task_that_asyncio_cancels_leaves_the_turn_once_its_refresh_is_saved() -> None:
    async def run() -> None:
        world = World("awaited")
        database = Turns(world)
        tokens = members_of(world, database)
        task = asyncio.create_task(tokens["ada"].token())
        await database.begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert database.events == STEPS[:3]
        database.may_end.set()
        row = await tokens["ada"].token()
        assert database.events == STEPS
        assert (database.rows["ada"] or world.token).access_token == row
        assert world.refreshes == 1

    asyncio.run(run())


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_a_scope_that_is_cancelled_leaves_the_turn_once_the_refresh_is_saved(loop: str) -> None:
    async def run() -> None:
        world = World("awaited")
        database = Turns(world)
        tokens = members_of(world, database)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(tokens["ada"].token)
            await database.begun.wait()
            tasks.cancel_scope.cancel()
            database.may_end.set()
        assert database.events == STEPS
        assert world.refreshes == 1

    anyio.run(run, backend=loop)


@pytest.mark.parametrize("failing", ["load", "save"])
def test_a_turn_is_left_where_the_programs_own_function_is_cancelled(failing: str) -> None:
    world = World("awaited")
    database = AsyncDatabase({"ada": world.token})
    world.authorization.advance(60 * DAY)
    real = getattr(database, failing)

    async def cancelled(*args: Any) -> Any:
        if ("enter", "ada") in database.events:
            raise asyncio.CancelledError  # such as of a task of a driver's, whose pool is closed
        return await real(*args)

    tokens = members_of(world, database, **{failing: cancelled})

    async def run() -> None:
        with pytest.raises(asyncio.CancelledError):
            await tokens["ada"].token()
        assert database.events[-1] == ("leave", "ada")
        assert database.events.count(("leave", "ada")) == 1

    asyncio.run(run())


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_locks_of_the_event_loop_serve_as_turns(loop: str) -> None:
    world = World("awaited")
    database = AsyncDatabase({member: world.authorization.issue("app", "r_ads") for member in range(5)})
    world.authorization.advance(60 * DAY)

    async def run() -> None:
        lock = anyio.Lock()  # only the task that has entered it may leave it
        tokens = members_of(world, database, lock=lambda _: lock)
        async with anyio.create_task_group() as tasks:
            for member in range(5):
                tasks.start_soon(tokens[member].token)
        assert not lock.statistics().locked

    anyio.run(run, backend=loop)
    assert world.refreshes == 5


# -- tokens that LinkedIn does not know yet ----------------------------------------------------------------------------


def test_a_call_with_the_token_of_a_login_is_repeated_with_the_same_one_after_a_wait(world: World) -> None:
    tokens = members_of(world, Database({}))
    new = world.authorization.issue("app", "r_ads")
    world.do(tokens.add, "ada", new)
    world.fake.fail_next(HttpResponse(401, {}, b'{"serviceErrorCode": 65600}'))
    assert world.do(world.client(tokens["ada"]).get, "/me").entity == {"name": "Ada"}
    assert world.fake.waits == [5.0]
    assert [request.headers["Authorization"] for request in world.fake.requests] == [f"Bearer {new.access_token}"] * 2
    assert world.refreshes == 0


def test_only_a_second_refusal_asks_for_another_token(world: World) -> None:
    tokens = members_of(world, Database({}))
    world.do(tokens.add, "ada", world.authorization.issue("app", "r_ads"))
    world.fake.fail_next(HttpResponse(401, {}, b'{"serviceErrorCode": 65600}'), times=2)
    assert world.do(world.client(tokens["ada"]).get, "/me").entity == {"name": "Ada"}
    assert world.fake.waits == [5.0]
    assert world.refreshes == 1


def test_what_takes_a_refused_tokens_place_may_be_too_new_as_well(world: World, database: Database) -> None:
    tokens = members_of(world, database)
    world.fake.fail_next(HttpResponse(401, {}, b'{"serviceErrorCode": 65602}'))
    refused = world.token.access_token
    send = world.fake.send
    answered = [HttpResponse(401, {}, b'{"serviceErrorCode": 65600}')]

    def first_refused(request: HttpRequest, *, timeout: Timeout | None = None) -> Any:
        if answered and refused not in request.headers.get("Authorization", refused):
            world.fake.fail_next(answered.pop())
        return send(request, timeout=timeout)

    world.fake.send = first_refused
    assert world.do(world.client(tokens["ada"]).get, "/me").entity == {"name": "Ada"}
    assert (world.fake.waits, world.refreshes) == ([5.0], 1)


@pytest.mark.parametrize("passed", [30.0, 3600.0])
def test_an_older_token_is_replaced_at_its_first_refusal(world: World, passed: float) -> None:
    tokens = members_of(world, Database({}))
    world.do(tokens.add, "ada", world.authorization.issue("app", "r_ads"))
    world.authorization.advance(passed)
    world.fake.fail_next(HttpResponse(401, {}, b'{"serviceErrorCode": 65600}'))
    assert world.do(world.client(tokens["ada"]).get, "/me").entity == {"name": "Ada"}
    assert (world.fake.waits, world.refreshes) == ([], 1)


def test_a_token_that_was_in_the_database_counts_as_old(world: World, database: Database) -> None:
    tokens = members_of(world, database)
    world.fake.fail_next(HttpResponse(401, {}, b'{"serviceErrorCode": 65600}'))
    assert world.do(world.client(tokens["ada"]).get, "/me").entity == {"name": "Ada"}
    assert (world.fake.waits, world.refreshes) == ([], 1)


# -- what it is made of ------------------------------------------------------------------------------------------------


async def coroutine_function(*args: Any) -> None:
    """Do nothing."""


def generator_function(*args: Any) -> Generator[None]:
    yield


async def async_generator_function(*args: Any) -> AsyncGenerator[None]:
    yield


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("load", None),
        ("load", {}),
        ("save", "save"),
        ("lock", 5),
        ("lock", generator_function),
        ("lock", async_generator_function),
        ("lock", coroutine_function),
        ("most", 0),
        ("most", True),
        ("most", 2.5),
        ("most", None),
        ("leeway", -1),
        ("clock", 5.0),
        ("auth", "app"),
    ],
    ids=lambda one: getattr(one, "__name__", repr(one)),
)
def test_an_argument_that_cannot_be_used_is_named_at_once(world: World, argument: str, value: Any) -> None:
    kind: Any = MemberTokens if world.kind == "blocking" else AsyncMemberTokens
    database = Database({})
    options = {"auth": world.auth, "load": database.load, "save": database.save, argument: value}
    with pytest.raises(InvalidCallError) as caught:
        kind(options.pop("auth"), **options)
    assert caught.value.argument == argument


@pytest.mark.parametrize("argument", ["load", "save"])
def test_coroutine_functions_are_refused_where_nobody_awaits_them(argument: str) -> None:
    world = World("blocking")
    with pytest.raises(InvalidCallError, match=f"{argument}: is a coroutine function: give it to AsyncMemberTokens"):
        members_of(world, Database({}), **{argument: coroutine_function})


@pytest.mark.parametrize(
    ("argument", "function", "told"),
    [
        ("load", lambda _: "t", "load: returned str, which is not a Token"),
        ("load", lambda _: coroutine_function(), "load: returned coroutine, which is not a Token"),
        ("save", lambda *_: coroutine_function(), "save: returned coroutine, which only an asynchronous source awaits"),
        ("lock", lambda _: None, "lock: returned NoneType, which cannot be entered"),
        ("lock", AsyncDatabase({}).lock, "lock: returned _AsyncGeneratorContextManager, which cannot be entered"),
    ],
)
def test_functions_that_return_something_else_are_named(argument: str, function: Any, told: str) -> None:
    world = World("blocking")
    tokens = members_of(world, Database({"ada": world.token}), **{argument: function})
    world.authorization.advance(60 * DAY)
    with pytest.raises(InvalidCallError) as caught:
        tokens["ada"].token()
    assert str(caught.value).startswith(told)
    assert caught.value.argument == argument


@pytest.mark.parametrize("argument", ["load", "save", "lock"])
def test_what_a_function_raises_is_raised_as_it_is_and_passes(world: World, database: Database, argument: str) -> None:
    failures = [LookupError("gone")]
    real = getattr(database, argument)

    def failing(*args: Any) -> Any:
        if failures:
            raise failures.pop()
        return real(*args)

    tokens = members_of(world, database, **{argument: failing})
    world.authorization.advance(60 * DAY)
    with pytest.raises(LookupError, match="gone"):
        world.do(tokens["ada"].token)
    got = world.do(tokens["ada"].token)
    assert got == (database.rows["ada"] or world.token).access_token != world.token.access_token
    assert world.refreshes == 1


def test_secrets_are_in_no_repr_and_no_traceback(world: World, database: Database) -> None:
    tokens = members_of(world, database)
    new = world.authorization.issue("app", "r_ads")
    database.failures = [OSError("full")]
    with pytest.raises(OSError, match="full") as caught:
        world.do(tokens.add, "ada", new)
    shown = repr(tokens) + repr(vars(tokens)) + repr(tokens["ada"]) + "".join(traceback.format_exception(caught.value))
    frame = caught.value.__traceback__
    while frame is not None:
        if "restli_transports" in frame.tb_frame.f_code.co_filename:
            shown += repr(frame.tb_frame.f_locals)
        frame = frame.tb_next
    for secret in ("s3cret", new.access_token, new.refresh_token or "", world.token.access_token):
        assert secret not in shown
