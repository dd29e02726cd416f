"""Rows: which part of a batch answer is whose, however the server spells its keys."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from restli_core import calls
from restli_core.calls import Call
from restli_core.responses.rows import Columns
from restli_core.urn import Urn
from tests.support.parsed import parsed
from tests.support.values import nested

# Ids of all spellings, of which some are odd enough for a warning.
pytestmark = pytest.mark.filterwarnings("ignore::restli_core.SuspiciousValueWarning")

BATCHES_OF_IDS = ["batch_get", "batch_update", "batch_partial_update", "batch_delete"]


def rows(ids: Any, document: Any, name: str = "batch_get") -> list[tuple[Any, ...]]:
    function: Callable[..., Call[Any]] = getattr(calls, name)
    made = function("/r", ids, [{}] * len(ids)) if "update" in name else function("/r", ids)
    answered = parsed(made, document)
    assert isinstance(answered.rows, tuple)
    return [(row.id, row.key, row.status, row.entity, row.error) for row in answered.rows]


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        (1, "1"),
        ("1", "1"),
        (True, "true"),
        ("", ""),
        ("a b", "a b"),
        ("a%20b", "a%20b"),
        ("a,b", "a,b"),
        ("(x)", "(x)"),
        ("(a:b)", "(a:b)"),
        ("urn:li:share:1", "urn:li:share:1"),
        ("urn:li:share:1", "urn%3Ali%3Ashare%3A1"),
        (Urn("urn:li:x:(urn:li:y:1,2)"), "urn:li:x:(urn:li:y:1,2)"),
        (Urn("urn:li:x:(urn:li:y:1,2)"), "urn%3Ali%3Ax%3A%28urn%3Ali%3Ay%3A1%2C2%29"),
        (Decimal("1.50"), "1.50"),
        (1e20, "1.0E20"),
        (b"\xff", "\u00ff"),
        ({"a": 1, "b": "x"}, "(a:1,b:x)"),
        ({"a": 1, "b": "x"}, "(b:x,a:1)"),
        ({"b": "x", "a": "1"}, "(b:x,a:1)"),
        ({"a": 1, "b": ""}, "(b:'',a:1)"),
        ({"a": True, "b": [1, {"d": 2, "c": 3}]}, "(b:List(1,(c:3,d:2)),a:true)"),
        ({"a": "x,y z"}, "(a:x%2Cy z)"),
        ({"a": "x,y z"}, "(a:x%2Cy%20z)"),
        ({"a": Urn("urn:li:x:1")}, "(a:urn%3Ali%3Ax%3A1)"),
        ({"a": 1, "$params": {"p": 1}}, "(a:1)"),
        ({"a": 1}, "($params:(p:1),a:1)"),
        ({"a": 1, "$params": {"p": 1}}, "(a:1,$params:(q:2))"),
        ({}, "()"),
        ([1, 2], "List(1,2)"),
        ((1, 2), "List(1,2)"),
        (100, "100.0"),
        (Decimal("1.50"), "1.5"),
        (Decimal(10_000_000), "1.0E7"),
        (1e23, "9.999999999999999E22"),
        (5e-324, "4.9E-324"),
        ("007", "7"),
        ("TRUE", "true"),
        ({"a": 100, "b": [Decimal("1.50"), {"c": "TRUE"}]}, "(b:List(1.5,(c:true)),a:100.0)"),
        ({"a": "+7", "$params": {"p": 1}}, "(a:7)"),
        (["007", 1], "List(7,1.0)"),
    ],
)
@pytest.mark.parametrize("name", BATCHES_OF_IDS)
def test_rows_are_matched_by_meaning(name: str, asked: Any, key: str) -> None:
    odd = {unasked: {"message": "m"} for unasked in ("(", "(a:b", "%", "%zz(")}
    document = {"results": {"other": {}, key: {"status": 200}}, "statuses": {key: 200}, "errors": odd}
    entity = {"status": 200} if name == "batch_get" else None
    assert rows([asked], document, name) == [(asked, key, 200, entity, None)]


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ("a b", "a+b"),
        ("a", "''"),
        ("", "''"),
        ("A", "a"),
        (1, "01"),
        (1, "+1"),
        (1, "1.5"),
        (-0.0, "0.0"),
        ("a", "false"),
        (2**53 + 1, str(2**53)),
        (0.1 + 0.2, "0.3"),
        ({"a": 1, "b": 0.5}, "(a:1.0,b:0.500001)"),
        ({"a": "1"}, "(a:01)"),
        ({"1": "x"}, "(1.0:x)"),
        ([1, 2], "List(1.0,3)"),
        ("(a:1)", "(a:1.0)"),
        ("a%20b", "a b"),
        ({"a": 1}, "(a:2)"),
        ({"a": 1}, "(a:1,b:2)"),
        ({"a": 1, "b": 2}, "(a:1)"),
        ({"a": 1}, "(A:1)"),
        ({"a": 1}, "(a:1"),
        ({"a": 1}, "a"),
        ({"a": [1, 2]}, "(a:List(2,1))"),
        ({"a": {"$params": {"p": 1}}}, "(a:())"),
    ],
)
def test_rows_match_nothing_else(asked: Any, key: str) -> None:
    assert rows([asked], {"results": {key: {}}}) == [(asked, None, None, None, None)]


def test_rows_keep_the_callers_order_ids_and_duplicates() -> None:
    ids = [3, {"a": 1}, "3", 1, {"a": "1"}, 3]
    document = {"results": {"1": {"n": 1}, "(a:1)": {"n": 2}, "3": {"n": 3}, "unasked": {"n": 4}}}
    answered = parsed(calls.batch_get("/r", ids), document)  # type: ignore[arg-type]
    assert [row.id for row in answered.rows] == ids
    assert [row.entity["n"] for row in answered.rows] == [3, 2, 3, 1, 2, 3]
    assert answered.results["unasked"] == {"n": 4}


def test_an_escaped_key_is_read_as_such_only_where_it_was_not_asked_for() -> None:
    document = {"results": {"a%20b": {"n": 1}}}
    assert [row[1] for row in rows(["a b", "a%20b"], document)] == [None, "a%20b"]
    both = {"results": {"a%20b": {"n": 1}, "a b": {"n": 2}}}
    assert [row[1] for row in rows(["a b"], both)] == ["a b"]


@pytest.mark.parametrize("name", BATCHES_OF_IDS)
def test_an_answer_that_mentions_no_id_has_a_row_for_each_all_the_same(name: str) -> None:
    assert rows([1, 2], {}, name) == [(1, None, None, None, None), (2, None, None, None, None)]


def test_a_batch_of_nothing_has_no_rows() -> None:
    assert rows([], {"results": {"1": {}}}) == []


def test_an_exact_key_wins_and_only_what_is_left_is_compared_by_value() -> None:
    document = {"results": {"1": {"n": 1}, "1.0": {"n": 2}, "2.0": {"n": 3}, "3.0": {"n": 4}}}
    found = [row[1] for row in rows([1, "1.0", "+1", 2, "2.0", "+3", "03", "4"], document)]
    assert found == ["1", "1.0", None, None, "2.0", None, None, None]
    assert [row[1] for row in rows(["+1", "+1", 2], {"results": {"1.0": {}, "2": {}}})] == ["1.0", "1.0", "2"]


def test_rows_of_a_batch_get() -> None:
    document = {
        "results": {"1": {"a": 1}, "2": {"a": 2}},
        "statuses": {"1": 200, "3": 500},
        "errors": {"2": {"status": 404, "message": "m"}, "4": {"status": 403}},
    }
    assert rows([1, 2, 3, 4, 5], document) == [
        (1, "1", 200, {"a": 1}, None),
        (2, "2", 404, {"a": 2}, {"status": 404, "message": "m"}),
        (3, "3", 500, None, None),
        (4, "4", 403, None, {"status": 403}),
        (5, None, None, None, None),
    ]


def test_an_entity_that_a_batch_get_got_has_the_status_200() -> None:
    document = {"results": {"1": {}, "2": {}, "3": {}, "4": None}, "statuses": {"2": 203}, "errors": {"3": {}}}
    assert [row[2] for row in rows([1, 2, 3, 4, 5], document)] == [200, 203, None, None, None]
    answered = parsed(calls.batch_get("/r", [1]), {"results": {"1": {}}})
    assert answered.statuses == {}  # as sent


@pytest.mark.parametrize("name", ["batch_update", "batch_partial_update", "batch_delete"])
def test_rows_of_the_batches_that_change(name: str) -> None:
    document = {
        "results": {
            "1": {"status": 204},
            "2": {"status": 200, "entity": {"a": 2}},
            "3": {},
            "4": {"status": 404, "error": {"status": 999}},
            "6": {"status": 1},
        },
        "errors": {
            "5": {"status": 422, "message": "m"},
            "6": {"status": 2},
            "7": {"status": "x"},
            "8": {"status": True},
        },
    }
    assert rows([1, 2, 3, 4, 5, 6, 7, 8], document, name) == [
        (1, "1", 204, None, None),
        (2, "2", 200, {"a": 2}, None),
        (3, "3", None, None, None),
        (4, "4", 404, None, {"status": 999}),
        (5, "5", 422, None, {"status": 422, "message": "m"}),
        (6, "6", 1, None, {"status": 2}),
        (7, "7", None, None, {"status": "x"}),
        (8, "8", None, None, {"status": True}),
    ]


def test_keys_may_be_as_deep_as_they_like(depth: int) -> None:
    asked = nested("x", "{" * depth)
    key = "(k:" * depth + "x" + ")" * depth
    (row,) = parsed(calls.batch_get("/r", [asked]), {"results": {key: {"n": 1}}}).rows
    assert row.entity == {"n": 1}
    assert row.key == key


@pytest.mark.parametrize("name", BATCHES_OF_IDS)
def test_calls_of_deep_ids_compare_pickle_and_copy(name: str, depth: int) -> None:
    function: Callable[..., Call[Any]] = getattr(calls, name)

    def made(leaf: str) -> Call[Any]:
        ids = [nested(leaf, "[{" * (depth // 2))]
        return function("/r", ids, [{}]) if "update" in name else function("/r", ids)

    one, other = made("x"), made("x")
    assert one == other != made("y")
    assert one.reader.parser != "x"  # type: ignore[attr-defined]  # it is an AnswerReader
    assert pickle.loads(pickle.dumps(one)) == copy.copy(one) == copy.deepcopy(one) == one
    with pytest.raises(TypeError, match="unhashable"):
        hash(one)


@pytest.mark.parametrize("key", ["(a:\ud800)", "a\udfff%20", "\ud800", "List(\ud800)"])
@pytest.mark.parametrize("name", BATCHES_OF_IDS)
def test_keys_with_lone_surrogates_match_nothing(name: str, key: str) -> None:
    assert rows([{"a": "?"}], {"results": {key: {}}}, name) == [({"a": "?"}, None, None, None, None)]


def test_a_call_keeps_its_ids_as_they_were() -> None:
    key: dict[str, Any] = {"a": {"b": ["x", ("y", {"z": 1})]}}
    made = calls.batch_get("/r", [key, MappingProxyType({"c": key})])
    again = calls.batch_get("/r", [copy.deepcopy(key), {"c": copy.deepcopy(key)}])
    key["a"]["b"].append("z")
    assert made == again
    assert pickle.loads(pickle.dumps(made)) == made
    assert parsed(made, {}).rows[0].id == {"a": {"b": ["x", ("y", {"z": 1})]}}


@pytest.mark.parametrize(
    ("asked", "one", "other"),
    [
        ("urn:li:x:1", "urn%3Ali%3Ax%3A1", "urn:li:x:1"),
        ({"a": 1, "b": 2}, "(a:1,b:2)", "(b:2,a:1)"),
        ("a b", "a%20b", "%61%20b"),
    ],
)
def test_a_row_has_what_the_answer_tells_under_any_spelling_of_its_key(asked: Any, one: str, other: str) -> None:
    answer = {"results": {one: {"n": 1}}, "statuses": {other: 200}, "errors": {other: {"message": "m"}}}
    (row,) = parsed(calls.batch_get("/r", [asked]), answer).rows
    assert (row.status, row.entity, row.error) == (200, {"n": 1}, {"message": "m"})
    assert row.key in {one, other}


def test_a_text_that_looks_like_a_complex_key_stands_beside_it() -> None:
    ids: list[Any] = ["(b:2,a:1)", {"a": 1, "b": 2}]
    made = calls.batch_get("/r", ids)
    answer = parsed(made, {"results": {"(b:2,a:1)": {"n": 1}}})
    assert [(row.key, row.entity) for row in answer.rows] == [("(b:2,a:1)", {"n": 1})] * 2


def test_rows_of_many_ids() -> None:
    ids = list(range(20_000))
    document = {"results": {str(one): {"n": one} for one in reversed(ids)}}
    assert [row[3]["n"] for row in rows(ids, document)] == ids


# Columns, without an answer around them


def matched(columns: Columns, *ids: Any) -> list[tuple[Any, ...]]:
    return [(row.id, row.key, row.status, row.entity, row.error) for row in columns.match(ids)]


def test_columns_are_matched_in_the_order_of_the_ids() -> None:
    columns = Columns({"1": 200, "2": None, "3": 404}, {"1": {"a": 1}}, {"3": {"status": 404}})
    assert matched(columns, 3, 2, 1, 4, 1) == [
        (3, "3", 404, None, {"status": 404}),
        (2, "2", None, None, None),
        (1, "1", 200, {"a": 1}, None),
        (4, None, None, None, None),
        (1, "1", 200, {"a": 1}, None),
    ]


def test_each_column_gives_the_first_thing_that_it_says_under_any_spelling() -> None:
    columns = Columns({"(b:2,a:1)": None, "(a:1,b:2)": 200}, {"(b:2,a:1)": {"n": 1}}, {"(a:1,b:2)": {"message": "m"}})
    assert matched(columns, {"a": 1, "b": 2}) == [({"a": 1, "b": 2}, "(b:2,a:1)", 200, {"n": 1}, {"message": "m"})]


def test_columns_of_nothing_match_nothing() -> None:
    assert matched(Columns({}, {}, {})) == []
    assert matched(Columns({}, {}, {}), "a", {"b": 1}) == [("a", *[None] * 4), ({"b": 1}, *[None] * 4)]
