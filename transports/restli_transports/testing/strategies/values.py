"""Strategies for what Rest.li's URLs and headers carry: text, scalars, values, keys and URNs."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, TypeVar

from hypothesis import strategies as st

from restli_core.base_errors import InvalidCallError
from restli_core.urn import Urn

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from restli_core.encoding import Encodable

__all__ = ["KeyKind", "choice", "encodables", "id_lists", "keys", "path_keys", "scalars", "texts", "urns", "values"]

KeyKind: TypeAlias = Literal["simple", "compound", "complex"]

T = TypeVar("T")
Draw: TypeAlias = Callable[["SearchStrategy[Any]"], Any]


def choice(argument: str, given: str, table: Mapping[Any, T]) -> T:
    """Return what a table has under a name that a caller gave.

    Raises:
        InvalidCallError: the table has no such name; the error names those that it has.
    """
    if given not in table:
        raise InvalidCallError(argument, f"is one of {', '.join(map(repr, table))}, not {given!r}")
    return table[given]


# Where the three tables below stand apart: what breaks most encoders must come within the first tens of examples, and
# one of sixty texts does not.
_HARDEST_TEXTS: Final = ("", "'", "%27", "(", "List(", ",")
_AWKWARD_TEXTS: Final = (
    *(")", ":", "%", "''", "()", "List", "List()", "a,b", "(a:b)", "List(a,b)", "%2C", "%", "%zz"),
    *("~", "*", "!", "$", "+", " ", "&", "=", "#", "?", "/", ";", "@", ".", "..", "\\", '"', "\n", "\0", "\x7f"),
    # What a decoder that guesses types takes for something else than text.
    *("0", "007", "1.0", "1e23", "-0.0", "9223372036854775808", "true", "null", "None", "NaN"),
    *("$params", "urn:li:person:1", "\xe9", "e\u0301", "\u20ac", "\ud7ff", "\ue000", "\uffff", "\U00010000"),
    *("\U0001f600", "".join(map(chr, range(0x80)))),
)
# In the order in which a failure shrinks: 0 is the simplest of all.
_AWKWARD_CHARACTERS: Final = "0aList(),:'%$&+=#?/;@!*~._- \t\n\0\x7f\xe9\u0301\u20ac\ue000\uffff\U00010000\U0001f600"

_HARDEST_VALUES: Final[tuple[Any, ...]] = (
    *([], {}, [""], {"": ""}),
    # Names stand in the order of their UTF-16 code units, in which U+10000 (D800 DC00) comes before U+FFFF.
    {"\uffff": "", "\U00010000": ""},
)
_HARDEST_SCALARS: Final[tuple[Encodable, ...]] = (1e23, -0.0, 2**63, True)


class _Word(StrEnum):
    """Enumerated text, whose repr and format are not what is sent."""

    ODD = "(a,b)"
    EMPTY = ""


class _Number(IntEnum):
    NONE = 0
    LARGE = 10**20


_AWKWARD_SCALARS: Final[tuple[Encodable, ...]] = (
    *(0, False, -1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63), 10**20),
    *(0.0, 1.0, 0.1, 5e-324, 1e7, 1e-3, 9999999.0, 1.7976931348623157e308, float("inf"), float("nan")),
    *(Decimal("1.50"), Decimal("1E+7"), Decimal("1e-9"), b"", b"\xff\0"),
    *(Urn("urn:li:x:(urn:li:y:1,2)"), *_Word, *_Number),
)


# -- the strategies ----------------------------------------------------------------------------------------------------
# Made once: Hypothesis checks and simplifies each strategy object when it is first drawn from, which takes far longer
# than to draw. A program that only imports this pays nothing, since they are lazy.

# What is first is what failures shrink to: text of any length rather than one that stands in a table.
_TEXTS: Final[SearchStrategy[str]] = st.one_of(
    st.text(_AWKWARD_CHARACTERS, max_size=8),
    st.sampled_from(_HARDEST_TEXTS),
    st.sampled_from(_AWKWARD_TEXTS),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),  # half a surrogate pair cannot be sent
)


def texts() -> SearchStrategy[str]:
    """Generate text that can be sent: what encoders stumble over, then any text.

    Law: ``decode(encode(text)) == text``, and no two texts have one encoding.
    Shrinks to the empty text, then to a single character.
    """
    return _TEXTS


def _tuple_text(parts: list[str]) -> str:
    return f"({','.join(parts)})"


_ENTITY_TYPES: Final = st.sampled_from(["person", "share", "sponsoredCampaign", "fsd_x"])
_URN_IDS: Final[SearchStrategy[str]] = st.sampled_from(("0", "1", "12", "1234567890123")) | st.text(
    "0aZ9-_.~=%'$: \xe9\U0001f600", min_size=1, max_size=6
)
_PLAIN_URNS: Final = st.builds(Urn.of, _ENTITY_TYPES, _URN_IDS)
_URN_PARTS: Final[SearchStrategy[str]] = st.recursive(
    _URN_IDS | _PLAIN_URNS, lambda inner: st.lists(inner, min_size=2, max_size=3).map(_tuple_text), max_leaves=4
)
# A tuple is written as text, with two parts at least: to Urn.of a single part is the whole id.
_URNS: Final[SearchStrategy[Urn]] = _PLAIN_URNS | st.builds(
    Urn.of, _ENTITY_TYPES, st.lists(_URN_PARTS, min_size=2, max_size=3).map(_tuple_text)
)


def urns() -> SearchStrategy[Urn]:
    """Generate URNs, with plain ids and with tuples of parts, among them URNs again.

    Law: ``Urn.of(urn.entity_type, *urn.parts)`` is the URN, and it is encoded and compared as its text.
    Shrinks to ``urn:li:person:0``.
    """
    return _URNS


def _often(hardest: tuple[Any, ...]) -> list[SearchStrategy[Any]]:
    """Return so many alternatives that each of these comes within a hundred examples.

    Each begins with another one, since Hypothesis takes alternatives that are the same for one.
    """
    return [st.sampled_from((*hardest[at:], *hardest[:at])) for at in range(len(hardest) // 2)]


_SCALARS: Final[SearchStrategy[Encodable]] = st.one_of(
    _TEXTS,
    st.integers(),
    st.booleans(),
    st.floats(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.binary(max_size=8),
    _URNS,
    *_often((*_HARDEST_SCALARS, *_HARDEST_TEXTS)),
    st.sampled_from(_AWKWARD_SCALARS),
)


def scalars() -> SearchStrategy[Encodable]:
    """Generate scalars of every type that `encode` takes: text, bool, int, float, Decimal, bytes, Enum, Urn.

    Law: ``decode(encode(scalar))`` is the scalar's text, as Java writes it.
    Shrinks to the empty text, else to zero, or the simplest of another type.
    """
    return _SCALARS


def _around(children: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.lists(children, max_size=4) | st.dictionaries(_TEXTS, children, max_size=4)


def _as_one(strategy: SearchStrategy[T]) -> SearchStrategy[T]:
    """Return the strategy as one alternative: else containers were as rare as each of its many alternatives.

    In a tuple, since Hypothesis looks through a function that returns its argument.
    """
    return st.tuples(strategy).map(lambda one: one[0])


# Copies: a test that changes its value must not change the next test's.
_HARDEST: Final = st.sampled_from(_HARDEST_VALUES).map(copy.deepcopy)
_VALUES: Final[SearchStrategy[Any]] = st.one_of(_TEXTS, _HARDEST, st.recursive(_as_one(_TEXTS), _around, max_leaves=12))
_SMALL_VALUES: Final[SearchStrategy[Any]] = st.one_of(
    _TEXTS, _HARDEST, st.recursive(_as_one(_TEXTS), _around, max_leaves=4)
)


def values(leaves: SearchStrategy[Any] | None = None, *, max_leaves: int | None = None) -> SearchStrategy[Any]:
    """Generate values as a decoder gives them: text, lists of values, and dicts from text to values.

    Law: ``decode(encode(value)) == value``, and no two values have one encoding.
    Shrinks to the empty text, then to the empty list and dict, then to the fewest items.

    Args:
        leaves: what stands in lists and dicts; by default text. See also `encodables`, which has scalars of all types.
        max_leaves: about how many leaves a value has at most; 12 by default.
    """
    if leaves is None and max_leaves is None:
        return _VALUES
    most = 12 if max_leaves is None else max_leaves
    if leaves is None:
        return st.one_of(_TEXTS, _HARDEST, st.recursive(_as_one(_TEXTS), _around, max_leaves=most))
    return st.recursive(_as_one(leaves), _around, max_leaves=most)


# Lists and dicts are one alternative, of two: of two values the one of fewer choices is smaller to Hypothesis, and a
# scalar takes two before its own.
_ENCODABLES: Final[SearchStrategy[Any]] = st.one_of(
    _as_one(_SCALARS),
    _as_one(
        st.one_of(
            _HARDEST,
            st.recursive(
                _as_one(_SCALARS),
                lambda children: _around(children) | st.lists(children, max_size=3).map(tuple),
                max_leaves=12,
            ),
        )
    ),
)


def encodables() -> SearchStrategy[Any]:
    """Generate values of every type that `encode` takes: `scalars`, in lists, tuples and dicts.

    Law: the text is that of the value that is read from it: ``encode(decode(encode(value))) == encode(value)``. Another
    encoder writes the same if ``decode(written(value)) == decode(encode(value))``.
    Shrinks to the empty text, then to small numbers, then to the fewest items.
    """
    return _ENCODABLES


_LONGS: Final = st.integers(-(2**63), 2**63 - 1) | st.sampled_from([0, -1, 2**53 + 1, 2**63 - 1, -(2**63)])
_PARTS: Final = ("a", "b", "src", "dest")
# A complex key without $params; the empty one is a key, too, to a server that has a default for each field.
_COMPLEX_KEYS: Final = st.dictionaries(_TEXTS.filter(lambda name: name != "$params"), _SMALL_VALUES, max_size=3)
_KEYS: Final[Mapping[KeyKind, SearchStrategy[Any]]] = {
    "simple": st.one_of(_TEXTS, _LONGS, st.sampled_from([2**63, 10**20]), _URNS),
    "compound": st.dictionaries(st.sampled_from(_PARTS), _TEXTS, min_size=2, max_size=3),
    "complex": st.one_of(
        _COMPLEX_KEYS,
        st.builds(
            lambda key, parameters: {**key, "$params": parameters},
            _COMPLEX_KEYS,
            st.dictionaries(_TEXTS, _SMALL_VALUES, max_size=2),
        ),
    ),
}
_ALL_KEYS: Final = st.one_of(*_KEYS.values())


def keys(kind: KeyKind | None = None) -> SearchStrategy[Any]:
    """Generate keys of entities, as ids of batches are given, and parameters and headers have them.

    A path has no empty key, and none of one dot or two: `paths` draws those that it can have.

    Law: ``decode(encode(key))`` is the key, a simple one as text; without its ``$params`` a key names the same entity.
    Shrinks to the empty text, then to small numbers, then to a dict with the fewest names.

    Args:
        kind: ``"simple"`` (text, whole numbers and URNs), ``"compound"`` (dicts of names to simple keys as text), or
            ``"complex"`` (dicts of values, half of them with ``$params``); by default all of them.

    Raises:
        InvalidCallError: there is no such kind.
    """
    return _ALL_KEYS if kind is None else choice("kind", kind, _KEYS)


# An empty segment and the two dots are not keys in a path: URLs have meanings of their own for them.
_PATH_KEYS: Final[SearchStrategy[Any]] = st.one_of(
    st.text(_AWKWARD_CHARACTERS, min_size=1, max_size=8), _ALL_KEYS
).filter(lambda key: key not in ("", ".", ".."))


def path_keys() -> SearchStrategy[Any]:
    """Generate keys that a path can have; not one of the public strategies."""
    return _PATH_KEYS


def _ids_of(keys_of_one_kind: SearchStrategy[Any]) -> SearchStrategy[list[Any]]:
    return st.lists(keys_of_one_kind, max_size=4)


# The keys of one resource are of one kind, and those of an association have the same parts.
_ID_LISTS: Final[SearchStrategy[list[Any]]] = st.one_of(
    _ids_of(_TEXTS),
    _ids_of(_LONGS),
    _ids_of(_URNS),
    _ids_of(st.fixed_dictionaries({"src": _TEXTS, "dest": _TEXTS})),
    _ids_of(_KEYS["complex"]),
    _ids_of(_KEYS["simple"]),
)


def id_lists() -> SearchStrategy[list[Any]]:
    """Generate lists of keys of one kind, at most four, in which some may be the same; not one of the public ones."""
    return _ID_LISTS
