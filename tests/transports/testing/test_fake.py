from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import restli_core as restli
from restli_core.errors import InvalidCallError
from restli_core.messages import HttpRequest, HttpResponse
from restli_core.server import Collection, Created, Invocation, Refusal
from restli_transports import AsyncRestliClient, AsyncTransport, AuthClient, RestliClient, Timeout, Transport
from restli_transports.testing import AuthorizationServer
from restli_transports.testing.fake import FakeAsyncTransport, FakeTransport
from restli_transports.testing.faults import NO_FAULT, Fault, Faults
from restli_transports.testing.handlers import Handlers, UnexpectedRequestError

TRANSPORTS = Path(__file__).parents[3] / "transports"


@pytest.fixture
def fake() -> FakeTransport:
    fake = FakeTransport()
    fake.on("/adAccounts/{id}", "get", lambda invocation: {"id": invocation.key})
    return fake


def get(transport: Transport, key: str = "a", **options: Any) -> restli.GetResponse:
    client = RestliClient(transport, access_token="sesame", **options)
    return client.get("/adAccounts/{id}", path_keys={"id": key})


def test_a_client_in_memory(fake: FakeTransport) -> None:
    assert get(fake, "a/b").entity == {"id": "a/b"}
    assert fake.requests[0].headers["Authorization"] == "Bearer sesame"
    assert [(one.method, one.key) for one in fake.invocations] == [("get", "a/b")]
    assert repr(fake) == "<FakeTransport, 1 requests>"


def test_a_client_awaited() -> None:
    fake = FakeAsyncTransport()
    fake.collection("/adAccounts/{id:long}", {5: {"name": "Summer"}})
    fake.simple("/me", {"name": "Ada"})

    async def main() -> list[Any]:
        async with AsyncRestliClient(fake) as client:
            got = await client.get("/adAccounts/{id}", path_keys={"id": 5})
            me = await client.get("/me")
            fake.fail_next(restli.ConnectError("refused"), times=4)
            with pytest.raises(restli.ConnectError):
                await client.get("/me")
        return [got.entity, me.entity]

    assert asyncio.run(main()) == [{"name": "Summer"}, {"name": "Ada"}]
    assert (len(fake.requests), len(fake.invocations), len(fake.waits), fake.closed) == (6, 2, 3, True)


def test_they_fulfil_the_protocols() -> None:
    transport: Transport = FakeTransport()
    asynchronous: AsyncTransport = FakeAsyncTransport()
    assert (transport, asynchronous) is not None


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"version_string": "202609"},
        {"base_url": "http://localhost:8080"},
        {"base_url": "https://h/rest/"},
    ],
)
def test_linkedins_base_paths_are_taken_off(fake: FakeTransport, options: dict[str, str]) -> None:
    answer = get(fake, **options)
    assert answer.entity == {"id": "a"}
    assert answer.url == fake.requests[0].url


def test_the_path_of_an_invocation_is_whole(fake: FakeTransport) -> None:
    get(fake, version_string="202609")
    get(fake, base_url="http://h")
    assert [one.path for one in fake.invocations] == ["/rest/adAccounts/a", "/adAccounts/a"]


def test_another_base_path() -> None:
    fake = FakeTransport(base_path="/api/v1")
    fake.on("/adAccounts/{id}", "get", lambda invocation: {"id": invocation.key})
    assert get(fake, base_url="https://h/api/v1").entity == {"id": "a"}
    for base_url in ("https://h/rest", "https://h"):
        with pytest.raises(UnexpectedRequestError, match="its path is not under /api/v1"):
            get(fake, base_url=base_url)
    with pytest.raises(UnexpectedRequestError):
        get(FakeTransport(fake.handlers, base_path=""), base_url="https://h/rest")


@pytest.mark.parametrize("url", ["https://h/restful/adAccounts/a", "https://h/rest"])
def test_what_only_looks_like_a_base_path(fake: FakeTransport, url: str) -> None:
    with pytest.raises(UnexpectedRequestError, match="no resource is declared for its path"):
        fake.send(HttpRequest("GET", url, {"X-RestLi-Protocol-Version": "2.0.0"}))


