"""Answers: as LinkedIn's server writes them, and such that a client reads in them what the handler meant."""

from __future__ import annotations

import json
from typing import Any, TypeVar

import pytest

import restli_core as restli
from restli_core.calls import Call
from restli_core.encoding import reduced_decode
from restli_core.messages import Headers, HttpResponse
from restli_core.server import Collection, Created, Invocation, Refusal, read, respond
from tests.support.exchanges import DECLARED, UNDERSTOOD, numbered, request_of
from tests.support.serving import ACCOUNTS, CONVERSIONS, POSTS, asked

T = TypeVar("T")
BASE = "http://h"
JSON = "application/json"


# -- against LinkedIn's server -----------------------------------------------------------------------------------------


def page(answer: dict[str, Any]) -> Any:
    if answer.get("isError"):
        return Refusal(answer["error"]["status"], answer["error"]["message"])
    return Collection(answer["elements"], answer["paging"].get("total"), answer.get("metadata"))


def by_key(answer: dict[str, Any]) -> dict[str, Any]:
    refused = {key: Refusal(error["status"], "") for key, error in answer["errors"].items()}
    return {**{key: item.get("entity") for key, item in answer["results"].items()}, **refused}


def created(element: dict[str, Any]) -> Any:
    return Refusal(element["status"], "") if "error" in element else Created(element["id"], element.get("entity"))


HANDLED = {
    "get_all": page,
    "finder": page,
    "batch_finder": lambda answer: [page(element) for element in answer["elements"]],
    "batch_create": lambda answer: [created(element) for element in answer["elements"]],
    "batch_get": lambda answer: {**by_key(answer), **answer["results"]},
    "batch_update": by_key,
    "batch_partial_update": by_key,
    "batch_delete": by_key,
}


def handled(exchange: dict[str, Any], invocation: Invocation) -> Any:
    """Return what the reference's handler must have returned."""
    answer, headers = exchange["ok"]["response"].get("json"), exchange["ok"]["response"]["headers"]
    if invocation.method == "action":
        return answer and answer["value"]
    if invocation.method == "create":
        key = headers["X-RestLi-Id"]
        return Created(reduced_decode(key) if key.startswith("(") else key, answer)
    return HANDLED.get(invocation.method, lambda answer: answer)(answer)


UNLIKE = {
    26: "an id that is not there: the reference has the status 404 for it under results, we have an error",
    111: "an id that is not there; likewise",
}

ANSWERED = [(i, case) for i, case in UNDERSTOOD if case["ok"]["response"]["status"] < 300 and i not in UNLIKE]


def comparable(value: Any, name: str = "") -> Any:
    """Return an answer without the words of its errors; a link's query sorted, as Java's maps have no order."""
    if isinstance(value, dict):
        is_error = "status" in value and {"exceptionClass", "message"} & value.keys()
        return {name: comparable(value[name], name) for name in (["status"] if is_error else value)}
    if isinstance(value, list):
        return [comparable(item) for item in value]
    return [value.partition("?")[0], sorted(value.partition("?")[2].split("&"))] if name == "href" else value


@numbered(ANSWERED)
def test_answers_as_the_reference(exchange: dict[str, Any]) -> None:
    invocation = read(request_of(exchange), DECLARED)
    response, theirs = respond(invocation, handled(exchange, invocation)), exchange["ok"]["response"]
    assert response.status_code == theirs["status"]
    assert comparable(json.loads(response.body) if response.body else None) == comparable(theirs.get("json"))
    ours = response.headers if response.body else response.headers.without("Content-Type")
    # The reference says in Location that the new key has no parameters.
    assert ours == Headers({name: value.replace("$params:(),", "") for name, value in theirs["headers"].items()})


# -- what the client reads is what the handler meant -------------------------------------------------------------------


COMPLEX: dict[str, Any] = {"a": "x y", "$params": {"p": "q"}}


def answered(call: Call[T], resource: str, result: Any = None) -> T:
    return call.parse(respond(read(call.request, [resource]), result))


def at(key: Any) -> dict[str, Any]:
    return {"path_keys": {"id": key}, "base_url": BASE}


def test_what_a_handler_returns_shows_no_entity() -> None:
    assert repr(Created(1, {"secret": 1})) == "<Created 201>"
    assert repr(Collection([{"secret": 1}])) == "<Collection of 1>"


def test_get() -> None:
    call = restli.get("/posts/{id}", **at("a/b"), fields="name,owner:(id)")
    answer = answered(call, POSTS, {"name": "n", "owner": {"id": 1, "x": 2}, "secret": 3})
    assert answer.entity == {"name": "n", "owner": {"id": 1}}
    assert answer.headers["X-RestLi-Protocol-Version"] == "2.0.0"


