"""The fourteen functions: against LinkedIn's own client, what they refuse before sending, and calls as values."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import pydoc
from collections.abc import Callable
from decimal import Decimal
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import pytest

import restli_core
from restli_core import calls
from restli_core.calls import Call
from restli_core.encoding import decode, decode_path_key, encode, param_decode
from restli_core.errors import InvalidCallError
from restli_core.messages import HttpRequest
from restli_core.methods import METHODS
from restli_core.projection import parse_projection
from restli_core.tunnelling import untunnel
from restli_core.urn import Urn
from tests.support.samples import ARGUMENTS, answer, call, document_of
from tests.vectors import load, untagged

NAMES = list(METHODS)
RETURNING = ["create", "batch_create", "partial_update", "batch_partial_update"]


def query_of(made: Call[Any]) -> str:
    return made.request.url.partition("?")[2]


def refused(function: Callable[..., Any], *arguments: Any, **options: Any) -> InvalidCallError:
    with pytest.raises(InvalidCallError) as caught:
        function(*arguments, **options)
    return caught.value


# Against the requests that LinkedIn's own client builds

EMPTY_SIMPLE_KEY = "the server only percent-decodes a simple key of a path, so it reads '' as two apostrophes"
DOT_SEGMENT = "a path segment . or .. is taken out by every HTTP library (RFC 3986 section 5.2.4), also as %2E"
EMPTY_BATCH = "an empty batch asks for nothing, and is refused before it is sent"
REQUESTS_LEFT_OUT = {
    8: (EMPTY_SIMPLE_KEY, "path_keys['key']"),
    9: (EMPTY_SIMPLE_KEY, "path_keys['key']"),
    19: (EMPTY_SIMPLE_KEY, "path_keys['pk']"),
    20: (EMPTY_SIMPLE_KEY, "path_keys['pk']"),
    122: (DOT_SEGMENT, "path_keys['key']"),
    123: (DOT_SEGMENT, "path_keys['key']"),
    124: (DOT_SEGMENT, "path_keys['key']"),
    132: (DOT_SEGMENT, "path_keys['pk']"),
    133: (DOT_SEGMENT, "path_keys['key']"),
    134: (DOT_SEGMENT, "path_keys['key']"),
    224: (EMPTY_BATCH, "entities"),
    233: (EMPTY_BATCH, "entities"),
    240: (EMPTY_BATCH, "finder_criteria[1]"),
    245: (
        "the caller asks for protocol 1.0.0; the reference overwrites that silently",
        "headers['X-RestLi-Protocol-Version']",
    ),
}
NO_FUNCTION = {244: "OPTIONS describes a resource's schema; it is none of the fourteen resource methods"}
REQUESTS = list(enumerate(load("client_requests")))
BASE = "http://localhost"


def key(given: Any) -> Any:
    """A vector's key as a caller of ours gives it."""
    if isinstance(given, dict) and set(given) == {"$key", "$params"}:
        return {**given["$key"], "$params": given["$params"]}
    return given


def own_arguments(given: dict[str, Any]) -> list[Any]:
    """What the function of the case's method takes besides the path."""
    ids = [key(one) for one in given.get("ids", [])]
    rest: dict[str, list[Any]] = {
        "batch_get": [ids],
        "finder": [given.get("name")],
        "batch_finder": [given.get("name"), ("criteria", given.get("query", {}).get("criteria"))],
        "create": [given.get("entity")],
        "batch_create": [given.get("entities")],
        "update": [given.get("entity")],
        "batch_update": [ids, given.get("entities")],
        "partial_update": [None, given.get("patch")],
        "batch_partial_update": [ids, None, given.get("patches")],
        "batch_delete": [ids],
        "action": [given.get("name"), given.get("action_params")],
    }
    return rest.get(given["method"], [])


def ours(case: dict[str, Any]) -> Call[Any]:
    given = untagged(case["in"])
    keyed = {"key": key(given["key"])} if "key" in given else {}
    params = {name: value for name, value in given.get("query", {}).items() if name != "criteria"}
    params |= {name: given[name] for name in ("start", "count") if name in given}
    options: dict[str, Any] = {"return_entity": given["return_entity"]} if "return_entity" in given else {}
    function: Callable[..., Call[Any]] = getattr(calls, given["method"])
    return function(
        f"/{given['resource']}{'/{key}' if keyed else ''}",
        *own_arguments(given),
        path_keys={**given.get("path_keys", {}), **keyed},
        query_params=params,
        fields=given.get("fields"),
        base_url=BASE,
        headers=given.get("headers"),
        **options,
    )


def path_meaning(path: str) -> list[tuple[Any, Any]]:
    """Each segment as an element, and as the simple key that it may be."""
    return [(decode(segment), decode_path_key(segment)) for segment in path.split("/") if segment]


def query_meaning(query: str) -> dict[str, Any]:
    params: dict[str, Any] = dict(param_decode(query))
    if "ids" in params:
        params["ids"] = {encode(one) for one in params["ids"]}
    if "fields" in params:
        params["fields"] = parse_projection(params["fields"])
    return params


