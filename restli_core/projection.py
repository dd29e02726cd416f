"""Rest.li's projections, or masks: which fields of an entity the answer shall have (the parameter ``fields``).

    mask  = [ piece *( "," piece ) ]             of two pieces with one name, the later counts
    piece = field / "-" field                    the field / all but the field
          / field ":(" mask ")"                  some of its fields; the comma after the parenthesis may be missing
          / ( "$start" / "$count" ) ":" 1*DIGIT  of a list, the items from here / so many items
          / ""
    field = 1*any but "," ":" ")"                white space inside is ignored; "$*" is every field or item

A mask stands raw in a URL: servers do not percent-decode it (URIParamUtils.java:427-431). So it can hold only what a
query carries as it is, and a character of the grammar cannot be escaped. A ``$`` in a field's own name is written
``$$`` (com.linkedin.data.transform.Escaper), in the mappings of this module too.

How LinkedIn's Java code does it: com.linkedin.restli.internal.common.URIMaskUtil; RestUtils.projectFields.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from restli_core.base_errors import DecodeError, InvalidCallError
from restli_core.places import Visit, Walk
from restli_core.values import Value

__all__ = ["Projection", "apply_projection", "format_projection", "parse_projection"]

Projection: TypeAlias = str | Sequence["Projection"] | Mapping[str, "bool | int | Projection"]

_ALL: Final = "$*"
_RANGE: Final = ("$start", "$count")
MAX_NUMBER: Final = 2**63 - 1  # Java's Long.MAX_VALUE

# java.lang.Character.isWhitespace: without the spaces that forbid a line break, with the separators U+001C to U+001F
_WHITE_SPACE: Final = re.compile(
    "[\t\n\v\f\r\x1c\x1d\x1e\x1f \u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000]+"
)


# -- reading -----------------------------------------------------------------------------------------------------------

# One piece and the mark after it. Some alternative matches anywhere, so the pieces leave no gap.
_PIECE: Final = re.compile(
    r"(?P<minus>-?)(?P<name>[^,:)]*)(?: :(?P<opening>\() | :(?P<value>[^,)]*) | (?P<mark>[,)]) | \Z)", re.VERBOSE
)


def parse_projection(text: str) -> dict[str, Any]:
    """Return the mask that a text means, as a Rest.li server reads it.

    Returns:
        A dict from names to True (the field), False (all but the field), a dict (some of its fields) or, under
        ``$start`` and ``$count``, an int. Names are as in the mask: a ``$`` of the field's own is still ``$$``.

    Raises:
        DecodeError: a server refuses the text, or fails over it: a ``:`` without ``(`` after it or a name before it,
            parentheses that do not match, a range without a number of at most 63 bits, or a range at the very end.
    """
    return _read(text, inside=False)


def _read(text: str, *, inside: bool) -> dict[str, Any]:  # noqa: C901 - a branch for each fault of a text
    """Return the mask; `inside`: the text will stand in parentheses, so that a range may end it."""
    mask: dict[str, Any] = {}
    levels = [mask]  # the last is being read; a list, since Python's stack ends at about a thousand levels
    for piece in _PIECE.finditer(text):
        name = _WHITE_SPACE.sub("", piece["name"])
        if piece["opening"]:
            if name in _RANGE:
                raise DecodeError(text, piece.start("opening"), f"expected a number after {name}:")
            if not name:
                raise DecodeError(text, piece.start("name"), "expected a field before ':'")
            inner: dict[str, Any] = {}
            levels[-1][name] = inner
            levels.append(inner)
        elif piece["value"] is not None:
            if name not in _RANGE:
                raise DecodeError(text, piece.start("value"), "expected '(' after ':'")
            # Nineteen digits are enough for 63 bits. The pattern refuses digits beyond ASCII, which int() takes.
            number = re.fullmatch(r"0*([0-9]{1,19})", piece["value"])
            if number is None or int(number[1]) > MAX_NUMBER:
                raise DecodeError(text, piece.start("value"), f"expected a number after {name}:")
            # The reference expects a "closing token" here, even where no parenthesis is open.
            if piece.end() == len(text) and not inside:
                raise DecodeError(text, len(text), "expected ',' or ')' after a range")
            levels[-1][name] = int(number[1])
        elif name:
            levels[-1][name] = not piece["minus"]
        if piece["mark"] == ")":
            # Here the reference reads on, but whatever follows, it ends in some exception.
            if len(levels) == 1:
                raise DecodeError(text, piece.start("mark"), "')' without a '(' before it")
            levels.pop()
    if len(levels) > 1:
        raise DecodeError(text, len(text), "expected ')'")
    return mask


# -- writing -----------------------------------------------------------------------------------------------------------


# What com.linkedin.jersey.api.uri.UriComponent leaves as it is in a query, without the percent sign.
_NOT_RAW: Final = re.compile(r"[^A-Za-z0-9,:()'$*/;?!@~\-._]")


def format_projection(projection: Projection, argument: str = "fields") -> str:
    """Return the text of a mask, to stand raw in a URL.

    Args:
        projection: text in mask syntax, ``"id,owner:(name)"``; a sequence of such texts, ``["id", "owner:(name)"]``; or
            a mapping of names to what is asked for, ``{"id": True, "secret": False, "owner": {"name": True}}``,
            with an int under ``$start`` and ``$count``. One may stand in another. White space in text is dropped.
        argument: how an error names the projection.

    Raises:
        InvalidCallError: a character that a query cannot carry raw; a text that servers refuse; a name that is empty,
            begins with ``-`` or has ``, : ( )`` in it; a range in a mapping for the whole entity, which is not a list;
            a value of another type, or one that contains itself. `argument` names the place.
    """
    pieces: list[str] = []
    walk = Walk(argument)
    walk.through(projection, _write(projection, pieces, walk, inside=False))
    return "".join(pieces)


def _write(mask: object, pieces: list[str], walk: Walk, *, inside: bool) -> Visit:
    """Write a mask; `inside`: it stands in the parentheses of a field."""
    if isinstance(mask, str):
        _put(_checked_text(mask, walk, inside=inside), pieces)
    elif isinstance(mask, Mapping):
        for key, item in mask.items():
            fault = _fault(key, item, inside=inside)
            if fault:
                raise InvalidCallError(walk.place(key), fault)
            name = str.__str__(key)  # an Enum that is text formats as its own name
            if name in _RANGE:
                _put(f"{name}:{int(item)}", pieces)
            elif isinstance(item, bool):
                _put(name if item else f"-{name}", pieces)
            else:
                _put(f"{name}:(", pieces)
                yield key, item, _write(item, pieces, walk, inside=True)
                pieces.append(")")
    elif isinstance(mask, Sequence) and not isinstance(mask, bytes | bytearray | memoryview):
        for index, item in enumerate(mask):
            yield index, item, _write(item, pieces, walk, inside=inside)
    else:
        expected = "a mask is text, a sequence or a mapping of names to True, False or a mask"
        raise InvalidCallError(walk.place(), f"is of type {type(mask).__name__}: {expected}")


def _put(piece: str, pieces: list[str]) -> None:
    """Append a piece of a mask, with a comma before it unless it is the first in its parentheses."""
    if piece:
        pieces += [",", piece] if pieces and not pieces[-1].endswith(":(") else [piece]


def _checked_text(mask: str, walk: Walk, *, inside: bool) -> str:
    """Return a mask given as text, without its white space, if servers can read it."""
    text = _WHITE_SPACE.sub("", mask)
    fault = _not_raw(text)
    if fault:
        raise InvalidCallError(walk.place(), fault)
    try:
        _read(text, inside=inside)
    except DecodeError as error:
        raise InvalidCallError(walk.place(), f"servers refuse it: {error}") from error
    return text


def _fault(name: object, item: object, *, inside: bool) -> str | None:
    """Return why a mapping may not have this entry; None if it may."""
    if not isinstance(name, str):
        return f"names must be text, not {type(name).__name__}"
    if not name:
        return "a name is empty"
    fault = _not_raw(name)
    if fault is None and (name[0] == "-" or not {*name}.isdisjoint(",:()")):
        fault = "a mask cannot express a name that begins with '-' or has one of , : ( ) in it"
    if fault is None and name in _RANGE:
        if not inside:
            return "a range belongs to a list, not to the whole entity"
        if not isinstance(item, int) or isinstance(item, bool) or not 0 <= item <= MAX_NUMBER:
            return "must be an int from 0 to 2**63 - 1"
    return fault


def _not_raw(text: str) -> str | None:
    """Return why a text cannot stand raw in a query; None if it can."""
    character = _NOT_RAW.search(text)
    if character is None:
        return None
    return f"has {character[0]!r}: a query cannot carry it raw, and servers do not decode masks"


# -- applying ----------------------------------------------------------------------------------------------------------


def apply_projection(entity: Mapping[str, Any], mask: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a server leaves of an entity under a mask.

    A field that the mask does not name stays only where the mask, with all that is in it, excludes something and
    includes nothing. A mask under ``$*`` applies to every field of a map and every item of a list, together with the
    field's own; excluding wins. Where the mask of a list has no ``$*``, the items stay whole.

    Args:
        entity: a JSON object. It is not changed; what stays whole is shared with the result.
        mask: as `parse_projection` gives it.

    Raises:
        InvalidCallError: the mask asks for fields of a scalar (servers answer 500), or is not a mask.
    """
    signs: dict[int, int] = {}
    # Each map of the mask once: a mask may have one map in several places, even inside itself.
    Walk("mask", once=True).through(mask, _find_signs(mask, signs))
    result: dict[str, Any] = {}
    # Not a `Walk`: several masks go through one entity side by side.
    todo: list[tuple[Any, _Choice, Any]] = [(entity, _Choice((mask,), everything=False), result)]
    while todo:
        source, choice, target = todo.pop()
        for key, value, chosen in _chosen(source, choice, signs):
            part = value
            if isinstance(chosen, _Choice):
                if not isinstance(value, Mapping | list | tuple):
                    raise InvalidCallError("mask", f"asks for fields of {key!r}, which is not a map or list")
                part = {} if isinstance(value, Mapping) else []
                todo.append((value, chosen, part))
            if isinstance(target, dict):
                target[key] = part
            else:
                target.append(part)
    return result


class _Choice(Value):
    """The masks that apply together to a map or list; `everything`: whether all of it is asked for besides."""

    masks: tuple[Mapping[str, Any], ...]
    everything: bool


# The sign of a mask: both bits are set where it includes some fields and excludes others.
_INCLUDES: Final = 1
_EXCLUDES: Final = 2


def _find_signs(fields: Mapping[str, Any], signs: dict[int, int]) -> Visit:
    """Note for each map in a mask, by its id, whether it includes or excludes anything, at any depth."""
    signs[id(fields)] = 0  # found by a map that contains itself
    for name, item in fields.items():
        if isinstance(item, Mapping):
            yield name, item, _find_signs(item, signs)
    sign = 0
    for name, item in fields.items():
        if isinstance(item, Mapping):
            sign |= signs[id(item)]
        elif isinstance(item, bool) or (isinstance(item, int) and name in _RANGE):
            sign |= _EXCLUDES if item is False else _INCLUDES
        else:
            raise InvalidCallError("mask", f"the item {name!r} is of type {type(item).__name__}")
    signs[id(fields)] = sign


def _chosen(
    source: Mapping[str, Any] | Sequence[Any], choice: _Choice, signs: Mapping[int, int]
) -> Iterator[tuple[str, Any, bool | _Choice]]:
    """Yield for each field or item that stays its name, its value and what applies to it."""
    if isinstance(source, Mapping):
        sign = 0
        for mask in choice.masks:
            sign |= signs[id(mask)]
        rest = choice.everything or sign == _EXCLUDES
        for name, value in source.items():
            # A $ in a field's own name is written $$ in a mask.
            applies = _combined(choice, (name.replace("$", "$$"), _ALL), rest=rest)
            if applies is not False:
                yield name, value, applies
        return
    applies = _combined(choice, (_ALL,), rest=True)
    if applies is not False:
        numbers = {name: mask[name] for mask in choice.masks for name in _RANGE if name in mask}
        start = numbers.get("$start", 0)
        for item in source[start : start + numbers.get("$count", len(source))]:
            yield _ALL, item, applies


def _combined(choice: _Choice, names: Iterable[str], *, rest: bool) -> bool | _Choice:
    """Return what the masks have under these names, taken together; `rest` where they have nothing."""
    found = [mask[name] for mask in choice.masks for name in names if name in mask]
    masks = tuple(item for item in found if isinstance(item, Mapping))
    if not found:
        return rest
    if any(item is False for item in found):
        return False
    return _Choice(masks, choice.everything or len(masks) < len(found)) if masks else True
