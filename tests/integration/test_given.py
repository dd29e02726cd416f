"""Sessions, pools and clients of the user's own: what they are set to holds, and what a request says comes first."""

from __future__ import annotations

import gzip
import json
import logging
import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from restli_core import HttpRequest, InvalidCallError, ProtocolError
from restli_transports import AsyncRestliClient, RestliClient, Timeout
from restli_transports.testing.compliance.scripts import OK, after_request
from restli_transports.testing.compliance.senders import QUICK, Sender, failing, get, receive, sending
from restli_transports.testing.compliance.surroundings import authority, plain_environment, speaking_tls, trust
from restli_transports.testing.compliance.wire_view import request_target, values_of
from restli_transports.testing.scripted_server import Connection, ScriptedServer, answer, in_turn, response
from tests.support.libraries import optional_imports

with optional_imports():
    import httpx
    import httpx2
    import requests
    import urllib3
    from h2.config import H2Configuration
    from h2.connection import H2Connection
    from h2.events import RequestReceived
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection

    from restli_transports.h11 import H11AsyncTransport, H11Transport
    from restli_transports.httpx import HttpxAsyncTransport, HttpxTransport
    from restli_transports.requests import ExactAdapter, RequestsTransport
    from restli_transports.urllib3 import Urllib3Transport

pytestmark = pytest.mark.sockets

Opening = Callable[..., AbstractContextManager[Sender]]


def clear(transport: Any) -> None:
    transport.session.clear()


def close(transport: Any) -> None:
    transport.session.close()


async def aclose(transport: Any) -> None:
    await transport.session.aclose()


def given_httpx2(**options: Any) -> AbstractContextManager[Sender]:
    client: Any = httpx2.Client(**options)
    return sending(HttpxTransport(client), release=close)


GIVEN: dict[str, Opening] = {
    "urllib3": lambda **options: sending(Urllib3Transport(urllib3.PoolManager(**options)), release=clear),
    "requests": lambda: sending(RequestsTransport(requests.Session()), release=close),
    "httpx": lambda **options: sending(HttpxTransport(httpx.Client(**options)), release=close),
    "httpx2": given_httpx2,
    "httpx-async": lambda **options: sending(HttpxAsyncTransport(httpx.AsyncClient(**options)), release=aclose),
}
OWN: dict[str, Opening] = {
    "own-urllib3": lambda: sending(Urllib3Transport()),
    "own-requests": lambda: sending(RequestsTransport()),
    "own-httpx": lambda: sending(HttpxTransport()),
    "own-httpx-async": lambda: sending(HttpxAsyncTransport()),
}


def each(openings: dict[str, Opening]) -> pytest.MarkDecorator:
    """The test for each of these transports, as its argument `opening`."""
    return pytest.mark.parametrize("opening", openings.values(), ids=openings.keys())


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plain_environment(monkeypatch, tmp_path)


@each(GIVEN)
@pytest.mark.parametrize("target", ["/a/../b", "/a/.", "/a?b=|", "/a[0]", "/a?%c3%a9", "/a%2e"])
def test_a_target_arrives_as_it_is_or_is_refused(opening: Opening, target: str) -> None:
    with ScriptedServer(answer(OK)) as server, opening() as sender:
        try:
            get(sender, server.url + target)
        except InvalidCallError as error:
            assert error.argument == "url"
    assert [request_target(request) for request in server.received] in ([], [target])


@each(GIVEN)
@pytest.mark.parametrize("target", ["/a/../b", "/a/."])
def test_a_target_with_dot_segments_is_refused(opening: Opening, target: str) -> None:
    with ScriptedServer(answer(OK)) as server, opening() as sender, pytest.raises(InvalidCallError) as caught:
        get(sender, server.url + target)
    assert caught.value.argument == "url"
    assert not server.received


@each(GIVEN)
def test_what_the_core_writes_arrives(opening: Opening) -> None:
    targets = ["/a/(b:1,c:List(2,urn%3Ali%3Ax%3A1))?ids=List((d:%C3%A9%20%5B%5D,e:''))&f=~%2E", "/a!$&'()*+,;=:@?/?"]
    with ScriptedServer(answer(OK)) as server, opening() as sender:
        for target in targets:
            get(sender, server.url + target)
    assert [request_target(request) for request in server.received] == targets


