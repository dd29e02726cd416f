from __future__ import annotations

import json

import pytest

from restli_core.messages import HttpRequest
from restli_transports.testing.authorization.messages import (
    FORM_TYPE,
    OAuthRefusal,
    json_answer,
    page_answer,
    read_form,
    read_parameters,
    redirect_answer,
    require,
    split_target,
    wrong_method_answer,
)


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://h:1/oauth/v2/revoke?a=b?c#d?e", ("/oauth/v2/revoke", "a=b?c")),
        ("/oauth/v2/revoke", ("/oauth/v2/revoke", "")),
        ("https://h?a", ("", "a")),
        ("http://[/x", ("/x", "")),
        ("", ("", "")),
    ],
    ids=["whole", "target", "no path", "no host", "empty"],
)
def test_the_path_and_the_query(url: str, parts: tuple[str, str]) -> None:
    assert split_target(url) == parts


def test_parameters_are_decoded_and_may_be_empty() -> None:
    assert read_parameters("a=%C3%A9+b&c=&d") == {"a": "é b", "c": "", "d": ""}


def test_a_parameter_twice_is_refused() -> None:
    with pytest.raises(OAuthRefusal) as refused:
        read_parameters("a=1&a=1")
    assert refused.value.document == {"error": "invalid_request", "error_description": "A parameter comes twice"}


@pytest.mark.parametrize("media_type", [FORM_TYPE, f"{FORM_TYPE}; charset=UTF-8", f"{FORM_TYPE.upper()} ;a"])
def test_a_form(media_type: str) -> None:
    request = HttpRequest("POST", "/?in=url", {"Content-Type": media_type}, b"a=b")
    assert read_form(request) == {"a": "b"}


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "application/json"}], ids=["none", "JSON"])
def test_a_body_that_is_not_a_form(headers: dict[str, str]) -> None:
    with pytest.raises(OAuthRefusal, match="invalid_request"):
        read_form(HttpRequest("POST", "/", headers, b"a=b"))


def test_a_parameter_that_must_be_there() -> None:
    assert require({"a": "b"}, "a") == "b"
    for parameters in ({}, {"a": ""}):
        with pytest.raises(OAuthRefusal) as refused:
            require(parameters, "a")
        assert (refused.value.status, refused.value.description) == (400, "The parameter a is missing")


def test_no_answer_may_be_stored() -> None:
    answers = [
        json_answer(200, {"a": 1}, {"X-A": "b"}),
        page_answer(400, "\ud800é"),
        redirect_answer("https://h", {"code": "c"}, None),
        wrong_method_answer("GET, POST"),
    ]
    assert [answer.status_code for answer in answers] == [200, 400, 302, 405]
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
    assert (json.loads(answers[0].body), answers[0].headers["X-A"]) == ({"a": 1}, "b")
    assert answers[1].body.decode() == "?é"
    assert answers[3].headers["Allow"] == "GET, POST"


@pytest.mark.parametrize(
    ("url", "state", "location"),
    [
        ("https://h/back", None, "https://h/back?code=a%20%26"),
        ("https://h/back?x=%2F", "s&t", "https://h/back?x=%2F&code=a%20%26&state=s%26t"),
        ("https://h/é ü", "", "https://h/%C3%A9%20%C3%BC?code=a%20%26&state="),
    ],
    ids=["plain", "with a query", "not ASCII"],
)
def test_a_redirect(url: str, state: str | None, location: str) -> None:
    assert redirect_answer(url, {"code": "a &"}, state).headers["Location"] == location
