"""Reading values: a text is cut at its marks, and a table says what each mark means where it stands.

There are two tokenizers. The **fast path** unescapes a whole text in a few passes that run in C; what it does not take,
the **general path** cuts and unescapes piece by piece.
"""

from __future__ import annotations

import re
from binascii import a2b_qp
from typing import Any, Final, TypeAlias
from urllib.parse import unquote

from restli_core.base_errors import DecodeError

__all__ = ["Decoded", "decode", "decode_path_key", "reduced_decode"]

Decoded: TypeAlias = str | list["Decoded"] | dict[str, "Decoded"]

_END: Final = "."  # the mark at the end of every text


def decode(text: str) -> Decoded:
    """Return the value of an element, in the URL form or the reduced one: text, a list or a dict, their leaves text.

    Raises:
        DecodeError: the text is not an element of the grammar, or has a malformed percent-escape.
    """
    if text.isalnum():
        return text
    marks, texts = _tokenize_fast(text) or _tokenize(text)
    # The fast path for a list of texts alone, as lists mostly are: its marks are commas between two parentheses, one
    # fewer than the items. `filter` takes out empty texts, which are not elements, and so they do not pass.
    if texts[0] == "List" and texts[-1] == "":
        items: list[Decoded] = [*filter(None, texts[1:-1])]
        if items and marks == f"({',' * (len(items) - 1)}){_END}":
            return items
    return _parse(text, marks, texts)


def reduced_decode(text: str) -> Decoded:
    """Return the value of an element in its reduced form: `decode` reads it too, since the grammar is one."""
    return decode(text)


def decode_path_key(text: str) -> str:
    """Return a simple key as a server reads it from a path segment: percent-decoded and nothing else.

    So ``''`` stays two characters, and ``(a:b)`` is text (ArgumentUtils.java:434-437).

    Raises:
        DecodeError: a malformed percent-escape.
    """
    _check_escapes(text)
    return _unescape(text)


def _check_escapes(text: str) -> None:
    """Raise a DecodeError at the first character that is wrong in a percent-escape."""
    bad = _BAD_ESCAPE.search(text)
    if bad is None:
        return
    position = bad.start()
    if position + 2 >= len(text):
        raise DecodeError(text, position, "the percent-escape is cut short")
    position += 2 if text[position + 1] in "0123456789abcdefABCDEF" else 1
    raise DecodeError(text, position, f"{text[position]!r} is not a hexadecimal digit, in a percent-escape")


_BAD_ESCAPE: Final = re.compile(r"%(?![0-9a-fA-F]{2})")


def _unescape(text: str) -> str:
    """Return a text without its percent-escapes, which are well formed; octets that are not UTF-8 become U+FFFD."""
    if "%" not in text:
        return text
    # For an escaped surrogate, whole or cut short, Java gives one U+FFFD, and Python would give several.
    return unquote(_ESCAPED_SURROGATE.sub("%EF%BF%BD", text), errors="replace")


_ESCAPED_SURROGATE: Final = re.compile(r"%[eE][dD]%[abAB][0-9a-fA-F](?:%[89abAB][0-9a-fA-F])?")


# -- tokens: marks, and the text before each of them -------------------------------------------------------------------


def _tokenize(text: str) -> tuple[str, list[str | None]]:
    """Return the marks of a text and its end, and what stands before each of them, unescaped: None for ``''``."""
    _check_escapes(text)  # of the whole text, since an error's position counts from its start
    pieces = _MARK.split(text)
    return "".join(_MARK.findall(text)) + _END, [None if piece == "''" else _unescape(piece) for piece in pieces]


_MARK: Final = re.compile(r"[(),:]")


def _tokenize_fast(text: str) -> tuple[str, list[str | None]] | None:
    """Return what `_tokenize` returns; None where this way would give another result, or the text is malformed.

    The work is done by a decoder for MIME's quoted-printable, to which ``=`` is what ``%`` is here.
    """
    # The decoder would take "=" for an escape, and drop some line breaks. NUL stands for a mark below. And where there
    # is an apostrophe, there may be an empty string.
    if "'" in text or "=" in text or "\0" in text or "\n" in text or "\r" in text:
        return None
    try:
        octets = text.encode()
        unescaped = a2b_qp(octets.translate(_MARKS_TO_NUL))
        texts: list[str | None] = [*unescaped.decode().split("\0")]
    except UnicodeError:
        return None
    marks = octets.translate(None, _ALL_BUT_MARKS).decode() + _END
    # The decoder lets malformed escapes pass, but does not make them shorter by two octets. An escaped NUL gives one
    # text too many.
    well_formed = len(octets) - len(unescaped) == 2 * octets.count(b"%")
    return (marks, texts) if well_formed and len(texts) == len(marks) else None


