"""Sources: tokens that stay fresh, however many threads or tasks want them."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from restli_core import Call, ConnectError, HttpRequest, HttpResponse, InvalidCallError, OAuthError
from restli_core.oauth import Token
from restli_transports import AsyncAuthClient, AsyncRestliClient, AuthClient, RestliClient, Timeout
from restli_transports.h11 import H11AsyncTransport
from restli_transports.httpx import HttpxAsyncTransport
from restli_transports.testing.authorization import AuthorizationServer
from restli_transports.testing.fake import FakeAsyncTransport, FakeTransport
from restli_transports.testing.server import RestliServer
from restli_transports.tokens.sources import (
    AsyncClientCredentialsSource,
    AsyncRefreshingSource,
    ClientCredentialsSource,
    RefreshingSource,
)
from restli_transports.tokens.stores import FileStore
from tests.support.source_tree import ROOT
from tests.support.token_world import DAY, Kept, World

TOKENS = "POST /oauth/v2/accessToken"


@pytest.fixture(params=["blocking", "awaited"])
def world(request: pytest.FixtureRequest) -> World:
    return World(request.param)


# -- when another token is got -----------------------------------------------------------------------------------------


def test_a_token_that_is_good_is_given_as_it_is(world: World) -> None:
    source = world.refreshing()
    for _ in range(3):
        assert world.do(source.token) == world.token.access_token
    assert world.refreshes == 0


@pytest.mark.parametrize(("left", "leeway", "refreshes"), [(301, 300, 0), (300, 300, 1), (11, 10, 0), (10, 10, 1)])
def test_it_is_refreshed_shortly_before_it_ends(world: World, left: int, leeway: int, refreshes: int) -> None:
    source = world.refreshing(leeway=leeway, clock=lambda: world.token.expires_at - left)  # type: ignore[operator]
    world.do(source.token)
    assert world.refreshes == refreshes


def test_a_token_that_lives_shorter_than_the_leeway_is_good_for_half_its_life() -> None:
    world = World("blocking")
    world.authorization = AuthorizationServer(application_lifetime=60, clock=lambda: 1000.0)
    world.authorization.app("app", "s3cret")
    world.fake = FakeTransport(authorization=world.authorization)
    source = world.two_legged(leeway=300)
    first = source.token()
    world.authorization.advance(29)
    assert source.token() == first
    world.authorization.advance(1)
    assert source.token() != first
    assert world.refreshes == 2


def test_a_token_that_nobody_knows_the_end_of_is_good_until_it_is_refused(world: World) -> None:
    source = world.refreshing(Token(world.token.access_token, None, world.token.refresh_token))
    world.authorization.advance(61 * DAY)
    assert world.do(source.token) == world.token.access_token
    assert world.do(source.token, rejected=world.token.access_token) != world.token.access_token


def test_a_refusal_of_an_older_token_leads_to_no_refresh(world: World) -> None:
    source = world.refreshing()
    world.do(source.token)
    assert world.do(source.token, rejected="an older one") == world.token.access_token
    assert world.refreshes == 0


def test_an_applications_token_is_asked_for_when_it_is_needed(world: World) -> None:
    source = world.two_legged()
    assert world.refreshes == 0
    first = world.do(source.token)
    assert world.do(source.token) == first
    world.authorization.advance(1800 - 300)
    second = world.do(source.token)
    assert world.refreshes == 2
    assert world.do(source.token, rejected=second) not in {first, second}


def test_fixed_sources(world: World) -> None:
    source = world.fixed("t")
    assert repr(source) == f"<{type(source).__name__}>"
    assert world.do(source.token) == world.do(source.token, rejected="t") == "t"
    with pytest.raises(InvalidCallError, match="access_token"):
        world.fixed("a b")


# -- stores ------------------------------------------------------------------------------------------------------------


def test_what_takes_a_tokens_place_is_saved(world: World) -> None:
    world.authorization.rotates = True
    store = Kept(world.token)
    source = world.refreshing(store)
    world.authorization.advance(60 * DAY)
    token = world.do(source.token)
    (saved,) = store.saved
    assert saved.access_token == token
    assert saved.refresh_token != world.token.refresh_token
    assert saved.refresh_token_expires_at == pytest.approx(world.token.refresh_token_expires_at, abs=2)
    world.authorization.advance(60 * DAY)
    assert world.do(source.token) != token
    assert len(store.saved) == 2


def test_a_token_that_another_program_has_saved_is_taken(world: World) -> None:
    store = Kept(world.token)
    source, other = world.refreshing(store), world.refreshing(store)
    world.do(source.token)
    world.authorization.advance(60 * DAY)
    token = world.do(other.token)
    assert world.do(source.token) == token
    assert world.refreshes == 1


def test_a_store_that_fails_tells_once_and_the_token_is_kept(world: World) -> None:
    store = Kept(world.token)

    def failing(token: Token) -> None:
        raise OSError("the disk is full")

    saving = store.save
    store.save = failing  # type: ignore[method-assign]
    source = world.refreshing(store)
    world.authorization.advance(60 * DAY)
    with pytest.raises(OSError, match="disk is full"):
        world.do(source.token)
    new = world.do(source.token)
    assert new != world.token.access_token
    assert store.saved == []
    store.save = saving  # type: ignore[method-assign]
    assert world.do(source.token) == new
    assert [token.access_token for token in store.saved] == [new]
    assert world.refreshes == 1


def test_a_token_about_to_end_is_given_where_no_other_is_to_be_had(world: World) -> None:
    end = world.token.expires_at or 0.0
    now = [end - 100]
    source = world.refreshing(clock=lambda: now[0])
    world.fake.fail_next(ConnectError("unplugged"), times=3 * 4)  # for each of the calls as often as it is tried
    assert world.do(source.token) == world.token.access_token
    with pytest.raises(ConnectError):
        world.do(source.token, rejected=world.token.access_token)
    now[0] = end
    with pytest.raises(ConnectError):
        world.do(source.token)
    assert world.do(source.token) != world.token.access_token


def test_a_refresh_that_another_program_has_overtaken_takes_what_that_got(world: World) -> None:
    world.authorization.rotates = True
    store, overtaking = Kept(world.token), Kept(world.token)
    auth = AuthClient("app", "s3cret", transport=FakeTransport(authorization=world.authorization))
    other = RefreshingSource(auth, overtaking, clock=world.now)

    def load() -> Token | None:
        if store.token is world.token:
            other.token()
            store.token = overtaking.token
            return world.token
        return store.token

    world.authorization.advance(60 * DAY)
    store.load = load  # type: ignore[method-assign]
    assert world.do(world.refreshing(store).token) == other.token()
    assert store.saved == []


def test_a_store_that_was_emptied_means_that_the_member_has_signed_out(world: World) -> None:
    store = Kept(world.token)
    source = world.refreshing(store)
    assert world.do(source.token) == world.token.access_token
    store.token = None
    with pytest.raises(OAuthError, match="login_required"):
        world.do(source.token, rejected=world.token.access_token)
    assert store.saved == []


def test_a_server_that_gives_what_has_ended_is_asked_once_by_all_who_wait() -> None:
    world = World("awaited")

    async def all_together() -> None:
        source = world.refreshing(clock=lambda: (world.token.expires_at or 0.0) + 10**9)
        async with anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(source.token)

    anyio.run(all_together)
    assert world.refreshes == 1


BLOCKING: Any = AuthClient("app", transport=FakeTransport())
AWAITED: Any = AsyncAuthClient("app", transport=FakeAsyncTransport())
NO_CLOCK: Any = 5
NO_STORE: Any = Kept
NO_AUTH: Any = RestliClient(FakeTransport())


@pytest.mark.parametrize(
    ("mistake", "told"),
    [
        (lambda: RefreshingSource(AWAITED, Token("t")), "auth: must be an AuthClient, not AsyncAuthClient"),
        (lambda: AsyncRefreshingSource(BLOCKING, Token("t")), "auth: must be an AsyncAuthClient, not AuthClient"),
        (lambda: ClientCredentialsSource(NO_AUTH), "auth: must be an AuthClient, not RestliClient"),
        (lambda: RefreshingSource(BLOCKING, Token("t"), clock=NO_CLOCK), "clock"),
        (lambda: RefreshingSource(BLOCKING, NO_STORE), "store"),
    ],
)
def test_arguments_of_another_kind_are_refused(mistake: Callable[[], Any], told: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        mistake()
    assert str(caught.value).startswith(told)


def test_a_store_that_gives_no_token_is_told_of(world: World) -> None:
    store: Any = Kept(None)
    store.load = dict
    with pytest.raises(InvalidCallError, match="store: its load returned dict, which is not a Token"):
        world.do(world.refreshing(store).token)


def test_a_source_in_two_event_loops_at_once_is_refused() -> None:
    world = World("awaited")
    begun, over = threading.Event(), threading.Event()

    def load() -> Token:
        begun.set()
        assert over.wait(5)
        return world.token

    store = Kept(world.token)
    store.load = load  # type: ignore[method-assign]
    source = world.refreshing(store)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(anyio.run, source.token)
        assert begun.wait(5)
        with pytest.raises(InvalidCallError, match="another event loop"):
            anyio.run(source.token)
        over.set()
        assert first.result() == world.token.access_token


def test_threads_that_all_wait_for_one_token_get_it() -> None:
    world = World("awaited")
    source = world.refreshing(Kept(world.token))
    barrier = threading.Barrier(40)

    def ask() -> str:
        barrier.wait(5)
        token: str = anyio.from_thread.run(source.token)
        return token

    async def all_together() -> list[str]:
        tokens: list[str] = []

        async def one() -> None:
            tokens.append(await anyio.to_thread.run_sync(ask))

        async with anyio.create_task_group() as tasks:
            for _ in range(40):
                tasks.start_soon(one)
        return tokens

    assert anyio.run(all_together) == [world.token.access_token] * 40


@pytest.mark.parametrize("rejected", [None, "refused"])
def test_where_nobody_has_signed_in(world: World, rejected: str | None) -> None:
    for store in (Kept(None), Kept(Token("refused", 0))):
        with pytest.raises(OAuthError) as caught:
            world.do(world.refreshing(store).token, rejected=rejected)
        assert caught.value.error == "login_required"
        assert "sign in" in str(caught.value)


@pytest.mark.parametrize(
    ("argument", "options"), [("store", {"store": 5}), ("leeway", {"leeway": -1}), ("leeway", {"leeway": "5"})]
)
def test_what_is_no_store_and_no_leeway(world: World, argument: str, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidCallError) as caught:
        world.refreshing(**options)
    assert caught.value.argument == argument


def test_an_application_without_a_secret_has_no_token_of_its_own() -> None:
    with pytest.raises(InvalidCallError, match="client_secret"):
        ClientCredentialsSource(AuthClient("app", transport=FakeTransport()))
    with pytest.raises(InvalidCallError, match="client_secret"):
        AsyncClientCredentialsSource(AsyncAuthClient("app", transport=FakeAsyncTransport()))


def test_a_source_to_be_awaited_names_the_extra_that_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World("awaited")
    monkeypatch.setitem(sys.modules, "anyio", None)
    with pytest.raises(ImportError, match=r"restli-core\[h11\]"):
        world.do(world.two_legged().token)


# -- many at once ------------------------------------------------------------------------------------------------------


@pytest.fixture
def served() -> Iterator[RestliServer]:
    authorization = AuthorizationServer()
    authorization.app("app", "s3cret")
    with RestliServer(base_path="/rest", authorization=authorization, requires_token=True) as server:
        server.simple("/me", {"name": "Ada"})
        yield server


def tokens_asked_for(server: RestliServer) -> int:
    return sum(received.request is not None and received.request.line == TOKENS for received in server.received)


def expired(server: RestliServer) -> tuple[Token, Callable[[], float]]:
    """A token that has expired, and the server's clock."""
    authorization = server.authorization
    assert authorization is not None
    token = authorization.issue("app", "r_ads")
    authorization.advance(60 * DAY)
    return token, lambda: authorization.now


