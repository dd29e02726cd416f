"""Strategies for text that comes in: what may or may not be a value, a query or a projection, and what is not a value.

A decoder is handed whatever a client, a proxy or a person wrote. The law of all of these is that it reads the text, or
refuses it with its own error, and does nothing else: it neither crashes, nor hangs, nor recurses to death.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from restli_core.base_errors import DecodeError
from restli_core.encoding import decode, encode, reduced_decode, reduced_encode
from restli_core.projection import format_projection
from restli_transports.testing.strategies.documents import projections
from restli_transports.testing.strategies.values import texts, values

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["damaged", "malformed_texts", "projection_texts", "query_texts", "wire_texts"]

_GRAMMAR: Final = "0aList(),:'%"
_HEX: Final = "0123456789ABCDEFabcdef"
# Pieces of UTF-8, most of which are not any character: cut short, over-long, of surrogates, beyond the last plane.
_ESCAPES: Final = ("%27", "%28", "%4C", "%80", "%98", "%C3", "%E2%82", "%ED", "%ed%a0", "%F0%9F", "%F4%90", "%FF")
_STRAY: Final = ("(", ")", ",", ":", "%", "'", "''", "List(", "%4", "%zz", "(a", "(a:", "(,)", "List(,)", "()(")


def damaged(text: str, place: int, inserted: str, removed: int) -> str:
    """Return the text with some characters inserted at a place, and as many removed there; not a strategy."""
    place %= len(text) + 1
    return text[:place] + inserted + text[place + removed :]


def _escaped(text: str, marks: str, escape: str) -> str:
    """Return the text with these ASCII characters of it escaped, whether they need it or not."""
    return text.translate({ord(mark): escape.format(ord(mark)) for mark in marks})


_SMALL_VALUES: Final = values(max_leaves=4)
_WELL_FORMED: Final[SearchStrategy[str]] = st.one_of(
    _SMALL_VALUES.map(reduced_encode),
    _SMALL_VALUES.map(encode),
    st.builds(
        _escaped,
        _SMALL_VALUES.map(reduced_encode),
        st.text("0aList~*!$+ -._", max_size=3),
        st.sampled_from(["%{:02X}", "%{:02x}"]),
    ),
)
_PIECES: Final = st.lists(st.sampled_from(_ESCAPES), max_size=4).map("".join)
_WIRE_TEXTS: Final[SearchStrategy[str]] = st.one_of(
    st.text(_GRAMMAR, max_size=8),
    st.sampled_from(_STRAY),
    _WELL_FORMED,
    st.builds(
        damaged,
        _WELL_FORMED,
        st.integers(0, 100),
        st.sampled_from(_STRAY) | st.text(_GRAMMAR, max_size=3) | _PIECES,
        st.integers(0, 3),
    ),
    _WELL_FORMED.flatmap(lambda text: st.integers(0, len(text)).map(lambda end: text[:end])),
    st.lists(_PIECES | texts(), max_size=4).map("".join),
    st.text(_GRAMMAR + _HEX + "&=+#/;@!*~._- \t\n\0\x7f\xe9\uffff\U0001f600", max_size=24),
    st.text(st.characters(), max_size=12),  # half surrogate pairs as well
)


def wire_texts() -> SearchStrategy[str]:
    """Generate text that may or may not be a value: written by an encoder, slightly damaged, and noise.

    Law: ``decode(text)`` and ``reduced_decode(text)`` return text, a list or a dict, or raise `DecodeError`, and
    nothing else; two decoders read and refuse the same.
    Shrinks to the empty text, then to a single character.
    """
    return _WIRE_TEXTS


def _is_malformed(text: str) -> bool:
    for read in (decode, reduced_decode):
        try:
            read(text)
        except DecodeError:
            continue
        return False
    return True


# The single marks first, which are the smallest.
_MALFORMED: Final = st.one_of(st.sampled_from(("", *_STRAY)), _WIRE_TEXTS).filter(_is_malformed)


def malformed_texts() -> SearchStrategy[str]:
    """Generate text that is not a value in Rest.li's grammar.

    Law: ``decode(text)`` and ``reduced_decode(text)`` refuse it, with the decoder's own error and nothing else.
    Shrinks to the empty text, then to a single mark such as ``(``.
    """
    return _MALFORMED


_QUERY_NAMES: Final = st.sampled_from(["a", "fields", "%66ields", "%61", "a+b", "''", ""]) | texts()
_QUERY_TEXTS: Final[SearchStrategy[str]] = st.lists(
    _WIRE_TEXTS | st.tuples(_QUERY_NAMES, _WIRE_TEXTS).map("=".join), max_size=4
).map("&".join)


def query_texts() -> SearchStrategy[str]:
    """Generate text that may or may not be a query, as it stands after the question mark of a URL.

    Law: ``param_decode(text)`` returns a dict, or raises `DecodeError`, and nothing else.
    Shrinks to the empty text, then to a single character.
    """
    return _QUERY_TEXTS


_MASK_PIECES: Final = ("a", "b", "-", "$*", "$$a", "\xe9", " ", ",", ":", "(", ")", ":(", "a:(b)", "a:(b,-c)")
_PROJECTION_TEXTS: Final[SearchStrategy[str]] = st.one_of(
    st.lists(st.sampled_from((*_MASK_PIECES, "$start:", "$count:2")), max_size=12).map("".join),
    projections().map(format_projection),
    st.builds(
        damaged,
        projections().map(format_projection),
        st.integers(0, 100),
        st.sampled_from((*_MASK_PIECES, "$start:", "0", "%", "'")),
        st.integers(0, 3),
    ),
    st.text(max_size=12),
)


def projection_texts() -> SearchStrategy[str]:
    """Generate text that may or may not be a projection, as the parameter ``fields`` has it.

    Law: ``parse_projection(text)`` of the core returns a dict, or raises `DecodeError`, and nothing else.
    Shrinks to the empty text, then to a single piece such as ``a``.
    """
    return _PROJECTION_TEXTS
