"""Rest.li's patches: what PARTIAL_UPDATE changes in a JSON document.

    patch   = { ["$set": {name: value, ...}], ["$delete": [name, ...]], name: patch, ... }     of a map
            / { "$reorder": [{"$fromIndex": index, "$toIndex": index}] }                       of a list
    values and names in $set and $delete are as in the document; a name before a patch is a branch

The patch of no change is ``{}``. Servers do ``$set`` before ``$delete``, and one map's own changes before those of its
branches, whatever the order in the text.

**Names that begin with** ``$``. A branch cannot have one: servers take it for a command, and do nothing for a command
that they do not know. LinkedIn's own client writes the branch into ``$a`` as ``$$a``, which its server ignores as well.
So a change inside such a map is lost without an error, unless the map is set whole.

How LinkedIn's Java code does it: com.linkedin.data.transform.patch.request.PatchCreator for `diff`,
com.linkedin.data.transform.patch.Patch for `apply`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from restli_core.base_errors import InvalidCallError, SuspiciousValueWarning
from restli_core.callers import warn
from restli_core.encoding.scalars import Refused, scalar_text
from restli_core.places import Visit, Walk, format_place

__all__ = ["apply", "diff"]

_SET: Final = "$set"
_DELETE: Final = "$delete"
_REORDER: Final = "$reorder"
_INDEXES: Final = ("$fromIndex", "$toIndex")


def diff(before: Mapping[str, Any], after: Mapping[str, Any], *, whole_dollar_maps: bool = False) -> dict[str, Any]:
    """Return the patch that makes one document out of another.

    The law is ``apply(before, diff(before, after)) == after``. It has one exception: a change inside a map whose name
    begins with ``$`` is written, as LinkedIn's client writes it, as a branch that servers and `apply` ignore. With
    `whole_dollar_maps` such a map is set whole instead, and the law has no exception. (A name with a ``$`` further on
    is not a command, so its branch has the plain name, which servers follow.)

    Values differ when Java's ``equals`` says so: 1, 1.0 and true differ from one another, 0.0 differs from -0.0, and
    NaN equals itself. A list that differs is set whole.

    Args:
        before: the JSON document as it is: maps, lists or tuples, and scalars, which are taken as they are.
        after: the JSON document as it shall be.
        whole_dollar_maps: whether a changed map whose name begins with ``$`` is set whole.

    Returns:
        The patch: what goes under ``"patch"`` in the body; ``{}`` where nothing differs. It shares nothing with the
        arguments.

    Raises:
        InvalidCallError: a document is not a mapping, has a name that is not text, or contains itself.
    """
    old, new = _copied(before, "before"), _copied(after, "after")
    patch: dict[str, Any] = {}
    Walk("after").through(new, _diff(old, new, patch, whole_dollar_maps=whole_dollar_maps))
    return patch


def _diff(old: dict[str, Any], new: dict[str, Any], patch: dict[str, Any], *, whole_dollar_maps: bool) -> Visit:
    """Put into a patch what makes the new map out of the old one."""
    deleted = [name for name in old if name not in new]
    changed: dict[str, Any] = {}
    branches: list[str] = []
    for name, value in new.items():
        if isinstance(value, dict) and isinstance(old.get(name), dict) and not (whole_dollar_maps and name[:1] == "$"):
            branches.append(name)
        elif name not in old or not _equal(old[name], value):
            changed[name] = value
    if deleted:
        patch[_DELETE] = deleted
    if changed:
        patch[_SET] = changed
    for name in branches:
        branch: dict[str, Any] = {}
        yield name, new[name], _diff(old[name], new[name], branch, whole_dollar_maps=whole_dollar_maps)
        if branch:
            patch[name.replace("$", "$$") if name.startswith("$") else name] = branch


def _equal(first: object, second: object) -> bool:
    """Return whether two values of documents are equal in Java."""
    # Pairs on a list, not the walk of `places`: two trees side by side, and no error to name a place in them.
    pairs = [(first, second)]
    while pairs:
        left, right = pairs.pop()
        if isinstance(left, dict) and isinstance(right, dict):
            if left.keys() != right.keys():
                return False
            pairs += ((left[name], right[name]) for name in left)
        elif isinstance(left, list) and isinstance(right, list):
            if len(left) != len(right):
                return False
            pairs += zip(left, right, strict=True)
        elif _kind(left) is not _kind(right):
            return False
        elif isinstance(left, float) and isinstance(right, float):
            if float.hex(left) != float.hex(right):  # so NaN equals itself, and 0.0 differs from -0.0
                return False
        elif left != right:
            return False
    return True


def _kind(value: object) -> type:
    """Return the type of a value of JSON."""
    # To Python 1, 1.0 and True are equal. An object of a subclass, such as an Enum of text, counts as its base; bool is
    # asked for first, since it is a subclass of int.
    return next((kind for kind in (bool, int, float, str) if isinstance(value, kind)), type(value))


def apply(document: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document after a patch, as Rest.li's server makes it.

    A branch into a map that is missing makes that map if there is a ``$set`` in the branch or below it, even under a
    command that is not known; else nothing in the branch is looked at. What is ignored besides: deleting what is
    missing or is not text, commands that are not known, branches that begin with ``$``, and in the patch of a list all
    but ``$reorder``.

    Args:
        document: a JSON object; it is not changed, and the result shares nothing with it or with the patch.
        patch: what goes under ``"patch"`` in the body.

    Raises:
        InvalidCallError: an argument is not a mapping, has a name that is not text, or contains itself; one name is in
            two of ``$set``, ``$delete`` and the branches of a map, or in ``$delete`` twice; a branch leads into a
            scalar, or is one; ``$set`` is not a map, ``$delete`` not a list, ``$reorder`` not a list of at most one
            move inside the list.
    """
    result = _copied(document, "document")
    commands = _copied(patch, "patch")
    walk = Walk("patch")
    walk.through(commands, _apply(commands, result, walk, _setters(commands)))
    return result


