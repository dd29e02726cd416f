from __future__ import annotations

import copy
import json
import re
import warnings
from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import Any

import pytest

from restli_core import patch
from restli_core.base_errors import SuspiciousValueWarning
from restli_core.errors import InvalidCallError
from restli_core.patch import MAX_BRANCH, apply, check_patch, diff, is_patch, is_wrapped, warn_of_commands
from tests.vectors import load, untagged


def exact(value: Any) -> str:
    """As text, so that 1, 1.0 and True differ, and NaN does not from itself."""
    return json.dumps(value, sort_keys=True, default=repr)


def unordered(document: Any) -> Any:
    """A patch with the names that it deletes in order: the reference's is that of a hash table."""
    if not isinstance(document, dict):
        return document
    return {
        name: sorted(inner) if name == "$delete" and isinstance(inner, list) else unordered(inner)
        for name, inner in document.items()
    }


def test_exports() -> None:
    assert patch.__all__ == ["apply", "diff"]


# diff

INDISTINCT_IN_PYTHON = {
    '{"from": {"a": 1}, "to": {"a": {"$t": "long", "v": "1"}}}': (
        "Java's Integer 1 does not equal its Long 1; JSON and Python have one kind of integer, and both are the text 1"
    ),
}


@pytest.mark.parametrize("case", load("patch_diff"), ids=lambda case: json.dumps(case["in"]))
def test_diff_as_the_reference(case: dict[str, Any]) -> None:
    before, after = untagged(case["in"]["from"]), untagged(case["in"]["to"])
    expected = {} if json.dumps(case["in"]) in INDISTINCT_IN_PYTHON else untagged(case["ok"])
    assert exact(unordered(diff(before, after))) == exact(unordered(expected))


def test_what_is_left_out_of_the_vectors_is_there() -> None:
    assert {json.dumps(case["in"]) for case in load("patch_diff")} >= INDISTINCT_IN_PYTHON.keys()


class Colour(str, Enum):  # noqa: UP042 - formats as its own name, which a StrEnum does not
    RED = "red"


class Size(Enum):
    BIG = 1
    HUGE = 2


NAN = float("nan")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (1, 1),
        (NAN, NAN),
        (NAN, -NAN),
        (0.0, 0.0),
        ("red", Colour.RED),
        (Size.BIG, Size.BIG),
        (Decimal("1.0"), Decimal(1)),
        ([1, {"b": [NAN]}], (1, MappingProxyType({"b": [NAN]}))),
        ([1] * 1000, [1] * 1000),
    ],
)
def test_equal_values(before: object, after: object) -> None:
    assert diff({"a": before}, {"a": after}) == {}
    assert diff({"a": [before]}, {"a": [after]}) == {}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (1, 2),
        (1, 1.0),
        (1, True),
        (0.0, False),
        (0.0, -0.0),
        (NAN, 1.0),
        (1, Decimal(1)),
        ("1", 1),
        ("", None),
        (Size.BIG, Size.HUGE),
        ([], None),
        ([], {}),
        ({}, []),
        ({}, None),
        ([1], [1, 1]),
        ([{"b": 1}], [{"b": 1, "c": 2}]),
        ([{"b": 1}], [{"c": 1}]),
        ([[0.0]], [[-0.0]]),
    ],
)
def test_values_that_differ(before: object, after: object) -> None:
    assert exact(diff({"a": before}, {"a": after})) == exact({"$set": {"a": after}})
    assert exact(diff({"b": {"a": after}}, {"b": {"a": before}})) == exact({"b": {"$set": {"a": before}}})


def test_maps_are_patched_where_they_differ() -> None:
    before = {"b": {"x": 1, "y": {"z": 1}}, "a": {"same": {"deep": [1]}}, "gone": 1, "c": {"k": 1}}
    after = {"b": {"x": 1, "y": {"z": 2}}, "a": {"same": {"deep": [1]}}, "new": 1, "c": {}}
    expected = {
        "$delete": ["gone"],
        "$set": {"new": 1},
        "b": {"y": {"$set": {"z": 2}}},
        "c": {"$delete": ["k"]},
    }
    # In the order of the documents too, so that equal calls are equal bytes.
    assert json.dumps(diff(before, after)) == json.dumps(expected)