def meaning(method: str, url: str, body: bytes) -> tuple[Any, ...]:
    parts = urlsplit(url)
    content = json.loads(body) if body else None
    return method, parts.netloc, path_meaning(parts.path), query_meaning(parts.query), content


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=f"{index}-{case['in']['method']}")
        for index, case in REQUESTS
        if index not in REQUESTS_LEFT_OUT | NO_FUNCTION
    ],
)
def test_requests_mean_what_linkedins_do(case: dict[str, Any]) -> None:
    request, theirs = ours(case).request, case["ok"]["request"]
    assert meaning(request.method, request.url, request.body) == meaning(
        theirs["method"], theirs["uri"], theirs["body"].encode()
    )
    assert request.headers.get("Content-Type") == theirs["headers"].get("Content-Type")
    assert request.headers["X-RestLi-Protocol-Version"] == theirs["headers"]["X-RestLi-Protocol-Version"]
    assert request.headers["X-RestLi-Method"].lower() == theirs["headers"].get("X-RestLi-Method", case["in"]["method"])


@pytest.mark.parametrize(("index", "argument"), [(index, left[1]) for index, left in REQUESTS_LEFT_OUT.items()])
def test_requests_left_out_are_refused(index: int, argument: str) -> None:
    assert refused(ours, REQUESTS[index][1]).argument == argument


def test_the_request_without_a_function_is_options() -> None:
    assert [REQUESTS[index][1]["in"]["method"] for index in NO_FUNCTION] == ["options"]


# The request line


@pytest.mark.parametrize("name", NAMES)
def test_every_request_has_its_verb_and_headers(name: str) -> None:
    request = call(name).request
    assert request.method == METHODS[name].verb
    assert request.url.startswith("https://api.linkedin.com/v2/r")
    assert dict(request.headers) == {
        "Accept": "application/json",
        "User-Agent": f"restli-core/{restli_core.__version__}",
        "X-RestLi-Protocol-Version": "2.0.0",
        "X-RestLi-Method": name.upper(),
        **({"Content-Type": "application/json"} if request.body else {}),
    }
    assert bool(request.body) == (METHODS[name].body is not None)


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("get", "http://h/r"),
        ("batch_get", "http://h/r?ids=List(1,2)"),
        ("get_all", "http://h/r"),
        ("finder", "http://h/r?q=search"),
        ("batch_finder", "http://h/r?bq=search&criteria=List((a:1),(a:2))"),
        ("create", "http://h/r"),
        ("batch_create", "http://h/r"),
        ("update", "http://h/r"),
        ("batch_update", "http://h/r?ids=List(1,2)"),
        ("partial_update", "http://h/r"),
        ("batch_partial_update", "http://h/r?ids=List(1,2)"),
        ("delete", "http://h/r"),
        ("batch_delete", "http://h/r?ids=List(1,2)"),
        ("action", "http://h/r?action=act"),
    ],
)
def test_urls(name: str, url: str) -> None:
    assert call(name, base_url="http://h").request.url == url


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("create", b'{"a":1}'),
        ("batch_create", b'{"elements":[{"a":1},{"a":2}]}'),
        ("update", b'{"a":1}'),
        ("batch_update", b'{"entities":{"1":{"a":1},"2":{"a":2}}}'),
        ("partial_update", b'{"patch":{"$set":{"a":1}}}'),
        ("batch_partial_update", b'{"entities":{"1":{"patch":{"$set":{"a":1}}},"2":{"patch":{"$set":{"a":2}}}}}'),
        ("action", b'{"a":1}'),
    ],
)
def test_bodies(name: str, body: bytes) -> None:
    assert call(name).request.body == body


def test_an_action_without_parameters_has_an_empty_object_for_a_body() -> None:
    assert calls.action("/r", "act").request.body == b"{}"


# Parameters


@pytest.mark.parametrize("parameter", ["ids", "q", "bq", "action"])
@pytest.mark.parametrize("name", NAMES)
def test_reserved_parameters_are_refused(name: str, parameter: str) -> None:
    assert refused(call, name, query_params={parameter: "x"}).argument == f"query_params['{parameter}']"


@pytest.mark.parametrize("name", NAMES)
def test_reserved_parameters_that_are_none_are_none(name: str) -> None:
    params = {"ids": None, "q": None, "bq": None, "action": None, "fields": None, "criteria": None, "x": None}
    assert call(name, query_params=params, fields="id") == call(name, fields="id")


@pytest.mark.parametrize("name", NAMES)
def test_fields_given_twice_are_refused(name: str) -> None:
    assert refused(call, name, fields="id", query_params={"fields": "id"}).argument == "query_params['fields']"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("fields", ["id, owner:(name)", ["id", "owner:(name)"], {"id": True, "owner": {"name": True}}])
def test_fields_go_raw_by_either_way(name: str, fields: Any) -> None:
    made = call(name, fields=fields)
    assert "fields=id,owner:(name)" in query_of(made).split("&")
    assert call(name, query_params={"fields": fields}) == made


def test_the_other_projections_go_raw_and_a_decoration_does_not() -> None:
    params: dict[str, Any] = {
        "metadataFields": ["a", "b"],
        "pagingFields": {"total": True},
        "projection": "(id,owner~(name))",
    }
    expected = "metadataFields=a,b&pagingFields=total&projection=%28id%2Cowner~%28name%29%29"
    assert query_of(calls.get_all("/r", query_params=params)) == expected


@pytest.mark.parametrize("fields", [5, "a b\u00e9", ["a", None], {"a": None}, "a&b", "a%2Cb", "\ud800", "a\r\nb\0"])
def test_fields_that_cannot_be_sent_raw_are_refused(fields: Any) -> None:
    assert refused(calls.get, "/r", fields=fields).argument.startswith("fields")
    assert refused(calls.get, "/r", query_params={"fields": fields}).argument.startswith("query_params['fields']")


