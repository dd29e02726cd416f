"""Requests as the calls in Python that make them."""

from __future__ import annotations

from typing import Any

import pytest

import restli_core
from restli_core.base_errors import InvalidCallError
from restli_core.explaining.python_calls import find_call, python_source
from restli_core.messages import HttpRequest
from restli_core.methods import METHODS
from restli_core.server import Refusal
from restli_core.tunnelling import tunnel
from restli_core.urn import Urn
from tests.support.documented import canonical, documented_meaning, meaning
from tests.support.samples import call
from tests.vectors import load

PROTOCOL = {"X-RestLi-Protocol-Version": "2.0.0"}
DOCUMENTED: dict[str, dict[str, Any]] = {case["id"]: case for case in load("documented_calls")}
OURS = {"accept", "user-agent", "x-restli-method"}


def made(source: str, name: str = "client") -> Any:
    return eval(source, {name: restli_core, "Urn": Urn})


def asked(method: str, url: str, body: bytes = b"", **headers: str) -> HttpRequest:
    return HttpRequest(
        method, url, {**PROTOCOL, **{name.replace("_", "-"): value for name, value in headers.items()}}, body
    )


@pytest.mark.parametrize("case", DOCUMENTED.values(), ids=DOCUMENTED)
def test_what_is_documented_comes_back(case: dict[str, Any]) -> None:
    given = case["ok"]
    request = HttpRequest(given["method"], given["uri"], given["headers"], given["body"].encode())
    again = made(python_source(request))
    found, wanted = (
        meaning(again.request.method, again.request.url, again.request.headers, again.request.body),
        documented_meaning(case),
    )
    found["headers"] = {
        name: value for name, value in found["headers"].items() if name in wanted["headers"] or name not in OURS
    }
    assert found == wanted
    assert canonical(found["body"]) == canonical(wanted["body"])
    if case["id"] != "datahub-relationships-dataset":  # a simple resource with the name of a collection
        assert again.method == case["in"]["function"]


@pytest.mark.parametrize("tunnel_above", [0, 4000])
@pytest.mark.parametrize("name", METHODS)
def test_each_method_comes_back(name: str, tunnel_above: int) -> None:
    one = call(name, tunnel_above=tunnel_above)
    again = made(python_source(one.request, prefix="restli"), "restli")
    assert again.request == one.request
    assert again.method == name


@pytest.mark.parametrize(
    ("request_", "source"),
    [
        (asked("GET", "/r/5"), 'client.get("/r/{id}", path_keys={"id": 5})'),
        (asked("GET", "/rest/r/5", LinkedIn_Version="202609"),
         'client.get("/r/{id}", path_keys={"id": 5}, version_string="202609")'),
        (asked("GET", "/rest/r/5"),
         'client.get("/r/{id}", path_keys={"id": 5}, base_url="https://api.linkedin.com/rest")'),
        (asked("GET", "http://h:80/r/a%20b/sub/(x:1)", X_My="1", Cookie="c", X_Api_Key="k"),
         (
             'client.get(\n    "/r/{r}/sub/{key}",\n    path_keys={"r": "a b", "key": {"x": 1}},\n'
             '    base_url="http://h:80",\n    headers={"X-My": "1"},\n)'
         )),
        (asked("GET", "/xs/(a/xs/1/xs/2"),
         'client.get("/xs/{x}/xs/{x2}/xs/{id}", path_keys={"x": "(a", "x2": 1, "id": 2})'),
        (asked("GET", "/rs/5/"), 'client.get("/rs/{id}", path_keys={"id": 5})'),
        (asked("GET", "/r/"), 'client.get("/r")'),
        (asked("GET", "/"), 'client.get("/")'),
        (asked("GET", "HTTPS://API.LinkedIn.com/v2/me"),
         'client.get("/me", base_url="https://api.linkedin.com/v2")'),
        (asked("GET", "/me"), 'client.get("/me")'),
        (asked("GET", "/r?fields=id"), 'client.get("/r", fields="id")'),
        (asked("GET", "/r?fields=id,name&pagingFields=a:(b)"),
         'client.get("/r", query_params={"pagingFields": "a:(b)"}, fields=["id", "name"])'),
        (asked("GET", "/r?f%69elds=id&pagingF%69elds=a"),
         'client.get("/r", query_params={"pagingFields": "a"}, fields="id")'),
        (asked("GET", "/r?bq=f&criteria=List((a:1))&more=List(1)"),
         'client.batch_finder("/r", "f", ("criteria", [{"a": 1}]), query_params={"more": [1]})'),
        (asked("GET", "/r?bq=f&x=List((a:1))"), 'client.batch_finder("/r", "f", ("x", [{"a": 1}]))'),
        (asked("POST", "/r?action=go"), 'client.action("/r", "go")'),
        (asked("POST", "/r?action=go", b'{"a": 1}'), 'client.action("/r", "go", {"a": 1})'),
        (asked("POST", "/r/5", b'{"patch": {"$delete": ["a"]}}'),
         'client.partial_update("/r/{id}", patch={"$delete": ["a"]}, path_keys={"id": 5})'),
        (asked("POST", "/r/5", b'{"patch": {"$set": {"$set": {}}}}'),
         'client.partial_update("/r/{id}", patch={"$set": {"$set": {}}}, path_keys={"id": 5})'),
        (asked("POST", "/r?ids=List(1)", b'{"entities": {"1": {"patch": {"$delete": ["a"]}}}}'),
         'client.batch_partial_update("/r", [1], patches=[{"$delete": ["a"]}])'),
        (asked("POST", "/r?%24returnEntity=true", b"{}"), 'client.create("/r", {}, return_entity=True)'),
    ],
)  # fmt: skip
def test_sources(request_: HttpRequest, source: str) -> None:
    assert python_source(request_) == source
    made(source)