@each(GIVEN)
def test_close_leaves_it_open(opening: Opening) -> None:
    with ScriptedServer(answer(OK)) as server, opening() as sender:
        get(sender, server.url)
        sender.close()
        get(sender, server.url)
        assert server.connections == 1


@each(GIVEN | OWN)
def test_its_headers_go_out_where_the_request_has_none(opening: Opening) -> None:
    with ScriptedServer(answer(OK)) as server, opening() as sender:
        sender.session.headers["X-Mine"] = "session"
        get(sender, server.url)
        get(sender, server.url, QUICK, **{"x-mine": "request"})
    assert [values_of(request, "x-mine") for request in server.received] == [["session"], ["request"]]


@each(GIVEN | OWN)
def test_the_librarys_own_response_can_be_read(opening: Opening) -> None:
    coded = response("200 OK", gzip.compress(b'{"a": 1}'), "Content-Encoding: gzip", "Location: /b")
    with opening() as sender:
        got = receive(sender, coded)
        empty = receive(sender, response("200 OK", b""))
        redirect = receive(sender, response("302 Found", b"moved", "Location: /b"))
    assert got.native.json() == {"a": 1}
    content = "data" if isinstance(got.native, urllib3.HTTPResponse) else "content"
    assert [getattr(one.native, content) for one in (got, empty, redirect)] == [b'{"a": 1}', b"", b"moved"]
    assert redirect.native.headers["Location"] == "/b"


@each(GIVEN | OWN)
@pytest.mark.parametrize("named", ["identity, " * 9 + "gzip", ", " * 9 + "gzip", "gzip, gzip", "identity, gzip"])
def test_the_librarys_own_response_can_be_read_whatever_its_codings_are_called(opening: Opening, named: str) -> None:
    body = gzip.compress(b"{}") if named != "gzip, gzip" else gzip.compress(gzip.compress(b"{}"))
    with opening() as sender:
        got = receive(sender, response("200 OK", body, f"Content-Encoding: {named}"))
    assert got.native.json() == {}
    assert got.native.headers["Content-Encoding"] == named


@each(GIVEN | OWN)
@pytest.mark.parametrize("location", ["mailto:a@example.com", "urn:li:share:1", "b: //[x", "http:x"])
def test_a_redirect_to_no_place_of_http_is_an_answer_or_a_protocol_error(opening: Opening, location: str) -> None:
    # httpx reads where it leads, though it does not go there.
    with opening() as sender:
        try:
            got = receive(sender, response("302 Found", b"moved", f"Location: {location}"))
        except ProtocolError:
            assert opening in [GIVEN[name] for name in ("httpx", "httpx2", "httpx-async")]
        else:
            assert (got.status_code, got.headers["Location"]) == (302, location)


def test_what_a_transport_made_can_be_used_by_itself() -> None:
    for transport in (Urllib3Transport(), RequestsTransport(), HttpxTransport()):
        with ScriptedServer(answer(OK)) as server, sending(transport) as sender:
            assert sender.session.request("GET", f"{server.url}/a b").json() == {}
            assert get(sender, server.url).status_code == 200
        assert request_target(server.received[0]) == "/a%20b"
        assert server.connections == 1


def speaking_http2(connection: Connection) -> None:
    """Answer each request with its own target."""
    http = H2Connection(H2Configuration(client_side=False))
    http.initiate_connection()
    connection.send(http.data_to_send())
    while data := connection.receive():
        for event in http.receive_data(data):
            if isinstance(event, RequestReceived):
                fields = dict(event.headers)
                http.send_headers(event.stream_id, [(":status", "200"), ("X-A", "1"), ("x-a", "2")])
                body = json.dumps({name.decode(): value.decode() for name, value in fields.items()})
                http.send_data(event.stream_id, body.encode(), end_stream=True)
        connection.send(http.data_to_send())


