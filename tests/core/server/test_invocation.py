"""Invocations and refusals as values."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping

import pytest

from restli_core.messages import HttpResponse
from restli_core.server import Invocation, Refusal, read, respond
from tests.support.serving import ACCOUNTS, ASSOCIATION, POSTS, asked


def test_the_key_is_the_last_of_the_path() -> None:
    resource = "/accounts/{id:long}/campaigns/{campaign}"
    below = read(asked("GET", "/accounts/1/campaigns/a%2Fb"), [resource])
    assert (below.key, below.path_keys) == ("a/b", {"id": 1, "campaign": "a/b"})
    collection = read(asked("GET", "/accounts/1/campaigns"), [resource])
    assert (collection.key, collection.path_keys, collection.method) == (None, {"id": 1}, "get_all")
    assert read(asked("GET", "/accounts/1/owner"), ["/accounts/{id:long}/owner"]).key is None
    assert read(asked("GET", "/accounts/1")).key is None


@pytest.mark.parametrize("resource", [ACCOUNTS, POSTS, ASSOCIATION, "/a/{other}/b/{pair:complex}"])
def test_the_key_has_the_name_that_the_resource_gives_it(resource: str) -> None:
    assert Invocation("get", resource, "/a", path_keys={"id": 1, "pair": 1, "other": 2}).key == 1
    assert Invocation("get_all", resource, "/a").key is None


@pytest.mark.parametrize(
    ("params", "start", "count"),
    [
        ({}, 0, 10),
        ({"start": "5"}, 5, 10),
        ({"count": "+05"}, 0, 5),
        ({"start": "9" * 9, "count": "0"}, 10**9 - 1, 0),
        ({"start": "2147483647", "count": "1000000000"}, 2**31 - 1, 10**9),
        ({"start": "-0", "count": f"{'0' * 9000}7"}, 0, 7),
        ({"start": "", "count": " \t"}, 0, 10),
    ],
)
def test_start_and_count(params: Mapping[str, str], start: int, count: int) -> None:
    invocation = Invocation("get_all", POSTS, "/posts", params=params)
    assert (invocation.start, invocation.count) == (start, count)


@pytest.mark.parametrize("value", ["x", "-1", "1.5", "%201", "List(1)", "(a:b)", "%D9%A3", "2147483648", "1" * 9000])
@pytest.mark.parametrize("name", ["start", "count"])
def test_paging_by_what_is_not_a_number(name: str, value: str) -> None:
    invocation = read(asked("GET", f"/posts?q=mine&{name}={value}"), [POSTS])
    with pytest.raises(Refusal) as refused:
        respond(invocation, [])
    assert refused.value.status == 400


def test_an_invocation_is_a_value() -> None:
    invocation = read(asked("GET", "/adAccounts/5?a=b"), [ACCOUNTS])
    assert pickle.loads(pickle.dumps(invocation)) == invocation
    assert repr(invocation) == "<Invocation get /adAccounts/{id:long}>"


def test_a_refusal_is_an_error_and_a_document() -> None:
    refused = pickle.loads(pickle.dumps(Refusal(409, "taken", serviceErrorCode=7)))
    assert (str(refused), refused.document) == (
        "409: taken",
        {"status": 409, "message": "taken", "serviceErrorCode": 7},
    )


def test_a_refusal_is_a_whole_answer() -> None:
    response = Refusal(409, "tak\xe9n", code="TAKEN").response
    assert json.loads(response.body) == {"status": 409, "message": "tak\xe9n", "code": "TAKEN"}
    assert response == HttpResponse(
        409,
        {
            "Content-Type": "application/json",
            "X-RestLi-Protocol-Version": "2.0.0",
            "X-RestLi-Error-Response": "true",
        },
        response.body,
    )
