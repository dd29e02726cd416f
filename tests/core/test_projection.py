from __future__ import annotations

import json
from enum import Enum
from types import MappingProxyType
from typing import Any

import pytest

from restli_core import projection
from restli_core.errors import DecodeError, InvalidCallError
from restli_core.projection import apply_projection, format_projection, parse_projection
from tests.support.projection_model import projected
from tests.vectors import load


def exact(value: Any) -> str:
    """As text, so that True and 1 differ."""
    return json.dumps(value, sort_keys=True)


def test_exports() -> None:
    assert projection.__all__ == ["Projection", "apply_projection", "format_projection", "parse_projection"]


# Reading


@pytest.mark.parametrize("case", load("mask_decode") + load("mask_decode_fuzz"), ids=lambda case: repr(case["in"]["s"]))
def test_reads_as_the_reference(case: dict[str, Any]) -> None:
    text = case["in"]["s"]
    if "error" in case:
        with pytest.raises(DecodeError) as raised:
            parse_projection(text)
        assert raised.value.text == text
    else:
        assert parse_projection(text) == case["ok"]


@pytest.mark.parametrize(
    ("text", "mask"),
    [
        ("", {}),
        ("a,-b", {"a": True, "b": False}),
        ("a, -b", {"a": True, "-b": True}),
        ("--a", {"-a": False}),
        ("a:($start:0,$count:010)", {"a": {"$start": 0, "$count": 10}}),
        ("a:($start:9223372036854775807)", {"a": {"$start": 2**63 - 1}}),
        ("$start", {"$start": True}),
        ("\u2003a\x1cb\u3000", {"ab": True}),
        ("\u00a0a\u2007\u202f\x85", {"\u00a0a\u2007\u202f\x85": True}),
    ],
)
def test_reads(text: str, mask: dict[str, Any]) -> None:
    assert exact(parse_projection(text)) == exact(mask)


@pytest.mark.parametrize(
    ("text", "position", "reason"),
    [
        ("id,a:b", 5, "expected '(' after ':'"),
        ("id,a:", 5, "expected '(' after ':'"),
        ("id,a: (b)", 5, "expected '(' after ':'"),
        ("id,:(a)", 3, "expected a field before ':'"),
        ("id,-:(a)", 4, "expected a field before ':'"),
        ("a:($start:x)", 10, "expected a number after $start:"),
        ("a:($count:)", 10, "expected a number after $count:"),
        ("a:($count:(b))", 10, "expected a number after $count:"),
        ("a:($count:1 )", 10, "expected a number after $count:"),
        ("a:($count:\u0663)", 10, "expected a number after $count:"),
        ("a:($count:9223372036854775808)", 10, "expected a number after $count:"),
        ("a:($count:" + "9" * 5000 + ")", 10, "expected a number after $count:"),
        ("a,$start:1", 10, "expected ',' or ')' after a range"),
        ("a:(b", 4, "expected ')'"),
        ("a,)b", 2, "')' without a '(' before it"),
        ("a:(b))", 5, "')' without a '(' before it"),
    ],
)
def test_refuses_to_read(text: str, position: int, reason: str) -> None:
    with pytest.raises(DecodeError) as raised:
        parse_projection(text)
    assert (raised.value.text, raised.value.position, raised.value.reason) == (text, position, reason)


def test_reads_any_depth(depth: int) -> None:
    mask = parse_projection("a:(" * depth + "b" + ")" * depth)
    for _ in range(depth):
        mask = mask["a"]
    assert mask == {"b": True}


def test_reads_a_long_number_with_leading_zeros() -> None:
    assert parse_projection("a:($start:" + "0" * 10_000 + "7)") == {"a": {"$start": 7}}


# Writing

