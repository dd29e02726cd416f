from __future__ import annotations

import json
import threading
from typing import Any

import pytest

import restli_core as restli
from restli_core.errors import InvalidCallError
from restli_core.messages import HttpRequest, HttpResponse
from restli_core.server import Collection, Invocation, Refusal
from restli_transports.testing.fake import FakeTransport
from restli_transports.testing.handlers import Handlers
from restli_transports.testing.in_memory import CollectionResource
from tests.support.asking import ACCOUNTS, POSTS, Asking, at

CONVERSIONS = "/conversions/{id:complex}"
PAIRS = "/pairs/{id:association(src,dest)}"


# collections


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


@pytest.mark.filterwarnings("ignore::restli_core.SuspiciousValueWarning")  # a key that looks like Rest.li text
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
    with pytest.raises(restli.BadRequestError, match="does not say its key"):
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


def test_a_part_of_a_collection_of_associations(handlers: Handlers, ask: Asking) -> None:
    pairs = handlers.collection(PAIRS)
    for src, dest in [("a", 1), ("a", 2), ("b", 1)]:
        pairs[{"src": src, "dest": dest}] = {"n": f"{src}{dest}"}
    pairs["text"] = {"n": "a key that is not an association"}
    read = [one["n"] for one in ask(restli.get_all, "/pairs/{id}", **at({"src": "a"})).elements]
    assert read == ["a1", "a2"]
    read = [one["n"] for one in ask(restli.get_all, "/pairs/{id}", **at({"dest": 1})).elements]
    assert read == ["a1", "b1"]
    assert len(ask(restli.get_all, "/pairs").elements) == 4
    # An id of a batch may have some parts only, but no entity has.
    some, whole = {"src": "a"}, {"src": "c", "dest": "3"}
    changed = ask(restli.batch_update, "/pairs", [some, whole], [{"n": 1}, {"n": 2}])
    assert ([row.status for row in changed.rows], len(pairs), pairs[whole]) == ([404, 204], 5, {"n": 2})


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
    ids=["no key", "no id", "None", "a number", "a member that is not text"],
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


# simple resources


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


def test_one_entity_in_the_place_of_a_list_is_refused_with_the_cure() -> None:
    fake = FakeTransport()
    with pytest.raises(InvalidCallError, match=r"entities: is one entity, .*: give a list of them"):
        fake.collection("/adAccounts/{id:long}", {"id": 5})  # type: ignore[arg-type]


def test_what_could_not_be_made_has_a_repr() -> None:
    unmade = CollectionResource.__new__(CollectionResource)
    with pytest.raises(InvalidCallError, match="has no key"):
        unmade.__init__(FakeTransport(), "/me", [], None)  # type: ignore[misc]
    assert repr(unmade) == "<CollectionResource /me of 0>"