def test_the_criteria_given_twice_are_refused() -> None:
    assert refused(call, "batch_finder", query_params={"criteria": 1}).argument == "query_params['criteria']"


@pytest.mark.parametrize("name", ["ids", "q", "bq", "action", "fields", "metadataFields", "pagingFields"])
def test_criteria_cannot_have_a_name_with_a_meaning(name: str) -> None:
    assert refused(calls.batch_finder, "/r", "f", (name, [1])).argument == "finder_criteria[0]"


@pytest.mark.parametrize(
    ("criteria", "argument"),
    [
        ("ab", "finder_criteria"),
        (("a",), "finder_criteria"),
        (("a", [1], 2), "finder_criteria"),
        ({"a": [1]}, "finder_criteria"),
        (None, "finder_criteria"),
        (("", [1]), "finder_criteria[0]"),
        ((5, [1]), "finder_criteria[0]"),
        (("\ud800", [1]), "finder_criteria[0]"),
        (("a", []), "finder_criteria[1]"),
        (("a", {"x": 1}), "finder_criteria[1]"),
        (("a", "xy"), "finder_criteria[1]"),
        (("a", 5), "finder_criteria[1]"),
        (("a", [{"x": 1}, {"x": None}]), "finder_criteria[1][1]['x']"),
    ],
)
def test_criteria_of_another_shape_are_refused(criteria: Any, argument: str) -> None:
    assert refused(calls.batch_finder, "/r", "f", criteria).argument == argument


def test_criteria_may_be_a_list_or_any_iterable() -> None:
    assert calls.batch_finder("/r", "f", ["a", iter([1, 2])]) == calls.batch_finder("/r", "f", ("a", [1, 2]))  # type: ignore[arg-type]


@pytest.mark.parametrize("function", [calls.finder, calls.action])
@pytest.mark.parametrize("name", ["", None, 5, b"x", ["x"], "\udc00"])
def test_names_of_finders_and_actions_must_be_text(function: Callable[..., Any], name: Any) -> None:
    assert refused(function, "/r", name).argument == f"{function.__name__}_name"


def test_names_are_encoded() -> None:
    assert query_of(calls.finder("/r", "a b(c)&q=x")) == "q=a%20b%28c%29%26q%3Dx"
    assert query_of(calls.action("/r", "a,b")) == "action=a%2Cb"


def test_parameters_are_encoded_and_sorted() -> None:
    params: dict[str, Any] = {"z": [1, {"b": "", "a": "x,y"}], "a b": True, "count": 10, "none": None}
    assert query_of(calls.get_all("/r", query_params=params)) == "a%20b=true&count=10&z=List(1,(a:x%2Cy,b:''))"


@pytest.mark.parametrize(
    ("params", "argument"),
    [
        ([("a", 1)], "query_params"),
        ("a=1", "query_params"),
        ({1: "a"}, "query_params"),
        ({10**5000: "a"}, "query_params"),
        ({"": 1}, "query_params['']"),
        ({"a": object()}, "query_params['a']"),
        ({"search": {"status": ["x", "y", None]}}, "query_params['search']['status'][2]"),
        ({"\ud800": 1}, "query_params['\\ud800']"),
    ],
)
def test_parameters_that_cannot_be_encoded_are_refused(params: Any, argument: str) -> None:
    assert refused(calls.get, "/r", query_params=params).argument == argument


@pytest.mark.parametrize("name", RETURNING)
def test_return_entity(name: str) -> None:
    assert "$returnEntity" not in query_of(call(name))
    for value, text in [(True, "%24returnEntity=true"), (False, "%24returnEntity=false")]:
        assert text in query_of(call(name, return_entity=value)).split("&")
    assert call(name, return_entity=None) == call(name)
    assert refused(call, name, return_entity="yes").argument == "return_entity"
    twice = refused(call, name, return_entity=True, query_params={"$returnEntity": False})
    assert twice.argument == "query_params['$returnEntity']"


@pytest.mark.parametrize("name", NAMES)
def test_unknown_keywords_are_type_errors(name: str) -> None:
    with pytest.raises(TypeError, match=rf"{name}\(\) got an unexpected keyword argument 'tokne'"):
        call(name, tokne="x")
    if name not in RETURNING:
        with pytest.raises(TypeError, match="return_entity"):
            call(name, return_entity=True)


@pytest.mark.parametrize("name", NAMES)
def test_keywords_that_are_none_mean_the_default(name: str) -> None:
    assert call(name, **dict.fromkeys(calls.CallOptions.__annotations__)) == call(name)


# Batches


def test_a_batch_get_of_nothing_asks_for_nothing() -> None:
    assert query_of(calls.batch_get("/r", [])) == "ids=List()"