REFERENCE_WRITES_WHAT_ITS_SERVER_MISREADS = {
    '{"$start": 1}': "its own decoder refuses the text ('expected closing token'); a range belongs to a list",
    '{"a:b": 1}': "nothing escapes a colon: the text is a parent without a parenthesis, which its decoder refuses",
    '{"a(b)": 1}': "nothing escapes a parenthesis: its decoder refuses the text ('unmatched nesting')",
    '{"": 1}': "the text is empty, the mask of no field at all",
    '{"-a": 1}': "the text excludes the field a",
    '{"a": {"": 1}}': "the text is an empty mask under a: the nameless field is lost",
}
NOT_OF_PYTHON = {
    '{"a": true}': "a Java DataMap holds 1, and a Boolean is a ClassCastException; True is how our mappings say 1",
}


def as_booleans(mask: dict[str, Any]) -> dict[str, Any]:
    """A vector's mask as our mappings are: 1 and 0 are True and False, but for the numbers of a range."""
    return {
        name: as_booleans(item) if isinstance(item, dict) else item if name in {"$start", "$count"} else bool(item)
        for name, item in mask.items()
    }


@pytest.mark.parametrize("case", load("mask_encode"), ids=lambda case: json.dumps(case["in"]["mask"]))
def test_writes_as_the_reference(case: dict[str, Any]) -> None:
    mask = case["in"]["mask"]
    if json.dumps(mask) in REFERENCE_WRITES_WHAT_ITS_SERVER_MISREADS:
        with pytest.raises(InvalidCallError):
            format_projection(as_booleans(mask))
    elif json.dumps(mask) in NOT_OF_PYTHON:
        assert "error" in case
    else:
        # The reference's order is that of a hash table: what counts is what the text means.
        text = format_projection(as_booleans(mask))
        assert sorted(text) == sorted(case["ok"])
        assert parse_projection(text) == parse_projection(case["ok"]) == mask


def test_what_is_left_out_of_the_vectors_is_there() -> None:
    masks = {json.dumps(case["in"]["mask"]) for case in load("mask_encode")}
    assert masks >= REFERENCE_WRITES_WHAT_ITS_SERVER_MISREADS.keys() | NOT_OF_PYTHON.keys()


NOT_RAW = {
    "a b": "the reference sends a%20b, which a server, not decoding masks, takes for a field of that name",
    "\u00e9": "the reference sends %C3%A9, likewise",
}


def positive(paths: list[str]) -> dict[str, Any]:
    """The mask of these PathSpecs: a ``$`` in a name is doubled, a path counts for all that is below it."""
    mask: dict[str, Any] = {}
    for path in sorted(paths):
        *parents, field = [part if part == "$*" else part.replace("$", "$$") for part in path.split("/")]
        level: Any = mask
        for parent in parents:
            level = level if level is True else level.setdefault(parent, {})
        if level is not True:
            level[field] = True
    return mask


@pytest.mark.parametrize("case", load("mask_paths"), ids=lambda case: "+".join(case["in"]["paths"]))
def test_writes_the_masks_of_paths(case: dict[str, Any]) -> None:
    mask = positive(case["in"]["paths"])
    assert mask == case["ok"]["mask"]
    if case["in"]["paths"][0] in NOT_RAW:
        with pytest.raises(InvalidCallError):
            format_projection(mask)
    else:
        text = format_projection(mask)
        assert parse_projection(text) == parse_projection(case["ok"]["fields"])
        assert sorted(f"fields={text}") == sorted(case["ok"]["query"])


