from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

import restli_core as restli
from restli_core.errors import InvalidCallError
from restli_core.messages import HttpRequest, HttpResponse
from restli_core.methods import METHODS
from restli_core.server import Collection, Created, Invocation, Refusal
from restli_transports.testing.handlers import Handlers

ACCOUNTS = "/adAccounts/{id:long}"
POSTS = "/posts/{id}"
CONVERSIONS = "/conversions/{id:complex}"
PAIRS = "/pairs/{id:association(src,dest)}"
BASE = "https://h/rest"


class Asking:
    """The fourteen functions, answered by handlers."""

    def __init__(self, handlers: Handlers) -> None:
        self.handlers = handlers

    def __call__(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        call = function(*args, base_url=BASE, **options)
        return call.parse(self.handlers.answer(call.request, base_path="/rest"))


@pytest.fixture
def handlers() -> Handlers:
    return Handlers()


@pytest.fixture
def ask(handlers: Handlers) -> Asking:
    return Asking(handlers)


def at(key: Any) -> dict[str, Any]:
    return {"path_keys": {"id": key}}


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
)
def test_what_is_not_there(handlers: Handlers, call: restli.Call[Any], status: int) -> None:
    handlers.on(ACCOUNTS, "get", lambda _: {})
    response = handlers.answer(call.request, base_path="/rest")
    assert response.status_code == status
    assert response.headers["X-RestLi-Error-Response"] == "true"


def test_names_are_part_of_what_is_registered(handlers: Handlers, ask: Asking) -> None:
    handlers.on(ACCOUNTS, "finder", lambda _: [{"by": "one"}], name="one")
    handlers.on(ACCOUNTS, "finder", lambda _: [{"by": "two"}], name="two")
    assert ask(restli.finder, "/adAccounts", "two").elements == [{"by": "two"}]


# batches without a handler of their own


def recording(seen: list[Invocation], answer: Callable[[Invocation], Any]) -> Callable[[Invocation], Any]:
    def handler(invocation: Invocation) -> Any:
        seen.append(invocation)
        return answer(invocation)

    return handler


def test_a_batch_get_of_gets(handlers: Handlers, ask: Asking) -> None:
    seen: list[Invocation] = []

    def entity(invocation: Invocation) -> Any:
        if invocation.key == "c":
            raise Refusal(403, "no")
        return None if invocation.key == "b" else {"id": invocation.key, "x": 1}

    handlers.on("/a/{above}/posts/{id}", "get", recording(seen, entity))
    ids = ["a/1", "b", "c"]
    answer = ask(restli.batch_get, "/a/{above}/posts", ids, path_keys={"above": "x"}, fields="id")
    assert [(row.entity, row.error and row.error["status"]) for row in answer.rows] == [
        ({"id": "a/1"}, None),
        (None, 404),
        (None, 403),
    ]
    assert [(one.method, one.path, one.path_keys, one.ids) for one in seen] == [
        ("get", f"/rest/a/x/posts/{path}", {"above": "x", "id": key}, ())
        for path, key in [("a%2F1", "a/1"), ("b", "b"), ("c", "c")]
    ]


def test_a_batch_create_of_creates(handlers: Handlers, ask: Asking) -> None:
    seen: list[Invocation] = []

    def new(invocation: Invocation) -> Any:
        if "id" not in invocation.entity:
            raise Refusal(422, "no id")
        return Created(invocation.entity["id"], invocation.entity)

    handlers.on(POSTS, "create", recording(seen, new))
    one, two, three = ask(restli.batch_create, "/posts", [{"id": "a"}, {}, {"id": "b"}]).elements
    assert (one.id, one.entity, two.status, three.id) == ("a", {"id": "a"}, 422, "b")
    assert [(one.method, one.entity, one.entities, one.key) for one in seen] == [
        ("create", {"id": "a"}, (), None),
        ("create", {}, (), None),
        ("create", {"id": "b"}, (), None),
    ]