@pytest.mark.sockets
@pytest.mark.parametrize("knows", [True, False], ids=["by the clock", "by a 401"])
def test_100_threads_with_an_expired_token_cause_one_refresh(served: RestliServer, knows: bool) -> None:
    token, clock = expired(served)
    together = threading.Barrier(100)
    with AuthClient("app", "s3cret", base_url=served.auth_base_url) as auth:
        source = RefreshingSource(auth, token, clock=clock if knows else lambda: 0.0)
        with RestliClient(base_url=served.base_url, access_token=source) as client:

            def use(_: int) -> int:
                together.wait()
                return client.get("/me").status_code

            with ThreadPoolExecutor(100) as pool:
                assert [*pool.map(use, range(100))] == [200] * 100
    assert tokens_asked_for(served) == 1


@pytest.mark.sockets
@pytest.mark.parametrize("count", [50, pytest.param(1000, marks=pytest.mark.deep)])
@pytest.mark.parametrize(
    ("loop", "transport", "knows"),
    [
        ("asyncio", HttpxAsyncTransport, False),
        ("asyncio", H11AsyncTransport, False),
        ("trio", HttpxAsyncTransport, False),
        ("trio", H11AsyncTransport, False),
        ("trio", H11AsyncTransport, True),
    ],
)
def test_many_tasks_with_an_expired_token_cause_one_refresh(
    served: RestliServer, loop: str, transport: Callable[[], Any], knows: bool, count: int
) -> None:
    token, clock = expired(served)
    answers: list[int] = []

    async def use(client: AsyncRestliClient) -> None:
        answers.append((await client.get("/me")).status_code)

    async def all_together() -> None:
        patient = Timeout(connect=60, read=60, total=300)
        auth = AsyncAuthClient("app", "s3cret", transport=transport(), base_url=served.auth_base_url, timeout=patient)
        source = AsyncRefreshingSource(auth, token, clock=clock if knows else lambda: 0.0)
        resources = AsyncRestliClient(transport(), base_url=served.base_url, access_token=source, timeout=patient)
        async with auth, resources as client, anyio.create_task_group() as tasks:
            for _ in range(count):
                tasks.start_soon(use, client)

    anyio.run(all_together, backend=loop)
    assert answers == [200] * count
    assert tokens_asked_for(served) == 1