class Field(str, Enum):  # noqa: UP042 - formats as its own name, which a StrEnum does not
    OWNER = "owner"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ("", ""),
        ("id,owner:(name),-x", "id,owner:(name),-x"),
        (" id,\n\towner: (\n name,\n -age\n ),", "id,owner:(name,-age),"),
        ("tags:($start:0,$count:10,$*:(label))", "tags:($start:0,$count:10,$*:(label))"),
        ("$start:1,a", "$start:1,a"),
        ("a(", "a("),
        ("~a!b@c;d/e?f'g*h.i_j-k$$l", "~a!b@c;d/e?f'g*h.i_j-k$$l"),
        ([], ""),
        (["id", "name"], "id,name"),
        (("id", "owner:(name)"), "id,owner:(name)"),
        (["id", {"owner": {"name": True}}, "", ["x", []], "y"], "id,owner:(name),x,y"),
        ({}, ""),
        ({"id": True, "secret": False}, "id,-secret"),
        ({"id": True, "owner": {"name": True, "age": False}, "x": True}, "id,owner:(name,-age),x"),
        ({"tags": {"$*": {"label": True}}}, "tags:($*:(label))"),
        ({"tags": {"$start": 0, "$count": 10}}, "tags:($start:0,$count:10)"),
        ({"tags": "$start:0, $count:10"}, "tags:($start:0,$count:10)"),
        ({"tags": ["$count:10", {"$start": 5}]}, "tags:($count:10,$start:5)"),
        ({"owner": ["id", "name"], "a": [], "b": "", "c": {}}, "owner:(id,name),a:(),b:(),c:()"),
        (MappingProxyType({"a": MappingProxyType({"b": True})}), "a:(b)"),
        (Field.OWNER, "owner"),
        ([Field.OWNER], "owner"),
        ({Field.OWNER: {Field.OWNER: False}}, "owner:(-owner)"),
    ],
)
def test_writes(fields: Any, text: str) -> None:
    assert format_projection(fields) == text


HERSELF: list[Any] = ["id"]
HERSELF.append({"friends": HERSELF})


@pytest.mark.parametrize(
    ("fields", "place", "reason"),
    [
        (None, "fields", "is of type NoneType"),
        (True, "fields", "is of type bool"),
        ({"id"}, "fields", "is of type set"),
        (b"id", "fields", "is of type bytes"),
        (bytearray(b"id"), "fields", "is of type bytearray"),
        (iter(["id"]), "fields", "is of type list_iterator"),
        (["id", 5], "fields[1]", "is of type int"),
        (["id", True], "fields[1]", "is of type bool"),
        ({"owner": {"name": None}}, "fields['owner']['name']", "is of type NoneType"),
        ({"owner": {"name": 1}}, "fields['owner']['name']", "is of type int"),
        ({"owner": [{"name": 1.5}]}, "fields['owner'][0]['name']", "is of type float"),
        ({"owner": {"na me": True}}, "fields['owner']['na me']", "has ' '"),
        ({"caf\u00e9": True}, "fields['caf\u00e9']", "has '\u00e9'"),
        ("id,a%20b", "fields", "has '%'"),
        (["id", "a+b"], "fields[1]", "has '+'"),
        ("a&b=c", "fields", "has '&'"),
        ("\u00a0id", "fields", "has '\\xa0'"),
        ({"": True}, "fields['']", "a name is empty"),
        ({"-a": True}, "fields['-a']", "a mask cannot express a name"),
        ({"a,b": True}, "fields['a,b']", "a mask cannot express a name"),
        ({"a:b": {}}, "fields['a:b']", "a mask cannot express a name"),
        ({"a(": True}, "fields['a(']", "a mask cannot express a name"),
        ({"a)": True}, "fields['a)']", "a mask cannot express a name"),
        ({"a": {1: True}}, "fields['a'][1]", "names must be text, not int"),
        ({"a": {10**5000: True}}, "fields['a'][int]", "names must be text, not int"),
        ({"$start": 1, "a": True}, "fields['$start']", "a range belongs to a list"),
        ([{"$count": 1}], "fields[0]['$count']", "a range belongs to a list"),
        ({"a": {"$start": True}}, "fields['a']['$start']", "must be an int"),
        ({"a": {"$start": "1"}}, "fields['a']['$start']", "must be an int"),
        ({"a": {"$count": -1}}, "fields['a']['$count']", "must be an int"),
        ({"a": {"$count": 2**31}}, "fields['a']['$count']", "must be an int from 0 to 2**31 - 1"),
        ({"a": "$count:2147483648,$start:0"}, "fields['a']", "servers refuse it: expected a number after $count:"),
        ("a:($start:2147483648)", "fields", "servers refuse it: expected a number after $start:"),
        (["a", "b:($count:99999999999)"], "fields[1]", "servers refuse it: expected a number after $count:"),
        ("a:b", "fields", "servers refuse it: expected '(' after ':', at position 2"),
        ("a)b", "fields", "servers refuse it: ')' without"),
        (["a:(b", "c)"], "fields[0]", "servers refuse it: expected ')'"),
        ({"a": "b)"}, "fields['a']", "servers refuse it: ')' without"),
        ("a,$start:1", "fields", "servers refuse it: expected ',' or ')'"),
        (HERSELF, "fields[1]['friends']", "contains itself"),
    ],
)
def test_refuses_to_write(fields: Any, place: str, reason: str) -> None:
    with pytest.raises(InvalidCallError) as raised:
        format_projection(fields)
    assert raised.value.argument == place
    assert raised.value.reason.startswith(reason)