def test_a_base_path_in_a_query_is_none(fake: FakeTransport) -> None:
    request = HttpRequest("GET", "https://h?/rest/adAccounts/a", {"X-RestLi-Protocol-Version": "2.0.0"})
    assert fake.send(request).status_code == 400


def test_a_tunnelled_call(fake: FakeTransport) -> None:
    client = RestliClient(fake)
    ids = [f"urn:li:adAccount:{number}" for number in range(400)]
    answer = client.batch_get("/adAccounts", ids)
    assert fake.requests[0].method == "POST"
    assert [row.entity for row in answer.rows] == [{"id": key} for key in ids]


def test_what_linkedins_server_refuses_is_refused(fake: FakeTransport) -> None:
    response = fake.send(HttpRequest("GET", "https://h/rest/adAccounts?ids=1", {"X-RestLi-Protocol-Version": "2.0.0"}))
    assert (response.status_code, len(fake.requests), fake.invocations) == (400, 1, [])


def test_handlers_may_be_shared(fake: FakeTransport) -> None:
    handlers = Handlers()
    handlers.simple("/me", {"name": "Ada"})
    fake = FakeTransport(handlers)
    assert RestliClient(fake).get("/me").entity == {"name": "Ada"}
    assert fake.handlers is handlers


# faults of the test


def awaited(fake: FakeAsyncTransport, path: str, **options: Any) -> Any:
    async def main() -> Any:
        async with AsyncRestliClient(fake, access_token=SlowSource()) as client:
            return await client.get(path, **options)

    return asyncio.run(main())


class SlowSource:
    """A source of tokens, so that a call takes several steps."""

    async def token(self, *, rejected: str | None = None) -> str:
        await asyncio.sleep(0)
        return "sesame" if rejected is None else "another"


def test_a_request_without_a_handler_is_a_fault_of_the_test(fake: FakeTransport) -> None:
    with pytest.raises(UnexpectedRequestError) as unexpected:
        RestliClient(fake, version_string="202609").get("/adAcounts/{id}", path_keys={"id": 5})
    assert str(unexpected.value).splitlines() == [
        "No handler is registered for get of /adAcounts/5: no resource is declared for its path",
        "The nearest: get of /adAccounts/{id}",
        "Registered:",
        "    /adAccounts/{id}: get",
    ]
    assert isinstance(unexpected.value, AssertionError)
    assert not isinstance(unexpected.value, restli.RestliError)
    assert (len(fake.requests), fake.invocations) == (1, [])
    with pytest.raises(UnexpectedRequestError, match=r"No handler is registered for delete of /adAccounts/\{id\}"):
        RestliClient(fake).delete("/adAccounts/{id}", path_keys={"id": 5})
    asynchronous = FakeAsyncTransport(fake.handlers)
    with pytest.raises(UnexpectedRequestError, match="get of /me: no resource"):
        awaited(asynchronous, "/me")


@pytest.mark.parametrize(
    "error",
    [
        *(KeyError("name"), AssertionError("not so"), OSError(5), RecursionError(), TimeoutError(), pytest.fail),
        *(restli.ConnectError("refused"), restli.InvalidCallError("a", "b"), KeyboardInterrupt()),
    ],
    ids=lambda error: getattr(error, "__name__", type(error).__name__),
)
def test_what_a_handler_raises_is_raised_as_it_is(fake: FakeTransport, error: Any) -> None:
    @fake.on("/me", "get")
    def fails(_invocation: Invocation) -> None:
        if isinstance(error, BaseException):
            raise error
        error("not so")

    kind: type[BaseException] = type(error) if isinstance(error, BaseException) else pytest.fail.Exception
    client = RestliClient(fake, access_token=CountingSource())
    for call in (
        lambda: client.get("/me"),
        lambda: client.send(restli.get("/me")),
        lambda: awaited(FakeAsyncTransport(fake.handlers), "/me"),
    ):
        with pytest.raises(kind) as raised:
            call()
        assert raised.value is error or error is pytest.fail
        assert raised.value.__cause__ is None
    assert fails is not None


