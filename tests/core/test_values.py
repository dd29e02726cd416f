from __future__ import annotations

import copy
import inspect
import pickle
from typing import Any, Generic, TypeVar

import pytest

from restli_core.values import Value

T = TypeVar("T")


class Point(Value):
    x: int
    y: Any


class Place(Point):
    name: str


class Box(Value, Generic[T]):
    content: T


class Nothing(Value):
    pass


def test_fields_are_arguments_in_their_order() -> None:
    for place in (Place(1, 2, "a"), Place(1, y=2, name="a"), Place(name="a", y=2, x=1)):
        assert (place.x, place.y, place.name) == (1, 2, "a")


@pytest.mark.parametrize(
    ("arguments", "keywords"),
    [((), {}), ((1,), {}), ((1, 2, 3), {}), ((1,), {"x": 2}), ((1, 2), {"y": 2}), ((), {"y": 2}), ((1, 2), {"z": 3})],
)
def test_every_field_is_given_once(arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="Point takes x, y"):
        Point(*arguments, **keywords)


def test_values_are_equal_by_class_and_fields() -> None:
    assert Point(1, [2]) == Point(1, [2])
    assert Point(1, 2) != Point(1, 3)
    assert Point(1, 2) != Place(1, 2, "a")
    assert Point(1, 2) != (1, 2)
    assert Nothing() == Nothing()


def test_values_cannot_be_changed() -> None:
    point = Point(1, 2)
    for name in ("x", "other"):
        with pytest.raises(AttributeError, match="frozen"):
            setattr(point, name, 3)
        with pytest.raises(AttributeError, match="frozen"):
            delattr(point, name)
    assert not hasattr(point, "__dict__")


def test_values_have_no_hash() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(Point(1, 2))


@pytest.mark.parametrize("value", [Point(1, [2]), Place(1, 2, "a"), Box("x"), Nothing()])
def test_values_travel(value: Value) -> None:
    for other in (pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value)):
        assert other == value
        assert type(other) is type(value)


def test_a_repr_tells_nothing_of_the_fields() -> None:
    assert repr(Place(1, 2, "secret")) == "<Place>"


def test_values_match_by_position() -> None:
    match Place(1, 2, "a"):
        case Place(x, _, name):
            assert (x, name) == (1, "a")


def test_values_may_be_generic() -> None:
    assert Box[int](1).content == 1


def test_fields_are_told_by_inspect() -> None:
    assert str(inspect.signature(Place)) == "(x, y, name)"
