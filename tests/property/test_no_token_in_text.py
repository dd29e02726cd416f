"""A token is in no text that a call, a request, an answer or an error makes of itself."""

from __future__ import annotations

import json
import traceback
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restli_core.errors import InvalidCallError, InvalidResponseError, ServiceError, TransportError
from restli_core.messages import HttpResponse
from restli_core.methods import METHODS
from tests.support.oddities import arguments, statuses
from tests.support.profiles import examples
from tests.support.samples import call, document_of

VISIBLE = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
tokens = st.text(VISIBLE, min_size=8, max_size=20).map("Q7{}7Q".format)
"""Tokens that are in no text by chance."""


def echoes(token: str) -> dict[str, Any]:
    """An answer that repeats the token wherever text is."""
    names = ("message", "code", "requestId", "docUrl", "stackTrace", "exceptionClass", "errorDetailType", token)
    return {
        **dict.fromkeys(names, f"for Bearer {token}: {token}"),
        "results": {token: token},
        "errors": {token: {token: token}},
        "elements": [token],
        "paging": {token: token},
        "value": token,
    }


def texts_of(value: Any) -> str:
    if isinstance(value, Exception):
        return f"{value}{value!r}{value.args!r}{''.join(traceback.format_exception(value))}"
    return f"{value}{value!r}"


@pytest.mark.parametrize("name", METHODS)
@examples(quick=5)
@given(token=tokens, tunnel_above=st.sampled_from([0, 4000]))
def test_calls_and_requests(name: str, token: str, tunnel_above: int) -> None:
    secrets = {"headers": {"Cookie": token}, "query_params": {"p": token}, "base_url": "http://h"}
    made = call(name, access_token=token, tunnel_above=tunnel_above, **secrets)
    assert made.request.headers["Authorization"] == f"Bearer {token}"
    for value in (
        made,
        made.request,
        made.request.headers,
        made.reader,
        made.map(document_of),
        made.request.redacted(),
    ):
        assert token not in texts_of(value)
    assert "Authorization" not in made.request.redacted().headers


@pytest.mark.parametrize("name", METHODS)
@examples(quick=5)
@given(token=tokens, status=statuses, as_json=st.booleans())
def test_answers_and_errors(name: str, token: str, status: int, as_json: bool) -> None:
    body = json.dumps(echoes(token)).encode() if as_json else token.encode()
    response = HttpResponse(status, {"X-LI-UUID": token, "Retry-After": token, "Location": token}, body, "http://h")
    try:
        result = call(name, access_token=token).parse(response)
    except (ServiceError, InvalidResponseError) as error:
        assert token not in texts_of(error)
        assert token not in texts_of(error.response)
        assert token not in texts_of(error.request)
    else:
        assert token not in texts_of(result)


@pytest.mark.parametrize("name", METHODS)
@examples(quick=5)
@given(token=tokens)
def test_errors_of_transports(name: str, token: str) -> None:
    error = TransportError("refused", call(name, access_token=token).request)
    assert token not in texts_of(error)
    assert error.request is not None
    assert "Authorization" not in error.request.headers


@pytest.mark.parametrize("name", METHODS)
@examples(quick=5)
@given(
    token=tokens,
    spoilt=st.sampled_from(["{}\r\nX: y", "{}\n", " {}", "{}\u00e9", "{}\ud800", "\0{}"]),
    keyword=st.sampled_from(["access_token", "version_string", "base_url", "return_entity", "tunnel_above", "dumps"]),
)
def test_refusals_of_the_token_itself(name: str, token: str, spoilt: str, keyword: str) -> None:
    try:
        made = call(name, **{keyword: spoilt.format(token)})
    except (InvalidCallError, TypeError) as error:
        assert token not in texts_of(error)
    else:
        assert token not in texts_of(made)


@pytest.mark.parametrize("name", METHODS)
@examples(quick=5)
@given(
    token=tokens,
    options=st.dictionaries(st.sampled_from(["fields", "query_params", "headers", "path_keys"]), arguments),
)
def test_refusals_of_other_arguments(name: str, token: str, options: dict[str, Any]) -> None:
    try:
        made = call(name, access_token=token, **options)
    except InvalidCallError as error:
        assert token not in texts_of(error)
    else:
        assert token not in texts_of(made)
