"""Recorders and transports: what was recorded of a real server is replayed when that is gone, and holds no secret.

docs/testing.md has the table of the pairs. Those that are said to work there are tried here.
"""

from __future__ import annotations

import gzip
import json
import pickle
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import pytest

from restli_core import (
    Call,
    ConnectError,
    HttpRequest,
    HttpResponse,
    InvalidCallError,
    ServiceError,
    batch_get,
    batch_partial_update,
    create,
    delete,
    get,
)
from restli_core.oauth import Application
from restli_core.server import Created, Invocation, Refusal
from restli_transports import AsyncRestliClient, RestliClient, Timeout
from restli_transports.testing.authorization import AuthorizationServer
from restli_transports.testing.compliance.surroundings import authority, speaking_tls
from restli_transports.testing.recordings import redacted, vcr_settings
from restli_transports.testing.server import RestliServer
from tests.support.libraries import need, optional_imports
from tests.support.source_tree import ROOT

with optional_imports():
    import anyio
    import httpx
    import httpx2
    import requests
    import responses
    import responses._recorder
    import responses.matchers
    import respx
    import urllib3
    import vcr  # pyright: ignore[reportMissingTypeStubs]
    import vcr.errors  # pyright: ignore[reportMissingTypeStubs]

    from restli_transports.h11 import H11Transport
    from restli_transports.httpx import HttpxAsyncTransport, HttpxTransport
    from restli_transports.requests import ExactAdapter, RequestsTransport
    from restli_transports.urllib3 import Urllib3Transport

pytestmark = pytest.mark.sockets

TOKEN, CLIENT_SECRET = "AQX-a-token", "WPL-a-secret"


def exact_session() -> requests.Session:
    session = requests.Session()
    session.mount("http://", ExactAdapter())
    return session


TRANSPORTS: dict[str, Callable[[str], Any]] = {  # of the origin that they are to reach
    "urllib3": lambda _: Urllib3Transport(),
    "urllib3, a manager": lambda _: Urllib3Transport(urllib3.PoolManager()),
    "urllib3, a pool": lambda origin: Urllib3Transport(urllib3.connection_from_url(origin)),
    "requests": lambda _: RequestsTransport(),
    "requests, a session": lambda _: RequestsTransport(requests.Session()),
    "requests, an exact session": lambda _: RequestsTransport(exact_session()),
    "httpx": lambda _: HttpxTransport(),
    "httpx, a client": lambda _: HttpxTransport(httpx.Client()),
    "httpx2, a client": lambda _: HttpxTransport(httpx2.Client()),
    "httpx, async": lambda _: HttpxAsyncTransport(),
    "httpx, async, a client": lambda _: HttpxAsyncTransport(httpx.AsyncClient()),
    "httpx2, async, a client": lambda _: HttpxAsyncTransport(httpx2.AsyncClient()),
}


# -- the server, and what it is asked ----------------------------------------------------------------------------------


def get_thing(invocation: Invocation) -> Any:
    key = invocation.key
    if key == 2:
        body = gzip.compress(b'{"id": 2, "text": "' + "é".encode() * 1000 + b'"}')
        return HttpResponse(200, {"Content-Encoding": "gzip", "Content-Type": "application/json"}, body)
    if key == 3:
        fields = [("Content-Type", "application/json"), ("X-Twice", "a"), ("X-Twice", "b")]
        return HttpResponse(200, fields, b'{"id": 3}')
    if key == 4:
        raise Refusal(403, "Not yours", code="ACCESS_DENIED")
    return {"id": key} if key < 100 else None


@contextmanager
def running_server() -> Generator[RestliServer]:
    authorization = AuthorizationServer()
    authorization.app("app", CLIENT_SECRET)
    with RestliServer(authorization=authorization) as server:
        server.on("/things/{id:long}", "get", get_thing)
        server.on("/things/{id:long}", "create", lambda _: Created(7))
        server.on("/things/{id:long}", "delete", lambda _: None)
        server.on("/things/{id:long}", "partial_update", lambda _: None)
        yield server


