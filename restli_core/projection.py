"""Rest.li's projections, or masks: which fields of an entity the answer shall have (the parameter ``fields``).

    mask  = [ piece *( "," piece ) ]             of two pieces with one name, the later counts
    piece = field / "-" field                    the field / all but the field
          / field ":(" mask ")"                  some of its fields; the comma behind the parenthesis may be missing
          / ( "$start" / "$count" ) ":" 1*DIGIT  of a list, the items from here / so many items
          / ""
    field = 1*any but "," ":" ")"                white space inside counts for nothing; "$*" is every field or item

A mask stands raw in a URL: servers do not percent-decode it (URIParamUtils.java:427-431). So it can hold only what a
query carries as it is, and nothing escapes a character of the grammar. A ``$`` in a field's own name is written ``$$``
(com.linkedin.data.transform.Escaper), in the mappings of this module too.

How LinkedIn's Java code does it: com.linkedin.restli.internal.common.URIMaskUtil; RestUtils.projectFields.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, Final, NoReturn, TypeAlias

from restli_core.base_errors import DecodeError, InvalidCallError

__all__ = ["Projection", "apply_projection", "format_projection", "parse_projection"]

Projection: TypeAlias = str | Sequence["Projection"] | Mapping[str, "bool | int | Projection"]

_ALL: Final = "$*"
_START: Final = "$start"
_COUNT: Final = "$count"
_RANGE: Final = (_START, _COUNT)
_LARGEST: Final = 2**63 - 1  # Java's Long.MAX_VALUE

# java.lang.Character.isWhitespace: not the spaces that forbid a line break, but the separators U+001C to U+001F
_SPACES: Final = "\t\n\v\f\r\x1c\x1d\x1e\x1f \u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000"
_WHITE_SPACE: Final = re.compile(f"[{_SPACES}]+")

# One piece and the mark behind it. Some alternative matches anywhere, so the pieces leave no gap.
_PIECE: Final = re.compile(
    r"(?P<minus>-?)(?P<name>[^,:)]*)(?: :(?P<opening>\() | :(?P<value>[^,)]*) | (?P<mark>[,)]) | \Z)", re.VERBOSE
)
_NUMBER: Final = re.compile(r"0*([0-9]{1,19})")

# What com.linkedin.jersey.api.uri.UriComponent leaves as it is in a query, less the percent sign
_NOT_RAW: Final = re.compile(r"[^A-Za-z0-9,:()'$*/;?!@~\-._]")
_NOT_IN_A_NAME: Final = re.compile(r"^-|[,:()]")
_SHOWN_PLACE: Final = 200


def parse_projection(text: str) -> dict[str, Any]:
    """The mask that a text means, as a Rest.li server reads it.

    Returns:
        A dict from names to True (the field), False (all but the field), a dict (some of its fields) or, under
        ``$start`` and ``$count``, an int. Names are as in the mask: a ``$`` of the field's own is still ``$$``.

    Raises:
        DecodeError: a server refuses the text, or fails over it: a ``:`` without ``(`` behind it or a name before it,
            parentheses that do not match, a range without a number (beyond 63 bits is none) or at the very end.
    """
    return _read(text, inside=False)


def _read(text: str, *, inside: bool) -> dict[str, Any]:
    """The mask; `inside`: the text will stand in parentheses, so that a range may end it."""
    mask: dict[str, Any] = {}
    levels = [mask]
    for piece in _PIECE.finditer(text):
        name = _WHITE_SPACE.sub("", piece["name"])
        if piece["opening"]:
            levels.append(_opened(levels[-1], name, piece))
        elif piece["value"] is not None:
            levels[-1][name] = _number(name, piece, inside=inside)
        elif name:
            levels[-1][name] = not piece["minus"]
        if piece["mark"] == ")":
            _close(levels, piece)
    if len(levels) > 1:
        raise DecodeError(text, len(text), "expected ')'")
    return mask


def _opened(level: dict[str, Any], name: str, piece: re.Match[str]) -> dict[str, Any]:
    if name in _RANGE:
        raise DecodeError(piece.string, piece.start("opening"), f"expected a number after {name}:")
    if not name:
        raise DecodeError(piece.string, piece.start("name"), "expected a field before ':'")
    fields: dict[str, Any] = {}
    level[name] = fields
    return fields


def _number(name: str, piece: re.Match[str], *, inside: bool) -> int:
    if name not in _RANGE:
        raise DecodeError(piece.string, piece.start("value"), "expected '(' after ':'")
    number = _NUMBER.fullmatch(piece["value"])
    if number is None or int(number[1]) > _LARGEST:
        raise DecodeError(piece.string, piece.start("value"), f"expected a number after {name}:")
    if piece.end() == len(piece.string) and not inside:
        raise DecodeError(piece.string, piece.end(), "expected ',' or ')' after a range")
    return int(number[1])


def _close(levels: list[dict[str, Any]], piece: re.Match[str]) -> None:
    # The reference reads on, but whatever follows, it ends in an IllegalMaskException or a NullPointerException.
    if len(levels) == 1:
        raise DecodeError(piece.string, piece.start("mark"), "')' without a '(' before it")
    levels.pop()


def format_projection(projection: Projection, argument: str = "fields") -> str:
    """The text of a mask, to stand raw in a URL.

    Args:
        projection: text in mask syntax, ``"id,owner:(name)"``; a sequence of such texts, ``["id", "owner:(name)"]``; or
            a mapping of names to what is asked of them, ``{"id": True, "secret": False, "owner": {"name": True}}``,
            with an int under ``$start`` and ``$count``. One may stand in another. White space in text is dropped.
        argument: how an error names the projection.

    Raises:
        InvalidCallError: a character that a query cannot carry raw; a text that servers refuse; a name that is empty,
            begins with ``-`` or has ``, : ( )`` in it; a range in a mapping for the whole entity, which is no list; a
            value of another type, or one that contains itself. `argument` names the place.
    """
    return _Writer(argument).written(projection)


@dataclass(slots=True)
class _Level:
    """A mapping or sequence that is being written."""

    source: Mapping[Any, object] | Sequence[object]
    entries: Iterator[tuple[object, object]]
    closing: str
    inside: bool
    key: object = None


class _Writer:
    """Writes a mask entry by entry; its levels stand on a list and not on Python's stack, which ends at a thousand."""

    __slots__ = ("argument", "enclosing", "levels", "pieces")

    def __init__(self, argument: str) -> None:
        self.argument = argument
        self.enclosing: set[int] = set()
        self.levels: list[_Level] = []
        self.pieces: list[str] = []

    def written(self, projection: object) -> str:
        self._enter(projection, "", inside=False)
        while self.levels:
            level = self.levels[-1]
            entry = next(level.entries, None)
            if entry is None:
                self._leave()
                continue
            level.key, item = entry
            if isinstance(level.source, Mapping):
                self._put_named(self._name(level.key), item, inside=level.inside)
            else:
                self._enter(item, "", inside=level.inside)
        return "".join(self.pieces)

    def _put_named(self, name: str, item: object, *, inside: bool) -> None:
        if name in _RANGE:
            self._put(f"{name}:{self._number(item, inside=inside)}")
        elif isinstance(item, bool):
            self._put(name if item else f"-{name}")
        else:
            self._put(f"{name}:(")
            self._enter(item, ")", inside=True)

    def _enter(self, mask: object, closing: str, *, inside: bool) -> None:
        if isinstance(mask, str):
            self._put(self._text(mask, inside=inside))
            self.pieces += closing
        elif isinstance(mask, Mapping | Sequence) and not isinstance(mask, bytes | bytearray | memoryview):
            if id(mask) in self.enclosing:
                self._refuse("contains itself")
            self.enclosing.add(id(mask))
            entries: Iterable[tuple[object, object]] = mask.items() if isinstance(mask, Mapping) else enumerate(mask)
            self.levels.append(_Level(mask, iter(entries), closing, inside))
        else:
            self._refuse(
                f"is of type {type(mask).__name__}: a mask is text, a sequence or a mapping of names to True, False or "
                "a mask"
            )

    def _leave(self) -> None:
        level = self.levels.pop()
        self.enclosing.remove(id(level.source))
        self.pieces += level.closing

    def _put(self, piece: str) -> None:
        if piece:
            self.pieces += [",", piece] if self.pieces and not self.pieces[-1].endswith(":(") else [piece]

    def _text(self, mask: str, *, inside: bool) -> str:
        text = _WHITE_SPACE.sub("", mask)
        self._check_raw(text)
        try:
            _read(text, inside=inside)
        except DecodeError as error:
            raise InvalidCallError(self._place(), f"servers refuse it: {error}") from error
        return text

    def _name(self, name: object) -> str:
        if not isinstance(name, str):
            self._refuse(f"names must be text, not {type(name).__name__}")
        if not name:
            self._refuse("a name is empty")
        self._check_raw(name)
        if _NOT_IN_A_NAME.search(name):
            self._refuse("no mask can say a name that begins with '-' or has one of , : ( ) in it")
        return str.__str__(name)  # an Enum that is text formats as its own name

    def _number(self, item: object, *, inside: bool) -> int:
        if not inside:
            self._refuse("a range belongs to a list, not to the whole entity")
        if not isinstance(item, int) or isinstance(item, bool) or not 0 <= item <= _LARGEST:
            self._refuse("must be an int from 0 to 2**63 - 1")
        return int(item)

    def _check_raw(self, text: str) -> None:
        character = _NOT_RAW.search(text)
        if character:
            self._refuse(f"has {character[0]!r}: a query cannot carry it raw, and servers do not decode masks")

    def _refuse(self, reason: str) -> NoReturn:
        raise InvalidCallError(self._place(), reason)

    def _place(self) -> str:
        place = self.argument + "".join(map(_shown, self.levels))
        half = _SHOWN_PLACE // 2
        return place if len(place) <= _SHOWN_PLACE else f"{place[:half]}…{place[1 - half :]}"


def _shown(level: _Level) -> str:
    try:
        return f"[{level.key!r}]"
    except (ValueError, RecursionError):  # it is no name: an int of more than 4,300 digits, or a deep tuple
        return f"[{type(level.key).__name__}]"


def apply_projection(entity: Mapping[str, Any], mask: Mapping[str, Any]) -> dict[str, Any]:
    """What a server leaves of an entity.

    What a mask does not name stays only where the mask, with all that is in it, excludes and includes nothing. A mask
    under ``$*`` applies to every field of a map and every item of a list, together with the field's own; excluding
    wins. The items of a list without ``$*`` stay whole.

    Args:
        entity: a JSON object. It is not changed; what stays whole is shared with the result.
        mask: as `parse_projection` gives it.

    Raises:
        InvalidCallError: the mask asks for fields of a scalar (servers answer 500), or is not a mask.
    """
    signs = _signs(mask)
    kept: dict[str, Any] = {}
    todo: list[_Task] = [(entity, _Choice((mask,), everything=False), kept)]
    while todo:
        source, choice, target = todo.pop()
        for key, value, chosen in _chosen(source, choice, signs):
            part = value if chosen is True else _empty(value, key)
            if isinstance(chosen, _Choice):
                todo.append((value, chosen, part))
            if isinstance(target, dict):
                target[key] = part
            else:
                target.append(part)
    return kept


@dataclass(frozen=True, slots=True)
class _Choice:
    """The masks that apply to a map or list together; `everything`: beside them, one that asks for all of it."""

    masks: tuple[Mapping[str, Any], ...]
    everything: bool


_Task: TypeAlias = tuple[Mapping[str, Any] | Sequence[Any], _Choice, dict[str, Any] | list[Any]]

_INCLUDES: Final = 1
_EXCLUDES: Final = 2


def _signs(mask: Mapping[str, Any]) -> dict[int, int]:
    """By the id of each map in the mask, whether it includes or excludes anything at any depth."""
    signs: dict[int, int] = {}
    todo = [(mask, False)]
    while todo:
        fields, inner_known = todo.pop()
        if inner_known:
            signs[id(fields)] = reduce(or_, (_sign(name, item, signs) for name, item in fields.items()), 0)
        elif id(fields) not in signs:
            signs[id(fields)] = 0
            todo.append((fields, True))
            todo += ((item, False) for item in fields.values() if isinstance(item, Mapping))
    return signs


def _sign(name: str, item: object, signs: Mapping[int, int]) -> int:
    if isinstance(item, Mapping):
        return signs[id(item)]
    if not isinstance(item, bool) and not (isinstance(item, int) and name in _RANGE):
        raise InvalidCallError("mask", f"what it says of {name!r} is of type {type(item).__name__}")
    return _EXCLUDES if item is False else _INCLUDES


def _chosen(
    source: Mapping[str, Any] | Sequence[Any], choice: _Choice, signs: Mapping[int, int]
) -> Iterator[tuple[Any, Any, bool | _Choice]]:
    """The key, the value and what applies to it, of each field or item that stays."""
    if isinstance(source, Mapping):
        rest = choice.everything or reduce(or_, (signs[id(mask)] for mask in choice.masks)) == _EXCLUDES
        fields = ((name, value, _combined(choice, (_escaped(name), _ALL), rest=rest)) for name, value in source.items())
        return (field for field in fields if field[2] is not False)
    applies = _combined(choice, (_ALL,), rest=True)
    return iter(()) if applies is False else ((_ALL, item, applies) for item in _within_range(source, choice.masks))


def _combined(choice: _Choice, names: Iterable[str], *, rest: bool) -> bool | _Choice:
    """What the masks say under these names, taken together; `rest` where they say nothing."""
    said = [mask[name] for mask in choice.masks for name in names if name in mask]
    masks = tuple(item for item in said if isinstance(item, Mapping))
    if not said:
        return rest
    if any(item is False for item in said):
        return False
    return _Choice(masks, choice.everything or len(masks) < len(said)) if masks else True


def _escaped(name: str) -> str:
    return name.replace("$", "$$")


def _within_range(items: Sequence[Any], masks: Iterable[Mapping[str, Any]]) -> Sequence[Any]:
    said = {name: mask[name] for mask in masks for name in _RANGE if name in mask}
    start = said.get(_START, 0)
    return items[start : start + said.get(_COUNT, len(items))]


def _empty(value: object, key: str) -> dict[str, Any] | list[Any]:
    if isinstance(value, Mapping):
        return {}
    if isinstance(value, list | tuple):
        return []
    raise InvalidCallError("mask", f"asks for fields of {key!r}, which is no map or list")