@pytest.mark.parametrize(
    ("call", "resource"),
    [(restli.get("/posts/{id}", **at("a")), POSTS), (restli.get("/me", base_url=BASE), "/me")],
)
def test_nothing_where_an_entity_is_due_is_not_found(call: Call[Any], resource: str) -> None:
    with pytest.raises(Refusal) as refused:
        answered(call, resource)
    with pytest.raises(restli.NotFoundError):
        call.parse(refused.value.response)


def test_a_refusal_is_the_error_that_the_client_raises() -> None:
    call = restli.delete("/posts/{id}", **at("a"))
    with pytest.raises(Refusal) as refused:
        answered(call, POSTS, Refusal(422, "no", serviceErrorCode=7, code="NO", errorDetails={"x": [1]}))
    with pytest.raises(restli.UnprocessableEntityError) as raised:
        call.parse(refused.value.response)
    error = raised.value
    assert (error.message, error.service_error_code, error.code) == ("no", 7, "NO")
    assert error.error_details == {"x": [1]}
    assert refused.value.response.headers["X-RestLi-Error-Response"] == "true"


def test_a_mask_that_fits_no_entity_is_an_error_of_the_server() -> None:
    call = restli.get("/posts/{id}", **at("a"), fields="name:(x)")
    with pytest.raises(Refusal) as refused:
        answered(call, POSTS, {"name": "n"})
    assert refused.value.status == 500


def test_what_is_no_entity() -> None:
    with pytest.raises(TypeError, match="must be a mapping, not list"):
        answered(restli.get("/posts/{id}", **at("a")), POSTS, [])


def listed(**options: Any) -> Call[restli.CollectionResponse]:
    return restli.finder("/posts", "mine", base_url=BASE, **options)


def test_a_collection() -> None:
    call = listed(
        query_params={"start": 2, "count": 2, "metadataFields": "a", "pagingFields": "total,start"}, fields="id"
    )
    answer = answered(call, POSTS, Collection([{"id": 1, "x": 2}], total=9, metadata={"a": 1, "b": 2}, links=()))
    assert (answer.elements, answer.metadata) == ([{"id": 1}], {"a": 1})
    assert answer.document["paging"] == {"start": 2, "total": 9}


def test_elements_alone_are_a_collection() -> None:
    answer = answered(restli.get_all("/posts", base_url=BASE), POSTS, [{"id": 1}])
    assert (answer.elements, answer.metadata) == ([{"id": 1}], None)
    assert answer.document["paging"] == {"start": 0, "count": 10, "links": []}


@pytest.mark.parametrize(
    ("start", "count", "found", "total", "linked"),
    [
        (0, 2, 2, 5, {"next": "2"}),
        (2, 2, 2, 5, {"prev": "0", "next": "4"}),
        (4, 2, 1, 5, {"prev": "2"}),
        # On a full page there is a next, even at the end.
        (1, 2, 2, 3, {"prev": "0", "next": "3"}),
        (0, 2, 2, 2, {"next": "2"}),
        (0, 2, 2, 0, {"next": "2"}),
        (0, 2, 2, None, {"next": "2"}),
        # It begins after what is on this page, however many were asked for.
        (2, 5, 3, 9, {"prev": "0", "next": "5"}),
        (2, 5, 4, 7, {"prev": "0", "next": "6"}),
        (2, 5, 4, 6, {"prev": "0"}),
        (0, 2, 3, 9, {"next": "3"}),
        (0, 2, 3, 3, {}),
        (0, 2, 1, None, {}),
        (0, 0, 0, 5, {}),
        (3, 0, 0, None, {}),
    ],
)
def test_links(start: int, count: int, found: int, total: int | None, linked: dict[str, str]) -> None:
    call = listed(query_params={"start": start, "count": count, "a": "x y"})
    answer = answered(call, POSTS, Collection([{}] * found, total))
    assert answer.paging is not None
    assert {link["rel"]: link["href"] for link in answer.paging.links} == {
        rel: f"/posts?a=x%20y&q=mine&start={to}&count={count}" for rel, to in linked.items()
    }


def test_links_replace_start_and_count_however_they_were_written() -> None:
    request = asked("GET", "/rest/posts?&%73tart=1&count=1&q=mine")
    answer = json.loads(respond(read(request, [POSTS], base_path="/rest"), Collection([{}], 9)).body)
    assert [link["href"] for link in answer["paging"]["links"]] == [
        "/rest/posts?q=mine&start=0&count=1",
        "/rest/posts?q=mine&start=2&count=1",
    ]


