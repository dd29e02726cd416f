"""The fourteen functions: against LinkedIn's own client, their own arguments, and calls as values."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import pydoc
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest

import restli_core
from restli_core import calls
from restli_core.base_errors import SuspiciousValueWarning
from restli_core.calls import Call, not_a_call, unmapped
from restli_core.encoding import decode, decode_path_key, encode, param_decode
from restli_core.errors import InvalidCallError
from restli_core.messages import HttpRequest, HttpResponse
from restli_core.methods import METHODS
from restli_core.projection import parse_projection
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


@pytest.mark.filterwarnings("ignore::restli_core.SuspiciousValueWarning")  # odd on purpose
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


# What a method sends by itself


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
        ({"a": float("nan")}, "['a']: cannot be written as JSON"),
        ({"a": {"b": [1, float("-inf")]}}, "['a']['b'][1]: cannot be written as JSON"),
        ({"a": Decimal("NaN")}, "['a']: cannot be written as JSON"),
        (CYCLE, "['a'][0]: contains itself"),
        ({"a": "\ud800"}, "['a']: holds a lone surrogate"),
        ({"\udfff": 1}, "['\\udfff']: holds a lone surrogate"),
        ({"a": deep(100_000)}, ": is nested too deep"),
        ({1: "a"}, ": a key is of type int: keys must be text"),
        ({"a": [{None: 1}]}, "['a'][0]: a key is of type NoneType: keys must be text"),
        ({"a": MappingProxyType({True: 1})}, "['a']: a key is of type bool: keys must be text"),
        ({Status.ACTIVE: 1}, ": a key is of type Status: keys must be text"),
        ({"a": {1, 2}}, "['a']: cannot be written as JSON: set is not a type of JSON"),
        ({"a": {"b": date(2026, 1, 31)}}, "['a']['b']: cannot be written as JSON: it is a date: give "),
        ({"a": 10**5000}, "['a']: cannot be written as JSON"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda entity: calls.create("/r", entity), "entity"),
        (lambda entity: calls.update("/r", entity), "entity"),
        (lambda entity: calls.batch_create("/r", [{}, entity]), "entities[1]"),
        (lambda entity: calls.batch_update("/r", [7, 8, 9], [{}, {}, entity]), "entities[2]"),
        (lambda entity: calls.partial_update("/r", entity), "patch_set_object"),
        (lambda entity: calls.partial_update("/r", patch={"$set": entity}), "patch['$set']"),
        (lambda entity: calls.batch_partial_update("/r", [1], [entity]), "patch_set_objects[0]"),
        (lambda entity: calls.batch_partial_update("/r", [7, 8], patches=[{}, {"$set": entity}]), "patches[1]['$set']"),
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
def test_bodies_that_json_cannot_say_are_refused_at_their_place(
    make: Callable[[Any], Call[Any]], argument: str, entity: Any, complaint: str
) -> None:
    refusal = refused(make, entity)
    if "too deep" in complaint:  # how deep is too deep depends on what is around it
        assert refusal.argument == argument.partition("[")[0]
        assert "too deep" in refusal.reason
    else:
        assert str(refusal).startswith(argument + complaint)


def test_tunnelled_calls_of_equal_arguments_are_equal() -> None:
    assert call("batch_update", tunnel_above=0) == call("batch_update", tunnel_above=0)
    assert call("batch_update", tunnel_above=0) != call("batch_update")


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
    assert Call[int](made.request, made.method, made.reader, made.resource_path, made.name) == made


NAMED = {"finder": "search", "batch_finder": "search", "action": "publish"}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("tunnel_above", [0, None])
def test_a_call_has_its_path_as_it_was_given_and_the_name_of_its_finder_or_action(
    method: str, tunnel_above: int | None
) -> None:
    own: dict[str, tuple[Any, ...]] = {
        "batch_get": ([1],),
        "finder": ("search",),
        "batch_finder": ("search", ("criteria", [{"a": "b"}])),
        "create": ({},),
        "batch_create": ([{}],),
        "update": ({},),
        "batch_update": ([1], [{}]),
        "partial_update": ({"a": 1},),
        "batch_partial_update": ([1], [{"a": 1}]),
        "batch_delete": ([1],),
        "action": ("publish",),
    }
    function: Any = getattr(calls, method)
    path = "/adAccounts/{id}/posts"
    made = function(path, *own.get(method, ()), path_keys={"id": 5}, tunnel_above=tunnel_above)
    for one in (made, made.map(str), made.with_request(made.request), pickle.loads(pickle.dumps(made))):
        assert (one.resource_path, one.name) == (path, NAMED.get(method))


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


# Mistakes that have their cure in the error


@pytest.mark.parametrize("name", NAMES)
def test_arguments_by_position_beyond_a_methods_own_are_explained(name: str) -> None:
    whole = {"$set": {"a": 1}}
    arguments = {
        **ARGUMENTS,
        "partial_update": ("/r", None, whole),
        "batch_partial_update": ("/r", [1], None, [whole]),
    }[name]
    given = len(arguments)
    takes = "1 positional argument" if given == 1 else f"{given} positional arguments"
    with pytest.raises(TypeError) as caught:
        getattr(calls, name)(*arguments, {"id": 1})
    assert str(caught.value).startswith(f"{name}() takes {takes} but {given + 1} were given: all but resource_path")
    assert "path_keys={...}" in str(caught.value)
    assert "query_params={...}" in str(caught.value)


WRAPPED: Any = {"patch": {"$set": {"a": 1}}}
WHOLE: Any = {"$set": {"a": 1}}


@pytest.mark.parametrize(
    ("make", "argument", "reason"),
    [
        (lambda: calls.partial_update("/r", patch=WRAPPED), "patch", "is wrapped already"),
        (lambda: calls.partial_update("/r", WRAPPED), "patch_set_object", "is a whole patch: give it as patch"),
        (lambda: calls.partial_update("/r", WHOLE), "patch_set_object", "is a whole patch: give it as patch"),
        (lambda: calls.partial_update("/r", {"$delete": ["a"]}), "patch_set_object", "give it as patch"),
        (lambda: calls.partial_update("/r", {**WHOLE, "$delete": []}), "patch_set_object", "give it as patch"),
        (lambda: calls.partial_update("/r", patch={"a": 1}), "patch['a']", "values to set go under $set"),
        (lambda: calls.batch_partial_update("/r", [7, 8], [{}, WHOLE]), "patch_set_objects[1]", "give it as patches"),
        (lambda: calls.batch_partial_update("/r", [7, 8], [{}, WRAPPED]), "patch_set_objects[1]", "as patches"),
        (lambda: calls.batch_partial_update("/r", [7, 8], None, [WHOLE, WRAPPED]), "patches[1]", "wrapped already"),
        (lambda: calls.batch_partial_update("/r", [7], None, [{"a": {"b": 1}}]), "patches[0]['a']['b']", "$set"),
        (lambda: calls.create("/r", WRAPPED), "entity", "is a patch"),
        (lambda: calls.update("/r", WHOLE), "entity", "is a patch"),
        (lambda: calls.batch_create("/r", [{}, WHOLE]), "entities[1]", "is a patch"),
        (lambda: calls.batch_update("/r", [7, 8], [{}, WRAPPED]), "entities[1]", "is a patch"),
        (lambda: calls.get("/v2/posts"), "resource_path", "begins with /v2"),
        (lambda: calls.get("/rest/posts"), "resource_path", "give version_string"),
        (lambda: calls.get("/rest/posts", version_string="202609"), "resource_path", "begins with /rest"),
        (lambda: calls.get("/v2/{id}", path_keys={"id": 1}, version_string="202609"), "resource_path", "leave it out"),
        (lambda: calls.get("/x/y", base_url="http://h/x"), "resource_path", "which base_url ends with"),
        (lambda: calls.get("/posts/urn:li:share:1"), "resource_path", "write the key as {name}"),
    ],
)
def test_mistakes_have_their_cure(make: Callable[[], Call[Any]], argument: str, reason: str) -> None:
    refusal = refused(make)
    assert refusal.argument == argument
    assert reason in refusal.reason


@pytest.mark.parametrize(
    ("make", "body"),
    [
        (lambda: calls.partial_update("/r", {"patch": {"a": 1}}), {"patch": {"$set": {"patch": {"a": 1}}}}),
        (lambda: calls.partial_update("/r", {}), {"patch": {"$set": {}}}),
        (lambda: calls.create("/r", {"patch": {"a": 1}}), {"patch": {"a": 1}}),
        (lambda: calls.update("/r", {}), {}),
    ],
)
def test_fields_named_patch_are_fields(make: Callable[[], Call[Any]], body: Any) -> None:
    assert json.loads(make().request.body) == body


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"a": 1, "$set": {}}, "['$set']"),
        ({"$delete": "a"}, "['$delete']"),
        ({"$unset": ["a"]}, "['$unset']"),
        ({"a": {"$set": {"b": 1}}}, "['a']"),
        ({"x": 1, "a": {"b": {"c": {"$delete": ["d"]}}}}, "['a']['b']['c']"),
        ({"patch": {"patch": {"$set": {"a": 1}}}}, "['patch']['patch']"),
    ],
)
def test_a_part_of_a_patch_among_fields_is_warned_of_and_sent(fields: dict[str, Any], place: str) -> None:
    for make, argument in (
        (lambda: calls.partial_update("/r", fields), "patch_set_object"),
        (lambda: calls.batch_partial_update("/r", [7, 8], [{}, fields]), "patch_set_objects[1]"),
        (lambda: calls.create("/r", fields), "entity"),
        (lambda: calls.update("/r", fields), "entity"),
        (lambda: calls.batch_create("/r", [{}, fields]), "entities[1]"),
        (lambda: calls.batch_update("/r", [7, 8], [{}, fields]), "entities[1]"),
    ):
        with pytest.warns(SuspiciousValueWarning) as caught:
            made = make()
        assert [str(one.message).partition(": ")[0] for one in caught] == [argument + place]
        assert json.dumps(fields, separators=(",", ":")).encode() in made.request.body


def test_fields_that_only_look_like_a_part_of_a_patch_are_silent() -> None:
    deep: Any = {"$set": {}}
    for _ in range(100_000):
        deep = {"a": deep}
    silent: list[dict[str, Any]] = [{"$params": {"a": 1}}, {"a": {"$set": 1}}, {"a": {"$set": {}, "b": 1}}, {"a": {}}]
    for fields in silent:
        assert calls.create("/r", fields).request.body
    with pytest.raises(InvalidCallError, match="too deep"):
        calls.create("/r", deep)


def test_a_name_with_its_parameter_before_it_is_warned_of() -> None:
    for make, argument in (
        (lambda: calls.finder("/r", "q=search"), "finder_name"),
        (lambda: calls.batch_finder("/r", "bq=search", ("c", [1])), "finder_name"),
        (lambda: calls.action("/r", "?action=search"), "action_name"),
    ):
        with pytest.warns(SuspiciousValueWarning, match=f"^{argument}: has the parameter before it: give 'search'"):
            make()
    assert calls.finder("/r", "a=b").request.url.endswith("q=a%3Db")


# Values that count for what they are


class Showy(str):
    __slots__ = ()

    def __str__(self) -> str:
        raise AssertionError("what it formats as was asked for")

    __repr__ = __format__ = __str__  # type: ignore[assignment]


def test_no_subclass_of_text_has_a_say_in_what_is_sent() -> None:
    showy: Any = {
        "path_keys": {Showy("k"): Showy("a b")},
        "query_params": {Showy("p"): [Showy("x"), {Showy("n"): Showy("y")}]},
        "access_token": Showy("token"),
        "version_string": Showy("202609"),
        "base_url": Showy("http://h/a"),
        "headers": {Showy("X-A"): Showy("1")},
    }
    plain: Any = {
        "path_keys": {"k": "a b"},
        "query_params": {"p": ["x", {"n": "y"}]},
        "access_token": "token",
        "version_string": "202609",
        "base_url": "http://h/a",
        "headers": {"X-A": "1"},
    }
    made = calls.batch_update(Showy("/r/{k}"), [Showy("1")], [{Showy("a"): Showy("b")}], **showy)
    assert made == calls.batch_update("/r/{k}", ["1"], [{"a": "b"}], **plain)
    assert calls.finder(Showy("/r"), Showy("f")) == calls.finder("/r", "f")
    assert calls.action("/r", Showy("f")) == calls.action("/r", "f")
    assert calls.batch_finder("/r", Showy("f"), (Showy("c"), ["a"])) == calls.batch_finder("/r", "f", ("c", ["a"]))
    parts = [part for field in made.request.headers.raw for part in field] + [made.request.url, made.request.method]
    assert {*map(type, parts)} == {str}


def test_numbers_of_other_libraries_are_sent_as_what_they_are() -> None:
    options: Any = {"path_keys": {"k": np.int64(5)}, "query_params": {"p": [np.float32(0.5), np.bool_(True)]}}
    ids: Any = np.array([1, 2, 1])
    made = calls.batch_get("/r/{k}", ids, **options)
    assert made.request.url == "https://api.linkedin.com/v2/r/5?ids=List(1,2)&p=List(0.5,true)"
    key: Any = {"a": np.uint8(7)}
    assert calls.batch_delete("/r", [key]).request == calls.batch_delete("/r", [{"a": 7}]).request
    ids = [np.int32(3)]
    body = calls.batch_update("/r", ids, [{"n": np.int64(1), "f": np.float64(1.5)}]).request.body
    assert body == b'{"entities":{"3":{"n":1,"f":1.5}}}'


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda day: calls.get("/r/{k}", path_keys={"k": day}), "path_keys['k']"),
        (lambda day: calls.get("/r", query_params={"a": {"start": [day]}}), "query_params['a']['start'][0]"),
        (lambda day: calls.batch_get("/r", [1, {"day": day}]), "ids[1]['day']"),
        (lambda day: calls.batch_finder("/r", "f", ("c", [{"day": day}])), "finder_criteria[1][0]['day']"),
        (lambda day: calls.create("/r", {"day": day}), "entity['day']"),
        (lambda day: calls.batch_update("/r", [1, 2], [{}, {"day": day}]), "entities[1]['day']"),
        (lambda day: calls.action("/r", "f", {"days": [day]}), "action_params['days'][0]"),
    ],
)
def test_a_date_is_refused_with_what_to_give(make: Callable[[Any], Call[Any]], argument: str) -> None:
    refusal = refused(make, date(2026, 3, 4))
    assert refusal.argument == argument
    assert "milliseconds" in refusal.reason
    assert '{"year": 2026, "month": 3, "day": 4}' in refusal.reason


def test_a_mapped_call_comes_apart() -> None:
    made = call("get_all")
    inner, function = unmapped(made.map(document_of).map(len))
    assert inner == made
    assert function(made.parse(answer("get_all"))) == made.map(document_of).map(len).parse(answer("get_all"))
    assert pickle.loads(pickle.dumps(function)) == function
    same, nothing = unmapped(made)
    assert same is made
    assert nothing(made) is made


async def sent() -> None: ...


def test_what_is_given_in_place_of_a_call_gets_its_cure() -> None:
    makes = "must be a call, as restli_core.get or client.calls.get makes one, not"
    assert not_a_call(5) == f"{makes} int"
    assert not_a_call(one for one in "ab") == (
        f"{makes} generator: a flow is run by client.run, or by client.iterate where it gives items"
    )
    coroutine = sent()
    assert (
        not_a_call(coroutine) == f"{makes} coroutine: client.get sends its call at once, client.calls.get only makes it"
    )
    coroutine.close()
    given = calls.get("/me").parse(HttpResponse(200, {}, b"{}"))
    assert not_a_call(given).startswith(f"{makes} GetResponse: client.get sends")