def test_names_the_argument_it_is_told() -> None:
    with pytest.raises(InvalidCallError) as raised:
        format_projection({"a b": True}, "query_params['fields']")
    assert raised.value.argument == "query_params['fields']['a b']"


def test_the_same_mask_may_stand_in_two_places() -> None:
    person = ["id", "name"]
    assert format_projection({"owner": person, "author": person}) == "owner:(id,name),author:(id,name)"


def nested(inner: Any, levels: int) -> Any:
    for _ in range(levels):
        inner = {"a": inner}
    return inner


def test_writes_any_depth(depth: int) -> None:
    text = "a:(" * depth + "b" + ")" * depth
    assert format_projection(nested({"b": True}, depth)) == text
    assert format_projection(text) == text


def test_refuses_at_any_depth_with_a_short_place(depth: int) -> None:
    with pytest.raises(InvalidCallError) as raised:
        format_projection(nested({"b": None}, depth))
    assert raised.value.argument.startswith("fields['a']['a']")
    assert raised.value.argument.endswith("['a']['b']")
    assert len(raised.value.argument) <= 200


# Applying


@pytest.mark.parametrize("case", load("mask_filter"), ids=lambda case: repr(case["in"]["mask"]))
def test_applies_as_the_reference(case: dict[str, Any]) -> None:
    entity = case["in"]["data"]
    if "error" in case:
        with pytest.raises(DecodeError):
            parse_projection(case["in"]["mask"])
    else:
        before = exact(entity)
        assert exact(apply_projection(entity, parse_projection(case["in"]["mask"]))) == exact(case["ok"])
        assert exact(entity) == before


ENTITY: dict[str, Any] = {
    "id": 1,
    "name": {"first": "A", "last": "B"},
    "tags": [{"label": "x", "n": 1}, {"label": "y", "n": 2}, {"label": "z", "n": 3}],
    "map": {"k1": {"v": 1, "w": 2}, "k2": {"v": 3}},
    "$money": {"x$y": 5},
}
REST = {name: ENTITY[name] for name in ("id", "map", "$money")}


