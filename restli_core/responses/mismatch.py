"""Mismatch: what of an answer does not have the form that it should have, noted while it is read.

A server that answers with success has done the work. So what is there is taken as it is, what cannot be taken is left
out, and either is noted: throwing the answer away would make callers repeat the work. Only where nothing can be taken
is the answer malformed.

    a number                 may be text, or have a fraction of 0
    an id                    may be a number, or an object: it becomes the text of that key
    anything else            counts as missing if it is of another type
    null                     counts as missing, and is noted where it stands for a collection or one of its items

No note holds a part of a text of the server's: secrets are taken out of notes, and could not be found in a part.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, TypeGuard, TypeVar

from restli_core.base_errors import InvalidCallError
from restli_core.keys import body_key
from restli_core.patterns import lazy_pattern
from restli_core.responses.answers import JsonObject  # noqa: TC001 - for typing.get_type_hints

__all__ = ["MalformedResponse", "Mismatch", "checked", "is_json", "place", "read_integer"]

T = TypeVar("T")

MAX_NOTES: Final = 5
MAX_SHOWN: Final = 60  # characters of a text or key of the server's


class MalformedResponse(Exception):
    """Why a 2xx answer does not have the form of its method's answers; callers see an InvalidResponseError."""


class Mismatch:
    """The notes on one answer."""

    __slots__ = ("_notes", "_others")

    def __init__(self) -> None:
        self._notes: list[str] = []
        self._others = 0

    @property
    def text(self) -> str | None:
        """All that is odd, the first few notes in words; None where nothing is."""
        others = [f"and {self._others} more"] * (self._others > 0)
        return "; ".join([*self._notes, *others]) or None

    def note(self, text: str) -> None:
        """Note that something is odd."""
        if len(self._notes) < MAX_NOTES:
            self._notes.append(text)
        else:
            self._others += 1

    def expect(self, value: Any, where: str, kind: type[T]) -> T | None:
        """Return a value of this type; None for one of another type, which is noted."""
        if is_json(value, kind):
            return value
        self.note(f"{where} is {_described(value)}, not {_JSON_TYPES[kind]}")
        return None

    def member(self, fields: JsonObject, name: str, kind: type[T], where: str) -> T | None:
        """Return a field, which should be of this type; None where it is missing, or null."""
        value = fields.get(name)
        if value is None or self.expect(value, f"{name} of {where}", kind) is not None:
            found: T | None = value
        else:
            found = _CONVERSIONS[kind](value) if kind in _CONVERSIONS else None
        return found

    def items(self, body: JsonObject, name: str, where: str, *, needed: bool = False) -> list[Any]:
        """Return an array; an empty one where it is missing, or is something else.

        Args:
            body: the object that has it.
            name: its name.
            where: how a note names the object.
            needed: whether the answer is malformed if there is something else: nothing of it could be shown.
        """
        return self._collection(body, name, where, list, needed) or []

    def mapping(self, body: JsonObject, name: str, kind: type[Any], *, needed: bool = False) -> dict[str, Any]:
        """Return an object whose values should be of this type, as it is; the arguments are those of `items`."""
        values: dict[Any, Any] = self._collection(body, name, "its body", dict, needed) or {}
        # The fast path: one look at all types. A caller's own `loads` may make keys of any type.
        if {*map(type, values)} <= {str} and {*map(type, values.values())} <= {kind}:
            return {**values}
        items: dict[str, Any] = {}
        for key, value in values.items():
            text = str(key) if _is_small(key) else key
            if not isinstance(key, str):
                self.note(f"a key of {name} is {_type_of(key)}, not a string")
            if isinstance(text, str):
                self.expect(value, place(name, text), kind)
                items[text] = value
        return items

    def _collection(self, body: JsonObject, name: str, where: str, kind: type[T], needed: bool) -> T | None:
        if name not in body:
            return None
        value = body[name]
        return (
            checked(value, f"{name} of {where}", kind)
            if needed and value is not None
            else self.expect(value, f"{name} of {where}", kind)
        )


def checked(value: Any, where: str, kind: type[T]) -> T:
    """Return the value, which must be of this type, or else the answer is malformed; `where` names it in an error."""
    if not is_json(value, kind):
        raise MalformedResponse(f"{where} is {_type_of(value)}, not {_JSON_TYPES[kind]}")
    return value


def is_json(value: Any, kind: type[T]) -> TypeGuard[T]:
    """Return whether a value is of this type: to Python a bool is an int, to JSON it is not."""
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))


def place(name: str, key: str) -> str:
    """Return how a note names an item: by its key, whole or not at all."""
    return f"{name}[{key!r}]" if len(key) <= MAX_SHOWN else f"{name}[…]"


_JSON_TYPES: Final[Mapping[type, str]] = {
    dict: "an object",
    list: "an array",
    str: "a string",
    int: "an integer",
    float: "a number",
    bool: "a boolean",
    type(None): "nothing",
}


def _type_of(value: object) -> str:
    return _JSON_TYPES.get(type(value), f"of type {type(value).__name__}")


def _described(value: object) -> str:
    """Return the type of a value in words; with the value, if it is a short text or number."""
    is_short = _is_small(value) or (isinstance(value, str) and len(value) <= MAX_SHOWN)
    return f"{_type_of(value)} ({value!r})" if is_short else _type_of(value)


def _is_small(value: object) -> TypeGuard[int | float]:
    """Return whether a value is a number that Python can write out: it refuses those of too many digits."""
    return type(value) in {int, float} and -(10**18) < value < 10**18  # type: ignore[operator]  # it is a number


# -- what can be read of a value of another type -----------------------------------------------------------------------

_WHOLE: Final = lazy_pattern(r"-?[0-9]{1,18}")


def read_integer(value: Any) -> int | None:
    """Return a number that may be text; None for anything else."""
    if is_json(value, int):
        return value
    if isinstance(value, str):
        return int(value) if _WHOLE.fullmatch(value) else None
    # The bound keeps out infinity and NaN, and what would have a gigabyte of digits.
    is_number = isinstance(value, float) or (isinstance(value, Decimal) and value.is_finite())
    if is_number and -(10**18) < value < 10**18 and value % 1 == 0:
        return int(value)
    return None


def _text(value: Any) -> str | None:
    try:
        return body_key(value)
    except InvalidCallError:  # there is a null or a lone surrogate in it
        return None


def _boolean(value: object) -> bool | None:
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


_CONVERSIONS: Final[Mapping[type, Any]] = {int: read_integer, str: _text, bool: _boolean}