@pytest.mark.parametrize(
    ("function", "arguments", "argument"),
    [
        (calls.batch_delete, ([],), "ids"),
        (calls.batch_create, ([],), "entities"),
        (calls.batch_update, ([], []), "entities"),
        (calls.batch_update, ([], [{}]), "ids"),
        (calls.batch_partial_update, ([], []), "ids"),
        (calls.batch_partial_update, ([], [{}]), "ids"),
        (calls.batch_update, ([1, 2], [{}]), "entities"),
        (calls.batch_update, ([1], [{}, {}]), "entities"),
        (calls.batch_partial_update, ([1, 2], [{}]), "patch_set_objects"),
        (calls.batch_partial_update, ([1], None, [{}, {}]), "patches"),
        (calls.batch_partial_update, ([1], [], None), "patch_set_objects"),
        (calls.batch_update, ([1, 1], [{}, {}]), "ids[1]"),
        (calls.batch_update, ([2, 1, "1"], [{}, {}, {}]), "ids[2]"),
        (calls.batch_update, ([{"a": 1, "b": 2}, {"b": "2", "a": "1"}], [{}, {}]), "ids[1]"),
        (calls.batch_update, ([{"a": 1}, {"a": 1, "$params": {"p": 1}}], [{}, {}]), "ids[1]"),
        (calls.batch_partial_update, (["true", True], [{}, {}]), "ids[1]"),
        (calls.batch_update, (["(a:b)", {"a": "b"}], [{}, {}]), "ids[1]"),
        (calls.batch_update, ([1, None], [{}, {}]), "ids[1]"),
        (calls.batch_get, ("12",), "ids"),
        (calls.batch_get, (b"12",), "ids"),
        (calls.batch_get, ({"a": 1},), "ids"),
        (calls.batch_get, (5,), "ids"),
        (calls.batch_get, (None,), "ids"),
        (calls.batch_get, ([1, None],), "ids[1]"),
        (calls.batch_get, (["a", "a", "\ud800"],), "ids[2]"),
        (calls.batch_get, (["a", "\ud800"],), "ids[1]"),
        (calls.batch_delete, ([{"a": [None]}],), "ids[0]['a'][0]"),
        (calls.batch_create, ({"a": 1},), "entities"),
        (calls.batch_create, ([{}, 5],), "entities[1]"),
        (calls.batch_create, ("{}",), "entities"),
        (calls.batch_update, ([1, 2], [{}, []]), "entities[1]"),
        (calls.batch_partial_update, ([1, 2], [{}, None]), "patch_set_objects[1]"),
        (calls.batch_partial_update, ([1, 2], None, [{}, 5]), "patches[1]"),
        (calls.batch_partial_update, ([1], 5), "patch_set_objects"),
        (calls.batch_partial_update, ([1],), "patch_set_objects"),
        (calls.batch_partial_update, ([1], [{}], [{}]), "patch_set_objects"),
        (calls.partial_update, (), "patch_set_object"),
        (calls.partial_update, ({}, {}), "patch_set_object"),
        (calls.partial_update, ([],), "patch_set_object"),
        (calls.partial_update, (None, "x"), "patch"),
        (calls.create, ([],), "entity"),
        (calls.create, (None,), "entity"),
        (calls.update, ("{}",), "entity"),
        (calls.action, ("act", [1]), "action_params"),
    ],
)
def test_bodies_and_batches_of_another_shape_are_refused(
    function: Callable[..., Any], arguments: tuple[Any, ...], argument: str
) -> None:
    assert refused(function, "/r", *arguments).argument == argument


@pytest.mark.parametrize("function", [calls.batch_get, calls.batch_delete])
@pytest.mark.parametrize(
    ("ids", "sent"),
    [
        ([3, 1, 3], "List(3,1)"),
        (["a", "b", "a"], "List(a,b)"),
        ([1, "1", 2], "List(1,2)"),
        ([{"a": 1, "b": 2}, {"b": "2", "a": 1}], "List((a:1,b:2))"),
        ([Urn("urn:li:x:1"), "urn:li:x:1"], "List(urn%3Ali%3Ax%3A1)"),
        ([""], "List('')"),
        ({1: None}.keys(), "List(1)"),
        (range(1, 3), "List(1,2)"),
        ([True, 1], "List(true,1)"),
    ],
)
def test_duplicates_go_out_once(function: Callable[..., Call[Any]], ids: Any, sent: str) -> None:
    assert query_of(function("/r", ids)) == f"ids={sent}"


def test_keys_of_bodies_are_raw_or_reduced_and_keep_their_parameters() -> None:
    ids: list[Any] = ["urn:li:x:(1,2)", "100%", "", {"b": "x,y z", "a": 1, "$params": {"p": ""}}]
    made = calls.batch_update("/r", ids, [{"n": n} for n in range(4)])
    assert json.loads(made.request.body) == {
        "entities": {
            "urn:li:x:(1,2)": {"n": 0},
            "100%": {"n": 1},
            "": {"n": 2},
            "($params:(p:''),a:1,b:x%2Cy z)": {"n": 3},
        }
    }


def test_patches_are_sent_as_they_are() -> None:
    patch = {"$set": {"a": 1}, "$delete": ["b"], "c": {"$set": {"d": 2}}}
    assert json.loads(calls.partial_update("/r", patch=patch).request.body) == {"patch": patch}
    assert calls.partial_update("/r", {"a": 1}) == calls.partial_update("/r", patch={"$set": {"a": 1}})
    made = calls.batch_partial_update("/r", [1], patches=[patch])
    assert json.loads(made.request.body) == {"entities": {"1": {"patch": patch}}}


# Headers


@pytest.mark.parametrize(
    "header",
    [
        "X-RestLi-Protocol-Version",
        "x-restli-method",
        "CONTENT-TYPE",
        "LinkedIn-Version",
        "Authorization",
        "Host",
        "Content-Length",
        "Transfer-Encoding",
        "X-HTTP-Method-Override",
    ],
)
@pytest.mark.parametrize("name", ["get", "create"])
def test_headers_that_are_not_the_callers_are_refused(name: str, header: str) -> None:
    assert refused(call, name, headers={header: "x"}).argument == f"headers[{header!r}]"


