"""Requests as they are read: as LinkedIn's server reads them, and where its tests say nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

import restli_core as restli
from restli_core.errors import InvalidCallError
from restli_core.messages import HttpRequest
from restli_core.server import Invocation, Refusal, Resource, read, respond
from tests.support.exchanges import DECLARED, LEFT_OUT, REFUSED, UNDERSTOOD, UNSENDABLE, numbered, request_of
from tests.support.serving import ACCOUNTS, ASSOCIATION, CONVERSIONS, POSTS, asked, refusal
from tests.vectors import load

BASE = "http://h"
FAILS = 500  # where the reference fails over what a client sent wrong, a refusal says so


# -- against LinkedIn's server -----------------------------------------------------------------------------------------


def texts(value: Any) -> Any:
    """Return a routed value as `read` has it: the reference has typed the leaves by the resource's schema."""
    if isinstance(value, dict):
        return {name: texts(item) for name, item in value.items()}
    return [texts(item) for item in value] if isinstance(value, list) else str(value)


def whole_key(key: Any) -> Any:
    """Return a key of the reference's, which has the parameters of a complex key apart, as `read` has it."""
    if not isinstance(key, dict):
        return str(key)
    if key.keys() != {"key", "params"}:
        return texts(key)
    return texts({**key["key"], **({"$params": key["params"]} if key["params"] else {})})


def names(invocation: Invocation) -> set[str]:
    return set(Resource(invocation.resource).keys)


@numbered(REFUSED)
def test_refuses_what_the_reference_does(exchange: dict[str, Any]) -> None:
    status = exchange["ok"]["response"]["status"]
    assert refusal(request_of(exchange), *DECLARED).status == (400 if status == FAILS else status)


@numbered(UNDERSTOOD)
def test_understands_what_the_reference_does(exchange: dict[str, Any]) -> None:
    routed, invocation = exchange["ok"]["routed"], read(request_of(exchange), DECLARED)
    assert invocation.method == routed["method_type"]
    assert (invocation.finder, invocation.action) == (routed["finder"] or routed["batch_finder"], routed["action"])
    # The reference takes it for granted where the request does not say.
    assert (invocation.return_entity is not False) == routed["return_entity_requested"]


@numbered(UNDERSTOOD)
def test_reads_the_query_as_the_reference(exchange: dict[str, Any]) -> None:
    routed, invocation = exchange["ok"]["routed"], read(request_of(exchange), DECLARED)
    apart = {"q", "bq", "action", "ids", "fields", "metadataFields", "$returnEntity"}
    assert invocation.params == {name: value for name, value in routed["query_parameters"].items() if name not in apart}
    assert invocation.fields == (routed["projection"] if routed["query_parameters"].get("fields") != "" else {})


@numbered(UNDERSTOOD)
def test_reads_keys_as_the_reference(exchange: dict[str, Any]) -> None:
    routed, invocation = exchange["ok"]["routed"], read(request_of(exchange), DECLARED)
    # The reference repeats the parts of an association's key among the keys.
    routed_keys = {
        name: whole_key(key) for name, key in routed.get("path_keys", {}).items() if name in names(invocation)
    }
    assert {name: texts(key) for name, key in invocation.path_keys.items()} == routed_keys
    if "key" in routed:
        assert texts(invocation.key) == whole_key(routed["key"])
    assert [texts(key) for key in invocation.ids] == [whole_key(key) for key in routed.get("batch_ids", [])]


@numbered(UNDERSTOOD)
def test_reads_the_body_as_the_reference(exchange: dict[str, Any]) -> None:
    routed, invocation = exchange["ok"]["routed"], read(request_of(exchange), DECLARED)
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
        assert exchange["ok"]["routed"] is not None
    else:
        assert exchange["ok"]["routed"] is None


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


# -- target and headers ------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    "accept",
    ["", "*/*", "text/html, *; q=.2", "application/json", "text/html, application/*;q=0.8", "APPLICATION/JSON"],
)
def test_what_accepts_json(accept: str) -> None:
    assert read(asked("GET", "/me", {"Accept": accept}), ["/me"]).method == "get"