class CountingSource:
    """A source of tokens that blocks."""

    def token(self, *, rejected: str | None = None) -> str:
        return "sesame" if rejected is None else "another"


def test_what_the_handler_of_one_item_raises_is_raised_too(fake: FakeTransport) -> None:
    @fake.on("/posts/{id}", "get")
    def find(invocation: Invocation) -> Any:
        if invocation.key == "gone":
            raise Refusal(404, "gone")
        return {"a": 1}[invocation.key]

    client = RestliClient(fake)
    assert [row.status for row in client.batch_get("/posts", ["gone"]).rows] == [404]
    with pytest.raises(KeyError, match="other"):
        client.batch_get("/posts", ["gone", "other"])
    assert find is not None


def test_no_generator_lets_a_stop_iteration_out(fake: FakeTransport) -> None:
    fake.on("/me", "get", lambda _: next(iter([])))
    for call in (lambda: RestliClient(fake).get("/me"), lambda: awaited(FakeAsyncTransport(fake.handlers), "/me")):
        with pytest.raises(RuntimeError, match="the handler for get of /me raised StopIteration") as raised:
            call()
        assert isinstance(raised.value.__cause__, StopIteration)


def wrong(kind: Any, *arguments: Any, **options: Any) -> Any:
    """Make a value of what no type checker lets through."""
    return kind(*arguments, **options)


async def never_awaited(_invocation: Invocation) -> dict[str, Any]:
    return {}


@pytest.mark.parametrize(
    ("method", "result", "kind", "reason"),
    [
        ("get", 5, TypeError, "an entity must be a mapping, not int"),
        ("get", {"a": object()}, TypeError, "object is not a type of JSON"),
        (
            "get",
            wrong(HttpResponse, [200], {}, b""),
            ValueError,
            r"the status must be an int from 200 to 999, not \[200\]",
        ),
        ("get", wrong(HttpResponse, True, {}, b""), ValueError, "the status must be an int from 200 to 999, not True"),
        ("get", wrong(HttpResponse, 99, {}, b""), ValueError, "the status must be an int from 200 to 999, not 99"),
        ("get", wrong(HttpResponse, 200, {}, "text"), TypeError, "the body must be bytes, not str"),
        ("get", wrong(HttpResponse, 200, {"a b": "c"}), ValueError, "'a b' is not the name of a header"),
        (
            "get",
            wrong(HttpResponse, 200, {"a": "b\r\nc: d"}),
            ValueError,
            "the value of the header a is nothing that a header",
        ),
        ("get", wrong(HttpResponse, 200, {"a": 5}), ValueError, "the value of the header a is nothing that a header"),
        (
            "create",
            wrong(Created, 5, status=[201]),
            ValueError,
            r"Created.status must be an int from 200 to 999, not \[201\]",
        ),
        (
            "create",
            wrong(Created, 5, status=False),
            ValueError,
            "Created.status must be an int from 200 to 999, not False",
        ),
        (
            "create",
            wrong(Created, 5, status=1000),
            ValueError,
            "Created.status must be an int from 200 to 999, not 1000",
        ),
        ("create", wrong(Created, 5, {"a"}), TypeError, "an entity must be a mapping, not set"),
        ("get_all", wrong(Collection, [{}], "5"), TypeError, "Collection.total must be an int, not str"),
        ("get_all", wrong(Collection, 5), TypeError, "'int' object is not iterable"),
        ("batch_get", [{}], ValueError, "there are 1 results for 2 ids"),
        ("batch_create", [5, 6, 7], ValueError, "there are 3 results for 2 entities"),
        (
            "batch_create",
            [5, wrong(Created, 6, status="201")],
            ValueError,
            "Created.status must be an int from 200 to 999",
        ),
        ("batch_get", [{}, wrong(Refusal, "404", "no")], ValueError, "Refusal.status must be an int from 200 to 999"),
        ("batch_create", [5, wrong(Refusal, None, "no")], ValueError, "Refusal.status must be an int from 200 to 999"),
        ("get", wrong(Refusal, [400], "no"), ValueError, r"Refusal.status must be an int from 200 to 999, not \[400\]"),
        ("get", wrong(Refusal, 400, "no", code={1, 2}), TypeError, "set is not a type of JSON"),
    ],
    ids=lambda value: value if isinstance(value, str) else getattr(value, "__name__", type(value).__name__),
)
def test_what_a_handler_cannot_return(method: str, result: Any, kind: type[Exception], reason: str) -> None:
    fake = FakeTransport()
    fake.on("/posts/{id}", method, lambda _: result)
    client = RestliClient(fake, base_url="https://h")
    calls: dict[str, Callable[[], Any]] = {
        "get": lambda: client.get("/posts/{id}", path_keys={"id": 1}),
        "create": lambda: client.create("/posts", {}),
        "get_all": lambda: client.get_all("/posts"),
        "batch_get": lambda: client.batch_get("/posts", [1, 2]),
        "batch_create": lambda: client.batch_create("/posts", [{}, {}]),
    }
    with pytest.raises(kind, match=reason):
        calls[method]()
    # The same of a server: 500, with these words.
    errors: list[BaseException] = []
    response = fake.handlers.answer(fake.requests[0], errors=errors)
    assert response.status_code == 500
    message = json.loads(response.body)["message"]
    assert re.search(reason, message)
    assert message.startswith("The handler returned what cannot be sent: ")
    assert [type(error) for error in errors] == [kind]


