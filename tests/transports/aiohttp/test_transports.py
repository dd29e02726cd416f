"""The transport over aiohttp: what only it promises, and what a given session may have."""

from __future__ import annotations

import asyncio
import gc
import pickle
import ssl
import threading
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import aiohttp
import anyio
import pytest
from aiohttp.payload import Payload
from yarl import URL

from restli_core import ConnectError, HttpRequest, HttpResponse, InvalidCallError, ProtocolError, TransportTimeout
from restli_transports import AsyncRestliClient, Timeout
from restli_transports.aiohttp import AiohttpTransport
from restli_transports.testing.compliance.scripts import OK, echo
from restli_transports.testing.compliance.senders import QUICK
from restli_transports.testing.compliance.surroundings import authority, plain_environment, refusing_port, speaking_tls
from restli_transports.testing.compliance.wire_view import request_target, values_of
from restli_transports.testing.scripted_server import Connection, ScriptedServer, answer, in_turn, response

pytestmark = pytest.mark.sockets


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plain_environment(monkeypatch, tmp_path)


def run(function: Callable[[], Awaitable[Any]]) -> None:
    """Run it in an event loop of its own; what is left open then is an error."""
    anyio.run(function)
    gc.collect()


async def get(
    transport: AiohttpTransport, url: str, timeout: Timeout = QUICK, headers: Mapping[str, str] = MappingProxyType({})
) -> HttpResponse:
    return await transport.send(HttpRequest("GET", url, headers), timeout=timeout)


def silent(connection: Connection) -> None:
    connection.request()
    connection.wait_for_end()


# Sessions of its own


def test_trio_is_an_invalid_call() -> None:
    async def main() -> None:
        transport = AiohttpTransport()
        with pytest.raises(InvalidCallError, match=r"asyncio alone.*H11AsyncTransport"):
            await get(transport, "http://127.0.0.1:1/")
        await transport.close()

    anyio.run(main, backend="trio")


