"""Connections of urllib3 that carry one exchange, and are urllib3's own outside of one."""

from __future__ import annotations

import gzip
import http.client
import io
import socket
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import urllib3
from urllib3 import exceptions
from urllib3.connection import HTTPConnection
from urllib3.util.connection import create_connection

from restli_core import ConnectError, HttpRequest, InvalidCallError, ProtocolError, TransportTimeout
from restli_transports import Timeout
from restli_transports.testing.compliance.scripts import after_request
from restli_transports.testing.scripted_server import Connection, ScriptedServer, answer, response
from restli_transports.wire import urllib3_connections
from restli_transports.wire.body import UnreadableError
from restli_transports.wire.exchange import Exchange, Phase, carrying
from restli_transports.wire.urllib3_connections import (
    FAILURES,
    LIBRARY_ERRORS,
    POOL_CLASSES,
    as_response,
    check_kept,
    field_pairs,
    is_recorded,
    keeps_targets,
    read_body,
    use_strict,
)
from restli_transports.wire.urls import parse_url

OK = response("200 OK", b"{}")
LIMITS = Timeout(connect=10, read=10, total=30)


def exchange_with(url: str = "http://a.test/", timeout: Timeout = LIMITS) -> Exchange:
    return Exchange(HttpRequest("GET", url), timeout)


# What is said of pools and URLs


def test_which_pools_have_these_connections() -> None:
    plain, exact = urllib3.PoolManager(), urllib3.PoolManager()
    exact.pool_classes_by_scheme = POOL_CLASSES
    assert (keeps_targets(plain), keeps_targets(exact)) == (False, True)
    for scheme, kind in (("http", urllib3.HTTPConnectionPool), ("https", urllib3.HTTPSConnectionPool)):
        assert (keeps_targets(kind("a.test")), keeps_targets(POOL_CLASSES[scheme]("a.test"))) == (False, True)


@pytest.mark.parametrize("target", ["/", "/a/(b:1)?c=List(urn%3Ali%3Ax%3A1)&q='x'", "/a;b@c:d!$&'()*+,=~-._"])
def test_what_urllib3_keeps(target: str) -> None:
    check_kept(parse_url(f"http://a.test{target}"))


@pytest.mark.parametrize("target", ["/a/../b", "/./a", "/a?%c3%a9", "/a[0]", "/a?b=|"])
def test_what_urllib3_would_change_is_an_invalid_call(target: str) -> None:
    with pytest.raises(InvalidCallError, match="urllib3 would change") as caught:
        check_kept(parse_url(f"http://a.test{target}"))
    assert caught.value.argument == "url"


def test_header_fields_keep_repeats_and_lose_the_space_around_them() -> None:
    headers = urllib3.HTTPHeaderDict([("X-A", " 1 \t"), ("x-a", "2"), ("X-B", "a  b")])
    assert [(name.lower(), value) for name, value in field_pairs(headers)] == [
        ("x-a", "1"),
        ("x-a", "2"),
        ("x-b", "a  b"),
    ]


# Bodies


class Answered(urllib3.HTTPResponse):
    """A response that counts how often its connection is given back."""

    def __init__(self, body: bytes, coding: str = "identity", status: int = 200) -> None:
        headers = {"Content-Encoding": coding}
        super().__init__(io.BytesIO(body), headers, status, preload_content=False, decode_content=False)
        self.released = 0

    def release_conn(self) -> None:
        self.released += 1


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (bytes(500), ""),
        (gzip.compress(bytes(500)), "gzip"),
        (gzip.compress(gzip.compress(bytes(500))), "gzip, gzip"),
    ],
    ids=["plain", "gzip", "twice"],
)
def test_a_body_is_read_and_decoded_within_the_limit(body: bytes, coding: str) -> None:
    exchange = exchange_with()
    assert read_body(exchange, Answered(body, coding), 500) == bytes(500)
    assert exchange.phase is Phase.READING
    refused = Answered(body, coding)
    with pytest.raises(UnreadableError, match="larger than 499 bytes"):
        read_body(exchange, refused, 499)
    assert (refused.closed, refused.released) == (True, 1)


def test_an_interim_answer_is_not_read() -> None:
    interim = Answered(b"", status=101)
    with pytest.raises(UnreadableError, match="not a final answer"):
        read_body(exchange_with(), interim, None)
    assert interim.closed