@pytest.mark.parametrize(
    ("name", "lost", "kept"),
    [
        ("$a", {"$$a": {"$set": {"b": 2}}}, {"$set": {"$a": {"b": 2}}}),
        ("$", {"$$": {"$set": {"b": 2}}}, {"$set": {"$": {"b": 2}}}),
        ("$set", {"$$set": {"$set": {"b": 2}}}, {"$set": {"$set": {"b": 2}}}),
        ("$a$b", {"$$a$$b": {"$set": {"b": 2}}}, {"$set": {"$a$b": {"b": 2}}}),
    ],
)
def test_maps_under_a_dollar(name: str, lost: dict[str, Any], kept: dict[str, Any]) -> None:
    before, after = {name: {"b": 1}}, {name: {"b": 2}}
    assert diff(before, after) == lost
    assert apply(before, lost) == before
    assert diff(before, after, whole_dollar_maps=True) == kept
    assert apply(before, kept) == after
    assert diff(before, before, whole_dollar_maps=True) == {}


@pytest.mark.parametrize("name", ["", " ", "#", "%", "a$b", "é"])
def test_maps_under_another_name_are_patched_all_the_same(name: str) -> None:
    before, after = {name: {"b": 1}}, {name: {"b": 2}}
    assert diff(before, after, whole_dollar_maps=True) == diff(before, after) == {name: {"$set": {"b": 2}}}


def test_a_dollar_inside_a_name_is_like_any_character() -> None:
    before, after = {"a$b": {"c": 1}}, {"a$b": {"c": 2}}
    assert diff(before, after) == {"a$b": {"$set": {"c": 2}}}
    assert apply(before, diff(before, after)) == after


def test_diff_shares_nothing_with_its_arguments() -> None:
    before: dict[str, Any] = {"a": {"b": [1]}, "c": 1}
    after: dict[str, Any] = {"a": {"b": [{"x": 1}]}, "d": {"e": []}}
    kept = copy.deepcopy((before, after))
    made = diff(before, after)
    made["a"]["$set"]["b"][0]["x"] = 2
    made["$set"]["d"]["e"].append(1)
    assert (before, after) == kept


def test_diff_is_plain_json() -> None:
    made = diff({}, MappingProxyType({Colour.RED: ({"a": MappingProxyType({"b": ()})},)}))
    assert json.dumps(made) == '{"$set": {"red": [{"a": {"b": []}}]}}'
    assert diff({"red": 1}, {Colour.RED: 1}) == {}


HERSELF: dict[str, Any] = {"id": 1}
HERSELF["friends"] = [HERSELF]


@pytest.mark.parametrize(
    ("document", "place", "reason"),
    [
        (None, "", "must be a mapping, not NoneType"),
        ([], "", "must be a mapping, not list"),
        ({1: 2}, "[1]", "names must be text, not int"),
        ({"a": [0, {None: 2}]}, "['a'][1][None]", "names must be text, not NoneType"),
        ({"a": ({10**5000: 2},)}, "['a'][0][int]", "names must be text, not int"),
        (HERSELF, "['friends'][0]", "contains itself"),
    ],
)
def test_documents_that_are_none(document: Any, place: str, reason: str) -> None:
    calls: list[tuple[Callable[[Any, Any], Any], str, str]] = [(diff, "before", "after"), (apply, "document", "patch")]
    for call, first, second in calls:
        with pytest.raises(InvalidCallError) as raised:
            call(document, {})
        assert (raised.value.argument, raised.value.reason) == (first + place, reason)
        with pytest.raises(InvalidCallError) as raised:
            call({}, document)
        assert (raised.value.argument, raised.value.reason) == (second + place, reason)