def test_a_batch_finder() -> None:
    call = restli.batch_finder("/posts", "by", ("criteria", [{"a": 1}, {"a": 2}, {"a": 3}]), base_url=BASE, fields="id")
    assert read(call.request, [POSTS]).params == {"criteria": [{"a": "1"}, {"a": "2"}, {"a": "3"}]}
    first, second, third = answered(
        call, POSTS, [Collection([{"id": 1, "x": 1}], total=1), Refusal(403, "no"), []]
    ).results
    assert (first.elements, first.paging and first.paging.total, first.is_error) == ([{"id": 1}], 1, False)
    assert (second.elements, second.error, second.is_error) == ([], {"status": 403, "message": "no"}, True)
    assert (third.elements, third.is_error) == ([], False)


@pytest.mark.parametrize(
    "key", ["a", "urn:li:share:1", "", "x y", " x", "\xe9", "\n", "a/b,c", 5, COMPLEX, {"a": "\u20ac", "$params": {}}]
)
def test_create(key: Any) -> None:
    answer = answered(restli.create("/posts", {"n": 1}, base_url=BASE), POSTS, key)
    said = {name: value for name, value in key.items() if name != "$params"} if isinstance(key, dict) else str(key)
    assert said in (answer.entity_id, answer.decoded_entity_id)
    assert (answer.status_code, answer.entity, answer.document) == (201, None, None)
    assert answer.location == f"/posts/{restli.encode(key)}"


@pytest.mark.parametrize(("return_entity", "returned"), [(None, {"n": 1}), (True, {"n": 1}), (False, None)])
def test_create_with_an_entity(return_entity: bool | None, returned: Any) -> None:
    call = restli.create("/posts/", {"n": 1}, base_url=BASE, fields="n", return_entity=return_entity)
    answer = answered(call, POSTS, Created("a", {"n": 1, "x": 2}, status=202))
    assert (answer.status_code, answer.entity, answer.location) == (202, returned, "/posts/a")


def test_create_without_an_id() -> None:
    answer = answered(restli.create("/posts", {}, base_url=BASE), POSTS, Created(None))
    assert (answer.entity_id, answer.location) == (None, None)
    batch = answered(restli.batch_create("/posts", [{}], base_url=BASE), POSTS, [Created(None)])
    assert (batch.elements[0].status, batch.elements[0].id, batch.elements[0].location) == (201, None, None)


@pytest.mark.parametrize("return_entity", [None, False])
def test_batch_create(return_entity: bool | None) -> None:
    call = restli.batch_create("/posts", [{"n": 1}] * 3, base_url=BASE, fields="n", return_entity=return_entity)
    one, two, three = answered(call, POSTS, [Created(COMPLEX, {"n": 1, "x": 2}), Refusal(409, "taken"), 7]).elements
    assert (one.status, one.decoded_id, one.location) == (201, {"a": "x y"}, f"/posts/{restli.encode(COMPLEX)}")
    assert one.entity == ({"n": 1} if return_entity is None else None)
    assert (two.status, two.id, two.error) == (409, None, {"status": 409, "message": "taken"})
    assert (three.status, three.id, three.entity, three.error) == (201, "7", None, None)


def test_batch_create_of_another_number() -> None:
    with pytest.raises(ValueError, match="there are 1 results for 2"):
        answered(restli.batch_create("/posts", [{}, {}], base_url=BASE), POSTS, [1])


@pytest.mark.parametrize(("result", "status"), [(None, 204), ({"n": 1, "x": 2}, 200)])
def test_update(result: Any, status: int) -> None:
    answer = answered(restli.update("/posts/{id}", {}, **at("a"), query_params={"fields": "n"}), POSTS, result)
    assert (answer.status_code, answer.entity) == (status, result and {"n": 1})


@pytest.mark.parametrize(("return_entity", "status"), [(None, 200), (True, 200), (False, 204)])
def test_partial_update(return_entity: bool | None, status: int) -> None:
    call = restli.partial_update("/posts/{id}", {"n": 1}, **at("a"), return_entity=return_entity)
    answer = answered(call, POSTS, {"n": 1})
    assert (answer.status_code, answer.entity) == (status, {"n": 1} if status == 200 else None)


def test_delete() -> None:
    assert answered(restli.delete("/posts/{id}", **at("a")), POSTS, {"ignored": 1}).status_code == 204


@pytest.mark.parametrize("value", [0, False, "", "x", [], {}, {"a": [1]}, [None]])
def test_action(value: Any) -> None:
    answer = answered(restli.action("/posts/{id}", "go", {"p": 1}, **at("a")), POSTS, value)
    assert answer.value == value
    assert answer.document == {"value": value}


def test_action_that_returns_nothing() -> None:
    answer = answered(restli.action("/posts", "go", base_url=BASE), POSTS)
    assert (answer.status_code, answer.value, answer.document) == (200, None, None)


IDS = ["a", "(x)", "%", "", "\xe9", "urn:li:share:1"]


