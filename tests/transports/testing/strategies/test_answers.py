"""Answers to calls: the laws that the docstring states."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import restli_core as restli
from restli_core import HttpResponse, oauth
from restli_core.errors import InvalidCallError, InvalidResponseError, ServiceError
from restli_core.methods import METHODS
from restli_core.responses import RestliResponse
from restli_transports.testing.strategies import calls, http_responses
from restli_transports.testing.strategies.answers import AnswerKind
from tests.support.profiles import examples
from tests.support.shrinking import first, smallest

ROWS = ("batch_get", "batch_update", "batch_partial_update", "batch_delete")


def parsed(data: st.DataObject, method: str, kind: AnswerKind) -> Any:
    call = data.draw(calls(method))
    return call.parse(data.draw(http_responses(call, kind)))


@pytest.mark.parametrize("kind", ["good", "per-key errors"])
@pytest.mark.parametrize("method", METHODS)
@examples(20, quick=2)
@given(data=st.data())
def test_good_ones_are_answers_without_anything_odd(method: str, kind: AnswerKind, data: st.DataObject) -> None:
    answer = parsed(data, method, kind)
    assert isinstance(answer, RestliResponse)
    assert answer.mismatch is None


@pytest.mark.parametrize("method", ROWS)
@examples(30, quick=3)
@given(data=st.data())
def test_good_ones_have_a_good_row_for_each_id(method: str, data: st.DataObject) -> None:
    for row in parsed(data, method, "good").rows:
        assert row.error is None
        assert row.status in range(200, 300)


@pytest.mark.parametrize("method", METHODS)
@examples(20, quick=2)
@given(data=st.data())
def test_service_errors_are_service_errors(method: str, data: st.DataObject) -> None:
    with pytest.raises(ServiceError):
        parsed(data, method, "service errors")


@pytest.mark.parametrize("method", METHODS)
@examples(30, quick=3)
@given(data=st.data())
def test_broken_ones_are_one_of_the_three(method: str, data: st.DataObject) -> None:
    try:
        answer = parsed(data, method, "broken")
    except (ServiceError, InvalidResponseError):
        return
    assert isinstance(answer, RestliResponse)


CALL = restli.batch_get("/r", [1, 2])


def outcome(response: HttpResponse) -> str:
    try:
        answer = CALL.parse(response)
    except (ServiceError, InvalidResponseError) as error:
        return type(error).__mro__[-5 if isinstance(error, ServiceError) else 0].__name__
    return "errors of rows" if any(row.error for row in answer.rows) else "an answer"


def test_all_kinds_are_drawn_where_none_is_named() -> None:
    assert {"an answer", "errors of rows", "ServiceError", "InvalidResponseError"} <= {
        *map(outcome, first(http_responses(CALL)))
    }


@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        (None, 200, b'{"results":{"1":{},"2":{}},"statuses":{},"errors":{}}'),
        ("good", 200, b'{"results":{"1":{},"2":{}},"statuses":{},"errors":{}}'),
        ("per-key errors", 200, b'{"results":{"1":{},"2":{}},"statuses":{},"errors":{}}'),
        ("service errors", 404, b'{"status":404,"message":""}'),
        ("broken", 200, b""),
    ],
)
def test_a_planted_bug_shrinks_to_its_smallest_case(kind: AnswerKind | None, status: int, body: bytes) -> None:
    found = smallest(http_responses(CALL, kind), lambda response: True)
    assert (found.status_code, found.body) == (status, body)


def test_an_error_of_a_row_shrinks_to_one() -> None:
    found = smallest(http_responses(CALL), lambda response: outcome(response) == "errors of rows")
    assert sorted(row.entity is None for row in CALL.parse(found).rows) == [False, True]


def test_kinds_of_answers_that_there_are_none_of() -> None:
    with pytest.raises(InvalidCallError, match="'good', 'per-key errors', 'service errors', 'broken'") as caught:
        http_responses(CALL, "bad")  # type: ignore[arg-type]
    assert caught.value.argument == "kind"


@pytest.mark.parametrize(
    "call", [CALL.request, oauth.client_credentials("app", "secret")], ids=["a request", "a call of OAuth"]
)
def test_what_is_not_a_call_of_a_resource_is_refused(call: Any) -> None:
    with pytest.raises(InvalidCallError) as caught:
        http_responses(call)
    assert caught.value.argument == "call"


def test_a_call_may_be_mapped_and_go_to_any_resource() -> None:
    call = restli.batch_finder(
        "/accounts/{id}/creatives",
        "criteria",
        ("search", [{"a": 1}, {"b": 2}]),
        path_keys={"id": 5},
        query_params={"others": ["x", "y", "z"]},
    )
    for response in first(http_responses(call.map(len_of_results), "good"), 10):
        assert call.map(len_of_results).parse(response) == 2


def len_of_results(answer: restli.BatchFinderResponse) -> int:
    return len(answer.results)
