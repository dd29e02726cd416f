"""What a server refuses is explained as refused, and nothing else; and the Python of the rest asks for the same."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import restli_core
from restli_core.base_errors import InvalidCallError
from restli_core.explaining import Explanation, explain
from restli_core.messages import Headers, HttpRequest
from restli_core.methods import METHODS
from restli_core.server import Invocation, Refusal, Resource, read
from restli_core.urn import Urn
from restli_transports.testing.strategies import query_texts, wire_texts
from tests.support.explained import as_text, prefix_of
from tests.support.meanings import BASE_PATH, meanings
from tests.support.odd_requests import requests_of_any_make
from tests.support.profiles import examples

RESOURCES = [
    Resource("/r"),
    Resource("/r/{id}"),
    Resource("/r/{id}/sub/{subId}"),
    Resource("/long/{id:long}"),
    Resource("/complex/{id:complex}"),
    Resource("/association/{id:association(a,b)}"),
]


def called(explanation: Explanation) -> Any:
    """Return the call that the Python of an explanation makes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=restli_core.SuspiciousValueWarning)
        return eval(explanation.python, {"client": restli_core, "Urn": Urn})


def bare(invocation: Invocation) -> Invocation:
    return replace(invocation, path="", query="", headers=Headers())


@pytest.mark.parametrize("method", METHODS)
@examples(quick=4)
@given(data=st.data())
def test_what_is_built_is_not_refused_and_comes_back(method: str, data: st.DataObject) -> None:
    meaning = data.draw(meanings(method))
    explanation = explain(as_text(meaning.call.request), [meaning.resource])
    assert not explanation.refused, explanation.text
    assert explanation.python, explanation.text
    again = called(explanation)
    assert bare(read(again.request, [meaning.resource], base_path=BASE_PATH)) == meaning.meant
    assert again.request.headers.get("LinkedIn-Version") == meaning.call.request.headers.get("LinkedIn-Version")


@pytest.mark.parametrize("method", METHODS)
@examples(quick=4)
@given(data=st.data())
def test_the_same_where_no_resources_are_declared(method: str, data: st.DataObject) -> None:
    meaning = data.draw(meanings(method))
    explanation = explain(as_text(meaning.call.request))
    assert not explanation.refused, explanation.text
    assert explanation.python, explanation.text
    again = called(explanation)
    assert bare(read(again.request, [meaning.resource], base_path=BASE_PATH)) == meaning.meant


def is_refused(request: HttpRequest, resources: list[str | Resource] | None) -> bool:
    try:
        read(request, resources, base_path=prefix_of(request.url))
    except Refusal:
        return True
    return False


def check_verdict(request: HttpRequest, resources: list[str | Resource] | None) -> None:
    text = as_text(request)
    try:
        explanation = explain(text, resources)
    except InvalidCallError as error:
        assert "\n" not in str(error)
        assert error.argument == "text"
        assert not request.url.startswith(("/", "http"))
        return
    assert explanation.refused == is_refused(request, resources), explanation.text
    assert bool(explanation.faults) == explanation.refused
    for fault in explanation.faults:
        assert 0 <= fault.position <= len(fault.source)
        assert "\n" not in fault.source
    for line in explanation.lines:
        for role, piece in line:
            assert role in {"title", "label", "value", "error", "source", "caret", "note", "python"}
            assert "\n" not in piece
    if explanation.python:
        assert called(explanation)


@given(requests_of_any_make, st.booleans())
def test_the_verdict_on_a_request_of_any_make(request: HttpRequest, declared: bool) -> None:
    check_verdict(request, [*RESOURCES] if declared else None)


def escaped(text: str) -> str:
    return "".join(
        c if "!" <= c <= "~" else "".join(f"%{octet:02X}" for octet in c.encode("utf-8", "replace")) for c in text
    )


pieces = st.builds(
    "{}={}".format,
    st.sampled_from(
        ["ids", "q", "bq", "action", "fields", "metadataFields", "$returnEntity", "a", "b", "%69ds", "a.b[0]"]
    ),
    wire_texts() | st.sampled_from(["true", "x", "List(1)", "urn:li:x:1", "List(urn:li:x:(a,b))", "[1]", ""]),
)
queries = (st.lists(pieces, max_size=3).map("&".join) | query_texts()).map(escaped)
keys = wire_texts().map(escaped).map("/{}".format) | st.sampled_from(["", "/", "/5", "/(a:1,b:2)", "/urn:li:x:1"])
odd = st.builds(
    HttpRequest,
    st.sampled_from(["GET", "GET", "POST", "POST", "PUT", "DELETE", "PATCH"]),
    st.builds(
        "http://h{}{}{}?{}".format,
        st.sampled_from(["", "/rest"]),
        st.sampled_from(["/r", "/long", "/complex", "/association", "/r/a/sub"]),
        keys,
        queries,
    ),
    st.fixed_dictionaries(
        {"X-RestLi-Protocol-Version": st.sampled_from(["2.0.0", "2.0.0", "2.0.0", "1.0.0"])},
        optional={
            "X-RestLi-Method": st.sampled_from([*METHODS, "options"]),
            "Accept": st.sampled_from(["application/json", "text/html"]),
            "Content-Type": st.sampled_from(["application/json", "json", "multipart/related; a=b"]),
        },
    ),
    st.sampled_from(
        [b"", b"{}", b"[]", b"{", b'{"patch": {}}', b'{"elements": [{}]}', b'{"entities": {"1": {"patch": {}}}}']
    ),
)


@given(odd, st.booleans())
@example(HttpRequest("GET", "http://h/r/?q=0<", {"X-RestLi-Protocol-Version": "2.0.0"}), False)
def test_the_verdict_on_a_request_that_is_nearly_right(request: HttpRequest, declared: bool) -> None:
    check_verdict(request, [*RESOURCES] if declared else None)


@given(
    st.text(st.characters(exclude_categories=["Cs"]))
    | wire_texts()
    | st.builds("{}?{}".format, st.just("/r"), query_texts())
)
def test_any_text_is_explained_or_refused_with_one_line(text: str) -> None:
    for start in ("", "curl ", "GET /r?", "POST https://api.linkedin.com/rest/r/"):
        try:
            explanation = explain(start + text)
        except ValueError as error:  # InvalidCallError and DecodeError
            assert isinstance(error, restli_core.RestliError)
            assert "\n" not in str(error)
        else:
            assert explanation.text