def test_event_loops_one_after_another_and_side_by_side() -> None:
    transport = AiohttpTransport()
    bodies: list[bytes] = []

    async def main() -> None:
        bodies.extend([(await get(transport, f"{server.url}/{number}")).body for number in range(5)])
        await transport.close()
        await transport.close()

    with ScriptedServer(echo) as server:
        for _ in range(2):
            run(main)
        threads = [threading.Thread(target=run, args=[main]) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(bodies) == sorted(b'{"target": "/%d"}' % number for number in range(5) for _ in range(5))
    assert server.connections == 5


def test_what_is_open_is_closed_with_its_loop() -> None:
    transport = AiohttpTransport()
    ended = threading.Event()

    async def main() -> None:
        await get(transport, server.url)

    def script(connection: Connection) -> None:
        connection.request()
        connection.send(OK)
        connection.wait_for_end()
        ended.set()

    with ScriptedServer(script) as server:
        run(main)
        assert ended.wait(30)


@pytest.mark.filterwarnings("ignore:unclosed transport:ResourceWarning")  # asyncio's, of a loop that nobody ended
def test_what_is_open_is_closed_after_a_loop_that_nobody_ended() -> None:
    transport = AiohttpTransport()
    ended = threading.Event()

    def script(connection: Connection) -> None:
        connection.request()
        connection.send(OK)
        connection.wait_for_end()
        ended.set()

    with ScriptedServer(in_turn([script, answer(OK)])) as server:
        loop = asyncio.new_event_loop()
        loop.run_until_complete(get(transport, server.url))
        loop.close()

        async def main() -> None:
            await get(transport, server.url)
            await transport.close()

        run(main)
        assert ended.wait(30)


def test_a_wait_for_a_connection_counts_towards_the_total() -> None:
    arrived = threading.Event()

    def script(connection: Connection) -> None:
        connection.request()
        arrived.set()
        connection.wait_for_end()

    async def main() -> None:
        transport = AiohttpTransport(limit=1)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(get, transport, server.url)
            assert await anyio.to_thread.run_sync(arrived.wait, 30)
            with pytest.raises(ConnectError, match=r"total limit passed: 0\.1 s"):
                await get(transport, server.url, Timeout(connect=0.01, read=5, total=0.1))
            tasks.cancel_scope.cancel()
        await transport.close()

    with ScriptedServer(script) as server:
        run(main)
    assert server.connections == 1


@pytest.mark.parametrize(
    ("options", "argument"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": True}, "limit"),
        ({"limit": "a"}, "limit"),
        ({"max_body": -1}, "max_body"),
        ({"keepalive_seconds": -1}, "keepalive_seconds"),
        ({"session": "x"}, "session"),
        ({"session": aiohttp.ClientSession}, "session"),
    ],
)
def test_a_setting_that_is_none_is_an_invalid_call(options: dict[str, Any], argument: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        AiohttpTransport(**options)
    assert caught.value.argument == argument


def test_it_is_not_pickled() -> None:
    with pytest.raises(TypeError, match="cannot pickle a AiohttpTransport"):
        pickle.dumps(AiohttpTransport())


# Given sessions


def given(script: Any, check: Callable[[AiohttpTransport, ScriptedServer], Awaitable[None]], **options: Any) -> None:
    """Check a transport over a session with these options, against a server."""

    async def main() -> None:
        async with aiohttp.ClientSession(**options) as session:
            await check(AiohttpTransport(session), server)

    with ScriptedServer(script) as server:
        run(main)


def test_its_headers_go_out_where_the_request_has_none() -> None:
    async def check(transport: AiohttpTransport, server: ScriptedServer) -> None:
        await get(transport, server.url)
        await get(transport, server.url, headers={"x-mine": "request", "AUTHORIZATION": "Bearer t", "host": "h.test"})
        assert [values_of(one, "x-mine") for one in server.received] == [["session"], ["request"]]
        assert [values_of(one, "authorization") for one in server.received] == [["Basic x"], ["Bearer t"]]
        assert values_of(server.received[1], "host") == ["h.test"]
        assert values_of(server.received[0], "user-agent") == []

    given(answer(OK), check, headers={"X-Mine": "session", "Authorization": "Basic x"})


def test_its_own_cookies_are_kept_and_no_status_raises() -> None:
    async def main() -> None:
        jar = aiohttp.CookieJar(unsafe=True)  # which keeps those of addresses, too
        async with aiohttp.ClientSession(cookie_jar=jar, raise_for_status=True) as session:
            for _ in range(2):
                got = await get(AiohttpTransport(session), server.url)
                assert (got.status_code, got.headers["Location"]) == (404, "/b")

    with ScriptedServer(answer(response("404 No", b"", "Set-Cookie: a=b; Path=/", "Location: /b"))) as server:
        run(main)
    assert [values_of(request, "cookie") for request in server.received] == [[], ["a=b"]]


@pytest.mark.parametrize("status", [301, 303, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    async def check(transport: AiohttpTransport, server: ScriptedServer) -> None:
        assert (await get(transport, server.url)).status_code == status
        assert len(server.received) == 1

    given(answer(response(f"{status} Elsewhere", b"", "Location: /b")), check)


@pytest.fixture
def netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "netrc"
    file.write_text("machine 127.0.0.1 login user password secret\n")
    file.chmod(0o600)
    monkeypatch.setenv("NETRC", str(file))


@pytest.mark.usefixtures("netrc")
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer t"}])
def test_netrc_is_not_read(headers: dict[str, str]) -> None:
    async def check(transport: AiohttpTransport, server: ScriptedServer) -> None:
        await get(transport, server.url, headers=headers)
        assert values_of(server.received[0], "authorization") == list(headers.values())

    given(answer(OK), check, trust_env=True)


def test_its_proxies_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async def check(transport: AiohttpTransport, server: ScriptedServer) -> None:
        await get(transport, "http://origin.test/a/../b?c=[d]", headers={"Authorization": "Bearer t"})
        assert request_target(server.received[0]) == "http://origin.test/a/../b?c=[d]"
        monkeypatch.setenv("http_proxy", server.url.replace("//", "//user:password@"))
        async with aiohttp.ClientSession(trust_env=True) as session:
            await get(AiohttpTransport(session), "http://origin.test/e")
        assert values_of(server.received[1], "proxy-authorization") == ["Basic dXNlcjpwYXNzd29yZA=="]

    async def main() -> None:
        async with aiohttp.ClientSession(proxy=server.url) as session:
            await check(AiohttpTransport(session), server)

    with ScriptedServer(answer(OK)) as server:
        run(main)


def test_what_uses_it_beside_the_transport_shares_its_connections() -> None:
    async def check(transport: AiohttpTransport, server: ScriptedServer) -> None:
        assert transport.session is not None
        for _ in range(2):
            assert (await get(transport, server.url)).body == b"{}"
            async with transport.session.get(server.url) as found:
                assert await found.read() == b"{}"
        assert server.connections == 1
        await transport.close()
        assert not transport.session.closed

    given(answer(OK), check)


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_a_connection_that_the_session_has_used_and_the_server_has_closed_is_not_used(tls: bool) -> None:
    """The event loop, which is busy meanwhile, has not heard of it."""
    ended = threading.Event()

    def script(connection: Connection) -> None:
        connection.request()
        connection.send(OK)
        asked.wait(30)
        connection.end_tls()
        ended.set()

    async def main() -> None:
        context = ssl.create_default_context()
        authority().configure_trust(context)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
            async with session.get(server.url) as found:
                await found.read()
            asked.set()
            assert ended.wait(30)
            sent = HttpRequest("POST", server.url, {}, b"{}")
            assert (await AiohttpTransport(session).send(sent, timeout=QUICK)).status_code == 200

    asked = threading.Event()
    with ScriptedServer(script, tls=speaking_tls() if tls else None) as server:
        run(main)
    assert server.connections == 2


def test_the_librarys_own_response_is_had() -> None:
    async def check(transport: AiohttpTransport, server: ScriptedServer) -> None:
        got = await get(transport, f"{server.url}/a%2e?b=(c)")
        native = got.native
        assert isinstance(native, aiohttp.ClientResponse)
        assert (native.status, native.reason, native.version) == (200, "Fine", aiohttp.HttpVersion(1, 1))
        assert await native.json() == await native.json(content_type=None) == {}
        assert (await native.read(), await native.text(), native.headers["x-a"]) == (b"{}", "{}", "b")
        assert (native.cookies["c"].value, native.raw_headers[0]) == ("d", (b"Content-Type", b"application/json"))
        assert native.url == URL(f"{server.url}/a%2e?b=(c)", encoded=True)
        assert (native.method, native.ok, native.closed) == ("GET", True, True)
        native.raise_for_status()
        assert "200 Fine" in repr(native)

    fields = ("Content-Type: application/json", "X-A: b", "Set-Cookie: c=d")
    given(answer(response("200 Fine", b"{}", *fields)), check)


class Signing:
    """A middleware that signs, for which it has to see the body."""

    async def __call__(self, request: aiohttp.ClientRequest, handler: Any) -> aiohttp.ClientResponse:
        body = await request.body.as_bytes() if isinstance(request.body, Payload) else b""
        request.headers["X-Signature"] = f"{len(body)}"
        found: aiohttp.ClientResponse = await handler(request)
        return found


def test_its_middlewares_are_used() -> None:
    async def check(transport: AiohttpTransport, server: ScriptedServer) -> None:
        for body in (b"", b"{}", bytes(2**21)):
            await transport.send(HttpRequest("POST", server.url, {"A": "b"}, body), timeout=QUICK)
        assert [values_of(one, "x-signature") for one in server.received] == [["0"], ["2"], [f"{2**21}"]]
        assert [one.partition(b"\r\n\r\n")[2] for one in server.received] == [b"", b"{}", bytes(2**21)]

    given(answer(OK), check, middlewares=[Signing()])


def test_a_challenge_is_answered_by_a_middleware_of_its() -> None:
    challenge = response("401 No", b"", 'WWW-Authenticate: Digest realm="r", nonce="n", algorithm=MD5, qop="auth"')

    def script(connection: Connection) -> None:
        while request := connection.request():
            connection.send(OK if b"authorization: digest" in request.lower() else challenge)

    async def check(transport: AiohttpTransport, server: ScriptedServer) -> None:
        assert (await get(transport, server.url)).status_code == 200
        assert len(server.received) == 2

    given(script, check, middlewares=[aiohttp.DigestAuthMiddleware("user", "password")])


@pytest.mark.parametrize("change", [{"url": URL("http://127.0.0.1:1/b")}, {"method": "POST"}])
def test_a_middleware_that_changes_the_call_is_refused(change: dict[str, Any]) -> None:
    async def changing(request: aiohttp.ClientRequest, handler: Any) -> Any:
        vars(request).update(change)
        return await handler(request)

    async def check(transport: AiohttpTransport, server: ScriptedServer) -> None:
        with pytest.raises(InvalidCallError, match="middleware"):
            await get(transport, server.url)
        assert not server.received

    given(answer(OK), check, middlewares=[changing])


def test_a_middleware_may_answer_by_itself() -> None:
    kept: list[aiohttp.ClientResponse] = []

    async def keeping(request: aiohttp.ClientRequest, handler: Any) -> Any:
        if not kept:
            kept.append(await handler(request))
        return kept[0]

    async def check(transport: AiohttpTransport, server: ScriptedServer) -> None:
        assert [(await get(transport, server.url)).body for _ in range(3)] == [b"{}"] * 3
        assert len(server.received) == 1

    given(answer(OK), check, middlewares=[keeping])


def test_a_mock_of_the_session_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    class Mocked:
        status = 201
        headers = MappingProxyType({"X-RestLi-Id": "5"})

        async def read(self) -> bytes:
            return b"{}"

    async def request(*_: Any, **__: Any) -> Any:
        return Mocked()

    async def check(transport: AiohttpTransport, server: ScriptedServer) -> None:
        monkeypatch.setattr(aiohttp.ClientSession, "_request", request)
        async with AsyncRestliClient(transport, base_url=server.url) as client:
            assert (await client.create("/a", {})).entity_id == "5"
        with pytest.raises(ProtocolError, match="larger than 1 bytes"):
            await get(AiohttpTransport(transport.session, max_body=1), server.url)
        assert not server.received

    given(answer(OK), check)


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (aiohttp.ServerDisconnectedError(), ProtocolError),
        (aiohttp.ConnectionTimeoutError("late"), ConnectError),
        (aiohttp.ServerTimeoutError("late"), TransportTimeout),
    ],
)
def test_what_a_mock_raises_is_one_of_our_errors(
    raised: Exception, kind: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def request(*_: Any, **__: Any) -> Any:
        raise raised

    async def check(transport: AiohttpTransport, server: ScriptedServer) -> None:
        monkeypatch.setattr(aiohttp.ClientSession, "_request", request)
        with pytest.raises(kind) as caught:
            await get(transport, server.url)
        assert type(caught.value) is kind

    given(answer(OK), check)


def test_a_middleware_that_waits_is_bounded_by_the_total() -> None:
    async def waiting(request: aiohttp.ClientRequest, handler: Any) -> Any:
        await anyio.sleep_forever()

    async def check(transport: AiohttpTransport, server: ScriptedServer) -> None:
        with pytest.raises(TransportTimeout, match=r"total limit passed: 0\.1 s"):
            await get(transport, server.url, Timeout(connect=0.01, read=0.01, total=0.1))
        assert not server.received

    given(answer(OK), check, middlewares=[waiting])


def test_traces_see_where_a_call_begins_and_ends() -> None:
    seen: list[str] = []
    trace = aiohttp.TraceConfig()
    for name in ("request_start", "request_end", "request_exception", "connection_create_end", "connection_reuseconn"):

        async def note(*_: Any, name: str = name) -> None:
            seen.append(name)

        getattr(trace, f"on_{name}").append(note)

    async def check(transport: AiohttpTransport, server: ScriptedServer) -> None:
        for _ in range(2):
            await get(transport, f"{server.url}/a[b]")
        with pytest.raises(ConnectError):
            await get(transport, f"http://127.0.0.1:{refusing_port()}/")
        assert seen == [
            *("request_start", "connection_create_end", "request_end"),
            *("request_start", "connection_reuseconn", "request_end"),
            *("request_start", "request_exception"),
        ]

    given(answer(OK), check, trace_configs=[trace])


def test_a_closed_session_and_another_loops_are_invalid_calls() -> None:
    kept: list[AiohttpTransport] = []

    async def first() -> None:
        session = aiohttp.ClientSession()
        kept.append(AiohttpTransport(session))
        thread = threading.Thread(target=run, args=[second])
        thread.start()
        await anyio.to_thread.run_sync(thread.join)
        await session.close()
        with pytest.raises(InvalidCallError, match="session: is closed"):
            await get(kept[0], "http://127.0.0.1:1/")

    async def second() -> None:
        with pytest.raises(InvalidCallError, match="session: belongs to another event loop"):
            await get(kept[0], "http://127.0.0.1:1/")
        kept.append(kept[0])

    run(first)
    assert len(kept) == 2


def test_a_session_that_is_closed_leaves_no_call_waiting_and_cancels_no_task() -> None:
    async def main() -> None:
        session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1))
        transport = AiohttpTransport(session)
        first = asyncio.create_task(get(transport, server.url))
        assert await anyio.to_thread.run_sync(arrived.wait, 30)
        second = asyncio.create_task(get(transport, server.url))
        cancelled = asyncio.create_task(get(transport, server.url))
        waiting: Any = session.connector
        while sum(map(len, waiting._waiters.values())) < 2:  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0)
        cancelled.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cancelled
        await session.close()
        with pytest.raises(ConnectError, match="the session was closed"):
            await second
        with pytest.raises(ProtocolError, match="closed before the answer was complete"):
            await first

    arrived = threading.Event()

    def script(connection: Connection) -> None:
        connection.request()
        arrived.set()
        connection.wait_for_end()

    with ScriptedServer(script) as server:
        run(main)


