"""Strategies for what Rest.li's bodies carry, and for what asks for a part of it: documents, patches, projections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from restli_core import patch
from restli_core.patch import is_wrapped
from restli_transports.testing.strategies.values import texts

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["documents", "dollar_names", "patches", "projections"]

# Few, so that two documents and a mask have many names in common.
_FEW_NAMES: Final = ("a", "b", "id", "x$y", "", "0")
_FEW_MASK_NAMES: Final = ("a", "b", "id", "$*", "$$a", "x$$y", "a-b")
_DOLLAR_NAMES: Final = ("$a", "$$a", "$set", "$delete", "$reorder")
MAX_RANGE: Final = 2**31 - 1  # Java's Integer.MAX_VALUE

# Numbers that JSON writes and other languages lose, or take for the same.
_AWKWARD_NUMBERS: Final = (1e23, -0.0, 2**63, 0.0, 1.0, 0, 1, -1, 2**53 + 1, 5e-324, 1.7976931348623157e308, 10**20)
_JSON_SCALARS: Final[SearchStrategy[Any]] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 1),
    st.sampled_from(_AWKWARD_NUMBERS),
    texts(),
    st.floats(allow_nan=False, allow_infinity=False),
)
_NAMES: Final = st.sampled_from(_FEW_NAMES) | texts().filter(lambda name: not name.startswith("$"))
_NAMES_WITH_DOLLARS: Final = _NAMES | st.sampled_from(_DOLLAR_NAMES) | texts()


def dollar_names() -> SearchStrategy[str]:
    """Generate names of members, of which some begin with a dollar sign; not one of the public strategies."""
    return _NAMES_WITH_DOLLARS


def _documents(scalars: SearchStrategy[Any], names: SearchStrategy[str]) -> SearchStrategy[dict[str, Any]]:
    def around(children: SearchStrategy[Any]) -> SearchStrategy[Any]:
        return st.lists(children, max_size=3) | st.dictionaries(names, children, max_size=4)

    return st.dictionaries(names, st.recursive(scalars, around, max_leaves=8), max_size=4)


_DOCUMENTS: Final = _documents(_JSON_SCALARS, _NAMES)


def documents(
    scalars: SearchStrategy[Any] | None = None, *, names: SearchStrategy[str] | None = None
) -> SearchStrategy[dict[str, Any]]:
    """Generate JSON objects: the entities of creates and updates, and the answers to gets.

    Law: ``json.loads`` gives back what ``json.dumps`` wrote.
    Shrinks to ``{}``, then to the fewest members.

    Args:
        scalars: what stands in lists and objects; by default None, bool, finite numbers and text.
        names: the names of members; by default names of which none begins with ``$``, since servers take those for
            commands of a patch.
    """
    if scalars is None and names is None:
        return _DOCUMENTS
    return _documents(_JSON_SCALARS if scalars is None else scalars, _NAMES if names is None else names)


def _patch(sets: dict[str, Any], deleted: list[str], branches: dict[str, Any]) -> dict[str, Any]:
    """Return a patch of these parts, of which each name is in one at most."""
    deleted = [name for name in deleted if name not in sets]
    made: dict[str, Any] = {"$set": sets} if sets else {}
    if deleted:
        made["$delete"] = deleted
    return made | {name: branch for name, branch in branches.items() if name not in {*sets, *deleted}}


_MOVES: Final = st.builds(
    lambda origin, to: {"$reorder": [{"$fromIndex": origin, "$toIndex": to}]}, st.integers(0, 3), st.integers(0, 3)
)


def _branched(branches: SearchStrategy[Any]) -> SearchStrategy[dict[str, Any]]:
    return st.builds(
        _patch,
        _DOCUMENTS,
        st.lists(_NAMES_WITH_DOLLARS, max_size=2, unique=True),
        st.dictionaries(_NAMES, branches, max_size=2),
    )


_BRANCHES: Final = _branched(_MOVES) | _MOVES
_PATCHES: Final[SearchStrategy[dict[str, Any]]] = st.one_of(
    st.builds(patch.diff, _DOCUMENTS, _DOCUMENTS), _branched(_BRANCHES)
).filter(lambda made: not is_wrapped(made))


def patches() -> SearchStrategy[dict[str, Any]]:
    """Generate patches: what a partial update sends under ``patch``.

    Law: a document that a patch is applied to a second time does not change. It can be applied to a document in which
    its branches lead into objects, such as ``{}``. With two `documents` rather than a patch:
    ``apply(before, diff(before, after)) == after``.
    Shrinks to ``{}``, then to a single ``$set`` or ``$delete``.
    """
    return _PATCHES


_MASK_NAMES: Final = st.sampled_from(_FEW_MASK_NAMES) | st.text("aZ09'$*/;?!@~-._", min_size=1, max_size=4).filter(
    lambda name: not name.startswith("-") and name not in {"$start", "$count"}
)
_RANGES: Final = st.dictionaries(
    st.sampled_from(["$start", "$count"]), st.integers(0, 3) | st.integers(0, MAX_RANGE), max_size=2
)


def _mask_around(children: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.builds(lambda first, rest: {**first, **rest}, _RANGES, st.dictionaries(_MASK_NAMES, children, max_size=4))


# No range at the top: an entity is not a list.
_PROJECTIONS: Final[SearchStrategy[dict[str, Any]]] = st.dictionaries(
    _MASK_NAMES, st.recursive(st.booleans(), _mask_around, max_leaves=12), max_size=4
)


def projections() -> SearchStrategy[dict[str, Any]]:
    """Generate projections for the argument ``fields``: names to True, False, a projection, or a number of a range.

    Law: a server reads the projection as it was given, and leaves of a document what it names, unchanged.
    Shrinks to ``{}``, then to one field.
    """
    return _PROJECTIONS