def test_a_coding_that_only_urllib3_knows_is_left_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    class Decoding(Answered):
        def read1(self, amt: int | None = None, decode_content: bool | None = None) -> bytes:
            asked.append(bool(decode_content))
            return super().read1(amt, decode_content=False)

    assert read_body(exchange_with(), Decoding(b"\x00", "br"), None) == b"\x00"
    assert read_body(exchange_with(), Decoding(b"\x00", "identity"), None) == b"\x00"
    assert asked == [True, True, False, False]


def test_several_codings_of_which_one_is_unknown_are_not_left_to_urllib3() -> None:
    assert read_body(exchange_with(), Answered(b"\x00", "gzip, br"), None) == b"\x00"
    assert read_body(exchange_with(), Answered(gzip.compress(b"\x00"), "br, gzip"), None) == b"\x00"


def test_a_body_that_unfolds_for_too_long_ends_with_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    exchange, steps = exchange_with(), []

    def seconds_left() -> None:
        steps.append(1)
        if len(steps) == 5:
            raise TimeoutError

    monkeypatch.setattr(exchange, "seconds_left", seconds_left)
    with pytest.raises(TimeoutError):
        read_body(exchange, Answered(gzip.compress(bytes(2**20)), "gzip"), None)
    assert len(steps) == 5


# Pools of the user's own


@pytest.mark.parametrize(
    "make", [urllib3.PoolManager, lambda: urllib3.ProxyManager("http://a.test")], ids=["plain", "proxy"]
)
def test_a_pool_of_the_users_own_makes_connections_of_ours(make: Any) -> None:
    with make() as manager:
        before = manager.connection_from_url("http://b.test/")
        assert before.ConnectionCls is HTTPConnection
        for _ in range(2):
            use_strict(manager)
            for scheme, kind in POOL_CLASSES.items():
                pool = manager.connection_from_host("b.test", scheme=scheme)
                assert pool.ConnectionCls is kind.ConnectionCls
                assert manager.connection_from_host("b.test", scheme=scheme) is pool
        assert not keeps_targets(manager)


def test_the_pool_of_one_host_makes_connections_of_ours() -> None:
    for scheme, kind in (("http", urllib3.HTTPConnectionPool), ("https", urllib3.HTTPSConnectionPool)):
        pool = kind("a.test")
        use_strict(pool)
        assert pool.ConnectionCls is POOL_CLASSES[scheme].ConnectionCls
        assert not keeps_targets(pool)


def test_pools_of_ours_and_what_is_not_a_pool_stay_as_they_are() -> None:
    with urllib3.PoolManager() as manager:
        manager.pool_classes_by_scheme = POOL_CLASSES
        use_strict(manager)
        assert keeps_targets(manager)
    use_strict(None)


def test_connections_that_others_open_are_opened_as_ever() -> None:
    class Socks(HTTPConnection):
        __module__ = "urllib3.contrib.socks"

        def _new_conn(self) -> Any:
            raise exceptions.NewConnectionError(self, "through the proxy")

    class Pool(urllib3.HTTPConnectionPool):
        ConnectionCls: Any = Socks

    managed: Any = urllib3.PoolManager()
    with managed as manager:
        manager.pool_classes_by_scheme = {"http": Pool}
        use_strict(manager)
        exchange = exchange_with()
        with pytest.raises(ConnectError, match="through the proxy"):
            fetch(manager, exchange)
        assert exchange.phase is Phase.QUEUED  # our connection has said so


class OfTheUser(HTTPConnection):
    """A connection that knows of no exchange."""


class PoolOfTheUser(urllib3.HTTPConnectionPool):
    ConnectionCls: Any = OfTheUser


@pytest.mark.sockets
def test_a_body_that_comes_slowly_over_connections_of_the_user_s_is_held_to_the_total_limit() -> None:
    def drip(connection: Connection) -> None:
        connection.request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        connection.drip(b"x" * 1000)

    managed: Any = urllib3.PoolManager()
    with ScriptedServer(drip) as server, managed as manager:
        manager.pool_classes_by_scheme = {"http": PoolOfTheUser}
        use_strict(manager)
        with pytest.raises(TransportTimeout, match="total limit"):
            fetch(manager, exchange_with(server.url, Timeout(connect=10, read=10, total=0.3)))


# Recorders of calls


class Recording(HTTPConnection):
    """What a recorder puts in the place of urllib3's connections."""