@pytest.mark.parametrize("accept", ["text/html", "multipart/related", "application/json, multipart/related", "text/*"])
def test_what_does_not_accept_json(accept: str) -> None:
    assert refusal(asked("GET", "/me", {"Accept": accept}), "/me").status == 406


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "text/plain; charset=UTF-8",
        "a/b;",
        ' a/b ; c=d ; e="f; g\\"h" ;'.strip(),
        "application/vnd.x+json;v=1",
        "a (comment) / b (\\) another) ; (x) c = d",
        "X-Y/*",
    ],
)
def test_a_body_may_be_of_any_type(content_type: str) -> None:
    request = asked("POST", "/adAccounts", {"Content-Type": content_type}, b'{"a": 1}')
    assert read(request, [ACCOUNTS]).entity == {"a": 1}


@pytest.mark.parametrize(
    "content_type",
    [
        *("", "json", "a/", "/b", "a/b/c", "a b/c", "a/b,c/d", "(a/b", "a/b)", "@/b", "a/[b]"),
        *("a/b;;c=d", "a/b;c", "a/b;c=", "a/b;=d", "a/b c=d", "a/b;c=d=e", 'a/b;c="d', "multipart/mixed;boundary=a b"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_what_is_not_a_media_type(method: str, content_type: str) -> None:
    """The reference parses it before all else, whether there is a body or not."""
    body = b"{}" if method in {"POST", "PUT"} else b""
    for path in ("/adAccounts/5", "/nowhere"):
        refused = refusal(asked(method, path, {"Content-Type": content_type}, body), ACCOUNTS)
        assert (refused.status, "Content-Type" in refused.message) == (400, True)


@pytest.mark.parametrize("content_type", ["multipart/related", "Multipart/Related; boundary=x"])
def test_attachments_are_not_taken(content_type: str) -> None:
    assert refusal(asked("POST", "/adAccounts", {"Content-Type": content_type}, b"{}"), ACCOUNTS).status == 415


def test_a_tunnelled_request_is_read_out_of_its_tunnel() -> None:
    call = restli.finder("/adAccounts", "search", base_url=BASE, query_params={"a": "b"}, tunnel_above=0)
    invocation = read(call.request, [ACCOUNTS])
    assert (invocation.method, invocation.query, invocation.params) == ("finder", "a=b&q=search", {"a": "b"})
    assert invocation.headers == call.request.headers.without("Content-Type", "X-HTTP-Method-Override")
    broken = HttpRequest("POST", "/adAccounts", {**call.request.headers}, b"q=search&a=%2")
    assert refusal(broken, ACCOUNTS).status == 400


# -- which method ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
@pytest.mark.parametrize("query", ["ids=List(1)", "q=a", "bq=a", "action=a"])
def test_marks_stand_at_their_levels_only(method: str, query: str) -> None:
    url = f"/adAccounts/5?{query}"
    if (method, query) == ("POST", "action=a"):
        assert read(asked(method, url), [ACCOUNTS]).method == "action"
    else:
        assert refusal(asked(method, url, body=b"{}"), ACCOUNTS).status == 400


@pytest.mark.parametrize("place", ["/adAccounts", "/adAccounts/5", "/me"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("mark", ["q", "bq"])
def test_finders_are_read_by_get_alone(place: str, method: str, mark: str) -> None:
    ids = "&ids=List(5)" if place == "/adAccounts" and method != "POST" else ""
    body = b'{"entities": {"5": {}}}' if ids else b"{}"
    assert read(asked(method, f"{place}?x=a{ids}", body=body), [ACCOUNTS, "/me"]).params == {"x": "a"}
    assert refusal(asked(method, f"{place}?{mark}=a{ids}", body=body), ACCOUNTS, "/me").status == 400


@pytest.mark.parametrize("place", ["/adAccounts?", "/adAccounts/5?", "/me?", "/adAccounts?ids=List(5)&"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_actions_are_posted(place: str, method: str) -> None:
    refused = refusal(asked(method, f"{place}action=a", body=b'{"entities": {"5": {}}}'), ACCOUNTS, "/me")
    assert (refused.status, refused.message) == (
        400,
        f"All action methods must be submitted as a POST (was {method})",
    )


@pytest.mark.parametrize(
    ("method", "query", "meant", "name", "params"),
    [
        ("GET", "q=a&action=b", "finder", "a", {"action": "b"}),
        ("GET", "action=b&q=a&bq=c", "finder", "a", {"action": "b", "bq": "c"}),
        ("GET", "action=b&bq=a", "batch_finder", "a", {"action": "b"}),
        ("GET", "q=a&action=List(b,(c:d))", "finder", "a", {"action": ["b", {"c": "d"}]}),
        ("POST", "action=a&q=b", "action", "a", {"q": "b"}),
        ("POST", "bq=b&action=a&q=c", "action", "a", {"q": "c", "bq": "b"}),
    ],
)
def test_beside_the_mark_that_counts_others_are_parameters(
    method: str, query: str, meant: str, name: str, params: dict[str, Any]
) -> None:
    invocation = read(asked(method, f"/adAccounts?{query}"), [ACCOUNTS])
    assert (invocation.method, invocation.finder or invocation.action, invocation.params) == (meant, name, params)
    assert read(asked(method, f"/adAccounts?{query}")).method == meant


@pytest.mark.parametrize(
    ("method", "query"),
    [
        ("GET", "q=a"),
        ("GET", "bq=a"),
        ("GET", "q=a&bq=b"),
        ("POST", "action=a"),
        ("POST", "action=a&q=b"),
    ],
)
@pytest.mark.parametrize("ids", ["List(1)", "List()"])
def test_ids_are_for_batches_alone(method: str, query: str, ids: str) -> None:
    for resources in ([ACCOUNTS], []):
        assert refusal(asked(method, f"/adAccounts?{query}&ids={ids}"), *resources).status == 400


@pytest.mark.parametrize("name", ["q", "bq"])
@pytest.mark.parametrize("value", ["List(a)", "(a:b)"])
def test_the_name_of_a_finder_is_text(name: str, value: str) -> None:
    assert refusal(asked("GET", f"/adAccounts?{name}={value}"), ACCOUNTS).status == 400


def test_the_name_of_an_action_is_text() -> None:
    assert refusal(asked("POST", "/adAccounts?action=List()"), ACCOUNTS).status == 400


@pytest.mark.parametrize("resources", [None, [ACCOUNTS]])
def test_a_batch_create_without_its_header_is_a_create(resources: list[str] | None) -> None:
    body = b'{"elements": [{"a": 1}]}'
    assert read(asked("POST", "/adAccounts", body=body), resources).entity == {"elements": [{"a": 1}]}
    batch = read(asked("POST", "/adAccounts", {"X-RestLi-Method": "Batch_Create"}, body), resources)
    assert (batch.method, batch.entities) == ("batch_create", ({"a": 1},))


# -- parameters --------------------------------------------------------------------------------------------------------


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


def test_values_of_any_depth(depth: int) -> None:
    deep = f"/adAccounts?q=search&a={'(k:' * depth}v{')' * depth}"
    invocation = read(asked("GET", deep), [ACCOUNTS])
    assert repr(invocation) == "<Invocation finder /adAccounts/{id:long}>"
    assert list(invocation.params) == ["a"]
    assert refusal(asked("GET", f"/adAccounts/{'(k:' * depth}v{')' * depth}"), ACCOUNTS).status == 400


# -- ids and bodies ----------------------------------------------------------------------------------------------------


def test_ids_that_mean_the_same_are_one() -> None:
    assert read(asked("GET", "/adAccounts?ids=List(1,2,01,%2B1,1)"), [ACCOUNTS]).ids == (1, 2)
    assert read(asked("GET", "/conversions?ids=List((a:1,b:2),(b:2,a:1))"), [CONVERSIONS]).ids == (
        {"a": "1", "b": "2"},
    )


def test_ids_that_are_not_complex_keys_are_kept_apart() -> None:
    invocation = read(asked("GET", "/conversions?ids=List(x,(a:1),List(y),x)"), [CONVERSIONS])
    assert (invocation.ids, invocation.invalid_ids) == (({"a": "1"},), ("x", "List(y)"))
    answer = json.loads(respond(invocation, [{"name": "n"}]).body)
    assert (answer["results"], {key: error["status"] for key, error in answer["errors"].items()}) == (
        {"(a:1)": {"name": "n"}},
        {"x": 400, "List(y)": 400},
    )


def test_ids_that_are_not_simple_keys_refuse_the_batch() -> None:
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
        pytest.param("/adAccounts", {}, b"", id="nothing"),
        pytest.param("/adAccounts", {}, b"null", id="null"),
        pytest.param("/adAccounts", {}, b"\xff", id="not_utf_8"),
        pytest.param("/adAccounts", {}, b'{"a": NaN}', id="nan"),
        pytest.param("/adAccounts", {}, b"[" * 100_000, id="deep_list"),
        pytest.param("/adAccounts", {}, b'{"a":' * 100_000, id="deep_map"),
        pytest.param("/adAccounts", {}, b'{"a": ' + b"9" * 5000 + b"}", id="long_number"),
        pytest.param("/adAccounts", {"X-RestLi-Method": "batch_create"}, b"", id="batch_of_nothing"),
        pytest.param("/adAccounts", {"X-RestLi-Method": "batch_create"}, b'{"elements": null}', id="elements_null"),
        pytest.param("/adAccounts?ids=List(1)", {}, b"{}", id="no_entities_for_an_id"),
        pytest.param("/adAccounts?ids=List()", {}, b'{"entities": null}', id="entities_null"),
        pytest.param("/adAccounts?ids=List()", {}, b'{"entities": {"1": {}}}', id="entities_without_ids"),
        pytest.param("/adAccounts", {"X-RestLi-Method": "batch_create"}, b'{"elements": {}}', id="elements_a_map"),
        pytest.param("/adAccounts", {"X-RestLi-Method": "batch_create"}, b'{"elements": [1]}', id="element_a_number"),
        pytest.param("/adAccounts/1", {}, b'{"patch": []}', id="patch_a_list"),
        pytest.param("/adAccounts/1", {}, b'{"patch": null}', id="patch_null"),
        pytest.param("/adAccounts?ids=List(1)", {}, b'{"entities": {"1": []}}', id="entity_a_list"),
        pytest.param("/adAccounts?ids=List(1)", {}, b'{"entities": {"1": {"patch": 1}}}', id="batch_patch_a_number"),
        pytest.param("/adAccounts?ids=List(1)", {}, b'{"entities": []}', id="entities_a_list"),
        pytest.param("/adAccounts?action=x", {}, b"[]", id="parameters_a_list"),
        pytest.param("/adAccounts?action=x", {}, b"{", id="parameters_cut"),
    ],
)
def test_bodies_of_another_shape(url: str, headers: dict[str, str], body: bytes) -> None:
    assert refusal(asked("POST", url, headers, body), ACCOUNTS).status == 400


def test_a_batch_need_not_say_that_it_is_empty() -> None:
    created = read(asked("POST", "/adAccounts", {"X-RestLi-Method": "batch_create"}, b'{"other": 1}'), [ACCOUNTS])
    assert (created.method, created.entities) == ("batch_create", ())
    assert json.loads(respond(created, []).body) == {"elements": []}
    for method, meant in [("PUT", "batch_update"), ("POST", "batch_partial_update")]:
        for resource in (ACCOUNTS, CONVERSIONS, ASSOCIATION):
            path = resource.partition("/{")[0]
            changed = read(asked(method, f"{path}?ids=List()", body=b"{}"), [resource])
            assert (changed.method, changed.ids, changed.entities, changed.patches) == (meant, (), (), ())
        # Ids that are not keys are not in the body.
        invalid = read(asked(method, "/conversions?ids=List(a)", body=b"{}"), [CONVERSIONS])
        assert (invalid.ids, invalid.invalid_ids) == ((), ("a",))


def test_a_patch_without_its_wrapper_is_a_patch_of_nothing() -> None:
    assert read(asked("POST", "/adAccounts/1", body=b'{"$set": {"a": 1}}'), [ACCOUNTS]).patch == {}
    batch = asked("POST", "/adAccounts?ids=List(1)", body=b'{"entities": {"1": {"$set": {}}}}')
    assert read(batch, [ACCOUNTS]).patches == ({},)
