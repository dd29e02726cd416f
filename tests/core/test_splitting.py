"""Splitting: parts are what the function would make of some of the ids, byte for byte, whatever `dumps` wrote."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

import restli_core as restli
from restli_core import BatchDeleteResponse, Call, HttpRequest, HttpResponse, InvalidCallError, untunnel
from restli_core.building import write_body
from restli_core.calls import batch_items, batch_request, subset, unmapped
from restli_core.methods import METHODS
from restli_core.splitting import items_of
from tests.support.samples import call, document_of

IDS: list[Any] = [7, "a,b", {"x": "(1)", "y": [1, 2]}, "%", "é", ""]
ENTITIES: list[dict[str, Any]] = [
    {"n": Decimal("1.50"), "big": 10**40},
    {"text": 'a "quoted" ] } \\" \\ {['},
    {"é{": ["]", {"\\": []}]},
    {},
    {"a": {"b": [[], {}]}},
    {"null": None, "t": True},
]
# By method, its call for the items of these places.
BATCHES: dict[str, Callable[..., Call[Any]]] = {
    "batch_get": lambda at, **options: restli.batch_get("/r", [IDS[one] for one in at], **options),
    "batch_delete": lambda at, **options: restli.batch_delete("/r", [IDS[one] for one in at], **options),
    "batch_update": lambda at, **options: restli.batch_update(
        "/r", [IDS[one] for one in at], [ENTITIES[one] for one in at], **options
    ),
    "batch_partial_update": lambda at, **options: restli.batch_partial_update(
        "/r", [IDS[one] for one in at], [ENTITIES[one] for one in at], **options
    ),
    "batch_create": lambda at, **options: restli.batch_create("/r", [ENTITIES[one] for one in at], **options),
    "batch_finder": lambda at, **options: restli.batch_finder(
        "/r", "f", ("criteria", [IDS[one] for one in at]), **options
    ),
}
METHOD_NAMES = [*BATCHES]
OPTIONS: list[dict[str, Any]] = [
    {"query_params": {"a": 1, "z": "ids=List(1)"}, "headers": {"X-Own": "1"}, "version_string": "202609"},
    {"tunnel_above": 0, "fields": "id", "access_token": "hidden"},
]


def spelt(value: object) -> bytes:
    """JSON in other words than this package's: sorted, indented, and in ASCII."""
    plain = json.loads(write_body("value", value, {"value": value}, {}))["value"]
    return json.dumps(plain, sort_keys=True, indent=2).encode()


@pytest.mark.parametrize("options", OPTIONS, ids=["plain", "tunnelled"])
@pytest.mark.parametrize("method", METHOD_NAMES)
def test_a_part_is_the_call_for_its_ids(method: str, options: dict[str, Any]) -> None:
    make = BATCHES[method]
    whole = make(range(6), **options)
    for parts, sizes in ((1, [6]), (2, [3, 3]), (4, [1, 2, 1, 2]), (6, [1] * 6), (100, [1] * 6)):
        split = whole.split(parts)
        assert [len(batch_items(part)) for part in split] == sizes
        starts = [sum(sizes[:number]) for number in range(len(sizes))]
        made = [make(range(start, start + size), **options) for start, size in zip(starts, sizes, strict=True)]
        assert [*split] == made
        assert [part.request.body for part in split] == [one.request.body for one in made]
        assert [part.request.url for part in split] == [one.request.url for one in made]
    assert whole.split() == whole.split(2)


@pytest.mark.parametrize("method", METHOD_NAMES)
def test_a_call_of_one_id_is_its_only_part(method: str) -> None:
    one = BATCHES[method]([4])
    (part,) = one.split(7)
    assert part is one


def test_a_call_without_ids_is_its_only_part() -> None:
    none = restli.batch_get("/r", [])
    assert none.split() == (none,)


@pytest.mark.parametrize("method", METHOD_NAMES)
def test_pickled_calls_split_alike(method: str) -> None:
    whole = BATCHES[method](range(6))
    assert pickle.loads(pickle.dumps(whole)).split(3) == whole.split(3)


@pytest.mark.parametrize("method", METHOD_NAMES)
def test_mapped_calls_split_into_mapped_calls(method: str) -> None:
    bare = BATCHES[method](range(6))
    assert bare.map(document_of).split() == tuple(part.map(document_of) for part in bare.split())
    twice = bare.map(document_of).map(len).split()
    assert pickle.loads(pickle.dumps(twice)) == twice
    assert [unmapped(part)[0] for part in twice] == [*bare.split()]
    assert unmapped(twice[0])[1](bare_answer()) == 2


def bare_answer() -> BatchDeleteResponse:
    return BatchDeleteResponse(HttpResponse(200, {}, b""), {"results": {}, "errors": {}}, None, {}, {}, ())


def test_a_call_that_is_not_mapped_has_the_identity() -> None:
    bare, function = unmapped(call("get"))
    assert bare == call("get")
    assert function(bare) is bare


def test_an_id_that_comes_twice_is_in_each_part_of_its_places() -> None:
    first, second = restli.batch_get("/r", [1, "1", 2, 1]).split()
    assert (first.request.url[-9:], second.request.url[-11:]) == ("s=List(1)", "s=List(2,1)")
    assert [batch_items(part) for part in (first, second)] == [(1, "1"), (2, 1)]


