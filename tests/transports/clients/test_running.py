"""Running: what becomes of each step of a flow, blocking and awaited."""

from __future__ import annotations

import asyncio
import logging
import pickle
from collections.abc import AsyncIterator, Callable, Generator
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import restli_core as restli
from restli_core import (
    Call,
    ConnectError,
    HttpRequest,
    HttpResponse,
    InvalidCallError,
    Limit,
    NotFoundError,
    RetryPolicy,
    Sent,
    ServerError,
    SuspiciousValueWarning,
    TransportTimeout,
)
from restli_core.flows import Flow, Item, Progress, Raw, Read, Size, Together, Wait, step
from restli_transports import AsyncRestliClient, RestliClient, Timeout
from restli_transports._clients.running import flow_way
from restli_transports._clients.settings import Settings
from restli_transports._clients.shared import Shared
from restli_transports._clients.steps import Give
from restli_transports.testing import FakeAsyncTransport, FakeTransport
from tests.support.recorders import Recorder
from tests.support.shown import shown_by

ACCOUNTS = {5: {"name": "Summer"}, 6: {"name": "Winter"}}
GET = restli.get("/adAccounts/{id}", path_keys={"id": 5})
MISSING = restli.get("/adAccounts/{id}", path_keys={"id": 7})
UPLOAD = "https://www.linkedin.com/dms-uploads/D4E22/0?signed=hidden"


def blocking(make: Callable[[], Flow[Any]], *, run: Any = MappingProxyType({}), **options: Any) -> tuple[Any, Any]:
    fake = FakeTransport()
    fake.collection("/adAccounts/{id:long}", ACCOUNTS)
    return RestliClient(fake, **options).run(make(), **run), fake


def awaited(make: Callable[[], Flow[Any]], *, run: Any = MappingProxyType({}), **options: Any) -> tuple[Any, Any]:
    fake = FakeAsyncTransport()
    fake.collection("/adAccounts/{id:long}", ACCOUNTS)
    return asyncio.run(AsyncRestliClient(fake, **options).run(make(), **run)), fake


EACH = pytest.mark.parametrize("ran", [blocking, awaited])
Ran = Callable[..., tuple[Any, Any]]


def nothing() -> Flow[None]:
    yield from ()


@EACH
def test_a_flow_gets_answers_and_errors_and_returns_its_result(ran: Ran) -> None:
    def flow() -> Flow[Any]:
        answer = yield from step(GET)
        try:
            yield MISSING
        except NotFoundError as error:
            return answer.entity["name"], error.status_code

    assert ran(flow)[0] == ("Summer", 404)


@EACH
def test_what_a_call_fails_with_is_raised_where_the_flow_lets_it_out(ran: Ran) -> None:
    closed: list[bool] = []

    def flow() -> Flow[Any]:
        try:
            yield MISSING
        finally:
            closed.append(True)

    with pytest.raises(NotFoundError):
        ran(flow)
    assert closed == [True]


@EACH
@pytest.mark.parametrize("one", [GET, Together([GET])])
def test_a_call_that_goes_to_linkedin_by_default_is_told_of(ran: Ran, one: Any) -> None:
    with pytest.warns(SuspiciousValueWarning, match=r"make it with client\.calls") as warned:
        ran(lambda: step(one), base_url="https://own.example")
    assert warned[0].filename == __file__


@EACH
def test_time_goes_by(ran: Ran) -> None:
    def flow() -> Flow[Any]:
        yield Wait(5)
        yield Wait(0)
        yield from step(Wait(0.5))

    assert ran(flow)[1].waits == [5, 0.5]


@EACH
def test_progress_need_not_be_shown(ran: Ran) -> None:
    def flow() -> Flow[Any]:
        return (yield Progress(1, 2, "bytes"))

    assert ran(flow)[0] is None


@EACH
def test_progress_is_told(ran: Ran) -> None:
    def flow() -> Flow[Any]:
        yield Progress(1, 2, "bytes")
        yield Progress(2, 2)

    told: list[Any] = []
    ran(flow, run={"progress": lambda *said: told.append(said)})
    assert told == [(1, 2, "bytes"), (2, 2, "done")]