def test_headers_given_twice_are_refused() -> None:
    assert refused(calls.get, "/r", headers={"X-A": "1", "x-a": "1"}).argument == "headers['x-a']"


@pytest.mark.parametrize("header", ["User-Agent", "accept"])
def test_some_headers_may_be_replaced(header: str) -> None:
    headers = calls.get("/r", headers={header: "mine"}).request.headers
    assert headers[header] == "mine"
    assert len(headers.raw) == len(calls.get("/r").request.headers.raw)


def test_further_headers_are_sent() -> None:
    assert calls.get("/r", headers={"X-A": "1 2"}).request.headers["x-a"] == "1 2"
    assert calls.get("/r", headers={}) == calls.get("/r")


@pytest.mark.parametrize(
    ("headers", "argument"),
    [
        ([("X-A", "1")], "headers"),
        ("X-A: 1", "headers"),
        ({1: "a"}, "headers"),
        ({10**5000: "a"}, "headers"),
        ({"": "a"}, "headers"),
        ({"X A": "a"}, "headers"),
        ({"Host ": "a"}, "headers"),
        ({"X-A": 5}, "headers['X-A']"),
        ({"X-A": b"a"}, "headers['X-A']"),
        ({"X-A": None}, "headers['X-A']"),
        ({"X-A": " a"}, "headers['X-A']"),
        ({"X-A": "a\u00e9"}, "headers['X-A']"),
    ],
)
def test_headers_that_cannot_be_sent_are_refused(headers: Any, argument: str) -> None:
    assert refused(calls.get, "/r", headers=headers).argument == argument


def test_the_token_and_the_version() -> None:
    headers = calls.get(
        "/r", access_token="AQX-1_~+/=", version_string="202609.01", base_url="http://h"
    ).request.headers
    assert headers["Authorization"] == "Bearer AQX-1_~+/="
    assert headers["LinkedIn-Version"] == "202609.01"


@pytest.mark.parametrize("token", ["", " x", "x ", "x\u00e9", 5, b"x", ["x"]])
def test_tokens_that_cannot_be_sent_are_refused(token: Any) -> None:
    refusal = refused(calls.get, "/r", access_token=token)
    assert refusal.argument == "access_token"
    assert "x" not in refusal.reason.replace("text", "")


@pytest.mark.parametrize("version", ["202609", "202609.01", "202412.99"])
def test_versions(version: str) -> None:
    request = calls.get("/r", version_string=version).request
    assert request.headers["LinkedIn-Version"] == version
    assert request.url == "https://api.linkedin.com/rest/r"


@pytest.mark.parametrize(
    "version",
    [
        "",
        "2026",
        "2026-09",
        "20260901",
        "202609.1",
        "202609.",
        "latest",
        " 202609",
        "\uff12\uff10\uff12\uff16\uff10\uff19",
        202609,
        b"x",
    ],
)
def test_versions_of_another_form_are_refused(version: Any) -> None:
    assert refused(calls.get, "/r", version_string=version).argument == "version_string"


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("http://h", "http://h/r"),
        ("http://h/", "http://h/r"),
        ("http://h//", "http://h/r"),
        ("https://h.example:8443/a/b/", "https://h.example:8443/a/b/r"),
        ("http://127.0.0.1:80", "http://127.0.0.1:80/r"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x/r"),
        ("http://h/%7ea%2f", "http://h/~a%2F/r"),
        ("http://h/a...b/.c", "http://h/a...b/.c/r"),
    ],
)
def test_base_urls(base: str, url: str) -> None:
    assert calls.get("/r", base_url=base).request.url == url
    assert calls.get("/r", base_url=base, version_string="202609").request.url == url


@pytest.mark.parametrize(
    "base",
    [
        *(
            "",
            "h",
            "/r",
            "//h",
            "ftp://h",
            "HTTP://h",
            "http://",
            "http:///r",
            "http://h:",
            "http://h:x",
            "http://h:123456",
        ),
        *("http://u:p@h", "http://u@h", "http://h?a=1", "http://h/?", "http://h#f", "http://h/a b", "http://h/%zz"),
        *("http://h/\u00e9", "http://\u00e9", "http://h\\x", "http://[::1", "http://h/{a}", " http://h", "http://h\n"),
        *("http://h/..", "http://h/./a", "http://h/a/%2e%2E/b", "http://..", 5, b"http://h", ["http://h"]),
    ],
)
def test_base_urls_of_another_form_are_refused(base: Any) -> None:
    assert refused(calls.get, "/r", base_url=base).argument == "base_url"


SPLITS = [
    "\r\nX-Evil: 1",
    "\nX-Evil: 1",
    "\rX-Evil: 1",
    "\0",
    "\x0b",
    "\x85",
    "\u2028",
    "\x7f",
    " HTTP/1.1\r\n\r\nGET /",
]


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize(
    ("argument", "options"),
    [
        ("access_token", lambda split: {"access_token": f"a{split}b"}),
        ("access_token", lambda split: {"access_token": f"a{split.strip(' ')}"}),
        ("version_string", lambda split: {"version_string": f"202609{split}"}),
        ("base_url", lambda split: {"base_url": f"http://h{split}"}),
        ("base_url", lambda split: {"base_url": f"http://h/a{split}b"}),
        ("headers['X-A']", lambda split: {"headers": {"X-A": f"a{split}b"}}),
        ("headers", lambda split: {"headers": {f"X-A{split}": "b"}}),
        ("fields", lambda split: {"fields": f"a\x01{split}"}),
    ],
)
def test_nothing_splits_a_request(argument: str, options: Callable[[str], dict[str, Any]], split: str) -> None:
    assert refused(calls.get, "/r", **options(split)).argument == argument


