"""Rest.li's grammar for values in URLs, headers and the keys of batch bodies (protocol 2.0.0).

    element = map / list / text
    map     = "(" [ name ":" element *( "," name ":" element ) ] ")"       names in order of their UTF-16 code units
    list    = "List(" [ element *( "," element ) ] ")"
    text    = "''" / 1*char                                                "''" is the empty string
    char    = any but "(" ")" "," ":" "'" "%", or "%" HEX HEX              an escape is one octet of UTF-8

Everything is text: a number is written as Java writes it, and comes back as its digits. The URL form escapes all but
A-Z a-z 0-9 - _ . ~, more than a server needs and harmless to it, since such a URL passes every HTTP library untouched.
The reduced form, of headers and bodies, escapes only ``% ( ) , : '``.

How LinkedIn's Java code does it: URIParamUtils.encodeElement, URIElementParser.parse, UriComponent.decodeQuery.
"""

from __future__ import annotations

import math
import re
from binascii import a2b_qp
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from itertools import chain
from operator import itemgetter
from typing import Any, Final, TypeAlias, TypeVar
from urllib.parse import unquote

from restli_core.base_errors import DecodeError, InvalidCallError
from restli_core.projection import format_projection
from restli_core.urn import Urn

__all__ = [
    "Decoded",
    "Encodable",
    "body_key",
    "decode",
    "decode_path_key",
    "encode",
    "param_decode",
    "param_encode",
    "reduced_decode",
    "reduced_encode",
]

T = TypeVar("T")

Encodable: TypeAlias = (
    str | bool | int | float | Decimal | Enum | bytes | Sequence["Encodable"] | Mapping[str, "Encodable"]
)
Decoded: TypeAlias = str | list["Decoded"] | dict[str, "Decoded"]

PROJECTIONS: Final = frozenset({"fields", "metadataFields", "pagingFields"})

# Encoding goes through bytes: UTF-8 never has the octets F8 to FD, so they can stand for structure until all that is
# data has been escaped, and nothing in the data can pass for structure, nor for the percent sign of an escape.
_OPEN, _CLOSE, _COMMA, _COLON, _QUOTE, _PERCENT = (bytes([octet]) for octet in range(0xF8, 0xFE))
_STRUCTURE: Final = bytes.maketrans(bytes(range(0xF8, 0xFE)), b"(),:'%")
_BARE: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~" + bytes(range(0xF8, 0xFE))
_EMPTY: Final = _QUOTE + _QUOTE
_LIST: Final = b"List" + _OPEN
_SHOWN_PLACE: Final = 200


def encode(value: Encodable, argument: str = "value") -> str:
    """The URL form of a value: for a key in a path, or a value in a query.

    Args:
        value: text, a number, a bool, an Enum (its value counts), bytes (each octet as the character of that code),
            a list or tuple, or a mapping with text keys, nested to any depth.
        argument: how an error names the value.

    Raises:
        InvalidCallError: the value, or one inside it, is of another type or None, holds a lone surrogate, contains
            itself, or is a number of more than 4,300 digits; `argument` names the place.
    """
    return _url_text(_marked(value, argument))


def reduced_encode(value: Encodable, argument: str = "value") -> str:
    """The reduced form of a value, for headers and bodies: only ``% ( ) , : '`` are escaped. Else as `encode`."""
    return _reduced_text(_marked(value, argument))


def param_encode(params: Mapping[str, Encodable | None], argument: str = "query_params") -> str:
    """A query, without its question mark, sorted by name; empty for no parameters.

    A parameter that is None is left out. An empty name is written ``''``, which a server reads as these two characters.
    `fields`, `metadataFields` and `pagingFields` are projections: text, a
    sequence or a nested mapping, sent raw, since servers do not decode them (URIParamUtils.java:69-83).

    Raises:
        InvalidCallError: as for `encode`, or a projection that cannot be sent raw.
    """
    return "&".join(f"{name}={value}" for name, value in sorted(encoded_params(params, argument)))