_MARKS_TO_NUL: Final = bytes.maketrans(b"(),:%", b"\0\0\0\0=")
_ALL_BUT_MARKS: Final = bytes({*range(256)} - {*b"(),:"})


# -- the parser --------------------------------------------------------------------------------------------------------

# By what is expected, and by the next mark: what the text before that mark is, and what is expected then; None at the
# end of a map or list, where that depends on what is around it. The text is
#
#   item, value, name     a text of at least one character, or '' for the empty string
#   last item             an item, or nothing: a list may be empty
#   opening               "List" before the parenthesis of a list, nothing before that of a map
#   nothing               nothing
#
# What is not in the table is a fault.
_TABLE: Final[dict[str, dict[str, tuple[str, str | None]]]] = {
    "element": {"(": ("opening", "end"), _END: ("item", "end")},
    "first item": {"(": ("opening", "more items"), ",": ("item", "item"), ")": ("last item", None)},
    "item": {"(": ("opening", "more items"), ",": ("item", "item"), ")": ("item", None)},
    "more items": {",": ("nothing", "item"), ")": ("nothing", None)},
    "first name": {":": ("name", "value"), ")": ("nothing", None)},
    "name": {":": ("name", "value")},
    "value": {"(": ("opening", "more names"), ",": ("value", "name"), ")": ("value", None)},
    "more names": {",": ("nothing", "name"), ")": ("nothing", None)},
    "end": {_END: ("nothing", "end")},
}

# For errors: what is expected before the mark, and which mark is after a text; empty where no text may be.
_WORDS: Final = {
    "element": ("an element", "the end"),
    "first item": ("an element", "',' or ')'"),
    "item": ("an element", "',' or ')'"),
    "more items": ("',' or ')'", ""),
    "first name": ("a name", "':'"),
    "name": ("a name", "':'"),
    "value": ("an element", "',' or ')'"),
    "more names": ("',' or ')'", ""),
    "end": ("the end", ""),
}

# The table with the rows themselves in place of their names, which saves a look-up for each mark: a tenth of the time.
_ROWS: Final[dict[str, dict[str, tuple[str, Any]]]] = {expected: {} for expected in _TABLE}
for _expected, _row in _TABLE.items():
    _ROWS[_expected] |= {mark: (kind, then and _ROWS[then]) for mark, (kind, then) in _row.items()}


def _parse(element: str, marks: str, texts: list[str | None]) -> Decoded:  # noqa: C901, PLR0912 - see below
    """Return the value of an element that has been cut; its whole text is for an error alone."""
    # All in one loop, since a function call for each mark would double the time.
    first_item, first_name = _ROWS["first item"], _ROWS["first name"]
    root: list[Any] = []
    container: Any = root  # the list or dict that is being read
    # The containers around it, and what is expected after it in each: a list, since Python's stack is not deep enough.
    around: list[tuple[Any, Any]] = []
    name = ""
    expected = _ROWS["element"]
    steps = zip(texts, marks, strict=True)
    try:
        for text, mark in steps:
            kind, then = expected[mark]
            if kind == "opening":
                inner: list[Any] | dict[str, Any]
                around.append((container, then))
                if text == "":
                    inner, then = {}, first_name
                elif text == "List":
                    inner, then = [], first_item
                else:
                    break
                if type(container) is list:
                    container.append(inner)
                else:
                    container[name] = inner
                container = inner
            elif text == "":
                if kind != "nothing" and kind != "last item":  # noqa: PLR1714 - faster than a set
                    break
            elif kind == "name":
                name = text or ""  # None is the empty string
            elif kind == "value":
                container[name] = text or ""
            elif kind == "item" or kind == "last item":  # noqa: PLR1714 - likewise
                container.append(text or "")
            else:
                break
            if then is None:
                container, then = around.pop()
            expected = then
        else:
            decoded: Decoded = root[0]
            return decoded
    except KeyError:  # this mark is not in the row
        pass
    # The steps that are left say where the loop stopped.
    index = len(marks) - len([*steps]) - 1
    raise _fault(element, index, texts[index], expected)


def _fault(element: str, index: int, text: str | None, expected: object) -> DecodeError:
    """Return what is wrong with the text before the mark of this index, or with that mark."""
    pieces = _MARK.split(element)
    start = index + sum(map(len, pieces[:index]))
    mark = start + len(pieces[index])
    wanted, after_text = next(_WORDS[name] for name, row in _ROWS.items() if row is expected)
    # "List(" in the wrong place is shown as that, the text and its mark.
    opening = "(" if text == "List" and element.startswith("(", mark) else ""
    if text != "" and (not after_text or opening):
        position, found = start, pieces[index] + opening
    else:
        position, found = mark, element[mark : mark + 1]
        wanted = after_text if text != "" else wanted
    reason = f"expected {wanted} but found {found!r}" if found else "unexpected end of input"
    return DecodeError(element, position, reason)
