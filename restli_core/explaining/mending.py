"""The right spelling of a part of a URL, for what people write in its place.

    written                                       right
    a space, {name}, é                            %20, %7Bname%7D, %C3%A9
    urn:li:person:1          anywhere             urn%3Ali%3Aperson%3A1
    account=1&user=2         a key in a path      (account:1,user:2)
    1,2                      ids                  List(1,2)
    ACTIVE,DRAFT             a value              List(ACTIVE,DRAFT)
    List(a,b    (a:b))       brackets             List(a,b)   (a:b)
    ["a"]  {"a": 1}          a value              List(a)     (a:1)
    Smith, John              a value              Smith%2C%20John
    search.status[0]=ACTIVE  parameters           search=(status:List(ACTIVE))

None of these functions decides whether something is wrong: each gives a spelling that a server reads, or None.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from restli_core.base_errors import DecodeError, InvalidCallError
from restli_core.encoding import Encodable, decode, encode
from restli_core.patterns import lazy_pattern
from restli_core.percent import quote_all, unquote

__all__ = ["encode_illegal", "flaw_of", "is_element", "is_old_name", "mend_key", "mend_old_parameters", "mend_value"]

# What java.net.URI refuses anywhere in a URL, and a percent sign without an escape.
ILLEGAL: Final = lazy_pattern(r"[^!-~]|[\"<>\\^`{|}#]|%(?![0-9A-Fa-f]{2})")
ILLEGAL_IN_A_PATH: Final = lazy_pattern(r"[^!-~]|[\"<>\\^`{|}#\[\]]|%(?![0-9A-Fa-f]{2})")
_MARKS: Final = lazy_pattern(r"[(),:']")
_ONE: Final = r"urn:[\w.-]+:[\w.-]+:[^\s(),]+|[A-Z0-9_]+"
# How a URN begins, as it is, or escaped in part.
_RAW_URN: Final = lazy_pattern(r"urn(?::|%3[Aa])[\w.-]+(?::|%3[Aa])[\w.-]+(?::|%3[Aa])")
# Several URNs, numbers or words of capitals, as those of an enumeration are.
_SEVERAL: Final = lazy_pattern(rf"(?:{_ONE})(?:,(?:{_ONE}))+")
_SENTENCE_END: Final = lazy_pattern(r"\)[.,;:!?]+\Z")  # which came along when the URL was copied
_BRACKETS: Final = lazy_pattern(r"[()]")
_OLD_NAME: Final = lazy_pattern(r"\$?[A-Za-z_]\w*(?:\.\$?[A-Za-z_]\w*|\[[0-9]{1,4}\]){1,20}", re.ASCII)
_STEPS: Final = lazy_pattern(r"[^.\[\]]+")


def encode_illegal(text: str, *, in_path: bool = False) -> str:
    """Return a text with an escape for each character that no URL may have; `in_path`: or no path."""
    return (ILLEGAL_IN_A_PATH if in_path else ILLEGAL).sub(
        lambda found: quote_all(found[0].encode("utf-8", "replace").decode()), text
    )


def flaw_of(text: str) -> DecodeError | None:
    """Return why a server cannot read a text as a value; None where it can."""
    try:
        decode(text)
    except DecodeError as error:
        return error
    return None


def is_element(text: str) -> bool:
    """Return whether a server can read a text as a value."""
    return flaw_of(text) is None


def mend_key(segment: str) -> str | None:
    """Return the right spelling of a key that stands in a path."""
    if "=" in segment:
        inner = segment[1:-1] if segment.startswith("(") and segment.endswith(")") else segment
        pairs = [part.partition("=") for part in re.split(r"[,&]", inner)]
        if all(name.isidentifier() and value for name, _, value in pairs):
            return "({})".format(",".join(f"{name}:{_escape_marks(value)}" for name, _, value in pairs))
    if not segment.startswith(("(", "List(")):
        return _escape_marks(segment)
    return _first_element(_escape_urns(segment))


def mend_value(name: str, text: str) -> str | None:
    """Return the right spelling of a parameter's value.

    Args:
        name: the parameter's name.
        text: its value, which a server cannot read, or which is not a list although it must be one.
    """
    if not text:
        return "''"
    plain = unquote(text)
    if plain.startswith(("[", "{")):
        try:
            return encode(json.loads(plain))
        except (ValueError, RecursionError):  # an InvalidCallError is a ValueError
            pass
    if name == "ids":
        return _mend_ids(text, plain)
    if _SEVERAL.fullmatch(text):
        return f"List({_escape_urns(text)})"
    if text.startswith(("(", "List(")):
        found = _first_element(_escape_urns(text))
        # A remark in brackets is a text, and was not meant as a map.
        return found if found is not None or ":" in text or text.startswith("L") else _escape_marks(text)
    return _escape_marks(text)


def _mend_ids(text: str, plain: str) -> str | None:
    """Return a list of ids, whichever way they were written."""
    if text.startswith("List("):
        return _first_element(_escape_urns(text))
    if plain.startswith("List(") and is_element(_escape_urns(plain)):
        return _escape_urns(plain)  # escaped with its brackets
    return _first_element(f"List({_escape_urns(text)})")


def _first_element(text: str) -> str | None:
    """Return a text that a server can read, or the same with its brackets mended; None where that is not enough."""
    if is_element(text):
        return text
    text = _SENTENCE_END.sub(")", text)
    depth = lowest = 0
    for mark in _BRACKETS.finditer(text):
        depth += 1 if mark[0] == "(" else -1
        lowest = min(lowest, depth)
    mended = text + ")" * depth if depth > 0 else text[:depth] if lowest == depth < 0 else text
    return mended if is_element(mended) else None


def _escape_marks(text: str) -> str:
    return _MARKS.sub(lambda mark: f"%{ord(mark[0]):02X}", text)


def _escape_urns(text: str) -> str:
    """Return a text in which the marks of URNs are escaped: from each ``urn:`` up to where it ends.

    A URN ends before a comma or a bracket that is not one of its own, which are those of an id in brackets.
    """
    pieces: list[str] = []
    place = 0
    while (start := _RAW_URN.search(text, place)) is not None:
        end = _end_of_urn(text, start.end())
        pieces += [text[place : start.start()], _escape_marks(text[start.start() : end])]
        place = end
    return "".join([*pieces, text[place:]])


def _end_of_urn(text: str, place: int) -> int:
    """Return where a URN ends, of which the id begins at a place."""
    depth = 0
    for mark in _ENDS.finditer(text, place):
        if mark[0] == "(":
            depth += 1
        elif depth == 0:
            return mark.start()
        elif mark[0] == ")":
            depth -= 1
            if depth == 0:
                return mark.end()
    return len(text)


_ENDS: Final = lazy_pattern(r"[(),]")


# -- parameters of protocol 1.0 ----------------------------------------------------------------------------------------


def is_old_name(name: str) -> bool:
    """Return whether a parameter's name is a way into a value, as protocol 1.0 has it."""
    return _OLD_NAME.fullmatch(name) is not None


def mend_old_parameters(pairs: list[tuple[str, str]]) -> dict[str, str] | None:
    """Return parameters of protocol 1.0 as those of 2.0.0, by their names; None where two say different things.

    Args:
        pairs: the old names, and their values, encoded.
    """
    found: dict[str, Any] = {}
    for name, value in pairs:
        *way, last = _STEPS.findall(name)
        inside = found
        for step in way:
            inside = inside.setdefault(step, {})
            if not isinstance(inside, dict):
                return None
        if last in inside:
            return None
        inside[last] = unquote(value)
    try:
        return {name: encode(_with_lists(value)) for name, value in found.items()}
    except InvalidCallError:
        return None


def _with_lists(value: Any) -> Encodable:
    """Return nested dicts with those that have numbers for names as lists; they are at most as deep as a name is."""
    if not isinstance(value, dict):
        text: str = value
        return text
    inner = {name: _with_lists(item) for name, item in value.items()}
    if inner and all(name.isdigit() for name in inner):
        return [item for _, item in sorted(inner.items(), key=lambda pair: int(pair[0]))]
    return inner