@pytest.mark.filterwarnings("ignore:.*auth.*:DeprecationWarning")
def test_a_session_with_two_ways_to_say_who_calls_is_an_invalid_call() -> None:
    async def check(transport: AiohttpTransport, server: ScriptedServer) -> None:
        with pytest.raises(InvalidCallError, match="session: has both auth= and a header Authorization"):
            await get(transport, server.url)

    given(answer(OK), check, auth=aiohttp.BasicAuth("user", "x"), headers={"authorization": "Basic x"})


def test_a_session_without_patience_of_its_own_waits_as_the_call_says() -> None:
    async def check(transport: AiohttpTransport, server: ScriptedServer) -> None:
        with pytest.raises(Exception, match=r"nothing was read or written for 0\.1 s"):
            await get(transport, server.url, Timeout(connect=30, read=0.1, total=60))

    given(silent, check, timeout=aiohttp.ClientTimeout(total=1e-9))


def test_what_its_session_adds_is_in_no_error() -> None:
    async def check(transport: AiohttpTransport, server: ScriptedServer) -> None:
        with pytest.raises(ProtocolError) as caught:
            await get(transport, server.url)
        assert caught.value.request is not None
        assert not {"cookie", "authorization", "x-mine"} & {name.lower() for name in caught.value.request.headers}

    headers = {"Cookie": "secret", "Authorization": "secret", "X-Mine": "secret"}
    given(answer(b"secret\r\n\r\n"), check, headers=headers)