@pytest.mark.parametrize(
    ("mask", "entity"),
    [
        ("$*", ENTITY),
        ("id,bogus", {"id": 1}),
        ("name:(first)", {"name": {"first": "A"}}),
        ("name:()", ENTITY),
        ("name:(),tags", {"tags": ENTITY["tags"]}),
        ("-name,-tags", REST),
        ("-tags,name:(-last)", REST | {"name": {"first": "A"}}),
        ("-tags,name:(-last),id", {"id": 1}),
        ("$*,-name,-tags", REST),
        ("$money", {}),
        ("$$money", {"$money": {"x$y": 5}}),
        ("$$money:(x$$y)", {"$money": {"x$y": 5}}),
        ("map:($*:(w))", {"map": {"k1": {"w": 2}, "k2": {}}}),
        ("map:($*:(w),k2:(v))", {"map": {"k1": {"w": 2}, "k2": {"v": 3}}}),
        ("map:($*:(w),k1)", {"map": {"k1": {"v": 1, "w": 2}, "k2": {}}}),
        ("map:($*,k1:(-v))", {"map": {"k1": {"w": 2}, "k2": {"v": 3}}}),
        ("map:($*:(v),k1,k2)", {"map": ENTITY["map"]}),
        ("map:($*:(-v),k2:(-w))", ENTITY | {"map": {"k1": {"w": 2}, "k2": {}}}),
        ("map:($*:(v),-k2)", {"map": {"k1": {"v": 1}}}),
        ("tags:($*:(label))", {"tags": [{"label": "x"}, {"label": "y"}, {"label": "z"}]}),
        ("tags:($*:(-label),$start:1)", {"tags": [{"n": 2}, {"n": 3}]}),
        ("tags:($start:1,$count:1)", {"tags": [{"label": "y", "n": 2}]}),
        ("tags:($count:2147483647,$start:1)", {"tags": ENTITY["tags"][1:]}),
        ("tags:(-$*)", REST | {"name": ENTITY["name"], "tags": []}),
        ("tags:($*)", {"tags": ENTITY["tags"]}),
        ("tags:(label)", {"tags": ENTITY["tags"]}),
    ],
)
def test_applies(mask: str, entity: dict[str, Any]) -> None:
    assert apply_projection(ENTITY, parse_projection(mask)) == entity


# What is left where a mask for all fields finds nothing that it includes.
BARE: dict[str, Any] = ENTITY | {"name": {}, "map": {}, "$money": {}}
LABELS = [{"label": tag["label"]} for tag in ENTITY["tags"]]


@pytest.mark.parametrize(
    ("mask", "entity"),
    [
        # Excluding all, but for what is named
        ("-$*", {}),
        ("-$*,id", {"id": 1}),
        ("-$*,-id", {}),
        ("map:(-$*,k2)", REST | {"name": ENTITY["name"], "tags": ENTITY["tags"], "map": {"k2": {"v": 3}}}),
        ("-map:(v),id", {"id": 1, "map": {}}),  # a mask cannot be excluded: the minus is ignored
        # A field whose mask only excludes stays, but not beside what is included
        ("name:(-first),map:(k1:(-v))", ENTITY | {"name": {"last": "B"}, "map": {"k1": {"w": 2}, "k2": {"v": 3}}}),
        ("name:(-first),id", {"id": 1}),
        ("name:(-$*),id", {"id": 1}),
        ("name:(-$*)", ENTITY | {"name": {}}),
        ("map:(k1:()),id", {"id": 1}),
        # A mask for all fields, scalars among them
        ("$*:(first)", BARE | {"name": {"first": "A"}}),
        ("$*:(-first)", ENTITY | {"name": {"last": "B"}}),
        ("$*:()", ENTITY),
        ("$*:($*)", ENTITY),
        ("-map,$*:($*:(-n))", {name: ENTITY[name] for name in ("id", "name", "$money")} | {"tags": LABELS}),
        ("name:(first),$*", ENTITY),
        ("name:(-first),$*", ENTITY | {"name": {"last": "B"}}),
        ("map,$*:(k1)", BARE | {"map": ENTITY["map"]}),
        ("map,$*:(-k1)", {"map": {"k2": {"v": 3}}}),
        ("id,$*:(-first)", {"id": 1}),
        # Two masks for one field
        ("map:(k1:(v)),$*:(k1:(w))", BARE | {"map": {"k1": {"v": 1, "w": 2}}}),
        ("map:(k1:(-v)),$*:(k1)", BARE | {"map": {"k1": {"w": 2}}}),
        ("map:(k1),$*:(k1:(-v))", {"map": {"k1": {"w": 2}}}),
        ("map:(k1:(v)),$*:(k1)", BARE | {"map": {"k1": {"v": 1, "w": 2}}}),
        ("map:(k1:(w),k2),$*:(k2:(-v))", {"map": {"k1": {"w": 2}, "k2": {}}}),
        ("map:(k1:($*:(-v),w:())),$*:(k1)", BARE | {"map": {"k1": {"v": 1, "w": 2}}}),
        ("map:(-$*),$*:(-w)", ENTITY | {"map": {}}),
        ("map:(-$*),$*:(k1)", {name: value for name, value in BARE.items() if name != "map"}),
        ("map:(),$*:()", ENTITY),
        # Two ranges for one list
        ("tags:($start:1,$count:1),$*:($start:2)", BARE | {"tags": ENTITY["tags"][1:]}),
        ("tags:($start:1,$count:1),$*:($count:1)", BARE | {"tags": ENTITY["tags"][:2]}),
        ("tags:($start:2),$*:(x)", BARE | {"tags": ENTITY["tags"][2:]}),
        ("tags:($start:0),$*:($count:2147483647)", BARE),
        ("tags:($start)", {"tags": ENTITY["tags"][1:]}),  # without a number it is 1, and 0 where it is excluded
        ("tags:(-$count)", {"tags": []}),
        # Numbers that reach no list
        ("bogus:($start:99999999999),id", {"id": 1}),
    ],
)
def test_applies_as_the_reference_would(mask: str, entity: dict[str, Any]) -> None:
    """The model of `tests.property.test_projection_applies_as_its_model` agrees with each."""
    assert projected(ENTITY, parse_projection(mask)) == entity
    assert apply_projection(ENTITY, parse_projection(mask)) == entity


