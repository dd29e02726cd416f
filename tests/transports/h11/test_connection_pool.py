"""Connections and when they are reused, over streams without I/O."""

from __future__ import annotations

import ssl
from typing import Any, ClassVar, Self

import pytest

from restli_core import (
    ConnectError,
    HttpRequest,
    HttpResponse,
    InvalidCallError,
    ProtocolError,
    TransportTimeout,
)
from restli_transports import Timeout
from restli_transports.h11.connection_pool import (
    CHUNK_SIZE,
    ConnectionPool,
    PooledConnection,
    Settings,
)
from restli_transports.h11.conversation import DEFAULT_MAX_HEADER_SIZE
from restli_transports.testing.compliance.scripts import OK
from restli_transports.testing.compliance.senders import QUICK
from restli_transports.testing.scripted_server import response
from restli_transports.transport import KEEPALIVE_SECONDS
from restli_transports.wire import Exchange, Phase, idle_connections, parse_url
from restli_transports.wire.blocking import run_blocking
from tests.support.stopped_clock import StoppedClock

URL = "http://a.test/b"
CLOSE = response("200 OK", b"{}", "Connection: close")


class Stream:
    """A `Stream` without I/O: it answers what is sent with what a test has laid ready."""

    failures: ClassVar[tuple[type[Exception], ...]] = (OSError,)
    opened: ClassVar[list[Stream]]
    answers: ClassVar[list[Any]]
    """For each call of `receive`, on whichever stream, bytes or what is raised; then OK."""

    def __init__(self) -> None:
        self.sent = b""
        self.sizes: list[int] = []
        self.waits: list[float | None] = []
        self.quiet = True
        self.closed = False
        self.failure: Exception | None = None
        self.early = b""

    @classmethod
    async def connect(cls, exchange: Exchange, settings: Settings) -> Self:
        del settings
        assert exchange.phase is Phase.CONNECTING
        stream = cls()
        cls.opened.append(stream)
        return stream

    async def send(self, data: bytes, seconds: float | None) -> None:
        self.waits.append(seconds)
        if self.failure is not None:
            raise self.failure
        self.sent += data
        self.sizes.append(len(data))

    async def send_watching(self, data: bytes, exchange: Exchange) -> bool:
        await self.send(data, exchange.seconds_left())
        exchange.early.data += self.early
        return not self.early

    async def receive(self, seconds: float | None) -> bytes:
        self.waits.append(seconds)
        given: Any = self.answers.pop(0) if self.answers else OK
        if isinstance(given, BaseException):
            raise given
        answer: Any = given() if callable(given) else given
        return bytes(answer)

    def is_quiet(self) -> bool:
        return self.quiet

    async def close(self) -> None:
        self.closed = True

    def abandon(self) -> None:
        self.closed = True


@pytest.fixture(autouse=True)
def _nothing_ready() -> None:
    Stream.opened, Stream.answers = [], []


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> StoppedClock:
    stopped = StoppedClock()
    monkeypatch.setattr(idle_connections, "time", stopped)
    return stopped


def settings(context: ssl.SSLContext | None = None) -> Settings:
    return Settings(context, None, DEFAULT_MAX_HEADER_SIZE)


def make_pool(max_idle: int = 10) -> ConnectionPool:
    return ConnectionPool(Stream, settings(), max_idle)


def carry(pool: ConnectionPool, url: str = URL, body: bytes = b"", timeout: Timeout = QUICK) -> HttpResponse:
    return run_blocking(pool.carry(Exchange(HttpRequest("POST", url, {}, body), timeout)))


def closed() -> list[bool]:
    """For each stream in the order in which they were opened."""
    return [stream.closed for stream in Stream.opened]


# Which connection is taken


def test_a_connection_is_used_again_after_a_complete_exchange() -> None:
    pool = make_pool()
    assert [carry(pool).status_code for _ in range(3)] == [200] * 3
    assert closed() == [False]


def test_origins_do_not_share_connections() -> None:
    pool = make_pool()
    for url in 2 * ("http://a.test/", "https://a.test/", "http://a.test:81/", "http://b.test/"):
        carry(pool, url)
    assert closed() == [False] * 4


def test_the_one_that_was_used_last_is_taken_first() -> None:
    pool = make_pool()

    def meanwhile() -> bytes:
        carry(pool)
        return OK

    Stream.answers = [meanwhile, OK]
    carry(pool)
    first, second = Stream.opened
    carry(pool)
    assert (first.sent.count(b"POST"), second.sent.count(b"POST"), closed()) == (2, 1, [False, False])


def test_one_that_is_not_quiet_is_closed_and_replaced() -> None:
    pool = make_pool()
    carry(pool)
    Stream.opened[0].quiet = False
    carry(pool)
    assert closed() == [True, False]
    assert Stream.opened[0].sent.count(b"POST") == 1


def test_one_that_was_idle_too_long_is_closed_and_replaced(clock: StoppedClock) -> None:
    pool = make_pool()
    carry(pool)
    clock.now += KEEPALIVE_SECONDS - 1
    carry(pool)
    clock.now += KEEPALIVE_SECONDS + 1
    carry(pool)
    assert closed() == [True, False]


def test_those_to_other_hosts_grow_old_as_well(clock: StoppedClock) -> None:
    pool = make_pool()
    carry(pool, "http://other.test/")
    clock.now += KEEPALIVE_SECONDS + 1
    carry(pool)
    assert closed() == [True, False]


