"""parse gives an answer, or raises InvalidResponseError or ServiceError, whatever the server sends."""

from __future__ import annotations

import copy
import json
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
from restli_transports.testing.strategies import encodables, http_responses
from tests.support.oddities import arguments, statuses
from tests.support.profiles import examples
from tests.support.samples import call


def responses_to(made: Call[Any]) -> st.SearchStrategy[HttpResponse]:
    """Answers, broken ones most of all, under any status."""
    broken = http_responses(made, "broken")
    return broken | st.builds(lambda status, it: HttpResponse(status, it.headers, it.body), statuses, broken)


RESPONSES = {name: responses_to(call(name)) for name in METHODS}


def document_in(response: HttpResponse) -> Any:
    """What a lenient reader of JSON makes of a body."""
    try:
        return json.loads(response.body)
    except (ValueError, RecursionError):
        return response.body


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
@given(data=st.data())
def test_on_any_response(name: str, data: st.DataObject) -> None:
    reads(call(name), data.draw(RESPONSES[name]))


@given(data=st.data(), name=st.sampled_from([*METHODS]))
def test_on_whatever_loads_gives(data: st.DataObject, name: str) -> None:
    document = data.draw(RESPONSES[name].map(document_in) | arguments)
    reads(call(name), data.draw(RESPONSES[name]), loads=lambda _: document)


@given(asked=st.tuples(encodables(), encodables()), response=RESPONSES["batch_get"])
def test_with_any_ids(asked: tuple[Any, Any], response: HttpResponse) -> None:
    reads(calls.batch_get("/r", asked), response)
