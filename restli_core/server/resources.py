"""Resources as a server declares them, their kinds of keys, and what a path means by them.

A path has a resource, and a level by what it ends in:

    /adAccounts              a collection
    /adAccounts/5            an entity
    /memberships/(group:1)   a part of a collection: the entities whose key, an association, has this part
    /me                      a simple resource
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from restli_core.base_errors import InvalidCallError
from restli_core.encoding import Decoded, Encodable, decode, decode_path_key
from restli_core.keys import body_key
from restli_core.server.invocation import Refusal
from restli_core.values import HashableValue, Value

__all__ = ["Resource"]

# The levels of a path, in the words of error messages.
COLLECTION: Final = "collection"
PARTIAL: Final = "part of a collection"
ENTITY: Final = "entity"
SIMPLE: Final = "simple resource"
UNDECLARED: Final = "undeclared resource"  # where no resources are declared: it may be any of these

# The grammar of `Resource`: a key, and a name (RFC 3986 section 3.3: a segment).
_PATH_KEY: Final = re.compile(
    r"\{([A-Za-z0-9_-]+)(?::(?:(text|long|complex)|association\(([^(){},]+(?:,[^(){},]+)*)\)))?\}"
)
_PATH_NAME: Final = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})+")
_KEYS: Final = "{id}, {id:long}, {id:complex} or {id:association(a,b)}"
# Long.valueOf takes a sign and leading zeros. Not \d, which matches the digits of all scripts; and not so many digits
# that int() takes long over them.
_LONG: Final = re.compile(r"[+-]?[0-9]{1,40}")


def shown(value: Encodable) -> str:
    """Return a value as a message shows it: the first 80 characters of its text, in quotes."""
    text = body_key(value)
    return repr(text if len(text) <= 80 else f"{text[:80]}…")


class Kind(Value):
    """A kind of key.

    Attributes:
        name: ``text``, ``long``, ``complex`` or ``association``.
        is_element: whether the text of such a key is an element of Rest.li's grammar.
        parts: the parts of an association's key; empty for other kinds.
    """

    name: str
    is_element: bool
    parts: frozenset[str]

    def read(self, text: str) -> Any:
        """Return the key that this text, a key of a batch body, stands for.

        Raises:
            DecodeError, Refusal: it is not of this kind.
        """
        return self.typed(decode(text) if self.is_element else text, parts_at_least=0)

    def read_segment(self, segment: str, *, some_parts: bool) -> Any:
        """Return the key that a segment of a path is; `some_parts`: whether an association may lack some of its parts.

        Raises:
            DecodeError, Refusal: it is not of this kind.
        """
        key = decode(segment) if self.is_element else decode_path_key(segment)
        return self.typed(key, parts_at_least=1 if some_parts else None)

    def typed(self, key: Decoded, *, parts_at_least: int | None = None) -> Any:
        """Return a decoded key in the type of its kind: text, an int or a dict.

        Args:
            key: the key.
            parts_at_least: how many of its parts an association must have; None for all. To the reference, an id of a
                batch is a key whichever it has (ArgumentUtils.dataMapToCompoundKey).

        Raises:
            Refusal: it is not of this kind.
        """
        if self.name == "text":
            if isinstance(key, str):
                return key
            flaw = "must be text"
        elif self.name == "long":
            if isinstance(key, str) and _LONG.fullmatch(key) and -(2**63) <= int(key) < 2**63:
                return int(key)
            flaw = "must be a long"
        elif isinstance(key, dict):
            if self.name == "complex":
                return key
            least = len(self.parts) if parts_at_least is None else parts_at_least
            are_parts = key.keys() <= self.parts and len(key) >= least
            if are_parts and all(isinstance(part, str) for part in key.values()):
                return key
            flaw = f"is not a compound key of {', '.join(sorted(self.parts))}"
        else:
            flaw = "must be a map"
        raise Refusal(400, f"Key value {shown(key)} {flaw}")


_KINDS: Final[Mapping[str, Kind]] = {
    "text": Kind("text", is_element=False, parts=frozenset()),
    "long": Kind("long", is_element=False, parts=frozenset()),
    "complex": Kind("complex", is_element=True, parts=frozenset()),
}


class Resource(HashableValue):
    """A declared resource.

        resource = 1*( "/" ( name / key ) )               names, and keys in braces, as in a resource path
        key      = "{" name [ ":" kind ] "}"
        kind     = "text"                                 any text: the kind where none is given
                 / "long"                                 an integer of 64 bits
                 / "complex"                              a map, perhaps with "$params"
                 / "association(" part *( "," part ) ")"  a map with just these parts

    Args:
        declaration: its path in this grammar, such as ``/adAccounts/{id:long}``, which declares both the collection
            and its entities.

    Attributes:
        names: the names along its path, None in the place of each key.
        keys: the names of the keys along its path, with their kinds.
        key: the name of the key that it ends in, of its entities; None for a simple resource.

    Raises:
        InvalidCallError: the declaration is malformed, or has two keys of one name.
    """

    declaration: str
    names: tuple[str | None, ...]
    keys: Mapping[str, Kind]
    key: str | None

    def __init__(self, declaration: str) -> None:
        if not isinstance(declaration, str) or not declaration.startswith("/"):
            raise InvalidCallError("resources", f"{declaration!r} is not text that begins with /")
        names: list[str | None] = []
        keys: dict[str, Kind] = {}
        for segment in declaration[1:].split("/"):
            key = _PATH_KEY.fullmatch(segment)
            if key is None:
                if not _PATH_NAME.fullmatch(segment):
                    reason = f"{segment!r} in {declaration!r} is neither a name nor a key, such as {_KEYS}"
                    raise InvalidCallError("resources", reason)
                names.append(segment)
                continue
            name, kind, parts = key.groups()
            if name in keys:
                raise InvalidCallError("resources", f"{declaration!r} has two keys of one name")
            names.append(None)
            if parts:
                keys[name] = Kind("association", is_element=True, parts=frozenset(parts.split(",")))
            else:
                keys[name] = _KINDS[kind or "text"]
        last = next(reversed(keys)) if names[-1] is None else None
        super().__init__(declaration, tuple(names), MappingProxyType(keys), last)

    def __repr__(self) -> str:
        return f"Resource(declaration={self.declaration!r})"

    def _fields(self) -> tuple[Any, ...]:
        return (self.declaration,)  # the others follow from it

    @property
    def kind(self) -> Kind | None:
        """The kind of its entities' key; None for a simple resource."""
        return None if self.key is None else self.keys[self.key]

    def matches(self, segments: Sequence[str]) -> bool:
        """Return whether a path has these names in these places; its keys may be any, and the last may be missing."""
        if len(segments) != len(self.names) and not (self.key and len(segments) == len(self.names) - 1):
            return False
        return all(name is None or name == segment for name, segment in zip(self.names, segments, strict=False))

    def read_keys(self, segments: Sequence[str]) -> dict[str, Any]:
        """Return the keys in a path that matches, by their names.

        Raises:
            DecodeError, Refusal: one is not of its kind.
        """
        found = [segment for name, segment in zip(self.names, segments, strict=False) if name is None]
        kinds = zip(self.keys.items(), found, strict=False)  # the last key may be missing
        return {name: kind.read_segment(text, some_parts=name == self.key) for (name, kind), text in kinds}