def test_batches_of_updates_and_deletes(handlers: Handlers, ask: Asking) -> None:
    seen: list[Invocation] = []
    for method in ("update", "partial_update", "delete"):
        handlers.on(ACCOUNTS, method, recording(seen, lambda _: None))
    assert {row.status for row in ask(restli.batch_update, "/adAccounts", [1, 2], [{"a": 1}, {"a": 2}]).rows} == {204}
    ask(restli.batch_partial_update, "/adAccounts", [1, 2], [{"a": 1}, {"a": 2}])
    ask(restli.batch_delete, "/adAccounts", [1, 2])
    assert [(one.method, one.key, one.entity, one.patch) for one in seen] == [
        ("update", 1, {"a": 1}, None),
        ("update", 2, {"a": 2}, None),
        ("partial_update", 1, None, {"$set": {"a": 1}}),
        ("partial_update", 2, None, {"$set": {"a": 2}}),
        ("delete", 1, None, None),
        ("delete", 2, None, None),
    ]
    assert not any(one.ids or one.entities or one.patches for one in seen)


def test_a_batch_of_its_own_comes_first(handlers: Handlers, ask: Asking) -> None:
    handlers.on(ACCOUNTS, "get", lambda _: {"by": "get"})
    handlers.on(ACCOUNTS, "batch_get", lambda asked: [{"by": "batch_get"} for _ in asked.ids])
    assert ask(restli.batch_get, "/adAccounts", [1]).results == {"1": {"by": "batch_get"}}


def test_a_response_is_no_part_of_a_batch(handlers: Handlers, ask: Asking, caplog: pytest.LogCaptureFixture) -> None:
    handlers.on(ACCOUNTS, "get", lambda _: HttpResponse(200))
    with pytest.raises(restli.ServerError):
        ask(restli.batch_get, "/adAccounts", [1])
    assert "register the batch method" in caplog.text


# collections in memory


def test_all_methods_of_a_collection(handlers: Handlers, ask: Asking) -> None:
    accounts = handlers.collection(ACCOUNTS, {5: {"id": 5, "name": "five"}})
    created = ask(restli.create, "/adAccounts", {"name": "new", "id": 0}, return_entity=True)
    key = int(created.entity_id)
    assert (key, created.entity, accounts[key]) == (6, {"name": "new", "id": 6}, {"name": "new", "id": 6})
    assert ask(restli.get, "/adAccounts/{id}", **at(5)).entity == {"id": 5, "name": "five"}
    assert ask(restli.update, "/adAccounts/{id}", {"name": "V"}, **at(5)).status_code == 204
    patched = ask(restli.partial_update, "/adAccounts/{id}", {"open": True}, **at(5), return_entity=True)
    assert patched.entity == accounts[5] == {"name": "V", "open": True}
    assert ask(restli.batch_get, "/adAccounts", [5, 99]).rows[1].error["status"] == 404
    batch = ask(restli.batch_create, "/adAccounts", [{"name": "x"}, {"name": "y"}]).elements
    assert [accounts[int(one.id)]["name"] for one in batch] == ["x", "y"]
    updated = ask(restli.batch_update, "/adAccounts", [5, 99], [{"name": "W"}, {}])
    assert [row.status for row in updated.rows] == [204, 404]
    ask(restli.batch_partial_update, "/adAccounts", [5], patches=[{"$delete": ["name"], "$set": {"a": 1}}])
    assert accounts[5] == {"a": 1}
    assert [row.status for row in ask(restli.batch_delete, "/adAccounts", [5, 99]).rows] == [204, 404]
    assert ask(restli.delete, "/adAccounts/{id}", **at(key)).status_code == 204
    for function in (restli.get, restli.delete):
        with pytest.raises(restli.NotFoundError):
            ask(function, "/adAccounts/{id}", **at(key))


