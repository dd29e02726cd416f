"""What urllib3 and requests have in common: one suite for both, with pools of their own and with given ones."""

from __future__ import annotations

import contextlib
import gzip
import importlib
import pickle
import socket
import ssl
import sys
import threading
import zlib
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme
import urllib3

from restli_core import (
    ConnectError,
    HttpRequest,
    HttpResponse,
    InvalidCallError,
    ProtocolError,
    TransportError,
    TransportTimeout,
)
from restli_transports import Timeout
from restli_transports.connections import POOL_CLASSES
from restli_transports.raw_server import Connection, RawServer, Script, answer, in_turn, response
from restli_transports.requests import ExactAdapter, RequestsTransport
from restli_transports.urllib3 import Urllib3Transport

Sender = Urllib3Transport | RequestsTransport

QUICK = Timeout(connect=5, read=5, total=10)
OK = response("200 OK", b"{}")
VISIBLE_ASCII = "".join(map(chr, range(0x21, 0x7F)))
# What a transport may add to what the request describes.
ADDED = {"host", "content-length", "connection", "accept", "accept-encoding", "user-agent"}


@contextlib.contextmanager
def given_urllib3(**options: Any) -> Generator[Urllib3Transport]:
    with urllib3.PoolManager() as pool:
        yield Urllib3Transport(pool, **options)


@contextlib.contextmanager
def given_requests(**options: Any) -> Generator[RequestsTransport]:
    with requests.Session() as session:
        yield RequestsTransport(session, **options)


@contextlib.contextmanager
def exact_urllib3(**options: Any) -> Generator[Urllib3Transport]:
    with urllib3.PoolManager() as pool:
        pool.pool_classes_by_scheme = POOL_CLASSES
        yield Urllib3Transport(pool, **options)


@contextlib.contextmanager
def exact_requests(**options: Any) -> Generator[RequestsTransport]:
    with requests.Session() as session:
        session.mount("http://", ExactAdapter())
        yield RequestsTransport(session, **options)


Maker = Callable[..., contextlib.AbstractContextManager[Any]]
MADE: dict[str, Maker] = {
    "urllib3": lambda **options: contextlib.closing(Urllib3Transport(**options)),
    "requests": lambda **options: contextlib.closing(RequestsTransport(**options)),
}
EXACT: dict[str, Maker] = MADE | {"urllib3-exact": exact_urllib3, "requests-exact": exact_requests}
GIVEN: dict[str, Maker] = {"urllib3-given": given_urllib3, "requests-given": given_requests}
ALL = MADE | GIVEN


def each(makers: dict[str, Maker]) -> pytest.MarkDecorator:
    """The test for each of these transports, as its argument `maker`."""
    return pytest.mark.parametrize("maker", makers.values(), ids=makers.keys())


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for scheme in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{scheme}_proxy", raising=False)
        monkeypatch.delenv(f"{scheme}_proxy".upper(), raising=False)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost", "origin.test").configure_cert(context)
    return context


@pytest.fixture
def trusted(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))


def get(sender: Sender, url: str, timeout: Timeout = QUICK, **fields: str) -> HttpResponse:
    return sender.send(HttpRequest("GET", url, fields), timeout=timeout)


def exchange(sender: Sender, data: bytes, method: str = "GET") -> HttpResponse:
    """The answer that a transport makes of these bytes, after which the server closes."""

    def script(connection: Connection) -> None:
        connection.request()
        connection.send(data)

    with RawServer(script) as server:
        return sender.send(HttpRequest(method, f"{server.url}/a"), timeout=QUICK)


def request_target(request: bytes) -> str:
    return request.split(b" ")[1].decode()


def sent_fields(request: bytes) -> list[tuple[str, str]]:
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return [(line.partition(": ")[0], line.partition(": ")[2]) for line in lines]


def values_of(request: bytes, name: str) -> list[str]:
    return [value for field, value in sent_fields(request) if field.lower() == name]


# The request on the wire

TARGETS = [
    "/",
    "/a/%2e/b",
    "/a/%2E%2e/b",
    "/a/./b/../c",
    "//a//b/",
    "/%c3%A9/%7e%41",
    "/a;b@c:d!$&'()*+,=~-._",
    "/adAccounts/(a:1,b:List(urn%3Ali%3Ax%3A1))?ids=List((a:1),(b:2))&q='x'",
    "/a?",
    "/a??b=/?c=%zz",
    '/a[0]?b[]={}|\\^`"<>',
]