def test_names_are_those_of_declared_resources() -> None:
    resources = ["/accounts/{account:long}/items/{item:complex}", "/simple"]
    source = python_source(asked("GET", "/rest/accounts/5/items/(a:1)"), resources)
    assert '"/accounts/{account}/items/{item}"' in source
    assert 'path_keys={"account": 5, "item": {"a": 1}}' in source
    assert '"/accounts/{account}/items"' in python_source(asked("GET", "/accounts/5/items?q=a"), resources)
    assert python_source(asked("GET", "/simple"), resources) == 'client.get("/simple")'


def test_a_tunnel_stays_one_and_a_long_query_makes_one() -> None:
    short, long = (asked("GET", f"/r?q=a&x={'x' * size}") for size in (10, 5000))
    assert python_source(tunnel(short)).endswith("tunnel_above=0)")
    assert "tunnel_above" not in python_source(tunnel(long))


def test_a_version_for_a_request_without_one() -> None:
    request = asked("GET", "/rest/r/5")
    assert find_call(request, None, version_string="202609").source.endswith('version_string="202609")')
    assert "version_string" not in find_call(asked("GET", "/v2/r/5"), None, version_string="202609").source


def test_warnings_come_with_the_call() -> None:
    found = find_call(asked("GET", "/r/urn%253Ali%253Ax%253A1"), None)
    assert found.warnings == (
        "path_keys['id']: is percent-encoded already, and is encoded once more: give the plain text",
    )


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (asked("GET", "/r/."), "path segment"),
        (asked("GET", "/r/5?fields=a%2Cb"), "cannot carry it raw"),
        (asked("GET", "/r?bq=f&a=1"), "no parameter, or several"),
        (asked("GET", "/r?bq=f&a=List(1)&b=List(2)"), "no parameter, or several"),
        (asked("POST", "/r/5", b'{"patch": {}, "a": 1}', X_RestLi_Method="PARTIAL_UPDATE"), "in its body"),
        (asked("POST", "/r", b'{"elements": [{}], "a": 1}', X_RestLi_Method="BATCH_CREATE"), "in its body"),
        (asked("PUT", "/r?ids=List(1)", b'{"entities": {"1": {}}, "a": 1}'), "in its body"),
        (asked("PUT", "/r?ids=List()", b"{}"), "is empty"),
        (asked("GET", "/rest/r", LinkedIn_Version="soon"), "version_string"),
    ],
)  # fmt: skip
def test_what_no_call_can_say(request_: HttpRequest, reason: str) -> None:
    with pytest.raises(InvalidCallError, match=reason):
        python_source(request_)


def test_ids_that_are_no_keys() -> None:
    with pytest.raises(InvalidCallError, match="not all keys"):
        python_source(asked("GET", "/r?ids=List(1)"), ["/r/{id:complex}"])


def test_what_a_server_refuses() -> None:
    with pytest.raises(Refusal):
        python_source(HttpRequest("GET", "/r"))