@EACH
@pytest.mark.parametrize(
    ("flow", "reason"),
    [
        (lambda: (one for one in ["/me"]), "yields what is not a step, of the type str: a step is a call, or .*flows$"),
        (lambda: (one for one in [[GET, GET]]), r"of the type list: .*; several calls are sent by Together\(calls\)"),
        (
            lambda: (one for one in [RestliClient(Playing(HttpResponse(200, {}, b"{}"))).send(GET)]),
            "type GetResponse: .*; calls.get makes a call, client.get sends it at",
        ),
        (lambda: (one for one in [step(GET)]), "write `yield from`"),
        (lambda: (one for one in [Item(5)]), r"run it with client\.iterate\(flow\)"),
    ],
)
def test_what_is_not_a_step_is_refused(ran: Ran, flow: Any, reason: str) -> None:
    with pytest.raises(InvalidCallError, match=reason) as refused:
        ran(flow)
    assert refused.value.argument == "flow"


async def coroutine() -> None: ...


async def asynchronous() -> AsyncIterator[Call[Any]]:
    yield GET


@EACH
@pytest.mark.parametrize(
    ("make", "cure"),
    [
        (lambda: nothing, r"not function: call it, as in client\.run\(flow\(client\.calls\)\)$"),
        (coroutine, "not coroutine: write its function with def, and yield where it awaits$"),
        (asynchronous, "not async_generator: write its function with def, and yield where it awaits$"),
        (lambda: GET, r"not Call: a call alone is sent by client\.send\(call\)$"),
        (lambda: [GET], "not list$"),
    ],
    ids=["function", "coroutine", "asynchronous", "call", "list"],
)
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
def test_what_is_not_a_flow_is_refused(ran: Ran, make: Any, cure: str) -> None:
    with pytest.raises(InvalidCallError, match=f"^flow: must be a generator of steps, {cure}"):
        ran(make)


# -- raw requests ------------------------------------------------------------------------------------------------------


class Playing(Recorder):
    """A transport that plays answers, the last of them for ever; an exception is raised."""

    def __init__(self, *outcomes: Any) -> None:
        super().__init__()
        self.outcomes = [*outcomes]

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        super().send(request, timeout=timeout)
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        assert isinstance(outcome, HttpResponse)
        return outcome


CREATED = HttpResponse(201, {"ETag": '"1"'}, b"")
BUSY = HttpResponse(503, {"Retry-After": "0"}, b"")


def sent_raw(raw: Raw, *outcomes: Any, **options: Any) -> tuple[HttpResponse, list[HttpRequest]]:
    transport = Playing(*outcomes)
    client = RestliClient(transport, access_token="the-token", **options)
    response = client.run(step(raw))
    return response, [request for request, _ in transport.sent]


@pytest.mark.parametrize("status", [200, 201, 302, 400, 401, 404, 422, 501])
def test_a_raw_request_gets_its_response_whatever_its_status(status: int) -> None:
    given = HttpResponse(status, {"ETag": '"1"'}, b"body", native=object())
    response, sent = sent_raw(Raw(HttpRequest("PUT", UPLOAD, {"X-Part": "1"}, b"bytes")), given)
    assert response == given
    assert response.native is given.native
    assert [(one.url, one.headers.raw, one.body) for one in sent] == [(UPLOAD, (("X-Part", "1"),), b"bytes")]


def test_an_error_that_a_flow_makes_of_a_response_has_the_tries() -> None:
    transport = Playing(BUSY, HttpResponse(500, {}, b"{}"))
    client = RestliClient(transport, retry=RetryPolicy(tries=2), random=lambda: 0.0)

    def flow() -> Flow[Any]:
        return GET.parse((yield from step(Raw(GET.request, kind="safe"))))

    with pytest.raises(ServerError, match=r"^GET .*: 500: .*; after 2 tries in 0.0 s$") as caught:
        client.run(flow())
    assert [type(attempt.error) for attempt in caught.value.attempts] == [ServerError, ServerError]
    assert [attempt.number for attempt in caught.value.attempts] == [1, 2]


@pytest.mark.parametrize(
    ("url", "goes"),
    [
        ("https://www.linkedin.com/dms-uploads/1", True),
        ("https://linkedin.com/a", True),
        ("https://LinkedIn.com./a", True),
        ("https://api.linkedin.com/rest/a", True),
        ("http://www.linkedin.com/a", False),
        ("https://linkedin.com.example/a", False),
        ("https://evil-linkedin.com/a", False),
        ("https://linkedin.com@example.com/a", False),
        ("https://example.com/linkedin.com", False),
        ("https://example.com?.linkedin.com", False),
        ("https://own.example/a", True),
        ("http://own.example/a", False),
    ],
)
def test_the_token_goes_where_it_may(url: str, goes: bool) -> None:
    _, (sent,) = sent_raw(Raw(HttpRequest("PUT", url, {}), authorize=True), CREATED, base_url="https://own.example")
    assert sent.headers.get("Authorization") == ("Bearer the-token" if goes else None)