# What becomes of it


@pytest.mark.parametrize(
    "data", [CLOSE, OK.replace(b"1.1", b"1.0"), OK + b"more"], ids=["close", "HTTP/1.0", "more than was asked for"]
)
def test_one_that_is_not_to_be_reused_is_closed(data: bytes) -> None:
    pool = make_pool()
    Stream.answers = [data]
    carry(pool)
    assert closed() == [True]


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (OSError("broke"), ProtocolError),
        (TimeoutError(), TransportTimeout),
        (b"garbage\r\n\r\n", ProtocolError),
        (b"", ProtocolError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
    ids=["broken", "late", "garbage", "the end", "an interrupt"],
)
def test_one_whose_exchange_fails_is_closed(failure: Any, kind: type[BaseException]) -> None:
    pool = make_pool()
    Stream.answers = [failure]
    with pytest.raises(kind):
        carry(pool)
    assert closed() == [True]
    assert carry(pool).status_code == 200


def test_one_whose_writing_broke_is_read_and_then_closed() -> None:
    """A server may answer and close before it has read everything."""
    pool = make_pool()
    carry(pool)
    Stream.opened[0].failure = BrokenPipeError()
    assert carry(pool).status_code == 200
    assert closed() == [True]


def test_a_wait_for_writing_that_lasts_too_long_is_a_timeout() -> None:
    pool = make_pool()
    carry(pool)
    Stream.opened[0].failure = TimeoutError()
    with pytest.raises(TransportTimeout, match="nothing was read or written for 10 s"):
        carry(pool)
    assert closed() == [True]


def test_more_than_the_pool_keeps_are_closed() -> None:
    pool = make_pool(max_idle=1)

    def meanwhile() -> bytes:
        carry(pool)
        return OK

    Stream.answers = [meanwhile, OK]
    carry(pool)
    assert closed() == [True, False]


def test_close_closes_what_is_idle_and_is_not_the_end() -> None:
    pool = make_pool()
    carry(pool)
    run_blocking(pool.close())
    run_blocking(pool.close())
    assert closed() == [True]
    carry(pool)
    carry(pool)
    assert closed() == [True, False]


def test_what_is_in_use_is_closed_when_its_exchange_is_over() -> None:
    pool = make_pool()

    def meanwhile() -> bytes:
        run_blocking(pool.close())
        assert closed() == [False]
        return OK

    Stream.answers = [meanwhile]
    assert carry(pool).status_code == 200
    assert closed() == [True]


def test_a_connection_that_cannot_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refusing(exchange: Exchange, settings: Settings) -> Stream:
        raise ConnectionRefusedError("nobody listens")

    monkeypatch.setattr(Stream, "connect", refusing)
    with pytest.raises(ConnectError, match="could not connect: nobody listens"):
        carry(make_pool())


# One exchange over one connection


@pytest.mark.usefixtures("deadline_clock")
def test_a_request_is_written_in_pieces_each_with_a_limit_of_its_own() -> None:
    pool = make_pool()
    carry(pool, body=bytes(CHUNK_SIZE * 2), timeout=Timeout(read=7, total=None))
    (stream,) = Stream.opened
    assert stream.sizes[:2] == [CHUNK_SIZE] * 2
    assert stream.waits == [7] * 4


@pytest.mark.parametrize("cut", [len(response("413 No", b"{}")), 20], ids=["whole", "in two pieces"])
def test_an_answer_that_comes_early_ends_the_sending(cut: int, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = response("413 No", b"{}")
    refusing = Stream()
    refusing.early = answer[:cut]
    Stream.answers = [answer[cut:]] if answer[cut:] else []

    async def connect(_exchange: Exchange, _settings: Settings) -> Stream:
        return refusing

    monkeypatch.setattr(Stream, "connect", connect)
    assert carry(make_pool(), body=bytes(CHUNK_SIZE * 2)).status_code == 413
    assert refusing.sizes == [CHUNK_SIZE]
    assert refusing.closed


def test_an_exchange_says_where_it_stands() -> None:
    phases: list[Phase] = []

    class Watching(Stream):
        async def send(self, data: bytes, seconds: float | None) -> None:
            phases.append(exchange.phase)
            await super().send(data, seconds)

        async def receive(self, seconds: float | None) -> bytes:
            phases.append(exchange.phase)
            return await super().receive(seconds)

    exchange = Exchange(HttpRequest("GET", URL), QUICK)
    connection = PooledConnection(parse_url(URL).origin, Watching(), settings().conversation(), 0)
    run_blocking(connection.carry(exchange))
    assert phases == [Phase.SENDING, Phase.READING]
    assert connection.reusable


def test_a_context_of_ones_own_is_the_one() -> None:
    context = ssl.create_default_context()
    assert settings(context).ssl_context is context


def test_a_context_is_made_once_and_only_when_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/thing")
    late = settings()
    monkeypatch.delenv("SSL_CERT_FILE")
    assert late.ssl_context is late.ssl_context


def test_conversations_have_the_limits() -> None:
    with pytest.raises(InvalidCallError, match="max_body"):
        Settings(None, -1, 100)
    conversation = Settings(None, 1, 100).conversation()
    conversation.send(HttpRequest("GET", URL))
    with pytest.raises(ProtocolError, match="larger than 1 bytes"):
        conversation.receive(OK)
