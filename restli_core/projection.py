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
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, TypeAlias, cast

from restli_core.base_errors import DecodeError, InvalidCallError
from restli_core.patterns import lazy_pattern
from restli_core.places import Visit, Walk

__all__ = ["Projection", "apply_projection", "format_projection", "parse_projection"]

Projection: TypeAlias = str | Sequence["Projection"] | Mapping[str, "bool | int | Projection"]

_ALL: Final = "$*"
_RANGE: Final = {"$start", "$count"}
# Of a range: Java's Integer.MAX_VALUE, and what a text may have that is never applied to a list: Long.MAX_VALUE.
MAX_NUMBER: Final = 2**31 - 1
_MAX_READ: Final = 2**63 - 1

# java.lang.Character.isWhitespace: without the spaces that forbid a line break, with the separators U+001C to U+001F
_WHITE_SPACE: Final = lazy_pattern(
    "[\t\n\v\f\r\x1c\x1d\x1e\x1f \u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000]+"
)


# -- reading -----------------------------------------------------------------------------------------------------------

# One piece and the mark after it. Some alternative matches anywhere, so the pieces leave no gap.
_PIECE: Final = lazy_pattern(
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
            (Where a number of more than 31 bits meets a list, servers fail: see `apply_projection`.)
    """
    return _read(text, inside=False, largest=_MAX_READ)


def _read(text: str, *, inside: bool, largest: int) -> dict[str, Any]:  # noqa: C901 - a branch for each fault of a text
    """Return the mask.

    Args:
        text: the mask as text.
        inside: whether it will stand in parentheses, so that a range may end it.
        largest: the largest number that a range may have.
    """
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
            if number is None or int(number[1]) > largest:
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
_NOT_RAW: Final = lazy_pattern(r"[^A-Za-z0-9,:()'$*/;?!@~\-._]")


_NAMES: Final = lazy_pattern(r"[A-Za-z0-9_]+(?:,[A-Za-z0-9_]+)*")


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
    # The fast path: names alone, as most masks are.
    joined: object = projection
    if type(projection) is list and {*map(type, projection)} == {str}:
        joined = ",".join(cast("list[str]", projection))
    if type(joined) is str and _NAMES.fullmatch(joined):
        return joined
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
        _read(text, inside=inside, largest=MAX_NUMBER)
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
            return "must be an int from 0 to 2**31 - 1"
    return fault


def _not_raw(text: str) -> str | None:
    """Return why a text cannot stand raw in a query; None if it can."""
    character = _NOT_RAW.search(text)
    if character is None:
        return None
    return f"has {character[0]!r}: a query cannot carry it raw, and servers do not decode masks"


# -- applying ----------------------------------------------------------------------------------------------------------

# What becomes of a field of a map, by what the map's mask has under its name, and by what it has under "$*":
#
#     under its name      it
#     False               goes
#     True                stays, under the mask in "$*" together with True
#     a mask              stays, under that mask together with "$*"; but goes where the map's mask selects, and these
#                         two include nothing
#     nothing             goes where "$*" is False; goes where the map's mask selects, unless "$*" is a mask that
#                         selects; else stays, under the mask in "$*"
#
# A mask *includes* where there is a True or a range in it, at any depth, with no "-$*" beside or above it; it *selects*
# where it includes, and has no True for everything. (In the reference: NodeMode HIDE_LOW or SHOW_HIGH, and HIDE_LOW.)


def apply_projection(entity: Mapping[str, Any], mask: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a server leaves of an entity under a mask.

    A field that the mask does not name stays only where the mask, with all that is in it, includes nothing. So ``()``
    leaves all of a field; but an empty mask for the entity itself leaves nothing. A mask under ``$*`` applies to every
    field of a map and every item of a list, together with the field's own. There excluding wins, but a field that is
    named itself stays beside ``-$*``. Where the mask of a list has no ``$*``, the items stay whole.

    Args:
        entity: a JSON object. It is not changed; what stays whole is shared with the result.
        mask: as `parse_projection` gives it.

    Raises:
        InvalidCallError: a server fails over it, with status 500: the mask asks for fields of a scalar, by the scalar's
            name or as the item of a list; it asks for fields of a field, and excludes all by ``-$*``; the range of a
            list is beyond 31 bits. Or it is not a mask.
    """
    masks = _Masks()
    masks.learn(mask)
    result: dict[str, Any] = {}
    # Not a `Walk`: it is an entity that is walked through, under masks of which some are made on the way.
    todo: list[tuple[Any, Mapping[str, Any], Any]] = [(entity, mask, result)] if mask else []
    while todo:
        source, applied, target = todo.pop()
        if isinstance(source, Mapping):
            chosen = _chosen_fields(source, applied, masks)
        else:
            chosen = _chosen_items(source, applied, masks)
        for key, value, inner in chosen:
            part = value
            if isinstance(inner, Mapping):
                part = {} if isinstance(value, Mapping) else []
                todo.append((value, inner, part))
            if isinstance(target, dict):
                target[key] = part
            else:
                target.append(part)
    return result


# What stays of a map or list: its key, the value, and the mask that this stays under; True where it stays whole.
_Chosen: TypeAlias = Iterator[tuple[str, Any, "Mapping[str, Any] | bool"]]

_CONTAINERS: Final = (Mapping, list, tuple)
_EVERYTHING: Final[Mapping[str, Any]] = MappingProxyType({_ALL: True})


def _chosen_fields(source: Mapping[str, Any], mask: Mapping[str, Any], masks: _Masks) -> _Chosen:
    """Yield the fields of a map that stay, by the table above."""
    wildcard = mask.get(_ALL)
    every: Mapping[str, Any] | None = wildcard if isinstance(wildcard, Mapping) else None
    selects = masks.selects(mask)
    keeps_unnamed = wildcard is not False and (not selects or (every is not None and masks.selects(every)))
    for name, value in source.items():
        own = mask.get(name.replace("$", "$$"))  # a $ in a field's own name is written $$ in a mask
        is_scalar = not isinstance(value, _CONTAINERS)
        if isinstance(own, Mapping):
            if wildcard is False:
                raise InvalidCallError("mask", f"asks for fields of {name!r}, and excludes all of them by '-$*'")
            if wildcard is not None:
                own = masks.together(own, _EVERYTHING if every is None else every)
            if selects and not masks.includes(own):
                continue
            if is_scalar:
                raise InvalidCallError("mask", f"asks for fields of {name!r}, which is not a map or list")
            yield name, value, own
        elif own is True or (own is None and keeps_unnamed):
            if every is None or is_scalar:
                yield name, value, True
            else:
                yield name, value, masks.together(every, _EVERYTHING) if own else every


def _chosen_items(source: Sequence[Any], mask: Mapping[str, Any], masks: _Masks) -> _Chosen:
    """Yield the items of a list that stay."""
    start, end = masks.bounds(mask)
    every = mask.get(_ALL, True)
    # All of them, whether they are in the range or not.
    if isinstance(every, Mapping) and not all(isinstance(item, _CONTAINERS) for item in source):
        raise InvalidCallError("mask", f"asks for fields of {_ALL!r}, which is not a map or list")
    for item in source[start:end] if every is not False else ():
        yield _ALL, item, every


class _Masks:
    """What is known of the masks that one call meets: whether each includes or excludes, and what two are together.

    Masks are known by their ids, since mappings have no hash; all of them live as long as this does.
    """

    def __init__(self) -> None:
        self._includes: dict[int, bool] = {}
        self._excludes: dict[int, bool] = {}
        # What each excludes, apart from which it is empty; that mask itself is among them.
        self._pruned: dict[int, dict[str, Any]] = {}
        # By the ids of two masks what they are together; with the two, so that they live.
        self._together: dict[tuple[int, int], tuple[dict[str, Any], Mapping[str, Any], Mapping[str, Any]]] = {}

    def includes(self, mask: Mapping[str, Any]) -> bool:
        """Return whether anything in a mask is included."""
        return self._includes[id(mask)]

    def selects(self, mask: Mapping[str, Any]) -> bool:
        """Return whether a mask includes something, but not everything."""
        if not self.includes(mask):
            return False
        met = set[int]()
        every: Any = mask
        while isinstance(every, Mapping) and id(every) not in met:  # "$*:($*)" is everything, too
            met.add(id(every))
            every = every.get(_ALL)
        return every is not True

    def bounds(self, mask: Mapping[str, Any]) -> tuple[int, int]:
        """Return where the range of a mask begins and ends; from 0 to `MAX_NUMBER` where it has none.

        Raises:
            InvalidCallError: it is beyond 31 bits.
        """
        start, count = int(mask.get("$start", 0)), int(mask.get("$count", MAX_NUMBER))
        if not (0 <= start <= MAX_NUMBER and 0 <= count <= MAX_NUMBER):
            raise InvalidCallError("mask", f"the range of {start} and {count} is not from 0 to 2**31 - 1")
        return start, start + min(count, MAX_NUMBER - start)

    def learn(self, mask: Mapping[str, Any]) -> None:
        """Note for a mask, and all masks in it, whether it includes and whether it excludes anything.

        Each is visited once: a mask may have another in several places, and even itself in it.

        Raises:
            InvalidCallError: it is not a mask.
        """
        new = [mask]
        met = {id(mask)}
        above: dict[int, list[Mapping[str, Any]]] = {}  # by the id of a mask, those that it is in
        for one in new:  # which grows
            for name, item in one.items():
                if isinstance(item, int if name in _RANGE else bool):
                    continue
                if not isinstance(item, Mapping) or name in _RANGE:
                    raise InvalidCallError("mask", f"the item {name!r} is of type {type(item).__name__}")
                above.setdefault(id(item), []).append(one)
                if id(item) not in met and id(item) not in self._includes:
                    met.add(id(item))
                    new.append(item)
        for flags, does, may in (
            (self._includes, _includes_itself, _may_include),
            (self._excludes, _excludes_itself, lambda _: True),
        ):
            flags.update((id(one), does(one)) for one in new)
            todo = [below for below in (*met, *above) if flags[below]]
            while todo:  # upwards, from those that do
                for one in above.get(todo.pop(), ()):
                    if not flags[id(one)] and may(one):
                        flags[id(one)] = True
                        todo.append(id(one))

    def together(self, first: Mapping[str, Any], second: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the mask that two masks for one field are together (MaskComposition).

        What one of them excludes is excluded. What one has as a whole and the other in part, is there as a whole, less
        what that part excludes. Of two ranges all from the first start to the last end is there.

        Raises:
            InvalidCallError: the reference fails to compose them.
        """
        known = self._together.get((id(first), id(second)))
        if known is not None:
            return known[0]
        todo: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = []
        result = self._later(first, second, todo)
        while todo:
            one, other = todo.pop()
            joined = self._together[id(one), id(other)][0]
            if one.get(_ALL) is False or other.get(_ALL) is False:
                joined[_ALL] = False
                continue
            joined |= self._joined_ranges(one, other)
            for name in [name for name in {**one, **other} if name not in _RANGE]:
                given = [mask[name] for mask in (one, other) if name in mask]
                joined[name] = given[0] if len(given) == 1 else self._joined(given[0], given[1], todo)
            if not joined:
                joined[_ALL] = True  # both are empty, or their ranges were everything
        self.learn(result)
        return result

    def _joined(self, one: Any, other: Any, todo: list[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> Any:
        """Return what two items under one name are together."""
        if one is False or other is False:
            return False
        if isinstance(one, Mapping):
            return self._later(one, other, todo) if isinstance(other, Mapping) else self._widened(one)
        return self._widened(other) if isinstance(other, Mapping) else True

    def _later(
        self, one: Mapping[str, Any], other: Mapping[str, Any], todo: list[tuple[Mapping[str, Any], Mapping[str, Any]]]
    ) -> dict[str, Any]:
        """Return the mask that two are together, which may be empty still: then `todo` has the two."""
        if (id(one), id(other)) not in self._together:
            self._together[id(one), id(other)] = ({}, one, other)
            todo.append((one, other))
        return self._together[id(one), id(other)][0]

    def _joined_ranges(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, int]:
        """Return the range that covers those of two masks; nothing where it is all."""
        ranges = [self.bounds(mask) for mask in (one, other) if "$start" in mask or "$count" in mask]
        start = min((start for start, _ in ranges), default=0)
        count = max((end for _, end in ranges), default=MAX_NUMBER) - start
        return {**({"$start": start} if start else {}), **({"$count": count} if count < MAX_NUMBER else {})}

    def _widened(self, mask: Mapping[str, Any]) -> Mapping[str, Any] | bool:
        """Return what a mask is together with True: everything but what it excludes; True where that is nothing."""
        if not self._excludes[id(mask)]:
            return True
        result = widened = {**self._exclusions(mask)}
        met = set[int]()
        while (inner := widened.get(_ALL)) is not None:
            if inner is False:
                raise InvalidCallError("mask", "asks for all of what it excludes all of by '-$*'")
            if id(inner) in met:
                raise InvalidCallError("mask", f"has itself under {_ALL!r}")
            met.add(id(inner))
            widened[_ALL] = {**inner}
            widened = widened[_ALL]
        widened[_ALL] = True
        return result

    def _exclusions(self, mask: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a mask without all that it includes."""
        todo = [] if id(mask) in self._pruned else [mask]
        self._pruned.setdefault(id(mask), {})
        while todo:
            one = todo.pop()
            pruned = self._pruned[id(one)]
            self._pruned[id(pruned)] = pruned
            for name, item in one.items():
                if item is False and name not in _RANGE:
                    pruned[name] = False
                elif isinstance(item, Mapping) and self._excludes[id(item)]:
                    if id(item) not in self._pruned:
                        self._pruned[id(item)] = {}
                        todo.append(item)
                    pruned[name] = self._pruned[id(item)]
        return self._pruned[id(mask)]


def _includes_itself(mask: Mapping[str, Any]) -> bool:
    """Return whether a mask includes something, apart from the masks in it."""
    return _may_include(mask) and any(item is True or name in _RANGE for name, item in mask.items())


def _may_include(mask: Mapping[str, Any]) -> bool:
    """Return whether what a mask includes counts, which it does not beside ``-$*``."""
    return mask.get(_ALL) is not False


def _excludes_itself(mask: Mapping[str, Any]) -> bool:
    """Return whether a mask excludes something, apart from the masks in it."""
    return any(item is False and name not in _RANGE for name, item in mask.items())