class Refusing(FakeTransport):
    """Refuses the first refresh, once it has been asked for a token so many times."""

    def __init__(self, waiters: int) -> None:
        super().__init__()
        self.waiters = waiters
        self.asked = threading.Semaphore(0)
        self.now = 0.0
        self.failure: Exception | HttpResponse = HttpResponse(400, {}, b'{"error": "invalid_grant"}')

    def time(self) -> float:
        self.asked.release()
        return self.now

    def send(self, request: HttpRequest, *, timeout: Timeout | None = None) -> HttpResponse:
        self.requests.append(request)
        if len(self.requests) > 1:
            return HttpResponse(200, {}, b'{"access_token": "new", "expires_in": 5000}')
        for _ in range(self.waiters + 3):  # who sends this has looked three times more, with the lock in hand
            assert self.asked.acquire(timeout=5)
        if isinstance(self.failure, Exception):
            raise self.failure
        return self.failure


@pytest.mark.parametrize("failure", [None, ConnectError("unplugged")])
def test_a_failed_refresh_reaches_every_thread_that_waits(failure: Exception | None) -> None:
    transport = Refusing(20)
    transport.failure = failure or transport.failure
    auth = AuthClient("app", "s3cret", transport=transport, retry=None)
    source = RefreshingSource(auth, Token("old", 1000, "refresh"), clock=transport.time)
    assert source.token() == "old"
    transport.now, transport.asked = 1000.0, threading.Semaphore(0)
    errors: list[Exception] = []

    def use(_: int) -> None:
        with pytest.raises(type(failure) if failure else OAuthError) as caught:
            source.token()
        errors.append(caught.value)

    with ThreadPoolExecutor(20) as pool:
        assert [*pool.map(use, range(20))] == [None] * 20
    assert len({id(error) for error in errors}) == 20
    assert len({str(error) for error in errors}) == 1
    assert len(transport.requests) == 1
    assert source.token() == "new"


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_a_failed_refresh_reaches_every_task_that_waits(loop: str) -> None:
    world = World("awaited")
    errors: list[OAuthError] = []
    begun = 0

    async def all_together() -> None:
        real = world.fake.send

        async def slow(request: HttpRequest, *, timeout: Timeout | None = None) -> HttpResponse:
            while begun < 50:
                await anyio.lowlevel.checkpoint()
            answer: HttpResponse = await real(request)
            return answer

        world.fake.send = slow
        world.fake.fail_next(HttpResponse(400, {}, b'{"error": "invalid_grant"}'))
        source = world.refreshing(clock=lambda: world.token.expires_at or 0.0)

        async def use() -> None:
            nonlocal begun
            begun += 1
            with pytest.raises(OAuthError) as caught:
                await source.token()
            errors.append(caught.value)

        async with anyio.create_task_group() as tasks:
            for _ in range(50):
                tasks.start_soon(use)
        assert world.refreshes == 1
        assert await source.token() != world.token.access_token

    anyio.run(all_together, backend=loop)
    assert len(errors) == 50
    assert {error.error for error in errors} == {"invalid_grant"}


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_a_task_that_is_cancelled_sees_its_refresh_through(loop: str) -> None:
    world = World("awaited")
    world.authorization.rotates = True
    store = Kept(world.token)

    async def cancelled() -> None:
        source = world.refreshing(store, clock=lambda: world.token.expires_at or 0.0)
        real = world.fake.send
        with anyio.CancelScope() as scope:

            async def send(request: HttpRequest, *, timeout: Timeout | None = None) -> HttpResponse:
                scope.cancel()
                await anyio.lowlevel.checkpoint()
                answer: HttpResponse = await real(request)
                return answer

            world.fake.send = send
            await source.token()
        assert (world.refreshes, len(store.saved)) == (1, 1)
        assert await source.token() == store.saved[0].access_token

    anyio.run(cancelled, backend=loop)
    assert len(store.saved) == 1