@pytest.mark.parametrize(
    ("entity", "mask", "reason"),
    [
        ({"message": "m1"}, {"message": {"x": True}}, "asks for fields of 'message', which is not a map or list"),
        ({"list": [1]}, {"list": {"$*": {"x": True}}}, "asks for fields of '$*', which is not a map or list"),
        ({"list": [{}, 1]}, {"list": {"$*": {}, "$count": 1}}, "asks for fields of '$*', which is not a map or list"),
        ({"a": {}}, {"$*": False, "a": {"b": True}}, "asks for fields of 'a', and excludes all of them by '-$*'"),
        (
            {"a": {}},
            {"a": {"b": {"$*": False}}, "$*": {"b": True}},
            "asks for all of what it excludes all of by '-$*'",
        ),
        ({"a": []}, {"a": {"$start": 2**31}}, "the range of 2147483648 and 2147483647 is not from 0 to 2**31 - 1"),
        ({"a": []}, {"a": {"$count": 2**63 - 1}}, f"the range of 0 and {2**63 - 1} is not from 0 to 2**31 - 1"),
        ({"a": []}, {"a": {"$start": -1}}, "the range of -1 and 2147483647 is not from 0 to 2**31 - 1"),
        ({"a": []}, {"a": {"$count": -1}}, "the range of 0 and -1 is not from 0 to 2**31 - 1"),
        ({"a": {}}, {"a": {"$start": {}}}, "the item '$start' is of type dict"),
        ({"a": {"b": 1}}, {"a": {"b": None}}, "the item 'b' is of type NoneType"),
        ({"a": {"b": 1}}, {"a": {"b": 1}}, "the item 'b' is of type int"),
    ],
)
def test_refuses_to_apply(entity: dict[str, Any], mask: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidCallError) as raised:
        apply_projection(entity, mask)
    assert (raised.value.argument, raised.value.reason) == ("mask", reason)


