from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import restli_core as restli
from restli_core.messages import HttpResponse
from restli_core.server import Created, Invocation, Refusal
from restli_transports.testing.handlers import Handlers
from tests.support.asking import ACCOUNTS, POSTS, Asking


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
