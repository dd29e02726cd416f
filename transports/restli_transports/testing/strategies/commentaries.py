"""Strategies for the commentaries of posts: LinkedIn's little text, as it is written and as it may come in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from restli_core.linkedin.little_text import SIGNS, Hashtag, Mention, Part, Template, join
from restli_core.urn import Urn
from restli_transports.testing.strategies.received import damaged

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["little_text_parts", "little_texts"]

_RESERVED: Final = "|{}@[]()<>#\\*_~"
# In the order in which a failure shrinks. The full-width sign is not reserved; nor is what ends a word, or a line.
_CHARACTERS: Final = "a" + _RESERVED + "1 \n\uff03.\u093f\U0001f600"
_AWKWARD_TEXTS: Final = (
    "#a",
    "a#",
    "\\",
    "\\\\",
    "@[a](urn:li:person:1)",
    "{hashtag|\\#|a}",
    "\\(",
    "\uff03a",
    "a\n#a",
    _RESERVED,
)
_PLAIN: Final[SearchStrategy[str]] = st.one_of(
    st.text(_CHARACTERS, max_size=6),
    st.sampled_from(_AWKWARD_TEXTS),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)
_URNS: Final = st.builds(
    Urn.of,
    st.sampled_from(["person", "organization"]),
    st.sampled_from(["1", "2414183"]) | st.text("1aZ-_~", min_size=1, max_size=6),
)
_ELEMENTS: Final[SearchStrategy[Mention | Hashtag | Template]] = st.one_of(
    st.builds(Hashtag, _PLAIN, st.sampled_from(SIGNS)),
    st.builds(Mention, _PLAIN, _URNS),
    st.builds(Template, st.sampled_from(["a", "hashtags", "B2"]), st.lists(_PLAIN, min_size=1, max_size=3).map(tuple)),
)
_PARTS: Final[SearchStrategy[list[Part]]] = st.lists(_PLAIN | _ELEMENTS, max_size=5)


def little_text_parts() -> SearchStrategy[list[Part]]:
    """Generate lists of parts of a commentary: plain texts, mentions, hashtags and unknown templates.

    Law: ``little_text.parse(little_text.join(*parts))`` are these parts, but that neighbouring texts are one, and an
    empty one is none; whatever else writes or shows commentaries loses none of them.
    Shrinks to the empty list, then to a list of one short text.
    """
    return _PARTS


_PIECES: Final = (
    "\\",
    "@[",
    "](",
    "urn:li:person:1",
    ")",
    "{",
    "hashtag",
    "|",
    "}",
    "#",
    "\\#",
    "\uff03",
    "a",
    "[",
    "]",
    "(",
    "_",
    "@(urn:li:organization:2)",
    "@[a](",
    "{hashtag|\\#|",
    "{hashtag|#|a}",
    "{a|",
    " ",
    "\n",
    ":",
    "\\\uff03",
    "\u093f",
)
_WRITTEN: Final[SearchStrategy[str]] = _PARTS.map(lambda parts: str(join(*parts)))
_LITTLE_TEXTS: Final[SearchStrategy[str]] = st.one_of(
    st.lists(st.sampled_from(_PIECES), max_size=12).map("".join),
    _WRITTEN,
    st.builds(damaged, _WRITTEN, st.integers(0, 100), st.sampled_from(("", *_PIECES)), st.integers(0, 3)),
    st.text(st.characters(), max_size=12),  # half surrogate pairs as well
)


def little_texts() -> SearchStrategy[str]:
    """Generate text that may or may not be a well-formed commentary: written by `join`, slightly damaged, and noise.

    Law: ``little_text.parse(text)`` reads it, and the parts that it reads are written and read again as they are;
    whatever else shows commentaries shows something for each.
    Shrinks to the empty text, then to a single piece.
    """
    return _LITTLE_TEXTS