def _setters(patch: dict[str, Any]) -> set[int]:
    """Return the ids of the maps in a patch that have a ``$set``, or a map with one in them."""
    maps: list[tuple[dict[str, Any], dict[str, Any] | None]] = [(patch, None)]
    for one, _ in maps:  # which grows
        maps += [(item, one) for item in one.values() if isinstance(item, dict)]
    setters = set[int]()
    for one, above in reversed(maps):
        if _SET in one or id(one) in setters:
            setters |= {id(one), id(above)}
    return setters


def _apply(commands: dict[str, Any], fields: dict[str, Any], walk: Walk, setters: set[int]) -> Visit:
    """Apply the commands of a patch to a map, then those of its branches."""
    branches = [name for name in commands if not name.startswith("$")]
    _change(commands, fields, branches, walk)
    for name in branches:
        branch = commands[name]
        if not isinstance(branch, dict):
            raise InvalidCallError(walk.place(name), f"is a branch and must be a mapping, not {type(branch).__name__}")
        if name not in fields:
            if id(branch) not in setters:
                continue
            fields[name] = {}
        value = fields[name]
        if isinstance(value, dict):
            yield name, branch, _apply(branch, value, walk, setters)
        elif isinstance(value, list):
            _reorder(branch, value, walk.place(name, _REORDER))
        else:
            raise InvalidCallError(walk.place(name), f"leads into a value of type {type(value).__name__}")


def _change(commands: dict[str, Any], fields: dict[str, Any], branches: list[str], walk: Walk) -> None:
    """Apply ``$set`` and ``$delete`` to a map, in which they and the branches may have no name twice."""
    for name, kind, expected in ((_SET, dict, "a mapping"), (_DELETE, list, "a list")):
        given = commands.get(name, kind())
        if not isinstance(given, kind):
            raise InvalidCallError(walk.place(name), f"must be {expected}, not {type(given).__name__}")
    sets: dict[str, Any] = commands.get(_SET, {})
    fields.update(sets)
    used = {*sets}
    twice: list[str] = []
    for item in commands.get(_DELETE, []):
        # What is not text deletes nothing, but its text is used.
        if isinstance(item, str):
            fields.pop(item, None)
            twice += [item] if item in used else []
        used.add(_java_text(item))
    twice += [name for name in branches if name in used]
    if twice:
        reason = f"is in two of {_SET}, {_DELETE} and the branches, or in one of them twice"
        raise InvalidCallError(walk.place(min(twice)), reason)


def _java_text(item: object) -> str:
    """Return the text of an item of ``$delete`` in Java; that of a map or list is empty, since it is nobody's name."""
    if item is None:
        return "null"
    try:
        return scalar_text(item) or ""
    except Refused:
        return ""  # a number that is too long for a name


def _reorder(commands: dict[str, Any], items: list[Any], place: str) -> None:
    """Apply the patch of a list to it."""
    moves = commands.get(_REORDER, [])
    if not isinstance(moves, list) or len(moves) > 1:
        raise InvalidCallError(place, "must be a list of at most one move")
    for move in moves:
        given = [move.get(index) for index in _INDEXES] if isinstance(move, dict) else []
        numbers = [index for index in given if isinstance(index, int) and not isinstance(index, bool)]
        indexes = [index for index in numbers if 0 <= index < len(items)]
        if len(indexes) < len(_INDEXES):
            raise InvalidCallError(place, f"a move has {' and '.join(_INDEXES)}, indexes of {len(items)} items")
        origin, destination = indexes
        items.insert(destination, items.pop(origin))