@pytest.mark.parametrize("split", SPLITS)
def test_no_path_splits_a_request(split: str) -> None:
    assert refused(calls.get, f"/r{split}").argument == "resource_path"


@pytest.mark.parametrize("split", SPLITS)
def test_what_is_encoded_splits_no_request(split: str) -> None:
    made = calls.finder("/r/{k}", split, path_keys={"k": split}, query_params={split: split})
    assert urlsplit(made.request.url).geturl() == made.request.url
    assert made.request.url.isascii()
    assert made.request.url.isprintable()
    assert param_decode(query_of(made)) == {"q": split, split: split}


# Bodies


class Status(Enum):
    ACTIVE = "ACTIVE"


def test_bodies_hold_what_json_can_say_and_what_stands_for_it() -> None:
    entity = {
        "urn": Urn("urn:li:x:1"),
        "status": Status.ACTIVE,
        "amount": Decimal("12345678901234567890.10"),
        "text": "\u00e9\U0001f600",
        "items": (1, [True, None, 0.5], MappingProxyType({"a": Decimal("1E+2")})),
    }
    assert (
        calls.create("/r", MappingProxyType(entity)).request.body
        == (
            '{"urn":"urn:li:x:1","status":"ACTIVE","amount":12345678901234567890.10,"text":"\u00e9\U0001f600",'
            '"items":[1,[true,null,0.5],{"a":1E+2}]}'
        ).encode()
    )


CYCLE: dict[str, Any] = {}
CYCLE["a"] = [CYCLE]


def deep(levels: int) -> list[Any]:
    nested: list[Any] = []
    for _ in range(levels):
        nested = [nested]
    return nested


@pytest.mark.parametrize(
    ("entity", "complaint"),
    [
        ({"a": float("nan")}, "JSON"),
        ({"a": float("-inf")}, "JSON"),
        ({"a": Decimal("NaN")}, "Decimal is not a type of JSON"),
        (CYCLE, "JSON"),
        ({"a": "\ud800"}, "surrogate"),
        ({"\udfff": 1}, "surrogate"),
        ({"a": deep(100_000)}, "too deep"),
        ({1: "a"}, "keys must be text"),
        ({"a": [{None: 1}]}, "keys must be text"),
        ({"a": MappingProxyType({True: 1})}, "keys must be text"),
        ({Status.ACTIVE: 1}, "keys must be"),
        ({"a": {1, 2}}, "set is not a type of JSON"),
        ({"a": b"x"}, "bytes is not a type of JSON"),
        ({"a": 10**5000}, "JSON"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda entity: calls.create("/r", entity), "entity"),
        (lambda entity: calls.update("/r", entity), "entity"),
        (lambda entity: calls.batch_create("/r", [{}, entity]), "entities"),
        (lambda entity: calls.batch_update("/r", [1], [entity]), "entities"),
        (lambda entity: calls.partial_update("/r", entity), "patch_set_object"),
        (lambda entity: calls.partial_update("/r", patch=entity), "patch"),
        (lambda entity: calls.batch_partial_update("/r", [1], [entity]), "patch_set_objects"),
        (lambda entity: calls.batch_partial_update("/r", [1], patches=[entity]), "patches"),
        (lambda entity: calls.action("/r", "act", entity), "action_params"),
    ],
    ids=[
        "create",
        "update",
        "batch_create",
        "batch_update",
        *["partial_update"] * 2,
        *["batch_partial_update"] * 2,
        "act",
    ],
)
def test_bodies_that_json_cannot_say_are_refused(
    make: Callable[[Any], Call[Any]], argument: str, entity: Any, complaint: str
) -> None:
    refusal = refused(make, entity)
    assert refusal.argument == argument
    assert complaint in refusal.reason


def test_dumps_writes_the_body() -> None:
    made = calls.batch_update("/r", [1], [{"a": 1}], dumps=lambda value: repr(value).encode())
    assert made.request.body == b"{'entities': {'1': {'a': 1}}}"
    assert calls.get("/r", dumps=json.dumps) == calls.get("/r")  # type: ignore[arg-type]


@pytest.mark.parametrize("dumps", [json.dumps, 5, lambda value: bytearray(b"{}")])
def test_dumps_must_give_bytes(dumps: Any) -> None:
    assert refused(calls.create, "/r", {}, dumps=dumps).argument == "dumps"


# Paths; more in test_paths.py


def test_keys_go_into_the_path() -> None:
    keys: dict[str, Any] = {"account": 5, "id": Urn("urn:li:x:1"), "key": {"b": "x/y", "a": 1}}
    made = calls.get("/adAccounts/{account}/people/(id:{id})/c/{key}", path_keys=keys, base_url="http://h/rest")
    assert made.request.url == "http://h/rest/adAccounts/5/people/(id:urn%3Ali%3Ax%3A1)/c/(a:1,b:x%2Fy)"


@pytest.mark.parametrize(
    ("path", "keys", "argument"),
    [
        ("r", None, "resource_path"),
        (5, None, "resource_path"),
        ("/{id}", None, "path_keys"),
        ("/r", {"id": 1}, "path_keys"),
        ("/{id}", [1], "path_keys"),
        ("/{id}", {"id": ""}, "path_keys['id']"),
        ("/{id}", {"id": "."}, "path_keys['id']"),
        ("/{id.__class__}", {"id": 1}, "resource_path"),
        ("/a/%2E./b", None, "resource_path"),
    ],
)
@pytest.mark.parametrize("name", NAMES)
def test_paths_that_cannot_be_sent_are_refused(name: str, path: Any, keys: Any, argument: str) -> None:
    function = getattr(calls, name)
    assert refused(function, path, *ARGUMENTS[name][1:], path_keys=keys).argument == argument


