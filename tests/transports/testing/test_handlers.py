from __future__ import annotations

import pickle
from typing import Any

import pytest

import restli_core as restli
from restli_core.errors import InvalidCallError
from restli_core.messages import HttpRequest, HttpResponse
from restli_core.methods import METHODS
from restli_core.server import Invocation, Refusal
from restli_transports import RestliClient
from restli_transports.testing import FakeTransport, RowFaults
from restli_transports.testing.handlers import Handlers, UnexpectedRequestError
from tests.support.asking import ACCOUNTS, BASE, Asking, at
from tests.support.serving import asked

# registering


def test_a_handler_in_a_line(handlers: Handlers, ask: Asking) -> None:
    handlers.on(ACCOUNTS, "get", lambda invocation: {"id": invocation.key})
    assert ask(restli.get, "/adAccounts/{id}", **at(5)).entity == {"id": 5}


def test_a_handler_by_decoration(handlers: Handlers, ask: Asking) -> None:
    @handlers.on("/me", "action", name="greet")
    def greet(invocation: Invocation) -> str:
        return f"Hello, {invocation.entity['name']}"

    assert ask(restli.action, "/me", "greet", {"name": "Ada"}).value == "Hello, Ada"
    assert greet(Invocation("action", "/me", "/me", entity={"name": "Bob"})) == "Hello, Bob"


def test_a_later_handler_takes_the_place(handlers: Handlers, ask: Asking) -> None:
    for number in (1, 2):
        handlers.on("/me", "get", lambda _, number=number: {"number": number})
    assert ask(restli.get, "/me").entity == {"number": 2}


@pytest.mark.parametrize(
    ("resource", "method", "name", "argument"),
    [
        ("me", "get", None, "resources"),
        ("/a/{id:int}", "get", None, "resources"),
        ("/me", "GET", None, "method"),
        ("/me", "options", None, "method"),
        ("/adAccounts", "create", None, "resource"),
        ("/adAccounts", "finder", "search", "resource"),
        (ACCOUNTS, "finder", None, "name"),
        (ACCOUNTS, "batch_finder", None, "name"),
        (ACCOUNTS, "action", None, "name"),
        (ACCOUNTS, "get", "search", "name"),
    ],
)
def test_what_cannot_be_registered(
    handlers: Handlers, resource: str, method: str, name: str | None, argument: str
) -> None:
    with pytest.raises(InvalidCallError) as refused:
        handlers.on(resource, method, lambda _: None, name=name)
    assert refused.value.argument == argument


def test_a_handler_is_a_function(handlers: Handlers) -> None:
    entity: Any = {"id": 1}
    with pytest.raises(InvalidCallError, match=r"^handler: must be a function .*, not dict"):
        handlers.on(ACCOUNTS, "get", entity)


@pytest.mark.parametrize("other", ["/adAccounts/{id}", "/adAccounts/{account:long}", "/adAccounts"])
def test_a_path_is_declared_once(handlers: Handlers, other: str) -> None:
    handlers.on(ACCOUNTS, "get", lambda _: {})
    with pytest.raises(InvalidCallError, match=r"declared already, as '/adAccounts/\{id:long\}'"):
        handlers.on(other, "get", lambda _: {})
    handlers.on("/adAccounts/{id:long}/owner", "get", lambda _: {})
    handlers.on("/adAccounts/{id:long}/adCampaigns/{campaign:long}", "get", lambda _: {})


def test_resources_below_others(handlers: Handlers, ask: Asking) -> None:
    handlers.on("/adAccounts/{id:long}/users/{user}", "get", lambda invocation: {**invocation.path_keys})
    keys = {"account": 5, "user": "a/b"}
    assert ask(restli.get, "/adAccounts/{account}/users/{user}", path_keys=keys).entity == {"id": 5, "user": "a/b"}


# answering


def test_a_response_goes_as_it_is(handlers: Handlers) -> None:
    response = HttpResponse(418, {"X-A": "b"}, b"tea")
    handlers.on("/me", "get", lambda _: response)
    assert handlers.answer(restli.get("/me", base_url="https://h").request) is response


def test_a_refusal_is_an_error_of_rest_li(handlers: Handlers, ask: Asking) -> None:
    @handlers.on("/me", "get")
    def refuse(_invocation: Invocation) -> None:
        raise Refusal(429, "slow down", serviceErrorCode=101)

    with pytest.raises(restli.RateLimitError) as error:
        ask(restli.get, "/me")
    assert (error.value.message, error.value.service_error_code) == ("slow down", 101)
    assert refuse is not None


