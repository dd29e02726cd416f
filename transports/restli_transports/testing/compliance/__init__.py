"""Compliance: what every transport must do, as a suite of tests, for transports of one's own too.

    from restli_transports.testing.compliance import TransportCompliance

    class TestMine(TransportCompliance):
        def transport(self, **options):
            return MyTransport(**options)

Each test opens a transport, of either kind, has it talk to a server on loopback, and looks at the bytes that the server
received and at what came back. The suites build on one another:

    GivenCompliance           over a pool, session or client of the user's own, whose settings stay as they are
    ExactCompliance           also keeps any target and any time limit to the letter
    TransportCompliance       also makes its connections by itself: trusts whom the environment says, closes, forgets
    AsyncTransportCompliance  also can be cancelled, and carries a thousand calls at once

A promise that a transport does not make is taken back by name, in its class: ``test_a_bomb_is_not_unpacked = None``.
Errors are to say what passed or broke, in the words of `restli_transports.wire.Exchange.error`, which has them. It
needs the extra ``testing``. For pytest to explain what failed, a conftest.py has
``pytest.register_assert_rewrite("restli_transports.testing.compliance")``.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import gzip
import inspect
import json
import pickle
import socket
import ssl
import sys
import threading
import tracemalloc
import zlib
from collections.abc import Awaitable, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

try:
    import anyio
    import pytest
    import trustme
    from anyio.from_thread import start_blocking_portal
except ImportError as _error:
    raise ImportError('the suite needs pytest, anyio and trustme: pip install "restli-core[testing]"') from _error

import restli_core
from restli_core.errors import ConnectError, InvalidCallError, ProtocolError, TransportError, TransportTimeout
from restli_core.messages import HttpRequest, HttpResponse
from restli_core.methods import METHODS
from restli_transports.client import AsyncRestliClient, RestliClient
from restli_transports.testing.fake import FakeTransport
from restli_transports.testing.sample import sample_handlers
from restli_transports.testing.scripted_server import Connection, Script, ScriptedServer, answer, in_turn, response
from restli_transports.testing.server import RestliServer
from restli_transports.transport import AsyncTransport, Timeout, Transport
from restli_transports.wire.urls import parse_url

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal

    from restli_core.calls import Call

__all__ = ["AsyncTransportCompliance", "ExactCompliance", "GivenCompliance", "Sender", "TransportCompliance", "sending"]

QUICK: Final = Timeout(connect=5, read=5, total=10)
OK: Final = response("200 OK", b"{}")
VISIBLE_ASCII: Final = "".join(map(chr, range(0x21, 0x7F)))
# What a transport may add to what the request describes.
ADDED: Final = {"host", "content-length", "connection", "accept", "accept-encoding", "user-agent"}


class Sender(Transport):
    """A transport of either kind, as one that blocks.

    Args:
        transport: the transport.
        portal: leads to the event loop of an asynchronous one.
    """

    def __init__(self, transport: Any, portal: BlockingPortal | None = None) -> None:
        self.transport = transport
        self._portal = portal

    @property
    def session(self) -> Any:
        return self.transport.session

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        got: HttpResponse = self.done(partial(self.transport.send, request, timeout=timeout))
        return got

    def close(self) -> None:
        self.done(getattr(self.transport, "close", _nothing))

    def done(self, step: Callable[[], Any]) -> Any:
        """What a step returns, taken where the transport is at home; it may be a coroutine function there."""
        return step() if self._portal is None else self._portal.call(step)


def _nothing(*_: object) -> None: ...


@contextlib.contextmanager
def sending(
    transport: Transport | AsyncTransport, *, backend: str = "asyncio", release: Callable[[Any], Any] = _nothing
) -> Generator[Sender]:
    """A transport of either kind, as one that blocks; it is closed in the end.

    Args:
        transport: the transport.
        backend: the event loop for an asynchronous one, ``asyncio`` or ``trio``.
        release: closes what the transport was given.
    """
    with contextlib.ExitStack() as stack:
        asynchronous = inspect.iscoroutinefunction(transport.send)
        portal = stack.enter_context(start_blocking_portal(backend)) if asynchronous else None
        sender = Sender(transport, portal)
        stack.callback(sender.done, partial(release, transport))
        stack.callback(sender.close)
        yield sender


# -- what is sent, and looked at --------------------------------------------------------------------------------------


@cache
def authority() -> trustme.CA:
    """Who vouches for the servers here."""
    return trustme.CA()


@cache
def stranger() -> trustme.CA:
    """Who vouches for none of them. Trusting just one is quick, whereas reading all of the system's takes a while."""
    return trustme.CA()


def trust(whom: trustme.CA, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    whom.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))


def plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No proxies, no .netrc, and nobody to trust."""
    for scheme in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{scheme}_proxy", raising=False)
        monkeypatch.delenv(f"{scheme}_proxy".upper(), raising=False)
    for name in ("SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    trust(stranger(), monkeypatch, tmp_path)


@cache
def speaking_tls(*names: str) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate for these names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert(*(names or ("127.0.0.1", "localhost"))).configure_cert(context)
    return context


def get(sender: Sender, url: str, timeout: Timeout = QUICK, **fields: str) -> HttpResponse:
    return sender.send(HttpRequest("GET", url, fields), timeout=timeout)


def exchange(sender: Sender, data: bytes, method: str = "GET") -> HttpResponse:
    """The answer that a transport makes of these bytes, after which the server closes."""

    def script(connection: Connection) -> None:
        connection.request()
        connection.send(data)

    with ScriptedServer(script) as server:
        return sender.send(HttpRequest(method, f"{server.url}/a"), timeout=QUICK)


def request_target(request: bytes) -> str:
    return request.split(b" ")[1].decode()


def sent_fields(request: bytes) -> list[tuple[str, str]]:
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return [(line.partition(": ")[0], line.partition(": ")[2]) for line in lines]


def values_of(request: bytes, name: str) -> list[str]:
    return [value for field, value in sent_fields(request) if field.lower() == name]


TARGETS = [
    "/",
    "/a/%2e/b",
    "/a/%2E%2e/b",
    "/a/./b/../c",
    "//a//b/",
    "/%c3%A9/%7e%41",
    "/a%20b+%2B?c%20d=%2D%7E+%2B",
    "/a;b@c:d!$&'()*+,=~-._",
    "/adAccounts/(a:1,b:List(urn%3Ali%3Ax%3A1))?ids=List((a:1),(b:2))&q='x'",
    "/a?",
    "/a??b=/?c=%zz",
    '/a[0]?b[]={}|\\^`"<>',
]


FIELDS = {
    "X-RestLi-Protocol-Version": "2.0.0",
    "authorization": "Bearer t",
    "ACCEPT": "application/json",
    "user-agent": "me/1",
    "X-A": "a  b\tc",
    "x-empty": "",
    "Cookie": "a=b",
}


CODED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "Deflate": lambda data: zlib.compress(data, wbits=-15),
    "deflate, gzip": lambda data: gzip.compress(zlib.compress(data)),
    "identity, gzip": gzip.compress,
    "gzip, identity": gzip.compress,
    ", gzip ,": gzip.compress,
    "identity": bytes,
}
PLAIN = b'{"elements": [' + b"1, " * 50_000 + b"2]}"


def chunked(data: bytes, size: int = 1000) -> bytes:
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\nX-Trailer: 1\r\n\r\n"


def bomb(size: int) -> bytes:
    coder = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = bytes(2**20)
    return b"".join(coder.compress(piece) for _ in range(size // len(piece))) + coder.flush()


def refusing_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def two_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives the host two.test two addresses; a server may be at the second."""
    look_up = socket.getaddrinfo

    def looked_up(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        asked = ["127.0.0.2", "127.0.0.1"] if host in {"two.test", b"two.test"} else [host]
        return [found for each in asked for found in look_up(each, port, *rest, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)


def check_error(error: TransportError, kind: type[TransportError]) -> None:
    assert type(error) is kind
    assert error.__cause__ is not None
    assert error.request is not None
    assert "Authorization" not in error.request.headers
    assert "secret" not in repr(error) + str(error)
    assert type(pickle.loads(pickle.dumps(error))) is kind


def failing(sender: Sender, url: str, kind: type[TransportError], timeout: Timeout = QUICK) -> TransportError:
    with pytest.raises(TransportError) as caught:
        get(sender, f"{url}/a?token=secret", timeout, Authorization="Bearer secret")
    check_error(caught.value, kind)
    return caught.value


@contextlib.contextmanager
def deaf_port() -> Generator[int]:
    """A port that answers no attempt to connect: its queue is full."""
    with contextlib.ExitStack() as sockets:
        listener = sockets.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):
            filler = sockets.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


BROKEN: dict[str, Script] = {}


def broken(script: Script) -> Script:
    BROKEN[script.__name__] = script
    return script


def after_request(*data: bytes) -> Script:
    def script(connection: Connection) -> None:
        connection.request()
        for piece in data:
            connection.send(piece)

    return script


@broken
def closes_without_an_answer(connection: Connection) -> None:
    connection.request()


@broken
def resets_without_an_answer(connection: Connection) -> None:
    connection.request()
    connection.reset()


@broken
def resets_in_the_head(connection: Connection) -> None:
    connection.request()
    connection.send(b"HTTP/1.1 200 OK\r\nContent-Le")
    connection.pause(0.05)
    connection.reset()


@broken
def resets_in_the_body(connection: Connection) -> None:
    connection.request()
    connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc")
    connection.pause(0.05)
    connection.reset()


GZIPPED = gzip.compress(b"x" * 1000)
BROKEN.update(
    {
        "short body": after_request(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"),
        "short body of an error": after_request(b"HTTP/1.1 500 No\r\nContent-Length: 10\r\n\r\nabc"),
        "short chunk": after_request(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc"),
        "no last chunk": after_request(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"),
        "bad chunk": after_request(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\nabc\r\n0\r\n\r\n"
        ),
        "negative chunk": after_request(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n0\r\n\r\n"),
        "two lengths": after_request(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
        "garbage": after_request(b"\x00\x01\x02 garbage\r\n\r\n"),
        "SSH": after_request(b"SSH-2.0-OpenSSH_9.6\r\n"),
        "endless garbage": after_request(b"x" * 200_000),
        "no number": after_request(b"HTTP/1.1 abc OK\r\n\r\n"),
        "another version": after_request(b"HTTP/7.0 200 OK\r\n\r\n"),
        "header of 1 MB": after_request(b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 2**20 + b"\r\n\r\n"),
        "headers of 1 MB": after_request(b"HTTP/1.1 200 OK\r\n" + b"X-A: aaaaa\r\n" * 100_000 + b"\r\n"),
        "101": after_request(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
        "no gzip": after_request(response("200 OK", b"hello", "Content-Encoding: gzip")),
        "corrupt gzip": after_request(response("200 OK", GZIPPED[:-8] + bytes(8), "Content-Encoding: gzip")),
        "no deflate": after_request(response("200 OK", b"\xff\xff\xff", "Content-Encoding: deflate")),
        "gzip cut short": after_request(response("200 OK", GZIPPED[:-9], "Content-Encoding: gzip")),
        "deflate cut short": after_request(
            response("200 OK", zlib.compress(b"x" * 1000)[:-5], "Content-Encoding: deflate")
        ),
        "gzip with more behind it": after_request(response("200 OK", GZIPPED + b"more", "Content-Encoding: gzip")),
    }
)


SHORT_READ = Timeout(connect=5, read=0.1, total=10)
SHORT_TOTAL = Timeout(connect=5, read=5, total=0.2)


HEAD_WITH_LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n"
# What comes at once, and what drips after it, each for longer than the total.
DRIPS = {
    "body": (HEAD_WITH_LENGTH, b"x" * 60),
    "chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3c\r\n", b"x" * 60 + b"\r\n0\r\n\r\n"),
    "until close": (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 60),
}
HEAD_DRIPS = {
    "head": (b"", HEAD_WITH_LENGTH[:-4] + b"\r\nX-A: " + b"a" * 30 + b"\r\n\r\n" + b"x" * 60),
    "interim": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + response("200 OK", b"{}")),
    "chunk size": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0" * 60 + b"0\r\n\r\n"),
    "trailer": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X-A: b\r\n" * 8 + b"\r\n"),
}


def drip_outlasts_total(sender: Sender, at_once: bytes, dripping: bytes) -> None:
    def script(connection: Connection) -> None:
        connection.request()
        connection.send(at_once)
        connection.drip(dripping, 0.03)

    with ScriptedServer(script) as server:
        error = failing(sender, server.url, TransportTimeout, SHORT_TOTAL)
    assert "total" in str(error)


def echo(connection: Connection) -> None:
    while request := connection.request():
        connection.send(response("200 OK", json.dumps({"target": request_target(request)}).encode()))


def idle_until_closed(ended: threading.Event) -> Script:
    def script(connection: Connection) -> None:
        answer(OK)(connection)
        ended.set()

    return script


def assert_described(head: bytes, body: bytes, request: HttpRequest) -> None:
    """That a request went out as it is: line, headers and body, and little else."""
    target = parse_url(request.url).target
    assert head.startswith(f"{request.method} {target} HTTP/1.1\r\n".encode())
    assert body == request.body
    fields = sent_fields(head)
    names = [name.lower() for name, _ in fields]
    assert len(names) == len(set(names))
    assert set(names) <= {name.lower() for name in request.headers} | ADDED
    assert all(values_of(head, name.lower()) == [value] for name, value in request.headers.items())


def assert_redirect_is_an_answer(suite: GivenCompliance, status: int, location: str) -> None:
    data = response(f"{status} R", b"moved", f"Location: {location}")
    with ScriptedServer(answer(data)) as server, suite.opened() as sender:
        got = get(sender, f"{server.url}/a", Authorization="Bearer t")
        assert (got.status_code, got.body, got.headers["Location"]) == (status, b"moved", location)
        assert got.url == f"{server.url}/a"
    assert len(server.received) == 1


FOURTEEN: Final = tuple(METHODS)


def fourteen_calls() -> dict[str, Callable[[str], Call[Any]]]:
    """A call of each method to the sample resources, for a base URL."""
    campaign = {"campaign": "urn:li:sponsoredCampaign:700000001", "conversion": "urn:lla:llaPartnerConversion:1001"}
    entity: Any = {"path_keys": {"id": 5001}}
    posts: Any = ("/adAccounts", [{"name": "A"}, {"name": "é \u2028"}])
    upload = {"initializeUploadRequest": {"owner": "urn:li:organization:1"}}
    arguments: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
        "get": (("/adAccounts/{id}",), {**entity, "fields": ["id", "name"]}),
        "batch_get": (("/adAccounts", range(5001, 6000)), {}),  # long enough to be tunnelled
        "get_all": (("/adAccounts",), {"query_params": {"start": 3, "count": 2}}),
        "finder": (("/adAccounts", "search"), {"query_params": {"search": {"status": {"values": ["DRAFT", ""]}}}}),
        "batch_finder": (("/adCampaigns", "searchCriteria", ("criteria", [{"status": "ACTIVE"}, {}])), {}),
        "create": (("/adAccounts", {"name": "(a,b:'c')"}), {}),
        "batch_create": (posts, {}),
        "update": (("/adAccounts/{id}", {"name": "B"}), entity),
        "batch_update": (("/campaignConversions", [campaign, {**campaign, "conversion": "'"}], [campaign, {}]), {}),
        "partial_update": (("/adAccounts/{id}", {"name": "C"}), entity),
        "batch_partial_update": (("/adAccounts", [5001, 1], [{"name": "D"}, {"name": "E"}]), {}),
        "delete": (("/adAccounts/{id}",), entity),
        "batch_delete": (("/adAccounts", [5002, 5003]), {}),
        "action": (("/images", "initializeUpload", upload), {}),
    }
    return {name: partial(_made, name, *positional, **keywords) for name, (positional, keywords) in arguments.items()}


def _made(name: str, *arguments: Any, **keywords: Any) -> Call[Any]:
    *positional, base_url = arguments
    call: Call[Any] = getattr(restli_core, name)(*positional, base_url=base_url, access_token="t", **keywords)
    return call


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
# Broken answers that only a strict reader takes for that.
LOOSE: dict[str, bytes] = {
    **{
        f"length {length!r}": b"HTTP/1.1 200 OK\r\nContent-Length: %b\r\n\r\n{}" % length
        for length in (b"abc", b"-5", b"0x2", b"+2", b"2.0", b"\xb2", b"9" * 5000)
    },
    "a last chunk without its end": CHUNKED + b"2\r\n{}\r\n0\r\n",
    "a last chunk that is cut": CHUNKED + b"2\r\n{}\r\n0",
    "a chunk that is longer than it says": CHUNKED + b"2\r\n{}{}0\r\n\r\n",
    **{
        f"a chunk of size {size!r}": CHUNKED + size + b"\r\n{}\r\n0\r\n\r\n"
        for size in (b"0x2", b"+2", b"-2", b"1_0", b"", b"2 2", b"\xb2")
    },
    "a trailer that is no field": CHUNKED + b"2\r\n{}\r\n0\r\nno field\r\n\r\n",
    "an unknown transfer coding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunked twice": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "HTTP/2 in the words of HTTP/1": b"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    **{
        f"a head with the line {line!r}": b"HTTP/1.1 200 OK\r\n%b\r\nContent-Length: 2\r\n\r\n{}" % line
        for line in (b"X: a\rY: b", b"X: a\0b", b"X: a\vb", b"X: a\fb", b"X@: b", b"From x")
    },
    "an interim head with a line that is no field": b"HTTP/1.1 103 E\r\nno field\r\n\r\n" + OK,
}
# What a server may send behind an answer, at once with it, and the method that the answer is to.
LEFT_OVER: dict[str, tuple[str, bytes]] = {
    "another answer": ("GET", OK + response("200 OK", b'{"for": "another"}')),
    "a body after HEAD": ("HEAD", OK.replace(b"{}", b'{"for": "another"}')),
    "a body after 204": ("GET", b"HTTP/1.1 204 No\r\n\r\n{}"),
    "more than it said": ("GET", OK + b"garbage"),
}


class GivenCompliance:
    """What every transport must do."""

    backend: ClassVar[str] = "asyncio"
    """The event loop that an asynchronous transport runs in: ``asyncio`` or ``trio``."""

    def transport(self, **options: Any) -> Transport | AsyncTransport:
        """A new transport; a class of tests must have this.

        Args:
            options: ``max_body``: the most bytes that the body of an answer may have, decoded; None for no limit.
        """
        raise NotImplementedError

    def release(self, transport: Any) -> Any:
        """Closes what the transport was given, after its own closing; to be awaited, if it is asynchronous."""

    @contextlib.contextmanager
    def opened(self, **options: Any) -> Generator[Sender]:
        """A transport, closed in the end."""
        transport = self.transport(**options)
        with sending(transport, backend=self.backend, release=self.release) as sender:
            yield sender

    @pytest.fixture(autouse=True)
    def _plain_environment(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        plain_environment(monkeypatch, tmp_path)

    @pytest.mark.parametrize(("rest", "target"), [("", "/"), ("?a=1", "/?a=1"), ("/a#b?c", "/a"), ("/a?b#c", "/a?b")])
    def test_the_target_of_a_url_without_path_or_with_fragment(self, rest: str, target: str) -> None:
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            get(sender, server.url + rest)
        assert request_target(server.received[0]) == target

    @pytest.mark.parametrize(
        "url",
        [
            "/a",
            "a.test/b",
            "ftp://a.test/",
            "http://",
            "http:///a",
            "https://a.test:x/",
            "http://[::1",
            "http://[::g]/",
            "http://[127.0.0.1]/",
            "http://%6cocalhost/",
        ],
    )
    def test_what_is_no_http_url_is_an_invalid_call(self, url: str) -> None:
        with self.opened() as sender, pytest.raises(InvalidCallError) as caught:
            get(sender, url)
        assert caught.value.argument == "url"

    def test_user_information_is_neither_sent_nor_made_an_authorization(self) -> None:
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            get(sender, f"http://user:secret@{server.address}/a", Authorization="Bearer t")
            get(sender, f"http://user:secret@{server.address}/a")
        assert [values_of(request, "authorization") for request in server.received] == [["Bearer t"], []]
        assert values_of(server.received[0], "host") == [server.address]
        assert b"secret" not in b"".join(server.received)

    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "get"])
    @pytest.mark.parametrize("body", [b"", bytes(range(256))], ids=["empty", "octets"])
    def test_method_and_body_arrive_as_they_are(self, method: str, body: bytes) -> None:
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            sender.send(HttpRequest(method, f"{server.url}/a", {}, body), timeout=QUICK)
        [request] = server.received
        head, _, received = request.partition(b"\r\n\r\n")
        assert head.startswith(f"{method} /a HTTP/1.1\r\n".encode())
        assert received == body
        assert values_of(request, "transfer-encoding") == []
        lengths = values_of(request, "content-length")
        assert lengths == ([str(len(body))] if body or method in {"POST", "PUT", "PATCH"} else [])

    def test_a_large_body_arrives_whole(self) -> None:
        body = bytes(range(256)) * 20_000
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            sender.send(HttpRequest("POST", f"{server.url}/a", {"Content-Type": "x/y"}, body), timeout=QUICK)
        assert server.received[0].endswith(b"\r\n\r\n" + body)

    def test_each_described_header_arrives_once_and_little_else(self) -> None:
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            get(sender, f"{server.url}/a", QUICK, **FIELDS)
        fields = sent_fields(server.received[0])
        names = [name.lower() for name, _ in fields]
        assert len(names) == len(set(names))
        assert set(names) <= {name.lower() for name in FIELDS} | ADDED
        assert {name: values_of(server.received[0], name.lower()) for name in FIELDS} == {
            k: [v] for k, v in FIELDS.items()
        }

    def test_a_repeated_header_arrives_joined(self) -> None:
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            sender.send(HttpRequest("GET", server.url, [("X-A", "1"), ("x-a", "2")]), timeout=QUICK)
        assert values_of(server.received[0], "x-a") == ["1, 2"]

    @pytest.mark.parametrize("name", ["user-agent", "ACCEPT-encoding", "connection", "Accept"])
    def test_the_requests_header_wins(self, name: str) -> None:
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            get(sender, server.url, QUICK, **{name: "close"})
        assert values_of(server.received[0], name.lower()) == ["close"]

    @pytest.mark.parametrize("status", [200, 201, 204, 304, 400, 401, 404, 429, 500, 503, 599, 999])
    def test_every_status_is_an_answer(self, status: int) -> None:
        body = b"" if status in {204, 304} else b"{}"
        with self.opened() as sender:
            got = exchange(sender, response(f"{status} Whatever", body, "Retry-After: 0"))
        assert (got.status_code, got.body, got.headers["retry-after"]) == (status, body, "0")

    def test_what_the_core_writes_arrives_as_it_is(self) -> None:
        text = "".join(map(chr, range(0x80))) + "é€😀"
        call = restli_core.get_all(
            "/r/{a}/b", path_keys={"a": text}, query_params={"q.-_~": [text, ""], "b c": {"d": text}}
        )
        target = parse_url(call.request.url).target
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            get(sender, server.url + target)
        assert request_target(server.received[0]) == target

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_no_redirect_is_followed(self, status: int) -> None:
        assert_redirect_is_an_answer(self, status, "/elsewhere")

    def test_header_bytes_are_read_as_latin_1_and_repeats_are_kept(self) -> None:
        octets = bytes(range(0x80, 0x100))
        data = (
            b"HTTP/1.1 200 OK\r\nX-Octets: a%bb\r\nX-A: 1 \t\r\nx-a:2\r\nX-Empty:\r\nContent-Length: 0\r\n\r\n" % octets
        )
        with self.opened() as sender:
            got = exchange(sender, data)
        assert got.headers["X-Octets"] == f"a{octets.decode('latin-1')}b"
        assert [value for name, value in got.headers.raw if name.lower() == "x-a"] == ["1", "2"]
        assert got.headers["X-Empty"] == ""

    @pytest.mark.parametrize("coding", CODED)
    @pytest.mark.parametrize("framing", ["length", "chunked", "close"])
    def test_bodies_are_read_and_decoded(self, coding: str, framing: str) -> None:
        data = CODED[coding](PLAIN)
        head = [f"Content-Encoding: {coding}", *(["Transfer-Encoding: chunked"] if framing == "chunked" else [])]
        body = chunked(data) if framing == "chunked" else data
        with self.opened() as sender:
            assert exchange(sender, response("200 OK", body, *head, length=framing == "length")).body == PLAIN

    def test_an_answer_to_head_has_no_body(self) -> None:
        with self.opened() as sender:
            got = exchange(sender, b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", "HEAD")
        assert (got.body, got.headers["content-length"]) == (b"", "500")

    @pytest.mark.parametrize("framing", ["length", "chunked", "close"])
    def test_a_body_may_have_as_many_bytes_as_the_limit_and_no_more(self, framing: str) -> None:
        def data(size: int) -> bytes:
            head = ["Transfer-Encoding: chunked"] if framing == "chunked" else []
            body = chunked(b"x" * size) if framing == "chunked" else b"x" * size
            return response("200 OK", body, *head, length=framing == "length")

        with self.opened(max_body=200_000) as sender:
            assert len(exchange(sender, data(200_000)).body) == 200_000
            with pytest.raises(ProtocolError, match="200000"):
                exchange(sender, data(200_001))

    def test_a_bomb_is_not_unpacked(self) -> None:
        data = response("200 OK", bomb(2**26), "Content-Encoding: gzip")
        with self.opened(max_body=2**20) as sender, ScriptedServer(after_request(data)) as server:
            tracemalloc.start()
            try:
                with pytest.raises(ProtocolError):
                    get(sender, server.url)
                _, peak = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
        assert peak < 2**23

    def test_a_bomb_in_a_bomb_is_not_unpacked(self) -> None:
        data = response("200 OK", gzip.compress(bomb(2**26)), "Content-Encoding: gzip, gzip")
        with self.opened(max_body=2**20) as sender, pytest.raises(ProtocolError):
            exchange(sender, data)

    def test_beyond_the_limit_nothing_is_read(self) -> None:
        reached: list[str] = []

        def endless(connection: Connection) -> None:
            connection.request()
            connection.send(response("200 OK", length=False))
            with contextlib.suppress(OSError):
                for _ in range(2**10):  # 64 MiB: enough to tell, and no machine's memory
                    connection.send(bytes(2**16))
                return
            reached.append("the client closed")

        with ScriptedServer(endless) as server, self.opened(max_body=2**20) as sender:
            with pytest.raises(ProtocolError):
                get(sender, server.url)
            server.stopping.wait(0.1)
        assert reached

    def test_the_body_of_a_redirect_has_the_same_limit(self) -> None:
        data = response("302 Found", bytes(5000), "Location: /b")
        with self.opened(max_body=1000) as sender, pytest.raises(ProtocolError):
            exchange(sender, data)

    def test_refused(self) -> None:
        with self.opened() as sender:
            error = failing(sender, f"http://127.0.0.1:{refusing_port()}", ConnectError)
        assert "could not connect" in str(error)

    @pytest.mark.parametrize("host", ["no-such-host.invalid", f"{'a' * 64}.invalid", "a..invalid"])
    def test_no_such_host(self, host: str) -> None:
        with self.opened() as sender:
            failing(sender, f"http://{host}", ConnectError)

    def test_an_untrusted_certificate(self) -> None:
        with ScriptedServer(answer(OK), tls=speaking_tls()) as server, self.opened() as sender:
            error = failing(sender, server.url, ConnectError)
        assert "certificate" in str(error).lower()
        assert not server.received

    @pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a full queue refuses")
    @pytest.mark.parametrize("limits", [Timeout(connect=0.1, read=5, total=10), Timeout(connect=5, read=5, total=0.1)])
    def test_connect_timeout(self, limits: Timeout) -> None:
        with deaf_port() as port, self.opened() as sender:
            failing(sender, f"http://127.0.0.1:{port}", ConnectError, limits)

    @pytest.mark.parametrize("script", BROKEN.values(), ids=BROKEN.keys())
    def test_a_broken_exchange_is_a_protocol_error_and_is_not_repeated(self, script: Script) -> None:
        with ScriptedServer(script) as server, self.opened() as sender:
            failing(sender, server.url, ProtocolError)
        assert len(server.received) == 1

    def test_a_reset_while_sending(self) -> None:
        def script(connection: Connection) -> None:
            connection.pause(0.05)
            connection.reset()

        with ScriptedServer(script) as server, self.opened() as sender, pytest.raises(TransportError) as caught:
            sender.send(HttpRequest("POST", server.url, {"Authorization": "x"}, bytes(2**24)), timeout=QUICK)
        check_error(caught.value, ProtocolError)

    def test_an_answer_before_the_body_was_read_is_an_answer_or_a_protocol_error(self) -> None:
        def script(connection: Connection) -> None:
            connection.send(response("413 Content Too Large", b"{}", "Connection: close"))
            connection.wait_for_end()

        with ScriptedServer(script) as server, self.opened() as sender:
            got = sender.send(HttpRequest("POST", server.url, {}, bytes(2**20)), timeout=QUICK)
        assert got.status_code == 413

    @pytest.mark.parametrize("limits", [SHORT_READ, SHORT_TOTAL], ids=["read", "total"])
    @pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200", response("200 OK", b"abc", length=False)[:-1]])
    def test_a_server_that_falls_silent(self, limits: Timeout, begun: bytes) -> None:
        def script(connection: Connection) -> None:
            connection.request()
            connection.send(begun)
            connection.wait_for_end()

        with ScriptedServer(script) as server, self.opened() as sender:
            error = failing(sender, server.url, TransportTimeout, limits)
        assert "0.1 s" in str(error) or "0.2 s" in str(error)
        assert len(server.received) == 1

    @pytest.mark.parametrize("drip", DRIPS.values(), ids=DRIPS.keys())
    def test_a_dripping_body_cannot_outlast_the_total(self, drip: tuple[bytes, bytes]) -> None:
        with self.opened() as sender:
            drip_outlasts_total(sender, *drip)

    def test_no_limits_at_all(self) -> None:
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            assert get(sender, server.url, Timeout(connect=None, read=None, total=None)).status_code == 200

    def test_a_connection_is_kept_alive(self) -> None:
        chunks = response("200 OK", chunked(b"{}"), "Transfer-Encoding: chunked", length=False)
        with ScriptedServer(answer(chunks)) as server, self.opened() as sender:
            for method in ("GET", "POST", "DELETE", "GET"):
                sender.send(HttpRequest(method, server.url), timeout=QUICK)
        assert server.connections == 1

    def test_a_connection_that_the_server_closed_is_replaced(self) -> None:
        closed = threading.Event()

        def once(connection: Connection) -> None:
            connection.request()
            connection.send(OK)
            connection.close()
            closed.set()

        with ScriptedServer(once) as server, self.opened() as sender:
            for _ in range(3):
                closed.clear()
                sender.send(HttpRequest("POST", server.url, {}, b"x"), timeout=QUICK)
                assert closed.wait(5)
        assert server.connections == len(server.received) == 3

    def test_a_connection_that_the_server_closes_on_the_second_request_is_not_retried(self) -> None:
        def script(connection: Connection) -> None:
            connection.request()
            connection.send(OK)
            connection.request()

        with ScriptedServer(script) as server, self.opened() as sender:
            get(sender, server.url)
            failing(sender, server.url, ProtocolError)
        assert (server.connections, len(server.received)) == (1, 2)

    @pytest.mark.parametrize("script", [BROKEN["short body"], BROKEN["bad chunk"]])
    def test_a_broken_connection_is_not_used_again(self, script: Script) -> None:
        with ScriptedServer(in_turn([script, answer(OK)])) as server, self.opened() as sender:
            failing(sender, server.url, ProtocolError)
            assert get(sender, server.url).status_code == 200
        assert server.connections == 2

    def test_a_connection_with_a_body_beyond_the_limit_is_not_used_again(self) -> None:
        scripts = [answer(response("200 OK", bytes(2**20))), answer(OK)]
        with ScriptedServer(in_turn(scripts)) as server, self.opened(max_body=100) as sender:
            with pytest.raises(ProtocolError):
                get(sender, server.url)
            assert get(sender, server.url).status_code == 200
        assert server.connections == 2

    def test_cookies_are_not_invented(self) -> None:
        with (
            ScriptedServer(answer(response("200 OK", b"", "Set-Cookie: a=b; Path=/"))) as server,
            self.opened() as sender,
        ):
            get(sender, server.url)
            sender.send(HttpRequest("GET", server.url, {"Cookie": "c=d"}), timeout=QUICK)
        assert values_of(server.received[0], "cookie") == []
        assert values_of(server.received[1], "cookie") == ["c=d"]

    def test_netrc_is_not_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        netrc = tmp_path / ".netrc"
        netrc.write_text("default login user password secret\n")
        netrc.chmod(0o600)
        monkeypatch.setenv("NETRC", str(netrc))
        with ScriptedServer(answer(response("302 Found", b"", "Location: /b"))) as server, self.opened() as sender:
            get(sender, server.url, Authorization="Bearer t")
            get(sender, server.url)
        assert [values_of(request, "authorization") for request in server.received] == [["Bearer t"], []]

    def test_32_threads_may_share_a_client(self) -> None:
        targets = [f"/{n}" for n in range(320)]
        with ScriptedServer(echo) as server, self.opened() as sender, ThreadPoolExecutor(32) as threads:
            client = RestliClient(sender, base_url=server.url, access_token="t")
            entities = [*threads.map(lambda target: client.get(target).entity, targets)]
        assert entities == [{"target": target} for target in targets]
        assert len(server.received) == 320

    @pytest.mark.parametrize("name", FOURTEEN)
    def test_each_of_the_fourteen_methods(self, name: str) -> None:
        handlers = sample_handlers()
        expected, call = FakeTransport(sample_handlers()), fourteen_calls()[name]
        with RestliServer(handlers) as server, self.opened() as sender:
            made = call(server.base_url)
            got = made.parse(sender.send(made.request, timeout=QUICK))
            [received] = server.received
        assert got.document == made.parse(expected.send(made.request)).document
        assert made.method == name
        assert_described(received.head, received.body, made.request)

    def test_hosts_do_not_share_connections(self) -> None:
        with ScriptedServer(answer(OK)) as first, ScriptedServer(answer(OK)) as second, self.opened() as sender:
            for server in (first, second, first, second):
                get(sender, server.url)
        assert (first.connections, second.connections) == (1, 1)

    @pytest.mark.parametrize("data", [response("200 OK", b"{}", "Connection: close"), OK.replace(b"1.1", b"1.0")])
    def test_a_connection_that_is_not_kept_alive_is_closed(self, data: bytes) -> None:
        with ScriptedServer(answer(data)) as server, self.opened() as sender:
            for _ in range(2):
                get(sender, server.url)
        assert server.connections == 2

    def test_a_connection_on_which_the_server_spoke_unasked_is_replaced(self) -> None:
        spoken = threading.Event()

        def script(connection: Connection) -> None:
            connection.request()
            connection.send(OK)
            connection.pause(0.02)  # so that what follows does not come with the answer
            connection.send(response("408 Request Timeout", b""))
            spoken.set()
            connection.wait_for_end()

        with ScriptedServer(script) as server, self.opened() as sender:
            for _ in range(2):
                spoken.clear()
                assert get(sender, server.url).status_code == 200
                assert spoken.wait(5)
        assert server.connections == 2

    @pytest.mark.parametrize(("method", "data"), LEFT_OVER.values(), ids=LEFT_OVER.keys())
    def test_what_comes_behind_an_answer_is_not_the_next_one(self, method: str, data: bytes) -> None:
        begun: list[Connection] = []

        def script(connection: Connection) -> None:
            while connection.request():
                begun.append(connection)
                connection.send(data if len(begun) == 1 else OK)

        with ScriptedServer(script) as server, self.opened() as sender:
            sender.send(HttpRequest(method, server.url), timeout=QUICK)
            assert [get(sender, server.url).body for _ in range(2)] == [b"{}"] * 2
        assert len(begun) == 3

    def test_the_url_of_an_answer_tells_no_user(self) -> None:
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            assert get(sender, f"http://user:secret@{server.address}/a?b#c").url == f"{server.url}/a?b"

    @pytest.mark.parametrize("headers", [{"Content-Length": "3"}, {"Transfer-Encoding": "chunked"}])
    def test_headers_that_contradict_the_body_are_an_invalid_call(self, headers: dict[str, str]) -> None:
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            with pytest.raises(InvalidCallError) as caught:
                sender.send(HttpRequest("POST", server.url, headers, b"x"), timeout=QUICK)
            assert get(sender, server.url).status_code == 200
        assert caught.value.argument == "headers"
        assert len(server.received) == 1

    @pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="needs IPv6")
    def test_ipv6(self) -> None:
        with RestliServer(sample_handlers(), host="::1") as server, self.opened() as sender:
            client = RestliClient(sender, base_url=server.base_url)
            assert client.get("/adAccounts/{id}", path_keys={"id": 5001}).entity["id"] == 5001
            assert values_of(server.received[0].head, "host") == [f"[::1]:{server.port}"]

    def test_a_client_over_it(self) -> None:
        with RestliServer(sample_handlers()) as server, self.opened() as sender:
            client = RestliClient(sender, base_url=server.base_url, access_token="t")
            assert client.get("/adAccounts/{id}", path_keys={"id": 5001}).entity["name"] == "Account 1"
            with pytest.raises(restli_core.NotFoundError):
                client.get("/adAccounts/{id}", path_keys={"id": 1})

    @pytest.mark.parametrize(
        "faults", [{"truncate": 3}, {"close": True}, {"reset": True}, {"raw": b"\0garbage\r\n\r\n"}]
    )
    def test_a_server_that_fails_is_not_asked_again(self, faults: dict[str, Any]) -> None:
        with RestliServer(sample_handlers()) as server, self.opened() as sender:
            client = RestliClient(sender, base_url=server.base_url)
            server.fail_next(**faults)
            with pytest.raises(ProtocolError):
                client.get_all("/adAccounts")
            assert client.get_all("/adAccounts").elements
            assert len(server.received) == 2


class ExactCompliance(GivenCompliance):
    """What a transport must do whose connections are not a library's plain ones."""

    @pytest.mark.parametrize("data", LOOSE.values(), ids=LOOSE.keys())
    def test_what_only_a_loose_reader_takes_is_a_protocol_error(self, data: bytes) -> None:
        with self.opened() as sender, pytest.raises(ProtocolError):
            exchange(sender, data)

    @pytest.mark.parametrize("location", ["http://[", "http://\xe9\x80/", "//", "ftp://a", "http://a:b"])
    def test_it_does_not_matter_where_a_redirect_leads(self, location: str) -> None:
        assert_redirect_is_an_answer(self, 302, location)

    def test_the_target_arrives_byte_for_byte(self) -> None:
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            for target in TARGETS:
                get(sender, server.url + target)
        assert [request_target(request) for request in server.received] == TARGETS

    def test_interim_answers_are_passed_over(self) -> None:
        interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 P\r\n\r\n"
        with ScriptedServer(answer(interim + response("200 OK", b"{}"))) as server, self.opened() as sender:
            answers = [get(sender, server.url) for _ in range(3)]
        assert [(got.status_code, got.body, "Link" in got.headers) for got in answers] == [(200, b"{}", False)] * 3
        assert server.connections == 1

    @pytest.mark.parametrize("line", [b"garbage", b"X-A : b", b"X-\xe9: b", b": b", b"X-A: b\rc"])
    def test_a_header_line_that_is_no_field_is_a_protocol_error(self, line: bytes) -> None:
        with self.opened() as sender, pytest.raises(ProtocolError):
            exchange(sender, b"HTTP/1.1 200 OK\r\n%b\r\nContent-Length: 2\r\n\r\n{}" % line)

    @pytest.mark.parametrize("drip", HEAD_DRIPS.values(), ids=HEAD_DRIPS.keys())
    def test_a_dripping_head_cannot_outlast_the_total(self, drip: tuple[bytes, bytes]) -> None:
        with self.opened() as sender:
            drip_outlasts_total(sender, *drip)


class TransportCompliance(ExactCompliance):
    """What a transport must do that makes its connections by itself."""

    @pytest.fixture
    def trusted(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """The environment trusts the authority of the servers here."""
        trust(authority(), monkeypatch, tmp_path)

    def test_every_visible_character_arrives_as_it_is(self) -> None:
        targets = [f"/a{c}b?c{c}d" for c in VISIBLE_ASCII if c != "#"]
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            for target in targets:
                get(sender, server.url + target)
        assert [request_target(request) for request in server.received] == targets

    def test_compressed_answers_are_asked_for(self) -> None:
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            get(sender, server.url)
        [value] = values_of(server.received[0], "accept-encoding")
        assert {"gzip", "deflate"} <= {coding.strip() for coding in value.split(",")}

    def test_no_limit(self) -> None:
        with self.opened(max_body=None) as sender:
            assert len(exchange(sender, response("200 OK", bytes(2**20))).body) == 2**20

    @pytest.mark.usefixtures("trusted")
    def test_a_certificate_of_another_host(self) -> None:
        with ScriptedServer(answer(OK), tls=speaking_tls("other.test")) as server, self.opened() as sender:
            failing(sender, server.url, ConnectError)
        assert not server.received

    @pytest.mark.usefixtures("trusted")
    def test_a_trusted_certificate(self) -> None:
        with ScriptedServer(answer(OK), tls=speaking_tls()) as server, self.opened() as sender:
            answers = [get(sender, f"{server.url}/a%2e[]") for _ in range(3)]
        assert [got.status_code for got in answers] == [200] * 3
        assert [request_target(request) for request in server.received] == ["/a%2e[]"] * 3
        assert server.connections == 1

    @pytest.mark.usefixtures("trusted")
    def test_a_tls_connection_that_the_server_closed_is_replaced(self) -> None:
        gone = threading.Event()

        def script(connection: Connection) -> None:
            connection.request()
            connection.send(OK)
            connection.close()
            gone.set()

        with ScriptedServer(script, tls=speaking_tls()) as server, self.opened() as sender:
            for _ in range(2):
                gone.clear()
                assert get(sender, server.url).status_code == 200
                assert gone.wait(5)
        assert server.connections == 2

    @pytest.mark.usefixtures("trusted")
    def test_a_drip_in_tls_cannot_outlast_the_total(self) -> None:
        def script(connection: Connection) -> None:
            connection.request()
            connection.drip(b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 60, 0.03)

        with ScriptedServer(script, tls=speaking_tls()) as server, self.opened() as sender:
            error = failing(sender, server.url, TransportTimeout, SHORT_TOTAL)
        assert "total" in str(error)

    def test_a_server_that_speaks_tls_where_http_was_expected(self) -> None:
        with ScriptedServer(answer(OK), tls=speaking_tls()) as server, self.opened() as sender:
            failing(sender, server.url.replace("https", "http"), ProtocolError)

    def test_a_server_that_does_not_speak_tls(self) -> None:
        with ScriptedServer(lambda connection: connection.send(OK)) as server, self.opened() as sender:
            failing(sender, server.url.replace("http", "https"), ConnectError)

    def test_a_server_that_closes_in_the_handshake(self) -> None:
        with ScriptedServer(Connection.close) as server, self.opened() as sender:
            failing(sender, server.url.replace("http", "https"), ConnectError)

    def test_a_handshake_that_stalls_is_a_connect_timeout(self) -> None:
        with ScriptedServer(Connection.wait_for_end) as server, self.opened() as sender:
            limits = Timeout(connect=0.1, read=5, total=10)
            error = failing(sender, server.url.replace("http", "https"), ConnectError, limits)
        assert "0.1 s" in str(error)

    def test_a_dripping_coded_body_cannot_outlast_the_total(self) -> None:
        data = gzip.compress(bytes(range(60)))
        head = response("200 OK", data, "Content-Encoding: gzip")[: -len(data)]
        with self.opened() as sender:
            drip_outlasts_total(sender, head, data)

    @pytest.mark.parametrize("limits", [SHORT_READ, SHORT_TOTAL], ids=["read", "total"])
    def test_a_server_that_does_not_read(self, limits: Timeout) -> None:
        def script(connection: Connection) -> None:
            connection.pause(5)

        with ScriptedServer(script) as server, self.opened() as sender, pytest.raises(TransportTimeout):
            sender.send(HttpRequest("POST", server.url, {}, bytes(2**24)), timeout=limits)

    def test_a_slow_reader_is_no_timeout_while_it_reads(self) -> None:
        def script(connection: Connection) -> None:
            for _ in range(7):
                connection.pause(0.08)
                connection.take(2**21)
            connection.request()
            connection.send(OK)

        with ScriptedServer(script) as server, self.opened() as sender:
            limits = Timeout(connect=5, read=0.5, total=10)  # in all it takes longer than the limit on a single wait
            got = sender.send(HttpRequest("POST", server.url, {}, bytes(2**24)), timeout=limits)
        assert got.status_code == 200

    def test_a_host_is_tried_at_each_of_its_addresses(self, monkeypatch: pytest.MonkeyPatch) -> None:
        two_addresses(monkeypatch)
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            assert get(sender, f"http://two.test:{server.port}/").status_code == 200

    def test_refused_at_all_addresses(self, monkeypatch: pytest.MonkeyPatch) -> None:
        two_addresses(monkeypatch)
        with self.opened() as sender:
            failing(sender, f"http://two.test:{refusing_port()}", ConnectError)

    def test_cookies_are_not_kept(self) -> None:
        with (
            ScriptedServer(answer(response("302 Found", b"", "Set-Cookie: a=b", "Location: /"))) as server,
            self.opened() as sender,
        ):
            for _ in range(2):
                get(sender, server.url)
        assert [values_of(request, "cookie") for request in server.received] == [[], []]

    def test_threads_reuse_their_connections(self) -> None:
        with ScriptedServer(echo) as server, self.opened() as sender:
            with ThreadPoolExecutor(32) as threads:
                list(threads.map(lambda n: get(sender, f"{server.url}/{n}"), range(320)))
            assert server.connections <= 32

    def test_close_closes_what_the_transport_made(self) -> None:
        ended = threading.Event()
        with ScriptedServer(idle_until_closed(ended)) as server, self.opened() as sender:
            get(sender, server.url)
            assert not ended.is_set()
            sender.close()
            assert ended.wait(5)


# Where a call may be when it is cancelled: what the server has sent by then, and what the request brings.
STAGES: Final = {
    "sending": (b"", bytes(2**24)),
    "waiting": (b"", b""),
    "reading the head": (OK[:20], b""),
    "reading the body": (OK[:-1], b""),
}


def silent(connection: Connection) -> None:
    connection.request()
    connection.wait_for_end()


class AsyncTransportCompliance(TransportCompliance):
    """What an asynchronous transport must do beyond that."""

    def run(self, function: Callable[[Any], Awaitable[Any]]) -> None:
        """Runs a function of a transport in an event loop of its own; what is left open then is an error."""

        async def main() -> None:
            transport: Any = self.transport()
            try:
                await function(transport)
            finally:
                await getattr(transport, "close", _nothing_awaited)()

        anyio.run(main, backend=self.backend)
        gc.collect()

    def test_a_thousand_calls_at_once_on_one_client(self) -> None:
        entities: dict[int, Any] = {}

        async def main(transport: AsyncTransport) -> None:
            client = AsyncRestliClient(transport, base_url=server.url, timeout=Timeout(total=60))

            async def call(number: int) -> None:
                entities[number] = (await client.get(f"/{number}")).entity

            async with anyio.create_task_group() as tasks:
                for number in range(1000):
                    tasks.start_soon(call, number)

        with ScriptedServer(echo) as server:
            self.run(main)
            assert 1 < server.connections <= 1000
        assert entities == {number: {"target": f"/{number}"} for number in range(1000)}

    def test_an_asynchronous_client_over_it(self) -> None:
        async def main(transport: AsyncTransport) -> None:
            async with AsyncRestliClient(transport, base_url=server.base_url) as client:
                made = await client.create("/adAccounts", {"name": "Summer"})
                key = {"id": made.decoded_entity_id}
                assert (await client.get("/adAccounts/{id}", path_keys=key)).entity["name"] == "Summer"
                with pytest.raises(restli_core.NotFoundError):
                    await client.delete("/adAccounts/{id}", path_keys={"id": 1})

        with RestliServer(sample_handlers()) as server:
            self.run(main)

    @pytest.mark.parametrize(("begun", "body"), STAGES.values(), ids=STAGES.keys())
    def test_a_cancelled_call_leaves_nothing_behind(self, begun: bytes, body: bytes) -> None:
        reached, ended = threading.Event(), threading.Event()

        def cancelled(connection: Connection) -> None:
            connection.take(100)
            connection.send(begun)
            reached.set()
            connection.wait_for_end()
            ended.set()

        async def main(transport: AsyncTransport) -> None:
            request = HttpRequest("POST", server.url, {"X-A": "a" * 100}, body)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(partial(transport.send, request, timeout=QUICK))
                assert await anyio.to_thread.run_sync(reached.wait, 5)
                await anyio.sleep(0.02)
                tasks.cancel_scope.cancel()
            assert await anyio.to_thread.run_sync(ended.wait, 5)
            assert (await transport.send(HttpRequest("GET", server.url), timeout=QUICK)).status_code == 200

        with ScriptedServer(in_turn([cancelled, answer(OK)])) as server:
            self.run(main)
        assert server.connections == 2

    def test_a_call_that_is_cancelled_while_it_connects(self) -> None:
        ended = threading.Event()

        def script(connection: Connection) -> None:
            with contextlib.suppress(OSError):
                connection.wait_for_end()  # it never speaks TLS
            ended.set()

        async def main(transport: AsyncTransport) -> None:
            with anyio.move_on_after(0.1):
                await transport.send(HttpRequest("GET", server.url.replace("http", "https")), timeout=QUICK)
            assert await anyio.to_thread.run_sync(ended.wait, 5)

        with ScriptedServer(script) as server:
            self.run(main)

    def test_calls_that_asyncio_cancels_leave_no_task_running(self) -> None:
        if self.backend != "asyncio":
            pytest.skip("it is about asyncio")

        async def main(transport: AsyncTransport) -> None:
            request = HttpRequest("GET", server.url)
            calls = [asyncio.ensure_future(transport.send(request, timeout=QUICK)) for _ in range(3)]
            await asyncio.sleep(0.1)
            for call in calls:
                call.cancel()
            outcomes = await asyncio.gather(*calls, return_exceptions=True)
            assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError] * 3
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await transport.send(request, timeout=QUICK)
            assert asyncio.all_tasks() == {asyncio.current_task()}

        with ScriptedServer(silent) as server:
            self.run(main)


async def _nothing_awaited() -> None: ...