def test_a_value_may_stand_in_two_places() -> None:
    address = {"city": "Oslo"}
    assert diff({}, {"home": address, "work": address}) == {"$set": {"home": address, "work": address}}


# apply


@pytest.mark.parametrize("case", load("patch_apply"), ids=lambda case: json.dumps(case["in"]))
def test_apply_as_the_reference(case: dict[str, Any]) -> None:
    document, commands = case["in"]["data"], case["in"]["patch"]
    kept = exact(case["in"])
    if "error" in case:
        with pytest.raises(InvalidCallError, match=r"^patch\["):
            apply(document, commands)
    else:
        assert exact(apply(document, commands)) == exact(case["ok"])
    assert exact(case["in"]) == kept


@pytest.mark.parametrize(
    ("document", "commands", "result"),
    [
        ({}, {"a": {"$set": {"b": 1}}}, {"a": {"b": 1}}),
        ({}, {"a": {"$set": {}}}, {"a": {}}),
        ({}, {"a": {"$delete": ["b"]}}, {}),
        ({}, {"a": {}}, {}),
        ({}, {"a": {"$delete": ["b"]}, "c": {"$set": {"d": 1}}}, {"c": {"d": 1}}),
        ({}, {"a": {"b": {"$set": {"c": 1}}, "d": {"$delete": ["e"]}}}, {"a": {"b": {"c": 1}}}),
        ({}, {"a": {"b": {"$delete": ["c"]}, "$set": {"d": 1}}}, {"a": {"d": 1}}),
        ({"a": {}}, {"a": {"b": {"c": {"$set": {"d": 1}}}}}, {"a": {"b": {"c": {"d": 1}}}}),
        # A $set counts wherever it is; without one, nothing in a branch that leads nowhere is looked at
        ({}, {"a": {"$bogus": {"x": {"$set": 5}}}}, {"a": {}}),
        ({}, {"a": {"$$b": {"$set": {"c": 1}}}}, {"a": {}}),
        ({}, {"a": {"b": {"$reorder": {"$set": 1}}, "$delete": ["c"]}}, {"a": {"b": {}}}),
        ({}, {"a": {"$bogus": [{"$set": {}}]}}, {}),
        ({}, {"a": {"b": 5, "$delete": "c"}}, {}),
        ({}, {"a": {"$delete": ["b", "b"], "b": {}, "c": None, "d": [1]}}, {}),
        ({"b": {}}, {"b": {"a": {"$delete": 5}}}, {"b": {}}),
        ({"a": 1}, {"$delete": ["a", None, ["a"], {"a": 1}, ["a"], None, 5, 5, 10**5000]}, {}),
        ({"\ud800": 1, "b": 2}, {"$delete": ["\ud800"]}, {"b": 2}),
        ({"5": 1}, {"$set": {"5": 2}, "$delete": [5, 5.5, True]}, {"5": 2}),
        ({}, {"$delete": [[], {}], "[]": {"$set": {}}}, {"[]": {}}),
        ({"$a": {"b": 1}}, {"$$a": {"$set": {"b": 2}}}, {"$a": {"b": 1}}),
        ({"$a": {"b": 1}}, {"$a": {"$set": {"b": 2}}}, {"$a": {"b": 1}}),
        ({"a": 1}, {"$merge": 5, "$reorder": 5}, {"a": 1}),
        ({"l": [1, 2, 3]}, {"l": {"$reorder": [{"$fromIndex": 0, "$toIndex": 2}]}}, {"l": [2, 3, 1]}),
        ({"l": [1, 2, 3]}, {"l": {"$reorder": [{"$fromIndex": 1, "$toIndex": 1}]}}, {"l": [1, 2, 3]}),
        ({"l": [1]}, {"l": {"$set": {"0": 2}, "$delete": 5, "0": 5}}, {"l": [1]}),
    ],
)
def test_apply(document: dict[str, Any], commands: dict[str, Any], result: dict[str, Any]) -> None:
    assert exact(apply(document, commands)) == exact(result)