SECRET = "a value that no answer shall show"


def failing(invocation: Invocation) -> Any:
    secret = SECRET
    raise KeyError(f"{secret} {invocation}")


class Odd:
    """Nothing that JSON knows."""


@pytest.mark.parametrize(
    ("handler", "kind"),
    [
        (failing, "KeyError"),
        (lambda _: Odd(), "TypeError"),
        (lambda _: {"a": Odd()}, "TypeError"),
        (lambda _: {"a": "\ud800"}, "UnicodeEncodeError"),
        (lambda _: {"a": float("nan")}, "ValueError"),
        (lambda _: Refusal(400, "no", code=Odd()), "TypeError"),
    ],
    ids=["error", "not JSON", "not JSON inside", "lone surrogate", "NaN", "field of a refusal"],
)
def test_a_handler_that_fails(
    handlers: Handlers, ask: Asking, caplog: pytest.LogCaptureFixture, handler: Any, kind: str
) -> None:
    handlers.on("/me", "get", handler)
    with pytest.raises(restli.ServerError) as error:
        ask(restli.get, "/me")
    assert (error.value.status_code, error.value.exception_class, error.value.stack_trace) == (500, kind, None)
    assert SECRET not in str(error.value)
    assert kind in caplog.text


@pytest.mark.parametrize(
    ("call", "status"),
    [
        (restli.finder("/adAccounts", "search", base_url=BASE), 400),
        (restli.batch_finder("/adAccounts", "search", ("c", [1]), base_url=BASE), 400),
        (restli.action("/adAccounts", "search", base_url=BASE), 400),
        (restli.delete("/adAccounts/1", base_url=BASE), 400),
        (restli.batch_delete("/adAccounts", [1], base_url=BASE), 400),
        (restli.get("/nothing", base_url=BASE), 404),
        (restli.get("/adAccounts/x", base_url=BASE), 400),
        (restli.get("/adAccounts/1", base_url="https://h/v2"), 404),
    ],
    ids=["finder", "batch_finder", "action", "delete", "batch_delete", "resource", "key", "base path"],
)
def test_what_is_not_there(handlers: Handlers, call: restli.Call[Any], status: int) -> None:
    handlers.on(ACCOUNTS, "get", lambda _: {})
    response = handlers.answer(call.request, base_path="/rest")
    assert response.status_code == status
    assert response.headers["X-RestLi-Error-Response"] == "true"