def test_a_source_may_be_used_by_one_event_loop_after_another() -> None:
    world = World("awaited")
    source = world.refreshing()
    for _ in range(2):
        world.authorization.advance(60 * DAY)
        for loop in ("asyncio", "trio"):
            assert anyio.run(partial(source.token), backend=loop)
    assert world.refreshes == 2


def test_secrets_are_in_no_repr_and_no_traceback(world: World) -> None:
    world.authorization.revoke(world.token.refresh_token or "")
    source = world.refreshing(clock=lambda: world.token.expires_at or 0.0)
    with pytest.raises(OAuthError) as caught:
        world.do(source.token)
    shown = repr(source) + repr(vars(source)) + "".join(traceback.format_exception(caught.value))
    for secret in ("s3cret", world.token.access_token, world.token.refresh_token or ""):
        assert secret not in shown


# -- a file that several share -----------------------------------------------------------------------------------------

SHARING = """
import sys
from restli_transports import AuthClient
from restli_transports.tokens import FileStore, RefreshingSource

base_url, path, now = sys.argv[1:]
source = RefreshingSource(AuthClient("app", "s3cret", base_url=base_url), FileStore(path), clock=lambda: float(now))
print("ready", flush=True)
rejected = sys.stdin.readline().strip()
while rejected:
    print(source.token(rejected=rejected), flush=True)
    rejected = sys.stdin.readline().strip()
"""