TWICE = "is in two of $set, $delete and the branches, or in one of them twice"


@pytest.mark.parametrize(
    ("commands", "place", "reason"),
    [
        ({"$set": []}, "patch['$set']", "must be a mapping, not list"),
        ({"$set": None}, "patch['$set']", "must be a mapping, not NoneType"),
        ({"m": {"$delete": {}}}, "patch['m']['$delete']", "must be a list, not dict"),
        ({"m": {"n": [1]}}, "patch['m']['n']", "is a branch and must be a mapping, not list"),
        ({"m": {"n": None}}, "patch['m']['n']", "is a branch and must be a mapping, not NoneType"),
        ({"i": {}}, "patch['i']", "leads into a value of type int"),
        ({"none": {"$set": {"a": 1}}}, "patch['none']", "leads into a value of type NoneType"),
        ({"$set": {"b": 1, "a": 1}, "$delete": ["b", "a"]}, "patch['a']", TWICE),
        ({"m": {"$set": {"a": 1}, "a": {}}}, "patch['m']['a']", TWICE),
        ({"x": {"y": {"$delete": ["z"], "z": {}, "$set": {}}}}, "patch['x']['y']['z']", TWICE),
        ({"$delete": ["b", "a", "a", "b"]}, "patch['a']", TWICE),
        ({"m": {"$delete": [5, "5"]}}, "patch['m']['5']", TWICE),
        ({"$delete": [5], "5": {}}, "patch['5']", TWICE),
        ({"$delete": [1e20], "1.0E20": {}}, "patch['1.0E20']", TWICE),
        ({"$delete": [True], "true": {}}, "patch['true']", TWICE),
        ({"$delete": [None], "null": {}}, "patch['null']", TWICE),
        ({"x": {"y": 5, "z": {"$set": {}}}}, "patch['x']['y']", "is a branch and must be a mapping, not int"),
        ({"l": {"$reorder": {}}}, "patch['l']['$reorder']", "must be a list of at most one move"),
        ({"l": {"$reorder": [{}, {}]}}, "patch['l']['$reorder']", "must be a list of at most one move"),
    ],
)
def test_patches_that_are_refused(commands: dict[str, Any], place: str, reason: str) -> None:
    document: dict[str, Any] = {"m": {"n": {}}, "i": 1, "none": None, "l": [1, 2]}
    with pytest.raises(InvalidCallError) as raised:
        apply(document, commands)
    assert (raised.value.argument, raised.value.reason) == (place, reason)
    assert document == {"m": {"n": {}}, "i": 1, "none": None, "l": [1, 2]}


@pytest.mark.parametrize(
    "move",
    [
        None,
        {},
        {"$fromIndex": 0},
        {"$toIndex": 0},
        {"$fromIndex": 2, "$toIndex": 0},
        {"$fromIndex": 0, "$toIndex": 2},
        {"$fromIndex": -1, "$toIndex": 0},
        {"$fromIndex": True, "$toIndex": 0},
        {"$fromIndex": "0", "$toIndex": 0},
    ],
)
def test_moves_that_lead_nowhere(move: Any) -> None:
    with pytest.raises(InvalidCallError) as raised:
        apply({"l": [1, 2]}, {"l": {"$reorder": [move]}})
    assert raised.value.argument == "patch['l']['$reorder']"
    assert raised.value.reason == "a move has $fromIndex and $toIndex, indexes of 2 items"


def test_the_result_shares_nothing_with_the_arguments() -> None:
    document: dict[str, Any] = {"a": {"b": [1]}}
    commands: dict[str, Any] = {"$set": {"c": {"d": []}}}
    result = apply(document, commands)
    result["a"]["b"].append(2)
    result["c"]["d"].append(2)
    assert document == {"a": {"b": [1]}}
    assert commands == {"$set": {"c": {"d": []}}}


# Depth


