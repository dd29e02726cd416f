"""JSON bodies (RFC 8259): what goes out is UTF-8, has text keys, and holds only what JSON can say.

Besides JSON's own types a body may hold an Urn (text), an Enum (its value), a Decimal (a number with all its digits),
a tuple (an array) and any Mapping (an object).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum
from typing import Any, Final, TypeAlias

from restli_core.base_errors import InvalidCallError

__all__ = ["Dumps", "json_body", "strict_dumps"]

Dumps: TypeAlias = Callable[[Any], bytes]

_CONTAINERS: Final = (Mapping, list, tuple)
_SCALARS: Final = frozenset({str, int, float, bool, type(None)})  # to ask whether one is a Mapping takes its time


def json_body(value: object, argument: str, dumps: Dumps) -> bytes:
    """The value as JSON.

    Args:
        value: the body.
        argument: how an error names it.
        dumps: turns the value into bytes.

    Raises:
        InvalidCallError: JSON cannot say it: NaN, a cycle, a lone surrogate, a key that is not text, a type that JSON
            does not know, or nesting deeper than the JSON library goes; or `dumps` is no function, or gives no bytes.
    """
    if not callable(dumps):
        raise InvalidCallError("dumps", f"must be a function, not {type(dumps).__name__}")
    try:
        body = dumps(value)
        _check_names(value)
    except RecursionError:
        raise InvalidCallError(argument, "is nested too deep for JSON") from None
    except UnicodeEncodeError:
        raise InvalidCallError(argument, "holds a lone surrogate, which UTF-8 cannot carry") from None
    except Exception as exc:  # a caller's own `dumps` may raise what it likes; the value is to blame
        raise InvalidCallError(argument, f"cannot be written as JSON: {exc}") from exc
    if not isinstance(body, bytes) or not body:
        raise InvalidCallError("dumps", f"must return bytes, and some, not {type(body).__name__}")
    return body


def strict_dumps(value: object) -> bytes:
    """The value as compact JSON in UTF-8.

    Raises:
        ValueError, TypeError, RecursionError: JSON cannot say it.
    """
    decimals = _Decimals("\ue000decimal:")
    text = _dumped(value, decimals)
    while text.count(decimals.tag) != decimals.written:  # the tag stands in the data itself
        decimals = _Decimals(decimals.tag * 2)
        text = _dumped(value, decimals)
    if decimals.written:
        text = re.sub(f'"{decimals.tag}([^"]*)"', r"\1", text)
    return text.encode()


def _dumped(value: object, decimals: _Decimals) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=decimals.plain)


class _Decimals:
    """Gives `json.dumps` what it does not know itself; a Decimal as tagged text, which becomes a number afterwards.

    `json` has no way to write a number of the caller's digits, and a float would lose some.
    """

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.written = 0

    def plain(self, value: object) -> object:
        if isinstance(value, Enum):
            return value.value
        if isinstance(value, Mapping):
            return dict(value)
        if isinstance(value, Decimal) and value.is_finite():
            self.written += 1
            return f"{self.tag}{value}"
        raise TypeError(f"{type(value).__name__} is not a type of JSON")


def _check_names(value: object) -> None:
    """`json.dumps` would turn a key such as 1 or None into text unasked."""
    containers: list[Any] = [value] if isinstance(value, _CONTAINERS) else []
    looked_at: dict[int, object] = {}  # a `dumps` of the caller's may let a cycle pass
    while containers:
        container = containers.pop()
        if id(container) in looked_at:
            continue
        looked_at[id(container)] = container
        if isinstance(container, Mapping):
            _check_text(container)
            container = container.values()
        containers += [item for item in container if type(item) not in _SCALARS and isinstance(item, _CONTAINERS)]


def _check_text(names: Mapping[Any, object]) -> None:
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"a key is of type {type(name).__name__}: keys must be text")
