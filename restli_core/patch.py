"""Rest.li's patches: what PARTIAL_UPDATE changes in a JSON document.

    patch   = { ["$set": {name: value, ...}], ["$delete": [name, ...]], name: patch, ... }     of a map
            / { "$reorder": [{"$fromIndex": index, "$toIndex": index}] }                       of a list
    values and names in $set and $delete are as in the document; a name before a patch is a branch

The patch of no change is ``{}``. Servers do ``$set`` before ``$delete``, and one map's own changes before those of its
branches, whatever the order in the text.

**Names that begin with** ``$``. A branch cannot have one: servers take it for a command, and do nothing for a command
that they do not know. LinkedIn's own client writes the branch into ``$a`` as ``$$a``, which its server ignores as well.
So a change inside such a map is lost without a word, unless the map is set whole.

How LinkedIn's Java code does it: com.linkedin.data.transform.patch.request.PatchCreator for `diff`,
com.linkedin.data.transform.patch.Patch for `apply`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, TypeGuard, TypeVar

from restli_core.base_errors import InvalidCallError

__all__ = ["apply", "diff"]

_SET: Final = "$set"
_DELETE: Final = "$delete"
_REORDER: Final = "$reorder"
_INDEXES: Final = ("$fromIndex", "$toIndex")
_SHOWN_PLACE: Final = 200

_Map: TypeAlias = dict[str, Any]
_List: TypeAlias = list[Any]


class _Branch:
    """A map that joins the one around it only when something is put into it."""

    __slots__ = ("around", "fields", "joined", "name")

    def __init__(self, fields: _Map, around: _Branch | None = None, name: str = "", *, joined: bool = True) -> None:
        self.fields = fields
        self.around = around
        self.name = name
        self.joined = joined

    def joined_fields(self) -> _Map:
        """Its fields, to put something into."""
        branch = self
        while branch.around is not None and not branch.joined:
            branch.around.fields[branch.name] = branch.fields
            branch.joined = True
            branch = branch.around
        return self.fields

    def place(self, *inner: str) -> str:
        """Where it stands in the patch, or what stands in it."""
        names = list(reversed(inner))
        branch = self
        while branch.around is not None:
            names.append(branch.name)
            branch = branch.around
        return _place("patch", reversed(names))


def diff(before: Mapping[str, Any], after: Mapping[str, Any], *, whole_dollar_maps: bool = False) -> dict[str, Any]:
    """The patch that makes one document out of another.

    The law is ``apply(before, diff(before, after)) == after``. It has one exception: a change inside a map whose name
    begins with ``$`` is written, as LinkedIn's client writes it, as a branch that servers and `apply` ignore. With
    `whole_dollar_maps` such a map is set whole instead, and the law has none. (A name with a ``$`` further on is no
    command, so its branch has the plain name, which servers follow.)

    Values differ when Java's ``equals`` says so: 1, 1.0 and true do, so do 0.0 and -0.0; NaN equals itself. A list that
    differs is set whole.

    Args:
        before: the JSON document as it is: maps, lists or tuples, and scalars, which are taken as they are.
        after: the one that it shall be.
        whole_dollar_maps: whether a changed map whose name begins with ``$`` is set whole.

    Returns:
        The patch, what goes under ``"patch"`` in the body; ``{}`` where nothing differs. It shares nothing with the
        arguments.

    Raises:
        InvalidCallError: a document is not a mapping, has a name that is not text, or contains itself.
    """
    whole = _Branch({})
    todo = [(_copied(before, "before"), _copied(after, "after"), whole)]
    while todo:
        old, new, branch = todo.pop()
        deleted = [name for name in old if name not in new]
        if deleted:
            branch.joined_fields()[_DELETE] = deleted
        maps = [name for name in new if _is_branch(name, old, new) and not (whole_dollar_maps and _is_command(name))]
        changed = _changed(old, new, frozenset(maps))
        if changed:
            branch.joined_fields()[_SET] = changed
        # The last is done first: so the branches of the patch are in the document's order.
        todo += ((old[name], new[name], _Branch({}, branch, _escaped(name), joined=False)) for name in reversed(maps))
    return whole.fields


def _is_branch(name: str, old: _Map, new: _Map) -> bool:
    return isinstance(new[name], dict) and isinstance(old.get(name), dict)


def _changed(old: _Map, new: _Map, apart: frozenset[str]) -> _Map:
    names = (name for name in new if name not in apart)
    return {name: new[name] for name in names if name not in old or not _equal(old[name], new[name])}


def _is_command(name: str) -> bool:
    return name.startswith("$")


def _escaped(name: str) -> str:
    return name.replace("$", "$$") if _is_command(name) else name


def _equal(first: object, second: object) -> bool:
    pairs = [(first, second)]
    while pairs:
        left, right = pairs.pop()
        if isinstance(left, dict) and isinstance(right, dict) and left.keys() == right.keys():
            pairs += ((left[name], right[name]) for name in left)
        elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
            pairs += zip(left, right, strict=True)
        elif not _equal_scalars(left, right):
            return False
    return True


_KINDS: Final = (bool, int, float, str)


def _equal_scalars(left: object, right: object) -> bool:
    kind = _kind(left)
    if isinstance(left, dict | list) or kind is not _kind(right):
        return False
    if isinstance(left, float) and isinstance(right, float):
        return float.hex(left) == float.hex(right)
    return left == right


def _kind(value: object) -> type:
    return next((kind for kind in _KINDS if isinstance(value, kind)), type(value))


def apply(document: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """The document after a patch, as Rest.li's server makes it.

    A branch into a map that is missing makes that map if there is a ``$set`` in it or below it, not to delete from it.
    What is ignored: deleting what is missing, commands that are not known, branches that begin with ``$``, and in the
    patch of a list all but ``$reorder``.

    Args:
        document: a JSON object; it is not changed, and the result shares nothing with it or with the patch.
        patch: what goes under ``"patch"`` in the body.

    Raises:
        InvalidCallError: an argument is not a mapping, has a name that is not text, or contains itself; one name is in
            two of ``$set``, ``$delete`` and the branches of a map; a branch leads into a scalar, or is one; ``$set`` is
            not a map, ``$delete`` not a list, ``$reorder`` not a list of at most one move inside the list.
    """
    result = _copied(document, "document")
    todo = [(_Branch(result), _copied(patch, "patch"))]
    while todo:
        branch, commands = todo.pop()
        names = [name for name in commands if not _is_command(name)]
        sets = _command(_SET, commands, branch, dict[str, Any]())
        deletes = {name for name in _command(_DELETE, commands, branch, list[Any]()) if isinstance(name, str)}
        _refuse_twice(sets, deletes, names, branch)
        if _SET in commands:
            branch.joined_fields().update(sets)
        for name in deletes:
            branch.fields.pop(name, None)
        todo += _branches(branch, commands, names)
    return result


_Command = TypeVar("_Command", _Map, _List)


def _command(name: str, commands: _Map, branch: _Branch, default: _Command) -> _Command:
    """What a command says; `default` where there is none, which also tells the type it must have."""
    said = commands.get(name, default)
    if not isinstance(said, type(default)):
        raise InvalidCallError(branch.place(name), f"must be {_TYPES[type(default)]}, not {type(said).__name__}")
    return said


_TYPES: Final = {dict: "a mapping", list: "a list"}


def _refuse_twice(sets: _Map, deletes: set[str], names: Iterable[str], branch: _Branch) -> None:
    twice = [name for name in deletes if name in sets] + [name for name in names if name in sets or name in deletes]
    if twice:
        raise InvalidCallError(branch.place(min(twice)), f"is in two of {_SET}, {_DELETE} and the branches")


def _branches(branch: _Branch, commands: _Map, names: Iterable[str]) -> Iterator[tuple[_Branch, _Map]]:
    for name in names:
        inner = commands[name]
        if not isinstance(inner, dict):
            raise InvalidCallError(branch.place(name), f"is a branch and must be a mapping, not {type(inner).__name__}")
        value = branch.fields.get(name, _MISSING)
        if isinstance(value, list):
            _reorder(value, inner, branch, name)
        elif isinstance(value, dict):
            yield _Branch(value, branch, name), inner
        elif value is _MISSING:
            yield _Branch({}, branch, name, joined=False), inner
        else:
            raise InvalidCallError(branch.place(name), f"leads into a value of type {type(value).__name__}")


_MISSING: Final = object()


def _reorder(items: _List, commands: _Map, branch: _Branch, name: str) -> None:
    moves = commands.get(_REORDER, [])
    if not isinstance(moves, list) or len(moves) > 1:
        raise InvalidCallError(branch.place(name, _REORDER), "must be a list of at most one move")
    for move in moves:
        indexes = [index for index in map(_fields(move).get, _INDEXES) if _is_index(index, items)]
        if len(indexes) < len(_INDEXES):
            raise InvalidCallError(
                branch.place(name, _REORDER), f"a move has {' and '.join(_INDEXES)}, indexes of {len(items)} items"
            )
        origin, target = indexes
        items.insert(target, items.pop(origin))


def _fields(value: object) -> _Map:
    return value if isinstance(value, dict) else {}


def _is_index(value: object, items: _List) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(items)


@dataclass(slots=True)
class _Level:
    """A container that is being copied."""

    source: Mapping[Any, object] | Sequence[object]
    copy: _Map | _List
    entries: Iterator[tuple[Any, object]]
    key: Any = None


def _copied(document: object, argument: str) -> _Map:
    """A JSON object as dicts and lists of its own. Its levels stand on a list: Python's stack ends at a thousand."""
    if not isinstance(document, Mapping):
        raise InvalidCallError(argument, f"must be a mapping, not {type(document).__name__}")
    copy: _Map = {}
    levels = [_map_level(document, copy)]
    enclosing = {id(document)}
    while levels:
        level = levels[-1]
        entry = next(level.entries, None)
        if entry is None:
            enclosing.remove(id(levels.pop().source))
            continue
        level.key, item = entry
        inner = _level(item)
        if isinstance(level.copy, dict):
            level.key = _name(level.key, argument, levels)
        if id(item) in enclosing:
            raise InvalidCallError(_place(argument, (level.key for level in levels)), "contains itself")
        level.copy[level.key] = item if inner is None else inner.copy
        if inner is not None:
            enclosing.add(id(item))
            levels.append(inner)
    return copy


def _level(item: object) -> _Level | None:
    if isinstance(item, Mapping):
        return _map_level(item, {})
    return _Level(item, [None] * len(item), enumerate(item)) if isinstance(item, list | tuple) else None


def _map_level(fields: Mapping[Any, object], copy: _Map) -> _Level:
    return _Level(fields, copy, iter(fields.items()))


def _name(key: object, argument: str, levels: list[_Level]) -> str:
    if not isinstance(key, str):
        raise InvalidCallError(
            _place(argument, (level.key for level in levels)), f"names must be text, not {type(key).__name__}"
        )
    return str.__str__(key)  # an Enum that is text stands for its text


def _place(argument: str, keys: Iterable[object]) -> str:
    place = argument + "".join(f"[{key!r}]" for key in keys)
    half = _SHOWN_PLACE // 2
    return place if len(place) <= _SHOWN_PLACE else f"{place[:half]}…{place[1 - half :]}"
