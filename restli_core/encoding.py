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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from typing import Any, Final, TypeAlias, Union
from urllib.parse import unquote

from restli_core.errors import DecodeError, InvalidCallError
from restli_core.projection import format_projection

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

Encodable: TypeAlias = Union[
    str, bool, int, float, Decimal, Enum, bytes, Sequence["Encodable"], Mapping[str, "Encodable"]
]
Decoded: TypeAlias = Union[str, list["Decoded"], dict[str, "Decoded"]]

PROJECTIONS: Final = frozenset({"fields", "metadataFields", "pagingFields"})

# Encoding goes through bytes: UTF-8 never has the octets F8 to FC, so they can stand for structure until all that is
# data has been escaped, and nothing in the data can pass for structure.
_OPEN, _CLOSE, _COMMA, _COLON, _QUOTE = (bytes([octet]) for octet in range(0xF8, 0xFD))
_STRUCTURE: Final = bytes.maketrans(_OPEN + _CLOSE + _COMMA + _COLON + _QUOTE, b"(),:'")
_BARE: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~" + bytes(range(0xF8, 0xFD))
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

    A parameter that is None is left out. `fields`, `metadataFields` and `pagingFields` are projections: text, a
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
    if isinstance(_plain(key), Mapping | list | tuple):
        return reduced_encode(key, argument)
    octets = _marked(key, argument)
    return "" if octets == _EMPTY else octets.decode()


def _url_text(marked: bytes) -> str:
    needy = set(marked.translate(None, _BARE))
    return _escaped(marked, sorted(needy, key=_PERCENT.__ne__)).translate(_STRUCTURE).decode("ascii")


def _reduced_text(marked: bytes) -> str:
    return _escaped(marked, b"%(),:'").translate(_STRUCTURE).decode()


def _escaped(marked: bytes, octets: Iterable[int]) -> bytes:
    """Escapes these octets, one pass each; the percent sign must come first, or escapes would be escaped."""
    for octet in octets:
        marked = marked.replace(bytes([octet]), b"%%%02X" % octet)
    return marked


_PERCENT: Final = 0x25


class _Refused(Exception):
    """Why a value cannot be encoded; where it stands is known further up."""


class _Frame:
    """A container that is being written: its entries to come, and the place of the one at hand."""

    __slots__ = ("closing", "container", "entries", "opening", "place")

    def __init__(self, container: object, entries: Iterable[_Entry], opening: bytes, closing: bytes) -> None:
        self.container = container
        self.entries = iter(entries)
        self.opening = opening
        self.closing = closing
        self.place: object = None


_Entry: TypeAlias = tuple[bytes, object, object]  # what stands before the value, the value's place, the value


def _marked(value: object, argument: str) -> bytes:
    """The value in UTF-8, its structure marked."""
    frames = [_Frame(None, [(b"", None, value)], b"", b"")]
    try:
        return b"".join(_pieces(frames))
    except _Refused as refusal:
        reason = str(refusal)
    except UnicodeEncodeError:
        reason = "holds a lone surrogate, which UTF-8 cannot carry"
    raise InvalidCallError(_place(argument, frames), reason)


def _pieces(frames: list[_Frame]) -> Iterator[bytes]:
    # Frames, not recursion: Python's own stack ends at a thousand levels.
    enclosing: set[int] = set()
    while frames:
        entry = next(frames[-1].entries, None)
        if entry is None:
            frame = frames.pop()
            enclosing.discard(id(frame.container))
            yield frame.closing
            continue
        prefix, frames[-1].place, value = entry
        leaf = _leaf(value)
        if leaf is None:
            frames.append(_opened(value, enclosing))
            leaf = frames[-1].opening
        yield prefix + leaf


def _place(argument: str, frames: list[_Frame]) -> str:
    place = argument + "".join(f"[{frame.place!r}]" for frame in frames if frame.place is not None)
    half = _SHOWN_PLACE // 2
    return place if len(place) <= _SHOWN_PLACE else f"{place[:half]}…{place[1 - half :]}"


def _opened(value: object, enclosing: set[int]) -> _Frame:
    value = _plain(value)
    if id(value) in enclosing:
        raise _Refused("contains itself")
    if isinstance(value, Mapping):
        frame = _Frame(value, _map_entries(value), _OPEN, _CLOSE)
    elif isinstance(value, list | tuple):
        frame = _Frame(value, _list_entries(value), _LIST, _CLOSE)
    else:
        raise _Refused("is None" if value is None else f"is of type {type(value).__name__}, which has no encoding")
    enclosing.add(id(value))
    return frame


def _list_entries(items: Sequence[object]) -> Iterator[_Entry]:
    return ((_COMMA if index else b"", index, item) for index, item in enumerate(items))


def _map_entries(items: Mapping[object, object]) -> Iterator[_Entry]:
    named = {_name(key): (key, value) for key, value in items.items()}
    if len(named) < len(items):
        raise _Refused("has two keys that stand for the same name")
    names = sorted(named) if all(map(str.isascii, named)) else sorted(named, key=_utf16)
    prefixes = [(name.encode() or _EMPTY) + _COLON for name in names]
    return ((_COMMA * (index > 0) + prefix, *named[names[index]]) for index, prefix in enumerate(prefixes))