def encoded_params(params: Mapping[str, Encodable | None], argument: str) -> Iterator[tuple[str, str]]:
    """The names and values of a query, each encoded; those that are None left out."""
    if not isinstance(params, Mapping):
        raise InvalidCallError(argument, f"must be a mapping, not {type(params).__name__}")
    for name, value in params.items():
        if not isinstance(name, str):
            raise InvalidCallError(argument, f"names must be text, not {type(name).__name__}")
        if value is not None:
            place = f"{argument}[{name!r}]"
            yield encode(name, place), _encoded_param(name, value, place)


def _encoded_param(name: str, value: Any, place: str) -> str:
    return format_projection(value, place) if name in PROJECTIONS else encode(value, place)


def body_key(key: Encodable, argument: str = "key") -> str:
    """A key as the body of a batch call has it: a simple key is raw text, a complex one its reduced form.

    (URIParamUtils.encodeKeyForBody; a complex key keeps its ``$params``.)
    """
    return _body_text(_marked(key, argument))


def body_keys(keys: Sequence[Encodable], argument: str) -> list[str]:
    """Each key as in `body_key`. An error names it by `argument` and its index."""
    return [*map(_body_text, _marked_each(keys, argument))]


def distinct(values: Sequence[T], argument: str) -> list[T]:
    """The values without repetition, in the order in which they come first; of those that `encode` alike, the last."""
    return [*dict(zip(_marked_each(values, argument), values, strict=True)).values()]


def _url_text(marked: bytes) -> str:
    if marked.isalnum():
        return marked.decode()
    needy = marked.translate(None, _BARE)
    if not needy.isascii():
        marked, needy = _BEYOND_ASCII.sub(_escaped_run, marked), _BEYOND_ASCII.sub(b"", needy)
    return _escaped(marked, needy).translate(_STRUCTURE).decode()


def _reduced_text(marked: bytes) -> str:
    return marked.decode() if marked.isalnum() else _escaped(marked, b"%(),:'").translate(_STRUCTURE).decode()


def _body_text(marked: bytes) -> str:
    if marked.endswith(_CLOSE):
        return _reduced_text(marked)
    return "" if marked == _EMPTY else marked.decode()


def _escaped(marked: bytes, needy: bytes) -> bytes:
    """Escapes these ASCII characters, in one pass for each that is another."""
    for octet in {*needy}:
        marked = marked.replace(*_ESCAPES[octet])
    return marked


def _escaped_run(run: re.Match[bytes]) -> bytes:
    return _PERCENT + run[0].hex("%").upper().encode().replace(b"%", _PERCENT)


_ESCAPES: Final = [(bytes([octet]), b"%b%02X" % (_PERCENT, octet)) for octet in range(0x80)]
_BEYOND_ASCII: Final = re.compile(rb"[\x80-\xf7]+")


class _Refused(Exception):
    """Why a value cannot be encoded; where it stands is known further up."""


# -- the plain way to write a value: entry by entry --------------------------------------------------------------------


class _Frame:
    """A container that is being written: its entries to come, and the place of the one at hand."""

    __slots__ = ("container", "entries", "opening", "place")

    def __init__(self, container: object, entries: Iterable[_Entry], opening: bytes = b"") -> None:
        self.container = container
        self.entries = iter(entries)
        self.opening = opening
        self.place: object = None


_Entry: TypeAlias = tuple[bytes, object, object]  # what stands before the value, the value's place, the value


def _marked(value: object, argument: str) -> bytes:
    """The value in UTF-8, its structure marked."""
    frames: list[_Frame] = []
    try:
        whole = _whole(value)
        return b"".join(_pieces(value, frames)) if whole is None else whole
    except _Refused as refusal:
        reason = str(refusal)
    except UnicodeEncodeError:
        reason = "holds a lone surrogate, which UTF-8 cannot carry"
    raise InvalidCallError(_place(argument, frames), reason)


def _marked_each(values: Sequence[object], argument: str) -> list[bytes]:
    try:
        return [*_items(values, _ANY)]
    except _NOT_TAKEN:
        return [_marked(value, f"{argument}[{index}]") for index, value in enumerate(values)]


