"""The walk through nested values, and how an error names a place in one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from restli_core.errors import InvalidCallError
from restli_core.places import Visit, Walk, format_place
from tests.support.values import nested

DEPTH = 100_000


def visit(items: list[Any], seen: list[Any]) -> Visit:
    """Note each item, and the end of each list."""
    for index, item in enumerate(items):
        if isinstance(item, list):
            yield index, item, visit(item, seen)
        else:
            seen.append(item)
    seen.append("end")


def test_an_inner_visit_comes_to_its_end_before_the_outer_one_goes_on() -> None:
    seen: list[Any] = []
    items = [1, [2, [], 3], 4]
    Walk("items").through(items, visit(items, seen))
    assert seen == [1, 2, "end", 3, "end", 4, "end"]


def test_a_walk_may_be_used_again() -> None:
    seen: list[Any] = []
    walk = Walk("items")
    for items in ([1, [2]], [[3]]):
        walk.through(items, visit(items, seen))
        assert walk.place() == "items"
    assert seen == [1, 2, "end", "end", 3, "end", "end"]


def places(items: Any, walk: Walk, found: list[str]) -> Visit:
    """Note the place of each container before and after what is in it, and of each entry."""
    found.append(walk.place())
    for key, item in items.items() if isinstance(items, dict) else enumerate(items):
        found.append(walk.place(key))
        if isinstance(item, dict | list):
            yield key, item, places(item, walk, found)
    found.append(walk.place())


def test_a_walk_knows_its_place() -> None:
    items = {"a": [1, {"b": 2}], "c": 3}
    walk, found = Walk("items"), list[str]()
    walk.through(items, places(items, walk, found))
    assert found == [
        "items",
        "items['a']",
        "items['a']",
        "items['a'][0]",
        "items['a'][1]",
        "items['a'][1]",
        "items['a'][1]['b']",
        "items['a'][1]",
        "items['a']",
        "items['c']",
        "items",
    ]


def test_what_a_visit_raises_comes_out_and_the_place_is_still_known() -> None:
    def fails(items: list[Any]) -> Visit:
        for index, item in enumerate(items):
            if item is None:
                raise ZeroDivisionError
            yield index, item, fails(item)

    walk, items = Walk("items"), [[], [[], [None]]]
    with pytest.raises(ZeroDivisionError):
        walk.through(items, fails(items))
    assert walk.place() == "items[1][1]"


def test_a_container_inside_itself_is_refused() -> None:
    inner: list[Any] = [1]
    items = [0, [inner]]
    inner.append([items])
    with pytest.raises(InvalidCallError) as caught:
        Walk("items").through(items, visit(items, []))
    assert (caught.value.argument, caught.value.reason) == ("items[1][0][1][0]", "contains itself")


def test_a_container_may_stand_in_several_places() -> None:
    shared, seen = [1], list[Any]()
    items = [shared, [shared], shared]
    Walk("items").through(items, visit(items, seen))
    assert seen.count(1) == 3


def test_once_means_each_container_once_and_cycles_too() -> None:
    shared: list[Any] = [1]
    shared.append([shared])
    items, seen = [shared, [shared], shared], list[Any]()
    items.append(items)
    Walk("items", once=True).through(items, visit(items, seen))
    assert seen.count(1) == 1
    assert seen.count("end") == 4


class Fresh(Mapping[str, Any]):
    """A mapping that makes its values anew each time, so that they may follow one another at one address."""

    def __getitem__(self, name: str) -> Any:
        return [name]

    def __iter__(self) -> Iterator[str]:
        return iter("abc")

    def __len__(self) -> int:
        return 3


@pytest.mark.parametrize("once", [False, True])
def test_containers_are_not_taken_for_others_that_are_gone(once: bool) -> None:
    def fields(items: Mapping[str, Any]) -> Visit:
        for name in items:
            item = items[name]
            yield name, item, visit(item, seen)
            del item

    items, seen = Fresh(), list[Any]()
    Walk("items", once=once).through(items, fields(items))
    assert seen == ["a", "end", "b", "end", "c", "end"]


@pytest.mark.parametrize("once", [False, True])
def test_any_depth(once: bool) -> None:
    items, seen = nested([], "[" * DEPTH), list[Any]()
    Walk("items", once=once).through(items, visit(items, seen))
    assert len(seen) == DEPTH + 1


def test_a_cycle_at_depth_has_a_short_place() -> None:
    inner: list[Any] = []
    items = nested(inner, "[" * DEPTH)
    inner.append(items)
    with pytest.raises(InvalidCallError) as caught:
        Walk("items").through(items, visit(items, []))
    assert len(caught.value.argument) == 200
    inner.clear()


class Odd:
    """A key whose repr fails."""

    def __repr__(self) -> str:
        raise ZeroDivisionError


def deep_tuple() -> object:
    deep: object = ()
    for _ in range(DEPTH):
        deep = (deep,)
    return deep


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ([], "value"),
        (["search", "status", 2], "value['search']['status'][2]"),
        (["it's", None, 1.5, (1, "a")], "value[\"it's\"][None][1.5][(1, 'a')]"),
        ([10**5000, "a"], "value[int]['a']"),
        ([deep_tuple()], "value[tuple]"),
        ([Odd()], "value[Odd]"),
    ],
    ids=["none", "some", "other types", "long int", "deep tuple", "no repr"],
)
def test_how_a_place_is_named(keys: list[object], place: str) -> None:
    assert format_place("value", keys) == place


def test_long_places_are_cut_in_the_middle() -> None:
    assert format_place("v", ["a" * 195]) == f"v['{'a' * 195}']"
    place = format_place("v", ["a" * 150, "b" * 150])
    assert place == f"v['{'a' * 97}…{'b' * 97}']"
    assert len(place) == 200