def _name(key: object) -> str:
    name = _plain(key)
    if not isinstance(name, str):
        raise _Refused(f"has a key of type {type(name).__name__}: map keys must be text")
    return name


def _utf16(name: str) -> bytes:
    # Java sorts by UTF-16 code units: a character beyond U+FFFF comes before U+E000.
    return name.encode("utf-16-be")


def _plain(value: object) -> object:
    while isinstance(value, Enum):
        value = value.value
    return value


def _leaf(value: object) -> bytes | None:
    """A scalar's octets; None for what is no scalar."""
    kind = type(value)
    if kind in _LEAVES:
        return _LEAVES[kind](value) or _EMPTY
    return None if kind in _CONTAINERS else _inherited_leaf(_plain(value))


def _inherited_leaf(value: object) -> bytes | None:
    return next((write(value) or _EMPTY for kind, write in _LEAVES.items() if isinstance(value, kind)), None)


def _write_bool(value: bool) -> bytes:
    return b"true" if value else b"false"


def _write_int(value: int) -> bytes:
    try:
        return int.__repr__(value).encode()
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


_CONTAINERS: Final = frozenset({dict, list, tuple})
_LEAVES: Final[dict[type, Callable[[Any], bytes]]] = {
    str: str.encode,
    bool: _write_bool,
    int: _write_int,
    float: _write_float,
    Decimal: _write_decimal,
    bytes: _write_bytes,
}


def decode(text: str) -> Decoded:
    """The value of an element, in the URL form or the reduced one: text, a list or a dict, their leaves text.

    Raises:
        DecodeError: the text is not an element of the grammar, or has a malformed percent-escape.
    """
    _check_escapes(text)
    flat = _FLAT_LIST.fullmatch(text)
    return _Parser(text).parsed() if flat is None else [*map(_text, flat[1].split(","))]


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


_TOKEN: Final = re.compile(r"[(),:]|[^(),:]+")
_FLAT_LIST: Final = re.compile(r"List\(([^(),:]++(?:,[^(),:]++)*+)\)")


class _Parser:
    """Reads the tokens of one element; open containers stand on a stack of its own, so that depth costs nothing."""

    __slots__ = ("index", "names", "open", "text", "tokens")

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[str] = _TOKEN.findall(text)
        self.index = 0
        self.open: list[list[Decoded] | dict[str, Decoded]] = []
        self.names: list[str] = []  # of each open map, the name that waits for its value

    def parsed(self) -> Decoded:
        while True:
            value = self._element()
            while value is not None:
                if not self.open:
                    return self._last(value)
                value = self._added(value)

    def _element(self) -> Decoded | None:
        """The element that begins here; None where that is a container whose entries are to come."""
        token = self._next()
        if token == "(":
            return self._opened({})
        if token in _MARKS:
            raise self._error(f"unexpected {token!r} at the start of an element")
        text = _text(token)
        if text == "List" and self._take("("):
            return self._opened([])
        return text

    def _opened(self, container: list[Decoded] | dict[str, Decoded]) -> Decoded | None:
        if self._take(")"):
            return container
        self.open.append(container)
        self._read_name()
        return None

    def _added(self, value: Decoded) -> Decoded | None:
        """Puts the value into the container around it; that container where it ends here, else None."""
        container = self.open[-1]
        if isinstance(container, list):
            container.append(value)
        else:
            container[self.names.pop()] = value
        token = self._next()
        if token == ")":
            return self.open.pop()
        if token != ",":
            raise self._error(f"expected ',' or ')' but found {token!r}")
        self._read_name()
        return None

    def _read_name(self) -> None:
        if isinstance(self.open[-1], list):
            return
        token = self._next()
        if token in _MARKS:
            raise self._error(f"expected a name but found {token!r}")
        name = _text(token)
        if name == "List" and self.tokens[self.index : self.index + 1] == ["("]:
            raise self._error("expected a name but found 'List('")
        self.names.append(name)
        token = self._next()
        if token != ":":
            raise self._error(f"expected ':' but found {token!r}")

    def _last(self, value: Decoded) -> Decoded:
        if self.index < len(self.tokens):
            raise self._error(f"unexpected {self._next()!r} behind the element")
        return value

    def _take(self, mark: str) -> bool:
        taken = self.tokens[self.index : self.index + 1] == [mark]
        self.index += taken
        return taken

    def _next(self) -> str:
        if self.index == len(self.tokens):
            raise DecodeError(self.text, len(self.text), "unexpected end of input")
        self.index += 1
        return self.tokens[self.index - 1]

    def _error(self, reason: str) -> DecodeError:
        return DecodeError(self.text, sum(map(len, self.tokens[: self.index - 1])), reason)


_MARKS: Final = frozenset("(),:")


def _text(token: str) -> str:
    return "" if token == "''" else _unescaped(token)


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
