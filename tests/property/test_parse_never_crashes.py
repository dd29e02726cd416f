"""parse gives an answer, or raises InvalidResponseError or ServiceError, whatever the server sends."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from restli_core import calls
from restli_core.base_errors import printable
from restli_core.calls import Call
from restli_core.errors import InvalidResponseError, ServiceError
from restli_core.messages import HttpResponse
from restli_core.methods import METHODS
from restli_core.responses import RestliResponse
from tests.support.profiles import examples
from tests.support.samples import call
from tests.support.strategies import answer_bodies, answer_fields, arguments, encodables, json_values, statuses

responses = st.builds(HttpResponse, statuses, answer_fields, answer_bodies)


def is_a_line(text: str) -> None:
    assert len(text) <= 2000
    assert printable(text) == text


def reads(made: Call[Any], response: HttpResponse, **options: Any) -> None:
    try:
        result = made.parse(response, **options)
    except ServiceError as error:
        is_a_line(str(error))
        assert not 200 <= response.status_code < 300
        assert error.response is response
        assert str(copy.copy(error)) == str(error)
        event(type(error).__name__)
    except InvalidResponseError as error:
        is_a_line(str(error))
        assert 200 <= response.status_code < 300
        assert str(pickle.loads(pickle.dumps(error))) == str(error)
        event("InvalidResponseError")
    else:
        assert 200 <= response.status_code < 300
        assert isinstance(result, RestliResponse)
        assert len(getattr(result, "rows", [1, 2])) == 2
        assert repr(result).isascii()
        is_a_line(result.mismatch or "")
        event("an answer")


@pytest.mark.parametrize("name", METHODS)
@examples(quick=5)
@given(response=responses)
def test_on_any_response(name: str, response: HttpResponse) -> None:
    reads(call(name), response)


@given(name=st.sampled_from([*METHODS]), response=responses, document=json_values | arguments)
def test_on_whatever_loads_gives(name: str, response: HttpResponse, document: Any) -> None:
    reads(call(name), response, loads=lambda _: document)


@given(asked=st.tuples(encodables, encodables), response=responses)
def test_with_any_ids(asked: tuple[Any, Any], response: HttpResponse) -> None:
    reads(calls.batch_get("/r", asked), response)