@pytest.mark.parametrize("method", ["batch_update", "batch_partial_update", "batch_create"])
def test_what_a_dumps_of_the_callers_wrote_goes_out_as_it_is(method: str) -> None:
    whole = BATCHES[method](range(6), dumps=spelt)
    name = "elements" if method == "batch_create" else "entities"
    parts = whole.split(4)
    joined: Any = [] if method == "batch_create" else {}
    for part in parts:
        got = json.loads(part.request.body)[name]
        joined = [*joined, *got] if method == "batch_create" else {**joined, **got}
    assert joined == json.loads(whole.request.body)[name]
    assert b"1.50" in BATCHES[method](range(6)).split(6)[0].request.body
    for part in whole.split(6):
        entity = re.fullmatch(rb'\{\s*"\w+":\s*[\[{]\s*(.*?)\s*[\]}]\s*\}', part.request.body, re.DOTALL)
        assert entity is not None
        assert entity[1] in whole.request.body


def test_entities_may_be_deeper_than_python_recurses() -> None:
    deep = b"[" * 20_000 + b"]" * 20_000
    body = b'{"elements":[' + b",".join([b'{"a":%b}' % deep] * 4) + b"]}"
    whole = restli.batch_create("/r", [{}] * 4, dumps=lambda value: body)
    first, second = whole.split()
    assert first.request.body == second.request.body == b'{"elements":[{"a":%b},{"a":%b}]}' % (deep, deep)


def test_long_texts_take_no_time() -> None:
    text = 'x\\"' * 300_000
    first, second = restli.batch_create("/r", [{"a": text}, {"b": text}]).split()
    assert len(first.request.body) == len(second.request.body) > 1_500_000


@pytest.mark.parametrize("name", [name for name in METHODS if not name.startswith("batch")])
def test_what_is_not_a_batch_cannot_be_split(name: str) -> None:
    with pytest.raises(InvalidCallError, match=rf"call: is not a batch: {name} has no ids"):
        call(name).split()


def test_a_call_of_ones_own_is_not_a_batch() -> None:
    own = Call(HttpRequest("GET", "http://h/", {}), "batch_get", lambda request, response, loads: 1)
    with pytest.raises(InvalidCallError, match="is not a batch"):
        own.split()
    assert items_of(None) is None


@pytest.mark.parametrize("parts", [0, -1, True, 1.0, "2", None])
def test_parts_are_a_number_above_0(parts: Any) -> None:
    with pytest.raises(InvalidCallError, match="parts: must be a number of calls, 1 or above"):
        call("batch_get").split(parts)


ODD_BODIES = [
    b"[]",
    b"{}",
    b'{"other":{"1":{},"2":{}}}',
    b'{"entities":{}}',
    b'{"entities":{"1":{},"2":{}',
    b'{"entities":{"1":{},"2":{}}} x',
    b'{"entities":{"1":{},"2":{},"3":{}}}',
    b'{"entities":{"1":{},"1":{}}}',
    b'{"entities":{"1":{},"2":{},"2":{}}}',
    b'{"entities":{"1":{},"2":5}}',
    b'{"entities":{"1":{},2:{}}}',
    b'{"entities":{"1":{},"\xff":{}}}',
    b'{"entities":{"1":{"a":"},"2":{}}}',
    b'{"entities":{"1":{"a":[,"2":{}}}',
    '{"entities":{"1":{},"2":{}}}'.encode("utf-16"),
]


@pytest.mark.parametrize("body", ODD_BODIES, ids=range(len(ODD_BODIES)))
def test_what_is_not_the_json_of_the_method_is_refused(body: bytes) -> None:
    odd = restli.batch_update("/r", [1, 2], [{}, {}], dumps=lambda value: body)
    with pytest.raises(InvalidCallError, match=r"call: cannot be split: (its body|the keys of its body)"):
        odd.split()


def test_fewer_elements_than_entities_are_refused() -> None:
    odd = restli.batch_create("/r", [{}, {}], dumps=lambda value: b'{"elements":[{}]}')
    with pytest.raises(InvalidCallError, match="has not as many items"):
        odd.split()


def test_another_request_than_the_functions_is_refused() -> None:
    made = call("batch_get")
    with pytest.raises(InvalidCallError, match="its URL has no list ids"):
        made.with_request(HttpRequest("GET", "http://h/r?q=x", {})).split()
    form = {"X-HTTP-Method-Override": "NONE"}
    with pytest.raises(InvalidCallError, match="its tunnel cannot be read"):
        made.with_request(HttpRequest("POST", "http://h/r", form, b"x")).split()


@pytest.mark.parametrize("options", OPTIONS, ids=["plain", "tunnelled"])
@pytest.mark.parametrize("method", METHOD_NAMES)
def test_the_sizes_of_items_bound_the_size_of_a_part(method: str, options: dict[str, Any]) -> None:
    whole = BATCHES[method](range(6), **options)
    request = batch_request(whole)
    for places in ([0], [1, 3], [5, 2, 0], [0, 1, 2, 3, 4, 5]):
        part = subset(whole, request, places).request
        bound = request.fixed_size + sum(request.sizes[place] for place in places)
        assert bound - 2 * len(places) <= len(part.url) + len(part.body) <= bound


def test_a_subset_may_be_in_any_order() -> None:
    whole = BATCHES["batch_update"](range(6), tunnel_above=0)
    assert subset(whole, batch_request(whole), [5, 0, 3]) == BATCHES["batch_update"]([5, 0, 3], tunnel_above=0)
    assert untunnel(whole.request).url.startswith("https://api.linkedin.com/v2/r?ids=List(7,a%2Cb,")