@each(EXACT)
def test_the_target_arrives_byte_for_byte(maker: Maker) -> None:
    with RawServer(answer(OK)) as server, maker() as sender:
        for target in TARGETS:
            get(sender, server.url + target)
    assert [request_target(request) for request in server.received] == TARGETS


@each(MADE)
def test_every_visible_character_arrives_as_it_is(maker: Maker) -> None:
    targets = [f"/a{c}b?c{c}d" for c in VISIBLE_ASCII if c != "#"]
    with RawServer(answer(OK)) as server, maker() as sender:
        for target in targets:
            get(sender, server.url + target)
    assert [request_target(request) for request in server.received] == targets


@each(ALL)
@pytest.mark.parametrize(("rest", "target"), [("", "/"), ("?a=1", "/?a=1"), ("/a#b?c", "/a"), ("/a?b#c", "/a?b")])
def test_the_target_of_a_url_without_path_or_with_fragment(maker: Maker, rest: str, target: str) -> None:
    with RawServer(answer(OK)) as server, maker() as sender:
        get(sender, server.url + rest)
    assert request_target(server.received[0]) == target


@each(GIVEN)
@pytest.mark.parametrize("target", ["/a%2e", "/a?%c3%a9", "/a[0]", "/a/../b", "/a/.", "/a?b=|"])
def test_a_given_pool_that_would_change_the_target_is_not_used(maker: Maker, target: str) -> None:
    with RawServer(answer(OK)) as server, maker() as sender:
        with pytest.raises(InvalidCallError) as caught:
            get(sender, server.url + target)
        assert caught.value.argument == "url"
    assert not server.received


@each(GIVEN)
def test_a_given_pool_carries_what_the_core_writes(maker: Maker) -> None:
    targets = ["/a/(b:1,c:List(2,urn%3Ali%3Ax%3A1))?ids=List((d:%C3%A9%20%5B%5D,e:''))&f=~%2E", "/a!$&'()*+,;=:@?/?"]
    with RawServer(answer(OK)) as server, maker() as sender:
        for target in targets:
            get(sender, server.url + target)
    assert [request_target(request) for request in server.received] == targets


@each(ALL)
@pytest.mark.parametrize(
    "url", ["/a", "a.test/b", "ftp://a.test/", "http://", "http:///a", "https://a.test:x/", "http://[::1"]
)
def test_what_is_no_http_url_is_an_invalid_call(maker: Maker, url: str) -> None:
    with maker() as sender, pytest.raises(InvalidCallError) as caught:
        get(sender, url)
    assert caught.value.argument == "url"


@each(ALL)
def test_user_information_is_neither_sent_nor_made_an_authorization(maker: Maker) -> None:
    with RawServer(answer(OK)) as server, maker() as sender:
        get(sender, f"http://user:secret@{server.address}/a", Authorization="Bearer t")
        get(sender, f"http://user:secret@{server.address}/a")
    assert [values_of(request, "authorization") for request in server.received] == [["Bearer t"], []]
    assert values_of(server.received[0], "host") == [server.address]
    assert b"secret" not in b"".join(server.received)


@each(ALL)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "get"])
@pytest.mark.parametrize("body", [b"", bytes(range(256))], ids=["empty", "octets"])
def test_method_and_body_arrive_as_they_are(maker: Maker, method: str, body: bytes) -> None:
    with RawServer(answer(OK)) as server, maker() as sender:
        sender.send(HttpRequest(method, f"{server.url}/a", {}, body), timeout=QUICK)
    [request] = server.received
    head, _, received = request.partition(b"\r\n\r\n")
    assert head.startswith(f"{method} /a HTTP/1.1\r\n".encode())
    assert received == body
    assert values_of(request, "transfer-encoding") == []
    lengths = values_of(request, "content-length")
    assert lengths == ([str(len(body))] if body or method in {"POST", "PUT", "PATCH"} else [])


@each(ALL)
def test_a_large_body_arrives_whole(maker: Maker) -> None:
    body = bytes(range(256)) * 20_000
    with RawServer(answer(OK)) as server, maker() as sender:
        sender.send(HttpRequest("POST", f"{server.url}/a", {"Content-Type": "x/y"}, body), timeout=QUICK)
    assert server.received[0].endswith(b"\r\n\r\n" + body)