KINDS: dict[str, Callable[[], Any]] = {
    "a manager": urllib3.PoolManager,
    "a manager with pools of ours": lambda: with_pool_classes(urllib3.PoolManager()),
    "a pool": lambda: urllib3.HTTPConnectionPool("a.test"),
}


def with_pool_classes(manager: urllib3.PoolManager) -> urllib3.PoolManager:
    manager.pool_classes_by_scheme = POOL_CLASSES
    return manager


def connections_of(pool: Any) -> Any:
    return (pool.connection_from_url("http://a.test/") if isinstance(pool, urllib3.PoolManager) else pool).ConnectionCls


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("used_before", [True, False])
def test_recorders_have_their_way_while_they_are_at_work(
    kind: str, *, used_before: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool, ours = KINDS[kind](), POOL_CLASSES["http"].ConnectionCls
    if used_before:
        use_strict(pool)
        assert connections_of(pool) is ours
    with monkeypatch.context() as recorder:
        recorder.setattr(urllib3.HTTPConnectionPool, "ConnectionCls", Recording)
        use_strict(pool)
        assert connections_of(pool) is Recording
        assert is_recorded()
        assert not keeps_targets(pool)
    use_strict(pool)
    assert connections_of(pool) is ours
    assert not is_recorded()


def test_a_class_that_a_user_has_given_to_one_pool_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    pool: Any = urllib3.HTTPConnectionPool("a.test")
    pool.ConnectionCls = Recording
    for _ in range(2):
        use_strict(pool)
        assert pool.ConnectionCls is Recording


class OfRecorder(http.client.HTTPResponse):
    """An answer as vcrpy has it: all in memory, one of http.client's, with what urllib3's have left out."""

    def __init__(self, body: bytes, **fields: str) -> None:
        self.fp: Any = None
        self.status, self.reason = 200, "OK"
        self.headers = http.client.HTTPMessage()
        for name, value in (*fields.items(), ("X-Twice", "a"), ("X-Twice", "b"), ("Content-Length", "999")):
            self.headers[name.replace("_", "-")] = value
        self._body, self.released = io.BytesIO(body), 0

    def read(self, amt: int | None = None) -> bytes:
        return self._body.read(amt)

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._body.tell()

    def release_conn(self) -> None:
        self.released += 1


@pytest.mark.parametrize("coding", ["gzip", "deflate", "identity"])
@pytest.mark.parametrize("is_coded", [True, False])
def test_an_answer_of_a_recorder_is_read_whether_it_was_decoded_or_not(coding: str, *, is_coded: bool) -> None:
    codings: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress, "identity": bytes}
    coded = codings[coding](b'{"id": 1}')
    given = OfRecorder(coded if is_coded else b'{"id": 1}', Content_Encoding=coding)
    response = as_response(given)
    assert isinstance(response, urllib3.BaseHTTPResponse)
    assert (response.status, response.reason, response.version_string) == (200, "OK", "HTTP/1.1")
    assert field_pairs(response.headers)[1:3] == [("X-Twice", "a"), ("X-Twice", "b")]
    assert read_body(exchange_with(), response, None) == b'{"id": 1}'
    assert given.released == 1


def test_what_a_recorder_has_recorded_is_held_to_the_limit() -> None:
    bomb = OfRecorder(gzip.compress(bytes(1000)), Content_Encoding="gzip")
    with pytest.raises(UnreadableError, match="larger than 999 bytes"):
        read_body(exchange_with(), as_response(bomb), 999)
    with pytest.raises(UnreadableError, match="larger than 3 bytes"):
        read_body(exchange_with(), as_response(OfRecorder(b"1234")), 3)


def test_other_answers_stay_as_they_are() -> None:
    read = OfRecorder(b"1234")
    read.read()
    for given in (read, urllib3.HTTPResponse(b""), None):
        assert as_response(given) is given


# On the wire


@pytest.fixture
def pool() -> Iterator[urllib3.PoolManager]:
    with urllib3.PoolManager() as manager:
        manager.pool_classes_by_scheme = POOL_CLASSES
        yield manager


def fetch(pool: urllib3.PoolManager, exchange: Exchange, target: str | None = None) -> bytes:
    """Send the exchange's request, and return the body of the answer; raise one of our errors."""
    options: dict[str, Any] = {"redirect": False, "retries": False, "preload_content": False}
    try:
        with carrying(exchange, target=target):
            got = pool.urlopen(
                exchange.request.method, exchange.url.text, body=exchange.request.body or None, **options
            )
            return read_body(exchange, got, None)
    except LIBRARY_ERRORS as error:
        raise exchange.error(error, FAILURES) from error


