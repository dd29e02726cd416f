from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import restli_core as restli
from restli_core.errors import InvalidCallError
from restli_core.messages import HttpRequest, HttpResponse
from restli_core.server import Refusal
from restli_transports import AsyncRestliClient, AsyncTransport, RestliClient, Timeout, Transport
from restli_transports.testing.fake import FakeAsyncTransport, FakeTransport
from restli_transports.testing.handlers import Handlers

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
            fake.fail_next(restli.ConnectError("refused"))
            with pytest.raises(restli.ConnectError):
                await client.get("/me")
        return [got.entity, me.entity]

    assert asyncio.run(main()) == [{"name": "Summer"}, {"name": "Ada"}]
    assert (len(fake.requests), len(fake.invocations), fake.closed) == (3, 2, True)


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
        with pytest.raises(restli.NotFoundError):
            get(fake, base_url=base_url)
    with pytest.raises(restli.NotFoundError):
        get(FakeTransport(fake.handlers, base_path=""), base_url="https://h/rest")


@pytest.mark.parametrize("url", ["https://h/restful/adAccounts/a", "https://h/rest", "https://h?/rest/adAccounts/a"])
def test_what_only_looks_like_a_base_path(fake: FakeTransport, url: str) -> None:
    response = fake.send(HttpRequest("GET", url, {"X-RestLi-Protocol-Version": "2.0.0"}))
    assert response.status_code in {400, 404}


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
            get(fake)
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
