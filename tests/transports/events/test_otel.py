from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import trio
from opentelemetry import baggage, context, trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode

from restli_core import Call, InvalidCallError, action, batch_get, finder, oauth
from restli_core.errors import ConnectError, LimitError
from restli_core.messages import HttpRequest
from restli_transports.events import (
    CallEnded,
    Event,
    OpenTelemetry,
    RequestFailed,
    RequestSent,
    ResponseReceived,
    Retrying,
    TokenReplaced,
    Waiting,
)
from restli_transports.events.listeners import Listeners
from tests.support.played_events import TOKEN, a_call, failure, play, steps
from tests.support.source_tree import ROOT
from tests.support.traces import Traces, attributes_of, id_of

NAME = "get /adAccounts/{id}"
CALL = a_call()
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)


@pytest.fixture
def traces() -> Iterator[Traces]:
    made = Traces()
    yield made
    # Whatever was played, the context is as it was.
    assert trace.get_current_span() is trace.INVALID_SPAN


def status_of(span: ReadableSpan) -> StatusCode:
    return span.status.status_code


# -- spans -------------------------------------------------------------------------------------------------------------


def test_a_call_is_a_span_and_a_try_is_one_below_it(traces: Traces) -> None:
    play(traces.listener(), CALL, 200)
    assert traces.tree() == [(NAME, [("GET", [])])]
    call, sent = traces.the(NAME), traces.the("GET")
    assert (call.kind, sent.kind) == (SpanKind.INTERNAL, SpanKind.CLIENT)
    assert (status_of(call), status_of(sent)) == (StatusCode.UNSET, StatusCode.UNSET)
    assert attributes_of(call) == {"restli.method": "get", "restli.resource": "/adAccounts/{id}"}
    assert attributes_of(sent) == {
        "http.request.method": "GET",
        "server.address": "api.linkedin.com",
        "server.port": 443,
        "url.full": "https://api.linkedin.com/rest/adAccounts/5?note=REDACTED",
        "http.response.status_code": 200,
    }
    scope = sent.instrumentation_scope
    assert scope is not None
    assert (scope.name, scope.schema_url) == ("restli_transports", "https://opentelemetry.io/schemas/1.23.0")


def test_each_further_try_counts_the_resends(traces: Traces) -> None:
    play(traces.listener(), CALL, 503, ConnectError("refused"), 200)
    assert traces.tree() == [(NAME, [("GET", [])] * 3)]
    first, second, third = map(attributes_of, traces.children(traces.the(NAME)))
    assert "http.request.resend_count" not in first
    assert (second["http.request.resend_count"], third["http.request.resend_count"]) == (1, 2)
    assert (first["error.type"], first["http.response.status_code"]) == ("503", 503)
    assert second["error.type"] == "restli_core.errors.ConnectError"
    assert "http.response.status_code" not in second
    assert "error.type" not in third
    statuses = [status_of(span) for span in traces.children(traces.the(NAME))]
    assert statuses == [StatusCode.ERROR, StatusCode.ERROR, StatusCode.UNSET]
    # In the end there was an answer.
    assert status_of(traces.the(NAME)) == StatusCode.UNSET


@pytest.mark.parametrize(
    ("status", "is_error"), [(200, False), (201, False), (204, False), (302, False), (404, True), (500, True)]
)
def test_the_status_of_a_try_is_by_the_conventions(status: int, is_error: bool, traces: Traces) -> None:
    play(traces.listener(), CALL, status)
    sent = traces.the("GET")
    assert status_of(sent) == (StatusCode.ERROR if is_error else StatusCode.UNSET)
    assert attributes_of(sent).get("error.type") == (str(status) if is_error else None)
    assert sent.status.description is None


def test_a_call_that_raises_has_its_error(traces: Traces) -> None:
    play(traces.listener(), CALL, 500)
    call = traces.the(NAME)
    assert (status_of(call), call.status.description) == (StatusCode.ERROR, None)
    assert attributes_of(call)["error.type"] == "restli_core.errors.ServerError"
    assert not call.events


