"""JSON bodies (RFC 8259): what goes out is UTF-8, has text keys, and holds only what JSON can express.

Besides JSON's own types a body may hold an Urn (text), an Enum (its value), a Decimal (a number with all its digits),
a tuple (an array) and any Mapping (an object).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from enum import Enum
from typing import Any, Final, TypeAlias

from restli_core.base_errors import InvalidCallError
from restli_core.places import Visit, Walk

__all__ = ["Dumps", "json_body", "strict_dumps"]

Dumps: TypeAlias = Callable[[Any], bytes]


def json_body(value: object, argument: str, dumps: Dumps) -> bytes:
    """Return the value as JSON.

    Args:
        value: the body.
        argument: how an error names it.
        dumps: turns the value into bytes.

    Raises:
        InvalidCallError: JSON cannot express it: NaN, a cycle, a lone surrogate, a key that is not text, a type that
            JSON does not know, or nesting deeper than the JSON library goes; or `dumps` is not a function, or does not
            return bytes.
    """
    if not callable(dumps):
        raise InvalidCallError("dumps", f"must be a function, not {type(dumps).__name__}")
    try:
        body = dumps(value)
        # After `dumps`, which has then refused a value that is too deep, or of a type that it does not know.
        # Each container once: a `dumps` of the caller's may allow cycles, and one value may stand in many places.
        Walk(argument, once=True).through(value, _check_names(value))
    except RecursionError:
        raise InvalidCallError(argument, "is nested too deep for JSON") from None
    except UnicodeEncodeError:
        raise InvalidCallError(argument, "holds a lone surrogate, which UTF-8 cannot carry") from None
    except Exception as exc:  # a caller's own `dumps` may raise what it likes; the value is to blame
        raise InvalidCallError(argument, f"cannot be written as JSON: {exc}") from exc
    if not isinstance(body, bytes):
        raise InvalidCallError("dumps", f"must return bytes, not {type(body).__name__}")
    if not body:
        raise InvalidCallError("dumps", "must return at least one byte")
    return body


def _check_names(value: object) -> Visit:
    """Refuse names that are not text: `json.dumps` would silently turn a key such as 1 or None into text."""
    if isinstance(value, (list, tuple)):
        items: Iterable[object] = value
    elif isinstance(value, _MAPS):
        for name in value:
            if not isinstance(name, str):
                raise TypeError(f"a key is of type {type(name).__name__}: keys must be text")
        items = value.values()
    else:
        return
    # Most items are scalars, which a look at their type shows: `isinstance` with Mapping is slow.
    for item in [item for item in items if type(item) not in _SCALARS]:
        yield None, item, _check_names(item)


_MAPS: Final = (dict, Mapping)  # dict first, since most are, and since `isinstance` with Mapping is slow
_SCALARS: Final = frozenset({str, int, float, bool, type(None)})


def strict_dumps(value: object) -> bytes:
    """Return the value as compact JSON in UTF-8.

    Raises:
        ValueError, TypeError, RecursionError: JSON cannot express it.
    """
    # `json` cannot write a number with the digits of a Decimal, and a float would lose some. So a Decimal is written as
    # tagged text, and the tag and its quotes are removed afterwards. The tag is made longer until the data lacks it.
    tag = "\ue000decimal:"
    while True:
        adapted = _Adapter(tag)
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=adapted)
        if text.count(tag) == adapted.decimals:
            break
        tag *= 2
    if adapted.decimals:
        text = re.sub(f'"{tag}([^"]*)"', r"\1", text)
    return text.encode()


class _Adapter:
    """The `default` of `json.dumps`: a function for what it does not know, which counts the Decimals that it tags."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.decimals = 0

    def __call__(self, value: object) -> object:
        if isinstance(value, Enum):
            return value.value
        if isinstance(value, Mapping):
            return dict(value)
        if isinstance(value, Decimal) and value.is_finite():
            self.decimals += 1
            return f"{self.tag}{value}"
        raise TypeError(f"{type(value).__name__} is not a type of JSON")