@each({name: GIVEN[name] for name in ("httpx", "httpx-async")})
def test_a_client_that_speaks_http2(opening: Opening, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    trust(authority(), monkeypatch, tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert("127.0.0.1").configure_cert(context)
    context.set_alpn_protocols(["h2"])
    with ScriptedServer(speaking_http2, tls=context) as server, opening(http2=True) as sender:
        answers = [get(sender, f"{server.url}/a/(b:1)?c=List(d)", Authorization="Bearer t") for _ in range(2)]
        assert server.connections == 1
    for got in answers:
        assert got.native.http_version == "HTTP/2"
        assert got.headers["X-A"] == "1, 2"
        received = json.loads(got.body)
        assert received[":path"] == "/a/(b:1)?c=List(d)"
        assert received["authorization"] == "Bearer t"


@each({name: GIVEN[name] for name in ("httpx", "httpx-async")})
def test_http2_writes_no_hidden_url(
    opening: Opening, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    trust(authority(), monkeypatch, tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert("127.0.0.1").configure_cert(context)
    context.set_alpn_protocols(["h2"])
    caplog.set_level(logging.DEBUG)
    with ScriptedServer(speaking_http2, tls=context) as server, opening(http2=True) as sender:
        for request in (HttpRequest("GET", f"{server.url}/a"), HttpRequest("GET", f"{server.url}/b").hiding_url()):
            assert sender.send(request, timeout=QUICK).status_code == 200
    # What begins otherwise may be the server's, which is in this process, too.
    paths = [text for text in caplog.messages if text.startswith("Adding b':path'")]
    assert len(paths) == 1
    assert "b'/a'" in paths[0]


# Each library's own ways


@pytest.mark.parametrize(
    ("kind", "session"),
    [
        (RequestsTransport, requests.Session()),
        (HttpxTransport, httpx.Client()),
        (HttpxAsyncTransport, httpx.AsyncClient()),
    ],
    ids=["requests", "httpx", "httpx-async"],
)
def test_params_are_refused(kind: Any, session: Any) -> None:
    transport = kind(session)
    session.params = {"a": "1"}
    with pytest.raises(InvalidCallError, match="params"):
        kind(session)
    with sending(transport) as sender, pytest.raises(InvalidCallError, match="params"):
        get(sender, "http://127.0.0.1:1/")


@each({name: GIVEN[name] for name in ("httpx", "httpx2", "httpx-async")})
def test_a_clients_auth_is_for_requests_without_authorization(opening: Opening) -> None:
    with ScriptedServer(answer(OK)) as server, opening(auth=("user", "password")) as sender:
        get(sender, server.url)
        get(sender, server.url, Authorization="Bearer t")
    assert [values_of(request, "authorization") for request in server.received] == [
        ["Basic dXNlcjpwYXNzd29yZA=="],
        ["Bearer t"],
    ]


@each({name: GIVEN[name] for name in ("requests", "httpx", "httpx-async")})
def test_its_own_cookies_are_kept(opening: Opening) -> None:
    with ScriptedServer(answer(response("200 OK", b"", "Set-Cookie: a=b; Path=/"))) as server, opening() as sender:
        for _ in range(2):
            get(sender, server.url)
    assert [values_of(request, "cookie") for request in server.received] == [[], ["a=b"]]


WRONG: list[tuple[Callable[[], Any], str]] = [
    (lambda: Urllib3Transport(requests.Session()), "pool: must be a PoolManager or HTTPConnectionPool of urllib3"),  # type: ignore[arg-type]
    (lambda: Urllib3Transport("x"), "pool"),  # type: ignore[arg-type]
    (lambda: RequestsTransport(httpx.Client()), "session: must be a Session of requests, not httpx"),  # type: ignore[arg-type]
    (lambda: RequestsTransport(requests.Session), "session"),  # type: ignore[arg-type]
    (lambda: HttpxTransport(httpx.AsyncClient()), "client: must be a Client of httpx"),  # type: ignore[arg-type]
    (lambda: HttpxAsyncTransport(httpx.Client()), "client: must be a AsyncClient of httpx"),  # type: ignore[arg-type]
    (lambda: HttpxTransport(max_body=-1), "max_body"),
    (lambda: Urllib3Transport(max_body="x"), "max_body"),  # type: ignore[arg-type]
    (lambda: RequestsTransport(max_body=True), "max_body"),
    (lambda: H11Transport(max_body=1.5), "max_body"),  # type: ignore[arg-type]
    (lambda: H11AsyncTransport(limit="a"), "limit"),  # type: ignore[arg-type]
    (lambda: RestliClient(requests.Session()), "transport: must be a transport, such as one of restli_transports"),  # type: ignore[arg-type]
    (lambda: RestliClient(H11Transport), "transport: must be a transport, not the class H11Transport"),  # type: ignore[arg-type]
    (lambda: RestliClient(H11AsyncTransport()), "transport: H11AsyncTransport is asynchronous"),  # type: ignore[arg-type]
    (lambda: AsyncRestliClient(H11Transport()), "transport: H11Transport blocks"),  # type: ignore[arg-type]
    (lambda: RestliClient(H11Transport()).send("/me"), "call: must be a call"),  # type: ignore[arg-type]
    (lambda: H11Transport().send("/me", timeout=QUICK), "request: must be an HttpRequest"),  # type: ignore[arg-type]
    (lambda: H11Transport().send(HttpRequest("GET", "http://h/"), timeout=5), "timeout: must be a Timeout"),  # type: ignore[arg-type]
    (lambda: Timeout(total=float("inf")), "timeout.total"),
    (lambda: Timeout(read=1e10), "timeout.read"),
    (lambda: Timeout(connect=True), "timeout.connect"),
]


@pytest.mark.parametrize(("mistake", "text"), WRONG, ids=[text for _, text in WRONG])
def test_what_is_not_what_it_should_be_is_an_invalid_call(mistake: Callable[[], Any], text: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        mistake()
    assert str(caught.value).startswith(text)


@pytest.mark.parametrize("size", [0, -1, True, "65536", 1.5, None], ids=repr)
@pytest.mark.parametrize("kind", [H11Transport, H11AsyncTransport])
def test_a_size_of_headers_that_is_none_is_an_invalid_call(kind: type[Any], size: Any) -> None:
    with pytest.raises(InvalidCallError, match="max_header_size: must be a number of bytes, at least 1"):
        kind(max_header_size=size)


# What a session would do by itself


def retrying_session() -> RequestsTransport:
    session = requests.Session()
    for prefix in ("http://", "https://"):
        session.mount(prefix, HTTPAdapter(max_retries=EAGER))
    return RequestsTransport(session)


EAGER = urllib3.Retry(
    5, connect=5, read=5, status=5, other=5, status_forcelist=[429, 503], allowed_methods=None, backoff_factor=0
)
RETRYING: dict[str, Opening] = {
    "own-urllib3": lambda: sending(Urllib3Transport(urllib3.PoolManager(retries=EAGER)), release=clear),
    "requests": lambda: sending(retrying_session(), release=close),
    "requests, with our adapter": lambda: sending(exact_session(), release=close),
    "own-httpx": lambda: sending(HttpxTransport(httpx.Client(transport=httpx.HTTPTransport(retries=5))), release=close),
    "own-httpx-async": lambda: sending(
        HttpxAsyncTransport(httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(retries=5))), release=aclose
    ),
}


def exact_session() -> RequestsTransport:
    session = requests.Session()
    session.mount("http://", ExactAdapter(max_retries=EAGER))
    return RequestsTransport(session)


@each(RETRYING)
@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nConte",
        b"garbage\r\n\r\n",
        response("503 No"),
        response("429 No", b"", "Retry-After: 0"),
    ],
    ids=["closed", "cut", "garbage", "503", "429"],
)
def test_its_retries_repeat_nothing(opening: Opening, method: str, data: bytes) -> None:
    with ScriptedServer(after_request(data)) as server, opening() as sender:
        try:
            got = sender.send(HttpRequest(method, server.url, {}, b"x" if method == "POST" else b""), timeout=QUICK)
        except ProtocolError:
            assert b"No" not in data
        else:
            assert got.status_code in {429, 503}
    assert len(server.received) == 1


def test_its_retries_work_outside_of_calls() -> None:
    session = retrying_session().session
    transport = RequestsTransport(session)
    with ScriptedServer(answer(OK)) as server, sending(transport, release=close) as sender:
        get(sender, server.url)
    unavailable = after_request(response("503 No"))
    with ScriptedServer(in_turn([unavailable, unavailable, answer(OK)])) as server, session:
        assert session.post(server.url).status_code == 200
        assert len(server.received) == 3


@pytest.mark.parametrize("name", ["urllib3", "requests"])
def test_outside_of_calls_its_answers_are_read_as_ever(name: str) -> None:
    loose = b"HTTP/1.1 200 OK\r\nno field\r\nContent-Length: 2\r\n\r\n{}"
    with ScriptedServer(after_request(loose)) as server, GIVEN[name]() as sender:
        with pytest.raises(ProtocolError):
            get(sender, server.url)
        session = sender.session
        got = session.request("GET", server.url)
        assert (got.status if name == "urllib3" else got.status_code) == 200


@pytest.mark.parametrize("name", ["urllib3", "requests"])
def test_what_it_had_open_before_is_not_used(name: str) -> None:
    cut = response("200 OK", b"{}")[:-4]
    answers = iter([OK, cut])

    def script(connection: Connection) -> None:
        while connection.request():
            data = next(answers)
            connection.send(data)
            if data == cut:
                return

    session = urllib3.PoolManager() if name == "urllib3" else requests.Session()
    with ScriptedServer(script) as server:
        session.request("GET", server.url)
        transport: Any = Urllib3Transport(session) if name == "urllib3" else RequestsTransport(session)  # type: ignore[arg-type]
        with sending(transport, release=clear if name == "urllib3" else close) as sender:
            failing(sender, server.url, ProtocolError)
        assert server.connections == 2


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_pool_of_one_host_is_read_strictly(scheme: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    trust(authority(), monkeypatch, tmp_path)
    tls = speaking_tls() if scheme == "https" else None
    kind = urllib3.HTTPSConnectionPool if tls else urllib3.HTTPConnectionPool
    with ScriptedServer(after_request(b"HTTP/1.1 200 OK\r\nX: a"), tls=tls) as server:
        with kind("127.0.0.1", server.port, retries=EAGER) as pool, sending(Urllib3Transport(pool)) as sender:
            failing(sender, server.url, ProtocolError)
        assert len(server.received) == 1


@each(GIVEN)
def test_a_body_that_ends_where_tls_is_cut(opening: Opening, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    trust(authority(), monkeypatch, tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))

    def script(connection: Connection) -> None:
        connection.request()
        connection.send(b"HTTP/1.1 200 OK\r\n\r\n{}")
        connection.end_tls()

    with opening() as sender:
        with ScriptedServer(script, tls=speaking_tls()) as server:
            assert get(sender, server.url).body == b"{}"
        with ScriptedServer(after_request(b"HTTP/1.1 200 OK\r\n\r\n{}"), tls=speaking_tls()) as server:
            failing(sender, server.url, ProtocolError)


def test_connections_of_a_class_of_its_own_stay_what_they_are() -> None:
    opened: list[object] = []

    class Mine(HTTPConnection):
        def connect(self) -> None:
            opened.append(self)
            super().connect()

    class Pool(urllib3.HTTPConnectionPool):
        ConnectionCls: Any = Mine

    manager: Any = urllib3.PoolManager()
    manager.pool_classes_by_scheme = {"http": Pool}
    with ScriptedServer(answer(OK)) as server, sending(Urllib3Transport(manager), release=clear) as sender:
        assert get(sender, server.url).body == b"{}"
    assert [type(one) for one in opened] == [Mine]


def test_a_proxy_of_a_session_is_read_strictly() -> None:
    session = requests.Session()
    cut = after_request(b"HTTP/1.1 200 OK\r\nContent-Le")
    with ScriptedServer(cut) as proxy, sending(RequestsTransport(session), release=close) as sender:
        session.proxies["http"] = proxy.url
        failing(sender, "http://a.test", ProtocolError)
        assert len(proxy.received) == 1