def test_a_call_that_is_cancelled_ends_its_spans(traces: Traces) -> None:
    listener = traces.listener()
    listener(RequestSent(CALL, CALL.request, 1))
    listener(CallEnded(CALL, asyncio.CancelledError(), 0.1))
    assert traces.tree() == [(NAME, [("GET", [])])]
    for span in traces.spans:
        assert status_of(span) == StatusCode.ERROR
        assert attributes_of(span)["error.type"] == "asyncio.exceptions.CancelledError"
    (point,) = traces.points()
    assert point.attributes["error.type"] == "asyncio.exceptions.CancelledError"


def test_an_error_of_pythons_own_has_its_name(traces: Traces) -> None:
    play(traces.listener(), CALL, KeyboardInterrupt())
    assert [attributes_of(span)["error.type"] for span in traces.spans] == ["KeyboardInterrupt"] * 2


def test_a_call_that_was_never_sent_has_a_span_of_its_time(traces: Traces) -> None:
    traces.listener()(CallEnded(CALL, LimitError("full", 60.0), 2.5))
    call = traces.the(NAME)
    assert traces.tree() == [(NAME, [])]
    assert attributes_of(call)["error.type"] == "restli_core.errors.LimitError"
    assert call.start_time is not None
    assert call.end_time is not None
    assert call.end_time - call.start_time >= 2.5e9
    assert traces.points() == []


def test_waits_and_retries_are_events_of_the_call(traces: Traces) -> None:
    listener = traces.listener()
    listener(Waiting(CALL, "Limit(100, 60)", 0.5))
    listener(TokenReplaced())
    play(listener, CALL, 503, 200)
    waiting, retrying = traces.the(NAME).events
    assert (waiting.name, dict(waiting.attributes or {})) == (
        "restli.waiting",
        {"restli.wait": 0.5, "restli.limit": "'Limit(100, 60)'"},
    )
    assert (retrying.name, dict(retrying.attributes or {})) == (
        "restli.retrying",
        {"restli.wait": 0.5, "error.type": "restli_core.errors.ServerError"},
    )


@pytest.mark.parametrize(
    ("call", "attributes"),
    [
        (finder("/adAccounts", "search"), {"restli.method": "finder", "restli.name": "search"}),
        (action("/adAccounts", "merge"), {"restli.method": "action", "restli.name": "merge"}),
        (batch_get("/adAccounts", [1, 2], tunnel_above=0), {"restli.method": "batch_get"}),
    ],
    ids=["finder", "action", "tunnelled"],
)
def test_the_method_and_its_name(call: Call[Any], attributes: dict[str, str], traces: Traces) -> None:
    play(traces.listener(), call, 200)
    (top,) = traces.children(None)
    assert top.name == f"{call.method} /adAccounts"
    assert attributes_of(top) == {**attributes, "restli.resource": "/adAccounts"}
    (sent,) = traces.children(top)
    assert sent.name == attributes_of(sent)["http.request.method"] == call.request.method


@pytest.mark.parametrize(
    ("url", "address", "port"),
    [
        ("https://api.linkedin.com/v2/me", "api.linkedin.com", 443),
        ("http://API.example:8080/v2/me", "api.example", 8080),
        ("http://127.0.0.1/me", "127.0.0.1", 80),
        ("http://[::1]:99/me", "::1", 99),
        ("https://member:s3cret@api.linkedin.com/v2/me", "api.linkedin.com", 443),
        ("/nowhere", "", 0),
        ("http://api.example:port/", "", 0),
        ("http://[::1/", "", 0),
    ],
)
def test_the_server_is_in_the_url(url: str, address: str, port: int, traces: Traces) -> None:
    play(traces.listener(), CALL.with_request(HttpRequest("GET", url)), 200)
    attributes = attributes_of(traces.the("GET"))
    assert (attributes["server.address"], attributes["server.port"]) == (address, port)
    assert attributes["url.full"] == url.replace("member:s3cret@", "")