@pytest.mark.parametrize("url", ["https://www.linkedin.com/a", "https://api.linkedin.com/rest/a"])
def test_the_token_goes_nowhere_unless_asked_for(url: str) -> None:
    _, (sent,) = sent_raw(Raw(HttpRequest("PUT", url, {})), CREATED)
    assert "Authorization" not in sent.headers


def test_an_authorization_of_its_own_stays() -> None:
    request = HttpRequest("PUT", UPLOAD, {"Authorization": "Own abc"})
    assert sent_raw(Raw(request, authorize=True), CREATED)[1] == [request]


TIMED_OUT = TransportTimeout("slow")


@pytest.mark.parametrize(
    ("verb", "kind", "repeat", "failure", "tries"),
    [
        ("PUT", "safe", "safe", BUSY, 2),
        ("PUT", "safe", "safe", TIMED_OUT, 2),
        ("PUT", None, "safe", BUSY, 1),
        ("PUT", None, "idempotent", BUSY, 2),
        ("GET", None, "safe", BUSY, 2),
        ("GET", "never", "all", BUSY, 1),
        ("POST", None, "all", BUSY, 1),
        ("POST", None, "all", ConnectError("refused"), 2),  # nothing was done
        ("POST", None, "safe", HttpResponse(429, {"Retry-After": "0"}, b""), 2),
        ("GET", None, "safe", HttpResponse(404, {}, b""), 1),
    ],
)
def test_it_is_repeated_as_its_kind_says(verb: str, kind: str | None, repeat: str, failure: Any, tries: int) -> None:
    transport = Playing(failure, CREATED)
    client = RestliClient(transport, retry=RetryPolicy(repeat=repeat), random=lambda: 0.0)
    try:
        response: HttpResponse | None = client.run(step(Raw(HttpRequest(verb, UPLOAD, {}), kind=kind)))
    except TransportTimeout:
        response = None
    assert len(transport.sent) == tries
    assert (response == CREATED) is (tries == 2)


def test_a_body_is_read_when_it_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "cat.mp4"
    path.write_bytes(b"0123456789")
    raw = Raw(HttpRequest("PUT", UPLOAD, {"X-Part": "1"}), kind="safe", body=Read(path, 3, 4))
    _, sent = sent_raw(raw, BUSY, CREATED)
    assert [(one.url, one.headers.raw, one.body) for one in sent] == [(UPLOAD, (("X-Part", "1"),), b"3456")] * 2
    assert "hidden" not in repr(sent)
    assert "D4E22" not in repr(sent)


def test_a_body_that_is_not_all_there_is_not_sent() -> None:
    transport = Playing(CREATED)
    with pytest.raises(restli.InvalidCallError, match="up to 11 were to be sent, and there are none from 10 on"):
        RestliClient(transport).run(step(Raw(HttpRequest("PUT", UPLOAD), body=Read(b"0123456789", 3, 8))))
    with pytest.raises(FileNotFoundError):
        RestliClient(transport).run(step(Raw(HttpRequest("PUT", UPLOAD), body=Read("no such file", 3, 8))))
    assert transport.sent == []


def test_a_failure_of_the_transport_is_raised() -> None:
    with pytest.raises(ConnectError):
        sent_raw(Raw(HttpRequest("PUT", UPLOAD, {})), ConnectError("refused"), retry=None)


def test_limits_are_about_the_clients_own_server() -> None:
    limits = [Limit(1, 60, wait=0)]
    fake = FakeTransport()
    client = RestliClient(fake, limits=limits)

    def flow() -> Flow[list[int]]:
        first = yield from step(Raw(HttpRequest("PUT", UPLOAD, {})))
        second = yield from step(Raw(HttpRequest("PUT", UPLOAD, {})))
        own = yield from step(Raw(HttpRequest("GET", "https://api.linkedin.com/v2/a", {})))
        return [first.status_code, second.status_code, own.status_code]

    assert len(client.run(flow())) == 3
    with pytest.raises(restli.LimitError):
        client.run(step(Raw(HttpRequest("GET", "https://api.linkedin.com/v2/a", {}))))