@pytest.mark.sockets
def test_programs_that_share_a_file_and_refresh_at_once_use_a_refresh_token_once(
    served: RestliServer, tmp_path: Path
) -> None:
    token, _ = expired(served)
    assert served.authorization is not None
    served.authorization.rotates = True
    store = FileStore(tmp_path / "token.json")
    store.save(token)
    command = [sys.executable, "-c", SHARING, served.auth_base_url, str(store.path), str(token.expires_at)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "transports")])}
    with ExitStack() as stack:
        programs = [
            stack.enter_context(
                subprocess.Popen(
                    command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
                )
            )
            for _ in range(5)
        ]

        def told(line: str | None) -> set[str]:
            for program in programs if line else ():
                assert program.stdin is not None
                program.stdin.write(f"{line}\n")
            return {program.stdout.readline().strip() for program in programs if program.stdout is not None}

        assert told(None) == {"ready"}
        rejected = token.access_token
        for refreshes in (1, 2, 3):  # the first by the clock, the others since the token was refused
            (new,) = told(rejected)
            assert new not in {"", rejected}
            assert tokens_asked_for(served) == refreshes
            stored = store.load()
            assert stored is not None
            assert stored.access_token == new
            rejected = new
        for program in programs:
            program.communicate("\n")


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_a_source_that_waits_for_another_program_holds_up_nothing_else(loop: str, tmp_path: Path) -> None:
    world = World("awaited")
    world.authorization.rotates = True
    store = FileStore(tmp_path / "token.json")
    store.save(world.token)
    source = world.refreshing(store, clock=lambda: world.token.expires_at or 0.0)
    tokens: list[str] = []
    entering = threading.Event()
    held = store.locked()
    held.__enter__()

    class Telling(FileStore):
        def locked(self) -> Any:
            entering.set()
            return super().locked()

    source = world.refreshing(Telling(store.path), clock=lambda: world.token.expires_at or 0.0)

    async def all_together() -> None:
        async def one() -> None:
            tokens.append(await source.token())

        async with anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(one)
            while not entering.is_set():  # which goes on, or never ends
                await anyio.lowlevel.checkpoint()
            # What the other program does meanwhile.
            new = Token("another's", (world.token.expires_at or 0.0) + 1000.0, "r")
            await anyio.to_thread.run_sync(store.save, new)
            held.__exit__(None, None, None)

    anyio.run(all_together, backend=loop)
    assert tokens == ["another's"] * 5
    assert world.refreshes == 0


# -- tasks that are cancelled ------------------------------------------------------------------------------------------


