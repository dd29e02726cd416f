"""A second opinion on the Rest.li 2.0.0 grammar: the plain, recursive, obvious codec.

It shares no code with restli_core and was written from the rules alone: where the two agree, a mistake would have to be
made twice. `read` and `read_query` take what LinkedIn's server takes; `write` and `write_query` give LinkedIn's own
text, character for character, which escapes less than restli_core does.

    element = "(" [ key ":" element *( "," key ":" element ) ] ")"
            / "List(" [ element *( "," element ) ] ")"
            / string
    string  = "''" / 1*( any character but "(" ")" "," ":" "%" / "%" 2HEXDIG )
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Element: TypeAlias = "str | list[Element] | dict[str, Element]"

PROJECTIONS = ("fields", "metadataFields", "pagingFields")


class Refused(ValueError):
    """The text is not in the grammar; `position` is the column that LinkedIn's parser names, the length at the end."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


# Reading


def read(text: str) -> Element:
    """The element that `text` is; Refused if it is none."""
    refuse_bad_escapes(text)
    tokens = tokenised(text)
    value, rest = element(tokens)
    if rest[0][0] != "end":
        raise Refused(rest[0][1])
    return value


def read_query(query: str) -> dict[str, Element]:
    """The parameters of a query as the server understands them; projections stay as they stand."""
    params: dict[str, Element] = {}
    start = 0
    for piece in query.split("&"):
        name, _, value = piece.partition("=")
        if name:
            decoded = at(start, form_decoded, name)
            if decoded in params:
                raise Refused(start)
            params[decoded] = value if decoded in PROJECTIONS else at(start + len(piece) - len(value), read, value)
        start += len(piece) + 1
    return params


def read_key(text: str) -> str:
    """A simple key in a path: percent-escapes are undone and nothing else."""
    refuse_bad_escapes(text)
    return unescaped(text)


def form_decoded(name: str) -> str:
    return read_key(name.replace("+", " "))


def at(offset: int, reader: Callable[[str], Any], text: str) -> Any:
    try:
        return reader(text)
    except Refused as refused:
        raise Refused(offset + refused.position) from None


def refuse_bad_escapes(text: str) -> None:
    for escape in re.finditer("%", text):
        start = escape.start()
        if start + 2 >= len(text):
            raise Refused(start)
        for digit in (start + 1, start + 2):
            if text[digit] not in "0123456789abcdefABCDEF":
                raise Refused(digit)


Token: TypeAlias = "tuple[str, int, str]"  # the kind, the column, the text as it stands


def tokenised(text: str) -> list[Token]:
    tokens: list[Token] = []
    for match in re.finditer("[(),:]|[^(),:]+", text):
        piece, column = match[0], match.start()
        if piece == "(" and tokens and tokens[-1][0] == "string" and unescaped(tokens[-1][2]) == "List":
            tokens[-1] = ("List(", tokens[-1][1], "")
        else:
            tokens.append((piece if piece in "(),:" else "string", column, piece))
    return [*tokens, ("end", len(text), "")]


def element(tokens: list[Token]) -> tuple[Element, list[Token]]:
    kind, column, text = tokens[0]
    if kind == "string":
        return string(text), tokens[1:]
    if kind == "(":
        return mapping(tokens[1:])
    if kind == "List(":
        return sequence(tokens[1:])
    raise Refused(column)


def mapping(tokens: list[Token]) -> tuple[Element, list[Token]]:
    entries: dict[str, Element] = {}
    if tokens[0][0] == ")":
        return entries, tokens[1:]
    while True:
        key = expected("string", tokens)
        expected(":", tokens[1:])
        entries[string(key)], tokens = element(tokens[2:])
        if tokens[0][0] != ",":
            expected(")", tokens)
            return entries, tokens[1:]
        tokens = tokens[1:]


def sequence(tokens: list[Token]) -> tuple[Element, list[Token]]:
    items: list[Element] = []
    if tokens[0][0] == ")":
        return items, tokens[1:]
    while True:
        item, tokens = element(tokens)
        items.append(item)
        if tokens[0][0] != ",":
            expected(")", tokens)
            return items, tokens[1:]
        tokens = tokens[1:]


def expected(kind: str, tokens: list[Token]) -> str:
    if tokens[0][0] != kind:
        raise Refused(tokens[0][1])
    return tokens[0][2]


def string(text: str) -> str:
    return "" if text == "''" else unescaped(text)


def unescaped(text: str) -> str:
    return re.sub("(?:%..)+", lambda run: utf8(bytes.fromhex(run[0].replace("%", ""))), text)


def utf8(octets: bytes) -> str:
    # Java takes an encoded surrogate (ED A0..BF 80..BF) for one malformed character, Python for two or three.
    return re.sub(rb"\xed[\xa0-\xbf][\x80-\xbf]?", b"\xff", octets).decode("utf-8", "replace")


# Writing


RAW = {"path": "-._~!$&*+=@", "query": "-._~!$*/;?@"}
"""What stays bare besides letters and digits, by the place in the URL; the third form, header, leaves all bare."""


def write(value: Any, form: str) -> str:
    """LinkedIn's own text for a value; `form` is "path", "query" or "header"."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "(" + ",".join(f"{write(key, form)}:{write(value[key], form)}" for key in keys) + ")"
    if isinstance(value, list):
        return "List(" + ",".join(write(item, form) for item in value) + ")"
    text = plain(value)
    return in_url(re.sub("[%(),:']", percent, text), form) if text else "''"


def write_query(params: Mapping[str, Any]) -> str:
    """LinkedIn's own query text, without its question mark."""
    pairs = {write(name, "query"): (name, value) for name, value in params.items()}
    return "&".join(f"{text}={write_param(*pairs[text])}" for text in sorted(pairs))


def write_param(name: str, value: Any) -> str:
    return write_projection(value) if name in PROJECTIONS else write(value, "query")


def write_projection(mask: str) -> str:
    pattern = "(%[0-9A-Fa-f]{2})|[^0-9A-Za-z,:()'" + re.escape(RAW["query"]) + "]"
    return re.sub(pattern, lambda match: match[1] or percent(match), mask)


def in_url(text: str, form: str) -> str:
    return text if form == "header" else re.sub(f"[^0-9A-Za-z%{re.escape(RAW[form])}]", percent, text)


def percent(match: re.Match[str]) -> str:
    return "".join(f"%{octet:02X}" for octet in match[0].encode())


def plain(value: Any) -> str:
    """A scalar as Java's toString gives it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return java_double(value) if isinstance(value, float) else str(value)


def java_double(number: float) -> str:
    """Double.toString as Java 19 and later give it: the shortest digits that read back, two at least."""
    if not math.isfinite(number):
        return {math.inf: "Infinity", -math.inf: "-Infinity"}.get(number, "NaN")
    shortest = next(text for text in (f"{number:.{digits}e}" for digits in range(1, 17)) if float(text) == number)
    mantissa, exponent = shortest.split("e")
    if number == 0 or 1e-3 <= abs(number) < 1e7:
        whole, _, fraction = f"{number:.{max(1, len(mantissa.split('.')[1]) - int(exponent))}f}".partition(".")
        return f"{whole}.{fraction.rstrip('0') or '0'}"
    return f"{mantissa}E{int(exponent)}"