def check_patch(argument: str, patch: Mapping[str, Any]) -> None:
    """Refuse what is not a patch, although it is a mapping; warn of a command that servers ignore.

    Servers answer 204 to most of these, and do nothing.

    Raises:
        InvalidCallError: the patch is wrapped already, as in a body; ``$set`` is not a map, ``$delete`` or ``$reorder``
            not a list; or what stands beside them is a value, and not a patch.
    """
    if is_wrapped(patch):
        raise InvalidCallError(
            argument, 'is wrapped already: give what is under "patch" (for a field of that name add an empty "$set")'
        )
    walk = Walk(argument)
    walk.through(patch, _check(patch, walk))


def is_wrapped(patch: Mapping[str, Any]) -> bool:
    """Return whether a mapping is a patch with its wrapper around it, as bodies have it."""
    return len(patch) == 1 and isinstance(patch.get("patch"), _MAPS)


def _check(patch: Mapping[str, Any], walk: Walk) -> Visit:
    """Refuse what is wrong with one map of a patch, and with its branches."""
    for name, value in patch.items():
        kind, expected = _COMMANDS.get(name, (None, ""))
        if kind is not None:
            if not isinstance(value, kind):
                raise InvalidCallError(walk.place(name), f"must be {expected}, not {type(value).__name__}")
        elif isinstance(name, str) and name.startswith("$"):
            # `diff` writes the branch into $a as $$a, as LinkedIn's own client does.
            if not name.startswith("$$"):
                known = ", ".join(_COMMANDS)
                warn(f"{walk.place(name)}: servers ignore this command: they know {known}", SuspiciousValueWarning)
        elif isinstance(value, _MAPS):
            yield name, value, _check(value, walk)
        else:
            reason = f"is a branch and must be a mapping, not {type(value).__name__}: values to set go under {_SET}"
            raise InvalidCallError(walk.place(name), reason)


_MAPS: Final = (dict, Mapping)  # dict first, since most are, and since `isinstance` with Mapping is slow
_COMMANDS: Final[Mapping[str, tuple[Any, str]]] = {
    _SET: (_MAPS, "a mapping"),
    _DELETE: ((list, tuple), "a list"),
    _REORDER: ((list, tuple), "a list"),
}


def is_patch(fields: Mapping[str, Any]) -> bool:
    """Return whether a mapping is a whole patch, and not fields: it has nothing but commands."""
    if not fields or not fields.keys() <= _COMMANDS.keys():
        return False
    return all(isinstance(value, _COMMANDS[name][0]) for name, value in fields.items())


def warn_of_commands(argument: str, fields: Mapping[str, Any]) -> None:
    """Warn of the first field that is a command or a branch of a patch: a server takes it for a value.

    Args:
        argument: how the warning names the fields.
        fields: those of an entity, or those to set.
    """
    for name, value in fields.items():
        keys = [name]
        inner = value
        # A branch leads to a command; what has more beside it is a value.
        while isinstance(inner, _MAPS) and len(inner) == 1 and not is_patch(inner) and len(keys) < MAX_BRANCH:
            (key,) = inner
            keys.append(key)
            inner = inner[key]
        is_command = isinstance(name, str) and name.startswith("$") and name != "$params"
        if is_command or (isinstance(inner, _MAPS) and is_patch(inner)):
            what = "looks like a command of a patch" if is_command else "is a patch"
            place = format_place(argument, keys[: 1 if is_command else None])
            reason = f"{what}, and is sent as a value: give a whole patch, as the argument patch or patches"
            warn(f"{place}: {reason}", SuspiciousValueWarning)
            return


MAX_BRANCH: Final = 20  # names that lead to a command, one inside the other


def _copied(document: object, argument: str) -> dict[str, Any]:
    """Return a copy of a JSON object, made of dicts and lists alone."""
    if not isinstance(document, Mapping):
        raise InvalidCallError(argument, f"must be a mapping, not {type(document).__name__}")
    copy: dict[str, Any] = {}
    walk = Walk(argument)
    walk.through(document, _copy(document, copy, walk))
    return copy


def _copy(source: Mapping[Any, Any] | Sequence[Any], copy: Any, walk: Walk) -> Visit:
    """Put what a map or list holds into its copy."""
    is_map = isinstance(source, Mapping)
    for key, item in source.items() if isinstance(source, Mapping) else enumerate(source):
        name = key
        if is_map:
            if not isinstance(key, str):
                raise InvalidCallError(walk.place(key), f"names must be text, not {type(key).__name__}")
            name = str.__str__(key)  # an Enum that is text stands for its text
        inner: Any = item
        if isinstance(item, Mapping):
            inner = {}
        elif isinstance(item, list | tuple):
            inner = []
        if is_map:
            copy[name] = inner
        else:
            copy.append(inner)
        if inner is not item:
            yield name, item, _copy(item, inner, walk)
