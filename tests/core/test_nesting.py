"""Nested values at any depth: what is equal, and that what is taken apart is built again as it was."""

from __future__ import annotations

import copy
import pickle
from typing import Any, NamedTuple

import pytest
from hypothesis import given

from restli_core.encoding import encode
from restli_core.nesting import are_equal, build, flatten, like
from restli_transports.testing.strategies import documents, encodables
from tests.support.values import nested, same


class Pair(NamedTuple):
    x: Any
    y: Any


VALUES: list[Any] = [
    1,
    "a",
    None,
    [],
    {},
    (),
    [1, [2, [3]]],
    (1, (2,)),
    {"a": {"b": [1, {"c": ()}]}, "d": [{}]},
    Pair(1, [Pair(2, {"a": 3})]),
]


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_what_is_taken_apart_is_built_again(value: Any) -> None:
    again = build(flatten(value))
    assert again == value
    assert type(again) is type(value)
    assert are_equal(again, value)
    assert build(pickle.loads(pickle.dumps(flatten(value)))) == value


@given(documents(), documents())
def test_equal_is_what_python_calls_so(left: Any, right: Any) -> None:
    assert are_equal(left, right) == (left == right)
    assert are_equal(left, copy.deepcopy(left))


@given(encodables())
def test_all_that_a_key_can_be_is_built_again(value: Any) -> None:
    assert encode(build(flatten(value))) == encode(value)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ([1], [2]),
        ([1], [1, 1]),
        ([1], (1, 2)),
        ({"a": 1}, {"b": 1}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}),
        ([[]], [{}]),
        (1, "1"),
    ],
)
def test_what_differs(left: Any, right: Any) -> None:
    assert not are_equal(left, right)
    assert not are_equal(right, left)


def test_a_tuple_is_a_list() -> None:
    assert are_equal([1, (2, [3])], (1, [2, (3,)]))


def test_at_any_depth(depth: int) -> None:
    value, other = (nested("x", "[{" * (depth // 2)) for _ in range(2))
    assert are_equal(value, other)
    assert not are_equal(value, nested("y", "[{" * (depth // 2)))
    assert same(build(pickle.loads(pickle.dumps(flatten(value)))), value)


def test_items_as_a_list_or_tuple_of_a_type() -> None:
    assert like(list, (1, 2)) == [1, 2]
    assert like(tuple, [1, 2]) == (1, 2)
    assert like(Pair, [1, 2]) == Pair(1, 2)
    assert type(like(Pair, [1, 2])) is Pair
