"""Strategies for what Rest.li's bodies carry, and for what asks for a part of it: documents, patches, projections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from restli_core import patch
from restli_transports.testing.strategies.values import texts

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["documents", "patches", "projections"]

# Few, so that two documents and a mask have many names in common; "$" is where patches and masks have their commands.
_FEW_NAMES: Final = ("a", "b", "id", "x$y", "")
_FEW_MASK_NAMES: Final = ("a", "b", "id", "$*", "$$a", "x$$y", "a-b")
MAX_RANGE: Final = 2**31 - 1  # Java's Integer.MAX_VALUE


_JSON_SCALARS: Final[SearchStrategy[Any]] = st.one_of(
    st.none(), st.booleans(), st.integers(-1, 1), st.floats(allow_nan=False, allow_infinity=False), texts()
)
_NAMES: Final = st.sampled_from(_FEW_NAMES) | texts().filter(lambda name: not name.startswith("$"))


def _around(children: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.lists(children, max_size=3) | st.dictionaries(_NAMES, children, max_size=4)


_DOCUMENTS: Final[SearchStrategy[dict[str, Any]]] = st.dictionaries(
    _NAMES, st.recursive(_JSON_SCALARS, _around, max_leaves=8), max_size=4
)
_PATCHES: Final = st.builds(patch.diff, _DOCUMENTS, _DOCUMENTS)


def documents() -> SearchStrategy[dict[str, Any]]:
    """Generate JSON objects: the entities of creates and updates, and the answers to gets.

    Law: ``json.loads`` gives back what ``json.dumps`` wrote.
    Shrinks to ``{}``, then to the fewest members.
    """
    return _DOCUMENTS


def patches() -> SearchStrategy[dict[str, Any]]:
    """Generate patches: what a partial update sends under ``patch``.

    Law: to apply one twice is to apply it once. With two `documents` rather than a patch:
    ``apply(before, diff(before, after)) == after``.
    Shrinks to ``{}``, then to a single ``$set`` or ``$delete``.
    """
    return _PATCHES


_MASK_NAMES: Final = st.sampled_from(_FEW_MASK_NAMES) | st.text("aZ09'$*/;?!@~-._", min_size=1, max_size=4).filter(
    lambda name: not name.startswith("-") and name not in {"$start", "$count"}
)
_RANGES: Final = st.dictionaries(st.sampled_from(["$start", "$count"]), st.integers(0, MAX_RANGE), max_size=2)


def _mask_around(children: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.builds(lambda first, rest: {**first, **rest}, _RANGES, st.dictionaries(_MASK_NAMES, children, max_size=4))


_PROJECTIONS: Final[SearchStrategy[dict[str, Any]]] = st.dictionaries(
    _MASK_NAMES, st.recursive(st.booleans(), _mask_around, max_leaves=12), max_size=4
)


def projections() -> SearchStrategy[dict[str, Any]]:
    """Generate projections for the argument ``fields``: names to True, False, a projection, or a number of a range.

    Law: a server leaves of a document what the projection names; what it leaves, it leaves unchanged.
    Shrinks to ``{}``, then to one field.
    """
    return _PROJECTIONS
