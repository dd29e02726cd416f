"""Writing values: to octets in which the structure is marked, and from there to one of three forms.

Marks are control characters of ASCII::

    1 (     2 )     3 ,     4 :     5 '     6 % of an escape     7 between values that are written together

Where the data has one of these itself, an octet that UTF-8 never has stands for it, F9 to FF. So nothing in the data
can pass for structure, and a form escapes what it must in a few passes over the whole, before the marks become the
characters that they stand for. Values with the same text have the same octets, and can be compared by them.

There are two paths to the same octets. The **fast path** takes what is usual: the usual types, not deep. It writes one
text, and counts the marks that it puts there: if the text has more of them, the data has some. Whatever is unusual or
wrong it leaves to the **general path**, which goes through the value entry by entry: it takes any depth and any
subclass, and finds the place of what cannot be written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from enum import Enum
from itertools import chain
from operator import itemgetter
from typing import Any, Final, TypeAlias

from restli_core.base_errors import InvalidCallError
from restli_core.encoding.scalars import Refused, scalar_text
from restli_core.places import format_place
from restli_core.urn import Urn

__all__ = ["Encodable", "encode", "reduced_encode"]

Encodable: TypeAlias = (
    str | bool | int | float | Decimal | Enum | bytes | Sequence["Encodable"] | Mapping[str, "Encodable"]
)


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
    if type(value) is str:
        if value.isalnum() and value.isascii():
            return value
    elif type(value) is int and -_SHORT < value < _SHORT:
        return str(value)
    return _escape_odd(*_mark(value, argument))


_SHORT: Final = 10**18  # most numbers are nearer to 0, and none of these has more digits than Python converts


def encode_entry(value: Encodable, argument: str, name: str) -> str:
    """Return what `encode` does. An error names the value as the entry of this name, of a mapping that is an argument.

    So the text that names it, which costs half as much as a number to encode, is made for an error alone.
    """
    try:
        return encode(value)
    except InvalidCallError:
        pass  # the same error comes below, without this one as its context
    return encode(value, f"{argument}[{name!r}]")


def encode_texts(texts: Sequence[str], argument: str) -> str:
    """Return what `encode` does for a list of texts, without a look at each of them.

    Args:
        texts: texts, none of them empty, and none of a type that stands for something else than its text.
        argument: how an error names the list.
    """
    octets, odd = b"", None
    with suppress(UnicodeEncodeError):
        octets = f"List\x01{_COMMA_TEXT.join(texts)}\x02".encode()
        odd = _odd(octets, len(texts) + 1)
    return encode(texts, argument) if odd is None else _escape_odd(octets, odd)


def _escape_odd(octets: bytes, odd: bytes) -> str:
    """Return the text of marked octets in the URL form; `odd`: those that it escapes, as often as they come."""
    if 4 * len(odd) < len(octets) + 100:
        return _escape(octets, odd)
    # Three planes, and a third of each escape in each of them. NUL stands for nothing.
    planes = bytearray(3 * len(octets))
    for number, table in enumerate(_PLANES):
        planes[number::3] = octets.translate(table)
    return planes.translate(None, b"\0").decode()


def reduced_encode(value: Encodable, argument: str = "value") -> str:
    """Return the reduced form of a value, for headers and bodies, where only ``% ( ) , : '`` are escaped.

    Arguments and errors are those of `encode`.
    """
    return _escape(_mark(value, argument)[0], _RESERVED)


def body_encode(value: Encodable, argument: str = "value") -> str:
    """Return the form for keys in bodies: a scalar is raw text, a map or list in the reduced form.

    Arguments and errors are those of `encode`.
    """
    octets, _ = _mark(value, argument)
    return "" if octets == _EMPTY else _escape(octets, _RESERVED if octets.endswith(_CLOSE) else b"")


def body_encode_each(values: Sequence[Encodable], argument: str) -> list[str]:
    """Return each of the values as `body_encode` does. An error names it by `argument` and its index."""
    together = _mark_together(values)
    if together is not None:
        # All in one pass, where all are complex, or all simple.
        if together.count(_CLOSE + _BETWEEN) == len(values) - 1 and together.endswith(_CLOSE):
            return _escape(together, _RESERVED).split("\x07")
        if _CLOSE not in together:
            return together.replace(_EMPTY, b"").decode().split("\x07")
    return [body_encode(value, f"{argument}[{index}]") for index, value in enumerate(values)]


def _escape(octets: bytes, to_escape: bytes) -> str:
    """Return the text of marked octets, with these octets escaped."""
    # One pass for each octet that has to be escaped: most values have few of them. The percent sign of an escape is a
    # mark, which no later pass escapes again.
    while to_escape:
        octet, escape = _ESCAPES[to_escape[0]]
        octets = octets.replace(octet, escape)
        to_escape = to_escape.translate(None, octet)
    return octets.translate(_SHOW).decode()


# -- marked octets -----------------------------------------------------------------------------------------------------

_MARKS: Final = bytes(range(1, 8))
_OPEN, _CLOSE, _COMMA, _COLON, _QUOTE, _PERCENT, _BETWEEN = (bytes([octet]) for octet in _MARKS)
_LIST: Final = b"List" + _OPEN
_EMPTY: Final = _QUOTE + _QUOTE

# What stands in marked octets for the control characters of the data that would be marks.
_HIDDEN: Final = bytes(range(0xF9, 0x100))
_HIDE: Final = bytes.maketrans(_MARKS, _HIDDEN)
# From marked octets to the characters that they stand for.
_SHOW: Final = bytes.maketrans(_MARKS[:6] + _HIDDEN, b"(),:'%" + _MARKS)

# What the URL form leaves as it is: the unreserved characters (RFC 3986 section 2.3).
_BARE: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~"
_UP_TO_FFFF: Final = bytes(range(0xF0))  # the octets of which UTF-8 writes these characters
# What the reduced form escapes.
_RESERVED: Final = b"%(),:'"
# For each octet, what `replace` takes: the octet and its escape.
_ESCAPES: Final = [
    (bytes([octet]), b"%b%02X" % (_PERCENT, _SHOW[octet] if octet in _HIDDEN else octet)) for octet in range(0x100)
]
# For each octet, the three octets that it becomes, of which NUL is none.
_BECOMES: Final = [
    bytes([_SHOW[octet], 0, 0]) if octet in _BARE + _MARKS else b"%" + _ESCAPES[octet][1][1:] for octet in range(0x100)
]
_PLANES: Final = [bytes(octets[number] for octets in _BECOMES) for number in range(3)]


def mark_each(values: Sequence[object], argument: str) -> list[bytes]:
    """Return each of the values in marked octets. An error names it by `argument` and its index."""
    together = _mark_together(values)
    if together is not None:
        return together.split(_BETWEEN)
    return [_mark(value, f"{argument}[{index}]")[0] for index, value in enumerate(values)]


def _mark_together(values: Sequence[object]) -> bytes | None:
    """Return the values in marked octets, with a mark between them; None where the fast path does not take them."""
    if not values:
        return None
    tally = [len(values) - 1]
    try:
        octets = _items_text(values, "\x07", tally, MAX_FAST_DEPTH).encode()
    except Exception:  # noqa: BLE001 - see _mark
        return None
    return None if _odd(octets, tally[0]) is None else octets


def _mark(value: object, argument: str) -> tuple[bytes, bytes]:
    """Return a value in marked octets, and those of them that the URL form escapes, as often as they come.

    Raises:
        InvalidCallError: as for `encode`.
    """
    tally = [0]
    try:
        octets = _text(value, tally, MAX_FAST_DEPTH).encode()
        odd = _odd(octets, tally[0])
    except Exception:  # noqa: BLE001 - whatever it is, the general path finds it out
        octets, odd = b"", None
    if odd is None:
        octets = _write(value, argument)
        odd = octets.translate(None, _BARE + _MARKS)
    return octets, odd


def _odd(octets: bytes, marks: int) -> bytes | None:
    """Return those of marked octets that the URL form escapes; None where the data has marks or names out of order.

    Args:
        octets: the octets that the fast path has written.
        marks: how many marks it has put there.
    """
    marks_and_odd = octets.translate(None, _BARE)
    odd = marks_and_odd.translate(None, _MARKS)
    if len(marks_and_odd) - len(odd) != marks:
        return None
    # Beyond U+FFFF the order of names is another.
    return odd if odd.isascii() or not odd.translate(None, _UP_TO_FFFF) else None


# -- the fast path -----------------------------------------------------------------------------------------------------

# Each function returns a text with marks and adds their number to the tally. It raises whatever it likes where it does
# not take a value: unusual types, more levels than there is room for, anything that is wrong. The marks are written
# out, since these few lines are most of what encoding costs.

MAX_FAST_DEPTH: Final = 16


def _text(value: Any, tally: list[int], room: int) -> str:
    """Return the text of a value."""
    kind = type(value)
    if kind is dict:
        return _map_text(value, tally, room)
    if kind is list or kind is tuple:
        tally[0] += len(value) + 1 if value else 2
        return f"List\x01{_items_text(value, _COMMA_TEXT, tally, room)}\x02"
    if kind is bool:
        return "true" if value else "false"
    text = scalar_text(_plain(value))
    if text is None:
        raise Refused("is not of the usual types")
    if not text:
        tally[0] += 2
        return "\x05\x05"
    return text


def _map_text(fields: dict[Any, Any], tally: list[int], room: int) -> str:
    """Return the text of a map."""
    if not room:
        raise Refused("is too deep")
    names = [*fields]
    names.sort()
    entries = []
    for name in names:
        if type(name) is not str or not name:
            raise Refused("has a name that is not of the usual type")
        item = fields[name]
        kind = type(item)
        if (kind is not str or not item) and kind is not int:
            item = _map_text(item, tally, room - 1) if kind is dict else _text(item, tally, room - 1)
        entries.append(f"{name}\x04{item}")
    tally[0] += 2 * len(names) + 1 if names else 2
    joined = "\x03".join(entries)
    return f"\x01{joined}\x02"


def _items_text(items: Sequence[Any], separator: str, tally: list[int], room: int) -> str:
    """Return the texts of several values, with a separator between them, which is not counted."""
    if not room:
        raise Refused("is too deep")
    if len(items) >= MIN_TOGETHER:
        items = tuple(items)  # several looks at them, between which another thread may change a list
        kinds = {*map(type, items)}
        if kinds <= _TEXTS and all(items):
            return separator.join(items)
        if kinds == _JUST_INTS:
            return (f"%d{separator}" * len(items))[:-1] % items  # two thirds of what a `str` for each costs
        if kinds == _JUST_MAPS and {*map(len, items)} == {len(items[0])} != {0}:
            with suppress(KeyError):  # their names are not the same
                return _rows_text(items, separator, tally, room)
    texts = []
    for item in items:
        kind = type(item)
        if (kind is not str or not item) and kind is not int:
            texts.append(_text(item, tally, room - 1))
        else:
            texts.append(item if kind is str else str(item))
    return separator.join(texts)


# From this size on, a look at all the items pays.
MIN_TOGETHER: Final = 8
_COMMA_TEXT: Final = "\x03"
_JUST_TEXT: Final = {str}
_TEXTS: Final = {str, Urn}
_JUST_INTS: Final = {int}
_JUST_MAPS: Final = {dict}


def _rows_text(rows: Sequence[dict[Any, Any]], separator: str, tally: list[int], room: int) -> str:
    """Return the texts of maps that have the same names, as complex keys mostly are: column by column.

    Raises:
        KeyError: they have not.
    """
    names = sorted(rows[0])
    columns = [[*map(itemgetter(name), rows)] for name in names]
    if {*map(type, chain.from_iterable(rows))} != _JUST_TEXT or not names[0]:
        raise Refused("has a name that is not of the usual type")
    # The pieces of each row: what stands before a value, the value, and so on. The values are put in afterwards.
    pieces = [f"\x03{name}\x04" for name in names for _ in range(2)]
    pieces[0] = f"\x02{separator}\x01{names[0]}\x04"
    width = len(pieces)
    pieces *= len(rows)
    for number, column in enumerate(columns):
        are_plain = {*map(type, column)} <= _TEXTS and all(column)
        pieces[2 * number + 1 :: width] = column if are_plain else [_text(item, tally, room - 1) for item in column]
    tally[0] += (width + 1) * len(rows)
    return "".join(pieces)[2:] + "\x02"


# -- the general path --------------------------------------------------------------------------------------------------


def _write(value: object, argument: str) -> bytes:
    """Return a value in marked octets.

    Raises:
        InvalidCallError: as for `encode`.
    """
    pieces: list[bytes] = []
    # What is still to write, the next value last, and what stands before each of them.
    todo: list[object] = [value]
    before = [b""]
    # The containers that are being written, the outermost first, and how many values are still to write when each is
    # done. These are plain lists, since Python's stack is not deep enough, and the garbage collector would go through
    # an object for each level again and again.
    around: list[Any] = []
    ends: list[int] = []
    ids: set[int] = set()  # those of `around`
    try:
        while todo:
            item = _plain(todo.pop())
            pieces.append(before.pop())
            text = None if isinstance(item, (dict, list, tuple)) else scalar_text(item)
            if text is None:
                if id(item) in ids:
                    raise Refused("contains itself")  # noqa: TRY301 - the place is found below
                opening, prefixes, items = _entries(item)
                pieces.append(opening)
                ids.add(id(item))
                around.append(item)
                ends.append(len(todo))
                todo += reversed(items)
                before += reversed(prefixes)
            else:
                pieces.append(_octets(text))
            while ends and len(todo) == ends[-1]:
                pieces.append(_CLOSE)
                ids.remove(id(around.pop()))
                ends.pop()
    except Refused as refusal:
        reason = str(refusal)
    except UnicodeEncodeError:
        reason = "holds a lone surrogate, which UTF-8 cannot carry"
    else:
        return b"".join(pieces)
    left = (later - end for end, later in zip(ends, [*ends[1:], len(todo)], strict=True))
    raise InvalidCallError(format_place(argument, map(_key, around, left)), reason)


def _octets(text: str) -> bytes:
    """Return a text of the data in marked octets."""
    return text.encode().translate(_HIDE) or _EMPTY


def _entries(value: object) -> tuple[bytes, list[bytes], Sequence[object]]:
    """Return how a container begins, what stands before each of its items, and the items.

    Raises:
        Refused: it is not a container, or has names that cannot be written.
        UnicodeEncodeError: a name has a lone surrogate.
    """
    if isinstance(value, (list, tuple)):
        items = [*value]
        return _LIST, [b"", *[_COMMA] * (len(items) - 1)][: len(items)], items
    if isinstance(value, Mapping):
        named = _named(value)
        prefixes = [_COMMA + _octets(name) + _COLON for name in named]
        prefixes[:1] = [prefix[1:] for prefix in prefixes[:1]]
        return _OPEN, prefixes, [item for _, item in named.values()]
    if value is None:
        raise Refused("is None, which Rest.li cannot express: leave it out")
    cure = (
        "a list"
        if isinstance(value, Iterable) and not isinstance(value, bytearray | memoryview)
        else "text, a number or the like"
    )
    raise Refused(f"is of type {type(value).__name__}, which has no encoding: give {cure}")


def _named(fields: Mapping[object, object]) -> dict[str, tuple[object, object]]:
    """Return the entries of a map by their names, in the order in which they are written: each key and its value."""
    named: dict[str, tuple[object, object]] = {}
    for key, item in fields.items():
        name = _plain(key)
        if not isinstance(name, str):
            raise Refused(f"has a key of type {type(name).__name__}: map keys must be text")
        named[str.__str__(name)] = key, item  # of a subclass the text alone
    if len(named) < len(fields):
        raise Refused("has two keys that stand for the same name")
    # Java sorts by UTF-16 code units: a character beyond U+FFFF comes before U+E000.
    return {name: named[name] for name in sorted(named, key=lambda name: name.encode("utf-16-be"))}


def _key(container: Any, left: int) -> object:
    """Return the key or index of the item of a container after which so many are left."""
    if isinstance(container, (list, tuple)):
        return len([*container]) - left - 1
    return [*_named(container).values()][-left - 1][0]


def _plain(value: object) -> object:
    """Return the value that an Enum stands for, or the value itself."""
    while isinstance(value, Enum):
        value = value.value
    return value