def test_a_tuple_is_a_list() -> None:
    assert apply_projection({"l": ({"a": 1, "b": 2},)}, {"l": {"$*": {"a": True}}}) == {"l": [{"a": 1}]}


def test_masks_may_share_and_contain_themselves() -> None:
    mask: dict[str, Any] = {"id": False}
    mask["friend"] = mask
    assert apply_projection({"id": 1, "n": 2, "friend": {"id": 2, "n": 3}}, mask) == {"n": 2, "friend": {"n": 3}}
    names = {"first": False}
    assert apply_projection({"x": 1}, {"a": names, "b": {"c": names}}) == {"x": 1}


def test_two_masks_together_may_contain_themselves() -> None:
    mask: dict[str, Any] = {"a": {"n": True}}
    mask["a"]["a"] = mask["a"]
    other: dict[str, Any] = {"m": True, "x": {"y": False}}
    other["a"] = other
    mask["$*"] = other
    entity = {"n": 1, "m": 2, "z": 3, "x": {"y": 4, "z": 5}}
    kept = {"n": 1, "m": 2}
    assert apply_projection({"a": {**entity, "a": entity}}, mask) == {"a": {**kept, "a": kept}}


def test_all_of_a_mask_that_contains_itself() -> None:
    mask: dict[str, Any] = {"b": False}
    mask["a"] = mask
    entity = {"a": {"b": 1, "c": 2, "a": {"b": 3, "c": 4}}}
    kept = {"a": {"c": 2, "a": {"c": 4}}}
    assert apply_projection({"x": entity}, {"x": {"a": mask}, "$*": {"a": True}}) == {"x": kept}
    mask["$*"] = mask
    with pytest.raises(InvalidCallError, match=r"^mask: has itself under '\$\*'"):
        apply_projection({"x": entity}, {"x": {"a": mask}, "$*": {"a": True}})
    assert apply_projection(entity, mask) == kept
    mask["d"] = True
    assert apply_projection({"b": 1, "c": 2, "e": {"b": 3, "d": 4}}, mask) == {"c": 2, "e": {"d": 4}}


def test_one_mask_for_all_fields_at_any_depth(depth: int) -> None:
    mask: dict[str, Any] = {"b": False}
    for _ in range(depth):
        mask = {"a": mask, "$*": {"a": True}}
    kept = apply_projection(nested({"b": 1, "c": 2}, depth), mask)
    for _ in range(depth):
        kept = kept["a"]
    assert kept == {"c": 2}


def test_applies_at_any_depth(depth: int) -> None:
    kept = apply_projection(nested({"b": 1, "c": 2}, depth), nested({"b": True}, depth))
    for _ in range(depth):
        kept = kept["a"]
    assert kept == {"b": 1}


# What a mask does, as the reference tells it


def operations(mask: dict[str, Any], path: str = "") -> dict[str, str]:
    """MaskTree.getOperations: the unescaped paths of a mask, with what happens to each."""
    told = {}
    if path and mask.keys() & {"$start", "$count"}:
        bounds = [f"{name[1:]}={mask[name]}" for name in ("$start", "$count") if name in mask]
        told[f"{path}?{'&'.join(bounds)}"] = "POSITIVE_MASK_OP"
    for name, item in mask.items():
        inner = f"{path}/{'*' if name == '$*' else name.replace('$$', '$')}"
        if isinstance(item, dict):
            told |= operations(item, inner)
        elif name not in {"$start", "$count"}:
            told[inner] = "POSITIVE_MASK_OP" if item else "NEGATIVE_MASK_OP"
    return told


@pytest.mark.parametrize("case", load("mask_ops"), ids=lambda case: repr(case["in"]["s"]))
def test_means_what_the_reference_says(case: dict[str, Any]) -> None:
    if "error" in case:
        with pytest.raises(DecodeError):
            parse_projection(case["in"]["s"])
    else:
        assert operations(parse_projection(case["in"]["s"])) == case["ok"]