def test_handlers_are_not_awaited() -> None:
    fake = FakeAsyncTransport()
    fake.on("/me", "get", never_awaited)
    with pytest.raises(TypeError, match="the handler for get of /me is a coroutine function: handlers are not awaited"):
        awaited(fake, "/me")


def test_a_request_for_oauth_without_an_authorization_server(fake: FakeTransport) -> None:
    with (
        AuthClient("id", "secret", transport=fake) as client,
        pytest.raises(
            UnexpectedRequestError, match=r"it is one for authorization=AuthorizationServer\(\)"
        ) as unexpected,
    ):
        client.get_two_legged_access_token()
    assert "secret" not in str(unexpected.value)


@pytest.mark.parametrize(
    ("planned", "raised"),
    [
        (HttpResponse(429, {"Retry-After": "3"}, b"slow down"), restli.RateLimitError),
        (Refusal(503, "later"), restli.ServerError),
        (restli.ConnectError("refused"), restli.ConnectError),
        (restli.TransportTimeout("too slow"), restli.TransportTimeout),
        (KeyboardInterrupt, None),
        (ZeroDivisionError(), ZeroDivisionError),
    ],
)
def test_planned_failures(fake: FakeTransport, planned: Any, raised: type[Exception] | None) -> None:
    if raised is None:
        with pytest.raises(InvalidCallError):
            fake.fail_next(planned)
        return
    fake.fail_next(planned, times=2)
    for _ in range(2):
        with pytest.raises(raised):
            get(fake, retry=None)
    assert get(fake).entity == {"id": "a"}
    assert (len(fake.requests), len(fake.invocations)) == (3, 1)


def test_plans_are_for_one_request_each_in_their_order(fake: FakeTransport) -> None:
    fake.fail_next(HttpResponse(200, {}, b'{"planned": 1}', url="https://elsewhere"))
    fake.fail_next(Refusal(404, "gone"))
    first = get(fake)
    assert (first.entity, first.url) == ({"planned": 1}, "https://elsewhere")
    with pytest.raises(restli.NotFoundError):
        get(fake)
    assert get(fake).entity == {"id": "a"}


