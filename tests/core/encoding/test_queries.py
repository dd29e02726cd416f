"""The parameters of a query, written and read, and the projections among them."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Any

import pytest

from restli_core.encoding import param_decode, param_encode
from restli_core.errors import InvalidCallError
from restli_core.urn import Urn
from tests.support.codec import Refusal, Status, cases, outcome, position, refused_at
from tests.support.independent_codec import read_query
from tests.vectors import untagged


@pytest.mark.parametrize("name", ["decode_query", "decode_query_fuzz"])
def test_queries_are_read_as_linkedin_does(name: str) -> None:
    assert [case for case in cases(name, 380) if not reads_query_alike(case)] == []


OTHER_FAULT = {"1fields=:=:&&+", "%20?fields=b='':&:", "#b='':&''"}
"""Queries with two faults: LinkedIn reads parameters in the order of a HashMap, and so names the second one."""


def reads_query_alike(case: dict[str, Any]) -> bool:
    query, ours = case["in"]["q"], outcome(param_decode, case["in"]["q"])
    if "ok" in case:
        return bool(ours == case["ok"])
    if query in OTHER_FAULT or "unexpected repeated query param" in case["error"]["message"]:
        return isinstance(ours, Refusal)
    start = query.rfind("&", 0, ours.position) + 1
    name, equals, value = query[start:].partition("&")[0].partition("=")
    if case["error"]["message"].startswith("URLDecoder"):  # of java.net, whose index counts from behind the %
        return bool(query[: ours.position].endswith("%") and ours.position < start + len(name))
    return bool(ours.position == start + len(name + equals) + position(case["error"]["message"], value))


PROJECTIONS = {"fields", "metadataFields", "pagingFields"}


def test_queries_mean_what_linkedins_do() -> None:
    def agrees(case: dict[str, Any]) -> bool:
        ours, theirs = param_encode(untagged(case["in"]["params"])), case["ok"] or ""
        return bool(param_decode(ours) == param_decode(theirs) == read_query(ours) == read_query(theirs))

    queries = [case for case in cases("query_string", 460) if not PROJECTIONS & case["in"]["params"].keys()]
    assert len(queries) > 370
    assert [case for case in queries if not agrees(case)] == []


def test_projections_are_linkedins_to_the_letter_or_refused() -> None:
    # Servers do not decode projections, so what LinkedIn's encoder escapes would be another field there: refused, as
    # is what no server can parse. White space is dropped there, so here.
    def agrees(case: dict[str, Any]) -> bool:
        try:
            ours = param_encode(case["in"]["params"])
        except InvalidCallError as error:
            return error.argument == "query_params['fields']" and (
                "%" in case["ok"] or set(":()") & set(case["ok"]) != set()
            )
        return ours == re.sub("%20|%0A", "", case["ok"])

    projections = [case for case in cases("query_string") if PROJECTIONS & case["in"]["params"].keys()]
    assert len(projections) > 70
    assert [case for case in projections if not agrees(case)] == []


def test_parameters_are_sorted_by_their_encoded_names() -> None:
    # Unlike the keys of a map: %EE%80%80 (U+E000) comes before %F0%9F%98%80 (U+1F600).
    assert param_encode({"b": 1, "\U0001f600": 2, "\ue000": 3, "a b": 4, "B": 5, "ab": 6}) == (
        "%EE%80%80=3&%F0%9F%98%80=2&B=5&a%20b=4&ab=6&b=1"
    )


@pytest.mark.parametrize("params", [{}, {"a": None}, MappingProxyType({"a": None, "b": None})])
def test_no_parameters_are_an_empty_query(params: Any) -> None:
    assert param_encode(params) == ""


def test_none_leaves_a_parameter_out() -> None:
    assert param_encode({"a": 1, "b": None, "fields": None, "c": ""}) == "a=1&c=''"


@pytest.mark.parametrize("name", ["fields", "metadataFields", "pagingFields"])
def test_projections_are_sent_raw(name: str) -> None:
    assert param_encode({name: "id,name:(localized),a:($*)"}) == f"{name}=id,name:(localized),a:($*)"
    assert param_decode(f"{name}=id,name:(&a=1") == {name: "id,name:(", "a": "1"}
    assert param_decode(name) == {name: ""}


def test_an_enum_that_is_text_may_name_a_parameter() -> None:
    assert param_encode({Status.ODD: 1, Status.FIELDS: "a:(b)", Urn("urn:li:x:1"): 2}) == (
        "a%2Cb=1&fields=a:(b)&urn%3Ali%3Ax%3A1=2"
    )


def test_refused_projections() -> None:
    assert refused_at(param_encode, {"fields": 5}) == "query_params['fields']"


@pytest.mark.parametrize("params", [None, [("a", 1)], "a=1", 5])
def test_parameters_must_be_a_mapping(params: Any) -> None:
    assert refused_at(param_encode, params) == "query_params"


@pytest.mark.parametrize("name", [1, None, True, b"a", ("a",)])
def test_parameter_names_must_be_text(name: Any) -> None:
    assert refused_at(param_encode, {name: 1}) == "query_params"


def test_a_parameter_name_with_half_a_surrogate_pair_is_refused() -> None:
    assert refused_at(param_encode, {"\ud800": 1}) == r"query_params['\ud800']"


def test_a_name_is_refused_before_its_value() -> None:
    with pytest.raises(InvalidCallError, match="lone surrogate"):
        param_encode({"\ud800": [object()]})  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("a=1&a=2", 4),
        ("a=1&%61=2", 4),
        ("a+b=1&a%20b=2", 6),
        ("fields=a&fields=b", 9),
        ("a", 1),
        ("b=1&a", 5),
        ("b=1&a&c=2", 5),
        ("b=1&a=&c=2", 6),
        ("b=1&a=List(1,%zz)", 14),
        ("b=1&a=x:y", 7),
        ("b=1&a=%4", 6),
        ("b=1&a=%4&c=1", 6),
        ("b=1&%zz=1", 5),
        ("b=1&%4=1", 4),
    ],
)
def test_positions_count_from_the_start_of_the_query(query: str, where: int) -> None:
    assert outcome(param_decode, query) == Refusal(where)


@pytest.mark.parametrize(
    ("query", "params"),
    [
        ("", {}),
        ("&&", {}),
        ("=1&=%zz&=", {}),
        ("a+b=c+d", {"a b": "c+d"}),
        ("a%2Bb=1", {"a+b": "1"}),
        ("a=b=c", {"a": "b=c"}),
        ("''=1", {"''": "1"}),
        ("a=''&b=%27%27", {"a": "", "b": "''"}),
        ("a=1&", {"a": "1"}),
        ("%66ields=%2C", {"fields": "%2C"}),
    ],
)
def test_reading_queries(query: str, params: dict[str, Any]) -> None:
    assert param_decode(query) == params