class NoSuchResource(Refusal):
    """The refusal of a path that is of no declared resource."""


class Place(Value):
    """What a path means.

    Attributes:
        path: the path.
        resource: the declaration of its resource; the path without its base where none are declared.
        level: what it ends in: one of the levels above.
        keys: the keys in it by their names.
        kind: the kind of the resource's last key; None for a simple resource, or an undeclared one.
    """

    path: str
    resource: str
    level: str
    keys: Mapping[str, Any]
    kind: Kind | None


def find_place(path: str, base_path: str, resources: Sequence[Resource] | None) -> Place:
    """Return what a path means, by the declared resources.

    Args:
        path: the path, encoded.
        base_path: what stands before the resources in every path, without a slash at its end.
        resources: the declared resources; None where none are declared. Where two match, the one with more names
            counts.

    Raises:
        DecodeError, Refusal: no resource matches, or a key is not of its kind.
    """
    if not path.startswith(f"{base_path}/"):
        raise NoSuchResource(404, f"No resource is defined for the path {shown(path)}")
    if resources is None:
        return Place(path, path[len(base_path) :], UNDECLARED, {}, None)
    segments = path[len(base_path) + 1 :].split("/")
    # The reference ignores one slash at the end.
    if len(segments) > 1 and not segments[-1]:
        segments.pop()
    matching = [resource for resource in resources if resource.matches(segments)]
    if not matching:
        # To the reference an empty segment is a missing key (400), except the first, which names a resource (404).
        status = 400 if "" in segments[1:] else 404
        raise NoSuchResource(status, f"No resource is defined for the path {shown(path)}")
    resource = min(matching, key=lambda resource: len(resource.keys))
    keys, kind = resource.read_keys(segments), resource.kind
    if kind is None:
        level = SIMPLE
    elif resource.key not in keys:
        level = COLLECTION
    else:
        level = PARTIAL if kind.parts and len(keys[resource.key]) < len(kind.parts) else ENTITY
    return Place(path, resource.declaration, level, keys, kind)
