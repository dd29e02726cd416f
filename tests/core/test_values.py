"""Values: what `dataclasses` would make, made in another way."""

from __future__ import annotations

import copy
import inspect
import pickle
from typing import Any, Generic, TypeVar

import pytest

from restli_core.values import HashableValue, Value

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


class Page(Value):
    number: int
    size: int = 10
    title: str | None = None


class Chapter(Page):
    text: str = ""


class Even(HashableValue):
    number: int

    def __init__(self, number: int = 0) -> None:
        if number % 2:
            raise ValueError(number)
        super().__init__(number)


class Pair(HashableValue):
    left: Any
    right: Any = None


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


@pytest.mark.parametrize(
    ("page", "fields"),
    [
        (Page(1), (1, 10, None)),
        (Page(1, 20), (1, 20, None)),
        (Page(1, title="t"), (1, 10, "t")),
        (Page(title="t", number=1), (1, 10, "t")),
        (Page(1, 20, "t"), (1, 20, "t")),
        (Chapter(1), (1, 10, None, "")),
        (Chapter(1, size=5, text="x"), (1, 5, None, "x")),
    ],
    ids=range(7),
)
def test_fields_may_have_defaults(page: Page, fields: tuple[Any, ...]) -> None:
    assert tuple(getattr(page, name) for name in page.__match_args__) == fields
    assert pickle.loads(pickle.dumps(page)) == page
    with pytest.raises(TypeError, match=f"{type(page).__name__} takes number, size, title"):
        type(page)(size=1)  # type: ignore[call-arg]


def test_a_value_may_check_its_arguments() -> None:
    assert Even(2).number == 2
    assert Even().number == 0
    with pytest.raises(ValueError, match="3"):
        Even(3)
    assert str(inspect.signature(Even)) == "(number: 'int' = 0) -> 'None'"


def test_values_of_hashable_fields_may_have_a_hash() -> None:
    assert {Even(2), Even(2), Even(4)} == {Even(4), Even(2)}
    assert len({Pair(1), Pair(1, None), Pair(1, 2)}) == 2
    with pytest.raises(TypeError, match="unhashable"):
        hash(Pair([]))


def test_values_may_be_replaced_in_part() -> None:
    assert Page(1, 20, "t").__replace__(size=30) == Page(1, 30, "t")
    assert Place(1, 2, "a").__replace__(name="b") == Place(1, 2, "b")
    with pytest.raises(ValueError, match="3"):
        Even(2).__replace__(number=3)
    with pytest.raises(TypeError, match="Page takes"):
        Page(1).__replace__(colour="red")


def test_defaults_are_shown_by_inspect() -> None:
    assert str(inspect.signature(Chapter)) == "(number, size=10, title=None, text='')"


class Noted(Point):
    __beside__ = ("_note",)


def test_what_a_value_keeps_beside_its_fields_is_no_part_of_it() -> None:
    value = Noted(1, 2)
    object.__setattr__(value, "_note", "n")
    assert value == Noted(1, 2)
    assert Noted.__match_args__ == ("x", "y")
    assert not hasattr(value, "__dict__")
    assert not hasattr(copy.copy(value), "_note")
    assert not hasattr(Noted, "__beside__")
    with pytest.raises(AttributeError, match="frozen"):
        value._note = "m"