def nested(inner: Any, levels: int) -> Any:
    for _ in range(levels):
        inner = {"a": inner}
    return inner


def innermost(document: Any, levels: int) -> Any:
    for _ in range(levels):
        (document,) = document.values()
    return document


def test_maps_at_any_depth(depth: int) -> None:
    before, after = nested({"b": 1}, depth), nested({"b": 2}, depth)
    made = diff(before, after)
    assert innermost(made, depth) == {"$set": {"b": 2}}
    assert innermost(apply(before, made), depth) == {"b": 2}
    assert innermost(apply({}, made), depth) == {"b": 2}
    assert diff(before, nested({"b": 1}, depth)) == {}


def test_lists_at_any_depth(depth: int) -> None:
    def listed(inner: Any) -> dict[str, Any]:
        for _ in range(depth):
            inner = [inner]
        return {"a": inner}

    assert diff(listed(1), listed(1)) == {}
    assert list(diff(listed(1), listed(2))) == ["$set"]
    assert list(apply({}, diff({}, listed(1)))) == ["a"]


def test_a_place_in_the_depth_is_short(depth: int) -> None:
    with pytest.raises(InvalidCallError) as raised:
        apply({}, nested({"$set": 5}, depth))
    assert raised.value.argument.startswith("patch['a']['a']")
    assert raised.value.argument.endswith("['a']['$set']")
    assert len(raised.value.argument) <= 200


# -- what a call takes for a patch -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "patch",
    [
        {},
        {"$set": {"a": 1}},
        {"$set": {}, "$delete": [], "a": {}},
        {"$set": MappingProxyType({"a": 1}), "$delete": ("b",)},
        {"a": {"b": {"$set": {"patch": {"$set": 1}}}}},
        {"a": {"$reorder": [{"$fromIndex": 0, "$toIndex": 1}]}},
        {"$set": {"$set": 1}},
        {"$$a": {"$set": {"b": 1}}},
        {"patch": {"$set": {"a": 1}}, "$set": {}},
        {"patch": {"$set": {"a": 1}}, "other": {"$delete": ["b"]}},
        {"a": {"patch": {"$set": {"b": 1}}}},
    ],
)
def test_patches_are_taken(patch: Any) -> None:
    check_patch("patch", patch)


@pytest.mark.parametrize("before", [{}, {"a": {"b": 1, "$c": {"d": 1}}, "$e": {"f": [1]}}])
def test_what_diff_makes_is_taken(before: Any) -> None:
    after = {"a": {"b": 2, "$c": {"d": 2}}, "$e": {"f": [2]}, "patch": {"x": 1}}
    check_patch("patch", diff(before, after))
    check_patch("patch", diff(after, before))