# Tunnelling


def said(request: HttpRequest) -> tuple[Any, ...]:
    return request.method, request.url, sorted(request.headers.items()), request.body


@pytest.mark.parametrize("name", NAMES)
def test_what_is_tunnelled_means_the_same(name: str) -> None:
    plain = call(name, query_params={"p": "\u00e9&x"}, access_token="t").request
    carried = call(name, query_params={"p": "\u00e9&x"}, access_token="t", tunnel_above=0).request
    assert carried.method == "POST"
    assert carried.url == "https://api.linkedin.com/v2/r"
    assert carried.headers["X-HTTP-Method-Override"] == METHODS[name].verb
    kind = "multipart/mixed; boundary=" if plain.body else "application/x-www-form-urlencoded"
    assert carried.headers["Content-Type"].startswith(kind)
    assert said(untunnel(carried)) == said(plain)


@pytest.mark.parametrize("name", NAMES)
def test_a_query_of_4000_characters_is_not_tunnelled_and_a_longer_one_is(name: str) -> None:
    room = 4000 - len(query_of(call(name, query_params={"p": "x"}))) + 1
    fits, too_long = (call(name, query_params={"p": "x" * length}).request for length in (room, room + 1))
    assert len(fits.url.partition("?")[2]) == 4000
    assert fits.method == METHODS[name].verb
    assert "X-HTTP-Method-Override" not in fits.headers
    assert too_long.headers["X-HTTP-Method-Override"] == METHODS[name].verb
    assert len(untunnel(too_long).url.partition("?")[2]) == 4001


def test_a_url_of_8000_characters_is_not_tunnelled_and_a_longer_one_is() -> None:
    def made(length: int) -> HttpRequest:
        return calls.get("/r", base_url="http://h", query_params={"p": "x" * length}, tunnel_above=10**6).request

    room = 8000 - len("http://h/r?p=")
    assert len(made(room).url) == 8000
    assert made(room + 1).method == "POST"


def test_a_long_path_is_not_tunnelled() -> None:
    # Tunnelling takes the query out of the URL, and there is none.
    request = calls.get("/{k}", path_keys={"k": "x" * 9000}, tunnel_above=0).request
    assert request.method == "GET"
    assert calls.get("/{k}", path_keys={"k": "x" * 9000}, query_params={"p": 1}).request.method == "POST"


def test_tunnelled_calls_of_equal_arguments_are_equal() -> None:
    assert call("batch_update", tunnel_above=0) == call("batch_update", tunnel_above=0)
    assert call("batch_update", tunnel_above=0) != call("batch_update")


def test_a_tunnelled_projection_is_raw() -> None:
    carried = calls.get("/r", fields="id,owner:(name)", tunnel_above=0).request
    assert carried.body == b"fields=id,owner:(name)"


@pytest.mark.parametrize("limit", [-1, "4000", 4000.0, True, [1]])
def test_tunnel_above_must_be_a_number_of_characters(limit: Any) -> None:
    assert refused(calls.get, "/r", tunnel_above=limit).argument == "tunnel_above"


# A call is a value


@pytest.mark.parametrize("name", NAMES)
def test_calls_from_equal_arguments_are_equal(name: str) -> None:
    made = call(name, access_token="t", query_params={"p": {"a": 1}})
    assert made == call(name, access_token="t", query_params={"p": {"a": 1}})
    assert made != call(name, access_token="other", query_params={"p": {"a": 1}})
    assert made.method == name
    assert made != object()


@pytest.mark.parametrize("again", [lambda value: pickle.loads(pickle.dumps(value)), copy.copy, copy.deepcopy])
@pytest.mark.parametrize("name", NAMES)
def test_calls_pickle_and_copy(name: str, again: Callable[[Any], Any]) -> None:
    made = call(name, access_token="t", tunnel_above=0)
    other = again(made)
    assert other == made
    assert other.request.headers["Authorization"] == "Bearer t"
    assert other.parse(answer(name)) == made.parse(answer(name))
    assert again(made.map(document_of)) == made.map(document_of)


@pytest.mark.parametrize("name", NAMES)
def test_mapped_calls_pass_the_answer_on(name: str) -> None:
    made = call(name)
    assert made.map(document_of).parse(answer(name)) == made.parse(answer(name)).document
    assert made.map(document_of).map(len).parse(answer(name)) == len(made.parse(answer(name)).document)
    assert made.map(document_of) == call(name).map(document_of)
    assert made.map(document_of) != made
    assert made.map(repr) != made.map(document_of)
    assert (made.map(repr).method, made.map(repr).request) == (made.method, made.request)