def test_a_failure_of_the_source_of_tokens_is_no_response() -> None:
    refused = HttpResponse(400, {}, b"{}")

    class Source:
        def token(self, *, rejected: str | None = None) -> str:
            raise restli.BadRequestError(refused)

    client = RestliClient(Recorder(), access_token=Source())
    with pytest.raises(restli.BadRequestError):
        client.run(step(Raw(HttpRequest("PUT", UPLOAD, {}), authorize=True)))


def test_the_url_of_an_upload_shows_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    from restli_transports.events.logs import log

    events: list[Any] = []
    said = {"Location": UPLOAD, "Retry-After": "0"}
    transport = Playing(*[HttpResponse(code, said, f"cannot write {UPLOAD}".encode(), UPLOAD) for code in (503, 501)])
    client = RestliClient(transport, on_event=[events.append, log], random=lambda: 0.0)
    raw = Raw(HttpRequest("PUT", UPLOAD, {}, b"bytes"), kind="safe")
    with caplog.at_level(logging.DEBUG):
        response = client.run(step(raw))
    assert (response.url, dict(response.headers)) == (UPLOAD, said)
    responses = [event.error.response for event in events if getattr(event, "error", None)]
    assert [(one.url, dict(one.headers)) for one in responses] == [("", {"Retry-After": "0"})] * 2
    seen = caplog.text + repr(events) + repr(raw) + "".join([str(getattr(event, "error", "")) for event in events])
    seen += "".join([event.request.url for event in events if hasattr(event, "request")])
    assert "https://www.linkedin.com/..." in seen
    assert "D4E22" not in seen
    assert "hidden" not in seen


def test_an_error_in_the_flow_shows_no_token() -> None:
    token = "a-token-that-is-long-enough-to-be-looked-for"
    seen: list[str] = []

    def flow() -> Flow[None]:
        for one in (MISSING, Raw(HttpRequest("PUT", UPLOAD, {}), authorize=True)):
            try:
                yield one
            except restli.RestliError as error:
                seen.extend(text for _, text in shown_by(error))

    client = RestliClient(Playing(HttpResponse(404, {}, b""), ConnectError("refused")), access_token=token, retry=None)
    client.run(flow())
    assert any("refused" in text for text in seen)
    assert not [text for text in seen if token in text or "hidden" in text]


# -- several at once, files --------------------------------------------------------------------------------------------


def test_files_are_read(tmp_path: Any) -> None:
    path = tmp_path / "cat.mp4"
    path.write_bytes(b"0123456789")

    def flow() -> Flow[tuple[int, bytes]]:
        size = yield from step(Size(path))
        return size, (yield from step(Read(path, size - 3, 3)))

    assert blocking(flow)[0] == (10, b"789")


def test_a_file_that_is_not_there_is_an_error_in_the_flow(tmp_path: Any) -> None:
    def flow() -> Flow[str]:
        try:
            yield Size(tmp_path / "none")
        except FileNotFoundError:
            return "caught"
        return "read"

    assert blocking(flow)[0] == "caught"


# -- without a client --------------------------------------------------------------------------------------------------


def test_a_flow_runs_without_a_client() -> None:
    def flow() -> Flow[str]:
        answer = yield from step(GET)
        yield Wait(60)
        return str(answer.entity["name"])

    running: Generator[Any, Any, str] = flow()
    result: Any = None
    while True:
        try:
            one = running.send(result)
        except StopIteration as end:
            assert end.value == "Summer"
            break
        result = None if isinstance(one, Wait) else one.parse(HttpResponse(200, {}, b'{"name": "Summer"}'))


def test_steps_of_the_clients_own_are_given_on() -> None:
    shared = Shared(FakeTransport(), is_async=False)
    assert [*flow_way(step(Item(5)), Settings(), shared, gives_items=True)] == [Give(5)]


def test_what_became_of_a_call_pickles() -> None:
    sent = Sent(GET, None, NotFoundError(HttpResponse(404, {}, b"")))
    assert pickle.loads(pickle.dumps(sent)).call == GET


@EACH
def test_several_calls_go_together(ran: Ran) -> None:
    def flow() -> Flow[tuple[Sent[Any], ...]]:
        return (yield from step(Together([GET, MISSING, GET])))

    sent: tuple[Sent[Any], ...] = ran(flow)[0]
    assert [type(one.error) for one in sent] == [type(None), NotFoundError, type(None)]
    assert [one.call for one in sent] == [GET, MISSING, GET]