class Slow:
    """A world whose authorization server answers once it is told to, and rotates refresh tokens."""

    def __init__(self) -> None:
        self.world = World("awaited")
        self.world.authorization.rotates = True
        self.store = Kept(self.world.token)
        self.source = self.world.refreshing(self.store, clock=lambda: self.world.token.expires_at or 0.0)
        self.begun, self.may_end = anyio.Event(), anyio.Event()
        self.real = self.world.fake.send
        self.world.fake.send = self._send

    async def _send(self, request: HttpRequest, *, timeout: Timeout | None = None) -> HttpResponse:
        # The work is done at once; it is the answer that comes late, and must not be lost.
        answer: HttpResponse = await self.real(request)
        self.begun.set()
        await self.may_end.wait()
        return answer

    async def check(self) -> None:
        """See that the token was rotated once, and is neither lost nor told before it was stored."""
        token = await self.source.token()
        assert self.world.refreshes == 1
        (saved,) = self.store.saved
        assert saved.access_token == token
        assert saved.refresh_token != self.world.token.refresh_token


async def cancelled_task(slow: Slow) -> None:
    task = asyncio.create_task(slow.source.token())
    await slow.begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def wait_for(slow: Slow) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(slow.source.token(), 0.01)


async def timeout_block(slow: Slow) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await slow.source.token()


async def a_group_that_fails(slow: Slow) -> None:
    async def fail() -> None:
        await slow.begun.wait()
        raise ZeroDivisionError

    async def group() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(slow.source.token())
            tasks.create_task(fail())

    with pytest.raises(ExceptionGroup):
        await group()


ENDED = [cancelled_task, wait_for, timeout_block, a_group_that_fails]


@pytest.mark.parametrize("end", ENDED)
@pytest.mark.parametrize("others", [0, 3])
def test_a_task_that_asyncio_ends_is_ended_at_once_and_its_refresh_goes_on(
    end: Callable[[Slow], Coroutine[Any, Any, None]], others: int
) -> None:
    async def run() -> None:
        slow = Slow()
        waiting: list[asyncio.Task[str]] = []
        await end(slow)
        waiting += [asyncio.create_task(slow.source.token()) for _ in range(others)]
        await asyncio.sleep(0)
        assert slow.store.saved == []
        slow.may_end.set()
        await slow.check()
        assert {await task for task in waiting} <= {slow.store.saved[0].access_token}

    asyncio.run(run())


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_who_waits_for_anothers_refresh_is_ended_at_once_by_a_scope(loop: str) -> None:
    async def run() -> None:
        slow = Slow()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(slow.source.token)
            await slow.begun.wait()
            with anyio.move_on_after(0.01) as scope:
                await slow.source.token()
            assert scope.cancelled_caught
            assert slow.store.saved == []
            slow.may_end.set()
        await slow.check()

    anyio.run(run, backend=loop)


def test_the_end_of_an_event_loop_waits_for_a_refresh() -> None:
    slow: list[Slow] = []

    async def run() -> None:
        slow.append(Slow())
        # After the block that it was asked for in, with nothing left but the end of asyncio.run.
        asyncio.get_running_loop().call_later(0.05, slow[0].may_end.set)
        await asyncio.wait_for(slow[0].source.token(), 0.01)

    with pytest.raises(TimeoutError):
        asyncio.run(run())
    asyncio.run(slow[0].check())


@pytest.mark.sockets
@pytest.mark.parametrize("transport", [HttpxAsyncTransport, H11AsyncTransport])
def test_an_auth_client_that_is_closed_sees_a_refresh_through(
    served: RestliServer, transport: Callable[[], Any]
) -> None:
    token, clock = expired(served)
    assert served.authorization is not None
    served.authorization.rotates = True
    store = Kept(token)
    asked = asyncio.Event()

    class Telling(AsyncAuthClient):
        async def send(self, call: Call[Any], **options: Any) -> Any:
            asked.set()
            return await super().send(call, **options)

    async def run() -> None:
        async with Telling("app", "s3cret", transport=transport(), base_url=served.auth_base_url) as auth:
            task = asyncio.create_task(AsyncRefreshingSource(auth, store, clock=clock).token())
            await asked.wait()
            task.cancel()

    asyncio.run(run())
    assert tokens_asked_for(served) == len(store.saved) == 1
    assert store.saved[0].refresh_token != token.refresh_token


