"""What a server answers and a client parses is what the handler meant."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restli_core.encoding import encode
from restli_core.errors import ServiceError
from restli_core.keys import canonical_key
from restli_core.server import Collection, Created, Refusal, read, respond
from restli_core.tunnelling import untunnel
from restli_transports.testing.strategies import documents, keys, texts
from tests.support.meanings import BASE_PATH, Meaning, meanings
from tests.support.profiles import examples

entities = documents(names=st.sampled_from(["a", "b", "$a", "$set"]) | texts())
refusals = st.builds(Refusal, st.integers(400, 599), texts(), code=texts())
pages = st.builds(Collection, st.lists(entities, max_size=3), st.none() | st.integers(0, 99), st.none() | entities)
json_values = entities.map(lambda entity: next(iter(entity.values()), None))


def parsed(meaning: Meaning, result: Any) -> Any:
    """What the client reads; the mask is left out, since there is a law for masks."""
    invocation = read(meaning.call.request, [meaning.resource], base_path=BASE_PATH)
    return meaning.call.parse(respond(replace(invocation, fields=None), result))


def path_of(meaning: Meaning) -> str:
    return urlsplit(untunnel(meaning.call.request).url).path


def told(key: Any) -> Any:
    """What an answer tells of a key: text, and no parameters."""
    if isinstance(key, dict):
        return {name: value for name, value in key.items() if name != "$params"}
    return str(key)


def returned(meaning: Meaning, entity: Any) -> Any:
    return None if meaning.meant.return_entity is False else entity


@pytest.mark.parametrize("method", ["batch_get", "batch_update", "batch_partial_update", "batch_delete"])
@examples(50, quick=5)
@given(data=st.data())
def test_a_row_for_each_id(method: str, data: st.DataObject) -> None:
    meaning = data.draw(meanings(method))
    meant = {canonical_key(key): data.draw(st.none() | entities | refusals) for key in meaning.meant.ids}
    answer = parsed(meaning, [meant[canonical_key(key)] for key in meaning.meant.ids])
    for row in answer.rows:
        item = meant[canonical_key(row.id)]
        if isinstance(item, Refusal):
            assert (row.entity, row.error) == (None, item.document)
        elif method == "batch_get":
            assert (row.entity, row.error and row.error["status"]) == (item, 404 if item is None else None)
        else:
            assert (row.entity, row.error) == (returned(meaning, item), None)


@pytest.mark.parametrize("method", ["get_all", "finder"])
@examples(50, quick=5)
@given(data=st.data())
def test_a_page(method: str, data: st.DataObject) -> None:
    meaning, page = data.draw(meanings(method)), data.draw(pages)
    answer = parsed(meaning, page)
    assert (answer.elements, answer.paging.total, answer.metadata) == (page.elements, page.total, page.metadata)


@examples(50, quick=5)
@given(st.data())
def test_a_page_for_each_of_the_criteria(data: st.DataObject) -> None:
    meaning = data.draw(meanings("batch_finder"))
    items = [data.draw(pages | refusals) for _ in meaning.meant.params["criteria"]]
    for item, result in zip(items, parsed(meaning, items).results, strict=True):
        if isinstance(item, Refusal):
            assert (result.is_error, result.error) == (True, item.document)
        else:
            assert (result.elements, result.metadata, result.is_error) == (item.elements, item.metadata, False)


@examples(50, quick=5)
@given(st.data())
def test_a_new_entity(data: st.DataObject) -> None:
    meaning = data.draw(meanings("create"))
    key, entity = data.draw(keys()), data.draw(st.none() | entities)
    answer = parsed(meaning, Created(key, entity))
    assert told(key) in (answer.entity_id, answer.decoded_entity_id)
    assert answer.location == f"{path_of(meaning)}/{encode(key)}"
    assert answer.entity == returned(meaning, entity)


@examples(50, quick=5)
@given(st.data())
def test_new_entities(data: st.DataObject) -> None:
    meaning = data.draw(meanings("batch_create"))
    items = [data.draw(st.builds(Created, keys(), entities) | refusals) for _ in meaning.meant.entities]
    for item, element in zip(items, parsed(meaning, items).elements, strict=True):
        if isinstance(item, Refusal):
            assert (element.status, element.error, element.id) == (item.status, item.document, None)
        else:
            assert told(item.id) in (element.id, element.decoded_id)
            assert (element.entity, element.error) == (returned(meaning, item.entity), None)


@pytest.mark.parametrize("method", ["get", "update", "partial_update"])
@examples(50, quick=5)
@given(data=st.data())
def test_an_entity(method: str, data: st.DataObject) -> None:
    meaning, entity = data.draw(meanings(method)), data.draw(entities)
    assert parsed(meaning, entity).entity == returned(meaning, entity)


@examples(50, quick=5)
@given(meanings("action"), json_values)
def test_the_value_of_an_action(meaning: Meaning, value: Any) -> None:
    assert parsed(meaning, value).value == value


@examples(50, quick=5)
@given(meanings("delete"), refusals)
def test_a_refusal(meaning: Meaning, refusal: Refusal) -> None:
    with pytest.raises(ServiceError) as error:
        meaning.call.parse(refusal.response)
    assert (error.value.status_code, error.value.message) == (refusal.status, refusal.message)
    assert error.value.code == refusal.fields["code"]
