"""Answers as values: what all of them have, and what they show."""

from __future__ import annotations

import copy
import pickle
import typing
from collections.abc import Callable
from typing import Any

import pytest

import restli_core
from restli_core import responses
from restli_core.messages import Headers, HttpResponse
from restli_core.methods import METHODS
from restli_core.responses import BatchRow, RestliResponse
from tests.support.parsed import parsed
from tests.support.samples import ANSWERS, answer, call

NAMES = list(METHODS)


def test_every_answer_has_its_response_and_document() -> None:
    for name in NAMES:
        response = call(name).parse(answer(name))
        assert isinstance(response, RestliResponse)
        assert (response.status_code, response.url) == (200, "http://h/r")
        assert response.headers == answer(name).headers
        assert response.response == answer(name)
        assert response.document == ANSWERS[name]
        assert repr(response) == f"<{type(response).__name__} 200>"


def test_native_is_at_hand() -> None:
    native = object()
    assert call("get").parse(HttpResponse(200, {}, b"{}", native=native)).response.native is native


@pytest.mark.parametrize("again", [lambda value: pickle.loads(pickle.dumps(value)), copy.copy, copy.deepcopy])
@pytest.mark.parametrize("name", NAMES)
def test_answers_are_values(name: str, again: Callable[[Any], Any]) -> None:
    response = call(name).parse(answer(name))
    assert again(response) == response
    assert response != call(name).parse(HttpResponse(299, {}, answer(name).body))
    assert not hasattr(response, "__dict__")
    with pytest.raises(TypeError, match="unhashable"):
        hash(response)
    with pytest.raises(AttributeError):
        response.document = None


@pytest.mark.parametrize("name", responses.__all__)
def test_annotations_can_be_resolved(name: str) -> None:
    assert typing.get_type_hints(getattr(responses, name))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (responses.BatchCreateResult(201, "s3cret", None, {"a": "s3cret"}, "s3cret"), "<BatchCreateResult 201>"),
        (BatchRow("s3cret", "s3cret", 200, {"a": "s3cret"}, None), "<BatchRow 200>"),
        (responses.BatchUpdateResult(None, {"a": "s3cret"}), "<BatchUpdateResult None>"),
        (responses.BatchDeleteResult(204), "<BatchDeleteResult 204>"),
        (responses.Paging(0, 10, None, [{"href": "s3cret"}]), "<Paging start=0 count=10 total=None>"),
        (responses.BatchFinderResult([{"a": 1}], None, None, None, False), "<BatchFinderResult 1>"),
        (responses.BatchFinderResult([], None, None, {"message": "s3cret"}, True), "<BatchFinderResult error>"),
    ],
)
def test_parts_of_answers_show_no_values(value: Any, text: str) -> None:
    assert repr(value) == text
    with pytest.raises(TypeError, match="unhashable"):
        hash(value)
    assert pickle.loads(pickle.dumps(value)) == value


@pytest.mark.parametrize(
    ("header", "decoded"),
    [
        (None, None),
        ("123", "123"),
        ("", ""),
        ("urn:li:share:1", "urn:li:share:1"),
        ("urn%3Ali%3Ashare%3A1", "urn:li:share:1"),
        ("(a:1,b:x%2Cy)", {"a": "1", "b": "x,y"}),
        ("(a:List(1,2))", {"a": ["1", "2"]}),
        ("(a:1", "(a:1"),
        ("100%", "100%"),
        ("\u00e9", "\u00e9"),
    ],
)
def test_a_create_has_the_id_as_sent_and_decoded(header: str | None, decoded: Any) -> None:
    headers = {} if header is None else {"x-restli-id": header}
    created = parsed(call("create"), b"", 201, {**headers, "Location": "/r/1"})
    assert (created.entity_id, created.decoded_entity_id) == (header, decoded)
    assert (created.location, created.entity) == ("/r/1", None)
    element = {} if header is None else {"id": header}
    result = parsed(call("batch_create"), {"elements": [element, {}]}).elements[0]
    assert (result.id, result.decoded_id) == (header, decoded)


def test_exports_are_what_the_design_names() -> None:
    assert set(responses.__all__) <= set(restli_core.__all__)
    assert isinstance(parsed(call("get"), {}).headers, Headers)
