"""Reading values: a text is cut at its marks, and a table says what each mark means where it stands.

That is the **general path**, which cuts and unescapes piece by piece, takes any text, and finds what is wrong with one.
The **fast path** comes before it: it unescapes the whole text in a few passes that run in C, and takes well-formed
values of the usual kind in the ways that are quickest for each. What it does not take, it leaves to the general path.
"""

from __future__ import annotations

from binascii import a2b_qp
from typing import Any, Final, TypeAlias

from restli_core.base_errors import DecodeError
from restli_core.patterns import lazy_pattern
from restli_core.percent import unquote

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
    value = _decode_fast(text)
    return _parse(text, *_tokenize(text)) if value is None else value


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


_BAD_ESCAPE: Final = lazy_pattern(r"%(?![0-9a-fA-F]{2})")


def _unescape(text: str) -> str:
    """Return a text without its percent-escapes, which are well formed; octets that are not UTF-8 become U+FFFD."""
    if "%" not in text:
        return text
    # For an escaped surrogate, whole or cut short, Java gives one U+FFFD, and Python would give several.
    return unquote(_ESCAPED_SURROGATE.sub("%EF%BF%BD", text))


_ESCAPED_SURROGATE: Final = lazy_pattern(r"%[eE][dD]%[abAB][0-9a-fA-F](?:%[89abAB][0-9a-fA-F])?")


# -- tokens: marks, and the text before each of them -------------------------------------------------------------------


def _tokenize(text: str) -> tuple[str, list[str | None]]:
    """Return the marks of a text and its end, and what stands before each of them, unescaped: None for ``''``."""
    _check_escapes(text)  # of the whole text, since an error's position counts from its start
    pieces = _MARK.split(text)
    return "".join(_MARK.findall(text)) + _END, [None if piece == "''" else _unescape(piece) for piece in pieces]


_MARK: Final = lazy_pattern(r"[(),:]")


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
    # The containers around it, and what is expected after it in each: lists, since Python's stack is not deep enough.
    around: list[Any] = []
    expected_after: list[Any] = []
    name = ""
    expected = _ROWS["element"]
    steps = zip(texts, marks, strict=True)
    try:
        for text, mark in steps:
            kind, then = expected[mark]
            if kind == "opening":
                inner: list[Any] | dict[str, Any]
                if text == "":
                    inner, first = {}, first_name
                elif text == "List":
                    inner, first = [], first_item
                else:
                    break
                around.append(container)
                expected_after.append(then)
                if type(container) is list:
                    container.append(inner)
                else:
                    container[name] = inner
                container, then = inner, first
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
                container, then = around.pop(), expected_after.pop()
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


# -- the fast path -----------------------------------------------------------------------------------------------------


def _decode_fast(text: str) -> Decoded | None:
    """Return the value of an element; None where this way does not take it, or it is malformed."""
    texts = _unescape_fast(text)
    if texts is None:
        return None
    if len(texts) == 1:  # there are no marks
        return texts[0] or None
    # A list of texts, as lists mostly are: all marks but two are commas.
    if texts[0] == "List" and text.startswith("List(") and text.endswith(")") and text.count(",") == len(texts) - 3:
        items: list[Decoded] = [*filter(None, texts)]
        if len(items) == len(texts) - 1:
            return items[1:]
    marks = text.encode().translate(None, _ALL_BUT_MARKS)
    size = len(marks) // 2
    if len(texts) != len(marks) + 1:  # an escaped NUL gives one text too many
        return None
    # A map of texts.
    if texts[0] == texts[-1] == "" and marks == b"(" + b":," * (size - 1) + b":)":
        pairs = zip(texts[1:-1:2], texts[2:-1:2])  # noqa: B905 - `strict` is a tenth of what a small map costs
        fields: dict[str, Decoded] = {name: value for name, value in pairs if name and value}
        if len(fields) == size:
            return fields
    return _read(marks.decode() + _END, texts)


def _unescape_fast(text: str) -> list[str] | None:
    """Return what stands before each mark of a text, unescaped; None where this way would give another result.

    The work is done by a decoder for MIME's quoted-printable, to which ``=`` is what ``%`` is here.
    """
    # The decoder would take "=" for an escape, and drop some line breaks. NUL stands for a mark below. And where there
    # is an apostrophe, there may be an empty string.
    if "'" in text or "=" in text or "\0" in text or "\n" in text or "\r" in text:
        return None
    try:
        octets = text.encode()
        unescaped = a2b_qp(octets.translate(_MARKS_TO_NUL))
        texts = unescaped.decode().split("\0")
    except UnicodeError:
        return None
    # The decoder lets malformed escapes pass, but does not make them shorter by two octets.
    return texts if len(octets) - len(unescaped) == 2 * octets.count(b"%") else None


_MARKS_TO_NUL: Final = bytes.maketrans(b"(),:%", b"\0\0\0\0=")
_ALL_BUT_MARKS: Final = bytes({*range(256)} - {*b"(),:"})


def _read(marks: str, texts: list[str]) -> Decoded | None:  # noqa: C901, PLR0912 - all in one loop, as in _parse
    """Return any value; None for what is malformed, whose fault the general path finds."""
    root: list[Any] = []
    around: list[Any] = [root]  # the containers around the one that is being read
    container = around.pop()
    # In a map the name of the value that comes next, or None where a name comes next. In a list it is empty.
    name: str | None = ""
    closed = False  # whether a container has just ended, after which no text may be
    for text, mark in zip(texts, marks, strict=True):
        if mark == ":":
            if name is not None or not text or closed:
                break
            name = text
            continue
        if mark == "(":
            if name is None or (text and text != "List") or closed:
                break
            inner: Any = [] if text else {}
            if name:
                container[name] = inner
            else:
                container.append(inner)
            around.append(container)
            container, name = inner, "" if text else None
            continue
        if text:
            if name:
                container[name] = text
                name = None
            elif name is None or closed:
                break
            else:
                container.append(text)
        elif closed:
            closed = False
        elif container or name or mark != ")":  # an empty container alone may end where nothing is
            break
        if mark == ")":
            if not around:
                break
            container = around.pop()
            kind = type(container)
            name = "" if kind is list else None
            closed = True
        elif mark == "," and not around:
            break
    else:
        return None if around else root[0]
    return None