def conversation(base_url: str) -> list[Call[Any]]:
    """Return calls of every kind: GET, create, tunnelled ones, errors, empty bodies, gzip, repeated headers, OAuth."""
    options: Any = {"base_url": base_url, "access_token": TOKEN}
    application = Application("app", CLIENT_SECRET, base_url=f"{base_url}/oauth/v2")
    thing = partial(get, "/things/{id}", **options)
    return [
        *(thing(path_keys={"id": key}) for key in (1, 2, 3, 4, 100)),
        create("/things", {"name": "Summer"}, **options),
        batch_get("/things", [1, 5], tunnel_above=0, **options),  # a form
        batch_get("/things", [6, 7], tunnel_above=0, **options),  # of the same URL
        batch_partial_update("/things", [1], [{"x": 1}], tunnel_above=0, **options),  # in parts
        delete("/things/{id}", path_keys={"id": 1}, **options),
        application.get_two_legged_access_token(),
    ]


class Answered(NamedTuple):
    """What a call was answered with, without what is about its way."""

    status: int
    fields: tuple[tuple[str, str], ...]
    body: bytes


def answered(response: HttpResponse) -> Answered:
    about_the_way = {"date", "content-length", "content-encoding", "transfer-encoding", "connection", "server"}
    fields = ((name.lower(), value) for name, value in response.headers.raw)
    kept = tuple(sorted(field for field in fields if field[0] not in about_the_way))
    return Answered(response.status_code, kept, redacted(response.body))


def joined(answers: list[Answered]) -> list[Answered]:
    """Return answers as responses keeps them: repeated fields in one; it makes up a type for what has none."""
    found = []
    for status, fields, body in answers:
        merged = {name: ", ".join(value for other, value in fields if other == name) for name, _ in fields}
        if merged.get("content-type") == "text/plain":
            del merged["content-type"]
        found.append(Answered(status, tuple(merged.items()), body))
    return found


class Conversation:
    """Sends the calls over a transport, and keeps what came back.

    Attributes:
        answers: the answers.
        tokens: the access tokens in them.
    """

    def __init__(self, transport: Any, base_url: str) -> None:
        self.answers: list[Answered] = []
        self.tokens: set[str] = set()
        self._calls = conversation(base_url)
        if isinstance(transport, HttpxAsyncTransport):
            anyio.run(self._run_async, transport)
        else:
            self._run(transport)

    def _run(self, transport: Any) -> None:
        client = RestliClient(transport)
        for call in self._calls:
            try:
                self._keep(client.send(call).response)
            except ServiceError as error:
                self._keep(error.response)

    async def _run_async(self, transport: HttpxAsyncTransport) -> None:
        client = AsyncRestliClient(transport)
        for call in self._calls:
            try:
                self._keep((await client.send(call)).response)
            except ServiceError as error:
                self._keep(error.response)
        await client.close()
        await transport.session.aclose()

    def _keep(self, response: HttpResponse) -> None:
        self.answers.append(answered(response))
        if b"access_token" in response.body:
            self.tokens.add(json.loads(response.body)["access_token"])


def on_the_wire(server: RestliServer) -> list[tuple[str, str, bytes]]:
    return [
        (received.request.method, received.request.url, received.request.body)
        for received in server.received
        if received.request is not None
    ]


# -- recorders ---------------------------------------------------------------------------------------------------------

Recorder = Callable[[Path], AbstractContextManager[Any]]


def by_vcrpy(path: Path, mode: str) -> AbstractContextManager[Any]:
    cassette: AbstractContextManager[Any] = vcr.VCR(**vcr_settings()).use_cassette(str(path), record_mode=mode)
    return cassette


@contextmanager
def recorded_by_responses(path: Path) -> Generator[None]:
    recorder = responses._recorder.Recorder()
    with recorder:
        yield
        registered: list[Any] = recorder.get_registry().registered
        for answer in registered:
            answer.body = redacted(answer.body)
        recorder.dump_to_file(path)