def _pieces(value: object, frames: list[_Frame]) -> Iterator[bytes]:
    # Frames, not recursion: Python's own stack ends at a thousand levels.
    enclosing: set[int] = set()
    frames.append(_opened(value, enclosing))
    yield frames[-1].opening
    while frames:
        frame = frames[-1]
        for prefix, place, item in frame.entries:
            frame.place = place
            piece = _whole(item) if len(frames) < _USUAL_DEPTH else _scalar(item)
            if piece is None:
                frames.append(_opened(item, enclosing))
                yield prefix + frames[-1].opening
                break
            yield prefix + piece
        else:
            enclosing.remove(id(frames.pop().container))
            yield _CLOSE


_USUAL_DEPTH: Final = 20  # what goes deeper has no end so near that the quick way could reach it


def _place(argument: str, frames: list[_Frame]) -> str:
    place = argument + "".join(f"[{frame.place!r}]" for frame in frames if frame.place is not None)
    half = _SHOWN_PLACE // 2
    return place if len(place) <= _SHOWN_PLACE else f"{place[:half]}…{place[1 - half :]}"


def _opened(value: object, enclosing: set[int]) -> _Frame:
    value = _plain(value)
    if id(value) in enclosing:
        raise _Refused("contains itself")
    enclosing.add(id(value))
    if isinstance(value, list | tuple):
        return _Frame(value, _list_entries(value), _LIST)
    if isinstance(value, Mapping):
        return _Frame(value, _map_entries(value), _OPEN)
    if value is None:
        raise _Refused("is None, which Rest.li cannot say: leave it out")
    raise _Refused(f"is of type {type(value).__name__}, which has no encoding: give text, a number or the like")


def _list_entries(items: Sequence[object]) -> Iterator[_Entry]:
    return ((_COMMA if index else b"", index, item) for index, item in enumerate(items))


def _map_entries(items: Mapping[object, object]) -> Iterator[_Entry]:
    named = {_name(key): (key, value) for key, value in items.items()}
    if len(named) < len(items):
        raise _Refused("has two keys that stand for the same name")
    names = _in_order(named)
    prefixes = [(name.encode() or _EMPTY) + _COLON for name in names]
    return ((_COMMA * (index > 0) + prefix, *named[names[index]]) for index, prefix in enumerate(prefixes))


def _name(key: object) -> str:
    name = _plain(key)
    if not isinstance(name, str):
        raise _Refused(f"has a key of type {type(name).__name__}: map keys must be text")
    return name


def _in_order(names: Iterable[str]) -> list[str]:
    return sorted(names) if "".join(names).isascii() else sorted(names, key=_utf16)


def _utf16(name: str) -> bytes:
    # Java sorts by UTF-16 code units: a character beyond U+FFFF comes before U+E000.
    return name.encode("utf-16-be")


def _plain(value: object) -> object:
    while isinstance(value, Enum):
        value = value.value
    return value


# -- scalars -----------------------------------------------------------------------------------------------------------


def _scalar(value: object) -> bytes | None:
    """A scalar's octets; None for what is no scalar."""
    kind = type(value)
    if kind in _SCALARS:
        return _SCALARS[kind](value) or _EMPTY
    return None if kind in _CONTAINERS else _inherited_scalar(_plain(value))


def _inherited_scalar(value: object) -> bytes | None:
    return next((write(value) or _EMPTY for kind, write in _SCALARS.items() if isinstance(value, kind)), None)


def _write_bool(value: bool) -> bytes:
    return b"true" if value else b"false"


def _write_int(value: int) -> bytes:
    try:
        return b"%d" % value
    except ValueError:
        raise _Refused("is an int of more digits than Python converts to text") from None