@pytest.mark.parametrize("shape", [list, lambda items: dict(zip(IDS, items, strict=True))])
def test_batch_get(shape: Any) -> None:
    items = [{"n": 0, "x": 0}, None, Refusal(403, "no"), *({"n": n} for n in range(3))]
    answer = answered(restli.batch_get("/posts", IDS, base_url=BASE, fields="n"), POSTS, shape(items))
    assert [(row.id, row.entity) for row in answer.rows] == [
        ("a", {"n": 0}),
        ("(x)", None),
        ("%", None),
        ("", {"n": 0}),
        ("\xe9", {"n": 1}),
        ("urn:li:share:1", {"n": 2}),
    ]
    assert {key: error["status"] for key, error in answer.errors.items()} == {"(x)": 404, "%": 403}


def test_batch_get_of_nothing() -> None:
    assert answered(restli.batch_get("/posts", [], base_url=BASE), POSTS, []).results == {}


def test_batch_get_by_complex_keys() -> None:
    answer = answered(
        restli.batch_get("/conversions", [COMPLEX, {"a": "b"}], base_url=BASE), CONVERSIONS, [{"n": 1}, None]
    )
    assert [(row.key, row.entity) for row in answer.rows] == [("(a:x y)", {"n": 1}), ("(a:b)", None)]


@pytest.mark.parametrize(
    "call",
    [
        restli.batch_update("/adAccounts", [1, 2, 3], [{"n": 1}] * 3, base_url=BASE),
        restli.batch_partial_update("/adAccounts", [1, 2, 3], [{"n": 1}] * 3, base_url=BASE),
        restli.batch_delete("/adAccounts", [1, 2, 3], base_url=BASE),
    ],
)
def test_batch_updates(call: Call[Any]) -> None:
    answer = answered(call, ACCOUNTS, {2: Refusal(404, "gone"), "3": {"n": 1}})
    assert [(row.id, row.status, row.error) for row in answer.rows] == [
        (1, 204, None),
        (2, 404, {"status": 404, "message": "gone"}),
        (3, 200, None),
    ]
    assert [row.entity for row in answer.rows] == [None, None, {"n": 1}]
    assert {row.status for row in answered(call, ACCOUNTS).rows} == {204}


def test_a_batch_of_another_number() -> None:
    with pytest.raises(ValueError, match="there are 1 results for 2"):
        answered(restli.batch_delete("/adAccounts", [1, 2], base_url=BASE), ACCOUNTS, [None])


def test_answers_are_http_responses() -> None:
    response = respond(read(asked("GET", "/adAccounts/5"), [ACCOUNTS]), {"\xe9": "\u20ac"})
    assert response == HttpResponse(
        200, {"Content-Type": JSON, "X-RestLi-Protocol-Version": "2.0.0"}, '{"\xe9":"\u20ac"}'.encode()
    )


# what no answer can say


@pytest.mark.parametrize("status", [None, "201", [201], 201.0, True, 199, 100, 1000, -1])
def test_a_status_that_is_none_of_http(status: Any) -> None:
    for method, made in [
        ("create", Created(5, status=status)),
        ("create", Created(None, status=status)),
        ("create", Refusal(status, "no")),
        ("batch_create", [Created(5, status=status)]),
        ("batch_create", [Refusal(status, "no")]),
        ("batch_get", [Refusal(status, "no")]),
        ("batch_delete", [Refusal(status, "no")]),
        ("batch_finder", [Refusal(status, "no")]),
    ]:
        invocation = Invocation(method, POSTS, "/posts", ids=("a",), entities=({},))
        with pytest.raises(ValueError, match=r"^(Created|Refusal)\.status must be an int from 200 to 999, not "):
            refused(invocation, made)


def refused(invocation: Invocation, made: Any) -> None:
    """Answer as a server does, with the Refusal's own response where it is raised."""
    try:
        respond(invocation, made)
    except Refusal as refusal:
        assert refusal.response.status_code


@pytest.mark.parametrize(
    ("method", "result", "reason"),
    [
        ("batch_get", [], "there are 0 results for 1 ids"),
        ("batch_update", [None, None], "there are 2 results for 1 ids"),
        ("batch_create", [5, 6], "there are 2 results for 1 entities"),
        ("batch_create", [], "there are 0 results for 1 entities"),
    ],
)
def test_a_batch_has_one_result_for_each(method: str, result: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        respond(Invocation(method, POSTS, "/posts", ids=("a",), entities=({},)), result)


def test_a_total_that_is_none() -> None:
    with pytest.raises(TypeError, match=r"^Collection\.total must be an int, not str$"):
        respond(Invocation("get_all", POSTS, "/posts"), Collection([], total="5"))  # type: ignore[arg-type]