def test_a_method_that_is_not_known_is_other(traces: Traces, monkeypatch: pytest.MonkeyPatch) -> None:
    call = CALL.with_request(HttpRequest("SEARCH", "https://api.linkedin.com/v2/me"))
    play(traces.listener(), call, 200)
    attributes = attributes_of(traces.the("HTTP"))
    assert (attributes["http.request.method"], attributes["http.request.method_original"]) == ("_OTHER", "SEARCH")
    monkeypatch.setenv("OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS", "GET, SEARCH")
    play(traces.listener(), call, 200)
    assert "http.request.method_original" not in attributes_of(traces.the("SEARCH"))


def test_nothing_shows_a_secret(traces: Traces) -> None:
    listener = traces.listener(propagate=True)
    listener.headers(CALL)
    play(listener, CALL, failure(400), 429, 500)
    shown = "".join(str(span.to_json()) for span in traces.spans) + repr(traces.points())
    assert [secret for secret in (TOKEN, "private", "a body") if secret in shown] == []


# -- the metric --------------------------------------------------------------------------------------------------------


def test_the_histogram_has_the_conventions_buckets_and_attributes(traces: Traces) -> None:
    play(traces.listener(), CALL, 503, 200)
    play(traces.listener(), CALL, ConnectError("refused"), 200)
    common = {"http.request.method": "GET", "server.address": "api.linkedin.com", "server.port": 443}
    points = {point.attributes.get("error.type"): point for point in traces.points()}
    assert {key: dict(point.attributes) for key, point in points.items()} == {
        None: {**common, "http.response.status_code": 200},
        "503": {**common, "http.response.status_code": 503, "error.type": "503"},
        "restli_core.errors.ConnectError": {**common, "error.type": "restli_core.errors.ConnectError"},
    }
    assert (points[None].count, points[None].sum) == (2, pytest.approx(0.04))
    assert points[None].explicit_bounds == BUCKETS
    assert points[None].bucket_counts[2] == 2  # above 0.01 and up to 0.025 s


# -- the context of the trace ------------------------------------------------------------------------------------------


def test_a_try_sends_the_context_of_its_span(traces: Traces) -> None:
    listener = traces.listener(propagate=True)
    sent: list[str] = []
    with traces.tracer.start_as_current_span("mine"):
        for attempt, status in enumerate((503, 200), 1):
            headers = listener.headers(CALL)
            assert [*headers] == ["traceparent"]
            sent.append(headers["traceparent"])
            listener(RequestSent(CALL, CALL.request, attempt))
            listener(ResponseReceived(CALL, CALL.request, attempt, status, 0.1, 0))
        listener(CallEnded(CALL, None, 0.2))
    assert traces.tree() == [("mine", [(NAME, [("GET", []), ("GET", [])])])]
    of_mine: Any = traces.the("mine").context
    tries = traces.children(traces.the(NAME))
    begin, flags = f"00-{of_mine.trace_id:032x}", f"{of_mine.trace_flags:02x}"
    assert sent == [f"{begin}-{id_of(span):016x}-{flags}" for span in tries]


def test_only_the_trace_is_propagated_and_only_where_asked_for(traces: Traces) -> None:
    token = context.attach(baggage.set_baggage("member", "private"))
    try:
        assert traces.listener().headers(CALL) == {}
        assert traces.spans == []
        listener = traces.listener(propagate=True)
        assert [*Listeners(listener).extra_headers(CALL)] == ["traceparent"]
        listener(CallEnded(CALL, ConnectError("no token"), 0.1))
    finally:
        context.detach(token)
    # The try was never sent: it has a span, since that began, but did not last.
    assert traces.tree() == [(NAME, [("GET", [])])]
    assert traces.points() == []


def test_a_call_is_below_the_span_that_it_is_sent_in(traces: Traces) -> None:
    listener = traces.listener()
    with traces.tracer.start_as_current_span("mine") as mine:
        for _ in range(2):
            play(listener, CALL, 200)
            assert trace.get_current_span() is mine
    assert traces.tree() == [("mine", [(NAME, [("GET", [])])] * 2)]