def _write_float(value: float) -> bytes:
    """As Double.toString: plain from 0.001 up to 10,000,000, else d.dE[-]n; Python's digits, the fewest that do."""
    text = float.__repr__(value)
    if not math.isfinite(value):
        return _NOT_FINITE[text]
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return text.encode()
    mantissa, _, exponent = text.lstrip("-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    power = int(exponent or 0) + len(digits) - len(fraction) - 1
    significant = digits.rstrip("0")
    return f"{'-' * (value < 0)}{significant[0]}.{significant[1:] or '0'}E{power}".encode()


_NOT_FINITE: Final = {"nan": b"NaN", "inf": b"Infinity", "-inf": b"-Infinity"}


def _write_decimal(value: Decimal) -> bytes:
    if not value.is_finite():
        return _NOT_FINITE["nan" if value.is_nan() else "inf" if value > 0 else "-inf"]
    _, digits, exponent = value.as_tuple()
    if not -_MOST_DIGITS < int(exponent) <= _MOST_DIGITS - len(digits):
        raise _Refused(f"is a Decimal that takes more than {_MOST_DIGITS} digits")
    return format(value, "f").encode()


_MOST_DIGITS: Final = 4300  # Python's own limit for int (sys.int_info.default_max_str_digits)


def _write_bytes(value: bytes) -> bytes:
    # Rest.li's "Avro string": each octet is the character of that code (D/Data.java:1104).
    return value.decode("latin-1").encode()


_Writers: TypeAlias = dict[type, Callable[[Any], bytes]]

_NAMES: Final[_Writers] = {str: str.encode, Urn: str.encode}
_SCALARS: Final[_Writers] = {
    **_NAMES,
    bool: _write_bool,
    int: _write_int,
    float: _write_float,
    Decimal: _write_decimal,
    bytes: _write_bytes,
}


# -- the quick way to write a value: as a whole ------------------------------------------------------------------------

# It takes these very types, no subclasses, and containers of three levels: beyond that and for whatever else it raises
# any of _NOT_TAKEN, and the plain way takes over. That also finds the place of what cannot be written at all.
_NOT_TAKEN: Final = (KeyError, TypeError, UnicodeEncodeError, _Refused)


def _whole(value: object) -> bytes | None:
    """A scalar, or a container as a whole; None for one that must be written entry by entry."""
    write = _CONTAINERS.get(type(value))
    if write is None:
        return _scalar(value)
    try:
        return write(value)
    except _NOT_TAKEN:
        return None


def _containers_of(inner: _Writers) -> _Writers:
    """The writers of containers of what the inner writers write."""

    def write_list(items: Sequence[object]) -> bytes:
        return _LIST + _COMMA.join(_items(items, inner)) + _CLOSE

    def write_map(items: Mapping[str, object]) -> bytes:
        entries = [
            (_NAMES[type(name)](name) or _EMPTY) + _COLON + (inner[type(item := items[name])](item) or _EMPTY)
            for name in _in_order(items)
        ]
        return _OPEN + _COMMA.join(entries) + _CLOSE

    return {dict: write_map, list: write_list, tuple: write_list}


def _items(items: Sequence[Any], writers: _Writers) -> Iterable[bytes]:
    kinds = {*map(type, items)}
    if kinds <= _TEXTS and all(items):
        return map(str.encode, items)
    if kinds <= _MAPS and dict in writers and _are_alike(items):
        return _rows(items)
    return [writers[type(item)](item) or _EMPTY for item in items]


def _are_alike(maps: Sequence[Mapping[Any, object]]) -> bool:
    names = {*map(tuple, maps)}
    return len(names) == 1 and () not in names and {*map(type, chain.from_iterable(maps))} <= _TEXTS


def _rows(maps: Sequence[Mapping[str, object]]) -> Iterable[bytes]:
    """Maps of the same names, as complex keys mostly are, column by column; their items must be scalars."""
    names = _in_order(maps[0])
    fields = [(name.encode() or _EMPTY).replace(b"%", b"%%") + _COLON + b"%b" for name in names]
    columns = [_items([*map(itemgetter(name), maps)], _SCALARS) for name in names]
    return map((_OPEN + _COMMA.join(fields) + _CLOSE).__mod__, zip(*columns, strict=True))


_TEXTS: Final = frozenset(_NAMES)
_MAPS: Final = frozenset({dict})
_CONTAINERS: Final = _containers_of(_SCALARS | _containers_of(_SCALARS | _containers_of(_SCALARS)))
_ANY: Final = _SCALARS | _CONTAINERS


# -- reading -----------------------------------------------------------------------------------------------------------


def decode(text: str) -> Decoded:
    """The value of an element, in the URL form or the reduced one: text, a list or a dict, their leaves text.

    Raises:
        DecodeError: the text is not an element of the grammar, or has a malformed percent-escape.
    """
    return text if text.isalnum() else _element(text)


def reduced_decode(text: str) -> Decoded:
    """The value of an element in its reduced form: `decode` reads it too, since the grammar is one."""
    return decode(text)


def decode_path_key(text: str) -> str:
    """A simple key as a server reads it from a path segment: percent-decoded and nothing else.

    So ``''`` stays two characters, and ``(a:b)`` is text (ArgumentUtils.java:434-437).

    Raises:
        DecodeError: a malformed percent-escape.
    """
    _check_escapes(text)
    return _unescaped(text)


def param_decode(query: str) -> dict[str, Decoded]:
    """The parameters of a query, as a Rest.li server reads them; the values of the three projections stay as sent.

    Names are form-decoded (``+`` is a space), values are not (``+`` is a plus). Pieces that are empty or have no name
    count for nothing (UriComponent.decodeQuery, URIParamUtils.parseUriParams).

    Raises:
        DecodeError: a name comes twice, a value is missing or empty, or anything in it is malformed.
    """
    params: dict[str, Decoded] = {}
    start = 0
    for piece in query.split("&"):
        try:
            _read_param(piece, params)
        except DecodeError as error:
            raise DecodeError(query, start + error.position, error.reason) from None
        start += len(piece) + 1
    return params


def _read_param(piece: str, params: dict[str, Decoded]) -> None:
    encoded_name, equals, value = piece.partition("=")
    name = decode_path_key(encoded_name.replace("+", " "))
    if name in params:
        raise DecodeError(piece, 0, f"the parameter {name!r} comes twice")
    try:
        if name:
            params[name] = value if name in PROJECTIONS else decode(value)
    except DecodeError as error:
        raise DecodeError(piece, len(encoded_name + equals) + error.position, error.reason) from None


_MARK: Final = re.compile(r"[(),:]")
_END: Final = "."

# What is wanted next, as an error says it; and what is wanted behind it.
_ELEMENT: Final = "an element"
_NAME: Final = "a name"
_MORE: Final = "',' or ')'"
_BEHIND: Final = {_ELEMENT: _MORE, _NAME: "':'"}


def _element(element: str) -> Decoded:
    marks, texts = _divided(element)
    items: list[Decoded] = [*filter(None, texts[1:-1])] if texts[0] == "List" and texts[-1] == "" else []
    is_flat = items and marks == f"({',' * (len(items) - 1)}){_END}"
    return items if is_flat else _built(element, marks, texts)


def _built(element: str, marks: str, texts: list[str | None]) -> Decoded:  # noqa: C901, PLR0912 - see below
    # All in one loop, since a call for each mark would double its time.
    root: list[Decoded] = []
    container: list[Decoded] | dict[str, Decoded] = root  # what is being read
    first = _ELEMENT  # what each of its entries begins with
    around: list[list[Decoded] | dict[str, Decoded]] = []  # on no stack of Python's, which ends at a thousand levels
    name, wanted = "", _ELEMENT
    steps = zip(texts, marks, strict=True)
    for text, mark in steps:  # pragma: no branch - the last mark is the end, which leaves the loop
        if mark == ":" and wanted is _NAME and text != "":
            name, wanted = text or "", _ELEMENT
        elif mark == "(" and wanted is _ELEMENT and (text == "" or text == "List"):  # noqa: PLR1714 - the quickest way
            inner: list[Decoded] | dict[str, Decoded] = [] if text else {}
            if isinstance(container, list):
                container.append(inner)
            else:
                container[name] = inner
            around.append(container)
            container, first = inner, _ELEMENT if text else _NAME
            wanted = first
        else:
            if text == "":
                if wanted is not _MORE and (mark != ")" or wanted is not first or container):
                    break
            elif wanted is not _ELEMENT:
                break
            elif isinstance(container, list):
                container.append(text or "")
            else:
                container[name] = text or ""
            if mark == "," and around:
                wanted = first
            elif mark == ")" and around:
                container = around.pop()
                first, wanted = _ELEMENT if isinstance(container, list) else _NAME, _MORE
            elif mark == _END and not around:
                return root[0]
            else:
                break
    index = len(marks) - len([*steps]) - 1
    raise _fault(element, index, texts[index], wanted, nested=bool(around))


def _fault(element: str, index: int, text: str | None, wanted: str, *, nested: bool) -> DecodeError:
    """What is wrong with the text before the mark of this index, or with the mark."""
    pieces = _MARK.split(element)
    start = index + sum(map(len, pieces[:index]))
    mark = start + len(pieces[index])
    is_list = text == "List" and element.startswith("(", mark)
    if text != "" and (wanted is _MORE or is_list):
        position, found = start, pieces[index] + "(" * is_list
    else:
        position, found = mark, element[mark : mark + 1]
        wanted = wanted if text == "" else _BEHIND[wanted]
    expected = wanted if nested or wanted is not _MORE else "the end"
    reason = f"expected {expected} but found {found!r}" if found else "unexpected end of input"
    return DecodeError(element, position, reason)


def _divided(text: str) -> tuple[str, list[str | None]]:
    """The marks of a text and its end, and what stands before each of them, unescaped: None for the empty string."""
    return _divided_at_once(text) or _divided_plainly(text)


def _divided_plainly(text: str) -> tuple[str, list[str | None]]:
    _check_escapes(text)
    pieces = _MARK.split(text)
    return "".join(_MARK.findall(text)) + _END, [None if piece == "''" else _unescaped(piece) for piece in pieces]


def _divided_at_once(text: str) -> tuple[str, list[str | None]] | None:
    """The same in a few passes in C, one of them a decoder for MIME, to which ``=`` is what ``%`` is here.

    None for a text with what that decoder would take in another way, with malformed escapes, or with octets in it that
    are no UTF-8.
    """
    if "'" in text or "=" in text or "\0" in text or "\n" in text or "\r" in text:
        return None
    try:
        octets = text.encode()
        unescaped = a2b_qp(octets.translate(_MARKS_TO_NUL))
        texts: list[str | None] = [*unescaped.decode().split("\0")]
    except UnicodeError:
        return None
    marks = octets.translate(None, _ALL_BUT_MARKS).decode() + _END
    well_formed = len(octets) - len(unescaped) == 2 * octets.count(b"%")
    return (marks, texts) if well_formed and len(texts) == len(marks) else None


_MARKS_TO_NUL: Final = bytes.maketrans(b"(),:%", b"\0\0\0\0=")
_ALL_BUT_MARKS: Final = bytes({*range(256)} - {*b"(),:"})


def _unescaped(text: str) -> str:
    if "%" not in text:
        return text
    # An escaped surrogate, whole or cut short, is one U+FFFD to Java, more to Python.
    return unquote(_ESCAPED_SURROGATE.sub("%EF%BF%BD", text), errors="replace")


_ESCAPED_SURROGATE: Final = re.compile(r"%[eE][dD]%[abAB][0-9a-fA-F](?:%[89abAB][0-9a-fA-F])?")
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9a-fA-F]{2})")
_HEX_DIGITS: Final = frozenset("0123456789abcdefABCDEF")


def _check_escapes(text: str) -> None:
    bad = _BAD_ESCAPE.search(text)
    if bad is None:
        return
    position = bad.start()
    if position + 2 >= len(text):
        raise DecodeError(text, position, "the percent-escape is cut short")
    position += 2 if text[position + 1] in _HEX_DIGITS else 1
    raise DecodeError(text, position, f"{text[position]!r} is no hexadecimal digit, in a percent-escape")