def test_what_the_mapping_function_raises_comes_out() -> None:
    with pytest.raises(ZeroDivisionError):
        calls.get("/r").map(lambda _: 1 // 0).parse(answer("get"))


def test_with_request_changes_the_request_alone() -> None:
    made = call("batch_get")
    other = HttpRequest("GET", "http://h")
    assert made.with_request(other).request == other
    assert made.with_request(other).with_request(made.request) == made


@pytest.mark.parametrize("name", NAMES)
def test_calls_are_not_hashable_and_frozen(name: str) -> None:
    made = call(name)
    with pytest.raises(TypeError, match="unhashable"):
        hash(made)
    for attribute in ("request", "method", "reader", "new"):
        with pytest.raises(AttributeError):
            setattr(made, attribute, made)
    with pytest.raises(AttributeError):
        delattr(made, "request")
    assert not hasattr(made, "__dict__")


@pytest.mark.parametrize("name", NAMES)
def test_repr_shows_the_method_and_the_line_and_no_value(name: str) -> None:
    made = call(name, base_url="http://h", access_token="SECRET", query_params={"p": "PRIVATE"})
    query = "&".join(f"{parameter}=…" for parameter in param_decode(query_of(made)))
    assert repr(made) == f"<Call {name}: {METHODS[name].verb} http://h/r?{query}>"


@pytest.mark.parametrize("function", [calls.batch_get, calls.batch_delete])
def test_readers_are_frozen_and_show_no_ids(function: Callable[..., Call[Any]], depth: int) -> None:
    made = function("/r", ["PRIVATE", {"a": deep(depth)}])
    answer_reader: Any = made.reader
    for reader in (answer_reader, answer_reader.parser, made.map(len).reader):
        assert "PRIVATE" not in repr(reader)
        assert not hasattr(reader, "__dict__")
        for attribute in ("parser", "ids", "reader"):
            with pytest.raises((AttributeError, TypeError)):  # TypeError: CPython's own, where it is no field
                setattr(reader, attribute, ())


def test_repr_never_recurses(depth: int) -> None:
    assert repr(calls.batch_get("/r", [{"a": deep(depth)}])).startswith("<Call batch_get: ")


def test_a_call_can_be_made_with_its_type() -> None:
    made = calls.get("/r").map(len)  # type: ignore[arg-type]
    assert Call[int](made.request, made.method, made.reader) == made


# Signatures

OWN_PARAMETERS = {
    "get": [],
    "batch_get": ["ids"],
    "get_all": [],
    "finder": ["finder_name"],
    "batch_finder": ["finder_name", "finder_criteria"],
    "create": ["entity"],
    "batch_create": ["entities"],
    "update": ["entity"],
    "batch_update": ["ids", "entities"],
    "partial_update": ["patch_set_object=None", "patch=None"],
    "batch_partial_update": ["ids", "patch_set_objects=None", "patches=None"],
    "delete": [],
    "batch_delete": ["ids"],
    "action": ["action_name", "action_params=None"],
}
COMMON = [
    *("path_keys", "query_params", "fields", "access_token", "version_string", "base_url", "headers", "tunnel_above"),
    "dumps",
]


@pytest.mark.parametrize("name", NAMES)
def test_signatures_spell_everything_out(name: str) -> None:
    function = getattr(restli_core, name)
    parameters = inspect.signature(function, eval_str=True).parameters.values()
    own = [one for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD]
    common = [one for one in parameters if one.kind is one.KEYWORD_ONLY]
    spelt = [one.name + ("" if one.default is one.empty else f"={one.default}") for one in own]
    assert spelt == ["resource_path", *OWN_PARAMETERS[name]]
    assert [one.name for one in common] == [*COMMON, *["return_entity"] * (name in RETURNING)]
    assert {one.default for one in common} == {None}
    assert all(one.annotation is not one.empty for one in parameters)


@pytest.mark.parametrize("name", NAMES)
def test_help_shows_the_signature_and_the_documentation(name: str) -> None:
    function = getattr(restli_core, name)
    shown = pydoc.plain(pydoc.render_doc(function))
    assert f"{name}(resource_path" in "".join(shown.split())  # Python 3.13 gives each argument a line of its own
    assert "version_string" in shown
    assert function.__doc__.splitlines()[0] in shown
    assert ("return_entity" in shown) == (name in RETURNING)


class Text(StrEnum):
    NAME = "search"


def test_text_of_any_kind_is_text() -> None:
    assert calls.finder("/r", Text.NAME) == calls.finder("/r", "search")
    assert calls.get("/r", query_params={Text.NAME: Text.NAME}) == calls.get("/r", query_params={"search": "search"})


@pytest.mark.parametrize("token", ["Bearer abc", "a\tb"])
def test_a_token_stands_alone(token: str) -> None:
    with pytest.raises(InvalidCallError, match="alone") as caught:
        calls.get("/r", access_token=token)
    assert token not in str(caught.value)


@pytest.mark.parametrize("version", ["202600", "202613", "202699.01"])
def test_a_version_is_of_a_month(version: str) -> None:
    with pytest.raises(InvalidCallError, match="version_string"):
        calls.get("/r", version_string=version)


@pytest.mark.parametrize("function", [calls.get, calls.create])
def test_help_describes_the_common_keywords(function: Callable[..., Any]) -> None:
    described = (function.__doc__ or "").splitlines()
    for name in list(inspect.signature(function).parameters)[1:]:
        assert name == "entity" or any(line.startswith(f"{name}: ") for line in described)


def test_a_call_keeps_ids_in_tuples_too() -> None:
    key: dict[str, Any] = {"a": [1]}
    made = calls.batch_get("/r", [(key, 1), ("x", 2), MappingProxyType({"b": key})])
    key["a"].append(2)
    assert made == calls.batch_get("/r", [[{"a": [1]}, 1], ("x", 2), {"b": {"a": [1]}}])
    assert pickle.loads(pickle.dumps(made)) == made