def test_pages_of_a_collection(handlers: Handlers, ask: Asking) -> None:
    handlers.collection(ACCOUNTS, [{"id": number} for number in range(1, 26)])
    first = ask(restli.get_all, "/adAccounts")
    assert ([one["id"] for one in first.elements], first.paging.total) == ([*range(1, 11)], 25)
    last = ask(restli.get_all, "/adAccounts", query_params={"start": 20, "count": 10})
    assert [one["id"] for one in last.elements] == [21, 22, 23, 24, 25]
    assert [(link["rel"], link["href"]) for link in last.paging.links] == [
        ("prev", "/rest/adAccounts?start=10&count=10")
    ]
    assert [link["rel"] for link in first.paging.links] == ["next"]
    assert ask(restli.get_all, "/adAccounts", query_params={"start": 99}).elements == []
    with pytest.raises(restli.BadRequestError):
        ask(restli.get_all, "/adAccounts", query_params={"start": "x"})


def test_following_the_links_finds_each_once(handlers: Handlers) -> None:
    handlers.collection(POSTS, {f"p{number}": {"number": number} for number in range(7)})
    found: list[int] = []
    url: str | None = "/rest/posts?count=3"
    while url is not None:
        answer = handlers.answer(HttpRequest("GET", url, {"X-RestLi-Protocol-Version": "2.0.0"}), base_path="/rest")
        page = json.loads(answer.body)
        found += [one["number"] for one in page["elements"]]
        url = next((link["href"] for link in page["paging"]["links"] if link["rel"] == "next"), None)
    assert found == [*range(7)]


def test_a_collection_by_text(handlers: Handlers, ask: Asking) -> None:
    posts = handlers.collection(POSTS, {"urn:li:share:1": {"n": 1}, "(a:b)": {"n": 2}, "": {"n": 3}})
    assert ask(restli.get, "/posts/{id}", **at("urn:li:share:1")).entity == {"n": 1}
    assert [row.entity for row in ask(restli.batch_get, "/posts", ["(a:b)", ""]).rows] == [{"n": 2}, {"n": 3}]
    posts["1"] = {"taken": True}
    assert ask(restli.create, "/posts", {"n": 4}).entity_id == "2"
    assert posts["2"] == {"n": 4, "id": "2"}


KEY = {"campaign": "urn:li:c:1", "conversion": 5}


def test_a_collection_by_complex_keys(handlers: Handlers, ask: Asking) -> None:
    conversions = handlers.collection(CONVERSIONS, [{"id": KEY, "on": True}])
    with_params = {**KEY, "$params": {"x": "y"}}
    assert ask(restli.get, "/conversions/{id}", **at(with_params)).entity["on"] is True
    other = {"campaign": "(x) y", "conversion": 6}
    assert ask(restli.create, "/conversions", {"id": other}).decoded_entity_id == {
        "campaign": "(x) y",
        "conversion": "6",
    }
    answer = ask(restli.batch_update, "/conversions", [other, KEY], [{"on": 1}, {"on": 2}])
    assert [row.status for row in answer.rows] == [204, 204]
    assert (conversions[other], conversions[with_params]) == ({"on": 1}, {"on": 2})
    assert list(conversions) == [KEY, other]
    assert ask(restli.batch_get, "/conversions", [other, {"a": "b"}]).rows[0].entity == {"on": 1}
    with pytest.raises(restli.BadRequestError, match="does not tell its key"):
        ask(restli.create, "/conversions", {"on": True})
    with pytest.raises(restli.ConflictError):
        ask(restli.create, "/conversions", {"id": other})


def test_a_collection_of_associations(handlers: Handlers, ask: Asking) -> None:
    pairs = handlers.collection(PAIRS)
    key = {"src": "a", "dest": "b"}
    with pytest.raises(restli.NotFoundError):
        ask(restli.get, "/pairs/{id}", **at(key))
    with pytest.raises(restli.NotFoundError):
        ask(restli.partial_update, "/pairs/{id}", {"n": 1}, **at(key))
    assert ask(restli.update, "/pairs/{id}", {"n": 1}, **at(key)).status_code == 204
    assert ask(restli.get, "/pairs/{id}", **at(key)).entity == {"n": 1}

    @pairs.finder("from")
    def from_(invocation: Invocation) -> list[dict[str, Any]]:
        return [pairs[key] for key in pairs if key["src"] == invocation.key["src"]]

    assert ask(restli.finder, "/pairs/{id}", "from", **at({"src": "a"})).elements == [{"n": 1}]
    assert from_.__name__ == "from_"