FIELDS = {
    "X-RestLi-Protocol-Version": "2.0.0",
    "authorization": "Bearer t",
    "ACCEPT": "application/json",
    "user-agent": "me/1",
    "X-A": "a  b\tc",
    "x-empty": "",
    "Cookie": "a=b",
}


@each(ALL)
def test_each_described_header_arrives_once_and_little_else(maker: Maker) -> None:
    with RawServer(answer(OK)) as server, maker() as sender:
        get(sender, f"{server.url}/a", QUICK, **FIELDS)
    fields = sent_fields(server.received[0])
    names = [name.lower() for name, _ in fields]
    assert len(names) == len(set(names))
    assert set(names) <= {name.lower() for name in FIELDS} | ADDED
    assert {name: values_of(server.received[0], name.lower()) for name in FIELDS} == {k: [v] for k, v in FIELDS.items()}


@each(ALL)
def test_a_repeated_header_arrives_joined(maker: Maker) -> None:
    with RawServer(answer(OK)) as server, maker() as sender:
        sender.send(HttpRequest("GET", server.url, [("X-A", "1"), ("x-a", "2")]), timeout=QUICK)
    assert values_of(server.received[0], "x-a") == ["1, 2"]


@each(ALL)
@pytest.mark.parametrize("name", ["user-agent", "ACCEPT-encoding", "connection", "X-Mine"])
def test_the_requests_header_wins_over_the_pools(maker: Maker, name: str) -> None:
    with RawServer(answer(OK)) as server, maker() as sender:
        sender.session.headers["X-Mine"] = "pool"
        get(sender, server.url)
        get(sender, server.url, QUICK, **{name: "close"})
    assert values_of(server.received[0], "x-mine") == ["pool"]
    assert values_of(server.received[1], name.lower()) == ["close"]


@each(MADE)
def test_compressed_answers_are_asked_for(maker: Maker) -> None:
    with RawServer(answer(OK)) as server, maker() as sender:
        get(sender, server.url)
    [value] = values_of(server.received[0], "accept-encoding")
    assert {"gzip", "deflate"} <= {coding.strip() for coding in value.split(",")}


# The answer


@each(ALL)
@pytest.mark.parametrize("status", [200, 201, 204, 304, 400, 401, 404, 429, 500, 503, 599, 999])
def test_every_status_is_an_answer(maker: Maker, status: int) -> None:
    body = b"" if status in {204, 304} else b"{}"
    with maker() as sender:
        got = exchange(sender, response(f"{status} Whatever", body, "Retry-After: 0"))
    assert (got.status_code, got.body, got.headers["retry-after"]) == (status, body, "0")


@each(ALL)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["/elsewhere", "http://[", "http://\xe9\x80/", "//", "ftp://a", "http://a:b"])
def test_no_redirect_is_followed(maker: Maker, status: int, location: str) -> None:
    with RawServer(answer(response(f"{status} R", b"moved", f"Location: {location}"))) as server, maker() as sender:
        got = get(sender, f"{server.url}/a", Authorization="Bearer t")
        assert (got.status_code, got.body, got.headers["Location"]) == (status, b"moved", location)
        assert got.url == f"{server.url}/a"
        assert got.native.headers["Location"] == location
    assert len(server.received) == 1


@each(ALL)
def test_header_bytes_are_read_as_latin_1_and_repeats_are_kept(maker: Maker) -> None:
    octets = bytes(range(0x80, 0x100))
    data = b"HTTP/1.1 200 OK\r\nX-Octets: a%bb\r\nX-A: 1 \t\r\nx-a:2\r\nX-Empty:\r\nContent-Length: 0\r\n\r\n" % octets
    with maker() as sender:
        got = exchange(sender, data)
    assert got.headers["X-Octets"] == f"a{octets.decode('latin-1')}b"
    assert [value for name, value in got.headers.raw if name.lower() == "x-a"] == ["1", "2"]
    assert got.headers["X-Empty"] == ""


CODED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "Deflate": lambda data: zlib.compress(data, wbits=-15),
    "deflate, gzip": lambda data: gzip.compress(zlib.compress(data)),
    "identity": bytes,
}
PLAIN = b'{"elements": [' + b"1, " * 50_000 + b"2]}"


