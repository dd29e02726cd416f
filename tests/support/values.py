"""Values too deep for Python's own ==, which recurses."""

from __future__ import annotations

from typing import Any


def nested(value: Any, levels: str) -> Any:
    """The value inside as many lists and maps as `levels` has characters, the last one outermost: "[" or "{"."""
    for level in levels:
        value = [value] if level == "[" else {"k": value}
    return value


def same(left: object, right: object) -> bool:
    """Whether two decoded values are equal, types included, at any depth."""
    pairs = [(left, right)]
    while pairs:
        left, right = pairs.pop()
        if type(left) is not type(right):
            return False
        if isinstance(left, dict) and isinstance(right, dict) and left.keys() == right.keys():
            pairs += [(left[key], right[key]) for key in left]
        elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
            pairs += zip(left, right, strict=True)
        elif not isinstance(left, str) or left != right:
            return False
    return True
