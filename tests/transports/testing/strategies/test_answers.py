"""Answers to calls: the laws that the docstring states."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restli_core.errors import InvalidResponseError, ServiceError
from restli_core.methods import METHODS
from restli_core.responses import RestliResponse
from restli_transports.testing.strategies import calls, http_responses
from restli_transports.testing.strategies.answers import AnswerKind
from tests.support.profiles import examples

ROWS = ("batch_get", "batch_update", "batch_partial_update", "batch_delete")


def parsed(data: st.DataObject, method: str, kind: AnswerKind) -> Any:
    call = data.draw(calls(method))
    return call.parse(data.draw(http_responses(call, kind)))


@pytest.mark.parametrize("kind", ["good", "row errors"])
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
def test_refused_ones_are_service_errors(method: str, data: st.DataObject) -> None:
    with pytest.raises(ServiceError):
        parsed(data, method, "refused")


@pytest.mark.parametrize("method", METHODS)
@examples(30, quick=3)
@given(data=st.data())
def test_broken_ones_are_one_of_the_three(method: str, data: st.DataObject) -> None:
    try:
        answer = parsed(data, method, "broken")
    except (ServiceError, InvalidResponseError):
        return
    assert isinstance(answer, RestliResponse)


@given(data=st.data())
def test_all_kinds_are_drawn_where_none_is_named(data: st.DataObject) -> None:
    call = data.draw(calls())
    assert data.draw(http_responses(call)).status_code in range(200, 600)
