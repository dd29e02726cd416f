"""Sessions, pools and clients of the user's own: what they are set to holds, and what a request says comes first."""

from __future__ import annotations

import gzip
import json
import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
import requests
import urllib3
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RequestReceived

from restli_core import HttpRequest, InvalidCallError
from restli_transports import AsyncRestliClient, RestliClient, Timeout
from restli_transports.h11 import H11AsyncTransport, H11Transport
from restli_transports.httpx import HttpxAsyncTransport, HttpxTransport
from restli_transports.requests import RequestsTransport
from restli_transports.testing.compliance.scripts import OK
from restli_transports.testing.compliance.senders import QUICK, Sender, get, receive, sending
from restli_transports.testing.compliance.surroundings import authority, plain_environment, trust
from restli_transports.testing.compliance.wire_view import request_target, values_of
from restli_transports.testing.scripted_server import Connection, ScriptedServer, answer, response
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
    "urllib3": lambda: sending(Urllib3Transport()),
    "requests": lambda: sending(RequestsTransport()),
    "httpx": lambda: sending(HttpxTransport()),
    "httpx-async": lambda: sending(HttpxAsyncTransport()),
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


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
@pytest.mark.parametrize("kind", [Urllib3Transport, RequestsTransport, HttpxTransport, HttpxAsyncTransport])
def test_certificates_that_are_not_there(kind: type[Any], name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "/no/such/thing")
    with pytest.raises(InvalidCallError, match=f"{name} in the environment: names nothing"):
        kind()