@pytest.mark.parametrize(
    ("patch", "place", "reason"),
    [
        ({"patch": {"$set": {"a": 1}}}, "patch", "is wrapped already"),
        ({"patch": {"a": {"$delete": ["b"]}}}, "patch", "is wrapped already"),
        ({"patch": {}}, "patch", "is wrapped already"),
        ({"name": "x"}, "patch['name']", "is a branch and must be a mapping, not str: values to set go under $set"),
        ({"a": {"b": None}}, "patch['a']['b']", "is a branch and must be a mapping, not NoneType"),
        ({"a": [1]}, "patch['a']", "is a branch and must be a mapping, not list"),
        ({"set": {"a": 1}}, "patch['set']['a']", "values to set go under $set"),
        ({"$set": [1]}, "patch['$set']", "must be a mapping, not list"),
        ({"$delete": "a"}, "patch['$delete']", "must be a list, not str"),
        ({"$delete": {"a": 1}}, "patch['$delete']", "must be a list, not dict"),
        ({"a": {"$reorder": {}}}, "patch['a']['$reorder']", "must be a list, not dict"),
    ],
)
def test_what_servers_would_ignore_or_refuse_is_no_patch(patch: Any, place: str, reason: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        check_patch("patch", patch)
    assert caught.value.argument == place
    assert reason in caught.value.reason


@pytest.mark.parametrize("command", ["$unset", "$add", "$Set", "$"])
def test_a_command_that_servers_ignore_is_warned_of(command: str) -> None:
    with pytest.warns(SuspiciousValueWarning, match=rf"^patch\['a'\]\['{re.escape(command)}'\]: servers ignore"):
        check_patch("patch", {"a": {command: {"b": 1}}})


def test_a_patch_may_be_deep(depth: int) -> None:
    patch: dict[str, Any] = {"$set": {"a": 1}}
    for _ in range(depth):
        patch = {"a": patch}
    check_patch("patch", patch)


# -- what a call warns of ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, False),
        ({"$set": {}}, True),
        ({"$set": {"a": 1}, "$delete": ["b"], "$reorder": []}, True),
        ({"$delete": ("b",)}, True),
        ({"$delete": {"b": 1}}, False),
        ({"$set": [1]}, False),
        ({"$set": {}, "$delete": 1}, False),
        ({"$set": {}, "a": {}}, False),
        ({"$unset": {}}, False),
        ({"a": {"$set": {}}}, False),
    ],
)
def test_a_patch_has_commands_alone(fields: dict[str, Any], expected: bool) -> None:
    assert is_patch(fields) is expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [({"patch": {}}, True), ({"patch": 1}, False), ({"patch": {}, "a": 1}, False), ({"a": {}}, False), ({}, False)],
)
def test_a_wrapper_has_a_patch_alone(fields: dict[str, Any], expected: bool) -> None:
    assert is_wrapped(fields) is expected


def branched(value: Any, levels: int) -> Any:
    for _ in range(levels):
        value = {"a": value}
    return value


def warnings_of(fields: dict[Any, Any]) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_of_commands("entity", fields)
    assert {warning.category for warning in caught} <= {SuspiciousValueWarning}
    return [str(warning.message) for warning in caught]


@pytest.mark.parametrize(
    ("fields", "start"),
    [
        ({"$set": {"b": 1}}, "entity['$set']: looks like a command of a patch, and is sent as a value"),
        ({"x": 1, "$unset": 1}, "entity['$unset']: looks like a command"),
        ({"$a": {"b": {"$set": {}}}}, "entity['$a']: looks like a command"),
        ({"x": 1, "a": {"$set": {"b": 1}}}, "entity['a']: is a patch, and is sent as a value"),
        ({"a": {"$set": {"b": 1}, "$delete": []}}, "entity['a']: is a patch"),
        ({"a": {"b": {"$delete": ["c"]}}}, "entity['a']['b']: is a patch"),
        (branched({"$set": {}}, 5), "entity['a']['a']['a']['a']['a']: is a patch"),
        (branched({"$set": {}}, MAX_BRANCH), "entity['a']"),
        ({"$params": {"$set": {}}}, "entity['$params']: is a patch"),
    ],
)
def test_a_value_that_looks_like_a_patch_is_warned_of(fields: dict[str, Any], start: str) -> None:
    (message,) = warnings_of(fields)
    assert message.startswith(start)


def test_it_is_warned_of_the_first_alone() -> None:
    (message,) = warnings_of({"x": 1, "$set": {}, "$delete": [], "a": {"$set": {}}})
    assert message.startswith("entity['$set']")


@pytest.mark.parametrize(
    "fields",
    [
        {"a": 1, "b": [{"$set": {}}], "c": "$set", "d": {}},
        {"a": {"b": 1, "c": {"$set": {}}}},
        {"a": {"$set": 1}},
        {"$params": {"a": 1}},
        {"a$": {"b": 1}},
        {1: {"a": 1}},
        branched({"$set": {}}, MAX_BRANCH + 1),
    ],
    ids=["values", "beside_more", "not_a_patch", "params", "dollar_inside", "odd_name", "deep"],
)
def test_other_values_are_not_warned_of(fields: dict[Any, Any]) -> None:
    assert warnings_of(fields) == []