def test_what_the_response_carries_is_kept(fake: FakeTransport) -> None:
    native = object()
    fake.fail_next(HttpResponse(200, {"X-A": "b"}, b"{}", native=native))
    response = get(fake).response
    assert (response.native, response.headers["X-A"]) == (native, "b")
    assert response.url == fake.requests[0].url


def test_closing_is_told(fake: FakeTransport) -> None:
    assert not fake.closed
    with RestliClient(fake):
        pass
    assert fake.closed
    assert fake.send(fake_request(), timeout=Timeout()).status_code == 200


def fake_request() -> HttpRequest:
    return restli.get("/adAccounts/{id}", path_keys={"id": 1}).request


def test_it_needs_no_http_library_and_no_socket() -> None:
    program = (
        f"import sys; sys.path[:0] = [{str(TRANSPORTS)!r}, {str(TRANSPORTS.parent)!r}]; "
        "import restli_transports.testing.fake; print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-I", "-S", "-c", program], check=True, capture_output=True, text=True)
    assert {"socket", "ssl", "h11", "requests", "httpx", "urllib3"} & set(loaded.stdout.split()) == set()


def test_what_is_not_restli_needs_no_token_and_no_version() -> None:
    fake = FakeTransport(
        authorization=AuthorizationServer(),
        requires_token=True,
        versions=["202609"],
        faults=Faults(rate=1, kinds=["500"]),
    )
    faults = iter([Fault(reset=True, runs=True), NO_FAULT])
    came: list[bytes] = []

    def take(request: HttpRequest) -> HttpResponse:
        came.append(request.body)
        return HttpResponse(201, {}, b"")

    fake.on_raw("/up/", take, fault=lambda _: next(faults))
    request = HttpRequest("PUT", "https://media.example/up/1", {}, b"bytes")
    with pytest.raises(restli.ProtocolError):
        fake.send(request)
    answer = fake.send(request)
    assert (answer.status_code, answer.url) == (201, "https://media.example/up/1")
    assert came == [b"bytes", b"bytes"]
    assert fake.requests == [request, request]
    assert fake.invocations == []
    assert [entry.executed is not None for entry in fake.journal] == [True, True]


def test_an_error_that_is_planned_several_times_is_several_errors(fake: FakeTransport) -> None:
    error = restli.ConnectError("refused")
    error.__cause__ = OSError("cause")
    error.add_note("a note")
    fake.fail_next(error, times=4)
    raised = []
    for tries in (1, 3):
        with pytest.raises(restli.ConnectError, match="refused") as caught:
            get(fake, retry=restli.RetryPolicy(tries=tries))
        raised.append(caught.value)
    assert [len(one.attempts) for one in raised] == [1, 3]
    assert raised[0] is error
    raised[1].add_note("another")
    assert error.__notes__ == ["a note"]
    assert str(raised[1].__cause__) == "cause"


class Peculiar(Exception):
    """One whose arguments do not make another."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(first + second)


class Changing(Exception):
    """One that is copied as something else."""

    def __reduce__(self) -> tuple[Any, ...]:
        return ValueError, ("other",)


@pytest.mark.parametrize("error", [Peculiar("a", "b"), Changing()], ids=["arguments", "type"])
def test_an_error_that_cannot_be_copied_is_raised_as_it_is(fake: FakeTransport, error: Exception) -> None:
    fake.fail_next(error, times=2)
    for _ in range(2):
        with pytest.raises(type(error)) as caught:
            get(fake)
        assert caught.value is error


@pytest.mark.parametrize("times", [0, 1, 2])
def test_a_plan_is_for_so_many_requests(fake: FakeTransport, times: int) -> None:
    fake.fail_next(restli.ProtocolError("cut"), times=times)
    fake.fail_next(HttpResponse(404), times=times)
    for kind in [restli.ProtocolError] * times + [restli.NotFoundError] * times:
        with pytest.raises(kind):
            get(fake, retry=restli.RetryPolicy(tries=1))
    assert get(fake).entity == {"id": "a"}