def told(error: BaseException | None) -> str:
    """All that an error and those that it was made of say, and have."""
    if error is None:
        return ""
    inner = [error.__cause__, error.__context__, *(one for one in error.args if isinstance(one, BaseException))]
    return "\n".join([f"{error} {error!r} {error.args} {vars(error)}", *map(told, inner)])


@pytest.mark.parametrize("fails", ["a connection", "a tunnel", "tls"])
@pytest.mark.parametrize("where", ["url", "argument", "environment"])
@pytest.mark.filterwarnings("ignore:.*(proxy_auth|BasicAuth):DeprecationWarning")  # what users may still have
def test_the_password_of_its_proxy_is_in_no_error(where: str, fails: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def script(connection: Connection) -> None:
        connection.request()
        connection.send(response("407 No") if fails == "a tunnel" else b"HTTP/1.1 200 Fine\r\n\r\n")
        connection.receive()
        connection.send(b"this is not TLS")

    async def check(_: AiohttpTransport, server: ScriptedServer) -> None:
        address = f"127.0.0.1:{refusing_port()}" if fails == "a connection" else server.address
        named = f"http://user:se-cret@{address}"
        monkeypatch.setenv("https_proxy", named)
        options: dict[str, dict[str, Any]] = {
            "url": {"proxy": named},
            "argument": {"proxy": f"http://{address}", "proxy_auth": aiohttp.BasicAuth("user", "se-cret")},
            "environment": {"trust_env": True},
        }
        async with aiohttp.ClientSession(**options[where]) as session:
            with pytest.raises(ConnectError) as caught:
                await get(AiohttpTransport(session), "https://origin.test/")
        assert "se-cret" not in told(caught.value)
        assert "dXNlcjpzZS1jcmV0" not in told(caught.value)
        expected = [] if fails == "a connection" else [["Basic dXNlcjpzZS1jcmV0"]]
        assert [values_of(one, "proxy-authorization") for one in server.received] == expected

    given(script, check)


# Connections on which something comes before anything was sent


class Hesitating(aiohttp.TCPConnector):
    """A connector whose connections have heard from the server before they are used."""

    def __init__(self, has_heard: Callable[[Any], bool]) -> None:
        super().__init__()
        self._has_heard = has_heard

    async def connect(self, *args: Any, **options: Any) -> Any:
        connection = await super().connect(*args, **options)
        while not self._has_heard(connection):  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0)
        return connection


def test_a_server_that_speaks_first_is_a_protocol_error() -> None:
    async def main() -> None:
        connector = Hesitating(lambda connection: connection.protocol._tail)
        async with aiohttp.ClientSession(connector=connector) as session:
            with pytest.raises(ProtocolError, match="speaks or closes before it is asked"):
                await get(AiohttpTransport(session), server.url)

    def script(connection: Connection) -> None:
        connection.send(OK)
        connection.wait_for_end()

    with ScriptedServer(script) as server:
        run(main)
    assert not server.received


def test_a_server_that_closes_first_is_a_protocol_error() -> None:
    async def main() -> None:
        connector = Hesitating(lambda connection: connection.closed)
        async with aiohttp.ClientSession(connector=connector) as session:
            with pytest.raises(ProtocolError, match="speaks or closes before it is asked"):
                await get(AiohttpTransport(session), server.url)

    with ScriptedServer(Connection.close) as server:
        run(main)
