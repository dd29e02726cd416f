"""Spellings: which texts a server may send back for a scalar that it was sent.

A caller's key goes out as text. The server reads it as the type that its schema has, and sends it back as Java writes
that type (``Integer.valueOf``, ``Double.valueOf`` and ``Boolean.valueOf``, and the ``toString`` of each):

    sent                    sent back                  the server's type
    007  +7                 7                          int, long
    100  1.50  10000000     100.0  1.5  1.0E7          double
    1.0E23  5.0E-324        9.999999999999999E22  4.9E-324    double, as JDKs before 19 write it
    0.10000000149011612     0.1                        float
    TRUE                    true                       boolean

The type is not known here. So texts are compared by value, under one *reading* after another, from the strictest on:
the exact number; the double that Java reads; the float. A text is the spelling of another only if neither could be
that of a third one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from math import isinf
from typing import Final

from restli_core.patterns import lazy_pattern
from restli_core.values import Value

__all__ = ["match_spellings"]


def match_spellings(asked: Iterable[str], sent: Iterable[str], *, are_complex: bool) -> dict[str, str]:
    """Return for keys that a server was asked for those of its answer that are other spellings of them.

    Args:
        asked: the keys asked for that are not in the answer as they are.
        sent: the keys of the answer that were not asked for as they are.
        are_complex: whether all of them are complex keys, in their canonical form, or all simple ones, which are text.
    """
    left = dict.fromkeys(asked), dict.fromkeys(sent)
    found: dict[str, str] = {}
    if not left[0] or not left[1]:
        return found
    comparison = _Comparison(are_complex=are_complex)
    doubles = Counter(comparison.value(text, _double) for text in left[0])
    for reading in (_exact, _double, _single):
        claims: dict[str, tuple[list[str], list[str]]] = {}
        for side, texts in enumerate(left):
            for text in texts:
                claims.setdefault(comparison.value(text, reading), ([], []))[side].append(text)
        for ours, theirs in claims.values():
            # Where one value has several keys on a side, none of them can be told from the others. Nor where it is
            # written as a double, and other numbers are this double, too.
            if (
                len(ours) == len(theirs) == 1
                and (comparison.is_whole(theirs[0]) or doubles[comparison.value(theirs[0], _double)] <= 1)
                and comparison.is_respelt(ours[0], theirs[0])
            ):
                found[ours[0]] = theirs[0]
                del left[0][ours[0]], left[1][theirs[0]]
    return found


# A value inside a complex key: what no name or opening parenthesis follows. Escapes may be in it, marks cannot.
_LEAF: Final = lazy_pattern(r"(?<![^(),:])[^(),:]++(?=[,)])")
_BOOLEANS: Final = frozenset({"true", "false"})


class _Comparison:
    """A comparison of keys of one kind, which reads each leaf of theirs once."""

    def __init__(self, *, are_complex: bool) -> None:
        self._are_complex = are_complex
        self._numbers: dict[str, _Number | None] = {}

    def value(self, text: str, reading: Callable[[_Number], str]) -> str:
        """Return a text that keys share which have equal values under a reading."""
        if self._are_complex:
            return _LEAF.sub(lambda leaf: self._value_of(leaf[0], reading), text)
        return self._value_of(text, reading)

    def is_whole(self, text: str) -> bool:
        """Return whether no number in a key has a point or an exponent."""
        return all(number is None or number.is_whole for number in map(self._number, self._leaves(text)))

    def is_respelt(self, asked: str, sent: str) -> bool:
        """Return whether Java may have written a key that has the same value under some reading."""
        return all(map(self._is_leaf_respelt, self._leaves(asked), self._leaves(sent)))

    def _leaves(self, text: str) -> list[str]:
        return _LEAF.findall(text) if self._are_complex else [text]

    def _number(self, leaf: str) -> _Number | None:
        if leaf not in self._numbers:
            self._numbers[leaf] = _read_number(leaf)
        return self._numbers[leaf]

    def _value_of(self, leaf: str, reading: Callable[[_Number], str]) -> str:
        number = self._number(leaf)
        if number is not None:
            return "#" + reading(number)
        return "?" + leaf.lower() if leaf.lower() in _BOOLEANS else "=" + leaf

    def _is_leaf_respelt(self, asked: str, sent: str) -> bool:
        if asked == sent:
            return True
        if sent in _BOOLEANS:
            return asked.lower() == sent
        # "01" or "+1" is nothing that Java writes for a number: it is a text, and so another key than 1.
        ours, theirs = self._number(asked), self._number(sent)
        return (
            ours is not None and theirs is not None and _WRITTEN.fullmatch(sent) is not None and _may_be(ours, theirs)
        )


def _may_be(asked: _Number, sent: _Number) -> bool:
    """Return whether a number may have been read as a type, and written, so that it became another number.

    Args:
        asked: the number as it was sent.
        sent: one that is equal to it under some reading.
    """
    if sent.is_whole:  # an int or long, which has no other value than this
        return _exact(asked) == _exact(sent)
    if _double(asked) == _double(sent):
        return _exact(asked) == _exact(sent) or (sent.digits <= MAX_DOUBLE_DIGITS and not sent.is_beyond_doubles)
    # The two are equal as floats. A float has few digits: if a key that has more of them is a float all the same, they
    # are that float's.
    is_float = _double(asked) == _single(asked)
    return is_float and sent.digits <= MAX_FLOAT_DIGITS and sent.digits < asked.digits


MAX_DOUBLE_DIGITS: Final = 17
MAX_FLOAT_DIGITS: Final = 9


# -- numbers -----------------------------------------------------------------------------------------------------------


class _Number(Value):
    """A number that a text stands for: all of its digits, and the double that is nearest."""

    exact: str
    value: float
    digits: int  # how many are significant
    is_whole: bool  # as it is written: without a point or an exponent

    @property
    def is_beyond_doubles(self) -> bool:
        """Whether its double is infinity or zero, and it is not: Java writes these as just that."""
        return "." in self.exact and (self.value == 0 or isinf(self.value))


MAX_NUMBER: Final = 5000  # characters: the longest number that `encode` writes has some 4,300

# What Double.valueOf takes, but for the hexadecimal form; what Integer.valueOf takes is among it.
_NUMBER: Final = lazy_pattern(
    r"[\0- ]*+([+-]?)(?=\.?[0-9])([0-9]*+)(\.[0-9]*+)?+([eE][+-]?[0-9]{1,9})?+[dDfF]?+[\0- ]*+"
)
_NOT_FINITE: Final = lazy_pattern(r"[\0- ]*+([+-]?(?:NaN|Infinity))[dDfF]?+[\0- ]*+")
_HEXADECIMAL: Final = lazy_pattern(
    r"[\0- ]*+([+-]?0[xX](?=\.?[0-9a-fA-F])[0-9a-fA-F]*+(?:\.[0-9a-fA-F]*+)?+[pP][+-]?[0-9]{1,9})[dDfF]?+[\0- ]*+"
)
# What the toString of Java's numbers gives, and that of BigDecimal.
_WRITTEN: Final = lazy_pattern(r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+|-?Infinity|NaN")


def _read_number(text: str) -> _Number | None:
    """Return the number that Java would read; None for what is text to it."""
    if len(text) > MAX_NUMBER:
        return None
    number = _NUMBER.fullmatch(text)
    if number is None:
        return _read_rare_number(text)
    sign, whole, fraction, exponent = number.groups("")
    places = fraction[1:]
    significant = (whole + places).lstrip("0")
    power = int(exponent[1:] or "0") - len(places) + len(significant)
    significant = significant.rstrip("0")
    is_whole = not fraction and not exponent
    minus = "-" if sign == "-" else ""
    if not significant:
        # Zero has a sign as a double, and none as an int.
        return _Number("0" if is_whole else f"{minus}0", float(f"{minus}0"), 1, is_whole)
    exact = f"{minus}0.{significant}e{power}"
    return _Number(exact, float(exact), len(significant), is_whole)


def _read_rare_number(text: str) -> _Number | None:
    """Return the number of a text that is not in decimal digits."""
    special, hexadecimal = _NOT_FINITE.fullmatch(text), _HEXADECIMAL.fullmatch(text)
    if special is not None:
        return _Number(special[1].lstrip("+"), float(special[1]), 1, is_whole=False)
    if hexadecimal is None:
        return None
    try:
        value = float.fromhex(hexadecimal[1])
    except OverflowError:
        return _read_rare_number("-Infinity" if "-" in hexadecimal[1].lower().partition("p")[0] else "Infinity")
    return _read_number(repr(value))


def _exact(number: _Number) -> str:
    return number.exact


def _double(number: _Number) -> str:
    return number.value.hex()  # in which zeros have their sign, and NaN is NaN


def _single(number: _Number) -> str:
    """Return the nearest float; the number itself where that is zero or infinity, which Java writes as just that."""
    import struct  # noqa: PLC0415 - slow to import, and needed for keys that are numbers

    try:
        nearest: float = struct.unpack("<f", struct.pack("<f", number.value))[0]
    except OverflowError:  # beyond the greatest float
        nearest = 0.0
    return (nearest or number.value).hex()
