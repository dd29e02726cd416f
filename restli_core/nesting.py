"""Nested values at any depth: compared, and taken apart for pickle and copy, without recursion.

Python's own ``==`` and pickle call themselves at each level, and end at some hundred of them. These do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

__all__ = ["Steps", "are_equal", "build", "flatten"]

# How a value is built, step by step: a leaf as it is, or a container of the last values. Its type is with a dict's
# names, or with the number of a list's or tuple's items; None is with a leaf.
Steps: TypeAlias = list[tuple[type[Any] | None, Any]]


def are_equal(left: object, right: object) -> bool:
    """Return whether two values are equal, as ``==`` would say, but that a tuple equals a list: both are lists here."""
    pairs = [(left, right)]
    while pairs:
        one, other = pairs.pop()
        if one is other:
            continue
        if isinstance(one, dict) and isinstance(other, dict):
            if one.keys() != other.keys():
                return False
            pairs += [(item, other[key]) for key, item in one.items()]
        elif isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
            if len(one) != len(other):
                return False
            pairs += zip(one, other, strict=True)
        elif one != other:
            return False
    return True


def flatten(value: object) -> Steps:
    """Return the steps by which `build` builds a value of dicts, lists and tuples again."""
    steps: Steps = []
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, dict):
            steps.append((dict, tuple(item)))
            left += item.values()
        elif isinstance(item, (list, tuple)):
            steps.append((type(item), len(item)))
            left += item
        else:
            steps.append((None, item))
    # Each container is before what is in it, and its last item before the first: so the steps are in reverse.
    return steps[::-1]


def build(steps: Steps) -> Any:
    """Return the value that these steps of `flatten` build."""
    built: list[Any] = []
    for kind, content in steps:
        if kind is None:
            built.append(content)
            continue
        size = len(content) if kind is dict else content
        items = built[len(built) - size :]
        del built[len(built) - size :]
        built.append(dict(zip(content, items, strict=True)) if kind is dict else like(kind, items))
    return built[0]


def like(kind: type[Any], items: Sequence[Any]) -> Any:
    """Return the items as a list or tuple of this type; a plain one, where the type takes other arguments."""
    if issubclass(kind, list):
        return [*items]
    make = getattr(kind, "_make", tuple)  # that of a NamedTuple
    return make(items)
