"""Writing values: to octets in which the structure is marked, and from there to one of three forms.

The structure is marked with octets that UTF-8 never has, F8 to FD, which stand for ``( ) , : '`` and for the percent
sign of an escape. So nothing in the data can pass for structure, and a form escapes what it must in a few passes over
the whole, before the marks become the characters that they stand for. Values with the same text have the same octets,
and can be compared by them.

There are two paths to the same octets. The **fast path** writes usual values, which are not deep and of just the usual
types, as a whole: a table of writers, with loops that run in C. For all else it gives up, and the **general path**
visits the value entry by entry: it takes any depth and any subclass, and it finds the place of what cannot be written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from itertools import chain
from operator import itemgetter
from typing import Any, Final, TypeAlias

from restli_core.base_errors import InvalidCallError
from restli_core.encoding.scalars import SCALARS, TEXTS, Refused, write_scalar
from restli_core.places import Visit, Walk

__all__ = ["Encodable", "encode", "reduced_encode"]

Encodable: TypeAlias = (
    str | bool | int | float | Decimal | Enum | bytes | Sequence["Encodable"] | Mapping[str, "Encodable"]
)

_OPEN, _CLOSE, _COMMA, _COLON, _QUOTE, _PERCENT = (bytes([octet]) for octet in range(0xF8, 0xFE))
_LIST: Final = b"List" + _OPEN
_EMPTY: Final = _QUOTE + _QUOTE


def encode(value: Encodable, argument: str = "value") -> str:
    """Return the URL form of a value: for a key in a path, or a value in a query.

    Args:
        value: text, a number, a bool, an Enum (its value counts), bytes (each octet as the character of that code),
            a list or tuple, or a mapping with text keys, nested to any depth.
        argument: how an error names the value.

    Raises:
        InvalidCallError: the value, or one inside it, is of another type or None, holds a lone surrogate, contains
            itself, or is a number of more than 4,300 digits; `argument` names the place.
    """
    return url_form(mark(value, argument))


def reduced_encode(value: Encodable, argument: str = "value") -> str:
    """Return the reduced form of a value, for headers and bodies, where only ``% ( ) , : '`` are escaped.

    Arguments and errors are those of `encode`.
    """
    return reduced_form(mark(value, argument))


# -- the three forms of marked octets ----------------------------------------------------------------------------------


def url_form(octets: bytes) -> str:
    """Return the form for URLs: all but the letters, the digits and ``- _ . ~`` of ASCII is escaped."""
    if octets.isalnum():  # of ASCII, since these are octets
        return octets.decode()
    to_escape = octets.translate(None, _BARE)
    if not to_escape.isascii():
        # Run by run: the separator that `hex` puts between the octets becomes the mark of an escape.
        octets = _BEYOND_ASCII.sub(
            lambda run: _PERCENT + run[0].hex("%").upper().encode().replace(b"%", _PERCENT), octets
        )
        to_escape = _BEYOND_ASCII.sub(b"", to_escape)
    return _escape(octets, to_escape)


def reduced_form(octets: bytes) -> str:
    """Return the form for headers and bodies: only the characters of the structure are escaped."""
    return octets.decode() if octets.isalnum() else _escape(octets, b"%(),:'")


def body_form(octets: bytes) -> str:
    """Return the form for keys in bodies: a scalar is raw text, a map or list in the reduced form."""
    if octets.endswith(_CLOSE):
        return reduced_form(octets)
    return "" if octets == _EMPTY else octets.decode()


def _escape(octets: bytes, to_escape: bytes) -> str:
    """Return the text of marked octets, with these octets of ASCII escaped."""
    # One pass for each character that has to be escaped: most values have few of them. The percent sign of an escape is
    # a mark, which no later pass escapes again.
    for octet in {*to_escape}:
        octets = octets.replace(*_ESCAPES[octet])
    return octets.translate(_STRUCTURE).decode()


# From the marks to the characters that they stand for.
_STRUCTURE: Final = bytes.maketrans(bytes(range(0xF8, 0xFE)), b"(),:'%")
# What the URL form leaves as it is: the unreserved characters (RFC 3986 section 2.3), and the marks.
_BARE: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~" + bytes(range(0xF8, 0xFE))
# For each octet of ASCII, what `replace` takes: the octet and its escape.
_ESCAPES: Final = [(bytes([octet]), b"%b%02X" % (_PERCENT, octet)) for octet in range(0x80)]
_BEYOND_ASCII: Final = re.compile(rb"[\x80-\xf7]+")


# -- from values to marked octets --------------------------------------------------------------------------------------


def mark(value: object, argument: str) -> bytes:
    """Return a value in UTF-8 with its structure marked.

    Raises:
        InvalidCallError: as for `encode`.
    """
    whole = _write_whole(value, _WRITERS)
    if whole is not None:
        return whole
    value = _plain(value)
    pieces: list[bytes] = []
    walk = Walk(argument)
    try:
        walk.through(value, _visit(value, pieces))
    except Refused as refusal:
        reason = str(refusal)
    except UnicodeEncodeError:
        reason = "holds a lone surrogate, which UTF-8 cannot carry"
    else:
        return b"".join(pieces)
    raise InvalidCallError(walk.place(), reason)


def mark_each(values: Sequence[object], argument: str) -> list[bytes]:
    """Return each of the values as `mark` does. An error names it by `argument` and its index."""
    try:
        return [*_write_items(values, _WRITERS)]
    except _NOT_TAKEN:
        return [mark(value, f"{argument}[{index}]") for index, value in enumerate(values)]


def _visit(value: object, pieces: list[bytes], depth: int = 1) -> Visit:
    """Write what the fast path has not taken, entry by entry; raise what is wrong with it."""
    entries: Iterable[tuple[bytes, object, object]]  # what stands before an item, the item's key, the item
    if isinstance(value, list | tuple):
        entries = ((b"", index, item) for index, item in enumerate(value))
        pieces.append(_LIST)
    elif isinstance(value, Mapping):
        entries = _entries(value)
        pieces.append(_OPEN)
    else:
        write_scalar(value)  # raises what is wrong with a scalar: else the fast path would have taken it
        if value is None:
            raise Refused("is None, which Rest.li cannot express: leave it out")
        cure = (
            "a list"
            if isinstance(value, Iterable) and not isinstance(value, bytearray | memoryview)
            else "text, a number or the like"
        )
        raise Refused(f"is of type {type(value).__name__}, which has no encoding: give {cure}")
    # Each try of the fast path writes up to three levels before it gives up. In a value as deep as this the end is
    # hardly ever that near, so only scalars are tried.
    writers = _WRITERS if depth < MAX_FAST_DEPTH else SCALARS
    comma = b""
    for prefix, key, item in entries:
        pieces.append(comma + prefix)
        comma = _COMMA
        piece = _write_whole(item, writers)
        if piece is None:
            plain = _plain(item)
            yield key, plain, _visit(plain, pieces, depth + 1)
        else:
            pieces.append(piece)
    pieces.append(_CLOSE)


MAX_FAST_DEPTH: Final = 20


def _entries(fields: Mapping[object, object]) -> list[tuple[bytes, object, object]]:
    """Return the entries of a map in the order in which they are written: each with its name, its key and its value."""
    named: dict[str, tuple[object, object]] = {}
    for key, item in fields.items():
        name = _plain(key)
        if not isinstance(name, str):
            raise Refused(f"has a key of type {type(name).__name__}: map keys must be text")
        named[str.__str__(name)] = key, item  # of a subclass the text alone
    if len(named) < len(fields):
        raise Refused("has two keys that stand for the same name")
    return [((name.encode() or _EMPTY) + _COLON, *named[name]) for name in _in_order(named)]


def _plain(value: object) -> object:
    """Return the value that an Enum stands for, or the value itself."""
    while isinstance(value, Enum):
        value = value.value
    return value


def _in_order(names: Iterable[str]) -> list[str]:
    """Return the names of a map in the order in which they are written."""
    # Java sorts by UTF-16 code units: a character beyond U+FFFF comes before U+E000. In ASCII the two orders are one.
    return sorted(names) if "".join(names).isascii() else sorted(names, key=lambda name: name.encode("utf-16-be"))


# -- the fast path -----------------------------------------------------------------------------------------------------

_Writers: TypeAlias = Mapping[type, Callable[[Any], bytes]]


def _write_whole(value: object, writers: _Writers) -> bytes | None:
    """Return a value written as a whole; None where the general path must take it, or find out what is wrong."""
    try:
        write = writers.get(type(value))
        if write is not None:
            return write(value) or _EMPTY
        # A container without a writer goes to the general path; all else may be an Enum, or of a scalar's subclass.
        octets = None if isinstance(value, (dict, list, tuple)) else write_scalar(_plain(value))
    except _NOT_TAKEN:
        return None
    return octets if octets is None else octets or _EMPTY


# By which a writer of the fast path gives up: at an item or name of another type (KeyError, TypeError), a lone
# surrogate, a number with too many digits.
_NOT_TAKEN: Final = (KeyError, TypeError, UnicodeEncodeError, Refused)


def _writers_of_containers(inner: _Writers) -> _Writers:
    """Return the writers of containers whose items the inner writers write. They raise one of _NOT_TAKEN."""

    def write_list(items: Sequence[object]) -> bytes:
        return _LIST + _COMMA.join(_write_items(items, inner)) + _CLOSE

    def write_map(fields: Mapping[str, object]) -> bytes:
        entries = [
            (_NAMES[type(name)](name) or _EMPTY) + _COLON + (inner[type(item := fields[name])](item) or _EMPTY)
            for name in _in_order(fields)
        ]
        return _OPEN + _COMMA.join(entries) + _CLOSE

    return {dict: write_map, list: write_list, tuple: write_list}


def _write_items(items: Sequence[Any], writers: _Writers) -> Iterable[bytes]:
    """Return each item as written by the writer of its type; raise one of _NOT_TAKEN."""
    kinds = {*map(type, items)}
    if kinds <= TEXTS and all(items):
        return map(str.encode, items)
    if kinds == {dict} and dict in writers:
        layouts = {*map(tuple, items)}
        if len(layouts) == 1 and () not in layouts and {*map(type, chain.from_iterable(items))} <= TEXTS:
            # Maps of the same names, as complex keys mostly are: column by column, and then row by row into a pattern.
            # Their items must be scalars.
            names = _in_order(items[0])
            fields = [(name.encode() or _EMPTY).replace(b"%", b"%%") + _COLON + b"%b" for name in names]
            columns = [_write_items([*map(itemgetter(name), items)], SCALARS) for name in names]
            return map((_OPEN + _COMMA.join(fields) + _CLOSE).__mod__, zip(*columns, strict=True))
    return [writers[type(item)](item) or _EMPTY for item in items]


_NAMES: Final = {kind: SCALARS[kind] for kind in TEXTS}

# Exactly these types, without subclasses; containers of up to three levels.
_WRITERS: Final = {
    **SCALARS,
    **_writers_of_containers({**SCALARS, **_writers_of_containers({**SCALARS, **_writers_of_containers(SCALARS)})}),
}