@contextmanager
def replayed_by_responses(path: Path) -> Generator[None]:
    with responses.RequestsMock(assert_all_requests_are_fired=True) as mock:
        mock._add_from_file(path)  # pyright: ignore[reportPrivateUsage] # the name that its documentation has
        yield


RECORDERS: dict[str, tuple[Recorder, Recorder]] = {
    "vcrpy": (partial(by_vcrpy, mode="once"), partial(by_vcrpy, mode="none")),
    "responses": (recorded_by_responses, replayed_by_responses),
}
PAIRS = [
    *(("vcrpy", transport) for transport in TRANSPORTS),
    *(("responses", transport) for transport in TRANSPORTS if transport.startswith("requests")),
]


@pytest.fixture(scope="module")
def unrecorded() -> tuple[list[Answered], list[tuple[str, str, bytes]]]:
    """What is answered, and what is on the wire, where nobody records."""
    with running_server() as server, RestliClient(H11Transport()) as client:
        return Conversation(client.transport, server.base_url).answers, on_the_wire(server)


@pytest.mark.parametrize(("recorder", "kind"), PAIRS, ids=[", ".join(pair) for pair in PAIRS])
def test_what_was_recorded_is_replayed(
    recorder: str, kind: str, tmp_path: Path, unrecorded: tuple[list[Answered], list[tuple[str, str, bytes]]]
) -> None:
    record, replay = RECORDERS[recorder]
    path = tmp_path / "recording.yaml"
    expected, wire = unrecorded
    as_compared = joined if recorder == "responses" else list
    with running_server() as server:
        origin = server.base_url
        transport = TRANSPORTS[kind](origin)
        with record(path):
            recorded = Conversation(transport, origin)
            assert as_compared(recorded.answers) == as_compared(expected)
        assert on_the_wire(server) == wire  # the recorder has changed nothing of it
        assert {received.connection for received in server.received} == {1}
        # After it the server is reached again, over the same transport where that has no event loop of its own.
        transport = TRANSPORTS[kind](origin) if "async" in kind else transport
        assert Conversation(transport, origin).answers == expected
        assert len(server.received) == 2 * len(wire)
        close(transport)

    text = path.read_text(encoding="utf-8")
    assert text.count("/things") >= 10
    assert "REDACTED" in text
    for secret in (TOKEN, CLIENT_SECRET, *recorded.tokens):
        assert secret not in text

    transport = TRANSPORTS[kind](origin)
    with replay(path):
        replayed = Conversation(transport, origin)
        assert as_compared(replayed.answers) == as_compared(expected)
    assert replayed.tokens == {"REDACTED"} != recorded.tokens
    transport = TRANSPORTS[kind](origin) if "async" in kind else transport
    with pytest.raises(ConnectError):
        Conversation(transport, origin)
    close(transport)