def test_ids_by_a_function_of_the_entity(handlers: Handlers, ask: Asking) -> None:
    def urn(entity: dict[str, Any]) -> str:
        return f"urn:li:post:{entity.pop('slug')}"

    posts = handlers.collection(POSTS, [{"slug": "a"}], id_of=urn)
    assert posts["urn:li:post:a"] == {"slug": "a"}
    assert ask(restli.create, "/posts", {"slug": "b"}).entity_id == "urn:li:post:b"
    assert posts["urn:li:post:b"] == {"slug": "b"}
    with pytest.raises(restli.ConflictError):
        ask(restli.create, "/posts", {"slug": "b"})


def test_a_patch_that_cannot_be_applied(handlers: Handlers, ask: Asking) -> None:
    handlers.collection(ACCOUNTS, {5: {"a": 1}})
    with pytest.raises(restli.BadRequestError):
        ask(restli.partial_update, "/adAccounts/{id}", patch={"a": {"$set": {"b": 1}}}, **at(5))


def test_finders_batch_finders_and_actions(handlers: Handlers, ask: Asking) -> None:
    accounts = handlers.collection(ACCOUNTS, [{"id": number, "odd": number % 2} for number in range(1, 31)])

    @accounts.finder("search")
    def search(invocation: Invocation) -> list[dict[str, Any]]:
        return [entity for entity in accounts.entities if str(entity["odd"]) == invocation.params["odd"]]

    @accounts.finder("whole")
    def whole(_invocation: Invocation) -> Collection:
        return Collection([{"id": 1}], metadata={"nextPageToken": "x"})

    @accounts.batch_finder("byParity", criteria="criteria")
    def by_parity(_invocation: Invocation, criterion: Any) -> list[dict[str, Any]]:
        if criterion["odd"] == "2":
            raise Refusal(400, "no such parity")
        return [entity for entity in accounts.entities if str(entity["odd"]) == criterion["odd"]]

    @accounts.action("close")
    def close(invocation: Invocation) -> int:
        accounts[invocation.key] = {**accounts[invocation.key], "closed": True}
        return 1

    page = ask(restli.finder, "/adAccounts", "search", query_params={"odd": 1, "start": 10})
    assert ([one["id"] for one in page.elements], page.paging.total) == ([21, 23, 25, 27, 29], 15)
    assert ask(restli.finder, "/adAccounts", "whole").metadata == {"nextPageToken": "x"}
    one, two = ask(
        restli.batch_finder,
        "/adAccounts",
        "byParity",
        ("criteria", [{"odd": 0}, {"odd": 2}]),
        query_params={"count": 2},
    ).results
    assert ([found["id"] for found in one.elements], one.paging.total) == ([2, 4], 15)
    assert two.error["message"] == "no such parity"
    assert ask(restli.action, "/adAccounts/{id}", "close", **at(5)).value == 1
    assert accounts[5] == {"id": 5, "odd": 1, "closed": True}
    for call in (
        restli.batch_finder("/adAccounts", "byParity", ("others", [{}]), base_url="https://h"),
        restli.batch_finder(
            "/adAccounts", "byParity", ("x", [1]), query_params={"criteria": "1"}, base_url="https://h"
        ),
    ):
        assert handlers.answer(call.request).status_code == 400
    assert {function.__name__ for function in (search, whole, by_parity, close)}  # the decorators give them back


def test_a_finder_may_answer_with_a_response(handlers: Handlers, ask: Asking) -> None:
    accounts = handlers.collection(ACCOUNTS)
    accounts.finder("broken")(lambda _: HttpResponse(503))
    with pytest.raises(restli.ServerError):
        ask(restli.finder, "/adAccounts", "broken")


def test_nothing_is_shared_with_the_store(handlers: Handlers) -> None:
    given = {5: {"a": [{"b": 1}]}}
    accounts = handlers.collection(ACCOUNTS, given)
    given[5]["a"][0]["b"] = 2
    accounts[5]["a"][0]["b"] = 3
    accounts.entities[0]["a"].append(4)
    accounts[6] = given[5]
    given[5]["a"].clear()
    assert (accounts[5], accounts[6]) == ({"a": [{"b": 1}]}, {"a": [{"b": 2}]})