def test_what_happens_meanwhile_is_below_the_call_or_the_try(traces: Traces) -> None:
    listener = traces.listener()
    names = iter(["connect", "", "wait", "connect", "", ""])
    for _ in steps(listener, CALL, 503, 200):
        name = next(names)
        if name:
            traces.tracer.start_span(name).end()
    assert traces.tree() == [(NAME, [("GET", [("connect", [])]), ("wait", []), ("GET", [("connect", [])])])]


def test_a_listener_may_send_a_call(traces: Traces) -> None:
    other = a_call("/me", path_keys=None)

    def sending(event: Event) -> None:
        if getattr(event, "call", None) is CALL and isinstance(event, RequestSent | CallEnded):
            play(listeners.emit, other, 404, 200)

    listeners = Listeners([sending, traces.listener(), sending])
    with traces.tracer.start_as_current_span("mine"):
        play(listeners.emit, CALL, 200)
    of_other: Any = ("get /me", [("GET", []), ("GET", [])])
    assert traces.tree() == [
        # the first one comes before the span of the call has begun, and the third after the try's has
        ("mine", [of_other, (NAME, [("GET", [of_other]), of_other]), of_other])
    ]


@pytest.mark.parametrize("kind", [RequestSent, ResponseReceived, Retrying, CallEnded])
def test_a_listener_may_send_the_very_same_call(kind: type[Event], traces: Traces) -> None:
    told: list[Event] = []

    def sending(event: Event) -> None:
        if isinstance(event, kind) and not told:
            told.append(event)
            play(listeners.emit, CALL, 404, 200)

    listeners = Listeners([traces.listener(), sending])
    play(listeners.emit, CALL, 500, 200)
    assert told
    assert len(traces.spans) == 6
    assert sorted(len(traces.children(span)) for span in traces.spans if span.name == NAME) in ([2, 2], [2, 3])
    assert [status_of(span) for span in traces.spans if span.name == NAME] == [StatusCode.UNSET] * 2


def test_two_of_them_do_not_disturb_each_other(traces: Traces) -> None:
    others = Traces()
    listeners = Listeners([traces.listener(propagate=True), others.listener()])
    with traces.tracer.start_as_current_span("mine") as mine:
        for _ in range(2):
            listeners.extra_headers(CALL)
            play(listeners.emit, CALL, 503, 200)
            assert trace.get_current_span() is mine
    assert traces.tree() == [("mine", [(NAME, [("GET", []), ("GET", [])])] * 2)]
    assert sorted(span.name for span in others.spans) == ["GET"] * 4 + [NAME] * 2


# -- calls at once -----------------------------------------------------------------------------------------------------

STATUSES = range(200, 210)


def check_all_apart(traces: Traces) -> None:
    """Check that ten callers have each their own span with one call, and that with two tries of theirs."""
    assert len(traces.children(None)) == 10
    for top in traces.children(None):
        (call,) = traces.children(top)
        statuses = [attributes_of(span)["http.response.status_code"] for span in traces.children(call)]
        assert statuses == [503, int(top.name)]


def test_tasks_of_asyncio_have_their_own_spans(traces: Traces) -> None:
    listener = traces.listener(propagate=True)

    async def one(status: int) -> None:
        with traces.tracer.start_as_current_span(str(status)):
            listener.headers(CALL)
            for _ in steps(listener, CALL, 503, status):
                await asyncio.sleep(0)

    async def all_at_once() -> None:
        await asyncio.gather(*map(one, STATUSES))

    asyncio.run(all_at_once())
    check_all_apart(traces)


def test_tasks_of_trio_have_their_own_spans(traces: Traces) -> None:
    listener = traces.listener()

    async def one(status: int) -> None:
        with traces.tracer.start_as_current_span(str(status)):
            for _ in steps(listener, CALL, 503, status):
                await trio.lowlevel.checkpoint()

    async def all_at_once() -> None:
        async with trio.open_nursery() as nursery:
            for status in STATUSES:
                nursery.start_soon(one, status)

    trio.run(all_at_once)
    check_all_apart(traces)


