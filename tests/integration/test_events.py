"""Events as the clients emit them, over each transport: in their order, at each end of a call, with OpenTelemetry."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from restli_core import HttpResponse, InvalidCallError, ServerError, UnauthorizedError, get
from restli_core.errors import ConnectError, TransportTimeout
from restli_transports import AsyncRestliClient, RestliClient, Timeout
from restli_transports.events import (
    CallEnded,
    Event,
    RequestFailed,
    RequestSent,
    ResponseReceived,
    Retrying,
    TokenReplaced,
)
from restli_transports.testing import FakeAsyncTransport, FakeTransport, RestliServer
from restli_transports.testing.sample import sample_handlers
from restli_transports.testing.scripted_server import ScriptedServer
from tests.support.libraries import optional_imports
from tests.support.traces import Traces, attributes_of, id_of

with optional_imports():
    import trio
    from opentelemetry import trace

    from restli_transports.aiohttp import AiohttpTransport
    from restli_transports.h11 import H11AsyncTransport, H11Transport
    from restli_transports.httpx import HttpxAsyncTransport, HttpxTransport
    from restli_transports.requests import RequestsTransport
    from restli_transports.urllib3 import Urllib3Transport

TOKEN = "AQX-secret-token-of-a-member"
ACCOUNT = "/adAccounts/{id}"
NAME = "get /adAccounts/{id}"

Runner = Callable[..., Any]
LOOPS: dict[str, Runner] = {"asyncio": lambda function: asyncio.run(function()), "trio": trio.run}
BLOCKING = {kind.__name__: kind for kind in (Urllib3Transport, RequestsTransport, HttpxTransport, H11Transport)}
AWAITED = {kind.__name__: kind for kind in (HttpxAsyncTransport, H11AsyncTransport, AiohttpTransport)}
IN_LOOPS = [(name, loop) for name in AWAITED for loop in LOOPS if (name, loop) != ("AiohttpTransport", "trio")]


@pytest.fixture
def server() -> Iterator[RestliServer]:
    with RestliServer(sample_handlers()) as running:
        yield running


@pytest.fixture
def traces() -> Iterator[Traces]:
    made = Traces()
    yield made
    assert trace.get_current_span() is trace.INVALID_SPAN


class Events(list[Any]):
    """A listener that keeps what it is told."""

    def __call__(self, event: Event) -> None:
        self.append(event)

    @property
    def kinds(self) -> list[type[Event]]:
        return [type(event) for event in self]

    def the(self, kind: type[Event]) -> Any:
        (event,) = [event for event in self if type(event) is kind]
        return event


class Source:
    """A source with one token after another."""

    def __init__(self, *tokens: str) -> None:
        self._tokens = [*tokens]

    def token(self, *, rejected: str | None = None) -> str:
        if rejected and len(self._tokens) > 1:
            self._tokens.pop(0)
        return self._tokens[0]


# -- the order of events -----------------------------------------------------------------------------------------------


def test_a_call_that_is_answered() -> None:
    events = Events()
    client = RestliClient(FakeTransport(sample_handlers()), access_token=TOKEN, on_event=events)
    call = client.calls.get(ACCOUNT, path_keys={"id": 5001})
    client.send(call)
    assert events.kinds == [RequestSent, ResponseReceived, CallEnded]
    sent, received, ended = events
    assert sent.call is received.call is ended.call is call
    assert "Authorization" not in sent.request.headers
    assert (sent.attempt, received.attempt, received.status) == (1, 1, 200)
    assert received.size > 100
    assert ended.error is None
    assert TOKEN not in repr(events)


def test_a_call_that_is_tried_again() -> None:
    events = Events()
    fake = FakeTransport(sample_handlers())
    fake.fail_next(ConnectError("refused"))
    fake.fail_next(HttpResponse(503))
    RestliClient(fake, on_event=events).get(ACCOUNT, path_keys={"id": 5001})
    assert events.kinds == [
        *(RequestSent, RequestFailed, Retrying),
        *(RequestSent, ResponseReceived, Retrying),
        *(RequestSent, ResponseReceived, CallEnded),
    ]
    assert [event.attempt for event in events[:-1]] == [1, 1, 1, 2, 2, 2, 3, 3]
    assert [type(event.error) for event in events if type(event) is Retrying] == [ConnectError, ServerError]
    assert [event.wait for event in events if type(event) is Retrying] == pytest.approx(fake.waits)
    assert events[-1].seconds == pytest.approx(sum(fake.waits))


def test_a_call_that_fails() -> None:
    events = Events()
    client = RestliClient(FakeTransport(sample_handlers()), on_event=events)
    with pytest.raises(Exception, match="404") as raised:
        client.get(ACCOUNT, path_keys={"id": 1})
    assert events.kinds == [RequestSent, ResponseReceived, CallEnded]
    assert events[-1].error is raised.value


def test_a_token_that_is_replaced() -> None:
    events = Events()
    fake = FakeTransport(sample_handlers())
    fake.fail_next(HttpResponse(401))
    RestliClient(fake, access_token=Source("an-old-token", "a-new-token"), on_event=events).get("/me")
    assert events.kinds == [
        *(RequestSent, ResponseReceived, TokenReplaced),
        *(RequestSent, ResponseReceived, CallEnded),
    ]
    assert [event.attempt for event in events if type(event) is RequestSent] == [1, 2]


def test_a_token_that_cannot_be_had_ends_the_call() -> None:
    class Empty:
        def token(self, *, rejected: str | None = None) -> str:
            raise LookupError("no token")

    events = Events()
    client = RestliClient(FakeTransport(sample_handlers()), access_token=Empty(), on_event=events)
    with pytest.raises(LookupError):
        client.get("/me")
    assert events.kinds == [CallEnded]
    assert type(events[0].error) is LookupError


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_ends_the_call(kind: type[BaseException]) -> None:
    class Interrupted:
        def send(self, request: Any, *, timeout: Timeout) -> HttpResponse:
            raise kind

    events = Events()
    with pytest.raises(kind):
        RestliClient(Interrupted(), on_event=events).get("/me")
    assert events.kinds == [RequestSent, CallEnded]
    assert type(events[-1].error) is kind


@pytest.mark.parametrize(
    "kinds", [[RequestSent, CallEnded], [RequestSent, ResponseReceived, CallEnded]], ids=["sent", "received"]
)
def test_an_interrupt_in_a_listener_ends_the_call(kinds: list[type[Event]], traces: Traces) -> None:
    def interrupted(event: Event) -> None:
        if isinstance(event, kinds[-2]):
            raise KeyboardInterrupt

    events = Events()
    listeners: list[Any] = [events, traces.listener(), interrupted]
    with pytest.raises(KeyboardInterrupt):
        RestliClient(FakeTransport(sample_handlers()), on_event=listeners).get("/me")
    assert events.kinds == kinds
    assert traces.tree() == [("get /me", [("GET", [])])]


@pytest.mark.sockets
@pytest.mark.parametrize(("transport", "loop"), IN_LOOPS)
def test_a_cancelled_call_ends(transport: str, loop: str, traces: Traces) -> None:
    events = Events()
    sent = threading.Event()

    async def main() -> None:
        async with AsyncRestliClient(
            AWAITED[transport](), base_url=silent.url, on_event=[events, traces.listener()]
        ) as client:
            if loop == "trio":
                with trio.CancelScope() as scope:
                    async with trio.open_nursery() as nursery:
                        nursery.start_soon(client.get, "/me")
                        await trio.to_thread.run_sync(sent.wait, 30)
                        scope.cancel()
            else:
                task = asyncio.create_task(client.get("/me"))
                await asyncio.to_thread(sent.wait, 30)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task

    def read_and_say_nothing(connection: Any) -> None:
        connection.request()
        sent.set()
        connection.wait_for_end()

    with ScriptedServer(read_and_say_nothing) as silent:
        LOOPS[loop](main)
    assert sent.is_set()
    assert events.kinds == [RequestSent, CallEnded]
    assert type(events[-1].error).__name__ in {"CancelledError", "Cancelled"}
    assert traces.tree() == [("get /me", [("GET", [])])]
    assert attributes_of(traces.the("GET"))["error.type"].rpartition(".")[2] in {"CancelledError", "Cancelled"}


# -- listeners of a client ---------------------------------------------------------------------------------------------


def test_what_a_listener_raises_breaks_no_call(caplog: pytest.LogCaptureFixture) -> None:
    def careless(event: Event) -> None:
        raise ValueError("careless")

    events = Events()
    client = RestliClient(FakeTransport(sample_handlers()), access_token=TOKEN, on_event=[careless, events])
    assert client.get("/me").entity["localizedFirstName"] == "Ada"
    assert events.kinds == [RequestSent, ResponseReceived, CallEnded]
    assert caplog.text.count("ValueError: careless") == 3
    assert TOKEN not in caplog.text


async def awaited(event: Event) -> None: ...


@pytest.mark.parametrize("client", [RestliClient, AsyncRestliClient], ids=["blocking", "awaited"])
def test_a_coroutine_function_is_refused(client: Any) -> None:
    fake: Any = FakeTransport() if client is RestliClient else FakeAsyncTransport()
    with pytest.raises(InvalidCallError, match=r"^on_event: "):
        client(fake, on_event=awaited)
    with pytest.raises(InvalidCallError, match=r"^on_event\[1\]: "):
        client(fake).with_options(on_event=[print, awaited])


def test_a_client_with_other_options_keeps_its_listeners_unless_it_is_given_some() -> None:
    events, others = Events(), Events()
    client = RestliClient(FakeTransport(sample_handlers()), on_event=events)
    client.with_options(version_string="202609").get("/me")
    assert len(events) == 3
    client.with_options(on_event=None).get("/me")
    client.with_options(on_event=others).get("/me")
    assert (len(events), len(others)) == (3, 3)


def test_headers_are_added_to_each_try_and_replace_nothing() -> None:
    class Counting(Events):
        def headers(self, call: Any) -> dict[str, str]:
            return {"X-Try": str(len(self)), "Authorization": "Bearer another", "Host": "other.example"}

    fake = FakeTransport(sample_handlers())
    fake.fail_next(HttpResponse(503))
    events = Counting()
    RestliClient(fake, access_token=TOKEN, on_event=events).get("/me")
    assert [request.headers["X-Try"] for request in fake.requests] == ["0", "3"]
    assert {request.headers["Authorization"] for request in fake.requests} == {f"Bearer {TOKEN}"}
    assert not any("Host" in request.headers for request in fake.requests)
    # They are told of what is sent.
    assert [event.request.headers["X-Try"] for event in events if type(event) is RequestSent] == ["0", "3"]


def test_the_log_needs_no_listener(caplog: pytest.LogCaptureFixture) -> None:
    fake = FakeTransport(sample_handlers())
    client = RestliClient(fake, access_token=TOKEN)
    fake.fail_next(HttpResponse(503))
    client.get("/me")
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    caplog.clear()
    with caplog.at_level(logging.DEBUG, "restli_transports"):
        client.get("/me", query_params={"q1": "private"})
    (record,) = caplog.records
    assert record.getMessage().startswith("get /me: GET https://api.linkedin.com/v2/me?q1=…: 200 in 0 ms, ")
    assert TOKEN not in caplog.text


# -- OpenTelemetry over each transport ---------------------------------------------------------------------------------


def check_traced(traces: Traces, server: RestliServer) -> None:
    """Check the spans of a call whose first answer was a 503, and that the server was told of them."""
    assert traces.tree() == [("mine", [(NAME, [("GET", []), ("GET", [])])])]
    tries = traces.children(traces.the(NAME))
    assert [attributes_of(span)["http.response.status_code"] for span in tries] == [503, 200]
    assert [attributes_of(span).get("http.request.resend_count") for span in tries] == [None, 1]
    assert {attributes_of(span)["server.port"] for span in tries} == {server.port}
    received = [one.request.headers["traceparent"] for one in server.received if one.request is not None]
    assert [text.split("-")[2] for text in received] == [f"{id_of(span):016x}" for span in tries]
    assert sum(point.count for point in traces.points()) == 2


@pytest.mark.sockets
@pytest.mark.parametrize("transport", BLOCKING)
def test_a_blocking_transport_is_traced(transport: str, server: RestliServer, traces: Traces) -> None:
    server.fail_next(status=503)
    listener = traces.listener(propagate=True)
    made: Any = BLOCKING[transport]()
    with (
        RestliClient(made, base_url=server.base_url, on_event=listener, random=float) as client,
        traces.tracer.start_as_current_span("mine"),
    ):
        client.get(ACCOUNT, path_keys={"id": 5001})
    check_traced(traces, server)


@pytest.mark.sockets
@pytest.mark.parametrize(("transport", "loop"), IN_LOOPS)
def test_an_awaited_transport_is_traced(transport: str, loop: str, server: RestliServer, traces: Traces) -> None:
    server.fail_next(status=503)
    listener = traces.listener(propagate=True)

    async def main() -> None:
        made: Any = AWAITED[transport]()
        async with AsyncRestliClient(made, base_url=server.base_url, on_event=listener, random=float) as client:
            with traces.tracer.start_as_current_span("mine"):
                await client.get(ACCOUNT, path_keys={"id": 5001})

    LOOPS[loop](main)
    check_traced(traces, server)


@pytest.mark.sockets
def test_one_call_sent_by_many_threads_has_a_span_in_each(server: RestliServer, traces: Traces) -> None:
    call = get(ACCOUNT, path_keys={"id": 5001}, base_url=server.base_url)
    listener = traces.listener()

    def one(number: int) -> None:
        with traces.tracer.start_as_current_span(str(number)):
            client.send(call)
            client.send(call)

    with RestliClient(base_url=server.base_url, on_event=listener) as client:
        threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(traces.tree()) == [(str(number), [(NAME, [("GET", [])])] * 2) for number in range(8)]


@pytest.mark.sockets
@pytest.mark.parametrize("loop", LOOPS)
def test_one_call_sent_by_many_tasks_has_a_span_in_each(loop: str, server: RestliServer, traces: Traces) -> None:
    call = get(ACCOUNT, path_keys={"id": 5001}, base_url=server.base_url)

    async def main() -> None:
        async with AsyncRestliClient(
            H11AsyncTransport(), base_url=server.base_url, on_event=traces.listener()
        ) as client:

            async def one(number: int) -> None:
                with traces.tracer.start_as_current_span(str(number)):
                    await client.send(call)
                    await client.send(call)

            if loop == "trio":
                async with trio.open_nursery() as nursery:
                    for number in range(8):
                        nursery.start_soon(one, number)
            else:
                await asyncio.gather(*map(one, range(8)))

    LOOPS[loop](main)
    assert sorted(traces.tree()) == [(str(number), [(NAME, [("GET", [])])] * 2) for number in range(8)]


def test_a_source_that_asks_by_a_client_is_below_the_call(traces: Traces) -> None:
    listener = traces.listener()
    fake = FakeTransport(sample_handlers())

    class Asking:
        def token(self, *, rejected: str | None = None) -> str:
            inner.get("/me")
            return "a-new-token" if rejected else TOKEN

    inner = RestliClient(FakeTransport(sample_handlers()), on_event=listener)
    fake.fail_next(HttpResponse(401))
    RestliClient(fake, access_token=Asking(), on_event=listener).get(ACCOUNT, path_keys={"id": 5001})
    of_inner: Any = ("get /me", [("GET", [])])
    # The token that comes before the first try is asked for before the call's first event.
    assert traces.tree() == [of_inner, (NAME, [("GET", []), of_inner, ("GET", [])])]


def test_an_error_that_ends_a_call_is_that_of_its_span(traces: Traces) -> None:
    fake = FakeTransport(sample_handlers())
    fake.fail_next(TransportTimeout("read"), times=4)
    with pytest.raises(TransportTimeout):
        RestliClient(fake, on_event=traces.listener()).get("/me")
    fake.fail_next(HttpResponse(401))
    with pytest.raises(UnauthorizedError):
        RestliClient(fake, on_event=traces.listener(), access_token=TOKEN).get("/me")
    first, second = traces.children(None)
    assert (len(traces.children(first)), len(traces.children(second))) == (4, 1)
    assert attributes_of(first)["error.type"] == "restli_core.errors.TransportTimeout"
    assert attributes_of(second)["error.type"] == "restli_core.errors.UnauthorizedError"