def test_a_collection_is_a_mapping(handlers: Handlers) -> None:
    accounts = handlers.collection(ACCOUNTS, {5: {"a": 1}})
    assert (len(accounts), list(accounts), accounts["5"], 6 in accounts, "5" in accounts) == (
        1,
        [5],
        {"a": 1},
        False,
        True,
    )
    del accounts[5]
    assert (accounts.entities, accounts.get(5)) == ([], None)
    with pytest.raises(KeyError):
        accounts[5]
    assert repr(accounts) == "<CollectionResource /adAccounts/{id:long} of 0>"


@pytest.mark.parametrize(
    ("resource", "entities"),
    [("/me", {}), (ACCOUNTS, [{"name": "no id"}]), (ACCOUNTS, {5: None}), (ACCOUNTS, [5]), (ACCOUNTS, {5: {1: 2}})],
)
def test_collections_that_cannot_be(handlers: Handlers, resource: str, entities: Any) -> None:
    with pytest.raises(InvalidCallError):
        handlers.collection(resource, entities)


def test_entities_of_any_depth(handlers: Handlers, depth: int) -> None:
    deep: dict[str, Any] = {}
    for _ in range(depth):
        deep = {"a": deep}
    accounts = handlers.collection(ACCOUNTS, {5: deep})
    assert list(accounts[5]) == ["a"]


def test_many_threads_on_one_collection(handlers: Handlers, ask: Asking) -> None:
    accounts = handlers.collection(ACCOUNTS, {1: {"counts": {}}})

    def work(number: int) -> None:
        for turn in range(10):
            ask(restli.create, "/adAccounts", {"by": number})
            ask(restli.partial_update, "/adAccounts/1", patch={"counts": {"$set": {f"{number}-{turn}": 1}}})
            ask(restli.get_all, "/adAccounts")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(accounts), len(accounts[1]["counts"])) == (81, 80)


# simple resources in memory


def test_a_simple_resource(handlers: Handlers, ask: Asking) -> None:
    me = handlers.simple("/me", {"name": "Ada"})

    @me.action("rename")
    def rename(invocation: Invocation) -> None:
        me.entity = {"name": invocation.entity["to"]}

    assert ask(restli.get, "/me", fields="name").entity == {"name": "Ada"}
    assert ask(restli.partial_update, "/me", {"age": 36}, return_entity=True).entity == {"name": "Ada", "age": 36}
    assert ask(restli.partial_update, "/me", {"age": 37}).entity is None
    ask(restli.action, "/me", "rename", {"to": "Bob"})
    assert me.entity == {"name": "Bob"}
    assert ask(restli.delete, "/me").status_code == 204
    assert me.entity is None
    for function, arguments in [(restli.get, ()), (restli.delete, ()), (restli.partial_update, ({"a": 1},))]:
        with pytest.raises(restli.NotFoundError):
            ask(function, "/me", *arguments)
    assert ask(restli.update, "/me", {"name": "Cid"}).status_code == 204
    assert me.entity == {"name": "Cid"}
    assert (repr(me), rename.__name__) == ("<SimpleResource /me>", "rename")


def test_nothing_is_shared_with_a_simple_resource(handlers: Handlers) -> None:
    given: dict[str, Any] = {"a": [1]}
    me = handlers.simple("/me", given)
    given["a"].append(2)
    taken = me.entity
    assert taken is not None
    taken["a"].append(3)
    assert me.entity == {"a": [1]}


def test_a_simple_resource_has_no_key(handlers: Handlers) -> None:
    with pytest.raises(InvalidCallError):
        handlers.simple(ACCOUNTS)


def test_all_methods_can_be_registered(handlers: Handlers) -> None:
    for method in METHODS:
        handlers.on(
            ACCOUNTS, method, lambda _: None, name="x" if method in {"finder", "batch_finder", "action"} else None
        )
    assert handlers.handlers is handlers
