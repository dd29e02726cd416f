"""What a server leaves of an entity under a mask, said a second time and naively: by recursion, and by copying masks.

It follows the words of the reference's own documentation (NodeMode, DefaultNodeModeCalculator, MaskComposition), not
the module that it checks. A mask is what `parse_projection` gives: True, False, a mask, or a number under a range.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Final

__all__ = ["ServerFails", "projected"]

# The modes of a mask: what becomes of what it does not name. High ones are of "$*" alone.
SHOW_LOW: Final = "show low"
HIDE_LOW: Final = "hide low"
SHOW_HIGH: Final = "show high"
HIDE_HIGH: Final = "hide high"

ALL: Final = "$*"
RANGE: Final = ("$start", "$count")
HUGE: Final = 2**31 - 1


class ServerFails(Exception):
    """A server answers with status 500."""


def projected(entity: dict[str, Any], mask: dict[str, Any]) -> dict[str, Any]:
    """Return what is left of an entity."""
    return filtered(entity, mask) if mask else {}


def filtered(value: Any, mask: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return filtered_items(value, mask)
    left = {}
    for name, field in value.items():
        how = operation(name, field, mask)
        if how is True:
            left[name] = field
        elif how is not False:
            left[name] = filtered(field, how)
    return left


def filtered_items(items: list[Any], mask: dict[str, Any]) -> list[Any]:
    start, count = mask.get("$start", 0), mask.get("$count", HUGE)
    if start > HUGE or count > HUGE:
        raise ServerFails
    every = mask.get(ALL, True)
    if every is False:
        return []
    if every is True:
        return items[start : start + count]
    if any(not isinstance(item, list | dict) for item in items):
        raise ServerFails
    return [filtered(item, every) for item in items[start : start + count]]


def operation(name: str, field: Any, mask: dict[str, Any]) -> Any:
    """Return what happens to a field: True, False or a mask."""
    own, every = mask.get("".join("$$" if sign == "$" else sign for sign in name)), mask.get(ALL)
    is_scalar = not isinstance(field, list | dict)
    if own is False:
        return False
    if own is True:
        return composed(every, {ALL: True}) if isinstance(every, dict) and not is_scalar else True
    if own is None:
        return default_operation(mask, is_scalar=is_scalar)
    if every is False:
        raise ServerFails
    effective = own if every is None else composed(own, {ALL: True} if every is True else every)
    if mode(mask) == HIDE_LOW and mode(effective) in {SHOW_LOW, HIDE_HIGH}:
        return False
    if is_scalar:
        raise ServerFails
    return effective


def default_operation(mask: dict[str, Any], *, is_scalar: bool) -> Any:
    """Return what happens to a field that a mask does not name."""
    every = mask.get(ALL)
    if mode(mask) == HIDE_HIGH:
        return False
    if mode(mask) == HIDE_LOW and not (isinstance(every, dict) and mode(every) == HIDE_LOW):
        return False
    return every if isinstance(every, dict) and not is_scalar else True


def mode(mask: dict[str, Any]) -> str:
    if mask.get(ALL) is False:
        return HIDE_HIGH
    if is_all(mask):
        return SHOW_HIGH
    for name, item in mask.items():
        if name in RANGE or item is True:
            return HIDE_LOW
        if isinstance(item, dict) and mode(item) in {HIDE_LOW, SHOW_HIGH}:
            return HIDE_LOW
    return SHOW_LOW


def is_all(mask: Any) -> bool:
    return mask is True or (isinstance(mask, dict) and is_all(mask.get(ALL)))


def composed(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    first = deepcopy(first)
    if first.get(ALL) is False or second.get(ALL) is False:
        return {ALL: False}
    compose_range(first, second)
    for name, item in second.items():
        if name in RANGE:
            continue
        if name not in first:
            first[name] = deepcopy(item)
        elif first[name] is False or item is False:
            first[name] = False
        elif isinstance(first[name], dict) and isinstance(item, dict):
            first[name] = composed(first[name], item)
        else:
            first[name] = merged_with_all(first[name], item)
    return first or {ALL: True}


def compose_range(first: dict[str, Any], second: dict[str, Any]) -> None:
    ends = []
    for mask in (first, second):
        if mask.keys() & set(RANGE):
            start, count = mask.get("$start", 0), mask.get("$count", HUGE)
            if start > HUGE or count > HUGE:
                raise ServerFails
            ends.append((start, min(HUGE, start + count)))
    first.pop("$start", None)
    first.pop("$count", None)
    if ends:
        start = min(start for start, _ in ends)
        count = max(end for _, end in ends) - start
        if start != 0:
            first["$start"] = start
        if count != HUGE:
            first["$count"] = count


def merged_with_all(one: Any, other: Any) -> Any:
    """Return what True and a mask are together, or True and True."""
    if one is True and other is True:
        return True
    mask = deepcopy(one if isinstance(one, dict) else other)
    prune(mask)
    widen(mask)
    return True if mask == {ALL: True} else mask


def prune(mask: dict[str, Any]) -> None:
    """Remove what a mask includes."""
    for name, item in [*mask.items()]:
        if isinstance(item, dict):
            prune(item)
        if name in RANGE or item is True or item == {}:
            del mask[name]


def widen(mask: dict[str, Any]) -> None:
    if ALL not in mask:
        mask[ALL] = True
    elif mask[ALL] is False:
        raise ServerFails
    else:
        widen(mask[ALL])