PAIRS = "/pairs/{id:association(src,dest)}"
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("method", "target", "headers", "body", "status"),
    [
        # As the reference: these are refused,
        ("POST", "/adAccounts?q=search", JSON, b"{}", 400),
        ("POST", "/adAccounts/5?q=search", JSON, b"{}", 400),
        ("PUT", "/adAccounts/5?q=search", JSON, b"{}", 400),
        ("DELETE", "/adAccounts/5?q=search", {}, b"", 400),
        ("DELETE", "/adAccounts?ids=List(5)&bq=search", {}, b"", 400),
        ("GET", "/adAccounts?action=search", {}, b"", 400),
        ("GET", "/adAccounts/5?action=search", {}, b"", 400),
        ("PUT", "/adAccounts/5?action=search", JSON, b"{}", 400),
        ("DELETE", "/adAccounts/5?action=search", {}, b"", 400),
        ("GET", "/adAccounts?q=search&ids=List(5)", {}, b"", 400),
        ("GET", "/adAccounts?bq=search&ids=List()", {}, b"", 400),
        ("POST", "/adAccounts?action=search&ids=List(5)", JSON, b"{}", 400),
        ("GET", "/adAccounts/5", {"Content-Type": "json"}, b"", 400),
        ("POST", "/adAccounts", {"Content-Type": "application/json; charset"}, b"{}", 400),
        ("POST", "/adAccounts", {"Content-Type": "multipart/related"}, b"{}", 415),
        ("GET", "/adAccounts?start=2147483648", {}, b"", 400),
        ("PUT", "/adAccounts?ids=List(5)", JSON, b"{}", 400),
        ("GET", "/nothing", {}, b"", 404),
        # and these are not.
        ("GET", "/adAccounts?q=search&action=x&bq=y", {}, b"", 200),
        ("GET", "/adAccounts?bq=search&action=x", {}, b"", 200),
        ("POST", "/adAccounts?action=search&q=x&bq=y", JSON, b"{}", 200),
        ("POST", "/adAccounts", {"Content-Type": "text/plain; charset=utf-8"}, b"{}", 201),
        ("GET", "/adAccounts?start=2147483647&count=1000000000", {}, b"", 200),
        ("POST", "/adAccounts", {**JSON, "X-RestLi-Method": "BATCH_CREATE"}, b"{}", 200),
        ("PUT", "/adAccounts?ids=List()", JSON, b"{}", 200),
        ("POST", "/adAccounts?ids=List()", JSON, b"{}", 200),
        ("GET", "/pairs/(src:a)", {}, b"", 200),
        ("GET", "/pairs/(src:a)?q=search", {}, b"", 200),
        ("POST", "/pairs/(src:a)?action=search", JSON, b"{}", 200),
        ("GET", "/pairs?ids=List((src:a))", {}, b"", 200),
        ("GET", "/pairs/(src:a,dest:b)", {}, b"", 200),
    ],
)
def test_it_answers_as_the_reference(
    method: str, target: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    handlers = Handlers()
    results: dict[str, Any] = {"create": 5, "get": {}, "get_all": [], "finder": [], "batch_finder": []}
    for resource in (ACCOUNTS, PAIRS):
        for name in ("get", "get_all", "create", "update", "delete", "partial_update"):
            handlers.on(resource, name, lambda _, name=name: results.get(name))
        for name in ("finder", "batch_finder", "action"):
            handlers.on(resource, name, lambda _, name=name: results.get(name), name="search")
    errors: list[BaseException] = []
    response = handlers.answer(asked(method, target, headers, body), errors=errors)
    assert response.status_code == status
    assert len(errors) == (status == 404)


def test_what_goes_wrong_is_handed_on_with_the_request(handlers: Handlers) -> None:
    errors: list[BaseException] = []
    handlers.on("/me", "get", failing)
    for path, status in [("/me", 500), ("/you", 404)]:
        call = restli.get(path, base_url="https://h/rest", query_params={"secret": SECRET})
        assert handlers.answer(call.request, base_path="/rest", errors=errors).status_code == status
    assert [type(error) for error in errors] == [KeyError, UnexpectedRequestError]
    assert [error.__notes__ for error in errors] == [
        [f"The server was answering GET https://h/rest/{path}?secret=…"] for path in ("me", "you")
    ]
    with pytest.raises(KeyError):
        handlers.respond(Invocation("get", "/me", "/me"))


def test_an_interrupt_ends_more_than_a_request(handlers: Handlers, ask: Asking) -> None:
    @handlers.on("/me", "get")
    def interrupted(_invocation: Invocation) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(restli.get, "/me")
    assert interrupted is not None


def test_an_unexpected_request_is_told_with_the_nearest(handlers: Handlers) -> None:
    for number in range(60):
        handlers.on(f"/things{number}/{{id}}", "get", lambda _: {})
    handlers.on(ACCOUNTS, "finder", lambda _: [], name="search")
    handlers.on(ACCOUNTS, "action", lambda _: None, name="search")
    handlers.on(ACCOUNTS, "get_all", lambda _: [])
    with pytest.raises(UnexpectedRequestError) as unexpected:
        handlers.respond(handlers.read(restli.finder("/adAccounts", "serach", base_url="https://h").request))
    lines = str(unexpected.value).splitlines()
    assert lines[:4] == [
        "No handler is registered for finder 'serach' of /adAccounts/{id:long}",
        "The nearest: finder 'search' of /adAccounts/{id:long}",
        "Registered:",
        "    /adAccounts/{id:long}: finder 'search', action 'search', get_all",
    ]
    assert (len(lines), lines[-1]) == (44, "    and 21 more resources")
    assert unexpected.value.refusal.status == 400
    assert pickle.loads(pickle.dumps(unexpected.value)).args == unexpected.value.args
    assert UnexpectedRequestError("without words").refusal.status == 404
    with pytest.raises(UnexpectedRequestError) as unexpected:
        handlers.read(restli.get("/" + "x" * 100_000, base_url="https://h").request)
    assert len(str(unexpected.value)) < 5000


def test_an_empty_segment_is_no_resource_either(handlers: Handlers) -> None:
    handlers.on(ACCOUNTS, "get", lambda _: {})
    with pytest.raises(UnexpectedRequestError) as unexpected:
        handlers.read(asked("GET", "/adAccounts//5"))
    assert unexpected.value.refusal.status == 400  # as the reference has it


def test_names_are_part_of_what_is_registered(handlers: Handlers, ask: Asking) -> None:
    handlers.on(ACCOUNTS, "finder", lambda _: [{"by": "one"}], name="one")
    handlers.on(ACCOUNTS, "finder", lambda _: [{"by": "two"}], name="two")
    assert ask(restli.finder, "/adAccounts", "two").elements == [{"by": "two"}]


def test_all_methods_can_be_registered(handlers: Handlers) -> None:
    for method in METHODS:
        handlers.on(
            ACCOUNTS, method, lambda _: None, name="x" if method in {"finder", "batch_finder", "action"} else None
        )
    assert handlers.handlers is handlers


def test_a_raised_refusal_that_cannot_be_sent(handlers: Handlers, ask: Asking) -> None:
    @handlers.on("/me", "get")
    def refuse(_invocation: Invocation) -> None:
        raise Refusal(400, "no", code=Odd())

    with pytest.raises(restli.ServerError) as error:
        ask(restli.get, "/me")
    assert error.value.exception_class == "TypeError"
    assert refuse is not None


def test_some_rows_of_batches_fail_and_are_not_done() -> None:
    fake = FakeTransport()
    posts = fake.collection("/posts/{id:long}")
    fake.fail_rows(RowFaults(seed=3, rate=0.5, statuses=[503], times=1))
    client = RestliClient(fake)
    created = client.batch_create("/posts", [{"n": number} for number in range(20)]).elements
    failed = [result for result in created if result.status == 503]
    assert len(posts) == 20 - len(failed)
    assert 0 < len(failed) < 20
    # Each by itself, and only in batches.
    assert all(result.status == 201 for result in client.batch_create("/posts", [{"n": n} for n in range(20)]).elements)
    fake.fail_rows(RowFaults(rate=1))
    client.create("/posts", {"n": 1})
    assert all(row.failed for row in client.batch_get("/posts", [1, 2]).rows)
    fake.fail_rows(None)
    assert not any(row.failed for row in client.batch_get("/posts", [1, 2]).rows)


# requests that are not Rest.li's


def raw(url: str) -> HttpRequest:
    return HttpRequest("PUT", url, {}, b"bytes")


def test_what_is_not_restli_goes_to_a_function_of_the_request(handlers: Handlers) -> None:
    handlers.on_raw("/up/", lambda request: HttpResponse(201, {"X-Url": request.url}, request.body))
    handlers.on_raw("/up/loads/", lambda _: HttpResponse(202, {}, b""))
    answer = handlers.answer(raw("https://media.example/up/1?a=%253D"), base_path="/rest")
    assert (answer.status_code, answer.body) == (201, b"bytes")
    assert answer.headers["X-Url"] == "https://media.example/up/1?a=%253D"
    assert handlers.answer(raw("/up/loads/1")).status_code == 202  # the longest prefix that fits
    handlers.on_raw("/up/", lambda _: HttpResponse(203, {}, b""))
    assert handlers.answer(raw("/up/1")).status_code == 203
    assert handlers.answer(raw("/rest/up/1"), base_path="/rest").status_code == 400  # which is Rest.li's


def test_what_such_a_function_does_wrong_is_a_fault_of_the_test(handlers: Handlers) -> None:
    def refuse(_: HttpRequest) -> HttpResponse:
        raise Refusal(403, "no")

    def fail(_: HttpRequest) -> HttpResponse:
        raise StopIteration

    wrong: Any = lambda _: None  # noqa: E731 - such as a function that forgot to return
    errors: list[BaseException] = []
    for handler, status in ((refuse, 403), (fail, 500), (wrong, 500)):
        handlers.on_raw("/up/", handler)
        assert handlers.answer(raw("/up/1"), errors=errors).status_code == status
    assert [type(error) for error in errors] == [RuntimeError, TypeError]
    route = handlers.route(raw("/up/1"))
    assert route is not None
    with pytest.raises(TypeError, match="must be an HttpResponse, not NoneType"):
        handlers.respond_raw(route, raw("/up/1"))


@pytest.mark.parametrize(
    ("prefix", "handler", "argument"),
    [("up/", print, "prefix"), ("", print, "prefix"), (5, print, "prefix"), ("/up/", None, "handler")],
)
def test_a_raw_handler_is_checked(handlers: Handlers, prefix: Any, handler: Any, argument: str) -> None:
    with pytest.raises(InvalidCallError, match=argument):
        handlers.on_raw(prefix, handler)
