"""The parts of a batch call mean together what the call means: a server reads each item once, in order, as it was."""

from __future__ import annotations

import json
import pickle
import warnings
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import restli_core as restli
from restli_core import Call, HttpResponse, batches
from restli_core.calls import batch_items, batch_request, subset
from restli_core.flows.batch_rows import rows_of
from restli_core.keys import body_key, canonical_key
from restli_core.server import Invocation, read
from restli_core.tunnelling import is_tunnelled
from restli_transports.testing.strategies import call_arguments
from tests.support.meanings import BASE_PATH, meanings
from tests.support.profiles import examples

BATCHES = ["batch_get", "batch_finder", "batch_create", "batch_update", "batch_partial_update", "batch_delete"]
WITH_ROWS = [name for name in BATCHES if name != "batch_finder"]


def joined(invocations: list[Invocation], criteria: str) -> dict[str, Any]:
    """What several invocations ask for together: the items of all, and what is the same in each."""
    ids = {body_key(one): one for invocation in invocations for one in invocation.ids}
    first = invocations[0]
    same = [(one.method, one.resource, one.path_keys, one.finder, one.fields, one.return_entity) for one in invocations]
    assert same == [same[0]] * len(same)
    others = [{name: value for name, value in one.params.items() if name != criteria} for one in invocations]
    assert others == [others[0]] * len(others)
    assert [one.headers.without("Content-Type") for one in invocations] == [
        first.headers.without("Content-Type")
    ] * len(invocations)
    return {
        "ids": [*ids.values()],
        "entities": [entity for one in invocations for entity in one.entities],
        "patches": [patch for one in invocations for patch in one.patches],
        "criteria": [value for one in invocations for value in one.params.get(criteria, [])],
        "same": same[0],
        "params": others[0],
    }


@pytest.mark.parametrize("method", BATCHES)
@examples(60, quick=6)
@given(data=st.data(), parts=st.integers(1, 5))
def test_parts_are_read_as_the_whole(method: str, data: st.DataObject, parts: int) -> None:
    meaning = data.draw(meanings(method))
    whole: Call[Any] = pickle.loads(pickle.dumps(meaning.call))
    split = whole.split(parts)
    sizes = [len(batch_items(part)) for part in split]
    assert sum(sizes) == len(batch_items(whole))
    assert len(split) == max(1, min(parts, sum(sizes)))
    assert max(sizes) - min(sizes) <= 1
    assert {is_tunnelled(part.request) for part in split} == {is_tunnelled(whole.request)}
    criteria = whole.reader.parser.parameter if method == "batch_finder" else ""  # type: ignore[attr-defined]
    asked = [read(part.request, [meaning.resource], base_path=BASE_PATH) for part in split]
    assert joined(asked, criteria) == joined([read(whole.request, [meaning.resource], base_path=BASE_PATH)], criteria)


def answer_to(call: Call[Any], statuses: dict[str, int]) -> HttpResponse:
    """What a server answers that gives each id a status of its own."""
    if call.method == "batch_create":
        bodies = json.loads(restli.untunnel(call.request).body)["elements"]
        elements = [{"status": statuses[json.dumps(one)], "id": json.dumps(one)} for one in bodies]
        return HttpResponse(200, {}, json.dumps({"elements": elements}).encode())
    keys = [canonical_key(one) for one in batch_items(call)]
    results: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    for key in keys:
        if statuses[key] >= 400:
            errors[key] = {"status": statuses[key]}
        else:
            results[key] = {"status": statuses[key]}
    document = {"results": results, "errors": errors}
    if call.method == "batch_get":
        document["statuses"] = {key: statuses[key] for key in keys}
    return HttpResponse(200, {}, json.dumps(document).encode())


@pytest.mark.parametrize("method", WITH_ROWS)
@examples(60, quick=6)
@given(data=st.data(), parts=st.integers(1, 5))
def test_rows_of_parts_are_the_rows_of_the_whole(method: str, data: st.DataObject, parts: int) -> None:
    call = data.draw(meanings(method)).call
    if method == "batch_create":
        keys = [json.dumps(one) for one in json.loads(restli.untunnel(call.request).body)["elements"]]
    else:
        keys = [canonical_key(one) for one in batch_items(call)]
    statuses = {key: data.draw(st.sampled_from([200, 204, 404, 503])) for key in keys}
    rows = [row for part in call.split(parts) for row in rows_of(part, part.parse(answer_to(part, statuses)))]
    whole = rows_of(call, call.parse(answer_to(call, statuses)))
    if method == "batch_create":
        rows = [row.__replace__(id=place) for place, row in enumerate(rows)]
    assert rows == [*whole]


@pytest.mark.parametrize("method", BATCHES)
@examples(60, quick=6)
@given(data=st.data())
def test_a_subset_has_the_bytes_of_each_of_its_entities(method: str, data: st.DataObject) -> None:
    call = data.draw(meanings(method)).call
    size = len(batch_items(call))
    request = batch_request(call)
    places = data.draw(st.permutations(range(size)))[: data.draw(st.integers(1, max(1, size)))]
    part = subset(call, request, places)
    assert [batch_items(part)[index] for index in range(len(places))] == (
        [*range(len(places))]
        if method in {"batch_create", "batch_finder"}
        else [batch_items(call)[place] for place in places]
    )
    singles = [restli.untunnel(subset(call, request, [place]).request).body for place in places]
    body = restli.untunnel(part.request).body
    if body:
        # What is around the entities is the same in all, and nothing else is in the body.
        opening, closing = (b'{"elements":[', b"]}") if method == "batch_create" else (b'{"entities":{', b"}}")
        entities = [single.removeprefix(opening).removesuffix(closing) for single in singles]
        assert body == opening + b",".join(entities) + closing


@pytest.mark.parametrize("method", WITH_ROWS)
@examples(60, quick=6)
@given(data=st.data(), size=st.integers(1, 4), most_bytes=st.integers(1, 400))
def test_batches_take_each_item_once_in_order(method: str, data: st.DataObject, size: int, most_bytes: int) -> None:
    arguments = data.draw(call_arguments(method))
    function = getattr(restli, method)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", restli.SuspiciousValueWarning)
        whole = function(**arguments)
        path = arguments.pop("resource_path")
        items = arguments.pop("entities" if method == "batch_create" else "ids")
        made = [*batches(function, path, items, size=size, most_bytes=most_bytes, **arguments)]
    assert sum(len(batch_items(call)) for call in made) == len(batch_items(whole))
    if method != "batch_create":
        assert [one for call in made for one in batch_items(call)] == [*batch_items(whole)]
    for call in made:
        assert len(batch_items(call)) <= size
        if len(batch_items(call)) > 1:
            assert len(call.request.url) + len(call.request.body) <= most_bytes
    if made:
        request = batch_request(whole)
        singles = [
            restli.untunnel(subset(whole, request, [place]).request).body for place in range(len(batch_items(whole)))
        ]
        found = [
            restli.untunnel(subset(call, batch_request(call), [place]).request).body
            for call in made
            for place in range(len(batch_items(call)))
        ]
        assert found == singles
