"""Strategies for what Rest.li's URLs and headers carry: values, keys, URNs, and text that is none of them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from hypothesis import strategies as st

from restli_core.base_errors import DecodeError
from restli_core.encoding import Encodable, decode, encode, reduced_decode, reduced_encode
from restli_core.urn import Urn

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["KeyKind", "keys", "malformed_texts", "scalars", "texts", "urns", "values"]

KeyKind: TypeAlias = Literal["simple", "compound", "complex"]

# What encoders get wrong, the simplest first, since a failure shrinks towards the front.
_AWKWARD_TEXTS: Final = (
    *("", "'", ",", "(", ")", ":", "%", "%27", "''", "()", "List", "List(", "List()", "a,b", "(a:b)", "List(a,b)"),
    *("null", "true", "~", "*", "!", "$", "+", " ", "&", "=", "#", "?", "/", ".", "..", "\n", "\0", "\x7f"),
    *("urn:li:person:1", "\xe9", "\u20ac", "\uffff", "\U00010000", "\U0001f600"),
)
_AWKWARD_CHARACTERS: Final = "ab(),:'%List$&+=#?/;@!*~._- \t\n\0\x7f\xe9\u20ac\ue000\uffff\U0001f600"

_AWKWARD_VALUES: Final[tuple[Any, ...]] = (
    *([], {}, [""], ["", ""], [[]], [{}], {"": ""}, {"a": []}, {"a": {}}),
    *({"List": "("}, {",": ":"}, {"a": "b,c:d"}, {"(": [")"]}, ["a,b", "c"], {"b": "1", "a": "2"}),
    # Names stand in the order of their UTF-16 code units, in which U+10000 (D800 DC00) comes before U+FFFF.
    {"\uffff": "1", "\U00010000": "2"},
)

_AWKWARD_SCALARS: Final[tuple[Encodable, ...]] = (
    *(0, False, True, -1, 2**31, 2**53 + 1, 2**63, 10**20),
    *(0.0, -0.0, 1.0, 1e23, 5e-324, 1e7, 1e-3, 1.7976931348623157e308),
    *(Decimal("1.50"), Decimal("1E+7"), Decimal("1e-9"), b"", b"\xff\0", Urn("urn:li:x:(urn:li:y:1,2)")),
)


# -- the strategies ----------------------------------------------------------------------------------------------------
# Made once: Hypothesis checks and simplifies each strategy object when it is first drawn from, which takes far longer
# than to draw. A program that only imports this pays nothing, since they are lazy.

_TEXTS: Final[SearchStrategy[str]] = st.one_of(
    st.text(_AWKWARD_CHARACTERS, max_size=8),  # first, since a failure shrinks towards the empty text of this
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
    "aZ09-_.~=%'$ \xe9", min_size=1, max_size=6
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


_SCALARS: Final[SearchStrategy[Encodable]] = st.one_of(
    _TEXTS,
    st.sampled_from(_AWKWARD_SCALARS),
    st.integers(),
    st.floats(allow_nan=False),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.binary(max_size=8),
    _URNS,
)


def scalars() -> SearchStrategy[Encodable]:
    """Generate scalars of every type that `encode` takes: text, bool, int, float, Decimal, bytes, URNs.

    Law: ``decode(encode(scalar))`` is the scalar's text, as Java writes it.
    Shrinks to the empty text, then to small numbers.
    """
    return _SCALARS


def _around(children: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.lists(children, max_size=4) | st.dictionaries(_TEXTS, children, max_size=4)


def _values(leaves: SearchStrategy[Any], max_leaves: int) -> SearchStrategy[Any]:
    return st.one_of(
        leaves,
        # A copy: a test that changes its value must not change the next test's.
        st.sampled_from(_AWKWARD_VALUES).map(copy.deepcopy),
        st.recursive(leaves, _around, max_leaves=max_leaves),
    )


_VALUES: Final = _values(_TEXTS, 12)
_SMALL_VALUES: Final = _values(_TEXTS, 4)


def values(leaves: SearchStrategy[Any] | None = None, *, max_leaves: int | None = None) -> SearchStrategy[Any]:
    """Generate values as a decoder gives them: text, lists of values, and dicts from text to values.

    Law: ``decode(encode(value)) == value``, and no two values have one encoding.
    Shrinks to the empty text, then to the empty list and dict, then to the fewest items.

    Args:
        leaves: what stands in lists and dicts; by default text. With ``scalars()`` the values are all that `encode`
            takes, and come back with text in the place of other scalars.
        max_leaves: about how many leaves a value has at most; 12 by default.
    """
    if leaves is None and max_leaves is None:
        return _VALUES
    return _values(_TEXTS if leaves is None else leaves, 12 if max_leaves is None else max_leaves)


_KEYS: Final[Mapping[KeyKind, SearchStrategy[Any]]] = {
    "simple": st.one_of(_TEXTS, st.integers(-(2**63), 2**63 - 1), _URNS),
    "compound": st.dictionaries(st.sampled_from(["a", "b", "src", "dest"]), _TEXTS, min_size=2, max_size=3),
    "complex": st.builds(
        lambda key, parameters: {**key, **parameters},
        st.dictionaries(_TEXTS.filter(lambda name: name != "$params"), _SMALL_VALUES, min_size=1, max_size=3),
        st.just({}) | st.dictionaries(_TEXTS, _TEXTS, max_size=2).map(lambda given: {"$params": given}),
    ),
}
_ALL_KEYS: Final = st.one_of(*_KEYS.values())


def keys(kind: KeyKind | None = None) -> SearchStrategy[Any]:
    """Generate keys of resources, as ids of batches are given.

    Law: ``decode(encode(key))`` is the key, a simple one as text; without its ``$params`` a key names the same entity.
    Shrinks to the empty text, then to small numbers, then to a dict with the fewest names.

    Args:
        kind: ``"simple"`` (text, numbers and URNs), ``"compound"`` (dicts of names to simple keys as text), or
            ``"complex"`` (dicts of values, some with ``$params``); by default all of them.
    """
    return _ALL_KEYS if kind is None else _KEYS[kind]


_STRAY: Final = ("(", ")", ",", ":", "%", "%4", "%zz", "List(", "(a", "(a:", "(,)", "List(,)", "()(", "a:b", "a,b")


def _is_refused(text: str) -> bool:
    for read in (decode, reduced_decode):
        try:
            read(text)
        except DecodeError:
            continue
        return False
    return True


def _inserted(text: str, place: int, stray: str) -> str:
    place %= len(text) + 1
    return text[:place] + stray + text[place:]


_WRITTEN: Final = st.builds(lambda write, value: write(value), st.sampled_from((encode, reduced_encode)), _SMALL_VALUES)
_MALFORMED: Final = st.one_of(
    st.sampled_from(("", *_STRAY)),
    st.builds(lambda text, place: text[: place % (len(text) + 1)], _WRITTEN, st.integers(0, 100)),
    st.builds(_inserted, _WRITTEN, st.integers(0, 100), st.sampled_from(_STRAY)),
    st.text("(),:'%List0aF", min_size=1, max_size=8),
).filter(_is_refused)


def malformed_texts() -> SearchStrategy[str]:
    """Generate text that is not a value in Rest.li's grammar.

    Law: ``decode(text)`` and ``reduced_decode(text)`` refuse it, with the decoder's own error and nothing else.
    Shrinks to the empty text, then to a single mark such as ``(``.
    """
    return _MALFORMED