def test_threads_have_their_own_spans(traces: Traces) -> None:
    listener = traces.listener()
    together = threading.Barrier(len(STATUSES))

    def one(status: int) -> None:
        with traces.tracer.start_as_current_span(str(status)):
            for _ in steps(listener, CALL, 503, status):
                together.wait(30)

    threads = [threading.Thread(target=one, args=(status,)) for status in STATUSES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check_all_apart(traces)


def test_a_task_that_a_call_leaves_behind_has_calls_of_its_own(traces: Traces) -> None:
    listener = traces.listener()

    async def left_behind(go: asyncio.Event) -> None:
        await go.wait()
        listener(Waiting(CALL, "limit", 0.5))  # the very same call as the one that is over
        play(listener, CALL, 201)

    async def both() -> None:
        go = asyncio.Event()
        listener(RequestSent(CALL, CALL.request, 1))
        task = asyncio.create_task(left_behind(go))
        listener(ResponseReceived(CALL, CALL.request, 1, 200, 0.1, 0))
        listener(CallEnded(CALL, None, 0.1))
        go.set()
        await task

    asyncio.run(both())
    # As with any task that is made within a span, what it does later is below that span.
    assert traces.tree() == [(NAME, [("GET", [(NAME, [("GET", [])])])])]
    assert [len(span.events) for span in traces.spans if span.name == NAME] == [0, 1]


# -- around it ---------------------------------------------------------------------------------------------------------


def test_events_of_a_call_that_began_unseen_are_passed_over(traces: Traces) -> None:
    listener = traces.listener()
    listener(ResponseReceived(CALL, CALL.request, 1, 200, 0.1, 5))
    listener(RequestFailed(CALL, CALL.request, 1, ConnectError("refused"), 0.1))
    listener(Retrying(CALL, failure(500), 0.1, 1))
    assert traces.spans == traces.points() == []


def test_an_answer_without_a_try_is_passed_over(traces: Traces) -> None:
    listener = traces.listener()
    listener(Waiting(CALL, "limit", 0.5))
    listener(ResponseReceived(CALL, CALL.request, 1, 200, 0.1, 5))
    listener(CallEnded(CALL, None, 0.6))
    assert traces.tree() == [(NAME, [])]
    assert traces.points() == []


def test_a_call_without_a_resource_has_its_method(traces: Traces) -> None:
    call = oauth.refresh(client_id="app", client_secret="s3cret-of-the-app", refresh_token="refresh-token")
    play(traces.listener(), call, 200)
    assert traces.tree() == [(call.method, [("POST", [])])]
    assert attributes_of(traces.the(call.method)) == {"restli.method": call.method}
    assert "s3cret-of-the-app" not in "".join(str(span.to_json()) for span in traces.spans)


@pytest.mark.parametrize("argument", ["tracer_provider", "meter_provider"])
def test_what_is_not_a_provider_is_named(argument: str) -> None:
    given: Any = {argument: trace.get_tracer("a tracer is made by a provider")}
    with pytest.raises(InvalidCallError, match=f"^{argument}: must have a method get_"):
        OpenTelemetry(**given)


def test_without_an_sdk_nothing_happens() -> None:
    listener = OpenTelemetry(propagate=True)
    assert listener.headers(CALL) == {}
    play(listener, CALL, 503, 200)
    assert trace.get_current_span() is trace.INVALID_SPAN


PROGRAM = """
import sys
sys.path[:0] = {roots}
import restli_transports
from restli_transports.events import OpenTelemetry
assert "opentelemetry" not in sys.modules
sys.modules["opentelemetry"] = None
try:
    OpenTelemetry()
except ImportError as error:
    print(error)
"""


def test_the_package_imports_nothing_of_it_and_names_the_extra() -> None:
    program = PROGRAM.format(roots=[str(ROOT), str(ROOT / "transports")])
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == 'OpenTelemetry needs opentelemetry-api: pip install "restli-core[otel]"\n'
