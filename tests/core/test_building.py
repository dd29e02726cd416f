"""Building: what the fourteen methods have in common, and what is refused before it is sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest

import restli_core
from restli_core import calls
from restli_core.building import build_request, check_list, check_mapping, check_mappings, encode_name
from restli_core.calls import Call
from restli_core.encoding import param_decode
from restli_core.errors import InvalidCallError
from restli_core.messages import HttpRequest
from restli_core.methods import METHODS
from restli_core.tunnelling import untunnel
from restli_core.urn import Urn
from tests.support.samples import ARGUMENTS, call

NAMES = list(METHODS)
RETURNING = ["create", "batch_create", "partial_update", "batch_partial_update"]


def query_of(made: Call[Any]) -> str:
    return made.request.url.partition("?")[2]


def refused(function: Callable[..., Any], *arguments: Any, **options: Any) -> InvalidCallError:
    with pytest.raises(InvalidCallError) as caught:
        function(*arguments, **options)
    return caught.value


# The request line


@pytest.mark.parametrize("name", NAMES)
def test_every_request_has_its_verb_and_headers(name: str) -> None:
    request = call(name).request
    assert request.method == METHODS[name].verb
    assert request.url.startswith("https://api.linkedin.com/v2/r")
    assert dict(request.headers) == {
        "Accept": "application/json",
        "User-Agent": f"restli-core/{restli_core.__version__}",
        "X-RestLi-Protocol-Version": "2.0.0",
        "X-RestLi-Method": name.upper(),
        **({"Content-Type": "application/json"} if request.body else {}),
    }
    assert bool(request.body) == (METHODS[name].body is not None)


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("get", "http://h/r"),
        ("batch_get", "http://h/r?ids=List(1,2)"),
        ("get_all", "http://h/r"),
        ("finder", "http://h/r?q=search"),
        ("batch_finder", "http://h/r?bq=search&criteria=List((a:1),(a:2))"),
        ("create", "http://h/r"),
        ("batch_create", "http://h/r"),
        ("update", "http://h/r"),
        ("batch_update", "http://h/r?ids=List(1,2)"),
        ("partial_update", "http://h/r"),
        ("batch_partial_update", "http://h/r?ids=List(1,2)"),
        ("delete", "http://h/r"),
        ("batch_delete", "http://h/r?ids=List(1,2)"),
        ("action", "http://h/r?action=act"),
    ],
)
def test_urls(name: str, url: str) -> None:
    assert call(name, base_url="http://h").request.url == url


# Parameters


# What Rest.li has no claim on for a method: a server sees a finder by its q and an action by its action.
FREE = {("finder", "bq"), ("finder", "action"), ("batch_finder", "action"), ("action", "q")}


@pytest.mark.parametrize("parameter", ["ids", "q", "bq", "action"])
@pytest.mark.parametrize("name", NAMES)
def test_reserved_parameters_are_refused_where_a_server_routes_by_them(name: str, parameter: str) -> None:
    if (name, parameter) in FREE:
        assert f"{parameter}=x" in query_of(call(name, query_params={parameter: "x"})).split("&")
    else:
        assert refused(call, name, query_params={parameter: "x"}).argument == f"query_params['{parameter}']"


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("finder", {"q": "search"}),
        ("batch_finder", {"bq": "search"}),
        ("batch_finder", {"criteria": [{"a": 1}, {"a": 2}]}),
        ("batch_finder", {"bq": "search", "criteria": ({"a": "1"}, {"a": "2"})}),
        ("action", {"action": "act"}),
        ("batch_get", {"ids": [1, 2]}),
        ("batch_get", {"ids": (2, "1", 2)}),
        ("batch_update", {"ids": [1, 2]}),
        ("batch_partial_update", {"ids": [2, 1]}),
        ("batch_delete", {"ids": ["1", "2"]}),
    ],
)
def test_what_is_said_twice_alike_is_sent_once(name: str, params: dict[str, Any]) -> None:
    assert call(name, query_params={**params, "x": 1}) == call(name, query_params={"x": 1})


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("finder", {"q": "other"}),
        ("batch_finder", {"bq": "other"}),
        ("batch_finder", {"criteria": [{"a": 1}]}),
        ("action", {"action": "other"}),
        ("batch_get", {"ids": [1]}),
        ("batch_get", {"ids": [1, 2, 3]}),
        ("batch_get", {"ids": []}),
        ("batch_delete", {"ids": "1"}),
        ("batch_update", {"ids": {"1": "2"}}),
    ],
)
def test_what_is_said_twice_and_differs_is_refused(name: str, params: dict[str, Any]) -> None:
    refusal = refused(call, name, query_params=params)
    assert refusal.argument == f"query_params['{next(iter(params))}']"
    assert "leave it out" in refusal.reason


@pytest.mark.parametrize("name", NAMES)
def test_reserved_parameters_that_are_none_are_none(name: str) -> None:
    params = {"ids": None, "q": None, "bq": None, "action": None, "fields": None, "criteria": None, "x": None}
    assert call(name, query_params=params, fields="id") == call(name, fields="id")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("again", ["id,owner:(name)", ["id", "owner:(name)"], {"id": True, "owner": {"name": True}}])
def test_fields_said_twice_alike_are_sent_once(name: str, again: Any) -> None:
    assert call(name, fields="id,owner:(name)", query_params={"fields": again}) == call(name, fields="id,owner:(name)")


@pytest.mark.parametrize("name", NAMES)
def test_fields_said_twice_that_differ_are_refused(name: str) -> None:
    refusal = refused(call, name, fields="id", query_params={"fields": "name"})
    assert (refusal.argument, refusal.reason) == ("query_params['fields']", "is another than fields says: leave it out")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("fields", ["id, owner:(name)", ["id", "owner:(name)"], {"id": True, "owner": {"name": True}}])
def test_fields_go_raw_by_either_way(name: str, fields: Any) -> None:
    made = call(name, fields=fields)
    assert "fields=id,owner:(name)" in query_of(made).split("&")
    assert call(name, query_params={"fields": fields}) == made


def test_the_other_projections_go_raw_and_a_decoration_does_not() -> None:
    params: dict[str, Any] = {
        "metadataFields": ["a", "b"],
        "pagingFields": {"total": True},
        "projection": "(id,owner~(name))",
    }
    expected = "metadataFields=a,b&pagingFields=total&projection=%28id%2Cowner~%28name%29%29"
    assert query_of(calls.get_all("/r", query_params=params)) == expected


@pytest.mark.parametrize("fields", [5, "a b\u00e9", ["a", None], {"a": None}, "a&b", "a%2Cb", "\ud800", "a\r\nb\0"])
def test_fields_that_cannot_be_sent_raw_are_refused(fields: Any) -> None:
    assert refused(calls.get, "/r", fields=fields).argument.startswith("fields")
    assert refused(calls.get, "/r", query_params={"fields": fields}).argument.startswith("query_params['fields']")


def test_parameters_are_encoded_and_sorted() -> None:
    params: dict[str, Any] = {"z": [1, {"b": "", "a": "x,y"}], "a b": True, "count": 10, "none": None}
    assert query_of(calls.get_all("/r", query_params=params)) == "a%20b=true&count=10&z=List(1,(a:x%2Cy,b:''))"


@pytest.mark.parametrize(
    ("params", "argument"),
    [
        ([("a", 1)], "query_params"),
        ("a=1", "query_params"),
        ({1: "a"}, "query_params"),
        ({10**5000: "a"}, "query_params"),
        ({"": 1}, "query_params['']"),
        ({"a": object()}, "query_params['a']"),
        ({"search": {"status": ["x", "y", None]}}, "query_params['search']['status'][2]"),
        ({"\ud800": 1}, "query_params['\\ud800']"),
    ],
)
def test_parameters_that_cannot_be_encoded_are_refused(params: Any, argument: str) -> None:
    assert refused(calls.get, "/r", query_params=params).argument == argument


@pytest.mark.parametrize("name", RETURNING)
def test_return_entity(name: str) -> None:
    assert "$returnEntity" not in query_of(call(name))
    for value, text in [(True, "%24returnEntity=true"), (False, "%24returnEntity=false")]:
        assert text in query_of(call(name, return_entity=value)).split("&")
    assert call(name, return_entity=None) == call(name)
    assert refused(call, name, return_entity="yes").argument == "return_entity"
    twice = refused(call, name, return_entity=True, query_params={"$returnEntity": False})
    assert twice.argument == "query_params['$returnEntity']"
    assert twice.reason == "is another than return_entity says: leave it out"
    for again in (True, "true"):
        said = call(name, return_entity=True, query_params={"$returnEntity": again})
        assert said == call(name, return_entity=True)


# Headers


@pytest.mark.parametrize(
    "header",
    [
        "X-RestLi-Protocol-Version",
        "x-restli-method",
        "CONTENT-TYPE",
        "LinkedIn-Version",
        "Authorization",
        "Host",
        "Content-Length",
        "Transfer-Encoding",
        "X-HTTP-Method-Override",
    ],
)
@pytest.mark.parametrize("name", ["get", "create"])
def test_headers_that_are_not_the_callers_are_refused(name: str, header: str) -> None:
    assert refused(call, name, headers={header: "x"}).argument == f"headers[{header!r}]"


def test_headers_given_twice_are_refused() -> None:
    assert refused(calls.get, "/r", headers={"X-A": "1", "x-a": "1"}).argument == "headers['x-a']"


@pytest.mark.parametrize("header", ["User-Agent", "accept"])
def test_some_headers_may_be_replaced(header: str) -> None:
    headers = calls.get("/r", headers={header: "mine"}).request.headers
    assert headers[header] == "mine"
    assert len(headers.raw) == len(calls.get("/r").request.headers.raw)


def test_further_headers_are_sent() -> None:
    assert calls.get("/r", headers={"X-A": "1 2"}).request.headers["x-a"] == "1 2"
    assert calls.get("/r", headers={}) == calls.get("/r")


@pytest.mark.parametrize(
    ("headers", "argument"),
    [
        ([("X-A", "1")], "headers"),
        ("X-A: 1", "headers"),
        ({1: "a"}, "headers"),
        ({10**5000: "a"}, "headers"),
        ({"": "a"}, "headers"),
        ({"X A": "a"}, "headers"),
        ({"Host ": "a"}, "headers"),
        ({"X-A": 5}, "headers['X-A']"),
        ({"X-A": b"a"}, "headers['X-A']"),
        ({"X-A": None}, "headers['X-A']"),
        ({"X-A": " a"}, "headers['X-A']"),
        ({"X-A": "a\u00e9"}, "headers['X-A']"),
    ],
)
def test_headers_that_cannot_be_sent_are_refused(headers: Any, argument: str) -> None:
    assert refused(calls.get, "/r", headers=headers).argument == argument


def test_the_token_and_the_version() -> None:
    headers = calls.get(
        "/r", access_token="AQX-1_~+/=", version_string="202609.01", base_url="http://h"
    ).request.headers
    assert headers["Authorization"] == "Bearer AQX-1_~+/="
    assert headers["LinkedIn-Version"] == "202609.01"


@pytest.mark.parametrize("token", ["", " x", "x ", "x\u00e9", 5, b"x", ["x"]])
def test_tokens_that_cannot_be_sent_are_refused(token: Any) -> None:
    refusal = refused(calls.get, "/r", access_token=token)
    assert refusal.argument == "access_token"
    assert "x" not in refusal.reason.replace("text", "")


@pytest.mark.parametrize("token", ["Bearer abc", "a\tb"])
def test_a_token_stands_alone(token: str) -> None:
    with pytest.raises(InvalidCallError, match="alone") as caught:
        calls.get("/r", access_token=token)
    assert token not in str(caught.value)


@pytest.mark.parametrize("version", ["202609", "202609.01", "202412.99", "20240101", "20260831"])
def test_versions(version: str) -> None:
    request = calls.get("/r", version_string=version).request
    assert request.headers["LinkedIn-Version"] == version
    assert request.url == "https://api.linkedin.com/rest/r"


@pytest.mark.parametrize(
    "version",
    [
        "",
        "2026",
        "2026-09",
        "20260900",
        "20260932",
        "2026090",
        "202609011",
        "20260901.01",
        "202609.1",
        "202609.",
        "latest",
        " 202609",
        "\uff12\uff10\uff12\uff16\uff10\uff19",
        202609,
        b"x",
    ],
)
def test_versions_of_another_form_are_refused(version: Any) -> None:
    assert refused(calls.get, "/r", version_string=version).argument == "version_string"


@pytest.mark.parametrize("version", ["202600", "202613", "202699.01"])
def test_a_version_is_of_a_month(version: str) -> None:
    with pytest.raises(InvalidCallError, match="version_string"):
        calls.get("/r", version_string=version)


# Base URLs


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("http://h", "http://h/r"),
        ("http://h/", "http://h/r"),
        ("http://h//", "http://h/r"),
        ("https://h.example:8443/a/b/", "https://h.example:8443/a/b/r"),
        ("http://127.0.0.1:80", "http://127.0.0.1:80/r"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x/r"),
        ("http://h/%7ea%2f", "http://h/~a%2F/r"),
        ("http://h/a...b/.c", "http://h/a...b/.c/r"),
    ],
)
def test_base_urls(base: str, url: str) -> None:
    assert calls.get("/r", base_url=base).request.url == url
    assert calls.get("/r", base_url=base, version_string="202609").request.url == url


@pytest.mark.parametrize(
    "base",
    [
        *(
            "",
            "h",
            "/r",
            "//h",
            "ftp://h",
            "HTTP://h",
            "http://",
            "http:///r",
            "http://h:",
            "http://h:x",
            "http://h:123456",
        ),
        *("http://u:p@h", "http://u@h", "http://h?a=1", "http://h/?", "http://h#f", "http://h/a b", "http://h/%zz"),
        *("http://h/\u00e9", "http://\u00e9", "http://h\\x", "http://[::1", "http://h/{a}", " http://h", "http://h\n"),
        *("http://h/..", "http://h/./a", "http://h/a/%2e%2E/b", "http://..", 5, b"http://h", ["http://h"]),
    ],
)
def test_base_urls_of_another_form_are_refused(base: Any) -> None:
    assert refused(calls.get, "/r", base_url=base).argument == "base_url"


SPLITS = [
    "\r\nX-Evil: 1",
    "\nX-Evil: 1",
    "\rX-Evil: 1",
    "\0",
    "\x0b",
    "\x85",
    "\u2028",
    "\x7f",
    " HTTP/1.1\r\n\r\nGET /",
]


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize(
    ("argument", "options"),
    [
        ("access_token", lambda split: {"access_token": f"a{split}b"}),
        ("access_token", lambda split: {"access_token": f"a{split.strip(' ')}"}),
        ("version_string", lambda split: {"version_string": f"202609{split}"}),
        ("base_url", lambda split: {"base_url": f"http://h{split}"}),
        ("base_url", lambda split: {"base_url": f"http://h/a{split}b"}),
        ("headers['X-A']", lambda split: {"headers": {"X-A": f"a{split}b"}}),
        ("headers", lambda split: {"headers": {f"X-A{split}": "b"}}),
        ("fields", lambda split: {"fields": f"a\x01{split}"}),
    ],
)
def test_nothing_splits_a_request(argument: str, options: Callable[[str], dict[str, Any]], split: str) -> None:
    assert refused(calls.get, "/r", **options(split)).argument == argument


@pytest.mark.parametrize("split", SPLITS)
def test_no_path_splits_a_request(split: str) -> None:
    assert refused(calls.get, f"/r{split}").argument == "resource_path"


@pytest.mark.parametrize("split", SPLITS)
def test_what_is_encoded_splits_no_request(split: str) -> None:
    made = calls.finder("/r/{k}", split, path_keys={"k": split}, query_params={split: split})
    assert urlsplit(made.request.url).geturl() == made.request.url
    assert made.request.url.isascii()
    assert made.request.url.isprintable()
    assert param_decode(query_of(made)) == {"q": split, split: split}


# Bodies


def test_dumps_writes_the_body() -> None:
    made = calls.batch_update("/r", [1], [{"a": 1}], dumps=lambda value: repr(value).encode())
    assert made.request.body == b"{'entities': {'1': {'a': 1}}}"
    assert calls.get("/r", dumps=json.dumps) == calls.get("/r")  # type: ignore[arg-type]


@pytest.mark.parametrize("dumps", [json.dumps, 5, lambda value: bytearray(b"{}")])
def test_dumps_must_give_bytes(dumps: Any) -> None:
    assert refused(calls.create, "/r", {}, dumps=dumps).argument == "dumps"


# Paths; more in test_paths.py


def test_keys_go_into_the_path() -> None:
    keys: dict[str, Any] = {"account": 5, "id": Urn("urn:li:x:1"), "key": {"b": "x/y", "a": 1}}
    made = calls.get("/adAccounts/{account}/people/(id:{id})/c/{key}", path_keys=keys, base_url="http://h/rest")
    assert made.request.url == "http://h/rest/adAccounts/5/people/(id:urn%3Ali%3Ax%3A1)/c/(a:1,b:x%2Fy)"


@pytest.mark.parametrize(
    ("path", "keys", "argument"),
    [
        ("r", None, "resource_path"),
        (5, None, "resource_path"),
        ("/{id}", None, "path_keys"),
        ("/r", {"id": 1}, "path_keys"),
        ("/{id}", [1], "path_keys"),
        ("/{id}", {"id": ""}, "path_keys['id']"),
        ("/{id}", {"id": "."}, "path_keys['id']"),
        ("/{id.__class__}", {"id": 1}, "resource_path"),
        ("/a/%2E./b", None, "resource_path"),
    ],
)
@pytest.mark.parametrize("name", NAMES)
def test_paths_that_cannot_be_sent_are_refused(name: str, path: Any, keys: Any, argument: str) -> None:
    function = getattr(calls, name)
    assert refused(function, path, *ARGUMENTS[name][1:], path_keys=keys).argument == argument


# Tunnelling


def said(request: HttpRequest) -> tuple[Any, ...]:
    return request.method, request.url, sorted(request.headers.items()), request.body


@pytest.mark.parametrize("name", NAMES)
def test_what_is_tunnelled_means_the_same(name: str) -> None:
    plain = call(name, query_params={"p": "\u00e9&x"}, access_token="t").request
    carried = call(name, query_params={"p": "\u00e9&x"}, access_token="t", tunnel_above=0).request
    assert carried.method == "POST"
    assert carried.url == "https://api.linkedin.com/v2/r"
    assert carried.headers["X-HTTP-Method-Override"] == METHODS[name].verb
    kind = "multipart/mixed; boundary=" if plain.body else "application/x-www-form-urlencoded"
    assert carried.headers["Content-Type"].startswith(kind)
    assert said(untunnel(carried)) == said(plain)


@pytest.mark.parametrize("name", NAMES)
def test_a_query_of_4000_characters_is_not_tunnelled_and_a_longer_one_is(name: str) -> None:
    room = 4000 - len(query_of(call(name, query_params={"p": "x"}))) + 1
    fits, too_long = (call(name, query_params={"p": "x" * length}).request for length in (room, room + 1))
    assert len(fits.url.partition("?")[2]) == 4000
    assert fits.method == METHODS[name].verb
    assert "X-HTTP-Method-Override" not in fits.headers
    assert too_long.headers["X-HTTP-Method-Override"] == METHODS[name].verb
    assert len(untunnel(too_long).url.partition("?")[2]) == 4001


def test_a_url_of_8000_characters_is_not_tunnelled_and_a_longer_one_is() -> None:
    def made(length: int) -> HttpRequest:
        return calls.get("/r", base_url="http://h", query_params={"p": "x" * length}, tunnel_above=10**6).request

    room = 8000 - len("http://h/r?p=")
    assert len(made(room).url) == 8000
    assert made(room + 1).method == "POST"


def test_a_long_path_is_not_tunnelled() -> None:
    # Tunnelling takes the query out of the URL, and there is none.
    request = calls.get("/{k}", path_keys={"k": "x" * 9000}, tunnel_above=0).request
    assert request.method == "GET"
    assert calls.get("/{k}", path_keys={"k": "x" * 9000}, query_params={"p": 1}).request.method == "POST"


def test_a_tunnelled_projection_is_raw() -> None:
    carried = calls.get("/r", fields="id,owner:(name)", tunnel_above=0).request
    assert carried.body == b"fields=id,owner:(name)"


@pytest.mark.parametrize("limit", [-1, "4000", 4000.0, True, [1]])
def test_tunnel_above_must_be_a_number_of_characters(limit: Any) -> None:
    assert refused(calls.get, "/r", tunnel_above=limit).argument == "tunnel_above"


# What the methods hand in


def test_a_request_is_built_of_what_a_method_adds() -> None:
    request = build_request(
        METHODS["action"], "/r/{id}", {"path_keys": {"id": 1}, "base_url": "http://h"}, {"action": "a%20b"}, b"{}"
    )
    assert (request.method, request.url, request.body) == ("POST", "http://h/r/1?action=a%20b", b"{}")
    assert request.headers["X-RestLi-Method"] == "ACTION"


def test_names_come_back_encoded() -> None:
    assert encode_name("finder_name", "a b") == "a%20b"
    for name in ("", None, 5, b"x", "\ud800"):
        assert refused(encode_name, "finder_name", name).argument == "finder_name"


@pytest.mark.parametrize("values", [[1, 2], (1, 2), range(1, 3), {1: "a", 2: "b"}.keys(), iter([1, 2])], ids=range(5))
def test_what_is_as_good_as_a_list(values: Any) -> None:
    assert check_list("ids", values, empty=False) == (1, 2)


@pytest.mark.parametrize(
    "values",
    ["12", b"12", {"a": 1}, 5, None, np.array(5)],
    ids=["text", "bytes", "mapping", "int", "none", "array of no dimensions"],
)
def test_what_is_not_a_list(values: Any) -> None:
    assert refused(check_list, "ids", values).reason == f"must be a list, not {type(values).__name__}"
    assert refused(check_mappings, "entities", values).argument == "entities"


def test_a_list_may_have_to_hold_something() -> None:
    assert check_list("ids", []) == ()
    assert check_mappings("entities", []) == []
    assert refused(check_list, "ids", [], empty=False).reason == "is empty"
    assert refused(check_mappings, "entities", iter([]), empty=False).reason == "is empty"


def test_mappings_are_named_by_their_index() -> None:
    entities = [{"a": 1}, MappingProxyType({"b": 2})]
    assert check_mappings("entities", entities) == entities
    not_all: list[Any] = [{}, [("a", 1)]]
    assert refused(check_mappings, "entities", not_all).argument == "entities[1]"
    assert refused(check_mapping, "entity", [("a", 1)]).reason == "must be a mapping, not list"