def targets(server: ScriptedServer) -> list[bytes]:
    return [request.split(b" ")[1] for request in server.received]


@pytest.mark.sockets
def test_outside_an_exchange_they_are_urllib3s_own(pool: urllib3.PoolManager) -> None:
    with ScriptedServer(answer(OK)) as server:
        assert pool.request("GET", f"{server.url}/a/../b?%c3").data == b"{}"
    assert targets(server) == [b"/b?%C3"]


@pytest.mark.sockets
def test_the_target_that_is_carried_goes_onto_the_wire(pool: urllib3.PoolManager) -> None:
    with ScriptedServer(answer(OK)) as server:
        exchange = exchange_with(f"{server.url}/a/../b?%c3[]")
        assert fetch(pool, exchange, exchange.url.target) == b"{}"
        assert fetch(pool, exchange_with(f"{server.url}/a/../b")) == b"{}"
    assert targets(server) == [b"/a/../b?%c3[]", b"/b"]


@pytest.mark.sockets
def test_a_proxy_is_given_the_origin_as_it_was() -> None:
    with ScriptedServer(answer(OK)) as server, urllib3.ProxyManager(server.url) as proxy:
        proxy.pool_classes_by_scheme = POOL_CLASSES
        fetch(proxy, exchange_with("http://a.test:81/x"), "/./%c3")
    assert targets(server) == [b"http://a.test:81/./%c3"]


@pytest.mark.sockets
def test_a_connection_that_nobody_takes_was_not_sent(pool: urllib3.PoolManager) -> None:
    with ScriptedServer(answer(OK)) as server:
        port = server.port
    exchange = exchange_with(f"http://127.0.0.1:{port}/")
    with pytest.raises(ConnectError, match="could not connect"):
        fetch(pool, exchange)
    assert exchange.phase is Phase.QUEUED


@pytest.mark.sockets
def test_what_breaks_after_the_first_byte_may_have_been_done(pool: urllib3.PoolManager) -> None:
    with ScriptedServer(after_request(b"")) as server:
        exchange = exchange_with(server.url)
        with pytest.raises(ProtocolError):
            fetch(pool, exchange)
    assert exchange.phase is Phase.SENDING


@pytest.mark.sockets
def test_a_connection_that_breaks_before_the_first_byte_was_not_sent(
    pool: urllib3.PoolManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        """A socket whose other end is gone."""

        def settimeout(self, _seconds: float | None) -> None: ...

        def send(self, _data: memoryview) -> int:
            raise ConnectionResetError

        def close(self) -> None: ...

    with ScriptedServer(answer(OK)) as server:
        monkeypatch.setattr(POOL_CLASSES["http"].ConnectionCls, "_new_conn", lambda _self: Broken())
        with pytest.raises(ConnectError):
            fetch(pool, exchange_with(server.url))


@pytest.mark.sockets
def test_a_drip_cannot_outlast_the_total(pool: urllib3.PoolManager) -> None:
    def script(connection: Connection) -> None:
        connection.request()
        connection.drip(b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 200, 0.03)

    with ScriptedServer(script) as server, pytest.raises(TransportTimeout, match="total limit passed"):
        fetch(pool, exchange_with(server.url, Timeout(connect=10, read=10, total=1)))


@pytest.mark.sockets
def test_a_connection_that_is_accepted_too_late_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    exchange = exchange_with()
    opened: list[socket.socket] = []

    def connect(*args: Any) -> socket.socket:
        opened.append(create_connection(*args))
        # From now on the time is over.
        monkeypatch.setattr(exchange.deadline, "left", lambda _limit: raising(TimeoutError("timed out")))
        return opened[0]

    monkeypatch.setattr(urllib3_connections, "create_connection", connect)
    with ScriptedServer(answer(OK)) as server, carrying(exchange):
        port = int(server.url.rpartition(":")[2])
        with pytest.raises(LIBRARY_ERRORS):
            POOL_CLASSES["http"]("127.0.0.1", port).urlopen("GET", "/", retries=False)
    assert [sock.fileno() for sock in opened] == [-1]


def raising(error: Exception) -> None:
    raise error
