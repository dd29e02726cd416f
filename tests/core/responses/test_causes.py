"""Causes: each error that is known of LinkedIn says what to do, and others say nothing that they cannot know."""

from __future__ import annotations

import json
from typing import Any

import pytest

from restli_core import calls
from restli_core.errors import ServiceError
from restli_core.messages import HttpResponse
from restli_core.responses.causes import codes_of, find_cause
from tests.support.linkedin_errors import RECORDED


def answered(status: int, document: Any, **options: Any) -> ServiceError:
    options = {"access_token": "s3cret-token", "version_string": "202609", **options}
    body = b"<html></html>" if document is None else json.dumps(document).encode()
    with pytest.raises(ServiceError) as raised:
        calls.get("/adAccounts/{id}", path_keys={"id": 1}, **options).parse(HttpResponse(status, {}, body))
    return raised.value


@pytest.mark.parametrize("case", RECORDED, ids=range(len(RECORDED)))
def test_a_recorded_error_says_what_to_do(case: dict[str, Any]) -> None:
    text = str(answered(case["in"]["status"], case["in"]["body"]))
    assert case["ok"]
    assert [part for part in case["ok"] if part not in text] == []
    assert not text.endswith("\u2026")


@pytest.mark.parametrize(
    ("status", "document"),
    [
        (400, {}),
        (400, {"code": "SOMETHING", "message": "Something else is wrong"}),
        (400, {"code": "INVALID_ACCESS_TOKEN"}),
        (401, {}),
        (401, {"code": "NOT_FOUND"}),
        (403, {"message": "No"}),
        (404, {}),
        (404, {"code": "65600", "message": "duplicate of urn:li:share:1"}),
        (409, {"message": "There already"}),
        (422, {"message": "No"}),
        (422, {"serviceErrorCode": 105}),  # it was told of, but nobody has seen it
        (418, {"code": "PARAM_INVALID"}),
        (500, {}),
        (502, None),
        (302, None),
    ],
)
def test_of_what_is_not_known_nothing_is_said(status: int, document: Any) -> None:
    assert answered(status, document).hint == ""


def test_what_the_request_shows_goes_first_where_it_is_sure() -> None:
    empty = {"code": "EMPTY_ACCESS_TOKEN"}
    assert answered(401, empty, access_token=None).hint == "no access token was sent: set access_token"
    found = answered(404, {"message": "No virtual resource found"}, version_string=None).hint
    assert found.startswith("no LinkedIn-Version was sent: if the resource has versions, set version_string; LinkedIn")


@pytest.mark.parametrize(
    "message",
    [
        "Not enough permissions to access: ",
        "Not enough permissions to access: \u4e2d\u6587.GET.NO_VERSION",
        "Not enough permissions to access: " + "a." * 10_000 + "GET.20260401",
        "Not enough permissions to access: s3cret-token.GET.20260401",
        "Not enough permissions to access: posts.GET.",
        "Not enough permissions to access: posts.GET.other",
    ],
    ids=range(6),
)
def test_a_denial_in_other_words_names_nothing(message: str) -> None:
    found = answered(403, {"message": message})
    assert found.hint.startswith("the app lacks the product, or the token the scope: add both")
    assert "s3cret" not in str(found)
    assert len(found.hint) < 300


@pytest.mark.parametrize(
    "details",
    [
        None,
        [],
        {"inputErrors": {}},
        {"inputErrors": [None, 5, {}, {"code": None}, {"code": 5}, {"code": []}]},
        {"conditionalInputErrors": "x"},
    ],
)
def test_details_of_any_form_are_read(details: Any) -> None:
    assert codes_of("C", 7, details) == {"C", "7"}
    assert codes_of(None, None, details) == frozenset()


def test_codes_of_single_fields_count() -> None:
    details = {"inputErrors": [{"code": "A"}], "conditionalInputErrors": [{"code": "B"}, {"code": "B"}]}
    assert codes_of(None, None, details) == {"A", "B"}


def test_huge_numbers_are_numbers() -> None:
    assert find_cause(403, codes_of(None, 10**5000, None), "") == ""