def chunked(data: bytes, size: int = 1000) -> bytes:
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\nX-Trailer: 1\r\n\r\n"


@each(ALL)
@pytest.mark.parametrize("coding", CODED)
@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
def test_bodies_are_read_and_decoded(maker: Maker, coding: str, framing: str) -> None:
    data = CODED[coding](PLAIN)
    head = [f"Content-Encoding: {coding}", *(["Transfer-Encoding: chunked"] if framing == "chunked" else [])]
    body = chunked(data) if framing == "chunked" else data
    with maker() as sender:
        assert exchange(sender, response("200 OK", body, *head, length=framing == "length")).body == PLAIN


@each(ALL)
def test_an_answer_to_head_has_no_body(maker: Maker) -> None:
    with maker() as sender:
        got = exchange(sender, b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", "HEAD")
    assert (got.body, got.headers["content-length"]) == (b"", "500")


@each(EXACT)
def test_interim_answers_are_passed_over(maker: Maker) -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 P\r\n\r\n"
    with RawServer(answer(interim + response("200 OK", b"{}"))) as server, maker() as sender:
        answers = [get(sender, server.url) for _ in range(3)]
    assert [(got.status_code, got.body, "Link" in got.headers) for got in answers] == [(200, b"{}", False)] * 3
    assert server.connections == 1


@each(ALL)
def test_the_librarys_own_response_can_be_read(maker: Maker) -> None:
    with maker() as sender:
        got = exchange(sender, response("200 OK", gzip.compress(b'{"a": 1}'), "Content-Encoding: gzip"))
        empty = exchange(sender, response("200 OK", b""))
    assert got.native.json() == {"a": 1}
    read_again = {requests.Response: "content", urllib3.HTTPResponse: "data"}[type(got.native)]
    assert getattr(got.native, read_again) == b'{"a": 1}'
    assert getattr(empty.native, read_again) == b""


# Limits on the size


def bomb(size: int) -> bytes:
    coder = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = bytes(2**20)
    return b"".join(coder.compress(piece) for _ in range(size // len(piece))) + coder.flush()


@each(ALL)
@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
def test_a_body_may_have_as_many_bytes_as_the_limit_and_no_more(maker: Maker, framing: str) -> None:
    def data(size: int) -> bytes:
        head = ["Transfer-Encoding: chunked"] if framing == "chunked" else []
        body = chunked(b"x" * size) if framing == "chunked" else b"x" * size
        return response("200 OK", body, *head, length=framing == "length")

    with maker(max_body=200_000) as sender:
        assert len(exchange(sender, data(200_000)).body) == 200_000
        with pytest.raises(ProtocolError, match="200000"):
            exchange(sender, data(200_001))


@each(ALL)
def test_a_bomb_is_not_unpacked(maker: Maker) -> None:
    data = response("200 OK", gzip.compress(bomb(2**28)), "Content-Encoding: gzip, gzip")
    with maker(max_body=2**20) as sender, pytest.raises(ProtocolError):
        exchange(sender, data)


@each(ALL)
def test_beyond_the_limit_nothing_is_read(maker: Maker) -> None:
    reached: list[str] = []

    def endless(connection: Connection) -> None:
        connection.request()
        connection.send(response("200 OK", length=False))
        with contextlib.suppress(OSError):
            while True:
                connection.send(bytes(2**16))
        reached.append("the client closed")

    with RawServer(endless) as server, maker(max_body=2**20) as sender:
        with pytest.raises(ProtocolError):
            get(sender, server.url)
        server.stopping.wait(0.1)
    assert reached


@each(ALL)
def test_the_body_of_a_redirect_has_the_same_limit(maker: Maker) -> None:
    data = response("302 Found", bytes(5000), "Location: /b")
    with maker(max_body=1000) as sender, pytest.raises(ProtocolError):
        exchange(sender, data)


@each(MADE)
def test_no_limit(maker: Maker) -> None:
    with maker(max_body=None) as sender:
        assert len(exchange(sender, response("200 OK", bytes(2**20))).body) == 2**20


# Errors


def refusing_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


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


@each(ALL)
def test_refused(maker: Maker) -> None:
    with maker() as sender:
        error = failing(sender, f"http://127.0.0.1:{refusing_port()}", ConnectError)
    assert "refused" in str(error)


@each(ALL)
@pytest.mark.parametrize("host", ["no-such-host.invalid", f"{'a' * 64}.invalid", "a..invalid"])
def test_no_such_host(maker: Maker, host: str) -> None:
    with maker() as sender:
        failing(sender, f"http://{host}", ConnectError)


@each(ALL)
def test_an_untrusted_certificate(maker: Maker, tls: ssl.SSLContext) -> None:
    with RawServer(answer(OK), tls=tls) as server, maker() as sender:
        error = failing(sender, server.url, ConnectError)
    assert "certificate" in str(error).lower()
    assert not server.received


@pytest.mark.usefixtures("trusted")
@each(MADE)
def test_a_certificate_of_another_host(maker: Maker, authority: trustme.CA) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("other.test").configure_cert(context)
    with RawServer(answer(OK), tls=context) as server, maker() as sender:
        failing(sender, server.url, ConnectError)
    assert not server.received


@pytest.mark.usefixtures("trusted")
@each(MADE)
def test_a_trusted_certificate(maker: Maker, tls: ssl.SSLContext) -> None:
    with RawServer(answer(OK), tls=tls) as server, maker() as sender:
        answers = [get(sender, f"{server.url}/a%2e[]") for _ in range(3)]
    assert [got.status_code for got in answers] == [200] * 3
    assert [request_target(request) for request in server.received] == ["/a%2e[]"] * 3
    assert server.connections == 1


@each(MADE)
def test_a_server_that_does_not_speak_tls(maker: Maker) -> None:
    with RawServer(lambda connection: connection.send(OK)) as server, maker() as sender:
        failing(sender, server.url.replace("http", "https"), ConnectError)


@each(MADE)
def test_a_server_that_closes_in_the_handshake(maker: Maker) -> None:
    with RawServer(Connection.close) as server, maker() as sender:
        failing(sender, server.url.replace("http", "https"), ConnectError)


@each(MADE)
def test_a_handshake_that_stalls_is_a_connect_timeout(maker: Maker) -> None:
    with RawServer(Connection.wait_for_end) as server, maker() as sender:
        limits = Timeout(connect=0.2, read=5, total=10)
        error = failing(sender, server.url.replace("http", "https"), ConnectError, limits)
    assert "0.2 s" in str(error)


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


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a full queue refuses")
@each(ALL)
@pytest.mark.parametrize("limits", [Timeout(connect=0.2, read=5, total=10), Timeout(connect=5, read=5, total=0.2)])
def test_connect_timeout(maker: Maker, limits: Timeout) -> None:
    with deaf_port() as port, maker() as sender:
        failing(sender, f"http://127.0.0.1:{port}", ConnectError, limits)


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
    }
)


@each(ALL)
@pytest.mark.parametrize("script", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_exchange_is_a_protocol_error_and_is_not_repeated(maker: Maker, script: Script) -> None:
    with RawServer(script) as server, maker() as sender:
        failing(sender, server.url, ProtocolError)
    assert len(server.received) == 1


@each(EXACT)
@pytest.mark.parametrize("line", [b"garbage", b"X-A : b", b"X-\xe9: b", b": b", b"X-A: b\rc"])
def test_a_header_line_that_is_no_field_is_a_protocol_error(maker: Maker, line: bytes) -> None:
    with maker() as sender, pytest.raises(ProtocolError):
        exchange(sender, b"HTTP/1.1 200 OK\r\n%b\r\nContent-Length: 2\r\n\r\n{}" % line)


@each(ALL)
def test_a_reset_while_sending(maker: Maker) -> None:
    def script(connection: Connection) -> None:
        connection.pause(0.05)
        connection.reset()

    with RawServer(script) as server, maker() as sender, pytest.raises(TransportError) as caught:
        sender.send(HttpRequest("POST", server.url, {"Authorization": "x"}, bytes(2**24)), timeout=QUICK)
    check_error(caught.value, ProtocolError)


@each(ALL)
def test_an_answer_before_the_body_was_read_is_an_answer_or_a_protocol_error(maker: Maker) -> None:
    def script(connection: Connection) -> None:
        connection.send(response("413 Content Too Large", b"{}", "Connection: close"))
        connection.wait_for_end()

    with RawServer(script) as server, maker() as sender:
        got = sender.send(HttpRequest("POST", server.url, {}, bytes(2**20)), timeout=QUICK)
    assert got.status_code == 413


# Time limits

SHORT_READ = Timeout(connect=5, read=0.2, total=10)
SHORT_TOTAL = Timeout(connect=5, read=5, total=0.3)


@each(ALL)
@pytest.mark.parametrize("limits", [SHORT_READ, SHORT_TOTAL], ids=["read", "total"])
@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200", response("200 OK", b"abc", length=False)[:-1]])
def test_a_server_that_falls_silent(maker: Maker, limits: Timeout, begun: bytes) -> None:
    def script(connection: Connection) -> None:
        connection.request()
        connection.send(begun)
        connection.wait_for_end()

    with RawServer(script) as server, maker() as sender:
        error = failing(sender, server.url, TransportTimeout, limits)
    assert "0.2 s" in str(error) or "0.3 s" in str(error)
    assert len(server.received) == 1


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

    with RawServer(script) as server:
        error = failing(sender, server.url, TransportTimeout, SHORT_TOTAL)
    assert "total" in str(error)


@each(ALL)
@pytest.mark.parametrize("drip", DRIPS.values(), ids=DRIPS.keys())
def test_a_dripping_body_cannot_outlast_the_total(maker: Maker, drip: tuple[bytes, bytes]) -> None:
    with maker() as sender:
        drip_outlasts_total(sender, *drip)


@each(EXACT)
@pytest.mark.parametrize("drip", HEAD_DRIPS.values(), ids=HEAD_DRIPS.keys())
def test_a_dripping_head_cannot_outlast_the_total(maker: Maker, drip: tuple[bytes, bytes]) -> None:
    with maker() as sender:
        drip_outlasts_total(sender, *drip)


@each(MADE)
def test_a_dripping_coded_body_cannot_outlast_the_total(maker: Maker) -> None:
    data = gzip.compress(bytes(range(60)))
    head = response("200 OK", data, "Content-Encoding: gzip")[: -len(data)]
    with maker() as sender:
        drip_outlasts_total(sender, head, data)


@each(MADE)
@pytest.mark.parametrize("limits", [SHORT_READ, SHORT_TOTAL], ids=["read", "total"])
def test_a_server_that_does_not_read(maker: Maker, limits: Timeout) -> None:
    def script(connection: Connection) -> None:
        connection.pause(5)

    with RawServer(script) as server, maker() as sender, pytest.raises(TransportTimeout):
        sender.send(HttpRequest("POST", server.url, {}, bytes(2**24)), timeout=limits)


@each(MADE)
def test_a_slow_reader_is_no_timeout_while_it_reads(maker: Maker) -> None:
    def script(connection: Connection) -> None:
        for _ in range(7):
            connection.pause(0.15)
            connection.take(2**21)
        connection.request()
        connection.send(OK)

    with RawServer(script) as server, maker() as sender:
        limits = Timeout(connect=5, read=1, total=10)  # in all it takes longer than the limit on a single wait
        got = sender.send(HttpRequest("POST", server.url, {}, bytes(2**24)), timeout=limits)
    assert got.status_code == 200


@each(ALL)
def test_no_limits_at_all(maker: Maker) -> None:
    with RawServer(answer(OK)) as server, maker() as sender:
        assert get(sender, server.url, Timeout(connect=None, read=None, total=None)).status_code == 200


@each(MADE)
def test_a_host_is_tried_at_each_of_its_addresses(maker: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    look_up = socket.getaddrinfo

    def addresses(host: str, port: int, *rest: Any, **options: Any) -> Any:
        hosts = ["127.0.0.2", "127.0.0.1"] if host == "two.test" else [host]
        return [found for each_host in hosts for found in look_up(each_host, port, *rest, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", addresses)
    with RawServer(answer(OK)) as server, maker() as sender:
        assert get(sender, f"http://two.test:{server.port}/").status_code == 200


# Connections


@each(ALL)
def test_a_connection_is_kept_alive(maker: Maker) -> None:
    chunks = response("200 OK", chunked(b"{}"), "Transfer-Encoding: chunked", length=False)
    with RawServer(answer(chunks)) as server, maker() as sender:
        for method in ("GET", "POST", "DELETE", "GET"):
            sender.send(HttpRequest(method, server.url), timeout=QUICK)
    assert server.connections == 1


@each(ALL)
def test_a_connection_that_the_server_closed_is_replaced(maker: Maker) -> None:
    closed = threading.Event()

    def once(connection: Connection) -> None:
        connection.request()
        connection.send(OK)
        connection.close()
        closed.set()

    with RawServer(once) as server, maker() as sender:
        for _ in range(3):
            closed.clear()
            sender.send(HttpRequest("POST", server.url, {}, b"x"), timeout=QUICK)
            assert closed.wait(5)
    assert server.connections == len(server.received) == 3


@each(ALL)
def test_a_connection_that_the_server_closes_on_the_second_request_is_not_retried(maker: Maker) -> None:
    def script(connection: Connection) -> None:
        connection.request()
        connection.send(OK)
        connection.request()

    with RawServer(script) as server, maker() as sender:
        get(sender, server.url)
        failing(sender, server.url, ProtocolError)
    assert (server.connections, len(server.received)) == (1, 2)


@each(ALL)
@pytest.mark.parametrize("script", [BROKEN["short body"], BROKEN["bad chunk"]])
def test_a_broken_connection_is_not_used_again(maker: Maker, script: Script) -> None:
    with RawServer(in_turn([script, answer(OK)])) as server, maker() as sender:
        failing(sender, server.url, ProtocolError)
        assert get(sender, server.url).status_code == 200
    assert server.connections == 2


@each(ALL)
def test_a_connection_with_a_body_beyond_the_limit_is_not_used_again(maker: Maker) -> None:
    scripts = [answer(response("200 OK", bytes(2**20))), answer(OK)]
    with RawServer(in_turn(scripts)) as server, maker(max_body=100) as sender:
        with pytest.raises(ProtocolError):
            get(sender, server.url)
        assert get(sender, server.url).status_code == 200
    assert server.connections == 2


@each(ALL)
def test_cookies_are_not_invented(maker: Maker) -> None:
    with RawServer(answer(response("200 OK", b"", "Set-Cookie: a=b; Path=/"))) as server, maker() as sender:
        get(sender, server.url)
        sender.send(HttpRequest("GET", server.url, {"Cookie": "c=d"}), timeout=QUICK)
    assert values_of(server.received[0], "cookie") == []
    assert values_of(server.received[1], "cookie") == ["c=d"]


@each(MADE)
def test_cookies_are_not_kept(maker: Maker) -> None:
    with RawServer(answer(response("302 Found", b"", "Set-Cookie: a=b", "Location: /"))) as server, maker() as sender:
        for _ in range(2):
            get(sender, server.url)
    assert [values_of(request, "cookie") for request in server.received] == [[], []]


@each(ALL)
def test_netrc_is_not_read(maker: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("default login user password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with RawServer(answer(response("302 Found", b"", "Location: /b"))) as server, maker() as sender:
        get(sender, server.url, Authorization="Bearer t")
        get(sender, server.url)
    assert [values_of(request, "authorization") for request in server.received] == [["Bearer t"], []]


def echo(connection: Connection) -> None:
    while request := connection.request():
        connection.send(response("200 OK", request_target(request).encode()))


@each(ALL)
def test_threads_may_share_a_transport(maker: Maker) -> None:
    with RawServer(echo) as server, maker() as sender, ThreadPoolExecutor(32) as threads:
        targets = [f"/{n}" for n in range(320)]
        bodies = list(threads.map(lambda target: get(sender, server.url + target).body.decode(), targets))
    assert bodies == targets
    assert len(server.received) == 320


@each(MADE)
def test_threads_reuse_their_connections(maker: Maker) -> None:
    with RawServer(echo) as server, maker() as sender:
        with ThreadPoolExecutor(32) as threads:
            list(threads.map(lambda n: get(sender, f"{server.url}/{n}"), range(320)))
        assert server.connections <= 32


def idle_until_closed(ended: threading.Event) -> Script:
    def script(connection: Connection) -> None:
        answer(OK)(connection)
        ended.set()

    return script


@each(MADE)
def test_close_closes_what_the_transport_made(maker: Maker) -> None:
    ended = threading.Event()
    with RawServer(idle_until_closed(ended)) as server, maker() as sender:
        get(sender, server.url)
        assert not ended.is_set()
        sender.close()
        assert ended.wait(5)


@each(GIVEN)
def test_close_leaves_a_given_pool_as_it_is(maker: Maker) -> None:
    with RawServer(answer(OK)) as server, maker() as sender:
        get(sender, server.url)
        sender.close()
        get(sender, server.url)
        assert server.connections == 1


@each(MADE)
def test_what_the_transport_made_can_be_used_by_itself(maker: Maker) -> None:
    with RawServer(answer(OK)) as server, maker() as sender:
        native = sender.session.request("GET", f"{server.url}/a b")
        assert native.json() == {}
        assert get(sender, server.url).status_code == 200
    assert request_target(server.received[0]) == "/a%20b"
    assert server.connections == 1


# Proxies


def proxying(tls: ssl.SSLContext | None = None, refusal: bytes = b"") -> Script:
    """A proxy that is the origin, too."""

    def script(connection: Connection) -> None:
        while request := connection.request():
            if request.startswith(b"CONNECT") and refusal:
                connection.send(refusal)
            elif request.startswith(b"CONNECT") and tls:
                connection.send(b"HTTP/1.1 200 Connected\r\nX-Proxy: 1\r\n\r\n")
                connection.start_tls(tls)
            else:
                connection.send(OK)

    return script


@each(ALL)
def test_http_proxy_from_the_environment(maker: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    if maker is given_urllib3:
        return  # a given PoolManager goes where its owner says
    with RawServer(proxying()) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.replace("//", "//user:se%20cret@"))
        with maker() as sender:
            get(sender, "http://origin.test:81/a?b=(c)", accept="x/y", Authorization="Bearer t")
    [request] = proxy.received
    assert request.startswith(b"GET http://origin.test:81/a?b=(c) HTTP/1.1\r\n")
    assert values_of(request, "host") == ["origin.test:81"]
    assert values_of(request, "accept") == ["x/y"]
    assert values_of(request, "authorization") == ["Bearer t"]
    assert values_of(request, "proxy-authorization") == ["Basic dXNlcjpzZSBjcmV0"]


@each(MADE)
@pytest.mark.parametrize("target", TARGETS)
def test_a_proxy_is_given_the_target_byte_for_byte(maker: Maker, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(proxying()) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        with maker() as sender:
            get(sender, f"http://user:secret@origin.test{target}")
    assert request_target(proxy.received[0]) == f"http://origin.test{target}"


@pytest.mark.usefixtures("trusted")
@each(MADE)
def test_https_proxy_from_the_environment(maker: Maker, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(proxying(tls)) as proxy:
        monkeypatch.setenv("all_proxy", proxy.address)
        with maker() as sender:
            for _ in range(2):
                get(sender, "https://origin.test/a%2e[]", Authorization="Bearer t", Cookie="c=d")
    connect, *rest = proxy.received
    assert connect.startswith(b"CONNECT origin.test:443 HTTP/1.")
    assert b"Bearer" not in connect
    assert b"c=d" not in connect
    assert [request_target(request) for request in rest] == ["/a%2e[]"] * 2
    assert proxy.connections == 1


@each(MADE)
def test_no_proxy(maker: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{refusing_port()}")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with RawServer(answer(OK)) as server, maker() as sender:
        assert get(sender, server.url).status_code == 200


@each(MADE)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_refuses_connections(maker: Maker, scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", f"http://user:secret@127.0.0.1:{refusing_port()}")
    with maker() as sender:
        failing(sender, f"{scheme}://origin.test", ConnectError)


@each(MADE)
@pytest.mark.parametrize(
    "refusal", [b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", b"garbage\r\n\r\n"]
)
def test_a_proxy_that_opens_no_tunnel(maker: Maker, refusal: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(proxying(refusal=refusal)) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        with maker() as sender:
            failing(sender, "https://origin.test", ConnectError)


@each(MADE)
def test_a_proxy_that_drips_cannot_outlast_the_connect_limit(maker: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    def script(connection: Connection) -> None:
        connection.request()
        connection.drip(b"HTTP/1.1 200 Connected\r\n\r\n" + bytes(40), 0.03)

    with RawServer(script) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        with maker() as sender:
            error = failing(sender, "https://origin.test", ConnectError, Timeout(connect=0.3, read=5, total=10))
    assert "0.3 s" in str(error)


# Missing libraries


@pytest.mark.parametrize("library", ["urllib3", "requests"])
def test_a_missing_library_is_an_error_that_names_the_extra(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.delitem(sys.modules, f"restli_transports.{library}")
    with pytest.raises(ImportError, match=rf'pip install "restli-core\[{library}\]"'):
        importlib.import_module(f"restli_transports.{library}")