def test_a_refresh_that_nobody_waits_for_may_fail(caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> None:
        slow = Slow()
        slow.world.fake.fail_next(HttpResponse(400, {}, b'{"error": "invalid_grant"}'))
        await wait_for(slow)
        slow.may_end.set()

    asyncio.run(run())
    gc.collect()
    assert caplog.records == []  # asyncio would say that nobody has looked at the error


def test_a_loop_that_was_closed_under_a_refresh_is_forgotten() -> None:
    loop = asyncio.new_event_loop()
    slow: list[Slow] = []

    async def begin() -> None:
        slow.append(Slow())
        asyncio.create_task(slow[0].source.token())  # noqa: RUF006 - it is to be left alone
        await slow[0].begun.wait()

    loop.run_until_complete(begin())
    loop.close()
    source = slow[0].source
    slow[0].world.fake.send = slow[0].real

    async def ask() -> str:
        token: str = await source.token()
        return token

    with pytest.raises(OAuthError, match="invalid_grant"):
        asyncio.run(ask())  # it is asked, and does not wait for what never ends


# -- forks -------------------------------------------------------------------------------------------------------------

# A thread of the parent is about to get a token, which has left the authorization server, when the parent forks.
FORKING = """
import asyncio, os, sys, threading
from restli_transports import AsyncAuthClient, AuthClient
from restli_transports.testing.authorization import AuthorizationServer
from restli_transports.testing.fake import FakeAsyncTransport, FakeTransport
from restli_transports.tokens import *

kind, stored, path = sys.argv[1:]
is_async = kind.startswith("Async")
authorization = AuthorizationServer(rotates=stored == "file")
authorization.app("app", "s3cret")
token = authorization.issue("app", "r_ads")
authorization.advance(60 * 86400)
begun, may_end = threading.Event(), threading.Event()
parent = os.getpid()

class Slow(FakeTransport):
    def send(self, request, *, timeout=None):
        answer = super().send(request, timeout=timeout)
        if os.getpid() == parent:
            begun.set()
            assert may_end.wait(30)
        return answer

class AsyncSlow(FakeAsyncTransport):
    async def send(self, request, *, timeout=None):
        answer = await super().send(request, timeout=timeout)
        if os.getpid() == parent:
            begun.set()
            assert may_end.wait(30)
        return answer

auth = (AsyncAuthClient if is_async else AuthClient)(
    "app", "s3cret", transport=(AsyncSlow if is_async else Slow)(authorization=authorization)
)
source = globals()[kind]
if "Credentials" in kind:
    source = source(auth, clock=lambda: authorization.now)
else:
    store = token
    if stored == "file":
        store = FileStore(path)
        store.save(token)
    source = source(auth, store, clock=lambda: authorization.now)

def ask():
    return asyncio.run(source.token()) if is_async else source.token()

def tell(name):
    got = ask()
    os.write(1, f"{name} {len(auth.transport.requests)} {got}\\n".encode())  # in one piece

thread = threading.Thread(target=tell, args=("parent",))
thread.start()
assert begun.wait(30)
child = os.fork()
if child == 0:
    tell("child")
    os._exit(0)
if stored == "file":
    may_end.set()  # or the child would wait for it
else:
    assert os.waitpid(child, 0)[1] == 0
    may_end.set()
thread.join()
if stored == "file":
    assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs forks")
@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        ("RefreshingSource", "file"),
        ("AsyncRefreshingSource", "file"),
        ("RefreshingSource", "memory"),
        ("ClientCredentialsSource", "memory"),
        ("AsyncClientCredentialsSource", "memory"),
    ],
)
def test_a_child_of_a_fork_neither_hangs_nor_uses_a_refresh_token_again(kind: str, stored: str, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-c", FORKING, kind, stored, str(tmp_path / "token.json")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "transports")])}
    done = subprocess.run(command, check=True, env=environment, capture_output=True, text=True, timeout=60)
    told = {name: (requests, token) for name, requests, token in map(str.split, done.stdout.splitlines())}
    assert told.keys() == {"parent", "child"}
    if stored == "file":  # it waits for its turn, and takes what the parent has put there
        assert told["child"] == ("1", told["parent"][1])
    else:  # each has its own
        assert (told["parent"][0], told["child"][0]) == ("1", "2")


# -- a token of the program's ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stored", [True, False], ids=["in a store", "in memory"])
def test_the_token_of_another_login_takes_the_place_of_the_one_before(world: World, stored: bool) -> None:
    store = Kept(world.token) if stored else None
    source = world.refreshing(store)
    assert world.do(source.token) == world.token.access_token
    new = world.authorization.issue("app", "r_ads")
    world.do(source.replace, new)
    assert world.do(source.token) == new.access_token
    assert source.is_saved
    assert store is None or store.saved == [new]
    assert world.refreshes == 0


def test_a_login_that_the_store_did_not_take_is_used_and_saved_later(world: World) -> None:
    store = Kept(world.token)
    source = world.refreshing(store)
    saving = store.save

    def fail(token: Token) -> None:
        raise OSError("full")

    store.save = fail  # type: ignore[method-assign]
    new = world.authorization.issue("app", "r_ads")
    with pytest.raises(OSError, match="full"):
        world.do(source.replace, new)
    assert not source.is_saved
    assert world.do(source.token) == new.access_token
    store.save = saving  # type: ignore[method-assign]
    assert world.do(source.token) == new.access_token
    assert source.is_saved
    assert store.saved == [new]


@pytest.mark.parametrize("token", [None, "text", {"access_token": "t"}])
def test_what_is_no_token_replaces_none(world: World, token: Any) -> None:
    source = world.refreshing()
    with pytest.raises(InvalidCallError, match="token: must be a Token"):
        world.do(source.replace, token)
    assert world.do(source.token) == world.token.access_token


def test_sources_know_the_age_of_what_they_have_got(world: World) -> None:
    source = world.refreshing()
    first = world.do(source.token)
    assert source.age(first) is None
    world.authorization.advance(60 * DAY)
    second = world.do(source.token)
    world.authorization.advance(7)
    age = source.age(second)
    assert age is not None
    assert 7 <= age < 1000
    assert source.age(first) is None
    own = world.two_legged()
    assert own.age(world.do(own.token)) is not None


@pytest.mark.parametrize("make", ["refreshing", "two_legged"])
def test_the_clock_is_that_of_the_transport_where_it_has_one(world: World, make: str) -> None:
    source = getattr(world, make)(clock=None)
    token = world.do(source.token)
    world.fake.clock.move(60 * DAY)
    another = world.do(source.token)
    assert another != token
    world.fake.clock.move(29)
    assert 29 <= source.age(another) < 30


class Timeless:
    """A clock that does not tell the time of day."""

    def now(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        """Wait for nothing."""


@pytest.mark.parametrize("clock", [None, Timeless()], ids=["no clock", "no time of day"])
def test_without_one_it_is_the_systems(world: World, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    world.fake.clock = clock
    token = world.authorization.issue("app", "r_ads")
    now = 1000.0
    monkeypatch.setattr("time.time", lambda: now)
    source = world.refreshing(clock=None)
    world.do(source.replace, token)
    now += 7
    assert source.age(token.access_token) == 7


@pytest.mark.parametrize("end", ["cancelled", "timed out"])
def test_a_login_whose_task_asyncio_ends_is_saved_all_the_same(end: str) -> None:
    world = World("awaited")
    store: Any = Kept(world.token)
    saving = store.save
    new = world.authorization.issue("app", "r_ads")

    async def run() -> None:
        begun, may_end = asyncio.Event(), asyncio.Event()

        async def save(token: Token) -> None:
            begun.set()
            await may_end.wait()
            saving(token)

        store.save = save
        source = world.refreshing(store)
        task = asyncio.create_task(source.replace(new))
        await begun.wait()
        if end == "cancelled":
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        else:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(task, 0.01)
        assert store.saved == []
        may_end.set()
        assert await source.token() == new.access_token
        assert store.saved == [new]

    asyncio.run(run())


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_a_store_may_be_asynchronous(loop: str) -> None:
    world = World("awaited")
    world.authorization.rotates = True
    kept = Kept(world.token)
    events: list[Any] = []

    class Turn:
        async def __aenter__(self) -> None:
            await anyio.lowlevel.checkpoint()
            events.append("in")

        async def __aexit__(self, *exc_info: object) -> None:
            await anyio.lowlevel.checkpoint()
            events.append(exc_info[0])

    class Store:
        def locked(self) -> Turn:
            return Turn()

        async def load(self) -> Token | None:
            await anyio.lowlevel.checkpoint()
            return kept.load()

        async def save(self, token: Token) -> None:
            await anyio.lowlevel.checkpoint()
            kept.save(token)

    source = world.refreshing(Store())
    assert anyio.run(source.token, backend=loop) == world.token.access_token
    world.authorization.advance(60 * DAY)
    got = anyio.run(source.token, backend=loop)
    assert [token.access_token for token in kept.saved] == [got]
    world.authorization.revoke(kept.saved[0].refresh_token or "")
    with pytest.raises(OAuthError, match="invalid_grant"):
        anyio.run(partial(source.token, rejected=got), backend=loop)
    assert events == ["in", None, "in", OAuthError]