@pytest.mark.parametrize("kind", ["urllib3", "requests", "httpx"])
def test_what_came_over_tls_is_replayed(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    path = tmp_path / "recording.yaml"
    with RestliServer(ssl_context=speaking_tls()) as server:
        server.simple("/me", {"name": "Ada"})
        with by_vcrpy(path, "once"), RestliClient(TRANSPORTS[kind](""), base_url=server.base_url) as client:
            assert [client.get("/me").entity for _ in range(2)] == [{"name": "Ada"}] * 2
        base_url = server.base_url
        assert len(server.received) == 2
    monkeypatch.delenv("SSL_CERT_FILE")
    with by_vcrpy(path, "none"), RestliClient(TRANSPORTS[kind](""), base_url=base_url) as client:
        assert [client.get("/me").entity for _ in range(2)] == [{"name": "Ada"}] * 2


# Mocks record nothing; they are given what a real server answered.


def as_sent(answer: Answered) -> dict[str, Any]:
    """Return status, fields and body of an answer as the server sent them."""
    fields, body = [*answer.fields], answer.body
    if b"\xc3\xa9" in body:
        fields.append(("content-encoding", "gzip"))
        body = gzip.compress(body)
    return {"status_code": answer.status, "headers": fields, "content": body}


def planned(answers: list[Answered]) -> list[tuple[HttpRequest, dict[str, Any]]]:
    return [(call.request, as_sent(answer)) for call, answer in zip(conversation(ORIGIN), answers, strict=True)]


ORIGIN = "http://127.0.0.1:9"  # where nobody listens


@pytest.mark.parametrize("kind", [kind for kind in TRANSPORTS if kind.startswith("httpx, ") or kind == "httpx"])
def test_respx_gives_what_a_server_answered(
    kind: str, unrecorded: tuple[list[Answered], list[tuple[str, str, bytes]]]
) -> None:
    expected, _ = unrecorded
    by_route: dict[tuple[str, str, bytes], list[httpx.Response]] = {}
    for request, answer in planned(expected):
        by_route.setdefault((request.method, request.url, request.body), []).append(httpx.Response(**answer))
    transport = TRANSPORTS[kind](ORIGIN)
    with respx.mock() as router:  # which fails if one of them is not asked for
        for (method, url, body), answers in by_route.items():
            router.route(method=method, url=url, content=body).mock(side_effect=answers)
        assert Conversation(transport, ORIGIN).answers == expected
    close(transport)


@pytest.mark.parametrize("kind", [kind for kind in TRANSPORTS if kind.startswith("requests")])
def test_responses_gives_what_a_server_answered(
    kind: str, unrecorded: tuple[list[Answered], list[tuple[str, str, bytes]]]
) -> None:
    expected, _ = unrecorded
    transport = TRANSPORTS[kind](ORIGIN)
    with responses.RequestsMock() as mock:
        for request, answer in planned(joined(expected)):
            matchers = []
            if request.headers.get("Content-Type") == "application/x-www-form-urlencoded":
                form = dict(parse_qsl(request.body.decode()))
                matchers = [responses.matchers.urlencoded_params_matcher(form)]
            headers = dict(answer["headers"])
            options: Any = {"content_type": headers.pop("content-type")} if "content-type" in headers else {}
            options |= {"status": answer["status_code"], "headers": headers, "body": answer["content"]}
            mock.add(request.method, request.url, match=matchers, **options)
        assert joined(Conversation(transport, ORIGIN).answers) == joined(expected)
    close(transport)


PYTEST_HTTPX = """
import pickle
import pytest
from restli_transports.testing.recordings import redacted
from tests.integration import test_recorders as own

with open({path!r}, "rb") as file:
    expected = [own.Answered(*answer) for answer in pickle.load(file)]

@pytest.mark.parametrize("kind", ["httpx", "httpx, a client", "httpx, async", "httpx, async, a client"])
def test(kind, httpx_mock):
    for request, answer in own.planned(expected):
        httpx_mock.add_response(
            method=request.method, url=request.url, match_content=request.body or None, **answer
        )
    transport = own.TRANSPORTS[kind](own.ORIGIN)
    assert own.Conversation(transport, own.ORIGIN).answers == expected
    own.close(transport)
"""


def test_pytest_httpx_gives_what_a_server_answered(
    unrecorded: tuple[list[Answered], list[tuple[str, str, bytes]]], pytester: pytest.Pytester
) -> None:
    need("pytest_httpx")
    path = pytester.path / "answers"
    path.write_bytes(pickle.dumps([tuple(answer) for answer in unrecorded[0]]))
    pytester.makepyfile(PYTEST_HTTPX.format(path=str(path)))
    result = pytester.runpytest_inprocess(*INSIDE)
    result.assert_outcomes(passed=4)


# Run inside a test of ours: none of the plugins that take part in all tests, but the one in question.
INSIDE = (
    "-W",
    "error",
    "-W",
    "ignore:Module already imported:pytest.PytestAssertRewriteWarning",
    *(f"-pno:{name}" for name in ("cacheprovider", "cov", "xdist", "asyncio")),
)

PYTEST_RECORDING = """
import anyio
import pytest
from restli_transports import AsyncRestliClient, RestliClient
from restli_transports.testing.recordings import vcr_settings

@pytest.fixture(scope="module")
def vcr_config():
    return vcr_settings()

OPTIONS = {{"base_url": {url!r}, "access_token": "AQX-a-token"}}

@pytest.mark.vcr
def test_blocking():
    with RestliClient(**OPTIONS) as client:
        assert client.get("/things/{{id}}", path_keys={{"id": 1}}).entity == {{"id": 1}}
        assert len(client.batch_get("/things", [1, 5], tunnel_above=0).rows) == 2

@pytest.mark.vcr
def test_awaited():
    async def main():
        async with AsyncRestliClient(**OPTIONS) as client:
            assert (await client.get("/things/{{id}}", path_keys={{"id": 1}})).entity == {{"id": 1}}

    anyio.run(main)
"""


def test_pytest_recording_records_and_replays(pytester: pytest.Pytester) -> None:
    need("pytest_recording", "vcr")
    with running_server() as server:
        pytester.makepyfile(PYTEST_RECORDING.format(url=server.base_url))
        pytester.runpytest_inprocess(*INSIDE, "--record-mode=once").assert_outcomes(passed=2)
        assert len(server.received) == 3
    pytester.runpytest_inprocess(*INSIDE, "--block-network").assert_outcomes(passed=2)
    cassettes = [path.read_text(encoding="utf-8") for path in pytester.path.glob("cassettes/*/*.yaml")]
    assert len(cassettes) == 2
    assert not any(TOKEN in cassette for cassette in cassettes)


# -- what goes wrong ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", TRANSPORTS)
def test_a_call_that_was_not_recorded_is_the_recorders_own_error(kind: str, tmp_path: Path) -> None:
    origin = "http://127.0.0.1:9"
    transport = TRANSPORTS[kind](origin)
    with by_vcrpy(tmp_path / "none.yaml", "none"), pytest.raises(vcr.errors.CannotOverwriteExistingCassetteException):
        Conversation(transport, origin)
    close(transport)


@pytest.mark.parametrize("kind", ["urllib3", "requests"])
def test_a_target_that_a_recorder_would_change_is_refused(kind: str, tmp_path: Path) -> None:
    transport = TRANSPORTS[kind]("")
    request = HttpRequest("GET", "http://127.0.0.1:9/a/../b", {})
    with by_vcrpy(tmp_path / "none.yaml", "none"), pytest.raises(InvalidCallError, match="urllib3 would change"):
        transport.send(request, timeout=Timeout())
    close(transport)


def test_a_transport_may_be_imported_while_a_recorder_is_at_work(tmp_path: Path) -> None:
    need("vcr", "urllib3", "requests", "httpx")
    # As in a test whose client is made inside the cassette; the classes of connections are made of urllib3's own then.
    program = f"""
import sys
sys.path[:0] = {[str(ROOT), str(ROOT / "transports")]}
import vcr
from restli_core import ConnectError
from restli_transports import RestliClient
path = {str(tmp_path / "recording.yaml")!r}
with vcr.use_cassette(path, record_mode="none"):
    client = RestliClient(base_url="http://127.0.0.1:9")
    try:
        client.get("/me")
    except vcr.errors.CannotOverwriteExistingCassetteException:
        print("refused")
try:
    client.get("/me")
except ConnectError:
    print("not there")
"""
    done = subprocess.run([sys.executable, "-I", "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.split("\n") == ["refused", "not there", ""]


@pytest.mark.parametrize("make", [H11Transport])
def test_h11_is_not_recorded(make: Callable[[], Any], tmp_path: Path) -> None:
    path = tmp_path / "recording.yaml"
    with running_server() as server, RestliClient(make()) as client, by_vcrpy(path, "once"):
        Conversation(client.transport, server.base_url)
    assert not path.exists()


def close(transport: Any) -> None:
    if isinstance(transport, HttpxAsyncTransport):
        return
    transport.close()
    session: Any = transport.session
    session.clear() if isinstance(session, urllib3.PoolManager) else session.close()
