from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from typing import Any, TypeVar

import pytest

import restli_core as restli
from restli_core.calls import Call
from restli_core.encoding import reduced_decode
from restli_core.errors import InvalidCallError
from restli_core.messages import Headers, HttpRequest, HttpResponse
from restli_core.server import Collection, Created, Invocation, Refusal, Resource, read, respond
from tests.vectors import load

T = TypeVar("T")

BASE = "http://h"
JSON = "application/json"
VERSION = {"X-RestLi-Protocol-Version": "2.0.0"}


def asked(method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> HttpRequest:
    return HttpRequest(method, url, {**VERSION, **(headers or {})}, body)


def refusal(request: HttpRequest, *resources: str, base_path: str = "") -> Refusal:
    with pytest.raises(Refusal) as refused:
        read(request, resources or None, base_path=base_path)
    return refused.value


# against LinkedIn's server

DECLARED = (
    "/greetings/{greetingsId:long}",
    "/greeting",
    "/greeting/subgreetings/{subgreetingsId:long}",
    "/stringKeys/{parentKey}",
    "/stringKeys/{parentKey}/stringKeysSub/{subKey}",
    "/complexKeys/{keys:complex}",
    "/associations/{associationsId:association(src,dest)}",
    "/associations/{associationsId:association(src,dest)}/associationsSub/{subKey}",
    "/actions",
    "/batchfinders/{id:long}",
    "/createGreeting/{id:long}",
    "/partialUpdateGreeting/{key:long}",
    "/exceptions/{id:long}",
    "/exceptions2/{id:long}",
    "/exceptions3/{exceptions3Id:long}",
    "/groups/{id:long}",
    "/groupMemberships/{groupMembershipsId:association(groupID,memberID)}",
    "/customTypes/{id:long}",
    "/complexArray/{complexArrayId:complex}",
    "/compression/{id:long}",
    "/byteStringArrayQueryParam/{id:long}",
    "/validationDemos/{id:long}",
    "/emptyUnion/{emptyUnionId:long}",
    "/nullGreeting/{nullGreetingId:long}",
    "/pagingMetadataProjections/{id:long}",
    "/altKey/{altKeyId:long}",
)
"""The resources of LinkedIn's integration tests, as far as the exchanges meet them."""

UNSENDABLE = {
    74: "a raw non-ASCII character in the target, which no HTTP request can have (RFC 9112 section 3.2); Jetty lets it "
    "through",
    122: "a raw space in the target, likewise; Jetty answers 400, before Rest.li",
}
LEFT_OUT = {
    29: "the name of a finder that the resource does not have: `read` is not told of finders, a dispatcher refuses it",
    51: "the name of an action that the resource does not have; likewise",
    53: "the action's schema: its parameter is an int; Rest.li's schemas are no part of the protocol on the wire",
    55: "the action's schema: its parameter is a string; likewise",
    56: "the action's schema; likewise",
    121: "the key's schema: a part of the complex key is a string; likewise. The reference fails with 500",
    182: "protocol 1.0.0, as the request has no X-RestLi-Protocol-Version; this package speaks 2.0.0 alone",
    183: "protocol 1.0.0; likewise",
    187: "PSON, LinkedIn's binary coding, is what the request accepts and nothing else; this package speaks JSON alone",
    215: "an alternative key, text that the resource's own code turns into the long that the key is",
    216: "alternative keys; likewise",
}
EXCHANGES = [
    (i, case) for i, case in enumerate(load("server_exchanges")) if i not in LEFT_OUT.keys() | UNSENDABLE.keys()
]
# The reference routes these two before it refuses what $returnEntity says.
REFUSED_BEHIND_THE_ROUTER = {153, 154}
FAILS = 500  # where the reference fails over what a client sent wrong, a refusal says so


def request_of(exchange: dict[str, Any]) -> HttpRequest:
    request = exchange["request"]
    return HttpRequest(request["method"], request["target"], request["headers"], (request["body"] or "").encode())


def texts(value: Any) -> Any:
    """A routed value as `read` has it: the reference has typed the leaves by the resource's schema."""
    if isinstance(value, dict):
        return {name: texts(item) for name, item in value.items()}
    return [texts(item) for item in value] if isinstance(value, list) else str(value)


def whole_key(key: Any) -> Any:
    """The reference has the parameters of a complex key apart."""
    if not isinstance(key, dict):
        return str(key)
    if key.keys() != {"key", "params"}:
        return texts(key)
    return texts({**key["key"], **({"$params": key["params"]} if key["params"] else {})})


def numbered(exchanges: list[tuple[int, dict[str, Any]]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("exchange", [pytest.param(exchange, id=str(i)) for i, exchange in exchanges])


UNDERSTOOD = [(i, case) for i, case in EXCHANGES if case["routed"] and i not in REFUSED_BEHIND_THE_ROUTER]
REFUSED = [(i, case) for i, case in EXCHANGES if (i, case) not in UNDERSTOOD]


@numbered(REFUSED)
def test_refuses_what_the_reference_does(exchange: dict[str, Any]) -> None:
    status = exchange["response"]["status"]
    assert refusal(request_of(exchange), *DECLARED).status == (400 if status == FAILS else status)


@numbered(UNDERSTOOD)
def test_understands_what_the_reference_does(exchange: dict[str, Any]) -> None:
    routed, invocation = exchange["routed"], read(request_of(exchange), DECLARED)
    assert invocation.method == routed["method_type"]
    assert (invocation.finder, invocation.action) == (routed["finder"] or routed["batch_finder"], routed["action"])
    # The reference takes it for granted where the request does not say.
    assert (invocation.return_entity is not False) == routed["return_entity_requested"]


@numbered(UNDERSTOOD)
def test_reads_the_query_as_the_reference(exchange: dict[str, Any]) -> None:
    routed, invocation = exchange["routed"], read(request_of(exchange), DECLARED)
    apart = {"q", "bq", "action", "ids", "fields", "metadataFields", "$returnEntity"}
    assert invocation.params == {name: value for name, value in routed["query_parameters"].items() if name not in apart}
    assert invocation.fields == (routed["projection"] if routed["query_parameters"].get("fields") != "" else {})


@numbered(UNDERSTOOD)
def test_reads_keys_as_the_reference(exchange: dict[str, Any]) -> None:
    routed, invocation = exchange["routed"], read(request_of(exchange), DECLARED)
    # The reference repeats the parts of an association's key among the keys.
    routed_keys = {
        name: whole_key(key) for name, key in routed.get("path_keys", {}).items() if name in names(invocation)
    }
    assert {name: texts(key) for name, key in invocation.path_keys.items()} == routed_keys
    if "key" in routed:
        assert texts(invocation.key) == whole_key(routed["key"])
    assert [texts(key) for key in invocation.ids] == [whole_key(key) for key in routed.get("batch_ids", [])]


def names(invocation: Invocation) -> set[str]:
    return set(Resource(invocation.resource).keys)


@numbered(UNDERSTOOD)
def test_reads_the_body_as_the_reference(exchange: dict[str, Any]) -> None:
    routed, invocation = exchange["routed"], read(request_of(exchange), DECLARED)
    if invocation.method == "partial_update":
        assert routed["entity"].get("patch", {}) == invocation.patch
    elif "batch_entities" in routed:
        ours = [{"patch": patch} for patch in invocation.patches] or list(invocation.entities)
        assert ours == [item["entity"] for item in routed["batch_entities"]]
    else:
        assert [*invocation.entities] == routed.get("entities", [])
        assert (invocation.entity or {}) == routed.get("entity", {})


@pytest.mark.parametrize("index", UNSENDABLE)
def test_what_no_request_can_have_is_no_request(index: int) -> None:
    with pytest.raises(InvalidCallError):
        request_of(load("server_exchanges")[index])


@pytest.mark.parametrize("index", LEFT_OUT)
def test_what_is_left_out_does_differ(index: int) -> None:
    exchange = load("server_exchanges")[index]
    try:
        read(request_of(exchange), DECLARED)
    except Refusal:
        assert exchange["routed"] is not None
    else:
        assert exchange["routed"] is None


def handled(exchange: dict[str, Any], invocation: Invocation) -> Any:
    """What the reference's handler must have returned."""
    answer, headers = exchange["response"]["json"], exchange["response"]["headers"]
    if invocation.method == "action":
        return answer and answer["value"]
    if invocation.method == "create":
        key = headers["X-RestLi-Id"]
        return Created(reduced_decode(key) if key.startswith("(") else key, answer)
    return HANDLED.get(invocation.method, lambda answer: answer)(answer)


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

UNLIKE = {
    26: "an id that is not there: the reference has the status 404 for it under results, we have an error",
    111: "an id that is not there; likewise",
}
ANSWERED = [(i, case) for i, case in UNDERSTOOD if case["response"]["status"] < 300 and i not in UNLIKE]


def comparable(value: Any, name: str = "") -> Any:
    """An answer less the words of its errors; a link's query as a set, as Java's maps have no order."""
    if isinstance(value, dict):
        is_error = "status" in value and {"exceptionClass", "message"} & value.keys()
        return {name: comparable(value[name], name) for name in (["status"] if is_error else value)}
    if isinstance(value, list):
        return [comparable(item) for item in value]
    return [value.partition("?")[0], sorted(value.partition("?")[2].split("&"))] if name == "href" else value


@numbered(ANSWERED)
def test_answers_as_the_reference(exchange: dict[str, Any]) -> None:
    invocation = read(request_of(exchange), DECLARED)
    response, theirs = respond(invocation, handled(exchange, invocation)), exchange["response"]
    assert response.status_code == theirs["status"]
    assert comparable(json.loads(response.body) if response.body else None) == comparable(theirs["json"])
    ours = response.headers if response.body else response.headers.without("Content-Type")
    # The reference says in Location that the new key has no parameters.
    assert ours == Headers({name: value.replace("$params:(),", "") for name, value in theirs["headers"].items()})


# reading

ACCOUNTS = "/adAccounts/{id:long}"
POSTS = "/posts/{id}"
CONVERSIONS = "/conversions/{id:complex}"
ASSOCIATION = "/associations/{pair:association(src,dest)}"


def test_the_url_may_be_whole() -> None:
    invocation = read(asked("GET", "https://user:p@h:8080/adAccounts/5?x=1"), [ACCOUNTS])
    assert (invocation.path, invocation.query, invocation.key) == ("/adAccounts/5", "x=1", 5)


@pytest.mark.parametrize(
    "url",
    ["http://h", "http://h?/adAccounts", "adAccounts/1", "*", "h:443", "?a=/adAccounts/1", "/adAccounts/1#x"]
    + [f"/adAccounts/{character}" for character in '"<>[\\]^`{|}%']
    + [f"/adAccounts/1?a={character}" for character in '"#<>\\^`{|}%']
    + ["/adAccounts/%4?1=1", "/adAccounts/1?a=%2", "/adAccounts/%zz"],
)
def test_an_illegal_target(url: str) -> None:
    assert refusal(asked("GET", url), ACCOUNTS).status == 400
    assert refusal(asked("GET", url)).status == 400


def test_brackets_may_stand_in_a_query() -> None:
    assert read(asked("GET", "/adAccounts/1?a=[x]"), [ACCOUNTS]).params == {"a": "[x]"}


@pytest.mark.parametrize("url", ["/rest/adAccounts/5", "http://h/rest/adAccounts/5"])
@pytest.mark.parametrize("base_path", ["/rest", "/rest/"])
def test_a_base_path(url: str, base_path: str) -> None:
    invocation = read(asked("GET", url), [ACCOUNTS], base_path=base_path)
    assert (invocation.resource, invocation.path, invocation.key) == (ACCOUNTS, "/rest/adAccounts/5", 5)
    assert read(asked("GET", url), base_path=base_path).resource == "/adAccounts/5"


@pytest.mark.parametrize("path", ["/adAccounts/5", "/rest", "/restadAccounts/5", "/v2/adAccounts/5"])
def test_a_path_without_the_base_path(path: str) -> None:
    assert refusal(asked("GET", path), ACCOUNTS, base_path="/rest").status == 404


@pytest.mark.parametrize(
    "accept", ["", "*/*", "application/json", "text/html, application/*;q=0.8", "APPLICATION/JSON"]
)
def test_what_accepts_json(accept: str) -> None:
    assert read(asked("GET", "/me", {"Accept": accept}), ["/me"]).method == "get"


def test_the_resource_with_more_names_counts() -> None:
    resources = ["/things/{id:long}", "/things/special"]
    assert read(asked("GET", "/things/special"), resources).resource == "/things/special"
    assert read(asked("GET", "/things/1"), resources).resource == "/things/{id:long}"


def test_the_key_is_the_last_of_the_path() -> None:
    resource = "/accounts/{id:long}/campaigns/{campaign}"
    below = read(asked("GET", "/accounts/1/campaigns/a%2Fb"), [resource])
    assert (below.key, below.path_keys) == ("a/b", {"id": 1, "campaign": "a/b"})
    collection = read(asked("GET", "/accounts/1/campaigns"), [resource])
    assert (collection.key, collection.path_keys, collection.method) == (None, {"id": 1}, "get_all")
    assert read(asked("GET", "/accounts/1/owner"), ["/accounts/{id:long}/owner"]).key is None
    assert read(asked("GET", "/accounts/1")).key is None


@pytest.mark.parametrize(
    ("declaration", "key", "kind", "parts"),
    [
        ("/me", None, None, set()),
        ("/a/{id}", "id", "text", set()),
        ("/a/{id:text}", "id", "text", set()),
        ("/a/{a-b_C:long}", "a-b_C", "long", set()),
        ("/a/{x:long}/b/{y:complex}", "y", "complex", set()),
        ("/a/{x:association(b,c)}", "x", "association", {"b", "c"}),
        ("/a/{x:association(b)}", "x", "association", {"b"}),
        ("/a/{x}/b", None, None, set()),
        ("/a.b/~c%20", None, None, set()),
    ],
)
def test_declarations(declaration: str, key: str | None, kind: str | None, parts: set[str]) -> None:
    resource = Resource(declaration)
    assert resource.key == key
    assert (resource.kind and resource.kind.name, set(resource.kind.parts) if resource.kind else set()) == (kind, parts)
    assert resource == Resource(declaration)
    assert repr(resource) == f"Resource(declaration={declaration!r})"


@pytest.mark.parametrize(
    "declaration",
    [
        "",
        "a",
        "/",
        "/a/",
        "//a",
        "/a/{}",
        "/a/{id",
        "/a/id}",
        "/a/x{id}",
        "/a/{id:int}",
        "/a/{id:}",
        "/a/{id:association()}",
        "/a/{id:association(a,)}",
        "/a/{id:association}",
        "/a/{i d}",
        "/a b",
        "/a?b",
        "/\xe9",
        "/a/{id}/b/{id}",
        "/%z",
        5,
    ],
)
def test_declarations_that_are_none(declaration: str) -> None:
    with pytest.raises(InvalidCallError) as refused:
        read(asked("GET", "/a"), [declaration])
    assert refused.value.argument == "resources"


def test_resources_may_be_read_beforehand() -> None:
    assert read(asked("GET", "/adAccounts/5"), [Resource(ACCOUNTS)]).key == 5


@pytest.mark.parametrize(
    ("text", "number"),
    [("5", 5), ("+5", 5), ("-5", -5), ("007", 7), (str(2**63 - 1), 2**63 - 1), (str(-(2**63)), -(2**63))],
)
def test_longs(text: str, number: int) -> None:
    assert read(asked("GET", f"/adAccounts/{text}"), [ACCOUNTS]).key == number


@pytest.mark.parametrize("text", ["''", "1.0", "1e3", "%201", "%D9%A3", str(2**63), "9" * 99, "x"])
def test_what_is_no_long(text: str) -> None:
    assert refusal(asked("GET", f"/adAccounts/{text}"), ACCOUNTS).status == 400


def test_what_a_refusal_shows_of_a_key_is_cut() -> None:
    assert len(refusal(asked("GET", f"/adAccounts/{'x' * 999}"), ACCOUNTS).message) < 200


@pytest.mark.parametrize("segment", ["(src:a)", "(dest:b)"])
def test_an_association_may_be_asked_by_some_parts(segment: str) -> None:
    invocation = read(asked("GET", f"/associations/{segment}?q=near"), [ASSOCIATION])
    assert (invocation.method, invocation.finder, invocation.key) == ("finder", "near", reduced_decode(segment))
    assert refusal(asked("GET", f"/associations/{segment}"), ASSOCIATION).status == 400
    assert refusal(asked("POST", f"/associations/{segment}?action=x"), ASSOCIATION).status == 400


@pytest.mark.parametrize(
    "segment", ["()", "(x:a)", "(src:a,x:b)", "(src:a,dest:b,x:c)", "(src:a,dest:(x:y))", "(src:List())", "a"]
)
def test_what_is_no_key_of_the_association(segment: str) -> None:
    assert refusal(asked("GET", f"/associations/{segment}?q=near"), ASSOCIATION).status == 400


def test_some_parts_do_not_lead_further() -> None:
    below = f"{ASSOCIATION}/notes/{{note}}"
    assert read(asked("GET", "/associations/(src:a,dest:b)/notes/1"), [below]).key == "1"
    assert refusal(asked("GET", "/associations/(src:a)/notes/1"), below).status == 400


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
@pytest.mark.parametrize("query", ["ids=List(1)", "q=a", "bq=a", "action=a"])
def test_marks_stand_at_their_levels_only(method: str, query: str) -> None:
    url = f"/adAccounts/5?{query}"
    if (method, query) == ("POST", "action=a"):
        assert read(asked(method, url), [ACCOUNTS]).method == "action"
    elif (method, query[0]) in {
        ("POST", "q"),
        ("PUT", "q"),
        ("DELETE", "q"),
        ("POST", "b"),
        ("PUT", "b"),
        ("DELETE", "b"),
    }:
        # There it is a parameter like any other.
        assert read(asked(method, url, body=b"{}"), [ACCOUNTS]).params == {query.partition("=")[0]: "a"}
    else:
        assert refusal(asked(method, url, body=b"{}"), ACCOUNTS).status == 400


@pytest.mark.parametrize("name", ["q", "bq"])
@pytest.mark.parametrize("value", ["List(a)", "(a:b)"])
def test_the_name_of_a_finder_is_text(name: str, value: str) -> None:
    assert refusal(asked("GET", f"/adAccounts?{name}={value}"), ACCOUNTS).status == 400


def test_the_name_of_an_action_is_text() -> None:
    assert refusal(asked("POST", "/adAccounts?action=List()"), ACCOUNTS).status == 400


def test_ids_that_mean_the_same_are_one() -> None:
    assert read(asked("GET", "/adAccounts?ids=List(1,2,01,%2B1,1)"), [ACCOUNTS]).ids == (1, 2)
    assert read(asked("GET", "/conversions?ids=List((a:1,b:2),(b:2,a:1))"), [CONVERSIONS]).ids == (
        {"a": "1", "b": "2"},
    )


def test_ids_that_are_no_complex_keys_are_told_apart() -> None:
    invocation = read(asked("GET", "/conversions?ids=List(x,(a:1),List(y),x)"), [CONVERSIONS])
    assert (invocation.ids, invocation.invalid_ids) == (({"a": "1"},), ("x", "List(y)"))
    answer = json.loads(respond(invocation, [{"name": "n"}]).body)
    assert (answer["results"], {key: error["status"] for key, error in answer["errors"].items()}) == (
        {"(a:1)": {"name": "n"}},
        {"x": 400, "List(y)": 400},
    )


def test_ids_that_are_no_simple_keys_refuse_the_batch() -> None:
    assert refusal(asked("GET", "/adAccounts?ids=List(1,x)"), ACCOUNTS).status == 400
    assert refusal(asked("GET", "/posts?ids=List(a,(b:c))"), POSTS).status == 400


@pytest.mark.parametrize(
    ("resource", "ids", "key"),
    [
        (ACCOUNTS, "1", "01"),
        (POSTS, "%28a%2520b%3Ac%29", "(a%20b:c)"),
        (POSTS, "''", ""),
        (POSTS, "a%2Cb", "a,b"),
        (POSTS, "%25", "%"),
        (CONVERSIONS, "($params:(p:q),a:b%20c)", "(a:b%20c,$params:(p:q))"),
        (CONVERSIONS, "(a:b%20c)", "(a:b c)"),
        (ASSOCIATION, "(src:a,dest:b)", "(src:a,dest:b)"),
    ],
)
@pytest.mark.parametrize("declared", [True, False])
def test_keys_of_bodies_are_compared_by_meaning(resource: str, ids: str, key: str, declared: bool) -> None:
    request = asked(
        "PUT", f"{resource.partition('/{')[0]}?ids=List({ids})", body=json.dumps({"entities": {key: {}}}).encode()
    )
    if declared or key != "01":
        assert read(request, [resource] if declared else None).entities == ({},)
    else:
        assert refusal(request).status == 400  # no one says that it is a number


@pytest.mark.parametrize(
    ("resource", "ids", "key"),
    [
        (POSTS, "''", "''"),
        (POSTS, "a%2Cb", "a%2Cb"),
        (CONVERSIONS, "($params:(p:q),a:b)", "(a:b)"),
        (CONVERSIONS, "(a:b)", "a"),
        (CONVERSIONS, "(a:b)", "(a:b"),
        (ACCOUNTS, "1", "x"),
        (ACCOUNTS, "1", "2"),
        (POSTS, "a", "\ud800"),
        (CONVERSIONS, "(a:b)", "(a:\ud800)"),
    ],
)
@pytest.mark.parametrize("declared", [True, False])
def test_keys_of_bodies_that_are_not_asked_for(resource: str, ids: str, key: str, declared: bool) -> None:
    request = asked(
        "PUT", f"{resource.partition('/{')[0]}?ids=List({ids})", body=json.dumps({"entities": {key: {}}}).encode()
    )
    assert refusal(request, *([resource] if declared else [])).status == 400


@pytest.mark.parametrize(
    ("url", "headers", "body"),
    [
        ("/adAccounts", {}, b""),
        ("/adAccounts", {}, b"null"),
        ("/adAccounts", {}, b"\xff"),
        ("/adAccounts", {}, b'{"a": NaN}'),
        ("/adAccounts", {}, b"[" * 100_000),
        ("/adAccounts", {}, b'{"a":' * 100_000),
        ("/adAccounts", {}, b'{"a": ' + b"9" * 5000 + b"}"),
        ("/adAccounts", {"X-RestLi-Method": "batch_create"}, b"{}"),
        ("/adAccounts", {"X-RestLi-Method": "batch_create"}, b'{"elements": {}}'),
        ("/adAccounts", {"X-RestLi-Method": "batch_create"}, b'{"elements": [1]}'),
        ("/adAccounts/1", {}, b'{"patch": []}'),
        ("/adAccounts/1", {}, b'{"patch": null}'),
        ("/adAccounts?ids=List(1)", {}, b'{"entities": {"1": []}}'),
        ("/adAccounts?ids=List(1)", {}, b'{"entities": {"1": {"patch": 1}}}'),
        ("/adAccounts?ids=List(1)", {}, b'{"entities": []}'),
        ("/adAccounts?action=x", {}, b"[]"),
        ("/adAccounts?action=x", {}, b"{"),
    ],
)
def test_bodies_of_another_shape(url: str, headers: dict[str, str], body: bytes) -> None:
    assert refusal(asked("POST", url, headers, body), ACCOUNTS).status == 400


def test_a_patch_without_its_wrapper_is_a_patch_of_nothing() -> None:
    assert read(asked("POST", "/adAccounts/1", body=b'{"$set": {"a": 1}}'), [ACCOUNTS]).patch == {}
    batch = asked("POST", "/adAccounts?ids=List(1)", body=b'{"entities": {"1": {"$set": {}}}}')
    assert read(batch, [ACCOUNTS]).patches == ({},)


@pytest.mark.parametrize("mask", ["fields", "metadataFields", "pagingFields"])
def test_masks(mask: str) -> None:
    attribute = {"fields": "fields", "metadataFields": "metadata_fields", "pagingFields": "paging_fields"}[mask]
    for text, meant in [(f"{mask}=a,b:(c)", {"a": True, "b": {"c": True}}), (mask, {}), (f"{mask}=", {}), ("", None)]:
        invocation = read(asked("GET", f"/adAccounts?{text}"), [ACCOUNTS])
        assert getattr(invocation, attribute) == meant
        assert invocation.params == {}
    assert refusal(asked("GET", f"/adAccounts?{mask}=a:b"), ACCOUNTS).status == 400


@pytest.mark.parametrize("said", ["yes", "''", "List(true)", "(true:true)"])
def test_what_return_entity_cannot_be(said: str) -> None:
    assert refusal(asked("POST", f"/adAccounts?$returnEntity={said}", body=b"{}"), ACCOUNTS).status == 400


@pytest.mark.parametrize(
    ("query", "said"), [("", None), ("?$returnEntity=True", True), ("?$returnEntity=FALSE", False)]
)
def test_return_entity(query: str, said: bool | None) -> None:
    assert read(asked("POST", f"/adAccounts{query}", body=b"{}"), [ACCOUNTS]).return_entity is said


@pytest.mark.parametrize("resources", [None, [ACCOUNTS]])
def test_a_batch_create_without_its_header_is_a_create(resources: list[str] | None) -> None:
    body = b'{"elements": [{"a": 1}]}'
    assert read(asked("POST", "/adAccounts", body=body), resources).entity == {"elements": [{"a": 1}]}
    batch = read(asked("POST", "/adAccounts", {"X-RestLi-Method": "Batch_Create"}, body), resources)
    assert (batch.method, batch.entities) == ("batch_create", ({"a": 1},))


def test_a_tunnelled_request_is_read_out_of_its_tunnel() -> None:
    call = restli.finder("/adAccounts", "search", base_url=BASE, query_params={"a": "b"}, tunnel_above=0)
    invocation = read(call.request, [ACCOUNTS])
    assert (invocation.method, invocation.query, invocation.params) == ("finder", "a=b&q=search", {"a": "b"})
    assert invocation.headers == call.request.headers.without("Content-Type", "X-HTTP-Method-Override")
    broken = HttpRequest("POST", "/adAccounts", {**call.request.headers}, b"q=search&a=%2")
    assert refusal(broken, ACCOUNTS).status == 400


def test_values_of_any_depth(depth: int) -> None:
    deep = f"/adAccounts?q=search&a={'(k:' * depth}v{')' * depth}"
    invocation = read(asked("GET", deep), [ACCOUNTS])
    assert repr(invocation) == "<Invocation finder /adAccounts/{id:long}>"
    assert list(invocation.params) == ["a"]
    assert refusal(asked("GET", f"/adAccounts/{'(k:' * depth}v{')' * depth}"), ACCOUNTS).status == 400


def test_values_of_the_module_are_values() -> None:
    invocation = read(asked("GET", "/adAccounts/5?a=b"), [ACCOUNTS])
    assert pickle.loads(pickle.dumps(invocation)) == invocation
    assert repr(Created(1, {"secret": 1})) == "<Created 201>"
    assert repr(Collection([{"secret": 1}])) == "<Collection of 1>"
    refused = pickle.loads(pickle.dumps(Refusal(409, "taken", serviceErrorCode=7)))
    assert (str(refused), refused.document) == (
        "409: taken",
        {"status": 409, "message": "taken", "serviceErrorCode": 7},
    )


# answering: what the client reads is what the handler meant


def answered(call: Call[T], resource: str, result: Any = None) -> T:
    return call.parse(respond(read(call.request, [resource]), result))


COMPLEX: dict[str, Any] = {"a": "x y", "$params": {"p": "q"}}


def at(key: Any) -> dict[str, Any]:
    return {"path_keys": {"id": key}, "base_url": BASE}


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
        (1, 2, 2, 3, {"prev": "0"}),
        (0, 2, 2, None, {"next": "2"}),
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


@pytest.mark.parametrize("value", ["x", "-1", "1.5", "''", "List(1)", "1" * 20])
@pytest.mark.parametrize("name", ["start", "count"])
def test_paging_by_what_is_no_number(name: str, value: str) -> None:
    invocation = read(asked("GET", f"/posts?q=mine&{name}={value}"), [POSTS])
    with pytest.raises(Refusal) as refused:
        respond(invocation, [])
    assert refused.value.status == 400


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
    told = {name: value for name, value in key.items() if name != "$params"} if isinstance(key, dict) else str(key)
    assert told in (answer.entity_id, answer.decoded_entity_id)
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
    with pytest.raises(ValueError, match="shorter"):
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
    with pytest.raises(ValueError, match="shorter"):
        answered(restli.batch_delete("/adAccounts", [1, 2], base_url=BASE), ACCOUNTS, [None])


def test_answers_are_http_responses() -> None:
    response = respond(read(asked("GET", "/adAccounts/5"), [ACCOUNTS]), {"\xe9": "\u20ac"})
    assert response == HttpResponse(
        200, {"Content-Type": JSON, "X-RestLi-Protocol-Version": "2.0.0"}, '{"\xe9":"\u20ac"}'.encode()
    )


@pytest.mark.parametrize("case", load("java_uri_chars"), ids=lambda case: case["in"]["s"])
def test_targets_are_legal_as_java_has_them(case: dict[str, Any]) -> None:
    target = case["in"]["s"]
    try:
        request = HttpRequest("GET", target, {"X-RestLi-Protocol-Version": "2.0.0"})
    except InvalidCallError:
        return  # no request line can carry it (RFC 9112 section 3)
    try:
        read(request)
        refused = False
    except Refusal as refusal:
        refused = "Illegal character" in refusal.message
    assert refused == ("error" in case)
