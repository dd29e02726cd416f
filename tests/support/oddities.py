"""Things that a caller might pass to the fourteen functions, with or without sense, and numbers that are not statuses.

No strategy for tests of other people's code has these: what cannot be sent is refused by our own checks of arguments,
and they are about nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from restli_transports.testing.strategies import scalars, texts
from tests.support.values import nested

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

statuses: SearchStrategy[int] = st.sampled_from([200, 201, 204, 400, 401, 426, 429, 500]) | st.integers(-1, 1000)
"""HTTP statuses, and some that are none."""


def endless_nesting() -> list[Any]:
    inner: list[Any] = []
    inner.append({"a": inner})
    return inner


def deep_nesting() -> list[Any]:
    return [nested([], "[" * 2000)]  # more levels than Python would recurse through


def deep_tuple() -> tuple[Any, ...]:
    tower: tuple[Any, ...] = ()
    for _ in range(500):
        tower = (tower, tower[:0])
    return tower


def enormous() -> int:
    return 10**5000


oddities: SearchStrategy[Any] = st.one_of(
    st.none(),
    scalars(),
    st.sampled_from(
        ["\ud800", "a\r\nX: b", "\0", ".", "..", "%2e", "{id}", "{id.__class__}", "/r", "http://h", "202609"]
    ),
    st.decimals(),
    st.builds(object),
    st.builds(endless_nesting),
    st.builds(deep_nesting),
    st.builds(enormous),
    st.sampled_from([int, len, range(3), {1, 2}, frozenset("ab"), bytearray(b"x"), memoryview(b"x"), 1j]),
    st.builds(iter, st.lists(texts(), max_size=2)),
)
"""Things that a caller might pass, with or without sense."""

arguments: SearchStrategy[Any] = st.recursive(
    oddities,
    lambda children: (
        st.lists(children, max_size=3)
        | st.lists(children, max_size=2).map(tuple)
        | st.dictionaries(
            texts() | st.sampled_from(["id", "ids", "q", "fields", "criteria", "X-A", "Host", "$params", "\ud800"]),
            children,
            max_size=3,
        )
        | st.dictionaries(st.integers() | st.none() | st.builds(enormous) | st.builds(deep_tuple), children, max_size=2)
    ),
    max_leaves=8,
)
"""The same, in lists, tuples and mappings."""
