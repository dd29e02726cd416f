"""Answers as values: what all of them have, and what they show."""

from __future__ import annotations

import copy
import pickle
import typing
from collections.abc import Callable
from typing import Any

import pytest

import restli_core
from restli_core import ConnectError, responses
from restli_core.messages import Headers, HttpResponse
from restli_core.methods import METHODS
from restli_core.responses import BatchRow, RestliResponse
from tests.support.parsed import parsed
from tests.support.samples import ANSWERS, answer, call
from tests.support.values import nested

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


@pytest.mark.parametrize("again", [lambda value: pickle.loads(pickle.dumps(value)), copy.copy, copy.deepcopy])
@pytest.mark.parametrize("name", NAMES)
def test_an_answer_has_its_request_without_secrets(name: str, again: Callable[[Any], Any]) -> None:
    made = call(name, access_token="s3cret-token", headers={"Cookie": "s3cret=1"})
    found = made.parse(answer(name))
    request = made.request.redacted()
    assert found.request == request
    assert "Authorization" not in found.request.headers
    assert again(found).request == request
    assert b"s3cret" not in pickle.dumps(found)
    # It is no part of the value: two answers that say the same are equal.
    assert found == call(name).parse(answer(name))
    assert "s3cret" not in f"{found}{found!r}"
    assert again(made.map(lambda value: value).parse(answer(name))).request == request


def test_an_answer_with_something_odd_has_its_request_too() -> None:
    made = call("get", access_token="s3cret-token")
    found = made.parse(HttpResponse(200))
    assert found.mismatch is not None
    assert found.request == made.request.redacted()
    other = found.__replace__(document=5)
    assert (other.document, other.request) == (5, found.request)


def test_an_answer_that_no_call_has_read_has_no_request() -> None:
    made = responses.DeleteResponse(HttpResponse(204), None, None)
    assert made.request is None
    assert copy.copy(made).request is None
    assert made.__replace__(document=5).request is None
    with pytest.raises(AttributeError):
        made.request = None  # type: ignore[misc]


@pytest.mark.parametrize("name", responses.__all__)
def test_annotations_can_be_resolved(name: str) -> None:
    assert typing.get_type_hints(getattr(responses, name))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (responses.BatchCreateResult(201, "s3cret", None, {"a": "s3cret"}, "s3cret"), "<BatchCreateResult 201>"),
        (BatchRow("key", "s3cret", 200, {"a": "s3cret"}, None), "<BatchRow 'key': 200>"),
        (BatchRow(5, None, None, None, None), "<BatchRow 5: no row>"),
        (BatchRow(5, "5", None, {}, None), "<BatchRow 5: no status>"),
        (BatchRow(5, "5", 404, None, {"message": "s3cret"}), "<BatchRow 5: 404 NotFoundError>"),
        (BatchRow({"a": 1}, "5", 422, None, {"code": "BAD"}), "<BatchRow {'a': 1}: 422 UnprocessableEntityError BAD>"),
        (BatchRow(5, "5", None, None, {"code": "s3cret"}), "<BatchRow 5: no status ServiceError>"),
        (BatchRow(5, "5", 503, None, "s3cret"), "<BatchRow 5: 503 ServerError>"),
        (BatchRow(5, None, 201, None, None), "<BatchRow 5: 201>"),
        (BatchRow(5, None, None, None, None, ConnectError("s3cret")), "<BatchRow 5: no row, ConnectError>"),
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


def test_the_repr_of_a_row_is_short_and_printable(depth: int) -> None:
    for key in ("k" * 10_000, nested("x", "[" * depth), "\x1b[2J\u2028\u202e"):
        text = repr(BatchRow(key, "k", 404, None, {"code": "C" * 1000}))
        assert len(text) < 300
        assert text.isprintable()


def test_rows_of_deep_ids_compare_and_pickle(depth: int) -> None:
    one, other = (BatchRow(nested("x", "[{" * (depth // 2)), "k", 200, {}, None) for _ in range(2))
    assert one == other
    assert one != BatchRow(nested("y", "[{" * (depth // 2)), "k", 200, {}, None)
    assert one != BatchRow(one.id, "k", 201, {}, None)
    assert one != "k"
    assert pickle.loads(pickle.dumps(one)) == copy.copy(one) == copy.deepcopy(one) == one
    with pytest.raises(TypeError, match="unhashable"):
        hash(one)


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


@pytest.mark.parametrize(
    ("row", "failed"),
    [
        (BatchRow(1, "1", 200, {}, None), False),
        (BatchRow(1, "1", None, {}, None), False),
        (BatchRow(1, None, 201, None, None), False),
        (BatchRow(1, "1", 399, None, None), False),
        (BatchRow(1, "1", 199, None, None), True),
        (BatchRow(1, "1", -1, {}, None), True),
        (BatchRow(1, "1", 400, None, None), True),
        (BatchRow(1, None, 503, None, None), True),
        (BatchRow(1, "1", 200, {}, {"status": 200}), True),
        (BatchRow(1, "1", 200, {}, ""), True),
        (BatchRow(1, None, None, None, None), True),
        (BatchRow(1, "1", 200, {}, None, ConnectError("refused")), True),
    ],
    ids=range(12),
)
def test_a_row_has_failed_where_it_is_not_known_that_it_went_well(row: BatchRow, failed: bool) -> None:
    assert row.failed is failed


def test_rows_with_exceptions_compare_and_pickle() -> None:
    one, other = (BatchRow(1, None, None, None, None, ConnectError("refused")) for _ in range(2))
    assert one == other == pickle.loads(pickle.dumps(one)) == copy.deepcopy(one)
    assert one != BatchRow(1, None, None, None, None, ConnectError("reset"))
    assert one != BatchRow(1, None, None, None, None)
